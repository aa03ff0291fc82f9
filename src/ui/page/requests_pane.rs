//! Requests: where they go, what they ask for, who sends them; and what is a matter of chance.

use leptos::prelude::*;

use super::fields::{Fields, changed, refused};
use super::fold::Fold;
use super::live::{kept, live};
use super::store::use_store;
use crate::lambda::caller::Client;
use crate::ui::model::{Msg, Part, Setting};

const CLIENT: &[&str] = &["max_attempts", "base_ms", "cap_ms"];
const CHANCE: &[&str] = &["idle_lifetime_seconds", "duplicates_per_million", "seed"];

/// The folds.
#[component]
pub fn RequestSettings() -> impl IntoView {
    let store = use_store();
    let retries = kept(move || store.setup.with(|setup| setup.client != Client::NoRetry));
    let requests = changed(store, Part::Request, &[]);
    let all = kept(move || {
        let mut list = requests.get();
        list.extend(retries.get().then(|| "Clients try again".to_owned()));
        list
    });
    view! {
        <Fold
            testid="request-settings"
            title="Requests and clients"
            changed=all
            trouble=refused(store, || vec![Part::Request])
        >
            <Fields part=Part::Request />
            <div class="setting-head">
                <label for="client">"A client that is refused"</label>
                <select
                    id="client"
                    data-testid="client"
                    on:change=move |event| {
                        store.send(Msg::Set(Setting::ClientRetries(event_target_value(&event) == "sdk")));
                    }
                >
                    <option value="none" selected=live(move || !retries.get())>"Gives up"</option>
                    <option value="sdk" selected=live(move || retries.get())>"Tries again, as the SDKs do"</option>
                </select>
            </div>
            <Fields part=Part::Service only=CLIENT />
        </Fold>
        <Fold
            testid="chance-settings"
            title="Chance and idle time"
            changed=changed(store, Part::Service, CHANCE)
            trouble=refused(store, || vec![Part::Service])
        >
            <Fields part=Part::Service only=CHANCE />
        </Fold>
    }
}
