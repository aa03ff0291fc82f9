//! Which environment serves a request.
//!
//! One environment runs one invocation at a time. The most recently used idle one is taken, so that the others can expire;
//! when none is idle, one is made. There is no limit yet on how many.

use std::collections::VecDeque;

use super::environment::Environment;
use super::event::EnvironmentId;

/// All environments of one function, and which of them are idle.
#[derive(Default)]
pub struct Pool {
    environments: Vec<Environment>,
    /// The most recently used at the back.
    idle: VecDeque<EnvironmentId>,
}

impl Pool {
    /// Takes the idle environment that was used last.
    pub fn take_idle(&mut self) -> Option<EnvironmentId> {
        self.idle.pop_back()
    }

    /// An environment has nothing to do now.
    pub fn put_idle(&mut self, id: EnvironmentId) {
        self.idle.push_back(id);
    }

    /// An idle environment is ended.
    pub fn remove_idle(&mut self, id: EnvironmentId) {
        self.idle.retain(|idle| *idle != id);
    }

    /// The id of the environment that [`Pool::add`] will take next.
    pub fn next_id(&self) -> EnvironmentId {
        EnvironmentId(self.environments.len() as u32)
    }

    /// Takes in an environment made for [`Pool::next_id`].
    pub fn add(&mut self, environment: Environment) {
        debug_assert_eq!(environment.id(), self.next_id());
        self.environments.push(environment);
    }

    /// The environment with this id, which the pool gave out.
    pub fn get(&mut self, id: EnvironmentId) -> Option<&mut Environment> {
        self.environments.get_mut(id.0 as usize)
    }
}
