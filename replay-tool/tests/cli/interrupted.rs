//! An import that is killed and run again ends as if it had not been.

use crate::support::{Place, plain, records};
use docket_core::store::data_dir::DataDir;
use docket_replay::log::Log;
use std::process::{Command, Stdio};

fn long_log() -> String {
    let mut rows = Vec::new();
    for ticket in 0..4_000 {
        rows.push(format!("T{ticket},0,2026-01-05T09:00:00Z,created,ana,,new,{ticket}"));
        rows.push(format!("T{ticket},1,2026-01-05T09:01:00Z,assigned,ines,,ines,{ticket}"));
        rows.push(format!("T{ticket},2,2026-01-05T09:02:00Z,resolved,ines,new,resolved,{ticket}"));
    }
    plain(&rows.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn an_import_that_is_killed_goes_on_as_if_it_had_not_been() {
    let (killed, once) = (Place::new(), Place::new());
    let file = killed.file("log.csv", long_log());
    let mut child = Command::new(env!("CARGO_BIN_EXE_docket-replay"))
        .args(["import", "--mapping", "plain"])
        .arg(&file)
        .arg("--data")
        .arg(killed.data())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Killed as soon as something is in the log; if it is too quick, nothing is lost but the point.
    let begun = || Log::to_read(&DataDir::at(killed.data())).is_ok_and(|log| log.head().0 > 0);
    while !begun() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    let _ = child.kill();
    child.wait().unwrap();
    let before = records(&killed.data());

    let again = ["import", "--mapping", "plain", file.to_str().unwrap()];
    killed.run(&again).ends_with(0);
    once.run(&again).ends_with(0);
    assert_eq!(killed.facts(), once.facts());
    assert_eq!(records(&killed.data())[..before.len()], before, "what was in the log stays as it was");
    killed.run(&["verify"]).ends_with(0);
}
