//! AWS SAM templates in and out.

use std::path::Path;
use std::process::Command;

use lambda_playground::export::sam;
use lambda_playground::lambda::config::*;
use lambda_playground::lambda::event_source::Source;
use lambda_playground::lambda::event_source::settings::{FunctionResponseType, StartingPosition};
use lambda_playground::problem::{Problem, Severity};
use lambda_playground::scenario::{Scenario, to_json, validate};
use proptest::prelude::*;

const ORDERS: &str = include_str!("orders.yaml");

fn read(text: &str) -> (Scenario, Vec<Problem>) {
    sam::read(text).expect("it is a template")
}

/// What matters enough to be looked at.
fn warnings(problems: &[Problem]) -> Vec<String> {
    problems
        .iter()
        .filter(|problem| problem.severity > Severity::Note)
        .map(ToString::to_string)
        .collect()
}

#[test]
fn a_template_of_a_shop_is_taken_over() {
    let (scenario, problems) = read(ORDERS);
    let function = &scenario.function;
    assert_eq!(function.name, "orders-test");
    assert_eq!(function.memory, MemoryMb(1769));
    assert_eq!(function.timeout, TimeoutSeconds(20));
    assert_eq!(function.ephemeral_storage_mb, 1024);
    assert_eq!(function.architecture, Architecture::Arm);
    assert_eq!(
        function.environment,
        [
            ("TABLE", "orders-test"),
            (
                "QUEUE_URL",
                "https://sqs.us-east-1.amazonaws.com/123456789012/orders-queue"
            ),
            ("LEVEL", "debug"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    assert_eq!(function.reserved_concurrency, Some(25));
    assert_eq!(function.maximum_retry_attempts, 1);
    assert_eq!(function.maximum_event_age_seconds, 3600);
    let arn = |it: &Option<Destination>| it.as_ref().map(|it| it.0.clone());
    assert_eq!(
        arn(&function.on_failure).as_deref(),
        Some("arn:aws:sqs:us-east-1:123456789012:orders-failed")
    );
    assert_eq!(
        arn(&function.on_success).as_deref(),
        Some("arn:aws:events:us-east-1:123456789012:event-bus/default")
    );
    assert_eq!(
        arn(&function.dead_letter).as_deref(),
        Some("arn:aws:sns:us-east-1:123456789012:Alarms")
    );
    assert_eq!(function.log_format, LogFormat::Json);
    assert_eq!(function.application_log_level, ApplicationLogLevel::Debug);
    assert_eq!(scenario.published.aliases[0].name, "live");
    assert_eq!(scenario.published.provisioned[0].amount, 2);

    let triggers: Vec<_> = scenario
        .arrivals
        .iter()
        .map(|it| {
            (
                it.trigger.as_str(),
                it.function.as_deref(),
                it.qualifier.as_deref(),
            )
        })
        .collect();
    let live = Some("live");
    assert_eq!(
        triggers,
        [
            ("api-gateway-http", None, live),
            ("sqs", None, live),
            ("eventbridge", None, live),
            ("eventbridge-schedule", None, live),
            ("s3", None, live),
            ("kinesis", Some("Audit"), None),
        ]
    );
    assert!(
        scenario.arrivals[0]
            .payload
            .contains("\"rawPath\": \"/orders/1\"")
    );
    assert!(scenario.arrivals[2].payload.contains("com.example.shop"));
    assert!(scenario.arrivals[4].payload.contains("uploads/object.csv"));

    let Source::Sqs(queue) = &scenario.mappings[0].source else {
        panic!("a queue: {:?}", scenario.mappings[0]);
    };
    assert_eq!(
        (queue.queue_name.as_str(), queue.visibility_timeout),
        ("orders-queue", 120)
    );
    assert_eq!(
        queue.redrive_policy.as_ref().map(|it| it.max_receive_count),
        Some(4)
    );
    let mapping = &scenario.mappings[0].config;
    assert_eq!(mapping.batch_size, Some(5));
    assert_eq!(
        mapping.function_response_types,
        [FunctionResponseType::ReportBatchItemFailures]
    );
    assert_eq!(
        mapping
            .filter_criteria
            .as_ref()
            .map(|it| it.filters[0].pattern.as_str()),
        Some("{\"body\": {\"total\": [{\"numeric\": [\">\", 10]}]}}")
    );
    let stream = &scenario.mappings[1];
    assert_eq!(stream.function_name.as_deref(), Some("Audit"));
    assert_eq!(
        stream.config.starting_position,
        Some(StartingPosition::TrimHorizon)
    );
    assert_eq!(stream.config.maximum_retry_attempts, Some(3));
    assert_eq!(
        stream.config.on_failure(),
        Some("arn:aws:sqs:us-east-1:123456789012:orders-failed")
    );

    // What was left out is listed with its place.
    let of = |code: &str| -> Vec<String> {
        let found = problems.iter().filter(|problem| problem.code == code);
        found.map(|problem| problem.place.clone()).collect()
    };
    assert_eq!(
        of("template.unknown"),
        ["line 43, Resources.Orders.Properties.MemorySzie"]
    );
    assert_eq!(
        of("template.value"),
        ["line 71, Resources.Orders.Properties.Events.Mail"]
    );
    assert!(
        of("template.unplayed")
            .iter()
            .any(|it| it.ends_with("Properties.Policies"))
    );
    assert!(
        of("template.resource")
            .iter()
            .any(|it| it.ends_with("Resources.Alarm"))
    );
    assert!(!of("template.code").is_empty());

    // And it can be played.
    let errors: Vec<_> = validate(&scenario)
        .into_iter()
        .filter(|it| it.severity == Severity::Error)
        .collect();
    assert_eq!(errors, []);
}

#[test]
fn plain_cloudformation_in_json_is_taken_over_too() {
    let text = r#"{
      "AWSTemplateFormatVersion": "2010-09-09",
      "Resources": {
        "Worker": {"Type": "AWS::Lambda::Function", "Properties": {
          "MemorySize": "256", "Timeout": 30, "Runtime": "python3.13", "Handler": "a.b", "Role": "arn",
          "DeadLetterConfig": {"TargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}},
          "Code": {"ZipFile": "def b(): pass"}}},
        "Dead": {"Type": "AWS::SQS::Queue"},
        "Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": true, "QueueName": "jobs.fifo"}},
        "Reads": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {
          "EventSourceArn": {"Fn::GetAtt": ["Jobs", "Arn"]}, "FunctionName": {"Ref": "Worker"}, "BatchSize": 3}},
        "Async": {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": {
          "FunctionName": {"Ref": "Worker"}, "Qualifier": "$LATEST", "MaximumRetryAttempts": 0}},
        "Web": {"Type": "AWS::Lambda::Url", "Properties": {
          "TargetFunctionArn": {"Fn::GetAtt": ["Worker", "Arn"]}, "AuthType": "NONE"}}
      }
    }"#;
    let (scenario, problems) = read(text);
    assert_eq!(warnings(&problems), Vec::<String>::new());
    assert_eq!(scenario.function.memory, MemoryMb(256));
    assert_eq!(scenario.function.maximum_retry_attempts, 0);
    assert!(scenario.function.dead_letter.is_some());
    assert_eq!(scenario.mappings.len(), 1);
    let triggers: Vec<_> = scenario
        .arrivals
        .iter()
        .map(|it| it.trigger.as_str())
        .collect();
    assert_eq!(triggers, ["sqs", "function-url"]);
    assert!(scenario.arrivals[0].payload.contains("MessageGroupId"));
}

#[test]
fn what_only_a_deployment_knows_is_listed() {
    let text = "
Parameters:
  Size: {Type: Number}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      MemorySize: !Ref Size
      Timeout: !ImportValue shared-timeout
      Environment: {Variables: {A: !GetAtt Bucket.DomainName, B: !Sub '${AWS::Region}-${Nobody}', C: plain}}
  Bucket: {Type: AWS::S3::Bucket}
";
    let (scenario, problems) = read(text);
    assert_eq!(scenario.function.memory, MemoryMb(128));
    assert_eq!(
        scenario.function.environment,
        [("C".to_owned(), "plain".to_owned())]
    );
    let told = warnings(&problems).join("\n");
    for part in [
        "line 8, Resources.F.Properties.MemorySize",
        "the parameter Size has no default",
        "line 9, Resources.F.Properties.Timeout",
        "Fn::ImportValue",
        "Bucket.DomainName",
        "nothing in the template is called Nobody",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
    // Without events it is called by hand.
    assert_eq!(scenario.arrivals[0].trigger, "direct");
}

#[test]
fn a_text_without_a_function_is_refused() {
    for text in [
        "",
        "{}",
        "a: [",
        "Resources: {}",
        "Resources: [1, 2]",
        "- 1",
        "\t",
        "Resources: {F: 7}",
    ] {
        let problem = sam::read(text).expect_err("it is no template");
        assert!(problem.code.starts_with("template."), "{text}: {problem}");
    }
}

#[test]
fn conditions_decide_at_their_defaults() {
    let text = "
Parameters: {Stage: {Type: String, Default: dev}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsNot: !Not [!Condition IsProd]
  Round: !Condition Round
Resources:
  Big: {Type: AWS::Serverless::Function, Condition: IsProd}
  Small:
    Type: AWS::Serverless::Function
    Condition: IsNot
    Properties: {MemorySize: !If [IsProd, 1024, 512], Timeout: !If [Round, 1, 2]}
";
    let (scenario, problems) = read(text);
    assert_eq!(scenario.function.name, "Small");
    assert!(scenario.others.is_empty());
    assert_eq!(scenario.function.memory, MemoryMb(512));
    assert!(
        warnings(&problems)[0].contains("nested too deep"),
        "{problems:?}"
    );
}

#[test]
fn names_that_rest_on_themselves_and_conditions_without_end_are_given_up() {
    let mut text = "
Conditions:
  C0: !Equals [a, b]
"
    .to_owned();
    for n in 1..24 {
        let all = vec![format!("!Condition C{}", n - 1); 10].join(", ");
        text += &format!("  C{n}: !Or [{all}]\n");
    }
    text += "
Resources:
  F:
    Type: AWS::Serverless::Function
    Condition: C23
    Properties: {FunctionName: !Sub '${F}${F}', Timeout: 7, DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Q.Arn}}
  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub '${Q.QueueName}${Q.QueueName}'}}
  S: {Type: AWS::Kinesis::StreamConsumer, Properties: {StreamARN: !GetAtt S.ConsumerARN}}
";
    let (scenario, _) = read(&text);
    assert_eq!(scenario.function.timeout, TimeoutSeconds(7));
}

/// The same without what a template does not hold: requests, module, seed.
fn essence(scenario: &Scenario) -> String {
    let mut scenario = scenario.clone();
    scenario.arrivals.clear();
    to_json(&scenario)
}

#[test]
fn what_is_written_is_read_back() {
    let (scenario, _) = read(ORDERS);
    let written = sam::template(&scenario);
    let (again, problems) = read(&written);
    assert_eq!(warnings(&problems), Vec::<String>::new(), "{written}");
    assert_eq!(essence(&again), essence(&scenario), "{written}");
    let triggers = |scenario: &Scenario| -> Vec<String> {
        let mut all: Vec<_> = scenario
            .arrivals
            .iter()
            .map(|it| it.trigger.clone())
            .collect();
        all.sort();
        all
    };
    assert_eq!(triggers(&again), triggers(&scenario));
    // And written again it is the same to the letter.
    assert_eq!(
        sam::template(&again),
        sam::template(&read(&sam::template(&again)).0)
    );
}

/// Scenarios that try everything the writer knows: one for each trigger.
fn one_of_each() -> Vec<(String, Scenario)> {
    lambda_playground::trigger::all()
        .iter()
        .map(|found| {
            let form = lambda_playground::trigger::default_form(*found);
            let context = lambda_playground::trigger::SampleContext {
                time_ms: 1_767_614_400_000,
                seed: 1,
            };
            let mut scenario = Scenario::default();
            scenario
                .arrivals
                .push(lambda_playground::scenario::Arrival {
                    trigger: found.id().to_owned(),
                    payload: found.sample(&form, context).to_string(),
                    ..Default::default()
                });
            (found.id().to_owned(), scenario)
        })
        .collect()
}

#[test]
fn every_trigger_is_written_or_named_as_what_sam_has_no_event_for() {
    for (id, scenario) in one_of_each() {
        let text = sam::template(&scenario);
        let (again, problems) = read(&text);
        assert_eq!(warnings(&problems), Vec::<String>::new(), "{id}: {text}");
        let remarked = text.contains(&format!("through {id},"));
        let by_hand = id.starts_with("direct");
        assert!(
            again.arrivals[0].trigger == id || remarked || by_hand,
            "{id}: {text}"
        );
        let files = sam::files(&scenario);
        let script = files
            .iter()
            .find(|file| file.path == "commands.sh")
            .unwrap();
        assert!(script.text.contains("sam local invoke MyFunction --event"));
        assert!(files.iter().any(|file| file.path.starts_with("events/01-")));
    }
}

/// Where `scripts/setup` puts cfn-lint, or wherever it is on this machine.
fn cfn_lint() -> Option<std::path::PathBuf> {
    let named = std::env::var_os("CFN_LINT").map(Into::into);
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(std::path::PathBuf::from)
        .or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cache")));
    let tools = cache.map(|it| it.join("lambda-playground/tools"));
    let version = include_str!("../../scripts/versions.env")
        .lines()
        .find_map(|line| line.strip_prefix("CFN_LINT_VERSION="))?;
    let ours = tools.map(|it| it.join(format!("cfn-lint-{version}/bin/cfn-lint")));
    [named, ours]
        .into_iter()
        .flatten()
        .find(|path| path.is_file())
}

#[test]
fn cfn_lint_finds_nothing_in_what_is_written() {
    let Some(linter) = cfn_lint() else {
        assert!(
            std::env::var_os("LAMBDA_PLAYGROUND_REQUIRE_CFN_LINT").is_none(),
            "cfn-lint is wanted here; scripts/setup installs it"
        );
        println!("not run: cfn-lint is not here; scripts/setup installs it");
        return;
    };
    let folder = tempfolder();
    let mut scenarios = one_of_each();
    scenarios.push(("orders".to_owned(), read(ORDERS).0));
    let mut paths = Vec::new();
    for (id, scenario) in &scenarios {
        let path = folder.join(format!("{id}.yaml"));
        std::fs::write(&path, sam::template(scenario)).expect("a file");
        paths.push(path);
    }
    let output = Command::new(linter)
        .args(["--non-zero-exit-code", "warning"])
        .args(&paths)
        .output()
        .expect("it starts");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{told}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    std::fs::remove_dir_all(folder).expect("it was made here");
}

fn tempfolder() -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("lambda-playground-sam-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

proptest! {
    #[test]
    fn whatever_a_template_says_nothing_panics(
        // A good template in which something is cut out, doubled or replaced.
        from in 0usize..3_000, length in 0usize..200, junk in "[-:!{}\\[\\] \nA-z0-9&*'\"$.]{0,40}",
    ) {
        let text: Vec<char> = ORDERS.chars().collect();
        let from = from.min(text.len());
        let to = (from + length).min(text.len());
        let broken: String = text[..from].iter().copied().chain(junk.chars()).chain(text[to..].iter().copied()).collect();
        if let Ok((scenario, _)) = sam::read(&broken) {
            let _ = validate(&scenario);
            let written = sam::template(&scenario);
            prop_assert!(sam::read(&written).is_ok(), "{}", written);
        }
    }

    #[test]
    fn whatever_a_function_is_called_its_template_is_one(name in any::<String>(), value in any::<String>()) {
        let mut scenario = Scenario::default();
        scenario.function.name = name.clone();
        scenario.function.environment.push(("NAME".to_owned(), value.clone()));
        let written = sam::template(&scenario);
        let (again, _) = sam::read(&written).map_err(|it| TestCaseError::fail(format!("{it}\n{written}")))?;
        prop_assert_eq!(again.function.name, name);
        prop_assert_eq!(&again.function.environment[0].1, &value);
    }
}

/// A function is the same one, in whichever form a mapping or a request names it.
#[test]
fn functions_are_found_by_every_name() {
    let with = |name: Option<&str>| {
        let mapping = serde_json::json!({"EventSource": {"Type": "SQS"}, "FunctionName": name});
        let arrival = serde_json::json!({"trigger": "s3", "payload": "{}", "function": name});
        let scenario =
            serde_json::json!({"version": 2, "mappings": [mapping], "arrivals": [arrival]});
        let (scenario, _) = lambda_playground::scenario::from_json(&scenario.to_string());
        (sam::template(&scenario), sam::files(&scenario))
    };
    let plain = with(Some("my-function"));
    assert!(plain.0.contains("Type: SQS") && plain.0.contains("Type: S3"));
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:my-function";
    assert_eq!(with(Some(arn)), plain);
}
