//! The command palette: everything that can be asked of the page, found by typing a part of its name.

use leptos::html::Input;
use leptos::prelude::*;
use web_sys::{KeyboardEvent, ScrollIntoViewOptions, ScrollLogicalPosition};

use super::dialogs::{COMMANDS, DIFFERS, HELP, SAVE, close, open};
use super::guide::GUIDES;
use super::keys::search;
use super::live::{kept, live, part};
use super::store::{Store, use_store};
use super::theme::next_theme;
use crate::ui::commands::{Act, Command, Sheet, Situation, commands, found};

/// Id of the list, and the beginning of the ids of its rows.
const LIST: &str = "commands-list";

/// The commands found. They are compared by name, which tells them apart.
#[derive(Clone, Default)]
struct Listed(Vec<Command>);

impl PartialEq for Listed {
    fn eq(&self, other: &Self) -> bool {
        let names = self.0.iter().map(|command| &command.name);
        names.eq(other.0.iter().map(|command| &command.name))
    }
}

/// The palette. Nothing is listed while it is closed.
#[component]
pub fn CommandPalette() -> impl IntoView {
    let store = use_store();
    let input = NodeRef::<Input>::new();
    let text = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let listed = kept(move || {
        if !store.palette.get() {
            return Listed::default();
        }
        Listed(found(&commands(situation(store)), &text.get()))
    });
    let count = kept(move || listed.with(|listed| listed.0.len()));
    Effect::new(move |_| {
        if !store.palette.get() {
            return;
        }
        text.set(String::new());
        chosen.set(0);
        if let Some(input) = input.get_untracked() {
            input.set_value("");
        }
        open(COMMANDS);
    });
    // Where the keys are is in sight.
    Effect::new(move |_| {
        let row = document().get_element_by_id(&row_id(chosen.get()));
        if let Some(row) = row {
            let options = ScrollIntoViewOptions::new();
            options.set_block(ScrollLogicalPosition::Nearest);
            row.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
    let choose = move |index: usize| {
        let command = listed.with_untracked(|listed| listed.0.get(index).cloned());
        // Closed first: what had the focus has it again, and may be given away by what is done.
        close(COMMANDS);
        if let Some(command) = command {
            perform(store, command.act);
        }
    };
    let keys = move |event: KeyboardEvent| {
        // Enter that ends a word of an input method is not meant for us.
        if event.is_composing() {
            return;
        }
        let last = count.get_untracked().saturating_sub(1);
        let now = chosen.get_untracked();
        let next = match event.key().as_str() {
            "ArrowDown" if now == last => 0,
            "ArrowDown" => now + 1,
            "ArrowUp" if now == 0 => last,
            "ArrowUp" => now - 1,
            "PageDown" => (now + 10).min(last),
            "PageUp" => now.saturating_sub(10),
            "Enter" => {
                event.prevent_default();
                return choose(now);
            }
            _ => return,
        };
        event.prevent_default();
        chosen.set(next);
    };
    view! {
        <dialog
            id=COMMANDS
            class="commands"
            aria-label="Commands"
            on:close=move |_| store.palette.set(false)
            on:keydown=keys
        >
            <input
                // No search field: there, Escape would take the text away first.
                type="text"
                role="combobox"
                data-testid="commands-search"
                placeholder="Run, next error, S3, 512 MB …"
                aria-label="Find a command"
                aria-expanded="true"
                aria-controls=LIST
                aria-activedescendant=live(move || row_id(chosen.get()))
                autocomplete="off"
                autofocus
                node_ref=input
                on:input=move |event| {
                    text.set(event_target_value(&event));
                    chosen.set(0);
                }
            />
            <ul id=LIST role="listbox" aria-label="Commands" data-testid="commands-list">
                {part(move || listed.with(|listed| listed
                    .0
                    .iter()
                    .enumerate()
                    .map(|(index, command)| row(command, index, chosen, choose))
                    .collect_view()))}
            </ul>
            <p class="hint" role="status">
                {live(move || match count.get() {
                    0 if store.palette.get() => "No command is called that.".to_owned(),
                    0 => String::new(),
                    1 => "1 command".to_owned(),
                    count => format!("{count} commands"),
                })}
            </p>
        </dialog>
    }
}

fn row_id(index: usize) -> String {
    format!("{LIST}-{index}")
}

fn row(
    command: &Command,
    index: usize,
    chosen: RwSignal<usize>,
    choose: impl Fn(usize) + 'static,
) -> AnyView {
    let keys = (!command.keys.is_empty()).then(|| {
        let keys = command.keys.split(' ');
        let keys = keys.map(|key| view! { <kbd>{key}</kbd> });
        view! { <span class="command-keys">{keys.collect_view()}</span> }
    });
    view! {
        <li
            id=row_id(index)
            role="option"
            aria-selected=live(move || (chosen.get() == index).to_string())
            on:click=move |_| choose(index)
        >
            <span>{command.name.clone()}</span>
            {keys}
        </li>
    }
    .into_any()
}

fn situation(store: Store) -> Situation {
    Situation {
        function: store.function.with(|function| function.current.is_some()),
        run: store.run.with(|run| run.shown.is_some()),
        busy: store.run.with(|run| run.pending.is_some()),
        undo: store
            .history
            .with(|history| [history.can_undo(), history.can_redo()]),
    }
}

fn perform(store: Store, act: Act) {
    match act {
        Act::Send(msg) => store.send(msg),
        Act::Go(fragment) => {
            // Fails only where the page has no address of its own.
            let _ = window().location().set_hash(&fragment);
        }
        Act::Open(sheet) => open(match sheet {
            Sheet::Guides => GUIDES,
            Sheet::Files => SAVE,
            Sheet::Differs => DIFFERS,
            Sheet::Help => HELP,
        }),
        Act::Search => search(),
        Act::Theme => next_theme(store),
    }
}
