//! Data points out of what was gathered.

use std::collections::{BTreeMap, BTreeSet};

use super::bucket::{Buckets, Counter, Sample};
use super::gauge::Gauge;
use super::mapping::Mapping;
use super::{Dimension, Metric, Metrics, Point, Statistic, Target};
use crate::lambda::event::{FunctionFacts, FunctionId};
use crate::sim::SimTime;

impl Metrics {
    /// The dimensions that have metrics, the Region first.
    pub fn dimensions(&self) -> Vec<Dimension> {
        let mut all = BTreeSet::from([Dimension::Region]);
        for target in &self.targets {
            all.insert(Dimension::Function(target.function));
            if let Some(qualifier) = &target.qualifier {
                all.insert(Dimension::Resource(target.function, qualifier.clone()));
                all.extend(target.versions.iter().map(|(version, _)| {
                    Dimension::ExecutedVersion(target.function, qualifier.clone(), version.clone())
                }));
            }
        }
        let used = |mapping: &Mapping| mapping.buckets.all().next().is_some();
        for (number, mapping) in (0_u16..).zip(&self.mappings) {
            if used(mapping) {
                all.insert(Dimension::Mapping(number));
                all.extend(mapping.facts.function.map(Dimension::Function));
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
        let values = match (metric.counter(), metric.sample()) {
            (Some(counter), _) => self.sums(dimension, counter),
            (None, Some(sample)) => self.measured(dimension, sample, statistic),
            (None, None) => self.levels(dimension, metric),
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
            Dimension::ExecutedVersion(..) | Dimension::Mapping(_) => false,
        })
    }

    /// What was gathered for a dimension: by invocations, and by mappings.
    fn buckets<'a>(&'a self, dimension: &'a Dimension) -> impl Iterator<Item = &'a Buckets> + 'a {
        let targets = self.of_dimension(dimension).map(|target| &target.buckets);
        let mappings = self.mappings_of(dimension).map(|mapping| &mapping.buckets);
        targets.chain(self.of_version(dimension)).chain(mappings)
    }

    /// What a version did for an alias.
    fn of_version<'a>(
        &'a self,
        dimension: &'a Dimension,
    ) -> impl Iterator<Item = &'a Buckets> + 'a {
        let targets = self
            .targets
            .iter()
            .filter_map(move |target| match dimension {
                Dimension::ExecutedVersion(function, alias, version) => {
                    let is =
                        target.function == *function && target.qualifier.as_ref() == Some(alias);
                    is.then_some((target, version))
                }
                _ => None,
            });
        targets.flat_map(|(target, version)| {
            let versions = target.versions.iter();
            versions.filter_map(move |(own, buckets)| (own == version).then_some(buckets))
        })
    }

    fn mappings_of<'a>(
        &'a self,
        dimension: &'a Dimension,
    ) -> impl Iterator<Item = &'a Mapping> + 'a {
        let mappings = (0_u16..).zip(&self.mappings);
        mappings
            .filter(move |(number, mapping)| match dimension {
                Dimension::Region => true,
                Dimension::Function(function) => mapping.facts.function == Some(*function),
                // AWS has no mapping's metrics by version or alias.
                Dimension::Resource(..) | Dimension::ExecutedVersion(..) => false,
                Dimension::Mapping(wanted) => number == wanted,
            })
            .map(|(_, mapping)| mapping)
    }

    fn sums(&self, dimension: &Dimension, counter: Counter) -> BTreeMap<u64, u64> {
        let mut sums = BTreeMap::new();
        for buckets in self.buckets(dimension) {
            for (index, bucket) in buckets.all() {
                *sums.entry(index).or_insert(0) += bucket.get(counter);
            }
        }
        sums
    }

    fn measured(
        &self,
        dimension: &Dimension,
        sample: Sample,
        statistic: Statistic,
    ) -> BTreeMap<u64, u64> {
        let mut values = BTreeMap::<u64, Vec<u64>>::new();
        for buckets in self.buckets(dimension) {
            for (index, bucket) in buckets.all() {
                let measured = bucket.measured(sample);
                if !measured.is_empty() {
                    values.entry(index).or_default().extend(measured);
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
            (Metric::ProvisionedPollers, _) => {
                let mut highest = BTreeMap::new();
                let gauges = self
                    .mappings_of(dimension)
                    .filter_map(|it| it.pollers.as_ref());
                for (index, level) in gauges.flat_map(of_gauge) {
                    let most: &mut u64 = highest.entry(index).or_default();
                    *most = level.max(*most);
                }
                highest
            }
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
        let of = |function: &FunctionFacts| match function.config.reserved_concurrency {
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
}
