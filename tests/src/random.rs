//! A small seeded generator, so that a failing seed fails again.

use docket_core::time::Timestamp;
use uuid::Uuid;

/// SplitMix64 by Sebastiano Vigna, <https://prng.di.unimi.it/splitmix64.c>.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The generator of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; the slight bias of the remainder does not matter to a test.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.bits() % bound
    }

    /// An index into something of this length.
    pub fn index(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    /// One of several.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.index(of.len())]
    }

    /// True in so many cases of a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// Heads or tails.
    pub fn coin(&mut self) -> bool {
        self.below(2) == 0
    }

    /// A version-7 identifier as it would have been made at an instant.
    pub fn uuid_at(&mut self, instant: Timestamp) -> Uuid {
        let (high, low) = (self.bits().to_le_bytes(), self.bits().to_le_bytes());
        let mut random = [0; 10];
        random[..8].copy_from_slice(&high);
        random[8..].copy_from_slice(&low[..2]);
        let millis = u64::try_from(instant.0).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

/// The seeds to try: `DOCKET_SEED` alone if it is set, else these and one that nobody has tried before.
///
/// Whoever tries one prints it first, so that a failing test names the seed to run it with again.
pub fn seeds(fixed: impl IntoIterator<Item = u64>) -> Vec<u64> {
    use std::hash::{BuildHasher, Hasher, RandomState};
    if let Ok(seed) = std::env::var("DOCKET_SEED") {
        return vec![seed.parse().expect("DOCKET_SEED is a whole number")];
    }
    let fresh = RandomState::new().build_hasher().finish() % 1_000_000_007;
    fixed.into_iter().chain([fresh]).collect()
}
