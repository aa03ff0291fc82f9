//! Where lanes stand on the canvas, and the canvas's means of painting.

use wasm_bindgen::JsCast;
use web_sys::CanvasRenderingContext2d;

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
    /// How many lanes stay at the top, however far the others are scrolled.
    pub pinned: usize,
    /// Height of what is seen.
    pub height: f64,
}

impl Layout {
    /// Height of a bar.
    pub const BAR: f64 = 22.0;

    /// The lane at a height on the canvas, counted from the top, and the place in it.
    pub fn lane_at(&self, y: f64) -> (usize, f64) {
        let all = if y < self.foot_of_pinned() {
            y
        } else {
            y + self.scrolled
        };
        let index = (all / self.lane.max(1.0)).floor().max(0.0);
        (index as usize, all - index * self.lane)
    }

    /// The upper edge of a lane on the canvas.
    pub fn top_of(&self, index: usize) -> f64 {
        let scrolled = if index < self.pinned {
            0.0
        } else {
            self.scrolled
        };
        index as f64 * self.lane - scrolled
    }

    /// Where the pinned lanes end.
    pub fn foot_of_pinned(&self) -> f64 {
        self.pinned as f64 * self.lane
    }

    /// The upper edge of a bar in its lane.
    pub fn bar_top(&self) -> f64 {
        self.name + (self.lane - self.name - Self::BAR) / 2.0
    }

    /// The row at a height within a lane that has so many.
    pub fn row_at(&self, within: f64, rows: usize) -> usize {
        let part = (within - self.bar_top()) / Self::BAR;
        let row = (part * rows as f64).floor().max(0.0) as usize;
        row.min(rows.saturating_sub(1))
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
