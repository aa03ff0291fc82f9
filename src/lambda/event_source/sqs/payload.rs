//! The records of an SQS event, in the shape that Lambda sends.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::queue::Message;
use crate::lambda::event_source::{Context, ItemId, ids};
use crate::lambda::names::{self, REGION};
use crate::sim::SimTime;

/// The sender of all messages: an id of the form that IAM users have.
const SENDER: &str = "AIDAIENQZJOLO23YVJ4VO";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    message_id: String,
    receipt_handle: String,
    body: &'a str,
    attributes: Attributes<'a>,
    message_attributes: MessageAttributes<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    md5_of_message_attributes: Option<String>,
    md5_of_body: String,
    event_source: &'static str,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: &'a str,
    aws_region: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes<'a> {
    approximate_receive_count: String,
    sent_timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_group_id: Option<&'a str>,
    sender_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_deduplication_id: Option<&'a str>,
    approximate_first_receive_timestamp: String,
}

struct MessageAttributes<'a>(&'a [(String, String)]);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageAttribute<'a> {
    string_value: &'a str,
    string_list_values: [&'a str; 0],
    binary_list_values: [&'a str; 0],
    data_type: &'static str,
}

impl Serialize for MessageAttributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            map.serialize_entry(
                name,
                &MessageAttribute {
                    string_value: value,
                    string_list_values: [],
                    binary_list_values: [],
                    data_type: "String",
                },
            )?;
        }
        map.end()
    }
}

/// One message as JSON text.
pub(super) fn record(
    context: &Context,
    arn: &str,
    item: ItemId,
    message: &Message,
    fifo: bool,
) -> String {
    let millis = |at: SimTime| names::calendar_ms(context.epoch_ms, at).to_string();
    let extra = message.extra.as_deref();
    let attributes = extra
        .and_then(|extra| extra.attributes.as_deref())
        .unwrap_or_default();
    let receipt = u64::from(item.0) << 32 | u64::from(message.receives);
    let record = Record {
        message_id: ids::message_id(context.seed, item),
        receipt_handle: receipt_handle(context.seed, receipt),
        body: &message.body,
        attributes: Attributes {
            approximate_receive_count: message.receives.to_string(),
            sent_timestamp: millis(message.sent),
            sequence_number: fifo.then(|| sequence_number(item)),
            message_group_id: extra.and_then(|extra| extra.group.as_deref()),
            sender_id: SENDER,
            message_deduplication_id: extra.and_then(|extra| extra.deduplication.as_deref()),
            approximate_first_receive_timestamp: millis(message.first_received),
        },
        message_attributes: MessageAttributes(attributes),
        md5_of_message_attributes: (!attributes.is_empty()).then(|| md5_of_attributes(attributes)),
        md5_of_body: ids::md5_hex(message.body.as_bytes()),
        event_source: "aws:sqs",
        event_source_arn: arn,
        aws_region: REGION,
    };
    // Strings and lists of them: JSON can hold them all.
    serde_json::to_string(&record).unwrap_or_default()
}

/// Twenty digits that grow: the shape of a FIFO queue's sequence numbers.
fn sequence_number(item: ItemId) -> String {
    (18_849_496_460_467_696_128 + u128::from(item.0) * 256).to_string()
}

/// What `SendMessage` answers for a message.
pub(super) fn sent(
    seed: u64,
    item: ItemId,
    body: &str,
    attributes: &[(String, String)],
    fifo: bool,
) -> String {
    let answer = Sent {
        md5_of_message_body: ids::md5_hex(body.as_bytes()),
        md5_of_message_attributes: (!attributes.is_empty()).then(|| md5_of_attributes(attributes)),
        message_id: ids::message_id(seed, item),
        sequence_number: fifo.then(|| sequence_number(item)),
    };
    serde_json::to_string(&answer).unwrap_or_default()
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Sent {
    #[serde(rename = "MD5OfMessageBody")]
    md5_of_message_body: String,
    #[serde(
        rename = "MD5OfMessageAttributes",
        skip_serializing_if = "Option::is_none"
    )]
    md5_of_message_attributes: Option<String>,
    message_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence_number: Option<String>,
}

fn receipt_handle(seed: u64, receipt: u64) -> String {
    let mut bytes = [0; 48];
    for (index, chunk) in bytes.chunks_exact_mut(16).enumerate() {
        let part = ids::bits(seed ^ index as u64, ids::kind::RECEIPT, receipt);
        chunk.copy_from_slice(&part.to_be_bytes());
    }
    use base64::Engine as _;
    format!(
        "AQEB{}==",
        base64::engine::general_purpose::STANDARD_NO_PAD.encode(bytes)
    )
}

/// SQS's digest of message attributes: by name, each name, type and value with its length before it.
fn md5_of_attributes(attributes: &[(String, String)]) -> String {
    let mut sorted: Vec<_> = attributes.iter().collect();
    sorted.sort();
    let mut bytes = Vec::new();
    let mut text = |text: &str, transport: Option<u8>| {
        bytes.extend(transport);
        bytes.extend((text.len() as u32).to_be_bytes());
        bytes.extend(text.as_bytes());
    };
    for (name, value) in sorted {
        text(name, None);
        text("String", None);
        text(value, Some(1));
    }
    ids::md5_hex(&bytes)
}
