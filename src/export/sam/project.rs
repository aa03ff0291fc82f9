//! A folder for AWS SAM: the template, the events, and the commands.

use std::collections::BTreeSet;

use super::{commands, write};
use crate::lambda::function_name::meant;
use crate::scenario::Scenario;

/// The most events that are written: those of a load are all alike, and so are most requests.
const MAX_EVENTS: usize = 50;

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectFile {
    /// Its path in the folder.
    pub path: String,
    /// Its content.
    pub text: String,
}

/// An event of the scenario, as a file.
pub(super) struct Event {
    /// The file.
    pub path: String,
    /// The event.
    pub text: String,
    /// The trigger.
    pub trigger: String,
    /// For which function; none for the first.
    pub function: Option<String>,
    /// For which version or alias.
    pub qualifier: Option<String>,
}

/// The whole folder.
pub fn files(scenario: &Scenario) -> Vec<ProjectFile> {
    let events = events(scenario);
    let mut files = vec![
        ProjectFile {
            path: "template.yaml".to_owned(),
            text: write::template(scenario),
        },
        ProjectFile {
            path: "commands.sh".to_owned(),
            text: commands::script(scenario, &events),
        },
    ];
    for function in scenario.functions() {
        let folder = write::folder(&function.config.name);
        files.push(ProjectFile {
            path: format!("{folder}/README.md"),
            text: format!(
                "# {}\n\nPut your code here: an executable called `bootstrap` for provided.al2023, or change Runtime and Handler in \
                 template.yaml.\nThe module that ran in the playground is WebAssembly; on AWS it needs a runtime such as Wasmtime \
                 within the bootstrap.\n",
                function.config.name
            ),
        });
    }
    files.extend(events.into_iter().map(|event| ProjectFile {
        path: event.path,
        text: event.text,
    }));
    files
}

fn events(scenario: &Scenario) -> Vec<Event> {
    let arrivals = scenario
        .arrivals
        .iter()
        .map(|it| (&it.trigger, &it.payload, &it.function, &it.qualifier));
    let loads = scenario
        .traffic
        .iter()
        .map(|it| (&it.trigger, &it.payload, &it.function, &it.qualifier));
    let mut seen = BTreeSet::new();
    let mut events = Vec::new();
    for (trigger, payload, function, qualifier) in arrivals.chain(loads) {
        if events.len() == MAX_EVENTS {
            break;
        }
        if !seen.insert((trigger, payload, function)) {
            continue;
        }
        let meant = meant(function.as_deref(), qualifier.as_deref());
        events.push(Event {
            path: format!(
                "events/{:02}-{}.json",
                events.len() + 1,
                write::folder(trigger)
            ),
            text: payload.clone(),
            trigger: trigger.clone(),
            function: meant.name.map(str::to_owned),
            qualifier: meant.qualifier.map(str::to_owned),
        });
    }
    events
}
