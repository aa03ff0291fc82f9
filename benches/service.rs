//! How many invocations a second the service gets through, the guest's own work left out.

#[path = "../tests/lambda/scripted.rs"]
#[allow(dead_code)]
mod scripted;

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use lambda_playground::lambda::cloud::Cloud;
use lambda_playground::lambda::{logs, summary};
use scripted::*;

const INVOCATIONS: u64 = 10_000;

fn service(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("service");
    group.throughput(Throughput::Elements(INVOCATIONS));
    let mut bench = |name: &str, acts: Vec<Act>, spacing_ms: u64, asynchronous: bool| {
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                || {
                    let requests = (0..INVOCATIONS)
                        .map(|n| match asynchronous {
                            true => event_at(n * spacing_ms, "{}"),
                            false => sync_at(n * spacing_ms),
                        })
                        .collect();
                    let code = Scripted::always(acts.clone());
                    Cloud::start(setup(config(1_769, 3), code, requests))
                },
                |mut cloud| {
                    while cloud.step() {}
                    black_box(cloud.take_entries())
                },
                BatchSize::PerIteration,
            );
        });
    };
    bench(
        "warm, one after another",
        vec![Say("hello"), Work(5_000)],
        10,
        false,
    );
    bench(
        "a thousand at once",
        vec![Say("hello"), Sleep(1_000)],
        1,
        false,
    );
    bench(
        "asynchronous, all retried",
        vec![fail("Oops", "")],
        10,
        true,
    );
    group.finish();
}

fn folds(criterion: &mut Criterion) {
    let code = Scripted::always(vec![Say("hello"), Work(5_000)]);
    let requests = (0..INVOCATIONS).map(|n| sync_at(n * 10)).collect();
    let entries = play(setup(config(1_769, 3), code, requests));
    let mut group = criterion.benchmark_group("folds");
    group.throughput(Throughput::Elements(INVOCATIONS));
    group.bench_function("log", |b| b.iter(|| logs::lines(black_box(&entries))));
    group.bench_function("summary", |b| {
        b.iter(|| summary::invocations(black_box(&entries)))
    });
    group.bench_function("totals", |b| {
        b.iter(|| summary::totals(black_box(&entries)))
    });
    group.finish();
}

criterion_group!(benches, service, folds);
criterion_main!(benches);
