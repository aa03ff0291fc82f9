//! Files that are text: WebAssembly text is welcome, the rest is named.

use serde::de::IgnoredAny;

use super::{BUILD_FOR_WASI, Recognised, refuse};
use crate::problem::Problem;

/// How much of a file is looked at to say what it is.
const HEAD: usize = 4096;

/// Says what a text file is; none, if it is not text.
pub(super) fn recognise(name: &str, bytes: &[u8]) -> Option<Recognised<'static>> {
    if let Some(text) = utf16(bytes) {
        return Some(known(name, &text, text.as_bytes()));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head = String::from_utf8_lossy(bytes.get(..HEAD).unwrap_or(bytes));
    let odd = head
        .chars()
        .filter(|c| c.is_control() && !c.is_whitespace() || *c == '\u{fffd}')
        .count();
    // A little rubbish is a text in an old encoding; much of it is binary.
    if odd * 20 > head.chars().count() {
        return None;
    }
    Some(known(name, &head, bytes))
}

fn known(name: &str, head: &str, bytes: &[u8]) -> Recognised<'static> {
    let start = head.trim_start();
    let begins = |prefix: &str| {
        start
            .get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    if ["<!doctype", "<html", "<head", "<body"]
        .iter()
        .any(|tag| begins(tag))
    {
        return refuse(
            "module.html",
            "This is a web page: most likely a login or error page that was saved in place of the file.",
            "Open the address in a browser to see what it says, and download the file itself (on GitHub: the raw file).",
        );
    }
    if begins("<?xml") || begins("<error>") {
        return refuse(
            "module.xml",
            "This is an XML document, such as the error message of a storage service.",
            "Open it in an editor to see what it says; a missing permission or an expired link are the usual reasons.",
        );
    }
    if begins("version https://git-lfs") {
        return refuse(
            "module.git-lfs",
            "This is a Git LFS pointer: three lines that stand for the file, not the file.",
            "Run `git lfs pull` in the repository, or download the file through the web page that shows it.",
        );
    }
    if start.starts_with("AGFzbQ") || start.starts_with("data:application/wasm;base64,") {
        return refuse(
            "module.base64",
            "This is a module written in base64.",
            "Decode it (`base64 -d`) and bring the result.",
        );
    }
    if start.starts_with("00 61 73 6d") || begins("0061736d") {
        return refuse(
            "module.hex",
            "This is a module written in hexadecimal digits.",
            "Turn it into bytes (`xxd -r -p`) and bring the result.",
        );
    }
    if start.starts_with('(') || start.starts_with(';') {
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                if let Some(found) = webassembly_text(text) {
                    return found;
                }
            }
            Err(error) if webassembly_text(head).is_some() => {
                return Recognised::Refused(Problem::error(
                    "module.text-encoding",
                    format!("byte 0x{:x}", error.valid_up_to()),
                    "This looks like WebAssembly text, but it is not UTF-8.",
                    "Save it as UTF-8.",
                ));
            }
            Err(_) => {}
        }
    }
    if (start.starts_with('{') || start.starts_with('['))
        && serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
    {
        return refuse(
            "module.json",
            "This is a JSON document, not a function.",
            "If it is an event, paste it into the event editor; here, bring a `.wasm` file.",
        );
    }
    source(name, head).unwrap_or_else(|| {
        refuse(
            "module.text",
            "This is a text file, but not WebAssembly text, which begins with `(module`.",
            BUILD_FOR_WASI,
        )
    })
}

/// Text as some Windows tools save it: UTF-16 with a byte order mark.
fn utf16(bytes: &[u8]) -> Option<String> {
    let (unit, text): (fn([u8; 2]) -> u16, _) = match bytes {
        [0xff, 0xfe, text @ ..] => (u16::from_le_bytes, text),
        [0xfe, 0xff, text @ ..] => (u16::from_be_bytes, text),
        _ => return None,
    };
    let (pairs, _) = text.as_chunks();
    let units = pairs.iter().map(|pair| unit(*pair));
    char::decode_utf16(units)
        .collect::<Result<String, _>>()
        .ok()
}

/// WebAssembly text, by its first form.
fn webassembly_text(text: &str) -> Option<Recognised<'static>> {
    let form = skip_blank(skip_blank(text).strip_prefix('(')?);
    let end = form
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'))
        .unwrap_or(form.len());
    match form.get(..end)? {
        // A module may also be written without the parentheses around its fields.
        "module" | "type" | "rec" | "import" | "func" | "table" | "memory" | "global"
        | "export" | "start" | "elem" | "data" | "tag" => Some(Recognised::Text(text.to_owned())),
        "component" => Some(refuse(
            "module.component",
            "This is the text of a WebAssembly component (WASI preview 2); components do not run here yet.",
            BUILD_FOR_WASI,
        )),
        word if word.starts_with("assert_") || matches!(word, "invoke" | "register" | "thread") => {
            Some(refuse(
                "module.wast",
                "This is a WebAssembly test script (`.wast`), not a module.",
                "Bring one `(module …)` of it as a file of its own.",
            ))
        }
        _ => None,
    }
}

/// Skips white space and comments: `;; to the end of the line` and `(; nested ;)`.
fn skip_blank(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        if let Some(comment) = rest.strip_prefix(";;") {
            rest = comment
                .find('\n')
                .and_then(|end| comment.get(end..))
                .unwrap_or_default();
        } else if rest.starts_with("(;") {
            let Some(after) = end_of_block(rest) else {
                return "";
            };
            rest = after;
        } else {
            return rest;
        }
        rest = rest.trim_start();
    }
}

fn end_of_block(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        match bytes.get(at..at + 2)? {
            b"(;" => (depth, at) = (depth + 1, at + 2),
            b";)" => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return text.get(at..);
        }
    }
}

/// Source code: file endings, telltale words, language, cure.
const SOURCES: &[(&[&str], &[&str], &str, &str)] = &[
    (
        &[".js", ".mjs", ".cjs", ".ts"],
        &[
            "exports.handler",
            "module.exports",
            "export const handler",
            "export async function",
            "require(",
        ],
        "JavaScript or TypeScript",
        "Compile it into a module with `javy build`, reading the event from standard input and writing the response to \
         standard output.",
    ),
    (
        &[".py"],
        &[
            "def lambda_handler",
            "def handler(",
            "#!/usr/bin/env python",
        ],
        "Python",
        "Python does not compile into a small module; write the function in a language that does, such as Rust, Go, C or Zig.",
    ),
    (
        &[".rs"],
        &["fn main()", "use lambda_runtime", "pub extern \"C\" fn"],
        "Rust",
        "Compile it: `rustc -O --target wasm32-wasip1`, or `cargo build --release --target wasm32-wasip1`.",
    ),
    (
        &[".go"],
        &["package main"],
        "Go",
        "Compile it: `GOOS=wasip1 GOARCH=wasm go build -o main.wasm`, or `tinygo build -target=wasip1`.",
    ),
    (
        &[".c", ".h", ".cc", ".cpp"],
        &["#include <", "#include \""],
        "C or C++",
        "Compile it: `clang --target=wasm32-wasi -Os -o main.wasm`, with the WASI SDK.",
    ),
    (
        &[".zig"],
        &["@import(\"std\")"],
        "Zig",
        "Compile it: `zig build-exe -target wasm32-wasi -O ReleaseSmall`.",
    ),
    (&[".sh"], &["#!/bin/"], "a shell script", BUILD_FOR_WASI),
    (
        &[".java", ".kt", ".cs", ".rb", ".php"],
        &[],
        "a language that has no small modules for WASI preview 1",
        "Write the function in a language that has, such as Rust, Go, C or Zig.",
    ),
];

fn source(name: &str, head: &str) -> Option<Recognised<'static>> {
    let name = name.to_ascii_lowercase();
    let by_name = SOURCES
        .iter()
        .find(|(endings, ..)| endings.iter().any(|ending| name.ends_with(ending)));
    let by_words = || {
        SOURCES
            .iter()
            .find(|(_, words, ..)| words.iter().any(|word| head.contains(word)))
    };
    let (_, _, language, cure) = by_name.or_else(by_words)?;
    Some(refuse(
        "module.source",
        format!("This is source code ({language}); the page runs what a compiler makes of it."),
        *cure,
    ))
}
