//! A full disk is met before a commit, never in it: writes are refused, reads go on, and writing resumes by
//! itself (promise D6).

use super::waiting::together;
use super::workload::{Told, appends, assert_kept, work};
use super::{PATH, open, run};
use docket_core::names::StreamVersion;
use docket_core::store::sqlite::{self, SqliteStore};
use docket_core::store::{Append, AppendError, EventStore};
use docket_tests::crash_disk::CrashDisk;
use docket_tests::store_conformance::samples::{
    ANY, NEW, append, assert_same_log, at, fact, key, keyed, log, no_progress, one, stream, to, wrote,
};
use rusqlite::{Connection, OpenFlags};

const WAL_PAGES: u32 = 128;

/// Leaves this much space on the disk.
fn leave(disk: &CrashDisk, bytes: u64) {
    disk.set_capacity_bytes(Some(disk.used_bytes() + bytes));
}

/// Whether any append met the full disk; and that it was told so, and that everything else goes on.
async fn assert_refused_at_most(store: &SqliteStore, told: &[Told], context: &str) -> bool {
    for (_, result) in told {
        let is_fine = matches!(result, Ok(_) | Err(AppendError::StorageFull));
        assert!(is_fine, "{context}: {result:?}");
    }
    assert_eq!(*store.failure().borrow(), None, "{context}");
    let acknowledged: u64 =
        told.iter().flat_map(|(_, result)| result).map(|done| done.last.0 - done.first.0 + 1).sum();
    assert_eq!(log(store).await.len() as u64, acknowledged, "{context}: reads go on");
    assert_eq!(store.verify(no_progress()).await.map(|verified| verified.events), Ok(acknowledged));
    assert_eq!(store.find_command(&key("no such", "body")).await, Ok(None));
    told.iter().any(|(_, result)| result.is_err())
}

/// Fills the disk up at every place in the work; frees it, and goes on with the same store.
fn fill_everywhere(step_bytes: usize, begin: impl AsyncFn(&CrashDisk) -> SqliteStore) {
    let appends = appends();
    for bytes in (0..).step_by(step_bytes) {
        let context = format!("{bytes} bytes left");
        let disk = CrashDisk::new(bytes);
        let was_refused = run(async {
            let store = begin(&disk).await;
            assert!(log(&store).await.is_empty());
            leave(&disk, bytes);
            let told = work(&store, &appends).await;
            let was_refused = assert_refused_at_most(&store, &told, &context).await;
            disk.set_capacity_bytes(None);
            assert_kept(&store, &told, &context).await;
            let before = log(&store).await;
            disk.power_loss();
            drop(store);
            assert_same_log(&log(&open(&disk, WAL_PAGES).unwrap()).await, &before, &context);
            was_refused
        });
        if !was_refused {
            assert!(bytes > 100_000, "the disk was never full");
            return;
        }
    }
}

#[test]
fn a_disk_that_fills_up_while_the_wal_is_grown_or_taken_over_refuses_until_there_is_space() {
    fill_everywhere(5003, async |disk| open(disk, WAL_PAGES).unwrap());
}

#[test]
fn a_disk_that_fills_up_in_large_transactions_refuses_until_there_is_space() {
    // The WAL is so short that every append is written ahead of its commit.
    fill_everywhere(3001, async |disk| {
        let store = open(disk, 8).unwrap();
        // Refused, but the WAL has been grown for it.
        store.append(one("ticket-1", at(9), "refused")).await.unwrap_err();
        store
    });
}

#[test]
fn a_disk_that_cannot_hold_a_wal_of_full_length_refuses_and_still_reads() {
    let disk = CrashDisk::new(0);
    run(async {
        let store = open(&disk, 16).unwrap();
        store.append(one("ticket-1", ANY, "a")).await.unwrap();
        drop(store);
        let store = open(&disk, sqlite::WAL_PAGES).unwrap();
        leave(&disk, 20_000_000);
        for _ in 0..2 {
            assert_eq!(store.append(one("ticket-1", ANY, "b")).await, Err(AppendError::StorageFull));
            let facts = store.append_facts(vec![fact("ticket-1", "c")]).await;
            assert_eq!(facts, Err(AppendError::StorageFull));
            assert_eq!(store.restore(Vec::new()).await, Err(AppendError::StorageFull));
            assert_eq!(log(&store).await.len(), 1);
        }
        let directory = tempfile::tempdir().unwrap();
        store.back_up(&directory.path().join("back-up")).await.unwrap();
        disk.set_capacity_bytes(None);
        assert_eq!(store.append(one("ticket-1", ANY, "b")).await, Ok(wrote(2, 2, &[("ticket-1", 2)])));
    });
}

/// A reader that began before whatever comes now, and does not end.
pub(crate) fn reader(disk: &CrashDisk) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let reader = Connection::open_with_flags_and_vfs(PATH, flags, disk.vfs_name()).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM events").unwrap();
    reader
}

fn small(number: u64) -> Append {
    one("ticket-1", ANY, &format!("event {number}"))
}

#[test]
fn a_disk_that_fills_up_while_a_reader_holds_the_wal_back_refuses_until_there_is_space() {
    for bytes in (0..200_000).step_by(19_997) {
        let context = format!("{bytes} bytes left");
        let disk = CrashDisk::new(bytes);
        run(async {
            let store = open(&disk, WAL_PAGES).unwrap();
            store.append(small(0)).await.unwrap();
            let reader = reader(&disk);
            leave(&disk, bytes);
            let mut told: Vec<Told> = vec![(small(0), store.append(small(0)).await)];
            for number in 1.. {
                told.extend(work(&store, &[small(number)]).await);
                if told.last().is_some_and(|(_, result)| result.is_err()) {
                    break;
                }
            }
            assert!(assert_refused_at_most(&store, &told, &context).await);
            // Once the reader ends, what is in the WAL can be taken over, for which there is space now.
            drop(reader);
            leave(&disk, 1_000_000);
            let last = told.len() as u64;
            assert_eq!(store.append(small(last)).await, Ok(wrote(last, last, &[("ticket-1", last)])));
        });
    }
}

#[test]
fn a_reader_that_holds_the_wal_back_does_not_hold_up_appends() {
    let disk = CrashDisk::new(0);
    run(async {
        let store = open(&disk, WAL_PAGES).unwrap();
        store.append(small(1)).await.unwrap();
        let reader = reader(&disk);
        let grown = disk.file_len("-wal").unwrap();
        let mut count = 1;
        while disk.file_len("-wal").unwrap() < 6 * grown {
            count += 1;
            store.append(small(count)).await.unwrap();
        }
        drop(reader);
        for _ in 0..100 {
            count += 1;
            store.append(small(count)).await.unwrap();
        }
        assert!(disk.file_len("-wal").unwrap() < 7 * grown, "it is used from its beginning again");
        assert_eq!(log(&store).await.len() as u64, count);
    });
}

#[test]
fn a_wal_that_another_program_took_over_is_given_its_length_anew() {
    for count in (40..200).step_by(13) {
        let context = format!("after {count} appends");
        let disk = CrashDisk::new(count);
        run(async {
            let store = open(&disk, WAL_PAGES).unwrap();
            for number in 1..=count {
                store.append(small(number)).await.unwrap();
            }
            let other =
                Connection::open_with_flags_and_vfs(PATH, OpenFlags::SQLITE_OPEN_READ_WRITE, disk.vfs_name());
            let other = other.unwrap();
            let busy: i64 = other.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).unwrap();
            assert_eq!(busy, 0, "{context}");
            // The first append after it finds a file of no length; from the second on there is room again.
            let mut told = work(&store, &[small(count + 1), small(count + 2)]).await;
            leave(&disk, 0);
            while told.last().is_some_and(|(_, result)| result.is_ok()) {
                let number = count + 1 + told.len() as u64;
                told.extend(work(&store, &[small(number)]).await);
            }
            assert!(told.len() > 20, "{context}: {}", told.len());
            let stopped = store.failure().borrow().clone();
            assert_eq!(stopped, None, "{context}");
            assert_eq!(told.last().unwrap().1, Err(AppendError::StorageFull), "{context}");
        });
    }
}

/// An append that fills the writer's cache of eight megabytes, so that pages are written while more is staged.
fn larger_than_the_cache() -> Append {
    let texts: Vec<String> = (0..9).map(|number| format!("{number} {}", "x".repeat(1_000_000))).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    keyed(key("large", "body"), append([to("ticket-large", NEW, &texts)]))
}

#[test]
fn a_transaction_larger_than_the_cache_meets_a_full_disk_before_its_commit() {
    let large = larger_than_the_cache();
    for bytes in (0..11_000_000).step_by(1_900_000) {
        let context = format!("{bytes} bytes left");
        let disk = CrashDisk::new(bytes);
        run(async {
            let store = open(&disk, 8).unwrap();
            store.append(one("ticket-1", at(9), "refused")).await.unwrap_err();
            leave(&disk, bytes);
            let told = work(&store, std::slice::from_ref(&large)).await;
            assert_refused_at_most(&store, &told, &context).await;
            disk.set_capacity_bytes(None);
            assert_kept(&store, &told, &context).await;
        });
    }
}

#[test]
fn a_look_up_that_has_to_make_room_on_a_full_disk_is_told_so() {
    // A cache full of changed pages has to write one for every page of an index that is read.
    let disk = CrashDisk::new(0);
    run(async {
        let store = open(&disk, 8).unwrap();
        let facts = (0..4096).map(|number| fact(&format!("ticket-{number}"), &format!("fact {number}")));
        store.append_facts(facts.collect()).await.unwrap();
    });
    let small =
        (0..120).map(|number| one(&format!("ticket-{}", number * 34), ANY, &format!("small {number}")));
    let appends: Vec<Append> = [larger_than_the_cache()].into_iter().chain(small).collect();
    let mut refused = 0;
    for pages in (300..600).step_by(61) {
        run(async {
            let store = open(&disk, 8).unwrap();
            store.append(one("ticket-1", at(9), "refused")).await.unwrap_err();
            leave(&disk, pages * 4120);
            let told = together(&store, &disk, &appends).await;
            for (_, result) in &told {
                assert!(
                    matches!(result, Ok(_) | Err(AppendError::StorageFull)),
                    "{pages} pages left: {result:?}"
                );
            }
            assert_eq!(*store.failure().borrow(), None);
            refused += told.iter().filter(|(_, result)| result.is_err()).count();
            disk.set_capacity_bytes(None);
        });
    }
    assert!(refused > 0);
}

#[test]
fn a_refusal_never_rests_on_what_was_rolled_back_for_lack_of_space() {
    for bytes in (0..60_000).step_by(3001) {
        let disk = CrashDisk::new(bytes);
        run(async {
            let store = open(&disk, 8).unwrap();
            store.append(one("ticket-1", at(9), "refused")).await.unwrap_err();
            leave(&disk, bytes);
            let (first, second) = (one("ticket-1", NEW, "first"), one("ticket-1", NEW, "second"));
            let told = together(&store, &disk, &[first, second]).await;
            let (expected, actual) = (StreamVersion(0), StreamVersion(1));
            let stream = stream("ticket-1");
            let expected = match told[0].1 {
                Ok(_) => AppendError::Conflict { stream, expected, actual },
                Err(_) => AppendError::StorageFull,
            };
            assert_eq!(told[1].1, Err(expected), "{bytes} bytes left, and the first came to {:?}", told[0].1);
        });
    }
}
