//! What a lane is made of. A bar is a few bytes: what is written in it is made from the trace when it is looked at, see
//! [`words`](super::words).

use super::counted::Counted;
use crate::lambda::event::EnvironmentId;
use crate::sim::SimTime;
use crate::ui::attempts::{AttemptId, Outcome};

/// More bars than this at a time are counted instead of being drawn one below the other.
const MOST_ROWS: usize = 4;

/// What a lane stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LaneKind {
    /// Whoever calls, or the service that does.
    Caller,
    /// Lambda's queue of asynchronous events, or an event source.
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
    /// What lasts: rows one below the other, each in the order of time and without overlaps. Empty when [`Self::counted`].
    pub rows: Vec<Vec<Bar>>,
    /// What is drawn over the first row: an Init that was repeated inside an invocation.
    pub over: Vec<Bar>,
    /// How many bars there are at a time, where that is what is drawn.
    pub counted: Option<Counted>,
    /// How many bars it stands for.
    pub bars: usize,
    /// What happens at once.
    pub marks: Vec<Mark>,
    /// When the guest wrote lines, and the numbers of their entries.
    pub lines: Vec<(SimTime, u32)>,
    /// Rows in which a bar has begun and not ended.
    taken: Vec<bool>,
    /// How many bars there are at a time, as long as it is not known whether they find room.
    counting: Counted,
}

impl Lane {
    /// An empty lane.
    pub fn new(kind: LaneKind, title: &str) -> Self {
        Self {
            kind,
            title: title.to_owned(),
            rows: vec![Vec::new()],
            over: Vec::new(),
            counted: None,
            bars: 0,
            marks: Vec::new(),
            lines: Vec::new(),
            taken: Vec::new(),
            counting: Counted::default(),
        }
    }

    /// A bar begins: finds a row for it. Call in the order of time.
    pub fn begin(&mut self, bar: &mut Bar) {
        self.bars += 1;
        // An environment does one thing at a time.
        if matches!(self.kind, LaneKind::Environment(_)) {
            return;
        }
        self.counting.step(bar.from, 1);
        if self.counted.is_some() {
            return;
        }
        let free = self.taken.iter().position(|taken| !taken);
        let row = free.unwrap_or(self.taken.len());
        if row >= MOST_ROWS {
            // They do not find room: only their number is kept from here on.
            self.counted = Some(Counted::default());
            self.rows = Vec::new();
            return;
        }
        match self.taken.get_mut(row) {
            Some(taken) => *taken = true,
            None => self.taken.push(true),
        }
        bar.row = row as u8;
    }

    /// A bar ends. Call in the order of time, after [`Self::begin`].
    pub fn end(&mut self, bar: Bar) {
        self.leave(&bar);
        if self.counted.is_some() {
            return;
        }
        let row = usize::from(bar.row);
        while self.rows.len() <= row {
            self.rows.push(Vec::new());
        }
        if let Some(row) = self.rows.get_mut(row) {
            row.push(bar);
        }
    }

    /// A bar ends and is not drawn.
    pub fn forget(&mut self, bar: &Bar, at: SimTime) {
        self.bars = self.bars.saturating_sub(1);
        self.leave(&Bar { to: at, ..*bar });
    }

    fn leave(&mut self, bar: &Bar) {
        if matches!(self.kind, LaneKind::Environment(_)) {
            return;
        }
        self.counting.step(bar.to, -1);
        if let Some(taken) = self.taken.get_mut(usize::from(bar.row)) {
            *taken = false;
        }
    }

    /// Nothing more comes.
    pub fn finish(&mut self) {
        let counting = std::mem::take(&mut self.counting);
        if self.counted.is_some() {
            self.counted = Some(counting);
        }
        self.taken = Vec::new();
        // Bars that the trace did not end were ended last, whenever they began.
        for row in &mut self.rows {
            row.sort_by_key(|bar| bar.from);
        }
        self.marks.sort_by_key(|mark| mark.at);
    }

    /// Every bar that is kept, row by row.
    pub fn kept(&self) -> impl Iterator<Item = &Bar> {
        self.rows.iter().flatten().chain(&self.over)
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
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// What it shows.
    pub kind: BarKind,
    /// When it begins.
    pub from: SimTime,
    /// When it ends.
    pub to: SimTime,
    /// In which row of its lane, from the top.
    pub row: u8,
    /// How it went.
    pub outcome: Outcome,
    /// Which attempt it belongs to.
    pub attempt: Option<AttemptId>,
    /// The number of the entry that began it.
    pub begun: u32,
    /// The number of the entry that ended it; none when the trace ended before.
    pub ended: Option<u32>,
}

impl Bar {
    /// A bar that begins with the entry of this number, and has not ended yet.
    pub fn new(kind: BarKind, from: SimTime, begun: u32) -> Self {
        Self {
            kind,
            from,
            to: from,
            row: 0,
            outcome: Outcome::Unfinished,
            attempt: None,
            begun,
            ended: None,
        }
    }

    /// Whether it keeps its stretch of the axis from being folded.
    pub fn is_busy(&self) -> bool {
        matches!(self.kind, BarKind::Init | BarKind::Handler)
    }
}

/// What a mark shows, least important first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkKind {
    /// 202.
    Accepted,
    /// The environment is gone.
    Shutdown,
    /// The process is gone.
    Reset,
    /// The front end said no.
    Refused,
    /// Given up.
    Dropped,
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
            Self::CutOff => "cutoff",
        }
    }
}

/// Something that happens at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    /// What it shows.
    pub kind: MarkKind,
    /// When.
    pub at: SimTime,
    /// The number of its entry.
    pub entry: u32,
}
