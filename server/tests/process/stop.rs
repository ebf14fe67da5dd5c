//! How it stops: what was accepted is finished, whoever waits is told, and it takes no longer than it may (A5).

use super::client::Client;
use super::log::{Told, check};
use super::server::{Server, Starting, serve};
use std::io::ErrorKind;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

/// The longest that stopping may take.
const STOP_MAX: Duration = Duration::from_secs(10);

#[test]
fn it_stops_on_either_signal_as_soon_as_it_says_that_it_listens() {
    let directory = tempfile::tempdir().unwrap();
    for signal in ["TERM", "INT"].repeat(4) {
        let server = Server::start(directory.path());
        server.signal(signal);
        let exit = server.wait();
        assert_eq!(exit.code, Some(0), "{signal}: {exit:?}");
    }
}

#[test]
fn a_second_signal_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path());
    server.connect().open_ticket();
    for _ in 0..3 {
        server.signal("TERM");
    }
    let exit = server.wait();
    assert_eq!(exit.code, Some(0), "{exit:?}");
}

/// Sends keyed commands until it is refused or cut off.
fn load(mut client: Client, name: &str, begun: &std::sync::mpsc::Sender<()>) -> Told {
    let mut told = Told::new();
    for index in 0.. {
        let key = format!("{name}-{index}");
        let body = format!(r#"{{"body":"{key}","then_pending":{}}}"#, index % 2 == 0);
        told.insert(key.clone(), None);
        let Ok(answer) = client.post("/api/v1/tickets/1/reply", &key, &body) else { break };
        let json = answer.json();
        match answer.status {
            200 => drop(told.insert(key, json["position"].as_u64())),
            409 => drop(told.remove(&key)),
            503 => {
                assert_eq!(json["code"], "shutting-down", "{answer:?}");
                told.remove(&key);
                break;
            }
            _ => panic!("{answer:?}"),
        }
        let _ = begun.send(());
    }
    told
}

#[test]
fn what_was_accepted_is_finished_and_everything_else_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path());
    server.connect().open_ticket();
    let mut events = server.connect();
    events.begin("GET", "/api/v1/events/stream", "", "").unwrap();
    events.head().unwrap();
    let unused = server.connect();
    let (begun, begins) = channel();
    let clients: Vec<_> = (0..6)
        .map(|index| {
            let (client, begun) = (server.connect(), begun.clone());
            std::thread::spawn(move || load(client, &format!("client-{index}"), &begun))
        })
        .collect();
    for _ in 0..60 {
        begins.recv().unwrap();
    }
    let began = Instant::now();
    let exit = server.stop();
    assert_eq!(exit.code, Some(0), "{exit:?}");
    assert!(began.elapsed() < STOP_MAX, "it took {:?}", began.elapsed());
    assert!(!exit.said.contains("ERROR") && !exit.said.contains("did not finish"), "{exit:?}");
    let told: Told = clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
    check(directory.path(), &told);
    // The stream ended after the last event that it could have.
    while events.line().is_ok() {}
    drop(unused);
}

#[test]
fn who_waits_for_an_event_is_told_that_it_stops() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path());
    server.connect().open_ticket();
    // Routing says at once that it found nobody for the ticket; nothing comes after that.
    let routed = server.connect().get("/api/v1/events?after=1&wait_ms=30000").unwrap();
    assert!(routed.body.contains("ticket.routed"), "{}", routed.body);
    let mut poll = server.connect();
    let address = format!("/api/v1/events?after={}&wait_ms=30000", routed.json()["head"]);
    poll.begin("GET", &address, "", "").unwrap();
    // Once this is answered, the one before it has been taken up.
    while !server.connect().get("/metrics").unwrap().body.contains("docket_event_streams 1\n") {}
    let began = Instant::now();
    assert_eq!(server.stop().code, Some(0));
    assert!(began.elapsed() < STOP_MAX, "it took {:?}", began.elapsed());
    let polled = poll.answer().unwrap();
    assert_eq!((polled.status, &polled.json()["code"]), (503, &"shutting-down".into()));
}

#[test]
fn a_client_that_reads_nothing_holds_nothing_up_for_longer_than_it_may() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path());
    let mut client = server.connect();
    client.open_ticket();
    // More than the system keeps for a connection on its way.
    let body = format!(r#"{{"body":"{}"}}"#, "x".repeat(60_000));
    for _ in 0..200 {
        client.post("/api/v1/tickets/1/note", "", &body).unwrap().ok();
    }
    let mut deaf = server.connect();
    deaf.begin("GET", "/api/v1/events/stream", "", "").unwrap();
    deaf.head().unwrap();
    // One that has sent half a request, and goes on some other day.
    let mut slow = server.connect();
    slow.begin("GET", "/livez", "", "").unwrap();
    slow.answer().unwrap();
    slow.begin("POST", "/api/v1/tickets", "", "").unwrap();
    let began = Instant::now();
    let exit = server.stop();
    assert_eq!(exit.code, Some(0), "{exit:?}");
    assert!(began.elapsed() < STOP_MAX, "it took {:?}", began.elapsed());
    drop((deaf, slow));
}

#[test]
fn a_server_that_is_killed_while_it_starts_leaves_a_log_that_opens() {
    let directory = tempfile::tempdir().unwrap();
    for _ in 0..4 {
        let starting = Starting::new(serve(directory.path(), "127.0.0.1:0"));
        starting.kill();
    }
    let server = Server::start(directory.path());
    assert_eq!(server.connect().open_ticket(), 1);
    let mut late = server.connect();
    let exit = server.stop();
    assert_eq!(exit.code, Some(0), "{exit:?}");
    let refused = late.get("/livez").map_err(|error| error.kind());
    let kinds = [ErrorKind::ConnectionReset, ErrorKind::UnexpectedEof, ErrorKind::BrokenPipe];
    assert!(refused.is_err_and(|kind| kinds.contains(&kind)));
}
