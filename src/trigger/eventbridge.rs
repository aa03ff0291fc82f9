//! EventBridge, formerly CloudWatch Events: rules with event patterns, and schedules.

use serde_json::Value;

use super::about::{About, Field, Form, Group, value};
use super::outcome;
use super::retries::{Phase, Retries, Trouble};
use super::schedule::Schedule as Expression;
use super::template::{self, Filler};
use super::{SampleContext, Trigger, check, filter, ids};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::lambda::pattern::{Dialect, EXAMPLE, Pattern};
use crate::problem::Problem;

/// A rule with an event pattern.
pub(super) struct Rule;

/// A rule with a schedule.
pub(super) struct Schedule;

/// Most firings of one request: a day of minutes.
const MOST_FIRINGS: u32 = 1_440;

/// 185 times over 24 hours, with growing gaps and jitter: EventBridge User Guide, "Retry policy". The gaps themselves are not
/// published.
pub(super) static DELIVERY: Retries = Retries {
    after: &[Trouble::Throttled, Trouble::ServiceError],
    phases: &[Phase {
        retries: 185,
        first_ms: 1_000,
        longest_ms: 480_000,
    }],
    within_ms: Some(86_400_000),
    then: "After 185 retries or 24 hours, or at once when the function is gone or not allowed, the event goes to the rule's \
           dead-letter queue, or is lost.",
    published: false,
};

const COMMON: About = About {
    id: "eventbridge",
    name: "EventBridge rule",
    group: Group::Asynchronous,
    keywords: "cloudwatch events event bus rule pattern ec2 state change custom event putevents",
    explanation: "AWS services and your own programs put events on a bus; a rule whose event pattern fits sends the event to the \
                  function. EventBridge hands it to Lambda's queue and does not hear whether the function succeeds; Lambda \
                  tries a failed function twice more. When Lambda does not take the event, EventBridge tries again for up to \
                  24 hours.",
    source: (
        "Amazon EventBridge User Guide: Amazon EventBridge events",
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events.html",
    ),
    sender: "EventBridge",
    call: InvocationType::Event,
    fields: &[
        Field::text(
            "source",
            "Source",
            "com.example.orders",
            "Who says it; services of AWS begin with aws.",
        ),
        Field::text(
            "type",
            "Detail type",
            "Order placed",
            "What happened, in words.",
        ),
        Field::lines(
            "detail",
            "Detail",
            "{\"orderId\":\"12345\",\"total\":59.9,\"currency\":\"EUR\"}",
            "The event proper, a JSON object.",
        ),
        Field::text(
            "resources",
            "Resources",
            "",
            "ARNs that the event is about, with commas between them.",
        ),
        Field::lines(
            "pattern",
            "Event pattern",
            "{\"source\":[\"com.example.orders\"]}",
            "What the rule lets through; empty for everything.",
        )
        .setting(),
    ],
    template: r#"{"=version":"0","id":"<uuid>","detail-type":"<type>","source":"<source>","account":"<account>","time":"<time_s>",
"region":"<region>","resources":"<@arns>","detail":"<*detail>"}"#,
    timeout_ms: None,
    retries: &DELIVERY,
};

static RULE: About = COMMON;

static SCHEDULE: About = About {
    id: "eventbridge-schedule",
    name: "EventBridge schedule",
    keywords: "cloudwatch events scheduled event cron rate timer periodic every minute",
    explanation: "A rule with a schedule sends the same small event again and again: rate(5 minutes) counts from when the rule \
                  was made, cron(0 12 * * ? *) follows the calendar, in UTC. A minute is the finest grain, and an event may \
                  come some seconds late. EventBridge hands it to Lambda's queue; a run that takes longer than the interval \
                  does not keep the next one from starting.",
    source: (
        "Amazon EventBridge User Guide: Creating a rule that runs on a schedule",
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html",
    ),
    fields: &[
        Field::text(
            "schedule",
            "Schedule",
            "rate(5 minutes)",
            "rate(value unit) or cron(minutes hours day-of-month month day-of-week year).",
        )
        .setting(),
        Field::number(
            "firings",
            "Firings",
            (1, MOST_FIRINGS as u64),
            "1",
            "How many times in a row the rule fires, each at its time by the schedule.",
        )
        .setting(),
        Field::text("rule", "Rule", "my-schedule", "The rule's name."),
    ],
    template: r#"{"=version":"0","id":"<uuid>","=detail-type":"Scheduled Event","=source":"aws.events","account":"<account>",
"time":"<fires>","region":"<region>","resources":["arn:aws:events:<region>:<account>:rule/<rule>"],"detail":{}}"#,
    ..COMMON
};

impl Trigger for Rule {
    fn about(&self) -> &'static About {
        &RULE
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(RULE.id, form, context);
        let arns = value(form, "resources").split(',').map(str::trim);
        let arns: Vec<Value> = arns
            .filter(|arn| !arn.is_empty())
            .map(Value::from)
            .collect();
        filler.set("arns", arns);
        filler.fill(RULE.template)
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let mut problems = template::compare(RULE.template, event, RULE.sender);
        if event
            .get("detail")
            .is_some_and(|detail| !detail.is_object())
        {
            problems.push(check::wrong_kind(
                "$.detail",
                event.get("detail").unwrap_or(&Value::Null),
                "an object",
                RULE.sender,
            ));
        }
        problems
    }

    fn caller_view(&self, _: &Value, response: &InvokeResponse) -> CallerView {
        outcome::handed_over(&RULE, response)
    }

    fn delivers(&self, form: &Form, event: &Value) -> Result<(), String> {
        let pattern_text = value(form, "pattern");
        if pattern_text.trim().is_empty() {
            return Ok(());
        }
        let pattern = Pattern::parse(pattern_text, Dialect::EventPattern)
            .map_err(|fault| format!("Event pattern is not valid. {fault} {EXAMPLE}"))?;
        if pattern.matches(event) {
            Ok(())
        } else {
            let why = filter::misfit(pattern_text, Dialect::EventPattern, event);
            Err(format!(
                "The rule's event pattern does not fit this event, so the rule does not send it: {why}."
            ))
        }
    }
}

impl Trigger for Schedule {
    fn about(&self) -> &'static About {
        &SCHEDULE
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(SCHEDULE.id, form, context);
        // The first time that the schedule names; the time of the form itself while the schedule cannot be read.
        let next = Expression::parse(value(form, "schedule"))
            .ok()
            .and_then(|schedule| schedule.next(context.time_ms, context.time_ms));
        filler.set(
            "fires",
            ids::iso_8601_seconds(next.unwrap_or(context.time_ms)),
        );
        filler.fill(SCHEDULE.template)
    }

    fn caller_view(&self, _: &Value, response: &InvokeResponse) -> CallerView {
        outcome::handed_over(&SCHEDULE, response)
    }

    fn firings(&self, settings: &Form) -> u32 {
        let firings = value(settings, "firings").trim().parse().unwrap_or(1);
        u32::clamp(firings, 1, MOST_FIRINGS)
    }

    /// From the event's own time on: it need not be the schedule's, for it can be edited.
    fn series(&self, settings: &Form, event: &str, seed: u64) -> Vec<(i64, Value)> {
        let Ok(schedule) = Expression::parse(value(settings, "schedule")) else {
            return Vec::new();
        };
        let Ok(event) = serde_json::from_str::<Value>(event) else {
            return Vec::new();
        };
        let Some(first_ms) = ids::parse_iso_8601_seconds(check::text(&event, "/time")) else {
            return Vec::new();
        };
        let context = SampleContext {
            time_ms: first_ms,
            seed,
        };
        let component = format!("{} after {}", SCHEDULE.id, check::text(&event, "/id"));
        let mut ids = ids::Ids::new(context, &component);
        let mut time_ms = first_ms;
        let mut series = vec![(first_ms, event.clone())];
        for _ in 1..self.firings(settings) {
            let Some(next) = schedule.next(time_ms, first_ms) else {
                break;
            };
            time_ms = next;
            let mut event = event.clone();
            for (key, text) in [("time", ids::iso_8601_seconds(next)), ("id", ids.uuid())] {
                if let Some(member) = event.get_mut(key) {
                    *member = text.into();
                }
            }
            series.push((next, event));
        }
        series
    }

    fn delivers(&self, form: &Form, _: &Value) -> Result<(), String> {
        Expression::parse(value(form, "schedule"))
            .map(|_| ())
            .map_err(|problem| format!("Parameter ScheduleExpression is not valid. {problem}"))
    }
}
