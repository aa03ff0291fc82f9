//! Settings of versions and aliases, each together with its provisioned concurrency.

use super::{Input, Look, Part, Setup, Slot, Spec, find};
use crate::lambda::function::{AdditionalVersion, Alias, Provisioned};
use crate::scenario::Published;

/// An alias as one sets it up.
#[derive(Debug, Clone)]
pub(super) struct AliasRow {
    alias: Alias,
    provisioned: u32,
}

/// A version as one sets it up.
#[derive(Debug, Clone)]
pub(super) struct VersionRow {
    provisioned: u32,
}

const PROVISIONED: Look = Look {
    key: "provisioned",
    label: "Provisioned concurrency",
    unit: "",
    help: "",
    input: Input::Number(0, 900),
};

pub(super) const VERSION: &[Spec<VersionRow>] = &[Spec {
    look: PROVISIONED,
    slot: Slot::Number(|row| Some(&mut row.provisioned)),
}];

pub(super) const ALIAS: &[Spec<AliasRow>] = &[
    Spec {
        look: Look {
            key: "name",
            label: "Alias",
            unit: "",
            help: "",
            input: Input::Text,
        },
        slot: Slot::Text(|row| Some(&mut row.alias.name)),
    },
    Spec {
        look: Look {
            key: "version",
            label: "Version",
            unit: "",
            help: "",
            input: Input::Number(1, 1_000),
        },
        slot: Slot::Number(|row| Some(&mut row.alias.version)),
    },
    Spec {
        look: Look {
            key: "additional",
            label: "Second version",
            unit: "",
            help: "Some of the alias's invocations go there: a canary.",
            input: Input::Optional(1, 1_000, "none"),
        },
        slot: Slot::Own {
            get: |row| {
                let second = row.alias.additional;
                Some(second.map_or_else(String::new, |it| it.version.to_string()))
            },
            set: |row, text| {
                row.alias.additional = match text.trim() {
                    "" => None,
                    number => match number.parse() {
                        Ok(version) => Some(AdditionalVersion {
                            version,
                            per_thousand: row.alias.additional.map_or(100, |it| it.per_thousand),
                        }),
                        Err(_) => return false,
                    },
                };
                true
            },
        },
    },
    Spec {
        look: Look {
            key: "weight",
            label: "Goes to the second",
            unit: "%",
            help: "",
            input: Input::Decimal,
        },
        slot: Slot::Own {
            get: |row| {
                let second = row.alias.additional?;
                Some(super::percent(second.per_thousand.saturating_mul(1_000)))
            },
            set: |row, text| match (super::per_million(text), &mut row.alias.additional) {
                (Some(share), Some(second)) if share.is_multiple_of(1_000) => {
                    second.per_thousand = share / 1_000;
                    true
                }
                _ => false,
            },
        },
    },
    Spec {
        look: PROVISIONED,
        slot: Slot::Number(|row| Some(&mut row.provisioned)),
    },
];

fn provisioned(published: &Published, qualifier: &str) -> u32 {
    let found = published.provisioned.iter();
    found
        .filter(|it| it.qualifier == qualifier)
        .map(|it| it.amount)
        .sum()
}

/// Provisions so much for a qualifier; 0 is none.
pub(in crate::ui::model) fn provision(published: &mut Published, qualifier: &str, amount: u32) {
    let known = published
        .provisioned
        .iter_mut()
        .find(|it| it.qualifier == qualifier);
    match (known, amount) {
        (_, 0) => published.provisioned.retain(|it| it.qualifier != qualifier),
        (Some(known), amount) => known.amount = amount,
        (None, amount) => published.provisioned.push(Provisioned {
            qualifier: qualifier.to_owned(),
            amount,
            requested: None,
        }),
    }
}

pub(super) fn version_row(setup: &Setup, function: usize, index: usize) -> Option<VersionRow> {
    let published = setup.published_of(function)?;
    let version = published.versions.get(index)?;
    Some(VersionRow {
        provisioned: provisioned(published, &version.number.to_string()),
    })
}

pub(super) fn alias_row(setup: &Setup, function: usize, index: usize) -> Option<AliasRow> {
    let published = setup.published_of(function)?;
    let alias = published.aliases.get(index)?.clone();
    Some(AliasRow {
        provisioned: provisioned(published, &alias.name),
        alias,
    })
}

pub(super) fn edit_version(
    setup: &mut Setup,
    function: usize,
    index: usize,
    key: &str,
    value: &str,
) -> bool {
    let (Some(spec), Some(mut row)) = (find(VERSION, key), version_row(setup, function, index))
    else {
        return false;
    };
    if !spec.set(&mut row, value) {
        return false;
    }
    if let Some(published) = setup.published_of_mut(function)
        && let Some(version) = published.versions.get(index)
    {
        let qualifier = version.number.to_string();
        provision(published, &qualifier, row.provisioned);
    }
    true
}

/// Changes an alias. A new name is taken over by its provisioned concurrency and by those who call it.
pub(super) fn edit_alias(
    setup: &mut Setup,
    function: usize,
    index: usize,
    key: &str,
    value: &str,
) -> bool {
    let (Some(spec), Some(mut row)) = (find(ALIAS, key), alias_row(setup, function, index)) else {
        return false;
    };
    if !spec.set(&mut row, value) {
        return false;
    }
    let Some(published) = setup.published_of_mut(function) else {
        return false;
    };
    let Some(slot) = published.aliases.get_mut(index) else {
        return false;
    };
    let before = std::mem::replace(slot, row.alias).name;
    let now = slot.name.clone();
    for provisioned in &mut published.provisioned {
        if provisioned.qualifier == before {
            provisioned.qualifier.clone_from(&now);
        }
    }
    provision(published, &now, row.provisioned);
    if before != now {
        setup.rename_qualifier(function, &before, &now);
    }
    true
}

/// The qualifiers that can be chosen where a part names a function.
pub(super) fn qualifiers(setup: &Setup, part: Part) -> Vec<(String, String)> {
    let name = match part {
        Part::Mapping => setup.mapping().and_then(|mapping| mapping.function_name),
        _ => setup.call.function.clone(),
    };
    let mut list = vec![(String::new(), "None ($LATEST)".to_owned())];
    let function = setup.function_named(name.as_deref());
    if let Some(published) = function.and_then(|index| setup.published_of(index)) {
        list.extend(
            published
                .aliases
                .iter()
                .map(|alias| (alias.name.clone(), format!("Alias {}", alias.name))),
        );
        list.extend(published.versions.iter().map(|version| {
            let number = version.number.to_string();
            (number.clone(), format!("Version {number}"))
        }));
    }
    let now = setup.field(part, "qualifier").unwrap_or_default();
    if list.iter().all(|(value, _)| *value != now) {
        list.push((now.clone(), now));
    }
    list
}

impl Setup {
    /// What is published of a function; 0 is the first function.
    pub fn published_of(&self, index: usize) -> Option<&Published> {
        match index.checked_sub(1) {
            None => Some(&self.published),
            Some(other) => Some(&self.others.get(other)?.published),
        }
    }

    pub(in crate::ui::model) fn published_of_mut(
        &mut self,
        index: usize,
    ) -> Option<&mut Published> {
        match index.checked_sub(1) {
            None => Some(&mut self.published),
            Some(other) => Some(&mut self.others.get_mut(other)?.published),
        }
    }

    /// The number of the function of that name; the first when there is no name.
    pub fn function_named(&self, name: Option<&str>) -> Option<usize> {
        let Some(name) = name else {
            return Some(0);
        };
        (0..=self.others.len()).find(|index| {
            self.config_of(*index)
                .is_some_and(|config| config.name == name)
        })
    }

    fn rename_qualifier(&mut self, function: usize, before: &str, now: &str) {
        let name = match function {
            0 => None,
            index => self.config_of(index).map(|config| config.name.clone()),
        };
        self.requalify(name.as_deref(), Some(before), Some(now));
    }

    /// Has everything that calls a function by one qualifier call it by another.
    pub(in crate::ui::model) fn requalify(
        &mut self,
        function: Option<&str>,
        before: Option<&str>,
        now: Option<&str>,
    ) {
        let change = |of: &Option<String>, qualifier: &mut Option<String>| {
            if of.as_deref() == function && qualifier.as_deref() == before {
                *qualifier = now.map(str::to_owned);
            }
        };
        change(&self.call.function, &mut self.call.qualifier);
        for arrival in &mut self.arrivals {
            change(&arrival.function, &mut arrival.qualifier);
        }
        for load in &mut self.loads {
            change(&load.function, &mut load.qualifier);
        }
        for mapping in &mut self.mappings {
            change(&mapping.function_name, &mut mapping.qualifier);
        }
    }
}
