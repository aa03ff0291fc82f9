//! Limits of a function's configuration, with the API's own messages.
//!
//! Ranges are those of CreateFunction and PutFunctionEventInvokeConfig for functions outside Managed Instances. The API
//! reports every broken constraint of a request in one sentence; checks that come after it
//! (`InvalidParameterValueException`) report one thing at a time.

pub mod published;

use super::config::{
    ApplicationLogLevel, Destination, DestinationKind, FunctionConfig, LogFormat, MemoryMb,
    SystemLogLevel, TimeoutSeconds,
};
use crate::problem::Problem;

/// `EphemeralStorage.Size` in MB.
pub const EPHEMERAL_STORAGE_MB: std::ops::RangeInclusive<u32> = 512..=10_240;
/// `MaximumRetryAttempts`.
pub const MAXIMUM_RETRY_ATTEMPTS: std::ops::RangeInclusive<u32> = 0..=2;
/// `MaximumEventAgeInSeconds`.
pub const MAXIMUM_EVENT_AGE_SECONDS: std::ops::RangeInclusive<u32> = 60..=21_600;
/// Longest function name.
pub const NAME_LENGTH: usize = 64;
/// Bytes that all environment variables together may take, measured as one JSON object.
pub const ENVIRONMENT_BYTES: usize = 4_096;

/// Names that Lambda sets itself and refuses to have set.
pub const RESERVED_VARIABLES: [&str; 16] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];

/// The function name's pattern as the API prints it.
const NAME_PATTERN: &str = "[a-zA-Z0-9-_]+";
/// The pattern of environment variable names as the API prints it; so a name has two characters or more.
const VARIABLE_PATTERN: &str = "[a-zA-Z]([a-zA-Z0-9_])+";

/// One broken constraint of the API's shape.
struct Violation {
    /// The field, as this program names it.
    field: &'static str,
    /// `Value '64' at 'memorySize'`: what stands before "failed to satisfy constraint".
    subject: String,
    /// `Member must have …`.
    constraint: String,
    cure: String,
}

/// Everything wrong with a configuration. `place` is the field's name in [`FunctionConfig`]; `cause` is what the API says.
pub fn check(config: &FunctionConfig) -> Vec<Problem> {
    let mut problems: Vec<_> = violations(config)
        .into_iter()
        .map(|violation| {
            Problem::error(
                "config.constraint",
                violation.field,
                sentence(std::slice::from_ref(&violation)),
                violation.cure,
            )
        })
        .collect();
    if let Some((cause, cure)) = environment_refusal(config) {
        problems.push(Problem::error(
            "config.environment",
            "environment",
            cause,
            cure,
        ));
    }
    targets(config, &mut problems);
    logging(config, &mut problems);
    problems
}

/// Destinations and the dead-letter queue.
fn targets(config: &FunctionConfig, problems: &mut Vec<Problem>) {
    use DestinationKind::{EventBridge, Lambda, S3, Sns, Sqs};
    let fields: [(&str, &Option<Destination>, &str, &[DestinationKind]); 3] = [
        (
            "on_success",
            &config.on_success,
            "onSuccess.destination",
            &[Sqs, Sns, EventBridge, Lambda],
        ),
        (
            "on_failure",
            &config.on_failure,
            "onFailure.destination",
            &[Sqs, Sns, EventBridge, Lambda, S3],
        ),
        (
            "dead_letter",
            &config.dead_letter,
            "deadLetterConfig.targetArn",
            &[Sqs, Sns],
        ),
    ];
    for (field, target, member, allowed) in fields {
        let Some(target) = target else {
            continue;
        };
        let cause = match target.kind() {
            None => format!(
                "1 validation error detected: Value '{}' at '{member}' failed to satisfy constraint: Member must be the \
                 ARN of a queue, topic, event bus, function or bucket",
                target.0
            ),
            Some(kind) if !allowed.contains(&kind) => {
                format!(
                    "The provided destination config is invalid: '{}' cannot be used here.",
                    target.0
                )
            }
            Some(Sqs | Sns) if target.0.ends_with(".fifo") => {
                "FIFO queues and topics cannot be used here.".to_owned()
            }
            Some(_) => continue,
        };
        let names: Vec<_> = allowed.iter().map(|kind| kind.name()).collect();
        problems.push(Problem::error(
            "config.destination",
            field,
            cause,
            format!(
                "Give the ARN of one of these: {}. For example arn:aws:sqs:us-east-1:123456789012:my-queue.",
                names.join(", ")
            ),
        ));
    }
}

/// Log format, levels and group.
fn logging(config: &FunctionConfig, problems: &mut Vec<Problem>) {
    let levels = (config.application_log_level, config.system_log_level);
    let usual = (ApplicationLogLevel::Info, SystemLogLevel::Info);
    if config.log_format == LogFormat::Text && levels != usual {
        problems.push(Problem::error(
            "config.logging",
            "log_format",
            "Log levels only work with the JSON log format.",
            "Choose the JSON format, or leave both levels at INFO.",
        ));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_/#".contains(c);
    if let Some(group) = &config.log_group
        && (group.is_empty() || group.len() > 512 || !group.chars().all(allowed))
    {
        problems.push(Problem::error(
            "config.logging",
            "log_group",
            format!(
                "1 validation error detected: Value '{group}' at 'loggingConfig.logGroup' failed to satisfy constraint: \
                 Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+"
            ),
            "Use 1 to 512 letters, digits and . - _ / #.",
        ));
    }
}

/// The `ValidationException` that the API answers to this configuration, all broken constraints in one sentence; `None`
/// when there are none. Constraints are listed in the order of [`FunctionConfig`]'s fields; the API promises no order.
pub fn validation_exception(config: &FunctionConfig) -> Option<String> {
    let violations = violations(config);
    (!violations.is_empty()).then(|| sentence(&violations))
}

/// Bytes of the environment variables as Lambda measures them: as a compact JSON object.
pub fn environment_bytes(variables: &[(String, String)]) -> usize {
    let quoted = |text: &String| serde_json::Value::from(text.as_str()).to_string().len();
    let entries: usize = variables
        .iter()
        .map(|(name, value)| quoted(name) + quoted(value) + 1)
        .sum();
    2 + entries + variables.len().saturating_sub(1)
}

fn sentence(violations: &[Violation]) -> String {
    let list: Vec<_> = violations
        .iter()
        .map(|violation| {
            format!(
                "{} failed to satisfy constraint: {}",
                violation.subject, violation.constraint
            )
        })
        .collect();
    let errors = if list.len() == 1 { "error" } else { "errors" };
    format!(
        "{} validation {errors} detected: {}",
        list.len(),
        list.join("; ")
    )
}

fn violations(config: &FunctionConfig) -> Vec<Violation> {
    let mut found = Vec::new();
    name_violations(&config.name, &mut found);
    let ranges = [
        (
            "memory",
            "memorySize",
            config.memory.0,
            MemoryMb::MIN.0..=MemoryMb::MAX.0,
            "MB",
        ),
        (
            "timeout",
            "timeout",
            config.timeout.0,
            TimeoutSeconds::MIN.0..=TimeoutSeconds::MAX.0,
            "seconds",
        ),
        (
            "ephemeral_storage_mb",
            "ephemeralStorage.size",
            config.ephemeral_storage_mb,
            EPHEMERAL_STORAGE_MB,
            "MB",
        ),
        (
            "maximum_retry_attempts",
            "maximumRetryAttempts",
            config.maximum_retry_attempts,
            MAXIMUM_RETRY_ATTEMPTS,
            "retries",
        ),
        (
            "maximum_event_age_seconds",
            "maximumEventAgeInSeconds",
            config.maximum_event_age_seconds,
            MAXIMUM_EVENT_AGE_SECONDS,
            "seconds",
        ),
    ];
    for (field, member, value, range, unit) in ranges {
        let (low, high) = (*range.start(), *range.end());
        let constraint = if value < low {
            format!("Member must have value greater than or equal to {low}")
        } else if value > high {
            format!("Member must have value less than or equal to {high}")
        } else {
            continue;
        };
        found.push(Violation {
            field,
            subject: format!("Value '{value}' at '{member}'"),
            constraint,
            cure: format!("Choose {low} to {high} {unit}."),
        });
    }
    for (name, _) in &config.environment {
        if !is_variable_name(name) {
            found.push(Violation {
                field: "environment",
                // The API does not repeat the value here: it may be a secret.
                subject: "Value at 'environment.variables'".to_owned(),
                constraint: format!(
                    "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: {VARIABLE_PATTERN}]"
                ),
                cure: format!(
                    "Rename '{name}': a letter first, then one or more letters, digits or underscores."
                ),
            });
            // One map, one constraint: the API names it once, however many keys break it.
            break;
        }
    }
    found
}

fn name_violations(name: &str, found: &mut Vec<Violation>) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let constraint = if name.is_empty() {
        "Member must have length greater than or equal to 1".to_owned()
    } else if !name.chars().all(allowed) {
        format!("Member must satisfy regular expression pattern: {NAME_PATTERN}")
    } else if name.chars().count() > NAME_LENGTH {
        format!("Member must have length less than or equal to {NAME_LENGTH}")
    } else {
        return;
    };
    found.push(Violation {
        field: "name",
        subject: format!("Value '{name}' at 'functionName'"),
        constraint,
        cure: format!(
            "Use 1 to {NAME_LENGTH} letters, digits, hyphens and underscores; no spaces or dots."
        ),
    });
}

fn is_variable_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && name.len() >= 2
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The `InvalidParameterValueException` about environment variables, and the cure.
fn environment_refusal(config: &FunctionConfig) -> Option<(String, String)> {
    const UNABLE: &str = "Lambda was unable to configure your environment variables because the environment variables \
                          you have provided";
    let mut reserved: Vec<_> = config
        .environment
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| RESERVED_VARIABLES.contains(name))
        .collect();
    reserved.sort_unstable();
    if !reserved.is_empty() {
        return Some((
            format!(
                "{UNABLE} contains reserved keys that are currently not supported for modification. Reserved keys used \
                 in this request: {}",
                reserved.join(", ")
            ),
            "Remove them: Lambda sets these itself.".to_owned(),
        ));
    }
    let mut names: Vec<_> = config.environment.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Some((
            format!("The environment variable '{}' is there twice.", pair[0]),
            "Keep one: names are the keys of a map.".to_owned(),
        ));
    }
    let bytes = environment_bytes(&config.environment);
    (bytes > ENVIRONMENT_BYTES).then(|| {
        (
            format!("{UNABLE} exceeded the 4KB limit. Measured size: {bytes} bytes"),
            "Shorten names or values, or keep long ones outside, as one would in Parameter Store or S3.".to_owned(),
        )
    })
}
