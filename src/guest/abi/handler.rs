//! The `lambda` module: what a handler function can say to the host besides its response.

use super::call::{Arguments, Call, HostFunction};
use super::{prices, service_call};
use crate::guest::engine::{Stop, Value};
use crate::guest::meter::ValueType::I32;
use crate::guest::process::PhaseEnd;
use crate::guest::process::outside::{MAX_BODY_BYTES, MAX_OPERATION_BYTES, Reply};

/// Module name of these imports.
pub const MODULE: &str = "lambda";

/// The most bytes of an error's type or message that are kept; Lambda's own answer has room for 6 MB in all.
pub const MAX_FAILURE_BYTES: u32 = 256 * 1024;

/// The functions.
pub static FUNCTIONS: &[HostFunction] = &[
    HostFunction {
        name: "log",
        parameters: &[I32, I32],
        result: None,
        price: prices::LOG_LINE,
        run: log,
    },
    HostFunction {
        name: "fail",
        parameters: &[I32, I32, I32, I32],
        result: None,
        price: prices::SYSTEM_CALL,
        run: fail,
    },
    HostFunction {
        name: "call",
        parameters: &[I32, I32, I32, I32],
        result: Some(I32),
        price: prices::SYSTEM_CALL,
        run: call_service,
    },
    HostFunction {
        name: "answer",
        parameters: &[I32, I32],
        result: Some(I32),
        price: prices::SYSTEM_CALL,
        run: answer,
    },
];

/// `log(ptr, len)`: writes a line.
fn log(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Result<Option<Value>, Stop> {
    let text = text(call, arguments, 0, u32::MAX, "log")?;
    let now = call.state.account.now();
    call.state.log.line(&text, now);
    Ok(None)
}

/// `fail(type_ptr, type_len, message_ptr, message_len)`: the invocation counts as failed when it returns. The first one
/// wins.
fn fail(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Result<Option<Value>, Stop> {
    let error_type = text(call, arguments, 0, MAX_FAILURE_BYTES, "fail")?;
    let message = text(call, arguments, 2, MAX_FAILURE_BYTES, "fail")?;
    call.state.failure.get_or_insert_with(|| {
        (
            String::from_utf8_lossy(&error_type).into_owned(),
            String::from_utf8_lossy(&message).into_owned(),
        )
    });
    Ok(None)
}

/// `call(operation_ptr, operation_len, body_ptr, body_len) -> status`: calls another service and waits for its answer.
fn call_service(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Result<Option<Value>, Stop> {
    let operation = text(call, arguments, 0, MAX_OPERATION_BYTES, "call")?;
    let reply = if arguments.u32(3) > MAX_BODY_BYTES {
        Reply::refused(413, "RequestEntityTooLargeException", "Request too large")
    } else {
        let body = text(call, arguments, 2, MAX_BODY_BYTES, "call")?;
        service_call::make(call.state, &operation, &body)?
    };
    let status = i32::from(reply.status);
    call.state.answer = reply.body;
    Ok(Some(Value::I32(status)))
}

/// `answer(ptr, len) -> length`: copies the body of the last answer, as much as there is room for; returns all its bytes.
fn answer(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Result<Option<Value>, Stop> {
    let (at, room) = (arguments.u32(0), arguments.u32(1));
    if call.check(at, u64::from(room)).is_err() {
        return Err(outside(call, "answer", at, room));
    }
    let body = std::mem::take(&mut call.state.answer);
    let copied = body.len().min(room as usize);
    call.state.charge(prices::copy(copied as u64))?;
    let written = call
        .guest
        .write(at, body.as_bytes().get(..copied).unwrap_or_default());
    let length = body.len() as i32;
    call.state.answer = body;
    match written {
        Ok(()) => Ok(Some(Value::I32(length))),
        Err(_) => Err(outside(call, "answer", at, room)),
    }
}

/// The bytes that arguments `index` and `index + 1` describe, at most `limit` of them.
fn text(
    call: &mut Call<'_>,
    arguments: &Arguments<'_>,
    index: usize,
    limit: u32,
    function: &str,
) -> Result<Vec<u8>, Stop> {
    let (at, len) = (arguments.u32(index), arguments.u32(index + 1));
    if call.check(at, u64::from(len)).is_err() {
        return Err(outside(call, function, at, len));
    }
    let kept = len.min(limit);
    call.state.charge(prices::copy(u64::from(kept)))?;
    call.read(at, kept)
        .map_err(|_| outside(call, function, at, len))
}

fn outside(call: &mut Call<'_>, function: &str, at: u32, len: u32) -> Stop {
    let memory = call.guest.memory_bytes();
    call.state.stop(PhaseEnd::BrokenContract(format!(
        "lambda.{function} was given {len} bytes at {at:#x}, outside the memory of {memory} bytes"
    )))
}
