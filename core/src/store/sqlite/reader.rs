//! Reading the log: short transactions on read-only connections, every record's hash checked on the way out.

use super::schema;
use crate::names::{EventId, GlobalPosition, StreamName, StreamVersion};
use crate::record::{self, StoredRecord};
use crate::store::staging::Recorded;
use crate::store::{CommandKey, Progress, READ_RECORDS_MAX, ReadError, Verified, VerifyCheck};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Params, Row};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Connections kept for the next reader; more are opened when needed and closed afterwards.
const IDLE_CONNECTIONS_MAX: usize = 8;

/// Records that a full check reads in one transaction, so that it never holds the WAL back for long.
const VERIFY_PAGE_RECORDS: usize = 4096;

/// Read-only connections to one log.
#[derive(Clone)]
pub(super) struct Readers {
    path: PathBuf,
    vfs: Option<String>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

pub(super) fn unavailable(error: &rusqlite::Error) -> ReadError {
    ReadError::Unavailable { why: error.to_string() }
}

impl Readers {
    pub(super) fn new(path: &Path, vfs: Option<String>) -> Self {
        Self { path: path.to_owned(), vfs, idle: Arc::default() }
    }

    pub(super) fn with<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.open().map_err(|error| unavailable(&error))?,
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
        let records =
            self.with(|connection| select(connection, sql, (after.0 as i64, limit as i64), limit))?;
        let mut expected = after.next();
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
        let parameters = (stream.as_str(), after.0 as i64, limit as i64);
        self.with(|connection| select(connection, sql, parameters, limit))
    }

    pub(super) fn position_of(&self, id: EventId) -> Result<Option<GlobalPosition>, ReadError> {
        self.with(|connection| position_of(connection, id).map_err(|error| unavailable(&error)))
    }

    /// Checks every record and that the columns beside it say the same.
    pub(super) fn verify(&self, progress: &Progress) -> Result<Verified, ReadError> {
        let mut check = VerifyCheck::default();
        let mut after = GlobalPosition::START;
        loop {
            let page = self.with(|connection| verify_page(connection, after, &mut check))?;
            let Some(last) = page else { break };
            after = last;
            progress(after);
        }
        self.with(check_file)?;
        check.verified()
    }
}

/// Looks things up for the rules in `staging`, on any connection.
pub(super) struct Lookup<'a>(pub(super) &'a Connection);

impl Recorded for Lookup<'_> {
    type Error = ReadError;

    fn version(&mut self, stream: &StreamName) -> Result<StreamVersion, ReadError> {
        let version: Option<i64> = self
            .0
            .prepare_cached("SELECT max(version) FROM events WHERE stream = ?1")
            .and_then(|mut statement| statement.query_row([stream.as_str()], |row| row.get(0)))
            .map_err(|error| unavailable(&error))?;
        Ok(StreamVersion(version.unwrap_or(0) as u64))
    }

    fn position_of(&mut self, id: EventId) -> Result<Option<GlobalPosition>, ReadError> {
        position_of(self.0, id).map_err(|error| unavailable(&error))
    }

    fn command(&mut self, key: &CommandKey) -> Result<Option<GlobalPosition>, ReadError> {
        let column = command_column(&key.principal, &key.key);
        let position = self
            .0
            .prepare_cached("SELECT position FROM events WHERE command = ?1")
            .and_then(|mut statement| statement.query_row([column], |row| row.get::<_, i64>(0)).optional())
            .map_err(|error| unavailable(&error))?;
        Ok(position.map(|position| GlobalPosition(position as u64)))
    }

    fn record(&mut self, position: GlobalPosition) -> Result<StoredRecord, ReadError> {
        let sql = "SELECT position, record, hash FROM events WHERE position = ?1";
        let records = select(self.0, sql, [position.0 as i64], 1)?;
        let missing = || ReadError::Damaged { position, what: "the record is missing".into() };
        records.into_iter().next().ok_or_else(missing)
    }
}

pub(super) fn head(connection: &Connection) -> Result<GlobalPosition, rusqlite::Error> {
    let head: Option<i64> =
        connection.prepare_cached("SELECT max(position) FROM events")?.query_row([], |row| row.get(0))?;
    Ok(GlobalPosition(head.unwrap_or(0) as u64))
}

pub(super) fn position_of(
    connection: &Connection,
    id: EventId,
) -> Result<Option<GlobalPosition>, rusqlite::Error> {
    connection
        .prepare_cached("SELECT position FROM events WHERE event_id = ?1")?
        .query_row([id.0.as_bytes().as_slice()], |row| row.get::<_, i64>(0))
        .optional()
        .map(|found| found.map(|position| GlobalPosition(position as u64)))
}

/// Runs a query for `position, record, hash`, checking each hash.
pub(super) fn select(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    limit: usize,
) -> Result<Vec<StoredRecord>, ReadError> {
    let mut statement = connection.prepare_cached(sql).map_err(|error| unavailable(&error))?;
    let mut rows = statement.query(parameters).map_err(|error| unavailable(&error))?;
    let mut records = Vec::with_capacity(limit.min(256));
    loop {
        match rows.next() {
            Ok(Some(row)) => records.push(stored(row)?),
            Ok(None) => return Ok(records),
            Err(error) => return Err(damaged_or_unavailable(&error, records.last())),
        }
    }
}

/// A page that SQLite itself finds malformed is damage, and lies right after what could still be read.
fn damaged_or_unavailable(error: &rusqlite::Error, last: Option<&StoredRecord>) -> ReadError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseCorrupt) => ReadError::Damaged {
            position: last.map_or(GlobalPosition(1), |record| record.position.next()),
            what: error.to_string(),
        },
        _ => unavailable(error),
    }
}

fn stored(row: &Row<'_>) -> Result<StoredRecord, ReadError> {
    let position = GlobalPosition(row.get::<_, i64>(0).map_err(|error| unavailable(&error))? as u64);
    let damaged = |what: &str| ReadError::Damaged { position, what: what.to_owned() };
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
    let mut statement = connection
        .prepare_cached(
            "SELECT position, record, hash, stream, version, event_id, command FROM events
             WHERE position > ?1 ORDER BY position LIMIT ?2",
        )
        .map_err(|error| unavailable(&error))?;
    let mut rows =
        statement.query((after.0 as i64, VERIFY_PAGE_RECORDS as i64)).map_err(|error| unavailable(&error))?;
    let mut last: Option<StoredRecord> = None;
    loop {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(last.map(|record| record.position)),
            Err(error) => {
                let known = last.map_or(after, |record| record.position);
                let what = error.to_string();
                return Err(match error.sqlite_error_code() {
                    Some(rusqlite::ErrorCode::DatabaseCorrupt) => {
                        ReadError::Damaged { position: known.next(), what }
                    }
                    _ => unavailable(&error),
                });
            }
        };
        let record = stored(row)?;
        check.check(&record)?;
        check_columns(row, &record)?;
        last = Some(record);
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
    if row.get_ref(4) != Ok(ValueRef::Integer(event.version.0 as i64)) {
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
    let verdict: String = connection
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(|error| unavailable(&error))?;
    if verdict == "ok" {
        return Ok(());
    }
    let position = head(connection).unwrap_or_default();
    Err(ReadError::Damaged { position, what: format!("the file is not sound: {verdict}") })
}

/// The value of the column `command`. The separator cannot be part of a principal.
pub(super) fn command_column(principal: &str, key: &str) -> String {
    format!("{principal}\u{1f}{key}")
}
