//! Load, as a visitor sets it up.

use serde::{Deserialize, Serialize};

use crate::lambda::traffic::Pattern;
use crate::sim::SimTime;

/// Many requests through one trigger, all with the same event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// From when on.
    #[serde(default)]
    pub start: SimTime,
    /// When, counted from there.
    pub pattern: Pattern,
    /// The trigger's id.
    pub trigger: String,
    /// The event.
    #[serde(default)]
    pub payload: String,
    /// The function that is called; the first when there is none.
    #[serde(default)]
    pub function: Option<String>,
    /// The version or alias that is named.
    #[serde(default)]
    pub qualifier: Option<String>,
}
