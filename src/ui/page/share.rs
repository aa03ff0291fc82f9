//! The sheet that shares: the link, the lines that put it into another page, and pictures of the run.

use leptos::prelude::*;

use super::code::CopyButton;
use super::dialogs::{SHARE, sheet};
use super::live::{kept, live};
use super::outside::{address_with, base};
use super::picture_file::{png, save_svg};
use super::store::{Store, use_store};
use crate::export::svg::{Palette, escaped};
use crate::scenario::link;
use crate::ui::model::{Moment, Msg, Origin, Sight};
use crate::ui::pictures::{self, Figure};
use crate::ui::timeline::axis;

/// How wide pictures are, in CSS pixels: as documentation pages are.
const WIDTH: f64 = 960.0;

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Timeline,
    Stage,
}

impl What {
    const fn key(self) -> &'static str {
        match self {
            Self::Timeline => "timeline",
            Self::Stage => "stage",
        }
    }
}

/// The sheet.
#[component]
pub fn Share() -> impl IntoView {
    let store = use_store();
    let has_run = kept(move || store.run.with(|run| run.shown.is_some()));
    let at_moment = RwSignal::new(false);
    let moment = kept(move || {
        let selected = store
            .run
            .with(|run| run.shown.as_ref().map(|shown| shown.selected))?;
        let shown = store.run.with(|run| run.shown.clone())?;
        store.playback.with(|playback| {
            let lay_out = |width| shown.axis(&playback.unfolded, width);
            Some(Moment {
                at: playback.at,
                selected,
                sight: Sight {
                    seen: playback.zoom.seen(lay_out),
                    find: playback.find.clone(),
                    order: playback.order,
                },
            })
        })
    });
    let text = kept(move || {
        // Only followed when it is wanted: the clock may be running.
        let moment = at_moment.get().then(|| moment.get()).flatten();
        let moment = moment.map(|moment| moment.to_text()).unwrap_or_default();
        store.link.with(|link| match &link.made {
            Some(text) => format!("{text}{moment}"),
            None => String::new(),
        })
    });
    let address = kept(move || text.with(|text| address_with(text)));
    let elsewhere = kept(move || {
        store.function.with(|function| match &function.current {
            Some(current) => {
                current.origin == Origin::Upload && current.bytes.len() > link::MODULE_BYTES
            }
            None => false,
        })
    });
    sheet(
        SHARE,
        "Share",
        view! {
            <p>"Whoever opens this link sees the same function, event, settings and requests, and gets the same run to the last digit. Everything is in the link itself; no server keeps it."</p>
            <label class="inline check" hidden=live(move || !has_run.get())>
                <input
                    type="checkbox"
                    data-testid="share-moment"
                    prop:checked=live(move || at_moment.get())
                    on:change=move |event| at_moment.set(event_target_checked(&event))
                />
                {live(move || format!(
                    "Open at this moment, as it is seen: {}",
                    store.playback.with(|playback| axis::instant(playback.at))
                ))}
            </label>
            <div hidden=live(move || !elsewhere.get())>
                <p class="notice">
                    "Your function is too large to travel in the link. Send its file along, and it is dropped on the page there; or say where you keep it."
                </p>
                <Kept />
            </div>
            <div class="share-link">
                <label for="share-address">"Link"</label>
                <input id="share-address" data-testid="share-link" readonly prop:value=live(move || address.get()) />
                <CopyButton text=Signal::derive(move || address.get()) />
            </div>
            <h3>"In another page"</h3>
            <Pictures text=Signal::derive(move || text.get()) has_run=Signal::derive(move || has_run.get()) />
        }
        .into_any(),
    )
}

/// Where a function is kept that is too large for the link.
#[component]
fn Kept() -> impl IntoView {
    let store = use_store();
    let refused = RwSignal::new(false);
    let change = move |event| {
        let typed = event_target_value(&event);
        let address = link::address(&typed).map(str::to_owned);
        refused.set(address.is_none() && !typed.trim().is_empty());
        store.send(Msg::ShareFrom(address));
    };
    view! {
        <div class="share-link">
            <label for="share-from">"Address"</label>
            <input
                id="share-from"
                data-testid="share-from"
                inputmode="url"
                placeholder="https://docs.example.com/function.wasm"
                aria-describedby="share-from-hint"
                on:change=change
            />
        </div>
        <p class="hint" id="share-from-hint" role="status">
            {live(move || if refused.get() {
                "Not an address that links take: write a path beside the playground, or one with https, without a name or password in it."
            } else {
                "The playground fetches it only from its own host. From others, the reader opens the address and drops the file; the SHA-256 in the link tells whether it is the right one."
            })}
        </p>
    }
}

/// The lines for another page, and the picture that stands there until somebody presses Run.
#[component]
fn Pictures(text: Signal<String>, has_run: Signal<bool>) -> impl IntoView {
    let store = use_store();
    let what = RwSignal::new(What::Timeline);
    let dark = RwSignal::new(false);
    let failed = RwSignal::new(false);
    // Drawn when the sheet is looked at, not at each change of the run: a link is made when it is opened.
    let alt = kept(move || {
        if text.with(String::is_empty) {
            return String::new();
        }
        figure(store, what.get(), &Palette::LIGHT).map_or_else(String::new, |figure| figure.alt)
    });
    let name = move || {
        let function = store.setup.with(|setup| setup.config.name.clone());
        format!("{function}-{}", what.get().key())
    };
    let snippet = kept(move || {
        let (view, link, alt) = (what.get(), text.get(), alt.get());
        let view = match view {
            What::Timeline => "timeline, result",
            What::Stage => "stage, timeline",
        };
        let image = match alt.is_empty() {
            true => String::new(),
            false => format!(
                "\n  <img src=\"{}.svg\" alt=\"{}\">",
                escaped(&name()),
                escaped(&alt)
            ),
        };
        let base = base();
        format!(
            "<script src=\"{base}lambda-playground.js\" defer></script>\n<lambda-playground view=\"{view}\" scenario=\"{link}\">{image}\n</lambda-playground>"
        )
    });
    let palette = move || match dark.get_untracked() {
        true => Palette::DARK,
        false => Palette::LIGHT,
    };
    let svg = move |_| {
        if let Some(figure) = figure(store, what.get_untracked(), &palette()) {
            save_svg(&format!("{}.svg", name()), &figure.svg);
        }
    };
    let png = move |_| {
        if let Some(figure) = figure(store, what.get_untracked(), &palette()) {
            png(format!("{}.png", name()), figure, move |done| {
                failed.set(!done)
            });
        }
    };
    let choice = move |value: What, label: &'static str| {
        view! {
            <label class="inline check">
                <input
                    type="radio"
                    name="share-what"
                    data-testid=format!("share-{}", value.key())
                    prop:checked=live(move || what.get() == value)
                    on:change=move |_| what.set(value)
                />
                {label}
            </label>
        }
    };
    view! {
        <div class="share-snippet">
            <label for="share-embed">"Lines for its HTML or Markdown"</label>
            <textarea id="share-embed" data-testid="share-embed" readonly rows="4" prop:value=live(move || snippet.get())></textarea>
            <CopyButton text=Signal::derive(move || snippet.get()) />
        </div>
        <fieldset class="share-picture" disabled=live(move || !has_run.get())>
            <legend>"Picture for readers who have not pressed Run, for print and for feeds"</legend>
            {choice(What::Timeline, "Timeline")}
            {choice(What::Stage, "Stage at this moment")}
            <label class="inline check">
                <input
                    type="checkbox"
                    data-testid="share-dark"
                    prop:checked=live(move || dark.get())
                    on:change=move |event| dark.set(event_target_checked(&event))
                />
                "Dark"
            </label>
            <span class="buttons">
                <button type="button" data-testid="share-svg" on:click=svg>"Save SVG"</button>
                <button type="button" data-testid="share-png" on:click=png>"Save PNG"</button>
            </span>
            <p class="share-alt">
                <span class="hint" data-testid="share-alt">{live(move || alt.get())}</span>
                <CopyButton text=Signal::derive(move || alt.get()) />
            </p>
            <p class="notice" role="status" hidden=live(move || !failed.get())>
                "The browser could not make a PNG of it. The SVG has the same picture."
            </p>
        </fieldset>
    }
}

/// Draws a picture of the run that is shown.
fn figure(store: Store, what: What, palette: &Palette) -> Option<Figure> {
    let at = store.playback.with_untracked(|playback| playback.at);
    store.run.with_untracked(|run| {
        let shown = run.shown.as_ref()?;
        let entries = shown.entries.to_vec();
        Some(match what {
            What::Timeline => pictures::timeline(&entries, shown.end, WIDTH, palette),
            What::Stage => pictures::stage(&entries, at, WIDTH, palette),
        })
    })
}
