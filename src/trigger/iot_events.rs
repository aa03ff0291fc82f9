//! AWS IoT Events: a detector's Lambda action. A service of the past.

use serde_json::Value;

use super::about::{About, Field, Group};
use super::outcome;
use super::{Trigger, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};

/// A detector model's action.
pub(super) struct Detector;

static ABOUT: About = About {
    id: "iot-events",
    name: "AWS IoT Events",
    group: Group::Asynchronous,
    keywords: "iot events detector model state input alarm historical",
    explanation: "A detector watched inputs from devices, changed between states and called functions when something happened. \
                  Nobody waited; Lambda tried a failed function twice more. AWS closed the service: to new customers on 20 May \
                  2025, for good on 20 May 2026. It is here for functions that were written for it.",
    source: (
        "AWS Lambda Developer Guide: Using AWS Lambda with AWS IoT Events",
        "https://docs.aws.amazon.com/lambda/latest/dg/services-iotevents.html",
    ),
    sender: "AWS IoT Events",
    call: InvocationType::Event,
    fields: &[
        Field::text(
            "event",
            "Event",
            "myChargedEvent",
            "The event's name in the detector model.",
        ),
        Field::text(
            "model",
            "Detector model",
            "AWS_IoTEvents_Hello_World",
            "The model's name.",
        ),
        Field::text(
            "key",
            "Key value",
            "100009",
            "Which device the detector is for.",
        ),
        Field::text(
            "state",
            "State",
            "Charged",
            "The state that the detector is in.",
        ),
        Field::lines(
            "variables",
            "Variables",
            "{}",
            "The detector's variables, a JSON object.",
        ),
    ],
    template: r#"{"event":{"eventName":"<event>","eventTime":"<#ms>","payload":{"detector":{"detectorModelName":"<model>",
"keyValue?":"<key>","detectorModelVersion":"1"},"eventTriggerDetails":{"inputName":"AWS_IoTEvents_HelloWorld_VoltageInput",
"messageId":"<uuid>","triggerType":"Message"},"actionExecutionId":"<uuid 2>","state":{"variables":"<*variables>",
"stateName":"<state>","timers":{}}}}}"#,
    timeout_ms: None,
    retries: &retries::UNTIL_TAKEN,
};

impl Trigger for Detector {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn caller_view(&self, _: &Value, response: &InvokeResponse) -> CallerView {
        outcome::handed_over(&ABOUT, response)
    }
}
