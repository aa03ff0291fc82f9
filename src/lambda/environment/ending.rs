//! The end of an Invoke phase: what Lambda makes of it.

use std::sync::Arc;

use super::terms::{Blueprint, InvokeEnded, Task};
use super::work::{self, Work};
use super::{Environment, Process, State, add, curve, without_answer};
use crate::guest::process::PhaseEnd;
use crate::lambda::billing::Terms;
use crate::lambda::event::{InvokeResponse, Origin, Outcome, ReportStatus, ResetReason, Usage};
use crate::lambda::function::Package;
use crate::lambda::model::ModelEnd;
use crate::lambda::{invoke, logs};

impl Environment {
    /// The handler has ended. None when none was running.
    pub fn end_handling(&mut self, blueprint: &Blueprint) -> Option<InvokeEnded> {
        let State::Handling(started, work) = std::mem::replace(&mut self.state, State::Between)
        else {
            return None;
        };
        let usage = work.usage(started);
        if let Some((_, so_far)) = &mut self.invoke {
            add(so_far, &usage);
        }
        match work {
            Work::Guest(report, origin) => {
                self.raise_memory(blueprint, &report);
                let began = self.invoke.map_or(started, |(began, _)| began);
                self.curve = curve(blueprint, &report, started, began);
                self.end_invoke(blueprint, report.end, false, origin)
            }
            Work::Model(_, end) => {
                self.raise_model_memory(blueprint);
                let injected = self.injected.take();
                let plain = self.init_duration.is_none()
                    && injected.is_none()
                    && self
                        .task
                        .is_some_and(|task| task.requests == 1 && !task.log_tail);
                let usual = blueprint.usual.as_ref().filter(|_| plain);
                if let Some(outcome) = usual.and_then(|u| u.get(end, self.provisioned.is_some())) {
                    let (_, total) = self.invoke.take()?;
                    return Some(InvokeEnded {
                        task: self.task.take()?,
                        duration: total.duration,
                        outcome: Arc::clone(outcome),
                        reset: None,
                    });
                }
                let injected = injected.filter(|_| end == ModelEnd::Done);
                let (end, origin) = match injected {
                    Some(injected) => (work::failed(injected), Origin::Drilled),
                    None => (end.phase_end(), Origin::Modelled),
                };
                self.end_invoke(blueprint, end, false, origin)
            }
        }
    }

    /// The Invoke phase ends with this: after the handler, or after a suppressed init that failed.
    pub fn end_invoke(
        &mut self,
        blueprint: &Blueprint,
        end: PhaseEnd,
        during_init: bool,
        origin: Origin,
    ) -> Option<InvokeEnded> {
        let config = &blueprint.config;
        let task = self.task.take()?;
        let (_, usage) = self.invoke.take()?;
        self.injected = None;
        let request_id = task.request_id(blueprint.seed);
        let (mut response, status) = invoke::outcome(
            &end,
            during_init,
            request_id,
            config.timeout,
            &blueprint.version,
        );
        if let (Package::Model(model), Origin::Modelled, false) =
            (&blueprint.package, origin, during_init)
            && let Some(own) = model.response(&end, &blueprint.version)
        {
            response = own;
        }
        let reset = (during_init || !end.is_alive()).then(|| {
            self.process = Process::None;
            match end {
                PhaseEnd::TimedOut => ResetReason::Timeout,
                _ => ResetReason::Crash,
            }
        });
        let mut outcome = self.outcome(blueprint, &task, end, &usage, response, status);
        outcome.origin = origin;
        if task.log_tail {
            let written = std::mem::take(&mut self.written);
            let report = outcome.report(usage.duration);
            outcome.log_result = Some(logs::tail_of(
                request_id,
                &blueprint.version,
                &written,
                &report,
            ));
        }
        Some(InvokeEnded {
            task,
            duration: usage.duration,
            outcome: Arc::new(outcome),
            reset,
        })
    }

    fn outcome(
        &mut self,
        blueprint: &Blueprint,
        task: &Task,
        end: PhaseEnd,
        usage: &Usage,
        response: InvokeResponse,
        status: Option<ReportStatus>,
    ) -> Outcome {
        Outcome {
            end: without_answer(end),
            response,
            status,
            init_duration: self.init_duration.take(),
            fuel: usage.fuel,
            cpu: usage.cpu,
            frozen: usage.frozen,
            waited: Some(usage.waited),
            memory_peak: self.memory_peak,
            memory: std::mem::take(&mut self.curve),
            terms: Terms {
                provisioned: self.provisioned.is_some(),
                ..Terms::of(&blueprint.config)
            },
            requests: task.requests,
            origin: Origin::Ran,
            log_result: None,
        }
    }
}
