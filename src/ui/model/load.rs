//! Load as the page sets it up: one pattern, the same event again and again.

use std::sync::Arc;

use super::times;
use crate::lambda::model::Model as Modelled;
use crate::lambda::traffic::{Pattern, Rate};
use crate::problem::Problem;
use crate::scenario::Runs;
use crate::sim::{Distribution, SimTime};

/// The load part of a setup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// Which pattern.
    pub kind: LoadKind,
    /// Requests a second; a ramp's end.
    pub rate: Rate,
    /// A ramp's start.
    pub from: Rate,
    /// For how long.
    pub seconds: u32,
    /// A burst's requests.
    pub count: u32,
    /// How the function is run for them.
    pub runs: LoadRuns,
    /// The model that stands for the function.
    pub model: Modelled,
    /// The pasted list of times as it is typed.
    pub times_text: String,
    /// The times in it.
    pub times: Arc<[SimTime]>,
    /// What could not be read of it.
    pub times_problems: Vec<Problem>,
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
    /// A pasted list of times.
    Times,
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
            rate: Rate::per_second(50),
            from: Rate::per_second(1),
            seconds: 10,
            count: 100,
            runs: LoadRuns::Cached,
            model: Modelled {
                init: Distribution::Constant { micros: 300_000 },
                duration: latency(100_000),
                ..Modelled::default()
            },
            times_text: String::new(),
            times: Arc::default(),
            times_problems: Vec::new(),
        }
    }
}

impl LoadKind {
    const KEYS: [(Self, &'static str); 6] = [
        (Self::Single, "single"),
        (Self::Constant, "constant"),
        (Self::Ramp, "ramp"),
        (Self::Burst, "burst"),
        (Self::Poisson, "poisson"),
        (Self::Times, "times"),
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

/// What latencies usually look like: one in a hundred takes three times as long as half of them.
const fn latency(median_micros: u64) -> Distribution {
    Distribution::LogNormal {
        median_micros,
        p99_micros: median_micros.saturating_mul(3),
    }
}

impl Load {
    /// The pattern; none when requests come one by one.
    pub fn pattern(&self) -> Option<Pattern> {
        let (rate, seconds) = (self.rate, self.seconds);
        Some(match self.kind {
            LoadKind::Single => return None,
            LoadKind::Constant => Pattern::Constant { rate, seconds },
            LoadKind::Ramp => Pattern::Ramp {
                from: self.from,
                to: rate,
                seconds,
            },
            LoadKind::Burst => Pattern::Burst { count: self.count },
            LoadKind::Poisson => Pattern::Poisson { rate, seconds },
            LoadKind::Times => Pattern::Times(self.times.to_vec()),
        })
    }

    /// What runs. One by one a module that is asked to be cached runs every time: nothing would be gained.
    pub fn runs(&self) -> Runs {
        match (self.kind, self.runs) {
            (LoadKind::Single, LoadRuns::Cached) | (_, LoadRuns::Module) => Runs::Module,
            (_, LoadRuns::Cached) => Runs::Cached,
            (_, LoadRuns::Model) => Runs::Model(self.model.clone()),
        }
    }

    /// Takes a list of times as it is typed.
    pub(super) fn set_times(&mut self, text: String) {
        let (times, problems) = times::read(&text);
        self.times_text = text;
        self.times = times.into();
        self.times_problems = problems;
    }

    /// The model's usual duration.
    pub(super) fn set_model_ms(&mut self, ms: u32) {
        self.model.duration = latency(u64::from(ms) * 1_000);
    }

    /// How long the model's Init takes.
    pub(super) fn set_model_init_ms(&mut self, ms: u32) {
        self.model.init = Distribution::Constant {
            micros: u64::from(ms) * 1_000,
        };
    }

    /// Takes a scenario's pattern and way of running.
    pub fn take(&mut self, pattern: Option<&Pattern>, runs: &Runs) {
        self.kind = match pattern {
            None => LoadKind::Single,
            Some(Pattern::Times(times)) => {
                self.times_text = times::write(times);
                self.times = times.as_slice().into();
                self.times_problems.clear();
                LoadKind::Times
            }
            Some(Pattern::Constant { rate, seconds }) => {
                (self.rate, self.seconds) = (*rate, *seconds);
                LoadKind::Constant
            }
            Some(Pattern::Poisson { rate, seconds }) => {
                (self.rate, self.seconds) = (*rate, *seconds);
                LoadKind::Poisson
            }
            Some(Pattern::Ramp { from, to, seconds }) => {
                (self.from, self.rate, self.seconds) = (*from, *to, *seconds);
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
                self.model = model.clone();
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
            LoadKind::Times,
        ] {
            for runs in [LoadRuns::Module, LoadRuns::Cached, LoadRuns::Model] {
                let mut load = Load {
                    kind,
                    runs,
                    rate: Rate(500),
                    ..Load::default()
                };
                load.set_times("0\n1.5\n1.5\n".to_owned());
                load.model.errors_per_million = 1;
                if (kind, runs) == (LoadKind::Single, LoadRuns::Cached) {
                    // One by one, the module itself is run.
                    load.runs = LoadRuns::Module;
                }
                let mut read = load.clone();
                read.take(load.pattern().as_ref(), &load.runs());
                assert_eq!(read, load);
                assert_eq!(LoadKind::of_key(kind.key()), kind);
                assert_eq!(LoadRuns::of_key(runs.key()), runs);
            }
        }
    }
}
