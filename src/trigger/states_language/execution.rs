//! One execution of a state machine.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use serde_json::{Value, json};

use super::StateError;
use super::choice::timestamp_ms;
use super::definition::{Kind, Machine, State, States, Wait};
use crate::sim::SimDuration;

/// Most bytes of a state's input or output.
const DATA_LIMIT: usize = 262_144;

/// Most entries of an execution's history, two for each state: what stops a loop that never waits.
const HISTORY_LIMIT: usize = 25_000;

/// A task of this execution, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskId(pub u32);

/// A wake-up that was asked for, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timer(pub u32);

/// The main line of an execution, or one branch of it, by number. The main line is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Thread(pub u32);

/// What is to be done, or has happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// A state begins, with this input.
    Entered {
        /// Where.
        thread: Thread,
        /// The state's name.
        state: String,
        /// Its raw input.
        input: Value,
    },
    /// A state is over, with this output.
    Exited {
        /// Where.
        thread: Thread,
        /// The state's name.
        state: String,
        /// Its output.
        output: Value,
    },
    /// Invoke the function, and say what came of it by [`Execution::task_over`].
    Invoke {
        /// Which task.
        task: TaskId,
        /// The state's name.
        state: String,
        /// The function, by name or ARN, as the definition says it.
        function: String,
        /// The event.
        event: Value,
        /// For .waitForTaskToken: the answer counts for nothing, [`Execution::callback`] does.
        token: Option<String>,
        /// 1 for the first try.
        attempt: u32,
    },
    /// Nobody waits for this task any more.
    Forget(TaskId),
    /// Call [`Execution::woken`] this long after now.
    Wake {
        /// With this.
        timer: Timer,
        /// When.
        after: SimDuration,
    },
    /// An error was retried or caught.
    Handled {
        /// Where.
        thread: Thread,
        /// The error.
        error: StateError,
        /// The next try comes after this; none when a Catch goes on.
        retry: Option<SimDuration>,
    },
    /// The execution succeeded.
    Succeeded(Value),
    /// The execution failed.
    Failed(StateError),
}

/// An execution between two events.
#[derive(Debug, Clone)]
pub struct Execution {
    /// Milliseconds since 1970 at its beginning.
    start_ms: i64,
    /// Milliseconds since 1970 at the event that is being played.
    now_ms: i64,
    /// Whether the machine reads the context object.
    reads_context: bool,
    /// Its input, where the machine reads it from the context object.
    input: Value,
    threads: BTreeMap<u32, Line>,
    next: u32,
    history: usize,
    over: bool,
    timeout: Option<u32>,
    orders: Vec<Order>,
    /// What comes next, in this order. States follow each other through here, not by recursion: a machine can go round for
    /// long without ever waiting.
    agenda: VecDeque<Job>,
}

#[derive(Debug, Clone)]
enum Job {
    /// A line enters a state.
    Enter(u32, String, Value),
    /// A Map begins its next item.
    NextItem(u32),
}

/// The main line or a branch.
#[derive(Debug, Clone)]
struct Line {
    states: Rc<States>,
    /// Whom it reports to: the thread and its own number there.
    parent: Option<(u32, usize)>,
    state: String,
    /// The state's raw input.
    input: Value,
    /// Index and value of a Map's item.
    item: Option<(usize, Value)>,
    /// Tries of each retrier.
    tries: Vec<u64>,
    attempt: u32,
    doing: Doing,
}

#[derive(Debug, Clone)]
enum Doing {
    Nothing,
    Waiting {
        timer: u32,
    },
    Retrying {
        timer: u32,
    },
    Running {
        task: u32,
        token: Option<String>,
        /// Whether the result is wrapped as lambda:invoke does.
        wrapped: bool,
        timeout: Option<u32>,
        heartbeat: Option<u32>,
    },
    Joining {
        results: Vec<Option<Value>>,
        /// Items of a Map that have not begun.
        pending: Vec<(usize, Value)>,
        children: Vec<u32>,
    },
}

impl Execution {
    /// Begins; the orders are what to do first.
    pub fn start(machine: &Machine, input: Value, start_ms: i64) -> (Self, Vec<Order>) {
        let mut execution = Self {
            start_ms,
            now_ms: start_ms,
            reads_context: machine.reads.0,
            input: if machine.reads.1 {
                input.clone()
            } else {
                Value::Null
            },
            threads: BTreeMap::new(),
            next: 0,
            history: 0,
            over: false,
            timeout: None,
            orders: Vec::new(),
            agenda: VecDeque::new(),
        };
        let states = Rc::clone(&machine.states);
        if let Some(seconds) = states.timeout {
            let timer = execution.wake(seconds.saturating_mul(1_000));
            execution.timeout = Some(timer);
        }
        execution.begin(states, None, input, None);
        let orders = execution.run();
        (execution, orders)
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// A task's function has answered or failed.
    pub fn task_over(
        &mut self,
        task: TaskId,
        result: Result<Value, StateError>,
        now_ms: i64,
    ) -> Vec<Order> {
        self.now_ms = now_ms;
        let Some((id, wrapped, by_token)) = self.threads.iter().find_map(|(id, line)| match &line
            .doing
        {
            Doing::Running {
                task: running,
                wrapped,
                token,
                ..
            } if *running == task.0 => Some((*id, *wrapped, token.is_some())),
            _ => None,
        }) else {
            return Vec::new();
        };
        match result {
            // With a token, only the callback counts.
            Ok(_) if by_token => {}
            Ok(answer) if wrapped => {
                let answer =
                    json!({"ExecutedVersion": "$LATEST", "Payload": answer, "StatusCode": 200});
                if let Some(line) = self.threads.get_mut(&id) {
                    line.doing = Doing::Nothing;
                }
                self.finished(id, Ok(answer));
            }
            result => {
                if let Some(line) = self.threads.get_mut(&id) {
                    line.doing = Doing::Nothing;
                }
                self.finished(id, result);
            }
        }
        self.run()
    }

    /// Somebody sent success or failure with a task token. Tokens that nobody waits for change nothing.
    pub fn callback(
        &mut self,
        token: &str,
        result: Result<Value, StateError>,
        now_ms: i64,
    ) -> Vec<Order> {
        self.now_ms = now_ms;
        if let Some(id) = self.waiting_for(token) {
            self.finished(id, result);
        }
        self.run()
    }

    /// Somebody sent a heartbeat with a task token.
    pub fn heartbeat(&mut self, token: &str) -> Vec<Order> {
        let Some(id) = self.waiting_for(token) else {
            return Vec::new();
        };
        let seconds = self
            .threads
            .get(&id)
            .and_then(|line| match &line.current()?.kind {
                Kind::Task { heartbeat, .. } => *heartbeat,
                _ => None,
            });
        if let Some(seconds) = seconds {
            let timer = self.wake(seconds.saturating_mul(1_000));
            if let Some(Line {
                doing: Doing::Running { heartbeat, .. },
                ..
            }) = self.threads.get_mut(&id)
            {
                *heartbeat = Some(timer);
            }
        }
        std::mem::take(&mut self.orders)
    }

    /// A wake-up's time has come. Those that nobody waits for any more change nothing.
    pub fn woken(&mut self, timer: Timer, now_ms: i64) -> Vec<Order> {
        self.now_ms = now_ms;
        if self.timeout == Some(timer.0) && !self.over {
            self.fail_all(StateError::new("States.Timeout", ""));
            return self.run();
        }
        let found = self.threads.iter().find_map(|(id, line)| {
            let what = match &line.doing {
                Doing::Waiting { timer: own } if *own == timer.0 => Woken::Wait,
                Doing::Retrying { timer: own } if *own == timer.0 => Woken::Retry,
                Doing::Running { timeout, .. } if *timeout == Some(timer.0) => {
                    Woken::Late("States.Timeout")
                }
                Doing::Running { heartbeat, .. } if *heartbeat == Some(timer.0) => {
                    Woken::Late("States.HeartbeatTimeout")
                }
                _ => return None,
            };
            Some((*id, what))
        });
        match found {
            None => {}
            Some((id, Woken::Wait)) => {
                let input = self
                    .threads
                    .get(&id)
                    .map(|line| line.input.clone())
                    .unwrap_or_default();
                let result = self.with_state(id, |state, context| state.input.of(input, context));
                self.result(id, result);
            }
            Some((id, Woken::Retry)) => self.work(id),
            Some((id, Woken::Late(error))) => self.finished(id, Err(StateError::new(error, ""))),
        }
        self.run()
    }

    fn waiting_for(&self, wanted: &str) -> Option<u32> {
        self.threads
            .iter()
            .find_map(|(id, line)| match &line.doing {
                Doing::Running {
                    token: Some(token), ..
                } if token == wanted => Some(*id),
                _ => None,
            })
    }

    /// Does what is on the agenda, and hands over the orders.
    fn run(&mut self) -> Vec<Order> {
        while let Some(job) = self.agenda.pop_front() {
            match job {
                Job::Enter(id, state, input) => self.enter(id, state, input),
                Job::NextItem(id) => self.next_item(id),
            }
        }
        std::mem::take(&mut self.orders)
    }

    fn number(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    fn wake(&mut self, after_ms: u64) -> u32 {
        let timer = self.number();
        self.orders.push(Order::Wake {
            timer: Timer(timer),
            after: SimDuration::from_millis(after_ms),
        });
        timer
    }

    /// Begins the main line or a branch.
    fn begin(
        &mut self,
        states: Rc<States>,
        parent: Option<(u32, usize)>,
        input: Value,
        item: Option<(usize, Value)>,
    ) -> u32 {
        let id = if parent.is_none() { 0 } else { self.number() };
        let start = states.start.clone();
        let line = Line {
            states,
            parent,
            state: String::new(),
            input: Value::Null,
            item,
            tries: Vec::new(),
            attempt: 1,
            doing: Doing::Nothing,
        };
        self.threads.insert(id, line);
        self.agenda.push_back(Job::Enter(id, start, input));
        id
    }

    fn enter(&mut self, id: u32, state: String, input: Value) {
        let Some(line) = self.threads.get_mut(&id) else {
            return;
        };
        line.state = state;
        line.attempt = 1;
        line.doing = Doing::Nothing;
        line.tries = vec![0; line.current().map_or(0, |state| state.retry.len())];
        let size = input.to_string().len();
        line.input = input.clone();
        let state = line.state.clone();
        self.orders.push(Order::Entered {
            thread: Thread(id),
            state,
            input,
        });
        self.history += 2;
        if self.history > HISTORY_LIMIT {
            self.fail_all(StateError::runtime(
                "The execution reached the maximum number of history events (25000).",
            ));
        } else if size > DATA_LIMIT {
            let error = StateError::new(
                "States.DataLimitExceeded",
                "The state/task returned a result with a size exceeding the maximum number of bytes service limit.",
            );
            self.fail_line(id, error);
        } else {
            self.quick(id);
        }
    }

    /// Does a state that takes no time; begins others.
    fn quick(&mut self, id: u32) {
        let Some(line) = self.threads.get(&id) else {
            return;
        };
        let Some(state) = line.current().cloned() else {
            return;
        };
        let input = line.input.clone();
        let context = self.context(id, None);
        let outcome = match &state.kind {
            Kind::Pass(result) => state
                .input
                .of(input.clone(), &context)
                .and_then(|effective| {
                    let result = match (result, &state.parameters) {
                        (Some(result), _) => result.clone(),
                        (None, Some(parameters)) => parameters.fill(&effective, &context)?,
                        (None, None) => effective,
                    };
                    let placed = state.result.place(input, result)?;
                    state.output.of(placed, &context)
                }),
            Kind::Choice { rules, default } => {
                let chosen = state.input.of(input, &context).and_then(|effective| {
                    for (rule, next) in rules {
                        if rule.holds(&effective, &context)? {
                            return Ok((next.clone(), effective));
                        }
                    }
                    default
                        .clone()
                        .map(|next| (next, effective))
                        .ok_or_else(|| {
                            StateError::new(
                                "States.NoChoiceMatched",
                                "No rule of the Choice holds, and it has no Default.",
                            )
                        })
                });
                return match chosen
                    .and_then(|(next, output)| Ok((next, state.output.of(output, &context)?)))
                {
                    Ok((next, output)) => {
                        self.exited(id, &output);
                        self.agenda.push_back(Job::Enter(id, next, output));
                    }
                    Err(error) => {
                        self.fail_line(id, error);
                    }
                };
            }
            Kind::Succeed => state
                .input
                .of(input, &context)
                .and_then(|data| state.output.of(data, &context)),
            Kind::Fail { error, cause } => {
                self.fail_line(id, StateError::new(error, cause.clone()));
                return;
            }
            _ => {
                self.work(id);
                return;
            }
        };
        match outcome {
            Ok(output) => self.leave(id, output),
            Err(error) => {
                self.fail_line(id, error);
            }
        }
    }

    /// The state is over: its output goes to the next one, or to whom the line reports.
    fn leave(&mut self, id: u32, output: Value) {
        self.exited(id, &output);
        let Some(line) = self.threads.get(&id) else {
            return;
        };
        if let Some(next) = line.current().and_then(|state| state.next.clone()) {
            self.agenda.push_back(Job::Enter(id, next, output));
            return;
        }
        match line.parent {
            None => {
                self.over = true;
                self.threads.clear();
                self.orders.push(Order::Succeeded(output));
            }
            Some((parent, number)) => {
                self.threads.remove(&id);
                self.joined(parent, number, output);
            }
        }
    }

    fn exited(&mut self, id: u32, output: &Value) {
        let state = self
            .threads
            .get(&id)
            .map(|line| line.state.clone())
            .unwrap_or_default();
        self.orders.push(Order::Exited {
            thread: Thread(id),
            state,
            output: output.clone(),
        });
    }

    /// Begins a state that takes time, or begins its task again.
    fn work(&mut self, id: u32) {
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

    fn invoke(&mut self, id: u32, state: &State) -> Result<(), StateError> {
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

    fn sleep(&mut self, id: u32, state: &State, wait: &Wait) -> Result<(), StateError> {
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

    fn branch(
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

    fn map(
        &mut self,
        id: u32,
        state: &State,
        items: Option<&super::path::Path>,
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

    fn join(&mut self, id: u32, count: usize, pending: Vec<(usize, Value)>) {
        if let Some(line) = self.threads.get_mut(&id) {
            line.doing = Doing::Joining {
                results: vec![None; count],
                pending,
                children: Vec::new(),
            };
        }
    }

    fn joins(&self, id: u32) -> bool {
        self.threads
            .get(&id)
            .is_some_and(|line| matches!(line.doing, Doing::Joining { .. }))
    }

    fn child(
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
    fn next_item(&mut self, id: u32) {
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

    /// A branch or item is over.
    fn joined(&mut self, id: u32, number: usize, output: Value) {
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
    fn finished(&mut self, id: u32, result: Result<Value, StateError>) {
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
    fn output(&self, id: u32, result: Value) -> Result<Value, StateError> {
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
    fn result(&mut self, id: u32, output: Result<Value, StateError>) {
        let output = output.and_then(|output| {
            self.with_state(id, |state, context| state.output.of(output, context))
        });
        match output {
            Ok(output) => self.leave(id, output),
            Err(error) => self.failed(id, error),
        }
    }

    fn failed(&mut self, id: u32, error: StateError) {
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
    fn fail_line(&mut self, id: u32, error: StateError) {
        match self.threads.get(&id).and_then(|line| line.parent) {
            None => self.fail_all(error),
            Some((parent, _)) => self.finished(parent, Err(error)),
        }
    }

    fn fail_all(&mut self, error: StateError) {
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
    fn forget(&mut self, id: u32) {
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

    fn with_state<T>(
        &self,
        id: u32,
        make: impl FnOnce(&State, &Value) -> Result<T, StateError>,
    ) -> Result<T, StateError> {
        let context = self.context(id, None);
        match self.threads.get(&id).and_then(Line::current) {
            Some(state) => make(state, &context),
            None => Err(StateError::runtime("The execution is over.")),
        }
    }

    /// The context object, `$$`.
    fn context(&self, id: u32, token: Option<&str>) -> Value {
        if !self.reads_context {
            return Value::Null;
        }
        let line = self.threads.get(&id);
        let mut context = json!({
            "Execution": {
                "Id": "arn:aws:states:us-east-1:123456789012:execution:my-state-machine:execution-1",
                "Input": self.input,
                "Name": "execution-1",
                "StartTime": super::super::ids::iso_8601(self.start_ms),
            },
            "State": {"Name": line.map(|line| line.state.as_str())},
            "StateMachine": {"Name": "my-state-machine"},
        });
        if let Some(members) = context.as_object_mut() {
            if let Some(token) = token {
                members.insert("Task".to_owned(), json!({"Token": token}));
            }
            if let Some((index, value)) = line.and_then(|line| line.item.as_ref()) {
                members.insert(
                    "Map".to_owned(),
                    json!({"Item": {"Index": index, "Value": value}}),
                );
            }
        }
        context
    }
}

impl Line {
    fn current(&self) -> Option<&State> {
        self.states.states.get(&self.state)
    }
}

enum Woken {
    Wait,
    Retry,
    Late(&'static str),
}
