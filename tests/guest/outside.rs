//! Calls to other services: the imports, and their equivalent in files.

use std::cell::RefCell;
use std::rc::Rc;

use lambda_playground::guest::process::PhaseEnd;
use lambda_playground::guest::process::outside::{
    MAX_CALLED_BYTES, MAX_CALLS, Outside, ROUND_TRIP, Reply,
};
use lambda_playground::sim::SimDuration;

use crate::support::*;

const CALL: &str = r#"(import "lambda" "call" (func $call (param i32 i32 i32 i32) (result i32)))
    (import "lambda" "answer" (func $answer (param i32 i32) (result i32)))"#;

/// Calls operation `Do` with `{"a":1}` and answers with what the service answered.
const ONCE: &str = r#"
    (drop (call $call (i32.const 0) (i32.const 2) (i32.const 16) (i32.const 7)))
    (i64.extend_i32_u (call $answer (i32.const 0) (i32.const 100)))"#;

const DATA: &str = r#"(data (i32.const 0) "Do") (data (i32.const 16) "{\"a\":1}")"#;

fn answered_by(text: &str, reply: Reply) -> (Environment, Rc<RefCell<Vec<String>>>) {
    let heard = Rc::new(RefCell::new(Vec::new()));
    let mut environment = Environment::new(text);
    let book = Rc::clone(&heard);
    environment.surroundings.outside = Outside::new(move |at, operation, body| {
        book.borrow_mut().push(format!("{at} {operation} {body}"));
        reply.clone()
    });
    (environment, heard)
}

#[test]
fn a_call_is_answered_and_takes_its_time() {
    let text = handler_with(CALL, DATA, ONCE);
    let (mut environment, heard) = answered_by(&text, Reply::refused(400, "No", "not today"));
    let report = environment.handle("{}");
    assert_eq!(report.end, done(r#"{"__type":"No","message":"not today"}"#));
    assert_eq!(heard.borrow().len(), 1);
    assert!(heard.borrow()[0].ends_with("Do {\"a\":1}"));
    assert!(report.waited >= ROUND_TRIP);
    let [call] = &report.calls[..] else {
        panic!("{:?}", report.calls);
    };
    assert_eq!((call.operation.as_str(), call.reply.status), ("Do", 400));
    // The calls belong to one event.
    assert_eq!(environment.handle("{}").calls.len(), 1);
}

#[test]
fn without_anybody_to_answer_the_operation_is_unknown() {
    let mut environment = Environment::new(&handler_with(CALL, DATA, ONCE));
    let PhaseEnd::Done(answer) = environment.handle("{}").end else {
        panic!("it answers");
    };
    assert!(String::from_utf8_lossy(&answer).contains("UnknownOperationException"));
}

#[test]
fn a_service_has_not_heard_of_a_call_that_comes_too_late() {
    let text = handler_with(CALL, DATA, ONCE);
    let (mut environment, heard) = answered_by(&text, Reply::taken());
    environment.limit = SimDuration::from_millis(10);
    let report = environment.handle("{}");
    assert_eq!(report.end, PhaseEnd::TimedOut);
    assert!(heard.borrow().is_empty() && report.calls.is_empty());
}

#[test]
fn who_calls_too_often_is_throttled() {
    let body = r#"(local $calls i32)
        (loop $again
          (drop (call $call (i32.const 0) (i32.const 2) (i32.const 16) (i32.const 7)))
          (local.set $calls (i32.add (local.get $calls) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $calls) (i32.const 1005))))
        (i64.extend_i32_u (call $answer (i32.const 0) (i32.const 100)))"#;
    let (mut environment, heard) = answered_by(&handler_with(CALL, DATA, body), Reply::taken());
    environment.limit = SimDuration::from_secs(60);
    let PhaseEnd::Done(answer) = environment.handle("{}").end else {
        panic!("it answers");
    };
    assert!(String::from_utf8_lossy(&answer).contains("ThrottlingException"));
    assert_eq!(heard.borrow().len(), MAX_CALLS);
}

/// What is answered is kept whole, so there is an end to it.
#[test]
fn the_bodies_of_one_phase_have_a_limit_together() {
    let body = r#"(local $calls i32)
        (loop $again
          (drop (call $call (i32.const 0) (i32.const 2) (i32.const 16384) (i32.const 32768)))
          (local.set $calls (i32.add (local.get $calls) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $calls) (i32.const 600))))
        (i64.extend_i32_u (call $answer (i32.const 0) (i32.const 100)))"#;
    let (mut environment, heard) = answered_by(&handler_with(CALL, DATA, body), Reply::taken());
    environment.limit = SimDuration::from_secs(60);
    let report = environment.handle("{}");
    let PhaseEnd::Done(answer) = report.end else {
        panic!("it answers");
    };
    assert!(String::from_utf8_lossy(&answer).contains("ThrottlingException"));
    assert_eq!(heard.borrow().len(), MAX_CALLED_BYTES / 32_768);
    assert!(report.calls.iter().all(|call| call.body.len() == 32_768));
}

#[test]
fn ranges_outside_the_memory_break_the_contract() {
    for body in [
        "(drop (call $call (i32.const -1) (i32.const 2) (i32.const 16) (i32.const 7))) (i64.const 0)",
        "(drop (call $call (i32.const 0) (i32.const 2) (i32.const 16) (i32.const 0x7000000))) (i64.const 0)",
        "(drop (call $answer (i32.const 0) (i32.const -1))) (i64.const 0)",
    ] {
        let end = end(&handler_with(CALL, DATA, body));
        // A body that is too large is refused before it is looked at.
        let refused = body.contains("0x7000000") && matches!(end, PhaseEnd::Done(_));
        assert!(
            refused || matches!(end, PhaseEnd::BrokenContract(_)),
            "{body}: {end:?}"
        );
    }
}

/// A command that writes `{"a":1}` into `/tmp/.aws/Do`, closes it, and answers with what it reads there.
const FILE: &str = r#"(module
    (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) ".aws/Do")
    (data (i32.const 16) "{\"a\":1}")
    (data (i32.const 32) "\10\00\00\00\07\00\00\00")
    (data (i32.const 48) "\00\01\00\00\00\01\00\00")
    (func (export "_start")
      ;; Create and write.
      (drop (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 7) (i32.const 9)
        (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 64)))
      (drop (call $write (i32.load (i32.const 64)) (i32.const 32) (i32.const 1) (i32.const 68)))
      (drop (call $close (i32.load (i32.const 64))))
      ;; Read the answer and hand it on.
      (drop (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 7) (i32.const 0)
        (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 64)))
      (drop (call $read (i32.load (i32.const 64)) (i32.const 48) (i32.const 1) (i32.const 52)))
      (drop (call $close (i32.load (i32.const 64))))
      (drop (call $write (i32.const 1) (i32.const 48) (i32.const 1) (i32.const 68)))))"#;

#[test]
fn a_file_under_the_folder_is_sent_when_it_is_closed() {
    let (mut environment, heard) = answered_by(FILE, Reply::taken());
    let report = environment.handle("{}");
    assert_eq!(report.end, done(r#"{"statusCode":200,"body":{}}"#));
    assert_eq!(heard.borrow().len(), 1, "reading sends nothing");
    assert_eq!(report.calls[0].body, "{\"a\":1}");
    // The folder is there from the first call on.
    assert_eq!(
        environment.handle("{}").end,
        done(r#"{"statusCode":200,"body":{}}"#)
    );
}
