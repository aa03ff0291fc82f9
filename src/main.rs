//! Page entry: mounts the user interface.

#[cfg(target_arch = "wasm32")]
fn main() {
    lambda_playground::ui::page::mount();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This program is the web page. Start the playground with scripts/serve.");
}
