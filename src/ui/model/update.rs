//! One message in, the changed model and the owed effects out.

use std::sync::Arc;

use super::Model;
use super::history::{About, Made};
use super::msg::{Effect, Msg, Origin};
use crate::session::desk::Question;
use crate::ui::{catalogue, json_text, tuning};

mod bars;
mod clock;
mod desk;
mod guide;
mod history;
mod link;
mod loading;
mod running;
mod shelf;
pub mod tune;
mod worker;

use desk::ask;
use loading::{begin_loading, choose_example, compiled, fetched, inspect, reject};
use running::{cancel, changed, forget_runs, restart_worker, run, start_run};
use worker::{worker_failed, worker_says};

/// Applies a message, and remembers what it changed.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let before = Made::of(model);
    let about = About::of(&msg);
    let mut effects = apply(model, msg);
    if !before.is(&Made::of(model)) {
        // The function that comes by itself with the page is nobody's change.
        if let Some(about) = about.filter(|_| before.function.is_some()) {
            Arc::make_mut(&mut model.history).record(before, about);
        }
        history::changed(model, &mut effects);
    }
    effects
}

fn apply(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = Vec::new();
    guide::leave_for(model, &msg, &mut effects);
    match msg {
        Msg::Mounted { link } => {
            mounted(model, &mut effects);
            match link {
                Some(text) => link::open(model, text, &mut effects),
                None => choose_example(model, catalogue::FIRST, &mut effects),
            }
        }
        Msg::MountedInFrame => {
            model.framed = true;
            mounted(model, &mut effects);
        }
        Msg::Guide(guiding) => guide::update(model, guiding, &mut effects),
        Msg::OpenLink(text) => link::open(model, text, &mut effects),
        Msg::Share => link::share(model, &mut effects),
        Msg::ShareFrom(address) => link::share_from(model, address, &mut effects),
        Msg::DismissLink => {
            let link = Arc::make_mut(&mut model.link);
            link.problems.clear();
            link.opened = None;
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
        Msg::Fetched { token, result } => {
            if let Some(result) = shelf::fetched(model, token, result, &mut effects) {
                fetched(model, token, result, &mut effects);
            }
        }
        Msg::Compiled { token, result } => compiled(model, token, result, &mut effects),
        Msg::DismissRejected => Arc::make_mut(&mut model.function).rejected = None,

        Msg::PickTrigger(id) => {
            Arc::make_mut(&mut model.setup).take_trigger(&id, &model.desk.cards);
            ask(model, &mut effects);
        }
        Msg::EditForm { key, value } => {
            Arc::make_mut(&mut model.setup).edit_form(&key, value);
            ask(model, &mut effects);
        }
        Msg::PutFile { name, bytes } => {
            effects.push(Effect::Ask(Question::PutFile {
                trigger: model.setup.trigger.clone(),
                name,
                bytes,
            }));
        }
        Msg::EditEvent(text) => {
            Arc::make_mut(&mut model.setup).set_event(text, true);
            ask(model, &mut effects);
        }
        Msg::ResetEvent => {
            reset_event(model);
            ask(model, &mut effects);
        }
        Msg::FormatEvent => {
            let setup = Arc::make_mut(&mut model.setup);
            let text = json_text::pretty(&setup.event.text);
            let edited = setup.event.edited;
            setup.set_event(text, edited);
            ask(model, &mut effects);
        }

        Msg::Set(setting) => {
            if Arc::make_mut(&mut model.setup).set(setting) && !model.setup.arrivals.is_empty() {
                changed(model, &mut effects);
            }
            desk::examine_soon(model, &mut effects);
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
                Arc::make_mut(&mut model.history).pause();
            }
        }
        Msg::Replay(change) => {
            if model.run.change == change && !model.setup.arrivals.is_empty() {
                start_run(model, false, &mut effects);
            }
        }

        Msg::Examine(change) => desk::examine(model, change, &mut effects),

        Msg::AddLoaded => {
            if shelf::add_loaded(model) && !model.setup.arrivals.is_empty() {
                changed(model, &mut effects);
            }
            desk::examine_soon(model, &mut effects);
        }
        Msg::Run => run(model, &mut effects),
        Msg::Tune => tune::begin(model, &mut effects),
        Msg::StopTuning => tune::stop(model, &mut effects),
        Msg::TuneStart(start) => Arc::make_mut(&mut model.tuning).start = start,
        Msg::TuneCompare(text) => {
            let tuning = Arc::make_mut(&mut model.tuning);
            tuning.compared = tuning::from_link(&text);
            tuning.not_a_curve = tuning.compared.is_none() && !text.trim().is_empty();
        }
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
        Msg::Save(kind) => link::save(model, kind, &mut effects),
        Msg::Copy(kind) => {
            Arc::make_mut(&mut model.link).copies = true;
            link::save(model, kind, &mut effects);
        }
        Msg::OpenFile(text) => {
            let link = Arc::make_mut(&mut model.link);
            link.opened = None;
            link.moment = None;
            link.problems.clear();
            effects.push(Effect::Ask(Question::OpenFile(text)));
        }
        Msg::Undo => history::travel(model, true, &mut effects),
        Msg::Redo => history::travel(model, false, &mut effects),
        Msg::New => history::begin_anew(model, &mut effects),
        Msg::Keep(change) => history::keep(model, change, &mut effects),
        Msg::DropBaseline => running::drop_baseline(model),

        Msg::Select(id) => clock::select(model, id),
        Msg::Pin(lane) => bars::pin(model, lane, &mut effects),
        Msg::Point { along, lanes } => bars::point(model, along, lanes, &mut effects),
        Msg::SelectPointed => bars::select_pointed(model, &mut effects),
        Msg::TogglePlay
        | Msg::Pause
        | Msg::Seek(_)
        | Msg::ToStart
        | Msg::ToEnd
        | Msg::StepEvent(_)
        | Msg::StepAttempt(_)
        | Msg::Jump(..)
        | Msg::Nudge { .. }
        | Msg::Zoom { .. }
        | Msg::Pan(_)
        | Msg::ShowAll
        | Msg::Frame
        | Msg::Mark
        | Msg::Measure(_)
        | Msg::Enlarge
        | Msg::Inspect(_)
        | Msg::ToggleInspector
        | Msg::Clear
        | Msg::Measured(_)
        | Msg::Find(_)
        | Msg::FindNext(_)
        | Msg::Sort(_)
        | Msg::Tick { .. }
        | Msg::SetSpeed(_)
        | Msg::SkipWaits(_)
        | Msg::ToggleFold(_) => clock::update(model, msg),

        Msg::Worker(update) => worker_says(model, update, &mut effects),
        Msg::DeskReady => desk::ready(model, &mut effects),
        Msg::Answered(answer) => desk::answered(model, answer, &mut effects),
        Msg::WorkerFailed(problem) => worker_failed(model, problem, &mut effects),
    }
    effects
}

/// Starts the workers.
fn mounted(model: &Model, effects: &mut Vec<Effect>) {
    effects.push(Effect::Mark("mounted"));
    effects.push(Effect::StartDesk);
    effects.push(Effect::StartWorker(model.engine.tier));
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
        Some(event) => setup.set_event(json_text::pretty(event.get()), false),
        None => setup.want_sample(),
    }
}

#[cfg(test)]
mod tests;
