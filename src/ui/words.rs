//! Numbers as a person reads them.

use crate::lambda::config::MemoryMb;
use crate::sim::SimDuration;

/// `10240` → `10,240`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count in at most five characters: `999`, `12.3k`, `4.5M`.
pub fn compact(number: u64) -> String {
    let (unit, letter) = match number {
        0..10_000 => return grouped(number),
        10_000..1_000_000 => (1_000, 'k'),
        _ => (1_000_000, 'M'),
    };
    let (whole, tenth) = (number / unit, number % unit * 10 / unit);
    match whole {
        0..100 => format!("{whole}.{tenth}{letter}"),
        _ => format!("{}{letter}", grouped(whole)),
    }
}

/// The text with a capital first letter, when it begins with an ASCII one.
pub fn capitalised(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// A length on screen, to a tenth of a pixel: `12.5px`. In integers: the page needs no printing of floats.
pub fn px(length: f64) -> String {
    format!("{}px", tenths(length))
}

/// Percent for a style, to a hundredth: `12.25%`.
pub fn percent_of(part: u64, whole: u64) -> String {
    let hundredths = u128::from(part) * 10_000 / u128::from(whole.max(1));
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

fn tenths(number: f64) -> String {
    let tenths = (number * 10.0).round() as i64;
    let sign = if tenths < 0 { "-" } else { "" };
    let tenths = tenths.unsigned_abs();
    format!("{sign}{}.{}", tenths / 10, tenths % 10)
}

/// A file size: `256 bytes`, `33.7 kB`, `1.20 MB`.
pub fn bytes(size: u64) -> String {
    match size {
        0..1_000 => format!("{size} bytes"),
        1_000..1_000_000 => format!("{}.{} kB", size / 1_000, size % 1_000 / 100),
        _ => format!("{}.{:02} MB", size / 1_000_000, size % 1_000_000 / 10_000),
    }
}

/// `512 MB`.
pub fn memory(memory: MemoryMb) -> String {
    format!("{} MB", grouped(memory.0.into()))
}

/// Nanoseconds as Lambda prints milliseconds, grouped: `1,990.00 ms`.
pub fn millis(span: SimDuration) -> String {
    let text = span.millis_two_decimals();
    match text.split_once('.') {
        Some((whole, rest)) => format!("{}.{rest} ms", grouped(whole.parse().unwrap_or_default())),
        None => format!("{text} ms"),
    }
}

/// A large count in few letters: `950`, `12.3 thousand`, `4.5 million`, `1.2 billion`.
pub fn millions(count: u64) -> String {
    let (unit, name) = match count {
        0..10_000 => return grouped(count),
        10_000..1_000_000 => (1_000, "thousand"),
        1_000_000..1_000_000_000 => (1_000_000, "million"),
        _ => (1_000_000_000, "billion"),
    };
    format!(
        "{}.{} {name}",
        grouped(count / unit),
        count % unit * 10 / unit
    )
}

/// `part` of `whole` in percent with one decimal; never `0.0` or `100.0` unless it is.
pub fn share(part: u64, whole: u64) -> String {
    if whole == 0 || part == 0 {
        return "0 %".to_owned();
    }
    if part >= whole {
        return "100 %".to_owned();
    }
    let tenths = (u128::from(part) * 1_000 + u128::from(whole) / 2) / u128::from(whole);
    match tenths {
        0 => "<0.1 %".to_owned(),
        1_000.. => ">99.9 %".to_owned(),
        tenths => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}

/// How much faster or slower `after` is than `before`: `2.9× faster`, `12 % slower`, `as fast`.
pub fn speed_change(before: u64, after: u64) -> String {
    change(after, before, "faster", "slower", "as fast")
}

/// How much cheaper or dearer `after` is than `before`.
pub fn cost_change(before: u64, after: u64) -> String {
    change(after, before, "cheaper", "dearer", "the same cost")
}

/// A change in words; less is `better`. Factors from 2 on, percent below.
fn change(after: u64, before: u64, better: &str, worse: &str, same: &str) -> String {
    let (small, large, word) = if after <= before {
        (after, before, better)
    } else {
        (before, after, worse)
    };
    if large == 0 {
        return same.to_owned();
    }
    let small = small.max(1);
    let tenths = (u128::from(large) * 10 + u128::from(small) / 2) / u128::from(small);
    match tenths {
        20.. => {
            let (whole, tenth) = (tenths / 10, tenths % 10);
            if whole >= 10 || tenth == 0 {
                format!("{whole}× {word}")
            } else {
                format!("{whole}.{tenth}× {word}")
            }
        }
        _ => {
            // Relative to the setting before.
            let base = u128::from(before.max(1));
            let percent = (u128::from(large - small.min(large)) * 100 + base / 2) / base;
            if percent == 0 {
                same.to_owned()
            } else {
                format!("{percent} % {word}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_769, "1,769"),
            (1_000_000, "1,000,000"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn lengths_have_one_decimal() {
        for (length, text) in [
            (0.0, "0.0px"),
            (12.34, "12.3px"),
            (-0.5, "-0.5px"),
            (99.99, "100.0px"),
        ] {
            assert_eq!(px(length), text);
        }
        assert_eq!(percent_of(1, 3), "33.33%");
    }

    #[test]
    fn changes_are_told_in_words() {
        let cases = [
            (290, 100, "2.9× faster"),
            (100, 290, "2.9× slower"),
            (100, 104, "4 % slower"),
            (100, 96, "4 % faster"),
            (100, 100, "as fast"),
            (2_000, 100, "20× faster"),
        ];
        for (before, after, text) in cases {
            assert_eq!(speed_change(before, after), text);
        }
    }

    #[test]
    fn shares_do_not_lie_at_the_ends() {
        for (part, whole, text) in [
            (0, 9, "0 %"),
            (1, 9_999, "<0.1 %"),
            (9_998, 9_999, ">99.9 %"),
            (1, 2, "50.0 %"),
            (9, 9, "100 %"),
        ] {
            assert_eq!(share(part, whole), text);
        }
    }
}
