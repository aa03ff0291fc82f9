//! The inspector's parts: what surrounds the result of the attempt that is looked at.

mod account;
mod around;
mod bill;
mod destinations;
mod environment;
mod event;
mod queue;
mod reading;
mod source;
mod tries;
mod why;

pub use account::TimeAccount;
pub use around::{Around, Chooser, about, inspect};
pub use bill::Bill;
pub use event::{EventSent, ItsLog};
pub use tries::Tries;
pub use why::Why;

use leptos::prelude::*;

/// A part that is folded until it is wanted, and stays open when what is looked at changes.
pub fn fold(title: &'static str, open: RwSignal<bool>, body: AnyView) -> AnyView {
    view! {
        <details
            class="fold-part"
            prop:open=super::live::live(move || open.get())
            on:toggle=move |event| {
                let details: web_sys::Element = event_target(&event);
                let now = details.has_attribute("open");
                if open.get_untracked() != now {
                    open.set(now);
                }
            }
        >
            <summary>{title}</summary>
            {body}
        </details>
    }
    .into_any()
}
