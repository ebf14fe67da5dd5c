//! What is sent, in which order, and how it is signed.

use super::call::Call;
use super::desk::{Desk, NOW, opening};
use super::receiver::{Received, Receiver, Reply};
use super::support::{
    act, add, added, admin, anywhere, pass_to_next, sending, show, until, until_failed, until_sent,
};
use base64::prelude::{BASE64_STANDARD, Engine};
use docket_core::time::DurationMs;
use docket_server::webhooks::outbox::Health;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::collections::BTreeMap;

/// The signature that the specification asks for, computed beside the code under test.
fn signature(secret: &str, received: &Received) -> String {
    let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{}.{}.", received.id(), received.headers["webhook-timestamp"]).as_bytes());
    mac.update(&received.body);
    format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

async fn note(desk: &Desk, ticket: u64) {
    desk.done(ticket, "change-priority", json!({ "to": "high" })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_sent_signed_with_everything_that_may_be_known() {
    let (desk, receiver) = (sending(anywhere()).await, Receiver::open().await);
    desk.ticket().await;
    let (id, secret) = add(&desk, json!({ "url": receiver.url(), "description": "CRM" })).await;
    desk.done(1, "assign", json!({ "to": "ines" })).await;
    let received = receiver.next().await;
    assert_eq!(received.line, "POST /in HTTP/1.1");
    let log = desk.log().await;
    let record = log.iter().find(|record| record["type"] == "ticket.assigned").unwrap();
    let expected = json!({
        "type": "ticket.assigned",
        "timestamp": "2026-11-21T09:30:00Z",
        "data": {
            "position": record["position"], "ticket": 1, "version": 2, "actor": record["actor"],
            "recorded_at": "2026-11-21T09:30:00Z", "details": { "to": "ines" },
        },
    });
    assert_eq!(received.json(), expected);
    assert_eq!(received.id(), record["id"].as_str().unwrap());
    assert_eq!(received.headers["webhook-timestamp"], NOW.0.div_euclid(1000).to_string());
    assert_eq!(received.headers["webhook-signature"], signature(&secret, &received));
    assert_eq!(received.headers["content-type"], "application/json");
    assert_eq!(received.headers["host"], format!("127.0.0.1:{}", receiver.port));
    let health = until_sent(&desk, &id).await;
    assert_eq!(health.progress.delivered_at, Some(NOW));
    assert!(receiver.rest().await.is_empty(), "nothing of the past, of staff or of settings");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_wanted_is_sent() {
    let (desk, receiver) = (sending(anywhere()).await, Receiver::open().await);
    let body = json!({ "url": receiver.url(), "events": ["ticket.opened", "ticket.reopened"] });
    let (id, _) = add(&desk, body).await;
    desk.ticket().await;
    note(&desk, 1).await;
    desk.ticket().await;
    until_sent(&desk, &id).await;
    let kinds: Vec<_> = receiver.rest().await.iter().map(Received::kind).collect();
    assert_eq!(kinds, ["ticket.opened", "ticket.opened"]);
    act(&desk, &id, "change", json!({ "events": ["ticket.priority_changed"] })).await;
    desk.ticket().await;
    note(&desk, 3).await;
    assert_eq!(receiver.next().await.kind(), "ticket.priority_changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_an_event_is_sent_again_its_ticket_waits_and_the_others_go_on() {
    let (desk, receiver) = (sending(anywhere()).await, Receiver::open().await);
    let id = added(&desk, &receiver).await;
    receiver.answers(|received| Reply::Status(if received.ticket() == 1 { 500 } else { 200 }));
    desk.ticket().await;
    let first = receiver.next().await;
    until_failed(&desk, &id, 1).await;
    for _ in 0..3 {
        note(&desk, 1).await;
        desk.ticket().await;
        desk.done(1, "change-priority", json!({ "to": "low" })).await;
    }
    let others = receiver.take(3).await;
    let others = std::collections::BTreeSet::from_iter(others.iter().map(Received::ticket));
    assert_eq!(others, [2, 3, 4].into());
    let head = desk.app.head();
    let is_taken = |health: &Health| health.progress.cursor == head && health.progress.under_way() == 0;
    let health = until(&desk, &id, is_taken).await;
    assert_eq!((health.progress.lines.len(), health.progress.waiting()), (1, 7));
    receiver.always(Reply::Status(200));
    pass_to_next(&desk, &health);
    let late = receiver.take(7).await;
    assert_eq!((late[0].id(), &late[0].body), (first.id(), &first.body), "the same as before");
    assert!(late.is_sorted_by_key(Received::position), "in the order of the log");
    assert!(late.iter().all(|received| received.ticket() == 1));
    until_sent(&desk, &id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_attempt_is_signed_anew_at_its_own_time() {
    let (desk, receiver) = (sending(anywhere()).await, Receiver::open().await);
    let (id, secret) = add(&desk, json!({ "url": receiver.url() })).await;
    receiver.always(Reply::Status(503));
    desk.ticket().await;
    let first = receiver.next().await;
    let health = until_failed(&desk, &id, 1).await;
    pass_to_next(&desk, &health);
    let second = receiver.next().await;
    assert_ne!(first.headers["webhook-timestamp"], second.headers["webhook-timestamp"]);
    for received in [&first, &second] {
        assert_eq!(received.headers["webhook-signature"], signature(&secret, received));
    }
    assert_eq!(first.id(), second.id());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_rotation_both_secrets_sign_for_a_day_and_then_the_new_one_alone() {
    let (desk, receiver) = (sending(anywhere()).await, Receiver::open().await);
    let (id, old) = add(&desk, json!({ "url": receiver.url() })).await;
    let rotated = act(&desk, &id, "rotate-secret", json!({})).await;
    let new = rotated["secret"].as_str().unwrap().to_owned();
    assert_ne!(old, new);
    assert_eq!(show(&desk, &id).await["old_secret_until"], "2026-11-22T09:30:00Z");
    desk.ticket().await;
    let received = receiver.next().await;
    let both = format!("{} {}", signature(&new, &received), signature(&old, &received));
    assert_eq!(received.headers["webhook-signature"], both);
    desk.pass(DurationMs::from_hours(24));
    desk.ticket().await;
    let received = receiver.next().await;
    assert_eq!(received.headers["webhook-signature"], signature(&new, &received));
    assert_eq!(show(&desk, &id).await["old_secret_until"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ping_is_sent_at_once_and_told_what_came_of_it() {
    let (desk, receiver) = (sending(anywhere()).await, Receiver::open().await);
    let (id, secret) = add(&desk, json!({ "url": receiver.url(), "events": ["ticket.sealed"] })).await;
    let before = desk.head();
    assert_eq!(act(&desk, &id, "test", json!({})).await["delivered"], true);
    let ping = receiver.next().await;
    assert_eq!((ping.kind().as_str(), &ping.json()["data"]), ("webhook.ping", &json!({ "webhook": id })));
    assert_eq!(ping.headers["webhook-signature"], signature(&secret, &ping));
    receiver.always(Reply::Status(404));
    let refused = act(&desk, &id, "test", json!({})).await;
    assert_eq!((&refused["delivered"], &refused["what"]), (&json!(false), &json!("status-404")));
    assert_eq!(desk.head(), before, "a ping is no history");
    let health = until_sent(&desk, &id).await;
    assert_eq!(health.progress.last_failure, None, "nor does it count for the endpoint");
    for _ in 0..8 {
        act(&desk, &id, "test", json!({})).await;
    }
    let call = || admin(desk.post(format!("/api/v1/webhooks/{id}/test")));
    let refused: Call<'_> = call();
    refused.await.problem(429, "too-many-requests");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_endpoint_waits_and_goes_on_where_it_was() {
    let (desk, receiver) = (sending(anywhere()).await, Receiver::open().await);
    let id = added(&desk, &receiver).await;
    act(&desk, &id, "pause", json!({})).await;
    for _ in 0..3 {
        desk.ticket().await;
    }
    let shown = show(&desk, &id).await;
    assert_eq!((&shown["state"], &shown["reason"]), (&json!("paused"), &json!("wished")));
    assert!(shown["lag_events"].as_u64().unwrap() >= 3, "three tickets: {shown}");
    assert_eq!(shown["waiting"], 0);
    act(&desk, &id, "resume", json!({})).await;
    let mut tickets: Vec<_> = receiver.take(3).await.iter().map(Received::ticket).collect();
    tickets.sort_unstable();
    assert_eq!(tickets, [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_endpoint_gets_its_own_and_none_waits_for_another() {
    let (desk, well, ill) = (sending(anywhere()).await, Receiver::open().await, Receiver::open().await);
    ill.always(Reply::Hang);
    let (first, second) = (added(&desk, &ill).await, added(&desk, &well).await);
    for _ in 0..20 {
        desk.ticket().await;
    }
    let mut seen = BTreeMap::new();
    for received in well.take(20).await {
        *seen.entry(received.position()).or_insert(0) += 1;
    }
    assert!(seen.len() == 20 && seen.values().all(|count| *count == 1), "{seen:?}");
    until_sent(&desk, &second).await;
    let waiting = until(&desk, &first, |health| health.progress.waiting() == 20).await;
    assert_eq!(waiting.progress.under_way(), 8, "a bounded number at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_removed_gets_nothing_more_and_is_forgotten() {
    let (desk, receiver, other) = (sending(anywhere()).await, Receiver::open().await, Receiver::open().await);
    let (id, stays) = (added(&desk, &receiver).await, added(&desk, &other).await);
    receiver.always(Reply::Status(500));
    desk.ticket().await;
    let health = until_failed(&desk, &id, 1).await;
    receiver.next().await;
    act(&desk, &id, "remove", json!({})).await;
    admin(desk.get(format!("/api/v1/webhooks/{id}"))).await.problem(404, "webhook-not-found");
    pass_to_next(&desk, &health);
    desk.post("/api/v1/tickets").json(&opening()).await.ok(201);
    other.take(2).await;
    until_sent(&desk, &stays).await;
    assert!(receiver.rest().await.is_empty());
}
