//! Fails about every second time. It teaches what happens to errors: whoever invokes synchronously
//! gets them at once, an asynchronous event is tried again after one and after two minutes and may
//! end in a dead-letter queue, and a queue shows its message again.
//!
//! The error is a *handled* one: the function lives on, and its environment stays warm.

#[path = "../include/lambda.rs"]
mod lambda;

#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    fn random_get(buffer: *mut u8, len: usize) -> u16;
}

lambda::handler!(toss);

fn toss(_event: &str) -> Result<String, lambda::Failure> {
    let mut draw = [0u8];
    let errno = unsafe { random_get(draw.as_mut_ptr(), draw.len()) };
    assert_eq!(errno, 0, "random_get failed");
    let draw = draw[0];
    lambda::log(&format!("Drew {draw} of 0 to 255; below 128 fails"));
    if draw < 128 {
        return Err(lambda::Failure {
            kind: "FlakyError",
            message: format!("Drew {draw}, which is below 128"),
        });
    }
    Ok(format!(r#"{{"ok":true,"draw":{draw}}}"#))
}
