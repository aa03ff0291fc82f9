//! Page entry: mounts the user interface.
fn main() {}
