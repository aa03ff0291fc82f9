//! Schedule expressions: `rate(5 minutes)` and `cron(0 12 * * ? *)`.
//!
//! EventBridge User Guide, "Schedule expressions": six fields, all times in UTC, one of day-of-month and day-of-week must be
//! `?`; `L` the last day, `W` the weekday nearest to a day, `#` the n-th weekday of a month.

use time::{Date, Duration, Month, OffsetDateTime};

use crate::problem::Problem;

const FIRST_YEAR: u32 = 1970;
const LAST_YEAR: u32 = 2199;

/// When a rule fires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// Each so many milliseconds.
    Rate(i64),
    /// By the calendar.
    Cron(Cron),
}

/// The six fields of a cron expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    minutes: Set,
    hours: Set,
    days: Days,
    months: Set,
    years: Set,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Days {
    OfMonth(Set),
    /// Counted from 1 for Sunday.
    OfWeek(Set),
    /// `L`, or `L-3`.
    Last(u8),
    /// `LW`
    LastWeekday,
    /// `15W`
    Nearest(u8),
    /// `6L`
    LastOf(u8),
    /// `6#3`
    Nth(u8, u8),
}

/// Whole numbers from 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Set([u64; 4]);

impl Set {
    fn add(&mut self, number: u32) {
        if let Some(word) = self.0.get_mut(number as usize / 64) {
            *word |= 1 << (number % 64);
        }
    }

    fn has(&self, number: u32) -> bool {
        self.0
            .get(number as usize / 64)
            .is_some_and(|word| word & (1 << (number % 64)) != 0)
    }
}

fn fault<T>(cause: impl Into<String>) -> Result<T, Problem> {
    Err(Problem::error(
        "schedule",
        "",
        cause,
        "Write rate(5 minutes) or cron(0 12 * * ? *).",
    ))
}

impl Schedule {
    /// Parses an expression.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        let inside = |name: &str| {
            text.strip_prefix(name)?
                .strip_prefix('(')?
                .strip_suffix(')')
        };
        if let Some(rate) = inside("rate") {
            return parse_rate(rate);
        }
        if let Some(cron) = inside("cron") {
            return parse_cron(cron).map(Self::Cron);
        }
        fault("A schedule is rate(…) or cron(…).")
    }

    /// The first time after `after` (both in milliseconds since 1970); `since` is when a rate began to count. None when the
    /// calendar has no such time any more.
    pub fn next(&self, after: i64, since: i64) -> Option<i64> {
        match self {
            Self::Rate(interval) => {
                let passed = after.checked_sub(since)?.max(0).div_euclid(*interval);
                since.checked_add(interval.checked_mul(passed.checked_add(1)?)?)
            }
            Self::Cron(cron) => cron.next(after),
        }
    }
}

fn parse_rate(rate: &str) -> Result<Schedule, Problem> {
    let mut words = rate.split_whitespace();
    let (Some(number), Some(unit), None) = (words.next(), words.next(), words.next()) else {
        return fault("A rate has a number and a unit.");
    };
    let number: i64 = match number.parse() {
        Ok(number @ 1..=1_000_000) => number,
        _ => return fault("The number of a rate must be a whole number above 0."),
    };
    let (singular, length) = match unit.trim_end_matches('s') {
        "minute" => ("minute", 60_000),
        "hour" => ("hour", 3_600_000),
        "day" => ("day", 86_400_000),
        _ => return fault("The unit of a rate is minute, minutes, hour, hours, day or days."),
    };
    if (number == 1) != (unit == singular) {
        return fault(format!(
            "With {number} the unit must be {singular}{}.",
            if number == 1 { "" } else { "s" }
        ));
    }
    Ok(Schedule::Rate(number * length))
}

const MONTHS: &[&str] = &[
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const WEEKDAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// One field: its name, its smallest and largest number, and names for the numbers from the smallest on.
struct Range {
    name: &'static str,
    first: u32,
    last: u32,
    names: &'static [&'static str],
}

const DAY_OF_WEEK: Range = Range {
    name: "day-of-week",
    first: 1,
    last: 7,
    names: WEEKDAYS,
};

impl Range {
    const fn of(name: &'static str, first: u32, last: u32) -> Self {
        Self {
            name,
            first,
            last,
            names: &[],
        }
    }

    fn number(&self, text: &str) -> Result<u32, Problem> {
        let named = self
            .names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(text))
            .and_then(|at| u32::try_from(at).ok());
        let number = named
            .map(|at| at + self.first)
            .or_else(|| text.parse().ok());
        match number {
            Some(number) if (self.first..=self.last).contains(&number) => Ok(number),
            _ => fault(format!(
                "{} goes from {} to {}; {} does not fit.",
                self.name,
                self.first,
                self.last,
                super::outcome::short(text)
            )),
        }
    }

    /// `*`, `5`, `1-5`, `0/15`, and lists of them.
    fn set(&self, text: &str) -> Result<Set, Problem> {
        let mut set = Set::default();
        for part in text.split(',') {
            let (span, step) = match part.split_once('/') {
                Some((span, step)) => match step.parse::<u32>() {
                    Ok(step @ 1..) => (span, Some(step)),
                    _ => {
                        return fault(format!(
                            "The step in {} must be a whole number above 0.",
                            self.name
                        ));
                    }
                },
                None => (part, None),
            };
            let (first, last) = match span.split_once('-') {
                _ if span == "*" => (self.first, self.last),
                Some((first, last)) => (self.number(first)?, self.number(last)?),
                None => {
                    let number = self.number(span)?;
                    (number, if step.is_some() { self.last } else { number })
                }
            };
            let step = step.unwrap_or(1);
            // A span may run over the end, as in FRI-MON.
            let end = if last < first {
                last + self.last - self.first + 1
            } else {
                last
            };
            let mut number = first;
            while number <= end {
                let wrapped = if number > self.last {
                    number - (self.last - self.first + 1)
                } else {
                    number
                };
                set.add(self.offset(wrapped));
                number = number.saturating_add(step);
            }
        }
        Ok(set)
    }

    /// Years are counted from 1970 to fit a set.
    fn offset(&self, number: u32) -> u32 {
        if self.first == FIRST_YEAR {
            number - FIRST_YEAR
        } else {
            number
        }
    }
}

fn parse_cron(text: &str) -> Result<Cron, Problem> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let &[minutes, hours, day, month, weekday, years] = fields.as_slice() else {
        return fault(format!(
            "A cron expression has six fields: minutes, hours, day-of-month, month, day-of-week, year. This has {}.",
            fields.len()
        ));
    };
    let days = match (day, weekday) {
        ("?", "?") => return fault("Only one of day-of-month and day-of-week can be ?."),
        (day, "?") => day_of_month(day)?,
        ("?", weekday) => day_of_week(weekday)?,
        _ => return fault("One of day-of-month and day-of-week must be ?."),
    };
    Ok(Cron {
        minutes: Range::of("minutes", 0, 59).set(minutes)?,
        hours: Range::of("hours", 0, 23).set(hours)?,
        days,
        months: Range {
            names: MONTHS,
            ..Range::of("month", 1, 12)
        }
        .set(month)?,
        years: Range::of("year", FIRST_YEAR, LAST_YEAR).set(years)?,
    })
}

fn day_of_month(text: &str) -> Result<Days, Problem> {
    let range = Range::of("day-of-month", 1, 31);
    if text == "L" {
        return Ok(Days::Last(0));
    }
    if text == "LW" {
        return Ok(Days::LastWeekday);
    }
    if let Some(before) = text.strip_prefix("L-") {
        return range.number(before).map(|days| Days::Last(days as u8));
    }
    if let Some(day) = text.strip_suffix('W') {
        return range.number(day).map(|day| Days::Nearest(day as u8));
    }
    range.set(text).map(Days::OfMonth)
}

fn day_of_week(text: &str) -> Result<Days, Problem> {
    if text == "L" {
        return Ok(Days::OfWeek(DAY_OF_WEEK.set("7")?));
    }
    if let Some((day, nth)) = text.split_once('#') {
        let day = DAY_OF_WEEK.number(day)?;
        let nth = Range::of("the number after #", 1, 5).number(nth)?;
        return Ok(Days::Nth(day as u8, nth as u8));
    }
    if let Some(day) = text.strip_suffix('L') {
        return DAY_OF_WEEK.number(day).map(|day| Days::LastOf(day as u8));
    }
    DAY_OF_WEEK.set(text).map(Days::OfWeek)
}

impl Cron {
    fn next(&self, after: i64) -> Option<i64> {
        const MINUTE: i64 = 60_000;
        let start = OffsetDateTime::from_unix_timestamp(
            after.div_euclid(MINUTE).checked_add(1)?.checked_mul(60)?,
        )
        .ok()?;
        let mut date = start.date();
        let mut earliest = (u32::from(start.hour()), u32::from(start.minute()));
        while date.year() <= LAST_YEAR as i32 {
            let year = u32::try_from(date.year()).ok()?.checked_sub(FIRST_YEAR)?;
            if !self.years.has(year) {
                date = Date::from_calendar_date(date.year() + 1, Month::January, 1).ok()?;
                earliest = (0, 0);
                continue;
            }
            if self.months.has(u32::from(u8::from(date.month()))) && self.days.has(date) {
                for hour in earliest.0..24 {
                    let from = if hour == earliest.0 { earliest.1 } else { 0 };
                    let minute =
                        (from..60).find(|minute| self.hours.has(hour) && self.minutes.has(*minute));
                    if let Some(minute) = minute {
                        let time = date.with_hms(hour as u8, minute as u8, 0).ok()?;
                        return time.assume_utc().unix_timestamp().checked_mul(1_000);
                    }
                }
            }
            earliest = (0, 0);
            date = date.next_day()?;
        }
        None
    }
}

impl Days {
    fn has(&self, date: Date) -> bool {
        let day = date.day();
        let weekday = date.weekday().number_days_from_sunday() + 1;
        let length = date.month().length(date.year());
        match self {
            Self::OfMonth(set) => set.has(u32::from(day)),
            Self::OfWeek(set) => set.has(u32::from(weekday)),
            Self::Last(before) => length.checked_sub(*before) == Some(day),
            Self::LastWeekday => nearest(date, length) == Some(date),
            Self::Nearest(wanted) => nearest(date, (*wanted).min(length)) == Some(date),
            Self::LastOf(wanted) => weekday == *wanted && day + 7 > length,
            Self::Nth(wanted, nth) => weekday == *wanted && (day - 1) / 7 + 1 == *nth,
        }
    }
}

/// The weekday nearest to a day of the month of `date`, within that month.
fn nearest(date: Date, day: u8) -> Option<Date> {
    let target = date.replace_day(day).ok()?;
    let step = match target.weekday() {
        time::Weekday::Saturday if day > 1 => -1,
        time::Weekday::Saturday => 2,
        time::Weekday::Sunday if day < date.month().length(date.year()) => 1,
        time::Weekday::Sunday => -2,
        _ => 0,
    };
    target.checked_add(Duration::days(step))
}
