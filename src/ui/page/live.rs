//! What the page follows, with its types erased.
//!
//! The framework generates its machinery anew for every type that is followed, and every closure is a type of its own.
//! Boxed closures that answer with the same type share it, and so do all [`Kept`] values. It is a good part of the
//! download; a page that looks the same costs a fifth less.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use leptos::prelude::*;

/// A value that is followed: text, a flag, an attribute.
pub fn live<T: 'static>(f: impl Fn() -> T + Send + 'static) -> Box<dyn FnMut() -> T + Send> {
    Box::new(f)
}

/// A part of the page that is drawn anew when what it reads changes.
pub fn part<V: IntoView + 'static>(
    f: impl Fn() -> V + Send + 'static,
) -> Box<dyn FnMut() -> AnyView + Send> {
    Box::new(move || f().into_any())
}

/// A value computed from what it reads, and kept: whoever follows it is told only when it is another than before. A memo
/// whose machinery does not depend on `T`.
pub struct Kept<T> {
    version: Memo<u32>,
    value: StoredValue<Arc<dyn Any + Send + Sync>>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Kept<T> {}

/// Keeps what `compute` answers.
pub fn kept<T: PartialEq + Send + Sync + 'static>(
    compute: impl Fn() -> T + Send + Sync + 'static,
) -> Kept<T> {
    let value = StoredValue::new(Arc::new(()) as Arc<dyn Any + Send + Sync>);
    Kept {
        value,
        version: version(Box::new(move || {
            let now = compute();
            let same = value.with_value(|before| before.downcast_ref() == Some(&now));
            if !same {
                value.set_value(Arc::new(now));
            }
            !same
        })),
        of: PhantomData,
    }
}

/// Counts how often `renew` said that there is something new.
fn version(renew: Box<dyn Fn() -> bool + Send + Sync>) -> Memo<u32> {
    Memo::new(move |before: Option<&u32>| {
        before
            .copied()
            .unwrap_or_default()
            .wrapping_add(renew().into())
    })
}

impl<T: Default + 'static> Kept<T> {
    /// Reads the value, and follows it.
    pub fn with<R>(self, read: impl FnOnce(&T) -> R) -> R {
        self.version.track();
        self.with_untracked(read)
    }

    /// Reads the value as it is.
    pub fn with_untracked<R>(self, read: impl FnOnce(&T) -> R) -> R {
        // Makes sure that it has been computed.
        self.version.get_untracked();
        let value = self.value.get_value();
        match value.downcast_ref() {
            Some(value) => read(value),
            // Never without a computation before; a default is better than a page that stops.
            None => read(&T::default()),
        }
    }
}

impl<T: Clone + Default + 'static> Kept<T> {
    /// The value, followed.
    pub fn get(self) -> T {
        self.with(T::clone)
    }

    /// The value as it is.
    pub fn get_untracked(self) -> T {
        self.with_untracked(T::clone)
    }
}
