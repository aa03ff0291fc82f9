//! Worker entry.
fn main() {}
