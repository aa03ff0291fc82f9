//! The page's behaviour without a page.

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
fn a_link_brings_back_the_scenario_and_runs_it() {
    let mut model = loaded();
    update(&mut model, Msg::Set(Setting::Memory(777)));
    update(&mut model, Msg::EditEvent("{\"a\":1}".to_owned()));
    update(&mut model, Msg::Share);
    let link = model.link.made.clone().unwrap();

    let mut other = Model::default();
    update(&mut other, Msg::Mounted { link: Some(link) });
    update(&mut other, Msg::DeskReady);
    let ready = Update::Ready {
        tier: Tier::Browser,
    };
    update(&mut other, Msg::Worker(ready));
    let token = other.function.token;
    let result = Ok(vec![0; 8]);
    update(&mut other, Msg::Fetched { token, result });
    assert_eq!(
        sent_runs(&update(&mut other, accepted_update(token))),
        [(1, 1)]
    );
    assert_eq!(other.setup.config.memory.0, 777);
    assert_eq!(other.setup.arrivals, {
        let mut setup = (*model.setup).clone();
        setup.arrive();
        setup.arrivals
    });
    assert!(other.link.problems.is_empty());
}

#[test]
fn a_broken_link_leaves_a_page_that_works() {
    let mut model = Model::default();
    let link = Some("1.!!!".to_owned());
    update(&mut model, Msg::Mounted { link });
    assert!(model.function.loading.is_none());
    update(&mut model, Msg::DeskReady);
    assert_eq!(model.link.problems[0].code, "link.broken");
    assert!(model.function.loading.is_some());
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
fn a_link_under_load_carries_what_was_sent_and_is_taken_whole() {
    let mut model = loaded();
    update(&mut model, Msg::Set(Setting::LoadKind(LoadKind::Burst)));
    update(&mut model, Msg::EditEvent("{\"sent\":1}".to_owned()));
    update(&mut model, Msg::Run);
    finish(&mut model);
    update(&mut model, Msg::EditEvent("{\"later\":1}".to_owned()));
    update(&mut model, Msg::Share);
    let text = model.link.made.clone().unwrap();
    let (shared, _) = link::from_link(&text).unwrap();
    assert_eq!(shared.scenario.traffic[0].payload, "{\"sent\":1}");

    update(&mut model, Msg::OpenLink(text));
    let token = model.function.token;
    let result = Ok(vec![0; 8]);
    update(&mut model, Msg::Fetched { token, result });
    update(&mut model, accepted_update(token));
    assert_eq!(model.link.problems, []);
    assert_eq!(model.setup.arrivals[0].payload, "{\"sent\":1}");

    // What the page cannot show is not dropped in silence.
    let mut more = shared.clone();
    more.scenario.arrivals = vec![Arrival::default()];
    update(&mut model, Msg::OpenLink(link::to_link(&more)));
    let token = model.function.token;
    let result = Ok(vec![0; 8]);
    update(&mut model, Msg::Fetched { token, result });
    update(&mut model, accepted_update(token));
    assert_eq!(model.link.problems[0].code, "link.partly");
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

/// A page that shows an S3 event whose three tries fail.
fn after_three_tries() -> Model {
    let mut model = loaded();
    update(&mut model, Msg::Run);
    let run = model.run.run;
    let trace = lived(&scenario("s3", r#"{"Records":[]}"#, true));
    let entries = trace.to_vec();
    update(&mut model, Msg::Worker(Update::Entries { run, entries }));
    finish(&mut model);
    model
}

#[test]
fn one_jumps_from_error_to_error_and_back() {
    let mut model = after_three_tries();
    update(&mut model, Msg::ToStart);
    let mut places = Vec::new();
    for _ in 0..5 {
        update(&mut model, Msg::Jump(Jump::Error, 1));
        let shown = model.run.shown.as_ref().unwrap();
        let id = shown.selected.unwrap();
        places.push((model.playback.at.as_nanos() / 1_000_000_000, id.attempt));
    }
    // There is no fourth error: the cursor stays.
    assert_eq!(
        places[..3].iter().map(|it| it.1).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert!(places[1].0 >= 60 && places[2].0 >= 180, "{places:?}");
    assert_eq!(places[2], places[4]);
    update(&mut model, Msg::Jump(Jump::ColdStart, -1));
    assert_eq!(model.playback.at.as_nanos() / 1_000_000_000, 0);
    let before = model.playback.at;
    update(&mut model, Msg::Jump(Jump::Throttle, 1));
    assert_eq!(model.playback.at, before);
}

#[test]
fn a_link_to_a_moment_opens_there() {
    let mut model = after_three_tries();
    update(&mut model, Msg::Share);
    let link = model.link.made.clone().unwrap();
    update(
        &mut model,
        Msg::OpenLink(format!("{link}&at=70000000000&try=1.2")),
    );
    let token = model.function.token;
    let result = Ok(vec![0; 8]);
    update(&mut model, Msg::Fetched { token, result });
    update(&mut model, accepted_update(token));
    let run = model.run.run;
    let entries = lived(&scenario("s3", r#"{"Records":[]}"#, true)).to_vec();
    update(&mut model, Msg::Worker(Update::Entries { run, entries }));
    finish(&mut model);
    assert_eq!(model.playback.at.as_nanos(), 70_000_000_000);
    let shown = model.run.shown.clone().unwrap();
    assert_eq!(shown.selected.unwrap().attempt, 2);
    // Only once: the next run is shown as ever.
    update(&mut model, Msg::Run);
    finish(&mut model);
    assert_eq!(model.link.moment, None);
}

#[test]
fn changes_are_undone_and_done_again() {
    let mut model = loaded();
    let memory = |model: &Model| model.setup.config.memory.0;
    let first = memory(&model);
    let trigger = model.setup.trigger.clone();
    for size in [300, 400, 500] {
        update(&mut model, Msg::Set(Setting::Memory(size)));
    }
    update(&mut model, Msg::PickTrigger("sqs".to_owned()));
    update(&mut model, Msg::Run);
    finish(&mut model);
    update(&mut model, Msg::Undo);
    // Without its request there is no run.
    assert!(model.setup.arrivals.is_empty() && model.run.shown.is_none());
    update(&mut model, Msg::Undo);
    assert_eq!(model.setup.trigger, trigger);
    // A pull along the slider is one change.
    update(&mut model, Msg::Undo);
    assert_eq!(memory(&model), first);
    assert!(!model.history.can_undo());
    update(&mut model, Msg::Undo);
    update(&mut model, Msg::Redo);
    assert_eq!(memory(&model), 500);
    update(&mut model, Msg::Redo);
    assert_eq!(model.setup.trigger, "sqs");
    assert_eq!(sent_runs(&update(&mut model, Msg::Redo)).len(), 1);
    assert!(!model.history.can_redo());
    // Whoever goes another way cannot do again what was undone.
    update(&mut model, Msg::Undo);
    update(&mut model, Msg::Set(Setting::Timeout(9)));
    assert!(!model.history.can_redo());
}

#[test]
fn what_is_set_up_is_kept_for_the_next_visit() {
    let mut model = loaded();
    let effects = update(&mut model, Msg::Set(Setting::Memory(777)));
    let keep = effects.into_iter().find_map(|effect| match effect {
        Effect::After(_, msg) if matches!(*msg, Msg::Keep(_)) => Some(*msg),
        _ => None,
    });
    // A change later the first is not the last any more.
    update(&mut model, Msg::Set(Setting::Memory(778)));
    assert!(update(&mut model, keep.expect("a reminder")).is_empty());
    let last = Msg::Keep(model.kept);
    let effects = update(&mut model, last);
    let link = effects.into_iter().find_map(|effect| match effect {
        Effect::Keep(link) => Some(link),
        _ => None,
    });
    let link = link.expect("a link");
    // Nothing was sent yet, and nothing is when the page is opened again.
    let (shared, _) = link::from_link(&link).unwrap();
    assert_eq!(shared.scenario.arrivals, []);
    assert_eq!(shared.draft.unwrap().event, model.setup.event.text);

    let mut next = Model::default();
    update(&mut next, Msg::Mounted { link: Some(link) });
    update(&mut next, Msg::DeskReady);
    let tier = Tier::Browser;
    update(&mut next, Msg::Worker(Update::Ready { tier }));
    let token = next.function.token;
    let result = Ok(vec![0; 8]);
    update(&mut next, Msg::Fetched { token, result });
    let effects = update(&mut next, accepted_update(token));
    assert_eq!(next.setup.config.memory.0, 778);
    assert_eq!(sent_runs(&effects), []);
}

#[test]
fn a_large_module_is_kept_beside_the_link_and_looked_for() {
    let mut model = loaded();
    let bytes = vec![7; link::MODULE_BYTES + 1];
    let name = "large.wasm".to_owned();
    update(&mut model, Msg::Upload { name, bytes });
    let token = model.function.token;
    update(&mut model, accepted_update(token));
    let last = Msg::Keep(model.kept);
    let effects = update(&mut model, last);
    let kept = effects.iter().any(|effect| {
        matches!(effect, Effect::KeepModule { module, bytes }
            if module.0 == "ab" && bytes.len() == link::MODULE_BYTES + 1)
    });
    assert!(kept);
    let link = effects.into_iter().find_map(|effect| match effect {
        Effect::Keep(link) => Some(link),
        _ => None,
    });
    let mut next = Model::default();
    update(&mut next, Msg::Mounted { link });
    let effects = update(&mut next, Msg::DeskReady);
    let wanted =
        |effect: &Effect| matches!(effect, Effect::FindModule { module, .. } if module.0 == "ab");
    assert!(effects.iter().any(wanted));
}

#[test]
fn a_scenarios_file_is_saved_and_opened_again() {
    let mut model = loaded();
    update(&mut model, Msg::Set(Setting::Memory(640)));
    update(&mut model, Msg::Run);
    finish(&mut model);
    let effects = update(&mut model, Msg::Save(FileKind::Scenario));
    let file = effects.into_iter().find_map(|effect| match effect {
        Effect::Save(file) => Some(file),
        _ => None,
    });
    let text = String::from_utf8(file.expect("a file").bytes).unwrap();
    update(&mut model, Msg::New);
    update(&mut model, Msg::OpenFile(text.clone()));
    let token = model.function.token;
    let result = Ok(vec![0; 8]);
    update(&mut model, Msg::Fetched { token, result });
    update(&mut model, accepted_update(token));
    assert_eq!(model.setup.config.memory.0, 640);
    assert_eq!(model.setup.arrivals.len(), 1);

    // A scenario without a function is of the one that is here.
    let bare = r#"{"version": 2, "function": {"memory": 1024}, "arrivals": []}"#;
    update(&mut model, Msg::OpenFile(bare.to_owned()));
    assert_eq!(model.setup.config.memory.0, 1_024);
    update(&mut model, Msg::Undo);
    assert_eq!(model.setup.config.memory.0, 640);
    // What is no scenario changes nothing, and says so.
    update(&mut model, Msg::OpenFile("hello".to_owned()));
    assert_eq!(model.link.problems[0].code, "file.broken");
    assert_eq!(model.setup.config.memory.0, 640);
}

#[test]
fn a_new_beginning_can_be_undone() {
    let mut model = loaded();
    update(&mut model, Msg::Set(Setting::Reserved(Some(3))));
    update(&mut model, Msg::Run);
    finish(&mut model);
    update(&mut model, Msg::New);
    assert_eq!(model.setup.config.reserved_concurrency, None);
    assert!(model.run.shown.is_none());
    update(&mut model, Msg::Undo);
    assert_eq!(model.setup.config.reserved_concurrency, Some(3));
    assert_eq!(model.setup.arrivals.len(), 1);
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

/// A page into which a function has been loaded that is too large for links.
fn loaded_large() -> Model {
    let mut model = loaded();
    let bytes = vec![7; link::MODULE_BYTES + 1];
    let name = "large.wasm".to_owned();
    update(&mut model, Msg::Upload { name, bytes });
    let token = model.function.token;
    update(&mut model, accepted_update(token));
    model
}

#[test]
fn a_link_says_where_a_large_function_is_kept_and_takes_no_other() {
    let mut model = loaded_large();
    let address = "mine/large.wasm".to_owned();
    update(&mut model, Msg::ShareFrom(Some(address.clone())));
    let link = model.link.made.clone().expect("a link");

    let mut next = Model::default();
    update(&mut next, Msg::Mounted { link: Some(link) });
    let effects = update(&mut next, Msg::DeskReady);
    let looks = |effect: &Effect| matches!(effect, Effect::FindModule { address: Some(at), .. } if *at == address);
    assert!(effects.iter().any(looks));
    let told = |model: &Model, code: &str| {
        let problem = model.link.problems.iter().find(|it| it.code == code);
        problem.map(ToString::to_string)
    };
    assert!(told(&next, "link.file").is_some_and(|text| text.contains(&address)));

    // Another file is taken as a function of its own, and the page says that it is not the link's.
    let upload = |model: &mut Model, module: &str| {
        let (name, bytes) = ("some.wasm".to_owned(), vec![1; 8]);
        update(model, Msg::Upload { name, bytes });
        let token = model.function.token;
        let accepted = Update::Accepted {
            token,
            module: ModuleHash(module.to_owned()),
            report: Box::default(),
            problems: Vec::new(),
        };
        update(model, Msg::Worker(accepted));
    };
    upload(&mut next, "cd");
    assert!(told(&next, "link.hash").is_some());
    assert!(next.link.opened.is_some());
    // The right one is what the link waits for.
    upload(&mut next, "ab");
    assert_eq!(
        (told(&next, "link.hash"), told(&next, "link.file")),
        (None, None)
    );
    assert!(next.link.opened.is_none());
    assert_eq!(next.setup.arrivals.len(), 1);
}

#[test]
fn a_template_sets_the_page_up_for_the_function_that_is_there() {
    let mut model = loaded();
    let template = "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      MemorySize: 1769\n      Events: {A: {Type: S3, Properties: {Bucket: !Ref B, Events: s3:ObjectRemoved:*}}}\n  B: {Type: AWS::S3::Bucket}\n";
    update(&mut model, Msg::OpenFile(template.to_owned()));
    assert_eq!(model.setup.config.memory, MemoryMb(1769));
    assert_eq!(model.setup.trigger, "s3");
    assert!(model.setup.event.text.contains("ObjectRemoved:Delete"));
    assert!(model.run.pending.is_some(), "it is run at once");
    let found = model.link.problems.iter().map(|it| it.code.as_str());
    assert!(
        !found.clone().any(|code| code == "link.partly"),
        "{:?}",
        model.link.problems
    );
}

#[test]
fn keys_go_from_bar_to_bar_and_from_lane_to_lane() {
    let mut model = after_three_tries();
    let point = |model: &mut Model, along, lanes| {
        let effects = update(model, Msg::Point { along, lanes });
        let mut told = effects.into_iter().filter_map(|effect| match effect {
            Effect::Announce(text) => Some(text),
            _ => None,
        });
        told.next().unwrap_or_default()
    };
    // It begins at what is selected: the last try.
    let first = point(&mut model, 1, 0);
    assert!(
        first.contains("Environment 1: Invocation 1, warm, try 3"),
        "{first}"
    );
    assert_eq!(point(&mut model, 1, 0), "");
    let before = point(&mut model, -1, 0);
    assert!(before.contains("try 2"), "{before}");
    let above = point(&mut model, 0, -1);
    assert!(above.starts_with("Event queue: "), "{above}");
    let above = point(&mut model, 0, -1);
    assert!(above.starts_with("Caller: "), "{above}");
    assert_eq!(point(&mut model, 0, -1), "");
    point(&mut model, 0, 1);
    let init = point(&mut model, 0, 1);
    assert!(init.starts_with("Environment 1: Init"), "{init}");
    point(&mut model, 1, 0);
    update(&mut model, Msg::SelectPointed);
    let selected = model.run.shown.as_ref().unwrap().selected.unwrap();
    assert_eq!(selected.attempt, 1);
    update(&mut model, Msg::Clear);
    assert_eq!(model.playback.pointed, None);
}

#[test]
fn the_inspector_tells_of_what_is_pressed_and_of_no_other_environment_after_a_selection() {
    let mut model = after_three_tries();
    let chosen = About::Environment(Some(EnvironmentId(0)));
    update(&mut model, Msg::ToggleInspector);
    update(&mut model, Msg::Inspect(chosen));
    assert_eq!(
        (model.playback.about, model.playback.folded),
        (chosen, false)
    );
    let first = model.run.shown.as_ref().unwrap().tries.get(0).unwrap().id;
    update(&mut model, Msg::Select(first));
    assert_eq!(model.playback.about, About::Environment(None));
    update(&mut model, Msg::Inspect(About::Queue));
    update(&mut model, Msg::StepAttempt(-1));
    assert_eq!(model.playback.about, About::Queue);
}

#[test]
fn a_lane_is_pinned_to_the_top_and_let_go() {
    let mut model = after_three_tries();
    // Nothing is pointed at: the lane of what is selected.
    update(&mut model, Msg::Pin(None));
    let environment = LaneKind::Environment(EnvironmentId(0));
    update(&mut model, Msg::Pin(Some(LaneKind::Queue)));
    assert_eq!(model.playback.pinned, [environment, LaneKind::Queue]);
    update(&mut model, Msg::Pin(Some(environment)));
    assert_eq!(model.playback.pinned, [LaneKind::Queue]);
    // What is no lane of this run cannot be pinned.
    let unknown = LaneKind::Environment(EnvironmentId(99));
    update(&mut model, Msg::Pin(Some(unknown)));
    assert_eq!(model.playback.pinned, [LaneKind::Queue]);
}

#[test]
fn a_stretch_fills_the_timeline_and_is_measured_no_more() {
    let mut model = after_three_tries();
    let end = model.run.shown.as_ref().unwrap().end;
    let half = SimTime::from_nanos(end.as_nanos() / 2);
    update(&mut model, Msg::Measure(Some((end, half))));
    update(&mut model, Msg::Enlarge);
    assert_eq!(model.playback.range, None);
    assert!(model.playback.zoom.scale > 1.0);
}

#[test]
fn a_requests_json_goes_to_the_clipboard_and_the_next_file_to_the_disk() {
    let mut model = after_three_tries();
    let kind = FileKind::Request(InvocationId(0));
    let effects = update(&mut model, Msg::Copy(kind));
    assert!(
        matches!(&effects[..], [Effect::Copy(file)] if file.bytes.starts_with(b"{")),
        "{effects:?}"
    );
    let effects = update(&mut model, Msg::Save(kind));
    assert!(matches!(&effects[..], [Effect::Save(_)]), "{effects:?}");
}

#[test]
fn a_mark_measures_up_to_the_clock_and_what_is_measured_is_framed() {
    let mut model = after_three_tries();
    update(&mut model, Msg::ToStart);
    update(&mut model, Msg::Mark);
    assert_eq!(model.playback.measured(), None);
    update(&mut model, Msg::Jump(Jump::Error, 1));
    let (from, to) = model.playback.measured().unwrap();
    assert_eq!((from, to), (SimTime::ZERO, model.playback.at));
    assert_eq!(model.playback.zoom.scale, 1.0);
    update(&mut model, Msg::Frame);
    let shown = model.run.shown.clone().unwrap();
    let zoom = model.playback.zoom;
    let axis = shown.axis(&model.playback.unfolded, zoom.axis_width());
    let window = zoom.window(&axis);
    let wide = axis.x(to) - axis.x(from);
    assert!(zoom.scale > 1.0 && wide > window.width * 0.6, "{zoom:?}");
    assert!(axis.x(from) >= window.left && axis.x(to) <= window.left + window.width);
    update(&mut model, Msg::ShowAll);
    assert_eq!(model.playback.zoom.scale, 1.0);
    // A second press at the same place takes the mark away.
    update(&mut model, Msg::Mark);
    update(&mut model, Msg::Mark);
    assert_eq!(model.playback.mark, None);
}

#[test]
fn the_run_before_stands_behind_with_room_on_the_axis() {
    let mut model = after_three_tries();
    let end = model.run.shown.as_ref().unwrap().end;
    update(&mut model, Msg::Set(Setting::Memory(2_048)));
    let change = model.run.change;
    update(&mut model, Msg::Replay(change));
    // The run after it is over much sooner.
    let run = model.run.run;
    let entries = lived(&scenario("direct", "{}", false)).to_vec();
    update(&mut model, Msg::Worker(Update::Entries { run, entries }));
    finish(&mut model);
    let before = model.run.baseline.clone().unwrap();
    assert!(before.lanes.len() == 3);
    let shown = model.run.shown.clone().unwrap();
    assert!(shown.end < end);
    let axis = |shown: &crate::ui::model::Shown| shown.axis(&Default::default(), 1_000.0).end();
    assert_eq!(axis(&shown), end);
    update(&mut model, Msg::DropBaseline);
    let shown = model.run.shown.clone().unwrap();
    assert_eq!(axis(&shown), shown.end);
}
