//! Application Load Balancers with a Lambda target group.
//!
//! The event and the response follow the ELB guide "Use Lambda functions as targets of an Application Load Balancer"; the
//! reasons in the access log are the guide's too. The guide wants `headers` and `isBase64Encoded` in every response; that
//! the load balancer makes do without them is common experience, so the view warns instead of failing.

use serde_json::{Map, Value};

use super::about::{About, Field, Form, Group, value};
use super::http::{self, Request, Several};
use super::outcome::{self, Outcome, never};
use super::payload_2::{
    response::{self, wrong_type},
    upper_case_header, wrong_encoding,
};
use super::template::{self, Filler};
use super::{SampleContext, Trigger, check, ids, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// A load balancer that forwards requests to a function.
pub(super) struct LoadBalancer;

/// Most bytes of a request's body, and of the JSON of a response.
const LIMIT: usize = 1_048_576;

const CHECKER: &str = "ELB-HealthChecker/2.0";

static ABOUT: About = About {
    id: "alb",
    name: "Application Load Balancer",
    group: Group::SynchronousUser,
    keywords: "elb load balancing http target group health check 502 multi-value headers",
    explanation: "A load balancer forwards HTTP requests to the function as to any other target and waits for it as long as the \
                  function's own timeout. Whatever goes wrong (an error, a timeout, a throttle, a response it cannot read) \
                  becomes 502 Bad Gateway; only the access log tells which. 504 means that the load balancer could not \
                  reach Lambda in time. Requests and responses are limited to 1 MB. Health checks are off unless turned on; \
                  then they run the function, and are billed.",
    source: (
        "Elastic Load Balancing: Use Lambda functions as targets of an Application Load Balancer",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html",
    ),
    sender: "a load balancer",
    call: InvocationType::RequestResponse,
    fields: &[
        http::METHOD,
        http::PATH,
        http::QUERY,
        http::HEADERS,
        http::BODY,
        Field::choice(
            "multi_value",
            "Multi-value headers",
            &["Off", "On"],
            "Off",
            "The target group's setting: with it, headers and parameters are lists in event and response.",
        ),
        Field::choice(
            "origin",
            "Sent by",
            &["A client", "A health check"],
            "A client",
            "Health checks look like requests, with a user agent of their own.",
        ),
    ],
    template: r#"{"requestContext":{"elb":{"targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/my-function/<hex 16>"}},
"httpMethod":"<method>","path":"<path>","queryStringParameters?":"<%parameters>","multiValueQueryStringParameters?":"<*parameter_lists>",
"headers?":"<%headers>","multiValueHeaders?":"<*header_lists>","body":"<body>","isBase64Encoded":"<?encoded>"}"#,
    timeout_ms: None,
    retries: &retries::NEVER,
};

impl Trigger for LoadBalancer {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        let lists = value(form, "multi_value") == "On";
        let checked = value(form, "origin") == "A health check";
        let added = [
            (
                "host",
                filler.expand("my-alb-<digits 10>.<region>.elb.amazonaws.com"),
            ),
            ("user-agent", "curl/8.5.0".to_owned()),
            ("x-amzn-trace-id", filler.text("trace")),
            ("x-forwarded-for", ids::SOURCE_IP.to_owned()),
            ("x-forwarded-port", "80".to_owned()),
            ("x-forwarded-proto", "http".to_owned()),
        ];
        let mut request = Request::of(form, &added);
        if checked {
            request.method = "GET";
            request.query = "";
            request.body = "";
            request.headers = vec![("user-agent".to_owned(), CHECKER.to_owned())];
        }
        let text = http::is_text(request.header("content-type"))
            && request.header("content-encoding").is_none();
        let (body, encoded) = http::body(request.body, text);
        let (several, unused) = if lists {
            (Several::Lists, ["headers", "parameters"])
        } else {
            (Several::Last, ["header_lists", "parameter_lists"])
        };
        let headers = http::object(
            request
                .headers
                .iter()
                .map(|(name, value)| (name.to_ascii_lowercase(), value)),
            several,
        );
        // A load balancer does not decode parameters.
        let parameters = match http::object(request.parameters(), several) {
            Value::Null => Value::Object(Map::new()),
            some => some,
        };
        let (header_hole, parameter_hole) = if lists {
            ("header_lists", "parameter_lists")
        } else {
            ("headers", "parameters")
        };
        for hole in unused {
            filler.set(hole, Value::Null);
        }
        filler.set(header_hole, headers);
        filler.set(parameter_hole, parameters);
        filler.set("method", request.method);
        filler.set("path", request.path.as_str());
        filler.set("body", body);
        filler.set("encoded", encoded);
        filler.fill(ABOUT.template)
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let mut problems = template::compare(ABOUT.template, event, ABOUT.sender);
        if event.is_object()
            && event.get("headers").is_none()
            && event.get("multiValueHeaders").is_none()
        {
            problems.push(check::missing("$.headers", ABOUT.sender));
        }
        problems.extend(upper_case_header(event, "headers"));
        problems.extend(upper_case_header(event, "multiValueHeaders"));
        if !http::body_is_sound(event) {
            problems.push(wrong_encoding());
        }
        problems
    }

    fn caller_view(&self, event: &Value, response: &InvokeResponse) -> CallerView {
        let lists = event.get("multiValueHeaders").is_some();
        let view = match Outcome::of(response) {
            Outcome::Answer(_) if response.payload.len() > LIMIT => bad_gateway(
                "LambdaResponseTooLarge",
                "The response is larger than 1 MB, the most that a load balancer takes.",
            ),
            Outcome::Answer(answer) => map(&answer, lists)
                .unwrap_or_else(|rule| bad_gateway("LambdaInvalidResponse", &rule)),
            outcome @ Outcome::NotJson(_) => {
                bad_gateway("LambdaInvalidResponse", &outcome::no_answer(&outcome))
            }
            outcome @ Outcome::Failed(_) => {
                bad_gateway("LambdaUnhandled", &outcome::no_answer(&outcome))
            }
            Outcome::Refused(413) => page(
                413,
                "413 Request Entity Too Large",
                "The request's body is larger than 1 MB (LambdaRequestTooLarge).",
            ),
            outcome @ Outcome::Throttled => {
                bad_gateway("LambdaThrottling", &outcome::no_answer(&outcome))
            }
            outcome @ Outcome::Refused(_) => {
                bad_gateway("LambdaInternalError", &outcome::no_answer(&outcome))
            }
        };
        if is_health_check(event) {
            health(view)
        } else {
            view
        }
    }

    fn caller_timed_out(&self, _: &Value) -> CallerView {
        never(
            "a load balancer waits as long as the function's own timeout. (504 Gateway Timeout it answers when it cannot reach \
             Lambda at all: LambdaConnectionTimeout.)",
        )
    }
}

fn is_health_check(event: &Value) -> bool {
    check::text(event, "/headers/user-agent") == CHECKER
        || check::text(event, "/multiValueHeaders/user-agent/0") == CHECKER
}

/// What a health check makes of a response.
fn health(mut view: CallerView) -> CallerView {
    // 200 is the default matcher.
    view.ok = view.status == Some(200);
    let verdict = if view.ok {
        "This was a health check: status 200 counts as healthy."
    } else {
        "This was a health check: only status 200 counts as healthy unless the target group says otherwise. After two failed \
         checks the function is unhealthy; as there is no other target, it still gets requests."
    };
    view.explanation = format!("{verdict} {}", view.explanation);
    view
}

fn bad_gateway(reason: &str, why: &str) -> CallerView {
    page(
        502,
        "502 Bad Gateway",
        &format!("{why} The load balancer answers 502; its access log names the reason {reason}."),
    )
}

/// A page of the load balancer's own making.
fn page(status: u16, title: &str, why: &str) -> CallerView {
    let body = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    );
    outcome::http(status, "text/html", body, why)
}

fn map(answer: &Value, lists: bool) -> Result<CallerView, String> {
    let Value::Object(object) = answer else {
        return Err(format!(
            "The response must be an object with statusCode, headers and body; it is {}.",
            check::name(answer)
        ));
    };
    if object.get("statusCode").is_none() {
        return Err("The response must have a statusCode.".to_owned());
    }
    let (wanted, other) = if lists {
        ("multiValueHeaders", "headers")
    } else {
        ("headers", "multiValueHeaders")
    };
    // The rest is as in payload format 2.0; only lists of header values are this format's own.
    let mut rest = object.clone();
    rest.remove("cookies");
    let headers = rest.remove(wanted);
    rest.remove(other);
    let mut view = response::map(
        &Value::Object(rest).to_string(),
        &response::Gateway {
            default_type: "application/octet-stream",
            aside: "",
        },
    )?;
    let mut notes = String::new();
    let mut own = Vec::new();
    match headers {
        None | Some(Value::Null) => {
            notes.push_str(" A response should have ");
            notes.push_str(wanted);
            notes.push('.');
        }
        Some(Value::Object(headers)) => {
            for (name, value) in headers {
                match (value, lists) {
                    (Value::Array(values), true) => {
                        for value in values {
                            own.push((name.to_ascii_lowercase(), text_of(&value)));
                        }
                    }
                    (value @ (Value::String(_) | Value::Number(_) | Value::Bool(_)), false) => {
                        own.push((name.to_ascii_lowercase(), text_of(&value)));
                    }
                    (value, _) => {
                        let kind = if lists {
                            "a list of strings"
                        } else {
                            "a string"
                        };
                        return Err(wrong_type(&format!("{wanted}.{name}"), kind, &value));
                    }
                }
            }
        }
        Some(value) => return Err(wrong_type(wanted, "an object", &value)),
    }
    if object.contains_key(other) {
        notes.push_str(&format!(
            " {other} is not read: the target group's setting \"multi-value headers\" is {}, so only {wanted} is.",
            if lists { "on" } else { "off" }
        ));
    }
    if own.iter().any(|(name, _)| name == "content-type") {
        view.headers.retain(|(name, _)| name != "content-type");
        view.explanation = format!(
            "The client gets the response that the function described, with status {}.",
            view.status.unwrap_or_default()
        );
    }
    own.retain(|(name, _)| name != "content-length");
    own.append(&mut view.headers);
    view.headers = own;
    view.explanation.push_str(&notes);
    Ok(view)
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
