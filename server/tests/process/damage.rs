//! A log or a read model that is not what it should be: refused with the place, or made anew, never guessed at.

use super::server::{PATIENCE, Server, run, serve};
use docket_core::clock::SystemClock;
use docket_core::names::GlobalPosition;
use docket_core::record::Origin;
use docket_core::store::EventStore;
use docket_core::store::sqlite::SqliteOptions;
use docket_projections::Connection;
use docket_tests::generator::{Generator, Shape, fill};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// Makes a directory with a log of so many events.
fn filled(data: &Path, events: usize) {
    let store = SqliteOptions::new(data.join("log.db")).open(Arc::new(SystemClock)).unwrap();
    let shape = Shape { message_bytes: 80, active: 20, ..Shape::seeded(7) };
    // As imports, so that no deadline of theirs is noted now and the log stays as it is.
    let facts = Generator::new(shape).take(events).map(|mut fact| {
        fact.event.origin = Origin::Import;
        fact
    });
    runtime().block_on(fill(&store, facts)).unwrap();
    store.close();
}

/// The record at a position, as it is stored.
fn record(data: &Path, position: u64) -> Vec<u8> {
    let store = SqliteOptions::new(data.join("log.db")).open_read_only().unwrap();
    let records = runtime().block_on(store.read_all(GlobalPosition(position - 1), 1)).unwrap();
    records[0].bytes.clone()
}

/// Flips one bit of the record at a position, wherever it is in the file.
fn flip(data: &Path, position: u64) {
    let record = record(data, position);
    // The event's id is in no other record, and this far from the beginning it is in one piece.
    let start = record.windows(6).position(|window| window == b"\"id\":\"").unwrap();
    let needle = &record[start..start + 40];
    let path = data.join("log.db");
    let mut bytes = std::fs::read(&path).unwrap();
    // A page that was split may hold what it held before, which nobody reads: all copies.
    let found = bytes.windows(needle.len()).enumerate().filter(|(_, window)| *window == needle);
    let found = Vec::from_iter(found.map(|(at, _)| at));
    assert!(!found.is_empty());
    found.into_iter().for_each(|at| bytes[at + 30] ^= 1);
    std::fs::write(&path, bytes).unwrap();
}

/// Starts a server that is expected to refuse the log, and checks that it leaves it as it is.
#[track_caller]
fn refused(data: &Path, codes: &[i32], says: &[&str]) {
    let before = std::fs::read(data.join("log.db")).unwrap();
    let exit = run(serve(data, "127.0.0.1:0"));
    assert!(exit.code.is_some_and(|code| codes.contains(&code)), "{exit:?}");
    for text in says {
        assert!(exit.said.contains(text), "{text:?} is not in {exit:?}");
    }
    assert!(!exit.said.contains("panicked"), "{exit:?}");
    assert!(std::fs::read(data.join("log.db")).unwrap() == before, "the log was touched");
}

#[test]
fn a_log_of_a_newer_release_is_refused_and_not_touched() {
    let directory = tempfile::tempdir().unwrap();
    filled(directory.path(), 10);
    let log = Connection::open(directory.path().join("log.db")).unwrap();
    log.execute_batch("PRAGMA user_version = 2").unwrap();
    log.close().unwrap();
    refused(directory.path(), &[3], &["log format 2", "use the newer release"]);
}

#[test]
fn what_is_no_log_is_refused_and_not_touched() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log.db");
    std::fs::write(&log, "dear diary, ".repeat(1000)).unwrap();
    refused(directory.path(), &[3], &["is not a Docket log"]);
    std::fs::remove_file(&log).unwrap();
    let other = Connection::open(&log).unwrap();
    other
        .execute_batch("CREATE TABLE photographs (name TEXT); INSERT INTO photographs VALUES ('sea')")
        .unwrap();
    other.close().unwrap();
    refused(directory.path(), &[3], &["is not a Docket log"]);
}

#[test]
fn a_log_that_is_damaged_at_its_end_is_refused_with_the_position() {
    let directory = tempfile::tempdir().unwrap();
    filled(directory.path(), 1200);
    flip(directory.path(), 1190);
    refused(
        directory.path(),
        &[3],
        &["the log is damaged at position 1190", "restore a back-up", "nothing was changed"],
    );
}

#[test]
fn a_log_that_is_damaged_further_back_stops_the_server_with_the_position() {
    let directory = tempfile::tempdir().unwrap();
    filled(directory.path(), 1200);
    flip(directory.path(), 7);
    refused(directory.path(), &[1], &["the log is damaged at position 7", "restore a back-up"]);
}

#[test]
fn a_log_that_was_cut_off_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    filled(directory.path(), 1200);
    let log = directory.path().join("log.db");
    let bytes = std::fs::read(&log).unwrap();
    for part in [1, 2, 3] {
        std::fs::write(&log, &bytes[..bytes.len() * part / 4]).unwrap();
        refused(directory.path(), &[1, 3], &["log.db", "damaged", "malformed"].map(|_| ""));
    }
}

/// What the server shows of the log: the lanes, and the hash over each read model.
fn shown(data: &Path) -> (Value, Vec<Value>) {
    let server = Server::start(data);
    let mut client = server.connect();
    let head = client.get("/api/v1/events?limit=1").unwrap().ok()["head"].clone();
    // Whatever has to be made anew is waited for.
    let began = std::time::Instant::now();
    let live = |one: &Value| one["phase"] == "live" && one["position"] == head;
    let projections = loop {
        let projections = client.get("/api/v1/projections").unwrap().ok();
        if projections.as_array().unwrap().iter().all(live) {
            break projections;
        }
        assert!(began.elapsed() < PATIENCE, "{projections}");
        std::thread::yield_now();
    };
    let lanes = client.get("/api/v1/queue").unwrap().ok()["lanes"].take();
    let exit = server.stop();
    assert_eq!(exit.code, Some(0), "{exit:?}");
    let hashes = projections.as_array().unwrap().iter().map(|one| one["state_hash"].clone()).collect();
    (lanes, hashes)
}

fn models(data: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(data.join("read-models")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn a_read_model_that_is_damaged_is_made_anew_by_itself() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    filled(data, 600);
    let expected = shown(data);
    assert_eq!(shown(data), expected);
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 6] = [
        ("overwritten", |file| std::fs::write(file, "dear diary, ".repeat(500)).unwrap()),
        ("emptied", |file| std::fs::write(file, b"").unwrap()),
        ("cut off", |file| {
            let bytes = std::fs::read(file).unwrap();
            std::fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
        }),
        ("a bit flipped in its first page", |file| {
            let mut bytes = std::fs::read(file).unwrap();
            bytes.iter_mut().skip(20).take(1).for_each(|byte| *byte ^= 4);
            std::fs::write(file, bytes).unwrap();
        }),
        ("zeroes in its middle", |file| {
            let mut bytes = std::fs::read(file).unwrap();
            let (from, to) = (bytes.len() / 4, bytes.len() / 2);
            bytes[from..to].fill(0);
            std::fs::write(file, bytes).unwrap();
        }),
        ("deleted", |file| std::fs::remove_file(file).unwrap()),
    ];
    for (what, damage) in damages {
        for file in models(data) {
            damage(&file);
        }
        assert_eq!(shown(data), expected, "{what}");
    }
    std::fs::remove_dir_all(data.join("read-models")).unwrap();
    assert_eq!(shown(data), expected, "all gone");
}

#[test]
fn read_models_never_show_what_a_restored_log_does_not_hold() {
    let directory = tempfile::tempdir().unwrap();
    let (data, older) = (directory.path().join("data"), directory.path().join("older"));
    for (path, events) in [(&data, 900), (&older, 300)] {
        std::fs::create_dir(path).unwrap();
        filled(path, events);
    }
    let (newer_shown, older_shown) = (shown(&data), shown(&older));
    assert_ne!(newer_shown, older_shown);
    // The operator puts a back-up back and leaves the rest of the directory as it is.
    std::fs::copy(older.join("log.db"), data.join("log.db")).unwrap();
    assert_eq!(shown(&data), older_shown);
}
