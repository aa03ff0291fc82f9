//! The scene at any instant, forwards and backwards.

use std::sync::Arc;

use super::scene::{Cast, Scene};
use crate::sim::SimTime;
use crate::ui::trace::Entries;

/// Entries between two remembered scenes, at first. Going back costs at most so many entries to fold again.
const APART: usize = 2_048;

/// What all remembered scenes together may hold, in requests, environments and items. A large run remembers fewer.
const MOST_HELD: usize = 400_000;

/// Entries that one step of the player folds: a few milliseconds' work.
const STEP: usize = 12_000;

/// A trace with a cursor in it.
#[derive(Debug, Clone)]
pub struct Player {
    entries: Arc<Entries>,
    cast: Arc<Cast>,
    /// Scenes before some entries, with the entries' numbers, as far as the cursor has ever been.
    remembered: Vec<(usize, Scene)>,
    held: usize,
    apart: usize,
    scene: Scene,
    /// How many entries are part of `scene`.
    index: usize,
}

impl Default for Player {
    fn default() -> Self {
        Self::new(Arc::default(), Arc::default())
    }
}

impl Player {
    /// A player of a trace, in the order of time, and of those who take part in it.
    pub fn new(entries: Arc<Entries>, cast: Arc<Cast>) -> Self {
        Self {
            cast,
            entries,
            remembered: vec![(0, Scene::default())],
            held: 0,
            apart: APART,
            scene: Scene::default(),
            index: 0,
        }
    }

    /// Whether it plays this very trace.
    pub fn plays(&self, entries: &Arc<Entries>) -> bool {
        Arc::ptr_eq(&self.entries, entries)
    }

    /// Who takes part.
    pub fn cast(&self) -> &Arc<Cast> {
        &self.cast
    }

    /// Moves to an instant, its own entries included.
    pub fn seek(&mut self, at: SimTime) -> &Scene {
        while !self.approach(at) {}
        &self.scene
    }

    /// Moves towards an instant, for a few milliseconds; answers whether it is there.
    pub fn approach(&mut self, at: SimTime) -> bool {
        let target = self.entries.partition_point(|entry| entry.at <= at);
        // From the nearest scene that is known, unless the present one is nearer.
        let nearest = self
            .remembered
            .partition_point(|(index, _)| *index <= target)
            .checked_sub(1)
            .and_then(|nearest| self.remembered.get(nearest));
        if let Some((index, scene)) = nearest
            && (target < self.index || *index > self.index)
        {
            self.scene = scene.clone();
            self.index = *index;
        }
        let cast = Arc::clone(&self.cast);
        let until = target.min(self.index.saturating_add(STEP));
        while self.index < until
            && let Some(entry) = self.entries.get(self.index)
        {
            self.scene.apply(entry, &cast);
            self.index += 1;
            let last = self.remembered.last().map_or(0, |(index, _)| *index);
            if self.index >= last + self.apart {
                self.remember();
            }
        }
        self.index >= target.min(self.entries.len())
    }

    /// The scene where it stands.
    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    fn remember(&mut self) {
        self.held += self.scene.weight();
        self.remembered.push((self.index, self.scene.clone()));
        if self.held > MOST_HELD && self.remembered.len() > 8 {
            let mut number = 0;
            self.remembered.retain(|_| {
                number += 1;
                number % 2 == 1
            });
            self.apart *= 2;
            self.held = self.remembered.iter().map(|(_, it)| it.weight()).sum();
        }
    }
}
