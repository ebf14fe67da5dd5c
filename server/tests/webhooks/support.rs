//! A desk whose webhooks are sent, and ways to wait for what comes of it.

use super::call::Call;
use super::desk::{Desk, PATIENCE};
use super::receiver::Receiver;
use docket_core::webhook::EndpointId;
use docket_server::app::App;
use docket_server::reactor;
use docket_server::webhooks::guard::Guard;
use docket_server::webhooks::network::SystemNetwork;
use docket_server::webhooks::outbox::{Health, Outbox};
use docket_server::webhooks::post::{Limits, Poster};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Goes anywhere; gives up soon.
pub(crate) fn anywhere() -> Poster {
    let limits = Limits { connect: Duration::from_secs(30), total: Duration::from_secs(30) };
    Poster { network: Arc::new(SystemNetwork), guard: Guard::Anywhere, tls: None, limits }
}

/// A desk that sends webhooks like this.
pub(crate) async fn sending(poster: Poster) -> Desk {
    let desk = Desk::open().await.with(|app| app.poster = Arc::new(poster));
    start(&desk.app);
    desk
}

/// Lets the reactor run until the server stops.
pub(crate) fn start(app: &App) -> JoinHandle<()> {
    tokio::spawn(reactor::webhooks::run(app.clone()))
}

/// A call of an admin.
pub(crate) fn admin<'a>(call: Call<'a>) -> Call<'a> {
    call.by("alma", "admin")
}

/// Adds an endpoint; returns its name and its secret.
pub(crate) async fn add(desk: &Desk, body: Value) -> (String, String) {
    let added = admin(desk.post("/api/v1/webhooks")).json(&body).await.ok(201);
    let text = |name: &str| added[name].as_str().unwrap().to_owned();
    (text("webhook"), text("secret"))
}

/// Adds an endpoint that gets everything; returns its name.
pub(crate) async fn added(desk: &Desk, receiver: &Receiver) -> String {
    add(desk, json!({ "url": receiver.url() })).await.0
}

pub(crate) async fn show(desk: &Desk, id: &str) -> Value {
    admin(desk.get(format!("/api/v1/webhooks/{id}"))).await.ok(200)
}

/// A command on an endpoint that goes through.
pub(crate) async fn act(desk: &Desk, id: &str, command: &str, body: Value) -> Value {
    admin(desk.post(format!("/api/v1/webhooks/{id}/{command}"))).json(&body).await.ok(200)
}

pub(crate) fn outbox(desk: &Desk, id: &str) -> Arc<Outbox> {
    desk.app.webhooks.outbox(EndpointId(id.parse().unwrap())).unwrap()
}

/// Waits until an endpoint stands like this.
pub(crate) async fn until(desk: &Desk, id: &str, is_so: impl Fn(&Health) -> bool) -> Health {
    until_after(desk, id, |health, _| is_so(health)).await
}

/// Waits until an endpoint stands like this after so many attempts.
async fn until_after(desk: &Desk, id: &str, is_so: impl Fn(&Health, usize) -> bool) -> Health {
    let outbox = outbox(desk, id);
    let mut changes = outbox.changes();
    let reached = async {
        loop {
            changes.borrow_and_update();
            // In this order: what is shown came after the attempts that are counted.
            let attempts = outbox.attempts().len();
            let health = outbox.health();
            if is_so(&health, attempts) {
                return health;
            }
            changes.changed().await.unwrap();
        }
    };
    let waited = tokio::time::timeout(PATIENCE, reached).await;
    waited.unwrap_or_else(|_| panic!("it stands otherwise: {:?}", outbox.health()))
}

/// Waits until an endpoint has been paused, and shows it.
pub(crate) async fn until_paused(desk: &Desk, id: &str) -> Value {
    let mut changes = outbox(desk, id).changes();
    let reached = async {
        loop {
            changes.borrow_and_update();
            let shown = show(desk, id).await;
            if shown["state"] == "paused" {
                return shown;
            }
            changes.changed().await.unwrap();
        }
    };
    tokio::time::timeout(PATIENCE, reached).await.expect("it is paused")
}

/// Waits until nothing waits any more.
pub(crate) async fn until_sent(desk: &Desk, id: &str) -> Health {
    let head = desk.app.head();
    until(desk, id, |health| health.progress.waiting() == 0 && health.progress.cursor == head).await
}

/// Waits until so many attempts have been settled.
pub(crate) async fn until_failed(desk: &Desk, id: &str, attempts: usize) -> Health {
    until_after(desk, id, |health, there| health.progress.under_way() == 0 && there >= attempts).await
}

/// Sets the clock to when the next attempt is due.
pub(crate) fn pass_to_next(desk: &Desk, health: &Health) {
    desk.clock.set(health.progress.next_at().unwrap());
}
