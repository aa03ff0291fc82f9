//! Settings of a failure drill.

use super::percent::{decimal, scaled};
use super::{Input, Look, Slot, Spec, distribution};
use crate::lambda::drill::{Drill, Trouble};
use crate::sim::{Distribution, SimTime};

/// What a drill may do.
pub(in crate::ui::model) const TROUBLES: &[(&str, &str)] = &[
    ("errors", "The function fails"),
    ("slow", "A downstream service is slow"),
    ("poison", "A poison message"),
    ("destination", "Destinations are throttled"),
    ("lost", "An environment is lost"),
];

/// The drill that a visitor begins with.
pub(in crate::ui::model) fn first() -> Drill {
    Drill {
        function: None,
        from: SimTime::ZERO,
        until: None,
        trouble: trouble("errors").unwrap_or(Trouble::Errors { per_million: 0 }),
    }
}

fn trouble(kind: &str) -> Option<Trouble> {
    let per_million = 200_000;
    Some(match kind {
        "errors" => Trouble::Errors { per_million },
        "slow" => Trouble::SlowDownstream {
            per_million,
            extra: Distribution::LogNormal {
                median_micros: 2_000_000,
                p99_micros: 10_000_000,
            },
        },
        "poison" => Trouble::PoisonMessage {
            text: "poison".to_owned(),
        },
        "destination" => Trouble::ThrottledDestination {
            per_million: 1_000_000,
        },
        "lost" => Trouble::LostEnvironment { per_million },
        _ => return None,
    })
}

fn kind(drill: &Drill) -> &'static str {
    match drill.trouble {
        Trouble::Errors { .. } => "errors",
        Trouble::SlowDownstream { .. } => "slow",
        Trouble::PoisonMessage { .. } => "poison",
        Trouble::ThrottledDestination { .. } => "destination",
        Trouble::LostEnvironment { .. } => "lost",
    }
}

fn share(drill: &mut Drill) -> Option<&mut u32> {
    match &mut drill.trouble {
        Trouble::Errors { per_million }
        | Trouble::SlowDownstream { per_million, .. }
        | Trouble::ThrottledDestination { per_million }
        | Trouble::LostEnvironment { per_million } => Some(per_million),
        Trouble::PoisonMessage { .. } => None,
    }
}

fn extra(drill: &mut Drill) -> Option<&mut Distribution> {
    match &mut drill.trouble {
        Trouble::SlowDownstream { extra, .. } => Some(extra),
        _ => None,
    }
}

/// Seconds with up to nine decimals: a time is whole nanoseconds.
fn seconds(time: SimTime) -> String {
    decimal(time.as_nanos(), 9)
}

fn time(seconds: &str) -> Option<SimTime> {
    scaled(seconds, 9).map(SimTime::from_nanos)
}

pub(super) const SPECS: &[Spec<Drill>] = &[
    Spec {
        look: Look {
            key: "trouble",
            label: "What happens",
            unit: "",
            help: "",
            input: Input::Choice(TROUBLES),
        },
        slot: Slot::Own {
            get: |drill| Some(kind(drill).to_owned()),
            set: |drill, wanted| match trouble(wanted) {
                Some(trouble) => {
                    drill.trouble = trouble;
                    true
                }
                None => false,
            },
        },
    },
    Spec {
        look: Look {
            key: "per_million",
            label: "How often",
            unit: "%",
            help: "Drawn with the seed: the same seed hits the same ones.",
            input: Input::Decimal,
        },
        slot: Slot::Percent(share),
    },
    Spec {
        look: Look {
            key: "text",
            label: "Events that contain",
            unit: "",
            help: "The function fails at each of them, every time.",
            input: Input::Text,
        },
        slot: Slot::Text(|drill| match &mut drill.trouble {
            Trouble::PoisonMessage { text } => Some(text),
            _ => None,
        }),
    },
    Spec {
        look: Look {
            key: "extra",
            label: "Extra waiting varies",
            unit: "",
            help: "",
            input: Input::Choice(distribution::SHAPES),
        },
        slot: Slot::Shape(extra),
    },
    Spec {
        look: Look {
            key: "extra_typical",
            label: "Waits longer by",
            unit: "ms",
            help: "Waiting uses no CPU, but it is billed, and it counts toward the timeout.",
            input: Input::Decimal,
        },
        slot: Slot::Typical(extra),
    },
    Spec {
        look: Look {
            key: "extra_slowest",
            label: "The slowest by",
            unit: "ms",
            help: "",
            input: Input::Decimal,
        },
        slot: Slot::Slowest(extra),
    },
    Spec {
        look: Look {
            key: "function",
            label: "Function",
            unit: "",
            help: "",
            input: Input::AnyFunction,
        },
        slot: Slot::Own {
            get: |drill| Some(drill.function.clone().unwrap_or_default()),
            set: |drill, name| {
                drill.function = (!name.is_empty()).then(|| name.to_owned());
                true
            },
        },
    },
    Spec {
        look: Look {
            key: "from",
            label: "Begins at",
            unit: "s",
            help: "",
            input: Input::Decimal,
        },
        slot: Slot::Own {
            get: |drill| Some(seconds(drill.from)),
            set: |drill, text| match time(text) {
                Some(from) => {
                    drill.from = from;
                    true
                }
                None => false,
            },
        },
    },
    Spec {
        look: Look {
            key: "until",
            label: "Is over at",
            unit: "s",
            help: "Empty: never. Times are Lambda's virtual ones.",
            input: Input::Decimal,
        },
        slot: Slot::Own {
            get: |drill| Some(drill.until.map(seconds).unwrap_or_default()),
            set: |drill, text| match (text.trim().is_empty(), time(text)) {
                (true, _) => {
                    drill.until = None;
                    true
                }
                (false, Some(until)) => {
                    drill.until = Some(until);
                    true
                }
                (false, None) => false,
            },
        },
    },
];
