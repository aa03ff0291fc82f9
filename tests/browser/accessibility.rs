//! The page for everyone: WCAG 2.2 AA as far as a program can tell (axe-core), in every state that a visitor meets, at two
//! widths and in two themes; a page that stays where it is while it runs; and one that fits the smallest screens.

use std::path::PathBuf;

use super::support::{Page, dist, in_browser, serve};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Windows in which everything is checked: so high that nothing is cut off by scrolling, which axe-core would take for small.
const WINDOWS: [(u32, u32); 2] = [(1440, 6_000), (500, 9_000)];

/// axe-core, which `scripts/test` installs and names; none on a fresh checkout.
fn axe() -> Option<PathBuf> {
    let path = PathBuf::from(std::env::var_os("LAMBDA_PLAYGROUND_AXE")?);
    path.exists().then_some(path)
}

/// Puts axe-core into the page. It comes through the driver, so the page's policy does not stand in its way.
async fn load_axe(page: &Page) -> Outcome {
    let path = axe().ok_or("axe-core is not there: run scripts/setup")?;
    let source = std::fs::read_to_string(path)?;
    page.client.execute(&source, vec![]).await?;
    Ok(())
}

/// Whether axe-core may be missing, as a browser may.
fn passed_over() -> bool {
    let required = std::env::var_os("LAMBDA_PLAYGROUND_REQUIRE_BROWSER").is_some();
    let missing = axe().is_none() && !required;
    if missing {
        eprintln!("passed over: axe-core is not there; scripts/test sees to it");
    }
    missing
}

/// Everything that axe-core has against the page as it is, in both themes, a line each.
async fn violations(page: &Page, state: &str, found: &mut Vec<String>) -> Outcome {
    for theme in ["light", "dark"] {
        let script = "const [theme, done] = arguments; \
             document.documentElement.dataset.theme = theme; \
             const frame = () => new Promise((go) => requestAnimationFrame(go)); \
             const settled = () => Promise.all(document.getAnimations() \
                 .filter((it) => it.effect.getComputedTiming().endTime !== Infinity).map((it) => it.finished.catch(() => {}))); \
             frame().then(frame).then(settled).then(() => axe.run(document, {runOnly: {type: 'tag', \
                 values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}, \
                 resultTypes: ['violations']})) \
             .then((result) => done(result.violations.flatMap((rule) => rule.nodes.map((node) => \
                 `${rule.id} (${rule.impact}): ${node.target.join(' ')} - ${node.any.concat(node.all, node.none) \
                     .map((check) => check.message).join('; ')} - ${node.html.slice(0, 160)}`)))) \
             .catch((error) => done([`axe failed: ${error}`]));";
        let list = page
            .client
            .execute_async(script, vec![theme.into()])
            .await?;
        for line in list.as_array().into_iter().flatten() {
            found.push(format!(
                "{state}, {theme}: {}",
                line.as_str().unwrap_or_default()
            ));
        }
    }
    Ok(())
}

/// Waits until a run is shown and the page has settled.
async fn run_shown(page: &Page) -> Outcome {
    page.text_when("result-status", |text| text.contains("Execution result"))
        .await?;
    Ok(())
}

async fn check_at(window: (u32, u32), found: &mut Vec<String>) -> Outcome {
    let address = serve(dist()?, "/some/path/").await?;
    let page = Page::open_at(&address, window).await?;
    page.ready().await?;
    page.text_when("function-name", |text| !text.is_empty())
        .await?;
    load_axe(&page).await?;
    let at = |state: &str| format!("{} px, {state}", window.0);
    violations(&page, &at("first visit"), found).await?;

    page.click("run").await?;
    run_shown(&page).await?;
    violations(&page, &at("after a run"), found).await?;

    for dialog in ["guides", "commands", "files", "share"] {
        page.click(dialog).await?;
        page.until(
            "a sheet is open",
            "return !!document.querySelector('dialog[open]')",
        )
        .await?;
        violations(&page, &at(dialog), found).await?;
        page.client
            .execute("document.querySelector('dialog[open]').close()", vec![])
            .await?;
    }
    for dialog in ["help", "differs"] {
        page.client
            .execute(
                "document.getElementById(arguments[0]).showModal()",
                vec![dialog.into()],
            )
            .await?;
        violations(&page, &at(dialog), found).await?;
        page.client
            .execute("document.querySelector('dialog[open]').close()", vec![])
            .await?;
    }

    for about in ["environment", "queue", "destinations"] {
        page.click(&format!("about-{about}")).await?;
        page.until(
            "its story is told",
            "return !!document.querySelector('.around h3')",
        )
        .await?;
        violations(&page, &at(about), found).await?;
    }
    page.click("about-invocation").await?;

    // By script: on a narrow screen the foot of the page may lie over it.
    page.client
        .execute(
            "document.querySelector(`[data-testid='tune']`).click()",
            vec![],
        )
        .await?;
    page.until(
        "every size was tried",
        "return document.querySelectorAll(`[data-testid='tuning-remarks'] li`).length > 0 \
         && document.querySelector(`[data-testid='tune']`).innerText.includes('Try')",
    )
    .await?;
    violations(&page, &at("tuning"), found).await?;

    page.set("event-editor", "{\"a\": ").await?;
    page.until(
        "the error is told",
        "return document.querySelector(`[data-testid='event-editor']`).getAttribute('aria-invalid') === 'true' \
         || /JSON/.test(document.body.innerText)",
    )
    .await?;
    violations(&page, &at("an event with an error"), found).await?;
    page.close().await?;

    let page = Page::open_at(&format!("{address}#guide=async-error.3"), window).await?;
    page.ready().await?;
    run_shown(&page).await?;
    load_axe(&page).await?;
    violations(&page, &at("a guide, after errors"), found).await?;
    page.close().await
}

#[test]
fn axe_has_nothing_against_any_state() {
    if passed_over() {
        return;
    }
    in_browser(async {
        let mut found = Vec::new();
        for window in WINDOWS {
            check_at(window, &mut found).await?;
        }
        assert!(
            found.is_empty(),
            "{} violations:\n{}",
            found.len(),
            found.join("\n")
        );
        Ok(())
    });
}

/// Runs an example, plays it from its beginning to its end, and answers what shifted meanwhile: the sum of all layout shifts,
/// and what moved in each, a line each.
async fn played(
    window: (u32, u32),
    example: &str,
    trigger: &str,
) -> Result<(f64, String), Box<dyn std::error::Error>> {
    let address = serve(dist()?, "/some/path/").await?;
    let page = Page::open_at(&address, window).await?;
    page.ready().await?;
    let press = "document.querySelector(`[data-testid='${arguments[0]}']`).click()";
    let wanted = format!("example-{example}");
    page.find(&wanted).await?;
    page.client.execute(press, vec![wanted.into()]).await?;
    page.text_when("function-name", |text| {
        text.to_lowercase().contains(example)
    })
    .await?;
    for id in [format!("trigger-{trigger}"), "run".to_owned()] {
        page.client.execute(press, vec![id.into()]).await?;
    }
    run_shown(&page).await?;
    // From here on nothing is pressed but Play: whatever shifts, shifts by itself.
    page.client
        .execute(
            "window.shifts = []; \
             const name = (node) => { const element = node?.nodeType === 3 ? node.parentElement : node; \
                 return element ? `${element.nodeName}.${element.className?.baseVal ?? element.className}` : '?'; }; \
             new PerformanceObserver((list) => { for (const entry of list.getEntries()) { \
                 window.shifts.push([entry.value, entry.sources.map((source) => name(source.node)).join(', ')]); } }) \
             .observe({type: 'layout-shift'}); \
             document.activeElement.blur(); \
             document.querySelector('.transport').scrollIntoView();",
            vec![],
        )
        .await?;
    page.client.execute(press, vec!["play".into()]).await?;
    page.until(
        "it has been played to its end",
        "const clock = document.querySelector(`[data-testid='clock']`)?.innerText; \
         window.clocks = (window.clocks || new Set()).add(clock); \
         return window.clocks.size > 5 && !!document.querySelector(`[data-testid='play'][aria-label='Play']`)",
    )
    .await?;
    let shifts = page.client.execute("return window.shifts", vec![]).await?;
    let shifts: Vec<(f64, String)> = serde_json::from_value(shifts)?;
    page.close().await?;
    let sum = shifts.iter().map(|(value, _)| value).sum();
    let told = shifts
        .iter()
        .map(|(value, what)| format!("{value:.4}: {what}\n"));
    Ok((sum, told.collect()))
}

#[test]
fn nothing_moves_by_itself_while_a_run_plays() {
    in_browser(async {
        for window in [(1440, 900), (500, 844)] {
            for (example, trigger) in [("flaky", "s3"), ("primes", "direct"), ("flaky", "sqs")] {
                let (sum, told) = played(window, example, trigger).await?;
                assert!(
                    sum < 0.001,
                    "{window:?}, {example} by {trigger}: the page shifts by {sum:.4}:\n{told}"
                );
            }
        }
        Ok(())
    });
}

#[test]
fn the_smallest_screens_show_everything() {
    in_browser(async {
        // Chromium's window is never narrower than 500 px, and the page's policy allows no frames: a page beside it has one of
        // 360 px.
        let folder =
            std::env::temp_dir().join(format!("lambda-playground-small-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder)?;
        std::os::unix::fs::symlink(dist()?, folder.join("page"))?;
        std::fs::write(folder.join("small.html"), "<!doctype html><body>")?;
        let address = serve(folder.clone(), "/some/path/").await?;
        for fragment in ["", "#guide=async-error.3", "#guide=poison-message.2"] {
            let page = Page::open_at(&format!("{address}small.html"), (500, 800)).await?;
            page.client
                .execute(
                    "const frame = document.createElement('iframe'); \
                     frame.id = 'small'; frame.style.cssText = 'width:360px;height:780px;border:0'; \
                     frame.src = 'page/index.html' + arguments[0]; document.body.replaceChildren(frame);",
                    vec![fragment.into()],
                )
                .await?;
            page.until(
                "the page in the frame is ready",
                "return document.getElementById('small')?.contentDocument?.documentElement?.dataset.engine === 'ready'",
            )
            .await?;
            if !fragment.is_empty() {
                page.until(
                    "the guide's run is shown",
                    "return !!document.getElementById('small').contentDocument.querySelector(`[data-testid='result-status']`)",
                )
                .await?;
            }
            let wide = page
                .client
                .execute(
                    "const root = document.getElementById('small').contentDocument.documentElement; \
                     return [root.scrollWidth, root.clientWidth]",
                    vec![],
                )
                .await?;
            // A scroll bar takes a part of the 360 px.
            assert_eq!(wide[0], wide[1], "{fragment}: the page scrolls sideways");
            page.close().await?;
        }
        Ok(())
    });
}
