//! Worker entry of the browser tier.

#[cfg(target_arch = "wasm32")]
fn main() {
    use std::rc::Rc;

    use lambda_playground::guest::engine::browser::BrowserEngine;

    lambda_playground::session::worker::serve(Rc::new(BrowserEngine));
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This program runs inside a Web Worker. Start the playground with scripts/serve.");
}
