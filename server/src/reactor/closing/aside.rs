//! What the read model says is due and the log says is not: it steps aside, so that it holds up nothing else.

use docket_core::ticket::due::Falling;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

/// What may be aside at once; beyond that all of it is tried again, a part at a time.
pub const ASIDE_MAX: usize = 4096;

/// What is due and cannot be done: of tickets that were never opened, or twice, or whose history cannot be read.
#[derive(Debug, Default)]
pub struct Aside(BTreeSet<Falling>);

impl Aside {
    /// How many are aside.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is to be looked at of what was found due. What is aside and was not found is due no more.
    pub fn leave(&mut self, found: Vec<Falling>) -> Vec<Falling> {
        let (aside, found): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|falling| self.0.contains(falling));
        self.0 = aside.into_iter().collect();
        found
    }

    /// Puts aside what could not be done.
    pub fn put(&mut self, falling: Falling) {
        if self.0.len() >= ASIDE_MAX {
            self.0.clear();
        }
        self.0.insert(falling);
    }
}

/// How many are aside, for whoever asks how the server is.
#[derive(Debug, Default)]
pub struct AsideCount(AtomicU64);

impl AsideCount {
    /// How many.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn set(&self, aside: &Aside) {
        self.0.store(aside.len() as u64, Ordering::Relaxed);
    }
}
