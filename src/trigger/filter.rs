//! Filters of topics and rules: whether they let something through, and which key keeps it out.

use serde_json::{Map, Value};

use super::outcome::short;
use crate::lambda::pattern::{Dialect, Pattern};

/// Most keys that a sentence names.
const NAMED: usize = 3;

/// What keeps `record` out: one sentence for the keys of the pattern that do not fit. Empty when each fits by itself.
pub(super) fn misfit(pattern: &str, dialect: Dialect, record: &Value) -> String {
    let Ok(Value::Object(pattern)) = serde_json::from_str(pattern) else {
        return String::new();
    };
    let mut found = Vec::new();
    look(&pattern, dialect, record, &mut Vec::new(), &mut found);
    let rest = found.len().saturating_sub(NAMED);
    found.truncate(NAMED);
    let mut text = found.join("; ");
    if rest > 0 {
        text.push_str(&format!("; and {rest} more"));
    }
    text
}

/// Tries each key of the pattern alone: what does not fit alone does not fit together.
fn look(
    pattern: &Map<String, Value>,
    dialect: Dialect,
    record: &Value,
    path: &mut Vec<String>,
    found: &mut Vec<String>,
) {
    for (key, wanted) in pattern {
        path.push(key.clone());
        match wanted {
            Value::Object(inner) if !inner.is_empty() && path.len() < 100 => {
                look(inner, dialect, record, path, found);
            }
            _ => {
                let alone = path.iter().rev().fold(wanted.clone(), |inner, key| {
                    Value::Object(Map::from_iter([(key.clone(), inner)]))
                });
                let fits = Pattern::parse(&alone.to_string(), dialect)
                    .is_ok_and(|alone| alone.matches(record));
                if !fits {
                    let has = path.iter().try_fold(record, |value, key| value.get(key));
                    let has = match has {
                        Some(value) => format!("is {}", short(&value.to_string())),
                        None => "is not there".to_owned(),
                    };
                    found.push(format!(
                        "{} must fit {} but {has}",
                        short(&path.join(".")),
                        short(&wanted.to_string())
                    ));
                }
            }
        }
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_keys_that_do_not_fit_are_named() {
        let pattern =
            r#"{"source":["a"],"detail":{"total":[{"numeric":[">",10]}],"state":["new"]}}"#;
        let event = json!({"source": "a", "detail": {"total": 3}});
        assert_eq!(
            misfit(pattern, Dialect::EventPattern, &event),
            "detail.total must fit [{\"numeric\":[\">\",10]}] but is 3; detail.state must fit [\"new\"] but is not there"
        );
        let fits = json!({"source": "a", "detail": {"total": 30, "state": "new"}});
        assert_eq!(misfit(pattern, Dialect::EventPattern, &fits), "");
        assert_eq!(misfit("no pattern", Dialect::EventPattern, &fits), "");
    }
}
