//! Machines that the cloud drives: woken, given, invoked for, told.

use std::sync::Arc;

use super::story::From;
use super::{Cloud, Happening};
use crate::lambda::event::{InvocationType, RequestId, Sent};
use crate::lambda::invoke;
use crate::lambda::machine::{Ended, Machine, Want};
use crate::sim::SimTime;

impl Cloud {
    pub(super) fn machines_are_quiet(&self) -> bool {
        self.machines
            .iter()
            .flatten()
            .all(|machine| machine.is_quiet())
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

    /// Lets a machine work and does what it wants. What it hears meanwhile (an invocation may be refused at once) is put
    /// off until its other wants are done.
    fn with_machine(
        &mut self,
        now: SimTime,
        index: u16,
        work: impl FnOnce(&mut dyn Machine, &mut Vec<Want>),
    ) {
        let Some(mut machine) = self
            .machines
            .get_mut(usize::from(index))
            .and_then(Option::take)
        else {
            return;
        };
        let mut wants = Vec::new();
        work(&mut *machine, &mut wants);
        let (id, target) = (machine.id().to_owned(), machine.target());
        if let Some(place) = self.machines.get_mut(usize::from(index)) {
            *place = Some(machine);
        }
        for want in wants {
            match want {
                Want::Wake(at) => self.kernel.at(at, Happening::MachineWakes(index)),
                Want::Tell(event) => self.trace.note(now, event),
                Want::Invoke { ticket, payload } => {
                    let (function, route) = self
                        .routes
                        .find(target.function.as_deref(), target.qualifier.as_deref());
                    let sent = Arc::new(Sent {
                        seed: self.seed,
                        function,
                        qualifier: target.qualifier.clone(),
                        kind: InvocationType::RequestResponse,
                        trigger: id.clone(),
                        payload,
                        repeats: None,
                    });
                    let admitted = invoke::admit(&sent.payload, sent.kind).is_ok();
                    match route.filter(|_| admitted) {
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
        }
    }
}
