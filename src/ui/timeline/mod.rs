//! The timeline's content and geometry, without a DOM: entries become lanes of bars ([`lanes`]), time becomes pixels with
//! dull gaps folded away ([`axis`]), and the CPU quota's pauses are found again in what a run used ([`quota`]).

pub mod axis;
pub mod lanes;
pub mod quota;

pub use axis::{Axis, Piece};
pub use lanes::{Bar, BarKind, Lane, LaneKind, Mark, MarkKind, lanes};
