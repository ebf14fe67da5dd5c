//! The promises of every event store, on each store there is, and what the two of them answer alike.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "what fails in a helper is to fail its test")]

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

#[test]
fn every_promise_of_the_suite_is_on_its_list() {
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store_conformance");
    let list = std::fs::read_to_string(suite.with_extension("rs")).unwrap();
    for file in std::fs::read_dir(suite).unwrap() {
        let path = file.unwrap().path();
        let source = std::fs::read_to_string(&path).unwrap();
        let promises = source.lines().filter_map(|line| line.strip_prefix("pub async fn "));
        for promise in promises.filter(|_| !path.ends_with("samples.rs")) {
            let name = promise.split('(').next().unwrap();
            let listed = list.lines().any(|line| line.trim().trim_end_matches([',', ';']) == name);
            assert!(listed, "add {name} to the list in store_conformance.rs, or no store is held to it");
        }
    }
}
