//! The page's modules come in two parts, and nothing is lost when somebody is quicker than the second. Whether the first is
//! enough to begin with is a matter of speed, and depends on what a compiler inlines: no test's business.

use std::path::{Path, PathBuf};

use super::support::{Page, dist, in_browser, serve};

/// A copy of the built page, in which `change` was done to every second part.
fn changed_page(
    name: &str,
    change: impl Fn(&Path) -> std::io::Result<()>,
) -> Result<PathBuf, Box<dyn std::error::Error>> {
    fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
        std::fs::create_dir_all(to)?;
        for entry in std::fs::read_dir(from)? {
            let entry = entry?;
            let target = to.join(entry.file_name());
            match entry.file_type()?.is_dir() {
                true => copy(&entry.path(), &target)?,
                false => std::fs::copy(entry.path(), target).map(|_| ())?,
            }
        }
        Ok(())
    }
    let folder =
        std::env::temp_dir().join(format!("lambda-playground-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    copy(&dist()?, &folder)?;
    let mut parts = 0;
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.to_string_lossy().contains("_rest-") {
            change(&path)?;
            parts += 1;
        }
    }
    match parts {
        2 => Ok(folder),
        _ => Err(format!("a release build has two second parts, this one {parts}").into()),
    }
}

/// How often the page asked for its second part before it came by itself.
async fn early(page: &Page) -> Result<u64, Box<dyn std::error::Error>> {
    let marks = "return performance.getEntriesByName('rest loaded at once').length";
    let marks = page.client.execute(marks, vec![]).await?;
    Ok(marks.as_u64().unwrap_or(u64::MAX))
}

#[test]
fn whoever_is_quicker_than_the_second_part_gets_it_at_once() {
    in_browser(async {
        // It never comes by itself, only when it is asked for.
        let folder = changed_page("no-hurry", |_| Ok(()))?;
        for name in ["playground.js", "worker.js"] {
            let script = std::fs::read_to_string(folder.join(name))?;
            let without = script.replacen("laterSoon();", "", 1);
            assert_ne!(script, without, "{name} fetches its second part by itself");
            std::fs::write(folder.join(name), without)?;
        }
        let address = serve(folder.clone(), "/").await?;
        let page = Page::open_at(&address, (1440, 900)).await?;
        page.ready().await?;
        page.click("run").await?;
        page.text_when("result-status", |text| text.contains("succeeded"))
            .await?;
        page.click("tune").await?;
        page.text_when("tuning-remarks", |text| !text.is_empty())
            .await?;
        assert_eq!(early(&page).await?, 1, "once is enough");
        let _ = std::fs::remove_dir_all(folder);
        page.close().await
    });
}
