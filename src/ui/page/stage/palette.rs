//! The page's colours for a canvas, which does not follow themes by itself.

use web_sys::Element;

use crate::ui::timeline::BarKind;

/// The names of all swatches, which stand in the timeline's element.
pub const NAMES: [&str; 18] = [
    "handler",
    "handler-ink",
    "init",
    "init-ink",
    "queue",
    "queue-ink",
    "calling",
    "calling-ink",
    "frozen",
    "hatch",
    "edge",
    "rule",
    "well",
    "ink",
    "ink-2",
    "bad",
    "warn",
    "focus",
];

/// The colours of one theme.
pub struct Colours {
    handler: [String; 2],
    init: [String; 2],
    queue: [String; 2],
    calling: [String; 2],
    /// Behind a pause.
    pub frozen: String,
    /// A pause's stripes.
    pub hatch: String,
    /// Outlines.
    pub edge: String,
    /// Between lanes.
    pub rule: String,
    /// A lane's ground.
    pub well: String,
    /// Text.
    pub ink: String,
    /// Quieter text.
    pub ink_2: String,
    /// Errors.
    pub bad: String,
    /// Warnings.
    pub warn: String,
    /// What keys point at.
    pub focus: String,
}

impl Colours {
    /// Reads them from the swatches in an element. Costs the browser a look at its styles: once for each theme is enough.
    pub fn read(host: &Element) -> Self {
        let one = |name: &str| colour(host, name);
        let pair = |name: &str| [one(name), one(&format!("{name}-ink"))];
        Self {
            handler: pair("handler"),
            init: pair("init"),
            queue: pair("queue"),
            calling: pair("calling"),
            frozen: one("frozen"),
            hatch: one("hatch"),
            edge: one("edge"),
            rule: one("rule"),
            well: one("well"),
            ink: one("ink"),
            ink_2: one("ink-2"),
            bad: one("bad"),
            warn: one("warn"),
            focus: one("focus"),
        }
    }

    /// A bar's colour, and that of the words in it.
    pub fn of(&self, kind: BarKind) -> &[String; 2] {
        match kind {
            BarKind::Calling => &self.calling,
            BarKind::Queued | BarKind::Backoff => &self.queue,
            BarKind::Init => &self.init,
            BarKind::Handler | BarKind::Idle => &self.handler,
        }
    }
}

fn colour(host: &Element, name: &str) -> String {
    let found = host.query_selector(&format!(".palette-{name}"));
    let swatch = found.ok().flatten();
    swatch
        .and_then(|swatch| {
            let style = leptos::prelude::window()
                .get_computed_style(&swatch)
                .ok()??;
            style.get_property_value("background-color").ok()
        })
        .unwrap_or_else(|| "gray".to_owned())
}
