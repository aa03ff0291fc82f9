//! Watching a run: the picture of the service, jumps, moments in links; and what one has made outlives a reload.

use fantoccini::Locator;

use super::support::{Page, in_browser};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Takes note of what the page has kept so far.
async fn remember(page: &Page) -> Outcome {
    let script = "window.before = window.last = sessionStorage.getItem('scenario') || ''";
    page.client.execute(script, vec![]).await?;
    Ok(())
}

/// Waits until the page has kept something else since, and nothing new for a while: changes are kept once they have come to
/// rest.
async fn kept(page: &Page) -> Outcome {
    page.until(
        "it is kept",
        "const now = sessionStorage.getItem('scenario') || ''; \
         if (now !== window.last) { window.last = now; window.since = performance.now(); } \
         return now !== window.before && performance.now() - window.since > 2500",
    )
    .await
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
        page.press("\u{e011}").await?;
        page.press("e").await?;
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
        page.press("r").await?;
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
        page.press("\u{e011}").await?;
        page.press("e").await?;
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
        page.press("\u{e011}").await?;
        page.press("e").await?;
        // What is seen of it goes along: an enlarged timeline, a search, the table's order.
        page.press("ww").await?;
        page.set("find", "retry").await?;
        page.click("sort-duration").await?;
        let ticks = "return [...document.querySelectorAll('.time-tick')].map(tick => tick.textContent).join()";
        let seen = page.client.execute(ticks, vec![]).await?;
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
        page.text_when("find", |text| text == "retry").await?;
        page.until(
            "the table is in the same order",
            "return document.querySelector(`[data-testid='sort-duration']`).closest('th').ariaSort === 'descending'",
        )
        .await?;
        assert_eq!(page.client.execute(ticks, vec![]).await?, seen);

        // What is changed afterwards outlives a reload although the link still stands in the address.
        remember(&page).await?;
        page.set("timeout-input", "77").await?;
        kept(&page).await?;
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
        remember(&page).await?;
        page.click("example-flaky").await?;
        page.text_when("function-name", |text| {
            text.to_lowercase().contains("flaky")
        })
        .await?;
        page.click("trigger-sns").await?;
        page.text_when("event-editor", |text| text.contains("aws:sns"))
            .await?;
        page.set("memory-input", "333").await?;
        kept(&page).await?;
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

/// Five thousand requests to a model, with the clock at their start.
async fn busy(page: &Page) -> Outcome {
    page.ready().await?;
    page.load("direct", 1_000, 5).await?;
    page.click("run").await?;
    page.text_when("attempts-count", |text| text == "5,000")
        .await?;
    page.press("\u{e011}").await
}

#[test]
fn requests_too_quick_to_follow_are_dots_until_the_clock_rests() {
    in_browser(async {
        let page = Page::open().await?;
        busy(&page).await?;
        page.set("speed", "real").await?;
        page.press(" ").await?;
        page.until(
            "requests are dots, and none is a button",
            "return document.querySelectorAll('.dots path').length > 0 && document.querySelectorAll('.request').length === 0",
        )
        .await?;
        page.press(" ").await?;
        page.until(
            "requests are buttons again, and none is a dot",
            "return document.querySelectorAll('.request').length > 0 && document.querySelectorAll('.dots path').length === 0",
        )
        .await?;
        page.close().await
    });
}

#[test]
fn the_enlarged_timeline_is_dragged_with_ctrl() {
    in_browser(async {
        let page = Page::open().await?;
        busy(&page).await?;
        page.press("www").await?;
        let clock = page.text("clock").await?;
        let drag = "const lanes = document.querySelector('.timeline'); const box = lanes.getBoundingClientRect(); \
             const send = (type, x, buttons) => lanes.dispatchEvent(new PointerEvent(type, {bubbles: true, pointerId: 7, \
               button: type === 'pointermove' ? -1 : 0, buttons, ctrlKey: true, clientX: box.left + x, clientY: box.top + 60})); \
             send('pointerdown', 500, 1); send('pointermove', 420, 1); send('pointermove', 380, 1); send('pointerup', 380, 0);";
        let script = format!(
            "const [done] = arguments; const labels = () => [...document.querySelectorAll('.time-tick')]\
               .map(tick => [tick.textContent, tick.getBoundingClientRect().left]); \
             const before = new Map(labels()); {drag} \
             requestAnimationFrame(() => setTimeout(() => {{ \
               const both = labels().filter(([text]) => before.has(text)); \
               done(both.map(([text, left]) => Math.round(left - before.get(text)))); }}));"
        );
        let moved = page.client.execute_async(&script, vec![]).await?;
        let moved: Vec<i64> = serde_json::from_value(moved)?;
        // The one at the left edge says where one is, wherever that is.
        let moved: Vec<&i64> = moved.iter().filter(|by| **by != 0).collect();
        assert!(
            moved.len() > 3 && moved.iter().all(|by| **by == -120),
            "{moved:?}"
        );
        assert_eq!(page.text("clock").await?, clock, "the clock stays");
        page.close().await
    });
}

/// The durations of the first rows of the table, in milliseconds.
async fn durations(page: &Page) -> Result<Vec<f64>, Box<dyn std::error::Error>> {
    let cells = page
        .client
        .execute(
            "return [...document.querySelectorAll(`[data-testid='attempts'] tbody tr:not(.spacer)`)].slice(0, 10)\
               .map(row => parseFloat(row.cells[5].textContent.replace(/,/g, '')))",
            vec![],
        )
        .await?;
    Ok(serde_json::from_value(cells)?)
}

#[test]
fn the_table_is_put_in_order_by_a_press_on_a_columns_name() {
    in_browser(async {
        let page = Page::open().await?;
        busy(&page).await?;
        page.press("\u{e010}").await?;
        page.click("sort-duration").await?;
        page.until(
            "the longest come first",
            "return document.querySelector(`[data-testid='sort-duration']`).closest('th').ariaSort === 'descending'",
        )
        .await?;
        // The table was at its end, where the invocation is that is looked at; another order is seen from its beginning.
        page.until(
            "it is seen from its beginning",
            "return document.querySelector(`[data-testid='attempts-scroll']`).scrollTop === 0 \
             && document.querySelector(`[data-testid='attempts'] tbody tr.spacer`).hidden",
        )
        .await?;
        let falling = durations(&page).await?;
        assert!(
            falling.len() == 10 && falling.is_sorted_by(|a, b| a >= b),
            "{falling:?}"
        );
        // Among those that are searched for, too; and the other way round.
        page.set("find", "warm").await?;
        page.click("sort-duration").await?;
        page.text_when("attempts-count", |text| text.contains(" of "))
            .await?;
        let rising = durations(&page).await?;
        assert!(rising.len() == 10 && rising.is_sorted(), "{rising:?}");
        assert!(rising[0] < falling[9], "{rising:?}");
        page.close().await
    });
}
