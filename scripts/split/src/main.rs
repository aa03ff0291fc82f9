//! Cuts a built module in two.
//!
//! A page's module holds the code for everything a visitor may ever do, and most visits begin with little of it. This tool
//! takes a module as `wasm-bindgen` and `wasm-opt` leave it and a list of the functions that run at first (found by
//! running an instrumented copy, see `scripts/profile`), and writes
//!
//! - the *first* module, with those functions, all data, memory, tables and exports; a function that is not in it is a
//!   short stub there, which calls through the table;
//! - the *later* module, which imports what it needs from the first and puts its functions into the table.
//!
//! The list decides speed only, never behaviour: a stub that is called too early asks the import `later.load` to bring the
//! later module at once. So an old list, or a compiler that names functions in another way, costs download, not truth.

mod cut;
mod list;
mod module;
mod output;
mod probe;
mod renumber;

use std::path::Path;
use std::process::ExitCode;

use list::List;
use module::Module;

const USAGE: &str = "\
split cut <module.wasm> <list> <first.wasm> <later.wasm>
split probe <module.wasm> <probed.wasm> <names.txt>
split list <list> <names called.txt...>";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["cut", module, list, first, later] => cut_files(module, list, first, later),
        ["probe", module, probed, names] => probe_file(module, probed, names),
        ["list", list, names @ ..] if !names.is_empty() => write_list(list, names),
        _ => Err(format!("usage:\n{USAGE}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("split: {message}");
            ExitCode::FAILURE
        }
    }
}

fn cut_files(module: &str, list: &str, first: &str, later: &str) -> Result<(), String> {
    let bytes = read(module)?;
    let list = List::parse(&text(list)?);
    let parsed = Module::parse(&bytes).map_err(|error| format!("{module}: {error}"))?;
    let halves = cut::cut(&parsed, &list).map_err(|error| format!("{module}: {error}"))?;
    println!(
        "{module}: {} of {} functions first ({} of {} bytes of code), {} stubs",
        halves.kept, halves.functions, halves.kept_bytes, halves.bytes, halves.stubs
    );
    write(first, &halves.first)?;
    write(later, &halves.later)
}

fn probe_file(module: &str, probed: &str, names: &str) -> Result<(), String> {
    let bytes = read(module)?;
    let parsed = Module::parse(&bytes).map_err(|error| format!("{module}: {error}"))?;
    write(
        probed,
        &probe::probe(&parsed).map_err(|error| format!("{module}: {error}"))?,
    )?;
    let lines: String = parsed.names().map(|name| format!("{name}\n")).collect();
    write(names, lines.as_bytes())
}

fn write_list(list: &str, names: &[&str]) -> Result<(), String> {
    let mut all = List::default();
    for file in names {
        text(file)?.lines().for_each(|name| all.add(name));
    }
    write(list, all.to_string().as_bytes())
}

fn read(file: &str) -> Result<Vec<u8>, String> {
    std::fs::read(file).map_err(|error| format!("{file}: {error}"))
}

fn text(file: &str) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))
}

fn write(file: &str, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(Path::new(file), bytes).map_err(|error| format!("{file}: {error}"))
}
