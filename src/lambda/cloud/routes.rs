//! From a function's name and qualifier to the version that runs, and the provisioned concurrency it may use.

use super::build::versions;
use super::provisioned::Lane;
use crate::lambda::event::{FunctionId, InvokeResponse};
use crate::lambda::function::Deployment;
use crate::lambda::function_name::{self, Meant};
use crate::lambda::{invoke, names};
use crate::sim::Rng;

/// Where an invocation goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    pub function: FunctionId,
    /// Index of the version.
    pub variant: u32,
    /// Index of the provisioned concurrency that it may use.
    pub lane: Option<u32>,
}

/// A way, or two of them with weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Route {
    pub main: Way,
    /// Another version, and how many in a thousand it gets.
    pub other: Option<(u32, Way)>,
}

impl Route {
    /// Chooses a way for one invocation.
    pub fn choose(&self, weights: &mut Rng) -> Way {
        match self.other {
            Some((per_thousand, other)) if weights.below(1_000) < u64::from(per_thousand) => other,
            _ => self.main,
        }
    }
}

/// What a request's `FunctionName` and `Qualifier` come to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// The function, when there is one of that name, whether it has the qualifier or not.
    pub function: Option<FunctionId>,
    /// The qualifier, from whichever of both it was.
    pub qualifier: Option<String>,
    /// Where it leads, or what Lambda answers.
    pub route: Result<Route, InvokeResponse>,
}

/// All routes, by function and qualifier.
pub(super) struct Routes {
    functions: Vec<(String, Vec<(String, Route)>)>,
}

impl Routes {
    /// The routes of these functions; their provisioned concurrency is put into `lanes`.
    pub fn of(functions: &[Deployment], lanes: &mut Vec<Lane>) -> Self {
        let mut first_variant = 0;
        let functions = functions
            .iter()
            .enumerate()
            .map(|(index, function)| {
                let id = FunctionId(index as u16);
                let routes = routes(id, function, first_variant, lanes);
                first_variant += 1 + function.versions.len() as u32;
                (function.config.name.clone(), routes)
            })
            .collect();
        Self { functions }
    }

    /// What a request asks for. Without a name: the first function.
    pub fn find(&self, name: Option<&str>, qualifier: Option<&str>) -> Found {
        let Meant { name, qualifier } = match function_name::resolve(name, qualifier) {
            Ok(meant) => meant,
            Err(refusal) => {
                return Found {
                    function: None,
                    qualifier: qualifier.map(str::to_owned),
                    route: Err(refusal),
                };
            }
        };
        let (function, route) = self.look_up(name, qualifier);
        Found {
            function,
            qualifier: qualifier.map(str::to_owned),
            route: route.ok_or_else(|| invoke::not_found(name.unwrap_or_default(), qualifier)),
        }
    }

    fn look_up(
        &self,
        name: Option<&str>,
        qualifier: Option<&str>,
    ) -> (Option<FunctionId>, Option<Route>) {
        let found = self
            .functions
            .iter()
            .position(|(own, _)| name.is_none_or(|name| own == name));
        let Some((_, routes)) = found.and_then(|index| self.functions.get(index)) else {
            return (None, None);
        };
        let qualifier = qualifier.unwrap_or(names::VERSION);
        let route = routes.iter().find(|(own, _)| own == qualifier);
        (
            found.map(|index| FunctionId(index as u16)),
            route.map(|(_, route)| *route),
        )
    }
}

fn routes(
    function: FunctionId,
    deployment: &Deployment,
    first_variant: u32,
    lanes: &mut Vec<Lane>,
) -> Vec<(String, Route)> {
    let variant_of = |version: &str| {
        versions(deployment)
            .position(|(own, _, _)| own == version)
            .map(|index| first_variant + index as u32)
    };
    let provisioned = |qualifier: &str| {
        deployment
            .provisioned
            .iter()
            .find(|wanted| wanted.qualifier == qualifier && wanted.amount > 0)
    };
    let mut lane = |qualifier: &str, variant: u32, per_thousand: u32| {
        let wanted = provisioned(qualifier)?;
        // A weighted alias shares its provisioned concurrency out by weight.
        let amount = u64::from(wanted.amount) * u64::from(per_thousand) / 1_000;
        lanes.push(Lane::new(function, variant, wanted, amount as u32));
        Some(lanes.len() as u32 - 1)
    };
    let mut routes = Vec::new();
    for (version, _, _) in versions(deployment) {
        if let Some(variant) = variant_of(&version) {
            let way = Way {
                function,
                variant,
                lane: lane(&version, variant, 1_000),
            };
            routes.push((
                version,
                Route {
                    main: way,
                    other: None,
                },
            ));
        }
    }
    for alias in &deployment.aliases {
        let Some(variant) = variant_of(&alias.version.to_string()) else {
            continue;
        };
        let second = alias.additional.and_then(|second| {
            Some((
                second.per_thousand,
                variant_of(&second.version.to_string())?,
            ))
        });
        let weight = second.map_or(0, |(per_thousand, _)| per_thousand.min(1_000));
        let main = Way {
            function,
            variant,
            lane: lane(&alias.name, variant, 1_000 - weight),
        };
        let other = second.map(|(_, variant)| {
            let way = Way {
                function,
                variant,
                lane: lane(&alias.name, variant, weight),
            };
            (weight, way)
        });
        routes.push((alias.name.clone(), Route { main, other }));
    }
    routes
}
