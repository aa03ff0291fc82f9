//! Amazon DocumentDB: the events that Lambda's pollers make of a change stream.

use serde_json::{Value, json};

use super::about::{About, Field, Form, Group, value};
use super::batch::{self, Source};
use super::outcome::never;
use super::template::Filler;
use super::{SampleContext, Trigger, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};

/// A change stream.
pub(super) struct ChangeStream;

const SOURCE: Source = Source {
    item: "event",
    done: "Lambda goes on in the change stream.",
    failed: "Lambda tries the same batch again; the change stream waits.",
    partly: None,
};

static ABOUT: About = About {
    id: "documentdb",
    name: "DocumentDB",
    group: Group::Polled,
    keywords: "documentdb mongodb change stream document insert update delete collection poll",
    explanation: "Lambda reads the change stream of a cluster, a database or a collection and calls the function with a batch of \
                  changes, up to 100 unless set otherwise. When the function fails, Lambda tries the same batch again and the \
                  stream waits. Single changes cannot be reported as failed. An event of more than 6 MB is dropped. The \
                  function may run 14 minutes.",
    source: (
        "AWS Lambda Developer Guide: Using Lambda with Amazon DocumentDB",
        "https://docs.aws.amazon.com/lambda/latest/dg/with-documentdb.html",
    ),
    sender: "DocumentDB",
    call: InvocationType::RequestResponse,
    fields: &[
        Field::choice(
            "operation",
            "Operation",
            &["insert", "update", "replace", "delete"],
            "insert",
            "What happened to the document.",
        ),
        Field::text(
            "database",
            "Database",
            "test_database",
            "The database's name.",
        ),
        Field::text(
            "collection",
            "Collection",
            "test_collection",
            "The collection's name.",
        ),
        Field::lines(
            "document",
            "Document",
            "{\"anyField\":\"sampleValue\"}",
            "The document after the change, a JSON object.",
        ),
    ],
    template: r#"{"eventSourceArn":"arn:aws:rds:<region>:<account>:cluster:my-cluster","events":[{"event":{"_id":{"_data":"<hex 36>"},
"clusterTime":{"$timestamp":{"t":"<#s>","i":9}},"documentKey":{"_id":{"$oid":"<hex 24>"}},"fullDocument?":"<*full>",
"ns":{"db":"<database>","coll":"<collection>"},"operationType":"<operation>","updateDescription?":"<*update>"}}],
"=eventSource":"aws:docdb"}"#,
    timeout_ms: None,
    retries: &retries::POLLER,
};

impl Trigger for ChangeStream {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        let operation = value(form, "operation");
        let document = match serde_json::from_str(value(form, "document")) {
            Ok(document @ Value::Object(_)) => document,
            _ => json!({}),
        };
        let mut full = json!({"_id": {"$oid": filler.text("hex 24")}});
        if let (Some(full), Some(own)) = (full.as_object_mut(), document.as_object()) {
            full.extend(own.clone());
        }
        filler.set(
            "full",
            match operation {
                "insert" | "replace" => full,
                _ => Value::Null,
            },
        );
        filler.set(
            "update",
            if operation == "update" {
                json!({"updatedFields": document, "removedFields": [], "truncatedArrays": []})
            } else {
                Value::Null
            },
        );
        filler.fill(ABOUT.template)
    }

    fn caller_view(&self, _: &Value, response: &InvokeResponse) -> CallerView {
        batch::view(&SOURCE, &[], response)
    }

    fn caller_timed_out(&self, _: &Value) -> CallerView {
        never("a poller waits as long as the function runs, 14 minutes at most.")
    }
}
