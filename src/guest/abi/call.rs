//! One call from the guest into the host: what the host functions work with.

use crate::guest::engine::{GuestAccess, OutOfBounds, Stop, Value};
use crate::guest::fuel::Fuel;
use crate::guest::meter::ValueType;
use crate::guest::process::account::Account;
use crate::guest::process::log::LogBook;
use crate::guest::process::memory::MemoryBook;
use crate::guest::process::{PhaseEnd, SharedFiles, Surroundings};
use crate::sim::Rng;

use super::wasi::Wasi;

/// A function that the host provides.
pub struct HostFunction {
    /// Field name of the import.
    pub name: &'static str,
    /// Parameter types.
    pub parameters: &'static [ValueType],
    /// Result type.
    pub result: Option<ValueType>,
    /// What every call costs; copying costs extra.
    pub price: Fuel,
    /// What it does. The price is paid and the deadline not reached when it runs.
    pub run: fn(&mut Call<'_>, &Arguments<'_>) -> Result<Option<Value>, Stop>,
}

/// What the host keeps for one process.
pub struct State {
    /// Fuel and time.
    pub account: Account,
    /// What it has written.
    pub log: LogBook,
    /// How its memory grows.
    pub memory: MemoryBook,
    /// What it was given.
    pub surroundings: Surroundings,
    /// Variables of the present invocation, over those of the surroundings.
    pub context: Vec<(String, String)>,
    /// `/tmp`.
    pub files: SharedFiles,
    /// What `random_get` hands out.
    pub random: Rng,
    /// Descriptors and standard streams.
    pub wasi: Wasi,
    /// The error that the function reported, type and message.
    pub failure: Option<(String, String)>,
    /// Why the guest was stopped.
    pub end: Option<PhaseEnd>,
}

impl State {
    /// Stops the guest. The first reason counts.
    pub fn stop(&mut self, end: PhaseEnd) -> Stop {
        self.end.get_or_insert(end);
        Stop
    }

    /// Pays for work done for the guest.
    ///
    /// # Errors
    /// When the deadline passes with it.
    pub fn charge(&mut self, fuel: Fuel) -> Result<(), Stop> {
        self.account.charge(fuel).map_err(|end| self.stop(end))
    }

    /// Writes a line into the log in the simulator's own name.
    pub fn note(&mut self, text: &str) {
        self.log.note(text, self.account.now());
    }

    /// The guest's realtime clock: nanoseconds since 1970.
    pub fn realtime(&self) -> u64 {
        let epoch = i128::from(self.surroundings.epoch_ms) * 1_000_000;
        let now = epoch + i128::from(self.account.now().as_nanos());
        u64::try_from(now.max(0)).unwrap_or(u64::MAX)
    }

    /// The environment variables as the guest sees them now, `NAME=value`.
    pub fn variables(&self) -> Vec<String> {
        let fixed = self.surroundings.variables.iter();
        let unchanged = fixed.filter(|(name, _)| !self.context.iter().any(|(n, _)| n == name));
        unchanged
            .chain(&self.context)
            .map(|(name, value)| format!("{name}={value}"))
            .collect()
    }
}

/// A call in progress.
pub struct Call<'a> {
    /// The guest's memory.
    pub guest: &'a mut dyn GuestAccess,
    /// The host's side.
    pub state: &'a mut State,
}

impl Call<'_> {
    /// Whether `len` bytes at `at` are inside the guest's memory.
    ///
    /// # Errors
    /// When they are not.
    pub fn check(&self, at: u32, len: u64) -> Result<(), OutOfBounds> {
        if u64::from(at).saturating_add(len) <= self.guest.memory_bytes() {
            Ok(())
        } else {
            Err(OutOfBounds)
        }
    }

    /// Reads bytes. The range is checked before anything of that size is allocated.
    ///
    /// # Errors
    /// When the range is not inside the memory, or the device has no room for a copy of it.
    pub fn read(&self, at: u32, len: u32) -> Result<Vec<u8>, OutOfBounds> {
        self.check(at, u64::from(len))?;
        let len = usize::try_from(len).map_err(|_| OutOfBounds)?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(len).map_err(|_| OutOfBounds)?;
        bytes.resize(len, 0);
        self.guest.read(at, &mut bytes)?;
        Ok(bytes)
    }

    /// Reads a fixed number of bytes.
    ///
    /// # Errors
    /// When the range is not inside the memory.
    pub fn read_array<const N: usize>(&self, at: u32) -> Result<[u8; N], OutOfBounds> {
        let mut bytes = [0; N];
        self.guest.read(at, &mut bytes)?;
        Ok(bytes)
    }
}

/// The arguments of a call, by position. The types were checked when the import was bound.
#[derive(Debug, Clone, Copy)]
pub struct Arguments<'a>(pub &'a [Value]);

impl Arguments<'_> {
    /// A 32-bit argument, unsigned.
    pub fn u32(&self, index: usize) -> u32 {
        self.0.get(index).map_or(0, |value| value.u32())
    }

    /// A 64-bit argument, unsigned.
    pub fn u64(&self, index: usize) -> u64 {
        self.0.get(index).map_or(0, |value| value.u64())
    }

    /// A 64-bit argument, signed.
    pub fn i64(&self, index: usize) -> i64 {
        self.u64(index) as i64
    }

    /// A 64-bit float.
    pub fn f64(&self, index: usize) -> f64 {
        match self.0.get(index) {
            Some(Value::F64(bits)) => f64::from_bits(*bits),
            _ => 0.0,
        }
    }
}
