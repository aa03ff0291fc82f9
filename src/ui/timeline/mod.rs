//! The timeline's content and geometry, without a DOM: entries become lanes of bars ([`lanes`]), time becomes pixels with
//! dull gaps folded away ([`axis`]), only what is in sight is drawn and what is too narrow as one ([`strip`], [`counted`]),
//! [`words`] are made when they are looked at, and the CPU quota's pauses are found again in what a run used ([`quota`]).

pub mod axis;
mod counted;
pub mod drag;
mod holds;
mod lane;
mod lanes;
pub mod quota;
pub mod strip;
pub mod words;

pub use axis::{Axis, Piece, Stretches};
pub use counted::Counted;
pub use holds::Holds;
pub use lane::{Bar, BarKind, Lane, LaneKind, Mark, MarkKind};
pub use lanes::{Drawing, Occurs};
pub use strip::{Span, Window};
