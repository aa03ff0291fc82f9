//! Puts what a host wants to the model, in the order that the model needs, and tells the host what came of it.
//!
//! A function is loaded first; what its acceptance would overwrite - trigger, event, settings - follows; then the run; then
//! the moment that is looked at. The driver holds no state of the page: it compares the model with what it saw last.

use super::report::{Finished, Status};
use super::{Changes, Code, Report, Request};
use crate::problem::Problem;
use crate::sim::SimTime;
use crate::ui::catalogue;
use crate::ui::model::{Model, Msg};

/// What waits, and what was seen.
#[derive(Debug, Default)]
pub struct Driver {
    /// What the author wrote, for going back to it.
    author: Option<Changes>,
    /// What follows once the function is there.
    waiting: Option<Waiting>,
    /// Where the cursor goes after the next run.
    at: Option<SimTime>,
    run_seen: u32,
    shown_seen: u32,
    state_seen: Option<(Status, SimTime, SimTime)>,
    link_seen: Option<String>,
    problems_seen: Vec<Problem>,
    /// How many links were asked for; they come in the order in which they were.
    links_asked: u32,
    /// Answers that wait for a link, by how many must have come.
    link_wanted: Vec<(u32, u64)>,
}

#[derive(Debug)]
struct Waiting {
    after: Vec<Msg>,
    run: bool,
}

impl Driver {
    /// Takes what is wanted. The first of it is what the author wrote.
    pub fn take(&mut self, changes: Changes, model: &Model) -> Vec<Msg> {
        if self.author.is_none() {
            self.author = Some(changes.clone());
        }
        self.apply(changes, model)
    }

    /// Back to what the author wrote.
    pub fn reset(&mut self, model: &Model) -> Vec<Msg> {
        let mut changes = self.author.clone().unwrap_or_default();
        changes.run |= model.run.shown.is_some();
        if changes.code.is_none() {
            changes.code = Some(first());
        }
        self.apply(changes, model)
    }

    fn apply(&mut self, changes: Changes, model: &Model) -> Vec<Msg> {
        let Changes {
            mut code,
            trigger,
            event,
            settings,
            at,
            speed,
            run,
        } = changes;
        self.at = at.or(self.at);
        let mut rest: Vec<Msg> = Vec::new();
        rest.extend(trigger.map(Msg::PickTrigger));
        rest.extend(event.map(Msg::EditEvent));
        rest.extend(settings.into_iter().map(Msg::Set));
        rest.extend(speed.map(Msg::SetSpeed));
        let function = &model.function;
        if code.is_none()
            && self.waiting.is_none()
            && function.current.is_none()
            && function.loading.is_none()
        {
            code = Some(first());
        }
        let Some(code) = code else {
            match &mut self.waiting {
                Some(waiting) => {
                    waiting.after.extend(rest);
                    waiting.run |= run;
                    return Vec::new();
                }
                None => {
                    if run {
                        rest.push(Msg::Run);
                    }
                    return rest;
                }
            }
        };
        // A link's requests are run as soon as they are there; Run would add one to them.
        let runs_itself = matches!(code, Code::Link(_));
        self.waiting = Some(Waiting {
            after: rest,
            run: run && !runs_itself,
        });
        vec![match code {
            Code::Link(link) => Msg::OpenLink(link),
            Code::Example(id) => Msg::ChooseExample(id),
            Code::File { name, bytes } => Msg::Upload { name, bytes },
            // Fetched by whoever holds the driver; what arrives here without it is a failure to fetch.
            Code::Beside(name) => Msg::UploadFailed {
                problem: Problem::error(
                    "embed.fetch",
                    "function",
                    "The function could not be fetched.",
                    "Check its address: it is relative to the playground's folder.",
                ),
                name,
            },
        }]
    }

    /// What a request comes to. Hello, themes and sets that need a fetch are the holder's.
    pub fn request(
        &mut self,
        id: Option<u64>,
        request: Request,
        model: &Model,
    ) -> (Vec<Msg>, Vec<Report>) {
        let mut msgs = Vec::new();
        let mut answer = id.map(Report::Done);
        match request {
            Request::Hello | Request::Theme(_) => {}
            Request::Set(changes) => msgs = self.take(*changes, model),
            Request::Run => match &mut self.waiting {
                Some(waiting) => waiting.run = true,
                None if model.can_run() || model.function.loading.is_some() => msgs.push(Msg::Run),
                None => {
                    let problem = cannot_run(model);
                    answer = id.map(|id| Report::Failed(id, problem));
                }
            },
            Request::Cancel => msgs.push(Msg::Cancel),
            Request::StartOver => msgs.push(Msg::StartOver),
            Request::Reset => msgs = self.reset(model),
            Request::Play if !model.playback.playing => msgs.push(Msg::TogglePlay),
            Request::Play => {}
            Request::Pause => msgs.push(Msg::Pause),
            // Before there is a run, it is where the cursor goes after it.
            Request::Seek(at) if model.run.shown.is_none() || model.run.pending.is_some() => {
                self.at = Some(at);
            }
            Request::Seek(at) => msgs.push(Msg::Seek(at)),
            Request::StepEvent(direction) => msgs.push(Msg::StepEvent(direction)),
            Request::StepAttempt(direction) => msgs.push(Msg::StepAttempt(direction)),
            Request::Speed(speed) => msgs.push(Msg::SetSpeed(speed)),
            Request::GetScenario if model.function.current.is_some() => {
                answer = None;
                msgs.extend(self.share(model));
                let number = self.links_asked;
                self.link_wanted.extend(id.map(|id| (number, id)));
            }
            Request::GetScenario => {
                let problem = Problem::error(
                    "embed.nothing",
                    "",
                    "There is no function yet, and so no scenario.",
                    "Ask again after ready, once a function is loaded.",
                );
                answer = id.map(|id| Report::Failed(id, problem));
            }
        }
        (msgs, answer.into_iter().collect())
    }

    /// What follows from the model as it is now; to be called after every change, until nothing follows.
    pub fn follow(&mut self, model: &Model) -> Vec<Msg> {
        let mut msgs = Vec::new();
        let on_its_way = model.function.loading.is_some()
            || model.link.opening.is_some()
            || model.link.opened.is_some();
        if !on_its_way && let Some(waiting) = self.waiting.take() {
            msgs.extend(waiting.after);
            // A function that cannot run leaves the one before: that is not what was to be run.
            if waiting.run && model.function.rejected.is_none() {
                msgs.push(Msg::Run);
            }
            return msgs;
        }
        if model.run.pending.is_none()
            && !model.run.wanted
            && self.waiting.is_none()
            && model.run.shown.is_some()
            && let Some(at) = self.at.take()
        {
            msgs.push(Msg::Seek(at));
        }
        msgs
    }

    /// What the host has not been told yet.
    pub fn news(&mut self, model: &Model) -> Vec<Report> {
        let mut news = Vec::new();
        let problems = problems(model);
        for problem in &problems {
            if !self.problems_seen.contains(problem) {
                news.push(Report::Problem(problem.clone()));
            }
        }
        self.problems_seen = problems;
        if let Some(pending) = &model.run.pending
            && pending.run != self.run_seen
        {
            self.run_seen = pending.run;
            news.push(Report::Run(pending.run));
        }
        if let Some(shown) = &model.run.shown
            && shown.run != self.shown_seen
        {
            self.shown_seen = shown.run;
            news.push(Report::Finished(Box::new(Finished::of(shown))));
        }
        let state = state(model);
        if self.state_seen != Some(state) {
            self.state_seen = Some(state);
            let (status, now, end) = state;
            news.push(Report::State { status, now, end });
        }
        if let Some(link) = &model.link.made
            && self.link_seen.as_ref() != Some(link)
        {
            self.link_seen = Some(link.clone());
            news.push(Report::Change(link.clone()));
        }
        news.extend(self.answered(model));
        news
    }

    /// Asks for a link of the scenario as it is.
    pub fn share(&mut self, model: &Model) -> Option<Msg> {
        model.function.current.as_ref()?;
        self.links_asked += 1;
        Some(Msg::Share)
    }

    fn answered(&mut self, model: &Model) -> Vec<Report> {
        let Some(link) = &model.link.made else {
            return Vec::new();
        };
        let (due, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.link_wanted)
            .into_iter()
            .partition(|(number, _)| *number <= model.link.count);
        self.link_wanted = later;
        due.into_iter()
            .map(|(_, id)| Report::Scenario(id, link.clone()))
            .collect()
    }
}

/// What is shown when nothing is asked for.
fn first() -> Code {
    Code::Example(catalogue::FIRST.to_owned())
}

fn state(model: &Model) -> (Status, SimTime, SimTime) {
    let run = &model.run;
    let status = if model.engine.failed.is_some() {
        Status::Failed
    } else if run.pending.is_some() {
        Status::Running
    } else if model.function.loading.is_some() || model.link.opening.is_some() {
        Status::Loading
    } else if run.shown.is_some() {
        Status::Done
    } else if model.function.current.is_some() {
        Status::Idle
    } else {
        Status::Empty
    };
    let end = run
        .shown
        .as_ref()
        .map_or(SimTime::ZERO, |shown| shown.run_end);
    (status, model.playback.at, end)
}

/// Everything that is wrong at the moment, in the order of a scenario's way through the page.
pub fn problems(model: &Model) -> Vec<Problem> {
    let mut list = model.link.problems.clone();
    if let Some(rejected) = &model.function.rejected {
        list.extend(rejected.problems.iter().cloned());
    }
    list.extend(model.setup.event.error.clone());
    list.extend(model.setup.environment_problems.iter().cloned());
    list.extend(model.run.refused.iter().cloned());
    list.extend(model.engine.failed.clone());
    list
}

/// Why Run does nothing.
fn cannot_run(model: &Model) -> Problem {
    problems(model).into_iter().next().unwrap_or_else(|| {
        Problem::error(
            "embed.nothing",
            "",
            "There is no function to run.",
            "Set one first.",
        )
    })
}

#[cfg(test)]
#[path = "driver_tests.rs"]
mod tests;
