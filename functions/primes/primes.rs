//! Counts the primes up to `n` by trial division. It teaches what memory buys: Lambda gives CPU in
//! proportion to memory, this function is nothing but CPU, so twice the memory halves its duration
//! (up to 1,769 MB, one whole vCPU) at about the same price.
//!
//! `n` comes from the event, be it `{"n": 1000000}` or a request like `/?n=1000000`.

#[path = "../include/lambda.rs"]
mod lambda;

const DEFAULT_N: u32 = 1_000_000;
const LARGEST_N: u32 = 100_000_000;

lambda::handler!(count_primes);

fn count_primes(event: &str) -> Result<String, lambda::Failure> {
    let n = match lambda::field(event, "n").map(str::parse) {
        None => DEFAULT_N,
        Some(Ok(n)) if n <= LARGEST_N => n,
        Some(_) => {
            return Err(lambda::Failure {
                kind: "ValueError",
                message: format!("n must be a whole number from 0 to {LARGEST_N}"),
            });
        }
    };
    lambda::log(&format!("Counting primes up to {n}"));
    let primes = (2..=n).filter(|&candidate| is_prime(candidate)).count();
    Ok(format!(r#"{{"n":{n},"primes":{primes}}}"#))
}

fn is_prime(candidate: u32) -> bool {
    if candidate.is_multiple_of(2) {
        return candidate == 2;
    }
    let mut divisor = 3;
    while divisor * divisor <= candidate {
        if candidate.is_multiple_of(divisor) {
            return false;
        }
        divisor += 2;
    }
    true
}
