//! Load as the page sets it up: one pattern, the same event again and again.

use crate::lambda::model::Model as Modelled;
use crate::lambda::traffic::{Pattern, Rate};
use crate::scenario::Runs;
use crate::sim::Distribution;

/// The load part of a setup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Which pattern.
    pub kind: LoadKind,
    /// Requests a second; a ramp's end.
    pub rate: u32,
    /// A ramp's start.
    pub from: u32,
    /// For how long.
    pub seconds: u32,
    /// A burst's requests.
    pub count: u32,
    /// How the function is run for them.
    pub runs: LoadRuns,
    /// A model's median duration in milliseconds.
    pub model_ms: u32,
    /// A model's Init in milliseconds.
    pub model_init_ms: u32,
    /// How many of a model's invocations in a hundred fail.
    pub model_errors_percent: u32,
}

/// When requests come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LoadKind {
    /// One for each press of Run.
    #[default]
    Single,
    /// A constant rate.
    Constant,
    /// A rising or falling one.
    Ramp,
    /// All at once.
    Burst,
    /// Independent callers.
    Poisson,
}

/// How the function is run under load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LoadRuns {
    /// Every time.
    Module,
    /// Once for each event and state.
    #[default]
    Cached,
    /// Not at all.
    Model,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            kind: LoadKind::Single,
            rate: 50,
            from: 1,
            seconds: 10,
            count: 100,
            runs: LoadRuns::Cached,
            model_ms: 100,
            model_init_ms: 300,
            model_errors_percent: 0,
        }
    }
}

impl LoadKind {
    const KEYS: [(Self, &'static str); 5] = [
        (Self::Single, "single"),
        (Self::Constant, "constant"),
        (Self::Ramp, "ramp"),
        (Self::Burst, "burst"),
        (Self::Poisson, "poisson"),
    ];

    /// Its name in forms.
    pub fn key(self) -> &'static str {
        Self::KEYS
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or("single", |(_, key)| key)
    }

    /// The kind of that name.
    pub fn of_key(key: &str) -> Self {
        Self::KEYS
            .iter()
            .find(|(_, known)| *known == key)
            .map_or(Self::Single, |(kind, _)| *kind)
    }
}

impl LoadRuns {
    /// Its name in forms.
    pub fn key(self) -> &'static str {
        match self {
            Self::Module => "module",
            Self::Cached => "cached",
            Self::Model => "model",
        }
    }

    /// The way of that name.
    pub fn of_key(key: &str) -> Self {
        match key {
            "module" => Self::Module,
            "model" => Self::Model,
            _ => Self::Cached,
        }
    }
}

impl Load {
    /// The pattern; none when requests come one by one.
    pub fn pattern(&self) -> Option<Pattern> {
        let rate = Rate::per_second(self.rate.into());
        let seconds = self.seconds;
        Some(match self.kind {
            LoadKind::Single => return None,
            LoadKind::Constant => Pattern::Constant { rate, seconds },
            LoadKind::Ramp => Pattern::Ramp {
                from: Rate::per_second(self.from.into()),
                to: rate,
                seconds,
            },
            LoadKind::Burst => Pattern::Burst { count: self.count },
            LoadKind::Poisson => Pattern::Poisson { rate, seconds },
        })
    }

    /// What runs.
    pub fn runs(&self) -> Runs {
        match (self.kind, self.runs) {
            (LoadKind::Single, _) | (_, LoadRuns::Module) => Runs::Module,
            (_, LoadRuns::Cached) => Runs::Cached,
            (_, LoadRuns::Model) => {
                let median_micros = u64::from(self.model_ms) * 1_000;
                Runs::Model(Modelled {
                    init: Distribution::Constant {
                        micros: u64::from(self.model_init_ms) * 1_000,
                    },
                    duration: Distribution::LogNormal {
                        median_micros,
                        p99_micros: median_micros * 3,
                    },
                    errors_per_million: self.model_errors_percent * 10_000,
                    ..Modelled::default()
                })
            }
        }
    }

    /// Takes a scenario's pattern and way of running, as far as the page can show them.
    pub fn take(&mut self, pattern: Option<&Pattern>, runs: &Runs) {
        let whole = |rate: &Rate| u32::try_from(rate.0 / 1_000).unwrap_or(u32::MAX).max(1);
        self.kind = match pattern {
            None | Some(Pattern::Times(_)) => LoadKind::Single,
            Some(Pattern::Constant { rate, seconds }) => {
                (self.rate, self.seconds) = (whole(rate), *seconds);
                LoadKind::Constant
            }
            Some(Pattern::Poisson { rate, seconds }) => {
                (self.rate, self.seconds) = (whole(rate), *seconds);
                LoadKind::Poisson
            }
            Some(Pattern::Ramp { from, to, seconds }) => {
                (self.from, self.rate, self.seconds) = (whole(from), whole(to), *seconds);
                LoadKind::Ramp
            }
            Some(Pattern::Burst { count }) => {
                self.count = *count;
                LoadKind::Burst
            }
        };
        self.runs = match runs {
            Runs::Module => LoadRuns::Module,
            Runs::Cached => LoadRuns::Cached,
            Runs::Model(model) => {
                let millis = |micros: u64| u32::try_from(micros / 1_000).unwrap_or(u32::MAX);
                self.model_ms = match model.duration {
                    Distribution::LogNormal { median_micros, .. } => millis(median_micros),
                    other => millis(other.longest_micros()),
                };
                self.model_init_ms = millis(model.init.longest_micros());
                self.model_errors_percent = model.errors_per_million / 10_000;
                LoadRuns::Model
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_up_is_read_back() {
        for kind in [
            LoadKind::Single,
            LoadKind::Constant,
            LoadKind::Ramp,
            LoadKind::Burst,
            LoadKind::Poisson,
        ] {
            for runs in [LoadRuns::Module, LoadRuns::Cached, LoadRuns::Model] {
                let mut load = Load {
                    kind,
                    runs,
                    rate: 77,
                    model_errors_percent: 3,
                    ..Load::default()
                };
                if kind == LoadKind::Single {
                    // One by one, the module itself is run.
                    load.runs = LoadRuns::Module;
                }
                let mut read = load;
                read.take(load.pattern().as_ref(), &load.runs());
                assert_eq!(read, load);
                assert_eq!(LoadKind::of_key(kind.key()), kind);
                assert_eq!(LoadRuns::of_key(runs.key()), runs);
            }
        }
    }
}
