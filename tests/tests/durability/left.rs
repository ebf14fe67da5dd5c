//! What a crash left in the WAL: damage in it is told from a commit that was never finished (promise D7).

use super::run;
use docket_core::clock::SystemClock;
use docket_core::store::EventStore;
use docket_core::store::sqlite::{OpenError, SqliteOptions, SqliteStore, WalDamage, find_wal_damage};
use docket_tests::random::Random;
use docket_tests::store_conformance::samples::{ANY, one, texts};
use std::path::Path;
use std::sync::Arc;

fn open(path: &Path) -> Result<SqliteStore, OpenError> {
    SqliteOptions::new(path).wal_pages(24).open(Arc::new(SystemClock))
}

fn wal(path: &Path) -> std::path::PathBuf {
    path.with_extension("db-wal")
}

/// The log of a process that was killed: its file, its WAL, and where in that its last commit begins.
struct Left {
    log: Vec<u8>,
    wal: Vec<u8>,
    last_commit: usize,
}

const COMMITS: usize = 6;

/// A frame of a WAL: its header and a page.
const FRAME_BYTES: usize = 24 + 4096;

fn left() -> Left {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log.db");
    run(async {
        let store = open(&path).unwrap();
        for number in 1..COMMITS {
            store.append(one("ticket-1", ANY, &format!("event {number}"))).await.unwrap();
        }
        let before = std::fs::read(wal(&path)).unwrap();
        store.append(one("ticket-1", ANY, "the last one")).await.unwrap();
        let (log, wal) = (std::fs::read(&path).unwrap(), std::fs::read(wal(&path)).unwrap());
        let differs = before.iter().zip(&wal).position(|(before, after)| before != after).unwrap();
        let last_commit = 32 + (differs - 32) / FRAME_BYTES * FRAME_BYTES;
        Left { log, wal, last_commit }
    })
}

impl Left {
    /// The files as they were left, with one bit of the WAL changed.
    fn flipped(&self, at: usize, bit: u8) -> (tempfile::TempDir, std::path::PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log.db");
        let mut bytes = self.wal.clone();
        bytes[at] ^= 1 << bit;
        std::fs::write(&path, &self.log).unwrap();
        std::fs::write(wal(&path), bytes).unwrap();
        (directory, path)
    }
}

#[test]
fn any_bit_that_flips_ahead_of_the_last_commit_is_found() {
    let left = left();
    assert_eq!(find_wal_damage(left.wal.as_slice()).unwrap(), None);
    let mut bytes = left.wal.clone();
    let headers = (32..left.last_commit).step_by(FRAME_BYTES).flat_map(|frame| frame..frame + 24);
    let places = (0..32).chain(headers).chain((56..left.last_commit).step_by(211));
    for at in places.filter(|at| *at < left.last_commit) {
        for bit in 0..8 {
            bytes[at] ^= 1 << bit;
            let found = find_wal_damage(bytes.as_slice()).unwrap();
            bytes[at] ^= 1 << bit;
            let WalDamage { offset, commits } = found.unwrap_or_else(|| panic!("bit {bit} of byte {at}"));
            assert!(offset as usize <= at, "bit {bit} of byte {at}: {found:?}");
            // The flip itself may turn a frame into the end of a commit.
            assert!(commits as usize <= COMMITS + 1, "bit {bit} of byte {at}: {found:?}");
        }
    }
}

#[test]
fn a_log_with_damage_in_its_wal_is_refused_and_left_as_it_is() {
    let left = left();
    let mut random = Random::new(7);
    for _ in 0..20 {
        let (at, bit) = (random.index(left.last_commit), random.below(8) as u8);
        let (_directory, path) = left.flipped(at, bit);
        let before = std::fs::read(wal(&path)).unwrap();
        let checked = SqliteOptions::new(&path).check_what_is_left();
        for refusal in [checked.err(), open(&path).err()] {
            let refusal = refusal.unwrap_or_else(|| panic!("bit {bit} of byte {at}"));
            assert!(matches!(refusal, OpenError::DamagedWal { .. }), "{refusal}");
            assert!(refusal.to_string().contains("log.db-wal is damaged at byte"), "{refusal}");
        }
        assert!(std::fs::read(wal(&path)).unwrap() == before && std::fs::read(&path).unwrap() == left.log);
    }
}

#[test]
fn what_lies_behind_the_last_commit_is_no_damage() {
    let left = left();
    let (_directory, path) = left.flipped(left.wal.len() - 5, 1);
    run(async { assert_eq!(texts(&open(&path).unwrap()).await.len(), COMMITS) });
}

#[test]
fn a_last_commit_that_is_torn_is_taken_back_and_the_others_are_kept() {
    let left = left();
    for at in [left.last_commit, left.last_commit + 24, left.last_commit + 4000] {
        let (_directory, path) = left.flipped(at, 0);
        run(async { assert_eq!(texts(&open(&path).unwrap()).await.len(), COMMITS - 1, "byte {at}") });
    }
}

#[test]
fn a_wal_that_is_empty_or_cut_off_is_no_damage() {
    let left = left();
    for length in [0, 1, 31, 32, 33, 55, 56, 4151, 4152, 4153] {
        assert_eq!(find_wal_damage(&left.wal[..length]).unwrap(), None, "{length} bytes");
    }
}
