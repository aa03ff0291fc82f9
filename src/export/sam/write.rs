//! A scenario written as a template.

mod events;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::yaml::{Yaml, document};
use crate::lambda::config::{
    Architecture, Destination, DestinationKind, FunctionConfig, LogFormat, RecursiveLoop,
};
use crate::lambda::names::{ACCOUNT, REGION};
use crate::scenario::{FunctionView, Scenario};

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
}

enum Pushed {
    Nothing,
    Url(Yaml),
    Event(&'static str, Yaml),
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
