//! Logs to measure on, and the same events as bare rows.

use crate::Plan;
use crate::bare::BareRow;
use docket_core::clock::{ManualClock, SystemClock};
use docket_core::names::{GlobalPosition, StreamVersion};
use docket_core::record::{self, CommandMark};
use docket_core::store::sqlite::{SqliteOptions, SqliteStore};
use docket_core::store::{CommandKey, Fact};
use docket_core::time::Timestamp;
use docket_tests::generator::{Generator, Shape, fill};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// When everything is recorded.
const RECORDED_AT: Timestamp = Timestamp(1_767_225_600_000);

pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

pub(crate) fn scratch(directory: &Path) -> TempDir {
    tempfile::Builder::new().prefix("bench-").tempdir_in(directory).unwrap()
}

pub(crate) fn open(path: &Path) -> SqliteStore {
    SqliteOptions::new(path).open(Arc::new(SystemClock)).unwrap()
}

pub(crate) fn generator() -> Generator {
    Generator::new(Shape::seeded(1))
}

/// A log of so many events, closed.
pub(crate) fn make(path: &Path, events: usize) {
    let clock = Arc::new(ManualClock::at(RECORDED_AT));
    let store = SqliteOptions::new(path).open(clock).unwrap();
    runtime().block_on(fill(&store, generator().take(events))).unwrap();
    store.close();
}

/// The large log that several sections read, made once.
pub(crate) fn large(plan: &Plan) -> PathBuf {
    static MADE: Mutex<Option<(TempDir, PathBuf)>> = Mutex::new(None);
    if let Some(path) = &plan.log {
        if !path.exists() {
            make(path, plan.events);
        }
        return path.clone();
    }
    let mut made = MADE.lock().unwrap();
    let (_, path) = made.get_or_insert_with(|| {
        let directory = scratch(&plan.directory);
        let path = directory.path().join("log.db");
        make(&path, plan.events);
        (directory, path)
    });
    path.clone()
}

/// As long and as scattered as what Docket looks a key up by.
fn mark_of(key: &CommandKey) -> String {
    let hash = record::hash(format!("{}{}", key.principal, key.key).as_bytes());
    hash[..11].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Events as rows of a bare log, with their keys if they have any.
pub(crate) fn rows<'a>(facts: impl IntoIterator<Item = (&'a Fact, Option<&'a CommandKey>)>) -> Vec<BareRow> {
    let mut versions = HashMap::<&str, StreamVersion>::new();
    let mut rows = Vec::new();
    for (position, (fact, key)) in (1..).zip(facts) {
        let version = versions.entry(fact.stream.as_str()).or_default();
        *version = version.next();
        let mark = key.map(|key| CommandMark {
            principal: key.principal.clone(),
            key: key.key.clone(),
            digest: key.digest.clone(),
            events: 1,
        });
        let (stream, event) = (&fact.stream, &fact.event);
        let record = record::encode(GlobalPosition(position), stream, *version, RECORDED_AT, mark, event);
        rows.push(BareRow {
            stream: stream.to_string(),
            version: version.0 as i64,
            id: *event.id.0.as_bytes(),
            command: key.map(mark_of),
            hash: record::hash(&record),
            record,
        });
    }
    rows
}
