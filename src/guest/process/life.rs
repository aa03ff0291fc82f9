//! The life of a process: Init once, then one phase per event.

use std::cell::RefCell;
use std::rc::Rc;

use super::account::Account;
use super::host::ProcessHost;
use super::log::LogBook;
use super::memory::MemoryBook;
use super::{PhaseEnd, PhaseReport, SharedFiles, Surroundings, Watch};
use crate::guest::abi::call::State;
use crate::guest::abi::wasi::Wasi;
use crate::guest::abi::{Abi, prices};
use crate::guest::clock::Clock;
use crate::guest::engine::{CallError, Instance, OutOfBounds, Value};
use crate::guest::fuel::Fuel;
use crate::guest::meter::CALL_DEPTH_UNITS;
use crate::guest::program::{PAGE_BYTES, Program};
use crate::sim::Rng;

/// The most bytes of a handler's response, ten times what Lambda lets through.
pub const MAX_RESPONSE_BYTES: u32 = 64 << 20;

/// A process that is ready for the next event.
pub struct Process {
    program: Rc<Program>,
    host: Rc<RefCell<ProcessHost>>,
    /// The handler's instance; a command gets a new one for each event.
    instance: Option<Box<dyn Instance>>,
    memory_peak: u64,
}

impl Process {
    /// Starts a process: Lambda's Init phase. It instantiates the module, runs its start function, then `_initialize` (or
    /// `__wasm_call_ctors` when there is no `_initialize`). There is a process afterwards when the phase ended with
    /// [`PhaseEnd::Done`].
    ///
    /// A command is loaded and instantiated, so that it fails here if it must, but runs nothing yet.
    pub fn start(
        program: &Rc<Program>,
        surroundings: Surroundings,
        files: SharedFiles,
        clock: Clock,
        watch: Watch,
    ) -> (PhaseReport, Option<Self>) {
        let mut memory = MemoryBook::default();
        memory.begin(clock.started());
        memory.several = program.pages.is_some();
        let state = State {
            account: Account::new(clock, watch, program.slice),
            log: LogBook::default(),
            memory,
            random: Rng::for_component(surroundings.random_seed, "guest"),
            wasi: Wasi::logging(&files),
            surroundings,
            context: Vec::new(),
            files,
            failure: None,
            end: None,
        };
        let host = ProcessHost::new(program.bindings.clone(), state);
        let mut process = Self {
            program: program.clone(),
            host: Rc::new(RefCell::new(host)),
            instance: None,
            memory_peak: 0,
        };
        let end = match process.init() {
            Ok(()) => PhaseEnd::Done(Vec::new()),
            Err(end) => end,
        };
        let report = process.report(end);
        let started = matches!(report.end, PhaseEnd::Done(_));
        (report, started.then_some(process))
    }

    /// Handles one event: Lambda's Invoke phase. `context` are environment variables of this invocation alone; they come
    /// over those of the surroundings. After an end that [`PhaseEnd::is_alive`] denies, the process must be dropped.
    ///
    /// A handler keeps its state from event to event. A command is a new process each time; only `/tmp` and the sequence
    /// of random numbers go on.
    pub fn handle(
        &mut self,
        event: &[u8],
        context: &[(String, String)],
        clock: Clock,
    ) -> PhaseReport {
        self.with_state(|state| {
            state.memory.begin(clock.started());
            state.account.begin(clock);
            state.context = context.to_vec();
            state.failure = None;
            state.end = None;
        });
        let result = match self.program.abi {
            Abi::Handler => self.handle_by_export(event),
            Abi::WasiCommand => self.handle_by_command(event),
        };
        let end = match result {
            Ok(answer) => match self.with_state(|state| state.failure.take()) {
                Some((error_type, message)) => PhaseEnd::Failed {
                    error_type,
                    message,
                },
                None => PhaseEnd::Done(answer),
            },
            Err(end) => end,
        };
        self.report(end)
    }

    /// The most bytes the linear memories took since the process started.
    pub fn memory_peak(&self) -> u64 {
        self.memory_peak
    }

    fn init(&mut self) -> Result<(), PhaseEnd> {
        let program = self.program.clone();
        self.charge(prices::load(program.module_bytes))?;
        let mut instance = self.instantiate()?;
        if program.abi == Abi::WasiCommand {
            return Ok(());
        }
        self.run_start(&mut *instance)?;
        if let Some(export) = program.initializer {
            self.enter(&mut *instance, export, &[])?;
        }
        self.instance = Some(instance);
        match self.with_state(|state| state.failure.take()) {
            Some((error_type, message)) => Err(PhaseEnd::Failed {
                error_type,
                message,
            }),
            None => Ok(()),
        }
    }

    fn handle_by_export(&mut self, event: &[u8]) -> Result<Vec<u8>, PhaseEnd> {
        let mut instance = self.instance.take().ok_or_else(|| {
            PhaseEnd::EngineFailed("the process has crashed and was used again".to_owned())
        })?;
        self.note_memory(&mut *instance);
        let answer = self.call_handler(&mut *instance, event)?;
        self.instance = Some(instance);
        Ok(answer)
    }

    fn call_handler(
        &mut self,
        instance: &mut dyn Instance,
        event: &[u8],
    ) -> Result<Vec<u8>, PhaseEnd> {
        let length = i32::try_from(event.len())
            .map_err(|_| broken("the event is larger than 2 GiB".to_owned()))?;
        let at = self.enter(instance, "alloc", &[Value::I32(length)])?;
        let at = at.map_or(0, Value::u32);
        self.charge(prices::copy(event.len() as u64))?;
        let memory = instance.access().memory_bytes();
        instance.access().write(at, event).map_err(|_| {
            broken(format!(
                "`alloc({length})` gave the address {at:#x}, and {length} bytes there do not fit into the memory of {memory} bytes"
            ))
        })?;
        let arguments = [Value::I32(at as i32), Value::I32(length)];
        let packed = self.enter(instance, "handler", &arguments)?;
        let packed = packed.map_or(0, Value::u64);
        if self.with_state(|state| state.failure.is_some()) {
            return Ok(Vec::new());
        }
        let (at, length) = ((packed >> 32) as u32, packed as u32);
        let answer = self.read_response(instance, at, length)?;
        // A plain 0 names no buffer.
        if self.program.releases && packed != 0 {
            let arguments = [Value::I32(at as i32), Value::I32(length as i32)];
            self.enter(instance, "dealloc", &arguments)?;
        }
        Ok(answer)
    }

    fn read_response(
        &mut self,
        instance: &mut dyn Instance,
        at: u32,
        length: u32,
    ) -> Result<Vec<u8>, PhaseEnd> {
        if length == 0 {
            return Ok(Vec::new());
        }
        let memory = instance.access().memory_bytes();
        let outside = |_: OutOfBounds| {
            broken(format!(
                "`handler` returned {length} bytes at address {at:#x}, outside the memory of {memory} bytes; it must return `ptr << 32 | len`"
            ))
        };
        if u64::from(at) + u64::from(length) > memory {
            return Err(outside(OutOfBounds));
        }
        if length > MAX_RESPONSE_BYTES {
            return Err(broken(format!(
                "`handler` returned {length} bytes; more than {MAX_RESPONSE_BYTES} are not read"
            )));
        }
        self.charge(prices::copy(u64::from(length)))?;
        let mut answer = vec![0; length as usize];
        instance.access().read(at, &mut answer).map_err(outside)?;
        Ok(answer)
    }

    fn handle_by_command(&mut self, event: &[u8]) -> Result<Vec<u8>, PhaseEnd> {
        self.with_state(|state| {
            state.account.forget_earlier_cpu();
            state.wasi = Wasi::answering(&state.files, event.to_vec());
        });
        let result = self.run_command();
        let answer = self.with_state(|state| {
            let answer = state.wasi.take_answer();
            // Closes what the command left open.
            state.wasi = Wasi::logging(&state.files);
            answer
        });
        match result {
            Ok(()) | Err(PhaseEnd::Exited(0)) => Ok(answer),
            Err(end) => Err(end),
        }
    }

    fn run_command(&mut self) -> Result<(), PhaseEnd> {
        self.charge(prices::PROCESS_START)?;
        let mut instance = self.instantiate()?;
        self.run_start(&mut *instance)?;
        self.enter(&mut *instance, "_start", &[])?;
        Ok(())
    }

    fn instantiate(&mut self) -> Result<Box<dyn Instance>, PhaseEnd> {
        let program = self.program.clone();
        self.charge(prices::instantiate(program.data_bytes))?;
        let pages = self.with_state(|state| state.surroundings.memory_limit / PAGE_BYTES);
        if program.initial_pages > pages {
            return Err(PhaseEnd::OutOfMemory);
        }
        let mut instance = program
            .compiled
            .instantiate(self.host.clone())
            .map_err(|error| self.ended(error))?;
        let limit = i64::try_from(pages).unwrap_or(i64::MAX);
        instance.access().set_page_limit(limit);
        self.note_memory(&mut *instance);
        Ok(instance)
    }

    fn run_start(&mut self, instance: &mut dyn Instance) -> Result<(), PhaseEnd> {
        let program = self.program.clone();
        if let Some(export) = &program.start {
            self.enter(instance, export, &[])?;
        }
        Ok(())
    }

    /// Calls into the guest and accounts for what it did, however that ended.
    fn enter(
        &mut self,
        instance: &mut dyn Instance,
        export: &str,
        arguments: &[Value],
    ) -> Result<Option<Value>, PhaseEnd> {
        self.charge(Fuel::ZERO)?;
        let access = instance.access();
        self.with_state(|state| state.account.enter(access, CALL_DEPTH_UNITS));
        let result = instance.call(export, arguments);
        let access = instance.access();
        let in_time = self.with_state(|state| state.account.settle(access));
        self.note_memory(instance);
        match result {
            Err(error @ (CallError::Stopped | CallError::Engine(_))) => Err(self.ended(error)),
            // Whatever it did after the deadline, Lambda would not have seen it.
            result => {
                in_time?;
                result.map_err(|error| self.ended(error))
            }
        }
    }

    fn ended(&self, error: CallError) -> PhaseEnd {
        match error {
            CallError::Trap(trap) => PhaseEnd::Trapped(trap),
            CallError::Engine(text) => PhaseEnd::EngineFailed(text),
            CallError::Stopped => self
                .with_state(|state| state.end.take())
                .unwrap_or_else(|| {
                    PhaseEnd::EngineFailed("the engine stopped without being told to".to_owned())
                }),
        }
    }

    /// Memories only grow, so looking after each call finds the peak.
    fn note_memory(&mut self, instance: &mut dyn Instance) {
        let size = match &self.program.pages {
            None => instance.access().memory_bytes(),
            // A function of the meter's, which neither burns fuel nor fails.
            Some(export) => match instance.call(export, &[]) {
                Ok(Some(pages)) => pages.u64().saturating_mul(PAGE_BYTES),
                _ => instance.access().memory_bytes(),
            },
        };
        self.memory_peak = self.memory_peak.max(size);
        self.with_state(|state| {
            let clock = state.account.clock();
            let now = clock.now().min(clock.deadline());
            state.memory.note(now, size);
        });
    }

    fn charge(&self, fuel: Fuel) -> Result<(), PhaseEnd> {
        self.with_state(|state| state.account.charge(fuel))
    }

    fn report(&self, end: PhaseEnd) -> PhaseReport {
        self.with_state(|state| {
            let clock = state.account.clock();
            let log = state.log.finish(clock.now().min(clock.deadline()));
            let mut report = PhaseReport::new(end, clock, self.memory_peak, log);
            report.memory = state.memory.take();
            report
        })
    }

    /// The host's state, between calls into the guest.
    fn with_state<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.host.borrow_mut().state)
    }
}

fn broken(text: String) -> PhaseEnd {
    PhaseEnd::BrokenContract(text)
}
