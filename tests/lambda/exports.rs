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

#[test]
fn pictures_show_what_the_trace_says_and_are_well_formed() {
    use lambda_playground::export::svg::Palette;
    use lambda_playground::sim::SimTime;
    use lambda_playground::ui::pictures;

    let entries = retried();
    let end = entries.last().expect("something happened").at;
    let timeline = pictures::timeline(&entries, end, 960.0, &Palette::LIGHT);
    // One environment ran everything; the waits of a minute and of two are folded.
    assert!(
        timeline.svg.contains(">Environment 1</text>"),
        "{}",
        timeline.svg
    );
    // Before each try the event waited in the queue.
    assert!(
        timeline.svg.contains(">Event queue</text>"),
        "{}",
        timeline.svg
    );
    let wait = format!("fill=\"{}\"", Palette::LIGHT.queue[0]);
    assert!(timeline.svg.matches(&wait).count() >= 3, "{}", timeline.svg);
    // Each of the four tries failed, and its bar says so.
    let foot = format!("height=\"4\" fill=\"{}\"", Palette::LIGHT.bad);
    assert_eq!(timeline.svg.matches(&foot).count(), 4);
    assert!(
        timeline
            .alt
            .contains("4 tries in one execution environment"),
        "{}",
        timeline.alt
    );
    assert!(
        timeline.alt.contains("Request 1, try 3"),
        "{}",
        timeline.alt
    );

    for at in [SimTime::ZERO, SimTime::from_nanos(30_000_000_000), end] {
        for width in [360.0, 960.0] {
            let stage = pictures::stage(&entries, at, width, &Palette::DARK);
            assert_eq!(stage.size.0, width as u32);
            assert!(stage.svg.contains("Event queue"), "{}", stage.svg);
            well_formed(&stage.svg);
        }
    }
    let waiting = pictures::stage(
        &entries,
        SimTime::from_nanos(30_000_000_000),
        960.0,
        &Palette::LIGHT,
    );
    assert!(waiting.alt.contains("Event queue: 1 "), "{}", waiting.alt);
    well_formed(&timeline.svg);
}

/// Every element that is opened is closed, in order, and no text is left that could be markup.
fn well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    for part in svg.split('<').skip(1) {
        let (tag, text) = part.split_once('>').expect("a tag ends");
        let name = tag.trim_matches('/').split(' ').next().unwrap_or_default();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        assert!(!text.contains('>'), "{part}");
        let entity = |it: &&str| {
            it.split_once(';')
                .is_some_and(|(name, _)| ["amp", "lt", "gt", "quot"].contains(&name))
        };
        assert!(text.split('&').skip(1).all(|it| entity(&it)), "{text}");
    }
    assert!(open.is_empty(), "{open:?}");
}
