//! Memory: a slider on a logarithmic scale, a number, and what the size means in CPU and money.

use super::live::{Kept, kept, live};
use super::problems::trouble_line;
use js_sys::Math;
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::store::use_store;
use crate::lambda::config::MemoryMb;
use crate::lambda::{billing, cpu};
use crate::ui::model::{Msg, Setting};
use crate::ui::words;

/// Steps of the slider.
const STEPS: f64 = 1_000.0;
/// Sizes with a tick and a name.
const TICKS: [u32; 6] = [128, 256, 512, 1_024, 1_769, 10_240];
/// Sizes with a tick only.
const SMALL_TICKS: [u32; 2] = [3_008, 5_120];
/// What an arrow key adds or takes: the step in which Lambda once sold memory.
const KEY_STEP: u32 = 64;

/// The slider's position for a size.
fn position(mb: u32) -> f64 {
    let (min, max) = (f64::from(MemoryMb::MIN.0), f64::from(MemoryMb::MAX.0));
    STEPS * Math::log(f64::from(mb) / min) / Math::log(max / min)
}

/// The size at a position; near a tick, the tick.
fn size(position: f64) -> u32 {
    let (min, max) = (f64::from(MemoryMb::MIN.0), f64::from(MemoryMb::MAX.0));
    let mb = (min * Math::exp(position / STEPS * Math::log(max / min))).round() as u32;
    TICKS
        .iter()
        .chain(&SMALL_TICKS)
        .copied()
        .find(|tick| (self::position(*tick) - position).abs() < STEPS / 120.0)
        .unwrap_or(mb)
}

/// The size that a key leads to.
fn by_key(key: &str, mb: u32) -> Option<u32> {
    match key {
        "ArrowRight" | "ArrowUp" => Some(mb / KEY_STEP * KEY_STEP + KEY_STEP),
        "ArrowLeft" | "ArrowDown" => Some(mb.div_ceil(KEY_STEP).saturating_sub(1) * KEY_STEP),
        "PageUp" => Some(mb * 2),
        "PageDown" => Some(mb / 2),
        "Home" => Some(MemoryMb::MIN.0),
        "End" => Some(MemoryMb::MAX.0),
        _ => None,
    }
}

/// The slider, the number, and the line that explains them.
#[component]
pub fn MemorySlider() -> impl IntoView {
    let store = use_store();
    let memory = kept(move || store.setup.with(|setup| setup.config.memory.0));
    let set = move |mb: u32| store.send(Msg::Set(Setting::Memory(mb)));
    let slid = move |event| {
        if let Ok(position) = event_target_value(&event).parse::<u32>() {
            set(size(position.into()));
        }
    };
    let pressed = move |event: KeyboardEvent| {
        if let Some(mb) = by_key(&event.key(), memory.get_untracked()) {
            event.prevent_default();
            set(mb.clamp(MemoryMb::MIN.0, MemoryMb::MAX.0));
        }
    };
    let typed = RwSignal::new(None::<String>);
    let trouble = kept(move || {
        typed.with(|typed| {
            let text = typed.as_ref()?;
            match text.trim().parse::<u32>() {
                Ok(mb) if (MemoryMb::MIN.0..=MemoryMb::MAX.0).contains(&mb) => None,
                _ => Some("Lambda takes 128 to 10,240 MB, in whole megabytes.".to_owned()),
            }
        })
    });
    let type_in = move |event| {
        let text = event_target_value(&event);
        if let Ok(mb) = text.trim().parse::<u32>()
            && (MemoryMb::MIN.0..=MemoryMb::MAX.0).contains(&mb)
        {
            set(mb);
        }
        typed.set(Some(text));
    };
    let facts = kept(move || {
        let facts = cpu::facts(MemoryMb(memory.get()));
        (facts.share, facts.visible_cpus, facts.quota, facts.meaning)
    });
    let price = kept(move || {
        store.setup.with(|setup| {
            // Per second, so that rounding to picodollars does not show, then per millisecond.
            let second = billing::charge(&setup.config, 1_000, 0).total();
            billing::dollars(second / 1_000)
        })
    });
    let percent = |mb: u32| words::percent_of(position(mb).round() as u64, STEPS as u64);
    let ticks = TICKS
        .iter()
        .map(|mb| {
            view! {
                <span class="tick" style:left=percent(*mb)>
                    {words::grouped((*mb).into())}
                </span>
            }
        })
        .collect_view();
    let small = SMALL_TICKS
        .iter()
        .map(|mb| view! { <span class="tick" style:left=percent(*mb)></span> })
        .collect_view();

    view! {
        <div class="memory">
            <div class="setting-head">
                <label for="memory-number">"Memory"</label>
                <span class="with-unit">
                    <input
                        type="number"
                        id="memory-number"
                        data-testid="memory-input"
                        min="128"
                        max="10240"
                        inputmode="numeric"
                        aria-invalid=live(move || trouble.get().map(|_| "true"))
                        aria-describedby="memory-facts"
                        prop:value=live(move || typed.get().unwrap_or_else(|| memory.get().to_string()))
                        on:input=type_in
                        on:blur=move |_| typed.set(None)
                    />
                    <span>"MB"</span>
                </span>
            </div>
            <div class="slider" style=("--whole", percent(cpu::MEMORY_PER_VCPU))>
                <input
                    type="range"
                    min="0"
                    max="1000"
                    step="1"
                    aria-label="Memory"
                    data-testid="memory-slider"
                    aria-valuetext=live(move || format!("{}, {}", words::memory(MemoryMb(memory.get())), facts.get().0))
                    style=("--at", live(move || percent(memory.get())))
                    prop:value=live(move || (position(memory.get()).round() as u32).to_string())
                    on:input=slid
                    on:keydown=pressed
                />
                <div class="ticks" aria-hidden="true">{ticks} {small}</div>
            </div>
            {trouble_line(trouble)}
            <div class="memory-facts" id="memory-facts">
                <p class="cpu-share" data-testid="cpu-share">
                    <strong>{live(move || facts.get().0)}</strong>
                    {live(move || match facts.get().2 {
                        Some((runs, _)) => format!(": {runs} in every 20 ms"),
                        None => ": never stands still".to_owned(),
                    })}
                    <span class="visible-cpus" data-testid="visible-cpus">
                        {live(move || match facts.get().1 {
                            1 => ", 1 vCPU visible".to_owned(),
                            more => format!(", {more} vCPUs visible"),
                        })}
                    </span>
                </p>
                <p>{live(move || price.get())} " per ms"</p>
                <QuotaStrip facts=facts />
                <p class="help meaning">{live(move || facts.get().3)}</p>
            </div>
        </div>
    }
}

type Facts = (
    String,
    u32,
    Option<(crate::sim::SimDuration, crate::sim::SimDuration)>,
    &'static str,
);

/// Four periods of the CPU quota, drawn to scale.
#[component]
fn QuotaStrip(facts: Kept<Facts>) -> impl IntoView {
    // The quota's part of the period.
    let share = move || match facts.get().2 {
        Some((runs, pauses)) => words::percent_of(runs.as_nanos(), (runs + pauses).as_nanos()),
        None => words::percent_of(1, 1),
    };
    view! {
        <div
            class="quota"
            style=("--share", live(share))
            role="img"
            aria-label=live(move || format!("In every 20 ms the function may run {}", share()))
        >
            <i></i><i></i><i></i><i></i>
        </div>
    }
}
