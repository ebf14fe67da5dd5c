//! The whole disk: names, open handles, faults and power. No C in here.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use rusqlite::ffi;

use super::Kept;
use super::file::StoredFile;
use super::locks::{Holders, LockLevel, SharedMemory};
use crate::random::Random;

/// An SQLite result code other than `SQLITE_OK`.
pub(super) type ErrorCode = i32;

/// Unique on the disk for all time, so that a number seen once never means someone else.
pub(super) type HandleNumber = u64;

/// What an open file knows of the disk; worthless once the power was lost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Handle {
    pub(super) number: HandleNumber,
    file: FileNumber,
    power_losses_before: u64,
}

type FileNumber = u64;

/// How a file is to be opened.
#[derive(Debug, Clone, Copy)]
pub(super) struct OpenMode {
    pub(super) create: bool,
    pub(super) must_be_new: bool,
}

/// All that is on the disk. Ordered maps, since the order in which files meet the generator must not vary.
#[derive(Debug)]
pub(super) struct State {
    names: BTreeMap<String, FileNumber>,
    files: BTreeMap<FileNumber, Entry>,
    next_number: u64,
    power_losses: u64,
    without_power: bool,
    pub(super) random: Random,
    pub(super) faults: Faults,
    pub(super) capacity_bytes: Option<u64>,
    pub(super) sync_count: u64,
    pub(super) write_count: u64,
}

#[derive(Debug, Default)]
struct Entry {
    file: StoredFile,
    holders: Holders,
    memory: Weak<SharedMemory>,
}

/// What is set to go wrong.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) syncs: Option<Fault>,
    pub(super) writes: Option<Fault>,
    /// Operations until the power goes, counted from 1, and what is then kept.
    pub(super) power_loss: Option<(u64, Kept)>,
}

/// A failure to come.
#[derive(Debug)]
pub(super) struct Fault {
    successes_left: u64,
    lasts: bool,
}

impl Fault {
    pub(super) fn once(n: u64) -> Self {
        assert!(n > 0, "failures are counted from 1");
        Self { successes_left: n - 1, lasts: false }
    }

    pub(super) fn lasting_after(n: u64) -> Self {
        Self { successes_left: n, lasts: true }
    }

    fn strikes(fault: &mut Option<Self>) -> bool {
        match fault {
            None => false,
            Some(waiting) if waiting.successes_left > 0 => {
                waiting.successes_left -= 1;
                false
            }
            Some(due) => {
                if !due.lasts {
                    *fault = None;
                }
                true
            }
        }
    }
}

impl State {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            names: BTreeMap::new(),
            files: BTreeMap::new(),
            next_number: 0,
            power_losses: 0,
            without_power: false,
            random: Random::new(seed),
            faults: Faults::default(),
            capacity_bytes: None,
            sync_count: 0,
            write_count: 0,
        }
    }

    pub(super) fn lose_power(&mut self, kept: Kept) {
        self.power_losses += 1;
        self.faults.power_loss = None;
        let mut before = std::mem::take(&mut self.files);
        let Self { names, files, random, .. } = self;
        names.retain(|_, number| {
            let Some(mut entry) = before.remove(number) else { return false };
            if !entry.file.survives_power_loss(kept, random) {
                return false;
            }
            entry.holders.die();
            entry.memory = Weak::new();
            files.insert(*number, entry);
            true
        });
    }

    pub(super) fn power_on(&mut self) {
        self.without_power = false;
    }

    pub(super) fn is_without_power(&self) -> bool {
        self.without_power
    }

    /// Counts an operation, and fails it when it is the one in whose middle the power goes.
    fn operation(&mut self) -> Result<(), ErrorCode> {
        match &mut self.faults.power_loss {
            None => Ok(()),
            Some((operations_left, _)) if *operations_left > 1 => {
                *operations_left -= 1;
                Ok(())
            }
            Some((_, kept)) => {
                let kept = *kept;
                self.lose_power(kept);
                self.without_power = true;
                Err(ffi::SQLITE_IOERR)
            }
        }
    }

    pub(super) fn paths(&self) -> Vec<String> {
        self.names.keys().cloned().collect()
    }

    pub(super) fn used_bytes(&self) -> u64 {
        self.files.values().map(|entry| entry.file.len_bytes()).sum()
    }

    fn number(&self, path: &str) -> Option<FileNumber> {
        if let Some(number) = self.names.get(path) {
            return Some(*number);
        }
        let mut ends = self.names.iter().filter(|(name, _)| name.ends_with(path));
        let found = ends.next().map(|(_, number)| *number);
        assert!(ends.next().is_none(), "several files end with {path}");
        found
    }

    pub(super) fn find(&self, path: &str) -> Option<&StoredFile> {
        self.files.get(&self.number(path)?).map(|entry| &entry.file)
    }

    pub(super) fn find_mut(&mut self, path: &str) -> Option<&mut StoredFile> {
        let number = self.number(path)?;
        self.files.get_mut(&number).map(|entry| &mut entry.file)
    }

    fn numbered(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    /// Opens a file; without a name it is one that nobody else can open and that no loss survives.
    pub(super) fn open(&mut self, name: Option<&str>, mode: OpenMode) -> Result<Handle, ErrorCode> {
        if self.without_power {
            return Err(ffi::SQLITE_IOERR);
        }
        let existing = name.and_then(|name| self.names.get(name).copied());
        let file = match existing {
            Some(_) if mode.must_be_new => return Err(ffi::SQLITE_CANTOPEN),
            Some(number) => number,
            None if !mode.create => return Err(ffi::SQLITE_CANTOPEN),
            None => {
                let number = self.numbered();
                self.files.insert(number, Entry::default());
                if let Some(name) = name {
                    self.names.insert(name.to_owned(), number);
                }
                number
            }
        };
        let number = self.numbered();
        self.files.entry(file).or_default().holders.enter(number);
        Ok(Handle { number, file, power_losses_before: self.power_losses })
    }

    pub(super) fn close(&mut self, handle: Handle, and_delete: bool) {
        if and_delete && self.alive(handle).is_ok() {
            self.names.retain(|_, number| *number != handle.file);
        }
        if let Some(entry) = self.files.get_mut(&handle.file) {
            entry.holders.leave(handle.number);
        }
        self.forget_unreachable(handle.file);
    }

    fn forget_unreachable(&mut self, file: FileNumber) {
        let named = self.names.values().any(|number| *number == file);
        if !named && self.files.get(&file).is_some_and(|entry| entry.holders.are_gone()) {
            self.files.remove(&file);
        }
    }

    pub(super) fn delete(&mut self, name: &str) -> Result<(), ErrorCode> {
        if self.without_power || self.is_delete_by_the_dead(name) {
            return Err(ffi::SQLITE_IOERR_DELETE);
        }
        let file = self.names.get(name).copied().ok_or(ffi::SQLITE_IOERR_DELETE_NOENT)?;
        self.operation()?;
        self.names.remove(name);
        self.forget_unreachable(file);
        Ok(())
    }

    /// A delete comes without a handle, so who asks for it must be told from who is there.
    fn is_delete_by_the_dead(&self, name: &str) -> bool {
        let database = name.strip_suffix("-journal").or_else(|| name.strip_suffix("-wal"));
        let entry = database.and_then(|name| self.files.get(self.names.get(name)?));
        entry.is_some_and(|entry| entry.holders.only_the_dead_could_delete())
    }

    /// Whether the file exists and, as SQLite on Unix asks it, is not empty.
    pub(super) fn has_content(&self, name: &str) -> Result<bool, ErrorCode> {
        if self.without_power {
            return Err(ffi::SQLITE_IOERR_ACCESS);
        }
        let entry = self.names.get(name).and_then(|number| self.files.get(number));
        Ok(entry.is_some_and(|entry| entry.file.len_bytes() > 0))
    }

    /// Refuses a handle from before a loss of power.
    pub(super) fn check_alive(&self, handle: Handle) -> Result<(), ErrorCode> {
        self.alive(handle).map(|_| ())
    }

    fn alive(&self, handle: Handle) -> Result<&Entry, ErrorCode> {
        let of_this_life = handle.power_losses_before == self.power_losses;
        self.files.get(&handle.file).filter(|_| of_this_life).ok_or(ffi::SQLITE_IOERR)
    }

    fn alive_mut(&mut self, handle: Handle) -> Result<&mut Entry, ErrorCode> {
        let of_this_life = handle.power_losses_before == self.power_losses;
        self.files.get_mut(&handle.file).filter(|_| of_this_life).ok_or(ffi::SQLITE_IOERR)
    }

    /// What there is of `len` bytes from `offset`; shorter at the end of the file.
    pub(super) fn read(&self, handle: Handle, offset: usize, len: usize) -> Result<&[u8], ErrorCode> {
        let content = self.alive(handle)?.file.contents();
        let start = offset.min(content.len());
        Ok(&content[start..offset.saturating_add(len).min(content.len())])
    }

    pub(super) fn len_bytes(&self, handle: Handle) -> Result<u64, ErrorCode> {
        Ok(self.alive(handle)?.file.len_bytes())
    }

    pub(super) fn write(&mut self, handle: Handle, offset: usize, bytes: &[u8]) -> Result<(), ErrorCode> {
        let len_before = self.len_bytes(handle)?;
        self.write_count += 1;
        if Fault::strikes(&mut self.faults.writes) {
            return Err(ffi::SQLITE_IOERR_WRITE);
        }
        self.has_room(len_before, offset as u64 + bytes.len() as u64)?;
        self.alive_mut(handle)?.file.write(offset, bytes);
        self.operation()
    }

    pub(super) fn resize(&mut self, handle: Handle, len: usize) -> Result<(), ErrorCode> {
        self.has_room(self.len_bytes(handle)?, len as u64)?;
        self.alive_mut(handle)?.file.resize(len);
        self.operation()
    }

    fn has_room(&self, len_before: u64, len_after: u64) -> Result<(), ErrorCode> {
        let growth = len_after.saturating_sub(len_before);
        let fits = |capacity| growth == 0 || self.used_bytes().saturating_add(growth) <= capacity;
        if self.capacity_bytes.is_none_or(fits) { Ok(()) } else { Err(ffi::SQLITE_FULL) }
    }

    pub(super) fn sync(&mut self, handle: Handle) -> Result<(), ErrorCode> {
        self.alive(handle)?;
        self.sync_count += 1;
        if Fault::strikes(&mut self.faults.syncs) {
            self.alive_mut(handle)?.file.sync_fails();
            return Err(ffi::SQLITE_IOERR_FSYNC);
        }
        self.operation()?;
        self.alive_mut(handle)?.file.sync();
        Ok(())
    }

    pub(super) fn lock(&mut self, handle: Handle, level: LockLevel) -> Result<(), ErrorCode> {
        self.alive_mut(handle)?.holders.lock(handle.number, level)
    }

    /// Nothing to do for a dead handle: its locks went with the power.
    pub(super) fn unlock(&mut self, handle: Handle, down_to: LockLevel) {
        if let Ok(entry) = self.alive_mut(handle) {
            entry.holders.unlock(handle.number, down_to);
        }
    }

    pub(super) fn is_reserved(&self, handle: Handle) -> Result<bool, ErrorCode> {
        Ok(self.alive(handle)?.holders.is_reserved())
    }

    /// The shared memory of a file, made by the first connection that asks.
    pub(super) fn shared_memory(&mut self, handle: Handle) -> Result<Arc<SharedMemory>, ErrorCode> {
        let entry = self.alive_mut(handle)?;
        Ok(entry.memory.upgrade().unwrap_or_else(|| {
            let memory = Arc::default();
            entry.memory = Arc::downgrade(&memory);
            memory
        }))
    }
}
