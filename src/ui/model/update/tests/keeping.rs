//! What outlasts a visit, and what can be taken back: links, files, templates, undo.

use super::watching::after_three_tries;
use super::*;

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
