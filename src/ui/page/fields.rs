//! Settings drawn from their description: one control for each [`Look`], whatever it means.

use leptos::prelude::*;

use super::live::{Kept, kept, live, part as drawn};
use super::problems::problems;
use super::store::{Store, use_store};
use crate::problem::{Problem, Severity};
use crate::ui::model::fields::{Input, Look, looks};
use crate::ui::model::{Msg, Part, Setting};

/// The settings of a part; `only` some of them when it names any.
#[component]
pub fn Fields(part: Part, #[prop(optional)] only: &'static [&'static str]) -> impl IntoView {
    let store = use_store();
    let whole = drawn(move || {
        let list: Vec<Problem> = store.desk.with(|desk| {
            store.setup.with(|setup| {
                setup
                    .problems_of(part, &desk.problems)
                    .into_iter()
                    .filter(|(key, _)| key.is_none())
                    .filter(|_| only.is_empty())
                    .map(|(_, problem)| problem.clone())
                    .collect()
            })
        });
        problems(&list, "part-problems")
    });
    let controls = looks(part)
        .into_iter()
        .filter(|look| only.is_empty() || only.contains(&look.key))
        .map(|look| control(part, look))
        .collect_view();
    view! { <div class="fields">{controls} {whole}</div> }
}

/// What validation says at a place and below.
pub fn said_at(store: Store, place: String, testid: &'static str) -> AnyView {
    drawn(move || {
        let list: Vec<Problem> = store.desk.with(|desk| {
            let all = desk.problems.iter();
            all.filter(|it| it.place.starts_with(&place))
                .cloned()
                .collect()
        });
        problems(&list, testid)
    })
    .into_any()
}

/// What is not as usual in a part.
pub fn changed(store: Store, part: Part, only: &'static [&'static str]) -> Kept<Vec<String>> {
    kept(move || store.setup.with(|setup| setup.changed_fields(part, only)))
}

/// Whether something in these parts is refused.
pub fn refused(store: Store, parts: impl Fn() -> Vec<Part> + Send + Sync + 'static) -> Kept<bool> {
    kept(move || {
        store.desk.with(|desk| {
            store.setup.with(|setup| {
                parts().into_iter().any(|part| {
                    setup
                        .problems_of(part, &desk.problems)
                        .into_iter()
                        .any(|(_, problem)| problem.severity == Severity::Error)
                })
            })
        })
    })
}

fn control(part: Part, look: &'static Look) -> AnyView {
    let store = use_store();
    let key = look.key;
    let id = format!("{}-{}", part.id(), key.replace('.', "-"));
    let value = kept(move || store.setup.with(|setup| setup.field(part, key)));
    // What is typed stays as it is typed as long as somebody types.
    let typed = RwSignal::new(None::<String>);
    let shown = move || {
        typed
            .get()
            .unwrap_or_else(|| value.get().unwrap_or_default())
    };
    let found: Kept<Vec<Problem>> = kept(move || {
        store.desk.with(|desk| {
            store.setup.with(|setup| {
                let mine = setup.problems_of(part, &desk.problems).into_iter();
                mine.filter(|(at, _)| *at == Some(key))
                    .map(|(_, problem)| problem.clone())
                    .collect()
            })
        })
    });
    let unreadable = kept(move || typed.with(|typed| look.unreadable(typed.as_ref()?)));
    let invalid = move || {
        let wrong = found.with(|list| list.iter().any(|it| it.severity == Severity::Error));
        (wrong || unreadable.get().is_some()).then_some("true")
    };
    let send = move |text: String| {
        store.send(Msg::Set(Setting::Edit {
            part,
            key: key.to_owned(),
            value: text,
        }));
    };
    let type_in = move |event| {
        let text = event_target_value(&event);
        typed.set(Some(text.clone()));
        if look.unreadable(&text).is_none() {
            send(text);
        }
    };
    let done = move |_| typed.set(None);
    let says_id = format!("{id}-says");
    let label = view! { <label for=id.clone()>{look.label}</label> };
    let unit = (!look.unit.is_empty()).then(|| view! { <span>{look.unit}</span> });
    let head = match &look.input {
        Input::Number(..) | Input::Optional(..) | Input::Decimal => {
            let (least, most, nothing) = match look.input {
                Input::Number(least, most) => (Some(least), Some(most), ""),
                Input::Optional(least, most, nothing) => (Some(least), Some(most), nothing),
                _ => (None, None, ""),
            };
            let (kind, keys) = if least.is_some() {
                ("number", "numeric")
            } else {
                ("text", "decimal")
            };
            view! {
                <div class="setting-head">
                    {label}
                    <span class="with-unit">
                        <input
                            type=kind
                            id=id.clone()
                            data-testid=id.clone()
                            min=least.map(|it| it.to_string())
                            max=most.map(|it| it.to_string())
                            inputmode=keys
                            placeholder=nothing
                            autocomplete="off"
                            aria-invalid=live(invalid)
                            aria-describedby=says_id.clone()
                            prop:value=live(shown)
                            on:input=type_in
                            on:blur=done
                        />
                        {unit}
                    </span>
                </div>
            }
            .into_any()
        }
        Input::Text => view! {
            <div class="setting-head">
                {label}
                <input
                    type="text"
                    id=id.clone()
                    data-testid=id.clone()
                    autocomplete="off"
                    spellcheck="false"
                    aria-invalid=live(invalid)
                    aria-describedby=says_id.clone()
                    prop:value=live(shown)
                    on:input=type_in
                    on:blur=done
                />
            </div>
        }
        .into_any(),
        Input::Lines => view! {
            <div class="field">
                {label}
                <textarea
                    id=id.clone()
                    data-testid=id.clone()
                    class="mono"
                    rows="3"
                    spellcheck="false"
                    aria-invalid=live(invalid)
                    aria-describedby=says_id.clone()
                    prop:value=live(shown)
                    on:input=type_in
                    on:blur=done
                ></textarea>
            </div>
        }
        .into_any(),
        Input::Switch => view! {
            <div class="setting-head">
                {label}
                <input
                    type="checkbox"
                    id=id.clone()
                    data-testid=id.clone()
                    aria-describedby=says_id.clone()
                    prop:checked=live(move || value.with(|it| it.as_deref() == Some("true")))
                    on:change=move |event| send(event_target_checked(&event).to_string())
                />
            </div>
        }
        .into_any(),
        Input::Choice(_)
        | Input::Functions
        | Input::AnyFunction
        | Input::Qualifiers
        | Input::Destination => {
            let options = kept(move || store.setup.with(|setup| setup.options(part, look)));
            let list = drawn(move || {
                options
                    .get()
                    .into_iter()
                    .map(|(option, name)| {
                        let this = option.clone();
                        let selected = live(move || value.with(|now| now.as_ref() == Some(&this)));
                        view! { <option value=option selected=selected>{name}</option> }
                    })
                    .collect_view()
            });
            view! {
                <div class="setting-head">
                    {label}
                    <select
                        id=id.clone()
                        data-testid=id.clone()
                        aria-describedby=says_id.clone()
                        on:change=move |event| send(event_target_value(&event))
                    >
                        {list}
                    </select>
                </div>
            }
            .into_any()
        }
    };
    let says = drawn(move || {
        let unreadable = unreadable
            .get()
            .map(|text| view! { <p class="trouble" role="alert">{text}</p> });
        let found = found
            .get()
            .iter()
            .map(|problem| {
                let class = match problem.severity {
                    Severity::Error => "trouble",
                    Severity::Warning | Severity::Note => "help remark",
                };
                view! {
                    <p class=class>{problem.cause.clone()} " " <span class="cure">{problem.cure.clone()}</span></p>
                }
            })
            .collect_view();
        let help = (!look.help.is_empty()).then(|| view! { <p class="help">{look.help}</p> });
        view! { {unreadable} {found} {help} }
    });
    view! {
        <div class="setting" hidden=live(move || value.with(Option::is_none))>
            {head}
            <div id=says_id>{says}</div>
        </div>
    }
    .into_any()
}
