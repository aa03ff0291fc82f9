//! A template read as a scenario.

use super::document::{Node, parse, shortened};
use super::events::{self, Sample};
use super::function::{self, Function};
use super::properties::Properties;
use super::resolve::Template;
use crate::lambda::model::Model;
use crate::problem::Problem;
use crate::scenario::{Arrival, FunctionSetup, Mapping, ModuleHash, Runs, Scenario, When};
use crate::sim::{SimDuration, SimTime};
use crate::trigger::{self, FieldKind, SampleContext};

const SAM_FUNCTION: &str = "AWS::Serverless::Function";
const FUNCTION: &str = "AWS::Lambda::Function";
const MAPPING: &str = "AWS::Lambda::EventSourceMapping";
const INVOKE_CONFIG: &str = "AWS::Lambda::EventInvokeConfig";
const URL: &str = "AWS::Lambda::Url";

/// Resources that are read by what refers to them.
const REFERRED_TO: &[&str] = &[
    "AWS::AmazonMQ::Broker",
    "AWS::DocDB::DBCluster",
    "AWS::DynamoDB::Table",
    "AWS::Events::EventBus",
    "AWS::Kinesis::Stream",
    "AWS::Kinesis::StreamConsumer",
    "AWS::Logs::LogGroup",
    "AWS::MSK::Cluster",
    "AWS::MSK::ServerlessCluster",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::Serverless::SimpleTable",
];

/// The most functions that are taken over.
const MAX_FUNCTIONS: usize = 50;

/// The most events, of all functions together.
const MAX_EVENTS: usize = 200;

/// Whether a text is a template rather than anything else one could open.
pub fn looks_like_template(text: &str) -> bool {
    [
        "AWS::Serverless",
        "AWS::Lambda::Function",
        "AWSTemplateFormatVersion",
    ]
    .iter()
    .any(|sign| text.contains(sign))
}

/// Reads a template, YAML or JSON. The scenario names no code: what is loaded takes the first function's part, and the others
/// are models.
///
/// # Errors
/// When there is no template in the text, or no function in the template.
pub fn read(text: &str) -> Result<(Scenario, Vec<Problem>), Problem> {
    let root = parse(text)?;
    let template = Template::new(&root);
    let mut reading = Reading {
        template: &template,
        scenario: Scenario::default(),
        functions: Vec::new(),
        events: 0,
    };
    reading.functions();
    if reading.functions.is_empty() {
        return Err(Problem::error(
            "template.functions",
            "Resources",
            "There is no function in the template.",
            "Take a template with an AWS::Serverless::Function or an AWS::Lambda::Function.",
        ));
    }
    reading.satellites();
    let scenario = reading.finish();
    Ok((scenario, template.into_problems()))
}

struct Reading<'t, 'a> {
    template: &'t Template<'a>,
    scenario: Scenario,
    /// Ids and functions, in the order of the template.
    functions: Vec<(&'a str, Function)>,
    events: usize,
}

impl<'t, 'a> Reading<'t, 'a> {
    fn functions(&mut self) {
        let globals = self
            .template
            .part("Globals")
            .and_then(|it| it.get("Function"));
        let mut events = Vec::new();
        for (id, kind, resource) in self.template.resources() {
            if kind != SAM_FUNCTION && kind != FUNCTION || !self.is_made(id, resource) {
                continue;
            }
            if self.functions.len() == MAX_FUNCTIONS {
                self.note(
                    resource,
                    id,
                    "There are more than 50 functions; the rest is left out.",
                );
                break;
            }
            let place = format!("Resources.{}.Properties", shortened(id));
            let mut properties = Properties::of(self.template, resource.get("Properties"), &place);
            if let Some(globals) = globals.filter(|_| kind == SAM_FUNCTION) {
                properties.fill_from(globals);
            }
            let function = function::read(&mut properties, id);
            if let Some(url) = properties.object("FunctionUrlConfig") {
                events.push((self.functions.len(), Event::Sample(url_sample(url))));
            }
            if let Some(mut own) = properties.object("Events") {
                for (name, node) in own.rest() {
                    let place = format!("{}.{}", own.place(), shortened(&name));
                    events.push((self.functions.len(), Event::Written(node, place)));
                }
            }
            properties.finish();
            self.functions.push((id, function));
        }
        for (index, event) in events {
            let read = match event {
                Event::Sample(sample) => events::Read {
                    sample: Some(sample),
                    mapping: None,
                },
                Event::Written(node, place) if self.events < MAX_EVENTS => {
                    events::read(self.template, &node, &place)
                }
                Event::Written(..) => {
                    self.events += 1;
                    continue;
                }
            };
            self.take(index, read);
        }
        if self.events > MAX_EVENTS {
            self.template.say(Problem::warning(
                "template.events",
                "Resources",
                "There are more than 200 events; the rest is left out.",
                "Take a part of the template.",
            ));
        }
    }

    /// Resources beside the functions.
    fn satellites(&mut self) {
        for (id, kind, resource) in self.template.resources() {
            if !self.is_made(id, resource) {
                continue;
            }
            let place = format!("Resources.{}.Properties", shortened(id));
            let mut properties = Properties::of(self.template, resource.get("Properties"), &place);
            match kind {
                SAM_FUNCTION | FUNCTION => {}
                MAPPING | INVOKE_CONFIG | URL => {
                    let key = if kind == URL {
                        "TargetFunctionArn"
                    } else {
                        "FunctionName"
                    };
                    let named = properties.text(key).unwrap_or_default();
                    let Some(index) = self.function(&named) else {
                        properties.refuse_all(key, "the template has no such function");
                        continue;
                    };
                    match kind {
                        MAPPING if self.events >= MAX_EVENTS => {
                            properties.refuse_all(key, "there are more than 200 events");
                        }
                        MAPPING => {
                            let read = events::resource(&mut properties);
                            properties.finish();
                            self.take(index, read.unwrap_or_default());
                        }
                        INVOKE_CONFIG => {
                            let (_, function) = &mut self.functions[index];
                            function::asynchronous(properties, &mut function.config);
                        }
                        _ => {
                            let sample = Some(url_sample(properties));
                            let mapping = None;
                            self.take(index, events::Read { sample, mapping });
                        }
                    }
                }
                _ if REFERRED_TO.contains(&kind) => {}
                _ => self.note(
                    resource,
                    id,
                    &format!(
                        "A resource of type {} has no part in what the playground plays.",
                        shortened(kind)
                    ),
                ),
            }
        }
    }

    /// Whether the resource's condition holds; one that cannot be known does.
    fn is_made(&self, id: &str, resource: &Node) -> bool {
        let Some(condition) = resource.get("Condition").and_then(Node::scalar) else {
            return true;
        };
        match self.template.condition(condition) {
            Ok(true) => true,
            Ok(false) => {
                self.note(resource, id, "Its condition does not hold; it is left out.");
                false
            }
            Err(_) => true,
        }
    }

    fn note(&self, resource: &Node, id: &str, cause: &str) {
        self.template.say(Problem::note(
            "template.resource",
            format!("line {}, Resources.{}", resource.line, shortened(id)),
            cause,
            "Nothing is to be done.",
        ));
    }

    /// The function of this name or ARN.
    fn function(&self, named: &str) -> Option<usize> {
        let name = named.split(":function:").last()?.split(':').next()?;
        self.functions
            .iter()
            .position(|(id, function)| function.config.name == name || *id == name)
    }

    /// Takes what an event became: its mapping, and a request a second after the one before.
    fn take(&mut self, index: usize, read: events::Read) {
        self.events += 1;
        let Some((_, function)) = self.functions.get(index) else {
            return;
        };
        let name = (index > 0).then(|| function.config.name.clone());
        let qualifier = function.qualifier.clone();
        if let Some(mapping) = read.mapping {
            self.scenario.mappings.push(Mapping {
                function_name: name.clone(),
                qualifier: qualifier.clone(),
                ..mapping
            });
        }
        let Some(sample) = read.sample else {
            return;
        };
        let payload = self.payload(&sample);
        let when = if self.scenario.arrivals.is_empty() {
            When::At(SimTime::ZERO)
        } else {
            When::AfterPrevious(SimDuration::from_secs(1))
        };
        self.scenario.arrivals.push(Arrival {
            when,
            trigger: sample.trigger.to_owned(),
            payload,
            function: name,
            qualifier,
            ..Arrival::default()
        });
    }

    fn payload(&self, sample: &Sample) -> String {
        let Some(found) = trigger::by_id(sample.trigger) else {
            return String::new();
        };
        let mut form = trigger::default_form(found);
        for (key, value) in &sample.form {
            let field = found.fields().iter().find(|field| field.key == key);
            let slot = form.iter_mut().find(|(name, _)| name == key);
            if let (Some(field), Some(slot)) = (field, slot)
                && let Some(value) = taken(field.kind, value)
            {
                slot.1 = value;
            }
        }
        let context = SampleContext {
            time_ms: self.scenario.epoch_ms,
            seed: self.scenario.seed,
        };
        let event = found.sample(&form, context);
        serde_json::to_string_pretty(&event).unwrap_or_else(|_| event.to_string())
    }

    fn finish(mut self) -> Scenario {
        if self.scenario.arrivals.is_empty() {
            let sample = Sample {
                trigger: "direct",
                ..Sample::default()
            };
            self.take(
                0,
                events::Read {
                    sample: Some(sample),
                    mapping: None,
                },
            );
        }
        let mut functions = self.functions.into_iter();
        if let Some((_, first)) = functions.next() {
            self.scenario.function = first.config;
            self.scenario.published = first.published;
        }
        for (id, other) in functions {
            self.template.say(Problem::note(
                "template.model",
                format!("Resources.{}", shortened(id)),
                "It is played as a model that takes 50 ms: the function that is loaded here takes the part of the first one.",
                "Put it first in the template to run code in its place.",
            ));
            self.scenario.others.push(FunctionSetup {
                config: other.config,
                module: ModuleHash(String::new()),
                runs: Runs::Model(Model::default()),
                published: other.published,
            });
        }
        self.scenario
    }
}

/// What a field takes of a value: one of its choices, the first of them for a pattern that ends in `*`.
fn taken(kind: FieldKind, value: &str) -> Option<String> {
    let FieldKind::Choice(choices) = kind else {
        return Some(value.to_owned());
    };
    let fits = |choice: &&&str| match value.strip_suffix('*') {
        Some(begin) => choice.starts_with(begin),
        None => **choice == value,
    };
    choices.iter().find(fits).map(|choice| (*choice).to_owned())
}

enum Event {
    Sample(Sample),
    Written(Node, String),
}

fn url_sample(mut url: Properties<'_, '_>) -> Sample {
    let auth = url.text("AuthType");
    let streamed = url.text("InvokeMode").as_deref() == Some("RESPONSE_STREAM");
    url.without_part(&["Cors", "Qualifier"]);
    url.finish();
    Sample {
        trigger: if streamed {
            "function-url-streaming"
        } else {
            "function-url"
        },
        form: auth
            .map(|auth| ("auth".to_owned(), auth))
            .into_iter()
            .collect(),
    }
}
