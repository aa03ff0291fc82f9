//! A module made ready to run: metered, its convention known, its imports bound, compiled.

use std::rc::Rc;

use super::abi::imports::{Binding, bind_metered};
use super::abi::outline::{Export, Outline};
use super::abi::{self, Abi, exports_function, import_problems};
use super::engine::{Compiled, Engine};
use super::fuel::Fuel;
use super::meter::{self, MeteredModule, ValueType};
use super::process::account::SLICE;
use crate::problem::{Problem, Severity};

/// A WebAssembly page.
pub const PAGE_BYTES: u64 = 65_536;

/// A program, from which any number of processes can be started.
#[derive(Clone)]
pub struct Program {
    pub(super) abi: Abi,
    why: String,
    pub(super) compiled: Rc<dyn Compiled>,
    pub(super) bindings: Rc<[Binding]>,
    /// Export name of the start function.
    pub(super) start: Option<String>,
    /// Export to call once, after the start function.
    pub(super) initializer: Option<&'static str>,
    /// Whether it wants its responses back.
    pub(super) releases: bool,
    pub(super) initial_pages: u64,
    /// Export that counts the pages of all memories, when there are several.
    pub(super) pages: Option<String>,
    pub(super) module_bytes: u64,
    metered_bytes: u64,
    pub(super) data_bytes: u64,
    pub(super) slice: Fuel,
}

impl Program {
    /// Makes a module ready to run on `engine`.
    ///
    /// # Errors
    /// All that is wrong with it, at least one [`Severity::Error`] among it: what the meter refuses, no convention that we
    /// know, imports that nobody provides, what the engine refuses.
    pub fn prepare(engine: &dyn Engine, bytes: &[u8]) -> Result<Rc<Self>, Vec<Problem>> {
        match meter::meter(bytes) {
            Ok(metered) => Self::link(engine, bytes, &metered),
            // The meter names one import that cannot be; there may be more, and we know cures.
            Err(problem) if problem.code == "module.import" => match Outline::read(bytes) {
                Ok(outline) if any_error(&import_problems(&outline)) => Err(surface(&outline).1),
                _ => Err(vec![problem]),
            },
            Err(problem) => Err(vec![problem]),
        }
    }

    /// The second half of [`Program::prepare`], for a module that is metered already. `bytes` is the module as it was
    /// before.
    ///
    /// # Errors
    /// As [`Program::prepare`].
    pub fn link(
        engine: &dyn Engine,
        bytes: &[u8],
        metered: &MeteredModule,
    ) -> Result<Rc<Self>, Vec<Problem>> {
        let outline = Outline::read(bytes).map_err(|problem| vec![problem])?;
        let (found, problems) = surface(&outline);
        let Some((abi, why)) = found.filter(|_| !any_error(&problems)) else {
            return Err(problems);
        };
        let own = outline.imports.len();
        let bindings: Result<Rc<[Binding]>, Problem> = metered
            .imports
            .iter()
            .enumerate()
            .map(|(index, import)| bind_metered(import, index < own))
            .collect();
        let bindings = bindings.map_err(|problem| vec![problem])?;
        let compiled = engine
            .compile(metered)
            .map_err(|words| vec![refused(&words)])?;
        Ok(Rc::new(Self {
            abi,
            why,
            compiled,
            bindings,
            start: metered.start.clone(),
            initializer: initializer(&outline.exports),
            releases: exports_function(
                &outline.exports,
                "dealloc",
                &[ValueType::I32, ValueType::I32],
                None,
            ),
            initial_pages: metered.initial_pages,
            pages: metered.pages.clone(),
            module_bytes: bytes.len() as u64,
            metered_bytes: metered.bytes.len() as u64,
            data_bytes: outline.data_bytes,
            slice: SLICE,
        }))
    }

    /// The convention that it follows.
    pub fn abi(&self) -> Abi {
        self.abi
    }

    /// What shows that it follows it.
    pub fn why(&self) -> &str {
        &self.why
    }

    /// Size of the module in bytes, as it was brought.
    pub fn size(&self) -> u64 {
        self.module_bytes
    }

    /// Bytes of the rewritten module.
    pub fn metered_size(&self) -> u64 {
        self.metered_bytes
    }

    /// Pages of 64 KiB that its memories take at the start.
    pub fn initial_pages(&self) -> u64 {
        self.initial_pages
    }

    /// The same program, whose processes get their fuel in slices of another size. Results do not depend on it, and tests
    /// hold us to that; only the fuel shown after an access out of bounds does, which is the one end after which the
    /// gauge is not exact (see [`meter`](super::meter)).
    pub fn sliced(&self, slice: Fuel) -> Rc<Self> {
        Rc::new(Self {
            slice,
            ..self.clone()
        })
    }
}

/// The convention that a module follows, and what stands in the way of linking it.
fn surface(outline: &Outline) -> (Option<(Abi, String)>, Vec<Problem>) {
    let mut problems = import_problems(outline);
    let found = abi::detect(&outline.imports, &outline.exports);
    if found.is_none() {
        problems.push(abi::no_entry(&outline.exports));
    }
    (found, problems)
}

/// What a reactor wants to be called once before anything else.
fn initializer(exports: &[Export]) -> Option<&'static str> {
    ["_initialize", "__wasm_call_ctors"]
        .into_iter()
        .find(|name| exports_function(exports, name, &[], None))
}

fn any_error(problems: &[Problem]) -> bool {
    problems.iter().any(|p| p.severity == Severity::Error)
}

fn refused(words: &str) -> Problem {
    Problem::error(
        "module.engine",
        "",
        format!("The engine does not take the module: {words}."),
        "Try the other execution tier; if both refuse it, please report it.",
    )
}
