//! Power tuning: begun, told, stopped.

use std::sync::Arc;

use super::super::msg::Effect;
use super::super::{Load, Model};
use super::running::restart_worker;
use crate::scenario::Scenario;
use crate::session::protocol::{Command, Update};

/// What would be tuned now: the event as it is in the editor, sent to the function itself whatever the load.
pub fn scenario(model: &Model) -> Option<Scenario> {
    let current = model.function.current.as_ref()?;
    let mut setup = (*model.setup).clone();
    setup.arrivals.clear();
    setup.load = Load::default();
    setup.arrive();
    Some(setup.scenario(&current.module))
}

/// Begins a ladder.
pub(super) fn begin(model: &mut Model, effects: &mut Vec<Effect>) {
    let busy = model.run.pending.is_some() || model.tuning.running;
    if busy || !model.can_run() || !model.engine.ready || !model.engine.knows_function {
        return;
    }
    let Some(scenario) = scenario(model) else {
        return;
    };
    let tuning = Arc::make_mut(&mut model.tuning);
    if let Some(known) = tuning.known(&scenario).cloned() {
        tuning.points = known.points;
        tuning.of = Some(Box::new(scenario));
        tuning.problems.clear();
        effects.push(Effect::Announce(
            "These sizes were tried before; the result is the same.".to_owned(),
        ));
        return;
    }
    tuning.tune += 1;
    tuning.running = true;
    tuning.points.clear();
    tuning.problems.clear();
    tuning.of = Some(Box::new(scenario.clone()));
    effects.push(Effect::Send(Command::Tune {
        tune: tuning.tune,
        scenario: Box::new(scenario),
        patience_ms: model.setup.patience_ms,
    }));
}

/// Stops a ladder; the sizes tried so far stay. A worker in the middle of a guest cannot listen: it is replaced.
pub(super) fn stop(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.tuning.running {
        Arc::make_mut(&mut model.tuning).running = false;
        restart_worker(model, effects);
    }
}

/// The worker tells of a ladder. A ladder that was stopped is not listened to.
pub(super) fn told(model: &mut Model, update: Update, effects: &mut Vec<Effect>) {
    let number = model.tuning.tune;
    if !model.tuning.running {
        return;
    }
    let tuning = Arc::make_mut(&mut model.tuning);
    match update {
        Update::TunePoint { tune, point } if tune == number => tuning.points.push(point),
        Update::Tuned { tune } if tune == number => {
            tuning.running = false;
            tuning.remember();
            effects.push(Effect::Announce(format!(
                "Power tuning is done: {} sizes tried.",
                tuning.points.len()
            )));
        }
        Update::TuneRefused { tune, problems } if tune == number => {
            tuning.running = false;
            tuning.problems = problems;
        }
        _ => {}
    }
}
