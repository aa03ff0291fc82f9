//! What a trace's readers must know besides its entries: the settings that logs, metrics and bills depend on.

use serde::{Deserialize, Serialize};

use super::FunctionId;
use crate::lambda::config::FunctionConfig;

/// The settings behind a trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct World {
    /// The scenario's seed, from which request ids are derived.
    pub seed: u64,
    /// Calendar milliseconds since 1970 at virtual time zero.
    pub epoch_ms: i64,
    /// The account's concurrency.
    pub account_concurrency: u32,
    /// The functions, by [`FunctionId`].
    pub functions: Vec<FunctionFacts>,
    /// The event source mappings, by the number that their entries carry.
    pub mappings: Vec<MappingFacts>,
}

/// One event source mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappingFacts {
    /// The id of the trigger that tells its source's kind.
    pub trigger: String,
    /// The function it invokes.
    pub function: Option<FunctionId>,
    /// A version or alias of it, when one is named.
    pub qualifier: Option<String>,
    /// In provisioned mode, how many pollers run at the start.
    pub pollers: Option<u32>,
}

/// One function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionFacts {
    /// Configuration of `$LATEST`.
    pub config: FunctionConfig,
    /// Published versions.
    pub versions: Vec<VersionFacts>,
    /// What provisioned concurrency is asked for: qualifier and amount.
    pub provisioned: Vec<(String, u32)>,
}

/// One published version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionFacts {
    /// Its number, as text.
    pub version: String,
    /// Its configuration, frozen when it was published.
    pub config: FunctionConfig,
}

impl World {
    /// A function.
    pub fn function(&self, id: FunctionId) -> Option<&FunctionFacts> {
        self.functions.get(usize::from(id.0))
    }

    /// The configuration of a version of a function.
    pub fn config(&self, id: FunctionId, version: &str) -> Option<&FunctionConfig> {
        let function = self.function(id)?;
        let published = function
            .versions
            .iter()
            .find(|known| known.version == version);
        Some(published.map_or(&function.config, |known| &known.config))
    }
}

impl Default for World {
    /// Nothing set up.
    fn default() -> Self {
        Self {
            seed: 0,
            epoch_ms: 0,
            account_concurrency: 1_000,
            functions: Vec::new(),
            mappings: Vec::new(),
        }
    }
}
