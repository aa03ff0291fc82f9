//! A state machine and its executions: Step Functions, as far as it calls functions.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value;

use super::desk::{Desk, Ticket};
use crate::lambda::caller::Target;
use crate::lambda::event::{
    CallerView, Event, InvocationId, InvocationType, RequestId, ServiceNote, ServiceStep,
};
use crate::lambda::machine::{Ended, Machine, Want};
use crate::lambda::{invoke, names};
use crate::sim::{SimTime, digest};
use crate::trigger::callback::Callback;
use crate::trigger::states_language::{
    Execution, Machine as StateMachine, Order, StateError, TaskId, Timer,
};
use crate::trigger::{Form, Trigger, execution_input, task_result};

/// Bytes of a state's input or output that are told.
const TOLD_BYTES: usize = 4_096;

/// A state machine.
pub(super) struct Workflow {
    trigger: &'static dyn Trigger,
    machine: StateMachine,
    settings: Form,
    target: Target,
    desk: Rc<RefCell<Desk>>,
    seed: u64,
    epoch_ms: i64,
    executions: BTreeMap<u32, Running>,
    /// Which task of which execution a call belongs to.
    calls: BTreeMap<u32, Call>,
    /// Task tokens that are waited for.
    tokens: BTreeMap<Ticket, Token>,
    /// Wake-ups; the second number keeps their order.
    timers: BTreeMap<(SimTime, u32), (u32, Timer)>,
    next: u32,
}

struct Running {
    execution: Execution,
    /// The last function that it called.
    last: Option<InvocationId>,
}

struct Call {
    execution: u32,
    task: TaskId,
    invocation: Option<InvocationId>,
}

struct Token {
    execution: u32,
    task: TaskId,
    /// As the execution knows it.
    name: String,
}

impl Workflow {
    pub fn new(
        trigger: &'static dyn Trigger,
        machine: StateMachine,
        settings: Form,
        target: Target,
        desk: Rc<RefCell<Desk>>,
        (seed, epoch_ms): (u64, i64),
    ) -> Self {
        Self {
            trigger,
            machine,
            settings,
            target,
            desk,
            seed,
            epoch_ms,
            executions: BTreeMap::new(),
            calls: BTreeMap::new(),
            tokens: BTreeMap::new(),
            timers: BTreeMap::new(),
            next: 0,
        }
    }

    fn number(&mut self) -> u32 {
        self.next = self.next.wrapping_add(1);
        self.next
    }

    fn now_ms(&self, now: SimTime) -> i64 {
        names::calendar_ms(self.epoch_ms, now)
    }

    /// Lets an execution go on, and does what it orders.
    fn go_on(
        &mut self,
        now: SimTime,
        id: u32,
        step: impl FnOnce(&mut Execution, i64) -> Vec<Order>,
        wants: &mut Vec<Want>,
    ) {
        let now_ms = self.now_ms(now);
        let Some(running) = self.executions.get_mut(&id) else {
            return;
        };
        let orders = step(&mut running.execution, now_ms);
        self.play(now, id, orders, wants);
    }

    fn play(&mut self, now: SimTime, id: u32, orders: Vec<Order>, wants: &mut Vec<Want>) {
        for order in orders {
            match order {
                Order::Entered { state, input, .. } => {
                    let meaning = format!("State {state} begins.");
                    let input = told(&input);
                    self.tell(id, ServiceStep::Entered { state, input }, meaning, wants);
                }
                Order::Exited { state, output, .. } => {
                    let meaning = format!("State {state} is over; its output goes on.");
                    let output = told(&output);
                    self.tell(id, ServiceStep::Exited { state, output }, meaning, wants);
                }
                Order::Invoke {
                    task,
                    function,
                    event,
                    token,
                    ..
                } => self.invoke(now, (id, task), &function, &event, token, wants),
                Order::Forget(task) => self.forget(id, task),
                Order::Wake { timer, after } => {
                    let at = now + after;
                    let number = self.number();
                    self.timers.insert((at, number), (id, timer));
                    wants.push(Want::Wake(at));
                }
                Order::Handled { error, retry, .. } => {
                    let meaning = match retry {
                        Some(gap) => format!(
                            "{} Retry takes it: the state is tried again after {gap}.",
                            error.cause
                        ),
                        None => format!(
                            "{} Catch takes it: the machine goes on elsewhere.",
                            error.cause
                        ),
                    };
                    let step = ServiceStep::Caught {
                        error: error.error,
                        retry: retry.map(|gap| now + gap),
                    };
                    self.tell(id, step, meaning, wants);
                }
                Order::Succeeded(output) => self.over(id, Ok(output), wants),
                Order::Failed(error) => self.over(id, Err(error), wants),
            }
        }
    }

    fn invoke(
        &mut self,
        now: SimTime,
        (execution, task): (u32, TaskId),
        function: &str,
        event: &Value,
        token: Option<String>,
        wants: &mut Vec<Want>,
    ) {
        let mut payload = event.to_string();
        if let Some(name) = token {
            let real = self.token();
            // The execution knows its tokens by short names; a function gets one that only it can have.
            payload = payload.replace(&format!("\"{name}\""), &format!("\"{real}\""));
            let callback = Callback::task_token(&real, None, None);
            let ticket = self.desk.borrow_mut().open(callback, now);
            let token = Token {
                execution,
                task,
                name,
            };
            self.tokens.insert(ticket, token);
        }
        let ticket = self.number();
        self.calls.insert(
            ticket,
            Call {
                execution,
                task,
                invocation: None,
            },
        );
        wants.push(Want::Call {
            ticket,
            payload: Arc::from(payload),
            kind: InvocationType::RequestResponse,
            target: self.function(function),
        });
    }

    /// A task token of the usual shape.
    fn token(&mut self) -> String {
        let number = u64::from(self.number());
        let part = |n: u64| digest(self.seed, n, number);
        let hex: String = [part(101), part(102), part(103)]
            .iter()
            .flatten()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("AQCEAAAAKgAAAAMAAAAAAAAAA{hex}")
    }

    /// Whom a definition means: the function itself, or one of the account by name or ARN.
    fn function(&self, named: &str) -> Target {
        if named.is_empty() || named.starts_with("${") {
            return self.target.clone();
        }
        let name = named
            .split_once(":function:")
            .map_or(named, |(_, name)| name);
        let (name, qualifier) = match name.split_once(':') {
            Some((name, qualifier)) => (name, Some(qualifier.to_owned())),
            None => (name, None),
        };
        Target {
            function: Some(name.to_owned()),
            qualifier,
            machine: None,
        }
    }

    fn forget(&mut self, execution: u32, task: TaskId) {
        self.calls
            .retain(|_, call| call.execution != execution || call.task != task);
        let mut desk = self.desk.borrow_mut();
        self.tokens.retain(|ticket, token| {
            let gone = token.execution == execution && token.task == task;
            if gone {
                desk.close(*ticket);
            }
            !gone
        });
    }

    fn over(&mut self, id: u32, end: Result<Value, StateError>, wants: &mut Vec<Want>) {
        let (ok, status, output, meaning) = match end {
            Ok(output) => (
                true,
                "SUCCEEDED".to_owned(),
                output.to_string(),
                "The execution succeeded with this output.".to_owned(),
            ),
            Err(error) => {
                let output =
                    serde_json::json!({"Error": error.error, "Cause": error.cause}).to_string();
                let meaning = format!(
                    "The execution failed with {}: neither Retry nor Catch took it, or a Fail state was reached.",
                    error.error
                );
                (false, "FAILED".to_owned(), output, meaning)
            }
        };
        let last = self.executions.get(&id).and_then(|running| running.last);
        if let Some(invocation) = last {
            let view = Arc::new(CallerView {
                status: None,
                headers: Vec::new(),
                body: output.clone(),
                ok,
                explanation: meaning.clone(),
            });
            wants.push(Want::Tell(Event::CallerSaw { invocation, view }));
        }
        let step = ServiceStep::Over { ok, status, output };
        self.tell(id, step, meaning, wants);
        self.executions.remove(&id);
        self.calls.retain(|_, call| call.execution != id);
        self.timers.retain(|_, (execution, _)| *execution != id);
    }

    fn tell(&self, id: u32, step: ServiceStep, meaning: String, wants: &mut Vec<Want>) {
        let invocation = self.executions.get(&id).and_then(|running| running.last);
        let note = Box::new(ServiceNote {
            trigger: self.trigger.id().to_owned(),
            step,
            meaning,
        });
        wants.push(Want::Tell(Event::Service { invocation, note }));
    }

    /// Somebody has called with a task token.
    fn heard(&mut self, now: SimTime, ticket: Ticket, wants: &mut Vec<Want>) {
        let Some(token) = self.tokens.get(&ticket) else {
            return;
        };
        let (execution, name) = (token.execution, token.name.clone());
        let end = self.desk.borrow_mut().end(ticket, now);
        match end {
            None => self.go_on(now, execution, |it, _| it.heartbeat(&name), wants),
            Some(end) => {
                self.tokens.remove(&ticket);
                let result = if end.ok {
                    Ok(end.output)
                } else {
                    let cause = end.output.as_str().unwrap_or_default();
                    Err(StateError::new(&end.status, cause))
                };
                self.go_on(
                    now,
                    execution,
                    |it, now_ms| it.callback(&name, result, now_ms),
                    wants,
                );
            }
        }
    }
}

impl Machine for Workflow {
    fn id(&self) -> &str {
        self.trigger.id()
    }

    fn target(&self) -> Target {
        self.target.clone()
    }

    fn start(&mut self, _: SimTime, _: &mut Vec<Want>) {}

    fn put(&mut self, now: SimTime, payload: &Arc<str>, wants: &mut Vec<Want>) {
        let event = serde_json::from_str(payload).unwrap_or_default();
        let input = execution_input(&self.settings, &event);
        let id = self.number();
        let (execution, orders) = Execution::start(&self.machine, input, self.now_ms(now));
        let running = Running {
            execution,
            last: None,
        };
        self.executions.insert(id, running);
        self.play(now, id, orders, wants);
    }

    fn wake(&mut self, now: SimTime, wants: &mut Vec<Want>) {
        let tokens = &self.tokens;
        let news = self
            .desk
            .borrow_mut()
            .news(now, |ticket| tokens.contains_key(&ticket));
        for ticket in news {
            self.heard(now, ticket, wants);
        }
        while let Some((key, (id, timer))) = self
            .timers
            .first_key_value()
            .filter(|((at, _), _)| *at <= now)
            .map(|(key, value)| (*key, *value))
        {
            self.timers.remove(&key);
            self.go_on(now, id, |it, now_ms| it.woken(timer, now_ms), wants);
        }
    }

    fn called(
        &mut self,
        _: SimTime,
        ticket: u32,
        invocation: InvocationId,
        _: bool,
        _: &mut Vec<Want>,
    ) {
        let Some(call) = self.calls.get_mut(&ticket) else {
            return;
        };
        call.invocation = Some(invocation);
        if let Some(running) = self.executions.get_mut(&call.execution) {
            running.last = Some(invocation);
        }
    }

    fn ended(
        &mut self,
        now: SimTime,
        ticket: u32,
        _: RequestId,
        end: Ended<'_>,
        wants: &mut Vec<Want>,
    ) {
        let Some(call) = self.calls.remove(&ticket) else {
            return;
        };
        let refusal;
        let response = match end {
            Ended::Ran(outcome) => Some(&outcome.response),
            Ended::NotRun(response) => Some(response),
            Ended::Throttled(reason) => {
                refusal = invoke::throttled(reason);
                Some(&refusal)
            }
            Ended::Refused | Ended::SystemError => None,
        };
        if let (Some(invocation), Some(response)) = (call.invocation, response) {
            let view = self.trigger.caller_view(&Value::Null, response);
            let view = Arc::new(view);
            wants.push(Want::Tell(Event::CallerSaw { invocation, view }));
        }
        let result = match response {
            Some(response) => task_result(response),
            None => Err(StateError::new(
                "Lambda.ServiceException",
                "Lambda failed; the function did not run.",
            )),
        };
        self.go_on(
            now,
            call.execution,
            |it, now_ms| it.task_over(call.task, result, now_ms),
            wants,
        );
    }

    fn is_service(&self) -> bool {
        true
    }

    fn is_quiet(&self) -> bool {
        self.executions.is_empty()
    }
}

/// A state's data as it is told: whole, or its beginning.
fn told(data: &Value) -> String {
    let mut text = data.to_string();
    let mut end = TOLD_BYTES;
    if text.len() > end {
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}
