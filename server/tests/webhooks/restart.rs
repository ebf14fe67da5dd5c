//! A server that ends and starts again goes on where it was, and one whose log is another sends nothing of it (T5).

use super::desk::{Desk, NOW};
use super::receiver::{Received, Receiver, Reply};
use super::support::{
    act, add, added, anywhere, outbox, show, start, until, until_failed, until_paused, until_sent,
};
use docket_core::clock::ManualClock;
use docket_core::names::GlobalPosition;
use docket_core::store::EventStore;
use docket_core::store::memory::MemoryStore;
use docket_core::store::operational::{Change, Kind};
use docket_core::time::DurationMs;
use docket_server::webhooks::kept::DEAD_LETTERS_MAX;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// A server over a log that outlives it, as it is after a start.
async fn started(directory: &Path, store: &Arc<MemoryStore>, clock: &Arc<ManualClock>) -> Desk {
    let desk = Desk::at(directory, store.clone(), clock.clone()).await;
    desk.with(|app| app.poster = Arc::new(anywhere()))
}

async fn end(desk: Desk, sending: JoinHandle<()>) {
    desk.app.shutdown.cancel();
    sending.await.unwrap();
    let projections = desk.app.projections.clone();
    tokio::task::spawn_blocking(move || projections.stop()).await.unwrap();
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(NOW))
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_start_it_goes_on_where_it_was_with_the_same_identifiers() {
    let (directory, clock, receiver) = (tempfile::tempdir().unwrap(), clock(), Receiver::open().await);
    let store = Arc::new(MemoryStore::new(clock.clone()));
    let desk = started(directory.path(), &store, &clock).await;
    let sending = start(&desk.app);
    let id = added(&desk, &receiver).await;
    desk.ticket().await;
    receiver.next().await;
    until_sent(&desk, &id).await;
    receiver.always(Reply::Status(500));
    desk.ticket().await;
    let failed = receiver.next().await;
    let before = until_failed(&desk, &id, 2).await;
    end(desk, sending).await;

    // It happens while nothing is sent.
    let desk = started(directory.path(), &store, &clock).await;
    desk.ticket().await;
    desk.done(2, "assign", json!({ "to": "ines" })).await;
    let health = outbox(&desk, &id).health();
    assert_eq!(health.progress.next_at(), before.progress.next_at(), "the wait goes on too");
    assert_eq!(health.progress.failing_since, before.progress.failing_since);
    receiver.always(Reply::Status(200));
    let sending = start(&desk.app);
    assert_eq!(receiver.next().await.ticket(), 3, "the others do not wait");
    clock.set(health.progress.next_at().unwrap());
    let late = receiver.take(2).await;
    assert_eq!((late[0].id(), &late[0].body), (failed.id(), &failed.body));
    assert_eq!(late[1].kind(), "ticket.assigned");
    until_sent(&desk, &id).await;
    assert!(receiver.rest().await.is_empty(), "and nothing twice");
    end(desk, sending).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orderly_end_keeps_how_far_it_has_looked() {
    let (directory, clock, receiver) = (tempfile::tempdir().unwrap(), clock(), Receiver::open().await);
    let store = Arc::new(MemoryStore::new(clock.clone()));
    let desk = started(directory.path(), &store, &clock).await;
    let sending = start(&desk.app);
    let (id, _) = add(&desk, json!({ "url": receiver.url(), "events": ["ticket.sealed"] })).await;
    for _ in 0..5 {
        desk.ticket().await;
    }
    until_sent(&desk, &id).await;
    end(desk, sending).await;
    let desk = started(directory.path(), &store, &clock).await;
    assert_eq!(outbox(&desk, &id).health().progress.cursor, desk.app.head());
    end(desk, tokio::spawn(async {})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_under_way_when_the_server_ended_is_sent_again() {
    let (directory, clock, receiver) = (tempfile::tempdir().unwrap(), clock(), Receiver::open().await);
    let store = Arc::new(MemoryStore::new(clock.clone()));
    let desk = started(directory.path(), &store, &clock).await;
    let sending = start(&desk.app);
    let id = added(&desk, &receiver).await;
    receiver.always(Reply::Hang);
    desk.ticket().await;
    let first = receiver.next().await;
    // As if it were killed: nothing more is written.
    sending.abort();
    end(desk, tokio::spawn(async {})).await;
    receiver.always(Reply::Status(200));
    let desk = started(directory.path(), &store, &clock).await;
    let sending = start(&desk.app);
    assert_eq!(receiver.next().await.id(), first.id());
    until_sent(&desk, &id).await;
    end(desk, sending).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_another_one_is_not_sent_again_from_its_past() {
    for (kept, also_shorter) in [(4, false), (2, true)] {
        let (directory, clock, receiver) = (tempfile::tempdir().unwrap(), clock(), Receiver::open().await);
        let store = Arc::new(MemoryStore::new(clock.clone()));
        let desk = started(directory.path(), &store, &clock).await;
        let sending = start(&desk.app);
        let id = added(&desk, &receiver).await;
        for _ in 0..3 {
            desk.ticket().await;
        }
        receiver.take(3).await;
        until_sent(&desk, &id).await;
        end(desk, sending).await;

        // A back-up is put back that ends earlier, and something else happens then.
        let restored = Arc::new(MemoryStore::new(clock.clone()));
        let records = store.read_all(GlobalPosition::START, 100).await.unwrap();
        assert_eq!(records.len(), 4);
        restored.restore(records[..kept.min(3)].to_vec()).await.unwrap();
        clock.set(NOW.plus(DurationMs::from_hours(1)));
        let desk = started(directory.path(), &restored, &clock).await;
        let sent_before = if also_shorter { 0 } else { 2 };
        end(desk, tokio::spawn(async {})).await;
        let desk = started(directory.path(), &restored, &clock).await;
        for _ in 0..sent_before {
            desk.ticket().await;
        }
        end(desk, tokio::spawn(async {})).await;

        let desk = started(directory.path(), &restored, &clock).await;
        let sending = start(&desk.app);
        assert_eq!(outbox(&desk, &id).health().progress.cursor, desk.app.head());
        let number = desk.ticket().await;
        assert_eq!(receiver.next().await.ticket(), number, "only what comes now");
        until_sent(&desk, &id).await;
        assert!(receiver.rest().await.is_empty());
        end(desk, sending).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_what_is_kept_beside_the_log_nothing_is_sent_until_it_is_added_again() {
    let (directory, clock, receiver) = (tempfile::tempdir().unwrap(), clock(), Receiver::open().await);
    let store = Arc::new(MemoryStore::new(clock.clone()));
    let desk = started(directory.path(), &store, &clock).await;
    let id = added(&desk, &receiver).await;
    desk.ticket().await;
    end(desk, tokio::spawn(async {})).await;

    let elsewhere = tempfile::tempdir().unwrap();
    let desk = started(elsewhere.path(), &store, &clock).await;
    let sending = start(&desk.app);
    let shown = show(&desk, &id).await;
    assert_eq!((&shown["state"], &shown["cursor"]), (&json!("lost"), &json!(null)));
    let before = desk.head();
    for command in ["test", "change", "rotate-secret", "resume", "dead-letters/replay"] {
        let call = super::support::admin(desk.post(format!("/api/v1/webhooks/{id}/{command}")));
        call.json(&json!({})).await.problem(409, "webhook-lost");
    }
    assert_eq!(desk.head(), before, "what is refused is not recorded");
    act(&desk, &id, "remove", json!({})).await;
    let again = added(&desk, &receiver).await;
    let number = desk.ticket().await;
    assert_eq!(receiver.next().await.ticket(), number);
    until_sent(&desk, &again).await;
    assert!(receiver.rest().await.is_empty());
    end(desk, sending).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_was_changed_beside_the_log_is_not_called() {
    let (directory, clock) = (tempfile::tempdir().unwrap(), clock());
    let (receiver, stranger) = (Receiver::open().await, Receiver::open().await);
    let store = Arc::new(MemoryStore::new(clock.clone()));
    let desk = started(directory.path(), &store, &clock).await;
    let id = added(&desk, &receiver).await;
    let kept = desk.app.operational.find(Kind::Endpoint, &id).unwrap().unwrap();
    let data = kept.replace(&receiver.url(), &stranger.url());
    assert_ne!(data, kept);
    let change = Change::Put { kind: Kind::Endpoint, id: id.clone(), data, expires_at: None };
    desk.app.operational.write(&[change]).unwrap();
    end(desk, tokio::spawn(async {})).await;
    let desk = started(directory.path(), &store, &clock).await;
    let sending = start(&desk.app);
    assert_eq!(show(&desk, &id).await["state"], "lost");
    desk.ticket().await;
    let other = added(&desk, &receiver).await;
    desk.ticket().await;
    receiver.next().await;
    until_sent(&desk, &other).await;
    assert!(stranger.rest().await.is_empty());
    end(desk, sending).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_no_more_can_be_given_up_the_endpoint_is_paused_and_loses_nothing() {
    let (directory, clock, receiver) = (tempfile::tempdir().unwrap(), clock(), Receiver::open().await);
    let store = Arc::new(MemoryStore::new(clock.clone()));
    let desk = started(directory.path(), &store, &clock).await;
    let id = added(&desk, &receiver).await;
    let letter = |position: usize| {
        Change::Put {
        kind: Kind::DeadLetter,
        id: format!("{id}/{position:020}"),
        data: json!({ "position": position, "ticket": 1, "attempts": 1, "since": 0, "given_up_at": 0, "what": "x" })
            .to_string(),
        expires_at: None,
    }
    };
    let letters: Vec<_> = (1..=DEAD_LETTERS_MAX).map(|number| letter(1_000_000 + number)).collect();
    desk.app.operational.write(&letters).unwrap();
    end(desk, tokio::spawn(async {})).await;

    let desk = started(directory.path(), &store, &clock).await;
    let sending = start(&desk.app);
    receiver.answers(|received| Reply::Status(if received.ticket() == 1 { 500 } else { 200 }));
    desk.ticket().await;
    let first = receiver.next().await;
    until_failed(&desk, &id, 1).await;
    // Another one gets through, so it is not the whole endpoint that fails.
    desk.pass(DurationMs::from_hours(23));
    until_failed(&desk, &id, 2).await;
    desk.ticket().await;
    until(&desk, &id, |health| health.progress.failing_since.is_none()).await;
    desk.pass(DurationMs::from_hours(1));
    let paused = until_paused(&desk, &id).await;
    assert_eq!((&paused["reason"], &paused["dead_letters"]), (&json!("dead_letters"), &json!(1000)));
    assert_eq!(paused["waiting"], 1);
    act(&desk, &id, "dead-letters/replay", json!({ "positions": [1_000_001] })).await;
    receiver.rest().await;
    receiver.always(Reply::Status(200));
    act(&desk, &id, "resume", json!({})).await;
    assert_eq!(receiver.next().await.id(), first.id());
    // What was put back is of another log here, and passed by.
    until_sent(&desk, &id).await;
    end(desk, sending).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn making_a_read_model_anew_sends_nothing() {
    let desk = super::support::sending(anywhere()).await;
    let receiver = Receiver::open().await;
    let id = added(&desk, &receiver).await;
    desk.ticket().await;
    receiver.next().await;
    until_sent(&desk, &id).await;
    desk.settled().await;
    for name in ["queue", "timeline", "sla", "metrics"] {
        desk.post(format!("/api/v1/projections/{name}/rebuild")).by("alma", "admin").await.ok(200);
    }
    desk.ticket().await;
    let next = receiver.next().await;
    assert_eq!((next.ticket(), next.kind().as_str()), (2, "ticket.opened"));
    assert!(receiver.rest().await.iter().map(Received::ticket).next().is_none());
}
