//! Event source mappings, tested as the reference describes them (section 6): each test names the rule it holds.

#[path = "event_source/world.rs"]
mod world;

#[path = "event_source/brokers.rs"]
mod brokers;
#[path = "event_source/dynamodb.rs"]
mod dynamodb;
#[path = "event_source/kafka.rs"]
mod kafka;
#[path = "event_source/kinesis.rs"]
mod kinesis;
#[path = "event_source/properties.rs"]
mod properties;
#[path = "event_source/settings.rs"]
mod settings;
#[path = "event_source/sqs.rs"]
mod sqs;
#[path = "event_source/sqs_fifo.rs"]
mod sqs_fifo;
#[path = "event_source/table.rs"]
mod table;
#[path = "event_source/windows.rs"]
mod windows;
