//! The canvas with the lanes, painted anew whenever something looks different.

use std::sync::Arc;

use leptos::html::{Canvas, Div};
use leptos::prelude::*;

use super::layout::{Layout, context};
use super::paint::{Look, paint};
use super::palette::Colours;
use crate::sim::SimTime;
use crate::ui::attempts::AttemptId;
use crate::ui::find::Found;
use crate::ui::model::{Baseline, Pointed, Shown};
use crate::ui::page::live::Kept;
use crate::ui::page::store::use_store;
use crate::ui::timeline::{Axis, Holds, Lane, Window};

/// What is painted, and where.
#[derive(Clone, Copy)]
pub struct Painted {
    /// The canvas.
    pub canvas: NodeRef<Canvas>,
    /// The element with the page's colours.
    pub swatches: NodeRef<Div>,
    /// The run.
    pub run: Kept<Watched>,
    /// The run before.
    pub ghost: Kept<Before>,
    /// The lanes' numbers from the top down, the pinned ones first.
    pub order: Kept<Vec<u32>>,
    /// The axis.
    pub axis: Kept<Axis>,
    /// What of it is on the screen.
    pub seen: Kept<Window>,
    /// Where lanes stand.
    pub layout: Kept<Layout>,
    /// Where the clock stands.
    pub at: Kept<SimTime>,
    /// What is selected, when there is more than one to select.
    pub selected: Kept<Option<AttemptId>>,
    /// What keys point at.
    pub pointed: Kept<Option<Pointed>>,
    /// What was found.
    pub found: Kept<Option<Found>>,
}

/// Paints, and paints anew. While the clock runs a painting stays as long as it is right: what has not happened yet is
/// covered, not left out.
pub fn keep_painted(painted: Painted) {
    let store = use_store();
    let colours = StoredValue::new_local(None::<Colours>);
    let holds = StoredValue::new(None::<Holds>);
    // Counts what makes a painting wrong besides the values that it follows: other colours, and the clock.
    let wrong = RwSignal::new(0_u32);
    let is_wrong = move || wrong.update(|count| *count = count.wrapping_add(1));
    Effect::new(move |_| {
        store.theme.track();
        if let Some(swatches) = painted.swatches.get() {
            colours.set_value(Some(Colours::read(&swatches)));
            is_wrong();
        }
    });
    Effect::new(move |_| {
        let now = painted.at.get();
        if holds.get_value().is_some_and(|holds| !holds.at(now)) {
            is_wrong();
        }
    });
    Effect::new(move |_| {
        wrong.track();
        let layout = painted.layout.get();
        let window = painted.seen.get();
        let Some(canvas) = painted.canvas.get() else {
            return;
        };
        let Some(context) = context(&canvas, layout.gutter + window.width, layout.height) else {
            return;
        };
        let ghost = painted.ghost.get();
        painted.axis.with(|axis| {
            painted.found.with(|found| {
                painted.run.with(|run| {
                    let Some(shown) = &run.0 else {
                        return;
                    };
                    let look = Look {
                        axis,
                        window,
                        at: painted.at.get_untracked(),
                        selected: painted.selected.get(),
                        hovered: store.hovered.get(),
                        pointed: painted.pointed.get(),
                        found: found.as_ref(),
                        entries: &shown.entries,
                        tries: &shown.tries,
                        ghost: ghost.0.as_ref().map(|before| before.lanes.as_slice()),
                    };
                    colours.with_value(|colours| {
                        if let Some(colours) = colours {
                            let right = painted.order.with(|order| {
                                paint(&context, colours, &shown.lanes, order, layout, &look)
                            });
                            holds.set_value(Some(right));
                        }
                    });
                });
            });
        });
    });
}

/// A run that is the same when its trace is the same in memory: comparing it entry by entry would cost more than drawing.
#[derive(Clone, Default)]
pub struct Watched(pub Option<Arc<Shown>>);

impl Watched {
    /// Reads its lanes; without a run there are none.
    pub fn lanes<R: Default>(&self, read: impl FnOnce(&[Lane]) -> R) -> R {
        self.0
            .as_ref()
            .map(|shown| read(&shown.lanes))
            .unwrap_or_default()
    }
}

impl PartialEq for Watched {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Arc::ptr_eq(&a.entries, &b.entries),
            (None, None) => true,
            _ => false,
        }
    }
}

/// The run before, likewise.
#[derive(Clone, Default)]
pub struct Before(pub Option<Arc<Baseline>>);

impl PartialEq for Before {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        }
    }
}
