//! The protocol between page and worker, and the one running cloud behind it.

pub mod protocol;
