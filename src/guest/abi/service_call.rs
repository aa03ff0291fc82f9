//! Calls to other services: what `lambda.call` and the files under [`DIRECTORY`] have in common.

use super::call::State;
use super::prices;
use crate::guest::engine::Stop;
use crate::guest::process::outside::{MAX_CALLED_BYTES, MAX_CALLS, ROUND_TRIP, Reply, ServiceCall};

/// Where a WASI guest finds operations as files, in `/tmp`: what is written into one is sent when it is closed, and the
/// answer can be read from it afterwards.
pub const DIRECTORY: &[u8] = b".aws/";

/// Makes a call: the guest waits for the answer.
///
/// # Errors
/// When the deadline passes before the answer is there; the service has not heard of it then.
pub fn make(state: &mut State, operation: &[u8], body: &[u8]) -> Result<Reply, Stop> {
    state.charge(prices::SERVICE_CALL)?;
    state
        .account
        .wait(ROUND_TRIP)
        .map_err(|end| state.stop(end))?;
    let operation = String::from_utf8_lossy(operation);
    let now = state.account.now();
    let called: usize = state.calls.iter().map(|call| call.body.len()).sum();
    if state.calls.len() >= MAX_CALLS || called + body.len() > MAX_CALLED_BYTES {
        return Ok(Reply::refused(429, "ThrottlingException", "Rate exceeded"));
    }
    let reply = match std::str::from_utf8(body) {
        Ok(body) => {
            let reply = state.surroundings.outside.answer(now, &operation, body);
            state
                .calls
                .push(ServiceCall::new(now, &operation, body, reply.clone()));
            reply
        }
        Err(_) => {
            let reply = Reply::refused(400, "SerializationException", "The body is not UTF-8.");
            let shown = String::from_utf8_lossy(body);
            state
                .calls
                .push(ServiceCall::new(now, &operation, &shown, reply.clone()));
            reply
        }
    };
    Ok(reply)
}

/// The operation that a path in `/tmp` names.
pub fn operation(path: &[u8]) -> Option<&[u8]> {
    let path = path.strip_prefix(b"./").unwrap_or(path);
    let name = path.strip_prefix(DIRECTORY)?;
    (!name.is_empty() && !name.contains(&b'/')).then_some(name)
}

/// What can be read from an operation's file after the call.
pub fn as_file(reply: &Reply) -> String {
    let body = serde_json::from_str::<serde_json::Value>(&reply.body)
        .unwrap_or_else(|_| reply.body.as_str().into());
    serde_json::json!({"statusCode": reply.status, "body": body}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_the_files_right_under_the_directory() {
        assert_eq!(
            operation(b".aws/PutEvaluations"),
            Some(&b"PutEvaluations"[..])
        );
        assert_eq!(operation(b"./.aws/X"), Some(&b"X"[..]));
        for other in [
            &b".aws"[..],
            b".aws/",
            b".aws/a/b",
            b"x/.aws/y",
            b"PutEvaluations",
        ] {
            assert_eq!(operation(other), None);
        }
    }
}
