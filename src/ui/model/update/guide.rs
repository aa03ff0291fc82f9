//! Guides: opened, stepped through, left. A step moves the cursor and the selection as a visitor would.

use std::sync::Arc;

use super::super::guide::GuideState;
use super::super::jump::attempt_of;
use super::super::msg::{Effect, Guiding, Msg, Setting};
use super::super::{About, Model, Moment, Shown};
use super::clock;
use super::loading::choose_example;
use super::running::changed;
use crate::lambda::event::InvocationId;
use crate::problem::Problem;
use crate::session::desk::Question;
use crate::ui::attempts::AttemptId;
use crate::ui::catalogue;
use crate::ui::guide::{self, At, LINK, Step};
use crate::ui::trace::Entries;

/// Applies a message about guides.
pub(super) fn update(model: &mut Model, guiding: Guiding, effects: &mut Vec<Effect>) {
    match guiding {
        Guiding::Open(name) => open(model, &name, effects),
        Guiding::Step(direction) => {
            let step = match direction {
                1.. => model.guide.step.saturating_add(1),
                _ => model.guide.step.saturating_sub(1),
            };
            go(model, step, effects);
        }
        Guiding::To(step) => go(model, step, effects),
        Guiding::Close => {
            if model.guide.open.is_some() {
                model.guide = Arc::default();
                effects.push(Effect::Address(None));
            }
        }
    }
}

/// Whether a guide is over with this message: something else is opened.
fn ends_with(msg: &Msg) -> bool {
    match msg {
        Msg::ChooseExample(_) | Msg::Upload { .. } | Msg::OpenFile(_) | Msg::New => true,
        Msg::OpenLink(text) => !text.starts_with(LINK),
        _ => false,
    }
}

/// Leaves a guide for something else.
pub(super) fn leave_for(model: &mut Model, msg: &Msg, effects: &mut Vec<Effect>) {
    if model.guide.open.is_none() || !ends_with(msg) {
        return;
    }
    model.guide = Arc::default();
    // The address names already what is opened from it.
    if !matches!(msg, Msg::OpenLink(_)) {
        effects.push(Effect::Address(None));
    }
}

/// Opens a guide by its name in links.
pub(super) fn open(model: &mut Model, name: &str, effects: &mut Vec<Effect>) {
    let Some((found, step)) = guide::from_address(name) else {
        let problem = Problem::error(
            "guide.unknown",
            "",
            "The link names a guide that is not there.",
            "Choose one under Guides.",
        );
        effects.push(Effect::Announce(problem.to_string()));
        Arc::make_mut(&mut model.link).problems = vec![problem];
        // A page with a broken link is still a page.
        if model.function.current.is_none() && model.function.loading.is_none() {
            choose_example(model, catalogue::FIRST, effects);
        }
        return;
    };
    let here = model.guide.open == Some(found)
        && model.guide.own.is_some()
        && !model.guide.taken_over(&model.setup);
    if here {
        return go(model, step, effects);
    }
    model.guide = Arc::new(GuideState {
        open: Some(found),
        step,
        asks: true,
        awaits: true,
        ..GuideState::default()
    });
    effects.push(Effect::Address(Some(guide::to_address(found, step))));
    ask(model, effects);
}

/// Asks for the guide's scenario, once somebody listens.
pub(super) fn ask(model: &mut Model, effects: &mut Vec<Effect>) {
    let wanted = model.guide.open.filter(|_| model.guide.asks);
    if let Some(found) = wanted.filter(|_| model.desk.ready) {
        Arc::make_mut(&mut model.guide).asks = false;
        effects.push(Effect::Ask(Question::Compose(found.recipe())));
    }
}

/// Goes to a step; one that is not there becomes the nearest.
fn go(model: &mut Model, step: usize, effects: &mut Vec<Effect>) {
    let Some(found) = model.guide.open else {
        return;
    };
    let step = step.min(found.steps().len().saturating_sub(1));
    Arc::make_mut(&mut model.guide).step = step;
    effects.push(Effect::Address(Some(guide::to_address(found, step))));
    let memory = found.memory_at(step).map(Setting::Memory);
    if let Some(memory) = memory
        && Arc::make_mut(&mut model.setup).set(memory)
    {
        Arc::make_mut(&mut model.guide).awaits = true;
        changed(model, effects);
    } else {
        place(model);
    }
}

/// What a guide asked for is set up: the step's memory size is taken before it runs.
pub(super) fn prepare(model: &mut Model) {
    if let Some(found) = model.guide.open.filter(|_| model.guide.awaits)
        && let Some(memory) = found.memory_at(model.guide.step)
    {
        Arc::make_mut(&mut model.setup).set(Setting::Memory(memory));
    }
}

/// A run is shown: when the guide waits for it, the step is shown in it.
pub(super) fn shown(model: &mut Model) {
    if model.guide.open.is_none() || !model.guide.awaits {
        return;
    }
    let own = Arc::clone(&model.setup);
    let guide = Arc::make_mut(&mut model.guide);
    guide.awaits = false;
    guide.own.get_or_insert(own);
    place(model);
}

/// Puts cursor and selection where the step stands.
fn place(model: &mut Model) {
    let Some((step, shown)) = model.guide.current().zip(model.run.shown.clone()) else {
        return;
    };
    let moment = moment(step, &shown);
    let lost = moment.is_none();
    if model.guide.lost != lost {
        Arc::make_mut(&mut model.guide).lost = lost;
    }
    if let Some(moment) = moment {
        // Steps point at what is told of an invocation.
        let playback = Arc::make_mut(&mut model.playback);
        playback.about = About::Invocation;
        playback.folded = false;
        clock::open_at(model, &moment);
    }
}

/// Where a step stands in a run; none when what it waits for does not happen in it.
fn moment(step: &Step, shown: &Shown) -> Option<Moment> {
    let entries = &shown.entries;
    let (at, index) = match step.at {
        At::End => (shown.end, entries.len().saturating_sub(1)),
        at => {
            let index = at.position(entries.iter())?;
            (entries.get(index)?.at, index)
        }
    };
    let selected = match step.select {
        Some((request, attempt)) => Some(AttemptId {
            invocation: InvocationId(request.saturating_sub(1)),
            attempt,
        }),
        None => about(entries, index),
    };
    Some(Moment {
        at,
        selected,
        ..Moment::default()
    })
}

/// The try that an entry is about: its own, or that of the next entry which has one, or of the last.
fn about(entries: &Entries, index: usize) -> Option<AttemptId> {
    let after = entries.range(index, entries.len()).find_map(attempt_of);
    after.or_else(|| entries.iter().rev().find_map(attempt_of))
}

#[cfg(test)]
mod tests {
    use super::super::update;
    use super::*;
    use crate::guest::engine::Tier;
    use crate::scenario::ModuleHash;
    use crate::session::desk;
    use crate::session::protocol::{Command, Update};
    use crate::sim::{SimDuration, SimTime};
    use crate::ui::lived::{lived, scenario};
    use crate::ui::model::Jump;

    /// Applies a message; questions are answered, examples fetched and accepted, and runs are those of an event that fails
    /// three times.
    fn send(model: &mut Model, msg: Msg) -> Vec<Effect> {
        let mut left = Vec::new();
        for effect in update(model, msg) {
            let reply = match effect {
                Effect::Ask(question) => match desk::answer(question) {
                    Some(answer) => vec![Msg::Answered(answer)],
                    None => Vec::new(),
                },
                Effect::Fetch { token, .. } => vec![
                    Msg::Fetched {
                        token,
                        result: Ok(vec![0; 8]),
                    },
                    Msg::Worker(Update::Accepted {
                        token,
                        module: ModuleHash("ab".to_owned()),
                        report: Box::default(),
                        problems: Vec::new(),
                    }),
                ],
                Effect::Send(Command::Run { run, .. }) => vec![
                    Msg::Worker(Update::Entries {
                        run,
                        entries: lived(&scenario("s3", r#"{"Records":[]}"#, true)).to_vec(),
                    }),
                    Msg::Worker(Update::Finished {
                        run,
                        end: SimTime::ZERO,
                        real_us: 1,
                    }),
                ],
                Effect::After(_, msg) if matches!(*msg, Msg::Replay(_)) => vec![*msg],
                other => {
                    left.push(other);
                    Vec::new()
                }
            };
            for msg in reply {
                left.extend(send(model, msg));
            }
        }
        left
    }

    fn opened(link: &str) -> (Model, Vec<Effect>) {
        let mut model = Model::default();
        let link = Some(link.to_owned());
        let mut effects = send(&mut model, Msg::Mounted { link });
        let tier = Tier::Browser;
        effects.extend(send(&mut model, Msg::Worker(Update::Ready { tier })));
        effects.extend(send(&mut model, Msg::DeskReady));
        (model, effects)
    }

    fn addresses(effects: &[Effect]) -> Vec<Option<&str>> {
        let named = effects.iter().filter_map(|effect| match effect {
            Effect::Address(step) => Some(step.as_deref()),
            _ => None,
        });
        named.collect()
    }

    #[test]
    fn a_link_to_a_step_sets_up_runs_and_goes_there() {
        let (mut model, effects) = opened("guide=async-error.3");
        assert_eq!(addresses(&effects), [Some("async-error.3")]);
        assert_eq!(model.setup.trigger, "s3");
        assert!(model.setup.arrivals[0].payload.contains("poison"));
        let state = &model.guide;
        assert!(!state.awaits && !state.asks && !state.lost && state.own.is_some());
        // The third step stands where the event goes back to the queue for the first time.
        let first = model.playback.at;
        let shown = model.run.shown.clone().expect("a run is shown");
        let retry = crate::ui::guide::What::RetryScheduled;
        let wanted = At::Nth(retry, 1).position(shown.entries.iter());
        let entry = wanted.and_then(|position| shown.entries.get(position));
        assert_eq!(Some(first), entry.map(|entry| entry.at));
        // On, and back: the cursor goes both ways.
        let effects = send(&mut model, Msg::Guide(Guiding::Step(1)));
        assert_eq!(addresses(&effects), [Some("async-error.4")]);
        assert!(model.playback.at > first + SimDuration::from_secs(50));
        send(&mut model, Msg::Guide(Guiding::Step(-1)));
        assert_eq!(model.playback.at, first);
        // Beyond the ends there is nothing.
        for _ in 0..20 {
            send(&mut model, Msg::Guide(Guiding::Step(1)));
        }
        assert!(model.guide.is_last());
    }

    #[test]
    fn what_is_changed_is_the_visitors_and_the_guide_can_be_had_again() {
        let (mut model, _) = opened("guide=async-error");
        assert!(!model.guide.taken_over(&model.setup));
        send(&mut model, Msg::Jump(Jump::Error, 1));
        assert!(
            !model.guide.taken_over(&model.setup),
            "looking changes nothing"
        );
        send(&mut model, Msg::Set(Setting::Retries(0)));
        assert!(model.guide.taken_over(&model.setup));
        send(
            &mut model,
            Msg::Guide(Guiding::Open("async-error.2".to_owned())),
        );
        assert!(!model.guide.taken_over(&model.setup));
        assert_eq!(model.setup.config.maximum_retry_attempts, 2);
        assert_eq!(model.guide.step, 1);
    }

    #[test]
    fn a_step_sets_its_memory_and_going_back_takes_it_back() {
        let (mut model, _) = opened("guide=memory-is-cpu.3");
        // The link's step sets the size that holds there.
        assert_eq!(model.setup.config.memory.0, 1_769);
        send(&mut model, Msg::Guide(Guiding::To(0)));
        assert_eq!(model.setup.config.memory.0, 128);
        assert!(!model.guide.taken_over(&model.setup));
    }

    #[test]
    fn a_guide_ends_when_something_else_is_opened() {
        for msg in [
            Msg::ChooseExample("hello".to_owned()),
            Msg::New,
            Msg::OpenLink("1.nothing".to_owned()),
        ] {
            let (mut model, _) = opened("guide=tour");
            send(&mut model, msg);
            assert!(model.guide.open.is_none());
        }
        let (mut model, _) = opened("guide=tour");
        let effects = send(&mut model, Msg::Guide(Guiding::Close));
        assert_eq!(addresses(&effects), [None]);
        assert!(model.run.shown.is_some(), "what it set up stays");
    }

    #[test]
    fn a_guide_that_is_not_there_is_told_and_the_page_is_a_page() {
        let (model, _) = opened("guide=no-such");
        assert!(model.guide.open.is_none());
        assert_eq!(model.link.problems[0].code, "guide.unknown");
        assert!(model.function.current.is_some());
    }
}
