//! Load and concurrency: how many requests come, how the function is run for them, and what limits it.

use leptos::prelude::*;

use super::drills_pane::remove;
use super::fields::{Fields, said_at};
use super::live::{kept, live, part};
use super::problems::{problems, trouble_line};
use super::settings_pane::NumberSetting;
use super::store::{Store, use_store};
use crate::lambda::traffic::{Pattern, Rate};
use crate::ui::model::{List, Load, LoadKind, LoadRuns, Msg, Part, Setting};
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

/// A rate in requests a second, down to a thousandth.
#[component]
fn RateSetting(
    id: &'static str,
    label: &'static str,
    get: fn(&Load) -> Rate,
    set: fn(Rate) -> Setting,
) -> impl IntoView {
    let store = use_store();
    let typed = RwSignal::new(None::<String>);
    let value = kept(move || store.setup.with(|setup| get(&setup.load).in_words()));
    let trouble = kept(move || {
        typed.with(|typed| match Rate::read(typed.as_ref()?) {
            Some(rate) if rate.0 > 0 && rate <= Rate::MAX => None,
            _ => Some("Write a rate from 0.001 to 100,000 requests a second.".to_owned()),
        })
    });
    let type_in = move |event| {
        let text = event_target_value(&event);
        if let Some(rate) = Rate::read(&text).filter(|rate| rate.0 > 0 && *rate <= Rate::MAX) {
            store.send(Msg::Set(set(rate)));
        }
        typed.set(Some(text));
    };
    view! {
        <div class="setting-head">
            <label for=id>{label}</label>
            <span class="with-unit">
                <input
                    type="text"
                    id=id
                    data-testid=format!("{id}-input")
                    inputmode="decimal"
                    autocomplete="off"
                    aria-invalid=live(move || trouble.get().map(|_| "true"))
                    prop:value=live(move || typed.get().unwrap_or_else(|| value.get()))
                    on:input=type_in
                    on:blur=move |_| typed.set(None)
                />
                <span>"/s"</span>
            </span>
        </div>
        {trouble_line(trouble)}
    }
}

/// A pasted list of times.
fn times(store: Store) -> AnyView {
    let found = kept(move || store.setup.with(|setup| setup.load.times_problems.clone()));
    view! {
        <div class="field">
            <label for="load-times">"Times"</label>
            <textarea
                id="load-times"
                data-testid="load-times"
                class="mono"
                rows="4"
                spellcheck="false"
                placeholder="0\n1.5\n250ms\n2026-01-05T12:00:03Z"
                aria-describedby="load-times-help"
                prop:value=live(move || store.setup.with(|setup| setup.load.times_text.clone()))
                on:input=move |event| store.send(Msg::Set(Setting::LoadTimes(event_target_value(&event))))
            ></textarea>
            <p class="help" id="load-times-help">
                "Seconds, times with a unit, or moments from a log, which count from the earliest."
            </p>
            {part(move || problems(&found.get(), "load-times-problems"))}
        </div>
    }
    .into_any()
}

/// A load that is sent besides the one that is set up.
fn kept_load(store: Store, index: usize) -> AnyView {
    let words = live(move || {
        store
            .setup
            .with(|setup| setup.load_in_words(index).unwrap_or_default())
    });
    view! {
        <div class="entry-line" data-testid=format!("load-{index}")>
            <span>{words}</span>
            {remove(store, List::Loads, index, "load")}
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
        let rate = |id, label, get: fn(&Load) -> Rate, set: fn(Rate) -> Setting| {
            view! { <RateSetting id=id label=label get=get set=set /> }.into_any()
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
                rate("load-from", "From", |load| load.from, Setting::LoadFromRate),
                rate("load-rate", "To", |load| load.rate, Setting::LoadAtRate),
                seconds(),
            )
                .into_any(),
            LoadKind::Times => times(store),
            LoadKind::Constant | LoadKind::Poisson => {
                (rate("load-rate", "Requests", |load| load.rate, Setting::LoadAtRate), seconds()).into_any()
            }
        }
    };
    let model = kept(move || store.setup.with(|setup| setup.load.runs));
    let further = kept(move || store.setup.with(|setup| setup.loads.len()));
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
                    ("times", "At given times"),
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
            <Show when=move || kind.get() != LoadKind::Single || model.get() == LoadRuns::Model>
                {choice(
                    "load-runs",
                    "Function",
                    &[
                        ("module", "Runs every time"),
                        ("cached", "Runs once for each event and state"),
                        ("model", "Not run: a model"),
                    ],
                    move || model.get().key(),
                    |key| Setting::LoadRuns(LoadRuns::of_key(key)),
                )}
            </Show>
            <Show when=move || model.get() == LoadRuns::Model>
                <Fields part=Part::Model(0) />
            </Show>
            <Show when=move || kind.get() != LoadKind::Single>
                {said_at(store, "$.traffic".to_owned(), "load-problems")}
                {part(move || (0..further.get()).map(|index| kept_load(store, index)).collect_view())}
                <button
                    type="button"
                    class="quiet"
                    data-testid="keep-load"
                    title="Sends this load too, and lets you set up another beside it"
                    on:click=move |_| store.send(Msg::Set(Setting::Add(List::Loads)))
                >
                    "Send this one too, and set up another"
                </button>
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
                value=Signal::derive(move || store.setup.with(|setup| setup.provisioned())) setting=Setting::Provisioned />
            <NumberSetting id="account" label="Account concurrency" unit="" range=(100, 100_000)
                value=Signal::derive(move || store.setup.with(|setup| setup.account_concurrency)) setting=Setting::Account />
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
