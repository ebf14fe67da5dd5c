//! What the log holds of deadlines, and how a test lets the timer look.

use super::desk::{Desk, NOW, PATIENCE, opening};
use docket_core::time::{DurationMs, Timestamp};
use docket_server::app::App;
use docket_server::reactor::sla_timer::{Turn, turn};
use serde_json::{Value, json};

pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;

/// A deadline that was noted. Instants are counted from [`NOW`], in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Noticed {
    pub(crate) ticket: u64,
    pub(crate) kind: &'static str,
    pub(crate) occurred: i64,
    pub(crate) recorded: i64,
    pub(crate) due: i64,
}

pub(crate) fn warned(ticket: u64, occurred: i64, recorded: i64, due: i64) -> Noticed {
    Noticed { ticket, kind: "sla.warned", occurred, recorded, due }
}

pub(crate) fn breached(ticket: u64, occurred: i64, recorded: i64, due: i64) -> Noticed {
    Noticed { ticket, kind: "sla.breached", occurred, recorded, due }
}

fn noticed_in(record: &Value) -> Option<Noticed> {
    let ticket = record["stream"].as_str()?.strip_prefix("sla-")?.parse().unwrap();
    let kind = ["sla.warned", "sla.breached"].into_iter().find(|kind| record["type"] == **kind).unwrap();
    let since = |value: &Value| value.as_i64().unwrap() - NOW.0;
    assert_eq!(record["actor"], json!({ "id": "sla-timer", "role": "system" }));
    assert_eq!(record["data"]["target"], "first_response");
    let (occurred, recorded) = (since(&record["occurred_at"]), since(&record["recorded_at"]));
    Some(Noticed { ticket, kind, occurred, recorded, due: since(&record["data"]["due_at"]) })
}

/// Everything that has been noted, in the order of the log.
pub(crate) async fn all(desk: &Desk) -> Vec<Noticed> {
    desk.log().await.iter().filter_map(noticed_in).collect()
}

/// Lets the timer look until there is nothing left to note; returns when it would look again.
pub(crate) async fn look(app: &App) -> Option<i64> {
    loop {
        match tokio::time::timeout(PATIENCE, turn(app)).await.unwrap() {
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

/// Opens a ticket of a priority; returns its number.
pub(crate) async fn open(desk: &Desk, priority: &str) -> u64 {
    let mut ticket = opening();
    ticket["priority"] = json!(priority);
    desk.post("/api/v1/tickets").json(&ticket).await.ok(201)["ticket"].as_u64().unwrap()
}

pub(crate) async fn reply(desk: &Desk, ticket: u64, role: &str) {
    desk.act(ticket, "reply", json!({ "body": "x" })).by("ines", role).await.ok(200);
}
