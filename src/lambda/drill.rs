//! Failure drills: trouble that a visitor orders, to see what it does. Every one is seeded, so that it replays exactly.

use serde::{Deserialize, Serialize};

use super::event::FunctionId;
use crate::sim::{Distribution, Rng, SimDuration, SimTime};

/// One drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drill {
    /// The function it happens to, by name; all of them when there is none.
    #[serde(default)]
    pub function: Option<String>,
    /// When it begins.
    #[serde(default)]
    pub from: SimTime,
    /// When it is over; never when there is none.
    #[serde(default)]
    pub until: Option<SimTime>,
    /// What happens.
    pub trouble: Trouble,
}

/// What a drill does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trouble {
    /// Invocations fail that would not have.
    Errors {
        /// How many in a million.
        per_million: u32,
    },
    /// A service that the function calls answers late: invocations wait longer, and may time out.
    SlowDownstream {
        /// How many invocations in a million it happens to.
        per_million: u32,
        /// How much longer.
        extra: Distribution,
    },
    /// Events that contain this text make the function fail, every time.
    PoisonMessage {
        /// The text.
        text: String,
    },
    /// Destinations and dead-letter queues, those of mappings included, do not take what Lambda sends them.
    ThrottledDestination {
        /// How many messages in a million.
        per_million: u32,
    },
    /// Execution environments vanish while they run an invocation: Lambda's own failure, not the function's.
    LostEnvironment {
        /// How many invocations in a million it happens to.
        per_million: u32,
    },
}

/// Why an invocation is made to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Injected {
    /// By chance.
    Error,
    /// Because of what the event contains.
    Poison,
}

impl Injected {
    /// `errorType` and `errorMessage`.
    pub const fn error(self) -> (&'static str, &'static str) {
        match self {
            Self::Error => ("Drill.Error", "This error was injected by a failure drill"),
            Self::Poison => (
                "Drill.PoisonMessage",
                "The event contains the drill's poison",
            ),
        }
    }
}

/// What befalls one invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fate {
    /// It fails.
    pub fails: Option<Injected>,
    /// It takes longer.
    pub extra: SimDuration,
    /// Its environment is lost: after this many 2^-32ths of the handler's time.
    pub lost: Option<u32>,
}

/// All drills of a scenario.
#[derive(Debug)]
pub struct Drills {
    drills: Vec<(Option<FunctionId>, Drill)>,
    rng: Rng,
}

impl Drills {
    /// These drills; `function` finds functions by name. A drill for a function that is not there does nothing.
    pub fn new(
        drills: Vec<Drill>,
        rng: Rng,
        function: impl Fn(&str) -> Option<FunctionId>,
    ) -> Self {
        let drills = drills
            .into_iter()
            .filter_map(|drill| match &drill.function {
                None => Some((None, drill)),
                Some(name) => Some((Some(function(name)?), drill)),
            })
            .collect();
        Self { drills, rng }
    }

    /// What befalls an invocation of `function` with this event at `now`.
    pub fn fate(&mut self, function: FunctionId, now: SimTime, event: &str) -> Fate {
        let mut fate = Fate::default();
        for (_, drill) in active(&self.drills, function, now) {
            match &drill.trouble {
                Trouble::Errors { per_million } if self.rng.happens(*per_million) => {
                    fate.fails.get_or_insert(Injected::Error);
                }
                Trouble::PoisonMessage { text } if !text.is_empty() && event.contains(text) => {
                    fate.fails = Some(Injected::Poison);
                }
                Trouble::SlowDownstream { per_million, extra }
                    if self.rng.happens(*per_million) =>
                {
                    fate.extra += extra.sample(&mut self.rng);
                }
                Trouble::LostEnvironment { per_million } if self.rng.happens(*per_million) => {
                    fate.lost = Some(self.rng.next_u64() as u32);
                }
                _ => {}
            }
        }
        fate
    }

    /// Whether a destination of `function` refuses a message at `now`.
    pub fn refuses_message(&mut self, function: FunctionId, now: SimTime) -> bool {
        let mut refuses = false;
        for (_, drill) in active(&self.drills, function, now) {
            if let Trouble::ThrottledDestination { per_million } = drill.trouble {
                refuses |= self.rng.happens(per_million);
            }
        }
        refuses
    }
}

fn active(
    drills: &[(Option<FunctionId>, Drill)],
    function: FunctionId,
    now: SimTime,
) -> impl Iterator<Item = &(Option<FunctionId>, Drill)> {
    drills.iter().filter(move |(of, drill)| {
        of.is_none_or(|of| of == function)
            && drill.from <= now
            && drill.until.is_none_or(|until| now < until)
    })
}
