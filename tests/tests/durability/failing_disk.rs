//! The disk fails and the power stays on: the store stops, and no answer was wrong (promise D5).

use super::workload::{appends, assert_kept, work};
use super::{open, run};
use docket_core::store::sqlite::SqliteStore;
use docket_core::store::{Append, AppendError, EventStore};
use docket_tests::crash_disk::{CrashDisk, Kept};
use docket_tests::store_conformance::samples::{
    ANY, assert_same_log, found, key, keyed, log, one, texts, wrote,
};

const WAL_PAGES: u32 = 128;

#[test]
fn a_failed_sync_at_a_commit_is_unknown_and_stops_the_store_while_reads_go_on() {
    let disk = CrashDisk::new(0);
    run(async {
        let store = begun(&disk, &one("ticket-1", ANY, "acknowledged")).await;
        let failure = store.failure();
        assert_eq!(*failure.borrow(), None);
        disk.fail_sync(1);
        let command = keyed(key("k", "body"), one("ticket-1", ANY, "unknown"));
        assert_eq!(store.append(command.clone()).await, Err(AppendError::OutcomeUnknown));
        let why = failure.borrow().clone().expect("it is told by the time that the caller is");
        assert_eq!(store.append(command).await, Err(AppendError::Closed { why: why.clone() }));
        assert_eq!(store.append_facts(Vec::new()).await, Err(AppendError::Closed { why }));
        assert_eq!(texts(&store).await, ["acknowledged"], "nobody sees what may not be there");
        assert_eq!(store.find_command(&key("k", "body")).await, Ok(None));
        assert_eq!(store.head().borrow().0, 1);
    });
}

#[test]
fn a_command_found_after_a_failed_sync_is_on_the_disk() {
    // The pages that could not be synced are still read, and no later sync writes them: what is found in them
    // would be acknowledged and then lost.
    let disk = CrashDisk::new(0);
    let command = keyed(key("k", "body"), one("ticket-1", ANY, "unknown"));
    run(async {
        let store = begun(&disk, &one("ticket-1", ANY, "acknowledged")).await;
        disk.fail_sync(1);
        store.append(command.clone()).await.unwrap_err();
        drop(store);
        let reopened = open(&disk, WAL_PAGES).unwrap();
        let outcome = wrote(2, 2, &[("ticket-1", 2)]);
        assert_eq!(reopened.append(command.clone()).await, Ok(found(outcome)));
        // Not closed first, which would tidy up.
        disk.power_loss_keeping(Kept::Nothing);
        drop(reopened);
        let after_the_loss = open(&disk, WAL_PAGES).unwrap();
        assert_eq!(texts(&after_the_loss).await, ["acknowledged", "unknown"]);
    });
}

/// A log of one event that somebody has read. The reader's connection outlives the writer's, as in a process
/// that dies: a writer that is the last to close would tidy up first.
async fn begun(disk: &CrashDisk, first: &Append) -> SqliteStore {
    let store = open(disk, WAL_PAGES).unwrap();
    store.append(first.clone()).await.unwrap();
    assert_eq!(log(&store).await.len(), 1);
    store
}

/// Fails the first operation of a kind in the work, the second, and so on until none is left to fail.
fn fail_everywhere(fail: impl Fn(&CrashDisk, u64), count: impl Fn(&CrashDisk) -> u64) {
    let appends = appends();
    for n in 1.. {
        assert!(n < 10_000, "the work never got through");
        let mut got_through = true;
        for kept in [None, Some(Kept::Nothing), Some(Kept::Everything)] {
            let context = format!("operation {n}, then {kept:?}");
            let disk = CrashDisk::new(n);
            run(async {
                let store = begun(&disk, &appends[0]).await;
                let failing_from = count(&disk) + n;
                fail(&disk, n);
                let told = work(&store, &appends).await;
                let failed = told.iter().position(|(_, result)| result.is_err());
                assert_eq!(failed.is_some(), store.failure().borrow().is_some(), "{context}");
                for (_, result) in told.iter().skip(failed.map_or(told.len(), |first| first + 1)) {
                    assert!(matches!(result, Err(AppendError::Closed { .. })), "{context}: {result:?}");
                }
                drop(store);
                got_through &= count(&disk) < failing_from;
                disk.stop_failing();
                if let Some(kept) = kept {
                    disk.power_loss_keeping(kept);
                }
                let store = open(&disk, WAL_PAGES).unwrap_or_else(|error| panic!("{context}: {error}"));
                assert_kept(&store, &told, &context).await;
                let before = log(&store).await;
                disk.power_loss_keeping(Kept::Nothing);
                drop(store);
                assert_same_log(&log(&open(&disk, WAL_PAGES).unwrap()).await, &before, &context);
            });
        }
        if got_through {
            return;
        }
    }
}

#[test]
fn whichever_sync_fails_no_answer_was_wrong() {
    fail_everywhere(CrashDisk::fail_sync, CrashDisk::sync_count);
}

#[test]
fn whichever_sync_fails_and_all_after_it_no_answer_was_wrong() {
    fail_everywhere(|disk, n| disk.fail_syncs_after(n - 1), CrashDisk::sync_count);
}

#[test]
fn whichever_write_fails_no_answer_was_wrong() {
    // Every seventeenth: there are many, and a write differs little from the next.
    fail_everywhere(|disk, n| disk.fail_write(17 * n), |disk| disk.write_count() / 17);
}
