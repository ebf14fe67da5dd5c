//! What the user gets when the command, the directory or the reader is not as it should be.

use crate::support::{Place, Ran, TWO_TICKETS, plain, with_sample};
use docket_core::store::data_dir::{DataDir, Holder};
use docket_replay::out::{Captured, Out};
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::process::{Command, Stdio};

fn run(arguments: &[&str]) -> Ran {
    let (mut out, captured): (Out, Captured) = Out::captured();
    let words = ["docket-replay"].iter().chain(arguments).map(Into::into);
    let code = docket_replay::run_to_code(words, &mut out);
    Ran { code, text: captured.text(), notes: captured.notes() }
}

/// Every command that only reads, but for back-up, which needs a place of its own.
const READING: &[&[&str]] = &[
    &["verify"],
    &["export"],
    &["stats"],
    &["history", "1"],
    &["state"],
    &["state", "1", "--at", "1"],
    &["state", "--lane", "open"],
    &["report", "metrics"],
    &["report", "metrics", "--by", "agent", "--csv"],
    &["report", "sla"],
    &["report", "reference"],
    &["report", "tickets"],
    &["report", "resolvers"],
    &["rebuild", "--check"],
];

fn filled() -> Place {
    let place = Place::new();
    place.import(plain(&TWO_TICKETS)).ends_with(0);
    place
}

#[test]
fn a_directory_in_use_says_by_whom_and_reading_goes_on() {
    let place = filled();
    let data = DataDir::at(place.data());
    let mut lock = data.lock("docket-server").unwrap();
    let address = Some("127.0.0.1:7333".to_owned());
    lock.announce(&Holder { program: "docket-server".into(), pid: 4711, address }).unwrap();
    place
        .import(plain(&TWO_TICKETS))
        .ends_with(3)
        .says("in use by docket-server (process 4711, listening on 127.0.0.1:7333)")
        .says("\"kind\":\"in_use\"");
    for reading in READING {
        place.run(reading).ends_with(0);
    }
    let copy = place.path("copy.db");
    place.run(&["back-up", "--out", copy.to_str().unwrap()]).ends_with(0);
}

#[test]
fn a_directory_without_a_log_is_told_and_not_made() {
    let place = Place::new();
    for reading in READING {
        place.run(reading).ends_with(3).says("holds no Docket log");
    }
    assert!(!place.data().exists());
}

#[test]
fn a_directory_that_cannot_be_made_is_told() {
    let place = Place::new();
    place.file("data", "a file stands in the way");
    place.import(plain(&TWO_TICKETS)).ends_with(3).says("cannot be used");
}

#[test]
fn a_file_that_is_no_log_or_of_a_newer_release_is_refused() {
    let place = filled();
    let log = place.data().join("log.db");
    let mut bytes = std::fs::read(&log).unwrap();
    // SQLite keeps the user's version number here (file format, section 1.3).
    bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
    std::fs::write(&log, &bytes).unwrap();
    place.run(&["verify"]).ends_with(3).says("use the newer release");
    std::fs::write(&log, "hello").unwrap();
    place.run(&["verify"]).ends_with(3).says("is not a Docket log");
}

#[test]
fn a_file_that_cannot_be_imported_is_told_what_it_is() {
    let place = Place::new();
    for (bytes, what) in [
        (&b""[..], "it is empty"),
        (b"\xff\xfet\0i\0", "UTF-16"),
        (b"PK\x03\x04xxxx", "spreadsheet"),
        (b"ticket_id,seq\xe9\n", "its header: not UTF-8"),
    ] {
        place.import(bytes).ends_with(2).says(what);
    }
    place
        .run(&["import", "--mapping", "plain", "/does/not/exist.csv"])
        .ends_with(2)
        .says("/does/not/exist.csv");
    assert!(!place.data().exists());
}

#[test]
fn wrong_usage_is_told_and_has_its_code() {
    run(&["stats"]).ends_with(2).says("--data DIR");
    run(&["impor"]).ends_with(2).says("impor");
    run(&["--help"]).ends_with(0).says("Exit codes:");
    run(&["import", "--help"]).ends_with(0).says("Exit codes:");
    run(&["--version"]).ends_with(0).says("docket-replay");
}

struct NobodyReads;

impl Write for NobodyReads {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(ErrorKind::BrokenPipe.into())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let place = filled();
    for reading in READING {
        let data = place.data();
        let words = [&["docket-replay"], *reading, &["--data", data.to_str().unwrap()]].concat();
        let code = docket_replay::run_to_code(words.into_iter().map(Into::into), &mut Out::to(NobodyReads));
        assert_eq!(code, 0, "{reading:?}");
    }
}

#[test]
fn the_program_itself_ends_quietly_when_its_reader_goes_away() {
    // More than fits into a pipe, so that some of it is written after the reader has gone.
    let place = with_sample();
    for (command, first) in [(&["export"][..], "{\"position\":1,"), (&["report", "tickets"], "ticket_id,")] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_docket-replay"))
            .args(command)
            .arg("--data")
            .arg(place.data())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with(first), "{line}");
        let ended = child.wait_with_output().unwrap();
        assert!(ended.status.success() && ended.stderr.is_empty(), "{ended:?}");
    }
}

#[test]
fn every_command_has_json_and_help() {
    let place = filled();
    let file = place.path("export.jsonl");
    let (copy, export) = (place.path("copy.db"), file.to_str().unwrap());
    let more: &[&[&str]] = &[
        &["import", export, "--system", "again"],
        &["mappings"],
        &["export", "--out", export],
        &["back-up", "--out", copy.to_str().unwrap()],
        &["rebuild"],
    ];
    // In this order: the import is refused, since there is no file to import yet; that is JSON too.
    let refused = place.run(&[more[0], &["--json"]].concat()).ends_with(2);
    let error: serde_json::Value = serde_json::from_str(&refused.notes).unwrap();
    assert_eq!((&error["error"]["kind"], &error["error"]["exit_code"]), (&"input".into(), &2.into()));
    let whole = READING.iter().filter(|words| words[0] != "export" && !words.contains(&"--csv"));
    for words in whole.chain(&more[1..]) {
        let ran = place.run(&[words, &["--json"][..]].concat()).ends_with(0);
        assert!(ran.json().is_object() || ran.json().is_array(), "{words:?}");
        run(&[words[0], "--help"]).ends_with(0).says("--json").says("Exit codes:");
    }
    // An export is JSON as it is: one record a line.
    for line in place.run(&["export", "--json"]).ends_with(0).text.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).unwrap().is_object());
    }
    let other = place.path("other");
    let restored = crate::support::run_on(&other, &["restore", export, "--json"]).ends_with(0).json();
    assert!(restored.is_object());
}
