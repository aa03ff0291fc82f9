//! The triggers of a user pool: their sources, and what their requests and responses have.

use super::ABOUT;

/// One kind of trigger: the beginning of its trigger sources, its request and its response as JSON with holes, and what
/// comes of a good answer.
pub(super) struct Kind {
    /// Up to the underscore.
    source: &'static str,
    request: &'static str,
    response: &'static str,
    pub then: &'static str,
}

const METADATA: &str = r#""clientMetadata?":"<%metadata>""#;

/// `ATTRIBUTES` and `METADATA` in a request stand for what most of them have.
const KINDS: &[Kind] = &[
    Kind {
        source: "PreSignUp",
        request: r#"{ATTRIBUTES,"validationData":null,METADATA}"#,
        response: r#"{"autoConfirmUser":"<?no>","autoVerifyEmail":"<?no>","autoVerifyPhone":"<?no>"}"#,
        then: "The sign-up goes on; what the response set (confirmed, verified) holds for the new user.",
    },
    Kind {
        source: "PostConfirmation",
        request: "{ATTRIBUTES,METADATA}",
        response: "{}",
        then: "The user is confirmed; Cognito reads nothing in the response.",
    },
    Kind {
        source: "PreAuthentication",
        request: r#"{ATTRIBUTES,"validationData":null,"userNotFound?":"<?no>"}"#,
        response: "{}",
        then: "The sign-in goes on.",
    },
    Kind {
        source: "PostAuthentication",
        request: r#"{ATTRIBUTES,"newDeviceUsed":"<?no>",METADATA}"#,
        response: "{}",
        then: "The user is signed in; Cognito reads nothing in the response.",
    },
    Kind {
        source: "DefineAuthChallenge",
        request: r#"{ATTRIBUTES,"session":"<@session>",METADATA,"userNotFound?":"<?no>"}"#,
        response: r#"{"challengeName":"<*none>","issueTokens":"<*none>","failAuthentication":"<*none>"}"#,
        then: "Cognito goes on as the response says: it sends the named challenge, issues tokens, or refuses.",
    },
    Kind {
        source: "CreateAuthChallenge",
        request: r#"{ATTRIBUTES,"challengeName":"CUSTOM_CHALLENGE","session":"<@session>",METADATA,"userNotFound?":"<?no>"}"#,
        response: r#"{"publicChallengeParameters":"<*none>","privateChallengeParameters":"<*none>","challengeMetadata":"<*none>"}"#,
        then: "The client gets publicChallengeParameters; the private ones go to the function that verifies the answer.",
    },
    Kind {
        source: "VerifyAuthChallengeResponse",
        request: r#"{ATTRIBUTES,"privateChallengeParameters":{"answer":"1234"},"challengeAnswer":"<answer>",METADATA,"userNotFound?":"<?no>"}"#,
        response: r#"{"answerCorrect":"<*none>"}"#,
        then: "answerCorrect decides whether the challenge counts as passed.",
    },
    Kind {
        source: "TokenGeneration",
        request: r#"{ATTRIBUTES,"groupConfiguration":{"groupsToOverride":["readers"],"iamRolesToOverride":[],"preferredRole":null},SCOPES METADATA}"#,
        response: r#"{"claimsOverrideDetails?":null,"claimsAndScopeOverrideDetails?":null}"#,
        then: "The tokens are issued with the claims that the response adds or suppresses.",
    },
    Kind {
        source: "UserMigration",
        request: r#"{"password?":"Example-password-1","validationData":null,METADATA}"#,
        response: r#"{"userAttributes":"<*none>","forceAliasCreation":"<*none>","enableSMSMFA?":"<*none>","finalUserStatus":"<*none>","messageAction":"<*none>","desiredDeliveryMediums":"<*none>"}"#,
        then: "The user is created with the attributes of the response, and signed in.",
    },
    Kind {
        source: "CustomMessage",
        request: r#"{ATTRIBUTES,"codeParameter":"{####}","linkParameter?":"{##Click Here##}","usernameParameter":"<*none>",METADATA}"#,
        response: r#"{"smsMessage":"<*none>","emailMessage":"<*none>","emailSubject":"<*none>"}"#,
        then: "Cognito sends the message of the response; where it has none, its own.",
    },
    Kind {
        source: "InboundFederation",
        request: r#"{"providerName":"ExampleOIDCProvider","providerType":"OIDC","attributes":{"tokenResponse":{"access_token":"eyExample","token_type":"Bearer","expires_in":"3600"},"idToken":{"sub":"user123","email":"<email>","email_verified":"true"},"userInfo":{"email":"<email>","given_name":"Test","family_name":"User"}}}"#,
        response: r#"{"userAttributesToMap":"<*none>"}"#,
        then: "Cognito maps the attributes of the response to those of the user's profile.",
    },
    Kind {
        source: "CustomEmailSender",
        request: r#"{"type":"customEmailSenderRequestV1","code":"<base64 120>",METADATA,ATTRIBUTES}"#,
        response: "{}",
        then: "Cognito handed the code over, encrypted; the function must send the message.",
    },
    Kind {
        source: "CustomSMSSender",
        request: r#"{"type":"customSMSSenderRequestV1","code":"<base64 120>",METADATA,ATTRIBUTES}"#,
        response: "{}",
        then: "Cognito handed the code over, encrypted; the function must send the message.",
    },
];

pub(super) const SOURCES: &[&str] = &[
    "PreSignUp_SignUp",
    "PreSignUp_AdminCreateUser",
    "PreSignUp_ExternalProvider",
    "PostConfirmation_ConfirmSignUp",
    "PostConfirmation_ConfirmForgotPassword",
    "PreAuthentication_Authentication",
    "PostAuthentication_Authentication",
    "DefineAuthChallenge_Authentication",
    "CreateAuthChallenge_Authentication",
    "VerifyAuthChallengeResponse_Authentication",
    "TokenGeneration_HostedAuth",
    "TokenGeneration_Authentication",
    "TokenGeneration_NewPasswordChallenge",
    "TokenGeneration_AuthenticateDevice",
    "TokenGeneration_RefreshTokens",
    "TokenGeneration_ClientCredentials",
    "UserMigration_Authentication",
    "UserMigration_ForgotPassword",
    "CustomMessage_SignUp",
    "CustomMessage_AdminCreateUser",
    "CustomMessage_ResendCode",
    "CustomMessage_ForgotPassword",
    "CustomMessage_UpdateUserAttribute",
    "CustomMessage_VerifyUserAttribute",
    "CustomMessage_Authentication",
    "InboundFederation_ExternalProvider",
    "CustomEmailSender_SignUp",
    "CustomEmailSender_ResendCode",
    "CustomEmailSender_ForgotPassword",
    "CustomEmailSender_UpdateUserAttribute",
    "CustomEmailSender_VerifyUserAttribute",
    "CustomEmailSender_AdminCreateUser",
    "CustomEmailSender_AccountTakeOverNotification",
    "CustomSMSSender_SignUp",
    "CustomSMSSender_ResendCode",
    "CustomSMSSender_ForgotPassword",
    "CustomSMSSender_UpdateUserAttribute",
    "CustomSMSSender_VerifyUserAttribute",
    "CustomSMSSender_Authentication",
    "CustomSMSSender_AdminCreateUser",
];

const ATTRIBUTES: &str = r#""userAttributes":{"sub":"<uuid>","email_verified":"false","cognito:user_status":"UNCONFIRMED","email":"<email>"}"#;

/// The kind of a trigger source.
pub(super) fn kind(source: &str) -> Option<&'static Kind> {
    let beginning = source.split('_').next()?;
    KINDS.iter().find(|kind| kind.source == beginning)
}

/// Template of one kind: the frame with request and response in it.
pub(super) fn template_of(kind: &Kind, version_2: bool) -> String {
    let attributes = match kind.source {
        "PreSignUp" => r#""userAttributes":{"email":"<email>"}"#,
        _ => ATTRIBUTES,
    };
    let scopes = if version_2 {
        r#""scopes":["openid"],"#
    } else {
        ""
    };
    let request = kind
        .request
        .replace("ATTRIBUTES", attributes)
        .replace("SCOPES", scopes)
        .replace("METADATA", METADATA);
    let response = match kind.source {
        "TokenGeneration" if version_2 => r#"{"claimsAndScopeOverrideDetails":null}"#,
        "TokenGeneration" => r#"{"claimsOverrideDetails":null}"#,
        _ => kind.response,
    };
    ABOUT.template.replace(
        r#""request":{},"response":{}"#,
        &format!(r#""request":{request},"response":{response}"#),
    )
}
