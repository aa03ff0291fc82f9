//! What a function finds around itself: environment variables, and the context of one invocation.

use super::config::FunctionConfig;
use super::event::RequestId;
use super::names;

/// Credentials that look like what they stand for and open nothing: there is no AWS behind the playground.
const CREDENTIALS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "ASIAEXAMPLEPLAYGROUND"),
    ("AWS_SECRET_ACCESS_KEY", "not-a-secret/this-is-a-simulation"),
    ("AWS_SESSION_TOKEN", "not-a-token/this-is-a-simulation"),
];

/// The environment variables of a process, in the order in which it sees them: Lambda's, then the visitor's.
///
/// `AWS_EXECUTION_ENV` is missing on purpose: provided.* runtimes have none.
pub fn variables(
    config: &FunctionConfig,
    version: &str,
    provisioned: bool,
    log_stream: &str,
) -> Vec<(String, String)> {
    let own = [
        ("_HANDLER", "handler".to_owned()),
        ("LAMBDA_TASK_ROOT", "/var/task".to_owned()),
        ("AWS_LAMBDA_FUNCTION_NAME", config.name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", version.to_owned()),
        (
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            config.memory.0.to_string(),
        ),
        (
            "AWS_LAMBDA_INITIALIZATION_TYPE",
            initialization_type(provisioned).to_owned(),
        ),
        ("AWS_LAMBDA_LOG_GROUP_NAME", names::log_group_of(config)),
        ("AWS_LAMBDA_LOG_STREAM_NAME", log_stream.to_owned()),
        // Nothing listens there: modules have no sockets.
        ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001".to_owned()),
        ("AWS_REGION", names::REGION.to_owned()),
        ("AWS_DEFAULT_REGION", names::REGION.to_owned()),
        ("TZ", ":UTC".to_owned()),
    ];
    let credentials = CREDENTIALS.map(|(name, value)| (name, value.to_owned()));
    own.into_iter()
        .chain(credentials)
        .map(|(name, value)| (name.to_owned(), value))
        .chain(config.environment.iter().cloned())
        .collect()
}

/// `AWS_LAMBDA_INITIALIZATION_TYPE`.
pub const fn initialization_type(provisioned: bool) -> &'static str {
    if provisioned {
        "provisioned-concurrency"
    } else {
        "on-demand"
    }
}

/// The environment variables of one invocation: what the Runtime API's `next` says in its headers, named as CGI names
/// headers, and the trace id where runtimes put it.
pub fn context(
    invoked_arn: &str,
    request_id: RequestId,
    deadline_ms: i64,
    trace_id: &str,
) -> Vec<(String, String)> {
    [
        ("LAMBDA_RUNTIME_AWS_REQUEST_ID", request_id.to_string()),
        ("LAMBDA_RUNTIME_DEADLINE_MS", deadline_ms.to_string()),
        (
            "LAMBDA_RUNTIME_INVOKED_FUNCTION_ARN",
            invoked_arn.to_owned(),
        ),
        ("_X_AMZN_TRACE_ID", trace_id.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}
