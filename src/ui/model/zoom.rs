//! Which part of the timeline is on the screen.

use crate::sim::SimTime;
use crate::ui::timeline::{Axis, Window};

/// Enlarged further, single nanoseconds would be metres apart.
const LARGEST: f64 = 1e7;

/// How much of the screen a stretch fills that is made to fit.
const FILLED: f64 = 0.7;

/// An enlargement, and the part of it that is seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Zoom {
    /// How many times as wide as the screen the axis is; at least 1.
    pub scale: f64,
    /// The left edge of what is seen, as a part of the whole width.
    left: f64,
    /// The screen's width in pixels, as last measured.
    pub width: f64,
}

impl Default for Zoom {
    fn default() -> Self {
        Self {
            scale: 1.0,
            left: 0.0,
            width: 1_000.0,
        }
    }
}

impl Zoom {
    /// The axis's width in pixels.
    pub fn axis_width(&self) -> f64 {
        self.width * self.scale
    }

    /// What is on the screen of an axis that was laid out at [`Self::axis_width`].
    pub fn window(&self, axis: &Axis) -> Window {
        let whole = axis.width().max(self.width);
        Window {
            left: (self.left * whole).clamp(0.0, whole - self.width),
            width: self.width,
        }
    }

    /// Enlarges by a factor; what is at `x` on the screen stays there. `lay_out` lays the axis out at a width.
    pub fn by(&mut self, factor: f64, x: f64, lay_out: impl Fn(f64) -> Axis) {
        if !factor.is_finite() || factor <= 0.0 {
            return;
        }
        let before = lay_out(self.axis_width());
        let held = before.time(self.window(&before).left + x);
        self.scale = (self.scale * factor).clamp(1.0, LARGEST);
        let after = lay_out(self.axis_width());
        self.show(after.x(held) - x, &after);
    }

    /// Moves what is seen by so many pixels.
    pub fn pan(&mut self, pixels: f64, axis: &Axis) {
        if pixels.is_finite() {
            self.show(self.window(axis).left + pixels, axis);
        }
    }

    /// Moves what is seen so that a place on the axis is seen, if it is not.
    pub fn follow(&mut self, x: f64, axis: &Axis) {
        let window = self.window(axis);
        if x < window.left || x > window.left + window.width {
            self.show(x - window.width / 4.0, axis);
        }
    }

    /// Enlarges so that a stretch fills most of the screen. `lay_out` lays the axis out at a width.
    pub fn fit(&mut self, from: SimTime, to: SimTime, lay_out: impl Fn(f64) -> Axis) {
        self.fill(FILLED, from, to, lay_out);
    }

    /// Enlarges so that a stretch fills the screen from edge to edge.
    pub fn cover(&mut self, from: SimTime, to: SimTime, lay_out: impl Fn(f64) -> Axis) {
        self.fill(1.0, from, to, lay_out);
    }

    /// What is on the screen, from its left edge to its right one; none when that is all.
    pub fn seen(&self, lay_out: impl Fn(f64) -> Axis) -> Option<(SimTime, SimTime)> {
        if self.scale <= 1.0 {
            return None;
        }
        let axis = lay_out(self.axis_width());
        let window = self.window(&axis);
        Some((
            axis.time(window.left),
            axis.time(window.left + window.width),
        ))
    }

    fn fill(&mut self, part: f64, from: SimTime, to: SimTime, lay_out: impl Fn(f64) -> Axis) {
        // Stretches of the axis have scales of their own: it comes nearer with each turn.
        for _ in 0..4 {
            let axis = lay_out(self.axis_width());
            let wide = (axis.x(to) - axis.x(from)).max(1e-3);
            self.scale = (self.scale * part * self.width / wide).clamp(1.0, LARGEST);
        }
        self.centre(from, to, lay_out);
    }

    /// Shows the middle of a stretch in the middle of the screen.
    pub fn centre(&mut self, from: SimTime, to: SimTime, lay_out: impl Fn(f64) -> Axis) {
        let axis = lay_out(self.axis_width());
        let middle = (axis.x(from) + axis.x(to)) / 2.0;
        self.show(middle - self.width / 2.0, &axis);
    }

    /// Shows all.
    pub fn all(&mut self) {
        self.scale = 1.0;
        self.left = 0.0;
    }

    fn show(&mut self, left: f64, axis: &Axis) {
        let whole = axis.width().max(self.width);
        self.left = left.clamp(0.0, whole - self.width) / whole;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::SimDuration;

    fn ms(millis: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_millis(millis)
    }

    fn lay_out(width: f64) -> Axis {
        let busy = [(ms(0), ms(40)), (ms(60_040), ms(60_080))];
        Axis::layout([], &busy, &Default::default(), width)
    }

    #[test]
    fn what_is_under_the_pointer_stays_there() {
        let mut zoom = Zoom::default();
        for x in [100.0, 300.0, 700.0, 20.0] {
            let axis = lay_out(zoom.axis_width());
            let before = axis.time(zoom.window(&axis).left + x);
            zoom.by(1.7, x, lay_out);
            let axis = lay_out(zoom.axis_width());
            let after = axis.time(zoom.window(&axis).left + x);
            assert!(
                before.as_nanos().abs_diff(after.as_nanos()) < 100_000,
                "{before} {after}"
            );
        }
        zoom.by(1e-9, 0.0, lay_out);
        assert_eq!(
            (zoom.scale, zoom.window(&lay_out(1_000.0)).left),
            (1.0, 0.0)
        );
    }

    #[test]
    fn one_never_sees_beyond_the_ends() {
        let mut zoom = Zoom::default();
        zoom.by(8.0, 500.0, lay_out);
        let axis = lay_out(zoom.axis_width());
        zoom.pan(1e9, &axis);
        assert_eq!(zoom.window(&axis).left, axis.width() - 1_000.0);
        zoom.pan(-1e9, &axis);
        assert_eq!(zoom.window(&axis).left, 0.0);
        zoom.follow(axis.x(ms(60_050)), &axis);
        let window = zoom.window(&axis);
        let x = axis.x(ms(60_050)) - window.left;
        assert!((0.0..=1_000.0).contains(&x));
        for nonsense in [f64::NAN, f64::INFINITY, -1.0, 0.0] {
            let before = zoom;
            zoom.by(nonsense, 3.0, lay_out);
            assert_eq!(zoom, before);
        }
    }
}
