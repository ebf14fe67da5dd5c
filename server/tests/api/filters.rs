//! Filters of the queue, and the cursors of its pages.

use super::desk::{Desk, opening};
use serde_json::{Value, json};

/// Four tickets: two of billing, one of them Ines's; one pending; one resolved.
async fn desk() -> Desk {
    let desk = Desk::open().await;
    for (team, priority) in
        [("billing", "urgent"), ("billing", "low"), ("account", "high"), ("account", "low")]
    {
        let mut fields = opening();
        fields["team"] = json!(team);
        fields["priority"] = json!(priority);
        fields["category"] = json!("billing");
        desk.post("/api/v1/tickets").json(&fields).await.ok(201);
    }
    desk.done(2, "assign", json!({ "to": "ines" })).await;
    desk.done(3, "assign", json!({ "to": "omar" })).await;
    desk.done(3, "set-pending", json!({ "reason": "customer" })).await;
    desk.done(4, "resolve", json!({ "resolution": "spam" })).await;
    desk.done(1, "tag", json!({ "add": ["vip", "outage"] })).await;
    desk.done(2, "tag", json!({ "add": ["vip", "old"] })).await;
    desk.done(2, "tag", json!({ "remove": ["old"] })).await;
    desk.settled().await;
    desk
}

fn numbers(queue: &Value) -> Vec<u64> {
    queue["tickets"].as_array().unwrap().iter().map(|ticket| ticket["number"].as_u64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_shows_and_counts_what_fits() {
    let desk = desk().await;
    for (filter, expected) in [
        ("", vec![1, 2, 3, 4]),
        ("team:billing", vec![1, 2]),
        ("assignee:me", vec![2]),
        ("-assignee:nobody", vec![2, 3]),
        ("status:pending status:resolved", vec![3, 4]),
        ("priority:urgent -team:account category:billing", vec![1]),
        ("requester:noor priority:high", vec![3]),
        ("is:late", vec![]),
        ("tag:vip", vec![1, 2]),
        ("tag:vip -tag:outage", vec![2]),
        ("tag:outage tag:vip team:billing", vec![1, 2]),
        ("tag:none", vec![3, 4]),
        ("-tag:none assignee:nobody", vec![1]),
        ("tag:old", vec![]),
    ] {
        let filter = filter.replace(' ', "%20");
        let queue = desk.get(format!("/api/v1/queue?filter={filter}")).by("ines", "agent").await.ok(200);
        assert_eq!(numbers(&queue), expected, "{filter}");
        assert_eq!(queue["matching"], json!({ "tickets": expected.len(), "late": 0 }), "{filter}");
        assert_eq!(queue["lanes"][0]["tickets"], 1, "lanes are counted whether they fit or not");
    }
    let lane = desk.get("/api/v1/queue?lane=open&filter=team:billing").await.ok(200);
    assert_eq!((numbers(&lane), &lane["matching"]["tickets"]), (vec![2], &json!(1)));
    assert_eq!(desk.get("/api/v1/queue").await.ok(200)["matching"], json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn followers_and_what_became_of_tickets_are_asked_for() {
    let desk = Desk::open().await;
    for _ in 0..5 {
        desk.ticket().await;
    }
    for (ticket, who) in [(1, "ines"), (1, "o'hara"), (2, "o'hara")] {
        let follow = desk.post(format!("/api/v1/tickets/{ticket}/follow")).by(who, "agent");
        follow.json(&json!({})).await.ok(200);
    }
    let escalate = json!({ "reason": "complaint", "to": { "team": "account" }, "context": "x" });
    desk.done(2, "escalate", escalate).await;
    desk.done(3, "snooze", json!({ "until": "2026-11-30T00:00:00Z" })).await;
    desk.done(4, "merge", json!({ "into": 1 })).await;
    desk.settled().await;
    for (filter, expected) in [
        ("follower:me", vec![1]),
        ("follower:o'hara", vec![1, 2]),
        ("follower:o'hara -follower:me", vec![2]),
        ("follower:nobody", vec![3, 4, 5]),
        ("follower:me follower:nobody -is:merged", vec![1, 3, 5]),
        ("is:escalated", vec![2]),
        ("is:snoozed", vec![3]),
        ("is:merged", vec![4]),
        ("is:merged is:escalated is:late", vec![2, 4]),
        ("-is:merged -is:escalated -is:snoozed", vec![1, 5]),
        ("is:escalated follower:ines", vec![]),
    ] {
        let address = format!("/api/v1/queue?filter={}", filter.replace(' ', "%20"));
        let queue = desk.get(address).by("ines", "agent").await.ok(200);
        let mut found = numbers(&queue);
        found.sort_unstable();
        assert_eq!(found, expected, "{filter}");
        assert_eq!(queue["matching"]["tickets"], expected.len(), "{filter}");
        let address = format!("/api/v1/search?q=payments%20{}", filter.replace(' ', "%20"));
        let search = desk.get(address).by("ines", "agent").await.ok(200);
        assert_eq!(search["tickets"], expected.len(), "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_that_is_not_understood_is_told_with_its_place() {
    let desk = desk().await;
    for (filter, detail) in [
        (
            "team:billing%20status:opn",
            "character 14: \"opn\" is not taken; use new, open, pending or resolved",
        ),
        ("refund", "character 1: \"refund\" is no operator; write it as name:value, with lane, status,"),
        ("colour:red", "character 1: there is no operator \"colour\"; use lane, status,"),
        ("team:%22a", "character 6: the quotation mark of \"a\" is not closed; add another one"),
        ("%00", "character 1: a control character is not taken; leave it out"),
    ] {
        let refused = desk.get(format!("/api/v1/queue?filter={filter}")).await;
        let problem = refused.problem(422, "filter-not-understood");
        assert_eq!(problem["field"], "filter");
        assert!(problem["detail"].as_str().unwrap().starts_with(detail), "{problem}");
    }
    let long = "w".repeat(1025);
    desk.get(format!("/api/v1/queue?filter={long}")).await.problem(422, "filter-not-understood");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_is_read_in_pages_that_say_where_the_reading_began() {
    let desk = desk().await;
    let first = desk.get("/api/v1/queue?filter=category:billing&limit=3").await.ok(200);
    assert_eq!((numbers(&first), &first["moved"]), (vec![1, 2, 3], &json!(false)));
    assert_eq!(first["began_at"], first["position"]);
    let head = desk.done(1, "assign", json!({ "to": "ines" })).await;
    desk.settled().await;
    let next = first["next"].as_str().unwrap();
    let page = desk.get(format!("/api/v1/queue?filter=category:billing&limit=3&after={next}")).await.ok(200);
    assert_eq!((numbers(&page), &page["next"]), (vec![4], &json!(null)));
    assert_eq!((&page["began_at"], &page["position"]), (&first["position"], &json!(head)));
    assert_eq!(page["moved"], true);
    // Written otherwise, it is the same query.
    let same = format!("/api/v1/queue?filter=%20Category:BILLING&limit=1&after={next}");
    assert_eq!(numbers(&desk.get(same).await.ok(200)), [4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_was_changed_or_is_of_another_query_is_refused() {
    let desk = desk().await;
    for _ in 0..2 {
        desk.ticket().await;
    }
    desk.settled().await;
    let first = desk.get("/api/v1/queue?limit=1").await.ok(200);
    let next = first["next"].as_str().unwrap().to_owned();
    for (index, digit) in next.char_indices() {
        let mut changed = next.clone();
        changed.replace_range(index..=index, if digit == '0' { "1" } else { "0" });
        let refused = desk.get(format!("/api/v1/queue?limit=1&after={changed}")).await;
        assert_eq!(refused.problem(422, "cursor-not-valid")["field"], "after", "digit {index}");
    }
    for bad in ["", "0", "1_1", &next[1..], &format!("{next}0"), "%C3%A9%F0", &"%2B1".repeat(56)] {
        desk.get(format!("/api/v1/queue?after={bad}")).await.problem(422, "cursor-not-valid");
    }
    for other in ["lane=open", "filter=team:billing", "filter=", "lane=new&filter="] {
        let refused = desk.get(format!("/api/v1/queue?{other}&after={next}")).await;
        assert_eq!(refused.problem(422, "cursor-of-another-query")["field"], "after", "{other}");
    }
    let other = desk.get(format!("/api/v1/queue?after={next}")).by("omar", "agent").await;
    other.problem(422, "cursor-of-another-query");
    desk.get(format!("/api/v1/queue?limit=2&after={next}")).await.ok(200);
    // Another server has another key.
    let elsewhere = self::desk().await;
    elsewhere.get(format!("/api/v1/queue?after={next}")).await.problem(422, "cursor-not-valid");
}
