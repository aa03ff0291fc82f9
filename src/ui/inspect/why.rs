//! Why an invocation came as it did: the rules that decided it, each with the page of AWS that states it.

use crate::guest::process::PhaseEnd;
use crate::lambda::config::FunctionConfig;
use crate::lambda::cpu;
use crate::lambda::event::{
    Capacity, DeliveryKind, DropReason, InitPhase, InvocationType, ThrottleReason,
};
use crate::lambda::summary::{AttemptSummary, InvocationSummary, Status};
use crate::sim::{SimDuration, SimTime};
use crate::ui::sources::{self, Source};
use crate::ui::words;

/// A rule that was at work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What happened and why, a sentence or two.
    pub text: String,
    /// Where the rule is stated.
    pub source: Source,
}

/// The rules behind one try of a request, in the order in which they were at work, as far as has happened by `at`.
///
/// `number` is the try, from 1. `throttled` is why the request found no concurrency, when it did not.
pub fn why(
    story: &InvocationSummary,
    number: u32,
    config: &FunctionConfig,
    throttled: Option<ThrottleReason>,
    at: SimTime,
) -> Vec<Reason> {
    let mut reasons = Reasons::default();
    let attempt = story.attempts.iter().find(|it| it.number == number);
    called(story, &mut reasons);
    if let Some(reason) = throttled {
        refused(reason, story.kind, config, &mut reasons);
    }
    let Some(attempt) = attempt.filter(|attempt| attempt.started <= at) else {
        return reasons.0;
    };
    started(attempt, &mut reasons);
    if attempt.ended.is_some_and(|ended| ended <= at) {
        ended(attempt, config, &mut reasons);
        afterwards(story, attempt, config, at, &mut reasons);
    }
    reasons.0
}

#[derive(Default)]
struct Reasons(Vec<Reason>);

impl Reasons {
    fn add(&mut self, source: Source, text: impl Into<String>) {
        self.0.push(Reason {
            text: text.into(),
            source,
        });
    }
}

fn called(story: &InvocationSummary, reasons: &mut Reasons) {
    match (&story.batch, story.kind) {
        (Some(batch), _) => reasons.add(
            sources::MAPPINGS,
            format!(
                "Lambda's poller read {} from the source and called the function with them, synchronously: one call for the \
                 whole batch.",
                counted(batch.items.len(), "item")
            ),
        ),
        (None, InvocationType::RequestResponse) => reasons.add(
            sources::SYNCHRONOUS,
            "The call is synchronous: the caller waits for the function's own answer.",
        ),
        (None, InvocationType::Event) => reasons.add(
            sources::ASYNCHRONOUS,
            "The call is asynchronous: Lambda queued the event, answered 202, and looks after the rest itself.",
        ),
        (None, InvocationType::DryRun) => reasons.add(
            sources::INVOKE,
            "A dry run: Lambda says whether the call would be let in, and does not run the function.",
        ),
    }
}

fn refused(
    reason: ThrottleReason,
    kind: InvocationType,
    config: &FunctionConfig,
    reasons: &mut Reasons,
) {
    let reserve = config.reserved_concurrency.unwrap_or_default();
    match reason {
        ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded => reasons.add(
            sources::RESERVED,
            format!(
                "The function's reserved concurrency of {reserve} was all in use. A reserve is also the most that the function \
                 may have."
            ),
        ),
        ThrottleReason::ConcurrentInvocationLimitExceeded => reasons.add(
            sources::SCALING,
            "The account's unreserved concurrency was all in use, or the function had grown by 1,000 environments within ten \
             seconds, which is as fast as it may.",
        ),
        ThrottleReason::FunctionInvocationRateLimitExceeded
        | ThrottleReason::ReservedFunctionInvocationRateLimitExceeded => reasons.add(
            sources::CONCURRENCY,
            "More requests came in one second than ten times the concurrency: the second limit, which short functions meet \
             first.",
        ),
    }
    match kind {
        InvocationType::Event => reasons.add(
            sources::ASYNCHRONOUS_ERRORS,
            "A throttled event goes back to the queue for up to six hours, and uses no retry up.",
        ),
        _ => reasons.add(
            sources::RETRIES,
            "Whoever called has to try again: Lambda does not, after a synchronous call. Nothing is billed.",
        ),
    }
}

fn started(attempt: &AttemptSummary, reasons: &mut Reasons) {
    let environment = attempt.environment.0 + 1;
    if attempt.capacity == Capacity::Provisioned {
        reasons.add(
            sources::PROVISIONED,
            format!(
                "Environment {environment} was provisioned: its Init had run before anybody asked."
            ),
        );
    } else if attempt.cold {
        let waited = attempt
            .inits
            .iter()
            .find(|init| init.phase == InitPhase::Init)
            .and_then(|init| init.ended.as_ref())
            .map(|(_, usage)| format!(" and waited {} for its Init", words::millis(usage.duration)))
            .unwrap_or_default();
        reasons.add(
            sources::ENVIRONMENT,
            format!(
                "No environment was idle, so Lambda made environment {environment}{waited}: a cold start. An environment does \
                 one thing at a time."
            ),
        );
    } else {
        reasons.add(
            sources::ENVIRONMENT,
            format!("Environment {environment} was idle, so it was used again: a warm start, without Init."),
        );
    }
    if attempt.capacity == Capacity::Spillover {
        reasons.add(
            sources::PROVISIONED,
            "All provisioned environments were busy, so this request was served on demand.",
        );
    }
    if attempt
        .inits
        .iter()
        .any(|init| init.phase == InitPhase::Invoke)
    {
        reasons.add(
            sources::ENVIRONMENT,
            "The environment had lost its process, so Init ran once more inside this invocation: it counts into Duration and \
             into the timeout.",
        );
    }
}

fn ended(attempt: &AttemptSummary, config: &FunctionConfig, reasons: &mut Reasons) {
    match &attempt.end {
        Some(PhaseEnd::TimedOut) => reasons.add(
            sources::TIMEOUT,
            format!(
                "The handler had not ended after the timeout of {} s. Lambda stopped its process and resets the environment.",
                config.timeout.0
            ),
        ),
        Some(PhaseEnd::OutOfMemory) => reasons.add(
            sources::MEMORY,
            format!(
                "The process wanted more than the function's {}. It was ended, and the environment is reset.",
                words::memory(config.memory)
            ),
        ),
        Some(PhaseEnd::Failed { .. }) => reasons.add(
            sources::RETRIES,
            "The function reported an error of its own. Its process lives on, and the environment stays warm.",
        ),
        Some(PhaseEnd::Exited(_) | PhaseEnd::Trapped(_) | PhaseEnd::StackOverflow) => reasons.add(
            sources::ENVIRONMENT,
            "The process ended before it answered. The environment is reset: what it held in memory is lost, /tmp stays.",
        ),
        _ => {}
    }
    let usage = attempt.usage.unwrap_or_default();
    if usage.frozen > SimDuration::ZERO
        && let Some((runs, _)) = cpu::facts(config.memory).quota
    {
        reasons.add(
            sources::MEMORY,
            format!(
                "{} buy a part of one vCPU: {runs} in every 20 ms. For {} the function stood still until the next 20 ms began.",
                words::memory(config.memory),
                words::millis(usage.frozen)
            ),
        );
    }
    if usage.waited > SimDuration::ZERO {
        reasons.add(
            sources::PRICING,
            format!(
                "For {} the function waited and used no CPU. More memory does not shorten that, and it is billed like work.",
                words::millis(usage.waited)
            ),
        );
    }
    if let Some(report) = &attempt.report {
        let text = match report.init_duration {
            Some(init) => format!(
                "Billed are Duration and Init together, {} and {}, rounded up to {} ms.",
                words::millis(report.duration),
                words::millis(init),
                words::grouped(report.billed_ms)
            ),
            None => format!(
                "Billed is Duration, {}, rounded up to {} ms.",
                words::millis(report.duration),
                words::grouped(report.billed_ms)
            ),
        };
        reasons.add(sources::PRICING, text);
    }
}

fn afterwards(
    story: &InvocationSummary,
    attempt: &AttemptSummary,
    config: &FunctionConfig,
    at: SimTime,
    reasons: &mut Reasons,
) {
    if !attempt.failed() {
        return;
    }
    if story.batch.is_some() {
        reasons.add(
            sources::MAPPINGS,
            "A batch that fails, fails as a whole, unless the function names the items that failed: the source decides when \
             all of them come back.",
        );
        return;
    }
    if story.kind != InvocationType::Event {
        reasons.add(
            sources::RETRIES,
            "The caller has the error. Lambda does not try again after a synchronous call.",
        );
        return;
    }
    let next = story
        .attempts
        .iter()
        .find(|other| other.number == attempt.number + 1);
    match (&story.status, next) {
        (_, Some(next)) => {
            let wait = next.started.since(attempt.ended.unwrap_or(next.started));
            reasons.add(
                sources::ASYNCHRONOUS_ERRORS,
                format!(
                    "An asynchronous event that fails is tried again, {} after one minute and then after two: try {} came \
                     {wait} later.",
                    times(config.maximum_retry_attempts),
                    next.number
                ),
            );
        }
        (Status::Dropped(reason), None) => reasons.add(
            sources::ASYNCHRONOUS_ERRORS,
            match reason {
                DropReason::RetriesExhausted => format!(
                    "Lambda tries an asynchronous event {} more, as the function is set. That was used up, so the event was \
                     given up.",
                    times(config.maximum_retry_attempts)
                ),
                DropReason::EventAgeExceeded => {
                    "The event would have been older than the maximum event age by the next try, so it was given up.".to_owned()
                }
                DropReason::ZeroReservedConcurrency => {
                    "The function's reserved concurrency is 0: it is switched off, and its events are given up.".to_owned()
                }
                DropReason::RecursiveLoop => {
                    "Functions have invoked each other in a circle; Lambda stops the loop.".to_owned()
                }
            },
        ),
        _ => reasons.add(
            sources::ASYNCHRONOUS_ERRORS,
            "The event goes back to the queue and is tried again: after one minute, then after two.",
        ),
    }
    if let (Status::Dropped(_), None) = (&story.status, next)
        && story.ended.is_none_or(|ended| ended <= at)
    {
        let kept = story
            .deliveries
            .iter()
            .find_map(|delivery| match delivery.kind {
                DeliveryKind::OnFailure => Some("the on-failure destination"),
                DeliveryKind::DeadLetter => Some("the dead-letter queue"),
                DeliveryKind::OnSuccess => None,
            });
        reasons.add(
            sources::RETAINING,
            match kept {
                Some(place) => format!("Because there is one, {place} got it."),
                None => "There is no on-failure destination and no dead-letter queue, so the event is lost; only the log tells of it."
                    .to_owned(),
            },
        );
    }
}

/// `2 items`.
fn counted(count: usize, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", words::grouped(count as u64))
}

fn times(count: u32) -> &'static str {
    match count {
        0 => "no time",
        1 => "once",
        _ => "twice",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::summary::invocations;
    use crate::scenario::Scenario;
    use crate::ui::lived::{lived, scenario};

    const END: SimTime = SimTime::from_nanos(u64::MAX);

    fn told(scenario: &Scenario, number: u32) -> String {
        let entries = lived(scenario);
        let stories = invocations(&entries);
        let reasons = why(&stories[0], number, &scenario.function, None, END);
        let texts = reasons.iter().map(|reason| reason.text.as_str());
        texts.collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn a_cold_call_tells_of_its_start_and_its_bill() {
        let text = told(&scenario("direct", "{}", false), 1);
        for part in [
            "synchronous",
            "a cold start",
            "200.00 ms for its Init",
            "waited and used no CPU",
            "Duration and Init together, 50.00 ms and 200.00 ms, rounded up to 250 ms",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("try again"), "{text}");
    }

    #[test]
    fn a_failed_call_tells_who_tries_again() {
        let text = told(&scenario("direct", "{}", true), 1);
        assert!(text.contains("does not try again"), "{text}");
    }

    #[test]
    fn an_event_tells_of_its_retries_and_its_loss() {
        let mut scenario = scenario("s3", r#"{"Records":[]}"#, true);
        let first = told(&scenario, 1);
        assert!(
            first.contains("twice after one minute") && first.contains("try 2 came"),
            "{first}"
        );
        let last = told(&scenario, 3);
        assert!(
            last.contains("a warm start") && last.contains("given up"),
            "{last}"
        );
        assert!(last.contains("the event is lost"), "{last}");
        scenario.function.on_failure = Some(crate::lambda::config::Destination(
            "arn:aws:sqs:us-east-1:123456789012:failed-events".to_owned(),
        ));
        assert!(told(&scenario, 3).contains("the on-failure destination got it"));
        scenario.function.maximum_retry_attempts = 0;
        assert!(told(&scenario, 1).contains("no time more"));
    }

    #[test]
    fn nothing_is_told_before_it_happens() {
        let scenario = scenario("direct", "{}", false);
        let entries = lived(&scenario);
        let story = &invocations(&entries)[0];
        let reasons = why(story, 1, &scenario.function, None, SimTime::ZERO);
        assert_eq!(reasons.len(), 1, "{reasons:?}");
    }

    #[test]
    fn a_throttle_names_its_limit() {
        let mut scenario = scenario("direct", "{}", false);
        scenario.function.reserved_concurrency = Some(3);
        let entries = lived(&scenario);
        let story = &invocations(&entries)[0];
        let reason = ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded;
        let reasons = why(story, 1, &scenario.function, Some(reason), SimTime::ZERO);
        assert!(
            reasons[1].text.contains("reserved concurrency of 3"),
            "{reasons:?}"
        );
        assert_eq!(reasons[1].source, sources::RESERVED);
    }
}
