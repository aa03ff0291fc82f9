//! Amazon MQ and DocumentDB: reference 6, 6.3 and 7.5.

use aws_lambda_events::activemq::ActiveMqEvent;
use aws_lambda_events::documentdb::DocumentDbEvent;
use aws_lambda_events::rabbitmq::RabbitMqEvent;
use lambda_playground::lambda::event_source::Incoming;
use serde_json::json;

use super::world::*;

fn with_property(body: &str) -> Incoming {
    Incoming {
        attributes: Some(vec![("colour".to_owned(), "red".to_owned())].into()),
        ..Incoming::body(body)
    }
}

#[test]
fn active_mq_events_have_lambdas_shape() {
    let broker = source(json!({"Type": "MQ", "EngineType": "ACTIVEMQ"}));
    let mut world = World::new(&broker, &config(json!({})), |_| success(1));
    world
        .put(at(0), with_property("Hello"))
        .run_until(at(1_000));
    assert_eq!(world.times(), [500]);
    let event = &world.seen[0].event;
    let typed: ActiveMqEvent = serde_json::from_value(event.clone()).expect("an ActiveMQ event");
    assert_eq!(typed.event_source.as_deref(), Some("aws:mq"));
    let message = &typed.messages[0];
    assert_eq!(message.data.as_deref(), Some("SGVsbG8="));
    assert_eq!(
        message.destination.physical_name.as_deref(),
        Some("my-queue")
    );
    assert_eq!(message.properties["colour"], "red");
    assert!(!message.redelivered);
}

#[test]
fn rabbit_mq_events_have_lambdas_shape() {
    let broker = source(json!({"Type": "MQ", "EngineType": "RABBITMQ", "QueueName": "test"}));
    let mut world = World::new(&broker, &config(json!({})), |_| success(1));
    world
        .put(at(0), with_property("Hello"))
        .run_until(at(1_000));
    let event = &world.seen[0].event;
    let typed: RabbitMqEvent = serde_json::from_value(event.clone()).expect("a RabbitMQ event");
    let messages = &typed.messages_by_queue["test::/"];
    assert_eq!(messages[0].data.as_deref(), Some("SGVsbG8="));
    assert_eq!(messages[0].basic_properties.body_size, 5);
    assert_eq!(event["eventSource"], "aws:rmq");
    let red = json!({"bytes": [114, 101, 100]});
    assert_eq!(
        event["rmqMessagesByQueue"]["test::/"][0]["basicProperties"]["headers"]["colour"],
        red
    );
}

/// Developer Guide: five concurrent environments for ActiveMQ, one for RabbitMQ.
#[test]
fn brokers_have_their_numbers_of_consumers() {
    let most_running = |engine: &str| {
        let broker = source(json!({"Type": "MQ", "EngineType": engine}));
        let mut world = World::new(&broker, &config(json!({"BatchSize": 1})), |_| {
            success(60_000)
        });
        world.put_numbers(at(0), 0, 20).run_until(at(2_000_000));
        assert_eq!(world.invocations, 20);
        world.most_running
    };
    assert_eq!(most_running("ACTIVEMQ"), 5);
    assert_eq!(most_running("RABBITMQ"), 1);
}

/// Reference 6.3: a failed batch is retried until the broker's policy moves it.
#[test]
fn failed_messages_are_redelivered_until_the_broker_gives_up() {
    let broker = source(json!({"Type": "MQ", "MaximumRedeliveries": 2}));
    let mut world = World::new(&broker, &config(json!({})), |_| failure(10));
    world.put_numbers(at(0), 0, 1).run_until(at(100_000));
    let redelivered: Vec<_> = world
        .seen
        .iter()
        .map(|seen| seen.event["messages"][0]["redelivered"].as_bool())
        .collect();
    assert_eq!(redelivered, [Some(false), Some(true), Some(true)]);
    assert_eq!(world.fates()[&0], ["dead"]);
    assert_eq!(world.poller.dead_letters().len(), 1);
    assert!(world.poller.is_quiet());
}

#[test]
fn document_db_events_have_lambdas_shape() {
    let stream = source(json!({"Type": "DocumentDB"}));
    let settings = config(json!({"StartingPosition": "LATEST", "BatchSize": 1}));
    let mut calls = 0;
    let mut world = World::new(&stream, &settings, move |_| {
        calls += 1;
        if calls == 1 { failure(10) } else { success(10) }
    });
    for name in ["one", "two"] {
        let change = json!({"operationType": "insert", "fullDocument": {"name": name}});
        world.put(at(0), Incoming::body(change.to_string()));
    }
    world.run_until(at(100_000));
    let event = &world.seen[0].event;
    let typed: DocumentDbEvent = serde_json::from_value(event.clone()).expect("a DocumentDB event");
    assert_eq!(typed.event_source.as_deref(), Some("aws:docdb"));
    assert_eq!(
        event["events"][0]["event"]["ns"],
        json!({"db": "my-database", "coll": "my-collection"})
    );
    // Sequentially, the failed one first.
    let names: Vec<_> = world
        .seen
        .iter()
        .map(|seen| seen.event["events"][0]["event"]["fullDocument"]["name"].clone())
        .collect();
    assert_eq!(names, ["one", "one", "two"]);
    assert_eq!(world.most_running, 1);
}
