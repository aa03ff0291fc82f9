//! Requests and runs: appended, replayed, cancelled, shown.

use std::sync::Arc;

use super::super::msg::{Effect, Msg};
use super::super::shown::{Ending, Shown};
use super::super::{Incoming, Model, Pending};
use super::{clock, guide};
use crate::session::protocol::Command;
use crate::sim::SimTime;
use crate::ui::words;

/// Real milliseconds from the last change of a setting to the replay: at least, and at most. Between them it is as long as
/// the last run took, for a run that is interrupted costs a new worker.
const REPLAY_AFTER_MS: (u32, u32) = (25, 300);
/// Real milliseconds after which a series of changes is over, and the next begins a new comparison.
const SETTLED_AFTER_MS: u32 = 1_500;

/// A setting changed: what is shown is what the next run is compared with, and the requests are run again soon.
pub(super) fn changed(model: &mut Model, effects: &mut Vec<Effect>) {
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
    let took_ms = match run.shown.as_ref().map(|shown| shown.ending) {
        Some(Ending::Finished { real_us }) => u32::try_from(real_us / 1_000).unwrap_or(u32::MAX),
        _ => 0,
    };
    effects.push(Effect::After(
        took_ms.clamp(REPLAY_AFTER_MS.0, REPLAY_AFTER_MS.1),
        Box::new(Msg::Replay(run.change)),
    ));
    effects.push(Effect::After(
        SETTLED_AFTER_MS,
        Box::new(Msg::Settled(run.change)),
    ));
}

/// One more request, and run.
pub(super) fn run(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.setup.event.error.is_some() || model.engine.failed.is_some() {
        return;
    }
    effects.push(Effect::Mark("run-click"));
    // A function or an event on its way: run as soon as it is there.
    if model.function.loading.is_some() || model.setup.awaits_sample() {
        Arc::make_mut(&mut model.run).wanted = true;
        return;
    }
    if model.function.current.is_none() {
        return;
    }
    let setup = Arc::make_mut(&mut model.setup);
    setup.note_settings(&model.desk.cards);
    setup.arrive();
    Arc::make_mut(&mut model.run).baseline = None;
    start_run(model, true, effects);
}

/// Stops comparing.
pub(super) fn drop_baseline(model: &mut Model) {
    let run = Arc::make_mut(&mut model.run);
    run.baseline = None;
    if let Some(shown) = &mut run.shown {
        Arc::make_mut(shown).compare_with(None);
    }
}

/// Runs the scenario as it is. `by_hand` when the visitor asked for a run, not when a setting changed.
pub(super) fn start_run(model: &mut Model, by_hand: bool, effects: &mut Vec<Effect>) {
    // A worker in the middle of a run or a ladder cannot listen: it is replaced.
    if model.tuning.running
        || model
            .run
            .pending
            .as_ref()
            .is_some_and(|pending| pending.sent)
    {
        if model.tuning.running {
            Arc::make_mut(&mut model.tuning).running = false;
        }
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
        progress: None,
    });
    model.incoming = Incoming::default();
    send_run(model, effects);
}

/// Hands the waiting run to the worker, when it is up and knows the function.
pub(super) fn send_run(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(current) = &model.function.current else {
        return;
    };
    let arrived = model.function.arriving.is_empty();
    if !model.engine.ready || !model.engine.knows_function || !arrived {
        return;
    }
    let run = Arc::make_mut(&mut model.run);
    let Some(pending) = run.pending.as_mut().filter(|pending| !pending.sent) else {
        return;
    };
    pending.sent = true;
    effects.push(Effect::Send(Command::Run {
        run: pending.run,
        scenario: Box::new(pending.setup.scenario(&current.module)),
        patience_ms: pending.setup.patience_ms,
    }));
}

/// Replaces the worker. The new one knows nothing until it has been told.
pub(super) fn restart_worker(model: &mut Model, effects: &mut Vec<Effect>) {
    let engine = Arc::make_mut(&mut model.engine);
    engine.ready = false;
    engine.knows_function = false;
    engine.failed = None;
    effects.push(Effect::StartWorker(engine.tier));
}

/// Forgets requests and results.
pub(super) fn forget_runs(model: &mut Model) {
    if !model.setup.arrivals.is_empty() {
        Arc::make_mut(&mut model.setup).arrivals.clear();
    }
    let run = Arc::make_mut(&mut model.run);
    run.pending = None;
    model.incoming = Incoming::default();
    let run = Arc::make_mut(&mut model.run);
    run.shown = None;
    run.baseline = None;
    run.changing = false;
    run.refused.clear();
    let playback = Arc::make_mut(&mut model.playback);
    playback.at = SimTime::ZERO;
    playback.playing = false;
    playback.unfolded.clear();
    playback.find.clear();
    playback.clear();
    playback.zoom.all();
}

/// Stops the run in progress and shows what there is of it.
pub(super) fn cancel(model: &mut Model, effects: &mut Vec<Effect>) {
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
    if !model.incoming.reading.is_empty() {
        show(model, pending, Ending::Cancelled, reached);
    }
}

/// Shows a run, with the cursor at its end.
pub(super) fn show(model: &mut Model, pending: Pending, ending: Ending, end: SimTime) {
    let incoming = std::mem::take(&mut model.incoming);
    let mut shown = Shown::new(
        pending.run,
        pending.setup,
        ending,
        incoming.reading,
        incoming.whole,
        end,
    );
    let run = Arc::make_mut(&mut model.run);
    // A change of a setting keeps looking at the same attempt.
    if let Some(before) = run
        .shown
        .as_ref()
        .filter(|_| !pending.by_hand)
        .and_then(|before| before.selected)
        .filter(|id| shown.tries.has(*id))
    {
        shown.selected = Some(before);
    }
    shown.compare_with(run.baseline.as_deref());
    let playback = Arc::make_mut(&mut model.playback);
    playback.at = shown.end;
    playback.playing = false;
    playback.clear();
    if pending.by_hand {
        playback.zoom.all();
    }
    run.shown = Some(Arc::new(shown));
}

/// A run has come to its end.
pub(super) fn finished(model: &mut Model, end: SimTime, real_us: u64, effects: &mut Vec<Effect>) {
    let Some(pending) = Arc::make_mut(&mut model.run).pending.take() else {
        return;
    };
    let by_hand = pending.by_hand;
    show(model, pending, Ending::Finished { real_us }, end);
    if let Some(moment) = Arc::make_mut(&mut model.link).moment.take() {
        clock::open_at(model, &moment);
        clock::show(model, moment.sight);
    }
    guide::shown(model);
    effects.push(Effect::Mark("result-shown"));
    let Some(shown) = &model.run.shown else {
        return;
    };
    if let Some(attempt) = shown.attempt() {
        let mut text = format!(
            "Run finished: {}.",
            attempt.outcome().word().to_ascii_lowercase()
        );
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
