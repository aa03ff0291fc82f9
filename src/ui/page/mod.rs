//! The page's components. They read the model's parts and send messages; they decide nothing.

mod app;
mod attempt_table;
mod caller_view;
mod code;
mod cost_view;
mod dialogs;
mod embed;
mod event_editor;
mod form;
mod function_pane;
mod header;
mod icons;
mod kept;
mod keys;
mod live;
mod load_pane;
mod log_view;
mod memory_slider;
mod metrics_view;
mod module_report;
mod numbers;
mod offline;
mod outcome;
mod outside;
mod picture_file;
mod problems;
mod recent;
mod run_bar;
mod save;
mod settings_pane;
mod share;
mod stage;
mod store;
mod theme;
mod trigger_pane;
mod tuning_view;

use leptos::prelude::*;

/// Puts the page into the document's body.
pub fn mount() {
    console_error_panic_hook::set_once();
    match embed::options() {
        Some(options) => {
            leptos::mount::mount_to_body(move || view! { <embed::EmbedApp options /> })
        }
        None => leptos::mount::mount_to_body(|| view! { <app::App /> }),
    }
}
