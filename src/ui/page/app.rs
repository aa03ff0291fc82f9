//! The page as a whole: its order, and dropping files anywhere on it.

use leptos::prelude::*;
use web_sys::DragEvent;

use super::attempt_table::AttemptTable;
use super::bucket::is_over_bucket;
use super::command_palette::CommandPalette;
use super::cost_view::CostView;
use super::dialogs::{Differs, Help};
use super::function_pane::{FunctionPane, take_files};
use super::guide::{GuidePanel, Guides, Welcome};
use super::header::Header;
use super::live::{kept, live};
use super::log_view::LogView;
use super::memory_slider::MemorySlider;
use super::metrics_view::MetricsView;
use super::offline::Offline;
use super::outcome::Outcome;
use super::outside::{address_is_plain, address_link};
use super::run_bar::RunBar;
use super::save::Save;
use super::settings_pane::SettingsPane;
use super::share::Share;
use super::stage::Stage;
use super::store::Store;
use super::trigger_pane::TriggerPane;
use super::tuning_view::PowerTuning;
use crate::ui::model::{Guiding, Msg};

/// The page.
#[component]
pub fn App() -> impl IntoView {
    let store = Store::new();
    provide_context(store);
    super::keys::listen(store);
    super::stage::run_clock(store);
    let _ = window_event_listener(leptos::ev::hashchange, move |_| {
        match address_link() {
            Some(link) => store.send(Msg::OpenLink(link)),
            // Back from a guide to the page as it was named before.
            None if address_is_plain() => store.send(Msg::Guide(Guiding::Close)),
            None => {}
        }
    });
    // After the first frame's worth of work, so that the worker's download does not delay it.
    Effect::new(move |_| {
        store.send(Msg::Mounted {
            link: super::kept::beginning(),
        })
    });

    let dragging = RwSignal::new(false);
    let over = move |event: DragEvent| {
        if is_over_bucket(&event) {
            dragging.set(false);
            return;
        }
        // Only files; text dragged from the page is none of our business.
        let files = event
            .data_transfer()
            .is_some_and(|transfer| transfer.types().includes(&"Files".into(), 0));
        if files {
            event.prevent_default();
            dragging.set(true);
        }
    };
    let leave = move |event: DragEvent| {
        // Leaving the window, not a child.
        if event.related_target().is_none() {
            dragging.set(false);
        }
    };
    let drop = move |event: DragEvent| {
        dragging.set(false);
        if let Some(files) = event.data_transfer().and_then(|transfer| transfer.files()) {
            event.prevent_default();
            take_files(store, &files);
        }
    };
    let has_run = kept(move || store.run.with(|run| run.shown.is_some()));

    view! {
        <div class="app" on:dragover=over on:dragleave=leave on:drop=drop>
            <a class="skip" href="#results">"Skip to the result"</a>
            <Header />
            <main class="bench">
                <div class="rail">
                    <div class="rail-panes">
                        <FunctionPane />
                        <TriggerPane />
                        <SettingsPane />
                    </div>
                    <section class="foot" aria-label="Memory and run">
                        <MemorySlider />
                        <RunBar />
                    </section>
                </div>
                <div class="results" id="results" tabindex="-1">
                    <GuidePanel />
                    <Stage />
                    <Show when=move || has_run.get() fallback=Welcome>
                        <AttemptTable />
                        <Outcome />
                        <MetricsView />
                        <CostView />
                        <PowerTuning />
                        <LogView />
                    </Show>
                </div>
            </main>
            <div class="veil" class:shown=live(move || dragging.get()) aria-hidden="true">
                <p>"Drop it: a .wasm module, or .wat text"</p>
            </div>
            <Differs />
            <Help />
            <Guides />
            <Share />
            <Save />
            <CommandPalette />
            <Offline />
            <div class="visually-hidden" role="status" aria-live="polite">
                {live(move || store.announcement.get())}
            </div>
        </div>
    }
}
