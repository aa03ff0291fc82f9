//! What happens at event sources, told.

use crate::lambda::event_source::note::{BatchEnd, DiscardReason, Failure, ScalingReason};
use crate::lambda::event_source::{Items, SourceEvent};

/// Title and meaning.
pub(super) fn tell(event: &SourceEvent) -> (String, String) {
    let (title, meaning): (String, &str) = match event {
        SourceEvent::ProducerSaw { answer, .. } => {
            let view = answer.view();
            let title = match view.status {
                Some(status) => format!("The producer sees {status}"),
                None if view.ok => "The producer has its answer".to_owned(),
                None => "The producer's request fails".to_owned(),
            };
            return (title, view.explanation);
        }
        SourceEvent::Arrived { items } => (
            format!("{} at the source", come(items, "arrives", "arrive")),
            "Lambda's pollers will read it from there.",
        ),
        SourceEvent::Deduplicated { .. } => (
            "A duplicate is accepted but not kept".to_owned(),
            "A message with its deduplication id came less than five minutes ago.",
        ),
        SourceEvent::Rejected { message } => ("The source refuses it".to_owned(), message),
        SourceEvent::Skipped { items } => (
            format!("{} left out", come(items, "is", "are")),
            "They came before the mapping's starting position.",
        ),
        SourceEvent::Polled { items, .. } => (
            format!("Lambda reads {}", count(items)),
            "They are gathered into a batch.",
        ),
        SourceEvent::FilteredOut { items } => (
            format!("The filter drops {}", count(items)),
            "The function is not run for them.",
        ),
        SourceEvent::BatchSent { items, attempt, .. } => (
            match attempt {
                0 | 1 => format!("A batch of {} goes to the function", count(items)),
                _ => format!("The batch goes to the function again, try {attempt}"),
            },
            "The mapping invokes the function synchronously and waits.",
        ),
        SourceEvent::BatchEnded { end, .. } => match end {
            BatchEnd::Succeeded => ("The batch is done".to_owned(), "All of it was processed."),
            BatchEnd::PartiallyFailed => (
                "A part of the batch failed".to_owned(),
                "The function named the items that failed; the others are done.",
            ),
            BatchEnd::Failed(failure) => (
                "The whole batch fails".to_owned(),
                match failure {
                    Failure::FunctionError => "The function failed.",
                    Failure::InvalidBatchResponse => {
                        "The response is not what ReportBatchItemFailures asks for."
                    }
                    Failure::MissingState => "The response has no state for the tumbling window.",
                },
            ),
            BatchEnd::Throttled => (
                "The batch is throttled".to_owned(),
                "There was no concurrency for it: 429. The function was not run.",
            ),
            BatchEnd::ServiceError => (
                "The batch meets an error of Lambda's".to_owned(),
                "The function's answer was never seen.",
            ),
        },
        SourceEvent::Processed { items, .. } => (
            format!("{} done", come(items, "is", "are")),
            "The stream keeps them until its retention period ends.",
        ),
        SourceEvent::Deleted { items, .. } => (
            format!("Lambda deletes {}", count(items)),
            "They were processed.",
        ),
        SourceEvent::Hidden { items, .. } => (
            format!("{} invisible", come(items, "stays", "stay")),
            "They return when the visibility timeout ends.",
        ),
        SourceEvent::Returned { items } => (
            format!("{} to the queue", come(items, "returns", "return")),
            "The visibility timeout or the delay is over.",
        ),
        SourceEvent::MovedToDeadLetterQueue { items } => (
            format!("{} to the dead-letter queue", come(items, "moves", "move")),
            "It was received too often without being processed.",
        ),
        SourceEvent::Redriven { items, .. } => (
            format!(
                "{} back from the dead-letter queue",
                come(items, "comes", "come")
            ),
            "At the source they count as new.",
        ),
        SourceEvent::Expired { items } => (
            come(items, "expires", "expire"),
            "The source's retention period is over.",
        ),
        SourceEvent::PollersScaled { from, to, reason } => (
            format!("The mapping's concurrency goes from {from} to {to}"),
            match reason {
                ScalingReason::Backlog => "Messages wait and all pollers are busy.",
                ScalingReason::Idle => "There is nothing to read.",
                ScalingReason::FunctionError => "The function fails.",
                ScalingReason::Throttled => "The function is throttled.",
            },
        ),
        SourceEvent::RetryScheduled { .. } => (
            "The same batch will be sent again".to_owned(),
            "Until then nothing else moves here: that keeps the order.",
        ),
        SourceEvent::Bisected { first, second, .. } => (
            format!("The batch is split into {first} and {second}"),
            "BisectBatchOnFunctionError looks for the record that fails.",
        ),
        SourceEvent::Checkpointed { shard, .. } => (
            format!("Shard {shard} has a new checkpoint"),
            "Everything before it is done with.",
        ),
        SourceEvent::Discarded {
            items,
            reason,
            record,
        } => (
            format!("{} given up", come(items, "is", "are")),
            match (reason, record.as_ref().map(|record| record.delivered)) {
                (_, Some(true)) => "A record of it goes to the on-failure destination.",
                (_, Some(false)) => {
                    "The on-failure destination does not take the record: it is lost."
                }
                (DiscardReason::RetryAttemptsExhausted, _) => "All retries are used.",
                (DiscardReason::RecordAgeExceeded, _) => "Too old for MaximumRecordAgeInSeconds.",
                (DiscardReason::MaximumPayloadSizeExceeded, _) => {
                    "One record alone makes an event of more than 6 MB."
                }
            },
        ),
        SourceEvent::WindowClosed { early, .. } => (
            "A tumbling window closes".to_owned(),
            if *early {
                "Its state outgrew 1 MB."
            } else {
                "The next invocation begins a new one."
            },
        ),
    };
    (title, meaning.to_owned())
}

fn count(items: &Items) -> String {
    match items.len() {
        1 => "1 item".to_owned(),
        many => format!("{many} items"),
    }
}

fn come(items: &Items, one: &str, many: &str) -> String {
    let verb = if items.len() == 1 { one } else { many };
    format!("{} {verb}", count(items))
}
