//! What was set up before, for undo and redo.

use std::sync::Arc;

use super::fields::Part;
use super::msg::{Msg, Setting};
use super::{Function, Model, Setup};
use crate::session::desk::Answer;
use crate::session::protocol::Update;

/// So many changes can be undone.
const DEPTH: usize = 100;

/// What the visitor had made: everything but runs and the cursor, which follow from it.
#[derive(Debug, Clone)]
pub struct Made {
    /// Trigger, event, settings, requests.
    pub setup: Arc<Setup>,
    /// The function.
    pub function: Option<Arc<Function>>,
}

impl Made {
    /// What is there now.
    pub fn of(model: &Model) -> Self {
        Self {
            setup: Arc::clone(&model.setup),
            function: model.function.current.clone(),
        }
    }

    /// Whether it is the very same, in memory.
    pub fn is(&self, other: &Self) -> bool {
        let same_function = match (&self.function, &other.function) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        same_function && Arc::ptr_eq(&self.setup, &other.setup)
    }
}

/// What a change was about. Changes in a row about the same thing, letter by letter or along a slider, are undone at once.
#[derive(Debug, Clone, PartialEq)]
pub enum About {
    /// A change of its own.
    Itself,
    /// The event's text.
    Event,
    /// A field of the trigger's form.
    Form(String),
    /// A setting.
    Setting(std::mem::Discriminant<Setting>),
    /// A setting that is described as data.
    Field(Part, String),
}

impl About {
    /// What a message of the visitor's is about; none for messages that nobody would undo.
    pub fn of(msg: &Msg) -> Option<Self> {
        match msg {
            Msg::EditEvent(_) => Some(Self::Event),
            Msg::EditForm { key, .. } => Some(Self::Form(key.clone())),
            Msg::Set(Setting::Edit { part, key, .. }) => Some(Self::Field(*part, key.clone())),
            Msg::Set(Setting::Add(_) | Setting::Remove(..) | Setting::DefaultMapping) => {
                Some(Self::Itself)
            }
            Msg::Set(setting) => Some(Self::Setting(std::mem::discriminant(setting))),
            Msg::PickTrigger(_)
            | Msg::ResetEvent
            | Msg::FormatEvent
            | Msg::AddLoaded
            | Msg::Run
            | Msg::StartOver
            | Msg::New
            | Msg::SetPatience(_) => Some(Self::Itself),
            // A function is there once the worker has accepted it.
            Msg::Worker(Update::Accepted { .. }) | Msg::Answered(Answer::Opened(_)) => {
                Some(Self::Itself)
            }
            _ => None,
        }
    }
}

/// Undo and redo.
#[derive(Debug, Clone, Default)]
pub struct History {
    past: Vec<Made>,
    future: Vec<Made>,
    last: Option<About>,
}

impl History {
    /// Whether there is something to undo.
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// Whether there is something to do again.
    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    /// Notes that `before` is no more.
    pub fn record(&mut self, before: Made, about: About) {
        let goes_on = about != About::Itself && self.last.as_ref() == Some(&about);
        if !(goes_on && self.future.is_empty() && self.can_undo()) {
            self.past.push(before);
            if self.past.len() > DEPTH {
                self.past.remove(0);
            }
        }
        self.future.clear();
        self.last = Some(about);
    }

    /// The next change, whatever it is about, is one of its own.
    pub fn pause(&mut self) {
        self.last = None;
    }

    /// What was there before `now`.
    pub fn undo(&mut self, now: Made) -> Option<Made> {
        let made = self.past.pop()?;
        self.future.push(now);
        self.last = None;
        Some(made)
    }

    /// What was undone last.
    pub fn redo(&mut self, now: Made) -> Option<Made> {
        let made = self.future.pop()?;
        self.past.push(now);
        self.last = None;
        Some(made)
    }
}
