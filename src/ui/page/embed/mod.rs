//! The page inside another page: the parts that its address names, and the talk with its host.
//!
//! What is wanted and what is told is decided in [`crate::ui::embed`]; here are the window, the port and the document.

mod frame;
mod host;

use leptos::prelude::*;

pub use frame::EmbedApp;

use super::outside;
use super::store::Store;
use crate::ui::embed::{Changes, Code, Driver, Envelope, Options, Report, Request, Theme, address};
use crate::ui::model::Msg;

/// What the address asks for, when it is an embed's.
pub fn options() -> Option<Options> {
    address::read(&window().location().hash().ok()?)
}

/// One embed: its driver, its host, what it has to say of its own. Copied freely.
#[derive(Clone, Copy)]
pub struct Embed {
    store: Store,
    driver: StoredValue<Driver, LocalStorage>,
    host: StoredValue<Option<host::Host>, LocalStorage>,
    /// What was left out of the address or of a message.
    told: RwSignal<Vec<crate::problem::Problem>>,
    view: crate::ui::embed::View,
    theme: RwSignal<Theme>,
}

impl Embed {
    fn new(store: Store, options: &Options) -> Self {
        Self {
            store,
            driver: StoredValue::new_local(Driver::default()),
            host: StoredValue::new_local(None),
            told: RwSignal::new(options.problems.clone()),
            view: options.view,
            theme: RwSignal::new(options.theme),
        }
    }

    /// A message from the host's port.
    fn heard(self, text: &str, bytes: Option<Vec<u8>>) {
        let Envelope {
            id,
            request,
            problems,
        } = match crate::ui::embed::request::read(text, bytes) {
            Ok(envelope) => envelope,
            Err((id, problem)) => {
                return self.tell(&match id {
                    Some(id) => Report::Failed(id, problem),
                    None => Report::Problem(problem),
                });
            }
        };
        for problem in &problems {
            self.tell(&Report::Problem(problem.clone()));
        }
        if matches!(request, Request::Set(_)) {
            self.told.set(problems);
        }
        match request {
            Request::Theme(theme) => self.theme.set(theme),
            Request::Set(mut changes) => {
                return self.with_code(changes.code.take(), move |embed, code| {
                    changes.code = code;
                    embed.ask(id, Request::Set(changes));
                });
            }
            _ => {}
        }
        self.ask(id, request);
    }

    fn ask(self, id: Option<u64>, request: Request) {
        let (msgs, reports) = self
            .driver
            .try_update_value(|driver| self.store.read(|model| driver.request(id, request, model)))
            .unwrap_or_default();
        self.send(msgs);
        for report in reports {
            self.tell(&report);
        }
    }

    /// Takes what the address asks for.
    fn take(self, mut changes: Changes) {
        self.with_code(changes.code.take(), move |embed, code| {
            changes.code = code;
            let msgs = embed
                .driver
                .try_update_value(|driver| embed.store.read(|model| driver.take(changes, model)));
            embed.send(msgs.unwrap_or_default());
        });
    }

    /// Fetches a function that lies beside the page, and goes on with it.
    fn with_code(self, code: Option<Code>, go_on: impl FnOnce(Self, Option<Code>) + 'static) {
        let Some(Code::Beside(path)) = code else {
            return go_on(self, code);
        };
        wasm_bindgen_futures::spawn_local(async move {
            let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
            let code = match outside::fetch(&path).await {
                Ok(bytes) => Code::File { name, bytes },
                Err(_) => Code::Beside(path),
            };
            go_on(self, Some(code));
        });
    }

    fn reset(self) {
        self.ask(None, Request::Reset);
    }

    fn share(self) {
        let msg = self
            .driver
            .try_update_value(|driver| self.store.read(|model| driver.share(model)))
            .flatten();
        self.send(msg.into_iter().collect());
    }

    /// After every change of the model: what follows from it, and what the host is to hear.
    fn follow(self) {
        let msgs = self
            .driver
            .try_update_value(|driver| self.store.read(|model| driver.follow(model)));
        self.send(msgs.unwrap_or_default());
        let news = self
            .driver
            .try_update_value(|driver| self.store.read(|model| driver.news(model)));
        for report in news.unwrap_or_default() {
            self.tell(&report);
        }
    }

    fn send(self, msgs: Vec<Msg>) {
        for msg in msgs {
            self.store.send(msg);
        }
    }

    fn tell(self, report: &Report) {
        self.host.with_value(|host| {
            if let Some(host) = host {
                host.tell(&report.to_json(&outside::address_with));
            }
        });
    }
}
