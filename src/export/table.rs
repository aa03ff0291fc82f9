//! Tables as comma-separated values (RFC 4180).

use crate::guest::process::PhaseEnd;
use crate::lambda::event::{Entry, InvocationType};
use crate::lambda::summary::{self, Status};

/// One row a try of a request, or a request that was not tried. Times are nanoseconds of virtual time, costs picodollars
/// (10⁻¹² $).
pub fn invocations(entries: &[Entry]) -> String {
    let head = [
        "request",
        "request_id",
        "trigger",
        "type",
        "received_ns",
        "attempt",
        "environment",
        "cold",
        "started_ns",
        "ended_ns",
        "outcome",
        "duration_ns",
        "billed_ms",
        "init_ns",
        "memory_mb",
        "max_memory_used_mb",
        "cpu_ns",
        "frozen_ns",
        "waited_ns",
        "cost_picodollars",
        "throttles",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for story in summary::invocations(entries) {
        let kind = match story.kind {
            InvocationType::RequestResponse => "RequestResponse",
            InvocationType::Event => "Event",
            InvocationType::DryRun => "DryRun",
        };
        let first = [
            (u64::from(story.invocation.0) + 1).to_string(),
            story.request_id.to_string(),
            story.trigger.clone(),
            kind.to_owned(),
            story.received.as_nanos().to_string(),
        ];
        if story.attempts.is_empty() {
            let outcome = match &story.status {
                Status::Refused(name) => name.clone(),
                Status::Dropped(_) => "dropped".to_owned(),
                Status::DryRun => "dry run".to_owned(),
                _ => "not run".to_owned(),
            };
            let mut row = first.to_vec();
            row.resize(10, String::new());
            row.push(outcome);
            row.resize(head.len() - 1, String::new());
            row.push(story.throttles.to_string());
            rows.push(row);
            continue;
        }
        for attempt in &story.attempts {
            let outcome = match &attempt.end {
                Some(PhaseEnd::TimedOut) => "timed out",
                Some(_) if attempt.failed() => "failed",
                Some(_) => "succeeded",
                None => "unfinished",
            };
            let report = attempt.report.as_ref();
            let number = |value: Option<u64>| value.map(|it| it.to_string()).unwrap_or_default();
            let mut row = first.to_vec();
            row.extend([
                attempt.number.to_string(),
                (u64::from(attempt.environment.0) + 1).to_string(),
                attempt.cold.to_string(),
                attempt.started.as_nanos().to_string(),
                number(attempt.ended.map(|at| at.as_nanos())),
                outcome.to_owned(),
                number(report.map(|report| report.duration.as_nanos())),
                number(report.map(|report| report.billed_ms)),
                number(report.and_then(|report| Some(report.init_duration?.as_nanos()))),
                number(report.map(|report| report.memory_size.0.into())),
                number(report.map(|report| report.max_memory_used_mb.into())),
                number(attempt.usage.map(|usage| usage.cpu.as_nanos())),
                number(attempt.usage.map(|usage| usage.frozen.as_nanos())),
                number(attempt.usage.map(|usage| usage.waited.as_nanos())),
                number(report.map(|report| report.cost_picodollars)),
                story.throttles.to_string(),
            ]);
            rows.push(row);
        }
    }
    text(rows)
}

/// Rows as text. A cell with a comma, a quote or a line break is quoted; one that a spreadsheet would take for a formula
/// gets an apostrophe in front.
pub fn text(rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut out = String::new();
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
    out
}

/// A cell, quoted where RFC 4180 wants it. What a spreadsheet would take for a formula is made text.
pub(super) fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if formula {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        let row = ["a", "b,c", "say \"x\"", "=1+1", "two\nlines"].map(str::to_owned);
        assert_eq!(
            text([row.to_vec()]),
            "a,\"b,c\",\"say \"\"x\"\"\",'=1+1,\"two\nlines\"\r\n"
        );
    }
}
