//! The order of the table of invocations: as they began, or by one of its columns.

use super::find::Found;
use super::trace::{Entries, Row, Tries};

/// What rows can be put in order by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Column {
    /// The request's number, and the try.
    Number,
    /// When the handler began.
    #[default]
    Start,
    /// Where it ran.
    Environment,
    /// How it went, the worst first.
    Result,
    /// `Duration`.
    Duration,
    /// `Billed Duration`.
    Billed,
    /// `Init Duration`.
    Init,
    /// `Max Memory Used`.
    Memory,
}

impl Column {
    /// All columns with their names in links and tests, and what they are called, in the table's order.
    pub const ALL: [(Self, &'static str, &'static str); 8] = [
        (Self::Number, "number", "#"),
        (Self::Start, "start", "Start"),
        (Self::Environment, "environment", "Environment"),
        (Self::Result, "result", "Result"),
        (Self::Duration, "duration", "Duration"),
        (Self::Billed, "billed", "Billed"),
        (Self::Init, "init", "Init"),
        (Self::Memory, "memory", "Memory used"),
    ];

    /// Whether it holds figures, which stand to the right.
    pub fn is_figure(self) -> bool {
        self == Self::Start || self.falls()
    }

    /// Whether one looks for the largest first.
    fn falls(self) -> bool {
        matches!(
            self,
            Self::Duration | Self::Billed | Self::Init | Self::Memory
        )
    }

    /// What a row is put in order by; none when it has nothing there.
    fn key(self, row: &Row, entries: &Entries) -> Option<u64> {
        Some(match self {
            Self::Number => (u64::from(row.id.invocation.0) << 32) | u64::from(row.id.attempt),
            Self::Start => row.began.as_nanos(),
            Self::Environment => row.environment?.0.into(),
            Self::Result => (u8::MAX - row.outcome.severity()).into(),
            Self::Duration => row.run(entries)?.0.as_nanos(),
            Self::Billed => {
                let (duration, outcome) = row.run(entries)?;
                outcome.billed_ms(duration)
            }
            Self::Init => row.run(entries)?.1.init_duration?.as_nanos(),
            Self::Memory => row.run(entries)?.1.max_memory_used_mb().into(),
        })
    }
}

/// An order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Order {
    /// By what.
    pub column: Column,
    /// The other way round: the largest first.
    pub falling: bool,
}

impl Order {
    /// The slowest first.
    pub const SLOWEST: Self = Self {
        column: Column::Duration,
        falling: true,
    };

    /// Its text in links: `duration-` is the longest first.
    pub fn to_text(self) -> String {
        let found = Column::ALL.iter().find(|(it, ..)| *it == self.column);
        let name = found.map_or("", |(_, name, _)| name);
        format!("{name}{}", if self.falling { "-" } else { "" })
    }

    /// The order with this text.
    pub fn from_text(text: &str) -> Option<Self> {
        let name = text.strip_suffix('-').unwrap_or(text);
        let (column, ..) = Column::ALL.iter().find(|(_, other, _)| *other == name)?;
        Some(Self {
            column: *column,
            falling: name.len() < text.len(),
        })
    }

    /// After a press on a column's name: by that column; pressed again, the other way round.
    pub fn pressed(self, column: Column) -> Self {
        let falling = if self.column == column {
            !self.falling
        } else {
            column.falls()
        };
        Self { column, falling }
    }

    /// The places of the listed tries, in this order; of those with nothing in the column, and of equals, in the order in
    /// which they began. None when that is the order of all.
    pub fn places(
        self,
        tries: &Tries,
        entries: &Entries,
        found: Option<&Found>,
    ) -> Option<Vec<u32>> {
        let listed = found.map(|found| found.places.clone());
        if self == Self::default() {
            return listed;
        }
        let mut places = listed.unwrap_or_else(|| (0..tries.len() as u32).collect());
        places.sort_by_cached_key(|place| {
            let key = tries
                .get(*place as usize)
                .and_then(|row| self.column.key(row, entries));
            // What has nothing comes last, whichever way round.
            key.map_or(u64::MAX, |key| {
                if self.falling {
                    u64::MAX - 1 - key
                } else {
                    key
                }
            })
        });
        Some(places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::model::Model;
    use crate::scenario::{Arrival, Runs, When};
    use crate::sim::{Distribution, SimDuration, SimTime};
    use crate::ui::attempts::Outcome;
    use crate::ui::find::Query;
    use crate::ui::lived::{lived, scenario};
    use crate::ui::trace::{Read, Reading};

    /// Twelve calls, 10 ms apart, of a function that may run eight times at once: some are refused.
    fn read() -> Read {
        let mut scenario = scenario("direct", "{}", false);
        scenario.runs = Runs::Model(Model {
            duration: Distribution::Uniform {
                from_micros: 100_000,
                to_micros: 900_000,
            },
            ..Model::default()
        });
        scenario.function.reserved_concurrency = Some(8);
        scenario.arrivals = (0..12)
            .map(|number| Arrival {
                when: When::At(SimTime::ZERO + SimDuration::from_millis(10 * number)),
                trigger: "direct".to_owned(),
                payload: "{}".to_owned(),
                ..Arrival::default()
            })
            .collect();
        let mut reading = Reading::default();
        reading.extend(lived(&scenario).to_vec());
        let end = reading.last().unwrap();
        reading.finish(end)
    }

    fn by(column: Column, falling: bool) -> Order {
        Order { column, falling }
    }

    #[test]
    fn as_they_began_is_the_order_of_all() {
        let read = read();
        assert_eq!(
            Order::default().places(&read.tries, &read.entries, None),
            None
        );
    }

    #[test]
    fn every_order_has_every_row_once_and_what_has_no_figure_last() {
        let read = read();
        let all: Vec<u32> = (0..read.tries.len() as u32).collect();
        let refused = read
            .tries
            .iter()
            .filter(|row| row.outcome == Outcome::Refused)
            .count();
        assert!(refused > 0 && refused < all.len());
        for (column, ..) in Column::ALL {
            for falling in [false, true] {
                let order = by(column, falling);
                if order == Order::default() {
                    continue;
                }
                let places = order.places(&read.tries, &read.entries, None).unwrap();
                let mut once = places.clone();
                once.sort_unstable();
                assert_eq!(once, all, "{order:?}");
                let keys: Vec<Option<u64>> = places
                    .iter()
                    .map(|place| {
                        column.key(read.tries.get(*place as usize).unwrap(), &read.entries)
                    })
                    .collect();
                let some: Vec<u64> = keys.iter().copied().flatten().collect();
                assert!(keys.iter().take(some.len()).all(Option::is_some));
                let ordered = some.windows(2).all(|pair| match falling {
                    true => pair[0] >= pair[1],
                    false => pair[0] <= pair[1],
                });
                assert!(ordered, "{order:?}: {some:?}");
            }
        }
    }

    #[test]
    fn only_what_was_found_is_put_in_order() {
        let read = read();
        let found = Found::new(&Query::new("cold"), &read.tries, &read.entries);
        let places = Order::SLOWEST.places(&read.tries, &read.entries, Some(&found));
        let mut places = places.unwrap();
        places.sort_unstable();
        assert_eq!(places, found.places);
    }

    #[test]
    fn an_order_is_read_back_from_its_text() {
        for (column, ..) in Column::ALL {
            for falling in [false, true] {
                let order = by(column, falling);
                assert_eq!(Order::from_text(&order.to_text()), Some(order));
            }
        }
        for text in ["", "-", "duration--", "Duration", "x"] {
            assert_eq!(Order::from_text(text), None, "{text}");
        }
    }

    #[test]
    fn a_press_turns_the_order_round_and_figures_begin_with_the_largest() {
        let order = Order::default().pressed(Column::Duration);
        assert_eq!(order, Order::SLOWEST);
        assert_eq!(order.pressed(Column::Duration), by(Column::Duration, false));
        assert_eq!(order.pressed(Column::Start), Order::default());
        assert_eq!(
            Order::default().pressed(Column::Start),
            by(Column::Start, true)
        );
    }
}
