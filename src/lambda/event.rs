//! The entries of a trace: everything that can happen in the simulated service, in Lambda's own terms.
//!
//! The page, the log viewer, the bill and the tests read these and nothing else.
//!
//! A scenario may be millions of invocations long, so an entry is small (40 bytes, held by a test): what is large and
//! rare is boxed, what many entries say alike is shared, and what can be derived (request ids, REPORT) is not stored.

mod archive;
mod identities;
mod kinds;
mod outcome;
mod packed;
mod sent;
mod service;
pub mod wire;
mod world;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::event_source::SourceEvent;
use super::names::ids;
use crate::guest::process::outside::ServiceCall;
use crate::sim::{SimDuration, SimTime, Stamped};

pub use archive::Archive;
pub use identities::Identities;
pub use kinds::*;
pub use outcome::{Origin, Outcome};
pub use sent::Sent;
pub use service::{ServiceNote, ServiceStep};
pub use world::{FunctionFacts, MappingFacts, VersionFacts, World};

/// A trace entry with its time.
pub type Entry = Stamped<Event>;

/// One request to invoke a function, whatever becomes of it: its number in the order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InvocationId(pub u32);

/// One function of the scenario: its number in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FunctionId(pub u16);

/// One execution environment: its number in the order of creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EnvironmentId(pub u32);

/// Lambda's request id, a version 4 UUID; the same in all attempts of one asynchronous event.
///
/// On AWS each call that a client repeats after a 429 has its own; here all of them show that of the call that was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub [u8; 16]);

impl RequestId {
    /// The id of an invocation: derived, so that nobody has to store it.
    pub fn of(seed: u64, invocation: InvocationId) -> Self {
        let mut bytes = crate::sim::digest(seed, ids::REQUEST, u64::from(invocation.0));
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Self(bytes)
    }
}

/// In text the id is as in logs, between worker and page it is its bytes.
impl Serialize for RequestId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for RequestId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return <[u8; 16]>::deserialize(deserializer).map(Self);
        }
        let text = String::deserialize(deserializer)?;
        let digits: String = text.chars().filter(|letter| *letter != '-').collect();
        let number = u128::from_str_radix(&digits, 16).map_err(serde::de::Error::custom)?;
        Ok(Self(number.to_be_bytes()))
    }
}

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

/// What can happen. Entries of one invocation share its id; so do those of one environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The scenario begins: what is set up, for whoever reads the rest. Always the first entry.
    Began {
        /// The functions and the account.
        world: Arc<World>,
    },
    /// A request reaches Lambda's front end.
    Received {
        /// Which.
        invocation: InvocationId,
        /// What was sent, by whom and to which function; shared by all requests that are alike.
        sent: Arc<Sent>,
    },
    /// The front end refuses it for good: the function is not run. The response says why.
    Refused {
        /// Which.
        invocation: InvocationId,
        /// The API error.
        response: Arc<InvokeResponse>,
    },
    /// A dry run: the request would have been let in. The function is not run.
    DryRun {
        /// Which.
        invocation: InvocationId,
    },
    /// An asynchronous request is accepted with 202 and stands in the event queue.
    Accepted {
        /// Which.
        invocation: InvocationId,
    },
    /// The event queue hands an event to the function.
    Dequeued {
        /// Which.
        invocation: InvocationId,
        /// 1 for the first try.
        attempt: u32,
        /// How long ago it was accepted.
        age: SimDuration,
    },
    /// The event queue hands over an event a second time although nothing failed (delivery is at least once).
    Duplicated {
        /// The event.
        invocation: InvocationId,
        /// The same event's second delivery: a story of its own, with the same request id.
        duplicate: InvocationId,
    },
    /// There is no concurrency for it: 429. One entry for each try.
    Throttled {
        /// Which.
        invocation: InvocationId,
        /// Why.
        reason: ThrottleReason,
    },
    /// The client will send a refused request again.
    ClientRetry {
        /// Which.
        invocation: InvocationId,
        /// The try to come, 2 or more.
        attempt: u32,
        /// When.
        due: SimTime,
    },
    /// A new execution environment comes into being.
    EnvironmentCreated {
        /// Which.
        environment: EnvironmentId,
        /// Of what, and its log stream.
        created: Box<Created>,
    },
    /// Init begins.
    InitStarted {
        /// Where.
        environment: EnvironmentId,
        /// Own phase, or inside an Invoke phase.
        phase: InitPhase,
    },
    /// Init ends.
    InitFinished {
        /// Where.
        environment: EnvironmentId,
        /// Own phase, or inside an Invoke phase.
        phase: InitPhase,
        /// How, and what it used.
        ended: Box<InitEnd>,
    },
    /// An environment begins to run an invocation.
    InvokeStarted {
        /// Where.
        environment: EnvironmentId,
        /// Which.
        invocation: InvocationId,
        /// 1 for the first try.
        attempt: u32,
        /// Whether somebody waited for this environment's Init.
        cold: bool,
        /// From which capacity.
        capacity: Capacity,
    },
    /// The guest wrote a line.
    Log {
        /// Where.
        environment: EnvironmentId,
        /// During which invocation; none during Init.
        invocation: Option<InvocationId>,
        /// The line.
        text: Box<str>,
    },
    /// An invocation ends, whatever the end.
    InvokeFinished {
        /// Where.
        environment: EnvironmentId,
        /// Which.
        invocation: InvocationId,
        /// 1 for the first try.
        attempt: u32,
        /// How long the Invoke phase took, a suppressed init included.
        duration: SimDuration,
        /// How it went; see [`Outcome::report`] and [`Outcome::usage`].
        outcome: Arc<Outcome>,
    },
    /// An environment is reset: the process is gone, `/tmp` stays, the next invocation starts with a suppressed init.
    EnvironmentReset {
        /// Which.
        environment: EnvironmentId,
        /// Why.
        reason: ResetReason,
    },
    /// An environment is ended in good order: it was idle for too long, or is replaced.
    EnvironmentShutdown {
        /// Which.
        environment: EnvironmentId,
    },
    /// A failure drill took an environment away; whatever ran in it got no answer from the function.
    EnvironmentLost {
        /// Which.
        environment: EnvironmentId,
        /// What ran there.
        invocation: Option<InvocationId>,
    },
    /// Provisioned concurrency changes its status.
    Provisioning {
        /// Of what, and how far it is.
        status: Box<ProvisionedStatus>,
    },
    /// An asynchronous event that could not be run, or failed, goes back to the queue.
    RetryScheduled {
        /// Which.
        invocation: InvocationId,
        /// The try to come. A throttle does not use one up.
        attempt: u32,
        /// Why it goes back.
        cause: RetryCause,
        /// When.
        due: SimTime,
    },
    /// An asynchronous event is given up.
    Dropped {
        /// Which.
        invocation: InvocationId,
        /// Why.
        reason: DropReason,
        /// How often the function was tried.
        attempts: u32,
    },
    /// A record goes to a destination, or an event to the dead-letter queue.
    Delivered {
        /// Which.
        invocation: InvocationId,
        /// What and where.
        delivery: Box<Delivery>,
    },
    /// What came back through the trigger: the end of the story for whoever called.
    CallerSaw {
        /// Which.
        invocation: InvocationId,
        /// What.
        view: Arc<CallerView>,
    },
    /// Something happened at an event source, or to its mapping.
    Mapping {
        /// Which mapping: its number in the set-up.
        mapping: u16,
        /// What.
        event: Box<SourceEvent>,
    },
    /// The guest called another service, and has the answer.
    Called {
        /// Where.
        environment: EnvironmentId,
        /// During which invocation; none during Init.
        invocation: Option<InvocationId>,
        /// What, and the answer.
        call: Box<ServiceCall>,
    },
    /// A caller or another service does something by itself: tries again, waits, goes on, gives up.
    Service {
        /// The invocation that it is about; none when Lambda has not been called.
        invocation: Option<InvocationId>,
        /// What.
        note: Box<ServiceNote>,
    },
    /// The run was cut off by us, not by Lambda: by patience or cancellation. Nothing after this would be true.
    CutOff {
        /// Why, for the visitor.
        reason: String,
        /// Whether more patience with the guest would let the run go on.
        patience: bool,
    },
}

impl Event {
    /// The execution environment that it is about.
    pub fn environment(&self) -> Option<EnvironmentId> {
        match self {
            Self::EnvironmentCreated { environment, .. }
            | Self::InitStarted { environment, .. }
            | Self::InitFinished { environment, .. }
            | Self::InvokeStarted { environment, .. }
            | Self::Log { environment, .. }
            | Self::InvokeFinished { environment, .. }
            | Self::EnvironmentReset { environment, .. }
            | Self::EnvironmentShutdown { environment }
            | Self::EnvironmentLost { environment, .. } => Some(*environment),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_in_json_is_as_in_logs() {
        let id = RequestId::of(7, InvocationId(3));
        let text = serde_json::to_string(&id).unwrap();
        assert_eq!(text, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<RequestId>(&text).unwrap(), id);
        assert!(serde_json::from_str::<RequestId>("\"none\"").is_err());
        let bytes = postcard::to_allocvec(&id).unwrap();
        assert_eq!(bytes, id.0);
        assert_eq!(postcard::from_bytes::<RequestId>(&bytes).unwrap(), id);
    }

    #[test]
    fn an_entry_is_small() {
        assert!(size_of::<Entry>() <= 40, "{} bytes", size_of::<Entry>());
    }
}
