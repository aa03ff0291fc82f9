//! The page inside another page: what its address asks for, what the host may say, what it is told.
//!
//! A host page puts the playground into a frame. The frame's fragment says what it shows ([`address`]); after a hello the
//! two talk over a `MessagePort` in small versioned messages ([`request`], [`report`]). Whatever comes from the host is
//! read as hostile: into typed values, within limits, with a [`Problem`](crate::problem::Problem) for what is wrong.
//! [`Driver`] puts what is wanted to the model in the order that it needs, and tells what came of it. Nothing here touches
//! a window; `docs/embedding.md` is the protocol's description for authors.

pub mod address;
mod changes;
mod driver;
pub mod report;
pub mod request;
mod settings;
mod view;

pub use address::Options;
pub use changes::{Changes, Code, moment};
pub use driver::Driver;
pub use report::Report;
pub use request::{Envelope, Request};
pub use view::{Theme, View};

/// The version of the protocol, and of the fragment.
pub const VERSION: u32 = 1;

/// The longest message or fragment that is read, in bytes; Lambda's own limit for an event is 6 MB.
pub const TEXT_BYTES: usize = 8 * 1024 * 1024;

/// The largest function that is taken, in bytes, as on the page itself.
pub const FUNCTION_BYTES: usize = 64 * 1024 * 1024;
