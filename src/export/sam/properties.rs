//! A resource's properties being read: what has been read is taken out, and what is left at the end is listed.

use super::document::{Content, Node, shortened};
use super::resolve::Template;
use crate::problem::Problem;

/// Properties with their place.
pub struct Properties<'t, 'a> {
    template: &'t Template<'a>,
    members: Vec<(String, Node)>,
    place: String,
}

impl<'t, 'a> Properties<'t, 'a> {
    /// The properties in `node`, at `place` in the template.
    pub fn of(template: &'t Template<'a>, node: Option<&Node>, place: &str) -> Self {
        let mut properties = Self {
            template,
            members: Vec::new(),
            place: place.to_owned(),
        };
        let Some(node) = node else {
            return properties;
        };
        match template.resolve(node) {
            Ok(node) => match node.content {
                Content::Map(members) => properties.members = members,
                Content::Null => {}
                _ => properties.refuse(node.line, "", "properties are expected here"),
            },
            Err(cause) => properties.refuse(node.line, "", &cause),
        }
        properties
    }

    /// The template.
    pub fn template(&self) -> &'t Template<'a> {
        self.template
    }

    /// Where these properties stand.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Fills what is missing from what holds for all: maps are joined, everything else is taken as a whole.
    pub fn fill_from(&mut self, globals: &Node) {
        join(&mut self.members, globals.map().unwrap_or_default());
    }

    /// Whether there is such a property.
    pub fn has(&self, key: &str) -> bool {
        self.members.iter().any(|(name, _)| name == key)
    }

    /// The names of what is left.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(name, _)| name.as_str())
    }

    /// A property as it is written.
    pub fn take_raw(&mut self, key: &str) -> Option<Node> {
        let at = self.members.iter().position(|(name, _)| name == key)?;
        Some(self.members.remove(at).1)
    }

    /// A property without the intrinsics around it; none, and a finding, when it cannot be known.
    pub fn take(&mut self, key: &str) -> Option<Node> {
        let node = self.take_raw(key)?;
        match self.template.resolve(&node) {
            Ok(node) if node.content == Content::Null => None,
            Ok(node) => Some(node),
            Err(cause) => {
                self.refuse(node.line, key, &cause);
                None
            }
        }
    }

    /// A text.
    pub fn text(&mut self, key: &str) -> Option<String> {
        let node = self.take(key)?;
        match node.content {
            Content::Scalar(text) => Some(text),
            _ => {
                self.refuse(node.line, key, "a text is expected");
                None
            }
        }
    }

    /// A whole number.
    pub fn number<N: std::str::FromStr>(&mut self, key: &str) -> Option<N> {
        let node = self.take(key)?;
        let read = node.scalar().and_then(|text| text.trim().parse().ok());
        if read.is_none() {
            self.refuse(node.line, key, "a whole number is expected");
        }
        read
    }

    /// Yes or no.
    pub fn flag(&mut self, key: &str) -> Option<bool> {
        let node = self.take(key)?;
        match node.scalar().map(str::to_ascii_lowercase).as_deref() {
            Some("true" | "yes" | "on") => Some(true),
            Some("false" | "no" | "off") => Some(false),
            _ => {
                self.refuse(node.line, key, "true or false is expected");
                None
            }
        }
    }

    /// Properties within a property.
    pub fn object(&mut self, key: &str) -> Option<Self> {
        let node = self.take(key)?;
        let place = format!("{}.{key}", self.place);
        Some(Self::of(self.template, Some(&node), &place))
    }

    /// A list's elements, or the one that stands alone.
    pub fn list(&mut self, key: &str) -> Vec<Node> {
        let Some(node) = self.take(key) else {
            return Vec::new();
        };
        let elements = match node.content {
            Content::List(elements) => elements,
            _ => vec![node],
        };
        let mut resolved = Vec::new();
        for element in elements {
            match self.template.resolve(&element) {
                Ok(node) => resolved.push(node),
                Err(cause) => self.refuse(element.line, key, &cause),
            }
        }
        resolved
    }

    /// All that is left: names with lines and values.
    pub fn rest(&mut self) -> Vec<(String, Node)> {
        std::mem::take(&mut self.members)
    }

    /// Takes properties out that have no part in what is played, and lists them.
    pub fn without_part(&mut self, keys: &[&str]) {
        for key in keys {
            if let Some(node) = self.take_raw(key) {
                self.template.say(Problem::note(
                    "template.unplayed",
                    self.place_of(node.line, key),
                    "This has no part in what the playground plays.",
                    "Nothing is to be done.",
                ));
            }
        }
    }

    /// Lists what was not understood.
    pub fn finish(self) {
        for (key, node) in &self.members {
            self.template.say(Problem::warning(
                "template.unknown",
                self.place_of(node.line, key),
                "This was not understood and is left out.",
                "Check its name, or set up by hand what it stands for.",
            ));
        }
    }

    /// Lists a property that could not be taken over.
    pub fn refuse(&self, line: usize, key: &str, cause: &str) {
        self.template.say(Problem::warning(
            "template.value",
            self.place_of(line, key),
            format!("This is left out: {cause}."),
            "Set it by hand.",
        ));
    }

    /// The same where only the name is known.
    pub fn refuse_all(&self, key: &str, cause: &str) {
        self.template.say(Problem::warning(
            "template.value",
            format!("{}.{key}", self.place),
            format!("This is left out: {cause}."),
            "Set it by hand.",
        ));
    }

    fn place_of(&self, line: usize, key: &str) -> String {
        let dot = if key.is_empty() { "" } else { "." };
        format!("line {line}, {}{dot}{}", self.place, shortened(key))
    }
}

fn join(members: &mut Vec<(String, Node)>, globals: &[(String, Node)]) {
    for (key, value) in globals {
        match members.iter_mut().find(|(name, _)| name == key) {
            None => members.push((key.clone(), value.clone())),
            Some((_, own)) if own.intrinsic().is_none() && value.intrinsic().is_none() => {
                if let (Content::Map(own), Some(value)) = (&mut own.content, value.map()) {
                    join(own, value);
                }
            }
            Some(_) => {}
        }
    }
}
