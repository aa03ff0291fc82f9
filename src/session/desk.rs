//! What the page asks of triggers - their forms, their samples, what they think of an edited event - and of links.
//!
//! Triggers and compression stay out of the page's download. A worker beside the one that runs functions answers, so that a long run
//! holds nothing up.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::files::{self, File, Material};
use crate::problem::Problem;
use crate::scenario::link::{self, Shared, SharedCode};
use crate::scenario::{self, Arrival, Scenario, When, from_json};
use crate::sim::SimTime;
use crate::trigger::{self, FieldKind, Form, SampleContext, Trigger};

/// From the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Question {
    /// A trigger's card, by its id.
    Card(String),
    /// A trigger's event for a form. Fields that are not in the form are as in a fresh one.
    Sample {
        /// Comes back with the answer.
        ticket: u32,
        /// The trigger's id.
        trigger: String,
        /// The filled form.
        form: Form,
        /// Calendar time of the event: milliseconds since 1970.
        time_ms: i64,
        /// Seed for ids inside the event.
        seed: u64,
    },
    /// What a file that is put into a trigger's source changes in its form.
    PutFile {
        /// The trigger's id.
        trigger: String,
        /// The file's name.
        name: String,
        /// Its content.
        bytes: Vec<u8>,
    },
    /// A link that carries this.
    Share(Box<Shared>),
    /// The same, to be kept for the next visit.
    Keep(Box<Shared>),
    /// What a link carries.
    Open(String),
    /// What a scenario's file carries, or an AWS SAM template.
    OpenFile(String),
    /// A file to save.
    Save(Box<Material>),
    /// A scenario made of triggers' samples; comes back as if it had been opened.
    Compose(Recipe),
    /// What a trigger thinks of an event.
    Check {
        /// Comes back with the answer.
        ticket: u32,
        /// The trigger's id.
        trigger: String,
        /// The event, JSON text.
        text: String,
        /// The filled form, for the settings in it.
        form: Form,
    },
    /// What Lambda would say of a scenario's settings.
    Examine {
        /// Comes back with the answer.
        ticket: u32,
        /// The scenario.
        scenario: Box<Scenario>,
    },
}

/// A scenario that is told in short: an example, settings, and requests by the forms of their triggers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// The example function, by its id.
    pub example: String,
    /// The scenario without its requests, as its file has it.
    pub settings: String,
    /// The requests, in order.
    pub requests: Vec<Ordered>,
}

/// A request of a [`Recipe`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ordered {
    /// When it arrives.
    pub at: SimTime,
    /// The trigger's id.
    pub trigger: String,
    /// Fields of its form that differ from a fresh one.
    pub form: Form,
    /// The event itself, where it is not the trigger's sample.
    pub text: Option<String>,
}

/// To the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// What the page shows of a trigger.
    Card(Box<Card>),
    /// The event, indented, and what the trigger thinks of it: a form can be filled so that something is to be said.
    Sample {
        /// Of the question.
        ticket: u32,
        /// JSON text.
        text: String,
        /// Findings.
        findings: Vec<Problem>,
        /// What else there is to say about it.
        aside: Aside,
    },
    /// Fields of a trigger's form, filled from a file.
    Filled {
        /// The trigger's id.
        trigger: String,
        /// Key and value.
        form: Form,
    },
    /// The file to save.
    Saved(File),
    /// The link's text, to be kept.
    Kept(String),
    /// The link's text, for a URL's fragment.
    Link(String),
    /// What the link carries, or why it cannot be opened.
    Opened(Result<(Box<Shared>, Vec<Problem>), Problem>),
    /// Findings about an event.
    Checked {
        /// Of the question.
        ticket: u32,
        /// Findings.
        findings: Vec<Problem>,
        /// What else there is to say about it.
        aside: Aside,
    },
    /// What is wrong, or worth knowing, with a scenario: places as in its JSON form.
    Examined {
        /// Of the question.
        ticket: u32,
        /// Problems.
        problems: Vec<Problem>,
    },
}

/// What is shown beside an event.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Aside {
    /// What it holds in another encoding, readable: JSON text.
    pub decoded: Option<String>,
    /// The same call by the AWS CLI, and as an API request; `FUNCTION` stands for the function's name.
    pub command: Option<(String, String)>,
    /// Why the service would not send it.
    pub held_back: Option<String>,
}

/// What the page shows of a trigger besides its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Its id.
    pub id: String,
    /// One paragraph: when it fires, who waits, what happens on failure.
    pub explanation: String,
    /// Title and address of the AWS page behind the explanation.
    pub source: (String, String),
    /// The form.
    pub fields: Vec<Field>,
    /// Whether files can be put into it.
    pub takes_files: bool,
}

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Key in [`Form`].
    pub key: String,
    /// Label, sentence case.
    pub label: String,
    /// One line of help.
    pub help: String,
    /// What it holds.
    pub kind: Kind,
    /// The value of a fresh form.
    pub default: String,
    /// Whether it is no part of the event but of what the service does with it.
    pub setting: bool,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// One line.
    Text,
    /// Several lines.
    Multiline,
    /// A whole number in a range, both ends included.
    Number(u64, u64),
    /// One of these.
    Choice(Vec<String>),
}

/// Answers; a question about a trigger that does not exist has no answer.
pub fn answer(question: Question) -> Option<Answer> {
    match question {
        Question::Examine { ticket, scenario } => Some(Answer::Examined {
            ticket,
            problems: scenario::validate(&scenario),
        }),
        Question::Card(id) => trigger::by_id(&id).map(|found| Answer::Card(Box::new(card(found)))),
        Question::Sample {
            ticket,
            trigger,
            form,
            time_ms,
            seed,
        } => {
            let found = trigger::by_id(&trigger)?;
            let filled = filled(found, form);
            let event = found.sample(&filled, SampleContext { time_ms, seed });
            let text = indented(&event);
            Some(Answer::Sample {
                ticket,
                findings: found.check_event(&event),
                aside: aside(found, &filled, &event, &text),
                text,
            })
        }
        Question::PutFile {
            trigger,
            name,
            bytes,
        } => {
            let form = trigger::by_id(&trigger)?.of_file(&name, &bytes)?;
            Some(Answer::Filled { trigger, form })
        }
        Question::Share(shared) => Some(Answer::Link(link::to_link(&shared))),
        Question::Keep(shared) => Some(Answer::Kept(link::to_link(&shared))),
        Question::OpenFile(text) => Some(Answer::Opened(
            files::read(&text).map(|(shared, problems)| (Box::new(shared), problems)),
        )),
        Question::Compose(recipe) => {
            let (shared, problems) = compose(recipe);
            Some(Answer::Opened(Ok((Box::new(shared), problems))))
        }
        Question::Save(material) => Some(Answer::Saved(files::write(&material))),
        Question::Open(text) => Some(Answer::Opened(
            link::from_link(&text).map(|(shared, problems)| (Box::new(shared), problems)),
        )),
        Question::Check {
            ticket,
            trigger,
            text,
            form,
        } => {
            let found = trigger::by_id(&trigger)?;
            let mut shown = Aside::default();
            let findings = match serde_json::from_str::<Value>(&text) {
                Ok(event) => {
                    shown = aside(found, &form, &event, &text);
                    found.check_event(&event)
                }
                // The page has told what is wrong with the text; what is left is nesting beyond what anybody reads.
                Err(error) => vec![Problem::warning(
                    "event.unread",
                    "",
                    format!("The event was not checked: {error}."),
                    "Make it simpler, or go on without the check.",
                )],
            };
            Some(Answer::Checked {
                ticket,
                findings,
                aside: shown,
            })
        }
    }
}

fn aside(found: &dyn Trigger, form: &Form, event: &Value, text: &str) -> Aside {
    let decoded = found.decoded(event);
    Aside {
        decoded: decoded.and_then(|value| serde_json::to_string_pretty(&value).ok()),
        command: found
            .command(text, "FUNCTION")
            .map(|command| (command.cli, command.request)),
        held_back: found.delivers(form, event).err(),
    }
}

/// A form of which only some fields are filled; the others are as in a fresh one.
fn filled(found: &dyn Trigger, form: Form) -> Form {
    let mut filled = trigger::default_form(found);
    for (key, value) in form {
        if let Some(slot) = filled.iter_mut().find(|(name, _)| *name == key) {
            slot.1 = value;
        }
    }
    filled
}

fn indented(event: &Value) -> String {
    serde_json::to_string_pretty(event).unwrap_or_else(|_| event.to_string())
}

/// The scenario of a recipe. A request through a trigger that does not exist is left out.
fn compose(recipe: Recipe) -> (Shared, Vec<Problem>) {
    let (mut scenario, problems) = from_json(&recipe.settings);
    for (number, ordered) in (0_u64..).zip(recipe.requests) {
        let Some(found) = trigger::by_id(&ordered.trigger) else {
            continue;
        };
        let since_start = ordered.at.as_nanos() / 1_000_000;
        let context = SampleContext {
            time_ms: scenario
                .epoch_ms
                .saturating_add(i64::try_from(since_start).unwrap_or(i64::MAX)),
            // No two requests have the same ids in them.
            seed: scenario.seed.wrapping_add(number),
        };
        scenario.arrivals.push(Arrival {
            when: When::At(ordered.at),
            payload: match ordered.text {
                Some(text) => text,
                None => indented(&found.sample(&filled(found, ordered.form), context)),
            },
            trigger: ordered.trigger,
            ..Arrival::default()
        });
    }
    let shared = Shared {
        scenario,
        name: recipe.example.clone(),
        code: SharedCode::Example(recipe.example),
        others: Vec::new(),
        draft: None,
    };
    (shared, problems)
}

fn card(found: &dyn Trigger) -> Card {
    let (title, address) = found.source();
    Card {
        id: found.id().to_owned(),
        explanation: found.explanation().to_owned(),
        source: (title.to_owned(), address.to_owned()),
        fields: found
            .fields()
            .iter()
            .map(|field| Field {
                key: field.key.to_owned(),
                label: field.label.to_owned(),
                help: field.help.to_owned(),
                kind: match field.kind {
                    FieldKind::Text => Kind::Text,
                    FieldKind::Multiline => Kind::Multiline,
                    FieldKind::Number { min, max } => Kind::Number(min, max),
                    FieldKind::Choice(choices) => {
                        Kind::Choice(choices.iter().map(|&choice| choice.to_owned()).collect())
                    }
                },
                default: field.default.to_owned(),
                setting: field.setting,
            })
            .collect(),
        takes_files: found.of_file("", &[]).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(form: Form) -> Answer {
        let question = Question::Sample {
            ticket: 7,
            trigger: "s3".to_owned(),
            form,
            time_ms: 0,
            seed: 1,
        };
        answer(question).expect("S3 is a trigger")
    }

    #[test]
    fn a_form_may_be_filled_in_part() {
        let Answer::Sample { text, findings, .. } =
            sample(vec![("bucket".to_owned(), "mine".to_owned())])
        else {
            panic!("a sample was asked for");
        };
        assert!(text.contains("arn:aws:s3:::mine") && text.contains("ObjectCreated:Put"));
        assert!(findings.is_empty());
        assert_ne!(
            sample(Form::new()),
            sample(vec![("key".into(), "k".into())])
        );
    }

    #[test]
    fn an_event_is_checked_by_its_trigger() {
        let check = |text: &str| {
            answer(Question::Check {
                ticket: 1,
                trigger: "s3".to_owned(),
                text: text.to_owned(),
                form: Form::new(),
            })
        };
        let Some(Answer::Checked { findings, .. }) = check("{}") else {
            panic!("S3 is a trigger");
        };
        assert!(!findings.is_empty());
    }

    #[test]
    fn a_trigger_that_does_not_exist_has_no_answer() {
        let question = Question::Check {
            ticket: 1,
            trigger: "fax".to_owned(),
            text: String::new(),
            form: Form::new(),
        };
        assert_eq!(answer(question), None);
    }
}
