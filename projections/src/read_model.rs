//! A read model: the rows of one projector with their checkpoint, in one SQLite file or in memory.
//!
//! One mechanism serves all: rows are folded in a cache and written when it is flushed. Live it is flushed
//! after each small batch; in a rebuild when it reaches its bound and at the end; a plain fold has no file.

pub(crate) mod blocks;
pub(crate) mod check;
pub(crate) mod columns;
pub(crate) mod context;
pub mod file;
mod quarantine;
mod rows;
pub(crate) mod texts;

use crate::ledger::Ledger;
use crate::log_event::{LogEvent, Unreadable};
use crate::projector::{Context, Projector, Row, StateHash, Tally};
use context::Kept;
use docket_core::names::{GlobalPosition, TicketNumber};
use docket_core::time::Timestamp;
use file::ModelFile;
pub use file::{FileError, Purpose};
pub use quarantine::Quarantined;
pub(crate) use quarantine::with_quarantine;
use rows::{Appended, Cache, Sums};
use std::collections::{BTreeMap, HashSet};
use texts::Texts;

/// Rows that may change again and that a rebuild keeps in memory, whatever the length of the log. With rows of
/// about two kilobytes this bounds one projector at some 32 MiB (docs/adr/0008-rebuild.md).
pub const REBUILD_ROWS_MAX: usize = 16_384;

/// Rows that a live read model keeps at hand between batches.
pub const LIVE_ROWS_MAX: usize = 4096;

/// Rows that cannot change again are written when there are this many bytes of them.
const APPENDED_BYTES_MAX: usize = 1 << 20;

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
    /// Rows that may change again.
    rows: Cache<P>,
    rows_max: usize,
    /// Rows that cannot, of a projector whose rows do not change.
    appended: Appended,
    /// Texts to be found by words, of a projector that has them.
    texts: Texts,
    /// What rows are judged by.
    context: P::Context,
    checkpoint: Checkpoint,
    quarantine: BTreeMap<TicketNumber, Quarantined>,
    /// Tickets set aside or released since the last flush.
    quarantine_changed: bool,
    /// The highest key in the file, so that a row which cannot be there is not looked up; none in an empty file.
    highest_key: Option<i64>,
}

impl<P: Projector> ReadModel<P> {
    /// A plain fold, without a file.
    pub fn fold() -> Self {
        let start =
            Checkpoint { position: GlobalPosition::START, recorded_at: None, hash: StateHash::default() };
        Self::with(None, start, BTreeMap::new(), usize::MAX)
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
        let highest_key = file.highest_key()?;
        let context = context::context::<P>(file.connection())?;
        Ok(Self { highest_key, context, ..Self::with(Some(file), checkpoint, quarantine, rows_max) })
    }

    fn with(
        file: Option<ModelFile<P>>,
        checkpoint: Checkpoint,
        quarantine: BTreeMap<TicketNumber, Quarantined>,
        rows_max: usize,
    ) -> Self {
        Self {
            file,
            rows: Cache::default(),
            rows_max,
            appended: Appended::default(),
            texts: Texts::default(),
            context: P::Context::default(),
            checkpoint,
            quarantine,
            quarantine_changed: false,
            highest_key: None,
        }
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
                self.rows.shrink();
            }
            if self.appended.len() >= APPENDED_BYTES_MAX || self.texts.len() >= texts::BYTES_MAX {
                self.flush()?;
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
            Ok(decoded) => {
                if P::JUDGED.is_some() && self.context.take(decoded) {
                    self.judge_again(event, Kept::of(event.position, decoded))?;
                }
            }
        }
        if event.ticket().is_some_and(|ticket| self.quarantine.contains_key(&ticket)) {
            return Ok(());
        }
        let Some(key) = P::key(event) else { return Ok(()) };
        let taken = if P::ROWS_CHANGE {
            let load = || match &self.file {
                Some(file) if self.highest_key >= Some(key) => file.load(key),
                Some(_) | None => Ok(None),
            };
            let entry = self.rows.entry(key, event.position, load)?;
            P::apply(&mut entry.row, event, &self.context).map(|()| {
                entry.changed = true;
                let text = entry.row.as_ref().and_then(|row| P::text(&row.state, event));
                text.into_iter().for_each(|text| self.texts.push(text));
            })
        } else {
            let mut row = None;
            P::apply(&mut row, event, &self.context)
                .map(|()| row.iter().for_each(|row| self.appended.push(key, row)))
        };
        if let (Err(rejected), Some(ticket)) = (taken, event.ticket()) {
            self.set_aside(ticket, event.position, rejected.0);
        }
        Ok(())
    }

    /// Judges every row anew that a change of the context concerns, in one transaction with the change itself: nobody sees
    /// some rows judged by the old one and some by the new.
    fn judge_again(&mut self, event: &LogEvent, changed: Option<Kept>) -> Result<(), FileError> {
        if self.file.is_none() {
            self.rows.judge_again(&self.context);
            changed.iter().for_each(|kept| self.checkpoint.hash.add(kept.hash()));
            return Ok(());
        }
        self.flush()?;
        self.rows.clear();
        let Some(file) = &self.file else { return Ok(()) };
        let mut sums = Sums { hash: self.checkpoint.hash, tallies: BTreeMap::new() };
        let writing = file.write()?;
        writing.judge_again::<P>(file, &self.context, &mut sums)?;
        if let Some(changed) = changed {
            sums.hash.add(changed.hash());
            writing.context(&changed)?;
        }
        writing.tallies(&sums.tallies)?;
        writing.seal()?;
        let (position, recorded_at) = (event.position, Some(event.recorded_at));
        let checkpoint = Checkpoint { position, recorded_at, hash: sums.hash };
        writing.commit(&checkpoint, &self.quarantine)?;
        self.checkpoint = checkpoint;
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
            self.rows.forget_changes();
            self.appended.clear();
            self.texts.clear();
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
        let mut sums = Sums { hash: self.checkpoint.hash, tallies: BTreeMap::new() };
        let (checkpoint, shares, fresh) = match &self.file {
            Some(file) => {
                let writing = file.write()?;
                let shares = writing.rows(|put| {
                    self.appended.put(&mut sums, put)?;
                    self.rows.put(&mut sums, put)
                })?;
                let checkpoint = Checkpoint { hash: sums.hash, ..self.checkpoint };
                writing.tallies(&sums.tallies)?;
                writing.seal()?;
                let fresh = writing.texts(&self.texts)?;
                if self.quarantine_changed {
                    writing.quarantine(&self.quarantine)?;
                }
                writing.commit(&checkpoint, &self.quarantine)?;
                (checkpoint, shares, fresh)
            }
            None => {
                let nowhere = &mut |_, _: &[i64], _: &str, _: Option<&str>, _: Option<&Ledger>| Ok(());
                self.appended.put(&mut sums, nowhere)?;
                let shares = self.rows.put(&mut sums, nowhere)?;
                (Checkpoint { hash: sums.hash, ..self.checkpoint }, shares, HashSet::new())
            }
        };
        self.highest_key = self.highest_key.max(shares.last().map(|(key, _)| *key));
        self.rows.settle(shares);
        self.appended.clear();
        self.texts.settle(fresh);
        self.checkpoint = checkpoint;
        self.quarantine_changed = false;
        Ok(())
    }

    /// The hash over rows and tickets set aside: equal exactly when two read models say the same.
    pub fn digest(&self) -> StateHash {
        quarantine::with_quarantine(self.checkpoint.hash, self.quarantine.values())
    }

    /// Ends a rebuild: writes what is left, and makes the indexes. What it comes to is not on the disk yet.
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
