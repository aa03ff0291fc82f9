//! CloudWatch metrics of namespace `AWS/Lambda`: a fold over the trace.
//!
//! A data point belongs to the period in which its invocation began. Values are integers: counts, nanoseconds, and
//! millionths for ratios. Metrics of event source mappings, function URLs and extensions belong to things that are
//! measured where they are simulated.

mod bucket;
mod gauge;
mod metric;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::event::{
    Capacity, DeliveryKind, DropReason, Entry, EnvironmentId, Event, FunctionId, InvocationId,
    InvocationType, Sent, World,
};
use crate::sim::{SimDuration, SimTime};
use bucket::{Buckets, Counter};
use gauge::Gauge;

pub use metric::{Metric, Statistic, Unit};

/// `AWS/Lambda`.
pub const NAMESPACE: &str = "AWS/Lambda";

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
    /// When each asynchronous event was accepted; only those that have not ended.
    accepted: BTreeMap<InvocationId, SimTime>,
    /// Of which target the invocation in each environment is, and from which capacity; by number of the environment.
    running: Vec<Option<(u16, Capacity)>>,
    functions: Vec<Gauge>,
    region: Gauge,
    unreserved: Gauge,
    end: SimTime,
}

#[derive(Debug, Clone)]
struct Target {
    function: FunctionId,
    qualifier: Option<String>,
    buckets: Buckets,
    concurrent: Gauge,
    provisioned: Gauge,
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
            accepted: BTreeMap::new(),
            running: Vec::new(),
            functions: Vec::new(),
            region: Gauge::default(),
            unreserved: Gauge::default(),
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
            Event::Began { world } => self.world = Arc::clone(world),
            Event::Received { invocation, sent } => {
                let target = self.target(sent);
                let index = invocation.0 as usize;
                if self.target_of.len() <= index {
                    self.target_of.resize(index + 1, u16::MAX);
                }
                if let Some(place) = self.target_of.get_mut(index) {
                    *place = target;
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
                    let bucket = target.buckets.at(began);
                    bucket.add(Counter::Invocations);
                    bucket.duration.add(*duration);
                    if outcome.failed() {
                        bucket.add(Counter::Errors);
                    }
                    match capacity {
                        Some(Capacity::Provisioned) => bucket.add(Counter::OnProvisioned),
                        Some(Capacity::Spillover) => bucket.add(Counter::Spillover),
                        _ => {}
                    }
                }
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

    /// The dimensions that have metrics, the Region first.
    pub fn dimensions(&self) -> Vec<Dimension> {
        let mut all = std::collections::BTreeSet::from([Dimension::Region]);
        for target in &self.targets {
            all.insert(Dimension::Function(target.function));
            if let Some(qualifier) = &target.qualifier {
                all.insert(Dimension::Resource(target.function, qualifier.clone()));
            }
        }
        all.into_iter().collect()
    }

    /// One metric's data points: periods in which there was something to tell. Empty when the metric does not have this
    /// statistic or this dimension.
    pub fn points(
        &self,
        dimension: &Dimension,
        metric: Metric,
        statistic: Statistic,
    ) -> Vec<Point> {
        if !metric.statistics().contains(&statistic) {
            return Vec::new();
        }
        let values = match metric.counter() {
            Some(counter) => self.sums(dimension, counter),
            None => match metric {
                Metric::Duration | Metric::AsyncEventAge => {
                    self.spans(dimension, metric, statistic)
                }
                _ => self.levels(dimension, metric),
            },
        };
        values
            .into_iter()
            .filter(|(_, value)| *value > 0 || !metric.only_when_positive())
            .map(|(index, value)| Point {
                at: SimTime::from_nanos(self.period.as_nanos().saturating_mul(index)),
                value,
            })
            .collect()
    }

    fn of_dimension<'a>(
        &'a self,
        dimension: &'a Dimension,
    ) -> impl Iterator<Item = &'a Target> + 'a {
        self.targets.iter().filter(move |target| match dimension {
            Dimension::Region => true,
            Dimension::Function(function) => target.function == *function,
            Dimension::Resource(function, qualifier) => {
                target.function == *function && target.qualifier.as_ref() == Some(qualifier)
            }
        })
    }

    fn sums(&self, dimension: &Dimension, counter: Counter) -> BTreeMap<u64, u64> {
        let mut sums = BTreeMap::new();
        for target in self.of_dimension(dimension) {
            for (index, bucket) in target.buckets.all() {
                *sums.entry(index).or_insert(0) += bucket.get(counter);
            }
        }
        sums
    }

    fn spans(
        &self,
        dimension: &Dimension,
        metric: Metric,
        statistic: Statistic,
    ) -> BTreeMap<u64, u64> {
        let mut values = BTreeMap::<u64, Vec<u64>>::new();
        for target in self.of_dimension(dimension) {
            for (index, bucket) in target.buckets.all() {
                let spans = if metric == Metric::Duration {
                    &bucket.duration
                } else {
                    &bucket.age
                };
                if !spans.nanos.is_empty() {
                    values.entry(index).or_default().extend(&spans.nanos);
                }
            }
        }
        values
            .into_iter()
            .filter_map(|(index, values)| Some((index, statistic.of(values)?)))
            .collect()
    }

    fn levels(&self, dimension: &Dimension, metric: Metric) -> BTreeMap<u64, u64> {
        let end = self.index(self.end);
        let of_gauge = |gauge: &Gauge| gauge.maxima(end);
        match (metric, dimension) {
            (Metric::ConcurrentExecutions, Dimension::Region) => of_gauge(&self.region),
            (Metric::ConcurrentExecutions, Dimension::Function(function)) => self
                .functions
                .get(usize::from(function.0))
                .map(of_gauge)
                .unwrap_or_default(),
            (Metric::ConcurrentExecutions, Dimension::Resource(..)) => self
                .of_dimension(dimension)
                .next()
                .map(|target| of_gauge(&target.concurrent))
                .unwrap_or_default(),
            (Metric::UnreservedConcurrentExecutions, Dimension::Region) => {
                of_gauge(&self.unreserved)
            }
            (Metric::ClaimedAccountConcurrency, Dimension::Region) => {
                let claimed = self.claimed();
                let mut levels = of_gauge(&self.unreserved);
                if claimed > 0 {
                    for index in 0..=end {
                        levels.entry(index).or_insert(0);
                    }
                }
                levels.values_mut().for_each(|level| *level += claimed);
                levels
            }
            (Metric::ProvisionedConcurrentExecutions, Dimension::Resource(..)) => self
                .of_dimension(dimension)
                .next()
                .map(|target| of_gauge(&target.provisioned))
                .unwrap_or_default(),
            (
                Metric::ProvisionedConcurrencyUtilization,
                Dimension::Resource(function, qualifier),
            ) => {
                let allocated = self.allocated(*function, qualifier);
                let mut levels = self
                    .of_dimension(dimension)
                    .next()
                    .map(|target| of_gauge(&target.provisioned))
                    .unwrap_or_default();
                for level in levels.values_mut() {
                    *level = level.saturating_mul(1_000_000) / allocated.max(1);
                }
                levels
            }
            _ => BTreeMap::new(),
        }
    }

    /// Reserved concurrency, and provisioned concurrency of functions without a reserve.
    fn claimed(&self) -> u64 {
        let of = |function: &super::event::FunctionFacts| match function.config.reserved_concurrency
        {
            Some(reserved) => u64::from(reserved),
            None => function
                .provisioned
                .iter()
                .map(|(_, n)| u64::from(*n))
                .sum(),
        };
        self.world.functions.iter().map(of).sum()
    }

    fn allocated(&self, function: FunctionId, qualifier: &str) -> u64 {
        let facts = self.world.function(function);
        facts
            .and_then(|facts| facts.provisioned.iter().find(|(own, _)| own == qualifier))
            .map_or(0, |(_, amount)| u64::from(*amount))
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
            target.buckets.at(index).age.add(age);
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
