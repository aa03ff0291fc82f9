//! The scene at any instant, forwards and backwards.

use std::sync::Arc;

use super::scene::{Cast, Scene};
use crate::lambda::event::Entry;
use crate::sim::SimTime;

/// Entries between two remembered scenes. Going back costs at most so many entries to fold again.
const APART: usize = 1_024;

/// A trace with a cursor in it.
#[derive(Debug, Clone, Default)]
pub struct Player {
    entries: Arc<Vec<Entry>>,
    cast: Arc<Cast>,
    /// Scenes before the entries `0`, `APART`, `2 * APART` …, as far as the cursor has ever been.
    remembered: Vec<Scene>,
    scene: Scene,
    /// How many entries are part of `scene`.
    index: usize,
}

impl Player {
    /// A player of a trace, in the order of time.
    pub fn new(entries: Arc<Vec<Entry>>) -> Self {
        Self {
            cast: Arc::new(Cast::of(&entries)),
            entries,
            remembered: vec![Scene::default()],
            scene: Scene::default(),
            index: 0,
        }
    }

    /// Whether it plays this very trace.
    pub fn plays(&self, entries: &Arc<Vec<Entry>>) -> bool {
        Arc::ptr_eq(&self.entries, entries)
    }

    /// Who takes part.
    pub fn cast(&self) -> &Arc<Cast> {
        &self.cast
    }

    /// Moves to an instant, its own entries included.
    pub fn seek(&mut self, at: SimTime) -> &Scene {
        let target = self.entries.partition_point(|entry| entry.at <= at);
        if target < self.index {
            let nearest = target / APART;
            if let Some(scene) = self.remembered.get(nearest) {
                self.scene = scene.clone();
                self.index = nearest * APART;
            }
        }
        let cast = Arc::clone(&self.cast);
        while let Some(entry) = self.entries.get(self.index).filter(|_| self.index < target) {
            self.scene.apply(entry, &cast);
            self.index += 1;
            if self.index.is_multiple_of(APART) && self.remembered.len() == self.index / APART {
                self.remembered.push(self.scene.clone());
            }
        }
        &self.scene
    }
}
