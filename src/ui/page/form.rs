//! A trigger's form, drawn from its description.

use super::live::{kept, live};
use super::problems::trouble_line;
use leptos::prelude::*;

use super::store::use_store;
use crate::trigger::{Field, FieldKind};
use crate::ui::model::Msg;
use crate::ui::words;

/// One field with its label, its help and, when its value cannot be, why.
#[component]
pub fn FormField(field: &'static Field) -> impl IntoView {
    let store = use_store();
    let id = format!("field-{}", field.key);
    let help_id = format!("{id}-help");
    let value = kept(move || {
        store.setup.with(|setup| {
            setup
                .form
                .iter()
                .find(|(key, _)| key == field.key)
                .map(|(_, value)| value.clone())
                .unwrap_or_default()
        })
    });
    let edit = move |value: String| {
        store.send(Msg::EditForm {
            key: field.key,
            value,
        });
    };
    let trouble = kept(move || match field.kind {
        FieldKind::Number { min, max } => match value.get().trim().parse::<u64>() {
            Ok(number) if (min..=max).contains(&number) => None,
            _ => Some(format!(
                "Write a whole number from {} to {}.",
                words::grouped(min),
                words::grouped(max)
            )),
        },
        _ => None,
    });
    let invalid = live(move || trouble.get().map(|_| "true"));
    let control = match field.kind {
        FieldKind::Text => view! {
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
        FieldKind::Multiline => view! {
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
        FieldKind::Number { min, max } => view! {
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
        FieldKind::Choice(choices) => view! {
            <select
                id=id.clone()
                aria-describedby=help_id.clone()
                prop:value=live(move || value.get())
                on:change=move |event| edit(event_target_value(&event))
            >
                {choices
                    .iter()
                    .map(|choice| view! {
                        <option value=*choice selected=live(move || value.get() == *choice)>{*choice}</option>
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
