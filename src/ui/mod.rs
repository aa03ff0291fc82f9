//! The page.
//!
//! Split in two. What the page *knows and computes* is here and pure: the model and its one command enum ([`model`]),
//! the geometry of the timeline ([`timeline`]), the picture of the service at an instant ([`stage`]), a run read as attempts
//! ([`attempts`]), its table in any order ([`order`]), what can be asked of it by name
//! ([`commands`]), guided scenarios ([`guide`]), the words for numbers ([`words`]).
//! It builds and is tested natively. What touches the DOM is in [`page`], on wasm32 only, and decides nothing: components
//! read the model and send [`model::Msg`].

pub mod account;
pub mod attempts;
pub mod catalogue;
pub mod commands;
pub mod differences;
pub mod embed;
pub mod find;
pub mod graph;
pub mod guide;
pub mod inside;
pub mod inspect;
pub mod json_text;
pub mod model;
pub mod narration;
pub mod order;
pub mod pictures;
pub mod range;
pub mod recent;
pub mod sources;
pub mod stage;
pub mod timeline;
pub mod trace;
pub mod tuning;
pub mod words;

#[cfg(test)]
mod lived;

#[cfg(target_arch = "wasm32")]
pub mod page;
