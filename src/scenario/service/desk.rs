//! Where callbacks are waited for: what a guest calls comes here, at once, for the virtual time of the call.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::guest::process::outside::Reply;
use crate::sim::{SimDuration, SimTime};
use crate::trigger::callback::{Answer, Callback, Contract, End};

/// A callback that is or was waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket(usize);

/// All callbacks of a scenario.
#[derive(Default)]
pub(super) struct Desk {
    open: Vec<Waiting>,
    by_token: BTreeMap<(Contract, String), Vec<Ticket>>,
    /// Calls that were taken, by the time of their answers.
    news: BTreeSet<(SimTime, Ticket)>,
}

struct Waiting {
    callback: Callback,
    began: SimTime,
    /// When the call was answered that ended it: guests run ahead of the clock.
    ended: Option<SimTime>,
}

impl Desk {
    /// Waits for a callback.
    pub fn open(&mut self, callback: Callback, began: SimTime) -> Ticket {
        let ticket = Ticket(self.open.len());
        let key = (callback.contract(), callback.token().to_owned());
        self.by_token.entry(key).or_default().push(ticket);
        self.open.push(Waiting {
            callback,
            began,
            ended: None,
        });
        ticket
    }

    /// When somebody must look at it again.
    pub fn due(&self, ticket: Ticket) -> Option<SimTime> {
        let waiting = self.open.get(ticket.0)?;
        Some(waiting.began + waiting.callback.due()?)
    }

    /// How it ended, when it has by `now`.
    pub fn end(&mut self, ticket: Ticket, now: SimTime) -> Option<End> {
        let waiting = self.open.get_mut(ticket.0)?;
        waiting.callback.waited(now.since(waiting.began));
        let known = waiting.ended.is_none_or(|ended| ended <= now);
        waiting.callback.end().filter(|_| known).cloned()
    }

    /// The function's last try is over.
    pub fn function_over(&mut self, ticket: Ticket, failed: bool) {
        if let Some(waiting) = self.open.get_mut(ticket.0) {
            waiting.callback.function_over(failed);
        }
    }

    /// Nobody waits any more: later calls come too late.
    pub fn close(&mut self, ticket: Ticket) {
        if let Some(waiting) = self.open.get_mut(ticket.0) {
            waiting.callback.abandon();
        }
    }

    /// The calls for callbacks of `mine` whose answers were there by `now`, and that nobody has taken yet.
    pub fn news(&mut self, now: SimTime, mine: impl Fn(Ticket) -> bool) -> Vec<Ticket> {
        let found: Vec<_> = self
            .news
            .iter()
            .take_while(|(at, _)| *at <= now)
            .filter(|(_, ticket)| mine(*ticket))
            .copied()
            .collect();
        found
            .into_iter()
            .map(|item| {
                self.news.remove(&item);
                item.1
            })
            .collect()
    }

    /// A guest calls.
    pub fn answer(&mut self, at: SimTime, operation: &str, body: &str) -> Reply {
        let put = operation.strip_prefix("PUT ");
        let contract = match (put, Contract::of(operation)) {
            (Some("ResponseURL"), _) => Contract::CloudFormation,
            (Some(address), _) if address.contains("cloudformation-custom-resource-response") => {
                Contract::CloudFormation
            }
            (_, Some(contract)) => contract,
            _ => return Reply::unknown(operation),
        };
        let Ok(body) = serde_json::from_str::<Value>(body) else {
            if contract == Contract::CloudFormation {
                // The address is one of S3, which takes anything; CloudFormation then makes nothing of it.
                return self.resource(at, put.unwrap_or_default(), &Value::Null);
            }
            return Reply::refused(400, "SerializationException", "The body is not JSON.");
        };
        if contract == Contract::CloudFormation {
            return self.resource(at, put.unwrap_or_default(), &body);
        }
        let token = contract.token_in(&body).to_owned();
        let found = self.find(contract, token);
        self.tell(at, found, contract, operation, &body)
    }

    /// The one that still waits under this token, or the last that did.
    fn find(&self, contract: Contract, token: String) -> Option<Ticket> {
        let tickets = self.by_token.get(&(contract, token))?;
        let waits = |ticket: &&Ticket| {
            let waiting = self.open.get(ticket.0);
            waiting.is_some_and(|waiting| waiting.callback.end().is_none())
        };
        tickets.iter().find(waits).or(tickets.last()).copied()
    }

    /// An answer to a custom resource's request, by the id in its address; without one the answer's own id counts, or else
    /// it is for the request that was made last.
    fn resource(&mut self, at: SimTime, address: &str, body: &Value) -> Reply {
        let contract = Contract::CloudFormation;
        let numbered = || self.open.iter().enumerate().rev();
        let found = numbered()
            .find(|(_, it)| {
                it.callback.contract() == contract && address.contains(it.callback.token())
            })
            .map(|(index, _)| Ticket(index))
            .or_else(|| self.find(contract, contract.token_in(body).to_owned()))
            .or_else(|| {
                let mut waiting = numbered();
                waiting
                    .find(|(_, it)| {
                        it.callback.contract() == contract && it.callback.end().is_none()
                    })
                    .map(|(index, _)| Ticket(index))
            });
        let operation = contract.operations().first().copied().unwrap_or_default();
        self.tell(at, found, contract, operation, body);
        // S3 answers an upload with an empty body.
        Reply {
            status: 200,
            body: String::new(),
        }
    }

    fn tell(
        &mut self,
        at: SimTime,
        ticket: Option<Ticket>,
        contract: Contract,
        operation: &str,
        body: &Value,
    ) -> Reply {
        let answer = match ticket.and_then(|ticket| self.open.get_mut(ticket.0)) {
            Some(waiting) => {
                let elapsed = at.since(waiting.began);
                // An end that came before the call, by the clock, is no end by the call.
                let before = waiting.callback.end().is_some()
                    || waiting.callback.due().is_some_and(|due| elapsed >= due);
                let answer = waiting.callback.call(operation, body, elapsed);
                if !before && answer == Answer::Taken && waiting.callback.end().is_some() {
                    waiting.ended = Some(at);
                }
                answer
            }
            None => Callback::none(contract).call(operation, body, SimDuration::ZERO),
        };
        match answer {
            Answer::Taken => {
                self.news.extend(ticket.map(|ticket| (at, ticket)));
                Reply::taken()
            }
            Answer::Refused { exception, message } => Reply::refused(400, exception, &message),
        }
    }
}
