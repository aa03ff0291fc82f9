//! A C program that goes through wasi-libc's files, directories, clocks and streams, and says what did not hold.

use lambda_playground::guest::engine::interpreter::Interpreter;
use lambda_playground::guest::program::Program;
use lambda_playground::sim::SimDuration;

use crate::support::*;

#[test]
fn c_programs_find_what_they_expect() {
    let module = include_bytes!("libc/libc.wasm");
    let program = Program::prepare(&Interpreter::new(), module).unwrap();
    let mut environment = Environment::of(program);
    for _ in 0..2 {
        let report = environment.handle("event");
        assert_eq!(report.end, done(""), "it leaves nothing behind");
        assert_eq!(texts(&report), ["to the log"]);
        assert_eq!(
            report.waited,
            SimDuration::from_millis(21),
            "all its sleeps"
        );
        assert_eq!(environment.files.borrow().used(), 0);
    }
}
