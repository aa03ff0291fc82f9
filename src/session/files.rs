//! Files that the page saves: written by the triggers' worker, so that the page stays small and is never busy with them.

use serde::{Deserialize, Serialize};

use super::watching::{Series, SeriesUnit};
use crate::export::{archive, log, perfetto, record, sam, samples, table};
use crate::lambda::event::{Entry, InvocationId};
use crate::problem::Problem;
use crate::scenario::link::{self, Shared, SharedCode};

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
    /// A folder for AWS SAM: template, events, commands.
    Sam,
    /// A sample event of every trigger.
    Samples,
    /// Everything about one request.
    Request(InvocationId),
    /// A row for each try of one request.
    Tries(InvocationId),
}

impl FileKind {
    /// All kinds of a whole run: with a name in tests, what they are called, and what they are good for.
    pub const ALL: [(Self, &'static str, &'static str, &'static str); 7] = [
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
        (
            Self::Sam,
            "sam",
            "AWS SAM project, ZIP",
            "template.yaml, the events, and the sam and aws commands that do the same on your machine and in your account.",
        ),
        (
            Self::Samples,
            "samples",
            "Sample events, ZIP",
            "An event of every trigger, in folders as sam local generate-event has them.",
        ),
    ];

    /// Whether it holds what came of a run.
    pub const fn needs_run(self) -> bool {
        !matches!(self, Self::Scenario | Self::Sam | Self::Samples)
    }

    fn name(self) -> String {
        match self {
            Self::Scenario => "scenario.json",
            Self::Log => "log.txt",
            Self::Trace => "trace.json",
            Self::Invocations => "invocations.csv",
            Self::Metrics => "metrics.csv",
            Self::Sam => "sam.zip",
            Self::Samples => "samples.zip",
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
    /// Where the page that asks for it lies: its folder's address. Empty when that is of no importance.
    pub base: String,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Writes a file.
pub fn write(material: &Material) -> File {
    let stem = &material.shared.scenario.function.name;
    File {
        name: format!("{stem}-{}", material.kind.name()),
        bytes: match material.kind {
            FileKind::Scenario => {
                let schema = format!("{}{}", material.base, link::SCHEMA);
                link::to_file(&material.shared, &schema).into()
            }
            FileKind::Log => log(&material.entries).into(),
            FileKind::Trace => perfetto::trace(&material.entries).into(),
            FileKind::Invocations => table::invocations(&material.entries).into(),
            FileKind::Metrics => metrics(&material.series).into(),
            FileKind::Sam => {
                let files = sam::files(&material.shared.scenario);
                archive::zip(files.into_iter().map(|file| (file.path, file.text)))
            }
            FileKind::Request(id) => record::json(&material.entries, id).into(),
            FileKind::Tries(id) => record::csv(&material.entries, id).into(),
            FileKind::Samples => archive::zip(samples::files(&material.shared.scenario)),
        },
    }
}

/// Reads a file that was saved here, a scenario, or an AWS SAM or CloudFormation template.
///
/// # Errors
/// When it is none of them.
pub fn read(text: &str) -> Result<(Shared, Vec<Problem>), Problem> {
    let as_scenario = link::from_file(text);
    if as_scenario.is_ok() || !sam::looks_like_template(text) {
        return as_scenario;
    }
    let (scenario, problems) = sam::read(text)?;
    let shared = Shared {
        scenario,
        name: "function.wasm".to_owned(),
        code: SharedCode::Elsewhere,
        others: Vec::new(),
        draft: None,
    };
    Ok((shared, problems))
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
            base: String::new(),
        };
        for (kind, key, ..) in FileKind::ALL {
            let file = write(&material(kind));
            assert!(file.name.contains(key), "{}", file.name);
            assert_eq!(kind == FileKind::Log, file.bytes.is_empty());
            assert_eq!(file.bytes.starts_with(b"PK"), file.name.ends_with(".zip"));
        }
        assert_eq!(
            String::from_utf8(write(&material(FileKind::Metrics)).bytes).unwrap(),
            "metric,statistic,unit,second_ns,value\r\nInvocations,Sum,count,1000000000,3\r\n"
        );
    }
}
