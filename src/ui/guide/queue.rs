//! A queue, a poison message and the dead-letter queue.

use super::{At, Event, Guide, Look, Play, Request, Step, What};
use crate::ui::sources;

pub static GUIDE: Guide = Guide {
    id: "poison-message",
    title: "A queue, a poison message and the dead-letter queue",
    summary: "One message that can never be processed, and what it does to the two good ones beside it.",
    play: || {
        const {
            Play {
                example: "picky",
                settings: r#"{"version":2,"function":{"name":"picky","memory":128,"timeout":3},
"mappings":[{"EventSource":{"Type":"SQS","QueueName":"orders","VisibilityTimeout":30,
"RedrivePolicy":{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:orders-dlq","maxReceiveCount":3}},"BatchSize":10}]}"#,
                requests: &[Request {
                    at_ms: 0,
                    trigger: "sqs",
                    event: Event::Form(&[
                        ("queue", "orders"),
                        ("messages", "order 1\norder 2\npoison"),
                    ]),
                }],
            }
        }
    },
    steps: || {
        const {
            &[
                Step {
                    title: "Three messages in a queue",
                    text: "Whoever sent them has its answer from SQS and is gone. Nothing calls Lambda here: Lambda's own pollers read the queue.",
                    look: Look::Picture,
                    at: At::Nth(What::Arrived, 1),
                    source: Some(sources::SQS),
                    ..Step::PLAIN
                },
                Step {
                    title: "One batch, one invocation",
                    text: "The poller takes all three and calls the function once, synchronously. Received messages are not gone from the queue: they are hidden for the visibility timeout, 30 seconds here.",
                    look: Look::Picture,
                    at: At::Nth(What::BatchSent, 1),
                    source: Some(sources::VISIBILITY),
                    ..Step::PLAIN
                },
                Step {
                    title: "The third message is poison",
                    text: "The log shows two good records, then the bad one. The function fails, and a batch that fails, fails as a whole: Lambda deletes nothing.",
                    look: Look::Log,
                    at: At::Nth(What::InvokeFinished, 1),
                    source: Some(sources::SQS_ERRORS),
                    ..Step::PLAIN
                },
                Step {
                    title: "Thirty seconds later: all three again",
                    text: "The visibility timeout ends and the messages come back, the good ones too. They will be processed a second time: one more reason to be idempotent.",
                    look: Look::Timeline,
                    at: At::Nth(What::Returned, 1),
                    source: Some(sources::VISIBILITY),
                    ..Step::PLAIN
                },
                Step {
                    title: "Received three times, then moved",
                    text: "The queue's redrive policy allows three receives. When a message would be received a fourth time, SQS moves it to the dead-letter queue. Here the two good orders go with the bad one, although both were processed three times.",
                    look: Look::Picture,
                    at: At::Nth(What::MovedToDeadLetterQueue, 1),
                    source: Some(sources::SQS_DEAD_LETTERS),
                    ..Step::PLAIN
                },
                Step {
                    title: "How to save the good ones",
                    text: "Let the function catch the error and answer with `batchItemFailures`, and set `ReportBatchItemFailures` on the mapping: then only the failed message comes back. A batch size of 1 would do as well, with more invocations to pay.",
                    look: Look::Settings,
                    at: At::End,
                    source: Some(sources::SQS_ERRORS),
                    ..Step::PLAIN
                },
            ]
        }
    },
};
