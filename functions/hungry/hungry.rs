//! Takes one MiB after another and never gives any back. It teaches the memory setting: the function
//! dies when it is used up, whatever the code would have liked, and with more memory it dies later.

#[path = "../include/lambda.rs"]
mod lambda;

const MIB: usize = 1 << 20;

lambda::handler!(eat);

fn eat(_event: &str) -> Result<String, lambda::Failure> {
    let mut eaten: Vec<Vec<u8>> = Vec::new();
    loop {
        eaten.push(vec![1; MIB]); // writes every byte, so that it is really used
        if eaten.len().is_multiple_of(16) {
            lambda::log(&format!("{} MiB so far", eaten.len()));
        }
    }
}
