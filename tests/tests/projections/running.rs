//! Read models in operation: waiting for them, how far behind they are, and many writers at once.

use super::left::{Left, wait_until};
use super::oracle::{contents, expected};
use super::support::{
    NOW, append, empty_log, events, facts, log_of, runtime, start, start_with, wait_for_all,
};
use super::wishes;
use docket_core::clock::{ManualClock, SystemClock};
use docket_core::handler::{CommandHandler, HandleError, Outcome};
use docket_core::names::{GlobalPosition, TicketNumber};
use docket_core::store::EventStore;
use docket_core::store::sqlite::SqliteOptions;
use docket_core::time::DurationMs;
use docket_projections::queue;
use docket_projections::registry::all;
use docket_projections::runner::{Phase, QueryError};
use docket_projections::timeline;
use docket_tests::random::{Random, seeds};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn a_read_model_can_be_waited_for_and_says_how_far_behind_it_is() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let store = log_of(&runtime, facts(71, 200));
    let live = start(&runtime, directory.path(), &store);
    wait_for_all(&runtime, &live, GlobalPosition(200));
    let last = events(&runtime, store.as_ref()).pop().unwrap();
    for status in live.statuses() {
        assert_eq!(status.phase, Phase::Live);
        assert_eq!(status.position(), GlobalPosition(200));
        let checkpoint = status.checkpoint.unwrap();
        assert_eq!(checkpoint.recorded_at, Some(last.recorded_at), "the age of what it shows can be told");
        let reached = live.wait_for(status.name, GlobalPosition(200), Duration::ZERO);
        runtime.block_on(reached).unwrap();
        let ahead = runtime.block_on(live.wait_for(status.name, GlobalPosition(201), Duration::ZERO));
        let wanted = GlobalPosition(201);
        assert!(
            matches!(&ahead, Err(QueryError::Behind { position: GlobalPosition(200), wanted: w, .. }) if *w == wanted),
            "{ahead:?}"
        );
    }
    let unknown = runtime.block_on(live.wait_for("nothing", GlobalPosition(1), Duration::ZERO));
    assert!(matches!(unknown, Err(QueryError::Unknown(_))));
    assert!(matches!(live.query("nothing", contents), Err(QueryError::Unknown(_))));
}

#[test]
fn whoever_waits_is_woken_by_the_event_they_wait_for() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let store = empty_log();
    let live = start(&runtime, directory.path(), &store);
    for (index, fact) in facts(72, 150).into_iter().enumerate() {
        let position = GlobalPosition(index as u64 + 1);
        std::thread::scope(|scope| {
            for definition in all() {
                let (live, runtime) = (&live, &runtime);
                scope.spawn(move || {
                    let patience = super::support::PATIENCE;
                    runtime.block_on(live.wait_for(definition.name, position, patience)).unwrap();
                });
            }
            append(&runtime, store.as_ref(), vec![fact]);
        });
    }
}

#[test]
fn stopping_keeps_what_was_taken_and_a_start_goes_on_from_there() {
    let left = Left::after(73, 300);
    for end in (340..=500).step_by(40) {
        let projections = left.start();
        for status in projections.statuses() {
            assert_eq!(status.position(), GlobalPosition(end as u64 - 40), "{}", status.name);
        }
        let head = append(&left.runtime, left.store.as_ref(), facts(73, end).split_off(end - 40));
        wait_for_all(&left.runtime, &projections, head);
        projections.stop();
        projections.stop();
        append(&left.runtime, left.store.as_ref(), Vec::new());
        left.check_rows(&projections);
    }
}

#[test]
fn what_a_command_did_is_read_back_at_its_position() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let (store, clock) = (empty_log(), Arc::new(ManualClock::at(NOW)));
    let live = start(&runtime, directory.path(), &store);
    let handler = CommandHandler::new(store.clone(), clock.clone(), None);
    let mut random = Random::new(74);
    let (mut opened, mut appended) = (0, 0);
    for step in 0..600 {
        clock.set(NOW.plus(DurationMs::from_minutes(step)));
        let request = wishes::request(&mut random, opened);
        let Ok(handled) = runtime.block_on(handler.handle(request)) else { continue };
        opened = opened.max(handled.ticket.0);
        appended += u32::from(handled.outcome == Outcome::Appended);
        runtime.block_on(live.wait_for("queue", handled.position, super::support::PATIENCE)).unwrap();
        let patiently = live.wait_patiently_for("timeline", handled.position, super::support::PATIENCE);
        runtime.block_on(patiently).unwrap();
        let shown =
            live.query("queue", |connection| queue::ticket(connection, handled.ticket)).unwrap().unwrap();
        assert!(shown.state.ticket.version >= handled.version);
        let (position, entries) = live
            .query("timeline", |connection| {
                timeline::entries(connection, handled.ticket, GlobalPosition::START, 500)
            })
            .unwrap();
        assert!(position >= handled.position);
        assert_eq!(entries.entries.last().unwrap().entry.version, handled.version);
    }
    assert!(opened > 20 && appended > 200, "{opened} opened, {appended} appended");
}

#[test]
fn eight_writers_and_all_projectors_at_once_end_up_as_the_log_says() {
    for seed in seeds([75]) {
        println!("DOCKET_SEED={seed}");
        let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
        let clock = Arc::new(SystemClock);
        let store =
            Arc::new(SqliteOptions::new(directory.path().join("log.db")).open(clock.clone()).unwrap());
        let models = directory.path().join("read-models");
        let live = start_with(&runtime, &models, store.clone(), all());
        let handler = Arc::new(CommandHandler::new(store.clone(), clock, None));
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let handler = handler.clone();
                runtime.spawn(async move {
                    let mut random = Random::new(seed ^ (writer << 32));
                    let mut highest = 0;
                    for _ in 0..120 {
                        match handler.handle(wishes::request(&mut random, highest)).await {
                            Ok(handled) => highest = highest.max(handled.ticket.0),
                            Err(
                                HandleError::Refused(_)
                                | HandleError::ThreadMoved { .. }
                                | HandleError::SeenAhead { .. },
                            ) => {}
                            Err(error) => panic!("{error}"),
                        }
                    }
                })
            })
            .collect();
        for writer in writers {
            runtime.block_on(writer).unwrap();
        }
        let log = events(&runtime, store.as_ref());
        let head = *store.head().borrow();
        assert_eq!(head.0, log.len() as u64);
        wait_for_all(&runtime, &live, head);
        for definition in all() {
            let expected = expected(definition.name, &log, head);
            live.query(definition.name, contents).unwrap().check(&expected, definition.name);
            assert!(live.rebuild(definition.name, false).unwrap().took_over, "{}", definition.name);
        }
        let numbers: Vec<u64> = expected("queue", &log, head).rows.keys().map(|key| *key as u64).collect();
        assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "numbers without a gap");
        let highest = live.query("queue", queue::highest_number).unwrap();
        assert_eq!(highest, Some(TicketNumber(numbers.len() as u64)));
    }
}

#[test]
fn a_read_model_is_built_before_anything_has_happened() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let store = empty_log();
    let live = start(&runtime, directory.path(), &store);
    for definition in all() {
        let mut watch = live.watch(definition.name).unwrap();
        wait_until(&runtime, &mut watch, |status| status.phase == Phase::Live && status.checked);
        live.query(definition.name, contents)
            .unwrap()
            .check(&expected(definition.name, &[], GlobalPosition::START), definition.name);
    }
}
