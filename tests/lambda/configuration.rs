//! Reference section 1: limits of the configuration, with the API's messages.

use lambda_playground::lambda::config::{FunctionConfig, MemoryMb, TimeoutSeconds};
use lambda_playground::lambda::limits::{check, environment_bytes, validation_exception};

fn with(change: impl FnOnce(&mut FunctionConfig)) -> FunctionConfig {
    let mut config = FunctionConfig::default();
    change(&mut config);
    config
}

fn variable(name: &str, value: &str) -> FunctionConfig {
    with(|c| c.environment = vec![(name.to_owned(), value.to_owned())])
}

#[test]
fn each_limit_is_told_in_the_apis_words() {
    let cases = [
        (
            with(|c| c.memory = MemoryMb(64)),
            "memory",
            "1 validation error detected: Value '64' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128",
        ),
        (
            with(|c| c.memory = MemoryMb(10_241)),
            "memory",
            "1 validation error detected: Value '10241' at 'memorySize' failed to satisfy constraint: Member must have value less than or equal to 10240",
        ),
        (
            with(|c| c.timeout = TimeoutSeconds(0)),
            "timeout",
            "1 validation error detected: Value '0' at 'timeout' failed to satisfy constraint: Member must have value greater than or equal to 1",
        ),
        (
            with(|c| c.timeout = TimeoutSeconds(901)),
            "timeout",
            "1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900",
        ),
        (
            with(|c| c.ephemeral_storage_mb = 511),
            "ephemeral_storage_mb",
            "1 validation error detected: Value '511' at 'ephemeralStorage.size' failed to satisfy constraint: Member must have value greater than or equal to 512",
        ),
        (
            with(|c| c.ephemeral_storage_mb = 10_241),
            "ephemeral_storage_mb",
            "1 validation error detected: Value '10241' at 'ephemeralStorage.size' failed to satisfy constraint: Member must have value less than or equal to 10240",
        ),
        (
            with(|c| c.maximum_retry_attempts = 3),
            "maximum_retry_attempts",
            "1 validation error detected: Value '3' at 'maximumRetryAttempts' failed to satisfy constraint: Member must have value less than or equal to 2",
        ),
        (
            with(|c| c.maximum_event_age_seconds = 59),
            "maximum_event_age_seconds",
            "1 validation error detected: Value '59' at 'maximumEventAgeInSeconds' failed to satisfy constraint: Member must have value greater than or equal to 60",
        ),
        (
            with(|c| c.maximum_event_age_seconds = 21_601),
            "maximum_event_age_seconds",
            "1 validation error detected: Value '21601' at 'maximumEventAgeInSeconds' failed to satisfy constraint: Member must have value less than or equal to 21600",
        ),
        (
            with(|c| c.name = "a.b".to_owned()),
            "name",
            "1 validation error detected: Value 'a.b' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9-_]+",
        ),
        (
            with(|c| c.name = String::new()),
            "name",
            "1 validation error detected: Value '' at 'functionName' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ),
        (
            variable("A", "1"),
            "environment",
            "1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]",
        ),
        (
            variable("AWS_REGION", "x"),
            "environment",
            "Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_REGION",
        ),
    ];
    for (config, field, message) in cases {
        let problems = check(&config);
        assert_eq!(problems.len(), 1, "{message}");
        assert_eq!(problems[0].place, field);
        assert_eq!(problems[0].cause, message);
        assert!(!problems[0].cure.is_empty());
    }
    let long = with(|c| c.name = "x".repeat(65));
    assert!(check(&long)[0].cause.ends_with(
        "at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64"
    ));
}

#[test]
fn everything_inside_the_limits_is_accepted() {
    let accepted = [
        FunctionConfig::default(),
        with(|c| (c.memory, c.timeout) = (MemoryMb::MAX, TimeoutSeconds::MAX)),
        with(|c| (c.memory, c.timeout) = (MemoryMb::MIN, TimeoutSeconds::MIN)),
        with(|c| c.ephemeral_storage_mb = 10_240),
        with(|c| (c.maximum_retry_attempts, c.maximum_event_age_seconds) = (0, 60)),
        with(|c| c.name = "x".repeat(64)),
        with(|c| c.name = "aZ09-_".to_owned()),
        variable("AB", ""),
        variable("a_1", "anything: ü \"quoted\""),
    ];
    for config in accepted {
        assert_eq!(check(&config), [], "{config:?}");
        assert_eq!(validation_exception(&config), None);
    }
}

#[test]
fn several_errors_are_told_in_one_sentence() {
    let config = with(|c| {
        c.memory = MemoryMb(64);
        c.timeout = TimeoutSeconds(1_000);
    });
    assert_eq!(
        validation_exception(&config).unwrap(),
        "2 validation errors detected: Value '64' at 'memorySize' failed to satisfy constraint: Member must have value \
         greater than or equal to 128; Value '1000' at 'timeout' failed to satisfy constraint: Member must have value \
         less than or equal to 900"
    );
    assert_eq!(check(&config).len(), 2);
}

/// "4 KB total for all names+values": measured as a JSON object, as observed.
#[test]
fn environment_variables_have_four_kilobytes() {
    // {"AB":"…"}: nine bytes and the value.
    let fits = variable("AB", &"x".repeat(4_096 - 9));
    assert_eq!(environment_bytes(&fits.environment), 4_096);
    assert_eq!(check(&fits), []);
    let too_long = variable("AB", &"x".repeat(4_097 - 9));
    assert_eq!(
        check(&too_long)[0].cause,
        "Lambda was unable to configure your environment variables because the environment variables you have provided \
         exceeded the 4KB limit. Measured size: 4097 bytes"
    );
    let two = with(|c| {
        c.environment = vec![
            ("AB".to_owned(), "1".to_owned()),
            ("CD".to_owned(), "2".to_owned()),
        ];
    });
    assert_eq!(
        environment_bytes(&two.environment),
        r#"{"AB":"1","CD":"2"}"#.len()
    );
    assert_eq!(environment_bytes(&[]), 2);
}

#[test]
fn a_variable_cannot_be_set_twice() {
    let config =
        with(|c| c.environment = vec![("AB".into(), "1".into()), ("AB".into(), "2".into())]);
    assert_eq!(check(&config).len(), 1);
}
