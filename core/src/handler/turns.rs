//! Whose turn it is: what would be appended to the same stream at once is appended one after the other, in the order in which
//! it came, so that nobody is overtaken again and again. It saves work and promises nothing: the versions do that.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Turns that are told apart. Names that share one wait for each other, which costs time and nothing else.
const TURNS: usize = 1024;

/// The turns of things of one kind.
pub(super) struct Turns(Vec<Arc<Mutex<()>>>);

/// It is somebody's turn as long as they hold this.
pub(super) struct Turn(#[allow(dead_code, reason = "held, not looked at")] Vec<OwnedMutexGuard<()>>);

impl Turns {
    pub(super) fn new() -> Self {
        Self((0..TURNS).map(|_| Arc::default()).collect())
    }

    /// Waits until it is the turn for all of these.
    pub(super) async fn of(&self, names: impl IntoIterator<Item = impl Hash>) -> Turn {
        // In the same order for everybody, so that no two wait for each other.
        let places: BTreeSet<usize> = names.into_iter().map(|name| place(&name)).collect();
        let mut held = Vec::with_capacity(places.len());
        for place in places {
            held.push(self.0[place].clone().lock_owned().await);
        }
        Turn(held)
    }
}

fn place(name: &impl Hash) -> usize {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    (hasher.finish() % TURNS as u64) as usize
}
