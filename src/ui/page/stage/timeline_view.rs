//! The picture: a ruler, one lane for each party, folded gaps, and the cursor.

use std::sync::Arc;

use crate::ui::page::live::{kept, live, part};
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::PointerEvent;

use super::bars::lane_track;
use super::measure::measure;
use crate::sim::SimTime;
use crate::ui::model::Msg;
use crate::ui::page::store::use_store;
use crate::ui::timeline::{Axis, Lane, Piece, axis};
use crate::ui::words;

/// Width before the first measurement.
const FIRST_WIDTH: f64 = 800.0;

/// The timeline.
#[component]
pub fn TimelineView() -> impl IntoView {
    let store = use_store();
    let ruler = NodeRef::<Div>::new();
    let width = RwSignal::new(FIRST_WIDTH);
    measure(ruler, width);

    let lanes = kept(move || {
        Shared(
            store
                .run
                .with(|run| run.shown.as_ref().map(|shown| shown.lanes.clone()))
                .unwrap_or_default(),
        )
    });
    let unfolded = kept(move || store.playback.with(|playback| playback.unfolded.clone()));
    let axis = kept(move || {
        let width = width.get();
        unfolded.with(|unfolded| {
            store.run.with(|run| {
                run.shown
                    .as_ref()
                    .map(|shown| shown.axis(unfolded, width))
                    .unwrap_or_default()
            })
        })
    });
    let at = kept(move || store.playback.with(|playback| playback.at));
    let many = kept(move || {
        store.run.with(|run| {
            run.shown
                .as_ref()
                .is_some_and(|shown| shown.attempts.len() > 1)
        })
    });
    let x = kept(move || axis.with(|axis| axis.x(at.get())));

    // Scrubbing: press and move anywhere on the picture.
    let seek = move |event: &PointerEvent| {
        if let Some(track) = ruler.get_untracked() {
            let left = track.get_bounding_client_rect().left();
            let time = axis.with_untracked(|axis| axis.time(f64::from(event.client_x()) - left));
            store.send(Msg::Seek(time));
        }
    };
    let scrubbing = StoredValue::new(false);
    let press = move |event: PointerEvent| {
        if event.button() == 0 && starts_scrub(&event) {
            scrubbing.set_value(true);
            seek(&event);
        }
    };
    let drag = move |event: PointerEvent| {
        if event.buttons() & 1 == 0 {
            scrubbing.set_value(false);
        } else if scrubbing.get_value() {
            seek(&event);
        }
    };

    view! {
        <div class="timeline" class:many=live(move || many.get()) data-testid="timeline" on:pointerdown=press on:pointermove=drag>
            <div class="lane ruler">
                <div class="lane-name">"Virtual time"</div>
                <div class="track" node_ref=ruler>
                    {part(move || axis.with(|axis| axis
                        .ticks()
                        .into_iter()
                        .map(|tick| view! {
                            <span class="time-tick" style:left=words::px(tick.x)>{tick.label}</span>
                        })
                        .collect_view()))}
                </div>
            </div>
            {part(move || {
                let lanes = lanes.get();
                axis.with(move |axis| lanes.0.iter().map(|lane| lane_row(lane, axis)).collect_view())
            })}
            <div class="over">
                {part(move || axis.with(|axis| axis
                    .pieces()
                    .iter()
                    .filter(|piece| piece.folded || piece.unfolded)
                    .map(|piece| fold(*piece))
                    .collect_view()))}
                <div class="future" style:left=live(move || words::px(x.get()))></div>
                <div
                    class="cursor"
                    style:transform=live(move || format!("translateX({})", words::px(x.get())))
                    role="slider"
                    tabindex="0"
                    aria-label="Clock"
                    aria-valuemin="0"
                    aria-valuemax=live(move || axis.with(|axis| micros(axis.end())))
                    aria-valuenow=live(move || micros(at.get()))
                    aria-valuetext=live(move || axis::instant(at.get()))
                ></div>
            </div>
        </div>
    }
}

fn micros(at: SimTime) -> String {
    (at.as_nanos() / 1_000).to_string()
}

/// Folds are for pressing, names for selecting; everything else moves the cursor.
fn starts_scrub(event: &PointerEvent) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|element| {
        element
            .closest(".fold, .lane-name")
            .ok()
            .flatten()
            .is_none()
    })
}

fn lane_row(lane: &Lane, axis: &Axis) -> AnyView {
    view! {
        <div class="lane" role="group" aria-label=lane.title.clone()>
            <div class="lane-name" title=lane.detail.clone()>{lane.title.clone()}</div>
            <div class="track">{lane_track(lane, axis)}</div>
        </div>
    }
    .into_any()
}

/// A folded gap, to be unfolded by a press; or an unfolded one, to be folded again.
fn fold(piece: Piece) -> impl IntoView {
    let store = use_store();
    let length = piece.span().to_string();
    let (class, title, text) = if piece.folded {
        ("fold", format!("Nothing runs for {length}. Unfold"), length)
    } else {
        (
            "fold open",
            format!("Nothing runs for {length}. Fold again"),
            format!("fold {length}"),
        )
    };
    view! {
        <button
            type="button"
            class=class
            style:left=words::px(piece.left)
            style:width=words::px(piece.right - piece.left)
            aria-label=title.clone()
            title=title
            on:click=move |_| store.send(Msg::ToggleFold(piece.from))
        >
            <span>{text}</span>
        </button>
    }
}

/// Lanes that are the same when they are the same in memory: comparing them bar by bar would cost more than drawing.
#[derive(Clone, Default)]
struct Shared(Arc<Vec<Lane>>);

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
