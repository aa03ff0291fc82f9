//! Reference 2.4: the records of the JSON log and their keys.

use lambda_playground::lambda::config::{LogFormat, SystemLogLevel};
use lambda_playground::lambda::logs;
use serde_json::Value;

use crate::scripted::*;

/// All records of a type, in order.
fn records(entries: &[lambda_playground::lambda::event::Entry], kind: &str) -> Vec<Value> {
    let lines = logs::lines(entries).into_iter();
    let parsed = lines.filter_map(|line| serde_json::from_str::<Value>(&line.text).ok());
    parsed
        .filter(|line| line["type"] == kind)
        .map(|line| line["record"].clone())
        .collect()
}

fn keys(record: &Value) -> Vec<&str> {
    record
        .as_object()
        .map(|object| object.keys().map(String::as_str).collect())
        .unwrap_or_default()
}

fn lived(code: Scripted) -> Vec<lambda_playground::lambda::event::Entry> {
    let mut config = config(1_769, 3);
    config.log_format = LogFormat::Json;
    config.system_log_level = SystemLogLevel::Debug;
    play(setup(config, code, vec![sync_at(0)]))
}

/// 2.4, the table of types: each record has the keys of its row, sorted; `errorType` "present for failure/error".
#[test]
fn every_record_has_the_keys_of_its_row() {
    let good = lived(Scripted::idle());
    for (kind, expected) in [
        (
            "platform.initStart",
            &[
                "functionName",
                "functionVersion",
                "initializationType",
                "phase",
                "runtimeVersion",
                "runtimeVersionArn",
            ][..],
        ),
        (
            "platform.initRuntimeDone",
            &["initializationType", "phase", "status"],
        ),
        (
            "platform.initReport",
            &["initializationType", "metrics", "phase", "status"],
        ),
        ("platform.start", &["requestId", "version"]),
        ("platform.runtimeDone", &["metrics", "requestId", "status"]),
        ("platform.report", &["metrics", "requestId", "status"]),
    ] {
        let found = records(&good, kind);
        assert_eq!(found.len(), 1, "{kind}");
        let mut own = keys(&found[0]);
        own.sort_unstable();
        assert_eq!(own, expected, "{kind}");
    }
    let start = &records(&good, "platform.initStart")[0];
    assert_eq!(start["initializationType"], "on-demand");
    assert_eq!(start["phase"], "init");
    let done = &records(&good, "platform.runtimeDone")[0];
    assert_eq!(done["metrics"]["producedBytes"], 4, "null");
}

/// 2.4, "status is success | failure | error | timeout; errorType present for failure/error".
#[test]
fn every_status_is_told() {
    use lambda_playground::guest::process::PhaseEnd;
    for (act, status, error_type) in [
        (answer("1"), "success", None),
        (fail("Oops", "no"), "failure", Some("Oops")),
        (End(PhaseEnd::Exited(1)), "error", Some("Runtime.ExitError")),
        (Sleep(5_000), "timeout", None),
    ] {
        let entries = lived(Scripted::always(vec![act]));
        let done = &records(&entries, "platform.runtimeDone")[0];
        assert_eq!(done["status"], status);
        assert_eq!(
            done.get("errorType").and_then(Value::as_str),
            error_type,
            "{status}"
        );
        assert_eq!(records(&entries, "platform.report")[0]["status"], status);
    }
}

/// 2.3, "JSON/Telemetry shows init events with phase=invoke": a failed Init runs again inside the invocation.
#[test]
fn a_suppressed_init_is_of_the_invoke_phase() {
    let code = Scripted::new(
        |start| match start {
            0 => vec![fail("Oops", "no")],
            _ => vec![],
        },
        |_| vec![],
    );
    let entries = lived(code);
    let told = |kind: &str, key: &str| -> Vec<String> {
        let records = records(&entries, kind);
        let values = records.iter().filter_map(|record| record[key].as_str());
        values.map(str::to_owned).collect()
    };
    assert_eq!(told("platform.initStart", "phase"), ["init", "invoke"]);
    assert_eq!(
        told("platform.initReport", "status"),
        ["failure", "success"]
    );
}
