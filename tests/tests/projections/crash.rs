//! Killed at any point, each event counts exactly once: rows and checkpoint are one (promise P1).

use super::oracle::{contents, expected};
use super::support::{events, facts, feed, log_of, runtime};
use docket_core::names::GlobalPosition;
use docket_projections::log_event::LogEvent;
use docket_projections::read_model::{ApplyError, FileError, Purpose};
use docket_projections::rebuild::{Continue, RebuildError, rebuild};
use docket_projections::registry::{Definition, all};
use docket_tests::crash_disk::{CrashDisk, Kept};
use std::path::PathBuf;

const END: GlobalPosition = GlobalPosition(u64::MAX);

/// Events of a page; small, so that there are many moments between pages.
const PAGE: usize = 6;

/// Pages after which the file is closed and opened again, so that its WAL is taken over into it on the way.
const PAGES_OPEN: usize = 3;

fn on(disk: &CrashDisk, name: &str) -> PathBuf {
    PathBuf::from(format!("file:/{name}.db?vfs={}", disk.vfs_name()))
}

/// Follows the log from wherever the file stands until its end or until the disk fails.
fn follow(definition: &Definition, disk: &CrashDisk, log: &[LogEvent]) -> Result<(), ApplyError> {
    loop {
        let mut model = definition.open(&on(disk, definition.name), Purpose::Live)?;
        for _ in 0..PAGES_OPEN {
            let begin = model.checkpoint().position.0 as usize;
            if begin == log.len() {
                return Ok(());
            }
            model.apply(&log[begin..(begin + PAGE).min(log.len())], END)?;
            model.flush()?;
        }
    }
}

/// What the file holds is what the log says up to its checkpoint, whatever that is.
#[track_caller]
fn check(definition: &Definition, disk: &CrashDisk, log: &[LogEvent], context: &str) -> GlobalPosition {
    let model = definition.open(&on(disk, definition.name), Purpose::Live);
    let model = model.unwrap_or_else(|error| panic!("{context}: {error}"));
    let position = model.checkpoint().position;
    let context = format!("{context}: {} at {position}", definition.name);
    contents(model.connection().unwrap()).unwrap().check(&expected(definition.name, log, position), &context);
    assert_eq!(model.recompute().unwrap(), model.digest(), "{context}");
    position
}

#[test]
fn a_read_model_that_loses_power_at_any_operation_goes_on_exactly_once() {
    let runtime = runtime();
    let store = log_of(&runtime, facts(21, 36));
    let log = events(&runtime, store.as_ref());
    for definition in all() {
        for kept in [Kept::Nothing, Kept::Everything, Kept::Random] {
            for operation in 1.. {
                assert!(operation < 5_000, "it never got through");
                let context = format!("{kept:?} kept of operation {operation}");
                let disk = CrashDisk::new(operation);
                disk.power_loss_after_operations_keeping(operation, kept);
                let outcome = follow(&definition, &disk, &log);
                let got_through = !disk.is_without_power();
                assert!(!got_through || outcome.is_ok(), "{context}: {outcome:?}");
                disk.power_loss_keeping(kept);
                check(&definition, &disk, &log, &context);
                follow(&definition, &disk, &log).unwrap();
                assert_eq!(check(&definition, &disk, &log, &context).0, log.len() as u64);
                if got_through {
                    break;
                }
            }
        }
    }
}

#[test]
fn a_read_model_whose_disk_fails_once_tries_again_and_misses_nothing() {
    let runtime = runtime();
    let store = log_of(&runtime, facts(22, 40));
    let log = events(&runtime, store.as_ref());
    for definition in all() {
        for write in 1.. {
            let disk = CrashDisk::new(write);
            let mut model = definition.open(&on(&disk, definition.name), Purpose::Live).unwrap();
            disk.fail_write(write);
            let mut failures = 0;
            for page in log.chunks(PAGE) {
                model.apply(page, END).unwrap();
                // The file stands where it stood, and the rows in memory are written the next time.
                failures += u32::from(model.flush().is_err());
            }
            disk.stop_failing();
            model.flush().unwrap();
            drop(model);
            let context = format!("write {write} failed");
            assert_eq!(check(&definition, &disk, &log, &context).0, log.len() as u64);
            if failures == 0 {
                assert!(write > 10, "the failure never came");
                break;
            }
        }
    }
}

#[test]
fn events_that_were_not_flushed_are_taken_again() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let store = log_of(&runtime, facts(23, 400));
    let log = events(&runtime, store.as_ref());
    for definition in all() {
        let path = directory.path().join(format!("{}.db", definition.name));
        for end in (40..=400).step_by(40) {
            let mut model = definition.open(&path, Purpose::Live).unwrap();
            model.apply(&log[..end], END).unwrap();
            model.flush().unwrap();
            // The process is killed with the next pages in memory.
            model.apply(&log[..log.len().min(end + 77)], END).unwrap();
        }
        let model = definition.open(&path, Purpose::Live).unwrap();
        let expected = expected(definition.name, &log, GlobalPosition(400));
        contents(model.connection().unwrap()).unwrap().check(&expected, definition.name);
    }
}

#[test]
fn a_rebuild_that_was_cut_off_is_begun_anew() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let store = log_of(&runtime, facts(24, 3_000));
    let log = events(&runtime, store.as_ref());
    let feed = feed(&runtime, &store);
    let target = GlobalPosition(log.len() as u64);
    for definition in all() {
        let path = directory.path().join(format!("{}.db", definition.name));
        let mut pages = 0;
        let stopped = rebuild(&definition, &feed, &path, target, |progress| {
            assert!(progress.position <= progress.target && progress.remaining().is_some());
            pages += 1;
            if pages == 2 { Continue::No } else { Continue::Yes }
        });
        assert!(matches!(stopped, Err(RebuildError::Stopped)));
        // What a kill leaves behind may be no database at all.
        std::fs::write(&path, b"half a page").unwrap();
        let built = rebuild(&definition, &feed, &path, target, |_| Continue::Yes).unwrap();
        let expected = expected(definition.name, &log, target);
        assert_eq!(built.digest.to_hex(), expected.digest());
        let model = definition.open(&path, Purpose::Live).unwrap();
        contents(model.connection().unwrap()).unwrap().check(&expected, definition.name);
    }
}

#[test]
fn a_rebuild_into_a_place_that_cannot_be_written_says_so() {
    let runtime = runtime();
    let store = log_of(&runtime, facts(25, 50));
    let feed = feed(&runtime, &store);
    for definition in all() {
        let path = PathBuf::from("/proc/nowhere/queue.db");
        let failed = rebuild(&definition, &feed, &path, GlobalPosition(50), |_| Continue::Yes);
        let file_error = |error: &FileError| !error.is_damage();
        assert!(
            matches!(&failed, Err(RebuildError::Apply(ApplyError::File(error))) if file_error(error)),
            "{failed:?}"
        );
    }
}
