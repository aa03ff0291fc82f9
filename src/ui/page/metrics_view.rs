//! CloudWatch's metrics of the run, each as a small graph on the timeline's axis: what is enlarged there is enlarged here,
//! and the cursor is the same. For a very large run also what its picture leaves out.

use std::sync::Arc;

use leptos::html::Div;
use leptos::prelude::*;
use web_sys::{PointerEvent, WheelEvent};

use super::in_sight::{clock_in_sight, in_sight};
use super::live::{Kept, kept, live, part};
use super::store::{Store, use_store};
use crate::lambda::billing;
use crate::session::watching::{Series, SeriesUnit, Totals};
use crate::sim::{SimDuration, SimTime};
use crate::ui::graph;
use crate::ui::model::{Msg, Whole};
use crate::ui::timeline::{Axis, Window};
use crate::ui::words;

/// A graph's size, in its own units.
const WIDTH: u64 = 320;
const HEIGHT: u64 = 48;
/// How much a pixel of the wheel enlarges.
const WHEEL: f64 = 1.003;

/// Metrics that are the same when they are the same in memory.
#[derive(Clone, Default)]
struct Metrics(Arc<Whole>);

impl PartialEq for Metrics {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The section.
#[component]
pub fn MetricsView() -> impl IntoView {
    let store = use_store();
    let whole = kept(move || {
        store.run.with(|run| {
            let shown = run.shown.as_ref();
            Metrics(shown.map(|shown| shown.whole.clone()).unwrap_or_default())
        })
    });
    let graphs = NodeRef::<Div>::new();
    let seen = in_sight(graphs);
    // The timeline's axis and window; of a run that is not there as a whole, an axis of all of it.
    let axis = kept(move || {
        // Nobody looks: what is drawn may stay as it is.
        let zoom = if seen.get() {
            store.playback.with(|playback| playback.zoom)
        } else {
            store.playback.with_untracked(|playback| playback.zoom)
        };
        let unfolded = store
            .playback
            .with_untracked(|playback| playback.unfolded.clone());
        store.run.with(|run| {
            let Some(shown) = &run.shown else {
                return Seen::default();
            };
            if shown.whole.totals.cut {
                let busy = [(Default::default(), shown.run_end)];
                let axis = Axis::layout([], &busy, &Default::default(), zoom.width);
                let window = Window {
                    left: 0.0,
                    width: zoom.width,
                };
                return Seen { axis, window };
            }
            let axis = shown.axis(&unfolded, zoom.axis_width());
            let window = zoom.window(&axis);
            Seen { axis, window }
        })
    });
    let at = clock_in_sight(store, seen);
    view! {
        <section
            class="pane"
            aria-labelledby="metrics-head"
            data-testid="metrics"
            hidden=live(move || whole.with(|whole| whole.0.totals.requests < 2))
        >
            <header class="pane-head">
                <h2 id="metrics-head">"Metrics"</h2>
                <span class="count">"AWS/Lambda, by the second, on the timeline\u{2019}s axis"</span>
            </header>
            {part(move || whole.with(|whole| totals(&whole.0.totals)))}
            <div class="graphs" node_ref=graphs>
                {part(move || whole.with(|whole| {
                    let count = whole.0.series.len();
                    (0..count).filter_map(|index| graph(store, whole.clone(), index, axis, at)).collect_view()
                }))}
            </div>
        </section>
    }
}

/// What is seen of an axis.
#[derive(Clone, PartialEq, Default)]
struct Seen {
    axis: Axis,
    window: Window,
}

fn totals(totals: &Totals) -> AnyView {
    let cut = totals.cut.then(|| {
        view! {
            <p class="notice" data-testid="cut">
                "A large run: the timeline, the table and the log show its beginning; the metrics and these sums tell of all of it."
            </p>
        }
    });
    let sums = [
        ("Requests", words::grouped(totals.requests)),
        ("Invocations", words::grouped(totals.invocations)),
        ("Errors", words::grouped(totals.errors)),
        ("Throttles", words::grouped(totals.throttles)),
        ("Environments", words::grouped(totals.environments)),
        ("Cost", billing::dollars(totals.cost_picodollars)),
    ]
    .map(|(name, figure)| view! { <div class="figure"><dt>{name}</dt><dd>{figure}</dd></div> });
    view! { {cut} <dl class="figures sums" data-testid="totals">{sums}</dl> }.into_any()
}

fn figure(unit: SeriesUnit, value: u64) -> String {
    match unit {
        SeriesUnit::Count => words::grouped(value),
        SeriesUnit::Nanoseconds => words::millis(SimDuration::from_nanos(value)),
        SeriesUnit::Millionths => format!("{} %", value / 10_000),
    }
}

fn graph(
    store: Store,
    whole: Metrics,
    index: usize,
    seen: Kept<Seen>,
    at: Kept<SimTime>,
) -> Option<AnyView> {
    let series: &Series = whole.0.series.get(index)?;
    let unit = series.unit;
    let most = series.points.iter().map(|(_, value)| *value).max()?;
    let name = format!("{} ({})", series.metric, series.statistic);
    let label = format!("{name}: at most {}", figure(unit, most));
    let of_area = whole.clone();
    let area = live(move || {
        seen.with(|seen| {
            let series = of_area.0.series.get(index)?;
            let heights = graph::columns(series, &seen.axis, seen.window, WIDTH as usize);
            Some(graph::path(&heights, most, HEIGHT))
        })
    });
    let cursor = live(move || {
        seen.with(|seen| {
            let x = (seen.axis.x(at.get()) - seen.window.left) / seen.window.width.max(1.0);
            format!("{:.1}", (x * WIDTH as f64).clamp(-2.0, WIDTH as f64))
        })
    });
    // The value where the cursor stands.
    let value = kept(move || {
        let series = whole.0.series.get(index)?;
        graph::value_at(series, at.get())
    });
    // A place on the graph, as a part of what is seen.
    let place = |x: f64, target: Option<web_sys::EventTarget>| {
        use wasm_bindgen::JsCast;
        let rect = target?
            .dyn_into::<web_sys::Element>()
            .ok()?
            .get_bounding_client_rect();
        (rect.width() > 0.0).then(|| (x - rect.left()) / rect.width())
    };
    let seek = move |event: PointerEvent| {
        if event.buttons() & 1 == 0 {
            return;
        }
        if let Some(part) = place(f64::from(event.client_x()), event.current_target()) {
            let at = seen
                .with_untracked(|seen| seen.axis.time(seen.window.left + part * seen.window.width));
            store.send(Msg::Seek(at));
        }
    };
    let wheel = move |event: WheelEvent| {
        if !(event.ctrl_key() || event.meta_key()) {
            return;
        }
        event.prevent_default();
        let part = place(f64::from(event.client_x()), event.current_target());
        let width = seen.with_untracked(|seen| seen.window.width);
        store.send(Msg::Zoom {
            factor: WHEEL.powf(-event.delta_y()),
            x: part.map(|part| part * width),
        });
    };
    Some(
        view! {
            <figure class="graph">
                <figcaption>
                    <span>{name}</span>
                    <strong>
                        {live(move || value.get().map(|value| figure(unit, value)).unwrap_or_else(|| "\u{2013}".to_owned()))}
                        <small>{format!(" of {}", figure(unit, most))}</small>
                    </strong>
                </figcaption>
                <svg
                    viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                    preserveAspectRatio="none"
                    role="img"
                    aria-label=label
                    on:pointerdown=seek
                    on:pointermove=seek
                    on:wheel=wheel
                >
                    <path d=area />
                    <rect class="graph-cursor" x=cursor y="0" width="1" height=HEIGHT.to_string() />
                </svg>
            </figure>
        }
        .into_any(),
    )
}
