//! A moment of a run, in a link: where the cursor stands and what is looked at.

use crate::lambda::event::InvocationId;
use crate::sim::SimTime;
use crate::ui::attempts::AttemptId;

/// A moment. In a link it stands behind the scenario: `&at=1500000000&try=2.1`, nanoseconds of virtual time, and request
/// and try counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Where the cursor stands.
    pub at: SimTime,
    /// What is looked at.
    pub selected: Option<AttemptId>,
}

impl Moment {
    /// Its text in a link, with the `&` in front.
    pub fn to_text(self) -> String {
        let mut text = format!("&at={}", self.at.as_nanos());
        if let Some(id) = self.selected {
            let request = u64::from(id.invocation.0) + 1;
            text.push_str(&format!("&try={request}.{}", id.attempt));
        }
        text
    }

    /// Parts a link into the scenario and the moment, if it has one. Links come from anywhere: what makes no sense is left
    /// out.
    pub fn part(link: &str) -> (&str, Option<Self>) {
        let mut parts = link.split('&');
        let scenario = parts.next().unwrap_or(link);
        let mut at = None;
        let mut selected = None;
        for part in parts {
            match part.split_once('=') {
                Some(("at", nanos)) => at = nanos.parse().ok().map(SimTime::from_nanos),
                Some(("try", id)) => selected = attempt(id),
                _ => {}
            }
        }
        (scenario, at.map(|at| Self { at, selected }))
    }
}

fn attempt(text: &str) -> Option<AttemptId> {
    let (request, attempt) = text.split_once('.')?;
    let request: u32 = request.parse().ok()?;
    Some(AttemptId {
        invocation: InvocationId(request.checked_sub(1)?),
        attempt: attempt.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_in_a_link_is_read_back() {
        for selected in [
            None,
            Some(AttemptId {
                invocation: InvocationId(6),
                attempt: 3,
            }),
        ] {
            let moment = Moment {
                at: SimTime::from_nanos(60_000_000_001),
                selected,
            };
            let link = format!("1.abc{}", moment.to_text());
            assert_eq!(Moment::part(&link), ("1.abc", Some(moment)));
        }
    }

    #[test]
    fn what_makes_no_sense_is_left_out() {
        assert_eq!(Moment::part("1.abc"), ("1.abc", None));
        for text in [
            "&at=",
            "&at=-1",
            "&at=99999999999999999999",
            "&try=1.1",
            "&&=&at",
        ] {
            assert_eq!(Moment::part(&format!("1.abc{text}")), ("1.abc", None));
        }
        for text in [
            "&try=0.1",
            "&try=1",
            "&try=.",
            "&try=4294967296.1",
            "&try=x",
        ] {
            let (_, moment) = Moment::part(&format!("1.abc&at=5{text}"));
            let expected = Moment {
                at: SimTime::from_nanos(5),
                selected: None,
            };
            assert_eq!(moment, Some(expected), "{text}");
        }
    }
}
