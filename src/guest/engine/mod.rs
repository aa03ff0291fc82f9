//! What runs a metered module: one file per execution tier.
//!
//! Both tiers run the *same rewritten module*, so fuel, results and traps are identical by construction. A tier knows
//! nothing of ABIs: imports arrive at the [`Host`] by number.

use std::cell::RefCell;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::meter::MeteredModule;

#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(feature = "interpreter")]
pub mod interpreter;

/// Which engine runs the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tier {
    /// The browser's own WebAssembly engine, at compiled speed.
    Browser,
    /// wasmi, an interpreter that runs everywhere.
    Interpreter,
}

/// A value that crosses between guest and host. Floats travel as bits, so that NaNs keep theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// A 32-bit float's bits.
    F32(u32),
    /// A 64-bit float's bits.
    F64(u64),
}

impl Value {
    /// The bits of a 32-bit integer as unsigned, zero for any other type (the module was validated, so there is none).
    pub fn u32(self) -> u32 {
        match self {
            Self::I32(value) => value as u32,
            _ => 0,
        }
    }

    /// The bits of a 64-bit integer as unsigned, zero for any other type.
    pub fn u64(self) -> u64 {
        match self {
            Self::I64(value) => value as u64,
            _ => 0,
        }
    }
}

/// An execution tier.
pub trait Engine {
    /// Which one it is.
    fn tier(&self) -> Tier;

    /// Compiles a metered module, once for all its instances.
    ///
    /// # Errors
    /// When this engine refuses a module that our own validation accepted, with the engine's words.
    fn compile(&self, module: &MeteredModule) -> Result<Rc<dyn Compiled>, String>;
}

/// A compiled module.
pub trait Compiled {
    /// A fresh instance whose imports all lead to `host`. Runs no guest code (the start function is exported instead).
    ///
    /// # Errors
    /// [`CallError::Trap`] when an active segment is out of bounds; [`CallError::Engine`] when the device refuses, for
    /// lack of memory for instance. The instance is then gone; nothing of it can be reached.
    fn instantiate(&self, host: Rc<RefCell<dyn Host>>) -> Result<Box<dyn Instance>, CallError>;
}

/// A running module.
pub trait Instance {
    /// Calls an exported function.
    ///
    /// # Errors
    /// [`CallError`], when the guest did not return.
    fn call(&mut self, export: &str, arguments: &[Value]) -> Result<Option<Value>, CallError>;

    /// The guest's memory and gauge, between calls.
    fn access(&mut self) -> &mut dyn GuestAccess;
}

/// The guest's memory and fuel gauge.
pub trait GuestAccess {
    /// Size of memory 0 in bytes; 0 when it has none.
    fn memory_bytes(&self) -> u64;

    /// Reads memory 0.
    ///
    /// # Errors
    /// When the range is not inside the memory; `into` is then unchanged.
    fn read(&self, at: u32, into: &mut [u8]) -> Result<(), OutOfBounds>;

    /// Writes memory 0.
    ///
    /// # Errors
    /// When the range is not inside the memory; nothing is then written.
    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), OutOfBounds>;

    /// The raw gauge, see [`crate::guest::meter::gauge`].
    fn gauge(&self) -> i64;

    /// Sets the raw gauge.
    fn set_gauge(&mut self, gauge: i64);

    /// Sets how many pages of 64 KiB all memories together may take, see [`MeteredModule::page_limit`].
    fn set_page_limit(&mut self, pages: i64);
}

/// A range outside the guest's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfBounds;

/// Where the guest's imports lead.
pub trait Host {
    /// The guest called import number `import` (an index into [`MeteredModule::imports`]).
    ///
    /// # Errors
    /// [`Stop`] unwinds the guest: the call that entered it then returns [`CallError::Stopped`]. The host remembers why.
    fn call(
        &mut self,
        import: usize,
        arguments: &[Value],
        guest: &mut dyn GuestAccess,
    ) -> Result<Option<Value>, Stop>;
}

/// The host's order to unwind the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop;

/// Why a call into the guest did not return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    /// The host said [`Stop`].
    Stopped,
    /// The guest trapped.
    Trap(Trap),
    /// The engine itself failed: the device's fault or ours, never the guest's.
    Engine(String),
}

/// WebAssembly's traps, told apart as far as *both* tiers can tell them: V8 has one message for a null function and a
/// wrong signature, and one for a NaN and a float too large to convert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trap {
    /// `unreachable` was executed: a panic or abort.
    Unreachable,
    /// A load, store or bulk operation outside the memory.
    MemoryOutOfBounds,
    /// An access outside a table.
    TableOutOfBounds,
    /// An indirect call of an empty table slot, or with another signature.
    BadIndirectCall,
    /// Integer division or remainder by zero.
    DivideByZero,
    /// A result that its integer type cannot hold: `i32::MIN / -1`, or a NaN or too large a float converted.
    Unrepresentable,
}

impl Trap {
    /// The trap in the words of the WebAssembly specification, as far as one wording fits.
    pub fn message(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable executed",
            Self::MemoryOutOfBounds => "out of bounds memory access",
            Self::TableOutOfBounds => "out of bounds table access",
            Self::BadIndirectCall => "indirect call to null or with another signature",
            Self::DivideByZero => "integer divide by zero",
            Self::Unrepresentable => "result not representable as integer",
        }
    }
}
