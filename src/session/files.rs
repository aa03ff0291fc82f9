//! Files that the page saves: written by the triggers' worker, so that the page stays small and is never busy with them.

use serde::{Deserialize, Serialize};

use super::watching::{Series, SeriesUnit};
use crate::export::{log, perfetto, record, table};
use crate::lambda::event::{Entry, InvocationId};
use crate::scenario::link::{self, Shared};

/// What a file is to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileKind {
    /// The scenario, with its function.
    Scenario,
    /// The log.
    Log,
    /// The trace, for Perfetto.
    Trace,
    /// A row for each try.
    Invocations,
    /// A row for each second and metric.
    Metrics,
    /// Everything about one request.
    Request(InvocationId),
    /// A row for each try of one request.
    Tries(InvocationId),
}

impl FileKind {
    /// All kinds of a whole run: with a name in tests, what they are called, and what they are good for.
    pub const ALL: [(Self, &'static str, &'static str, &'static str); 5] = [
        (
            Self::Scenario,
            "scenario",
            "Scenario, JSON",
            "Function, event, settings and requests. Open it here again, or keep it beside your code.",
        ),
        (
            Self::Log,
            "log",
            "Log, text",
            "All lines of all log streams, as CloudWatch has them.",
        ),
        (
            Self::Trace,
            "trace",
            "Trace, JSON",
            "For ui.perfetto.dev and chrome://tracing: a track for each environment.",
        ),
        (
            Self::Invocations,
            "invocations",
            "Invocations, CSV",
            "A row for each try, with its times in nanoseconds and its cost.",
        ),
        (
            Self::Metrics,
            "metrics",
            "Metrics, CSV",
            "A row for each second and metric of the whole run.",
        ),
    ];

    fn name(self) -> String {
        match self {
            Self::Scenario => "scenario.json",
            Self::Log => "log.txt",
            Self::Trace => "trace.json",
            Self::Invocations => "invocations.csv",
            Self::Metrics => "metrics.csv",
            Self::Request(id) => return format!("request-{}.json", u64::from(id.0) + 1),
            Self::Tries(id) => return format!("request-{}.csv", u64::from(id.0) + 1),
        }
        .to_owned()
    }
}

/// What a file is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Material {
    /// What it is to hold.
    pub kind: FileKind,
    /// The scenario.
    pub shared: Shared,
    /// The trace, as far as the page has it.
    #[serde(with = "crate::lambda::event::wire")]
    pub entries: Vec<Entry>,
    /// The metrics of the whole run.
    pub series: Vec<Series>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its content.
    pub text: String,
}

/// Writes a file.
pub fn write(material: &Material) -> File {
    let stem = &material.shared.scenario.function.name;
    File {
        name: format!("{stem}-{}", material.kind.name()),
        text: match material.kind {
            FileKind::Scenario => link::to_file(&material.shared),
            FileKind::Log => log(&material.entries),
            FileKind::Trace => perfetto::trace(&material.entries),
            FileKind::Invocations => table::invocations(&material.entries),
            FileKind::Metrics => metrics(&material.series),
            FileKind::Request(id) => record::json(&material.entries, id),
            FileKind::Tries(id) => record::csv(&material.entries, id),
        },
    }
}

fn metrics(series: &[Series]) -> String {
    let head = ["metric", "statistic", "unit", "second_ns", "value"].map(str::to_owned);
    let rows = series.iter().flat_map(|series| {
        let unit = match series.unit {
            SeriesUnit::Count => "count",
            SeriesUnit::Nanoseconds => "nanoseconds",
            SeriesUnit::Millionths => "millionths",
        };
        series.points.iter().map(move |(at, value)| {
            vec![
                series.metric.clone(),
                series.statistic.clone(),
                unit.to_owned(),
                at.as_nanos().to_string(),
                value.to_string(),
            ]
        })
    });
    table::text([head.to_vec()].into_iter().chain(rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;
    use crate::scenario::link::SharedCode;
    use crate::sim::SimTime;

    #[test]
    fn every_kind_is_written() {
        let material = |kind| Material {
            kind,
            shared: Shared {
                scenario: Scenario::default(),
                name: "a.wasm".to_owned(),
                code: SharedCode::Elsewhere,
                others: Vec::new(),
                draft: None,
            },
            entries: Vec::new(),
            series: vec![Series {
                metric: "Invocations".to_owned(),
                statistic: "Sum".to_owned(),
                unit: SeriesUnit::Count,
                points: vec![(SimTime::from_nanos(1_000_000_000), 3)],
            }],
        };
        for (kind, key, ..) in FileKind::ALL {
            let file = write(&material(kind));
            assert!(file.name.contains(key), "{}", file.name);
            assert_eq!(kind == FileKind::Log, file.text.is_empty());
        }
        assert_eq!(
            write(&material(FileKind::Metrics)).text,
            "metric,statistic,unit,second_ns,value\r\nInvocations,Sum,count,1000000000,3\r\n"
        );
    }
}
