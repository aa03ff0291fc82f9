//! From scenario to running cloud: requests come through triggers.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value;

use super::functions::{FunctionView, Runs};
use super::service::Services;
use super::validate::examine;
use super::{ModuleHash, Scenario};
use crate::guest::process::Watch;
use crate::lambda::caller::{Call, Caller, Client, Failed, Load, Moment, Next, Request, Target};
use crate::lambda::cloud::{Cloud, Setup};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::lambda::event_source::MappingMachine;
use crate::lambda::function::{Deployment, Package, Version};
use crate::lambda::machine::Machine;
use crate::lambda::runtime::Code;
use crate::problem::{Problem, Severity};
use crate::sim::SimDuration;
use crate::trigger::retries::Trouble;
use crate::trigger::{self, Form, Trigger};

/// Finds the code of a module.
pub type Codes<'a> = &'a dyn Fn(&ModuleHash) -> Option<Rc<dyn Code>>;

impl Cloud {
    /// A cloud at virtual time zero, about to live through `scenario`, whose functions all have this code.
    ///
    /// # Errors
    /// Everything wrong with the scenario, when something in it is an error.
    pub fn new(
        scenario: &Scenario,
        code: Rc<dyn Code>,
        watch: Watch,
    ) -> Result<Self, Vec<Problem>> {
        Ok(Self::start(scenario.setup(code, watch)?))
    }

    /// A cloud at virtual time zero, about to live through `scenario`, with each module's own code.
    ///
    /// # Errors
    /// Everything wrong with the scenario, when something in it is an error or a module is not there.
    pub fn with_modules(
        scenario: &Scenario,
        codes: Codes<'_>,
        watch: Watch,
    ) -> Result<Self, Vec<Problem>> {
        Ok(Self::start(scenario.setup_with(codes, watch)?))
    }
}

impl Scenario {
    /// What [`Cloud::start`] wants to know, for callers that set more than a scenario does.
    ///
    /// # Errors
    /// Everything wrong with the scenario, when something in it is an error.
    pub fn setup(&self, code: Rc<dyn Code>, watch: Watch) -> Result<Setup, Vec<Problem>> {
        self.setup_with(&|_| Some(Rc::clone(&code)), watch)
    }

    /// The same, with each module's own code.
    ///
    /// # Errors
    /// Everything wrong with the scenario, when something in it is an error or a module is not there.
    pub fn setup_with(&self, codes: Codes<'_>, watch: Watch) -> Result<Setup, Vec<Problem>> {
        let (problems, plan) = examine(self);
        let wrong = problems
            .iter()
            .any(|problem| problem.severity == Severity::Error);
        let Some(plan) = plan.filter(|_| !wrong) else {
            return Err(problems);
        };
        let functions: Vec<_> = self
            .functions()
            .map(|function| deployment(function, codes))
            .collect::<Result<_, _>>()
            .map_err(|problem| vec![problem])?;
        let mut services = Services::new(self, plan.mappings.len());
        let mut call = |trigger: &str, payload: &str, mut target: Target, dry_run: bool| {
            // Validation has made sure that there is one.
            let trigger = trigger::by_id(trigger)?;
            let payload: Arc<str> = Arc::from(payload);
            target.machine = services.of(trigger, &target).or(target.machine);
            let through = Through {
                trigger,
                dry_run,
                settings: self.settings_of(trigger.id()),
                payload: Arc::clone(&payload),
                event: OnceCell::new(),
            };
            Some(Call {
                target,
                client: if is_client(trigger) {
                    self.client
                } else {
                    Client::NoRetry
                },
                ..Call::new(Rc::new(through), payload)
            })
        };
        let mappings = (0_u16..)
            .zip(&plan.mappings)
            .filter_map(|(number, mapping)| {
                let (source, config) = (&mapping.source, &mapping.config);
                // Validation has made sure that the function is there.
                let context = mapping.context(self)?;
                let machine =
                    MappingMachine::new(number, source, config, mapping.target(), &context);
                let machine = match usize::from(number) < self.mappings.len() {
                    true => machine,
                    false => machine.made_by_default(),
                };
                Some(Box::new(machine) as Box<dyn Machine>)
            });
        let mut machines: Vec<_> = mappings.collect();
        let requests = self
            .arrivals
            .iter()
            .zip(plan.arrivals)
            .flat_map(|(arrival, target)| {
                let targets = self.subscribed(&arrival.trigger, target);
                let events = self.events(arrival).into_iter();
                events.flat_map(move |(first, payload)| {
                    let again = std::iter::repeat(Moment::WithPrevious);
                    let moments = std::iter::once(first).chain(again);
                    let calls = targets.clone().into_iter().zip(moments);
                    calls.map(move |(target, when)| (arrival, Arc::clone(&payload), target, when))
                })
            })
            .filter_map(|(arrival, payload, target, when)| {
                let call = call(&arrival.trigger, &payload, target, arrival.dry_run)?;
                Some(Request {
                    when,
                    call: Call {
                        log_tail: arrival.log_tail,
                        ..call
                    },
                })
            })
            .collect();
        let loads = self
            .traffic
            .iter()
            .zip(plan.traffic)
            .flat_map(|(traffic, target)| {
                let targets = self.subscribed(&traffic.trigger, target);
                targets.into_iter().map(move |target| (traffic, target))
            })
            .filter_map(|(traffic, target)| {
                Some(Load {
                    start: traffic.start,
                    pattern: traffic.pattern.clone(),
                    call: call(&traffic.trigger, &traffic.payload, target, false)?,
                })
            })
            .collect();
        let (others, outside) = services.finish();
        machines.extend(others);
        Ok(Setup {
            seed: self.seed,
            epoch_ms: self.epoch_ms,
            account_concurrency: self.account_concurrency,
            requests,
            loads,
            machines,
            outside,
            drills: self.drills.clone(),
            duplicates_per_million: self.duplicates_per_million,
            idle_lifetime: SimDuration::from_secs(u64::from(self.idle_lifetime_seconds)),
            ..Setup::of(functions, watch)
        })
    }
}

fn deployment(function: FunctionView<'_>, codes: Codes<'_>) -> Result<Deployment, Problem> {
    let published = function.published;
    let versions = published
        .versions
        .iter()
        .map(|version| {
            let module = version.module.as_ref().unwrap_or(function.module);
            let runs = version.runs.as_ref().unwrap_or(function.runs);
            Ok(Version {
                number: version.number,
                config: version.config.as_ref().unwrap_or(function.config).clone(),
                package: package(module, runs, codes)?,
            })
        })
        .collect::<Result<_, _>>()?;
    Ok(Deployment {
        config: function.config.clone(),
        package: package(function.module, function.runs, codes)?,
        versions,
        aliases: published.aliases.clone(),
        provisioned: published.provisioned.clone(),
    })
}

fn package(module: &ModuleHash, runs: &Runs, codes: Codes<'_>) -> Result<Package, Problem> {
    let code = || {
        codes(module).ok_or_else(|| {
            Problem::error(
                "scenario.module",
                "module",
                "This scenario's function is not loaded.",
                "Choose an example or drop its .wasm file on the page.",
            )
        })
    };
    Ok(match runs {
        Runs::Module => Package::Code(code()?),
        Runs::Cached => Package::Cached(code()?),
        Runs::Model(model) => Package::Model(model.clone()),
    })
}

/// Whether it is a client of the visitor's own, which may retry, rather than a service.
pub(super) fn is_client(trigger: &dyn Trigger) -> bool {
    matches!(trigger.id(), "direct" | "direct-async" | "direct-dry-run")
}

/// A caller that comes through a trigger.
struct Through {
    trigger: &'static dyn Trigger,
    dry_run: bool,
    /// What the trigger is set up with.
    settings: Form,
    payload: Arc<str>,
    /// The payload, read once: a load sends it a million times.
    event: OnceCell<Value>,
}

impl Through {
    fn event(&self) -> &Value {
        self.event
            .get_or_init(|| serde_json::from_str(&self.payload).unwrap_or_default())
    }
}

impl Caller for Through {
    fn id(&self) -> &str {
        self.trigger.id()
    }

    fn invocation_type(&self) -> InvocationType {
        if self.dry_run {
            InvocationType::DryRun
        } else {
            self.trigger.invocation_type(self.event())
        }
    }

    fn timeout(&self) -> Option<SimDuration> {
        self.trigger.caller_timeout(self.event())
    }

    fn view(&self, response: &InvokeResponse) -> CallerView {
        if self.dry_run && response.status == 204 {
            return CallerView {
                status: Some(204),
                ok: true,
                explanation:
                    "A dry run: Lambda would have taken the call. The function did not run."
                        .to_owned(),
                ..CallerView::default()
            };
        }
        self.trigger.caller_view(self.event(), response)
    }

    fn timed_out(&self) -> CallerView {
        self.trigger.caller_timed_out(self.event())
    }

    fn holds_back(&self) -> Option<String> {
        if self.settings.is_empty() {
            return None;
        }
        self.trigger.delivers(&self.settings, self.event()).err()
    }

    fn after(&self, failed: &Failed<'_>) -> Next {
        // The visitor's own client is set up apart.
        if is_client(self.trigger) {
            return Next::Nothing;
        }
        let event = self.event();
        let trouble = match failed.response {
            None => Some(Trouble::CallerTimeout),
            Some(response) => self.trigger.trouble(event, response),
        };
        let Some(trouble) = trouble else {
            return Next::Nothing;
        };
        let retries = self.trigger.retries(event);
        if retries.tries() < 2 {
            return Next::Nothing;
        }
        let name = self.trigger.name();
        let Some(gap) = retries.next(trouble, failed.attempts, failed.since_first) else {
            let again = match retries.covers(trouble) {
                true => "has no tries left",
                false => "does not try again after this",
            };
            return Next::GivesUp(format!("{name} {again}. {}", retries.then));
        };
        let figures = match retries.published {
            true => "",
            false => " AWS does not publish how long it waits: the figure is the playground's.",
        };
        Next::Again(
            gap,
            format!(
                "{name} calls again by itself, {} times in all.{figures}",
                retries.tries()
            ),
        )
    }
}
