//! One execution of a state machine.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use serde_json::{Value, json};

use super::StateError;
use super::definition::{Kind, Machine, State, States};
use crate::sim::SimDuration;

mod end;
mod order;
mod work;

pub use order::{Order, TaskId, Thread, Timer};

/// Most bytes of a state's input or output.
const DATA_LIMIT: usize = 262_144;

/// Deepest nesting of data: what a parser of JSON takes, and a bound on recursion over it.
const DEPTH_LIMIT: usize = 127;

/// Most bytes of all inputs together: a loop that never waits would fill the memory. Our limit, not AWS's.
pub const KEPT_LIMIT: usize = 16 * 1024 * 1024;

/// Most entries of an execution's history, two for each state: what stops a loop that never waits.
const HISTORY_LIMIT: usize = 25_000;

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
    /// Bytes of data in the history so far.
    kept: usize,
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
            kept: 0,
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
        let weighed = weigh(&input);
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
        } else if let Err(error) = weighed.and_then(|size| self.keep(size)) {
            self.fail_line(id, error);
        } else {
            self.quick(id);
        }
    }

    /// Counts data that the history keeps.
    fn keep(&mut self, size: usize) -> Result<(), StateError> {
        self.kept = self.kept.saturating_add(size);
        if self.kept > KEPT_LIMIT {
            return Err(StateError::new(
                "Playground.TooMuchData",
                "This playground keeps 16 MB of an execution's data at most; AWS has no such limit.",
            ));
        }
        Ok(())
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

/// The bytes of a state's data, when it is neither too large nor nested too deeply.
fn weigh(data: &Value) -> Result<usize, StateError> {
    if deeper_than(data, DEPTH_LIMIT) {
        return Err(StateError::runtime("The data is nested too deeply."));
    }
    let size = data.to_string().len();
    if size > DATA_LIMIT {
        return Err(StateError::new(
            "States.DataLimitExceeded",
            "The state/task returned a result with a size exceeding the maximum number of bytes service limit.",
        ));
    }
    Ok(size)
}

fn deeper_than(data: &Value, levels: usize) -> bool {
    let Some(levels) = levels.checked_sub(1) else {
        return data.is_object() || data.is_array();
    };
    match data {
        Value::Object(members) => members.values().any(|value| deeper_than(value, levels)),
        Value::Array(list) => list.iter().any(|value| deeper_than(value, levels)),
        _ => false,
    }
}
