//! The book's page on triggers is written from the triggers themselves.

use std::fmt::Write as _;
use std::path::Path;

use lambda_playground::lambda::event::InvocationType;
use lambda_playground::sim::SimDuration;
use lambda_playground::trigger::{self, FieldKind, Group, SampleContext, Trigger};
use lambda_playground::ui::words::grouped;
use serde_json::Value;

const PAGE: &str = "docs/pages/triggers.md";

#[test]
fn the_books_page_on_triggers_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let current = page();
    if std::env::var_os("UPDATE_BOOK").is_some() {
        std::fs::write(&path, &current).expect("the book can be written");
        return;
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    // Not assert_eq: the page is thousands of lines long.
    let first = written
        .lines()
        .zip(current.lines())
        .position(|(a, b)| a != b);
    assert!(
        written == current,
        "{PAGE} is not what the triggers say, from line {} on; write it anew with UPDATE_BOOK=1 cargo test --test exports",
        first.map_or(0, |line| line + 1)
    );
}

fn page() -> String {
    let mut text = format!(
        "<!-- Written from src/trigger by tests/exports/triggers.rs. Don't edit: UPDATE_BOOK=1 cargo test --test exports -->\n\n\
         # Triggers\n\n{} ways to call a function. Each makes the very event that AWS sends, calls as AWS calls, and shows what the \
         caller makes of the answer.\n\n",
        trigger::all().len()
    );
    for group in Group::ALL {
        let all: Vec<_> = trigger::all()
            .iter()
            .filter(|it| it.group() == group)
            .collect();
        let _ = writeln!(text, "- **{}**: {}", group.name(), links(&all));
    }
    for group in Group::ALL {
        let _ = writeln!(text, "\n## {}", group.name());
        for found in trigger::all().iter().filter(|it| it.group() == group) {
            one(*found, &mut text);
        }
    }
    text
}

fn links(all: &[&&dyn Trigger]) -> String {
    let links: Vec<_> = all
        .iter()
        .map(|it| format!("[{}](#{})", it.name(), it.id()))
        .collect();
    links.join(", ")
}

fn one(found: &dyn Trigger, text: &mut String) {
    let form = trigger::default_form(found);
    let context = SampleContext {
        time_ms: 1_767_614_400_000,
        seed: 1,
    };
    let event = found.sample(&form, context);
    let (title, address) = found.source();
    let _ = writeln!(
        text,
        "\n<a id=\"{}\"></a>\n\n### {}\n\n{}\n\nSource: [{title}]({address}).\n",
        found.id(),
        found.name(),
        squeezed(found.explanation())
    );
    let _ = writeln!(
        text,
        "- Id in links, embeds and scenarios: `{}`",
        found.id()
    );
    let call = match found.invocation_type(&event) {
        InvocationType::RequestResponse => {
            "synchronous (`RequestResponse`): somebody waits for the answer"
        }
        InvocationType::Event => "asynchronous (`Event`): Lambda answers 202 and queues the event",
        InvocationType::DryRun => "dry run (`DryRun`): the function does not run",
    };
    let _ = writeln!(text, "- How it calls: {call}");
    if let Some(timeout) = found.caller_timeout(&event) {
        let _ = writeln!(text, "- It waits at most {}", seconds(timeout));
    }
    let retries = found.retries(&event);
    let tries: u32 = retries.phases.iter().map(|phase| phase.retries).sum();
    let numbers = if retries.published {
        ""
    } else {
        " AWS publishes no numbers; these are the playground's."
    };
    if tries > 0 {
        let _ = writeln!(
            text,
            "- When the call fails it may try again, up to {} times.{numbers} {}",
            grouped(tries.into()),
            squeezed(retries.then)
        );
    } else {
        let _ = writeln!(text, "- When the call fails: {}", squeezed(retries.then));
    }
    if !found.fields().is_empty() {
        text.push_str("\n| Field | In a fresh form | |\n|---|---|---|\n");
        for field in found.fields() {
            let kind = match field.kind {
                FieldKind::Text | FieldKind::Multiline => String::new(),
                FieldKind::Number { min, max } => format!(" {min} to {max}."),
                FieldKind::Choice(choices) => format!(" One of: {}.", choices.join(", ")),
            };
            let _ = writeln!(
                text,
                "| {} | {} | {} |",
                field.label,
                code(field.default),
                cell(&format!("{}{kind}", squeezed(field.help)))
            );
        }
    }
    let pretty = serde_json::to_string_pretty(&event).expect("JSON");
    let lines = pretty.lines().count();
    let summary = match event {
        Value::Object(_) => format!("The event, {lines} lines"),
        _ => "The event".to_owned(),
    };
    let _ = writeln!(
        text,
        "\n<details><summary>{summary}</summary>\n\n```json\n{pretty}\n```\n\n</details>"
    );
}

/// Text from a source file that is broken into lines; what looks like a tag is none.
fn squeezed(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ").replace('<', "&lt;")
}

fn cell(text: &str) -> String {
    // Within a table a bar would end the cell, and a tag be taken for one.
    text.replace('|', "\\|").replace('<', "&lt;")
}

fn code(text: &str) -> String {
    if text.is_empty() {
        return "empty".to_owned();
    }
    let whole: Vec<_> = text.lines().collect();
    let text = cell(&whole.join(" ⏎ ")).replace("&lt;", "<");
    if text.contains('`') {
        format!("`` {text} ``")
    } else {
        format!("`{text}`")
    }
}

fn seconds(time: SimDuration) -> String {
    let millis = time.as_nanos() / 1_000_000;
    if millis.is_multiple_of(1_000) {
        format!("{} s", millis / 1_000)
    } else {
        format!("{millis} ms")
    }
}
