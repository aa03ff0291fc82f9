//! What a visitor does: bring a function, pick a trigger, run it, move the slider.

use super::support::{Page, dist, function, in_browser, serve};

#[test]
fn a_visitor_uploads_a_function_runs_it_and_moves_the_slider() {
    in_browser(async {
        let page = Page::open().await?;
        page.ready().await?;
        page.upload(&function("primes")).await?;
        page.text_when("function-name", |text| {
            text.to_lowercase().contains("primes")
        })
        .await?;
        page.click("trigger-api-gateway-http").await?;
        page.set("memory-input", "128").await?;
        page.set("timeout-input", "30").await?;
        page.click("run").await?;
        page.text_when("caller-status", |text| text.contains("200"))
            .await?;
        let slow = page.text("duration").await?;
        let cheap = page.text("cost").await?;
        let log = page.text("log").await?;
        assert!(log.contains("REPORT RequestId: "), "{log}");
        assert!(log.contains("Memory Size: 128 MB"), "{log}");

        page.set("memory-slider", "5000").await?;
        let fast = page.text_when("duration", |text| text != slow).await?;
        let cost = page.text_when("cost", |text| text != cheap).await?;
        assert_ne!((fast, cost), (slow, cheap));
        page.text_when("log", |text| text.contains("Memory Size: 10240 MB"))
            .await?;
        page.close().await
    });
}

#[test]
fn an_object_put_into_s3_is_answered_with_202_and_tried_three_times() {
    in_browser(async {
        let page = Page::open().await?;
        page.ready().await?;
        page.click("example-hungry").await?;
        page.text_when("function-name", |text| {
            text.to_lowercase().contains("hungry")
        })
        .await?;
        page.click("trigger-s3").await?;
        page.click("run").await?;
        page.text_when("caller-status", |text| text.contains("202"))
            .await?;
        let log = page
            .text_when("log", |text| text.matches("REPORT RequestId").count() == 3)
            .await?;
        assert_eq!(
            log.matches("Error Type: Runtime.OutOfMemory").count(),
            3,
            "{log}"
        );
        page.close().await
    });
}

#[test]
fn a_second_run_meets_a_warm_environment_and_starting_over_a_cold_one() {
    in_browser(async {
        let page = Page::open().await?;
        page.ready().await?;
        page.click("example-counter").await?;
        page.text_when("function-name", |text| {
            text.to_lowercase().contains("counter")
        })
        .await?;
        page.click("run").await?;
        page.text_when("lambda-payload", |text| {
            text.contains(r#"_invocations": 1"#) || text.contains(r#"_invocations":1"#)
        })
        .await?;
        page.click("run").await?;
        page.text_when("lambda-payload", |text| {
            text.contains(r#"_invocations": 2"#) || text.contains(r#"_invocations":2"#)
        })
        .await?;
        let log = page.text("log").await?;
        assert_eq!(log.matches("INIT_START").count(), 1, "{log}");
        page.click("start-over").await?;
        page.click("run").await?;
        page.text_when("lambda-payload", |text| {
            text.contains(r#"_invocations": 1"#) || text.contains(r#"_invocations":1"#)
        })
        .await?;
        page.close().await
    });
}

#[test]
fn the_event_is_editable_validated_and_can_be_reset() {
    in_browser(async {
        let page = Page::open().await?;
        page.ready().await?;
        page.click("trigger-s3").await?;
        let sample = page
            .text_when("event-editor", |text| text.contains("aws:s3"))
            .await?;
        page.set("event-editor", "{\"Records\": [").await?;
        page.text_when("event-problems", |text| {
            text.to_lowercase().contains("line 1, column")
        })
        .await?;
        page.click("event-reset").await?;
        page.text_when("event-editor", |text| text == sample)
            .await?;
        page.close().await
    });
}

#[test]
fn a_busy_loop_with_a_fifteen_minute_timeout_leaves_the_page_alive_and_ends_by_patience() {
    in_browser(async {
        let page = Page::open().await?;
        page.ready().await?;
        page.click("example-forever").await?;
        page.text_when("function-name", |text| {
            text.to_lowercase().contains("forever")
        })
        .await?;
        page.click("trigger-api-gateway-http").await?;
        page.set("memory-input", "10240").await?;
        page.set("timeout-input", "900").await?;
        page.set("patience", "2").await?;
        page.click("run").await?;
        page.text_when("progress", |text| !text.is_empty()).await?;
        // The page's thread is free while the worker is busy: frames go on being drawn.
        let frames = page
            .client
            .execute_async(
                "const done = arguments[0]; let n = 0; const t0 = performance.now(); \
                 requestAnimationFrame(function tick() { n += 1; \
                   performance.now() - t0 < 1000 ? requestAnimationFrame(tick) : done(n); })",
                vec![],
            )
            .await?;
        assert!(frames.as_u64() > Some(20), "{frames} frames in a second");
        page.text_when("cutoff", |text| text.contains("playground"))
            .await?;
        page.close().await
    });
}

#[test]
fn a_function_can_be_run_with_the_keyboard_alone() {
    in_browser(async {
        let page = Page::open().await?;
        page.ready().await?;
        page.click("example-hello").await?;
        page.text_when("function-name", |text| {
            text.to_lowercase().contains("hello")
        })
        .await?;
        page.find("event-editor")
            .await?
            .send_keys("\u{e009}\u{e007}")
            .await?;
        page.text_when("result-status", |text| !text.is_empty())
            .await?;
        page.close().await
    });
}

#[test]
fn nothing_is_wider_than_a_phone() {
    in_browser(async {
        let address = serve(dist()?, "/").await?;
        let page = Page::open_at(&address, (390, 844)).await?;
        page.ready().await?;
        page.client
            .execute("document.documentElement.style.maxWidth = '390px'", vec![])
            .await?;
        page.click("run").await?;
        page.text_when("result-status", |text| !text.is_empty())
            .await?;
        let overflow = page
            .client
            .execute(
                // What is moved out of sight behind the edge of something that fits is no wider than that.
                "const wide = e => e.getBoundingClientRect().right > innerWidth + 1; \
                 const cut = e => { for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) \
                   if (/hidden|clip/.test(getComputedStyle(p).overflowX) && !wide(p)) return true; return false; }; \
                 const root = document.documentElement; \
                 return [...document.querySelectorAll('body *')].filter(e => wide(e) && !cut(e) \
                   && getComputedStyle(e).position !== 'fixed' && !e.closest('pre, textarea, [data-scrolls]')).map(e => e.outerHTML.slice(0, 120)) \
                   .concat(root.scrollWidth > root.clientWidth ? ['the page scrolls sideways'] : [])",
                vec![],
            )
            .await?;
        assert_eq!(overflow, serde_json::json!([]));
        page.close().await
    });
}

#[test]
fn a_link_opened_elsewhere_gives_the_same_run() {
    in_browser(async {
        let page = Page::open().await?;
        page.ready().await?;
        page.upload(&function("primes")).await?;
        page.text_when("function-name", |text| text.contains("primes.wasm"))
            .await?;
        page.set("memory-input", "300").await?;
        page.set("timeout-input", "30").await?;
        page.click("run").await?;
        let log = page
            .text_when("log", |text| text.contains("REPORT RequestId"))
            .await?;
        page.click("share").await?;
        let link = page
            .text_when("share-link", |text| text.contains("#s=1."))
            .await?;
        page.close().await?;

        // The servers differ in their port only.
        let (_, fragment) = link.split_once('#').unwrap_or_default();
        let address = serve(dist()?, "/elsewhere/").await?;
        let other = Page::open_at(&format!("{address}#{fragment}"), (1440, 900)).await?;
        let same = other
            .text_when("log", |text| text.contains("REPORT RequestId"))
            .await?;
        assert_eq!(same, log);
        other.close().await
    });
}

#[test]
fn load_is_thrown_at_a_reserve_and_the_metrics_tell_of_it() {
    in_browser(async {
        let page = Page::open().await?;
        page.ready().await?;
        page.text_when("function-name", |text| !text.is_empty())
            .await?;
        let open =
            "document.querySelector(`[data-testid='load-settings']`).open = true; return true";
        page.until("the settings are open", open).await?;
        page.set("load-kind", "burst").await?;
        page.set("load-count-input", "60").await?;
        page.set("load-runs", "model").await?;
        page.set("reserve", "some").await?;
        page.set("reserved-input", "20").await?;
        page.click("run").await?;
        let totals = page
            .text_when("totals", |text| text.contains("Throttles"))
            .await?;
        let sums: Vec<&str> = totals.split_whitespace().collect();
        // A burst of 60 finds 20 environments; the caller is told of the other 40.
        assert_eq!(
            sums[..10],
            [
                "Requests",
                "60",
                "Invocations",
                "20",
                "Errors",
                "0",
                "Throttles",
                "40",
                "Environments",
                "20"
            ],
            "{totals}"
        );
        page.close().await
    });
}

#[test]
fn power_tuning_tries_every_size_and_says_what_it_found() {
    in_browser(async {
        let page = Page::open().await?;
        page.ready().await?;
        page.click("example-primes").await?;
        page.text_when("function-name", |text| text.contains("primes.wasm"))
            .await?;
        page.click("run").await?;
        page.text_when("log", |text| text.contains("REPORT RequestId"))
            .await?;
        page.click("tune").await?;
        page.text_when("tune", |text| text == "Try every size")
            .await?;
        let said = page
            .text_when("tuning-remarks", |text| text.contains("cheapest"))
            .await?;
        assert!(
            said.contains("From 1,769 MB on more memory buys no time: it has one thread"),
            "{said}"
        );
        page.close().await
    });
}

#[test]
fn every_trigger_can_be_picked_and_run() {
    in_browser(async {
        let page = Page::open().await?;
        page.ready().await?;
        page.text_when("function-name", |text| !text.is_empty())
            .await?;
        for trigger in lambda_playground::trigger::names::NAMES {
            page.set("trigger-search", trigger.id).await?;
            page.click(&format!("trigger-{}", trigger.id)).await?;
            // The trigger's own example, unless it is there already; the run waits for it.
            let offered = page
                .client
                .execute(
                    "const offer = document.querySelector(`[data-testid='try-with']`); \
                     const offered = !!offer && !offer.parentElement.hidden; \
                     if (offered) offer.click(); \
                     return offered;",
                    vec![],
                )
                .await?;
            if offered == true {
                let example = lambda_playground::ui::catalogue::for_trigger(trigger.id)
                    .ok_or(format!("{} has no example", trigger.id))?;
                page.text_when("function-name", |text| text.contains(&example.artefact))
                    .await?;
            }
            page.click("run").await?;
            let ran = format!(
                "const rows = document.querySelectorAll(`[data-testid='log'] li, [data-testid='caller-status']`); \
                 const pane = document.querySelector(`[data-testid='caller-status']`); \
                 return !document.querySelector(`[data-testid='cancel']`) && rows.length > 0 && !!pane && \
                     document.querySelector(`[data-testid='trigger-{}']`).getAttribute('aria-pressed') === 'true'",
                trigger.id
            );
            page.until(trigger.id, &ran).await?;
            let problems = page
                .client
                .execute(
                    "return document.querySelectorAll(`[data-testid='run-problems'], [data-testid='event-problems']`).length",
                    vec![],
                )
                .await?;
            assert_eq!(problems, 0, "{}", trigger.id);
            page.click("start-over").await?;
        }
        page.close().await
    });
}

#[test]
fn a_hostile_link_says_so_and_leaves_a_page_that_works() {
    in_browser(async {
        let address = serve(dist()?, "/").await?;
        let page = Page::open_at(&format!("{address}#s=1.%3Cscript%3E"), (1440, 900)).await?;
        page.text_when("link-problems", |text| text.contains("cannot be opened"))
            .await?;
        page.click("run").await?;
        page.text_when("log", |text| text.contains("REPORT RequestId"))
            .await?;
        page.close().await
    });
}
