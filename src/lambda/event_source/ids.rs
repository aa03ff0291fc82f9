//! Ids, digests and calendar times of simulated messages. All of them follow from the seed and the item's number, so nothing
//! has to be stored with a message.

use md5::{Digest as _, Md5};
use sha2::Sha256;
use time::OffsetDateTime;
use time::macros::format_description;

use super::ItemId;
use crate::lambda::event::RequestId;
use crate::lambda::names;
use crate::sim::SimTime;

/// 128 bits that belong to `number` among the ids of one `kind`.
pub(super) fn bits(seed: u64, kind: u64, number: u64) -> u128 {
    // SplitMix64's finaliser, twice: neighbouring numbers must not look related.
    let mix = |mut z: u64| {
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let start = mix(seed ^ mix(kind.wrapping_add(0x9e37_79b9_7f4a_7c15)))
        .wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    u128::from(mix(start)) << 64 | u128::from(mix(!start))
}

/// A version 4 UUID.
pub(super) fn uuid(seed: u64, kind: u64, number: u64) -> String {
    let mut bytes = bits(seed, kind, number).to_be_bytes();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    RequestId(bytes).to_string()
}

/// Kinds of ids.
pub(super) mod kind {
    pub const MESSAGE: u64 = 1;
    pub const RECEIPT: u64 = 2;
    pub const OBJECT: u64 = 3;
    pub const MAPPING: u64 = 4;
    pub const CHANGE: u64 = 5;
}

/// The id of an SQS message.
pub(super) fn message_id(seed: u64, item: ItemId) -> String {
    uuid(seed, kind::MESSAGE, u64::from(item.0))
}

/// MD5 as lower-case hexadecimal digits.
pub(super) fn md5_hex(bytes: &[u8]) -> String {
    hex(&Md5::digest(bytes))
}

/// MD5 as one number: how Kinesis places a partition key on its shards.
pub(super) fn md5_number(bytes: &[u8]) -> u128 {
    u128::from_be_bytes(Md5::digest(bytes).into())
}

/// SHA-256 as lower-case hexadecimal digits.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// A calendar time as destination records write it: `2026-01-05T12:00:00.000Z`.
pub(super) fn iso_millis(epoch_ms: i64, at: SimTime) -> String {
    const FORMAT: &[time::format_description::BorrowedFormatItem<'_>] =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    calendar(names::calendar_ms(epoch_ms, at))
        .format(FORMAT)
        .unwrap_or_default()
}

/// A calendar time in whole seconds: `2026-01-05T12:00:00Z`.
pub(super) fn iso_seconds(calendar_ms: i64) -> String {
    const FORMAT: &[time::format_description::BorrowedFormatItem<'_>] =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    calendar(calendar_ms).format(FORMAT).unwrap_or_default()
}

/// The moment in the calendar. Scenarios outside the calendar are refused on validation.
pub(super) fn calendar(calendar_ms: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(calendar_ms) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_the_published_ones() {
        assert_eq!(md5_hex(b""), "d41d8cd98f00b204e9800998ecf8427e");
        // The message of Lambda's own SQS sample event.
        assert_eq!(
            md5_hex(b"Test message."),
            "e4e68fb7bd0e697a0ae8f1bb342846b3"
        );
    }

    #[test]
    fn neighbouring_ids_have_nothing_in_common() {
        let (one, other) = (bits(1, 1, 1), bits(1, 1, 2));
        assert!((one ^ other).count_ones() > 40);
        assert_ne!(bits(1, 1, 1), bits(1, 2, 1));
        assert_ne!(bits(1, 1, 1), bits(2, 1, 1));
    }
}
