//! The command enum, and what an update asks of the outside world.

use std::sync::Arc;

use crate::guest::engine::Tier;
use crate::lambda::config::Architecture;
use crate::lambda::traffic::Rate;
use crate::problem::Problem;
use crate::scenario::ModuleHash;
use crate::session::desk::{Answer, Question};
use crate::session::files::{File, FileKind};
use crate::session::protocol::{Command, Update};
use crate::sim::SimTime;
use crate::ui::attempts::AttemptId;
use crate::ui::order::Order;
use crate::ui::timeline::LaneKind;
use crate::ui::tuning::Start;

use super::fields::{List, Part};
use super::{About, Jump, LoadKind, LoadRuns, Speed};

/// Where a function comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// An example, by its id.
    Example(String),
    /// A file of the visitor's.
    Upload,
}

/// Everything that can change what the page knows.
#[derive(Debug, Clone)]
pub enum Msg {
    /// The page is mounted.
    Mounted {
        /// The link in the address, when there is one.
        link: Option<String>,
    },
    /// The page is mounted inside another page, which says what is shown.
    MountedInFrame,
    /// Another link was put into the address.
    OpenLink(String),
    /// Make a link of the scenario.
    Share,
    /// The function is kept at this address, for links that it is too large for; at none.
    ShareFrom(Option<String>),
    /// Put the messages about a link away.
    DismissLink,

    /// Take an example.
    ChooseExample(String),
    /// Take a file.
    Upload {
        /// Its name.
        name: String,
        /// Its content.
        bytes: Vec<u8>,
    },
    /// A fetch of an example's module is over.
    Fetched {
        /// The look it belongs to.
        token: u32,
        /// The module, or why not.
        result: Result<Vec<u8>, String>,
    },
    /// The compiler of WebAssembly text is done.
    Compiled {
        /// The look it belongs to.
        token: u32,
        /// The binary, or what is wrong with the text.
        result: Result<Vec<u8>, String>,
    },
    /// A file could not be read at all.
    UploadFailed {
        /// Its name.
        name: String,
        /// Why not.
        problem: Problem,
    },
    /// Put the message about a rejected file away.
    DismissRejected,

    /// Take a trigger, by its id.
    PickTrigger(String),
    /// Change a field of the trigger's form.
    EditForm {
        /// Which.
        key: String,
        /// To what.
        value: String,
    },
    /// Change the event's text.
    EditEvent(String),
    /// Take the sample back.
    ResetEvent,
    /// Indent the event's text anew.
    FormatEvent,

    /// Change a setting.
    Set(Setting),
    /// Change the engine.
    SetTier(Tier),
    /// Change how long, in real milliseconds, a guest phase may take.
    SetPatience(u32),
    /// Changes have come to rest, if this is still the last one.
    Settled(u32),
    /// Run again with the settings as they are, if this is still the last change.
    Replay(u32),
    /// Have the settings examined, if this is still the last change.
    Examine(u32),

    /// Put a file into the trigger's source, such as a bucket.
    PutFile {
        /// Its name.
        name: String,
        /// Its content.
        bytes: Vec<u8>,
    },

    /// Make the function that is loaded a further one: another can then be loaded beside it.
    AddLoaded,
    /// One more request, and run.
    Run,
    /// Power tuning: try every size of the ladder.
    Tune,
    /// Stop trying.
    StopTuning,
    /// Look at cold or warm starts.
    TuneStart(Start),
    /// Lay a measured curve over the simulated one: a chart page's link.
    TuneCompare(String),
    /// Forget the requests so far.
    StartOver,
    /// Stop the run in progress and keep what there is of it.
    Cancel,
    /// Raise the patience and run the same again.
    RaisePatience(u32),
    /// Save a file.
    Save(FileKind),
    /// Copy a file's text.
    Copy(FileKind),
    /// Open a scenario's file: its text.
    OpenFile(String),
    /// Undo the last change.
    Undo,
    /// Do again what was undone.
    Redo,
    /// Begin as a first visit does.
    New,
    /// Keep what is set up beyond the page's life, if this is still the last change.
    Keep(u32),
    /// Stop comparing.
    DropBaseline,

    /// Open a guide, go through it, leave it.
    Guide(Guiding),

    /// Show an attempt.
    Select(AttemptId),
    /// Have the inspector tell of something.
    Inspect(About),
    /// Fold the inspector away, or unfold it.
    ToggleInspector,

    /// Play, or pause.
    TogglePlay,
    /// Pause.
    Pause,
    /// Go to a time; pauses.
    Seek(SimTime),
    /// Go to the start.
    ToStart,
    /// Go to the end.
    ToEnd,
    /// Go to the next (1) or previous (-1) entry.
    StepEvent(i8),
    /// Go to the start of the next (1) or previous (-1) attempt, and select it.
    StepAttempt(i8),
    /// Go to the next (1) or previous (-1) place of a kind, and select what it belongs to.
    Jump(Jump, i8),
    /// Go on or back by a hundredth of the picture; ten hundredths with `large`.
    Nudge {
        /// 1 or -1.
        direction: i8,
        /// Ten times as far.
        large: bool,
    },
    /// Enlarge the timeline by a factor around a place on the screen; its middle when there is none.
    Zoom {
        /// How many times.
        factor: f64,
        /// Pixels from the left edge of what is seen.
        x: Option<f64>,
    },
    /// Move along the timeline by so many pixels.
    Pan(f64),
    /// Show all of the timeline.
    ShowAll,
    /// Bring what is looked at into the middle of the timeline; if it is there already, let it fill the timeline.
    Frame,
    /// Put a mark where the cursor stands, to measure from; take it away if it stands there already.
    Mark,
    /// Measure a stretch, from one time to another.
    Measure(Option<(SimTime, SimTime)>),
    /// Let the measured stretch fill the timeline, and measure it no more.
    Enlarge,
    /// Pin a lane to the top, or let it go; without one, that of the bar that keys point at, or of what is selected.
    Pin(Option<LaneKind>),
    /// Take marks, measured stretches and what keys point at away.
    Clear,
    /// Point at the next (1) or previous (-1) bar of a lane, or at the lane below (1) or above (-1).
    Point {
        /// Along the lane.
        along: i8,
        /// From lane to lane.
        lanes: i8,
    },
    /// Select what keys point at.
    SelectPointed,
    /// The timeline is so many pixels wide.
    Measured(f64),
    /// Search for invocations.
    Find(String),
    /// Go to the next (1) or previous (-1) invocation that was found, and select it.
    FindNext(i8),
    /// Put the table of invocations in this order.
    Sort(Order),
    /// Real time passes while playing.
    Tick {
        /// Real microseconds since the last tick.
        real_us: u32,
    },
    /// Change the speed.
    SetSpeed(Speed),
    /// Cross folded gaps in a moment, or at the speed of everything else.
    SkipWaits(bool),
    /// Unfold a gap, or fold it again, by its beginning.
    ToggleFold(SimTime),

    /// The worker says something.
    Worker(Update),
    /// The triggers' worker listens.
    DeskReady,
    /// The triggers' worker answers.
    Answered(Answer),
    /// The worker cannot be started, or died.
    WorkerFailed(Problem),
}

/// What can be done with a guide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guiding {
    /// Open one, at a step, as a link names it: see [`crate::ui::guide::from_address`].
    Open(String),
    /// Go to the next (1) or previous (-1) step.
    Step(i8),
    /// Go to a step, from 0.
    To(usize),
    /// Leave it; what it set up stays.
    Close,
}

/// A setting of the function.
#[derive(Debug, Clone, PartialEq)]
pub enum Setting {
    /// Memory in MB; clamped to Lambda's range.
    Memory(u32),
    /// Timeout in seconds; clamped to Lambda's range.
    Timeout(u32),
    /// `/tmp` in MB; clamped to Lambda's range.
    EphemeralStorage(u32),
    /// Instruction set.
    Architecture(Architecture),
    /// Retries of asynchronous events, 0 to 2.
    Retries(u32),
    /// Longest age of an asynchronous event in seconds.
    EventAge(u32),
    /// All environment variables, one `NAME=value` a line.
    Environment(String),
    /// When requests come.
    LoadKind(LoadKind),
    /// How the function is run under load.
    LoadRuns(LoadRuns),
    /// Requests a second.
    LoadRate(u32),
    /// Requests a second at a ramp's start.
    LoadFrom(u32),
    /// The rate, down to a thousandth of a request a second.
    LoadAtRate(Rate),
    /// A ramp's first rate, likewise.
    LoadFromRate(Rate),
    /// How long the load lasts, in seconds.
    LoadSeconds(u32),
    /// A burst's requests.
    LoadCount(u32),
    /// A pasted list of times, as it is typed.
    LoadTimes(String),
    /// A model's median duration in milliseconds; one in a hundred takes three times as long.
    ModelDuration(u32),
    /// A model's Init in milliseconds.
    ModelInit(u32),
    /// How many of a model's invocations in a hundred fail.
    ModelErrors(u32),
    /// Reserved concurrency.
    Reserved(Option<u32>),
    /// Provisioned concurrency of what requests to the first function name; 0 is none.
    Provisioned(u32),
    /// The account's concurrency.
    Account(u32),
    /// Whether a client that is refused tries again.
    ClientRetries(bool),
    /// On-failure destination: a service's name in ARNs, or anything else for none.
    OnFailure(String),
    /// On-success destination, likewise.
    OnSuccess(String),
    /// Dead-letter queue, likewise.
    DeadLetter(String),
    /// A setting that is described as data. A value that cannot be read changes nothing.
    Edit {
        /// Where it belongs.
        part: Part,
        /// Its key there.
        key: String,
        /// Its value as text.
        value: String,
    },
    /// One more of something.
    Add(List),
    /// One less.
    Remove(List, usize),
    /// The chosen trigger's mapping as it is by default.
    DefaultMapping,
}

/// What the outside world is asked to do.
#[derive(Debug, Clone)]
pub enum Effect {
    /// End the worker, if there is one, and start one of this tier.
    StartWorker(Tier),
    /// Start the triggers' worker, which is never ended.
    StartDesk,
    /// Ask the triggers' worker.
    Ask(Question),
    /// Tell the worker.
    Send(Command),
    /// Fetch an example's module.
    Fetch {
        /// The look it belongs to.
        token: u32,
        /// The example's id.
        example: String,
    },
    /// Compile WebAssembly text.
    Compile {
        /// The look it belongs to.
        token: u32,
        /// The text.
        text: Arc<str>,
    },
    /// Send a message after so many milliseconds.
    After(u32, Box<Msg>),
    /// Save a file where the visitor's browser saves files.
    Save(File),
    /// Put a file's text on the clipboard.
    Copy(File),
    /// Keep this link for the next visit.
    Keep(String),
    /// Keep a module that is too large for a link.
    KeepModule {
        /// Its hash.
        module: ModuleHash,
        /// The module.
        bytes: Arc<[u8]>,
    },
    /// Look for a module among those that were kept, and at its address when that is on the page's own host; when it is there
    /// it comes as an upload.
    FindModule {
        /// Its hash.
        module: ModuleHash,
        /// What it is called.
        name: String,
        /// Where its author keeps it.
        address: Option<String>,
        /// The look that waits for it; without one it comes as an upload.
        token: Option<u32>,
    },
    /// Show the sheet with the link.
    ShowLink,
    /// Let the address name this step of a guide, or none; nothing is opened by it.
    Address(Option<String>),
    /// Tell screen readers.
    Announce(String),
    /// Leave a mark for performance measurements.
    Mark(&'static str),
    /// Bring the result into view, on screens where it is out of sight.
    RevealResult,
}
