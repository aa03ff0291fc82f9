//! Worker entry of the interpreter tier.

#[cfg(target_arch = "wasm32")]
fn main() {
    use std::rc::Rc;

    use lambda_playground::guest::engine::interpreter::Interpreter;

    lambda_playground::session::worker::serve(Rc::new(Interpreter::default()));
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This program runs inside a Web Worker. Start the playground with scripts/serve.");
}
