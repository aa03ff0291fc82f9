//! A request's story as text to take along: JSON with everything, CSV with a row for each try.

use crate::lambda::summary::{AttemptSummary, InvocationSummary};
use crate::sim::SimTime;

/// Everything about a request, as indented JSON.
pub fn to_json(story: &InvocationSummary) -> String {
    // Texts, numbers and lists of them: there is nothing that JSON cannot hold.
    serde_json::to_string_pretty(story).unwrap_or_default()
}

/// One row for each try, with a head. Times are milliseconds on the virtual clock.
pub fn to_csv(story: &InvocationSummary) -> String {
    let mut text = String::from(
        "request_id,try,environment,cold,started_ms,ended_ms,status,error_type,duration_ms,init_ms,billed_ms,memory_mb,max_memory_used_mb,cpu_ms,frozen_ms,waited_ms,cost_picodollars\n",
    );
    for attempt in &story.attempts {
        text.push_str(&row(story, attempt));
        text.push('\n');
    }
    text
}

fn row(story: &InvocationSummary, attempt: &AttemptSummary) -> String {
    let millis = |at: SimTime| at.since(SimTime::ZERO).millis_two_decimals();
    let response = attempt.response.as_ref();
    let report = attempt.report.as_ref();
    let usage = attempt.usage;
    let cells = [
        story.request_id.to_string(),
        attempt.number.to_string(),
        (attempt.environment.0 + 1).to_string(),
        attempt.cold.to_string(),
        millis(attempt.started),
        attempt.ended.map(millis).unwrap_or_default(),
        match response {
            Some(_) if attempt.failed() => "failed".to_owned(),
            Some(_) => "succeeded".to_owned(),
            None => String::new(),
        },
        response
            .filter(|_| attempt.failed())
            .and_then(|response| response.error_type())
            .unwrap_or_default(),
        report.map(|it| it.duration.millis_two_decimals()).unwrap_or_default(),
        report
            .and_then(|it| it.init_duration)
            .map(|init| init.millis_two_decimals())
            .unwrap_or_default(),
        report.map(|it| it.billed_ms.to_string()).unwrap_or_default(),
        report.map(|it| it.memory_size.0.to_string()).unwrap_or_default(),
        report.map(|it| it.max_memory_used_mb.to_string()).unwrap_or_default(),
        usage.map(|it| it.cpu.millis_two_decimals()).unwrap_or_default(),
        usage.map(|it| it.frozen.millis_two_decimals()).unwrap_or_default(),
        usage.map(|it| it.waited.millis_two_decimals()).unwrap_or_default(),
        report.map(|it| it.cost_picodollars.to_string()).unwrap_or_default(),
    ];
    cells.map(|cell| quoted(&cell)).join(",")
}

/// A cell, quoted where RFC 4180 wants it. What a spreadsheet would take for a formula is made text.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::summary::invocations;
    use crate::ui::lived::{lived, scenario};

    #[test]
    fn a_row_for_each_try() {
        let entries = lived(&scenario("s3", r#"{"Records":[]}"#, true));
        let story = &invocations(&entries)[0];
        let text = to_csv(story);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4);
        let columns = lines[0].split(',').count();
        assert!(lines.iter().all(|line| line.split(',').count() == columns), "{text}");
        assert!(lines[1].contains(",1,1,true,") && lines[3].contains(",3,1,false,"), "{text}");
        let value: serde_json::Value = serde_json::from_str(&to_json(story)).expect("JSON");
        assert_eq!(value["attempts"].as_array().map(Vec::len), Some(3));
    }

    #[test]
    fn cells_are_text_and_nothing_else() {
        assert_eq!(quoted("=1+1"), "'=1+1");
        assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
    }
}
