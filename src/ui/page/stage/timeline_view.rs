//! The timeline: a ruler, one lane for each party on a canvas, folded gaps, and the cursor. It enlarges by wheel, pinch and
//! keys, and its bars are reached by keys too; the table of invocations has the same in words.

use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{KeyboardEvent, PointerEvent, WheelEvent};

use super::find::Find;
use super::layout::Layout;
use super::measure::measure;
use super::painted::{Before, Painted, Watched, keep_painted};
use super::palette;

use crate::sim::SimTime;
use crate::ui::attempts::AttemptId;
use crate::ui::find::{Found, Query};
use crate::ui::model::Msg;
use crate::ui::page::live::{kept, live, part};
use crate::ui::page::store::use_store;
use crate::ui::timeline::drag::{Drag, Held, Move};
use crate::ui::timeline::strip::bar_at;
use crate::ui::timeline::{Bar, Lane, LaneKind, Piece, Window, axis, words as told};
use crate::ui::words;

/// Width before the first measurement.
const FIRST_WIDTH: f64 = 800.0;
/// So many lanes are seen at a time; the others are scrolled to.
const LANES_SEEN: f64 = 12.0;
/// How much a pixel of the wheel enlarges.
const WHEEL: f64 = 1.002;
/// Buttons of a pointer that do something here, as events have them.
const LEFT: u16 = 1;
const MIDDLE: u16 = 4;

/// The timeline.
#[component]
pub fn TimelineView() -> impl IntoView {
    let store = use_store();
    let ruler = NodeRef::<Div>::new();
    let scroller = NodeRef::<Div>::new();
    let canvas = NodeRef::<Canvas>::new();
    let swatches = NodeRef::<Div>::new();
    let width = RwSignal::new(FIRST_WIDTH);
    let scrolled = RwSignal::new(0.0);
    measure(ruler, width);
    Effect::new(move |_| store.send(Msg::Measured(width.get())));

    let run = kept(move || Watched(store.run.with(|run| run.shown.clone())));
    let ghost = kept(move || Before(store.run.with(|run| run.baseline.clone())));
    let lane_count = kept(move || run.with(|run| run.lanes(|lanes| lanes.len())));
    let pinned = kept(move || {
        let pinned = store.playback.with(|playback| playback.pinned.clone());
        let here = |kind: &LaneKind| run.with(|run| run.lanes(|lanes| number_of(lanes, *kind)));
        pinned.iter().filter_map(here).collect::<Vec<u32>>()
    });
    // The lanes' numbers from the top down.
    let order = kept(move || {
        pinned.with(|pinned| {
            let all = 0..lane_count.get() as u32;
            let others = all.filter(|lane| !pinned.contains(lane));
            pinned.iter().copied().chain(others).collect::<Vec<u32>>()
        })
    });
    let unfolded = kept(move || store.playback.with(|playback| playback.unfolded.clone()));
    let zoom = kept(move || store.playback.with(|playback| playback.zoom));
    let axis = kept(move || {
        let width = zoom.get().axis_width();
        unfolded.with(|unfolded| {
            store.run.with(|run| {
                let shown = run.shown.as_ref();
                shown
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
            shown.selected.filter(|_| shown.tries.len() > 1)
        })
    });
    let pointed = kept(move || store.playback.with(|playback| playback.pointed));
    let search = kept(move || store.playback.with(|playback| playback.find.clone()));
    let found = kept(move || {
        let query = search.with(|search| Query::new(search));
        run.with(|run| {
            let shown = run.0.as_ref().filter(|_| !query.is_empty())?;
            Some(Found::new(&query, &shown.tries, &shown.entries))
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
        Layout {
            gutter,
            lane,
            name,
            scrolled: scrolled.get(),
            pinned: pinned.with(Vec::len),
            height: lane * (lane_count.get() as f64).clamp(1.0, LANES_SEEN),
        }
    };
    let layout = kept(layout);
    let whole_height = kept(move || lane_count.get() as f64 * layout.get().lane);
    keep_painted(Painted {
        canvas,
        swatches,
        run,
        ghost,
        order,
        axis,
        seen,
        layout,
        at,
        selected,
        pointed,
        found,
    });
    // What keys point at is scrolled to.
    Effect::new(move |_| {
        let lane = pointed.get().map(|pointed| pointed.lane);
        let number = run.with_untracked(|run| run.lanes(|lanes| number_of(lanes, lane?)));
        let index = order.with_untracked(|order| order.iter().position(|it| Some(*it) == number));
        let (Some(scroller), Some(index)) = (scroller.get_untracked(), index) else {
            return;
        };
        let layout = layout.get_untracked();
        let top = index as f64 * layout.lane;
        let scrolled = f64::from(scroller.scroll_top());
        let above = layout.foot_of_pinned();
        if index < layout.pinned {
            // It is in sight, wherever the others are.
        } else if top - above < scrolled {
            scroller.set_scroll_top((top - above) as i32);
        } else if top + layout.lane > scrolled + layout.height {
            scroller.set_scroll_top((top + layout.lane - layout.height).ceil() as i32);
        }
    });

    // A place in the track: pixels from its left edge, and from the lanes' upper one.
    let place = move |client: (f64, f64)| {
        let ruler = ruler.get_untracked()?;
        let canvas = canvas.get_untracked()?;
        let left = ruler.get_bounding_client_rect().left();
        let top = canvas.get_bounding_client_rect().top();
        Some((client.0 - left, client.1 - top))
    };
    let of = move |event: &PointerEvent| {
        place((f64::from(event.client_x()), f64::from(event.client_y())))
    };
    let lane_under = move |y: f64| -> Option<usize> {
        let layout = layout.get_untracked();
        let index = (0.0..layout.height)
            .contains(&y)
            .then(|| layout.lane_at(y).0)?;
        let number = order.with_untracked(|order| order.get(index).copied())?;
        Some(number as usize)
    };
    // The bar, or mark, under a pointer: its attempt and what is told of it.
    let under = move |(x, y): (f64, f64)| -> Option<(Option<AttemptId>, String)> {
        let layout = layout.get_untracked();
        let (number, within) = (lane_under(y)?, layout.lane_at(y).1);
        run.with_untracked(|run| {
            let shown = run.0.as_ref()?;
            let lane = shown.lanes.get(number)?;
            if x < 0.0 {
                return Some((
                    None,
                    format!(
                        "{}: press to pin it to the top, or to let it go (L)",
                        lane.title
                    ),
                ));
            }
            let window = seen.get_untracked();
            axis.with_untracked(|axis| {
                let rows = lane.rows.len();
                let row = lane.rows.get(layout.row_at(within, rows));
                let hit: Option<Bar> = bar_at(&lane.over, axis, window, x)
                    .or_else(|| bar_at(row?, axis, window, x))
                    .copied();
                if let Some(bar) = hit {
                    return Some((bar.attempt, told::bar(&bar, &shown.entries).detail));
                }
                let near = Window {
                    left: window.left + x - 5.0,
                    width: 10.0,
                };
                let marks = crate::ui::timeline::strip::marks(&lane.marks, axis, near);
                let (_, mark) = marks.first()?;
                Some((None, told::mark(mark, lane.kind, &shown.entries).1))
            })
        })
    };
    let time_at = move |x: f64| {
        let left = seen.get_untracked().left;
        axis.with_untracked(|axis| axis.time(left + x))
    };

    let drag = StoredValue::new(Drag::default());
    let act = move |moved: Option<Move>| match moved {
        Some(Move::Scrub(x)) => store.send(Msg::Seek(time_at(x))),
        Some(Move::Measure(from, to)) => {
            store.send(Msg::Measure(Some((time_at(from), time_at(to)))));
        }
        Some(Move::Pan(pixels)) => store.send(Msg::Pan(-pixels)),
        Some(Move::Pinch {
            factor,
            middle,
            pan,
        }) => {
            store.send(Msg::Zoom {
                factor,
                x: Some(middle),
            });
            store.send(Msg::Pan(-pan));
        }
        None => {}
    };
    let press = move |event: PointerEvent| {
        let middle = event.button() == 1;
        if !(event.button() == 0 || middle) || !starts_scrub(&event) {
            return;
        }
        let Some(place) = of(&event) else {
            return;
        };
        if place.0 < 0.0 {
            // A lane's name.
            let lane = lane_under(place.1).and_then(|number| {
                run.with_untracked(|run| run.lanes(|lanes| Some(lanes.get(number)?.kind)))
            });
            if lane.is_some() {
                store.send(Msg::Pin(lane));
            }
            return;
        }
        let held = match (event.shift_key(), event.alt_key()) {
            _ if middle || event.ctrl_key() || event.meta_key() => Held::Ctrl,
            (true, _) => Held::Shift,
            (_, true) => Held::Alt,
            _ => Held::Nothing,
        };
        let id = event.pointer_id();
        let moved = drag.try_update_value(|drag| drag.press(id, place, held));
        act(moved.flatten());
    };
    let hover = move |at: Option<(f64, f64)>| {
        let found = at.and_then(under);
        let (id, detail) = found.unwrap_or_default();
        store.hover(id);
        if let Some(canvas) = canvas.get_untracked() {
            canvas.set_title(&detail);
        }
    };
    let pointer_moves = move |event: PointerEvent| {
        let Some(place) = of(&event) else {
            return;
        };
        let pressed = event.buttons() & (LEFT | MIDDLE) != 0;
        let (known, moved) = drag
            .try_update_value(|drag| drag.moves(event.pointer_id(), place, pressed))
            .unwrap_or_default();
        if known {
            act(moved);
        } else {
            hover(Some(place));
        }
    };
    let release = move |event: PointerEvent| {
        let enlarges = drag.with_value(Drag::enlarges);
        let clicked = drag.try_update_value(|drag| drag.release(event.pointer_id(), of(&event)));
        if enlarges && clicked.flatten().is_none() {
            return store.send(Msg::Enlarge);
        }
        if let Some(place) = clicked.flatten()
            && let Some((Some(id), _)) = under(place)
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
            let client = (f64::from(event.client_x()), f64::from(event.client_y()));
            let fine = event.delta_mode() == 0 && dy.abs() < 40.0;
            store.send(Msg::Zoom {
                factor: WHEEL.powf(-dy * if fine { 5.0 } else { 1.5 }),
                x: place(client).map(|place| place.0),
            });
        } else if event.shift_key() || dx.abs() > dy.abs() {
            event.prevent_default();
            store.send(Msg::Pan(if dx == 0.0 { dy } else { dx }));
        }
    };
    // Bars, by keys, while the lanes have the focus.
    let keys = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key() {
            return;
        }
        let (along, lanes) = match event.key().as_str() {
            "ArrowRight" => (1, 0),
            "ArrowLeft" => (-1, 0),
            "ArrowDown" => (0, 1),
            "ArrowUp" => (0, -1),
            "Enter" => {
                event.prevent_default();
                return store.send(Msg::SelectPointed);
            }
            _ => return,
        };
        event.prevent_default();
        store.send(Msg::Point { along, lanes });
    };

    let enlarged = kept(move || zoom.get().scale > 1.0);
    let measured = kept(move || store.playback.with(|playback| playback.measured()));
    let mark = kept(move || store.playback.with(|playback| playback.mark));
    view! {
        <Find found=found enlarged=enlarged />
        <div
            class="timeline"
            data-testid="timeline"
            on:pointerdown=press
            on:mousedown=move |event| {
                if event.button() == 1 {
                    // The browser would scroll by itself.
                    event.prevent_default();
                }
            }
            on:pointermove=pointer_moves
            on:pointerup=release
            on:pointerleave=move |_| hover(None)
            on:pointercancel=move |_| drag.set_value(Drag::default())
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
                node_ref=scroller
                role="application"
                aria-roledescription="timeline"
                tabindex="0"
                data-testid="lanes"
                aria-label=live(move || run.with(described))
                aria-describedby="lanes-keys"
                on:keydown=keys
                on:scroll=move |event| {
                    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
                    scrolled.set(target.map_or(0.0, |lanes| f64::from(lanes.scroll_top())));
                }
            >
                <canvas
                    node_ref=canvas
                    aria-hidden="true"
                    style:height=live(move || words::px(layout.get().height))
                ></canvas>
                <div style:height=live(move || words::px((whole_height.get() - layout.get().height).max(0.0)))></div>
            </div>
            <p class="visually-hidden" id="lanes-keys">
                "Arrow keys go from bar to bar and from lane to lane, Enter selects, L pins the lane to the top. The table of invocations has the same in words."
            </p>
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
                {part(move || measured.get().map(|(from, to)| {
                    let left = seen.get().left;
                    let (begin, end) = axis.with(|axis| (axis.x(from) - left, axis.x(to) - left));
                    view! {
                        <div
                            class="measured"
                            style:left=words::px(begin)
                            style:width=words::px((end - begin).max(1.0))
                        ></div>
                    }
                }))}
                {part(move || mark.get().map(|mark| {
                    let x = axis.with(|axis| axis.x(mark)) - seen.get().left;
                    view! { <div class="mark" style:left=words::px(x)></div> }
                }))}
                <div class="future" style:transform=live(move || format!("translateX({})", words::px(x.get().max(0.0))))></div>
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
            <div class="palette" aria-hidden="true" node_ref=swatches>
                {palette::NAMES
                    .iter()
                    .map(|name| view! { <i class=format!("palette-{name}") style:background-color=format!("var(--{name})")></i> })
                    .collect_view()}
            </div>
        </div>
    }
}

fn described(run: &Watched) -> String {
    let (lanes, bars) = run.lanes(|lanes| {
        let bars: usize = lanes.iter().map(|lane| lane.bars).sum();
        (lanes.len(), bars)
    });
    format!(
        "Timeline with {lanes} lanes and {} bars",
        words::grouped(bars as u64)
    )
}

/// The number of the lane of this kind.
fn number_of(lanes: &[Lane], kind: LaneKind) -> Option<u32> {
    let index = lanes.iter().position(|lane| lane.kind == kind)?;
    u32::try_from(index).ok()
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
