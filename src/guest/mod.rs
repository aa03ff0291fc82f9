//! Running one WebAssembly module: recognise, describe, meter, bind to a calling convention, instantiate, invoke.
//!
//! The way of an upload: [`recognise`] looks at its first bytes, [`describe`] says what is inside and which ABI it speaks,
//! [`meter`] rewrites it so that it counts its own work, an [`engine`] compiles it, which makes it a [`program`], and
//! [`process`] runs that: as a process with an environment, a clock and a `/tmp`, which knows nothing of Lambda.

pub mod abi;
pub mod clock;
pub mod describe;
pub mod engine;
pub mod files;
pub mod fuel;
pub mod meter;
pub mod process;
pub mod program;
pub mod recognise;
