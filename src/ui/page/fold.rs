//! A group of settings that is folded until it is wanted, with a line that says what is not as usual in it.

use leptos::ev;
use leptos::html::Details;
use leptos::prelude::*;

use super::live::{Kept, kept, live};

/// The fold. What is in it is made when it is first opened: a folded group costs nothing.
#[component]
pub fn Fold(
    testid: &'static str,
    title: &'static str,
    /// What is not as usual, one after the other.
    changed: Kept<Vec<String>>,
    /// Whether something in it is refused.
    trouble: Kept<bool>,
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<Details>::new();
    let opened = RwSignal::new(false);
    let line = kept(move || {
        changed.with(|list| match list.as_slice() {
            [] => String::new(),
            [one] => one.clone(),
            [first, rest @ ..] => format!("{first}, {} more", rest.len()),
        })
    });
    let toggled = move |_: ev::Event| {
        if node.get_untracked().is_some_and(|details| details.open()) {
            opened.set(true);
        }
    };
    view! {
        <details class="fold" node_ref=node data-testid=testid on:toggle=toggled>
            <summary>
                <span>{title}</span>
                <small class="differs" class:trouble=live(move || trouble.get())>
                    {live(move || if trouble.get() { "Cannot be".to_owned() } else { line.get() })}
                </small>
            </summary>
            <Show when=move || opened.get()>{children()}</Show>
        </details>
    }
}
