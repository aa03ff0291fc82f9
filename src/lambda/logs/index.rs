//! The log of a long trace, a few bytes a line: a line's text is made again from its entry when it is read.

use super::{Fold, LogKind, LogRecord, Stream};
use crate::lambda::event::{Entry, EnvironmentId, InvocationId};
use crate::sim::SimTime;

/// A line: where it comes from, and what its stream knew before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The number of its entry.
    pub entry: u32,
    /// Whose log stream.
    pub environment: EnvironmentId,
    /// The invocation it belongs to; none for what happens in an Init phase.
    pub invocation: Option<InvocationId>,
    /// When.
    pub at: SimTime,
    /// Who wrote it.
    pub kind: LogKind,
    /// Which of the lines of its entry.
    part: u8,
    stopped: bool,
    running: Option<InvocationId>,
}

/// All lines, in the order of time, gathered while a trace is read.
#[derive(Debug, Clone)]
pub struct Lines {
    fold: Fold,
    lines: Vec<Line>,
}

impl Default for Lines {
    fn default() -> Self {
        Self {
            fold: Fold {
                quiet: true,
                ..Fold::default()
            },
            lines: Vec::new(),
        }
    }
}

impl Lines {
    /// Reads the entry with this number.
    pub fn take(&mut self, number: u32, entry: &Entry) {
        let stream = entry
            .event
            .environment()
            .and_then(|it| self.fold.environments.get(&it));
        let stopped = stream.is_some_and(|stream| stream.stopped);
        let running = stream.and_then(|stream| stream.running).map(|it| it.0);
        self.fold.take(entry);
        let parts = self.fold.lines.drain(..).zip(0_u8..);
        self.lines.extend(parts.map(|(line, part)| Line {
            entry: number,
            environment: line.environment,
            invocation: line.invocation,
            at: line.at,
            kind: line.kind,
            part,
            stopped,
            running,
        }));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The lines.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// A line with its text, given its entry.
    pub fn read(&self, line: &Line, entry: &Entry) -> Option<LogRecord> {
        let mut fold = Fold {
            world: self.fold.world.clone(),
            ..Fold::default()
        };
        for invocation in [line.running, line.invocation].into_iter().flatten() {
            fold.identities = self.fold.identities.alone(invocation);
        }
        let running = line
            .running
            .map(|running| (running, self.fold.identities.of(running)));
        let known = self.fold.environments.get(&line.environment)?;
        let stream = Stream {
            stopped: line.stopped,
            running,
            ..known.clone()
        };
        fold.environments.insert(line.environment, stream);
        fold.take(entry);
        fold.lines.into_iter().nth(line.part.into())
    }
}
