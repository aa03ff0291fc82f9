//! Lex V2: a code hook of a conversation.
//!
//! 424 for a function error and 429 when the function is at its concurrency: AWS Lambda Developer Guide, "Using AWS Lambda
//! with Amazon Lex". 30 seconds: the API reference of RecognizeText. An invalid response counts as a failed dependency too;
//! its exact words are not published.

use serde_json::Value;

use super::about::{About, Field, Form, Group, value};
use super::outcome::{self, Outcome};
use super::template::{self, Filler};
use super::{SampleContext, Trigger, check, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// A bot's function.
pub(super) struct Bot;

static ABOUT: About = About {
    id: "lex",
    name: "Lex V2",
    group: Group::SynchronousOther,
    keywords: "lex chatbot bot conversation intent slot dialog fulfillment code hook",
    explanation: "A bot calls the function in the middle of a conversation, to check what the user said (DialogCodeHook) or to do \
                  what the user wants (FulfillmentCodeHook), and waits 30 seconds at most. The function returns where the \
                  conversation goes next: sessionState with a dialogAction, and messages. When it fails, the program that \
                  talks to Lex gets 424 DependencyFailedException; when it is throttled, 429. Lex does not try again.",
    source: (
        "Amazon Lex V2 Developer Guide: AWS Lambda response format for Lex V2",
        "https://docs.aws.amazon.com/lexv2/latest/dg/lambda-response-format.html",
    ),
    sender: "Lex V2",
    call: InvocationType::RequestResponse,
    fields: &[
        Field::choice(
            "source",
            "Code hook",
            &["DialogCodeHook", "FulfillmentCodeHook"],
            "FulfillmentCodeHook",
            "Whether the conversation is still going on or the intent is ready.",
        ),
        Field::text(
            "intent",
            "Intent",
            "OrderFlowers",
            "The intent that Lex recognised.",
        ),
        Field::text("slot", "Slot", "FlowerType", "A slot of the intent."),
        Field::text(
            "slot_value",
            "Value of the slot",
            "roses",
            "Empty when the user has not said it yet.",
        ),
        Field::text(
            "transcript",
            "The user said",
            "I would like to order some roses",
            "The text that Lex understood.",
        ),
        Field::choice(
            "mode",
            "Input mode",
            &["Text", "Speech", "DTMF"],
            "Text",
            "How the user said it.",
        ),
        Field::choice(
            "confirmation",
            "Confirmation",
            &["None", "Confirmed", "Denied"],
            "None",
            "Whether the user has confirmed or denied the intent.",
        ),
        Field::lines(
            "attributes",
            "Session attributes",
            "{}",
            "What the conversation carries along, a JSON object of strings.",
        ),
        Field::text(
            "locale",
            "Locale",
            "en_US",
            "The bot's language and country.",
        ),
    ],
    template: r#"{"=messageVersion":"1.0","invocationSource":"<source>","inputMode":"<mode>",
"responseContentType":"text/plain; charset=utf-8","sessionId":"<digits 15>","inputTranscript":"<transcript>",
"invocationLabel?":"<none>","bot":{"id":"<ID 10>","name":"MyBot","aliasId":"TSTALIASID","aliasName":"TestBotAlias",
"localeId":"<locale>","version":"DRAFT"},"interpretations":[{"intent":{"name":"<intent>","slots":"<*slots>","state":"<state>",
"confirmationState":"<confirmation>"},"interpretationSource?":"Lex","nluConfidence?":0.95}],"proposedNextState?":"<*next>",
"requestAttributes?":"<%none>","sessionState":{"sessionAttributes?":"<%attributes>","activeContexts?":[],"intent":{"name":"<intent>",
"slots":"<*slots>","state":"<state>","confirmationState":"<confirmation>"},"originatingRequestId?":"<uuid>"},
"transcriptions?":[{"transcription":"<transcript>","transcriptionConfidence":1.0,"resolvedContext":{"intent":"<intent>"},
"resolvedSlots":{}}]}"#,
    timeout_ms: Some(30_000),
    retries: &retries::NEVER,
};

const SLOT: &str = r#"{"shape":"Scalar","value":{"originalValue":"<slot_value>","resolvedValues":["<slot_value>"],"interpretedValue":"<slot_value>"}}"#;

/// What Lex would do next without the function: ask for the slot.
const ELICITS: &str = r#"{"intent":{"name":"<intent>","slots":"<*slots>","state":"<state>","confirmationState":"<confirmation>"},
"dialogAction":{"slotToElicit":"<slot>","type":"ElicitSlot"}}"#;

impl Trigger for Bot {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        let said = !value(form, "slot_value").is_empty();
        let slot = if said { filler.fill(SLOT) } else { Value::Null };
        let name = value(form, "slot").to_owned();
        filler.set("slots", Value::Object([(name, slot)].into_iter().collect()));
        let going_on = value(form, "source") == "DialogCodeHook";
        filler.set(
            "state",
            if going_on {
                "InProgress"
            } else {
                "ReadyForFulfillment"
            },
        );
        if going_on && !said {
            let next = filler.fill(ELICITS);
            filler.set("next", next);
        }
        filler.fill(ABOUT.template)
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let mut problems = template::compare(ABOUT.template, event, ABOUT.sender);
        if event.get("currentIntent").is_some() {
            problems.push(check::value(
                "$.currentIntent",
                "This is the event of Lex V1; V2 has sessionState and interpretations.",
                check::RESET,
            ));
        }
        problems
    }

    fn caller_view(&self, _: &Value, response: &InvokeResponse) -> CallerView {
        match Outcome::of(response) {
            Outcome::Answer(answer) => judge(&answer)
                .unwrap_or_else(|rule| failed(&format!("Invalid Lambda Response: {rule}"))),
            Outcome::Throttled => error(
                429,
                "ThrottlingException",
                &outcome::no_answer(&Outcome::Throttled),
            ),
            outcome => failed(&outcome::no_answer(&outcome)),
        }
    }

    fn caller_timed_out(&self, _: &Value) -> CallerView {
        failed(
            "The function did not answer within 30 seconds. (A fulfillment hook with a timeout message set answers with that instead.)",
        )
    }
}

fn failed(why: &str) -> CallerView {
    error(424, "DependencyFailedException", why)
}

fn error(status: u16, exception: &str, why: &str) -> CallerView {
    outcome::http(
        status,
        "application/json",
        format!(
            "{{\"__type\":\"{exception}\",\"message\":{}}}",
            Value::from(why)
        ),
        format!("{why} The program that talks to Lex gets {exception}."),
    )
}

fn judge(answer: &Value) -> Result<CallerView, String> {
    let state = answer
        .get("sessionState")
        .filter(|state| state.is_object())
        .ok_or("sessionState is always required, and must be an object.")?;
    let action = check::text(state, "/dialogAction/type");
    if state.get("dialogAction").is_none() {
        return Err("sessionState.dialogAction says what happens next; it is missing.".to_owned());
    }
    if ![
        "Close",
        "ConfirmIntent",
        "Delegate",
        "ElicitIntent",
        "ElicitSlot",
    ]
    .contains(&action)
    {
        return Err(
            "dialogAction.type must be Close, ConfirmIntent, Delegate, ElicitIntent or ElicitSlot."
                .to_owned(),
        );
    }
    let messages = answer
        .get("messages")
        .filter(|messages| !messages.is_null());
    if matches!(action, "ElicitIntent" | "ConfirmIntent")
        && messages.and_then(Value::as_array).is_none_or(Vec::is_empty)
    {
        return Err(format!(
            "The messages field is required if dialogAction.type is {action}."
        ));
    }
    if action == "ElicitSlot" && check::text(state, "/dialogAction/slotToElicit").is_empty() {
        return Err(
            "dialogAction.slotToElicit is required if dialogAction.type is ElicitSlot.".to_owned(),
        );
    }
    if action != "ElicitIntent" && check::text(state, "/intent/name").is_empty() {
        return Err(format!(
            "sessionState.intent with a name is required if dialogAction.type is {action}."
        ));
    }
    let mut said = Vec::new();
    match messages {
        None => {}
        Some(Value::Array(list)) => {
            for (number, message) in list.iter().enumerate() {
                let kind = check::text(message, "/contentType");
                if !["PlainText", "SSML", "CustomPayload", "ImageResponseCard"].contains(&kind) {
                    return Err(format!(
                        "messages[{number}].contentType must be PlainText, SSML, CustomPayload or ImageResponseCard."
                    ));
                }
                let key = if kind == "ImageResponseCard" {
                    "imageResponseCard"
                } else {
                    "content"
                };
                if message.get(key).is_none_or(Value::is_null) {
                    return Err(format!(
                        "messages[{number}] has contentType {kind} and so must have {key}."
                    ));
                }
                said.push(check::text(message, "/content"));
            }
        }
        Some(_) => return Err("messages must be a list.".to_owned()),
    }
    let next = match action {
        "Close" => "The conversation about this intent is over.",
        "ConfirmIntent" => "Lex asks the user to confirm.",
        "ElicitIntent" => "Lex asks the user for another intent.",
        "ElicitSlot" => "Lex asks the user for the slot.",
        _ => "Lex decides what comes next, as the bot is configured.",
    };
    Ok(CallerView {
        status: Some(200),
        headers: Vec::new(),
        body: said.join("\n"),
        ok: true,
        explanation: next.to_owned(),
    })
}
