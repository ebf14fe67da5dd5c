//! The event store: what every store promises, whatever keeps the bytes.
//!
//! The promises are in docs/PROMISES.md (D1 to D7, O1, O2) and are held by one conformance suite for all
//! stores. A store knows streams, versions and bytes; it does not know what a ticket is.

mod check;
pub mod data_dir;
pub mod files;
pub mod memory;
#[cfg(feature = "sqlite")]
pub mod operational;
#[cfg(feature = "sqlite")]
pub mod sqlite;
mod staging;

use crate::names::{EventId, GlobalPosition, StreamName, StreamVersion};
use crate::record::{NewEvent, StoredRecord};
use async_trait::async_trait;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;

/// What the version of a stream must be for an append to go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedVersion {
    /// Whatever it is.
    Any,
    /// Exactly this; [`StreamVersion::NONE`] for a stream that must not exist yet.
    Exactly(StreamVersion),
}

/// A command's idempotency key: whose it is, what they chose, and a digest of what they sent with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandKey {
    /// Whose key it is.
    pub principal: String,
    /// The key.
    pub key: String,
    /// HMAC of the body, in hexadecimal; the same key with another digest is refused.
    pub digest: String,
}

/// What to append to one stream.
#[derive(Clone, Debug)]
pub struct StreamAppend {
    /// Which stream.
    pub stream: StreamName,
    /// What its version must be.
    pub expected: ExpectedVersion,
    /// What to append; empty to make the append depend on a stream without adding to it.
    pub events: Vec<NewEvent>,
}

/// One atomic append: all of it, contiguous in the log, or nothing.
#[derive(Clone, Debug, Default)]
pub struct Append {
    /// The command's key, if it has one.
    pub command: Option<CommandKey>,
    /// The streams, in the order in which their events come in the log.
    pub streams: Vec<StreamAppend>,
}

/// What an append came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Position of the first event.
    pub first: GlobalPosition,
    /// Position of the last event.
    pub last: GlobalPosition,
    /// The version after it of each stream that it added to, in the order of their first events.
    pub versions: Vec<(StreamName, StreamVersion)>,
    /// Whether it had been appended before, and this only found it.
    pub found: bool,
}

/// A fact for [`EventStore::append_facts`].
#[derive(Clone, Debug)]
pub struct Fact {
    /// Which stream.
    pub stream: StreamName,
    /// What happened.
    pub event: NewEvent,
}

/// What a bulk append came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BulkAppended {
    /// Facts that are new.
    pub appended: u64,
    /// Facts that were in the log already, by their event id.
    pub already_there: u64,
}

/// Why an append was not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// Another append came first.
    #[error("stream {stream} is at version {actual}, not {expected}")]
    Conflict {
        /// Which stream.
        stream: StreamName,
        /// What was expected.
        expected: StreamVersion,
        /// What it is.
        actual: StreamVersion,
    },
    /// The key was used before, with another body.
    #[error("the idempotency key was used before with another body, at position {position}")]
    KeyReused {
        /// Where the first command with this key is.
        position: GlobalPosition,
    },
    /// An event id is in the log already, for something else.
    #[error("event id {id} is in the log already, at position {position}")]
    IdReused {
        /// Which id.
        id: EventId,
        /// Where it is; 0 when the append itself holds it twice.
        position: GlobalPosition,
    },
    /// A record would be larger than [`RECORD_BYTES_MAX`], or an append holds nothing or too much.
    #[error("{what} must be at most {max}, is {is}")]
    Limit {
        /// What is too large.
        what: &'static str,
        /// How much is allowed.
        max: usize,
        /// How much it is.
        is: usize,
    },
    /// Too many appends are waiting. Nothing was recorded; try again.
    #[error("too many commands are waiting; try again")]
    Busy,
    /// The disk is full. Nothing was recorded; writing resumes when there is space.
    #[error("the disk is full; writing resumes when there is space")]
    StorageFull,
    /// Whether it was recorded is not known. The store has stopped; the same key finds out after a restart.
    #[error("whether the command was recorded is not known; repeat it with the same key")]
    OutcomeUnknown,
    /// The store takes no appends any more: it was closed, is read-only, or has failed.
    #[error("the log takes no commands now: {why}")]
    Closed {
        /// Why.
        why: String,
    },
}

/// Why something could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The bytes at a position are not what was stored. Never served, never repaired.
    #[error("the log is damaged at position {position}: {what}")]
    Damaged {
        /// The first position that is wrong.
        position: GlobalPosition,
        /// What is wrong with it.
        what: String,
    },
    /// The medium could not be read.
    #[error("the log cannot be read: {why}")]
    Unavailable {
        /// Why.
        why: String,
    },
}

/// What a full check of the log found in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many events.
    pub events: u64,
    /// How many streams.
    pub streams: u64,
    /// How many bytes of records.
    pub bytes: u64,
}

/// How full the queue of waiting appends is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueDepth {
    /// Appends that wait.
    pub waiting: usize,
    /// Appends that may wait; one more is answered with [`AppendError::Busy`].
    pub max: usize,
}

/// Is told the position that a long walk through the log has reached.
pub type Progress = Arc<dyn Fn(GlobalPosition) + Send + Sync>;

/// The largest record. Unit: bytes.
pub const RECORD_BYTES_MAX: usize = 1024 * 1024;

/// The most events that one append may hold.
pub const EVENTS_PER_APPEND_MAX: usize = 4096;

/// The most records that one read returns.
pub const READ_RECORDS_MAX: usize = 4096;

/// A read ends with the record that brings it to this many bytes, so that no log makes it large.
pub const READ_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Whether more may lie behind what a read with a limit returned.
pub fn may_go_on(page: &[StoredRecord], limit: usize) -> bool {
    let bytes: usize = page.iter().map(|record| record.bytes.len()).sum();
    page.len() >= limit.min(READ_RECORDS_MAX) || bytes >= READ_BYTES_MAX
}

/// Keeps the log.
///
/// Positions are gapless, 1-based, and in the order of commits: once a reader has seen a position, nothing
/// ever appears below it (promise O1).
#[async_trait]
pub trait EventStore: Send + Sync + 'static {
    /// Appends all of it or nothing; returns once it is durable.
    ///
    /// An append whose key, or whose event ids, are in the log already finds what is there: doing it twice is
    /// doing it once.
    ///
    /// # Errors
    /// [`AppendError`]; after all but `OutcomeUnknown` nothing was recorded.
    async fn append(&self, append: Append) -> Result<Appended, AppendError>;

    /// Appends facts in order, as they were, leaving out those that are there already by their event id; at
    /// most [`EVENTS_PER_APPEND_MAX`] at a time.
    ///
    /// # Errors
    /// As for [`EventStore::append`]; either all new facts are recorded or none.
    async fn append_facts(&self, facts: Vec<Fact>) -> Result<BulkAppended, AppendError>;

    /// Puts exported records back, byte for byte, right after the last one that is there.
    ///
    /// # Errors
    /// [`AppendError::Limit`] as for an append; [`AppendError::Conflict`] when a record does not continue its
    /// stream; `IdReused` or `KeyReused` when its id or its command's key is there already; `Closed` when it
    /// is no sound record or does not continue the log. Either all are recorded or none.
    async fn restore(&self, records: Vec<StoredRecord>) -> Result<(), AppendError>;

    /// What the command with this key came to, if it was appended.
    ///
    /// # Errors
    /// [`AppendError::KeyReused`] when it was another command; [`AppendError::Closed`] when the log cannot be
    /// read.
    async fn find_command(&self, key: &CommandKey) -> Result<Option<Appended>, AppendError>;

    /// Reads a stream after a version, oldest first, at most `limit` records and about [`READ_BYTES_MAX`].
    ///
    /// # Errors
    /// [`ReadError`]
    async fn read_stream(
        &self,
        stream: &StreamName,
        after: StreamVersion,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, ReadError>;

    /// Reads the log after a position, in order, at most `limit` records and about [`READ_BYTES_MAX`].
    ///
    /// # Errors
    /// [`ReadError`]
    async fn read_all(&self, after: GlobalPosition, limit: usize) -> Result<Vec<StoredRecord>, ReadError>;

    /// Where the event with this id is.
    ///
    /// # Errors
    /// [`ReadError`]
    async fn position_of(&self, id: EventId) -> Result<Option<GlobalPosition>, ReadError>;

    /// The last position that is durable and readable; changes wake those who follow the log.
    fn head(&self) -> watch::Receiver<GlobalPosition>;

    /// How full the queue of waiting appends is.
    fn queue(&self) -> QueueDepth;

    /// Why the store has stopped, once it has. A server ends when this becomes something.
    fn failure(&self) -> watch::Receiver<Option<String>>;

    /// Copies the log, as of one moment, to a new file while writing goes on.
    ///
    /// # Errors
    /// [`ReadError::Unavailable`], also when the file exists already.
    async fn back_up(&self, to: &Path) -> Result<(), ReadError>;

    /// Checks every record: gapless, contiguous in its stream, readable, hashing to what is stored.
    ///
    /// `progress` is told the position reached, from time to time.
    ///
    /// # Errors
    /// [`ReadError::Damaged`] names the first position that is wrong.
    async fn verify(&self, progress: Progress) -> Result<Verified, ReadError>;
}
