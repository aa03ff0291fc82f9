//! Guests run from start to end on the interpreter tier: processes, their endings, what they see of time and files.

mod commands;
mod determinism;
mod endings;
mod engines;
mod examples;
mod files;
mod handlers;
mod libc;
mod outside;
mod support;
mod time;
