//! The three functions that AssemblyScript's standard library imports from `env`.

use super::call::{Arguments, Call, HostFunction};
use super::prices;
use crate::guest::engine::{Stop, Trap, Value};
use crate::guest::meter::ValueType::{F64, I32};
use crate::guest::process::PhaseEnd;

/// Module name of these imports.
pub const MODULE: &str = "env";

/// The most bytes of a string that are shown.
const MAX_TEXT_BYTES: u32 = 64 * 1024;

/// The functions.
pub static FUNCTIONS: &[HostFunction] = &[
    HostFunction {
        name: "abort",
        parameters: &[I32, I32, I32, I32],
        result: None,
        price: prices::LOG_LINE,
        run: abort,
    },
    HostFunction {
        name: "trace",
        parameters: &[I32, I32, F64, F64, F64, F64, F64],
        result: None,
        price: prices::LOG_LINE,
        run: trace,
    },
    HostFunction {
        name: "seed",
        parameters: &[],
        result: Some(F64),
        price: prices::SYSTEM_CALL,
        run: seed,
    },
];

/// `abort(message, fileName, line, column)`: an uncaught error. It is logged as AssemblyScript's own loader prints it, and
/// ends like `unreachable`, which is what follows the call.
fn abort(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Result<Option<Value>, Stop> {
    let message = string(call, arguments.u32(0))?;
    let file = string(call, arguments.u32(1))?;
    let (line, column) = (arguments.u32(2), arguments.u32(3));
    let text = format!("abort: {message} at {file}:{line}:{column}");
    let now = call.state.account.now();
    call.state.log.line(text.as_bytes(), now);
    Err(call.state.stop(PhaseEnd::Trapped(Trap::Unreachable)))
}

/// `trace(message, n, a0, …, a4)`: a line with up to five numbers.
fn trace(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Result<Option<Value>, Stop> {
    let mut text = format!("trace: {}", string(call, arguments.u32(0))?);
    let count = arguments.u32(1).min(5) as usize;
    let numbers: Vec<String> = (2..2 + count)
        .map(|i| arguments.f64(i).to_string())
        .collect();
    if !numbers.is_empty() {
        text.push(' ');
        text.push_str(&numbers.join(", "));
    }
    let now = call.state.account.now();
    call.state.log.line(text.as_bytes(), now);
    Ok(None)
}

/// `seed()`: what `Math.random` starts from, in `0..1`.
fn seed(call: &mut Call<'_>, _: &Arguments<'_>) -> Result<Option<Value>, Stop> {
    // 53 bits are what a double holds exactly.
    let fraction = (call.state.random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    Ok(Some(Value::F64(fraction.to_bits())))
}

/// A string object: UTF-16 in little-endian order, its length in bytes in the four bytes before it. A damaged one is
/// read as empty, for it is only shown.
fn string(call: &mut Call<'_>, at: u32) -> Result<String, Stop> {
    let length = at
        .checked_sub(4)
        .filter(|_| at != 0)
        .and_then(|header| call.read_array::<4>(header).ok());
    let Some(length) = length.map(u32::from_le_bytes) else {
        return Ok(String::new());
    };
    let length = length.min(MAX_TEXT_BYTES);
    call.state.charge(prices::copy(u64::from(length)))?;
    let bytes = call.read(at, length).unwrap_or_default();
    let units: Vec<u16> = bytes
        .as_chunks::<2>()
        .0
        .iter()
        .map(|pair| u16::from_le_bytes(*pair))
        .collect();
    Ok(String::from_utf16_lossy(&units))
}
