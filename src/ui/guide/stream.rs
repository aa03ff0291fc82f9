//! A stream, its shards and a batch that blocks one of them.

use super::{At, Event, Guide, Look, Play, Request, Step, What};
use crate::ui::sources;

pub static GUIDE: Guide = Guide {
    id: "blocked-shard",
    title: "A stream, a shard and a batch that blocks it",
    summary: "Order is kept within a shard, so one bad record holds up everything behind it, and nothing beside it.",
    play: || {
        const {
            Play {
                example: "picky",
                settings: r#"{"version":2,"function":{"name":"picky","memory":128,"timeout":3},
"mappings":[{"EventSource":{"Type":"Kinesis","StreamName":"readings","ShardCount":2},"StartingPosition":"TRIM_HORIZON",
"MaximumRetryAttempts":2,"DestinationConfig":{"OnFailure":{"Destination":"arn:aws:sqs:us-east-1:123456789012:failed-records"}}}]}"#,
                requests: &[
                    Request {
                        at_ms: 0,
                        trigger: "kinesis",
                        event: Event::Form(&[
                            ("stream", "readings"),
                            ("key", "sensor-1"),
                            ("records", "reading 1\npoison"),
                        ]),
                    },
                    Request {
                        at_ms: 100,
                        trigger: "kinesis",
                        event: Event::Form(&[
                            ("stream", "readings"),
                            ("key", "sensor-2"),
                            ("records", "reading 3"),
                        ]),
                    },
                    Request {
                        at_ms: 200,
                        trigger: "kinesis",
                        event: Event::Form(&[
                            ("stream", "readings"),
                            ("key", "sensor-1"),
                            ("records", "reading 2"),
                        ]),
                    },
                ],
            }
        }
    },
    steps: || {
        const {
            &[
                Step {
                    title: "Records in a shard",
                    text: "Two readings of one sensor come to the stream. Their partition key decides the shard, and within a shard the order holds.",
                    look: Look::Picture,
                    at: At::Nth(What::Arrived, 1),
                    source: Some(sources::KINESIS),
                    ..Step::PLAIN
                },
                Step {
                    title: "The batch fails",
                    text: "Lambda reads the shard and calls the function with both records. The second is poison, so the batch fails as a whole.",
                    look: Look::Log,
                    at: At::Nth(What::InvokeFinished, 1),
                    source: Some(sources::KINESIS),
                    ..Step::PLAIN
                },
                Step {
                    title: "The shard is blocked",
                    text: "What comes later may not overtake, so Lambda will send the same batch again, and until then reads nothing more from this shard. By default it would go on until the records expire, after a day.",
                    look: Look::Timeline,
                    at: At::Nth(What::BatchRetry, 1),
                    source: Some(sources::KINESIS_ERRORS),
                    ..Step::PLAIN
                },
                Step {
                    title: "The other shard goes on",
                    text: "Another sensor's reading has another partition key, and lies in the other shard: it is processed while the first shard still waits.",
                    look: Look::Picture,
                    at: At::Nth(What::Processed, 1),
                    source: Some(sources::KINESIS),
                    ..Step::PLAIN
                },
                Step {
                    title: "Given up after two retries",
                    text: "This mapping allows two retries. Then the whole batch is discarded, the good record too, and the on-failure destination learns where in the stream it lay: not the records themselves.",
                    look: Look::Picture,
                    at: At::Nth(What::Discarded, 1),
                    source: Some(sources::KINESIS_ERRORS),
                    ..Step::PLAIN
                },
                Step {
                    title: "Only now the next reading",
                    text: "The reading that came behind the bad batch had to wait for all of its attempts. `BisectBatchOnFunctionError` would split a failed batch in two until the bad record is alone, and save the good one.",
                    look: Look::Timeline,
                    at: At::Nth(What::Processed, 2),
                    source: Some(sources::KINESIS_ERRORS),
                    ..Step::PLAIN
                },
            ]
        }
    },
};
