//! An import where a server has the directory: what is sent to it, and what the user gets when it is not as it should be.
//! That the outcome is the same as without a server is held with the real one, in `tests/tests/import_through_server.rs`.

use crate::support::{Place, Ran, TWO_TICKETS, plain};
use docket_core::store::data_dir::{DataDir, Holder, WriteLock};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread::JoinHandle;

const TOKEN: &str = "dkt_of-an-admin";

/// What was sent: the head in lower case, and the body.
struct Request {
    head: String,
    body: String,
}

/// Something that listens as a server does, and answers as it is told, once for each connection.
struct Listening {
    address: String,
    requests: JoinHandle<Vec<Request>>,
}

fn listening(answers: Vec<String>) -> Listening {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let answer = move |answer: String| {
        let mut stream = BufReader::new(listener.accept().unwrap().0);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            stream.read_line(&mut head).unwrap();
        }
        let head = head.to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.unwrap().parse().unwrap()];
        stream.read_exact(&mut body).unwrap();
        stream.get_mut().write_all(answer.as_bytes()).unwrap();
        Request { head, body: String::from_utf8(body).unwrap() }
    };
    let requests = std::thread::spawn(move || answers.into_iter().map(answer).collect());
    Listening { address, requests }
}

fn http(status: &str, headers: &str, body: &Value) -> String {
    let body = body.to_string();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}

fn taken(appended: u64, rejected: Value) -> String {
    let rejected = json!({ "lines": rejected.as_array().unwrap().len(), "first": rejected });
    let tickets = json!({ "new": 2, "already_there": 0, "first": 7, "last": 8 });
    let body = json!({
        "position": 99, "lines": 6, "appended": appended, "already_there": 0, "tickets": tickets,
        "rejected": rejected,
    });
    http("200 OK", "", &body)
}

fn problem(status: &str, code: &str) -> String {
    let body =
        json!({ "code": code, "title": format!("Título de {code}."), "detail": format!("detail of {code}") });
    http(status, "retry-after: 0\r\n", &body)
}

/// A place whose directory a server at an address has.
fn held(address: &str) -> (Place, WriteLock) {
    let place = Place::new();
    let mut lock = DataDir::at(place.data()).lock("docket-server").unwrap();
    let holder = Holder { program: "docket-server".into(), pid: 7, address: Some(address.to_owned()) };
    lock.announce(&holder).unwrap();
    place.file("token", format!("{TOKEN}\n"));
    (place, lock)
}

fn import(place: &Place, more: &[&str]) -> Ran {
    let (file, token) = (place.file("log.csv", plain(&TWO_TICKETS)), place.path("token"));
    let arguments = ["import", "--mapping", "plain", file.to_str().unwrap()];
    place.run(&[&arguments[..], &["--token-file", token.to_str().unwrap()], more].concat())
}

#[test]
fn rows_are_sent_as_lines_with_the_token_and_what_comes_back_is_the_summary() {
    let server = listening(vec![taken(6, json!([]))]);
    let (place, _lock) = held(&server.address);
    let summary = import(&place, &["--json"]).ends_with(0).json();
    assert_eq!(summary["events"], json!({ "appended": 6, "already_there": 0 }));
    assert_eq!(summary["tickets"], json!({ "new": 2, "already_there": 0, "first": 7, "last": 8 }));
    assert_eq!(summary["head"], 99);
    let requests = server.requests.join().unwrap();
    let [request] = &requests[..] else { panic!("{} requests", requests.len()) };
    assert!(request.head.starts_with("post /api/v1/import http/1.1\r\n"), "{}", request.head);
    for line in [
        format!("host: {}", server.address),
        format!("authorization: bearer {TOKEN}"),
        "content-type: application/x-ndjson".to_owned(),
        "accept-language: en".to_owned(),
    ] {
        assert!(request.head.contains(&format!("\r\n{line}\r\n")), "{line} in {}", request.head);
    }
    let lines: Vec<Value> = request.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), TWO_TICKETS.len());
    let first = &lines[0]["facts"][0];
    assert_eq!((&first["type"], &first["data"]["subject"]), (&json!("ticket.opened"), &json!("A")));
    let source = json!({
        "system": "plain", "case": "A", "seq": 0, "row": "1", "type": "created", "to": "new", "actor": "ana",
    });
    assert_eq!(first["source"], source);
}

#[test]
fn a_server_that_cannot_take_it_now_is_asked_again() {
    let busy = || problem("503 Service Unavailable", "import-running");
    let server =
        listening(vec![busy(), problem("429 Too Many Requests", "too-many-requests"), taken(6, json!([]))]);
    let (place, _lock) = held(&server.address);
    import(&place, &[]).ends_with(0);
    let requests = server.requests.join().unwrap();
    assert!(requests.iter().all(|request| request.body == requests[0].body));
    // Not for ever.
    let server = listening((0..8).map(|_| busy()).collect());
    let (place, _lock) = held(&server.address);
    import(&place, &[])
        .ends_with(3)
        .says("says: detail of import-running (import-running)")
        .says("run the command again");
    assert_eq!(server.requests.join().unwrap().len(), 8);
}

#[test]
fn what_the_server_says_of_a_line_is_told_of_its_row_in_the_language_of_the_user() {
    let rejected = json!([
        { "line": 2, "code": "gap", "reason": "x", "case": "A", "ticket": null, "expected": 3, "seq": 1, "waits_for": null },
        { "line": 4, "code": "waits", "reason": "x", "case": "A", "ticket": null, "expected": null, "seq": null, "waits_for": 2 },
        { "line": 5, "code": "other-content", "reason": "x", "case": "B", "ticket": 8, "expected": null, "seq": 1, "waits_for": null },
        { "line": 6, "code": "moon-phase", "reason": "not tonight", "case": "A", "ticket": null, "expected": null, "seq": null, "waits_for": null },
    ]);
    let server = listening(vec![taken(2, rejected.clone()), taken(2, rejected)]);
    let (place, _lock) = held(&server.address);
    import(&place, &["--lang", "es"])
        .ends_with(1)
        .says("línea 3: seq 1 donde")
        .says("línea 5: espera a la línea 3")
        .says("línea 6: seq 1")
        .says("not tonight");
    let ran = import(&place, &["--json"]).ends_with(1).json();
    assert_eq!((&ran["rejected"]["rows"], &ran["rejected"]["waiting"]), (&json!(4), &json!(1)));
    let report = std::fs::read_to_string(place.data().join("import-rejects/log.csv.rejects.csv")).unwrap();
    assert_eq!(report.lines().count(), 5, "{report}");
    assert!(server.requests.join().unwrap()[0].head.contains("\r\naccept-language: es\r\n"));
}

#[test]
fn what_is_no_server_of_this_release_is_told() {
    for (answer, words) in [
        ("SSH-2.0-x\r\n\r\n".to_owned(), "no HTTP"),
        (http("200 OK", "", &json!({ "position": 1 })), "does not understand"),
        (http("200 OK", "", &json!([])), "does not understand"),
        (http("404 Not Found", "", &json!({ "hello": 1 })), "does not understand"),
        (problem("403 Forbidden", "role-not-allowed"), "scope operate"),
        (problem("500 Internal Server Error", "history-damaged"), "detail of history-damaged"),
    ] {
        let server = listening(vec![answer]);
        let (place, _lock) = held(&server.address);
        import(&place, &[]).ends_with(3).says(words).says(&server.address);
        server.requests.join().unwrap();
    }
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let (place, _lock) = held(&gone);
    import(&place, &[]).ends_with(3).says("cannot be reached").says("run the command again");
    import(&place, &["--lang", "es"]).ends_with(3).says("no responde");
}

#[test]
fn nothing_is_sent_to_another_machine_or_without_a_sound_token() {
    for address in ["192.0.2.7:7333", "[2001:db8::1]:7333", "nowhere"] {
        let (place, _lock) = held(address);
        import(&place, &[]).ends_with(2).says(address).says("nothing was sent");
    }
    let (place, _lock) = held("127.0.0.1:1");
    for token in ["", "two words", "dkt_x\r\nhost: y"] {
        place.file("token", token);
        import(&place, &[]).ends_with(2).says("one word");
    }
    std::fs::remove_file(place.path("token")).unwrap();
    import(&place, &[]).ends_with(2).says("token cannot be taken");
}

#[test]
fn the_environment_may_give_the_token() {
    let server = listening(vec![taken(6, json!([]))]);
    let (place, _lock) = held(&server.address);
    let file = place.file("log.csv", plain(&TWO_TICKETS));
    let run = |token: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_docket-replay"));
        command.args(["import", "--mapping", "plain"]).arg(&file).arg("--data").arg(place.data());
        command.env_remove("DOCKET_TOKEN").envs(token.map(|token| ("DOCKET_TOKEN", token)));
        command.output().unwrap()
    };
    let refused = run(None);
    assert_eq!(refused.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("DOCKET_TOKEN"));
    assert_eq!(run(Some(TOKEN)).status.code(), Some(0));
    let requests = server.requests.join().unwrap();
    assert!(requests[0].head.contains(&format!("bearer {TOKEN}")));
}
