//! What embeds cost a page and how soon one runs, in real Chromium: `cargo bench --bench embed` after `trunk build --release`.
//!
//! Prints figures with what is wanted of them. Nothing here passes or fails.

#[path = "../tests/browser/support.rs"]
#[allow(dead_code)]
mod support;

use std::process::Command;

use serde_json::Value;
use support::{Page, block_on, dist, serve};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// How often what depends on luck is measured.
const ROUNDS: usize = 5;

fn main() {
    block_on(async {
        println!("medians, in headless Chromium on this machine\n");
        script()?;
        ten().await?;
        first_run("first run of an embed, nothing loaded yet", "").await?;
        first_run("the same with loading=lazy, in sight", " loading=lazy").await?;
        Ok(())
    });
}

fn print(what: &str, figure: String, wanted: &str) {
    println!("{what:<48} {figure:>14}   {wanted}");
}

/// The element's script as a host sends it.
fn script() -> Result<()> {
    let path = dist()?.join("lambda-playground.js");
    let measure = "const z = require('zlib'), b = require('fs').readFileSync(process.argv[1]); \
         console.log(b.length, z.gzipSync(b, {level: 9}).length, \
         z.brotliCompressSync(b, {params: {[z.constants.BROTLI_PARAM_QUALITY]: 11}}).length)";
    let output = Command::new("node")
        .arg("-e")
        .arg(measure)
        .arg(&path)
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let sizes: Vec<&str> = text.split_whitespace().collect();
    let [raw, gzip, brotli] = sizes.as_slice() else {
        return Err(format!("node says {text}").into());
    };
    print(
        "embed script, brotli",
        format!("{brotli} B"),
        "at most 5,000 B",
    );
    print("embed script, gzip and raw", format!("{gzip}, {raw} B"), "");
    Ok(())
}

/// A page with this many examples, and the playground beside it.
async fn page_with(count: usize, attributes: &str) -> Result<(Page, std::path::PathBuf)> {
    let playground = serve(dist()?, "/play/").await?;
    let folder =
        std::env::temp_dir().join(format!("lambda-playground-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let embeds = format!(
        "<lambda-playground example=hello trigger=direct view='timeline, result'{attributes}><p>An example.</p></lambda-playground>"
    )
    .repeat(count);
    std::fs::write(
        folder.join("index.html"),
        format!(
            "<!doctype html><meta charset=utf-8><link rel=icon href='data:,'><title>Guide</title>\
             <script src='{playground}lambda-playground.js' defer></script>{embeds}"
        ),
    )?;
    let address = serve(folder.clone(), "/guide/").await?;
    let page = Page::open_at(&address, (1000, 900)).await?;
    page.until(
        "the elements are there",
        "return !!customElements.get('lambda-playground')",
    )
    .await?;
    Ok((page, folder))
}

async fn ten() -> Result<()> {
    let (page, folder) = page_with(10, "").await?;
    let fetched = page
        .client
        .execute_async(
            "const done = arguments[0]; setTimeout(() => { \
               const all = performance.getEntriesByType('resource'); \
               done(all.map(it => it.name).filter(name => name.startsWith('http'))) }, 1000)",
            vec![],
        )
        .await?;
    // Of another origin's files a page is not told the sizes: they are looked up.
    let mut bytes = 0;
    let mut modules = 0;
    for name in fetched.as_array().into_iter().flatten() {
        let name = name.as_str().unwrap_or_default();
        let (_, file) = name
            .rsplit_once("/play/")
            .ok_or_else(|| format!("{name} is nothing of the playground's"))?;
        bytes += std::fs::metadata(dist()?.join(file))?.len();
        modules += usize::from(file.ends_with(".wasm"));
    }
    print(
        "ten embeds not run, uncompressed",
        format!("{bytes} B"),
        "less than 30,000 B",
    );
    print("of it wasm files", modules.to_string(), "none");
    std::fs::remove_dir_all(folder)?;
    page.close().await
}

/// From the click on Run to the result, in a browser that has never seen the playground.
async fn first_run(what: &str, attributes: &str) -> Result<()> {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let (page, folder) = page_with(1, attributes).await?;
        let time = page
            .client
            .execute_async(
                "const done = arguments[0], embed = document.querySelector('lambda-playground'); \
                 const click = () => { const began = performance.now(); \
                    embed.addEventListener('finished', () => done(performance.now() - began), {once: true}); \
                    embed.shadowRoot.querySelector('button').click(); }; \
                 if (embed.getAttribute('loading') === 'lazy') { \
                    embed.addEventListener('ready', () => setTimeout(() => { const began = performance.now(); \
                       embed.run().then(() => done(performance.now() - began)) }, 1500), {once: true}); } \
                 else click();",
                vec![],
            )
            .await?;
        times.push(time.as_f64().unwrap_or(f64::NAN));
        std::fs::remove_dir_all(folder)?;
        page.close().await?;
    }
    times.sort_by(f64::total_cmp);
    let median = times.get(times.len() / 2).copied().unwrap_or(f64::NAN);
    print(what, format!("{median:.0} ms"), "less than 1,000 ms");
    let all: Vec<Value> = times.iter().map(|it| (it.round() as u64).into()).collect();
    println!("{:<48} {:>14}", "", Value::Array(all).to_string());
    Ok(())
}
