//! The stage's content and geometry, without a DOM: where every request, event and environment is at an instant of a run.
//!
//! [`Scene`] folds the trace up to the cursor, [`Player`] keeps what it takes to fold backwards too, [`picture`] says in
//! words and marks what the stage shows of a scene, [`geometry`] gives every part its place at a width, and [`Hurry`] tells
//! when marks are too quick to be followed.

pub mod geometry;
mod hurry;
pub mod picture;
mod player;
mod scene;
mod source;

pub use hurry::{Hurry, dots};
pub use picture::{Picture, picture};
pub use player::Player;
pub use scene::{Call, Cast, Ended, How, Phase, Room, Scene, Step, Whereabouts};
pub use source::Backlog;

#[cfg(test)]
mod tests;
