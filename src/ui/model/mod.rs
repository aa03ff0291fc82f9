//! What the page knows, and the one way in which it changes.
//!
//! Buttons, keys, the slider, the worker's answers and tests all send a [`Msg`]; [`update`](update::update) applies it and
//! says which [`Effect`]s the outside world owes it. Nothing here touches a DOM, a clock or a network.
//!
//! The model is cut into parts behind [`Arc`]s: a part that a message did not touch keeps its pointer, which is how the
//! page knows what to draw again.

mod about;
mod environment;
pub mod fields;
mod guide;
mod history;
mod jump;
mod lists;
mod load;
mod moment;
mod msg;
mod playback;
mod setup;
mod shown;
mod times;
mod tune;
pub mod update;
mod zoom;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use about::About;
pub use fields::{List, Part};
pub use guide::GuideState;
pub use history::History;
pub use jump::Jump;
pub use load::{Load, LoadKind, LoadRuns};
pub use moment::{Moment, Sight};
pub use msg::{Effect, Guiding, Msg, Origin, Setting};
pub use playback::{Playback, Pointed, Speed};
pub use setup::{Asked, Call, EventDraft, Setup};
pub use shown::{Baseline, Ending, Shown, Whole};
pub use tune::Tuning;
pub use zoom::Zoom;

use crate::guest::describe::ModuleReport;
use crate::guest::engine::Tier;
use crate::guest::fuel::Fuel;
use crate::problem::Problem;
use crate::scenario::ModuleHash;
use crate::scenario::link::Shared;
use crate::session::desk::Card;
use crate::sim::SimTime;
use crate::ui::trace::Reading;

/// Everything.
#[derive(Debug, Clone)]
pub struct Model {
    /// The function: what is loaded, what is being looked at, what was rejected.
    pub function: Arc<FunctionState>,
    /// Trigger, event and settings.
    pub setup: Arc<Setup>,
    /// What is known of the triggers.
    pub desk: Arc<DeskState>,
    /// Links: the one that was made, the one that is being opened.
    pub link: Arc<LinkState>,
    /// The worker.
    pub engine: Arc<EngineState>,
    /// The run in progress and the run that is shown.
    pub run: Arc<RunState>,
    /// What has come of the run in progress.
    pub incoming: Incoming,
    /// Power tuning.
    pub tuning: Arc<Tuning>,
    /// The cursor on the virtual clock.
    pub playback: Arc<Playback>,
    /// The guide that is open.
    pub guide: Arc<GuideState>,
    /// Undo and redo.
    pub history: Arc<History>,
    /// Whether this is an embed: it begins with what its author wrote, and keeps nothing beyond the page's life.
    pub framed: bool,
    /// Number of the last change that is to be kept beyond the page's life.
    pub kept: u32,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            function: Arc::default(),
            setup: Arc::new(Setup::new()),
            desk: Arc::default(),
            link: Arc::default(),
            engine: Arc::default(),
            run: Arc::default(),
            incoming: Incoming::default(),
            tuning: Arc::default(),
            playback: Arc::default(),
            guide: Arc::default(),
            history: Arc::default(),
            framed: false,
            kept: 0,
        }
    }
}

/// The function part.
#[derive(Debug, Clone, Default)]
pub struct FunctionState {
    /// The last function that can run.
    pub current: Option<Arc<Function>>,
    /// One that is being fetched, compiled or looked at.
    pub loading: Option<Loading>,
    /// The last file that cannot run.
    pub rejected: Option<Rejected>,
    /// The number of the last look.
    pub token: u32,
    /// The modules that further functions run, by name. Nothing is ever taken away: what was undone may come back.
    pub shelf: BTreeMap<ModuleHash, Arc<Function>>,
    /// Those on their way there.
    pub arriving: Vec<Loading>,
}

/// A function that can run.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// File name, or the example's title.
    pub name: String,
    /// Where it came from.
    pub origin: Origin,
    /// The file, kept so that a new worker can be told.
    pub bytes: Arc<[u8]>,
    /// Names it in scenarios.
    pub module: ModuleHash,
    /// What is inside.
    pub report: ModuleReport,
    /// Notes and warnings about it.
    pub problems: Vec<Problem>,
}

/// A function on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Loading {
    /// The number of this look.
    pub token: u32,
    /// File name, or the example's title.
    pub name: String,
    /// Where it comes from.
    pub origin: Origin,
    /// The file, once it is there.
    pub bytes: Option<Arc<[u8]>>,
    /// Whether it is text that is being compiled.
    pub compiling: bool,
    /// What a scenario calls the module; only on the way to the shelf.
    pub wanted: Option<ModuleHash>,
}

/// A file that cannot run.
#[derive(Debug, Clone, PartialEq)]
pub struct Rejected {
    /// File name.
    pub name: String,
    /// Why.
    pub problems: Vec<Problem>,
    /// What could be learned of it.
    pub report: Option<ModuleReport>,
}

/// What is known of the triggers: they live in a worker of their own.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeskState {
    /// Whether that worker listens.
    pub ready: bool,
    /// Forms and explanations of the triggers that were chosen so far.
    pub cards: Vec<Arc<Card>>,
    /// What Lambda would say of the settings as they are.
    pub problems: Vec<Problem>,
    /// Number of the last time they were to be examined.
    pub examined: u32,
}

/// Links.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LinkState {
    /// The last one that was made.
    pub made: Option<String>,
    /// Whether the next file goes to the clipboard instead of the disk.
    pub copies: bool,
    /// How many were made.
    pub count: u32,
    /// Where the function with this hash is kept, for links that it is too large for.
    pub kept_at: Option<(ModuleHash, String)>,
    /// The one that waits for the triggers' worker.
    pub opening: Option<String>,
    /// What a link carried, while its function is on the way or wanted.
    pub opened: Option<Arc<Shared>>,
    /// The moment at which its run is to be shown.
    pub moment: Option<Moment>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// The worker part.
#[derive(Debug, Clone, PartialEq)]
pub struct EngineState {
    /// Which tier the visitor chose.
    pub tier: Tier,
    /// Whether the worker has said that it is up.
    pub ready: bool,
    /// Whether this worker knows the current function.
    pub knows_function: bool,
    /// Why there is no worker.
    pub failed: Option<Problem>,
}

impl Default for EngineState {
    fn default() -> Self {
        Self {
            tier: Tier::Browser,
            ready: false,
            knows_function: false,
            failed: None,
        }
    }
}

/// The run part.
#[derive(Debug, Clone, Default)]
pub struct RunState {
    /// Number of the last run.
    pub run: u32,
    /// A run that waits for the worker or goes on.
    pub pending: Option<Pending>,
    /// The run that is shown.
    pub shown: Option<Arc<Shown>>,
    /// What it is compared with: the run before the setting changed.
    pub baseline: Option<Arc<Baseline>>,
    /// Why the last scenario could not run.
    pub refused: Vec<Problem>,
    /// Whether the visitor pressed Run before there was a function.
    pub wanted: bool,
    /// Number of the last change of a setting, for telling when changes have settled.
    pub change: u32,
    /// Whether a setting is being changed at the moment: the baseline then stays.
    pub changing: bool,
}

/// A run in progress.
#[derive(Debug, Clone)]
pub struct Pending {
    /// Its number.
    pub run: u32,
    /// Whether the worker has it.
    pub sent: bool,
    /// Whether the visitor asked for it, rather than changed a setting.
    pub by_hand: bool,
    /// What it runs.
    pub setup: Arc<Setup>,
    /// How far it is.
    pub progress: Option<Progress>,
}

/// What has come of the run in progress. Nobody reads it before the run is over, so it is no part of what signals tell of,
/// and grows in its place.
#[derive(Debug, Clone, Default)]
pub struct Incoming {
    /// What came back so far.
    pub reading: Reading,
    /// Metrics and sums of the whole run, once they are there.
    pub whole: Whole,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Where virtual time stands.
    pub now: SimTime,
    /// Work done by the guest that runs at the moment.
    pub fuel: Fuel,
    /// Real milliseconds since the run began.
    pub real_ms: u32,
}

impl Model {
    /// The parts that signals tell of: everything but what is still coming in.
    pub fn parts(&self) -> Self {
        Self {
            function: Arc::clone(&self.function),
            setup: Arc::clone(&self.setup),
            desk: Arc::clone(&self.desk),
            link: Arc::clone(&self.link),
            engine: Arc::clone(&self.engine),
            run: Arc::clone(&self.run),
            incoming: Incoming::default(),
            tuning: Arc::clone(&self.tuning),
            playback: Arc::clone(&self.playback),
            guide: Arc::clone(&self.guide),
            history: Arc::clone(&self.history),
            framed: self.framed,
            kept: self.kept,
        }
    }

    /// Whether a press of Run would do something.
    pub fn can_run(&self) -> bool {
        self.function.current.is_some()
            && self.engine.failed.is_none()
            && self.setup.event.error.is_none()
    }
}
