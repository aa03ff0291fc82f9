//! Triggers that Lambda polls, played with functions that go wrong: what becomes of the messages and records at their source.
//! Reference 6.

use lambda_playground::lambda::event::{Entry, Event};
use lambda_playground::lambda::event_source::SourceEvent;
use lambda_playground::lambda::event_source::note::{BatchEnd, Failure};
use lambda_playground::scenario::{Mapping, Scenario, When};
use lambda_playground::sim::{SimDuration, SimTime};
use serde_json::{Value, json};

use crate::played::{Wrong, scenario};

/// Where what is given up goes.
const FAILED: &str = "arn:aws:sqs:us-east-1:123456789012:failed";

/// A source: its trigger, what its form says, and what `EventSource` says of it.
struct Polled {
    trigger: &'static str,
    form: &'static [(&'static str, &'static str)],
    source: fn() -> Value,
    /// What the record of a discarded batch calls the batch.
    info: &'static str,
}

/// Sources that keep their order and have limits to set.
const STREAMS: [Polled; 4] = [
    Polled {
        trigger: "kinesis",
        form: &[],
        source: || json!({"Type": "Kinesis"}),
        info: "KinesisBatchInfo",
    },
    Polled {
        trigger: "dynamodb",
        form: &[],
        source: || json!({"Type": "DynamoDB"}),
        info: "DDBStreamBatchInfo",
    },
    Polled {
        trigger: "kafka",
        form: &[],
        source: || json!({"Type": "Kafka"}),
        info: "KafkaBatchInfo",
    },
    Polled {
        trigger: "kafka",
        form: &[("cluster", "Self-managed")],
        source: || json!({"Type": "Kafka", "SelfManaged": true}),
        info: "KafkaBatchInfo",
    },
];

/// SQS, standard and FIFO: the mapping that a request gets when nobody sets one up, with a dead-letter queue after five
/// receives and a visibility timeout of 30 seconds.
const QUEUES: [&[(&str, &str)]; 2] = [
    &[("messages", "one\ntwo")],
    &[("messages", "one\ntwo"), ("kind", "FIFO")],
];

/// Amazon MQ's two engines, by default with six redeliveries.
const BROKERS: [&[(&str, &str)]; 2] = [&[("engine", "ActiveMQ")], &[("engine", "RabbitMQ")]];

impl Polled {
    /// One request to the stream, and a mapping that gives up after two more tries or a minute.
    fn limited(&self) -> Scenario {
        let mut mapping = json!({
            "EventSource": (self.source)(),
            "StartingPosition": "TRIM_HORIZON",
            "MaximumRetryAttempts": 2,
            "MaximumRecordAgeInSeconds": 60,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "DestinationConfig": {"OnFailure": {"Destination": FAILED}},
        });
        if self.trigger == "kafka" {
            mapping["ProvisionedPollerConfig"] = json!({"MinimumPollers": 1, "MaximumPollers": 1});
        }
        mapped(self.trigger, self.form, mapping)
    }
}

fn mapped(trigger: &str, form: &[(&str, &str)], mapping: Value) -> Scenario {
    let mapping: Mapping = serde_json::from_value(mapping).expect("a mapping");
    Scenario {
        mappings: vec![mapping],
        ..scenario(trigger, form)
    }
}

/// What happened at the source and to the function, with tenths of seconds, in few words. What the source itself does all
/// the time (polls, checkpoints, scaling) is left out.
fn told(entries: &[Entry]) -> Vec<String> {
    let tenths = |at: SimTime| {
        let tenths = at.as_nanos() / 100_000_000;
        format!("{}.{}s", tenths / 10, tenths % 10)
    };
    let mut told = Vec::new();
    for entry in entries {
        let words = match &entry.event {
            Event::InvokeFinished { outcome, .. } => match outcome.response.error_type() {
                Some(error) if outcome.failed() => format!("failed {error}"),
                _ => "answered".to_owned(),
            },
            Event::Throttled { .. } => "throttled".to_owned(),
            Event::CutOff { .. } => "cut off".to_owned(),
            Event::Mapping { event, .. } => match &**event {
                SourceEvent::BatchSent { items, attempt, .. } => {
                    format!("sent {} try {attempt}", items.len())
                }
                SourceEvent::BatchEnded { end, .. } => format!("ended {end:?}"),
                SourceEvent::Deleted { items, .. } => format!("deleted {}", items.len()),
                SourceEvent::Processed { items, .. } => format!("processed {}", items.len()),
                SourceEvent::Hidden { items, until } => {
                    format!("hidden {} until {}", items.len(), tenths(*until))
                }
                SourceEvent::Returned { items } => format!("visible {}", items.len()),
                SourceEvent::MovedToDeadLetterQueue { items } => format!("dead {}", items.len()),
                SourceEvent::Expired { items } => format!("expired {}", items.len()),
                SourceEvent::Discarded { items, reason, .. } => {
                    format!("given up {} {}", items.len(), reason.condition())
                }
                SourceEvent::Bisected { first, second, .. } => format!("split {first}+{second}"),
                _ => continue,
            },
            _ => continue,
        };
        told.push(format!("{} {words}", tenths(entry.at)));
    }
    told
}

fn count(told: &[String], words: &str) -> usize {
    told.iter().filter(|line| line.contains(words)).count()
}

fn only<'a>(told: &'a [String], words: &[&str]) -> Vec<&'a str> {
    let lines = told.iter().map(String::as_str);
    lines
        .filter(|line| words.iter().any(|word| line.contains(word)))
        .collect()
}

fn sources(entries: &[Entry]) -> Vec<&SourceEvent> {
    let events = entries.iter().filter_map(|entry| match &entry.event {
        Event::Mapping { event, .. } => Some(&**event),
        _ => None,
    });
    events.collect()
}

/// What stood at this place of each event that the function was sent.
fn sent(entries: &[Entry], pointer: &str) -> Vec<Value> {
    let sent = entries.iter().filter_map(|entry| match &entry.event {
        Event::Received { sent, .. } => serde_json::from_str::<Value>(&sent.payload).ok(),
        _ => None,
    });
    sent.filter_map(|event| event.pointer(pointer).cloned())
        .collect()
}

/// How the invocation of a batch ends for its mapping.
fn ending(wrong: Wrong) -> BatchEnd {
    match wrong {
        Wrong::Fails | Wrong::Sleeps => BatchEnd::Failed(Failure::FunctionError),
        Wrong::Throttled => BatchEnd::Throttled,
        Wrong::Nonsense => BatchEnd::Failed(Failure::InvalidBatchResponse),
    }
}

fn ended_so(entries: &[Entry], wrong: Wrong) {
    let ends: Vec<_> = sources(entries)
        .into_iter()
        .filter_map(|event| match event {
            SourceEvent::BatchEnded { end, .. } => Some(*end),
            _ => None,
        })
        .collect();
    assert!(!ends.is_empty(), "{wrong:?}");
    assert!(ends.iter().all(|end| *end == ending(wrong)), "{ends:?}");
}

/// Reference 6.1: the messages stay invisible until the visibility timeout ends, return with a receive count that is one
/// higher, and go to the dead-letter queue when they would be received once more than `maxReceiveCount`.
#[test]
fn messages_come_back_five_times_and_then_are_dead() {
    for form in QUEUES {
        for wrong in [Wrong::Fails, Wrong::Sleeps] {
            let entries = wrong.plays(scenario("sqs", form));
            let told = told(&entries);
            assert_eq!(
                only(&told, &["sent", "visible", "hidden", "dead", "deleted"]),
                [
                    "0.0s sent 2 try 1",
                    &format!("{} hidden 2 until 30.0s", wrong.after(0)),
                    "30.0s visible 2",
                    "30.0s sent 2 try 1",
                    &format!("{} hidden 2 until 60.0s", wrong.after(30)),
                    "60.0s visible 2",
                    "60.0s sent 2 try 1",
                    &format!("{} hidden 2 until 90.0s", wrong.after(60)),
                    "90.0s visible 2",
                    "90.0s sent 2 try 1",
                    &format!("{} hidden 2 until 120.0s", wrong.after(90)),
                    "120.0s visible 2",
                    "120.0s sent 2 try 1",
                    &format!("{} hidden 2 until 150.0s", wrong.after(120)),
                    "150.0s visible 2",
                    "150.0s dead 2",
                ],
                "{form:?} {wrong:?}"
            );
            let counts = sent(&entries, "/Records/1/attributes/ApproximateReceiveCount");
            assert_eq!(counts, ["1", "2", "3", "4", "5"], "{form:?} {wrong:?}");
            ended_so(&entries, wrong);
        }
    }
}

/// Reference 6.1: a throttle counts as a receive too, so a function without concurrency lets good messages die.
#[test]
fn throttled_messages_die_although_the_function_never_ran() {
    for form in QUEUES {
        let entries = Wrong::Throttled.plays(scenario("sqs", form));
        let told = told(&entries);
        // Tried again while they are invisible: after 1, 2, 4 and 8 seconds; a fifth wait would end after 30.
        assert_eq!(
            only(&told, &["sent", "hidden", "visible"])[..7],
            [
                "0.0s sent 2 try 1",
                "1.0s sent 2 try 2",
                "3.0s sent 2 try 3",
                "7.0s sent 2 try 4",
                "15.0s sent 2 try 5",
                "15.0s hidden 2 until 30.0s",
                "30.0s visible 2",
            ],
            "{form:?}"
        );
        assert_eq!(only(&told, &["dead"]), ["150.0s dead 2"]);
        assert_eq!(count(&told, "throttled"), 25);
        assert_eq!(count(&told, "answered") + count(&told, " failed "), 0);
        ended_so(&entries, Wrong::Throttled);
    }
}

/// Reference 6.1: with `ReportBatchItemFailures` a response that cannot be read fails the whole batch; without, nobody
/// reads it.
#[test]
fn a_malformed_batch_response_fails_the_batch_only_where_it_is_read() {
    for (name, form) in [("my-queue", QUEUES[0]), ("my-queue.fifo", QUEUES[1])] {
        let unread = told(&Wrong::Nonsense.plays(scenario("sqs", form)));
        assert_eq!(
            only(&unread, &["ended", "deleted", "dead"]),
            ["0.0s ended Succeeded", "0.0s deleted 2"]
        );
        let mapping = json!({
            "EventSource": {"Type": "SQS", "QueueName": name, "ContentBasedDeduplication": name.ends_with("fifo"),
                "RedrivePolicy": {"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dlq", "maxReceiveCount": 2}},
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
        });
        let entries = Wrong::Nonsense.plays(mapped("sqs", form, mapping));
        let told = told(&entries);
        assert_eq!(
            only(&told, &["answered", "hidden", "visible", "deleted", "dead"]),
            [
                "0.0s answered",
                "0.0s hidden 2 until 30.0s",
                "30.0s visible 2",
                "30.0s answered",
                "30.0s hidden 2 until 60.0s",
                "60.0s visible 2",
                "60.0s dead 2",
            ],
            "{name}"
        );
        ended_so(&entries, Wrong::Nonsense);
    }
}

/// Reference 6: a FIFO queue keeps the order of a message group, so a later message waits for those before it.
#[test]
fn a_failed_message_holds_its_group_back() {
    let mut scenario = scenario("sqs", QUEUES[1]);
    let mut later = scenario.arrivals[0].clone();
    // Without the sender's ids the bodies tell the messages apart.
    let mut event: Value = serde_json::from_str(&later.payload).expect("JSON");
    for (record, body) in [(0, "three"), (1, "four")] {
        let record = &mut event["Records"][record];
        record["body"] = body.into();
        let attributes = record["attributes"].as_object_mut().expect("attributes");
        attributes.remove("MessageDeduplicationId");
    }
    later.payload = event.to_string();
    later.when = When::At(SimTime::ZERO + SimDuration::from_secs(1));
    scenario.arrivals.push(later);
    let entries = Wrong::Fails.plays(scenario);
    assert_eq!(
        only(&told(&entries), &["sent", "dead"]),
        [
            "0.0s sent 2 try 1",
            "30.0s sent 4 try 1",
            "60.0s sent 4 try 1",
            "90.0s sent 4 try 1",
            "120.0s sent 4 try 1",
            "150.0s dead 2",
            "150.0s sent 2 try 1",
            "180.0s dead 2",
        ]
    );
}

/// Reference 6.2: n retries are n + 1 invocations; then the on-failure destination is told, and the shard goes on.
#[test]
fn a_failing_batch_is_tried_again_then_its_destination_has_it() {
    for stream in &STREAMS {
        for wrong in [Wrong::Fails, Wrong::Sleeps, Wrong::Nonsense] {
            let entries = wrong.plays(stream.limited());
            let told = told(&entries);
            let ends = count(&told, " failed ") + count(&told, "answered");
            assert_eq!(ends, 3, "{}: {told:#?}", stream.trigger);
            for attempt in 1..=3 {
                assert_eq!(count(&told, &format!("try {attempt}")), 1, "{told:#?}");
            }
            assert_eq!(count(&told, "given up"), 1);
            let [body] = &destined(&entries)[..] else {
                panic!("{}: one record: {told:#?}", stream.trigger);
            };
            let error = match wrong {
                Wrong::Nonsense => Value::Null,
                _ => json!("Unhandled"),
            };
            assert_eq!(body["responseContext"]["functionError"], error, "{body}");
            assert_eq!(body["responseContext"]["statusCode"], 200);
            let context = &body["requestContext"];
            assert_eq!(context["condition"], "RetryAttemptsExhausted");
            assert_eq!(context["approximateInvokeCount"], 3);
            assert!(body[stream.info].is_object(), "{body}");
            ended_so(&entries, wrong);
        }
    }
}

/// What on-failure destinations got.
fn destined(entries: &[Entry]) -> Vec<Value> {
    let records = sources(entries)
        .into_iter()
        .filter_map(|event| match event {
            SourceEvent::Discarded { record, .. } => record.as_ref(),
            _ => None,
        });
    records
        .map(|record| {
            assert_eq!(record.destination, FAILED);
            serde_json::from_str(&record.body).expect("JSON")
        })
        .collect()
}

/// Reference 6.2: throttles use up no retries; only the records' age ends them, and no function has answered.
#[test]
fn a_throttled_stream_waits_until_its_records_are_too_old() {
    for stream in &STREAMS {
        let entries = Wrong::Throttled.plays(stream.limited());
        let told = told(&entries);
        assert!(
            count(&told, "throttled") > 3,
            "more than the retries: {told:#?}"
        );
        assert_eq!(count(&told, "answered") + count(&told, " failed "), 0);
        let [body] = &destined(&entries)[..] else {
            panic!("{}: one record: {told:#?}", stream.trigger);
        };
        assert_eq!(body["requestContext"]["condition"], "RecordAgeExceeded");
        assert_eq!(body["requestContext"]["approximateInvokeCount"], 0);
        assert_eq!(body.get("responseContext"), None);
        ended_so(&entries, Wrong::Throttled);
    }
}

/// Reference 6: while a batch is tried again, what came after it in the shard waits.
#[test]
fn a_failing_batch_blocks_its_shard() {
    for stream in &STREAMS {
        let mut scenario = stream.limited();
        let mut later = scenario.arrivals[0].clone();
        later.when = When::At(SimTime::ZERO + SimDuration::from_millis(800));
        scenario.arrivals.push(later);
        let entries = Wrong::Fails.plays(scenario);
        let mut arrived = None;
        let mut given_up = false;
        let mut later_ones = 0;
        for event in sources(&entries) {
            match event {
                SourceEvent::Arrived { items } => {
                    arrived.get_or_insert(items.len() as u32);
                }
                SourceEvent::BatchSent { items, .. } => {
                    let first = items.iter().next().expect("an item").0;
                    if Some(first) >= arrived {
                        assert!(given_up, "{}: sent too early", stream.trigger);
                        later_ones += 1;
                    }
                }
                SourceEvent::Discarded { .. } => given_up = true,
                _ => {}
            }
        }
        assert_eq!(later_ones, 3, "{}", stream.trigger);
    }
}

/// Reference 6: `BisectBatchOnFunctionError` splits a failed batch, which uses up no retries, until the broken record is
/// alone.
#[test]
fn a_failing_batch_is_split_down_to_single_records() {
    for stream in &STREAMS {
        let mut scenario = stream.limited();
        scenario.mappings[0].config.bisect_batch_on_function_error = Some(true);
        // Gathered, so that both requests are in the first batch.
        scenario.mappings[0]
            .config
            .maximum_batching_window_in_seconds = Some(1);
        let mut more = scenario.arrivals[0].clone();
        more.when = When::At(SimTime::ZERO);
        scenario.arrivals.push(more);
        let entries = Wrong::Fails.plays(scenario);
        let told = told(&entries);
        let arrived: usize = sources(&entries)
            .into_iter()
            .map(|event| match event {
                SourceEvent::Arrived { items } => items.len(),
                _ => 0,
            })
            .sum();
        assert!(arrived >= 2, "{}", stream.trigger);
        assert_eq!(count(&told, "split"), arrived - 1, "{told:#?}");
        assert_eq!(count(&told, "given up 1 "), arrived, "{told:#?}");
        assert_eq!(count(&told, " failed "), arrived - 1 + 3 * arrived);
        assert_eq!(destined(&entries).len(), arrived);
    }
}

/// Reference 6.3: the broker redelivers what was not acknowledged, until its own policy takes the message away.
#[test]
fn a_broker_redelivers_until_its_policy_takes_the_message() {
    for form in BROKERS {
        for wrong in [Wrong::Fails, Wrong::Sleeps] {
            let entries = wrong.plays(scenario("mq", form));
            let told = told(&entries);
            // The first delivery and six more.
            assert_eq!(count(&told, "sent 1"), 7, "{form:?}: {told:#?}");
            assert_eq!(count(&told, "dead 1"), 1);
            assert_eq!(count(&told, "deleted"), 0);
            let list = match form[0].1 {
                "RabbitMQ" => "/rmqMessagesByQueue/testQueue::~1/0/redelivered",
                _ => "/messages/0/redelivered",
            };
            let again = [false, true, true, true, true, true, true];
            assert_eq!(sent(&entries, list), again, "{form:?}");
            ended_so(&entries, wrong);
        }
        // A throttle is no delivery: nothing ends it but the end of the run.
        let throttled = told(&Wrong::Throttled.plays(scenario("mq", form)));
        assert_eq!(count(&throttled, "dead") + count(&throttled, "deleted"), 0);
        assert_eq!(count(&throttled, "cut off"), 1);
        // No partial answers: what the function returns is not read.
        let unread = told(&Wrong::Nonsense.plays(scenario("mq", form)));
        assert_eq!(
            only(&unread, &["answered", "ended", "deleted", "dead"]),
            ["0.5s answered", "0.5s ended Succeeded", "0.5s deleted 1"]
        );
    }
}

/// Reference 6.3: a change stream has no limits to set; it is blocked until the change stream's log forgets the change.
#[test]
fn a_change_stream_is_blocked_until_it_forgets() {
    let mapping =
        json!({"EventSource": {"Type": "DocumentDB"}, "StartingPosition": "TRIM_HORIZON"});
    for wrong in [Wrong::Fails, Wrong::Sleeps, Wrong::Throttled] {
        let entries = wrong.plays(mapped("documentdb", &[], mapping.clone()));
        let told = told(&entries);
        assert!(count(&told, "sent 1") > 500, "{wrong:?}");
        assert_eq!(count(&told, "expired 1"), 1, "{wrong:?}");
        let end = entries.last().expect("an entry").at;
        let hours = end.since(SimTime::ZERO).as_nanos() / 3_600_000_000_000;
        assert_eq!(hours, 3, "{wrong:?}");
        ended_so(&entries, wrong);
    }
    let unread = told(&Wrong::Nonsense.plays(mapped("documentdb", &[], mapping)));
    assert_eq!(
        only(&unread, &["answered", "ended", "processed", "expired"]),
        ["0.5s answered", "0.5s ended Succeeded", "0.5s processed 1"]
    );
}
