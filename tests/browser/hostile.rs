//! Files that are not functions, and functions that mean harm: a clear message each, and a page that goes on working.

use std::path::{Path, PathBuf};

use super::support::{Page, in_browser};

/// A file of the test's own making.
fn file(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<PathBuf> {
    let path = folder.join(name);
    std::fs::write(&path, bytes)?;
    Ok(path)
}

#[test]
fn files_that_are_not_functions_say_what_they_are_and_what_to_do() {
    in_browser(async {
        let folder =
            std::env::temp_dir().join(format!("lambda-playground-hostile-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let page = Page::open().await?;
        page.ready().await?;
        let cases: &[(&str, &[u8], &str)] = &[
            ("empty.wasm", b"", "empty"),
            ("component.wasm", b"\0asm\x0d\0\x01\0", "component"),
            ("cut.wasm", b"\0asm\x01\0\0\0\x01\x7f", "truncated"),
            ("page.wasm", b"<!DOCTYPE html><html></html>", "HTML"),
            (
                "pointer.wasm",
                b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
                "LFS",
            ),
            (
                "bootstrap",
                b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0",
                "Linux",
            ),
            ("noise.bin", &[0xde, 0xad, 0xbe, 0xef, 0, 1, 2, 3], "wasm"),
            ("script.wasm", b"<script>window.pwned = true</script>", ""),
        ];
        for (name, bytes, word) in cases {
            page.upload(&file(&folder, name, bytes)?).await?;
            page.text_when("function-problems", |text| {
                text.contains(name) && text.to_lowercase().contains(&word.to_lowercase())
            })
            .await
            .map_err(|error| format!("{name}: {error}"))?;
        }
        let pwned = page
            .client
            .execute("return window.pwned ?? null", vec![])
            .await?;
        assert_eq!(pwned, serde_json::Value::Null);
        // The last good function is still there and runs.
        page.click("run").await?;
        page.text_when("result-status", |text| !text.is_empty())
            .await?;
        std::fs::remove_dir_all(&folder)?;
        page.close().await
    });
}

#[test]
fn text_modules_are_compiled_and_run() {
    in_browser(async {
        let folder =
            std::env::temp_dir().join(format!("lambda-playground-wat-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let page = Page::open().await?;
        page.ready().await?;
        let text = r#"(module
            (memory (export "memory") 1)
            (data (i32.const 0) "{\"answer\":42}")
            (func (export "alloc") (param i32) (result i32) (i32.const 1024))
            (func (export "handler") (param i32 i32) (result i64) (i64.const 13)))"#;
        page.upload(&file(&folder, "answer.wat", text.as_bytes())?)
            .await?;
        page.text_when("function-name", |text| {
            text.to_lowercase().contains("answer")
        })
        .await?;
        page.click("run").await?;
        page.text_when("lambda-payload", |text| text.contains("42"))
            .await?;
        std::fs::remove_dir_all(&folder)?;
        page.close().await
    });
}

#[test]
fn what_a_function_prints_is_text_and_never_becomes_markup() {
    in_browser(async {
        let folder =
            std::env::temp_dir().join(format!("lambda-playground-xss-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let page = Page::open().await?;
        page.ready().await?;
        let text = r#"(module
            (import "lambda" "log" (func $log (param i32 i32)))
            (memory (export "memory") 1)
            (data (i32.const 0) "\"<img src=x onerror=window.pwned=1>\"")
            (data (i32.const 100) "{\"<img src=x>\":[\"<img src=x onerror=window.pwned=1>\"]}")
            (func (export "alloc") (param i32) (result i32) (i32.const 1024))
            (func (export "handler") (param i32 i32) (result i64)
                (call $log (i32.const 1) (i32.const 34))
                (call $log (i32.const 100) (i32.const 54))
                (i64.const 36)))"#;
        page.upload(&file(&folder, "markup.wat", text.as_bytes())?)
            .await?;
        page.text_when("function-name", |text| {
            text.to_lowercase().contains("markup")
        })
        .await?;
        page.click("run").await?;
        page.text_when("log", |text| text.contains("<img src=x"))
            .await?;
        page.text_when("lambda-payload", |text| text.contains("<img src=x"))
            .await?;
        // An entry that is JSON opens into a tree, and is text there, too.
        page.until(
            "the entry opens into a tree",
            "document.querySelector(`[data-testid='log'] .unfolding:not([open]) > summary`)?.click(); \
             return /onerror/.test(document.querySelector(`[data-testid='log'] .json`)?.innerText)",
        )
        .await?;
        let found = page
            .client
            .execute(
                "return [window.pwned ?? null, document.querySelectorAll('img[src=x]').length]",
                vec![],
            )
            .await?;
        assert_eq!(found, serde_json::json!([null, 0]));
        std::fs::remove_dir_all(&folder)?;
        page.close().await
    });
}
