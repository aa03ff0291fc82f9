//! Our own drawings, on a 16 × 16 grid, in the colour of the text around them.

use leptos::prelude::*;

/// One drawing: strokes, or filled.
pub struct Icon {
    path: &'static str,
    filled: bool,
}

impl Icon {
    /// The drawing as an element that screen readers skip.
    pub fn view(&self) -> AnyView {
        let class = if self.filled { "icon filled" } else { "icon" };
        view! {
            <svg class=class viewBox="0 0 16 16" aria-hidden="true" focusable="false">
                <path d=self.path />
            </svg>
        }
        .into_any()
    }
}

const fn stroke(path: &'static str) -> Icon {
    Icon {
        path,
        filled: false,
    }
}

const fn fill(path: &'static str) -> Icon {
    Icon { path, filled: true }
}

/// The page's mark: a lambda whose long leg runs into a time axis.
pub const MARK: Icon = stroke("M4 2.5h1.6L10.5 13.5H14.5M7.3 6.6 3 13.5");
/// Play.
pub const PLAY: Icon = fill("M4 2.6v10.8L13 8z");
/// Pause.
pub const PAUSE: Icon = fill("M4 3h2.8v10H4zM9.2 3H12v10H9.2z");
/// To the start.
pub const START: Icon = fill("M3 3h1.8v10H3zM13 3v10L6 8z");
/// To the end.
pub const END: Icon = fill("M11.2 3H13v10h-1.8zM3 3v10l7-5z");
/// Back by one event.
pub const BACK: Icon = stroke("M10 3 5 8l5 5");
/// On by one event.
pub const ON: Icon = stroke("M6 3l5 5-5 5");
/// Upload.
pub const UPLOAD: Icon = stroke("M8 10.5V2.5M4.8 5.5 8 2.3l3.2 3.2M2.5 10.5v3h11v-3");
/// Copy.
pub const COPY: Icon = stroke("M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z");
/// Done.
pub const TICK: Icon = stroke("M3 8.5l3.4 3.4L13 4.6");
/// Failed.
pub const CROSS: Icon = stroke("M4 4l8 8M12 4l-8 8");
/// Take care.
pub const WARN: Icon = stroke("M8 2.2 14.6 13.8H1.4zM8 6.6v3.2M8 11.6v.6");
/// Worth knowing.
pub const NOTE: Icon =
    stroke("M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM8 7.4v3.8M8 4.8v.6");
/// Larger.
pub const PLUS: Icon = stroke("M8 3v10M3 8h10");
/// Smaller.
pub const MINUS: Icon = stroke("M3 8h10");
/// Undo.
pub const UNDO: Icon = stroke("M5.5 2.8 2.5 5.8l3 3M2.8 5.8H9.5a3.8 3.8 0 0 1 0 7.6H6");
/// Do again.
pub const REDO: Icon = stroke("M10.5 2.8l3 3-3 3M13.2 5.8H6.5a3.8 3.8 0 0 0 0 7.6H10");
/// Stopped.
pub const STOP: Icon = fill("M3.5 3.5h9v9h-9z");
/// As the system has it.
pub const HALF: Icon =
    stroke("M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 2v12M9.5 4.4v7.2M11 5v6M12.5 6.4v3.2");
/// Guides: an open book.
pub const GUIDE: Icon = stroke(
    "M8 4.2C6.4 3 4.4 2.8 2.2 3.2v9.4c2.2-.4 4.2-.2 5.8 1 1.6-1.2 3.6-1.4 5.8-1V3.2C11.6 2.8 9.6 3 8 4.2zM8 4.2v9.4",
);
/// Light.
pub const SUN: Icon = stroke(
    "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1v1.8M8 13.2V15M1 8h1.8M13.2 8H15M3 3l1.3 1.3M11.7 11.7 13 13M13 3l-1.3 1.3M4.3 11.7 3 13",
);
/// Dark.
pub const MOON: Icon = stroke("M13.5 9.6A6 6 0 0 1 6.4 2.5a6 6 0 1 0 7.1 7.1z");
