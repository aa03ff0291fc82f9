//! Every guide is really played, and what its steps say is held to the trace.

use std::cell::RefCell;
use std::rc::Rc;

use super::*;
use crate::guest::engine::interpreter::Interpreter;
use crate::guest::process::Verdict;
use crate::guest::program::Program;
use crate::lambda::cloud::Cloud;
use crate::lambda::config::MemoryMb;
use crate::lambda::event::Entry;
use crate::lambda::logs;
use crate::lambda::runtime::Code;
use crate::lambda::summary::{self, InvocationSummary, Status};
use crate::problem::Severity;
use crate::scenario::{Scenario, validate};
use crate::session::desk::{self, Answer, Question};
use crate::ui::catalogue;
use crate::ui::model::Setup;

/// A guide that was played.
struct Played {
    guide: &'static Guide,
    entries: Vec<Entry>,
}

fn scenario(guide: &Guide) -> Scenario {
    let answer = desk::answer(Question::Compose(guide.recipe()));
    let Some(Answer::Opened(Ok((shared, problems)))) = answer else {
        panic!("{}: {answer:?}", guide.id);
    };
    assert_eq!(problems, [], "{}", guide.id);
    shared.scenario
}

fn program(example: &str) -> Rc<Program> {
    let path = format!(
        "{}/functions/{example}/{example}.wasm",
        env!("CARGO_MANIFEST_DIR")
    );
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    Program::prepare(&Interpreter::new(), &bytes).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn play_at(id: &str, memory: Option<u32>) -> Played {
    let guide = by_id(id).unwrap_or_else(|| panic!("no guide {id}"));
    let mut scenario = scenario(guide);
    if let Some(memory) = memory {
        scenario.function.memory = MemoryMb(memory);
    }
    let program = program(guide.play().example);
    let code = |_: &_| -> Option<Rc<dyn Code>> { Some(Rc::new(Rc::clone(&program))) };
    let watch = Rc::new(RefCell::new(|_| Verdict::Continue));
    let mut cloud = Cloud::with_modules(&scenario, &code, watch)
        .unwrap_or_else(|problems| panic!("{id}: {problems:#?}"));
    while cloud.step() {}
    let mut entries = cloud.take_entries();
    entries.sort_by_key(|entry| entry.at);
    Played { guide, entries }
}

fn play(id: &str) -> Played {
    play_at(id, None)
}

impl Played {
    fn stories(&self) -> Vec<InvocationSummary> {
        summary::invocations(&self.entries)
    }

    fn log(&self) -> Vec<String> {
        let lines = logs::lines(&self.entries);
        lines.into_iter().map(|line| line.text).collect()
    }

    fn log_lines(&self, text: &str) -> usize {
        self.log().iter().filter(|line| line.contains(text)).count()
    }

    /// Milliseconds of the nth entry of a kind.
    fn ms(&self, what: What, number: u32) -> u64 {
        let position = At::Nth(what, number).position(self.entries.iter());
        let entry = position.map(|position| &self.entries[position]);
        let entry = entry.unwrap_or_else(|| panic!("{}: no {what:?} {number}", self.guide.id));
        entry.at.as_nanos() / 1_000_000
    }

    fn count(&self, what: What) -> usize {
        self.entries.iter().filter(|entry| what.is(entry)).count()
    }
}

/// What the caller of a request saw: status and body.
fn caller(story: &InvocationSummary) -> (Option<u16>, String) {
    let (_, view) = story.caller.as_ref().expect("the caller saw something");
    (view.status, view.body.clone())
}

#[test]
fn every_guide_can_be_opened_and_every_step_is_found_in_its_order() {
    for guide in ALL {
        let played = play(guide.id);
        let mut before = None;
        for (number, step) in guide.steps().iter().enumerate() {
            let position = step.at.position(played.entries.iter());
            let entry = position.map(|position| &played.entries[position]);
            let entry = entry.unwrap_or_else(|| {
                panic!(
                    "{}, step {}: nothing at {:?}",
                    guide.id,
                    number + 1,
                    step.at
                )
            });
            assert!(
                before.is_none_or(|before| before <= entry.at),
                "{}, step {} goes back in time",
                guide.id,
                number + 1
            );
            before = Some(entry.at);
        }
    }
}

#[test]
fn guides_are_named_once_and_say_little_at_a_time() {
    for guide in ALL {
        assert_eq!(by_id(guide.id), Some(*guide));
        assert!(
            guide.id.bytes().all(|letter| letter.is_ascii_lowercase()
                || letter.is_ascii_digit()
                || letter == b'-'),
            "{}",
            guide.id
        );
        assert!(catalogue::by_id(guide.play().example).is_some());
        assert!((4..=8).contains(&guide.steps().len()), "{}", guide.id);
        for step in guide.steps() {
            assert!(
                !step.title.is_empty() && step.title.len() <= 60,
                "{}",
                step.title
            );
            assert!(
                (60..=420).contains(&step.text.len()),
                "{}: {}",
                step.title,
                step.text.len()
            );
            assert_eq!(step.text.matches('`').count() % 2, 0, "{}", step.title);
        }
        // A rule has its source; only the tour and the invitations to go on state none.
        let unsourced = guide
            .steps()
            .iter()
            .filter(|step| step.source.is_none())
            .count();
        assert!(unsourced <= 1 || guide.id == TOUR.id, "{}", guide.id);
    }
    assert!(ALL.len() >= 9);
}

#[test]
fn addresses_are_read_back() {
    for guide in ALL {
        for step in 0..guide.steps().len() {
            assert_eq!(from_address(&to_address(guide, step)), Some((*guide, step)));
        }
    }
    assert_eq!(
        from_address("tour.99"),
        Some((TOUR, TOUR.steps().len() - 1))
    );
    assert_eq!(from_address("tour.0"), Some((TOUR, 0)));
    assert_eq!(from_address("tour.x"), Some((TOUR, 0)));
    assert_eq!(from_address("no-such-guide"), None);
    assert_eq!(from_address(""), None);
}

#[test]
fn the_page_can_hold_what_a_guide_sets_up() {
    for guide in ALL {
        let wanted = scenario(guide);
        // A note is not a fault: AWS recommends more receives than a story has time for.
        let mut found = validate(&wanted);
        found.retain(|problem| problem.severity != Severity::Note);
        assert_eq!(found, [], "{}", guide.id);
        let mut setup = Setup::new();
        setup.take_scenario(&wanted, &[]);
        assert_eq!(setup.scenario(&wanted.module), wanted, "{}", guide.id);
    }
}

#[test]
fn what_steps_point_at_is_drawn_by_the_style_sheet() {
    let style = include_str!("../../../style/guide.css");
    for (look, key, selector) in Look::ALL {
        assert_eq!((look.key(), look.selector()), (key, selector));
        let rule = format!(":root[data-look=\"{key}\"] {selector}");
        assert!(style.contains(&rule), "{rule}");
    }
}

#[test]
fn time_limit() {
    let played = play("time-limit");
    let stories = played.stories();
    assert_eq!(caller(&stories[0]).0, Some(200));
    assert_eq!(caller(&stories[1]).0, Some(500));
    assert!(caller(&stories[1]).1.contains("Internal Server Error"));
    let begins = played.ms(What::InvokeStarted, 2);
    assert_eq!(played.ms(What::InvokeFinished, 2) - begins, 3_000);
    assert_eq!(stories[1].last_report().expect("a report").billed_ms, 3_000);
    assert_eq!(played.log_lines("Status: timeout"), 1);
    let payload = &stories[1].response.as_ref().expect("an answer").payload;
    assert!(
        payload.contains("Task timed out after 3.00 seconds"),
        "{payload}"
    );
    // The third request comes to the same environment, with Init inside its invocation.
    let third = stories[2].last_attempt().expect("an attempt");
    assert_eq!(third.environment, stories[1].attempts[0].environment);
    assert!(!third.cold && third.inits.len() == 1);
    let duration = stories[0]
        .last_report()
        .expect("a report")
        .duration
        .as_nanos();
    assert!((200_000_000..220_000_000).contains(&duration), "{duration}");
}

#[test]
fn sync_error() {
    let played = play("sync-error");
    let stories = played.stories();
    assert_eq!(stories.len(), 2);
    for story in &stories {
        assert_eq!(caller(story).0, Some(200));
        assert!(
            story
                .response
                .as_ref()
                .expect("an answer")
                .function_error
                .is_some()
        );
        assert_eq!(story.attempts.len(), 1);
    }
    assert_ne!(stories[0].request_id, stories[1].request_id);
    assert_eq!(played.count(What::RetryScheduled), 0);
    assert_eq!(played.count(What::EnvironmentReset), 0);
    assert!(!stories[1].attempts[0].cold);
    // Without the word it succeeds.
    let mut scenario = scenario(played.guide);
    scenario.arrivals[0].payload = scenario.arrivals[0].payload.replace("poison", "fish");
    let program = program("picky");
    let code = |_: &_| -> Option<Rc<dyn Code>> { Some(Rc::new(Rc::clone(&program))) };
    let watch = Rc::new(RefCell::new(|_| Verdict::Continue));
    let mut cloud = Cloud::with_modules(&scenario, &code, watch).expect("a valid scenario");
    while cloud.step() {}
    let stories = summary::invocations(&cloud.take_entries());
    assert_eq!(stories[0].status, Status::Succeeded);
}

#[test]
fn async_error() {
    let played = play("async-error");
    let story = &played.stories()[0];
    assert_eq!(story.attempts.len(), 3);
    assert!(story.attempts.iter().all(|attempt| attempt.failed()));
    let failed = |number| played.ms(What::InvokeFinished, number);
    let began = |number| played.ms(What::InvokeStarted, number);
    // A minute, then two; both are spread a little on AWS, and here.
    let waits = [began(2) - failed(1), began(3) - failed(2)];
    assert!((55_000..=65_000).contains(&waits[0]), "{waits:?}");
    assert!((115_000..=125_000).contains(&waits[1]), "{waits:?}");
    assert_eq!(
        played.log_lines(&format!("START RequestId: {}", story.request_id)),
        3
    );
    assert_eq!(story.deliveries.len(), 1);
    assert!(story.deliveries[0].target.ends_with(":failed-events"));
    assert!(story.deliveries[0].body.contains("RetriesExhausted"));
    assert_eq!(played.log_lines("This one is poison"), 3);
}

#[test]
fn idempotency() {
    let played = play("idempotency");
    let story = &played.stories()[0];
    assert_eq!(story.attempts.len(), 3);
    assert!(story.attempts.iter().all(|attempt| attempt.failed()));
    assert_eq!(
        played.ms(What::InvokeFinished, 1) - played.ms(What::InvokeStarted, 1),
        3_000
    );
    assert_eq!(played.log_lines("Asking the database"), 3);
    assert_eq!(
        played.log_lines(&format!("START RequestId: {}", story.request_id)),
        3
    );
}

#[test]
fn cold_and_warm() {
    let played = play("cold-and-warm");
    let stories = played.stories();
    let counts = ["1", "2", "1"]
        .map(|count| format!(r#"{{"warm_invocations":{count},"tmp_count":{count}}}"#));
    for (story, count) in stories.iter().zip(counts) {
        assert_eq!(story.response.as_ref().expect("an answer").payload, count);
    }
    let cold: Vec<bool> = stories.iter().map(|story| story.attempts[0].cold).collect();
    assert_eq!(cold, [true, false, true]);
    let idle = played.ms(What::EnvironmentShutdown, 1) - played.ms(What::InvokeFinished, 2);
    assert_eq!(idle, 600_000);
    let first = stories[0].last_report().expect("a report");
    assert!(first.billed_ms >= first.init_duration.expect("Init").as_nanos() / 1_000_000);
}

#[test]
fn memory_is_cpu() {
    let run = |memory| {
        let played = play_at("memory-is-cpu", Some(memory));
        let attempt = played.stories()[0].attempts[0].clone();
        (
            attempt.usage.expect("ended"),
            attempt.report.expect("ended"),
        )
    };
    let (small, double, whole, more) = (run(128), run(256), run(1_769), run(3_008));
    // Frozen for nearly all of the time; a fourteenth of a vCPU is 1.45 ms in 20.
    assert!(small.0.frozen.as_nanos() * 10 > small.0.duration.as_nanos() * 9);
    assert!((1_400..1_500).contains(&(20_000 * 128 / 1_769)));
    let ratio = |a: u64, b: u64| a as f64 / b as f64;
    let duration = |run: &(_, crate::lambda::event::Report)| run.1.duration.as_nanos();
    let cost = |run: &(_, crate::lambda::event::Report)| run.1.cost_picodollars;
    let halved = ratio(duration(&small), duration(&double));
    assert!((1.8..2.2).contains(&halved), "{halved}");
    let price = ratio(cost(&small), cost(&double));
    assert!((0.85..1.18).contains(&price), "{price}");
    assert_eq!(whole.0.frozen.as_nanos(), 0);
    let faster = ratio(duration(&small), duration(&whole));
    assert!((12.5..15.0).contains(&faster), "{faster}");
    let price = ratio(cost(&small), cost(&whole));
    assert!((0.8..1.25).contains(&price), "{price}");
    assert_eq!(duration(&more), duration(&whole));
    assert!(cost(&more) > cost(&whole));
}

#[test]
fn scaling_and_throttling() {
    let played = play("scaling-and-throttling");
    let stories = played.stories();
    assert_eq!(stories.len(), 8);
    assert_eq!(played.count(What::EnvironmentCreated), 5);
    let refused = |story: &&InvocationSummary| matches!(story.status, Status::Refused(_));
    assert_eq!(stories.iter().filter(refused).count(), 3);
    for story in stories.iter().filter(refused) {
        let response = story.response.as_ref().expect("a refusal");
        assert_eq!(response.status, 429);
        assert_eq!(response.api_error(), Some("TooManyRequestsException"));
        assert!(
            response
                .payload
                .contains("ReservedFunctionConcurrentInvocationLimitExceeded")
        );
        assert_eq!(story.cost_picodollars, 0);
    }
    // The sixth is the first that is refused.
    assert_eq!(stories.iter().position(|story| refused(&story)), Some(5));
    let answered = stories
        .iter()
        .filter(|story| story.status == Status::Succeeded);
    assert_eq!(answered.filter(|story| story.attempts[0].cold).count(), 5);
}

#[test]
fn poison_message() {
    let played = play("poison-message");
    assert_eq!(played.count(What::Arrived), 1);
    // One invocation for three messages, three times.
    assert_eq!(played.count(What::BatchSent), 3);
    assert_eq!(played.count(What::InvokeFinished), 3);
    assert_eq!(played.log_lines("Record 2 is good"), 3);
    assert_eq!(played.log_lines("This one is poison"), 3);
    let hidden = played.ms(What::Returned, 1) - played.ms(What::BatchSent, 1);
    assert!((29_000..=31_000).contains(&hidden), "{hidden}");
    assert_eq!(moved(&played.entries), 3, "the good ones go too");
}

fn moved(entries: &[Entry]) -> usize {
    use crate::lambda::event::Event as Happened;
    use crate::lambda::event_source::SourceEvent;
    let items = entries.iter().filter_map(|entry| match &entry.event {
        Happened::Mapping { event, .. } => match &**event {
            SourceEvent::MovedToDeadLetterQueue { items } => Some(items.len()),
            _ => None,
        },
        _ => None,
    });
    items.sum()
}

#[test]
fn blocked_shard() {
    use crate::lambda::event::Event as Happened;
    use crate::lambda::event_source::SourceEvent;
    let played = play("blocked-shard");
    let notes: Vec<(u64, &SourceEvent)> = played
        .entries
        .iter()
        .filter_map(|entry| match &entry.event {
            Happened::Mapping { event, .. } => Some((entry.at.as_nanos() / 1_000_000, &**event)),
            _ => None,
        })
        .collect();
    let discarded = played.ms(What::Discarded, 1);
    // Three tries of the two records: the first and two retries.
    let tries: Vec<u32> = notes
        .iter()
        .filter_map(|(_, note)| match note {
            SourceEvent::BatchSent {
                place,
                attempt,
                items,
                ..
            } if items.len() == 2 => {
                assert_eq!(place.shard, first_shard(&notes));
                Some(*attempt)
            }
            _ => None,
        })
        .collect();
    assert_eq!(tries, [1, 2, 3]);
    // The other shard was done before the first was free, and the next record of the first only afterwards.
    let processed: Vec<u64> = notes
        .iter()
        .filter(|(_, note)| matches!(note, SourceEvent::Processed { .. }))
        .map(|(at, _)| *at)
        .collect();
    assert_eq!(processed.len(), 2);
    assert!(
        processed[0] < discarded && discarded <= processed[1],
        "{processed:?}, {discarded}"
    );
    let lost = notes.iter().find_map(|(_, note)| match note {
        SourceEvent::Discarded { items, record, .. } => Some((items.len(), record.clone())),
        _ => None,
    });
    let (items, record) = lost.expect("records are given up");
    assert_eq!(items, 2, "the good record too");
    let record = record.expect("there is a destination");
    assert!(record.destination.ends_with(":failed-records"));
    assert!(record.body.contains("startSequenceNumber") && !record.body.contains("reading 1"));
}

/// Where the first batch came from.
fn first_shard(notes: &[(u64, &crate::lambda::event_source::SourceEvent)]) -> u32 {
    use crate::lambda::event_source::SourceEvent;
    let places = notes.iter().filter_map(|(_, note)| match note {
        SourceEvent::BatchSent { place, .. } => Some(place.shard),
        _ => None,
    });
    let mut places = places;
    places.next().expect("a batch")
}

#[test]
fn gateway_502_and_504() {
    let played = play("gateway-502-504");
    let stories = played.stories();
    assert_eq!(caller(&stories[0]).0, Some(200));
    assert_eq!(caller(&stories[1]).0, Some(502));
    assert!(caller(&stories[1]).1.contains("Internal server error"));
    assert!(
        stories[1]
            .response
            .as_ref()
            .expect("an answer")
            .payload
            .contains("ValueError")
    );
    assert_eq!(caller(&stories[2]).0, Some(504));
    assert!(caller(&stories[2]).1.contains("Endpoint request timed out"));
    let began = played.ms(What::Received, 3);
    assert_eq!(played.ms(What::CallerSaw, 3) - began, 29_000);
    let ended = played.ms(What::InvokeFinished, 3);
    assert!((11_000..11_100).contains(&(ended - began - 29_000)));
    assert!(!stories[2].attempts[0].failed());
    assert!(stories[2].billed_ms >= 40_000);
}

#[test]
fn tour() {
    let played = play("tour");
    let story = &played.stories()[0];
    assert_eq!(
        caller(story),
        (Some(200), "Hello from WebAssembly!".to_owned())
    );
}
