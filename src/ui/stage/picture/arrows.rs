//! The steps between the boxes, and how often each was made.

use super::{Arrow, Drawing};
use crate::ui::stage::geometry::Station;
use crate::ui::stage::scene::Step;
use crate::ui::words::{self, grouped};

impl Drawing<'_> {
    pub(super) fn arrows(&self) -> Vec<Arrow> {
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
