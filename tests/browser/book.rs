//! The documentation's book, as mdBook makes it, with its live examples: under a sub-path, with the page one folder above.

use super::support::{Page, copy, dist, in_browser, serve, serve_until};

/// The book is built by `scripts/book` into the page's folder. Where the page is built and the book is not, plain `cargo test`
/// passes over it.
fn built() -> Result<bool, String> {
    if dist()?.join("docs/introduction.html").exists() {
        return Ok(true);
    }
    if std::env::var_os("LAMBDA_PLAYGROUND_REQUIRE_BROWSER").is_some() {
        return Err("the book is not built: run scripts/book (scripts/test does)".to_owned());
    }
    eprintln!("passed over: the book is not built; scripts/book does that");
    Ok(false)
}

#[test]
fn the_books_examples_run_and_ask_nobody_else() {
    in_browser(async {
        if !built()? {
            return Ok(());
        }
        let address = serve(dist()?, "/some/path/").await?;
        let page = Page::open_at(&format!("{address}docs/introduction.html"), (1200, 900)).await?;
        page.until(
            "the element is there",
            "return !!customElements.get('lambda-playground') && !!document.querySelector('lambda-playground')",
        )
        .await?;
        let before = page
            .client
            .execute(
                "return performance.getEntriesByType('resource').filter(it => it.name.endsWith('.wasm')).length",
                vec![],
            )
            .await?;
        assert_eq!(before, 0, "nothing heavy is loaded before somebody asks");
        page.client
            .execute(
                "const embed = document.querySelector('lambda-playground'); \
                 embed.addEventListener('finished', e => window.told = e.detail); \
                 embed.shadowRoot.querySelector('button').click()",
                vec![],
            )
            .await?;
        page.until(
            "the example has run",
            "return window.told?.invocation?.outcome === 'succeeded'",
        )
        .await?;
        let strangers = page
            .client
            .execute(
                "return performance.getEntriesByType('resource').map(it => it.name) \
                 .filter(it => !it.startsWith(location.origin) && !it.startsWith('data:') && !it.startsWith('blob:'))",
                vec![],
            )
            .await?;
        assert_eq!(strangers, serde_json::json!([]));
        page.close().await
    });
}

#[test]
fn every_page_of_the_book_is_there_and_its_links_lead_somewhere() {
    in_browser(async {
        if !built()? {
            return Ok(());
        }
        let folder = dist()?.join("docs");
        let mut missing = Vec::new();
        let mut pages = 0;
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension().is_none_or(|it| it != "html") {
                continue;
            }
            pages += 1;
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            // What mdBook makes for addresses that are not there, and all pages in one.
            if ["404.html", "print.html", "toc.html"].contains(&name.as_str()) {
                continue;
            }
            let text = std::fs::read_to_string(&path)?;
            for part in text.split("href=\"").skip(1) {
                let target = part.split('"').next().unwrap_or_default();
                let file = target.split('#').next().unwrap_or_default();
                if file.is_empty() || file.contains(':') {
                    continue;
                }
                if !folder.join(file).exists() {
                    missing.push(format!("{name}: {target}"));
                }
            }
        }
        assert!(pages > 10, "{pages}");
        assert_eq!(missing, Vec::<String>::new());
        Ok(())
    });
}

/// A new version is fetched beside the old one and taken when the visitor says so.
#[test]
fn a_newer_version_is_offered_and_taken_and_the_work_stays() {
    in_browser(async {
        let folder =
            std::env::temp_dir().join(format!("lambda-playground-update-{}", std::process::id()));
        copy(&dist()?, &folder)?;
        if !folder.join("sw.js").exists() {
            eprintln!("passed over: a development build has no service worker");
            return Ok(());
        }
        let (address, _server) = serve_until(folder.clone(), "/some/path/").await?;
        let page = Page::open_at(&address, (1440, 900)).await?;
        page.ready().await?;
        page.set("memory-input", "640").await?;
        page.click("run").await?;
        page.text_when("result-status", |text| text.contains("succeeded"))
            .await?;
        page.until(
            "the service worker is at work",
            "return !!navigator.serviceWorker.controller",
        )
        .await?;
        page.until(
            "what was set up is kept",
            "return (sessionStorage.getItem('scenario') ?? '').startsWith('1.')",
        )
        .await?;

        // The next version: another page, named so in the service worker.
        let index = folder.join("index.html");
        let text = std::fs::read_to_string(&index)?;
        std::fs::write(
            &index,
            text.replace("<title>Lambda Playground", "<title>Newer Playground"),
        )?;
        let worker = folder.join("sw.js");
        let text = std::fs::read_to_string(&worker)?;
        let (before, rest) = text
            .split_once("\"index.html\": \"")
            .ok_or("no index.html in sw.js")?;
        let changed = format!("{before}\"index.html\": \"0{}", &rest[1..]).replacen(
            "const VERSION = \"",
            "const VERSION = \"0",
            1,
        );
        std::fs::write(&worker, changed)?;

        // The next visit still has the old one, whole, and hears of the new one.
        page.client.refresh().await?;
        page.ready().await?;
        assert_eq!(page.client.title().await?, "Lambda Playground");
        page.click("run").await?;
        page.until(
            "the newer version is offered",
            "return document.querySelector('[data-testid=update]')?.hidden === false",
        )
        .await?;
        page.client
            .execute(
                "document.querySelector('[data-testid=update] button').click()",
                vec![],
            )
            .await?;
        page.until(
            "it is taken",
            "return document.title === 'Newer Playground'",
        )
        .await?;
        page.ready().await?;
        page.text_when("memory-input", |text| text.replace(',', "") == "640")
            .await?;
        std::fs::remove_dir_all(folder)?;
        page.close().await
    });
}
