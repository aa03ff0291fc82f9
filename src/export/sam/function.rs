//! A function's settings: those of `AWS::Serverless::Function`, and of `AWS::Lambda::Function` where they are called otherwise.

use super::properties::Properties;
use crate::lambda::config::{
    ApplicationLogLevel, Architecture, Destination, FunctionConfig, LogFormat, MemoryMb,
    RecursiveLoop, SystemLogLevel, TimeoutSeconds,
};
use crate::lambda::function::{Alias, Provisioned};
use crate::lambda::names::{ACCOUNT, REGION};
use crate::problem::Problem;
use crate::scenario::{Published, VersionSetup};

/// What has no part in what is played: who may do what, how code is built and found, how it is watched.
const WITHOUT_PART: &[&str] = &[
    "AssumeRolePolicyDocument",
    "AutoPublishAliasAllProperties",
    "AutoPublishCodeSha256",
    "CodeSigningConfigArn",
    "DeploymentPreference",
    "Description",
    "FileSystemConfigs",
    "ImageConfig",
    "KmsKeyArn",
    "Layers",
    "PermissionsBoundary",
    "Policies",
    "PropagateTags",
    "PublishToLatestPublished",
    "Role",
    "RolePath",
    "RuntimeManagementConfig",
    "SnapStart",
    "SourceKMSKeyArn",
    "Tags",
    "Tracing",
    "TracingConfig",
    "VersionDeletionPolicy",
    "VersionDescription",
    "VpcConfig",
];

/// What stands for the code.
const CODE: &[&str] = &[
    "Code",
    "CodeUri",
    "Handler",
    "ImageUri",
    "InlineCode",
    "PackageType",
    "Runtime",
];

/// A function as the template has it.
pub struct Function {
    /// Its settings.
    pub config: FunctionConfig,
    /// Its alias and its provisioned concurrency.
    pub published: Published,
    /// The alias that its events go to.
    pub qualifier: Option<String>,
}

/// Reads what can be read; the events stay in `properties`.
pub fn read(properties: &mut Properties<'_, '_>, id: &str) -> Function {
    let mut config = FunctionConfig {
        name: properties.template().name_of(id),
        ..FunctionConfig::default()
    };
    let _ = properties.take("FunctionName");
    if let Some(memory) = properties.number("MemorySize") {
        config.memory = MemoryMb(memory);
    }
    if let Some(timeout) = properties.number("Timeout") {
        config.timeout = TimeoutSeconds(timeout);
    }
    if let Some(mut storage) = properties.object("EphemeralStorage") {
        if let Some(size) = storage.number("Size") {
            config.ephemeral_storage_mb = size;
        }
        storage.finish();
    }
    architecture(properties, &mut config);
    environment(properties, &mut config);
    config.reserved_concurrency = properties.number("ReservedConcurrentExecutions");
    if let Some(recursive) = properties.text("RecursiveLoop") {
        config.recursive_loop = match recursive.as_str() {
            "Allow" => RecursiveLoop::Allow,
            _ => RecursiveLoop::Terminate,
        };
    }
    for key in ["DeadLetterQueue", "DeadLetterConfig"] {
        if let Some(mut queue) = properties.object(key) {
            let _ = queue.take("Type");
            config.dead_letter = queue.text("TargetArn").map(Destination);
            queue.finish();
        }
    }
    if let Some(invoke) = properties.object("EventInvokeConfig") {
        asynchronous(invoke, &mut config);
    }
    logging(properties, &mut config);
    let (published, qualifier) = published(properties);
    properties.without_part(WITHOUT_PART);
    code(properties);
    Function {
        config,
        published,
        qualifier,
    }
}

fn architecture(properties: &mut Properties<'_, '_>, config: &mut FunctionConfig) {
    for node in properties.list("Architectures") {
        match node.scalar() {
            Some("arm64") => config.architecture = Architecture::Arm,
            Some("x86_64") => config.architecture = Architecture::X86,
            _ => properties.refuse(node.line, "Architectures", "it is neither x86_64 nor arm64"),
        }
    }
}

fn environment(properties: &mut Properties<'_, '_>, config: &mut FunctionConfig) {
    let Some(mut environment) = properties.object("Environment") else {
        return;
    };
    if let Some(mut variables) = environment.object("Variables") {
        let names: Vec<String> = variables.names().map(str::to_owned).collect();
        for name in names {
            if let Some(value) = variables.text(&name) {
                config.environment.push((name, value));
            }
        }
    }
    environment.finish();
}

/// Asynchronous invocation: SAM's `EventInvokeConfig`, and the resource of that name.
pub fn asynchronous(mut invoke: Properties<'_, '_>, config: &mut FunctionConfig) {
    if let Some(retries) = invoke.number("MaximumRetryAttempts") {
        config.maximum_retry_attempts = retries;
    }
    if let Some(age) = invoke.number("MaximumEventAgeInSeconds") {
        config.maximum_event_age_seconds = age;
    }
    if let Some(mut destinations) = invoke.object("DestinationConfig") {
        for (key, into, name) in [
            ("OnSuccess", &mut config.on_success, "on-success"),
            ("OnFailure", &mut config.on_failure, "on-failure"),
        ] {
            let Some(mut destination) = destinations.object(key) else {
                continue;
            };
            let kind = destination.text("Type").unwrap_or_default();
            *into = match destination.text("Destination") {
                Some(arn) => Some(Destination(arn)),
                // SAM makes the queue or topic itself.
                None if matches!(kind.as_str(), "SQS" | "SNS") => Some(Destination(format!(
                    "arn:aws:{}:{REGION}:{ACCOUNT}:{}-{name}",
                    kind.to_lowercase(),
                    config.name
                ))),
                None => None,
            };
            destination.finish();
        }
        destinations.finish();
    }
    invoke.without_part(&["FunctionName", "Qualifier"]);
    invoke.finish();
}

fn logging(properties: &mut Properties<'_, '_>, config: &mut FunctionConfig) {
    let Some(mut logging) = properties.object("LoggingConfig") else {
        return;
    };
    if logging.text("LogFormat").as_deref() == Some("JSON") {
        config.log_format = LogFormat::Json;
    }
    match logging.text("ApplicationLogLevel").as_deref() {
        None => {}
        Some("TRACE") => config.application_log_level = ApplicationLogLevel::Trace,
        Some("DEBUG") => config.application_log_level = ApplicationLogLevel::Debug,
        Some("WARN") => config.application_log_level = ApplicationLogLevel::Warn,
        Some("ERROR") => config.application_log_level = ApplicationLogLevel::Error,
        Some("FATAL") => config.application_log_level = ApplicationLogLevel::Fatal,
        Some(_) => config.application_log_level = ApplicationLogLevel::Info,
    }
    match logging.text("SystemLogLevel").as_deref() {
        None => {}
        Some("DEBUG") => config.system_log_level = SystemLogLevel::Debug,
        Some("WARN") => config.system_log_level = SystemLogLevel::Warn,
        Some(_) => config.system_log_level = SystemLogLevel::Info,
    }
    config.log_group = logging.text("LogGroup");
    logging.finish();
}

/// `AutoPublishAlias` publishes a version with each deployment, and points an alias at it.
fn published(properties: &mut Properties<'_, '_>) -> (Published, Option<String>) {
    let alias = properties.text("AutoPublishAlias");
    let amount = properties
        .object("ProvisionedConcurrencyConfig")
        .and_then(|mut provisioned| {
            let amount = provisioned.number::<u32>("ProvisionedConcurrentExecutions");
            provisioned.finish();
            amount
        });
    let Some(name) = alias else {
        if amount.is_some() {
            properties.refuse_all(
                "ProvisionedConcurrencyConfig",
                "SAM takes it only together with AutoPublishAlias",
            );
        }
        return (Published::default(), None);
    };
    let published = Published {
        versions: vec![VersionSetup {
            number: 1,
            config: None,
            module: None,
            runs: None,
        }],
        aliases: vec![Alias {
            name: name.clone(),
            version: 1,
            additional: None,
        }],
        provisioned: amount
            .filter(|amount| *amount > 0)
            .map(|amount| Provisioned {
                qualifier: name.clone(),
                amount,
                requested: None,
            })
            .into_iter()
            .collect(),
        last_version: 1,
    };
    (published, Some(name))
}

/// The code stays where it is: the playground runs WebAssembly.
fn code(properties: &mut Properties<'_, '_>) {
    let runtime = properties.text("Runtime");
    let present: Vec<&str> = CODE
        .iter()
        .copied()
        .filter(|key| properties.has(key) || (*key == "Runtime" && runtime.is_some()))
        .collect();
    if present.is_empty() {
        return;
    }
    for key in CODE {
        let _ = properties.take_raw(key);
    }
    let runtime = runtime.map(|it| format!(" for {it}")).unwrap_or_default();
    properties.template().say(Problem::note(
        "template.code",
        format!("{}, {}", properties.place(), present.join(", ")),
        format!("The code{runtime} is not taken over: the playground runs WebAssembly."),
        "The function that is loaded here takes its part; load another if need be.",
    ));
}
