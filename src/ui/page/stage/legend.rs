//! What the picture's colours and patterns stand for.

use leptos::prelude::*;

/// The legend.
#[component]
pub fn Legend() -> impl IntoView {
    let entry = |class: &'static str, name: &'static str| {
        view! { <li><span class=format!("swatch {class}")></span>{name}</li> }
    };
    view! {
        <ul class="legend" aria-label="Legend">
            {entry("calling", "caller waits")}
            {entry("queued", "in the queue")}
            {entry("init", "Init")}
            {entry("handler", "handler runs")}
            {entry("frozen", "frozen by the CPU quota")}
            {entry("idle", "kept warm")}
            {entry("failed", "failed")}
        </ul>
    }
}
