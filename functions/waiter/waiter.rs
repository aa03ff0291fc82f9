//! Waits for as many milliseconds as the event says, `{"ms": 500}` or `/?ms=500`, the way a function waits for a slow
//! database. It teaches that waiting uses no CPU, so that more memory does not shorten it, and is billed all the same.

#[path = "../include/lambda.rs"]
mod lambda;

const DEFAULT_MS: u64 = 200;
const LONGEST_MS: u64 = 900_000;

/// WASI's `subscription` to a clock.
#[repr(C)]
struct Subscription {
    userdata: u64,
    tag: u64,
    clock: u64,
    timeout_ns: u64,
    precision_ns: u64,
    flags: u64,
}

/// WASI's `event`.
#[repr(C, align(8))]
struct Event([u8; 32]);

#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    fn poll_oneoff(
        wanted: *const Subscription,
        happened: *mut Event,
        count: usize,
        happened_count: *mut usize,
    ) -> u16;
}

lambda::handler!(wait);

fn wait(event: &str) -> Result<String, lambda::Failure> {
    let ms = match lambda::field(event, "ms").map(str::parse) {
        None => DEFAULT_MS,
        Some(Ok(ms)) if ms <= LONGEST_MS => ms,
        Some(_) => {
            return Err(lambda::Failure {
                kind: "ValueError",
                message: format!("ms must be a whole number from 0 to {LONGEST_MS}"),
            });
        }
    };
    lambda::log("Asking the database");
    sleep(ms);
    lambda::log(&format!("The database took {ms} ms"));
    Ok(format!(
        r#"{{"statusCode":200,"headers":{{"content-type":"text/plain"}},"body":"Waited {ms} ms"}}"#
    ))
}

fn sleep(ms: u64) {
    const MONOTONIC: u64 = 1;
    let wanted = Subscription {
        userdata: 0,
        tag: 0, // a clock
        clock: MONOTONIC,
        timeout_ns: ms * 1_000_000,
        precision_ns: 0,
        flags: 0, // from now on
    };
    let mut happened = Event([0; 32]);
    let mut count = 0;
    let errno = unsafe { poll_oneoff(&wanted, &mut happened, 1, &mut count) };
    assert_eq!(errno, 0, "poll_oneoff failed");
}
