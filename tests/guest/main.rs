//! Guests run from start to end on the interpreter tier: processes, their endings, what they see of time and files.

mod commands;
mod determinism;
mod endings;
mod examples;
mod files;
mod handlers;
mod support;
mod time;
