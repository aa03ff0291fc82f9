//! Guided scenarios: a real run, a few steps of text, and for each step where to look and when.
//!
//! A guide is data. What it runs is a scenario like any other, so that every step can be taken over: whatever the page can
//! change may be changed, and the guide's text stays beside it. Where the cursor goes is said by what happens there
//! ([`anchor`]), never by a time, and the tests of this room play every guide and hold each step's claims to its trace.

pub mod anchor;
mod async_error;
mod cold_warm;
mod gateway;
mod idempotency;
mod look;
mod memory_cpu;
mod queue;
mod scaling;
mod stream;
mod sync_error;
mod time_limit;
mod tour;

#[cfg(test)]
mod tests;

pub use anchor::{At, What};
pub use look::Look;

use crate::session::desk::{Ordered, Recipe};
use crate::sim::{SimDuration, SimTime};
use crate::ui::sources::Source;

/// A guide. What it plays and tells is behind functions: the list of guides needs only their names.
#[derive(Debug)]
pub struct Guide {
    /// Names it in links: `#guide=cold-and-warm`.
    pub id: &'static str,
    /// Its name, sentence case.
    pub title: &'static str,
    /// What one knows afterwards, a sentence.
    pub summary: &'static str,
    /// What is run.
    pub play: fn() -> Play,
    /// What is told of it.
    pub steps: fn() -> &'static [Step],
}

impl PartialEq for Guide {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// The scenario of a guide.
#[derive(Debug, PartialEq)]
pub struct Play {
    /// The example function, by its id.
    pub example: &'static str,
    /// Settings that differ from their defaults: a scenario's JSON without its requests.
    pub settings: &'static str,
    /// The requests.
    pub requests: &'static [Request],
}

/// A request of a guide.
#[derive(Debug, PartialEq)]
pub struct Request {
    /// Milliseconds on the virtual clock.
    pub at_ms: u64,
    /// The trigger, by its id.
    pub trigger: &'static str,
    /// What is sent.
    pub event: Event,
}

/// What a request sends.
#[derive(Debug, PartialEq)]
pub enum Event {
    /// The trigger's sample for a form; fields that are not named are as in a fresh one.
    Form(&'static [(&'static str, &'static str)]),
    /// This text.
    Text(&'static str),
}

/// A step of a guide.
#[derive(Debug, PartialEq)]
pub struct Step {
    /// A few words.
    pub title: &'static str,
    /// What is to be seen, and why it is so. `code` stands between backticks.
    pub text: &'static str,
    /// What the text points at.
    pub look: Look,
    /// Where the cursor goes.
    pub at: At,
    /// Which request is looked at, from 1, and which try of it; without one, what the cursor's entry is about.
    pub select: Option<(u32, u32)>,
    /// A memory size, in MB, that holds from this step on.
    pub memory: Option<u32>,
    /// Where the rule comes from; none for a step that only shows the page.
    pub source: Option<Source>,
}

impl Step {
    /// A step that shows the page and states no rule: for `..` in tables.
    pub const PLAIN: Self = Self {
        title: "",
        text: "",
        look: Look::Picture,
        at: At::End,
        select: None,
        memory: None,
        source: None,
    };
}

/// The first guide is the tour of the page.
pub const ALL: &[&Guide] = &[
    &tour::GUIDE,
    &time_limit::GUIDE,
    &cold_warm::GUIDE,
    &memory_cpu::GUIDE,
    &sync_error::GUIDE,
    &async_error::GUIDE,
    &idempotency::GUIDE,
    &scaling::GUIDE,
    &queue::GUIDE,
    &stream::GUIDE,
    &gateway::GUIDE,
];

/// The tour of the page.
pub const TOUR: &Guide = &tour::GUIDE;

/// What a link to a guide begins with, behind the `#`.
pub const LINK: &str = "guide=";

/// The guide with this id.
pub fn by_id(id: &str) -> Option<&'static Guide> {
    ALL.iter().find(|guide| guide.id == id).copied()
}

/// Reads what stands behind `guide=` in a link: an id, and maybe a step, from 1, behind a dot. A step that is not there
/// becomes the nearest.
pub fn from_address(text: &str) -> Option<(&'static Guide, usize)> {
    let (id, step) = match text.split_once('.') {
        Some((id, step)) => (id, step.parse().unwrap_or(1)),
        None => (text, 1_usize),
    };
    let guide = by_id(id)?;
    let last = guide.steps().len().saturating_sub(1);
    Some((guide, step.saturating_sub(1).min(last)))
}

/// The address of a step, as [`from_address`] reads it.
pub fn to_address(guide: &Guide, step: usize) -> String {
    match step {
        0 => guide.id.to_owned(),
        step => format!("{}.{}", guide.id, step + 1),
    }
}

impl Guide {
    /// The fragment of an address that opens it.
    pub fn fragment(&self) -> String {
        format!("#{LINK}{}", self.id)
    }

    /// What is run.
    pub fn play(&self) -> Play {
        (self.play)()
    }

    /// What is told of it.
    pub fn steps(&self) -> &'static [Step] {
        (self.steps)()
    }

    /// What the triggers' worker makes the scenario of.
    pub fn recipe(&self) -> Recipe {
        let play = self.play();
        Recipe {
            example: play.example.to_owned(),
            settings: play.settings.to_owned(),
            requests: play.requests.iter().map(Request::to_recipe).collect(),
        }
    }

    /// The memory size at a step, where the guide decides it.
    pub fn memory_at(&self, step: usize) -> Option<u32> {
        let so_far = self.steps().iter().take(step.saturating_add(1));
        so_far.rev().find_map(|step| step.memory)
    }
}

impl Request {
    fn to_recipe(&self) -> Ordered {
        let (form, text) = match self.event {
            Event::Text(text) => (Vec::new(), Some(text.to_owned())),
            Event::Form(fields) => {
                let fields = fields.iter();
                let form = fields.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
                (form.collect(), None)
            }
        };
        Ordered {
            at: SimTime::ZERO + SimDuration::from_millis(self.at_ms),
            trigger: self.trigger.to_owned(),
            form,
            text,
        }
    }
}
