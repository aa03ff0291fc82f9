//! Keys that work anywhere on the page, except while something is being typed.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use super::dialogs::{HELP, open};
use super::outside::framed;
use super::store::Store;
use crate::ui::commands::ENLARGED;
use crate::ui::model::{Guiding, Jump, Msg};

/// Every key with what it does, for the help sheet.
pub const KEYS: &[(&[&str], &str)] = &[
    (&["Ctrl Enter", "⌘ Enter"], "Run"),
    (&["Ctrl K", "⌘ K"], "All commands, by name"),
    (&["Space"], "Play or pause"),
    (
        &["←", "→"],
        "Back or on a little; with Shift ten times as far",
    ),
    (&[",", "."], "To the previous or next event"),
    (&["[", "]"], "To the previous or next invocation"),
    (&["E"], "To the next error; with Shift to the one before"),
    (&["R"], "To the next retry, likewise"),
    (&["C"], "To the next cold start, likewise"),
    (&["T"], "To the next throttle, likewise"),
    (
        &["W", "S"],
        "Enlarge the timeline, or make it smaller; also Ctrl and the wheel",
    ),
    (
        &["A", "D"],
        "Move along the enlarged timeline; also Shift and the wheel, or dragging with Ctrl or the middle button",
    ),
    (
        &["F"],
        "Bring what is looked at into the middle; once more, let it fill the timeline",
    ),
    (&["0"], "Show all of the timeline"),
    (
        &["Alt and dragging"],
        "Let a stretch of the timeline fill it",
    ),
    (
        &["L"],
        "Pin the lane of the bar that keys point at, or of what is selected, to the top; also a press on its name",
    ),
    (
        &["Q"],
        "Fold the details of what is selected away, or unfold them",
    ),
    (
        &["M"],
        "Mark the moment; what lies between it and the clock is measured. Also Shift and dragging",
    ),
    (
        &["↑", "↓", "←", "→", "Enter"],
        "In the timeline, after Tab: from bar to bar, and select",
    ),
    (&["/"], "Search for invocations"),
    (&["Home"], "To the start"),
    (&["End"], "To the end"),
    (&["N", "P"], "To the next or previous step of a guide"),
    (&["Ctrl Z", "⌘ Z"], "Undo; with Shift, do again"),
    (
        &["Esc"],
        "Cancel a run, take mark and measured stretch away, close a sheet",
    ),
    (&["?"], "This sheet"),
];

/// Pixels by which a key moves the timeline.
const STRIDE: f64 = 160.0;

/// Begins to listen.
pub fn listen(store: Store) {
    let handle = window_event_listener(leptos::ev::keydown, move |event: KeyboardEvent| {
        if let Some(msg) = message(&event, store) {
            event.prevent_default();
            store.send(msg);
        }
    });
    on_cleanup(move || handle.remove());
}

fn message(event: &KeyboardEvent, store: Store) -> Option<Msg> {
    let key = event.key();
    if (event.ctrl_key() || event.meta_key()) && key == "Enter" {
        return Some(Msg::Run);
    }
    if (event.ctrl_key() || event.meta_key())
        && !event.shift_key()
        && !event.alt_key()
        && key.eq_ignore_ascii_case("k")
        && !framed()
    {
        event.prevent_default();
        store.palette.set(true);
        return None;
    }
    let typing = event.target().is_some_and(|target| {
        target.dyn_into::<Element>().is_ok_and(|element| {
            element
                .closest("input, textarea, dialog")
                .ok()
                .flatten()
                .is_some()
        })
    });
    // Whoever types undoes letters, in the browser's own way.
    if (event.ctrl_key() || event.meta_key()) && !event.alt_key() && !typing {
        match key.to_ascii_lowercase().as_str() {
            "z" if event.shift_key() => return Some(Msg::Redo),
            "z" => return Some(Msg::Undo),
            "y" => return Some(Msg::Redo),
            _ => {}
        }
    }
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
        return None;
    }
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    let inside = |selector: &str| {
        target
            .as_ref()
            .is_some_and(|element| element.closest(selector).ok().flatten().is_some())
    };
    if inside("dialog") {
        return None;
    }
    if key == "Escape" && store.run.with_untracked(|run| run.pending.is_some()) {
        return Some(Msg::Cancel);
    }
    if inside("input, textarea, select") {
        return None;
    }
    if store.guide.with_untracked(|guide| guide.open.is_some()) {
        match key.as_str() {
            "n" => return Some(Msg::Guide(Guiding::Step(1))),
            "p" => return Some(Msg::Guide(Guiding::Step(-1))),
            _ => {}
        }
    }
    // Buttons and folds have their own use for these.
    let pressable = inside("button, summary, a");
    match key.as_str() {
        "?" => {
            open(HELP);
            None
        }
        " " if !pressable => Some(Msg::TogglePlay),
        "ArrowLeft" => Some(Msg::Nudge {
            direction: -1,
            large: event.shift_key(),
        }),
        "ArrowRight" => Some(Msg::Nudge {
            direction: 1,
            large: event.shift_key(),
        }),
        "w" | "+" => Some(Msg::Zoom {
            factor: ENLARGED,
            x: None,
        }),
        "s" | "-" => Some(Msg::Zoom {
            factor: 1.0 / ENLARGED,
            x: None,
        }),
        "a" => Some(Msg::Pan(-STRIDE)),
        "d" => Some(Msg::Pan(STRIDE)),
        "f" => Some(Msg::Frame),
        "0" => Some(Msg::ShowAll),
        "m" => Some(Msg::Mark),
        "l" => Some(Msg::Pin(None)),
        "q" => Some(Msg::ToggleInspector),
        "Escape" => Some(Msg::Clear),
        "/" => {
            search();
            event.prevent_default();
            None
        }
        "," => Some(Msg::StepEvent(-1)),
        "." => Some(Msg::StepEvent(1)),
        "[" => Some(Msg::StepAttempt(-1)),
        "]" => Some(Msg::StepAttempt(1)),
        "Home" => Some(Msg::ToStart),
        "End" => Some(Msg::ToEnd),
        letter => {
            let direction = if event.shift_key() { -1 } else { 1 };
            Jump::by_key(&letter.to_ascii_lowercase()).map(|jump| Msg::Jump(jump, direction))
        }
    }
    // Without a run there is nothing to move in, and the keys keep their usual meaning.
    .filter(|_| store.run.with_untracked(|run| run.shown.is_some()))
}

/// Goes to the search for invocations.
pub fn search() {
    let found = document().query_selector("[data-testid='find']");
    let input = found.ok().flatten();
    if let Some(input) = input.and_then(|it| it.dyn_into::<web_sys::HtmlInputElement>().ok()) {
        let _ = input.focus();
        input.select();
    }
}
