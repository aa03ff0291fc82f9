//! What an embed shows: a line with the function and Run, the parts that were asked for, and the way to the whole page.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry, ResizeObserver};

use super::super::attempt_table::AttemptTable;
use super::super::function_pane::FunctionPane;
use super::super::guide::GuidePanel;
use super::super::live::{kept, live};
use super::super::log_view::LogView;
use super::super::memory_slider::MemorySlider;
use super::super::metrics_view::MetricsView;
use super::super::outcome::Outcome;
use super::super::outside::address_with;
use super::super::problems::problems;
use super::super::run_bar::RunBar;
use super::super::settings_pane::SettingsPane;
use super::super::stage::{Stage, run_clock};
use super::super::store::Store;
use super::super::trigger_pane::TriggerPane;
use super::super::tuning_view::PowerTuning;
use super::{Embed, host};
use crate::trigger::names;
use crate::ui::embed::{Options, Report};
use crate::ui::model::Msg;
use crate::ui::words;

/// Real milliseconds from a change to the link that holds it.
const LINK_AFTER: Duration = Duration::from_millis(300);

/// Id of the embed's root element.
const ROOT: &str = "embed";

/// The page inside another page.
#[component]
pub fn EmbedApp(options: Options) -> impl IntoView {
    let store = Store::new();
    provide_context(store);
    super::super::keys::listen(store);
    run_clock(store);
    let embed = Embed::new(store, &options);
    let (view, readonly) = (options.view, options.readonly);
    let (wait, changes) = (options.wait, StoredValue::new(Some(options.changes)));
    Effect::new(move |_| {
        store.send(Msg::MountedInFrame);
        host::listen(embed);
        if !wait && let Some(changes) = changes.try_update_value(Option::take).flatten() {
            embed.take(changes);
        }
        watch_size(embed);
        pause_out_of_sight(store);
    });
    Effect::new(move |_| {
        store.function.track();
        store.setup.track();
        store.link.track();
        store.engine.track();
        store.run.track();
        store.playback.track();
        untrack(|| embed.follow());
    });
    Effect::new(move |_| {
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-theme", embed.theme.get().key());
        }
        store.theme.update(|changes| *changes += 1);
    });
    let whole_page = keep_link(embed);

    let name = kept(move || {
        store
            .function
            .with(|function| match (&function.loading, &function.current) {
                (Some(loading), _) => format!("Loading {}…", loading.name),
                (None, Some(current)) => current.name.clone(),
                (None, None) => "No function yet".to_owned(),
            })
    });
    let facts = kept(move || {
        store.setup.with(|setup| {
            format!(
                "{} · {}",
                names::name_of(&setup.trigger),
                words::memory(setup.config.memory)
            )
        })
    });
    let trouble = live(move || {
        let mut list = embed.told.get();
        list.extend(store.link.with(|link| link.problems.clone()));
        list.extend(store.function.with(|function| {
            function
                .rejected
                .as_ref()
                .map(|rejected| rejected.problems.clone())
                .unwrap_or_default()
        }));
        if !view.setup {
            list.extend(store.setup.with(|setup| setup.event.error.clone()));
        }
        problems(&list, "embed-problems")
    });
    let has_run = kept(move || store.run.with(|run| run.shown.is_some()));
    let classes = if readonly {
        view.classes() + " locked"
    } else {
        view.classes()
    };

    view! {
        <div class=classes id=ROOT>
            <header class="embed-head">
                <p class="embed-what">
                    <strong data-testid="embed-name">{live(move || name.get())}</strong>
                    <span class="hint">{live(move || facts.get())}</span>
                </p>
                <RunBar />
            </header>
            {trouble}
            <GuidePanel />
            <main class="embed-parts">
                {view.setup.then(|| view! {
                    <div class="embed-setup" inert=readonly>
                        <FunctionPane />
                        <TriggerPane />
                        <SettingsPane />
                    </div>
                })}
                {view.slider.then(|| view! {
                    <section class="embed-slider" aria-label="Memory" inert=readonly>
                        <MemorySlider />
                    </section>
                })}
                {view.has_clock().then(|| view! { <Stage picture=view.stage timeline=view.timeline inspector=view.result /> })}
                {view.result.then(|| view! {
                    <Show when=move || has_run.get()>
                        <AttemptTable />
                        <Outcome />
                        {view.setup.then(|| view! { <MetricsView /> <PowerTuning /> })}
                        <LogView />
                    </Show>
                })}
            </main>
            <footer class="embed-foot">
                <span class="hint">"Simulated AWS Lambda, in your browser"</span>
                <span class="spring"></span>
                <button type="button" class="quiet" data-testid="embed-reset" title="Back to what the page's author wrote" on:click=move |_| embed.reset()>
                    "Reset"
                </button>
                <a href=live(move || whole_page.get()) target="_blank" rel="noopener" data-testid="embed-open">
                    "Open in Lambda Playground"
                </a>
            </footer>
            <div class="visually-hidden" role="status" aria-live="polite">
                {live(move || store.announcement.get())}
            </div>
        </div>
    }
}

/// Keeps a link of the scenario as the reader has it, for the way to the whole page and for the host.
fn keep_link(embed: Embed) -> RwSignal<String> {
    let store = embed.store;
    let address = RwSignal::new(address_with(""));
    let turn = StoredValue::new(0_u32);
    Effect::new(move |_| {
        store.setup.track();
        store.function.track();
        store.desk.track();
        let now = turn.with_value(|turn| turn.wrapping_add(1));
        turn.set_value(now);
        set_timeout(
            move || {
                if turn.try_get_value() == Some(now)
                    && store.desk.with_untracked(|desk| desk.ready)
                    && store
                        .function
                        .with_untracked(|function| function.loading.is_none())
                {
                    embed.share();
                }
            },
            LINK_AFTER,
        );
    });
    Effect::new(move |_| {
        if let Some(link) = store.link.with(|link| link.made.clone()) {
            address.set(address_with(&link));
        }
    });
    address
}

fn root() -> Option<Element> {
    document().get_element_by_id(ROOT)
}

/// Tells the host how high the page is.
pub fn measure(embed: Embed) {
    if let Some(root) = root() {
        let height = root.get_bounding_client_rect().height().ceil();
        embed.tell(&Report::Size(height as u32));
    }
}

/// Tells it again whenever it changes. The height follows from the width and the content alone, never from the frame's
/// height, so that this cannot go round in circles.
fn watch_size(embed: Embed) {
    let Some(root) = root() else {
        return;
    };
    let told = StoredValue::new(0_u32);
    let changed = Closure::<dyn FnMut()>::new(move || {
        let height = self::root().map_or(0, |root| {
            root.get_bounding_client_rect().height().ceil() as u32
        });
        if told.get_value() != height {
            told.set_value(height);
            embed.tell(&Report::Size(height));
        }
    });
    if let Ok(observer) = ResizeObserver::new(changed.as_ref().unchecked_ref()) {
        observer.observe(&root);
        // As long as the page.
        changed.forget();
    }
}

/// A clock that nobody sees stands still, and goes on when it is seen again.
fn pause_out_of_sight(store: Store) {
    let Some(root) = root() else {
        return;
    };
    let paused = StoredValue::new(false);
    let seen = Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
        let Some(entry) = entries.pop().dyn_into::<IntersectionObserverEntry>().ok() else {
            return;
        };
        let playing = store.playback.with_untracked(|playback| playback.playing);
        match (entry.is_intersecting(), playing, paused.get_value()) {
            (false, true, _) => {
                paused.set_value(true);
                store.send(Msg::Pause);
            }
            (true, false, true) => {
                paused.set_value(false);
                store.send(Msg::TogglePlay);
            }
            (true, ..) => paused.set_value(false),
            (false, false, _) => {}
        }
    });
    if let Ok(observer) = IntersectionObserver::new(seen.as_ref().unchecked_ref()) {
        observer.observe(&root);
        // As long as the page.
        seen.forget();
    }
}
