//! What the caller or another service did by itself around one request, and what the function called: as far as the cursor
//! is.

use leptos::prelude::*;

use super::code::code;
use super::live::{kept, live};
use super::store::use_store;
use crate::sim::SimTime;
use crate::trigger::names;
use crate::ui::attempts::Attempt;
use crate::ui::json_text;
use crate::ui::narration::service;

/// One line of the list.
struct Line {
    at: SimTime,
    title: String,
    meaning: String,
    data: Option<String>,
}

/// The list; nothing when there is nothing to tell.
#[component]
pub fn ServiceNotes(attempt: Attempt) -> impl IntoView {
    let store = use_store();
    let lines = lines(&attempt);
    let times: Vec<SimTime> = lines.iter().map(|line| line.at).collect();
    let name = names::name_of(&attempt.trigger).to_owned();
    // How many lines have happened: changes only when one more does.
    let reached = kept(move || {
        let at = store.playback.with(|playback| playback.at);
        times.iter().filter(|time| **time <= at).count()
    });
    let some = !lines.is_empty();
    let lines = StoredValue::new(lines);
    some.then(|| {
        view! {
            <section class="answer service" aria-labelledby="service-head">
                <h3 id="service-head">{format!("What {name} and the function do besides")}</h3>
                {live(move || {
                    let reached = reached.get();
                    if reached == 0 {
                        return view! { <p class="hint">"Nothing yet."</p> }.into_any();
                    }
                    let rows = lines.with_value(|lines| lines.iter().take(reached).map(row).collect_view());
                    view! { <ol class="steps" data-testid="service-steps">{rows}</ol> }.into_any()
                })}
            </section>
        }
    })
}

fn lines(attempt: &Attempt) -> Vec<Line> {
    let steps = attempt.service.iter().map(|(at, note)| {
        let (title, meaning) = service::step(note, *at);
        let data = service::data(&note.step).map(str::to_owned);
        Line {
            at: *at,
            title,
            meaning,
            data,
        }
    });
    let calls = attempt.calls.iter().map(|call| {
        let (title, meaning) = service::call(call);
        Line {
            at: call.at,
            title,
            meaning,
            data: Some(call.body.clone()).filter(|body| !body.is_empty()),
        }
    });
    // What a call brings about comes behind it, at the same moment as it may be.
    let mut lines: Vec<Line> = calls.chain(steps).collect();
    lines.sort_by_key(|line| line.at);
    lines
}

fn row(line: &Line) -> impl IntoView + use<> {
    let data = line.data.as_ref().map(|data| {
        let shown = if json_text::is_json(data) {
            code(&json_text::pretty(data), true)
        } else {
            code(data, false)
        };
        view! { <details><summary>"Data"</summary>{shown}</details> }
    });
    view! {
        <li>
            <span class="when">{line.at.to_string()}</span>
            <div>
                <strong>{line.title.clone()}</strong>
                <p class="explanation">{line.meaning.clone()}</p>
                {data}
            </div>
        </li>
    }
}
