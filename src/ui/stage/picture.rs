//! What the stage shows of a scene: words and figures for every box, marks for requests, cells for environments.

use super::geometry::{Field, Geometry, MOST_TARGETS, Station, Way};
use super::scene::{Call, Cast, How, Phase, Room, Scene, Step, Whereabouts};
use crate::lambda::event::{DeliveryKind, EnvironmentId, InvocationId, InvocationType};
use crate::sim::{SimDuration, SimTime};
use crate::trigger::names;
use crate::ui::attempts::AttemptId;
use crate::ui::words::{self, grouped};

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

/// Environments of one kind, drawn as one path of squares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Squares {
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
    /// Environments with room for words.
    pub cells: Vec<Cell>,
    /// Environments without.
    pub squares: Vec<Squares>,
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
    fn words(&self, station: Station) -> Words {
        match station {
            Station::Callers => self.callers(),
            Station::Source(mapping) => self.source(mapping),
            Station::FrontEnd => self.front_end(),
            Station::Queue => self.queue(),
            Station::Environments => self.rooms(),
            Station::Answers => self.answers(),
            Station::Target(index) => self.target(index),
        }
    }

    fn callers(&self) -> Words {
        let title = match self.cast.callers.as_slice() {
            [one] => names::name_of(one).to_owned(),
            _ => "Callers".to_owned(),
        };
        let waiting: Vec<&Call> = self.waiting_callers().map(|(_, call)| call).collect();
        let back = waiting.iter().find_map(|call| match call.whereabouts {
            Whereabouts::Client { due } => Some((call.attempt, due)),
            _ => None,
        });
        let longest = waiting.iter().map(|call| call.received).min();
        let called = self.times(Step::Called);
        let (figure, note) = match (longest, back) {
            (Some(since), back) => (
                format!("{} waiting", grouped(waiting.len() as u64)),
                match back {
                    Some((attempt, due)) => format!("try {attempt} in {}", self.until(due)),
                    None => format!("for {}", short(self.at.since(since))),
                },
            ),
            (None, _) if self.scene.accepted > 0 => (
                format!("202 × {}", grouped(self.scene.accepted)),
                "nobody waits".to_owned(),
            ),
            (None, _) if called == 0 => ("not yet".to_owned(), String::new()),
            (None, _) => (
                format!("{} called", grouped(called)),
                "nobody waits".to_owned(),
            ),
        };
        Words {
            title,
            figure,
            note,
            bad: false,
        }
    }

    fn source(&self, mapping: u16) -> Words {
        let title = self.cast.sources.get(&mapping);
        let title = title.map_or("Event source", |id| names::name_of(id));
        let Some(backlog) = self.scene.sources.get(&mapping) else {
            return Words {
                title: title.to_owned(),
                figure: "empty".to_owned(),
                ..Words::default()
            };
        };
        let figure = match backlog.waiting() {
            0 if backlog.arrived == 0 => "empty".to_owned(),
            waiting => format!("{} waiting", grouped(waiting as u64)),
        };
        let mut parts = Vec::new();
        let mut part = |count: u64, word: &str| {
            if count > 0 {
                parts.push(format!("{} {word}", grouped(count)));
            }
        };
        part(backlog.out() as u64, "with the function");
        part(backlog.hidden() as u64, "invisible");
        part(backlog.done, "done");
        part(backlog.passed_over, "left out");
        part(backlog.dead, "dead letters");
        part(backlog.given_up, "given up");
        if let Some(due) = backlog.next.filter(|due| *due > self.at) {
            parts.insert(0, format!("again in {}", self.until(due)));
        }
        Words {
            title: title.to_owned(),
            figure,
            note: parts.join(", "),
            bad: backlog.dead + backlog.given_up > 0,
        }
    }

    fn front_end(&self) -> Words {
        let in_use = grouped(self.scene.concurrency() as u64);
        let refused = match (self.scene.throttled, self.scene.refused) {
            (0, 0) => "environments in use".to_owned(),
            (0, refused) => format!("{} refused", grouped(refused)),
            (throttled, _) => format!("429 × {}", grouped(throttled)),
        };
        Words {
            title: "Lambda".to_owned(),
            figure: format!("{in_use} of {}", grouped(u64::from(self.cast.concurrency))),
            note: refused,
            bad: self.scene.throttled + self.scene.refused > 0,
        }
    }

    fn queue(&self) -> Words {
        let queued: Vec<(&Call, Option<SimTime>)> = self.queued().map(|(_, c, d)| (c, d)).collect();
        let next = queued
            .iter()
            .filter_map(|(call, due)| due.map(|due| (due, call.attempt)))
            .min();
        let count = queued.len() as u64;
        Words {
            title: "Event queue".to_owned(),
            figure: match count {
                0 => "empty".to_owned(),
                1 => "1 event".to_owned(),
                _ => format!("{} events", grouped(count)),
            },
            note: match next {
                Some((due, attempt)) => format!("try {attempt} in {}", self.until(due)),
                None => String::new(),
            },
            bad: false,
        }
    }

    fn rooms(&self) -> Words {
        let count = |wanted: fn(&Room) -> bool| {
            let rooms = self.scene.environments.values();
            rooms.filter(|room| wanted(room)).count() as u64
        };
        let kinds = [
            (
                count(|room| room.phase == Phase::Initialising),
                "initialising",
            ),
            (count(|room| matches!(room.phase, Phase::Busy(_))), "busy"),
            (count(|room| room.phase == Phase::Idle), "idle"),
            (count(|room| room.phase == Phase::Reset), "reset"),
            (count(|room| room.phase == Phase::Gone), "gone"),
        ];
        let parts: Vec<String> = kinds
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{} {word}", grouped(*count)))
            .collect();
        let each = self.field.map_or(1, |field| field.each);
        Words {
            title: "Execution environments".to_owned(),
            figure: if parts.is_empty() {
                "none yet".to_owned()
            } else {
                parts.join(", ")
            },
            note: if each > 1 {
                format!("A square is {} environments.", grouped(each as u64))
            } else {
                String::new()
            },
            bad: false,
        }
    }

    fn answers(&self) -> Words {
        let scene = self.scene;
        let (title, good) = if !self.cast.sources.is_empty() {
            ("Batches", "done")
        } else if self.cast.queue {
            ("Events", "done")
        } else {
            ("Answers", "without error")
        };
        let bad = [
            (scene.badly, "failed"),
            (scene.refused, "refused"),
            (scene.given_up, "given up"),
        ];
        let parts: Vec<String> = bad
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{} {word}", grouped(*count)))
            .collect();
        let none = scene.well == 0 && parts.is_empty();
        Words {
            title: title.to_owned(),
            figure: if none {
                "none yet".to_owned()
            } else {
                format!("{} {good}", grouped(scene.well))
            },
            bad: !parts.is_empty(),
            note: parts.join(", "),
        }
    }

    fn target(&self, index: usize) -> Words {
        let Some((kind, arn)) = self.cast.targets.get(index) else {
            return Words::default();
        };
        let key = (*kind, arn.clone());
        let count = self.scene.delivered.get(&key).copied().unwrap_or_default();
        let more = self.cast.targets.len().saturating_sub(MOST_TARGETS);
        let role = match kind {
            DeliveryKind::OnSuccess => "on success",
            DeliveryKind::OnFailure => "on failure",
            DeliveryKind::DeadLetter => "dead-letter queue",
        };
        Words {
            title: arn.rsplit([':', '/']).next().unwrap_or(arn).to_owned(),
            figure: match count {
                0 => "nothing yet".to_owned(),
                1 => "1 message".to_owned(),
                _ => format!("{} messages", grouped(count)),
            },
            note: if more > 0 && index + 1 == MOST_TARGETS {
                format!("{role}; and {more} more")
            } else {
                role.to_owned()
            },
            bad: *kind != DeliveryKind::OnSuccess && count > 0,
        }
    }

    fn waiting_callers(&self) -> impl Iterator<Item = (InvocationId, &Call)> {
        let calls = self.scene.calls.iter();
        calls
            .filter(|(_, call)| call.has_waiting_caller() && !call.polled)
            .map(|(id, call)| (*id, call))
    }

    /// The event queue's events, those that are due first first.
    fn queued(&self) -> impl Iterator<Item = (InvocationId, &Call, Option<SimTime>)> {
        let calls = self.scene.calls.iter();
        let mut queued: Vec<_> = calls
            .filter_map(|(id, call)| match call.whereabouts {
                Whereabouts::Queue { due } => Some((*id, call, due)),
                _ => None,
            })
            .collect();
        queued.sort_by_key(|(id, _, due)| (*due, *id));
        queued.into_iter()
    }

    fn marks(&self) -> Vec<Mark> {
        let mut marks = Vec::new();
        let place = |station: Station, marks: &mut Vec<Mark>, drawn: Vec<Drawn>| {
            let room = self.geometry.slots(station);
            for (index, drawn) in drawn.into_iter().take(room).enumerate() {
                if let Some(at) = self.geometry.slot(station, index) {
                    marks.push(drawn.at(at));
                }
            }
        };
        let callers = self.waiting_callers().map(|(id, call)| Drawn {
            id: MarkId::Caller(id),
            selects: selects(id, call),
            tone: Tone::Waiting,
            detail: format!(
                "The caller of request {} waits for {}",
                id.0 + 1,
                short(self.at.since(call.received))
            ),
        });
        place(Station::Callers, &mut marks, callers.collect());

        let queued = self.queued().map(|(id, call, due)| Drawn {
            id: MarkId::Request(id),
            selects: selects(id, call),
            tone: Tone::Queued,
            detail: match due {
                Some(due) => format!(
                    "Event {} waits for try {}, in {}",
                    id.0 + 1,
                    call.attempt,
                    self.until(due)
                ),
                None => format!("Event {} waits in the event queue", id.0 + 1),
            },
        });
        place(Station::Queue, &mut marks, queued.collect());

        let mut arriving = Vec::new();
        for (id, call) in &self.scene.calls {
            let drawn = |tone: Tone, what: &str| Drawn {
                id: MarkId::Request(*id),
                selects: selects(*id, call),
                tone,
                detail: format!("Request {} {what}", id.0 + 1),
            };
            match call.whereabouts {
                Whereabouts::FrontEnd => arriving.push(drawn(Tone::Arriving, "reaches Lambda")),
                Whereabouts::Leaving => arriving.push(drawn(Tone::Running, "leaves the function")),
                Whereabouts::Environment(environment) => {
                    let field = self.field.filter(Field::has_room_for_marks);
                    if let Some(field) = field {
                        let cell = field.cell(environment.0 as usize);
                        let what = format!("is in environment {}", environment.0 + 1);
                        let left = if field.labelled {
                            14.0
                        } else {
                            cell.width / 2.0
                        };
                        let at = (cell.x + left, cell.y + cell.height / 2.0);
                        marks.push(drawn(Tone::Running, &what).at(at));
                    }
                }
                Whereabouts::Queue { .. } | Whereabouts::Client { .. } => {}
            }
        }
        place(Station::FrontEnd, &mut marks, arriving);

        let ended = self.scene.ended.iter().map(|ended| {
            let (tone, word) = match ended.how {
                How::Well => (Tone::Well, "ended without error"),
                How::Badly => (Tone::Badly, "ended with an error"),
                How::Refused => (Tone::Refused, "was refused"),
                How::GivenUp => (Tone::Refused, "was given up"),
            };
            Drawn {
                id: MarkId::Request(ended.id.invocation),
                selects: ended.id,
                tone,
                detail: format!(
                    "Request {} {word} at {}",
                    ended.id.invocation.0 + 1,
                    crate::ui::timeline::axis::instant(ended.at)
                ),
            }
        });
        place(Station::Answers, &mut marks, ended.collect());
        marks
    }

    fn environments(&self) -> (Vec<Cell>, Vec<Squares>) {
        let Some(field) = self.field else {
            return Default::default();
        };
        let rooms = &self.scene.environments;
        if field.labelled {
            let cells = rooms.iter().map(|(id, room)| self.cell(*id, room));
            return (cells.collect(), Vec::new());
        }
        // One square for each environment at its own place, or, of very many, squares in the order of what they do.
        let mut paths: Vec<Squares> = ["init", "busy", "idle", "reset", "gone"]
            .map(|key| Squares {
                key,
                path: String::new(),
            })
            .into();
        let mut square = |kind: usize, index: usize| {
            let rect = field.cell(index);
            if let Some(squares) = paths.get_mut(kind) {
                let (w, h) = (rect.width, rect.height);
                squares.path.push_str(&format!(
                    "M{:.0} {:.0}h{w:.0}v{h:.0}h-{w:.0}z",
                    rect.x, rect.y
                ));
            }
        };
        if field.each == 1 {
            for (id, room) in rooms {
                square(kind(room), id.0 as usize);
            }
        } else {
            let mut index = 0;
            for wanted in 0..4 {
                let count = rooms.values().filter(|room| kind(room) == wanted).count();
                for _ in 0..count.div_ceil(field.each) {
                    square(wanted, index);
                    index += 1;
                }
            }
        }
        paths.retain(|squares| !squares.path.is_empty());
        (Vec::new(), paths)
    }

    fn cell(&self, id: EnvironmentId, room: &Room) -> Cell {
        let since = self.at.since(room.since);
        let name = id.0 + 1;
        let text = match room.phase {
            Phase::Initialising => format!("{name} Init, {}", short(since)),
            Phase::Busy(_) => format!("{name} handler, {}", short(since)),
            Phase::Idle if room.runs == 0 => format!("{name} ready"),
            Phase::Idle => format!("{name} warm, idle"),
            Phase::Reset => format!("{name} reset, idle"),
            Phase::Gone => format!("{name} gone"),
        };
        let timeout = u64::from(self.cast.timeout_seconds) * 1_000_000_000;
        let used = match room.phase {
            Phase::Busy(_) => (since.as_nanos().saturating_mul(1_000) / timeout.max(1)).min(1_000),
            _ => 0,
        };
        Cell {
            environment: id,
            key: KEYS.get(kind(room)).copied().unwrap_or_default(),
            text,
            used: used as u32,
        }
    }

    fn arrows(&self) -> Vec<Arrow> {
        let stations = || self.geometry.boxes.iter().map(|(station, _)| *station);
        let mut arrows = Vec::new();
        let mut arrow = |step: Step, from: Station, to: Station, back: bool, times: u64| {
            let Some(way) = self.geometry.way(from, to, back) else {
                return;
            };
            let last = self.scene.steps.get(&step).map(|trodden| trodden.last);
            arrows.push(Arrow {
                step,
                way,
                label: match times {
                    0 => String::new(),
                    _ => words::compact(times),
                },
                detail: format!("{}: {}", step_name(step), grouped(times)),
                now: times > 0 && last == Some(self.scene.entry_at),
            });
        };
        let called = self.times(Step::Called);
        for station in stations() {
            if matches!(station, Station::Callers | Station::Source(_)) {
                arrow(Step::Called, station, Station::FrontEnd, false, called);
            }
        }
        let started = self.times(Step::Started);
        if self.cast.queue {
            let queued = self.times(Step::Queued);
            arrow(
                Step::Queued,
                Station::FrontEnd,
                Station::Queue,
                false,
                queued,
            );
            arrow(
                Step::Started,
                Station::Queue,
                Station::Environments,
                false,
                started,
            );
            let returned = self.times(Step::Returned);
            if returned > 0 {
                arrow(
                    Step::Returned,
                    Station::Environments,
                    Station::Queue,
                    true,
                    returned,
                );
            }
        } else {
            arrow(
                Step::Started,
                Station::FrontEnd,
                Station::Environments,
                false,
                started,
            );
        }
        let ended = self.times(Step::Ended);
        arrow(
            Step::Ended,
            Station::Environments,
            Station::Answers,
            false,
            ended,
        );
        for station in stations() {
            if let Station::Target(index) = station {
                let key = self.cast.targets.get(index);
                let count = key.and_then(|key| self.scene.delivered.get(key).copied());
                arrow(
                    Step::Delivered,
                    Station::Environments,
                    station,
                    false,
                    count.unwrap_or_default(),
                );
            }
        }
        arrows
    }

    fn times(&self, step: Step) -> u64 {
        self.scene.steps.get(&step).map_or(0, |it| it.times)
    }

    fn until(&self, due: SimTime) -> String {
        short(due.since(self.at))
    }
}

/// A mark that has no place yet.
struct Drawn {
    id: MarkId,
    selects: AttemptId,
    tone: Tone,
    detail: String,
}

impl Drawn {
    fn at(self, at: (f64, f64)) -> Mark {
        Mark {
            id: self.id,
            selects: self.selects,
            at,
            tone: self.tone,
            detail: self.detail,
        }
    }
}

/// What a press on a request selects: the try that runs or ran last.
fn selects(invocation: InvocationId, call: &Call) -> AttemptId {
    // Between two tries the event's next one has nothing to show yet.
    let between = matches!(call.whereabouts, Whereabouts::Queue { due: Some(_) });
    let back = u32::from(between && call.kind == InvocationType::Event);
    AttemptId {
        invocation,
        attempt: call.attempt.saturating_sub(back).max(1),
    }
}

/// Names of an environment's kinds in style sheets, in the order in which they are drawn.
const KEYS: [&str; 5] = ["init", "busy", "idle", "reset", "gone"];

fn kind(room: &Room) -> usize {
    match room.phase {
        Phase::Initialising => 0,
        Phase::Busy(_) => 1,
        Phase::Idle => 2,
        Phase::Reset => 3,
        Phase::Gone => 4,
    }
}

fn step_name(step: Step) -> &'static str {
    match step {
        Step::Called => "Calls of Lambda",
        Step::Queued => "Events put into the event queue",
        Step::Started => "Handlers started",
        Step::Returned => "Events that went back to the queue",
        Step::Ended => "Requests that are over",
        Step::Delivered => "Messages sent on",
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
