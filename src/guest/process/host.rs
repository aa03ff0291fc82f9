//! The host's end of the guest's imports: accounts for time, then does what was asked.

use std::rc::Rc;

use super::PhaseEnd;
use crate::guest::abi::call::{Arguments, Call, State};
use crate::guest::abi::imports::Binding;
use crate::guest::engine::{GuestAccess, Host, Stop, Value};
use crate::guest::meter::MeterCall;

/// What an instance's imports lead to.
pub struct ProcessHost {
    bindings: Rc<[Binding]>,
    /// What the host keeps for the process.
    pub state: State,
}

impl ProcessHost {
    /// A host for imports bound like this.
    pub fn new(bindings: Rc<[Binding]>, state: State) -> Self {
        Self { bindings, state }
    }

    /// What the guest did is accounted for before anything else happens, so clocks are exact, and what happens after the
    /// deadline does not happen.
    fn account(&mut self, guest: &mut dyn GuestAccess) -> Result<(), Stop> {
        let state = &mut self.state;
        let mut settled = state.account.settle(guest);
        if settled.is_ok() {
            settled = state.account.ask_watch();
        }
        settled.map_err(|end| state.stop(end))
    }
}

impl Host for ProcessHost {
    fn call(
        &mut self,
        import: usize,
        arguments: &[Value],
        guest: &mut dyn GuestAccess,
    ) -> Result<Option<Value>, Stop> {
        self.account(guest)?;
        let result = match self.bindings.get(import) {
            Some(Binding::Function(function)) => {
                self.state.charge(function.price)?;
                let state = &mut self.state;
                let result = (function.run)(&mut Call { guest, state }, &Arguments(arguments))?;
                // One call can be as much work as many slices.
                if let Err(end) = state.account.ask_watch() {
                    return Err(state.stop(end));
                }
                result
            }
            Some(Binding::Meter(MeterCall::Slice)) => None,
            Some(Binding::Meter(MeterCall::Grown)) => {
                if !self.state.memory.several {
                    let now = self.state.account.now();
                    self.state.memory.note(now, guest.memory_bytes());
                }
                None
            }
            Some(Binding::Meter(MeterCall::Stack)) => {
                return Err(self.state.stop(PhaseEnd::StackOverflow));
            }
            Some(Binding::Meter(MeterCall::Memory)) => {
                return Err(self.state.stop(PhaseEnd::OutOfMemory));
            }
            Some(Binding::Meter(MeterCall::Device)) => {
                let text = "the device has no memory left for the function's";
                return Err(self.state.stop(PhaseEnd::EngineFailed(text.to_owned())));
            }
            None => {
                let text = format!("the engine called import {import}, which there is not");
                return Err(self.state.stop(PhaseEnd::EngineFailed(text)));
            }
        };
        self.state.account.grant(guest);
        Ok(result)
    }
}
