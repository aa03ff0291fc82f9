//! Names and ids that Lambda makes: ARNs, log groups and streams, request and trace ids.

use time::OffsetDateTime;
use time::macros::format_description;

use super::event::RequestId;
use crate::sim::{Rng, SimTime};

/// The account everything belongs to: AWS's own documentation account.
pub const ACCOUNT: &str = "123456789012";
/// The Region everything is in.
pub const REGION: &str = "us-east-1";
/// The version that runs: we publish none.
pub const VERSION: &str = "$LATEST";
/// `Runtime Version` of INIT_START: a published runtime version of provided.al2023 in us-east-1 (February 2024).
pub const RUNTIME_VERSION: &str = "provided:al2023.v12";
/// The ARN that belongs to [`RUNTIME_VERSION`].
pub const RUNTIME_VERSION_ARN: &str = "arn:aws:lambda:us-east-1::runtime:136ed310b999b334fac0d4a087dd5c3d4f95efe17b434ba3c1eefb429c00f150";

/// The function's ARN, unqualified: what `Lambda-Runtime-Invoked-Function-Arn` says after an unqualified call.
pub fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
}

/// The function's log group, when nobody chose another.
pub fn log_group(name: &str) -> String {
    format!("/aws/lambda/{name}")
}

/// Calendar milliseconds since 1970 at a point in virtual time.
pub fn calendar_ms(epoch_ms: i64, at: SimTime) -> i64 {
    let millis = i64::try_from(at.as_nanos() / 1_000_000).unwrap_or(i64::MAX);
    epoch_ms.saturating_add(millis)
}

/// A log stream's name: `2026/01/05/[$LATEST]` and 32 hexadecimal digits. One per execution environment.
pub fn log_stream(epoch_ms: i64, at: SimTime, rng: &mut Rng) -> String {
    let seconds = calendar_ms(epoch_ms, at).div_euclid(1_000);
    // Scenarios outside the calendar are refused on validation; this only keeps the impossible from panicking.
    let date = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let day = date
        .format(format_description!("[year]/[month]/[day]"))
        .unwrap_or_default();
    let mut id = [0; 16];
    rng.fill(&mut id);
    format!("{day}/[{VERSION}]{}", hex(&id))
}

/// A request id: a version 4 UUID.
pub fn request_id(rng: &mut Rng) -> RequestId {
    let mut bytes = [0; 16];
    rng.fill(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    RequestId(bytes)
}

/// A trace id as `_X_AMZN_TRACE_ID` holds it: `Root=1-…;Parent=…;Sampled=0`.
pub fn trace_id(epoch_ms: i64, at: SimTime, rng: &mut Rng) -> String {
    let seconds = calendar_ms(epoch_ms, at).div_euclid(1_000) as u32;
    let (mut root, mut parent) = ([0; 12], [0; 8]);
    rng.fill(&mut root);
    rng.fill(&mut parent);
    format!(
        "Root=1-{seconds:08x}-{};Parent={};Sampled=0",
        hex(&root),
        hex(&parent)
    )
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_streams_carry_date_and_version() {
        let mut rng = Rng::for_component(1, "test");
        let day = SimTime::from_nanos(86_400 * 1_000_000_000);
        let name = log_stream(1_767_614_400_000, day, &mut rng);
        let (date, id) = name.split_once("[$LATEST]").expect("a version");
        assert_eq!(date, "2026/01/06/");
        assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()));
    }

    #[test]
    fn request_ids_are_version_4_uuids() {
        let id = request_id(&mut Rng::for_component(1, "test")).to_string();
        let parts: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(&id[14..15], "4");
        assert!(matches!(&id[19..20], "8" | "9" | "a" | "b"));
    }

    #[test]
    fn trace_ids_carry_the_time() {
        let mut rng = Rng::for_component(1, "test");
        let id = trace_id(1_767_614_400_000, SimTime::ZERO, &mut rng);
        assert!(id.starts_with("Root=1-695ba7c0-"), "{id}");
        assert!(id.ends_with(";Sampled=0"));
    }
}
