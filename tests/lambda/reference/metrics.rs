//! Reference 9: every metric by name, unit and statistic, and those that the other files do not see.

use lambda_playground::lambda::cloud::Setup;
use lambda_playground::lambda::config::Destination;
use lambda_playground::lambda::drill::{Drill, Trouble};
use lambda_playground::lambda::event::{Entry, FunctionId, InvocationType};
use lambda_playground::lambda::function::{AdditionalVersion, Alias};
use lambda_playground::lambda::metrics::{Dimension, MINUTE, Metric, Metrics, Statistic, Unit};
use lambda_playground::lambda::model::Model;
use lambda_playground::lambda::traffic::{Pattern, Rate};
use lambda_playground::scenario::{Arrival, Scenario};
use lambda_playground::sim::SimDuration;
use serde_json::{Value, json};

use crate::fleet::*;
use crate::mappings::{KINESIS, SQS, lived, scenario};
use crate::scripted::*;

const SYNC: InvocationType = InvocationType::RequestResponse;
const EVENT: InvocationType = InvocationType::Event;
const F: Dimension = Dimension::Function(FunctionId(0));
const MAPPING: Dimension = Dimension::Mapping(0);

fn total(entries: &[Entry], of: &Dimension, metric: Metric) -> u64 {
    let metrics = Metrics::of(entries, MINUTE);
    let points = metrics.points(of, metric, Statistic::Sum);
    points.iter().map(|point| point.value).sum()
}

fn highest(entries: &[Entry], of: &Dimension, metric: Metric) -> Option<u64> {
    let metrics = Metrics::of(entries, MINUTE);
    let points = metrics.points(of, metric, Statistic::Maximum);
    points.iter().map(|point| point.value).max()
}

/// 9, the table: "Metric", "Unit / statistic".
#[test]
fn every_metric_has_its_name_unit_and_statistic() {
    use Statistic::{Average, Maximum, Sum};
    use Unit::{Count, Milliseconds, Ratio};
    let rows = [
        ("Invocations", Count, Sum),
        ("Errors", Count, Sum),
        ("Throttles", Count, Sum),
        ("DeadLetterErrors", Count, Sum),
        ("DestinationDeliveryFailures", Count, Sum),
        ("ProvisionedConcurrencyInvocations", Count, Sum),
        ("ProvisionedConcurrencySpilloverInvocations", Count, Sum),
        ("RecursiveInvocationsDropped", Count, Sum),
        ("Duration", Milliseconds, Average),
        ("IteratorAge", Milliseconds, Average),
        ("OffsetLag", Count, Maximum),
        ("ConcurrentExecutions", Count, Maximum),
        ("UnreservedConcurrentExecutions", Count, Maximum),
        ("ClaimedAccountConcurrency", Count, Maximum),
        ("ProvisionedConcurrentExecutions", Count, Maximum),
        ("ProvisionedConcurrencyUtilization", Ratio, Maximum),
        ("AsyncEventsReceived", Count, Sum),
        ("AsyncEventAge", Milliseconds, Average),
        ("AsyncEventsDropped", Count, Sum),
        ("OversizedRecordCount", Count, Sum),
        ("PolledEventCount", Count, Sum),
        ("FilteredOutEventCount", Count, Sum),
        ("InvokedEventCount", Count, Sum),
        ("FailedInvokeEventCount", Count, Sum),
        ("DroppedEventCount", Count, Sum),
        ("OnFailureDestinationDeliveredEventCount", Count, Sum),
        ("DeletedEventCount", Count, Sum),
        ("CommittedEventCount", Count, Sum),
        ("InvokeErrorCount", Count, Sum),
        ("OnFailureDestinationDeliveryErrorCount", Count, Sum),
        ("MaxOffsetLag", Count, Maximum),
        ("SumOffsetLag", Count, Maximum),
        ("ProvisionedPollers", Count, Maximum),
        ("UrlRequestCount", Count, Sum),
        ("Url4xxCount", Count, Sum),
        ("Url5xxCount", Count, Sum),
        ("UrlRequestLatency", Milliseconds, Average),
    ];
    assert_eq!(rows.len(), Metric::ALL.len());
    for (name, unit, statistic) in rows {
        let mut all = Metric::ALL.into_iter();
        let metric = all.find(|metric| metric.name() == name).expect(name);
        assert_eq!(metric.unit(), unit, "{name}");
        assert_eq!(metric.statistics().first(), Some(&statistic), "{name}");
    }
}

/// 9, "Duration: Avg, Max, p99", "AsyncEventAge: Avg, Max".
#[test]
fn durations_have_percentiles() {
    for metric in [
        Metric::Duration,
        Metric::AsyncEventAge,
        Metric::UrlRequestLatency,
    ] {
        for statistic in [Statistic::Average, Statistic::Maximum, Statistic::P99] {
            assert!(metric.statistics().contains(&statistic));
        }
    }
}

/// 9, "emitted only when non-zero", "1-minute periods, timestamp = invocation time": a run into the next minute is in the
/// minute in which it began.
#[test]
fn points_are_at_the_invocations_time_and_only_where_there_is_something() {
    let entries = play(Setup {
        requests: vec![
            at(59_000, call(SYNC, "f", None)),
            at(200_000, call(SYNC, "f", None)),
        ],
        ..fleet(vec![function("f", model(0, 5_000))])
    });
    let metrics = Metrics::of(&entries, MINUTE);
    for metric in [Metric::Invocations, Metric::Duration] {
        let statistic = metric.statistics()[0];
        let points = metrics.points(&F, metric, statistic);
        let at: Vec<_> = points.iter().map(|point| point.at).collect();
        assert_eq!(at, [ms(0), ms(180_000)], "{}", metric.name());
    }
    assert_eq!(metrics.points(&F, Metric::Errors, Statistic::Sum), []);
    assert_eq!(metrics.points(&F, Metric::Throttles, Statistic::Sum), []);
}

/// 9, "Duration: excludes cold-start init (includes a suppressed init)".
#[test]
fn durations_leave_out_a_cold_start_and_not_a_suppressed_init() {
    let code = Scripted::new(
        |start| match start {
            0 => vec![Sleep(300), fail("Oops", "no")],
            _ => vec![Sleep(300)],
        },
        |_| vec![Sleep(100)],
    );
    let entries = run(code, vec![sync_at(0), sync_next()]);
    let metrics = Metrics::of(&entries, MINUTE);
    let of = |statistic| metrics.points(&F, Metric::Duration, statistic)[0].value;
    assert_eq!(
        (of(Statistic::Maximum), of(Statistic::Minimum)),
        (400_000_000, 100_000_000)
    );
    let entries = run(
        Scripted::new(|_| vec![Sleep(300)], |_| vec![Sleep(100)]),
        vec![sync_at(0)],
    );
    let metrics = Metrics::of(&entries, MINUTE);
    assert_eq!(
        metrics.points(&F, Metric::Duration, Statistic::Maximum)[0].value,
        100_000_000
    );
}

/// 9, "Throttles: async/poller retries count each time"; "not in Invocations or Errors".
#[test]
fn every_refused_try_is_a_throttle() {
    let entries = play(Setup {
        requests: vec![at(0, call(SYNC, "f", None)), at(1, call(EVENT, "f", None))],
        ..fleet(vec![reserving(function("f", model(0, 5_000)), 1)])
    });
    // After 1, 2 and 4 seconds there is room.
    assert_eq!(total(&entries, &F, Metric::Throttles), 3);
    assert_eq!(total(&entries, &F, Metric::Invocations), 2);
    assert_eq!(total(&entries, &F, Metric::Errors), 0);
}

/// 9, "DeadLetterErrors: DLQ send failed", "DestinationDeliveryFailures: destination send failed", "AsyncEventsDropped ...
/// even when a DLQ took it".
#[test]
fn what_targets_do_not_take_is_counted() {
    let failing = Model {
        errors_per_million: 1_000_000,
        ..model(0, 10)
    };
    let run = |per_million| {
        let queue = |name: &str| {
            Some(Destination(format!(
                "arn:aws:sqs:us-east-1:123456789012:{name}"
            )))
        };
        let mut deployment = function("f", failing.clone());
        deployment.config.maximum_retry_attempts = 0;
        deployment.config.on_failure = queue("failed");
        deployment.config.dead_letter = queue("dead");
        let entries = play(Setup {
            drills: vec![Drill {
                function: None,
                from: ms(0),
                until: None,
                trouble: Trouble::ThrottledDestination { per_million },
            }],
            requests: vec![at(0, call(EVENT, "f", None))],
            ..fleet(vec![deployment])
        });
        [
            Metric::AsyncEventsDropped,
            Metric::DeadLetterErrors,
            Metric::DestinationDeliveryFailures,
        ]
        .map(|metric| total(&entries, &F, metric))
    };
    assert_eq!(run(0), [1, 0, 0]);
    assert_eq!(run(1_000_000), [1, 1, 1]);
}

/// 9, "RecursiveInvocationsDropped: loop guard stopped it (about 16 hops in one chain)".
#[test]
fn a_stopped_loop_is_counted() {
    let mut deployment = function("f", model(0, 10));
    deployment.config.on_success = Some(Destination(
        "arn:aws:lambda:us-east-1:123456789012:function:f".to_owned(),
    ));
    let entries = play(Setup {
        requests: vec![at(0, call(EVENT, "f", None))],
        ..fleet(vec![deployment])
    });
    assert_eq!(total(&entries, &F, Metric::RecursiveInvocationsDropped), 1);
    assert_eq!(total(&entries, &F, Metric::Invocations), 16);
}

/// 9, "Dimensions: FunctionName; Resource (fn:alias or fn:version) with FunctionName; ExecutedVersion with
/// FunctionName+Resource (alias only); none = whole Region".
#[test]
fn an_alias_tells_its_versions_apart() {
    let mut deployment = provisioning(function("f", model(0, 10)), 0);
    let mut second = deployment.versions[0].clone();
    second.number = 2;
    deployment.versions.push(second);
    deployment.aliases = vec![Alias {
        name: "live".to_owned(),
        version: 1,
        additional: Some(AdditionalVersion {
            version: 2,
            per_thousand: 400,
        }),
    }];
    let pattern = || Pattern::Constant {
        rate: Rate::per_second(10),
        seconds: 20,
    };
    let entries = play(Setup {
        loads: vec![
            load(pattern(), call(SYNC, "f", Some("live"))),
            load(pattern(), call(SYNC, "f", Some("1"))),
        ],
        ..fleet(vec![deployment])
    });
    let dimensions = Metrics::of(&entries, MINUTE).dimensions();
    let id = FunctionId(0);
    let text = str::to_owned;
    let by_version = |version: &str| Dimension::ExecutedVersion(id, text("live"), text(version));
    assert_eq!(
        dimensions,
        [
            Dimension::Region,
            F,
            Dimension::Resource(id, text("1")),
            Dimension::Resource(id, text("live")),
            by_version("1"),
            by_version("2"),
        ]
    );
    let count = |of: &Dimension| total(&entries, of, Metric::Invocations);
    let (one, two) = (count(&by_version("1")), count(&by_version("2")));
    assert!(two.abs_diff(80) < 30, "{two} of 200");
    assert_eq!(one + two, count(&Dimension::Resource(id, text("live"))));
    assert_eq!(count(&F), 400);
    let metrics = Metrics::of(&entries, MINUTE);
    let mean = metrics.points(&by_version("2"), Metric::Duration, Statistic::Average);
    assert_eq!(mean[0].value, 10_000_000);
}

/// 9, "ProvisionedConcurrentExecutions: only while it receives requests".
#[test]
fn idle_provisioned_concurrency_tells_nothing() {
    let entries = play(Setup {
        requests: vec![at(0, call(SYNC, "f", None))],
        ..fleet(vec![provisioning(function("f", model(0, 10)), 3)])
    });
    let version = Dimension::Resource(FunctionId(0), "1".to_owned());
    for metric in [
        Metric::ProvisionedConcurrentExecutions,
        Metric::ProvisionedConcurrencyUtilization,
    ] {
        assert_eq!(highest(&entries, &version, metric), None);
    }
}

/// 9, "ClaimedAccountConcurrency: UnreservedConcurrentExecutions + total reserved + total PC allocated".
#[test]
fn claimed_concurrency_is_what_others_cannot_have() {
    let entries = play(Setup {
        loads: vec![load(Pattern::Burst { count: 7 }, call(SYNC, "free", None))],
        ..fleet(vec![
            reserving(function("reserved", model(0, 10)), 20),
            provisioning(function("provisioned", model(0, 10)), 5),
            function("free", model(0, 10)),
        ])
    });
    let of = |metric| highest(&entries, &Dimension::Region, metric);
    assert_eq!(of(Metric::UnreservedConcurrentExecutions), Some(7));
    assert_eq!(of(Metric::ClaimedAccountConcurrency), Some(7 + 20 + 5));
}

/// Three records for one partition of a topic and one for another.
const TOPIC: &str = r#"{"records":{"t-0":[{"partition":0,"value":"YQ=="},{"partition":0,"value":"Yg=="},{"partition":0,"value":"Yw=="}],"t-1":[{"partition":1,"value":"ZA=="}]}}"#;

fn topic(more: Value) -> Value {
    let mut mapping = json!({
        "EventSource": {"Type": "Kafka", "PartitionCount": 2}, "StartingPosition": "TRIM_HORIZON",
        "MaximumRetryAttempts": 1,
    });
    if let (Value::Object(mapping), Value::Object(more)) = (&mut mapping, more) {
        mapping.extend(more);
    }
    mapping
}

/// 9, "MaxOffsetLag, SumOffsetLag: Kafka only, group KafkaMetrics": the difference between latest and committed offsets, of
/// the worst partition and of all of them.
#[test]
fn lags_are_told_by_partition() {
    let entries = lived(
        &scenario("kafka", TOPIC, Some(topic(json!({})))),
        Scripted::idle(),
    );
    let of = |metric, statistic| {
        let metrics = Metrics::of(&entries, SimDuration::from_secs(3_600));
        metrics
            .points(&MAPPING, metric, statistic)
            .first()
            .map(|point| point.value)
    };
    assert_eq!(of(Metric::MaxOffsetLag, Statistic::Maximum), Some(3));
    assert_eq!(of(Metric::SumOffsetLag, Statistic::Maximum), Some(4));
    // In the end everything is committed.
    let metrics = Metrics::of(&entries, SimDuration::from_secs(1));
    let points = metrics.points(&MAPPING, Metric::SumOffsetLag, Statistic::Minimum);
    assert_eq!(points, [], "a lag of nothing is told nowhere");
    for (trigger, event) in [("sqs", SQS), ("kinesis", KINESIS)] {
        let entries = lived(&scenario(trigger, event, None), Scripted::idle());
        assert_eq!(
            highest(&entries, &MAPPING, Metric::MaxOffsetLag),
            None,
            "{trigger}"
        );
    }
}

/// 9, "Dropped = age or retries exceeded and not delivered to a destination", "DestinationDeliveryFailures: async and
/// supported ESM", "OnFailureDestinationDeliveryErrorCount: Kafka only".
#[test]
fn what_a_mappings_destination_does_not_take_is_dropped() {
    let queue = "arn:aws:sqs:us-east-1:123456789012:failed";
    let destination = json!({"DestinationConfig": {"OnFailure": {"Destination": queue}}, "MaximumRetryAttempts": 0});
    let kinesis = json!({"EventSource": {"Type": "Kinesis"}, "StartingPosition": "TRIM_HORIZON",
        "MaximumRetryAttempts": 0, "DestinationConfig": {"OnFailure": {"Destination": queue}}});
    for (trigger, event, mapping, records, kafka) in [
        ("kafka", TOPIC, topic(destination), 4, true),
        ("kinesis", KINESIS, kinesis, 1, false),
    ] {
        for refused in [false, true] {
            let mut scenario = scenario(trigger, event, Some(mapping.clone()));
            scenario.drills = vec![Drill {
                function: None,
                from: ms(0),
                until: None,
                trouble: Trouble::ThrottledDestination {
                    per_million: if refused { 1_000_000 } else { 0 },
                },
            }];
            let entries = lived(&scenario, Scripted::always(vec![fail("E", "no")]));
            let of = |metric| total(&entries, &MAPPING, metric);
            let (delivered, dropped) = if refused { (0, records) } else { (records, 0) };
            assert_eq!(
                of(Metric::OnFailureDestinationDeliveredEventCount),
                delivered,
                "{trigger}"
            );
            assert_eq!(of(Metric::DroppedEventCount), dropped, "{trigger}");
            assert_eq!(
                of(Metric::DestinationDeliveryFailures) > 0,
                refused,
                "{trigger}"
            );
            let errors = of(Metric::OnFailureDestinationDeliveryErrorCount);
            assert_eq!(errors > 0, refused && kafka, "{trigger}");
        }
    }
}

/// 9, "ProvisionedPollers: provisioned mode".
#[test]
fn pollers_are_told_in_provisioned_mode() {
    let config = |minimum: u32| json!({"ProvisionedPollerConfig": {"MinimumPollers": minimum, "MaximumPollers": 10}});
    let sqs = |more: Value| {
        let mut mapping = json!({"EventSource": {"Type": "SQS"}});
        if let (Value::Object(mapping), Value::Object(more)) = (&mut mapping, more) {
            mapping.extend(more);
        }
        scenario("sqs", SQS, Some(mapping))
    };
    for (scenario, pollers) in [
        (sqs(config(3)), Some(3)),
        (sqs(json!({})), None),
        (scenario("kafka", TOPIC, Some(topic(config(2)))), Some(2)),
        // No more than there are partitions.
        (scenario("kafka", TOPIC, Some(topic(config(5)))), Some(2)),
    ] {
        let entries = lived(&scenario, Scripted::idle());
        for of in [MAPPING, F, Dimension::Region] {
            assert_eq!(highest(&entries, &of, Metric::ProvisionedPollers), pollers);
        }
    }
}

/// 9, "UrlRequestCount, Url4xxCount, Url5xxCount, UrlRequestLatency: function URL".
#[test]
fn function_urls_have_metrics_of_their_own() {
    let run = |trigger: &str, code: Scripted, reserved: Option<u32>| {
        let mut scenario = Scenario::default();
        scenario.function.reserved_concurrency = reserved;
        scenario.arrivals = vec![Arrival {
            trigger: trigger.to_owned(),
            payload: "{}".to_owned(),
            ..Arrival::default()
        }];
        let entries = lived(&scenario, code);
        [
            Metric::UrlRequestCount,
            Metric::Url4xxCount,
            Metric::Url5xxCount,
        ]
        .map(|metric| total(&entries, &F, metric))
    };
    let slow = || Scripted::always(vec![Sleep(250)]);
    assert_eq!(run("function-url", slow(), None), [1, 0, 0]);
    assert_eq!(run("function-url", slow(), Some(0)), [1, 1, 0]);
    let failing = Scripted::always(vec![fail("E", "no")]);
    assert_eq!(run("function-url", failing, None), [1, 0, 1]);
    assert_eq!(run("direct", slow(), None), [0, 0, 0]);

    let scenario = Scenario {
        arrivals: vec![Arrival {
            trigger: "function-url".to_owned(),
            payload: "{}".to_owned(),
            ..Arrival::default()
        }],
        ..Scenario::default()
    };
    let entries = lived(&scenario, slow());
    assert_eq!(
        highest(&entries, &F, Metric::UrlRequestLatency),
        Some(250_000_000)
    );
}
