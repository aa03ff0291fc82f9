//! Embeds without a page: what a host asks for, and what comes of it.

use super::*;
use crate::guest::engine::Tier;
use crate::scenario::ModuleHash;
use crate::session::desk;
use crate::session::protocol::{Command, Update};
use crate::ui::model::update::update as update_only;
use crate::ui::model::{Effect, Setting};

/// A frame whose triggers' worker answers at once, and whose other worker is played by the test.
struct Frame {
    model: Model,
    driver: Driver,
    news: Vec<Report>,
    /// Requests of every scenario that was sent to be run, with the memory it ran with.
    runs: Vec<(usize, u32)>,
}

impl Frame {
    fn new() -> Self {
        let mut frame = Self {
            model: Model::default(),
            driver: Driver::default(),
            news: Vec::new(),
            runs: Vec::new(),
        };
        let tier = Tier::Browser;
        frame.send(Msg::MountedInFrame);
        frame.send(Msg::DeskReady);
        frame.send(Msg::Worker(Update::Ready { tier }));
        frame
    }

    fn update(&mut self, msg: Msg) {
        for effect in update_only(&mut self.model, msg) {
            match effect {
                Effect::Ask(question) => {
                    if let Some(answer) = desk::answer(question) {
                        self.update(Msg::Answered(answer));
                    }
                }
                Effect::Send(Command::Run { scenario, .. }) => {
                    let memory = scenario.function.memory.0;
                    self.runs.push((scenario.arrivals.len(), memory));
                }
                _ => {}
            }
        }
    }

    fn send(&mut self, msg: Msg) {
        self.update(msg);
        self.settle();
    }

    fn settle(&mut self) {
        loop {
            let msgs = self.driver.follow(&self.model);
            if msgs.is_empty() {
                break;
            }
            msgs.into_iter().for_each(|msg| self.update(msg));
        }
        self.news.extend(self.driver.news(&self.model));
    }

    fn set(&mut self, changes: Changes) {
        let msgs = self.driver.take(changes, &self.model);
        msgs.into_iter().for_each(|msg| self.update(msg));
        self.settle();
    }

    fn ask(&mut self, request: Request) -> Vec<Report> {
        let (msgs, answers) = self.driver.request(Some(1), request, &self.model);
        msgs.into_iter().for_each(|msg| self.update(msg));
        self.settle();
        answers
    }

    /// The function that is on its way arrives and can run.
    fn arrives(&mut self) {
        let token = self.model.function.token;
        if self
            .model
            .function
            .loading
            .as_ref()
            .is_some_and(|it| it.bytes.is_none())
        {
            let result = Ok(vec![0; 8]);
            self.send(Msg::Fetched { token, result });
        }
        self.send(Msg::Worker(Update::Accepted {
            token,
            module: ModuleHash("ab".to_owned()),
            report: Box::default(),
            problems: Vec::new(),
        }));
    }

    fn finishes(&mut self) {
        let (run, end) = (self.model.run.run, SimTime::from_nanos(1_000_000));
        self.send(Msg::Worker(Update::Finished {
            run,
            end,
            real_us: 5,
        }));
    }
}

fn example(id: &str) -> Option<Code> {
    Some(Code::Example(id.to_owned()))
}

#[test]
fn what_an_author_sets_comes_after_what_the_example_suggests_and_is_run_once() {
    let mut frame = Frame::new();
    frame.set(Changes {
        code: example("primes"),
        trigger: Some("sqs".to_owned()),
        event: Some("{\"mine\":1}".to_owned()),
        settings: vec![Setting::Memory(777)],
        run: true,
        ..Changes::default()
    });
    assert!(frame.runs.is_empty());
    frame.arrives();
    assert_eq!(frame.runs, [(1, 777)]);
    assert_eq!(frame.model.setup.arrivals[0].trigger, "sqs");
    assert_eq!(frame.model.setup.arrivals[0].payload, "{\"mine\":1}");
}

#[test]
fn a_trigger_without_an_event_is_run_with_its_sample() {
    let mut frame = Frame::new();
    frame.set(Changes {
        code: example("hello"),
        trigger: Some("s3".to_owned()),
        run: true,
        ..Changes::default()
    });
    frame.arrives();
    assert_eq!(frame.runs.len(), 1);
    assert!(frame.model.setup.arrivals[0].payload.contains("aws:s3"));
}

#[test]
fn a_frame_that_is_told_nothing_of_a_function_shows_the_first_example() {
    let mut frame = Frame::new();
    frame.set(Changes::default());
    let name = frame
        .model
        .function
        .loading
        .as_ref()
        .map(|it| it.name.clone());
    assert_eq!(
        name,
        catalogue::by_id(catalogue::FIRST).map(|it| it.title.clone())
    );
    frame.arrives();
    assert!(frame.runs.is_empty(), "only a run that was asked for");
}

#[test]
fn a_link_is_run_as_it_is_without_one_more_request() {
    let mut frame = Frame::new();
    frame.set(Changes {
        code: example("hello"),
        run: true,
        ..Changes::default()
    });
    frame.arrives();
    frame.finishes();
    frame.ask(Request::GetScenario);
    let link = frame.model.link.made.clone().unwrap();

    let mut other = Frame::new();
    other.set(Changes {
        code: Some(Code::Link(link)),
        settings: vec![Setting::Timeout(9)],
        run: true,
        ..Changes::default()
    });
    other.arrives();
    assert_eq!(other.runs.len(), 1);
    assert_eq!(other.model.setup.arrivals.len(), 1);
    assert_eq!(other.model.setup.config.timeout.0, 9);
}

#[test]
fn a_host_hears_of_a_run_once() {
    let mut frame = Frame::new();
    frame.set(Changes {
        run: true,
        ..Changes::default()
    });
    frame.arrives();
    frame.finishes();
    let told = |wanted: fn(&Report) -> bool| frame.news.iter().filter(|it| wanted(it)).count();
    assert_eq!(told(|it| matches!(it, Report::Run(1))), 1);
    assert_eq!(told(|it| matches!(it, Report::Finished(_))), 1);
    let states: Vec<Status> = frame
        .news
        .iter()
        .filter_map(|it| match it {
            Report::State { status, .. } => Some(*status),
            _ => None,
        })
        .collect();
    assert_eq!(
        states,
        [
            Status::Empty,
            Status::Loading,
            Status::Running,
            Status::Done
        ]
    );
}

#[test]
fn a_moment_that_was_asked_for_is_gone_to_after_the_run() {
    let mut frame = Frame::new();
    let at = SimTime::from_nanos(400_000);
    frame.set(Changes {
        run: true,
        at: Some(at),
        ..Changes::default()
    });
    frame.arrives();
    assert_eq!(frame.model.playback.at, SimTime::ZERO);
    frame.finishes();
    // The run of this test has no entries but its end, so that the way there is all that can be seen.
    assert_eq!(frame.model.playback.at, at);
    assert!(!frame.model.playback.playing);
}

#[test]
fn a_function_that_cannot_run_is_told_and_not_run() {
    let mut frame = Frame::new();
    frame.set(Changes {
        code: Some(Code::File {
            name: "cat.png".to_owned(),
            bytes: vec![1],
        }),
        run: true,
        ..Changes::default()
    });
    let token = frame.model.function.token;
    let problem = Problem::error("module.magic", "", "It is a picture.", "Bring a module.");
    frame.send(Msg::Worker(Update::Rejected {
        token,
        problems: vec![problem.clone()],
        report: None,
    }));
    assert!(frame.runs.is_empty());
    assert!(frame.news.contains(&Report::Problem(problem.clone())));
    assert_eq!(frame.ask(Request::Run), [Report::Failed(1, problem)]);
}

#[test]
fn settings_that_come_while_a_function_loads_wait_for_it() {
    let mut frame = Frame::new();
    frame.set(Changes {
        code: example("primes"),
        ..Changes::default()
    });
    frame.ask(Request::Set(Box::new(Changes {
        settings: vec![Setting::Memory(300)],
        ..Changes::default()
    })));
    frame.ask(Request::Run);
    frame.arrives();
    assert_eq!(frame.runs, [(1, 300)]);
}

#[test]
fn reset_brings_back_what_the_author_wrote() {
    let mut frame = Frame::new();
    frame.set(Changes {
        code: example("primes"),
        settings: vec![Setting::Memory(300)],
        ..Changes::default()
    });
    frame.arrives();
    frame.send(Msg::Set(Setting::Memory(5_000)));
    frame.send(Msg::EditEvent("{\"reader\":1}".to_owned()));
    frame.ask(Request::Reset);
    frame.arrives();
    assert_eq!(frame.model.setup.config.memory.0, 300);
    assert!(!frame.model.setup.event.text.contains("reader"));
}

#[test]
fn each_question_for_the_scenario_is_answered_with_the_link_of_its_time() {
    let mut frame = Frame::new();
    assert!(matches!(
        frame.ask(Request::GetScenario)[..],
        [Report::Failed(1, _)]
    ));
    frame.set(Changes::default());
    frame.arrives();
    assert_eq!(frame.ask(Request::GetScenario), []);
    let first = frame.model.link.made.clone().unwrap();
    assert!(frame.news.contains(&Report::Scenario(1, first.clone())));
    frame.news.clear();
    frame.send(Msg::Set(Setting::Memory(600)));
    frame.ask(Request::GetScenario);
    let second = frame.model.link.made.clone().unwrap();
    assert_ne!(first, second);
    assert_eq!(
        frame
            .news
            .iter()
            .filter(|it| matches!(it, Report::Scenario(..)))
            .count(),
        1
    );
    assert!(frame.news.contains(&Report::Change(second)));
}
