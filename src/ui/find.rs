//! Finding attempts by what a visitor types.

use crate::ui::attempts::Attempt;

/// Whether an attempt is meant by a search: every word of it must fit. Words are `7` or `#7` for a request's number,
/// `env:3` for an environment, `cold` or `warm`, an outcome, a trigger, or a part of a request id.
pub fn fits(attempt: &Attempt, search: &str) -> bool {
    search
        .split_whitespace()
        .all(|word| word_fits(attempt, &word.to_lowercase()))
}

fn word_fits(attempt: &Attempt, word: &str) -> bool {
    let number = attempt.id.invocation.0.wrapping_add(1);
    if let Ok(wanted) = word.strip_prefix('#').unwrap_or(word).parse::<u32>() {
        return wanted == number;
    }
    let ran = attempt.ran.as_ref();
    if let Some(environment) = word.strip_prefix("env:") {
        let environment = environment.parse::<u32>().ok();
        return environment.is_some()
            && ran.map(|ran| ran.environment.0.wrapping_add(1)) == environment;
    }
    let outcome = attempt.outcome().word().to_lowercase();
    if outcome.starts_with(word) || (outcome == "timed out" && "timeout".starts_with(word)) {
        return true;
    }
    match word {
        "cold" => return ran.is_some_and(|ran| ran.cold),
        "warm" => return ran.is_some_and(|ran| !ran.cold),
        "retry" => return attempt.id.attempt > 1,
        _ => {}
    }
    attempt.trigger.contains(word) || attempt.request_id.to_string().contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::attempts::attempts;
    use crate::ui::lived::{lived, scenario};

    #[test]
    fn words_narrow_a_search() {
        let entries = lived(&scenario("s3", r#"{"Records":[]}"#, true));
        let attempts = attempts(&entries);
        let found = |search: &str| attempts.iter().filter(|it| fits(it, search)).count();
        assert_eq!(attempts.len(), 3);
        let id = attempts[0].request_id.to_string();
        for (search, count) in [
            ("", 3),
            ("failed", 3),
            ("FAIL", 3),
            ("succeeded", 0),
            ("cold", 1),
            ("warm failed", 2),
            ("retry", 2),
            ("#1", 3),
            ("1", 3),
            ("2", 0),
            ("env:1", 3),
            ("env:2", 0),
            ("env:x", 0),
            ("s3", 3),
            (&id[..8], 3),
            (&id[..8].to_uppercase(), 3),
            ("no-such-thing", 0),
        ] {
            assert_eq!(found(search), count, "{search}");
        }
    }
}
