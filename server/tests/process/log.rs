//! What was told of commands, compared with what the log holds.

use docket_core::clock::SystemClock;
use docket_core::names::GlobalPosition;
use docket_core::store::EventStore;
use docket_core::store::sqlite::SqliteOptions;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// What was told of each command, by its key: the position, or nothing when nobody knows.
pub(crate) type Told = BTreeMap<String, Option<u64>>;

/// Everything that was told is there, and nothing was done in part.
pub(crate) fn check(data: &Path, told: &Told) {
    let store = SqliteOptions::new(data.join("log.db")).open(Arc::new(SystemClock)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut records = Vec::new();
    runtime.block_on(async {
        store.verify(Arc::new(|_| {})).await.unwrap();
        loop {
            let after = GlobalPosition(records.len() as u64);
            let page = store.read_all(after, 4096).await.unwrap();
            if page.is_empty() {
                break;
            }
            records.extend(page);
        }
    });
    let mut done = BTreeMap::new();
    for record in &records {
        let event = record.decode().unwrap();
        if let Some(mark) = event.command {
            let last = event.position.0 + u64::from(mark.events) - 1;
            assert!(done.insert(mark.key, last).is_none(), "done twice");
        }
    }
    for (key, position) in told {
        match position {
            Some(position) => assert_eq!(done.get(key), Some(position), "{key}"),
            None => drop(done.get(key)),
        }
    }
    assert!(done.keys().all(|key| told.contains_key(key)), "what was refused left nothing");
}
