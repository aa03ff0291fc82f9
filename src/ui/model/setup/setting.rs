//! How a setting changes what is set up.

use super::super::msg::Setting;
use super::super::{environment, fields};
use super::{EPHEMERAL_MB, EVENT_AGE_SECONDS, Setup};
use crate::lambda::caller::Client;
use crate::lambda::config::{MemoryMb, TimeoutSeconds};
use crate::lambda::traffic::Rate;
use crate::problem::Severity;
use crate::scenario::ModuleHash;

impl Setup {
    /// Changes a setting. Says whether anything changed that a run depends on.
    pub fn set(&mut self, setting: Setting) -> bool {
        let before = self.scenario(&ModuleHash(String::new()));
        let load = &mut self.load;
        let config = &mut self.config;
        match setting {
            Setting::Memory(mb) => {
                config.memory = MemoryMb(mb.clamp(MemoryMb::MIN.0, MemoryMb::MAX.0));
            }
            Setting::Timeout(seconds) => {
                config.timeout =
                    TimeoutSeconds(seconds.clamp(TimeoutSeconds::MIN.0, TimeoutSeconds::MAX.0));
            }
            Setting::EphemeralStorage(mb) => {
                config.ephemeral_storage_mb = mb.clamp(EPHEMERAL_MB.0, EPHEMERAL_MB.1);
            }
            Setting::Architecture(architecture) => config.architecture = architecture,
            Setting::Retries(retries) => config.maximum_retry_attempts = retries.min(2),
            Setting::EventAge(seconds) => {
                config.maximum_event_age_seconds =
                    seconds.clamp(EVENT_AGE_SECONDS.0, EVENT_AGE_SECONDS.1);
            }
            Setting::LoadKind(kind) => load.kind = kind,
            Setting::LoadRuns(runs) => load.runs = runs,
            Setting::LoadRate(rate) => load.rate = Rate::per_second(rate.into()),
            Setting::LoadFrom(rate) => load.from = Rate::per_second(rate.into()),
            Setting::LoadAtRate(rate) => load.rate = rate,
            Setting::LoadFromRate(rate) => load.from = rate,
            Setting::LoadSeconds(seconds) => load.seconds = seconds,
            Setting::LoadCount(count) => load.count = count,
            Setting::LoadTimes(text) => load.set_times(text),
            Setting::ModelDuration(ms) => load.set_model_ms(ms),
            Setting::ModelInit(ms) => load.set_model_init_ms(ms),
            Setting::ModelErrors(percent) => {
                load.model.errors_per_million = percent.min(100).saturating_mul(10_000);
            }
            Setting::Reserved(amount) => config.reserved_concurrency = amount,
            Setting::Provisioned(amount) => self.provision(amount),
            Setting::Account(amount) => self.account_concurrency = amount,
            Setting::ClientRetries(retries) => {
                self.client = if retries {
                    Client::SDK
                } else {
                    Client::NoRetry
                };
            }
            Setting::OnFailure(service) => {
                config.on_failure = fields::destination(&service, fields::FAILED);
            }
            Setting::OnSuccess(service) => {
                config.on_success = fields::destination(&service, fields::PROCESSED);
            }
            Setting::DeadLetter(service) => {
                config.dead_letter = fields::destination(&service, fields::DEAD);
            }
            Setting::Environment(text) => {
                let (variables, problems) = environment::read(&text);
                self.environment_text = text;
                let broken = problems
                    .iter()
                    .any(|problem| problem.severity == Severity::Error);
                self.environment_problems = problems;
                if !broken {
                    config.environment = variables;
                }
            }
            Setting::Edit { part, key, value } => {
                self.edit(part, &key, &value);
            }
            Setting::Add(list) => self.add(list),
            Setting::Remove(list, index) => self.remove(list, index),
            Setting::DefaultMapping => {
                let trigger = self.trigger.clone();
                self.mappings
                    .retain(|mapping| mapping.source.trigger() != trigger);
            }
        }
        self.scenario(&ModuleHash(String::new())) != before
    }
}
