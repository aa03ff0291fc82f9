//! Names and ids that Lambda makes: ARNs, log groups and streams, request and trace ids.

use time::OffsetDateTime;
use time::macros::format_description;

use super::config::FunctionConfig;
use super::event::{EnvironmentId, InvocationId};
use crate::sim::{SimTime, digest};

/// What ids are derived for: see [`digest`].
pub(super) mod ids {
    /// Request ids, by invocation.
    pub const REQUEST: u64 = 1;
    /// Trace ids, by invocation.
    pub const TRACE: u64 = 2;
    /// Parents of trace ids, by invocation.
    pub const SEGMENT: u64 = 3;
    /// Log streams, by environment.
    pub const LOG_STREAM: u64 = 4;
}

/// The account everything belongs to: AWS's own documentation account.
pub const ACCOUNT: &str = "123456789012";
/// The Region everything is in.
pub const REGION: &str = "us-east-1";
/// The version that runs when nobody asks for another.
pub const VERSION: &str = "$LATEST";
/// `Runtime Version` of INIT_START: a published runtime version of provided.al2023 in us-east-1 (February 2024).
pub const RUNTIME_VERSION: &str = "provided:al2023.v12";
/// The ARN that belongs to [`RUNTIME_VERSION`].
pub const RUNTIME_VERSION_ARN: &str = "arn:aws:lambda:us-east-1::runtime:136ed310b999b334fac0d4a087dd5c3d4f95efe17b434ba3c1eefb429c00f150";

/// The function's ARN, unqualified: what `Lambda-Runtime-Invoked-Function-Arn` says after an unqualified call.
pub fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
}

/// A function's ARN with a version or alias.
pub fn qualified_arn(name: &str, qualifier: &str) -> String {
    format!("{}:{qualifier}", function_arn(name))
}

/// The function's log group, when nobody chose another.
pub fn log_group(name: &str) -> String {
    format!("/aws/lambda/{name}")
}

/// The function's log group.
pub fn log_group_of(config: &FunctionConfig) -> String {
    config
        .log_group
        .clone()
        .unwrap_or_else(|| log_group(&config.name))
}

/// Calendar milliseconds since 1970 at a point in virtual time.
pub fn calendar_ms(epoch_ms: i64, at: SimTime) -> i64 {
    let millis = i64::try_from(at.as_nanos() / 1_000_000).unwrap_or(i64::MAX);
    epoch_ms.saturating_add(millis)
}

/// A point in virtual time as Lambda writes it in JSON: `2026-01-05T12:00:00.000Z`.
pub fn timestamp(epoch_ms: i64, at: SimTime) -> String {
    let millis = calendar_ms(epoch_ms, at);
    let text = date(millis)
        .format(format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second]"
        ))
        .unwrap_or_default();
    format!("{text}.{:03}Z", millis.rem_euclid(1_000))
}

/// A log stream's name: `2026/01/05/[$LATEST]` and 32 hexadecimal digits. One per execution environment.
pub fn log_stream(
    epoch_ms: i64,
    created: SimTime,
    version: &str,
    seed: u64,
    environment: EnvironmentId,
) -> String {
    let day = date(calendar_ms(epoch_ms, created))
        .format(format_description!("[year]/[month]/[day]"))
        .unwrap_or_default();
    let id = digest(seed, ids::LOG_STREAM, u64::from(environment.0));
    format!("{day}/[{version}]{}", hex(&id))
}

/// A trace id as `_X_AMZN_TRACE_ID` holds it: `Root=1-…;Parent=…;Sampled=0`.
pub fn trace_id(epoch_ms: i64, at: SimTime, seed: u64, invocation: InvocationId) -> String {
    let seconds = calendar_ms(epoch_ms, at).div_euclid(1_000) as u32;
    let number = u64::from(invocation.0);
    let (root, parent) = (
        digest(seed, ids::TRACE, number),
        digest(seed, ids::SEGMENT, number),
    );
    format!(
        "Root=1-{seconds:08x}-{};Parent={};Sampled=0",
        hex(&root[..12]),
        hex(&parent[..8])
    )
}

/// Scenarios outside the calendar are refused on validation; this only keeps the impossible from panicking.
fn date(millis: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(millis.div_euclid(1_000))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
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
    use crate::lambda::event::RequestId;

    const EPOCH: i64 = 1_767_614_400_000;

    #[test]
    fn log_streams_carry_date_and_version() {
        let day = SimTime::from_nanos(86_400 * 1_000_000_000);
        let name = log_stream(EPOCH, day, VERSION, 1, EnvironmentId(0));
        let (date, id) = name.split_once("[$LATEST]").expect("a version");
        assert_eq!(date, "2026/01/06/");
        assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()));
        assert_ne!(name, log_stream(EPOCH, day, VERSION, 1, EnvironmentId(1)));
        assert_ne!(name, log_stream(EPOCH, day, VERSION, 2, EnvironmentId(0)));
    }

    #[test]
    fn request_ids_are_version_4_uuids() {
        for number in 0..100 {
            let id = RequestId::of(1, InvocationId(number)).to_string();
            let parts: Vec<_> = id.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12]);
            assert_eq!(&id[14..15], "4");
            assert!(matches!(&id[19..20], "8" | "9" | "a" | "b"));
        }
    }

    #[test]
    fn trace_ids_carry_the_time() {
        let id = trace_id(EPOCH, SimTime::ZERO, 1, InvocationId(0));
        assert!(id.starts_with("Root=1-695ba7c0-"), "{id}");
        assert!(id.ends_with(";Sampled=0"));
    }

    #[test]
    fn timestamps_have_milliseconds() {
        let at = SimTime::from_nanos(61_007_999_999);
        assert_eq!(timestamp(EPOCH, at), "2026-01-05T12:01:01.007Z");
    }
}
