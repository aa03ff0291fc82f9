//! Whether requests pass too quickly to be followed one by one.
//!
//! A mark that is there for one picture and gone in the next can be neither read nor pressed, and giving each an element of
//! its own would cost more than all the rest of the picture. As long as it is so, requests are drawn as dots.

use super::picture::{Group, Mark, MarkId, Tone};

/// More marks than this going away from one picture to the next, on average, are too many to follow.
const TOO_MANY: u32 = 3;
/// When so few go away, they can be followed again.
const FEW: u32 = 1;
/// The average is of about so many pictures.
const PICTURES: u32 = 8;

/// Marks as they come and go.
#[derive(Debug, Clone, Default)]
pub struct Hurry {
    before: Vec<MarkId>,
    /// How many went away, on average, times [`PICTURES`].
    gone: u32,
    hurried: bool,
}

impl Hurry {
    /// Takes note of the next picture's marks; answers whether they are too quick. Nothing is while the clock stands.
    pub fn sees(&mut self, marks: &[Mark], playing: bool) -> bool {
        let mut now: Vec<MarkId> = marks.iter().map(|mark| mark.id).collect();
        now.sort_unstable();
        if !playing {
            *self = Self {
                before: now,
                ..Self::default()
            };
            return false;
        }
        let stays = |id: &&MarkId| now.binary_search(id).is_ok();
        let gone = self.before.len() - self.before.iter().filter(stays).count();
        self.gone = self.gone - self.gone / PICTURES + gone as u32;
        self.before = now;
        if self.gone >= TOO_MANY * PICTURES {
            self.hurried = true;
        } else if self.gone < FEW * PICTURES {
            self.hurried = false;
        }
        self.hurried
    }
}

/// Marks as dots: one path for each way they look.
pub fn dots(marks: &[Mark]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for mark in marks {
        let key = mark.tone.key();
        let (x, y) = mark.at;
        // Errors have corners, for those who do not see colours.
        let path = match mark.tone {
            Tone::Badly | Tone::Refused => format!("M{:.0} {:.0}h14v14h-14z", x - 7.0, y - 7.0),
            _ => format!("M{:.0} {y:.0}a7 7 0 1 0 14 0a7 7 0 1 0-14 0", x - 7.0),
        };
        match groups.iter_mut().find(|group| group.key == key) {
            Some(group) => group.path.push_str(&path),
            None => groups.push(Group { key, path }),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::event::InvocationId;
    use crate::ui::attempts::AttemptId;

    fn marks(ids: std::ops::Range<u32>) -> Vec<Mark> {
        let mark = |id| Mark {
            id: MarkId::Request(InvocationId(id)),
            selects: AttemptId {
                invocation: InvocationId(id),
                attempt: 1,
            },
            at: (20.0 * f64::from(id), 40.0),
            tone: if id % 2 == 0 { Tone::Well } else { Tone::Badly },
            detail: String::new(),
        };
        ids.map(mark).collect()
    }

    #[test]
    fn marks_that_go_one_at_a_time_are_followed() {
        let mut hurry = Hurry::default();
        for frame in 0..200 {
            assert!(!hurry.sees(&marks(frame..frame + 10), true), "{frame}");
        }
    }

    #[test]
    fn marks_that_are_all_new_each_time_are_not_until_the_clock_stands() {
        let mut hurry = Hurry::default();
        let hurried: Vec<bool> = (0..20)
            .map(|frame| hurry.sees(&marks(10 * frame..10 * frame + 10), true))
            .collect();
        assert!(!hurried[1], "one change of all is a step");
        assert!(hurried[5..].iter().all(|hurried| *hurried), "{hurried:?}");
        assert!(!hurry.sees(&marks(200..210), false));
        assert!(!hurry.sees(&marks(200..210), true));
    }

    #[test]
    fn what_slows_down_is_followed_again() {
        let mut hurry = Hurry::default();
        (0..20).for_each(|frame| {
            hurry.sees(&marks(10 * frame..10 * frame + 10), true);
        });
        let again = (0..60).find(|_| !hurry.sees(&marks(500..510), true));
        assert!(again.is_some());
    }

    #[test]
    fn dots_are_a_path_for_each_look() {
        let dots = dots(&marks(0..4));
        let keys: Vec<&str> = dots.iter().map(|group| group.key).collect();
        assert_eq!(keys, ["well", "badly"]);
        assert_eq!(
            dots[0].path,
            "M-7 40a7 7 0 1 0 14 0a7 7 0 1 0-14 0M33 40a7 7 0 1 0 14 0a7 7 0 1 0-14 0"
        );
        assert_eq!(dots[1].path, "M13 33h14v14h-14zM53 33h14v14h-14z");
    }
}
