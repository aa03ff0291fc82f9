//! Settings described as data: what a control looks like, what it reads and what it changes.
//!
//! The page draws any [`Part`] of the setup from its [`Look`]s without knowing what they mean; values travel as text, in
//! `Setting::Edit`. Nothing is clamped here: a number that Lambda refuses is kept, so that its own validation text can
//! stand beside the control, and only what is no number at all is not taken.

mod alias;
mod distribution;
mod drill;
mod function;
mod mapping;
mod percent;
mod request;
mod source;

use super::{LoadKind, Setup};
use crate::lambda::config::FunctionConfig;
use crate::lambda::model::Model;
use crate::problem::Problem;
use crate::sim::Distribution;

pub(super) use alias::provision;
pub(super) use drill::{TROUBLES, first as first_drill};
pub(super) use function::{DEAD, FAILED, PROCESSED, destination};
pub use mapping::derived as derived_mapping;
pub(super) use percent::{decimal, scaled};
pub use percent::{per_million, percent};

/// A part of the setup with settings of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Where requests go, and what they ask for.
    Request,
    /// What Lambda and clients do that is nobody's setting on AWS: idle lifetime, duplicates, seed.
    Service,
    /// The mapping that reads from the chosen trigger's source.
    Mapping,
    /// A failure drill.
    Drill(usize),
    /// A function's configuration; 0 is the first function.
    Function(usize),
    /// How a further function's code is run.
    Code(usize),
    /// The model that stands for a function's code.
    Model(usize),
    /// A version of a function.
    Version(usize, usize),
    /// An alias of a function.
    Alias(usize, usize),
}

/// A list that can grow and shrink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum List {
    /// Failure drills.
    Drills,
    /// Functions besides the first.
    Functions,
    /// Versions of a function.
    Versions(usize),
    /// Aliases of a function.
    Aliases(usize),
    /// Loads besides the one that is being set up.
    Loads,
}

/// How a control is drawn.
#[derive(Debug, PartialEq, Eq)]
pub struct Look {
    /// Names it within its part; also the end of the place that validation gives.
    pub key: &'static str,
    /// Label, sentence case.
    pub label: &'static str,
    /// What stands behind a number.
    pub unit: &'static str,
    /// One line of help; empty for none.
    pub help: &'static str,
    /// What kind of control it is.
    pub input: Input,
}

/// What kind of control a setting has.
#[derive(Debug, PartialEq, Eq)]
pub enum Input {
    /// A whole number; what Lambda takes is said by validation, the range is for the arrow keys.
    Number(i64, i64),
    /// A whole number or nothing, and what nothing means.
    Optional(i64, i64, &'static str),
    /// A number with a fraction.
    Decimal,
    /// One line.
    Text,
    /// Several lines.
    Lines,
    /// On or off: `true` or `false`.
    Switch,
    /// One of these: value and name.
    Choice(&'static [(&'static str, &'static str)]),
    /// One of the scenario's functions; empty for the first.
    Functions,
    /// One of the scenario's functions; empty for all.
    AnyFunction,
    /// `$LATEST`, a version or an alias of the function that the part is about; empty for none.
    Qualifiers,
    /// Where records of events go: nowhere, a service, or another function.
    Destination,
}

/// A setting of a `T`.
pub(super) struct Spec<T: 'static> {
    pub look: Look,
    pub slot: Slot<T>,
}

/// Where a setting's value is. A place that is not there is not shown.
pub(super) enum Slot<T> {
    Number(fn(&mut T) -> Option<&mut u32>),
    Maybe(fn(&mut T) -> Option<&mut Option<u32>>),
    Signed(fn(&mut T) -> Option<&mut Option<i32>>),
    Switch(fn(&mut T) -> Option<&mut bool>),
    Text(fn(&mut T) -> Option<&mut String>),
    /// Parts per million, shown in per cent.
    Percent(fn(&mut T) -> Option<&mut u32>),
    Shape(fn(&mut T) -> Option<&mut Distribution>),
    Typical(fn(&mut T) -> Option<&mut Distribution>),
    Slowest(fn(&mut T) -> Option<&mut Distribution>),
    Own {
        get: fn(&T) -> Option<String>,
        set: fn(&mut T, &str) -> bool,
    },
}

impl<T: Clone> Spec<T> {
    /// The value; none when the setting does not apply.
    fn get(&self, of: &T) -> Option<String> {
        if let Slot::Own { get, .. } = self.slot {
            return get(of);
        }
        // A place is found for writing; what is read here is a copy, small and short-lived.
        let mut copy = of.clone();
        let of = &mut copy;
        Some(match self.slot {
            Slot::Number(at) => at(of)?.to_string(),
            Slot::Maybe(at) => at(of)?.map_or_else(String::new, |it| it.to_string()),
            Slot::Signed(at) => at(of)?.map_or_else(String::new, |it| it.to_string()),
            Slot::Switch(at) => at(of)?.to_string(),
            Slot::Text(at) => at(of)?.clone(),
            Slot::Percent(at) => percent(*at(of)?),
            Slot::Shape(at) => distribution::shape(*at(of)?).to_owned(),
            Slot::Typical(at) => distribution::millis(distribution::typical(*at(of)?)),
            Slot::Slowest(at) => distribution::millis(distribution::slowest(*at(of)?)?),
            Slot::Own { get, .. } => get(of)?,
        })
    }

    /// Takes a value; says whether it could be read.
    fn set(&self, of: &mut T, text: &str) -> bool {
        fn put<V>(place: Option<&mut V>, value: Option<V>) -> bool {
            match (place, value) {
                (Some(place), Some(value)) => {
                    *place = value;
                    true
                }
                _ => false,
            }
        }
        fn maybe<V: std::str::FromStr>(text: &str) -> Option<Option<V>> {
            match text {
                "" => Some(None),
                text => text.parse().ok().map(Some),
            }
        }
        let trimmed = text.trim();
        match self.slot {
            Slot::Number(at) => put(at(of), trimmed.parse().ok()),
            Slot::Maybe(at) => put(at(of), maybe(trimmed)),
            Slot::Signed(at) => put(at(of), maybe(trimmed)),
            Slot::Switch(at) => put(at(of), trimmed.parse().ok()),
            Slot::Text(at) => put(at(of), Some(text.to_owned())),
            Slot::Percent(at) => put(at(of), per_million(trimmed)),
            Slot::Shape(at) => at(of).is_some_and(|it| distribution::reshape(it, trimmed)),
            Slot::Typical(at) => match (at(of), distribution::micros(trimmed)) {
                (Some(it), Some(micros)) => {
                    distribution::set_typical(it, micros);
                    true
                }
                _ => false,
            },
            Slot::Slowest(at) => match (at(of), distribution::micros(trimmed)) {
                (Some(it), Some(micros)) => distribution::set_slowest(it, micros),
                _ => false,
            },
            Slot::Own { set, .. } => set(of, text),
        }
    }
}

fn find<T>(specs: &'static [Spec<T>], key: &str) -> Option<&'static Spec<T>> {
    specs.iter().find(|spec| spec.look.key == key)
}

fn looks_of<T>(specs: &'static [Spec<T>]) -> Vec<&'static Look> {
    specs.iter().map(|spec| &spec.look).collect()
}

/// The looks of a part's settings, those included that do not apply at the moment.
pub fn looks(part: Part) -> Vec<&'static Look> {
    match part {
        Part::Request => looks_of(request::REQUEST),
        Part::Service => looks_of(request::SERVICE),
        Part::Mapping => [looks_of(mapping::SPECS), looks_of(source::SPECS)].concat(),
        Part::Drill(_) => looks_of(drill::SPECS),
        Part::Function(_) => looks_of(function::SPECS),
        Part::Code(_) => looks_of(function::CODE),
        Part::Model(_) => looks_of(function::MODEL),
        Part::Version(..) => looks_of(alias::VERSION),
        Part::Alias(..) => looks_of(alias::ALIAS),
    }
}

impl Setup {
    /// A setting's value as text; none when it does not apply, or its part is not there.
    pub fn field(&self, part: Part, key: &str) -> Option<String> {
        match part {
            Part::Request => find(request::REQUEST, key)?.get(self),
            Part::Service => find(request::SERVICE, key)?.get(&request::Service::of(self)),
            Part::Mapping => mapping::spec(key)?.get(&self.mapping()?),
            Part::Drill(index) => find(drill::SPECS, key)?.get(self.drills.get(index)?),
            Part::Function(index) => find(function::SPECS, key)?.get(self.config_of(index)?),
            Part::Code(index) => {
                find(function::CODE, key)?.get(self.others.get(index.checked_sub(1)?)?)
            }
            Part::Model(index) => find(function::MODEL, key)?.get(self.model_of(index)?),
            Part::Version(function, index) => {
                find(alias::VERSION, key)?.get(&alias::version_row(self, function, index)?)
            }
            Part::Alias(function, index) => {
                find(alias::ALIAS, key)?.get(&alias::alias_row(self, function, index)?)
            }
        }
    }

    /// What a setting's value is unless somebody changes it.
    fn field_by_default(&self, part: Part, key: &str) -> Option<String> {
        match part {
            // Whether it applies depends on the rest of the setup; off and unnamed are the defaults of all of them.
            Part::Request => self
                .field(part, key)
                .map(|value| match value.parse::<bool>() {
                    Ok(_) => "false".to_owned(),
                    Err(_) => String::new(),
                }),
            Part::Service => {
                find(request::SERVICE, key)?.get(&request::Service::of(&Self::default()))
            }
            Part::Mapping => mapping::spec(key)?.get(&derived_mapping(self)?),
            Part::Function(_) => find(function::SPECS, key)?.get(&FunctionConfig::default()),
            Part::Model(_) => find(function::MODEL, key)?.get(&Model::default()),
            Part::Drill(_) | Part::Code(_) | Part::Version(..) | Part::Alias(..) => {
                self.field(part, key)
            }
        }
    }

    /// Changes a setting; says whether the value could be read.
    pub(super) fn edit(&mut self, part: Part, key: &str, value: &str) -> bool {
        let set = match part {
            Part::Request => find(request::REQUEST, key).is_some_and(|spec| spec.set(self, value)),
            Part::Service => {
                let mut service = request::Service::of(self);
                let set =
                    find(request::SERVICE, key).is_some_and(|spec| spec.set(&mut service, value));
                service.put_into(self);
                set
            }
            Part::Mapping => mapping::edit(self, key, value),
            Part::Drill(index) => self.drills.get_mut(index).is_some_and(|drill| {
                find(drill::SPECS, key).is_some_and(|spec| spec.set(drill, value))
            }),
            Part::Function(index) => function::edit(self, index, key, value),
            Part::Code(index) => index
                .checked_sub(1)
                .and_then(|other| self.others.get_mut(other))
                .is_some_and(|function| {
                    find(function::CODE, key).is_some_and(|spec| spec.set(function, value))
                }),
            Part::Model(index) => self.model_of_mut(index).is_some_and(|model| {
                find(function::MODEL, key).is_some_and(|spec| spec.set(model, value))
            }),
            Part::Version(function, index) => {
                alias::edit_version(self, function, index, key, value)
            }
            Part::Alias(function, index) => alias::edit_alias(self, function, index, key, value),
        };
        self.retarget();
        set
    }

    /// What of a part is not as it is by default: label and value, for the line that stands for a folded part.
    pub fn changed_fields(&self, part: Part, only: &[&str]) -> Vec<String> {
        looks(part)
            .into_iter()
            .filter(|look| only.is_empty() || only.contains(&look.key))
            .filter_map(|look| {
                let value = self.field(part, look.key)?;
                if self.field_by_default(part, look.key).as_ref() == Some(&value) {
                    return None;
                }
                Some(look.said(&value))
            })
            .collect()
    }

    /// The choices of a setting: value and name.
    pub fn options(&self, part: Part, look: &Look) -> Vec<(String, String)> {
        let fixed = |list: &[(&str, &str)]| {
            list.iter()
                .map(|(value, name)| ((*value).to_owned(), (*name).to_owned()))
                .collect::<Vec<_>>()
        };
        let others = || {
            self.others
                .iter()
                .map(|other| (other.config.name.clone(), other.config.name.clone()))
        };
        match look.input {
            Input::Choice(list) => fixed(list),
            Input::Functions => std::iter::once((String::new(), self.config.name.clone()))
                .chain(others())
                .collect(),
            Input::AnyFunction => std::iter::once((String::new(), "All".to_owned()))
                .chain(std::iter::once((
                    self.config.name.clone(),
                    self.config.name.clone(),
                )))
                .chain(others())
                .collect(),
            Input::Qualifiers => alias::qualifiers(self, part),
            Input::Destination => {
                let mut list = fixed(if look.key == "dead_letter" {
                    function::DEAD_LETTERS
                } else {
                    function::DESTINATIONS
                });
                if look.key != "dead_letter" {
                    list.extend((0..=self.others.len()).filter_map(|index| {
                        let name = &self.config_of(index)?.name;
                        Some((format!("lambda:{name}"), format!("Function {name}")))
                    }));
                }
                let now = self.field(part, look.key).unwrap_or_default();
                if list.iter().all(|(value, _)| *value != now) {
                    list.push((now.clone(), now));
                }
                list
            }
            _ => Vec::new(),
        }
    }

    /// Where validation speaks of a part: its place in the scenario's JSON.
    pub fn place(&self, part: Part) -> String {
        let rest = |function: usize| match function.checked_sub(1) {
            None => "$".to_owned(),
            Some(other) => format!("$.others[{other}]"),
        };
        match part {
            Part::Request if self.load.kind == LoadKind::Single => "$.arrivals".to_owned(),
            Part::Request => "$.traffic[0]".to_owned(),
            Part::Service => "$".to_owned(),
            Part::Mapping => match self.own_mapping() {
                Some(index) => format!("$.mappings[{index}]"),
                None => "$.function".to_owned(),
            },
            Part::Drill(index) => format!("$.drills[{index}]"),
            Part::Function(0) => "$.function".to_owned(),
            Part::Function(index) => format!("{}.config", rest(index)),
            Part::Code(index) => rest(index),
            Part::Model(index) => format!("{}.runs.Model", rest(index)),
            Part::Version(function, index) => {
                format!("{}.published.versions[{index}]", rest(function))
            }
            Part::Alias(function, index) => {
                format!("{}.published.aliases[{index}]", rest(function))
            }
        }
    }

    /// What validation says of a part: problems of a setting, by its key, and problems of the part as a whole.
    pub fn problems_of<'a>(
        &self,
        part: Part,
        problems: &'a [Problem],
    ) -> Vec<(Option<&'static str>, &'a Problem)> {
        let place = self.place(part);
        let keys: Vec<&str> = looks(part)
            .into_iter()
            .map(|look| look.key)
            .filter(|key| self.field(part, key).is_some())
            .collect();
        problems
            .iter()
            .filter_map(|problem| {
                let rest = problem.place.strip_prefix(&place)?;
                if part == Part::Request {
                    // What is said of a request as a whole; the event and the pattern have places of their own.
                    return (rest.is_empty() || rest.ends_with(']')).then_some((None, problem));
                }
                let rest = match rest.strip_prefix('.') {
                    Some(rest) => rest,
                    // `others[1]` is no part of `others[10]`, nor is `$.function` one of `$.functions`.
                    None if rest.is_empty() || rest.starts_with('[') => rest,
                    None => return None,
                };
                let rest = if part == Part::Service && rest == "client" {
                    "max_attempts"
                } else {
                    rest
                };
                let is_at = |key: &&str| {
                    rest.strip_prefix(*key)
                        .is_some_and(|more| more.is_empty() || more.starts_with(['.', '[']))
                };
                let key = keys
                    .iter()
                    .copied()
                    .filter(is_at)
                    .max_by_key(|key| key.len());
                // These places hold more than the part: what is wrong with the rest of it is said there.
                let ours = match part {
                    Part::Mapping if self.own_mapping().is_none() => {
                        rest.starts_with(|c: char| c.is_ascii_uppercase())
                    }
                    Part::Code(_) => rest == "module",
                    Part::Service => false,
                    _ => true,
                };
                (key.is_some() || ours).then_some((key, problem))
            })
            .collect()
    }

    /// A function's configuration; 0 is the first function.
    pub fn config_of(&self, index: usize) -> Option<&FunctionConfig> {
        match index.checked_sub(1) {
            None => Some(&self.config),
            Some(other) => Some(&self.others.get(other)?.config),
        }
    }
}

impl Part {
    /// Names it in the page: `drill-0`.
    pub fn id(self) -> String {
        match self {
            Self::Request => "request".to_owned(),
            Self::Service => "service".to_owned(),
            Self::Mapping => "mapping".to_owned(),
            Self::Drill(index) => format!("drill-{index}"),
            Self::Function(index) => format!("function-{index}"),
            Self::Code(index) => format!("code-{index}"),
            Self::Model(index) => format!("model-{index}"),
            Self::Version(function, index) => format!("version-{function}-{index}"),
            Self::Alias(function, index) => format!("alias-{function}-{index}"),
        }
    }
}

impl Look {
    /// Why a text cannot be this setting's value; none when it can, whatever Lambda says of it.
    pub fn unreadable(&self, text: &str) -> Option<&'static str> {
        let text = text.trim();
        let whole = |least: i64| match text.parse::<i64>() {
            Ok(number) if number >= 0 || least < 0 => u32::try_from(number.abs()).is_ok(),
            _ => false,
        };
        match self.input {
            Input::Number(_, most) if most > i64::from(u32::MAX) => {
                (text.parse::<i64>().is_err()).then_some("Write a whole number.")
            }
            Input::Number(least, _) => (!whole(least)).then_some("Write a whole number."),
            Input::Optional(least, ..) => (!text.is_empty() && !whole(least))
                .then_some("Write a whole number, or leave it empty."),
            Input::Decimal if self.key == "until" && text.is_empty() => None,
            Input::Decimal => percent::scaled(text, 9)
                .is_none()
                .then_some("Write a number, such as 2.5."),
            Input::Text if self.key == "seed" => {
                text.parse::<u64>().err().map(|_| "Write a whole number.")
            }
            _ => None,
        }
    }

    /// Label and value, as one says them.
    fn said(&self, value: &str) -> String {
        let name = match &self.input {
            Input::Choice(list) => list
                .iter()
                .find(|(v, _)| *v == value)
                .map(|(_, name)| *name),
            Input::Switch => Some(if value == "true" { "on" } else { "off" }),
            Input::Lines => Some("set"),
            _ => None,
        };
        let shown = name.unwrap_or(if value.is_empty() { "none" } else { value });
        match self.unit {
            "" => format!("{}: {shown}", self.label),
            unit => format!("{}: {shown} {unit}", self.label),
        }
    }
}

#[cfg(test)]
mod tests;
