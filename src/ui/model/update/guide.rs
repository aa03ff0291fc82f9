//! Guides: opened, stepped through, left. A step moves the cursor and the selection as a visitor would.

use std::sync::Arc;

use super::super::guide::GuideState;
use super::super::jump::attempt_of;
use super::super::msg::{Effect, Guiding, Msg, Setting};
use super::super::{Model, Moment, Shown};
use super::clock;
use super::loading::choose_example;
use super::running::changed;
use crate::lambda::event::{Entry, InvocationId};
use crate::problem::Problem;
use crate::session::desk::Question;
use crate::ui::attempts::AttemptId;
use crate::ui::catalogue;
use crate::ui::guide::{self, At, Step};

/// What a link to a guide begins with.
pub(super) const LINK: &str = "guide=";

/// Applies a message about guides.
pub(super) fn update(model: &mut Model, guiding: Guiding, effects: &mut Vec<Effect>) {
    match guiding {
        Guiding::Open(name) => open(model, &name, effects),
        Guiding::Step(direction) => {
            let step = match direction {
                1.. => model.guide.step.saturating_add(1),
                _ => model.guide.step.saturating_sub(1),
            };
            go(model, step, effects);
        }
        Guiding::To(step) => go(model, step, effects),
        Guiding::Close => {
            if model.guide.open.is_some() {
                model.guide = Arc::default();
                effects.push(Effect::Address(None));
            }
        }
    }
}

/// Whether a guide is over with this message: something else is opened.
fn ends_with(msg: &Msg) -> bool {
    match msg {
        Msg::ChooseExample(_) | Msg::Upload { .. } | Msg::OpenFile(_) | Msg::New => true,
        Msg::OpenLink(text) => !text.starts_with(LINK),
        _ => false,
    }
}

/// Leaves a guide for something else.
pub(super) fn leave_for(model: &mut Model, msg: &Msg, effects: &mut Vec<Effect>) {
    if model.guide.open.is_none() || !ends_with(msg) {
        return;
    }
    model.guide = Arc::default();
    // The address names already what is opened from it.
    if !matches!(msg, Msg::OpenLink(_)) {
        effects.push(Effect::Address(None));
    }
}

/// Opens a guide by its name in links.
pub(super) fn open(model: &mut Model, name: &str, effects: &mut Vec<Effect>) {
    let Some((found, step)) = guide::from_address(name) else {
        let problem = Problem::error(
            "guide.unknown",
            "",
            "The link names a guide that is not there.",
            "Choose one under Guides.",
        );
        effects.push(Effect::Announce(problem.to_string()));
        Arc::make_mut(&mut model.link).problems = vec![problem];
        // A page with a broken link is still a page.
        if model.function.current.is_none() && model.function.loading.is_none() {
            choose_example(model, catalogue::FIRST, effects);
        }
        return;
    };
    let here = model.guide.open == Some(found)
        && model.guide.own.is_some()
        && !model.guide.taken_over(&model.setup);
    if here {
        return go(model, step, effects);
    }
    model.guide = Arc::new(GuideState {
        open: Some(found),
        step,
        asks: true,
        awaits: true,
        ..GuideState::default()
    });
    effects.push(Effect::Address(Some(guide::to_address(found, step))));
    ask(model, effects);
}

/// Asks for the guide's scenario, once somebody listens.
pub(super) fn ask(model: &mut Model, effects: &mut Vec<Effect>) {
    let wanted = model.guide.open.filter(|_| model.guide.asks);
    if let Some(found) = wanted.filter(|_| model.desk.ready) {
        Arc::make_mut(&mut model.guide).asks = false;
        effects.push(Effect::Ask(Question::Compose(found.recipe())));
    }
}

/// Goes to a step; one that is not there becomes the nearest.
fn go(model: &mut Model, step: usize, effects: &mut Vec<Effect>) {
    let Some(found) = model.guide.open else {
        return;
    };
    let step = step.min(found.steps.len().saturating_sub(1));
    Arc::make_mut(&mut model.guide).step = step;
    effects.push(Effect::Address(Some(guide::to_address(found, step))));
    let memory = found.memory_at(step).map(Setting::Memory);
    if let Some(memory) = memory
        && Arc::make_mut(&mut model.setup).set(memory)
    {
        Arc::make_mut(&mut model.guide).awaits = true;
        changed(model, effects);
    } else {
        place(model);
    }
}

/// A run is shown: when the guide waits for it, the step is shown in it.
pub(super) fn shown(model: &mut Model) {
    if model.guide.open.is_none() || !model.guide.awaits {
        return;
    }
    let own = Arc::clone(&model.setup);
    let guide = Arc::make_mut(&mut model.guide);
    guide.awaits = false;
    guide.own.get_or_insert(own);
    place(model);
}

/// Puts cursor and selection where the step stands.
fn place(model: &mut Model) {
    let Some((step, shown)) = model.guide.current().zip(model.run.shown.clone()) else {
        return;
    };
    let moment = moment(step, &shown);
    let lost = moment.is_none();
    if model.guide.lost != lost {
        Arc::make_mut(&mut model.guide).lost = lost;
    }
    if let Some(moment) = moment {
        clock::open_at(model, moment);
    }
}

/// Where a step stands in a run; none when what it waits for does not happen in it.
fn moment(step: &Step, shown: &Shown) -> Option<Moment> {
    let entries = shown.entries.as_slice();
    let (at, index) = match step.at {
        At::End => (shown.end, entries.len().saturating_sub(1)),
        at => {
            let entry = at.entry(entries.iter())?;
            let index = entries.partition_point(|other| other.at < entry.at);
            let same = entries.iter().skip(index).position(|it| std::ptr::eq(it, entry));
            (entry.at, index + same.unwrap_or_default())
        }
    };
    let selected = match step.select {
        Some((request, attempt)) => Some(AttemptId {
            invocation: InvocationId(request.saturating_sub(1)),
            attempt,
        }),
        None => about(entries, index),
    };
    Some(Moment { at, selected })
}

/// The try that an entry is about: its own, or that of the next entry which has one, or of the last.
fn about(entries: &[Entry], index: usize) -> Option<AttemptId> {
    let after = entries.iter().skip(index).find_map(attempt_of);
    after.or_else(|| entries.iter().rev().find_map(attempt_of))
}
