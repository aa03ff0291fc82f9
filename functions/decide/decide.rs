//! Decides for services that ask before they go on: authorizers, CloudFront, Cognito user pools, Lex, Alexa.
//! It teaches that a synchronous service reads the answer closely: each wants a shape of its own.

#[path = "../include/json.rs"]
mod json;
#[path = "../include/lambda.rs"]
mod lambda;

use json::{Json, object};
use lambda::Failure;

lambda::handler!(decide);

fn decide(event: &str) -> Result<String, Failure> {
    let event = Json::parse(event);
    let answer = if !event.at("triggerSource").is_null() {
        user_pool(event)?
    } else if !event.at("Records.0.cf").is_null() {
        edge(&event)
    } else if !event.at("bot").is_null() {
        conversation(&event)
    } else if !event.at("directive").is_null() {
        smart_home(&event)
    } else if !event.at("session").is_null() || !event.at("request.type").is_null() {
        skill(&event)
    } else {
        authorize(&event)?
    };
    Ok(answer.to_string())
}

/// An authorizer: the token `deny` is refused, `unauthorized` is not even known, all others pass.
fn authorize(event: &Json) -> Result<Json, Failure> {
    let token = match event.text("authorizationToken") {
        "" => match event.text("headers.authorization") {
            "" => event.text("headers.Authorization"),
            token => token,
        },
        token => token,
    };
    let token = token.strip_prefix("Bearer ").unwrap_or(token);
    if token == "unauthorized" {
        // API Gateway makes 401 of exactly this message.
        return Err(Failure {
            kind: "Error",
            message: "Unauthorized".to_owned(),
        });
    }
    let effect = if token == "deny" { "Deny" } else { "Allow" };
    let arn = match event.text("methodArn") {
        "" => event.text("routeArn"),
        arn => arn,
    };
    lambda::log(&format!("{effect} {arn}"));
    let statement = object([
        ("Action", "execute-api:Invoke".into()),
        ("Effect", effect.into()),
        ("Resource", arn.into()),
    ]);
    Ok(object([
        ("principalId", "user".into()),
        (
            "policyDocument",
            object([("Version", "2012-10-17".into()), ("Statement", vec![statement].into())]),
        ),
        ("context", object([("plan", "free".into())])),
    ]))
}

/// Lambda@Edge: requests get a file name and a mark, responses a security header.
fn edge(event: &Json) -> Json {
    let cf = event.at("Records.0.cf");
    let kind = cf.text("config.eventType");
    lambda::log(&format!("{kind} {}", cf.text("request.uri")));
    let header = |name: &str, value: &str| -> Json {
        vec![object([("key", name.into()), ("value", value.into())])].into()
    };
    if kind.ends_with("request") {
        let request = cf.at("request").clone();
        let headers = request.at("headers").clone().with("x-seen-by", header("X-Seen-By", kind));
        let uri = request.text("uri").to_owned();
        let request = request.with("headers", headers);
        return match uri.ends_with('/') {
            true => request.with("uri", format!("{uri}index.html")),
            false => request,
        };
    }
    let response = cf.at("response").clone();
    let policy = header("Strict-Transport-Security", "max-age=63072000; includeSubDomains");
    let headers = response.at("headers").clone().with("strict-transport-security", policy);
    response.with("headers", headers)
}

/// A user pool: the event comes back with its response filled in.
fn user_pool(event: Json) -> Result<Json, Failure> {
    let source = event.text("triggerSource").to_owned();
    let email = event.text("request.userAttributes.email").to_owned();
    lambda::log(&format!("{source} for {}", event.text("userName")));
    let response = event.at("response").clone();
    let response = match source.split('_').next().unwrap_or_default() {
        "PreSignUp" if email.ends_with("@example.org") => {
            return Err(Failure {
                kind: "Error",
                message: "Addresses at example.org cannot sign up.".to_owned(),
            });
        }
        "PreSignUp" => response.with("autoConfirmUser", true),
        "DefineAuthChallenge" => match event.list("request.session").last() {
            None => response
                .with("challengeName", "CUSTOM_CHALLENGE")
                .with("issueTokens", false)
                .with("failAuthentication", false),
            Some(last) => {
                let passed = matches!(last.at("challengeResult"), Json::Bool(true));
                response.with("issueTokens", passed).with("failAuthentication", !passed)
            }
        },
        "CreateAuthChallenge" => response
            .with("publicChallengeParameters", object([("question", "How much is 1234?".into())]))
            .with("privateChallengeParameters", object([("answer", "1234".into())]))
            .with("challengeMetadata", "ARITHMETIC"),
        "VerifyAuthChallengeResponse" => {
            let right = event.text("request.privateChallengeParameters.answer");
            response.with("answerCorrect", event.text("request.challengeAnswer") == right)
        }
        "TokenGeneration" => {
            let claims = object([("claimsToAddOrOverride", object([("plan", "free".into())]))]);
            match event.text("version") {
                "1" => response.with("claimsOverrideDetails", claims),
                _ => response.with(
                    "claimsAndScopeOverrideDetails",
                    object([("idTokenGeneration", claims)]),
                ),
            }
        }
        "UserMigration" => {
            let attributes = object([("email", "user@example.com".into()), ("email_verified", "true".into())]);
            response
                .with("userAttributes", attributes)
                .with("finalUserStatus", "CONFIRMED")
                .with("messageAction", "SUPPRESS")
        }
        "CustomMessage" => {
            let code = event.text("request.codeParameter");
            response
                .with("smsMessage", format!("Your code is {code}."))
                .with("emailSubject", "Your code")
                .with("emailMessage", format!("Welcome! Your code is {code}."))
        }
        _ => response,
    };
    Ok(event.with("response", response))
}

/// Lex: while slots are open the bot goes on asking; in the end the function closes the conversation.
fn conversation(event: &Json) -> Json {
    let intent = event.at("sessionState.intent").clone();
    let name = intent.text("name").to_owned();
    lambda::log(&format!("{name}: {}", event.text("inputTranscript")));
    if event.text("invocationSource") == "DialogCodeHook" {
        let action = object([("type", "Delegate".into())]);
        return object([("sessionState", object([("dialogAction", action), ("intent", intent)]))]);
    }
    let state = object([
        ("dialogAction", object([("type", "Close".into())])),
        ("intent", intent.with("state", "Fulfilled")),
    ]);
    let message = object([
        ("contentType", "PlainText".into()),
        ("content", format!("{name} is done.").into()),
    ]);
    object([("sessionState", state), ("messages", vec![message].into())])
}

/// Alexa: says what it understood.
fn skill(event: &Json) -> Json {
    let kind = event.text("request.type");
    let text = match kind {
        "IntentRequest" => format!("You asked for {}.", event.text("request.intent.name")),
        "LaunchRequest" => "Welcome. What would you like?".to_owned(),
        _ => "Goodbye.".to_owned(),
    };
    lambda::log(&format!("{kind}: {text}"));
    let speech = object([("type", "PlainText".into()), ("text", text.into())]);
    object([
        ("version", "1.0".into()),
        (
            "response",
            object([("outputSpeech", speech), ("shouldEndSession", (kind != "LaunchRequest").into())]),
        ),
    ])
}

/// An Alexa smart home skill: every directive is carried out.
fn smart_home(event: &Json) -> Json {
    let header = event.at("directive.header").clone();
    let discovers = header.text("namespace") == "Alexa.Discovery";
    lambda::log(&format!("{}.{}", header.text("namespace"), header.text("name")));
    let header = match discovers {
        true => header.with("name", "Discover.Response"),
        false => header.with("namespace", "Alexa").with("name", "Response"),
    };
    let payload = match discovers {
        true => object([("endpoints", Vec::new().into())]),
        false => object([]),
    };
    let said = object([("header", header), ("payload", payload)]);
    let said = match event.at("directive.endpoint") {
        Json::Null => said,
        endpoint => said.with("endpoint", endpoint.clone()),
    };
    object([("event", said)])
}
