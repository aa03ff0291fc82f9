//! Messages that move the cursor. They change nothing but the cursor and what is looked at.

use std::sync::Arc;

use super::super::jump::attempt_of;
use super::super::msg::Msg;
use super::super::shown::Shown;
use super::super::{Model, Moment, Playback, Sight};
use crate::sim::SimTime;
use crate::ui::attempts::AttemptId;
use crate::ui::find::Query;

/// The width at which the clock reads the axis; only proportions matter.
const WIDTH: f64 = 1_000.0;

/// Shows an attempt.
pub fn select(model: &mut Model, id: AttemptId) {
    let run = Arc::make_mut(&mut model.run);
    if let Some(shown) = &mut run.shown
        && shown.tries.has(id)
        && shown.selected != Some(id)
    {
        Arc::make_mut(shown).selected = Some(id);
        let about = model.playback.about.of_another();
        if about != model.playback.about {
            Arc::make_mut(&mut model.playback).about = about;
        }
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
            let entries = &shown.entries;
            let index = if direction >= 0 {
                Some(entries.partition_point(|entry| entry.at <= at))
            } else {
                entries
                    .partition_point(|entry| entry.at < at)
                    .checked_sub(1)
            };
            if let Some(next) = index.and_then(|index| entries.get(index)) {
                seek(playback, &shown, next.at);
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
        Msg::Frame => frame(playback, &shown),
        Msg::Mark => {
            playback.range = None;
            playback.mark = match playback.mark {
                Some(mark) if mark == playback.at => None,
                _ => Some(playback.at),
            };
        }
        Msg::Measure(range) => playback.range = range,
        Msg::Enlarge => {
            if let Some((from, to)) = playback.range.take() {
                let (from, to) = (from.min(to), from.max(to));
                playback
                    .zoom
                    .fit(from, to, |width| shown.axis(&playback.unfolded, width));
            }
        }
        Msg::Clear => playback.clear(),
        Msg::Jump(jump, direction) => {
            // Between entries of the same instant the cursor cannot stand: places are instants.
            let at = playback.at;
            let places = jump.of(&shown.jumps);
            let time = |number: u32| shown.entries.get(number as usize).map(|entry| entry.at);
            let index = if direction >= 0 {
                Some(places.partition_point(|number| time(*number) <= Some(at)))
            } else {
                places
                    .partition_point(|number| time(*number) < Some(at))
                    .checked_sub(1)
            };
            let number = index.and_then(|index| places.get(index));
            if let Some(entry) = number.and_then(|number| shown.entries.get(*number as usize)) {
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
            // The axis may be longer, with the run before on it.
            playback.at = playback.advanced(&axis, real_us.into()).min(shown.end);
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
    let query = Query::new(search);
    let mut found = shown
        .tries
        .iter()
        .filter(|row| query.fits(row, &shown.entries))
        .map(|row| (row.began, row.id));
    // They are in the order of their beginnings.
    if direction >= 0 {
        found.find(|(time, _)| *time > at)
    } else {
        found.rfind(|(time, _)| *time < at)
    }
}

/// Brings what is looked at into the middle; what is there already is enlarged until it fills the screen.
fn frame(playback: &mut Playback, shown: &Shown) {
    let measured = playback.measured();
    let stretch = measured.or_else(|| {
        let row = shown.tries.row(shown.selected?)?;
        Some((row.began, row.ended.unwrap_or(shown.end)))
    });
    let Some((from, to)) = stretch else {
        return playback.zoom.all();
    };
    let lay_out = |width| shown.axis(&playback.unfolded, width);
    let before = playback.zoom;
    let mut zoom = before;
    zoom.centre(from, to, lay_out);
    if zoom == before || before.scale <= 1.0 {
        zoom.fit(from, to, lay_out);
    }
    playback.zoom = zoom;
}

/// Shows the moment that a link was made for.
pub fn open_at(model: &mut Model, moment: &Moment) {
    if let Some(shown) = model.run.shown.clone() {
        seek(Arc::make_mut(&mut model.playback), &shown, moment.at);
    }
    if let Some(id) = moment.selected {
        select(model, id);
    }
}

/// Shows of the run what was seen of it when a link was made.
pub fn show(model: &mut Model, sight: Sight) {
    let Some(shown) = model.run.shown.clone() else {
        return;
    };
    let playback = Arc::make_mut(&mut model.playback);
    // Links come from anywhere: of a stretch, only what is in the run.
    let seen = sight.seen.map(|(from, to)| (from, to.min(shown.end)));
    if let Some((from, to)) = seen.filter(|(from, to)| from < to) {
        playback
            .zoom
            .cover(from, to, |width| shown.axis(&playback.unfolded, width));
    }
    playback.find = sight.find;
    playback.order = sight.order;
}

/// What can be set with and without a run.
fn settings(playback: &mut Playback, msg: &Msg) {
    match msg {
        Msg::SetSpeed(speed) => playback.speed = *speed,
        Msg::SkipWaits(skip) => playback.skip_waits = *skip,
        Msg::Measured(width) => playback.zoom.width = width.max(1.0),
        Msg::Find(text) => playback.find.clone_from(text),
        Msg::Sort(order) => playback.order = *order,
        Msg::Inspect(about) => {
            playback.about = *about;
            playback.folded = false;
        }
        Msg::ToggleInspector => playback.folded = !playback.folded,
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
