//! A disk in memory that loses what was not synced, for tests of power loss below SQLite.
//!
//! Killing a process proves little: the kernel still writes what the process had handed over. Here a
//! write that was not followed by a sync of its file may be lost, kept, or torn at a sector when the
//! power goes, and so may every other one, each on its own.
//!
//! ```
//! use docket_tests::crash_disk::CrashDisk;
//! use rusqlite::{Connection, OpenFlags};
//!
//! let disk = CrashDisk::new(7);
//! let open = || Connection::open_with_flags_and_vfs("log.db", OpenFlags::default(), disk.vfs_name());
//! let before = open()?;
//! before.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE event (id)")?;
//! disk.power_loss();
//! assert!(before.execute("INSERT INTO event VALUES (1)", []).is_err());
//! open()?.execute("INSERT INTO event VALUES (1)", [])?;
//! # Ok::<(), rusqlite::Error>(())
//! ```
//!
//! What the model takes for granted, so that nobody reads more into a passing test:
//! - A delete is durable at once, and syncing a file makes its name durable too, as a journalling file
//!   system does in effect. A file that was never synced may be gone after a loss.
//! - A write never harms bytes outside its own range (`SQLITE_IOCAP_POWERSAFE_OVERWRITE`, the default of
//!   SQLite on Unix), and a hole left by a lost write reads as zeros.
//! - After a failed sync, what it should have written is never tried again by a later sync, as on Linux,
//!   which marks the pages clean; reads still see it until the power goes.
//! - SQLite draws WAL salts from a generator of the whole process. The seed decides which writes survive,
//!   not those bytes.

mod file;
mod locks;
mod state;
mod vfs;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use file::StoredFile;
use state::State;
use vfs::RegisteredVfs;

/// What becomes of the writes that were not synced when the power goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// All are lost: the drive had started none of them.
    Nothing,
    /// All survive: the drive had finished, only nobody was told.
    Everything,
    /// Each survives, tears or is lost as the seed of the disk decides.
    Random,
}

/// A disk in memory, registered with SQLite as a VFS of its own name; threads may share it.
///
/// Dropping it removes the name. Connections that are still open keep working on the files; the file
/// contents are freed with the last of them. A few hundred bytes for the VFS itself are leaked on purpose,
/// since SQLite does not say when the last connection has forgotten the pointer.
#[derive(Debug)]
pub struct CrashDisk {
    shared: Arc<Shared>,
    vfs: RegisteredVfs,
}

/// The part that open handles keep alive.
#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // A test that fails while holding the lock should not turn the other threads' failures into this one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CrashDisk {
    /// An empty disk; the seed decides what a random power loss keeps.
    /// # Panics
    /// When SQLite cannot be initialised.
    pub fn new(seed: u64) -> Self {
        let shared = Arc::new(Shared { state: Mutex::new(State::new(seed)) });
        let vfs = RegisteredVfs::register(&shared);
        Self { shared, vfs }
    }

    /// The name to give to `Connection::open_with_flags_and_vfs`, or to `?vfs=` in a URI.
    pub fn vfs_name(&self) -> &str {
        self.vfs.name()
    }

    /// The power goes and comes back, keeping of the unsynced writes what the seed decides.
    pub fn power_loss(&self) {
        self.power_loss_keeping(Kept::Random);
    }

    /// The power goes and comes back.
    ///
    /// Every handle that was open fails from now on with `SQLITE_IOERR` and cannot reach the disk any more;
    /// locks and shared memory are gone; opening anew works. A loss that was still to come is cancelled;
    /// one that has come ([`Self::power_loss_after_operations`]) is over, as after [`Self::power_on`].
    pub fn power_loss_keeping(&self, kept: Kept) {
        let mut state = self.shared.state();
        state.lose_power(kept);
        state.power_on();
    }

    /// The power goes in the middle of the n-th operation from now, counted from 1.
    ///
    /// An operation is a write, truncate, sync or delete. The interrupted one fails, its effect is as
    /// uncertain as all that was not synced (an interrupted delete has not happened), and everything
    /// after it fails, opening too, until [`Self::power_on`] or [`Self::power_loss`]: otherwise the
    /// process that should be dead would open the disk again and go on.
    /// # Panics
    /// When n is 0.
    pub fn power_loss_after_operations(&self, n: u64) {
        self.power_loss_after_operations_keeping(n, Kept::Random);
    }

    /// As [`Self::power_loss_after_operations`], with a choice of what is kept.
    /// # Panics
    /// When n is 0.
    pub fn power_loss_after_operations_keeping(&self, n: u64, kept: Kept) {
        assert!(n > 0, "operations are counted from 1");
        self.shared.state().faults.power_loss = Some((n, kept));
    }

    /// Whether a loss set by [`Self::power_loss_after_operations`] has come and the power is still off.
    pub fn is_without_power(&self) -> bool {
        self.shared.state().is_without_power()
    }

    /// Ends the darkness after [`Self::power_loss_after_operations`]; does nothing while the power is on.
    pub fn power_on(&self) {
        self.shared.state().power_on();
    }

    /// The n-th sync from now, counted from 1, fails with `SQLITE_IOERR_FSYNC`; later ones succeed, without
    /// writing what the failed one should have written.
    /// # Panics
    /// When n is 0.
    pub fn fail_sync(&self, n: u64) {
        self.shared.state().faults.syncs = Some(state::Fault::once(n));
    }

    /// After n more syncs every one fails with `SQLITE_IOERR_FSYNC`, until [`Self::stop_failing`].
    pub fn fail_syncs_after(&self, n: u64) {
        self.shared.state().faults.syncs = Some(state::Fault::lasting_after(n));
    }

    /// The n-th write from now, counted from 1, fails with `SQLITE_IOERR_WRITE` and writes nothing.
    /// # Panics
    /// When n is 0.
    pub fn fail_write(&self, n: u64) {
        self.shared.state().faults.writes = Some(state::Fault::once(n));
    }

    /// After n more writes every one fails with `SQLITE_IOERR_WRITE`, until [`Self::stop_failing`].
    pub fn fail_writes_after(&self, n: u64) {
        self.shared.state().faults.writes = Some(state::Fault::lasting_after(n));
    }

    /// Takes back all faults that are set, including a power loss still to come; the capacity stays.
    pub fn stop_failing(&self) {
        self.shared.state().faults = state::Faults::default();
    }

    /// Limits the lengths of all files together; `None` lifts the limit. Unit: bytes.
    ///
    /// A write that would grow them beyond it fails with `SQLITE_FULL`; overwriting goes on.
    pub fn set_capacity_bytes(&self, capacity: Option<u64>) {
        self.shared.state().capacity_bytes = capacity;
    }

    /// The lengths of all files together. Unit: bytes.
    pub fn used_bytes(&self) -> u64 {
        self.shared.state().used_bytes()
    }

    /// Syncs asked for since the disk was made, failed ones included.
    pub fn sync_count(&self) -> u64 {
        self.shared.state().sync_count
    }

    /// Writes asked for since the disk was made, failed ones included.
    pub fn write_count(&self) -> u64 {
        self.shared.state().write_count
    }

    /// The paths of all files, sorted.
    pub fn paths(&self) -> Vec<String> {
        self.shared.state().paths()
    }

    /// The length in bytes, as a reader sees it; `None` when there is no such file.
    ///
    /// A path may be given by its end, here and below, as long as one file only has it.
    /// # Panics
    /// When several files end with `path`.
    pub fn file_len(&self, path: &str) -> Option<u64> {
        self.shared.state().find(path).map(StoredFile::len_bytes)
    }

    /// The bytes, as a reader sees them; `None` when there is no such file.
    /// # Panics
    /// When several files end with `path`.
    pub fn file_contents(&self, path: &str) -> Option<Vec<u8>> {
        self.shared.state().find(path).map(|file| file.contents().to_vec())
    }

    /// Turns one bit over, behind SQLite's back and durably; bit 0 is the lowest of the byte.
    /// # Panics
    /// When there is no such file, byte or bit, since a test that corrupts nothing would prove nothing.
    pub fn flip_bit(&self, path: &str, offset: u64, bit: u8) {
        assert!(bit < 8, "a byte has no bit {bit}");
        let mut state = self.shared.state();
        let file = state.find_mut(path).unwrap_or_else(|| panic!("no file {path}"));
        let len = file.len_bytes();
        let offset_in_file = usize::try_from(offset).ok().filter(|_| offset < len);
        file.flip(offset_in_file.unwrap_or_else(|| panic!("{path} has no byte {offset}")), 1 << bit);
    }
}
