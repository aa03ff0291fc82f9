//! Function configuration: what a visitor can set. Its limits are in [`super::limits`].

use serde::{Deserialize, Serialize};

/// Memory size in Lambda's MB, which are MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MemoryMb(pub u32);

impl MemoryMb {
    /// 128 MB.
    pub const MIN: Self = Self(128);
    /// 10,240 MB.
    pub const MAX: Self = Self(10_240);

    /// The size in bytes.
    pub const fn bytes(self) -> u64 {
        self.0 as u64 * 1024 * 1024
    }
}

/// Function timeout in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TimeoutSeconds(pub u32);

impl TimeoutSeconds {
    /// 1 s.
    pub const MIN: Self = Self(1);
    /// 15 minutes.
    pub const MAX: Self = Self(900);
    /// 3 s, what CreateFunction gives.
    pub const DEFAULT: Self = Self(3);
}

/// Instruction set; decides the price of a GB-second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Architecture {
    /// x86_64, the default.
    #[default]
    X86,
    /// arm64.
    Arm,
}

/// One function's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FunctionConfig {
    /// `FunctionName`.
    pub name: String,
    /// `MemorySize`.
    pub memory: MemoryMb,
    /// `Timeout`.
    pub timeout: TimeoutSeconds,
    /// `EphemeralStorage.Size`: how much `/tmp` holds, in MB.
    pub ephemeral_storage_mb: u32,
    /// `Architectures`.
    pub architecture: Architecture,
    /// `Environment.Variables`.
    pub environment: Vec<(String, String)>,
    /// `MaximumRetryAttempts` of asynchronous invocation.
    pub maximum_retry_attempts: u32,
    /// `MaximumEventAgeInSeconds` of asynchronous invocation.
    pub maximum_event_age_seconds: u32,
    /// `DestinationConfig.OnSuccess` of asynchronous invocation.
    pub on_success: Option<Destination>,
    /// `DestinationConfig.OnFailure` of asynchronous invocation.
    pub on_failure: Option<Destination>,
    /// `DeadLetterConfig`: an SQS queue or an SNS topic.
    pub dead_letter: Option<Destination>,
    /// `ReservedConcurrentExecutions`; a setting of the function, not of its versions.
    pub reserved_concurrency: Option<u32>,
    /// `RecursiveLoop`; a setting of the function, not of its versions.
    pub recursive_loop: RecursiveLoop,
    /// `LoggingConfig.LogFormat`.
    pub log_format: LogFormat,
    /// `LoggingConfig.ApplicationLogLevel`; only with [`LogFormat::Json`].
    pub application_log_level: ApplicationLogLevel,
    /// `LoggingConfig.SystemLogLevel`; only with [`LogFormat::Json`].
    pub system_log_level: SystemLogLevel,
    /// `LoggingConfig.LogGroup`; `/aws/lambda/<name>` when there is none.
    pub log_group: Option<String>,
}

/// Where records of asynchronous invocations go: the target's ARN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination(pub String);

/// What kind of service a destination is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DestinationKind {
    /// An SQS queue.
    Sqs,
    /// An SNS topic.
    Sns,
    /// An EventBridge event bus.
    EventBridge,
    /// Another function.
    Lambda,
    /// An S3 bucket.
    S3,
}

impl DestinationKind {
    /// What a sentence calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqs => "an SQS standard queue",
            Self::Sns => "an SNS standard topic",
            Self::EventBridge => "an EventBridge event bus",
            Self::Lambda => "a function",
            Self::S3 => "an S3 bucket",
        }
    }
}

impl Destination {
    /// What it is; none when the ARN is of nothing that Lambda sends records to.
    pub fn kind(&self) -> Option<DestinationKind> {
        let mut parts = self.0.splitn(6, ':');
        let (arn, partition) = (parts.next()?, parts.next()?);
        let (service, region, account) = (parts.next()?, parts.next()?, parts.next()?);
        let resource = parts.next()?;
        let in_region = !region.is_empty() && account.len() == 12 && !resource.is_empty();
        if arn != "arn" || !partition.starts_with("aws") {
            return None;
        }
        match service {
            "sqs" if in_region => Some(DestinationKind::Sqs),
            "sns" if in_region => Some(DestinationKind::Sns),
            "events" if in_region && resource.starts_with("event-bus/") => {
                Some(DestinationKind::EventBridge)
            }
            "lambda" if in_region && resource.starts_with("function:") => {
                Some(DestinationKind::Lambda)
            }
            "s3" if region.is_empty() && account.is_empty() && !resource.is_empty() => {
                Some(DestinationKind::S3)
            }
            _ => None,
        }
    }

    /// Name and qualifier of the function, when it is one.
    pub fn function(&self) -> Option<(&str, Option<&str>)> {
        if self.kind()? != DestinationKind::Lambda {
            return None;
        }
        let rest = self.0.splitn(7, ':').nth(6)?;
        Some(match rest.split_once(':') {
            Some((name, qualifier)) => (name, Some(qualifier)),
            None => (rest, None),
        })
    }
}

/// `RecursiveLoop`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum RecursiveLoop {
    /// Lambda stops a chain that comes back about 16 times.
    #[default]
    Terminate,
    /// Lambda lets it go on.
    Allow,
}

/// `LogFormat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum LogFormat {
    /// Lines as people read them.
    #[default]
    Text,
    /// One JSON object per line.
    #[serde(rename = "JSON", alias = "Json")]
    Json,
}

/// `SystemLogLevel`: which of Lambda's own JSON records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SystemLogLevel {
    /// Everything.
    Debug,
    /// Starts and reports.
    #[default]
    Info,
    /// Failures only.
    Warn,
}

impl Default for FunctionConfig {
    fn default() -> Self {
        Self {
            name: "my-function".to_owned(),
            memory: MemoryMb::MIN,
            timeout: TimeoutSeconds::DEFAULT,
            ephemeral_storage_mb: 512,
            architecture: Architecture::X86,
            environment: Vec::new(),
            maximum_retry_attempts: 2,
            maximum_event_age_seconds: 21_600,
            on_success: None,
            on_failure: None,
            dead_letter: None,
            reserved_concurrency: None,
            recursive_loop: RecursiveLoop::Terminate,
            log_format: LogFormat::Text,
            application_log_level: ApplicationLogLevel::Info,
            system_log_level: SystemLogLevel::Info,
            log_group: None,
        }
    }
}

/// `ApplicationLogLevel`: which of the function's own lines are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ApplicationLogLevel {
    /// The most detail.
    Trace,
    /// For finding faults.
    Debug,
    /// What happens; also what a line without a level counts as.
    #[default]
    Info,
    /// What may lead to trouble.
    Warn,
    /// What went wrong.
    Error,
    /// What cannot go on.
    Fatal,
}
