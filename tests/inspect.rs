//! What becomes of the files that visitors bring: a table from file to finding, and hostile bytes.

use std::io::Write as _;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use lambda_playground::guest::abi::Abi;
use lambda_playground::guest::describe::{Inspection, ModuleReport, describe, inspect};
use lambda_playground::guest::recognise::MAX_BYTES;
use lambda_playground::problem::{Problem, Severity};
use proptest::prelude::*;

const HANDLER: &str = r#"(module
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $handle (export "handler") (param i32 i32) (result i64) (i64.const 0)))"#;

#[track_caller]
fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the test's text compiles")
}

/// A module with the handler convention and something more.
#[track_caller]
fn handler_with(more: &str) -> Vec<u8> {
    let end = HANDLER.rfind(')').expect("it ends");
    wasm(&format!("{} {more})", &HANDLER[..end]))
}

/// A module that imports something, with the handler convention.
#[track_caller]
fn importing(imports: &str) -> Vec<u8> {
    wasm(&HANDLER.replacen("(module", &format!("(module {imports}"), 1))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// A zip file of deflated files.
fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut bytes);
    for (name, content) in files {
        let (mut entry, config) = archive
            .new_file(name)
            .compression_method(rawzip::CompressionMethod::DEFLATE)
            .start()
            .expect("memory takes it");
        let encoder = flate2::write::DeflateEncoder::new(&mut entry, Compression::fast());
        let mut writer = config.wrap(encoder);
        writer.write_all(content).expect("memory takes it");
        let (encoder, descriptor) = writer.finish().expect("memory takes it");
        encoder.finish().expect("memory takes it");
        entry.finish(descriptor).expect("memory takes it");
    }
    archive.finish().expect("memory takes it");
    bytes
}

fn errors(inspection: &Inspection) -> Vec<&Problem> {
    match inspection {
        Inspection::Rejected { problems, .. } => problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error)
            .collect(),
        _ => Vec::new(),
    }
}

/// The file is refused with exactly this code, and the message has these words in it.
#[track_caller]
fn assert_refused(name: &str, bytes: &[u8], code: &str, word: &str) {
    let inspection = inspect(name, bytes);
    let errors = errors(&inspection);
    let codes: Vec<_> = errors.iter().map(|problem| problem.code.as_str()).collect();
    assert_eq!(codes, [code], "{name}: {errors:#?}");
    for problem in errors {
        let text = problem.to_string();
        assert!(text.contains(word), "{name}: {text:?} lacks {word:?}");
        assert!(
            problem.cause.ends_with('.') && problem.cure.ends_with('.'),
            "{name}: {text}"
        );
    }
}

#[track_caller]
fn runnable(name: &str, bytes: &[u8]) -> (Vec<u8>, ModuleReport, Vec<Problem>) {
    match inspect(name, bytes) {
        Inspection::Runnable {
            module_bytes,
            report,
            problems,
            ..
        } => (module_bytes, report, problems),
        other => panic!("{name} does not run: {other:#?}"),
    }
}

#[test]
fn files_that_are_no_modules_are_named() {
    let mut tar = vec![b'x'; 512];
    tar[257..262].copy_from_slice(b"ustar");
    let utf16: Vec<u8> = "\u{feff}<html>"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (name, bytes, code, word) in [
        ("empty.wasm", &b""[..], "module.empty", "empty"),
        (
            "bootstrap",
            b"\x7fELF\x02\x01\x01",
            "module.elf",
            "native Linux program",
        ),
        ("a.exe", b"MZ\x90\0", "module.pe", "Windows"),
        ("a", b"\xcf\xfa\xed\xfe\x07", "module.macho", "macOS"),
        ("a", b"\xca\xfe\xba\xbe\0\0\0\x02", "module.macho", "macOS"),
        (
            "A.class",
            b"\xca\xfe\xba\xbe\0\0\0\x41",
            "module.class",
            "Java",
        ),
        ("a.bc", b"BC\xc0\xde5", "module.bitcode", "LLVM"),
        ("liba.a", b"!<arch>\nx", "module.archive", "static library"),
        (
            "a.zst",
            b"\x28\xb5\x2f\xfd\0",
            "module.compressed",
            "zstd -d",
        ),
        ("a.tar", &tar, "module.tar", "tar xf"),
        (
            "a.wasm",
            b"<!DOCTYPE html>\n<title>404",
            "module.html",
            "web page",
        ),
        (
            "a.wasm",
            b"\xef\xbb\xbf \n<HtMl>",
            "module.html",
            "web page",
        ),
        ("a.wasm", &utf16, "module.html", "web page"),
        (
            "a.wasm",
            b"<?xml version=\"1.0\"?><Error><Code>AccessDenied",
            "module.xml",
            "permission",
        ),
        (
            "a.wasm",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n",
            "module.git-lfs",
            "git lfs pull",
        ),
        ("a.wasm", b"AGFzbQEAAAA=", "module.base64", "base64 -d"),
        ("a.wasm", b"0061736d01000000", "module.hex", "xxd"),
        (
            "event.json",
            b"{\"Records\": []}",
            "module.json",
            "event editor",
        ),
        ("index.js", b"async () => {}", "module.source", "javy"),
        (
            "a.wasm",
            b"exports.handler = async () => 1",
            "module.source",
            "JavaScript",
        ),
        (
            "lambda_function",
            b"import json\ndef lambda_handler(event, context):\n  pass",
            "module.source",
            "Python",
        ),
        ("main.rs", b"fn main() {}", "module.source", "wasm32-wasip1"),
        ("main.go", b"package main", "module.source", "GOOS=wasip1"),
        ("main.c", b"int main;", "module.source", "clang"),
        ("readme", b"Hello.", "module.text", "(module"),
        ("a.wat", b"(component)", "module.component", "preview 2"),
        (
            "a.wast",
            b"(assert_return (invoke \"f\"))",
            "module.wast",
            "test script",
        ),
        (
            "a.wat",
            b"(module) ;; in an old encoding: \xff",
            "module.text-encoding",
            "byte 0x20",
        ),
        (
            "a.wasm",
            b"vers\x01\x02\x03\x04\x05",
            "module.magic",
            "expected 00 61 73 6d at its beginning, found 76 65 72 73",
        ),
        ("a.wasm", b"\0\0\0", "module.magic", "found 00 00 00."),
        (
            "a.wasm",
            b"\0asm\x0d\0\x01\0",
            "module.component",
            "wasm32-wasip1",
        ),
        (
            "a.wasm",
            b"\0asm\x0b\0\0\0",
            "module.version",
            "0b 00 00 00",
        ),
    ] {
        assert_refused(name, bytes, code, word);
    }
}

#[test]
fn text_is_handed_on_to_be_compiled() {
    for text in [
        "(module)",
        "\n ;; comment\n (; block (; nested ;) ;) ( module $name)",
        "(func)",
        "(@custom \"x\" \"y\") (module)",
        ";; only this\n(memory 1)",
    ] {
        let wanted = Inspection::NeedsCompiling {
            text: text.to_owned(),
        };
        if text.starts_with("(@") {
            // Annotations first are too rare to be recognised.
            assert_ne!(inspect("a.wat", text.as_bytes()), wanted);
            continue;
        }
        assert_eq!(inspect("a.wat", text.as_bytes()), wanted, "{text}");
        assert_eq!(
            inspect("a.wat.gz", &gzip(text.as_bytes())),
            wanted,
            "{text}"
        );
        let utf16: Vec<u8> = format!("\u{feff}{text}")
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(inspect("a.wat", &utf16), wanted, "{text}");
        let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        assert_eq!(inspect("a.wat", &marked), wanted, "{text}");
    }
}

#[test]
fn archives_are_opened_within_bounds() {
    let module = wasm(HANDLER);
    let packed = zip(&[
        ("__MACOSX/._f.wasm", b"x"),
        ("build/f.wasm", &module),
        ("readme.txt", b"hi"),
    ]);
    for (name, bytes) in [
        ("f.zip", packed.clone()),
        ("f.wasm.gz", gzip(&module)),
        ("f.zip.gz", gzip(&packed)),
    ] {
        let (unpacked, _, notes) = runnable(name, &bytes);
        assert_eq!(unpacked, module, "{name}");
        assert!(
            notes.iter().any(|note| note.code == "module.unpacked"),
            "{name}: {notes:?}"
        );
    }
    let bomb = vec![0; MAX_BYTES + 1];
    let gzip3 = gzip(&gzip(&gzip(&module)));
    let mut damaged = packed.clone();
    // In the deflated module, far from the headers.
    let at = damaged
        .windows(6)
        .position(|six| six == b"f.wasm")
        .map_or(0, |at| at + 120);
    damaged[at] ^= 0xff;
    for (name, bytes, code, word) in [
        ("a.zip", zip(&[]), "module.zip", "empty zip file"),
        (
            "a.zip",
            zip(&[("bootstrap", b"\x7fELF")]),
            "module.zip",
            "native `bootstrap`",
        ),
        (
            "a.zip",
            zip(&[("index.mjs", b""), ("package.json", b"{}")]),
            "module.zip",
            "Node.js deployment package",
        ),
        (
            "a.zip",
            zip(&[("lambda_function.py", b"")]),
            "module.zip",
            "Python deployment package",
        ),
        (
            "a.jar",
            zip(&[("META-INF/MANIFEST.MF", b""), ("A.class", b"")]),
            "module.zip",
            "Java deployment package",
        ),
        (
            "a.zip",
            zip(&[("a.dll", b"")]),
            "module.zip",
            ".NET deployment package",
        ),
        (
            "a.zip",
            zip(&[("notes.txt", b"")]),
            "module.zip",
            "It holds `notes.txt`",
        ),
        (
            "a.zip",
            zip(&[("a.wasm", b""), ("b/b.wasm", b"")]),
            "module.zip-many",
            "`a.wasm`, `b/b.wasm`",
        ),
        (
            "a.zip",
            zip(&[("a.wasm", b"<html>")]),
            "module.html",
            "web page",
        ),
        (
            "a.zip",
            zip(&[("a.wasm", &bomb)]),
            "module.too-large",
            "unpacks to more than 64 MiB",
        ),
        (
            "a.zip",
            packed[..packed.len() - 30].to_vec(),
            "module.zip-damaged",
            "damaged",
        ),
        ("a.zip", damaged, "module.zip-damaged", ""),
        (
            "a.gz",
            gzip(&bomb),
            "module.too-large",
            "unpacks to more than 64 MiB",
        ),
        (
            "a.gz",
            gzip(&module)[..40].to_vec(),
            "module.gzip",
            "cannot be decompressed",
        ),
        ("a.gz", gzip3, "module.nested", "archive in an archive"),
        ("a.wasm", bomb.clone(), "module.too-large", "65 MiB"),
    ] {
        assert_refused(name, &bytes, code, word);
    }
}

#[test]
fn modules_that_cannot_run_are_told_why() {
    let module = wasm(HANDLER);
    let unnamed = wasm(&HANDLER.replace("$handle", ""));
    let mut broken = unnamed.clone();
    *broken.last_mut().expect("not empty") = 0xff;
    let replaced = [
        &module[..],
        b"\0\x0c\x02xx\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xff\x7f",
    ]
    .concat();
    let no_entry = "module.no-entry";
    for (name, bytes, code, word) in [
        // Cut off.
        ("header", module[..6].to_vec(), "module.truncated", "after 6 of 8 bytes"),
        ("code", unnamed[..unnamed.len() - 5].to_vec(), "module.truncated", "code section"),
        ("size", [&module[..8], &[1, 0x80]].concat(), "module.truncated", "header of the type section, which begins at byte 0x8"),
        ("huge", [&module[..8], &[11, 0xff, 0xff, 0xff, 0xff, 0x0f]].concat(), "module.truncated", "4294967295 bytes"),
        // Damaged.
        ("broken", broken, "module.invalid", "byte 0x"),
        ("text", replaced, "module.invalid", "saved as text"),
        // Proposals.
        ("memory64", wasm(&HANDLER.replace("\"memory\") 1", "\"memory\") i64 1")), "module.memory64", "wasm32"),
        ("shared", wasm(&HANDLER.replace("\"memory\") 1", "\"memory\") 1 2 shared")), "module.threads", "-pthread"),
        ("atomics", handler_with("(func $poke (drop (i32.atomic.load (i32.const 0))))"), "module.threads", "function 2 `poke`"),
        ("exceptions", handler_with("(tag $e) (func $throw (throw $e))"), "module.exceptions", "-fno-exceptions"),
        ("gc", handler_with("(type $s (struct (field i32)))"), "module.gc", "garbage-collected"),
        ("relaxed", handler_with("(func $dot (param v128) (result v128) (i32x4.relaxed_trunc_f32x4_s (local.get 0)))"), "module.relaxed-simd", "function 2 `dot`"),
        ("wide", handler_with("(func $add (param i64) (drop (drop (i64.mul_wide_s (local.get 0) (local.get 0)))))").clone(), "module.wide-arithmetic", "wide arithmetic"),
        // Other hosts.
        ("bindgen", importing(r#"(import "wbg" "__wbindgen_throw" (func (param i32 i32)))"#), "module.wasm-bindgen", "wasm32-wasip1"),
        ("bindgen", importing(r#"(import "./app_bg.js" "log" (func))"#), "module.wasm-bindgen", "`./app_bg.js.log`"),
        ("go", importing(r#"(import "gojs" "runtime.wasmExit" (func (param i32)))"#), "module.go-js", "GOOS=wasip1"),
        ("emscripten", importing(r#"(import "env" "emscripten_resize_heap" (func (param i32) (result i32)))"#), "module.emscripten", "STANDALONE_WASM"),
        ("minified", importing(r#"(import "a" "a" (func)) (import "a" "b" (func))"#), "module.emscripten", "minified"),
        ("extism", importing(r#"(import "extism:host/env" "input_length" (func (result i64)))"#), "module.extism", "do not run here yet"),
        ("wapc", importing(r#"(import "wapc" "__guest_request" (func (param i32 i32)))"#), "module.wapc", "waPC"),
        ("javy", importing(r#"(import "javy_quickjs_provider_v3" "invoke" (func))"#), "module.javy-dynamic", "without `-C dynamic`"),
        ("unstable", importing(r#"(import "wasi_unstable" "fd_write" (func))"#), "module.wasi-unstable", "first draft"),
        ("wasip2", importing(r#"(import "wasi:cli/exit@0.2.0" "exit" (func (param i32)))"#), "module.component", "preview 2"),
        ("proxy", importing(r#"(import "env" "proxy_log" (func))"#), "module.proxy-wasm", "Envoy"),
        ("own", importing(r#"(import "env" "save" (func)) (import "env" "load" (func))"#), "module.import", "`env.save`, `env.load`"),
        ("lambda", importing(r#"(import "lambda" "next" (func))"#), "module.import", "`lambda.next`"),
        ("table", importing(r#"(import "env" "table" (table 1 funcref))"#), "module.import-table", "--import-table"),
        ("global", importing(r#"(import "env" "base" (global i32))"#), "module.import-global", "-fPIC"),
        ("memory", wasm(&HANDLER.replace("(memory (export \"memory\") 1)", "(import \"env\" \"memory\" (memory 1)) (export \"memory\" (memory 0))")), "module.import-memory", "--import-memory"),
        ("object", handler_with(r#"(@custom "linking" "\02")"#), "module.object-file", "before linking"),
        ("side", handler_with(r#"(@custom "dylink.0" "")"#), "module.side-module", "shared library"),
        // No way in.
        ("nothing", wasm("(module)"), no_entry, "exports nothing"),
        ("only", wasm(r#"(module (func (export "f")))"#), no_entry, "only `f`"),
        ("start", wasm(r#"(module (memory (export "memory") 1) (func (export "_start") (param i32)))"#), no_entry, "as (i32) -> ()"),
        ("no memory", wasm(r#"(module (memory 1) (func (export "_start")))"#), no_entry, "does not export its memory"),
        ("other memory", wasm(r#"(module (func (export "memory")) (func (export "_start")))"#), no_entry, "as () -> ()"),
        ("handler", wasm(&HANDLER.replace("(result i64) (i64.const 0)", "(result i32) (i32.const 0)")), no_entry, "as (i32, i32) -> i32; it must be `(i32, i32) -> i64`"),
        ("no alloc", wasm(&HANDLER.replace("\"alloc\"", "\"get\"")), no_entry, "no `alloc`"),
        ("malloc", wasm(&HANDLER.replace("\"alloc\"", "\"malloc\"")), no_entry, "and `malloc`, but no `alloc`"),
        ("alloc type", wasm(&HANDLER.replace("(param i32) (result i32) (i32.const 1024)", "(param i64) (result i32) (i32.const 0)")), no_entry, "`alloc` as (i64) -> i32"),
        ("handle", wasm(&HANDLER.replace("\"handler\"", "\"handle\"")), no_entry, "exports `handle`"),
        ("reactor", wasm(r#"(module (memory (export "memory") 1) (func (export "_initialize")))"#), no_entry, "reactor"),
    ] {
        assert_refused(name, &bytes, code, word);
    }
}

#[test]
fn several_proposals_are_each_named_where_they_begin() {
    let module = handler_with(
        "(tag $e)
         (func $first (throw $e))
         (func $second (throw $e))
         (func $third (drop (i32.atomic.load (i32.const 0))))",
    );
    let (_, problems) = describe(&module);
    let found: Vec<_> = problems
        .iter()
        .map(|problem| problem.code.as_str())
        .collect();
    assert_eq!(
        found,
        ["module.exceptions", "module.threads"],
        "{problems:#?}"
    );
    assert!(
        problems[1].place.ends_with("function 4 `third`"),
        "{problems:#?}"
    );
}

#[test]
fn a_broken_module_is_described_up_to_its_break() {
    let module = wasm(HANDLER);
    let (report, problems) = describe(&module[..module.len() - 3]);
    assert_eq!(
        problems
            .iter()
            .map(|problem| problem.code.as_str())
            .collect::<Vec<_>>(),
        ["module.truncated"]
    );
    let exports: Vec<_> = report
        .exports
        .iter()
        .map(|item| (item.name.as_str(), item.kind.as_str()))
        .collect();
    assert_eq!(
        exports,
        [
            ("memory", "memory"),
            ("alloc", "(i32) -> i32"),
            ("handler", "(i32, i32) -> i64")
        ]
    );
    assert_eq!((report.functions, report.memories), (2, vec![(1, None)]));
}

#[test]
fn what_runs_is_described() {
    let (_, report, problems) = runnable(
        "f.wasm",
        &importing(
            r#"(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
               (import "lambda" "log" (func (param i32 i32)))
               (import "env" "abort" (func (param i32 i32 i32 i32)))
               (global (export "g") i32 (i32.const 0))"#,
        ),
    );
    assert_eq!(problems, []);
    assert_eq!(report.abi.map(|(abi, _)| abi), Some(Abi::Handler));
    assert_eq!(report.imports[0].name, "wasi_snapshot_preview1.fd_write");
    assert_eq!(report.imports[0].kind, "(i32, i32, i32, i32) -> i32");
    assert_eq!(report.imports[1].kind, "(i32, i32) -> ()");
    assert_eq!(report.exports[0].kind, "global");

    let command = wasm(
        r#"(module
             (memory (export "memory") 2 4)
             (func $init)
             (start $init)
             (func (export "_start"))
             (@producers (language "C11" "") (language "Rust" "")
               (processed-by "rustc" "1.95.0 (59807616e 2026-04-14)") (processed-by "clang" "19.1.7")))"#,
    );
    let (_, report, problems) = runnable("c.wasm", &command);
    assert_eq!(report.abi.map(|(abi, _)| abi), Some(Abi::WasiCommand));
    assert_eq!(report.memories, [(2, Some(4))]);
    assert_eq!(report.producers, ["C11", "Rust 1.95.0", "clang 19.1.7"]);
    assert!(
        report
            .custom_sections
            .iter()
            .any(|(name, size)| name == "producers" && *size > 0)
    );
    let codes: Vec<_> = problems
        .iter()
        .map(|problem| problem.code.as_str())
        .collect();
    assert_eq!(codes, ["module.start"]);
    assert_eq!(problems[0].place, "function 0 `init`");
}

#[test]
fn remarks_about_size_do_not_stop_a_module() {
    let large = wasm(&HANDLER.replace("\"memory\") 1", "\"memory\") 3200"));
    let debug = handler_with(&format!(
        "(@custom \".debug_info\" \"{}\")",
        "x".repeat(4000)
    ));
    for (bytes, code) in [(large, "module.memory-size"), (debug, "module.debug-info")] {
        let (.., problems) = runnable("f.wasm", &bytes);
        assert_eq!(
            problems
                .iter()
                .map(|problem| problem.code.as_str())
                .collect::<Vec<_>>(),
            [code]
        );
    }
}

/// What is accepted beyond the first version of WebAssembly.
#[test]
fn accepted_proposals_run() {
    for more in [
        "(global (mut i64) (i64.const 0))",
        "(func (result i32 i32) (i32.const 1) (i32.const 2))",
        "(func (param f64) (result i32) (i32.trunc_sat_f64_s (local.get 0)))",
        "(func (param i32) (result i32) (i32.extend8_s (local.get 0)))",
        "(func (memory.fill (i32.const 0) (i32.const 0) (i32.const 1)))",
        "(table 1 externref) (func (drop (ref.null extern)))",
        "(func $f (return_call $f))",
        "(global i32 (i32.add (i32.const 1) (i32.const 2)))",
        "(func (result v128) (i8x16.splat (i32.const 1)))",
        "(memory $second 1)",
    ] {
        runnable(more, &handler_with(more));
    }
}

/// Bytes made to hurt: each must be answered, and soon.
#[test]
fn hostile_modules_are_answered_quickly() {
    let header = b"\0asm\x01\0\0\0";
    let section = |id: u8, body: &[u8]| {
        let mut bytes = vec![id];
        leb(&mut bytes, body.len());
        bytes.extend(body);
        bytes
    };
    let huge_count = [0xff, 0xff, 0xff, 0xff, 0x0f];
    let mut cases: Vec<Vec<u8>> = Vec::new();
    for id in 0..=14 {
        cases.push([&header[..], &section(id, &huge_count)].concat());
        // A number that never ends.
        cases.push([&header[..], &section(id, &[0x80; 64])].concat());
        cases.push([&header[..], &[id, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]].concat());
    }
    // A million of the smallest types, imports and exports.
    for (id, item) in [(1, &b"\x60\0\0"[..]), (2, b"\0\0\0\0"), (7, b"\0\0\0")] {
        let mut body = Vec::new();
        leb(&mut body, 1_000_000);
        body.extend(item.repeat(1_000_000));
        cases.push([&header[..], &section(id, &body)].concat());
    }
    // Blocks in blocks, a million deep.
    let mut code = vec![0];
    code.extend(b"\x02\x40".repeat(1_000_000));
    code.extend(b"\x0b".repeat(1_000_001));
    let mut body = vec![1];
    leb(&mut body, code.len());
    body.extend(code);
    cases.push(
        [
            &header[..],
            &section(1, b"\x01\x60\0\0"),
            &section(3, b"\x01\0"),
            &section(10, &body),
        ]
        .concat(),
    );
    // Many small functions.
    let mut functions = Vec::new();
    leb(&mut functions, 500_000);
    let mut bodies = functions.clone();
    functions.extend([0].repeat(500_000));
    bodies.extend(b"\x02\0\x0b".repeat(500_000));
    cases.push(
        [
            &header[..],
            &section(1, b"\x01\x60\0\0"),
            &section(3, &functions),
            &section(10, &bodies),
        ]
        .concat(),
    );
    // A name of 60 MiB, which text messages must not repeat.
    let mut name = Vec::new();
    leb(&mut name, 60 << 20);
    name.extend(b"a".repeat(60 << 20));
    cases.push([&header[..], &section(0, &name)].concat());
    // Text that is all opening brackets, comments and quotes.
    cases.push(b"(;".repeat(4 << 20));
    cases.push(b"[".repeat(8 << 20));
    cases.push([&b"(module "[..], &b"(".repeat(8 << 20)].concat());
    for (number, bytes) in cases.iter().enumerate() {
        let began = Instant::now();
        match inspect("hostile.wasm", bytes) {
            Inspection::Runnable { .. } => panic!("case {number} runs"),
            Inspection::Rejected { problems, .. } => {
                assert!(
                    problems
                        .iter()
                        .any(|problem| problem.severity == Severity::Error),
                    "case {number}"
                );
                let length: usize = problems
                    .iter()
                    .map(|problem| problem.to_string().len())
                    .sum();
                assert!(
                    length < 10_000,
                    "case {number} has a message of {length} bytes"
                );
            }
            Inspection::NeedsCompiling { .. } => {}
        }
        let took = began.elapsed();
        assert!(
            took < Duration::from_secs(20),
            "case {number} took {took:?}"
        );
    }
}

fn leb(bytes: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Files of each kind, to be damaged.
fn seeds() -> Vec<Vec<u8>> {
    let module = importing(
        r#"(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
           (@producers (language "Rust" "1.95.0"))
           (table 2 funcref) (elem (i32.const 0) $handle) (data (i32.const 8) "hello")"#,
    );
    vec![
        zip(&[("f.wasm", &module), ("a.txt", b"hello")]),
        gzip(&module),
        handler_with("(tag $e) (func $throw (throw $e)) (type $s (struct (field i32)))"),
        module,
        HANDLER.as_bytes().to_vec(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn random_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..512), start in 0..8_usize) {
        let starts: [&[u8]; 8] = [b"", b"\0asm\x01\0\0\0", b"PK\x03\x04", b"\x1f\x8b\x08", b"(", b"\xff\xfe", b"{", b"<"];
        inspect("a", &[starts[start], &bytes].concat());
    }

    #[test]
    fn damaged_files_are_answered(
        seed in 0..5_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        end in any::<prop::sample::Index>(),
        cut: bool,
    ) {
        let mut bytes = seeds().swap_remove(seed);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if cut {
            bytes.truncate(end.index(bytes.len()));
        }
        if let Inspection::Runnable { problems, .. } = inspect("a", &bytes) {
            prop_assert!(problems.iter().all(|problem| problem.severity < Severity::Error));
        }
    }
}
