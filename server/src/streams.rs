//! Room for event streams and long polls: a number of them in all, and a part of it for each caller, so that nobody takes
//! it from everybody else.

use crate::credentials::Person;
use crate::identity::{Caller, Shown};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

/// Event streams and long polls that may be open at once; one more is answered with 503.
pub const STREAMS_MAX: usize = 512;

/// How many of them may be of one session or token; one more is answered with 429.
pub const STREAMS_OF_CALLER_MAX: usize = 64;

/// Whose a stream is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Owner {
    /// Of a session or a token.
    Credential(Uuid),
    /// Of whoever shows something else.
    Person(Person),
}

/// Why there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRoom {
    /// All of it is taken.
    All,
    /// The caller's part is taken.
    Own,
}

/// The room.
#[derive(Clone)]
pub struct Streams {
    all: Arc<Semaphore>,
    of_caller_max: usize,
    by_owner: Arc<Mutex<HashMap<Owner, usize>>>,
}

/// One of the room, until it is dropped.
pub struct Place {
    owner: Owner,
    by_owner: Arc<Mutex<HashMap<Owner, usize>>>,
    _permit: OwnedSemaphorePermit,
}

impl Streams {
    /// Room for so many in all, and so many of each caller.
    pub fn new(max: usize, of_caller_max: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(max)), of_caller_max, by_owner: Arc::default() }
    }

    /// How many more there is room for.
    pub fn free(&self) -> usize {
        self.all.available_permits()
    }

    /// Takes one.
    ///
    /// # Errors
    /// [`NoRoom`]
    pub fn take(&self, caller: &Caller) -> Result<Place, NoRoom> {
        let owner = match caller.shown {
            Shown::Session(id) | Shown::Token(id) => Owner::Credential(id),
            Shown::Headers | Shown::Link(_) => Owner::Person(caller.person()),
        };
        let mut by_owner = self.by_owner.lock().unwrap_or_else(PoisonError::into_inner);
        if by_owner.get(&owner).is_some_and(|own| *own >= self.of_caller_max) {
            return Err(NoRoom::Own);
        }
        let permit = self.all.clone().try_acquire_owned().map_err(|_| NoRoom::All)?;
        *by_owner.entry(owner.clone()).or_default() += 1;
        Ok(Place { owner, by_owner: self.by_owner.clone(), _permit: permit })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut by_owner = self.by_owner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = by_owner.get_mut(&self.owner) {
            *own -= 1;
            if *own == 0 {
                by_owner.remove(&self.owner);
            }
        }
    }
}
