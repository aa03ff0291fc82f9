//! The model in the page: one place to send messages to, one signal for each part to read from.

use std::sync::Arc;

use leptos::prelude::*;

use super::outside::Outside;
use crate::ui::attempts::AttemptId;
use crate::ui::model::update::update;
use crate::ui::model::{
    DeskState, EngineState, FunctionState, GuideState, History, LinkState, Model, Msg, Playback,
    RunState, Setup, Tuning,
};

/// The model's parts as signals, and the way to change them. Copied freely; found with [`use_store`].
#[derive(Clone, Copy)]
pub struct Store {
    model: StoredValue<Model>,
    outside: StoredValue<Outside, LocalStorage>,
    /// The function part.
    pub function: RwSignal<Arc<FunctionState>>,
    /// The setup part.
    pub setup: RwSignal<Arc<Setup>>,
    /// The triggers' cards.
    pub desk: RwSignal<Arc<DeskState>>,
    /// Links.
    pub link: RwSignal<Arc<LinkState>>,
    /// The worker part.
    pub engine: RwSignal<Arc<EngineState>>,
    /// The run part.
    pub run: RwSignal<Arc<RunState>>,
    /// Power tuning.
    pub tuning: RwSignal<Arc<Tuning>>,
    /// The cursor.
    pub playback: RwSignal<Arc<Playback>>,
    /// The guide that is open.
    pub guide: RwSignal<Arc<GuideState>>,
    /// Undo and redo.
    pub history: RwSignal<Arc<History>>,
    /// How often the colours may have changed.
    pub theme: RwSignal<u32>,
    /// The invocation that the pointer is on, wherever on the page: every view shows it. A passing thing of the screen, so no
    /// part of the model.
    pub hovered: RwSignal<Option<AttemptId>>,
    /// Whether the command palette is open.
    pub palette: RwSignal<bool>,
    /// What screen readers are told.
    pub announcement: RwSignal<String>,
    /// A file's text has just been put on the clipboard, or the browser did not let it.
    pub copied: RwSignal<Option<bool>>,
}

impl Store {
    /// The model of a fresh page.
    pub fn new() -> Self {
        let model = Model::default();
        Self {
            outside: StoredValue::new_local(Outside::default()),
            function: RwSignal::new(model.function.clone()),
            setup: RwSignal::new(model.setup.clone()),
            desk: RwSignal::new(model.desk.clone()),
            link: RwSignal::new(model.link.clone()),
            engine: RwSignal::new(model.engine.clone()),
            run: RwSignal::new(model.run.clone()),
            tuning: RwSignal::new(model.tuning.clone()),
            playback: RwSignal::new(model.playback.clone()),
            guide: RwSignal::new(model.guide.clone()),
            history: RwSignal::new(model.history.clone()),
            theme: RwSignal::new(0),
            hovered: RwSignal::new(None),
            palette: RwSignal::new(false),
            announcement: RwSignal::new(String::new()),
            copied: RwSignal::new(None),
            model: StoredValue::new(model),
        }
    }

    /// The pointer is on an invocation, or on none.
    pub fn hover(self, id: Option<AttemptId>) {
        if self.hovered.get_untracked() != id {
            self.hovered.set(id);
        }
    }

    /// Reads something that is not worth a signal of its own.
    pub fn read<R>(self, read: impl FnOnce(&Model) -> R) -> R {
        self.model.with_value(read)
    }

    /// Applies a message, tells the signals of the parts that changed, and does what is owed.
    pub fn send(self, msg: Msg) {
        // In its place: a run that is read grows there, and is large.
        let changed = self.model.try_update_value(|model| {
            let effects = update(model, msg);
            (effects, model.parts())
        });
        let Some((effects, parts)) = changed else {
            return;
        };
        publish(self.function, parts.function);
        publish(self.setup, parts.setup);
        publish(self.desk, parts.desk);
        publish(self.link, parts.link);
        publish(self.engine, parts.engine);
        publish(self.run, parts.run);
        publish(self.tuning, parts.tuning);
        publish(self.playback, parts.playback);
        publish(self.guide, parts.guide);
        publish(self.history, parts.history);
        for effect in effects {
            super::outside::perform(self, self.outside, effect);
        }
    }
}

/// Tells a signal, when the part is another than before.
fn publish<T: Send + Sync + 'static>(signal: RwSignal<Arc<T>>, part: Arc<T>) {
    if !signal.with_untracked(|before| Arc::ptr_eq(before, &part)) {
        signal.set(part);
    }
}

/// The page's store.
pub fn use_store() -> Store {
    expect_context::<Store>()
}
