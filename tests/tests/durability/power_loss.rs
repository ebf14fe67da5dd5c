//! The power goes at any instant, and of what was not synced any part may be lost (promises D2 to D4).

use super::workload::{Told, appends, assert_kept, work, work_together};
use super::{open, run};
use docket_core::store::sqlite::{self, SqliteStore};
use docket_core::store::{Append, AppendError, EventStore};
use docket_tests::crash_disk::{CrashDisk, Kept};
use docket_tests::random::seeds;
use docket_tests::store_conformance::samples::{ANY, assert_same_log, log, one};

/// Long enough for a few appends to fit without being written ahead, and short enough for checkpoints.
const WAL_PAGES: u32 = 16;

/// Cuts the power again while the log opens, then checks what is there.
async fn assert_kept_after_another_cut(disk: &CrashDisk, kept: Kept, n: u64, told: &[Told], context: &str) {
    let unanswered = || one("ticket-1", ANY, "never answered");
    disk.power_loss_after_operations_keeping(1 + n % 11, kept);
    if let Ok(store) = open(disk, WAL_PAGES) {
        let _ = store.append(unanswered()).await;
    }
    disk.power_loss_keeping(kept);
    let store = open(disk, WAL_PAGES).unwrap_or_else(|error| panic!("{context}: {error}"));
    let told = [told, &[(unanswered(), Err(AppendError::OutcomeUnknown))]].concat();
    assert_kept(&store, &told, context).await;
    let before = log(&store).await;
    // All of it has been acknowledged now, so it is there after a loss of everything that was not synced.
    disk.power_loss_keeping(Kept::Nothing);
    drop(store);
    assert_same_log(&log(&open(disk, WAL_PAGES).unwrap()).await, &before, context);
}

/// Cuts the power at every `step`-th operation of the work until it gets through; where not all is lost that
/// was not synced, each seed takes some of them only.
fn cut_everywhere(
    step: usize,
    begin: impl AsyncFn(&CrashDisk) -> Option<SqliteStore>,
    work: impl AsyncFn(&CrashDisk, Option<SqliteStore>) -> Vec<Told>,
) {
    let others = seeds([1, 2]).into_iter().map(|seed| (Kept::Random, seed, 7));
    let ways = [(Kept::Nothing, 0, step), (Kept::Everything, 3, 7)].into_iter().chain(others);
    for (kept, seed, step) in ways {
        for n in (1 + seed % step as u64..).step_by(step) {
            assert!(n < 10_000, "the work never got through");
            let context = format!("{kept:?}, seed {seed}, operation {n}");
            let disk = CrashDisk::new(seed * 10_000 + n);
            let got_through = run(async {
                let store = begin(&disk).await;
                disk.power_loss_after_operations_keeping(n, kept);
                let told = work(&disk, store).await;
                let got_through = !disk.is_without_power();
                disk.power_loss_keeping(kept);
                assert_kept_after_another_cut(&disk, kept, n, &told, &context).await;
                got_through
            });
            if got_through {
                break;
            }
        }
    }
}

/// A log whose WAL has been grown already, which has a test of its own.
async fn begun(disk: &CrashDisk, appends: &[Append]) -> Option<SqliteStore> {
    let store = open(disk, WAL_PAGES).unwrap();
    store.append(appends[0].clone()).await.unwrap();
    Some(store)
}

#[test]
fn what_is_acknowledged_survives_a_power_cut_at_any_operation_of_appends_checkpoints_and_closing() {
    let appends = appends();
    let begin = async |disk: &CrashDisk| begun(disk, &appends).await;
    run(async {
        let disk = CrashDisk::new(0);
        let store = begin(&disk).await.unwrap();
        let file_len = disk.file_len("log.db");
        work(&store, &appends).await;
        assert!(disk.file_len("log.db") > file_len, "the work goes through a checkpoint");
    });
    cut_everywhere(1, begin, async |_, store| work(&store.unwrap(), &appends).await);
}

#[test]
fn what_is_acknowledged_together_survives_a_power_cut_at_any_operation() {
    let appends = appends().split_off(4);
    let begin = async |disk: &CrashDisk| begun(disk, &appends).await;
    cut_everywhere(3, begin, async |_, store| work_together(&store.unwrap(), &appends).await);
}

#[test]
fn a_power_cut_while_a_log_is_made_and_its_wal_grown_leaves_a_log_that_opens() {
    let appends = appends().split_off(10);
    let work = async |disk: &CrashDisk, _| match open(disk, 16) {
        Ok(store) => work(&store, &appends).await,
        Err(_) => Vec::new(),
    };
    cut_everywhere(1, async |_| None, work);
}

#[test]
fn a_power_cut_while_a_wal_of_full_length_is_grown_loses_nothing() {
    let appends = appends().split_off(11);
    for n in [30, 1000, 9000, 16_000, 16_400] {
        for kept in [Kept::Nothing, Kept::Random] {
            let context = format!("{kept:?}, operation {n}");
            let disk = CrashDisk::new(n);
            disk.power_loss_after_operations_keeping(n, kept);
            run(async {
                let store = open(&disk, sqlite::WAL_PAGES).unwrap();
                let told = work(&store, &appends).await;
                drop(store);
                assert!(told.iter().all(|(_, result)| result.is_err()), "{context}: it came too late");
                disk.power_loss_keeping(kept);
                assert_kept_after_another_cut(&disk, kept, n, &told, &context).await;
            });
        }
    }
}
