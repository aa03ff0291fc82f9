//! What a step points at.

/// A part of the page. The style sheet `style/guide.css` draws a line around it, by [`Look::key`] and [`Look::selector`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// The choice of a function.
    Function,
    /// What calls it, and its event.
    Trigger,
    /// The settings.
    Settings,
    /// The memory slider.
    Memory,
    /// The button that runs.
    Run,
    /// The buttons of the clock.
    Clock,
    /// The service at the cursor.
    Picture,
    /// The timeline.
    Timeline,
    /// The table of invocations.
    Invocations,
    /// The result's heading and what the caller saw.
    Result,
    /// REPORT's numbers.
    Numbers,
    /// Where the time went.
    Time,
    /// Why it came so.
    Why,
    /// Metrics.
    Metrics,
    /// Power tuning.
    Tuning,
    /// The log.
    Log,
    /// The way to guides and help.
    Header,
}

impl Look {
    /// Every part with its name in the style sheet and the selector that finds it.
    pub const ALL: [(Self, &'static str, &'static str); 17] = [
        (
            Self::Function,
            "function",
            "section[aria-labelledby=\"function-head\"]",
        ),
        (
            Self::Trigger,
            "trigger",
            "section[aria-labelledby=\"trigger-head\"]",
        ),
        (
            Self::Settings,
            "settings",
            "section[aria-labelledby=\"settings-head\"]",
        ),
        (Self::Memory, "memory", ".memory"),
        (Self::Run, "run", ".run-bar"),
        (Self::Clock, "clock", ".transport"),
        (Self::Picture, "picture", ".picture"),
        (Self::Timeline, "timeline", ".timeline"),
        (
            Self::Invocations,
            "invocations",
            "section[aria-labelledby=\"attempts-head\"]",
        ),
        (Self::Result, "result", ".inspector-result"),
        (Self::Numbers, "numbers", ".numbers"),
        (Self::Time, "time", ".account"),
        (Self::Why, "why", ".why"),
        (
            Self::Metrics,
            "metrics",
            "section[aria-labelledby=\"metrics-head\"]",
        ),
        (Self::Tuning, "tuning", ".tuning"),
        (Self::Log, "log", "section[aria-labelledby=\"log-head\"]"),
        (Self::Header, "header", ".top-tools"),
    ];

    fn named(self) -> Option<&'static (Self, &'static str, &'static str)> {
        Self::ALL.iter().find(|(look, ..)| *look == self)
    }

    /// Its name in the style sheet.
    pub fn key(self) -> &'static str {
        self.named().map_or("", |(_, key, _)| key)
    }

    /// What finds it on the page.
    pub fn selector(self) -> &'static str {
        self.named().map_or("body", |(.., selector)| selector)
    }
}
