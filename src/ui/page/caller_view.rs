//! What the caller sees beside what Lambda answered: the difference is where most puzzles lie.

use leptos::prelude::*;

use super::code::code;
use super::live::{Kept, live};
use super::service_notes::ServiceNotes;
use crate::lambda::event::{InvocationType, InvokeResponse};
use crate::trigger::names;
use crate::ui::attempts::Attempt;
use crate::ui::{json_text, words};

/// The two, side by side.
#[component]
pub fn CallerAndLambda(attempt: Attempt, ended: bool, seen: Kept<bool>) -> impl IntoView {
    let response = match (&attempt.refused, attempt.finished()) {
        (Some((_, response)), _) => Some(response.clone()),
        (None, Some(finished)) => Some(finished.response.clone()),
        (None, None) => None,
    };
    let kind = attempt.kind;
    let answered = response.clone();
    let name = names::name_of(&attempt.trigger).to_owned();
    let caller = attempt.seen().cloned();
    // Whoever put a record at the source had its answer there; it is the poller that calls the function.
    let polled = attempt.batch.is_some();
    let produced = polled && caller.is_some();
    let notes = attempt.clone();
    let others = attempt.batch.map_or(0, |batch| batch.other_producers);
    view! {
        <div class="answers">
            <section class="answer" aria-labelledby="caller-head">
                <h3 id="caller-head">
                    {match kind {
                        _ if produced => "The producer sees",
                        _ if polled => "The poller sees",
                        InvocationType::RequestResponse | InvocationType::DryRun => "The caller sees",
                        InvocationType::Event => "The sender sees",
                    }}
                </h3>
                {live(move || match (&caller, seen.get()) {
                    (Some((_, view)), true) => {
                        let status = match view.status {
                            Some(status) => format!("{status} {}", reason(status)),
                            None if produced => (if view.ok { "Accepted" } else { "Refused" }).to_owned(),
                            None => "No HTTP status".to_owned(),
                        };
                        let more = (others > 0).then(|| {
                            let plural = if others == 1 { "request" } else { "requests" };
                            let others = format!("{} other {plural}", words::grouped(others.into()));
                            view! {
                                <p class="hint">
                                    "The batch holds what " {others} " brought, too: each had an answer of its own."
                                </p>
                            }
                        });
                        let class = if view.ok { "http ok" } else { "http bad" };
                        let headers = (!view.headers.is_empty()).then(|| {
                            let rows = view
                                .headers
                                .iter()
                                .map(|(name, value)| view! { <dt>{name.clone()}</dt><dd>{value.clone()}</dd> })
                                .collect_view();
                            view! { <dl class="headers">{rows}</dl> }
                        });
                        view! {
                            <p class=class data-testid="caller-status">{status.trim().to_owned()}</p>
                            {headers}
                            <div data-testid="caller-body">{body(&view.body)}</div>
                            <p class="explanation">{view.explanation.clone()}</p>
                            {more}
                        }
                        .into_any()
                    }
                    _ if polled && ended => poller_sees(answered.as_ref(), &name),
                    _ => view! { <p class="hint">"Nothing yet: " {name.clone()} " has no answer."</p> }.into_any(),
                })}
            </section>
            <section class="answer" aria-labelledby="lambda-head">
                <h3 id="lambda-head">"Lambda answered"</h3>
                {match response.filter(|_| ended) {
                    Some(response) => lambda_answer(&response),
                    None => view! { <p class="hint">"Nothing yet."</p> }.into_any(),
                }}
            </section>
            <ServiceNotes attempt=notes />
        </div>
    }
}

/// The poller calls the function synchronously, so it sees what Lambda answered.
fn poller_sees(response: Option<&InvokeResponse>, source: &str) -> AnyView {
    let Some(response) = response else {
        return view! { <p class="hint">"Nothing: the call was not answered."</p> }.into_any();
    };
    view! {
        <p class=status_class(response) data-testid="caller-status">
            {format!("{} {}", response.status, reason(response.status))}
        </p>
        <p class="explanation">
            "Lambda's event source mapping reads the source, calls the function and decides what becomes of the records; step \
             through the run to see it. Nobody sent these to " {source.to_owned()} ": no producer waits for an answer."
        </p>
    }
    .into_any()
}

fn status_class(response: &InvokeResponse) -> &'static str {
    if response.status < 400 && response.function_error.is_none() {
        "http ok"
    } else {
        "http bad"
    }
}

fn lambda_answer(response: &InvokeResponse) -> AnyView {
    let error = response.function_error.as_ref().map(|error| {
        view! { <dt>"X-Amz-Function-Error"</dt><dd class="bad-text">{error.clone()}</dd> }
    });
    let version = response.executed_version.as_ref().map(|version| {
        view! { <dt>"X-Amz-Executed-Version"</dt><dd>{version.clone()}</dd> }
    });
    view! {
        <p class=status_class(response)>{format!("{} {}", response.status, reason(response.status))}</p>
        <dl class="headers">{error} {version}</dl>
        <div data-testid="lambda-payload">{body(&response.payload)}</div>
    }
    .into_any()
}

fn body(text: &str) -> AnyView {
    if text.is_empty() {
        return view! { <p class="hint">"Empty body"</p> }.into_any();
    }
    if json_text::is_json(text) {
        code(&json_text::pretty(text), true)
    } else {
        code(text, false)
    }
}

/// The reason phrases of the statuses that these callers meet.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        413 => "Payload Too Large",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}
