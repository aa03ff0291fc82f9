//! Triggers played by the cloud: with the examples that the page offers, and with functions that go wrong.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use lambda_playground::guest::engine::interpreter::Interpreter;
use lambda_playground::guest::process::{Progress, Verdict, Watch};
use lambda_playground::guest::program::Program;
use lambda_playground::lambda::cloud::Cloud;
use lambda_playground::lambda::config::TimeoutSeconds;
use lambda_playground::lambda::event::{
    CallerView, DropReason, Entry, Event, InvocationType, Origin, ServiceNote, ServiceStep,
};
use lambda_playground::lambda::event_source::SourceEvent;
use lambda_playground::scenario::{Arrival, FunctionSetup, ModuleHash, Published, Runs, Scenario};
use lambda_playground::sim::{SimDuration, SimTime};
use lambda_playground::trigger::names::NAMES;
use lambda_playground::trigger::retries::Trouble;
use lambda_playground::ui::catalogue;

use super::*;

pub fn patient() -> Watch {
    Rc::new(RefCell::new(|_: Progress| Verdict::Continue))
}

pub fn example(id: &str) -> Rc<Program> {
    let path = format!("{}/functions/{id}/{id}.wasm", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    Program::prepare(&Interpreter::new(), &bytes).unwrap_or_else(|found| panic!("{id}: {found:#?}"))
}

/// A handler that does this.
pub fn doing(imports: &str, body: &str) -> Rc<Program> {
    let text = format!(
        r#"(module {imports}
            (memory (export "memory") 4)
            (data (i32.const 0) "42")
            (data (i32.const 16) "Error")
            (data (i32.const 32) "It went wrong.")
            (func (export "alloc") (param i32) (result i32) (i32.const 1024))
            (func (export "handler") (param i32 i32) (result i64) {body}))"#
    );
    let bytes = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}"));
    Program::prepare(&Interpreter::new(), &bytes).unwrap_or_else(|found| panic!("{found:#?}"))
}

fn fails() -> Rc<Program> {
    doing(
        r#"(import "lambda" "fail" (func $fail (param i32 i32 i32 i32)))"#,
        "(call $fail (i32.const 16) (i32.const 5) (i32.const 32) (i32.const 14)) (i64.const 0)",
    )
}

/// Sleeps for an hour, which no timeout here allows.
fn sleeps() -> Rc<Program> {
    doing(
        r#"(import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))"#,
        r#"(i32.store (i32.const 216) (i32.const 1))
           (i64.store (i32.const 224) (i64.const 3600000000000))
           (drop (call $poll (i32.const 200) (i32.const 300) (i32.const 1) (i32.const 400)))
           (i64.const 0)"#,
    )
}

/// Answers with the number 42, which hardly any service can use.
fn answers_42() -> Rc<Program> {
    doing("", "(i64.const 2)")
}

/// One request through a trigger with its sample and its settings as a fresh form has them, but for some fields.
pub fn scenario(id: &str, changes: &[(&str, &str)]) -> Scenario {
    let trigger = find(id);
    let filled = form(trigger, changes);
    let settings: BTreeMap<String, String> = trigger
        .fields()
        .iter()
        .filter(|field| field.setting)
        .filter_map(|field| filled.iter().find(|(key, _)| key == field.key).cloned())
        .collect();
    Scenario {
        triggers: BTreeMap::from([(id.to_owned(), settings)]),
        arrivals: vec![Arrival {
            trigger: id.to_owned(),
            payload: trigger.sample(&filled, CONTEXT).to_string(),
            ..Arrival::default()
        }],
        ..Scenario::default()
    }
}

#[track_caller]
pub fn lived(scenario: &Scenario, program: Rc<Program>) -> Vec<Entry> {
    let mut cloud = Cloud::new(scenario, Rc::new(program), patient()).expect("a valid scenario");
    while cloud.step() {}
    cloud.take_entries()
}

/// What went through the cloud, in order and in few words.
fn story(entries: &[Entry]) -> Vec<String> {
    let mut told = Vec::new();
    for entry in entries {
        let at = entry.at.since(SimTime::ZERO).as_millis_ceil() / 1_000;
        told.push(match &entry.event {
            Event::InvokeFinished { outcome, .. } if outcome.failed() => {
                format!(
                    "{at}s failed {}",
                    outcome.response.error_type().unwrap_or_default()
                )
            }
            Event::InvokeFinished { .. } => format!("{at}s answered"),
            Event::Throttled { .. } => format!("{at}s throttled"),
            Event::Dropped { reason, .. } => format!("{at}s dropped {reason:?}"),
            Event::CallerSaw { view, .. } => {
                let status = view
                    .status
                    .map_or("-".to_owned(), |status| status.to_string());
                format!("{at}s saw {status} {}", if view.ok { "ok" } else { "bad" })
            }
            Event::Called { call, .. } => {
                let operation = call.operation.split("https").next().unwrap_or_default();
                format!("{at}s called {} {}", operation.trim(), call.reply.status)
            }
            Event::Service { note, .. } => format!("{at}s {}", step(note)),
            _ => continue,
        });
    }
    told
}

fn step(note: &ServiceNote) -> String {
    match &note.step {
        ServiceStep::HeldBack => "held back".to_owned(),
        ServiceStep::Retry { attempt, .. } => format!("will call {attempt}"),
        ServiceStep::GaveUp { attempts } => format!("gave up after {attempts}"),
        ServiceStep::Waits { .. } => "waits".to_owned(),
        ServiceStep::Over { status, .. } => format!("over {status}"),
        ServiceStep::Entered { state, .. } => format!("enters {state}"),
        ServiceStep::Exited { state, .. } => format!("leaves {state}"),
        ServiceStep::Caught { error, retry } => {
            format!(
                "{error} {}",
                if retry.is_some() { "retried" } else { "caught" }
            )
        }
    }
}

fn views(entries: &[Entry]) -> Vec<&CallerView> {
    let views = entries.iter().filter_map(|entry| match &entry.event {
        Event::CallerSaw { view, .. } => Some(&**view),
        _ => None,
    });
    views.collect()
}

fn notes(entries: &[Entry]) -> Vec<&ServiceNote> {
    let notes = entries.iter().filter_map(|entry| match &entry.event {
        Event::Service { note, .. } => Some(&**note),
        _ => None,
    });
    notes.collect()
}

fn count(story: &[String], words: &str) -> usize {
    story.iter().filter(|line| line.contains(words)).count()
}

#[test]
fn every_trigger_plays_well_with_its_example() {
    for named in NAMES {
        let id = named.id;
        let example_of =
            catalogue::for_trigger(id).unwrap_or_else(|| panic!("{id} has no example"));
        let entries = lived(&scenario(id, &[]), example(&example_of.id));
        let story = story(&entries);
        assert_eq!(count(&story, "failed"), 0, "{id}: {story:#?}");
        if id != "direct-dry-run" {
            assert_eq!(count(&story, "answered"), 1, "{id}: {story:#?}");
        }
        for view in views(&entries) {
            assert!(view.ok, "{id}: {view:#?}");
        }
    }
}

/// How a function goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    Fails,
    Sleeps,
    Throttled,
    Nonsense,
}

impl Wrong {
    /// How the caller sees it; none when the function answers.
    fn trouble(self) -> Option<Trouble> {
        match self {
            Self::Fails => Some(Trouble::FunctionError),
            Self::Sleeps => Some(Trouble::FunctionTimeout),
            Self::Throttled => Some(Trouble::Throttled),
            Self::Nonsense => None,
        }
    }

    fn played(self, id: &str) -> Vec<Entry> {
        self.plays(scenario(id, &[]))
    }

    /// A scenario with a function that goes wrong so; it may run two seconds.
    pub fn plays(self, mut scenario: Scenario) -> Vec<Entry> {
        scenario.function.timeout = TimeoutSeconds(2);
        let program = match self {
            Self::Fails => fails(),
            Self::Sleeps => sleeps(),
            Self::Throttled => {
                scenario.function.reserved_concurrency = Some(0);
                answers_42()
            }
            Self::Nonsense => answers_42(),
        };
        lived(&scenario, program)
    }

    /// When an invocation is over that began so many seconds after the start.
    pub fn after(self, seconds: u32) -> String {
        let took = if self == Self::Sleeps { 2 } else { 0 };
        format!("{}.0s", seconds + took)
    }
}

const WRONGS: [Wrong; 4] = [
    Wrong::Fails,
    Wrong::Sleeps,
    Wrong::Throttled,
    Wrong::Nonsense,
];

/// What proves that a function went wrong so, in a trace.
fn shows(wrong: Wrong, trigger: &dyn Trigger, entries: &[Entry]) -> bool {
    let any = |found: &dyn Fn(&Event) -> bool| entries.iter().any(|entry| found(&entry.event));
    let failed = |kind: &str| {
        any(&|event| {
            matches!(event, Event::InvokeFinished { outcome, .. }
                if outcome.failed() && outcome.response.error_type().as_deref() == Some(kind))
        })
    };
    match wrong {
        Wrong::Fails => failed("Error"),
        Wrong::Sleeps => failed("Sandbox.Timedout"),
        // The event queue does not even try.
        Wrong::Throttled if is_asynchronous(trigger) => any(&|event| {
            matches!(
                event,
                Event::Dropped {
                    reason: DropReason::ZeroReservedConcurrency,
                    ..
                }
            )
        }),
        Wrong::Throttled => any(&|event| matches!(event, Event::Throttled { .. })),
        Wrong::Nonsense => {
            let answered = any(&|event| {
                matches!(event, Event::InvokeFinished { outcome, .. }
                    if outcome.response.payload == "42")
            });
            let judged = any(&|event| match event {
                Event::CallerSaw { .. } => true,
                Event::Mapping { event, .. } => matches!(**event, SourceEvent::BatchEnded { .. }),
                _ => false,
            });
            answered && judged
        }
    }
}

/// None of the registry is left out: each trigger's function fails, times out, is throttled and answers nonsense, and the
/// trace shows it. (It succeeds in [`every_trigger_plays_well_with_its_example`].) A dry run runs nothing.
#[test]
fn every_trigger_of_the_registry_is_played_through_every_ending() {
    let names: Vec<_> = NAMES.iter().map(|named| named.id).collect();
    let registered: Vec<_> = trigger::all().iter().map(|trigger| trigger.id()).collect();
    assert_eq!(registered, names, "the picker has them all");
    for trigger in trigger::all().iter().copied() {
        for wrong in WRONGS {
            let entries = wrong.played(trigger.id());
            let runs = trigger.id() != "direct-dry-run";
            assert_eq!(
                shows(wrong, trigger, &entries),
                runs,
                "{} {wrong:?}",
                trigger.id()
            );
        }
    }
}

fn is_asynchronous(trigger: &dyn Trigger) -> bool {
    let event = trigger.sample(&trigger::default_form(trigger), CONTEXT);
    trigger.invocation_type(&event) == InvocationType::Event
}

/// Whoever waits sees the failure, after as many calls as the service makes by itself.
#[test]
fn synchronous_services_pass_failures_on_or_call_again() {
    for trigger in trigger::all().iter().copied() {
        let id = trigger.id();
        let polled = trigger.group() == trigger::Group::Polled;
        if polled || is_asynchronous(trigger) || id == "direct-dry-run" {
            continue;
        }
        let event = trigger.sample(&trigger::default_form(trigger), CONTEXT);
        for wrong in WRONGS {
            let entries = wrong.played(id);
            let story = story(&entries);
            let calls = entries
                .iter()
                .filter(|entry| matches!(entry.event, Event::Received { .. }))
                .count();
            let retries = trigger.retries(&event);
            let expected = match wrong.trouble() {
                // The default machine's Retry: two more.
                Some(_) if id == "step-functions" => 3,
                Some(trouble) if !id.starts_with("direct") && retries.covers(trouble) => {
                    retries.tries()
                }
                _ => 1,
            };
            assert_eq!(calls, expected as usize, "{id} {wrong:?}: {story:#?}");
            let ok = views(&entries).last().is_some_and(|view| view.ok);
            let fits = wrong.trouble().is_none() && trigger.caller_view(&event, &answer("42")).ok;
            assert_eq!(ok, fits, "{id} {wrong:?}: {story:#?}");
        }
    }
}

/// Nobody waits: Lambda tries three times, and gives the event up. Only a stack that rolls back calls once more.
#[test]
fn asynchronous_events_are_tried_three_times() {
    for trigger in trigger::all().iter().copied() {
        let id = trigger.id();
        if !is_asynchronous(trigger) {
            continue;
        }
        let events = if id == "cloudformation" { 2 } else { 1 };
        for wrong in WRONGS {
            let story = story(&wrong.played(id));
            let (runs, dropped) = match wrong {
                Wrong::Fails | Wrong::Sleeps => (3, "dropped RetriesExhausted"),
                Wrong::Throttled => (0, "dropped ZeroReservedConcurrency"),
                Wrong::Nonsense => (1, ""),
            };
            let ran = count(&story, "s failed ") + count(&story, "s answered");
            assert_eq!(ran, runs * events, "{id} {wrong:?}: {story:#?}");
            if !dropped.is_empty() {
                assert_eq!(count(&story, dropped), events, "{id} {wrong:?}: {story:#?}");
            }
        }
    }
}

#[test]
fn filters_keep_events_away_and_name_the_key() {
    /// A trigger, what is filled in, and what must be there.
    type Case = (
        &'static str,
        &'static [(&'static str, &'static str)],
        &'static str,
    );
    let cases: [Case; 5] = [
        (
            "s3",
            &[("prefix", "images/"), ("key", "docs/a b.txt")],
            "docs/a b.txt does not",
        ),
        (
            "s3",
            &[("suffix", ".jpg"), ("key", "a.png")],
            "end with .jpg",
        ),
        (
            "sns",
            &[
                ("policy", r#"{"store":["north"]}"#),
                ("attributes", "store: south"),
            ],
            "store must fit [\"north\"] but is \"south\"",
        ),
        (
            "eventbridge",
            &[("pattern", r#"{"detail":{"total":[{"numeric":[">",100]}]}}"#)],
            "detail.total must fit",
        ),
        (
            "iot",
            &[("sql", "SELECT * FROM 'other/#'")],
            "does not pick this message",
        ),
    ];
    for (id, changes, words) in cases {
        let entries = lived(&scenario(id, changes), example("notices"));
        assert_eq!(story(&entries), ["0s held back"], "{id}");
        let meaning = &notes(&entries)[0].meaning;
        assert!(meaning.contains(words), "{id}: {meaning}");
    }
    let let_through = scenario(
        "sns",
        &[
            ("policy", r#"{"store":["north"]}"#),
            ("attributes", "store: north"),
        ],
    );
    assert_eq!(
        count(&story(&lived(&let_through, example("notices"))), "answered"),
        1
    );
}

/// Each firing comes at its time by the schedule, says so, and has an id of its own.
#[test]
fn a_schedule_fires_again_and_again() {
    for (schedule, times) in [
        (
            "rate(5 minutes)",
            &[
                "2026-01-05T12:05:00Z",
                "2026-01-05T12:10:00Z",
                "2026-01-05T12:15:00Z",
            ],
        ),
        (
            "cron(0 8 ? * MON-FRI *)",
            &[
                "2026-01-06T08:00:00Z",
                "2026-01-07T08:00:00Z",
                "2026-01-08T08:00:00Z",
            ],
        ),
    ] {
        let mut scenario = scenario(
            "eventbridge-schedule",
            &[("schedule", schedule), ("firings", "3")],
        );
        scenario.arrivals.push(Arrival::default());
        // The function runs longer than a second each time; nobody waits for it.
        let entries = lived(&scenario, answers_42());
        let mut ids = std::collections::BTreeSet::new();
        let mut seen = Vec::new();
        for entry in &entries {
            if let Event::Received { sent, .. } = &entry.event
                && sent.trigger == "eventbridge-schedule"
            {
                let event: Value = serde_json::from_str(&sent.payload).expect("JSON");
                assert_eq!(find("eventbridge-schedule").check_event(&event), []);
                ids.insert(event["id"].to_string());
                let time = event["time"].as_str().expect("a time").to_owned();
                // By the scenario's clock it is that time.
                let days: u64 = time[8..10].parse::<u64>().expect("a day") - 5;
                let hours: u64 = time[11..13].parse().expect("an hour");
                let minutes: u64 = time[14..16].parse().expect("a minute");
                let clock = (days * 24 + hours) * 3_600 + minutes * 60 - 12 * 3_600;
                assert_eq!(entry.at, SimTime::ZERO + SimDuration::from_secs(clock));
                seen.push(time);
            }
        }
        assert_eq!(seen, times, "{schedule}");
        assert_eq!(ids.len(), 3, "{schedule}");
        // What comes after it in the list comes after its last firing.
        let story = story(&entries);
        assert_eq!(count(&story, "answered"), 4, "{story:#?}");
    }
}

/// A rule that fires once more each time that nobody asked for would fill the memory: the list has a limit.
#[test]
fn schedules_do_not_fire_without_end() {
    let mut scenario = scenario("eventbridge-schedule", &[("firings", "1440")]);
    scenario.arrivals = vec![scenario.arrivals[0].clone(); 100];
    let found = lambda_playground::scenario::validate(&scenario);
    assert!(
        found
            .iter()
            .any(|problem| problem.cause.contains("144000 events")),
        "{found:#?}"
    );
    // A cron that names no time any more, a time too far away, and texts that are none: it comes once, at once.
    for (changes, time) in [
        (
            &[("schedule", "cron(0 0 30 2 ? *)"), ("firings", "9")],
            None,
        ),
        (
            &[("schedule", "cron(0 0 1 1 ? 2199)"), ("firings", "9")],
            None,
        ),
        (
            &[("schedule", "rate(1 minute)"), ("firings", "9")],
            Some("soon"),
        ),
        (&[("schedule", "rate(365 days)"), ("firings", "9")], None),
    ] {
        let mut scenario = self::scenario("eventbridge-schedule", changes);
        if let Some(time) = time {
            let mut event: Value =
                serde_json::from_str(&scenario.arrivals[0].payload).expect("JSON");
            event["time"] = time.into();
            scenario.arrivals[0].payload = event.to_string();
        }
        let story = story(&lived(&scenario, answers_42()));
        assert_eq!(count(&story, "answered"), 1, "{changes:?}: {story:#?}");
    }
}

#[test]
fn a_message_goes_to_all_functions_that_have_subscribed() {
    let mut fan_out = scenario(
        "sns",
        &[("subscribers", "my-function\nsecond\nsecond\nnobody")],
    );
    let mut config = fan_out.function.clone();
    config.name = "second".to_owned();
    fan_out.others.push(FunctionSetup {
        config,
        module: ModuleHash(String::new()),
        runs: Runs::Module,
        published: Published::default(),
    });
    fan_out.arrivals.push(fan_out.arrivals[0].clone());
    let entries = lived(&fan_out, example("notices"));
    let functions: Vec<_> = entries
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::Received { sent, .. } => Some(sent.function.map(|id| id.0)),
            _ => None,
        })
        .collect();
    let once = [Some(0), Some(1), None];
    assert_eq!(functions, [once, once].concat());
    // The one that is not there: SNS gives up at once.
    assert_eq!(count(&story(&entries), "gave up after 1"), 2);
}

#[test]
fn services_call_again_by_themselves_and_give_up() {
    let mut firehose = scenario("firehose", &[]);
    firehose.function.reserved_concurrency = Some(0);
    assert_eq!(
        story(&lived(&firehose, answers_42())),
        [
            "0s throttled",
            "0s saw - bad",
            "0s will call 2",
            "1s throttled",
            "1s saw - bad",
            "1s will call 3",
            "3s throttled",
            "3s saw - bad",
            "3s will call 4",
            "7s throttled",
            "7s saw - bad",
            "7s gave up after 4",
        ]
    );
    // Cognito waits five seconds each time; the function goes on, and is billed.
    let mut cognito = scenario("cognito", &[]);
    cognito.function.timeout = TimeoutSeconds(30);
    let story_of_it = story(&lived(&cognito, sleeps()));
    assert_eq!(count(&story_of_it, "saw 400 bad"), 3);
    assert_eq!(count(&story_of_it, "failed Sandbox.Timedout"), 3);
    assert_eq!(count(&story_of_it, "gave up after 3"), 1);
    // A function error is passed on at once, however many tries there would be.
    let story_of_it = story(&lived(&scenario("firehose", &[]), fails()));
    assert_eq!(
        story_of_it,
        ["0s failed Error", "0s saw - bad", "0s gave up after 1"]
    );
}

#[test]
fn a_pipeline_waits_for_its_job() {
    let played = |parameters: &str| {
        let scenario = scenario("codepipeline", &[("parameters", parameters)]);
        story(&lived(&scenario, example("callback")))
    };
    assert_eq!(
        played("deploy"),
        [
            "0s saw 202 ok",
            "0s waits",
            "0s called PutJobSuccessResult 200",
            "0s saw - ok",
            "0s over Succeeded",
            "0s answered"
        ]
    );
    assert_eq!(
        played("fail"),
        [
            "0s saw 202 ok",
            "0s waits",
            "0s called PutJobFailureResult 200",
            "0s saw - bad",
            "0s over Failed",
            "0s answered"
        ]
    );
    assert_eq!(
        played("silent"),
        [
            "0s saw 202 ok",
            "0s waits",
            "0s answered",
            "1200s saw - bad",
            "1200s over Failed"
        ]
    );
    let continued = played("continue");
    assert_eq!(count(&continued, "over InProgress"), 1);
    assert_eq!(count(&continued, "will call 2"), 1);
    assert_eq!(count(&continued, "30s over Succeeded"), 1);
}

/// In cached mode the code does not run again, but what it does to others is done again: whole, however long it was.
#[test]
fn a_cached_function_calls_with_whole_bodies() {
    let mut scenario = scenario("codepipeline", &[]);
    let event: Value = serde_json::from_str(&scenario.arrivals[0].payload).expect("JSON");
    let id = event.pointer("/CodePipeline.job/id").expect("an id");
    // JSON with 100,000 spaces in it: cut anywhere, it is JSON no more.
    let begins = format!(r#"{{"jobId":{id}"#);
    let imports = format!(
        r#"(import "lambda" "call" (func $call (param i32 i32 i32 i32) (result i32)))
           (data (i32.const 128) "PutJobSuccessResult")
           (data (i32.const 65536) "{}")"#,
        begins.replace('"', "\\\"")
    );
    let length = begins.len();
    let end = 65_536 + length + 100_000;
    let body = format!(
        "(memory.fill (i32.const {}) (i32.const 32) (i32.const 100000))
         (i32.store8 (i32.const {end}) (i32.const 125))
         (drop (call $call (i32.const 128) (i32.const 19) (i32.const 65536) (i32.const {})))
         (i64.const 2)",
        65_536 + length,
        length + 100_001
    );
    scenario.runs = Runs::Cached;
    let arrival = scenario.arrivals[0].clone();
    scenario.arrivals = vec![arrival; 6];
    let entries = lived(&scenario, doing(&imports, &body));
    let reused = entries.iter().filter(|entry| {
        matches!(&entry.event, Event::InvokeFinished { outcome, .. }
            if outcome.origin == Origin::Reused)
    });
    assert!(reused.count() >= 3);
    let story = story(&entries);
    assert_eq!(count(&story, "called PutJobSuccessResult 200"), 6);
    assert_eq!(count(&story, "over Succeeded"), 6, "{story:#?}");
    // What is shown of it is its beginning.
    for entry in &entries {
        if let Event::Called { call, .. } = &entry.event {
            assert_eq!(call.body.len(), 16 * 1024);
        }
    }
}

#[test]
fn a_stack_waits_for_its_resource_and_rolls_back() {
    let played = |changes: &[(&str, &str)]| {
        story(&lived(
            &scenario("cloudformation", changes),
            example("callback"),
        ))
    };
    assert_eq!(
        played(&[]),
        [
            "0s saw 202 ok",
            "0s waits",
            "0s called PUT 200",
            "0s saw - ok",
            "0s over SUCCESS",
            "0s answered"
        ]
    );
    let failed = played(&[("properties", r#"{"Mode":"fail"}"#)]);
    assert_eq!(count(&failed, "over FAILED"), 1);
    assert_eq!(
        count(&failed, "over SUCCESS"),
        1,
        "the Delete of the rollback: {failed:#?}"
    );
    let silent = played(&[("properties", r#"{"Mode":"silent"}"#)]);
    assert_eq!(count(&silent, "3600s over FAILED"), 1);
    assert_eq!(
        count(&silent, "7201s over FAILED"),
        1,
        "the Delete hangs just as long: {silent:#?}"
    );
    assert_eq!(count(&silent, "waits"), 2);
    // The template may say less than an hour.
    let shorter = played(&[
        ("properties", r#"{"Mode":"silent"}"#),
        ("service_timeout", "60"),
    ]);
    assert_eq!(count(&shorter, "60s over FAILED"), 1, "{shorter:#?}");
    assert_eq!(count(&shorter, "121s over FAILED"), 1, "{shorter:#?}");
}

#[test]
fn a_rule_without_evaluations_has_no_results() {
    let played = |parameters: &str| {
        story(&lived(
            &scenario("config", &[("parameters", parameters)]),
            example("callback"),
        ))
    };
    assert_eq!(count(&played("{}"), "over Evaluated"), 1);
    assert_eq!(count(&played(r#"{"mode":"silent"}"#), "over No results"), 1);
}

#[test]
fn a_state_machine_retries_and_catches() {
    let good = story(&lived(
        &scenario("step-functions", &[]),
        example("callback"),
    ));
    assert_eq!(
        good,
        [
            "0s enters Work",
            "0s answered",
            "0s saw - ok",
            "0s leaves Work",
            "0s saw - ok",
            "0s over SUCCEEDED"
        ]
    );
    let bad = story(&lived(&scenario("step-functions", &[]), fails()));
    assert_eq!(count(&bad, "0s Error retried"), 1, "{bad:#?}");
    assert_eq!(count(&bad, "2s Error retried"), 1, "{bad:#?}");
    assert_eq!(count(&bad, "6s Error caught"), 1, "{bad:#?}");
    assert_eq!(count(&bad, "6s enters GiveUp"), 1);
    assert_eq!(bad.last().map(String::as_str), Some("6s over FAILED"));
}

#[test]
fn a_task_token_is_waited_for() {
    let played = |input: &str| {
        let scenario = scenario("step-functions", &[("token", "On"), ("input", input)]);
        story(&lived(&scenario, example("callback")))
    };
    let good = played("{}");
    assert_eq!(count(&good, "called SendTaskHeartbeat 200"), 1, "{good:#?}");
    assert_eq!(count(&good, "called SendTaskSuccess 200"), 1);
    assert_eq!(count(&good, "over SUCCEEDED"), 1);
    let refused = played(r#"{"order":"fail"}"#);
    assert_eq!(count(&refused, "called SendTaskFailure 200"), 1);
    assert_eq!(count(&refused, "over FAILED"), 1);
    let silent = played(r#"{"order":"silent"}"#);
    assert_eq!(
        count(&silent, "3600s States.Timeout caught"),
        1,
        "{silent:#?}"
    );
    assert_eq!(count(&silent, "3600s over FAILED"), 1);
}

#[test]
fn all_kinds_of_states_really_run() {
    let definition = json!({
        "StartAt": "Begin",
        "States": {
            "Begin": {"Type": "Pass", "Result": [1, 2, 3], "ResultPath": "$.items", "Next": "Pause"},
            "Pause": {"Type": "Wait", "Seconds": 60, "Next": "Each"},
            "Each": {
                "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 1, "ResultPath": "$.done", "Next": "Both",
                "ItemProcessor": {"StartAt": "One", "States": {"One": {"Type": "Task", "Resource": "${Function}", "End": true}}}
            },
            "Both": {
                "Type": "Parallel", "ResultPath": "$.both", "Next": "Which",
                "Branches": [
                    {"StartAt": "Left", "States": {"Left": {"Type": "Task", "Resource": "${Function}", "End": true}}},
                    {"StartAt": "Right", "States": {"Right": {"Type": "Pass", "End": true}}}
                ]
            },
            "Which": {
                "Type": "Choice", "Default": "Bad",
                "Choices": [{"Variable": "$.done[0]", "NumericEquals": 42, "Next": "Good"}]
            },
            "Good": {"Type": "Succeed"},
            "Bad": {"Type": "Fail", "Error": "Bad", "Cause": "No 42."}
        }
    });
    let scenario = scenario("step-functions", &[("definition", &definition.to_string())]);
    let told = story(&lived(&scenario, answers_42()));
    assert_eq!(count(&told, "answered"), 4, "{told:#?}");
    assert_eq!(count(&told, "60s enters One"), 3);
    assert_eq!(count(&told, "enters Good"), 1);
    assert_eq!(told.last().map(String::as_str), Some("60s over SUCCEEDED"));
}

#[test]
fn a_definition_that_cannot_be_read_stops_the_scenario() {
    let scenario = scenario(
        "step-functions",
        &[("definition", r#"{"StartAt":"A","States":{}}"#)],
    );
    let found = Cloud::new(&scenario, Rc::new(answers_42()), patient())
        .err()
        .expect("refused");
    assert!(
        found.iter().any(|problem| problem
            .place
            .starts_with("$.triggers.step-functions.definition")),
        "{found:#?}"
    );
}

#[test]
fn what_is_played_is_the_same_each_time() {
    for id in [
        "codepipeline",
        "cloudformation",
        "step-functions",
        "firehose",
    ] {
        let once = lived(&scenario(id, &[]), example("callback"));
        assert_eq!(once, lived(&scenario(id, &[]), example("callback")), "{id}");
        assert!(once.windows(2).all(|pair| pair[0].at <= pair[1].at));
        assert!(
            once.last()
                .is_some_and(|last| last.at.since(SimTime::ZERO) < SimDuration::from_secs(3_600))
        );
    }
}
