//! The numbers of an attempt, in the console's words: REPORT's first, then what the playground knows besides.

use std::sync::Arc;

use leptos::prelude::*;

use super::live::{Kept, live};
use super::store::use_store;
use crate::lambda::billing;
use crate::lambda::event::Usage;
use crate::sim::SimDuration;
use crate::ui::attempts::Attempt;
use crate::ui::model::Baseline;
use crate::ui::words;

/// The summary.
#[component]
pub fn Numbers(attempt: Attempt, ended: Kept<bool>) -> impl IntoView {
    let store = use_store();
    let finished = attempt.finished().cloned();
    let Some(finished) = finished else {
        return view! {
            <section class="numbers" aria-labelledby="summary-head">
                <h3 id="summary-head">"Summary"</h3>
                <p class="hint">"The numbers come with REPORT, when the invocation is over."</p>
            </section>
        }
        .into_any();
    };
    let (report, usage, id) = (finished.report, finished.usage, attempt.id);
    let config = store
        .run
        .with_untracked(|run| run.shown.as_ref().map(|shown| shown.setup.config.clone()))
        .unwrap_or_default();
    let bill = billing::explain(&config, report.billed_ms, 1)
        .into_iter()
        .map(|line| {
            format!(
                "{}: {} at {} = {}",
                line.label,
                line.quantity,
                line.rate,
                billing::dollars_exact(line.amount)
            )
        })
        .collect::<Vec<_>>()
        .join("\n");
    let init = report
        .init_duration
        .map_or_else(|| "– (warm)".to_owned(), words::millis);
    let used_share = words::percent_of(
        report.max_memory_used_mb.min(report.memory_size.0).into(),
        report.memory_size.0.into(),
    );
    view! {
        <section class="numbers" class:unseen=live(move || !ended.get()) aria-labelledby="summary-head">
            <h3 id="summary-head">"Summary"</h3>
            <p class="hint not-yet" hidden=live(move || ended.get())>"The numbers come with REPORT, when the invocation is over."</p>
            <dl class="figures">
                <div class="figure big"><dt>"Duration"</dt><dd data-testid="duration">{words::millis(report.duration)}</dd></div>
                <div class="figure big"><dt>"Billed duration"</dt><dd data-testid="billed">{format!("{} ms", words::grouped(report.billed_ms))}</dd></div>
                <div class="figure"><dt>"Init duration"</dt><dd data-testid="init-duration">{init}</dd></div>
                <div class="figure"><dt>"Memory size"</dt><dd>{words::memory(report.memory_size)}</dd></div>
                <div class="figure">
                    <dt>"Max memory used"</dt>
                    <dd data-testid="max-memory">{format!("{} MB", words::grouped(report.max_memory_used_mb.into()))}</dd>
                    <span class="meter" aria-hidden="true"><i style:width=used_share></i></span>
                </div>
                <div class="figure"><dt>"Cost"</dt><dd data-testid="cost" title=bill.clone()>{billing::dollars_exact(report.cost_picodollars)}</dd></div>
                <div class="figure"><dt>"Cost of a million"</dt><dd title=bill>{billing::dollars(report.cost_picodollars.saturating_mul(1_000_000))}</dd></div>
                <div class="figure"><dt>"CPU used"</dt><dd data-testid="cpu-used">{words::millis(usage.cpu)}</dd></div>
                <div class="figure"><dt>"Instructions counted"</dt><dd>{words::grouped(usage.fuel.0)}</dd></div>
                <div class="figure wide"><dt>"Request ID"</dt><dd>{attempt.request_id.to_string()}</dd></div>
            </dl>
            {live(move || time_split(&usage, store.run.with(|run| run.baseline.clone()).filter(|before| before.id == id)))}
        </section>
    }
    .into_any()
}

/// Where the time went, as a bar and in words; below it the bar of the run before, at the same scale.
fn time_split(usage: &Usage, before: Option<Arc<Baseline>>) -> AnyView {
    let whole = usage.duration.as_nanos();
    let longest = before
        .as_ref()
        .map_or(whole, |before| before.duration.as_nanos().max(whole))
        .max(1);
    let part = |span: SimDuration| words::percent_of(span.as_nanos(), longest);
    let piece = |class: &'static str, name: &'static str, span: SimDuration| {
        (span > SimDuration::ZERO).then(|| {
            (
                view! { <i class=class style:width=part(span)></i> },
                view! {
                    <li>
                        <span class=format!("swatch {class}")></span>
                        {name} " "
                        <strong>{words::share(span.as_nanos(), whole)}</strong>
                    </li>
                },
            )
        })
    };
    let (bars, words): (Vec<_>, Vec<_>) = [
        piece("cpu", "computing", usage.cpu),
        piece("frozen", "frozen by the CPU quota", usage.frozen),
        piece("waited", "waiting", usage.waited),
    ]
    .into_iter()
    .flatten()
    .unzip();
    let ghost = before.map(|before| {
        view! {
            <div class="split-bar ghost-bar" aria-hidden="true">
                <i style:width=part(before.duration)></i>
            </div>
            <p class="ghost-name">
                {format!(
                    "Before, at {} and {} s: {}, {}",
                    words::memory(before.memory),
                    before.timeout,
                    words::millis(before.duration),
                    billing::dollars_exact(before.cost_picodollars),
                )}
            </p>
        }
    });
    view! {
        <div class="split">
            <h3>"Where the time went"</h3>
            <div class="split-bar" aria-hidden="true">{bars}</div>
            {ghost}
            <ul>{words}</ul>
        </div>
    }
    .into_any()
}
