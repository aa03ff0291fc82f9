//! CloudWatch's metrics of the run, each as a small graph; for a large run also what its picture leaves out.

use leptos::prelude::*;

use super::live::{kept, live, part};
use super::store::use_store;
use crate::lambda::billing;
use crate::session::watching::{Series, SeriesUnit, Totals};
use crate::sim::{SimDuration, SimTime};
use crate::ui::model::Whole;
use crate::ui::words;

/// A graph's size, in its own units.
const WIDTH: u64 = 320;
const HEIGHT: u64 = 48;

/// The section.
#[component]
pub fn MetricsView() -> impl IntoView {
    let store = use_store();
    let whole = kept(move || {
        store.run.with(|run| {
            run.shown
                .as_ref()
                .map(|shown| (*shown.whole).clone())
                .unwrap_or_default()
        })
    });
    let end = kept(move || {
        store.run.with(|run| {
            run.shown
                .as_ref()
                .map_or(0, |shown| shown.run_end.as_nanos())
        })
    });
    let at = kept(move || store.playback.with(|playback| playback.at.as_nanos()));
    let cursor = move || (at.get().min(end.get()) * WIDTH / end.get().max(1)).to_string();
    view! {
        <section
            class="pane"
            aria-labelledby="metrics-head"
            data-testid="metrics"
            hidden=live(move || whole.with(|whole| whole.totals.requests < 2))
        >
            <header class="pane-head">
                <h2 id="metrics-head">"Metrics"</h2>
                <span class="count">"AWS/Lambda, by the second"</span>
            </header>
            {part(move || whole.with(|whole| totals(&whole.totals)))}
            <div class="graphs">
                {part(move || whole.with(|whole: &Whole| {
                    whole.series.iter().map(|series| graph(series, end.get(), live(cursor))).collect_view()
                }))}
            </div>
        </section>
    }
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

fn graph(series: &Series, end: u64, cursor: Box<dyn FnMut() -> String + Send>) -> AnyView {
    let most = series
        .points
        .iter()
        .map(|(_, value)| *value)
        .max()
        .unwrap_or(0);
    let x =
        |at: SimTime| u128::from(at.as_nanos()) * u128::from(WIDTH) * 10 / u128::from(end.max(1));
    // One column for each unit of width, as high as the highest value in it: a second cannot be missed.
    let mut columns = vec![0_u64; WIDTH as usize + 1];
    let wide = (1_000_000_000 * WIDTH / end.max(1)).max(1);
    for (at, value) in &series.points {
        let from = (x(*at) / 10) as usize;
        for column in columns.iter_mut().skip(from).take(wide as usize) {
            *column = (*column).max(*value);
        }
    }
    let mut area = format!("M0,{HEIGHT}");
    for (index, value) in columns.iter().enumerate() {
        let y = HEIGHT - value.saturating_mul(HEIGHT - 2) / most.max(1);
        area.push_str(&format!("L{index},{y}"));
    }
    area.push_str(&format!("L{WIDTH},{HEIGHT}Z"));
    let name = format!("{} ({})", series.metric, series.statistic);
    let label = format!("{name}: at most {}", figure(series.unit, most));
    view! {
        <figure class="graph">
            <figcaption><span>{name}</span> <strong>{figure(series.unit, most)}</strong></figcaption>
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=label>
                <path d=area />
                <rect class="graph-cursor" x=cursor y="0" width="1" height=HEIGHT.to_string() />
            </svg>
        </figure>
    }
    .into_any()
}
