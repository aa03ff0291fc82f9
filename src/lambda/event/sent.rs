//! What a caller sends, as it reaches Lambda's front end.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{FunctionId, InvocationId, InvocationType, RequestId};

/// A request but for its number and its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The scenario's seed, from which request ids are derived.
    pub seed: u64,
    /// The function; none when there is none of the name that was called.
    pub function: Option<FunctionId>,
    /// The version or alias that was named.
    pub qualifier: Option<String>,
    /// How it is called.
    pub kind: InvocationType,
    /// Id of the trigger that sends it.
    pub trigger: String,
    /// The event, JSON text.
    pub payload: Arc<str>,
    /// The invocation that this one repeats, when the queue delivers an event twice: they share their request id.
    pub repeats: Option<InvocationId>,
}

impl Sent {
    /// The request id of an invocation that sends this.
    pub fn request_id(&self, invocation: InvocationId) -> RequestId {
        RequestId::of(self.seed, self.repeats.unwrap_or(invocation))
    }

    /// The bytes the function gets: an absent payload becomes `{}`.
    pub fn event(&self) -> &[u8] {
        if self.payload.is_empty() {
            b"{}"
        } else {
            self.payload.as_bytes()
        }
    }
}

impl Default for Sent {
    /// A direct call with nothing in it.
    fn default() -> Self {
        Self {
            seed: 0,
            function: Some(FunctionId(0)),
            qualifier: None,
            kind: InvocationType::RequestResponse,
            trigger: "direct".to_owned(),
            payload: Arc::from(""),
            repeats: None,
        }
    }
}
