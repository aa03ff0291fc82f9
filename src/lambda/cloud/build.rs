//! From set-up to a cloud at virtual time zero.

use std::sync::Arc;

use super::provisioned::Lane;
use super::routes::Routes;
use super::sender::Sender;
use super::{Chances, Cloud, Happening, LoadState, Setup, Variant};
use crate::guest::process::Watch;
use crate::guest::process::outside::Outside;
use crate::lambda::caller::Moment;
use crate::lambda::concurrency::Concurrency;
use crate::lambda::config::FunctionConfig;
use crate::lambda::drill::Drills;
use crate::lambda::environment::{Blueprint, Chance};
use crate::lambda::event::{Event, FunctionFacts, FunctionId, MappingFacts, VersionFacts, World};
use crate::lambda::function::{Deployment, Package};
use crate::lambda::machine::Machine;
use crate::lambda::model::Usual;
use crate::lambda::names;
use crate::lambda::pool::Pool;
use crate::lambda::traffic::Arrivals;
use crate::sim::{Kernel, Rng, SimTime, Slab, Trace};

impl Cloud {
    /// A cloud at virtual time zero, with every request of `setup` still to come.
    pub fn start(setup: Setup) -> Self {
        let Setup {
            functions,
            account_concurrency,
            seed,
            epoch_ms,
            requests,
            loads,
            machines,
            drills,
            duplicates_per_million,
            watch,
            outside,
            idle_lifetime,
            log,
        } = setup;
        let generator = |component: &str| Rng::for_component(seed, component).observed(&log);
        let mut variants = Vec::new();
        let mut lanes = Vec::new();
        let routes = Routes::of(&functions, &mut lanes);
        let world = Arc::new(World {
            seed,
            epoch_ms,
            account_concurrency,
            functions: functions.iter().map(function_facts).collect(),
            mappings: machines
                .iter()
                .filter(|machine| !machine.is_service())
                .map(|machine| mapping_facts(&**machine, &routes))
                .collect(),
        });
        for (index, function) in functions.iter().enumerate() {
            for (version, config, package) in versions(function) {
                let id = FunctionId(index as u16);
                let blueprint = blueprint(
                    id,
                    version,
                    config,
                    package,
                    (seed, epoch_ms),
                    (&watch, &outside),
                );
                variants.push(Variant {
                    blueprint,
                    pool: Pool::default(),
                });
            }
        }
        let concurrency = Concurrency::new(
            account_concurrency,
            functions.iter().enumerate().map(|(index, function)| {
                let provisioned = lanes
                    .iter()
                    .filter(|lane: &&Lane| usize::from(lane.function.0) == index)
                    .fold(0_u32, |sum, lane| sum.saturating_add(lane.amount));
                (function.config.reserved_concurrency, provisioned)
            }),
        );
        let drills = Drills::new(drills, generator("drills"), |name| {
            let found = functions.iter().position(|f| f.config.name == name)?;
            Some(FunctionId(found as u16))
        });

        let mut kernel = Kernel::new().observed(&log);
        for (index, lane) in lanes.iter().enumerate() {
            super::provisioned::schedule(lane, index as u32, &mut kernel);
        }
        for index in 0..machines.len() {
            kernel.at(SimTime::ZERO, Happening::MachineStarts(index as u16));
        }
        for (index, request) in requests.iter().enumerate() {
            let index = index as u32;
            match request.when {
                Moment::At(at) => kernel.at(at, Happening::Arrival(index)),
                Moment::AfterPrevious(span) if index == 0 => {
                    kernel.after(span, Happening::Arrival(index));
                }
                Moment::NotBefore(span, earliest) if index == 0 => {
                    let at = (SimTime::ZERO + span).max(earliest);
                    kernel.at(at, Happening::Arrival(index));
                }
                Moment::WithPrevious | Moment::AfterArrival(_) if index == 0 => {
                    kernel.at(SimTime::ZERO, Happening::Arrival(index));
                }
                // After another's arrival or end.
                _ => {}
            }
        }
        let open = (requests.len() + loads.len()) as u64;
        let moments = requests.iter().map(|request| request.when).collect();
        let senders = requests
            .into_iter()
            .map(|request| request.call)
            .chain(loads.iter().map(|load| load.call.clone()))
            .map(|call| Sender::new(call, seed, &routes))
            .collect();
        let mut trace = Trace::new();
        trace.note(SimTime::ZERO, Event::Began { world });
        let mut cloud = Self {
            seed,
            epoch_ms,
            idle_lifetime,
            kernel,
            trace,
            variants,
            lanes,
            routes,
            concurrency,
            environments: Slab::default(),
            next_environment: 0,
            senders,
            repeats: Slab::default(),
            moments,
            loads: Vec::new(),
            stories: Slab::default(),
            next_invocation: 0,
            machines,
            wants: std::collections::VecDeque::new(),
            granting: false,
            open,
            over: 0,
            guest_phases: 0,
            stopped: false,
            cut_offs: std::collections::BTreeMap::new(),
            drills,
            throttle_answers: std::collections::BTreeMap::new(),
            chance: Chance {
                guest_seeds: generator("guest seeds"),
                models: generator("models"),
            },
            chances: Chances {
                clients: generator("clients"),
                weights: generator("alias weights"),
                duplicates: generator("duplicates"),
                duplicates_per_million,
            },
            log: log.clone(),
        };
        for (index, load) in loads.into_iter().enumerate() {
            cloud.loads.push(LoadState {
                arrivals: Arrivals::new(load.pattern, load.start),
                rng: generator(&format!("load {index}")),
            });
            cloud.next_of_load(index as u32);
        }
        cloud
    }
}

/// `$LATEST` and the published versions of a function, in the order of their variants.
pub(super) fn versions(
    function: &Deployment,
) -> impl Iterator<Item = (String, &FunctionConfig, &Package)> {
    let latest = (
        names::VERSION.to_owned(),
        &function.config,
        &function.package,
    );
    let published = function.versions.iter().map(|version| {
        (
            version.number.to_string(),
            &version.config,
            &version.package,
        )
    });
    std::iter::once(latest).chain(published)
}

fn blueprint(
    function: FunctionId,
    version: String,
    config: &FunctionConfig,
    package: &Package,
    (seed, epoch_ms): (u64, i64),
    (watch, outside): (&Watch, &Outside),
) -> Blueprint {
    let usual = match package {
        Package::Model(model) => Some(Usual::of(model, config, &version)),
        Package::Code(_) | Package::Cached(_) => None,
    };
    let cache = matches!(package, Package::Cached(_)).then(Default::default);
    Blueprint {
        function,
        version,
        cache,
        config: config.clone(),
        package: package.clone(),
        usual,
        seed,
        epoch_ms,
        watch: std::rc::Rc::clone(watch),
        outside: outside.clone(),
    }
}

fn function_facts(function: &Deployment) -> FunctionFacts {
    FunctionFacts {
        config: function.config.clone(),
        versions: function
            .versions
            .iter()
            .map(|version| VersionFacts {
                version: version.number.to_string(),
                config: version.config.clone(),
            })
            .collect(),
        provisioned: function
            .provisioned
            .iter()
            .map(|wanted| (wanted.qualifier.clone(), wanted.amount))
            .collect(),
    }
}

fn mapping_facts(machine: &dyn Machine, routes: &Routes) -> MappingFacts {
    let target = machine.target();
    let found = routes.find(target.function.as_deref(), target.qualifier.as_deref());
    MappingFacts {
        trigger: machine.id().to_owned(),
        function: found.function,
        qualifier: found.qualifier,
        pollers: machine.provisioned_pollers(),
    }
}
