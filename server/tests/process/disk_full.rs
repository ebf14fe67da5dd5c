//! On a disk that is really full: refused in time, read on, and going on by itself (promise D6).

use super::client::Answer;
use super::log::{Told, check};
use super::server::{PATIENCE, Starting, program};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Runs a shell command with a small disk of its own, which it finds in `$0`: room for the read models of what the log
/// takes until the filled disk refuses.
///
/// In a user namespace, which needs no right that the caller does not have.
fn on_small_disk(directory: &Path, script: &str) -> Command {
    let mut command = Command::new("unshare");
    let script = format!("mount -t tmpfs -o size=160m tmpfs \"$0\" && {script}");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]).arg(directory);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Writes until there is no space left.
fn fill(file: &Path) {
    let mut file = std::fs::File::create(file).unwrap();
    for length in [1 << 20, 4096, 1] {
        let bytes = vec![7; length];
        while file.write_all(&bytes).is_ok() {}
    }
}

#[test]
fn a_full_disk_refuses_in_time_is_read_on_and_goes_on_by_itself() {
    let directory = tempfile::tempdir().unwrap();
    let possible = on_small_disk(directory.path(), "true").output();
    if !possible.is_ok_and(|output| output.status.success()) {
        println!("this system gives nobody a disk of their own; the disk of the crash tests has to do");
        return;
    }
    let mut command = on_small_disk(
        directory.path(),
        "exec \"$1\" serve --no-sign-in --data \"$0/data\" --listen 127.0.0.1:0",
    );
    command.arg(program().get_program());
    let server = Starting::new(command).listening();
    let disk = PathBuf::from(format!("/proc/{}/root", server.process()))
        .join(directory.path().strip_prefix("/").unwrap());
    let mut client = server.connect();
    client.open_ticket();
    let filler = disk.join("filler");
    fill(&filler);

    let mut told = Told::new();
    let text = "x".repeat(60_000);
    let mut note = |index: usize, told: &mut Told| -> Answer {
        let key = format!("{index}");
        let answer = client.post("/api/v1/tickets/1/note", &key, &format!(r#"{{"body":"{text}"}}"#)).unwrap();
        match answer.status {
            200 => drop(told.insert(key, answer.json()["position"].as_u64())),
            503 => assert_eq!(answer.json()["code"], "storage-full", "{answer:?}"),
            _ => panic!("{answer:?}"),
        }
        answer
    };
    // There is room set aside, so it takes a while until there is none.
    let mut index = 0;
    let refused = loop {
        index += 1;
        let began = Instant::now();
        let answer = note(index, &mut told);
        if answer.status == 503 {
            // Whoever waits for a lock or for space waits for seconds.
            assert!(began.elapsed().as_secs() < 5, "it took {:?} to refuse", began.elapsed());
            break answer;
        }
        assert!(index < 2000, "the disk never gets full");
    };
    assert!(refused.head.contains("retry-after: "), "{refused:?}");
    assert!(refused.json().get("outcome").is_none(), "it is known that nothing was recorded: {refused:?}");

    let mut reader = server.connect();
    for path in
        ["/api/v1/tickets/1", "/api/v1/tickets/1/timeline", "/api/v1/queue", "/api/v1/events", "/livez"]
    {
        assert_eq!(reader.get(path).unwrap().status, 200, "{path}");
    }
    let ready = reader.get("/readyz").unwrap();
    assert!(ready.status == 503 && ready.body.contains("the disk is full"), "{ready:?}");

    std::fs::remove_file(&filler).unwrap();
    let began = Instant::now();
    // The same key that was refused goes through, with nobody doing anything but asking again.
    let position = loop {
        let answer = note(index, &mut told);
        if answer.status == 200 {
            break answer.json()["position"].clone();
        }
        assert!(began.elapsed() < PATIENCE, "{answer:?}");
    };
    let shown = loop {
        let answer = reader.get(&format!("/api/v1/tickets/1?at_least={position}")).unwrap();
        if answer.status == 200 {
            break answer.json();
        }
        assert!(began.elapsed() < PATIENCE, "{answer:?}");
    };
    assert_eq!(shown["position"], position);
    loop {
        let answer = reader.get("/readyz").unwrap();
        if answer.status == 200 {
            break;
        }
        assert!(began.elapsed() < PATIENCE, "{answer:?}");
    }

    // The disk goes with the process, so what is on it is taken out while the process stands still.
    server.signal("STOP");
    let copy = tempfile::tempdir().unwrap();
    for file in ["log.db", "log.db-wal"] {
        std::fs::copy(disk.join("data").join(file), copy.path().join(file)).unwrap();
    }
    server.kill();
    check(copy.path(), &told);
}
