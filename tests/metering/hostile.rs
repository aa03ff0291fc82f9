//! Anything may be uploaded: nothing panics, and what is taken comes out valid.

use lambda_playground::guest::meter;
use proptest::prelude::*;

/// Modules worth mutating.
fn seeds() -> Vec<Vec<u8>> {
    [
        "(module (import \"host\" \"note\" (func $note (param i64))) (memory 1 3) (table 3 funcref)
           (elem (i32.const 0) func $f $note) (global $g (mut f64) (f64.const 1)) (data \"abc\")
           (func $f (export \"f\") (param i32 f64) (result f64) (local f64 v128)
             loop (result f64)
               local.get 2 local.get 1 f64.div local.tee 2 global.set $g
               local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0
               local.get 2 f64.neg
             end
             block block local.get 0 br_table 0 1 0 end end
             i32.const 0 i32.const 0 i32.const 1 memory.init 0
             i32.const 3 memory.grow drop
             i64.const 1 i32.const 1 call_indirect (param i64)
             ref.func $f drop
             return)
           (start $s) (func $s) (elem declare func $f))",
        "(module (func (result i32 i64) (local i32 i64 f32)
           block (result i32) i32.const 1 i32.const 2 br_if 0
             if unreachable i32.add drop else end i32.const 3 end
           i64.const 1 i32.const 1 br_if 0))",
    ]
    .iter()
    .map(|text| wat::parse_str(text).expect("the text is WebAssembly"))
    .collect()
}

fn check(bytes: &[u8]) {
    if let Ok(module) = meter::meter_with_any_imports(bytes) {
        wasmparser::Validator::new_with_features(meter::features())
            .validate_all(&module.bytes)
            .expect("what is taken comes out valid");
    }
    let _ = meter::meter_naively(bytes);
}

#[test]
fn the_seeds_are_taken() {
    for seed in seeds() {
        meter::meter(&seed).expect("it can be metered");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_modules(
        seed in 0..2_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..6),
    ) {
        let mut bytes = seeds().swap_remove(seed);
        for (at, byte, how) in changes {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
            if bytes.is_empty() { break; }
        }
        check(&bytes);
    }

    #[test]
    fn random_bytes_after_the_header(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&bytes);
        check(&[b"\0asm\x01\0\0\0".as_slice(), &bytes].concat());
    }

    #[test]
    fn random_bodies(body in prop::collection::vec(0..0xd3_u8, 0..60)) {
        // Type, function and code sections around a body of random opcodes.
        let mut module = b"\0asm\x01\0\0\0\x01\x06\x01\x60\x01\x7f\x01\x7f\x03\x02\x01\x00\x05\x03\x01\x00\x01\x0a".to_vec();
        let length = body.len() as u8;
        module.extend([length + 4, 1, length + 2, 0]);
        module.extend(&body);
        module.push(0x0b);
        check(&module);
    }
}

#[test]
fn truncated_modules() {
    for seed in seeds() {
        for length in 0..seed.len() {
            check(&seed[..length]);
        }
    }
}

#[test]
fn refusals_say_what_where_and_what_to_do() {
    let problem = meter::meter(b"\0asm\x0d\0\x01\0").expect_err("it is a component");
    assert_eq!(problem.code, "module.component");
    let problem = meter::meter(b"hello").expect_err("it is no module");
    assert_eq!(problem.code, "module.invalid");
    let bytes = wat::parse_str(
        "(module (func) (func (param v128) (result v128)
           local.get 0 local.get 0 i8x16.relaxed_swizzle))",
    )
    .expect("the text is WebAssembly");
    let problem = meter::meter(&bytes).expect_err("it is refused");
    assert_eq!(problem.code, "module.relaxed-simd");
    assert!(
        problem.place.ends_with("in function 1"),
        "{}",
        problem.place
    );
    assert!(problem.place.starts_with("byte 0x"), "{}", problem.place);
}

/// A module whose only function takes and gives nothing and has this body.
fn with_body(body: &[u8]) -> Vec<u8> {
    let mut module = wasm_encoder::Module::new();
    let mut types = wasm_encoder::TypeSection::new();
    types.ty().function([], []);
    let mut functions = wasm_encoder::FunctionSection::new();
    functions.function(0);
    let mut code = wasm_encoder::CodeSection::new();
    code.raw(body);
    module.section(&types).section(&functions).section(&code);
    module.finish()
}

#[test]
fn a_body_that_grows_past_the_engines_limit_is_refused() {
    // A square root of one byte takes some twenty to be made canonical.
    let mut body = vec![0];
    for _ in 0..400_000 {
        // f32.const 0; f32.sqrt; i32.reinterpret_f32; drop
        body.extend(b"\x43\x00\x00\x00\x00\x91\xbc\x1a");
    }
    body.push(0x0b);
    let problem = meter::meter(&with_body(&body)).expect_err("it is too large");
    assert_eq!(problem.code, "module.too-large");
    assert_eq!(problem.place, "function 0");
}

#[test]
fn deep_nesting_takes_linear_time() {
    // A hundred thousand nested blocks, and as many branches to the outermost.
    const DEPTH: usize = 100_000;
    let mut body = vec![0];
    for _ in 0..DEPTH {
        body.extend(b"\x02\x40");
    }
    for _ in 0..DEPTH {
        // i32.const 0; br_if 99_999 (or less, further out, but always valid)
        body.extend(b"\x41\x00\x0d\x9f\x8d\x06");
    }
    body.extend(std::iter::repeat_n(0x0b, DEPTH + 1));
    let module = with_body(&body);
    let began = std::time::Instant::now();
    meter::meter(&module).expect("it can be metered");
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
}

#[test]
fn many_functions_with_many_locals_take_linear_time() {
    // Two thousand functions that declare 49,000 floats each and use the last.
    let body = b"\x01\xe8\xfe\x02\x7c\x20\xe7\xfe\x02\x1a\x0b";
    let mut module = wasm_encoder::Module::new();
    let mut types = wasm_encoder::TypeSection::new();
    types.ty().function([], []);
    let mut functions = wasm_encoder::FunctionSection::new();
    let mut code = wasm_encoder::CodeSection::new();
    for _ in 0..2_000 {
        functions.function(0);
        code.raw(body);
    }
    module.section(&types).section(&functions).section(&code);
    let module = module.finish();
    let began = std::time::Instant::now();
    meter::meter(&module).expect("it can be metered");
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
}
