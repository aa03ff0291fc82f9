//! What is inside the function that is loaded.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::code::{code, sentence};
use super::live::{kept, live};
use super::outside::fetch;
use super::problems::problems;
use super::store::use_store;
use crate::guest::abi::Abi;
use crate::guest::describe::{Item, ModuleReport};
use crate::ui::catalogue::{self, Example};
use crate::ui::model::Origin;
use crate::ui::words;

/// The card of the loaded function.
#[component]
pub fn ModuleCard() -> impl IntoView {
    let store = use_store();
    // By hash and name: the report of one module never changes.
    let current = kept(move || {
        store
            .function
            .with(|function| function.current.as_deref().cloned())
    });
    move || {
        let Some(function) = current.get() else {
            return view! { <p class="hint">"No function yet."</p> }.into_any();
        };
        let example = match &function.origin {
            Origin::Example(id) => catalogue::by_id(id),
            Origin::Upload => None,
        };
        let report = function.report;
        let summary =
            example.map(|example| view! { <p class="summary">{example.summary.as_str()}</p> });
        let abi = report.abi.clone().map(|(abi, why)| {
            view! {
                <p class="abi">
                    <span class="tag" data-testid="function-abi">{abi_name(abi)}</span>
                    <span class="why">{sentence(&why)}</span>
                </p>
            }
        });
        let producers = (!report.producers.is_empty()).then(|| {
            view! { <p class="facts">"Made with " {report.producers.join(", ")}</p> }
        });
        view! {
            <div class="module">
                <p class="module-head">
                    <span data-testid="function-name">
                        <strong>{function.name}</strong>
                        {example.map(|example| view! { " " <code>{example.artefact.as_str()}</code> })}
                    </span>
                    <span class="facts">{report_facts(&report)}</span>
                </p>
                {summary}
                {abi}
                {producers}
                {problems(&function.problems, "function-notes")}
                <div class="folds">
                    {items("Imports", &report.imports)}
                    {items("Exports", &report.exports)}
                    {sections(&report)}
                    {example.map(|example| view! { <Source example=example /> })}
                </div>
            </div>
        }
        .into_any()
    }
}

/// Size and parts, in one line.
pub fn report_facts(report: &ModuleReport) -> String {
    let mut facts = vec![words::bytes(report.size)];
    if report.functions > 0 {
        let plural = if report.functions == 1 { "" } else { "s" };
        facts.push(format!(
            "{} function{plural}",
            words::grouped(report.functions.into())
        ));
    }
    if let Some((initial, maximum)) = report.memories.first() {
        let at_most = match maximum {
            Some(maximum) => format!(", at most {}", pages(*maximum)),
            None => String::new(),
        };
        facts.push(format!("{} of memory{at_most}", pages(*initial)));
    }
    facts.join(" · ")
}

fn pages(count: u64) -> String {
    let kib = count.saturating_mul(64);
    if kib >= 1_024 && kib.is_multiple_of(1_024) {
        format!("{} MiB", words::grouped(kib / 1_024))
    } else {
        format!("{} KiB", words::grouped(kib))
    }
}

fn abi_name(abi: Abi) -> &'static str {
    match abi {
        Abi::WasiCommand => "WASI command",
        Abi::Handler => "Exported handler",
    }
}

fn items(name: &'static str, items: &[Item]) -> AnyView {
    if items.is_empty() {
        return ().into_any();
    }
    let rows = items
        .iter()
        .map(|item| {
            view! { <li><code>{item.name.clone()}</code> <code class="kind">{item.kind.clone()}</code></li> }
        })
        .collect_view();
    view! {
        <details>
            <summary>{name} " " <span class="count">{items.len()}</span></summary>
            <ul class="items">{rows}</ul>
        </details>
    }
    .into_any()
}

fn sections(report: &ModuleReport) -> AnyView {
    if report.custom_sections.is_empty() {
        return ().into_any();
    }
    let rows = report
        .custom_sections
        .iter()
        .map(|(name, size)| {
            view! { <li><code>{name.clone()}</code> <code class="kind">{words::bytes(*size)}</code></li> }
        })
        .collect_view();
    view! {
        <details>
            <summary>"Custom sections " <span class="count">{report.custom_sections.len()}</span></summary>
            <ul class="items">{rows}</ul>
        </details>
    }
    .into_any()
}

/// An example's source, fetched when it is unfolded.
#[component]
fn Source(example: &'static Example) -> impl IntoView {
    let text = RwSignal::new(None::<Result<String, String>>);
    let toggled = move |_| {
        if text.with_untracked(Option::is_none) {
            spawn_local(async move {
                let got = fetch(&example.source_address()).await;
                text.set(Some(
                    got.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
                ));
            });
        }
    };
    view! {
        <details on:toggle=toggled>
            <summary>"Source " <span class="count">{example.source.as_str()}</span></summary>
            {live(move || match text.get() {
                None => view! { <p class="hint">"Loading…"</p> }.into_any(),
                Some(Ok(text)) => code(&text, false),
                Some(Err(cause)) => {
                    view! { <p class="hint">"The source could not be fetched: " {cause} "."</p> }.into_any()
                }
            })}
        </details>
    }
}
