//! Settings of a function, and of the model that stands for its code.

use super::{Input, Look, Setup, Slot, Spec, distribution, find};
use crate::lambda::config::{
    ApplicationLogLevel, Architecture, Destination, FunctionConfig, LogFormat, RecursiveLoop,
    SystemLogLevel,
};
use crate::lambda::model::Model;
use crate::lambda::names;
use crate::scenario::{FunctionSetup, Runs};

/// Where records of asynchronous events can go, besides other functions.
pub(super) const DESTINATIONS: &[(&str, &str)] = &[
    ("", "None"),
    ("sqs", "SQS queue"),
    ("sns", "SNS topic"),
    ("events", "EventBridge bus"),
    ("s3", "S3 bucket"),
];

/// What can be a dead-letter queue.
pub(super) const DEAD_LETTERS: &[(&str, &str)] =
    &[("", "None"), ("sqs", "SQS queue"), ("sns", "SNS topic")];

const LEVELS: &[(&str, &str)] = &[
    ("TRACE", "TRACE"),
    ("DEBUG", "DEBUG"),
    ("INFO", "INFO"),
    ("WARN", "WARN"),
    ("ERROR", "ERROR"),
    ("FATAL", "FATAL"),
];

/// A destination of this service in the simulated account, or another function (`lambda:name`); none for any other word.
pub(in crate::ui::model) fn destination(service: &str, name: &str) -> Option<Destination> {
    let arn = match service {
        "sqs" | "sns" => format!("arn:aws:{service}:us-east-1:123456789012:{name}"),
        "events" => "arn:aws:events:us-east-1:123456789012:event-bus/default".to_owned(),
        "s3" => format!("arn:aws:s3:::amzn-s3-demo-{name}"),
        other => names::function_arn(other.strip_prefix("lambda:")?),
    };
    Some(Destination(arn))
}

/// What a destination is called in forms: the service, `lambda:` and a function's name, or its ARN when it is one that no
/// form offers.
fn service(destination: Option<&Destination>, usual: &str) -> String {
    let Some(found) = destination else {
        return String::new();
    };
    if let Some((name, None)) = found.function() {
        return format!("lambda:{name}");
    }
    let service = found.0.split(':').nth(2).unwrap_or_default();
    if self::destination(service, usual).as_ref() == Some(found) {
        service.to_owned()
    } else {
        found.0.clone()
    }
}

/// Takes what [`service`] gives; says whether it is something.
fn choose(place: &mut Option<Destination>, chosen: &str, usual: &str) -> bool {
    *place = match chosen {
        "" => None,
        arn if arn.starts_with("arn:") => Some(Destination(arn.to_owned())),
        service => match destination(service, usual) {
            Some(found) => Some(found),
            None => return false,
        },
    };
    true
}

pub(in crate::ui::model) const FAILED: &str = "failed-events";
pub(in crate::ui::model) const PROCESSED: &str = "processed-events";
pub(in crate::ui::model) const DEAD: &str = "dead-letters";

/// A value of an enum by its name in the API.
macro_rules! named {
    ($field:ident: $($name:literal => $value:expr),+ $(,)?) => {
        Slot::Own {
            get: |config| {
                Some(match config.$field { $(it if it == $value => $name,)+ _ => "" }.to_owned())
            },
            set: |config, name| {
                config.$field = match name { $($name => $value,)+ _ => return false };
                true
            },
        }
    };
}

fn is_json(config: &FunctionConfig) -> bool {
    config.log_format == LogFormat::Json
}

pub(super) const SPECS: &[Spec<FunctionConfig>] = &[
    Spec {
        look: Look {
            key: "name",
            label: "Function name",
            unit: "",
            help: "",
            input: Input::Text,
        },
        slot: Slot::Text(|config| Some(&mut config.name)),
    },
    Spec {
        look: Look {
            key: "memory",
            label: "Memory",
            unit: "MB",
            help: "",
            input: Input::Number(128, 10_240),
        },
        slot: Slot::Number(|config| Some(&mut config.memory.0)),
    },
    Spec {
        look: Look {
            key: "timeout",
            label: "Timeout",
            unit: "s",
            help: "",
            input: Input::Number(1, 900),
        },
        slot: Slot::Number(|config| Some(&mut config.timeout.0)),
    },
    Spec {
        look: Look {
            key: "reserved_concurrency",
            label: "Reserved concurrency",
            unit: "",
            help: "0 throttles every request.",
            input: Input::Optional(0, 900, "none"),
        },
        slot: Slot::Maybe(|config| Some(&mut config.reserved_concurrency)),
    },
    Spec {
        look: Look {
            key: "architecture",
            label: "Architecture",
            unit: "",
            help: "",
            input: Input::Choice(&[("x86_64", "x86_64"), ("arm64", "arm64")]),
        },
        slot: named!(architecture: "x86_64" => Architecture::X86, "arm64" => Architecture::Arm),
    },
    Spec {
        look: Look {
            key: "maximum_retry_attempts",
            label: "Asynchronous retries",
            unit: "",
            help: "",
            input: Input::Number(0, 2),
        },
        slot: Slot::Number(|config| Some(&mut config.maximum_retry_attempts)),
    },
    Spec {
        look: Look {
            key: "maximum_event_age_seconds",
            label: "Maximum event age",
            unit: "s",
            help: "",
            input: Input::Number(60, 21_600),
        },
        slot: Slot::Number(|config| Some(&mut config.maximum_event_age_seconds)),
    },
    Spec {
        look: Look {
            key: "on_failure",
            label: "On-failure destination",
            unit: "",
            help: "",
            input: Input::Destination,
        },
        slot: Slot::Own {
            get: |config| Some(service(config.on_failure.as_ref(), FAILED)),
            set: |config, chosen| choose(&mut config.on_failure, chosen, FAILED),
        },
    },
    Spec {
        look: Look {
            key: "on_success",
            label: "On-success destination",
            unit: "",
            help: "",
            input: Input::Destination,
        },
        slot: Slot::Own {
            get: |config| Some(service(config.on_success.as_ref(), PROCESSED)),
            set: |config, chosen| choose(&mut config.on_success, chosen, PROCESSED),
        },
    },
    Spec {
        look: Look {
            key: "dead_letter",
            label: "Dead-letter queue",
            unit: "",
            help: "",
            input: Input::Destination,
        },
        slot: Slot::Own {
            get: |config| Some(service(config.dead_letter.as_ref(), DEAD)),
            set: |config, chosen| choose(&mut config.dead_letter, chosen, DEAD),
        },
    },
    Spec {
        look: Look {
            key: "log_format",
            label: "Log format",
            unit: "",
            help: "",
            input: Input::Choice(&[("Text", "Text"), ("JSON", "JSON")]),
        },
        slot: named!(log_format: "Text" => LogFormat::Text, "JSON" => LogFormat::Json),
    },
    Spec {
        look: Look {
            key: "application_log_level",
            label: "Application log level",
            unit: "",
            help: "Which of the function's own lines are kept.",
            input: Input::Choice(LEVELS),
        },
        slot: Slot::Own {
            get: |config| {
                let level = match config.application_log_level {
                    ApplicationLogLevel::Trace => "TRACE",
                    ApplicationLogLevel::Debug => "DEBUG",
                    ApplicationLogLevel::Info => "INFO",
                    ApplicationLogLevel::Warn => "WARN",
                    ApplicationLogLevel::Error => "ERROR",
                    ApplicationLogLevel::Fatal => "FATAL",
                };
                // Levels without JSON are refused: then they are shown, so that they can be put back.
                (is_json(config) || level != "INFO").then(|| level.to_owned())
            },
            set: |config, level| {
                config.application_log_level = match level {
                    "TRACE" => ApplicationLogLevel::Trace,
                    "DEBUG" => ApplicationLogLevel::Debug,
                    "INFO" => ApplicationLogLevel::Info,
                    "WARN" => ApplicationLogLevel::Warn,
                    "ERROR" => ApplicationLogLevel::Error,
                    "FATAL" => ApplicationLogLevel::Fatal,
                    _ => return false,
                };
                true
            },
        },
    },
    Spec {
        look: Look {
            key: "system_log_level",
            label: "System log level",
            unit: "",
            help: "Which of Lambda's own records are written.",
            input: Input::Choice(&[("DEBUG", "DEBUG"), ("INFO", "INFO"), ("WARN", "WARN")]),
        },
        slot: Slot::Own {
            get: |config| {
                let level = match config.system_log_level {
                    SystemLogLevel::Debug => "DEBUG",
                    SystemLogLevel::Info => "INFO",
                    SystemLogLevel::Warn => "WARN",
                };
                (is_json(config) || level != "INFO").then(|| level.to_owned())
            },
            set: |config, level| {
                config.system_log_level = match level {
                    "DEBUG" => SystemLogLevel::Debug,
                    "INFO" => SystemLogLevel::Info,
                    "WARN" => SystemLogLevel::Warn,
                    _ => return false,
                };
                true
            },
        },
    },
    Spec {
        look: Look {
            key: "log_group",
            label: "Log group",
            unit: "",
            help: "Empty: /aws/lambda/ and the function's name.",
            input: Input::Text,
        },
        slot: Slot::Own {
            get: |config| Some(config.log_group.clone().unwrap_or_default()),
            set: |config, group| {
                config.log_group = (!group.is_empty()).then(|| group.to_owned());
                true
            },
        },
    },
    Spec {
        look: Look {
            key: "recursive_loop",
            label: "Recursive loops",
            unit: "",
            help: "A function that comes back to itself through a queue or a topic is stopped after about 16 times.",
            input: Input::Choice(&[("Terminate", "Stopped"), ("Allow", "Allowed")]),
        },
        slot: named!(recursive_loop: "Terminate" => RecursiveLoop::Terminate, "Allow" => RecursiveLoop::Allow),
    },
];

/// How a further function's code is run. One without a module is a model, and nothing else.
pub(super) const CODE: &[Spec<FunctionSetup>] = &[Spec {
    look: Look {
        key: "runs",
        label: "Its code",
        unit: "",
        help: "",
        input: Input::Choice(&[
            ("module", "Runs every time"),
            ("cached", "Runs once for each event and state"),
            ("model", "Not run: a model"),
        ]),
    },
    slot: Slot::Own {
        get: |function| {
            let runs = match function.runs {
                Runs::Module => "module",
                Runs::Cached => "cached",
                Runs::Model(_) => "model",
            };
            (!function.module.0.is_empty()).then(|| runs.to_owned())
        },
        set: |function, runs| {
            function.runs = match (runs, &function.runs) {
                ("module", _) => Runs::Module,
                ("cached", _) => Runs::Cached,
                ("model", Runs::Model(model)) => Runs::Model(model.clone()),
                ("model", _) => Runs::Model(Model::default()),
                _ => return false,
            };
            true
        },
    },
}];

pub(super) const MODEL: &[Spec<Model>] = &[
    Spec {
        look: Look {
            key: "duration",
            label: "Duration",
            unit: "",
            help: "",
            input: Input::Choice(distribution::SHAPES),
        },
        slot: Slot::Shape(|model| Some(&mut model.duration)),
    },
    Spec {
        look: Look {
            key: "duration_typical",
            label: "Takes",
            unit: "ms",
            help: "More memory makes a model no faster.",
            input: Input::Decimal,
        },
        slot: Slot::Typical(|model| Some(&mut model.duration)),
    },
    Spec {
        look: Look {
            key: "duration_slowest",
            label: "The slowest take",
            unit: "ms",
            help: "A range's end, or what one in a hundred exceeds.",
            input: Input::Decimal,
        },
        slot: Slot::Slowest(|model| Some(&mut model.duration)),
    },
    Spec {
        look: Look {
            key: "errors_per_million",
            label: "Fails",
            unit: "%",
            help: "",
            input: Input::Decimal,
        },
        slot: Slot::Percent(|model| Some(&mut model.errors_per_million)),
    },
    Spec {
        look: Look {
            key: "init",
            label: "Init duration",
            unit: "",
            help: "",
            input: Input::Choice(distribution::SHAPES),
        },
        slot: Slot::Shape(|model| Some(&mut model.init)),
    },
    Spec {
        look: Look {
            key: "init_typical",
            label: "Init takes",
            unit: "ms",
            help: "",
            input: Input::Decimal,
        },
        slot: Slot::Typical(|model| Some(&mut model.init)),
    },
    Spec {
        look: Look {
            key: "init_slowest",
            label: "The slowest Inits take",
            unit: "ms",
            help: "",
            input: Input::Decimal,
        },
        slot: Slot::Slowest(|model| Some(&mut model.init)),
    },
    Spec {
        look: Look {
            key: "init_errors_per_million",
            label: "Init fails",
            unit: "%",
            help: "",
            input: Input::Decimal,
        },
        slot: Slot::Percent(|model| Some(&mut model.init_errors_per_million)),
    },
    Spec {
        look: Look {
            key: "memory_used_mb",
            label: "Memory used",
            unit: "MB",
            help: "More than the function has means out of memory.",
            input: Input::Number(1, 10_240),
        },
        slot: Slot::Number(|model| Some(&mut model.memory_used_mb)),
    },
    Spec {
        look: Look {
            key: "response",
            label: "Answers",
            unit: "",
            help: "JSON, the same each time.",
            input: Input::Text,
        },
        slot: Slot::Text(|model| Some(&mut model.response)),
    },
];

/// Changes a setting of a function. A new name is taken over wherever the function is named.
pub(super) fn edit(setup: &mut Setup, index: usize, key: &str, value: &str) -> bool {
    let Some(spec) = find(SPECS, key) else {
        return false;
    };
    let config = match index.checked_sub(1) {
        None => &mut setup.config,
        Some(other) => match setup.others.get_mut(other) {
            Some(function) => &mut function.config,
            None => return false,
        },
    };
    let before = config.name.clone();
    if !spec.set(config, value) {
        return false;
    }
    let now = config.name.clone();
    if before != now {
        setup.renamed(index, &before);
    }
    true
}

impl Setup {
    /// The model of a function; none when its code runs.
    pub fn model_of(&self, index: usize) -> Option<&Model> {
        match index.checked_sub(1) {
            None => Some(&self.load.model),
            Some(other) => match &self.others.get(other)?.runs {
                Runs::Model(model) => Some(model),
                Runs::Module | Runs::Cached => None,
            },
        }
    }

    pub(super) fn model_of_mut(&mut self, index: usize) -> Option<&mut Model> {
        match index.checked_sub(1) {
            None => Some(&mut self.load.model),
            Some(other) => match &mut self.others.get_mut(other)?.runs {
                Runs::Model(model) => Some(model),
                Runs::Module | Runs::Cached => None,
            },
        }
    }

    /// Takes over a function's new name in everything that names it.
    pub(in crate::ui::model) fn renamed(&mut self, index: usize, before: &str) {
        let Some(now) = self.config_of(index).map(|config| config.name.clone()) else {
            return;
        };
        for version in self
            .published_of_mut(index)
            .into_iter()
            .flat_map(|published| &mut published.versions)
        {
            if let Some(config) = &mut version.config {
                config.name.clone_from(&now);
            }
        }
        let rename = |name: &mut Option<String>| {
            if name.as_deref() == Some(before) {
                *name = Some(now.clone());
            }
        };
        rename(&mut self.call.function);
        for arrival in &mut self.arrivals {
            rename(&mut arrival.function);
        }
        for load in &mut self.loads {
            rename(&mut load.function);
        }
        for mapping in &mut self.mappings {
            rename(&mut mapping.function_name);
        }
        for drill in &mut self.drills {
            rename(&mut drill.function);
        }
    }
}
