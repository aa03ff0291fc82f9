//! A queue and its mapping together.

use crate::lambda::event_source::source::Queue;
use crate::lambda::event_source::{Context, MappingConfig};
use crate::problem::Problem;

/// What SQS and Lambda say about a queue's mapping.
pub(super) fn check(
    queue: &Queue,
    config: &MappingConfig,
    context: &Context,
    problems: &mut Vec<Problem>,
) {
    let size = config.batch_size.unwrap_or(10);
    let window = config.maximum_batching_window_in_seconds.unwrap_or(0);
    if queue.is_fifo() {
        if window > 0 {
            problems.push(Problem::error(
                "mapping.fifo",
                "MaximumBatchingWindowInSeconds",
                "Batching window is not supported for FIFO queues",
                "Leave it out.",
            ));
        }
        if size > 10 {
            problems.push(Problem::error(
                "mapping.fifo",
                "BatchSize",
                "Batch size must not exceed 10 for FIFO queues",
                "Choose 1 to 10.",
            ));
        }
    } else if size > 10 && window == 0 {
        problems.push(Problem::error(
            "mapping.window",
            "MaximumBatchingWindowInSeconds",
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
            "Set a window of 1 second or more, or a batch size of 10 or less.",
        ));
    }
    let timeout = context.function_timeout_seconds;
    if queue.visibility_timeout < timeout {
        problems.push(Problem::error(
            "mapping.visibility",
            "VisibilityTimeout",
            format!(
                "Queue visibility timeout: {} seconds is less than Function timeout: {timeout} seconds",
                queue.visibility_timeout
            ),
            format!("AWS recommends six times the function's timeout: {} seconds.", timeout.saturating_mul(6)),
        ));
    } else if u64::from(queue.visibility_timeout) < 6 * u64::from(timeout) + u64::from(window) {
        problems.push(Problem::note(
            "mapping.visibility",
            "VisibilityTimeout",
            "The visibility timeout is less than six times the function's timeout plus the batching window.",
            "AWS recommends that much, so that throttled batches can be tried again.",
        ));
    }
    if queue
        .redrive_policy
        .as_ref()
        .is_some_and(|policy| policy.max_receive_count < 5)
    {
        problems.push(Problem::note(
            "mapping.receives",
            "RedrivePolicy.maxReceiveCount",
            "Throttles count as receives, so good messages can end in the dead-letter queue.",
            "AWS recommends 5 or more.",
        ));
    }
}
