//! Which parts of the page an embed shows, and in which colours.

use crate::problem::Problem;

/// The parts that are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct View {
    /// Function, trigger, event and settings.
    pub setup: bool,
    /// The picture of services and environments.
    pub stage: bool,
    /// The lanes on the virtual clock.
    pub timeline: bool,
    /// The memory slider.
    pub slider: bool,
    /// Result, invocations and log.
    pub result: bool,
}

impl View {
    /// Everything.
    pub const FULL: Self = Self {
        setup: true,
        stage: true,
        timeline: true,
        slider: true,
        result: true,
    };

    /// What is shown when nothing is said.
    pub const USUAL: Self = Self {
        setup: false,
        stage: false,
        timeline: true,
        slider: false,
        result: false,
    };

    const NONE: Self = Self {
        timeline: false,
        ..Self::USUAL
    };

    /// Reads names, parted by commas or spaces. A name that is not known is left out and told.
    pub fn read(text: &str) -> (Self, Vec<Problem>) {
        let mut view = Self::NONE;
        let mut problems = Vec::new();
        let names = text.split(|c: char| c == ',' || c.is_whitespace());
        for name in names.filter(|name| !name.is_empty()) {
            match name {
                "full" => view = Self::FULL,
                "stage" => view.stage = true,
                "timeline" => view.timeline = true,
                "slider" => view.slider = true,
                "result" => view.result = true,
                other => problems.push(Problem::warning(
                    "embed.view",
                    "view",
                    format!("There is no view {other:.40}."),
                    "The views are full, stage, timeline, slider and result; several are parted by commas.",
                )),
            }
        }
        if view == Self::NONE {
            view = Self::USUAL;
        }
        (view, problems)
    }

    /// Whether anything of the virtual clock is shown.
    pub fn has_clock(self) -> bool {
        self.stage || self.timeline
    }

    /// Its parts by name.
    pub fn names(self) -> Vec<&'static str> {
        [
            (self.setup, "setup"),
            (self.stage, "stage"),
            (self.timeline, "timeline"),
            (self.slider, "slider"),
            (self.result, "result"),
        ]
        .into_iter()
        .filter_map(|(shown, name)| shown.then_some(name))
        .collect()
    }

    /// Names for style sheets.
    pub fn classes(self) -> String {
        self.names()
            .iter()
            .fold("app embed".to_owned(), |classes, name| {
                classes + " shows-" + name
            })
    }
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the reader's system has it.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// Its name.
    pub fn key(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of that name. Only names are taken, never styles.
    pub fn of_key(key: &str) -> Option<Self> {
        [Self::Auto, Self::Light, Self::Dark]
            .into_iter()
            .find(|theme| theme.key() == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_are_a_list_of_parts() {
        let (view, problems) = View::read("timeline, slider");
        assert!(view.timeline && view.slider && !view.result && problems.is_empty());
        assert_eq!(View::read("full").0, View::FULL);
        assert_eq!(view.classes(), "app embed shows-timeline shows-slider");
    }

    #[test]
    fn a_view_that_does_not_exist_is_told_and_something_is_shown_all_the_same() {
        let (view, problems) = View::read("<script>");
        assert_eq!(view, View::USUAL);
        assert_eq!(problems[0].code, "embed.view");
    }
}
