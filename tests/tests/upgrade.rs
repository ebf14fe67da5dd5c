//! A log that an earlier release wrote opens in this one and gives what is recorded (promise U1).
//!
//! `golden/log-1.db` is format 1, and stays for ever. `golden/log-1.digests` holds a line per read model and
//! fingerprint. `DOCKET_ADD_GOLDEN_LOG=1` writes what is missing and never changes what is there: do so after a
//! new format, or after a projector's definition was raised on purpose.

#![allow(clippy::unwrap_used, reason = "what fails in a helper is to fail its test")]

use docket_core::clock::{Clock, ManualClock};
use docket_core::names::GlobalPosition;
use docket_core::store::EventStore;
use docket_core::store::sqlite::SqliteOptions;
use docket_core::time::Timestamp;
use docket_projections::log_event::LogEvent;
use docket_projections::registry;
use docket_tests::generator::{Generator, Shape, fill};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const EVENTS: usize = 600;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name)
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(ManualClock::at(Timestamp::parse_rfc3339("2026-11-21T12:00:00Z").unwrap()))
}

async fn write_log(path: &Path) {
    let store = SqliteOptions::new(path).open(clock()).unwrap();
    fill(&store, Generator::new(Shape::seeded(1)).take(EVENTS)).await.unwrap();
    store.close();
}

/// Each read model's line: name, fingerprint, position and digest of the log folded to its end.
async fn digests(store: &dyn EventStore) -> Vec<String> {
    let records = store.read_all(GlobalPosition::START, EVENTS + 1).await.unwrap();
    let events: Vec<LogEvent> = records.iter().map(LogEvent::of).collect();
    let lines = registry::all().into_iter().map(|definition| {
        let mut model = definition.fold();
        model.apply(&events, GlobalPosition(u64::MAX)).unwrap();
        model.flush().unwrap();
        assert_eq!(model.quarantine(), []);
        let (position, digest) = (model.checkpoint().position, model.digest().to_hex());
        format!("{} {} {position} {digest}", definition.name, definition.fingerprint)
    });
    lines.collect()
}

#[tokio::test]
async fn a_log_of_format_1_gives_the_recorded_digests() {
    let adding = std::env::var_os("DOCKET_ADD_GOLDEN_LOG").is_some();
    if adding && !golden("log-1.db").exists() {
        std::fs::create_dir_all(golden("")).unwrap();
        write_log(&golden("log-1.db")).await;
    }
    let directory = tempfile::tempdir().unwrap();
    let copy = directory.path().join("log.db");
    std::fs::copy(golden("log-1.db"), &copy).unwrap();
    let store = SqliteOptions::new(&copy).open(clock()).unwrap();
    let verified = store.verify(Arc::new(|_| {})).await.unwrap();
    assert_eq!(verified.events, EVENTS as u64);

    let mut recorded = std::fs::read_to_string(golden("log-1.digests")).unwrap_or_default();
    for line in digests(&store).await {
        let key = line.rsplit_once(' ').unwrap().0.to_owned() + " ";
        match recorded.lines().find(|known| known.starts_with(&key)) {
            Some(known) => assert_eq!(line, known, "the same definition gives other rows than it used to"),
            None if adding => recorded = recorded + &line + "\n",
            None => panic!("{key}has no recorded digest; if the definition was raised on purpose, add it"),
        }
    }
    if adding {
        std::fs::write(golden("log-1.digests"), recorded).unwrap();
    }
}
