//! States that are over: results, retries, catches, and failures that nobody takes.

use serde_json::Value;

use super::{Doing, Execution, Job, Order, TaskId, Thread};
use crate::sim::SimDuration;
use crate::trigger::states_language::StateError;

impl Execution {
    /// A branch or item is over.
    pub(super) fn joined(&mut self, id: u32, number: usize, output: Value) {
        let Some(line) = self.threads.get_mut(&id) else {
            return;
        };
        let Doing::Joining {
            results, pending, ..
        } = &mut line.doing
        else {
            return;
        };
        if let Some(slot) = results.get_mut(number) {
            *slot = Some(output);
        }
        if results.iter().all(Option::is_some) {
            let results: Vec<Value> = results.drain(..).flatten().collect();
            self.finished(id, Ok(Value::Array(results)));
        } else if !pending.is_empty() {
            self.agenda.push_back(Job::NextItem(id));
        }
    }

    /// A state's work is over: Retry and Catch, or the result.
    pub(super) fn finished(&mut self, id: u32, result: Result<Value, StateError>) {
        self.forget(id);
        let error = match result {
            Ok(result) => {
                let output = self.output(id, result);
                return self.result(id, output);
            }
            Err(error) => error,
        };
        self.failed(id, error);
    }

    /// ResultSelector, ResultPath.
    pub(super) fn output(&self, id: u32, result: Value) -> Result<Value, StateError> {
        let input = self
            .threads
            .get(&id)
            .map(|line| line.input.clone())
            .unwrap_or_default();
        self.with_state(id, |state, context| {
            let result = match &state.selector {
                Some(selector) => selector.fill(&result, context)?,
                None => result,
            };
            state.result.place(input, result)
        })
    }

    /// OutputPath, and on.
    pub(super) fn result(&mut self, id: u32, output: Result<Value, StateError>) {
        let output = output.and_then(|output| {
            self.with_state(id, |state, context| state.output.of(output, context))
        });
        match output {
            Ok(output) => self.leave(id, output),
            Err(error) => self.failed(id, error),
        }
    }

    pub(super) fn failed(&mut self, id: u32, error: StateError) {
        let Some(line) = self.threads.get_mut(&id) else {
            return;
        };
        let Some(state) = line.current().cloned() else {
            return;
        };
        let retrier = state
            .retry
            .iter()
            .position(|retrier| error.is_one_of(&retrier.errors));
        if let Some(at) = retrier
            && let (Some(retrier), Some(tries)) = (state.retry.get(at), line.tries.get_mut(at))
            && *tries < retrier.attempts
        {
            let gap = retrier.gap_ms(*tries);
            *tries += 1;
            line.attempt += 1;
            self.history += 2;
            let timer = self.wake(gap);
            if let Some(line) = self.threads.get_mut(&id) {
                line.doing = Doing::Retrying { timer };
            }
            self.orders.push(Order::Handled {
                thread: Thread(id),
                error,
                retry: Some(SimDuration::from_millis(gap)),
            });
            return;
        }
        let input = line.input.clone();
        let Some(catcher) = state
            .catch
            .iter()
            .find(|catcher| error.is_one_of(&catcher.errors))
        else {
            return self.fail_line(id, error);
        };
        match catcher.result.place(input, error.output()) {
            Ok(output) => {
                self.orders.push(Order::Handled {
                    thread: Thread(id),
                    error,
                    retry: None,
                });
                self.exited(id, &output);
                self.agenda
                    .push_back(Job::Enter(id, catcher.next.clone(), output));
            }
            Err(error) => self.fail_line(id, error),
        }
    }

    /// Nothing takes the error in this line: its parent fails with it.
    pub(super) fn fail_line(&mut self, id: u32, error: StateError) {
        match self.threads.get(&id).and_then(|line| line.parent) {
            None => self.fail_all(error),
            Some((parent, _)) => self.finished(parent, Err(error)),
        }
    }

    pub(super) fn fail_all(&mut self, error: StateError) {
        if self.over {
            return;
        }
        let ids: Vec<u32> = self.threads.keys().copied().collect();
        for id in ids {
            self.forget(id);
        }
        self.over = true;
        self.threads.clear();
        self.orders.push(Order::Failed(error));
    }

    /// Gives up what a line does: its task, and all below it.
    pub(super) fn forget(&mut self, id: u32) {
        let Some(line) = self.threads.get_mut(&id) else {
            return;
        };
        match std::mem::replace(&mut line.doing, Doing::Nothing) {
            Doing::Running { task, .. } => self.orders.push(Order::Forget(TaskId(task))),
            Doing::Joining { children, .. } => {
                for child in children {
                    self.forget(child);
                    self.threads.remove(&child);
                }
            }
            Doing::Nothing | Doing::Waiting { .. } | Doing::Retrying { .. } => {}
        }
    }
}
