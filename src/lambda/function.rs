//! What is deployed: functions with their versions, aliases and provisioned concurrency.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::config::FunctionConfig;
use super::model::Model;
use super::runtime::Code;
use crate::sim::SimTime;

/// A function and everything that belongs to it. Expected to be valid: see [`super::limits`].
#[derive(Clone)]
pub struct Deployment {
    /// Configuration of `$LATEST`; name and reserved concurrency hold for all versions.
    pub config: FunctionConfig,
    /// Code of `$LATEST`.
    pub package: Package,
    /// Published versions.
    pub versions: Vec<Version>,
    /// Aliases.
    pub aliases: Vec<Alias>,
    /// Provisioned concurrency.
    pub provisioned: Vec<Provisioned>,
}

impl Deployment {
    /// A function with nothing published.
    pub fn new(config: FunctionConfig, package: Package) -> Self {
        Self {
            config,
            package,
            versions: Vec::new(),
            aliases: Vec::new(),
            provisioned: Vec::new(),
        }
    }
}

/// What runs when a function is invoked.
#[derive(Clone)]
pub enum Package {
    /// Code.
    Code(Rc<dyn Code>),
    /// Code whose outcomes are used again for the same event in the same state.
    Cached(Rc<dyn Code>),
    /// A model: numbers instead of code.
    Model(Model),
}

/// A published version: code and configuration as they were.
#[derive(Clone)]
pub struct Version {
    /// 1 or more.
    pub number: u32,
    /// Its configuration.
    pub config: FunctionConfig,
    /// Its code.
    pub package: Package,
}

/// A name for a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    /// The name.
    pub name: String,
    /// `FunctionVersion`.
    pub version: u32,
    /// `RoutingConfig.AdditionalVersionWeights`: another version and its share in a thousand.
    #[serde(default)]
    pub additional: Option<AdditionalVersion>,
}

/// The second version of a weighted alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdditionalVersion {
    /// Which.
    pub version: u32,
    /// How many invocations in a thousand it gets.
    pub per_thousand: u32,
}

/// Provisioned concurrency of a version or an alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provisioned {
    /// The version's number or the alias's name.
    pub qualifier: String,
    /// `ProvisionedConcurrentExecutions`.
    pub amount: u32,
    /// When it is asked for; without a time it was long before the scenario, and all environments stand ready at its start.
    #[serde(default)]
    pub requested: Option<SimTime>,
}
