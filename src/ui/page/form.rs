//! A trigger's form, drawn from its description.

use super::live::{kept, live};
use super::problems::trouble_line;
use leptos::prelude::*;

use super::store::use_store;
use crate::session::desk::{Field, Kind};
use crate::ui::model::Msg;
use crate::ui::words;

/// One field with its label, its help and, when its value cannot be, why.
#[component]
pub fn FormField(field: Field) -> impl IntoView {
    let store = use_store();
    let key = StoredValue::new(field.key.clone());
    let range = match field.kind {
        Kind::Number(min, max) => Some((min, max)),
        _ => None,
    };
    let id = format!("field-{}", field.key);
    let help_id = format!("{id}-help");
    let value = kept(move || {
        store.setup.with(|setup| {
            setup
                .form
                .iter()
                .find(|(found, _)| key.with_value(|key| found == key))
                .map(|(_, value)| value.clone())
                .unwrap_or_default()
        })
    });
    let edit = move |value: String| {
        store.send(Msg::EditForm {
            key: key.get_value(),
            value,
        });
    };
    let trouble = kept(move || {
        let (min, max) = range?;
        match value.get().trim().parse::<u64>() {
            Ok(number) if (min..=max).contains(&number) => None,
            _ => Some(format!(
                "Write a whole number from {} to {}.",
                words::grouped(min),
                words::grouped(max)
            )),
        }
    });
    let invalid = live(move || trouble.get().map(|_| "true"));
    let control = match field.kind {
        Kind::Text => view! {
            <input
                type="text"
                id=id.clone()
                autocomplete="off"
                spellcheck="false"
                aria-describedby=help_id.clone()
                prop:value=live(move || value.get())
                on:input=move |event| edit(event_target_value(&event))
            />
        }
        .into_any(),
        Kind::Multiline => view! {
            <textarea
                id=id.clone()
                rows="3"
                spellcheck="false"
                aria-describedby=help_id.clone()
                prop:value=live(move || value.get())
                on:input=move |event| edit(event_target_value(&event))
            ></textarea>
        }
        .into_any(),
        Kind::Number(min, max) => view! {
            <input
                type="number"
                id=id.clone()
                min=min.to_string()
                max=max.to_string()
                inputmode="numeric"
                aria-describedby=help_id.clone()
                aria-invalid=invalid
                prop:value=live(move || value.get())
                on:input=move |event| edit(event_target_value(&event))
            />
        }
        .into_any(),
        Kind::Choice(choices) => view! {
            <select
                id=id.clone()
                aria-describedby=help_id.clone()
                prop:value=live(move || value.get())
                on:change=move |event| edit(event_target_value(&event))
            >
                {choices
                    .into_iter()
                    .map(|choice| {
                        let this = choice.clone();
                        let label = choice.clone();
                        let selected = live(move || value.with(|value| *value == this));
                        view! { <option value=choice selected=selected>{label}</option> }
                    })
                    .collect_view()}
            </select>
        }
        .into_any(),
    };
    view! {
        <div class="field">
            <label for=id>{field.label}</label>
            {control}
            <p class="help" id=help_id>{field.help}</p>
            {trouble_line(trouble)}
        </div>
    }
}
