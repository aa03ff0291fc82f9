//! DynamoDB Streams: reference 6.2 and 7.5.

use aws_lambda_events::dynamodb::Event;
use lambda_playground::lambda::event_source::{Incoming, SourceEvent};
use serde_json::{Value, json};

use super::world::*;

fn change(id: &str, name: &str) -> Incoming {
    let change =
        json!({"Keys": {"id": {"S": id}}, "NewImage": {"id": {"S": id}, "name": {"S": name}}});
    Incoming::body(change.to_string())
}

#[test]
fn the_event_has_lambdas_shape() {
    let settings = config(json!({"StartingPosition": "LATEST"}));
    let mut world = World::new(&source(json!({"Type": "DynamoDB"})), &settings, |_| {
        success(1)
    });
    world.put(at(1_100), change("x", "y"));
    world.run_until(at(5_000));
    // Polled four times a second.
    assert_eq!(world.times(), [1_250]);
    let event = &world.seen[0].event;
    let typed: Event = serde_json::from_value(event.clone()).expect("a DynamoDB event");
    assert_eq!(typed.records[0].event_name, "INSERT");
    let record = &event["Records"][0];
    assert_eq!(
        record["dynamodb"],
        json!({
            "ApproximateCreationDateTime": 1_767_614_401.0,
            "Keys": {"id": {"S": "x"}},
            "NewImage": {"id": {"S": "x"}, "name": {"S": "y"}},
            "SequenceNumber": record["dynamodb"]["SequenceNumber"],
            "SizeBytes": 11,
            "StreamViewType": "NEW_AND_OLD_IMAGES"
        })
    );
    let keys: Vec<_> = record.as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        [
            "eventID",
            "eventName",
            "eventVersion",
            "eventSource",
            "awsRegion",
            "dynamodb",
            "eventSourceARN"
        ]
    );
    assert_eq!(record["eventID"].as_str().map(str::len), Some(32));
}

#[test]
fn names_and_images_follow_the_change_and_the_view() {
    let both = json!({"Keys": {"id": {"N": "1"}}, "OldImage": {"a": {"BOOL": true}}, "NewImage": {"a": {"NULL": true}}});
    let removed = json!({"Keys": {"id": {"N": "1"}}, "OldImage": {"a": {"BOOL": true}},
        "userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"}});
    let seen = |view: &str| {
        let settings = config(json!({"StartingPosition": "LATEST"}));
        let table = source(json!({"Type": "DynamoDB", "StreamViewType": view}));
        let mut world = World::new(&table, &settings, |_| success(1));
        for change in [&both, &removed] {
            world.put(at(0), Incoming::body(change.to_string()));
        }
        world.run_until(at(1_000));
        world.seen[0].event["Records"].clone()
    };
    let records = seen("NEW_AND_OLD_IMAGES");
    assert_eq!(
        (&records[0]["eventName"], &records[1]["eventName"]),
        (&json!("MODIFY"), &json!("REMOVE"))
    );
    assert_eq!(
        records[1]["userIdentity"]["principalId"],
        "dynamodb.amazonaws.com"
    );
    let images = |view: &str| {
        let record = &seen(view)[0]["dynamodb"];
        (
            record.get("OldImage").is_some(),
            record.get("NewImage").is_some(),
        )
    };
    assert_eq!(images("KEYS_ONLY"), (false, false));
    assert_eq!(images("NEW_IMAGE"), (false, true));
    assert_eq!(images("OLD_IMAGE"), (true, false));
}

/// Reference 6.4: roots `dynamodb` and `eventName`.
#[test]
fn filters_see_the_whole_record() {
    let pattern = json!({"eventName": ["INSERT"], "dynamodb": {"NewImage": {"name": {"S": [{"prefix": "a"}]}}}});
    let settings = config(json!({"StartingPosition": "LATEST",
        "FilterCriteria": {"Filters": [{"Pattern": pattern.to_string()}]}}));
    let mut world = World::new(&source(json!({"Type": "DynamoDB"})), &settings, |_| {
        success(1)
    });
    world
        .put(at(0), change("1", "abc"))
        .put(at(0), change("2", "bcd"));
    world.run_until(at(1_000));
    assert_eq!(
        world.seen[0].event["Records"].as_array().map(Vec::len),
        Some(1)
    );
}

/// Reference 6.2: `DDBStreamBatchInfo`.
#[test]
fn discarded_records_name_the_stream() {
    let settings = config(
        json!({"StartingPosition": "LATEST", "MaximumRetryAttempts": 0,
        "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:failures"}}}),
    );
    let mut world = World::new(&source(json!({"Type": "DynamoDB"})), &settings, |_| {
        failure(1)
    });
    world.put(at(0), change("1", "abc")).run_until(at(1_000));
    let bodies = world.noted(|note| match note {
        SourceEvent::Discarded { record, .. } => record.clone().map(|record| record.body),
        _ => None,
    });
    let body: Value = serde_json::from_str(&bodies[0].1).expect("JSON");
    let info = &body["DDBStreamBatchInfo"];
    assert_eq!(info["batchSize"], 1);
    assert_eq!(
        info["startSequenceNumber"],
        world.seen[0].event["Records"][0]["dynamodb"]["SequenceNumber"]
    );
    assert!(
        info["streamArn"]
            .as_str()
            .expect("an ARN")
            .contains(":table/my-table/stream/")
    );
}

/// Order per item with a parallelisation factor.
#[test]
fn changes_of_one_item_stay_in_order() {
    let settings =
        config(json!({"StartingPosition": "LATEST", "BatchSize": 1, "ParallelizationFactor": 10}));
    let mut world = World::new(&source(json!({"Type": "DynamoDB"})), &settings, |_| {
        success(500)
    });
    for number in 0..4 {
        for id in ["a", "b", "c", "d"] {
            world.put(at(0), change(id, &number.to_string()));
        }
    }
    world.run_until(at(60_000));
    assert!(world.most_running > 1);
    for id in ["a", "b", "c", "d"] {
        let names: Vec<_> = world
            .seen
            .iter()
            .map(|seen| &seen.event["Records"][0]["dynamodb"]["NewImage"])
            .filter(|image| image["id"]["S"] == id)
            .map(|image| image["name"]["S"].as_str().expect("a name"))
            .collect();
        assert_eq!(names, ["0", "1", "2", "3"]);
    }
}

#[test]
fn a_change_without_keys_is_refused() {
    let settings = config(json!({"StartingPosition": "LATEST"}));
    let mut world = World::new(&source(json!({"Type": "DynamoDB"})), &settings, |_| {
        success(1)
    });
    world
        .put(at(0), Incoming::body("{}"))
        .put(at(0), Incoming::body("text"));
    world.run_until(at(1_000));
    let refused = world.noted(|note| matches!(note, SourceEvent::Rejected { .. }).then_some(()));
    assert_eq!(refused.len(), 2);
}
