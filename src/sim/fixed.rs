//! Logarithm and exponential in fixed point, for sampling: integers only, so that every machine draws the same numbers.
//!
//! Values are in Q32: 2^32 stands for 1. Errors are below 10^-8, far under what a sampled duration shows.

/// One, in Q32.
pub const ONE: u64 = 1 << 32;

/// ln 2 in Q32, rounded.
const LN_2: u64 = 2_977_044_472;

/// Steps of the tables between 1 and 2, as a power of two.
const BITS: u32 = 8;

/// ln(1 + i/256) in Q32.
static LOGARITHMS: [u64; 257] = logarithms();

/// 2^(i/256) in Q32.
static POWERS: [u64; 257] = powers();

/// The natural logarithm of `x`/2^64, negated, in Q32: what turns an even draw into an exponential one. `x` = 0 counts as 1.
pub fn negative_ln_fraction(x: u64) -> u64 {
    let x = x.max(1);
    let zeros = x.leading_zeros();
    // x / 2^64 = m × 2^-(zeros + 1) with m in 1..2.
    let mantissa = (x << zeros) >> 31;
    u64::from(zeros + 1) * LN_2 - ln_between_one_and_two(mantissa)
}

/// The natural logarithm of `x` in Q32, for `x` of one (2^32) or more.
pub fn ln(x: u64) -> u64 {
    let x = x.max(ONE);
    let exponent = 31 - x.leading_zeros();
    u64::from(exponent) * LN_2 + ln_between_one_and_two(x >> exponent)
}

/// e^x in Q32 for `x` in Q32; the greatest and the least representable when it does not fit.
pub fn exp(x: i64) -> u64 {
    // e^x = 2^(x / ln 2).
    let scaled = (i128::from(x) << 32) / i128::from(LN_2);
    let whole = scaled >> 32;
    let fraction = (scaled & 0xffff_ffff) as u64;
    let index = (fraction >> (32 - BITS)) as usize;
    let rest = fraction & ((1 << (32 - BITS)) - 1);
    // 2^r = e^(r ln 2) for a small r: three terms.
    let y = mul(rest, LN_2);
    let series = ONE + y + mul(y, y) / 2 + mul(mul(y, y), y) / 6;
    let base = POWERS.get(index).copied().unwrap_or(ONE);
    let value = mul(base, series);
    match whole {
        31.. => u64::MAX,
        0..=30 => value.checked_shl(whole as u32).unwrap_or(u64::MAX),
        -63..=-1 => value >> whole.unsigned_abs(),
        _ => 0,
    }
}

/// The product of two Q32 values.
pub const fn mul(a: u64, b: u64) -> u64 {
    ((a as u128 * b as u128) >> 32) as u64
}

/// ln of a Q32 value in 1..2.
fn ln_between_one_and_two(m: u64) -> u64 {
    let fraction = m - ONE;
    let index = (fraction >> (32 - BITS)) as usize;
    let base = ONE + ((index as u64) << (32 - BITS));
    // m = base × (1 + r), r < 1/256: r - r²/2 + r³/3.
    let r = ((u128::from(m - base) << 32) / u128::from(base)) as u64;
    let square = mul(r, r);
    LOGARITHMS.get(index).copied().unwrap_or(0) + r + mul(square, r) / 3 - square / 2
}

/// Bit by bit: squaring doubles a logarithm to the base 2.
const fn logarithms() -> [u64; 257] {
    let mut table = [0; 257];
    let mut i = 0;
    while i <= 256 {
        let mut value = ONE as u128 + ((i as u128) << 24);
        let mut log2 = 0_u64;
        if i == 256 {
            log2 = ONE;
        } else {
            let mut bit = 0;
            while bit < 32 {
                value = (value * value) >> 32;
                log2 <<= 1;
                if value >= 2 * ONE as u128 {
                    value >>= 1;
                    log2 |= 1;
                }
                bit += 1;
            }
        }
        table[i] = mul(log2, LN_2);
        i += 1;
    }
    table
}

/// 2^(1/256) times itself, kept in Q62 so that errors stay below the last bit of Q32.
const fn powers() -> [u64; 257] {
    // 2^(1/256) in Q62.
    const ROOT: u128 = 4_624_189_567_668_517_720;
    let mut table = [0; 257];
    let mut value: u128 = 1 << 62;
    let mut i = 0;
    while i <= 256 {
        table[i] = ((value + (1 << 29)) >> 30) as u64;
        value = (value * ROOT) >> 62;
        i += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn real(x: u64) -> f64 {
        x as f64 / ONE as f64
    }

    #[test]
    fn logarithms_are_right() {
        for x in [
            1_u64,
            2,
            3,
            1 << 20,
            u64::MAX / 3,
            u64::MAX / 2 + 1,
            u64::MAX,
        ] {
            let expected = -(x as f64 / 2_f64.powi(64)).ln();
            assert!(
                (real(negative_ln_fraction(x)) - expected).abs() < 1e-7,
                "{x}: {expected}"
            );
        }
        for x in [1.0_f64, 1.001, 1.5, 2.0, 10.0, 12_345.678] {
            let fixed = ln((x * ONE as f64) as u64);
            assert!((real(fixed) - x.ln()).abs() < 1e-7, "{x}");
        }
    }

    #[test]
    fn exponentials_are_right() {
        for x in [-20.0_f64, -3.3, -0.5, 0.0, 0.1, 1.0, 2.7, 12.0, 20.0] {
            let fixed = real(exp((x * ONE as f64) as i64));
            assert!(
                (fixed - x.exp()).abs() <= 1e-6 * x.exp() + 1e-9,
                "{x}: {fixed}"
            );
        }
        assert_eq!(exp(i64::MAX), u64::MAX);
        assert_eq!(exp(i64::MIN / 2), 0);
    }
}
