//! What differs from AWS, in sentences. Every figure is read from the constant that decides it, never copied.

use crate::guest::process::outside::{MAX_BODY_BYTES, MAX_CALLED_BYTES, MAX_CALLS, ROUND_TRIP};
use crate::lambda::concurrency::REQUESTS_PER_CONCURRENCY;
use crate::lambda::event_source::{FRUITLESS, FRUITLESS_BY_DEFAULT, default, sqs, stream};
use crate::scenario::{CONTINUES_AFTER, ROLLS_BACK_AFTER, Scenario};
use crate::sim::SimDuration;
use crate::trigger::retries::{Phase, Retries, UNPUBLISHED};
use crate::trigger::states_language::KEPT_LIMIT;
use crate::ui::words;

/// What is simpler here than there, or where AWS says nothing: a title, and what follows from it.
pub fn differences() -> Vec<(&'static str, String)> {
    vec![
        (
            "Time is counted, not measured",
            "Instructions are counted as the function runs; a whole vCPU does two billion simple ones a second. Durations are of the right kind and compare well with each other, but your own code on your own Lambda will show other numbers.".to_owned(),
        ),
        (
            "WebAssembly is not a Lambda runtime",
            "On AWS it would run inside a custom runtime (provided.al2023). Here the module is the function: nothing else starts, so Init is shorter than you know it, and Max Memory Used is the module's memory and a fixed amount for the sandbox.".to_owned(),
        ),
        (
            "The CPU quota's period is 20 ms",
            "Measured by others on AWS, never promised by AWS. The same is true of the whole vCPU that Init gets.".to_owned(),
        ),
        (
            "Requests",
            "Single requests come one after another, a second after the last one's end. “Load and concurrency” in the settings sends many at once; then concurrency, throttling and scaling are played. Unless you choose otherwise, a function under load runs once for each event and state, and what came of it is used again.".to_owned(),
        ),
        ("Calls to other services", calls()),
        ("The services in front are played", services()),
        ("Gaps between a service's retries", gaps()),
        ("What reads queues and streams", pollers()),
        (
            "Prices",
            "List prices of us-east-1 in the first tier, without the free tier and without the price of the service in front.".to_owned(),
        ),
        (
            "What AWS does not document",
            format!(
                "How long an idle environment is kept, for instance, is our guess: {} unless you set it. So is what becomes of requests beyond {REQUESTS_PER_CONCURRENCY} a second for each provisioned environment (here they run on demand), and when Kafka's offset lags are told (here at each poll and commit).",
                span(SimDuration::from_secs(u64::from(
                    Scenario::default().idle_lifetime_seconds
                )))
            ),
        ),
    ]
}

fn calls() -> String {
    format!(
        "A function has no network and no identity, so there are no permissions, no VPC and no SDK. It can make the calls that an event source waits for (a pipeline's job, a stack's resource, a task token, a rule's evaluations) and nothing else. Each takes {}, whatever is sent; AWS publishes no figure. Of one phase's calls the first {} with at most {} together are answered, each of {} at most; those after them get 429.",
        span(ROUND_TRIP),
        words::grouped(MAX_CALLS as u64),
        words::bytes(MAX_CALLED_BYTES as u64),
        words::bytes(u64::from(MAX_BODY_BYTES)),
    )
}

fn services() -> String {
    format!(
        "Events have the shape that AWS sends. The services' own delays are left out; their limits and what they make of an answer are kept. Where a delay cannot be left out and AWS does not publish it, it is ours: CodePipeline calls with a continuation token after {}, and CloudFormation begins to roll back {} after a failure. A state machine may hold {} of data at a time.",
        span(CONTINUES_AFTER),
        span(ROLLS_BACK_AFTER),
        words::bytes(KEPT_LIMIT as u64),
    )
}

fn gaps() -> String {
    let told: Vec<_> = UNPUBLISHED
        .iter()
        .map(|(who, retries)| format!("{who}: {}", policy(retries)))
        .collect();
    format!(
        "How often a service calls again is AWS's own number where there is one. How long it waits in between is published for few of them; for the others it is ours. {}.",
        told.join("; ")
    )
}

/// Retries in words.
fn policy(retries: &Retries) -> String {
    let mut told: Vec<_> = retries.phases.iter().map(phase).collect();
    if let Some(within) = retries.within_ms {
        let within = span(SimDuration::from_millis(within));
        told.push(format!("for {within} at most"));
    }
    told.join(", ")
}

fn phase(phase: &Phase) -> String {
    let first = span(SimDuration::from_millis(phase.first_ms));
    // The gaps double, so a few retries may never reach the longest one.
    let doublings = phase.retries.saturating_sub(1).min(30);
    let reached = phase.first_ms.saturating_mul(1 << doublings);
    let last = span(SimDuration::from_millis(reached.min(phase.longest_ms)));
    if first == last {
        format!("after {first} each time")
    } else {
        format!("after {first}, doubling up to {last}")
    }
}

fn pollers() -> String {
    format!(
        "Reading a queue or a stream takes no time. A failed batch of a stream is sent again after {}, doubling up to {}; a throttled batch of a queue after {}, doubling up to {}: AWS publishes neither. A queue or stream without a mapping of its own is read with default settings; then a queue has a dead-letter queue after {} receives, a broker redelivers {} times, and where the settings never give up, the playground stops after {} tries that got nowhere, with a mapping of your own after {}.",
        span(stream::FIRST_WAIT),
        span(stream::LONGEST_WAIT),
        span(sqs::FIRST_THROTTLE_WAIT),
        span(sqs::THROTTLE_WAIT),
        default::RECEIVES,
        default::REDELIVERIES,
        words::grouped(u64::from(FRUITLESS_BY_DEFAULT)),
        words::grouped(u64::from(FRUITLESS)),
    )
}

/// A length of time as a sentence has it: `20 ms`, `1 second`, `30 seconds`, `10 minutes`, `6 hours`.
fn span(length: SimDuration) -> String {
    let millis = length.as_nanos() / 1_000_000;
    let (count, unit) = match millis {
        0 => return "no time".to_owned(),
        ms if ms % 1_000 != 0 => return format!("{ms} ms"),
        ms if ms % 3_600_000 == 0 => (ms / 3_600_000, "hour"),
        ms if ms % 60_000 == 0 => (ms / 60_000, "minute"),
        ms => (ms / 1_000, "second"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told() -> String {
        let told: Vec<_> = differences().into_iter().map(|(_, text)| text).collect();
        told.join("\n")
    }

    #[test]
    fn our_own_figures_are_named_with_their_values() {
        let told = told();
        for words in [
            "Each takes 20 ms",
            "continuation token after 30 seconds",
            "roll back 1 second after",
            "Data Firehose: after 1 second, doubling up to 4 seconds",
            "EventBridge: after 1 second, doubling up to 8 minutes, for 24 hours at most",
            "IoT Events: after 1 second, doubling up to 1 minute, for 6 hours at most",
            "sent again after 500 ms, doubling up to 16 seconds",
            "of a queue after 1 second, doubling up to 30 seconds",
            "stops after 100 tries",
            "10 minutes unless you set it",
        ] {
            assert!(told.contains(words), "{words}: {told}");
        }
    }

    /// Whoever waits for gaps that AWS does not publish is named.
    #[test]
    fn every_trigger_with_gaps_of_our_own_is_named() {
        let gaps = gaps();
        for trigger in crate::trigger::all() {
            let retries = trigger.about().retries;
            // The visitor's own client is set up, not assumed.
            let own = !retries.published && !trigger.id().starts_with("direct");
            let named = UNPUBLISHED
                .iter()
                .any(|(_, known)| std::ptr::eq(*known, retries));
            assert_eq!(own, named, "{}", trigger.id());
            let word = match trigger.id() {
                "iot-events" => "IoT Events",
                "eventbridge" | "eventbridge-schedule" => "EventBridge",
                "cloudformation" => "CloudFormation",
                "ses" => "SES",
                "s3" => "S3, ",
                _ => trigger.name(),
            };
            assert!(!own || gaps.contains(word), "{}: {gaps}", trigger.id());
        }
    }
}
