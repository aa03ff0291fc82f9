//! What the worker says.

use std::sync::Arc;

use super::super::msg::Effect;
use super::super::shown::{Ending, Whole};
use super::super::{Model, Pending, Progress};
use super::loading::{accepted, inspect, reject};
use super::running::{finished, send_run, show};
use super::tune;
use crate::problem::Problem;
use crate::session::protocol::{Command, Update};
use crate::sim::SimTime;

/// The token of an inspection that only tells a new worker what we know already.
pub(super) const REMINDER: u32 = 0;

/// Applies an update.
pub(super) fn worker_says(model: &mut Model, update: Update, effects: &mut Vec<Effect>) {
    match update {
        Update::Ready { .. } => {
            Arc::make_mut(&mut model.engine).ready = true;
            effects.push(Effect::Mark("engine-ready"));
            super::shelf::remind(model, effects);
            if let Some(current) = &model.function.current {
                effects.push(Effect::Send(Command::Inspect {
                    token: REMINDER,
                    name: current.name.clone(),
                    bytes: current.bytes.to_vec(),
                }));
            }
            inspect(model, effects);
        }
        Update::Accepted {
            token,
            module,
            report,
            problems,
        } => {
            if token == REMINDER {
                Arc::make_mut(&mut model.engine).knows_function = true;
                send_run(model, effects);
            } else if let Some(loading) = super::shelf::arrived(model, token) {
                super::shelf::accepted(model, loading, module, *report, problems);
                send_run(model, effects);
            } else {
                accepted(model, token, module, *report, problems, effects);
            }
        }
        Update::Rejected {
            token,
            problems,
            report,
        } => {
            if let Some(loading) = super::shelf::arrived(model, token) {
                super::shelf::rejected(model, &loading.name, problems);
                return send_run(model, effects);
            }
            let name = match &model.function.loading {
                Some(loading) if loading.token == token => loading.name.clone(),
                _ => return,
            };
            reject(model, name, problems, report, effects);
        }
        Update::NeedsCompiling { token, text } => {
            let function = Arc::make_mut(&mut model.function);
            if let Some(loading) = function.loading.as_mut().filter(|it| it.token == token) {
                loading.compiling = true;
                effects.push(Effect::Compile {
                    token,
                    text: text.into(),
                });
            }
        }
        Update::TunePoint { .. } | Update::Tuned { .. } | Update::TuneRefused { .. } => {
            tune::told(model, update, effects);
        }
        // Questions go to the triggers' worker.
        Update::Answer(_) => {}
        Update::Progress {
            run,
            now,
            fuel,
            real_ms,
        } => {
            if let Some(pending) = pending(model, run) {
                pending.progress = Some(Progress { now, fuel, real_ms });
            }
        }
        Update::Entries { run, entries } => {
            if is_pending(model, run) {
                model.incoming.reading.extend(entries);
            }
        }
        Update::Whole {
            run,
            series,
            totals,
            costs,
        } => {
            if is_pending(model, run) {
                model.incoming.whole = Whole {
                    series,
                    totals,
                    costs: *costs,
                };
            }
        }
        Update::Finished { run, end, real_us } => {
            if is_pending(model, run) {
                finished(model, end, real_us, effects);
            }
        }
        Update::Refused { run, problems } => {
            if is_pending(model, run) {
                let state = Arc::make_mut(&mut model.run);
                let by_hand = state.pending.take().is_some_and(|pending| pending.by_hand);
                if let Some(first) = problems.first() {
                    effects.push(Effect::Announce(format!("Cannot run. {first}")));
                }
                state.refused = problems;
                if by_hand {
                    Arc::make_mut(&mut model.setup).arrivals.pop();
                }
            }
        }
    }
}

/// Whether the run in progress has this number.
fn is_pending(model: &Model, run: u32) -> bool {
    let pending = model.run.pending.as_ref();
    pending.is_some_and(|pending| pending.run == run)
}

/// The run in progress, when it has this number.
fn pending(model: &mut Model, run: u32) -> Option<&mut Pending> {
    if !is_pending(model, run) {
        return None;
    }
    Arc::make_mut(&mut model.run).pending.as_mut()
}

/// There is no worker any more.
pub(super) fn worker_failed(model: &mut Model, problem: Problem, effects: &mut Vec<Effect>) {
    effects.push(Effect::Announce(problem.to_string()));
    let engine = Arc::make_mut(&mut model.engine);
    engine.ready = false;
    engine.knows_function = false;
    engine.failed = Some(problem);
    Arc::make_mut(&mut model.tuning).running = false;
    let pending = Arc::make_mut(&mut model.run).pending.take();
    if let Some(pending) = pending {
        if pending.by_hand {
            Arc::make_mut(&mut model.setup).arrivals.pop();
        }
        if !model.incoming.reading.is_empty() {
            let reached = pending
                .progress
                .map_or(SimTime::ZERO, |progress| progress.now);
            show(model, pending, Ending::Cancelled, reached);
        }
    }
}
