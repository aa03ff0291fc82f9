//! Messages that move the cursor. They change nothing but the cursor and what is looked at.

use std::sync::Arc;

use super::super::jump::attempt_of;
use super::super::msg::Msg;
use super::super::shown::Shown;
use super::super::{Model, Moment, Playback};
use crate::sim::SimTime;
use crate::ui::attempts::AttemptId;
use crate::ui::find;

/// The width at which the clock reads the axis; only proportions matter.
const WIDTH: f64 = 1_000.0;

/// Shows an attempt.
pub fn select(model: &mut Model, id: AttemptId) {
    let run = Arc::make_mut(&mut model.run);
    if let Some(shown) = &mut run.shown
        && shown.attempts.iter().any(|attempt| attempt.id == id)
    {
        Arc::make_mut(shown).selected = Some(id);
    }
}

/// Applies a message about the clock; without a run there is none.
pub fn update(model: &mut Model, msg: Msg) {
    let before = model.playback.at;
    let Some(shown) = model.run.shown.clone() else {
        return settings(Arc::make_mut(&mut model.playback), &msg);
    };
    let playback = Arc::make_mut(&mut model.playback);
    settings(playback, &msg);
    match msg {
        Msg::TogglePlay => {
            // At the end, Play plays it again.
            if !playback.playing && playback.at >= shown.end {
                playback.at = start(&shown);
            }
            playback.playing = !playback.playing;
        }
        Msg::Pause => playback.playing = false,
        Msg::Seek(at) => seek(playback, &shown, at),
        Msg::ToStart => seek(playback, &shown, start(&shown)),
        Msg::ToEnd => seek(playback, &shown, shown.end),
        Msg::StepEvent(direction) => {
            let at = playback.at;
            let next = if direction >= 0 {
                shown
                    .entries
                    .iter()
                    .map(|entry| entry.at)
                    .find(|time| *time > at)
            } else {
                shown
                    .entries
                    .iter()
                    .rev()
                    .map(|entry| entry.at)
                    .find(|time| *time < at)
            };
            if let Some(next) = next {
                seek(playback, &shown, next);
            }
        }
        Msg::StepAttempt(direction) => {
            if let Some((at, id)) = beside(&shown, playback.at, direction, "") {
                seek(playback, &shown, at);
                select(model, id);
            }
        }
        Msg::FindNext(direction) => {
            if let Some((at, id)) = beside(&shown, playback.at, direction, &playback.find) {
                seek(playback, &shown, at);
                select(model, id);
            }
        }
        Msg::Zoom { factor, x } => {
            let mut zoom = playback.zoom;
            let middle = zoom.width / 2.0;
            zoom.by(factor, x.unwrap_or(middle), |width| {
                shown.axis(&playback.unfolded, width)
            });
            playback.zoom = zoom;
        }
        Msg::Pan(pixels) => {
            let axis = shown.axis(&playback.unfolded, playback.zoom.axis_width());
            playback.zoom.pan(pixels, &axis);
        }
        Msg::ShowAll => playback.zoom.all(),
        Msg::Jump(jump, direction) => {
            // Between entries of the same instant the cursor cannot stand: places are instants.
            let at = playback.at;
            let mut lands = shown.entries.iter().filter(|entry| jump.lands(entry));
            let found = if direction >= 0 {
                lands.find(|entry| entry.at > at)
            } else {
                lands.rfind(|entry| entry.at < at)
            };
            if let Some(entry) = found {
                seek(playback, &shown, entry.at);
                if let Some(id) = attempt_of(entry) {
                    select(model, id);
                }
            }
        }
        Msg::Nudge { direction, large } => {
            let axis = shown.axis(&playback.unfolded, WIDTH);
            let step = if large { WIDTH / 10.0 } else { WIDTH / 100.0 };
            let x = axis.x(playback.at) + step * f64::from(direction);
            seek(playback, &shown, axis.time(x.max(0.0)));
        }
        Msg::Tick { real_us } if playback.playing => {
            let axis = shown.axis(&playback.unfolded, WIDTH);
            playback.at = playback.advanced(&axis, real_us.into());
            if playback.at >= shown.end {
                playback.playing = false;
            }
        }
        _ => {}
    }
    if model.playback.at != before {
        follow(model, &shown);
    }
}

/// What is enlarged shows the cursor, wherever it goes.
fn follow(model: &mut Model, shown: &Shown) {
    let before = (model.playback.at, model.playback.zoom);
    if before.1.scale <= 1.0 {
        return;
    }
    let axis = shown.axis(&model.playback.unfolded, before.1.axis_width());
    let mut zoom = before.1;
    zoom.follow(axis.x(before.0), &axis);
    if zoom != before.1 {
        Arc::make_mut(&mut model.playback).zoom = zoom;
    }
}

/// The invocation that began next after `at`, or last before it, among those that are searched for.
fn beside(shown: &Shown, at: SimTime, direction: i8, search: &str) -> Option<(SimTime, AttemptId)> {
    let found = shown.attempts.iter().filter(|it| find::fits(it, search));
    let starts = found.map(|attempt| {
        let ran = attempt.ran.as_ref();
        (ran.map_or(attempt.received, |ran| ran.started), attempt.id)
    });
    if direction >= 0 {
        starts.filter(|(time, _)| *time > at).min()
    } else {
        starts.filter(|(time, _)| *time < at).max()
    }
}

/// Shows the moment that a link was made for.
pub fn open_at(model: &mut Model, moment: Moment) {
    if let Some(shown) = model.run.shown.clone() {
        seek(Arc::make_mut(&mut model.playback), &shown, moment.at);
    }
    if let Some(id) = moment.selected {
        select(model, id);
    }
}

/// What can be set with and without a run.
fn settings(playback: &mut Playback, msg: &Msg) {
    match msg {
        Msg::SetSpeed(speed) => playback.speed = *speed,
        Msg::SkipWaits(skip) => playback.skip_waits = *skip,
        Msg::Measured(width) => playback.zoom.width = width.max(1.0),
        Msg::Find(text) => playback.find.clone_from(text),
        Msg::ToggleFold(from) => {
            let was_unfolded = playback.unfolded.remove(from);
            if !was_unfolded {
                playback.unfolded.insert(*from);
            }
        }
        _ => {}
    }
}

fn start(shown: &Shown) -> SimTime {
    shown
        .entries
        .first()
        .map_or(SimTime::ZERO, |entry| entry.at)
}

/// Going somewhere by hand always pauses first.
fn seek(playback: &mut Playback, shown: &Shown, at: SimTime) {
    playback.playing = false;
    playback.at = at.clamp(start(shown), shown.end.max(start(shown)));
}
