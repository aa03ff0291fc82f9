//! Bars of the timeline, for whoever uses keys.

use std::sync::Arc;

use super::super::msg::Effect;
use super::super::shown::Shown;
use super::super::{Model, Pointed};
use super::clock;
use crate::sim::SimTime;
use crate::ui::timeline::{Axis, Bar, BarKind, Lane, LaneKind, axis, words};

/// Somewhere in a lane that keys can point at: a bar, or a change of how many there are at a time.
struct Stop<'l> {
    lane: &'l Lane,
    from: SimTime,
    row: u8,
    bar: Option<&'l Bar>,
}

impl<'l> Stop<'l> {
    fn bar(lane: &'l Lane, bar: &'l Bar) -> Self {
        Self {
            lane,
            from: bar.from,
            row: bar.row,
            bar: Some(bar),
        }
    }

    fn count(lane: &'l Lane, from: SimTime) -> Self {
        Self {
            lane,
            from,
            row: 0,
            bar: None,
        }
    }

    fn told(&self, shown: &Shown) -> String {
        let title = &self.lane.title;
        match (self.bar, &self.lane.counted) {
            (Some(bar), _) => format!("{title}: {}", words::bar(bar, &shown.entries).detail),
            (None, Some(counted)) => format!(
                "{title}: {} at a time, from {}",
                counted.at(self.from),
                axis::instant(self.from)
            ),
            (None, None) => title.clone(),
        }
    }
}

/// Points at another bar, and says which.
pub fn point(model: &mut Model, along: i8, lanes: i8, effects: &mut Vec<Effect>) {
    let Some(shown) = model.run.shown.clone() else {
        return;
    };
    let playback = Arc::make_mut(&mut model.playback);
    let axis = shown.axis(&playback.unfolded, playback.zoom.axis_width());
    let found = match playback.pointed {
        // The first press points at what is selected, or at the first bar there is.
        None => selected(&shown).or_else(|| {
            let mut lanes = shown.lanes.iter();
            lanes.find_map(|lane| nearest(lane, SimTime::ZERO))
        }),
        Some(now) if lanes != 0 => other_lane(&shown.lanes, now, lanes),
        Some(now) => neighbour(&shown.lanes, now, along, &axis),
    };
    let Some(stop) = found else {
        return;
    };
    playback.pointed = Some(Pointed {
        lane: stop.lane.kind,
        from: stop.from,
        row: stop.row,
    });
    if playback.zoom.scale > 1.0 {
        playback.zoom.follow(axis.x(stop.from), &axis);
    }
    effects.push(Effect::Announce(stop.told(&shown)));
}

/// Selects the attempt of the bar that keys point at; of a count, the one that began there or next.
pub fn select_pointed(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some((shown, pointed)) = model.run.shown.clone().zip(model.playback.pointed) else {
        return;
    };
    let id = match find(&shown.lanes, pointed) {
        Some((_, bar)) => bar.attempt,
        None => {
            let mut rows = shown.tries.iter();
            rows.find(|row| row.began >= pointed.from).map(|row| row.id)
        }
    };
    if let Some(id) = id {
        clock::select(model, id);
        let number = u64::from(id.invocation.0) + 1;
        effects.push(Effect::Announce(format!("Request {number} is selected.")));
    }
}

/// Pins a lane to the top, or lets it go.
pub fn pin(model: &mut Model, lane: Option<LaneKind>, effects: &mut Vec<Effect>) {
    let Some(shown) = model.run.shown.clone() else {
        return;
    };
    let pointed = model.playback.pointed.map(|pointed| pointed.lane);
    let wanted = lane
        .or(pointed)
        .or_else(|| Some(selected(&shown)?.lane.kind));
    let lane = shown.lanes.iter().find(|lane| Some(lane.kind) == wanted);
    let Some(lane) = lane else {
        return;
    };
    let playback = Arc::make_mut(&mut model.playback);
    playback.pin(lane.kind);
    let now = match playback.pinned.contains(&lane.kind) {
        true => "is pinned to the top",
        false => "is not pinned",
    };
    effects.push(Effect::Announce(format!("{} {now}.", lane.title)));
}

/// The bar that keys point at.
pub fn find(lanes: &[Lane], pointed: Pointed) -> Option<(&Lane, &Bar)> {
    let lane = lanes.iter().find(|lane| lane.kind == pointed.lane)?;
    let row = lane.rows.get(usize::from(pointed.row))?;
    let index = row.partition_point(|bar| bar.from < pointed.from);
    Some((lane, row.get(index)?))
}

fn selected(shown: &Shown) -> Option<Stop<'_>> {
    let row = shown.tries.row(shown.selected?)?;
    let lane = shown.lanes.iter().find(|lane| match lane.kind {
        crate::ui::timeline::LaneKind::Environment(id) => row.environment == Some(id),
        _ => false,
    })?;
    let bars = lane.rows.first()?;
    let index = bars.partition_point(|bar| bar.from < row.began);
    let bars = bars.get(index..)?;
    let bar = bars.iter().find(|bar| bar.attempt == Some(row.id))?;
    Some(Stop::bar(lane, bar))
}

/// The bar that is nearest to a time.
fn nearest(lane: &Lane, at: SimTime) -> Option<Stop<'_>> {
    if let Some(counted) = &lane.counted {
        return Some(Stop::count(lane, counted.change_near(at)?));
    }
    let mut best: Option<&Bar> = None;
    for row in &lane.rows {
        let index = row.partition_point(|bar| bar.to < at);
        let around = row.get(index.saturating_sub(2)..).unwrap_or_default();
        for bar in around
            .iter()
            .take(5)
            .filter(|bar| bar.kind != BarKind::Idle)
        {
            let distance = |bar: &Bar| {
                let before = at.since(bar.to);
                before.max(bar.from.since(at))
            };
            if best.is_none_or(|best| distance(bar) < distance(best)) {
                best = Some(bar);
            }
        }
    }
    Some(Stop::bar(lane, best?))
}

fn other_lane(lanes: &[Lane], now: Pointed, by: i8) -> Option<Stop<'_>> {
    let index = lanes.iter().position(|lane| lane.kind == now.lane)?;
    if by > 0 {
        let mut below = lanes.iter().skip(index + 1);
        below.find_map(|lane| nearest(lane, now.from))
    } else {
        let mut above = lanes.iter().take(index).rev();
        above.find_map(|lane| nearest(lane, now.from))
    }
}

/// The next or previous bar of the same lane, in the order of their beginnings.
fn neighbour<'l>(lanes: &'l [Lane], now: Pointed, by: i8, axis: &Axis) -> Option<Stop<'l>> {
    let lane = lanes.iter().find(|lane| lane.kind == now.lane)?;
    if let Some(counted) = &lane.counted {
        return Some(Stop::count(
            lane,
            counted.change_beside(now.from, by, axis)?,
        ));
    }
    let key = (now.from, now.row);
    let mut best: Option<&Bar> = None;
    for row in &lane.rows {
        let found = if by > 0 {
            let index = row.partition_point(|bar| (bar.from, bar.row) <= key);
            let mut rest = row.get(index..).unwrap_or_default().iter();
            rest.find(|bar| bar.kind != BarKind::Idle)
        } else {
            let index = row.partition_point(|bar| (bar.from, bar.row) < key);
            let mut rest = row.get(..index).unwrap_or_default().iter().rev();
            rest.find(|bar| bar.kind != BarKind::Idle)
        };
        let Some(bar) = found else {
            continue;
        };
        let nearer = best.is_none_or(|best| {
            let (a, b) = ((bar.from, bar.row), (best.from, best.row));
            if by > 0 { a < b } else { a > b }
        });
        if nearer {
            best = Some(bar);
        }
    }
    Some(Stop::bar(lane, best?))
}
