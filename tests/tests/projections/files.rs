//! Which file serves: changed projectors, rebuilds that take over, and the way back.

use super::gate::Gate;
use super::left::{Left, database};
use super::probes::{Counting, OtherSchema, counted, ticket_events};
use super::support::{
    NOW, PATIENCE, append, events, facts, log_of, runtime, start, start_with, wait_for_all,
};
use docket_core::clock::ManualClock;
use docket_core::names::GlobalPosition;
use docket_core::store::memory::MemoryStore;
use docket_core::time::DurationMs;
use docket_projections::registry::{Definition, all};
use docket_projections::runner::{ChangeError, Phase, QueryError, Status};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn a_changed_definition_is_noticed_and_the_old_one_serves_until_the_new_one_is_built() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let store = log_of(&runtime, facts(31, 700));
    let total = ticket_events(&runtime, store.as_ref());
    let head = GlobalPosition(700);
    let first =
        start_with(&runtime, directory.path(), store.clone(), vec![Definition::of::<Counting<1, 1>>()]);
    wait_for_all(&runtime, &first, head);
    assert_eq!(counted(&first).unwrap(), total);
    drop(first);

    let gate = Gate::closed(store);
    let definitions = vec![Definition::of::<Counting<2, 2>>()];
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
fn a_read_model_of_another_history_is_made_anew_whether_the_log_is_shorter_or_longer() {
    for length in [100, 300, 500] {
        let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
        let first = start(&runtime, directory.path(), &log_of(&runtime, facts(33, 300)));
        wait_for_all(&runtime, &first, GlobalPosition(300));
        drop(first);

        // Recorded an hour later: the log was put back from a back-up, and went on in another way.
        let clock = ManualClock::at(NOW.plus(DurationMs::from_hours(1)));
        let other = Arc::new(MemoryStore::new(Arc::new(clock)));
        append(&runtime, other.as_ref(), facts(34, length));
        let second = start(&runtime, directory.path(), &other);
        for definition in all() {
            let mut fold = definition.fold();
            fold.apply(&events(&runtime, other.as_ref()), GlobalPosition(u64::MAX)).unwrap();
            fold.flush().unwrap();
            let mut watch = second.watch(definition.name).unwrap();
            let says_the_same = |status: &Status| status.checkpoint == Some(fold.checkpoint());
            runtime
                .block_on(async { tokio::time::timeout(PATIENCE, watch.wait_for(says_the_same)).await })
                .unwrap_or_else(|_| panic!("{} of {length} events", definition.name))
                .unwrap();
        }
    }
}

#[test]
fn a_read_model_of_another_schema_does_not_serve() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let store = log_of(&runtime, facts(32, 300));
    let total = ticket_events(&runtime, store.as_ref());
    let definitions = vec![Definition::of::<Counting<1, 1>>()];
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
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let store = log_of(&runtime, facts(39, 500));
    let total = ticket_events(&runtime, store.as_ref());
    let wrong = vec![Definition::of::<Counting<1, 3>>()];
    let first = start_with(&runtime, directory.path(), store.clone(), wrong);
    wait_for_all(&runtime, &first, GlobalPosition(500));
    drop(first);

    let right = vec![Definition::of::<Counting<1, 1>>()];
    let projections = start_with(&runtime, directory.path(), store, right);
    let file = database(directory.path(), "probe");
    assert_eq!(counted(&projections).unwrap(), 3 * total, "nothing says that it is wrong");
    let differs = projections.rebuild("probe", false).unwrap();
    assert!(!differs.took_over);
    assert_ne!(differs.served, Some(differs.digest));
    assert_eq!(database(directory.path(), "probe"), file, "nothing has changed, nothing is left behind");
    assert_eq!(counted(&projections).unwrap(), 3 * total);
    let accepted = projections.rebuild("probe", true).unwrap();
    assert!(accepted.took_over);
    assert_eq!(accepted.served, differs.served);
    assert_eq!(counted(&projections).unwrap(), total);
    projections.roll_back("probe").unwrap();
    assert_eq!(counted(&projections).unwrap(), 3 * total, "also that can be taken back");
}

#[test]
fn a_rebuild_is_compared_at_the_position_that_serves_while_writing_goes_on() {
    let left = Left::after(40, 400);
    let projections = left.start();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for fact in facts(40, 4_000).split_off(400) {
                append(&left.runtime, left.store.as_ref(), vec![fact]);
                if stop.load(Ordering::Relaxed) {
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
        stop.store(true, Ordering::Relaxed);
    });
    left.check(&projections, "under way");
}

#[test]
fn two_rebuilds_of_one_read_model_do_not_run_at_once() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let store = log_of(&runtime, facts(41, 50));
    let definitions = || vec![Definition::of::<Counting<1, 1>>()];
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
