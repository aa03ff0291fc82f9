//! States that take time: tasks, waits, branches and items begin here.

use std::rc::Rc;

use serde_json::{Value, json};

use super::{Doing, Execution, Job, Line, Order, TaskId};
use crate::trigger::states_language::StateError;
use crate::trigger::states_language::choice::timestamp_ms;
use crate::trigger::states_language::definition::{Kind, State, States, Wait};
use crate::trigger::states_language::path::Path;

impl Execution {
    /// Begins a state that takes time, or begins its task again.
    pub(super) fn work(&mut self, id: u32) {
        let Some(line) = self.threads.get(&id) else {
            return;
        };
        let Some(state) = line.current().cloned() else {
            return;
        };
        let begun = match &state.kind {
            Kind::Task { .. } => self.invoke(id, &state),
            Kind::Wait(wait) => self.sleep(id, &state, wait),
            Kind::Parallel(branches) => self.branch(id, &state, branches),
            Kind::Map {
                items, concurrency, ..
            } => self.map(id, &state, items.as_ref(), *concurrency),
            _ => Ok(()),
        };
        if let Err(error) = begun {
            self.finished(id, Err(error));
        }
    }

    pub(super) fn invoke(&mut self, id: u32, state: &State) -> Result<(), StateError> {
        let Kind::Task {
            resource,
            timeout,
            heartbeat,
        } = &state.kind
        else {
            return Ok(());
        };
        let task = self.number();
        let by_token = resource.ends_with(".waitForTaskToken");
        let token = by_token.then(|| format!("task-token-{task}"));
        let context = self.context(id, token.as_deref());
        let (input, name, attempt) = match self.threads.get(&id) {
            Some(line) => (line.input.clone(), line.state.clone(), line.attempt),
            None => return Ok(()),
        };
        let effective = state.input.of(input, &context)?;
        let filled = match &state.parameters {
            Some(parameters) => parameters.fill(&effective, &context)?,
            None => effective,
        };
        let wrapped = resource.starts_with("arn:aws:states:::lambda:invoke");
        let (function, event) = if wrapped {
            let function = filled
                .get("FunctionName")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let event = filled.get("Payload").cloned().unwrap_or_else(|| json!({}));
            (function.to_owned(), event)
        } else {
            (resource.clone(), filled)
        };
        let timeout = timeout.map(|seconds| self.wake(seconds.saturating_mul(1_000)));
        let heartbeat = heartbeat
            .filter(|_| by_token)
            .map(|seconds| self.wake(seconds.saturating_mul(1_000)));
        if let Some(line) = self.threads.get_mut(&id) {
            line.doing = Doing::Running {
                task,
                token: token.clone(),
                wrapped,
                timeout,
                heartbeat,
            };
        }
        self.orders.push(Order::Invoke {
            task: TaskId(task),
            state: name,
            function,
            event,
            token,
            attempt,
        });
        Ok(())
    }

    pub(super) fn sleep(&mut self, id: u32, state: &State, wait: &Wait) -> Result<(), StateError> {
        let context = self.context(id, None);
        let input = self
            .threads
            .get(&id)
            .map(|line| line.input.clone())
            .unwrap_or_default();
        let effective = state.input.of(input, &context)?;
        let now_ms = self.now_ms;
        let until = |time: i64| u64::try_from(time.saturating_sub(now_ms)).unwrap_or(0);
        let after_ms = match wait {
            Wait::Seconds(seconds) => seconds.saturating_mul(1_000),
            Wait::SecondsAt(path) => path
                .get(&effective, &context)?
                .as_u64()
                .filter(|seconds| *seconds <= 99_999_999)
                .ok_or_else(|| StateError::runtime("SecondsPath does not lead to a whole number."))?
                .saturating_mul(1_000),
            Wait::Until(time) => until(*time),
            Wait::UntilAt(path) => path
                .get(&effective, &context)?
                .as_str()
                .and_then(timestamp_ms)
                .map(until)
                .ok_or_else(|| StateError::runtime("TimestampPath does not lead to a time."))?,
        };
        let timer = self.wake(after_ms);
        if let Some(line) = self.threads.get_mut(&id) {
            line.doing = Doing::Waiting { timer };
        }
        Ok(())
    }

    pub(super) fn branch(
        &mut self,
        id: u32,
        state: &State,
        branches: &[Rc<States>],
    ) -> Result<(), StateError> {
        let context = self.context(id, None);
        let input = self
            .threads
            .get(&id)
            .map(|line| line.input.clone())
            .unwrap_or_default();
        let effective = state.input.of(input, &context)?;
        let filled = match &state.parameters {
            Some(parameters) => parameters.fill(&effective, &context)?,
            None => effective,
        };
        self.join(id, branches.len(), Vec::new());
        for (number, branch) in branches.iter().enumerate() {
            // An earlier branch may have failed already, and the whole state with it.
            if !self.joins(id) {
                break;
            }
            self.child(id, number, Rc::clone(branch), filled.clone(), None);
        }
        Ok(())
    }

    pub(super) fn map(
        &mut self,
        id: u32,
        state: &State,
        items: Option<&Path>,
        concurrency: usize,
    ) -> Result<(), StateError> {
        let context = self.context(id, None);
        let input = self
            .threads
            .get(&id)
            .map(|line| line.input.clone())
            .unwrap_or_default();
        let effective = state.input.of(input, &context)?;
        let list = match items {
            Some(path) => path.get(&effective, &context)?,
            None => effective,
        };
        let Value::Array(list) = list else {
            return Err(StateError::runtime("The items of a Map must be a list."));
        };
        if list.is_empty() {
            self.join(id, 0, Vec::new());
            self.finished(id, Ok(Value::Array(Vec::new())));
            return Ok(());
        }
        // The last comes first: items are taken from the end.
        let pending: Vec<(usize, Value)> = list.into_iter().enumerate().rev().collect();
        self.join(id, pending.len(), pending);
        for _ in 0..concurrency {
            self.agenda.push_back(Job::NextItem(id));
        }
        Ok(())
    }

    pub(super) fn join(&mut self, id: u32, count: usize, pending: Vec<(usize, Value)>) {
        if let Some(line) = self.threads.get_mut(&id) {
            line.doing = Doing::Joining {
                results: vec![None; count],
                pending,
                children: Vec::new(),
            };
        }
    }

    pub(super) fn joins(&self, id: u32) -> bool {
        self.threads
            .get(&id)
            .is_some_and(|line| matches!(line.doing, Doing::Joining { .. }))
    }

    pub(super) fn child(
        &mut self,
        id: u32,
        number: usize,
        states: Rc<States>,
        input: Value,
        item: Option<(usize, Value)>,
    ) {
        // Its number is known before it begins: it may be over at once.
        let child = self.next + 1;
        if let Some(Line {
            doing: Doing::Joining { children, .. },
            ..
        }) = self.threads.get_mut(&id)
        {
            children.push(child);
        }
        self.begin(states, Some((id, number)), input, item);
    }

    /// Begins the next item of a Map, if there is one.
    pub(super) fn next_item(&mut self, id: u32) {
        let Some(state) = self.threads.get(&id).and_then(Line::current).cloned() else {
            return;
        };
        let Kind::Map { processor, .. } = &state.kind else {
            return;
        };
        let (input, index, item) = match self.threads.get_mut(&id) {
            Some(Line {
                doing: Doing::Joining { pending, .. },
                input,
                ..
            }) => match pending.pop() {
                Some((index, item)) => {
                    let input = state.parameters.as_ref().map(|_| input.clone());
                    (input.unwrap_or_default(), index, item)
                }
                None => return,
            },
            _ => return,
        };
        let mut context = self.context(id, None);
        if let Some(members) = context.as_object_mut() {
            members.insert(
                "Map".to_owned(),
                json!({"Item": {"Index": index, "Value": item}}),
            );
        }
        let filled = match &state.parameters {
            None => Ok(item.clone()),
            Some(parameters) => state
                .input
                .of(input, &context)
                .and_then(|effective| parameters.fill(&effective, &context)),
        };
        match filled {
            Ok(input) => self.child(id, index, Rc::clone(processor), input, Some((index, item))),
            Err(error) => self.finished(id, Err(error)),
        }
    }
}
