//! Whatever a visitor types or a function returns: no panic, always an explanation.

use lambda_playground::lambda::event::InvokeResponse;
use lambda_playground::lambda::pattern::{Dialect, Pattern};
use lambda_playground::sim::SimDuration;
use lambda_playground::trigger::callback::{Callback, Contract};
use lambda_playground::trigger::schedule::Schedule;
use lambda_playground::trigger::{self, SampleContext, parse_event};
use proptest::prelude::*;
use serde_json::{Value, json};

proptest! {
    #[test]
    fn no_response_panics(
        text in any_json_text(),
        payload in any_json_text(),
        choice: prop::sample::Index,
        status in prop_oneof![Just(200_u16), Just(202), any::<u16>()],
        failed: bool,
    ) {
        let hostile = parse_event(&text).unwrap_or_default();
        for trigger in trigger::all() {
            let response = InvokeResponse {
                status,
                function_error: failed.then(|| "Unhandled".to_owned()),
                executed_version: None,
                payload: payload.clone(),
            };
            let form = any_choice(*trigger, choice);
            let sample = trigger.sample(&form, SampleContext { time_ms: 0, seed: 1 });
            for event in [&hostile, &sample] {
                let view = trigger.caller_view(event, &response);
                prop_assert!(!view.explanation.is_empty());
                prop_assert!(!trigger.caller_timed_out(event).ok);
                trigger.trouble(event, &response);
                trigger.caller_timeout(event);
                trigger.invocation_type(event);
                trigger.decoded(event);
            }
            trigger.command(&text, "f");
        }
    }

    #[test]
    fn no_event_and_no_form_panics(text in any_json_text(), field in field(), time_ms: i64, seed: u64) {
        let parsed = parse_event(&text);
        for trigger in trigger::all() {
            let form = trigger.fields().iter().map(|known| (known.key.to_owned(), field.clone())).collect();
            let event = trigger.sample(&form, SampleContext { time_ms, seed });
            trigger.check_event(&event);
            let _ = trigger.delivers(&form, &event);
            if let Ok(parsed) = &parsed {
                trigger.check_event(parsed);
                let _ = trigger.delivers(&form, parsed);
                trigger.callback(parsed);
            }
        }
    }

    #[test]
    fn no_pattern_panics(pattern in any_pattern(), event in any_json()) {
        for dialect in [Dialect::EventPattern, Dialect::FilterPolicy, Dialect::FilterCriteria] {
            if let Ok(pattern) = Pattern::parse(&pattern, dialect) {
                pattern.matches(&event);
            }
        }
    }

    #[test]
    fn no_schedule_panics(text in "(rate|cron)\\(([0-9LW#?*/,-]{1,4} ?){1,7}( (minutes?|hours?|days?))?\\)", after: i64, since: i64) {
        if let Ok(schedule) = Schedule::parse(&text)
            && let Some(next) = schedule.next(after, since)
        {
            prop_assert!(next > after || since > after);
        }
    }

    #[test]
    fn no_callback_panics(body in any_json(), operation in 0_usize..8, seconds in 0_u64..10_000) {
        const OPERATIONS: &[&str] = &["PutJobSuccessResult", "PutJobFailureResult", "PUT ResponseURL", "SendTaskSuccess",
            "SendTaskFailure", "SendTaskHeartbeat", "PutEvaluations", "x"];
        let events = ["codepipeline", "cloudformation", "config"].map(|id| {
            trigger::by_id(id).and_then(|trigger| trigger.callback(&json!({})))
        });
        let token = Some(Callback::task_token("", Some(60), Some(5)));
        for mut callback in events.into_iter().chain([token]).flatten() {
            let elapsed = SimDuration::from_secs(seconds);
            let _ = callback.call(OPERATIONS[operation], &body, elapsed);
            callback.waited(elapsed);
            callback.function_over(true);
            if let Some(due) = callback.due() {
                callback.waited(due);
                prop_assert!(callback.end().is_some() || callback.contract() == Contract::TaskToken);
            }
        }
    }
}

/// A form with one choice of each choice field.
fn any_choice(trigger: &dyn trigger::Trigger, index: prop::sample::Index) -> trigger::Form {
    trigger
        .fields()
        .iter()
        .map(|field| {
            let value = match field.kind {
                trigger::FieldKind::Choice(values) => values[index.index(values.len())],
                _ => field.default,
            };
            (field.key.to_owned(), value.to_owned())
        })
        .collect()
}

fn field() -> impl Strategy<Value = String> {
    prop_oneof![
        ".*",
        any_json_text(),
        any_pattern(),
        "18446744073709551615|9223372036854775807|-1|0",
        "SELECT [a-z*,.() ]{0,12} FROM '[a-z/#+]{0,8}'( WHERE [a-z0-9 <>=']{0,12})?",
        "(rate|cron)\\([0-9LW#?*/, -]{0,14}\\)",
    ]
}

fn any_pattern() -> impl Strategy<Value = String> {
    let operand = prop_oneof![
        any_json(),
        Just(json!("a*b")),
        Just(json!([">", 1])),
        Just(json!("10.0.0.0/8"))
    ];
    let operator = prop_oneof![
        Just("prefix"),
        Just("suffix"),
        Just("wildcard"),
        Just("numeric"),
        Just("exists"),
        Just("cidr"),
        Just("anything-but"),
        Just("equals-ignore-case"),
    ];
    (operator, operand).prop_map(|(operator, operand)| {
        json!({"x": [{operator: operand.clone()}], "body": [operand]}).to_string()
    })
}

/// Text that is JSON, nearly JSON, or nothing like it, with the keys that matter.
fn any_json_text() -> impl Strategy<Value = String> {
    let json = any_json();
    prop_oneof![
        4 => json.clone().prop_map(|value| value.to_string()),
        1 => (json, any::<prop::sample::Index>()).prop_map(|(value, at)| {
            let text = value.to_string();
            text.chars().take(at.index(text.chars().count())).collect()
        }),
        1 => ".*",
    ]
}

/// JSON with the keys that matter.
fn any_json() -> impl Strategy<Value = Value> + Clone {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        (100_u16..600).prop_map(Value::from),
    ];
    let key = prop::sample::select(vec![
        "statusCode",
        "headers",
        "multiValueHeaders",
        "body",
        "cookies",
        "isBase64Encoded",
        "Records",
        "records",
        "s3",
        "object",
        "key",
        "requestContext",
        "http",
        "version",
        "x",
        "cf",
        "config",
        "request",
        "response",
        "eventType",
        "triggerSource",
        "sessionState",
        "dialogAction",
        "type",
        "messages",
        "results",
        "tasks",
        "policyDocument",
        "Statement",
        "Effect",
        "context",
        "batchItemFailures",
        "itemIdentifier",
        "awslogs",
        "data",
        "jobId",
        "Status",
        "taskToken",
        "Evaluations",
        "event",
        "status",
    ]);
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..6).prop_map(|pairs| {
                Value::Object(
                    pairs
                        .into_iter()
                        .map(|(key, value)| (key.to_owned(), value))
                        .collect(),
                )
            }),
        ]
    })
}
