//! What a lane is made of.

use crate::lambda::event::{EnvironmentId, Usage};
use crate::sim::SimTime;
use crate::ui::attempts::{AttemptId, Outcome};

/// What a lane stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LaneKind {
    /// Whoever calls, or the service that does.
    Caller,
    /// Lambda's queue of asynchronous events.
    Queue,
    /// One execution environment.
    Environment(EnvironmentId),
}

/// One row of the timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// What it stands for.
    pub kind: LaneKind,
    /// Its name.
    pub title: String,
    /// A word more.
    pub detail: String,
    /// What lasts, in the order of its beginning.
    pub bars: Vec<Bar>,
    /// For each bar, the latest end of it and those before it.
    pub reach: Vec<SimTime>,
    /// How bars that overlap are drawn.
    pub rows: Rows,
    /// What happens at once.
    pub marks: Vec<Mark>,
}

/// How a lane draws bars that overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    /// In so many rows, one below the other; see [`Bar::row`].
    Stacked(u8),
    /// As their number over time.
    Counted {
        /// From when on there are how many.
        steps: Vec<(SimTime, u32)>,
        /// The highest number.
        most: u32,
    },
}

impl Lane {
    /// An empty lane.
    pub fn new(kind: LaneKind, title: &str) -> Self {
        Self {
            kind,
            title: title.to_owned(),
            detail: String::new(),
            bars: Vec::new(),
            reach: Vec::new(),
            rows: Rows::Stacked(1),
            marks: Vec::new(),
        }
    }
}

/// What a bar shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BarKind {
    /// The caller waits for an answer.
    Calling,
    /// An event stands in the queue.
    Queued,
    /// A failed event waits for its next try.
    Backoff,
    /// Init.
    Init,
    /// The handler.
    Handler,
    /// The environment is kept, frozen, for the next invocation.
    Idle,
}

impl BarKind {
    /// Its name in style sheets.
    pub fn key(self) -> &'static str {
        match self {
            Self::Calling => "calling",
            Self::Queued => "queued",
            Self::Backoff => "backoff",
            Self::Init => "init",
            Self::Handler => "handler",
            Self::Idle => "idle",
        }
    }
}

/// Something that lasts.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What it shows.
    pub kind: BarKind,
    /// When it begins.
    pub from: SimTime,
    /// When it ends.
    pub to: SimTime,
    /// In which row of its lane, from the top.
    pub row: u8,
    /// What is written in it.
    pub label: String,
    /// What is written in it once it is over, where that is something else.
    pub label_after: Option<String>,
    /// The same with all its figures, for tooltips and screen readers.
    pub detail: String,
    /// How it went.
    pub outcome: Outcome,
    /// Which attempt it belongs to.
    pub attempt: Option<AttemptId>,
    /// What a phase used.
    pub usage: Option<Usage>,
    /// When the CPU quota stopped it, when that can be told.
    pub pauses: Vec<(SimTime, SimTime)>,
}

/// What a mark shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkKind {
    /// The front end said no.
    Refused,
    /// 202.
    Accepted,
    /// Given up.
    Dropped,
    /// The process is gone.
    Reset,
    /// The environment is gone.
    Shutdown,
    /// The guest wrote a line.
    Log,
    /// We, not Lambda, ended the run.
    CutOff,
}

impl MarkKind {
    /// Its name in style sheets.
    pub fn key(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Accepted => "accepted",
            Self::Dropped => "dropped",
            Self::Reset => "reset",
            Self::Shutdown => "shutdown",
            Self::Log => "line",
            Self::CutOff => "cutoff",
        }
    }
}

/// Something that happens at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// What it shows.
    pub kind: MarkKind,
    /// When.
    pub at: SimTime,
    /// What is written beside it, if anything.
    pub label: String,
    /// The whole story.
    pub detail: String,
}

impl Bar {
    /// A bar that begins, and has not ended yet.
    pub fn new(kind: BarKind, from: SimTime, label: String) -> Self {
        Self {
            kind,
            from,
            to: from,
            row: 0,
            detail: label.clone(),
            label,
            label_after: None,
            outcome: Outcome::Unfinished,
            attempt: None,
            usage: None,
            pauses: Vec::new(),
        }
    }

    /// Whether it keeps its stretch of the axis from being folded.
    pub fn is_busy(&self) -> bool {
        matches!(self.kind, BarKind::Init | BarKind::Handler)
    }
}
