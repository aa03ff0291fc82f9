//! What holds for every scenario.

use std::collections::BTreeMap;
use std::rc::Rc;

use lambda_playground::guest::engine::Trap;
use lambda_playground::guest::process::PhaseEnd;
use lambda_playground::lambda::billing;
use lambda_playground::lambda::caller::{Call, Moment, Request};
use lambda_playground::lambda::cloud::Setup;
use lambda_playground::lambda::config::FunctionConfig;
use lambda_playground::lambda::event::{Event, InvocationType};
use lambda_playground::lambda::{logs, summary};
use lambda_playground::sim::check::twice;
use lambda_playground::sim::{SimDuration, SimTime};
use proptest::prelude::*;

use crate::scripted::*;

fn end() -> impl Strategy<Value = PhaseEnd> {
    prop_oneof![
        4 => Just(PhaseEnd::Done(b"{}".to_vec())),
        2 => Just(PhaseEnd::Failed { error_type: "Oops".to_owned(), message: "broken".to_owned() }),
        1 => any::<i32>().prop_map(PhaseEnd::Exited),
        1 => Just(PhaseEnd::Trapped(Trap::Unreachable)),
        1 => Just(PhaseEnd::StackOverflow),
        1 => Just(PhaseEnd::BrokenContract("no".to_owned())),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (0_u64..3_000_000).prop_map(Work),
        (0_u64..5_000).prop_map(Sleep),
        Just(Say("a line")),
        (0_u64..200 * 1024 * 1024).prop_map(Grow),
        end().prop_map(End),
    ]
}

fn script() -> impl Strategy<Value = Vec<Act>> {
    prop::collection::vec(act(), 0..5)
}

#[derive(Debug, Clone)]
struct Plan {
    config: FunctionConfig,
    starts: Vec<Vec<Act>>,
    handlers: Vec<Vec<Act>>,
    requests: Vec<(bool, Option<u64>, bool, bool)>,
    seed: u64,
}

fn plan() -> impl Strategy<Value = Plan> {
    let memory = prop_oneof![Just(128), Just(512), Just(1_769), Just(10_240)];
    let request = (
        any::<bool>(),
        prop::option::of(0_u64..700_000),
        prop::bool::weighted(0.1),
        any::<bool>(),
    );
    (
        (memory, 1_u32..10, 0_u32..=2, 60_u32..400),
        prop::collection::vec(script(), 1..4),
        prop::collection::vec(script(), 1..6),
        prop::collection::vec(request, 0..12),
        any::<u64>(),
    )
        .prop_map(
            |((memory, timeout, retries, age), starts, handlers, requests, seed)| Plan {
                config: FunctionConfig {
                    maximum_retry_attempts: retries,
                    maximum_event_age_seconds: age,
                    ..config(memory, timeout)
                },
                starts,
                handlers,
                requests,
                seed,
            },
        )
}

/// The plan as a set-up: asynchronous or not, at a time or after the previous, broken or not, impatient or not.
fn realise(plan: &Plan) -> Setup {
    let (starts, handlers) = (plan.starts.clone(), plan.handlers.clone());
    let code = Scripted::new(
        move |n| starts[n % starts.len()].clone(),
        move |n| handlers[n % handlers.len()].clone(),
    );
    let requests = plan
        .requests
        .iter()
        .map(|(asynchronous, at, broken, impatient)| Request {
            when: match at {
                Some(millis) => Moment::At(ms(*millis)),
                None => Moment::AfterPrevious(SimDuration::from_millis(5)),
            },
            call: Call::new(
                Rc::new(Echo {
                    kind: if *asynchronous {
                        InvocationType::Event
                    } else {
                        InvocationType::RequestResponse
                    },
                    timeout: impatient.then(|| SimDuration::from_millis(1_500)),
                }),
                if *broken { "{" } else { "{}" },
            ),
        })
        .collect();
    Setup {
        seed: plan.seed,
        ..setup(plan.config.clone(), code, requests)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// The same scenario gives the same trace, event by event and draw by draw.
    #[test]
    fn the_same_seed_gives_the_same_trace(plan in plan()) {
        let (first, second) = twice(|log| play(with_log(realise(&plan), log)));
        prop_assert_eq!(first, second);
    }

    /// Time never runs backwards, and every request's story comes to exactly one end.
    #[test]
    fn every_story_ends_exactly_once(plan in plan()) {
        let entries = play(realise(&plan));
        prop_assert!(entries.is_sorted_by_key(|entry| entry.at));
        let mut ends = BTreeMap::new();
        let mut seen = BTreeMap::new();
        let mut asynchronous = BTreeMap::new();
        for entry in &entries {
            match &entry.event {
                Event::Received { invocation, sent } => {
                    ends.insert(*invocation, 0);
                    asynchronous.insert(*invocation, sent.kind == InvocationType::Event);
                }
                Event::Refused { invocation, .. } | Event::Dropped { invocation, .. } => {
                    *ends.get_mut(invocation).unwrap() += 1;
                }
                Event::InvokeFinished { invocation, outcome, .. }
                    if !asynchronous[invocation] || !outcome.failed() =>
                {
                    *ends.get_mut(invocation).unwrap() += 1;
                }
                Event::CallerSaw { invocation, .. } => *seen.entry(*invocation).or_insert(0) += 1,
                _ => {}
            }
        }
        prop_assert_eq!(ends.len(), plan.requests.len());
        prop_assert!(ends.values().all(|ends| *ends == 1), "{:?}", ends);
        prop_assert_eq!(seen.len(), plan.requests.len());
        prop_assert!(seen.values().all(|seen| *seen == 1), "{:?}", seen);
        for story in summary::invocations(&entries) {
            prop_assert!(story.ended.is_some());
        }
    }

    /// The whole is the sum of its parts: usage, billed time and money.
    #[test]
    fn bills_add_up(plan in plan()) {
        let entries = play(realise(&plan));
        let totals = summary::totals(&entries);
        let (mut cost, mut billed) = (0, 0);
        for story in summary::invocations(&entries) {
            cost += story.cost_picodollars;
            billed += story.billed_ms;
            for attempt in &story.attempts {
                let (usage, report) = (attempt.usage.unwrap(), attempt.report.as_ref().unwrap());
                // At the deadline a guest is stopped in the middle of work that it had already been charged for.
                if report.status != Some(lambda_playground::lambda::event::ReportStatus::Timeout) {
                    prop_assert_eq!(usage.duration, usage.cpu + usage.frozen + usage.waited);
                }
                prop_assert_eq!(usage.duration, report.duration);
                prop_assert_eq!(attempt.ended.unwrap().since(attempt.started), report.duration);
                let timeout = SimDuration::from_secs(u64::from(plan.config.timeout.0));
                prop_assert!(report.duration <= timeout);
                prop_assert!(report.max_memory_used_mb <= plan.config.memory.0);
                let charged = billing::charge(&plan.config, report.billed_ms, 1);
                prop_assert_eq!(charged.total(), report.cost_picodollars);
                let lines = billing::explain(&plan.config, report.billed_ms, 1);
                let sum: u64 = lines.iter().map(|line| line.amount).sum();
                prop_assert_eq!(sum, report.cost_picodollars);
            }
        }
        prop_assert_eq!(cost, totals.cost_picodollars);
        prop_assert_eq!(billed, totals.billed_ms);
    }

    /// Every prefix of a trace can be folded, and the log of a prefix is a prefix of the log.
    #[test]
    fn folds_take_any_prefix(plan in plan(), part in 0.0_f64..1.0) {
        let entries = play(realise(&plan));
        let prefix = &entries[..(entries.len() as f64 * part) as usize];
        let (part, whole) = (logs::lines(prefix), logs::lines(&entries));
        prop_assert_eq!(&part[..], &whole[..part.len()]);
        summary::invocations(prefix);
        summary::totals(prefix);
    }

    /// The log has one START, END and REPORT for each run, in this order.
    #[test]
    fn every_run_has_its_three_lines(plan in plan()) {
        let entries = play(realise(&plan));
        let lines = logs::lines(&entries);
        for story in summary::invocations(&entries) {
            let own: Vec<_> = lines
                .iter()
                .filter(|line| line.request_id == Some(story.request_id) && line.kind == logs::LogKind::Platform)
                .filter_map(|line| line.text.split(' ').next())
                .filter(|word| *word != "INIT_REPORT")
                .collect();
            let expected: Vec<_> = story.attempts.iter().flat_map(|_| ["START", "END", "REPORT"]).collect();
            prop_assert_eq!(own, expected);
        }
    }

    /// Validation never panics and names a field; a valid configuration passes both ways of asking.
    #[test]
    fn any_configuration_can_be_checked(name in ".{0,70}", memory: u32, timeout: u32, variables in prop::collection::vec((".{0,20}", ".{0,20}"), 0..5)) {
        use lambda_playground::lambda::config::{MemoryMb, TimeoutSeconds};
        let config = FunctionConfig {
            name, memory: MemoryMb(memory), timeout: TimeoutSeconds(timeout), environment: variables,
            ..FunctionConfig::default()
        };
        let problems = lambda_playground::lambda::limits::check(&config);
        prop_assert!(problems.iter().all(|problem| !problem.place.is_empty()));
        if problems.is_empty() {
            prop_assert_eq!(lambda_playground::lambda::limits::validation_exception(&config), None);
        }
    }

    /// Reading a scenario never panics, and reading what was written gives it back.
    #[test]
    fn any_text_can_be_read_as_a_scenario(text in ".{0,200}", at: u64, payload in ".{0,50}") {
        use lambda_playground::scenario::{Arrival, Scenario, When, from_json, to_json};
        from_json(&text);
        let scenario = Scenario {
            arrivals: vec![Arrival { when: When::At(SimTime::from_nanos(at)), trigger: text, payload, ..Arrival::default() }],
            ..Scenario::default()
        };
        prop_assert_eq!(from_json(&to_json(&scenario)), (scenario, vec![]));
    }
}
