//! Files that a disk or a person has damaged: they are found out and made anew from the log.

use super::left::{Left, database, wait_until};
use super::oracle::{contents, expected};
use super::probes::{Counting, counted, ticket_events};
use super::support::{append, events, facts, log_of, runtime, start, start_with, wait_for_all};
use docket_core::names::GlobalPosition;
use docket_projections::registry::{Definition, all};
use docket_projections::runner::{ChangeError, Phase, QueryError};
use docket_tests::random::Random;
use rusqlite::Connection;
use std::path::Path;

#[test]
fn a_damaged_file_is_made_anew_at_the_start() {
    let left = Left::after(33, 500);
    for (what, damage) in [
        ("deleted", Box::new(|path: &Path| std::fs::remove_file(path).unwrap()) as Box<dyn Fn(&Path)>),
        ("emptied", Box::new(|path| std::fs::write(path, b"").unwrap())),
        ("a byte", Box::new(|path| std::fs::write(path, b"x").unwrap())),
        ("text", Box::new(|path| std::fs::write(path, "not a database. ".repeat(5_000)).unwrap())),
        ("half a header", Box::new(|path| cut(path, |_| 60))),
        ("a header", Box::new(|path| cut(path, |_| 100))),
        ("a page", Box::new(|path| cut(path, |_| 4096))),
        ("half of it", Box::new(|path| cut(path, |length| length / 2))),
        ("all but a byte", Box::new(|path| cut(path, |length| length - 1))),
        ("zeros after a page", Box::new(|path| fill(path, 4096, 0))),
        ("ones after a page", Box::new(|path| fill(path, 4096, 0xff))),
        ("no checkpoint", Box::new(|path| run(path, "DELETE FROM checkpoint"))),
        ("no hash", Box::new(|path| run(path, "UPDATE checkpoint SET hash = 'abc'"))),
        ("no table", Box::new(|path| run(path, "DROP TABLE checkpoint"))),
        ("another position", Box::new(|path| run(path, "UPDATE checkpoint SET position = position - 5"))),
        ("another ticket aside", Box::new(|path| run(path, "INSERT INTO quarantine VALUES (1, 1, '')"))),
        ("another counter", Box::new(|path| run(path, "INSERT INTO tallies VALUES (99, 1, 1)"))),
        (
            "another row",
            Box::new(|path| run(path, "DELETE FROM rows WHERE key IN (SELECT max(key) FROM rows)")),
        ),
        ("another database", Box::new(|path| run(path, "PRAGMA application_id = 7"))),
        ("another's file", Box::new(|path| run(path, "UPDATE checkpoint SET fingerprint = 'x'"))),
    ] {
        let copy = left.copy();
        for definition in all() {
            damage(&database(copy.path(), definition.name));
        }
        left.check(&start(&left.runtime, copy.path(), &left.store), what);
    }
}

fn cut(path: &Path, to: impl Fn(u64) -> u64) {
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(to(file.metadata().unwrap().len())).unwrap();
}

fn fill(path: &Path, from: usize, byte: u8) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[from..].fill(byte);
    std::fs::write(path, bytes).unwrap();
}

fn run(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn a_flipped_bit_anywhere_in_a_file_is_found_and_the_file_made_anew() {
    let left = Left::after(43, 250);
    let mut random = Random::new(43);
    for round in 0..40 {
        let copy = left.copy();
        for definition in all() {
            let path = database(copy.path(), definition.name);
            let mut bytes = std::fs::read(&path).unwrap();
            let (index, bit) = (random.index(bytes.len()), random.below(8));
            println!("round {round}: bit {bit} of byte {index} of {}", definition.name);
            bytes[index] ^= 1 << bit;
            std::fs::write(&path, bytes).unwrap();
        }
        left.check(&start(&left.runtime, copy.path(), &left.store), "flipped");
    }
}

#[test]
fn a_flipped_bit_anywhere_in_the_header_of_the_file_does_no_harm() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let store = log_of(&runtime, facts(34, 40));
    let total = ticket_events(&runtime, store.as_ref());
    let definitions = || vec![Definition::of::<Counting<1, 1>>()];
    let first = start_with(&runtime, directory.path(), store.clone(), definitions());
    wait_for_all(&runtime, &first, GlobalPosition(40));
    drop(first);
    let path = database(directory.path(), "probe");
    let sound = std::fs::read(&path).unwrap();
    let manifest = std::fs::read(directory.path().join("probe.json")).unwrap();
    for bit in (0..100 * 8).filter(|bit| [0, 3, 7].contains(&(bit % 8))) {
        let mut bytes = sound.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&path, bytes).unwrap();
        std::fs::write(directory.path().join("probe.json"), &manifest).unwrap();
        let again = start_with(&runtime, directory.path(), store.clone(), definitions());
        wait_until(&runtime, &mut again.watch("probe").unwrap(), |status| {
            status.checked && status.position() == GlobalPosition(40)
        });
        assert_eq!(counted(&again).unwrap(), total, "bit {bit}");
    }
}

#[test]
fn a_damaged_manifest_costs_a_rebuild_and_nothing_else() {
    let left = Left::after(35, 300);
    for manifest in ["", "{", "[]", r#"{"current":7,"previous":null,"generation":1}"#] {
        for definition in all() {
            let path = left.directory.path().join(format!("{}.json", definition.name));
            std::fs::write(path, manifest).unwrap();
        }
        left.check(&left.start(), manifest);
    }
    for definition in all() {
        let path = left.directory.path().join(format!("{}.json", definition.name));
        std::fs::write(path, r#"{"current":"gone.db","previous":"gone-too.db","generation":9}"#).unwrap();
    }
    let projections = left.start();
    left.check(&projections, "a file that is gone");
    assert!(projections.statuses().iter().all(|status| !status.can_roll_back));
    for definition in all() {
        database(left.directory.path(), definition.name);
    }
}

#[test]
fn a_damaged_file_that_a_query_meets_is_made_anew_by_itself() {
    // As many as it takes for each of them to have rows beyond the first pages.
    let left = Left::after(36, 4000);
    let projections = left.start();
    for definition in all() {
        let name = definition.name;
        let path = database(left.directory.path(), name);
        let mut watch = projections.watch(name).unwrap();
        wait_until(&left.runtime, &mut watch, |status| status.checked);
        // The pages of the rows; the checkpoint is on one of the first.
        fill(&path, 8 * 4096, 0xaa);
        let met = projections.query(name, contents);
        assert!(matches!(met, Err(QueryError::File { .. })), "{name}: {met:?}");
        wait_until(&left.runtime, &mut watch, |status| status.phase == Phase::Building);
        wait_until(&left.runtime, &mut watch, |status| status.phase == Phase::Live);
        assert_ne!(database(left.directory.path(), name), path, "{name}: a new file");
    }
    left.check(&projections, "met by a query");
}

#[test]
fn read_models_that_are_deleted_while_they_serve_are_made_anew() {
    let left = Left::after(39, 500);
    let projections = left.start();
    std::fs::remove_dir_all(left.directory.path()).unwrap();
    for definition in all() {
        let name = definition.name;
        let mut watch = projections.watch(name).unwrap();
        let met = projections.query(name, contents);
        assert!(matches!(met, Err(QueryError::File { .. })), "{name}: {met:?}");
        wait_until(&left.runtime, &mut watch, |status| status.phase == Phase::Building);
        wait_until(&left.runtime, &mut watch, |status| status.phase == Phase::Live);
    }
    left.check(&projections, "deleted");
    std::fs::remove_dir_all(left.directory.path()).unwrap();
    for definition in all() {
        let rebuilt = loop {
            // The one that made it anew may be about to end.
            match projections.rebuild(definition.name, false) {
                Err(ChangeError::Running(_)) => std::thread::yield_now(),
                rebuilt => break rebuilt.unwrap(),
            }
        };
        assert!(rebuilt.took_over, "{}", definition.name);
    }
    left.check(&projections, "rebuilt");
}

#[test]
fn a_damaged_row_that_its_projector_meets_is_made_anew_by_itself() {
    let left = Left::after(37, 400);
    for definition in all() {
        run(&database(left.directory.path(), definition.name), "UPDATE rows SET state = '{}'");
    }
    let more = facts(37, 460).split_off(400);
    let projections = left.start();
    append(&left.runtime, left.store.as_ref(), more);
    let log = events(&left.runtime, left.store.as_ref());
    let head = GlobalPosition(log.len() as u64);
    wait_for_all(&left.runtime, &projections, head);
    // The timeline never reads what it wrote; a query meets the damage there.
    for definition in all().into_iter().filter(|definition| definition.name != "timeline") {
        let expected = expected(definition.name, &log, head);
        projections.query(definition.name, contents).unwrap().check(&expected, definition.name);
    }
}
