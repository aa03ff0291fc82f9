//! Records that are given up, and what an on-failure destination is told.

use serde_json::{Value, json};

use super::dialect::Dialect;
use super::lane::Run;
use super::record::Record;
use crate::lambda::event_source::note::{DestinationRecord, DiscardReason};
use crate::lambda::event_source::{Context, ids};
use crate::lambda::names;
use crate::sim::SimTime;

/// What there is to tell.
pub(super) struct Discard<'a> {
    pub context: &'a Context,
    pub dialect: &'a dyn Dialect,
    pub destination: &'a str,
    pub reason: DiscardReason,
    pub records: &'a [Record],
    pub invocations: u32,
    pub last: Option<Run>,
}

impl Discard<'_> {
    /// The destination's record: metadata for SQS and SNS, with the whole event for S3 and Kafka.
    pub fn record(&self, now: SimTime) -> DestinationRecord {
        let rendered: Vec<_> = self
            .records
            .iter()
            .map(|record| (record, self.dialect.record(self.context, record)))
            .collect();
        let event = self.dialect.event(&rendered, None);
        let item = self
            .records
            .first()
            .map_or(0, |record| u64::from(record.item.0));
        let request_id = match self.last {
            Some(run) => run.request_id.to_string(),
            None => ids::uuid(self.context.seed, ids::kind::MAPPING, item),
        };
        let mut record = json!({"requestContext": {
            "requestId": request_id,
            "functionArn": self.context.function_arn,
            "condition": self.reason.condition(),
            "approximateInvokeCount": self.invocations,
        }});
        let (key, info) = self
            .dialect
            .batch_info(self.context, self.records, event.len());
        if let Value::Object(record) = &mut record {
            // What is too old was not answered by the function.
            if self.reason == DiscardReason::RetryAttemptsExhausted
                && let Some(run) = self.last
            {
                let error = run.failed.then_some("Unhandled");
                let response = json!({
                    "statusCode": 200,
                    "executedVersion": version(&self.context.function_arn),
                    "functionError": error,
                });
                record.insert("responseContext".to_owned(), response);
            }
            record.insert("version".to_owned(), "1.0".into());
            let timestamp = ids::iso_millis(self.context.epoch_ms, now);
            record.insert("timestamp".to_owned(), timestamp.into());
            record.insert(key.to_owned(), info);
            if self.is_s3() || self.destination.starts_with("kafka://") {
                let payload = serde_json::from_str(&event).unwrap_or(Value::Null);
                record.insert("payload".to_owned(), payload);
            }
        }
        DestinationRecord {
            destination: self.destination.to_owned(),
            object_key: self.is_s3().then(|| self.object_key(now, item)),
            body: record.to_string(),
            delivered: true,
        }
    }

    fn is_s3(&self) -> bool {
        self.destination.starts_with("arn:aws:s3:")
    }

    /// `aws/lambda/<mapping>/<shard>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<uuid>`.
    fn object_key(&self, now: SimTime, item: u64) -> String {
        let time = ids::iso_seconds(names::calendar_ms(self.context.epoch_ms, now));
        let day = time.get(..10).unwrap_or_default();
        let shard = self
            .records
            .first()
            .map(|record| self.dialect.shard_id(record.shard));
        format!(
            "aws/lambda/{}/{}/{}/{}-{}",
            ids::uuid(self.context.seed, ids::kind::MAPPING, 0),
            shard.unwrap_or_default(),
            day.replace('-', "/"),
            time.trim_end_matches('Z').replace(':', "."),
            ids::uuid(self.context.seed, ids::kind::OBJECT, item)
        )
    }
}

/// The version or alias at the end of a function's ARN.
fn version(arn: &str) -> &str {
    arn.split(':').nth(7).unwrap_or(names::VERSION)
}
