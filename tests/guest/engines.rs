//! What an engine can do wrong is told apart from what a guest does: it never passes for Lambda's behaviour.

use std::cell::RefCell;
use std::rc::Rc;

use lambda_playground::guest::engine::{
    CallError, Compiled, Engine, GuestAccess, Host, Instance, OutOfBounds, Stop, Tier, Value,
};
use lambda_playground::guest::meter::{MeterCall, MeteredModule};
use lambda_playground::guest::process::PhaseEnd;
use lambda_playground::guest::program::Program;

use crate::support::*;

/// How the engine misbehaves when the guest is called.
#[derive(Clone, Copy)]
enum Fault {
    Instantiate,
    Call,
    StopForNoReason,
    /// Calls the host's import of this number.
    Import(usize),
}

struct Faulty(Fault);

struct Running {
    fault: Fault,
    host: Rc<RefCell<dyn Host>>,
    memory: Memory,
}

struct Memory(i64);

impl Engine for Faulty {
    fn tier(&self) -> Tier {
        Tier::Interpreter
    }

    fn compile(&self, _: &MeteredModule) -> Result<Rc<dyn Compiled>, String> {
        Ok(Rc::new(Self(self.0)))
    }
}

impl Compiled for Faulty {
    fn instantiate(&self, host: Rc<RefCell<dyn Host>>) -> Result<Box<dyn Instance>, CallError> {
        match self.0 {
            Fault::Instantiate => Err(CallError::Engine("no memory".to_owned())),
            fault => Ok(Box::new(Running {
                fault,
                host,
                memory: Memory(0),
            })),
        }
    }
}

impl Instance for Running {
    fn call(&mut self, _: &str, _: &[Value]) -> Result<Option<Value>, CallError> {
        match self.fault {
            Fault::Import(import) => {
                match self.host.borrow_mut().call(import, &[], &mut self.memory) {
                    Ok(value) => Ok(value),
                    Err(Stop) => Err(CallError::Stopped),
                }
            }
            Fault::StopForNoReason => Err(CallError::Stopped),
            Fault::Instantiate | Fault::Call => Err(CallError::Engine("it broke".to_owned())),
        }
    }

    fn access(&mut self) -> &mut dyn GuestAccess {
        &mut self.memory
    }
}

impl GuestAccess for Memory {
    fn memory_bytes(&self) -> u64 {
        65_536
    }

    fn read(&self, _: u32, into: &mut [u8]) -> Result<(), OutOfBounds> {
        into.fill(0);
        Ok(())
    }

    fn write(&mut self, _: u32, _: &[u8]) -> Result<(), OutOfBounds> {
        Ok(())
    }

    fn gauge(&self) -> i64 {
        self.0
    }

    fn set_gauge(&mut self, gauge: i64) {
        self.0 = gauge;
    }

    fn set_page_limit(&mut self, _: i64) {}
}

#[test]
fn the_engines_faults_are_the_engines() {
    let device = MeterCall::ALL
        .iter()
        .position(|call| *call == MeterCall::Device);
    let cases = [
        (Fault::Instantiate, "no memory"),
        (Fault::Call, "it broke"),
        (Fault::StopForNoReason, "without being told"),
        (
            Fault::Import(device.unwrap()),
            "the device has no memory left",
        ),
        (Fault::Import(99), "import 99"),
    ];
    let module = wat::parse_str(handler(r#"(func (export "_initialize"))"#, "i64.const 0"));
    let module = module.unwrap();
    for (fault, words) in cases {
        let program = Program::prepare(&Faulty(fault), &module).unwrap();
        let report = Environment::of(program).start();
        match report.end {
            PhaseEnd::EngineFailed(text) => assert!(text.contains(words), "{text}"),
            other => panic!("{words}: {other:?}"),
        }
    }
}
