//! The page itself, end to end, in real Chromium.
//!
//! Needs the built page (`trunk build --release`), Chromium and chromedriver; `scripts/test` sees to all three.

#![cfg(not(target_arch = "wasm32"))]

mod accessibility;
mod book;
mod commands;
mod embeds;
mod files;
mod guides;
mod hostile;
mod hosts;
mod journey;
#[allow(dead_code)] // Shared with the benchmark.
mod link;
mod offline;
mod parts;
mod settings;
#[allow(dead_code)] // Shared with the benchmark.
mod support;
mod tiers;
mod watching;
