//! A module whose tails are functions answers as the whole one does, whatever is said to be cold.

use std::collections::BTreeSet;

use proptest::prelude::*;
use wasm_smith::{Config, Module as Random};
use wasmi::{Engine, Linker, Module as Runnable, Store, Val};

use super::{Outlined, outline};
use crate::module::Module;

/// Every way out of a tail: behind its block, into loops, to labels further out, out of the function with and without a
/// value, and none.
const EXITS: &str = r#"(module
  (func (export "table") (param i32) (result i32) (local i32 i64)
    (local.set 1 (i32.const 7))
    (block $out
      (block $three
        (block $two
          (block $one
            (block $zero
              (br_table $zero $one $two $three (local.get 0)))
            (local.set 1 (i32.add (local.get 1) (i32.const 100)))
            (local.set 2 (i64.extend_i32_u (local.get 1)))
            (br $two))
          (local.set 1 (i32.mul (local.get 1) (i32.const 3)))
          (if (i32.gt_u (local.get 1) (i32.const 20)) (then (br $three)))
          (local.set 1 (i32.mul (local.get 1) (i32.const 5)))
          (br $out))
        (return (i32.add (local.get 1) (i32.wrap_i64 (local.get 2)))))
      (local.set 1 (i32.sub (local.get 1) (i32.const 1000)))
      (local.set 1 (i32.xor (local.get 1) (i32.const 0x5555))))
    (local.get 1))
  (func (export "loops") (param i32) (result i32) (local i32 i32)
    (loop $outer
      (local.set 1 (i32.add (local.get 1) (i32.const 1)))
      (block $done
        (loop $inner
          (br_if $done (i32.ge_u (local.get 2) (i32.mul (local.get 1) (i32.const 3))))
          (local.set 2 (i32.add (local.get 2) (i32.const 1)))
          (if (i32.and (local.get 2) (i32.const 1))
            (then
              (local.set 1 (i32.add (local.get 1) (i32.const 2)))
              (br_if $outer (i32.lt_u (local.get 1) (local.get 0)))
              (br $inner))
            (else
              (local.set 2 (i32.add (local.get 2) (i32.const 3)))
              (br_if $inner (i32.lt_u (local.get 2) (local.get 0)))))
          (local.set 1 (i32.add (local.get 1) (i32.const 11)))
          (br_if $inner (i32.lt_u (local.get 1) (i32.const 40)))))
      (br_if $outer (i32.lt_u (local.get 1) (local.get 0))))
    (i32.add (i32.mul (local.get 1) (i32.const 1000)) (local.get 2)))
  (func (export "values") (param i32) (result i32)
    (i32.add
      (if (result i32) (i32.and (local.get 0) (i32.const 1))
        (then
          (local.set 0 (i32.mul (local.get 0) (i32.const 3)))
          (local.set 0 (i32.add (local.get 0) (i32.const 4)))
          (i32.rotl (local.get 0) (i32.const 5)))
        (else
          (local.set 0 (i32.sub (local.get 0) (i32.const 9)))
          (if (i32.gt_s (local.get 0) (i32.const 1)) (then (return (i32.const -1))))
          (local.set 0 (i32.xor (local.get 0) (i32.const 77)))
          (i32.shl (local.get 0) (i32.const 2))))
      (local.get 0)))
  (func (export "never") (param i32) (result i32)
    (if (i32.eq (local.get 0) (i32.const 3))
      (then
        (local.set 0 (i32.div_u (local.get 0) (i32.sub (local.get 0) (i32.const 2))))
        (local.set 0 (i32.div_u (local.get 0) (i32.const 3)))
        (local.set 0 (i32.add (local.get 0) (i32.const 3)))
        (local.set 0 (i32.add (local.get 0) (i32.const 3)))
        (unreachable)))
    (local.get 0)))"#;

/// What can be seen of a run: each export's answer or trap, the globals and the memory. None if it took too long or went too
/// deep: tails are calls of their own, so those limits come elsewhere.
fn seen(bytes: &[u8], arguments: &[i32]) -> Option<Vec<String>> {
    let engine = Engine::new(wasmi::Config::default().consume_fuel(true));
    let module = Runnable::new(&engine, bytes).expect("it is valid");
    let mut store = Store::new(&engine, ());
    store.set_fuel(200_000).expect("fuel is counted");
    let linker: Linker<()> = Linker::new(&engine);
    let Ok(instance) = linker.instantiate_and_start(&mut store, &module) else {
        return Some(vec!["does not start".to_owned()]);
    };
    let mut seen = Vec::new();
    let exports: Vec<_> = instance
        .exports(&store)
        .map(|export| (export.name().to_owned(), export.into_extern()))
        .collect();
    for (name, export) in &exports {
        let Some(function) = export.into_func() else {
            continue;
        };
        let ty = function.ty(&store);
        for argument in arguments {
            let inputs: Vec<Val> = ty
                .params()
                .iter()
                .map(|ty| match ty {
                    wasmi::ValType::I32 => Val::I32(*argument),
                    wasmi::ValType::I64 => Val::I64(i64::from(*argument) << 20),
                    other => Val::default_for_ty(*other),
                })
                .collect();
            let mut outputs = vec![Val::I32(0); ty.results().len()];
            let answer = function.call(&mut store, &inputs, &mut outputs);
            let trap = answer.err().map(|trap| trap.as_trap_code());
            if store.get_fuel().is_ok_and(|fuel| fuel < 20_000)
                || trap == Some(Some(wasmi::TrapCode::StackOverflow))
            {
                return None;
            }
            seen.push(format!("{name}({argument}) = {outputs:?}, {trap:?}"));
        }
    }
    for (name, export) in exports {
        match export {
            wasmi::Extern::Global(global) => {
                seen.push(format!("{name} is {:?}", global.get(&store)));
            }
            wasmi::Extern::Memory(memory) => {
                let held = memory.data(&store).iter().enumerate();
                let held: Vec<_> = held.filter(|(_, byte)| **byte != 0).collect();
                seen.push(format!("{name} holds {held:?}"));
            }
            _ => {}
        }
    }
    Some(seen)
}

/// The module with tails at every point that `is_cold`.
fn outlined(bytes: &[u8], is_cold: impl Fn(u32, usize) -> bool) -> Outlined {
    let module = Module::parse(bytes).expect("it is a module");
    let sets: Vec<BTreeSet<usize>> = module
        .defined()
        .map(|function| {
            (0..1024)
                .filter(|point| !is_cold(function, *point))
                .collect()
        })
        .collect();
    let first = module.imported().functions;
    outline(&module, i64::MIN, |function, _| {
        sets.get((function - first) as usize)
    })
    .expect("it can be written")
}

#[test]
fn tails_leave_in_every_way() {
    let bytes = wat::parse_str(EXITS).expect("the text is right");
    let arguments = [0, 1, 2, 3, 4, 5, 20, 57, 1000];
    let expected = seen(&bytes, &arguments);
    assert!(
        expected.as_ref().is_some_and(|seen| seen.len() > 30),
        "{expected:?}"
    );
    let all = outlined(&bytes, |_, _| true);
    assert!(all.tails.len() >= 8, "{:?}", all.tails);
    assert_eq!(seen(&all.module, &arguments), expected);
    for alone in 0..24 {
        let one = outlined(&bytes, |_, point| point == alone);
        assert_eq!(seen(&one.module, &arguments), expected, "point {alone}");
    }
    let nothing = outlined(&bytes, |_, _| false);
    assert!(nothing.tails.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_modules_answer_as_before(
        seed in prop::collection::vec(any::<u8>(), 600..3000),
        mask in any::<u64>(),
    ) {
        let config = Config {
            max_imports: 0,
            min_funcs: 3,
            max_funcs: 6,
            max_instructions: 400,
            export_everything: true,
            simd_enabled: false,
            relaxed_simd_enabled: false,
            exceptions_enabled: false,
            gc_enabled: false,
            reference_types_enabled: false,
            tail_call_enabled: false,
            threads_enabled: false,
            memory64_enabled: false,
            custom_page_sizes_enabled: false,
            wide_arithmetic_enabled: false,
            shared_everything_threads_enabled: false,
            max_memories: 1,
            max_memory32_bytes: 4 << 16,
            memory_max_size_required: true,
            ..Config::default()
        };
        let mut bytes = arbitrary::Unstructured::new(&seed);
        let Ok(mut module) = Random::new(config, &mut bytes) else {
            return Ok(());
        };
        let _ = module.ensure_termination(2_000);
        let bytes = module.to_bytes();
        let arguments = [0, 1, -5];
        let expected = seen(&bytes, &arguments);
        for cold in [u64::MAX, mask] {
            let is_cold = |function: u32, point: usize| cold.rotate_left(function * 7) >> (point % 64) & 1 == 1;
            let cut = outlined(&bytes, is_cold);
            let found = seen(&cut.module, &arguments);
            if let Some((found, expected)) = found.zip(expected.as_ref()) {
                prop_assert_eq!(&found, expected);
            }
        }
    }
}
