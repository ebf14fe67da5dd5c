//! The reports, and the commands that look after read models.

use super::desk::{Desk, opening};
use docket_core::time::DurationMs;
use serde_json::{Value, json};

/// Three tickets: one answered and resolved by ines, one answered late by bob, one that waits; these two are escalated, and
/// the first of them is acknowledged.
async fn desk_with_history() -> Desk {
    let desk = Desk::open().await;
    for priority in ["urgent", "urgent", "low"] {
        let mut ticket = opening();
        ticket["priority"] = json!(priority);
        ticket["category"] = json!(if priority == "low" { "other" } else { "billing" });
        desk.post("/api/v1/tickets").json(&ticket).await.ok(201);
    }
    desk.done(1, "assign", json!({ "to": "ines" })).await;
    desk.pass(DurationMs::from_minutes(30));
    desk.act(1, "reply", json!({ "body": "x" })).by("ines", "agent").await.ok(200);
    desk.pass(DurationMs::from_minutes(60));
    desk.act(2, "reply", json!({ "body": "x" })).by("bob", "agent").await.ok(200);
    desk.act(1, "resolve", json!({ "resolution": "solved" })).by("ines", "agent").await.ok(200);
    let escalation = json!({ "reason": "complaint", "to": { "team": "technical" }, "context": "third time" });
    for ticket in [2, 3] {
        desk.act(ticket, "escalate", escalation.clone()).by("ines", "agent").await.ok(200);
    }
    desk.pass(DurationMs::from_minutes(15));
    desk.act(2, "acknowledge", json!({})).by("sofia", "supervisor").await.ok(200);
    desk
}

fn figures(n: u64, seconds: Option<f64>) -> Value {
    match seconds {
        None => json!({ "n": 0, "sum_s": 0 }),
        Some(s) => json!({ "n": n, "sum_s": s as i64, "mean_s": s, "p50_s": s, "p90_s": s, "p95_s": s }),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_gives_figures_for_all_and_by_group() {
    let desk = desk_with_history().await;
    let report = desk.read("/api/v1/reports/metrics").await;
    assert_eq!((&report["position"], &report["tickets"]), (&json!(desk.head()), &json!(3)));
    let billing = json!({
        "first_response": { "n": 2, "sum_s": 7200, "mean_s": 3600.0, "p50_s": 3600.0, "p90_s": 5040.0,
            "p95_s": 5220.0 },
        "first_resolution": figures(1, Some(5400.0)), "full_resolution": figures(1, Some(5400.0)),
        "still_open": 1, "reopened_tickets": 0, "reopenings": 0,
        "hand_over": figures(1, Some(900.0)), "hand_overs_acknowledged": 1, "hand_overs_open": 0, "escalations": 1,
    });
    assert_eq!(report["groups"]["billing"], billing);
    let questions = json!({
        "first_response": figures(0, None), "first_resolution": figures(0, None),
        "full_resolution": figures(0, None), "still_open": 1, "reopened_tickets": 0, "reopenings": 0,
        "hand_over": figures(0, None), "hand_overs_acknowledged": 0, "hand_overs_open": 1, "escalations": 1,
    });
    assert_eq!(report["groups"]["other"], questions);
    assert_eq!(report["all"]["first_response"], billing["first_response"]);
    assert_eq!(report["all"]["still_open"], 2);
    let by_agent = desk.read("/api/v1/reports/metrics?group_by=agent").await;
    assert_eq!(by_agent["groups"]["ines"]["first_response"], figures(1, Some(1800.0)));
    let by_priority = desk.read("/api/v1/reports/metrics?group_by=priority").await;
    assert_eq!(by_priority["groups"]["urgent"]["full_resolution"]["n"], 1);
    let by_team = desk.read("/api/v1/reports/metrics?group_by=team").await;
    let technical = &by_team["groups"]["technical"];
    assert_eq!((&technical["hand_over"], &technical["escalations"]), (&figures(1, Some(900.0)), &json!(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_counts_the_tickets_opened_in_a_half_open_range() {
    let desk = desk_with_history().await;
    desk.ticket().await;
    for (range, tickets) in [
        ("from=2026-11-21T09:30:00Z", 4),
        ("from=2026-11-21T09:30:00.001Z", 1),
        ("until=2026-11-21T09:30:00Z", 0),
        ("from=2026-11-21T10:30:00%2B01:00&until=2026-11-21T11:00:00Z", 3),
        ("from=0001-01-01T00:00:00Z&until=9999-12-31T23:59:59Z", 4),
        ("from=2026-11-22T00:00:00Z&until=2026-11-20T00:00:00Z", 0),
    ] {
        let report = desk.read(&format!("/api/v1/reports/metrics?{range}")).await;
        assert_eq!(report["tickets"], tickets, "{range}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_on_what_cannot_be_is_refused() {
    let desk = Desk::open().await;
    for (query, field) in [
        ("group_by=mood", "group_by"),
        ("from=yesterday", "from"),
        ("from=2026-11-21", "from"),
        ("until=2026-02-30T00:00:00Z", "until"),
        ("until=10000-01-01T00:00:00Z", "until"),
        ("from=2026-11-21T09:30:00", "from"),
    ] {
        let refused = desk.get(format!("/api/v1/reports/metrics?{query}")).await;
        assert_eq!(refused.problem(422, "invalid")["field"], field, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attainment_counts_every_target_once() {
    let desk = desk_with_history().await;
    let attainment = desk.read("/api/v1/reports/sla").await;
    let expected = json!({
        "covers": "everything", "position": desk.head(), "met": 1, "missed": 1, "fulfilled_by_resolution": 0, "resolved_late": 0, "cancelled": 0,
        "running": 1,
    });
    assert_eq!(attainment, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_projectors_are_listed_with_where_they_stand() {
    let desk = desk_with_history().await;
    desk.settled().await;
    let list = desk.get("/api/v1/projections").await.ok(200);
    let names: Vec<&str> = list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        ["queue", "timeline", "sla", "metrics", "directory", "search", "due", "roster", "reports"]
    );
    for one in list.as_array().unwrap() {
        let hash = one["state_hash"].as_str().unwrap();
        assert_eq!(hash.len(), 32);
        let expected = json!({
            "name": one["name"], "phase": "live", "why": null, "position": desk.head(), "lag_events": 0,
            "lag_s": 0, "state_hash": hash, "quarantined_tickets": 0, "quarantined": [], "rebuild": null, "can_roll_back": false,
        });
        assert_eq!(*one, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_model_is_rebuilt_compared_and_rolled_back() {
    let desk = desk_with_history().await;
    desk.settled().await;
    for name in ["queue", "timeline", "sla", "metrics", "directory", "search", "due", "roster", "reports"] {
        let at = format!("/api/v1/projections/{name}");
        desk.post(format!("{at}/roll-back")).await.problem(409, "nothing-to-roll-back");
        let rebuilt = desk.post(format!("{at}/rebuild")).await.ok(200);
        let digest = rebuilt["digest"].as_str().unwrap();
        let expected =
            json!({ "position": desk.head(), "digest": digest, "served": digest, "took_over": true });
        assert_eq!(rebuilt, expected, "{name}");
        assert_eq!(desk.post(format!("{at}/roll-back")).await.ok(200), json!(true));
        assert_eq!(desk.post(format!("{at}/rebuild?accept_difference=true")).await.ok(200), expected);
        desk.post(format!("{at}/rebuild?accept=true")).await.problem(422, "invalid");
        assert_eq!(desk.post(format!("{at}/retry/1")).await.ok(200), json!(true), "nothing was set aside");
    }
    desk.ticket().await;
    assert_eq!(desk.read("/api/v1/queue").await["lanes"][0]["tickets"], 3, "what rolled back goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_model_that_is_not_there_is_not_found() {
    let desk = Desk::open().await;
    for path in [
        "nope/rebuild",
        "nope/roll-back",
        "nope/retry/1",
        "Queue/rebuild",
        "%FF/rebuild",
        "..%2Fqueue/rebuild",
    ] {
        desk.post(format!("/api/v1/projections/{path}")).await.problem(404, "not-found");
    }
    desk.post("/api/v1/projections/queue/retry/99").await.problem(404, "ticket-not-found");
    for number in ["0", "-1", "007", "x", "18446744073709551616", "%FF"] {
        let answer = desk.post(format!("/api/v1/projections/queue/retry/{number}")).await;
        assert_eq!(answer.status, 404, "{number}");
        answer.check_problem();
    }
}
