//! A scenario written as a template.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::yaml::{Yaml, document};
use crate::lambda::config::{
    Architecture, Destination, DestinationKind, FunctionConfig, LogFormat, RecursiveLoop,
};
use crate::lambda::event_source::{Source, default};
use crate::lambda::function_name::meant;
use crate::lambda::names::{ACCOUNT, REGION};
use crate::scenario::{FunctionView, Mapping, Scenario};

/// The scenario's functions with their settings, the sources that they read, and an event for each way in which they are
/// called. Requests and load are not a template's business.
pub fn template(scenario: &Scenario) -> String {
    let mut writing = Writing::default();
    let functions: Vec<_> = scenario.functions().collect();
    for function in &functions {
        let id = writing.fresh_id(&function.config.name, "Function");
        writing
            .functions
            .insert(function.config.name.clone(), id.clone());
    }
    for (index, function) in functions.iter().enumerate() {
        writing.function(scenario, *function, index == 0);
    }
    let head = [
        ("AWSTemplateFormatVersion", Yaml::text("2010-09-09")),
        ("Transform", Yaml::text("AWS::Serverless-2016-10-31")),
        (
            "Description",
            Yaml::text("Written by Lambda Playground; CodeUri is where your own code belongs"),
        ),
        ("Resources", Some(Yaml::Map(writing.resources))),
    ];
    let Yaml::Map(members) = Yaml::map(head) else {
        return String::new();
    };
    let mut text = document(&members);
    for remark in writing.remarks {
        text += &format!("# {remark}\n");
    }
    text
}

/// A function's logical id in the template; what `sam local invoke` is called with.
pub(super) fn function_ids(scenario: &Scenario) -> BTreeMap<String, String> {
    let mut writing = Writing::default();
    for function in scenario.functions() {
        let id = writing.fresh_id(&function.config.name, "Function");
        writing.functions.insert(function.config.name.clone(), id);
    }
    writing.functions
}

#[derive(Default)]
struct Writing {
    resources: Vec<(String, Yaml)>,
    ids: BTreeSet<String>,
    /// Names of functions to their ids.
    functions: BTreeMap<String, String>,
    /// ARNs of what the template makes to how it is referred to.
    made: BTreeMap<String, Yaml>,
    /// What the template cannot say.
    remarks: Vec<String>,
}

impl Writing {
    /// A logical id: letters and digits, and not given yet.
    fn fresh_id(&mut self, name: &str, ending: &str) -> String {
        let mut id = String::new();
        for part in name.split(|c: char| !c.is_ascii_alphanumeric()) {
            let mut letters = part.chars();
            id.extend(letters.next().map(|c| c.to_ascii_uppercase()));
            id.extend(letters);
        }
        if !id.starts_with(|c: char| c.is_ascii_alphabetic()) {
            id.insert_str(0, "My");
        }
        if !id.ends_with(ending) {
            id.push_str(ending);
        }
        let mut fresh = id.clone();
        let mut number = 2;
        while !self.ids.insert(fresh.clone()) {
            fresh = format!("{id}{number}");
            number += 1;
        }
        fresh
    }

    fn resource(&mut self, id: &str, kind: &str, properties: Yaml) {
        let whole = Yaml::map([("Type", Yaml::text(kind)), ("Properties", Some(properties))]);
        self.resources.push((id.to_owned(), whole));
    }

    fn function(&mut self, scenario: &Scenario, function: FunctionView<'_>, first: bool) {
        let config = function.config;
        let id = self
            .functions
            .get(&config.name)
            .cloned()
            .unwrap_or_default();
        let alias = function.published.aliases.first();
        let provisioned = alias.and_then(|alias| {
            let mut amounts = function.published.provisioned.iter();
            amounts.find(|it| it.qualifier == alias.name)
        });
        let (events, url) = self.events(scenario, config, first);
        let properties = Yaml::map([
            ("FunctionName", Yaml::text(&config.name)),
            ("CodeUri", Yaml::text(format!("{}/", folder(&config.name)))),
            ("Handler", Yaml::text("bootstrap")),
            ("Runtime", Yaml::text("provided.al2023")),
            (
                "Architectures",
                Some(Yaml::List(vec![Yaml::Text(
                    architecture(config).to_owned(),
                )])),
            ),
            ("MemorySize", Yaml::raw(config.memory.0)),
            ("Timeout", Yaml::raw(config.timeout.0)),
            (
                "EphemeralStorage",
                Some(Yaml::map([(
                    "Size",
                    Yaml::raw(config.ephemeral_storage_mb),
                )])),
            ),
            ("Environment", environment(config)),
            (
                "ReservedConcurrentExecutions",
                config.reserved_concurrency.and_then(Yaml::raw),
            ),
            (
                "RecursiveLoop",
                (config.recursive_loop == RecursiveLoop::Allow)
                    .then(|| Yaml::Text("Allow".to_owned())),
            ),
            ("LoggingConfig", logging(config)),
            (
                "AutoPublishAlias",
                alias.and_then(|alias| Yaml::text(&alias.name)),
            ),
            (
                "ProvisionedConcurrencyConfig",
                provisioned.map(|it| {
                    Yaml::map([("ProvisionedConcurrentExecutions", Yaml::raw(it.amount))])
                }),
            ),
            ("DeadLetterQueue", self.dead_letter(config)),
            ("EventInvokeConfig", Some(self.asynchronous(config))),
            ("FunctionUrlConfig", url),
            ("Events", (!events.is_empty()).then_some(Yaml::Map(events))),
        ]);
        self.resource(&id, "AWS::Serverless::Function", properties);
    }

    fn dead_letter(&mut self, config: &FunctionConfig) -> Option<Yaml> {
        let target = config.dead_letter.as_ref()?;
        let kind = match target.kind()? {
            DestinationKind::Sns => "SNS",
            _ => "SQS",
        };
        Some(Yaml::map([
            ("Type", Yaml::text(kind)),
            ("TargetArn", Some(self.target(target))),
        ]))
    }

    fn asynchronous(&mut self, config: &FunctionConfig) -> Yaml {
        let mut destination = |of: &Option<Destination>| {
            let of = of.as_ref()?;
            let kind = match of.kind()? {
                DestinationKind::Sqs => "SQS",
                DestinationKind::Sns => "SNS",
                DestinationKind::EventBridge => "EventBridge",
                DestinationKind::Lambda => "Lambda",
                DestinationKind::S3 => "S3Bucket",
            };
            Some(Yaml::map([
                ("Type", Yaml::text(kind)),
                ("Destination", Some(self.target(of))),
            ]))
        };
        let (success, failure) = (
            destination(&config.on_success),
            destination(&config.on_failure),
        );
        let destinations = (success.is_some() || failure.is_some())
            .then(|| Yaml::map([("OnSuccess", success), ("OnFailure", failure)]));
        Yaml::map([
            (
                "MaximumRetryAttempts",
                Yaml::raw(config.maximum_retry_attempts),
            ),
            (
                "MaximumEventAgeInSeconds",
                Yaml::raw(config.maximum_event_age_seconds),
            ),
            ("DestinationConfig", destinations),
        ])
    }

    /// How a target is referred to; one of this account is made with the template.
    fn target(&mut self, target: &Destination) -> Yaml {
        let name = target.0.rsplit([':', '/']).next().unwrap_or_default();
        match target.kind() {
            Some(DestinationKind::Sqs) => self.queue_for(&target.0, name),
            Some(DestinationKind::Sns) => self.made(&target.0, name, "Topic", |id| {
                ("AWS::SNS::Topic", "TopicName", format!("!Ref {id}"))
            }),
            Some(DestinationKind::S3) => self.made(&target.0, name, "Bucket", |id| {
                ("AWS::S3::Bucket", "BucketName", format!("!GetAtt {id}.Arn"))
            }),
            Some(DestinationKind::Lambda) => {
                let function = target
                    .function()
                    .and_then(|(name, _)| self.functions.get(name));
                match function {
                    Some(id) => Yaml::Raw(format!("!GetAtt {id}.Arn")),
                    None => foreign(&target.0),
                }
            }
            _ => foreign(&target.0),
        }
    }

    /// A queue that only receives.
    fn queue_for(&mut self, arn: &str, name: &str) -> Yaml {
        self.made(arn, name, "Queue", |id| {
            ("AWS::SQS::Queue", "QueueName", format!("!GetAtt {id}.Arn"))
        })
    }

    /// A resource that has nothing but a name, made once.
    fn made(
        &mut self,
        arn: &str,
        name: &str,
        ending: &str,
        what: impl Fn(&str) -> (&'static str, &'static str, String),
    ) -> Yaml {
        let own = format!(":{REGION}:{ACCOUNT}:");
        if !arn.contains(&own) && !arn.starts_with("arn:aws:s3:::") {
            return foreign(arn);
        }
        if let Some(reference) = self.made.get(arn) {
            return reference.clone();
        }
        let id = self.fresh_id(name, ending);
        let (kind, property, reference) = what(&id);
        let reference = Yaml::Raw(reference);
        self.made.insert(arn.to_owned(), reference.clone());
        let fifo = name
            .ends_with(".fifo")
            .then(|| Yaml::Raw("true".to_owned()));
        let properties = Yaml::map([(property, Yaml::text(name)), ("FifoQueue", fifo)]);
        self.resource(&id, kind, properties);
        reference
    }

    /// The events of a function, and its URL.
    fn events(
        &mut self,
        scenario: &Scenario,
        config: &FunctionConfig,
        first: bool,
    ) -> (Vec<(String, Yaml)>, Option<Yaml>) {
        let is_for = |name: &Option<String>| match meant(name.as_deref(), None).name {
            None => first,
            Some(name) => name == config.name,
        };
        let mut mappings: Vec<Mapping> = scenario
            .mappings
            .iter()
            .filter(|mapping| is_for(&mapping.function_name))
            .cloned()
            .collect();
        let requests = scenario
            .arrivals
            .iter()
            .map(|it| (&it.function, it.trigger.as_str(), it.payload.as_str()));
        let loads = scenario
            .traffic
            .iter()
            .map(|it| (&it.function, it.trigger.as_str(), it.payload.as_str()));
        let mut seen = BTreeSet::new();
        let (mut events, mut url) = (Vec::new(), None);
        for (_, trigger, payload) in requests.chain(loads).filter(|(name, ..)| is_for(name)) {
            if !seen.insert(trigger) {
                continue;
            }
            let event: Value = serde_json::from_str(payload).unwrap_or_default();
            if let Some(source) = default::source(trigger, &event, config.timeout.0) {
                if mappings.iter().all(|it| it.source.trigger() != trigger) {
                    mappings.push(Mapping {
                        config: default::config(&source),
                        source,
                        function_name: None,
                        qualifier: None,
                    });
                }
            } else if let Some(written) = self.pushed(trigger, &event, config) {
                match written {
                    Pushed::Url(own) => url = Some(own),
                    Pushed::Event(kind, properties) => {
                        events.push((kind.to_owned(), event_of(kind, properties)));
                    }
                    Pushed::Nothing => {}
                }
            } else {
                self.remarks.push(format!(
                    "{} is also called through {trigger}, for which SAM has no event type.",
                    config.name
                ));
            }
        }
        for mapping in mappings {
            let (kind, properties) = self.polled(&mapping);
            let name = match events
                .iter()
                .filter(|(name, _)| name.starts_with(kind))
                .count()
            {
                0 => kind.to_owned(),
                others => format!("{kind}{}", others + 1),
            };
            events.push((name, event_of(kind, properties)));
        }
        (events, url)
    }

    fn pushed(&mut self, trigger: &str, event: &Value, config: &FunctionConfig) -> Option<Pushed> {
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
        let path = |pointer: &str| {
            let path = text(pointer).filter(|path| path.starts_with('/'));
            Yaml::text(path.unwrap_or("/"))
        };
        let method = |pointer: &str| Yaml::text(text(pointer).unwrap_or("GET").to_lowercase());
        Some(match trigger {
            // Nothing has to be set up for these.
            "direct" | "direct-async" | "direct-dry-run" => Pushed::Nothing,
            "function-url" | "function-url-streaming" => {
                let signed = event.pointer("/requestContext/authorizer/iam").is_some();
                let streamed = trigger == "function-url-streaming";
                Pushed::Url(Yaml::map([
                    (
                        "AuthType",
                        Yaml::text(if signed { "AWS_IAM" } else { "NONE" }),
                    ),
                    (
                        "InvokeMode",
                        streamed.then(|| Yaml::Text("RESPONSE_STREAM".to_owned())),
                    ),
                ]))
            }
            "api-gateway-rest" => Pushed::Event(
                "Api",
                Yaml::map([
                    ("Path", path("/resource")),
                    ("Method", method("/httpMethod")),
                ]),
            ),
            "api-gateway-http" => Pushed::Event(
                "HttpApi",
                Yaml::map([
                    ("Path", path("/rawPath")),
                    ("Method", method("/requestContext/http/method")),
                ]),
            ),
            "s3" => {
                let bucket = text("/Records/0/s3/bucket/name").unwrap_or("amzn-s3-demo-bucket");
                let id = self.fresh_id(bucket, "Bucket");
                let properties = Yaml::map([("BucketName", Yaml::text(bucket))]);
                self.resource(&id, "AWS::S3::Bucket", properties);
                let name = text("/Records/0/eventName").unwrap_or("ObjectCreated:*");
                let events = Yaml::List(vec![Yaml::Text(format!("s3:{name}"))]);
                Pushed::Event(
                    "S3",
                    Yaml::map([
                        ("Bucket", Yaml::raw(format!("!Ref {id}"))),
                        ("Events", Some(events)),
                    ]),
                )
            }
            "sns" => {
                let arn = text("/Records/0/Sns/TopicArn").unwrap_or_default();
                let arn = match arn.is_empty() {
                    true => format!("arn:aws:sns:{REGION}:{ACCOUNT}:my-topic"),
                    false => arn.to_owned(),
                };
                let topic = self.target(&Destination(arn));
                Pushed::Event("SNS", Yaml::map([("Topic", Some(topic))]))
            }
            "eventbridge" => {
                let list = |pointer: &str| Some(Yaml::List(vec![Yaml::text(text(pointer)?)?]));
                let pattern = Yaml::map([
                    ("source", list("/source")),
                    ("detail-type", list("/detail-type")),
                ]);
                Pushed::Event("EventBridgeRule", Yaml::map([("Pattern", Some(pattern))]))
            }
            "eventbridge-schedule" => Pushed::Event(
                "Schedule",
                // The event does not say how often it comes.
                Yaml::map([("Schedule", Yaml::text("rate(5 minutes)"))]),
            ),
            "cloudwatch-logs" => Pushed::Event(
                "CloudWatchLogs",
                Yaml::map([
                    ("LogGroupName", Yaml::text("/aws/lambda/another-function")),
                    ("FilterPattern", Yaml::text("ERROR")),
                ]),
            ),
            "iot" => Pushed::Event(
                "IoTRule",
                Yaml::map([("Sql", Yaml::text("SELECT * FROM 'sensors/#'"))]),
            ),
            "cognito" => {
                let id = self.fresh_id(&config.name, "UserPool");
                self.resource(&id, "AWS::Cognito::UserPool", Yaml::Map(Vec::new()));
                let source = text("/triggerSource").unwrap_or("PreSignUp_SignUp");
                let trigger = match source.split('_').next() {
                    Some("TokenGeneration") => "PreTokenGeneration",
                    Some(other) => other,
                    None => "PreSignUp",
                };
                Pushed::Event(
                    "Cognito",
                    Yaml::map([
                        ("UserPool", Yaml::raw(format!("!Ref {id}"))),
                        ("Trigger", Yaml::text(trigger)),
                    ]),
                )
            }
            "alexa" => Pushed::Event("AlexaSkill", Yaml::Map(Vec::new())),
            _ => return None,
        })
    }

    /// The event of a source that Lambda reads.
    fn polled(&mut self, mapping: &Mapping) -> (&'static str, Yaml) {
        let arn = mapping.source.arn();
        let secret = |kind: &str| {
            Yaml::of(&json!([{
                "Type": kind,
                "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:my-secret-a1b2c3",
            }]))
        };
        let (kind, mut members) = match &mapping.source {
            Source::Sqs(queue) => {
                let policy = queue.redrive_policy.as_ref().map(|policy| {
                    let target = &policy.dead_letter_target_arn;
                    let name = target.rsplit(':').next().unwrap_or_default();
                    Yaml::map([
                        ("deadLetterTargetArn", Some(self.queue_for(target, name))),
                        ("maxReceiveCount", Yaml::raw(policy.max_receive_count)),
                    ])
                });
                let yes = |flag: bool| flag.then(|| Yaml::Raw("true".to_owned()));
                let properties = Yaml::map([
                    ("QueueName", Yaml::text(&queue.queue_name)),
                    ("FifoQueue", yes(queue.is_fifo())),
                    ("VisibilityTimeout", Yaml::raw(queue.visibility_timeout)),
                    (
                        "MessageRetentionPeriod",
                        Yaml::raw(queue.message_retention_period),
                    ),
                    ("DelaySeconds", Yaml::raw(queue.delay_seconds)),
                    (
                        "ContentBasedDeduplication",
                        yes(queue.content_based_deduplication),
                    ),
                    ("RedrivePolicy", policy),
                ]);
                let reference = self.source(&arn, &queue.queue_name, "Queue", |id| {
                    ("AWS::SQS::Queue", format!("!GetAtt {id}.Arn"), properties)
                });
                ("SQS", vec![("Queue", reference)])
            }
            Source::Kinesis(stream) if stream.consumer_name.is_none() => {
                let properties = Yaml::map([
                    ("Name", Yaml::text(&stream.stream_name)),
                    ("ShardCount", Yaml::raw(stream.shard_count)),
                    (
                        "RetentionPeriodHours",
                        Yaml::raw(stream.retention_period_hours),
                    ),
                ]);
                let reference = self.source(&arn, &stream.stream_name, "Stream", |id| {
                    (
                        "AWS::Kinesis::Stream",
                        format!("!GetAtt {id}.Arn"),
                        properties,
                    )
                });
                ("Kinesis", vec![("Stream", reference)])
            }
            Source::Kinesis(_) => ("Kinesis", vec![("Stream", foreign(&arn))]),
            Source::DynamoDb(table) => {
                let properties = Yaml::of(&json!({
                    "TableName": table.table_name,
                    "BillingMode": "PAY_PER_REQUEST",
                    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                    "StreamSpecification": {"StreamViewType": table.stream_view_type.name()},
                }));
                let reference = self.source(&arn, &table.table_name, "Table", |id| {
                    (
                        "AWS::DynamoDB::Table",
                        format!("!GetAtt {id}.StreamArn"),
                        properties,
                    )
                });
                ("DynamoDB", vec![("Stream", reference)])
            }
            Source::Kafka(topic) => {
                let topics = Yaml::List(vec![Yaml::Text(topic.topic_name.clone())]);
                if topic.self_managed {
                    let servers = topic.bootstrap_servers.split(',');
                    let servers = servers.map(|server| Yaml::Text(server.trim().to_owned()));
                    (
                        "SelfManagedKafka",
                        vec![
                            ("KafkaBootstrapServers", Yaml::List(servers.collect())),
                            ("Topics", topics),
                            ("SourceAccessConfigurations", secret("SASL_SCRAM_512_AUTH")),
                        ],
                    )
                } else {
                    ("MSK", vec![("Stream", foreign(&arn)), ("Topics", topics)])
                }
            }
            Source::Mq(queue) => (
                "MQ",
                vec![
                    ("Broker", foreign(&arn)),
                    (
                        "Queues",
                        Yaml::List(vec![Yaml::Text(queue.queue_name.clone())]),
                    ),
                    ("SourceAccessConfigurations", secret("BASIC_AUTH")),
                ],
            ),
            Source::DocumentDb(stream) => (
                "DocumentDB",
                vec![
                    ("Cluster", foreign(&arn)),
                    ("DatabaseName", Yaml::Text(stream.database_name.clone())),
                    ("CollectionName", Yaml::Text(stream.collection_name.clone())),
                    ("SourceAccessConfigurations", secret("BASIC_AUTH")),
                ],
            ),
        };
        // All the settings in their own names, which are SAM's too.
        if let Ok(Value::Object(settings)) = serde_json::to_value(&mapping.config) {
            let mut properties: Vec<(String, Yaml)> = members
                .drain(..)
                .map(|(key, value)| (key.to_owned(), value))
                .collect();
            properties.extend(
                settings
                    .iter()
                    .map(|(key, value)| (key.clone(), Yaml::of(value))),
            );
            return (kind, Yaml::Map(properties));
        }
        (kind, Yaml::Map(Vec::new()))
    }

    /// A queue, stream or table with its settings, made once.
    fn source(
        &mut self,
        arn: &str,
        name: &str,
        ending: &str,
        what: impl FnOnce(&str) -> (&'static str, String, Yaml),
    ) -> Yaml {
        if let Some(reference) = self.made.get(arn) {
            return reference.clone();
        }
        let id = self.fresh_id(name, ending);
        let (kind, reference, properties) = what(&id);
        self.resource(&id, kind, properties);
        let reference = Yaml::Raw(reference);
        self.made.insert(arn.to_owned(), reference.clone());
        reference
    }
}

enum Pushed {
    Nothing,
    Url(Yaml),
    Event(&'static str, Yaml),
}

fn event_of(kind: &str, properties: Yaml) -> Yaml {
    Yaml::map([("Type", Yaml::text(kind)), ("Properties", Some(properties))])
}

/// An ARN of something that is not in the template, in whatever account and Region it is deployed.
fn foreign(arn: &str) -> Yaml {
    let own = format!(":{REGION}:{ACCOUNT}:");
    if !arn.starts_with("arn:aws:") || arn.contains('$') || !arn.contains(&own) {
        return Yaml::Text(arn.to_owned());
    }
    let text = arn
        .replacen("arn:aws:", "arn:${AWS::Partition}:", 1)
        .replacen(&own, ":${AWS::Region}:${AWS::AccountId}:", 1);
    Yaml::Raw(format!("!Sub {}", Value::from(text)))
}

/// The folder of a function's code.
pub(super) fn folder(name: &str) -> String {
    let clean = |c: char| {
        if c.is_ascii_alphanumeric() || c == '_' {
            c
        } else {
            '-'
        }
    };
    name.chars().map(clean).collect()
}

fn architecture(config: &FunctionConfig) -> &'static str {
    match config.architecture {
        Architecture::X86 => "x86_64",
        Architecture::Arm => "arm64",
    }
}

fn environment(config: &FunctionConfig) -> Option<Yaml> {
    if config.environment.is_empty() {
        return None;
    }
    let variables = config
        .environment
        .iter()
        .map(|(name, value)| (name.clone(), Yaml::Text(value.clone())));
    Some(Yaml::map([(
        "Variables",
        Some(Yaml::Map(variables.collect())),
    )]))
}

fn logging(config: &FunctionConfig) -> Option<Yaml> {
    let json_levels = (config.log_format == LogFormat::Json).then(|| {
        let level = |level: Value| Yaml::text(level.as_str().unwrap_or("INFO"));
        (
            level(json!(config.application_log_level)),
            level(json!(config.system_log_level)),
        )
    });
    if json_levels.is_none() && config.log_group.is_none() {
        return None;
    }
    let (application, system) = json_levels.clone().unwrap_or_default();
    Some(Yaml::map([
        (
            "LogFormat",
            json_levels.map(|_| Yaml::Text("JSON".to_owned())),
        ),
        ("ApplicationLogLevel", application),
        ("SystemLogLevel", system),
        ("LogGroup", config.log_group.as_ref().and_then(Yaml::text)),
    ]))
}
