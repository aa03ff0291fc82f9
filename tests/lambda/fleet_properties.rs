//! What holds for every scenario with several functions, limits, load, trouble and clients that retry.

use std::collections::{BTreeMap, BTreeSet};

use lambda_playground::lambda::billing::{Month, Usage};
use lambda_playground::lambda::caller::{Call, Client, Load};
use lambda_playground::lambda::cloud::Setup;
use lambda_playground::lambda::config::Destination;
use lambda_playground::lambda::drill::{Drill, Trouble};
use lambda_playground::lambda::event::{
    Capacity, DeliveryKind, Entry, EnvironmentId, Event, FunctionId, InvocationId, InvocationType,
    World,
};
use lambda_playground::lambda::function::Deployment;
use lambda_playground::lambda::metrics::{Dimension, MINUTE, Metric, Metrics, Statistic};
use lambda_playground::lambda::model::Model;
use lambda_playground::lambda::summary;
use lambda_playground::lambda::traffic::{Pattern, Rate};
use lambda_playground::session::protocol::Update;
use lambda_playground::sim::Distribution;
use lambda_playground::sim::check::twice;
use proptest::prelude::*;

use crate::fleet::*;
use crate::scripted::*;

#[derive(Debug, Clone)]
struct One {
    model: Model,
    timeout: u32,
    reserved: Option<u32>,
    provisioned: u32,
    retries: u32,
    age: u32,
    /// On success, on failure, dead letter; on success may lead to the next function.
    targets: (u8, bool, bool),
}

#[derive(Debug, Clone)]
struct Traffic {
    function: usize,
    kind: InvocationType,
    qualified: bool,
    pattern: Pattern,
    start: u64,
    client: Client,
    poisoned: bool,
}

#[derive(Debug, Clone)]
struct Plan {
    account: u32,
    functions: Vec<One>,
    traffic: Vec<Traffic>,
    drills: Vec<Drill>,
    duplicates: u32,
    idle_seconds: u64,
    seed: u64,
}

fn duration() -> impl Strategy<Value = Distribution> {
    prop_oneof![
        (0_u64..3_000_000).prop_map(|micros| Distribution::Constant { micros }),
        (1_u64..500_000).prop_map(|mean_micros| Distribution::Exponential { mean_micros }),
        (1_u64..100_000, 1_u64..30).prop_map(|(median_micros, factor)| Distribution::LogNormal {
            median_micros,
            p99_micros: median_micros * factor,
        }),
    ]
}

fn rare() -> impl Strategy<Value = u32> {
    prop_oneof![3 => Just(0), 2 => 0_u32..400_000, 1 => Just(1_000_000)]
}

fn one() -> impl Strategy<Value = One> {
    (
        (
            duration(),
            rare(),
            duration(),
            rare(),
            prop_oneof![9 => Just(40_u32), 1 => Just(2_000)],
        ),
        1_u32..5,
        prop::option::weighted(0.4, prop_oneof![1 => Just(0_u32), 4 => 1_u32..20]),
        prop_oneof![2 => Just(0_u32), 1 => 1_u32..6],
        (
            0_u32..=2,
            prop_oneof![Just(60_u32), Just(200), Just(21_600)],
        ),
        (0_u8..3, any::<bool>(), any::<bool>()),
    )
        .prop_map(
            |(
                (init, init_errors, duration, errors, memory),
                timeout,
                reserved,
                provisioned,
                (retries, age),
                targets,
            )| One {
                model: Model {
                    init,
                    init_errors_per_million: init_errors,
                    duration,
                    errors_per_million: errors,
                    memory_used_mb: memory,
                    ..Model::default()
                },
                timeout,
                // Provisioned concurrency must fit into the reserve.
                reserved: reserved.map(|reserved| {
                    if reserved == 0 {
                        0
                    } else {
                        reserved.max(provisioned)
                    }
                }),
                provisioned: if reserved == Some(0) { 0 } else { provisioned },
                retries,
                age,
                targets,
            },
        )
}

fn pattern() -> impl Strategy<Value = Pattern> {
    prop_oneof![
        (1_u32..60).prop_map(|count| Pattern::Burst { count }),
        (1_u64..20, 1_u32..10).prop_map(|(rate, seconds)| Pattern::Constant {
            rate: Rate::per_second(rate),
            seconds
        }),
        (1_u64..20, 1_u32..10).prop_map(|(rate, seconds)| Pattern::Poisson {
            rate: Rate::per_second(rate),
            seconds
        }),
        (0_u64..20, 1_u64..20, 1_u32..10).prop_map(|(from, to, seconds)| Pattern::Ramp {
            from: Rate::per_second(from),
            to: Rate::per_second(to),
            seconds,
        }),
    ]
}

fn traffic() -> impl Strategy<Value = Traffic> {
    let client = prop_oneof![
        Just(Client::NoRetry),
        Just(Client::SDK),
        Just(Client::Backoff {
            max_attempts: 6,
            base_ms: 50,
            cap_ms: 400
        }),
    ];
    let kind = prop_oneof![
        4 => Just(InvocationType::RequestResponse),
        4 => Just(InvocationType::Event),
        1 => Just(InvocationType::DryRun),
    ];
    (
        0_usize..3,
        kind,
        any::<bool>(),
        pattern(),
        0_u64..5_000,
        client,
        prop::bool::weighted(0.1),
    )
        .prop_map(
            |(function, kind, qualified, pattern, start, client, poisoned)| Traffic {
                function,
                kind,
                qualified,
                pattern,
                start,
                client,
                poisoned,
            },
        )
}

fn drill() -> impl Strategy<Value = Drill> {
    let trouble = prop_oneof![
        rare().prop_map(|per_million| Trouble::Errors { per_million }),
        // An environment that is always lost would keep a queue busy for six hours; that is tested by itself.
        (0_u32..300_000).prop_map(|per_million| Trouble::LostEnvironment { per_million }),
        rare().prop_map(|per_million| Trouble::ThrottledDestination { per_million }),
        (rare(), duration())
            .prop_map(|(per_million, extra)| Trouble::SlowDownstream { per_million, extra }),
        Just(Trouble::PoisonMessage {
            text: "poison".to_owned()
        }),
    ];
    (trouble, 0_u64..5_000, prop::option::of(1_u64..5_000)).prop_map(|(trouble, from, length)| {
        Drill {
            function: None,
            from: ms(from),
            until: length.map(|length| ms(from + length)),
            trouble,
        }
    })
}

fn plan() -> impl Strategy<Value = Plan> {
    (
        150_u32..300,
        prop::collection::vec(one(), 1..4),
        prop::collection::vec(traffic(), 1..5),
        prop::collection::vec(drill(), 0..3),
        prop_oneof![2 => Just(0_u32), 1 => 0_u32..500_000],
        prop_oneof![1_u64..10, Just(600)],
        any::<u64>(),
    )
        .prop_map(
            |(account, functions, traffic, drills, duplicates, idle_seconds, seed)| Plan {
                account,
                functions,
                traffic,
                drills,
                duplicates,
                idle_seconds,
                seed,
            },
        )
}

fn deployment(index: usize, one: &One) -> Deployment {
    let mut function = function(&format!("f{index}"), one.model.clone());
    let queue = |name: &str| {
        Some(Destination(format!(
            "arn:aws:sqs:us-east-1:123456789012:{name}"
        )))
    };
    let config = &mut function.config;
    config.timeout.0 = one.timeout;
    config.maximum_retry_attempts = one.retries;
    config.maximum_event_age_seconds = one.age;
    config.on_success = match one.targets.0 {
        0 => None,
        1 => queue("done"),
        _ => Some(Destination(
            "arn:aws:lambda:us-east-1:123456789012:function:f0".to_owned(),
        )),
    };
    config.on_failure = one.targets.1.then(|| queue("failed")).flatten();
    config.dead_letter = one.targets.2.then(|| queue("dead")).flatten();
    let mut function = provisioning(function, one.provisioned);
    if one.provisioned == 0 {
        function.provisioned.clear();
    }
    match one.reserved {
        Some(reserved) => reserving(function, reserved),
        None => function,
    }
}

fn realise(plan: &Plan) -> Setup {
    let loads = plan
        .traffic
        .iter()
        .map(|traffic| {
            let name = format!("f{}", traffic.function);
            let call = Call {
                client: traffic.client,
                payload: if traffic.poisoned { "\"poison\"" } else { "{}" }.into(),
                ..call(traffic.kind, &name, traffic.qualified.then_some("1"))
            };
            Load {
                start: ms(traffic.start),
                ..load(traffic.pattern.clone(), call)
            }
        })
        .collect();
    let functions = plan
        .functions
        .iter()
        .enumerate()
        .map(|(index, one)| deployment(index, one))
        .collect();
    Setup {
        account_concurrency: plan.account,
        loads,
        drills: plan.drills.clone(),
        duplicates_per_million: plan.duplicates,
        idle_lifetime: lambda_playground::sim::SimDuration::from_secs(plan.idle_seconds),
        seed: plan.seed,
        ..fleet(functions)
    }
}

/// Who works for whom, entry by entry.
#[derive(Default)]
struct Watching {
    function_of: BTreeMap<EnvironmentId, (FunctionId, bool)>,
    /// Environments that somebody waits for, and from which capacity.
    busy: BTreeMap<EnvironmentId, Option<Capacity>>,
    running: BTreeMap<EnvironmentId, InvocationId>,
    gone: BTreeSet<EnvironmentId>,
}

impl Watching {
    fn see(&mut self, event: &Event) -> Result<(), TestCaseError> {
        match event {
            Event::EnvironmentCreated {
                environment,
                created,
            } => {
                let before = self
                    .function_of
                    .insert(*environment, (created.function, created.provisioned));
                prop_assert!(before.is_none(), "made once");
                if !created.provisioned {
                    self.busy.insert(*environment, None);
                }
            }
            Event::InvokeStarted {
                environment,
                invocation,
                capacity,
                ..
            } => {
                prop_assert!(
                    !self.gone.contains(environment),
                    "nothing runs where nothing is"
                );
                let before = self.running.insert(*environment, *invocation);
                prop_assert_eq!(before, None, "one event at a time");
                prop_assert_eq!(
                    *capacity == Capacity::Provisioned,
                    self.function_of[environment].1,
                    "provisioned environments serve provisioned concurrency"
                );
                self.busy.insert(*environment, Some(*capacity));
            }
            Event::InvokeFinished {
                environment,
                invocation,
                ..
            } => {
                prop_assert_eq!(self.running.remove(environment), Some(*invocation));
                self.busy.remove(environment);
            }
            Event::EnvironmentLost {
                environment,
                invocation,
            } => {
                prop_assert_eq!(self.running.remove(environment), *invocation);
                self.busy.remove(environment);
                self.gone.insert(*environment);
            }
            Event::EnvironmentShutdown { environment } => {
                prop_assert!(
                    !self.busy.contains_key(environment),
                    "only idle ones are ended"
                );
                prop_assert!(self.gone.insert(*environment), "once");
            }
            _ => {}
        }
        Ok(())
    }

    /// Environments at work: of one function, on demand or not.
    fn working(&self, function: FunctionId, provisioned: bool) -> u32 {
        self.busy
            .keys()
            .filter(|id| self.function_of[*id] == (function, provisioned))
            .count() as u32
    }
}

fn within_limits(watching: &Watching, world: &World, plan: &Plan) -> Result<(), TestCaseError> {
    let mut unreserved = 0;
    let mut aside = 0;
    for (index, facts) in world.functions.iter().enumerate() {
        let function = FunctionId(index as u16);
        let provisioned: u32 = facts.provisioned.iter().map(|(_, amount)| amount).sum();
        let on_demand = watching.working(function, false);
        prop_assert!(watching.working(function, true) <= provisioned);
        match facts.config.reserved_concurrency {
            Some(reserved) => {
                prop_assert!(
                    on_demand + provisioned <= reserved.max(provisioned),
                    "its reserve"
                );
                aside += reserved;
            }
            None => {
                unreserved += on_demand;
                aside += provisioned;
            }
        }
    }
    prop_assert!(
        unreserved <= plan.account.saturating_sub(aside),
        "the unreserved pool"
    );
    prop_assert!(watching.busy.len() as u32 <= plan.account, "the account");
    Ok(())
}

fn world(entries: &[Entry]) -> World {
    match &entries[0].event {
        Event::Began { world } => World::clone(world),
        other => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    /// Never more at once than the account, the reserves and provisioned concurrency allow; one event per environment.
    #[test]
    fn concurrency_stays_within_its_limits(plan in plan()) {
        let entries = play(realise(&plan));
        prop_assert!(entries.is_sorted_by_key(|entry| entry.at));
        let world = world(&entries);
        let mut watching = Watching::default();
        for entry in &entries {
            watching.see(&entry.event)?;
            if matches!(entry.event, Event::EnvironmentCreated { .. } | Event::InvokeStarted { .. }) {
                within_limits(&watching, &world, &plan)?;
            }
        }
        prop_assert!(watching.running.is_empty(), "nothing is left running");
    }

    /// Every request comes to exactly one end, every caller sees exactly one thing, every accepted event ends in exactly
    /// one of success and given up, and goes exactly where its function's settings say. Nothing is lost.
    #[test]
    fn every_request_comes_to_one_end(plan in plan()) {
        let entries = play(realise(&plan));
        let world = world(&entries);
        let mut kinds = BTreeMap::new();
        let mut ends: BTreeMap<InvocationId, u32> = BTreeMap::new();
        let mut views: BTreeMap<InvocationId, u32> = BTreeMap::new();
        let mut sent_on: BTreeMap<(InvocationId, DeliveryKind), u32> = BTreeMap::new();
        let mut succeeded = BTreeSet::new();
        let mut accepted = BTreeSet::new();
        for entry in &entries {
            match &entry.event {
                Event::Received { invocation, sent } => {
                    prop_assert!(kinds.insert(*invocation, sent.clone()).is_none());
                }
                Event::Accepted { invocation } => {
                    accepted.insert(*invocation);
                }
                Event::Refused { invocation, .. } | Event::DryRun { invocation } | Event::Dropped { invocation, .. } => {
                    *ends.entry(*invocation).or_default() += 1;
                }
                Event::InvokeFinished { invocation, outcome, .. } => {
                    let asynchronous = kinds[invocation].kind == InvocationType::Event;
                    if !asynchronous || !outcome.failed() {
                        *ends.entry(*invocation).or_default() += 1;
                        succeeded.insert(*invocation);
                    }
                }
                Event::CallerSaw { invocation, .. } => *views.entry(*invocation).or_default() += 1,
                Event::Delivered { invocation, delivery } => {
                    *sent_on.entry((*invocation, delivery.kind)).or_default() += 1;
                }
                _ => {}
            }
        }
        for (invocation, sent) in &kinds {
            prop_assert_eq!(ends.get(invocation), Some(&1), "{:?} {:?}", invocation, sent);
            let own = sent.trigger == "lambda-destination" || sent.repeats.is_some();
            prop_assert_eq!(views.get(invocation).copied().unwrap_or(0), u32::from(!own));
            let Some(function) = sent.function.filter(|_| accepted.contains(invocation)) else {
                continue;
            };
            let config = &world.functions[usize::from(function.0)].config;
            let expected = |kind| match kind {
                DeliveryKind::OnSuccess => config.on_success.is_some() && succeeded.contains(invocation),
                DeliveryKind::OnFailure => config.on_failure.is_some() && !succeeded.contains(invocation),
                DeliveryKind::DeadLetter => config.dead_letter.is_some() && !succeeded.contains(invocation),
            };
            let stopped = entries.iter().any(|entry| matches!(
                entry.event,
                Event::Dropped { invocation: other, reason: lambda_playground::lambda::event::DropReason::RecursiveLoop, .. }
                    if other == *invocation
            ));
            for kind in [DeliveryKind::OnSuccess, DeliveryKind::OnFailure, DeliveryKind::DeadLetter] {
                let expected = expected(kind) && !(stopped && kind == DeliveryKind::OnFailure);
                let found = sent_on.get(&(*invocation, kind)).copied().unwrap_or(0);
                prop_assert_eq!(found, u32::from(expected), "{:?} of {:?}", kind, invocation);
            }
        }
    }

    /// The same seed gives the same trace, event by event and draw by draw.
    #[test]
    fn the_same_seed_gives_the_same_fleet(plan in plan()) {
        let (first, second) = twice(|log| play(with_log(realise(&plan), log)));
        prop_assert_eq!(first, second);
    }

    /// Metrics, bill and summary are folds of one trace: they agree, and wholes are the sums of their parts.
    #[test]
    fn folds_agree(plan in plan()) {
        let entries = play(realise(&plan));
        let totals = summary::totals(&entries);
        let metrics = Metrics::of(&entries, MINUTE);
        let sum = |dimension: &Dimension, metric| -> u64 {
            metrics.points(dimension, metric, Statistic::Sum).iter().map(|point| point.value).sum()
        };
        for (metric, expected) in [
            (Metric::Invocations, totals.invocations),
            (Metric::Errors, totals.errors),
            (Metric::Throttles, totals.throttles),
            (Metric::AsyncEventsDropped, totals.dropped),
        ] {
            prop_assert_eq!(sum(&Dimension::Region, metric), expected, "{}", metric.name());
            let parts: u64 = metrics
                .dimensions()
                .iter()
                .filter(|dimension| matches!(dimension, Dimension::Function(_)))
                .map(|dimension| sum(dimension, metric))
                .sum();
            prop_assert_eq!(parts, expected, "{} by function", metric.name());
        }
        let highest = metrics.points(&Dimension::Region, Metric::ConcurrentExecutions, Statistic::Maximum);
        let highest = highest.iter().map(|point| point.value).max().unwrap_or(0);
        prop_assert_eq!(highest, totals.concurrency_peak);

        let bill = Usage::of(&entries).bill(Month::default());
        prop_assert_eq!(bill.total(), bill.lines.iter().map(|line| line.picodollars).sum::<u64>());
        let kept: u64 = bill
            .lines
            .iter()
            .filter(|line| matches!(line.item, lambda_playground::lambda::billing::Item::ProvisionedConcurrency(_)))
            .map(|line| line.picodollars)
            .sum();
        // Runs are rounded one by one, lines once: half a picodollar per run and part.
        prop_assert!((bill.total() - kept).abs_diff(totals.cost_picodollars) <= totals.invocations + 4);
        let stories = summary::invocations(&entries);
        prop_assert_eq!(stories.iter().map(|story| story.cost_picodollars).sum::<u64>(), totals.cost_picodollars);
    }

    /// A batch arrives at the page as it left the worker.
    #[test]
    fn entries_travel_unchanged(plan in plan()) {
        let entries = play(realise(&plan));
        let update = Update::Entries { run: 1, entries };
        let bytes = postcard::to_stdvec(&update).expect("a message");
        let read: Update = postcard::from_bytes(&bytes).expect("the same message");
        prop_assert_eq!(read, update);
    }
}

/// What thousands of requests share travels once.
#[test]
fn a_large_event_travels_once_per_batch() {
    let payload = format!("\"{}\"", "x".repeat(100_000));
    let call = Call {
        payload: payload.into(),
        ..call(InvocationType::RequestResponse, "f", None)
    };
    let entries = play(Setup {
        loads: vec![load(Pattern::Burst { count: 500 }, call)],
        ..fleet(vec![function("f", model(0, 10))])
    });
    let bytes = postcard::to_stdvec(&Update::Entries { run: 1, entries }).expect("a message");
    assert!(bytes.len() < 250_000, "{}", bytes.len());
    // Bytes that are no message are refused, not read as something else.
    for cut in [0, 1, 10, bytes.len() / 2, bytes.len() - 1] {
        assert!(postcard::from_bytes::<Update>(&bytes[..cut]).is_err());
    }
}
