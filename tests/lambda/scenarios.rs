//! Scenarios: validation and JSON.

use std::rc::Rc;

use lambda_playground::lambda::cloud::Cloud;
use lambda_playground::lambda::config::{Architecture, MemoryMb, TimeoutSeconds};
use lambda_playground::lambda::summary;
use lambda_playground::problem::Severity;
use lambda_playground::scenario::{
    Arrival, ModuleHash, Scenario, When, from_json, to_json, validate,
};
use lambda_playground::sim::{SimDuration, SimTime};

use crate::scripted::*;

fn rich() -> Scenario {
    let mut scenario = Scenario {
        seed: u64::MAX,
        module: ModuleHash("0123456789abcdef".repeat(4)),
        arrivals: vec![
            Arrival {
                when: When::At(SimTime::from_nanos(5)),
                trigger: "direct".to_owned(),
                payload: "{\"text\": \"ü\"}".to_owned(),
                ..Arrival::default()
            },
            Arrival {
                when: When::AfterPrevious(SimDuration::from_secs(1)),
                trigger: "direct".to_owned(),
                payload: "not json".to_owned(),
                ..Arrival::default()
            },
        ],
        ..Scenario::default()
    };
    scenario.function.architecture = Architecture::Arm;
    scenario.function.environment = vec![("AB".to_owned(), "1".to_owned())];
    scenario
}

#[test]
fn what_is_written_can_be_read() {
    for scenario in [Scenario::default(), rich()] {
        let (read, problems) = from_json(&to_json(&scenario));
        assert_eq!(problems, []);
        assert_eq!(read, scenario);
    }
}

#[test]
fn reading_makes_the_best_of_what_is_there() {
    let text = r#"{
        "version": 1, "seed": "seven", "colour": "red",
        "function": {"memory": 512, "timeout": -1, "tracing": true},
        "arrivals": [{"trigger": "direct", "payload": "{}", "note": 1}, {"payload": "{}"}, 7]
    }"#;
    let (scenario, problems) = from_json(text);
    assert_eq!(scenario.function.memory, MemoryMb(512));
    assert_eq!(scenario.seed, 1);
    assert_eq!(scenario.arrivals.len(), 1);
    assert_eq!(
        scenario.arrivals[0].when,
        When::AfterPrevious(SimDuration::ZERO)
    );
    let mut found: Vec<_> = problems
        .iter()
        .map(|problem| (problem.place.as_str(), problem.code.as_str()))
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("$.arrivals[0].note", "scenario.unknown"),
            ("$.arrivals[1].trigger", "scenario.trigger"),
            ("$.arrivals[2]", "scenario.shape"),
            ("$.colour", "scenario.unknown"),
            ("$.function.timeout", "scenario.value"),
            ("$.function.tracing", "scenario.unknown"),
            ("$.seed", "scenario.value"),
        ]
    );
}

#[test]
fn versions_are_checked() {
    for (text, cause) in [
        (r#"{"version": 3}"#, "version 3"),
        (r#"{"version": 99999999999}"#, "version 99999999999"),
        ("{}", "no version"),
    ] {
        let (_, problems) = from_json(text);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].severity, Severity::Error);
        assert!(problems[0].cause.contains(cause), "{}", problems[0].cause);
    }
}

#[test]
fn what_is_not_json_says_where() {
    let (scenario, problems) = from_json("{\n  \"version\": }");
    assert_eq!(scenario, Scenario::default());
    assert_eq!(problems[0].place, "line 2, column 14");
    for text in ["", "[]", "7", "null", "\"x\""] {
        assert_eq!(from_json(text).1.len(), 1, "{text}");
    }
}

#[test]
fn a_scenario_is_checked_as_a_whole() {
    let mut scenario = rich();
    scenario.version = 9;
    scenario.epoch_ms = -1;
    scenario.module = ModuleHash("xyz".to_owned());
    scenario.function.memory = MemoryMb(1);
    scenario.arrivals[1].trigger = "carrier-pigeon".to_owned();
    scenario.arrivals[1].when = When::At(SimTime::ZERO);
    let places: Vec<_> = validate(&scenario)
        .into_iter()
        .map(|problem| problem.place)
        .collect();
    assert_eq!(
        places,
        [
            "$.version",
            "$.epoch_ms",
            "$.function.memory",
            "$.module",
            "$.arrivals[1].trigger",
            "$.arrivals[1].when",
        ]
    );
}

#[test]
fn the_default_scenario_is_valid() {
    assert_eq!(validate(&Scenario::default()), []);
}

/// A scenario lived through: requests come through the real triggers, and their callers see what those say.
#[test]
fn a_scenario_is_played_through_its_triggers() {
    let arrival = |trigger: &str| Arrival {
        when: When::AfterPrevious(SimDuration::ZERO),
        trigger: trigger.to_owned(),
        payload: "{}".to_owned(),
        ..Arrival::default()
    };
    let mut scenario = Scenario {
        arrivals: ["direct", "direct-async", "api-gateway-http", "s3"]
            .map(arrival)
            .into(),
        ..Scenario::default()
    };
    scenario.function.timeout = TimeoutSeconds(60);
    let code = || {
        Rc::new(Scripted::new(
            |_| vec![],
            |event| vec![Sleep(if event == 2 { 40_000 } else { 10 })],
        ))
    };
    let mut cloud = Cloud::new(&scenario, code(), patient()).expect("a valid scenario");
    while cloud.step() {}
    assert_eq!(cloud.stories_over(), (4, 4));
    let entries = cloud.take_entries();
    let stories = summary::invocations(&entries);
    let seen: Vec<_> = stories
        .iter()
        .map(|story| {
            let (at, view) = story.caller.clone().expect("a view");
            (story.trigger.as_str(), at.since(story.received), view.ok)
        })
        .collect();
    let millis = SimDuration::from_millis;
    assert_eq!(
        seen,
        [
            ("direct", millis(10), true),
            ("direct-async", millis(0), true),
            ("api-gateway-http", millis(30_000), false),
            ("s3", millis(0), true),
        ]
    );
    assert_eq!(stories[2].billed_ms, 40_000);

    scenario.function.memory = MemoryMb(1);
    let problems = Cloud::new(&scenario, code(), patient()).err().unwrap();
    assert_eq!(problems[0].place, "$.function.memory");
}
