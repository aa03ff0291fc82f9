//! The timeline's content and geometry, without a DOM: entries become lanes of bars ([`lanes`]), time becomes pixels with
//! dull gaps folded away ([`axis`]), and the CPU quota's pauses are found again in what a run used ([`quota`]).

pub mod axis;
mod lane;
mod lanes;
mod quota;
mod rows;
pub mod strip;

pub use axis::{Axis, Piece, Stretches};
pub use lane::{Bar, BarKind, Lane, LaneKind, Mark, MarkKind, Rows};
pub use lanes::lanes;
pub use strip::{Span, Window};
