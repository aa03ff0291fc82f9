//! Settings of functions, account, load, clients and drills: read, refused and played.

use std::rc::Rc;

use lambda_playground::lambda::caller::Client;
use lambda_playground::lambda::cloud::Cloud;
use lambda_playground::lambda::config::{Destination, FunctionConfig, LogFormat, SystemLogLevel};
use lambda_playground::lambda::drill::{Drill, Trouble};
use lambda_playground::lambda::function::{AdditionalVersion, Alias, Provisioned};
use lambda_playground::lambda::model::Model;
use lambda_playground::lambda::summary;
use lambda_playground::lambda::traffic::{Pattern, Rate};
use lambda_playground::problem::{Problem, Severity};
use lambda_playground::scenario::{
    Arrival, FunctionSetup, Mapping, ModuleHash, Published, Runs, Scenario, Traffic, VersionSetup,
    from_json, to_json, validate,
};
use lambda_playground::sim::{Distribution, SimTime};

use crate::scripted::*;

/// A scenario with some of everything.
fn rich() -> Scenario {
    let published = Published {
        versions: vec![VersionSetup {
            number: 1,
            config: None,
            module: Some(ModuleHash("ab".repeat(32))),
            runs: None,
        }],
        aliases: vec![Alias {
            name: "live".to_owned(),
            version: 1,
            additional: None,
        }],
        provisioned: vec![Provisioned {
            qualifier: "live".to_owned(),
            amount: 5,
            requested: Some(SimTime::ZERO),
        }],
        last_version: 2,
    };
    let mut scenario = Scenario {
        runs: Runs::Cached,
        published,
        others: vec![FunctionSetup {
            config: FunctionConfig {
                name: "other".to_owned(),
                reserved_concurrency: Some(10),
                dead_letter: queue("dead"),
                ..FunctionConfig::default()
            },
            module: ModuleHash(String::new()),
            runs: Runs::Model(Model::default()),
            published: Published::default(),
        }],
        traffic: vec![Traffic {
            start: SimTime::ZERO,
            pattern: Pattern::Ramp {
                from: Rate(0),
                to: Rate::per_second(5),
                seconds: 10,
            },
            trigger: "direct".to_owned(),
            payload: "{}".to_owned(),
            function: Some("other".to_owned()),
            qualifier: None,
        }],
        client: Client::SDK,
        drills: vec![Drill {
            function: Some("other".to_owned()),
            from: SimTime::ZERO,
            until: None,
            trouble: Trouble::Errors { per_million: 10 },
        }],
        duplicates_per_million: 1,
        ..Scenario::default()
    };
    scenario.function.on_failure = queue("failed");
    scenario.arrivals = vec![Arrival {
        qualifier: Some("live".to_owned()),
        log_tail: true,
        ..Arrival::default()
    }];
    scenario
}

fn function(name: &str) -> Option<Destination> {
    Some(Destination(format!(
        "arn:aws:lambda:us-east-1:123456789012:function:{name}"
    )))
}

fn mapping() -> Mapping {
    serde_json::from_str(r#"{"EventSource": {"Type": "Kinesis"}, "StartingPosition": "LATEST"}"#)
        .expect("a mapping")
}

fn queue(name: &str) -> Option<Destination> {
    Some(Destination(format!(
        "arn:aws:sqs:us-east-1:123456789012:{name}"
    )))
}

#[test]
fn everything_is_written_and_read() {
    let scenario = rich();
    assert_eq!(validate(&scenario), []);
    assert_eq!(from_json(&to_json(&scenario)), (scenario.clone(), vec![]));
    let bytes = postcard::to_stdvec(&scenario).expect("a message");
    assert_eq!(postcard::from_bytes::<Scenario>(&bytes), Ok(scenario));
}

/// A scenario of version 1, as it was exported.
#[test]
fn version_1_is_still_read() {
    let text = r#"{
        "version": 1, "seed": 7, "epoch_ms": 1767614400000,
        "function": {"name": "old", "memory": 256, "timeout": 5, "ephemeral_storage_mb": 512, "architecture": "Arm",
                     "environment": [["AB", "1"]], "maximum_retry_attempts": 1, "maximum_event_age_seconds": 60},
        "module": "",
        "arrivals": [{"when": {"At": 0}, "trigger": "direct", "payload": "{}"}]
    }"#;
    let (scenario, problems) = from_json(text);
    assert_eq!(problems, []);
    assert_eq!(scenario.version, Scenario::default().version);
    assert_eq!(
        (scenario.function.name.as_str(), scenario.function.memory.0),
        ("old", 256)
    );
    assert_eq!(scenario.arrivals.len(), 1);
    assert_eq!(scenario.client, Client::NoRetry);
    assert_eq!(validate(&scenario), []);
}

/// What cannot be read is left out, each by itself.
#[test]
fn broken_parts_do_not_take_the_rest_with_them() {
    let text = r#"{
        "version": 2,
        "others": [{"config": {"name": "b", "memory": "much"}, "runs": {"Model": {"errors_per_million": 3}}}, 7],
        "traffic": [{"pattern": {"Burst": {"count": 3}}, "trigger": "direct"}, {"pattern": "Flood"}],
        "drills": [{"trouble": {"Earthquake": {}}}],
        "client": "Patient"
    }"#;
    let (scenario, problems) = from_json(text);
    assert_eq!(
        (
            scenario.others.len(),
            scenario.traffic.len(),
            scenario.drills.len()
        ),
        (1, 1, 0)
    );
    let mut places: Vec<_> = problems
        .iter()
        .map(|problem| problem.place.as_str())
        .collect();
    places.sort_unstable();
    assert_eq!(
        places,
        [
            "$.client",
            "$.drills[0]",
            "$.others[0].config.memory",
            "$.others[1]",
            "$.traffic[1]"
        ]
    );
}

/// Each refusal names its place, and says what the API would where the API says something.
#[test]
fn impossible_settings_are_refused() {
    type Change = fn(&mut Scenario);
    let cases: [(Change, &str, &str); 36] = [
        (
            |s| s.account_concurrency = 0,
            "$.account_concurrency",
            "outside 1 to 100,000",
        ),
        (
            |s| s.others[0].config.reserved_concurrency = Some(950),
            "$.others[0].config.reserved_concurrency",
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
        ),
        (
            |s| s.published.provisioned[0].amount = 901,
            "$.published.provisioned",
            "decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
        ),
        (
            |s| s.function.reserved_concurrency = Some(4),
            "$.published.provisioned",
            "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function",
        ),
        (
            |s| s.published.provisioned[0].amount = 0,
            "$.published.provisioned[0]",
            "Value '0' at 'provisionedConcurrentExecutions'",
        ),
        (
            |s| s.published.provisioned[0].qualifier = "$LATEST".to_owned(),
            "$.published.provisioned[0]",
            "unpublished function versions",
        ),
        (
            |s| s.published.provisioned[0].qualifier = "9".to_owned(),
            "$.published.provisioned[0]",
            "no version or alias '9'",
        ),
        (
            |s| {
                s.published.provisioned.push(Provisioned {
                    qualifier: "1".to_owned(),
                    amount: 1,
                    requested: None,
                })
            },
            "$.published.provisioned[1]",
            "has provisioned concurrency already",
        ),
        (
            |s| {
                s.published.versions.push(VersionSetup {
                    number: 0,
                    config: None,
                    module: None,
                    runs: None,
                })
            },
            "$.published.versions[1]",
            "is 0",
        ),
        (
            |s| {
                s.published.aliases[0].name = "12".to_owned();
                s.published.provisioned.clear();
            },
            "$.published.aliases[0]",
            "(?!^[0-9]+$)([a-zA-Z0-9-_]+)",
        ),
        (
            |s| s.published.aliases[0].version = 3,
            "$.published.aliases[0]",
            "no version 3",
        ),
        (
            |s| {
                s.published.aliases[0].additional = Some(AdditionalVersion {
                    version: 1,
                    per_thousand: 5,
                })
            },
            "$.published.aliases[0]",
            "the same",
        ),
        (
            |s| {
                s.others[0].config.name = "my-function".to_owned();
                s.drills.clear();
            },
            "$.others[0].config.name",
            "Function already exist: my-function",
        ),
        (
            |s| s.function.on_failure = Some(Destination("arn:aws:sqs".to_owned())),
            "$.function.on_failure",
            "'onFailure.destination'",
        ),
        (
            |s| s.function.on_success = Some(Destination("arn:aws:s3:::bucket".to_owned())),
            "$.function.on_success",
            "cannot be used here",
        ),
        (
            |s| s.function.dead_letter = queue("x.fifo"),
            "$.function.dead_letter",
            "FIFO",
        ),
        (
            |s| s.function.system_log_level = SystemLogLevel::Warn,
            "$.function.log_format",
            "JSON",
        ),
        (
            |s| s.function.log_group = Some("a b".to_owned()),
            "$.function.log_group",
            "'loggingConfig.logGroup'",
        ),
        (
            |s| s.traffic[0].trigger = "pigeon".to_owned(),
            "$.traffic[0].trigger",
            "no trigger",
        ),
        (
            |s| s.traffic[0].pattern = Pattern::Burst { count: 0 },
            "$.traffic[0].pattern",
            "1 to",
        ),
        (
            |s| {
                s.traffic[0].pattern = Pattern::Constant {
                    rate: Rate::per_second(100_001),
                    seconds: 1,
                }
            },
            "$.traffic[0].pattern",
            "More than 100000",
        ),
        (
            |s| {
                s.traffic[0].pattern = Pattern::Poisson {
                    rate: Rate::per_second(10_000),
                    seconds: 86_400,
                }
            },
            "$.traffic",
            "are the most",
        ),
        (
            |s| s.traffic[0].pattern = Pattern::Times(vec![SimTime::from_nanos(2), SimTime::ZERO]),
            "$.traffic[0].pattern",
            "not in order",
        ),
        (
            |s| {
                s.client = Client::Backoff {
                    max_attempts: 0,
                    base_ms: 1,
                    cap_ms: 1,
                }
            },
            "$.client",
            "1 to 100 tries",
        ),
        (
            |s| s.drills[0].until = Some(SimTime::ZERO),
            "$.drills[0].until",
            "before it begins",
        ),
        (
            |s| s.drills[0].function = Some("nobody".to_owned()),
            "$.drills[0].function",
            "no function 'nobody'",
        ),
        (
            |s| {
                s.others[0].runs = Runs::Model(Model {
                    duration: Distribution::Uniform {
                        from_micros: 2,
                        to_micros: 1,
                    },
                    ..Model::default()
                });
            },
            "$.others[0].runs.Model.duration",
            "longer than the longest",
        ),
        (
            |s| s.function.on_success = function("my-function"),
            "$.function.on_success",
            "You can't specify the function as a destination for itself.",
        ),
        (
            |s| s.function.on_failure = function("nobody"),
            "$.function.on_failure",
            "The destination ARN arn:aws:lambda:us-east-1:123456789012:function:nobody is invalid.",
        ),
        (
            |s| s.mappings.extend([mapping(), mapping()]),
            "$.mappings[1].FunctionName",
            "provided mapping already exists.",
        ),
        (
            |s| s.duplicates_per_million = 1_000_001,
            "$.duplicates_per_million",
            "more than all",
        ),
        (
            |s| s.idle_lifetime_seconds = 0,
            "$.idle_lifetime_seconds",
            "a second to a day",
        ),
        (
            |s| {
                s.drills[0].trouble = Trouble::Errors {
                    per_million: 1_000_001,
                }
            },
            "$.drills[0].trouble",
            "more than all",
        ),
        (
            |s| {
                s.drills[0].trouble = Trouble::PoisonMessage {
                    text: String::new(),
                }
            },
            "$.drills[0].trouble",
            "contains the empty text",
        ),
        (
            |s| {
                s.arrivals.push(Arrival {
                    trigger: "s3".to_owned(),
                    dry_run: true,
                    ..Arrival::default()
                })
            },
            "$.arrivals[1]",
            "Only direct calls",
        ),
        (
            |s| {
                s.mappings.push(mapping());
                s.mappings[0].config.batch_size = Some(10_001);
            },
            "$.mappings[0].BatchSize",
            "Value '10001' at 'batchSize' failed to satisfy constraint: Member must have value less than or equal to 10000",
        ),
    ];
    for (change, place, cause) in cases {
        let mut scenario = rich();
        change(&mut scenario);
        let problems = errors(&scenario);
        assert_eq!(problems.len(), 1, "{place}: {problems:#?}");
        assert_eq!(problems[0].place, place);
        assert!(problems[0].cause.contains(cause), "{}", problems[0].cause);
        assert!(!problems[0].cure.is_empty());
    }
}

fn errors(scenario: &Scenario) -> Vec<Problem> {
    let mut problems = validate(scenario);
    problems.retain(|problem| problem.severity == Severity::Error);
    problems
}

/// Calling what is not there can run: it is a way to see the 404.
#[test]
fn unknown_targets_are_only_warned_of() {
    let mut scenario = rich();
    scenario.arrivals[0].function = Some("nobody".to_owned());
    let problems = validate(&scenario);
    assert_eq!(problems.len(), 1);
    assert_eq!(
        (problems[0].severity, problems[0].place.as_str()),
        (Severity::Warning, "$.arrivals[0]")
    );
}

/// Small accounts keep all of their concurrency unreserved.
#[test]
fn small_accounts_cannot_reserve() {
    let mut scenario = Scenario {
        account_concurrency: 10,
        ..Scenario::default()
    };
    scenario.function.reserved_concurrency = Some(1);
    assert!(
        errors(&scenario)[0]
            .cause
            .ends_with("minimum value of [10].")
    );
    scenario.function.reserved_concurrency = Some(0);
    assert_eq!(errors(&scenario), []);
}

/// A scenario with load on a model needs no module at all.
#[test]
fn a_model_needs_no_module() {
    let scenario = Scenario {
        runs: Runs::Model(Model::default()),
        traffic: rich()
            .traffic
            .into_iter()
            .map(|t| Traffic {
                function: None,
                ..t
            })
            .collect(),
        ..Scenario::default()
    };
    assert!(scenario.modules().is_empty());
    let mut cloud = Cloud::with_modules(&scenario, &|_| None, patient()).expect("a valid scenario");
    while cloud.step() {}
    let entries = cloud.take_entries();
    assert_eq!(summary::totals(&entries).invocations, 25);
}

/// Modules are found by their names; one that is missing is a problem, not a crash.
#[test]
fn each_version_runs_its_own_module() {
    let scenario = rich();
    assert_eq!(scenario.modules().len(), 2);
    let missing = Cloud::with_modules(&scenario, &|_| None, patient())
        .err()
        .expect("no code");
    assert_eq!(missing[0].code, "scenario.module");
    let mut cloud = Cloud::with_modules(
        &scenario,
        &|module| {
            let text = if module.0.is_empty() {
                "\"latest\""
            } else {
                "\"one\""
            };
            Some(Rc::new(Scripted::always(vec![answer(text)])))
        },
        patient(),
    )
    .expect("a valid scenario");
    while cloud.step() {}
    let entries = cloud.take_entries();
    let direct = summary::invocations(&entries)
        .into_iter()
        .find(|story| story.payload.is_empty())
        .expect("the call of the alias");
    let response = direct.response.expect("an answer");
    assert_eq!(
        (
            response.payload.as_str(),
            response.executed_version.as_deref()
        ),
        ("\"one\"", Some("1"))
    );
    let (_, view) = direct.caller.expect("a view");
    assert!(
        view.headers
            .iter()
            .any(|(name, _)| name == "X-Amz-Log-Result")
    );
    assert_eq!(scenario.function.log_format, LogFormat::Text);
}
