//! What the log's troubles come to for whoever asks: nothing lost, nothing told wrongly, nothing given away.

use super::desk::{Desk, PATIENCE, opening};
use super::moody::{Mood, MoodyStore};
use docket_core::names::{EventId, GlobalPosition, StreamName, StreamVersion, TicketNumber};
use docket_core::store::sqlite::{SqliteOptions, WAITING_MAX};
use docket_core::store::{AppendError, ReadError};
use docket_projections::Connection;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde_json::json;
use std::sync::Arc;

async fn moody_desk() -> (Desk, Arc<MoodyStore>) {
    let mut made = None;
    let desk = Desk::on(|clock| made.insert(MoodyStore::new(clock)).clone()).await;
    desk.ticket().await;
    (desk, made.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_takes_nothing_now_says_so_and_when_to_come_again() {
    let (desk, store) = moody_desk().await;
    let why = "disk I/O error in /var/lib/docket/log.db".to_owned();
    for (error, code) in [
        (AppendError::Busy, "busy"),
        (AppendError::StorageFull, "storage-full"),
        (AppendError::Closed { why }, "log-closed"),
    ] {
        let before = desk.head();
        store.refuses(error);
        for call in [
            desk.act(1, "note", json!({ "body": "x" })).key(code),
            desk.post("/api/v1/tickets").key("open").json(&opening()),
        ] {
            let answer = call.await;
            let problem = answer.problem(503, code);
            assert_eq!(answer.header("retry-after"), Some("1"));
            assert!(problem.get("outcome").is_none(), "nothing was recorded, and that is known: {problem}");
            assert!(!answer.text().contains("/var"), "{problem}");
        }
        assert_eq!(desk.head(), before);
        store.is_well();
        // The same key goes through once it can.
        desk.act(1, "note", json!({ "body": "x" })).key(code).await.ok(200);
    }
    let opened = desk.post("/api/v1/tickets").key("open").json(&opening()).await.ok(201);
    assert_eq!(opened["ticket"], 2, "no number was lost to what was refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_outcome_is_told_as_unknown_and_found_out_with_the_same_key() {
    for was_done in [false, true] {
        let (desk, store) = moody_desk().await;
        let unknown = Some(AppendError::OutcomeUnknown);
        store.is(Mood { append: unknown, appends_all_the_same: was_done, ..Mood::default() });
        let note = || desk.act(1, "note", json!({ "body": "x" })).key("note");
        let open = || desk.post("/api/v1/tickets").key("open").json(&opening());
        for answer in [note().await, open().await] {
            assert_eq!(answer.problem(503, "outcome-unknown")["outcome"], "unknown");
        }
        store.is_well();
        let expected = if was_done { "found" } else { "appended" };
        assert_eq!(note().await.ok(200)["outcome"], expected);
        let opened = open().await.ok(201);
        assert_eq!(opened["outcome"], expected);
        assert_eq!(desk.head(), 3, "each has exactly one effect");
        // The number of the one that nobody knew about may be taken, so it is not used again.
        let number = opened["ticket"].as_u64().unwrap();
        assert_eq!(number, if was_done { 2 } else { 3 });
        assert!(desk.ticket().await > number);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_log_refuses_is_told_without_its_inside() {
    let (desk, store) = moody_desk().await;
    let stream = StreamName::ticket(TicketNumber(1));
    let conflict = AppendError::Conflict { stream, expected: StreamVersion(1), actual: StreamVersion(7) };
    let position = GlobalPosition(1);
    for (error, status, code) in [
        (conflict, 409, "conflict"),
        (AppendError::KeyReused { position }, 422, "idempotency-key-reused"),
        (AppendError::IdReused { id: EventId::deterministic("x"), position }, 422, "invalid"),
        (AppendError::Limit { what: "bytes in a record", max: 1, is: 2 }, 422, "invalid"),
    ] {
        store.refuses(error);
        let problem = desk.act(1, "note", json!({ "body": "x" })).await.problem(status, code);
        assert_eq!(problem.get("current_version").cloned(), (code == "conflict").then(|| json!(7)));
    }
    assert_eq!(desk.head(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_cannot_be_read_is_never_taken_for_an_empty_one() {
    let (desk, store) = moody_desk().await;
    desk.settled().await;
    let unavailable = || ReadError::Unavailable { why: "unable to open /var/lib/docket/log.db".into() };
    let damaged =
        || ReadError::Damaged { position: GlobalPosition(1), what: "hash of ticket-1 differs".into() };
    store.cannot_be_read(unavailable());
    desk.get("/api/v1/events").await.problem(503, "log-unavailable");
    desk.get("/api/v1/tickets/2").await.problem(503, "log-unavailable");
    desk.act(2, "note", json!({ "body": "x" })).await.problem(503, "log-unavailable");
    desk.get("/api/v1/tickets/1").await.ok(200);
    store.cannot_be_read(damaged());
    desk.get("/api/v1/events").await.problem(500, "history-damaged");
    desk.get("/api/v1/tickets/2").await.problem(500, "history-damaged");
    desk.act(2, "note", json!({ "body": "x" })).await.problem(500, "history-damaged");
    let key_lookup = desk.act(1, "reopen", json!({})).key("k").await;
    assert!([500, 503].contains(&key_lookup.status), "{}", key_lookup.text());
    key_lookup.check_problem();
    store.is_well();
    assert_eq!(desk.head(), 1);
    desk.act(1, "note", json!({ "body": "x" })).await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_refuses_at_once_and_loses_nothing_it_took() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log.db");
    let clock = Arc::new(docket_core::clock::ManualClock::at(super::desk::NOW));
    let store = Arc::new(SqliteOptions::new(&path).wal_pages(4096).open(clock.clone()).unwrap());
    let desk = Desk::at(directory.path(), store, clock).await;
    // Somebody else holds the file for a while, so that the writer waits and the queue fills up.
    let holder = Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let tickets = WAITING_MAX as u64 + 400;
    let open = |index: u64| desk.post("/api/v1/tickets").key(&format!("{index}")).json(&opening());
    let mut answers: FuturesUnordered<_> = (0..tickets).map(|index| open(index).into_future()).collect();
    let first = tokio::time::timeout(PATIENCE, answers.next()).await.unwrap().unwrap();
    first.problem(503, "busy");
    assert!(desk.app.store.queue().waiting <= WAITING_MAX, "nothing piles up beyond the bound");
    holder.execute_batch("ROLLBACK").unwrap();
    let mut opened = 0;
    while let Some(answer) = answers.next().await {
        if answer.status == 201 { opened += 1 } else { drop(answer.problem(503, "busy")) }
    }
    assert!(opened >= 1 && opened < tickets, "{opened} of {tickets}");
    assert_eq!(desk.head(), opened, "what was refused left nothing, what was taken was done");
    // All of them go through when they are sent again, each once, and no number was lost on the way.
    let mut numbers = Vec::new();
    for index in 0..tickets {
        numbers.push(open(index).await.ok(201)["ticket"].as_u64().unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=tickets).collect::<Vec<_>>());
    assert_eq!(desk.head(), tickets);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_has_its_title_in_the_language_that_is_asked_for() {
    let desk = Desk::open().await;
    for (accept, language, title) in [
        ("", "en", "There is no such ticket."),
        ("de, fr;q=0.5", "en", "There is no such ticket."),
        ("es-AR, en;q=0.8", "es", "No existe ese ticket."),
    ] {
        let refused = desk.act(9, "note", json!({ "body": "Hello" })).header("accept-language", accept).await;
        assert_eq!(refused.problem(404, "ticket-not-found")["title"], title);
        assert_eq!(refused.header("content-language"), Some(language));
    }
    // What is said before any route is reached has one too.
    let far = desk.get("/nope").header("accept-language", "es").await.problem(404, "not-found");
    assert_eq!(far["title"], "No hay nada en esta dirección.");
}
