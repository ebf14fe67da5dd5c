//! People, tickets and rules, written down as briefly as a test wants them.

use super::desk::{Desk, PATIENCE, opening};
use docket_core::names::GlobalPosition;
use docket_server::app::App;
use docket_server::reactor::routing::{Turn, Wake, turn};
use serde_json::{Value, json};

/// Takes on an agent of a team, who is there.
pub(crate) async fn online(desk: &Desk, id: &str, team: &str) {
    hired(desk, id, team).await;
    is(desk, id, "online").await;
}

/// Takes on an agent of a team, who is not there yet.
pub(crate) async fn hired(desk: &Desk, id: &str, team: &str) {
    let member = json!({ "id": id, "name": id, "role": "agent", "teams": [team] });
    desk.post("/api/v1/staff").by("alma", "admin").json(&member).await.ok(201);
}

/// Somebody comes or goes.
pub(crate) async fn is(desk: &Desk, id: &str, availability: &str) {
    of(desk, id, "set-availability", json!({ "to": availability })).await;
}

/// Something changes about somebody.
pub(crate) async fn of(desk: &Desk, id: &str, command: &str, body: Value) {
    desk.post(format!("/api/v1/staff/{id}/{command}")).by("alma", "admin").json(&body).await.ok(200);
}

/// Somebody has room for so many normal tickets.
pub(crate) async fn has_room(desk: &Desk, id: &str, points: u32) {
    let weights = json!({ "urgent": 3, "high": 2, "normal": 1, "low": 1 });
    of(desk, id, "change-capacity", json!({ "points": points, "weights": weights })).await;
}

/// Opens a ticket with more fields; returns its number.
pub(crate) async fn opened(desk: &Desk, more: Value) -> u64 {
    let mut ticket = opening();
    ticket.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    desk.post("/api/v1/tickets").json(&ticket).await.ok(201)["ticket"].as_u64().unwrap()
}

/// Publishes rules, at once or from an instant on.
pub(crate) async fn publish(desk: &Desk, rules: Value, effective_at: Option<&str>) {
    let mut body = json!({ "content": { "rules": rules }, "reason": "as agreed" });
    if let Some(instant) = effective_at {
        body["effective_at"] = json!(instant);
    }
    let path = "/api/v1/settings/routing/default/publish";
    desk.post(path).by("alma", "admin").json(&body).await.ok(200);
}

/// Lets routing do all that there is to do, whatever was done before.
pub(crate) async fn route(app: &App) {
    let mut wake = Wake::everything();
    loop {
        match tokio::time::timeout(PATIENCE, turn(app, &mut wake)).await.unwrap() {
            Turn::Moved | Turn::InVain => {}
            Turn::Until(_) => return,
            Turn::NotNow => panic!("neither log nor read model is in trouble"),
        }
    }
}

/// Routing on a node that goes on running: it looks at what the log says that has changed, and at nothing else.
pub(crate) struct Follower {
    app: App,
    wake: Wake,
    read_to: GlobalPosition,
}

impl Follower {
    pub(crate) fn of(desk: &Desk) -> Self {
        Self { app: desk.app.clone(), wake: Wake::default(), read_to: desk.app.head() }
    }

    /// Does what there is to do by what has happened since the last time.
    pub(crate) async fn route(&mut self) {
        loop {
            self.read_to = self.wake.read(&self.app, self.read_to).await;
            if self.wake.is_nothing() {
                return;
            }
            let turn = tokio::time::timeout(PATIENCE, turn(&self.app, &mut self.wake)).await.unwrap();
            assert!(turn != Turn::NotNow, "neither log nor read model is in trouble");
        }
    }
}

/// Who is responsible for a ticket.
pub(crate) async fn assignee(desk: &Desk, ticket: u64) -> Value {
    desk.read(&format!("/api/v1/tickets/{ticket}")).await["assignee"].clone()
}
