//! Through a real socket: limits on heads and connections, bodies that break off, and how it ends (I3, A5).

use super::desk::{Desk, PATIENCE};
use docket_server::listener::{self, BODIES_KIB_MAX, CONNECTIONS_MAX};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

async fn serve(desk: &Desk) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(listener::serve(listener, desk.app.clone()));
    address
}

/// Sends bytes and returns everything that comes back until the other side closes.
async fn exchange(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The other side may have had enough before it is all sent.
    let _ = stream.write_all(bytes).await;
    to_the_end(&mut stream).await
}

/// Sends bytes, breaks off, and returns what comes back all the same.
async fn broken_off(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    to_the_end(&mut stream).await
}

async fn to_the_end(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // A reset after the answer is an end like any other.
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("it ends");
    String::from_utf8(answer).unwrap()
}

/// Reads until the answer holds a text.
async fn until(stream: &mut TcpStream, text: &str) -> String {
    let mut answer = String::new();
    let mut buffer = [0; 4096];
    while !answer.contains(text) {
        let read =
            tokio::time::timeout(PATIENCE, stream.read(&mut buffer)).await.expect("it answers").unwrap();
        assert!(read > 0, "it ended before {text:?}: {answer}");
        answer += std::str::from_utf8(&buffer[..read]).unwrap();
    }
    answer
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

const HEAD: &str = "GET /livez HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_head_may_have_64_fields_and_no_more() {
    let desk = Desk::open().await;
    let address = serve(&desk).await;
    // Host and connection are two of them.
    for (fields, expected) in [(62, "200"), (63, "431"), (126, "431"), (127, "431"), (300, "431")] {
        let more: String = (0..fields).map(|index| format!("x-{index}: y\r\n")).collect();
        let answer = exchange(address, format!("{HEAD}{more}\r\n").as_bytes()).await;
        assert_eq!(status(&answer), expected, "{fields} more fields: {answer}");
        assert_eq!(answer.contains("head-too-large"), (63..127).contains(&fields), "{fields}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_may_be_32_kib_long_and_no_longer() {
    let desk = Desk::open().await;
    let address = serve(&desk).await;
    let of_length = |bytes: usize| {
        let around = format!("{HEAD}x: \r\n\r\n").len();
        format!("{HEAD}x: {}\r\n\r\n", "y".repeat(bytes - around))
    };
    let most = 32 * 1024;
    for (bytes, expected) in [(most, "200"), (most + 1, "431"), (3 * most, "431"), (1024 * 1024, "431")] {
        let answer = exchange(address, of_length(bytes).as_bytes()).await;
        // So far beyond the limit, the other side may close while it is still being sent to.
        let reset = bytes > 2 * most && status(&answer) == "none";
        assert!(reset || status(&answer) == expected, "{bytes} bytes: {answer}");
    }
    let rest = format!("{HEAD}\r\n").replacen("/livez", "", 1).len();
    for (bytes, expected) in [(most, "404"), (most + 1, "431")] {
        let path = format!("/{}", "a".repeat(bytes - rest - 1));
        let answer = exchange(address, format!("{HEAD}\r\n").replacen("/livez", &path, 1).as_bytes()).await;
        assert_eq!(status(&answer), expected, "{bytes} bytes: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_http_is_refused_and_hurts_nobody() {
    let desk = Desk::open().await;
    let address = serve(&desk).await;
    for junk in [
        b"\0\0\0\0\r\n\r\n".as_slice(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET  /livez HTTP/1.1\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nbad header\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nx\x00y: z\r\n\r\n",
        b"POST /api/v1/tickets HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: -1\r\n\r\n",
        b"POST /api/v1/tickets HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}",
        b"POST /api/v1/tickets HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: gzip\r\n\r\n",
        b"",
        b"GET /li",
    ] {
        let answer = broken_off(address, junk).await;
        assert!(["400", "none"].contains(&status(&answer)), "{junk:?}: {answer}");
    }
    assert_eq!(status(&exchange(address, format!("{HEAD}\r\n").as_bytes()).await), "200");
    assert_eq!(desk.head(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_breaks_off_on_its_way_has_no_effect() {
    let desk = Desk::open().await;
    let address = serve(&desk).await;
    desk.ticket().await;
    let head =
        "POST /api/v1/tickets/1/assign HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n";
    for rest in [
        // What is there would be a command of its own.
        "content-length: 14\r\n\r\n{\"to\":\"ines\"}",
        "content-length: 5000\r\n\r\n{\"to\":\"in",
        "transfer-encoding: chunked\r\n\r\nd\r\n{\"to\":\"ines\"}\r\n",
        "transfer-encoding: chunked\r\n\r\nd\r\n{\"to\":",
        "transfer-encoding: chunked\r\n\r\nzz\r\n{\"to\":\"ines\"}\r\n0\r\n\r\n",
    ] {
        let answer = broken_off(address, format!("{head}{rest}").as_bytes()).await;
        assert!(["400", "none"].contains(&status(&answer)), "{rest}: {answer}");
    }
    assert_eq!(desk.head(), 1);
    let whole = format!(
        "{head}connection: close\r\ntransfer-encoding: chunked\r\n\r\nd\r\n{{\"to\":\"ines\"}}\r\n0\r\n\r\n"
    );
    assert_eq!(status(&exchange(address, whole.as_bytes()).await), "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_announced_too_long_is_refused_before_it_is_sent() {
    let desk = Desk::open().await;
    let mut stream = TcpStream::connect(serve(&desk).await).await.unwrap();
    let head = "POST /api/v1/tickets HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n";
    stream.write_all(format!("{head}content-length: 524289\r\n\r\n").as_bytes()).await.unwrap();
    let answer = until(&mut stream, "body-too-large").await;
    assert_eq!(status(&answer), "413");
    assert!(answer.contains("application/problem+json"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_serves_one_request_after_the_other() {
    let desk = Desk::open().await;
    let mut stream = TcpStream::connect(serve(&desk).await).await.unwrap();
    let open = json!({ "requester": { "id": "noor" }, "subject": "x", "body": "y" }).to_string();
    let head = "POST /api/v1/tickets HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n";
    let request = format!("{head}content-length: {}\r\n\r\n{open}", open.len());
    for ticket in 1..=3 {
        stream.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(status(&until(&mut stream, &format!("\"ticket\":{ticket}")).await), "201");
    }
    // Several at once are answered in their order.
    stream.write_all(request.repeat(3).as_bytes()).await.unwrap();
    let answer = until(&mut stream, "\"ticket\":6").await;
    assert!(answer.find("\"ticket\":4") < answer.find("\"ticket\":5"), "{answer}");
    assert_eq!(desk.head(), 6);
}

/// Time stands still until nothing else is left to do, so that only a wait makes it pass.
#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_come_is_not_waited_for_for_ever() {
    let desk = Desk::open().await;
    let address = serve(&desk).await;
    for beginning in ["", "GET /livez HT"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(beginning.as_bytes()).await.unwrap();
        let answer = to_the_end(&mut stream).await;
        assert!(["none", "408"].contains(&status(&answer)), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_beyond_the_limit_wait_for_one_to_end() {
    let desk = Desk::open().await.with(|app| app.connections = Arc::new(Semaphore::new(1)));
    let address = serve(&desk).await;
    desk.ticket().await;
    let mut first = TcpStream::connect(address).await.unwrap();
    first.write_all(b"GET /api/v1/events/stream HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").await.unwrap();
    until(&mut first, "ticket.opened").await;
    // The system takes the second one; nobody answers it while the first is there.
    let mut second = TcpStream::connect(address).await.unwrap();
    second.write_all(format!("{HEAD}\r\n").as_bytes()).await.unwrap();
    desk.ticket().await;
    until(&mut first, "ticket.opened").await;
    assert!(second.try_read(&mut [0; 16]).is_err(), "answered beyond the limit");
    drop(first);
    assert_eq!(status(&to_the_end(&mut second).await), "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_kept_for_the_next_request_unless_few_are_left() {
    for (room, kept) in [(CONNECTIONS_MAX, true), (CONNECTIONS_MAX / 4, false)] {
        let desk = Desk::open().await.with(|app| app.connections = Arc::new(Semaphore::new(room)));
        let address = serve(&desk).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET /livez HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").await.unwrap();
        if kept {
            assert!(!until(&mut stream, "live").await.contains("connection: close"));
            stream.write_all(format!("{HEAD}\r\n").as_bytes()).await.unwrap();
        }
        let last = to_the_end(&mut stream).await;
        assert_eq!(status(&last), "200", "{last}");
        assert!(last.contains("connection: close"), "{last}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn large_bodies_are_refused_while_many_are_being_taken() {
    let desk = Desk::open().await;
    let message = |bytes: usize| {
        let mut opening = super::desk::opening();
        opening["body"] = "x".into();
        let rest = opening.to_string().len() - 1;
        opening["body"] = "x".repeat(bytes - rest).into();
        desk.post("/api/v1/tickets").header("content-length", bytes.to_string()).json(&opening)
    };
    let taken = desk.app.bodies.clone().try_acquire_many_owned((BODIES_KIB_MAX - 60) as u32).unwrap();
    message(60 * 1024).await.ok(201);
    message(60 * 1024 + 1).await.problem(503, "too-many-bodies");
    // One that does not say how long it will be may become as long as any.
    let mut unknown = desk.post("/api/v1/tickets").json(&super::desk::opening()).request();
    unknown.headers_mut().insert("transfer-encoding", "chunked".parse().unwrap());
    desk.send(unknown).await.problem(503, "too-many-bodies");
    message(8 * 1024).await.ok(201);
    drop(taken);
    message(60 * 1024 + 1).await.ok(201);
    assert_eq!(desk.app.bodies.available_permits(), BODIES_KIB_MAX);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_connection_ends_when_the_server_stops() {
    let desk = Desk::open().await;
    let address = serve(&desk).await;
    desk.ticket().await;
    // One that follows events, one that is between two requests, one that waits, and one opened ahead.
    let mut streams = Vec::new();
    for (request, answer) in [
        ("GET /api/v1/events/stream HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n", "ticket.opened"),
        ("GET /livez HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n", "live"),
        (
            "GET /livez HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\nGET /api/v1/events?after=1&wait_ms=30000 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
            "live",
        ),
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        until(&mut stream, answer).await;
        streams.push(stream);
    }
    streams.push(TcpStream::connect(address).await.unwrap());
    desk.app.shutdown.cancel();
    listener::drained(&desk.app).await;
    let all = desk.app.connections.acquire_many(CONNECTIONS_MAX as u32);
    let all = tokio::time::timeout(PATIENCE, all).await.expect("every connection ends");
    drop(all);
    for mut stream in streams {
        to_the_end(&mut stream).await;
    }
}
