//! Calling conventions: one file each.

use serde::{Deserialize, Serialize};

/// How a module wants to be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Abi {
    /// WASI preview 1 command: event on stdin, response on stdout, log on stderr. One process per invocation.
    WasiCommand,
    /// Exported handler: `alloc` and `handler(ptr, len) -> ptr << 32 | len`. State survives between warm invocations.
    Handler,
}
