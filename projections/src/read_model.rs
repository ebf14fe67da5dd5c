//! A read model: the rows of one projector with their checkpoint, in one SQLite file or in memory.
//!
//! One mechanism serves all: rows are folded in a cache and written when it is flushed. Live it is flushed
//! after each small batch; in a rebuild when it reaches its bound and at the end; a plain fold has no file.

pub(crate) mod check;
pub mod file;
mod quarantine;

use crate::log_event::{LogEvent, Unreadable};
use crate::projector::{Projector, Row, StateHash, Tally};
use docket_core::names::{GlobalPosition, TicketNumber};
use docket_core::time::Timestamp;
use file::ModelFile;
pub use file::{FileError, Purpose};
pub use quarantine::Quarantined;
pub(crate) use quarantine::with_quarantine;
use std::collections::{BTreeMap, HashMap};

/// Rows that a rebuild keeps in memory before it writes them: with rows of about half a kilobyte this bounds
/// one projector at some 64 MiB, whatever the length of the log.
pub const REBUILD_ROWS_MAX: usize = 131_072;

/// Rows that a live read model keeps at hand between batches.
const LIVE_ROWS_MAX: usize = 4096;

/// How far a read model has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The last position whose event is in it.
    pub position: GlobalPosition,
    /// When that event was recorded; none before the first.
    pub recorded_at: Option<Timestamp>,
    /// The hash over all rows at that position.
    pub hash: StateHash,
}

/// Why a read model did not take a page in full.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// A newer release wrote the event at this position; nothing after it was taken.
    #[error("waits at position {position}: {why}")]
    Held {
        /// The event it waits at.
        position: GlobalPosition,
        /// Why.
        why: String,
    },
    /// The file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
}

/// The rows of a projector and their checkpoint.
pub struct ReadModel<P: Projector> {
    file: Option<ModelFile<P>>,
    rows: HashMap<i64, Entry<P>>,
    rows_max: usize,
    checkpoint: Checkpoint,
    quarantine: BTreeMap<TicketNumber, Quarantined>,
    /// Tickets set aside or released since the last flush.
    quarantine_changed: bool,
    /// Whether the file holds any row; while it does not, none is looked up in it.
    written: bool,
}

/// A row in the cache.
struct Entry<P: Projector> {
    row: Option<Row<P>>,
    /// What the row adds to the hash and the counters as it was last flushed.
    flushed: Option<(StateHash, Vec<Tally>)>,
    changed: bool,
}

/// What one flush writes.
struct Changes<'a, P: Projector> {
    rows: Vec<(i64, &'a Row<P>, String)>,
    tallies: BTreeMap<Tally, i64>,
}

impl<P: Projector> ReadModel<P> {
    /// A plain fold, without a file.
    pub fn fold() -> Self {
        Self::with(None, GlobalPosition::START, None, StateHash::default(), BTreeMap::new(), usize::MAX)
    }

    /// A read model in a file, going on where it stopped.
    ///
    /// # Errors
    /// [`FileError`]; a file that is damaged or was made by another projector says so.
    pub fn open(path: &std::path::Path, purpose: Purpose) -> Result<Self, FileError> {
        let file = ModelFile::open(path, purpose)?;
        let (checkpoint, quarantine) = file.standing()?;
        let rows_max = match purpose {
            Purpose::Live => LIVE_ROWS_MAX,
            Purpose::Rebuild | Purpose::Memory => REBUILD_ROWS_MAX,
        };
        let Checkpoint { position, recorded_at, hash } = checkpoint;
        Ok(Self::with(Some(file), position, recorded_at, hash, quarantine, rows_max))
    }

    fn with(
        file: Option<ModelFile<P>>,
        position: GlobalPosition,
        recorded_at: Option<Timestamp>,
        hash: StateHash,
        quarantine: BTreeMap<TicketNumber, Quarantined>,
        rows_max: usize,
    ) -> Self {
        let checkpoint = Checkpoint { position, recorded_at, hash };
        let (rows, quarantine_changed, written) = (HashMap::new(), false, position > GlobalPosition::START);
        Self { file, rows, rows_max, checkpoint, quarantine, quarantine_changed, written }
    }

    /// Keeps at most this many rows in memory: less memory for more writing.
    pub fn keep_rows(&mut self, rows_max: usize) {
        self.rows_max = rows_max;
    }

    /// How far it has come. The hash is that of the last flush.
    pub fn checkpoint(&self) -> Checkpoint {
        self.checkpoint
    }

    /// The tickets that are set aside.
    pub fn quarantine(&self) -> impl Iterator<Item = &Quarantined> {
        self.quarantine.values()
    }

    /// The file, for queries on the same connection.
    pub fn connection(&self) -> Option<&rusqlite::Connection> {
        self.file.as_ref().map(ModelFile::connection)
    }

    /// Takes the events of a page that come after the checkpoint, up to a position.
    ///
    /// # Errors
    /// [`ApplyError::Held`] after taking all events before the one it waits at.
    pub fn apply(&mut self, page: &[LogEvent], up_to: GlobalPosition) -> Result<(), ApplyError> {
        for event in page {
            if event.position <= self.checkpoint.position {
                continue;
            }
            if event.position > up_to {
                break;
            }
            self.take(event)?;
            self.checkpoint.position = event.position;
            self.checkpoint.recorded_at = Some(event.recorded_at);
            if self.rows.len() >= self.rows_max {
                self.flush()?;
                self.rows.clear();
            }
        }
        Ok(())
    }

    fn take(&mut self, event: &LogEvent) -> Result<(), ApplyError> {
        match &event.event {
            Err(Unreadable::Newer(why)) => {
                return Err(ApplyError::Held { position: event.position, why: why.clone() });
            }
            Err(Unreadable::Damaged(why)) => {
                // An event that is about no ticket has no row to flag; verifying the log reports it.
                if let Some(ticket) = event.ticket() {
                    self.set_aside(ticket, event.position, why.clone());
                }
                return Ok(());
            }
            Ok(_) => {}
        }
        if event.ticket().is_some_and(|ticket| self.quarantine.contains_key(&ticket)) {
            return Ok(());
        }
        let Some(key) = P::key(event) else { return Ok(()) };
        let entry = match self.rows.entry(key) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(vacant) => {
                let loaded = match &self.file {
                    Some(file) if P::ROWS_CHANGE && self.written => file.load(key)?,
                    Some(_) | None => None,
                };
                vacant.insert(match loaded {
                    Some((row, hash)) => {
                        let tallies = P::tallies(&row.state);
                        Entry { row: Some(row), flushed: Some((hash, tallies)), changed: false }
                    }
                    None => Entry { row: None, flushed: None, changed: false },
                })
            }
        };
        match P::apply(&mut entry.row, event) {
            Ok(()) => entry.changed = true,
            Err(rejected) => {
                if let Some(ticket) = event.ticket() {
                    self.set_aside(ticket, event.position, rejected.0);
                }
            }
        }
        Ok(())
    }

    fn set_aside(&mut self, ticket: TicketNumber, position: GlobalPosition, why: String) {
        self.quarantine.entry(ticket).or_insert(Quarantined { ticket, position, why });
        self.quarantine_changed = true;
    }

    /// Tries again with a ticket that was set aside: its events from the one that could not be taken on.
    ///
    /// # Errors
    /// [`ApplyError::File`]; a ticket that still cannot be taken is set aside again.
    pub fn retry(&mut self, ticket: TicketNumber, events: &[LogEvent]) -> Result<bool, ApplyError> {
        // What is not written yet must not be given up with a try that fails half-way.
        self.flush()?;
        let Some(set_aside) = self.quarantine.remove(&ticket) else { return Ok(true) };
        self.quarantine_changed = true;
        if let Err(error) = self.take_again(&set_aside, events) {
            self.rows.retain(|_, entry| !entry.changed);
            self.quarantine.insert(ticket, set_aside);
            return Err(error);
        }
        Ok(!self.quarantine.contains_key(&ticket))
    }

    fn take_again(&mut self, set_aside: &Quarantined, events: &[LogEvent]) -> Result<(), ApplyError> {
        for event in events {
            let due = event.position >= set_aside.position && event.position <= self.checkpoint.position;
            if due && event.ticket() == Some(set_aside.ticket) {
                self.take(event)?;
            }
        }
        Ok(self.flush()?)
    }

    /// Brings hash and counters up to date, and writes rows and checkpoint in one transaction.
    ///
    /// # Errors
    /// [`FileError`]; the file then stands where it stood.
    pub fn flush(&mut self) -> Result<(), FileError> {
        let mut changes = Changes { rows: Vec::new(), tallies: BTreeMap::new() };
        let mut hash = self.checkpoint.hash;
        let mut keys: Vec<i64> =
            self.rows.iter().filter(|(_, entry)| entry.changed).map(|(key, _)| *key).collect();
        keys.sort_unstable();
        let mut flushed = Vec::with_capacity(keys.len());
        for key in &keys {
            let entry = &self.rows[key];
            if let Some((old, tallies)) = &entry.flushed {
                hash.subtract(*old);
                tallies.iter().for_each(|tally| *changes.tallies.entry(*tally).or_default() -= 1);
            }
            let Some(row) = &entry.row else {
                flushed.push(None);
                continue;
            };
            let state = encode(&row.state);
            let new = StateHash::of(*key, state.as_bytes());
            let tallies = P::tallies(&row.state);
            hash.add(new);
            tallies.iter().for_each(|tally| *changes.tallies.entry(*tally).or_default() += 1);
            flushed.push(Some((new, tallies)));
            changes.rows.push((*key, row, state));
        }
        changes.tallies.retain(|_, change| *change != 0);
        let checkpoint = Checkpoint { hash, ..self.checkpoint };
        if let Some(file) = &mut self.file {
            file.write(&changes, &checkpoint, &self.quarantine, self.quarantine_changed)?;
        }
        drop(changes);
        for (key, flushed) in keys.into_iter().zip(flushed) {
            if let Some(entry) = self.rows.get_mut(&key) {
                (entry.flushed, entry.changed) = (flushed, false);
            }
        }
        self.checkpoint = checkpoint;
        self.quarantine_changed = false;
        self.written = true;
        Ok(())
    }

    /// The hash over rows and tickets set aside: equal exactly when two read models say the same.
    pub fn digest(&self) -> StateHash {
        quarantine::with_quarantine(self.checkpoint.hash, self.quarantine.values())
    }

    /// Ends a rebuild: writes what is left, makes the indexes, and puts everything on the disk.
    ///
    /// # Errors
    /// [`FileError`]
    pub fn finish(&mut self) -> Result<(), FileError> {
        self.flush()?;
        self.rows.clear();
        match &mut self.file {
            Some(file) => file.finish(),
            None => Ok(()),
        }
    }

    /// Recomputes the hash from the rows in the file, to check what was written.
    ///
    /// # Errors
    /// [`FileError`]
    pub fn recompute(&self) -> Result<StateHash, FileError> {
        match &self.file {
            Some(file) => Ok(quarantine::with_quarantine(file.hash_of_rows()?, self.quarantine.values())),
            None => Ok(self.digest()),
        }
    }
}

/// The stored form of a row's state: JSON with fields in their declared order.
fn encode<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("rows are plain structs with string keys")
}
