//! Alexa: custom skills, and smart home directives.
//!
//! Eight seconds: Alexa's "Troubleshooting Guide for Smart Home Skills". What Alexa says after an error is from its
//! developers' forum, "Skill functionality essentials".

use serde_json::Value;

use super::about::{About, Field, Form, Group, value};
use super::outcome::{self, Outcome, told};
use super::template::{self, Filler};
use super::{SampleContext, Trigger, check, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// A skill.
pub(super) struct Skill;

const SMART_HOME: &str = r#"{"directive":{"header":{"namespace":"Alexa.PowerController","name":"TurnOn","messageId":"<uuid>",
"=payloadVersion":"3","correlationToken?":"<base64 60>"},"endpoint":{"scope":{"type":"BearerToken","token":"<id 40>"},
"endpointId":"appliance-001","cookie":{}},"payload":{}}}"#;

static ABOUT: About = About {
    id: "alexa",
    name: "Alexa",
    group: Group::SynchronousOther,
    keywords: "alexa skills kit ask voice echo smart home intent launchrequest",
    explanation: "Somebody speaks to an Echo, and Alexa sends what it understood to the skill's function: a launch, an intent, or \
                  the end of the session. The function answers with what Alexa is to say and whether the session goes on, \
                  within 8 seconds. When it fails, takes too long or answers in another shape, Alexa says that there was a \
                  problem, ends the session and tells the skill by a SessionEndedRequest; nothing is tried again.",
    source: (
        "AWS Lambda Developer Guide: Using AWS Lambda with Alexa",
        "https://docs.aws.amazon.com/lambda/latest/dg/services-alexa.html",
    ),
    sender: "Alexa",
    call: InvocationType::RequestResponse,
    fields: &[
        Field::choice(
            "request",
            "Request",
            &[
                "LaunchRequest",
                "IntentRequest",
                "SessionEndedRequest",
                "Smart home directive",
            ],
            "IntentRequest",
            "What the user did.",
        ),
        Field::text(
            "intent",
            "Intent",
            "AnswerIntent",
            "The intent that Alexa recognised.",
        ),
        Field::text(
            "slot",
            "Slot",
            "Item",
            "A slot of the intent; empty for none.",
        ),
        Field::text(
            "slot_value",
            "Value of the slot",
            "snow golem",
            "What the user said for it.",
        ),
        Field::text(
            "locale",
            "Locale",
            "en-US",
            "The user's language and country.",
        ),
        Field::lines(
            "attributes",
            "Session attributes",
            "{}",
            "What the skill has kept during this conversation, a JSON object.",
        ),
    ],
    template: r#"{"=version":"1.0","session":{"new":"<?new>","sessionId":"amzn1.echo-api.session.<uuid>",
"application":{"applicationId":"amzn1.ask.skill.<uuid 2>"},"attributes?":"<*attributes>","user":{"userId":"amzn1.ask.account.<ID 52>"}},
"context":{"System":{"application":{"applicationId":"amzn1.ask.skill.<uuid 2>"},"user":{"userId":"amzn1.ask.account.<ID 52>"},
"device":{"deviceId":"amzn1.ask.device.<ID 52 2>","supportedInterfaces":{}},"apiEndpoint":"https://api.amazonalexa.com",
"apiAccessToken?":"<id 40>"}},"request":{"type":"<request>","requestId":"amzn1.echo-api.request.<uuid 3>","timestamp":"<time_s>",
"locale":"<locale>","reason?":"<reason>","intent?":"<*spoken>"}}"#,
    timeout_ms: Some(8_000),
    retries: &retries::NEVER,
};

const INTENT: &str = r#"{"name":"<intent>","confirmationStatus":"NONE","slots":"<*slots>"}"#;
const SLOT: &str = r#"{"name":"<slot>","value":"<slot_value>","confirmationStatus":"NONE"}"#;

impl Trigger for Skill {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        let request = value(form, "request");
        if request.starts_with("Smart") {
            return filler.fill(SMART_HOME);
        }
        filler.set("new", request == "LaunchRequest");
        if request == "SessionEndedRequest" {
            filler.set("reason", "USER_INITIATED");
        }
        if request == "IntentRequest" {
            let name = value(form, "slot").to_owned();
            let mut slots = serde_json::Map::new();
            if !name.is_empty() {
                slots.insert(name, filler.fill(SLOT));
            }
            filler.set("slots", slots);
            let intent = filler.fill(INTENT);
            filler.set("spoken", intent);
        }
        filler.fill(ABOUT.template)
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let template = if event.get("directive").is_some() {
            SMART_HOME
        } else {
            ABOUT.template
        };
        template::compare(template, event, ABOUT.sender)
    }

    fn caller_view(&self, event: &Value, response: &InvokeResponse) -> CallerView {
        let home = event.get("directive").is_some();
        match Outcome::of(response) {
            Outcome::Answer(answer) => {
                let ended = check::text(event, "/request/type") == "SessionEndedRequest";
                if ended {
                    return told(
                        true,
                        "",
                        "The session is over; Alexa reads no answer to a SessionEndedRequest.",
                    );
                }
                let judged = if home {
                    judge_home(event, &answer)
                } else {
                    judge(&answer)
                };
                judged.unwrap_or_else(|rule| trouble(home, "INVALID_RESPONSE", &rule))
            }
            outcome @ Outcome::NotJson(_) => {
                trouble(home, "INVALID_RESPONSE", &outcome::no_answer(&outcome))
            }
            outcome => trouble(home, "INVALID_RESPONSE", &outcome::no_answer(&outcome)),
        }
    }

    fn caller_timed_out(&self, event: &Value) -> CallerView {
        let home = event.get("directive").is_some();
        let kind = if home {
            "SKILL_RESPONSE_TIMEOUT_EXCEPTION"
        } else {
            "INVALID_RESPONSE"
        };
        trouble(home, kind, "The function did not answer within 8 seconds.")
    }
}

fn trouble(home: bool, kind: &str, why: &str) -> CallerView {
    if home {
        return told(
            false,
            "Sorry, the device isn't responding.",
            format!(
                "{why} Alexa tells the user that the device does not respond, and logs {kind}."
            ),
        );
    }
    told(
        false,
        "There was a problem with the requested skill's response",
        format!(
            "{why} Alexa tells the user that there was a problem, ends the session and sends a SessionEndedRequest with reason \
             ERROR and type {kind}."
        ),
    )
}

fn judge(answer: &Value) -> Result<CallerView, String> {
    if !answer.is_object() {
        return Err(format!(
            "The response must be an object, but is {}.",
            check::name(answer)
        ));
    }
    if answer
        .get("version")
        .is_none_or(|version| !version.is_string())
    {
        return Err("version is required: \"1.0\".".to_owned());
    }
    let response = answer
        .get("response")
        .filter(|response| response.is_object())
        .ok_or("response is required, and must be an object.")?;
    let mut spoken = String::new();
    if let Some(speech) = response
        .get("outputSpeech")
        .filter(|speech| !speech.is_null())
    {
        let key = match check::text(speech, "/type") {
            "PlainText" => "text",
            "SSML" => "ssml",
            _ => return Err("outputSpeech.type must be PlainText or SSML.".to_owned()),
        };
        let text = speech.get(key).and_then(Value::as_str);
        spoken = text
            .ok_or(format!(
                "outputSpeech of this type must have {key}, a string."
            ))?
            .to_owned();
        if spoken.chars().count() > 8_000 {
            return Err("outputSpeech may have 8,000 characters.".to_owned());
        }
    }
    let ends = match response.get("shouldEndSession") {
        Some(Value::Bool(ends)) => *ends,
        None | Some(Value::Null) => true,
        Some(_) => return Err("shouldEndSession must be true or false.".to_owned()),
    };
    if answer.to_string().len() > 120 * 1024 {
        return Err("The response may have 120 KB.".to_owned());
    }
    Ok(told(
        true,
        spoken,
        if ends {
            "Alexa says this, and the session ends."
        } else {
            "Alexa says this and listens for eight seconds; the session goes on."
        },
    ))
}

fn judge_home(event: &Value, answer: &Value) -> Result<CallerView, String> {
    let header = answer
        .pointer("/event/header")
        .filter(|header| header.is_object())
        .ok_or("The response must have event.header.")?;
    for key in ["namespace", "name", "messageId", "payloadVersion"] {
        if header.get(key).is_none_or(|value| !value.is_string()) {
            return Err(format!("event.header.{key} is required, a string."));
        }
    }
    let token = check::text(event, "/directive/header/correlationToken");
    if !token.is_empty() && check::text(header, "/correlationToken") != token {
        return Err("event.header.correlationToken must be the directive's.".to_owned());
    }
    if check::text(header, "/name") == "ErrorResponse" {
        return Ok(told(
            false,
            check::text(answer, "/event/payload/type"),
            "The function answered with an ErrorResponse; Alexa tells the user what its type means.",
        ));
    }
    Ok(told(true, "OK", "The device did it; Alexa says so."))
}
