//! The operational file's table, its mark, and the settings its connection runs with.

use super::OperationalError;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

/// Marks the file as Docket's operational one (`dcko`).
const APPLICATION_ID: i32 = 0x6463_6b6f;

/// The format this release writes and reads.
const FORMAT: i32 = 1;

const TABLE: &str = "
CREATE TABLE entries (
    kind       TEXT NOT NULL,
    id         TEXT NOT NULL,
    data       TEXT NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX entries_by_expiry ON entries (expires_at) WHERE expires_at IS NOT NULL;
";

/// Opens the file, making it where it is missing.
pub(super) fn open(path: &Path) -> Result<Connection, OperationalError> {
    make(path).map_err(|source| OperationalError::Io { path: path.display().to_string(), source })?;
    let not_ours = || OperationalError::NotOurs { path: path.display().to_string() };
    let ours = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => not_ours(),
        _ => error.into(),
    };
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_READ_WRITE;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    let number = |connection: &Connection, pragma: &str| {
        connection.query_row(pragma, [], |row| row.get::<_, i64>(0)).map_err(ours)
    };
    let tables = number(&connection, "SELECT count(*) FROM sqlite_schema")?;
    let mark = number(&connection, "PRAGMA application_id")?;
    let format = number(&connection, "PRAGMA user_version")?;
    let is_new = (tables, mark, format) == (0, 0, 0);
    if !is_new && (mark, format) != (i64::from(APPLICATION_ID), i64::from(FORMAT)) {
        return Err(not_ours());
    }
    // What was revoked or used up shall not be found in the file's free pages (promise S8).
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
         PRAGMA trusted_schema = OFF; PRAGMA mmap_size = 0;",
    )?;
    if is_new {
        let transaction = connection.transaction()?;
        transaction.execute_batch(TABLE)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", FORMAT)?;
        transaction.commit()?;
    }
    Ok(connection)
}

/// Makes an empty file that only its owner can read; SQLite gives what it keeps beside it the same rights.
fn make(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
