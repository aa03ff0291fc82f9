//! All guides, to choose from.

use leptos::prelude::*;

use crate::ui::guide;
use crate::ui::page::dialogs::{close, sheet};

/// Id of the sheet with all guides.
pub const GUIDES: &str = "guides";

/// The guides as links. They open by the address, as any link to one does.
pub fn cards() -> AnyView {
    let cards = guide::ALL
        .iter()
        .map(|guide| {
            view! {
                <li>
                    <a class="guide-card" href=guide.fragment() data-testid=format!("guide-{}", guide.id) on:click=|_| close(GUIDES)>
                        <strong>{guide.title}</strong>
                        <span>{guide.summary}</span>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="guide-cards">{cards}</ul> }.into_any()
}

/// The sheet with all guides.
#[component]
pub fn Guides() -> impl IntoView {
    sheet(
        GUIDES,
        "Guides",
        view! {
            <p>"Each is a real run with a few steps of text beside it. Go on and back as you like, and change what you like: every step is live."</p>
            {cards()}
        }
        .into_any(),
    )
}
