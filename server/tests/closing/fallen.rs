//! What the log holds of what fell due, and how a test lets the timer look.

use super::desk::{Desk, NOW, PATIENCE};
use docket_core::actor::{Actor, Role};
use docket_core::event::Event;
use docket_core::names::{ActorId, EventId, StreamName, TicketNumber};
use docket_core::record::{NewEvent, Origin};
use docket_core::store::{Append, ExpectedVersion, StreamAppend};
use docket_core::ticket::TicketEvent;
use docket_core::time::{DurationMs, Timestamp};
use docket_server::app::App;
use docket_server::reactor::closing::{Aside, Turn, turn};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) const HOUR: i64 = 3_600_000;
pub(crate) const DAY: i64 = 24 * HOUR;

/// Something that happened by itself: ticket, stored name, and when. Unit: milliseconds after [`NOW`].
pub(crate) type Fallen = (u64, String, i64);

/// Everything that happened by itself, in the order of the log.
pub(crate) async fn all(desk: &Desk) -> Vec<Fallen> {
    let log = desk.log().await;
    let timers = log.iter().filter(|record| record["actor"]["id"] == "closing-timer");
    timers.map(fallen).collect()
}

fn fallen(record: &Value) -> Fallen {
    assert_eq!(record["actor"], json!({ "id": "closing-timer", "role": "system" }));
    let id: Uuid = record["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(id.get_version_num(), 5, "the same on every node");
    let ticket = record["stream"].as_str().unwrap().strip_prefix("ticket-").unwrap().parse().unwrap();
    let name = record["type"].as_str().unwrap().strip_prefix("ticket.").unwrap().to_owned();
    if name == "confirmed" {
        assert_eq!(record["data"]["by"], "time");
    }
    (ticket, name, record["occurred_at"].as_i64().unwrap() - NOW.0)
}

pub(crate) fn happened(ticket: u64, name: &str, at: i64) -> Fallen {
    (ticket, name.to_owned(), at)
}

/// Lets the timer look until there is nothing left to do; returns when it would look again.
pub(crate) async fn look(app: &App) -> Option<i64> {
    let mut aside = Aside::default();
    loop {
        match tokio::time::timeout(PATIENCE, turn(app, &mut aside)).await.unwrap() {
            Turn::Noted => {}
            Turn::Until(instant) => return instant.map(|instant| instant.since(NOW).0),
            Turn::NotNow => panic!("neither log nor read model is in trouble"),
        }
    }
}

/// Sets the clock to an instant and lets the timer look.
pub(crate) async fn look_at(desk: &Desk, instant: i64) -> Option<i64> {
    set(desk, instant);
    look(&desk.app).await
}

pub(crate) fn set(desk: &Desk, instant: i64) {
    desk.clock.set(at(instant));
}

pub(crate) fn at(instant: i64) -> Timestamp {
    NOW.plus(DurationMs(instant))
}

/// A ticket that is resolved now, and whose customer is asked to confirm and to rate it.
pub(crate) async fn asked(desk: &Desk) -> u64 {
    let ticket = desk.ticket().await;
    ask(desk, ticket).await;
    ticket
}

pub(crate) async fn ask(desk: &Desk, ticket: u64) {
    desk.done(ticket, "assign", json!({ "to": "ines" })).await;
    let fields = json!({ "resolution": "solved", "confirmation": true, "survey": true });
    desk.done(ticket, "resolve", fields).await;
}

/// Says that a ticket shall be closed by other waits from an instant on.
pub(crate) async fn publish(desk: &Desk, confirm_after_days: u32, seal_after_days: u32, from: i64) {
    let content = json!({ "confirm_after_days": confirm_after_days, "seal_after_days": seal_after_days });
    let fields = json!({ "content": content, "reason": "as agreed", "effective_at": at(from).to_rfc3339() });
    let call = desk.post("/api/v1/settings/closing/default/publish").by("lena", "supervisor");
    call.json(&fields).await.ok(200);
}

/// Records an event on a ticket's stream, whoever may do so otherwise.
pub(crate) async fn record(desk: &Desk, ticket: u64, event: TicketEvent) {
    let event = NewEvent {
        id: EventId(Uuid::now_v7()),
        event: Event::Ticket(event).encode(),
        occurred_at: desk.app.now(),
        actor: Actor { id: ActorId::new("ines").unwrap(), role: Role::Agent, team: None },
        correlation: Uuid::nil(),
        causation: None,
        origin: Origin::Decided,
        source: None,
    };
    let stream = StreamName::ticket(TicketNumber(ticket));
    let streams = vec![StreamAppend { stream, expected: ExpectedVersion::Any, events: vec![event] }];
    desk.app.store.append(Append { command: None, streams }).await.unwrap();
}
