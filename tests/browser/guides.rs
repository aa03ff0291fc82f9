//! The first visit, the tour and the guides.

use fantoccini::Locator;
use fantoccini::key::Key;

use super::support::{Page, dist, in_browser, serve};

/// What has the keyboard's focus, by its test id.
async fn focused(page: &Page) -> Result<String, Box<dyn std::error::Error>> {
    let id = page
        .client
        .execute(
            "return document.activeElement?.dataset?.testid ?? ''",
            vec![],
        )
        .await?;
    Ok(id.as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_first_visit_offers_the_tour_once() {
    in_browser(async {
        let page = Page::open().await?;
        page.ready().await?;
        page.text_when("tour-offer", |text| text.contains("New here?"))
            .await?;
        page.click("tour-start").await?;
        page.text_when("guide-count", |text| text == "Step 1 of 7")
            .await?;
        page.until(
            "the step is read first",
            "return document.activeElement?.dataset?.testid === 'guide-title'",
        )
        .await?;
        // By keyboard alone: through all steps, and out.
        for step in 2..=7 {
            page.press("n").await?;
            page.text_when("guide-count", |text| text == format!("Step {step} of 7"))
                .await?;
        }
        page.press("p").await?;
        page.text_when("guide-count", |text| text == "Step 6 of 7")
            .await?;
        page.find("guide-title")
            .await?
            .send_keys(&char::from(Key::Escape).to_string())
            .await?;
        page.until(
            "the guide is left",
            "return !document.querySelector(`[data-testid='guide']`)",
        )
        .await?;
        assert_eq!(focused(&page).await?, "guides");
        // What it ran stays, and the offer does not come back.
        assert!(page.text("result-status").await?.contains("succeeded"));
        page.click("new").await?;
        page.find("welcome").await?;
        assert!(!page.find("tour-offer").await?.is_displayed().await?);
        // It can be taken again.
        page.client
            .execute("document.getElementById('help').showModal()", vec![])
            .await?;
        page.click("help-tour").await?;
        page.text_when("guide-count", |text| text.starts_with("Step 1"))
            .await?;
        page.close().await
    });
}

#[test]
fn a_guide_is_a_link_and_every_step_is_live() {
    in_browser(async {
        let address = serve(dist()?, "/some/path/").await?;
        let page = Page::open_at(&format!("{address}#guide=async-error.4"), (1440, 900)).await?;
        page.ready().await?;
        page.text_when("guide-title", |text| text.starts_with("Second attempt"))
            .await?;
        // The cursor stands where the step says: between the second and the third try.
        page.text_when("picture", |text| text.contains("try 3 in"))
            .await?;
        page.click("guide-back").await?;
        page.text_when("picture", |text| text.contains("try 2 in"))
            .await?;
        page.until(
            "the address names the step",
            "return location.hash === '#guide=async-error.3'",
        )
        .await?;
        let look = page
            .client
            .execute("return document.documentElement.dataset.look", vec![])
            .await?;
        assert_eq!(look.as_str(), Some("timeline"));
        // Taken over: without retries the step's moment is not there any more, and the guide says so.
        page.set("retries-input", "0").await?;
        page.until("the guide says that it was taken over",
            "return /You have taken it over/.test(document.querySelector(`[data-testid='guide']`).innerText)").await?;
        page.click("guide-next").await?;
        page.until("the guide says that it does not happen",
            "return /does not happen/.test(document.querySelector(`[data-testid='guide']`).innerText)").await?;
        page.click("guide-again").await?;
        page.text_when("picture", |text| text.contains("try 3 in"))
            .await?;
        page.click("guide-close").await?;
        page.until(
            "the address names no guide any more",
            "return location.hash === ''",
        )
        .await?;
        page.close().await
    });
}

#[test]
fn every_guide_opens_from_the_catalogue() {
    in_browser(async {
        let page = Page::open().await?;
        page.ready().await?;
        for guide in lambda_playground::ui::guide::ALL {
            page.click("guides").await?;
            let card = format!("dialog[open] [data-testid='guide-{}']", guide.id);
            page.client.find(Locator::Css(&card)).await?.click().await?;
            page.text_when("guide-title", |text| text == guide.steps()[0].title)
                .await?;
            page.until(
                "it has run",
                "return !document.querySelector('dialog[open]') \
                 && !/Setting it up/.test(document.querySelector(`[data-testid='guide']`).innerText)",
            )
            .await?;
            // Every step is found in the run, whose scenario the page holds in full.
            for step in 0..guide.steps().len() {
                if step > 0 {
                    page.click("guide-next").await?;
                }
                page.text_when("guide-title", |text| text == guide.steps()[step].title)
                    .await?;
                page.until(
                    "the step is shown",
                    "return !/Setting it up/.test(document.querySelector(`[data-testid='guide']`).innerText)",
                )
                .await?;
                let text = page.text("guide").await?;
                assert!(
                    !text.contains("taken it over"),
                    "{}, step {}: {text}",
                    guide.id,
                    step + 1
                );
            }
            let body = page
                .client
                .execute("return document.body.innerText", vec![])
                .await?;
            assert!(
                !body
                    .as_str()
                    .unwrap_or_default()
                    .contains("they are left out"),
                "{}",
                guide.id
            );
        }
        page.close().await
    });
}
