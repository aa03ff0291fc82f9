//! Files of a run for other tools.

use lambda_playground::export::{log, perfetto, table};
use serde_json::Value;

use crate::scripted::*;

fn retried() -> Vec<lambda_playground::lambda::event::Entry> {
    run(
        Scripted::always(vec![fail("E", "no")]),
        vec![event_at(0, "{}"), sync_at(5)],
    )
}

#[test]
fn a_trace_for_perfetto_has_a_track_for_each_environment_and_a_slice_for_each_try() {
    let trace: Value = serde_json::from_str(&perfetto::trace(&retried())).expect("JSON");
    let events = trace["traceEvents"].as_array().expect("a list");
    let of =
        |phase: &str| -> Vec<&Value> { events.iter().filter(|it| it["ph"] == phase).collect() };
    // Every event has what the format asks of its kind.
    for event in events {
        assert!(
            event["pid"].is_u64() && event["tid"].is_u64() && event["name"].is_string(),
            "{event}"
        );
        if event["ph"] != "M" {
            assert!(event["ts"].as_f64().is_some_and(|at| at >= 0.0), "{event}");
        }
    }
    let tries: Vec<_> = of("X")
        .into_iter()
        .filter(|it| it["name"] != "Init")
        .collect();
    // Three tries of the event, one of the call.
    assert_eq!(tries.len(), 4);
    assert!(tries.iter().all(|it| it["args"]["outcome"] == "failed"));
    // Begin and end of each request, and an arrow with two ends for each retry.
    assert_eq!((of("b").len(), of("e").len()), (2, 2));
    assert_eq!((of("s").len(), of("f").len()), (2, 2));
    // The second try begins a minute after the first: microseconds.
    let second = tries
        .iter()
        .find(|it| it["name"] == "Invocation 1, try 2")
        .expect("a second try");
    assert!(
        second["ts"]
            .as_f64()
            .is_some_and(|at| (60_000_000.0..60_100_000.0).contains(&at)),
        "{second}"
    );
}

#[test]
fn a_table_has_a_row_for_each_try() {
    let text = table::invocations(&retried());
    let rows: Vec<Vec<&str>> = text.lines().map(|row| row.split(',').collect()).collect();
    assert_eq!(rows.len(), 5);
    assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{text}");
    let column = |name: &str| rows[0].iter().position(|it| *it == name).expect("a column");
    let attempts: Vec<&str> = rows[1..].iter().map(|row| row[column("attempt")]).collect();
    assert_eq!(attempts, ["1", "2", "3", "1"]);
    assert!(
        rows[1..]
            .iter()
            .all(|row| row[column("outcome")] == "failed")
    );
    assert!(
        log(&retried())
            .lines()
            .filter(|line| line.starts_with("REPORT RequestId: "))
            .count()
            == 4
    );
}
