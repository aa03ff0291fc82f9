//! Function configuration: what a visitor can set. Its limits are in [`super::limits`].

use serde::{Deserialize, Serialize};

/// Memory size in Lambda's MB, which are MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MemoryMb(pub u32);

impl MemoryMb {
    /// 128 MB.
    pub const MIN: Self = Self(128);
    /// 10,240 MB.
    pub const MAX: Self = Self(10_240);

    /// The size in bytes.
    pub const fn bytes(self) -> u64 {
        self.0 as u64 * 1024 * 1024
    }
}

/// Function timeout in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TimeoutSeconds(pub u32);

impl TimeoutSeconds {
    /// 1 s.
    pub const MIN: Self = Self(1);
    /// 15 minutes.
    pub const MAX: Self = Self(900);
    /// 3 s, what CreateFunction gives.
    pub const DEFAULT: Self = Self(3);
}

/// Instruction set; decides the price of a GB-second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Architecture {
    /// x86_64, the default.
    #[default]
    X86,
    /// arm64.
    Arm,
}

/// One function's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FunctionConfig {
    /// `FunctionName`.
    pub name: String,
    /// `MemorySize`.
    pub memory: MemoryMb,
    /// `Timeout`.
    pub timeout: TimeoutSeconds,
    /// `EphemeralStorage.Size`: how much `/tmp` holds, in MB.
    pub ephemeral_storage_mb: u32,
    /// `Architectures`.
    pub architecture: Architecture,
    /// `Environment.Variables`.
    pub environment: Vec<(String, String)>,
    /// `MaximumRetryAttempts` of asynchronous invocation.
    pub maximum_retry_attempts: u32,
    /// `MaximumEventAgeInSeconds` of asynchronous invocation.
    pub maximum_event_age_seconds: u32,
}

impl Default for FunctionConfig {
    fn default() -> Self {
        Self {
            name: "my-function".to_owned(),
            memory: MemoryMb::MIN,
            timeout: TimeoutSeconds::DEFAULT,
            ephemeral_storage_mb: 512,
            architecture: Architecture::X86,
            environment: Vec::new(),
            maximum_retry_attempts: 2,
            maximum_event_age_seconds: 21_600,
        }
    }
}
