//! What the host's work costs the guest: one table, by call and by byte.
//!
//! The figures are what the same request costs a native program on the kind of machine that Lambda runs on, at
//! [`FUEL_PER_VCPU_SECOND`](crate::guest::fuel::FUEL_PER_VCPU_SECOND) (2 fuel a nanosecond), rounded: orders of magnitude
//! for a model, not measurements of AWS. They are part of every recorded duration, so changing one changes traces.

use crate::guest::fuel::Fuel;

/// Answered without entering a kernel: arguments, variables, clocks (vDSO). 25 ns.
pub const QUERY: Fuel = Fuel(50);

/// One system call on an open descriptor, mitigations for speculative execution included. 200 ns.
pub const SYSTEM_CALL: Fuel = Fuel(400);

/// One system call that looks up, creates or removes a name. 1 µs.
pub const NAME_LOOKUP: Fuel = Fuel(2_000);

/// One line handed to the log: a system call on a pipe and the reader's share of it. 500 ns.
pub const LOG_LINE: Fuel = Fuel(1_000);

/// One call to another service: signing it, TLS and two system calls, besides the wait for the answer. 100 µs.
pub const SERVICE_CALL: Fuel = Fuel(200_000);

/// Starting a process in an environment that has its program in memory (`vfork` and `execve`). 300 µs.
pub const PROCESS_START: Fuel = Fuel(600_000);

/// Bytes copied per unit of fuel between guest and host: 8 GB/s, a `memcpy` that misses the cache.
const BYTES_PER_FUEL: u64 = 4;

/// Fuel per random byte: 500 MB/s, about the rate of Linux's generator (ChaCha20).
const FUEL_PER_RANDOM_BYTE: u64 = 4;

/// Fuel per KiB of module at Init: reading and linking it. 2 µs per KiB is 500 MB/s, so the 250 MB that Lambda allows
/// take half a second of a full CPU, and a module of 30 KB takes 60 µs.
const FUEL_PER_MODULE_KIB: u64 = 4_000;

/// Copying `bytes` between guest and host.
pub fn copy(bytes: u64) -> Fuel {
    Fuel(bytes.div_ceil(BYTES_PER_FUEL))
}

/// Making `bytes` of randomness.
pub fn random(bytes: u64) -> Fuel {
    Fuel(bytes.saturating_mul(FUEL_PER_RANDOM_BYTE))
}

/// Loading a module of `bytes`, once per environment.
pub fn load(bytes: u64) -> Fuel {
    Fuel(bytes.div_ceil(1024).saturating_mul(FUEL_PER_MODULE_KIB))
}

/// Instantiating a module whose data segments have `bytes` in all, each time.
pub fn instantiate(bytes: u64) -> Fuel {
    copy(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_grow_with_the_bytes_and_never_overflow() {
        assert_eq!(copy(0), Fuel(0));
        assert_eq!(copy(1), Fuel(1));
        assert_eq!(copy(4096), Fuel(1024));
        assert_eq!(random(10), Fuel(40));
        assert_eq!(load(30_000), Fuel(120_000));
        assert_eq!(random(u64::MAX), Fuel(u64::MAX));
        assert_eq!(load(u64::MAX), Fuel(u64::MAX));
    }
}
