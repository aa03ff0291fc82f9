//! What metering costs: time to rewrite a module, and metered ÷ unmetered speed in wasmi (the browser's is measured in
//! `benches/browser.rs`).

use std::hint::black_box;
use std::path::PathBuf;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lambda_playground::guest::describe::{Inspection, inspect};
use lambda_playground::guest::meter::{self, MeterCall, MeteredModule, gauge};
use wasmi::{Caller, Engine, Global, Linker, Module, Store, TypedFunc, Val};

/// Guests with an argument that keeps each busy for some tens of milliseconds in an interpreter at most.
const GUESTS: [(&str, i32); 6] = [
    ("fib", 18),
    ("sha256", 1),
    ("json", 2),
    ("matmul", 1),
    ("qsort", 1),
    ("nbody", 500),
];

/// Fuel handed out at once, as the process does.
const SLICE: i64 = 200_000;

fn module(name: &str) -> Vec<u8> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let path = root
        .join("functions/bench")
        .join(name)
        .with_extension("wasm");
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A module of about 100 KB has to be ready in less than 20 ms.
fn rewriting(criterion: &mut Criterion) {
    let bytes = module("hundredkb");
    let metered = meter::meter(&bytes).expect("it can be metered");
    println!("{} bytes become {}", bytes.len(), metered.bytes.len());
    let mut group = criterion.benchmark_group("hundredkb");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("validate", |bencher| {
        bencher.iter(|| meter::validate(black_box(&bytes), meter::features()));
    });
    group.bench_function("rewrite", |bencher| {
        bencher.iter(|| meter::meter(black_box(&bytes)));
    });
    group.bench_function("inspect", |bencher| {
        bencher.iter(|| {
            matches!(
                inspect("hundredkb.wasm", black_box(&bytes)),
                Inspection::Rejected { .. }
            )
        });
    });
    group.finish();
}

/// The same guests, raw and metered. `run` of both takes a number and gives one.
fn running(criterion: &mut Criterion) {
    for (name, argument) in GUESTS {
        let raw = module(name);
        let metered = meter::meter(&raw).expect("it can be metered");
        let (mut raw, mut metered) = (Guest::raw(&raw), Guest::metered(&metered));
        assert_eq!(raw.run(argument), metered.run(argument), "{name}");
        let mut group = criterion.benchmark_group(name);
        group.bench_function("raw", |bencher| {
            bencher.iter(|| raw.run(black_box(argument)))
        });
        group.bench_function("metered", |bencher| {
            bencher.iter(|| metered.run(black_box(argument)))
        });
        group.finish();
    }
}

struct Guest {
    store: Store<Option<Global>>,
    run: TypedFunc<i32, i32>,
}

impl Guest {
    fn raw(bytes: &[u8]) -> Self {
        Self::instantiate(bytes, None)
    }

    fn metered(module: &MeteredModule) -> Self {
        Self::instantiate(&module.bytes, Some(&module.gauge))
    }

    fn instantiate(bytes: &[u8], gauge: Option<&str>) -> Self {
        let engine = Engine::default();
        let module = Module::new(&engine, bytes).expect("wasmi takes it");
        let mut store = Store::new(&engine, None);
        let mut linker = Linker::new(&engine);
        for call in MeterCall::ALL {
            let host = move |mut caller: Caller<'_, Option<Global>>| match call {
                MeterCall::Slice => {
                    let gauge = caller.data().expect("no guest code runs before");
                    let raw = gauge.get(&caller).i64().expect("the gauge is an i64");
                    let full = gauge::with_fuel(raw, SLICE);
                    gauge
                        .set(&mut caller, Val::I64(full))
                        .expect("the gauge is mutable");
                }
                MeterCall::Grown => {}
                other => panic!("these guests never call {other:?}"),
            };
            linker
                .func_wrap(meter::METER, call.name(), host)
                .expect("it is defined once");
        }
        let instance = linker
            .instantiate_and_start(&mut store, &module)
            .expect("it can be instantiated");
        *store.data_mut() = gauge.and_then(|name| instance.get_global(&store, name));
        let run = instance
            .get_typed_func(&store, "run")
            .expect("`run` is exported");
        Self { store, run }
    }

    fn run(&mut self, argument: i32) -> i32 {
        if let Some(gauge) = *self.store.data() {
            let full = gauge::pack(meter::CALL_DEPTH_UNITS, SLICE);
            gauge
                .set(&mut self.store, Val::I64(full))
                .expect("the gauge is mutable");
        }
        self.run
            .call(&mut self.store, argument)
            .expect("it returns")
    }
}

criterion_group!(benches, rewriting, running);
criterion_main!(benches);
