//! Reference 5: asynchronous invocation, the rows that the other files leave out.

use lambda_playground::lambda::cloud::Setup;
use lambda_playground::lambda::config::Destination;
use lambda_playground::lambda::event::{DeliveryKind, DropReason, Event, InvocationType};
use lambda_playground::lambda::model::Model;
use lambda_playground::lambda::summary::{self, Status};
use serde_json::Value;

use crate::fleet::*;
use crate::scripted::*;

const SYNC: InvocationType = InvocationType::RequestResponse;
const EVENT: InvocationType = InvocationType::Event;

fn queue(name: &str) -> Option<Destination> {
    Some(Destination(format!(
        "arn:aws:sqs:us-east-1:123456789012:{name}"
    )))
}

fn failing(duration: u64) -> Model {
    Model {
        errors_per_million: 1_000_000,
        ..model(0, duration)
    }
}

/// 5, rule 4: "These tries do not count against the 2 retries": an event that finds no room for a while is run three times
/// all the same.
#[test]
fn throttles_use_up_no_retries() {
    let mut deployment = reserving(function("f", failing(7_000)), 1);
    deployment.config.on_failure = queue("failed");
    let entries = play(Setup {
        // The first call takes the only place for seven seconds.
        requests: vec![at(0, call(SYNC, "f", None)), at(1, call(EVENT, "f", None))],
        ..fleet(vec![deployment])
    });
    assert!(throttles(&entries).len() >= 3);
    let story = &summary::invocations(&entries)[1];
    assert_eq!(story.attempts.len(), 3);
    assert_eq!(story.status, Status::Dropped(DropReason::RetriesExhausted));
    let record: Value = serde_json::from_str(&story.deliveries[0].body).expect("JSON");
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 3);
}

/// 5, "Destinations (event invoke config, per version/alias)": that of the version which the event was for.
#[test]
fn each_version_has_destinations_of_its_own() {
    let mut deployment = provisioning(function("f", model(0, 10)), 0);
    deployment.config.on_success = queue("latest");
    deployment.versions[0].config.on_success = queue("one");
    let entries = play(Setup {
        requests: vec![
            at(0, call(EVENT, "f", None)),
            at(0, call(EVENT, "f", Some("1"))),
        ],
        ..fleet(vec![deployment])
    });
    let stories = summary::invocations(&entries);
    let targets: Vec<_> = stories
        .iter()
        .map(|story| {
            story.deliveries[0]
                .target
                .rsplit(':')
                .next()
                .unwrap_or_default()
        })
        .collect();
    assert_eq!(targets, ["latest", "one"]);
    let record: Value = serde_json::from_str(&stories[1].deliveries[0].body).expect("JSON");
    assert!(
        record["requestContext"]["functionArn"]
            .as_str()
            .is_some_and(|arn| arn.ends_with(":function:f:1"))
    );
    assert_eq!(record["responseContext"]["executedVersion"], "1");
}

/// 5, "When: failure only" of the DLQ, "OnSuccess and/or OnFailure" of destinations.
#[test]
fn what_succeeds_goes_to_no_dead_letter_queue() {
    for (model, kinds) in [
        (model(0, 10), &[DeliveryKind::OnSuccess][..]),
        (
            failing(10),
            &[DeliveryKind::OnFailure, DeliveryKind::DeadLetter],
        ),
    ] {
        let mut deployment = function("f", model);
        deployment.config.on_success = queue("done");
        deployment.config.on_failure = queue("failed");
        deployment.config.dead_letter = queue("dead");
        let entries = play(Setup {
            requests: vec![at(0, call(EVENT, "f", None))],
            ..fleet(vec![deployment])
        });
        let story = &summary::invocations(&entries)[0];
        let found: Vec<_> = story
            .deliveries
            .iter()
            .map(|delivery| delivery.kind)
            .collect();
        assert_eq!(found, kinds);
    }
}

/// 5, "EventBridge wrapping: detail-type Lambda Function Invocation Result - Success".
#[test]
fn event_bridge_hears_of_success_too() {
    let mut deployment = function("f", model(0, 10));
    deployment.config.on_success = Some(Destination(
        "arn:aws:events:us-east-1:123456789012:event-bus/default".to_owned(),
    ));
    let entries = play(Setup {
        requests: vec![at(0, call(EVENT, "f", None))],
        ..fleet(vec![deployment])
    });
    let story = &summary::invocations(&entries)[0];
    let event: Value = serde_json::from_str(&story.deliveries[0].body).expect("JSON");
    assert_eq!(
        event["detail-type"],
        "Lambda Function Invocation Result - Success"
    );
    assert_eq!(event["detail"]["requestContext"]["condition"], "Success");
    assert_eq!(event["account"], "123456789012");
}

/// 5, rule 2: "A Lambda poller calls the function ... with the same request id for all tries", and rule 7: an event of a
/// switched-off function is never throttled, it is given up at once.
#[test]
fn a_switched_off_function_gives_up_at_once() {
    let entries = play(Setup {
        requests: vec![at(5, call(EVENT, "f", None))],
        ..fleet(vec![reserving(function("f", model(0, 10)), 0)])
    });
    assert_eq!(throttles(&entries), []);
    let dropped = entries
        .iter()
        .find(|entry| matches!(entry.event, Event::Dropped { .. }));
    assert_eq!(dropped.map(|entry| entry.at), Some(ms(5)));
}
