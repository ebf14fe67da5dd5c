//! Rebuilt, live and folded: the same rows and the same digest at the same position (promises P2 and P3).

use super::oracle::{contents, expected, shape};
use super::support::{append, empty_log, events, facts, feed, log_of, runtime, start, wait_for_all};
use docket_core::names::GlobalPosition;
use docket_projections::log_event::LogEvent;
use docket_projections::read_model::Purpose;
use docket_projections::rebuild::{Continue, rebuild};
use docket_projections::registry::{Definition, Model, all};
use docket_tests::random::{Random, seeds};
use std::path::Path;

const EVENTS: usize = 2_600;

/// A page's border, its neighbours, and a few in between.
const POSITIONS: [usize; 7] = [1, 2, 777, 1023, 1024, 1025, EVENTS];

const END: GlobalPosition = GlobalPosition(u64::MAX);

fn in_memory(definition: &Definition) -> Box<dyn Model> {
    definition.open(Path::new(""), Purpose::Memory).unwrap()
}

#[track_caller]
fn check(definition: &Definition, model: &dyn Model, events: &[LogEvent], context: &str) {
    let position = model.checkpoint().position;
    let expected = expected(definition.name, events, position);
    let context = format!("{context}: {} at {position}", definition.name);
    contents(model.connection().unwrap()).unwrap().check(&expected, &context);
    assert_eq!(model.digest().to_hex(), expected.digest(), "{context}: digest");
    assert_eq!(model.recompute().unwrap(), model.digest(), "{context}: recomputed");
}

#[test]
fn rebuilt_equals_live_equals_folded_at_every_position() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    for seed in seeds([1]) {
        println!("DOCKET_SEED={seed}");
        let all_facts = facts(seed, EVENTS);
        let store = empty_log();
        let live = start(&runtime, &directory.path().join(format!("live-{seed}")), &store);
        let mut appended = 0;
        for position in POSITIONS {
            let head = append(&runtime, store.as_ref(), all_facts[appended..position].to_vec());
            appended = position;
            wait_for_all(&runtime, &live, head);
            let log = events(&runtime, store.as_ref());
            for definition in all() {
                let context = format!("seed {seed}, {} at {position}", definition.name);
                let expected = expected(definition.name, &log, head);
                live.query(definition.name, contents).unwrap().check(&expected, &format!("live, {context}"));
                let mut fold = definition.fold();
                fold.apply(&log, END).unwrap();
                fold.flush().unwrap();
                assert_eq!(fold.digest().to_hex(), expected.digest(), "folded, {context}");
                let path = directory.path().join(format!("{}-{seed}-{position}.db", definition.name));
                let built = rebuild(&definition, &feed(&runtime, &store), &path, head, |_| Continue::Yes);
                assert_eq!(built.unwrap().digest.to_hex(), expected.digest(), "rebuilt, {context}");
                let rebuilt = definition.open(&path, Purpose::Live).unwrap();
                let connection = rebuilt.connection().unwrap();
                contents(connection).unwrap().check(&expected, &format!("rebuilt, {context}"));
                let live_shape = live.query(definition.name, |live| Ok(shape(live))).unwrap();
                assert_eq!(shape(connection), live_shape, "tables, {context}");
            }
        }
    }
}

#[test]
fn a_rebuild_to_a_position_takes_nothing_after_it() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let store = log_of(&runtime, facts(2, EVENTS));
    let log = events(&runtime, store.as_ref());
    let feed = feed(&runtime, &store);
    for definition in all() {
        for position in POSITIONS.map(|position| GlobalPosition(position as u64)) {
            let path = directory.path().join(format!("{}-{position}.db", definition.name));
            let built = rebuild(&definition, &feed, &path, position, |_| Continue::Yes).unwrap();
            assert_eq!(built.position, position);
            check(&definition, definition.open(&path, Purpose::Live).unwrap().as_ref(), &log, "rebuilt");
        }
    }
}

#[test]
fn pages_of_any_size_give_the_same_read_model() {
    let runtime = runtime();
    for seed in seeds([3, 4]) {
        println!("DOCKET_SEED={seed}");
        let store = log_of(&runtime, facts(seed, 1_500));
        let log = events(&runtime, store.as_ref());
        let mut random = Random::new(seed);
        for definition in all() {
            let mut model = in_memory(&definition);
            let mut rest = log.as_slice();
            while !rest.is_empty() {
                let longest = random.pick(&[2, 20, 200]);
                let (page, later) = rest.split_at((1 + random.index(longest)).min(rest.len()));
                rest = later;
                model.apply(page, END).unwrap();
                if random.chance(70) {
                    model.flush().unwrap();
                }
                if random.chance(10) {
                    model.flush().unwrap();
                    check(&definition, model.as_ref(), &log, &format!("seed {seed}"));
                }
            }
            model.flush().unwrap();
            check(&definition, model.as_ref(), &log, &format!("seed {seed}"));
        }
    }
}

#[test]
fn an_event_delivered_twice_counts_once() {
    let runtime = runtime();
    let store = log_of(&runtime, facts(5, 1_200));
    let log = events(&runtime, store.as_ref());
    let mut random = Random::new(5);
    for definition in all() {
        let mut model = in_memory(&definition);
        let mut fold = definition.fold();
        let mut end = 0;
        while end < log.len() {
            end = (end + 1 + random.index(150)).min(log.len());
            for _ in 0..2 {
                let overlap = &log[random.index(end)..end];
                // What lies behind a gap would be lost, so the page begins where the model stands or earlier.
                let begin = (model.checkpoint().position.0 as usize).min(log.len() - overlap.len());
                let page = if overlap.len() > end - begin { overlap } else { &log[begin..end] };
                model.apply(page, END).unwrap();
                model.flush().unwrap();
                fold.apply(page, END).unwrap();
            }
        }
        fold.flush().unwrap();
        check(&definition, model.as_ref(), &log, "twice");
        assert_eq!(fold.digest(), model.digest());
    }
}

#[test]
fn a_rebuild_that_spills_equals_one_that_does_not() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let store = log_of(&runtime, facts(6, 1_500));
    let log = events(&runtime, store.as_ref());
    for definition in all() {
        for rows_max in [1, 2, 17, 120] {
            let path = directory.path().join(format!("{}-{rows_max}.db", definition.name));
            let mut model = definition.open(&path, Purpose::Rebuild).unwrap();
            model.keep_rows(rows_max);
            for page in log.chunks(256) {
                model.apply(page, END).unwrap();
            }
            model.finish().unwrap();
            check(&definition, model.as_ref(), &log, &format!("at most {rows_max} rows in memory"));
        }
    }
}

#[test]
fn a_read_model_goes_on_in_any_file_of_its_own() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let store = log_of(&runtime, facts(7, 1_000));
    let log = events(&runtime, store.as_ref());
    for definition in all() {
        let path = directory.path().join(format!("{}.db", definition.name));
        for (index, page) in log.chunks(130).enumerate() {
            let mut model = definition.open(&path, Purpose::Live).unwrap();
            assert_eq!(model.checkpoint().position.0, index as u64 * 130);
            model.apply(page, END).unwrap();
            model.flush().unwrap();
            check(&definition, model.as_ref(), &log, "live");
        }
    }
}
