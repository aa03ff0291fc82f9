//! Jobs that a service gives to a function and whose end the function must report: CodePipeline actions, custom resources,
//! rule evaluations.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value;

use super::desk::{Desk, Ticket};
use crate::lambda::caller::Target;
use crate::lambda::event::{CallerView, Event, InvocationId, RequestId, ServiceNote, ServiceStep};
use crate::lambda::invoke;
use crate::lambda::machine::{Ended, Machine, Want};
use crate::sim::{SimDuration, SimTime};
use crate::trigger::Trigger;
use crate::trigger::callback::{Contract, End};

/// How long CodePipeline waits before it calls with a continuation token; AWS publishes no figure.
pub const CONTINUES_AFTER: SimDuration = SimDuration::from_secs(30);

/// How long a stack takes from a failure to its rollback; AWS publishes no figure.
pub const ROLLS_BACK_AFTER: SimDuration = SimDuration::from_secs(1);

/// All jobs of one trigger for one function.
pub(super) struct Jobs {
    trigger: &'static dyn Trigger,
    target: Target,
    desk: Rc<RefCell<Desk>>,
    jobs: BTreeMap<u32, Job>,
    /// Which job waits for which callback.
    waiting: BTreeMap<Ticket, u32>,
    /// When jobs must be looked at.
    due: BTreeSet<(SimTime, u32)>,
    /// Calls to come.
    later: Vec<Later>,
    next: u32,
}

struct Job {
    event: Value,
    callback: Ticket,
    /// When the first call was made of those that belong together.
    first: SimTime,
    /// How many calls came before.
    generation: u32,
    invocation: Option<InvocationId>,
}

struct Later {
    at: SimTime,
    event: Value,
    /// When the service began to count, where the count goes on.
    first: Option<SimTime>,
    generation: u32,
}

impl Jobs {
    pub fn new(trigger: &'static dyn Trigger, target: Target, desk: Rc<RefCell<Desk>>) -> Self {
        Self {
            trigger,
            target,
            desk,
            jobs: BTreeMap::new(),
            waiting: BTreeMap::new(),
            due: BTreeSet::new(),
            later: Vec::new(),
            next: 0,
        }
    }

    fn begin(
        &mut self,
        now: SimTime,
        payload: Arc<str>,
        event: Value,
        (first, generation): (SimTime, u32),
        wants: &mut Vec<Want>,
    ) {
        let Some(callback) = self.trigger.callback(&event) else {
            return;
        };
        let (callback, due) = {
            let mut desk = self.desk.borrow_mut();
            let callback = desk.open(callback, first);
            (callback, desk.due(callback))
        };
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        if let Some(due) = due {
            self.due.insert((due.max(now), number));
            wants.push(Want::Wake(due.max(now)));
        }
        wants.push(Want::Call {
            ticket: number,
            payload,
            kind: self.trigger.invocation_type(&event),
            target: self.target.clone(),
        });
        self.waiting.insert(callback, number);
        self.jobs.insert(
            number,
            Job {
                event,
                callback,
                first,
                generation,
                invocation: None,
            },
        );
    }

    /// Whether a job is over; if so, what comes of it.
    fn look(&mut self, now: SimTime, number: u32, wants: &mut Vec<Want>) {
        let Some(job) = self.jobs.get(&number) else {
            return;
        };
        let (end, due) = {
            let mut desk = self.desk.borrow_mut();
            (desk.end(job.callback, now), desk.due(job.callback))
        };
        let Some(end) = end else {
            if let Some(due) = due.filter(|due| *due > now) {
                self.due.insert((due, number));
                wants.push(Want::Wake(due));
            }
            return;
        };
        let Some(job) = self.forget(number) else {
            return;
        };
        let output = match &end.output {
            Value::Null => String::new(),
            output => output.to_string(),
        };
        let view = CallerView {
            status: None,
            headers: Vec::new(),
            body: output.clone(),
            ok: end.ok,
            explanation: format!("{}: {}", end.status, end.then),
        };
        if let Some(invocation) = job.invocation {
            let view = Arc::new(view);
            wants.push(Want::Tell(Event::CallerSaw { invocation, view }));
        }
        let step = ServiceStep::Over {
            ok: end.ok,
            status: end.status.clone(),
            output,
        };
        wants.push(self.told(job.invocation, step, end.then.clone()));
        self.follow_up(now, &job, &end, wants);
    }

    /// The call that follows from an end: a continuation, or a rollback.
    fn follow_up(&mut self, now: SimTime, job: &Job, end: &End, wants: &mut Vec<Want>) {
        let continues = self.trigger.callback(&job.event).map(|it| it.contract())
            == Some(Contract::CodePipeline);
        // A rollback is not rolled back: the stack stays as it is.
        if !continues && job.generation > 0 {
            return;
        }
        let Some(event) = self.trigger.follow_up(&job.event, end) else {
            return;
        };
        let (gap, first) = if continues {
            (CONTINUES_AFTER, Some(job.first))
        } else {
            (ROLLS_BACK_AFTER, None)
        };
        let at = now + gap;
        let step = ServiceStep::Retry {
            attempt: job.generation + 2,
            due: at,
        };
        let meaning = if continues {
            format!(
                "The function asked to be called again with its continuation token. (AWS does not publish after how long; \
                 the playground waits {gap}.) The 20 minutes of the action go on."
            )
        } else {
            "The stack undoes what it began: the function is called once more.".to_owned()
        };
        wants.push(self.told(job.invocation, step, meaning));
        wants.push(Want::Wake(at));
        self.later.push(Later {
            at,
            event,
            first,
            generation: job.generation + 1,
        });
    }

    fn forget(&mut self, number: u32) -> Option<Job> {
        let job = self.jobs.remove(&number)?;
        self.waiting.remove(&job.callback);
        self.due.retain(|(_, other)| *other != number);
        Some(job)
    }

    fn told(&self, invocation: Option<InvocationId>, step: ServiceStep, meaning: String) -> Want {
        let note = Box::new(ServiceNote {
            trigger: self.trigger.id().to_owned(),
            step,
            meaning,
        });
        Want::Tell(Event::Service { invocation, note })
    }
}

impl Machine for Jobs {
    fn id(&self) -> &str {
        self.trigger.id()
    }

    fn target(&self) -> Target {
        self.target.clone()
    }

    fn start(&mut self, _: SimTime, _: &mut Vec<Want>) {}

    fn put(&mut self, now: SimTime, payload: &Arc<str>, wants: &mut Vec<Want>) {
        let event = serde_json::from_str(payload).unwrap_or_default();
        self.begin(now, Arc::clone(payload), event, (now, 0), wants);
    }

    fn wake(&mut self, now: SimTime, wants: &mut Vec<Want>) {
        let (ripe, later): (Vec<Later>, Vec<Later>) = std::mem::take(&mut self.later)
            .into_iter()
            .partition(|later| later.at <= now);
        self.later = later;
        for Later {
            event,
            first,
            generation,
            ..
        } in ripe
        {
            let payload = Arc::from(event.to_string());
            let first = first.unwrap_or(now);
            self.begin(now, payload, event, (first, generation), wants);
        }
        let waiting = &self.waiting;
        let news = self
            .desk
            .borrow_mut()
            .news(now, |ticket| waiting.contains_key(&ticket));
        let mut looked: Vec<u32> = news
            .into_iter()
            .filter_map(|ticket| self.waiting.get(&ticket).copied())
            .collect();
        while let Some((_, number)) = self.due.first().filter(|(at, _)| *at <= now).copied() {
            self.due.pop_first();
            looked.push(number);
        }
        for number in looked {
            self.look(now, number, wants);
        }
    }

    fn called(
        &mut self,
        _: SimTime,
        ticket: u32,
        invocation: InvocationId,
        taken: bool,
        wants: &mut Vec<Want>,
    ) {
        let Some(job) = self.jobs.get_mut(&ticket) else {
            return;
        };
        job.invocation = Some(invocation);
        if !taken {
            return;
        }
        let until = self.desk.borrow().due(job.callback);
        let view = self.trigger.caller_view(&job.event, &invoke::accepted());
        let meaning = view.explanation.clone();
        wants.push(Want::Tell(Event::CallerSaw {
            invocation,
            view: Arc::new(view),
        }));
        wants.push(self.told(Some(invocation), ServiceStep::Waits { until }, meaning));
    }

    fn ended(
        &mut self,
        now: SimTime,
        ticket: u32,
        _: RequestId,
        end: Ended<'_>,
        wants: &mut Vec<Want>,
    ) {
        if let Ended::NotRun(response) = end {
            let Some(job) = self.forget(ticket) else {
                return;
            };
            self.desk.borrow_mut().close(job.callback);
            let view = self.trigger.caller_view(&job.event, response);
            let step = ServiceStep::GaveUp { attempts: 1 };
            wants.push(self.told(job.invocation, step, view.explanation.clone()));
            wants.extend(job.invocation.map(|invocation| {
                let view = Arc::new(view);
                Want::Tell(Event::CallerSaw { invocation, view })
            }));
            return;
        }
        let Some(job) = self.jobs.get(&ticket) else {
            return;
        };
        let failed = !matches!(end, Ended::Ran(outcome) if !outcome.failed());
        self.desk.borrow_mut().function_over(job.callback, failed);
        self.look(now, ticket, wants);
    }

    fn is_service(&self) -> bool {
        true
    }

    fn is_quiet(&self) -> bool {
        self.jobs.is_empty() && self.later.is_empty()
    }
}
