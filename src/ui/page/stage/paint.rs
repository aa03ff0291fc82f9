//! Painting lanes on a canvas: bars, pauses, marks and counts, in the page's own colours.

use std::collections::BTreeSet;

use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, Element};

use crate::sim::{SimDuration, SimTime};
use crate::ui::attempts::{AttemptId, Outcome};
use crate::ui::timeline::strip::{counts, strip};
use crate::ui::timeline::{Axis, Bar, BarKind, Lane, Mark, MarkKind, Rows, Span, Window};
use crate::ui::words;

/// A narrower bar has no room for words.
const MIN_LABEL: f64 = 34.0;
/// Pauses closer than this, in pixels, are told as a share instead of being drawn.
const MIN_PERIOD: f64 = 12.0;
/// Room for a mark's words, in pixels.
const MARK_LABEL: f64 = 80.0;
/// Log marks closer than this, in pixels, are drawn as one.
const MIN_LOG: f64 = 3.0;
/// Width of a column of a count, in pixels.
const COLUMN: f64 = 2.0;

/// The colours, read from the style sheets: a canvas does not follow themes by itself.
pub struct Palette {
    host: Element,
}

impl Palette {
    /// Reads from the swatches in this element.
    pub fn new(host: Element) -> Self {
        Self { host }
    }

    /// The names of all swatches.
    pub const NAMES: [&'static str; 17] = [
        "handler",
        "handler-ink",
        "init",
        "init-ink",
        "queue",
        "queue-ink",
        "calling",
        "calling-ink",
        "frozen",
        "hatch",
        "edge",
        "rule",
        "well",
        "ink",
        "ink-2",
        "bad",
        "warn",
    ];

    fn colour(&self, name: &str) -> String {
        let found = self.host.query_selector(&format!(".palette-{name}"));
        let swatch = found.ok().flatten();
        swatch
            .and_then(|swatch| {
                let style = leptos::prelude::window()
                    .get_computed_style(&swatch)
                    .ok()??;
                style.get_property_value("background-color").ok()
            })
            .unwrap_or_else(|| "gray".to_owned())
    }
}

struct Colours {
    handler: [String; 2],
    init: [String; 2],
    queue: [String; 2],
    calling: [String; 2],
    frozen: String,
    hatch: String,
    edge: String,
    rule: String,
    well: String,
    ink: String,
    ink_2: String,
    bad: String,
    warn: String,
}

impl Colours {
    fn read(palette: &Palette) -> Self {
        let one = |name: &str| palette.colour(name);
        let pair = |name: &str| [one(name), one(&format!("{name}-ink"))];
        Self {
            handler: pair("handler"),
            init: pair("init"),
            queue: pair("queue"),
            calling: pair("calling"),
            frozen: one("frozen"),
            hatch: one("hatch"),
            edge: one("edge"),
            rule: one("rule"),
            well: one("well"),
            ink: one("ink"),
            ink_2: one("ink-2"),
            bad: one("bad"),
            warn: one("warn"),
        }
    }

    fn of(&self, kind: BarKind) -> &[String; 2] {
        match kind {
            BarKind::Calling => &self.calling,
            BarKind::Queued | BarKind::Backoff => &self.queue,
            BarKind::Init => &self.init,
            BarKind::Handler | BarKind::Idle => &self.handler,
        }
    }
}

/// Where lanes stand on the canvas, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Layout {
    /// Width of the column with the lanes' names; 0 when names stand above.
    pub gutter: f64,
    /// Height of a lane.
    pub lane: f64,
    /// Height of the line with the name, when it stands above.
    pub name: f64,
    /// How far the lanes are scrolled.
    pub scrolled: f64,
    /// Height of what is seen.
    pub height: f64,
}

impl Layout {
    /// Height of a bar.
    pub const BAR: f64 = 22.0;

    /// The lane at a height on the canvas, and the row of so many in it.
    pub fn lane_at(&self, y: f64) -> (usize, f64) {
        let all = y + self.scrolled;
        let index = (all / self.lane).floor().max(0.0);
        (index as usize, all - index * self.lane)
    }

    fn bar_top(&self) -> f64 {
        self.name + (self.lane - self.name - Self::BAR) / 2.0
    }

    /// The row at a height within a lane that has so many.
    pub fn row_at(&self, within: f64, rows: u8) -> u8 {
        let part = (within - self.bar_top()) / Self::BAR;
        ((part * f64::from(rows)).floor().max(0.0) as u8).min(rows.saturating_sub(1))
    }
}

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
    /// What was searched for and found, when something was searched for.
    pub found: Option<&'a BTreeSet<AttemptId>>,
}

/// Paints all lanes that are in sight.
pub fn paint(
    canvas: &CanvasRenderingContext2d,
    palette: &Palette,
    lanes: &[Lane],
    layout: Layout,
    look: &Look<'_>,
) {
    let colours = Colours::read(palette);
    let width = layout.gutter + look.window.width;
    canvas.clear_rect(0.0, 0.0, width, layout.height);
    canvas.set_text_baseline("middle");
    let first = layout.lane_at(0.0).0;
    for (index, lane) in lanes.iter().enumerate().skip(first) {
        let top = index as f64 * layout.lane - layout.scrolled;
        if top > layout.height {
            break;
        }
        let painter = Painter {
            canvas,
            colours: &colours,
            layout,
            look,
            top,
        };
        painter.lane(lane, index > 0);
    }
}

struct Painter<'a> {
    canvas: &'a CanvasRenderingContext2d,
    colours: &'a Colours,
    layout: Layout,
    look: &'a Look<'a>,
    top: f64,
}

impl Painter<'_> {
    fn fill(&self, colour: &str, x: f64, y: f64, width: f64, height: f64) {
        self.canvas.set_fill_style_str(colour);
        self.canvas.fill_rect(x, y, width, height);
    }

    fn lane(&self, lane: &Lane, ruled: bool) {
        let Layout {
            gutter,
            lane: height,
            name,
            ..
        } = self.layout;
        let width = self.look.window.width;
        self.fill(
            &self.colours.well,
            gutter,
            self.top + name,
            width,
            height - name,
        );
        if ruled {
            self.fill(&self.colours.rule, 0.0, self.top, gutter + width, 1.0);
        }
        let canvas = self.canvas;
        let middle = if gutter > 0.0 {
            height / 2.0
        } else {
            name / 2.0 + 1.0
        };
        let size = if gutter > 0.0 { 13 } else { 11 };
        canvas.set_font(&format!("{size}px system-ui, sans-serif"));
        canvas.set_fill_style_str(&self.colours.ink_2);
        let room = if gutter > 0.0 { gutter - 8.0 } else { width };
        let _ = canvas.fill_text_with_max_width(&lane.title, 0.0, self.top + middle, room);

        canvas.save();
        canvas.begin_path();
        canvas.rect(gutter, self.top, width, height);
        canvas.clip();
        let _ = canvas.translate(gutter, self.top);
        if let Rows::Counted { most, .. } = lane.rows {
            self.counted(lane, most);
        } else {
            for span in strip(lane, self.look.axis, self.look.window) {
                if let Some(bar) = lane.bars.get(span.bar) {
                    self.bar(lane, bar, span);
                }
            }
        }
        self.marks(lane);
        canvas.restore();
    }

    /// How many at a time, as a mountain.
    fn counted(&self, lane: &Lane, most: u32) {
        let columns = counts(lane, self.look.axis, self.look.window, COLUMN).unwrap_or_default();
        let kind = lane.bars.first().map_or(BarKind::Calling, |bar| bar.kind);
        let foot = self.layout.bar_top() + Layout::BAR;
        for (x, count) in columns.into_iter().filter(|(_, count)| *count > 0) {
            let height = (Layout::BAR * f64::from(count) / f64::from(most.max(1))).max(1.0);
            self.fill(&self.colours.of(kind)[0], x, foot - height, COLUMN, height);
        }
        self.canvas.set_font("11px system-ui, sans-serif");
        self.canvas.set_fill_style_str(&self.colours.ink);
        let text = format!("at most {} at a time", words::grouped(most.into()));
        let _ = self
            .canvas
            .fill_text(&text, 6.0, self.layout.bar_top() + 7.0);
    }

    fn bar(&self, lane: &Lane, bar: &Bar, span: Span) {
        let rows = match lane.rows {
            Rows::Stacked(rows) => f64::from(rows.max(1)),
            Rows::Counted { .. } => 1.0,
        };
        let gap = if rows > 1.0 { 1.0 } else { 0.0 };
        let height = Layout::BAR / rows - gap;
        let top = self.layout.bar_top() + f64::from(bar.row) * (height + gap);
        // What is off the screen need not be painted.
        let x = span.x.max(-10.0);
        let width = (span.x + span.width).min(self.look.window.width + 10.0) - x;
        let canvas = self.canvas;
        if bar.kind == BarKind::Idle {
            let middle = self.layout.bar_top() + Layout::BAR / 2.0 - 1.0;
            return self.fill(&self.colours.edge, x, middle, width, 2.0);
        }
        let found = self
            .look
            .found
            .is_none_or(|found| bar.attempt.is_some_and(|id| found.contains(&id)));
        canvas.set_global_alpha(if found { 1.0 } else { 0.22 });
        let [fill, ink] = self.colours.of(bar.kind);
        if bar.kind == BarKind::Backoff {
            canvas.set_stroke_style_str(fill);
            let _ = canvas.set_line_dash(&js_sys::Array::of2(&3.0.into(), &3.0.into()).into());
            canvas.stroke_rect(x + 0.5, top + 0.5, (width - 1.0).max(1.0), height - 1.0);
            let _ = canvas.set_line_dash(&js_sys::Array::new().into());
        } else {
            self.fill(fill, x, top, width, height);
            self.inside(bar, span, top, height);
        }
        // How it went is only told when the clock has got there.
        let over = self.look.at >= bar.to;
        let quiet = matches!(bar.kind, BarKind::Queued | BarKind::Backoff);
        let bad = over && !quiet && span.outcome.key() == "bad";
        if bad {
            let foot = if height > 8.0 { 4.0 } else { height / 2.0 };
            self.fill(&self.colours.bad, x, top + height - foot, width, foot);
        }
        if bar.attempt.is_some() && bar.attempt == self.look.selected && span.count == 1 {
            canvas.set_stroke_style_str(&self.colours.ink);
            canvas.set_line_width(1.5);
            canvas.stroke_rect(x - 1.0, top - 1.0, width + 2.0, height + 2.0);
            canvas.set_line_width(1.0);
        }
        if span.count == 1 && width >= MIN_LABEL && height >= 10.0 {
            let label = match &bar.label_after {
                Some(after) if over => after,
                _ => &bar.label,
            };
            let sign = match span.outcome {
                _ if !bad => "",
                Outcome::TimedOut | Outcome::Failed | Outcome::Refused => "✕ ",
                _ => "",
            };
            canvas.save();
            canvas.begin_path();
            canvas.rect(x, top, width - 2.0, height);
            canvas.clip();
            let size = if height >= 20.0 { 12 } else { 10 };
            canvas.set_font(&format!("{size}px system-ui, sans-serif"));
            let colour = if bar.kind == BarKind::Backoff {
                &self.colours.ink_2
            } else {
                ink
            };
            canvas.set_fill_style_str(colour);
            let middle = top + height / 2.0 - if bad { 1.0 } else { 0.0 };
            let _ = canvas.fill_text(&format!("{sign}{label}"), x.max(0.0) + 6.0, middle);
            canvas.restore();
        }
        canvas.set_global_alpha(1.0);
    }

    /// Where the bar's time went: the quota's pauses where they are, when they are known and wide enough; else shares.
    fn inside(&self, bar: &Bar, span: Span, top: f64, height: f64) {
        let Some(usage) = bar.usage.as_ref().filter(|_| span.count == 1) else {
            return;
        };
        let (axis, window) = (self.look.axis, self.look.window);
        let apart = bar.pauses.windows(2).next().is_none_or(|pair| match pair {
            [first, second] => axis.x(second.0) - axis.x(first.0) >= MIN_PERIOD,
            _ => true,
        });
        if !bar.pauses.is_empty() && apart {
            for (from, to) in &bar.pauses {
                let (x, end) = (axis.x(*from) - window.left, axis.x(*to) - window.left);
                if end >= 0.0 && x <= window.width {
                    self.frozen(
                        x,
                        top,
                        (end - x).max(1.0).min(span.x + span.width - x),
                        height,
                    );
                }
            }
            return;
        }
        let whole = usage.duration.as_nanos();
        if whole == 0 || (usage.frozen == SimDuration::ZERO && usage.waited == SimDuration::ZERO) {
            return;
        }
        let part = |length: SimDuration| span.width * length.as_nanos() as f64 / whole as f64;
        let (cpu, frozen) = (part(usage.cpu), part(usage.frozen));
        let foot = top + height - 6.0;
        self.frozen(span.x + cpu, foot, frozen, 6.0);
        let waited = span.width - cpu - frozen;
        if usage.waited > SimDuration::ZERO {
            self.fill(&self.colours.well, span.x + cpu + frozen, foot, waited, 6.0);
        }
    }

    /// The hatching of a pause.
    fn frozen(&self, x: f64, top: f64, width: f64, height: f64) {
        let left = x.max(-8.0);
        let right = (x + width).min(self.look.window.width + 8.0);
        if right <= left {
            return;
        }
        self.fill(&self.colours.frozen, left, top, right - left, height);
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
        canvas.restore();
    }

    fn marks(&self, lane: &Lane) {
        let (axis, window) = (self.look.axis, self.look.window);
        let begin = axis.time(window.left);
        let first = lane.marks.partition_point(|mark| mark.at < begin);
        let mut last_log = f64::NEG_INFINITY;
        let mut labelled = f64::NEG_INFINITY;
        for mark in lane.marks.iter().skip(first) {
            let x = axis.x(mark.at) - window.left;
            if x > window.width {
                break;
            }
            if mark.kind == MarkKind::Log {
                if x - last_log >= MIN_LOG {
                    last_log = x;
                    self.fill(&self.colours.ink_2, x, self.layout.lane - 6.0, 1.0, 5.0);
                }
                continue;
            }
            labelled = self.mark(mark, x, labelled);
        }
    }

    /// Paints a mark; answers up to where its words reach.
    fn mark(&self, mark: &Mark, x: f64, labelled: f64) -> f64 {
        let canvas = self.canvas;
        let middle = self.layout.bar_top() + Layout::BAR / 2.0;
        let colour = match mark.kind {
            MarkKind::Refused | MarkKind::Dropped | MarkKind::Reset => &self.colours.bad,
            MarkKind::CutOff => &self.colours.warn,
            _ => &self.colours.ink_2,
        };
        canvas.set_fill_style_str(colour);
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
        if mark.label.is_empty() || x < labelled {
            return labelled;
        }
        canvas.set_font("11px system-ui, sans-serif");
        let length = canvas
            .measure_text(&mark.label)
            .map_or(40.0, |it| it.width());
        // At the right edge the words stand on the other side.
        let before = self.look.window.width - x < MARK_LABEL;
        let left = if before { x - length - 10.0 } else { x + 9.0 };
        self.fill(
            &self.colours.well,
            left - 2.0,
            middle - 8.0,
            length + 4.0,
            16.0,
        );
        canvas.set_fill_style_str(colour);
        let _ = canvas.fill_text(&mark.label, left, middle);
        if before { x } else { left + length + 6.0 }
    }
}

/// The canvas's means of painting, with its resolution set for a size in CSS pixels.
pub fn context(
    canvas: &web_sys::HtmlCanvasElement,
    width: f64,
    height: f64,
) -> Option<CanvasRenderingContext2d> {
    let dense = leptos::prelude::window()
        .device_pixel_ratio()
        .clamp(1.0, 4.0);
    let (wide, high) = (
        (width * dense).round() as u32,
        (height * dense).round() as u32,
    );
    if canvas.width() != wide || canvas.height() != high {
        canvas.set_width(wide);
        canvas.set_height(high);
    }
    let context = canvas.get_context("2d").ok()??;
    let context: CanvasRenderingContext2d = context.dyn_into().ok()?;
    let _ = context.set_transform(dense, 0.0, 0.0, dense, 0.0, 0.0);
    Some(context)
}
