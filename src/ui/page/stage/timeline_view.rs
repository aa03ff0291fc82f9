//! The timeline: a ruler, one lane for each party on a canvas, folded gaps, and the cursor. It enlarges by wheel, pinch and
//! keys; whoever cannot see it has the table of invocations.

use std::collections::BTreeSet;
use std::sync::Arc;

use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{PointerEvent, WheelEvent};

use super::find::Find;
use super::measure::measure;
use super::paint::{Layout, Look, Palette, context, paint};
use crate::sim::SimTime;
use crate::ui::attempts::AttemptId;
use crate::ui::find;
use crate::ui::model::Msg;
use crate::ui::page::live::{kept, live, part};
use crate::ui::page::store::use_store;
use crate::ui::timeline::strip::bar_at;
use crate::ui::timeline::{Bar, Lane, Piece, Rows, Window, axis};
use crate::ui::words;

/// Width before the first measurement.
const FIRST_WIDTH: f64 = 800.0;
/// So many lanes are seen at a time; the others are scrolled to.
const LANES_SEEN: f64 = 12.0;
/// A pointer that moves less between press and release has clicked.
const CLICK: f64 = 4.0;
/// How much a pixel of the wheel enlarges.
const WHEEL: f64 = 1.002;

/// The timeline.
#[component]
pub fn TimelineView() -> impl IntoView {
    let store = use_store();
    let ruler = NodeRef::<Div>::new();
    let canvas = NodeRef::<Canvas>::new();
    let palette = NodeRef::<Div>::new();
    let width = RwSignal::new(FIRST_WIDTH);
    let scrolled = RwSignal::new(0.0);
    measure(ruler, width);
    Effect::new(move |_| store.send(Msg::Measured(width.get())));

    let lanes = kept(move || {
        Shared(
            store
                .run
                .with(|run| run.shown.as_ref().map(|shown| shown.lanes.clone()))
                .unwrap_or_default(),
        )
    });
    let unfolded = kept(move || store.playback.with(|playback| playback.unfolded.clone()));
    let zoom = kept(move || store.playback.with(|playback| playback.zoom));
    let axis = kept(move || {
        let width = zoom.get().axis_width();
        unfolded.with(|unfolded| {
            store.run.with(|run| {
                run.shown
                    .as_ref()
                    .map(|shown| shown.axis(unfolded, width))
                    .unwrap_or_default()
            })
        })
    });
    let seen = kept(move || axis.with(|axis| zoom.get().window(axis)));
    let at = kept(move || store.playback.with(|playback| playback.at));
    let x = kept(move || axis.with(|axis| axis.x(at.get()) - seen.get().left));
    let selected = kept(move || {
        store.run.with(|run| {
            let shown = run.shown.as_ref()?;
            shown.selected.filter(|_| shown.attempts.len() > 1)
        })
    });
    let found = kept(move || {
        let search = store.playback.with(|playback| playback.find.clone());
        if search.trim().is_empty() {
            return None;
        }
        store.run.with(|run| {
            let attempts = run.shown.iter().flat_map(|shown| &shown.attempts);
            let fitting = attempts.filter(|attempt| find::fits(attempt, &search));
            Some(
                fitting
                    .map(|attempt| attempt.id)
                    .collect::<BTreeSet<AttemptId>>(),
            )
        })
    });

    // Names stand beside the lanes, or above them where there is no room.
    let layout = move || {
        width.get();
        let gutter = match (ruler.get(), canvas.get()) {
            (Some(ruler), Some(canvas)) => {
                let left = |element: &web_sys::Element| element.get_bounding_client_rect().left();
                (left(&ruler) - left(&canvas)).max(0.0)
            }
            _ => 0.0,
        };
        let (lane, name) = if gutter > 0.0 {
            (34.0, 0.0)
        } else {
            (44.0, 16.0)
        };
        let all = lanes.with(|lanes| lanes.0.len()) as f64;
        Layout {
            gutter,
            lane,
            name,
            scrolled: scrolled.get(),
            height: lane * all.clamp(1.0, LANES_SEEN),
        }
    };
    let layout = kept(layout);
    let whole_height = kept(move || lanes.with(|lanes| lanes.0.len()) as f64 * layout.get().lane);
    Effect::new(move |_| {
        // Themes change the colours.
        store.theme.track();
        let layout = layout.get();
        let window = seen.get();
        let (Some(canvas), Some(palette)) = (canvas.get(), palette.get()) else {
            return;
        };
        let Some(context) = context(&canvas, layout.gutter + window.width, layout.height) else {
            return;
        };
        axis.with(|axis| {
            found.with(|found| {
                let look = Look {
                    axis,
                    window,
                    at: at.get(),
                    selected: selected.get(),
                    found: found.as_ref(),
                };
                let palette = Palette::new(palette.into());
                lanes.with(|lanes| paint(&context, &palette, &lanes.0, layout, &look));
            });
        });
    });

    // Where a pointer is: pixels from the left of what is seen, and from the top of the lanes.
    let place = move |event: &PointerEvent| {
        let left = ruler.get_untracked()?.get_bounding_client_rect().left();
        let top = canvas.get_untracked()?.get_bounding_client_rect().top();
        Some((
            f64::from(event.client_x()) - left,
            f64::from(event.client_y()) - top,
        ))
    };
    let pointed = move |event: &PointerEvent| -> Option<Bar> {
        let (x, y) = place(event)?;
        let layout = layout.get_untracked();
        let window = seen.get_untracked();
        let (index, within) = layout.lane_at(y);
        if y < 0.0 || y > layout.height {
            return None;
        }
        lanes.with_untracked(|lanes| {
            let lane = lanes.0.get(index)?;
            let rows = match lane.rows {
                Rows::Stacked(rows) => rows,
                Rows::Counted { .. } => return None,
            };
            let row = layout.row_at(within, rows);
            axis.with_untracked(|axis| bar_at(lane, axis, window, x, row).cloned())
        })
    };
    // Scrubbing: press and move anywhere on the picture.
    let seek = move |event: &PointerEvent| {
        if let Some((x, _)) = place(event) {
            let left = seen.get_untracked().left;
            let time = axis.with_untracked(|axis| axis.time(left + x));
            store.send(Msg::Seek(time));
        }
    };
    let pointers = StoredValue::new(Vec::<(i32, f64, f64)>::new());
    let press = move |event: PointerEvent| {
        if event.button() != 0 || !starts_scrub(&event) {
            return;
        }
        let Some((x, y)) = place(&event) else {
            return;
        };
        pointers.update_value(|all| {
            all.retain(|(id, ..)| *id != event.pointer_id());
            all.push((event.pointer_id(), x, y));
        });
        if pointers.with_value(Vec::len) == 1 {
            seek(&event);
        }
    };
    let drag = move |event: PointerEvent| {
        let Some((x, _)) = place(&event) else {
            return;
        };
        let all = pointers.get_value();
        let mine = all.iter().position(|(id, ..)| *id == event.pointer_id());
        match (mine, all.as_slice()) {
            (Some(_), _) if event.buttons() & 1 == 0 => pointers.update_value(Vec::clear),
            (Some(_), [_]) => seek(&event),
            (Some(mine), [first, second]) => {
                // A pinch: the other finger stays.
                let other = if mine == 0 { second.1 } else { first.1 };
                let before = (first.1 - second.1).abs().max(8.0);
                let now = (x - other).abs().max(8.0);
                let middle = (x + other) / 2.0;
                store.send(Msg::Zoom {
                    factor: now / before,
                    x: Some(middle),
                });
                pointers.update_value(|all| {
                    if let Some(pointer) = all.get_mut(mine) {
                        pointer.1 = x;
                    }
                });
            }
            _ => {
                let detail = pointed(&event).map(|bar| bar.detail).unwrap_or_default();
                if let Some(canvas) = canvas.get_untracked() {
                    canvas.set_title(&detail);
                }
            }
        }
    };
    let release = move |event: PointerEvent| {
        let pressed = pointers
            .get_value()
            .into_iter()
            .find(|(id, ..)| *id == event.pointer_id());
        pointers.update_value(|all| all.retain(|(id, ..)| *id != event.pointer_id()));
        let (Some((_, x, y)), Some(now)) = (pressed, place(&event)) else {
            return;
        };
        let moved = (now.0 - x).abs().max((now.1 - y).abs());
        if moved < CLICK
            && let Some(id) = pointed(&event).and_then(|bar| bar.attempt)
        {
            store.send(Msg::Select(id));
        }
    };
    let wheel = move |event: WheelEvent| {
        let lines = if event.delta_mode() == WheelEvent::DOM_DELTA_LINE {
            16.0
        } else {
            1.0
        };
        let (dx, dy) = (event.delta_x() * lines, event.delta_y() * lines);
        if event.ctrl_key() || event.meta_key() {
            // A pinch on a touch pad comes as a wheel with Ctrl, too.
            event.prevent_default();
            let left = ruler
                .get_untracked()
                .map_or(0.0, |ruler| ruler.get_bounding_client_rect().left());
            store.send(Msg::Zoom {
                factor: WHEEL.powf(
                    -dy * if event.delta_mode() == 0 && dy.abs() < 40.0 {
                        5.0
                    } else {
                        1.5
                    },
                ),
                x: Some(f64::from(event.client_x()) - left),
            });
        } else if event.shift_key() || dx.abs() > dy.abs() {
            event.prevent_default();
            store.send(Msg::Pan(if dx == 0.0 { dy } else { dx }));
        }
    };

    let enlarged = kept(move || zoom.get().scale > 1.0);
    view! {
        <Find found=found enlarged=enlarged />
        <div
            class="timeline"
            data-testid="timeline"
            on:pointerdown=press
            on:pointermove=drag
            on:pointerup=release
            on:pointercancel=move |_| pointers.update_value(Vec::clear)
            on:wheel=wheel
        >
            <div class="lane ruler">
                <div class="lane-name">"Virtual time"</div>
                <div class="track" node_ref=ruler>
                    {part(move || {
                        let window = seen.get();
                        axis.with(|axis| axis
                            .ticks(window.left, window.left + window.width)
                            .into_iter()
                            .map(|tick| view! {
                                <span class="time-tick" style:left=words::px(tick.x - window.left)>{tick.label}</span>
                            })
                            .collect_view())
                    })}
                </div>
            </div>
            <div
                class="lanes"
                class:scrolls=live(move || whole_height.get() > layout.get().height)
                style:max-height=live(move || words::px(layout.get().height))
                on:scroll=move |event| {
                    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
                    scrolled.set(target.map_or(0.0, |lanes| f64::from(lanes.scroll_top())));
                }
            >
                <canvas
                    node_ref=canvas
                    role="img"
                    aria-label=live(move || described(&lanes.get()))
                    style:height=live(move || words::px(layout.get().height))
                ></canvas>
                <div style:height=live(move || words::px((whole_height.get() - layout.get().height).max(0.0)))></div>
            </div>
            <div class="over">
                {part(move || {
                    let window = seen.get();
                    axis.with(|axis| axis
                        .pieces()
                        .iter()
                        .filter(|piece| piece.folded || piece.unfolded)
                        .filter(|piece| piece.right > window.left && piece.left < window.left + window.width)
                        .map(|piece| fold(*piece, window))
                        .collect_view())
                })}
                <div class="future" style:left=live(move || words::px(x.get().max(0.0)))></div>
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
            <div class="palette" aria-hidden="true" node_ref=palette>
                {Palette::NAMES
                    .iter()
                    .map(|name| view! { <i class=format!("palette-{name}") style:background-color=format!("var(--{name})")></i> })
                    .collect_view()}
            </div>
        </div>
    }
}

fn described(lanes: &Shared) -> String {
    let bars: usize = lanes.0.iter().map(|lane| lane.bars.len()).sum();
    format!(
        "Timeline with {} lanes and {} bars; the table of invocations has the same in words",
        lanes.0.len(),
        words::grouped(bars as u64)
    )
}

fn micros(at: SimTime) -> String {
    (at.as_nanos() / 1_000).to_string()
}

/// Folds are for pressing; everything else moves the cursor.
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

/// A folded gap, to be unfolded by a press; or an unfolded one, to be folded again.
fn fold(piece: Piece, window: Window) -> impl IntoView {
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
    let left = (piece.left - window.left).max(-4.0);
    let right = (piece.right - window.left).min(window.width + 4.0);
    view! {
        <button
            type="button"
            class=class
            style:left=words::px(left)
            style:width=words::px(right - left)
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
