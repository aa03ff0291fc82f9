//! Long lists of which only what is in sight is on the page: rows of one height, with room kept for the others.

use leptos::html::Div;
use leptos::prelude::*;

use super::live::{Kept, kept};

/// Rows drawn beyond what is in sight, above and below; as many are added at a time.
const SPARE: usize = 12;

/// A list that is scrolled.
#[derive(Clone, Copy)]
pub struct Rolled {
    /// The element that scrolls.
    pub element: NodeRef<Div>,
    /// The first row that is drawn, and the one after the last.
    pub drawn: Kept<(usize, usize)>,
    count: Kept<usize>,
    row: f64,
    scrolled: RwSignal<f64>,
}

impl Rolled {
    /// A list of `count` rows that are `row` pixels high, in `element`, which is at most `height` pixels high.
    pub fn new(element: NodeRef<Div>, count: Kept<usize>, row: f64, height: f64) -> Self {
        let scrolled = RwSignal::new(0.0);
        let seen = (height / row).ceil() as usize;
        let drawn = kept(move || {
            let all = count.get();
            let first = (scrolled.get() / row) as usize;
            // In steps, so that a small movement draws nothing anew.
            let first = (first.min(all.saturating_sub(seen)) / SPARE).saturating_sub(1) * SPARE;
            (first, (first + seen + 3 * SPARE).min(all))
        });
        Self {
            element,
            drawn,
            count,
            row,
            scrolled,
        }
    }

    /// The element was scrolled.
    pub fn scrolled(self) {
        if let Some(element) = self.element.get_untracked() {
            self.scrolled.set(f64::from(element.scroll_top()));
        }
    }

    /// Room above the rows that are drawn, in pixels.
    pub fn above(self) -> f64 {
        self.drawn.get().0 as f64 * self.row
    }

    /// Room below them.
    pub fn below(self) -> f64 {
        self.count.get().saturating_sub(self.drawn.get().1) as f64 * self.row
    }

    /// Goes back to the first row.
    pub fn to_top(self) {
        if let Some(element) = self.element.get_untracked() {
            element.set_scroll_top(0);
        }
    }

    /// Brings a row into sight. `head` is the height of what stays above the rows.
    pub fn show(self, index: usize, head: f64) {
        let Some(element) = self.element.get_untracked() else {
            return;
        };
        let top = index as f64 * self.row;
        let scrolled = f64::from(element.scroll_top());
        let height = f64::from(element.client_height()) - head;
        if top < scrolled {
            element.set_scroll_top(top as i32);
        } else if top + self.row > scrolled + height {
            element.set_scroll_top((top + self.row - height).ceil() as i32);
        }
    }
}
