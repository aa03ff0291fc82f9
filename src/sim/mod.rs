//! The discrete-event kernel: virtual time, event heap, seeded randomness, trace.
//!
//! It knows nothing of Lambda. Nothing in here reads a wall clock or ambient randomness; ties in time are broken by
//! sequence number, never by address or hash order, so the same inputs give the same trace on every machine.

pub mod check;
mod distribution;
mod fixed;
mod kernel;
mod rng;
mod slab;
mod time;
mod trace;

pub use distribution::{Distribution, exponential};
pub use kernel::Kernel;
pub use rng::{Rng, digest};
pub use slab::{Slab, Slot};
pub use time::{SimDuration, SimTime};
pub use trace::{Stamped, Trace};
