//! `run(n)`: the n-th Fibonacci number by plain recursion. All calls, hardly any work between them:
//! the worst case for whatever is charged or checked at each call.
#![no_std]

#[path = "bare.rs"]
mod bare;

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i32 {
    if n < 2 {
        return n;
    }
    run(n - 1).wrapping_add(run(n - 2))
}
