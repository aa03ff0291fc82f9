//! The functions' contracts, called through the host as a guest calls them, with a memory that is just bytes.

mod clocks;
mod directories;
mod environment;
mod hostile;
mod streams;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use super::*;
use crate::guest::abi::call::State;
use crate::guest::abi::imports::Binding;
use crate::guest::clock::{Bandwidth, Clock};
use crate::guest::engine::{GuestAccess, Host, OutOfBounds};
use crate::guest::files::Files;
use crate::guest::fuel::Fuel;
use crate::guest::meter::gauge;
use crate::guest::process::account::{Account, SLICE};
use crate::guest::process::host::ProcessHost;
use crate::guest::process::log::LogBook;
use crate::guest::process::memory::MemoryBook;
use crate::guest::process::{PhaseEnd, Surroundings, Verdict};
use crate::sim::{Rng, SimTime};

/// Where tests put results.
const RESULT: u32 = 0;
/// Where tests put iovecs and subscriptions.
const RECORDS: u32 = 64;
/// Where tests put paths and data.
const DATA: u32 = 1024;
/// Size of the memory.
const MEMORY: u32 = 65_536;
/// The preopened directory.
const TMP: u32 = 3;
/// 2026-01-15 00:00:00 UTC.
const EPOCH_MS: i64 = 1_768_435_200_000;

#[derive(Clone)]
struct Memory {
    bytes: Vec<u8>,
    gauge: i64,
}

impl Memory {
    fn range(&self, at: u32, len: usize) -> Result<std::ops::Range<usize>, OutOfBounds> {
        let end = (at as usize).checked_add(len).ok_or(OutOfBounds)?;
        (end <= self.bytes.len())
            .then_some(at as usize..end)
            .ok_or(OutOfBounds)
    }
}

impl GuestAccess for Memory {
    fn memory_bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read(&self, at: u32, into: &mut [u8]) -> Result<(), OutOfBounds> {
        into.copy_from_slice(&self.bytes[self.range(at, into.len())?]);
        Ok(())
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), OutOfBounds> {
        let range = self.range(at, bytes.len())?;
        self.bytes[range].copy_from_slice(bytes);
        Ok(())
    }

    fn gauge(&self) -> i64 {
        self.gauge
    }

    fn set_gauge(&mut self, gauge: i64) {
        self.gauge = gauge;
    }

    fn set_page_limit(&mut self, _: i64) {}
}

/// A guest without code: the test is the code.
struct Guest {
    host: ProcessHost,
    memory: Memory,
}

impl Guest {
    /// A handler process with a `/tmp` of 1 MiB, one whole CPU, and a deadline at one second.
    fn new() -> Self {
        Self::with(Wasi::logging, 1 << 20)
    }

    fn command(input: &[u8]) -> Self {
        Self::with(|files| Wasi::answering(files, input.to_vec()), 1 << 20)
    }

    fn with(wasi: impl FnOnce(&SharedFiles) -> Wasi, limit: u64) -> Self {
        let files: SharedFiles = Rc::new(RefCell::new(Files::new(limit)));
        let clock = Clock::new(
            SimTime::ZERO,
            SimTime::from_nanos(1_000_000_000),
            Bandwidth::WHOLE,
        );
        let watch = Rc::new(RefCell::new(|_| Verdict::Continue));
        let state = State {
            account: Account::new(clock, watch, SLICE),
            log: LogBook::default(),
            memory: MemoryBook::default(),
            surroundings: Surroundings {
                arguments: vec!["function".to_owned(), "two words".to_owned()],
                variables: vec![
                    ("TZ".to_owned(), ":UTC".to_owned()),
                    ("_X_AMZN_TRACE_ID".to_owned(), "old".to_owned()),
                ],
                memory_limit: 128 << 20,
                random_seed: 7,
                epoch_ms: EPOCH_MS,
            },
            context: vec![("_X_AMZN_TRACE_ID".to_owned(), "Root=1".to_owned())],
            random: Rng::for_component(7, "guest"),
            wasi: wasi(&files),
            files,
            failure: None,
            end: None,
        };
        let bindings: Rc<[Binding]> = FUNCTIONS.iter().map(Binding::Function).collect();
        let mut guest = Self {
            host: ProcessHost::new(bindings, state),
            memory: Memory {
                bytes: vec![0; MEMORY as usize],
                gauge: 0,
            },
        };
        guest.host.state.account.enter(&mut guest.memory, 100);
        guest
    }

    fn state(&mut self) -> &mut State {
        &mut self.host.state
    }

    /// Calls function number `index` of the table.
    fn call_index(&mut self, index: usize, arguments: &[Value]) -> Result<i32, PhaseEnd> {
        match self.host.call(index, arguments, &mut self.memory) {
            Ok(Some(Value::I32(errno))) => Ok(errno),
            Ok(other) => panic!("answered {other:?}"),
            Err(Stop) => Err(self.state().end.take().expect("a reason")),
        }
    }

    /// Calls a function; numbers become what its type says. Gives the errno, or how the guest was stopped.
    fn try_call(&mut self, name: &str, arguments: &[i64]) -> Result<i32, PhaseEnd> {
        let index = FUNCTIONS.iter().position(|f| f.name == name).expect(name);
        let types = FUNCTIONS[index].parameters;
        assert_eq!(types.len(), arguments.len(), "{name}");
        let arguments: Vec<Value> = types
            .iter()
            .zip(arguments)
            .map(|(ty, &number)| match ty {
                ValueType::I64 => Value::I64(number),
                _ => Value::I32(number as i32),
            })
            .collect();
        self.call_index(index, &arguments)
    }

    /// Calls a function that answers.
    fn call(&mut self, name: &str, arguments: &[i64]) -> i32 {
        self.try_call(name, arguments).expect(name)
    }

    /// Calls a function that must succeed.
    fn ok(&mut self, name: &str, arguments: &[i64]) {
        assert_eq!(self.call(name, arguments), 0, "{name}{arguments:?}");
    }

    /// Uses fuel, as code between calls does.
    fn burn(&mut self, fuel: i64) {
        let (depth, left) = (
            gauge::depth(self.memory.gauge),
            gauge::fuel(self.memory.gauge),
        );
        self.memory.gauge = gauge::pack(depth as i16, left - fuel);
    }

    fn put(&mut self, at: u32, bytes: &[u8]) {
        self.memory.write(at, bytes).unwrap();
    }

    fn bytes(&self, at: u32, len: u32) -> Vec<u8> {
        self.memory.bytes[at as usize..(at + len) as usize].to_vec()
    }

    fn u32(&self, at: u32) -> u32 {
        layout::u32_at(&self.bytes(at, 4), 0)
    }

    fn u64(&self, at: u32) -> u64 {
        layout::u64_at(&self.bytes(at, 8), 0)
    }

    /// Puts an iovec number `index` at [`RECORDS`].
    fn iovec(&mut self, index: u32, at: u32, len: u32) {
        let record = RECORDS + index * 8;
        self.put(record, &at.to_le_bytes());
        self.put(record + 4, &len.to_le_bytes());
    }

    /// Opens a path below `/tmp` with all rights; gives the errno or the descriptor.
    fn open(&mut self, path: &str, oflags: i64, fdflags: i64) -> Result<i64, i32> {
        self.open_with(TMP.into(), path, oflags, -1, fdflags)
    }

    fn open_with(
        &mut self,
        base: i64,
        path: &str,
        oflags: i64,
        rights: i64,
        fdflags: i64,
    ) -> Result<i64, i32> {
        self.put(DATA, path.as_bytes());
        let (at, len) = (DATA.into(), path.len() as i64);
        let arguments = [
            base,
            0,
            at,
            len,
            oflags,
            rights,
            rights,
            fdflags,
            RESULT.into(),
        ];
        match self.call("path_open", &arguments) {
            0 => Ok(self.u32(RESULT).into()),
            errno => Err(errno),
        }
    }

    /// Calls a function of a descriptor and a path.
    fn path(&mut self, name: &str, path: &str) -> i32 {
        self.put(DATA, path.as_bytes());
        self.call(name, &[TMP.into(), DATA.into(), path.len() as i64])
    }

    fn write(&mut self, fd: i64, text: &str) -> Result<u32, i32> {
        self.put(DATA, text.as_bytes());
        self.iovec(0, DATA, text.len() as u32);
        match self.call("fd_write", &[fd, RECORDS.into(), 1, RESULT.into()]) {
            0 => Ok(self.u32(RESULT)),
            errno => Err(errno),
        }
    }

    fn read(&mut self, fd: i64, len: u32) -> Result<String, i32> {
        self.iovec(0, DATA, len);
        match self.call("fd_read", &[fd, RECORDS.into(), 1, RESULT.into()]) {
            0 => {
                let count = self.u32(RESULT);
                Ok(String::from_utf8(self.bytes(DATA, count)).unwrap())
            }
            errno => Err(errno),
        }
    }

    fn log(&mut self) -> Vec<String> {
        let now = self.state().account.now();
        let lines = self.state().log.finish(now);
        lines.into_iter().map(|line| line.text).collect()
    }
}

#[test]
fn all_of_preview_1_is_there_once() {
    let names: BTreeSet<_> = FUNCTIONS.iter().map(|function| function.name).collect();
    assert_eq!((names.len(), FUNCTIONS.len()), (46, 46));
}

#[test]
fn what_is_not_simulated_says_so_once() {
    let mut guest = Guest::new();
    for _ in 0..2 {
        assert_eq!(guest.call("sock_send", &[3, 0, 0, 0, 0]), 52);
    }
    assert_eq!(guest.call("path_symlink", &[0, 0, 3, 0, 0]), 52);
    let said = [
        "[playground] this function called sock_send, which is not simulated: it answers ENOSYS",
        "[playground] this function called path_symlink, which is not simulated: it answers ENOSYS",
    ];
    assert_eq!(guest.log(), said);
}

#[test]
fn every_call_is_paid_for_and_settles_the_gauge() {
    let mut guest = Guest::new();
    // The guest has used 1,000 units since it was entered.
    guest.burn(1_000);
    guest.ok("sched_yield", &[]);
    let clock = guest.state().account.clock().clone();
    assert_eq!(clock.fuel(), Fuel(1_000 + SYSTEM_CALL.0));
    assert_eq!(gauge::depth(guest.memory.gauge), 100, "depth is untouched");
    assert_eq!(
        gauge::fuel(guest.memory.gauge),
        SLICE.0 as i64,
        "a full slice again"
    );
}

#[test]
fn nothing_happens_after_the_deadline() {
    // One second of a whole CPU is the deadline; each of these would change something.
    let calls: [(&str, &[i64]); 6] = [
        ("fd_write", &[2, 64, 1, 0]),
        ("path_create_directory", &[3, 1024, 3]),
        ("random_get", &[512, 8]),
        ("clock_time_get", &[0, 1, 0]),
        ("fd_close", &[3]),
        ("sock_send", &[3, 0, 0, 0, 0]),
    ];
    for (name, arguments) in calls {
        for late in [2_000_000_000, 2_000_000_000 - 10] {
            let mut guest = Guest::new();
            guest.put(DATA, b"new");
            guest.iovec(0, DATA, 3);
            let before = guest.memory.bytes.clone();
            guest.burn(late);
            let end = guest.try_call(name, arguments);
            assert_eq!(end, Err(PhaseEnd::TimedOut), "{name}");
            assert_eq!(guest.memory.bytes, before, "{name}");
            assert_eq!(guest.log(), [""; 0], "{name}");
            assert_eq!(guest.state().wasi.descriptors.next(), Ok(4), "{name}");
            let files = guest.state().files.clone();
            let root = files.borrow().root();
            assert_eq!(files.borrow().entry(root, 2), Ok(None), "{name}");
        }
    }
}
