//! `run(n)`: the product of two matrices of 128 by 128 f64, n times. Floating point and memory in
//! three nested loops.
#![no_std]

#[path = "bare.rs"]
mod bare;

const SIZE: usize = 128;
type Matrix = [[f64; SIZE]; SIZE];

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i32 {
    let (mut a, mut b, mut product) = ([[0.0; SIZE]; SIZE], [[0.0; SIZE]; SIZE], [[0.0; SIZE]; SIZE]);
    for row in 0..SIZE {
        for column in 0..SIZE {
            a[row][column] = ((row * 7 + column * 3) % 17) as f64 / 17.0;
            b[row][column] = ((row * 5 + column * 11) % 13) as f64 / 13.0;
        }
    }
    for _ in 0..n {
        multiply(&a, &b, &mut product);
        // The next product depends on this one, so that none can be left out.
        a[0][0] = product[SIZE - 1][SIZE - 1] % 1.0;
    }
    let trace: f64 = (0..SIZE).map(|index| product[index][index]).sum();
    trace as i32
}

fn multiply(a: &Matrix, b: &Matrix, product: &mut Matrix) {
    for (row, left) in product.iter_mut().zip(a) {
        *row = [0.0; SIZE];
        for (factor, right) in left.iter().zip(b) {
            for (sum, value) in row.iter_mut().zip(right) {
                *sum += factor * value;
            }
        }
    }
}
