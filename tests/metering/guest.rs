//! A metered guest and a host that grants it slice after slice.

use lambda_playground::guest::meter::{self, MeterCall, MeteredModule, gauge};
use wasmi::errors::HostError;
use wasmi::{
    Caller, Config, Engine, Extern, ExternType, Global, Instance, Linker, Module, Store, Val,
};

/// Fuel after which a call is taken to be endless.
const PATIENCE: u64 = 100_000_000;

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    Returned,
    Trapped(wasmi::TrapCode),
    Stopped(MeterCall),
    /// It ran for longer than the host's patience.
    Endless,
    /// The engine failed.
    Failed(String),
}

/// What a call did.
#[derive(Debug, Clone)]
pub struct Run {
    pub end: End,
    pub results: Vec<Val>,
    /// As the host sees it.
    pub fuel: u64,
    /// Units of call depth that are left, of those at the start.
    pub depth: (i64, i64),
}

impl Run {
    /// The only result's bits.
    #[track_caller]
    pub fn bits(&self) -> u64 {
        assert_eq!(self.end, End::Returned);
        match self.results.as_slice() {
            [Val::I32(value)] => u64::from(*value as u32),
            [Val::I64(value)] => *value as u64,
            [Val::F32(value)] => u64::from(value.to_bits()),
            [Val::F64(value)] => value.to_bits(),
            other => panic!("one number, not {other:?}"),
        }
    }
}

/// What the host knows of its guest.
#[derive(Default)]
pub struct State {
    slice: i64,
    /// What the gauge showed when the guest last got it.
    shown: i64,
    used: u64,
    gauge: Option<Global>,
    stopped: Option<MeterCall>,
    endless: bool,
    /// What wasmi allows, once a test makes it the store's limiter.
    pub limits: wasmi::StoreLimits,
    /// What the guest passed to `host.note`, and the fuel used by then.
    pub notes: Vec<(i64, u64)>,
}

pub struct Guest {
    pub store: Store<State>,
    pub instance: Instance,
    pub module: MeteredModule,
}

#[derive(Debug)]
struct Stopped;

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("stopped")
    }
}

impl HostError for Stopped {}

impl Guest {
    /// From text, in slices of 100,000.
    #[track_caller]
    pub fn new(text: &str) -> Self {
        let bytes = wat::parse_str(text).expect("the text is WebAssembly");
        let module = meter::meter(&bytes).expect("the module can be metered");
        Self::from(module, 100_000).expect("the module can be instantiated")
    }

    /// From a metered module. Its start function has not run yet.
    pub fn from(module: MeteredModule, slice: i64) -> Result<Self, String> {
        wasmparser::Validator::new_with_features(meter::features())
            .validate_all(&module.bytes)
            .expect("a metered module is valid");
        let mut config = Config::default();
        config
            .set_max_recursion_depth(1 << 15)
            .set_max_stack_height(64 << 20);
        let engine = Engine::new(&config);
        let compiled = Module::new(&engine, &module.bytes).map_err(|error| error.to_string())?;
        let state = State {
            slice,
            ..State::default()
        };
        let mut store = Store::new(&engine, state);
        let mut linker = Linker::new(&engine);
        define_meter(&mut linker);
        linker
            .func_wrap(
                "host",
                "note",
                |mut caller: Caller<'_, State>, value: i64| {
                    let used = account(&mut caller);
                    caller.data_mut().notes.push((value, used));
                },
            )
            .expect("it is defined once");
        // Anything else answers zero.
        for import in compiled.imports() {
            if let ExternType::Func(ty) = import.ty()
                && !matches!(import.module(), "meter" | "host")
            {
                let zeros: Vec<Val> = ty
                    .results()
                    .iter()
                    .map(|ty| Val::default_for_ty(*ty))
                    .collect();
                // The same name may be imported twice, with one signature or two; a second one cannot be linked then.
                let _ = linker.func_new(
                    import.module(),
                    import.name(),
                    ty.clone(),
                    move |_, _, results| {
                        results.clone_from_slice(&zeros);
                        Ok(())
                    },
                );
            }
        }
        let instance = linker
            .instantiate_and_start(&mut store, &compiled)
            .map_err(|error| error.to_string())?;
        store.data_mut().gauge = instance.get_global(&store, &module.gauge);
        Ok(Self {
            store,
            instance,
            module,
        })
    }

    /// Calls an export with a full gauge.
    #[track_caller]
    pub fn call(&mut self, export: &str, arguments: &[Val]) -> Run {
        self.call_at_depth(export, arguments, meter::CALL_DEPTH_UNITS)
    }

    /// Calls an export with this much call depth.
    #[track_caller]
    pub fn call_at_depth(&mut self, export: &str, arguments: &[Val], depth: i16) -> Run {
        let function = self
            .instance
            .get_func(&self.store, export)
            .expect("the function is exported");
        let ty = function.ty(&self.store);
        let mut results: Vec<Val> = ty
            .results()
            .iter()
            .map(|ty| Val::default_for_ty(*ty))
            .collect();
        let gauge = self.store.data().gauge.expect("the gauge is exported");
        let slice = self.store.data().slice;
        gauge
            .set(&mut self.store, Val::I64(gauge::pack(depth, slice)))
            .expect("the gauge is mutable");
        let state = self.store.data_mut();
        (state.shown, state.used) = (slice, 0);
        (state.stopped, state.endless) = (None, false);
        let outcome = function.call(&mut self.store, arguments, &mut results);
        let left = self.gauge();
        let state = self.store.data_mut();
        let used = state.used as i64 + state.shown - gauge::fuel(left);
        let end = match outcome {
            Ok(()) => End::Returned,
            Err(_) if state.endless => End::Endless,
            Err(error) => match (state.stopped, error.as_trap_code()) {
                (Some(call), _) => End::Stopped(call),
                (None, Some(code)) => End::Trapped(code),
                (None, None) => End::Failed(error.to_string()),
            },
        };
        Run {
            end,
            results,
            fuel: used as u64,
            depth: (gauge::depth(left), i64::from(depth)),
        }
    }

    pub fn gauge(&self) -> i64 {
        let gauge = self.store.data().gauge.expect("the gauge is exported");
        gauge.get(&self.store).i64().expect("the gauge is an i64")
    }

    pub fn set_page_limit(&mut self, pages: i64) {
        self.instance
            .get_global(&self.store, &self.module.page_limit)
            .expect("the page limit is exported")
            .set(&mut self.store, Val::I64(pages))
            .expect("the page limit is mutable");
    }
}

fn define_meter(linker: &mut Linker<State>) {
    linker
        .func_wrap("meter", "slice", |mut caller: Caller<'_, State>| {
            account(&mut caller);
            let state = caller.data_mut();
            if state.used > PATIENCE {
                state.endless = true;
                return Err(wasmi::Error::host(Stopped));
            }
            let slice = state.slice;
            state.shown = slice;
            let gauge = state.gauge.expect("no guest code runs before");
            let raw = gauge.get(&caller).i64().expect("the gauge is an i64");
            assert!(gauge::fuel(raw) < 0, "the slice is used up");
            gauge
                .set(&mut caller, Val::I64(gauge::with_fuel(raw, slice)))
                .expect("the gauge is mutable");
            Ok(())
        })
        .expect("it is defined once");
    linker
        .func_wrap("meter", MeterCall::Grown.name(), || {})
        .expect("it is defined once");
    for call in [MeterCall::Stack, MeterCall::Memory, MeterCall::Device] {
        linker
            .func_wrap(
                "meter",
                call.name(),
                move |mut caller: Caller<'_, State>| {
                    caller.data_mut().stopped = Some(call);
                    Err::<(), _>(wasmi::Error::host(Stopped))
                },
            )
            .expect("it is defined once");
    }
}

/// Fuel used up to now.
fn account(caller: &mut Caller<'_, State>) -> u64 {
    let gauge = caller.data().gauge.expect("no guest code runs before");
    let left = gauge::fuel(gauge.get(&*caller).i64().expect("the gauge is an i64"));
    let state = caller.data_mut();
    state.used += (state.shown - left) as u64;
    state.shown = left;
    state.used
}

/// The bytes of an exported memory.
pub fn memory(guest: &Guest) -> Option<Vec<u8>> {
    let name = guest.module.memory.as_deref()?;
    let memory = guest.instance.get_memory(&guest.store, name)?;
    Some(memory.data(&guest.store).to_vec())
}

/// All exported globals but the meter's.
pub fn globals(guest: &Guest) -> Vec<String> {
    guest
        .instance
        .exports(&guest.store)
        .filter(|export| {
            export.name() != guest.module.gauge && export.name() != guest.module.page_limit
        })
        .filter_map(|export| match export.into_extern() {
            Extern::Global(global) => match global.get(&guest.store) {
                Val::FuncRef(_) | Val::ExternRef(_) => None,
                Val::F32(value) => Some(format!("f32 {:#x}", value.to_bits())),
                Val::F64(value) => Some(format!("f64 {:#x}", value.to_bits())),
                value => Some(format!("{value:?}")),
            },
            _ => None,
        })
        .collect()
}
