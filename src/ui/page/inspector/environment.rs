//! One environment: its life, what it served, how its memory grew.

use std::collections::BTreeSet;

use leptos::prelude::*;

use super::around::{ROWS, figure, go, rows, story};
use crate::lambda::event::{EnvironmentId, ResetReason};
use crate::sim::SimTime;
use crate::ui::inside::staircase;
use crate::ui::inspect::{self, EnvironmentStory};
use crate::ui::model::{About, Msg, Shown};
use crate::ui::page::icons;
use crate::ui::page::live::{Kept, kept, live, part};
use crate::ui::page::store::Store;
use crate::ui::timeline::axis;
use crate::ui::words;

/// The memory curve's size, in its own units.
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 40.0;

/// A story with its memory curve, drawn.
type Told = (EnvironmentStory, Option<(String, f64)>);

/// The environment that was chosen, or that of the invocation, or the first.
pub fn environment(store: Store, about: Kept<About>, at: RwSignal<SimTime>) -> AnyView {
    let count = kept(move || {
        store.run.with(|run| {
            let shown = run.shown.as_ref();
            shown.map_or(0, |shown| shown.cast.environments)
        })
    });
    let id = kept(move || {
        let chosen = match about.get() {
            About::Environment(chosen) => chosen,
            _ => None,
        };
        let own = store.run.with(|run| {
            let shown = run.shown.as_ref()?;
            shown.tries.row(shown.selected?)?.environment
        });
        chosen.or(own).map_or(0, |id| id.0)
    });
    let told = kept(move || -> Option<Told> {
        let (at, id) = (at.get(), id.get());
        store.run.with(|run| {
            let shown = run.shown.as_ref()?;
            let story = inspect::environment(shown.entries.iter(), EnvironmentId(id), at)?;
            let curve = curve(shown, &story, at);
            Some((story, curve))
        })
    });
    let head = move || {
        let number = u64::from(id.get()) + 1;
        let state = told.with(|told| {
            told.as_ref()
                .map_or("not there yet", |(story, _)| story.state())
        });
        format!("Environment {number}: {state}")
    };
    let beside = move |by: i64| {
        let last = count.get_untracked().saturating_sub(1) as i64;
        let next = (i64::from(id.get_untracked()) + by).clamp(0, last);
        let next = EnvironmentId(u32::try_from(next).unwrap_or_default());
        store.send(Msg::Inspect(About::Environment(Some(next))));
    };
    let body = view! {
        <p class="which" hidden=live(move || count.get() < 2)>
            <button type="button" class="quiet" aria-label="Previous environment" disabled=live(move || id.get() == 0) on:click=move |_| beside(-1)>
                {icons::BACK.view()}
            </button>
            <label class="inline">
                "Environment"
                <input
                    type="number"
                    min="1"
                    max=live(move || count.get().to_string())
                    data-testid="which-environment"
                    prop:value=live(move || (u64::from(id.get()) + 1).to_string())
                    on:change=move |event| {
                        let wanted: i64 = event_target_value(&event).parse().unwrap_or_default();
                        beside(wanted - 1 - i64::from(id.get_untracked()));
                    }
                />
            </label>
            <span>{live(move || format!("of {}", words::grouped(count.get() as u64)))}</span>
            <button type="button" class="quiet" aria-label="Next environment" disabled=live(move || id.get() as usize + 1 >= count.get()) on:click=move |_| beside(1)>
                {icons::ON.view()}
            </button>
        </p>
        {part(move || match told.get() {
            Some(told) => drawn(store, &told),
            None => view! { <p class="hint">"At this moment it does not exist."</p> }.into_any(),
        })}
    };
    story("environment-story", head, at, body.into_any())
}

/// The memory curve on the timeline's axis, on which dull gaps are folded, from the environment's beginning to the run's end.
fn curve(shown: &Shown, story: &EnvironmentStory, at: SimTime) -> Option<(String, f64)> {
    let axis = shown.axis(&BTreeSet::new(), WIDTH);
    let from = axis.x(story.created);
    let whole = (axis.x(shown.end) - from).max(1e-3);
    let place = |at: SimTime| ((axis.x(at) - from) / whole * WIDTH).clamp(0.0, WIDTH);
    let points = story.memory.iter().map(|(at, bytes)| (place(*at), *bytes));
    staircase(points, place(story.ended.unwrap_or(at)), story.size, HEIGHT)
}

fn drawn(store: Store, (story, curve): &Told) -> AnyView {
    let resets = match story.resets {
        (0, _) => "never".to_owned(),
        (count, Some(ResetReason::Timeout)) => format!("{count}, last after a timeout"),
        (count, Some(ResetReason::Crash)) => format!("{count}, last after a crash"),
        (count, None) => count.to_string(),
    };
    let capacity = if story.provisioned {
        "provisioned"
    } else {
        "on demand"
    };
    let all = story.served.len();
    let served = story.served.iter().rev().take(ROWS).map(|run| {
        let (key, word, took) = match &run.ended {
            Some((at, how)) => (how.key(), how.word(), words::millis(at.since(run.from))),
            None => ("", "Running", String::new()),
        };
        view! {
            <tr>
                <th scope="row">{go(store, run.id)}</th>
                <td class="number">{axis::instant(run.from)}</td>
                <td><span class=format!("dot {key}")></span> {word}</td>
                <td class="number">{took}</td>
            </tr>
        }
    });
    let served = served.collect_view().into_any();
    let memory = curve.as_ref().map(|(path, limit)| {
        let most = story.memory.iter().map(|point| point.1).max();
        let words = format!(
            "Memory over its life: {} MB at most of {}. Where nothing happens for long, the axis is folded.",
            words::grouped(most.unwrap_or_default().div_ceil(1 << 20)),
            words::memory(story.size)
        );
        let line = (*limit >= 0.0).then(|| {
            let y = format!("{:.1}", (limit * HEIGHT).max(0.5));
            view! { <line class="limit" x1="0" x2=WIDTH.to_string() y1=y.clone() y2=y /> }
        });
        view! {
            <p>{words.clone()}</p>
            <svg class="inside-memory" viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=words>
                <path d=path.clone() />
                {line}
            </svg>
        }
    });
    view! {
        <dl class="figures">
            {figure("Created at", axis::instant(story.created))}
            {figure("Ended at", story.ended.map_or_else(|| "not yet".to_owned(), axis::instant))}
            {figure("Init", story.init.map_or_else(|| "not yet".to_owned(), words::millis))}
            {figure("Invocations so far", words::grouped(all as u64))}
            {figure("Busy so far", words::millis(story.busy))}
            {figure("Reset", resets)}
            {figure("Capacity", capacity.to_owned())}
            {figure("Version", story.version.clone())}
            <div class="figure wide"><dt>"Log stream"</dt><dd>{story.log_stream.clone()}</dd></div>
        </dl>
        <div class="inside">{memory}</div>
        {rows("What this environment has served", &[("Invocation", false), ("Start", true), ("Result", false), ("Took", true)], served)}
        <p class="hint" hidden=all <= ROWS>{format!("The last {ROWS} of {}.", words::grouped(all as u64))}</p>
    }
    .into_any()
}
