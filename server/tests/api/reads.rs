//! Every read: what it shows, as of which position, and how it is paged.

use super::desk::{Desk, opening};
use docket_core::time::DurationMs;
use serde_json::{Value, json};
use std::time::Duration;

/// Ticket 1, worked on by ines for a while; ticket 2, which nobody has touched.
async fn desk_with_two_tickets() -> Desk {
    let desk = Desk::open().await;
    let mut first = opening();
    (first["priority"], first["category"]) = (json!("urgent"), json!("billing"));
    first["requester"]["name"] = json!("Noor");
    desk.post("/api/v1/tickets").json(&first).await.ok(201);
    desk.pass(DurationMs::from_minutes(10));
    desk.act(1, "assign", json!({ "to": "ines" })).by("sofia", "supervisor").await.ok(200);
    desk.pass(DurationMs::from_minutes(20));
    let reply = json!({ "body": "\n  Which payments?\nWe see one.", "then_pending": true });
    desk.act(1, "reply", reply).by("ines", "agent").header("docket-team", "billing").await.ok(200);
    desk.ticket().await;
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_shown_as_it_stands() {
    let desk = desk_with_two_tickets().await;
    desk.pass(DurationMs::from_minutes(5));
    let answer = desk.get("/api/v1/tickets/1?at_least=6").await;
    assert_eq!(answer.header("etag"), Some("\"4\""));
    assert_eq!(
        answer.ok(200),
        json!({
            "position": 6, "number": 1, "subject": "Charged twice", "line": "Which payments?",
            "status": "pending", "lane": "pending", "pending_reason": "customer", "priority": "urgent",
            "category": "billing", "team": null, "assignee": "ines", "requester": "noor",
            "requester_name": "Noor", "resolution": null, "sealed": false, "cycle": 1,
            "opened_at": "2026-11-21T09:30:00Z", "updated_at": "2026-11-21T10:00:00Z",
            "waiting_since": null, "badge": null,
            "clock": {
                "target": "first_response", "state": "closed", "breached": false, "approaching": false,
                "due_at": "2026-11-21T10:30:00Z", "breached_at": null, "ended_at": "2026-11-21T10:00:00Z",
                "outcome": "responded", "next_at": null, "remaining_s": null,
            },
            "waiting_for": null, "escalation": null, "merged_into": null, "merged": [], "follows": null, "links": [],
            "snoozed_until": null, "tags": [], "fields": {}, "followers": [], "closing": null,
            "allowed": ["take", "assign", "unassign", "offer", "reply", "note", "customer-reply", "set-pending", "set-open",
                "snooze", "escalate", "resolve", "change-team", "change-priority", "change-category", "tag",
                "set-field", "follow", "link", "merge"],
            "version": 4, "thread_version": 3, "stale": false,
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_shows_what_happened_oldest_first() {
    let desk = desk_with_two_tickets().await;
    let timeline = desk.read("/api/v1/tickets/1/timeline").await;
    let entry = |position: u64, version: u64, event: &str, at: &str, actor: Value, rest: Value| {
        let mut entry = json!({
            "position": position, "version": version, "event": event, "at": at, "recorded_at": at,
            "actor": actor[0], "role": actor[1], "team": actor[2], "imported": false, "internal": false,
            "from": null, "to": null, "reason": null, "through": null, "due_at": null, "source": null, "subject": null,
            "body": null, "file": null,
        });
        entry.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        entry
    };
    let local = json!(["local", "supervisor", null]);
    let sofia = json!(["sofia", "supervisor", null]);
    let ines = json!(["ines", "agent", "billing"]);
    let (opened, assigned, replied) =
        ("2026-11-21T09:30:00Z", "2026-11-21T09:40:00Z", "2026-11-21T10:00:00Z");
    let entries = json!([
        entry(
            1,
            1,
            "ticket.opened",
            opened,
            local,
            json!({ "subject": "Charged twice", "body": "Two payments in March.", "to": "urgent",
                "reason": "billing" })
        ),
        entry(2, 2, "ticket.assigned", assigned, sofia, json!({ "to": "ines" })),
        entry(
            4,
            3,
            "ticket.replied",
            replied,
            ines.clone(),
            json!({ "body": "\n  Which payments?\nWe see one." })
        ),
        entry(5, 4, "ticket.set_pending", replied, ines, json!({ "reason": "customer" })),
    ]);
    assert_eq!(timeline, json!({ "position": 6, "entries": entries, "next": null }));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_staff_may_see_is_marked_as_internal() {
    let desk = desk_with_two_tickets().await;
    let context = json!({ "reason": "complaint", "to": { "supervisor": "sofia" }, "context": "Angry" });
    desk.done(1, "note", json!({ "body": "Called the bank" })).await;
    desk.done(1, "escalate", context).await;
    desk.done(1, "resolve", json!({ "resolution": "solved", "notes": "Bank error" })).await;
    desk.done(1, "reopen", json!({})).await;
    desk.done(1, "resolve", json!({ "resolution": "solved" })).await;
    let timeline = desk.read("/api/v1/tickets/1/timeline?after=5").await;
    let entries = timeline["entries"].as_array().unwrap().iter();
    let marked: Vec<_> = entries.map(|entry| (&entry["event"], &entry["internal"])).collect();
    let expected = ["noted", "escalated", "resolved", "reopened", "resolved"];
    let expected = expected.map(|event| json!(format!("ticket.{event}")));
    let internal = [true, true, true, false, false].map(|internal| json!(internal));
    assert_eq!(marked, expected.iter().zip(&internal).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_is_read_in_pages_without_gap_or_repetition() {
    let desk = Desk::open().await;
    desk.ticket().await;
    for index in 0..10 {
        desk.done(1, "note", json!({ "body": format!("note {index}") })).await;
    }
    desk.settled().await;
    for limit in [1, 3, 11, 500] {
        let (mut after, mut positions) = (0, Vec::new());
        loop {
            let path = format!("/api/v1/tickets/1/timeline?limit={limit}&after={after}");
            let page = desk.get(path).await.ok(200);
            let entries = page["entries"].as_array().unwrap();
            assert!(entries.len() <= limit);
            positions.extend(entries.iter().map(|entry| entry["position"].as_u64().unwrap()));
            let Some(next) = page["next"].as_u64() else { break };
            after = next;
        }
        assert_eq!(positions, (1..=11).collect::<Vec<_>>(), "limit {limit}");
    }
    let beyond = desk.get(format!("/api/v1/tickets/1/timeline?after={}", u64::MAX)).await.ok(200);
    assert_eq!((&beyond["entries"], &beyond["next"]), (&json!([]), &json!(null)));
}

#[tokio::test(flavor = "multi_thread")]
async fn targets_are_shown_with_the_intervals_that_explain_them() {
    let desk = Desk::open().await;
    desk.ticket().await;
    desk.pass(DurationMs::from_hours(3));
    desk.done(1, "change-priority", json!({ "to": "urgent" })).await;
    desk.pass(DurationMs::from_minutes(1));
    let sla = desk.read("/api/v1/tickets/1/sla").await;
    assert_eq!(sla["position"], 2);
    assert_eq!(sla["evaluated_at"], "2026-11-21T12:31:00Z");
    // Exceeded from the start of the new target: missed at the moment of the change.
    let interval = |from: &str, to: Option<&str>, counted: Option<u64>, priority: &str, target: u64| {
        json!({
            "from": from, "to": to, "paused": false, "elapsed_s": counted, "priority": priority,
            "target_s": target, "policy": "default", "policy_version": 1, "schedule": null,
            "schedule_version": null,
        })
    };
    let (start, change) = ("2026-11-21T09:30:00Z", "2026-11-21T12:30:00Z");
    assert_eq!(
        sla["clocks"],
        json!([{
            "target": "first_response", "state": "active", "breached": true, "approaching": false,
            "due_at": "2026-11-21T10:30:00Z", "breached_at": "2026-11-21T12:30:00Z", "ended_at": null,
            "outcome": null, "next_at": null, "remaining_s": -7260, "run": 1, "started_at": start, "elapsed_s": 10_860,
            "left_s": -7260, "first_end": null,
            "intervals": [
                interval(start, Some(change), Some(10_800), "normal", 86_400),
                interval(change, None, None, "urgent", 3600),
            ],
        }])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_is_approaching_until_it_is_missed() {
    let desk = Desk::open().await;
    desk.post("/api/v1/tickets").json(&with_priority("urgent")).await.ok(201);
    desk.settled().await;
    let mut seen = Vec::new();
    // A warning comes a quarter of an hour ahead, and a target is met at the very instant it is due.
    for step_ms in [45 * 60_000 - 1, 1, 15 * 60_000, 1] {
        desk.pass(DurationMs(step_ms));
        let clock = desk.get("/api/v1/tickets/1").await.ok(200)["clock"].take();
        seen.push((clock["approaching"] == true, clock["breached"] == true));
    }
    assert_eq!(seen, [(false, false), (true, false), (true, false), (false, true)]);
}

fn with_priority(priority: &str) -> Value {
    let mut ticket = opening();
    ticket["priority"] = json!(priority);
    ticket
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_long_messages_ends_before_it_is_too_long() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let long = "\u{1}".repeat(60_000);
    for _ in 0..8 {
        desk.done(1, "note", json!({ "body": long })).await;
    }
    desk.settled().await;
    let (mut after, mut lengths) = (0, Vec::new());
    loop {
        let page = desk.get(format!("/api/v1/tickets/1/timeline?after={after}&limit=500")).await.ok(200);
        lengths.push(page["entries"].as_array().unwrap().len());
        let Some(next) = page["next"].as_u64() else { break };
        after = next;
    }
    // Each is 360,000 bytes as JSON, and a page ends with the one that takes it beyond 1 MiB.
    assert_eq!(lengths, [4, 3, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_shows_a_lane_with_the_next_deadline_first_and_counts_all() {
    let desk = Desk::open().await;
    for priority in ["low", "urgent", "normal", "high"] {
        desk.post("/api/v1/tickets").json(&with_priority(priority)).await.ok(201);
    }
    desk.done(4, "assign", json!({ "to": "ines" })).await;
    desk.pass(DurationMs::from_hours(2));
    let queue = desk.read("/api/v1/queue").await;
    assert_eq!((&queue["position"], &queue["evaluated_at"]), (&json!(6), &json!("2026-11-21T11:30:00Z")));
    let lanes = json!([
        { "lane": "new", "tickets": 3, "late": 1 },
        { "lane": "open", "tickets": 1, "late": 0 },
        { "lane": "pending", "tickets": 0, "late": 0 },
        { "lane": "resolved", "tickets": 0, "late": 0 },
    ]);
    assert_eq!(queue["lanes"], lanes);
    let numbers = |queue: &Value| -> Vec<u64> {
        let tickets = queue["tickets"].as_array().unwrap().iter();
        tickets.map(|ticket| ticket["number"].as_u64().unwrap()).collect()
    };
    assert_eq!((numbers(&queue), &queue["next"]), (vec![2, 3, 1], &json!(null)));
    let mut shown = desk.read("/api/v1/tickets/2").await;
    shown.as_object_mut().unwrap().remove("position");
    assert_eq!(queue["tickets"][0], shown, "a row says what the ticket says");
    assert_eq!(numbers(&desk.read("/api/v1/queue?lane=open").await), [4]);
    assert_eq!(numbers(&desk.read("/api/v1/queue?lane=pending").await), [0; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_ticket_is_in_exactly_one_lane() {
    let desk = Desk::open().await;
    for ticket in 1..=8_u64 {
        desk.ticket().await;
        for (bit, (command, body)) in [
            ("assign", json!({ "to": "ines" })),
            ("set-pending", json!({ "reason": "customer" })),
            ("resolve", json!({ "resolution": "spam" })),
        ]
        .into_iter()
        .enumerate()
        {
            if (ticket - 1) >> bit & 1 == 1 {
                desk.done(ticket, command, body).await;
            }
        }
    }
    let mut found = Vec::new();
    for (lane, count) in ["new", "open", "pending", "resolved"].into_iter().zip([1, 1, 2, 4]) {
        let queue = desk.read(&format!("/api/v1/queue?lane={lane}")).await;
        let tickets = queue["tickets"].as_array().unwrap();
        assert_eq!(tickets.len(), count, "{lane}");
        assert!(tickets.iter().all(|ticket| ticket["lane"] == lane));
        let counted = queue["lanes"].as_array().unwrap().iter().find(|counted| counted["lane"] == lane);
        assert_eq!(counted.unwrap()["tickets"], count);
        found.extend(tickets.iter().map(|ticket| ticket["number"].as_u64().unwrap()));
    }
    found.sort_unstable();
    assert_eq!(found, (1..=8).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_is_read_in_pages_without_gap_or_repetition() {
    let desk = Desk::open().await;
    // Two of each deadline, so that pages end between equals too.
    for priority in ["urgent", "high", "normal", "low"].repeat(3) {
        desk.post("/api/v1/tickets").json(&with_priority(priority)).await.ok(201);
    }
    desk.settled().await;
    for limit in [1, 2, 5, 12, 200] {
        let (mut cursor, mut numbers) = (String::new(), Vec::new());
        loop {
            let page = desk.get(format!("/api/v1/queue?limit={limit}{cursor}")).await.ok(200);
            let tickets = page["tickets"].as_array().unwrap();
            assert!(!tickets.is_empty() && tickets.len() <= limit);
            numbers.extend(tickets.iter().map(|ticket| ticket["number"].as_u64().unwrap()));
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&after={next}");
        }
        assert_eq!(numbers, [1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12], "limit {limit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_of_pages_hold_just_below_and_just_above() {
    let desk = Desk::open().await;
    desk.ticket().await;
    desk.settled().await;
    for (path, max) in
        [("/api/v1/queue", 200_u64), ("/api/v1/tickets/1/timeline", 500), ("/api/v1/events", 1000)]
    {
        for limit in [1, max] {
            desk.get(format!("{path}?limit={limit}")).await.ok(200);
        }
        for limit in [0, max + 1, u64::MAX] {
            let refused = desk.get(format!("{path}?limit={limit}")).await;
            assert_eq!(refused.problem(422, "invalid")["field"], "limit", "{path} {limit}");
        }
        for junk in ["-1", "1.0", "ten", "", "18446744073709551616", "1e2", "%31x"] {
            desk.get(format!("{path}?limit={junk}")).await.problem(422, "invalid");
        }
        desk.get(format!("{path}?nope=1")).await.problem(422, "invalid");
        desk.get(format!("{path}?limit=1&limit=2")).await.problem(422, "invalid");
    }
    let wrong_lane = desk.get("/api/v1/queue?lane=NEW").await.problem(422, "invalid");
    assert_eq!(wrong_lane["field"], "lane");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_shows_what_its_writer_wrote() {
    let desk = Desk::on_sqlite().await;
    for index in 1..=20_u64 {
        let position = desk.post("/api/v1/tickets").json(&opening()).await.ok(201)["position"].clone();
        for path in
            ["/api/v1/queue", "/api/v1/reports/metrics", "/api/v1/reports/sla", "/api/v1/reports/response"]
                .map(str::to_owned)
                .into_iter()
                .chain(["", "/timeline", "/sla"].map(|part| format!("/api/v1/tickets/{index}{part}")))
        {
            let shown = desk.get(format!("{path}?at_least={position}")).await.ok(200);
            assert!(shown["position"].as_u64() >= position.as_u64(), "{path}: {shown}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_was_just_opened_is_there_for_whoever_asks_for_no_position() {
    let desk = Desk::on_sqlite().await;
    for index in 1..=20_u64 {
        desk.post("/api/v1/tickets").json(&opening()).await.ok(201);
        let part = ["", "/timeline", "/sla"][index as usize % 3];
        desk.get(format!("/api/v1/tickets/{index}{part}")).await.ok(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_that_does_not_come_is_told_as_behind_and_never_waited_for_longer() {
    let desk = Desk::open().await.with(|app| app.wait_max = Duration::from_millis(1));
    desk.ticket().await;
    desk.settled().await;
    for path in [
        "/api/v1/queue",
        "/api/v1/tickets/1",
        "/api/v1/tickets/1/timeline",
        "/api/v1/tickets/1/sla",
        "/api/v1/reports/metrics",
        "/api/v1/reports/sla",
        "/api/v1/reports/response",
        "/api/v1/reports/response/facts",
    ] {
        for ahead in [2, u64::MAX] {
            desk.get(format!("{path}?at_least={ahead}")).await.problem(503, "behind");
        }
        desk.get(format!("{path}?at_least=1")).await.ok(200);
        desk.get(format!("{path}?at_least=-1")).await.problem(422, "invalid");
    }
}
