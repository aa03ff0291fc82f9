//! Things that come and go, found by slot: a slot is used again when its thing is gone.

/// Where a thing lies in a [`Slab`]. Only good while the thing is there: slots are used again, so whoever keeps one for
/// later also keeps something by which to know the thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u32);

/// An arena with a free list: memory follows what is alive at once, not what ever was.
#[derive(Debug, Clone)]
pub struct Slab<T> {
    things: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self {
            things: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<T> Slab<T> {
    /// Takes a thing in.
    pub fn insert(&mut self, thing: T) -> Slot {
        match self.free.pop() {
            Some(slot) => {
                if let Some(place) = self.things.get_mut(slot as usize) {
                    *place = Some(thing);
                }
                Slot(slot)
            }
            None => {
                self.things.push(Some(thing));
                Slot((self.things.len() - 1) as u32)
            }
        }
    }

    /// The thing in a slot.
    pub fn get(&self, slot: Slot) -> Option<&T> {
        self.things.get(slot.0 as usize)?.as_ref()
    }

    /// The thing in a slot.
    pub fn get_mut(&mut self, slot: Slot) -> Option<&mut T> {
        self.things.get_mut(slot.0 as usize)?.as_mut()
    }

    /// Takes a thing out; its slot is free.
    pub fn remove(&mut self, slot: Slot) -> Option<T> {
        let thing = self.things.get_mut(slot.0 as usize)?.take()?;
        self.free.push(slot.0);
        Some(thing)
    }

    /// How many things are in.
    pub fn len(&self) -> usize {
        self.things.len() - self.free.len()
    }

    /// Whether nothing is in.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_used_again() {
        let mut slab = Slab::default();
        let (a, b) = (slab.insert("a"), slab.insert("b"));
        assert_eq!(slab.remove(a), Some("a"));
        assert_eq!(slab.remove(a), None);
        assert_eq!(slab.insert("c"), a);
        assert_eq!((slab.get(a), slab.get(b)), (Some(&"c"), Some(&"b")));
        assert_eq!(slab.len(), 2);
    }
}
