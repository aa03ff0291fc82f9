//! Samples have the keys of those that AWS publishes: no more, no less, but for what is listed and explained.
//!
//! Sources: AWS SAM CLI's `generate-event` (aws/aws-sam-cli, samcli/lib/generated_sample_events/events) and the test data of
//! AWS's own Go library (aws/aws-lambda-go, events/testdata); where neither has an event, the page of its service's guide, and
//! events in the tests of Powertools for AWS Lambda (aws-powertools/powertools-lambda-python, tests/events), also AWS's.
//! What no page of AWS confirms says so.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{find, sample};

/// A published event, as a skeleton of its keys.
struct Published {
    trigger: &'static str,
    form: &'static [(&'static str, &'static str)],
    /// Which file, or which page.
    source: &'static str,
    /// Its keys; values say nothing.
    keys: &'static str,
    /// Paths in it that this form's event has not, because they come with something that is not set.
    absent: &'static [&'static str],
    /// Paths of ours that the published event is too old or too short for, and others show.
    beyond: &'static [&'static str],
}

/// Objects whose keys are whatever somebody has chosen.
const FREE: &[&str] = &[
    "Keys",
    "MessageAttributes",
    "NewImage",
    "OldImage",
    "OldResourceProperties",
    "ResourceProperties",
    "attributes",
    "clientMetadata",
    "detail",
    "documentKey",
    "fullDocument",
    "headers",
    "messageAttributes",
    "multiValueHeaders",
    "multiValueQueryStringParameters",
    "pathParameters",
    "properties",
    "queryStringParameters",
    "resolvedSlots",
    "sessionAttributes",
    "slots",
    "stageVariables",
    "supportedInterfaces",
    "updatedFields",
    "userArguments",
    "userAttributes",
    "validationData",
    "variables",
];

/// Objects whose keys are names of topics, partitions or queues.
const NAMED: &[&str] = &["records", "rmqMessagesByQueue"];

/// The paths of all keys; elements of lists are alike.
fn paths(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let last = at.rsplit('.').next().unwrap_or_default();
            let is = |names: &[&str]| names.contains(&last.trim_end_matches("[]"));
            // SQS's attributes are SQS's own.
            if is(FREE) && at != "Records[].attributes" {
                return;
            }
            for (key, member) in members {
                let key = if is(NAMED) && !last.ends_with("[]") {
                    "*"
                } else {
                    key
                };
                let path = match at {
                    "" => key.to_owned(),
                    _ => format!("{at}.{key}"),
                };
                found.insert(path.clone());
                paths(member, &path, found);
            }
        }
        Value::Array(list) => {
            for item in list {
                paths(item, &format!("{at}[]"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn samples_have_the_keys_that_aws_publishes() {
    let mut wrong = Vec::new();
    for published in PUBLISHED {
        let Published {
            trigger, source, ..
        } = published;
        let skeleton: Value = serde_json::from_str(published.keys)
            .unwrap_or_else(|error| panic!("{trigger} {source}: {error}"));
        let (mut theirs, mut ours) = (BTreeSet::new(), BTreeSet::new());
        paths(&skeleton, "", &mut theirs);
        let event = sample(trigger, published.form);
        paths(&event, "", &mut ours);
        let names = |list: &[&str]| list.iter().map(|path| (*path).to_owned()).collect();
        let (absent, beyond): (BTreeSet<String>, BTreeSet<String>) =
            (names(published.absent), names(published.beyond));
        let missing: Vec<_> = theirs.difference(&ours).collect();
        let added: Vec<_> = ours.difference(&theirs).collect();
        if missing != absent.iter().collect::<Vec<_>>() {
            wrong.push(format!("{trigger} lacks keys of {source}: {missing:?}"));
        }
        if added != beyond.iter().collect::<Vec<_>>() {
            wrong.push(format!(
                "{trigger} has keys that {source} has not: {added:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is packed into CloudWatch Logs' event: AWS Lambda Developer Guide, "Using Lambda with CloudWatch Logs", message data
/// (decoded).
#[test]
fn packed_log_lines_have_the_keys_that_aws_publishes() {
    let published = r#"{"messageType":0,"owner":0,"logGroup":0,"logStream":0,"subscriptionFilters":[],
        "logEvents":[{"id":0,"timestamp":0,"message":0}]}"#;
    let published = serde_json::from_str(published).expect("JSON");
    let event = sample("cloudwatch-logs", &[]);
    let decoded = find("cloudwatch-logs").decoded(&event).expect("decoded");
    let (mut theirs, mut ours) = (BTreeSet::new(), BTreeSet::new());
    paths(&published, "", &mut theirs);
    paths(&decoded, "", &mut ours);
    assert_eq!(ours, theirs);
}

/// Every trigger whose event AWS decides about is compared.
#[test]
fn no_trigger_is_left_out() {
    // What a person, a machine's definition or an SQL statement decides about.
    let own = [
        "direct",
        "direct-async",
        "direct-dry-run",
        "iot",
        "step-functions",
    ];
    for trigger in lambda_playground::trigger::all() {
        let id = trigger.id();
        let compared = PUBLISHED.iter().any(|published| published.trigger == id);
        assert_ne!(compared, own.contains(&id), "{id}");
    }
}

/// A request that nobody signed: no authorizer, and with no cookies, parameters and body none of their keys.
const OPEN_URL: &str = "Powertools, lambdaFunctionUrlEvent.json";
const OPEN_URL_KEYS: &str = r#"{"version":0,"routeKey":0,"rawPath":0,"rawQueryString":0,"headers":{},
    "requestContext":{"accountId":0,"apiId":0,"domainName":0,"domainPrefix":0,"http":{"method":0,"path":0,"protocol":0,
    "sourceIp":0,"userAgent":0},"requestId":0,"routeKey":0,"stage":0,"time":0,"timeEpoch":0},"isBase64Encoded":0}"#;

/// A push by one user.
const CODECOMMIT: &str = "AWS Lambda Developer Guide, \"Using AWS Lambda with AWS CodeCommit\"";
const CODECOMMIT_KEYS: &str = r#"{"Records":[{"awsRegion":0,"codecommit":{"references":[{"commit":0,"ref":0}]},"eventId":0,
    "eventName":0,"eventPartNumber":0,"eventSource":0,"eventSourceARN":0,"eventTime":0,"eventTotalParts":0,
    "eventTriggerConfigId":0,"eventTriggerName":0,"eventVersion":0,"userIdentityARN":0}]}"#;

const PUBLISHED: &[Published] = &[
    Published {
        trigger: "alb",
        form: &[("query", "query=1234ABCD"), ("body", "x")],
        source: "generate-event, alb/ALBRequest.json",
        keys: r#"{"requestContext":{"elb":{"targetGroupArn":0}},"httpMethod":0,"path":0,"queryStringParameters":{},"headers":{},
            "body":0,"isBase64Encoded":0}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "alb",
        form: &[("multi_value", "On"), ("query", "key=hello")],
        source: "aws-lambda-go, alb-lambda-target-request-multivalue-headers.json",
        keys: r#"{"requestContext":{"elb":{"targetGroupArn":0}},"httpMethod":0,"path":0,"multiValueQueryStringParameters":{},
            "multiValueHeaders":{},"body":0,"isBase64Encoded":0}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "api-gateway-rest",
        form: &[
            ("query", "foo=bar"),
            ("stage_variables", "{\"baz\":\"qux\"}"),
        ],
        source: "generate-event, apigateway/AwsProxy.json",
        keys: r#"{"body":0,"resource":0,"path":0,"httpMethod":0,"isBase64Encoded":0,"queryStringParameters":{},
            "multiValueQueryStringParameters":{},"pathParameters":{},"stageVariables":{},"headers":{},"multiValueHeaders":{},
            "requestContext":{"accountId":0,"resourceId":0,"stage":0,"requestId":0,"requestTime":0,"requestTimeEpoch":0,
            "identity":{"cognitoIdentityPoolId":0,"accountId":0,"cognitoIdentityId":0,"caller":0,"accessKey":0,"sourceIp":0,
            "cognitoAuthenticationType":0,"cognitoAuthenticationProvider":0,"userArn":0,"userAgent":0,"user":0},
            "path":0,"resourcePath":0,"httpMethod":0,"apiId":0,"protocol":0}}"#,
        absent: &[],
        // Powertools' apiGatewayProxyEvent.json has all but deploymentId; that is in Powertools for TypeScript's schema of this
        // event (type APIGatewayProxyEvent). The guide's older example has none of them, and says that keys may be added.
        beyond: &[
            "requestContext.deploymentId",
            "requestContext.domainName",
            "requestContext.domainPrefix",
            "requestContext.extendedRequestId",
            "requestContext.identity.principalOrgId",
        ],
    },
    Published {
        trigger: "api-gateway-http",
        form: &[
            ("query", "parameter1=value1"),
            ("headers", "cookie: cookie1"),
            ("body", "x"),
            ("stage_variables", "{\"stageVariable1\":\"value1\"}"),
        ],
        source: "generate-event, apigateway/HttpApi.json",
        keys: r#"{"version":0,"routeKey":0,"rawPath":0,"rawQueryString":0,"cookies":[],"headers":{},"queryStringParameters":{},
            "requestContext":{"accountId":0,"apiId":0,"authentication":{"clientCert":{"clientCertPem":0,"subjectDN":0,"issuerDN":0,
            "serialNumber":0,"validity":{"notBefore":0,"notAfter":0}}},"authorizer":{"jwt":{"claims":{"claim1":0,"claim2":0},
            "scopes":[]}},"domainName":0,"domainPrefix":0,"http":{"method":0,"path":0,"protocol":0,"sourceIp":0,"userAgent":0},
            "requestId":0,"routeKey":0,"stage":0,"time":0,"timeEpoch":0},"body":0,"pathParameters":{},"isBase64Encoded":0,
            "stageVariables":{}}"#,
        // With mutual TLS, with a JWT authorizer, and with parameters in the route.
        absent: &[
            "pathParameters",
            "requestContext.authentication",
            "requestContext.authentication.clientCert",
            "requestContext.authentication.clientCert.clientCertPem",
            "requestContext.authentication.clientCert.issuerDN",
            "requestContext.authentication.clientCert.serialNumber",
            "requestContext.authentication.clientCert.subjectDN",
            "requestContext.authentication.clientCert.validity",
            "requestContext.authentication.clientCert.validity.notAfter",
            "requestContext.authentication.clientCert.validity.notBefore",
            "requestContext.authorizer",
            "requestContext.authorizer.jwt",
            "requestContext.authorizer.jwt.claims",
            "requestContext.authorizer.jwt.claims.claim1",
            "requestContext.authorizer.jwt.claims.claim2",
            "requestContext.authorizer.jwt.scopes",
        ],
        beyond: &[],
    },
    Published {
        trigger: "api-gateway-websocket",
        form: &[],
        source: "aws-lambda-go, apigw-websocket-request-send-message.json",
        keys: r#"{"requestContext":{"routeKey":0,"messageId":0,"eventType":0,"extendedRequestId":0,"requestTime":0,"messageDirection":0,
            "stage":0,"connectedAt":0,"requestTimeEpoch":0,"identity":{"userAgent":0,"sourceIp":0},"requestId":0,"domainName":0,
            "connectionId":0,"apiId":0},"body":0,"isBase64Encoded":0}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "api-gateway-websocket",
        form: &[("event", "DISCONNECT")],
        source: "aws-lambda-go, apigw-websocket-request-disconnect.json",
        keys: r#"{"headers":{},"multiValueHeaders":{},"requestContext":{"routeKey":0,"disconnectStatusCode":0,"eventType":0,
            "extendedRequestId":0,"requestTime":0,"messageDirection":0,"disconnectReason":0,"stage":0,"connectedAt":0,
            "requestTimeEpoch":0,"identity":{"userAgent":0,"sourceIp":0},"requestId":0,"domainName":0,"connectionId":0,"apiId":0},
            "isBase64Encoded":0}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "api-gateway-authorizer-token",
        form: &[],
        source: "generate-event, apigateway/ApiGatewayAuthorizer.json",
        keys: r#"{"type":0,"authorizationToken":0,"methodArn":0}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "api-gateway-authorizer-request",
        form: &[],
        source: "generate-event, apigateway/ApiGatewayRestRequestAuthorizer.json",
        keys: r#"{"type":0,"methodArn":0,"resource":0,"path":0,"httpMethod":0,"headers":{},"queryStringParameters":{},"pathParameters":{},
            "stageVariables":{},"requestContext":{"path":0,"accountId":0,"resourceId":0,"stage":0,"requestId":0,
            "identity":{"apiKey":0,"sourceIp":0,"clientCert":{"clientCertPem":0,"subjectDN":0,"issuerDN":0,"serialNumber":0,
            "validity":{"notBefore":0,"notAfter":0}}},"resourcePath":0,"httpMethod":0,"apiId":0}}"#,
        // With an API key, and with mutual TLS.
        absent: &[
            "requestContext.identity.apiKey",
            "requestContext.identity.clientCert",
            "requestContext.identity.clientCert.clientCertPem",
            "requestContext.identity.clientCert.issuerDN",
            "requestContext.identity.clientCert.serialNumber",
            "requestContext.identity.clientCert.subjectDN",
            "requestContext.identity.clientCert.validity",
            "requestContext.identity.clientCert.validity.notAfter",
            "requestContext.identity.clientCert.validity.notBefore",
        ],
        // The Go library's apigw-custom-auth-request-type-request.json has the two of many values. The user agent is in
        // Powertools' apiGatewayAuthorizerRequestEvent.json, which is of an HTTP API (format 1.0): for REST APIs no page of
        // AWS confirms it.
        beyond: &[
            "multiValueHeaders",
            "multiValueQueryStringParameters",
            "requestContext.identity.userAgent",
        ],
    },
    Published {
        trigger: "api-gateway-authorizer-request",
        form: &[
            ("format", "HTTP API (2.0)"),
            ("query", "parameter1=value1"),
            ("headers", "authorization: allow\ncookie: cookie1"),
        ],
        source: "aws-lambda-go, apigw-v2-custom-authorizer-v2-request.json",
        keys: r#"{"version":0,"type":0,"routeArn":0,"identitySource":[],"routeKey":0,"rawPath":0,"rawQueryString":0,"cookies":[],
            "headers":{},"queryStringParameters":{},"requestContext":{"accountId":0,"apiId":0,"domainName":0,"domainPrefix":0,
            "http":{"method":0,"path":0,"protocol":0,"sourceIp":0,"userAgent":0},"requestId":0,"routeKey":0,"stage":0,"time":0,
            "timeEpoch":0},"pathParameters":{},"stageVariables":{}}"#,
        // With parameters in the route, and variables of the stage.
        absent: &["pathParameters", "stageVariables"],
        beyond: &[],
    },
    Published {
        trigger: "function-url",
        form: &[
            ("auth", "AWS_IAM"),
            ("query", "parameter1=value1"),
            ("headers", "cookie: cookie1"),
            ("body", "x"),
        ],
        source: "aws-lambda-go, lambda-urls-request.json",
        keys: r#"{"version":0,"routeKey":0,"rawPath":0,"rawQueryString":0,"cookies":[],"headers":{},"queryStringParameters":{},
            "requestContext":{"accountId":0,"apiId":0,"authorizer":{"iam":{"accessKey":0,"accountId":0,"callerId":0,"userArn":0,
            "userId":0}},"domainName":0,"domainPrefix":0,"http":{"method":0,"path":0,"protocol":0,"sourceIp":0,"userAgent":0},
            "requestId":0,"time":0,"timeEpoch":0},"body":0,"isBase64Encoded":0}"#,
        absent: &[],
        // The guide's example, below, has these.
        beyond: &[
            "requestContext.authorizer.iam.cognitoIdentity",
            "requestContext.authorizer.iam.principalOrgId",
            "requestContext.routeKey",
            "requestContext.stage",
        ],
    },
    Published {
        trigger: "function-url",
        form: &[
            ("auth", "AWS_IAM"),
            ("query", "parameter1=value1"),
            ("headers", "cookie: cookie1"),
            ("body", "x"),
        ],
        source: "AWS Lambda Developer Guide, \"Invoking Lambda function URLs\", request payload format",
        keys: r#"{"version":0,"routeKey":0,"rawPath":0,"rawQueryString":0,"cookies":[],"headers":{},"queryStringParameters":{},
            "requestContext":{"accountId":0,"apiId":0,"authentication":null,"authorizer":{"iam":{"accessKey":0,"accountId":0,
            "callerId":0,"cognitoIdentity":null,"principalOrgId":null,"userArn":0,"userId":0}},"domainName":0,"domainPrefix":0,
            "http":{"method":0,"path":0,"protocol":0,"sourceIp":0,"userAgent":0},"requestId":0,"routeKey":0,"stage":0,"time":0,
            "timeEpoch":0},"body":0,"pathParameters":null,"isBase64Encoded":0,"stageVariables":null}"#,
        // The guide has them as null, of two it says "or excludes this from the JSON"; the event below has none of them.
        absent: &[
            "pathParameters",
            "requestContext.authentication",
            "stageVariables",
        ],
        beyond: &[],
    },
    Published {
        trigger: "function-url",
        form: &[("headers", "accept: */*")],
        source: OPEN_URL,
        keys: OPEN_URL_KEYS,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "function-url-streaming",
        form: &[("headers", "accept: */*")],
        source: OPEN_URL,
        keys: OPEN_URL_KEYS,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "cloudfront",
        form: &[],
        source: "CloudFront Developer Guide, \"Lambda@Edge event structure\", example viewer request",
        keys: r#"{"Records":[{"cf":{"config":{"distributionDomainName":0,"distributionId":0,"eventType":0,"requestId":0},
            "request":{"clientIp":0,"headers":{},"method":0,"querystring":0,"uri":0}}}]}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "cloudfront",
        form: &[("method", "POST"), ("body", "x"), ("include_body", "On")],
        source: "the same page, fields in the request object",
        keys: r#"{"Records":[{"cf":{"config":{"distributionDomainName":0,"distributionId":0,"eventType":0,"requestId":0},
            "request":{"clientIp":0,"headers":{},"method":0,"querystring":0,"uri":0,
            "body":{"inputTruncated":0,"action":0,"encoding":0,"data":0}}}}]}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "cloudfront",
        form: &[("event", "origin-request")],
        source: "the same page, example origin request",
        keys: r#"{"Records":[{"cf":{"config":{"distributionDomainName":0,"distributionId":0,"eventType":0,"requestId":0},
            "request":{"clientIp":0,"headers":{},"method":0,"origin":{"custom":{"customHeaders":{},"domainName":0,
            "keepaliveTimeout":0,"path":0,"port":0,"protocol":0,"readTimeout":0,"sslProtocols":[]}},"querystring":0,"uri":0}}}]}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "cloudfront",
        form: &[("event", "origin-response")],
        source: "the same page, example origin response",
        keys: r#"{"Records":[{"cf":{"config":{"distributionDomainName":0,"distributionId":0,"eventType":0,"requestId":0},
            "request":{"clientIp":0,"headers":{},"method":0,"origin":{"custom":{"customHeaders":{},"domainName":0,
            "keepaliveTimeout":0,"path":0,"port":0,"protocol":0,"readTimeout":0,"sslProtocols":[]}},"querystring":0,"uri":0},
            "response":{"headers":{},"status":0,"statusDescription":0}}}]}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "cloudfront",
        form: &[("event", "viewer-response")],
        source: "the same page, example viewer response",
        keys: r#"{"Records":[{"cf":{"config":{"distributionDomainName":0,"distributionId":0,"eventType":0,"requestId":0},
            "request":{"clientIp":0,"headers":{},"method":0,"querystring":0,"uri":0},
            "response":{"headers":{},"status":0,"statusDescription":0}}}]}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "s3-batch",
        form: &[],
        source: "generate-event, s3/S3BatchInvocation.json",
        keys: r#"{"invocationSchemaVersion":0,"invocationId":0,"job":{"id":0},
            "tasks":[{"taskId":0,"s3Key":0,"s3VersionId":0,"s3BucketArn":0}]}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "s3-batch",
        form: &[("schema", "2.0"), ("arguments", "{\"k1\":\"v1\"}")],
        source: "aws-lambda-go, s3-batch-job-event-request-2.0.json",
        keys: r#"{"invocationSchemaVersion":0,"invocationId":0,"job":{"id":0,"userArguments":{}},
            "tasks":[{"taskId":0,"s3Key":0,"s3VersionId":0,"s3Bucket":0}]}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "cognito",
        form: &[],
        source: "aws-lambda-go, cognito-event-userpools-presignup.json",
        keys: r#"{"version":0,"triggerSource":0,"region":0,"userPoolId":0,"userName":0,"callerContext":{"awsSdkVersion":0,"clientId":0},
            "request":{"userAttributes":{},"validationData":{},"clientMetadata":{}},
            "response":{"autoConfirmUser":0,"autoVerifyEmail":0,"autoVerifyPhone":0}}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "cognito",
        form: &[
            ("trigger", "DefineAuthChallenge_Authentication"),
            (
                "session",
                r#"[{"challengeName":"PASSWORD_VERIFIER","challengeResult":true,"challengeMetadata":"metadata"}]"#,
            ),
        ],
        source: "aws-lambda-go, cognito-event-userpools-define-auth-challenge.json",
        keys: r#"{"version":0,"triggerSource":0,"region":0,"userPoolId":0,"userName":0,"callerContext":{"awsSdkVersion":0,"clientId":0},
            "request":{"userAttributes":{},"session":[{"challengeName":0,"challengeResult":0,"challengeMetadata":0}]},
            "response":{"challengeName":0,"issueTokens":0,"failAuthentication":0}}"#,
        absent: &[],
        // Cognito Developer Guide, "Define Auth challenge Lambda trigger parameters".
        beyond: &["request.clientMetadata", "request.userNotFound"],
    },
    Published {
        trigger: "cognito",
        form: &[
            ("trigger", "TokenGeneration_Authentication"),
            ("version", "2"),
        ],
        source: "aws-lambda-go, cognito-event-userpools-pretokengen-v2_0.json",
        keys: r#"{"version":0,"triggerSource":0,"region":0,"userPoolId":0,"userName":0,"callerContext":{"awsSdkVersion":0,"clientId":0},
            "request":{"userAttributes":{},"groupConfiguration":{"groupsToOverride":[],"iamRolesToOverride":[],"preferredRole":0},
            "scopes":[]},"response":{"claimsAndScopeOverrideDetails":0}}"#,
        absent: &[],
        // The guide has it of version 1, Powertools for TypeScript's schema of versions 2 and 3 too.
        beyond: &["request.clientMetadata"],
    },
    Published {
        trigger: "cognito",
        form: &[("trigger", "CustomMessage_SignUp")],
        source: "aws-lambda-go, cognito-event-userpools-custommessage.json",
        keys: r#"{"version":0,"triggerSource":0,"region":0,"userPoolId":0,"userName":0,"callerContext":{"awsSdkVersion":0,"clientId":0},
            "request":{"userAttributes":{},"codeParameter":0,"usernameParameter":0,"clientMetadata":{}},
            "response":{"smsMessage":0,"emailMessage":0,"emailSubject":0}}"#,
        absent: &[],
        // Powertools' cognitoCustomMessageEvent.json; the guide's parameters of this trigger leave it out.
        beyond: &["request.linkParameter"],
    },
    Published {
        trigger: "cognito",
        form: &[("trigger", "InboundFederation_ExternalProvider")],
        source: "aws-lambda-go, cognito-event-userpools-inbound-federation-oidc.json",
        keys: r#"{"version":0,"triggerSource":0,"region":0,"userPoolId":0,"userName":0,"callerContext":{"awsSdkVersion":0,"clientId":0},
            "request":{"providerName":0,"providerType":0,"attributes":{}},"response":{"userAttributesToMap":0}}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "lex",
        form: &[("source", "DialogCodeHook"), ("slot_value", "")],
        source: "generate-event, lex-v2/LexBookCar.json",
        keys: r#"{"sessionId":0,"inputTranscript":0,"interpretations":[{"intent":{"slots":{},"confirmationState":0,"name":0,"state":0},
            "nluConfidence":0}],"proposedNextState":{"intent":{"slots":{},"confirmationState":0,"name":0,"state":0},
            "dialogAction":{"slotToElicit":0,"type":0}},"responseContentType":0,"sessionState":{"intent":{"slots":{},
            "confirmationState":0,"name":0,"state":0},"originatingRequestId":0},"messageVersion":0,"invocationSource":0,
            "transcriptions":[{"resolvedSlots":{},"resolvedContext":{"intent":0},"transcription":0,"transcriptionConfidence":0}],
            "inputMode":0,"bot":{"aliasName":0,"aliasId":0,"name":0,"version":0,"localeId":0,"id":0}}"#,
        absent: &[],
        // The source of interpretations: Lex V2 Developer Guide, "AWS Lambda input event format for Lex V2"; the others:
        // generate-event, lex-v2/BankingBot.json.
        beyond: &[
            "interpretations[].interpretationSource",
            "sessionState.activeContexts",
            "sessionState.sessionAttributes",
        ],
    },
    Published {
        trigger: "alexa",
        form: &[],
        source: "generate-event, alexa-skills-kit/AlexaIntentRecipe.json",
        keys: r#"{"version":0,"session":{"new":0,"sessionId":0,"application":{"applicationId":0},"attributes":{},"user":{"userId":0}},
            "context":{"AudioPlayer":{"playerActivity":0},"System":{"application":{"applicationId":0},"user":{"userId":0},
            "device":{"supportedInterfaces":{}}}},"request":{"type":0,"requestId":0,"timestamp":0,"locale":0,
            "intent":{"name":0,"slots":{}}}}"#,
        // With the AudioPlayer interface.
        absent: &["context.AudioPlayer", "context.AudioPlayer.playerActivity"],
        // Token and endpoint: Alexa Skills Kit, "Progressive Response REST API Reference"; the device: "Request and Response
        // JSON Reference"; the intent's status: Amazon's ask-sdk-model (alexa/alexa-apis-for-python), intent.py.
        beyond: &[
            "context.System.apiAccessToken",
            "context.System.apiEndpoint",
            "context.System.device.deviceId",
            "request.intent.confirmationStatus",
        ],
    },
    Published {
        trigger: "firehose",
        form: &[("source", "Kinesis stream")],
        source: "generate-event, kinesis/KinesisFirehoseStreamsAsSource.json",
        keys: r#"{"invocationId":0,"deliveryStreamArn":0,"region":0,"records":[{"recordId":0,"approximateArrivalTimestamp":0,
            "kinesisRecordMetadata":{"sequenceNumber":0,"subsequenceNumber":0,"partitionKey":0,"shardId":0,
            "approximateArrivalTimestamp":0},"data":0}]}"#,
        absent: &[],
        // The Go library's kinesis-firehose-event.json.
        beyond: &["sourceKinesisStreamArn"],
    },
    Published {
        trigger: "s3",
        form: &[("versioning", "On")],
        source: "aws-lambda-go, s3-event.json (urlDecodedKey is the library's own)",
        keys: r#"{"Records":[{"eventVersion":0,"eventSource":0,"awsRegion":0,"eventTime":0,"eventName":0,"userIdentity":{"principalId":0},
            "requestParameters":{"sourceIPAddress":0},"responseElements":{"x-amz-request-id":0,"x-amz-id-2":0},
            "s3":{"s3SchemaVersion":0,"configurationId":0,"bucket":{"name":0,"ownerIdentity":{"principalId":0},"arn":0},
            "object":{"key":0,"size":0,"versionId":0,"eTag":0,"sequencer":0}}}]}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "sns",
        form: &[],
        source: "generate-event, sns/Sns.json",
        keys: r#"{"Records":[{"EventSource":0,"EventVersion":0,"EventSubscriptionArn":0,"Sns":{"Type":0,"MessageId":0,"TopicArn":0,
            "Subject":0,"Message":0,"Timestamp":0,"SignatureVersion":0,"Signature":0,"SigningCertUrl":0,"UnsubscribeUrl":0,
            "MessageAttributes":{}}}]}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "eventbridge",
        form: &[],
        source: "EventBridge User Guide, \"Amazon EventBridge events\", an EC2 instance being terminated",
        keys: r#"{"version":0,"id":0,"detail-type":0,"source":0,"account":0,"time":0,"region":0,"resources":[],"detail":{}}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "eventbridge-schedule",
        form: &[],
        source: "generate-event, cloudwatch/ScheduledEvent.json",
        keys: r#"{"id":0,"detail-type":0,"source":0,"account":0,"time":0,"region":0,"resources":[],"detail":{}}"#,
        absent: &[],
        // "Set to 0 (zero) in all events": the same guide.
        beyond: &["version"],
    },
    Published {
        trigger: "cloudwatch-logs",
        form: &[],
        source: "generate-event, cloudwatch/CloudwatchLogs.json",
        keys: r#"{"awslogs":{"data":0}}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "ses",
        form: &[],
        source: "generate-event, ses/SesEmailReceiving.json",
        keys: r#"{"Records":[{"eventSource":0,"eventVersion":0,"ses":{"mail":{"commonHeaders":{"date":0,"from":[],"messageId":0,
            "returnPath":0,"subject":0,"to":[]},"destination":[],"headers":[],"headersTruncated":0,"messageId":0,"source":0,
            "timestamp":0},"receipt":{"action":{"functionArn":0,"invocationType":0,"type":0},"dkimVerdict":{"status":0},
            "processingTimeMillis":0,"recipients":[],"spamVerdict":{"status":0},"spfVerdict":{"status":0},"timestamp":0,
            "virusVerdict":{"status":0}}}}]}"#,
        absent: &[],
        // Amazon SES Developer Guide, "Contents of notifications for Amazon SES email receiving".
        beyond: &[
            "Records[].ses.receipt.dmarcVerdict",
            "Records[].ses.receipt.dmarcVerdict.status",
        ],
    },
    Published {
        trigger: "codecommit",
        form: &[],
        source: CODECOMMIT,
        keys: CODECOMMIT_KEYS,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "codecommit",
        form: &[("event", "New branch"), ("custom", "IRC channel")],
        source: CODECOMMIT,
        keys: CODECOMMIT_KEYS,
        absent: &[],
        // No example of AWS has the two. Their names are those of the event types in AWS's libraries for Rust and, of the
        // first, Java; that custom data becomes an attribute of the event says the CodeCommit User Guide, "Create a trigger
        // in AWS CodeCommit for an existing AWS Lambda function". Which events have created, no page confirms.
        beyond: &[
            "Records[].codecommit.references[].created",
            "Records[].customData",
        ],
    },
    Published {
        trigger: "codepipeline",
        form: &[("continuation", "On")],
        source: "aws-lambda-go, codepipline-event.json",
        keys: r#"{"CodePipeline.job":{"id":0,"accountId":0,"data":{"actionConfiguration":{"configuration":{"FunctionName":0,
            "UserParameters":0}},"inputArtifacts":[{"location":{"s3Location":{"bucketName":0,"objectKey":0},"type":0},"revision":0,
            "name":0}],"outputArtifacts":[],"artifactCredentials":{"secretAccessKey":0,"sessionToken":0,"accessKeyId":0},
            "continuationToken":0}}}"#,
        absent: &[],
        // The Lambda Developer Guide's example, below.
        beyond: &["CodePipeline.job.data.artifactCredentials.expirationTime"],
    },
    Published {
        trigger: "codepipeline",
        form: &[],
        source: "AWS Lambda Developer Guide, \"Using AWS Lambda with AWS CodePipeline\"",
        keys: r#"{"CodePipeline.job":{"id":0,"accountId":0,"data":{"actionConfiguration":{"configuration":{"FunctionName":0,
            "UserParameters":0}},"inputArtifacts":[{"name":0,"revision":0,"location":{"type":0,"s3Location":{"bucketName":0,
            "objectKey":0}}}],"outputArtifacts":[{"name":0,"revision":0,"location":{"type":0,"s3Location":{"bucketName":0,
            "objectKey":0}}}],"artifactCredentials":{"accessKeyId":0,"secretAccessKey":0,"sessionToken":0,"expirationTime":0}}}}"#,
        // With an artifact to put out; our action has none.
        absent: &[
            "CodePipeline.job.data.outputArtifacts[].location",
            "CodePipeline.job.data.outputArtifacts[].location.s3Location",
            "CodePipeline.job.data.outputArtifacts[].location.s3Location.bucketName",
            "CodePipeline.job.data.outputArtifacts[].location.s3Location.objectKey",
            "CodePipeline.job.data.outputArtifacts[].location.type",
            "CodePipeline.job.data.outputArtifacts[].name",
            "CodePipeline.job.data.outputArtifacts[].revision",
        ],
        beyond: &[],
    },
    Published {
        trigger: "cloudformation",
        form: &[],
        source: "generate-event, cloudformation/CfnCreateRequest.json",
        keys: r#"{"RequestType":0,"ResponseURL":0,"StackId":0,"RequestId":0,"ResourceType":0,"LogicalResourceId":0,
            "ResourceProperties":{}}"#,
        absent: &[],
        // Powertools' customResourceCreate.json; the User Guide's fields of a create request leave it out.
        beyond: &["ServiceToken"],
    },
    Published {
        trigger: "config",
        form: &[],
        source: "generate-event, config/OversizedConfigurationItemChangeNotification.json",
        keys: r#"{"invokingEvent":0,"ruleParameters":0,"resultToken":0,"eventLeftScope":0,"executionRoleArn":0,"configRuleArn":0,
            "configRuleName":0,"configRuleId":0,"accountId":0,"version":0}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "iot-events",
        form: &[],
        // Until 2022 the page had "event: " for the outermost key, a slip that it has since corrected.
        source: "AWS Lambda Developer Guide, \"Using AWS Lambda with AWS IoT Events\"",
        keys: r#"{"event":{"eventName":0,"eventTime":0,"payload":{"actionExecutionId":0,"detector":{"detectorModelName":0,"keyValue":0,"detectorModelVersion":0},
            "eventTriggerDetails":{"triggerType":0,"inputName":0,"messageId":0},"state":{"stateName":0,"variables":{},"timers":{}}}}}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "sqs",
        form: &[],
        source: "generate-event, sqs/Sqs.json",
        keys: r#"{"Records":[{"messageId":0,"receiptHandle":0,"body":0,"attributes":{"ApproximateReceiveCount":0,"SentTimestamp":0,
            "SenderId":0,"ApproximateFirstReceiveTimestamp":0},"messageAttributes":{},"md5OfBody":0,"eventSource":0,
            "eventSourceARN":0,"awsRegion":0}]}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "kinesis",
        form: &[],
        source: "generate-event, kinesis/Kinesis.json",
        keys: r#"{"Records":[{"kinesis":{"partitionKey":0,"kinesisSchemaVersion":0,"data":0,"sequenceNumber":0,
            "approximateArrivalTimestamp":0},"eventSource":0,"eventID":0,"invokeIdentityArn":0,"eventVersion":0,"eventName":0,
            "eventSourceARN":0,"awsRegion":0}]}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "dynamodb",
        form: &[("event", "MODIFY")],
        source: "generate-event, dynamodb/DynamoDBUpdate.json",
        keys: r#"{"Records":[{"eventID":0,"eventName":0,"eventVersion":0,"eventSource":0,"awsRegion":0,"dynamodb":{"Keys":{},"NewImage":{},
            "OldImage":{},"ApproximateCreationDateTime":0,"SequenceNumber":0,"SizeBytes":0,"StreamViewType":0},"eventSourceARN":0}]}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "kafka",
        form: &[],
        source: "aws-lambda-go, kafka-event.json",
        keys: r#"{"eventSource":0,"eventSourceArn":0,"bootstrapServers":0,"records":{"AWSKafkaTopic-0":[{"topic":0,"partition":0,
            "offset":0,"timestamp":0,"timestampType":0,"key":0,"value":0,"headers":[]}]}}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "kafka",
        form: &[("cluster", "Self-managed")],
        source: "AWS Lambda Developer Guide, \"Using Lambda with self-managed Apache Kafka\", example event (that of 2022 has no key)",
        keys: r#"{"eventSource":0,"bootstrapServers":0,"records":{"mytopic-0":[{"topic":0,"partition":0,"offset":0,"timestamp":0,
            "timestampType":0,"key":0,"value":0,"headers":[]}]}}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "mq",
        form: &[],
        source: "aws-lambda-go, activemq-event.json",
        keys: r#"{"eventSource":0,"eventSourceArn":0,"messages":[{"messageID":0,"messageType":0,"timestamp":0,"deliveryMode":0,
            "correlationID":0,"replyTo":0,"destination":{"physicalName":0},"redelivered":0,"type":0,"expiration":0,"priority":0,
            "data":0,"brokerInTime":0,"brokerOutTime":0,"properties":{}}]}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "mq",
        form: &[("engine", "RabbitMQ")],
        source: "aws-lambda-go, rabbitmq-event.json",
        keys: r#"{"eventSource":0,"eventSourceArn":0,"rmqMessagesByQueue":{"test::/":[{"basicProperties":{"contentType":0,
            "contentEncoding":0,"headers":{},"deliveryMode":0,"priority":0,"correlationId":0,"replyTo":0,"expiration":0,"messageId":0,
            "timestamp":0,"type":0,"userId":0,"appId":0,"clusterId":0,"bodySize":0},"redelivered":0,"data":0}]}}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "documentdb",
        form: &[],
        source: "AWS Lambda Developer Guide, \"Process Amazon DocumentDB events with Lambda\", an insertion",
        keys: r#"{"eventSourceArn":0,"events":[{"event":{"_id":{"_data":0},"clusterTime":{"$timestamp":{"t":0,"i":0}},"documentKey":{},
            "fullDocument":{},"ns":{"db":0,"coll":0},"operationType":0}}],"eventSource":0}"#,
        absent: &[],
        beyond: &[],
    },
    Published {
        trigger: "documentdb",
        form: &[("operation", "update")],
        source: "aws-lambda-rust-runtime, example-documentdb-update-event.json",
        keys: r#"{"eventSourceArn":0,"events":[{"event":{"_id":{"_data":0},"operationType":0,"clusterTime":{"$timestamp":{"t":0,"i":0}},
            "ns":{"db":0,"coll":0},"documentKey":{},"updateDescription":{"updatedFields":{},"removedFields":[],
            "truncatedArrays":[{"field":0,"newSize":0}]}}}],"eventSource":0}"#,
        // With an array that the update made shorter.
        absent: &[
            "events[].event.updateDescription.truncatedArrays[].field",
            "events[].event.updateDescription.truncatedArrays[].newSize",
        ],
        beyond: &[],
    },
];
