//! What is in a lane: bars for what lasts, marks for what happens at once.

use crate::ui::page::live::{kept, live};
use leptos::prelude::*;

use crate::sim::SimDuration;
use crate::ui::attempts::Outcome;
use crate::ui::model::Msg;
use crate::ui::page::icons;
use crate::ui::page::store::use_store;
use crate::ui::timeline::{Axis, Bar, BarKind, Lane, Mark, MarkKind};
use crate::ui::words;

/// A bar is never narrower, so that it can be seen and pressed.
const MIN_BAR: f64 = 3.0;
/// A narrower bar has no room for words.
const MIN_LABEL: f64 = 34.0;
/// Pauses closer than this, in pixels, are told as a share instead of being drawn.
const MIN_PERIOD: f64 = 12.0;
/// Room for a mark's words, in pixels.
const MARK_LABEL: f64 = 80.0;
/// Log marks closer than this, in pixels, are drawn as one.
const MIN_LOG: f64 = 3.0;

/// A lane's content.
pub fn lane_track(lane: &Lane, axis: &Axis) -> AnyView {
    let mut last_log = f64::NEG_INFINITY;
    let marks = lane
        .marks
        .iter()
        .filter(|mark| {
            if mark.kind != MarkKind::Log {
                return true;
            }
            let x = axis.x(mark.at);
            let apart = x - last_log >= MIN_LOG;
            if apart {
                last_log = x;
            }
            apart
        })
        .map(|mark| mark_view(mark, axis, axis.width()))
        .collect_view();
    let bars = lane
        .bars
        .iter()
        .map(|bar| bar_view(bar, axis))
        .collect_view();
    (bars, marks).into_any()
}

fn bar_view(bar: &Bar, axis: &Axis) -> AnyView {
    let store = use_store();
    let (left, right) = (axis.x(bar.from), axis.x(bar.to));
    let width = (right - left).max(MIN_BAR);
    let class = format!("bar {}", bar.kind.key());
    let position = (words::px(left), words::px(width));
    // How it went is only told when the clock has got there.
    let end = bar.to;
    let over = kept(move || store.playback.with(|playback| playback.at >= end));
    let outcome = bar.outcome;
    let bad = live(move || over.get() && outcome.key() == "bad");
    let cut = outcome.key() == "cut";
    let label = (width >= MIN_LABEL).then(|| {
        let quiet = matches!(bar.kind, BarKind::Idle | BarKind::Queued | BarKind::Backoff);
        let icon = live(move || match outcome {
            _ if quiet || !over.get() => None,
            Outcome::Succeeded => None,
            Outcome::CutOff | Outcome::Unfinished => Some(icons::STOP.view()),
            _ => Some(icons::CROSS.view()),
        });
        let before = bar.label.clone();
        let after = bar.label_after.clone().unwrap_or_else(|| before.clone());
        let text = live(move || {
            if over.get() {
                after.clone()
            } else {
                before.clone()
            }
        });
        view! { <span class="bar-label">{icon} {text}</span> }
    });
    let inside = inside(bar, axis, left, width);
    match bar.attempt.filter(|_| bar.kind != BarKind::Idle) {
        Some(id) => {
            let chosen = live(move || {
                store
                    .run
                    .with(|run| run.shown.as_ref().and_then(|shown| shown.selected) == Some(id))
            });
            view! {
                <button
                    type="button"
                    class=class
                    class:bad=bad
                    class:cut=cut
                    class:chosen=chosen
                    style:left=position.0
                    style:width=position.1
                    title=bar.detail.clone()
                    aria-label=bar.detail.clone()
                    on:click=move |_| store.send(Msg::Select(id))
                >
                    {inside}
                    {label}
                </button>
            }
            .into_any()
        }
        None => view! {
            <div
                class=class
                class:bad=bad
                class:cut=cut
                style:left=position.0
                style:width=position.1
                title=bar.detail.clone()
            >
                {inside}
                {label}
            </div>
        }
        .into_any(),
    }
}

/// Where the bar's time went: the quota's pauses where they are, when they are known and wide enough; else shares.
fn inside(bar: &Bar, axis: &Axis, left: f64, width: f64) -> AnyView {
    let Some(usage) = &bar.usage else {
        return ().into_any();
    };
    let wide_enough = bar.pauses.windows(2).next().is_none_or(|pair| match pair {
        [first, second] => axis.x(second.0) - axis.x(first.0) >= MIN_PERIOD,
        _ => true,
    });
    if !bar.pauses.is_empty() && wide_enough {
        return bar
            .pauses
            .iter()
            .map(|(from, to)| {
                let (x, end) = (axis.x(*from), axis.x(*to));
                view! {
                    <i
                        class="pause"
                        style:left=words::px(x - left)
                        style:width=words::px((end - x).max(1.0).min(left + width - x))
                    ></i>
                }
            })
            .collect_view()
            .into_any();
    }
    let whole = usage.duration.as_nanos();
    if whole == 0 || (usage.frozen == SimDuration::ZERO && usage.waited == SimDuration::ZERO) {
        return ().into_any();
    }
    let percent = |span: SimDuration| words::percent_of(span.as_nanos(), whole);
    view! {
        <span class="shares">
            <i class="cpu" style:width=percent(usage.cpu)></i>
            <i class="frozen" style:width=percent(usage.frozen)></i>
            <i class="waited" style:width=percent(usage.waited)></i>
        </span>
    }
    .into_any()
}

fn mark_view(mark: &Mark, axis: &Axis, width: f64) -> AnyView {
    let x = axis.x(mark.at);
    // At the right edge the words stand on the other side.
    let side = if width - x < MARK_LABEL { "before" } else { "" };
    let label = (!mark.label.is_empty()).then(|| view! { <span>{mark.label.clone()}</span> });
    view! {
        <div
            class=format!("mark {} {side}", mark.kind.key())
            style:left=words::px(x)
            title=mark.detail.clone()
        >
            {label}
        </div>
    }
    .into_any()
}
