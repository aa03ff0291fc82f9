//! A moment of a run, in a link: where the cursor stands, what is looked at, and what is seen of it.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::lambda::event::InvocationId;
use crate::sim::SimTime;
use crate::ui::attempts::AttemptId;
use crate::ui::order::Order;

/// As many letters of a search are taken from a link.
const LONGEST_SEARCH: usize = 200;

/// A moment. In a link it stands behind the scenario: `&at=1500000000&try=2.1`, nanoseconds of virtual time, and request
/// and try counted from 1. What is seen follows where it is not as usual: `&from=…&to=…`, the edges of the enlarged timeline;
/// `&find=cold`, what is searched for; `&order=duration-`, the table's order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Moment {
    /// Where the cursor stands.
    pub at: SimTime,
    /// What is looked at.
    pub selected: Option<AttemptId>,
    /// What is seen; as it is, where nothing is said.
    pub sight: Sight,
}

/// What is seen of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sight {
    /// The edges of the enlarged timeline; none when all of it is seen.
    pub seen: Option<(SimTime, SimTime)>,
    /// What is searched for.
    pub find: String,
    /// The order of the table of invocations.
    pub order: Order,
}

impl Moment {
    /// Its text in a link, with the `&` in front.
    pub fn to_text(&self) -> String {
        let mut text = format!("&at={}", self.at.as_nanos());
        if let Some(id) = self.selected {
            let request = u64::from(id.invocation.0) + 1;
            text.push_str(&format!("&try={request}.{}", id.attempt));
        }
        let sight = &self.sight;
        if let Some((from, to)) = sight.seen {
            text.push_str(&format!("&from={}&to={}", from.as_nanos(), to.as_nanos()));
        }
        if !sight.find.trim().is_empty() {
            let find = utf8_percent_encode(sight.find.trim(), NON_ALPHANUMERIC);
            text.push_str(&format!("&find={find}"));
        }
        if sight.order != Order::default() {
            text.push_str(&format!("&order={}", sight.order.to_text()));
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
        let mut sight = Sight::default();
        let (mut from, mut to) = (None, None);
        let time = |nanos: &str| nanos.parse().ok().map(SimTime::from_nanos);
        for part in parts {
            match part.split_once('=') {
                Some(("at", nanos)) => at = time(nanos),
                Some(("try", id)) => selected = attempt(id),
                Some(("from", nanos)) => from = time(nanos),
                Some(("to", nanos)) => to = time(nanos),
                Some(("find", text)) => {
                    let text = percent_decode_str(text).decode_utf8_lossy();
                    sight.find = text.chars().take(LONGEST_SEARCH).collect();
                }
                Some(("order", text)) => sight.order = Order::from_text(text).unwrap_or_default(),
                _ => {}
            }
        }
        sight.seen = from.zip(to).filter(|(from, to)| from < to);
        let moment = at.map(|at| Self {
            at,
            selected,
            sight,
        });
        (scenario, moment)
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
                sight: Sight::default(),
            };
            let link = format!("1.abc{}", moment.to_text());
            assert_eq!(Moment::part(&link), ("1.abc", Some(moment)));
        }
    }

    #[test]
    fn what_is_seen_is_read_back_whatever_is_searched_for() {
        let moment = Moment {
            at: SimTime::from_nanos(7),
            selected: None,
            sight: Sight {
                seen: Some((SimTime::from_nanos(1), SimTime::from_nanos(9))),
                find: ">200ms & é=#%".to_owned(),
                order: Order::SLOWEST,
            },
        };
        let text = moment.to_text();
        assert_eq!(
            text,
            "&at=7&from=1&to=9&find=%3E200ms%20%26%20%C3%A9%3D%23%25&order=duration-"
        );
        assert_eq!(
            Moment::part(&format!("1.abc{text}")),
            ("1.abc", Some(moment))
        );
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
            "&from=1",
            "&from=9&to=9",
            "&from=x&to=9",
            "&order=x",
            "&find=",
        ] {
            let (_, moment) = Moment::part(&format!("1.abc&at=5{text}"));
            let expected = Moment {
                at: SimTime::from_nanos(5),
                ..Moment::default()
            };
            assert_eq!(moment, Some(expected), "{text}");
        }
    }
}
