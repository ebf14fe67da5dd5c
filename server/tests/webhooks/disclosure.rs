//! What leaves the house and what does not: a canary in every text that only the staff may read.

use super::receiver::{Received, Receiver, Reply};
use super::support::{act, add, anywhere, pass_to_next, sending, until, until_failed, until_sent};
use docket_core::time::DurationMs;
use docket_server::app::App;
use docket_server::reactor::sla_timer;
use serde_json::json;

const CANARY: &str = "canary-7f3a";

async fn breach(app: &App) {
    while sla_timer::turn(app).await == sla_timer::Turn::Noted {}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_the_staff_may_know_is_sent_to_internal_endpoints_alone() {
    let desk = sending(anywhere()).await;
    let (outside, inside) = (Receiver::open().await, Receiver::open().await);
    let (out, _) = add(&desk, json!({ "url": outside.url() })).await;
    let (within, _) = add(&desk, json!({ "url": inside.url(), "internal": true })).await;
    desk.ticket().await;
    desk.done(1, "assign", json!({ "to": "ines" })).await;
    let file =
        desk.post(format!("/api/v1/attachments?name={CANARY}.txt")).header("content-type", "text/plain");
    let file = file.raw("for the staff").await.ok(201)["digest"].clone();
    desk.done(1, "note", json!({ "body": CANARY, "attachments": [{ "digest": file }] })).await;
    let escalation = json!({ "reason": "complaint", "to": { "team": "billing" }, "context": CANARY });
    desk.done(1, "escalate", escalation).await;
    desk.done(1, "return", json!({ "context": CANARY })).await;
    desk.done(1, "assign", json!({ "to": "ines" })).await;
    desk.pass(DurationMs::from_hours(100));
    breach(&desk.app).await;
    desk.done(1, "reply", json!({ "body": "for the customer" })).await;
    desk.done(1, "resolve", json!({ "resolution": "solved", "notes": CANARY })).await;
    until_sent(&desk, &out).await;
    until_sent(&desk, &within).await;
    let (sent, told) = (outside.rest().await, inside.rest().await);
    for received in &sent {
        assert!(!String::from_utf8_lossy(&received.body).contains(CANARY), "{}", received.json());
        assert!(!received.headers.values().any(|value| value.contains(CANARY)));
    }
    let kinds = |all: &[Received]| Vec::from_iter(all.iter().map(Received::kind));
    let outside_knows = kinds(&sent);
    assert_eq!(outside_knows.iter().filter(|kind| kind.starts_with("sla.")).count(), 0);
    for kind in ["ticket.noted", "ticket.attached"] {
        assert!(!outside_knows.contains(&kind.to_owned()), "{outside_knows:?}");
    }
    for kind in ["ticket.escalated", "ticket.returned", "ticket.resolved", "ticket.replied"] {
        assert!(outside_knows.contains(&kind.to_owned()), "{outside_knows:?}");
    }
    let with_canary: Vec<_> = told
        .iter()
        .filter(|received| String::from_utf8_lossy(&received.body).contains(CANARY))
        .map(Received::kind)
        .collect();
    let told_of_the_staff =
        ["ticket.noted", "ticket.attached", "ticket.escalated", "ticket.returned", "ticket.resolved"];
    assert_eq!(with_canary, told_of_the_staff);
    assert!(kinds(&told).contains(&"sla.breached".to_owned()), "{:?}", kinds(&told));
    let all = desk.log().await;
    let of_tickets = |record: &&serde_json::Value| record["stream"].as_str().unwrap().ends_with("-1");
    assert_eq!(told.len(), all.iter().filter(of_tickets).count());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_judged_by_what_may_be_known_when_it_is_sent() {
    let (desk, receiver) = (sending(anywhere()).await, Receiver::open().await);
    let (id, _) = add(&desk, json!({ "url": receiver.url(), "internal": true })).await;
    receiver.always(Reply::Status(500));
    desk.ticket().await;
    desk.done(1, "note", json!({ "body": CANARY })).await;
    until_failed(&desk, &id, 1).await;
    until(&desk, &id, |health| health.progress.waiting() == 2).await;
    act(&desk, &id, "change", json!({ "internal": false })).await;
    receiver.rest().await;
    receiver.always(Reply::Status(200));
    let health = until(&desk, &id, |health| health.progress.under_way() == 0).await;
    pass_to_next(&desk, &health);
    until_sent(&desk, &id).await;
    let kinds: Vec<_> = receiver.rest().await.iter().map(Received::kind).collect();
    assert_eq!(kinds, ["ticket.opened"]);
}
