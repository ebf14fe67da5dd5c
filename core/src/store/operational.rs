//! What is kept beside the log: passwords, sessions, tokens, answers to remember, deliveries under way, drafts.
//!
//! One small SQLite file of entries, each a kind, an identifier and a text. Nothing in it is history, and losing it
//! loses none: people are invited anew, programs get new tokens (docs/OPERATIONS.md). Who reads often keeps what it
//! needs in memory; here every change is on the disk before it is acknowledged.

mod file;

use crate::time::Timestamp;
use rusqlite::Connection;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The longest data of one entry. Unit: bytes.
pub const DATA_BYTES_MAX: usize = 128 * 1024;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The digest of somebody's password.
    Password,
    /// Somebody who is signed in.
    Session,
    /// What a program shows instead of a password.
    Token,
    /// What lets somebody choose their password, once.
    Invitation,
    /// What a keyed request was answered.
    Answer,
    /// Where events are sent to.
    Endpoint,
    /// An event under way to an endpoint.
    Delivery,
    /// An event that did not get there.
    DeadLetter,
    /// What somebody has begun to write.
    Draft,
    /// A file that waits for its message.
    Upload,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Password,
        Self::Session,
        Self::Token,
        Self::Invitation,
        Self::Answer,
        Self::Endpoint,
        Self::Delivery,
        Self::DeadLetter,
        Self::Draft,
        Self::Upload,
    ];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Session => "session",
            Self::Token => "token",
            Self::Invitation => "invitation",
            Self::Answer => "answer",
            Self::Endpoint => "endpoint",
            Self::Delivery => "delivery",
            Self::DeadLetter => "dead_letter",
            Self::Draft => "draft",
            Self::Upload => "upload",
        }
    }
}

/// One change; several are made together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Keep this, in place of what was there.
    Put {
        /// What it is.
        kind: Kind,
        /// Which one.
        id: String,
        /// What it says; at most [`DATA_BYTES_MAX`].
        data: String,
        /// From when on it may be thrown away; never if left out.
        expires_at: Option<Timestamp>,
    },
    /// Keep it no more; when it is not there, none of the changes is made.
    Take {
        /// What it is.
        kind: Kind,
        /// Which one.
        id: String,
    },
    /// Keep it no more; nothing happens when it is not there.
    Remove {
        /// What it is.
        kind: Kind,
        /// Which one.
        id: String,
    },
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which one.
    pub id: String,
    /// What it says.
    pub data: String,
}

/// Why the file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum OperationalError {
    /// It is something else, or of a newer release.
    #[error("{path} is not an operational file of this release; use the newer release, or move it away")]
    NotOurs {
        /// Which file.
        path: String,
    },
    /// It could not be read or written.
    #[error("the operational file cannot be used: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// It could not be made.
    #[error("{path} cannot be made: {source}")]
    Io {
        /// Which file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// What was to be taken is not there any more.
    #[error("what was to be taken is not there any more")]
    Gone,
    /// An entry is longer than [`DATA_BYTES_MAX`].
    #[error("an entry of {bytes} bytes is longer than {DATA_BYTES_MAX}")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
}

/// The operational file. Blocking: whoever serves requests calls it away from the threads that do.
pub struct Operational {
    connection: Mutex<Connection>,
}

impl Operational {
    /// Opens the file, making it where it is missing, readable by its owner only.
    ///
    /// # Errors
    /// [`OperationalError`]
    pub fn open(path: &Path) -> Result<Self, OperationalError> {
        Ok(Self { connection: Mutex::new(file::open(path)?) })
    }

    /// Every entry of a kind, in the order of their identifiers.
    ///
    /// # Errors
    /// [`OperationalError::Sqlite`]
    pub fn all(&self, kind: Kind) -> Result<Vec<Entry>, OperationalError> {
        self.after(kind, "", u32::MAX)
    }

    /// Some entries of a kind, those after an identifier, in the order of these.
    ///
    /// # Errors
    /// [`OperationalError::Sqlite`]
    pub fn after(&self, kind: Kind, id: &str, limit: u32) -> Result<Vec<Entry>, OperationalError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT id, data FROM entries WHERE kind = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
        )?;
        let rows = statement
            .query_map((kind.as_str(), id, limit), |row| Ok(Entry { id: row.get(0)?, data: row.get(1)? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What an entry says, if it is there.
    ///
    /// # Errors
    /// [`OperationalError::Sqlite`]
    pub fn find(&self, kind: Kind, id: &str) -> Result<Option<String>, OperationalError> {
        let connection = self.lock();
        let mut statement =
            connection.prepare_cached("SELECT data FROM entries WHERE kind = ?1 AND id = ?2")?;
        let mut rows = statement.query((kind.as_str(), id))?;
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
    }

    /// Makes changes, all of them or none; they are on the disk when this returns.
    ///
    /// # Errors
    /// [`OperationalError`]; then nothing is changed.
    pub fn write(&self, changes: &[Change]) -> Result<(), OperationalError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for change in changes {
            match change {
                Change::Put { kind, id, data, expires_at } => {
                    if data.len() > DATA_BYTES_MAX {
                        return Err(OperationalError::TooLong { bytes: data.len() });
                    }
                    transaction
                        .prepare_cached(
                            "INSERT INTO entries (kind, id, data, expires_at) VALUES (?1, ?2, ?3, ?4)
                             ON CONFLICT DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at",
                        )?
                        .execute((kind.as_str(), id, data, expires_at.map(|at| at.0)))?;
                }
                Change::Take { kind, id } => {
                    let taken = transaction
                        .prepare_cached("DELETE FROM entries WHERE kind = ?1 AND id = ?2")?
                        .execute((kind.as_str(), id))?;
                    if taken == 0 {
                        return Err(OperationalError::Gone);
                    }
                }
                Change::Remove { kind, id } => {
                    transaction
                        .prepare_cached("DELETE FROM entries WHERE kind = ?1 AND id = ?2")?
                        .execute((kind.as_str(), id))?;
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// Throws away what has expired, and tells how many entries that were.
    ///
    /// # Errors
    /// [`OperationalError::Sqlite`]
    pub fn expire(&self, now: Timestamp) -> Result<usize, OperationalError> {
        Ok(self.lock().execute("DELETE FROM entries WHERE expires_at <= ?1", [now.0])?)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic inside leaves a transaction that is rolled back, so the connection is as good as before.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(kind: Kind, id: &str, data: &str) -> Change {
        Change::Put { kind, id: id.into(), data: data.into(), expires_at: None }
    }

    fn opened(path: &Path) -> Operational {
        Operational::open(path).unwrap()
    }

    #[test]
    fn what_was_written_is_there_after_opening_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("operational.db");
        let file = opened(&path);
        file.write(&[put(Kind::Token, "b", "2"), put(Kind::Token, "a", "1"), put(Kind::Session, "a", "3")])
            .unwrap();
        file.write(&[put(Kind::Token, "b", "4"), Change::Remove { kind: Kind::Session, id: "a".into() }])
            .unwrap();
        drop(file);
        let file = opened(&path);
        let entry = |id: &str, data: &str| Entry { id: id.into(), data: data.into() };
        assert_eq!(file.all(Kind::Token).unwrap(), [entry("a", "1"), entry("b", "4")]);
        assert_eq!(file.after(Kind::Token, "a", 9).unwrap(), [entry("b", "4")]);
        assert_eq!(file.find(Kind::Token, "b").unwrap().as_deref(), Some("4"));
        assert_eq!(file.all(Kind::Session).unwrap(), []);
    }

    #[test]
    fn changes_are_made_together_or_not_at_all() {
        let directory = tempfile::tempdir().unwrap();
        let file = opened(&directory.path().join("operational.db"));
        let long = "x".repeat(DATA_BYTES_MAX + 1);
        let refused = file.write(&[put(Kind::Token, "a", "1"), put(Kind::Token, "b", &long)]);
        assert!(matches!(refused, Err(OperationalError::TooLong { .. })));
        assert_eq!(file.all(Kind::Token).unwrap(), []);
        file.write(&[put(Kind::Token, "b", &long[1..])]).unwrap();
    }

    #[test]
    fn only_what_has_expired_is_thrown_away() {
        let directory = tempfile::tempdir().unwrap();
        let file = opened(&directory.path().join("operational.db"));
        for (id, expires_at) in [("past", Some(9)), ("now", Some(10)), ("later", Some(11)), ("never", None)] {
            let expires_at = expires_at.map(Timestamp);
            let change = Change::Put { kind: Kind::Session, id: id.into(), data: String::new(), expires_at };
            file.write(&[change]).unwrap();
        }
        assert_eq!(file.expire(Timestamp(10)).unwrap(), 2);
        let left: Vec<_> = file.all(Kind::Session).unwrap().into_iter().map(|entry| entry.id).collect();
        assert_eq!(left, ["later", "never"]);
    }

    #[test]
    fn another_file_is_refused_and_left_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("operational.db");
        std::fs::write(
            &path,
            "somebody's notes, longer than a header of SQLite would have to be, to be sure of it",
        )
        .unwrap();
        let before = std::fs::read(&path).unwrap();
        assert!(matches!(Operational::open(&path), Err(OperationalError::NotOurs { .. })));
        assert_eq!(std::fs::read(&path).unwrap(), before);
        let other = directory.path().join("other.db");
        Connection::open(&other).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
        assert!(matches!(Operational::open(&other), Err(OperationalError::NotOurs { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("operational.db");
        opened(&path).write(&[put(Kind::Token, "a", "1")]).unwrap();
        for entry in std::fs::read_dir(directory.path()).unwrap() {
            let entry = entry.unwrap();
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.path());
        }
    }

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(names.len(), Kind::ALL.len());
    }
}
