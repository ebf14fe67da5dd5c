//! The same `Idempotency-Key` never acts twice, whatever happened in between (promise D4).

use super::desk::{Desk, opening};
use docket_core::store::sqlite::SqliteOptions;
use docket_core::time::DurationMs;
use serde_json::{Value, json};
use std::sync::Arc;

/// The answer to the first request, as it comes back to a second one.
fn as_found(mut first: Value) -> Value {
    first["outcome"] = json!("found");
    first
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_sent_again_finds_its_first_answer() {
    for desk in [Desk::open().await, Desk::on_sqlite().await] {
        let open = || desk.post("/api/v1/tickets").key("open-1").json(&opening());
        let opened = open().await;
        let again = open().await;
        assert_eq!(again.ok(201), as_found(opened.ok(201)));
        for header in ["location", "docket-position", "etag"] {
            assert_eq!(again.header(header), opened.header(header));
        }
        let reply = || {
            let body = json!({ "body": "Which one?", "then_pending": true });
            desk.act(1, "reply", body).key("reply-1")
        };
        let replied = reply().await.ok(200);
        assert_eq!(reply().await.ok(200), as_found(replied));
        assert_eq!(desk.head(), 3, "each had one effect");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_found_after_the_ticket_moved_on() {
    let desk = Desk::on_sqlite().await;
    desk.ticket().await;
    let mut first = Vec::new();
    let script = [
        ("assign", json!({ "to": "ines" })),
        ("reply", json!({ "body": "x" })),
        ("change-priority", json!({ "to": "high" })),
        ("escalate", json!({ "reason": "complaint", "to": { "supervisor": "sofia" }, "context": "x" })),
        ("resolve", json!({ "resolution": "solved" })),
        ("seal", json!({})),
    ];
    let send = |command: &str, body: &Value| desk.act(1, command, body.clone()).key(command);
    for (command, body) in &script {
        first.push(send(command, body).await.ok(200));
    }
    let head = desk.head();
    // Now the ticket is sealed: nearly all of these would be refused if they were new.
    for ((command, body), first) in script.iter().zip(first) {
        assert_eq!(send(command, body).await.ok(200), as_found(first), "{command}");
    }
    assert_eq!(desk.head(), head);
    desk.act(1, "assign", json!({ "to": "ines" })).key("new").await.problem(409, "ticket-sealed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_found_although_what_it_was_decided_on_is_old_now() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let reply = || desk.act(1, "reply", json!({ "body": "x" })).key("k").seen(1);
    let first = reply().await.ok(200);
    desk.done(1, "customer-reply", json!({ "body": "More" })).await;
    assert_eq!(reply().await.ok(200), as_found(first));
    let other = desk.act(1, "reply", json!({ "body": "x" })).key("other").seen(1).await;
    other.problem(412, "thread-moved");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_found_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let mut answers = Vec::new();
    for _ in 0..3 {
        let clock = Arc::new(docket_core::clock::ManualClock::at(super::desk::NOW));
        let options = SqliteOptions::new(directory.path().join("log.db")).wal_pages(16);
        let store = Arc::new(options.open(clock.clone()).unwrap());
        let desk = Desk::at(directory.path(), store, clock).await;
        desk.pass(DurationMs::from_hours(30));
        answers.push(desk.post("/api/v1/tickets").key("k").json(&opening()).await.ok(201));
        assert_eq!(desk.head(), 1);
    }
    assert_eq!(answers[1], as_found(answers[0].clone()));
    assert_eq!(answers[2], answers[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_for_another_request_is_refused() {
    let desk = Desk::open().await;
    desk.ticket().await;
    desk.ticket().await;
    let note = json!({ "body": "one" });
    desk.act(1, "note", note.clone()).key("k").await.ok(200);
    let head = desk.head();
    let mut other_opening = opening();
    other_opening["subject"] = json!("Something else");
    for call in [
        desk.act(1, "note", json!({ "body": "two" })),
        desk.act(1, "reply", note.clone()),
        desk.act(2, "note", note.clone()),
        desk.post("/api/v1/tickets").json(&other_opening),
        // Also one that would have no effect, and one that would be refused.
        desk.act(1, "change-priority", json!({ "to": "normal" })),
        desk.act(1, "reopen", json!({})),
        // The bytes are what was sent, not what they mean.
        desk.post("/api/v1/tickets/1/note").text(r#"{ "body": "one" }"#),
    ] {
        let refused = call.key("k").await.problem(422, "idempotency-key-reused");
        assert!(!refused.to_string().contains("position"), "{refused}");
    }
    assert_eq!(desk.head(), head);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_belongs_to_whoever_sent_it() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let note =
        |actor: &str, text: &str| desk.act(1, "note", json!({ "body": text })).by(actor, "agent").key("k");
    assert_eq!(note("ines", "one").await.ok(200)["outcome"], "appended");
    assert_eq!(note("bob", "one").await.ok(200)["outcome"], "appended");
    // Names and keys that run together the same way are still two.
    let joined =
        |actor: &str, key: &str| desk.act(1, "note", json!({ "body": "one" })).by(actor, "agent").key(key);
    for (actor, key) in [("a", "bc"), ("ab", "c"), ("1:a", "bc"), ("a", "1:bc")] {
        assert_eq!(joined(actor, key).await.ok(200)["outcome"], "appended", "{actor} {key}");
    }
    assert_eq!(note("ines", "one").await.ok(200)["outcome"], "found");
    note("bob", "two").await.problem(422, "idempotency-key-reused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_command_does_not_use_up_its_key() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let resolve = || desk.act(1, "resolve", json!({ "resolution": "solved" })).key("k");
    resolve().await.problem(409, "ticket-without-assignee");
    desk.act(1, "fly", json!({})).key("k").await.problem(404, "not-found");
    desk.act(1, "resolve", json!({})).key("k").await.problem(422, "resolution-missing");
    // Nor does one whose wish held already.
    let normal = desk.act(1, "change-priority", json!({ "to": "normal" })).key("k").await.ok(200);
    assert_eq!(normal["outcome"], "already_so");
    desk.done(1, "assign", json!({ "to": "ines" })).await;
    assert_eq!(resolve().await.ok(200)["outcome"], "appended");
    assert_eq!(resolve().await.ok(200)["outcome"], "found");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_requests_with_one_key_at_the_same_time_exactly_one_has_an_effect() {
    let desk = Desk::on_sqlite().await;
    desk.ticket().await;
    for round in 0..5 {
        let key = format!("note-{round}");
        let calls = (0..16).map(|_| desk.act(1, "note", json!({ "body": "x" })).key(&key).into_future());
        let opens =
            (0..16).map(|_| desk.post("/api/v1/tickets").key(&format!("open-{round}")).json(&opening()));
        let notes = futures_util::future::join_all(calls).await;
        let opened = futures_util::future::join_all(opens.map(IntoFuture::into_future)).await;
        for (answers, status) in [(notes, 200), (opened, 201)] {
            let bodies: Vec<Value> = answers.iter().map(|answer| answer.ok(status)).collect();
            let appended = bodies.iter().filter(|body| body["outcome"] == "appended");
            assert_eq!(appended.count(), 1, "{bodies:?}");
            assert!(bodies.iter().all(|body| body["position"] == bodies[0]["position"]));
            assert!(bodies.iter().all(|body| body["ticket"] == bodies[0]["ticket"]));
        }
    }
    assert_eq!(desk.head(), 1 + 5 + 5);
    // Which of the numbers that were taken at once is used is chance; the smallest that is free comes next.
    let next = desk.ticket().await;
    assert!((2..=7).contains(&next), "a number was lost: {next}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_1_to_128_visible_characters() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let note = |key: &[u8]| desk.act(1, "note", json!({ "body": "x" })).header("idempotency-key", key);
    for good in ["!", "~", &"k".repeat(128), "0191a3f0-7b5c-7def-8123-456789abcdef", "\"quoted\""] {
        assert_eq!(note(good.as_bytes()).await.ok(200)["outcome"], "appended", "{good}");
    }
    for bad in [b"".as_slice(), &[b'k'; 129], b"a b", b"a\tb", "ñ".as_bytes(), b"\xff", b" "] {
        let refused = note(bad).await.problem(422, "invalid");
        assert_eq!(refused["field"], "idempotency-key", "{bad:?}");
    }
    assert_eq!(desk.head(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_cannot_be_guessed_from_what_is_kept_of_it() {
    let digest = async |desk: &Desk| {
        desk.post("/api/v1/tickets").key("k").json(&opening()).await.ok(201);
        let record = desk.log().await.remove(0);
        record["command"]["digest"].as_str().unwrap().to_owned()
    };
    // Each installation has a key of its own, which can be destroyed.
    let (one, other) = (digest(&Desk::open().await).await, digest(&Desk::open().await).await);
    assert_ne!(one, other);
    assert_eq!(one.len(), 32);
}
