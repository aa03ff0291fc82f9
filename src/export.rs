//! Files of other tools: a trace for Perfetto, tables for spreadsheets, the log as text, pictures, and AWS SAM's templates both
//! ways.
//!
//! Everything is read from the trace and the scenario. What is written is the same bytes for the same of both.

pub mod archive;
pub mod perfetto;
pub mod record;
pub mod sam;
pub mod samples;
pub mod svg;
pub mod table;

use crate::lambda::event::Entry;
use crate::lambda::logs;

/// The log of all environments, in order of time, a line each.
pub fn log(entries: &[Entry]) -> String {
    let mut text = String::new();
    for line in logs::lines(entries) {
        text.push_str(&line.text);
        text.push('\n');
    }
    text
}
