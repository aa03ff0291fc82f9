//! A run as the page keeps it: compact, folded as its entries arrive, a portion at a time.
//!
//! A trace may tell of hundreds of thousands of invocations. So the page keeps the entries ([`Entries`]) and, beside them,
//! columns of a few bytes for each try ([`Tries`]), each bar of the timeline and each line of the log, which lead back to
//! the entries: whatever is told in words is made when it is looked at. [`Reading`] is the fold of all of it.

mod entries;
mod reading;
mod tries;

pub use entries::Entries;
pub use reading::{Read, Reading};
pub use tries::{Row, Tries};
