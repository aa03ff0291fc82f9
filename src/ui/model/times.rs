//! A pasted list of times: seconds, times with a unit, or moments as logs write them.

use super::fields::decimal;
use crate::lambda::traffic::MAX_TIMES;
use crate::problem::Problem;
use crate::sim::SimTime;

/// So many problems are told; one wrong column makes one for each line.
const MOST_PROBLEMS: usize = 3;

/// Reads a list, separated by commas, spaces or lines. Numbers are seconds from the load's start, or have a unit (`ns`,
/// `us`, `ms`, `s`, `min`, `h`); moments such as `2026-01-05T12:00:03.250Z` count from the earliest of them. Comes back in
/// order, whatever the order was.
pub(super) fn read(text: &str) -> (Vec<SimTime>, Vec<Problem>) {
    let (mut spans, mut moments, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    let mut wrong = 0_usize;
    for (index, line) in text.lines().enumerate() {
        for word in line.split([',', ';', ' ', '\t']).map(str::trim) {
            let word = word.trim_matches('"');
            if word.is_empty() {
                continue;
            }
            if spans.len() + moments.len() >= MAX_TIMES {
                problems.push(Problem::error(
                    "load.times",
                    format!("line {}", index + 1),
                    format!("There are more than {MAX_TIMES} times; the rest is left out."),
                    "Paste fewer.",
                ));
                return (join(spans, moments), problems);
            }
            if let Some(nanos) = span(word) {
                spans.push(nanos);
            } else if let Some(nanos) = moment(word) {
                moments.push(nanos);
            } else {
                wrong += 1;
                if wrong <= MOST_PROBLEMS {
                    let shown: String = word.chars().take(40).collect();
                    problems.push(Problem::error(
                        "load.times",
                        format!("line {}", index + 1),
                        format!("'{shown}' is no time; it is left out."),
                        "Write seconds such as 1.5, a time with its unit such as 250ms, or a moment such as \
                         2026-01-05T12:00:03Z.",
                    ));
                }
            }
        }
    }
    if wrong > MOST_PROBLEMS {
        problems.push(Problem::error(
            "load.times",
            "",
            format!("{} more are no times either.", wrong - MOST_PROBLEMS),
            "Paste the times alone.",
        ));
    }
    (join(spans, moments), problems)
}

/// The list as [`read`] takes it, in seconds.
pub(super) fn write(times: &[SimTime]) -> String {
    let mut text = String::new();
    for time in times {
        text.push_str(&decimal(time.as_nanos(), 9));
        text.push('\n');
    }
    text
}

fn join(spans: Vec<u64>, moments: Vec<u64>) -> Vec<SimTime> {
    let first = moments.iter().min().copied().unwrap_or(0);
    let moments = moments.into_iter().map(|moment| moment - first);
    let mut times: Vec<SimTime> = spans
        .into_iter()
        .chain(moments)
        .map(SimTime::from_nanos)
        .collect();
    times.sort_unstable();
    times
}

/// Nanoseconds of a number with or without a unit.
fn span(word: &str) -> Option<u64> {
    let end = word
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(word.len());
    let (number, unit) = word.split_at_checked(end)?;
    let (scale, places) = match unit {
        "ns" => (1, 0),
        "us" | "µs" => (1, 3),
        "ms" => (1, 6),
        "" | "s" => (1, 9),
        "min" => (60, 9),
        "h" => (3_600, 9),
        _ => return None,
    };
    super::fields::scaled(number, places)?.checked_mul(scale)
}

/// Nanoseconds since 1970 of `YYYY-MM-DDThh:mm:ss[.fraction]` and `Z`, an offset or nothing.
fn moment(word: &str) -> Option<u64> {
    let (date, clock) = word.split_once('T')?;
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let (clock, offset) = match clock.strip_suffix('Z') {
        Some(clock) => (clock, 0),
        None => match clock.rfind(['+', '-']) {
            Some(at) => {
                let (clock, offset) = clock.split_at_checked(at)?;
                let (hours, minutes) = offset.get(1..)?.split_once(':')?;
                let minutes = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
                (
                    clock,
                    if offset.starts_with('-') {
                        -minutes
                    } else {
                        minutes
                    },
                )
            }
            None => (clock, 0),
        },
    };
    let mut parts = clock.splitn(3, ':');
    let (hour, minute) = (
        parts.next()?.parse::<i64>().ok()?,
        parts.next()?.parse::<i64>().ok()?,
    );
    let nanos = super::fields::scaled(parts.next().unwrap_or("0"), 9)?;
    let in_range = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && nanos < 61_000_000_000;
    if !in_range {
        return None;
    }
    // Days since 1970 of a Gregorian date, counted in years that begin in March.
    let (year, month) = if month <= 2 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 + day
        - 1
        - 719_468;
    let minutes = days * 1_440 + hour * 60 + minute - offset;
    u64::try_from(minutes)
        .ok()?
        .checked_mul(60_000_000_000)?
        .checked_add(nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(text: &str) -> Vec<u64> {
        let (times, problems) = read(text);
        assert!(problems.is_empty(), "{problems:?}");
        times.iter().map(|it| it.as_nanos() / 1_000_000).collect()
    }

    #[test]
    fn numbers_units_and_separators_are_understood() {
        assert_eq!(millis("1.5, 0\n250ms;2"), [0, 250, 1_500, 2_000]);
        assert_eq!(millis("2min,\"1h\""), [120_000, 3_600_000]);
    }

    #[test]
    fn moments_count_from_the_earliest() {
        let logs = "2024-02-29T23:59:59.750Z\n2024-03-01T00:00:00Z\n2024-03-01T01:00:00.5+01:00";
        assert_eq!(millis(logs), [0, 250, 750]);
    }

    #[test]
    fn what_is_no_time_is_told_by_line_and_left_out() {
        let (times, problems) = read("1\ntime\n2\na\nb\nc");
        assert_eq!(times.len(), 2);
        let places: Vec<&str> = problems.iter().map(|it| it.place.as_str()).collect();
        assert_eq!(places, ["line 2", "line 4", "line 5", ""]);
    }

    #[test]
    fn a_list_is_read_back() {
        let times = [0, 1, 1_500_000_000, u64::MAX].map(SimTime::from_nanos);
        assert_eq!(read(&write(&times)).0, times);
    }
}
