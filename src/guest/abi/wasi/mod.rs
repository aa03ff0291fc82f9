//! WASI preview 1, the interface of `wasm32-wasip1`: 46 functions, their types and numbers as in its witx description.
//!
//! Every pointer and length comes from an uploaded module: ranges are checked before anything is allocated or changed,
//! counts are bounded, and copying is paid for in advance.

mod clocks;
mod descriptors;
mod directories;
mod environment;
mod errno;
mod files;
mod layout;
mod poll;
mod streams;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::call::{Call, HostFunction};
use super::prices::{NAME_LOOKUP, QUERY, SYSTEM_CALL};
use crate::guest::engine::{Stop, Value};
use crate::guest::files::NodeId;
use crate::guest::meter::ValueType::{self, I32, I64};
use crate::guest::process::SharedFiles;
use descriptors::Descriptors;

pub use descriptors::{MAX_DESCRIPTORS, PREOPENED};
pub use errno::Errno;
use errno::{Failure, file_errno};
pub use poll::MAX_SUBSCRIPTIONS;
pub use streams::{MAX_ANSWER_BYTES, MAX_BUFFERS};

/// Module name of these imports.
pub const MODULE: &str = "wasi_snapshot_preview1";

/// What WASI keeps for one process.
pub struct Wasi {
    descriptors: Descriptors,
    input: streams::Input,
    output: streams::Output,
    /// Functions that were named in the log as not simulated.
    named: BTreeSet<&'static str>,
    /// Open files that stand for operations of other services, and the operations.
    operations: BTreeMap<NodeId, Vec<u8>>,
}

impl Wasi {
    /// For a process that reads its input to the end at once and whose output is its log.
    pub fn logging(files: &SharedFiles) -> Self {
        Self {
            descriptors: Descriptors::new(files),
            input: streams::Input::default(),
            output: streams::Output::Log,
            named: BTreeSet::new(),
            operations: BTreeMap::new(),
        }
    }

    /// For a process that reads `input` and whose output is its answer.
    pub fn answering(files: &SharedFiles, input: Vec<u8>) -> Self {
        Self {
            input: streams::Input::new(input),
            output: streams::Output::Answer(Vec::new()),
            ..Self::logging(files)
        }
    }

    /// The answer so far.
    pub fn take_answer(&mut self) -> Vec<u8> {
        match &mut self.output {
            streams::Output::Answer(bytes) => std::mem::take(bytes),
            streams::Output::Log => Vec::new(),
        }
    }
}

/// A function that answers with an error number.
macro_rules! function {
    ($name:literal, $parameters:expr, $price:expr, $run:path) => {
        HostFunction {
            name: $name,
            parameters: $parameters,
            result: Some(I32),
            price: $price,
            run: |call, arguments| {
                let result = $run(call, arguments);
                answer(call, result)
            },
        }
    };
}

/// A function that is there so that modules link, and does nothing.
macro_rules! not_simulated {
    ($name:literal, $parameters:expr) => {
        HostFunction {
            name: $name,
            parameters: $parameters,
            result: Some(I32),
            price: SYSTEM_CALL,
            run: |call, _| Ok(not_simulated(call, $name)),
        }
    };
}

const I: ValueType = I32;
const L: ValueType = I64;

/// The functions, in the order of the witx description.
#[rustfmt::skip]
pub static FUNCTIONS: &[HostFunction] = &[
    function!("args_get", &[I, I], QUERY, environment::args_get),
    function!("args_sizes_get", &[I, I], QUERY, environment::args_sizes_get),
    function!("environ_get", &[I, I], QUERY, environment::environ_get),
    function!("environ_sizes_get", &[I, I], QUERY, environment::environ_sizes_get),
    function!("clock_res_get", &[I, I], QUERY, clocks::clock_res_get),
    function!("clock_time_get", &[I, L, I], QUERY, clocks::clock_time_get),
    function!("fd_advise", &[I, L, L, I], SYSTEM_CALL, files::fd_advise),
    function!("fd_allocate", &[I, L, L], SYSTEM_CALL, files::fd_allocate),
    function!("fd_close", &[I], SYSTEM_CALL, files::fd_close),
    function!("fd_datasync", &[I], SYSTEM_CALL, files::fd_sync),
    function!("fd_fdstat_get", &[I, I], SYSTEM_CALL, files::fd_fdstat_get),
    function!("fd_fdstat_set_flags", &[I, I], SYSTEM_CALL, files::fd_fdstat_set_flags),
    not_simulated!("fd_fdstat_set_rights", &[I, L, L]),
    function!("fd_filestat_get", &[I, I], SYSTEM_CALL, files::fd_filestat_get),
    function!("fd_filestat_set_size", &[I, L], SYSTEM_CALL, files::fd_filestat_set_size),
    not_simulated!("fd_filestat_set_times", &[I, L, L, I]),
    function!("fd_pread", &[I, I, I, L, I], SYSTEM_CALL, streams::fd_pread),
    function!("fd_prestat_get", &[I, I], QUERY, directories::fd_prestat_get),
    function!("fd_prestat_dir_name", &[I, I, I], QUERY, directories::fd_prestat_dir_name),
    function!("fd_pwrite", &[I, I, I, L, I], SYSTEM_CALL, streams::fd_pwrite),
    function!("fd_read", &[I, I, I, I], SYSTEM_CALL, streams::fd_read),
    function!("fd_readdir", &[I, I, I, L, I], SYSTEM_CALL, directories::fd_readdir),
    function!("fd_renumber", &[I, I], SYSTEM_CALL, files::fd_renumber),
    function!("fd_seek", &[I, L, I, I], SYSTEM_CALL, files::fd_seek),
    function!("fd_sync", &[I], SYSTEM_CALL, files::fd_sync),
    function!("fd_tell", &[I, I], SYSTEM_CALL, files::fd_tell),
    function!("fd_write", &[I, I, I, I], SYSTEM_CALL, streams::fd_write),
    function!("path_create_directory", &[I, I, I], NAME_LOOKUP, directories::path_create_directory),
    function!("path_filestat_get", &[I, I, I, I, I], NAME_LOOKUP, directories::path_filestat_get),
    not_simulated!("path_filestat_set_times", &[I, I, I, I, L, L, I]),
    not_simulated!("path_link", &[I, I, I, I, I, I, I]),
    function!("path_open", &[I, I, I, I, I, L, L, I, I], NAME_LOOKUP, directories::path_open),
    not_simulated!("path_readlink", &[I, I, I, I, I, I]),
    function!("path_remove_directory", &[I, I, I], NAME_LOOKUP, directories::path_remove_directory),
    function!("path_rename", &[I, I, I, I, I, I], NAME_LOOKUP, directories::path_rename),
    not_simulated!("path_symlink", &[I, I, I, I, I]),
    function!("path_unlink_file", &[I, I, I], NAME_LOOKUP, directories::path_unlink_file),
    function!("poll_oneoff", &[I, I, I, I], SYSTEM_CALL, poll::poll_oneoff),
    HostFunction { name: "proc_exit", parameters: &[I], result: None, price: SYSTEM_CALL, run: environment::proc_exit },
    not_simulated!("proc_raise", &[I]),
    function!("sched_yield", &[], SYSTEM_CALL, clocks::sched_yield),
    function!("random_get", &[I, I], SYSTEM_CALL, environment::random_get),
    not_simulated!("sock_accept", &[I, I, I]),
    not_simulated!("sock_recv", &[I, I, I, I, I, I]),
    not_simulated!("sock_send", &[I, I, I, I, I]),
    not_simulated!("sock_shutdown", &[I, I]),
];

/// Turns what a function did into its error number, 0 for success.
fn answer(call: &mut Call<'_>, result: Result<(), Failure>) -> Result<Option<Value>, Stop> {
    let errno = match result {
        Ok(()) => 0,
        Err(Failure::Errno(errno)) => errno as i32,
        Err(Failure::Stop(stop)) => return Err(stop),
        Err(Failure::File(error)) => match file_errno(error) {
            Ok(errno) => errno as i32,
            Err(end) => return Err(call.state.stop(end)),
        },
    };
    Ok(Some(Value::I32(errno)))
}

/// Answers that there is no such function, and says so in the log the first time.
fn not_simulated(call: &mut Call<'_>, name: &'static str) -> Option<Value> {
    if call.state.wasi.named.insert(name) {
        call.state.note(&format!(
            "this function called {name}, which is not simulated: it answers ENOSYS"
        ));
    }
    Some(Value::I32(Errno::Nosys as i32))
}

/// The outcome of a WASI function.
type Outcome = Result<(), Failure>;
