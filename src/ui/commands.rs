//! Everything that can be asked of the page, by name: what the command palette lists and finds.
//!
//! A command is a message like any other, or a way to a place on the page. Only what can be done now is listed.

use super::catalogue;
use super::guide;
use super::model::{About, Jump, Msg, Setting, Speed};
use super::order::Order;
use super::words;
use crate::lambda::config::MemoryMb;
use crate::session::files::FileKind;
use crate::trigger::names::NAMES;

/// Sizes that are listed; any other is found by its number.
const SIZES: [u32; 9] = [128, 256, 512, 1_024, 1_769, 2_048, 3_008, 5_120, 10_240];

/// How much a key or a command enlarges the timeline.
pub const ENLARGED: f64 = 1.5;

/// What a command does.
#[derive(Debug, Clone)]
pub enum Act {
    /// Sends a message.
    Send(Msg),
    /// Goes to a fragment of the address, as a link does: Back comes back from it.
    Go(String),
    /// Opens a sheet.
    Open(Sheet),
    /// Goes to the search for invocations.
    Search,
    /// Changes between light and dark.
    Theme,
}

/// A sheet of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sheet {
    /// All guides.
    Guides,
    /// What can be saved.
    Files,
    /// What differs from AWS.
    Differs,
    /// Keys and how it works.
    Help,
}

/// Something that can be asked of the page.
#[derive(Debug, Clone)]
pub struct Command {
    /// What it is called.
    pub name: String,
    /// The keys that do the same; empty without any.
    pub keys: String,
    /// Words that people search for, besides the name.
    pub words: &'static str,
    /// What it does.
    pub act: Act,
}

/// What there is to ask something of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Situation {
    /// A function is loaded.
    pub function: bool,
    /// A run is shown.
    pub run: bool,
    /// A run is in progress.
    pub busy: bool,
    /// There is something to undo, and to do again.
    pub undo: [bool; 2],
}

/// All commands of a situation, those of everyday use first.
pub fn commands(now: Situation) -> Vec<Command> {
    let mut all = Vec::new();
    let mut add = |name: &str, keys: &str, words: &'static str, act: Act| {
        all.push(Command {
            name: name.to_owned(),
            keys: keys.to_owned(),
            words,
            act,
        });
    };
    if now.busy {
        add("Cancel", "Esc", "stop end", Act::Send(Msg::Cancel));
    } else if now.function {
        add("Run", "Ctrl Enter", "invoke start", Act::Send(Msg::Run));
        add(
            "Power tuning: try every memory size",
            "",
            "tune cost cheapest fastest",
            Act::Send(Msg::Tune),
        );
    }
    if now.run {
        watching(&mut add);
        add(
            "Start over",
            "",
            "forget requests reset",
            Act::Send(Msg::StartOver),
        );
    }
    if now.function {
        add("Share", "", "link url embed picture", Act::Send(Msg::Share));
    }
    if now.undo[0] {
        add("Undo", "Ctrl Z", "back", Act::Send(Msg::Undo));
    }
    if now.undo[1] {
        add("Do again", "Ctrl Shift Z", "redo", Act::Send(Msg::Redo));
    }
    add("New", "", "reset begin anew", Act::Send(Msg::New));
    let sheets = [
        ("Guides", "", "tour learn", Sheet::Guides),
        ("Files", "", "save open download", Sheet::Files),
        ("Differs from AWS", "", "limits simplified", Sheet::Differs),
        ("Help", "?", "keys shortcuts", Sheet::Help),
    ];
    for (name, keys, words, sheet) in sheets {
        add(name, keys, words, Act::Open(sheet));
    }
    add(
        "Theme: light, dark or the system\u{2019}s",
        "",
        "colours",
        Act::Theme,
    );
    for named in NAMES {
        add(
            &format!("Trigger: {}", named.name),
            "",
            named.keywords,
            Act::Send(Msg::PickTrigger(named.id.to_owned())),
        );
    }
    for example in catalogue::all() {
        add(
            &format!("Example: {}", example.title),
            "",
            &example.summary,
            Act::Send(Msg::ChooseExample(example.id.clone())),
        );
    }
    for guide in guide::ALL {
        add(
            &format!("Guide: {}", guide.title),
            "",
            guide.summary,
            Act::Go(guide.fragment()),
        );
    }
    for size in SIZES {
        add(&memory_name(size), "", "size cpu", memory(size));
    }
    if now.function {
        for (kind, _, name, what) in FileKind::ALL {
            if now.run || !kind.needs_run() {
                add(
                    &format!("Save: {name}"),
                    "",
                    what,
                    Act::Send(Msg::Save(kind)),
                );
            }
        }
    }
    all
}

/// What can be done with a run that is shown.
fn watching(add: &mut impl FnMut(&str, &str, &'static str, Act)) {
    let mut send = |name: &str, keys: &str, words, msg| add(name, keys, words, Act::Send(msg));
    send("Play or pause", "Space", "clock stop", Msg::TogglePlay);
    send("To the start", "Home", "begin first", Msg::ToStart);
    send("To the end", "End", "last", Msg::ToEnd);
    send("Next event", ".", "step forward", Msg::StepEvent(1));
    send("Previous event", ",", "step back", Msg::StepEvent(-1));
    send("Next invocation", "]", "request", Msg::StepAttempt(1));
    send("Previous invocation", "[", "request", Msg::StepAttempt(-1));
    for (jump, key, one, _) in Jump::ALL {
        let key = key.to_ascii_uppercase();
        send(&format!("Next {one}"), &key, "jump", Msg::Jump(jump, 1));
        send(
            &format!("Previous {one}"),
            &format!("Shift {key}"),
            "jump",
            Msg::Jump(jump, -1),
        );
    }
    let zoom = |factor| Msg::Zoom { factor, x: None };
    send(
        "Enlarge the timeline",
        "W",
        "zoom in larger",
        zoom(ENLARGED),
    );
    send(
        "Make the timeline smaller",
        "S",
        "zoom out",
        zoom(1.0 / ENLARGED),
    );
    send("Show all of the timeline", "0", "zoom fit", Msg::ShowAll);
    send(
        "Bring what is looked at into the middle",
        "F",
        "frame focus zoom",
        Msg::Frame,
    );
    send("Mark the moment", "M", "measure", Msg::Mark);
    send(
        "Fold or unfold the details",
        "Q",
        "inspector",
        Msg::ToggleInspector,
    );
    send(
        "Slowest invocations first",
        "",
        "sort order table longest duration",
        Msg::Sort(Order::SLOWEST),
    );
    send(
        "Invocations as they began",
        "",
        "sort order table",
        Msg::Sort(Order::default()),
    );
    let abouts = [
        (About::Invocation, "Inspect: the invocation"),
        (About::Environment(None), "Inspect: environments"),
        (About::Queue, "Inspect: the event queue"),
        (About::Destinations(None), "Inspect: destinations"),
    ];
    for (about, name) in abouts {
        send(name, "", "details", Msg::Inspect(about));
    }
    for (speed, _, name) in Speed::ALL {
        send(
            &format!("Speed: {name}"),
            "",
            "clock fast",
            Msg::SetSpeed(speed),
        );
    }
    send("Skip waits", "", "speed fold", Msg::SkipWaits(true));
    send("Sit through waits", "", "speed fold", Msg::SkipWaits(false));
    add("Search for invocations", "/", "find filter", Act::Search);
}

fn memory(size: u32) -> Act {
    Act::Send(Msg::Set(Setting::Memory(size)))
}

fn memory_name(size: u32) -> String {
    format!("Memory: {}", words::memory(MemoryMb(size)))
}

/// The commands that a search finds, best first: it begins the name or is what a name is about, or every word of it begins a
/// word of the name, is a part of the name, or begins one of the other words. A number is a memory size.
pub fn found(all: &[Command], search: &str) -> Vec<Command> {
    let search = search.trim().to_lowercase();
    let mut ranked: Vec<(u32, &Command)> = all
        .iter()
        .filter_map(|command| Some((rank(command, &search)?, command)))
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    let mut found: Vec<Command> = ranked.into_iter().map(|(_, it)| it.clone()).collect();
    let number = search.trim_end_matches("mb").trim_end();
    let sizes = MemoryMb::MIN.0..=MemoryMb::MAX.0;
    if let Some(size) = number.parse().ok().filter(|size| sizes.contains(size)) {
        let name = memory_name(size);
        found.retain(|command| command.name != name);
        let command = Command {
            name,
            keys: String::new(),
            words: "",
            act: memory(size),
        };
        found.insert(0, command);
    }
    found
}

/// How badly a command fits; none when it does not.
fn rank(command: &Command, search: &str) -> Option<u32> {
    let name = command.name.to_lowercase();
    let own = name.split_once(": ").map_or(name.as_str(), |(_, own)| own);
    if name.starts_with(search) || own == search {
        return Some(0);
    }
    let letters = |c: char| !c.is_alphanumeric();
    let begins = |text: &str, word: &str| text.split(letters).any(|other| other.starts_with(word));
    let mut worst = 1;
    for word in search.split_whitespace() {
        worst = worst.max(if begins(&name, word) {
            1
        } else if name.contains(word) {
            2
        } else if begins(&command.words.to_lowercase(), word) {
            3
        } else {
            return None;
        });
    }
    Some(worst)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const EVERYTHING: Situation = Situation {
        function: true,
        run: true,
        busy: false,
        undo: [true, true],
    };

    fn best(search: &str) -> String {
        let found = found(&commands(EVERYTHING), search);
        found.first().map(|it| it.name.clone()).unwrap_or_default()
    }

    #[test]
    fn no_two_commands_have_the_same_name() {
        let all = commands(EVERYTHING);
        let names: BTreeSet<&str> = all.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names.len(), all.len());
    }

    #[test]
    fn every_trigger_example_guide_and_file_is_there() {
        let all = commands(EVERYTHING);
        let of = |start: &str| all.iter().filter(|it| it.name.starts_with(start)).count();
        assert_eq!(of("Trigger: "), NAMES.len());
        assert_eq!(of("Example: "), catalogue::all().len());
        assert_eq!(of("Guide: "), guide::ALL.len());
        assert_eq!(of("Save: "), FileKind::ALL.len());
    }

    #[test]
    fn only_what_can_be_done_is_listed() {
        let listed = |now, name: &str| commands(now).iter().any(|it| it.name == name);
        let empty = Situation::default();
        assert!(!listed(empty, "Run") && !listed(empty, "Undo") && !listed(empty, "Next error"));
        assert!(listed(empty, "Help") && listed(empty, "Trigger: S3"));
        let busy = Situation {
            busy: true,
            ..EVERYTHING
        };
        assert!(listed(busy, "Cancel") && !listed(busy, "Run"));
    }

    #[test]
    fn a_search_finds_by_beginnings_parts_and_other_words() {
        assert_eq!(best("run"), "Run");
        assert_eq!(best("s3"), "Trigger: S3");
        assert_eq!(best("next err"), "Next error");
        assert_eq!(best("zoom fit"), "Show all of the timeline");
        assert_eq!(best("600"), "Memory: 600 MB");
        assert_eq!(best("1769 mb"), best("memory 1,769"));
        assert_eq!(best("no such thing"), "");
        assert!(
            found(&commands(EVERYTHING), "64")
                .iter()
                .all(|it| !it.name.contains("64 MB"))
        );
    }

    #[test]
    fn without_a_search_everything_is_listed_as_it_is() {
        let all = commands(EVERYTHING);
        assert_eq!(found(&all, " ").len(), all.len());
        assert_eq!(best(""), "Run");
    }
}
