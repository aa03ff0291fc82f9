//! Load and concurrency: how many requests come, how the function is run for them, and what limits it.

use leptos::prelude::*;

use super::live::{kept, live, part};
use super::settings_pane::NumberSetting;
use super::store::use_store;
use crate::lambda::traffic::Pattern;
use crate::ui::model::{LoadKind, Msg, Setting};
use crate::ui::words;

/// A choice among a few words.
fn choice(
    id: &'static str,
    label: &'static str,
    options: &'static [(&'static str, &'static str)],
    now: impl Fn() -> &'static str + Copy + Send + Sync + 'static,
    chosen: fn(&str) -> Setting,
) -> AnyView {
    let store = use_store();
    let options = options
        .iter()
        .map(|(value, name)| {
            let selected = live(move || now() == *value);
            view! { <option value=*value selected=selected>{*name}</option> }
        })
        .collect_view();
    view! {
        <div class="setting-head">
            <label for=id>{label}</label>
            <select id=id data-testid=id on:change=move |event| store.send(Msg::Set(chosen(&event_target_value(&event))))>
                {options}
            </select>
        </div>
    }
    .into_any()
}

/// The folds.
#[component]
pub fn LoadSettings() -> impl IntoView {
    let store = use_store();
    let kind = kept(move || store.setup.with(|setup| setup.load.kind));
    let expected = kept(move || {
        store
            .setup
            .with(|setup| setup.load.pattern().as_ref().map(Pattern::expected))
    });
    let numbers = move || {
        let rate = |id, label, get: fn(&crate::ui::model::Load) -> u32, set: fn(u32) -> Setting| {
            view! {
                <NumberSetting id=id label=label unit="/s" range=(1, 100_000)
                    value=Signal::derive(move || store.setup.with(|setup| get(&setup.load))) setting=set />
            }
            .into_any()
        };
        let seconds = || {
            view! {
                <NumberSetting id="load-seconds" label="For" unit="s" range=(1, 86_400)
                    value=Signal::derive(move || store.setup.with(|setup| setup.load.seconds)) setting=Setting::LoadSeconds />
            }
            .into_any()
        };
        match kind.get() {
            LoadKind::Single => ().into_any(),
            LoadKind::Burst => view! {
                <NumberSetting id="load-count" label="Requests at once" unit="" range=(1, 1_000_000)
                    value=Signal::derive(move || store.setup.with(|setup| setup.load.count)) setting=Setting::LoadCount />
            }
            .into_any(),
            LoadKind::Ramp => (
                rate("load-from", "From", |load| load.from, Setting::LoadFrom),
                rate("load-rate", "To", |load| load.rate, Setting::LoadRate),
                seconds(),
            )
                .into_any(),
            LoadKind::Constant | LoadKind::Poisson => {
                (rate("load-rate", "Requests", |load| load.rate, Setting::LoadRate), seconds()).into_any()
            }
        }
    };
    let model = kept(move || store.setup.with(|setup| setup.load.runs));
    view! {
        <details data-testid="load-settings">
            <summary>"Load and concurrency"</summary>
            {choice(
                "load-kind",
                "Requests",
                &[
                    ("single", "One for each press of Run"),
                    ("constant", "A constant rate"),
                    ("ramp", "A rising rate"),
                    ("burst", "Many at once"),
                    ("poisson", "At random (Poisson)"),
                ],
                move || kind.get().key(),
                |key| Setting::LoadKind(LoadKind::of_key(key)),
            )}
            {part(numbers)}
            <p class="help" hidden=live(move || expected.get().is_none())>
                {live(move || match expected.get() {
                    Some(count) => format!("About {} requests with the event above.", words::grouped(count)),
                    None => String::new(),
                })}
            </p>
            <Show when=move || kind.get() != LoadKind::Single>
                {choice(
                    "load-runs",
                    "Function",
                    &[
                        ("module", "Runs every time"),
                        ("cached", "Runs once for each event and state"),
                        ("model", "Not run: a model"),
                    ],
                    move || model.get().key(),
                    |key| Setting::LoadRuns(crate::ui::model::LoadRuns::of_key(key)),
                )}
                <Show when=move || model.get() == crate::ui::model::LoadRuns::Model>
                    <NumberSetting id="model-duration" label="Takes" unit="ms" range=(1, 900_000)
                        value=Signal::derive(move || store.setup.with(|setup| setup.load.model_ms)) setting=Setting::ModelDuration />
                    <NumberSetting id="model-init" label="Init takes" unit="ms" range=(0, 60_000)
                        value=Signal::derive(move || store.setup.with(|setup| setup.load.model_init_ms)) setting=Setting::ModelInit />
                    <NumberSetting id="model-errors" label="Fails" unit="%" range=(0, 100)
                        value=Signal::derive(move || store.setup.with(|setup| setup.load.model_errors_percent)) setting=Setting::ModelErrors />
                    <p class="help">"Half take less than that, one in a hundred three times as long. More memory makes a model no faster."</p>
                </Show>
            </Show>
            {choice(
                "reserve",
                "Reserved concurrency",
                &[("none", "None"), ("some", "Set")],
                move || if store.setup.with(|setup| setup.config.reserved_concurrency.is_some()) { "some" } else { "none" },
                |key| Setting::Reserved((key == "some").then_some(10)),
            )}
            <Show when=move || store.setup.with(|setup| setup.config.reserved_concurrency.is_some())>
                <NumberSetting id="reserved" label="At most" unit="" range=(0, 900)
                    value=Signal::derive(move || store.setup.with(|setup| setup.config.reserved_concurrency.unwrap_or(0)))
                    setting=|amount| Setting::Reserved(Some(amount)) />
                <p class="help">"0 throttles every request. Lambda keeps 100 of the account's for functions without a reserve."</p>
            </Show>
            <NumberSetting id="provisioned" label="Provisioned concurrency" unit="" range=(0, 900)
                value=Signal::derive(move || store.setup.with(|setup| setup.provisioned)) setting=Setting::Provisioned />
            <NumberSetting id="account" label="Account concurrency" unit="" range=(100, 100_000)
                value=Signal::derive(move || store.setup.with(|setup| setup.account_concurrency)) setting=Setting::Account />
            {choice(
                "client",
                "A client that is refused",
                &[("none", "Gives up"), ("sdk", "Tries again, as the SDKs do")],
                move || if store.setup.with(|setup| setup.client_retries) { "sdk" } else { "none" },
                |key| Setting::ClientRetries(key == "sdk"),
            )}
        </details>
        <details data-testid="failure-settings">
            <summary>"Failed asynchronous events"</summary>
            {choice(
                "on-failure",
                "On-failure destination",
                DESTINATIONS,
                move || key_of(store.setup.with(|setup| setup.config.on_failure.clone())),
                |key| Setting::OnFailure(key.to_owned()),
            )}
            {choice(
                "on-success",
                "On-success destination",
                DESTINATIONS,
                move || key_of(store.setup.with(|setup| setup.config.on_success.clone())),
                |key| Setting::OnSuccess(key.to_owned()),
            )}
            {choice(
                "dead-letter",
                "Dead-letter queue",
                &[("none", "None"), ("sqs", "SQS queue"), ("sns", "SNS topic")],
                move || key_of(store.setup.with(|setup| setup.config.dead_letter.clone())),
                |key| Setting::DeadLetter(key.to_owned()),
            )}
        </details>
    }
}

const DESTINATIONS: &[(&str, &str)] = &[
    ("none", "None"),
    ("sqs", "SQS queue"),
    ("sns", "SNS topic"),
    ("events", "EventBridge bus"),
    ("s3", "S3 bucket"),
];

/// The service in a destination's ARN.
fn key_of(destination: Option<crate::lambda::config::Destination>) -> &'static str {
    let Some(destination) = destination else {
        return "none";
    };
    let service = destination.0.split(':').nth(2).unwrap_or_default();
    DESTINATIONS
        .iter()
        .map(|(key, _)| *key)
        .find(|key| *key == service)
        .unwrap_or("none")
}
