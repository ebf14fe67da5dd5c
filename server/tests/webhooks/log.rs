//! What the log may hold and do while it is sent from: imports, events of a newer release, and troubles of its own.

use super::desk::{Desk, NOW};
use super::moody::MoodyStore;
use super::receiver::Receiver;
use super::support::{act, added, anywhere, show, start, until, until_sent};
use docket_core::actor::Actor;
use docket_core::event::EncodedEvent;
use docket_core::names::{EventId, StreamName, TicketNumber};
use docket_core::record::{NewEvent, Origin, Source};
use docket_core::store::{EventStore, Fact, ReadError};
use docket_core::time::DurationMs;
use serde_json::json;
use std::sync::Arc;

fn fact(ticket: u64, name: &'static str, data: &str, origin: Origin) -> Fact {
    let source = Source {
        system: "test".into(),
        case: ticket.to_string(),
        seq: 0,
        row: String::new(),
        kind: "x".into(),
        from: String::new(),
        to: String::new(),
        actor: String::new(),
        rest: None,
    };
    let event = NewEvent {
        id: EventId::deterministic(&format!("{name} {ticket}")),
        event: EncodedEvent { name, schema: 1, data: data.to_owned() },
        occurred_at: NOW,
        actor: Actor::system("test"),
        correlation: uuid::Uuid::nil(),
        causation: None,
        origin,
        source: (origin == Origin::Import).then_some(source),
    };
    Fact { stream: StreamName::ticket(TicketNumber(ticket)), event }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_imported_is_not_sent() {
    let desk = super::support::sending(anywhere()).await;
    let receiver = Receiver::open().await;
    let id = added(&desk, &receiver).await;
    let opened = r#"{"requester":{"id":"noor"},"subject":"old","channel":"import"}"#;
    let facts = vec![fact(500, "ticket.opened", opened, Origin::Import)];
    desk.app.store.append_facts(facts).await.unwrap();
    desk.ticket().await;
    assert_eq!(receiver.next().await.kind(), "ticket.opened");
    until_sent(&desk, &id).await;
    assert!(receiver.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_a_newer_release_is_waited_at_and_damaged_data_is_passed_by() {
    let desk = super::support::sending(anywhere()).await;
    let receiver = Receiver::open().await;
    let id = added(&desk, &receiver).await;
    let append = |fact| desk.app.store.append_facts(vec![fact]);
    append(fact(500, "ticket.replied", r#"{"no":"reply"}"#, Origin::Decided)).await.unwrap();
    desk.ticket().await;
    receiver.next().await;
    let before = until_sent(&desk, &id).await.progress.cursor;
    append(fact(501, "ticket.unheard_of", "{}", Origin::Decided)).await.unwrap();
    desk.ticket().await;
    desk.pass(DurationMs::from_hours(1));
    // Whoever looks is told, and sends nothing past it.
    act(&desk, &id, "change", json!({ "description": "look again" })).await;
    let held = until(&desk, &id, |health| health.held).await;
    assert_eq!((held.progress.cursor, held.progress.waiting()), (before, 0));
    assert_eq!(show(&desk, &id).await["state"], "held");
    assert!(receiver.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_cannot_be_read_for_a_while_is_read_on_later() {
    let mut made = None;
    let desk = Desk::on(|clock| made.insert(MoodyStore::new(clock)).clone()).await;
    let desk = desk.with(|app| app.poster = Arc::new(anywhere()));
    let (store, receiver) = (made.unwrap(), Receiver::open().await);
    start(&desk.app);
    let id = added(&desk, &receiver).await;
    desk.ticket().await;
    receiver.next().await;
    until_sent(&desk, &id).await;
    store.cannot_be_read(ReadError::Unavailable { why: "disk I/O error".into() });
    let opened = r#"{"requester":{"id":"noor"},"subject":"x","channel":"api"}"#;
    store.append_facts(vec![fact(2, "ticket.opened", opened, Origin::Decided)]).await.unwrap();
    store.has_refused_a_read().await;
    store.is_well();
    let received = receiver.next();
    tokio::pin!(received);
    let received = loop {
        tokio::select! {
            received = &mut received => break received,
            () = tokio::task::yield_now() => desk.pass(DurationMs::from_seconds(1)),
        }
    };
    assert_eq!(received.ticket(), 2);
}
