//! State machines: each machine is played with scripted functions on a clock of its own.

use std::collections::BTreeMap;

use lambda_playground::trigger::states_language::{
    Execution, Machine, Order, StateError, TaskId, Timer,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const START: i64 = 1_767_614_400_000;

/// What one try of a function does.
type Answer = Result<Value, (&'static str, &'static str)>;

/// Plays a machine to its end: every function answers at once, from its script; timers ring in order. Returns what happened,
/// one line each, with the second it happened at.
fn play(
    machine: &Value,
    input: Value,
    mut answer: impl FnMut(&str, &Value, u32) -> Option<Answer>,
) -> (Vec<String>, Result<Value, StateError>) {
    let machine =
        Machine::parse(&machine.to_string()).unwrap_or_else(|problems| panic!("{problems:?}"));
    let (mut execution, mut orders) = Execution::start(&machine, input, START);
    let (mut now, mut log) = (0_u64, Vec::new());
    let mut timers: BTreeMap<(u64, Timer), ()> = BTreeMap::new();
    for _ in 0..100_000 {
        let mut tasks: Vec<(TaskId, Answer)> = Vec::new();
        for order in std::mem::take(&mut orders) {
            let at = now / 1_000;
            match order {
                Order::Invoke {
                    task,
                    state,
                    event,
                    token,
                    attempt,
                    ..
                } => {
                    log.push(format!(
                        "{at} invoke {state} {event} #{attempt}{}",
                        if token.is_some() { " token" } else { "" }
                    ));
                    if let Some(answer) = answer(&state, &event, attempt) {
                        tasks.push((task, answer));
                    }
                }
                Order::Wake { timer, after } => {
                    timers.insert((now + after.as_nanos() / 1_000_000, timer), ());
                }
                Order::Handled { error, retry, .. } => {
                    let then = retry.map_or("catch".to_owned(), |gap| {
                        format!("retry in {} ms", gap.as_nanos() / 1_000_000)
                    });
                    log.push(format!("{at} {} {then}", error.error));
                }
                Order::Succeeded(output) => return (log, Ok(output)),
                Order::Failed(error) => return (log, Err(error)),
                Order::Entered { .. } | Order::Exited { .. } | Order::Forget(_) => {}
            }
        }
        for (task, answer) in tasks {
            let result = answer.map_err(|(error, cause)| StateError::new(error, cause));
            orders.extend(execution.task_over(task, result, START + now as i64));
        }
        if orders.is_empty() {
            let ((due, timer), ()) = timers.pop_first().expect("something to wait for");
            now = due;
            orders = execution.woken(timer, START + now as i64);
        }
    }
    panic!("the machine does not end");
}

/// A machine of one line of states that begins at A.
fn machine(states: Value) -> Value {
    json!({"StartAt": "A", "States": states})
}

const INVOKE: &str = "arn:aws:states:::lambda:invoke";

fn echo(_: &str, event: &Value, _: u32) -> Option<Answer> {
    Some(Ok(event.clone()))
}

#[test]
fn data_flows_from_state_to_state() {
    for (state, input, output) in [
        (json!({"Type": "Pass"}), json!({"a": 1}), json!({"a": 1})),
        (
            json!({"Type": "Pass", "Result": {"b": 2}}),
            json!({"a": 1}),
            json!({"b": 2}),
        ),
        (
            json!({"Type": "Pass", "Result": 2, "ResultPath": "$.b.c"}),
            json!({"a": 1}),
            json!({"a": 1, "b": {"c": 2}}),
        ),
        (
            json!({"Type": "Pass", "Result": 2, "ResultPath": null}),
            json!({"a": 1}),
            json!({"a": 1}),
        ),
        (
            json!({"Type": "Pass", "InputPath": "$.a[1]"}),
            json!({"a": [1, 2]}),
            json!(2),
        ),
        (
            json!({"Type": "Pass", "InputPath": null}),
            json!({"a": 1}),
            json!({}),
        ),
        (
            json!({"Type": "Pass", "OutputPath": "$['the key']"}),
            json!({"the key": 3}),
            json!(3),
        ),
        (
            json!({"Type": "Pass", "Parameters": {"x.$": "$.a", "y": [1, {"z.$": "$$.State.Name"}]}}),
            json!({"a": 1}),
            json!({"x": 1, "y": [1, {"z": "A"}]}),
        ),
    ] {
        let mut state = state;
        state["End"] = json!(true);
        let (_, result) = play(&machine(json!({"A": state})), input, echo);
        assert_eq!(result, Ok(output), "{state}");
    }
    let lost = machine(json!({"A": {"Type": "Pass", "InputPath": "$.nothing", "End": true}}));
    assert_eq!(
        play(&lost, json!({}), echo).1.expect_err("it fails").error,
        "States.Runtime"
    );
}

#[test]
fn tasks_invoke_functions() {
    let direct = machine(
        json!({"A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f",
        "ResultPath": "$.result", "End": true}}),
    );
    assert_eq!(
        play(&direct, json!({"a": 1}), |_, _, _| Some(Ok(json!("done")))).1,
        Ok(json!({"a": 1, "result": "done"}))
    );
    let wrapped = machine(
        json!({"A": {"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": "f", "Payload.$": "$"},
        "ResultSelector": {"answer.$": "$.Payload", "status.$": "$.StatusCode"}, "End": true}}),
    );
    let (log, result) = play(&wrapped, json!({"a": 1}), echo);
    assert_eq!(result, Ok(json!({"answer": {"a": 1}, "status": 200})));
    assert_eq!(log, [r#"0 invoke A {"a":1} #1"#]);
    let large = machine(
        json!({"A": {"Type": "Task", "Resource": "arn:aws:lambda:x", "Next": "B"}, "B": {"Type": "Succeed"}}),
    );
    let (_, result) = play(&large, json!({}), |_, _, _| {
        Some(Ok(json!("x".repeat(262_144))))
    });
    assert_eq!(
        result.expect_err("it fails").error,
        "States.DataLimitExceeded"
    );
}

#[test]
fn errors_are_retried_with_growing_gaps_then_caught() {
    let machine = machine(json!({
        "A": {"Type": "Task", "Resource": INVOKE, "Parameters": {"Payload": {}},
            "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "MaxAttempts": 2, "BackoffRate": 1.5},
                      {"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}],
            "Catch": [{"ErrorEquals": ["Other"], "Next": "C"}, {"ErrorEquals": ["States.ALL"], "Next": "B", "ResultPath": "$.error"}],
            "Next": "C"},
        "B": {"Type": "Pass", "End": true},
        "C": {"Type": "Fail", "Error": "Wrong", "Cause": "not here"},
    }));
    let (log, result) = play(&machine, json!({"a": 1}), |_, _, _| {
        Some(Err(("Busy", "too much")))
    });
    assert_eq!(
        log,
        [
            "0 invoke A {} #1",
            "0 Busy retry in 2000 ms",
            "2 invoke A {} #2",
            "2 Busy retry in 3000 ms",
            "5 invoke A {} #3",
            "5 Busy catch",
        ]
    );
    assert_eq!(
        result,
        Ok(json!({"a": 1, "error": {"Error": "Busy", "Cause": "too much"}}))
    );
    // Each retrier counts for itself.
    let mut errors = ["Busy", "Odd", "Odd"].iter();
    let (log, _) = play(&machine, json!({}), |_, _, _| {
        Some(Err((errors.next().expect("three tries"), "")))
    });
    assert_eq!(log.len(), 6, "{log:?}");
    let (_, result) = play(&machine, json!({}), |_, _, attempt| {
        Some(if attempt == 1 {
            Err(("Other", ""))
        } else {
            Ok(json!(1))
        })
    });
    assert_eq!(
        result.expect_err("it goes to C"),
        StateError::new("Wrong", "not here")
    );
}

#[test]
fn catch_all_takes_what_it_may() {
    for (names, error, caught) in [
        (json!(["States.ALL"]), "Anything", true),
        (json!(["States.ALL"]), "States.Runtime", false),
        (json!(["States.ALL"]), "States.DataLimitExceeded", false),
        (json!(["States.TaskFailed"]), "Anything", true),
        (json!(["States.TaskFailed"]), "States.Timeout", false),
        (json!(["States.Timeout"]), "States.HeartbeatTimeout", true),
        (json!(["One", "Two"]), "Two", true),
        (json!(["One"]), "Two", false),
    ] {
        let machine = machine(
            json!({"A": {"Type": "Task", "Resource": INVOKE, "Catch": [{"ErrorEquals": names, "Next": "B"}], "End": true},
            "B": {"Type": "Succeed"}}),
        );
        let (_, result) = play(&machine, json!({}), |_, _, _| Some(Err((error, ""))));
        assert_eq!(result.is_ok(), caught, "{names} {error}");
    }
}

#[test]
fn choices_compare() {
    for (rule, yes, no) in [
        (
            json!({"Variable": "$.v", "StringEquals": "a"}),
            json!("a"),
            json!("b"),
        ),
        (
            json!({"Variable": "$.v", "StringGreaterThanEquals": "b"}),
            json!("c"),
            json!("a"),
        ),
        (
            json!({"Variable": "$.v", "StringMatches": "log-*.txt"}),
            json!("log-1.txt"),
            json!("log-1.csv"),
        ),
        (
            json!({"Variable": "$.v", "StringMatches": "a\\*b"}),
            json!("a*b"),
            json!("axb"),
        ),
        (
            json!({"Variable": "$.v", "StringMatches": "abc"}),
            json!("abc"),
            json!("abcabc"),
        ),
        (
            json!({"Variable": "$.v", "NumericLessThan": 5}),
            json!(4.5),
            json!(5),
        ),
        (
            json!({"Variable": "$.v", "NumericLessThanEquals": 5}),
            json!(5),
            json!("5"),
        ),
        (
            json!({"Variable": "$.v", "NumericEqualsPath": "$.w"}),
            json!(7),
            json!(8),
        ),
        (
            json!({"Variable": "$.v", "BooleanEquals": true}),
            json!(true),
            json!(false),
        ),
        (
            json!({"Variable": "$.v", "TimestampLessThan": "2026-01-05T12:00:00Z"}),
            json!("2026-01-05T12:59:00+01:00"),
            json!("2026-01-05T12:00:00.001Z"),
        ),
        (
            json!({"Variable": "$.v", "IsNull": true}),
            json!(null),
            json!(0),
        ),
        (
            json!({"Variable": "$.v", "IsNumeric": true}),
            json!(1),
            json!("1"),
        ),
        (
            json!({"Variable": "$.v", "IsString": false}),
            json!(1),
            json!("1"),
        ),
        (
            json!({"Variable": "$.v", "IsBoolean": true}),
            json!(false),
            json!("false"),
        ),
        (
            json!({"Variable": "$.v", "IsTimestamp": true}),
            json!("2026-01-05T12:00:00Z"),
            json!("Monday"),
        ),
        (
            json!({"Variable": "$.v.x", "IsPresent": true}),
            json!({"x": null}),
            json!({}),
        ),
        (
            json!({"Not": {"Variable": "$.v", "IsNull": true}}),
            json!(1),
            json!(null),
        ),
        (
            json!({"And": [{"Variable": "$.v", "NumericGreaterThan": 1}, {"Variable": "$.v", "NumericLessThan": 3}]}),
            json!(2),
            json!(3),
        ),
        (
            json!({"Or": [{"Variable": "$.v", "IsNull": true}, {"Variable": "$.v", "NumericEquals": 3}]}),
            json!(3),
            json!(4),
        ),
    ] {
        let mut choice = rule.clone();
        choice["Next"] = json!("Yes");
        let machine = machine(
            json!({"A": {"Type": "Choice", "Choices": [choice], "Default": "No"},
            "Yes": {"Type": "Succeed"}, "No": {"Type": "Fail", "Error": "No"}}),
        );
        assert!(
            play(&machine, json!({"v": yes, "w": 7}), echo).1.is_ok(),
            "{rule} {yes}"
        );
        assert!(
            play(&machine, json!({"v": no, "w": 7}), echo).1.is_err(),
            "{rule} {no}"
        );
    }
    let stuck = machine(
        json!({"A": {"Type": "Choice", "Choices": [{"Variable": "$.v", "IsNull": true, "Next": "B"}]}, "B": {"Type": "Succeed"}}),
    );
    assert_eq!(
        play(&stuck, json!({"v": 1}), echo)
            .1
            .expect_err("it fails")
            .error,
        "States.NoChoiceMatched"
    );
    assert_eq!(
        play(&stuck, json!({}), echo).1.expect_err("it fails").error,
        "States.Runtime"
    );
}

#[test]
fn waits_take_their_time() {
    for (wait, input, seconds) in [
        (json!({"Seconds": 90}), json!({}), 90),
        (json!({"SecondsPath": "$.s"}), json!({"s": 5}), 5),
        (json!({"Timestamp": "2026-01-05T12:10:00Z"}), json!({}), 600),
        (
            json!({"TimestampPath": "$.t"}),
            json!({"t": "2026-01-05T12:00:07Z"}),
            7,
        ),
        (json!({"Timestamp": "2020-01-01T00:00:00Z"}), json!({}), 0),
    ] {
        let mut wait = wait;
        wait["Type"] = json!("Wait");
        wait["Next"] = json!("B");
        let machine = machine(
            json!({"A": wait, "B": {"Type": "Task", "Resource": "arn:aws:lambda:x", "End": true}}),
        );
        let (log, result) = play(&machine, input.clone(), echo);
        assert_eq!(result, Ok(input));
        assert!(
            log[0].starts_with(&format!("{seconds} invoke B")),
            "{wait}: {log:?}"
        );
    }
}

#[test]
fn parallel_branches_join_in_order_and_fail_together() {
    let branch = |name: &str| json!({"StartAt": name, "States": {name: {"Type": "Task", "Resource": "arn:aws:lambda:x", "End": true}}});
    let machine = machine(
        json!({"A": {"Type": "Parallel", "Branches": [branch("L"), branch("R")], "ResultPath": "$.both",
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}], "End": true}, "B": {"Type": "Pass", "End": true}}),
    );
    let (log, result) = play(&machine, json!({"a": 1}), |state, _, _| {
        Some(Ok(json!(state)))
    });
    assert_eq!(result, Ok(json!({"a": 1, "both": ["L", "R"]})));
    assert_eq!(log.len(), 2);
    let (_, result) = play(&machine, json!({}), |state, _, _| {
        (state == "R").then_some(Err(("Bad", "R broke")))
    });
    assert_eq!(result, Ok(json!({"Error": "Bad", "Cause": "R broke"})));
}

#[test]
fn maps_run_their_items() {
    let machine = machine(
        json!({"A": {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2,
        "ItemSelector": {"n.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index", "all.$": "$.name"},
        "ItemProcessor": {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:x", "End": true}}}, "End": true}}),
    );
    let (log, result) = play(
        &machine,
        json!({"items": [7, 8, 9], "name": "x"}),
        |_, event, _| Some(Ok(event["n"].clone())),
    );
    assert_eq!(result, Ok(json!([7, 8, 9])));
    assert_eq!(log[2], r#"0 invoke T {"n":9,"i":2,"all":"x"} #1"#);
    assert_eq!(
        play(&machine, json!({"items": [], "name": "x"}), echo).1,
        Ok(json!([]))
    );
    assert_eq!(
        play(&machine, json!({"items": 1, "name": "x"}), echo)
            .1
            .expect_err("it fails")
            .error,
        "States.Runtime"
    );
    // Thousands of items that take no time do not pile up.
    let many = machine_of_passes();
    let items: Vec<u32> = (0..12_000).collect();
    assert_eq!(play(&many, json!(items.clone()), echo).1, Ok(json!(items)));
}

fn machine_of_passes() -> Value {
    machine(
        json!({"A": {"Type": "Map", "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}, "End": true}}),
    )
}

#[test]
fn tokens_wait_for_their_callback() {
    let definition = machine(
        json!({"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": "f", "Payload": {"token.$": "$$.Task.Token"}}, "TimeoutSeconds": 300, "HeartbeatSeconds": 60, "End": true}}),
    );
    let machine = Machine::parse(&definition.to_string()).expect("a machine");
    let begin = || {
        let (execution, orders) = Execution::start(&machine, json!({}), START);
        let invoked = orders.iter().find_map(|order| match order {
            Order::Invoke {
                task,
                token: Some(token),
                event,
                ..
            } => Some((*task, token.clone(), event.clone())),
            _ => None,
        });
        let timers: Vec<Timer> = orders
            .iter()
            .filter_map(|order| match order {
                Order::Wake { timer, .. } => Some(*timer),
                _ => None,
            })
            .collect();
        let (task, token, event) = invoked.expect("an invocation");
        assert_eq!(event, json!({"token": token}));
        (execution, task, token, timers)
    };
    let (mut execution, task, token, timers) = begin();
    assert_eq!(execution.task_over(task, Ok(json!("ignored")), START), []);
    assert_eq!(execution.callback("another token", Ok(json!(1)), START), []);
    assert!(!execution.heartbeat(&token).is_empty());
    assert_eq!(
        execution.woken(timers[1], START + 60_000),
        [],
        "the heartbeat came in time"
    );
    let orders = execution.callback(&token, Ok(json!({"approved": true})), START + 70_000);
    assert!(
        matches!(orders.last(), Some(Order::Succeeded(output)) if *output == json!({"approved": true})),
        "{orders:?}"
    );
    assert!(execution.is_over());

    for (timer, error) in [(0, "States.Timeout"), (1, "States.HeartbeatTimeout")] {
        let (mut execution, _, _, timers) = begin();
        let orders = execution.woken(timers[timer], START + 300_000);
        assert!(
            matches!(orders.last(), Some(Order::Failed(failed)) if failed.error == error),
            "{orders:?}"
        );
    }
    let (mut execution, task, _, _) = begin();
    let orders = execution.task_over(task, Err(StateError::new("Broken", "")), START);
    assert!(
        matches!(orders.last(), Some(Order::Failed(failed)) if failed.error == "Broken"),
        "{orders:?}"
    );
}

#[test]
fn a_loop_that_never_waits_ends_with_its_history() {
    let machine =
        machine(json!({"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}));
    let (_, result) = play(&machine, json!({}), echo);
    assert!(result.expect_err("it fails").cause.contains("25000"));
    let mapping = json!({"StartAt": "A", "States": {
        "A": {"Type": "Map", "ItemsPath": "$", "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}, "Next": "B"},
        "B": {"Type": "Pass", "Next": "A"}}});
    assert!(
        play(&mapping, json!([1]), echo)
            .1
            .expect_err("it fails")
            .cause
            .contains("25000")
    );
}

#[test]
fn data_that_grows_for_ever_ends_the_execution() {
    // Deeper and deeper.
    let nesting = machine(
        json!({"A": {"Type": "Pass", "ResultPath": "$.b", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}),
    );
    let failed = play(&nesting, json!({}), echo).1.expect_err("it fails");
    assert_eq!(
        failed,
        StateError::new("States.Runtime", "The data is nested too deeply.")
    );
    // Large, again and again.
    let round =
        machine(json!({"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}));
    let failed = play(&round, json!("x".repeat(200_000)), echo)
        .1
        .expect_err("it fails");
    assert_eq!(failed.error, "Playground.TooMuchData");
}

#[test]
fn wrong_machines_are_explained_with_their_place() {
    for (definition, place, word) in [
        ("{", "$", "not JSON"),
        ("{}", "$", "has States"),
        (r#"{"States":{"A":{"Type":"Succeed"}}}"#, "$", "StartAt"),
        (
            r#"{"StartAt":"B","States":{"A":{"Type":"Succeed"}}}"#,
            "$.StartAt",
            "no state B",
        ),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"}}}"#,
            "$.States.A.Next",
            "no state B",
        ),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Pass"}}}"#,
            "$.States.A",
            "Next or End",
        ),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Loop"}}}"#,
            "$.States.A.Type",
            "Type is",
        ),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","End":true}}}"#,
            "$.States.A.Resource",
            "functions only",
        ),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Wait","End":true}}}"#,
            "$.States.A",
            "Seconds",
        ),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Pass","InputPath":"a","End":true}}}"#,
            "$.States.A.InputPath",
            "no path",
        ),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Parameters":{"x.$":"States.UUID()"},"End":true}}}"#,
            "$.States.A.Parameters",
            "Intrinsic functions",
        ),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Pass","ResultPath":"$.a[0]","End":true}}}"#,
            "$.States.A.ResultPath",
            "keys only",
        ),
        (
            r#"{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Succeed"}}}"#,
            "$",
            "JSONata",
        ),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Variable":"$.a","StringLike":"x","Next":"A"}]}}}"#,
            "$.States.A.Choices[0]",
            "no comparison",
        ),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:lambda:x","Retry":[{"ErrorEquals":["States.ALL","X"]}],"End":true}}}"#,
            "$.States.A.Retry[0]",
            "must stand alone",
        ),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:lambda:x","Retry":[{"ErrorEquals":["X"],"BackoffRate":0.5}],"End":true}}}"#,
            "$.States.A.Retry",
            "BackoffRate",
        ),
    ] {
        let problems = Machine::parse(definition).expect_err(definition);
        let found = problems
            .iter()
            .any(|problem| problem.place == place && problem.cause.contains(word));
        assert!(found, "{definition}: {problems:?}");
    }
}

proptest! {
    #[test]
    fn no_machine_and_no_event_panics(text in definition(), input in any_value(), answers in prop::collection::vec(any::<bool>(), 0..8)) {
        let Ok(machine) = Machine::parse(&text) else { return Ok(()); };
        let (mut execution, mut orders) = Execution::start(&machine, input, START);
        let mut answers = answers.into_iter();
        let mut ends = 0;
        for _ in 0..60 {
            let mut next = Vec::new();
            for order in orders {
                match order {
                    Order::Invoke { task, token, .. } => {
                        let result = if answers.next().unwrap_or(true) { Ok(json!([1])) } else { Err(StateError::new("E", "")) };
                        match token {
                            Some(token) => next.extend(execution.callback(&token, result, START)),
                            None => next.extend(execution.task_over(task, result, START)),
                        }
                    }
                    Order::Wake { timer, .. } => next.extend(execution.woken(timer, START + 1_000)),
                    Order::Succeeded(_) | Order::Failed(_) => ends += 1,
                    _ => {}
                }
            }
            if next.is_empty() { break; }
            orders = next;
        }
        prop_assert!(ends <= 1);
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({"a": [1, 2], "b": {"c": null}})),
        Just(json!([1, 2])),
        Just(json!(null)),
        ".{0,4}".prop_map(Value::from)
    ]
}

/// Machines of states A, B and C with all kinds and paths, right and wrong.
fn definition() -> impl Strategy<Value = String> {
    let path = || {
        prop::sample::select(vec![
            "$",
            "$.a",
            "$.a[0]",
            "$.b.c",
            "$$.State.Name",
            "$.x",
            "oops",
            "$.a..b",
        ])
    };
    let name = || prop::sample::select(vec!["A", "B", "C", "D"]);
    let state = (0_usize..9, name(), path(), path(), any::<bool>()).prop_map(|(kind, next, one, two, flag)| {
        let inner = json!({"StartAt": "P", "States": {"P": {"Type": "Pass", "InputPath": one, "End": true}}});
        let mut state = match kind {
            0 => json!({"Type": "Pass", "InputPath": one, "ResultPath": two}),
            1 => json!({"Type": "Task", "Resource": "arn:aws:lambda:x", "Retry": [{"ErrorEquals": ["States.ALL"]}],
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": next, "ResultPath": two}], "TimeoutSeconds": 5}),
            2 => json!({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "HeartbeatSeconds": 2, "OutputPath": one}),
            3 => return json!({"Type": "Choice", "Choices": [{"Variable": one, "IsPresent": flag, "Next": next}], "Default": "C"}),
            4 => json!({"Type": "Wait", "SecondsPath": one}),
            5 => json!({"Type": "Parallel", "Branches": [inner], "ResultPath": two}),
            6 => json!({"Type": "Map", "ItemsPath": one, "ItemProcessor": inner}),
            7 => return json!({"Type": "Succeed"}),
            _ => return json!({"Type": "Fail", "Error": "E"}),
        };
        if flag { state["Next"] = json!(next); } else { state["End"] = json!(true); }
        state
    });
    (state.clone(), state.clone(), state).prop_map(|(a, b, c)| {
        // Inner states must not share a name.
        let named = |state: &Value, name: &str| {
            let text = state.to_string().replace("\"P\"", &format!("\"{name}\""));
            serde_json::from_str::<Value>(&text).expect("JSON")
        };
        let (a, b, c) = (named(&a, "P1"), named(&b, "P2"), named(&c, "P3"));
        json!({"StartAt": "A", "States": {"A": a, "B": b, "C": c}}).to_string()
    })
}
