//! A run as files of other tools: a trace for Perfetto, tables for spreadsheets, the log as text.
//!
//! Everything is read from the trace. What is written is text in UTF-8, the same bytes for the same trace.

pub mod perfetto;
pub mod record;
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
