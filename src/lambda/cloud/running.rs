//! Runs of the function: environments found or made, their phases begun and ended.

use std::rc::Rc;

use super::{Cloud, Happening};
use crate::lambda::environment::{Begun, Environment, InvokeEnded, Task};
use crate::lambda::event::{EnvironmentId, Event, InitPhase, InvocationId};
use crate::lambda::{billing, names};
use crate::sim::SimTime;

impl Cloud {
    /// Finds or makes an environment for an invocation and sets it going.
    pub(super) fn run(&mut self, now: SimTime, invocation: InvocationId, attempt: u32) {
        let Some(story) = self.stories.get(invocation.0 as usize) else {
            return;
        };
        let requests = match (&story.queued, attempt) {
            // The surcharge for large events belongs to the event, not to each try.
            (Some(_), 1) => billing::asynchronous_requests(story.event.len() as u64),
            _ => 1,
        };
        let task = Task {
            invocation,
            request_id: story.request_id,
            attempt,
            event: Rc::clone(&story.event),
            requests,
            trace_id: story.trace_id.clone(),
        };
        match self.pool.take_idle() {
            Some(id) => {
                let expiry = self.pool.get(id).and_then(|env| env.assign(task));
                if let Some(ticket) = expiry {
                    self.kernel.cancel(ticket);
                }
                self.begin_invoke(now, id);
            }
            None => {
                let id = self.create(now, task);
                self.begin_init(now, id, InitPhase::Init);
            }
        }
    }

    pub(super) fn create(&mut self, now: SimTime, task: Task) -> EnvironmentId {
        let id = self.pool.next_id();
        let log_stream =
            names::log_stream(self.blueprint.epoch_ms, now, &mut self.random.log_streams);
        let mut environment = Environment::new(id, log_stream, &self.blueprint);
        environment.assign(task);
        self.trace.note(
            now,
            Event::EnvironmentCreated {
                environment: id,
                log_stream: environment.log_stream().to_owned(),
            },
        );
        self.pool.add(environment);
        id
    }

    pub(super) fn begin_init(&mut self, now: SimTime, id: EnvironmentId, phase: InitPhase) {
        let seed = self.random.guest_seeds.next_u64();
        let Some(environment) = self.pool.get(id) else {
            return;
        };
        self.trace.note(
            now,
            Event::InitStarted {
                environment: id,
                phase,
                runtime_version: names::RUNTIME_VERSION.to_owned(),
                runtime_version_arn: names::RUNTIME_VERSION_ARN.to_owned(),
            },
        );
        let begun = environment.begin_init(&self.blueprint, phase, now, seed);
        self.begun(id, None, begun, Happening::InitEnds(id));
    }

    pub(super) fn init_ends(&mut self, now: SimTime, id: EnvironmentId) {
        let Some(environment) = self.pool.get(id) else {
            return;
        };
        let Some(ended) = environment.end_init(&self.blueprint) else {
            return;
        };
        let started = !environment.needs_init();
        self.trace.note(
            now,
            Event::InitFinished {
                environment: id,
                phase: ended.phase,
                end: ended.end.clone(),
                error_type: ended.error_type,
                usage: ended.usage,
            },
        );
        match ended.phase {
            InitPhase::Init => self.begin_invoke(now, id),
            InitPhase::Invoke if started => self.begin_handling(now, id),
            InitPhase::Invoke => {
                let ended = self
                    .pool
                    .get(id)
                    .and_then(|env| env.end_invoke(&self.blueprint, ended.end, true));
                if let Some(ended) = ended {
                    self.invoke_ended(now, id, ended);
                }
            }
        }
    }

    pub(super) fn begin_invoke(&mut self, now: SimTime, id: EnvironmentId) {
        let Some(environment) = self.pool.get(id) else {
            return;
        };
        let Some((task, cold)) = environment.begin_invoke(now) else {
            return;
        };
        let started = Event::InvokeStarted {
            environment: id,
            invocation: task.invocation,
            request_id: task.request_id,
            attempt: task.attempt,
            cold,
        };
        self.trace.note(now, started);
        if environment.needs_init() {
            self.begin_init(now, id, InitPhase::Invoke);
        } else {
            self.begin_handling(now, id);
        }
    }

    pub(super) fn begin_handling(&mut self, now: SimTime, id: EnvironmentId) {
        let Some(environment) = self.pool.get(id) else {
            return;
        };
        let invocation = environment.invocation();
        if let Some(begun) = environment.begin_handling(&self.blueprint, now) {
            self.begun(id, invocation, begun, Happening::HandlerEnds(id));
        }
    }

    pub(super) fn handler_ends(&mut self, now: SimTime, id: EnvironmentId) {
        let ended = self
            .pool
            .get(id)
            .and_then(|env| env.end_handling(&self.blueprint));
        if let Some(ended) = ended {
            self.invoke_ended(now, id, ended);
        }
    }

    /// A guest has run ahead of the clock: what it wrote and how it ended take their place in time.
    pub(super) fn begun(
        &mut self,
        environment: EnvironmentId,
        invocation: Option<InvocationId>,
        begun: Begun,
        end: Happening,
    ) {
        self.log.note(|| {
            format!(
                "environment {} ends its phase at {} with {} lines, cut off: {:?}",
                environment.0,
                begun.ends,
                begun.log.len(),
                begun.cut_off
            )
        });
        for line in begun.log {
            self.trace.foresee(
                line.at,
                Event::Log {
                    environment,
                    invocation,
                    text: line.text,
                },
            );
        }
        let end = match begun.cut_off {
            Some(reason) => {
                self.cut_offs.insert(environment, reason);
                Happening::CutOff(environment)
            }
            None => end,
        };
        self.kernel.at(begun.ends, end);
    }

    pub(super) fn invoke_ended(&mut self, now: SimTime, id: EnvironmentId, ended: InvokeEnded) {
        let InvokeEnded {
            task,
            end,
            response,
            usage,
            report,
            reset,
        } = ended;
        self.trace.note(
            now,
            Event::InvokeFinished {
                environment: id,
                invocation: task.invocation,
                request_id: task.request_id,
                attempt: task.attempt,
                end,
                response: response.clone(),
                usage,
                report,
            },
        );
        if let Some(reason) = reset {
            self.trace.note(
                now,
                Event::EnvironmentReset {
                    environment: id,
                    reason,
                },
            );
        }
        let expiry = self.kernel.after(self.idle_lifetime, Happening::Expiry(id));
        if let Some(environment) = self.pool.get(id) {
            environment.rest(expiry);
        }
        self.pool.put_idle(id);
        self.settle(now, task.invocation, &response);
    }

    pub(super) fn expiry(&mut self, now: SimTime, id: EnvironmentId) {
        self.pool.remove_idle(id);
        if let Some(environment) = self.pool.get(id) {
            environment.shut_down();
            self.trace
                .note(now, Event::EnvironmentShutdown { environment: id });
        }
    }

    /// Nothing after this would be true.
    pub(super) fn cut_off(&mut self, now: SimTime, id: EnvironmentId) {
        let reason = self.cut_offs.remove(&id).unwrap_or_default();
        self.trace.note(now, Event::CutOff { reason });
        self.trace.forget_ahead();
        self.stopped = true;
    }
}
