//! The words in the boxes.

use super::{Drawing, Words, short};
use crate::lambda::event::{DeliveryKind, InvocationId};
use crate::sim::SimTime;
use crate::trigger::names;
use crate::ui::stage::geometry::{MOST_TARGETS, Station};
use crate::ui::stage::scene::{Phase, Room, Step};
use crate::ui::words::grouped;

impl Drawing<'_> {
    pub(super) fn words(&self, station: Station) -> Words {
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
        let waiting = &self.scene.waiting;
        let back = self.scene.at_clients.first().and_then(|(due, id)| {
            let call = self.scene.calls.get(id)?;
            Some((call.attempt, *due))
        });
        let longest = waiting.first().map(|(since, _)| *since);
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
            (0, 0) => "concurrency".to_owned(),
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
        let queued = &self.scene.queued;
        // Those that wait for nothing come first.
        let later = (Some(SimTime::ZERO), InvocationId(0));
        let next = queued.range(later..).next().and_then(|(due, id)| {
            let call = self.scene.calls.get(id)?;
            Some(((*due)?, call.attempt))
        });
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
}
