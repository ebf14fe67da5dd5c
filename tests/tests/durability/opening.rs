//! What does not open: it is refused with what it is and where, and left as it was.

use docket_core::clock::SystemClock;
use docket_core::names::GlobalPosition;
use docket_core::store::data_dir::{DataDir, DataDirError, Holder};
use docket_core::store::sqlite::{LOG_FORMAT, OpenError, SqliteOptions, SqliteStore};
use docket_core::store::{EventStore, ReadError};
use docket_tests::crash_disk::CrashDisk;
use docket_tests::store_conformance::samples::{ANY, fact, log, no_progress, one, texts, verified};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

use super::full_disk::reader;
use super::run;

fn open(path: &Path) -> Result<SqliteStore, OpenError> {
    SqliteOptions::new(path).wal_pages(16).open(Arc::new(SystemClock))
}

/// A directory, and a path in it where a log may come to lie.
fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log.db");
    (directory, path)
}

/// A closed log of so many events, to do something to behind the store's back.
fn with_log(events: usize) -> (TempDir, PathBuf) {
    let (directory, path) = place();
    run(async {
        let store = open(&path).unwrap();
        let facts = (0..events).map(|number| fact("ticket-1", &format!("event {number}")));
        store.append_facts(facts.collect()).await.unwrap();
        store.close();
    });
    (directory, path)
}

/// Does something to a file as any program with SQLite might.
fn tamper(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

/// Neither way of opening takes the file, and neither changes it.
#[track_caller]
fn assert_refused(path: &Path, is_expected: impl Fn(&OpenError) -> bool) {
    let before = std::fs::read(path).unwrap();
    for opened in [open(path), SqliteOptions::new(path).open_read_only()] {
        let refusal = opened.err().expect("it must not open");
        assert!(is_expected(&refusal), "{refusal}");
        assert!(refusal.to_string().contains(&path.display().to_string()), "{refusal} names the file");
    }
    assert!(std::fs::read(path).unwrap() == before, "it is left as it was");
}

fn is_no_log(refusal: &OpenError) -> bool {
    matches!(refusal, OpenError::NotALog { .. })
}

#[test]
fn a_log_that_is_missing_or_has_not_begun_is_made() {
    let (_directory, path) = place();
    run(async {
        for _ in 0..2 {
            let store = open(&path).unwrap();
            assert!(texts(&store).await.is_empty());
            store.append(one("ticket-1", ANY, "a")).await.unwrap();
            drop(store);
            assert_eq!(texts(&open(&path).unwrap()).await, ["a"]);
            // What a power cut while it is made for the first time may leave.
            std::fs::write(&path, b"").unwrap();
        }
    });
}

#[test]
fn reading_makes_no_log() {
    let (_directory, path) = place();
    let refusal = SqliteOptions::new(&path).open_read_only().err().unwrap();
    assert!(matches!(refusal, OpenError::Sqlite { .. }), "{refusal}");
    assert!(!path.exists());
    std::fs::write(&path, b"").unwrap();
    let refusal = SqliteOptions::new(&path).open_read_only().err().unwrap();
    assert!(is_no_log(&refusal), "{refusal}");
}

#[test]
fn a_file_of_another_kind_is_no_log() {
    let (_directory, path) = place();
    for content in
        [b"xy".to_vec(), b"position,stream\n".repeat(1000), vec![0; 8192], b"SQLite format 2\0".to_vec()]
    {
        std::fs::write(&path, content).unwrap();
        assert_refused(&path, is_no_log);
    }
}

#[test]
fn a_database_of_another_application_is_no_log() {
    for sql in [
        "CREATE TABLE notes (id)",
        "CREATE TABLE events (position INTEGER PRIMARY KEY)",
        "PRAGMA application_id = 7; CREATE TABLE events (position INTEGER PRIMARY KEY)",
        "PRAGMA application_id = 7",
        "PRAGMA user_version = 1",
    ] {
        let (_directory, path) = place();
        tamper(&path, sql);
        assert_refused(&path, is_no_log);
    }
    let (_directory, path) = with_log(3);
    tamper(&path, "PRAGMA application_id = 1684761459");
    assert_refused(&path, is_no_log);
}

#[test]
fn a_log_that_ends_in_large_records_is_opened() {
    let (_directory, path) = place();
    run(async {
        let store = open(&path).unwrap();
        for number in 0..6 {
            let text = format!("{number} {}", "x".repeat(1_000_000));
            store.append(one("ticket-1", ANY, &text)).await.unwrap();
        }
        drop(store);
        let store = open(&path).unwrap();
        store.append(one("ticket-1", ANY, "it goes on")).await.unwrap();
        assert_eq!(verified(&store).await.events, 7);
    });
    tamper(&path, "UPDATE events SET hash = zeroblob(32) WHERE position = 7");
    let refusal = open(&path).err().expect("the last record is checked, however large those ahead are");
    assert!(matches!(refusal, OpenError::Damaged { position: 7, .. }), "{refusal}");
}

#[test]
fn a_log_of_a_newer_format_is_refused() {
    let (_directory, path) = with_log(3);
    for format in [LOG_FORMAT + 1, i32::MAX] {
        tamper(&path, &format!("PRAGMA user_version = {format}"));
        assert_refused(
            &path,
            |refusal| matches!(refusal, OpenError::NewerFormat { found, .. } if *found == format),
        );
    }
    for format in [0, -1] {
        tamper(&path, &format!("PRAGMA user_version = {format}"));
        assert_refused(&path, is_no_log);
    }
    tamper(&path, &format!("PRAGMA user_version = {LOG_FORMAT}"));
    open(&path).unwrap();
}

#[test]
fn a_place_that_cannot_be_written_is_refused() {
    // Where not even root can make a file, and a directory that is none.
    let (directory, path) = with_log(1);
    for place in [Path::new("/proc/self"), &path, &directory.path().join("missing")] {
        let refusal = open(&place.join("log.db")).err().unwrap();
        assert!(matches!(refusal, OpenError::Sqlite { .. }), "{refusal}");
    }
    for place in [Path::new("/proc/self"), &path] {
        let refusal = DataDir::at(place.join("data")).lock("docket-server").unwrap_err();
        assert!(matches!(refusal, DataDirError::Io { .. }), "{refusal}");
        assert!(refusal.to_string().contains(&place.display().to_string()), "{refusal}");
    }
}

#[test]
fn a_log_that_cannot_be_written_is_refused_and_can_still_be_read() {
    let (_directory, path) = with_log(2);
    let mut permissions = std::fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&path, permissions).unwrap();
    let enforced = std::fs::OpenOptions::new().append(true).open(&path).is_err();
    match open(&path) {
        // Root may write all the same, and then there is nothing to refuse.
        Ok(_) => assert!(!enforced),
        Err(refusal) => assert!(enforced && matches!(refusal, OpenError::ReadOnly { .. }), "{refusal}"),
    }
    run(async {
        let reader = SqliteOptions::new(&path).open_read_only().unwrap();
        assert_eq!(log(&reader).await.len(), 2);
    });
}

#[test]
fn a_log_that_is_damaged_at_its_end_is_refused_with_the_position() {
    for (sql, position) in [
        (
            "UPDATE events SET record = CAST(replace(record, 'event 7', 'event x') AS BLOB) WHERE position = 8",
            8,
        ),
        ("UPDATE events SET hash = zeroblob(32) WHERE position = 10", 10),
        ("UPDATE events SET hash = x'' WHERE position = 1", 1),
        ("DELETE FROM events WHERE position = 4", 4),
        ("DELETE FROM events WHERE position = 1", 1),
        ("UPDATE events SET position = 12 WHERE position = 10", 10),
        ("UPDATE events SET position = 11 WHERE position = 5", 5),
    ] {
        let (_directory, path) = with_log(10);
        tamper(&path, sql);
        let before = std::fs::read(&path).unwrap();
        let refusal = open(&path).err().expect("it must not open");
        assert!(
            matches!(refusal, OpenError::Damaged { position: found, .. } if found == position),
            "{refusal}"
        );
        assert!(std::fs::read(&path).unwrap() == before, "nothing is repaired");
        run(async {
            let reader = SqliteOptions::new(&path).open_read_only().unwrap();
            let damaged = |error: &ReadError| matches!(error, ReadError::Damaged { position: found, .. } if found.0 == position);
            let error = reader.verify(no_progress()).await.unwrap_err();
            assert!(damaged(&error), "{error} after {sql}");
            let error = reader.read_all(GlobalPosition(position - 1), 100).await.unwrap_err();
            assert!(damaged(&error), "{error} after {sql}");
        });
    }
}

#[test]
fn damage_far_from_the_end_is_found_by_a_check_and_by_whoever_reads_it() {
    let (_directory, path) = with_log(1100);
    tamper(
        &path,
        "UPDATE events SET record = CAST(replace(record, 'event', 'eveNt') AS BLOB) WHERE position = 10",
    );
    run(async {
        let store = open(&path).unwrap();
        let damaged = |position| {
            move |error: ReadError| match error {
                ReadError::Damaged { position: found, .. } => assert_eq!(found, GlobalPosition(position)),
                ReadError::Unavailable { why } => panic!("{why}"),
            }
        };
        store.verify(no_progress()).await.map_err(damaged(10)).unwrap_err();
        store.read_all(GlobalPosition(5), 100).await.map_err(damaged(10)).unwrap_err();
        assert_eq!(store.read_all(GlobalPosition(5), 4).await.map(|records| records.len()), Ok(4));
        assert_eq!(store.read_all(GlobalPosition(10), 100).await.map(|records| records.len()), Ok(100));
        store.append(one("ticket-2", ANY, "another stream goes on")).await.unwrap();
    });
}

#[test]
fn a_data_directory_has_one_writer_and_the_second_is_told_who() {
    let directory = tempfile::tempdir().unwrap();
    let data = DataDir::at(directory.path().join("data"));
    let mut lock = data.lock("docket-server").unwrap();
    let address = Some("127.0.0.1:8080".to_owned());
    let holder = Holder { program: "docket-server".into(), pid: std::process::id(), address };
    lock.announce(&holder).unwrap();
    for _ in 0..2 {
        match data.lock("docket-replay") {
            Err(DataDirError::InUse { holder: told, .. }) => assert_eq!(told, holder),
            other => panic!("{other:?}"),
        }
    }
    let refusal = data.lock("docket-replay").unwrap_err().to_string();
    assert!(
        refusal.contains("docket-server") && refusal.contains("listening on 127.0.0.1:8080"),
        "{refusal}"
    );
    drop(lock);
    data.lock("docket-replay").unwrap();
}

#[test]
fn a_data_directory_without_a_log_is_told_from_one_with_a_log() {
    let (directory, _path) = with_log(1);
    assert_eq!(DataDir::at(directory.path()).existing().unwrap().log(), directory.path().join("log.db"));
    let empty = tempfile::tempdir().unwrap();
    let refusal = DataDir::at(empty.path()).existing().unwrap_err();
    assert!(matches!(refusal, DataDirError::Empty { .. }), "{refusal}");
}

#[test]
fn a_key_is_made_once_and_refused_when_it_has_another_length() {
    let directory = tempfile::tempdir().unwrap();
    let data = DataDir::at(directory.path());
    let _lock = data.lock("docket-server").unwrap();
    let key = data.key("idempotency").unwrap();
    assert_eq!(data.key("idempotency").unwrap(), key);
    assert_ne!(data.key("another").unwrap(), key);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(data.keys().join("idempotency")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "nobody else can read it");
    }
    for length in [0, 31, 33] {
        std::fs::write(data.keys().join("idempotency"), vec![7; length]).unwrap();
        let refusal = data.key("idempotency").unwrap_err();
        assert!(refusal.to_string().contains("32 bytes"), "{refusal}");
    }
    // What a power cut while a key is made may leave.
    std::fs::write(data.keys().join("third.new"), b"half").unwrap();
    assert_eq!(data.key("third").unwrap(), data.key("third").unwrap());
}

#[test]
fn a_log_is_not_opened_while_a_reader_keeps_what_a_crash_left_from_being_settled() {
    let disk = CrashDisk::new(0);
    run(async {
        let store = super::open(&disk, 128).unwrap();
        store.append(one("ticket-1", ANY, "a")).await.unwrap();
        let reader = reader(&disk);
        store.append(one("ticket-1", ANY, "b")).await.unwrap();
        disk.fail_sync(1);
        store.append(one("ticket-1", ANY, "c")).await.unwrap_err();
        drop(store);
        let refusal = super::open(&disk, 128).err().expect("the reader still sees only the first");
        assert!(matches!(refusal, OpenError::HeldBack { .. }), "{refusal}");
        drop(reader);
        assert_eq!(texts(&super::open(&disk, 128).unwrap()).await[..2], ["a", "b"]);
    });
}

#[test]
fn a_log_can_be_moved_and_opened_elsewhere() {
    let (_directory, path) = with_log(5);
    let (_other_directory, other) = place();
    std::fs::rename(&path, &other).unwrap();
    run(async { assert_eq!(verified(&open(&other).unwrap()).await.events, 5) });
}
