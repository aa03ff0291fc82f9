//! Painting lanes on a canvas: bars, pauses, marks and counts, in the page's own colours.

use std::cell::Cell;

use web_sys::CanvasRenderingContext2d;

use super::brush::Brush;
use super::layout::Layout;
use super::palette::Colours;
use crate::lambda::event::Usage;
use crate::sim::{SimDuration, SimTime};
use crate::ui::attempts::{AttemptId, Outcome};
use crate::ui::find::Found;
use crate::ui::model::Pointed;
use crate::ui::timeline::strip::{NARROW, crowded, lines, marks, strip};
use crate::ui::timeline::{
    Axis, Bar, BarKind, Counted, Holds, Lane, LaneKind, Mark, MarkKind, Span, Window, quota, words,
};
use crate::ui::trace::{Entries, Tries};
use crate::ui::words::grouped;

/// A narrower bar has no room for words.
const MIN_LABEL: f64 = 34.0;
/// From a bar's edge to its words, in pixels.
const LABEL_PAD: f64 = 6.0;
/// Periods of the CPU quota closer than this, in pixels, are told as a share instead of being drawn.
const MIN_PERIOD: f64 = 12.0;
/// More pauses than this in one bar are told as a share instead of being drawn.
const MOST_PAUSES: usize = 400;
/// Room for a mark's words, in pixels.
const MARK_LABEL: f64 = 80.0;
/// Width of a mark, in pixels.
const MARK_WIDTH: f64 = 11.0;
/// Log marks closer than this, in pixels, are drawn as one.
const MIN_LOG: f64 = 3.0;
/// Width of a column of a count, in pixels.
const COLUMN: f64 = 2.0;
/// How far above the bars those of the run before stand out, in pixels.
const GHOST: f64 = 4.0;

/// What is painted, besides the lanes.
pub struct Look<'a> {
    /// The axis.
    pub axis: &'a Axis,
    /// What of it is on the screen.
    pub window: Window,
    /// Where the cursor stands: what ends later does not yet say how.
    pub at: SimTime,
    /// What is selected, when there is more than one to select.
    pub selected: Option<AttemptId>,
    /// What the pointer is on, here or anywhere else on the page.
    pub hovered: Option<AttemptId>,
    /// What keys point at.
    pub pointed: Option<Pointed>,
    /// What was searched for and found, when something was searched for.
    pub found: Option<&'a Found>,
    /// The trace.
    pub entries: &'a Entries,
    /// The tries in it.
    pub tries: &'a Tries,
    /// The lanes of the run before.
    pub ghost: Option<&'a [Lane]>,
}

/// Paints all lanes that are in sight, and answers for how long that is right. `order` has the lanes' numbers from the top
/// down, the pinned ones first.
pub fn paint(
    canvas: &CanvasRenderingContext2d,
    colours: &Colours,
    lanes: &[Lane],
    order: &[u32],
    layout: Layout,
    look: &Look<'_>,
) -> Holds {
    let holds = Cell::new(Holds::ALWAYS);
    let width = layout.gutter + look.window.width;
    canvas.clear_rect(0.0, 0.0, width, layout.height);
    canvas.set_text_baseline("middle");
    let first = layout.lane_at(layout.foot_of_pinned()).0;
    let scrolled = (first..order.len()).take_while(|index| layout.top_of(*index) <= layout.height);
    // Pinned lanes lie over those that are scrolled beneath them.
    for index in scrolled.chain(0..layout.pinned) {
        let lane = order.get(index).and_then(|lane| lanes.get(*lane as usize));
        let Some(lane) = lane else {
            continue;
        };
        let painter = Painter {
            canvas,
            colours,
            layout,
            look,
            top: layout.top_of(index),
            brush: Brush::new(canvas),
            holds: &holds,
        };
        painter.lane(lane, index);
    }
    holds.get()
}

struct Painter<'a> {
    canvas: &'a CanvasRenderingContext2d,
    colours: &'a Colours,
    layout: Layout,
    look: &'a Look<'a>,
    top: f64,
    brush: Brush<'a>,
    /// For how long all of it is right.
    holds: &'a Cell<Holds>,
}

impl<'a> Painter<'a> {
    /// Whether the clock has come to the end of a bar that is drawn differently then.
    fn is_over(&self, bar: &Bar) -> bool {
        let mut holds = self.holds.get();
        holds.changes(bar.to, self.look.at);
        self.holds.set(holds);
        bar.to <= self.look.at
    }

    fn lane(&self, lane: &Lane, index: usize) {
        let Layout {
            gutter,
            lane: height,
            name,
            ..
        } = self.layout;
        let width = self.look.window.width;
        let pinned = index < self.layout.pinned;
        if pinned {
            self.canvas
                .clear_rect(0.0, self.top, gutter + width, height);
        }
        self.brush.fill(
            &self.colours.well,
            gutter,
            self.top + name,
            width,
            height - name,
        );
        if index > 0 {
            // A darker line parts what is pinned from what is scrolled.
            let colour = if index == self.layout.pinned {
                &self.colours.edge
            } else {
                &self.colours.rule
            };
            self.brush.fill(colour, 0.0, self.top, gutter + width, 1.0);
        }
        let canvas = self.canvas;
        let middle = if gutter > 0.0 {
            height / 2.0
        } else {
            name / 2.0 + 1.0
        };
        let size = if gutter > 0.0 { 13 } else { 11 };
        canvas.set_font(&format!("{size}px system-ui, sans-serif"));
        self.brush.fill_style(&self.colours.ink_2);
        let room = if gutter > 0.0 { gutter - 8.0 } else { width };
        let left = if pinned { 10.0 } else { 0.0 };
        if pinned {
            canvas.begin_path();
            let _ = canvas.arc(3.0, self.top + middle, 3.0, 0.0, std::f64::consts::TAU);
            canvas.fill();
        }
        let _ = canvas.fill_text_with_max_width(&lane.title, left, self.top + middle, room - left);

        canvas.save();
        canvas.begin_path();
        canvas.rect(gutter, self.top, width, height);
        canvas.clip();
        let _ = canvas.translate(gutter, self.top);
        let before = self.look.ghost.and_then(|ghost| {
            let mut lanes = ghost.iter();
            lanes.find(|other| other.kind == lane.kind)
        });
        if let Some(before) = before {
            self.ghost(before);
        }
        if let Some(counted) = &lane.counted {
            let kind = match lane.kind {
                LaneKind::Queue => BarKind::Queued,
                _ => BarKind::Calling,
            };
            self.counted(lane.kind, counted, kind);
        } else {
            for row in &lane.rows {
                for span in strip(row, self.look.axis, self.look.window) {
                    self.span(lane, row, span);
                }
                self.brush.flush();
            }
            for span in strip(&lane.over, self.look.axis, self.look.window) {
                self.span(lane, &lane.over, span);
            }
        }
        self.brush.set_alpha(1.0);
        for x in lines(&lane.lines, self.look.axis, self.look.window, MIN_LOG) {
            self.brush
                .fill(&self.colours.ink_2, x, self.layout.lane - 6.0, 1.0, 5.0);
        }
        self.marks(lane);
        self.brush.restore();
    }

    /// The run before, standing out above and behind.
    fn ghost(&self, lane: &Lane) {
        let rows = lane.rows.len().max(1) as f64;
        let height = Layout::BAR / rows;
        self.brush.set_alpha(0.55);
        for (row, number) in lane.rows.iter().zip(0_u32..) {
            let top = self.layout.bar_top() - GHOST + f64::from(number) * height;
            for span in strip(row, self.look.axis, self.look.window) {
                if span.count == 0 {
                    continue;
                }
                let x = span.x.max(-10.0);
                let width = (span.x + span.width).min(self.look.window.width + 10.0) - x;
                self.brush
                    .fill(&self.colours.edge, x, top, width, height + GHOST - 1.0);
                if width > 4.0 {
                    let inner = height + GHOST - 3.0;
                    self.brush
                        .fill(&self.colours.well, x + 1.0, top + 1.0, width - 2.0, inner);
                }
            }
        }
        self.brush.set_alpha(1.0);
    }

    /// How many at a time, as a mountain.
    fn counted(&self, lane: LaneKind, counted: &Counted, kind: BarKind) {
        let columns = counted.columns(self.look.axis, self.look.window, COLUMN);
        let most = counted.most();
        let foot = self.layout.bar_top() + Layout::BAR;
        for (x, count) in columns.into_iter().filter(|(_, count)| *count > 0) {
            let height = (Layout::BAR * f64::from(count) / f64::from(most.max(1))).max(1.0);
            let colour = &self.colours.of(kind)[0];
            self.brush.block(colour, x, foot - height, COLUMN, height);
        }
        self.canvas.set_font("11px system-ui, sans-serif");
        self.brush.fill_style(&self.colours.ink);
        let text = format!("at most {} at a time", grouped(most.into()));
        let _ = self
            .canvas
            .fill_text(&text, 6.0, self.layout.bar_top() + 7.0);
        if let Some(pointed) = self.look.pointed.filter(|pointed| pointed.lane == lane) {
            let x = self.look.axis.x(pointed.from) - self.look.window.left;
            let top = self.layout.bar_top() - 1.0;
            self.brush.outline(
                &self.colours.focus,
                2.5,
                [x - 2.0, top, 6.0, Layout::BAR + 2.0],
            );
        }
    }

    /// Whether a bar is that of a try: a handler's of that very try, anything else of its request.
    fn is_of(bar: &Bar, id: Option<AttemptId>) -> bool {
        let (Some(of), Some(id)) = (bar.attempt, id) else {
            return false;
        };
        match bar.kind {
            BarKind::Handler => of == id,
            _ => of.invocation == id.invocation,
        }
    }

    fn are_of(bars: &[Bar], id: Option<AttemptId>) -> bool {
        id.is_some() && bars.iter().any(|bar| Self::is_of(bar, id))
    }

    fn span(&self, lane: &Lane, row: &[Bar], span: Span) {
        let bars = row.get(span.bar..span.bar + span.run).unwrap_or_default();
        let Some(bar) = bars.iter().find(|bar| bar.kind == span.kind) else {
            return;
        };
        let rows = lane.rows.len().max(1) as f64;
        let gap = if rows > 1.0 { 1.0 } else { 0.0 };
        let height = Layout::BAR / rows - gap;
        let top = self.layout.bar_top() + f64::from(bar.row) * (height + gap);
        // What is off the screen need not be painted.
        let x = span.x.max(-10.0);
        let width = (span.x + span.width).min(self.look.window.width + 10.0) - x;
        let canvas = self.canvas;
        if span.kind == BarKind::Idle {
            let middle = self.layout.bar_top() + Layout::BAR / 2.0 - 1.0;
            return self.brush.fill(&self.colours.edge, x, middle, width, 2.0);
        }
        let tries = self.look.tries;
        let found = self.look.found.is_none_or(|found| {
            let mut ids = bars.iter().filter_map(|bar| bar.attempt);
            ids.any(|id| found.has(tries, id))
        });
        self.brush.set_alpha(if found { 1.0 } else { 0.22 });
        let [fill, ink] = self.colours.of(span.kind);
        let mut hatched = false;
        if span.kind == BarKind::Backoff {
            self.brush.flush();
            canvas.set_stroke_style_str(fill);
            let _ = canvas.set_line_dash(&js_sys::Array::of2(&3.0.into(), &3.0.into()).into());
            canvas.stroke_rect(x + 0.5, top + 0.5, (width - 1.0).max(1.0), height - 1.0);
            let _ = canvas.set_line_dash(&js_sys::Array::new().into());
        } else {
            self.brush.block(fill, x, top, width, height);
            if span.count == 1 && width >= MIN_PERIOD {
                hatched = self.inside(bar, span, top, height);
            }
        }
        // How it went is only told when the clock has got there.
        let quiet = matches!(span.kind, BarKind::Queued | BarKind::Backoff);
        let bad = !quiet && span.outcome.key() == "bad" && self.is_over(bar);
        if bad {
            let foot = if height > 8.0 { 4.0 } else { height / 2.0 };
            self.brush
                .fill(&self.colours.bad, x, top + height - foot, width, foot);
        }
        if span.count == 1 && width >= MIN_LABEL && height >= 10.0 {
            let words = words::bar(bar, self.look.entries);
            let label = match words.after {
                Some(after) if self.is_over(bar) => after,
                _ => words.label,
            };
            let sign = match span.outcome {
                _ if !bad => "",
                Outcome::TimedOut | Outcome::Failed | Outcome::Refused => "✕ ",
                _ => "",
            };
            let size = if height >= 20.0 { 12 } else { 10 };
            canvas.set_font(&format!("{size}px system-ui, sans-serif"));
            let left = x.max(0.0) + LABEL_PAD;
            let room = (x + width).min(self.look.window.width) - left - LABEL_PAD / 2.0;
            if let Some((text, length)) = self.brush.fitting(&format!("{sign}{label}"), room) {
                if hatched {
                    // Words are never read through hatching.
                    self.brush
                        .fill(fill, left - 3.0, top + 3.0, length + 6.0, height - 6.0);
                }
                let colour = if bar.kind == BarKind::Backoff {
                    &self.colours.ink_2
                } else {
                    ink
                };
                self.brush.fill_style(colour);
                let middle = top + height / 2.0 - if bad { 1.0 } else { 0.0 };
                let _ = canvas.fill_text(&text, left, middle);
            }
        }
        let outline = |colour: &str, thick: f64| {
            let around = [x - 1.0, top - 1.0, width + 2.0, height + 2.0];
            self.brush.outline(colour, thick, around);
        };
        let pointed = self.look.pointed.is_some_and(|pointed| {
            pointed.lane == lane.kind
                && bars
                    .iter()
                    .any(|bar| (bar.from, bar.row) == (pointed.from, pointed.row))
        });
        if pointed {
            outline(&self.colours.focus, 2.5);
        } else if Self::are_of(bars, self.look.selected) {
            outline(&self.colours.ink, 1.5);
        } else if Self::are_of(bars, self.look.hovered) {
            outline(&self.colours.edge, 1.5);
        }
    }

    /// Where the bar's time went: the quota's pauses where they are, when they are known and wide enough; else shares.
    /// Answers whether something was drawn where words stand.
    fn inside(&self, bar: &Bar, span: Span, top: f64, height: f64) -> bool {
        let Some(usage) = words::usage(bar, self.look.entries) else {
            return false;
        };
        if usage.frozen == SimDuration::ZERO && usage.waited == SimDuration::ZERO {
            return false;
        }
        if bar.kind == BarKind::Handler && self.pauses(bar, &usage, span, top, height) {
            return true;
        }
        let whole = usage.duration.as_nanos();
        if whole == 0 {
            return false;
        }
        let part = |length: SimDuration| span.width * length.as_nanos() as f64 / whole as f64;
        let (cpu, frozen) = (part(usage.cpu), part(usage.frozen));
        let foot = top + height - 6.0;
        self.frozen(span.x + cpu, foot, frozen, 6.0);
        let waited = span.width - cpu - frozen;
        if usage.waited > SimDuration::ZERO {
            self.brush
                .fill(&self.colours.well, span.x + cpu + frozen, foot, waited, 6.0);
        }
        true
    }

    /// The quota's pauses; answers whether they could be drawn.
    fn pauses(&self, bar: &Bar, usage: &Usage, span: Span, top: f64, height: f64) -> bool {
        let Some(pauses) = quota::pauses(bar.from, usage, MOST_PAUSES) else {
            return false;
        };
        let (axis, window) = (self.look.axis, self.look.window);
        let apart = match pauses.as_slice() {
            [first, second, ..] => axis.x(second.0) - axis.x(first.0) >= MIN_PERIOD,
            _ => true,
        };
        if !apart {
            return false;
        }
        for (from, to) in pauses {
            let (x, end) = (axis.x(from) - window.left, axis.x(to) - window.left);
            if end >= 0.0 && x <= window.width {
                let width = (end - x).max(1.0).min(span.x + span.width - x);
                self.frozen(x, top, width, height);
            }
        }
        true
    }

    /// The hatching of a pause.
    fn frozen(&self, x: f64, top: f64, width: f64, height: f64) {
        let left = x.max(-8.0);
        let right = (x + width).min(self.look.window.width + 8.0);
        if right <= left {
            return;
        }
        self.brush
            .fill(&self.colours.frozen, left, top, right - left, height);
        let canvas = self.canvas;
        canvas.save();
        canvas.begin_path();
        canvas.rect(left, top, right - left, height);
        canvas.clip();
        canvas.set_stroke_style_str(&self.colours.hatch);
        canvas.begin_path();
        // Stripes keep their place on the axis, so that they do not swim while one pans.
        let mut stripe = ((left - height) / 5.0).floor() * 5.0;
        while stripe < right {
            canvas.move_to(stripe, top + height);
            canvas.line_to(stripe + height, top);
            stripe += 5.0;
        }
        canvas.stroke();
        self.brush.restore();
    }

    fn marks(&self, lane: &Lane) {
        let marks = marks(&lane.marks, self.look.axis, self.look.window);
        let places: Vec<f64> = marks.iter().map(|(x, _)| *x).collect();
        let crowded = crowded(&places, MARK_WIDTH);
        // Marks that would cover each other are a line; what went wrong stands out of it.
        let (quiet, apart): (Vec<_>, Vec<_>) =
            marks.iter().enumerate().partition(|(index, (_, mark))| {
                let loud = words::is_bad(mark.kind) || mark.kind == MarkKind::CutOff;
                !loud && crowded.get(*index) == Some(&true)
            });
        let middle = self.layout.bar_top() + Layout::BAR / 2.0;
        for (_, (x, _)) in quiet {
            self.brush
                .block(&self.colours.ink_2, *x, middle - 2.0, NARROW, 4.0);
        }
        self.brush.flush();
        let mut labelled = f64::NEG_INFINITY;
        for (_, (x, mark)) in apart {
            labelled = self.mark(lane, mark, *x, labelled);
        }
    }

    /// Paints a mark; answers up to where its words reach.
    fn mark(&self, lane: &Lane, mark: &Mark, x: f64, labelled: f64) -> f64 {
        let canvas = self.canvas;
        let middle = self.layout.bar_top() + Layout::BAR / 2.0;
        let colour = match mark.kind {
            kind if words::is_bad(kind) => &self.colours.bad,
            MarkKind::CutOff => &self.colours.warn,
            _ => &self.colours.ink_2,
        };
        self.brush.fill_style(colour);
        if mark.kind == MarkKind::CutOff {
            canvas.fill_rect(x - 1.0, 0.0, 2.0, self.layout.lane);
        } else {
            canvas.begin_path();
            canvas.move_to(x, middle - 5.5);
            canvas.line_to(x + 5.5, middle);
            canvas.line_to(x, middle + 5.5);
            canvas.line_to(x - 5.5, middle);
            canvas.fill();
        }
        // Of a count the number matters more.
        if x < labelled || lane.counted.is_some() {
            return labelled;
        }
        let (label, _) = words::mark(mark, lane.kind, self.look.entries);
        if label.is_empty() {
            return labelled;
        }
        canvas.set_font("11px system-ui, sans-serif");
        let length = canvas.measure_text(&label).map_or(40.0, |it| it.width());
        // At the right edge the words stand on the other side.
        let before = self.look.window.width - x < MARK_LABEL;
        let left = if before { x - length - 10.0 } else { x + 9.0 };
        self.brush.fill(
            &self.colours.well,
            left - 2.0,
            middle - 8.0,
            length + 4.0,
            16.0,
        );
        self.brush.fill_style(colour);
        let _ = canvas.fill_text(&label, left, middle);
        if before { x } else { left + length + 6.0 }
    }
}
