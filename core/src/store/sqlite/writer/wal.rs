//! Room in the WAL: a commit overwrites what is on the disk already, so that a full disk is met before it.
//!
//! An error at COMMIT says nothing about what is on the disk, and the store has to stop after it. Lack of
//! space should never be such an error: whatever makes a file longer is done while rolling back is still
//! certain (promise D6).

use super::{Trouble, Writer};
use crate::names::GlobalPosition;
use crate::store::sqlite::schema;
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The length that the WAL is given before the first append. Commits then overwrite it in place, which also
/// spares each `fsync` the file's new length. Unit: pages of 4 KiB.
pub const WAL_PAGES: u32 = 8192;

/// What a large transaction gets to spare, in proportion to the WAL: the COMMIT of what is written already
/// takes a few pages, and what is left of it saves the next one from doing the same.
const SPARE_PAGES: std::ops::RangeInclusive<u32> = 16..=64;

/// How long a checkpoint waits for a reader.
const READER_WAIT: Duration = Duration::from_millis(20);

/// What is known of the WAL. Unit, unless another is told: pages of 4 KiB.
pub(in crate::store::sqlite) struct WalRoom {
    /// How long it is to be made before the first append.
    wanted: u32,
    /// How much the file has place for, at least.
    on_disk: u32,
    /// How much of that is in use, as the last commit left it.
    in_use: Arc<AtomicU32>,
    /// It is taken over into the file when this much is in use.
    checkpoint_at: u32,
    /// What a large transaction gets to spare when it is written ahead of its COMMIT.
    spare: u32,
    /// Whether the transaction under way got it.
    has_spare: bool,
    /// The records of the transaction under way. Unit: bytes.
    bytes: u64,
}

impl WalRoom {
    pub(in crate::store::sqlite) fn new(
        connection: &mut Connection,
        wanted: u32,
    ) -> Result<Self, rusqlite::Error> {
        let in_use = Arc::new(AtomicU32::new(0));
        let counter = in_use.clone();
        connection.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages: i32| {
            counter.store(pages.unsigned_abs(), Ordering::Relaxed);
            Ok(())
        }))?;
        let spare = (wanted / 32).clamp(*SPARE_PAGES.start(), *SPARE_PAGES.end());
        Ok(Self { wanted, on_disk: 0, in_use, checkpoint_at: wanted / 2, spare, has_spare: false, bytes: 0 })
    }

    fn in_use(&self) -> u32 {
        self.in_use.load(Ordering::Relaxed)
    }

    /// A transaction begins.
    pub(super) fn begin(&mut self) {
        self.has_spare = false;
        self.bytes = 0;
    }

    /// The transaction is committed.
    pub(super) fn committed(&mut self) {
        // Half of what was spare: the COMMIT took some of it, and those pages count as used.
        let spare = if self.has_spare { self.spare / 2 } else { 0 };
        self.on_disk = self.on_disk.max(self.in_use() + spare);
    }

    /// The transaction holds another record.
    pub(super) fn holds(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
    }

    /// Whether a transaction of so many events can be committed without making the file longer.
    ///
    /// Each row changes a leaf of the table and of each of three indexes, and a split now and then a few pages
    /// more; 14 is far above what random keys come to.
    fn has_room_for(&self, events: u64) -> bool {
        let most = 64 + 14 * events + 2 * (self.bytes / 4096);
        u64::from(self.in_use()) + most <= u64::from(self.on_disk)
    }
}

/// Takes over into the file, written anew and synced, what the last process left in the WAL.
///
/// It may have died between the write and the sync of a commit, or because that sync failed; then what can be
/// read in the WAL is not on the disk, no later sync need put it there, and to find it would acknowledge it.
pub(in crate::store::sqlite) fn settle(connection: &Connection) -> Result<bool, rusqlite::Error> {
    let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(busy == 0)
}

impl Writer {
    /// Grows the WAL at the start, and takes it over into the file when it is full enough.
    pub(super) fn make_room(&mut self) -> Result<(), Trouble> {
        if self.wal.on_disk < self.wal.wanted {
            self.grow_wal()?;
        }
        if self.wal.in_use() >= self.wal.checkpoint_at {
            self.checkpoint("RESTART")?;
        }
        Ok(())
    }

    /// Writes a transaction that may need more than the WAL has, all but its COMMIT, and some pages to spare.
    pub(super) fn write_ahead(&mut self, before: GlobalPosition) -> Result<(), Trouble> {
        let events = self.position.0 - before.0;
        if events == 0 || self.wal.has_room_for(events) {
            return Ok(());
        }
        self.connection.cache_flush()?;
        self.connection.execute_batch("SAVEPOINT spare")?;
        self.write_filler(self.wal.spare)?;
        self.connection.execute_batch("ROLLBACK TO spare; RELEASE spare")?;
        self.wal.has_spare = true;
        Ok(())
    }

    /// Writes a long transaction that is rolled back: the WAL keeps its length, the log stays as it is.
    fn grow_wal(&mut self) -> Result<(), Trouble> {
        // A small cache, or the filler would be held in memory first.
        self.connection.execute_batch("PRAGMA cache_size = 16; PRAGMA cache_spill = 16")?;
        let grown = self
            .connection
            .execute_batch("BEGIN IMMEDIATE")
            .and_then(|()| self.write_filler(self.wal.wanted));
        let rolled_back =
            if self.connection.is_autocommit() { Ok(()) } else { self.connection.execute_batch("ROLLBACK") };
        self.connection.execute_batch("PRAGMA cache_size = -8192; PRAGMA cache_spill = ON")?;
        rolled_back?;
        grown?;
        self.wal.on_disk = self.wal.wanted;
        Ok(())
    }

    /// Whoever calls this rolls it back.
    fn write_filler(&self, pages: u32) -> Result<(), rusqlite::Error> {
        self.connection.execute_batch("CREATE TABLE filler (bytes BLOB)")?;
        let bytes = i64::from(pages) * 4096;
        self.connection.execute("INSERT INTO filler VALUES (zeroblob(?1))", [bytes])?;
        self.connection.cache_flush()
    }

    /// Takes the WAL over into the file. A reader that holds an old page back is waited for at a later turn.
    pub(super) fn checkpoint(&mut self, mode: &str) -> Result<(), Trouble> {
        let sql = format!("PRAGMA wal_checkpoint({mode})");
        self.connection.busy_timeout(READER_WAIT)?;
        let result = self.connection.query_row(&sql, [], |row| row.get::<_, i64>(0));
        self.connection.busy_timeout(schema::LOCK_WAIT)?;
        let half = self.wal.wanted / 2;
        if result? == 0 {
            self.wal.in_use.store(0, Ordering::Relaxed);
            self.wal.checkpoint_at = half;
        } else {
            // Not at once again: every append would wait for a reader that may take minutes.
            self.wal.checkpoint_at = self.wal.in_use() + half / 8 + 1;
        }
        Ok(())
    }
}
