//! Files in files: zip and gzip, unpacked within bounds.

use std::io::Read as _;

use flate2::{Crc, bufread::GzDecoder, read::DeflateDecoder};
use rawzip::{CompressionMethod, ZipArchive, ZipArchiveEntryWayfinder, ZipVerification};

use super::{BUILD_FOR_WASI, MAX_BYTES, shown, too_large};
use crate::problem::Problem;

/// The most directory entries looked at. Lambda deployment packages have thousands of files at most.
const MAX_ENTRIES: usize = 20_000;

/// How many names a message lists.
const LISTED: usize = 5;

/// A file out of an archive.
pub(super) struct Unpacked {
    /// Its name.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// The remark that it came out of an archive.
    pub note: Problem,
}

/// Decompresses a gzip file.
pub(super) fn gunzip(name: &str, bytes: &[u8]) -> Result<Unpacked, Problem> {
    let unpacked = bounded(GzDecoder::new(bytes)).map_err(|failure| {
        failure.problem("module.gzip", "The gzip file cannot be decompressed")
    })?;
    Ok(Unpacked {
        name: name.strip_suffix(".gz").unwrap_or(name).to_owned(),
        note: Problem::note(
            "module.unpacked",
            "",
            format!(
                "The file was compressed with gzip; unpacked it has {} bytes.",
                unpacked.len()
            ),
            "Nothing to do.",
        ),
        bytes: unpacked,
    })
}

/// Takes the one module out of a zip file.
pub(super) fn unzip(_: &str, bytes: &[u8]) -> Result<Unpacked, Problem> {
    let archive = ZipArchive::from_slice(bytes).map_err(|error| damaged_zip(&error))?;
    let mut wasm: Vec<(String, ZipArchiveEntryWayfinder, CompressionMethod)> = Vec::new();
    let mut names = Vec::new();
    let mut entries = archive.entries();
    for _ in 0..MAX_ENTRIES {
        let Some(entry) = entries.next_entry().map_err(|error| damaged_zip(&error))? else {
            break;
        };
        let path = entry.file_path();
        let path = String::from_utf8_lossy(path.as_ref());
        // What macOS adds beside each file.
        let base = path.rsplit('/').next().unwrap_or_default();
        if entry.is_dir() || path.starts_with("__MACOSX/") || base.starts_with("._") {
            continue;
        }
        let lower = base.to_ascii_lowercase();
        if lower.ends_with(".wasm") || lower.ends_with(".wat") {
            wasm.push((
                path.into_owned(),
                entry.wayfinder(),
                entry.compression_method(),
            ));
        } else {
            names.push(path.into_owned());
        }
    }
    let (name, wayfinder, method) = match <[_; 1]>::try_from(wasm) {
        Ok([only]) => only,
        Err(none) if none.is_empty() => return Err(no_module(&names)),
        Err(many) => {
            let names: Vec<_> = many.into_iter().map(|(name, ..)| name).collect();
            return Err(Problem::error(
                "module.zip-many",
                "",
                format!(
                    "The zip file holds {} modules: {}.",
                    names.len(),
                    listed(&names)
                ),
                "Bring the one that is the function, by itself or alone in a zip file.",
            ));
        }
    };
    let place = shown(&name);
    let entry = archive
        .get_entry(wayfinder)
        .map_err(|error| damaged_zip(&error))?;
    if entry.local_header().flags().is_encrypted() {
        return Err(Problem::error(
            "module.zip-encrypted",
            place,
            "The module in the zip file is encrypted.",
            "Unpack it with its password and bring the `.wasm` file.",
        ));
    }
    let failed = "The module in the zip file cannot be decompressed";
    let unpacked = match method {
        CompressionMethod::STORE => bounded(entry.data()),
        CompressionMethod::DEFLATE => bounded(DeflateDecoder::new(entry.data())),
        _ => {
            return Err(Problem::error(
                "module.zip-method",
                place,
                "The module in the zip file is compressed with something else than deflate.",
                "Unpack it and bring the `.wasm` file, or zip it again with ordinary compression.",
            ));
        }
    }
    .map_err(|failure| failure.problem("module.zip-damaged", failed))?;
    let mut crc = Crc::new();
    crc.update(&unpacked);
    let found = ZipVerification {
        crc: crc.sum(),
        uncompressed_size: unpacked.len() as u64,
    };
    entry
        .claim_verifier()
        .valid(found)
        .map_err(|error| damaged_zip(&error))?;
    Ok(Unpacked {
        note: Problem::note(
            "module.unpacked",
            place.clone(),
            format!(
                "`{place}` was taken from the zip file; the other {} files in it are not used.",
                names.len()
            ),
            "Nothing to do, unless the function reads those files: they are not in its file system.",
        ),
        name,
        bytes: unpacked,
    })
}

/// A zip file without a module: most likely a deployment package for another runtime.
fn no_module(names: &[String]) -> Problem {
    let holds = |test: &dyn Fn(&str) -> bool| {
        names.iter().any(|name| {
            test(
                &name
                    .rsplit('/')
                    .next()
                    .unwrap_or_default()
                    .to_ascii_lowercase(),
            )
        })
    };
    let ends = |endings: &'static [&'static str]| {
        holds(&move |name| endings.iter().any(|end| name.ends_with(end)))
    };
    let (what, cure) = if holds(&|name| name == "bootstrap") {
        (
            "a Lambda deployment package with a native `bootstrap`, as Rust, Go and C++ functions have it",
            BUILD_FOR_WASI,
        )
    } else if ends(&[".class", ".jar"]) {
        (
            "a Java deployment package",
            "The page runs WebAssembly only; Java needs a compiler to WebAssembly without garbage-collected types.",
        )
    } else if ends(&[".js", ".mjs", ".cjs"]) {
        (
            "a Node.js deployment package",
            "The page runs WebAssembly only: compile the JavaScript into a module with `javy build`, reading the event \
             from standard input and writing the response to standard output.",
        )
    } else if ends(&[".py"]) {
        (
            "a Python deployment package",
            "The page runs WebAssembly only; bring a module from a language that compiles to it, such as Rust, Go, C or Zig.",
        )
    } else if ends(&[".dll"]) {
        (
            "a .NET deployment package",
            "The page runs WebAssembly only: build with the `wasi-experimental` workload for `wasi-wasm`.",
        )
    } else if names.is_empty() {
        (
            "an empty zip file",
            "Put the `.wasm` file into it, or bring that by itself.",
        )
    } else {
        (
            "a zip file without a module",
            "Put the `.wasm` file into it, or bring that by itself.",
        )
    };
    let holds = if names.is_empty() {
        String::new()
    } else {
        format!(" It holds {}.", listed(names))
    };
    Problem::error("module.zip", "", format!("This is {what}.{holds}"), cure)
}

fn listed(names: &[String]) -> String {
    let mut text: Vec<_> = names
        .iter()
        .take(LISTED)
        .map(|name| format!("`{}`", shown(name)))
        .collect();
    if names.len() > LISTED {
        text.push(format!("{} more", names.len() - LISTED));
    }
    text.join(", ")
}

fn damaged_zip(error: &rawzip::Error) -> Problem {
    Problem::error(
        "module.zip-damaged",
        "",
        format!("The zip file is damaged: {error}."),
        "Download or build it again; if it opens elsewhere, unpack it and bring the `.wasm` file.",
    )
}

/// Why a stream was not unpacked.
enum Failure {
    /// It would unpack to more than [`MAX_BYTES`].
    TooLarge,
    /// The decoder's words.
    Damaged(std::io::Error),
}

impl Failure {
    fn problem(self, code: &str, what: &str) -> Problem {
        match self {
            Self::TooLarge => {
                let mut problem = too_large(MAX_BYTES as u64);
                problem.cause = format!(
                    "The file unpacks to more than {} MiB, which is as much as a module may have here.",
                    MAX_BYTES / (1024 * 1024)
                );
                problem
            }
            Self::Damaged(error) => Problem::error(
                code,
                "",
                format!("{what}: {error}."),
                "It was cut off or damaged on the way; download or build it again.",
            ),
        }
    }
}

/// Reads a stream to its end, but never more than [`MAX_BYTES`].
fn bounded(reader: impl std::io::Read) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    reader
        .take(MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(Failure::Damaged)?;
    if bytes.len() > MAX_BYTES {
        return Err(Failure::TooLarge);
    }
    Ok(bytes)
}
