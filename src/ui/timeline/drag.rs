//! What pointers do on the timeline: one scrubs, measures or pans, two pinch.

/// A pointer that moves less between press and release has clicked, in pixels.
const CLICK: f64 = 4.0;
/// Fingers closer than this, in pixels, do not enlarge beyond measure.
const CLOSEST: f64 = 8.0;

/// What a movement means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Move {
    /// The clock goes to this place.
    Scrub(f64),
    /// The stretch between two places is measured.
    Measure(f64, f64),
    /// What is seen follows the pointer, by so many pixels.
    Pan(f64),
    /// Two fingers.
    Pinch {
        /// How many times as far apart they are.
        factor: f64,
        /// The middle between them.
        middle: f64,
        /// How far the middle has moved.
        pan: f64,
    },
}

/// What is held down while a pointer is dragged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Held {
    /// Nothing: the clock follows.
    #[default]
    Nothing,
    /// Shift: a stretch is measured.
    Shift,
    /// Alt: a stretch is measured, and fills the timeline once it is let go.
    Alt,
    /// Ctrl, or the middle button: the timeline is dragged along.
    Ctrl,
}

/// The pointers that are pressed.
#[derive(Debug, Clone, Default)]
pub struct Drag {
    fingers: Vec<Finger>,
    held: Held,
}

#[derive(Debug, Clone, Copy)]
struct Finger {
    id: i32,
    pressed: (f64, f64),
    x: f64,
}

impl Drag {
    /// A pointer is pressed.
    pub fn press(&mut self, id: i32, at: (f64, f64), held: Held) -> Option<Move> {
        self.fingers.retain(|finger| finger.id != id);
        self.fingers.push(Finger {
            id,
            pressed: at,
            x: at.0,
        });
        self.held = held;
        match (self.fingers.len(), held) {
            (1, Held::Nothing) => Some(Move::Scrub(at.0)),
            _ => None,
        }
    }

    /// A pointer moves. Answers whether it is one that was pressed here, and what it means.
    pub fn moves(&mut self, id: i32, at: (f64, f64), pressed: bool) -> (bool, Option<Move>) {
        let Some(index) = self.fingers.iter().position(|finger| finger.id == id) else {
            return (false, None);
        };
        if !pressed {
            // It was let go somewhere else.
            self.fingers.clear();
            return (false, None);
        }
        let before = self.fingers.clone();
        if let Some(finger) = self.fingers.get_mut(index) {
            finger.x = at.0;
        }
        let moved = match (before.as_slice(), self.fingers.as_slice()) {
            ([finger], _) if self.held == Held::Ctrl => Some(Move::Pan(at.0 - finger.x)),
            ([finger], _) if self.held != Held::Nothing => {
                Some(Move::Measure(finger.pressed.0, at.0))
            }
            ([_], _) => Some(Move::Scrub(at.0)),
            ([a, b], [c, d]) => {
                let apart = |a: &Finger, b: &Finger| (a.x - b.x).abs().max(CLOSEST);
                let middle = |a: &Finger, b: &Finger| (a.x + b.x) / 2.0;
                Some(Move::Pinch {
                    factor: apart(c, d) / apart(a, b),
                    middle: middle(c, d),
                    pan: middle(c, d) - middle(a, b),
                })
            }
            _ => None,
        };
        (true, moved)
    }

    /// Whether the stretch is to fill the timeline.
    pub fn enlarges(&self) -> bool {
        self.held == Held::Alt && self.fingers.len() == 1
    }

    /// A pointer is let go; answers where it has clicked, if that is what it did.
    pub fn release(&mut self, id: i32, at: Option<(f64, f64)>) -> Option<(f64, f64)> {
        let index = self.fingers.iter().position(|finger| finger.id == id)?;
        let finger = self.fingers.remove(index);
        let at = at?;
        let (dx, dy) = (at.0 - finger.pressed.0, at.1 - finger.pressed.1);
        (dx.abs().max(dy.abs()) < CLICK).then_some(finger.pressed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pointer_scrubs_and_a_short_press_is_a_click() {
        let mut drag = Drag::default();
        assert_eq!(
            drag.press(1, (10.0, 5.0), Held::Nothing),
            Some(Move::Scrub(10.0))
        );
        assert_eq!(
            drag.moves(1, (12.0, 5.0), true),
            (true, Some(Move::Scrub(12.0)))
        );
        assert_eq!(drag.release(1, Some((12.0, 5.0))), Some((10.0, 5.0)));
        drag.press(1, (10.0, 5.0), Held::Nothing);
        assert_eq!(drag.release(1, Some((40.0, 5.0))), None);
        // One that was never pressed here hovers.
        assert_eq!(drag.moves(2, (9.0, 9.0), false), (false, None));
    }

    #[test]
    fn with_shift_a_stretch_is_measured_from_where_it_was_pressed() {
        let mut drag = Drag::default();
        assert_eq!(drag.press(1, (10.0, 5.0), Held::Shift), None);
        drag.moves(1, (20.0, 5.0), true);
        let moved = drag.moves(1, (70.0, 5.0), true);
        assert_eq!(moved, (true, Some(Move::Measure(10.0, 70.0))));
        assert!(!drag.enlarges());
        let mut drag = Drag::default();
        drag.press(1, (10.0, 5.0), Held::Alt);
        let moved = drag.moves(1, (70.0, 5.0), true);
        assert_eq!(moved, (true, Some(Move::Measure(10.0, 70.0))));
        assert!(drag.enlarges());
    }

    #[test]
    fn with_ctrl_the_timeline_is_dragged_along() {
        let mut drag = Drag::default();
        assert_eq!(drag.press(1, (50.0, 5.0), Held::Ctrl), None);
        assert_eq!(
            drag.moves(1, (70.0, 5.0), true),
            (true, Some(Move::Pan(20.0)))
        );
        assert_eq!(
            drag.moves(1, (65.0, 5.0), true),
            (true, Some(Move::Pan(-5.0)))
        );
        assert!(!drag.enlarges());
    }

    #[test]
    fn two_fingers_enlarge_and_pan() {
        let mut drag = Drag::default();
        drag.press(1, (100.0, 5.0), Held::Nothing);
        assert_eq!(drag.press(2, (200.0, 5.0), Held::Nothing), None);
        let expected = Move::Pinch {
            factor: 2.0,
            middle: 200.0,
            pan: 50.0,
        };
        let moved = drag.moves(2, (300.0, 5.0), true);
        assert_eq!(moved, (true, Some(expected)));
        // A finger that was let go elsewhere does not count any more.
        assert_eq!(drag.moves(1, (0.0, 0.0), false), (false, None));
        assert_eq!(drag.release(2, None), None);
    }
}
