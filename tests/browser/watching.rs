//! Watching a run: the picture of the service, jumps, moments in links; and what one has made outlives a reload.

use fantoccini::Locator;

use super::support::{Page, in_browser};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Presses keys as a person does who has clicked nothing.
async fn keys(page: &Page, keys: &str) -> Outcome {
    let body = page.client.find(Locator::Css("body")).await?;
    body.send_keys(keys).await?;
    Ok(())
}

/// An S3 event whose function dies three times, with the cursor at its end.
async fn three_tries(page: &Page) -> Outcome {
    page.ready().await?;
    page.click("example-hungry").await?;
    page.text_when("function-name", |text| {
        text.to_lowercase().contains("hungry")
    })
    .await?;
    page.click("trigger-s3").await?;
    page.click("run").await?;
    page.text_when("log", |text| text.matches("REPORT RequestId").count() == 3)
        .await?;
    Ok(())
}

#[test]
fn the_picture_shows_the_service_at_the_cursor() {
    in_browser(async {
        let page = Page::open().await?;
        three_tries(&page).await?;
        let end = page.text("picture").await?;
        assert!(
            end.contains("202 × 1") && end.contains("1 given up"),
            "{end}"
        );

        // From the end back to the first error: the event waits in the queue for its second try.
        keys(&page, "\u{e011}").await?;
        keys(&page, "e").await?;
        page.text_when("picture", |text| {
            text.contains("1 event") && text.contains("try 2 in")
        })
        .await?;
        // Its mark selects it.
        page.until(
            "a mark stands in the queue",
            "const mark = document.querySelector('.request.queued'); mark?.click(); return !!mark",
        )
        .await?;
        keys(&page, "r").await?;
        page.text_when("picture", |text| {
            text.contains("busy") || text.contains("initialising")
        })
        .await?;
        page.close().await
    });
}

#[test]
fn what_stands_on_the_stage_leads_to_its_story() {
    in_browser(async {
        let page = Page::open().await?;
        three_tries(&page).await?;
        keys(&page, "\u{e011}").await?;
        keys(&page, "e").await?;
        // By keyboard: the event queue, in which the event waits for its second try.
        let queue = page
            .client
            .find(Locator::Css(".at-event-queue .press"))
            .await?;
        queue.send_keys("\u{e007}").await?;
        let story = page
            .text_when("queue-story", |text| text.contains("Waiting now"))
            .await?;
        assert!(story.contains("1, try 2"), "{story}");
        page.until(
            "the story has the focus",
            "return document.activeElement?.closest(`[data-testid='queue-story']`) !== null",
        )
        .await?;
        // Its environment, and what was served there.
        page.client
            .execute("document.querySelector('.room').click()", vec![])
            .await?;
        page.text_when("environment-story", |text| {
            text.contains("Environment 1")
                && text.contains("1, try 1")
                && text.contains("Memory over its life")
        })
        .await?;
        // Whoever goes to an invocation from there sees it.
        page.client
            .execute(
                "document.querySelector('.around .row-button').click()",
                vec![],
            )
            .await?;
        page.text_when("lambda-payload", |text| !text.is_empty())
            .await?;
        page.close().await
    });
}

#[test]
fn json_is_a_tree_that_is_folded_by_keys() {
    in_browser(async {
        let page = Page::open().await?;
        page.ready().await?;
        page.click("run").await?;
        page.text_when("lambda-payload", |text| text.contains("statusCode"))
            .await?;
        let fold = "[data-testid='lambda-payload'] .json > details > summary";
        let fold = page.client.find(Locator::Css(fold)).await?;
        fold.send_keys("\u{e007}").await?;
        page.text_when("lambda-payload", |text| {
            !text.contains("statusCode") && text.contains('}')
        })
        .await?;
        fold.send_keys("\u{e007}").await?;
        page.text_when("lambda-payload", |text| text.contains("statusCode"))
            .await?;
        page.close().await
    });
}

#[test]
fn a_link_to_a_moment_opens_at_that_moment() {
    in_browser(async {
        let page = Page::open().await?;
        three_tries(&page).await?;
        keys(&page, "\u{e011}").await?;
        keys(&page, "e").await?;
        let clock = page.text("clock").await?;
        page.click("share").await?;
        page.until(
            "the link is made",
            "return document.querySelector(`[data-testid='share-link']`)?.value.includes('#s=')",
        )
        .await?;
        page.click("share-moment").await?;
        let link = page
            .client
            .execute(
                "return document.querySelector(`[data-testid='share-link']`).value",
                vec![],
            )
            .await?;
        let link = link.as_str().ok_or("no link")?.to_owned();
        assert!(link.contains("&at="), "{link}");
        page.client.goto("about:blank").await?;
        page.client.goto(&link).await?;
        page.ready().await?;
        page.text_when("clock", |text| text == clock).await?;

        // What is changed afterwards outlives a reload although the link still stands in the address.
        page.set("timeout-input", "77").await?;
        page.until(
            "it is kept",
            "return (sessionStorage.getItem('scenario') || '') !== (window.before ??= sessionStorage.getItem('scenario') || '') || performance.now() > 4000",
        )
        .await?;
        page.client.refresh().await?;
        page.ready().await?;
        page.text_when("timeout-input", |text| text == "77").await?;
        page.close().await
    });
}

#[test]
fn a_reload_loses_nothing_and_undo_takes_back() {
    in_browser(async {
        let page = Page::open().await?;
        page.ready().await?;
        page.text_when("function-name", |text| !text.is_empty())
            .await?;
        page.click("example-flaky").await?;
        page.text_when("function-name", |text| {
            text.to_lowercase().contains("flaky")
        })
        .await?;
        page.click("trigger-sns").await?;
        page.text_when("event-editor", |text| text.contains("aws:sns"))
            .await?;
        page.set("memory-input", "333").await?;
        page.until(
            "it is kept",
            "return (sessionStorage.getItem('scenario') || '') !== (window.before ??= sessionStorage.getItem('scenario') || '') || performance.now() > 3000",
        )
        .await?;
        page.client.refresh().await?;
        page.ready().await?;
        page.text_when("function-name", |text| {
            text.to_lowercase().contains("flaky")
        })
        .await?;
        page.text_when("memory-input", |text| text == "333").await?;
        page.text_when("event-editor", |text| text.contains("aws:sns"))
            .await?;

        page.set("memory-input", "444").await?;
        // Whoever clicks elsewhere leaves the field.
        page.client
            .execute("document.querySelector(`[data-testid='memory-input']`).dispatchEvent(new Event('blur'))", vec![])
            .await?;
        page.click("undo").await?;
        page.text_when("memory-input", |text| text == "333").await?;
        page.click("redo").await?;
        page.text_when("memory-input", |text| text == "444").await?;
        page.close().await
    });
}
