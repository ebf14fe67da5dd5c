//! The log on SQLite: one file, one writing thread with group commit, readers that never wait for it.

mod left;
mod reader;
mod schema;
mod writer;

use super::staging::{self, StageError};
use super::{
    Append, AppendError, Appended, BulkAppended, CommandKey, EventStore, Fact, Progress, QueueDepth,
    ReadError, StoredRecord, Verified,
};
use crate::clock::Clock;
use crate::names::{EventId, GlobalPosition, StreamName, StreamVersion};
use async_trait::async_trait;
pub use left::{WalDamage, find_wal_damage};
pub use reader::IDLE_CONNECTIONS_MAX;
use reader::{ReadFailure, Readers};
use rusqlite::backup::StepResult;
pub use schema::{LOG_FORMAT, OpenError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot, watch};
pub use writer::{BATCH_APPENDS_MAX, CHECKPOINT_AT_LENGTHS, VERSIONS_MAX, WAITING_MAX, WAL_PAGES};
use writer::{Pending, Request, WalRoom, Writer, settle};

/// Records at the end of the log whose hashes are checked before it is opened for writing.
const TAIL_RECORDS: u64 = 1024;

/// Keeps the log in an SQLite file.
pub struct SqliteStore {
    readers: Readers,
    requests: Mutex<Option<mpsc::Sender<Request>>>,
    head: watch::Receiver<GlobalPosition>,
    failure: watch::Receiver<Option<String>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// How to open a log.
pub struct SqliteOptions {
    path: PathBuf,
    vfs: Option<String>,
    wal_pages: u32,
}

impl SqliteOptions {
    /// The log in this file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), vfs: None, wal_pages: WAL_PAGES }
    }

    /// Through another virtual file system of SQLite: tests lose unsynced writes this way.
    pub fn vfs(mut self, name: &str) -> Self {
        self.vfs = Some(name.to_owned());
        self
    }

    /// How long the WAL is made before the first append; it is taken over into the file at
    /// [`CHECKPOINT_AT_LENGTHS`] times that. Unit: pages of 4 KiB.
    pub fn wal_pages(mut self, pages: u32) -> Self {
        self.wal_pages = pages;
        self
    }

    /// Looks for damage in what a crash left beside the log, which SQLite would take for the end of it.
    ///
    /// Only while no process has the log open for writing: what it writes meanwhile would look like damage. Opening
    /// for writing does this by itself.
    ///
    /// # Errors
    /// [`OpenError::DamagedWal`]
    pub fn check_what_is_left(&self) -> Result<(), OpenError> {
        if self.vfs.is_some() {
            // The bytes are not where the system could read them.
            return Ok(());
        }
        let mut path = self.path.clone().into_os_string();
        path.push("-wal");
        let path = PathBuf::from(path);
        let unreadable = |source| OpenError::Unreadable { path: path.display().to_string(), source };
        // One that is not there holds nothing, and of one that may not be read SQLite says so.
        let Ok(wal) = std::fs::File::open(&path) else { return Ok(()) };
        match find_wal_damage(std::io::BufReader::with_capacity(1 << 20, wal)).map_err(unreadable)? {
            None => Ok(()),
            Some(WalDamage { offset, commits }) => {
                Err(OpenError::DamagedWal { path: path.display().to_string(), offset, commits })
            }
        }
    }

    /// Opens the log for reading and writing, making it where it is missing.
    ///
    /// # Errors
    /// [`OpenError`]; a log that is damaged at its end is refused with the position.
    pub fn open(self, clock: Arc<dyn Clock>) -> Result<SqliteStore, OpenError> {
        let failed = |source| OpenError::Sqlite { path: self.path.display().to_string(), source };
        self.check_what_is_left()?;
        let vfs = self.vfs.as_deref();
        let mut connection = schema::connect(&self.path, vfs, true).map_err(failed)?;
        schema::prepare(&mut connection, &self.path)?;
        let position = reader::head(&connection).map_err(failed)?;
        let recorded_at = check_tail(&connection, position)?;
        if !settle(&connection).map_err(failed)? {
            return Err(OpenError::HeldBack { path: self.path.display().to_string() });
        }

        let readers = Readers::new(&self.path, self.vfs.clone());
        let (head_sender, head) = watch::channel(position);
        let (failure_sender, failure) = watch::channel(None);
        let (requests, waiting) = mpsc::channel(WAITING_MAX);
        let wal = WalRoom::new(&mut connection, self.wal_pages).map_err(failed)?;
        let writer = Writer::new(connection, wal, waiting, head_sender, failure_sender, clock, recorded_at);
        let thread = std::thread::Builder::new()
            .name("log-writer".into())
            .spawn(move || writer.run())
            .expect("a machine that cannot start one thread cannot run a server");
        Ok(SqliteStore {
            readers,
            requests: Mutex::new(Some(requests)),
            head,
            failure,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Opens the log for reading only, while another process may write to it.
    ///
    /// # Errors
    /// [`OpenError`]
    pub fn open_read_only(self) -> Result<SqliteStore, OpenError> {
        let failed = |source| OpenError::Sqlite { path: self.path.display().to_string(), source };
        let connection = schema::connect(&self.path, self.vfs.as_deref(), false).map_err(failed)?;
        schema::check(&connection, &self.path)?;
        let position = reader::head(&connection).map_err(failed)?;
        let (_, head) = watch::channel(position);
        let (_, failure) = watch::channel(None);
        let readers = Readers::new(&self.path, self.vfs.clone());
        Ok(SqliteStore { readers, requests: Mutex::new(None), head, failure, thread: Mutex::new(None) })
    }
}

/// Checks the newest records, and tells when the last one was recorded.
///
/// The writer goes on from what this has seen, so a hole or a wrong number here would never close again.
fn check_tail(
    connection: &rusqlite::Connection,
    head: GlobalPosition,
) -> Result<Option<crate::time::Timestamp>, OpenError> {
    let sql = "SELECT position, record, hash FROM events WHERE position > ?1 ORDER BY position LIMIT ?2";
    let damaged = |position: GlobalPosition, what: String| OpenError::Damaged { position: position.0, what };
    let missing = |position| damaged(position, format!("the record is missing, and the log ends at {head}"));
    let mut last = GlobalPosition(head.0.saturating_sub(TAIL_RECORDS));
    let mut recorded_at = None;
    // In pages, since what is read at once is bounded in bytes.
    while last < head {
        let parameters = (last.0 as i64, TAIL_RECORDS as i64);
        let page = reader::select(connection, sql, parameters, last.next());
        let page = page.map_err(|failure| match failure {
            ReadFailure::Damaged { position, what } => damaged(position, what),
            ReadFailure::Sqlite(error) => damaged(last.next(), error.to_string()),
        })?;
        if page.is_empty() {
            return Err(missing(last.next()));
        }
        for record in &page {
            if record.position != last.next() {
                return Err(missing(last.next()));
            }
            let event = record.decode().map_err(|error| damaged(record.position, error.to_string()))?;
            recorded_at = Some(event.recorded_at);
            last = record.position;
        }
    }
    if last > head { Err(damaged(head, "it is not the last record".into())) } else { Ok(recorded_at) }
}

impl SqliteStore {
    /// Finishes what was accepted, then closes the log. Appends after this are refused.
    pub fn close(&self) {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(requests);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A writer that panicked has told `failure` nothing; the next start verifies the log anyway.
            let _ = thread.join();
        }
    }

    async fn request<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<T, AppendError>>) -> Request,
    ) -> Result<T, AppendError> {
        let (reply, answer) = oneshot::channel();
        let sender = self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let closed = || {
            let why = self.failure.borrow().clone();
            AppendError::Closed { why: why.unwrap_or_else(|| "it is not open for writing".into()) }
        };
        let Some(sender) = sender else { return Err(closed()) };
        match sender.try_send(request(reply)) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => return Err(AppendError::Busy),
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(closed()),
        }
        drop(sender);
        // The writer answers everything it accepts; if it died half-way, nobody knows what came of it.
        answer.await.unwrap_or(Err(AppendError::OutcomeUnknown))
    }

    /// Runs a read away from the threads that serve requests.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(Readers) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let readers = self.readers.clone();
        tokio::task::spawn_blocking(move || read(readers))
            .await
            .unwrap_or_else(|error| Err(ReadError::Unavailable { why: error.to_string() }))
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.close();
    }
}

#[async_trait]
impl EventStore for SqliteStore {
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.request(|reply| Request::Append(Pending::new(append, reply))).await
    }

    async fn append_facts(&self, facts: Vec<Fact>) -> Result<BulkAppended, AppendError> {
        self.request(|reply| Request::Facts(Pending::new(facts, reply))).await
    }

    async fn find_command(&self, key: &CommandKey) -> Result<Option<Appended>, AppendError> {
        let key = key.clone();
        let search = self.read(move |readers| {
            readers.with(|connection| match staging::find_command(&key, &mut reader::Lookup(connection)) {
                Ok(found) => Ok(Ok(found)),
                Err(StageError::Refused(refusal)) => Ok(Err(refusal)),
                Err(StageError::Store(failure)) => Err(ReadError::from(failure)),
            })
        });
        search.await.unwrap_or_else(|error| Err(AppendError::Closed { why: error.to_string() }))
    }

    async fn restore(&self, records: Vec<StoredRecord>) -> Result<(), AppendError> {
        self.request(|reply| Request::Restore(Pending::new(records, reply))).await
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        after: StreamVersion,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, ReadError> {
        let stream = stream.clone();
        self.read(move |readers| readers.read_stream(&stream, after, limit)).await
    }

    async fn read_all(&self, after: GlobalPosition, limit: usize) -> Result<Vec<StoredRecord>, ReadError> {
        self.read(move |readers| readers.read_all(after, limit)).await
    }

    async fn position_of(&self, id: EventId) -> Result<Option<GlobalPosition>, ReadError> {
        self.read(move |readers| readers.position_of(id)).await
    }

    fn head(&self) -> watch::Receiver<GlobalPosition> {
        self.head.clone()
    }

    fn queue(&self) -> QueueDepth {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let free = requests.as_ref().map_or(writer::WAITING_MAX, mpsc::Sender::capacity);
        QueueDepth { waiting: writer::WAITING_MAX - free, max: writer::WAITING_MAX }
    }

    fn failure(&self) -> watch::Receiver<Option<String>> {
        self.failure.clone()
    }

    async fn back_up(&self, to: &Path) -> Result<(), ReadError> {
        let to = to.to_owned();
        self.read(move |readers| {
            // Made here and now, so that of two who back up to one place only one does.
            std::fs::File::create_new(&to).map_err(|error| {
                let why = match error.kind() {
                    std::io::ErrorKind::AlreadyExists => "exists already; choose another file".to_owned(),
                    _ => format!("cannot be made: {error}"),
                };
                ReadError::Unavailable { why: format!("{} {why}", to.display()) }
            })?;
            let copied = readers.with(|connection| copy(connection, &to));
            if copied.is_err() {
                // Half a log is none. That it cannot even be removed is told by the next attempt.
                let _ = std::fs::remove_file(&to);
            }
            copied
        })
        .await
    }

    async fn verify(&self, progress: Progress) -> Result<Verified, ReadError> {
        self.read(move |readers| readers.verify(&progress)).await
    }
}

/// Copies all pages in one step: a reader's snapshot, which the writer does not wait for.
fn copy(connection: &rusqlite::Connection, to: &Path) -> Result<(), ReadError> {
    let mut copy = rusqlite::Connection::open(to)?;
    let step = rusqlite::backup::Backup::new(connection, &mut copy)?.step(-1)?;
    match step {
        StepResult::Done => Ok(()),
        _ => Err(ReadError::Unavailable { why: "the log was busy; try again".into() }),
    }
}
