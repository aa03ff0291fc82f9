//! Whatever a visitor types or a function returns: no panic, always an explanation.

use lambda_playground::lambda::event::InvokeResponse;
use lambda_playground::trigger::callback::{Callback, Contract};
use lambda_playground::trigger::pattern::{Dialect, Pattern};
use lambda_playground::trigger::schedule::Schedule;
use lambda_playground::trigger::{self, SampleContext, parse_event};
use lambda_playground::sim::SimDuration;
use proptest::prelude::*;
use serde_json::{Value, json};

proptest! {
    #[test]
    fn no_response_panics(payload in any_json_text(), status in prop_oneof![Just(200_u16), Just(202), any::<u16>()], failed: bool) {
        for trigger in trigger::all() {
            let view = trigger.caller_view(&Value::Null, &InvokeResponse {
                status,
                function_error: failed.then(|| "Unhandled".to_owned()),
                executed_version: None,
                payload: payload.clone(),
            });
            prop_assert!(!view.explanation.is_empty());
        }
    }

    #[test]
    fn no_event_and_no_form_panics(text in any_json_text(), field in ".*", time_ms: i64, seed: u64) {
        let parsed = parse_event(&text);
        for trigger in trigger::all() {
            let form = trigger.fields().iter().map(|known| (known.key.to_owned(), field.clone())).collect();
            let event = trigger.sample(&form, SampleContext { time_ms, seed });
            trigger.check_event(&event);
            if let Ok(parsed) = &parsed {
                trigger.check_event(parsed);
            }
        }
    }
}

/// Text that is JSON, nearly JSON, or nothing like it, with the keys that matter.
fn any_json_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        (100_u16..600).prop_map(Value::from),
    ];
    let key = prop_oneof![
        Just("statusCode"),
        Just("headers"),
        Just("body"),
        Just("cookies"),
        Just("isBase64Encoded"),
        Just("Records"),
        Just("s3"),
        Just("object"),
        Just("key"),
        Just("requestContext"),
        Just("http"),
        Just("version"),
        Just("x"),
    ];
    let json = leaf.prop_recursive(4, 40, 6, move |inner| {
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
    });
    prop_oneof![
        4 => json.clone().prop_map(|value| value.to_string()),
        1 => (json, any::<prop::sample::Index>()).prop_map(|(value, at)| {
            let text = value.to_string();
            text.chars().take(at.index(text.chars().count())).collect()
        }),
        1 => ".*",
    ]
}
