//! The log's file: its tables, its format number, and the settings every connection runs with.

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// Marks the file as a Docket log (`dckt`).
pub(super) const APPLICATION_ID: i32 = 0x6463_6b74;

/// The format this release writes and reads. A log of a higher format is refused, never guessed at.
pub const LOG_FORMAT: i32 = 1;

/// Before this SQLite a reset of the WAL could corrupt the file (docs/OPERATIONS.md).
const SQLITE_VERSION_MIN: i32 = 3_051_003;

/// How long a connection waits for another that holds the file.
pub(super) const LOCK_WAIT: Duration = Duration::from_secs(5);

/// The whole record is `record`; the columns beside it are what the indexes need, checked by `verify`.
const TABLES: &str = "
CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream   TEXT    NOT NULL,
    version  INTEGER NOT NULL,
    event_id BLOB    NOT NULL,
    command  TEXT,
    record   BLOB    NOT NULL,
    hash     BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_by_stream  ON events (stream, version);
CREATE UNIQUE INDEX events_by_id      ON events (event_id);
CREATE UNIQUE INDEX events_by_command ON events (command) WHERE command IS NOT NULL;
";

/// Why a log could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// SQLite itself is too old to be trusted with the log.
    #[error("SQLite {found} can corrupt a log; 3.51.3 or newer is needed")]
    SqliteTooOld {
        /// The version that is linked.
        found: &'static str,
    },
    /// The file is something else.
    #[error("{path} is not a Docket log")]
    NotALog {
        /// Which file.
        path: String,
    },
    /// A newer release wrote it.
    #[error("{path} has log format {found}, this release reads up to {LOG_FORMAT}; use the newer release")]
    NewerFormat {
        /// Which file.
        path: String,
        /// Its format.
        found: i32,
    },
    /// The end of the log is damaged.
    #[error("the log is damaged at position {position}: {what}; restore a back-up, nothing was changed")]
    Damaged {
        /// The position that is wrong.
        position: u64,
        /// What is wrong with it.
        what: String,
    },
    /// What a crash left is damaged, and opening the log would lose what lies behind it.
    #[error(
        "{path} is damaged at byte {offset}, and {commits} commits behind it would be lost; restore a back-up, nothing \
         was changed"
    )]
    DamagedWal {
        /// Which file.
        path: String,
        /// Where the damage begins. Unit: bytes.
        offset: u64,
        /// Commits that lie behind it.
        commits: u64,
    },
    /// The system does not let it be read.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// Which file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system lets it be read and not written.
    #[error("{path} cannot be written; give the server the right to write it")]
    ReadOnly {
        /// Which file.
        path: String,
    },
    /// Another process reads it, and keeps what a crash left unfinished from being finished.
    #[error("another process has been reading {path} for long; end it, then start again")]
    HeldBack {
        /// Which file.
        path: String,
    },
    /// A setting did not take hold.
    #[error("SQLite does not keep the setting {setting}")]
    Setting {
        /// Which one.
        setting: &'static str,
    },
    /// SQLite could not open or make the file.
    #[error("{path} cannot be opened: {source}")]
    Sqlite {
        /// Which file.
        path: String,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

/// Opens a connection, through a test disk if one is named.
pub(super) fn connect(path: &Path, vfs: Option<&str>, writable: bool) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX
        | if writable {
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
        } else {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        };
    let connection = match vfs {
        Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs)?,
        None => Connection::open_with_flags(path, flags)?,
    };
    connection.busy_timeout(LOCK_WAIT)?;
    // The same plan whatever is bound: otherwise a statement is compiled anew for each new value.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

/// Tells what SQLite said of a file from the file being something else.
fn failed(path: &Path) -> impl Fn(rusqlite::Error) -> OpenError + Copy {
    move |source| {
        let path = path.display().to_string();
        match source.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => OpenError::NotALog { path },
            _ => OpenError::Sqlite { path, source },
        }
    }
}

/// Checks that the file is a log this release can read.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    if rusqlite::version_number() < SQLITE_VERSION_MIN {
        return Err(OpenError::SqliteTooOld { found: rusqlite::version() });
    }
    let number = |pragma| connection.query_row(pragma, [], |row| row.get(0)).map_err(failed(path));
    let application: i32 = number("PRAGMA application_id")?;
    let format: i32 = number("PRAGMA user_version")?;
    let shown = path.display().to_string();
    if application != APPLICATION_ID || format < 1 {
        return Err(OpenError::NotALog { path: shown });
    }
    if format > LOG_FORMAT {
        return Err(OpenError::NewerFormat { path: shown, found: format });
    }
    Ok(())
}

/// Makes the tables in a file that is still empty, and settles how it is written.
pub(super) fn prepare(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let failed = failed(path);
    // Whatever is in the file, also an application's mark without a table, makes it somebody's.
    let number = |pragma| connection.query_row(pragma, [], |row| row.get::<_, i64>(0)).map_err(failed);
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    let is_new = tables == 0 && number("PRAGMA application_id")? == 0 && number("PRAGMA user_version")? == 0;
    if !is_new {
        check(connection, path)?;
    }
    if connection.is_readonly("main").map_err(failed)? {
        return Err(OpenError::ReadOnly { path: path.display().to_string() });
    }
    let journal: String =
        connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(failed)?;
    if journal != "wal" {
        return Err(OpenError::Setting { setting: "journal_mode = WAL" });
    }
    connection
        .execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -8192;
             PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;",
        )
        .map_err(failed)?;
    let synchronous: i64 =
        connection.query_row("PRAGMA synchronous", [], |row| row.get(0)).map_err(failed)?;
    if synchronous != 2 {
        // Anything less acknowledges commands that a power cut then loses (promise D2).
        return Err(OpenError::Setting { setting: "synchronous = FULL" });
    }
    if is_new {
        let transaction = connection.transaction().map_err(failed)?;
        transaction
            .execute_batch(TABLES)
            .and_then(|()| transaction.pragma_update(None, "application_id", APPLICATION_ID))
            .and_then(|()| transaction.pragma_update(None, "user_version", LOG_FORMAT))
            .and_then(|()| transaction.commit())
            .map_err(failed)?;
    }
    Ok(())
}
