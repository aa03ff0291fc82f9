//! What the picker shows of every trigger. Apart from the triggers themselves, so that the page can list them without
//! holding them: they live in the worker.

use super::Group;

/// A trigger's id, name, keywords and group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// Stable id, kebab case.
    pub id: &'static str,
    /// AWS's name for it.
    pub name: &'static str,
    /// Words that people search for, besides the name.
    pub keywords: &'static str,
    /// Where the picker shows it.
    pub group: Group,
}

const fn named(
    id: &'static str,
    name: &'static str,
    keywords: &'static str,
    group: Group,
) -> Named {
    Named {
        id,
        name,
        keywords,
        group,
    }
}

/// Every trigger, in the picker's order.
pub const NAMES: &[Named] = &[
    named(
        "direct",
        "Direct invocation",
        "console test button api sdk cli toolkit requestresponse synchronous invoke boto3",
        Group::SynchronousUser,
    ),
    named(
        "direct-dry-run",
        "Direct invocation, dry run",
        "console api sdk cli dryrun 204 permission validate invoke",
        Group::SynchronousUser,
    ),
    named(
        "api-gateway-http",
        "API Gateway HTTP API",
        "http rest web apigw v2 payload format 2.0 proxy integration route",
        Group::SynchronousUser,
    ),
    named(
        "api-gateway-rest",
        "API Gateway REST API",
        "http web apigw v1 payload format 1.0 lambda proxy integration stage resource 502 504 29 seconds",
        Group::SynchronousUser,
    ),
    named(
        "api-gateway-websocket",
        "API Gateway WebSocket API",
        "websocket ws wss apigw $connect $disconnect $default route realtime chat",
        Group::SynchronousUser,
    ),
    named(
        "api-gateway-authorizer-token",
        "API Gateway Lambda authorizer, token",
        "authoriser authorizer custom auth jwt bearer token policy allow deny 401 403",
        Group::SynchronousUser,
    ),
    named(
        "api-gateway-authorizer-request",
        "API Gateway Lambda authorizer, request",
        "authoriser authorizer custom auth policy allow deny 401 403 isAuthorized simple response http api websocket",
        Group::SynchronousUser,
    ),
    named(
        "function-url",
        "Function URL",
        "http https web lambda-url on.aws buffered furl",
        Group::SynchronousUser,
    ),
    named(
        "function-url-streaming",
        "Function URL, streamed",
        "http https web lambda-url on.aws response_stream streaming furl chunked",
        Group::SynchronousUser,
    ),
    named(
        "alb",
        "Application Load Balancer",
        "elb load balancing http target group health check 502 multi-value headers",
        Group::SynchronousUser,
    ),
    named(
        "cloudfront",
        "CloudFront (Lambda@Edge)",
        "lambda@edge edge cdn viewer-request origin-request origin-response viewer-response distribution",
        Group::SynchronousUser,
    ),
    named(
        "s3-batch",
        "S3 Batch Operations",
        "batch job manifest objects bulk task taskid storage",
        Group::SynchronousUser,
    ),
    named(
        "cognito",
        "Cognito user pools",
        "cognito user pool sign-up sign-in authentication presignup token migration custom message sender trigger",
        Group::SynchronousService,
    ),
    named(
        "step-functions",
        "Step Functions",
        "state machine workflow task state amazon states language retry catch task token callback asl",
        Group::SynchronousService,
    ),
    named(
        "lex",
        "Lex V2",
        "lex chatbot bot conversation intent slot dialog fulfillment code hook",
        Group::SynchronousOther,
    ),
    named(
        "alexa",
        "Alexa",
        "alexa skills kit ask voice echo smart home intent launchrequest",
        Group::SynchronousOther,
    ),
    named(
        "firehose",
        "Data Firehose",
        "kinesis firehose delivery stream transformation record ok dropped processingfailed",
        Group::SynchronousOther,
    ),
    named(
        "direct-async",
        "Direct invocation, asynchronous",
        "console api sdk cli toolkit event 202 invoke fire and forget boto3",
        Group::Asynchronous,
    ),
    named(
        "s3",
        "S3",
        "bucket object storage notification upload put delete objectcreated objectremoved",
        Group::Asynchronous,
    ),
    named(
        "sns",
        "SNS",
        "notification topic subscription publish fan-out filter policy message pubsub",
        Group::Asynchronous,
    ),
    named(
        "eventbridge",
        "EventBridge rule",
        "cloudwatch events event bus rule pattern ec2 state change custom event putevents",
        Group::Asynchronous,
    ),
    named(
        "eventbridge-schedule",
        "EventBridge schedule",
        "cloudwatch events scheduled event cron rate timer periodic every minute",
        Group::Asynchronous,
    ),
    named(
        "cloudwatch-logs",
        "CloudWatch Logs",
        "log subscription filter awslogs gzip base64 log group stream",
        Group::Asynchronous,
    ),
    named(
        "ses",
        "Simple Email Service",
        "ses email mail receipt rule receiving spam verdict disposition",
        Group::Asynchronous,
    ),
    named(
        "codecommit",
        "CodeCommit",
        "git repository push branch tag commit trigger",
        Group::Asynchronous,
    ),
    named(
        "codepipeline",
        "CodePipeline",
        "pipeline stage action job putjobsuccessresult putjobfailureresult continuation token deploy",
        Group::Asynchronous,
    ),
    named(
        "cloudformation",
        "CloudFormation custom resource",
        "stack custom resource responseurl cfn-response create update delete rollback servicetimeout infrastructure",
        Group::Asynchronous,
    ),
    named(
        "config",
        "AWS Config",
        "config rule compliance evaluation putevaluations configuration item periodic audit",
        Group::Asynchronous,
    ),
    named(
        "iot",
        "AWS IoT",
        "iot core mqtt topic rule sql device sensor thing button",
        Group::Asynchronous,
    ),
    named(
        "iot-events",
        "AWS IoT Events",
        "iot events detector model state input alarm historical",
        Group::Asynchronous,
    ),
    named(
        "sqs",
        "SQS",
        "queue message fifo standard batchitemfailures visibility timeout dead-letter poll",
        Group::Polled,
    ),
    named(
        "kinesis",
        "Kinesis Data Streams",
        "kinesis stream shard partition key sequence number records iterator age bisect poll",
        Group::Polled,
    ),
    named(
        "dynamodb",
        "DynamoDB Streams",
        "dynamodb table stream item change insert modify remove newimage oldimage ttl poll",
        Group::Polled,
    ),
    named(
        "kafka",
        "Kafka (Amazon MSK and self-managed)",
        "msk apache kafka topic partition offset consumer group bootstrap self-managed poll",
        Group::Polled,
    ),
    named(
        "mq",
        "Amazon MQ",
        "activemq rabbitmq broker queue jms amqp message poll",
        Group::Polled,
    ),
    named(
        "documentdb",
        "DocumentDB",
        "documentdb mongodb change stream document insert update delete collection poll",
        Group::Polled,
    ),
];

impl Named {
    /// Whether a search for `words` finds it: every word must occur in its name, id or keywords.
    pub fn matches(&self, words: &str) -> bool {
        let known = [self.name, self.id, self.keywords].join(" ").to_lowercase();
        words
            .to_lowercase()
            .split_whitespace()
            .all(|word| known.contains(word))
    }
}

/// The trigger's name; the id itself when there is none.
pub fn name_of(id: &str) -> &str {
    NAMES
        .iter()
        .find(|named| named.id == id)
        .map_or(id, |named| named.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_triggers() {
        let listed: Vec<Named> = super::super::all()
            .iter()
            .map(|found| {
                let about = found.about();
                named(about.id, about.name, about.keywords, about.group)
            })
            .collect();
        assert_eq!(NAMES, listed);
    }
}
