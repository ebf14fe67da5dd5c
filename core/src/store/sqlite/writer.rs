//! The one thread that writes: it takes what is waiting, commits it in one transaction, then answers each.
//!
//! Source: DESIGN decision 4, docs/adr/0005-single-writer.md.

use super::reader::{Lookup, command_column};
use crate::clock::Clock;
use crate::names::{EventId, GlobalPosition, StreamName, StreamVersion};
use crate::record::{self, StoredRecord};
use crate::store::staging::{Recorded, StageError, Staged, Verdict, stage};
use crate::store::{
    Append, AppendError, Appended, BulkAppended, CommandKey, EVENTS_PER_APPEND_MAX, Fact, RECORD_BYTES_MAX,
    ReadError, RestoreCheck,
};
use crate::time::Timestamp;
use lru::LruCache;
use rusqlite::{Connection, ErrorCode};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::{mpsc, oneshot, watch};

/// Appends that may wait; one more is answered with [`AppendError::Busy`].
pub(super) const WAITING_MAX: usize = 1024;

/// Appends that share a transaction.
const BATCH_APPENDS_MAX: usize = 256;

/// Events that share a transaction, unless a single append holds more.
const BATCH_EVENTS_MAX: usize = 1024;

/// Streams whose version is remembered; the others are looked up.
const VERSIONS_MAX: NonZeroUsize = NonZeroUsize::new(16_384).expect("not zero");

/// The size the WAL is grown to at the start. Commits then overwrite it in place, which spares each `fsync`
/// the file's new length, and a full disk is met before a commit rather than in it. Unit: pages of 4 KiB.
const WAL_GROWN_PAGES: u32 = 8192;

/// The WAL is taken over into the file when it holds this much. Unit: pages of 4 KiB.
const CHECKPOINT_PAGES: u32 = 4096;

/// What the writer is asked for.
pub(super) enum Request {
    Append(Append, oneshot::Sender<Result<Appended, AppendError>>),
    Facts(Vec<Fact>, oneshot::Sender<Result<BulkAppended, AppendError>>),
    Restore(Vec<StoredRecord>, oneshot::Sender<Result<(), AppendError>>),
}

impl Request {
    fn events(&self) -> usize {
        match self {
            Self::Append(append, _) => append.streams.iter().map(|part| part.events.len()).sum(),
            Self::Facts(facts, _) => facts.len(),
            Self::Restore(records, _) => records.len(),
        }
    }

    fn refuse(self, error: AppendError) {
        // Whoever asked may have gone; then there is nobody to tell.
        match self {
            Self::Append(_, reply) => drop(reply.send(Err(error))),
            Self::Facts(_, reply) => drop(reply.send(Err(error))),
            Self::Restore(_, reply) => drop(reply.send(Err(error))),
        }
    }
}

/// An answer that waits for the commit.
enum Answer {
    Append(oneshot::Sender<Result<Appended, AppendError>>, Result<Appended, AppendError>),
    Facts(oneshot::Sender<Result<BulkAppended, AppendError>>, Result<BulkAppended, AppendError>),
    Restore(oneshot::Sender<Result<(), AppendError>>, Result<(), AppendError>),
}

impl Answer {
    fn send(self) {
        match self {
            Self::Append(reply, result) => drop(reply.send(result)),
            Self::Facts(reply, result) => drop(reply.send(result)),
            Self::Restore(reply, result) => drop(reply.send(result)),
        }
    }

    /// Gives everybody the same error. What was refused was not part of the transaction and stays refused.
    fn send_failure(self, error: &AppendError) {
        match self {
            Self::Append(reply, result) => drop(reply.send(result.and(Err(error.clone())))),
            Self::Facts(reply, result) => drop(reply.send(result.and(Err(error.clone())))),
            Self::Restore(reply, result) => drop(reply.send(result.and(Err(error.clone())))),
        }
    }
}

pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) requests: mpsc::Receiver<Request>,
    pub(super) head: watch::Sender<GlobalPosition>,
    pub(super) failure: watch::Sender<Option<String>>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) position: GlobalPosition,
    pub(super) recorded_at: Option<Timestamp>,
    versions: LruCache<StreamName, StreamVersion>,
    wal_pages: Arc<AtomicU32>,
    wal_grown: bool,
}

/// Why a transaction could not go on.
pub(super) enum Trouble {
    /// No space, and nothing was committed.
    Full,
    /// Anything else: the store stops.
    Fatal(String),
}

impl Trouble {
    /// What whoever waits is told.
    fn error(&self) -> AppendError {
        match self {
            Self::Full => AppendError::StorageFull,
            Self::Fatal(_) => AppendError::OutcomeUnknown,
        }
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            _ => Self::Fatal(error.to_string()),
        }
    }
}

impl From<ReadError> for Trouble {
    fn from(error: ReadError) -> Self {
        Self::Fatal(error.to_string())
    }
}

impl Writer {
    pub(super) fn new(
        mut connection: Connection,
        requests: mpsc::Receiver<Request>,
        head: watch::Sender<GlobalPosition>,
        failure: watch::Sender<Option<String>>,
        clock: Arc<dyn Clock>,
        recorded_at: Option<Timestamp>,
    ) -> Result<Self, rusqlite::Error> {
        let wal_pages = Arc::new(AtomicU32::new(0));
        let counter = wal_pages.clone();
        connection.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages: i32| {
            counter.store(pages.unsigned_abs(), Ordering::Relaxed);
            Ok(())
        }))?;
        let position = *head.borrow();
        let versions = LruCache::new(VERSIONS_MAX);
        let writer = Self {
            connection,
            requests,
            head,
            failure,
            clock,
            position,
            recorded_at,
            versions,
            wal_pages,
            wal_grown: false,
        };
        Ok(writer)
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

    /// Answers no more: every waiting request is refused, and the server is told to end (promise D5).
    fn stop(mut self, why: &str) {
        self.failure.send_replace(Some(why.to_owned()));
        self.requests.close();
        while let Some(request) = self.requests.blocking_recv() {
            request.refuse(AppendError::Closed { why: why.to_owned() });
        }
    }

    /// Commits a batch and answers it. An error is one that the log must not go on after.
    fn serve(&mut self, batch: &mut Vec<Request>) -> Result<(), String> {
        if let Err(trouble) = self.make_room() {
            let (error, fatal) = match trouble {
                Trouble::Full => (AppendError::StorageFull, None),
                Trouble::Fatal(why) => (AppendError::Closed { why: why.clone() }, Some(why)),
            };
            for request in batch.drain(..) {
                request.refuse(error.clone());
            }
            return fatal.map_or(Ok(()), Err);
        }
        let (position, recorded_at) = (self.position, self.recorded_at);
        let mut answers = Vec::with_capacity(batch.len());
        match self.transact(batch, &mut answers) {
            Ok(()) => {
                if self.position > position {
                    self.head.send_replace(self.position);
                }
                for answer in answers {
                    answer.send();
                }
                Ok(())
            }
            Err(trouble) => {
                self.position = position;
                self.recorded_at = recorded_at;
                self.versions.clear();
                let error = trouble.error();
                for answer in answers {
                    answer.send_failure(&error);
                }
                for request in batch.drain(..) {
                    request.refuse(error.clone());
                }
                match trouble {
                    Trouble::Full => Ok(()),
                    Trouble::Fatal(why) => Err(why),
                }
            }
        }
    }

    fn transact(&mut self, batch: &mut Vec<Request>, answers: &mut Vec<Answer>) -> Result<(), Trouble> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let before = self.position;
        if let Err(trouble) = self.write_all(batch, answers) {
            // Nothing has been committed yet, so rolling back settles it; if even that fails, stop.
            return match (trouble, self.connection.execute_batch("ROLLBACK")) {
                (trouble, Ok(())) => Err(trouble),
                (Trouble::Fatal(why), Err(_)) => Err(Trouble::Fatal(why)),
                (Trouble::Full, Err(_)) if self.connection.is_autocommit() => Err(Trouble::Full),
                (Trouble::Full, Err(error)) => Err(Trouble::Fatal(error.to_string())),
            };
        }
        if self.position == before {
            // Nothing to keep: every request was refused or had been recorded before.
            return Ok(self.connection.execute_batch("ROLLBACK")?);
        }
        // From here on an error says nothing about what is on the disk (TRAPS, the first of the three): also
        // one for lack of space is fatal.
        self.connection.execute_batch("COMMIT").map_err(|error| Trouble::Fatal(error.to_string()))
    }

    fn write_all(&mut self, batch: &mut Vec<Request>, answers: &mut Vec<Answer>) -> Result<(), Trouble> {
        let now = self.clock.now();
        let recorded_at = self.recorded_at.map_or(now, |last| last.max(now));
        for request in batch.drain(..) {
            match request {
                Request::Append(append, reply) => match self.append(&append, recorded_at) {
                    Ok(result) => answers.push(Answer::Append(reply, result)),
                    Err(trouble) => {
                        drop(reply.send(Err(trouble.error())));
                        return Err(trouble);
                    }
                },
                Request::Facts(facts, reply) => match self.facts(&facts, recorded_at) {
                    Ok(result) => answers.push(Answer::Facts(reply, result)),
                    Err(trouble) => {
                        drop(reply.send(Err(trouble.error())));
                        return Err(trouble);
                    }
                },
                Request::Restore(records, reply) => match self.restore(&records) {
                    Ok(result) => answers.push(Answer::Restore(reply, result)),
                    Err(trouble) => {
                        drop(reply.send(Err(trouble.error())));
                        return Err(trouble);
                    }
                },
            }
        }
        self.recorded_at = Some(recorded_at).max(self.recorded_at);
        Ok(())
    }

    fn append(
        &mut self,
        append: &Append,
        recorded_at: Timestamp,
    ) -> Result<Result<Appended, AppendError>, Trouble> {
        match stage(append, self) {
            Err(StageError::Refused(refusal)) => Ok(Err(refusal)),
            Err(StageError::Store(trouble)) => Err(trouble),
            Ok(Verdict::Found(found)) => Ok(Ok(found)),
            Ok(Verdict::Write { staged, versions }) => {
                let first = self.position.next();
                // All are encoded before any is written, so that one too large leaves nothing behind.
                let mut records = Vec::with_capacity(staged.len());
                for (index, part) in staged.iter().enumerate() {
                    match encode(GlobalPosition(first.0 + index as u64), part, recorded_at) {
                        Ok(bytes) => records.push(bytes),
                        Err(refusal) => return Ok(Err(refusal)),
                    }
                }
                for (part, bytes) in staged.iter().zip(&records) {
                    let command = part.command.as_ref();
                    let command = command.map(|mark| command_column(&mark.principal, &mark.key));
                    self.insert(part.stream, part.version, part.event.id, command, bytes)?;
                }
                for (stream, version) in &versions {
                    self.versions.put(stream.clone(), *version);
                }
                Ok(Ok(Appended { first, last: self.position, versions, found: false }))
            }
        }
    }

    fn facts(
        &mut self,
        facts: &[Fact],
        recorded_at: Timestamp,
    ) -> Result<Result<BulkAppended, AppendError>, Trouble> {
        if facts.len() > EVENTS_PER_APPEND_MAX {
            let (what, max, is) = ("facts in a bulk append", EVENTS_PER_APPEND_MAX, facts.len());
            return Ok(Err(AppendError::Limit { what, max, is }));
        }
        let mut outcome = BulkAppended::default();
        for fact in facts {
            if self.position_of(fact.event.id)?.is_some() {
                outcome.already_there += 1;
                continue;
            }
            let version = self.version(&fact.stream)?.next();
            let staged = Staged { stream: &fact.stream, version, command: None, event: &fact.event };
            // An import checks sizes before it sends facts here; one that slipped through stops the batch.
            let bytes = match encode(self.position.next(), &staged, recorded_at) {
                Ok(bytes) => bytes,
                Err(refusal) => return Err(Trouble::Fatal(refusal.to_string())),
            };
            self.insert(&fact.stream, version, fact.event.id, None, &bytes)?;
            self.versions.put(fact.stream.clone(), version);
            outcome.appended += 1;
        }
        Ok(Ok(outcome))
    }

    fn restore(&mut self, records: &[StoredRecord]) -> Result<Result<(), AppendError>, Trouble> {
        let mut check = RestoreCheck::default();
        let mut streams = Vec::with_capacity(records.len());
        for (index, record) in records.iter().enumerate() {
            let expected = GlobalPosition(self.position.0 + 1 + index as u64);
            let mut trouble = None;
            let verdict = check.check(expected, record, |stream| {
                self.version(stream).map_err(|error| {
                    trouble = Some(error);
                    AppendError::OutcomeUnknown
                })
            });
            match (verdict, trouble) {
                (_, Some(trouble)) => return Err(trouble),
                (Ok(stream), None) => streams.push(stream),
                (Err(refusal), None) => return Ok(Err(refusal)),
            }
        }
        for (stream, record) in streams.into_iter().zip(records) {
            let event = record.decode().map_err(|error| Trouble::Fatal(error.to_string()))?;
            let command = event.command.as_ref().map(|mark| command_column(&mark.principal, &mark.key));
            let (version, id, recorded_at) = (event.version, event.id, event.recorded_at);
            self.insert(&stream, version, id, command, &record.bytes)?;
            self.versions.put(stream, version);
            self.recorded_at = Some(recorded_at);
        }
        Ok(Ok(()))
    }

    fn insert(
        &mut self,
        stream: &StreamName,
        version: StreamVersion,
        id: EventId,
        command: Option<String>,
        bytes: &[u8],
    ) -> Result<(), Trouble> {
        let position = self.position.next();
        let hash = record::hash(bytes);
        self.connection
            .prepare_cached(
                "INSERT INTO events (position, stream, version, event_id, command, record, hash)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute((
                position.0 as i64,
                stream.as_str(),
                version.0 as i64,
                id.0.as_bytes().as_slice(),
                command,
                bytes,
                hash.as_slice(),
            ))?;
        self.position = position;
        Ok(())
    }

    /// Makes sure that the next commit fits into the part of the WAL that is on the disk already.
    fn make_room(&mut self) -> Result<(), Trouble> {
        if !self.wal_grown {
            self.grow_wal()?;
        }
        if self.wal_pages.load(Ordering::Relaxed) >= CHECKPOINT_PAGES {
            self.checkpoint("RESTART")?;
        }
        Ok(())
    }

    /// Writes a long transaction that is rolled back: the WAL keeps its length, the log stays as it is.
    fn grow_wal(&mut self) -> Result<(), Trouble> {
        self.connection.execute_batch("PRAGMA cache_size = 16; PRAGMA cache_spill = 16; BEGIN IMMEDIATE")?;
        let grown = self
            .connection
            .execute_batch("CREATE TABLE growth (filler BLOB)")
            .and_then(|()| {
                let bytes = i64::from(WAL_GROWN_PAGES) * 4096;
                self.connection.execute("INSERT INTO growth VALUES (zeroblob(?1))", [bytes])
            })
            .map(drop);
        let rolled_back =
            if self.connection.is_autocommit() { Ok(()) } else { self.connection.execute_batch("ROLLBACK") };
        self.connection.execute_batch("PRAGMA cache_size = -8192; PRAGMA cache_spill = ON")?;
        rolled_back?;
        grown?;
        self.wal_grown = true;
        Ok(())
    }

    /// Takes the WAL over into the file. A reader that holds an old page back is waited for at the next turn.
    fn checkpoint(&mut self, mode: &str) -> Result<(), Trouble> {
        let sql = format!("PRAGMA wal_checkpoint({mode})");
        let timeout = std::time::Duration::from_millis(20);
        self.connection.busy_timeout(timeout)?;
        let result = self.connection.query_row(&sql, [], |row| row.get::<_, i64>(0));
        self.connection.busy_timeout(std::time::Duration::from_secs(5))?;
        if result? == 0 {
            self.wal_pages.store(0, Ordering::Relaxed);
        }
        Ok(())
    }
}

fn encode(
    position: GlobalPosition,
    part: &Staged<'_>,
    recorded_at: Timestamp,
) -> Result<Vec<u8>, AppendError> {
    let bytes =
        record::encode(position, part.stream, part.version, recorded_at, part.command.clone(), part.event);
    if bytes.len() > RECORD_BYTES_MAX {
        let (what, max, is) = ("bytes in a record", RECORD_BYTES_MAX, bytes.len());
        return Err(AppendError::Limit { what, max, is });
    }
    Ok(bytes)
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
