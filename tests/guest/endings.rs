//! Every way in which a phase can end.

use std::cell::RefCell;
use std::rc::Rc;

use lambda_playground::guest::engine::Trap;
use lambda_playground::guest::process::account::WATCH_INTERVAL;
use lambda_playground::guest::process::{PhaseEnd, Progress, Verdict};
use lambda_playground::sim::SimDuration;

use crate::support::*;

const LOOP: &str = "(loop $l (br $l)) i64.const 0";

#[test]
fn traps_are_told_apart() {
    let rest = r#"
        (type $v (func)) (type $i (func (param i32)))
        (table 4 funcref) (elem (i32.const 0) $f) (func $f)"#;
    let cases = [
        ("unreachable", Trap::Unreachable),
        (
            "(drop (i32.load (i32.const 65533)))",
            Trap::MemoryOutOfBounds,
        ),
        (
            "(memory.fill (i32.const 65535) (i32.const 0) (i32.const 2))",
            Trap::MemoryOutOfBounds,
        ),
        (
            "(call_indirect (type $v) (i32.const 4))",
            Trap::TableOutOfBounds,
        ),
        (
            "(call_indirect (type $v) (i32.const 1))",
            Trap::BadIndirectCall,
        ),
        (
            "(call_indirect (type $i) (i32.const 1) (i32.const 0))",
            Trap::BadIndirectCall,
        ),
        (
            "(drop (i32.div_u (i32.const 1) (i32.const 0)))",
            Trap::DivideByZero,
        ),
        (
            "(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))",
            Trap::Unrepresentable,
        ),
        (
            "(drop (i32.trunc_f64_s (f64.const nan)))",
            Trap::Unrepresentable,
        ),
    ];
    for (body, trap) in cases {
        let text = handler(rest, &format!("{body} i64.const 0"));
        assert_eq!(end(&text), PhaseEnd::Trapped(trap), "{body}");
    }
}

#[test]
fn traps_at_the_start_end_init() {
    let cases = [
        "(func $s unreachable) (start $s)",
        r#"(func (export "_initialize") unreachable)"#,
    ];
    for rest in cases {
        let report = Environment::new(&handler(rest, "i64.const 0")).start();
        assert_eq!(report.end, PhaseEnd::Trapped(Trap::Unreachable), "{rest}");
    }
    let segment = r#"(data (i32.const 65535) "ab")"#;
    let report = Environment::new(&handler(segment, "i64.const 0")).start();
    assert_eq!(report.end, PhaseEnd::Trapped(Trap::MemoryOutOfBounds));
    let element = "(table 1 funcref) (elem (i32.const 1) $f) (func $f)";
    let report = Environment::new(&handler(element, "i64.const 0")).start();
    assert_eq!(report.end, PhaseEnd::Trapped(Trap::TableOutOfBounds));
}

#[test]
fn a_loop_ends_at_the_deadline() {
    let mut environment = Environment::new(&handler("", LOOP));
    environment.start();
    let began = environment.now;
    let report = environment.handle("{}");
    assert_eq!(report.end, PhaseEnd::TimedOut);
    assert_eq!(report.ended, began + DEADLINE);
    assert!(report.cpu >= DEADLINE);
    assert!(
        report.cpu < DEADLINE + SimDuration::from_micros(1),
        "{:?}",
        report.cpu
    );
}

#[test]
fn init_can_time_out_too() {
    let rest = r#"(func (export "_initialize") (loop $l (br $l)))"#;
    let report = Environment::new(&handler(rest, "i64.const 0")).start();
    assert_eq!(report.end, PhaseEnd::TimedOut);
    assert_eq!(report.ended.as_nanos(), DEADLINE.as_nanos());
    let mut environment = Environment::new(&handler("", "i64.const 0"));
    environment.limit = SimDuration::from_nanos(10);
    assert_eq!(
        environment.start().end,
        PhaseEnd::TimedOut,
        "loading takes longer"
    );
}

#[test]
fn recursion_overflows_the_stack() {
    let rest = "(func $f (param i32) (result i32) (i32.add (call $f (local.get 0)) (i32.const 1)))";
    let text = handler(rest, "(drop (call $f (i32.const 0))) i64.const 0");
    assert_eq!(end(&text), PhaseEnd::StackOverflow);
    // A frame with many locals must not exhaust the engine's own stack first.
    let wide = format!(
        "(func $f (param i32) (result i32) (local {}) (i32.add (call $f (local.get 0)) (i32.wrap_i64 (local.get 9))))",
        "i64 ".repeat(5_000)
    );
    let text = handler(&wide, "(drop (call $f (i32.const 0))) i64.const 0");
    assert_eq!(end(&text), PhaseEnd::StackOverflow);
}

#[test]
fn depth_comes_back_with_every_call() {
    let rest = "
        (func $f (param i32) (if (local.get 0) (then
            (call $f (i32.sub (local.get 0) (i32.const 1))))))";
    let mut environment = Environment::new(&handler(rest, "(call $f (i32.const 500)) i64.const 0"));
    for _ in 0..200 {
        assert_eq!(environment.handle("{}").end, done(""));
    }
}

#[test]
fn growing_past_the_limit_is_out_of_memory() {
    let body =
        "(loop $l (br_if $l (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) i64.const 0";
    let mut environment = Environment::new(&handler("", body));
    let report = environment.handle("{}");
    assert_eq!(report.end, PhaseEnd::OutOfMemory);
    assert!(report.memory_peak <= 128 << 20);
    assert!(report.memory_peak > (128 << 20) - 16 * 65_536 - 1);
    let grow = "(drop (memory.grow (i32.const 99))) i64.const 0";
    let mut environment = Environment::new(&handler("", grow));
    let report = environment.handle("{}");
    assert_eq!((report.end, report.memory_peak), (done(""), 100 * 65_536));
}

#[test]
fn a_memory_too_large_from_the_start_is_out_of_memory() {
    let text =
        handler("", "i64.const 0").replace("(export \"memory\") 1", "(export \"memory\") 2049");
    let mut environment = Environment::new(&text);
    assert_eq!(environment.start().end, PhaseEnd::OutOfMemory);
    let text = text.replace("2049", "2048");
    let mut environment = Environment::new(&text);
    assert_eq!(
        environment.start().end,
        done(""),
        "the limit itself is allowed"
    );
}

#[test]
fn our_own_patience_is_told_apart() {
    let asked = Rc::new(RefCell::new(Vec::new()));
    let seen = asked.clone();
    let mut environment = Environment::new(&handler("", LOOP));
    environment.watch = Rc::new(RefCell::new(move |progress: Progress| {
        seen.borrow_mut().push(progress);
        if seen.borrow().len() < 3 {
            Verdict::Continue
        } else {
            Verdict::GiveUp
        }
    }));
    let report = environment.handle("{}");
    assert_eq!(report.end, PhaseEnd::OutOfPatience);
    let asked = asked.borrow();
    assert_eq!(asked.len(), 3);
    for (index, progress) in (1..).zip(asked.iter()) {
        let fuel = progress.fuel.0;
        let due = index * WATCH_INTERVAL.0;
        assert!(fuel >= due && fuel < due + due / 4, "{fuel}");
        assert!(progress.now < progress.deadline);
    }
    assert!(report.ended < environment.now + environment.limit);
}

#[test]
fn our_own_patience_ends_after_one_huge_host_call_too() {
    let asked = Rc::new(RefCell::new(0));
    let seen = asked.clone();
    // Standard output takes 64 MiB at once, which is 8 ms of copying; what follows is never reached.
    let text = handler_with(
        &wasi(&[("fd_write", "(param i32 i32 i32 i32) (result i32)")]),
        "",
        "(drop (memory.grow (i32.const 1100)))
         (i32.store (i32.const 0) (i32.const 65536)) (i32.store (i32.const 4) (i32.const 67108864))
         (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))) unreachable",
    );
    let mut environment = Environment::new(&text);
    environment.watch = Rc::new(RefCell::new(move |progress: Progress| {
        *seen.borrow_mut() += 1;
        if progress.fuel.0 > (64 << 20) / 4 {
            Verdict::GiveUp
        } else {
            Verdict::Continue
        }
    }));
    assert_eq!(environment.handle("{}").end, PhaseEnd::OutOfPatience);
    assert!(*asked.borrow() >= 1);
}

#[test]
fn every_memory_counts() {
    let rest = "(memory $other 3) (memory $third 1)";
    let body = "(drop (memory.grow $other (i32.const 20))) (drop (memory.grow $third (i32.const 5))) i64.const 0";
    let mut environment = Environment::new(&handler(rest, body));
    assert_eq!(environment.start().memory_peak, 5 * 65_536);
    let report = environment.handle("{}");
    assert_eq!((report.end, report.memory_peak), (done(""), 30 * 65_536));
    let body = "(drop (memory.grow $other (i32.const 1000))) (drop (memory.grow $third (i32.const 1044))) i64.const 0";
    let report = Environment::new(&handler(rest, body)).handle("{}");
    assert_eq!(
        report.end,
        PhaseEnd::OutOfMemory,
        "2049 pages are more than 128 MiB"
    );
    assert_eq!(report.memory_peak, 1_005 * 65_536);
}
