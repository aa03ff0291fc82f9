//! The command palette: everything by name, with the keyboard alone; and Back, which comes back from a guide.

use super::support::{Page, in_browser};

type Outcome = Result<(), Box<dyn std::error::Error>>;

const CTRL: char = '\u{e009}';
const DOWN: char = '\u{e015}';
const ENTER: char = '\u{e007}';
const ESCAPE: char = '\u{e00c}';

/// Presses Ctrl K, and types.
async fn ask(page: &Page, text: &str) -> Outcome {
    page.press(&format!("{CTRL}k")).await?;
    page.until(
        "the palette has the focus",
        "return document.activeElement?.dataset.testid === 'commands-search'",
    )
    .await?;
    type_in(page, text).await
}

async fn type_in(page: &Page, keys: &str) -> Outcome {
    page.find("commands-search").await?.send_keys(keys).await?;
    Ok(())
}

/// The name of the command that Enter would take.
async fn chosen(page: &Page, name: &str) -> Outcome {
    page.until(
        "the command is chosen",
        &format!(
            "const id = document.activeElement.getAttribute('aria-activedescendant'); \
             const row = document.getElementById(id); \
             return row?.getAttribute('aria-selected') === 'true' && row.firstElementChild.textContent === '{name}'"
        ),
    )
    .await
}

#[test]
fn commands_are_found_by_name_and_done() {
    in_browser(async {
        let page = Page::open().await?;
        page.ready().await?;
        ask(&page, "s3").await?;
        chosen(&page, "Trigger: S3").await?;
        type_in(&page, &ENTER.to_string()).await?;
        page.until(
            "S3 is the trigger, and the palette closed",
            "return document.querySelector(`[data-testid='trigger-s3']`).getAttribute('aria-pressed') === 'true' \
             && !document.querySelector('dialog[open]')",
        )
        .await?;
        // A number is a memory size, whichever.
        ask(&page, "600").await?;
        chosen(&page, "Memory: 600 MB").await?;
        type_in(&page, &ENTER.to_string()).await?;
        page.until(
            "the memory is set",
            "return document.querySelector(`[data-testid='memory-input']`).value === '600'",
        )
        .await?;
        // Before a run nothing is to be watched.
        ask(&page, "next error").await?;
        page.until(
            "nothing is found",
            "return document.querySelectorAll(`[data-testid='commands-list'] li`).length === 0",
        )
        .await?;
        type_in(&page, &ESCAPE.to_string()).await?;
        page.until(
            "Esc closes it",
            "return !document.querySelector('dialog[open]')",
        )
        .await?;
        // By arrows: Run is the first of all, and is come back to from below it.
        ask(&page, "").await?;
        chosen(&page, "Run").await?;
        type_in(&page, &format!("{DOWN}")).await?;
        chosen(&page, "Power tuning: try every memory size").await?;
        type_in(&page, &format!("\u{e013}{ENTER}")).await?;
        page.text_when("log", |text| text.contains("REPORT RequestId"))
            .await?;
        page.close().await
    });
}

#[test]
fn back_comes_back_from_a_guide() {
    in_browser(async {
        let page = Page::open().await?;
        page.ready().await?;
        ask(&page, "guide cold").await?;
        type_in(&page, &ENTER.to_string()).await?;
        page.until(
            "the guide is open",
            "return location.hash.startsWith('#guide=') && !!document.querySelector('.guide')",
        )
        .await?;
        page.client.back().await?;
        page.until(
            "the guide is closed, on the same page",
            "return location.hash === '' && !document.querySelector('.guide') \
             && document.documentElement.dataset.engine === 'ready'",
        )
        .await?;
        page.close().await
    });
}
