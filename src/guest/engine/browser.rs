//! The JS WebAssembly API.
