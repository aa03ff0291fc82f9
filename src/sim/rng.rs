//! Seeded randomness: one generator per component, so that adding a component does not change another's numbers.

use rand_core::{Rng as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

use super::check::Log;

/// A seeded generator that belongs to one named component. It counts its draws, so that two runs can be compared.
#[derive(Debug, Clone)]
pub struct Rng {
    generator: Pcg64Mcg,
    draws: u64,
    component: String,
    log: Log,
}

impl Rng {
    /// The generator of `component` in a scenario with this `seed`.
    pub fn for_component(seed: u64, component: &str) -> Self {
        // FNV-1a over the name keeps components apart; the generator's own seeding mixes the rest.
        let name = component
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        bytes[8..].copy_from_slice(&name.to_le_bytes());
        let mut generator = Pcg64Mcg::from_seed(bytes);
        // Neighbouring seeds start in neighbouring states; the first outputs would be related.
        for _ in 0..8 {
            generator.next_u64();
        }
        Self {
            generator,
            draws: 0,
            component: component.to_owned(),
            log: Log::default(),
        }
    }

    /// The same generator, recording every draw.
    pub fn observed(mut self, log: &Log) -> Self {
        self.log = log.clone();
        self
    }

    /// Fills `buffer` with random bytes.
    pub fn fill(&mut self, buffer: &mut [u8]) {
        self.generator.fill_bytes(buffer);
        let digest = buffer
            .iter()
            .fold(0_u64, |sum, byte| sum.rotate_left(7) ^ u64::from(*byte));
        self.drawn(digest);
    }

    /// A number in `0..2^64`.
    pub fn next_u64(&mut self) -> u64 {
        let draw = self.generator.next_u64();
        self.drawn(draw);
        draw
    }

    /// A number in `0..bound`, without bias; zero when `bound` is zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        let draw = if bound == 0 { 0 } else { self.unbiased(bound) };
        self.drawn(draw);
        draw
    }

    /// Whether something happens that happens `per_million` times in a million.
    pub fn happens(&mut self, per_million: u32) -> bool {
        per_million > 0 && self.below(1_000_000) < u64::from(per_million)
    }

    /// How many draws were made; part of the determinism log.
    pub fn draws(&self) -> u64 {
        self.draws
    }

    /// Rejects the numbers that would make small results likelier; `bound` is not zero.
    fn unbiased(&mut self, bound: u64) -> u64 {
        let zone = u64::MAX - (u64::MAX - bound + 1) % bound;
        loop {
            let draw = self.generator.next_u64();
            if draw <= zone {
                return draw % bound;
            }
        }
    }

    fn drawn(&mut self, value: u64) {
        self.draws += 1;
        self.log.draw(&self.component, self.draws, value);
    }
}

/// 128 bits that belong to `number` of `component` under `seed`: for ids that must be found again without being stored.
/// Every bit of the three decides about every bit of the result (two rounds of SplitMix64's mixer for each half).
pub fn digest(seed: u64, component: u64, number: u64) -> [u8; 16] {
    let mix = |mut z: u64| {
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    let of_component = mix(mix(seed.wrapping_add(STEP)).wrapping_add(component.wrapping_mul(STEP)));
    let start = mix(of_component.wrapping_add(number));
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&mix(start.wrapping_add(STEP)).to_be_bytes());
    bytes[8..].copy_from_slice(&mix(start.wrapping_add(STEP.wrapping_mul(2))).to_be_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_component_give_the_same_numbers() {
        let draw = |seed, name| Rng::for_component(seed, name).next_u64();
        assert_eq!(draw(1, "request ids"), draw(1, "request ids"));
        assert_ne!(draw(1, "request ids"), draw(2, "request ids"));
        assert_ne!(draw(1, "request ids"), draw(1, "jitter"));
    }

    #[test]
    fn digests_differ_in_everything_that_goes_in() {
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..20 {
            for component in 0..5 {
                for number in 0..100 {
                    assert!(seen.insert(digest(seed, component, number)));
                }
            }
        }
    }

    #[test]
    fn bounded_draws_stay_below_their_bound() {
        let mut rng = Rng::for_component(7, "test");
        assert!((0..1_000).all(|_| rng.below(3) < 3));
        assert_eq!(rng.below(0), 0);
    }
}
