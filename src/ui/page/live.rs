//! Closures that the page follows, with their types erased.
//!
//! Every closure has a type of its own, and all that the framework generates for following one is generated anew for each.
//! Boxed, closures that answer with the same type share it; that is a fifth of the page's download.

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
