//! Where requests come from: what is the same for all requests of one origin is worked out once.

use std::rc::Rc;
use std::sync::Arc;

use super::routes::{Route, Routes};
use crate::lambda::caller::{Call, Caller, Client};
use crate::lambda::event::{CallerView, InvokeResponse, Outcome, Sent};
use crate::lambda::invoke;
use crate::sim::SimDuration;

/// One origin of requests.
pub(super) struct Sender {
    pub caller: Rc<dyn Caller>,
    pub client: Client,
    pub log_tail: bool,
    pub timeout: Option<SimDuration>,
    pub sent: Arc<Sent>,
    /// Where its requests go, when there is such a function.
    pub route: Option<Route>,
    /// A machine that gets its payload instead.
    pub machine: Option<u16>,
    /// Why the caller itself holds its requests back.
    pub held_back: Option<String>,
    /// Why none of its requests is let in.
    pub refusal: Option<Arc<InvokeResponse>>,
    /// What the caller made of the last answer: most answers of a load are the same one.
    seen_outcome: Option<(Arc<Outcome>, Arc<CallerView>)>,
    seen_response: Option<(Arc<InvokeResponse>, Arc<CallerView>)>,
    seen_accepted: Option<Arc<CallerView>>,
}

impl Sender {
    pub fn new(call: Call, seed: u64, routes: &Routes) -> Self {
        let Call {
            caller,
            payload,
            target,
            client,
            log_tail,
        } = call;
        let found = routes.find(target.function.as_deref(), target.qualifier.as_deref());
        let kind = caller.invocation_type();
        let (route, refusal) = match (found.route, invoke::admit(&payload, kind)) {
            (Ok(route), Ok(_)) => (Some(route), None),
            (Ok(route), Err(refusal)) => (Some(route), Some(refusal)),
            (Err(refusal), _) => (None, Some(refusal)),
        };
        // What goes to a machine never comes to Lambda's front end.
        let refusal = refusal.filter(|_| target.machine.is_none());
        let held_back = caller.holds_back();
        Self {
            client,
            log_tail,
            timeout: caller.timeout(),
            sent: Arc::new(Sent {
                seed,
                function: found.function,
                qualifier: found.qualifier,
                kind,
                trigger: caller.id().to_owned(),
                payload,
                repeats: None,
            }),
            caller,
            route,
            machine: target.machine,
            held_back,
            refusal: refusal.map(Arc::new),
            seen_outcome: None,
            seen_response: None,
            seen_accepted: None,
        }
    }

    /// What the caller makes of a run.
    pub fn view_outcome(&mut self, outcome: &Arc<Outcome>) -> Arc<CallerView> {
        if let Some((seen, view)) = &self.seen_outcome
            && Arc::ptr_eq(seen, outcome)
        {
            return Arc::clone(view);
        }
        let mut view = self.caller.view(&outcome.response);
        if let Some(tail) = &outcome.log_result {
            view.headers
                .push(("X-Amz-Log-Result".to_owned(), tail.clone()));
        }
        let view = Arc::new(view);
        self.seen_outcome = Some((Arc::clone(outcome), Arc::clone(&view)));
        view
    }

    /// What the caller makes of an answer without a run.
    pub fn view_response(&mut self, response: &Arc<InvokeResponse>) -> Arc<CallerView> {
        if let Some((seen, view)) = &self.seen_response
            && Arc::ptr_eq(seen, response)
        {
            return Arc::clone(view);
        }
        let view = Arc::new(self.caller.view(response));
        self.seen_response = Some((Arc::clone(response), Arc::clone(&view)));
        view
    }

    /// What the caller makes of the 202.
    pub fn view_accepted(&mut self, accepted: fn() -> InvokeResponse) -> Arc<CallerView> {
        if let Some(view) = &self.seen_accepted {
            return Arc::clone(view);
        }
        let view = Arc::new(self.caller.view(&accepted()));
        self.seen_accepted = Some(Arc::clone(&view));
        view
    }
}
