//! One command on many tickets: answered for each, and the same key means the same request for all of them.

use super::call::Answer;
use super::desk::Desk;
use super::moody::MoodyStore;
use docket_core::store::AppendError;
use docket_core::text::Body;
use docket_server::api::BULK_MISSED_BYTES_MAX;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::future::IntoFuture;

#[tokio::test(flavor = "multi_thread")]
async fn a_command_on_many_tickets_answers_for_each() {
    let desk = Desk::open().await;
    for _ in 0..3 {
        desk.ticket().await;
    }
    desk.done(2, "resolve", json!({ "resolution": "spam" })).await;
    let bulk = json!({
        "tickets": [{ "ticket": 1 }, { "ticket": 2 }, { "ticket": 3, "version": 1 }, { "ticket": 9 }],
        "command": "assign", "with": { "to": "ines" },
    });
    let answer = desk.post("/api/v1/tickets/bulk").key("k").header("accept-language", "es").json(&bulk).await;
    let told = answer.ok(200);
    assert_eq!((&told["done"], &told["refused"]), (&json!(2), &json!(2)));
    let results = told["results"].as_array().unwrap();
    let numbers: Vec<_> = results.iter().map(|result| result["ticket"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3, 9], "in the order in which they were named");
    assert_eq!((&results[0]["outcome"], &results[0]["version"]), (&json!("appended"), &json!(2)));
    assert_eq!(results[1]["problem"]["code"], "ticket-resolved");
    assert!(results[1]["problem"]["title"].as_str().unwrap().starts_with("El ticket está resuelto"));
    assert_eq!(results[3]["problem"]["code"], "ticket-not-found");
    let head = desk.head();
    assert_eq!(
        (told["position"].as_u64().unwrap(), answer.header("docket-position")),
        (head, Some(&*head.to_string()))
    );
    let again = desk.post("/api/v1/tickets/bulk").key("k").json(&bulk).await.ok(200);
    assert_eq!(again["results"][0]["outcome"], "found");
    assert_eq!(desk.head(), head);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_on_many_tickets_stops_where_the_thread_moved_and_is_read_as_its_own_address_reads_it() {
    let desk = Desk::open().await;
    desk.ticket().await;
    desk.done(1, "customer-reply", json!({ "body": "One more thing" })).await;
    let bulk = |body: Value| desk.post("/api/v1/tickets/bulk").json(&body).into_future();
    let resolve = json!({
        "tickets": [{ "ticket": 1, "version": 1 }], "command": "resolve", "with": { "resolution": "spam" },
    });
    let told = bulk(resolve).await.ok(200);
    let problem = &told["results"][0]["problem"];
    assert_eq!((&problem["code"], &problem["current_version"]), (&json!("thread-moved"), &json!(2)));
    assert_eq!(problem["missed"], json!([desk.log().await[1]]), "as its own address tells it");
    assert_eq!(told["position"], desk.head(), "what a read may wait for, where nothing came of it");
    for (command, with, field) in [
        ("assign", json!({}), "with"),
        ("assign", json!({ "to": 7 }), "with.to"),
        ("take", json!({ "to": "ines" }), "with.to"),
        ("resolve", json!({ "resolution": "No Slug" }), "with.resolution"),
    ] {
        let sent = json!({ "tickets": [{ "ticket": 1 }], "command": command, "with": with });
        assert_eq!(bulk(sent).await.problem(422, "invalid")["field"], field, "{command}");
    }
    let refused = bulk(json!({ "tickets": [], "command": "take" })).await.problem(422, "invalid");
    assert_eq!(refused["field"], "tickets");
    let twice = json!([{ "ticket": 1 }, { "ticket": 2 }, { "ticket": 1 }]);
    let refused = bulk(json!({ "tickets": twice, "command": "take" })).await.problem(422, "invalid");
    assert_eq!(refused["field"], "tickets[2].ticket");
    for (ticket, field) in [
        (json!({ "ticket": 0 }), "tickets[0].ticket"),
        (json!({ "ticket": 1, "version": 0 }), "tickets[0].version"),
    ] {
        let refused = bulk(json!({ "tickets": [ticket], "command": "take" })).await.problem(422, "invalid");
        assert_eq!(refused["field"], field);
    }
    let tags = vec!["vip"; 51];
    desk.act(1, "tag", json!({ "remove": tags })).await.problem(422, "invalid");
}

/// Numbers of which none is named twice, so that nothing but their count can be at fault.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_tickets_are_taken_at_once_and_one_more_is_refused() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let tickets = |count: u64| Vec::from_iter(1..=count);
    let told = bulk(&desk, "most", &tickets(1000), "take", json!({})).await.ok(200);
    let outcomes = outcomes(&told);
    assert_eq!((outcomes.len(), outcomes[0]), (1000, "appended"));
    assert!(outcomes[1..].iter().all(|outcome| *outcome == "ticket-not-found"));
    let head = desk.head();
    let refused = bulk(&desk, "more", &tickets(1001), "take", json!({})).await.problem(422, "invalid");
    assert_eq!(refused["field"], "tickets");
    assert!(refused["detail"].as_str().unwrap().contains("1 to 1000"), "{refused}");
    assert_eq!(desk.head(), head);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_on_many_tickets_that_depends_on_the_thread_says_of_each_what_was_read() {
    let desk = desk_with(3).await;
    let escalate = json!({ "reason": "complaint", "to": { "team": "technical" }, "context": "x" });
    let depending = [
        ("reply", json!({ "body": "It is mended." })),
        ("set-pending", json!({ "reason": "customer" })),
        ("set-open", json!({})),
        ("snooze", json!({ "until": "2026-12-01T00:00:00Z" })),
        ("escalate", escalate),
        ("resolve", json!({ "resolution": "spam" })),
        ("reopen", json!({})),
    ];
    for (command, with) in depending {
        let (head, version) = (desk.head(), desk.read("/api/v1/tickets/2").await["version"].clone());
        let mut sent = json!({
            "tickets": [{ "ticket": 1 }, { "ticket": 2, "version": version }, { "ticket": 3 }],
            "command": command, "with": with,
        });
        let bulk = |sent: &Value| desk.post("/api/v1/tickets/bulk").key(command).json(sent).into_future();
        let told = bulk(&sent).await.ok(200);
        let outcomes = outcomes(&told);
        assert_eq!(
            (outcomes[0], outcomes[2]),
            ("precondition-required", "precondition-required"),
            "{command}"
        );
        assert_eq!(
            (outcomes[1], &told["done"], &told["refused"]),
            ("appended", &json!(1), &json!(2)),
            "{command}"
        );
        let detail = told["results"][0]["problem"]["detail"].as_str().unwrap();
        assert!(detail.contains("whatever_was_said"), "{detail}");
        let log = desk.log().await;
        assert!(log[head as usize..].iter().all(|event| event["stream"] == "ticket-2"), "{command}");
        sent["tickets"] = json!([{ "ticket": 1 }, { "ticket": 3 }]);
        sent["whatever_was_said"] = json!(true);
        let told = desk.post("/api/v1/tickets/bulk").json(&sent).await.ok(200);
        assert_eq!(told["done"], 2, "{command}: {told}");
        assert!(desk.read("/api/v1/tickets/3").await["version"].as_u64() > Some(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_are_offered_and_given_a_field_many_at_once() {
    let desk = desk_with(2).await;
    bulk(&desk, "take", &[1, 2], "take", json!({})).await.ok(200);
    assert_eq!(bulk(&desk, "offer", &[1, 2], "offer", json!({})).await.ok(200)["done"], 2);
    let field = json!({ "field": "order", "to": "A-4711" });
    assert_eq!(bulk(&desk, "field", &[1, 2], "set-field", field).await.ok(200)["done"], 2);
    for number in [1, 2] {
        let ticket = desk.read(&format!("/api/v1/tickets/{number}")).await;
        assert_eq!((&ticket["assignee"], &ticket["fields"]["order"]), (&Value::Null, &json!("A-4711")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_docs_list_every_command_on_many_tickets() {
    let description = Desk::open().await.get("/api/openapi.json").await.ok(200);
    let described = description["components"]["schemas"]["BulkCommand"]["enum"].as_array().unwrap();
    let docs = include_str!("../../../docs/API.md").split("### Many tickets at once").nth(1).unwrap();
    let sentence = docs.split("The commands are ").nth(1).unwrap().split('.').next().unwrap();
    let listed: Vec<_> = sentence.split('`').skip(1).step_by(2).collect();
    assert_eq!(json!(listed), json!(described));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_note_on_many_tickets_is_a_message_of_each() {
    let desk = Desk::open().await;
    for _ in 0..3 {
        desk.ticket().await;
    }
    let tickets = json!([{ "ticket": 1 }, { "ticket": 2 }, { "ticket": 3 }]);
    let sent = json!({ "tickets": tickets, "command": "note", "with": { "body": "Outage" } });
    desk.post("/api/v1/tickets/bulk").json(&sent).await.ok(200);
    let log = desk.log().await;
    let notes = log.iter().filter(|event| event["type"] == "ticket.noted");
    let ids: std::collections::BTreeSet<_> = notes.map(|note| note["data"]["message"].to_string()).collect();
    assert_eq!(ids.len(), 3);
}

/// A command on these tickets, under a key.
async fn bulk(desk: &Desk, key: &str, tickets: &[u64], command: &str, with: Value) -> Answer {
    let tickets: Vec<_> = tickets.iter().map(|ticket| json!({ "ticket": ticket })).collect();
    let sent = json!({ "tickets": tickets, "command": command, "with": with });
    desk.post("/api/v1/tickets/bulk").key(key).json(&sent).await
}

async fn desk_with(tickets: usize) -> Desk {
    let desk = Desk::open().await;
    for _ in 0..tickets {
        desk.ticket().await;
    }
    desk
}

fn outcomes(told: &Value) -> Vec<&str> {
    let results = told["results"].as_array().unwrap().iter();
    results.map(|one| one["outcome"].as_str().or(one["problem"]["code"].as_str()).unwrap()).collect()
}

/// How often each ticket was noted on.
async fn notes(desk: &Desk) -> BTreeMap<String, usize> {
    let mut notes = BTreeMap::new();
    for event in desk.log().await.iter().filter(|event| event["type"] == "ticket.noted") {
        *notes.entry(event["stream"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    notes
}

fn once(tickets: &[u64]) -> BTreeMap<String, usize> {
    tickets.iter().map(|ticket| (format!("ticket-{ticket}"), 1)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_means_the_whole_request_and_another_one_is_refused_as_a_whole() {
    let desk = desk_with(4).await;
    let note = |body: &str| json!({ "body": body });
    bulk(&desk, "k", &[1, 2], "note", note("Outage")).await.ok(200);
    let head = desk.head();
    for (tickets, command, with) in [
        (vec![1, 2], "note", note("Over")),
        (vec![3, 4], "note", note("Outage")),
        (vec![1, 2, 3], "note", note("Outage")),
        (vec![2, 1], "note", note("Outage")),
        (vec![1, 2], "take", json!({})),
    ] {
        let other = bulk(&desk, "k", &tickets, command, with).await;
        other.problem(422, "idempotency-key-reused");
    }
    assert_eq!(desk.head(), head, "nothing was done on any");
    let again = bulk(&desk, "k", &[1, 2], "note", note("Outage")).await.ok(200);
    assert_eq!(outcomes(&again), ["found", "found"]);
    assert_eq!((again["position"].as_u64(), desk.head()), (Some(head), head));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_one_command_and_one_of_many_are_the_same_key_and_no_part_has_one_of_its_own() {
    let desk = desk_with(3).await;
    let note = json!({ "body": "Outage" });
    desk.act(1, "note", note.clone()).key("one").await.ok(200);
    bulk(&desk, "one", &[1, 2], "note", note.clone()).await.problem(422, "idempotency-key-reused");
    bulk(&desk, "many", &[1, 2], "note", note.clone()).await.ok(200);
    desk.act(3, "note", note.clone()).key("many").await.problem(422, "idempotency-key-reused");
    // What looks like the key of a part is somebody's own.
    for key in ["many/1", "many/2", "many/3"] {
        desk.act(3, "note", note.clone()).key(key).await.ok(200);
    }
    bulk(&desk, "many", &[1, 2], "note", note).await.ok(200);
    assert_eq!(notes(&desk).await["ticket-2"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_broke_off_half_way_is_finished_and_nothing_is_done_twice() {
    let tickets: Vec<u64> = (1..=9).collect();
    for done_before in 0..=tickets.len() {
        let mut made = None;
        let desk = Desk::on(|clock| made.insert(MoodyStore::new(clock)).clone()).await;
        let store = made.unwrap();
        for _ in &tickets {
            desk.ticket().await;
        }
        // The first comes to nothing either time, so that another one has to carry the key.
        desk.done(1, "resolve", json!({ "resolution": "spam" })).await;
        store.refuses_after(done_before, AppendError::Closed { why: "the server ended".to_owned() });
        let assign = || bulk(&desk, "k", &tickets, "assign", json!({ "to": "ines" }));
        let told = assign().await.ok(200);
        assert_eq!(told["done"].as_u64(), Some(done_before.min(8) as u64));
        store.is_well();
        if done_before > 0 {
            let other = bulk(&desk, "k", &tickets, "assign", json!({ "to": "omar" })).await;
            other.problem(422, "idempotency-key-reused");
        }
        let told = assign().await.ok(200);
        let found = outcomes(&told).iter().filter(|outcome| **outcome == "found").count();
        assert_eq!((told["done"].as_u64(), found), (Some(8), done_before.min(8)));
        let log = desk.log().await;
        let assigned = log.iter().filter(|event| event["type"] == "ticket.assigned").count();
        assert_eq!(assigned, 8, "after {done_before}");
        assert_eq!(outcomes(&assign().await.ok(200))[1..], ["found"; 8]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_at_the_same_time_is_one_and_of_two_others_with_one_key_one_is_refused() {
    for _ in 0..8 {
        let desk = desk_with(6).await;
        let note = |body: &str| json!({ "body": body });
        let send = || bulk(&desk, "k", &[1, 2, 3, 4, 5, 6], "note", note("Outage"));
        let (one, two, three) = tokio::join!(send(), send(), send());
        for told in [one, two, three] {
            assert_eq!(told.ok(200)["done"], 6);
        }
        assert_eq!(notes(&desk).await, once(&[1, 2, 3, 4, 5, 6]));
        let (one, two) = tokio::join!(
            bulk(&desk, "l", &[1, 2, 3], "tag", json!({ "add": ["one"] })),
            bulk(&desk, "l", &[4, 5, 6], "tag", json!({ "add": ["two"] }))
        );
        let (done, refused) = if one.status == 200 { (one, two) } else { (two, one) };
        assert_eq!(done.ok(200)["done"], 3);
        refused.problem(422, "idempotency-key-reused");
        let log = desk.log().await;
        assert_eq!(log.iter().filter(|event| event["type"] == "ticket.tags_changed").count(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_on_many_long_threads_does_not_make_an_answer_boundless() {
    let desk = desk_with(3).await;
    let (long, each) = ("x".repeat(Body::BYTES_MAX - 1), BULK_MISSED_BYTES_MAX / 3 / Body::BYTES_MAX);
    for ticket in [1, 2, 3] {
        for _ in 0..=each - usize::from(ticket < 3) {
            desk.done(ticket, "customer-reply", json!({ "body": long })).await;
        }
    }
    let tickets: Vec<_> = (1..=3).map(|ticket| json!({ "ticket": ticket, "version": 1 })).collect();
    let sent = json!({ "tickets": tickets, "command": "set-pending", "with": { "reason": "customer" } });
    let told = desk.post("/api/v1/tickets/bulk").json(&sent).await.ok(200);
    let missed = |index: usize| told["results"][index]["problem"]["missed"].as_array().map(Vec::len);
    assert_eq!((missed(0), missed(1), missed(2)), (Some(each), Some(each), None));
    let detail = told["results"][2]["problem"]["detail"].as_str().unwrap();
    assert!(detail.contains("timeline"), "{detail}");
}
