//! A back-up is a whole log, also of one that is being written.

use crate::support::{Place, TWO_TICKETS, plain, run_on, with_sample};
use docket_core::store::data_dir::DataDir;
use docket_replay::log::Log;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A directory whose log will be a back-up.
fn directory(place: &Place, name: &str) -> PathBuf {
    let directory = place.path(name);
    std::fs::create_dir(&directory).unwrap();
    directory
}

#[test]
fn a_back_up_holds_the_same_log() {
    let place = with_sample();
    let copy = directory(&place, "copy");
    let file = copy.join("log.db");
    let ran = place.run(&["back-up", "--out", file.to_str().unwrap(), "--json"]).ends_with(0).json();
    assert_eq!(ran["bytes"], std::fs::metadata(&file).unwrap().len());
    run_on(&copy, &["verify"]).ends_with(0);
    assert!(run_on(&copy, &["export"]).text == place.run(&["export"]).text, "byte for byte");
}

#[test]
fn a_back_up_of_a_log_that_is_being_written_is_a_whole_log() {
    let place = Place::new();
    let rows: Vec<String> =
        (0..4_000).map(|ticket| format!("T{ticket},0,2026-01-05T09:00:00Z,created,ana,,new,1")).collect();
    let log = place.file("log.csv", plain(&rows.iter().map(String::as_str).collect::<Vec<_>>()));
    let mut writer = Command::new(env!("CARGO_BIN_EXE_docket-replay"))
        .args(["import", "--mapping", "plain"])
        .arg(&log)
        .arg("--data")
        .arg(place.data())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut copies = Vec::new();
    let mut running = true;
    // At least once when all is written, and as often before as the machine allows.
    while running {
        running = writer.try_wait().unwrap().is_none() && copies.len() < 5;
        if Log::to_read(&DataDir::at(place.data())).is_ok_and(|log| log.head().0 > 0) {
            let copy = directory(&place, &format!("copy-{}", copies.len()));
            place.run(&["back-up", "--out", copy.join("log.db").to_str().unwrap()]).ends_with(0);
            copies.push(copy);
        } else {
            std::thread::yield_now();
        }
    }
    assert!(writer.wait().unwrap().success());
    let whole = place.run(&["export"]).ends_with(0).text;
    for copy in copies {
        run_on(&copy, &["verify"]).ends_with(0);
        let part = run_on(&copy, &["export"]).ends_with(0).text;
        assert!(!part.is_empty() && whole.starts_with(&part), "{}", copy.display());
    }
}

#[test]
fn a_back_up_overwrites_nothing_and_says_where_it_cannot_be() {
    let place = Place::new();
    place.import(plain(&TWO_TICKETS)).ends_with(0);
    let other = place.file("other.db", "something else");
    place.run(&["back-up", "--out", other.to_str().unwrap()]).ends_with(2).says("is there already");
    assert_eq!(std::fs::read(other).unwrap(), b"something else");
    let nowhere = place.path("nowhere/log.db");
    place.run(&["back-up", "--out", nowhere.to_str().unwrap()]).ends_with(2).says("there is no directory");
    let ran = run_on(&place.path("empty"), &["back-up", "--out", place.path("new.db").to_str().unwrap()]);
    ran.ends_with(3).says("holds no Docket log");
    assert!(!place.path("empty").exists() && !place.path("new.db").exists());
}
