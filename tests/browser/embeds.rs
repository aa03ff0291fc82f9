//! `<lambda-playground>` in other people's pages: of another origin, several on a page, and hosts that say nonsense.

use serde_json::{Value, json};

use super::support::{Page, dist, in_browser, serve};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A page of another origin with this body, beside a playground under a path of its own.
async fn host(body: &str) -> Result<(Page, tempfolder::Folder)> {
    let playground = serve(dist()?, "/docs/play/").await?;
    let folder = tempfolder::Folder::new()?;
    let html = format!(
        "<!doctype html><meta charset=utf-8><title>Guide</title><script src=\"{playground}lambda-playground.js\" defer></script>{body}"
    );
    std::fs::write(folder.path().join("index.html"), html)?;
    let address = serve(folder.path().to_owned(), "/guide/").await?;
    Ok((Page::open_at(&address, (820, 1000)).await?, folder))
}

/// Folders for host pages, gone with their test.
mod tempfolder {
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicU32, Ordering};

    static COUNT: AtomicU32 = AtomicU32::new(0);

    pub struct Folder(PathBuf);

    impl Folder {
        pub fn new() -> std::io::Result<Self> {
            let number = COUNT.fetch_add(1, Ordering::Relaxed);
            let name = format!("lambda-playground-host-{}-{number}", std::process::id());
            let path = std::env::temp_dir().join(name);
            std::fs::create_dir_all(&path)?;
            Ok(Self(path))
        }

        pub fn path(&self) -> &Path {
            &self.0
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

/// Runs a script that answers a promise, and waits for it.
async fn promised(page: &Page, script: &str) -> Result<Value> {
    let whole = format!(
        "const done = arguments[arguments.length - 1]; \
         const late = setTimeout(() => done({{late: true}}), 30000); \
         (async () => {{ {script} }})().then(it => done({{value: it ?? null}}), e => done({{error: String(e.message ?? e)}}))"
    );
    Ok(page.client.execute_async(&whole, vec![]).await?)
}

#[test]
fn an_embed_in_a_page_of_another_origin_costs_nothing_until_it_is_run() {
    in_browser(async {
        let ten = r#"<lambda-playground example="primes" memory="512" view="timeline, result" height="300"><pre>fn main() {}</pre></lambda-playground>"#.repeat(10);
        let (page, _folder) = host(&ten).await?;
        page.until(
            "the elements are there",
            "return document.querySelectorAll('lambda-playground').length === 10 && !!customElements.get('lambda-playground')",
        )
        .await?;
        // What the visitor sees without having asked for anything: the author's children, and Run.
        let fetched = page
            .client
            .execute(
                "return performance.getEntriesByType('resource').map(it => it.name)",
                vec![],
            )
            .await?;
        let fetched: Vec<String> = serde_json::from_value(fetched)?;
        assert!(
            fetched.iter().all(|it| !it.ends_with(".wasm")),
            "{fetched:?}"
        );
        let ours = fetched.iter().filter(|it| it.contains("/docs/play/"));
        assert_eq!(ours.count(), 1, "{fetched:?}");
        assert_eq!(
            page.client
                .execute("return document.querySelectorAll('iframe').length", vec![])
                .await?,
            json!(0)
        );

        let told = promised(
            &page,
            "return await document.querySelector('lambda-playground').run();",
        )
        .await?;
        let told = &told["value"];
        assert_eq!(told["cancelled"], json!(false), "{told}");
        let height = page
            .client
            .execute(
                "return document.querySelector('lambda-playground').getBoundingClientRect().height",
                vec![],
            )
            .await?;
        // A height that the author gave is kept, whatever is in it.
        assert!(
            (300.0..=304.0).contains(&height.as_f64().unwrap_or_default()),
            "{height}"
        );
        page.close().await
    });
}

#[test]
fn a_host_sets_runs_seeks_and_hears_of_it() {
    in_browser(async {
        let (page, _folder) =
            host(r#"<lambda-playground example="flaky" trigger="s3" view="full" theme="dark"></lambda-playground>"#).await?;
        page.until(
            "the element is there",
            "return !!customElements.get('lambda-playground')",
        )
        .await?;
        let told = promised(
            &page,
            "const embed = document.querySelector('lambda-playground'); window.heard = []; \
             for (const type of ['ready', 'run', 'finished', 'change', 'resize', 'error', 'state']) \
                embed.addEventListener(type, e => heard.push([type, e.detail])); \
             await embed.run(); \
             await embed.set({memory: 1769}); \
             await embed.run(); \
             await embed.seek('1ms'); \
             return await embed.getScenario();",
        )
        .await?;
        let address = told["value"]["address"].as_str().unwrap_or_default();
        assert!(address.contains("/docs/play/index.html#s=1."), "{told}");
        let heard = page
            .client
            .execute("return heard.map(it => it[0])", vec![])
            .await?;
        let heard: Vec<String> = serde_json::from_value(heard)?;
        for wanted in ["ready", "run", "finished", "resize"] {
            assert!(
                heard.iter().any(|it| it == wanted),
                "no {wanted} in {heard:?}"
            );
        }
        assert!(!heard.iter().any(|it| it == "error"), "{heard:?}");
        // Whoever opens the playground from there finds what the reader has made.
        page.client.goto(address).await?;
        page.ready().await?;
        page.text_when("memory-input", |text| text.replace(',', "") == "1769")
            .await?;
        page.close().await
    });
}

#[test]
fn nonsense_from_a_host_is_answered_with_a_problem_and_does_no_harm() {
    in_browser(async {
        let (page, _folder) =
            host(r#"<lambda-playground view="result" example="hello"></lambda-playground>"#)
                .await?;
        page.until(
            "the element is there",
            "return !!customElements.get('lambda-playground')",
        )
        .await?;
        let told = promised(
            &page,
            "const embed = document.querySelector('lambda-playground'); const problems = []; \
             embed.addEventListener('error', e => problems.push(e.detail.code)); \
             await embed.run(); \
             await embed.set({memory: 'a lot', trigger: '<img src=x onerror=alert(1)>', view: 7, bytes: 'no', settings: []}).catch(e => problems.push(String(e))); \
             await embed.seek('yesterday').then(() => problems.push('no error'), e => problems.push(e.message)); \
             const frame = embed.shadowRoot.querySelector('iframe'); \
             for (const said of [null, 7, 'x', [], {lambdaPlayground: 9, type: 'hello', id: 1}, {lambdaPlayground: 1, type: 'set', memory: 1}]) \
                frame.contentWindow.postMessage(said, '*'); \
             await embed.run(); \
             return problems;",
        )
        .await?;
        let problems: Vec<String> = serde_json::from_value(told["value"].clone())?;
        assert!(problems.iter().any(|it| it == "embed.value"), "{told}");
        assert!(problems.iter().any(|it| it.contains("no moment")), "{told}");
        assert!(!problems.iter().any(|it| it == "no error"), "{told}");
        page.close().await
    });
}

#[test]
fn a_function_written_in_the_page_runs() {
    in_browser(async {
        let body = r#"<lambda-playground view="result" name="answer.wat" event='{"a":1}'>
            <script type="text/wat">
              (module
                (memory (export "memory") 1)
                (data (i32.const 16) "{\"answer\":42}")
                (func (export "alloc") (param i32) (result i32) (i32.const 1024))
                (func (export "handler") (param i32 i32) (result i64)
                  (i64.or (i64.shl (i64.const 16) (i64.const 32)) (i64.const 13))))
            </script></lambda-playground>"#;
        let (page, _folder) = host(body).await?;
        page.until(
            "the element is there",
            "return !!customElements.get('lambda-playground')",
        )
        .await?;
        let told = promised(
            &page,
            "return await document.querySelector('lambda-playground').run();",
        )
        .await?;
        let text = told["value"].to_string();
        assert!(text.contains("42"), "{told}");
        page.close().await
    });
}
