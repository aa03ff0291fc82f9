//! What is wrong with something a person gave us: the place, the cause and the cure.
//!
//! Parsers of user data return the best value they can plus a list of these; nothing a visitor can bring makes us panic.

use serde::{Deserialize, Serialize};

/// How much a [`Problem`] stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// Worth knowing; everything still runs.
    Note,
    /// Runs, but probably not as its author meant.
    Warning,
    /// Cannot run until it is mended.
    Error,
}

/// One finding about user data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// How much it stands in the way.
    pub severity: Severity,
    /// A stable name for tests, links and embeds, such as `module.component`.
    pub code: String,
    /// Where: a byte offset (`byte 0x1f3`), a JSON path (`$.Records[0]`) or a field's name. Empty when it is the whole.
    pub place: String,
    /// What is wrong, one sentence.
    pub cause: String,
    /// What to do about it, one or two sentences.
    pub cure: String,
}

impl Problem {
    /// A problem that must be mended first.
    pub fn error(
        code: &str,
        place: impl Into<String>,
        cause: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self::new(Severity::Error, code, place, cause, cure)
    }

    /// A problem that does not stop anything, but is probably not meant.
    pub fn warning(
        code: &str,
        place: impl Into<String>,
        cause: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self::new(Severity::Warning, code, place, cause, cure)
    }

    /// A remark.
    pub fn note(
        code: &str,
        place: impl Into<String>,
        cause: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self::new(Severity::Note, code, place, cause, cure)
    }

    fn new(
        severity: Severity,
        code: &str,
        place: impl Into<String>,
        cause: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            code: code.to_owned(),
            place: place.into(),
            cause: cause.into(),
            cure: cure.into(),
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        write!(f, "{} {}", self.cause, self.cure)
    }
}

impl std::error::Error for Problem {}
