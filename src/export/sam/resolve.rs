//! What a template's values are: parameters at their defaults, conditions decided, names and ARNs of its resources made up as
//! CloudFormation would.
//!
//! What only a deployment could tell, such as another stack's exports, stays unknown, and says why.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::document::{Content, Node, shortened};
use crate::lambda::names::{ACCOUNT, REGION, function_arn};
use crate::problem::Problem;

/// How deep intrinsics may be nested, and conditions may rest on each other.
const MAX_DEPTH: usize = 24;

/// How many functions are computed in all: names may rest on names, and what is short to write can be long to compute.
const MAX_STEPS: u32 = 1_000_000;

/// The longest text that is put together, in bytes: longer than any name, ARN or variable may be.
const MAX_TEXT: usize = 16 * 1024;

/// The most findings that are listed.
const MAX_PROBLEMS: usize = 200;

/// A template, and what has been found about it so far.
pub struct Template<'a> {
    root: &'a Node,
    /// Ids to types and resources.
    known: BTreeMap<&'a str, (&'a str, &'a Node)>,
    problems: RefCell<Vec<Problem>>,
    /// How deep computing is at the moment: a resource's name may lead back to itself.
    nested: Cell<usize>,
    steps: Cell<u32>,
}

type Resolved = Result<Node, String>;

impl<'a> Template<'a> {
    /// Over a document.
    pub fn new(root: &'a Node) -> Self {
        let mut template = Self {
            root,
            known: BTreeMap::new(),
            problems: RefCell::default(),
            nested: Cell::new(0),
            steps: Cell::new(0),
        };
        template.known = template
            .resources()
            .map(|(id, kind, resource)| (id, (kind, resource)))
            .collect();
        template
    }

    /// A part of the template: `Resources`, for instance.
    pub fn part(&self, name: &str) -> Option<&'a Node> {
        self.root.get(name)
    }

    /// All resources: id, type, and the whole of it.
    pub fn resources(&self) -> impl Iterator<Item = (&'a str, &'a str, &'a Node)> {
        let members = self.part("Resources").and_then(Node::map);
        members.into_iter().flatten().map(|(id, resource)| {
            let kind = resource.get("Type").and_then(Node::scalar);
            (id.as_str(), kind.unwrap_or_default(), resource)
        })
    }

    /// Notes a finding.
    pub fn say(&self, problem: Problem) {
        let mut problems = self.problems.borrow_mut();
        if problems.len() < MAX_PROBLEMS {
            problems.push(problem);
        } else if problems.len() == MAX_PROBLEMS {
            problems.push(Problem::note(
                "template.more",
                "",
                "There is more to say about this template; only the first 200 findings are listed.",
                "Mend these and open it again to see the others.",
            ));
        }
    }

    /// What was found.
    pub fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }

    /// A value without the intrinsics around it. `AWS::NoValue` becomes nothing.
    ///
    /// # Errors
    /// Why it cannot be known.
    pub fn resolve(&self, node: &Node) -> Resolved {
        self.resolve_at(node)
    }

    fn resolve_at(&self, node: &Node) -> Resolved {
        let Some((name, argument)) = node.intrinsic() else {
            return Ok(node.clone());
        };
        self.deeper(|| self.computed(node, name, argument))
    }

    /// Computes something within what is being computed, unless that goes too far.
    fn deeper<T>(&self, compute: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
        if self.nested.get() > MAX_DEPTH {
            return Err("its functions are nested too deep".to_owned());
        }
        if self.steps.get() > MAX_STEPS {
            return Err("the template takes too long to compute".to_owned());
        }
        self.steps.set(self.steps.get() + 1);
        self.nested.set(self.nested.get() + 1);
        let result = compute();
        self.nested.set(self.nested.get() - 1);
        result
    }

    fn computed(&self, node: &Node, name: &str, argument: &Node) -> Resolved {
        let arguments = argument.list().unwrap_or_default();
        let text_at = |index: usize| -> Result<String, String> {
            let found = arguments.get(index).ok_or("an argument is missing")?;
            self.text_at(found)
        };
        match name {
            "Ref" => self.reference(argument.scalar().unwrap_or_default(), node.line),
            "Fn::GetAtt" => {
                let attribute = text_at(1)?;
                self.attribute(&text_at(0)?, &attribute)
                    .map(|text| Node::text(node.line, text))
            }
            "Fn::Sub" => self
                .substituted(argument)
                .map(|text| Node::text(node.line, text)),
            "Fn::Join" => {
                let parts = arguments.get(1).ok_or("an argument is missing")?;
                let parts = self.resolve_at(parts)?;
                let separator = text_at(0)?;
                let mut text = String::new();
                for (index, part) in parts.list().unwrap_or_default().iter().enumerate() {
                    if index > 0 {
                        text.push_str(&separator);
                    }
                    text.push_str(&self.text_at(part)?);
                    bounded(&text)?;
                }
                Ok(Node::text(node.line, text))
            }
            "Fn::If" => {
                let [condition, yes, no] = arguments else {
                    return Err("Fn::If takes three arguments".to_owned());
                };
                let name = condition.scalar().unwrap_or_default();
                let chosen = if self.condition(name)? { yes } else { no };
                self.resolve_at(chosen)
            }
            "Fn::FindInMap" => {
                let (map, first, second) = (text_at(0)?, text_at(1)?, text_at(2)?);
                let found = self
                    .part("Mappings")
                    .and_then(|maps| maps.get(&map)?.get(&first)?.get(&second));
                found
                    .cloned()
                    .ok_or_else(|| format!("the mapping {} has no such entry", shortened(&map)))
            }
            "Fn::Select" => {
                let index: usize = text_at(0)?.parse().map_err(|_| "an index is no number")?;
                let list = arguments.get(1).ok_or("an argument is missing")?;
                let list = self.resolve_at(list)?;
                let found = list.list().and_then(|list| list.get(index));
                self.resolve_at(found.ok_or("a list is too short")?)
            }
            "Fn::Split" => {
                let separator = text_at(0)?;
                let text = text_at(1)?;
                let parts = text.split(separator.as_str());
                let parts: Vec<_> = parts.map(|part| Node::text(node.line, part)).collect();
                self.works(parts.len());
                Ok(Node {
                    line: node.line,
                    content: Content::List(parts),
                })
            }
            other => Err(format!(
                "only a deployment knows what {} gives",
                shortened(other)
            )),
        }
    }

    /// A value as text.
    fn text_at(&self, node: &Node) -> Result<String, String> {
        let node = self.resolve_at(node)?;
        let text = node.scalar().ok_or("a text is expected")?;
        bounded(text)?;
        self.works(text.len() / 64);
        Ok(text.to_owned())
    }

    /// Counts work that is more than one step's.
    fn works(&self, steps: usize) {
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        self.steps.set(self.steps.get().saturating_add(steps));
    }

    fn reference(&self, name: &str, line: usize) -> Resolved {
        let pseudo = match name {
            "AWS::Region" => REGION,
            "AWS::AccountId" => ACCOUNT,
            "AWS::Partition" => "aws",
            "AWS::URLSuffix" => "amazonaws.com",
            "AWS::StackName" => "my-stack",
            "AWS::NoValue" => {
                return Ok(Node {
                    line,
                    content: Content::Null,
                });
            }
            _ => "",
        };
        if !pseudo.is_empty() {
            return Ok(Node::text(line, pseudo));
        }
        if let Some(parameter) = self.part("Parameters").and_then(|it| it.get(name)) {
            return parameter
                .get("Default")
                .cloned()
                .ok_or_else(|| format!("the parameter {} has no default", shortened(name)));
        }
        let (id, kind, _) = self.resource(name)?;
        let text = match kind {
            // What Ref gives of these is no name.
            "AWS::SNS::Topic" => self.arn(id)?,
            "AWS::SQS::Queue" => format!(
                "https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{}",
                self.name_of(id)
            ),
            _ => self.name_of(id),
        };
        Ok(Node::text(line, text))
    }

    /// A resource by its id.
    fn resource(&self, id: &str) -> Result<(&'a str, &'a str, &'a Node), String> {
        self.known
            .get_key_value(id)
            .map(|(id, (kind, resource))| (*id, *kind, *resource))
            .ok_or_else(|| format!("nothing in the template is called {}", shortened(id)))
    }

    fn attribute(&self, id: &str, attribute: &str) -> Result<String, String> {
        let (id, kind, _) = self.resource(id)?;
        match (kind, attribute) {
            ("AWS::SQS::Queue", "QueueName")
            | ("AWS::SNS::Topic", "TopicName")
            | ("AWS::Events::EventBus", "Name") => Ok(self.name_of(id)),
            ("AWS::DynamoDB::Table", "StreamArn") => {
                Ok(format!("{}/stream/2026-01-05T12:00:00.000", self.arn(id)?))
            }
            (_, "Arn" | "TopicArn" | "ConsumerARN") => self.arn(id),
            _ => Err(format!(
                "only a deployment knows {}.{}",
                shortened(id),
                shortened(attribute)
            )),
        }
    }

    /// The physical name: the one that is given, or the id. CloudFormation would put stack and chance around it.
    pub fn name_of(&self, id: &str) -> String {
        let Ok((id, kind, resource)) = self.resource(id) else {
            return id.to_owned();
        };
        let property = match kind {
            "AWS::SQS::Queue" => "QueueName",
            "AWS::SNS::Topic" => "TopicName",
            "AWS::Kinesis::Stream" => "Name",
            "AWS::DynamoDB::Table" | "AWS::Serverless::SimpleTable" => "TableName",
            "AWS::S3::Bucket" => "BucketName",
            "AWS::Events::EventBus" => "Name",
            "AWS::Serverless::Function" | "AWS::Lambda::Function" => "FunctionName",
            "AWS::MSK::Cluster" | "AWS::MSK::ServerlessCluster" => "ClusterName",
            "AWS::AmazonMQ::Broker" => "BrokerName",
            "AWS::DocDB::DBCluster" => "DBClusterIdentifier",
            "AWS::Logs::LogGroup" => "LogGroupName",
            _ => "",
        };
        let properties = resource.get("Properties");
        let given = properties.and_then(|it| it.get(property));
        if let Some(given) = given.and_then(|given| self.text_at(given).ok()) {
            return given;
        }
        let fifo = properties.and_then(|it| it.get("FifoQueue")?.scalar()) == Some("true");
        match kind {
            "AWS::S3::Bucket" => id.to_lowercase(),
            "AWS::SQS::Queue" if fifo => format!("{id}.fifo"),
            _ => id.to_owned(),
        }
    }

    /// The ARN of a resource.
    fn arn(&self, id: &str) -> Result<String, String> {
        let (id, kind, resource) = self.resource(id)?;
        let name = self.name_of(id);
        let of = |service: &str, what: &str| {
            Ok(format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{what}{name}"))
        };
        match kind {
            "AWS::SQS::Queue" => of("sqs", ""),
            "AWS::SNS::Topic" => of("sns", ""),
            "AWS::Kinesis::Stream" => of("kinesis", "stream/"),
            "AWS::Kinesis::StreamConsumer" => {
                let stream = resource
                    .get("Properties")
                    .and_then(|it| it.get("StreamARN"));
                let stream = self.text_at(stream.ok_or("a consumer names no stream")?)?;
                Ok(format!("{stream}/consumer/{name}:1767614400"))
            }
            "AWS::DynamoDB::Table" | "AWS::Serverless::SimpleTable" => of("dynamodb", "table/"),
            "AWS::Events::EventBus" => of("events", "event-bus/"),
            "AWS::Logs::LogGroup" => of("logs", "log-group:"),
            "AWS::S3::Bucket" => Ok(format!("arn:aws:s3:::{name}")),
            "AWS::Serverless::Function" | "AWS::Lambda::Function" => Ok(function_arn(&name)),
            "AWS::MSK::Cluster" | "AWS::MSK::ServerlessCluster" => {
                of("kafka", "cluster/").map(|arn| arn + "/751d2973-a626-431c-9d4e-d7975eb44dd7-2")
            }
            "AWS::AmazonMQ::Broker" => {
                of("mq", "broker:").map(|arn| arn + ":b-9bcfa592-423a-4942-879d-eb284b418fc8")
            }
            "AWS::DocDB::DBCluster" => of("rds", "cluster:"),
            _ => Err(format!(
                "only a deployment knows the ARN of {}",
                shortened(id)
            )),
        }
    }

    /// The resource with this ARN: its id and its properties.
    pub fn by_arn(&self, arn: &str) -> Option<(&'a str, Option<&'a Node>)> {
        self.resources()
            .find(|(id, kind, _)| {
                let whole = self.arn(id);
                let stream =
                    (*kind == "AWS::DynamoDB::Table").then(|| self.attribute(id, "StreamArn"));
                whole.as_deref() == Ok(arn) || stream.is_some_and(|it| it.as_deref() == Ok(arn))
            })
            .map(|(id, _, resource)| (id, resource.get("Properties")))
    }

    /// `${Name}`, `${Name.Attribute}` and `${!Literal}`.
    fn substituted(&self, argument: &Node) -> Result<String, String> {
        let (template, own) = match argument.list() {
            Some([template, own]) => (template.scalar(), own.map()),
            _ => (argument.scalar(), None),
        };
        let mut rest = template.ok_or("Fn::Sub takes a text")?;
        let mut text = String::new();
        while let Some((before, after)) = rest.split_once("${") {
            text.push_str(before);
            let (name, after) = after.split_once('}').ok_or("a brace is not closed")?;
            let name = name.trim();
            if let Some(literal) = name.strip_prefix('!') {
                text.push_str(&format!("${{{literal}}}"));
            } else if let Some((_, value)) = own.and_then(|it| it.iter().find(|it| it.0 == name)) {
                text.push_str(&self.text_at(value)?);
            } else if let Some((id, attribute)) = name.split_once('.') {
                text.push_str(&self.attribute(id, attribute)?);
            } else {
                let value = self.reference(name, argument.line)?;
                text.push_str(value.scalar().ok_or("a text is expected")?);
            }
            bounded(&text)?;
            rest = after;
        }
        text.push_str(rest);
        Ok(text)
    }

    /// Whether a condition of the template holds.
    ///
    /// # Errors
    /// When that cannot be known.
    pub fn condition(&self, name: &str) -> Result<bool, String> {
        let conditions = self.part("Conditions");
        let found = conditions.and_then(|it| it.get(name));
        let found = found.ok_or_else(|| format!("there is no condition {}", shortened(name)))?;
        self.deeper(|| self.holds(found))
    }

    fn holds(&self, node: &Node) -> Result<bool, String> {
        let Some((name, argument)) = node.intrinsic() else {
            return Err("a condition is no function".to_owned());
        };
        let arguments = argument.list().unwrap_or_default();
        match name {
            "Condition" => self.condition(argument.scalar().unwrap_or_default()),
            "Fn::Equals" => {
                let [one, other] = arguments else {
                    return Err("Fn::Equals takes two arguments".to_owned());
                };
                Ok(self.text_at(one)? == self.text_at(other)?)
            }
            "Fn::Not" => {
                let [one] = arguments else {
                    return Err("Fn::Not takes one argument".to_owned());
                };
                Ok(!self.deeper(|| self.holds(one))?)
            }
            "Fn::And" | "Fn::Or" if arguments.len() <= 10 => {
                let wanted = name == "Fn::Or";
                for argument in arguments {
                    if self.deeper(|| self.holds(argument))? == wanted {
                        return Ok(wanted);
                    }
                }
                Ok(!wanted)
            }
            other => Err(format!("{} is no condition", shortened(other))),
        }
    }
}

fn bounded(text: &str) -> Result<(), String> {
    if text.len() > MAX_TEXT {
        return Err("it becomes longer than 16 KB".to_owned());
    }
    Ok(())
}
