//! Going back to what was set up before, and keeping what is set up now beyond the page's life.

use std::sync::Arc;

use super::super::history::Made;
use super::super::msg::{Effect, Msg};
use super::super::{Model, Setup};
use super::desk::{ask, examine_soon};
use super::link;
use super::loading::choose_example;
use super::running::{forget_runs, restart_worker, start_run};
use super::worker::REMINDER;
use crate::scenario::link::SharedCode;
use crate::session::desk::Question;
use crate::session::protocol::Command;
use crate::ui::catalogue;

/// Real milliseconds from a change to its being kept.
const KEEP_AFTER_MS: u32 = 800;

/// Undoes the last change, or does it again.
pub(super) fn travel(model: &mut Model, back: bool, effects: &mut Vec<Effect>) {
    let now = Made::of(model);
    let history = Arc::make_mut(&mut model.history);
    let made = if back {
        history.undo(now)
    } else {
        history.redo(now)
    };
    let Some(made) = made else {
        return;
    };
    let word = if back { "Undone." } else { "Done again." };
    effects.push(Effect::Announce(word.to_owned()));
    take(model, made, effects);
}

fn take(model: &mut Model, made: Made, effects: &mut Vec<Effect>) {
    if model.run.pending.as_ref().is_some_and(|run| run.sent) {
        restart_worker(model, effects);
    }
    let mut setup = made.setup;
    // Answers to questions that were asked since then are about other events.
    Arc::make_mut(&mut setup).forget_questions_before(&model.setup);
    model.setup = setup;
    let function = Arc::make_mut(&mut model.function);
    function.loading = None;
    function.rejected = None;
    let same = match (&function.current, &made.function) {
        (Some(now), Some(then)) => now.module == then.module,
        (None, None) => true,
        _ => false,
    };
    function.current = made.function;
    if !same {
        let engine = Arc::make_mut(&mut model.engine);
        engine.knows_function = false;
        if let Some(current) = model.function.current.as_ref().filter(|_| engine.ready) {
            effects.push(Effect::Send(Command::Inspect {
                token: REMINDER,
                name: current.name.clone(),
                bytes: current.bytes.to_vec(),
            }));
        }
    }
    if model.setup.arrivals.is_empty() {
        forget_runs(model);
    } else {
        start_run(model, false, effects);
    }
    ask(model, effects);
    examine_soon(model, effects);
}

/// Begins anew, as a first visit does. Can be undone.
pub(super) fn begin_anew(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.run.pending.as_ref().is_some_and(|run| run.sent) {
        restart_worker(model, effects);
    }
    let mut setup = Arc::new(Setup::new());
    Arc::make_mut(&mut setup).forget_questions_before(&model.setup);
    model.setup = setup;
    forget_runs(model);
    Arc::make_mut(&mut model.setup).fill_form(&model.desk.cards);
    choose_example(model, catalogue::FIRST, effects);
    examine_soon(model, effects);
}

/// Something was changed: it is kept soon.
pub(super) fn changed(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.framed {
        return;
    }
    model.kept += 1;
    effects.push(Effect::After(
        KEEP_AFTER_MS,
        Box::new(Msg::Keep(model.kept)),
    ));
}

/// Keeps what is there, if this is still the last change.
pub(super) fn keep(model: &Model, change: u32, effects: &mut Vec<Effect>) {
    // Without its function there is nothing yet that could be opened again.
    if model.kept != change || model.function.loading.is_some() || !model.desk.ready {
        return;
    }
    if let Some(shared) = link::shared(model, false) {
        if shared.code == SharedCode::Elsewhere
            && let Some(current) = &model.function.current
        {
            effects.push(Effect::KeepModule {
                module: current.module.clone(),
                bytes: Arc::clone(&current.bytes),
            });
        }
        for other in &shared.others {
            if let (SharedCode::Elsewhere, Some(function)) =
                (&other.code, model.function.shelf.get(&other.module))
            {
                effects.push(Effect::KeepModule {
                    module: other.module.clone(),
                    bytes: Arc::clone(&function.bytes),
                });
            }
        }
        effects.push(Effect::Ask(Question::Keep(Box::new(shared))));
    }
}
