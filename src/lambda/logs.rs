//! The CloudWatch log in text format, to the letter: a fold over the trace.
//!
//! Fields are separated by tabs. The style is that of 2025-26: a failed REPORT ends with `Status: …` and there is no separate
//! error line before END. START stands after a suppressed init, where Lambda writes it.

use std::collections::BTreeMap;

use base64::Engine as _;
use serde::{Deserialize, Serialize};

use super::event::{
    Entry, EnvironmentId, Event, InitPhase, InvocationId, Report, ReportStatus, RequestId,
};
use super::names;
use crate::guest::process::PhaseEnd;
use crate::sim::{SimDuration, SimTime};

/// Most bytes of the log that an Invoke answer carries (`X-Amz-Log-Result`).
pub const TAIL_BYTES: usize = 4_096;

/// Who wrote a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogKind {
    /// Lambda.
    Platform,
    /// The function.
    Function,
}

/// One line of a log stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRecord {
    /// When.
    pub at: SimTime,
    /// Whose log stream.
    pub environment: EnvironmentId,
    /// The invocation it belongs to; none for what happens in an Init phase.
    pub invocation: Option<InvocationId>,
    /// That invocation's request id.
    pub request_id: Option<RequestId>,
    /// Who wrote it.
    pub kind: LogKind,
    /// Without the line end.
    pub text: String,
}

/// The log of all environments, in order of time. A line belongs to the log stream of its environment: see [`streams`].
pub fn lines(entries: &[Entry]) -> Vec<LogRecord> {
    let mut fold = Fold::default();
    for entry in entries {
        fold.take(entry);
    }
    fold.lines
}

/// The log streams in order of creation: environment and name (`2026/01/05/[$LATEST]…`).
pub fn streams(entries: &[Entry]) -> Vec<(EnvironmentId, String)> {
    entries
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::EnvironmentCreated {
                environment,
                log_stream,
            } => Some((*environment, log_stream.clone())),
            _ => None,
        })
        .collect()
}

/// `X-Amz-Log-Result` of a call with `X-Amz-Log-Type: Tail`: the last 4 KB of what one request wrote, base64-encoded.
pub fn tail(lines: &[LogRecord], request: RequestId) -> String {
    let text: String = lines
        .iter()
        .filter(|line| line.request_id == Some(request))
        .flat_map(|line| [line.text.as_str(), "\n"])
        .collect();
    let bytes = text.as_bytes();
    let from = bytes.len().saturating_sub(TAIL_BYTES);
    base64::engine::general_purpose::STANDARD.encode(bytes.get(from..).unwrap_or_default())
}

#[derive(Default)]
struct Fold {
    lines: Vec<LogRecord>,
    environments: BTreeMap<EnvironmentId, Stream>,
}

/// What the fold remembers of an environment.
#[derive(Default)]
struct Stream {
    /// The invocation that runs.
    running: Option<(InvocationId, RequestId)>,
    /// There is no process: the next invocation begins with a suppressed init, and START comes after it.
    stopped: bool,
}

impl Fold {
    fn take(&mut self, entry: &Entry) {
        let at = entry.at;
        match &entry.event {
            Event::InitStarted {
                environment,
                phase: InitPhase::Init,
                runtime_version,
                runtime_version_arn,
            } => self.platform(
                at,
                *environment,
                None,
                format!(
                    "INIT_START Runtime Version: {runtime_version}\tRuntime Version ARN: {runtime_version_arn}"
                ),
            ),
            Event::InitFinished {
                environment,
                phase,
                end,
                error_type,
                usage,
            } => {
                let running = self.stream(*environment).running;
                if let Some(text) = init_report(*phase, end, error_type.as_deref(), usage.duration)
                {
                    self.platform(at, *environment, running, text);
                }
                self.stream(*environment).stopped = !matches!(end, PhaseEnd::Done(_));
                if *phase == InitPhase::Invoke {
                    self.start(at, *environment);
                }
            }
            Event::InvokeStarted {
                environment,
                invocation,
                request_id,
                ..
            } => {
                let stream = self.stream(*environment);
                stream.running = Some((*invocation, *request_id));
                if !stream.stopped {
                    self.start(at, *environment);
                }
            }
            Event::Log {
                environment,
                invocation,
                text,
            } => {
                let running = self.stream(*environment).running;
                self.lines.push(LogRecord {
                    at,
                    environment: *environment,
                    invocation: *invocation,
                    request_id: running
                        .filter(|(running, _)| Some(*running) == *invocation)
                        .map(|(_, request_id)| request_id),
                    kind: LogKind::Function,
                    text: text.clone(),
                });
            }
            Event::InvokeFinished {
                environment,
                invocation,
                request_id,
                report,
                ..
            } => {
                let of = Some((*invocation, *request_id));
                self.platform(at, *environment, of, format!("END RequestId: {request_id}"));
                self.platform(at, *environment, of, report_line(*request_id, report));
                self.stream(*environment).running = None;
            }
            Event::EnvironmentReset { environment, .. } => {
                self.stream(*environment).stopped = true;
            }
            _ => {}
        }
    }

    fn stream(&mut self, environment: EnvironmentId) -> &mut Stream {
        self.environments.entry(environment).or_default()
    }

    fn start(&mut self, at: SimTime, environment: EnvironmentId) {
        if let Some((invocation, request_id)) = self.stream(environment).running {
            let text = format!("START RequestId: {request_id} Version: {}", names::VERSION);
            self.platform(at, environment, Some((invocation, request_id)), text);
        }
    }

    fn platform(
        &mut self,
        at: SimTime,
        environment: EnvironmentId,
        of: Option<(InvocationId, RequestId)>,
        text: String,
    ) {
        self.lines.push(LogRecord {
            at,
            environment,
            invocation: of.map(|(invocation, _)| invocation),
            request_id: of.map(|(_, request_id)| request_id),
            kind: LogKind::Platform,
            text,
        });
    }
}

/// INIT_REPORT, which Lambda writes only for an Init that failed.
fn init_report(
    phase: InitPhase,
    end: &PhaseEnd,
    error_type: Option<&str>,
    duration: SimDuration,
) -> Option<String> {
    let status = match end {
        PhaseEnd::Done(_) => return None,
        PhaseEnd::TimedOut => "Status: timeout".to_owned(),
        _ => format!(
            "Status: error\tError Type: {}",
            error_type.unwrap_or_default()
        ),
    };
    let phase = match phase {
        InitPhase::Init => "init",
        InitPhase::Invoke => "invoke",
    };
    Some(format!(
        "INIT_REPORT Init Duration: {} ms\tPhase: {phase}\t{status}",
        duration.millis_two_decimals()
    ))
}

/// REPORT: every field is followed by a tab, the status at the end by none.
fn report_line(request_id: RequestId, report: &Report) -> String {
    let mut line = format!(
        "REPORT RequestId: {request_id}\tDuration: {} ms\tBilled Duration: {} ms\tMemory Size: {} MB\tMax Memory Used: {} MB\t",
        report.duration.millis_two_decimals(),
        report.billed_ms,
        report.memory_size.0,
        report.max_memory_used_mb,
    );
    if let Some(init) = report.init_duration {
        line += &format!("Init Duration: {} ms\t", init.millis_two_decimals());
    }
    match &report.status {
        None => {}
        Some(ReportStatus::Timeout) => line += "Status: timeout",
        Some(ReportStatus::Error(error_type)) => {
            line += &format!("Status: error\tError Type: {error_type}");
        }
    }
    line
}
