//! The log in a data directory, read and written one step after the other.
//!
//! The only place of this program that names a concrete store and its runtime.

use crate::core_words;
use crate::failure::Failure;
use crate::sentence::Sentence;
use docket_core::clock::SystemClock;
use docket_core::handler::CommandHandler;
use docket_core::handler::import::Intake;
use docket_core::names::{EventId, GlobalPosition, StreamName, StreamVersion};
use docket_core::record::{RecordedEvent, StoredRecord};
use docket_core::store::data_dir::{DataDir, DataDirError, WriteLock};
use docket_core::store::sqlite::SqliteOptions;
use docket_core::store::{
    EVENTS_PER_APPEND_MAX, EventStore, Progress, READ_RECORDS_MAX, ReadError, Verified, may_go_on,
};
use std::sync::Arc;
use tokio::runtime::Runtime;

/// The name under which this program holds a data directory.
pub const PROGRAM: &str = "docket-replay";

/// An open log. Fields go in this order: nobody may take the directory before the log is closed.
pub struct Log {
    runtime: Runtime,
    store: Arc<dyn EventStore>,
    _lock: Option<WriteLock>,
}

impl Log {
    /// Opens a log to read it; a server may have it open.
    ///
    /// # Errors
    /// [`Failure::DataDir`] or [`Failure::Open`]
    pub fn to_read(data: &DataDir) -> Result<Self, Failure> {
        let data = data.clone().existing()?;
        let options = SqliteOptions::new(data.log());
        if let Err(damage) = options.check_what_is_left()
            && !data.is_held()
        {
            // Whoever holds it has checked, and writes to it.
            return Err(damage.into());
        }
        let store = options.open_read_only()?;
        Ok(Self { runtime: runtime()?, store: Arc::new(store), _lock: None })
    }

    /// Opens a log to add to it, making it where it is missing; no other process may have it open.
    ///
    /// # Errors
    /// [`Failure::DataDir`] says who has it; [`Failure::Open`]
    pub fn to_write(data: &DataDir) -> Result<Self, Failure> {
        let lock = data.lock(PROGRAM)?;
        let store = SqliteOptions::new(data.log()).open(Arc::new(SystemClock))?;
        Ok(Self { runtime: runtime()?, store: Arc::new(store), _lock: Some(lock) })
    }

    /// The store behind it.
    pub fn store(&self) -> &dyn EventStore {
        self.store.as_ref()
    }

    /// The store behind it, to be shared with threads.
    pub fn shared_store(&self) -> Arc<dyn EventStore> {
        self.store.clone()
    }

    /// The runtime that the store's work is waited for on.
    pub fn runtime(&self) -> tokio::runtime::Handle {
        self.runtime.handle().clone()
    }

    /// The last position.
    pub fn head(&self) -> GlobalPosition {
        *self.store.head().borrow()
    }

    /// Waits for something that the store does.
    pub fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Hands every record after one position, up to another, to a function, in order.
    ///
    /// # Errors
    /// [`Failure::Read`], and whatever the function returns.
    pub fn scan(
        &self,
        after: GlobalPosition,
        up_to: GlobalPosition,
        mut take: impl FnMut(&StoredRecord) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut at = after;
        while at < up_to {
            let limit = READ_RECORDS_MAX.min((up_to.0 - at.0) as usize);
            let records = self.wait(self.store.read_all(at, limit))?;
            let Some(last) = records.last() else { break };
            at = last.position;
            records.iter().try_for_each(&mut take)?;
        }
        Ok(())
    }

    /// All records of a stream.
    ///
    /// # Errors
    /// [`Failure::Read`]
    pub fn stream(&self, stream: &StreamName) -> Result<Vec<StoredRecord>, Failure> {
        let mut records: Vec<StoredRecord> = Vec::new();
        loop {
            let after = StreamVersion(records.len() as u64);
            let page = self.wait(self.store.read_stream(stream, after, READ_RECORDS_MAX))?;
            let full = may_go_on(&page, READ_RECORDS_MAX);
            records.extend(page);
            if !full {
                return Ok(records);
            }
        }
    }

    /// The record of an event id.
    ///
    /// # Errors
    /// [`Failure::Read`]
    pub fn find(&self, id: EventId) -> Result<Option<StoredRecord>, Failure> {
        let Some(position) = self.wait(self.store.position_of(id))? else { return Ok(None) };
        let records = self.wait(self.store.read_all(GlobalPosition(position.0.saturating_sub(1)), 1))?;
        Ok(records.into_iter().next())
    }

    /// Begins to take in the cases of a system.
    ///
    /// # Errors
    /// [`Failure::Read`]
    pub fn intake(&self, system: &str) -> Result<Intake, Failure> {
        let highest = self.wait(CommandHandler::highest_number(self.store()))?;
        let handler = CommandHandler::new(self.store.clone(), Arc::new(SystemClock), highest);
        Ok(self.wait(Intake::begin(Arc::new(handler), system, EVENTS_PER_APPEND_MAX)))
    }

    /// Checks every record.
    ///
    /// # Errors
    /// [`ReadError::Damaged`] names the first position that is wrong.
    pub fn verify(&self, progress: Progress) -> Result<Verified, ReadError> {
        self.wait(self.store.verify(progress))
    }
}

/// Reads a record's envelope.
///
/// # Errors
/// [`Failure::Record`]
pub fn decode(record: &StoredRecord) -> Result<RecordedEvent<'_>, Failure> {
    record.decode().map_err(|error| {
        let why = Sentence::new(move |texts| core_words::record(&error, texts));
        Failure::Record { position: record.position.0, why }
    })
}

fn runtime() -> Result<Runtime, Failure> {
    // One worker beside the main thread: an append runs while the next one is prepared.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.map_err(|source| DataDirError::Io { path: "the runtime".into(), source }.into())
}
