//! How it starts, and why it does not: each with an exit code and a sentence that says what to do.

use super::server::{Exit, PATIENCE, Server, Starting, program, run, serve};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};

#[track_caller]
fn refused(exit: &Exit, code: i32, says: &[&str]) {
    assert_eq!(exit.code, Some(code), "{exit:?}");
    for text in says {
        assert!(exit.said.contains(text), "{text:?} is not in {exit:?}");
    }
    assert!(!exit.said.contains("panicked"), "{exit:?}");
}

#[test]
fn it_makes_its_directory_says_where_it_listens_and_answers() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("made/on/the/way");
    let server = Server::start(&data);
    let mut client = server.connect();
    assert_eq!(client.get("/livez").unwrap().body, "live\n");
    assert_eq!(client.open_ticket(), 1);
    let ticket = client.get("/api/v1/tickets/1?at_least=1").unwrap().ok();
    assert_eq!(ticket["subject"], "Charged twice");
    for file in ["log.db", "docket.lock", "keys/idempotency.key", "read-models/queue.json"] {
        assert!(data.join(file).is_file(), "{file}");
    }
    // Nobody else on the machine reads what customers write.
    let mut directories = vec![data];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(&directory).unwrap().map(Result::unwrap) {
            let meta = entry.metadata().unwrap();
            assert_eq!(meta.mode() & 0o077, 0, "{}", entry.path().display());
            directories.extend(meta.is_dir().then(|| entry.path()));
        }
    }
    let exit = server.stop();
    assert_eq!(exit.code, Some(0), "{exit:?}");
}

#[test]
fn it_is_ready_once_the_log_is_verified() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path());
    let mut client = server.connect();
    // An event stream is not needed to wait: it asks until it is ready, each answer being a turn.
    let began = std::time::Instant::now();
    while client.get("/readyz").unwrap().status != 200 {
        assert!(began.elapsed() < PATIENCE, "{:?}", client.get("/readyz"));
        std::thread::yield_now();
    }
}

#[test]
fn what_was_written_is_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    for ticket in 1..=4 {
        let server = Server::start(directory.path());
        assert_eq!(server.connect().open_ticket(), ticket);
        assert_eq!(server.stop().code, Some(0));
    }
}

#[test]
fn the_environment_may_say_what_the_command_line_does_not() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = program();
    command
        .args(["serve", "--no-sign-in"])
        .env("DOCKET_DATA", directory.path())
        .env("DOCKET_LISTEN", "127.0.0.1:0");
    let server = Starting::new(command).listening();
    assert_eq!(server.connect().get("/livez").unwrap().status, 200);
}

#[test]
fn an_address_that_others_can_reach_is_refused_before_anything_is_touched() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:7333", "[::ffff:10.0.0.1]:7333", "255.255.255.255:1"] {
        let exit = run(serve(&data, address));
        refused(&exit, 2, &["is not a loopback address", "plain HTTP", "127.0.0.1", "a proxy with TLS"]);
        assert!(!data.exists());
    }
}

#[test]
fn wrong_usage_is_told_from_everything_else() {
    let directory = tempfile::tempdir().unwrap();
    for arguments in [
        &["serve"][..],
        &["serve", "--data"],
        &["serve", "--data", "x", "--nope"],
        &["serve", "--data", "x", "--listen", "everywhere"],
        &["serve", "--data", "x", "--listen", "127.0.0.1"],
        &["fly"],
        &[],
    ] {
        let mut command = program();
        command.args(arguments).current_dir(directory.path());
        refused(&run(command), 2, &["--help"]);
    }
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn a_port_in_use_is_refused_and_costs_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = directory.path().join("data");
    let exit = run(serve(&data, &address));
    refused(&exit, 3, &["cannot listen on", &address, "choose another address with --listen"]);
    assert!(!data.exists());
    drop(taken);
    Server::start(&data).stop();
}

#[test]
fn a_directory_in_use_is_refused_and_says_by_whom() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path());
    let process = format!("process {}", server.process());
    let address = format!("listening on {}", server.address);
    let exit = run(serve(directory.path(), "127.0.0.1:0"));
    refused(&exit, 3, &["is in use by docket-server", &process, &address, "--data"]);
    // The one that has it goes on, and its name still stands there.
    assert_eq!(server.connect().open_ticket(), 1);
    refused(&run(serve(directory.path(), "127.0.0.1:0")), 3, &[&process]);
    // One that was killed holds nothing any more.
    server.kill();
    let next = Server::start(directory.path());
    assert_eq!(next.connect().open_ticket(), 2);
}

#[test]
fn a_place_that_cannot_be_written_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, b"not a directory").unwrap();
    refused(&run(serve(&file, "127.0.0.1:0")), 3, &["cannot be used", "file"]);
    refused(&run(serve(&file.join("below"), "127.0.0.1:0")), 3, &["cannot be used"]);
    // The kernel lets nobody make a directory there, whoever asks.
    refused(&run(serve(Path::new("/proc/docket"), "127.0.0.1:0")), 3, &["/proc/docket cannot be used"]);
    let read_only = directory.path().join("read-only");
    std::fs::create_dir(&read_only).unwrap();
    let mut permissions = std::fs::metadata(&read_only).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&read_only, permissions).unwrap();
    let exit = run(bound_by_rights(serve(&read_only, "127.0.0.1:0")));
    refused(
        &exit,
        3,
        &["read-only", "cannot be used: Permission denied", "let the server read and write it"],
    );
    assert!(!exit.said.contains("stop that process"), "{exit:?}");
    assert_eq!(std::fs::read_dir(&read_only).unwrap().count(), 0);
}

/// Takes from root what lets it write anywhere; others never had it.
fn bound_by_rights(command: Command) -> Command {
    let is_root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
    if !is_root {
        return command;
    }
    let mut bound = Command::new("setpriv");
    bound.args(["--inh-caps=-dac_override", "--bounding-set=-dac_override"]);
    bound.arg(command.get_program()).args(command.get_args());
    bound.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    bound
}

#[test]
fn a_directory_with_other_things_in_it_is_refused_and_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("thesis.txt"), "years of work").unwrap();
    let exit = run(serve(directory.path(), "127.0.0.1:0"));
    refused(&exit, 3, &["holds other files and no Docket log", "choose a directory that is empty"]);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    // What a file system puts there is in nobody's way, nor is a back-up that is put back.
    let mounted = tempfile::tempdir().unwrap();
    std::fs::create_dir(mounted.path().join("lost+found")).unwrap();
    std::fs::create_dir(mounted.path().join("keys")).unwrap();
    Server::start(mounted.path()).stop();
}

#[test]
fn what_it_says_to_try_works_from_anywhere_and_shows_tickets_in_every_lane() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let mut command = serve(&data, "127.0.0.1:0");
    command.arg("--sample-tickets");
    let server = Starting::new(command).listening();
    let tool = Path::new(program().get_program()).with_file_name("docket-replay");
    let tool = if tool.is_file() { tool } else { "docket-replay".into() };
    let data = data.canonicalize().unwrap();
    let (tool, data) = (tool.display(), data.display());
    for said in [format!("  {tool} stats --data {data}\n"), format!("The data stay in {data}.\n")] {
        assert!(server.greeting.contains(&said), "{said} is not in {}", server.greeting);
    }
    let mut client = server.connect();
    let here = format!("http://{}", server.address);
    let addresses = server.greeting.split_whitespace().filter_map(|word| word.strip_prefix(&here));
    let reads: Vec<&str> = addresses.filter(|path| path.len() > 1 && !path.ends_with("stream")).collect();
    assert!(reads.len() >= 6, "{reads:?}");
    for path in reads.into_iter().filter(|path| *path != "/api/v1/tickets") {
        // The log may still be being verified, which is no failure.
        assert!([200, 503].contains(&client.get(path).unwrap().status), "{path}");
    }
    for lane in ["new", "open", "pending", "resolved"] {
        let queue = client.get(&format!("/api/v1/queue?lane={lane}&at_least=100")).unwrap().ok();
        assert!(!queue["tickets"].as_array().unwrap().is_empty(), "{lane}");
    }
}
