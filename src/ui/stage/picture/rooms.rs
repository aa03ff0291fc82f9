//! Execution environments: with words where there is room for them, else as squares.

use super::{Cell, Drawing, Group, short};
use crate::lambda::event::EnvironmentId;
use crate::ui::stage::scene::{Phase, Room};

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

impl Drawing<'_> {
    pub(super) fn environments(&self) -> (Vec<Cell>, Vec<Group>) {
        let Some(field) = self.field else {
            return Default::default();
        };
        let rooms = &self.scene.environments;
        if field.labelled {
            let cells = rooms.iter().map(|(id, room)| self.cell(*id, room));
            return (cells.collect(), Vec::new());
        }
        // One square for each environment at its own place, or, of very many, squares in the order of what they do.
        let mut paths: Vec<Group> = ["init", "busy", "idle", "reset", "gone"]
            .map(|key| Group {
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
}
