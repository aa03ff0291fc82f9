//! A run, read entry by entry: everything that is derived from it once.

use std::sync::Arc;

use super::{Entries, Tries};
use crate::lambda::event::{Entry, Event};
use crate::lambda::logs::Lines;
use crate::sim::SimTime;
use crate::ui::model::Jump;
use crate::ui::stage::Cast;
use crate::ui::timeline::{Drawing, Lane, Occurs, Stretches};

/// A run that is being read, and grows.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    entries: Entries,
    tries: Tries,
    drawing: Drawing,
    log: Lines,
    cast: Cast,
    jumps: [Vec<u32>; Jump::ALL.len()],
    cut_off: Option<u32>,
}

/// A run that has been read.
#[derive(Debug, Clone, Default)]
pub struct Read {
    /// The trace, in the order of time.
    pub entries: Arc<Entries>,
    /// Every time the function was tried.
    pub tries: Arc<Tries>,
    /// The timeline's lanes.
    pub lanes: Arc<Vec<Lane>>,
    /// When something happened, for the axis.
    pub stretches: Arc<Stretches>,
    /// What there is to see.
    pub occurs: Occurs,
    /// The CloudWatch log.
    pub log: Arc<Lines>,
    /// Who takes part.
    pub cast: Arc<Cast>,
    /// The numbers of the entries that one can jump to, by kind.
    pub jumps: Arc<[Vec<u32>; Jump::ALL.len()]>,
    /// The number of the entry with which we, not Lambda, ended it.
    pub cut_off: Option<u32>,
}

impl Reading {
    /// Reads on. Entries come in the order of time.
    pub fn extend(&mut self, entries: impl IntoIterator<Item = Entry>) {
        for entry in entries {
            self.take(entry);
        }
    }

    /// Whether nothing has been read.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Where it stands.
    pub fn last(&self) -> Option<SimTime> {
        self.entries.last().map(|entry| entry.at)
    }

    fn take(&mut self, mut entry: Entry) {
        // Times never run backwards; everything below relies on it.
        if let Some(last) = self.last() {
            entry.at = entry.at.max(last);
        }
        let number = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.tries.take(number, &entry);
        self.drawing.take(number, &entry);
        self.log.take(number, &entry);
        self.cast.take(&entry);
        for (places, (jump, ..)) in self.jumps.iter_mut().zip(Jump::ALL) {
            if jump.lands(&entry) {
                places.push(number);
            }
        }
        if matches!(entry.event, Event::CutOff { .. }) {
            self.cut_off.get_or_insert(number);
        }
        self.entries.push(entry);
    }

    /// The run ends here.
    pub fn finish(mut self, end: SimTime) -> Read {
        self.tries.finish();
        let (lanes, stretches, occurs) = self.drawing.finish(end);
        Read {
            entries: Arc::new(self.entries),
            tries: Arc::new(self.tries),
            lanes: Arc::new(lanes),
            stretches: Arc::new(stretches),
            occurs,
            log: Arc::new(self.log),
            cast: Arc::new(self.cast),
            jumps: Arc::new(self.jumps),
            cut_off: self.cut_off,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::logs;
    use crate::scenario::{Arrival, When};
    use crate::sim::SimDuration;
    use crate::ui::attempts;
    use crate::ui::lived::{lived, scenario};

    fn read(entries: &[Entry]) -> Read {
        let mut reading = Reading::default();
        // In batches, as they come.
        for batch in entries.chunks(7) {
            reading.extend(batch.iter().cloned());
        }
        let end = reading.last().unwrap_or_default();
        reading.finish(end)
    }

    /// Five events at once, three requests later; some fail.
    fn busy(failing: bool) -> Arc<Vec<Entry>> {
        let mut scenario = scenario("s3", "{}", failing);
        let first = scenario.arrivals[0].clone();
        scenario.arrivals = (0..8)
            .map(|index| Arrival {
                when: When::At(SimTime::ZERO + SimDuration::from_millis(index / 5 * 700)),
                trigger: if index < 5 { "s3" } else { "direct" }.to_owned(),
                ..first.clone()
            })
            .collect();
        lived(&scenario)
    }

    #[test]
    fn rows_are_the_attempts_that_the_summary_tells_of() {
        for failing in [false, true] {
            let entries = busy(failing);
            let read = read(&entries);
            let expected = attempts::attempts(&entries);
            assert_eq!(read.tries.len(), expected.len());
            for (index, (row, attempt)) in read.tries.iter().zip(&expected).enumerate() {
                assert_eq!((row.id, row.outcome), (attempt.id, attempt.outcome()));
                assert_eq!(row.ended, attempt.ended());
                assert_eq!(row.request_id(&read.entries), attempt.request_id);
                assert_eq!(row.trigger(&read.entries), attempt.trigger);
                let ran = attempt.ran.as_ref();
                assert_eq!(row.environment, ran.map(|ran| ran.environment));
                assert_eq!(row.cold, ran.is_some_and(|ran| ran.cold));
                let duration = row.run(&read.entries).map(|(duration, _)| duration);
                assert_eq!(duration, attempt.finished().map(|it| it.report.duration));
                assert_eq!(read.tries.place(row.id), Some(index));
                // Told again from its own entries alone, it is the same.
                let (from, to) = read.tries.span(row.id.invocation).unwrap();
                let alone = attempts::attempt(read.entries.range(from, to + 1), row.id);
                assert_eq!(alone.as_ref(), Some(attempt));
            }
        }
    }

    #[test]
    fn every_line_of_the_log_is_made_again_from_its_entry() {
        let entries = busy(true);
        let read = read(&entries);
        let expected = logs::lines(&entries);
        assert_eq!(read.log.len(), expected.len());
        assert!(!expected.is_empty());
        for (line, record) in read.log.lines().iter().zip(&expected) {
            let entry = read.entries.get(line.entry as usize).unwrap();
            assert_eq!(read.log.read(line, entry).as_ref(), Some(record));
            assert_eq!(line.invocation, record.invocation);
        }
    }

    #[test]
    fn places_to_jump_to_are_in_order() {
        let read = read(&busy(true));
        let counts: Vec<usize> = read.jumps.iter().map(Vec::len).collect();
        // Eight requests fail, five of them three times; ten retries.
        assert_eq!(&counts[..2], [18 + 5, 10]);
        assert!(read.jumps.iter().all(|places| places.is_sorted()));
    }
}
