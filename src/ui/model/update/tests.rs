//! The page's behaviour without a page: functions, settings and runs.

mod keeping;
mod watching;

use super::loading::function_name;
use super::worker::REMINDER;
use super::{tune, update as update_only};
use crate::guest::describe::ModuleReport;
use crate::guest::engine::Tier;
use crate::lambda::config::MemoryMb;
use crate::lambda::event::{EnvironmentId, InvocationId};
use crate::problem::Problem;
use crate::scenario::ModuleHash;
use crate::scenario::{Arrival, Runs, link};
use crate::session::desk::{self, Answer, Question};
use crate::session::files::FileKind;
use crate::session::protocol::{Command, Update};
use crate::session::tune::{Measured, Point, Verdict};
use crate::sim::{SimDuration, SimTime};
use crate::ui::lived::{lived, scenario};
use crate::ui::model::{
    About, Asked, Effect, Ending, Jump, LoadKind, LoadRuns, Model, Msg, Part, Setting,
};
use crate::ui::order::Order;
use crate::ui::timeline::LaneKind;

/// Applies a message, and has questions about triggers answered at once.
fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = Vec::new();
    for effect in update_only(model, msg) {
        match effect {
            Effect::Ask(question) => {
                let answer = desk::answer(question).expect("the trigger exists");
                effects.extend(update(model, Msg::Answered(answer)));
            }
            other => effects.push(other),
        }
    }
    effects
}

fn accepted_update(token: u32) -> Msg {
    Msg::Worker(Update::Accepted {
        token,
        module: ModuleHash("ab".to_owned()),
        report: Box::default(),
        problems: Vec::new(),
    })
}

/// A page with a ready worker and the first example loaded.
fn loaded() -> Model {
    let mut model = Model::default();
    update(&mut model, Msg::Mounted { link: None });
    update(&mut model, Msg::DeskReady);
    update(
        &mut model,
        Msg::Worker(Update::Ready {
            tier: Tier::Browser,
        }),
    );
    let token = model.function.token;
    update(
        &mut model,
        Msg::Fetched {
            token,
            result: Ok(vec![0; 8]),
        },
    );
    update(&mut model, accepted_update(token));
    assert!(model.can_run());
    model
}

/// The first example comes by itself, perhaps after the visitor has begun.
#[test]
fn what_was_chosen_before_the_first_example_came_stays() {
    let mut model = Model::default();
    update(&mut model, Msg::Mounted { link: None });
    update(&mut model, Msg::DeskReady);
    let ready = Update::Ready {
        tier: Tier::Browser,
    };
    update(&mut model, Msg::Worker(ready));
    update(&mut model, Msg::PickTrigger("s3".to_owned()));
    update(&mut model, Msg::Set(Setting::Memory(512)));
    let token = model.function.token;
    let result = Ok(vec![0; 8]);
    update(&mut model, Msg::Fetched { token, result });
    update(&mut model, accepted_update(token));
    assert!(model.can_run());
    assert_eq!(model.setup.trigger, "s3");
    assert!(model.setup.event.text.contains("aws:s3"));
    assert_eq!(model.setup.config.memory.0, 512);
}

fn sent_runs(effects: &[Effect]) -> Vec<(u32, usize)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send(Command::Run { run, scenario, .. }) => {
                Some((*run, scenario.arrivals.len()))
            }
            _ => None,
        })
        .collect()
}

fn restarts(effects: &[Effect]) -> usize {
    effects
        .iter()
        .filter(|effect| matches!(effect, Effect::StartWorker(_)))
        .count()
}

fn finish(model: &mut Model) -> Vec<Effect> {
    let run = model.run.run;
    update(
        model,
        Msg::Worker(Update::Finished {
            run,
            end: SimTime::from_nanos(1_000_000),
            real_us: 5,
        }),
    )
}

#[test]
fn every_run_appends_a_request_and_replays_all() {
    let mut model = loaded();
    assert_eq!(sent_runs(&update(&mut model, Msg::Run)), [(1, 1)]);
    finish(&mut model);
    assert_eq!(sent_runs(&update(&mut model, Msg::Run)), [(2, 2)]);
    finish(&mut model);
    update(&mut model, Msg::StartOver);
    assert!(model.run.shown.is_none());
    assert_eq!(sent_runs(&update(&mut model, Msg::Run)), [(3, 1)]);
}

#[test]
fn a_run_pressed_too_early_is_made_up_for() {
    let mut model = Model::default();
    update(&mut model, Msg::Mounted { link: None });
    update(&mut model, Msg::DeskReady);
    assert!(sent_runs(&update(&mut model, Msg::Run)).is_empty());
    update(
        &mut model,
        Msg::Worker(Update::Ready {
            tier: Tier::Browser,
        }),
    );
    let token = model.function.token;
    update(
        &mut model,
        Msg::Fetched {
            token,
            result: Ok(vec![]),
        },
    );
    assert_eq!(
        sent_runs(&update(&mut model, accepted_update(token))),
        [(1, 1)]
    );
}

#[test]
fn a_changed_setting_replays_once_changes_pause() {
    let mut model = loaded();
    update(&mut model, Msg::Run);
    finish(&mut model);
    let effects = update(&mut model, Msg::Set(Setting::Memory(512)));
    assert!(sent_runs(&effects).is_empty());
    update(&mut model, Msg::Set(Setting::Memory(1_024)));
    assert!(sent_runs(&update(&mut model, Msg::Replay(1))).is_empty());
    assert_eq!(sent_runs(&update(&mut model, Msg::Replay(2))), [(2, 1)]);
}

#[test]
fn a_setting_without_requests_runs_nothing() {
    let mut model = loaded();
    let effects = update(&mut model, Msg::Set(Setting::Memory(512)));
    // It is kept and examined, and nothing runs.
    let later = |effect: &Effect| matches!(effect, Effect::After(_, msg) if matches!(**msg, Msg::Keep(_) | Msg::Examine(_)));
    assert!(effects.iter().all(later), "{effects:?}");
}

#[test]
fn a_run_in_progress_gives_way_by_a_new_worker_that_is_told_again() {
    let mut model = loaded();
    update(&mut model, Msg::Run);
    let effects = update(&mut model, Msg::Run);
    assert_eq!(restarts(&effects), 1);
    assert!(sent_runs(&effects).is_empty());
    let effects = update(
        &mut model,
        Msg::Worker(Update::Ready {
            tier: Tier::Browser,
        }),
    );
    assert!(matches!(
        effects.as_slice(),
        [
            Effect::Mark(_),
            Effect::Send(Command::Inspect {
                token: REMINDER,
                ..
            })
        ]
    ));
    assert_eq!(
        sent_runs(&update(&mut model, accepted_update(REMINDER))),
        [(2, 2)]
    );
}

#[test]
fn cancelling_keeps_the_trace_so_far_and_forgets_the_request() {
    let mut model = loaded();
    update(&mut model, Msg::Run);
    let run = model.run.run;
    let entry = crate::sim::Stamped {
        at: SimTime::ZERO,
        event: crate::lambda::event::Event::CutOff {
            reason: String::new(),
            patience: true,
        },
    };
    update(
        &mut model,
        Msg::Worker(Update::Entries {
            run,
            entries: vec![entry],
        }),
    );
    let effects = update(&mut model, Msg::Cancel);
    assert_eq!(restarts(&effects), 1);
    assert_eq!(
        model.run.shown.as_ref().map(|shown| shown.ending),
        Some(Ending::Cancelled)
    );
    assert!(model.setup.arrivals.is_empty());
    // The dead worker's last words are not heard.
    finish(&mut model);
    assert_eq!(
        model.run.shown.as_ref().map(|shown| shown.ending),
        Some(Ending::Cancelled)
    );
}

#[test]
fn a_rejected_file_leaves_the_function_as_it_was() {
    let mut model = loaded();
    update(
        &mut model,
        Msg::Upload {
            name: "cat.png".to_owned(),
            bytes: vec![1, 2],
        },
    );
    let token = model.function.token;
    let problem = Problem::error("module.magic", "byte 0x0", "Not a module.", "Take another.");
    update(
        &mut model,
        Msg::Worker(Update::Rejected {
            token,
            problems: vec![problem],
            report: Some(Box::<ModuleReport>::default()),
        }),
    );
    assert_eq!(
        model.function.rejected.as_ref().map(|it| it.name.as_str()),
        Some("cat.png")
    );
    assert!(model.can_run());
    assert_eq!(sent_runs(&update(&mut model, Msg::Run)), [(1, 1)]);
}

#[test]
fn a_broken_event_does_not_run() {
    let mut model = loaded();
    update(&mut model, Msg::EditEvent("{".to_owned()));
    assert!(!model.can_run());
    assert!(update(&mut model, Msg::Run).is_empty());
    update(&mut model, Msg::EditEvent("{}".to_owned()));
    assert_eq!(sent_runs(&update(&mut model, Msg::Run)), [(1, 1)]);
}

#[test]
fn a_sample_that_is_awaited_is_run_when_it_comes_and_an_older_one_is_not_taken() {
    let mut model = loaded();
    let asked = |effects: Vec<Effect>| {
        effects.into_iter().find_map(|effect| match effect {
            Effect::Ask(Question::Sample { ticket, .. }) => Some(ticket),
            _ => None,
        })
    };
    let first = asked(update_only(&mut model, Msg::PickTrigger("s3".to_owned()))).unwrap();
    let second = asked(update_only(
        &mut model,
        Msg::PickTrigger("direct".to_owned()),
    ))
    .unwrap();
    assert!(sent_runs(&update_only(&mut model, Msg::Run)).is_empty());
    let sample = |ticket, text: &str| {
        Msg::Answered(Answer::Sample {
            ticket,
            text: text.to_owned(),
            findings: Vec::new(),
            aside: Default::default(),
        })
    };
    assert!(sent_runs(&update_only(&mut model, sample(first, "{\"of\":\"s3\"}"))).is_empty());
    assert_eq!(
        sent_runs(&update_only(&mut model, sample(second, "{}"))),
        [(1, 1)]
    );
    assert_eq!(model.setup.arrivals[0].payload, "{}");
    assert_eq!(model.setup.arrivals[0].trigger, "direct");
}

#[test]
fn what_a_trigger_thinks_of_an_event_is_of_that_event() {
    let mut model = loaded();
    let finding = || vec![Problem::warning("event.value", "$.a", "Odd.", "Mend it.")];
    let checked = |ticket| {
        Msg::Answered(Answer::Checked {
            ticket,
            findings: finding(),
            aside: Default::default(),
        })
    };
    update_only(&mut model, Msg::EditEvent("{}".to_owned()));
    let Some(Asked::Check(old)) = model.setup.event.asked else {
        panic!("a check is wanted");
    };
    update_only(&mut model, Msg::EditEvent("{\"a\":1}".to_owned()));
    update_only(&mut model, checked(old));
    assert!(model.setup.event.findings.is_empty());
    update_only(&mut model, checked(old + 1));
    assert_eq!(model.setup.event.findings, finding());
}

#[test]
fn a_form_has_its_fields_as_soon_as_they_are_told() {
    let mut model = Model::default();
    assert!(model.setup.form.is_empty());
    update(&mut model, Msg::DeskReady);
    assert!(!model.setup.form.is_empty());
}

#[test]
fn a_ladder_is_told_size_by_size_and_is_of_what_was_set_up() {
    let mut model = loaded();
    let effects = update(&mut model, Msg::Tune);
    assert!(matches!(
        effects.as_slice(),
        [Effect::Send(Command::Tune { tune: 1, .. })]
    ));
    let measured = Measured {
        init: SimDuration::ZERO,
        duration: SimDuration::from_millis(1),
        billed_ms: 1,
        cost_picodollars: 1,
        verdict: Verdict::Answered,
    };
    let point = Point {
        memory: MemoryMb(128),
        cold: measured,
        warm: measured,
    };
    update(
        &mut model,
        Msg::Worker(Update::TunePoint { tune: 1, point }),
    );
    update(&mut model, Msg::Worker(Update::Tuned { tune: 1 }));
    assert!(!model.tuning.running);
    assert_eq!(model.tuning.points, [point]);
    let is_of = |model: &Model| model.tuning.is_of(&tune::scenario(model).unwrap());
    update(&mut model, Msg::Set(Setting::Memory(999)));
    assert!(is_of(&model), "the memory size is what the ladder varies");
    update(&mut model, Msg::Set(Setting::Timeout(9)));
    assert!(!is_of(&model));
}

#[test]
fn a_ladder_runs_the_function_itself_even_under_load() {
    let mut model = loaded();
    update(&mut model, Msg::Set(Setting::LoadKind(LoadKind::Burst)));
    update(&mut model, Msg::Set(Setting::LoadRuns(LoadRuns::Model)));
    let tuned = tune::scenario(&model).unwrap();
    assert_eq!(tuned.runs, Runs::Module);
    assert_eq!((tuned.arrivals.len(), tuned.traffic.len()), (1, 0));
}

#[test]
fn what_lambda_would_say_comes_to_the_settings_and_the_last_good_run_stays() {
    let mut model = loaded();
    update(&mut model, Msg::PickTrigger("sqs".to_owned()));
    update(&mut model, Msg::Run);
    finish(&mut model);
    let edit = |model: &mut Model, value: &str| {
        let setting = Setting::Edit {
            part: Part::Mapping,
            key: "BatchSize".to_owned(),
            value: value.to_owned(),
        };
        for effect in update(model, Msg::Set(setting)) {
            if let Effect::After(_, later) = effect
                && matches!(*later, Msg::Examine(_))
            {
                update(model, *later);
            }
        }
        let refused = model.setup.problems_of(Part::Mapping, &model.desk.problems);
        let refused = refused
            .into_iter()
            .filter(|(key, _)| *key == Some("BatchSize"));
        refused.map(|(_, it)| it.cause.clone()).collect::<Vec<_>>()
    };
    let said = edit(&mut model, "20000");
    assert_eq!(said.len(), 1);
    assert!(
        said[0].contains("Member must have value less than or equal to 10000"),
        "{said:?}"
    );
    let run = model.run.run;
    let problems = model.desk.problems.clone();
    update(&mut model, Msg::Worker(Update::Refused { run, problems }));
    assert!(model.run.shown.is_some());
    assert_eq!(model.setup.arrivals.len(), 1);
    assert_eq!(edit(&mut model, "5"), [""; 0]);
    // Letter by letter is one change; it is undone at once.
    assert_eq!(edit(&mut model, "50").len(), 0);
    update(&mut model, Msg::Undo);
    assert_eq!(model.setup.mappings.len(), 0);
}

#[test]
fn a_function_is_put_beside_another_and_a_link_carries_both() {
    let mut model = loaded();
    update(&mut model, Msg::AddLoaded);
    assert_eq!(model.setup.others[0].module, ModuleHash("ab".to_owned()));
    assert_eq!(model.setup.others[0].runs, Runs::Module);
    // Another is loaded beside it.
    update(
        &mut model,
        Msg::Upload {
            name: "mine.wasm".to_owned(),
            bytes: vec![1; 9],
        },
    );
    let token = model.function.token;
    let accepted = |token, module: &str| {
        Msg::Worker(Update::Accepted {
            token,
            module: ModuleHash(module.to_owned()),
            report: Box::default(),
            problems: Vec::new(),
        })
    };
    update(&mut model, accepted(token, "cd"));
    // A new worker is told of both before it is to run anything.
    let ready = || {
        Msg::Worker(Update::Ready {
            tier: Tier::Browser,
        })
    };
    let told = |effects: &[Effect]| {
        let inspected = effects.iter().filter_map(|effect| match effect {
            Effect::Send(Command::Inspect { token, bytes, .. }) => Some((*token, bytes.len())),
            _ => None,
        });
        inspected.collect::<Vec<_>>()
    };
    let effects = update(&mut model, ready());
    assert_eq!(told(&effects), [(REMINDER, 8), (REMINDER, 9)]);

    update(&mut model, Msg::Share);
    let link = model.link.made.clone().unwrap();
    let mut other = Model::default();
    update(&mut other, Msg::Mounted { link: Some(link) });
    update(&mut other, Msg::DeskReady);
    update(&mut other, ready());
    let token = other.function.token;
    let effects = update(&mut other, accepted(token, "cd"));
    let wanted = effects.iter().find_map(|effect| match effect {
        Effect::Fetch { token, .. } => Some(*token),
        _ => None,
    });
    let wanted = wanted.expect("the example of the further function is fetched");
    assert_eq!(sent_runs(&effects), [], "the run waits for it");
    let fetched = Msg::Fetched {
        token: wanted,
        result: Ok(vec![0; 8]),
    };
    assert_eq!(told(&update(&mut other, fetched)), [(wanted, 8)]);
    // The example has changed since the link was made: its module has another name now.
    let effects = update(&mut other, accepted(wanted, "ef"));
    assert_eq!(sent_runs(&effects).len(), 1);
    assert_eq!(other.setup.others[0].module, ModuleHash("ef".to_owned()));
    assert!(other.link.problems.is_empty(), "{:?}", other.link.problems);
}

#[test]
fn a_run_takes_the_worker_from_a_ladder() {
    let mut model = loaded();
    update(&mut model, Msg::Tune);
    let effects = update(&mut model, Msg::Run);
    assert_eq!(restarts(&effects), 1);
    assert!(!model.tuning.running);
}

#[test]
fn file_names_become_function_names() {
    for (file, name) in [
        ("my app.wasm", "my-app"),
        ("a.b.wasm", "a-b"),
        ("日本.wasm", "my-function"),
    ] {
        assert_eq!(function_name(file), name);
    }
}
