//! Ids, times and other made-up parts of sample events, all from the sample's context.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, Month, OffsetDateTime};

use super::SampleContext;
use crate::sim::Rng;

/// The account of all sample events, the one that AWS's own documentation uses.
pub(super) const ACCOUNT: &str = "123456789012";

/// The Region of all sample events.
pub(super) const REGION: &str = "us-east-1";

/// The caller's address, from the range that RFC 5737 keeps for documentation.
pub(super) const SOURCE_IP: &str = "203.0.113.10";

/// Makes ids for one sample event: the same context and trigger give the same ids.
pub(super) struct Ids(Rng);

impl Ids {
    /// For the trigger with this id.
    pub fn new(context: SampleContext, trigger: &str) -> Self {
        Self(Rng::for_component(context.seed, trigger))
    }

    /// Random bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes);
        bytes
    }

    /// Lower-case hexadecimal digits of `N` random bytes.
    pub fn hex<const N: usize>(&mut self) -> String {
        self.bytes::<N>()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// `length` random bytes in base64.
    pub fn base64(&mut self, length: usize) -> String {
        let mut bytes = vec![0; length.min(1_024)];
        self.0.fill(&mut bytes);
        STANDARD.encode(bytes)
    }

    /// Characters out of an alphabet.
    pub fn word(&mut self, alphabet: &str, length: usize) -> String {
        let alphabet = alphabet.as_bytes();
        (0..length)
            .filter_map(|_| {
                let at = usize::try_from(self.0.below(alphabet.len() as u64)).ok()?;
                alphabet.get(at).map(|byte| char::from(*byte))
            })
            .collect()
    }

    /// A random UUID (version 4).
    pub fn uuid(&mut self) -> String {
        let mut bytes = self.bytes::<16>();
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        crate::lambda::event::RequestId(bytes).to_string()
    }
}

/// Reads a calendar time in UTC, `2026-01-05T12:00:00Z`, in milliseconds since 1970.
pub(super) fn parse_iso_8601_seconds(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let parts = |text: &str, mark: char| -> Option<[u16; 3]> {
        let numbers: Option<Vec<u16>> = text.split(mark).map(|part| part.parse().ok()).collect();
        numbers?.try_into().ok()
    };
    let [year, month, day] = parts(date, '-')?;
    let [hour, minute, second] = parts(time, ':')?;
    let byte = |number: u16| u8::try_from(number).ok();
    let month = Month::try_from(byte(month)?).ok()?;
    let date = Date::from_calendar_date(i32::from(year), month, byte(day)?).ok()?;
    let time = date
        .with_hms(byte(hour)?, byte(minute)?, byte(second)?)
        .ok()?;
    time.assume_utc().unix_timestamp().checked_mul(1_000)
}

/// A calendar time: `2026-01-05T12:00:00.000Z`.
pub(super) fn iso_8601(time_ms: i64) -> String {
    const FORMAT: &[BorrowedFormatItem<'_>] =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    formatted(time_ms, FORMAT)
}

/// A calendar time without fractions: `2026-01-05T12:00:00Z`.
pub(super) fn iso_8601_seconds(time_ms: i64) -> String {
    const FORMAT: &[BorrowedFormatItem<'_>] =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    formatted(time_ms, FORMAT)
}

/// A calendar time as in the header of an e-mail: `Mon, 5 Jan 2026 12:00:00 +0000`.
pub(super) fn mail_time(time_ms: i64) -> String {
    const FORMAT: &[BorrowedFormatItem<'_>] = format_description!(
        "[weekday repr:short], [day padding:none] [month repr:short] [year] [hour]:[minute]:[second] +0000"
    );
    formatted(time_ms, FORMAT)
}

/// A calendar time as RabbitMQ's events have it: `Jan 5, 2026, 12:00:00 PM`.
pub(super) fn rabbit_time(time_ms: i64) -> String {
    const FORMAT: &[BorrowedFormatItem<'_>] = format_description!(
        "[month repr:short] [day padding:none], [year], [hour repr:12 padding:none]:[minute]:[second] [period]"
    );
    formatted(time_ms, FORMAT)
}

/// A calendar time as in a web server's log: `05/Jan/2026:12:00:00 +0000`.
pub(super) fn log_time(time_ms: i64) -> String {
    const FORMAT: &[BorrowedFormatItem<'_>] =
        format_description!("[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000");
    formatted(time_ms, FORMAT)
}

fn formatted(time_ms: i64, format: &[BorrowedFormatItem<'_>]) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(time_ms) * 1_000_000)
        .ok()
        .and_then(|time| time.format(format).ok())
        // Beyond the year 9999.
        .unwrap_or_default()
}
