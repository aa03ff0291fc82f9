//! The page's components. They read the model's parts and send messages; they decide nothing.

mod app;
mod attempt_table;
mod bucket;
mod caller_view;
mod code;
mod command_palette;
mod cost_view;
mod dialogs;
mod drills_pane;
mod embed;
mod event_editor;
mod fields;
mod fold;
mod form;
mod function_pane;
mod functions_pane;
mod guide;
mod header;
mod icons;
mod in_sight;
mod inspector;
mod kept;
mod keys;
mod live;
mod load_pane;
mod log_view;
mod mapping_pane;
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
mod requests_pane;
mod rolled;
mod run_bar;
mod save;
mod service_notes;
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
