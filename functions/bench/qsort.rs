//! `run(n)`: quicksort of 20,000 pseudo-random integers, n times. Branches that cannot be foretold.
#![no_std]

#[path = "bare.rs"]
mod bare;

const LENGTH: usize = 20_000;

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i32 {
    let mut values = [0i32; LENGTH];
    let mut random = 0x9e37_79b9u32;
    let mut sum = 0i32;
    for _ in 0..n {
        for value in &mut values {
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            *value = random as i32;
        }
        quicksort(&mut values);
        sum = sum.wrapping_add(values[LENGTH / 2]);
    }
    sum
}

fn quicksort(mut values: &mut [i32]) {
    while values.len() > 16 {
        let middle = partition(values);
        let (low, high) = values.split_at_mut(middle);
        // Into the shorter half by a call, into the longer by the loop: the stack stays shallow.
        if low.len() < high.len() {
            quicksort(low);
            values = high;
        } else {
            quicksort(high);
            values = low;
        }
    }
    for end in 1..values.len() {
        let mut at = end;
        while at > 0 && values[at - 1] > values[at] {
            values.swap(at - 1, at);
            at -= 1;
        }
    }
}

/// Hoare's: afterwards nothing before the index returned is greater than anything from it on.
fn partition(values: &mut [i32]) -> usize {
    let pivot = values[(values.len() - 1) / 2];
    let (mut left, mut right) = (0, values.len() - 1);
    loop {
        while values[left] < pivot {
            left += 1;
        }
        while values[right] > pivot {
            right -= 1;
        }
        if left >= right {
            return right + 1;
        }
        values.swap(left, right);
        left += 1;
        right -= 1;
    }
}
