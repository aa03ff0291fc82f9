//! SES: mail that comes in.
//!
//! 30 seconds for synchronous actions: SES Developer Guide, "Invoke Lambda function action". What SES makes of a synchronous
//! function's failure no source tells; the view says so.

use serde_json::Value;

use super::about::{About, Field, Form, Group};
use super::outcome::{self, Outcome, told};
use super::template::{self, Filler};
use super::{SampleContext, Trigger, check, ids, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;
use crate::sim::SimDuration;

/// A receipt rule's Lambda action.
pub(super) struct Receipt;

const VERDICTS: &[&str] = &["PASS", "FAIL", "GRAY", "PROCESSING_FAILED"];

static ABOUT: About = About {
    id: "ses",
    name: "Simple Email Service",
    group: Group::Asynchronous,
    keywords: "ses email mail receipt rule receiving spam verdict disposition",
    explanation: "A receipt rule calls the function when mail comes in. The event has the headers and the verdicts on spam, viruses, \
                  SPF and DKIM, but not the body: that lies in S3 if an earlier action put it there. Usually nobody waits; \
                  with the invocation type RequestResponse SES waits 30 seconds, and the function can stop the rule or the \
                  whole rule set by its disposition.",
    source: (
        "Amazon SES Developer Guide: Invoke Lambda function action",
        "https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-lambda.html",
    ),
    sender: "SES",
    call: InvocationType::Event,
    fields: &[
        Field::text("from", "From", "jane@example.com", "The sender's address."),
        Field::text(
            "to",
            "To",
            "johndoe@example.org",
            "The recipient's address.",
        ),
        Field::text("subject", "Subject", "Test Subject", "The mail's subject."),
        Field::choice(
            "spam",
            "Spam verdict",
            VERDICTS,
            "PASS",
            "What SES thinks of it.",
        ),
        Field::choice(
            "virus",
            "Virus verdict",
            VERDICTS,
            "PASS",
            "What SES found in it.",
        ),
        Field::choice(
            "spf",
            "SPF verdict",
            VERDICTS,
            "PASS",
            "Whether the sender's domain allows the server that sent it.",
        ),
        Field::choice(
            "dkim",
            "DKIM verdict",
            VERDICTS,
            "PASS",
            "Whether its signature holds.",
        ),
        Field::choice(
            "dmarc",
            "DMARC verdict",
            VERDICTS,
            "PASS",
            "What both mean by the policy of the sender's domain.",
        ),
        Field::choice(
            "invocation",
            "Invocation type",
            &["Event", "RequestResponse"],
            "Event",
            "Whether SES waits for the function's disposition.",
        ),
    ],
    template: r#"{"Records":[{"=eventSource":"aws:ses","=eventVersion":"1.0","ses":{"mail":{"timestamp":"<time>","source":"<from>",
"messageId":"<id 40>","destination":["<to>"],"headersTruncated":false,"headers":[{"name":"Return-Path","value":"<mark><from>"},
{"name":"From","value":"<from>"},{"name":"To","value":"<to>"},{"name":"Subject","value":"<subject>"},
{"name":"Date","value":"<mail_time>"}],"commonHeaders":{"returnPath":"<from>","from":["<from>"],"date":"<mail_time>",
"to":["<to>"],"messageId":"<mail_id>","subject":"<subject>"}},"receipt":{"timestamp":"<time>","processingTimeMillis":574,
"recipients":["<to>"],"spamVerdict":{"status":"<spam>"},"virusVerdict":{"status":"<virus>"},"spfVerdict":{"status":"<spf>"},
"dkimVerdict":{"status":"<dkim>"},"dmarcVerdict?":{"status":"<dmarc>"},"action":{"=type":"Lambda",
"functionArn":"arn:aws:lambda:<region>:<account>:function:my-function","invocationType":"<invocation>"}}}}]}"#,
    timeout_ms: None,
    retries: &retries::UNTIL_TAKEN,
};

impl Trigger for Receipt {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        filler.set("mail_time", ids::mail_time(context.time_ms));
        filler.set("mark", "");
        let id = format!("<{}@example.com>", filler.text("hex 16"));
        filler.set("mail_id", id);
        filler.fill(ABOUT.template)
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let mut problems = template::compare(ABOUT.template, event, ABOUT.sender);
        problems.extend(template::one_record(event, "Records", ABOUT.sender));
        problems
    }

    fn invocation_type(&self, event: &Value) -> InvocationType {
        match check::text(event, "/Records/0/ses/receipt/action/invocationType") {
            "RequestResponse" => InvocationType::RequestResponse,
            _ => InvocationType::Event,
        }
    }

    fn caller_timeout(&self, event: &Value) -> Option<SimDuration> {
        (self.invocation_type(event) == InvocationType::RequestResponse)
            .then_some(SimDuration::from_secs(30))
    }

    fn caller_view(&self, event: &Value, response: &InvokeResponse) -> CallerView {
        if self.invocation_type(event) == InvocationType::Event {
            return outcome::handed_over(&ABOUT, response);
        }
        match Outcome::of(response) {
            Outcome::Answer(answer) => disposition(&answer),
            outcome => unconfirmed(&outcome::no_answer(&outcome)),
        }
    }

    fn caller_timed_out(&self, _: &Value) -> CallerView {
        unconfirmed("The function did not answer within 30 seconds, the most that SES waits.")
    }
}

fn unconfirmed(why: &str) -> CallerView {
    told(
        false,
        "",
        format!(
            "{why} The next actions of the rule run as if it had said CONTINUE. (No source confirms that; do not rely on it.)"
        ),
    )
}

fn disposition(answer: &Value) -> CallerView {
    let wanted = match answer {
        Value::Null => "CONTINUE",
        other => check::text(other, "/disposition"),
    };
    let then = match wanted {
        "CONTINUE" => "The next actions and rules run.",
        "STOP_RULE" => "The rest of this rule is left out; the next rule runs.",
        "STOP_RULE_SET" => "Nothing more is done with this mail.",
        _ => {
            return unconfirmed(
                "The response must be {\"disposition\": …} with CONTINUE, STOP_RULE or STOP_RULE_SET, or null.",
            );
        }
    };
    told(true, wanted, then)
}
