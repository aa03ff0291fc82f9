//! Links: made of the scenario as it is, opened with everything that is in them.

use std::sync::Arc;

use super::super::msg::{Effect, Origin};
use super::super::{Function, Model, Moment};
use super::guide;
use super::loading::{begin_loading, choose_example, inspect};
use super::running::{forget_runs, start_run};
use crate::problem::Problem;
use crate::scenario::link::{Draft, Shared, SharedCode, file_wanted};
use crate::session::desk::Question;
use crate::session::files::{FileKind, Material};
use crate::ui::catalogue;
use crate::ui::guide::LINK;

/// Notes where the function is kept, and makes the link anew.
pub(super) fn share_from(model: &mut Model, address: Option<String>, effects: &mut Vec<Effect>) {
    let Some(current) = model.function.current.clone() else {
        return;
    };
    Arc::make_mut(&mut model.link).kept_at = address.map(|it| (current.module.clone(), it));
    share(model, effects);
}

/// Makes a link. Without a function there is nothing to share.
pub(super) fn share(model: &Model, effects: &mut Vec<Effect>) {
    if let Some(mut shared) = shared(model, true) {
        if let (SharedCode::Elsewhere, Some((module, address))) =
            (&shared.code, &model.link.kept_at)
            && *module == shared.scenario.module
        {
            shared.code = SharedCode::At(address.clone());
        }
        effects.push(Effect::Ask(Question::Share(Box::new(shared))));
    }
}

/// What a link would carry. A link to be opened by others has a request in it even when there was none yet.
pub(super) fn shared(model: &Model, with_a_request: bool) -> Option<Shared> {
    let current = model.function.current.as_ref()?;
    let code = match &current.origin {
        Origin::Example(id) => SharedCode::Example(id.clone()),
        Origin::Upload => SharedCode::of_upload(&current.bytes),
    };
    let mut scenario = model.setup.scenario(&current.module);
    if model.setup.arrivals.is_empty() && with_a_request {
        // What is set up but was not run yet is worth a link too.
        let mut setup = (*model.setup).clone();
        setup.note_settings(&model.desk.cards);
        setup.arrive();
        scenario = setup.scenario(&current.module);
    }
    let draft = (!with_a_request).then(|| Draft {
        trigger: model.setup.trigger.clone(),
        event: model.setup.event.text.clone(),
    });
    let others = super::shelf::shared(model, &scenario, &current.module);
    Some(Shared {
        scenario,
        name: current.name.clone(),
        code,
        others,
        draft,
    })
}

/// Has a file written.
pub(super) fn save(model: &Model, kind: FileKind, effects: &mut Vec<Effect>) {
    let Some(mut shared) = shared(model, true) else {
        return;
    };
    if kind == FileKind::Scenario
        && let Some(current) = &model.function.current
        && current.origin == Origin::Upload
    {
        // A file has room for a function of any size.
        shared.code = SharedCode::Inline(current.bytes.to_vec());
    }
    if kind == FileKind::Scenario {
        for other in &mut shared.others {
            if let (SharedCode::Elsewhere, Some(function)) =
                (&other.code, model.function.shelf.get(&other.module))
            {
                other.code = SharedCode::Inline(function.bytes.to_vec());
            }
        }
    }
    let shown = model.run.shown.as_ref();
    let traced = kind.needs_run() && kind != FileKind::Metrics;
    effects.push(Effect::Ask(Question::Save(Box::new(Material {
        kind,
        shared,
        entries: shown
            .filter(|_| traced)
            .map(|shown| shown.entries.to_vec())
            .unwrap_or_default(),
        series: shown
            .map(|shown| shown.whole.series.clone())
            .unwrap_or_default(),
        // The page knows.
        base: String::new(),
    }))));
}

/// The link is there.
pub(super) fn made(model: &mut Model, text: String, effects: &mut Vec<Effect>) {
    let link = Arc::make_mut(&mut model.link);
    link.made = Some(text);
    link.count = link.count.wrapping_add(1);
    effects.push(Effect::ShowLink);
}

/// Wants a link opened.
pub(super) fn open(model: &mut Model, text: String, effects: &mut Vec<Effect>) {
    if let Some(name) = text.strip_prefix(LINK) {
        return guide::open(model, name, effects);
    }
    let link = Arc::make_mut(&mut model.link);
    let (scenario, moment) = Moment::part(&text);
    link.opening = Some(scenario.to_owned());
    link.moment = moment;
    link.opened = None;
    link.problems.clear();
    ask(model, effects);
}

/// Asks what the link carries, once somebody listens.
pub(super) fn ask(model: &Model, effects: &mut Vec<Effect>) {
    if model.desk.ready
        && let Some(text) = &model.link.opening
    {
        effects.push(Effect::Ask(Question::Open(text.clone())));
    }
}

/// What the link carries is there: its function first.
pub(super) fn opened(
    model: &mut Model,
    opened: Result<(Box<Shared>, Vec<Problem>), Problem>,
    effects: &mut Vec<Effect>,
) {
    let link = Arc::make_mut(&mut model.link);
    link.opening = None;
    let (shared, problems) = match opened {
        Ok(opened) => opened,
        Err(problem) => {
            effects.push(Effect::Announce(problem.to_string()));
            link.problems = vec![problem];
            // A page with a broken link is still a page.
            if model.function.current.is_none() && model.function.loading.is_none() {
                choose_example(model, catalogue::FIRST, effects);
            }
            return;
        }
    };
    link.problems = problems;
    let mut code = shared.code.clone();
    if let SharedCode::Example(id) = &code
        && catalogue::by_id(id).is_none()
    {
        code = SharedCode::Elsewhere;
    }
    // A scenario that names no function, or the one that is here, is taken as it is.
    if matches!(code, SharedCode::Elsewhere | SharedCode::At(_))
        && let Some(current) = model.function.current.clone()
    {
        let mut shared = *shared.clone();
        if shared.scenario.module.0.is_empty() {
            shared.scenario.module = current.module.clone();
        }
        if shared.scenario.module == current.module {
            shared.code = SharedCode::Elsewhere;
            Arc::make_mut(&mut model.link).opened = Some(Arc::new(shared));
            forget_runs(model);
            fits(model, &current, effects);
            return;
        }
    }
    let link = Arc::make_mut(&mut model.link);
    if matches!(code, SharedCode::Elsewhere | SharedCode::At(_)) {
        link.problems
            .push(file_wanted(&shared.name, &shared.scenario.module, &code));
    }
    let name = shared.name.clone();
    let module = shared.scenario.module.clone();
    link.opened = Some(Arc::new(*shared));
    match code {
        SharedCode::Example(id) => choose_example(model, &id, effects),
        SharedCode::Inline(bytes) => {
            let function = Arc::make_mut(&mut model.function);
            begin_loading(function, name, Origin::Upload, Some(bytes.into()));
            inspect(model, effects);
        }
        SharedCode::Elsewhere => effects.push(Effect::FindModule {
            module,
            name,
            address: None,
            token: None,
        }),
        SharedCode::At(address) => effects.push(Effect::FindModule {
            module,
            name,
            address: Some(address),
            token: None,
        }),
    }
}

/// A function has been accepted: when it is the one that a link waits for, the link's scenario is taken and run. Says
/// whether it was.
pub(super) fn fits(model: &mut Model, function: &Function, effects: &mut Vec<Effect>) -> bool {
    let Some(shared) = model.link.opened.clone() else {
        return false;
    };
    // An example may have changed since the link was made; a file may not.
    let same = match (&shared.code, &function.origin) {
        (SharedCode::Example(wanted), Origin::Example(id)) => wanted == id,
        (SharedCode::Inline(_), Origin::Upload) => true,
        _ => shared.scenario.module == function.module,
    };
    if !same {
        // What was dropped is another file than the link's.
        if function.origin == Origin::Upload {
            let link = Arc::make_mut(&mut model.link);
            link.problems.retain(|problem| problem.code != "link.hash");
            link.problems.push(Problem::warning(
                "link.hash",
                "",
                format!(
                    "{} is not the link's function: its SHA-256 begins with {:.12}, not with {:.12}.",
                    function.name, function.module.0, shared.scenario.module.0
                ),
                "Ask whoever made the link for the very file, or go on with this one and settings of your own.",
            ));
        }
        return false;
    }
    let link = Arc::make_mut(&mut model.link);
    link.opened = None;
    link.problems
        .retain(|problem| !matches!(problem.code.as_str(), "link.file" | "link.hash"));
    let setup = Arc::make_mut(&mut model.setup);
    setup.take_scenario(&shared.scenario, &model.desk.cards);
    let mut taken = setup.scenario(&shared.scenario.module);
    taken.version = shared.scenario.version;
    if taken != shared.scenario {
        link.problems.push(Problem::warning(
            "link.partly",
            "",
            "The link's scenario has settings that this page cannot show; they are left out, so its run may differ.",
            "Look at the result as the page's own, not as the sender's.",
        ));
    }
    if let Some(draft) = &shared.draft {
        let setup = Arc::make_mut(&mut model.setup);
        if setup.trigger != draft.trigger {
            setup.take_trigger(&draft.trigger, &model.desk.cards);
        }
        if !draft.event.is_empty() && setup.event.text != draft.event {
            setup.set_event(draft.event.clone(), true);
        }
    }
    guide::prepare(model);
    super::shelf::want(model, &shared.others, effects);
    if !model.setup.arrivals.is_empty() {
        start_run(model, true, effects);
    }
    super::desk::ask(model, effects);
    super::desk::examine_soon(model, effects);
    true
}
