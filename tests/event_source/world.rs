//! A mapping, a clock and a function that does what a script says.

use std::collections::BTreeMap;
use std::rc::Rc;

use lambda_playground::lambda::event::RequestId;
use lambda_playground::lambda::event_source::note::{BatchEnd, SourceEvent};
use lambda_playground::lambda::event_source::{
    Action, BatchId, Context, Finished, Incoming, Items, MappingConfig, Outcome, Poller, Source,
    check, open,
};
use lambda_playground::problem::Severity;
use lambda_playground::sim::{Kernel, SimDuration, SimTime};
use serde_json::Value;

/// 2026-01-05T12:00:00Z.
pub const EPOCH_MS: i64 = 1_767_614_400_000;

pub fn context() -> Context {
    Context {
        seed: 1,
        epoch_ms: EPOCH_MS,
        function_arn: "arn:aws:lambda:us-east-1:123456789012:function:my-function".to_owned(),
        function_timeout_seconds: 3,
    }
}

/// A mapping's settings as a visitor would write them.
pub fn config(json: Value) -> MappingConfig {
    serde_json::from_value(json).expect("settings")
}

/// A source as a visitor would write it.
pub fn source(json: Value) -> Source {
    serde_json::from_value(json).expect("a source")
}

pub fn at(millis: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_millis(millis)
}

pub fn millis(at: SimTime) -> u64 {
    at.as_nanos() / 1_000_000
}

/// How long an invocation takes, and how it ends.
pub type Answer = (SimDuration, Outcome);

pub fn success(millis: u64) -> Answer {
    respond(millis, "null")
}

pub fn respond(millis: u64, payload: &str) -> Answer {
    let outcome = Outcome::Success {
        payload: payload.to_owned(),
    };
    (SimDuration::from_millis(millis), outcome)
}

pub fn failure(millis: u64) -> Answer {
    (SimDuration::from_millis(millis), Outcome::FunctionError)
}

pub fn throttle() -> Answer {
    (SimDuration::ZERO, Outcome::Throttled)
}

/// One invocation as the function saw it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    pub at: SimTime,
    pub batch: BatchId,
    pub event: Value,
}

impl Seen {
    /// What the senders wrote: bodies of messages or decoded data of records.
    pub fn bodies(&self) -> Vec<String> {
        fn records(value: &Value, all: &mut Vec<String>) {
            use base64::Engine as _;
            let decode = |text: &str| {
                let bytes = base64::engine::general_purpose::STANDARD.decode(text);
                String::from_utf8(bytes.expect("base64")).expect("text")
            };
            match value {
                Value::Array(list) => list.iter().for_each(|value| records(value, all)),
                Value::Object(object) => {
                    if let Some(body) = object.get("body").and_then(Value::as_str) {
                        all.push(body.to_owned());
                    } else if let Some(data) = object
                        .get("data")
                        .or_else(|| object.get("value"))
                        .and_then(Value::as_str)
                    {
                        all.push(decode(data));
                    } else {
                        object.values().for_each(|value| records(value, all));
                    }
                }
                _ => {}
            }
        }
        let mut all = Vec::new();
        records(&self.event, &mut all);
        all
    }
}

enum Happening {
    Start,
    Put(Incoming),
    Wake,
    Ends(BatchId, Finished),
}

type Function = Box<dyn FnMut(&Seen) -> Answer>;

/// A mapping under test.
pub struct World {
    pub poller: Box<dyn Poller>,
    kernel: Kernel<Happening>,
    function: Function,
    /// Whether invocations are remembered with their events.
    pub remember: bool,
    pub seen: Vec<Seen>,
    pub notes: Vec<(SimTime, SourceEvent)>,
    pub invocations: u64,
    running: u32,
    /// Most invocations at a time.
    pub most_running: u32,
}

impl World {
    /// A mapping that is created at time zero.
    pub fn new(
        source: &Source,
        config: &MappingConfig,
        function: impl FnMut(&Seen) -> Answer + 'static,
    ) -> Self {
        Self::created(source, config, SimTime::ZERO, function)
    }

    /// A mapping that is created at `start`.
    pub fn created(
        source: &Source,
        config: &MappingConfig,
        start: SimTime,
        function: impl FnMut(&Seen) -> Answer + 'static,
    ) -> Self {
        let problems = check(source, config, &context());
        let errors: Vec<_> = problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error)
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
        let mut kernel = Kernel::new();
        kernel.at(start, Happening::Start);
        Self {
            poller: open(source, config, &context()),
            kernel,
            function: Box::new(function),
            remember: true,
            seen: Vec::new(),
            notes: Vec::new(),
            invocations: 0,
            running: 0,
            most_running: 0,
        }
    }

    /// From now on the function does this.
    pub fn answer(&mut self, function: impl FnMut(&Seen) -> Answer + 'static) {
        self.function = Box::new(function);
    }

    /// Something arrives.
    pub fn put(&mut self, when: SimTime, incoming: Incoming) -> &mut Self {
        self.kernel.at(when, Happening::Put(incoming));
        self
    }

    /// `count` bodies `first`, `first + 1`, … arrive at one time.
    pub fn put_numbers(&mut self, when: SimTime, first: u32, count: u32) -> &mut Self {
        for number in first..first + count {
            self.put(when, Incoming::body(number.to_string()));
        }
        self
    }

    /// Lets everything up to `end` happen.
    pub fn run_until(&mut self, end: SimTime) -> &mut Self {
        while self.kernel.peek().is_some_and(|next| next <= end) {
            self.step();
        }
        self
    }

    fn step(&mut self) {
        let Some((now, happening)) = self.kernel.next_event() else {
            return;
        };
        let mut actions = Vec::new();
        match happening {
            Happening::Start => self.poller.start(now, &mut actions),
            Happening::Put(incoming) => {
                self.poller.put(now, incoming, &mut actions);
            }
            Happening::Wake => self.poller.wake(now, &mut actions),
            Happening::Ends(batch, end) => {
                self.running -= 1;
                self.poller.finished(now, batch, end, &mut actions);
            }
        }
        self.obey(now, actions);
    }

    /// Moves the dead letters back.
    pub fn redrive(&mut self) {
        let now = self.kernel.now();
        let mut actions = Vec::new();
        self.poller.redrive(now, &mut actions);
        self.obey(now, actions);
    }

    fn obey(&mut self, now: SimTime, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Wake { at } => {
                    assert!(at >= now, "a wake-up in the past");
                    self.kernel.at(at, Happening::Wake);
                }
                Action::Note(note) => self.notes.push((now, note)),
                Action::Invoke { batch, payload } => self.invoke(now, batch, &payload),
            }
        }
    }

    fn invoke(&mut self, now: SimTime, batch: BatchId, payload: &Rc<str>) {
        assert!(
            payload.len() <= 6_291_456,
            "an event of {} bytes",
            payload.len()
        );
        let event = if self.remember {
            serde_json::from_str(payload).expect("JSON")
        } else {
            Value::Null
        };
        let seen = Seen {
            at: now,
            batch,
            event,
        };
        let (duration, outcome) = (self.function)(&seen);
        self.invocations += 1;
        self.running += 1;
        self.most_running = self.most_running.max(self.running);
        if self.remember {
            self.seen.push(seen);
        }
        let mut id = [0; 16];
        id[12..].copy_from_slice(&batch.0.to_be_bytes());
        let end = Finished {
            request_id: RequestId(id),
            outcome,
        };
        self.kernel.after(duration, Happening::Ends(batch, end));
    }

    /// When each invocation began, in milliseconds, and what it was sent.
    pub fn story(&self) -> Vec<(u64, Vec<String>)> {
        let told = self.seen.iter();
        told.map(|seen| (millis(seen.at), seen.bodies())).collect()
    }

    /// When each invocation began, in milliseconds.
    pub fn times(&self) -> Vec<u64> {
        self.seen.iter().map(|seen| millis(seen.at)).collect()
    }

    /// What the notes say that `pick` picks.
    pub fn noted<T>(&self, pick: impl Fn(&SourceEvent) -> Option<T>) -> Vec<(u64, T)> {
        let notes = self.notes.iter();
        notes
            .filter_map(|(at, note)| Some((millis(*at), pick(note)?)))
            .collect()
    }

    /// How invocations ended.
    pub fn ends(&self) -> Vec<BatchEnd> {
        let ends = self.noted(|note| match note {
            SourceEvent::BatchEnded { end, .. } => Some(*end),
            _ => None,
        });
        ends.into_iter().map(|(_, end)| end).collect()
    }

    /// How each item ended, in which of its possible ends; those still at the source are missing.
    pub fn fates(&self) -> BTreeMap<u32, Vec<&'static str>> {
        let mut fates: BTreeMap<u32, Vec<&'static str>> = BTreeMap::new();
        let mut end = |items: &Items, name| {
            for item in items.iter() {
                fates.entry(item.0).or_default().push(name);
            }
        };
        for (_, note) in &self.notes {
            match note {
                SourceEvent::Deleted { items, .. } => end(items, "deleted"),
                SourceEvent::Processed { items, .. } => end(items, "processed"),
                SourceEvent::FilteredOut { items } => end(items, "filtered"),
                SourceEvent::MovedToDeadLetterQueue { items } => end(items, "dead"),
                SourceEvent::Expired { items } => end(items, "expired"),
                SourceEvent::Skipped { items } => end(items, "skipped"),
                SourceEvent::Discarded { items, .. } => end(items, "discarded"),
                _ => {}
            }
        }
        fates
    }

    /// How many items arrived.
    pub fn arrived(&self) -> usize {
        let arrived = self.noted(|note| match note {
            SourceEvent::Arrived { items } => Some(items.len()),
            _ => None,
        });
        arrived.into_iter().map(|(_, count)| count).sum()
    }
}
