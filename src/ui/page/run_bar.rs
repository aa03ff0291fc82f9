//! Run, and what goes on while it does.

use leptos::prelude::*;

use super::icons;
use super::live::{kept, live};
use super::problems::problems;
use super::store::use_store;
use crate::ui::model::{LoadKind, Msg};
use crate::ui::timeline::axis;
use crate::ui::words;

/// The bar at the foot of the settings; at the foot of the window on narrow screens.
#[component]
pub fn RunBar() -> impl IntoView {
    let store = use_store();
    let pending = kept(move || store.run.with(|run| run.pending.is_some()));
    let wanted = kept(move || store.run.with(|run| run.wanted));
    let requests = kept(move || store.setup.with(|setup| setup.arrivals.len()));
    let progress = kept(move || {
        store
            .run
            .with(|run| run.pending.as_ref().and_then(|pending| pending.progress))
    });
    // Why Run would do nothing; the places themselves say more.
    let hindrance = kept(move || {
        if store.engine.with(|engine| engine.failed.is_some()) {
            return Some("The engine has failed");
        }
        if store.setup.with(|setup| setup.event.error.is_some()) {
            return Some("The event is not JSON yet");
        }
        store
            .function
            .with(|function| function.current.is_none() && function.loading.is_none())
            .then_some("There is no function yet")
    });
    let trouble = live(move || {
        let mut list = store.run.with(|run| run.refused.clone());
        list.extend(store.engine.with(|engine| engine.failed.clone()));
        problems(&list, "run-problems")
    });
    let under_load = kept(move || {
        store
            .setup
            .with(|setup| setup.load.kind != LoadKind::Single)
    });
    let note = move || match (hindrance.get(), requests.get()) {
        (Some(why), _) => why.to_owned(),
        (None, _) if under_load.get() => {
            "Each run sends the whole load anew, to a function without environments.".to_owned()
        }
        (None, 0) => "The first request meets no environment: a cold start.".to_owned(),
        (None, 1) => "One request so far. The next comes a second after it.".to_owned(),
        (None, many) => format!("{many} requests so far. The next comes a second after them."),
    };
    let mac = window()
        .navigator()
        .platform()
        .is_ok_and(|platform| platform.starts_with("Mac"));
    let shortcut = if mac { "⌘ Enter" } else { "Ctrl Enter" };

    view! {
        <div class="run-bar">
            {trouble}
            <div class="run-row">
                <button
                    type="button"
                    class="primary"
                    data-testid="run"
                    disabled=live(move || hindrance.get().is_some())
                    title=format!("Run ({shortcut})")
                    on:click=move |_| store.send(Msg::Run)
                >
                    {icons::PLAY.view()}
                    {live(move || if requests.get() == 0 { "Run" } else { "Run again" })}
                    <kbd>{shortcut}</kbd>
                </button>
                <Show
                    when=move || pending.get() || wanted.get()
                    fallback=move || view! {
                        <button
                            type="button"
                            data-testid="start-over"
                            disabled=live(move || requests.get() == 0 && store.run.with(|run| run.shown.is_none()))
                            title="Forget all requests: the next run starts cold"
                            on:click=move |_| store.send(Msg::StartOver)
                        >
                            "Start over"
                        </button>
                    }
                >
                    <button
                        type="button"
                        data-testid="cancel"
                        title="Stop, and keep what has happened so far (Esc)"
                        on:click=move |_| store.send(Msg::Cancel)
                    >
                        {icons::STOP.view()}
                        "Cancel"
                    </button>
                </Show>
            </div>
            <Show
                when=move || progress.get().is_some() || wanted.get()
                fallback=move || view! { <p class="run-note">{note}</p> }
            >
                <p class="progress" data-testid="progress" role="status">
                    {live(move || match progress.get() {
                        Some(progress) => format!(
                            "Lambda's clock {} · {} instructions · {}.{} s here",
                            axis::instant(progress.now),
                            words::millions(progress.fuel.0),
                            progress.real_ms / 1_000,
                            progress.real_ms % 1_000 / 100,
                        ),
                        None => "Runs as soon as the function is loaded…".to_owned(),
                    })}
                </p>
            </Show>
        </div>
    }
}
