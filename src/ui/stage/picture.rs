//! What the stage shows of a scene: words and figures for every box ([`words`]), marks for requests ([`marks`]), cells for
//! environments ([`rooms`]), arrows for the steps between them ([`arrows`]).

mod arrows;
mod marks;
mod rooms;
mod words;

use super::geometry::{Field, Geometry, Way};
use super::scene::{Call, Cast, Scene, Step};
use crate::lambda::event::{EnvironmentId, InvocationId};
use crate::sim::{SimDuration, SimTime};
use crate::ui::attempts::AttemptId;

/// The words in one box.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// What stands there.
    pub title: String,
    /// The figure that matters most.
    pub figure: String,
    /// A line more.
    pub note: String,
    /// Whether something goes wrong there.
    pub bad: bool,
}

/// What a mark stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkId {
    /// A caller who waits.
    Caller(InvocationId),
    /// A request, wherever it is.
    Request(InvocationId),
}

/// How a mark looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// A caller who waits.
    Waiting,
    /// On its way in.
    Arriving,
    /// In the event queue.
    Queued,
    /// With the function.
    Running,
    /// Over, well.
    Well,
    /// Over, with an error.
    Badly,
    /// Over without the function having run, or given up.
    Refused,
}

impl Tone {
    /// Its name in style sheets.
    pub fn key(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Arriving => "arriving",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Well => "well",
            Self::Badly => "badly",
            Self::Refused => "refused",
        }
    }
}

/// One request, drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// What it stands for; the same mark moves.
    pub id: MarkId,
    /// What a press selects.
    pub selects: AttemptId,
    /// Its middle.
    pub at: (f64, f64),
    /// How it looks.
    pub tone: Tone,
    /// The whole story, for tooltips and screen readers.
    pub detail: String,
}

/// One environment, drawn with words.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Which.
    pub environment: EnvironmentId,
    /// What it does, for style sheets.
    pub key: &'static str,
    /// What it does, in words.
    pub text: String,
    /// How much of the function's timeout is used, in thousandths, while the handler runs.
    pub used: u32,
}

/// Environments or requests of one kind, drawn as one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What they do, for style sheets.
    pub key: &'static str,
    /// An SVG path.
    pub path: String,
}

/// An arrow between two boxes.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrow {
    /// Which step it stands for.
    pub step: Step,
    /// From where to where.
    pub way: Way,
    /// How often it was gone, short; empty when never.
    pub label: String,
    /// The same in words.
    pub detail: String,
    /// Whether it has just been gone.
    pub now: bool,
}

/// Everything on the stage.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Picture {
    /// Words for each box of the geometry, in its order.
    pub words: Vec<Words>,
    /// The marks.
    pub marks: Vec<Mark>,
    /// Marks of which there is only one look, without an element of their own.
    pub dots: Vec<Group>,
    /// Environments with room for words.
    pub cells: Vec<Cell>,
    /// Environments without.
    pub squares: Vec<Group>,
    /// The arrows.
    pub arrows: Vec<Arrow>,
}

/// Draws a scene as it is at `at`, which is not before its last entry.
pub fn picture(scene: &Scene, cast: &Cast, geometry: &Geometry, at: SimTime) -> Picture {
    let field = geometry.field(cast.environments);
    let drawing = Drawing {
        scene,
        cast,
        geometry,
        at,
        field,
    };
    let (cells, squares) = drawing.environments();
    Picture {
        words: geometry
            .boxes
            .iter()
            .map(|(station, _)| drawing.words(*station))
            .collect(),
        marks: drawing.marks(),
        dots: Vec::new(),
        cells,
        squares,
        arrows: drawing.arrows(),
    }
}

struct Drawing<'a> {
    scene: &'a Scene,
    cast: &'a Cast,
    geometry: &'a Geometry,
    at: SimTime,
    field: Option<Field>,
}

impl Drawing<'_> {
    /// The event queue's events, those that are due first first.
    fn queued(&self) -> impl Iterator<Item = (InvocationId, &Call, Option<SimTime>)> {
        let queued = self.scene.queued.iter();
        queued.filter_map(|(due, id)| Some((*id, self.scene.calls.get(id)?, *due)))
    }

    fn times(&self, step: Step) -> u64 {
        self.scene.steps.get(&step).map_or(0, |it| it.times)
    }

    fn until(&self, due: SimTime) -> String {
        short(due.since(self.at))
    }
}

/// A length that changes while one looks: three figures are enough.
fn short(span: SimDuration) -> String {
    let nanos = span.as_nanos();
    match nanos {
        0..1_000_000 => format!("{} µs", nanos / 1_000),
        1_000_000..1_000_000_000 => format!("{} ms", nanos / 1_000_000),
        1_000_000_000..60_000_000_000 => {
            format!("{}.{} s", nanos / 1_000_000_000, nanos / 100_000_000 % 10)
        }
        _ => {
            let seconds = nanos / 1_000_000_000;
            match seconds / 3_600 {
                0 => format!("{} min {} s", seconds / 60, seconds % 60),
                hours => format!("{hours} h {} min", seconds / 60 % 60),
            }
        }
    }
}
