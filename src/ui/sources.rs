//! The pages of AWS's documentation from which the rules come that the page states.

/// A page of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// Its title, with the guide that it belongs to.
    pub title: &'static str,
    /// Its address.
    pub address: &'static str,
}

/// Pages of the Lambda Developer Guide and of its neighbours, by what they decide.
macro_rules! sources {
    ($($(#[$meta:meta])* $name:ident = $title:literal, $address:literal;)*) => {
        $($(#[$meta])* pub const $name: Source = Source { title: $title, address: $address };)*

        /// All of them.
        pub const ALL: &[Source] = &[$($name),*];
    };
}

sources! {
    /// The timeout.
    TIMEOUT = "Lambda Developer Guide: Configure Lambda function timeout",
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html";
    /// Memory, and the CPU that comes with it.
    MEMORY = "Lambda Developer Guide: Configure Lambda function memory",
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html";
    /// Environments: Init, Invoke, Shutdown; cold starts and resets.
    ENVIRONMENT = "Lambda Developer Guide: Understanding the Lambda execution environment lifecycle",
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html";
    /// Synchronous invocation.
    SYNCHRONOUS = "Lambda Developer Guide: Invoke a Lambda function synchronously",
        "https://docs.aws.amazon.com/lambda/latest/dg/invocation-sync.html";
    /// Asynchronous invocation.
    ASYNCHRONOUS = "Lambda Developer Guide: Invoking a Lambda function asynchronously",
        "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html";
    /// Retries of asynchronous events.
    ASYNCHRONOUS_ERRORS = "Lambda Developer Guide: How Lambda handles errors and retries with asynchronous invocation",
        "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html";
    /// Destinations and dead-letter queues of asynchronous events.
    RETAINING = "Lambda Developer Guide: Retaining records of asynchronous invocations",
        "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html";
    /// Who retries what.
    RETRIES = "Lambda Developer Guide: Understanding retry behavior in Lambda",
        "https://docs.aws.amazon.com/lambda/latest/dg/invocation-retries.html";
    /// The Invoke API: statuses and headers.
    INVOKE = "Lambda API Reference: Invoke",
        "https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html";
    /// Concurrency.
    CONCURRENCY = "Lambda Developer Guide: Understanding Lambda function scaling",
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html";
    /// Reserved concurrency.
    RESERVED = "Lambda Developer Guide: Configuring reserved concurrency for a function",
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html";
    /// Provisioned concurrency.
    PROVISIONED = "Lambda Developer Guide: Configuring provisioned concurrency for a function",
        "https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html";
    /// How fast a function scales out.
    SCALING = "Lambda Developer Guide: Lambda scaling behavior",
        "https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html";
    /// Idempotent code.
    BEST_PRACTICES = "Lambda Developer Guide: Best practices for working with AWS Lambda functions",
        "https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html";
    /// The log, and what REPORT says.
    LOGS = "Lambda Developer Guide: Using CloudWatch Logs with Lambda",
        "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html";
    /// Prices.
    PRICING = "AWS Lambda pricing",
        "https://aws.amazon.com/lambda/pricing/";
    /// Event source mappings.
    MAPPINGS = "Lambda Developer Guide: How Lambda processes records from stream and queue-based event sources",
        "https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html";
    /// SQS: polling and batching.
    SQS = "Lambda Developer Guide: Using Lambda with Amazon SQS",
        "https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html";
    /// SQS: errors and partial batch responses.
    SQS_ERRORS = "Lambda Developer Guide: Handling errors for an SQS event source in Lambda",
        "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html";
    /// The visibility timeout.
    VISIBILITY = "Amazon SQS Developer Guide: Amazon SQS visibility timeout",
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html";
    /// Dead-letter queues of queues.
    SQS_DEAD_LETTERS = "Amazon SQS Developer Guide: Using dead-letter queues in Amazon SQS",
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html";
    /// Kinesis: polling and batching.
    KINESIS = "Lambda Developer Guide: How Lambda processes records from Amazon Kinesis Data Streams",
        "https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html";
    /// Kinesis: what becomes of records that are given up.
    KINESIS_ERRORS = "Lambda Developer Guide: Retain discarded batch records for a Kinesis Data Streams event source in Lambda",
        "https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html";
    /// API Gateway: which response is taken.
    PROXY = "API Gateway Developer Guide: Lambda proxy integrations in API Gateway",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html";
    /// API Gateway: 29 seconds.
    GATEWAY_LIMITS = "API Gateway Developer Guide: Quotas for configuring and running a REST API in API Gateway",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html";
    /// API Gateway: integrations of HTTP APIs.
    HTTP_API = "API Gateway Developer Guide: Create AWS Lambda proxy integrations for HTTP APIs in API Gateway",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_pages_of_aws() {
        for source in ALL {
            let at = &source.address;
            assert!(
                at.starts_with("https://docs.aws.amazon.com/")
                    || at.starts_with("https://aws.amazon.com/"),
                "{at}"
            );
            assert_eq!(
                ALL.iter().filter(|other| other.address == *at).count(),
                1,
                "{at}"
            );
        }
    }
}
