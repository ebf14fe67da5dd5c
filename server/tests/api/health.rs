//! Alive is not ready: what readiness says, how far each projector is, and what is measured (P4, P6, A2, A6).

use super::desk::{Desk, NOW, PATIENCE};
use super::moody::MoodyStore;
use docket_core::actor::Actor;
use docket_core::event::EncodedEvent;
use docket_core::names::{EventId, StreamName, TicketNumber};
use docket_core::record::{NewEvent, Origin};
use docket_core::store::{AppendError, EventStore, Fact, ReadError};
use docket_core::time::DurationMs;
use docket_projections::runner::Phase;
use docket_server::streams::Streams;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

async fn moody_desk() -> (Desk, Arc<MoodyStore>) {
    let mut made = None;
    let desk = Desk::on(|clock| made.insert(MoodyStore::new(clock)).clone()).await;
    (desk, made.unwrap())
}

/// An event whose type or data no release like this one has written.
async fn append_raw(desk: &Desk, ticket: u64, name: &'static str, data: &str) {
    let event = NewEvent {
        id: EventId::deterministic(&format!("{name} {ticket}")),
        event: EncodedEvent { name, schema: 1, data: data.to_owned() },
        occurred_at: NOW,
        actor: Actor::system("test"),
        correlation: uuid::Uuid::nil(),
        causation: None,
        origin: Origin::Decided,
        source: None,
    };
    let fact = Fact { stream: StreamName::ticket(TicketNumber(ticket)), event };
    desk.app.store.append_facts(vec![fact]).await.unwrap();
}

/// Waits until every projector is in a phase.
async fn phase(desk: &Desk, is_it: impl Fn(&Phase) -> bool) {
    for status in desk.app.projections.statuses() {
        let mut watch = desk.app.projections.watch(status.name).unwrap();
        let reached = watch.wait_for(|status| is_it(&status.phase));
        tokio::time::timeout(PATIENCE, reached).await.unwrap().unwrap();
    }
}

async fn ready(desk: &Desk) -> Value {
    let answer = desk.get("/readyz").await.ok(200);
    assert_eq!((&answer["ready"], &answer["reasons"]), (&json!(true), &json!([])));
    answer
}

/// The one reason why it is not ready, or the first of several.
async fn not_ready(desk: &Desk) -> String {
    let answer = desk.get("/readyz").await.ok(503);
    assert_eq!(answer["ready"], false);
    // Alive all the same: whoever watches must not restart it for this.
    assert_eq!(desk.get("/livez").await.status, 200);
    answer["reasons"][0].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_lives_says_so() {
    let desk = Desk::open().await;
    let answer = desk.get("/livez").await;
    assert_eq!((answer.status, answer.text()), (200, "live\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_can_do_its_work_is_ready_and_shows_each_projector() {
    let desk = Desk::on_sqlite().await;
    desk.ticket().await;
    desk.settled().await;
    let answer = ready(&desk).await;
    assert_eq!((&answer["head"], &answer["log_verified"]), (&json!(1), &json!(true)));
    assert_eq!(answer["projections"], desk.get("/api/v1/projections").await.ok(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_ready_before_the_log_is_verified() {
    let desk = Desk::open().await;
    desk.app.verified.store(false, Ordering::Relaxed);
    assert_eq!(not_ready(&desk).await, "the log is being verified");
    desk.app.verified.store(true, Ordering::Relaxed);
    ready(&desk).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_ready_while_a_read_model_is_being_built() {
    // The log holds something and cannot be read yet when the server starts.
    let clock = Arc::new(docket_core::clock::ManualClock::at(NOW));
    let store = MoodyStore::new(clock.clone());
    store.append_facts(Vec::new()).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let first = Desk::at(directory.path(), store.clone(), clock.clone()).await;
    first.ticket().await;
    drop(first);
    store.holds_readers(true);
    let other = tempfile::tempdir().unwrap();
    let desk = Desk::at(other.path(), store.clone(), clock)
        .await
        .with(|app| app.wait_max = Duration::from_millis(1));
    assert_eq!(not_ready(&desk).await, "the read model queue is being built");
    desk.get("/api/v1/queue").await.problem(503, "building");
    desk.get("/api/v1/tickets/1").await.problem(503, "building");
    desk.get("/api/v1/tickets/1?at_least=1").await.problem(503, "behind");
    desk.get("/api/v1/projections").await.ok(200);
    // Commands need no read model.
    desk.act(1, "assign", json!({ "to": "ines" })).await.ok(200);
    store.holds_readers(false);
    desk.settled().await;
    ready(&desk).await;
    desk.get("/api/v1/tickets/1").await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_ready_while_a_projector_waits_for_a_newer_release() {
    let desk = Desk::open().await;
    desk.ticket().await;
    append_raw(&desk, 1, "ticket.unheard_of", "{}").await;
    phase(&desk, |phase| matches!(phase, Phase::Held { .. })).await;
    desk.pass(DurationMs::from_seconds(90));
    assert_eq!(not_ready(&desk).await, "the read model queue waits at position 2");
    for one in desk.get("/api/v1/projections").await.ok(200).as_array().unwrap() {
        assert_eq!((&one["phase"], &one["position"]), (&json!("held"), &json!(1)));
        assert_eq!((&one["lag_events"], &one["lag_s"]), (&json!(1), &json!(90)));
        assert!(one["why"].as_str().unwrap().contains("newer release"), "{one}");
    }
    // It says what it shows, and is not taken for up to date.
    assert_eq!(desk.get("/api/v1/queue").await.ok(200)["position"], 1);
    desk.post("/api/v1/projections/queue/rebuild").await.problem(503, "held");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_ready_while_a_projector_cannot_go_on() {
    let (desk, store) = moody_desk().await;
    store.cannot_be_read(ReadError::Unavailable { why: "x".into() });
    desk.ticket().await;
    phase(&desk, |phase| matches!(phase, Phase::Failing { .. })).await;
    assert!(not_ready(&desk).await.starts_with("the read model queue: "));
    store.is_well();
    desk.settled().await;
    phase(&desk, |phase| *phase == Phase::Live).await;
    ready(&desk).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_ready_while_the_disk_is_full_and_soon_after_it_is_not() {
    let (desk, store) = moody_desk().await;
    desk.ticket().await;
    desk.settled().await;
    let note = || desk.act(1, "note", json!({ "body": "x" }));
    store.refuses(AppendError::StorageFull);
    note().await.problem(503, "storage-full");
    assert_eq!(not_ready(&desk).await, "the disk is full");
    // What writes nothing tells nothing about the disk.
    desk.act(1, "change-priority", json!({ "to": "normal" })).await.ok(200);
    desk.act(1, "reopen", json!({})).await.problem(409, "ticket-not-resolved");
    assert_eq!(not_ready(&desk).await, "the disk is full");
    desk.pass(DurationMs::from_seconds(5));
    ready(&desk).await;
    note().await.problem(503, "storage-full");
    not_ready(&desk).await;
    store.is_well();
    note().await.ok(200);
    desk.settled().await;
    ready(&desk).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_ready_once_the_log_has_failed() {
    let (desk, store) = moody_desk().await;
    store.has_failed("the disk said no");
    assert_eq!(not_ready(&desk).await, "the log has failed: the disk said no");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_ready_while_it_is_stopping() {
    let desk = Desk::open().await;
    desk.app.shutdown.cancel();
    assert_eq!(not_ready(&desk).await, "the server is shutting down");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_cannot_be_projected_is_set_aside_alone_and_flagged() {
    let desk = Desk::open().await;
    for _ in 0..2 {
        desk.ticket().await;
    }
    append_raw(&desk, 1, "ticket.replied", r#"{"message":7}"#).await;
    desk.done(2, "assign", json!({ "to": "ines" })).await;
    desk.settled().await;
    ready(&desk).await;
    for one in desk.get("/api/v1/projections").await.ok(200).as_array().unwrap() {
        assert_eq!((&one["phase"], &one["lag_events"]), (&json!("live"), &json!(0)));
        let set_aside = one["quarantined"].as_array().unwrap();
        assert_eq!((&set_aside[0]["ticket"], &set_aside[0]["position"]), (&json!(1), &json!(3)), "{one}");
        assert_eq!(set_aside.len(), 1);
    }
    assert_eq!(desk.read("/api/v1/tickets/1").await["stale"], true);
    assert_eq!(desk.read("/api/v1/tickets/2").await["stale"], false);
    let queue = desk.read("/api/v1/queue").await;
    assert_eq!((&queue["tickets"][0]["number"], &queue["tickets"][0]["stale"]), (&json!(1), &json!(true)));
    assert_eq!(desk.post("/api/v1/projections/queue/retry/1").await.ok(200), json!(false));
    // Nothing is decided on a past that cannot be understood.
    desk.act(1, "note", json!({ "body": "x" })).await.problem(500, "history-damaged");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_queue_has_a_bound_and_a_metric() {
    let desk = Desk::on_sqlite().await.with(|app| app.streams = Streams::new(512, 64));
    desk.ticket().await;
    desk.settled().await;
    desk.get("/nope").await.problem(404, "not-found");
    let mut brew = desk.get("/api/v1/queue").request();
    *brew.method_mut() = "BREW".parse().unwrap();
    desk.send(brew).await.problem(405, "method-not-allowed");
    let answer = desk.get("/metrics").await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").unwrap().starts_with("text/plain"));
    let series: Vec<(&str, f64)> = answer
        .text()
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.rsplit_once(' ').unwrap())
        .map(|(name, value)| (name, value.parse().unwrap()))
        .collect();
    let names: Vec<&str> = series.iter().map(|(name, _)| *name).collect();
    for name in [
        "docket_log_position",
        "docket_log_verified",
        "docket_appends_waiting",
        "docket_appends_waiting_max",
        "docket_event_streams",
        "docket_event_streams_max",
        "docket_connections",
        "docket_connections_max",
    ] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    for (of, bound) in docket_server::telemetry::bounds::BOUNDS {
        let name = format!("docket_bound{{of=\"{of}\"}}");
        assert!(series.contains(&(name.as_str(), bound as f64)), "{name}: {series:?}");
    }
    for (name, bound) in [("docket_event_streams_max", 512.0), ("docket_connections_max", 2048.0)] {
        assert!(series.contains(&(name, bound)), "{name}: {series:?}");
    }
    for model in ["queue", "timeline", "sla", "metrics", "directory", "search", "due", "roster", "reports"] {
        for measure in ["position", "lag_events", "lag_seconds", "live", "quarantined_tickets"] {
            let name = format!("docket_projection_{measure}{{name=\"{model}\"}}");
            assert!(names.contains(&name.as_str()), "{name}");
        }
    }
    // By route and not by address: whoever asks for a million addresses makes no million series.
    assert!(!answer.text().contains("/nope") && !answer.text().contains("BREW"));
    assert!(
        names.iter().any(|name| name.starts_with("docket_http_requests_total{route=\"(none)\"")),
        "{names:?}"
    );
    let timed = "docket_http_request_seconds_bucket{route=\"/api/v1/tickets\"";
    assert!(names.iter().any(|name| name.starts_with(timed)), "{names:?}");
}
