//! Questions to the triggers' worker, and its answers.

use std::sync::Arc;

use super::super::Model;
use super::super::msg::{Effect, Msg};
use super::running::run;
use super::{guide, link};
use crate::session::desk::{Answer, Question};

/// Asks what the form and the event wait for. Before the worker listens nothing is asked: [`ready`] makes up for it.
pub(super) fn ask(model: &Model, effects: &mut Vec<Effect>) {
    if !model.desk.ready {
        return;
    }
    let chosen = &model.setup.trigger;
    if model.desk.cards.iter().all(|card| card.id != *chosen) {
        effects.push(Effect::Ask(Question::Card(chosen.clone())));
    }
    effects.extend(model.setup.question().map(Effect::Ask));
}

/// Real milliseconds from a change of a setting to its examination: nobody wants to be corrected within a word.
const EXAMINE_AFTER_MS: u32 = 150;

/// Has the settings examined once they rest.
pub(super) fn examine_soon(model: &mut Model, effects: &mut Vec<Effect>) {
    let desk = Arc::make_mut(&mut model.desk);
    desk.examined = desk.examined.wrapping_add(1);
    effects.push(Effect::After(
        EXAMINE_AFTER_MS,
        Box::new(Msg::Examine(desk.examined)),
    ));
}

/// Asks what Lambda would say of the settings, if this is still the last change. Requests that were sent are not asked
/// about again: there may be many, and they were examined before they ran.
pub(super) fn examine(model: &Model, change: u32, effects: &mut Vec<Effect>) {
    if model.desk.examined != change || !model.desk.ready {
        return;
    }
    let mut setup = (*model.setup).clone();
    setup.arrivals.clear();
    setup.arrive();
    let module = crate::scenario::ModuleHash(String::new());
    effects.push(Effect::Ask(Question::Examine {
        ticket: change,
        scenario: Box::new(setup.scenario(&module)),
    }));
}

/// The worker listens.
pub(super) fn ready(model: &mut Model, effects: &mut Vec<Effect>) {
    Arc::make_mut(&mut model.desk).ready = true;
    ask(model, effects);
    link::ask(model, effects);
    guide::ask(model, effects);
}

/// The worker answers.
pub(super) fn answered(model: &mut Model, answer: Answer, effects: &mut Vec<Effect>) {
    match answer {
        Answer::Card(card) => {
            let desk = Arc::make_mut(&mut model.desk);
            desk.cards.retain(|known| known.id != card.id);
            desk.cards.push(Arc::new(*card));
            let setup = Arc::make_mut(&mut model.setup);
            setup.fill_form(&model.desk.cards);
            setup.take_settings(&model.desk.cards);
        }
        Answer::Examined { ticket, problems } => {
            if ticket == model.desk.examined && problems != model.desk.problems {
                Arc::make_mut(&mut model.desk).problems = problems;
            }
        }
        Answer::Link(text) => link::made(model, text, effects),
        Answer::Filled { trigger, form } => {
            if model.setup.trigger == trigger {
                let setup = Arc::make_mut(&mut model.setup);
                for (key, value) in form {
                    setup.edit_form(&key, value);
                }
                ask(model, effects);
            }
        }
        Answer::Saved(file) if model.link.copies => {
            Arc::make_mut(&mut model.link).copies = false;
            effects.push(Effect::Copy(file));
        }
        Answer::Saved(file) => effects.push(Effect::Save(file)),
        Answer::Kept(text) => effects.push(Effect::Keep(text)),
        Answer::Opened(opened) => link::opened(model, opened, effects),
        Answer::Sample {
            ticket,
            text,
            findings,
            aside,
        } => {
            Arc::make_mut(&mut model.setup).take_sample(ticket, text, findings, aside);
            if model.run.wanted {
                run(model, effects);
            }
        }
        Answer::Checked {
            ticket,
            findings,
            aside,
        } => {
            Arc::make_mut(&mut model.setup).take_findings(ticket, findings, aside);
        }
    }
}
