//! What the host is told: one JSON object a message.
//!
//! Virtual times and amounts of money are whole numbers as decimal text, so that no host rounds them; counts are numbers.
//! Strings of the function's own are text, and cut to a stated length.

use serde_json::{Value, json};

use super::{Theme, VERSION, View, request};
use crate::problem::{Problem, Severity};
use crate::sim::SimTime;
use crate::ui::attempts::{Attempt, Outcome};
use crate::ui::model::{Ending, Shown};

/// The most that is told of an answer, in characters.
const PAYLOAD_CHARS: usize = 64 * 1024;

/// A message to the host.
#[derive(Debug, Clone, PartialEq)]
pub enum Report {
    /// The answer to a hello; the port comes with it.
    Ready {
        /// What is shown.
        view: View,
        /// In which colours.
        theme: Theme,
    },
    /// How high the page is now, in CSS pixels.
    Size(u32),
    /// Where everything stands.
    State {
        /// What goes on.
        status: Status,
        /// Where the cursor stands.
        now: SimTime,
        /// The last instant of what is shown.
        end: SimTime,
    },
    /// A run began.
    Run(u32),
    /// A run is over.
    Finished(Box<Finished>),
    /// The scenario is another: its link.
    Change(String),
    /// Something is wrong, or was left out.
    Problem(Problem),
    /// An answer: done.
    Done(u64),
    /// An answer: it cannot be done.
    Failed(u64, Problem),
    /// An answer: a link of the scenario.
    Scenario(u64, String),
}

/// What goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// There is no function.
    Empty,
    /// A function is on its way.
    Loading,
    /// Nothing was run yet.
    Idle,
    /// A run goes on.
    Running,
    /// A run is shown.
    Done,
    /// The engine has failed.
    Failed,
}

impl Status {
    /// Its name in messages.
    pub fn key(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Loading => "loading",
            Self::Idle => "idle",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// What a host is told of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// Its number.
    pub run: u32,
    /// Whether it was stopped by hand.
    pub cancelled: bool,
    /// Its last instant.
    pub end: SimTime,
    /// How many times the function was tried.
    pub attempts: usize,
    /// The attempt that is looked at: the last, unless the reader chose another.
    pub attempt: Option<Attempt>,
    /// Sums: requests, errors, throttles, environments, cost.
    pub totals: crate::session::watching::Totals,
}

impl Finished {
    /// Reads it off a run.
    pub fn of(shown: &Shown) -> Self {
        Self {
            run: shown.run,
            cancelled: shown.ending == Ending::Cancelled,
            end: shown.run_end,
            attempts: shown.tries.len(),
            attempt: shown.attempt(),
            totals: shown.whole.totals,
        }
    }

    fn to_value(&self) -> Value {
        let totals = &self.totals;
        json!({
            "run": self.run,
            "cancelled": self.cancelled,
            "endNs": self.end.as_nanos().to_string(),
            "attempts": self.attempts,
            "requests": totals.requests,
            "errors": totals.errors,
            "throttles": totals.throttles,
            "environments": totals.environments,
            "dropped": totals.dropped,
            "costPicodollars": totals.cost_picodollars.to_string(),
            "invocation": self.attempt.as_ref().map(invocation),
        })
    }
}

fn invocation(attempt: &Attempt) -> Value {
    let outcome = match attempt.outcome() {
        Outcome::Succeeded => "succeeded",
        Outcome::Failed => "failed",
        Outcome::TimedOut => "timedOut",
        Outcome::Refused => "refused",
        Outcome::CutOff => "cutOff",
        Outcome::Unfinished => "unfinished",
    };
    let mut value = json!({
        "outcome": outcome,
        "trigger": attempt.trigger,
        "requestId": attempt.request_id.to_string(),
        "attempt": attempt.id.attempt,
        "cold": attempt.ran.as_ref().is_some_and(|ran| ran.cold),
    });
    let finished = attempt.finished();
    if let Some(finished) = finished {
        let report = &finished.report;
        value["durationNs"] = report.duration.as_nanos().to_string().into();
        value["billedMs"] = report.billed_ms.into();
        value["initNs"] = report
            .init_duration
            .map(|init| init.as_nanos().to_string())
            .into();
        value["memoryMb"] = report.memory_size.0.into();
        value["maxMemoryUsedMb"] = report.max_memory_used_mb.into();
        value["costPicodollars"] = report.cost_picodollars.to_string().into();
    }
    let response = match (&attempt.refused, finished) {
        (Some((_, response)), _) => Some(response),
        (None, Some(finished)) => Some(&finished.response),
        (None, None) => None,
    };
    if let Some(response) = response {
        value["status"] = response.status.into();
        value["functionError"] = response.function_error.clone().into();
        value["payload"] = response
            .payload
            .chars()
            .take(PAYLOAD_CHARS)
            .collect::<String>()
            .into();
    }
    value
}

fn problem(problem: &Problem) -> Value {
    json!({
        "severity": match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        "code": problem.code,
        "place": problem.place,
        "message": problem.cause,
        "hint": problem.cure,
    })
}

impl Report {
    /// The message's JSON text. `page` makes an address of a link.
    pub fn to_json(&self, page: &dyn Fn(&str) -> String) -> String {
        let (kind, mut value) = match self {
            Self::Ready { view, theme } => (
                "ready",
                json!({
                    "versions": [VERSION],
                    "types": request::TYPES,
                    "view": view.names(),
                    "theme": theme.key(),
                }),
            ),
            Self::Size(height) => ("size", json!({ "height": height })),
            Self::State { status, now, end } => (
                "state",
                json!({
                    "status": status.key(),
                    "nowNs": now.as_nanos().to_string(),
                    "endNs": end.as_nanos().to_string(),
                }),
            ),
            Self::Run(run) => ("run", json!({ "run": run })),
            Self::Finished(finished) => ("finished", finished.to_value()),
            Self::Change(link) => ("change", json!({ "scenario": link, "address": page(link) })),
            Self::Problem(it) => ("error", problem(it)),
            Self::Done(id) => ("done", json!({ "replyTo": id })),
            Self::Failed(id, it) => {
                let mut value = problem(it);
                value["replyTo"] = (*id).into();
                ("failed", value)
            }
            Self::Scenario(id, link) => (
                "scenario",
                json!({ "replyTo": id, "scenario": link, "address": page(link) }),
            ),
        };
        value["lambdaPlayground"] = VERSION.into();
        value["type"] = kind.into();
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(report: Report) -> Value {
        serde_json::from_str(&report.to_json(&|link| format!("page#s={link}"))).unwrap()
    }

    #[test]
    fn times_cross_as_text_so_that_no_host_rounds_them() {
        let state = sent(Report::State {
            status: Status::Done,
            now: SimTime::from_nanos(9_007_199_254_740_993),
            end: SimTime::from_nanos(u64::MAX),
        });
        assert_eq!(state["nowNs"], "9007199254740993");
        assert_eq!(state["endNs"], "18446744073709551615");
        assert_eq!(
            (&state["type"], &state["lambdaPlayground"]),
            (&json!("state"), &json!(1))
        );
    }

    #[test]
    fn answers_name_what_they_answer() {
        assert_eq!(sent(Report::Done(7))["replyTo"], 7);
        let failed = sent(Report::Failed(
            8,
            Problem::error("embed.type", "type", "No.", "Yes."),
        ));
        assert_eq!(
            (&failed["replyTo"], &failed["code"], &failed["hint"]),
            (&json!(8), &json!("embed.type"), &json!("Yes."))
        );
        assert_eq!(
            sent(Report::Scenario(9, "1.a".to_owned()))["address"],
            "page#s=1.a"
        );
    }
}
