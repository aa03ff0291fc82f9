//! Power tuning: the ladder of memory sizes as a chart, and what it teaches in words.

use js_sys::Math;
use leptos::prelude::*;

use super::code::CopyButton;
use super::icons;
use super::live::{kept, live, part};
use super::problems::problems;
use super::store::{Store, use_store};
use crate::lambda::billing;
use crate::lambda::config::MemoryMb;
use crate::session::tune::{LADDER, Point, Verdict};
use crate::sim::SimDuration;
use crate::ui::model::update::tune;
use crate::ui::model::{Msg, Setting, Tuning};
use crate::ui::tuning::{self, Start, choices, latency_ns, remarks};
use crate::ui::words;

/// The drawing's size, in its own units.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 220.0;
const MARGIN: (f64, f64) = (14.0, 26.0);

/// The section.
#[component]
pub fn PowerTuning() -> impl IntoView {
    let store = use_store();
    let tuning = kept(move || store.tuning.with(|tuning| (**tuning).clone()));
    let running = kept(move || tuning.with(|tuning| tuning.running));
    let idle = kept(move || tuning.with(|tuning| !tuning.running && tuning.points.is_empty()));
    let stale = kept(move || {
        store.setup.track();
        store.function.track();
        tuning.with(|tuning| {
            !tuning.points.is_empty()
                && !tuning.running
                && store
                    .read(tune::scenario)
                    .is_none_or(|now| !tuning.is_of(&now))
        })
    });
    let blocked = kept(move || {
        store.function.with(|function| function.current.is_none())
            || store.run.with(|run| run.pending.is_some())
            || store.engine.with(|engine| !engine.ready)
    });
    let pressed = move |_| {
        store.send(if running.get_untracked() {
            Msg::StopTuning
        } else {
            Msg::Tune
        });
    };
    view! {
        <section class="pane tuning" aria-labelledby="tuning-head" data-testid="tuning">
            <header class="pane-head">
                <h2 id="tuning-head">"Power tuning"</h2>
                <span class="spring"></span>
                <span class="hint" role="status">
                    {live(move || tuning.with(|tuning| match tuning.running {
                        true => format!("{} of {} sizes", tuning.points.len(), LADDER.len()),
                        false => String::new(),
                    }))}
                </span>
                <button
                    type="button"
                    data-testid="tune"
                    disabled=live(move || blocked.get() && !running.get())
                    on:click=pressed
                >
                    {live(move || if running.get() { "Stop" } else { "Try every size" })}
                </button>
            </header>
            <progress
                class="tune-progress"
                aria-label="Sizes tried"
                max=LADDER.len().to_string()
                prop:value=live(move || tuning.with(|tuning| tuning.points.len() as f64))
                hidden=live(move || !running.get())
            ></progress>
            <p class="hint" hidden=live(move || !idle.get())>
                "Runs the event at 14 memory sizes, once cold and once warm, and shows what each would take and cost."
            </p>
            <p class="notice" hidden=live(move || !stale.get())>
                "Function, event or settings have changed since: try again."
            </p>
            {live(move || tuning.with(|tuning| problems(&tuning.problems, "tuning-problems")))}
            {part(move || tuning.with(|tuning| (!tuning.points.is_empty()).then(|| result(store, tuning))))}
        </section>
    }
}

fn result(store: Store, tuning: &Tuning) -> AnyView {
    let start = tuning.start;
    let points = tuning.points.clone();
    let starts = [(Start::Warm, "Warm"), (Start::Cold, "Cold, with Init")].map(|(kind, name)| {
        view! {
            <button type="button" class="key" aria-pressed=(kind == start).to_string() on:click=move |_| store.send(Msg::TuneStart(kind))>
                <span>{name}</span>
            </button>
        }
    });
    let current = kept(move || store.setup.with(|setup| setup.config.memory.0));
    let said = {
        let points = points.clone();
        live(move || {
            remarks(&points, start, MemoryMb(current.get()))
                .into_iter()
                .map(|sentence| view! { <li>{sentence}</li> })
                .collect_view()
        })
    };
    let link = tuning::to_link(&points, start);
    let not_a_curve = tuning.not_a_curve;
    view! {
        <div class="keys" role="group" aria-label="Which start">{starts}</div>
        {chart(store, tuning)}
        {takes(store, &points, start)}
        <ul class="remarks" data-testid="tuning-remarks">{said}</ul>
        <details>
            <summary>"All sizes, and AWS Lambda Power Tuning"</summary>
            {table(store, &points, start)}
            <div class="share-link">
                <label for="tuning-link">"Chart page link"</label>
                <input id="tuning-link" readonly prop:value=link.clone() />
                <CopyButton text=link />
            </div>
            <div class="share-link">
                <label for="tuning-compare">"Lay over a link of yours"</label>
                <input
                    id="tuning-compare"
                    placeholder="https://lambda-power-tuning.show/#…"
                    aria-invalid=not_a_curve.then_some("true")
                    on:change=move |event| store.send(Msg::TuneCompare(event_target_value(&event)))
                />
            </div>
            <p class="help" hidden=!not_a_curve>
                "This is no link of that page: it ends with # and three lists, parted by semicolons."
            </p>
        </details>
    }
    .into_any()
}

/// Buttons that take one of the sizes worth naming.
fn takes(store: Store, points: &[Point], start: Start) -> AnyView {
    let Some(chosen) = choices(points, start) else {
        return ().into_any();
    };
    let buttons = [
        ("cheapest", chosen.cheapest),
        ("balanced", chosen.balanced),
        ("fastest", chosen.fastest),
    ]
    .map(|(name, size)| {
        let taken = kept(move || store.setup.with(|setup| setup.config.memory == size));
        view! {
            <button
                type="button"
                data-testid=format!("take-{name}")
                disabled=live(move || taken.get())
                on:click=move |_| store.send(Msg::Set(Setting::Memory(size.0)))
            >
                {format!("Take the {name}: {}", words::memory(size))}
            </button>
        }
    });
    view! { <p class="tune-takes">{buttons}</p> }.into_any()
}

/// Where a size stands, on a logarithmic scale.
fn x(mb: f64) -> f64 {
    let (min, max) = (f64::from(MemoryMb::MIN.0), f64::from(MemoryMb::MAX.0));
    MARGIN.0 + (WIDTH - 2.0 * MARGIN.0) * Math::log(mb / min) / Math::log(max / min)
}

/// Where a value stands under the largest.
fn y(value: f64, largest: f64) -> f64 {
    HEIGHT - MARGIN.1 - (HEIGHT - 2.0 * MARGIN.1) * (value / largest.max(f64::MIN_POSITIVE))
}

/// A coordinate as text, to a tenth.
fn tenth(value: f64) -> String {
    let tenths = (value * 10.0).round() as i64;
    format!("{}.{}", tenths / 10, (tenths % 10).abs())
}

/// A curve's corners, as `points` wants them.
fn path(corners: &[(f64, f64)]) -> String {
    let mut text = String::new();
    for (x, y) in corners {
        text.push_str(&format!("{},{} ", tenth(*x), tenth(*y)));
    }
    text
}

/// One curve: values over memory sizes.
type Values = Vec<(f64, f64)>;

/// A curve of ours and one that was measured, on one scale from zero.
fn curves(ours: &Values, measured: &Values) -> (String, String, f64) {
    let largest = ours
        .iter()
        .chain(measured)
        .fold(0.0, |most: f64, (_, value)| most.max(*value));
    let drawn = |values: &Values| {
        let corners: Vec<(f64, f64)> = values
            .iter()
            .map(|(mb, value)| (x(*mb), y(*value, largest)))
            .collect();
        path(&corners)
    };
    (drawn(ours), drawn(measured), largest)
}

/// Both curves, each on a scale of its own from zero.
fn chart(store: Store, tuning: &Tuning) -> AnyView {
    let start = tuning.start;
    let ours = |value: fn(&crate::session::tune::Measured) -> u64| -> Values {
        tuning
            .points
            .iter()
            .filter(|point| start.of(point).verdict == Verdict::Answered)
            .map(|point| (f64::from(point.memory.0), value(start.of(point)) as f64))
            .collect()
    };
    let measured = tuning.compared.clone().unwrap_or_default().0;
    let on_aws = |value: fn(&(u16, f32, f32)) -> f64| -> Values {
        measured
            .iter()
            .map(|point| (f64::from(point.0), value(point)))
            .collect()
    };
    let (time, real_time, most_time) = curves(
        &ours(latency_ns),
        &on_aws(|(_, millis, _)| f64::from(*millis) * 1e6),
    );
    let (cost, real_cost, most_cost) = curves(
        &ours(|measured| measured.cost_picodollars),
        &on_aws(|(_, _, dollars)| f64::from(*dollars) * 1e12),
    );
    let now = move || {
        tenth(
            store
                .setup
                .with(|setup| x(f64::from(setup.config.memory.0))),
        )
    };
    let failed = tuning
        .points
        .iter()
        .filter(|point| start.of(point).verdict != Verdict::Answered)
        .map(|point| {
            view! {
                <text class="tune-failed" x=tenth(x(f64::from(point.memory.0))) y=tenth(HEIGHT - MARGIN.1) text-anchor="middle">"\u{d7}"</text>
            }
        })
        .collect_view();
    let names = choices(&tuning.points, start).map(|chosen| {
        [
            ("cheapest", chosen.cheapest, 0.0),
            ("balanced", chosen.balanced, 11.0),
            ("fastest", chosen.fastest, 22.0),
        ]
        .map(|(name, size, lower)| {
            let x = x(f64::from(size.0));
            let anchor = match x / WIDTH {
                far if far > 0.85 => "end",
                near if near < 0.15 => "start",
                _ => "middle",
            };
            view! {
                <text class="tune-name" x=tenth(x) y=tenth(9.0 + lower) text-anchor=anchor>{name}</text>
            }
        })
    });
    let sizes = [128_u32, 512, 1_769, 10_240].map(|mb| {
        view! {
            <text class="tune-size" x=tenth(x(f64::from(mb))) y=tenth(HEIGHT - 6.0) text-anchor="middle">{words::grouped(mb.into())}</text>
        }
    });
    let label = format!(
        "Time up to {} and cost up to {} over {} memory sizes; the table below has the figures",
        words::millis(SimDuration::from_nanos(most_time as u64)),
        billing::dollars(most_cost as u64),
        tuning.points.len()
    );
    let box_of_it = format!("0 0 {} {}", WIDTH as u32, HEIGHT as u32);
    view! {
        <figure class="tune-chart">
            <svg viewBox=box_of_it role="img" aria-label=label>
                <line class="tune-now" x1=live(now) x2=live(now) y1="0" y2=tenth(HEIGHT - MARGIN.1) />
                <polyline class="tune-time" points=time />
                <polyline class="tune-cost" points=cost />
                <polyline class="tune-time measured" points=real_time />
                <polyline class="tune-cost measured" points=real_cost />
                {failed} {names} {sizes}
            </svg>
            <figcaption>
                <span class="tune-time-key">"time"</span>
                <span class="tune-cost-key">"cost"</span>
                " each from zero; memory in MB on a logarithmic scale. The upright line is the size now."
                {(!measured.is_empty()).then_some(" Dashed: measured on AWS.")}
            </figcaption>
        </figure>
    }
    .into_any()
}

fn table(store: Store, points: &[Point], start: Start) -> AnyView {
    let rows = points
        .iter()
        .map(|point| {
            let measured = start.of(point);
            let memory = point.memory;
            let (time, billed, cost) = match measured.verdict {
                Verdict::CutOff => <[String; 3]>::default().into(),
                _ => (
                    words::millis(measured.init + measured.duration),
                    format!("{} ms", words::grouped(measured.billed_ms)),
                    billing::dollars_exact(measured.cost_picodollars),
                ),
            };
            let verdict = match measured.verdict {
                Verdict::Answered => None,
                Verdict::Failed => Some("failed"),
                Verdict::TimedOut => Some("timed out"),
                Verdict::OutOfMemory => Some("out of memory"),
                Verdict::CutOff => Some("stopped by the playground"),
            }
            .map(|text| view! { <span class="bad-text">{icons::CROSS.view()} " " {text}</span> });
            view! {
                <tr>
                    <th scope="row">
                        <button type="button" class="quiet" title="Take this size" on:click=move |_| store.send(Msg::Set(Setting::Memory(memory.0)))>
                            {words::memory(memory)}
                        </button>
                    </th>
                    <td>{time}</td><td>{billed}</td><td>{cost}</td><td>{verdict}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="All sizes">
            <table class="tune-table" data-testid="tuning-table">
                <thead><tr><th scope="col">"Memory"</th><th scope="col">"Time"</th><th scope="col">"Billed"</th><th scope="col">"Cost"</th><th scope="col">"Result"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
