//! The functions of a scenario, with what runs in them.

use serde::{Deserialize, Serialize};

use super::{ModuleHash, Scenario};
use crate::lambda::config::FunctionConfig;
use crate::lambda::function::{Alias, Provisioned};
use crate::lambda::model::Model;

/// How a function's invocations come about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Runs {
    /// The module runs.
    #[default]
    Module,
    /// The module runs once for each event and state; what came of it is used again.
    Cached,
    /// No module: a model.
    Model(Model),
}

impl Runs {
    /// Whether a module is needed.
    pub const fn needs_module(&self) -> bool {
        !matches!(self, Self::Model(_))
    }
}

/// What is published of a function.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Published {
    /// Versions.
    pub versions: Vec<VersionSetup>,
    /// Aliases.
    pub aliases: Vec<Alias>,
    /// Provisioned concurrency of versions and aliases.
    pub provisioned: Vec<Provisioned>,
    /// The highest number that a version ever had, those included that are gone; 0 while nobody has told.
    pub last_version: u32,
}

impl Published {
    /// The number of the version that is published next: "Lambda doesn't use a version number again", not even after the
    /// last one was deleted.
    pub fn next_version(&self) -> u32 {
        let numbers = self.versions.iter().map(|version| version.number);
        let highest = numbers.max().unwrap_or(0).max(self.last_version);
        highest.saturating_add(1)
    }

    /// Publishes a version with this configuration; code and how it runs stay those of `$LATEST`.
    pub fn publish(&mut self, config: Option<FunctionConfig>) {
        let number = self.next_version();
        self.last_version = number;
        self.versions.push(VersionSetup {
            number,
            config,
            module: None,
            runs: None,
        });
    }

    /// Deletes a version, and remembers its number; nothing when there is none at this place.
    pub fn delete_version(&mut self, index: usize) -> Option<VersionSetup> {
        if index >= self.versions.len() {
            return None;
        }
        self.last_version = self.next_version().saturating_sub(1);
        Some(self.versions.remove(index))
    }

    /// Deletes everything, and remembers the last version's number.
    pub fn delete_all(&mut self) {
        *self = Self {
            last_version: self.next_version().saturating_sub(1),
            ..Self::default()
        };
    }
}

/// A published version. What it does not have of its own is that of `$LATEST`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionSetup {
    /// 1 or more.
    pub number: u32,
    /// Its configuration.
    #[serde(default)]
    pub config: Option<FunctionConfig>,
    /// Its code.
    #[serde(default)]
    pub module: Option<ModuleHash>,
    /// How it runs.
    #[serde(default)]
    pub runs: Option<Runs>,
}

/// A further function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionSetup {
    /// Its configuration.
    pub config: FunctionConfig,
    /// Its code.
    pub module: ModuleHash,
    /// How its code is run, or a model of it.
    pub runs: Runs,
    /// Its versions, aliases and provisioned concurrency.
    pub published: Published,
}

/// Any function of a scenario, the first included.
#[derive(Debug, Clone, Copy)]
pub struct FunctionView<'a> {
    /// Its configuration.
    pub config: &'a FunctionConfig,
    /// Its code.
    pub module: &'a ModuleHash,
    /// How its code is run, or a model of it.
    pub runs: &'a Runs,
    /// Its versions, aliases and provisioned concurrency.
    pub published: &'a Published,
}

impl Scenario {
    /// All functions, the first one first.
    pub fn functions(&self) -> impl Iterator<Item = FunctionView<'_>> {
        let first = FunctionView {
            config: &self.function,
            module: &self.module,
            runs: &self.runs,
            published: &self.published,
        };
        std::iter::once(first).chain(self.others.iter().map(|other| FunctionView {
            config: &other.config,
            module: &other.module,
            runs: &other.runs,
            published: &other.published,
        }))
    }

    /// The modules it needs.
    pub fn modules(&self) -> std::collections::BTreeSet<&ModuleHash> {
        let mut modules = std::collections::BTreeSet::new();
        for function in self.functions() {
            if function.runs.needs_module() {
                modules.insert(function.module);
            }
            for version in &function.published.versions {
                if version
                    .runs
                    .as_ref()
                    .unwrap_or(function.runs)
                    .needs_module()
                {
                    modules.insert(version.module.as_ref().unwrap_or(function.module));
                }
            }
        }
        modules
    }
}
