//! Which file serves: changed projectors, damaged files, rebuilds that take over, and the way back.

use super::gate::Gate;
use super::oracle::{contents, expected};
use super::probes::{Count, Counting, OtherSchema};
use super::support::{append, events, facts, log_of, runtime, start, start_with, wait_for_all};
use docket_core::names::GlobalPosition;
use docket_core::store::EventStore;
use docket_core::store::memory::MemoryStore;
use docket_projections::registry::{Definition, all};
use docket_projections::runner::{ChangeError, Phase, Projections, QueryError};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::runtime::Runtime;

/// All events that a read model of [`Counting`] or [`OtherSchema`] has counted.
fn counted(projections: &Projections) -> Result<i64, QueryError> {
    projections.query("probe", |connection| {
        let state: Vec<String> = connection
            .prepare("SELECT state FROM rows")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        Ok(state.iter().map(|state| serde_json::from_str::<Count>(state).unwrap().events as i64).sum())
    })
}

fn ticket_events(runtime: &Runtime, store: &dyn EventStore) -> i64 {
    let events = events(runtime, store);
    let of_tickets = |event: &docket_projections::log_event::LogEvent| {
        matches!(event.event, Ok(docket_core::event::Event::Ticket(_)))
    };
    events.into_iter().filter(of_tickets).count() as i64
}

#[test]
fn a_changed_definition_is_noticed_and_the_old_one_serves_until_the_new_one_is_built() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let store = log_of(&runtime, facts(31, 700));
    let total = ticket_events(&runtime, store.as_ref());
    let head = GlobalPosition(700);
    let first = start_with(&runtime, directory.path(), store.clone(), vec![Definition::of::<Counting<1>>()]);
    wait_for_all(&runtime, &first, head);
    assert_eq!(counted(&first).unwrap(), total);
    drop(first);

    let gate = Gate::closed(store);
    let definitions = vec![Definition::of::<Counting<2>>()];
    let second = start_with(&runtime, directory.path(), gate.clone(), definitions.clone());
    let status = &second.statuses()[0];
    assert_eq!((&status.phase, status.position()), (&Phase::Building, head));
    assert_eq!(counted(&second).unwrap(), total, "the old one serves");
    gate.open();
    let mut watch = second.watch("probe").unwrap();
    runtime.block_on(watch.wait_for(|status| status.phase == Phase::Live)).unwrap();
    assert_eq!(counted(&second).unwrap(), 2 * total, "the new one has taken over");
    // The file of the other definition cannot follow the log any more, so there is no way back to it.
    assert!(!second.statuses()[0].can_roll_back);
    assert!(second.roll_back("probe").is_err());
    assert_eq!(counted(&second).unwrap(), 2 * total);
    drop(second);

    let third = start_with(&runtime, directory.path(), gate, definitions);
    assert_eq!(third.statuses()[0].phase, Phase::Live, "the same definition goes on with its file");
}

#[test]
fn a_read_model_of_another_schema_does_not_serve() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let store = log_of(&runtime, facts(32, 300));
    let total = ticket_events(&runtime, store.as_ref());
    let definitions = vec![Definition::of::<Counting<1>>()];
    let first = start_with(&runtime, directory.path(), store.clone(), definitions);
    wait_for_all(&runtime, &first, GlobalPosition(300));
    drop(first);

    let gate = Gate::closed(store);
    let definitions = vec![Definition::of::<OtherSchema>()];
    let second = start_with(&runtime, directory.path(), gate.clone(), definitions);
    assert!(matches!(counted(&second), Err(QueryError::Building { .. })));
    assert_eq!(second.statuses()[0].checkpoint, None);
    gate.open();
    wait_for_all(&runtime, &second, GlobalPosition(300));
    assert_eq!(counted(&second).unwrap(), total);
}

/// The files of a read model in a directory, without the manifest.
fn database(directory: &Path, name: &str) -> PathBuf {
    let files = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let is_it = |path: &PathBuf| {
        let file = path.file_name().unwrap().to_str().unwrap();
        file.starts_with(&format!("{name}-")) && file.ends_with(".db")
    };
    let mut found: Vec<PathBuf> = files.filter(is_it).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// A log with read models that were made from it and then left alone.
struct Left {
    runtime: Runtime,
    directory: tempfile::TempDir,
    store: Arc<MemoryStore>,
}

impl Left {
    fn after(seed: u64, events: usize) -> Self {
        let left = Self {
            runtime: runtime(),
            directory: tempfile::tempdir().unwrap(),
            store: super::support::empty_log(),
        };
        let head = append(&left.runtime, left.store.as_ref(), facts(seed, events));
        wait_for_all(&left.runtime, &left.start(), head);
        left
    }

    fn start(&self) -> Projections {
        start(&self.runtime, self.directory.path(), &self.store)
    }

    /// All read models end up as the log says, whatever was done to their files.
    #[track_caller]
    fn check(&self, projections: &Projections, context: &str) {
        let log = events(&self.runtime, self.store.as_ref());
        let head = GlobalPosition(log.len() as u64);
        wait_for_all(&self.runtime, projections, head);
        for definition in all() {
            let expected = expected(definition.name, &log, head);
            let context = format!("{context}: {}", definition.name);
            projections.query(definition.name, contents).unwrap().check(&expected, &context);
        }
    }
}

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
        ("another database", Box::new(|path| run(path, "PRAGMA application_id = 7"))),
        ("another's file", Box::new(|path| run(path, "UPDATE checkpoint SET fingerprint = 'x'"))),
    ] {
        for definition in all() {
            damage(&database(left.directory.path(), definition.name));
        }
        left.check(&left.start(), what);
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
fn a_flipped_bit_anywhere_in_the_header_of_the_file_does_no_harm() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let store = log_of(&runtime, facts(34, 40));
    let total = ticket_events(&runtime, store.as_ref());
    let definitions = || vec![Definition::of::<Counting<1>>()];
    let first = start_with(&runtime, directory.path(), store.clone(), definitions());
    wait_for_all(&runtime, &first, GlobalPosition(40));
    drop(first);
    for bit in 0..100 * 8 {
        let path = database(directory.path(), "probe");
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&path, bytes).unwrap();
        let again = start_with(&runtime, directory.path(), store.clone(), definitions());
        wait_for_all(&runtime, &again, GlobalPosition(40));
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
    let left = Left::after(36, 900);
    let projections = left.start();
    for definition in all() {
        let name = definition.name;
        let path = database(left.directory.path(), name);
        let mut watch = projections.watch(name).unwrap();
        // The pages of the rows; the checkpoint is on one of the first.
        fill(&path, 8 * 4096, 0xaa);
        let met = projections.query(name, contents);
        assert!(matches!(met, Err(QueryError::File { .. })), "{name}: {met:?}");
        runtime_wait(&left.runtime, &mut watch, |status| status.phase == Phase::Building);
        runtime_wait(&left.runtime, &mut watch, |status| status.phase == Phase::Live);
        assert_ne!(database(left.directory.path(), name), path, "{name}: a new file");
    }
    left.check(&projections, "met by a query");
}

#[track_caller]
fn runtime_wait(
    runtime: &Runtime,
    watch: &mut tokio::sync::watch::Receiver<docket_projections::runner::Status>,
    reached: impl FnMut(&docket_projections::runner::Status) -> bool,
) {
    let waiting =
        async { tokio::time::timeout(super::support::PATIENCE, watch.wait_for(reached)).await.map(drop) };
    runtime.block_on(waiting).expect("it never got there");
}

#[test]
fn a_damaged_row_that_its_projector_meets_is_made_anew_by_itself() {
    let left = Left::after(37, 400);
    for definition in all() {
        run(&database(left.directory.path(), definition.name), "UPDATE rows SET state = '{'");
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

#[test]
fn a_rebuild_takes_over_and_the_one_before_can_come_back() {
    let left = Left::after(38, 600);
    let projections = left.start();
    for definition in all() {
        let name = definition.name;
        assert!(matches!(projections.roll_back(name), Err(ChangeError::NoEarlier(_))), "{name}");
        let before = database(left.directory.path(), name);
        let rebuilt = projections.rebuild(name, false).unwrap();
        assert!(rebuilt.took_over);
        assert_eq!((rebuilt.position.0, rebuilt.served), (600, Some(rebuilt.digest)));
        assert!(before.is_file(), "{name}: the one before is kept");
        assert!(projections.statuses().iter().any(|status| status.name == name && status.can_roll_back));
    }
    append(&left.runtime, left.store.as_ref(), facts(38, 700).split_off(600));
    left.check(&projections, "rebuilt");
    for definition in all() {
        // What comes back stands where it stood, and follows the log from there.
        projections.roll_back(definition.name).unwrap();
    }
    left.check(&projections, "rolled back");
    for definition in all() {
        projections.roll_back(definition.name).unwrap();
        projections.rebuild(definition.name, false).unwrap();
        projections.rebuild(definition.name, false).unwrap();
        let files = std::fs::read_dir(left.directory.path()).unwrap().map(|entry| entry.unwrap().path());
        let of_it = |path: &PathBuf| {
            let file = path.file_name().unwrap().to_str().unwrap();
            file.starts_with(&format!("{}-", definition.name)) && file.ends_with(".db")
        };
        assert_eq!(files.filter(of_it).count(), 2, "{}: the present one and the one before", definition.name);
    }
    drop(projections);
    left.check(&left.start(), "started again");
}

#[test]
fn a_rebuild_that_differs_takes_over_only_when_that_is_accepted() {
    let left = Left::after(39, 500);
    for definition in all() {
        // As if an older release had folded it otherwise: rows and hash agree, and the log says something else.
        let wrong = "1".repeat(64);
        let path = database(left.directory.path(), definition.name);
        run(&path, &format!("UPDATE checkpoint SET hash = '{wrong}'; DELETE FROM rows; DELETE FROM tallies"));
    }
    let projections = left.start();
    for definition in all() {
        let name = definition.name;
        let file = database(left.directory.path(), name);
        let differs = projections.rebuild(name, false).unwrap();
        assert!(!differs.took_over);
        assert_eq!(differs.served.unwrap().to_hex(), "1".repeat(64), "{name}");
        assert_eq!(
            database(left.directory.path(), name),
            file,
            "{name}: nothing has changed, nothing is left"
        );
        assert!(projections.query(name, contents).unwrap().rows.is_empty());
        assert!(projections.rebuild(name, true).unwrap().took_over);
    }
    left.check(&projections, "accepted");
}

#[test]
fn a_rebuild_is_compared_at_the_position_that_serves_while_writing_goes_on() {
    let left = Left::after(40, 400);
    let projections = left.start();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for fact in facts(40, 4_000).split_off(400) {
                append(&left.runtime, left.store.as_ref(), vec![fact]);
                if stop.load(std::sync::atomic::Ordering::Relaxed) {
                    break;
                }
            }
        });
        for _ in 0..3 {
            for definition in all() {
                let rebuilt = projections.rebuild(definition.name, false).unwrap();
                assert!(rebuilt.took_over);
                assert_eq!(rebuilt.served, Some(rebuilt.digest), "{}", definition.name);
            }
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    left.check(&projections, "under way");
}

#[test]
fn two_rebuilds_of_one_read_model_do_not_run_at_once() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let store = log_of(&runtime, facts(41, 50));
    let definitions = || vec![Definition::of::<Counting<1>>()];
    let first = start_with(&runtime, directory.path(), store.clone(), definitions());
    wait_for_all(&runtime, &first, GlobalPosition(50));
    drop(first);

    let gate = Gate::closed(store);
    let projections = start_with(&runtime, directory.path(), gate.clone(), definitions());
    std::thread::scope(|scope| {
        let (answers, answer) = std::sync::mpsc::channel();
        for _ in 0..2 {
            let (answers, projections) = (answers.clone(), &projections);
            scope.spawn(move || answers.send(projections.rebuild("probe", false)).unwrap());
        }
        // One of them waits for the log; the other one is told so at once.
        assert!(matches!(answer.recv().unwrap(), Err(ChangeError::Running("probe"))));
        gate.open();
        assert!(answer.recv().unwrap().unwrap().took_over);
    });
}
