//! The promises of every event store, on each store there is, and what the two of them answer alike.

// Named by its path, since Cargo would take a file beside this one for another test binary.
#[path = "stores/same_answers.rs"]
mod same_answers;

use docket_core::clock::Clock;
use docket_core::record::{StoredRecord, hash};
use docket_core::store::EventStore;
use docket_core::store::memory::MemoryStore;
use docket_core::store::sqlite::SqliteOptions;
use docket_tests::store_conformance::{StoreUnderTest, samples};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

docket_tests::store_conformance!(memory => Memory(tempfile::tempdir().unwrap()));
docket_tests::store_conformance!(sqlite => Sqlite::new());

struct Memory(TempDir);

impl StoreUnderTest for Memory {
    async fn empty(&self, clock: Arc<dyn Clock>) -> Arc<dyn EventStore> {
        Arc::new(MemoryStore::new(clock))
    }

    fn directory(&self) -> &Path {
        self.0.path()
    }

    async fn records_of_back_up(&self, back_up: &Path) -> Vec<StoredRecord> {
        let file = std::fs::read(back_up).unwrap();
        let lines = file.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.zip(1..).map(|(line, position)| record(line, position)).collect()
    }
}

fn record(bytes: &[u8], position: u64) -> StoredRecord {
    let position = docket_core::names::GlobalPosition(position);
    StoredRecord { position, hash: hash(bytes), bytes: bytes.to_vec() }
}

struct Sqlite {
    logs: TempDir,
    back_ups: TempDir,
    count: AtomicU32,
}

impl Sqlite {
    fn new() -> Self {
        let directory = || tempfile::tempdir().unwrap();
        Self { logs: directory(), back_ups: directory(), count: AtomicU32::new(0) }
    }
}

impl StoreUnderTest for Sqlite {
    async fn empty(&self, clock: Arc<dyn Clock>) -> Arc<dyn EventStore> {
        let file = format!("log {}.db", self.count.fetch_add(1, Ordering::Relaxed));
        // A short WAL, so that checkpoints and appends longer than it come up within a test.
        let options = SqliteOptions::new(self.logs.path().join(file)).wal_pages(64);
        Arc::new(options.open(clock).unwrap())
    }

    fn directory(&self) -> &Path {
        self.back_ups.path()
    }

    async fn records_of_back_up(&self, back_up: &Path) -> Vec<StoredRecord> {
        let store = SqliteOptions::new(back_up).open_read_only().unwrap();
        samples::verified(&store).await;
        samples::log(&store).await
    }
}
