//! What the services that Lambda polls have in common: batches, and answers that name the failed items.
//!
//! With ReportBatchItemFailures, AWS was seen to read answers so: nothing, `null`, `{}` and an empty list mean success; a list
//! of `itemIdentifier`s fails those; a missing, empty or unknown identifier fails the whole batch.

use serde_json::Value;

use super::outcome::{self, Outcome, told};
use crate::lambda::event::{CallerView, InvokeResponse};

/// How a source takes the end of a batch.
pub(super) struct Source {
    /// `message` or `record`.
    pub item: &'static str,
    /// What becomes of a batch that is done.
    pub done: &'static str,
    /// What becomes of a batch that failed.
    pub failed: &'static str,
    /// What becomes of a batch of which some items failed; none when the source knows no partial answers.
    pub partly: Option<&'static str>,
}

/// What the poller makes of an answer. `ids` are the items of the batch as answers may name them.
pub(super) fn view(source: &Source, ids: &[Value], response: &InvokeResponse) -> CallerView {
    match Outcome::of(response) {
        Outcome::Answer(answer) => judge(source, ids, &answer),
        // Without ReportBatchItemFailures nobody reads the answer.
        Outcome::NotJson(error) => match source.partly {
            None => told(true, "", source.done),
            Some(_) => told(
                false,
                "",
                format!(
                    "With ReportBatchItemFailures the response must be JSON: {error}. {}",
                    source.failed
                ),
            ),
        },
        outcome => told(
            false,
            "",
            format!("{} {}", outcome::no_answer(&outcome), source.failed),
        ),
    }
}

fn judge(source: &Source, ids: &[Value], answer: &Value) -> CallerView {
    let Some(partly) = source.partly else {
        return told(
            true,
            "",
            format!(
                "The batch is done. {} What the function returns is not read.",
                source.done
            ),
        );
    };
    let list = match answer {
        Value::Null => None,
        Value::Array(list) if list.is_empty() => None,
        Value::Object(members) => members
            .get("batchItemFailures")
            .filter(|list| !list.is_null()),
        _ => {
            return told(
                false,
                "",
                format!(
                    "With ReportBatchItemFailures the response must be an object with batchItemFailures, or null. {}",
                    source.failed
                ),
            );
        }
    };
    let failures = match list {
        None => &[][..],
        Some(Value::Array(list)) => list,
        Some(_) => {
            return told(
                false,
                "",
                format!("batchItemFailures must be a list. {}", source.failed),
            );
        }
    };
    if failures.is_empty() {
        return told(true, "", format!("The batch is done. {}", source.done));
    }
    let mut named = Vec::new();
    for failure in failures {
        let rule = match failure.get("itemIdentifier") {
            None => "Each of batchItemFailures must have the key itemIdentifier.",
            Some(Value::Null) => "itemIdentifier must not be null.",
            Some(Value::String(text)) if text.is_empty() => "itemIdentifier must not be empty.",
            Some(id) if ids.contains(id) => {
                named.push(id);
                continue;
            }
            Some(_) => "itemIdentifier must be that of an item of this batch.",
        };
        return told(
            false,
            "",
            format!(
                "{rule} So the whole batch counts as failed. {}",
                source.failed
            ),
        );
    }
    let names: Vec<String> = named.iter().map(|id| id.to_string()).collect();
    told(
        false,
        names.join(", "),
        format!(
            "With ReportBatchItemFailures: {} of {} {}s failed. {partly} (Without that setting the answer is not read, and the \
             whole batch is done.)",
            named.len(),
            ids.len(),
            source.item
        ),
    )
}

/// The strings at `pointer` in each element of a list.
pub(super) fn ids(event: &Value, list: &str, pointer: &str) -> Vec<Value> {
    let records = event.get(list).and_then(Value::as_array);
    records
        .into_iter()
        .flatten()
        .filter_map(|record| record.pointer(pointer).cloned())
        .collect()
}

/// The lines of a form's field, one item each; one empty item when there is none.
pub(super) fn lines(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    if lines.is_empty() { vec![""] } else { lines }
}
