//! Failures that leave the power on: a full disk, failed syncs and writes, a flipped bit.

use docket_tests::crash_disk::{CrashDisk, Kept};
use rusqlite::{Connection, Error, ErrorCode, Result, ffi};

use super::{assert_kind, commit, found_whole, open, rows, with_table};

/// Ends what a failed commit has left open; some errors have ended it already.
fn roll_back(connection: &Connection) {
    if !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK").unwrap();
    }
}

#[track_caller]
fn assert_code<T: std::fmt::Debug>(outcome: Result<T>, expected: i32) {
    match outcome {
        Err(Error::SqliteFailure(error, _)) => assert_eq!(error.extended_code, expected),
        other => panic!("expected result code {expected}, got {other:?}"),
    }
}

#[test]
fn a_full_disk_refuses_until_there_is_room_and_reads_go_on() {
    for journal in ["wal", "delete"] {
        let disk = CrashDisk::new(0);
        let connection = with_table(&disk, journal, "full");
        let capacity = disk.used_bytes() + 30_000;
        disk.set_capacity_bytes(Some(capacity));
        let mut last = 1;
        let outcome = loop {
            match commit(&connection, last) {
                Ok(()) => last += 1,
                refused => break refused,
            }
        };
        assert_kind(outcome, ErrorCode::DiskFull);
        roll_back(&connection);
        assert_eq!(rows(&connection), Ok(2 * (last - 1)));
        assert!(disk.used_bytes() <= capacity);
        disk.set_capacity_bytes(None);
        commit(&connection, last).unwrap();
        disk.power_loss();
        assert_eq!(found_whole(&disk, journal), last);
    }
}

#[test]
fn a_failed_sync_leaves_the_commit_unknown() {
    for (kept, found) in [(Kept::Nothing, 1), (Kept::Everything, 2)] {
        let disk = CrashDisk::new(0);
        let connection = with_table(&disk, "wal", "full");
        // A WAL that starts anew after a checkpoint syncs its header first: failing there would be certain.
        connection.execute_batch("PRAGMA wal_autocheckpoint = 0").unwrap();
        commit(&connection, 1).unwrap();
        disk.fail_sync(1);
        assert_code(commit(&connection, 2), ffi::SQLITE_IOERR_FSYNC);
        assert_eq!(rows(&open(&disk, "wal", "full").unwrap()), Ok(2), "nobody sees the failed commit");
        disk.power_loss_keeping(kept);
        assert_eq!(found_whole(&disk, &format!("{kept:?}")), found, "but it may be there afterwards");
    }
}

#[test]
fn faults_strike_when_they_are_due_and_stop_when_told() {
    let disk = CrashDisk::new(0);
    let connection = with_table(&disk, "wal", "full");
    // Without checkpoints a commit is exactly one sync of the WAL.
    connection.execute_batch("PRAGMA wal_autocheckpoint = 0").unwrap();
    commit(&connection, 1).unwrap();
    let (syncs, writes) = (disk.sync_count(), disk.write_count());
    commit(&connection, 2).unwrap();
    assert_eq!(disk.sync_count() - syncs, 1);
    assert!(disk.write_count() - writes >= 2);

    let retry = |number, code| {
        assert_code(commit(&connection, number), code);
        roll_back(&connection);
    };
    disk.fail_sync(2);
    commit(&connection, 3).unwrap();
    retry(4, ffi::SQLITE_IOERR_FSYNC);
    commit(&connection, 4).unwrap();
    disk.fail_syncs_after(1);
    commit(&connection, 5).unwrap();
    retry(6, ffi::SQLITE_IOERR_FSYNC);
    retry(6, ffi::SQLITE_IOERR_FSYNC);
    disk.stop_failing();
    commit(&connection, 6).unwrap();
    disk.fail_write(2);
    retry(7, ffi::SQLITE_IOERR_WRITE);
    disk.fail_writes_after(0);
    retry(7, ffi::SQLITE_IOERR_WRITE);
    disk.stop_failing();
    commit(&connection, 7).unwrap();
    disk.power_loss();
    assert_eq!(found_whole(&disk, "after the faults"), 7);
}

#[test]
fn a_flipped_bit_stays_flipped() {
    let disk = CrashDisk::new(0);
    let connection = with_table(&disk, "wal", "full");
    commit(&connection, 1).unwrap();
    let before = disk.file_contents("log.db-wal").unwrap();
    disk.flip_bit("-wal", 100, 3);
    disk.power_loss();
    let mut expected = before;
    expected[100] ^= 0b1000;
    assert_eq!(disk.file_contents("log.db-wal"), Some(expected));
    assert_eq!(disk.file_len("log.db-shm"), None, "shared memory is not a file");
}
