//! What a setup has several of: functions, versions, aliases, drills, loads. One more, one less.

use super::fields::{self, List, Part};
use super::{Setup, setup::Call};
use crate::lambda::config::FunctionConfig;
use crate::lambda::function::Alias;
use crate::lambda::model::Model;
use crate::lambda::traffic::{Pattern, Rate};
use crate::scenario::{FunctionSetup, ModuleHash, Published, Runs, Traffic, When};
use crate::sim::SimTime;

/// The alias that provisioned concurrency is for when there is none yet.
const LIVE: &str = "live";

impl Setup {
    /// One more.
    pub(super) fn add(&mut self, list: List) {
        match list {
            List::Drills => self.drills.push(fields::first_drill()),
            List::Functions => {
                let name = free("other-function", |name| {
                    self.function_named(Some(name)).is_some()
                });
                self.others.push(FunctionSetup {
                    config: FunctionConfig {
                        name,
                        ..FunctionConfig::default()
                    },
                    module: ModuleHash(String::new()),
                    runs: Runs::Model(Model::default()),
                    published: Published::default(),
                });
            }
            List::Versions(function) => {
                let config = self.config_of(function).cloned();
                if let Some(published) = self.published_of_mut(function) {
                    published.publish(config);
                }
            }
            List::Aliases(function) => {
                if self
                    .published_of(function)
                    .is_some_and(|it| it.versions.is_empty())
                {
                    self.add(List::Versions(function));
                }
                if let Some(published) = self.published_of_mut(function)
                    && let Some(version) = published.versions.last()
                {
                    let version = version.number;
                    let name = free(LIVE, |name| {
                        published.aliases.iter().any(|it| it.name == name)
                    });
                    published.aliases.push(Alias {
                        name,
                        version,
                        additional: None,
                    });
                }
            }
            List::Loads => {
                if let Some(pattern) = self.load.pattern() {
                    self.loads.push(Traffic {
                        start: SimTime::ZERO,
                        pattern,
                        trigger: self.trigger.clone(),
                        payload: self.event.text.clone(),
                        function: self.call.function.clone(),
                        qualifier: self.call.qualifier.clone(),
                    });
                }
            }
        }
    }

    /// One less, and what is about it alone with it.
    pub(super) fn remove(&mut self, list: List, index: usize) {
        match list {
            List::Drills if index < self.drills.len() => {
                self.drills.remove(index);
            }
            List::Loads if index < self.loads.len() => {
                self.loads.remove(index);
            }
            List::Functions if index < self.others.len() => {
                let name = self.others.remove(index).config.name;
                let is = |function: &Option<String>| function.as_ref() == Some(&name);
                if is(&self.call.function) {
                    self.call = Call::default();
                }
                self.arrivals.retain(|arrival| !is(&arrival.function));
                // What follows a request that is gone begins the scenario.
                if let Some(first) = self.arrivals.first_mut() {
                    first.when = When::At(match first.when {
                        When::At(at) => at,
                        When::AfterPrevious(_) => SimTime::ZERO,
                    });
                }
                self.loads.retain(|load| !is(&load.function));
                self.mappings.retain(|mapping| !is(&mapping.function_name));
                self.drills.retain(|drill| !is(&drill.function));
            }
            List::Versions(function) => {
                let Some(published) = self.published_of_mut(function) else {
                    return;
                };
                if let Some(version) = published.delete_version(index) {
                    let number = version.number;
                    let qualifier = number.to_string();
                    fields::provision(published, &qualifier, 0);
                    self.forget_qualifier(function, &qualifier);
                    let first = |published: &Published| {
                        let on_it = |alias: &Alias| alias.version == number;
                        published.aliases.iter().position(on_it)
                    };
                    while let Some(alias) = self.published_of(function).and_then(first) {
                        self.remove(List::Aliases(function), alias);
                    }
                    for alias in self
                        .published_of_mut(function)
                        .into_iter()
                        .flat_map(|published| &mut published.aliases)
                    {
                        alias.additional = alias.additional.filter(|it| it.version != number);
                    }
                }
            }
            List::Aliases(function) => {
                let Some(published) = self.published_of_mut(function) else {
                    return;
                };
                if index < published.aliases.len() {
                    let name = published.aliases.remove(index).name;
                    fields::provision(published, &name, 0);
                    self.forget_qualifier(function, &name);
                }
            }
            List::Drills | List::Loads | List::Functions => {}
        }
        self.retarget();
    }

    /// Whoever names a qualifier that is gone names none.
    fn forget_qualifier(&mut self, function: usize, qualifier: &str) {
        let name = match function {
            0 => None,
            index => self.config_of(index).map(|config| config.name.clone()),
        };
        self.requalify(name.as_deref(), Some(qualifier), None);
    }

    /// Provisioned concurrency of the first function, in one number: of what its requests name, or of an alias that is made
    /// for it. Lambda provisions for versions and aliases only, never for `$LATEST`.
    pub(super) fn provision(&mut self, amount: u32) {
        let known = self.published.provisioned.first();
        match (known.map(|it| it.qualifier.clone()), amount) {
            (None, 0) => {}
            (Some(qualifier), 0) => {
                self.published.provisioned.clear();
                // What was made for it alone goes with it.
                let ours = qualifier == LIVE
                    && self.published.versions.len() == 1
                    && self.published.aliases.len() == 1;
                if ours {
                    self.requalify(None, Some(LIVE), None);
                    self.published.delete_all();
                }
            }
            (Some(qualifier), amount) => {
                fields::provision(&mut self.published, &qualifier, amount);
            }
            (None, amount) => {
                let named = self.call.qualifier.clone();
                let named = named.filter(|_| self.call.function.is_none());
                let qualifier = match named {
                    Some(qualifier) if qualifier != "$LATEST" => qualifier,
                    _ => {
                        if self.published.aliases.is_empty() {
                            if self.published.versions.is_empty() {
                                self.published.publish(None);
                            }
                            self.add(List::Aliases(0));
                        }
                        let alias = self.published.aliases.first();
                        alias.map_or_else(|| LIVE.to_owned(), |alias| alias.name.clone())
                    }
                };
                fields::provision(&mut self.published, &qualifier, amount);
                self.requalify(None, None, Some(&qualifier));
            }
        }
    }

    /// Gives the first function a name; another function of that name is in the way, and makes it take a number.
    pub(super) fn name_first(&mut self, name: String) {
        let name = free(&name, |name| {
            self.others.iter().any(|other| other.config.name == name)
        });
        let before = std::mem::replace(&mut self.config.name, name);
        self.renamed(0, &before);
    }

    /// The number that [`Self::provision`] sets.
    pub fn provisioned(&self) -> u32 {
        let first = self.published.provisioned.first();
        first.map_or(0, |provisioned| provisioned.amount)
    }
}

/// A name that nobody has yet.
fn free(name: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(name) {
        return name.to_owned();
    }
    (2_u32..)
        .map(|number| format!("{name}-{number}"))
        .find(|name| !taken(name))
        .unwrap_or_default()
}

impl Setup {
    /// A drill in a few words.
    pub fn drill_in_words(&self, index: usize) -> Option<String> {
        let field = |key| self.field(Part::Drill(index), key);
        let trouble = field("trouble")?;
        let name = fields::TROUBLES
            .iter()
            .find(|(key, _)| *key == trouble)
            .map_or(trouble.as_str(), |(_, name)| name);
        Some(match field("per_million") {
            Some(share) => format!("{name}, {share} %"),
            None => name.to_owned(),
        })
    }

    /// What is published of a function, in a few words each.
    pub fn published_in_words(&self, function: usize) -> Vec<String> {
        let Some(published) = self.published_of(function) else {
            return Vec::new();
        };
        let aliases = published.aliases.iter();
        let aliases = aliases.map(|alias| format!("{} is version {}", alias.name, alias.version));
        let versions = published.versions.iter();
        let versions = versions.map(|version| format!("version {}", version.number));
        aliases.chain(versions).collect()
    }

    /// A version in a few words.
    pub fn version_in_words(&self, function: usize, index: usize) -> Option<String> {
        let version = self.published_of(function)?.versions.get(index)?;
        let config = version.config.as_ref().or(self.config_of(function))?;
        Some(format!(
            "Version {}: {} MB, {} s",
            version.number, config.memory.0, config.timeout.0
        ))
    }

    /// A further load in a few words.
    pub fn load_in_words(&self, index: usize) -> Option<String> {
        let load = self.loads.get(index)?;
        let name = load.function.as_deref().unwrap_or(&self.config.name);
        let rate = |rate: &Rate| rate.in_words();
        let pattern = match &load.pattern {
            Pattern::Constant { rate: it, seconds } => format!("{}/s for {seconds} s", rate(it)),
            Pattern::Poisson { rate: it, seconds } => {
                format!("about {}/s for {seconds} s", rate(it))
            }
            Pattern::Ramp { from, to, seconds } => {
                format!("{} to {}/s in {seconds} s", rate(from), rate(to))
            }
            Pattern::Burst { count } => format!("{count} at once"),
            Pattern::Times(times) => format!("{} at given times", times.len()),
        };
        let qualifier = load.qualifier.as_deref().map(|it| format!(":{it}"));
        Some(format!(
            "{pattern} to {name}{} through {}",
            qualifier.unwrap_or_default(),
            load.trigger
        ))
    }
}

impl Setup {
    /// A further function that runs this module, with the first one's settings.
    pub(super) fn add_running(&mut self, module: ModuleHash) {
        let first = self.config.name.clone();
        let name = free(&first, |name| self.function_named(Some(name)).is_some());
        self.others.push(FunctionSetup {
            config: FunctionConfig {
                name,
                // What is reserved for one is not there for the other.
                reserved_concurrency: None,
                ..self.config.clone()
            },
            module,
            runs: Runs::Module,
            published: Published::default(),
        });
    }

    /// Has everything that runs one module run another.
    pub(super) fn rename_module(&mut self, before: &ModuleHash, now: &ModuleHash) {
        for function in &mut self.others {
            let versions = &mut function.published.versions;
            let versions = versions.iter_mut().filter_map(|it| it.module.as_mut());
            for module in versions.chain([&mut function.module]) {
                if module == before {
                    module.clone_from(now);
                }
            }
        }
    }
}
