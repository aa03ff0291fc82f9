//! The service, tested as the reference describes it: one test per rule, with a function that does what a script says.

#[path = "lambda/scripted.rs"]
mod scripted;

#[path = "lambda/asynchronous.rs"]
mod asynchronous;
#[path = "lambda/billing.rs"]
mod billing;
#[path = "lambda/callers.rs"]
mod callers;
#[path = "lambda/configuration.rs"]
mod configuration;
#[path = "lambda/lifecycle.rs"]
mod lifecycle;
#[path = "lambda/logs.rs"]
mod logs;
#[path = "lambda/mappings.rs"]
mod mappings;
#[cfg(feature = "interpreter")]
#[path = "lambda/modules.rs"]
mod modules;
#[path = "lambda/properties.rs"]
mod properties;
#[path = "lambda/responses.rs"]
mod responses;
#[path = "lambda/scenarios.rs"]
mod scenarios;
