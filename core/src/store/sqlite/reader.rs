//! Reading the log: short transactions on read-only connections, every record's hash checked on the way out.

use super::schema;
use crate::names::{EventId, GlobalPosition, StreamName, StreamVersion};
use crate::record::{self, CommandMark, RecordedEvent, StoredRecord};
use crate::store::check::VerifyCheck;
use crate::store::staging::Recorded;
use crate::store::{CommandKey, Progress, READ_BYTES_MAX, READ_RECORDS_MAX, ReadError, Verified};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, Params, Row, ToSql};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Connections kept for the next reader; more are opened when needed and closed afterwards.
pub const IDLE_CONNECTIONS_MAX: usize = 8;

/// Records that a full check reads in one transaction, so that it never holds the WAL back for long.
const VERIFY_PAGE_RECORDS: usize = 4096;

/// Read-only connections to one log.
#[derive(Clone)]
pub(super) struct Readers {
    path: PathBuf,
    vfs: Option<String>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

/// Why a read failed. The writer reads too, and must tell a full disk from damage.
pub(super) enum ReadFailure {
    /// What SQLite said.
    Sqlite(rusqlite::Error),
    /// What is wrong, and where.
    Damaged { position: GlobalPosition, what: String },
}

impl From<rusqlite::Error> for ReadFailure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<ReadFailure> for ReadError {
    fn from(failure: ReadFailure) -> Self {
        match failure {
            ReadFailure::Sqlite(error) => error.into(),
            ReadFailure::Damaged { position, what } => Self::Damaged { position, what },
        }
    }
}

impl From<rusqlite::Error> for ReadError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Unavailable { why: error.to_string() }
    }
}

impl Readers {
    pub(super) fn new(path: &Path, vfs: Option<String>) -> Self {
        Self { path: path.to_owned(), vfs, idle: Arc::default() }
    }

    pub(super) fn with<T, E: From<rusqlite::Error>>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.open()?,
        };
        let result = read(&connection);
        if result.is_ok() {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < IDLE_CONNECTIONS_MAX {
                idle.push(connection);
            }
        }
        result
    }

    fn open(&self) -> Result<Connection, rusqlite::Error> {
        let connection = schema::connect(&self.path, self.vfs.as_deref(), false)?;
        connection.execute_batch(
            "PRAGMA query_only = ON; PRAGMA cache_size = -2048; PRAGMA mmap_size = 0;
             PRAGMA trusted_schema = OFF;",
        )?;
        Ok(connection)
    }

    pub(super) fn read_all(
        &self,
        after: GlobalPosition,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, ReadError> {
        let limit = limit.min(READ_RECORDS_MAX);
        let sql = "SELECT position, record, hash FROM events WHERE position > ?1 ORDER BY position LIMIT ?2";
        let from = GlobalPosition(after.0.saturating_add(1));
        let records =
            self.with(|connection| select(connection, sql, (integer(after.0), limit as i64), from))?;
        let mut expected = from;
        for record in &records {
            if record.position != expected {
                let what = "the record is missing".to_owned();
                return Err(ReadError::Damaged { position: expected, what });
            }
            expected = expected.next();
        }
        Ok(records)
    }

    pub(super) fn read_stream(
        &self,
        stream: &StreamName,
        after: StreamVersion,
        limit: usize,
    ) -> Result<Vec<StoredRecord>, ReadError> {
        let limit = limit.min(READ_RECORDS_MAX);
        let sql = "SELECT position, record, hash FROM events WHERE stream = ?1 AND version > ?2
                   ORDER BY version LIMIT ?3";
        let parameters = (stream.as_str(), integer(after.0), limit as i64);
        let from = GlobalPosition(1);
        let records = self.with(|connection| select(connection, sql, parameters, from))?;
        let mut version = after;
        for record in &records {
            version = version.next();
            // The index found it, and no hash guards the index.
            if !record.bytes.starts_with(beginning(record.position, stream, version).as_bytes()) {
                let what = format!("it stands where version {version} of {stream} is looked for");
                return Err(ReadError::Damaged { position: record.position, what });
            }
        }
        Ok(records)
    }

    pub(super) fn position_of(&self, id: EventId) -> Result<Option<GlobalPosition>, ReadError> {
        self.with(|connection| Lookup(connection).position_of(id)).map_err(ReadError::from)
    }

    /// Checks every record and that the columns beside it say the same.
    ///
    /// On a connection of its own: one that has read before would check the pages that it remembers.
    pub(super) fn verify(&self, progress: &Progress) -> Result<Verified, ReadError> {
        let connection = self.open()?;
        let mut check = VerifyCheck::default();
        let mut after = GlobalPosition::START;
        while let Some(last) = verify_page(&connection, after, &mut check)? {
            after = last;
            progress(after);
        }
        check_file(&connection)?;
        check.verified()
    }
}

/// A number as SQLite holds it. Nothing lies beyond what it can hold, so the largest stands for all above.
fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// How the encoding of a record begins: it is canonical, so only this record's begins so.
fn beginning(position: GlobalPosition, stream: &StreamName, version: StreamVersion) -> String {
    let stream = serde_json::Value::from(stream.as_str());
    format!(r#"{{"position":{position},"stream":{stream},"version":{version},"#)
}

/// Looks things up for the rules in `staging`, on any connection.
///
/// No hash guards an index, so what one leads to is looked at before it is believed.
pub(super) struct Lookup<'a>(pub(super) &'a Connection);

impl Lookup<'_> {
    fn find(
        &self,
        sql: &str,
        wanted: impl ToSql,
        is_it: impl FnOnce(&RecordedEvent<'_>) -> bool,
    ) -> Result<Option<GlobalPosition>, ReadFailure> {
        let records = select(self.0, sql, [wanted], GlobalPosition(1))?;
        let Some(record) = records.first() else { return Ok(None) };
        match record.decode() {
            Ok(event) if is_it(&event) => Ok(Some(record.position)),
            Ok(_) | Err(_) => {
                let what = "an index leads to it that belongs to another record".to_owned();
                Err(ReadFailure::Damaged { position: record.position, what })
            }
        }
    }
}

impl Recorded for Lookup<'_> {
    type Error = ReadFailure;

    fn version(&mut self, stream: &StreamName) -> Result<StreamVersion, ReadFailure> {
        let version: Option<i64> = self
            .0
            .prepare_cached("SELECT max(version) FROM events WHERE stream = ?1")?
            .query_row([stream.as_str()], |row| row.get(0))?;
        Ok(StreamVersion(version.unwrap_or(0) as u64))
    }

    fn position_of(&mut self, id: EventId) -> Result<Option<GlobalPosition>, ReadFailure> {
        let sql = "SELECT position, record, hash FROM events WHERE event_id = ?1";
        self.find(sql, id.0.as_bytes().as_slice(), |event| event.id == id)
    }

    fn command(&mut self, key: &CommandKey) -> Result<Option<GlobalPosition>, ReadFailure> {
        let sql = "SELECT position, record, hash FROM events WHERE command = ?1";
        let is_it = |mark: &CommandMark| mark.principal == key.principal && mark.key == key.key;
        let column = command_column(&key.principal, &key.key);
        self.find(sql, column, |event| event.command.as_ref().is_some_and(is_it))
    }

    fn record(&mut self, position: GlobalPosition) -> Result<StoredRecord, ReadFailure> {
        let sql = "SELECT position, record, hash FROM events WHERE position = ?1";
        let records = select(self.0, sql, [integer(position.0)], position)?;
        let missing = || ReadFailure::Damaged { position, what: "the record is missing".into() };
        records.into_iter().next().ok_or_else(missing)
    }
}

pub(super) fn head(connection: &Connection) -> Result<GlobalPosition, rusqlite::Error> {
    let head: Option<i64> =
        connection.prepare_cached("SELECT max(position) FROM events")?.query_row([], |row| row.get(0))?;
    Ok(GlobalPosition(head.unwrap_or(0) as u64))
}

/// Runs a query for `position, record, hash`, checking each hash. `from` is where damage is when the first
/// row cannot be read.
pub(super) fn select(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    from: GlobalPosition,
) -> Result<Vec<StoredRecord>, ReadFailure> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut records: Vec<StoredRecord> = Vec::new();
    let mut bytes = 0;
    while bytes < READ_BYTES_MAX {
        match rows.next() {
            Ok(Some(row)) => {
                let record = stored(row)?;
                bytes += record.bytes.len();
                records.push(record);
            }
            Ok(None) => return Ok(records),
            Err(error) => {
                let position = records.last().map_or(from, |record| record.position.next());
                return Err(damaged_or_unavailable(error, position));
            }
        }
    }
    Ok(records)
}

/// A page that SQLite itself finds malformed is damage, and lies right after what could still be read.
fn damaged_or_unavailable(error: rusqlite::Error, position: GlobalPosition) -> ReadFailure {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt) => ReadFailure::Damaged { position, what: error.to_string() },
        _ => ReadFailure::Sqlite(error),
    }
}

fn stored(row: &Row<'_>) -> Result<StoredRecord, ReadFailure> {
    let position = GlobalPosition(row.get::<_, i64>(0)? as u64);
    let damaged = |what: &str| ReadFailure::Damaged { position, what: what.to_owned() };
    let bytes = match row.get_ref(1) {
        Ok(ValueRef::Blob(bytes)) => bytes,
        _ => return Err(damaged("the record is no blob")),
    };
    let hash = match row.get_ref(2) {
        Ok(ValueRef::Blob(hash)) => hash,
        _ => return Err(damaged("the hash is no blob")),
    };
    let computed = record::hash(bytes);
    if hash != computed {
        return Err(damaged("the record does not hash to what is stored"));
    }
    Ok(StoredRecord { position, bytes: bytes.to_vec(), hash: computed })
}

fn verify_page(
    connection: &Connection,
    after: GlobalPosition,
    check: &mut VerifyCheck,
) -> Result<Option<GlobalPosition>, ReadError> {
    let mut statement = connection.prepare_cached(
        "SELECT position, record, hash, stream, version, event_id, command FROM events
         WHERE position > ?1 ORDER BY position LIMIT ?2",
    )?;
    let mut rows = statement.query((integer(after.0), VERIFY_PAGE_RECORDS as i64))?;
    let mut last = None;
    loop {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(last),
            Err(error) => {
                let known = last.unwrap_or(after);
                return Err(damaged_or_unavailable(error, known.next()).into());
            }
        };
        let record = stored(row)?;
        check.check(&record)?;
        check_columns(row, &record)?;
        last = Some(record.position);
    }
}

/// The columns that the indexes are built on must say what the record says.
fn check_columns(row: &Row<'_>, record: &StoredRecord) -> Result<(), ReadError> {
    let position = record.position;
    let damaged = |what: &str| ReadError::Damaged { position, what: what.to_owned() };
    let event = record.decode().map_err(|error| damaged(&error.to_string()))?;
    if row.get_ref(3) != Ok(ValueRef::Text(event.stream.as_bytes())) {
        return Err(damaged("the column stream says something else than the record"));
    }
    if row.get_ref(4) != Ok(ValueRef::Integer(integer(event.version.0))) {
        return Err(damaged("the column version says something else than the record"));
    }
    if row.get_ref(5) != Ok(ValueRef::Blob(event.id.0.as_bytes())) {
        return Err(damaged("the column event_id says something else than the record"));
    }
    let command = event.command.map(|mark| command_column(&mark.principal, &mark.key));
    let same = match row.get_ref(6) {
        Ok(ValueRef::Null) => command.is_none(),
        Ok(ValueRef::Text(text)) => command.is_some_and(|command| command.as_bytes() == text),
        _ => false,
    };
    if same { Ok(()) } else { Err(damaged("the column command says something else than the record")) }
}

/// Checks the pages themselves: a flipped bit in an index is no wrong record, and still no sound file.
fn check_file(connection: &Connection) -> Result<(), ReadError> {
    let verdict: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" {
        return Ok(());
    }
    let position = head(connection).unwrap_or_default();
    Err(ReadError::Damaged { position, what: format!("the file is not sound: {verdict}") })
}

/// The value of the column `command`: 128 bits of the SHA-256 over principal and key, in Base64.
///
/// Keys can be long, and the index is a good part of what a ticket costs on the disk. The length keeps apart where
/// the principal ends and the key begins.
pub(super) fn command_column(principal: &str, key: &str) -> String {
    let hash = record::hash(format!("{}:{principal}{key}", principal.len()).as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(&hash[..16])
}
