//! What the inspector tells of something in a run: why it came so, and what an environment, the event queue and the
//! destinations have lived through. Pure readings of the trace up to the cursor; the page only draws them.

mod deliveries;
mod environment;
mod queue;
mod why;

pub use deliveries::{Sent, deliveries};
pub use environment::{EnvironmentStory, Served, environment};
pub use queue::{QueueStory, Waiting, queue};
pub use why::{Reason, why};
