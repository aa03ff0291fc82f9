//! Programs from text, and processes under a clock.

use std::cell::RefCell;
use std::rc::Rc;

use lambda_playground::guest::clock::{Bandwidth, Clock};
use lambda_playground::guest::engine::interpreter::Interpreter;
use lambda_playground::guest::files::Files;
use lambda_playground::guest::process::outside::Outside;
use lambda_playground::guest::process::{
    PhaseEnd, PhaseReport, Process, Progress, SharedFiles, Surroundings, Verdict, Watch,
};
use lambda_playground::guest::program::Program;
use lambda_playground::problem::Problem;
use lambda_playground::sim::{SimDuration, SimTime};

/// 2026-01-15 00:00:00 UTC.
pub const EPOCH_MS: i64 = 1_768_435_200_000;

/// Every test's time limit unless it says otherwise; short, because loops run until then.
pub const DEADLINE: SimDuration = SimDuration::from_millis(50);

pub fn program(text: &str) -> Rc<Program> {
    try_program(text).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

pub fn try_program(text: &str) -> Result<Rc<Program>, Vec<Problem>> {
    Program::prepare(&Interpreter::new(), &wat::parse_str(text).unwrap())
}

pub fn surroundings() -> Surroundings {
    Surroundings {
        arguments: vec!["function".to_owned()],
        variables: vec![("TZ".to_owned(), ":UTC".to_owned())],
        memory_limit: 128 << 20,
        random_seed: 7,
        epoch_ms: EPOCH_MS,
        outside: Outside::default(),
    }
}

pub fn files() -> SharedFiles {
    Rc::new(RefCell::new(Files::new(512 << 20)))
}

pub fn patient() -> Watch {
    Rc::new(RefCell::new(|_: Progress| Verdict::Continue))
}

/// An environment: what it is given, and the time that goes on from phase to phase.
pub struct Environment {
    pub program: Rc<Program>,
    pub surroundings: Surroundings,
    pub files: SharedFiles,
    pub watch: Watch,
    pub bandwidth: Bandwidth,
    pub limit: SimDuration,
    pub now: SimTime,
    pub process: Option<Process>,
}

impl Environment {
    pub fn new(text: &str) -> Self {
        Self::of(program(text))
    }

    pub fn of(program: Rc<Program>) -> Self {
        Self {
            program,
            surroundings: surroundings(),
            files: files(),
            watch: patient(),
            bandwidth: Bandwidth::WHOLE,
            limit: DEADLINE,
            now: SimTime::ZERO,
            process: None,
        }
    }

    pub fn clock(&self) -> Clock {
        Clock::new(self.now, self.now + self.limit, self.bandwidth)
    }

    pub fn start(&mut self) -> PhaseReport {
        let (report, process) = Process::start(
            &self.program,
            self.surroundings.clone(),
            self.files.clone(),
            self.clock(),
            self.watch.clone(),
        );
        assert_eq!(process.is_some(), matches!(report.end, PhaseEnd::Done(_)));
        self.process = process;
        self.now = report.ended;
        report
    }

    /// Handles an event, starting first when there is no process.
    pub fn handle(&mut self, event: &str) -> PhaseReport {
        self.handle_with(event, &[])
    }

    pub fn handle_with(&mut self, event: &str, context: &[(String, String)]) -> PhaseReport {
        self.handle_event(event.as_bytes(), context)
    }

    pub fn handle_bytes(&mut self, event: &[u8]) -> PhaseReport {
        self.handle_event(event, &[])
    }

    fn handle_event(&mut self, event: &[u8], context: &[(String, String)]) -> PhaseReport {
        if self.process.is_none() {
            let report = self.start();
            assert_eq!(report.end, PhaseEnd::Done(Vec::new()));
        }
        let clock = self.clock();
        let process = self.process.as_mut().expect("it was started");
        let report = process.handle(event, context, clock);
        if !report.end.is_alive() {
            self.process = None;
        }
        assert!(report.ended <= self.now + self.limit);
        self.now = report.ended;
        report
    }
}

/// The end of one event handled by a fresh process.
pub fn end(text: &str) -> PhaseEnd {
    Environment::new(text).handle("{}").end
}

pub fn done(answer: &str) -> PhaseEnd {
    PhaseEnd::Done(answer.as_bytes().to_vec())
}

pub fn texts(report: &PhaseReport) -> Vec<&str> {
    report.log.iter().map(|line| line.text.as_str()).collect()
}

/// A handler module: `body` is the handler's, with the event at `$p`, `$n`; `rest` stands beside it. The event goes to
/// 4096.
pub fn handler(rest: &str, body: &str) -> String {
    handler_with("", rest, body)
}

/// The same with imports.
pub fn handler_with(imports: &str, rest: &str, body: &str) -> String {
    format!(
        r#"(module {imports}
            (memory (export "memory") 1)
            {rest}
            (func (export "alloc") (param i32) (result i32) i32.const 4096)
            (func (export "handler") (param $p i32) (param $n i32) (result i64)
                {body}))"#
    )
}

/// What a handler returns for `length` bytes at `at`.
pub fn packed(at: u64, length: u64) -> String {
    format!("i64.const {}", at << 32 | length)
}

/// Imports of WASI by name and WAT type.
pub fn wasi(functions: &[(&str, &str)]) -> String {
    functions
        .iter()
        .map(|(name, ty)| {
            format!(r#"(import "wasi_snapshot_preview1" "{name}" (func ${name} {ty}))"#)
        })
        .collect()
}
