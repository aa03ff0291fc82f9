//! Bars of the timeline, for whoever uses keys.

use std::sync::Arc;

use super::super::msg::Effect;
use super::super::shown::Shown;
use super::super::{Model, Pointed};
use super::clock;
use crate::sim::SimTime;
use crate::ui::timeline::{Bar, BarKind, Lane, words};

/// Points at another bar, and says which.
pub fn point(model: &mut Model, along: i8, lanes: i8, effects: &mut Vec<Effect>) {
    let Some(shown) = model.run.shown.clone() else {
        return;
    };
    let found = match model.playback.pointed {
        // The first press points at what is selected, or at the first bar there is.
        None => selected(&shown).or_else(|| {
            let mut lanes = shown.lanes.iter();
            lanes.find_map(|lane| nearest(lane, SimTime::ZERO))
        }),
        Some(now) if lanes != 0 => other_lane(&shown.lanes, now, lanes),
        Some(now) => neighbour(&shown.lanes, now, along),
    };
    let Some((lane, bar)) = found else {
        return;
    };
    let playback = Arc::make_mut(&mut model.playback);
    playback.pointed = Some(Pointed {
        lane: lane.kind,
        from: bar.from,
        row: bar.row,
    });
    let at = playback.zoom;
    if at.scale > 1.0 {
        let axis = shown.axis(&playback.unfolded, at.axis_width());
        playback.zoom.follow(axis.x(bar.from), &axis);
    }
    let told = words::bar(bar, &shown.entries);
    effects.push(Effect::Announce(format!("{}: {}", lane.title, told.detail)));
}

/// Selects the attempt of the bar that keys point at, and goes to its beginning.
pub fn select_pointed(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(shown) = model.run.shown.clone() else {
        return;
    };
    let bar = model
        .playback
        .pointed
        .and_then(|pointed| find(&shown.lanes, pointed));
    let Some((_, bar)) = bar else {
        return;
    };
    if let Some(id) = bar.attempt {
        clock::select(model, id);
        let number = u64::from(id.invocation.0) + 1;
        effects.push(Effect::Announce(format!("Request {number} is selected.")));
    }
}

/// The bar that keys point at.
pub fn find(lanes: &[Lane], pointed: Pointed) -> Option<(&Lane, &Bar)> {
    let lane = lanes.iter().find(|lane| lane.kind == pointed.lane)?;
    let row = lane.rows.get(usize::from(pointed.row))?;
    let index = row.partition_point(|bar| bar.from < pointed.from);
    Some((lane, row.get(index)?))
}

fn selected(shown: &Shown) -> Option<(&Lane, &Bar)> {
    let row = shown.tries.row(shown.selected?)?;
    let lane = shown.lanes.iter().find(|lane| match lane.kind {
        crate::ui::timeline::LaneKind::Environment(id) => row.environment == Some(id),
        _ => false,
    })?;
    let bars = lane.rows.first()?;
    let index = bars.partition_point(|bar| bar.from < row.began);
    let bars = bars.get(index..)?;
    let bar = bars.iter().find(|bar| bar.attempt == Some(row.id))?;
    Some((lane, bar))
}

/// The bar that is nearest to a time.
fn nearest(lane: &Lane, at: SimTime) -> Option<(&Lane, &Bar)> {
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
    Some((lane, best?))
}

fn other_lane(lanes: &[Lane], now: Pointed, by: i8) -> Option<(&Lane, &Bar)> {
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
fn neighbour(lanes: &[Lane], now: Pointed, by: i8) -> Option<(&Lane, &Bar)> {
    let lane = lanes.iter().find(|lane| lane.kind == now.lane)?;
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
    Some((lane, best?))
}
