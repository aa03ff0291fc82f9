//! How many invocations a second the service gets through, the guest's own work left out.
//!
//! First a load on a modelled function, with scaling and metrics: rate, memory kept per invocation, and whether time grows
//! linearly; then the same load through a session as the page runs it, with what the worker keeps until the end and what
//! the page keeps. Then the service and the folds in small, on scripted code. `-- load` stops after the first part.

#[path = "../tests/lambda/scripted.rs"]
#[allow(dead_code)]
mod scripted;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::RefCell;
use std::hint::black_box;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use criterion::{BatchSize, Criterion, Throughput, criterion_group};
use lambda_playground::guest::engine::interpreter::Interpreter;
use lambda_playground::lambda::billing::{Month, Usage};
use lambda_playground::lambda::caller::{Call, Load};
use lambda_playground::lambda::cloud::{Cloud, Setup};
use lambda_playground::lambda::event::{Archive, Event, InvocationType};
use lambda_playground::lambda::function::{Deployment, Package};
use lambda_playground::lambda::metrics::{self, Metrics};
use lambda_playground::lambda::model::Model;
use lambda_playground::lambda::traffic::{Pattern, Rate};
use lambda_playground::lambda::{logs, summary};
use lambda_playground::scenario::{Runs, Scenario, Traffic};
use lambda_playground::session::Session;
use lambda_playground::session::protocol::{Command, Update};
use lambda_playground::sim::{Distribution, SimTime};
use lambda_playground::ui::trace::Reading;
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

/// Counts the bytes that are in use.
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        IN_USE.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The event of every request.
const EVENT: &str = r#"{"key1":"value1","key2":"value2","key3":"value3"}"#;

fn model() -> Model {
    Model {
        duration: Distribution::LogNormal {
            median_micros: 20_000,
            p99_micros: 200_000,
        },
        errors_per_million: 10_000,
        ..Model::default()
    }
}

/// About 10,000 requests a second, for as many requests.
fn pattern(requests: u64) -> Pattern {
    Pattern::Poisson {
        rate: Rate::per_second(9_500),
        seconds: (requests / 9_500) as u32,
    }
}

/// A modelled function under a load of so many requests.
fn modelled(requests: u64, kind: InvocationType) -> Setup {
    let function = Deployment::new(config(1_024, 3), Package::Model(model()));
    let caller = Rc::new(Echo {
        kind,
        timeout: None,
    });
    Setup {
        epoch_ms: 1_767_614_400_000,
        loads: vec![Load {
            start: SimTime::ZERO,
            pattern: pattern(requests),
            call: Call::new(caller, EVENT),
        }],
        ..Setup::of(vec![function], patient())
    }
}

/// What a load came to.
struct Measured {
    invocations: u64,
    throttled: u64,
    seconds: f64,
    bytes_each: f64,
}

/// Runs a load in the worker's way (batches of a few thousand entries) with metrics; keeps the whole trace, packed, or lets
/// it go.
fn measure(requests: u64, kind: InvocationType, keep: bool) -> Measured {
    let before = IN_USE.load(Ordering::Relaxed);
    let began = Instant::now();
    let mut cloud = Cloud::start(modelled(requests, kind));
    let mut metrics = Metrics::new(metrics::MINUTE);
    let mut usage = Usage::default();
    let mut kept = Archive::default();
    let mut throttled = 0;
    loop {
        let more = (0..4_096).all(|_| cloud.step());
        let entries = cloud.take_entries();
        for entry in &entries {
            metrics.take(entry);
            usage.take(entry);
            throttled += u64::from(matches!(entry.event, Event::Throttled { .. }));
            if keep {
                kept.push(entry).expect("entries come in order");
            }
        }
        if !more {
            break;
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    let bytes = IN_USE.load(Ordering::Relaxed).saturating_sub(before);
    black_box((&kept, usage.bill(Month::default()), &metrics));
    let (invocations, _) = cloud.stories_over();
    Measured {
        invocations,
        throttled,
        seconds,
        bytes_each: bytes as f64 / invocations as f64,
    }
}

fn load() {
    println!("a modelled function, scaling, metrics and bill on:");
    let cases = [
        (
            "synchronous",
            InvocationType::RequestResponse,
            1_000_000,
            true,
        ),
        (
            "synchronous",
            InvocationType::RequestResponse,
            10_000_000,
            false,
        ),
        ("asynchronous", InvocationType::Event, 1_000_000, true),
    ];
    for (name, kind, requests, keep) in cases {
        let best = (0..3)
            .map(|_| measure(requests, kind, keep))
            .min_by(|a, b| a.seconds.total_cmp(&b.seconds))
            .expect("three runs");
        println!(
            "  {name:>12}, {:>9} invocations ({} throttles): {:.2} M/s, {:.2} s, {:.0} bytes kept per invocation{}",
            best.invocations,
            best.throttled,
            best.invocations as f64 / best.seconds / 1e6,
            best.seconds,
            best.bytes_each,
            if keep {
                ""
            } else {
                " (metrics only: the trace is let go)"
            },
        );
    }
}

/// What a session came to.
struct Ran {
    invocations: u64,
    seconds: f64,
    /// Kept by the worker when the run is at its end.
    worker: usize,
    /// Kept by the page when it has read what the worker sent.
    page: usize,
}

/// Runs a load through a session, as the worker does; what it sends is encoded and, when there is a page, read by it.
fn session(requests: u64, trigger: &str, with_page: bool) -> Ran {
    #[derive(Default)]
    struct Page {
        reading: Reading,
        invocations: u64,
        at_end: usize,
    }
    let scenario = Scenario {
        function: config(1_024, 3),
        runs: Runs::Model(model()),
        traffic: vec![Traffic {
            start: SimTime::ZERO,
            pattern: pattern(requests),
            trigger: trigger.to_owned(),
            payload: EVENT.to_owned(),
            function: None,
            qualifier: None,
        }],
        ..Scenario::default()
    };
    let page = Rc::new(RefCell::new(Page::default()));
    let told = Rc::clone(&page);
    let outbox = move |update: Update| {
        let mut page = told.borrow_mut();
        match &update {
            Update::Whole { totals, .. } => page.invocations = totals.invocations,
            // The run is still there: it goes when this is told.
            Update::Finished { .. } => page.at_end = IN_USE.load(Ordering::Relaxed),
            _ => {}
        }
        let bytes = postcard::to_stdvec(&update).expect("updates can be encoded");
        drop(update);
        if with_page && let Ok(Update::Entries { entries, .. }) = postcard::from_bytes(&bytes) {
            page.reading.extend(entries);
        }
    };
    let began = Instant::now();
    let clock = move || began.elapsed().as_micros() as u64;
    let before = IN_USE.load(Ordering::Relaxed);
    let mut session = Session::new(
        Rc::new(Interpreter::default()),
        Rc::new(RefCell::new(outbox)),
        Rc::new(clock),
    );
    session.handle(Command::Run {
        run: 1,
        scenario: Box::new(scenario),
        patience_ms: 60_000,
    });
    while session.pump(8_000) {}
    let seconds = began.elapsed().as_secs_f64();
    drop(session);
    let after = IN_USE.load(Ordering::Relaxed);
    let page = page.borrow();
    let kept_by_page = after.saturating_sub(before);
    Ran {
        invocations: page.invocations,
        seconds,
        worker: page.at_end.saturating_sub(before + kept_by_page),
        page: kept_by_page,
    }
}

fn sessions() {
    println!("the same load through a session, as the page runs it:");
    for (trigger, requests) in [("direct", 1_000_000), ("direct-async", 1_000_000)] {
        let alone = session(requests, trigger, false);
        let shown = session(requests, trigger, true);
        let each = |bytes: usize| bytes as f64 / shown.invocations as f64;
        println!(
            "  {trigger:>12}, {:>9} invocations: {:.2} M/s, {:.0} bytes kept per invocation: {:.0} by the worker until the \
             end, {:.0} by the page",
            alone.invocations,
            alone.invocations as f64 / alone.seconds / 1e6,
            each(alone.worker + shown.page),
            each(alone.worker),
            each(shown.page),
        );
    }
}

fn main() {
    load();
    sessions();
    if !std::env::args().any(|argument| argument == "load") {
        benches();
        Criterion::default().configure_from_args().final_summary();
    }
}
