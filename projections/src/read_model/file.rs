//! The file of a read model: a table of rows, one of counters, the tickets set aside, and the checkpoint.

use super::blocks;
use super::context::{self, Kept};
use super::quarantine::with_quarantine;
use super::rows::{self, Sums};
use super::texts::{self, Texts};
use super::{Checkpoint, Quarantined};
use crate::ledger::Ledger;
use crate::projector::{Projector, Row, StateHash, Tally, fingerprint};
use compact_str::CompactString;
use docket_core::names::{GlobalPosition, TicketNumber};
use docket_core::time::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};
use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};
use std::marker::PhantomData;
use std::path::Path;

/// Marks the file as a read model (`dckm`).
const APPLICATION_ID: i32 = 0x6463_6b6d;

/// Rows whose keys are looked up together when the context has changed.
const ROWS_JUDGED_AT_ONCE: i64 = 1024;

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Small batches, readers beside it. A power cut may take the last batch together with its checkpoint.
    Live,
    /// Written once from the beginning of the log; indexes last, one sync at the end.
    Rebuild,
    /// In memory, for a view of the past.
    Memory,
}

/// Why a read model's file is of no use.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Another projector, or another version of this one, made it.
    #[error("made by another definition of the projector ({found})")]
    OtherProjector {
        /// The fingerprint in the file.
        found: String,
    },
    /// It does not hold what a read model holds.
    #[error("damaged: {0}")]
    Damaged(String),
    /// The system does not let it be made, read, renamed or deleted.
    #[error("{path} cannot be used: {source}")]
    Io {
        /// Which file or directory.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// SQLite could not read or write it.
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
}

impl FileError {
    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io { path: path.display().to_string(), source }
    }

    /// Whether a query met a damaged file. An error in the query itself is none.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::OtherProjector { .. } | Self::Damaged(_) => true,
            Self::Io { .. } => false,
            // A long text stands on pages of its own, of which SQLite knows nothing that could be wrong.
            Self::Sqlite(rusqlite::Error::Utf8Error(..) | rusqlite::Error::FromSqlConversionFailure(..)) => {
                true
            }
            Self::Sqlite(error) => {
                matches!(
                    error.sqlite_error_code(),
                    Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
                )
            }
        }
    }

    /// Whether making the file anew from the log helps, when opening it or writing to it failed: always, unless
    /// the system stands in the way. A header with one wrong bit can make SQLite say nearly anything.
    pub(crate) fn is_cured_by_rebuild(&self) -> bool {
        match self {
            Self::OtherProjector { .. } | Self::Damaged(_) => true,
            Self::Io { .. } => false,
            Self::Sqlite(error) => !matches!(
                error.sqlite_error_code(),
                Some(
                    ErrorCode::DiskFull
                        | ErrorCode::SystemIoFailure
                        | ErrorCode::CannotOpen
                        | ErrorCode::PermissionDenied
                        | ErrorCode::DatabaseBusy
                        | ErrorCode::DatabaseLocked
                        | ErrorCode::OutOfMemory
                        | ErrorCode::OperationInterrupted
                )
            ),
        }
    }
}

/// An open read model.
pub(super) struct ModelFile<P> {
    connection: Connection,
    insert: String,
    purpose: Purpose,
    /// How many tickets are told loosely beside the rows, at most.
    loose: Cell<u64>,
    projector: PhantomData<fn() -> P>,
}

impl<P: Projector> ModelFile<P> {
    pub(super) fn open(path: &Path, purpose: Purpose) -> Result<Self, FileError> {
        let connection = match purpose {
            Purpose::Memory => Connection::open_in_memory()?,
            Purpose::Live | Purpose::Rebuild => Connection::open(path)?,
        };
        settle_plans(&connection)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.execute_batch(match purpose {
            Purpose::Live => {
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -4096;
                 PRAGMA journal_size_limit = 16777216; PRAGMA trusted_schema = OFF;"
            }
            // A rebuild that is cut off is begun anew, so nothing of it needs to survive on the way.
            Purpose::Rebuild | Purpose::Memory => {
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384;
                 PRAGMA locking_mode = EXCLUSIVE; PRAGMA threads = 2; PRAGMA trusted_schema = OFF;"
            }
        })?;
        let (insert, loose) = (insert::<P>(), Cell::new(0));
        let mut file = Self { connection, insert, purpose, loose, projector: PhantomData };
        file.prepare()?;
        if P::FACTS {
            file.loose.set(blocks::loose(&file.connection)?);
        }
        Ok(file)
    }

    fn prepare(&mut self) -> Result<(), FileError> {
        let application: i32 = self.connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
        let tables: i64 =
            self.connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if tables > 0 {
            if application != APPLICATION_ID {
                return Err(FileError::Damaged("it is no read model".into()));
            }
            let found: String =
                self.connection.query_row("SELECT fingerprint FROM checkpoint", [], |row| row.get(0))?;
            return if found == fingerprint::<P>() {
                Ok(())
            } else {
                Err(FileError::OtherProjector { found })
            };
        }
        let columns: String = P::COLUMNS.iter().map(|name| format!("{name} INTEGER NOT NULL, ")).collect();
        let transaction = self.connection.transaction()?;
        transaction.execute_batch(&format!(
            "CREATE TABLE rows (key INTEGER PRIMARY KEY, {columns} state TEXT NOT NULL, personal TEXT) STRICT;
             CREATE TABLE tallies (name INTEGER, bucket INTEGER, count INTEGER NOT NULL,
                 PRIMARY KEY (name, bucket)) STRICT, WITHOUT ROWID;
             CREATE TABLE quarantine (ticket INTEGER PRIMARY KEY, position INTEGER NOT NULL,
                 why TEXT NOT NULL) STRICT;
             CREATE TABLE checkpoint (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL,
                 recorded_at INTEGER, hash TEXT NOT NULL, fingerprint TEXT NOT NULL,
                 checksum TEXT NOT NULL) STRICT;"
        ))?;
        if P::TEXTS {
            transaction.execute_batch(texts::SCHEMA)?;
        }
        if P::FACTS {
            transaction.execute_batch(blocks::SCHEMA)?;
        }
        if P::JUDGED.is_some() {
            transaction.execute_batch(context::SCHEMA)?;
        }
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        let start =
            Checkpoint { position: GlobalPosition::START, recorded_at: None, hash: StateHash::default() };
        transaction.execute(
            "INSERT INTO checkpoint VALUES (1, 0, NULL, ?1, ?2, ?3)",
            (start.hash.to_hex(), fingerprint::<P>(), checksum(&start, start.hash)),
        )?;
        if self.purpose == Purpose::Live {
            indexes::<P>().try_for_each(|index| transaction.execute_batch(index))?;
        } else if P::TEXTS {
            transaction.execute_batch(texts::BEFORE_REBUILD)?;
        }
        Ok(transaction.commit()?)
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Where the file stands: its checkpoint and the tickets set aside, which vouch for each other.
    pub(super) fn standing(&self) -> Result<(Checkpoint, BTreeMap<TicketNumber, Quarantined>), FileError> {
        standing(&self.connection)
    }

    pub(super) fn highest_key(&self) -> Result<Option<i64>, FileError> {
        Ok(self.connection.query_row("SELECT max(key) FROM rows", [], |row| row.get(0))?)
    }

    pub(super) fn load(&self, key: i64) -> Result<Option<(Row<P>, StateHash)>, FileError> {
        let found: Option<(String, Option<String>)> = self
            .connection
            .prepare_cached("SELECT state, personal FROM rows WHERE key = ?1")?
            .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((state, personal)) = found else { return Ok(None) };
        let hash = StateHash::of(key, state.as_bytes());
        Ok(Some((decode_row(&state, personal.as_deref())?, hash)))
    }

    /// Begins a transaction; what is not committed leaves the file as it was.
    pub(super) fn write(&self) -> Result<Writing<'_>, FileError> {
        let behaviour = rusqlite::TransactionBehavior::Immediate;
        let transaction = rusqlite::Transaction::new_unchecked(&self.connection, behaviour)?;
        let loose_max = match self.purpose {
            Purpose::Live => blocks::LOOSE_LIVE_MAX,
            Purpose::Rebuild | Purpose::Memory => blocks::LOOSE_REBUILD_MAX,
        };
        Ok(Writing { transaction, insert: &self.insert, loose: &self.loose, loose_max })
    }

    pub(super) fn finish(&mut self) -> Result<(), FileError> {
        if self.purpose == Purpose::Live {
            return Ok(());
        }
        indexes::<P>().try_for_each(|index| self.connection.execute_batch(index))?;
        if P::FACTS {
            let transaction = self.connection.transaction()?;
            self.loose.set(blocks::seal(&transaction, 0)?);
            transaction.commit()?;
        }
        if P::TEXTS {
            self.connection.execute_batch(texts::AFTER_REBUILD)?;
        }
        // Others may read it from here on; the lock is let go with the next look at the file.
        Ok(self.connection.execute_batch("PRAGMA locking_mode = NORMAL; SELECT one FROM checkpoint")?)
    }

    /// The hash over the rows as they are in the file. A rebuilt file is large: two threads share it.
    pub(super) fn hash_of_rows(&self) -> Result<StateHash, FileError> {
        let mut hash = context::hash::<P>(&self.connection)?;
        hash.add(self.hash_of_all_keys()?);
        Ok(hash)
    }

    fn hash_of_all_keys(&self) -> Result<StateHash, FileError> {
        let path = self.connection.path().filter(|_| self.purpose == Purpose::Rebuild);
        let Some(path) = path else { return hash_of_keys(&self.connection, i64::MIN, i64::MAX) };
        let (first, last): (Option<i64>, Option<i64>) = self.connection.query_row(
            "SELECT (SELECT min(key) FROM rows), (SELECT max(key) FROM rows)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let middle = first.unwrap_or(0).midpoint(last.unwrap_or(0));
        let upper_half =
            || hash_of_keys(&open_for_reading(Path::new(path))?, middle.saturating_add(1), i64::MAX);
        std::thread::scope(|scope| {
            let upper = std::thread::Builder::new().spawn_scoped(scope, upper_half);
            let mut hash = hash_of_keys(&self.connection, i64::MIN, middle)?;
            hash.add(match upper {
                Ok(upper) => upper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?,
                Err(_) => upper_half()?,
            });
            Ok(hash)
        })
    }
}

fn indexes<P: Projector>() -> impl Iterator<Item = &'static str> {
    P::INDEXES.iter().copied().chain(P::TEXTS.then_some(texts::INDEX))
}

fn hash_of_keys(connection: &Connection, from: i64, to: i64) -> Result<StateHash, FileError> {
    let mut statement =
        connection.prepare("SELECT key, state FROM rows WHERE key >= ?1 AND key <= ?2 ORDER BY key")?;
    let mut rows = statement.query([from, to])?;
    let mut hash = StateHash::default();
    while let Some(row) = rows.next()? {
        let state = row.get_ref(1)?.as_bytes().map_err(|error| FileError::Damaged(error.to_string()))?;
        hash.add(StateHash::of(row.get(0)?, state));
    }
    Ok(hash)
}

/// Takes a row: key, columns, state, text about persons, facts for reports.
pub(super) type Put<'a> =
    dyn FnMut(i64, &[i64], &str, Option<&str>, Option<&Ledger>) -> Result<(), FileError> + 'a;

/// A transaction on the file of a read model.
pub(super) struct Writing<'a> {
    transaction: rusqlite::Transaction<'a>,
    insert: &'a str,
    loose: &'a Cell<u64>,
    loose_max: u64,
}

impl Writing<'_> {
    /// Writes rows as they are put.
    pub(super) fn rows<T>(
        &self,
        fill: impl FnOnce(&mut Put<'_>) -> Result<T, FileError>,
    ) -> Result<T, FileError> {
        let mut insert = self.transaction.prepare_cached(self.insert)?;
        fill(&mut |key, columns, state, personal, ledger| {
            insert.raw_bind_parameter(1, key)?;
            for (index, column) in columns.iter().enumerate() {
                insert.raw_bind_parameter(index + 2, column)?;
            }
            insert.raw_bind_parameter(columns.len() + 2, state)?;
            insert.raw_bind_parameter(columns.len() + 3, personal)?;
            insert.raw_execute()?;
            if let Some(ledger) = ledger {
                blocks::put(&self.transaction, key, ledger)?;
                self.loose.set(self.loose.get() + 1);
            }
            Ok(())
        })
    }

    /// Writes every row anew that a change of the context concerns.
    pub(super) fn judge_again<P: Projector>(
        &self,
        file: &ModelFile<P>,
        context: &P::Context,
        sums: &mut Sums,
    ) -> Result<(), FileError> {
        let Some(judged) = P::JUDGED else { return Ok(()) };
        let next = format!("SELECT key FROM rows WHERE {judged} = 1 AND key > ?1 ORDER BY key LIMIT ?2");
        let mut next = self.transaction.prepare(&next)?;
        let mut after = i64::MIN;
        loop {
            let keys = next.query_map((after, ROWS_JUDGED_AT_ONCE), |row| row.get(0))?;
            let keys = keys.collect::<Result<Vec<i64>, _>>()?;
            let Some(last) = keys.last() else { return Ok(()) };
            after = *last;
            self.rows(|put| {
                keys.iter().try_for_each(|key| match file.load(*key)? {
                    Some(row) => rows::judge_again::<P>(*key, row, context, sums, put),
                    None => Ok(()),
                })
            })?;
        }
    }

    /// Seals blocks of facts once many tickets are told loosely.
    pub(super) fn seal(&self) -> Result<(), FileError> {
        if self.loose.get() > self.loose_max {
            self.loose.set(blocks::seal(&self.transaction, self.loose_max / 2)?);
        }
        Ok(())
    }

    pub(super) fn context(&self, changed: &Kept) -> Result<(), FileError> {
        changed.put(&self.transaction)
    }

    pub(super) fn tallies(&self, changes: &BTreeMap<Tally, i64>) -> Result<(), FileError> {
        let mut count = self.transaction.prepare_cached(
            "INSERT INTO tallies VALUES (?1, ?2, ?3)
             ON CONFLICT (name, bucket) DO UPDATE SET count = count + excluded.count",
        )?;
        // A counter that is back at nothing goes: those of past hours would pile up for ever otherwise.
        let mut forget = self
            .transaction
            .prepare_cached("DELETE FROM tallies WHERE name = ?1 AND bucket = ?2 AND count = 0")?;
        for (tally, change) in changes.iter().filter(|(_, change)| **change != 0) {
            count.execute((tally.name, tally.bucket, change))?;
            if *change < 0 {
                forget.execute((tally.name, tally.bucket))?;
            }
        }
        Ok(())
    }

    /// Writes texts to be found by words; returns the words that were new.
    pub(super) fn texts(&self, texts: &Texts) -> Result<HashSet<CompactString>, FileError> {
        texts.put(&self.transaction)
    }

    pub(super) fn quarantine(
        &self,
        set_aside: &BTreeMap<TicketNumber, Quarantined>,
    ) -> Result<(), FileError> {
        self.transaction.execute("DELETE FROM quarantine", [])?;
        let mut insert = self.transaction.prepare_cached("INSERT INTO quarantine VALUES (?1, ?2, ?3)")?;
        for entry in set_aside.values() {
            insert.execute((entry.ticket.0 as i64, entry.position.0 as i64, &entry.why))?;
        }
        Ok(())
    }

    pub(super) fn commit(
        self,
        checkpoint: &Checkpoint,
        set_aside: &BTreeMap<TicketNumber, Quarantined>,
    ) -> Result<(), FileError> {
        self.transaction
            .prepare_cached(
                "UPDATE checkpoint SET position = ?1, recorded_at = ?2, hash = ?3, checksum = ?4",
            )?
            .execute((
                checkpoint.position.0 as i64,
                checkpoint.recorded_at.map(|at| at.0),
                checkpoint.hash.to_hex(),
                checksum(checkpoint, with_quarantine(checkpoint.hash, set_aside.values())),
            ))?;
        Ok(self.transaction.commit()?)
    }
}

/// The statement that writes a row. Where rows do not change, one that is there already is a mistake.
fn insert<P: Projector>() -> String {
    let names: Vec<&str> = P::COLUMNS.iter().copied().chain(["state", "personal"]).collect();
    let places: Vec<String> = (1..=names.len() + 1).map(|index| format!("?{index}")).collect();
    let insert = format!("INSERT INTO rows (key, {}) VALUES ({})", names.join(", "), places.join(", "));
    if !P::ROWS_CHANGE {
        return insert;
    }
    let updates: Vec<String> = names.iter().map(|name| format!("{name} = excluded.{name}")).collect();
    format!("{insert} ON CONFLICT (key) DO UPDATE SET {}", updates.join(", "))
}

/// Reads a row back from its columns `state` and `personal`.
///
/// # Errors
/// [`FileError::Damaged`] when they do not hold one.
pub fn decode_row<P: Projector>(state: &str, personal: Option<&str>) -> Result<Row<P>, FileError> {
    let damaged = |error: serde_json::Error| FileError::Damaged(error.to_string());
    let state = serde_json::from_str(state).map_err(damaged)?;
    let personal = personal.map(serde_json::from_str).transpose().map_err(damaged)?;
    Ok(Row { state, personal })
}

/// How far the read model on a connection has come.
///
/// # Errors
/// [`FileError`]
pub fn checkpoint(connection: &Connection) -> Result<Checkpoint, FileError> {
    let (position, recorded_at, hash): (i64, Option<i64>, String) = connection
        .prepare_cached("SELECT position, recorded_at, hash FROM checkpoint")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let hash = StateHash::from_hex(&hash)
        .ok_or_else(|| FileError::Damaged("the checkpoint's hash cannot be read".into()))?;
    let position = GlobalPosition(position as u64);
    Ok(Checkpoint { position, recorded_at: recorded_at.map(Timestamp), hash })
}

/// Vouches for a checkpoint and the tickets set aside: a position that went wrong on the disk would let events
/// be taken twice or left out, and the hash of the rows would not tell.
fn checksum(checkpoint: &Checkpoint, digest: StateHash) -> String {
    let at = checkpoint.recorded_at.map_or(i64::MIN, |at| at.0);
    let text = format!("{at} {} {}", checkpoint.hash.to_hex(), digest.to_hex());
    StateHash::of(checkpoint.position.0 as i64, text.as_bytes()).to_hex()
}

/// Reads checkpoint and tickets set aside, and checks that they belong together.
pub(crate) fn standing(
    connection: &Connection,
) -> Result<(Checkpoint, BTreeMap<TicketNumber, Quarantined>), FileError> {
    let checkpoint = checkpoint(connection)?;
    let quarantine: BTreeMap<_, _> =
        quarantine(connection)?.into_iter().map(|entry| (entry.ticket, entry)).collect();
    let found: String = connection.query_row("SELECT checksum FROM checkpoint", [], |row| row.get(0))?;
    if found != checksum(&checkpoint, with_quarantine(checkpoint.hash, quarantine.values())) {
        return Err(FileError::Damaged("the checkpoint does not match its checksum".into()));
    }
    Ok((checkpoint, quarantine))
}

/// The tickets that the read model on a connection has set aside.
///
/// # Errors
/// [`FileError`]
pub fn quarantine(connection: &Connection) -> Result<Vec<Quarantined>, FileError> {
    let mut statement =
        connection.prepare_cached("SELECT ticket, position, why FROM quarantine ORDER BY ticket")?;
    let rows = statement.query_map([], |row| {
        Ok(Quarantined {
            ticket: TicketNumber(row.get::<_, i64>(0)? as u64),
            position: GlobalPosition(row.get::<_, i64>(1)? as u64),
            why: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The same plan whatever is bound: otherwise a statement is compiled anew for each new value.
fn settle_plans(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// Opens a read model for queries only.
///
/// # Errors
/// [`FileError`]
pub fn open_for_reading(path: &Path) -> Result<Connection, FileError> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    settle_plans(&connection)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection
        .execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -1024; PRAGMA trusted_schema = OFF;")?;
    Ok(connection)
}
