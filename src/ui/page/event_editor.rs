//! The event as JSON: a text area with coloured text behind it and line numbers beside it, checked at every change.

use leptos::html::{Div, Textarea};
use leptos::prelude::*;

use super::code::{code, coloured};
use super::live::{kept, live, part};
use super::problems::problems;
use super::store::use_store;
use crate::session::desk::Aside;
use crate::ui::json_text;
use crate::ui::model::Msg;

/// The editor.
#[component]
pub fn EventEditor() -> impl IntoView {
    let store = use_store();
    let event = kept(move || store.setup.with(|setup| setup.event.clone()));
    let text = kept(move || event.with(|event| event.text.clone()));
    let broken_line =
        kept(move || event.with(|event| event.error.as_ref().and_then(json_text::line_of)));
    let area = NodeRef::<Textarea>::new();
    let behind = NodeRef::<Div>::new();
    let gutter = NodeRef::<Div>::new();
    // What is behind the text follows its scrolling.
    let follow = move |_| {
        if let (Some(area), Some(behind), Some(gutter)) = (
            area.get_untracked(),
            behind.get_untracked(),
            gutter.get_untracked(),
        ) {
            behind.set_scroll_top(area.scroll_top());
            behind.set_scroll_left(area.scroll_left());
            gutter.set_scroll_top(area.scroll_top());
        }
    };
    let numbers = kept(move || text.with(|text| text.split('\n').count()));

    view! {
        <div class="event">
            <div class="event-head">
                <label for="event-text">"Event JSON"</label>
                <span class="edited" hidden=live(move || !event.with(|event| event.edited))>"edited"</span>
                <span class="spring"></span>
                <button type="button" class="quiet" on:click=move |_| store.send(Msg::FormatEvent)>
                    "Format"
                </button>
                <button
                    type="button"
                    class="quiet"
                    data-testid="event-reset"
                    disabled=live(move || !event.with(|event| event.edited))
                    on:click=move |_| store.send(Msg::ResetEvent)
                >
                    "Reset to sample"
                </button>
            </div>
            <div class="editor" data-scrolls="" class:broken=live(move || broken_line.get().is_some())>
                <div class="gutter" node_ref=gutter aria-hidden="true">
                    {part(move || {
                        let broken = broken_line.get();
                        (1..=numbers.get())
                            .map(|line| view! { <span class:broken=broken == Some(line)>{line}</span> })
                            .collect_view()
                    })}
                </div>
                <div class="paper">
                    <div class="behind" node_ref=behind aria-hidden="true">
                        {live(move || text.with(|text| coloured(text)))}
                        "\n"
                    </div>
                    <textarea
                        id="event-text"
                        node_ref=area
                        data-testid="event-editor"
                        spellcheck="false"
                        autocomplete="off"
                        autocapitalize="off"
                        wrap="off"
                        rows="12"
                        aria-describedby="event-help"
                        aria-invalid=live(move || event.with(|event| event.error.is_some()).then_some("true"))
                        prop:value=live(move || text.get())
                        on:input=move |input| store.send(Msg::EditEvent(event_target_value(&input)))
                        on:scroll=follow
                    ></textarea>
                </div>
            </div>
            <div id="event-help" aria-live="polite">
                {live(move || event.with(|event| {
                    let mut list = event.findings.clone();
                    list.extend(event.error.clone());
                    problems(&list, "event-problems")
                }))}
                {live(move || event.with(|event| held_back(&event.aside)))}
                <p class="help" hidden=live(move || !event.with(|event| event.edited && event.error.is_none()))>
                    "Your edits are kept; the form above applies again after Reset to sample."
                </p>
            </div>
            {live(move || {
                let name = store.setup.with(|setup| setup.config.name.clone());
                event.with(|event| aside(&event.aside, &name))
            })}
        </div>
    }
}

/// That the service would not send the event, and why.
fn held_back(aside: &Aside) -> AnyView {
    match &aside.held_back {
        None => ().into_any(),
        Some(why) => view! {
            <p class="notice" data-testid="held-back"><strong>"Lambda is not called. "</strong>{why.clone()}</p>
        }
        .into_any(),
    }
}

/// The event in other forms: decoded, as a command, as a request.
fn aside(aside: &Aside, function: &str) -> AnyView {
    let decoded = aside.decoded.as_ref().map(|decoded| {
        view! {
            <details data-testid="decoded" open="">
                <summary>"What the event holds, decoded"</summary>
                {code(decoded, true)}
            </details>
        }
    });
    let command = aside.command.as_ref().map(|(cli, request)| {
        let of = |text: &str| text.replacen("FUNCTION", function, 1);
        view! {
            <details data-testid="command">
                <summary>"The same call by the AWS CLI and the API"</summary>
                {code(&of(cli), false)}
                {code(&of(request), false)}
            </details>
        }
    });
    view! { {decoded} {command} }.into_any()
}
