//! What the SQLite store promises when power, disk or bytes fail: D1 to D7, and every way in which a log does
//! not open.

#![allow(clippy::unwrap_used, reason = "what fails in a helper is to fail its test")]

// Named by their paths, since Cargo would take files beside this one for other test binaries.
#[path = "durability/bit_flips.rs"]
mod bit_flips;
#[path = "durability/failing_disk.rs"]
mod failing_disk;
#[path = "durability/full_disk.rs"]
mod full_disk;
#[path = "durability/left.rs"]
mod left;
#[path = "durability/opening.rs"]
mod opening;
#[path = "durability/power_loss.rs"]
mod power_loss;
#[path = "durability/waiting.rs"]
mod waiting;
#[path = "durability/workload.rs"]
mod workload;

use docket_core::clock::ManualClock;
use docket_core::store::sqlite::{OpenError, SqliteOptions, SqliteStore, find_wal_damage};
use docket_tests::crash_disk::CrashDisk;
use docket_tests::store_conformance::samples::NOON;
use std::sync::Arc;

/// Where the log lies on a crash disk.
const PATH: &str = "/data/log.db";

/// Opens the log on a crash disk with a WAL of this many pages. Whatever the disk went through, nothing in the WAL is
/// taken for damage.
fn open(disk: &CrashDisk, wal_pages: u32) -> Result<SqliteStore, OpenError> {
    let wal = disk.file_contents("-wal").unwrap_or_default();
    assert_eq!(find_wal_damage(wal.as_slice()).unwrap(), None);
    let options = SqliteOptions::new(PATH).vfs(disk.vfs_name()).wal_pages(wal_pages);
    options.open(Arc::new(ManualClock::at(NOON)))
}

/// Runs a test on this thread. What is left running in the background goes with the end of it.
fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(test)
}
