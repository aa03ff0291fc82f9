//! wasmi: runs everywhere, natively in tests too.
//!
//! Each instance has a store of its own that goes with it. A store is never used again after an instantiation failed:
//! wasmi 2.0.0 then leaves functions of the failed instance reachable through shared tables, and calling one is undefined
//! behaviour. With one instance per store and no shared tables nothing of it can be reached.

use std::cell::RefCell;
use std::rc::Rc;

use wasmi::errors::{ErrorKind, HostError, InstantiationError, MemoryError};
use wasmi::{
    AsContext, AsContextMut, Caller, CompilationMode, Config, Extern, Func, FuncType, Global,
    Memory, Module, Store, TrapCode, Val, ValType,
};

use super::{
    CallError, Compiled, Engine, GuestAccess, Host, Instance, OutOfBounds, Stop, Tier, Trap, Value,
};
use crate::guest::meter::{MeteredModule, ValueType};

/// Frames on wasmi's own stack. Our call depth is at most `i16::MAX` units and a frame takes at least one, so that ours is
/// always used up first.
const MAX_FRAMES: usize = 1 << 17;

/// Bytes of wasmi's value stack. It grows as it is needed; the depth units bound what all frames together can take far
/// below this.
const MAX_STACK_BYTES: usize = 1 << 30;

/// The interpreter tier.
pub struct Interpreter {
    engine: wasmi::Engine,
}

impl Default for Interpreter {
    fn default() -> Self {
        Self::new()
    }
}

impl Interpreter {
    /// An interpreter. Compiled modules can share it.
    pub fn new() -> Self {
        let mut config = Config::default();
        config
            .compilation_mode(CompilationMode::Eager)
            .allow_start_fn(false)
            .ignore_custom_sections(true)
            .wasm_relaxed_simd(false)
            .set_max_stack_height(MAX_STACK_BYTES)
            .set_max_recursion_depth(MAX_FRAMES)
            // A deep recursion's stack is given back when its store goes.
            .set_max_cached_stacks(1);
        Self {
            engine: wasmi::Engine::new(&config),
        }
    }
}

impl Engine for Interpreter {
    fn tier(&self) -> Tier {
        Tier::Interpreter
    }

    fn compile(&self, module: &MeteredModule) -> Result<Rc<dyn Compiled>, String> {
        let compiled = Module::new(&self.engine, &module.bytes).map_err(|e| e.to_string())?;
        let types = module.imports.iter().map(|import| {
            FuncType::new(
                import.parameters.iter().map(|ty| value_type(*ty)),
                import.result.map(value_type),
            )
        });
        Ok(Rc::new(CompiledModule {
            engine: self.engine.clone(),
            module: compiled,
            imports: types.collect(),
            names: Names {
                gauge: module.gauge.clone(),
                page_limit: module.page_limit.clone(),
                memory: module.memory.clone(),
            },
        }))
    }
}

struct CompiledModule {
    engine: wasmi::Engine,
    module: Module,
    imports: Vec<FuncType>,
    names: Names,
}

/// Export names of what the host works with.
struct Names {
    gauge: String,
    page_limit: String,
    memory: Option<String>,
}

impl Compiled for CompiledModule {
    fn instantiate(&self, host: Rc<RefCell<dyn Host>>) -> Result<Box<dyn Instance>, CallError> {
        let data = Data {
            host,
            exports: Exports::default(),
        };
        let mut store = Store::new(&self.engine, data);
        let imports: Vec<Extern> = self
            .imports
            .iter()
            .enumerate()
            .map(|(import, ty)| Extern::Func(host_function(&mut store, ty, import)))
            .collect();
        let instance =
            wasmi::Instance::new(&mut store, &self.module, &imports).map_err(call_error)?;
        let missing = |name: &str| CallError::Engine(format!("the module has no export {name}"));
        let global = |store: &Store<Data>, name: &str| {
            instance
                .get_global(store, name)
                .ok_or_else(|| missing(name))
        };
        let exports = Exports {
            gauge: Some(global(&store, &self.names.gauge)?),
            page_limit: Some(global(&store, &self.names.page_limit)?),
            memory: match &self.names.memory {
                None => None,
                Some(name) => Some(
                    instance
                        .get_memory(&store, name)
                        .ok_or_else(|| missing(name))?,
                ),
            },
        };
        store.data_mut().exports = exports;
        Ok(Box::new(RunningModule { store, instance }))
    }
}

/// A function that leads to the host as import number `import`.
fn host_function(store: &mut Store<Data>, ty: &FuncType, import: usize) -> Func {
    let call = move |mut caller: Caller<'_, Data>, inputs: &[Val], outputs: &mut [Val]| {
        let mut arguments = Vec::with_capacity(inputs.len());
        for input in inputs {
            arguments.push(from_wasmi(input).ok_or_else(|| wasmi::Error::host(Stopped))?);
        }
        let host = caller.data().host.clone();
        let result = host
            .borrow_mut()
            .call(import, &arguments, &mut Access(&mut caller));
        match (result, outputs) {
            (Ok(Some(value)), [output]) => *output = into_wasmi(value),
            (Ok(None), []) => {}
            (Ok(_), _) | (Err(Stop), _) => return Err(wasmi::Error::host(Stopped)),
        }
        Ok(())
    };
    Func::new(store, ty.clone(), call)
}

/// What a store keeps.
struct Data {
    host: Rc<RefCell<dyn Host>>,
    exports: Exports,
}

/// What the host works with. Empty only until the instance is there, and no guest code runs before.
#[derive(Clone, Copy, Default)]
struct Exports {
    gauge: Option<Global>,
    page_limit: Option<Global>,
    memory: Option<Memory>,
}

struct RunningModule {
    store: Store<Data>,
    instance: wasmi::Instance,
}

impl Instance for RunningModule {
    fn call(&mut self, export: &str, arguments: &[Value]) -> Result<Option<Value>, CallError> {
        let function = self
            .instance
            .get_func(&self.store, export)
            .ok_or_else(|| CallError::Engine(format!("the module has no function {export}")))?;
        let inputs: Vec<Val> = arguments.iter().copied().map(into_wasmi).collect();
        let results = function.ty(&self.store).results().len();
        let mut outputs = vec![Val::I32(0); results];
        function
            .call(&mut self.store, &inputs, &mut outputs)
            .map_err(call_error)?;
        Ok(outputs.first().and_then(from_wasmi))
    }

    fn access(&mut self) -> &mut dyn GuestAccess {
        self
    }
}

/// The guest as a host function sees it.
struct Access<'a, 'b>(&'a mut Caller<'b, Data>);

/// Both views of a guest are a wasmi context; everything is written once for any.
macro_rules! guest_access {
    ($type:ty, $self:ident => $context:expr) => {
        impl GuestAccess for $type {
            fn memory_bytes(&$self) -> u64 {
                memory(&$context).map_or(0, |memory| memory.data_size(&$context) as u64)
            }

            fn read(&$self, at: u32, into: &mut [u8]) -> Result<(), OutOfBounds> {
                read(&$context, at, into)
            }

            fn write(&mut $self, at: u32, bytes: &[u8]) -> Result<(), OutOfBounds> {
                write(&mut $context, at, bytes)
            }

            fn gauge(&$self) -> i64 {
                let exports = $context.as_context().data().exports;
                let gauge = exports.gauge.map(|gauge| gauge.get(&$context));
                gauge.and_then(|value| value.i64()).unwrap_or_default()
            }

            fn set_gauge(&mut $self, gauge: i64) {
                let global = $context.as_context().data().exports.gauge;
                set_global(&mut $context, global, gauge);
            }

            fn set_page_limit(&mut $self, pages: i64) {
                let global = $context.as_context().data().exports.page_limit;
                set_global(&mut $context, global, pages);
            }
        }
    };
}

guest_access!(RunningModule, self => self.store);
guest_access!(Access<'_, '_>, self => *self.0);

fn memory(context: impl AsContext<Data = Data>) -> Option<Memory> {
    context.as_context().data().exports.memory
}

/// An empty range is inside a memory up to its very end, and inside nothing when there is no memory.
fn read(context: impl AsContext<Data = Data>, at: u32, into: &mut [u8]) -> Result<(), OutOfBounds> {
    let memory = memory(&context).ok_or(OutOfBounds)?;
    memory
        .read(&context, at as usize, into)
        .map_err(|_| OutOfBounds)
}

fn write(
    mut context: impl AsContextMut<Data = Data>,
    at: u32,
    bytes: &[u8],
) -> Result<(), OutOfBounds> {
    let memory = memory(&context).ok_or(OutOfBounds)?;
    memory
        .write(&mut context, at as usize, bytes)
        .map_err(|_| OutOfBounds)
}

fn set_global(mut context: impl AsContextMut<Data = Data>, global: Option<Global>, value: i64) {
    if let Some(global) = global {
        // It can only fail when the meter made it immutable or of another type, which its tests exclude.
        let set = global.set(&mut context, Val::I64(value));
        debug_assert!(set.is_ok(), "{set:?}");
    }
}

/// The host's order to unwind, as wasmi carries it.
#[derive(Debug)]
struct Stopped;

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("stopped by the host")
    }
}

impl HostError for Stopped {}

fn call_error(error: wasmi::Error) -> CallError {
    if error.downcast_ref::<Stopped>().is_some() {
        return CallError::Stopped;
    }
    let trap = match error.kind() {
        ErrorKind::Instantiation(InstantiationError::ElementSegmentDoesNotFit { .. }) => {
            Some(Trap::TableOutOfBounds)
        }
        ErrorKind::Memory(MemoryError::OutOfBoundsAccess) => Some(Trap::MemoryOutOfBounds),
        _ => error.as_trap_code().and_then(trap),
    };
    match trap {
        Some(trap) => CallError::Trap(trap),
        None => CallError::Engine(error.to_string()),
    }
}

/// wasmi's traps as ours. The rest are its own limits, which are never the guest's fault.
fn trap(code: TrapCode) -> Option<Trap> {
    Some(match code {
        TrapCode::UnreachableCodeReached => Trap::Unreachable,
        TrapCode::MemoryOutOfBounds => Trap::MemoryOutOfBounds,
        TrapCode::TableOutOfBounds => Trap::TableOutOfBounds,
        TrapCode::IndirectCallToNull | TrapCode::BadSignature => Trap::BadIndirectCall,
        TrapCode::IntegerDivisionByZero => Trap::DivideByZero,
        TrapCode::IntegerOverflow | TrapCode::BadConversionToInteger => Trap::Unrepresentable,
        TrapCode::StackOverflow
        | TrapCode::OutOfFuel
        | TrapCode::GrowthOperationLimited
        | TrapCode::OutOfSystemMemory => return None,
    })
}

fn value_type(ty: ValueType) -> ValType {
    match ty {
        ValueType::I32 => ValType::I32,
        ValueType::I64 => ValType::I64,
        ValueType::F32 => ValType::F32,
        ValueType::F64 => ValType::F64,
    }
}

fn into_wasmi(value: Value) -> Val {
    match value {
        Value::I32(value) => Val::I32(value),
        Value::I64(value) => Val::I64(value),
        Value::F32(bits) => Val::F32(wasmi::F32::from_bits(bits)),
        Value::F64(bits) => Val::F64(wasmi::F64::from_bits(bits)),
    }
}

/// `None` for vectors and references, which never cross: imports and exports we call have plain numbers only.
fn from_wasmi(value: &Val) -> Option<Value> {
    Some(match value {
        Val::I32(value) => Value::I32(*value),
        Val::I64(value) => Value::I64(*value),
        Val::F32(value) => Value::F32(value.to_bits()),
        Val::F64(value) => Value::F64(value.to_bits()),
        _ => return None,
    })
}
