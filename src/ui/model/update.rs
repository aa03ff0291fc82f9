//! One message in, the changed model and the owed effects out.

use std::sync::Arc;

use super::msg::{Effect, Msg, Origin};
use super::shown::{Ending, Shown};
use super::{Function, FunctionState, Loading, Model, Pending, Progress, Rejected};
use crate::problem::Problem;
use crate::session::protocol::{Command, Update};
use crate::sim::SimTime;
use crate::ui::catalogue;
use crate::ui::words;

mod clock;

/// Real milliseconds from the last change of a setting to the replay.
const REPLAY_AFTER_MS: u32 = 80;
/// Real milliseconds from the last change of a setting to the end of a comparison's start.
const SETTLED_AFTER_MS: u32 = 1_500;
/// The token of an inspection that only tells a new worker what we know already.
const REMINDER: u32 = 0;

/// Applies a message.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = Vec::new();
    match msg {
        Msg::Mounted => {
            effects.push(Effect::Mark("mounted"));
            effects.push(Effect::StartWorker(model.engine.tier));
            choose_example(model, catalogue::FIRST, &mut effects);
        }

        Msg::ChooseExample(id) => choose_example(model, &id, &mut effects),
        Msg::Upload { name, bytes } => {
            let function = Arc::make_mut(&mut model.function);
            begin_loading(function, name, Origin::Upload, Some(bytes.into()));
            inspect(model, &mut effects);
        }
        Msg::UploadFailed { name, problem } => {
            reject(model, name, vec![problem], None, &mut effects);
        }
        Msg::Fetched { token, result } => fetched(model, token, result, &mut effects),
        Msg::Compiled { token, result } => compiled(model, token, result, &mut effects),
        Msg::DismissRejected => Arc::make_mut(&mut model.function).rejected = None,

        Msg::PickTrigger(id) => Arc::make_mut(&mut model.setup).take_trigger(&id),
        Msg::EditForm { key, value } => Arc::make_mut(&mut model.setup).edit_form(key, value),
        Msg::EditEvent(text) => Arc::make_mut(&mut model.setup).set_event(text, true),
        Msg::ResetEvent => reset_event(model),
        Msg::FormatEvent => {
            let setup = Arc::make_mut(&mut model.setup);
            let text = crate::ui::json_text::pretty(&setup.event.text);
            let edited = setup.event.edited;
            setup.set_event(text, edited);
        }

        Msg::Set(setting) => {
            if Arc::make_mut(&mut model.setup).set(setting) && !model.setup.arrivals.is_empty() {
                changed(model, &mut effects);
            }
        }
        Msg::SetTier(tier) => {
            if model.engine.tier != tier {
                Arc::make_mut(&mut model.engine).tier = tier;
                restart_worker(model, &mut effects);
                if !model.setup.arrivals.is_empty() {
                    start_run(model, false, &mut effects);
                }
            }
        }
        Msg::SetPatience(ms) => Arc::make_mut(&mut model.setup).patience_ms = ms.max(1),
        Msg::Settled(change) => {
            if model.run.change == change && model.run.changing {
                Arc::make_mut(&mut model.run).changing = false;
            }
        }
        Msg::Replay(change) => {
            if model.run.change == change && !model.setup.arrivals.is_empty() {
                start_run(model, false, &mut effects);
            }
        }

        Msg::Run => run(model, &mut effects),
        Msg::StartOver => {
            if model.run.pending.as_ref().is_some_and(|run| run.sent) {
                restart_worker(model, &mut effects);
            }
            forget_runs(model);
            effects.push(Effect::Announce(
                "Cleared. The next run starts cold.".to_owned(),
            ));
        }
        Msg::Cancel => cancel(model, &mut effects),
        Msg::RaisePatience(ms) => {
            Arc::make_mut(&mut model.setup).patience_ms = ms;
            if !model.setup.arrivals.is_empty() {
                start_run(model, true, &mut effects);
            }
        }
        Msg::DropBaseline => Arc::make_mut(&mut model.run).baseline = None,

        Msg::Select(id) => clock::select(model, id),
        Msg::TogglePlay
        | Msg::Pause
        | Msg::Seek(_)
        | Msg::ToStart
        | Msg::ToEnd
        | Msg::StepEvent(_)
        | Msg::StepAttempt(_)
        | Msg::Nudge { .. }
        | Msg::Tick { .. }
        | Msg::SetSpeed(_)
        | Msg::SkipWaits(_)
        | Msg::ToggleFold(_) => clock::update(model, msg),

        Msg::Worker(update) => worker_says(model, update, &mut effects),
        Msg::WorkerFailed(problem) => worker_failed(model, problem, &mut effects),
    }
    effects
}

fn choose_example(model: &mut Model, id: &str, effects: &mut Vec<Effect>) {
    let Some(example) = catalogue::by_id(id) else {
        return;
    };
    let function = Arc::make_mut(&mut model.function);
    let origin = Origin::Example(example.id.clone());
    begin_loading(function, example.title.clone(), origin, None);
    effects.push(Effect::Fetch {
        token: function.token,
        example: example.id.clone(),
    });
}

fn begin_loading(
    function: &mut FunctionState,
    name: String,
    origin: Origin,
    bytes: Option<Arc<[u8]>>,
) {
    function.token += 1;
    function.rejected = None;
    function.loading = Some(Loading {
        token: function.token,
        name,
        origin,
        bytes,
        compiling: false,
    });
}

/// Asks the worker about the file that is being loaded, when both are there.
fn inspect(model: &Model, effects: &mut Vec<Effect>) {
    let Some(loading) = &model.function.loading else {
        return;
    };
    let Some(bytes) = loading.bytes.as_ref().filter(|_| !loading.compiling) else {
        return;
    };
    if model.engine.ready {
        effects.push(Effect::Send(Command::Inspect {
            token: loading.token,
            name: loading.name.clone(),
            bytes: bytes.to_vec(),
        }));
    }
}

fn fetched(
    model: &mut Model,
    token: u32,
    result: Result<Vec<u8>, String>,
    effects: &mut Vec<Effect>,
) {
    let function = Arc::make_mut(&mut model.function);
    let Some(loading) = function.loading.as_mut().filter(|it| it.token == token) else {
        return;
    };
    match result {
        Ok(bytes) => {
            loading.bytes = Some(bytes.into());
            inspect(model, effects);
        }
        Err(cause) => {
            let problem = Problem::error(
                "example.fetch",
                "",
                format!("The example could not be fetched: {cause}."),
                "Check the connection and choose it again.",
            );
            let name = loading.name.clone();
            reject(model, name, vec![problem], None, effects);
        }
    }
}

fn compiled(
    model: &mut Model,
    token: u32,
    result: Result<Vec<u8>, String>,
    effects: &mut Vec<Effect>,
) {
    let function = Arc::make_mut(&mut model.function);
    let Some(loading) = function.loading.as_mut().filter(|it| it.token == token) else {
        return;
    };
    match result {
        Ok(bytes) => {
            loading.bytes = Some(bytes.into());
            loading.compiling = false;
            inspect(model, effects);
        }
        Err(cause) => {
            let problem = Problem::error(
                "module.text",
                "",
                cause,
                "Mend the WebAssembly text there and take the file again.",
            );
            let name = loading.name.clone();
            reject(model, name, vec![problem], None, effects);
        }
    }
}

fn reject(
    model: &mut Model,
    name: String,
    problems: Vec<Problem>,
    report: Option<Box<crate::guest::describe::ModuleReport>>,
    effects: &mut Vec<Effect>,
) {
    let function = Arc::make_mut(&mut model.function);
    function.loading = None;
    if let Some(first) = problems.first() {
        effects.push(Effect::Announce(format!("{name} cannot run. {first}")));
    }
    function.rejected = Some(Rejected {
        name,
        problems,
        report: report.map(|report| *report),
    });
    Arc::make_mut(&mut model.run).wanted = false;
}

/// The sample of the example, when it has one of its own, or of the trigger.
fn reset_event(model: &mut Model) {
    let own = model
        .function
        .current
        .as_ref()
        .and_then(|current| match &current.origin {
            Origin::Example(id) => catalogue::by_id(id)
                .filter(|example| example.suggested_trigger == model.setup.trigger)
                .and_then(|example| example.event.as_ref()),
            Origin::Upload => None,
        });
    let setup = Arc::make_mut(&mut model.setup);
    match own {
        Some(event) => setup.take_event(event),
        None => setup.take_sample(),
    }
}

fn changed(model: &mut Model, effects: &mut Vec<Effect>) {
    let run = Arc::make_mut(&mut model.run);
    run.change += 1;
    if !run.changing {
        run.changing = true;
        run.baseline = run
            .shown
            .as_ref()
            .and_then(|shown| shown.baseline())
            .map(Arc::new);
    }
    effects.push(Effect::After(
        REPLAY_AFTER_MS,
        Box::new(Msg::Replay(run.change)),
    ));
    effects.push(Effect::After(
        SETTLED_AFTER_MS,
        Box::new(Msg::Settled(run.change)),
    ));
}

fn run(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.setup.event.error.is_some() || model.engine.failed.is_some() {
        return;
    }
    effects.push(Effect::Mark("run-click"));
    // A function on its way: run it as soon as it is there.
    if model.function.loading.is_some() {
        Arc::make_mut(&mut model.run).wanted = true;
        return;
    }
    if model.function.current.is_none() {
        return;
    }
    Arc::make_mut(&mut model.setup).arrive();
    Arc::make_mut(&mut model.run).baseline = None;
    start_run(model, true, effects);
}

/// Runs the scenario as it is. `by_hand` when the visitor asked for a run, not when a setting changed.
fn start_run(model: &mut Model, by_hand: bool, effects: &mut Vec<Effect>) {
    // A worker in the middle of a run cannot listen: it is replaced.
    if model
        .run
        .pending
        .as_ref()
        .is_some_and(|pending| pending.sent)
    {
        restart_worker(model, effects);
    }
    let run = Arc::make_mut(&mut model.run);
    run.run += 1;
    run.wanted = false;
    run.refused.clear();
    run.pending = Some(Pending {
        run: run.run,
        sent: false,
        by_hand,
        setup: model.setup.clone(),
        entries: Vec::new(),
        progress: None,
    });
    send_run(model, effects);
}

/// Hands the waiting run to the worker, when it is up and knows the function.
fn send_run(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(current) = &model.function.current else {
        return;
    };
    if !model.engine.ready || !model.engine.knows_function {
        return;
    }
    let run = Arc::make_mut(&mut model.run);
    let Some(pending) = run.pending.as_mut().filter(|pending| !pending.sent) else {
        return;
    };
    pending.sent = true;
    effects.push(Effect::Send(Command::Run {
        run: pending.run,
        scenario: pending.setup.scenario(&current.module),
        patience_ms: pending.setup.patience_ms,
    }));
}

fn restart_worker(model: &mut Model, effects: &mut Vec<Effect>) {
    let engine = Arc::make_mut(&mut model.engine);
    engine.ready = false;
    engine.knows_function = false;
    engine.failed = None;
    effects.push(Effect::StartWorker(engine.tier));
}

/// Forgets requests and results.
fn forget_runs(model: &mut Model) {
    if !model.setup.arrivals.is_empty() {
        Arc::make_mut(&mut model.setup).arrivals.clear();
    }
    let run = Arc::make_mut(&mut model.run);
    run.pending = None;
    run.shown = None;
    run.baseline = None;
    run.changing = false;
    run.refused.clear();
    let playback = Arc::make_mut(&mut model.playback);
    playback.at = SimTime::ZERO;
    playback.playing = false;
    playback.unfolded.clear();
}

fn cancel(model: &mut Model, effects: &mut Vec<Effect>) {
    let run = Arc::make_mut(&mut model.run);
    run.wanted = false;
    let Some(pending) = run.pending.take() else {
        return;
    };
    // A request that never came to its end would stand in the way of the next.
    if pending.by_hand {
        Arc::make_mut(&mut model.setup).arrivals.pop();
    }
    if pending.sent {
        restart_worker(model, effects);
    }
    let reached = pending
        .progress
        .map_or(SimTime::ZERO, |progress| progress.now);
    effects.push(Effect::Announce("Cancelled.".to_owned()));
    if !pending.entries.is_empty() {
        show(model, pending, Ending::Cancelled, reached);
    }
}

fn show(model: &mut Model, pending: Pending, ending: Ending, end: SimTime) {
    let mut shown = Shown::new(pending.run, pending.setup, ending, pending.entries, end);
    let run = Arc::make_mut(&mut model.run);
    // A change of a setting keeps looking at the same attempt.
    if let Some(before) = run
        .shown
        .as_ref()
        .filter(|_| !pending.by_hand)
        .and_then(|before| before.selected)
        .filter(|id| shown.attempts.iter().any(|attempt| attempt.id == *id))
    {
        shown.selected = Some(before);
    }
    let playback = Arc::make_mut(&mut model.playback);
    playback.at = shown.end;
    playback.playing = false;
    run.shown = Some(Arc::new(shown));
}

fn worker_says(model: &mut Model, update: Update, effects: &mut Vec<Effect>) {
    match update {
        Update::Ready { .. } => {
            Arc::make_mut(&mut model.engine).ready = true;
            effects.push(Effect::Mark("engine-ready"));
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
            } else {
                accepted(model, token, module, *report, problems, effects);
            }
        }
        Update::Rejected {
            token,
            problems,
            report,
        } => {
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
            if let Some(pending) = pending(model, run) {
                pending.entries.extend(entries);
            }
        }
        Update::Finished { run, end, real_us } => {
            if pending(model, run).is_some() {
                finished(model, end, real_us, effects);
            }
        }
        Update::Refused { run, problems } => {
            if pending(model, run).is_some() {
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

/// The run in progress, when it has this number.
fn pending(model: &mut Model, run: u32) -> Option<&mut Pending> {
    if model.run.pending.as_ref()?.run != run {
        return None;
    }
    Arc::make_mut(&mut model.run).pending.as_mut()
}

fn accepted(
    model: &mut Model,
    token: u32,
    module: crate::scenario::ModuleHash,
    report: crate::guest::describe::ModuleReport,
    problems: Vec<Problem>,
    effects: &mut Vec<Effect>,
) {
    let function = Arc::make_mut(&mut model.function);
    if function.loading.as_ref().is_none_or(|it| it.token != token) {
        return;
    }
    let Some(loading) = function.loading.take() else {
        return;
    };
    let first = function.current.is_none();
    function.rejected = None;
    function.current = Some(Arc::new(Function {
        name: loading.name.clone(),
        origin: loading.origin.clone(),
        bytes: loading.bytes.unwrap_or_default(),
        module,
        report,
        problems,
    }));
    Arc::make_mut(&mut model.engine).knows_function = true;
    if model.run.pending.as_ref().is_some_and(|run| run.sent) {
        // The old function's run: its worker has answered already, so this can only be a race; start clean.
        restart_worker(model, effects);
    }
    forget_runs(model);
    let setup = Arc::make_mut(&mut model.setup);
    setup.config.name = function_name(match &loading.origin {
        Origin::Example(id) => id,
        Origin::Upload => &loading.name,
    });
    if let Origin::Example(id) = &loading.origin
        && let Some(example) = catalogue::by_id(id)
    {
        setup.set(super::Setting::Memory(example.suggested_memory_mb));
        setup.set(super::Setting::Timeout(example.suggested_timeout_seconds));
        // The first example comes by itself: what the visitor typed meanwhile stays.
        if !(first && setup.event.edited) {
            setup.take_trigger(&example.suggested_trigger);
            if let Some(event) = &example.event {
                setup.take_event(event);
            }
        }
    }
    if !first {
        effects.push(Effect::Announce(format!("{} is loaded.", loading.name)));
    }
    if model.run.wanted {
        run(model, effects);
    }
}

/// A name that Lambda takes, made from a file's.
fn function_name(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let clean: String = stem
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '_' {
                c
            } else {
                '-'
            }
        })
        .take(64)
        .collect();
    if clean.chars().any(|c| c.is_ascii_alphanumeric()) {
        clean
    } else {
        "my-function".to_owned()
    }
}

fn finished(model: &mut Model, end: SimTime, real_us: u64, effects: &mut Vec<Effect>) {
    let Some(pending) = Arc::make_mut(&mut model.run).pending.take() else {
        return;
    };
    let by_hand = pending.by_hand;
    show(model, pending, Ending::Finished { real_us }, end);
    effects.push(Effect::Mark("result-shown"));
    let Some(shown) = &model.run.shown else {
        return;
    };
    if let Some(attempt) = shown.attempt() {
        let mut text = format!("Run finished: {}.", attempt.outcome().word().to_lowercase());
        if let Some(finished) = attempt.finished() {
            text.push_str(&format!(
                " Duration {}, billed {} ms.",
                words::millis(finished.report.duration),
                words::grouped(finished.report.billed_ms)
            ));
        }
        if let Some(compared) = model
            .run
            .baseline
            .as_ref()
            .and_then(|baseline| baseline.compared(shown))
        {
            text = format!("{compared}.");
        }
        effects.push(Effect::Announce(text));
    }
    if by_hand {
        effects.push(Effect::RevealResult);
    }
}

fn worker_failed(model: &mut Model, problem: Problem, effects: &mut Vec<Effect>) {
    effects.push(Effect::Announce(problem.to_string()));
    let engine = Arc::make_mut(&mut model.engine);
    engine.ready = false;
    engine.knows_function = false;
    engine.failed = Some(problem);
    let pending = Arc::make_mut(&mut model.run).pending.take();
    if let Some(pending) = pending {
        if pending.by_hand {
            Arc::make_mut(&mut model.setup).arrivals.pop();
        }
        if !pending.entries.is_empty() {
            let reached = pending
                .progress
                .map_or(SimTime::ZERO, |progress| progress.now);
            show(model, pending, Ending::Cancelled, reached);
        }
    }
}

#[cfg(test)]
mod tests;
