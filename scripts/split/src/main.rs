//! Cuts a built module in two.
//!
//! A page's module holds the code for everything a visitor may ever do, and most visits begin with little of it. This tool
//! takes a module as `wasm-bindgen` and `wasm-opt` leave it and a list of the functions that run at first (found by
//! running an instrumented copy, see `scripts/profile`), and writes
//!
//! - the *first* module, with those functions, memory, tables and exports; a function that is not in it is a short stub
//!   there, which calls through the table;
//! - the *later* module, which imports what it needs from the first and puts its functions into the table.
//!
//! Of functions that run, what did not run goes too: their tails (see [`outline`]) become functions of the later module. And
//! so does the data that only later functions refer to (see [`data`]), which the linker's own output tells.
//!
//! The list decides speed only, never behaviour: a stub that is called too early asks the import `later.load` to bring the
//! later module at once. So an old list, or a compiler that names functions in another way, costs download, not truth.

mod cut;
mod data;
mod flow;
mod list;
mod live;
mod module;
mod outline;
mod output;
mod probe;
mod renumber;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use data::Data;
use list::List;
use module::Module;

const USAGE: &str = "\
split cut <module.wasm> <linked.wasm> <list> <first.wasm> <later.wasm>
split probe <module.wasm> <probed.wasm> <names.txt>
split list <list> <lines hit.txt...>";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["cut", module, linked, list, first, later] => {
            cut_files(module, linked, list, first, later)
        }
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

fn cut_files(
    module: &str,
    linked: &str,
    list: &str,
    first: &str,
    later: &str,
) -> Result<(), String> {
    let bytes = read(module)?;
    let list = List::parse(&text(list)?);
    let fault = |error: &dyn std::fmt::Display| format!("{module}: {error}");
    let data = Data::parse(&read(linked)?).map_err(|error| format!("{linked}: {error}"))?;
    let whole = Module::parse(&bytes).map_err(|error| fault(&error))?;
    let outlined = outline::outline(&whole, outline::OVERHEAD, |function, points| {
        list.reached(whole.name(function), points)
    });
    let outlined = outlined.map_err(|error| fault(&error))?;
    let parsed = Module::parse(&outlined.module).map_err(|error| fault(&error))?;
    let deferred = |kept: &BTreeSet<u32>| match &data {
        Some(data) => data
            .deferred(&parsed, kept, &outlined.tails)
            .map_err(|error| error.to_string()),
        None => {
            eprintln!("{linked} holds no relocations: all data comes at first");
            Ok(Vec::new())
        }
    };
    let halves = cut::cut(&parsed, &list, deferred).map_err(|error| fault(&error))?;
    println!(
        "{module}: {} of {} functions first ({} of {} bytes of code), {} stubs, {} bytes of data later",
        halves.kept, halves.functions, halves.kept_bytes, halves.bytes, halves.stubs, halves.data
    );
    write(first, &halves.first)?;
    write(later, &halves.later)
}

fn probe_file(module: &str, probed: &str, names: &str) -> Result<(), String> {
    let bytes = read(module)?;
    let parsed = Module::parse(&bytes).map_err(|error| format!("{module}: {error}"))?;
    let copy = probe::probe(&parsed).map_err(|error| format!("{module}: {error}"))?;
    write(probed, &copy.module)?;
    let lines: String = copy.lines.iter().map(|line| format!("{line}\n")).collect();
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
