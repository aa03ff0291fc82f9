//! Set-ups for the tests of scaling: modelled functions, load, and what to look at in a long trace.

use std::rc::Rc;

use lambda_playground::lambda::caller::{Call, Client, Load, Moment, Request, Target};
use lambda_playground::lambda::cloud::Setup;
use lambda_playground::lambda::config::FunctionConfig;
use lambda_playground::lambda::event::{Entry, Event, InvocationType, ThrottleReason};
use lambda_playground::lambda::function::{Deployment, Package, Provisioned, Version};
use lambda_playground::lambda::model::Model;
use lambda_playground::lambda::traffic::Pattern;
use lambda_playground::sim::{Distribution, SimDuration};

use crate::scripted::*;

/// A model whose Init and handler take this many milliseconds.
pub fn model(init: u64, duration: u64) -> Model {
    let constant = |millis| Distribution::constant(SimDuration::from_millis(millis));
    Model {
        init: constant(init),
        duration: constant(duration),
        ..Model::default()
    }
}

/// A modelled function of this name.
pub fn function(name: &str, model: Model) -> Deployment {
    let config = FunctionConfig {
        name: name.to_owned(),
        ..config(1_024, 30)
    };
    Deployment::new(config, Package::Model(model))
}

/// The same with a reserve.
pub fn reserving(mut function: Deployment, reserved: u32) -> Deployment {
    function.config.reserved_concurrency = Some(reserved);
    function
}

/// The same with version 1 published, and this much provisioned concurrency on it.
pub fn provisioning(mut function: Deployment, amount: u32) -> Deployment {
    function.versions = vec![Version {
        number: 1,
        config: function.config.clone(),
        package: function.package.clone(),
    }];
    function.provisioned = vec![Provisioned {
        qualifier: "1".to_owned(),
        amount,
        requested: None,
    }];
    function
}

/// A call of a function, with a qualifier or without.
pub fn call(kind: InvocationType, name: &str, qualifier: Option<&str>) -> Call {
    let caller = Rc::new(Echo {
        kind,
        timeout: None,
    });
    Call {
        target: Target {
            function: Some(name.to_owned()),
            qualifier: qualifier.map(str::to_owned),
            machine: None,
        },
        ..Call::new(caller, "{}")
    }
}

/// A synchronous call at a time in milliseconds.
pub fn at(millis: u64, call: Call) -> Request {
    Request {
        when: Moment::At(ms(millis)),
        call,
    }
}

/// The same call by a client that retries as SDKs do.
pub fn by_sdk(call: Call) -> Call {
    Call {
        client: Client::SDK,
        ..call
    }
}

/// Load from the start on.
pub fn load(pattern: Pattern, call: Call) -> Load {
    Load {
        start: ms(0),
        pattern,
        call,
    }
}

/// A set-up of these functions.
pub fn fleet(functions: Vec<Deployment>) -> Setup {
    Setup {
        epoch_ms: 1_767_614_400_000,
        ..Setup::of(functions, patient())
    }
}

/// How many entries are like this.
pub fn count(entries: &[Entry], like: impl Fn(&Event) -> bool) -> usize {
    entries.iter().filter(|entry| like(&entry.event)).count()
}

/// The reasons of all throttles, in order.
pub fn throttles(entries: &[Entry]) -> Vec<ThrottleReason> {
    entries
        .iter()
        .filter_map(|entry| match entry.event {
            Event::Throttled { reason, .. } => Some(reason),
            _ => None,
        })
        .collect()
}
