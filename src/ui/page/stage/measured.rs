//! What the measured stretch of the timeline comes to.

use leptos::prelude::*;

use crate::lambda::billing;
use crate::ui::model::Msg;
use crate::ui::page::live::{kept, live};
use crate::ui::page::store::use_store;
use crate::ui::range::{Measured, measure};
use crate::ui::words;

/// The line; only when something is measured.
#[component]
pub fn MeasuredLine() -> impl IntoView {
    let store = use_store();
    let range = kept(move || store.playback.with(|playback| playback.measured()));
    let marked = kept(move || store.playback.with(|playback| playback.mark.is_some()));
    let measured = kept(move || {
        let (from, to) = range.get()?;
        store.run.with(|run| {
            let shown = run.shown.as_ref()?;
            Some(measure(&shown.tries, &shown.entries, from, to))
        })
    });
    let text = live(move || {
        measured.with(|measured| match measured {
            Some(measured) => told(measured),
            None => "A mark stands here. Move the clock, and the stretch between is measured."
                .to_owned(),
        })
    });
    view! {
        <p
            class="measured-line"
            data-testid="measured"
            hidden=live(move || range.get().is_none() && !marked.get())
        >
            <span>{text}</span>
            <button type="button" class="quiet" title="Away with it (Esc)" on:click=move |_| store.send(Msg::Clear)>
                "Clear"
            </button>
        </p>
    }
}

fn told(measured: &Measured) -> String {
    let tries = match measured.tries {
        1 => "1 invocation begins in it".to_owned(),
        many => format!("{} invocations begin in it", words::grouped(many as u64)),
    };
    let mut parts = vec![measured.span.to_string(), tries];
    if measured.bad > 0 {
        parts.push(format!("{} failed", words::grouped(measured.bad as u64)));
    }
    if measured.cold > 0 {
        parts.push(format!("{} cold", words::grouped(measured.cold as u64)));
    }
    if let Some([median, p90, p99, longest]) = measured.durations {
        let [median, p90, p99, longest] = [median, p90, p99, longest].map(words::millis);
        parts.push(if measured.tries > 1 {
            format!("p50 {median}, p90 {p90}, p99 {p99}, longest {longest}")
        } else {
            longest
        });
        parts.push(billing::dollars_exact(measured.cost_picodollars));
    }
    parts.join(" · ")
}
