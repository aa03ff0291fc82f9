//! A function that does what a script says, and a caller that says what it sees: shared by tests and benchmarks.

use std::cell::RefCell;
use std::rc::Rc;

use lambda_playground::guest::clock::Clock;
use lambda_playground::guest::files::Files;
use lambda_playground::guest::fuel::Fuel;
use lambda_playground::guest::process::{
    LogLine, PhaseEnd, PhaseReport, Progress, SharedFiles, Surroundings, Verdict, Watch,
};
use lambda_playground::lambda::caller::{Call, Caller, Moment, Request};
use lambda_playground::lambda::cloud::{Cloud, Setup};
use lambda_playground::lambda::config::FunctionConfig;
use lambda_playground::lambda::event::{CallerView, Entry, InvocationType, InvokeResponse};
use lambda_playground::lambda::runtime::{Code, Running};
use lambda_playground::sim::check::Log;
use lambda_playground::sim::{SimDuration, SimTime};

/// One thing that a scripted function does.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Uses the CPU for this many microseconds of a whole vCPU.
    Work(u64),
    /// Sleeps for this many milliseconds.
    Sleep(u64),
    /// Writes a line.
    Say(&'static str),
    /// Lets the linear memory grow to this many bytes.
    Grow(u64),
    /// Ends like this; a script without it answers `null`.
    End(PhaseEnd),
}

pub use Act::{End, Grow, Say, Sleep, Work};

/// Answers with this text.
pub fn answer(text: &str) -> Act {
    End(PhaseEnd::Done(text.as_bytes().to_vec()))
}

/// Reports an error of the function's own.
pub fn fail(error_type: &str, message: &str) -> Act {
    End(PhaseEnd::Failed {
        error_type: error_type.to_owned(),
        message: message.to_owned(),
    })
}

/// What the scripted function was given, in order.
#[derive(Default)]
pub struct Seen {
    /// Surroundings of each start.
    pub starts: Vec<Surroundings>,
    /// Which `/tmp` each start was given: the address of the shared files.
    pub files: Vec<SharedFiles>,
    /// For each event handled: how many events this process handled before it, the event and the context.
    pub events: Vec<(usize, Vec<u8>, Variables)>,
}

type Variables = Vec<(String, String)>;

type Script = Rc<dyn Fn(usize) -> Vec<Act>>;

/// Code whose starts and handlers follow scripts, chosen by how many starts or events came before in the whole run.
pub struct Scripted {
    size: u64,
    start: Script,
    handle: Script,
    pub seen: Rc<RefCell<Seen>>,
}

impl Scripted {
    pub fn new(
        start: impl Fn(usize) -> Vec<Act> + 'static,
        handle: impl Fn(usize) -> Vec<Act> + 'static,
    ) -> Self {
        Self {
            size: 0,
            start: Rc::new(start),
            handle: Rc::new(handle),
            seen: Rc::default(),
        }
    }

    /// Starts in no time and answers `null` in no time.
    pub fn idle() -> Self {
        Self::new(|_| Vec::new(), |_| Vec::new())
    }

    /// Starts in no time, and does the same for every event.
    pub fn always(acts: Vec<Act>) -> Self {
        Self::new(|_| Vec::new(), move |_| acts.clone())
    }

    pub fn size(mut self, size: u64) -> Self {
        self.size = size;
        self
    }
}

impl Code for Scripted {
    fn size(&self) -> u64 {
        self.size
    }

    fn files(&self, limit_bytes: u64) -> SharedFiles {
        Rc::new(RefCell::new(Files::new(limit_bytes)))
    }

    fn start(
        &self,
        surroundings: Surroundings,
        files: SharedFiles,
        clock: Clock,
        watch: Watch,
    ) -> (PhaseReport, Option<Box<dyn Running>>) {
        let mut seen = self.seen.borrow_mut();
        let number = seen.starts.len();
        let mut process = Process {
            memory_limit: surroundings.memory_limit,
            memory_peak: 0,
            handled: 0,
            handle: Rc::clone(&self.handle),
            seen: Rc::clone(&self.seen),
            watch,
        };
        seen.starts.push(surroundings);
        seen.files.push(files);
        drop(seen);
        let report = process.perform((self.start)(number), b"", clock);
        let started = matches!(report.end, PhaseEnd::Done(_));
        (report, started.then(|| Box::new(process) as _))
    }
}

struct Process {
    memory_limit: u64,
    memory_peak: u64,
    handled: usize,
    handle: Script,
    seen: Rc<RefCell<Seen>>,
    watch: Watch,
}

impl Process {
    fn perform(&mut self, script: Vec<Act>, default: &[u8], mut clock: Clock) -> PhaseReport {
        let mut log = Vec::new();
        let mut end = PhaseEnd::Done(default.to_vec());
        for act in script {
            match act {
                Work(micros) => {
                    clock.work(Fuel::in_cpu_time(SimDuration::from_micros(micros)));
                }
                Sleep(millis) => clock.wait(SimDuration::from_millis(millis)),
                Say(text) => log.push(LogLine {
                    at: clock.now(),
                    text: text.to_owned(),
                }),
                Grow(bytes) if bytes > self.memory_limit => {
                    self.memory_peak = self.memory_limit;
                    end = PhaseEnd::OutOfMemory;
                    break;
                }
                Grow(bytes) => self.memory_peak = self.memory_peak.max(bytes),
                End(chosen) => {
                    end = chosen;
                    break;
                }
            }
            let verdict = (self.watch.borrow_mut())(Progress {
                now: clock.now(),
                deadline: clock.deadline(),
                fuel: clock.fuel(),
            });
            if clock.is_over() {
                end = PhaseEnd::TimedOut;
                break;
            }
            if verdict == Verdict::GiveUp {
                end = PhaseEnd::OutOfPatience;
                break;
            }
        }
        PhaseReport::new(end, &clock, self.memory_peak, log)
    }
}

impl Running for Process {
    fn handle(&mut self, event: &[u8], context: &[(String, String)], clock: Clock) -> PhaseReport {
        let mut seen = self.seen.borrow_mut();
        let number = seen.events.len();
        seen.events
            .push((self.handled, event.to_vec(), context.to_vec()));
        drop(seen);
        self.handled += 1;
        let script = (self.handle)(number);
        self.perform(script, b"null", clock)
    }
}

/// A caller that repeats what it was told.
pub struct Echo {
    pub kind: InvocationType,
    pub timeout: Option<SimDuration>,
}

impl Caller for Echo {
    fn id(&self) -> &str {
        "echo"
    }

    fn invocation_type(&self) -> InvocationType {
        self.kind
    }

    fn timeout(&self) -> Option<SimDuration> {
        self.timeout
    }

    fn view(&self, response: &InvokeResponse) -> CallerView {
        CallerView {
            status: Some(response.status),
            headers: Vec::new(),
            body: response.payload.clone(),
            ok: response.status < 300 && response.function_error.is_none(),
            explanation: String::new(),
        }
    }

    fn timed_out(&self) -> CallerView {
        CallerView {
            status: Some(504),
            headers: Vec::new(),
            body: String::new(),
            ok: false,
            explanation: "gave up".to_owned(),
        }
    }
}

/// A request by a caller that waits for ever.
pub fn request(kind: InvocationType, when: Moment, payload: &str) -> Request {
    let caller = Rc::new(Echo {
        kind,
        timeout: None,
    });
    Request {
        when,
        call: Call::new(caller, payload),
    }
}

/// The same request with another event.
pub fn with_event(request: Request, payload: &str) -> Request {
    Request {
        call: Call {
            payload: payload.into(),
            ..request.call
        },
        ..request
    }
}

/// A synchronous request at a time given in milliseconds.
pub fn sync_at(millis: u64) -> Request {
    let at = SimTime::ZERO + SimDuration::from_millis(millis);
    request(InvocationType::RequestResponse, Moment::At(at), "{}")
}

/// A synchronous request as soon as the one before is over.
pub fn sync_next() -> Request {
    request(
        InvocationType::RequestResponse,
        Moment::AfterPrevious(SimDuration::ZERO),
        "{}",
    )
}

/// A synchronous request with this event at the start.
pub fn sync_with(payload: &str) -> Request {
    request(
        InvocationType::RequestResponse,
        Moment::At(SimTime::ZERO),
        payload,
    )
}

/// An asynchronous request with this event, at a time given in milliseconds.
pub fn event_at(millis: u64, payload: &str) -> Request {
    let at = SimTime::ZERO + SimDuration::from_millis(millis);
    request(InvocationType::Event, Moment::At(at), payload)
}

/// A watch that never loses patience.
pub fn patient() -> Watch {
    Rc::new(RefCell::new(|_| Verdict::Continue))
}

/// A function with this much memory and this timeout.
pub fn config(memory: u32, timeout: u32) -> FunctionConfig {
    use lambda_playground::lambda::config::{MemoryMb, TimeoutSeconds};
    FunctionConfig {
        memory: MemoryMb(memory),
        timeout: TimeoutSeconds(timeout),
        ..FunctionConfig::default()
    }
}

/// A set-up on 5 January 2026, noon, with seed 1.
pub fn setup(config: FunctionConfig, code: Scripted, requests: Vec<Request>) -> Setup {
    Setup {
        epoch_ms: 1_767_614_400_000,
        requests,
        ..Setup::new(config, Rc::new(code), patient())
    }
}

/// Runs to the end and hands out the trace.
pub fn play(setup: Setup) -> Vec<Entry> {
    let log = setup.log.clone();
    let mut cloud = Cloud::start(setup);
    while cloud.step() {}
    let entries = cloud.take_entries();
    for entry in &entries {
        log.note(|| format!("{entry:?}"));
    }
    entries
}

/// Runs a function of 1,769 MB (so that work takes its time and no more) and a 3 s timeout.
pub fn run(code: Scripted, requests: Vec<Request>) -> Vec<Entry> {
    play(setup(config(1_769, 3), code, requests))
}

/// A recording log, for set-ups that are run twice.
pub fn with_log(setup: Setup, log: Log) -> Setup {
    Setup { log, ..setup }
}

/// A point in time, in milliseconds.
pub fn ms(millis: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_millis(millis)
}
