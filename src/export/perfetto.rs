//! The Trace Event Format, which Perfetto and Chrome's own viewer read: every environment a track, every request a span.
//!
//! Format: "Trace Event Format" (Google, 2016); timestamps are microseconds, with the nanoseconds behind the point.

use serde_json::{Value, json};

use crate::guest::process::PhaseEnd;
use crate::lambda::event::{Entry, EnvironmentId, Event, InitPhase, InvocationType};
use crate::lambda::summary::{self, AttemptSummary, InvocationSummary};
use crate::sim::{SimDuration, SimTime};

/// The track group of requests.
const REQUESTS: u32 = 1;
/// The track group of environments.
const ENVIRONMENTS: u32 = 2;

/// The trace as JSON text.
pub fn trace(entries: &[Entry]) -> String {
    let end = entries.last().map_or(SimTime::ZERO, |entry| entry.at);
    let mut events = vec![
        named("process_name", REQUESTS, 0, "Requests"),
        named("process_name", ENVIRONMENTS, 0, "Execution environments"),
    ];
    for entry in entries {
        events.extend(at_once(entry));
    }
    for story in summary::invocations(entries) {
        request(&story, end, &mut events);
        for attempt in &story.attempts {
            run(&story, attempt, end, &mut events);
        }
        for (link, pair) in story.attempts.windows(2).enumerate() {
            if let [before, after] = pair {
                retry(&story, link, before, after, &mut events);
            }
        }
    }
    json!({
        "displayTimeUnit": "ns",
        "otherData": {
            "producer": "Lambda Playground, a simulated AWS Lambda",
            "clock": "virtual time",
        },
        "traceEvents": events,
    })
    .to_string()
}

fn micros(at: SimTime) -> Value {
    // Exact up to 2^53 ns, a hundred days of virtual time; a scenario's longest waits are hours.
    (at.as_nanos() as f64 / 1_000.0).into()
}

fn length(span: SimDuration) -> Value {
    (span.as_nanos() as f64 / 1_000.0).into()
}

fn track(environment: EnvironmentId) -> u64 {
    u64::from(environment.0) + 1
}

fn named(what: &str, group: u32, track: u64, name: &str) -> Value {
    json!({"ph": "M", "name": what, "pid": group, "tid": track, "args": {"name": name}})
}

/// What happens at an instant, and environments' names.
fn at_once(entry: &Entry) -> Option<Value> {
    let instant = |group: u32, track: u64, name: String, args: Value| json!({"ph": "i", "s": "t", "name": name, "cat": "lambda", "ts": micros(entry.at), "pid": group, "tid": track, "args": args});
    Some(match &entry.event {
        Event::EnvironmentCreated {
            environment,
            created,
        } => {
            let name = format!("Environment {} {}", track(*environment), created.log_stream);
            named("thread_name", ENVIRONMENTS, track(*environment), &name)
        }
        Event::Log {
            environment, text, ..
        } => instant(
            ENVIRONMENTS,
            track(*environment),
            "Log".to_owned(),
            json!({"text": text}),
        ),
        Event::EnvironmentReset { environment, .. } => instant(
            ENVIRONMENTS,
            track(*environment),
            "Reset".to_owned(),
            json!({}),
        ),
        Event::EnvironmentShutdown { environment } => instant(
            ENVIRONMENTS,
            track(*environment),
            "Shut down".to_owned(),
            json!({}),
        ),
        Event::Throttled { invocation, reason } => instant(
            REQUESTS,
            0,
            format!("429 {}", reason.name()),
            json!({"request": u64::from(invocation.0) + 1}),
        ),
        _ => return None,
    })
}

/// A request from its arrival to the end of its story.
fn request(story: &InvocationSummary, end: SimTime, events: &mut Vec<Value>) {
    let number = u64::from(story.invocation.0) + 1;
    let kind = match story.kind {
        InvocationType::RequestResponse => "synchronous",
        InvocationType::Event => "asynchronous",
        InvocationType::DryRun => "dry run",
    };
    let half = |phase: &str, at: SimTime| {
        json!({
            "ph": phase, "cat": "request", "id": number, "pid": REQUESTS, "tid": 0, "ts": micros(at),
            "name": format!("Request {number}, {}", story.trigger),
            "args": {"requestId": story.request_id.to_string(), "type": kind, "throttles": story.throttles},
        })
    };
    let over = story.ended.unwrap_or(end).max(story.received);
    events.push(half("b", story.received));
    events.push(half("e", over));
}

/// A run of the function, with the Init phases that it had to wait for.
fn run(story: &InvocationSummary, attempt: &AttemptSummary, end: SimTime, events: &mut Vec<Value>) {
    let track = track(attempt.environment);
    let slice = |name: String, from: SimTime, to: SimTime, args: Value| {
        json!({
            "ph": "X", "cat": "lambda", "name": name, "pid": ENVIRONMENTS, "tid": track,
            "ts": micros(from), "dur": length(to.max(from).since(from)), "args": args,
        })
    };
    for init in attempt
        .inits
        .iter()
        .filter(|it| it.phase == InitPhase::Init)
    {
        let usage = init.ended.as_ref().map(|(_, usage)| *usage);
        let to = usage.map_or(end, |usage| init.started + usage.duration);
        events.push(slice("Init".to_owned(), init.started, to, json!({})));
    }
    let outcome = match &attempt.end {
        Some(PhaseEnd::TimedOut) => "timed out",
        Some(_) if attempt.failed() => "failed",
        Some(_) => "succeeded",
        None => "unfinished",
    };
    let mut args = json!({
        "requestId": story.request_id.to_string(),
        "attempt": attempt.number,
        "outcome": outcome,
        "cold": attempt.cold,
    });
    if let Some(report) = &attempt.report {
        args["billedMs"] = report.billed_ms.into();
        args["memoryMb"] = report.memory_size.0.into();
        args["maxMemoryUsedMb"] = report.max_memory_used_mb.into();
    }
    if let Some(usage) = attempt.usage {
        args["cpuNs"] = usage.cpu.as_nanos().into();
        args["frozenNs"] = usage.frozen.as_nanos().into();
        args["waitedNs"] = usage.waited.as_nanos().into();
    }
    let mut name = format!("Invocation {}", u64::from(story.invocation.0) + 1);
    if attempt.number > 1 {
        name.push_str(&format!(", try {}", attempt.number));
    }
    let to = attempt.ended.unwrap_or(end);
    events.push(slice(name, attempt.started, to, args));
}

/// The arrow from a try to the next.
fn retry(
    story: &InvocationSummary,
    link: usize,
    before: &AttemptSummary,
    after: &AttemptSummary,
    events: &mut Vec<Value>,
) {
    let Some(ended) = before.ended else {
        return;
    };
    let id = format!("{}.{link}", story.invocation.0);
    let half = |phase: &str, attempt: &AttemptSummary, at: SimTime| {
        json!({
            "ph": phase, "cat": "retry", "name": "Retry", "id": id, "bp": "e",
            "pid": ENVIRONMENTS, "tid": track(attempt.environment), "ts": micros(at),
        })
    };
    events.push(half("s", before, ended));
    events.push(half("f", after, after.started));
}
