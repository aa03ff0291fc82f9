//! The function's settings, in Lambda's words and ranges.

use leptos::prelude::*;

use super::drills_pane::DrillSettings;
use super::fields::Fields;
use super::functions_pane::FunctionsSettings;
use super::live::{kept, live};
use super::load_pane::LoadSettings;
use super::mapping_pane::MappingSettings;
use super::problems::{problems, trouble_line};
use super::requests_pane::RequestSettings;
use super::store::use_store;
use crate::guest::engine::Tier;
use crate::lambda::config::{Architecture, TimeoutSeconds};
use crate::ui::model::{Msg, Part, Setting};
use crate::ui::words;

/// Real seconds of patience that the page offers.
const PATIENCE_S: [u32; 4] = [2, 10, 60, 600];

/// Settings of the first function that are described as data.
const LOGGING: &[&str] = &[
    "log_format",
    "application_log_level",
    "system_log_level",
    "log_group",
    "recursive_loop",
];

/// The pane.
#[component]
pub fn SettingsPane() -> impl IntoView {
    let store = use_store();
    let config = kept(move || store.setup.with(|setup| setup.config.clone()));
    let patience = kept(move || store.setup.with(|setup| setup.patience_ms / 1_000));
    let interpreted = kept(move || store.engine.with(|engine| engine.tier == Tier::Interpreter));
    let environment = kept(move || {
        store.setup.with(|setup| {
            (
                setup.environment_text.clone(),
                setup.environment_problems.clone(),
            )
        })
    });
    view! {
        <section class="pane" aria-labelledby="settings-head">
            <header class="pane-head">
                <h2 id="settings-head">"Settings"</h2>
            </header>
            <NumberSetting
                id="timeout"
                label="Timeout"
                unit="s"
                range=(TimeoutSeconds::MIN.0, TimeoutSeconds::MAX.0)
                value=Signal::derive(move || config.with(|config| config.timeout.0))
                setting=Setting::Timeout
            />
            <div class="folds">
                <details>
                    <summary>"More settings"</summary>
                    <NumberSetting
                        id="ephemeral"
                        label="Ephemeral storage"
                        unit="MB"
                        range=(512, 10_240)
                        value=Signal::derive(move || config.with(|config| config.ephemeral_storage_mb))
                        setting=Setting::EphemeralStorage
                    />
                    <div class="setting-head">
                        <label for="architecture">"Architecture"</label>
                        <select
                            id="architecture"
                            data-testid="architecture"
                            on:change=move |event| {
                                let architecture = match event_target_value(&event).as_str() {
                                    "arm64" => Architecture::Arm,
                                    _ => Architecture::X86,
                                };
                                store.send(Msg::Set(Setting::Architecture(architecture)));
                            }
                        >
                            <option value="x86_64" selected=live(move || config.with(|it| it.architecture == Architecture::X86))>"x86_64"</option>
                            <option value="arm64" selected=live(move || config.with(|it| it.architecture == Architecture::Arm))>"arm64"</option>
                        </select>
                    </div>
                    <p class="help">"Decides the price; WebAssembly runs the same on both."</p>
                    <NumberSetting
                        id="retries"
                        label="Asynchronous retries"
                        unit=""
                        range=(0, 2)
                        value=Signal::derive(move || config.with(|config| config.maximum_retry_attempts))
                        setting=Setting::Retries
                    />
                    <NumberSetting
                        id="event-age"
                        label="Maximum event age"
                        unit="s"
                        range=(60, 21_600)
                        value=Signal::derive(move || config.with(|config| config.maximum_event_age_seconds))
                        setting=Setting::EventAge
                    />
                    <div class="field">
                        <label for="environment">"Environment variables"</label>
                        <textarea
                            id="environment"
                            data-testid="environment"
                            class="mono"
                            rows="3"
                            spellcheck="false"
                            placeholder="NAME=value"
                            prop:value=live(move || environment.with(|(text, _)| text.clone()))
                            on:input=move |event| {
                                store.send(Msg::Set(Setting::Environment(event_target_value(&event))));
                            }
                        ></textarea>
                        {live(move || environment.with(|(_, list)| problems(list, "environment-problems")))}
                    </div>
                    <Fields part=Part::Function(0) only=LOGGING />
                </details>
                <MappingSettings />
                <LoadSettings />
                <RequestSettings />
                <FunctionsSettings />
                <DrillSettings />
                <details>
                    <summary>"Advanced"</summary>
                    <div class="setting-head">
                        <label for="tier">"Engine"</label>
                        <select
                            id="tier"
                            data-testid="tier"
                            aria-describedby="tier-help"
                            on:change=move |event| {
                                let tier = match event_target_value(&event).as_str() {
                                    "interpreter" => Tier::Interpreter,
                                    _ => Tier::Browser,
                                };
                                store.send(Msg::SetTier(tier));
                            }
                        >
                            <option value="browser" selected=live(move || !interpreted.get())>"Browser's own"</option>
                            <option value="interpreter" selected=live(move || interpreted.get())>"Interpreter (wasmi)"</option>
                        </select>
                    </div>
                    <p class="help" id="tier-help">
                        "Both count the same instructions and give the same run, to the last digit; the interpreter only takes longer to do it."
                    </p>
                    <div class="setting-head">
                        <label for="patience">"Patience"</label>
                        <select
                            id="patience"
                            data-testid="patience"
                            aria-describedby="patience-help"
                            on:change=move |event| {
                                if let Ok(seconds) = event_target_value(&event).parse::<u32>() {
                                    store.send(Msg::SetPatience(seconds.saturating_mul(1_000)));
                                }
                            }
                        >
                            {PATIENCE_S
                                .iter()
                                .map(|seconds| view! {
                                    <option value=seconds.to_string() selected=live(move || patience.get() == *seconds)>
                                        {format!("{seconds} s")}
                                    </option>
                                })
                                .collect_view()}
                        </select>
                    </div>
                    <p class="help" id="patience-help">
                        "How long your own device may work on one phase. This is ours, not Lambda's: it only decides when the playground gives up."
                    </p>
                </details>
            </div>
        </section>
    }
}

/// A whole number in a range, with a sentence when what is typed is none.
#[component]
pub fn NumberSetting(
    id: &'static str,
    label: &'static str,
    unit: &'static str,
    range: (u32, u32),
    value: Signal<u32>,
    setting: fn(u32) -> Setting,
) -> impl IntoView {
    let store = use_store();
    let (min, max) = range;
    let typed = RwSignal::new(None::<String>);
    let trouble = kept(move || {
        typed.with(|typed| {
            let text = typed.as_ref()?;
            match text.trim().parse::<u32>() {
                Ok(number) if (min..=max).contains(&number) => None,
                _ => Some(format!(
                    "Lambda takes whole numbers from {} to {}.",
                    words::grouped(min.into()),
                    words::grouped(max.into())
                )),
            }
        })
    });
    let type_in = move |event| {
        let text = event_target_value(&event);
        if let Ok(number) = text.trim().parse::<u32>()
            && (min..=max).contains(&number)
        {
            store.send(Msg::Set(setting(number)));
        }
        typed.set(Some(text));
    };
    view! {
        <div class="setting-head">
            <label for=id>{label}</label>
            <span class="with-unit">
                <input
                    type="number"
                    id=id
                    data-testid=format!("{id}-input")
                    min=min.to_string()
                    max=max.to_string()
                    inputmode="numeric"
                    aria-invalid=live(move || trouble.get().map(|_| "true"))
                    prop:value=live(move || typed.get().unwrap_or_else(|| value.get().to_string()))
                    on:input=type_in
                    on:blur=move |_| typed.set(None)
                />
                <span>{unit}</span>
            </span>
        </div>
        {trouble_line(trouble)}
    }
}
