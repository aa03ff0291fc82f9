//! The event source mapping of a polled trigger, and its source.

use leptos::prelude::*;

use super::fields::{Fields, changed, refused};
use super::fold::Fold;
use super::live::{kept, live};
use super::store::use_store;
use crate::ui::model::{Msg, Part, Setting};

/// The fold; nothing for triggers that are not polled.
#[component]
pub fn MappingSettings() -> impl IntoView {
    let store = use_store();
    let polled = kept(move || store.setup.with(|setup| setup.mapping().is_some()));
    let own = kept(move || store.setup.with(|setup| setup.own_mapping().is_some()));
    view! {
        <Show when=move || polled.get()>
            <Fold
                testid="mapping-settings"
                title="Event source mapping"
                changed=changed(store, Part::Mapping, &[])
                trouble=refused(store, || vec![Part::Mapping])
            >
                <p class="help">
                    {live(move || if own.get() {
                        "Set up here, in the names of CreateEventSourceMapping and of the source's own API."
                    } else {
                        "As it is by default for the event above. With the first change it is yours, and follows the event no more."
                    })}
                </p>
                <Fields part=Part::Mapping />
                <Show when=move || own.get()>
                    <button
                        type="button"
                        class="quiet"
                        data-testid="mapping-default"
                        on:click=move |_| store.send(Msg::Set(Setting::DefaultMapping))
                    >
                        "Back to the default mapping"
                    </button>
                </Show>
            </Fold>
        </Show>
    }
}
