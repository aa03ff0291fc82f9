//! Without a network after the first visit, and under the page's own Content-Security-Policy.

use super::support::{Page, dist, in_browser, serve_until};

#[test]
fn after_a_first_visit_the_page_runs_functions_without_a_network() {
    in_browser(async {
        let (address, server) = serve_until(dist()?, "/some/path/").await?;
        let page = Page::open_at(&address, (1440, 900)).await?;
        page.ready().await?;
        page.click("run").await?;
        page.text_when("result-status", |text| text.contains("succeeded"))
            .await?;
        page.until(
            "the service worker is at work",
            "return !!navigator.serviceWorker.controller",
        )
        .await?;
        // Nobody answers at that address any more.
        server.abort();
        let _ = server.await;
        page.client.refresh().await?;
        page.ready().await?;
        page.click("example-primes").await?;
        page.text_when("function-name", |text| {
            text.to_lowercase().contains("primes")
        })
        .await?;
        page.click("run").await?;
        page.text_when("log", |text| text.contains("REPORT RequestId"))
            .await?;
        page.close().await
    });
}

#[test]
fn nothing_on_the_page_offends_against_its_policy() {
    in_browser(async {
        let page = Page::open().await?;
        page.client
            .execute(
                "window.offences = []; document.addEventListener('securitypolicyviolation', \
                   e => offences.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`))",
                vec![],
            )
            .await?;
        page.ready().await?;
        page.click("run").await?;
        page.text_when("result-status", |text| text.contains("succeeded"))
            .await?;
        page.click("tune").await?;
        page.text_when("tuning-remarks", |text| !text.is_empty())
            .await?;
        // Those from before the listener, too.
        let offences = page
            .client
            .execute(
                "const seen = new ReportingObserver(() => {}, {types: ['csp-violation'], buffered: true}); seen.observe(); \
                 return offences.concat(seen.takeRecords().map(it => JSON.stringify(it.body)))",
                vec![],
            )
            .await?;
        assert_eq!(offences, serde_json::json!([]));
        // The policy is there at all: a script of somebody else's is not run.
        let ran = page
            .client
            .execute(
                "const script = document.createElement('script'); script.textContent = 'window.evil = true'; \
                 document.body.append(script); return !!window.evil",
                vec![],
            )
            .await?;
        assert_eq!(ran, serde_json::json!(false));
        page.close().await
    });
}
