//! The discrete-event kernel: virtual time, event heap, seeded randomness, trace.
//!
//! It knows nothing of Lambda. Nothing in here reads a wall clock or ambient randomness; ties in time are broken by
//! sequence number, never by address or hash order, so the same inputs give the same trace on every machine.

pub mod check;
mod kernel;
mod rng;
mod time;
mod trace;

pub use kernel::{Kernel, Ticket};
pub use rng::Rng;
pub use time::{SimDuration, SimTime};
pub use trace::{Stamped, Trace};
