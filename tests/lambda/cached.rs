//! Cached mode: what a real module did for the same event in the same state is used again, and labelled.

use std::rc::Rc;

use lambda_playground::lambda::cloud::Setup;
use lambda_playground::lambda::event::{Entry, InvocationType, Origin};
use lambda_playground::lambda::function::{Deployment, Package};
use lambda_playground::lambda::summary;
use lambda_playground::lambda::traffic::{Pattern, Rate};

use crate::fleet::*;
use crate::scripted::*;

const SYNC: InvocationType = InvocationType::RequestResponse;

/// Runs scripted code in cached mode under load; returns the trace and how many events and starts were run for real.
fn run_cached(code: Scripted, pattern: Pattern) -> (Vec<Entry>, usize, usize) {
    let seen = code.seen.clone();
    let function = Deployment::new(config(1_769, 3), Package::Cached(Rc::new(code)));
    let entries = play(Setup {
        loads: vec![load(pattern, call(SYNC, "my-function", None))],
        ..fleet(vec![function])
    });
    let seen = seen.borrow();
    (entries, seen.events.len(), seen.starts.len())
}

fn steady() -> Pattern {
    Pattern::Constant {
        rate: Rate::per_second(100),
        seconds: 10,
    }
}

/// A function whose state does not change runs a few times for real; the outcome is the same, and says where it is from.
#[test]
fn a_settled_function_runs_no_more() {
    let code = || Scripted::new(|_| vec![Sleep(40)], |_| vec![Say("hello"), Work(25_000)]);
    let (entries, events, starts) = run_cached(code(), steady());
    assert_eq!((events, starts), (3, 1));
    let stories = summary::invocations(&entries);
    assert_eq!(stories.len(), 1_000);
    let reused = stories
        .iter()
        .filter(|s| s.attempts[0].origin == Some(Origin::Reused))
        .count();
    assert_eq!(reused, 997);

    // But for the labels it is the trace of code that runs each time.
    let real = play(Setup {
        loads: vec![load(steady(), call(SYNC, "my-function", None))],
        ..setup(config(1_769, 3), code(), vec![])
    });
    let told = |entries: &[Entry]| -> Vec<String> {
        lambda_playground::lambda::logs::lines(entries)
            .into_iter()
            .map(|line| line.text)
            .collect()
    };
    assert_eq!(told(&entries), told(&real));
}

/// A function that answers differently each time is run each time in each state, but once only: a second environment with
/// the same history does not run.
#[test]
fn a_changing_function_runs_once_for_each_state() {
    let code = Scripted::new(
        |_| vec![],
        |event| vec![Sleep(1_000), Work(event as u64 + 1)],
    );
    // Ten environments, all with the same history.
    let (entries, events, starts) = run_cached(code, Pattern::Burst { count: 10 });
    assert_eq!((events, starts), (1, 1));
    let stories = summary::invocations(&entries);
    assert!(
        stories
            .iter()
            .all(|s| s.last_report() == stories[0].last_report())
    );
}

/// Crashes belong to the history: the next invocation starts again, and that is known the second time too.
#[test]
fn a_crash_is_part_of_the_history() {
    use lambda_playground::guest::process::PhaseEnd;
    let code = || {
        Scripted::new(
            |_| vec![Sleep(10)],
            |_| vec![Work(100), End(PhaseEnd::Exited(1))],
        )
    };
    let (entries, events, starts) = run_cached(
        code(),
        Pattern::Constant {
            rate: Rate::per_second(10),
            seconds: 2,
        },
    );
    let stories = summary::invocations(&entries);
    assert_eq!(stories.len(), 20);
    assert!(
        stories[1..]
            .iter()
            .all(|s| s.last_report().unwrap().duration.as_nanos() == 10_100_000)
    );
    assert!(events <= 20 && starts <= 20, "{events} {starts}");
}
