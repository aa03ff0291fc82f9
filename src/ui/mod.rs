//! The page.
//!
//! Split in two. What the page *knows and computes* is here and pure: the model and its one command enum ([`model`]),
//! the geometry of the timeline ([`timeline`]), the picture of the service at an instant ([`stage`]), a run read as attempts
//! ([`attempts`]), the words for numbers ([`words`]).
//! It builds and is tested natively. What touches the DOM is in [`page`], on wasm32 only, and decides nothing: components
//! read the model and send [`model::Msg`].

pub mod attempts;
pub mod catalogue;
pub mod embed;
pub mod find;
pub mod json_text;
pub mod model;
pub mod narration;
pub mod pictures;
pub mod recent;
pub mod stage;
pub mod timeline;
pub mod tuning;
pub mod words;

#[cfg(test)]
mod lived;

#[cfg(target_arch = "wasm32")]
pub mod page;
