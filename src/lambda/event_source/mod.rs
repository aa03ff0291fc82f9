//! Event source mappings: what reads a queue or a stream on a function's behalf and invokes it with batches.
//!
//! Every mapping is a state machine that does no I/O and knows neither the kernel nor the cloud. It is told that something
//! [arrives](Poller::put) at the source, that a [time](Poller::wake) has come and how a batch [ended](Poller::finished),
//! and gives back [`Action`]s. The source itself, with everything stored in it, is simulated inside the machine, so two
//! mappings never compete for the messages of one queue.
//!
//! | source | machine | order | a failed batch |
//! |---|---|---|---|
//! | SQS standard | [`sqs`] | none | returns after the visibility timeout, then to the dead-letter queue |
//! | SQS FIFO | [`sqs`] | per message group | the same; its groups wait |
//! | Kinesis, DynamoDB Streams | [`stream`] | per shard, or per partition key | is retried and blocks its shard |
//! | Kafka | [`stream`] | per partition | is retried and blocks its consumer |
//! | Amazon MQ | [`stream`] | none promised | is redelivered |
//! | DocumentDB | [`stream`] | the whole change stream | is retried and blocks the stream |
//!
//! Facts are from section 6 of the project's Lambda reference. Where Lambda publishes no number (how fast it backs off, for
//! one) the constant that stands for it says so.

mod alarm;
pub mod batch_response;
pub mod default;
pub mod filter;
mod ids;
pub mod incoming;
mod machine;
pub mod note;
pub mod producer;
pub mod settings;
pub mod source;
pub mod sqs;
pub mod stream;
pub mod validate;

use std::rc::Rc;

pub use machine::{FRUITLESS, FRUITLESS_BY_DEFAULT, MappingMachine};
pub use note::{ItemId, Items, Place, SourceEvent};
pub use producer::Receipt;
pub use settings::MappingConfig;
pub use source::Source;
pub use validate::check;

use super::event::RequestId;
use crate::sim::SimTime;

/// Bytes that one batch's event may have: the limit of synchronous payloads.
pub const BATCH_BYTES: usize = super::invoke::SYNCHRONOUS_PAYLOAD_LIMIT;

/// One invocation made by a mapping: its number in the order of sending. A batch that is sent again gets a new one.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct BatchId(pub u32);

/// What a mapping wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Invoke the function synchronously, and say how it [ended](Poller::finished).
    Invoke {
        /// Which batch.
        batch: BatchId,
        /// The event, JSON text.
        payload: Rc<str>,
    },
    /// Call [`Poller::wake`] then. A wake-up too many does no harm.
    Wake {
        /// When.
        at: SimTime,
    },
    /// Something worth telling has happened.
    Note(SourceEvent),
}

/// Where actions are put, in the order in which they are to be done.
pub type Actions = Vec<Action>;

/// How an invocation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The function answered with this text.
    Success {
        /// The response payload.
        payload: String,
    },
    /// The function failed: an error of its own, a crash or its timeout (`X-Amz-Function-Error`).
    FunctionError,
    /// 429: there was no concurrency for it.
    Throttled,
    /// 5xx: Lambda itself failed.
    ServiceError,
}

/// The end of one invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// The invocation's request id.
    pub request_id: RequestId,
    /// How it ended.
    pub outcome: Outcome,
}

/// What a mapping must know of its surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The scenario's seed: message ids come from it.
    pub seed: u64,
    /// Calendar milliseconds since 1970 at virtual time zero.
    pub epoch_ms: i64,
    /// The function's ARN, with the version or alias that the mapping names.
    pub function_arn: String,
    /// The function's timeout in seconds; the visibility timeout depends on it.
    pub function_timeout_seconds: u32,
}

/// Something that comes to a source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Incoming {
    /// Message body, Kinesis data, Kafka value or MQ data as text; for DynamoDB and DocumentDB the change, as JSON.
    pub body: Rc<str>,
    /// Kinesis partition key, Kafka message key or DynamoDB item key.
    pub key: Option<Rc<str>>,
    /// SQS message group id.
    pub group: Option<Rc<str>>,
    /// SQS message deduplication id.
    pub deduplication: Option<Rc<str>>,
    /// SQS delay of this message in seconds; the queue's own when absent.
    pub delay_seconds: Option<u32>,
    /// Kafka partition, when the producer chooses it.
    pub partition: Option<u32>,
    /// SQS message attributes (strings), Kafka headers or MQ properties, in order.
    pub attributes: Option<Rc<[(String, String)]>>,
}

impl Incoming {
    /// Something with only a body.
    pub fn body(body: impl Into<Rc<str>>) -> Self {
        Self {
            body: body.into(),
            ..Self::default()
        }
    }

    /// Something with a key and a body.
    pub fn keyed(key: impl Into<Rc<str>>, body: impl Into<Rc<str>>) -> Self {
        Self {
            key: Some(key.into()),
            ..Self::body(body)
        }
    }
}

/// A running event source mapping with its source.
///
/// All times must be given in order.
pub trait Poller {
    /// Something arrives at the source. It is not read before the next wake-up, so that arrivals of one instant can share
    /// a batch. The answer is what the source's API says to its producer.
    fn put(&mut self, now: SimTime, incoming: Incoming, actions: &mut Actions) -> Receipt;

    /// The mapping is created, or enabled: it begins to read. Before this, the source only stores what arrives.
    fn start(&mut self, now: SimTime, actions: &mut Actions);

    /// A time that the machine asked for has come.
    fn wake(&mut self, now: SimTime, actions: &mut Actions);

    /// An invocation ended.
    fn finished(&mut self, now: SimTime, batch: BatchId, end: Finished, actions: &mut Actions);

    /// Whether nothing more will happen unless something arrives; retention aside.
    fn is_quiet(&self) -> bool;

    /// How many messages or records the source holds, those in flight included.
    fn stored(&self) -> usize;

    /// What stands in the dead-letter queue, oldest first. Empty for sources without one.
    fn dead_letters(&self) -> Vec<ItemId> {
        Vec::new()
    }

    /// Moves everything in the dead-letter queue back to the source, where it counts as new (`StartMessageMoveTask`).
    fn redrive(&mut self, _now: SimTime, _actions: &mut Actions) {}
}

/// Opens a mapping. Source and settings are expected to be valid: see [`check`].
pub fn open(source: &Source, config: &MappingConfig, context: &Context) -> Box<dyn Poller> {
    match source {
        Source::Sqs(queue) => Box::new(sqs::Sqs::new(queue, config, context)),
        _ => Box::new(stream::Stream::new(source, config, context)),
    }
}
