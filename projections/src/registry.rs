//! The list of projectors. A new one is one line here; everything that runs over all of them finds it.

use crate::directory::Directory;
use crate::due::DueDates;
use crate::log_event::LogEvent;
use crate::metrics::Metrics;
use crate::projector::{Projector, StateHash, fingerprint, schema_fingerprint};
use crate::queue::Queue;
use crate::read_model::check::check;
use crate::read_model::{ApplyError, Checkpoint, FileError, Purpose, Quarantined, ReadModel};
use crate::reports::Reports;
use crate::roster::Roster;
use crate::search::Search;
use crate::sla::Sla;
use crate::timeline::Timeline;
use docket_core::names::{GlobalPosition, TicketNumber};
use rusqlite::Connection;
use std::path::Path;

/// All projectors, in the order in which they are shown.
pub fn all() -> Vec<Definition> {
    vec![
        Definition::of::<Queue>(),
        Definition::of::<Timeline>(),
        Definition::of::<Sla>(),
        Definition::of::<Metrics>(),
        Definition::of::<Directory>(),
        Definition::of::<Search>(),
        Definition::of::<DueDates>(),
        Definition::of::<Roster>(),
        Definition::of::<Reports>(),
    ]
}

type Open = fn(&Path, Purpose) -> Result<Box<dyn Model>, FileError>;
type Check = fn(&Path, Stop) -> Result<(), FileError>;

/// Is asked from time to time whether to stop.
pub type Stop = Box<dyn FnMut() -> bool + Send>;

/// A projector without its type: what runs and rebuilds a read model needs to know.
#[derive(Clone)]
pub struct Definition {
    /// The read model's name.
    pub name: &'static str,
    /// What it is made by: changes with definition or schema.
    pub fingerprint: String,
    /// What its file looks like: changes with the schema only.
    pub schema: String,
    open: Open,
    fold: fn() -> Box<dyn Model>,
    check: Check,
}

impl Definition {
    /// The definition of a projector.
    pub fn of<P: Projector>() -> Self {
        Self {
            name: P::NAME,
            fingerprint: fingerprint::<P>(),
            schema: schema_fingerprint::<P>(),
            open: |path, purpose| Ok(Box::new(ReadModel::<P>::open(path, purpose)?)),
            fold: || Box::new(ReadModel::<P>::fold()),
            check: |path, stop| check::<P>(path, stop),
        }
    }

    /// Opens a read model's file, making it where it is missing.
    ///
    /// # Errors
    /// [`FileError`]
    pub fn open(&self, path: &Path, purpose: Purpose) -> Result<Box<dyn Model>, FileError> {
        (self.open)(path, purpose)
    }

    /// A plain fold without a file: what every read model must be equal to.
    pub fn fold(&self) -> Box<dyn Model> {
        (self.fold)()
    }

    /// Checks a read model's file against itself: pages, indexes, rows, columns, counters and hash.
    ///
    /// # Errors
    /// [`FileError::Damaged`] says what is wrong; being told to stop is an error of SQLite.
    pub fn check(&self, path: &Path, stop: Stop) -> Result<(), FileError> {
        (self.check)(path, stop)
    }
}

/// A read model without its projector's type.
pub trait Model: Send {
    /// See [`ReadModel::keep_rows`].
    fn keep_rows(&mut self, rows_max: usize);
    /// See [`ReadModel::apply`].
    ///
    /// # Errors
    /// As there.
    fn apply(&mut self, page: &[LogEvent], up_to: GlobalPosition) -> Result<(), ApplyError>;
    /// See [`ReadModel::flush`].
    ///
    /// # Errors
    /// As there.
    fn flush(&mut self) -> Result<(), FileError>;
    /// See [`ReadModel::finish`].
    ///
    /// # Errors
    /// As there.
    fn finish(&mut self) -> Result<(), FileError>;
    /// See [`ReadModel::retry`].
    ///
    /// # Errors
    /// As there.
    fn retry(&mut self, ticket: TicketNumber, events: &[LogEvent]) -> Result<bool, ApplyError>;
    /// See [`ReadModel::recompute`].
    ///
    /// # Errors
    /// As there.
    fn recompute(&self) -> Result<StateHash, FileError>;
    /// See [`ReadModel::checkpoint`].
    fn checkpoint(&self) -> Checkpoint;
    /// See [`ReadModel::digest`].
    fn digest(&self) -> StateHash;
    /// See [`ReadModel::quarantine`].
    fn quarantine(&self) -> Vec<Quarantined>;
    /// See [`ReadModel::connection`].
    fn connection(&self) -> Option<&Connection>;
}

impl<P: Projector> Model for ReadModel<P> {
    fn keep_rows(&mut self, rows_max: usize) {
        self.keep_rows(rows_max);
    }
    fn apply(&mut self, page: &[LogEvent], up_to: GlobalPosition) -> Result<(), ApplyError> {
        self.apply(page, up_to)
    }
    fn flush(&mut self) -> Result<(), FileError> {
        self.flush()
    }
    fn finish(&mut self) -> Result<(), FileError> {
        self.finish()
    }
    fn retry(&mut self, ticket: TicketNumber, events: &[LogEvent]) -> Result<bool, ApplyError> {
        self.retry(ticket, events)
    }
    fn recompute(&self) -> Result<StateHash, FileError> {
        self.recompute()
    }
    fn checkpoint(&self) -> Checkpoint {
        self.checkpoint()
    }
    fn digest(&self) -> StateHash {
        self.digest()
    }
    fn quarantine(&self) -> Vec<Quarantined> {
        self.quarantine().cloned().collect()
    }
    fn connection(&self) -> Option<&Connection> {
        self.connection()
    }
}
