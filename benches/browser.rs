//! What the page costs and how fast it is, in real Chromium: `cargo bench --bench browser` after `trunk build --release`.
//!
//! Prints medians. Nothing here passes or fails: figures belong into a benchmark, not into a test.

#[path = "../tests/browser/link.rs"]
#[allow(dead_code)]
mod link;
#[path = "../tests/browser/support.rs"]
#[allow(dead_code)]
mod support;

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use lambda_playground::guest::meter::{self, gauge};
use lambda_playground::lambda::config::{MemoryMb, TimeoutSeconds};
use lambda_playground::scenario::{Arrival, Scenario, When};
use lambda_playground::sim::SimTime;
use link::Link;
use serde_json::{Value, json};
use support::{Page, block_on, dist, function, serve};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Guests for metered ÷ unmetered, with an argument that keeps each busy for some tens of milliseconds.
const GUESTS: [(&str, i32); 6] = [
    ("fib", 34),
    ("sha256", 80),
    ("json", 6_000),
    ("matmul", 20),
    ("qsort", 60),
    ("nbody", 300_000),
];

fn main() {
    block_on(async {
        println!("medians, in headless Chromium on this machine\n");
        loading().await?;
        let address = serve(dist()?, "/").await?;
        let page = Page::open_at(&address, (1440, 900)).await?;
        page.ready().await?;
        metering(&page).await?;
        tiers(&page).await?;
        accepting(&page).await?;
        clicking(&page).await?;
        busy(&page).await?;
        page.close().await
    });
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// From navigation to the first usable screen, and until a function can run, with an empty cache.
async fn loading() -> Result<()> {
    let (mut mounted, mut ready) = (Vec::new(), Vec::new());
    let mut at_once = 0;
    for _ in 0..5 {
        let address = serve(dist()?, "/").await?;
        let page = Page::open_at(&address, (1440, 900)).await?;
        page.ready().await?;
        let marks = page
            .client
            .execute(
                "return ['mounted', 'engine-ready', 'rest loaded at once'].map(n => performance.getEntriesByName(n)[0]?.startTime ?? null)",
                vec![],
            )
            .await?;
        mounted.push(marks[0].as_f64().unwrap_or(f64::NAN));
        ready.push(marks[1].as_f64().unwrap_or(f64::NAN));
        at_once += usize::from(!marks[2].is_null());
        page.close().await?;
    }
    println!("page load to first screen   {:8.1} ms", median(mounted));
    println!("page load to engine ready   {:8.1} ms", median(ready));
    println!(
        "the page's first part       {}\n",
        match at_once {
            0 => "is enough until then",
            _ => "is not enough until then: run scripts/profile",
        }
    );
    Ok(())
}

/// The same guests, raw and metered, alternated in one worker.
async fn metering(page: &Page) -> Result<()> {
    println!("metered ÷ unmetered speed    raw ms  metered ms   ratio   G fuel/s");
    let mut logarithms = Vec::new();
    for (id, argument) in GUESTS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("functions/bench/{id}.wasm"));
        let Ok(raw) = std::fs::read(&path) else {
            println!("  {id}: no {}", path.display());
            continue;
        };
        let metered = meter::meter(&raw)?;
        let answer = page
            .client
            .execute_async(
                &COMPARE.replace("ROUNDS", "15"),
                vec![
                    BASE64.encode(&raw).into(),
                    BASE64.encode(&metered.bytes).into(),
                    json!({
                        "gauge": metered.gauge,
                        "start": gauge::pack(meter::CALL_DEPTH_UNITS, 0).to_string(),
                        "slice": 200_000,
                        "shift": gauge::FUEL_SHIFT,
                        "argument": argument,
                    }),
                ],
            )
            .await?;
        let times = |key: &str| -> Vec<f64> {
            answer[key]
                .as_array()
                .map(|values| values.iter().filter_map(Value::as_f64).collect())
                .unwrap_or_default()
        };
        if answer["equal"] != json!(true) {
            return Err(format!("{id}: {answer}").into());
        }
        let (raw_ms, metered_ms) = (median(times("raw")), median(times("metered")));
        let fuel: f64 = answer["fuel"].as_str().unwrap_or("0").parse()?;
        let ratio = raw_ms / metered_ms;
        logarithms.push(ratio.ln());
        println!(
            "  {id:24}{raw_ms:10.2}{metered_ms:12.2}{ratio:8.2}{:11.2}",
            fuel / metered_ms / 1e6
        );
    }
    let mean = (logarithms.iter().sum::<f64>() / logarithms.len() as f64).exp();
    println!("  geometric mean{mean:42.2}\n");
    Ok(())
}

/// Runs in the page: a worker of its own times both modules in turn. Its `slice` does what our host does: read the
/// gauge, account, grant.
const COMPARE: &str = r#"
const [raw, metered, given, done] = arguments;
const source = `onmessage = async ({data: [raw, metered, given]}) => {
  const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
  const never = () => { throw new Error('stopped') };
  let gauge, used = 0n;
  const slice = BigInt(given.slice), shift = BigInt(given.shift);
  const depth = () => BigInt.asIntN(given.shift, gauge.value);
  const account = () => { used += slice - ((gauge.value - depth()) >> shift); };
  const host = {meter: {stack: never, memory: never, device: never, grown: () => {}, slice: () => {
    account(); gauge.value = (slice << shift) + depth();
  }}};
  const a = (await WebAssembly.instantiate(bytes(raw), {})).instance.exports.run;
  const b = (await WebAssembly.instantiate(bytes(metered), host)).instance.exports;
  gauge = b[given.gauge];
  const once = f => { const t0 = performance.now(); const answer = f(given.argument); return [performance.now() - t0, answer]; };
  const m = n => { gauge.value = BigInt(given.start) + (slice << shift); used = 0n; const answer = b.run(n);
    account(); return answer; };
  const times = {raw: [], metered: [], equal: true};
  for (let i = 0; i < ROUNDS + 5; i++) {
    const [x, p] = once(a), [y, q] = once(m);
    times.equal &&= p === q;
    if (i >= 5) { times.raw.push(x); times.metered.push(y); }
  }
  times.fuel = String(used);
  postMessage(times);
}`;
const worker = new Worker(URL.createObjectURL(new Blob([source], {type: 'text/javascript'})));
worker.onmessage = e => { worker.terminate(); done(e.data); };
worker.onerror = e => done({error: e.message});
worker.postMessage([raw, metered, given]);
"#;

/// One CPU-bound invocation in both tiers, in the page's workers: a short one, most of which is compilation and the
/// browser's slow first tier, and a steady one.
async fn tiers(page: &Page) -> Result<()> {
    let bytes = std::fs::read(function("primes"))?;
    let browser = Link::start(page, "browser", "worker_loader.js").await?;
    let interpreter = Link::start(page, "interpreter", "interpreter_loader.js").await?;
    for link in [&browser, &interpreter] {
        link.load(&bytes).await?;
    }
    println!("tiers                     browser ms  interpreter ms   ratio");
    for (n, rounds) in [(100_000, 15), (500_000, 5)] {
        let mut scenario = Scenario {
            module: lambda_playground::session::hash_of(&bytes),
            ..Scenario::default()
        };
        scenario.function.memory = MemoryMb(1_769);
        scenario.function.timeout = TimeoutSeconds(60);
        scenario.arrivals = vec![Arrival {
            when: When::At(SimTime::ZERO),
            trigger: "direct".to_owned(),
            payload: json!({ "n": n }).to_string(),
            ..Arrival::default()
        }];
        // Taken in turn, so that what else the machine does touches both.
        let (mut fast, mut slow) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            fast.push(browser.run(&scenario).await?.real_us as f64 / 1_000.0);
            slow.push(interpreter.run(&scenario).await?.real_us as f64 / 1_000.0);
        }
        let (fast, slow) = (median(fast), median(slow));
        println!(
            "  primes up to {n:<11}{fast:10.2}{slow:16.2}{:8.1}",
            slow / fast
        );
    }
    println!();
    Ok(())
}

/// A module of about 100 KB: validated, described, metered and compiled by the worker.
async fn accepting(page: &Page) -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("functions/bench/hundredkb.wasm");
    let bytes = std::fs::read(path)?;
    let link = Link::start(page, "accepting", "worker_loader.js").await?;
    let mut times = Vec::new();
    for _ in 0..11 {
        times.push(link.time_to_accept(&bytes).await?);
    }
    println!(
        "accepting {:.0} KB (validate, describe, rewrite, compile) {:8.1} ms\n",
        bytes.len() as f64 / 1024.0,
        median(times)
    );
    Ok(())
}

/// From the click to the result on the screen, for a trivial function.
async fn clicking(page: &Page) -> Result<()> {
    page.click("example-hello").await?;
    page.text_when("function-name", |text| {
        text.to_lowercase().contains("hello")
    })
    .await?;
    let mut times = Vec::new();
    for _ in 0..15 {
        page.click("start-over").await?;
        page.client
            .execute(
                "performance.clearMarks('run-click'); performance.clearMarks('result-shown')",
                vec![],
            )
            .await?;
        page.click("run").await?;
        page.until(
            "the result is shown",
            "return performance.getEntriesByName('result-shown').length > 0",
        )
        .await?;
        let time = page
            .client
            .execute(
                "return performance.getEntriesByName('result-shown')[0].startTime - performance.getEntriesByName('run-click')[0].startTime",
                vec![],
            )
            .await?;
        times.push(time.as_f64().unwrap_or(f64::NAN));
    }
    println!("click to result, hello      {:8.1} ms\n", median(times));
    Ok(())
}

/// Frames drawn while a guest loops for ever under a 15-minute timeout.
async fn busy(page: &Page) -> Result<()> {
    page.click("example-forever").await?;
    page.text_when("function-name", |text| {
        text.to_lowercase().contains("forever")
    })
    .await?;
    page.set("memory-input", "10240").await?;
    page.set("timeout-input", "900").await?;
    page.click("run").await?;
    let frames = page
        .client
        .execute_async(
            "const done = arguments[0], times = []; let last = performance.now(); const t0 = last; \
             requestAnimationFrame(function tick(now) { times.push(performance.now() - last); last = performance.now(); \
               last - t0 < 3000 ? requestAnimationFrame(tick) : done(times); })",
            vec![],
        )
        .await?;
    let mut frames: Vec<f64> = frames
        .as_array()
        .map(|times| times.iter().filter_map(Value::as_f64).collect())
        .unwrap_or_default();
    let count = frames.len();
    frames.sort_by(f64::total_cmp);
    println!(
        "busy loop: {:.1} frames/s, 95th percentile {:.1} ms between frames",
        count as f64 / 3.0,
        frames.get(count * 95 / 100).copied().unwrap_or(f64::NAN)
    );
    let text = page.text_when("cutoff", |text| !text.is_empty()).await?;
    println!("  ended with: {}", text.replace('\n', " "));
    Ok(())
}
