//! Findings about something the visitor gave us: where, why, and what to do.

use leptos::prelude::*;

use super::code::sentence;
use super::icons;
use super::live::{Kept, part};
use crate::problem::{Problem, Severity};

/// Why a field's value cannot be, under the field; nothing when it can.
pub fn trouble_line(trouble: Kept<Option<String>>) -> AnyView {
    part(move || {
        trouble
            .get()
            .map(|text| view! { <p class="trouble" role="alert">{text}</p> })
    })
    .into_any()
}

/// A list of problems; nothing when there are none.
pub fn problems(list: &[Problem], testid: &'static str) -> AnyView {
    if list.is_empty() {
        return ().into_any();
    }
    let items = list
        .iter()
        .map(|problem| {
            let (class, icon, word) = match problem.severity {
                Severity::Error => ("problem error", icons::CROSS.view(), "Error"),
                Severity::Warning => ("problem warning", icons::WARN.view(), "Warning"),
                Severity::Note => ("problem note", icons::NOTE.view(), "Note"),
            };
            let place = (!problem.place.is_empty())
                .then(|| view! { <code class="place">{problem.place.clone()}</code> });
            view! {
                <li class=class>
                    {icon}
                    <div>
                        <p>
                            <span class="visually-hidden">{word} ": "</span>
                            {place}
                            {sentence(&problem.cause)}
                        </p>
                        <p class="cure">{sentence(&problem.cure)}</p>
                        <p class="code-name"><code>{problem.code.clone()}</code></p>
                    </div>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="problems" data-testid=testid>{items}</ul> }.into_any()
}
