//! An export restored elsewhere is the same log, hash for hash.

use crate::support::{Place, TWO_TICKETS, plain, run_on};
use docket_core::store::data_dir::DataDir;
use docket_replay::log::Log;
use docket_tests::store_conformance::samples::{ANY, append, key, keyed, to};
use std::path::{Path, PathBuf};

fn filled() -> (Place, PathBuf) {
    let place = Place::new();
    place.import(plain(&TWO_TICKETS)).ends_with(0);
    let file = place.path("export.jsonl");
    place.run(&["export", "--out", file.to_str().unwrap()]).ends_with(0);
    (place, file)
}

fn restore(data: &Path, file: &Path) -> crate::support::Ran {
    run_on(data, &["restore", file.to_str().unwrap()])
}

#[test]
fn an_export_restored_into_an_empty_directory_is_the_same_log_byte_for_byte() {
    let (place, file) = filled();
    let exported = std::fs::read(&file).unwrap();
    assert_eq!(place.run(&["export"]).text.as_bytes(), exported);
    let other = place.path("restored");
    restore(&other, &file).ends_with(0);
    run_on(&other, &["verify"]).ends_with(0);
    assert_eq!(run_on(&other, &["export"]).text.as_bytes(), exported);
    assert_eq!(
        run_on(&other, &["import", "--mapping", "plain", place.path("log.csv").to_str().unwrap(), "--json"])
            .ends_with(0)
            .json()["events"]["already_there"],
        6
    );
}

#[test]
fn a_compressed_export_is_the_same() {
    let (place, _) = filled();
    let file = place.path("export.jsonl.gz");
    place.run(&["export", "--out", file.to_str().unwrap(), "--json"]).ends_with(0);
    let other = place.path("restored");
    restore(&other, &file).ends_with(0);
    assert_eq!(run_on(&other, &["export"]).text, place.run(&["export"]).text);
}

#[test]
fn a_restore_that_was_interrupted_goes_on_and_another_log_is_left_alone() {
    let (place, file) = filled();
    let text = std::fs::read_to_string(&file).unwrap();
    let half: String = text.lines().take(3).map(|line| format!("{line}\n")).collect();
    let other = place.path("restored");
    restore(&other, &place.file("half.jsonl", half)).ends_with(0);
    restore(&other, &file).ends_with(0).says("3 were there already");
    assert_eq!(run_on(&other, &["export"]).text, text);

    let stranger = Place::new();
    stranger.import(plain(&TWO_TICKETS[2..3])).ends_with(0);
    let before = stranger.records();
    restore(&stranger.data(), &file).ends_with(3).says("holds another log");
    assert_eq!(stranger.records(), before);
}

#[test]
fn a_line_that_was_changed_is_refused_with_its_number_and_nothing_is_restored() {
    let (place, file) = filled();
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let replaced = |index: usize, line: &str| {
        let mut lines = lines.clone();
        lines[index] = line;
        lines.iter().map(|line| format!("{line}\n")).collect::<String>()
    };
    let spaced = lines[2].replace("\"version\":1", "\"version\": 1");
    let jumped = lines[3].replace("\"version\":3", "\"version\":4");
    let unknown = lines[2].replace("\"schema\"", "\"mood\":1,\"schema\"");
    let dated = lines[5].replace("\"recorded_at\":1", "\"recorded_at\":0");
    for (what, changed, line) in [
        ("white space", replaced(2, &spaced), 3),
        ("a version that is missing", replaced(3, &jumped), 4),
        ("a field of no release", replaced(2, &unknown), 3),
        ("a line left out", lines[1..].iter().map(|line| format!("{line}\n")).collect(), 1),
        ("a step back in time", replaced(5, &dated), 6),
        ("no line end", text[..text.len() - 1].to_owned(), 6),
        ("a cut", text[..text.len() - 20].to_owned(), 6),
        ("no JSON", replaced(0, "hello"), 1),
    ] {
        let other = place.path("restored");
        let file = place.file("changed.jsonl", changed);
        let ran = restore(&other, &file).ends_with(2);
        assert!(ran.notes.contains(&format!("line {line}:")), "{what}: {}", ran.notes);
        assert!(!other.exists(), "{what}");
    }
}

#[test]
fn an_export_of_what_came_after_a_position_and_never_over_another_file() {
    let (place, file) = filled();
    assert_eq!(place.run(&["export", "--after", "4"]).ends_with(0).text.lines().count(), 2);
    place.run(&["export", "--after", "7"]).ends_with(2).says("the end of the log");
    let out = file.to_str().unwrap();
    place.run(&["export", "--out", out]).ends_with(2).says("--force");
    place.run(&["export", "--out", out, "--force"]).ends_with(0);
    assert!(!place.path("export.jsonl.partial").exists());
}

/// A log of commands with several events each, exported.
fn of_commands() -> (Place, String) {
    let place = Place::new();
    let log = Log::to_write(&DataDir::at(place.data())).unwrap();
    for number in 1..5 {
        let (name, text) = (format!("ticket-{number}"), format!("event {number}"));
        let texts: Vec<String> = (0..number).map(|part| format!("part {part} of {number}")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let command = append([to(&name, ANY, &texts), to("agent-ines", ANY, &[&text])]);
        log.wait(log.store().append(keyed(key(&text, "body"), command))).unwrap();
    }
    drop(log);
    let exported = place.run(&["export"]).ends_with(0).text;
    (place, exported)
}

#[test]
fn an_export_that_is_cut_off_inside_a_command_is_refused_and_at_its_end_restored() {
    let (place, exported) = of_commands();
    let lines: Vec<&str> = exported.lines().collect();
    let ends: Vec<usize> = [2, 5, 9, 14].into();
    assert_eq!(lines.len(), 14);
    for count in 1..=lines.len() {
        let cut: String = lines[..count].iter().map(|line| format!("{line}\n")).collect();
        let (file, other) = (place.file("cut.jsonl", cut), place.path(&format!("restored-{count}")));
        if ends.contains(&count) {
            restore(&other, &file).ends_with(0);
            // The events are not of any type that Docket knows, so only the store's part can be sound.
            let stats = run_on(&other, &["stats", "--json"]).ends_with(0).json();
            assert_eq!(stats["head"], count);
            restore(&other, &place.file("whole.jsonl", &exported)).ends_with(0);
            assert_eq!(run_on(&other, &["export"]).text, exported, "{count} lines, then the rest");
        } else {
            let lacks = ends.iter().find(|end| **end > count).unwrap() - count;
            let events = if lacks == 1 { "1 event" } else { &format!("{lacks} events") };
            restore(&other, &file).ends_with(2).says(&format!("its last command lacks {events}"));
            assert!(!other.exists(), "{count} lines: nothing is made");
        }
    }
}

#[test]
fn nothing_is_written_over_docket_s_own_files() {
    let (place, _) = filled();
    let rows = place.file("rows.csv", plain(&["no time,0,x,created,,,,"]));
    place.run(&["rebuild"]).ends_with(0);
    std::os::unix::fs::symlink(place.data(), place.path("linked")).unwrap();
    std::os::unix::fs::symlink(place.data().join("log.db"), place.path("link.jsonl")).unwrap();
    let before = place.run(&["export"]).text;
    let own = ["log.db", "log.db-wal", "docket.lock", "keys/idempotency.key", "read-models/x.jsonl"];
    let paths = own.iter().map(|own| place.data().join(own));
    let linked = [place.path("linked/log.db"), place.path("link.jsonl"), place.path("linked/../data/log.db")];
    for path in paths.chain(linked) {
        let path = path.to_str().unwrap();
        for command in [
            &["export", "--force", "--out", path][..],
            &["back-up", "--out", path],
            &["import", "--mapping", "plain", rows.to_str().unwrap(), "--rejects", path],
        ] {
            place.run(command).ends_with(2).says("is Docket's own");
        }
    }
    assert_eq!(place.run(&["export"]).text, before);
    // Beside them is where the report of rejected rows lies.
    place.run(&["export", "--out", place.data().join("export.jsonl").to_str().unwrap()]).ends_with(0);
}
