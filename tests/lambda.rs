//! The service, tested as the reference describes it: one test per rule, with a function that does what a script says.

#[path = "lambda/scripted.rs"]
mod scripted;

#[path = "lambda/fleet.rs"]
mod fleet;

#[path = "lambda/archive.rs"]
mod archive;
#[path = "lambda/asynchronous.rs"]
mod asynchronous;
#[path = "lambda/billing.rs"]
mod billing;
#[path = "lambda/cached.rs"]
mod cached;
#[path = "lambda/callers.rs"]
mod callers;
#[path = "lambda/configuration.rs"]
mod configuration;
#[path = "lambda/destinations.rs"]
mod destinations;
#[path = "lambda/drills.rs"]
mod drills;
#[path = "lambda/exports.rs"]
mod exports;
#[path = "lambda/fleet_properties.rs"]
mod fleet_properties;
#[path = "lambda/lifecycle.rs"]
mod lifecycle;
#[path = "lambda/logs.rs"]
mod logs;
#[path = "lambda/machines.rs"]
mod machines;
#[path = "lambda/mapping_metrics.rs"]
mod mapping_metrics;
#[path = "lambda/mappings.rs"]
mod mappings;
#[path = "lambda/measures.rs"]
mod measures;
#[cfg(feature = "interpreter")]
#[path = "lambda/modules.rs"]
mod modules;
#[path = "lambda/properties.rs"]
mod properties;
#[path = "lambda/reference.rs"]
mod reference;
#[path = "lambda/responses.rs"]
mod responses;
#[path = "lambda/scaling.rs"]
mod scaling;
#[path = "lambda/scenarios.rs"]
mod scenarios;
#[path = "lambda/settings.rs"]
mod settings;
#[path = "lambda/sync.rs"]
mod sync;
