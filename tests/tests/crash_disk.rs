//! What the crash disk promises, shown through SQLite: it loses what it may lose and nothing else.

#![allow(clippy::unwrap_used, reason = "what fails in a helper is to fail its test")]

// Named by its path, since Cargo would take a file beside this one for another test binary.
#[path = "crash_disk/faults.rs"]
mod faults;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use docket_tests::crash_disk::{CrashDisk, Kept};
use rusqlite::{Connection, ErrorCode, OpenFlags, Result};

const PATH: &str = "/data/log.db";
const COMMITS: i64 = 12;

fn connect(disk: &CrashDisk) -> Result<Connection> {
    let connection = Connection::open_with_flags_and_vfs(PATH, OpenFlags::default(), disk.vfs_name())?;
    connection.busy_timeout(Duration::ZERO)?;
    Ok(connection)
}

fn open(disk: &CrashDisk, journal: &str, synchronous: &str) -> Result<Connection> {
    let connection = connect(disk)?;
    connection.execute_batch(&format!(
        "PRAGMA page_size = 1024; PRAGMA journal_mode = {journal}; PRAGMA synchronous = {synchronous};
         PRAGMA wal_autocheckpoint = 6;"
    ))?;
    Ok(connection)
}

fn with_table(disk: &CrashDisk, journal: &str, synchronous: &str) -> Connection {
    let connection = open(disk, journal, synchronous).unwrap();
    connection.execute_batch("CREATE TABLE event (number INTEGER, half INTEGER, data BLOB)").unwrap();
    connection
}

/// One commit of two rows, over a page long, so that there is something to tear and to leave half done.
fn commit(connection: &Connection, number: i64) -> Result<()> {
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE;
         INSERT INTO event VALUES ({number}, 1, zeroblob(700));
         INSERT INTO event VALUES ({number}, 2, zeroblob(2100));
         COMMIT;"
    ))
}

fn rows(connection: &Connection) -> Result<i64> {
    connection.query_row("SELECT count(*) FROM event", [], |row| row.get(0))
}

/// Commits until the work is done or the disk fails; returns the number of acknowledged commits.
fn work(disk: &CrashDisk, journal: &str, synchronous: &str) -> i64 {
    let mut acknowledged = 0;
    let outcome = open(disk, journal, synchronous).and_then(|connection| {
        connection.execute_batch("CREATE TABLE event (number INTEGER, half INTEGER, data BLOB)")?;
        for number in 1..=COMMITS {
            commit(&connection, number)?;
            acknowledged = number;
        }
        Ok(())
    });
    assert_eq!(outcome.is_ok(), acknowledged == COMMITS);
    acknowledged
}

/// The commits found after the loss, provided that the database is sound and each is there whole.
#[track_caller]
fn found_whole(disk: &CrashDisk, context: &str) -> i64 {
    let connection = open(disk, "wal", "full").unwrap_or_else(|error| panic!("{context}: {error}"));
    let sound: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok", "{context}");
    if !connection.table_exists(None, "event").unwrap() {
        return 0;
    }
    let read = "SELECT count(*), count(DISTINCT number), coalesce(max(number), 0) FROM event";
    let (rows, commits, last): (i64, i64, i64) =
        connection.query_row(read, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    assert_eq!((rows, commits), (2 * last, last), "{context}: all or nothing, and without a gap");
    last
}

#[track_caller]
fn assert_kind<T: std::fmt::Debug>(outcome: Result<T>, expected: ErrorCode) {
    assert_eq!(outcome.unwrap_err().sqlite_error_code(), Some(expected));
}

/// Cuts the power at the first operation, at the second, and so on until the work gets through, for several
/// seeds; `check` gets the commits acknowledged and found.
#[track_caller]
fn cut_everywhere(journal: &str, synchronous: &str, kept: Kept, mut check: impl FnMut(i64, i64, &str)) {
    let seeds = if kept == Kept::Random { 0..8 } else { 0..1 };
    for seed in seeds {
        for n in 1.. {
            assert!(n < 10_000, "the work never got through");
            let context = format!("{journal}, {synchronous}, {kept:?}, seed {seed}, operation {n}");
            let disk = CrashDisk::new(seed * 10_000 + n);
            disk.power_loss_after_operations_keeping(n, kept);
            let acknowledged = work(&disk, journal, synchronous);
            let got_through = !disk.is_without_power();
            disk.power_loss_keeping(kept);
            // And once more while SQLite recovers, or checkpoints at closing.
            disk.power_loss_after_operations_keeping(1 + n % 7, kept);
            let _ = connect(&disk).and_then(|connection| rows(&connection));
            disk.power_loss_keeping(kept);
            check(acknowledged, found_whole(&disk, &context), &context);
            if got_through {
                break;
            }
        }
    }
}

fn nothing_acknowledged_is_lost(acknowledged: i64, found: i64, context: &str) {
    assert!(found >= acknowledged, "{context}: {acknowledged} acknowledged, {found} found");
    assert!(found <= acknowledged + 1, "{context}: only the interrupted commit may be there besides");
}

#[test]
fn a_commit_with_full_synchronous_survives_any_power_loss() {
    for kept in [Kept::Nothing, Kept::Everything, Kept::Random] {
        cut_everywhere("wal", "full", kept, nothing_acknowledged_is_lost);
    }
}

#[test]
fn a_commit_with_a_rollback_journal_survives_any_power_loss() {
    for kept in [Kept::Nothing, Kept::Everything, Kept::Random] {
        cut_everywhere("delete", "full", kept, nothing_acknowledged_is_lost);
    }
}

#[test]
fn with_normal_synchronous_a_power_loss_takes_commits_but_never_corrupts() {
    let mut lost = 0;
    cut_everywhere("wal", "normal", Kept::Random, |acknowledged, found, _| {
        lost += i32::from(found < acknowledged);
    });
    assert!(lost > 0, "a WAL that is not synced at commit must lose some");
}

#[test]
fn without_synchronous_a_power_loss_loses_a_committed_row() {
    let (mut losing, mut keeping) = (0, 0);
    for seed in 0..40 {
        let disk = CrashDisk::new(seed);
        let connection = with_table(&disk, "wal", "full");
        connection.execute_batch("PRAGMA synchronous = OFF").unwrap();
        commit(&connection, 1).unwrap();
        disk.power_loss();
        match found_whole(&disk, &format!("seed {seed}")) {
            0 => losing += 1,
            _ => keeping += 1,
        }
    }
    assert!(losing > 0 && keeping > 0, "{losing} seeds lost the row and {keeping} kept it");
}

#[test]
fn a_file_that_was_never_synced_may_vanish() {
    let mut left = [0, 0];
    for seed in 0..40 {
        let disk = CrashDisk::new(seed);
        let _connection = with_table(&disk, "delete", "off");
        disk.power_loss();
        left[usize::from(disk.file_len("log.db").is_some())] += 1;
    }
    assert!(left[0] > 0 && left[1] > 0, "gone or there: {left:?}");
}

/// A table of one large row, overwritten in place without a sync; returns the file before and after the loss.
fn overwritten_and_lost(seed: u64) -> (Vec<u8>, Vec<u8>) {
    let disk = CrashDisk::new(seed);
    let connection = connect(&disk).unwrap();
    let create = "CREATE TABLE block (data); INSERT INTO block VALUES (zeroblob(60000))";
    connection.execute_batch(create).unwrap();
    let before = disk.file_contents(PATH).unwrap();
    let overwrite =
        "PRAGMA synchronous = OFF; UPDATE block SET data = replace(hex(zeroblob(30000)), '0', 'x')";
    connection.execute_batch(overwrite).unwrap();
    disk.power_loss();
    (before, disk.file_contents(PATH).unwrap())
}

#[test]
fn a_lost_write_can_be_torn_inside_a_page() {
    let mut torn = 0;
    for seed in 0..10 {
        let (before, after) = overwritten_and_lost(seed);
        for (old, new) in before.chunks(4096).zip(after.chunks(4096)).skip(2) {
            let changed = old.chunks(512).zip(new.chunks(512)).filter(|(old, new)| old != new).count();
            torn += i32::from((1..8).contains(&changed));
        }
    }
    assert!(torn > 10, "{torn} pages are part old and part new");
}

#[test]
fn the_same_seed_loses_the_same_writes() {
    assert_eq!(overwritten_and_lost(5), overwritten_and_lost(5));
    assert_ne!(overwritten_and_lost(5).1, overwritten_and_lost(6).1);
}

#[test]
fn readers_on_other_threads_see_whole_commits_while_one_writes() {
    let disk = CrashDisk::new(0);
    let writer = with_table(&disk, "wal", "full");
    let finished = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
                let reader = Connection::open_with_flags_and_vfs(PATH, flags, disk.vfs_name()).unwrap();
                let mut seen = 0;
                loop {
                    let last_round = finished.load(Ordering::SeqCst);
                    let now = rows(&reader).unwrap();
                    assert!(now % 2 == 0 && now >= seen, "{now} rows after {seen}");
                    seen = now;
                    if last_round {
                        break;
                    }
                }
                assert_eq!(seen, 400);
            });
        }
        // Set also when the writer panics, or the readers would go on for ever.
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            (1..=200).for_each(|number| commit(&writer, number).unwrap());
        }));
        finished.store(true, Ordering::SeqCst);
        outcome.unwrap();
    });
}

#[test]
fn writers_on_several_threads_wait_for_each_other() {
    for journal in ["wal", "delete"] {
        let disk = CrashDisk::new(0);
        drop(with_table(&disk, journal, "full"));
        std::thread::scope(|scope| {
            for thread in 0..3 {
                let disk = &disk;
                scope.spawn(move || {
                    let connection = connect(disk).unwrap();
                    connection.busy_timeout(Duration::from_secs(60)).unwrap();
                    (0..20).for_each(|number| commit(&connection, 1 + thread * 20 + number).unwrap());
                });
            }
        });
        assert_eq!(found_whole(&disk, journal), 60);
    }
}

#[test]
fn a_waiting_writer_keeps_new_readers_out() {
    let disk = CrashDisk::new(0);
    let writer = with_table(&disk, "delete", "full");
    let other = || open(&disk, "delete", "full").unwrap();
    let (reader, late, second) = (other(), other(), other());
    writer.execute_batch("BEGIN IMMEDIATE; INSERT INTO event VALUES (1, 1, NULL)").unwrap();
    assert_kind(second.execute_batch("BEGIN IMMEDIATE"), ErrorCode::DatabaseBusy);
    reader.execute_batch("BEGIN").unwrap();
    assert_eq!(rows(&reader), Ok(0), "a reserved lock lets readers in");
    assert_kind(writer.execute_batch("COMMIT"), ErrorCode::DatabaseBusy);
    assert_kind(rows(&late), ErrorCode::DatabaseBusy);
    reader.execute_batch("COMMIT").unwrap();
    writer.execute_batch("COMMIT").unwrap();
    assert_eq!(rows(&late), Ok(1));
}

#[test]
fn a_power_loss_frees_the_locks_of_the_dead() {
    for journal in ["wal", "delete"] {
        let disk = CrashDisk::new(0);
        let dead = with_table(&disk, journal, "full");
        dead.execute_batch("BEGIN IMMEDIATE").unwrap();
        assert_kind(commit(&open(&disk, journal, "full").unwrap(), 1), ErrorCode::DatabaseBusy);
        disk.power_loss();
        commit(&open(&disk, journal, "full").unwrap(), 1).unwrap();
    }
}

#[test]
fn a_dead_handle_cannot_write() {
    for journal in ["wal", "delete", "truncate"] {
        for in_transaction in [false, true] {
            let disk = CrashDisk::new(0);
            let dead = with_table(&disk, journal, "full");
            commit(&dead, 1).unwrap();
            if in_transaction {
                dead.execute_batch("BEGIN IMMEDIATE").unwrap();
            }
            disk.power_loss();
            let contents = || disk.paths().iter().map(|path| disk.file_contents(path)).collect::<Vec<_>>();
            let before = (disk.paths(), contents());
            // Enough to spill into the journal or the WAL; a small one might wait in memory for its COMMIT.
            let insert = dead.execute("INSERT INTO event VALUES (2, 1, zeroblob(9000000))", []);
            assert_kind(insert, ErrorCode::SystemIoFailure);
            assert!(dead.execute_batch("COMMIT").is_err());
            drop(dead);
            assert_eq!((disk.paths(), contents()), before, "{journal}, in transaction: {in_transaction}");
            assert_eq!(found_whole(&disk, journal), 1);
        }
    }
}

#[test]
fn a_dead_handle_cannot_delete_a_journal() {
    let disk = CrashDisk::new(0);
    let dead = with_table(&disk, "persist", "full");
    // With the lock held already, SQLite goes to the delete without asking the dead handle anything.
    dead.execute_batch("BEGIN IMMEDIATE").unwrap();
    disk.power_loss_keeping(Kept::Everything);
    let _ = dead.execute_batch("PRAGMA journal_mode = DELETE");
    assert!(disk.file_len("log.db-journal").is_some());
}

#[test]
fn without_power_nothing_opens_until_it_is_back() {
    let disk = CrashDisk::new(0);
    let connection = with_table(&disk, "wal", "full");
    disk.power_loss_after_operations(2);
    assert_kind(commit(&connection, 1), ErrorCode::SystemIoFailure);
    assert!(disk.is_without_power());
    assert_kind(open(&disk, "wal", "full"), ErrorCode::SystemIoFailure);
    disk.power_on();
    assert_eq!(found_whole(&disk, "power back"), 0);
}

#[test]
fn a_dropped_disk_has_no_name_but_keeps_its_open_connections() {
    let disk = CrashDisk::new(0);
    let connection = with_table(&disk, "delete", "full");
    let name = disk.vfs_name().to_owned();
    drop(disk);
    assert!(Connection::open_with_flags_and_vfs(PATH, OpenFlags::default(), &*name).is_err());
    assert_eq!(rows(&connection), Ok(0));
}
