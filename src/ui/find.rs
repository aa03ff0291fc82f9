//! Finding attempts by what a visitor types.

use std::collections::BTreeSet;

use crate::sim::SimDuration;
use crate::ui::attempts::{AttemptId, Outcome};
use crate::ui::trace::{Entries, Row, Tries};

/// A search: every word of it must fit. Words are `7` or `#7` for a request's number, `env:3` for an environment, `cold` or
/// `warm`, `retry`, an outcome, `>200ms` or `<2s` for how long the Invoke phase took, a trigger, or a part of a request id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    words: Vec<Word>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    Number(u32),
    Environment(Option<u32>),
    Longer(SimDuration),
    Shorter(SimDuration),
    Cold(bool),
    Retry,
    Text(String),
}

/// Outcomes that a search can name.
const OUTCOMES: [(Outcome, &str); 6] = [
    (Outcome::Succeeded, "succeeded"),
    (Outcome::Failed, "failed"),
    (Outcome::TimedOut, "timed out"),
    (Outcome::Refused, "refused"),
    (Outcome::CutOff, "cut off"),
    (Outcome::Unfinished, "unfinished"),
];

impl Query {
    /// Reads a search.
    pub fn new(text: &str) -> Self {
        let words = text.split_whitespace().map(str::to_lowercase);
        Self {
            words: words.map(Word::new).collect(),
        }
    }

    /// Whether it asks for nothing: then everything fits.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether a try is meant.
    pub fn fits(&self, row: &Row, entries: &Entries) -> bool {
        self.words.iter().all(|word| word.fits(row, entries))
    }
}

impl Word {
    fn new(word: String) -> Self {
        if let Ok(number) = word.strip_prefix('#').unwrap_or(&word).parse() {
            return Self::Number(number);
        }
        if let Some(environment) = word.strip_prefix("env:") {
            return Self::Environment(environment.parse().ok());
        }
        if let Some(length) = word.strip_prefix('>').and_then(length) {
            return Self::Longer(length);
        }
        if let Some(length) = word.strip_prefix('<').and_then(length) {
            return Self::Shorter(length);
        }
        match word.as_str() {
            "cold" => Self::Cold(true),
            "warm" => Self::Cold(false),
            "retry" => Self::Retry,
            _ => Self::Text(word),
        }
    }

    fn fits(&self, row: &Row, entries: &Entries) -> bool {
        let length = || row.run(entries).map(|(duration, _)| duration);
        match self {
            Self::Number(wanted) => row.id.invocation.0.wrapping_add(1) == *wanted,
            Self::Environment(wanted) => {
                let environment = row.environment.map(|it| it.0.wrapping_add(1));
                wanted.is_some() && environment == *wanted
            }
            Self::Longer(limit) => length().is_some_and(|length| length > *limit),
            Self::Shorter(limit) => length().is_some_and(|length| length < *limit),
            Self::Cold(cold) => row.environment.is_some() && row.cold == *cold,
            Self::Retry => row.id.attempt > 1,
            Self::Text(text) => {
                let named = OUTCOMES.iter().any(|(outcome, word)| {
                    *outcome == row.outcome
                        && (word.starts_with(text.as_str())
                            || (*word == "timed out" && "timeout".starts_with(text.as_str())))
                });
                named
                    || row.trigger(entries).contains(text.as_str())
                    || (may_be_id(text) && row.request_id(entries).to_string().contains(text))
            }
        }
    }
}

/// Telling an id in full costs more than all else, and most words cannot be a part of one.
fn may_be_id(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// `200ms`, `2s`, `1.5s`, `3m`.
fn length(text: &str) -> Option<SimDuration> {
    let units = [
        ("ms", 1e6),
        ("µs", 1e3),
        ("us", 1e3),
        ("s", 1e9),
        ("m", 6e10),
    ];
    let (number, unit) = units
        .iter()
        .find_map(|(suffix, nanos)| Some((text.strip_suffix(suffix)?, nanos)))?;
    let number: f64 = number.parse().ok()?;
    let nanos = number * unit;
    (0.0..1e18)
        .contains(&nanos)
        .then(|| SimDuration::from_nanos(nanos as u64))
}

/// What a search found: the tries' own numbers as bits, and how many there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    bits: Vec<u64>,
    /// How many.
    pub count: usize,
    /// Their places in the order in which they began.
    pub places: Vec<u32>,
}

impl Found {
    /// Looks for everything that fits.
    pub fn new(query: &Query, tries: &Tries, entries: &Entries) -> Self {
        let mut found = Self {
            bits: vec![0; tries.len().div_ceil(64)],
            ..Self::default()
        };
        for (row, place) in tries.iter().zip(0_u32..) {
            if query.fits(row, entries)
                && let Some(number) = tries.number(row.id)
            {
                if let Some(bits) = found.bits.get_mut(number as usize / 64) {
                    *bits |= 1 << (number % 64);
                }
                found.count += 1;
                found.places.push(place);
            }
        }
        found
    }

    /// Whether a try is among them.
    pub fn has(&self, tries: &Tries, id: AttemptId) -> bool {
        tries.number(id).is_some_and(|number| {
            let bits = self.bits.get(number as usize / 64).copied();
            bits.unwrap_or_default() & (1 << (number % 64)) != 0
        })
    }
}

/// Takes a word into a search or out of it; `instead_of` are words that cannot stand beside it.
pub fn with_word(search: &str, word: Option<&str>, instead_of: impl Fn(&str) -> bool) -> String {
    let kept = search.split_whitespace().filter(|it| !instead_of(it));
    let words: Vec<&str> = kept.chain(word).collect();
    words.join(" ")
}

/// The environments among which a filter lets choose.
pub fn environments(tries: &Tries, most: usize) -> Vec<u32> {
    let mut all = BTreeSet::new();
    for row in tries.iter() {
        if let Some(environment) = row.environment {
            all.insert(environment.0);
            if all.len() >= most {
                break;
            }
        }
    }
    all.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::lived::{lived, scenario};
    use crate::ui::trace::Reading;

    #[test]
    fn words_narrow_a_search() {
        let mut reading = Reading::default();
        reading.extend(lived(&scenario("s3", r#"{"Records":[]}"#, true)).to_vec());
        let end = reading.last().unwrap();
        let read = reading.finish(end);
        let found = |search: &str| {
            let found = Found::new(&Query::new(search), &read.tries, &read.entries);
            for row in read.tries.iter() {
                let fits = Query::new(search).fits(row, &read.entries);
                assert_eq!(found.has(&read.tries, row.id), fits, "{search}");
            }
            found.count
        };
        assert_eq!(read.tries.len(), 3);
        let first = read.tries.get(0).unwrap();
        let id = first.request_id(&read.entries).to_string();
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
            (">49ms", 3),
            (">0.05s", 0),
            ("<51ms >49.9ms", 3),
            (">x", 0),
            (&id[..8], 3),
            (&id[..8].to_uppercase(), 3),
            ("no-such-thing", 0),
        ] {
            assert_eq!(found(search), count, "{search}");
        }
    }

    #[test]
    fn a_filter_takes_the_place_of_another() {
        let outcome = |word: &str| ["failed", "succeeded"].contains(&word);
        assert_eq!(
            with_word("#7 failed", Some("succeeded"), outcome),
            "#7 succeeded"
        );
        assert_eq!(with_word("#7 failed", None, outcome), "#7");
        assert_eq!(with_word("", Some("cold"), outcome), "cold");
    }
}
