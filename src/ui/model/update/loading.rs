//! The way of a function into the page: fetched or uploaded, compiled when it is text, looked at, taken or rejected.

use std::sync::Arc;

use super::super::msg::{Effect, Origin, Setting};
use super::super::{Function, FunctionState, Loading, Model, Rejected};
use super::desk::ask;
use super::link;
use super::running::{forget_runs, restart_worker, run};
use crate::guest::describe::ModuleReport;
use crate::problem::Problem;
use crate::scenario::ModuleHash;
use crate::session::protocol::Command;
use crate::ui::{catalogue, json_text};

/// Begins to fetch an example.
pub(super) fn choose_example(model: &mut Model, id: &str, effects: &mut Vec<Effect>) {
    let Some(example) = catalogue::by_id(id) else {
        return;
    };
    let function = Arc::make_mut(&mut model.function);
    let origin = Origin::Example(example.id.clone());
    begin_loading(function, example.title.clone(), origin, None);
    effects.push(Effect::Fetch {
        token: function.token,
        example: example.id.clone(),
    });
}

/// Notes that a function is on its way; what was said of the last one is put away.
pub(super) fn begin_loading(
    function: &mut FunctionState,
    name: String,
    origin: Origin,
    bytes: Option<Arc<[u8]>>,
) {
    function.token += 1;
    function.rejected = None;
    function.loading = Some(Loading {
        token: function.token,
        name,
        origin,
        bytes,
        compiling: false,
        wanted: None,
    });
}

/// Asks the worker about the file that is being loaded, when both are there.
pub(super) fn inspect(model: &Model, effects: &mut Vec<Effect>) {
    let Some(loading) = &model.function.loading else {
        return;
    };
    let Some(bytes) = loading.bytes.as_ref().filter(|_| !loading.compiling) else {
        return;
    };
    if model.engine.ready {
        effects.push(Effect::Send(Command::Inspect {
            token: loading.token,
            name: loading.name.clone(),
            bytes: bytes.to_vec(),
        }));
    }
}

/// An example's module is there, or is not.
pub(super) fn fetched(
    model: &mut Model,
    token: u32,
    result: Result<Vec<u8>, String>,
    effects: &mut Vec<Effect>,
) {
    let function = Arc::make_mut(&mut model.function);
    let Some(loading) = function.loading.as_mut().filter(|it| it.token == token) else {
        return;
    };
    match result {
        Ok(bytes) => {
            loading.bytes = Some(bytes.into());
            inspect(model, effects);
        }
        Err(cause) => {
            let problem = Problem::error(
                "example.fetch",
                "",
                format!("The example could not be fetched: {cause}."),
                "Check the connection and choose it again.",
            );
            let name = loading.name.clone();
            reject(model, name, vec![problem], None, effects);
        }
    }
}

/// Compiled text is there, or is not.
pub(super) fn compiled(
    model: &mut Model,
    token: u32,
    result: Result<Vec<u8>, String>,
    effects: &mut Vec<Effect>,
) {
    let function = Arc::make_mut(&mut model.function);
    let Some(loading) = function.loading.as_mut().filter(|it| it.token == token) else {
        return;
    };
    match result {
        Ok(bytes) => {
            loading.bytes = Some(bytes.into());
            loading.compiling = false;
            inspect(model, effects);
        }
        Err(cause) => {
            let problem = Problem::error(
                "module.text",
                "",
                cause,
                "Mend the WebAssembly text there and take the file again.",
            );
            let name = loading.name.clone();
            reject(model, name, vec![problem], None, effects);
        }
    }
}

/// Says why a file cannot run; the last good function stays.
pub(super) fn reject(
    model: &mut Model,
    name: String,
    problems: Vec<Problem>,
    report: Option<Box<ModuleReport>>,
    effects: &mut Vec<Effect>,
) {
    let function = Arc::make_mut(&mut model.function);
    function.loading = None;
    if let Some(first) = problems.first() {
        effects.push(Effect::Announce(format!("{name} cannot run. {first}")));
    }
    function.rejected = Some(Rejected {
        name,
        problems,
        report: report.map(|report| *report),
    });
    Arc::make_mut(&mut model.run).wanted = false;
}

/// Takes a function that can run, and with it what an example suggests.
pub(super) fn accepted(
    model: &mut Model,
    token: u32,
    module: ModuleHash,
    report: ModuleReport,
    problems: Vec<Problem>,
    effects: &mut Vec<Effect>,
) {
    let function = Arc::make_mut(&mut model.function);
    if function.loading.as_ref().is_none_or(|it| it.token != token) {
        return;
    }
    let Some(loading) = function.loading.take() else {
        return;
    };
    let first = function.current.is_none();
    function.rejected = None;
    function.current = Some(Arc::new(Function {
        name: loading.name.clone(),
        origin: loading.origin.clone(),
        bytes: loading.bytes.unwrap_or_default(),
        module,
        report,
        problems,
    }));
    Arc::make_mut(&mut model.engine).knows_function = true;
    if model.run.pending.as_ref().is_some_and(|run| run.sent) {
        // The old function's run: its worker has answered already, so this can only be a race; start clean.
        restart_worker(model, effects);
    }
    forget_runs(model);
    if let Some(function) = model.function.current.clone()
        && link::fits(model, &function, effects)
    {
        return;
    }
    let setup = Arc::make_mut(&mut model.setup);
    // The first example comes by itself: what the visitor chose or typed meanwhile, or a file brought, stays.
    let suggested = !first || setup.is_untouched();
    setup.name_first(function_name(match &loading.origin {
        Origin::Example(id) => id,
        Origin::Upload => &loading.name,
    }));
    if suggested
        && let Origin::Example(id) = &loading.origin
        && let Some(example) = catalogue::by_id(id)
    {
        setup.set(Setting::Memory(example.suggested_memory_mb));
        setup.set(Setting::Timeout(example.suggested_timeout_seconds));
        // An example that knows the trigger that is chosen is tried with it, and with its event.
        if !example.serves(&setup.trigger) {
            setup.take_trigger(&example.suggested_trigger, &model.desk.cards);
            if let Some(event) = &example.event {
                setup.set_event(json_text::pretty(event.get()), false);
            }
        }
        ask(model, effects);
    }
    if !first {
        effects.push(Effect::Announce(format!("{} is loaded.", loading.name)));
    }
    if model.run.wanted {
        run(model, effects);
    }
}

/// A name that Lambda takes, made from a file's.
pub(super) fn function_name(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let clean: String = stem
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '_' {
                c
            } else {
                '-'
            }
        })
        .take(64)
        .collect();
    if clean.chars().any(|c| c.is_ascii_alphanumeric()) {
        clean
    } else {
        "my-function".to_owned()
    }
}
