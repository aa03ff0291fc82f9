//! The log, line by line as CloudWatch has it; lines appear as the clock passes them. Of a long one, only the lines in sight
//! are on the page, and a search goes through it a portion at a time.

use std::collections::BTreeSet;
use std::sync::Arc;

use leptos::prelude::*;

use super::code::{CopyButton, unfolding};
use super::in_sight::{clock_in_sight, in_sight};
use super::live::{Kept, kept, live, part};
use super::rolled::Rolled;
use super::store::{Store, use_store};
use crate::lambda::event::EnvironmentId;
use crate::lambda::logs::{Line, LogKind, LogRecord};
use crate::ui::model::Shown;
use crate::ui::timeline::axis;
use crate::ui::words;

/// A log of more lines is rolled, and has a line's height for each of its lines.
const MOST_LINES: usize = 600;

/// Height of a rolled line, and of the log, in pixels.
const LINE: f64 = 24.0;
const HEIGHT: f64 = 420.0;

/// Lines whose text a search reads in one go.
const PORTION: usize = 4_000;

/// The most lines that Copy takes; the file has all.
const MOST_COPIED: usize = 20_000;

/// The log streams that can be chosen.
const MOST_STREAMS: usize = 200;

/// A run that is the same when its log is the same in memory.
#[derive(Clone, Default)]
struct Logged(Option<Arc<Shown>>);

impl PartialEq for Logged {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Arc::ptr_eq(&a.log, &b.log),
            (None, None) => true,
            _ => false,
        }
    }
}

impl Logged {
    fn lines(&self) -> &[Line] {
        self.0.as_ref().map_or(&[], |shown| shown.log.lines())
    }

    fn read(&self, index: usize) -> Option<LogRecord> {
        let shown = self.0.as_ref()?;
        let line = shown.log.lines().get(index)?;
        shown
            .log
            .read(line, shown.entries.get(line.entry as usize)?)
    }
}

/// What is wanted of the log.
#[derive(Debug, Clone, PartialEq, Default)]
struct Wanted {
    search: String,
    stream: Option<EnvironmentId>,
    invocation: Option<crate::lambda::event::InvocationId>,
}

impl Wanted {
    fn all(&self) -> bool {
        *self == Self::default()
    }

    fn fits(&self, line: &Line) -> bool {
        self.stream.is_none_or(|it| line.environment == it)
            && (self.invocation.is_none() || line.invocation == self.invocation)
    }
}

/// The log.
#[component]
pub fn LogView() -> impl IntoView {
    let store = use_store();
    let log = kept(move || Logged(store.run.with(|run| run.shown.clone())));
    let search = RwSignal::new(String::new());
    let stream = RwSignal::new(None::<EnvironmentId>);
    let mine = RwSignal::new(false);
    let streams = kept(move || {
        log.with(|log| {
            let lanes = log.0.as_ref().map(|shown| shown.lanes.clone());
            let lanes = lanes.unwrap_or_default();
            let all = lanes.iter().filter_map(|lane| match lane.kind {
                crate::ui::timeline::LaneKind::Environment(id) => Some(id),
                _ => None,
            });
            all.take(MOST_STREAMS).collect::<BTreeSet<EnvironmentId>>()
        })
    });
    let selected = kept(move || {
        store.run.with(|run| {
            let shown = run.shown.as_ref()?;
            shown.selected.map(|id| id.invocation)
        })
    });
    let wanted = kept(move || Wanted {
        search: search.get().trim().to_lowercase(),
        stream: stream.get(),
        invocation: selected.get().filter(|_| mine.get()),
    });
    let fitting = fitting(log, wanted);
    let all = kept(move || log.with(|log| log.lines().len()));
    // Nobody reads along below the screen while the clock runs.
    let lines = NodeRef::new();
    let at = clock_in_sight(store, in_sight(lines));
    let written = kept(move || {
        let at = at.get();
        log.with(|log| log.lines().partition_point(|line| line.at <= at))
    });
    // How many lines fit, and how many of them are written; and which the nth of them is.
    let fitting_count = kept(move || match &*fitting.get() {
        Some(fitting) => fitting.len(),
        None => all.get(),
    });
    let count = kept(move || match &*fitting.get() {
        Some(fitting) => fitting.partition_point(|index| (*index as usize) < written.get()),
        None => written.get(),
    });
    let nth = move |index: usize| match &*fitting.get_untracked() {
        Some(fitting) => fitting.get(index).map(|index| *index as usize),
        None => Some(index),
    };
    let text = Signal::derive(move || {
        let count = count.get().min(MOST_COPIED);
        log.with(|log| {
            let lines = (0..count).filter_map(|index| log.read(nth(index)?));
            lines.map(|line| line.text).collect::<Vec<_>>().join("\n")
        })
    });
    let counted = move || {
        let (shown, all) = (count.get() as u64, fitting_count.get() as u64);
        format!("{} of {} lines", words::grouped(shown), words::grouped(all))
    };
    let long = kept(move || fitting_count.get() > MOST_LINES);
    let rolled = Rolled::new(lines, count, LINE, HEIGHT);
    // All lines of a short log are on the page, those that are not yet written hidden.
    let listed = move || {
        fitting.track();
        let (first, end) = if long.get() {
            rolled.drawn.get()
        } else {
            (0, fitting_count.get())
        };
        (first..end)
            .filter_map(|index| Some((index, nth(index)?)))
            .collect::<Vec<_>>()
    };
    view! {
        <section class="pane" aria-labelledby="log-head">
            <header class="pane-head log-head">
                <h2 id="log-head">"Log"</h2>
                <span class="count">{live(counted)}</span>
                <span class="spring"></span>
                <label class="inline check" hidden=live(move || selected.get().is_none())>
                    <input
                        type="checkbox"
                        data-testid="log-mine"
                        prop:checked=live(move || mine.get())
                        on:change=move |event| mine.set(event_target_checked(&event))
                    />
                    "Selected request only"
                </label>
                <select
                    aria-label="Log stream"
                    data-testid="log-stream"
                    hidden=live(move || streams.with(|streams| streams.len() < 2))
                    on:change=move |event| {
                        let number = event_target_value(&event).parse().ok();
                        stream.set(number.map(EnvironmentId));
                    }
                >
                    <option value="">"All log streams"</option>
                    {part(move || streams.with(|streams| streams
                        .iter()
                        .map(|id| view! { <option value=id.0.to_string()>{format!("Environment {}", u64::from(id.0) + 1)}</option> })
                        .collect_view()))}
                </select>
                <input
                    type="search"
                    data-testid="log-search"
                    placeholder="Filter"
                    aria-label="Filter the log"
                    on:input=move |event| search.set(event_target_value(&event))
                />
                <CopyButton text=text />
            </header>
            <div
                class="log-lines"
                class:long=live(move || long.get())
                data-scrolls=""
                tabindex="0"
                role="group"
                aria-label="Log entries"
                node_ref=rolled.element
                on:scroll=move |_| rolled.scrolled()
            >
                <div style:height=live(move || words::px(if long.get() { rolled.above() } else { 0.0 }))></div>
                <ol data-testid="log">
                    <For
                        each=listed
                        key=move |(index, line)| (*index, *line, log.with_untracked(|log| log.0.as_ref().map(|shown| shown.run)), long.get_untracked())
                        children=move |(_, line)| row(store, log, line, written)
                    />
                </ol>
                <div style:height=live(move || words::px(if long.get() { rolled.below() } else { 0.0 }))></div>
            </div>
            <p class="hint" hidden=live(move || count.get() != 0)>
                {live(move || if wanted.with(Wanted::all) { "Nothing is written yet." } else { "No line fits so far." })}
            </p>
        </section>
    }
}

/// The numbers of the lines that are wanted; none when all are. A search through texts takes several frames.
fn fitting(log: Kept<Logged>, wanted: Kept<Wanted>) -> RwSignal<Arc<Option<Vec<u32>>>> {
    let fitting = RwSignal::new(Arc::new(None));
    let turn = StoredValue::new(0_u32);
    Effect::new(move |_| {
        turn.update_value(|turn| *turn = turn.wrapping_add(1));
        let now = wanted.get();
        let lines = log.with(|log| log.lines().len());
        if now.all() {
            return fitting.set(Arc::new(None));
        }
        let this = turn.get_value();
        portion(
            log,
            Arc::new(now),
            fitting,
            (turn, this),
            (0, lines),
            Vec::new(),
        );
    });
    fitting
}

/// Looks through some lines, and leaves the rest to the next frame.
fn portion(
    log: Kept<Logged>,
    wanted: Arc<Wanted>,
    fitting: RwSignal<Arc<Option<Vec<u32>>>>,
    (turn, this): (StoredValue<u32>, u32),
    (from, end): (usize, usize),
    mut found: Vec<u32>,
) {
    let mut at = from;
    let mut read = 0;
    log.with_untracked(|log| {
        while at < end && read < PORTION {
            let line = log.lines().get(at);
            let mut fits = line.is_some_and(|line| wanted.fits(line));
            if fits && !wanted.search.is_empty() {
                read += 1;
                let text = log.read(at).map(|line| line.text.to_lowercase());
                fits = text.is_some_and(|text| text.contains(&wanted.search));
            }
            if fits {
                found.push(at as u32);
            }
            at += 1;
        }
    });
    if at >= end {
        return fitting.set(Arc::new(Some(found)));
    }
    // What was found so far is shown while the search goes on.
    fitting.set(Arc::new(Some(found.clone())));
    request_animation_frame(move || {
        if turn.try_get_value() == Some(this) {
            portion(log, wanted, fitting, (turn, this), (at, end), found);
        }
    });
}

fn row(store: Store, log: Kept<Logged>, index: usize, written: Kept<usize>) -> AnyView {
    let Some(line) = log.with_untracked(|log| log.read(index)) else {
        return ().into_any();
    };
    let class = match line.kind {
        LogKind::Platform => "platform",
        LogKind::Function => "function",
    };
    let of = line.invocation;
    let hovered = live(move || {
        let hovered = store.hovered.get().map(|id| id.invocation);
        hovered.is_some() && hovered == of
    });
    let hover = move || {
        let tries = store.run.with_untracked(|run| {
            let shown = run.shown.as_ref()?;
            let invocation = of?;
            // The try that was running when the line was written.
            let tries = (1..=64).map(|attempt| crate::ui::attempts::AttemptId {
                invocation,
                attempt,
            });
            tries
                .filter_map(|id| shown.tries.row(id))
                .take_while(|row| row.began <= line.at)
                .last()
                .map(|row| row.id)
        });
        store.hover(tries);
    };
    view! {
        <li
            class=class
            class:hovered=hovered
            data-at=axis::instant(line.at)
            hidden=live(move || { index >= written.get() })
            on:pointerenter=move |_| hover()
            on:pointerleave=move |_| store.hover(None)
        >
            {unfolding(&line.text)}
        </li>
    }
    .into_any()
}
