//! Watching a large run, in real Chromium: `cargo bench --bench watching` after `trunk build --release`.
//!
//! 100,000 invocations of a model: how long it takes from the click to the picture, how much of each frame the main thread
//! works while playing, panning and zooming, and what the page's memory comes to; then, for one invocation, from a moved
//! slider to the redrawn result; and how fast a million invocations are simulated. Prints figures; nothing here passes or
//! fails.

#[path = "../tests/browser/support.rs"]
#[allow(dead_code)]
mod support;

use serde_json::{Value, json};
use support::{Page, block_on, dist, serve};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Requests a second, for how long.
const RATE: u32 = 1_000;
const SECONDS: u32 = 100;

fn main() {
    block_on(async {
        let address = serve(dist()?, "/").await?;
        for trigger in ["direct", "s3"] {
            let page = Page::open_at(&address, (1440, 900)).await?;
            page.ready().await?;
            println!(
                "{} invocations of a model, trigger {trigger}",
                RATE * SECONDS
            );
            opening(&page, trigger).await?;
            memory(&page).await?;
            frames(&page).await?;
            page.close().await?;
        }
        let page = Page::open_at(&address, (1440, 900)).await?;
        page.ready().await?;
        slider(&page).await?;
        page.close().await?;
        let page = Page::open_at(&address, (1440, 900)).await?;
        page.ready().await?;
        million(&page).await?;
        page.close().await
    });
}

/// Presses Run: milliseconds from the click until the result is drawn.
async fn until_shown(page: &Page) -> Result<f64> {
    page.click("run").await?;
    page.until(
        "the result is shown",
        "return performance.getEntriesByName('result-shown').length > 0",
    )
    .await?;
    let answer = page
        .client
        .execute(
            "const at = name => performance.getEntriesByName(name)[0].startTime; \
             return at('result-shown') - at('run-click')",
            vec![],
        )
        .await?;
    Ok(number(&answer))
}

/// A million invocations in the page's worker: from the click on Run until all of them are told and drawn.
async fn million(page: &Page) -> Result<()> {
    page.load("direct", 10_000, 100).await?;
    let milliseconds = until_shown(page).await?;
    println!(
        "1,000,000 invocations of a model   {milliseconds:8.0} ms: {:.0} a second   (300,000 or more)",
        1e9 / milliseconds
    );
    Ok(())
}

/// From the click on Run to the picture, and the longest time in which the page did not answer meanwhile.
async fn opening(page: &Page, trigger: &str) -> Result<()> {
    page.load(trigger, RATE, SECONDS).await?;
    page.client
        .execute(
            "window.longest = 0; let last = performance.now(); \
             const beat = () => { const now = performance.now(); longest = Math.max(longest, now - last); last = now; \
               const c = new MessageChannel(); c.port1.onmessage = () => setTimeout(beat); c.port2.postMessage(0); }; beat()",
            vec![],
        )
        .await?;
    let shown = until_shown(page).await?;
    let longest = page.client.execute("return window.longest", vec![]).await?;
    println!(
        "  click to picture             {shown:8.0} ms (longest without an answer {:.0} ms)",
        number(&longest)
    );
    let told = page.text("attempts-count").await?;
    println!("  rows in the table            {told:>8}");
    Ok(())
}

/// What the page's own memories come to: the heap of its scripts, and the pages that its process holds alone, with the
/// wasm memories of page and workers, compiled code and the browser's own objects in it.
async fn memory(page: &Page) -> Result<()> {
    let used = cdp(page, "Runtime.getHeapUsage", json!({})).await?;
    println!(
        "  script heap                  {:8.1} MB",
        number(&used["usedSize"]) / 1024.0 / 1024.0
    );
    match largest_renderer() {
        Some(kilobytes) => println!(
            "  page's process, private      {:8.1} MB   (less than 300 MB)",
            kilobytes as f64 / 1024.0
        ),
        None => println!("  page's process: this system does not tell"),
    }
    Ok(())
}

/// Private memory of the largest of Chromium's page processes, in kilobytes, where `/proc` tells.
fn largest_renderer() -> Option<u64> {
    let processes = std::fs::read_dir("/proc").ok()?.flatten();
    let private = processes.filter_map(|process| {
        let path = process.path();
        let command = std::fs::read_to_string(path.join("cmdline")).ok()?;
        if !command.contains("--type=renderer") {
            return None;
        }
        let rollup = std::fs::read_to_string(path.join("smaps_rollup")).ok()?;
        let lines = rollup.lines().filter(|line| line.starts_with("Private_"));
        let kilobytes =
            lines.filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
        Some(kilobytes.sum())
    });
    private.max()
}

/// Main-thread work of each frame: from its first callback until after it is painted.
const FRAMES: &str = r"
const [what, done] = arguments;
const timeline = document.querySelector(`[data-testid='timeline']`);
const box = timeline.getBoundingClientRect();
const wheel = options => timeline.dispatchEvent(new WheelEvent('wheel', {bubbles: true, cancelable: true,
  clientX: box.left + box.width * 0.6, clientY: box.top + 40, ...options}));
const key = key => document.body.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
const act = {
  playing: n => { if (n === 0) { key('0'); key('Home'); key(' '); } },
  zooming: n => { if (n === 0) key('0'); wheel({ctrlKey: true, deltaY: n % 120 < 60 ? -30 : 30}); },
  panning: n => { if (n === 0) { key('0'); for (let i = 0; i < 6; i++) key('w'); }
                  wheel({shiftKey: true, deltaX: n % 120 < 60 ? 40 : -40}); },
}[what];
const work = [];
const channel = new MessageChannel();
let began = 0, n = 0;
channel.port1.onmessage = () => { work.push(performance.now() - began); };
const frame = () => {
  began = performance.now();
  act(n++);
  channel.port2.postMessage(0);
  n < 300 ? requestAnimationFrame(frame) : setTimeout(() => { done(work); }, 100);
};
requestAnimationFrame(frame);
";

async fn frames(page: &Page) -> Result<()> {
    for what in ["playing", "zooming", "panning"] {
        let work = page.client.execute_async(FRAMES, vec![what.into()]).await?;
        let mut work: Vec<f64> = work
            .as_array()
            .map(|all| all.iter().filter_map(Value::as_f64).collect())
            .unwrap_or_default();
        work.sort_by(f64::total_cmp);
        let at = |part: usize| {
            let index = (work.len() * part / 100).min(work.len().saturating_sub(1));
            work.get(index).copied().unwrap_or(f64::NAN)
        };
        println!(
            "  {what:<10} main thread a frame {:6.1} ms median, {:6.1} ms 95th percentile, {:6.1} ms longest",
            at(50),
            at(95),
            at(100)
        );
    }
    println!();
    Ok(())
}

/// From a moved slider to the redrawn result, for one invocation of a small function.
async fn slider(page: &Page) -> Result<()> {
    page.click("example-hello").await?;
    page.text_when("function-name", |text| {
        text.to_lowercase().contains("hello")
    })
    .await?;
    page.click("run").await?;
    page.text_when("log", |text| text.contains("REPORT RequestId"))
        .await?;
    let mut times = Vec::new();
    for memory in [256, 512, 1_024, 1_769, 2_048, 3_008, 512, 128, 256, 1_024] {
        let time = page
            .client
            .execute_async(
                "const [memory, done] = arguments; performance.clearMarks('result-shown'); \
                 const e = document.querySelector(`[data-testid='memory-input']`); \
                 Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(e, memory); \
                 const t0 = performance.now(); \
                 e.dispatchEvent(new Event('input', {bubbles: true})); e.dispatchEvent(new Event('change', {bubbles: true})); \
                 const look = () => { const m = performance.getEntriesByName('result-shown')[0]; \
                   m ? requestAnimationFrame(() => setTimeout(() => done(performance.now() - t0))) : setTimeout(look, 1); }; look();",
                vec![memory.to_string().into()],
            )
            .await?;
        times.push(number(&time));
    }
    times.sort_by(f64::total_cmp);
    println!(
        "slider to redrawn result, hello {:8.1} ms median, {:.1} ms longest",
        times.get(times.len() / 2).copied().unwrap_or(f64::NAN),
        times.last().copied().unwrap_or(f64::NAN)
    );
    Ok(())
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

/// A question to Chromium itself.
async fn cdp(page: &Page, method: &str, parameters: Value) -> Result<Value> {
    let command = Cdp(json!({ "cmd": method, "params": parameters }));
    Ok(page.client.issue_cmd(command).await?)
}

#[derive(Debug)]
struct Cdp(Value);

impl fantoccini::wd::WebDriverCompatibleCommand for Cdp {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> std::result::Result<url::Url, url::ParseError> {
        base.join(&format!(
            "session/{}/goog/cdp/execute",
            session.unwrap_or_default()
        ))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.0.to_string()))
    }
}
