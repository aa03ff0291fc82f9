//! CloudWatch metrics of namespace `AWS/Lambda`: a fold over the trace.
//!
//! A data point belongs to the period in which its invocation began. Values are integers: counts, nanoseconds, and
//! millionths for ratios. What is never sent here belongs to what is not simulated: extensions
//! (`PostRuntimeExtensionsDuration`) and code signing (`SignatureValidationErrors`).

mod bucket;
mod gauge;
mod mapping;
mod metric;
mod query;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::event::{
    Capacity, DeliveryKind, DropReason, Entry, EnvironmentId, Event, FunctionId, InvocationId,
    InvocationType, Sent, World,
};
use super::names;
use crate::sim::{SimDuration, SimTime};
use bucket::{Bucket, Buckets, Counter, Sample};
use gauge::Gauge;
use mapping::Mapping;

pub use metric::{Metric, Statistic, Unit};

/// `AWS/Lambda`.
pub const NAMESPACE: &str = "AWS/Lambda";

/// The trigger whose requests come to function URLs.
const FUNCTION_URL: &str = "function-url";

/// CloudWatch's period for Lambda's metrics.
pub const MINUTE: SimDuration = SimDuration::from_secs(60);

/// Whose metric it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    /// No dimension: all functions of the Region together.
    Region,
    /// `FunctionName`.
    Function(FunctionId),
    /// `FunctionName` and `Resource`: a version or an alias that was named.
    Resource(FunctionId, String),
    /// The same of an alias, and `ExecutedVersion`: the version that it led to. For what the function did only: a call that
    /// was refused has no version.
    ExecutedVersion(FunctionId, String, String),
    /// `EventSourceMappingUUID`: a mapping, by its number in the set-up.
    Mapping(u16),
}

/// One data point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// When its period begins.
    pub at: SimTime,
    /// In the metric's [`Unit`].
    pub value: u64,
}

/// The metrics of a trace, gathered entry by entry.
#[derive(Debug, Clone)]
pub struct Metrics {
    period: SimDuration,
    world: Arc<World>,
    /// One for each function and qualifier that was called.
    targets: Vec<Target>,
    /// Index of its target for each invocation, in order of arrival.
    target_of: Vec<u16>,
    /// The request that came last and its target: the next one is often like it.
    last: Option<(Arc<Sent>, u16)>,
    /// When requests came to function URLs that are not answered yet.
    urls: BTreeMap<InvocationId, SimTime>,
    /// When each asynchronous event was accepted; only those that have not ended.
    accepted: BTreeMap<InvocationId, SimTime>,
    /// Of which target the invocation in each environment is, and from which capacity; by number of the environment.
    running: Vec<Option<(u16, Capacity)>>,
    functions: Vec<Gauge>,
    region: Gauge,
    unreserved: Gauge,
    mappings: Vec<Mapping>,
    end: SimTime,
}

#[derive(Debug, Clone)]
struct Target {
    function: FunctionId,
    qualifier: Option<String>,
    buckets: Buckets,
    /// Whether the qualifier is an alias's name.
    is_alias: bool,
    /// Of an alias: what was done by each version.
    versions: Vec<(String, Buckets)>,
    concurrent: Gauge,
    provisioned: Gauge,
}

impl Target {
    /// What a version did for this alias.
    fn by_version(&mut self, version: &str) -> &mut Buckets {
        let known = self.versions.iter().position(|(own, _)| own == version);
        let index = known.unwrap_or_else(|| {
            self.versions.push((version.to_owned(), Buckets::default()));
            self.versions.len() - 1
        });
        &mut self.versions[index].1
    }
}

/// Versions are numbers, or `$LATEST`; what else there is are aliases.
fn is_alias(qualifier: &str) -> bool {
    qualifier != names::VERSION && !qualifier.bytes().all(|byte| byte.is_ascii_digit())
}

impl Metrics {
    /// No metrics yet, of periods this long; a period of zero counts as one of a nanosecond.
    pub fn new(period: SimDuration) -> Self {
        Self {
            period: period.max(SimDuration::from_nanos(1)),
            world: Arc::default(),
            targets: Vec::new(),
            target_of: Vec::new(),
            last: None,
            urls: BTreeMap::new(),
            accepted: BTreeMap::new(),
            running: Vec::new(),
            functions: Vec::new(),
            region: Gauge::default(),
            unreserved: Gauge::default(),
            mappings: Vec::new(),
            end: SimTime::ZERO,
        }
    }

    /// The metrics of a whole trace.
    pub fn of(entries: &[Entry], period: SimDuration) -> Self {
        let mut metrics = Self::new(period);
        for entry in entries {
            metrics.take(entry);
        }
        metrics
    }

    /// Reads one more entry.
    pub fn take(&mut self, entry: &Entry) {
        let at = entry.at;
        self.end = self.end.max(at);
        let now = self.index(at);
        match &entry.event {
            Event::Began { world } => {
                self.world = Arc::clone(world);
                self.mappings = world.mappings.iter().map(Mapping::new).collect();
            }
            Event::Mapping { mapping, event } => {
                if let Some(mapping) = self.mappings.get_mut(usize::from(*mapping)) {
                    mapping.take(now, event);
                }
            }
            Event::Received { invocation, sent } => {
                let target = self.target(sent);
                let index = invocation.0 as usize;
                if self.target_of.len() <= index {
                    self.target_of.resize(index + 1, u16::MAX);
                }
                if let Some(place) = self.target_of.get_mut(index) {
                    *place = target;
                }
                if sent.trigger == FUNCTION_URL {
                    self.urls.insert(*invocation, at);
                }
                if sent.kind == InvocationType::Event && sent.repeats.is_none() {
                    self.accepted.insert(*invocation, at);
                }
            }
            Event::Refused { invocation, .. } => {
                // Not accepted, then.
                self.accepted.remove(invocation);
            }
            Event::Accepted { invocation } => {
                if self.accepted.contains_key(invocation) {
                    self.count(*invocation, now, Counter::AsyncEventsReceived);
                }
            }
            Event::Dequeued {
                invocation, age, ..
            } => self.age(*invocation, now, *age),
            Event::Throttled { invocation, .. } => {
                self.count(*invocation, now, Counter::Throttles);
                if let Some(accepted) = self.accepted.get(invocation) {
                    let age = at.since(*accepted);
                    self.age(*invocation, now, age);
                }
            }
            Event::EnvironmentCreated {
                environment,
                created,
            } if !created.provisioned => {
                // Somebody waits for it from now on; who, the next InvokeStarted tells.
                self.busy(*environment, now, created.function, None);
            }
            Event::InvokeStarted {
                environment,
                invocation,
                capacity,
                ..
            } => self.started(*environment, *invocation, now, *capacity),
            Event::InvokeFinished {
                environment,
                invocation,
                duration,
                outcome,
                ..
            } => {
                let began = self.index(SimTime::from_nanos(
                    at.as_nanos().saturating_sub(duration.as_nanos()),
                ));
                let capacity = self.freed(*environment, now);
                if !outcome.failed() && !self.accepted.is_empty() {
                    self.accepted.remove(invocation);
                }
                if let Some(target) = self.target_at(*invocation) {
                    let ran = |bucket: &mut Bucket| {
                        bucket.add(Counter::Invocations);
                        bucket.span(Sample::Duration, *duration);
                        if outcome.failed() {
                            bucket.add(Counter::Errors);
                        }
                        match capacity {
                            Some(Capacity::Provisioned) => bucket.add(Counter::OnProvisioned),
                            Some(Capacity::Spillover) => bucket.add(Counter::Spillover),
                            _ => {}
                        }
                    };
                    ran(target.buckets.at(began));
                    if target.is_alias
                        && let Some(version) = &outcome.response.executed_version
                    {
                        ran(target.by_version(version).at(began));
                    }
                }
            }
            Event::CallerSaw { invocation, view } if !self.urls.is_empty() => {
                self.answered(at, *invocation, view.status);
            }
            Event::EnvironmentLost {
                environment,
                invocation: Some(_),
            } => {
                self.freed(*environment, now);
            }
            Event::Dropped {
                invocation, reason, ..
            } => {
                self.accepted.remove(invocation);
                self.count(*invocation, now, Counter::AsyncEventsDropped);
                if *reason == DropReason::RecursiveLoop {
                    self.count(*invocation, now, Counter::RecursiveInvocationsDropped);
                }
            }
            Event::Delivered {
                invocation,
                delivery,
            } if !delivery.delivered => {
                let counter = match delivery.kind {
                    DeliveryKind::DeadLetter => Counter::DeadLetterErrors,
                    DeliveryKind::OnSuccess | DeliveryKind::OnFailure => {
                        Counter::DestinationDeliveryFailures
                    }
                };
                self.count(*invocation, now, counter);
            }
            _ => {}
        }
    }

    /// A request to a function URL is answered.
    fn answered(&mut self, at: SimTime, invocation: InvocationId, status: Option<u16>) {
        let Some(received) = self.urls.remove(&invocation) else {
            return;
        };
        let index = self.index(received);
        let Some(target) = self.target_at(invocation) else {
            return;
        };
        let bucket = target.buckets.at(index);
        bucket.add(Counter::UrlRequests);
        bucket.span(Sample::UrlLatency, at.since(received));
        match status {
            Some(400..500) => bucket.add(Counter::Url4xx),
            Some(500..) => bucket.add(Counter::Url5xx),
            _ => {}
        }
    }

    fn index(&self, at: SimTime) -> u64 {
        at.as_nanos() / self.period.as_nanos()
    }

    /// The target's number; functions that do not exist have none.
    fn target(&mut self, sent: &Arc<Sent>) -> u16 {
        if let Some((last, target)) = &self.last
            && Arc::ptr_eq(last, sent)
        {
            return *target;
        }
        let Some(function) = sent.function else {
            return u16::MAX;
        };
        let found = self
            .targets
            .iter()
            .position(|target| target.function == function && target.qualifier == sent.qualifier);
        let target = found.unwrap_or_else(|| {
            self.targets.push(Target {
                function,
                qualifier: sent.qualifier.clone(),
                buckets: Buckets::default(),
                is_alias: sent.qualifier.as_deref().is_some_and(is_alias),
                versions: Vec::new(),
                concurrent: Gauge::default(),
                provisioned: Gauge::default(),
            });
            self.targets.len() - 1
        }) as u16;
        self.last = Some((Arc::clone(sent), target));
        target
    }

    fn target_at(&mut self, invocation: InvocationId) -> Option<&mut Target> {
        let target = *self.target_of.get(invocation.0 as usize)?;
        self.targets.get_mut(usize::from(target))
    }

    fn count(&mut self, invocation: InvocationId, index: u64, counter: Counter) {
        if let Some(target) = self.target_at(invocation) {
            target.buckets.at(index).add(counter);
        }
    }

    fn age(&mut self, invocation: InvocationId, index: u64, age: SimDuration) {
        if let Some(target) = self.target_at(invocation) {
            target.buckets.at(index).span(Sample::AsyncEventAge, age);
        }
    }

    fn started(
        &mut self,
        environment: EnvironmentId,
        invocation: InvocationId,
        now: u64,
        capacity: Capacity,
    ) {
        let Some(&number) = self.target_of.get(invocation.0 as usize) else {
            return;
        };
        let Some(function) = self.targets.get(usize::from(number)).map(|t| t.function) else {
            return;
        };
        let known = self.running.get(environment.0 as usize);
        let counted = known.is_some_and(Option::is_some);
        if !counted {
            self.busy(environment, now, function, Some(capacity));
        }
        if let Some(target) = self.targets.get_mut(usize::from(number)) {
            target.concurrent.up(now);
            if capacity == Capacity::Provisioned {
                target.provisioned.up(now);
            }
        }
        if let Some(place) = self.running.get_mut(environment.0 as usize) {
            *place = Some((number, capacity));
        }
    }

    /// An environment begins to work for somebody.
    fn busy(
        &mut self,
        environment: EnvironmentId,
        now: u64,
        function: FunctionId,
        capacity: Option<Capacity>,
    ) {
        let index = environment.0 as usize;
        if self.running.len() <= index {
            self.running.resize(index + 1, None);
        }
        if let Some(place) = self.running.get_mut(index) {
            *place = Some((u16::MAX, capacity.unwrap_or(Capacity::OnDemand)));
        }
        let function = usize::from(function.0);
        if self.functions.len() <= function {
            self.functions.resize(function + 1, Gauge::default());
        }
        if let Some(gauge) = self.functions.get_mut(function) {
            gauge.up(now);
        }
        self.region.up(now);
        if self.is_unreserved(function, capacity) {
            self.unreserved.up(now);
        }
    }

    /// An environment is done with its invocation. Returns from which capacity that was.
    fn freed(&mut self, environment: EnvironmentId, now: u64) -> Option<Capacity> {
        let (number, capacity) = self.running.get_mut(environment.0 as usize)?.take()?;
        let target = self.targets.get_mut(usize::from(number))?;
        target.concurrent.down(now);
        if capacity == Capacity::Provisioned {
            target.provisioned.down(now);
        }
        let function = usize::from(target.function.0);
        if let Some(gauge) = self.functions.get_mut(function) {
            gauge.down(now);
        }
        self.region.down(now);
        if self.is_unreserved(function, Some(capacity)) {
            self.unreserved.down(now);
        }
        Some(capacity)
    }

    fn is_unreserved(&self, function: usize, capacity: Option<Capacity>) -> bool {
        let reserved = self
            .world
            .functions
            .get(function)
            .and_then(|facts| facts.config.reserved_concurrency);
        reserved.is_none() && capacity != Some(Capacity::Provisioned)
    }
}
