//! What the inspector tells of something in a run: why it came so, and what an environment, the event queue, an event
//! source and the destinations have lived through. Pure readings of the trace up to the cursor; the page only draws them.

mod deliveries;
mod environment;
mod queue;
mod source;
mod why;

pub use deliveries::{Sent, deliveries, kind_in_words};
pub use environment::{EnvironmentStory, Served, environment};
pub use queue::{QueueStory, Waiting, queue};
pub use source::{Item, Place, SourceStory, source};
pub use why::{Reason, why};
