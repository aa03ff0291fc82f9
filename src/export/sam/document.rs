//! A template's text as a tree in which every value knows its line.
//!
//! JSON is YAML's own subset, so one parser reads both. CloudFormation's short intrinsics (`!Ref x`) become the long ones
//! (`{"Ref": "x"}`). Text from strangers is bounded in size, depth and number of values, repeated ones by alias included.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use crate::problem::Problem;

/// The longest template that is read: what CloudFormation itself takes from S3.
pub const MAX_BYTES: usize = 1024 * 1024;

/// The deepest nesting of what is written; short intrinsics are two deep in their long form.
const MAX_DEPTH: usize = 64;

/// The most members of one map: CloudFormation takes 500 resources.
const MAX_MEMBERS: usize = 1_000;

/// The most values.
const MAX_NODES: usize = 100_000;

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The line it begins on, from 1.
    pub line: usize,
    /// What it is.
    pub content: Content,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Nothing.
    Null,
    /// A text, a number or a truth value: CloudFormation takes each for the others.
    Scalar(String),
    /// A list.
    List(Vec<Node>),
    /// Names with values, in the order of the text.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// A text.
    pub fn text(line: usize, text: impl Into<String>) -> Self {
        Self {
            line,
            content: Content::Scalar(text.into()),
        }
    }

    /// The member of that name.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.map()?
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    /// Its members, when it has some.
    pub fn map(&self) -> Option<&[(String, Self)]> {
        match &self.content {
            Content::Map(members) => Some(members),
            _ => None,
        }
    }

    /// Its elements, when it is a list.
    pub fn list(&self) -> Option<&[Self]> {
        match &self.content {
            Content::List(elements) => Some(elements),
            _ => None,
        }
    }

    /// Its text, when it is one.
    pub fn scalar(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The name and argument of an intrinsic function.
    pub fn intrinsic(&self) -> Option<(&str, &Self)> {
        match self.map()? {
            [(name, argument)]
                if name == "Ref" || name == "Condition" || name.starts_with("Fn::") =>
            {
                Some((name, argument))
            }
            _ => None,
        }
    }

    /// How many values it holds, itself included.
    fn size(&self) -> usize {
        1 + match &self.content {
            Content::List(elements) => elements.iter().map(Self::size).sum(),
            Content::Map(members) => members.iter().map(|(_, value)| value.size()).sum(),
            Content::Null | Content::Scalar(_) => 0,
        }
    }

    /// How deep it is.
    fn depth(&self) -> usize {
        1 + match &self.content {
            Content::List(elements) => elements.iter().map(Self::depth).max(),
            Content::Map(members) => members.iter().map(|(_, value)| value.depth()).max(),
            Content::Null | Content::Scalar(_) => None,
        }
        .unwrap_or(0)
    }
}

/// Reads a text.
///
/// # Errors
/// When it is neither YAML nor JSON, or more than anybody writes.
pub fn parse(text: &str) -> Result<Node, Problem> {
    if text.len() > MAX_BYTES {
        return Err(refusal(
            None,
            "it is longer than 1 MB, the most that CloudFormation takes",
        ));
    }
    let mut reading = Reading::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            refusal(
                Some(error.marker().line()),
                &format!("it is neither YAML nor JSON: {}", error.info()),
            )
        })?;
        if reading.take(event, span)? {
            break;
        }
    }
    reading
        .root
        .ok_or_else(|| refusal(None, "there is nothing in it"))
}

fn refusal(line: Option<usize>, cause: &str) -> Problem {
    Problem::error(
        "template.broken",
        line.map(|line| format!("line {line}")).unwrap_or_default(),
        format!("The template cannot be read: {cause}."),
        "Take a template that `sam validate` accepts.",
    )
}

fn too_deep(line: usize) -> Problem {
    refusal(Some(line), "it is nested more than 64 deep")
}

/// What is being read: lists and maps that are still open, and what has an anchor.
#[derive(Default)]
struct Reading {
    open: Vec<Open>,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
    root: Option<Node>,
}

struct Open {
    node: Node,
    /// In a map: the name whose value comes next.
    key: Option<String>,
    anchor: usize,
    tag: Option<String>,
}

impl Reading {
    /// Takes one event; says whether the document is over.
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<bool, Problem> {
        let line = span.start.line();
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let content = if style == ScalarStyle::Plain && is_null(&text) {
                    Content::Null
                } else {
                    Content::Scalar(text.into_owned())
                };
                self.add(Node { line, content }, anchor, short_form(tag.as_deref()))?;
            }
            Event::SequenceStart(anchor, tag) => {
                self.begin(line, Content::List(Vec::new()), anchor, tag.as_deref())?;
            }
            Event::MappingStart(anchor, tag) => {
                self.begin(line, Content::Map(Vec::new()), anchor, tag.as_deref())?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    self.add(open.node, open.anchor, open.tag)?;
                }
            }
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor).cloned() else {
                    return Err(refusal(Some(line), "an alias stands inside what it names"));
                };
                if self.open.len() + node.depth() > MAX_DEPTH {
                    return Err(too_deep(line));
                }
                self.nodes += node.size();
                self.add(node, 0, None)?;
            }
            Event::DocumentEnd => return Ok(true),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => {}
        }
        Ok(false)
    }

    fn begin(
        &mut self,
        line: usize,
        content: Content,
        anchor: usize,
        tag: Option<&Tag>,
    ) -> Result<(), Problem> {
        if self.open.len() >= MAX_DEPTH {
            return Err(too_deep(line));
        }
        self.open.push(Open {
            node: Node { line, content },
            key: None,
            anchor,
            tag: short_form(tag),
        });
        Ok(())
    }

    /// A whole value: it goes into what is open, as a name or a value.
    fn add(&mut self, node: Node, anchor: usize, tag: Option<String>) -> Result<(), Problem> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(refusal(Some(node.line), "it has more than 100,000 values"));
        }
        let node = match tag {
            Some(name) => long_form(name, node),
            None => node,
        };
        if anchor != 0 {
            // Kept copies count, too.
            self.nodes += node.size();
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match (&mut open.node.content, open.key.take()) {
            (Content::List(elements), _) => elements.push(node),
            (Content::Map(members), Some(key)) => {
                if members.iter().any(|(name, _)| *name == key) {
                    return Err(refusal(
                        Some(node.line),
                        &format!("\"{}\" is there twice", shortened(&key)),
                    ));
                }
                if members.len() == MAX_MEMBERS {
                    return Err(refusal(
                        Some(node.line),
                        "something in it has more than 1,000 members",
                    ));
                }
                members.push((key, node));
            }
            (_, _) => match node.content {
                Content::Scalar(key) => open.key = Some(key),
                Content::Null => open.key = Some(String::new()),
                _ => return Err(refusal(Some(node.line), "a name is a list or a map")),
            },
        }
        Ok(())
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// The long name of a short intrinsic; none for YAML's own tags.
fn short_form(tag: Option<&Tag>) -> Option<String> {
    let tag = tag.filter(|tag| tag.handle == "!")?;
    Some(match tag.suffix.as_str() {
        "Ref" | "Condition" => tag.suffix.clone(),
        other => format!("Fn::{other}"),
    })
}

fn long_form(name: String, mut argument: Node) -> Node {
    let line = argument.line;
    // `!GetAtt a.b` is `{"Fn::GetAtt": ["a", "b"]}`.
    if name == "Fn::GetAtt"
        && let Some((resource, attribute)) = argument.scalar().and_then(|text| text.split_once('.'))
    {
        argument.content = Content::List(vec![
            Node::text(line, resource),
            Node::text(line, attribute),
        ]);
    }
    Node {
        line,
        content: Content::Map(vec![(name, argument)]),
    }
}

/// A text from outside, short enough for a message.
pub fn shortened(text: &str) -> String {
    let mut characters = text.chars();
    let mut short: String = characters.by_ref().take(60).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_and_json_are_the_same_tree_with_lines() {
        let yaml = "A:\n  B: [1, two]\n  C: !GetAtt X.Arn\n";
        let json =
            "{\"A\": {\n\t\"B\": [1, \"two\"],\n\t\"C\": {\"Fn::GetAtt\": [\"X\", \"Arn\"]}}}";
        let (yaml, json) = (parse(yaml).unwrap(), parse(json).unwrap());
        for root in [&yaml, &json] {
            let a = root.get("A").unwrap();
            assert_eq!(a.get("B").unwrap().list().unwrap()[1].scalar(), Some("two"));
            let (name, argument) = a.get("C").unwrap().intrinsic().unwrap();
            assert_eq!((name, argument.list().unwrap().len()), ("Fn::GetAtt", 2));
        }
        assert_eq!(yaml.get("A").unwrap().get("C").unwrap().line, 3);
    }

    #[test]
    fn what_is_quoted_is_text() {
        let root = parse("a: null\nb: 'null'\nc:\n").unwrap();
        assert_eq!(root.get("a").unwrap().content, Content::Null);
        assert_eq!(root.get("b").unwrap().scalar(), Some("null"));
        assert_eq!(root.get("c").unwrap().content, Content::Null);
    }

    #[test]
    fn bombs_are_refused() {
        let deep = "[".repeat(100_000);
        let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..12 {
            let before = n - 1;
            let list = vec![format!("*a{before}"); 10].join(", ");
            laughs += &format!("a{n}: &a{n} [{list}]\n");
        }
        let wide = "- 1\n".repeat(200_000);
        let inside = "a: &a [*a]\n".to_owned();
        let twice = "a: 1\na: 2\n".to_owned();
        for text in [
            deep,
            laughs,
            wide,
            inside,
            twice,
            String::new(),
            "a: [".to_owned(),
        ] {
            assert_eq!(parse(&text).unwrap_err().code, "template.broken");
        }
    }
}
