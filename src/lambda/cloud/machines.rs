//! Machines that the cloud drives: woken, given, invoked for, told.

use std::sync::Arc;

use super::story::{From, Story};
use super::{Cloud, Happening};
use crate::lambda::caller::Target;
use crate::lambda::event::{Event, InvocationType, RequestId, Sent};
use crate::lambda::event_source::SourceEvent;
use crate::lambda::invoke;
use crate::lambda::machine::{Ended, Machine, Want};
use crate::sim::SimTime;

impl Cloud {
    pub(super) fn machines_are_quiet(&self) -> bool {
        self.machines.iter().all(|machine| machine.is_quiet())
    }

    pub(super) fn machine_starts(&mut self, now: SimTime, index: u16) {
        self.with_machine(now, index, |machine, wants| machine.start(now, wants));
    }

    pub(super) fn machine_wakes(&mut self, now: SimTime, index: u16) {
        self.with_machine(now, index, |machine, wants| machine.wake(now, wants));
    }

    pub(super) fn machine_is_given(&mut self, now: SimTime, index: u16, payload: &Arc<str>) {
        self.with_machine(now, index, |machine, wants| {
            machine.put(now, payload, wants);
        });
    }

    pub(super) fn machine_hears(
        &mut self,
        now: SimTime,
        index: u16,
        ticket: u32,
        id: RequestId,
        end: Ended<'_>,
    ) {
        self.with_machine(now, index, |machine, wants| {
            machine.ended(now, ticket, id, end, wants);
        });
    }

    /// Lets a machine work and does what it wants. What it wants because of what came of that (an invocation may be refused
    /// at once) is put off until the other wants are done: in a loop, for a thousand pollers may be throttled together.
    fn with_machine(
        &mut self,
        now: SimTime,
        index: u16,
        work: impl FnOnce(&mut dyn Machine, &mut Vec<Want>),
    ) {
        let Some(machine) = self.machines.get_mut(usize::from(index)) else {
            return;
        };
        let mut wants = Vec::new();
        work(&mut **machine, &mut wants);
        self.wants
            .extend(wants.into_iter().map(|want| (index, want)));
        if std::mem::replace(&mut self.granting, true) {
            return;
        }
        while let Some((index, want)) = self.wants.pop_front() {
            if self.stopped {
                self.wants.clear();
                break;
            }
            self.grant(now, index, want);
        }
        self.granting = false;
    }

    fn grant(&mut self, now: SimTime, index: u16, want: Want) {
        match want {
            Want::Wake(at) => self.kernel.at(at, Happening::MachineWakes(index)),
            Want::Tell(last @ Event::CutOff { .. }) => self.stop(now, last),
            Want::Tell(event) => {
                let event = self.sent_on(now, index, event);
                self.trace.note(now, event);
            }
            Want::Invoke { ticket, payload } => {
                self.invoke_for_machine(now, index, ticket, payload)
            }
            Want::Call {
                ticket,
                payload,
                kind,
                target,
            } => self.call_for_machine(now, (index, ticket), payload, kind, target),
        }
    }

    /// What a mapping gives up goes to its on-failure destination, unless a drill keeps it from that.
    fn sent_on(&mut self, now: SimTime, index: u16, mut event: Event) -> Event {
        if let Event::Mapping { event, .. } = &mut event
            && let SourceEvent::Discarded {
                record: Some(record),
                ..
            } = &mut **event
            && let Some(machine) = self.machines.get(usize::from(index))
        {
            let target = machine.target();
            let (name, qualifier) = (target.function.as_deref(), target.qualifier.as_deref());
            if let Some(function) = self.routes.find(name, qualifier).function {
                record.delivered = !self.drills.refuses_message(function, now);
            }
        }
        event
    }

    /// A guest has called another service: whoever waits for calls looks.
    pub(super) fn guest_called(&mut self, now: SimTime) {
        for index in 0..self.machines.len() {
            if self.machines.get(index).is_some_and(|it| it.is_service()) {
                self.machine_wakes(now, index as u16);
            }
        }
    }

    fn call_for_machine(
        &mut self,
        now: SimTime,
        (index, ticket): (u16, u32),
        payload: Arc<str>,
        kind: InvocationType,
        target: Target,
    ) {
        let Some(machine) = self.machines.get(usize::from(index)) else {
            return;
        };
        let found = self
            .routes
            .find(target.function.as_deref(), target.qualifier.as_deref());
        let sent = Arc::new(Sent {
            seed: self.seed,
            function: found.function,
            qualifier: found.qualifier,
            kind,
            trigger: machine.id().to_owned(),
            payload,
            repeats: None,
        });
        let invocation = self.next_invocation();
        self.trace.note(
            now,
            Event::Received {
                invocation,
                sent: Arc::clone(&sent),
            },
        );
        let admitted = found
            .route
            .and_then(|route| invoke::admit(&sent.payload, kind).map(|_| route));
        let taken = admitted.is_ok();
        self.with_machine(now, index, |machine, wants| {
            machine.called(now, ticket, invocation, taken, wants);
        });
        let way = match admitted {
            Ok(route) => route.choose(&mut self.chances.weights),
            Err(response) => {
                let id = sent.request_id(invocation);
                self.trace.note(
                    now,
                    Event::Refused {
                        invocation,
                        response: Arc::new(response.clone()),
                    },
                );
                self.machine_hears(now, index, ticket, id, Ended::NotRun(&response));
                return;
            }
        };
        self.open += 1;
        let story = Story::new(invocation, sent, From::Machine(index, ticket), way);
        let slot = self.stories.insert(story);
        match kind {
            InvocationType::Event => self.accept(now, slot),
            _ => self.try_synchronously(now, slot),
        }
    }

    fn invoke_for_machine(&mut self, now: SimTime, index: u16, ticket: u32, payload: Arc<str>) {
        let Some(machine) = self.machines.get(usize::from(index)) else {
            return;
        };
        let target = machine.target();
        let found = self
            .routes
            .find(target.function.as_deref(), target.qualifier.as_deref());
        let sent = Arc::new(Sent {
            seed: self.seed,
            function: found.function,
            qualifier: found.qualifier,
            kind: InvocationType::RequestResponse,
            trigger: machine.id().to_owned(),
            payload,
            repeats: None,
        });
        let admitted = invoke::admit(&sent.payload, sent.kind).is_ok();
        match found.route.ok().filter(|_| admitted) {
            Some(route) => {
                let way = route.choose(&mut self.chances.weights);
                self.invoke_for(now, sent, From::Machine(index, ticket), way);
            }
            None => {
                let unknown = RequestId([0; 16]);
                self.machine_hears(now, index, ticket, unknown, Ended::Refused);
            }
        }
    }
}
