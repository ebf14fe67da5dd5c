//! The locks on a file and on its shared memory, between connections of one process.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::ffi;

use super::state::{ErrorCode, HandleNumber};

/// The five levels of SQLite's file locks, <https://sqlite.org/lockingv3.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LockLevel {
    Unlocked,
    Shared,
    Reserved,
    Pending,
    Exclusive,
}

impl LockLevel {
    pub(super) fn from_code(code: i32) -> Self {
        match code {
            ffi::SQLITE_LOCK_NONE => Self::Unlocked,
            ffi::SQLITE_LOCK_SHARED => Self::Shared,
            ffi::SQLITE_LOCK_RESERVED => Self::Reserved,
            ffi::SQLITE_LOCK_PENDING => Self::Pending,
            _ => Self::Exclusive,
        }
    }
}

/// Who has a file open, and the lock that each holds.
#[derive(Debug, Default)]
pub(super) struct Holders {
    live: BTreeMap<HandleNumber, LockLevel>,
    dead_count: usize,
}

impl Holders {
    pub(super) fn enter(&mut self, handle: HandleNumber) {
        self.live.insert(handle, LockLevel::Unlocked);
    }

    pub(super) fn leave(&mut self, handle: HandleNumber) {
        if self.live.remove(&handle).is_none() {
            self.dead_count = self.dead_count.saturating_sub(1);
        }
    }

    pub(super) fn die(&mut self) {
        self.dead_count += self.live.len();
        self.live.clear();
    }

    pub(super) fn are_gone(&self) -> bool {
        self.live.is_empty()
    }

    /// Whether only a connection from before the loss can be the one that now wants a companion file deleted:
    /// SQLite deletes a journal or a WAL under a lock on the database, and none is held.
    pub(super) fn only_the_dead_could_delete(&self) -> bool {
        self.dead_count > 0 && self.live.values().all(|level| *level == LockLevel::Unlocked)
    }

    pub(super) fn is_reserved(&self) -> bool {
        self.live.values().any(|level| *level >= LockLevel::Reserved)
    }

    pub(super) fn lock(&mut self, handle: HandleNumber, wanted: LockLevel) -> Result<(), ErrorCode> {
        let held = self.level(handle);
        if held >= wanted {
            return Ok(());
        }
        let others = self.live.iter().filter(|(number, _)| **number != handle);
        let highest = others.map(|(_, level)| *level).max().unwrap_or(LockLevel::Unlocked);
        let allowed = match wanted {
            LockLevel::Unlocked => true,
            LockLevel::Shared => highest < LockLevel::Pending,
            LockLevel::Reserved | LockLevel::Pending => highest < LockLevel::Reserved,
            LockLevel::Exclusive => highest == LockLevel::Unlocked,
        };
        if allowed {
            self.live.insert(handle, wanted);
            return Ok(());
        }
        // A writer that waits for readers keeps new ones out, or it might wait for ever.
        if wanted == LockLevel::Exclusive && held == LockLevel::Reserved {
            self.live.insert(handle, LockLevel::Pending);
        }
        Err(ffi::SQLITE_BUSY)
    }

    pub(super) fn unlock(&mut self, handle: HandleNumber, down_to: LockLevel) {
        if self.level(handle) > down_to {
            self.live.insert(handle, down_to);
        }
    }

    fn level(&self, handle: HandleNumber) -> LockLevel {
        self.live.get(&handle).copied().unwrap_or(LockLevel::Unlocked)
    }
}

/// The WAL index of one database: memory and lock slots that its connections share.
///
/// Each connection holds a reference, so the memory stays where it is until the last one unmaps it, even when
/// a loss of power has meanwhile given the file a new one.
#[derive(Debug, Default)]
pub(super) struct SharedMemory {
    // Atomics, because SQLite writes through the pointer while we hold a shared reference.
    regions: Mutex<Vec<Box<[AtomicU64]>>>,
    slots: Mutex<[Slot; SLOTS]>,
}

const SLOTS: usize = 8;

#[derive(Debug, Default)]
struct Slot {
    exclusive: Option<HandleNumber>,
    shared: BTreeSet<HandleNumber>,
}

impl SharedMemory {
    /// The address of a region; `None` when it does not exist and is not to be made.
    pub(super) fn region(&self, index: usize, region_bytes: usize, extend: bool) -> Option<*mut AtomicU64> {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        while extend && regions.len() <= index {
            regions.push((0..region_bytes.div_ceil(8)).map(|_| AtomicU64::new(0)).collect());
        }
        regions.get(index).map(|region| region.as_ptr().cast_mut())
    }

    pub(super) fn lock_shared(&self, handle: HandleNumber, first: usize, n: usize) -> Result<(), ErrorCode> {
        let mut slots = self.slots();
        let slots = range(&mut slots, first, n)?;
        if slots.iter().any(|slot| slot.exclusive.is_some_and(|holder| holder != handle)) {
            return Err(ffi::SQLITE_BUSY);
        }
        for slot in slots {
            slot.shared.insert(handle);
        }
        Ok(())
    }

    pub(super) fn lock_exclusive(
        &self,
        handle: HandleNumber,
        first: usize,
        n: usize,
    ) -> Result<(), ErrorCode> {
        let mut slots = self.slots();
        let slots = range(&mut slots, first, n)?;
        let taken = |slot: &Slot| {
            slot.exclusive.is_some_and(|holder| holder != handle)
                || slot.shared.iter().any(|holder| *holder != handle)
        };
        if slots.iter().any(taken) {
            return Err(ffi::SQLITE_BUSY);
        }
        for slot in slots {
            slot.exclusive = Some(handle);
        }
        Ok(())
    }

    pub(super) fn unlock(&self, handle: HandleNumber, first: usize, n: usize) -> Result<(), ErrorCode> {
        for slot in range(&mut self.slots(), first, n)? {
            slot.release(handle);
        }
        Ok(())
    }

    pub(super) fn unlock_all(&self, handle: HandleNumber) {
        self.slots().iter_mut().for_each(|slot| slot.release(handle));
    }

    fn slots(&self) -> MutexGuard<'_, [Slot; SLOTS]> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn range(slots: &mut [Slot; SLOTS], first: usize, n: usize) -> Result<&mut [Slot], ErrorCode> {
    slots.get_mut(first..first.saturating_add(n)).ok_or(ffi::SQLITE_IOERR_SHMLOCK)
}

impl Slot {
    fn release(&mut self, handle: HandleNumber) {
        self.exclusive.take_if(|holder| *holder == handle);
        self.shared.remove(&handle);
    }
}
