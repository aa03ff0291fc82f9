//! The stage, read as text, of runs that the cloud has really lived through.

use std::sync::Arc;

use super::geometry::{Geometry, LABELLED, Station};
use super::picture::{MarkId, Tone};
use super::{Cast, Picture, Player, Scene, picture};
use crate::lambda::config::Destination;
use crate::lambda::event::{Entry, Event, InvocationId};
use crate::scenario::{Arrival, Scenario, When};
use crate::sim::{SimDuration, SimTime};
use crate::ui::lived::{lived, scenario};
use crate::ui::trace::Entries;

fn ms(millis: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_millis(millis)
}

fn player_of(entries: &[Entry]) -> Player {
    let cast = Arc::new(Cast::of(entries));
    Player::new(Arc::new(Entries::from(entries.to_vec())), cast)
}

struct Watched {
    player: Player,
    geometry: Geometry,
}

impl Watched {
    fn new(scenario: &Scenario) -> Self {
        let player = player_of(&lived(scenario));
        let geometry = Geometry::new(1_000.0, player.cast());
        Self { player, geometry }
    }

    fn at(&mut self, at: SimTime) -> Picture {
        let cast = Arc::clone(self.player.cast());
        picture(self.player.seek(at), &cast, &self.geometry, at)
    }

    /// Title, figure and note of every box.
    fn words(&mut self, at: SimTime) -> Vec<String> {
        let picture = self.at(at);
        let words = picture.words.iter();
        words
            .map(|it| {
                format!("{}: {} | {}", it.title, it.figure, it.note)
                    .trim_end_matches(" | ")
                    .to_owned()
            })
            .collect()
    }
}

#[test]
fn a_synchronous_caller_waits_until_the_answer() {
    let mut run = Watched::new(&scenario("direct", "{}", false));
    assert_eq!(
        run.words(ms(100)),
        [
            "Direct invocation: 1 waiting | for 100 ms",
            "Lambda: 1 of 1,000 | concurrency",
            "Execution environments: 1 initialising",
            "Answers: none yet",
        ]
    );
    let cells = |picture: &Picture| -> Vec<String> {
        let cells = picture.cells.iter();
        cells
            .map(|cell| format!("{} {}", cell.key, cell.text))
            .collect()
    };
    assert_eq!(cells(&run.at(ms(100))), ["init 1 Init, 100 ms"]);
    assert_eq!(cells(&run.at(ms(220))), ["busy 1 handler, 20 ms"]);
    let end = run.words(ms(251));
    assert_eq!(end[0], "Direct invocation: 1 called | nobody waits");
    assert_eq!(end[1], "Lambda: 0 of 1,000 | concurrency");
    assert_eq!(end[3], "Answers: 1 without error");
    assert_eq!(cells(&run.at(ms(251))), ["idle 1 warm, idle"]);
}

#[test]
fn an_event_that_fails_goes_back_to_the_queue_twice_and_then_to_its_destination() {
    let mut scenario = scenario("s3", r#"{"Records":[]}"#, true);
    scenario.function.on_failure = Some(Destination(
        "arn:aws:sqs:us-east-1:123456789012:failures".to_owned(),
    ));
    let mut run = Watched::new(&scenario);
    let middle = run.words(ms(30_000));
    assert!(
        middle[0].ends_with(": 202 × 1 | nobody waits"),
        "{}",
        middle[0]
    );
    assert!(
        middle[2].starts_with("Event queue: 1 event | try 2 in 3"),
        "{}",
        middle[2]
    );
    assert_eq!(middle[3], "Execution environments: 1 idle");
    assert_eq!(middle[5], "failures: nothing yet | on failure");
    let end = run.words(ms(600_000));
    assert_eq!(end[2], "Event queue: empty");
    assert_eq!(end[4], "Events: 0 done | 1 given up");
    assert_eq!(end[5], "failures: 1 message | on failure");
    let picture = run.at(ms(600_000));
    let labels: Vec<&str> = picture.arrows.iter().map(|it| it.label.as_str()).collect();
    assert_eq!(labels, ["1", "1", "3", "2", "1", "1"]);
}

#[test]
fn a_mark_is_the_same_wherever_its_request_is() {
    let mut run = Watched::new(&scenario("s3", r#"{"Records":[]}"#, true));
    let tone = |picture: &Picture| {
        let mark = picture
            .marks
            .iter()
            .find(|mark| mark.id == MarkId::Request(InvocationId(0)));
        mark.map(|mark| mark.tone)
    };
    assert_eq!(tone(&run.at(ms(230))), Some(Tone::Running));
    assert_eq!(tone(&run.at(ms(30_000))), Some(Tone::Queued));
    assert_eq!(tone(&run.at(ms(900_000))), Some(Tone::Refused));
}

#[test]
fn messages_lie_at_their_source_until_they_are_done() {
    let payload = r#"{"Records":[{"body":"a"},{"body":"b"}]}"#;
    let mut run = Watched::new(&scenario("sqs", payload, true));
    let end = run.words(ms(3_600_000));
    assert_eq!(end[0], "SQS: 0 waiting | 2 dead letters");
    assert!(
        end.last().is_some_and(|it| it.contains("5 failed")),
        "{end:?}"
    );
    let mut well = Watched::new(&scenario("sqs", payload, false));
    assert_eq!(well.words(ms(3_600_000))[0], "SQS: 0 waiting | 2 done");
}

#[test]
fn backwards_is_forwards() {
    let mut scenario = scenario("s3", r#"{"Records":[]}"#, true);
    let arrival = scenario.arrivals[0].clone();
    scenario.arrivals = (0..400)
        .map(|index| Arrival {
            when: When::At(ms(index * 7)),
            ..arrival.clone()
        })
        .collect();
    let entries = lived(&scenario);
    assert!(entries.len() > 3_000, "{}", entries.len());
    let mut player = player_of(&entries);
    let mut step = 1_u64;
    for _ in 0..200 {
        step = step.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let at = ms((step >> 33) % 400_000);
        let mut afresh = Scene::default();
        for entry in entries.iter().take_while(|entry| entry.at <= at) {
            afresh.apply(entry, player.cast());
        }
        assert!(*player.seek(at) == afresh, "at {at}");
    }
    // What came in went out.
    let end = player.seek(ms(4_000_000));
    let ended = end.well + end.badly + end.refused + end.given_up;
    assert_eq!((ended, end.calls.len()), (400, 0));
    let received = entries
        .iter()
        .filter(|it| matches!(it.event, Event::Received { .. }));
    assert_eq!(received.count(), 400);
}

#[test]
fn boxes_never_overlap_and_never_leave_the_stage() {
    let mut scenario = scenario("s3", r#"{"Records":[]}"#, true);
    scenario.function.on_failure = Some(Destination(
        "arn:aws:sqs:us-east-1:123456789012:failures".to_owned(),
    ));
    let cast = Arc::clone(player_of(&lived(&scenario)).cast());
    for width in [280.0, 340.0, 600.0, 800.0, 1_000.0, 1_900.0] {
        let geometry = Geometry::new(width, &cast);
        for (index, (station, a)) in geometry.boxes.iter().enumerate() {
            assert!(
                a.x >= 0.0 && a.x + a.width <= width + 0.01,
                "{station:?} at {width}"
            );
            assert!(a.y >= 0.0 && a.y + a.height <= geometry.height + 0.01);
            let ways = geometry
                .boxes
                .iter()
                .filter_map(|(other, _)| geometry.way(*station, *other, false));
            for way in ways {
                // A way is straight, along one of the two axes.
                assert!(way.from.0 == way.to.0 || way.from.1 == way.to.1);
            }
            for (other, b) in &geometry.boxes[index + 1..] {
                let apart = a.x + a.width <= b.x
                    || b.x + b.width <= a.x
                    || a.y + a.height <= b.y
                    || b.y + b.height <= a.y;
                assert!(apart, "{station:?} over {other:?} at {width}");
            }
        }
    }
}

#[test]
fn however_many_environments_fit_into_their_box() {
    let player = player_of(&lived(&scenario("direct", "{}", false)));
    for width in [280.0, 700.0, 1_200.0] {
        let geometry = Geometry::new(width, player.cast());
        let area = geometry.of(Station::Environments).expect("a box");
        for count in [1, LABELLED, 9, 60, 400, 1_000, 3_000, 100_000] {
            let field = geometry.field(count).expect("a field");
            let last = field.cell(count.div_ceil(field.each) - 1);
            assert!(
                last.y + last.height <= area.y + area.height
                    && last.x + last.width <= area.x + area.width,
                "{count} at {width}: {last:?} in {area:?}"
            );
        }
    }
}
