//! Amazon MQ: the events that Lambda's pollers make of messages, from ActiveMQ or RabbitMQ.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::about::{About, Field, Form, Group, value};
use super::batch::{self, Source};
use super::outcome::never;
use super::template::{self, Filler};
use super::{SampleContext, Trigger, check, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// A broker's queue.
pub(super) struct Broker;

const SOURCE: Source = Source {
    item: "message",
    done: "Lambda acknowledges its messages.",
    failed: "The broker keeps the messages of the batch, and Lambda gets them again, until the broker's own rules (redelivery in \
             ActiveMQ, a dead-letter exchange in RabbitMQ) take them away.",
    partly: None,
};

static ABOUT: About = About {
    id: "mq",
    name: "Amazon MQ",
    group: Group::Polled,
    keywords: "activemq rabbitmq broker queue jms amqp message poll",
    explanation: "Lambda reads a queue of an ActiveMQ or RabbitMQ broker and calls the function with a batch of messages, up to 100 \
                  unless set otherwise; their data is in base64. When the function succeeds, Lambda acknowledges them all; when \
                  it fails, all come again. Single messages cannot be reported as failed. The function may run 14 minutes.",
    source: (
        "AWS Lambda Developer Guide: Using Lambda with Amazon MQ",
        "https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html",
    ),
    sender: "Amazon MQ",
    call: InvocationType::RequestResponse,
    fields: &[
        Field::choice(
            "engine",
            "Engine",
            &["ActiveMQ", "RabbitMQ"],
            "ActiveMQ",
            "The broker's engine; their events differ.",
        ),
        Field::text("queue", "Queue", "testQueue", "The queue's name."),
        Field::lines(
            "messages",
            "Messages",
            "{\"timeout\":0,\"data\":\"CZrmf0Gw8Ov4bqLQxD4E\"}",
            "The data of one message a line; in the event it is in base64.",
        ),
        Field::choice(
            "again",
            "Redelivered",
            &["false", "true"],
            "false",
            "Whether the broker has delivered the messages before.",
        ),
    ],
    template: r#"{"=eventSource":"aws:mq","eventSourceArn":"arn:aws:mq:<region>:<account>:broker:test:b-<uuid>",
"messages":[{"messageID":"ID:b-<uuid>-1.mq.<region>.amazonaws.com-37557-1234520418293-4:1:1:1:<number>",
"messageType":"jms/text-message","timestamp":"<#ms>","deliveryMode":1,"correlationID":"","replyTo":"null",
"redelivered":"<?again>","destination":{"physicalName":"<queue>"},"type":"","expiration":0,"priority":0,
"data":"<data>","brokerInTime":"<#ms>","brokerOutTime":"<#ms>","properties":{}}]}"#,
    timeout_ms: None,
    retries: &retries::POLLER,
};

const RABBIT: &str = r#"{"=eventSource":"aws:rmq","eventSourceArn":"arn:aws:mq:<region>:<account>:broker:test:b-<uuid>",
"rmqMessagesByQueue":"<*by_queue>"}"#;

const RABBIT_MESSAGES: &str = r#"{"messages":[{"basicProperties":{"contentType":"text/plain","contentEncoding":null,"headers":{},
"deliveryMode":1,"priority":34,"correlationId":null,"replyTo":null,"expiration":"60000","messageId":null,
"timestamp":"<stamp>","type":null,"userId":"AIDACKCEVSQ6C2EXAMPLE","appId":null,"clusterId":null,"bodySize":"<#length>"},
"redelivered":"<?again>","data":"<data>"}]}"#;

impl Trigger for Broker {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        let rabbit = value(form, "engine") == "RabbitMQ";
        filler.set("stamp", super::ids::rabbit_time(context.time_ms));
        // The broker's id stands in every message too.
        filler.text("uuid");
        let template = if rabbit {
            RABBIT_MESSAGES
        } else {
            ABOUT.template
        };
        let lines = batch::lines(value(form, "messages"));
        let mut event = filler.records(template, "messages", &lines, |filler, number, line| {
            filler.set("data", STANDARD.encode(line));
            filler.set("length", line.len());
            filler.set("number", (number + 1).to_string());
        });
        if !rabbit {
            return event;
        }
        let messages = event
            .get_mut("messages")
            .map(Value::take)
            .unwrap_or_default();
        let mut queues = Map::new();
        queues.insert(format!("{}::/", value(form, "queue")), messages);
        filler.set("by_queue", queues);
        filler.fill(RABBIT)
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let rabbit = check::text(event, "/eventSource") == "aws:rmq";
        let mut problems = template::compare(
            if rabbit { RABBIT } else { ABOUT.template },
            event,
            ABOUT.sender,
        );
        if rabbit {
            let queues = event.get("rmqMessagesByQueue").and_then(Value::as_object);
            for (queue, messages) in queues.into_iter().flatten().take(10) {
                let at = format!("$.rmqMessagesByQueue.{}", super::outcome::short(queue));
                let wrapped = Value::Object(
                    [("messages".to_owned(), messages.clone())]
                        .into_iter()
                        .collect(),
                );
                let found = template::compare(RABBIT_MESSAGES, &wrapped, ABOUT.sender);
                problems.extend(found.into_iter().map(|problem| Problem {
                    place: problem.place.replacen("$.messages", &at, 1),
                    ..problem
                }));
            }
        }
        let messages = event.get("messages").and_then(Value::as_array);
        for (number, message) in messages.into_iter().flatten().enumerate().take(10) {
            if STANDARD.decode(check::text(message, "/data")).is_err() {
                problems.push(check::not_base64(&format!("$.messages[{number}].data")));
            }
        }
        problems
    }

    fn caller_view(&self, _: &Value, response: &InvokeResponse) -> CallerView {
        batch::view(&SOURCE, &[], response)
    }

    fn caller_timed_out(&self, _: &Value) -> CallerView {
        never("a poller waits as long as the function runs, 14 minutes at most.")
    }
}
