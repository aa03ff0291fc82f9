//! Inside the selected invocation: when it ran and when the CPU quota had it frozen, and how its memory grew.

use leptos::prelude::*;

use crate::ui::account::Stage;
use crate::ui::inside::Inside;
use crate::ui::page::live::{kept, live, part};
use crate::ui::page::store::use_store;
use crate::ui::timeline::axis;

/// The picture's size, in its own units.
const WIDTH: f64 = 600.0;
const CPU: f64 = 26.0;
const MEMORY: f64 = 40.0;

/// The view; only of a real function's invocation.
#[component]
pub fn InsideView() -> impl IntoView {
    let store = use_store();
    let inside = kept(move || {
        store.run.with(|run| {
            let shown = run.shown.as_ref()?;
            let id = shown.selected?;
            let account = shown.account_of(id)?.of(id.attempt);
            let mut stretches = account.stretches.iter();
            let invoke = stretches.find(|stretch| stretch.stage == Stage::Invoke)?;
            let memory = shown.memory_of(id);
            let size = memory
                .as_ref()
                .map_or(shown.setup.config.memory, |it| it.size);
            Inside::new(invoke, size, memory)
        })
    });
    let over = kept(move || {
        let at = store.playback.with(|playback| playback.at);
        inside.with(|inside| inside.as_ref().is_some_and(|inside| inside.to <= at))
    });
    // The clock, as long as it stands in this invocation.
    let cursor = live(move || {
        let at = store.playback.with(|playback| playback.at);
        inside
            .with(|inside| {
                let inside = inside.as_ref()?;
                let within = inside.from <= at && at < inside.to;
                within.then(|| format!("{:.1}", inside.x(at, WIDTH)))
            })
            .unwrap_or_else(|| "-10".to_owned())
    });
    view! {
        <details class="inside" data-testid="inside" open hidden=live(move || inside.with(Option::is_none))>
            <summary>"Inside this invocation: CPU quota and memory"</summary>
            {part(move || inside.get().map(|inside| drawn(&inside)))}
            <svg class="inside-cursor" viewBox=format!("0 0 {WIDTH} 10") preserveAspectRatio="none" aria-hidden="true">
                <rect x=cursor y="0" width="1.5" height="10" />
            </svg>
            <p class="hint" class:unsaid=live(move || over.get())>"The clock has not come to its end yet."</p>
        </details>
    }
}

fn drawn(inside: &Inside) -> AnyView {
    let periods = inside.periods.iter().map(|period| {
        let (x, end) = (inside.x(period.from, WIDTH), inside.x(period.to, WIDTH));
        let class = if period.running { "running" } else { "frozen" };
        view! {
            <rect class=class x=format!("{x:.2}") y="0" width=format!("{:.2}", end - x) height=CPU.to_string()>
                <title>{format!("{} for {}", if period.running { "Runs" } else { "Frozen" }, period.to.since(period.from))}</title>
            </rect>
        }
    });
    let periods = periods.collect_view();
    let cpu = (!inside.periods.is_empty()).then(|| {
        view! {
            <svg class="inside-cpu" viewBox=format!("0 0 {WIDTH} {CPU}") preserveAspectRatio="none" role="img" aria-label=inside.cpu.clone()>
                {periods}
            </svg>
        }
    });
    let memory = inside.memory_path(WIDTH, MEMORY).map(|(path, limit)| {
        let words = inside.memory_words().unwrap_or_default();
        let line = (limit >= 0.0).then(|| {
            let y = format!("{:.1}", (limit * MEMORY).max(0.5));
            view! { <line class="limit" x1="0" x2=WIDTH.to_string() y1=y.clone() y2=y /> }
        });
        view! {
            <p>{words.clone()}</p>
            <svg class="inside-memory" viewBox=format!("0 0 {WIDTH} {MEMORY}") preserveAspectRatio="none" role="img" aria-label=words>
                <path d=path />
                {line}
            </svg>
        }
    });
    view! {
        <p>{inside.cpu.clone()}</p>
        {cpu}
        {memory}
        <p class="inside-scale" aria-hidden="true">
            <span>{axis::instant(inside.from)}</span>
            <span>{format!("+{}", inside.to.since(inside.from))}</span>
        </p>
    }
    .into_any()
}
