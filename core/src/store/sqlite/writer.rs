//! The one thread that writes: it takes what is waiting, commits it in one transaction, then answers each.
//!
//! Source: DESIGN decision 4, docs/adr/0005-single-writer.md.

mod bulk;
mod request;
mod wal;

use super::reader::{Lookup, ReadFailure, command_column};
use crate::clock::Clock;
use crate::names::{EventId, GlobalPosition, StreamName, StreamVersion};
use crate::record::{CommandMark, StoredRecord};
use crate::store::check::check_restore;
use crate::store::staging::{Recorded, StageError, Staged, Verdict, stage};
use crate::store::{Append, AppendError, Appended, CommandKey, ReadError};
use crate::time::Timestamp;
use lru::LruCache;
pub(super) use request::{Pending, Request};
use rusqlite::{Connection, ErrorCode};
use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
pub use wal::{CHECKPOINT_AT_LENGTHS, WAL_PAGES};
pub(super) use wal::{WalRoom, settle};

/// Appends that may wait; one more is answered with [`AppendError::Busy`].
pub const WAITING_MAX: usize = 1024;

/// Appends that share a transaction.
pub const BATCH_APPENDS_MAX: usize = 256;

/// Events that share a transaction, unless a single append holds more.
const BATCH_EVENTS_MAX: usize = 1024;

/// Streams whose version is remembered; the others are looked up.
pub const VERSIONS_MAX: NonZeroUsize = NonZeroUsize::new(16_384).expect("not zero");

pub(super) struct Writer {
    connection: Connection,
    wal: WalRoom,
    requests: mpsc::Receiver<Request>,
    head: watch::Sender<GlobalPosition>,
    failure: watch::Sender<Option<String>>,
    clock: Arc<dyn Clock>,
    position: GlobalPosition,
    recorded_at: Option<Timestamp>,
    versions: LruCache<StreamName, StreamVersion>,
}

/// Why a transaction could not go on.
pub(super) enum Trouble {
    /// No space, and nothing was committed.
    Full,
    /// Somebody else holds the file, and nothing was begun.
    Busy,
    /// A row with the same id, version or key is there, which whoever wrote had looked for or will.
    There(String),
    /// Anything else: the store stops.
    Fatal(String),
}

impl Trouble {
    /// What whoever waits is told.
    fn error(&self) -> AppendError {
        match self {
            Self::Full => AppendError::StorageFull,
            Self::Busy => AppendError::Busy,
            Self::There(_) | Self::Fatal(_) => AppendError::OutcomeUnknown,
        }
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseBusy) => Self::Busy,
            Some(ErrorCode::ConstraintViolation) => Self::There(error.to_string()),
            _ => Self::Fatal(error.to_string()),
        }
    }
}

impl From<ReadFailure> for Trouble {
    fn from(failure: ReadFailure) -> Self {
        match failure {
            // A look-up can meet a full disk too: the page it reads may put a changed one out of the cache.
            ReadFailure::Sqlite(error) => error.into(),
            damaged @ ReadFailure::Damaged { .. } => Self::Fatal(ReadError::from(damaged).to_string()),
        }
    }
}

/// What a request comes to, unless its whole transaction is in trouble.
type Outcome<T> = Result<Result<T, AppendError>, Trouble>;

impl Writer {
    pub(super) fn new(
        connection: Connection,
        wal: WalRoom,
        requests: mpsc::Receiver<Request>,
        head: watch::Sender<GlobalPosition>,
        failure: watch::Sender<Option<String>>,
        clock: Arc<dyn Clock>,
        recorded_at: Option<Timestamp>,
    ) -> Self {
        let position = *head.borrow();
        let versions = LruCache::new(VERSIONS_MAX);
        Self { connection, wal, requests, head, failure, clock, position, recorded_at, versions }
    }

    /// Serves requests until nobody can send any more, or until the log fails.
    pub(super) fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH_APPENDS_MAX);
        while let Some(first) = self.requests.blocking_recv() {
            let mut events = first.events();
            batch.push(first);
            while batch.len() < BATCH_APPENDS_MAX && events < BATCH_EVENTS_MAX {
                let Ok(next) = self.requests.try_recv() else { break };
                events += next.events();
                batch.push(next);
            }
            if let Err(why) = self.serve(&mut batch) {
                return self.stop(&why);
            }
        }
        // Leaves a small file behind; what is in the WAL would be found at the next start all the same.
        let _ = self.checkpoint("TRUNCATE");
    }

    /// Says why, and answers no more: every waiting request is refused (promise D5).
    fn stop(&mut self, why: &str) {
        self.failure.send_replace(Some(why.to_owned()));
        self.requests.close();
        while let Some(request) = self.requests.blocking_recv() {
            request.refuse(AppendError::Closed { why: why.to_owned() });
        }
    }

    /// Commits a batch and answers it. An error is one that the log must not go on after.
    fn serve(&mut self, batch: &mut Vec<Request>) -> Result<(), String> {
        let (position, recorded_at) = (self.position, self.recorded_at);
        let room = self.make_room(batch.iter().map(Request::events).sum());
        let untouched = room.is_err();
        let Err(trouble) = room.and_then(|()| self.transact(batch)) else {
            if self.position > position {
                self.head.send_replace(self.position);
            }
            batch.drain(..).for_each(Request::answer);
            return Ok(());
        };
        self.position = position;
        self.recorded_at = recorded_at;
        self.versions.clear();
        let (error, fatal) = match trouble {
            Trouble::There(why) | Trouble::Fatal(why) if untouched => {
                (AppendError::Closed { why: why.clone() }, Err(why))
            }
            Trouble::There(why) | Trouble::Fatal(why) => (AppendError::OutcomeUnknown, Err(why)),
            Trouble::Full | Trouble::Busy => (trouble.error(), Ok(())),
        };
        if let Err(why) = &fatal {
            // Told before anybody is answered: who learns that an outcome is unknown finds the reason there.
            self.failure.send_replace(Some(why.clone()));
        }
        // All get the same answer. Even a refusal rests on what was staged ahead of it, which is gone now.
        batch.drain(..).for_each(|request| request.refuse(error.clone()));
        fatal
    }

    fn transact(&mut self, batch: &mut [Request]) -> Result<(), Trouble> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let before = self.position;
        self.wal.begin();
        if let Err(trouble) = self.write_all(batch).and_then(|()| self.write_ahead(before)) {
            // Nothing has been committed yet, so rolling back settles it, unless SQLite has done so by itself.
            let rolled_back = match self.connection.is_autocommit() {
                true => Ok(()),
                false => self.connection.execute_batch("ROLLBACK"),
            };
            return Err(match (trouble, rolled_back) {
                (Trouble::Full | Trouble::Busy, Err(error)) => Trouble::Fatal(error.to_string()),
                (trouble, _) => trouble,
            });
        }
        if self.position == before {
            // Nothing to keep: every request was refused or had been recorded before.
            return Ok(self.connection.execute_batch("ROLLBACK")?);
        }
        // From here on an error says nothing about what is on the disk (TRAPS, the first of the three): also
        // one for lack of space is fatal.
        self.connection.execute_batch("COMMIT").map_err(|error| Trouble::Fatal(error.to_string()))?;
        self.wal.committed();
        Ok(())
    }

    fn write_all(&mut self, batch: &mut [Request]) -> Result<(), Trouble> {
        let now = self.clock.now();
        for request in batch {
            // Anew for each: what was restored ahead may be dated later.
            let recorded_at = self.recorded_at.map_or(now, |last| last.max(now));
            match request {
                Request::Append(pending) => pending.outcome = Some(self.append(&pending.input, recorded_at)?),
                Request::Facts(pending) => pending.outcome = Some(self.facts(&pending.input, recorded_at)?),
                Request::Restore(pending) => pending.outcome = Some(self.restore(&pending.input)?),
            }
        }
        Ok(())
    }

    fn append(&mut self, append: &Append, recorded_at: Timestamp) -> Outcome<Appended> {
        match stage(append, self) {
            Err(StageError::Refused(refusal)) => Ok(Err(refusal)),
            Err(StageError::Store(trouble)) => Err(trouble),
            Ok(Verdict::Found(found)) => Ok(Ok(found)),
            Ok(Verdict::Write { staged, versions }) => {
                let first = self.position.next();
                let written = self.write(&staged, recorded_at)?;
                Ok(written.map(|()| Appended { first, last: self.position, versions, found: false }))
            }
        }
    }

    fn restore(&mut self, records: &[StoredRecord]) -> Outcome<()> {
        let streams = match check_restore(records, self.position, self.recorded_at, self) {
            Err(StageError::Refused(refusal)) => return Ok(Err(refusal)),
            Err(StageError::Store(trouble)) => return Err(trouble),
            Ok(streams) => streams,
        };
        let mut rows = Vec::with_capacity(records.len());
        for (stream, record) in streams.iter().zip(records) {
            let event = record.decode().map_err(|error| Trouble::Fatal(error.to_string()))?;
            let recorded_at = event.recorded_at;
            let (version, id, command) = (event.version, event.id, event.command);
            rows.push(Ok(Row { stream, version, id, command, recorded_at, record: Cow::Borrowed(record) }));
        }
        self.insert(rows)
    }

    fn write(&mut self, staged: &[Staged<'_>], recorded_at: Timestamp) -> Outcome<()> {
        // All are encoded before any is written, so that one too large leaves nothing behind.
        match self.rows(staged, recorded_at).collect::<Result<Vec<_>, _>>() {
            Ok(rows) => self.insert(rows.into_iter().map(Ok)),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// The rows of what was staged, each encoded when it is its turn.
    fn rows<'a>(
        &self,
        staged: &'a [Staged<'a>],
        recorded_at: Timestamp,
    ) -> impl Iterator<Item = Result<Row<'a>, AppendError>> + use<'a> {
        let positions = (self.position.0 + 1..).map(GlobalPosition);
        staged.iter().zip(positions).map(move |(part, position)| {
            let record = Cow::Owned(part.encode(position, recorded_at)?);
            let (stream, version, id, command) =
                (part.stream, part.version, part.event.id, part.command.clone());
            Ok(Row { stream, version, id, command, recorded_at, record })
        })
    }

    /// Writes rows; after a refusal those ahead of it are to be taken back.
    fn insert<'a>(&mut self, rows: impl IntoIterator<Item = Result<Row<'a>, AppendError>>) -> Outcome<()> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO events (position, stream, version, event_id, command, record, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        for row in rows {
            let Row { stream, version, id, command, recorded_at, record } = match row {
                Ok(row) => row,
                Err(refusal) => return Ok(Err(refusal)),
            };
            insert.execute((
                record.position.0 as i64,
                stream.as_str(),
                version.0 as i64,
                id.0.as_bytes().as_slice(),
                command.map(|mark| command_column(&mark.principal, &mark.key)),
                &record.bytes,
                record.hash.as_slice(),
            ))?;
            self.position = record.position;
            self.recorded_at = Some(recorded_at);
            self.wal.holds(record.bytes.len());
            match self.versions.get_mut(stream) {
                Some(known) => *known = version,
                None => drop(self.versions.put(stream.clone(), version)),
            }
        }
        Ok(Ok(()))
    }
}

/// A record with what the columns beside it say.
struct Row<'a> {
    stream: &'a StreamName,
    version: StreamVersion,
    id: EventId,
    command: Option<CommandMark>,
    recorded_at: Timestamp,
    record: Cow<'a, StoredRecord>,
}

impl Drop for Writer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // Nobody would hear of it otherwise: appends would be refused and the server would go on.
            self.stop("the thread that writes has panicked");
        }
    }
}

impl Recorded for Writer {
    type Error = Trouble;

    fn version(&mut self, stream: &StreamName) -> Result<StreamVersion, Trouble> {
        if let Some(version) = self.versions.get(stream) {
            return Ok(*version);
        }
        Ok(Lookup(&self.connection).version(stream)?)
    }

    fn position_of(&mut self, id: EventId) -> Result<Option<GlobalPosition>, Trouble> {
        Ok(Lookup(&self.connection).position_of(id)?)
    }

    fn command(&mut self, key: &CommandKey) -> Result<Option<GlobalPosition>, Trouble> {
        Ok(Lookup(&self.connection).command(key)?)
    }

    fn record(&mut self, position: GlobalPosition) -> Result<StoredRecord, Trouble> {
        Ok(Lookup(&self.connection).record(position)?)
    }
}
