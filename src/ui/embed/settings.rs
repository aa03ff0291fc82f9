//! A function's settings as authors write them: JSON names to [`Setting`].

use serde_json::{Map, Value};

use crate::lambda::config::Architecture;
use crate::problem::Problem;
use crate::ui::model::{LoadKind, LoadRuns, Setting};

/// Reads an object of settings; what cannot be used is left out and told.
pub fn read(object: &Map<String, Value>, problems: &mut Vec<Problem>) -> Vec<Setting> {
    let mut settings = Vec::new();
    for (key, value) in object {
        match setting(key, value) {
            Some(Ok(setting)) => settings.push(setting),
            Some(Err(wanted)) => problems.push(Problem::warning(
                "embed.setting",
                format!("settings.{key:.40}"),
                "The value is not one that this setting takes; it is left out.",
                format!("Give it {wanted}."),
            )),
            None => problems.push(Problem::warning(
                "embed.setting",
                format!("settings.{key:.40}"),
                "There is no such setting; it is left out.",
                "Look its name up in the embedding guide.",
            )),
        }
    }
    settings
}

/// One setting: none when there is none of that name, what it takes when the value is not of its kind.
pub fn setting(key: &str, value: &Value) -> Option<Result<Setting, &'static str>> {
    const NUMBER: &str = "a whole number that is not negative";
    let number = |make: fn(u32) -> Setting| number(value).map(make).ok_or(NUMBER);
    let within = |make: fn(u32) -> Setting, from: u32, to: u32, wanted| {
        self::number(value)
            .filter(|number| (from..=to).contains(number))
            .map(make)
            .ok_or(wanted)
    };
    let word = value.as_str().unwrap_or_default();
    Some(match key {
        "memory" => within(Setting::Memory, 128, 10_240, "128 to 10240 MB"),
        "timeout" => within(Setting::Timeout, 1, 900, "1 to 900 seconds"),
        "ephemeralStorage" => within(Setting::EphemeralStorage, 512, 10_240, "512 to 10240 MB"),
        "architecture" => match word {
            "x86_64" => Ok(Setting::Architecture(Architecture::X86)),
            "arm64" => Ok(Setting::Architecture(Architecture::Arm)),
            _ => Err("\"x86_64\" or \"arm64\""),
        },
        "retries" => within(Setting::Retries, 0, 2, "0, 1 or 2"),
        "eventAge" => within(Setting::EventAge, 60, 21_600, "60 to 21600 seconds"),
        "environment" => environment(value)
            .map(Setting::Environment)
            .ok_or("an object of names and texts without line breaks"),
        "reservedConcurrency" if value.is_null() => Ok(Setting::Reserved(None)),
        "reservedConcurrency" => number(|amount| Setting::Reserved(Some(amount))),
        "provisionedConcurrency" => number(Setting::Provisioned),
        "accountConcurrency" => number(Setting::Account),
        "clientRetries" => boolean(value)
            .map(Setting::ClientRetries)
            .ok_or("true or false"),
        "onFailure" => service(value).map(Setting::OnFailure).ok_or(SERVICES),
        "onSuccess" => service(value).map(Setting::OnSuccess).ok_or(SERVICES),
        "deadLetter" => service(value)
            .filter(|service| matches!(service.as_str(), "" | "sqs" | "sns"))
            .map(Setting::DeadLetter)
            .ok_or("\"sqs\", \"sns\" or null"),
        "load" => match LoadKind::of_key(word) {
            kind if kind.key() == word => Ok(Setting::LoadKind(kind)),
            _ => Err("\"single\", \"constant\", \"ramp\", \"burst\" or \"poisson\""),
        },
        "loadRuns" => match LoadRuns::of_key(word) {
            runs if runs.key() == word => Ok(Setting::LoadRuns(runs)),
            _ => Err("\"module\", \"cached\" or \"model\""),
        },
        "loadRate" => number(Setting::LoadRate),
        "loadFrom" => number(Setting::LoadFrom),
        "loadSeconds" => number(Setting::LoadSeconds),
        "loadCount" => number(Setting::LoadCount),
        "modelDuration" => number(Setting::ModelDuration),
        "modelInit" => number(Setting::ModelInit),
        "modelErrors" => within(Setting::ModelErrors, 0, 100, "0 to 100 per cent"),
        _ => return None,
    })
}

const SERVICES: &str = "\"sqs\", \"sns\", \"events\", \"s3\" or null";

/// A whole number, also as text: attributes are text.
fn number(value: &Value) -> Option<u32> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        other => u32::try_from(other.as_u64()?).ok(),
    }
}

/// True or false, also as text.
pub fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(yes) => Some(*yes),
        Value::String(text) => match text.as_str() {
            "" | "1" | "true" => Some(true),
            "0" | "false" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// A service's name in ARNs; empty for none.
fn service(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::String(name) if matches!(name.as_str(), "sqs" | "sns" | "events" | "s3") => {
            Some(name.clone())
        }
        _ => None,
    }
}

/// Variables as the page's editor holds them, one `NAME=value` a line.
fn environment(value: &Value) -> Option<String> {
    let mut text = String::new();
    for (name, value) in value.as_object()? {
        let value = value.as_str()?;
        if name.contains(['\n', '\r', '=']) || value.contains(['\n', '\r']) {
            return None;
        }
        text.push_str(&format!("{name}={value}\n"));
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(value: Value) -> (Vec<Setting>, Vec<String>) {
        let mut problems = Vec::new();
        let settings = read(value.as_object().unwrap(), &mut problems);
        (settings, problems.into_iter().map(|it| it.place).collect())
    }

    #[test]
    fn settings_have_the_names_that_the_guide_gives() {
        let (settings, problems) = of(json!({
            "memory": "1769", "timeout": 3, "architecture": "arm64", "retries": 0,
            "environment": {"STAGE": "test", "URL": "a=b"},
            "reservedConcurrency": null, "deadLetter": "sqs", "load": "burst", "clientRetries": true,
        }));
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(
            settings,
            [
                Setting::Memory(1_769),
                Setting::Timeout(3),
                Setting::Architecture(Architecture::Arm),
                Setting::Retries(0),
                Setting::Environment("STAGE=test\nURL=a=b\n".to_owned()),
                Setting::Reserved(None),
                Setting::DeadLetter("sqs".to_owned()),
                Setting::LoadKind(LoadKind::Burst),
                Setting::ClientRetries(true),
            ]
        );
    }

    #[test]
    fn what_a_setting_does_not_take_is_left_out_and_told() {
        let (settings, problems) = of(json!({
            "memory": 64, "timeout": 1.5, "retries": -1, "load": "flood", "onFailure": "ftp",
            "deadLetter": "s3", "environment": {"A1": "a\nPATH=/"}, "colour": "red",
        }));
        assert!(settings.is_empty(), "{settings:?}");
        assert_eq!(problems.len(), 8);
        assert!(problems.contains(&"settings.colour".to_owned()));
    }
}
