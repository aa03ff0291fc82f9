//! A canvas that remembers how it is set, and puts off what can be painted together.

use std::cell::Cell;

use web_sys::CanvasRenderingContext2d;

/// Rectangles no further from each other than this, in pixels, touch.
const TOUCHING: f64 = 0.01;
/// Fewer letters of a label say nothing.
const FEWEST_LETTERS: usize = 3;

/// A rectangle of one colour.
#[derive(Clone, Copy)]
struct Block<'a> {
    colour: &'a str,
    x: f64,
    right: f64,
    y: f64,
    height: f64,
}

/// The brush. What is put off is painted before anything that may lie over it, so nobody sees a difference.
pub struct Brush<'a> {
    canvas: &'a CanvasRenderingContext2d,
    /// The colour that the canvas fills with, by its address: setting it again costs more than the rectangle.
    filled: Cell<*const u8>,
    /// How much the canvas lets through, for the same reason.
    alpha: Cell<f64>,
    /// Bars that touch and look alike, not yet painted: a dense lane is a few rectangles instead of hundreds.
    block: Cell<Option<Block<'a>>>,
}

impl<'a> Brush<'a> {
    /// A brush for a canvas that lets nothing through.
    pub fn new(canvas: &'a CanvasRenderingContext2d) -> Self {
        Self {
            canvas,
            filled: Cell::new(std::ptr::null()),
            alpha: Cell::new(1.0),
            block: Cell::default(),
        }
    }

    /// Paints a rectangle together with those that touch it and look the same.
    pub fn block(&self, colour: &'a str, x: f64, y: f64, width: f64, height: f64) {
        let mut block = Block {
            colour,
            x,
            right: x + width,
            y,
            height,
        };
        if let Some(before) = self.block.get() {
            let alike =
                std::ptr::eq(before.colour, colour) && (before.y, before.height) == (y, height);
            if alike && (before.right - x).abs() < TOUCHING {
                block.x = before.x;
            } else {
                self.flush();
            }
        }
        self.block.set(Some(block));
    }

    /// Paints what was put off. Whatever is painted over it, or differently, comes after this.
    pub fn flush(&self) {
        if let Some(block) = self.block.take() {
            self.fill(
                block.colour,
                block.x,
                block.y,
                block.right - block.x,
                block.height,
            );
        }
    }

    /// How much what is painted from here on lets through: 1 nothing.
    pub fn set_alpha(&self, alpha: f64) {
        if self.alpha.get() != alpha {
            self.flush();
            self.alpha.set(alpha);
            self.canvas.set_global_alpha(alpha);
        }
    }

    /// The colour of what is filled from here on.
    pub fn fill_style(&self, colour: &str) {
        self.flush();
        if self.filled.replace(colour.as_ptr()) != colour.as_ptr() {
            self.canvas.set_fill_style_str(colour);
        }
    }

    /// Paints a rectangle.
    pub fn fill(&self, colour: &str, x: f64, y: f64, width: f64, height: f64) {
        self.fill_style(colour);
        self.canvas.fill_rect(x, y, width, height);
    }

    /// The canvas as it was before.
    pub fn restore(&self) {
        self.flush();
        self.canvas.restore();
        self.filled.set(std::ptr::null());
    }

    /// Paints a rectangle's outline, whatever is let through.
    pub fn outline(&self, colour: &str, thick: f64, [x, y, width, height]: [f64; 4]) {
        self.flush();
        self.set_alpha(1.0);
        self.canvas.set_stroke_style_str(colour);
        self.canvas.set_line_width(thick);
        self.canvas.stroke_rect(x, y, width, height);
        self.canvas.set_line_width(1.0);
    }

    /// A label as far as there is room for it, cut where it can be told that it was, and its width; none when a few letters
    /// would be all.
    pub fn fitting(&self, label: &str, room: f64) -> Option<(String, f64)> {
        let length = |text: &str| self.canvas.measure_text(text).map_or(0.0, |it| it.width());
        let whole = length(label);
        if whole <= room {
            return Some((label.to_owned(), whole));
        }
        let letters = label.chars().count();
        let keep = ((room / whole * letters as f64) as usize).saturating_sub(1);
        if keep < FEWEST_LETTERS {
            return None;
        }
        let kept: String = label.chars().take(keep).collect();
        let text = format!("{}…", kept.trim_end_matches([' ', ',']));
        let length = length(&text);
        Some((text, length))
    }
}
