//! Setting webhooks up: what is shown, what is refused, and what the same key does.

use super::desk::Desk;
use super::receiver::Receiver;
use super::support::{act, add, added, admin, anywhere, sending, show};
use docket_core::store::operational::{Change, Kind};
use docket_core::webhook::ENDPOINTS_MAX;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_is_shown_as_it_was_set_up_and_every_change_is_an_event_of_an_admin() {
    let (desk, receiver) = (sending(anywhere()).await, Receiver::open().await);
    let body = json!({
        "url": receiver.url(), "description": "CRM", "events": ["ticket.noted", "ticket.opened"], "internal": true,
    });
    let (id, secret) = add(&desk, body).await;
    assert!(secret.starts_with("whsec_"));
    let shown = show(&desk, &id).await;
    let expected = json!({
        "id": id, "origin": format!("http://127.0.0.1:{}", receiver.port), "description": "CRM",
        "events": ["ticket.noted", "ticket.opened"], "internal": true, "state": "active", "reason": null,
        "cursor": 1, "lag_events": 0, "waiting": 0, "under_way": 0, "dead_letters": 0, "delivered_at": null,
        "failing_since": null, "last_failure": null, "next_attempt_at": null, "old_secret_until": null,
    });
    assert_eq!(shown, expected);
    let all = admin(desk.get("/api/v1/webhooks")).await.ok(200);
    assert_eq!(all["webhooks"].as_array().unwrap().len(), 1);
    act(&desk, &id, "change", json!({ "description": "Sales", "events": ["*"] })).await;
    assert_eq!(act(&desk, &id, "change", json!({ "description": "Sales" })).await["outcome"], "already_so");
    act(&desk, &id, "rotate-secret", json!({})).await;
    act(&desk, &id, "pause", json!({})).await;
    assert_eq!(act(&desk, &id, "pause", json!({})).await["outcome"], "already_so");
    act(&desk, &id, "resume", json!({})).await;
    act(&desk, &id, "remove", json!({})).await;
    assert_eq!(act(&desk, &id, "remove", json!({})).await["outcome"], "already_so");
    let events = desk.events_after(0).await;
    let expected = ["added", "changed", "secret_rotated", "paused", "resumed", "removed"];
    assert_eq!(events, expected.map(|name| format!("settings-webhooks webhook.{name}")));
    for record in desk.log().await {
        assert_eq!(record["actor"], json!({ "id": "alma", "role": "admin" }));
        assert_eq!(record["data"]["endpoint"], id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_adds_once_and_shows_its_secret_once() {
    let (desk, receiver) = (sending(anywhere()).await, Receiver::open().await);
    let body = json!({ "url": receiver.url() });
    let send = || admin(desk.post("/api/v1/webhooks")).key("one").json(&body);
    let first = send().await.ok(201);
    let second = send().await.ok(201);
    assert_eq!((&second["webhook"], &second["outcome"]), (&first["webhook"], &json!("found")));
    assert_eq!((first["secret"].is_string(), &second["secret"]), (true, &Value::Null));
    let other = admin(desk.post("/api/v1/webhooks")).key("one");
    other
        .json(&json!({ "url": receiver.url(), "internal": true }))
        .await
        .problem(422, "idempotency-key-reused");
    let id = first["webhook"].as_str().unwrap();
    let rotate =
        || admin(desk.post(format!("/api/v1/webhooks/{id}/rotate-secret"))).key("two").json(&json!({}));
    assert!(rotate().await.ok(200)["secret"].is_string());
    let again = rotate().await.ok(200);
    assert_eq!((&again["outcome"], &again["secret"]), (&json!("found"), &Value::Null));
    assert_eq!(desk.events_after(0).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_sent_again_does_not_bring_back_the_address_before() {
    let (desk, first, second) = (sending(anywhere()).await, Receiver::open().await, Receiver::open().await);
    let id = added(&desk, &first).await;
    let change = |key: &str, to: &Receiver| {
        let call = admin(desk.post(format!("/api/v1/webhooks/{id}/change"))).key(key);
        call.json(&json!({ "url": to.url(), "description": key }))
    };
    change("one", &first).await.ok(200);
    change("two", &second).await.ok(200);
    assert_eq!(change("one", &first).await.ok(200)["outcome"], "found");
    assert_eq!(show(&desk, &id).await["state"], "active");
    desk.ticket().await;
    second.next().await;
    assert!(first.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_set_up_is_refused_with_a_reason_and_recorded_nowhere() {
    let (desk, receiver) = (sending(anywhere()).await, Receiver::open().await);
    let add = |fields: Value| {
        let mut body = json!({ "url": receiver.url() });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        admin(desk.post("/api/v1/webhooks")).json(&body)
    };
    for (fields, code) in [
        (json!({ "events": [] }), "webhook-without-events"),
        (json!({ "events": ["ticket.unheard_of"] }), "webhook-event-unknown"),
        (json!({ "events": ["staff.added"] }), "webhook-event-unknown"),
        (json!({ "events": ["ticket.noted"] }), "webhook-event-internal"),
        (json!({ "events": ["*", "sla.breached"] }), "webhook-event-internal"),
    ] {
        assert_eq!(add(fields).await.problem(422, code)["field"], "events");
    }
    for (fields, field) in [
        (json!({ "url": "https://a b/" }), "url"),
        (json!({ "url": 7 }), "url"),
        (json!({ "description": "" }), "description"),
        (json!({ "description": "x".repeat(513) }), "description"),
        (json!({ "events": "*" }), "events"),
        (json!({ "internal": "yes" }), "internal"),
        (json!({ "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" }), "secret"),
    ] {
        assert_eq!(add(fields).await.problem(422, "invalid")["field"], field);
    }
    assert_eq!(desk.head(), 0);
    let nobody = "01890000-0000-7000-8000-000000000000";
    for command in ["change", "rotate-secret", "pause", "resume", "test", "dead-letters/replay"] {
        let call = admin(desk.post(format!("/api/v1/webhooks/{nobody}/{command}"))).json(&json!({}));
        call.await.problem(404, "webhook-not-found");
    }
    for read in ["", "/deliveries", "/dead-letters"] {
        admin(desk.get(format!("/api/v1/webhooks/{nobody}{read}"))).await.problem(404, "webhook-not-found");
    }
    admin(desk.get("/api/v1/webhooks/7")).await.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_room_for_a_bounded_number() {
    let desk = Desk::open().await;
    for number in 0..ENDPOINTS_MAX {
        add(&desk, json!({ "url": format!("https://hooks.example.com/{number}") })).await;
    }
    let one_more = admin(desk.post("/api/v1/webhooks")).json(&json!({ "url": "https://hooks.example.com/" }));
    one_more.await.problem(409, "too-many-webhooks");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_and_cannot_be_read_is_told_without_its_inside() {
    let (desk, receiver) = (sending(anywhere()).await, Receiver::open().await);
    let id = added(&desk, &receiver).await;
    let (kind, letter) = (Kind::DeadLetter, format!("{id}/{:020}", 7));
    let damaged = Change::Put { kind, id: letter, data: "no letter".into(), expires_at: None };
    desk.app.operational.write(&[damaged]).unwrap();
    let read = admin(desk.get(format!("/api/v1/webhooks/{id}/dead-letters")));
    read.await.problem(503, "webhooks-unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn titles_are_told_in_the_language_that_is_asked_for() {
    let (desk, receiver) = (sending(anywhere()).await, Receiver::open().await);
    added(&desk, &receiver).await;
    let call = admin(desk.get("/api/v1/webhooks/01890000-0000-7000-8000-000000000000"));
    let problem = call.header("accept-language", "es").await.problem(404, "webhook-not-found");
    assert_eq!(problem["title"], "No existe ese webhook.");
}
