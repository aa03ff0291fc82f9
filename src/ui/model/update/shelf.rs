//! The shelf: modules that further functions run, beside the function that is loaded.

use std::sync::Arc;

use super::super::msg::{Effect, Origin};
use super::super::{Function, Loading, Model};
use super::worker::REMINDER;
use crate::guest::describe::ModuleReport;
use crate::problem::Problem;
use crate::scenario::link::{SharedCode, SharedModule};
use crate::scenario::{ModuleHash, Scenario};
use crate::session::protocol::Command;
use crate::ui::catalogue;

/// Makes the function that is loaded a further one. Says whether there was one.
pub(super) fn add_loaded(model: &mut Model) -> bool {
    let Some(current) = model.function.current.clone() else {
        return false;
    };
    let module = current.module.clone();
    let shelf = &mut Arc::make_mut(&mut model.function).shelf;
    shelf.insert(module.clone(), current);
    Arc::make_mut(&mut model.setup).add_running(module);
    true
}

/// What a link carries of the shelf: what its scenario runs.
pub(super) fn shared(model: &Model, scenario: &Scenario, first: &ModuleHash) -> Vec<SharedModule> {
    let wanted = scenario.modules().into_iter();
    wanted
        .filter(|module| *module != first)
        .filter_map(|module| {
            let function = model.function.shelf.get(module)?;
            Some(SharedModule {
                module: module.clone(),
                name: function.name.clone(),
                code: match &function.origin {
                    Origin::Example(id) => SharedCode::Example(id.clone()),
                    Origin::Upload => SharedCode::of_upload(&function.bytes),
                },
            })
        })
        .collect()
}

/// Wants what a link's further functions run.
pub(super) fn want(model: &mut Model, others: &[SharedModule], effects: &mut Vec<Effect>) {
    for other in others {
        if model.function.shelf.contains_key(&other.module) {
            continue;
        }
        let function = Arc::make_mut(&mut model.function);
        function.token += 1;
        let token = function.token;
        let (origin, bytes) = match &other.code {
            SharedCode::Example(id) if catalogue::by_id(id).is_some() => {
                effects.push(Effect::Fetch {
                    token,
                    example: id.clone(),
                });
                (Origin::Example(id.clone()), None)
            }
            SharedCode::Inline(bytes) => (Origin::Upload, Some(Arc::from(bytes.as_slice()))),
            SharedCode::Example(_) | SharedCode::Elsewhere | SharedCode::At(_) => {
                let address = match &other.code {
                    SharedCode::At(address) => Some(address.clone()),
                    _ => None,
                };
                effects.push(Effect::FindModule {
                    module: other.module.clone(),
                    name: other.name.clone(),
                    address,
                    token: Some(token),
                });
                (Origin::Upload, None)
            }
        };
        function.arriving.push(Loading {
            token,
            name: other.name.clone(),
            origin,
            bytes,
            compiling: false,
            wanted: Some(other.module.clone()),
        });
        inspect(model, token, effects);
    }
}

/// A module is there, or is not; comes back when it is not for the shelf.
pub(super) fn fetched(
    model: &mut Model,
    token: u32,
    result: Result<Vec<u8>, String>,
    effects: &mut Vec<Effect>,
) -> Option<Result<Vec<u8>, String>> {
    let function = Arc::make_mut(&mut model.function);
    let Some(loading) = function.arriving.iter_mut().find(|it| it.token == token) else {
        return Some(result);
    };
    match result {
        Ok(bytes) => {
            loading.bytes = Some(bytes.into());
            inspect(model, token, effects);
        }
        Err(cause) => {
            if let Some(loading) = arrived(model, token) {
                let problem = Problem::warning(
                    "link.file",
                    "",
                    format!(
                        "A further function's module, {}, could not be had: {cause}.",
                        loading.name
                    ),
                    "Open the scenario as a file, which has all its modules in it, or make the function a model.",
                );
                Arc::make_mut(&mut model.link).problems.push(problem);
            }
            super::running::send_run(model, effects);
        }
    }
    None
}

/// Takes a module off those on their way; none when no such one is.
pub(super) fn arrived(model: &mut Model, token: u32) -> Option<Loading> {
    let at = model
        .function
        .arriving
        .iter()
        .position(|it| it.token == token)?;
    Some(Arc::make_mut(&mut model.function).arriving.remove(at))
}

/// A module can run. An example may have changed since the link was made: the scenario then names it anew.
pub(super) fn accepted(
    model: &mut Model,
    loading: Loading,
    module: ModuleHash,
    report: ModuleReport,
    problems: Vec<Problem>,
) {
    let wanted = loading.wanted.clone();
    let function = Arc::new(Function {
        name: loading.name,
        origin: loading.origin,
        bytes: loading.bytes.unwrap_or_default(),
        module: module.clone(),
        report,
        problems,
    });
    let shelf = &mut Arc::make_mut(&mut model.function).shelf;
    shelf.insert(module.clone(), function);
    if let Some(wanted) = wanted.filter(|wanted| *wanted != module) {
        Arc::make_mut(&mut model.setup).rename_module(&wanted, &module);
        if let Some(pending) = Arc::make_mut(&mut model.run).pending.as_mut() {
            pending.setup = Arc::clone(&model.setup);
        }
    }
}

/// A module cannot run.
pub(super) fn rejected(model: &mut Model, name: &str, problems: Vec<Problem>) {
    let link = Arc::make_mut(&mut model.link);
    link.problems
        .extend(problems.into_iter().map(|problem| Problem {
            place: name.to_owned(),
            ..problem
        }));
}

/// Tells a new worker of everything on the shelf, and asks about what is on its way.
pub(super) fn remind(model: &Model, effects: &mut Vec<Effect>) {
    let used = model.setup.scenario(&ModuleHash(String::new()));
    for module in used.modules() {
        if let Some(function) = model.function.shelf.get(module) {
            effects.push(Effect::Send(Command::Inspect {
                token: REMINDER,
                name: function.name.clone(),
                bytes: function.bytes.to_vec(),
            }));
        }
    }
    let arriving: Vec<u32> = model.function.arriving.iter().map(|it| it.token).collect();
    for token in arriving {
        inspect(model, token, effects);
    }
}

/// Asks the worker about a module on its way, when both are there.
fn inspect(model: &Model, token: u32, effects: &mut Vec<Effect>) {
    let loading = model.function.arriving.iter().find(|it| it.token == token);
    if let Some(loading) = loading.filter(|_| model.engine.ready)
        && let Some(bytes) = &loading.bytes
    {
        effects.push(Effect::Send(Command::Inspect {
            token,
            name: loading.name.clone(),
            bytes: bytes.to_vec(),
        }));
    }
}
