//! The bare limit: the same tables, indexes, settings and batches on rusqlite, and nothing of Docket around.

use docket_core::store::sqlite::WAL_PAGES;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::{mpsc, oneshot};

/// A row of the log, made beforehand. Its position is given when it is written.
#[derive(Clone)]
pub(crate) struct BareRow {
    pub(crate) stream: String,
    pub(crate) version: i64,
    pub(crate) id: [u8; 16],
    pub(crate) command: Option<String>,
    pub(crate) record: Vec<u8>,
    pub(crate) hash: [u8; 32],
}

/// A file with the tables of a log, and a connection that writes to it.
pub(crate) struct BareLog {
    connection: Connection,
    position: i64,
    wal_pages: Arc<AtomicU32>,
    /// The WAL is taken over into the file when it holds this many pages.
    checkpoint_at: u32,
}

impl BareLog {
    /// Makes the tables by the statements of a real log, so that they are the same.
    pub(crate) fn create(path: &Path, like: &Path, checkpoint_at: u32) -> Self {
        let statements: Vec<String> = Connection::open_with_flags(like, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .unwrap()
            .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let mut connection = Connection::open(path).unwrap();
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;
                 PRAGMA cache_size = -8192; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;",
            )
            .unwrap();
        statements.iter().for_each(|statement| connection.execute_batch(statement).unwrap());
        let wal_pages = Arc::new(AtomicU32::new(0));
        let counter = wal_pages.clone();
        connection
            .wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages: i32| {
                counter.store(pages.unsigned_abs(), Ordering::Relaxed);
                Ok(())
            }))
            .unwrap();
        // The WAL is grown beforehand, as Docket grows it.
        let grow = format!(
            "PRAGMA cache_size = 16; BEGIN IMMEDIATE; CREATE TABLE filler (bytes BLOB);
             INSERT INTO filler VALUES (zeroblob({})); ROLLBACK; PRAGMA cache_size = -8192;",
            u64::from(WAL_PAGES) * 4096
        );
        connection.execute_batch(&grow).unwrap();
        Self { connection, position: 0, wal_pages, checkpoint_at }
    }

    /// Writes rows in one durable transaction.
    pub(crate) fn commit<'a>(&mut self, rows: impl IntoIterator<Item = &'a BareRow>) {
        if self.wal_pages.load(Ordering::Relaxed) >= self.checkpoint_at {
            self.checkpoint("RESTART");
        }
        self.connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        for row in rows {
            self.position += 1;
            self.connection
                .prepare_cached(
                    "INSERT INTO events (position, stream, version, event_id, command, record, hash)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                )
                .unwrap()
                .execute((
                    self.position,
                    &row.stream,
                    row.version,
                    row.id.as_slice(),
                    &row.command,
                    &row.record,
                    row.hash.as_slice(),
                ))
                .unwrap();
        }
        self.connection.execute_batch("COMMIT").unwrap();
    }

    pub(crate) fn checkpoint(&mut self, mode: &str) {
        let sql = format!("PRAGMA wal_checkpoint({mode})");
        self.connection.query_row(&sql, [], |_| Ok(())).unwrap();
        self.wal_pages.store(0, Ordering::Relaxed);
    }
}

/// A thread that writes what is sent to it, all that waits in one transaction, as Docket's writer does.
#[derive(Clone)]
pub(crate) struct BareWriter(mpsc::Sender<(BareRow, oneshot::Sender<()>)>);

impl BareWriter {
    pub(crate) fn start(mut log: BareLog) -> Self {
        let (sender, mut waiting) = mpsc::channel::<(BareRow, oneshot::Sender<()>)>(1024);
        std::thread::spawn(move || {
            let mut batch = Vec::with_capacity(256);
            while let Some(first) = waiting.blocking_recv() {
                batch.push(first);
                while batch.len() < 256 {
                    let Ok(next) = waiting.try_recv() else { break };
                    batch.push(next);
                }
                log.commit(batch.iter().map(|(row, _)| row));
                batch.drain(..).for_each(|(_, reply)| reply.send(()).unwrap());
            }
        });
        Self(sender)
    }

    pub(crate) async fn append(&self, row: BareRow) {
        let (reply, answer) = oneshot::channel();
        self.0.send((row, reply)).await.unwrap();
        answer.await.unwrap();
    }
}
