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

/// The WAL is taken over into the file when it is this many times as long, so that fewer than one append in a
/// hundred has to wait for that. What it grows by is there for all later rounds.
pub const CHECKPOINT_AT_LENGTHS: u32 = 4;

/// A transaction of so many events writes more than growing would spare it.
const MANY_EVENTS: usize = 1024;

/// It is grown to twice its length when less than this share of the first length is left.
const GROW_BELOW: u32 = 8;

/// What a transaction that is written ahead of its COMMIT gets to spare: the COMMIT takes a few pages.
/// Unit: pages of 4 KiB.
const SPARE_PAGES: u32 = 16;

/// What a row may change beside the record: a leaf of each of three indexes, and now and then pages that are split.
/// Unit: pages of 4 KiB.
const PAGES_PER_ROW: u64 = 4;

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
    /// How much of it was in use before that commit.
    was_in_use: u32,
    /// It is taken over into the file when this much is in use.
    checkpoint_at: u32,
    /// Whether there was space for it to grow when it last did.
    may_grow: bool,
    /// What the transaction under way has got to spare.
    spare: u32,
    /// The rows that the transaction under way has written, also those that were taken back: their pages count.
    rows: u64,
    /// The records of these rows. Unit: bytes.
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
        let checkpoint_at = wanted * CHECKPOINT_AT_LENGTHS;
        Ok(Self {
            wanted,
            on_disk: 0,
            in_use,
            was_in_use: 0,
            checkpoint_at,
            may_grow: true,
            spare: 0,
            rows: 0,
            bytes: 0,
        })
    }

    fn in_use(&self) -> u32 {
        self.in_use.load(Ordering::Relaxed)
    }

    /// A transaction begins.
    pub(super) fn begin(&mut self) {
        self.was_in_use = self.in_use();
        self.spare = 0;
        self.rows = 0;
        self.bytes = 0;
    }

    /// The transaction is committed.
    pub(super) fn committed(&mut self) {
        let in_use = self.in_use();
        // Half of what was spare: the COMMIT took some of it, and those pages count as used.
        let there = in_use + self.spare / 2;
        // Begun anew, and not by this program: whoever took the WAL over may have cut it off, too.
        let was_taken_over = in_use < self.was_in_use;
        self.on_disk = if was_taken_over { there } else { self.on_disk.max(there) };
    }

    /// The transaction holds another record.
    pub(super) fn holds(&mut self, bytes: usize) {
        self.rows += 1;
        self.bytes += bytes as u64;
    }

    /// Whether the transaction under way can be committed without making the file longer.
    ///
    /// Records follow one another, so they fill pages of their own; the indexes are changed all over.
    fn has_room(&self) -> bool {
        let most = u64::from(SPARE_PAGES) + PAGES_PER_ROW * self.rows + 2 * (self.bytes / 4096);
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
    /// Grows the WAL at the start and when it is nearly used up, and takes it over into the file when it is full.
    ///
    /// A transaction of many events makes its room by itself, in [`Writer::write_ahead`].
    pub(super) fn make_room(&mut self, events: usize) -> Result<(), Trouble> {
        let WalRoom { wanted, on_disk, checkpoint_at, may_grow, .. } = self.wal;
        if on_disk < wanted {
            return self.grow_wal(wanted);
        }
        let in_use = self.wal.in_use();
        if in_use >= checkpoint_at {
            return self.checkpoint("RESTART");
        }
        // A reader that holds it back makes it longer than that, and only as far as each append needs.
        let most = wanted * CHECKPOINT_AT_LENGTHS;
        if may_grow && events < MANY_EVENTS && on_disk < most && in_use + wanted / GROW_BELOW > on_disk {
            match self.grow_wal((on_disk * 2).min(most)) {
                // What is there may do for long, and a transaction that needs more meets the full disk by itself.
                Err(Trouble::Full) => self.wal.may_grow = false,
                other => return other,
            }
        }
        Ok(())
    }

    /// Writes a transaction that may need more than the WAL has, all but its COMMIT, and some pages to spare.
    pub(super) fn write_ahead(&mut self, before: GlobalPosition) -> Result<(), Trouble> {
        let events = self.position.0 - before.0;
        if events == 0 || self.wal.has_room() {
            return Ok(());
        }
        self.connection.cache_flush()?;
        self.connection.execute_batch("SAVEPOINT spare")?;
        self.write_filler(SPARE_PAGES)?;
        self.connection.execute_batch("ROLLBACK TO spare; RELEASE spare")?;
        self.wal.spare = SPARE_PAGES;
        Ok(())
    }

    /// Writes a long transaction that is rolled back: the WAL keeps its length, the log stays as it is.
    fn grow_wal(&mut self, to: u32) -> Result<(), Trouble> {
        // A small cache, or the filler would be held in memory first.
        self.connection.execute_batch("PRAGMA cache_size = 16; PRAGMA cache_spill = 16")?;
        let grown = self
            .connection
            .execute_batch("BEGIN IMMEDIATE")
            .and_then(|()| self.write_filler(to.saturating_sub(self.wal.in_use())));
        let rolled_back =
            if self.connection.is_autocommit() { Ok(()) } else { self.connection.execute_batch("ROLLBACK") };
        self.connection.execute_batch("PRAGMA cache_size = -8192; PRAGMA cache_spill = ON")?;
        rolled_back?;
        grown?;
        self.wal.on_disk = to;
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
        if result? == 0 {
            self.wal.in_use.store(0, Ordering::Relaxed);
            self.wal.checkpoint_at = self.wal.wanted * CHECKPOINT_AT_LENGTHS;
            self.wal.may_grow = true;
        } else {
            // Not at once again: every append would wait for a reader that may take minutes.
            self.wal.checkpoint_at = self.wal.in_use() + self.wal.wanted / 16 + 1;
        }
        Ok(())
    }
}
