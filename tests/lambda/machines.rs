//! Machines that the cloud drives on somebody's behalf: woken, given, invoked for, told how it ended.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use lambda_playground::lambda::caller::{Call, Target};
use lambda_playground::lambda::cloud::Setup;
use lambda_playground::lambda::event::{InvocationType, RequestId};
use lambda_playground::lambda::machine::{Ended, Machine, Want};
use lambda_playground::lambda::summary;
use lambda_playground::sim::{SimDuration, SimTime};

use crate::fleet::*;
use crate::scripted::*;

/// Gathers what it is given for a second, invokes with it as one batch, and gives back to the source what was not taken.
#[derive(Default)]
struct Batcher {
    stored: Vec<Arc<str>>,
    in_flight: Option<Vec<Arc<str>>>,
    tickets: u32,
    heard: Rc<RefCell<Vec<(SimTime, &'static str)>>>,
}

impl Machine for Batcher {
    fn id(&self) -> &str {
        "batcher"
    }

    fn target(&self) -> Target {
        Target {
            function: Some("f".to_owned()),
            ..Target::default()
        }
    }

    fn start(&mut self, now: SimTime, wants: &mut Vec<Want>) {
        wants.push(Want::Wake(now + SimDuration::from_secs(1)));
    }

    fn put(&mut self, _: SimTime, payload: &Arc<str>, _: &mut Vec<Want>) {
        self.stored.push(Arc::clone(payload));
    }

    fn wake(&mut self, now: SimTime, wants: &mut Vec<Want>) {
        if !self.stored.is_empty() && self.in_flight.is_none() {
            let batch = std::mem::take(&mut self.stored);
            self.tickets += 1;
            wants.push(Want::Invoke {
                ticket: self.tickets,
                payload: format!("[{}]", batch.join(",")).into(),
            });
            self.in_flight = Some(batch);
        }
        if !self.is_quiet() || now < ms(5_000) {
            wants.push(Want::Wake(now + SimDuration::from_secs(1)));
        }
    }

    fn ended(
        &mut self,
        now: SimTime,
        ticket: u32,
        _: RequestId,
        end: Ended<'_>,
        _: &mut Vec<Want>,
    ) {
        assert_eq!(ticket, self.tickets);
        let batch = self.in_flight.take().expect("a batch in flight");
        let word = match end {
            Ended::Ran(outcome) if !outcome.failed() => "done",
            Ended::Ran(_) => "failed",
            Ended::Throttled(_) => "throttled",
            Ended::Refused | Ended::NotRun(_) => "refused",
            Ended::SystemError => "system error",
        };
        if word != "done" {
            self.stored.splice(0..0, batch);
        }
        self.heard.borrow_mut().push((now, word));
    }

    fn is_quiet(&self) -> bool {
        self.stored.is_empty() && self.in_flight.is_none()
    }
}

fn put(millis: u64, text: &str) -> lambda_playground::lambda::caller::Request {
    let call = call(InvocationType::Event, "f", None);
    at(
        millis,
        Call {
            payload: text.into(),
            target: Target {
                machine: Some(0),
                ..Target::default()
            },
            ..call
        },
    )
}

#[test]
fn a_machine_is_woken_invokes_and_hears() {
    let machine = Batcher::default();
    let heard = Rc::clone(&machine.heard);
    let entries = play(Setup {
        machines: vec![Box::new(machine)],
        requests: vec![put(100, "1"), put(200, "2"), put(1_500, "3")],
        ..fleet(vec![function("f", model(0, 100))])
    });
    assert_eq!(*heard.borrow(), [(ms(1_100), "done"), (ms(2_100), "done")]);
    let stories = summary::invocations(&entries);
    let told: Vec<_> = stories
        .iter()
        .map(|story| (story.trigger.as_str(), story.kind, story.payload.as_str()))
        .collect();
    let sync = InvocationType::RequestResponse;
    assert_eq!(told, [("batcher", sync, "[1,2]"), ("batcher", sync, "[3]")]);
    assert!(stories.iter().all(|story| story.caller.is_none()));
}

/// A throttle is heard at once and the batch stays; the scenario goes on until the machine is quiet.
#[test]
fn a_throttled_machine_keeps_its_batch() {
    let machine = Batcher::default();
    let heard = Rc::clone(&machine.heard);
    let sync = call(InvocationType::RequestResponse, "f", None);
    play(Setup {
        machines: vec![Box::new(machine)],
        requests: vec![at(900, sync), put(950, "1")],
        ..fleet(vec![reserving(function("f", model(0, 2_000)), 1)])
    });
    assert_eq!(
        *heard.borrow(),
        [
            (ms(1_000), "throttled"),
            (ms(2_000), "throttled"),
            (ms(5_000), "done")
        ]
    );
}

#[test]
fn a_batch_that_is_not_let_in_is_heard_of() {
    let machine = Batcher::default();
    let heard = Rc::clone(&machine.heard);
    let mut cloud = lambda_playground::lambda::cloud::Cloud::start(Setup {
        machines: vec![Box::new(machine)],
        requests: vec![put(0, "not json")],
        ..fleet(vec![function("f", model(0, 1))])
    });
    // It would try for ever.
    for _ in 0..10 {
        cloud.step();
    }
    assert_eq!(heard.borrow()[0], (ms(1_000), "refused"));
}
