//! The timeline of a whole run: who waited for whom, and what ran where.

use std::collections::{BTreeMap, BTreeSet};

use super::{Figure, alt};
use crate::export::svg::{Anchor, Palette, Place, Svg};
use crate::lambda::event::{Entry, EnvironmentId, InvocationId, InvocationType};
use crate::sim::{SimDuration, SimTime};
use crate::trigger::names;
use crate::ui::attempts::{Attempt, attempts};
use crate::ui::timeline::axis::{Axis, instant};

const MARGIN: f64 = 16.0;
/// Room for the lanes' names.
const GUTTER: f64 = 112.0;
/// Room for the ruler.
const RULER: f64 = 22.0;
const LANE: f64 = 34.0;
const BAR: f64 = 20.0;
/// A narrower bar has no room for words.
const NARROW: f64 = 34.0;
/// More environments than these are only counted.
const MOST_ROOMS: usize = 12;
/// More tries than these are not told one by one.
const MOST_TOLD: usize = 6;

/// Something that lasts.
struct Bar {
    from: SimTime,
    to: SimTime,
    colours: [&'static str; 2],
    words: String,
    bad: bool,
}

struct Lane {
    title: String,
    bars: Vec<Bar>,
    /// Whether it is an environment: where none is busy, long gaps are folded.
    room: bool,
}

/// The timeline of a trace that lasts until `end`, so many pixels wide.
pub fn timeline(entries: &[Entry], end: SimTime, width: f64, palette: &Palette) -> Figure {
    let attempts = attempts(entries);
    let (lanes, left_out) = lanes(&attempts, end, palette);
    let busy: Vec<_> = lanes
        .iter()
        .filter(|lane| lane.room)
        .flat_map(|lane| &lane.bars)
        .map(|bar| (bar.from, bar.to))
        .collect();
    let instants = entries.iter().map(|entry| entry.at).chain([end]);
    let room = (width - 2.0 * MARGIN - GUTTER).max(100.0);
    let axis = Axis::layout(instants, &busy, &BTreeSet::new(), room);
    let foot = if left_out > 0 { 18.0 } else { 0.0 };
    let height = 2.0 * MARGIN + RULER + LANE * lanes.len() as f64 + foot;
    let mut svg = Svg::new(width, height, palette.paper);
    let left = MARGIN + GUTTER;
    ruler(&mut svg, &axis, left, palette);
    for (index, lane) in lanes.iter().enumerate() {
        let top = MARGIN + RULER + LANE * index as f64;
        draw(&mut svg, lane, &axis, (left, top), room, palette);
    }
    folds(&mut svg, &axis, left, LANE * lanes.len() as f64, palette);
    if left_out > 0 {
        let place = Place {
            x: left,
            y: height - MARGIN,
            anchor: Anchor::Start,
            room,
        };
        let text = format!("{left_out} environments more are not drawn.");
        svg.words(place, 11.0, false, palette.ink_2, &text);
    }
    let rooms = lanes.iter().filter(|lane| lane.room).count();
    let alt = told(&attempts, end, left_out + rooms);
    Figure {
        svg: svg.finish("Timeline of a run in AWS Lambda", &alt),
        alt,
        size: (width as u32, height.ceil() as u32),
    }
}

/// Callers first, then the queue of asynchronous events if there were any, then each environment; and how many environments
/// found no room.
fn lanes(attempts: &[Attempt], end: SimTime, palette: &Palette) -> (Vec<Lane>, usize) {
    let triggers: BTreeSet<&str> = attempts.iter().map(|it| it.trigger.as_str()).collect();
    let mut iter = triggers.into_iter();
    let title = match (iter.next(), iter.next()) {
        (Some(one), None) => names::name_of(one).to_owned(),
        _ => "Callers".to_owned(),
    };
    let mut callers = Lane {
        title,
        bars: Vec::new(),
        room: false,
    };
    let mut rooms: BTreeMap<EnvironmentId, Vec<Bar>> = BTreeMap::new();
    for attempt in attempts {
        if attempt.id.attempt == 1 || attempt.refused.is_some() {
            callers.bars.push(waiting(attempt, end, palette));
        }
        let Some(ran) = &attempt.ran else {
            continue;
        };
        let bars = rooms.entry(ran.environment).or_default();
        if let Some(init) = &ran.init {
            let begun = ran.started.since(SimTime::ZERO).as_nanos();
            let length = init.duration.as_nanos().min(begun);
            bars.push(Bar {
                from: SimTime::from_nanos(begun - length),
                to: ran.started,
                colours: palette.init,
                words: format!("Init {}", init.duration),
                bad: false,
            });
        }
        let to = ran.finished.as_ref().map_or(end, |finished| finished.at);
        let bad = attempt.outcome().key() == "bad";
        bars.push(Bar {
            from: ran.started,
            to,
            colours: palette.handler,
            words: match bad {
                true => format!("✕ {}", attempt.outcome().word()),
                false => to.since(ran.started).to_string(),
            },
            bad,
        });
    }
    let left_out = rooms.len().saturating_sub(MOST_ROOMS);
    let mut lanes = vec![callers];
    let bars = queued(attempts, end, palette);
    if !bars.is_empty() {
        lanes.push(Lane {
            title: "Event queue".to_owned(),
            bars,
            room: false,
        });
    }
    lanes.extend(rooms.into_iter().take(MOST_ROOMS).map(|(id, bars)| Lane {
        title: format!("Environment {}", id.0 + 1),
        bars,
        room: true,
    }));
    (lanes, left_out)
}

/// The waits of asynchronous events: from their arrival, or from the end of the try before, until the next one begins.
fn queued(attempts: &[Attempt], end: SimTime, palette: &Palette) -> Vec<Bar> {
    let mut before: BTreeMap<InvocationId, SimTime> = BTreeMap::new();
    let mut bars = Vec::new();
    for attempt in attempts
        .iter()
        .filter(|it| it.kind == InvocationType::Event)
    {
        let invocation = attempt.id.invocation;
        let from = before.remove(&invocation).unwrap_or(attempt.received);
        let refused = attempt.refused.as_ref().map(|(at, _)| *at);
        let begun = attempt.ran.as_ref().map(|ran| {
            let init = ran.init.as_ref().map(|init| init.duration.as_nanos());
            let started = ran.started.since(SimTime::ZERO).as_nanos();
            SimTime::from_nanos(started.saturating_sub(init.unwrap_or_default()))
        });
        let to = begun.or(refused).unwrap_or(end).max(from);
        bars.push(Bar {
            from,
            to,
            colours: palette.queue,
            words: format!("{}: {}", invocation.0 + 1, to.since(from)),
            bad: false,
        });
        let finished = attempt.ran.as_ref().and_then(|ran| ran.finished.as_ref());
        if let Some(at) = finished.map(|finished| finished.at).or(refused) {
            before.insert(invocation, at);
        }
    }
    bars.sort_by_key(|bar| bar.from);
    bars
}

/// The caller's wait: until it has its answer; for asynchronous calls the wait of the event.
fn waiting(attempt: &Attempt, end: SimTime, palette: &Palette) -> Bar {
    let asynchronous = attempt.kind == InvocationType::Event;
    let refused = attempt.refused.as_ref().map(|(at, _)| *at);
    let answered = attempt.caller.as_ref().map(|(at, _)| *at);
    let to = refused.or(answered).unwrap_or(end).max(attempt.received);
    let number = attempt.id.invocation.0 + 1;
    Bar {
        from: attempt.received,
        to,
        colours: palette.calling,
        words: match asynchronous {
            true => format!("{number}: 202"),
            false => number.to_string(),
        },
        bad: refused.is_some(),
    }
}

fn ruler(svg: &mut Svg, axis: &Axis, left: f64, palette: &Palette) {
    for tick in axis.ticks(0.0, axis.width()) {
        let x = left + tick.x;
        let y = MARGIN + RULER;
        svg.line((x, y - 6.0), (x, y), palette.edge, false);
        let place = Place {
            x: x + 3.0,
            y: y - 8.0,
            anchor: Anchor::Start,
            room: 120.0,
        };
        svg.words(place, 11.0, false, palette.ink_2, &tick.label);
    }
}

fn draw(
    svg: &mut Svg,
    lane: &Lane,
    axis: &Axis,
    (left, top): (f64, f64),
    room: f64,
    palette: &Palette,
) {
    svg.rect([left, top, room, LANE - 1.0], 0.0, palette.well, None);
    let place = Place {
        x: MARGIN,
        y: top + LANE / 2.0 + 4.0,
        anchor: Anchor::Start,
        room: GUTTER - 8.0,
    };
    svg.words(place, 12.0, false, palette.ink_2, &lane.title);
    let y = top + (LANE - BAR) / 2.0;
    let mut right: f64 = 0.0;
    for bar in &lane.bars {
        let (from, to) = (axis.x(bar.from), axis.x(bar.to));
        let width = (to - from).max(1.5);
        // Of bars that would lie on each other, as those of a load do, one is drawn.
        if to < right && !bar.bad {
            continue;
        }
        right = right.max(to.max(from + 1.5));
        let x = left + from;
        svg.rect([x, y, width, BAR], 0.0, bar.colours[0], None);
        if bar.bad {
            svg.rect([x, y + BAR - 4.0, width, 4.0], 0.0, palette.bad, None);
        }
        if width >= NARROW {
            let place = Place {
                x: x + 5.0,
                y: y + 14.0,
                anchor: Anchor::Start,
                room: width - 8.0,
            };
            svg.words(place, 11.0, false, bar.colours[1], &bar.words);
        }
    }
}

/// Gaps in which nothing ran, with their lengths.
fn folds(svg: &mut Svg, axis: &Axis, left: f64, height: f64, palette: &Palette) {
    for piece in axis.pieces().iter().filter(|piece| piece.folded) {
        let (x, width) = (left + piece.left, piece.right - piece.left);
        let top = MARGIN + RULER;
        svg.rect(
            [x, top, width, height],
            0.0,
            palette.paper,
            Some(palette.rule),
        );
        let place = Place {
            x: x + width / 2.0,
            y: top + height / 2.0 + 4.0,
            anchor: Anchor::Middle,
            room: width.max(60.0),
        };
        svg.words(place, 11.0, false, palette.ink_2, &piece.span().to_string());
    }
}

fn told(attempts: &[Attempt], end: SimTime, rooms: usize) -> String {
    let length: SimDuration = end.since(SimTime::ZERO);
    let environments = match rooms {
        1 => "one execution environment".to_owned(),
        many => format!("{many} execution environments"),
    };
    let mut parts = vec![format!(
        "A run of {length}: {} in {environments}.",
        match attempts.len() {
            1 => "one try".to_owned(),
            many => format!("{many} tries"),
        }
    )];
    for attempt in attempts.iter().take(MOST_TOLD) {
        let at = attempt
            .ran
            .as_ref()
            .map_or(attempt.received, |ran| ran.started);
        let cold = match &attempt.ran {
            Some(ran) if ran.cold => ", with a cold start",
            _ => "",
        };
        parts.push(format!(
            "Request {}, try {}, at {}: {}{cold}.",
            attempt.id.invocation.0 + 1,
            attempt.id.attempt,
            instant(at),
            attempt.outcome().word().to_lowercase()
        ));
    }
    if attempts.len() > MOST_TOLD {
        let rest = &attempts[MOST_TOLD..];
        let bad = rest.iter().filter(|it| it.outcome().key() == "bad").count();
        parts.push(format!("{} more, {bad} of them failed.", rest.len()));
    }
    alt(&parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_trace_is_an_empty_timeline() {
        let figure = timeline(&[], SimTime::ZERO, 960.0, &Palette::DARK);
        assert!(figure.svg.contains("Timeline of a run"));
        assert!(
            figure.alt.contains("0 tries in 0 execution environments"),
            "{}",
            figure.alt
        );
    }
}
