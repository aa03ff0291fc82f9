//! Settings that are described as data: found by keyboard, refused in Lambda's words, carried by links.

use super::support::{Outcome, Page, in_browser};

/// Opens a fold as somebody does who has no mouse: focus and Enter.
async fn unfold(page: &Page, fold: &str) -> Outcome {
    let script = format!(
        "const fold = document.querySelector(`[data-testid='{fold}']`); if (!fold) return false; \
         fold.querySelector('summary').focus(); return document.activeElement.tagName === 'SUMMARY'"
    );
    page.until(&format!("{fold} has the focus"), &script)
        .await?;
    type_keys(page, "\u{E007}").await?;
    page.until(
        &format!("{fold} is open"),
        &format!("return document.querySelector(`[data-testid='{fold}']`).open"),
    )
    .await
}

/// Types into whatever has the focus.
async fn type_keys(page: &Page, keys: &str) -> Outcome {
    page.client.active_element().await?.send_keys(keys).await?;
    Ok(())
}

async fn loaded() -> Result<Page, Box<dyn std::error::Error>> {
    let page = Page::open().await?;
    page.ready().await?;
    page.text_when("function-name", |text| !text.is_empty())
        .await?;
    Ok(page)
}

#[test]
fn a_mapping_is_refused_in_lambdas_words_and_the_last_good_run_stays() {
    in_browser(async {
        let page = loaded().await?;
        // A function that is called directly has no mapping.
        let none = "return !document.querySelector(`[data-testid='mapping-settings']`)";
        page.until("there is no mapping", none).await?;
        page.click("trigger-sqs").await?;
        page.click("run").await?;
        page.text_when("log", |text| text.contains("REPORT RequestId"))
            .await?;
        unfold(&page, "mapping-settings").await?;
        page.set("mapping-BatchSize", "11").await?;
        let said = page
            .text_when("mapping-settings", |text| {
                text.contains("must be greater than 0")
            })
            .await?;
        assert!(
            said.contains(
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
            ),
            "{said}"
        );
        let log = page.text("log").await?;
        assert!(log.contains("REPORT RequestId"), "the last good run stays");
        page.set("mapping-MaximumBatchingWindowInSeconds", "2")
            .await?;
        page.text_when("mapping-settings", |text| {
            !text.contains("must be greater than 0")
        })
        .await?;
        // Standard queues have no groups; the visibility timeout is the queue's.
        page.until(
            "deduplication is not offered",
            "return document.querySelector(`[data-testid='mapping-ContentBasedDeduplication']`) \
                 .closest('.setting').hidden",
        )
        .await?;
        page.close().await
    });
}

#[test]
fn a_drill_is_ordered_by_keyboard_and_makes_the_function_fail() {
    in_browser(async {
        let page = loaded().await?;
        unfold(&page, "drill-settings").await?;
        // The next stop is the button.
        type_keys(&page, "\u{E004}").await?;
        type_keys(&page, "\u{E007}").await?;
        page.find("drill-0-per_million").await?;
        page.set("drill-0-per_million", "100").await?;
        page.click("run").await?;
        page.text_when("lambda-payload", |text| text.contains("Drill.Error"))
            .await?;
        // What is wrong with a drill is said at the drill.
        page.set("drill-0-per_million", "101").await?;
        page.text_when("drill-0", |text| text.contains("more than all"))
            .await?;
        page.set("drill-0-trouble", "poison").await?;
        page.set("drill-0-text", "no such text").await?;
        page.text_when("lambda-payload", |text| !text.contains("Drill."))
            .await?;
        page.close().await
    });
}

#[test]
fn a_further_function_takes_requests_of_its_own_and_a_link_carries_it() {
    in_browser(async {
        let page = loaded().await?;
        unfold(&page, "functions-settings").await?;
        page.click("add-function").await?;
        page.set("function-1-name", "orders").await?;
        page.set("model-1-response", "\"from orders\"").await?;
        page.click("trigger-direct").await?;
        unfold(&page, "request-settings").await?;
        page.set("request-function", "orders").await?;
        page.click("run").await?;
        page.text_when("lambda-payload", |text| text.contains("from orders"))
            .await?;
        // A name that Lambda does not take.
        page.set("function-1-name", "or ders").await?;
        page.text_when("functions-settings", |text| {
            text.contains("failed to satisfy constraint")
        })
        .await?;
        page.set("function-1-name", "orders-2").await?;
        page.text_when("lambda-payload", |text| text.contains("from orders"))
            .await?;
        page.click("share").await?;
        let link = page
            .text_when("share-link", |text| text.contains("#s="))
            .await?;
        page.client.goto("about:blank").await?;
        page.client.goto(&link).await?;
        page.text_when("lambda-payload", |text| text.contains("from orders"))
            .await?;
        page.until(
            "nothing was left out",
            "return !document.querySelector(`[data-testid='link-problems']`)",
        )
        .await?;
        page.text_when("functions-settings", |text| text.contains("orders-2"))
            .await?;
        page.close().await
    });
}

#[test]
fn two_modules_run_beside_each_other_and_a_link_carries_both() {
    in_browser(async {
        let page = loaded().await?;
        unfold(&page, "functions-settings").await?;
        page.click("add-loaded").await?;
        page.click("example-flaky").await?;
        page.text_when("function-name", |text| {
            text.to_lowercase().contains("flaky")
        })
        .await?;
        page.click("trigger-direct").await?;
        unfold(&page, "request-settings").await?;
        page.set("request-function", "hello-2").await?;
        page.click("run").await?;
        page.text_when("lambda-payload", |text| text.contains("Hello"))
            .await?;
        page.click("share").await?;
        let link = page
            .text_when("share-link", |text| text.contains("#s="))
            .await?;
        page.client.goto("about:blank").await?;
        page.client.goto(&link).await?;
        page.text_when("lambda-payload", |text| text.contains("Hello"))
            .await?;
        page.text_when("function-name", |text| {
            text.to_lowercase().contains("flaky")
        })
        .await?;
        page.close().await
    });
}

#[test]
fn an_alias_with_provisioned_concurrency_is_called_by_name() {
    in_browser(async {
        let page = loaded().await?;
        unfold(&page, "version-settings").await?;
        page.click("add-alias-0").await?;
        page.set("alias-0-0-name", "blue").await?;
        page.set("alias-0-0-provisioned", "2").await?;
        unfold(&page, "request-settings").await?;
        page.set("request-qualifier", "blue").await?;
        page.click("run").await?;
        let log = page
            .text_when("log", |text| text.contains("REPORT RequestId"))
            .await?;
        assert!(log.contains("Version: 1"), "{log}");
        // Versions that are not there.
        page.set("alias-0-0-version", "7").await?;
        page.text_when("alias-0-0", |text| text.contains("no version 7"))
            .await?;
        page.close().await
    });
}

#[test]
fn a_pasted_list_of_times_is_a_load() {
    in_browser(async {
        let page = loaded().await?;
        let open =
            "document.querySelector(`[data-testid='load-settings']`).open = true; return true";
        page.until("the settings are open", open).await?;
        page.set("load-kind", "times").await?;
        page.set(
            "load-times",
            "2026-01-05T12:00:00Z\n2026-01-05T12:00:02.5Z\nnoon",
        )
        .await?;
        page.text_when("load-times-problems", |text| {
            text.contains("'noon' is no time")
        })
        .await?;
        page.set("load-times", "0, 1, 2.5").await?;
        page.set("load-runs", "model").await?;
        page.click("run").await?;
        page.text_when("totals", |text| {
            text.contains("Requests\n3") || text.contains("Requests 3")
        })
        .await?;
        page.close().await
    });
}
