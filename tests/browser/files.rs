//! Files, pictures, and functions that are kept elsewhere, as a visitor meets them.

use lambda_playground::scenario::link::{Shared, SharedCode, to_link};
use lambda_playground::scenario::{Arrival, Scenario};
use lambda_playground::session::hash_of;

use super::support::{Page, copy, dist, function, in_browser, serve};

/// Drops a text on the page as a file.
async fn drop_file(page: &Page, name: &str, text: &str) -> Result<(), Box<dyn std::error::Error>> {
    page.client
        .execute(
            "const data = new DataTransfer(); data.items.add(new File([arguments[1]], arguments[0])); \
             const target = document.querySelector('main') ?? document.body; \
             for (const type of ['dragenter', 'dragover', 'drop']) \
                target.dispatchEvent(new DragEvent(type, {dataTransfer: data, bubbles: true, cancelable: true}))",
            vec![name.into(), text.into()],
        )
        .await?;
    Ok(())
}

#[test]
fn a_sam_template_that_is_dropped_sets_the_page_up_and_says_what_it_left_out() {
    in_browser(async {
        let page = Page::open().await?;
        page.ready().await?;
        let template = "Resources:\n  Orders:\n    Type: AWS::Serverless::Function\n    Properties:\n      MemorySize: 1769\n      \
             Timeout: 20\n      Runtime: python3.13\n      Events:\n        Web: {Type: HttpApi, Properties: {Path: /orders, Method: post}}\n        \
             Odd: {Type: Carrier pigeon}\n";
        drop_file(&page, "template.yaml", template).await?;
        page.text_when("memory-input", |text| text.replace(',', "") == "1769")
            .await?;
        page.until(
            "what was left out is listed with its line",
            "return document.body.innerText.includes('line 10, Resources.Orders.Properties.Events.Odd')",
        )
        .await?;
        page.text_when("log", |text| text.contains("Memory Size: 1769 MB"))
            .await?;
        page.close().await
    });
}

/// The bucket takes what is dropped on it, also what the page would take for a module, and the event tells the real thing.
#[test]
fn a_file_that_is_dropped_on_the_bucket_is_in_the_event() {
    in_browser(async {
        let page = Page::open().await?;
        page.ready().await?;
        page.click("trigger-s3").await?;
        page.until(
            "the bucket is there",
            "return !!document.querySelector('[data-testid=bucket]')",
        )
        .await?;
        page.client
            .execute(
                "const data = new DataTransfer(); data.items.add(new File(['hello'], 'my photo.wasm')); \
                 const target = document.querySelector('[data-testid=bucket]'); \
                 for (const type of ['dragenter', 'dragover', 'drop']) \
                    target.dispatchEvent(new DragEvent(type, {dataTransfer: data, bubbles: true, cancelable: true}))",
                vec![],
            )
            .await?;
        page.text_when("bucket-said", |text| {
            text.contains("my photo.wasm, 5 bytes")
        })
        .await?;
        // The MD5 of `hello`, and the key as S3 writes it.
        page.until(
            "the event has name, size and ETag",
            "const text = document.querySelector('[data-testid=event-editor]')?.value ?? document.body.innerText; \
             return text.includes('my+photo.wasm') && text.includes('\"size\": 5') \
                && text.includes('5d41402abc4b2a76b9719d911017c592')",
        )
        .await?;
        page.close().await
    });
}

/// What the page hands to the browser as a file, read back in the page.
const CAUGHT: &str = "window.saved = []; const old = URL.createObjectURL; \
    URL.createObjectURL = (blob) => { blob.arrayBuffer().then(it => saved.push({type: blob.type, bytes: it.byteLength, \
        head: [...new Uint8Array(it.slice(0, 8))], text: new TextDecoder().decode(it).slice(0, 60000)})); return old(blob) };";

#[test]
fn pictures_and_projects_are_saved() {
    in_browser(async {
        let page = Page::open().await?;
        page.ready().await?;
        page.click("run").await?;
        page.text_when("result-status", |text| text.contains("succeeded"))
            .await?;
        page.client.execute(CAUGHT, vec![]).await?;
        let saved = |count: usize| format!("return saved.length === {count}");
        page.click("share").await?;
        page.text_when("share-embed", |text| {
            text.contains("<lambda-playground view=\"timeline, result\" scenario=\"1.")
                && text.contains("alt=\"A run of")
        })
        .await?;
        page.click("share-svg").await?;
        page.until("the SVG is saved", &saved(1)).await?;
        page.click("share-stage").await?;
        page.click("share-dark").await?;
        page.click("share-png").await?;
        page.until("the PNG is saved", &saved(2)).await?;
        page.client
            .execute("document.getElementById('share').close()", vec![])
            .await?;
        page.client
            .execute(
                "document.querySelector('[data-testid=save-sam]').click()",
                vec![],
            )
            .await?;
        page.until("the project is saved", &saved(3)).await?;
        let all = page.client.execute("return saved", vec![]).await?;
        assert!(
            all[0]["text"]
                .as_str()
                .unwrap_or_default()
                .starts_with("<svg "),
            "{all}"
        );
        // PNG's and ZIP's own beginnings.
        assert_eq!(
            all[1]["head"],
            serde_json::json!([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
        );
        assert!(
            all[1]["bytes"].as_u64().unwrap_or_default() > 5_000,
            "{}",
            all[1]["bytes"]
        );
        assert_eq!(all[2]["head"][0], 0x50);
        page.close().await
    });
}

/// A link whose function is kept at an address.
fn link_to(address: &str) -> Result<String, Box<dyn std::error::Error>> {
    let bytes = std::fs::read(function("primes"))?;
    let scenario = Scenario {
        module: hash_of(&bytes),
        arrivals: vec![Arrival {
            payload: "{\"n\": 1000}".to_owned(),
            ..Arrival::default()
        }],
        ..Scenario::default()
    };
    Ok(to_link(&Shared {
        scenario,
        name: "primes.wasm".to_owned(),
        code: SharedCode::At(address.to_owned()),
        others: Vec::new(),
        draft: None,
    }))
}

#[test]
fn a_function_kept_on_the_pages_own_host_is_fetched_and_checked() {
    in_browser(async {
        let folder =
            std::env::temp_dir().join(format!("lambda-playground-kept-{}", std::process::id()));
        copy(&dist()?, &folder)?;
        std::fs::create_dir_all(folder.join("mine"))?;
        std::fs::copy(function("primes"), folder.join("mine/primes.wasm"))?;
        std::fs::copy(function("counter"), folder.join("mine/other.wasm"))?;
        let address = serve(folder.clone(), "/some/path/").await?;
        let page = Page::open_at(
            &format!("{address}#s={}", link_to("mine/primes.wasm")?),
            (1440, 900),
        )
        .await?;
        page.text_when("result-status", |text| text.contains("succeeded"))
            .await?;

        // Another file under that address is not passed off as it.
        page.client.goto("about:blank").await?;
        page.client
            .goto(&format!("{address}#s={}", link_to("mine/other.wasm")?))
            .await?;
        page.until(
            "the page says that it is another file",
            "return document.body.innerText.includes('is not the link\\u2019s function') || document.body.innerText.includes(\"is not the link's function\")",
        )
        .await?;
        std::fs::remove_dir_all(folder)?;
        page.close().await
    });
}

#[test]
fn a_function_kept_elsewhere_is_asked_for_and_never_fetched() {
    in_browser(async {
        let elsewhere = serve(
            function("primes")
                .parent()
                .map(Into::into)
                .unwrap_or_default(),
            "/",
        )
        .await?;
        let address = serve(dist()?, "/some/path/").await?;
        // A host of its own by its port, on this machine.
        let link = link_to(&format!("{elsewhere}primes.wasm"))?;
        let page = Page::open_at(&format!("{address}#s={link}"), (1440, 900)).await?;
        page.until(
            "the page says where the function is",
            "return document.body.innerText.includes('is kept at http://127.0.0.1')",
        )
        .await?;
        let fetched = page
            .client
            .execute(
                "return performance.getEntriesByType('resource').map(it => it.name).filter(it => !it.startsWith(location.origin))",
                vec![],
            )
            .await?;
        assert_eq!(fetched, serde_json::json!([]));
        // The file, brought by the reader, is what was missing.
        page.upload(&function("primes")).await?;
        page.text_when("result-status", |text| text.contains("succeeded"))
            .await?;
        page.close().await
    });
}

#[test]
fn what_was_worked_on_before_can_be_taken_up_again() {
    in_browser(async {
        let page = Page::open().await?;
        page.ready().await?;
        page.set("memory-input", "640").await?;
        page.click("run").await?;
        page.until(
            "it is kept",
            "return (localStorage.getItem('recent') ?? '').includes('1.')",
        )
        .await?;
        page.click("example-primes").await?;
        page.click("run").await?;
        page.until(
            "both are kept",
            "return (localStorage.getItem('recent') ?? '').trim().split('\\n').length === 2",
        )
        .await?;
        page.client
            .execute(
                "document.getElementById('files').showModal(); document.querySelector('[data-testid=recent-list]').open = true",
                vec![],
            )
            .await?;
        page.until(
            "both are listed",
            "return document.querySelectorAll('[data-testid=recent]').length === 2",
        )
        .await?;
        page.client
            .execute(
                "document.querySelectorAll('[data-testid=recent]')[1].click()",
                vec![],
            )
            .await?;
        page.text_when("memory-input", |text| text.replace(',', "") == "640")
            .await?;
        page.close().await
    });
}
