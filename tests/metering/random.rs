//! Random programs, metered in two ways.
//!
//! The fast way must give what the naive way gives, where every instruction pays for itself and every NaN is made canonical
//! at once; and both what the program itself gives, when its NaNs were canonical already.

use arbitrary::Unstructured;
use lambda_playground::guest::meter::{self, MeterCall, MeteredModule};
use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use wasm_smith::{Config, Module};
use wasmi::{Val, ValType};

use crate::guest::{self, End, Guest};

/// Programs per test: enough to meet every instruction many times in a few seconds.
const PROGRAMS: u64 = 3_000;

/// Every other program can hardly trap, every third imports nothing, so that much of them is run.
fn config(seed: u64, canonicalize_nans: bool) -> Config {
    Config {
        allow_start_export: true,
        bulk_memory_enabled: true,
        canonicalize_nans,
        compact_imports_enabled: false,
        disallow_traps: seed.is_multiple_of(2),
        custom_page_sizes_enabled: false,
        exceptions_enabled: false,
        export_everything: true,
        extended_const_enabled: true,
        gc_enabled: false,
        max_imports: if seed.is_multiple_of(3) { 3 } else { 0 },
        max_memories: 2,
        max_memory32_bytes: 4 << 16,
        max_table_elements: 100,
        max_tables: 2,
        memory64_enabled: false,
        memory_max_size_required: true,
        min_funcs: 2,
        multi_value_enabled: true,
        reference_types_enabled: true,
        relaxed_simd_enabled: false,
        saturating_float_to_int_enabled: true,
        shared_everything_threads_enabled: false,
        sign_extension_ops_enabled: true,
        simd_enabled: true,
        table_max_size_required: true,
        tail_call_enabled: true,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        ..Config::default()
    }
}

/// A program, ended by a trap when it has run for long.
fn program(seed: u64, canonicalize_nans: bool) -> Option<Vec<u8>> {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let mut bytes = vec![0; 10_000];
    random.fill_bytes(&mut bytes);
    let mut source = Unstructured::new(&bytes);
    let mut module = Module::new(config(seed, canonicalize_nans), &mut source).ok()?;
    module.ensure_termination(2_000).ok()?;
    Some(module.to_bytes())
}

/// What a program did, as far as anyone can see it.
#[derive(Debug, PartialEq)]
struct Seen {
    calls: Vec<(String, End, Vec<String>)>,
    memory: Option<Vec<u8>>,
    globals: Vec<String>,
}

/// Runs every export; also gives the fuel by call.
fn run(module: MeteredModule, slice: i64, seed: u64) -> Option<(Seen, Vec<u64>)> {
    let start = module.start.clone();
    let own = [start.clone(), module.pages.clone()];
    let mut guest = Guest::from(module, slice).ok()?;
    let mut names: Vec<(String, wasmi::FuncType)> = guest
        .instance
        .exports(&guest.store)
        .filter_map(|export| {
            let name = export.name().to_owned();
            Some((name, export.into_func()?.ty(&guest.store)))
        })
        .filter(|(name, _)| !own.iter().flatten().any(|own| own == name))
        .collect();
    names.sort_by(|one, other| one.0.cmp(&other.0));
    if let Some(start) = start {
        names.insert(0, (start, wasmi::FuncType::new([], [])));
    }
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let (mut calls, mut fuel) = (Vec::new(), Vec::new());
    for (name, ty) in names {
        let arguments: Vec<Val> = ty
            .params()
            .iter()
            .map(|ty| argument(*ty, &mut random))
            .collect();
        let run = guest.call(&name, &arguments);
        let results = match run.end {
            End::Returned => {
                assert_eq!(run.depth.0, run.depth.1, "depth is given back by {name}");
                run.results.iter().map(show).collect()
            }
            _ => Vec::new(),
        };
        let over = matches!(run.end, End::Stopped(_) | End::Failed(_));
        calls.push((name, run.end, results));
        fuel.push(run.fuel);
        if over {
            break;
        }
    }
    let seen = Seen {
        calls,
        memory: guest::memory(&guest),
        globals: guest::globals(&guest),
    };
    Some((seen, fuel))
}

/// Interesting arguments: small numbers, NaNs with payloads, anything.
fn argument(ty: ValType, random: &mut Pcg64Mcg) -> Val {
    let bits = match random.next_u32() % 4 {
        0 => u64::from(random.next_u32() % 8),
        1 => 0xfff4_0000_7fa0_0001,
        _ => random.next_u64(),
    };
    match ty {
        ValType::I32 => Val::I32(bits as i32),
        ValType::I64 => Val::I64(bits as i64),
        ValType::F32 => Val::F32(wasmi::F32::from_bits(bits as u32)),
        ValType::F64 => Val::F64(wasmi::F64::from_bits(bits)),
        ty => Val::default_for_ty(ty),
    }
}

fn show(value: &Val) -> String {
    match value {
        Val::F32(value) => format!("f32 {:#x}", value.to_bits()),
        Val::F64(value) => format!("f64 {:#x}", value.to_bits()),
        Val::FuncRef(value) => format!("funcref {}", value.is_null()),
        Val::ExternRef(value) => format!("externref {}", value.is_null()),
        value => format!("{value:?}"),
    }
}

#[test]
fn fast_and_naive_metering_see_the_same() {
    let (mut programs, mut returned, mut exact) = (0, 0, 0);
    for seed in 0..PROGRAMS {
        let Some(bytes) = program(seed, false) else {
            continue;
        };
        let fast = meter::meter_with_any_imports(&bytes).expect("smith makes what we take");
        let naive = meter::meter_naively(&bytes).expect("smith makes what we take");
        let Some((fast, fast_fuel)) = run(fast, 50_000, seed) else {
            continue;
        };
        let (naive, naive_fuel) = run(naive, 50_000, seed).expect("the other was instantiated");
        assert_eq!(fast.calls, naive.calls, "program {seed}");
        assert_eq!(fast.memory, naive.memory, "program {seed}: memory");
        assert_eq!(fast.globals, naive.globals, "program {seed}: globals");
        programs += 1;
        for ((call, fast), naive) in fast.calls.iter().zip(fast_fuel).zip(naive_fuel) {
            if call.1 == End::Returned {
                returned += 1;
                exact += usize::from(fast > 0);
                assert_eq!(fast, naive, "program {seed}: fuel of {}", call.0);
            }
        }
    }
    println!("{programs} programs, {returned} calls returned, {exact} of them burned fuel");
    assert!(programs > PROGRAMS / 2 && exact as u64 > PROGRAMS / 3);
}

#[test]
fn the_size_of_a_slice_changes_nothing() {
    for seed in 0..PROGRAMS / 4 {
        let Some(bytes) = program(seed, false) else {
            continue;
        };
        let module = meter::meter_with_any_imports(&bytes).expect("smith makes what we take");
        let Some(whole) = run(module.clone(), 1 << 39, seed) else {
            continue;
        };
        for slice in [1, 1_000] {
            let sliced = run(module.clone(), slice, seed).expect("the other was instantiated");
            assert_eq!(whole.0, sliced.0, "program {seed} in slices of {slice}");
            // After an out-of-bounds load or store, less is seen to be used; more so in larger slices.
            for ((call, whole), sliced) in whole.0.calls.iter().zip(&whole.1).zip(sliced.1) {
                match call.1 {
                    End::Trapped(wasmi::TrapCode::MemoryOutOfBounds) => assert!(*whole <= sliced),
                    _ => assert_eq!(*whole, sliced, "program {seed}, {}", call.0),
                }
            }
        }
    }
}

#[test]
fn metering_changes_nothing_that_a_program_can_see() {
    let mut compared = 0;
    for seed in 0..PROGRAMS {
        let Some(bytes) = program(seed, true).filter(|bytes| is_comparable(bytes)) else {
            continue;
        };
        let metered = meter::meter_with_any_imports(&bytes).expect("smith makes what we take");
        let start = metered.start.clone();
        // The same host around the program itself: it has no gauge, so it gets one that it never touches.
        let Some(raw) = unmetered(&bytes, &metered) else {
            continue;
        };
        let (Some((metered, _)), Some((raw, _))) =
            (run(metered, 50_000, seed), run(raw, 50_000, seed))
        else {
            continue;
        };
        let stopped = metered
            .calls
            .iter()
            .any(|call| matches!(call.1, End::Stopped(MeterCall::Stack | MeterCall::Device)));
        if stopped || start.is_some() {
            continue;
        }
        compared += 1;
        assert_eq!(metered, raw, "program {seed}");
    }
    println!("{compared} programs compared");
    assert!(compared > PROGRAMS / 4);
}

/// Whether the program itself means one thing only. wasmi 2.0.0 runs some wrongly, see `meter::body`; and smith leaves NaNs
/// as they are when they change their width, where the specification allows any.
fn is_comparable(bytes: &[u8]) -> bool {
    use wasmparser::{MemArg, MemArgTarget, Operator, Payload};
    let far = |memarg: &MemArg| memarg.target != MemArgTarget::Memory(0) || memarg.offset > 0xffff;
    for payload in wasmparser::Parser::new(0).parse_all(bytes) {
        let Ok(Payload::CodeSectionEntry(body)) = payload else {
            continue;
        };
        let mut zero_test = false;
        for op in body
            .get_operators_reader()
            .expect("it was valid")
            .into_iter()
            .flatten()
        {
            match &op {
                Operator::Select | Operator::TypedSelect { .. } if zero_test => return false,
                Operator::V128Store8Lane { memarg, .. }
                | Operator::V128Store16Lane { memarg, .. }
                    if far(memarg) =>
                {
                    return false;
                }
                Operator::F64PromoteF32
                | Operator::F32DemoteF64
                | Operator::F64x2PromoteLowF32x4
                | Operator::F32x4DemoteF64x2Zero => return false,
                Operator::Nop => continue,
                _ => {}
            }
            zero_test = matches!(op, Operator::I32Eqz | Operator::I32Eq | Operator::I32Ne);
        }
    }
    true
}

/// The program with nothing but the exports that the host insists on, appended by hand.
fn unmetered(bytes: &[u8], metered: &MeteredModule) -> Option<MeteredModule> {
    use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
    use wasm_encoder::{
        ConstExpr, ExportKind, ExportSection, GlobalSection, GlobalType, SectionId,
    };

    #[derive(Default)]
    struct Added {
        globals: u32,
        seen: Vec<SectionId>,
        gauge: String,
        page_limit: String,
        memory: Option<String>,
    }
    impl Added {
        fn globals(&mut self, section: &mut GlobalSection) {
            for _ in 0..2 {
                section.global(
                    GlobalType {
                        val_type: wasm_encoder::ValType::I64,
                        mutable: true,
                        shared: false,
                    },
                    &ConstExpr::i64_const(0),
                );
            }
        }
        fn exports(&mut self, section: &mut ExportSection) {
            section.export(&self.gauge, ExportKind::Global, self.globals);
            section.export(&self.page_limit, ExportKind::Global, self.globals + 1);
            if let Some(memory) = self.memory.take_if(|name| name.starts_with("meter.")) {
                section.export(&memory, ExportKind::Memory, 0);
            }
        }
    }
    impl Reencode for Added {
        type Error = std::convert::Infallible;

        fn parse_global_section(
            &mut self,
            globals: &mut GlobalSection,
            section: wasmparser::GlobalSectionReader<'_>,
        ) -> Result<(), wasm_encoder::reencode::Error<Self::Error>> {
            RoundtripReencoder.parse_global_section(globals, section)?;
            self.globals(globals);
            Ok(())
        }

        fn parse_export_section(
            &mut self,
            exports: &mut ExportSection,
            section: wasmparser::ExportSectionReader<'_>,
        ) -> Result<(), wasm_encoder::reencode::Error<Self::Error>> {
            RoundtripReencoder.parse_export_section(exports, section)?;
            self.exports(exports);
            Ok(())
        }

        fn intersperse_section_hook(
            &mut self,
            module: &mut wasm_encoder::Module,
            after: Option<SectionId>,
            before: Option<SectionId>,
        ) -> Result<(), wasm_encoder::reencode::Error<Self::Error>> {
            self.seen.extend(after);
            let passes = |id: SectionId| match before {
                None => true,
                Some(before) => order(before) > order(id),
            };
            if passes(SectionId::Global) && !self.seen.contains(&SectionId::Global) {
                self.seen.push(SectionId::Global);
                let mut globals = GlobalSection::new();
                self.globals(&mut globals);
                module.section(&globals);
            }
            if passes(SectionId::Export) && !self.seen.contains(&SectionId::Export) {
                self.seen.push(SectionId::Export);
                let mut exports = ExportSection::new();
                self.exports(&mut exports);
                module.section(&exports);
            }
            Ok(())
        }
    }
    fn order(id: SectionId) -> u8 {
        match id {
            SectionId::Type => 1,
            SectionId::Import => 2,
            SectionId::Function => 3,
            SectionId::Table => 4,
            SectionId::Memory => 5,
            SectionId::Tag => 6,
            SectionId::Global => 7,
            SectionId::Export => 8,
            SectionId::Start => 9,
            SectionId::Element => 10,
            SectionId::DataCount => 11,
            SectionId::Code => 12,
            SectionId::Data => 13,
            SectionId::Custom => 0,
        }
    }

    let mut globals = 0;
    for payload in wasmparser::Parser::new(0).parse_all(bytes) {
        match payload.ok()? {
            wasmparser::Payload::GlobalSection(section) => globals += section.count(),
            wasmparser::Payload::ImportSection(section) => {
                globals += section
                    .into_imports()
                    .flatten()
                    .filter(|import| matches!(import.ty, wasmparser::TypeRef::Global(_)))
                    .count() as u32;
            }
            _ => {}
        }
    }
    let mut added = Added {
        globals,
        gauge: metered.gauge.clone(),
        page_limit: metered.page_limit.clone(),
        memory: metered.memory.clone(),
        ..Added::default()
    };
    let mut module = wasm_encoder::Module::new();
    added
        .parse_core_module(&mut module, wasmparser::Parser::new(0), bytes)
        .ok()?;
    Some(MeteredModule {
        bytes: module.finish(),
        start: None,
        ..metered.clone()
    })
}
