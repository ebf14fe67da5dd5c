//! Endpoints that answer wrongly, slowly or not at all, for hours.

use super::receiver::{Received, Receiver, Reply};
use super::support::{
    act, added, admin, anywhere, outbox, pass_to_next, sending, show, until, until_failed, until_paused,
    until_sent,
};
use docket_core::time::DurationMs;
use docket_server::webhooks::outbox::Health;
use docket_server::webhooks::post::{Limits, Poster};
use docket_server::webhooks::progress::LINES_MAX;
use serde_json::json;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_answers_500_for_a_day_is_paused_and_what_it_missed_can_be_sent_again() {
    let (desk, receiver) = (sending(anywhere()).await, Receiver::open().await);
    let id = added(&desk, &receiver).await;
    receiver.always(Reply::Status(500));
    desk.ticket().await;
    desk.done(1, "assign", json!({ "to": "ines" })).await;
    let began = desk.app.now();
    let mut attempts = 1;
    let first = receiver.next().await;
    loop {
        let health = until_failed(&desk, &id, attempts.min(100)).await;
        if health.dead_letters > 0 {
            break;
        }
        assert_eq!(show(&desk, &id).await["state"], "active");
        pass_to_next(&desk, &health);
        assert_eq!(receiver.next().await.id(), first.id(), "only the first of the ticket is tried");
        attempts += 1;
    }
    assert_eq!(desk.app.now().since(began), DurationMs::from_hours(24));
    assert!(attempts > 20, "{attempts}");
    let shown = until_paused(&desk, &id).await;
    assert_eq!((&shown["reason"], &shown["dead_letters"]), (&json!("failing"), &json!(1)));
    assert_eq!(shown["last_failure"]["what"], "status-500");
    let log = desk.log().await;
    let paused = log.last().unwrap();
    assert_eq!((&paused["type"], &paused["data"]["reason"]), (&json!("webhook.paused"), &json!("failing")));
    assert_eq!(paused["actor"], json!({ "id": "webhooks", "role": "system" }));

    let letters = admin(desk.get(format!("/api/v1/webhooks/{id}/dead-letters"))).await.ok(200);
    let letter = &letters["dead_letters"][0];
    assert_eq!((&letters["total"], &letter["position"]), (&json!(1), &json!(first.position())));
    assert_eq!((&letter["attempts"], &letter["what"]), (&json!(attempts), &json!("status-500")));
    // Nothing is sent while it is paused, however long.
    receiver.always(Reply::Status(200));
    desk.pass(DurationMs::from_hours(1000));
    let replayed = act(&desk, &id, "dead-letters/replay", json!({})).await;
    assert_eq!((&replayed["replayed"], &replayed["left"]), (&json!(1), &json!(0)));
    assert!(receiver.rest().await.is_empty());
    act(&desk, &id, "resume", json!({})).await;
    let late = receiver.take(2).await;
    assert_eq!((late[0].id(), late[1].kind().as_str()), (first.id(), "ticket.assigned"));
    until_sent(&desk, &id).await;
    let shown = show(&desk, &id).await;
    assert_eq!((&shown["state"], &shown["failing_since"]), (&json!("active"), &json!(null)));
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_listed_in_pages_and_sent_again_one_or_all() {
    let (desk, receiver) = (sending(anywhere()).await, Receiver::open().await);
    let id = added(&desk, &receiver).await;
    // Another ticket gets through meanwhile, so it is not the whole endpoint that fails.
    receiver.answers(|received| Reply::Status(if received.ticket() == 4 { 200 } else { 500 }));
    for _ in 0..4 {
        desk.ticket().await;
    }
    until_failed(&desk, &id, 4).await;
    desk.pass(DurationMs::from_hours(23));
    until_failed(&desk, &id, 7).await;
    desk.done(4, "assign", json!({ "to": "ines" })).await;
    until(&desk, &id, |health| health.progress.failing_since.is_none()).await;
    desk.pass(DurationMs::from_hours(1));
    until(&desk, &id, |health| health.dead_letters == 3).await;
    assert_eq!(show(&desk, &id).await["state"], "active");
    let page = |query: &str| admin(desk.get(format!("/api/v1/webhooks/{id}/dead-letters{query}")));
    let first = page("?limit=2").await.ok(200);
    assert_eq!(first["dead_letters"].as_array().unwrap().len(), 2);
    let second = page(&format!("?limit=2&after={}", first["next"])).await.ok(200);
    assert_eq!((second["dead_letters"].as_array().unwrap().len(), &second["next"]), (1, &json!(null)));
    for limit in ["0", "101"] {
        page(&format!("?limit={limit}")).await.problem(422, "invalid");
    }
    receiver.rest().await;
    receiver.always(Reply::Status(200));
    let position = second["dead_letters"][0]["position"].clone();
    let one = act(&desk, &id, "dead-letters/replay", json!({ "positions": [position, 99999] })).await;
    assert_eq!((&one["replayed"], &one["left"]), (&json!(1), &json!(2)));
    assert_eq!(receiver.next().await.position(), position);
    let rest = act(&desk, &id, "dead-letters/replay", json!({})).await;
    assert_eq!((&rest["replayed"], &rest["left"]), (&json!(2), &json!(0)));
    receiver.take(2).await;
    until_sent(&desk, &id).await;
    let again = act(&desk, &id, "dead-letters/replay", json!({})).await;
    assert_eq!(again["replayed"], 0);
    for positions in [json!([]), json!(vec![1; 101])] {
        let call = admin(desk.post(format!("/api/v1/webhooks/{id}/dead-letters/replay")));
        call.json(&json!({ "positions": positions })).await.problem(422, "invalid");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_says_it_is_gone_is_paused_at_once_and_nothing_is_lost() {
    let (desk, receiver) = (sending(anywhere()).await, Receiver::open().await);
    let id = added(&desk, &receiver).await;
    receiver.always(Reply::Status(410));
    desk.ticket().await;
    assert_eq!(until_paused(&desk, &id).await["reason"], "gone");
    let first = receiver.next().await;
    receiver.always(Reply::Status(200));
    act(&desk, &id, "resume", json!({})).await;
    assert_eq!(receiver.next().await.id(), first.id());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_hangs_or_answers_nonsense_is_given_up_in_time_and_tried_again() {
    let limits = Limits { total: Duration::from_millis(300), ..anywhere().limits };
    let (desk, receiver) = (sending(Poster { limits, ..anywhere() }).await, Receiver::open().await);
    let id = added(&desk, &receiver).await;
    let endless = [b"HTTP/1.1 200 x\r\n".to_vec(), b"a: b\r\n".repeat(9000)].concat();
    let long = format!("HTTP/1.1 200 x\r\na: {}\r\n\r\n", "b".repeat(100_000)).into_bytes();
    let mut attempts = 0;
    for (reply, what) in [
        (Reply::Hang, "timed-out"),
        (Reply::Raw(Vec::new()), "broken-answer"),
        (Reply::Raw(b"220 smtp.example.com ESMTP\r\n".to_vec()), "broken-answer"),
        (Reply::Raw(b"HTTP/1.1 200".to_vec()), "broken-answer"),
        (Reply::Raw(endless), "broken-answer"),
        (Reply::Raw(long), "broken-answer"),
        (Reply::Status(199), "timed-out"),
        (Reply::Status(302), "status-302"),
        (Reply::Status(429), "status-429"),
    ] {
        receiver.always(reply.clone());
        if attempts == 0 {
            desk.ticket().await;
        } else {
            pass_to_next(&desk, &outbox(&desk, &id).health());
        }
        attempts += 1;
        let health = until_failed(&desk, &id, attempts).await;
        let failure = health.progress.last_failure.unwrap().what;
        // Nothing but a first line of another kind may also be taken for an answer that ends.
        let expected = if failure == "broken-answer" && what == "timed-out" { "broken-answer" } else { what };
        assert_eq!(failure, expected, "{reply:?}");
    }
    // Of an answer that never ends only the head is read.
    receiver.always(Reply::Raw(b"HTTP/1.1 200 x\r\ncontent-length: 9999999999\r\n\r\nxxx".to_vec()));
    pass_to_next(&desk, &outbox(&desk, &id).health());
    until_sent(&desk, &id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_a_failure_like_any_other() {
    let (desk, receiver) = (sending(anywhere()).await, Receiver::open().await);
    let url = format!("http://127.0.0.1:{}/", super::network::closed_port().await);
    let (id, _) = super::support::add(&desk, json!({ "url": url })).await;
    desk.ticket().await;
    let health = until_failed(&desk, &id, 1).await;
    assert_eq!(health.progress.last_failure.unwrap().what, "no-connection");
    act(&desk, &id, "change", json!({ "url": receiver.url() })).await;
    pass_to_next(&desk, &outbox(&desk, &id).health());
    assert_eq!(receiver.next().await.ticket(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_what_may_wait_the_endpoint_waits_at_its_place_in_the_log_and_loses_nothing() {
    let (desk, receiver) = (sending(anywhere()).await, Receiver::open().await);
    let id = added(&desk, &receiver).await;
    receiver.always(Reply::Status(500));
    let tickets = LINES_MAX + 40;
    for _ in 0..tickets {
        desk.ticket().await;
    }

    let full = |health: &Health| health.progress.lines.len() == LINES_MAX && health.progress.under_way() == 0;
    let health = until(&desk, &id, full).await;
    assert!(health.progress.cursor < desk.app.head());
    assert!(desk.get("/metrics").await.text().contains("docket_webhook_events_waiting 256"));
    receiver.rest().await;
    receiver.always(Reply::Status(200));
    desk.pass(DurationMs::from_minutes(1));
    let mut sent: Vec<_> = receiver.take(tickets).await.iter().map(Received::ticket).collect();
    sent.sort_unstable();
    assert_eq!(sent, Vec::from_iter(1..=tickets as u64));
    until_sent(&desk, &id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_are_shown_with_what_came_of_them() {
    let (desk, receiver) = (sending(anywhere()).await, Receiver::open().await);
    let id = added(&desk, &receiver).await;
    receiver.always(Reply::Status(500));
    desk.ticket().await;
    let health = until_failed(&desk, &id, 1).await;
    receiver.always(Reply::Status(200));
    pass_to_next(&desk, &health);
    until_sent(&desk, &id).await;
    let shown = admin(desk.get(format!("/api/v1/webhooks/{id}/deliveries"))).await.ok(200);
    let deliveries = shown["deliveries"].as_array().unwrap();
    let whats: Vec<_> = deliveries.iter().map(|delivery| delivery["what"].as_str().unwrap()).collect();
    assert_eq!(whats, ["delivered", "status-500"]);
    assert_eq!((&deliveries[0]["ticket"], &deliveries[0]["position"]), (&json!(1), &json!(2)));
}
