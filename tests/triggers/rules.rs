//! What decides before the function is called, and after it: filters, schedules, retries, callbacks.

use lambda_playground::lambda::event::InvokeResponse;
use lambda_playground::lambda::pattern::{Dialect, Pattern};
use lambda_playground::sim::SimDuration;
use lambda_playground::trigger::callback::{Answer, Callback, Contract};
use lambda_playground::trigger::retries::Trouble;
use lambda_playground::trigger::schedule::Schedule;
use serde_json::{Value, json};

use crate::{CONTEXT, answer, find, form, sample};

/// A rule for the key k → a value that fits, one that does not.
#[test]
fn event_patterns_know_every_operator() {
    for (rule, yes, no) in [
        (json!(["x"]), json!("x"), json!("y")),
        (json!([null]), json!(null), json!("")),
        (json!([300]), json!(300.0), json!("300")),
        (json!([true]), json!(true), json!(1)),
        (json!([{"prefix": "us-"}]), json!("us-east-1"), json!("eu")),
        (
            json!([{"prefix": {"equals-ignore-case": "US-"}}]),
            json!("us-east-1"),
            json!("eu"),
        ),
        (json!([{"suffix": ".png"}]), json!("a.png"), json!("png.a")),
        (
            json!([{"suffix": {"equals-ignore-case": ".PNG"}}]),
            json!("a.png"),
            json!("png.a"),
        ),
        (
            json!([{"equals-ignore-case": "AlIce"}]),
            json!("ALICE"),
            json!("Bob"),
        ),
        (json!([{"anything-but": "x"}]), json!("y"), json!("x")),
        (json!([{"anything-but": ["x", 1]}]), json!(2), json!(1.0)),
        (
            json!([{"anything-but": {"prefix": "init"}}]),
            json!("running"),
            json!("initial"),
        ),
        (
            json!([{"anything-but": {"suffix": [".txt", ".rtf"]}}]),
            json!("a.png"),
            json!("a.rtf"),
        ),
        (
            json!([{"anything-but": {"equals-ignore-case": ["a", "b"]}}]),
            json!("c"),
            json!("B"),
        ),
        (
            json!([{"anything-but": {"wildcard": "*/lib/*"}}]),
            json!("a/b"),
            json!("a/lib/b"),
        ),
        (json!([{"numeric": ["=", 100]}]), json!(1e2), json!(101)),
        (
            json!([{"numeric": [">", 10, "<=", 20]}]),
            json!(20),
            json!(10),
        ),
        (json!([{"exists": true}]), json!(null), json!({"deeper": 1})),
        (
            json!([{"cidr": "10.0.0.0/24"}]),
            json!("10.0.0.255"),
            json!("10.0.1.0"),
        ),
        (
            json!([{"cidr": "10.0.0.1/32"}]),
            json!("10.0.0.1"),
            json!("10.0.0.2"),
        ),
        (
            json!([{"cidr": "::/0"}]),
            json!("2001:db8::1"),
            json!("1.2.3.4"),
        ),
        (
            json!([{"wildcard": "dir/*.png"}]),
            json!("dir/a/b.png"),
            json!("dir/a.jpg"),
        ),
        (
            json!([{"wildcard": "a*b*c"}]),
            json!("axxbyyc"),
            json!("ac"),
        ),
        (json!([{"wildcard": "abc"}]), json!("abc"), json!("abcd")),
        (json!([{"wildcard": "ab*ab"}]), json!("abab"), json!("ab")),
    ] {
        let text = json!({"k": rule}).to_string();
        let pattern = Pattern::parse(&text, Dialect::EventPattern).expect("a pattern");
        assert!(pattern.matches(&json!({"k": yes})), "{text} {yes}");
        assert!(!pattern.matches(&json!({"k": no})), "{text} {no}");
        assert!(!pattern.matches(&json!({})), "{text} on nothing");
    }
}

#[test]
fn event_patterns_join_keys_by_and_values_by_or() {
    let fits = |pattern: Value, event: Value| {
        Pattern::parse(&pattern.to_string(), Dialect::EventPattern)
            .expect("a pattern")
            .matches(&event)
    };
    let pattern = || json!({"source": ["a", "b"], "detail": {"state": ["on"]}});
    assert!(fits(
        pattern(),
        json!({"source": "b", "detail": {"state": "on"}, "more": 1})
    ));
    assert!(!fits(
        pattern(),
        json!({"source": "c", "detail": {"state": "on"}})
    ));
    assert!(!fits(pattern(), json!({"source": "a"})));
    assert!(fits(json!({"k": [{"exists": false}]}), json!({"j": 1})));
    assert!(!fits(json!({"k": [{"exists": false}]}), json!({"k": 1})));
    // Lists: one value is enough; of objects one must fit as a whole; nothing excluded may be in them.
    assert!(fits(json!({"r": ["x"]}), json!({"r": ["y", "x"]})));
    assert!(!fits(
        json!({"r": [{"anything-but": "x"}]}),
        json!({"r": ["y", "x"]})
    ));
    assert!(!fits(
        json!({"l": {"a": [1], "b": [2]}}),
        json!({"l": [{"a": 1}, {"b": 2}]})
    ));
    let or = json!({"$or": [{"a": [1]}, {"b": [{"numeric": [">", 5]}]}], "c": ["x"]});
    assert!(fits(or.clone(), json!({"b": 6, "c": "x"})));
    assert!(!fits(or, json!({"b": 5, "c": "x"})));
}

#[test]
fn wrong_patterns_are_explained_with_their_place() {
    for (pattern, place, word) in [
        ("", "$", "not JSON"),
        ("[]", "$", "a JSON object"),
        ("{}", "$", "must have a key"),
        (
            r#"{"source":"a"}"#,
            "$.source",
            "must be an object or an array",
        ),
        (r#"{"source":[]}"#, "$.source", "empty"),
        (r#"{"a":{"b":[["x"]]}}"#, "$.a.b", "list in a list"),
        (
            r#"{"a":[{"like":"x"}]}"#,
            "$.a",
            "Unrecognized match type like",
        ),
        (r#"{"a":[{"prefix":1}]}"#, "$.a", "takes a string"),
        (r#"{"a":[{"numeric":[">"]}]}"#, "$.a", "numeric takes"),
        (r#"{"a":[{"numeric":["~",1]}]}"#, "$.a", "numeric takes"),
        (r#"{"a":[{"cidr":"10.0.0.0/33"}]}"#, "$.a", "cidr takes"),
        (r#"{"a":[{"exists":"yes"}]}"#, "$.a", "true or false"),
        (r#"{"a":[{"wildcard":"a**b"}]}"#, "$.a", "two * in a row"),
        (r#"{"$or":[{"a":[1]}]}"#, "$.$or", "two or more"),
    ] {
        let problem = Pattern::parse(pattern, Dialect::EventPattern).expect_err(pattern);
        assert_eq!(problem.place, place, "{pattern}: {problem}");
        assert!(problem.cause.contains(word), "{pattern}: {problem}");
    }
    assert!(Pattern::parse(r#"{"a":[{"wildcard":"a*"}]}"#, Dialect::FilterPolicy).is_err());
}

#[test]
fn filters_keep_events_from_the_function() {
    for (id, changes, reason) in [
        (
            "s3",
            &[
                ("key", "photos/a.jpg"),
                ("prefix", "photos/"),
                ("suffix", ".jpg"),
            ][..],
            None,
        ),
        (
            "s3",
            &[("key", "photos/a.jpg"), ("prefix", "videos/")],
            Some("begin with videos/"),
        ),
        (
            "s3",
            &[("key", "photos/a.jpg"), ("suffix", ".png")],
            Some("end with .png"),
        ),
        (
            "sns",
            &[
                ("attributes", "store: a\nprice: 12"),
                (
                    "policy",
                    r#"{"store":["a"],"price":[{"numeric":[">",10]}]}"#,
                ),
            ],
            None,
        ),
        (
            "sns",
            &[("attributes", "store: b"), ("policy", r#"{"store":["a"]}"#)],
            Some("message attributes"),
        ),
        (
            "sns",
            &[
                ("scope", "MessageBody"),
                ("policy", r#"{"status":["shipped"]}"#),
            ],
            None,
        ),
        (
            "sns",
            &[
                ("scope", "MessageBody"),
                ("message", "text"),
                ("policy", r#"{"status":["x"]}"#),
            ],
            Some("as JSON"),
        ),
        ("sns", &[("policy", "{")], Some("FilterPolicy")),
        ("s3", &[("types", "s3:ObjectCreated:*")], None),
        (
            "s3",
            &[("types", "s3:ObjectRemoved:*\ns3:ObjectCreated:Put")],
            None,
        ),
        (
            "s3",
            &[("types", "s3:ObjectRemoved:*\ns3:LifecycleTransition")],
            Some("not for s3:ObjectCreated:Put"),
        ),
        (
            "s3",
            &[("types", "s3:ObjectCreated")],
            Some("no event type of S3's"),
        ),
        ("s3", &[("types", "s3:*")], Some("no event type of S3's")),
        ("api-gateway-authorizer-request", &[], None),
        (
            "api-gateway-authorizer-request",
            &[("headers", "accept: */*")],
            Some("no authorization"),
        ),
        (
            "api-gateway-authorizer-request",
            &[("format", "HTTP API (2.0)"), ("identity", "X-Key")],
            Some("401 Unauthorized without asking"),
        ),
        (
            "api-gateway-authorizer-request",
            &[("headers", "x-key: a"), ("identity", "X-Key")],
            None,
        ),
        ("eventbridge", &[], None),
        (
            "eventbridge",
            &[("pattern", r#"{"detail":{"total":[{"numeric":["<",10]}]}}"#)],
            Some("does not fit this event"),
        ),
        ("eventbridge", &[("pattern", "[]")], Some("not valid")),
        (
            "eventbridge-schedule",
            &[("schedule", "cron(0 12 * * * *)")],
            Some("must be ?"),
        ),
        (
            "iot",
            &[(
                "sql",
                "SELECT row AS r, topic(2) AS house FROM 'sensors/+/3' WHERE moisture > 70",
            )],
            None,
        ),
        (
            "iot",
            &[("sql", "SELECT * FROM 'other/#'")],
            Some("does not pick"),
        ),
        (
            "iot",
            &[("sql", "SELECT * FROM 'sensors/#' WHERE moisture < 70")],
            Some("does not pick"),
        ),
        (
            "iot",
            &[("sql", "SELECT avg(x) FROM 'a'")],
            Some("cannot read the arguments"),
        ),
        ("iot", &[("sql", "UPDATE")], Some("begins with SELECT")),
    ] {
        let trigger = find(id);
        let form = form(trigger, changes);
        let event = trigger.sample(&form, CONTEXT);
        match (trigger.delivers(&form, &event), reason) {
            (Ok(()), None) => {}
            (Err(said), Some(word)) => assert!(said.contains(word), "{id} {changes:?}: {said}"),
            (found, wanted) => panic!("{id} {changes:?}: {found:?}, not {wanted:?}"),
        }
    }
    let event = sample(
        "iot",
        &[(
            "sql",
            "SELECT row AS r, topic(2) AS house, timestamp() FROM 'sensors/#' WHERE row = 10 AND pos <> 1",
        )],
    );
    assert_eq!(
        event,
        json!({"r": "10", "house": "greenhouse", "timestamp": CONTEXT.time_ms})
    );
}

/// 2026-01-05T12:00:00.137Z, a Monday.
#[test]
fn schedules_name_their_next_times() {
    for (schedule, next) in [
        ("rate(1 minute)", "2026-01-05T12:01:00Z"),
        ("rate(5 minutes)", "2026-01-05T12:05:00Z"),
        ("rate(1 hour)", "2026-01-05T13:00:00Z"),
        ("rate(7 days)", "2026-01-12T12:00:00Z"),
        ("cron(0 12 * * ? *)", "2026-01-06T12:00:00Z"),
        ("cron(1 12 * * ? *)", "2026-01-05T12:01:00Z"),
        ("cron(0/15 * * * ? *)", "2026-01-05T12:15:00Z"),
        ("cron(15 10 ? * 6L 2026-2030)", "2026-01-30T10:15:00Z"),
        ("cron(0 18 ? * MON-FRI *)", "2026-01-05T18:00:00Z"),
        ("cron(0 8 1 * ? *)", "2026-02-01T08:00:00Z"),
        ("cron(0 10 L * ? *)", "2026-01-31T10:00:00Z"),
        ("cron(0 10 L-2 * ? *)", "2026-01-29T10:00:00Z"),
        ("cron(0 10 LW * ? *)", "2026-01-30T10:00:00Z"),
        // The 10th is a Saturday, so the Friday before.
        ("cron(0 10 10W * ? *)", "2026-01-09T10:00:00Z"),
        // The 1st of February is a Sunday, so the Monday after.
        ("cron(0 10 1W 2 ? *)", "2026-02-02T10:00:00Z"),
        ("cron(0 10 ? * 3#2 *)", "2026-01-13T10:00:00Z"),
        ("cron(0 0 29 2 ? *)", "2028-02-29T00:00:00Z"),
        ("cron(5,10 14 ? jan SUN 2027)", "2027-01-03T14:05:00Z"),
        ("cron(0 12 ? * FRI-MON *)", "2026-01-09T12:00:00Z"),
    ] {
        let event = sample("eventbridge-schedule", &[("schedule", schedule)]);
        assert_eq!(event["time"], next, "{schedule}");
    }
    let never = Schedule::parse("cron(0 0 30 2 ? *)").expect("a schedule");
    assert_eq!(never.next(CONTEXT.time_ms, 0), None);
    let past = Schedule::parse("cron(0 0 1 1 ? 2020)").expect("a schedule");
    assert_eq!(past.next(CONTEXT.time_ms, 0), None);
    let rate = Schedule::parse("rate(2 minutes)").expect("a schedule");
    assert_eq!(
        (
            rate.next(0, 0),
            rate.next(120_000, 0),
            rate.next(119_999, 0)
        ),
        (Some(120_000), Some(240_000), Some(120_000))
    );
}

#[test]
fn wrong_schedules_are_explained() {
    for (schedule, word) in [
        ("", "rate(…) or cron(…)"),
        ("every minute", "rate(…) or cron(…)"),
        ("rate(5)", "a number and a unit"),
        ("rate(0 minutes)", "above 0"),
        ("rate(1 minutes)", "must be minute."),
        ("rate(5 minute)", "must be minutes."),
        ("rate(5 seconds)", "minute, minutes"),
        ("cron(0 12 * * ?)", "six fields"),
        ("cron(0 12 * * * *)", "must be ?"),
        ("cron(0 12 ? * ? *)", "Only one"),
        ("cron(60 12 * * ? *)", "minutes goes from 0 to 59"),
        ("cron(0 24 * * ? *)", "hours goes from 0 to 23"),
        ("cron(0 0 32 * ? *)", "day-of-month goes from 1 to 31"),
        ("cron(0 0 * FOO ? *)", "month goes from 1 to 12"),
        ("cron(0 0 ? * 8 *)", "day-of-week goes from 1 to 7"),
        ("cron(0 0 ? * 2#6 *)", "from 1 to 5"),
        ("cron(0/0 0 * * ? *)", "step"),
        ("cron(0 0 * * ? 1969)", "year goes from 1970 to 2199"),
    ] {
        let problem = Schedule::parse(schedule).expect_err(schedule);
        assert!(problem.cause.contains(word), "{schedule}: {problem}");
    }
}

#[test]
fn callers_try_again_as_their_service_says() {
    let seconds = |id: &str, retry: u32| {
        find(id)
            .about()
            .retries
            .gap(retry)
            .map(|gap| gap.as_nanos() / 1_000_000_000)
    };
    // SNS: 3 at once, 2 a second apart, 10 from 1 to 20 seconds apart, 100,000 each 20 seconds.
    let gaps: Vec<_> = (1..=16).map(|retry| seconds("sns", retry)).collect();
    let wanted = [0, 0, 1, 1, 1, 2, 4, 8, 16, 20, 20, 20, 20, 20, 20, 20].map(Some);
    assert_eq!(gaps, wanted);
    assert_eq!(find("sns").about().retries.tries(), 100_015);
    assert_eq!(seconds("sns", 100_015), None);
    assert_eq!(find("firehose").about().retries.tries(), 4);
    assert_eq!(find("cognito").about().retries.tries(), 3);
    assert_eq!(find("eventbridge").about().retries.tries(), 186);
    assert_eq!(find("api-gateway-http").about().retries.tries(), 1);
    let bridge = find("eventbridge").about().retries;
    assert!(
        bridge
            .next(Trouble::Throttled, 1, SimDuration::ZERO)
            .is_some()
    );
    assert_eq!(bridge.next(Trouble::Refused, 1, SimDuration::ZERO), None);
    assert_eq!(
        bridge.next(Trouble::Throttled, 1, SimDuration::from_secs(86_400)),
        None
    );
    assert_eq!(
        bridge.next(Trouble::Throttled, 186, SimDuration::ZERO),
        None
    );
    // S3 Batch Operations tries again when it is asked to.
    let batch = find("s3-batch");
    let event = sample("s3-batch", &[]);
    let ask = json!({"invocationSchemaVersion": "1.0", "invocationId": event["invocationId"],
        "results": [{"taskId": event["tasks"][0]["taskId"], "resultCode": "TemporaryFailure"}]});
    assert_eq!(
        batch.trouble(&event, &answer(&ask.to_string())),
        Some(Trouble::Asked)
    );
    assert_eq!(
        batch.trouble(&event, &answer("{}")),
        Some(Trouble::Malformed)
    );
    let throttled = InvokeResponse {
        status: 429,
        ..answer("{}")
    };
    assert_eq!(batch.trouble(&event, &throttled), Some(Trouble::Throttled));
}

const MINUTE: SimDuration = SimDuration::from_secs(60);

fn taken(answer: &Answer) -> bool {
    *answer == Answer::Taken
}

#[test]
fn a_pipeline_waits_for_its_callback() {
    let trigger = find("codepipeline");
    let event = trigger.sample(&trigger_form("codepipeline"), CONTEXT);
    let id = &event["CodePipeline.job"]["id"];
    let start = || trigger.callback(&event).expect("a callback");

    let mut callback = start();
    assert!(matches!(
        callback.call("PutJobSuccessResult", &json!({"jobId": "other"}), MINUTE),
        Answer::Refused {
            exception: "JobNotFoundException",
            ..
        }
    ));
    assert_eq!(callback.end(), None);
    assert!(taken(&callback.call(
        "PutJobSuccessResult",
        &json!({"jobId": id}),
        MINUTE
    )));
    assert!(
        callback
            .end()
            .is_some_and(|end| end.ok && end.status == "Succeeded")
    );
    assert!(!taken(&callback.call(
        "PutJobSuccessResult",
        &json!({"jobId": id}),
        MINUTE
    )));

    let mut callback = start();
    assert!(taken(&callback.call(
        "PutJobFailureResult",
        &json!({"jobId": id, "failureDetails": {"type": "JobFailed", "message": "no"}}),
        MINUTE
    )));
    assert!(
        callback
            .end()
            .is_some_and(|end| !end.ok && end.then.contains("no"))
    );

    let mut callback = start();
    assert!(taken(&callback.call(
        "PutJobSuccessResult",
        &json!({"jobId": id, "continuationToken": "t"}),
        MINUTE
    )));
    assert!(
        callback
            .end()
            .is_some_and(|end| end.again && end.output == "t")
    );

    let mut callback = start();
    callback.function_over(true);
    assert_eq!(
        callback.end(),
        None,
        "an error alone does not fail the action"
    );
    assert_eq!(callback.due(), Some(SimDuration::from_secs(1_200)));
    callback.waited(SimDuration::from_secs(1_199));
    assert_eq!(callback.end(), None);
    callback.waited(SimDuration::from_secs(1_200));
    assert!(
        callback
            .end()
            .is_some_and(|end| !end.ok && end.then.contains("20 minutes"))
    );
}

fn trigger_form(id: &str) -> lambda_playground::trigger::Form {
    lambda_playground::trigger::default_form(find(id))
}

#[test]
fn a_stack_waits_an_hour_for_its_answer() {
    let trigger = find("cloudformation");
    let event = trigger.sample(&trigger_form("cloudformation"), CONTEXT);
    let answer = |status: &str| {
        json!({"Status": status, "PhysicalResourceId": "p", "StackId": event["StackId"], "RequestId": event["RequestId"],
            "LogicalResourceId": event["LogicalResourceId"], "Data": {"Key": "value"}})
    };
    let put = |body: &Value| {
        let mut callback = trigger.callback(&event).expect("a callback");
        assert!(taken(&callback.call("PUT ResponseURL", body, MINUTE)));
        callback.end().expect("it is over").clone()
    };
    let end = put(&answer("SUCCESS"));
    assert!(end.ok && end.output["Key"] == "value");
    for (key, value, word) in [
        ("Status", json!("FAILED"), "Reason is required"),
        ("Status", json!("OK"), "SUCCESS or FAILED"),
        ("RequestId", json!("other"), "RequestId must be"),
        ("StackId", json!("other"), "StackId must be"),
        ("PhysicalResourceId", json!(""), "PhysicalResourceId"),
        ("Data", json!("x".repeat(4_096)), "4,096 bytes"),
    ] {
        let mut body = answer("SUCCESS");
        body[key] = value;
        let end = put(&body);
        assert!(
            !end.ok && end.again && end.then.contains(word),
            "{key}: {end:?}"
        );
    }
    let mut callback = trigger.callback(&event).expect("a callback");
    callback.function_over(false);
    assert_eq!(callback.due(), Some(SimDuration::from_secs(3_600)));
    callback.waited(SimDuration::from_secs(3_600));
    assert!(callback.end().is_some_and(|end| !end.ok && end.again));

    let trigger = find("cloudformation");
    let short = trigger.sample(
        &form(trigger, &[("properties", r#"{"ServiceTimeout": 60}"#)]),
        CONTEXT,
    );
    assert_eq!(
        short["ResourceProperties"]["ServiceTimeout"], "60",
        "properties are strings"
    );
    assert_eq!(
        trigger.callback(&short).expect("a callback").due(),
        Some(MINUTE)
    );
}

#[test]
fn a_task_token_has_timeout_and_heartbeat() {
    let mut callback = Callback::task_token("t", Some(300), Some(60));
    assert_eq!(callback.contract(), Contract::TaskToken);
    assert_eq!(callback.due(), Some(MINUTE));
    assert!(taken(&callback.call(
        "SendTaskHeartbeat",
        &json!({"taskToken": "t"}),
        SimDuration::from_secs(50)
    )));
    assert_eq!(callback.due(), Some(SimDuration::from_secs(110)));
    assert!(!taken(&callback.call(
        "SendTaskSuccess",
        &json!({"taskToken": "u", "output": "{}"}),
        MINUTE
    )));
    assert!(!taken(&callback.call(
        "SendTaskSuccess",
        &json!({"taskToken": "t", "output": {}}),
        MINUTE
    )));
    assert!(taken(&callback.call(
        "SendTaskSuccess",
        &json!({"taskToken": "t", "output": "{\"a\":1}"}),
        MINUTE
    )));
    assert!(
        callback
            .end()
            .is_some_and(|end| end.ok && end.output == json!({"a": 1}))
    );
    assert_eq!(callback.due(), None);

    let mut silent = Callback::task_token("t", Some(300), Some(60));
    silent.waited(MINUTE);
    assert!(
        silent
            .end()
            .is_some_and(|end| end.status == "States.HeartbeatTimeout")
    );
    let mut late = Callback::task_token("t", Some(300), None);
    late.waited(SimDuration::from_secs(300));
    assert!(late.end().is_some_and(|end| end.status == "States.Timeout"));
    let mut failed = Callback::task_token("t", None, None);
    assert!(taken(&failed.call(
        "SendTaskFailure",
        &json!({"taskToken": "t", "error": "E", "cause": "c"}),
        MINUTE
    )));
    assert!(
        failed
            .end()
            .is_some_and(|end| !end.ok && end.status == "E" && end.output == "c")
    );
}

#[test]
fn config_wants_evaluations() {
    let trigger = find("config");
    let event = trigger.sample(&trigger_form("config"), CONTEXT);
    let start = || trigger.callback(&event).expect("a callback");
    let evaluation = json!({"ComplianceResourceType": "AWS::EC2::Instance", "ComplianceResourceId": "i-1",
        "ComplianceType": "COMPLIANT", "OrderingTimestamp": 1});
    let body = |evaluations: Value| json!({"ResultToken": event["resultToken"], "Evaluations": evaluations});
    let mut callback = start();
    assert!(!taken(&callback.call(
        "PutEvaluations",
        &json!({"ResultToken": "x", "Evaluations": []}),
        MINUTE
    )));
    assert!(!taken(&callback.call(
        "PutEvaluations",
        &body(json!(vec![evaluation.clone(); 101])),
        MINUTE
    )));
    assert!(!taken(&callback.call(
        "PutEvaluations",
        &body(json!([{"ComplianceType": "GOOD"}])),
        MINUTE
    )));
    assert!(!taken(&callback.call(
        "PutEvaluation",
        &body(json!([])),
        MINUTE
    )));
    assert!(taken(&callback.call(
        "PutEvaluations",
        &body(json!([evaluation])),
        MINUTE
    )));
    assert!(callback.end().is_some_and(|end| end.ok));
    let mut forgotten = start();
    assert_eq!(forgotten.due(), None, "AWS Config does not wait");
    forgotten.function_over(false);
    assert!(
        forgotten
            .end()
            .is_some_and(|end| !end.ok && end.then.contains("without calling PutEvaluations"))
    );
}

#[test]
fn what_a_stack_began_it_undoes() {
    let trigger = find("cloudformation");
    let undone = |request: &str, physical: &str| {
        let event = trigger.sample(&form(trigger, &[("request", request)]), CONTEXT);
        let mut callback = trigger.callback(&event).expect("a callback");
        callback.call(
            "PUT ResponseURL",
            &json!({"Status": "FAILED", "Reason": "no", "PhysicalResourceId": physical, "StackId": event["StackId"],
                "RequestId": event["RequestId"], "LogicalResourceId": event["LogicalResourceId"]}),
            MINUTE,
        );
        let end = callback.end().expect("it is over").clone();
        (event.clone(), trigger.follow_up(&event, &end))
    };
    let (event, next) = undone("Create", "made");
    let next = next.expect("a Delete");
    assert_eq!(
        (&next["RequestType"], &next["PhysicalResourceId"]),
        (&json!("Delete"), &json!("made"))
    );
    assert_ne!(next["RequestId"], event["RequestId"]);
    assert!(
        next["ResponseURL"]
            .as_str()
            .expect("a string")
            .contains(next["RequestId"].as_str().expect("a string"))
    );
    assert_eq!(trigger.check_event(&next), []);
    let (event, next) = undone("Update", "made");
    let next = next.expect("an Update");
    assert_eq!(next["ResourceProperties"], event["OldResourceProperties"]);
    assert_eq!(next["OldResourceProperties"], event["ResourceProperties"]);
    assert_eq!(undone("Delete", "made").1, None);

    let trigger = find("codepipeline");
    let event = trigger.sample(&trigger_form("codepipeline"), CONTEXT);
    let mut callback = trigger.callback(&event).expect("a callback");
    let id = &event["CodePipeline.job"]["id"];
    callback.call(
        "PutJobSuccessResult",
        &json!({"jobId": id, "continuationToken": "later"}),
        MINUTE,
    );
    let next = trigger
        .follow_up(&event, callback.end().expect("an end"))
        .expect("the job again");
    assert_eq!(
        next["CodePipeline.job"]["data"]["continuationToken"],
        "later"
    );
}

/// The MD5 of nothing and of `abc`: RFC 1321, appendix A.5.
#[test]
fn a_dropped_file_has_its_real_etag() {
    assert_eq!(
        lambda_playground::trigger::etag(b""),
        "d41d8cd98f00b204e9800998ecf8427e"
    );
    let tag = lambda_playground::trigger::etag(b"abc");
    let event = sample("s3", &[("etag", &tag), ("size", "3")]);
    let object = &event["Records"][0]["s3"]["object"];
    assert_eq!(
        (&object["eTag"], &object["size"]),
        (&json!("900150983cd24fb0d6963f7d28e17f72"), &json!(3))
    );
}
