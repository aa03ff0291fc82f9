//! Requests, each where it is.

use super::{Drawing, Mark, MarkId, Tone, short};
use crate::lambda::event::{InvocationId, InvocationType};
use crate::ui::attempts::AttemptId;
use crate::ui::stage::geometry::{Field, Station};
use crate::ui::stage::scene::{Call, How, Whereabouts};

impl Drawing<'_> {
    pub(super) fn marks(&self) -> Vec<Mark> {
        let mut marks = Vec::new();
        // Only as many as there is room for are made: thousands may wait.
        let place =
            |station: Station, marks: &mut Vec<Mark>, drawn: &mut dyn Iterator<Item = Drawn>| {
                let room = self.geometry.slots(station);
                for (index, drawn) in drawn.take(room).enumerate() {
                    if let Some(at) = self.geometry.slot(station, index) {
                        marks.push(drawn.at(at));
                    }
                }
            };
        let calls = &self.scene.calls;
        let waiting = self.scene.waiting.iter();
        let mut callers = waiting.filter_map(|(since, id)| {
            Some(Drawn {
                id: MarkId::Caller(*id),
                selects: selects(*id, calls.get(id)?),
                tone: Tone::Waiting,
                detail: format!(
                    "The caller of request {} waits for {}",
                    number(*id),
                    short(self.at.since(*since))
                ),
            })
        });
        place(Station::Callers, &mut marks, &mut callers);

        let mut queued = self.queued().map(|(id, call, due)| Drawn {
            id: MarkId::Request(id),
            selects: selects(id, call),
            tone: Tone::Queued,
            detail: match due {
                Some(due) => format!(
                    "Event {} waits for try {}, in {}",
                    number(id),
                    call.attempt,
                    self.until(due)
                ),
                None => format!("Event {} waits in the event queue", number(id)),
            },
        });
        place(Station::Queue, &mut marks, &mut queued);

        self.running(&mut marks);
        let mut passing = self.scene.passing.iter().filter_map(|id| {
            let call = calls.get(id)?;
            Some(match call.whereabouts {
                Whereabouts::Leaving => of(*id, call, Tone::Running, "leaves the function"),
                _ => of(*id, call, Tone::Arriving, "reaches Lambda"),
            })
        });
        place(Station::FrontEnd, &mut marks, &mut passing);

        let mut ended = self.scene.ended.iter().map(|ended| {
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
                    number(ended.id.invocation),
                    crate::ui::timeline::axis::instant(ended.at)
                ),
            }
        });
        place(Station::Answers, &mut marks, &mut ended);
        marks
    }

    /// Requests in their environments, where there is room for marks.
    fn running(&self, marks: &mut Vec<Mark>) {
        let Some(field) = self.field.filter(Field::has_room_for_marks) else {
            return;
        };
        for (environment, id) in &self.scene.inside {
            let Some(call) = self.scene.calls.get(id) else {
                continue;
            };
            let cell = field.cell(environment.0 as usize);
            let what = format!("is in environment {}", u64::from(environment.0) + 1);
            let left = if field.labelled {
                14.0
            } else {
                cell.width / 2.0
            };
            let at = (cell.x + left, cell.y + cell.height / 2.0);
            marks.push(of(*id, call, Tone::Running, &what).at(at));
        }
    }
}

fn number(id: InvocationId) -> u64 {
    u64::from(id.0) + 1
}

fn of(id: InvocationId, call: &Call, tone: Tone, what: &str) -> Drawn {
    Drawn {
        id: MarkId::Request(id),
        selects: selects(id, call),
        tone,
        detail: format!("Request {} {what}", number(id)),
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
