//! Lambda's own log lines in text format, to the letter.
//!
//! Fields are separated by tabs. The style is that of 2025-26: a failed REPORT ends with `Status: …` and there is no
//! separate error line before END.

use super::super::event::{InitPhase, Report, ReportStatus, RequestId};
use super::super::names;
use crate::guest::process::PhaseEnd;
use crate::sim::SimDuration;

/// INIT_START.
pub(super) fn init_start() -> String {
    format!(
        "INIT_START Runtime Version: {}\tRuntime Version ARN: {}",
        names::RUNTIME_VERSION,
        names::RUNTIME_VERSION_ARN
    )
}

/// START.
pub(super) fn start_line(request_id: RequestId, version: &str) -> String {
    let version = if version.is_empty() {
        names::VERSION
    } else {
        version
    };
    format!("START RequestId: {request_id} Version: {version}")
}

/// END.
pub(super) fn end_line(request_id: RequestId) -> String {
    format!("END RequestId: {request_id}")
}

/// INIT_REPORT, which Lambda writes for an Init that failed, and with provisioned concurrency `always`.
pub(super) fn init_report(
    phase: InitPhase,
    end: &PhaseEnd,
    error_type: Option<&str>,
    duration: SimDuration,
    always: bool,
) -> Option<String> {
    let status = match end {
        PhaseEnd::Done(_) if always && phase == InitPhase::Init => String::new(),
        PhaseEnd::Done(_) => return None,
        PhaseEnd::TimedOut => "\tStatus: timeout".to_owned(),
        _ => format!(
            "\tStatus: error\tError Type: {}",
            error_type.unwrap_or_default()
        ),
    };
    let phase = match phase {
        InitPhase::Init => "init",
        InitPhase::Invoke => "invoke",
    };
    Some(format!(
        "INIT_REPORT Init Duration: {} ms\tPhase: {phase}{status}",
        duration.millis_two_decimals()
    ))
}

/// REPORT: every field is followed by a tab, the status at the end by none.
pub(super) fn report_line(request_id: RequestId, report: &Report) -> String {
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
