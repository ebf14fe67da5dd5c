//! Imports into a running server: facts go in as they were, once, and in nobody's way (docs/adr/0012-imports-are-facts.md).

use super::call::{Answer, Call};
use super::desk::{Desk, NOW, PATIENCE, opening};
use super::letting_in::{bearer, guarded, hired, token};
use super::moody::MoodyStore;
use axum::body::{Body, Bytes};
use docket_core::actor::Role;
use docket_core::handler::import::{ANSWER_LINES_MAX, Intake, LINE_BYTES_MAX};
use docket_core::store::AppendError;
use docket_server::api::IMPORT_BATCH_EVENTS;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::mpsc;

/// A fact of a case, as a line says it.
fn fact(case: &str, seq: u64, kind: &str, data: Value) -> Value {
    let source = json!({ "system": "desk", "case": case, "seq": seq, "type": "updated", "actor": "Ana" });
    json!({ "type": kind, "schema": 1, "occurred_at": NOW.0 - 60_000, "source": source, "data": data })
}

pub(super) fn opened(case: &str) -> Value {
    let data =
        json!({ "requester": { "id": "noor" }, "subject": format!("About {case}"), "channel": "import" });
    fact(case, 0, "ticket.opened", data)
}

fn answered(case: &str, seq: u64) -> Value {
    let nobody = "00000000-0000-0000-0000-000000000000";
    fact(case, seq, "ticket.replied", json!({ "message": nobody, "body": "Done." }))
}

/// A line of each fact.
pub(super) fn lines(facts: impl IntoIterator<Item = Value>) -> String {
    facts.into_iter().map(|fact| format!("{}\n", json!({ "facts": [fact] }))).collect()
}

pub(super) fn import(desk: &Desk, body: impl Into<Body>) -> Call<'_> {
    let call = desk.post("/api/v1/import").by("alma", "admin");
    call.header("content-type", "application/x-ndjson").raw(body)
}

pub(super) fn counts(answer: &Value) -> (u64, u64, u64) {
    let count = |value: &Value| value.as_u64().unwrap();
    (count(&answer["appended"]), count(&answer["already_there"]), count(&answer["rejected"]["lines"]))
}

/// Lines and codes.
pub(super) fn rejected(answer: &Value) -> Vec<(u64, String)> {
    let first = answer["rejected"]["first"].as_array().unwrap();
    let rejected = first.iter().map(|line| (line["line"].as_u64().unwrap(), line["code"].as_str().unwrap()));
    rejected.map(|(line, code)| (line, code.to_owned())).collect()
}

/// The records of a log without what says when they were taken over, and where they stand.
fn facts(log: Vec<Value>) -> Vec<Value> {
    let mut facts = log;
    for fact in &mut facts {
        for field in ["recorded_at", "position"] {
            fact.as_object_mut().unwrap().remove(field);
        }
    }
    facts.sort_by_key(|fact| (fact["stream"].to_string(), fact["version"].as_u64()));
    facts
}

/// A body that comes in parts, as the test sends them.
pub(super) fn in_parts() -> (mpsc::UnboundedSender<Result<Bytes, std::io::Error>>, Body) {
    let (parts, mut coming) = mpsc::unbounded_channel();
    let body = futures_util::stream::poll_fn(move |context| coming.poll_recv(context));
    (parts, Body::from_stream(body))
}

pub(super) fn part(text: &str) -> Result<Bytes, std::io::Error> {
    Ok(Bytes::copy_from_slice(text.as_bytes()))
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_become_events_on_tickets_of_their_own_and_the_views_show_them() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let both = json!({ "facts": [opened("B"), answered("B", 1)] });
    let sent = format!("{}\n\r\n{both}", lines([opened("A"), answered("A", 1)]));
    let answer = import(&desk, sent).await;
    let told = answer.ok(200);
    assert_eq!(answer.header("docket-position"), Some("5"));
    assert_eq!(told["tickets"], json!({ "new": 2, "already_there": 0, "first": 2, "last": 3 }));
    assert_eq!((&told["position"], &told["lines"]), (&json!(5), &json!(3)));
    assert_eq!((counts(&told), rejected(&told)), ((4, 0, 0), vec![]));
    let log = desk.log().await;
    let stored = &log[2];
    assert_eq!((&stored["stream"], &stored["type"]), (&json!("ticket-2"), &json!("ticket.replied")));
    assert_eq!(stored["actor"], json!({ "id": "Ana", "role": "unknown" }));
    assert_eq!((&stored["origin"], &stored["occurred_at"]), (&json!("import"), &json!(NOW.0 - 60_000)));
    assert_eq!(stored["data"]["message"], stored["id"]);
    assert_eq!(stored["source"], answered("A", 1)["source"]);
    let ticket = desk.read("/api/v1/tickets/3").await;
    assert_eq!((&ticket["subject"], &ticket["line"]), (&json!("About B"), &json!("Done.")));
    let timeline = desk.read("/api/v1/tickets/3/timeline").await;
    assert_eq!(timeline["entries"][1]["imported"], true);
    // The next ticket that is opened comes after them, and what is imported can be worked on.
    assert_eq!(desk.ticket().await, 4);
    desk.done(3, "assign", json!({ "to": "ines" })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lines_in_the_guide_are_taken() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/how-to/import.md");
    let guide = std::fs::read_to_string(path).unwrap();
    let shown = guide.lines().filter(|line| line.starts_with("{\"facts\""));
    let sent: String = shown.map(|line| format!("{line}\n")).collect();
    let desk = Desk::open().await;
    assert_eq!(counts(&import(&desk, sent).await.ok(200)), (2, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_sent_again_append_nothing_and_in_parts_are_the_same_as_at_once() {
    let all = [opened("A"), answered("A", 1), opened("B"), answered("A", 2), answered("B", 1)];
    let (once, parts) = (Desk::open().await, Desk::open().await);
    import(&once, lines(all.clone())).await.ok(200);
    for end in [2, 5, 5] {
        import(&parts, lines(all[..end].to_vec())).await.ok(200);
    }
    assert_eq!(facts(parts.log().await), facts(once.log().await));
    let again = import(&once, lines(all)).key("again").await.ok(200);
    assert_eq!(counts(&again), (0, 5, 0));
    assert_eq!(again["tickets"], json!({ "new": 0, "already_there": 2, "first": null, "last": null }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_cannot_be_taken_says_why_and_the_rest_goes_in() {
    let desk = Desk::open().await;
    let with = |field: &str, value: Value| {
        let mut fact = opened("X");
        fact[field] = value;
        lines([fact])
    };
    let source = |field: &str, value: Value| {
        let mut fact = opened("X");
        fact["source"][field] = value;
        lines([fact])
    };
    let long = format!("{{\"facts\":\"{}\"}}\n", "x".repeat(LINE_BYTES_MAX));
    let wrong: Vec<(String, &str)> = vec![
        ("nonsense\n".into(), "malformed"),
        ("\u{0}\n".into(), "malformed"),
        ("{\"facts\":[]}\n".into(), "empty"),
        (with("position", json!(7)), "malformed"),
        (with("stream", json!("ticket-1")), "malformed"),
        (with("origin", json!("decided")), "malformed"),
        (with("actor", json!({ "id": "alma", "role": "admin" })), "malformed"),
        (with("occurred_at", json!("2026-01-01T00:00:00Z")), "malformed"),
        (with("type", json!("staff.added")), "event"),
        (with("type", json!("ticket.mood")), "event"),
        (with("schema", json!(2)), "event"),
        (with("data", json!({ "subject": "x" })), "event"),
        (lines([fact("X", 0, "agent.ticket_taken", json!({ "ticket": 1 }))]), "not-of-ticket"),
        (lines([fact("X", 0, "ticket.merged", json!({ "into": 1 }))]), "of-this-house"),
        (source("case", json!("")), "missing"),
        (source("case", json!("x".repeat(513))), "too-long"),
        (source("from", json!("a\0b")), "nul"),
        (source("system", json!("Not a name")), "system"),
        (lines([answered("Y", 3)]), "gap"),
        (long, "too-long"),
        ("{\"position\":1,\"stream\":\"ticket-1\"}\n".into(), "exported-record"),
    ];
    let mut sent = lines([opened("A")]);
    sent.extend(wrong.iter().map(|(line, _)| line.as_str()));
    sent += &lines([answered("A", 1), answered("A", 3), answered("A", 4), answered("A", 0), opened("A")]);
    let mut other = opened("A");
    other["source"]["system"] = json!("other");
    sent += &lines([other]);
    let told = import(&desk, sent).await.ok(200);
    let mut expected: Vec<(u64, String)> =
        (2..).zip(&wrong).map(|(line, (_, code))| (line, (*code).to_owned())).collect();
    for (line, code) in [(24, "gap"), (25, "waits"), (26, "other-content"), (28, "other-system")] {
        expected.push((line, code.to_owned()));
    }
    assert_eq!(rejected(&told), expected);
    assert_eq!(counts(&told), (2, 1, expected.len() as u64));
    let lines = told["rejected"]["first"].as_array().unwrap();
    let told_of = |line: u64| lines.iter().find(|rejected| rejected["line"] == line).unwrap();
    assert_eq!((&told_of(24)["expected"], &told_of(24)["seq"]), (&json!(2), &json!(3)));
    assert_eq!((&told_of(25)["waits_for"], &told_of(26)["seq"]), (&json!(24), &json!(0)));
    assert_eq!(told_of(24)["case"], "A");
    assert!(lines.iter().all(|line| line["reason"].as_str().is_some_and(|reason| !reason.is_empty())));
    assert_eq!(desk.head(), 2);
    // Only what is in the log is a ticket.
    assert_eq!(told_of(25)["ticket"], Value::Null);
    let again = import(&desk, self::lines([answered("A", 9)])).await.ok(200);
    assert_eq!(again["rejected"]["first"][0]["ticket"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_lines_that_could_not_be_taken_are_counted_and_some_are_told() {
    let desk = Desk::open().await;
    let sent = "x\n".repeat(ANSWER_LINES_MAX + 10);
    let told = import(&desk, sent).await.ok(200);
    assert_eq!(told["rejected"]["lines"], ANSWER_LINES_MAX + 10);
    assert_eq!(rejected(&told).len(), ANSWER_LINES_MAX);
    assert_eq!(import(&desk, "").await.ok(200)["lines"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_import_by_themselves_or_by_a_token_that_may_operate() {
    let desk = guarded().await;
    let alma = hired(&desk, "alma", Role::Admin, &[]).await;
    let rosa = hired(&desk, "rosa", Role::Supervisor, &[]).await;
    let send = || {
        let call = desk.post("/api/v1/import").header("content-type", "application/jsonl");
        call.raw(lines([opened("A")]))
    };
    let (operate, _) = token(&desk, &alma, &["operate"]).await;
    let (work, _) = token(&desk, &alma, &["work", "settings"]).await;
    let (hers, _) = token(&desk, &rosa, &["operate"]).await;
    let before = desk.head();
    send().await.problem(401, "sign-in-required");
    send().header("cookie", &rosa).await.problem(403, "role-not-allowed");
    bearer(send(), &hers).await.problem(403, "role-not-allowed");
    bearer(send(), &work).await.problem(403, "scope-missing");
    assert_eq!(desk.head(), before);
    bearer(send(), &operate).await.ok(200);
    assert_eq!(counts(&send().header("cookie", &alma).await.ok(200)), (0, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_import_is_taken_at_a_time() {
    let desk = Desk::open().await.with(|app| app.wait_max = Duration::from_millis(1));
    let first = Intake::begin(desk.app.handler.clone(), "desk", 1).await;
    let refused = import(&desk, lines([opened("A")])).await;
    refused.problem(503, "import-running");
    drop(first);
    import(&desk, lines([opened("A")])).await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn others_go_on_while_an_import_is_under_way() {
    let desk = Desk::open().await;
    let (parts, body) = in_parts();
    let importing = import(&desk, body).request();
    let watched = async {
        // So much that several batches go in while the rest is still to come.
        for number in 0..3 * IMPORT_BATCH_EVENTS {
            parts.send(part(&lines([opened(&format!("case {number}"))]))).unwrap();
        }
        let mut head = desk.app.store.head();
        let appended = head.wait_for(|head| head.0 >= 2 * IMPORT_BATCH_EVENTS as u64);
        tokio::time::timeout(PATIENCE, appended).await.unwrap().unwrap();
        let number = desk.ticket().await;
        desk.done(number, "assign", json!({ "to": "ines" })).await;
        parts.send(part(&lines([opened("the last")]))).unwrap();
        drop(parts);
        number
    };
    let (told, number) = tokio::join!(desk.send(importing), watched);
    assert_eq!(counts(&told.ok(200)).0, 3 * IMPORT_BATCH_EVENTS as u64 + 1);
    let mut streams: BTreeMap<String, u64> = BTreeMap::new();
    for record in desk.log().await {
        *streams.entry(record["stream"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    assert_eq!(streams.remove(&format!("ticket-{number}")), Some(2));
    streams.retain(|stream, _| stream.starts_with("ticket-"));
    assert!(streams.values().all(|records| *records == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_breaks_off_is_a_beginning_and_sent_again_is_whole() {
    let all: Vec<Value> = (0..1500).map(|number| opened(&format!("case {number}"))).collect();
    let desk = Desk::open().await;
    let (parts, body) = in_parts();
    parts.send(part(&lines(all.clone()))).unwrap();
    parts.send(Err(std::io::Error::other("gone"))).unwrap();
    let broken_off = import(&desk, body).await.problem(400, "malformed");
    assert_eq!(broken_off["outcome"], "unknown");
    assert!(desk.head() < 1500, "what was not acknowledged is in parts of a batch at most");
    let told = import(&desk, lines(all.clone())).await.ok(200);
    assert_eq!(counts(&told).0 + counts(&told).1, 1500);
    let whole = Desk::open().await;
    import(&whole, lines(all)).await.ok(200);
    assert_eq!(desk.log().await.len(), whole.log().await.len());
    let kept = |log: Vec<Value>| facts(log).into_iter().map(|fact| fact["source"].to_string());
    assert!(kept(desk.log().await).eq(kept(whole.log().await)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_ends_with_the_server_and_what_was_begun_is_finished() {
    let desk = Desk::open().await;
    let (parts, body) = in_parts();
    let sent: Vec<Value> = (0..IMPORT_BATCH_EVENTS).map(|number| opened(&format!("case {number}"))).collect();
    parts.send(part(&lines(sent))).unwrap();
    let importing = import(&desk, body).request();
    let stop = async {
        let mut head = desk.app.store.head();
        tokio::time::timeout(PATIENCE, head.wait_for(|head| head.0 > 0)).await.unwrap().unwrap();
        desk.app.shutdown.cancel();
    };
    let (answer, ()) = tokio::join!(desk.send(importing), stop);
    assert_eq!(answer.problem(503, "shutting-down")["outcome"], "unknown");
    assert_eq!(desk.head(), IMPORT_BATCH_EVENTS as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_log_does_not_take_leaves_no_gap_and_goes_in_later() {
    let mut moody = None;
    let desk = Desk::on(|clock| moody.insert(MoodyStore::new(clock)).clone()).await;
    let moody = moody.unwrap();
    let sent = || import(&desk, lines((0..200).map(|number| opened(&format!("case {number}")))));
    for (error, code) in [(AppendError::Busy, "busy"), (AppendError::StorageFull, "storage-full")] {
        moody.refuses(error);
        let refused: Answer = sent().await;
        assert_eq!(refused.problem(503, code)["outcome"], Value::Null);
    }
    assert!(desk.app.storage_full());
    moody.is_well();
    assert_eq!(desk.post("/api/v1/tickets").json(&opening()).await.ok(201)["ticket"], 1);
    let told = sent().await.ok(200);
    assert_eq!(told["tickets"], json!({ "new": 200, "already_there": 0, "first": 2, "last": 201 }));
    assert_eq!(desk.ticket().await, 202);
}
