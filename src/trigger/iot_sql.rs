//! The part of AWS IoT's SQL that most rules use: `SELECT fields FROM 'topic filter' WHERE comparisons`.
//!
//! Left out: functions but `topic()`, `timestamp()` and `clientid()`, arithmetic, arrays, nested queries, and mixing AND
//! with OR. A statement that uses them is refused with a sentence, not half understood.

use serde_json::{Map, Value};

use super::outcome::short;

/// A message on a topic.
pub(super) struct Input<'a> {
    pub topic: &'a str,
    pub message: &'a Value,
    pub time_ms: i64,
}

/// A parsed statement.
pub(super) struct Statement {
    fields: Vec<(Operand, Option<String>)>,
    filter: String,
    conditions: Vec<(Operand, String, Operand)>,
    /// Joined by OR; else by AND.
    either: bool,
}

enum Operand {
    Everything,
    Path(Vec<String>),
    Constant(Value),
    /// `topic()`, or one of its levels from 1.
    Topic(Option<usize>),
    Timestamp,
    ClientId,
}

type Parsed<T> = Result<T, String>;

impl Statement {
    /// Parses a statement.
    ///
    /// # Errors
    /// What it cannot read, in a sentence.
    pub fn parse(text: &str) -> Parsed<Self> {
        let mut tokens = Tokens::of(text)?;
        if !tokens.keyword("SELECT") {
            return Err("A statement begins with SELECT.".to_owned());
        }
        let mut fields = Vec::new();
        loop {
            let operand = tokens.operand()?;
            let name = if tokens.keyword("AS") {
                Some(tokens.word()?)
            } else {
                None
            };
            fields.push((operand, name));
            if !tokens.symbol(",") {
                break;
            }
        }
        if !tokens.keyword("FROM") {
            return Err(
                "After the fields, a statement says FROM and a topic filter in quotes.".to_owned(),
            );
        }
        let filter = match tokens.next() {
            Some(Token::Text(filter)) => filter,
            _ => return Err("The topic filter stands in quotes: FROM 'sensors/#'.".to_owned()),
        };
        let mut conditions = Vec::new();
        let (mut and, mut or) = (false, false);
        if tokens.keyword("WHERE") {
            loop {
                let left = tokens.operand()?;
                let comparison = match tokens.next() {
                    Some(Token::Symbol(symbol))
                        if ["=", "<>", "<", "<=", ">", ">="].contains(&symbol.as_str()) =>
                    {
                        symbol
                    }
                    _ => {
                        return Err(
                            "A condition compares two values by =, <>, <, <=, > or >=.".to_owned()
                        );
                    }
                };
                conditions.push((left, comparison, tokens.operand()?));
                if tokens.keyword("AND") {
                    and = true;
                } else if tokens.keyword("OR") {
                    or = true;
                } else {
                    break;
                }
            }
        }
        if and && or {
            return Err("This playground does not mix AND with OR.".to_owned());
        }
        match tokens.next() {
            None => Ok(Self {
                fields,
                filter,
                conditions,
                either: or,
            }),
            Some(token) => Err(format!(
                "This playground cannot read the statement from {token} on."
            )),
        }
    }

    /// The event; none when topic or conditions do not fit.
    pub fn select(&self, input: &Input<'_>) -> Option<Value> {
        if !topic_fits(input.topic, &self.filter) {
            return None;
        }
        let holds = |(left, comparison, right): &(Operand, String, Operand)| {
            compare(&left.value(input), comparison, &right.value(input))
        };
        let fits = if self.conditions.is_empty() {
            true
        } else if self.either {
            self.conditions.iter().any(holds)
        } else {
            self.conditions.iter().all(holds)
        };
        if !fits {
            return None;
        }
        if let [(Operand::Everything, None)] = self.fields.as_slice() {
            return Some(input.message.clone());
        }
        let mut event = Map::new();
        for (operand, name) in &self.fields {
            let value = operand.value(input);
            match (operand, value) {
                (Operand::Everything, Value::Object(members)) => event.extend(members),
                (_, Value::Null) => {}
                (operand, value) => {
                    event.insert(name.clone().unwrap_or_else(|| operand.name()), value);
                }
            }
        }
        Some(Value::Object(event))
    }
}

impl Operand {
    fn value(&self, input: &Input<'_>) -> Value {
        match self {
            Self::Everything => input.message.clone(),
            Self::Constant(value) => value.clone(),
            Self::Timestamp => input.time_ms.into(),
            Self::ClientId => "example-device".into(),
            Self::Topic(None) => input.topic.into(),
            Self::Topic(Some(level)) => level
                .checked_sub(1)
                .and_then(|at| input.topic.split('/').nth(at))
                .map_or(Value::Null, Value::from),
            Self::Path(path) => path
                .iter()
                .try_fold(input.message, |value, key| value.get(key))
                .cloned()
                .unwrap_or_default(),
        }
    }

    /// What a field without AS is called.
    fn name(&self) -> String {
        match self {
            Self::Path(path) => path.last().cloned().unwrap_or_default(),
            Self::Topic(_) => "topic".to_owned(),
            Self::Timestamp => "timestamp".to_owned(),
            Self::ClientId => "clientid".to_owned(),
            Self::Everything | Self::Constant(_) => "value".to_owned(),
        }
    }
}

fn compare(left: &Value, comparison: &str, right: &Value) -> bool {
    use std::cmp::Ordering;
    // A number in quotes compares as a number.
    let number = |value: &Value| match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_f64(),
    };
    let order = match (number(left), number(right)) {
        (Some(left), Some(right)) => left.partial_cmp(&right),
        _ => match (left.as_str(), right.as_str()) {
            (Some(left), Some(right)) => Some(left.cmp(right)),
            _ if left == right => Some(Ordering::Equal),
            _ => None,
        },
    };
    match (comparison, order) {
        ("<>", order) => order != Some(Ordering::Equal),
        (_, None) => false,
        ("=", Some(order)) => order.is_eq(),
        ("<", Some(order)) => order.is_lt(),
        ("<=", Some(order)) => order.is_le(),
        (">", Some(order)) => order.is_gt(),
        (_, Some(order)) => order.is_ge(),
    }
}

/// MQTT's topic filters: `+` is one level, `#` the rest.
fn topic_fits(topic: &str, filter: &str) -> bool {
    let mut levels = topic.split('/');
    for wanted in filter.split('/') {
        if wanted == "#" {
            return true;
        }
        match levels.next() {
            Some(level) if wanted == "+" || wanted == level => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}

#[derive(Clone)]
enum Token {
    Word(String),
    Text(String),
    Number(Value),
    Symbol(String),
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Word(text) | Self::Text(text) | Self::Symbol(text) => f.write_str(&short(text)),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

struct Tokens(std::vec::IntoIter<Token>);

impl Tokens {
    fn of(text: &str) -> Parsed<Self> {
        let mut tokens = Vec::new();
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            let mut taken = String::from(letter);
            let mut take = |taken: &mut String, fits: &dyn Fn(char) -> bool| {
                while let Some(letter) = letters.next_if(|letter| fits(*letter)) {
                    taken.push(letter);
                }
            };
            match letter {
                _ if letter.is_whitespace() => {}
                '\'' | '"' => {
                    let mut quoted = String::new();
                    take(&mut quoted, &|other| other != letter);
                    if letters.next().is_none() {
                        return Err("A quote is open at the end of the statement.".to_owned());
                    }
                    tokens.push(Token::Text(quoted));
                }
                '0'..='9' | '-' => {
                    take(&mut taken, &|other| other.is_ascii_digit() || other == '.');
                    let number = serde_json::from_str(&taken);
                    tokens.push(Token::Number(
                        number.map_err(|_| format!("{} is no number.", short(&taken)))?,
                    ));
                }
                '<' | '>' | '=' => {
                    take(&mut taken, &|other| matches!(other, '=' | '>'));
                    tokens.push(Token::Symbol(taken));
                }
                _ if letter.is_alphabetic() || letter == '_' => {
                    take(&mut taken, &|other| other.is_alphanumeric() || other == '_');
                    tokens.push(Token::Word(taken));
                }
                _ => tokens.push(Token::Symbol(taken)),
            }
        }
        Ok(Self(tokens.into_iter()))
    }

    fn next(&mut self) -> Option<Token> {
        self.0.next()
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let found = matches!(self.0.as_slice().first(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(keyword));
        if found {
            self.0.next();
        }
        found
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        let found =
            matches!(self.0.as_slice().first(), Some(Token::Symbol(other)) if other == symbol);
        if found {
            self.0.next();
        }
        found
    }

    fn word(&mut self) -> Parsed<String> {
        match self.next() {
            Some(Token::Word(word)) => Ok(word),
            _ => Err("After AS stands a name.".to_owned()),
        }
    }

    fn operand(&mut self) -> Parsed<Operand> {
        let word = match self.next() {
            Some(Token::Symbol(symbol)) if symbol == "*" => return Ok(Operand::Everything),
            Some(Token::Text(text)) => return Ok(Operand::Constant(text.into())),
            Some(Token::Number(number)) => return Ok(Operand::Constant(number)),
            Some(Token::Word(word)) => word,
            _ => return Err("Here should be a field, a number or a text in quotes.".to_owned()),
        };
        if self.symbol("(") {
            let argument = match self.0.as_slice().first() {
                Some(Token::Number(number)) => {
                    let level = number
                        .as_u64()
                        .and_then(|level| usize::try_from(level).ok());
                    self.0.next();
                    level
                }
                _ => None,
            };
            if !self.symbol(")") {
                return Err(format!(
                    "This playground cannot read the arguments of {}.",
                    short(&word)
                ));
            }
            return match word.to_ascii_lowercase().as_str() {
                "topic" => Ok(Operand::Topic(argument)),
                "timestamp" => Ok(Operand::Timestamp),
                "clientid" => Ok(Operand::ClientId),
                _ => Err(format!(
                    "This playground does not know the function {}.",
                    short(&word)
                )),
            };
        }
        let mut path = vec![word];
        while self.symbol(".") {
            match self.next() {
                Some(Token::Word(word)) => path.push(word),
                _ => return Err("After a point stands a name.".to_owned()),
            }
        }
        Ok(Operand::Path(path))
    }
}
