//! What the producer sees: whoever sends to a source that Lambda polls. The call ends at the source; the function's result
//! goes to the poller.

use crate::lambda::event::CallerView;

/// The producer's view through a polled trigger whose items a poller has handed on; none for other triggers.
pub fn view(trigger: &str) -> Option<CallerView> {
    let (status, what) = match trigger {
        "sqs" => (Some(200), "SQS took the messages (SendMessage)"),
        "kinesis" => (Some(200), "Kinesis took the records (PutRecord)"),
        "dynamodb" => (Some(200), "DynamoDB made the changes"),
        "kafka" => (None, "The broker acknowledged the records"),
        "mq" => (None, "The broker took the messages"),
        "documentdb" => (None, "DocumentDB made the changes"),
        _ => return None,
    };
    Some(CallerView {
        status,
        ok: true,
        explanation: format!(
            "{what} before the function was called. The producer never hears of the function: its result goes to Lambda's \
             poller, which decides whether the batch is done or comes again."
        ),
        ..CallerView::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::event_source::default;
    use crate::trigger::names;

    #[test]
    fn exactly_the_polled_triggers_have_a_producer() {
        for name in names::NAMES {
            let polled = default::source(name.id, &serde_json::Value::Null, 3).is_some();
            assert_eq!(view(name.id).is_some(), polled, "{}", name.id);
        }
    }
}
