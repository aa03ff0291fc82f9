//! One execution environment's life.

use crate::guest::process::MemoryPoint;
use crate::lambda::config::MemoryMb;
use crate::lambda::event::{Entry, EnvironmentId, Event, ResetReason};
use crate::sim::{SimDuration, SimTime};
use crate::ui::attempts::{AttemptId, Outcome};

/// A run that an environment served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// Which.
    pub id: AttemptId,
    /// When its handler began.
    pub from: SimTime,
    /// When it ended, and how; none while it runs.
    pub ended: Option<(SimTime, Outcome)>,
}

/// What is known of an environment at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentStory {
    /// When it came into being.
    pub created: SimTime,
    /// `$LATEST`, or a version's number.
    pub version: String,
    /// Its log stream.
    pub log_stream: String,
    /// Whether it is provisioned.
    pub provisioned: bool,
    /// How long its Init took, the last one if there were several.
    pub init: Option<SimDuration>,
    /// How its memory grew, in bytes from each time on: what is known of runs that have ended.
    pub memory: Vec<(SimTime, u64)>,
    /// Its memory size.
    pub size: MemoryMb,
    /// How often its process was lost, and why the last time.
    pub resets: (u32, Option<ResetReason>),
    /// What it served.
    pub served: Vec<Served>,
    /// How long it was busy in handlers that have ended.
    pub busy: SimDuration,
    /// When it ended.
    pub ended: Option<SimTime>,
    /// When its last Init began.
    init_from: SimTime,
}

/// A longer memory curve loses points, never its peaks.
const MOST_POINTS: usize = 512;

impl EnvironmentStory {
    fn remember(&mut self, from: SimTime, points: &[MemoryPoint]) {
        let points = points.iter().map(|it| (from + it.after, it.bytes));
        self.memory.extend(points);
        self.memory.dedup_by_key(|point| point.1);
        if self.memory.len() > MOST_POINTS {
            let pairs = self.memory.chunks(2);
            let higher = pairs.filter_map(|pair| pair.iter().max_by_key(|point| point.1));
            self.memory = higher.copied().collect();
        }
    }

    /// What it does at the instant, in a word or two.
    pub fn state(&self) -> &'static str {
        if self.ended.is_some() {
            "ended"
        } else if self.served.last().is_some_and(|run| run.ended.is_none()) {
            "busy"
        } else if self.init.is_none() {
            "initialising"
        } else {
            "idle"
        }
    }
}

/// Reads an environment's life up to `at`; none of one that is not there yet. The entries are in the order of time.
pub fn environment<'e>(
    entries: impl IntoIterator<Item = &'e Entry>,
    id: EnvironmentId,
    at: SimTime,
) -> Option<EnvironmentStory> {
    let mut story: Option<EnvironmentStory> = None;
    for entry in entries.into_iter().take_while(|entry| entry.at <= at) {
        if let Event::EnvironmentCreated {
            environment,
            created,
        } = &entry.event
        {
            if *environment == id {
                story = Some(EnvironmentStory {
                    created: entry.at,
                    version: created.version.clone(),
                    log_stream: created.log_stream.clone(),
                    provisioned: created.provisioned,
                    init: None,
                    memory: Vec::new(),
                    size: MemoryMb::MIN,
                    resets: (0, None),
                    served: Vec::new(),
                    busy: SimDuration::ZERO,
                    ended: None,
                    init_from: entry.at,
                });
            }
        } else if let Some(story) = &mut story {
            take(story, entry, id);
        }
    }
    story
}

fn take(story: &mut EnvironmentStory, entry: &Entry, id: EnvironmentId) {
    match &entry.event {
        Event::InitStarted { environment, .. } if *environment == id => story.init_from = entry.at,
        Event::InitFinished {
            environment, ended, ..
        } if *environment == id => {
            story.init = Some(ended.usage.duration);
            story.remember(story.init_from, &ended.memory);
        }
        Event::InvokeStarted {
            environment,
            invocation,
            attempt,
            ..
        } if *environment == id => story.served.push(Served {
            id: AttemptId {
                invocation: *invocation,
                attempt: *attempt,
            },
            from: entry.at,
            ended: None,
        }),
        Event::InvokeFinished {
            environment,
            outcome,
            ..
        } if *environment == id => {
            story.size = outcome.terms.memory;
            if let Some(from) = story.served.last().map(|run| run.from) {
                story.remember(from, &outcome.memory);
            }
            if let Some(run) = story.served.last_mut() {
                let how = match Outcome::of(&outcome.end) {
                    Outcome::Succeeded if outcome.failed() => Outcome::Failed,
                    how => how,
                };
                run.ended = Some((entry.at, how));
                story.busy += entry.at.since(run.from);
            }
        }
        Event::EnvironmentReset {
            environment,
            reason,
        } if *environment == id => {
            story.resets = (story.resets.0 + 1, Some(*reason));
            // With the process its memory is gone.
            story.memory.push((entry.at, 0));
        }
        Event::EnvironmentShutdown { environment } | Event::EnvironmentLost { environment, .. }
            if *environment == id =>
        {
            story.ended = Some(entry.at);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::lived::{lived, scenario};

    #[test]
    fn an_environments_life_is_told_up_to_the_cursor() {
        let entries = lived(&scenario("s3", r#"{"Records":[]}"#, true));
        let at = |ms| SimTime::ZERO + SimDuration::from_millis(ms);
        let read = |when| environment(entries.iter(), EnvironmentId(0), when);
        let first = read(at(100)).expect("it is there");
        assert_eq!((first.state(), first.init), ("initialising", None));
        let busy = read(at(240)).expect("it is there");
        assert_eq!((busy.state(), busy.served.len()), ("busy", 1));
        let idle = read(at(10_000)).expect("it is there");
        assert_eq!(idle.state(), "idle");
        assert_eq!(idle.init, Some(SimDuration::from_millis(200)));
        let last = read(SimTime::from_nanos(u64::MAX)).expect("it is there");
        assert_eq!(last.served.len(), 3);
        assert_eq!(last.busy, SimDuration::from_millis(150));
        assert!(
            last.served
                .iter()
                .all(|run| matches!(run.ended, Some((_, Outcome::Failed))))
        );
        assert_eq!(environment(entries.iter(), EnvironmentId(7), at(1)), None);
    }
}
