//! Questions to the triggers' worker, and its answers.

use std::sync::Arc;

use super::super::Model;
use super::super::msg::Effect;
use super::link;
use super::running::run;
use crate::session::desk::{Answer, Question};

/// Asks what the event waits for. Before the worker listens nothing is asked: [`ready`] makes up for it.
pub(super) fn ask(model: &Model, effects: &mut Vec<Effect>) {
    if model.desk.ready
        && let Some(question) = model.setup.question()
    {
        effects.push(Effect::Ask(question));
    }
}

/// The worker listens.
pub(super) fn ready(model: &mut Model, effects: &mut Vec<Effect>) {
    Arc::make_mut(&mut model.desk).ready = true;
    effects.push(Effect::Ask(Question::Catalogue));
    ask(model, effects);
    link::ask(model, effects);
}

/// The worker answers.
pub(super) fn answered(model: &mut Model, answer: Answer, effects: &mut Vec<Effect>) {
    match answer {
        Answer::Catalogue(cards) => {
            let desk = Arc::make_mut(&mut model.desk);
            desk.cards = cards.into_iter().map(Arc::new).collect();
            let setup = Arc::make_mut(&mut model.setup);
            setup.fill_form(&model.desk.cards);
            setup.take_settings(&model.desk.cards);
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
