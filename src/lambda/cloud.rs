//! The simulated service: the kernel's events, and what each of them sets in motion.
//!
//! Simplified: the front end, the queue's hand-over and the network take no time.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::async_queue::{Next, QueuedEvent, RetryPolicy};
use super::billing;
use super::caller::{Moment, Request};
use super::concurrency::Pool;
use super::config::FunctionConfig;
use super::environment::{Begun, Blueprint, Environment, IDLE_LIFETIME, InvokeEnded, Task};
use super::event::{
    Entry, EnvironmentId, Event, InitPhase, InvocationId, InvocationType, InvokeResponse, RequestId,
};
use super::runtime::Code;
use super::{invoke, names};
use crate::guest::process::Watch;
use crate::sim::check::Log;
use crate::sim::{Kernel, Rng, SimDuration, SimTime, Ticket, Trace};

/// Everything that decides what a cloud does.
pub struct Setup {
    /// The function. Expected to be valid: see [`super::limits::check`].
    pub config: FunctionConfig,
    /// The function's code.
    pub code: Rc<dyn Code>,
    /// Seed of all randomness.
    pub seed: u64,
    /// Calendar milliseconds since 1970 at virtual time zero.
    pub epoch_ms: i64,
    /// The requests to come.
    pub requests: Vec<Request>,
    /// The host's patience with the guest.
    pub watch: Watch,
    /// How long an idle environment is kept.
    pub idle_lifetime: SimDuration,
    /// Where kernel events and random draws are recorded, for tests of determinism.
    pub log: Log,
}

impl Setup {
    /// A set-up with the usual idle lifetime and no log.
    pub fn new(config: FunctionConfig, code: Rc<dyn Code>, watch: Watch) -> Self {
        Self {
            config,
            code,
            seed: 1,
            epoch_ms: 0,
            requests: Vec::new(),
            watch,
            idle_lifetime: IDLE_LIFETIME,
            log: Log::default(),
        }
    }
}

/// The service with one function, in the middle of a scenario.
///
/// ```text
/// while cloud.step() {}
/// ```
pub struct Cloud {
    blueprint: Blueprint,
    idle_lifetime: SimDuration,
    kernel: Kernel<Happening>,
    trace: Trace<Event>,
    pool: Pool,
    requests: Vec<Request>,
    stories: Vec<Story>,
    /// Requests whose story is not over yet; the cloud stops when there are none.
    open: usize,
    stopped: bool,
    /// Why guests that were stopped by us were, until the clock gets there.
    cut_offs: BTreeMap<EnvironmentId, String>,
    random: Random,
    log: Log,
}

/// What the kernel tells us.
#[derive(Debug, Clone, Copy)]
enum Happening {
    /// The request with this index arrives.
    Arrival(usize),
    /// A queued event is due.
    Dequeue(InvocationId),
    /// A guest has started, or failed to.
    InitEnds(EnvironmentId),
    /// A handler has ended.
    HandlerEnds(EnvironmentId),
    /// A caller has waited long enough.
    CallerGivesUp(InvocationId),
    /// An environment has been idle long enough.
    Expiry(EnvironmentId),
    /// The run cannot go on truthfully beyond this point: the guest in this environment was stopped by us.
    CutOff(EnvironmentId),
}

/// One request from arrival to end.
struct Story {
    request: usize,
    request_id: RequestId,
    event: Rc<[u8]>,
    trace_id: String,
    caller: CallerState,
    /// The queue's state, for asynchronous requests.
    queued: Option<QueuedEvent>,
}

/// Where a caller stands.
enum CallerState {
    /// Waits; the ticket is of its own timeout.
    Waiting(Option<Ticket>),
    /// Has seen what it will see.
    Gone,
}

/// One generator per component.
struct Random {
    request_ids: Rng,
    trace_ids: Rng,
    log_streams: Rng,
    guest_seeds: Rng,
}

impl Cloud {
    /// A cloud at virtual time zero, with every request of `setup` still to come.
    pub fn start(setup: Setup) -> Self {
        let Setup {
            config,
            code,
            seed,
            epoch_ms,
            requests,
            watch,
            idle_lifetime,
            log,
        } = setup;
        let generator = |component| Rng::for_component(seed, component).observed(&log);
        let random = Random {
            request_ids: generator("request ids"),
            trace_ids: generator("trace ids"),
            log_streams: generator("log streams"),
            guest_seeds: generator("guest seeds"),
        };
        let mut kernel = Kernel::new().observed(&log);
        for (index, request) in requests.iter().enumerate() {
            match request.when {
                Moment::At(at) => kernel.at(at, Happening::Arrival(index)),
                Moment::AfterPrevious(span) if index == 0 => {
                    kernel.after(span, Happening::Arrival(index))
                }
                Moment::AfterPrevious(_) => continue,
            };
        }
        Self {
            blueprint: Blueprint {
                config,
                code,
                epoch_ms,
                watch,
            },
            idle_lifetime,
            kernel,
            trace: Trace::new(),
            pool: Pool::default(),
            open: requests.len(),
            requests,
            stories: Vec::new(),
            stopped: false,
            cut_offs: BTreeMap::new(),
            random,
            log,
        }
    }

    /// Lets one thing happen, at most one phase of one guest included. False when the last story was over before, or the
    /// run was cut off.
    ///
    /// The trace is complete up to [`Cloud::now`]: entries come in order of time, however many guests run at once.
    pub fn step(&mut self) -> bool {
        if self.stopped || self.open == 0 {
            return false;
        }
        let Some((now, happening)) = self.kernel.next_event() else {
            return false;
        };
        self.trace.reach(now);
        match happening {
            Happening::Arrival(index) => self.arrival(now, index),
            Happening::Dequeue(invocation) => self.dequeue(now, invocation),
            Happening::InitEnds(id) => self.init_ends(now, id),
            Happening::HandlerEnds(id) => self.handler_ends(now, id),
            Happening::CallerGivesUp(invocation) => self.caller_gives_up(now, invocation),
            Happening::Expiry(id) => self.expiry(now, id),
            Happening::CutOff(id) => self.cut_off(now, id),
        }
        true
    }

    /// The entries that have not been taken yet.
    pub fn trace(&self) -> &Trace<Event> {
        &self.trace
    }

    /// Takes the entries out.
    pub fn take_entries(&mut self) -> Vec<Entry> {
        self.trace.take()
    }

    /// Where virtual time stands.
    pub fn now(&self) -> SimTime {
        self.kernel.now()
    }

    /// The trace's last instant, so far.
    pub fn end(&self) -> SimTime {
        self.kernel.now()
    }

    /// How many requests' stories are over, of how many.
    pub fn stories_over(&self) -> (usize, usize) {
        (self.requests.len() - self.open, self.requests.len())
    }

    fn arrival(&mut self, now: SimTime, index: usize) {
        let Some(request) = self.requests.get(index).cloned() else {
            return;
        };
        let invocation = InvocationId(self.stories.len() as u32);
        let kind = request.caller.invocation_type();
        let request_id = names::request_id(&mut self.random.request_ids);
        self.trace.note(
            now,
            Event::Received {
                invocation,
                request_id,
                kind,
                trigger: request.caller.id().to_owned(),
                payload: request.payload.to_string(),
            },
        );
        let admitted = invoke::admit(&request.payload, kind);
        self.stories.push(Story {
            request: index,
            request_id,
            event: Rc::from(*admitted.as_ref().unwrap_or(&&[][..])),
            trace_id: names::trace_id(self.blueprint.epoch_ms, now, &mut self.random.trace_ids),
            caller: CallerState::Waiting(None),
            queued: None,
        });
        match (admitted, kind) {
            (Err(response), _) => {
                self.trace.note(
                    now,
                    Event::Refused {
                        invocation,
                        response: response.clone(),
                    },
                );
                self.answer(now, invocation, &response);
                self.story_over(invocation);
            }
            (Ok(_), InvocationType::RequestResponse) => {
                let ticket = request.caller.timeout().map(|limit| {
                    self.kernel
                        .after(limit, Happening::CallerGivesUp(invocation))
                });
                if let Some(story) = self.story(invocation) {
                    story.caller = CallerState::Waiting(ticket);
                }
                self.run(now, invocation, 1);
            }
            (Ok(_), InvocationType::Event) => {
                self.trace.note(now, Event::Accepted { invocation });
                self.answer(now, invocation, &invoke::accepted());
                if let Some(story) = self.story(invocation) {
                    story.queued = Some(QueuedEvent::accepted(now));
                }
                self.kernel.at(now, Happening::Dequeue(invocation));
            }
        }
    }

    fn dequeue(&mut self, now: SimTime, invocation: InvocationId) {
        let Some(event) = self.story(invocation).and_then(|s| s.queued.as_mut()) else {
            return;
        };
        let (attempt, age) = event.dequeue(now);
        self.trace.note(
            now,
            Event::Dequeued {
                invocation,
                attempt,
                age,
            },
        );
        self.run(now, invocation, attempt);
    }

    /// Finds or makes an environment for an invocation and sets it going.
    fn run(&mut self, now: SimTime, invocation: InvocationId, attempt: u32) {
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

    fn create(&mut self, now: SimTime, task: Task) -> EnvironmentId {
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

    fn begin_init(&mut self, now: SimTime, id: EnvironmentId, phase: InitPhase) {
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

    fn init_ends(&mut self, now: SimTime, id: EnvironmentId) {
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

    fn begin_invoke(&mut self, now: SimTime, id: EnvironmentId) {
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

    fn begin_handling(&mut self, now: SimTime, id: EnvironmentId) {
        let Some(environment) = self.pool.get(id) else {
            return;
        };
        let invocation = environment.invocation();
        if let Some(begun) = environment.begin_handling(&self.blueprint, now) {
            self.begun(id, invocation, begun, Happening::HandlerEnds(id));
        }
    }

    fn handler_ends(&mut self, now: SimTime, id: EnvironmentId) {
        let ended = self
            .pool
            .get(id)
            .and_then(|env| env.end_handling(&self.blueprint));
        if let Some(ended) = ended {
            self.invoke_ended(now, id, ended);
        }
    }

    /// A guest has run ahead of the clock: what it wrote and how it ended take their place in time.
    fn begun(
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

    fn invoke_ended(&mut self, now: SimTime, id: EnvironmentId, ended: InvokeEnded) {
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

    /// A run of the function is over: what does it mean for whoever waits for it?
    fn settle(&mut self, now: SimTime, invocation: InvocationId, response: &InvokeResponse) {
        let policy = RetryPolicy::of(&self.blueprint.config);
        let failed = response.function_error.is_some();
        let Some(story) = self.story(invocation) else {
            return;
        };
        let Some(event) = &mut story.queued else {
            self.answer(now, invocation, response);
            self.story_over(invocation);
            return;
        };
        if !failed {
            event.succeeded();
            self.story_over(invocation);
            return;
        }
        match event.failed(now, policy) {
            Next::Retry { attempt, due } => {
                self.trace.note(
                    now,
                    Event::RetryScheduled {
                        invocation,
                        attempt,
                        due,
                    },
                );
                self.kernel.at(due, Happening::Dequeue(invocation));
            }
            Next::Drop(reason) => {
                let attempts = event.attempts();
                self.trace.note(
                    now,
                    Event::Dropped {
                        invocation,
                        reason,
                        attempts,
                    },
                );
                self.story_over(invocation);
            }
        }
    }

    /// The caller gets an answer, if it is still there.
    fn answer(&mut self, now: SimTime, invocation: InvocationId, response: &InvokeResponse) {
        let Some(caller) = self.caller(invocation) else {
            return;
        };
        let Some(story) = self.story(invocation) else {
            return;
        };
        if let CallerState::Waiting(ticket) =
            std::mem::replace(&mut story.caller, CallerState::Gone)
        {
            if let Some(ticket) = ticket {
                self.kernel.cancel(ticket);
            }
            let view = caller.view(response);
            self.trace.note(now, Event::CallerSaw { invocation, view });
        }
    }

    /// The caller stops waiting. The function runs on, and is billed.
    fn caller_gives_up(&mut self, now: SimTime, invocation: InvocationId) {
        let Some(caller) = self.caller(invocation) else {
            return;
        };
        if let Some(story) = self.story(invocation) {
            story.caller = CallerState::Gone;
            let view = caller.timed_out();
            self.trace.note(now, Event::CallerSaw { invocation, view });
        }
    }

    fn expiry(&mut self, now: SimTime, id: EnvironmentId) {
        self.pool.remove_idle(id);
        if let Some(environment) = self.pool.get(id) {
            environment.shut_down();
            self.trace
                .note(now, Event::EnvironmentShutdown { environment: id });
        }
    }

    /// Nothing after this would be true.
    fn cut_off(&mut self, now: SimTime, id: EnvironmentId) {
        let reason = self.cut_offs.remove(&id).unwrap_or_default();
        self.trace.note(now, Event::CutOff { reason });
        self.trace.forget_ahead();
        self.stopped = true;
    }

    fn story_over(&mut self, invocation: InvocationId) {
        self.open = self.open.saturating_sub(1);
        let Some(story) = self.story(invocation) else {
            return;
        };
        // Nobody will ask for it again, and it can be megabytes.
        story.event = Rc::from([]);
        let next = story.request + 1;
        if let Some(Moment::AfterPrevious(span)) = self.requests.get(next).map(|next| next.when) {
            self.kernel.after(span, Happening::Arrival(next));
        }
    }

    fn story(&mut self, invocation: InvocationId) -> Option<&mut Story> {
        self.stories.get_mut(invocation.0 as usize)
    }

    fn caller(&self, invocation: InvocationId) -> Option<Rc<dyn super::caller::Caller>> {
        let story = self.stories.get(invocation.0 as usize)?;
        Some(Rc::clone(&self.requests.get(story.request)?.caller))
    }
}
