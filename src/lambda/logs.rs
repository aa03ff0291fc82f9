//! The CloudWatch log, in text or JSON format: a fold over the trace.
//!
//! One log group per function, one stream per execution environment. START stands after a suppressed init, where Lambda
//! writes it.

mod index;
mod json;
mod text;

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use serde::{Deserialize, Serialize};

use super::config::{ApplicationLogLevel, LogFormat, SystemLogLevel};
use super::event::{
    Created, Entry, EnvironmentId, Event, Identities, InitEnd, InitPhase, InvocationId, Report,
    RequestId, World,
};
use super::names;
use crate::guest::process::PhaseEnd;
use crate::sim::SimTime;

pub use index::{Line, Lines};

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
                created,
            } => Some((*environment, created.log_stream.clone())),
            _ => None,
        })
        .collect()
}

/// Log group and log stream of each environment, in order of creation.
pub fn groups(entries: &[Entry]) -> Vec<(EnvironmentId, String, String)> {
    let mut world = Arc::new(World::default());
    let mut groups = Vec::new();
    for entry in entries {
        match &entry.event {
            Event::Began { world: began } => world = Arc::clone(began),
            Event::EnvironmentCreated {
                environment,
                created,
            } => {
                let group = world
                    .config(created.function, &created.version)
                    .map(names::log_group_of)
                    .unwrap_or_default();
                groups.push((*environment, group, created.log_stream.clone()));
            }
            _ => {}
        }
    }
    groups
}

/// `X-Amz-Log-Result` of a call with `X-Amz-Log-Type: Tail`: the last 4 KB of what one request wrote, base64-encoded.
pub fn tail(lines: &[LogRecord], request: RequestId) -> String {
    let text: String = lines
        .iter()
        .filter(|line| line.request_id == Some(request))
        .flat_map(|line| [line.text.as_str(), "\n"])
        .collect();
    last_bytes(&text)
}

/// The same for a run whose lines (each with its line end) and REPORT are at hand.
pub fn tail_of(request: RequestId, version: &str, written: &str, report: &Report) -> String {
    last_bytes(&format!(
        "{}\n{written}{}\n{}\n",
        text::start_line(request, version),
        text::end_line(request),
        text::report_line(request, report)
    ))
}

fn last_bytes(text: &str) -> String {
    let bytes = text.as_bytes();
    let from = bytes.len().saturating_sub(TAIL_BYTES);
    base64::engine::general_purpose::STANDARD.encode(bytes.get(from..).unwrap_or_default())
}

#[derive(Debug, Clone, Default)]
struct Fold {
    /// Lines are only counted: their text stays empty.
    quiet: bool,
    identities: Identities,
    world: Arc<World>,
    lines: Vec<LogRecord>,
    environments: BTreeMap<EnvironmentId, Stream>,
}

/// What the fold remembers of an environment.
#[derive(Debug, Clone, Default)]
struct Stream {
    /// The function's name.
    function: String,
    /// `$LATEST` or a version's number.
    version: String,
    format: LogFormat,
    system_level: SystemLogLevel,
    application_level: ApplicationLogLevel,
    /// The invocation that runs.
    running: Option<(InvocationId, RequestId)>,
    /// There is no process: the next invocation begins with a suppressed init, and START comes after it.
    stopped: bool,
    /// Whether it belongs to provisioned concurrency, where INIT_REPORT is always written.
    provisioned: bool,
}

impl Stream {
    fn of(&self) -> json::Of<'_> {
        json::Of {
            function: &self.function,
            version: &self.version,
            provisioned: self.provisioned,
        }
    }
}

impl Fold {
    fn take(&mut self, entry: &Entry) {
        let at = entry.at;
        self.identities.read(&entry.event);
        match &entry.event {
            Event::Began { world } => self.world = Arc::clone(world),
            Event::EnvironmentCreated {
                environment,
                created,
            } => self.created(*environment, created),
            Event::InitStarted { environment, phase } => {
                let stream = self.stream(*environment);
                let running = stream.running;
                match stream.format {
                    LogFormat::Json => {
                        let record = json::init_start(stream.of(), *phase);
                        self.record(at, *environment, running, &record);
                    }
                    // A suppressed init begins silently.
                    LogFormat::Text if *phase == InitPhase::Init => {
                        self.platform(at, *environment, None, text::init_start);
                    }
                    LogFormat::Text => {}
                }
            }
            Event::InitFinished {
                environment,
                phase,
                ended,
            } => self.init_finished(at, *environment, *phase, ended),
            Event::InvokeStarted {
                environment,
                invocation,
                ..
            } => {
                let request_id = self.identities.of(*invocation);
                let stream = self.stream(*environment);
                stream.running = Some((*invocation, request_id));
                if !stream.stopped {
                    self.start(at, *environment);
                }
            }
            Event::Log {
                environment,
                invocation,
                text,
            } => self.own_line(at, *environment, *invocation, text),
            Event::InvokeFinished {
                environment,
                invocation,
                duration,
                outcome,
                ..
            } => {
                let request_id = self.identities.of(*invocation);
                let of = Some((*invocation, request_id));
                let report = outcome.report(*duration);
                match self.stream(*environment).format {
                    LogFormat::Text => {
                        self.platform(at, *environment, of, || text::end_line(request_id));
                        let line = || text::report_line(request_id, &report);
                        self.platform(at, *environment, of, line);
                    }
                    LogFormat::Json => {
                        let error_type = super::invoke::error_type(&outcome.end);
                        let done = json::runtime_done(
                            request_id,
                            &outcome.end,
                            error_type.as_deref(),
                            *duration,
                            outcome.response.payload.len(),
                        );
                        self.record(at, *environment, of, &done);
                        let report = json::report(request_id, &outcome.end, &report);
                        self.record(at, *environment, of, &report);
                    }
                }
                self.stream(*environment).running = None;
            }
            Event::EnvironmentReset { environment, .. } => {
                self.stream(*environment).stopped = true;
            }
            _ => {}
        }
    }

    fn created(&mut self, environment: EnvironmentId, created: &Created) {
        let world = Arc::clone(&self.world);
        let stream = self.stream(environment);
        stream.version.clone_from(&created.version);
        stream.provisioned = created.provisioned;
        if let Some(config) = world.config(created.function, &created.version) {
            stream.function.clone_from(&config.name);
            stream.format = config.log_format;
            stream.system_level = config.system_log_level;
            stream.application_level = config.application_log_level;
        }
    }

    fn init_finished(
        &mut self,
        at: SimTime,
        environment: EnvironmentId,
        phase: InitPhase,
        ended: &InitEnd,
    ) {
        let InitEnd {
            end,
            error_type,
            usage,
            ..
        } = ended;
        let error_type = error_type.as_deref();
        let stream = self.stream(environment);
        let (running, always) = (stream.running, stream.provisioned);
        match stream.format {
            LogFormat::Text => {
                let line = text::init_report(phase, end, error_type, usage.duration, always);
                if let Some(line) = line {
                    self.platform(at, environment, running, || line);
                }
            }
            LogFormat::Json => {
                let done = json::init_runtime_done(stream.of(), phase, end, error_type);
                let report = json::init_report(stream.of(), phase, end, error_type, usage.duration);
                self.record(at, environment, running, &done);
                self.record(at, environment, running, &report);
            }
        }
        self.stream(environment).stopped = !matches!(end, PhaseEnd::Done(_));
        if phase == InitPhase::Invoke {
            self.start(at, environment);
        }
    }

    fn own_line(
        &mut self,
        at: SimTime,
        environment: EnvironmentId,
        invocation: Option<InvocationId>,
        text: &str,
    ) {
        let stream = self.stream(environment);
        if stream.format == LogFormat::Json && json::level_of_line(text) < stream.application_level
        {
            return;
        }
        let request_id = stream
            .running
            .filter(|(running, _)| Some(*running) == invocation)
            .map(|(_, request_id)| request_id);
        self.lines.push(LogRecord {
            at,
            environment,
            invocation,
            request_id,
            kind: LogKind::Function,
            text: if self.quiet {
                String::new()
            } else {
                text.to_owned()
            },
        });
    }

    fn stream(&mut self, environment: EnvironmentId) -> &mut Stream {
        self.environments.entry(environment).or_default()
    }

    fn start(&mut self, at: SimTime, environment: EnvironmentId) {
        let stream = self.stream(environment);
        let Some((invocation, request_id)) = stream.running else {
            return;
        };
        let of = Some((invocation, request_id));
        match stream.format {
            LogFormat::Text => {
                let version = stream.version.clone();
                let line = || text::start_line(request_id, &version);
                self.platform(at, environment, of, line);
            }
            LogFormat::Json => {
                let record = json::start(request_id, &stream.version);
                self.record(at, environment, of, &record);
            }
        }
    }

    /// A system record in JSON, when its level is let through.
    fn record(
        &mut self,
        at: SimTime,
        environment: EnvironmentId,
        of: Option<(InvocationId, RequestId)>,
        record: &json::Record,
    ) {
        if record.level >= self.stream(environment).system_level {
            let epoch_ms = self.world.epoch_ms;
            let line = || record.line(&names::timestamp(epoch_ms, at));
            self.platform(at, environment, of, line);
        }
    }

    fn platform(
        &mut self,
        at: SimTime,
        environment: EnvironmentId,
        of: Option<(InvocationId, RequestId)>,
        text: impl FnOnce() -> String,
    ) {
        let text = if self.quiet { String::new() } else { text() };
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
