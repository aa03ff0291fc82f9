//! A request's story as text to take along: JSON with everything, CSV with a row for each try.

use super::table;
use crate::lambda::event::{Entry, InvocationId};
use crate::lambda::summary::{AttemptSummary, InvocationSummary, invocations};
use crate::sim::SimTime;

/// A request's story as JSON, or nothing when the trace does not know it.
pub fn json(entries: &[Entry], invocation: InvocationId) -> String {
    of(entries, invocation).map_or_else(String::new, |story| to_json(&story))
}

/// A request's tries as CSV, or nothing when the trace does not know it.
pub fn csv(entries: &[Entry], invocation: InvocationId) -> String {
    of(entries, invocation).map_or_else(String::new, |story| to_csv(&story))
}

fn of(entries: &[Entry], invocation: InvocationId) -> Option<InvocationSummary> {
    let mut stories = invocations(entries).into_iter();
    stories.find(|story| story.invocation == invocation)
}

/// Everything about a request, as indented JSON.
fn to_json(story: &InvocationSummary) -> String {
    // Texts, numbers and lists of them: there is nothing that JSON cannot hold.
    serde_json::to_string_pretty(story).unwrap_or_default()
}

/// One row for each try, with a head. Times are milliseconds on the virtual clock.
fn to_csv(story: &InvocationSummary) -> String {
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
        report
            .map(|it| it.duration.millis_two_decimals())
            .unwrap_or_default(),
        report
            .and_then(|it| it.init_duration)
            .map(|init| init.millis_two_decimals())
            .unwrap_or_default(),
        report
            .map(|it| it.billed_ms.to_string())
            .unwrap_or_default(),
        report
            .map(|it| it.memory_size.0.to_string())
            .unwrap_or_default(),
        report
            .map(|it| it.max_memory_used_mb.to_string())
            .unwrap_or_default(),
        usage
            .map(|it| it.cpu.millis_two_decimals())
            .unwrap_or_default(),
        usage
            .map(|it| it.frozen.millis_two_decimals())
            .unwrap_or_default(),
        usage
            .map(|it| it.waited.millis_two_decimals())
            .unwrap_or_default(),
        report
            .map(|it| it.cost_picodollars.to_string())
            .unwrap_or_default(),
    ];
    cells.map(|cell| table::quoted(&cell)).join(",")
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;
    use crate::guest::process::Verdict;
    use crate::lambda::cloud::Cloud;
    use crate::lambda::model::Model;
    use crate::scenario::{Arrival, Runs, Scenario};

    /// An S3 event whose function fails three times.
    fn entries() -> Vec<Entry> {
        let scenario = Scenario {
            runs: Runs::Model(Model {
                errors_per_million: 1_000_000,
                ..Model::default()
            }),
            arrivals: vec![Arrival {
                trigger: "s3".to_owned(),
                payload: r#"{"Records":[]}"#.to_owned(),
                ..Arrival::default()
            }],
            ..Scenario::default()
        };
        let watch = Rc::new(RefCell::new(|_| Verdict::Continue));
        let mut cloud = Cloud::with_modules(&scenario, &|_| None, watch).expect("a valid scenario");
        while cloud.step() {}
        let mut entries = cloud.take_entries();
        entries.sort_by_key(|entry| entry.at);
        entries
    }

    #[test]
    fn a_row_for_each_try() {
        let story = &invocations(&entries())[0];
        let text = to_csv(story);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4);
        let columns = lines[0].split(',').count();
        assert!(
            lines.iter().all(|line| line.split(',').count() == columns),
            "{text}"
        );
        assert!(
            lines[1].contains(",1,1,true,") && lines[3].contains(",3,1,false,"),
            "{text}"
        );
        let value: serde_json::Value = serde_json::from_str(&to_json(story)).expect("JSON");
        assert_eq!(value["attempts"].as_array().map(Vec::len), Some(3));
    }

    #[test]
    fn cells_are_text_and_nothing_else() {
        assert_eq!(table::quoted("=1+1"), "'=1+1");
        assert_eq!(table::quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
    }
}
