//! Lambda's own log lines in JSON format, as the Telemetry API's schema has them.

use serde_json::{Map, Value, json};

use super::super::config::{ApplicationLogLevel, SystemLogLevel};
use super::super::event::{InitPhase, Report, ReportStatus, RequestId};
use super::super::names;
use super::super::surroundings::initialization_type;
use crate::guest::process::PhaseEnd;
use crate::sim::SimDuration;

/// A system record: its level, type and content.
pub(super) struct Record {
    pub level: SystemLogLevel,
    pub kind: &'static str,
    pub content: Value,
}

impl Record {
    /// The line.
    pub fn line(&self, time: &str) -> String {
        let mut object = Map::new();
        object.insert("time".to_owned(), Value::from(time));
        object.insert("type".to_owned(), Value::from(self.kind));
        object.insert("record".to_owned(), self.content.clone());
        Value::Object(object).to_string()
    }
}

/// What records say of an environment.
#[derive(Clone, Copy)]
pub(super) struct Of<'a> {
    pub function: &'a str,
    pub version: &'a str,
    pub provisioned: bool,
}

pub(super) fn init_start(of: Of, phase: InitPhase) -> Record {
    Record {
        level: SystemLogLevel::Info,
        kind: "platform.initStart",
        content: json!({
            "initializationType": initialization_type(of.provisioned),
            "phase": phase_name(phase),
            "runtimeVersion": names::RUNTIME_VERSION,
            "runtimeVersionArn": names::RUNTIME_VERSION_ARN,
            "functionName": of.function,
            "functionVersion": of.version,
        }),
    }
}

pub(super) fn init_runtime_done(
    of: Of,
    phase: InitPhase,
    end: &PhaseEnd,
    error_type: Option<&str>,
) -> Record {
    let mut content = json!({
        "initializationType": initialization_type(of.provisioned),
        "phase": phase_name(phase),
        "status": status(end),
    });
    with_error(&mut content, error_type);
    Record {
        level: level(end, SystemLogLevel::Debug),
        kind: "platform.initRuntimeDone",
        content,
    }
}

pub(super) fn init_report(
    of: Of,
    phase: InitPhase,
    end: &PhaseEnd,
    error_type: Option<&str>,
    duration: SimDuration,
) -> Record {
    let mut content = json!({
        "initializationType": initialization_type(of.provisioned),
        "phase": phase_name(phase),
        "status": status(end),
        "metrics": {"durationMs": millis(duration)},
    });
    with_error(&mut content, error_type);
    let usual = if of.provisioned {
        SystemLogLevel::Info
    } else {
        SystemLogLevel::Debug
    };
    Record {
        level: level(end, usual),
        kind: "platform.initReport",
        content,
    }
}

pub(super) fn start(request_id: RequestId, version: &str) -> Record {
    Record {
        level: SystemLogLevel::Info,
        kind: "platform.start",
        content: json!({"requestId": request_id.to_string(), "version": version}),
    }
}

pub(super) fn runtime_done(
    request_id: RequestId,
    end: &PhaseEnd,
    error_type: Option<&str>,
    duration: SimDuration,
    produced_bytes: usize,
) -> Record {
    let mut content = json!({
        "requestId": request_id.to_string(),
        "status": status(end),
        "metrics": {"durationMs": millis(duration), "producedBytes": produced_bytes},
    });
    with_error(&mut content, error_type);
    Record {
        level: level(end, SystemLogLevel::Debug),
        kind: "platform.runtimeDone",
        content,
    }
}

pub(super) fn report(request_id: RequestId, end: &PhaseEnd, report: &Report) -> Record {
    let mut metrics = json!({
        "durationMs": millis(report.duration),
        "billedDurationMs": report.billed_ms,
        "memorySizeMB": report.memory_size.0,
        "maxMemoryUsedMB": report.max_memory_used_mb,
    });
    if let (Some(init), Some(metrics)) = (report.init_duration, metrics.as_object_mut()) {
        metrics.insert("initDurationMs".to_owned(), millis(init));
    }
    let mut content = json!({
        "requestId": request_id.to_string(),
        "metrics": metrics,
        "status": status(end),
    });
    if let Some(ReportStatus::Error(error_type)) = &report.status {
        with_error(&mut content, Some(error_type));
    }
    Record {
        level: level(end, SystemLogLevel::Info),
        kind: "platform.report",
        content,
    }
}

/// The level of a line of the function's own: custom runtimes say it in a member `level` of a JSON object; what does not
/// counts as INFO.
pub(super) fn level_of_line(line: &str) -> ApplicationLogLevel {
    let said = serde_json::from_str::<Value>(line)
        .ok()
        .and_then(|object| Some(object.get("level")?.as_str()?.to_ascii_uppercase()));
    match said.as_deref() {
        Some("TRACE") => ApplicationLogLevel::Trace,
        Some("DEBUG") => ApplicationLogLevel::Debug,
        Some("WARN") => ApplicationLogLevel::Warn,
        Some("ERROR") => ApplicationLogLevel::Error,
        Some("FATAL") => ApplicationLogLevel::Fatal,
        _ => ApplicationLogLevel::Info,
    }
}

const fn phase_name(phase: InitPhase) -> &'static str {
    match phase {
        InitPhase::Init => "init",
        InitPhase::Invoke => "invoke",
    }
}

/// `failure` is an error that the function reported itself, `error` a process that is gone.
const fn status(end: &PhaseEnd) -> &'static str {
    match end {
        PhaseEnd::Done(_) => "success",
        PhaseEnd::TimedOut => "timeout",
        PhaseEnd::Failed { .. } => "failure",
        _ => "error",
    }
}

const fn level(end: &PhaseEnd, usual: SystemLogLevel) -> SystemLogLevel {
    match end {
        PhaseEnd::Done(_) => usual,
        _ => SystemLogLevel::Warn,
    }
}

fn with_error(content: &mut Value, error_type: Option<&str>) {
    if let (Some(error_type), Some(object)) = (error_type, content.as_object_mut()) {
        object.insert("errorType".to_owned(), Value::from(error_type));
    }
}

/// Milliseconds with up to three decimals, as a JSON number.
fn millis(duration: SimDuration) -> Value {
    let micros = (duration.as_nanos() + 500) / 1_000;
    let text = format!("{}.{:03}", micros / 1_000, micros % 1_000);
    let text = text.trim_end_matches('0');
    let text = if text.ends_with('.') {
        format!("{text}0")
    } else {
        text.to_owned()
    };
    text.parse::<f64>().map_or(Value::Null, Value::from)
}
