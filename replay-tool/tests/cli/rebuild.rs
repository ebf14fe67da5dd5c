//! Read models are made anew from the log, and checked without touching them.

use crate::support::{Place, TWO_TICKETS, copy, files, plain, with_sample};
use docket_core::store::data_dir::{DataDir, Holder};
use docket_projections::registry;
use serde_json::{Value, json};
use std::path::PathBuf;

fn filled() -> Place {
    let place = Place::new();
    place.import(plain(&TWO_TICKETS)).ends_with(0);
    place
}

fn names() -> Vec<&'static str> {
    registry::all().iter().map(|definition| definition.name).collect()
}

/// What each read model came to, in the order of the registry.
fn verdicts(report: &Value) -> Vec<String> {
    let verdict = |one: &Value| one["verdict"].as_str().unwrap().to_owned();
    report.as_array().unwrap().iter().map(verdict).collect()
}

/// Runs a check, and makes sure that it changes nothing in the data directory.
#[track_caller]
fn check(place: &Place, code: u8) -> Value {
    let before = files(&place.data());
    let report = place.run(&["rebuild", "--check", "--json"]).ends_with(code).json();
    let after = files(&place.data());
    assert!(before.keys().eq(after.keys()), "{:?}", after.keys());
    // SQLite notes in the -shm file who reads; it is no data.
    let changed: Vec<_> =
        after.iter().filter(|(name, bytes)| before[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(changed.iter().all(|name| name.to_str().unwrap().ends_with("-shm")), "{changed:?}");
    report
}

/// The file that serves as a read model.
fn file_of(place: &Place, name: &str) -> PathBuf {
    let directory = place.data().join("read-models");
    let manifest = std::fs::read(directory.join(format!("{name}.json"))).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    directory.join(manifest["current"].as_str().unwrap())
}

#[test]
fn all_read_models_are_made_and_then_equal_the_log() {
    let place = with_sample();
    let made = place.run(&["rebuild", "--json"]).ends_with(0).json();
    let shown: Vec<&str> = made.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(shown, names());
    assert!(made.as_array().unwrap().iter().all(|one| one["position"] == 10_801));
    assert!(verdicts(&made).iter().all(|verdict| verdict == "replaced"));
    let checked = check(&place, 0);
    assert!(verdicts(&checked).iter().all(|verdict| verdict == "equal"), "{checked}");
    for (made, checked) in made.as_array().unwrap().iter().zip(checked.as_array().unwrap()) {
        assert_eq!((&made["digest"], &made["digest"]), (&checked["digest"], &checked["found"]));
    }
    let left = files(&place.data().join("read-models"));
    assert!(left.keys().all(|file| !file.starts_with("rebuilding")), "{:?}", left.keys());
}

#[test]
fn one_read_model_is_made_and_the_others_are_left_alone() {
    let place = filled();
    let made = place.run(&["rebuild", "sla", "--json"]).ends_with(0).json();
    assert_eq!((made.as_array().unwrap().len(), &made[0]["name"]), (1, &json!("sla")));
    let expected: Vec<&str> =
        names().iter().map(|name| if *name == "sla" { "equal" } else { "missing" }).collect();
    assert_eq!(verdicts(&check(&place, 0)), expected);
    place.run(&["rebuild", "moods"]).ends_with(2).says("there is no read model \"moods\"; there are queue");
}

#[test]
fn a_read_model_that_stands_further_back_is_compared_where_it_stands() {
    let place = filled();
    place.run(&["rebuild"]).ends_with(0);
    place
        .import(plain(&[&TWO_TICKETS[..], &["A,4,2026-01-07T10:00:00Z,resolved,ines,,resolved,7"]].concat()))
        .ends_with(0);
    let report = check(&place, 0);
    assert!(report.as_array().unwrap().iter().all(|one| one["position"] == 6 && one["verdict"] == "equal"));
    place.run(&["rebuild"]).ends_with(0).says("position 7");
    assert!(check(&place, 0).as_array().unwrap().iter().all(|one| one["position"] == 7));
}

#[test]
fn read_models_of_another_log_differ() {
    let (place, other) = (filled(), Place::new());
    let changed = TWO_TICKETS.map(|row| row.replace("assigned,ines,,ines", "assigned,ines,,bruno"));
    other.import(plain(&changed.each_ref().map(String::as_str))).ends_with(0);
    other.run(&["rebuild"]).ends_with(0);
    copy(&other.data().join("read-models"), &place.data().join("read-models"));
    let report = check(&place, 1);
    let queue = &report[0];
    assert_eq!((&queue["name"], &queue["verdict"]), (&json!("queue"), &json!("differs")));
    assert!(queue["found"].is_string() && queue["found"] != queue["digest"]);
    place.run(&["rebuild", "--check"]).ends_with(1).says("differs");
    place.run(&["rebuild"]).ends_with(0);
    check(&place, 0);
}

#[test]
fn a_read_model_that_is_ahead_of_the_log_differs() {
    let (place, other) = (Place::new(), filled());
    place.import(plain(&TWO_TICKETS[..4])).ends_with(0);
    other.run(&["rebuild"]).ends_with(0);
    copy(&other.data().join("read-models"), &place.data().join("read-models"));
    let report = check(&place, 1);
    assert!(verdicts(&report).iter().all(|verdict| verdict == "differs"), "{report}");
    place.run(&["rebuild", "--check"]).ends_with(1).says("position 6, which the log has not");
}

#[test]
fn a_damaged_read_model_is_found_and_made_anew() {
    let place = filled();
    place.run(&["rebuild"]).ends_with(0);
    let path = file_of(&place, "queue");
    let mut bytes = std::fs::read(&path).unwrap();
    // Everywhere: a row that was moved inside the file leaves bytes behind that nobody reads.
    let name = b"\"assignee\"";
    let found: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(name)).collect();
    assert!(!found.is_empty());
    found.iter().for_each(|at| bytes[at + 1] ^= 2);
    std::fs::write(&path, bytes).unwrap();
    let report = check(&place, 1);
    assert_eq!((&report[0]["name"], &report[0]["verdict"]), (&json!("queue"), &json!("damaged")));
    assert!(report[0]["why"].is_string());
    assert!(verdicts(&report)[1..].iter().all(|verdict| verdict == "equal"));
    std::fs::write(&path, "hello").unwrap();
    assert_eq!(verdicts(&check(&place, 1))[0], "damaged");
    place.run(&["rebuild", "queue"]).ends_with(0);
    assert!(verdicts(&check(&place, 0)).iter().all(|verdict| verdict == "equal"));
}

#[test]
fn read_models_that_are_not_there_are_told_and_not_made_by_a_check() {
    let place = filled();
    let report = check(&place, 0);
    assert!(verdicts(&report).iter().all(|verdict| verdict == "missing"), "{report}");
    assert!(report[0]["digest"].is_string() && report[0]["found"].is_null());
}

#[test]
fn what_a_killed_rebuild_left_is_cleared_by_the_next() {
    let place = filled();
    let left = place.data().join("read-models/rebuilding");
    std::fs::create_dir(&left).unwrap();
    std::fs::write(left.join("queue-new.db"), "half").unwrap();
    place.run(&["rebuild"]).ends_with(0);
    assert!(!left.exists());
}

#[test]
fn a_rebuild_while_somebody_writes_says_who_and_a_check_goes_on() {
    let place = filled();
    place.run(&["rebuild"]).ends_with(0);
    let mut lock = DataDir::at(place.data()).lock("docket-server").unwrap();
    let address = Some("127.0.0.1:7333".to_owned());
    lock.announce(&Holder { program: "docket-server".into(), pid: 4711, address }).unwrap();
    let before = files(&place.data());
    place
        .run(&["rebuild"])
        .ends_with(3)
        .says("in use by docket-server (process 4711, listening on 127.0.0.1:7333)")
        .says("start it again");
    assert!(files(&place.data()).keys().eq(before.keys()));
    assert_eq!(check(&place, 0)[0]["verdict"], "equal");
}

#[test]
fn a_damaged_log_makes_no_read_model() {
    let place = filled();
    place.run(&["rebuild"]).ends_with(0);
    let log = place.data().join("log.db");
    let mut bytes = std::fs::read(&log).unwrap();
    let text = b"\"type\":\"resolved\"";
    let at = bytes.windows(text.len()).position(|window| window == text).unwrap();
    bytes[at] ^= 1;
    std::fs::write(&log, bytes).unwrap();
    let before = files(&place.data().join("read-models"));
    place.run(&["rebuild", "--json"]).ends_with(4).says("position 4").says("\"kind\":\"damaged\"");
    assert!(files(&place.data().join("read-models")) == before);
    for reading in [&["state"][..], &["report", "reference"], &["rebuild", "--check"]] {
        place.run(reading).ends_with(4).says("position 4");
    }
}

#[test]
fn a_directory_without_a_log_is_told_and_not_made() {
    let place = Place::new();
    place.run(&["rebuild"]).ends_with(3).says("holds no Docket log");
    place.run(&["rebuild", "--check"]).ends_with(3).says("holds no Docket log");
    assert!(!place.data().exists());
}
