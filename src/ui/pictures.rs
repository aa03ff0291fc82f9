//! Pictures of a run to take away: the stage at a moment, and the timeline, each with the words that say what is to be seen.
//!
//! Drawn where the page draws: by the stage's own geometry and the timeline's own axis.

mod stage;
mod timeline;

pub use stage::stage;
pub use timeline::timeline;

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Its SVG.
    pub svg: String,
    /// What is to be seen, for `alt`.
    pub alt: String,
    /// Its size in CSS pixels.
    pub size: (u32, u32),
}

/// The most letters of an alternative text.
const ALT_LETTERS: usize = 600;

/// A text for `alt`: sentences, as long as a listener's patience.
fn alt(parts: &[String]) -> String {
    let mut text = String::new();
    for (index, part) in parts.iter().enumerate() {
        if text.chars().count() + part.chars().count() > ALT_LETTERS {
            text.push_str(&format!(" And {} more.", parts.len() - index));
            break;
        }
        if index > 0 {
            text.push(' ');
        }
        text.push_str(part);
    }
    text
}
