//! What a file is, by its first bytes.
//!
//! Visitors bring what they have: a module, a deployment package, a saved error page. Whatever it is, it is named, and
//! what is not a module comes back with what to do about it. Nothing here runs or validates anything; that is
//! [`super::describe`]'s.

use std::borrow::Cow;

use crate::problem::Problem;

mod archive;
mod text;

/// The most bytes that a module may have, packed or unpacked: 64 MiB. Lambda's own limit for an unpacked deployment
/// package is 250 MB; a browser's for compiling one module is lower, and no module near this size is quick to meter.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;

/// How many archives may lie in each other: a gzip in a zip is an accident, more than that is an attack.
const MAX_LAYERS: u8 = 2;

/// How a module for WASI preview 1 is built: what we tell people whose file is almost right.
pub(super) const BUILD_FOR_WASI: &str = "Build for WASI preview 1 instead: Rust `cargo build --target wasm32-wasip1`, \
     Go `GOOS=wasip1 GOARCH=wasm go build`, TinyGo `tinygo build -target=wasip1`, C and C++ `clang --target=wasm32-wasi`.";

/// What a file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recognised<'a> {
    /// A core module, by its first eight bytes; it may still be invalid. The notes say where it was found.
    Module {
        /// The module.
        bytes: Cow<'a, [u8]>,
        /// Remarks, such as which file of an archive it is.
        notes: Vec<Problem>,
    },
    /// WebAssembly text, to be compiled.
    Text(String),
    /// Nothing that runs here, and why.
    Refused(Problem),
}

/// Says what a file is. `name` is used where the bytes alone cannot tell, and in messages.
pub fn recognise<'a>(name: &str, bytes: &'a [u8]) -> Recognised<'a> {
    layer(name, Cow::Borrowed(bytes), 0)
}

fn layer<'a>(name: &str, bytes: Cow<'a, [u8]>, depth: u8) -> Recognised<'a> {
    if bytes.len() > MAX_BYTES {
        return Recognised::Refused(too_large(bytes.len() as u64));
    }
    if bytes.is_empty() {
        return refuse(
            "module.empty",
            "The file is empty.",
            "Perhaps the build or the download failed; look at the file's size where it came from.",
        );
    }
    if bytes.starts_with(b"\0asm") {
        return binary(bytes);
    }
    if let Some(unpack) = unpacker(&bytes) {
        if depth == MAX_LAYERS {
            return refuse(
                "module.nested",
                "The file is an archive in an archive in an archive.",
                "Unpack it and bring the `.wasm` file itself.",
            );
        }
        return match unpack(name, &bytes) {
            Ok(unpacked) => inner(&unpacked.name, unpacked.bytes, unpacked.note, depth),
            Err(problem) => Recognised::Refused(problem),
        };
    }
    if let Some((_, code, what, cure)) = MAGICS.iter().find(|(magic, ..)| bytes.starts_with(magic))
    {
        return refuse(code, format!("This is {what}."), *cure);
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return refuse(
            "module.tar",
            "This is a tar archive.",
            "Unpack it (`tar xf`) and bring the `.wasm` file from it.",
        );
    }
    text::recognise(name, &bytes).unwrap_or_else(|| Recognised::Refused(wrong_magic(&bytes)))
}

type Unpack = fn(&str, &[u8]) -> Result<archive::Unpacked, Problem>;

/// What opens this archive, if it is one.
fn unpacker(bytes: &[u8]) -> Option<Unpack> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        Some(archive::unzip)
    } else if bytes.starts_with(&[0x1f, 0x8b]) {
        Some(archive::gunzip)
    } else {
        None
    }
}

/// What came out of an archive, with the remark that it did.
fn inner(name: &str, bytes: Vec<u8>, note: Problem, depth: u8) -> Recognised<'static> {
    match layer(name, Cow::Owned(bytes), depth + 1) {
        Recognised::Module { bytes, mut notes } => {
            notes.insert(0, note);
            Recognised::Module {
                bytes: Cow::Owned(bytes.into_owned()),
                notes,
            }
        }
        Recognised::Text(text) => Recognised::Text(text),
        Recognised::Refused(problem) => Recognised::Refused(problem),
    }
}

/// A file that begins with `\0asm`: what follows says which kind of WebAssembly it is.
fn binary(bytes: Cow<'_, [u8]>) -> Recognised<'_> {
    match bytes.get(4..8) {
        // Shorter than a header: `describe` says where it ends.
        None | Some([1, 0, 0, 0]) => Recognised::Module {
            bytes,
            notes: Vec::new(),
        },
        // The second half of the field is the layer: 0 for modules, 1 for components.
        Some([_, _, 1, 0]) => refuse(
            "module.component",
            "This is a WebAssembly component (WASI preview 2), not a core module; components do not run here yet.",
            BUILD_FOR_WASI,
        ),
        Some(version) => Recognised::Refused(Problem::error(
            "module.version",
            "byte 0x4",
            format!(
                "The module's version is {}, but WebAssembly has only 01 00 00 00.",
                hex(version)
            ),
            "Either it is from a compiler older than 2017, or the file is damaged: build or copy it again.",
        )),
    }
}

/// Bytes that begin something else: magic number, code, what it is, cure.
const MAGICS: &[(&[u8], &str, &str, &str)] = &[
    (
        b"\x7fELF",
        "module.elf",
        "a native Linux program (ELF), such as the `bootstrap` of a custom runtime: machine code for one kind of \
         processor, which a web page cannot run",
        "Compile the same source to WebAssembly: Rust `--target wasm32-wasip1`, Go `GOOS=wasip1 GOARCH=wasm`, \
         C `clang --target=wasm32-wasi`.",
    ),
    (b"MZ", "module.pe", "a Windows program (PE)", BUILD_FOR_WASI),
    (
        b"\xcf\xfa\xed\xfe",
        "module.macho",
        "a macOS program (Mach-O)",
        BUILD_FOR_WASI,
    ),
    (
        b"\xce\xfa\xed\xfe",
        "module.macho",
        "a macOS program (Mach-O)",
        BUILD_FOR_WASI,
    ),
    // A class file has the same magic as a fat binary, but counts its versions from 45 where that counts processors.
    (
        b"\xca\xfe\xba\xbe\0\0\0\x01",
        "module.macho",
        "a macOS program (Mach-O)",
        BUILD_FOR_WASI,
    ),
    (
        b"\xca\xfe\xba\xbe\0\0\0\x02",
        "module.macho",
        "a macOS program (Mach-O)",
        BUILD_FOR_WASI,
    ),
    (
        b"\xca\xfe\xba\xbe",
        "module.class",
        "a Java class file",
        "Java needs a compiler to WebAssembly without garbage-collected types; try the example functions meanwhile.",
    ),
    (
        b"BC\xc0\xde",
        "module.bitcode",
        "LLVM bitcode, from before code generation",
        "Finish the build: link it with `clang --target=wasm32-wasi` or without `--emit=llvm-bc`.",
    ),
    (
        b"!<arch>\n",
        "module.archive",
        "a static library (an `ar` archive of object files)",
        "Link it into a module: in Rust, `crate-type = [\"cdylib\"]` or a binary instead of `staticlib`.",
    ),
    (
        b"\x28\xb5\x2f\xfd",
        "module.compressed",
        "a Zstandard archive",
        "Unpack it (`zstd -d`) and bring the `.wasm` file.",
    ),
    (
        b"\xfd7zXZ\0",
        "module.compressed",
        "an xz archive",
        "Unpack it (`xz -d`) and bring the `.wasm` file.",
    ),
    (
        b"BZh",
        "module.compressed",
        "a bzip2 archive",
        "Unpack it (`bzip2 -d`) and bring the `.wasm` file.",
    ),
    (
        b"7z\xbc\xaf",
        "module.compressed",
        "a 7-Zip archive",
        "Unpack it and bring the `.wasm` file.",
    ),
    (
        b"Rar!",
        "module.compressed",
        "a RAR archive",
        "Unpack it and bring the `.wasm` file.",
    ),
];

fn wrong_magic(bytes: &[u8]) -> Problem {
    let found = bytes.get(..4).unwrap_or(bytes);
    Problem::error(
        "module.magic",
        "byte 0x0",
        format!(
            "This is not a WebAssembly module: expected 00 61 73 6d at its beginning, found {}.",
            hex(found)
        ),
        "Bring a `.wasm` file, WebAssembly text, or a zip with one of them; if it should be one, copy it again in binary mode.",
    )
}

fn too_large(size: u64) -> Problem {
    Problem::error(
        "module.too-large",
        "",
        format!(
            "The file has {} MiB; modules may have {} MiB here.",
            size.div_ceil(1024 * 1024),
            MAX_BYTES / (1024 * 1024)
        ),
        "Build it optimised and stripped (`-Os`, `--strip-debug`, `wasm-opt -Oz`): debug information is often most of a module.",
    )
}

fn refuse(code: &str, cause: impl Into<String>, cure: impl Into<String>) -> Recognised<'static> {
    Recognised::Refused(Problem::error(code, "", cause, cure))
}

/// Bytes as people write magic numbers: `00 61 73 6d`.
fn hex(bytes: &[u8]) -> String {
    let bytes: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}

/// A name out of a file, short enough for a sentence.
pub(super) fn shown(name: &str) -> String {
    const MAX: usize = 60;
    let mut short: String = name
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .take(MAX)
        .collect();
    if name.chars().nth(MAX).is_some() {
        short.push('…');
    }
    short
}
