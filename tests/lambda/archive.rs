//! A trace that is kept small is the same trace.

use lambda_playground::lambda::cloud::Setup;
use lambda_playground::lambda::event::{Archive, Entry, Event, InvocationType};
use lambda_playground::lambda::model::Model;
use lambda_playground::lambda::traffic::{Pattern, Rate};
use lambda_playground::sim::{Distribution, SimTime};

use crate::fleet::*;
use crate::mappings::{KINESIS, SQS, lived, scenario};
use crate::scripted::*;

fn kept(entries: &[Entry]) -> Archive {
    let mut archive = Archive::default();
    for entry in entries {
        assert_eq!(archive.push(entry), Ok::<(), SimTime>(()));
    }
    assert_eq!(archive.len(), entries.len());
    archive
}

fn under_load(kind: InvocationType) -> Vec<Entry> {
    let model = Model {
        duration: Distribution::LogNormal {
            median_micros: 20_000,
            p99_micros: 200_000,
        },
        errors_per_million: 10_000,
        ..Model::default()
    };
    let rate = Rate::per_second(5_000);
    let pattern = Pattern::Poisson { rate, seconds: 4 };
    play(Setup {
        loads: vec![load(pattern, call(kind, "f", None))],
        ..fleet(vec![function("f", model)])
    })
}

#[test]
fn nothing_is_lost_byte_for_byte() {
    let guest = vec![Say("hello"), Work(5_000), fail("Oops", "no")];
    let traces = [
        under_load(InvocationType::RequestResponse),
        under_load(InvocationType::Event),
        run(
            Scripted::always(guest),
            (0..50).map(|n| event_at(n * 7, "{}")).collect(),
        ),
        run(
            Scripted::always(vec![Say("a"), Sleep(5_000)]),
            (0..50).map(|n| sync_at(n * 7)).collect(),
        ),
        lived(&scenario("sqs", SQS, None), Scripted::idle()),
        lived(
            &scenario("kinesis", KINESIS, None),
            Scripted::always(vec![fail("E", "no")]),
        ),
    ];
    for entries in traces {
        let again: Vec<Entry> = kept(&entries).iter().collect();
        assert!(!entries.is_empty() && again == entries);
        let bytes = |entries: &[Entry]| postcard::to_stdvec(entries).expect("bytes");
        assert_eq!(bytes(&again), bytes(&entries));
    }
}

/// At most 200 bytes are kept for an invocation; metrics take about 30 of them. An asynchronous one has six entries.
#[test]
fn an_asynchronous_invocation_takes_few_bytes() {
    let entries = under_load(InvocationType::Event);
    let asynchronous = count(&entries, |event| matches!(event, Event::Accepted { .. }));
    let each = kept(&entries).bytes() / asynchronous;
    assert!((20..100).contains(&each), "{each} bytes");
}
