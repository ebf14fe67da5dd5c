//! Clocks under policies of one's own: the order of the queue, what each row says, and why something is due then.

use super::desk::{Desk, NOW, opening};
use docket_core::time::DurationMs;
use serde_json::{Value, json};

/// The targets that Docket ships with, and others beside them.
fn policy(more: impl Fn(&str) -> Value) -> Value {
    let hours = [("urgent", 1), ("high", 4), ("normal", 24), ("low", 48)];
    let targets = hours.map(|(priority, hours)| {
        let mut targets = json!({ "first_response_s": hours * 3600 });
        let more = more(priority);
        targets.as_object_mut().unwrap().extend(
            more.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())),
        );
        (priority.to_owned(), targets)
    });
    let targets: serde_json::Map<String, Value> = targets.into_iter().collect();
    json!({ "label": { "en": "Ours", "es": "La nuestra" }, "targets": targets })
}

async fn publish(desk: &Desk, path: &str, content: Value, effective_at: Option<String>) {
    let mut body = json!({ "content": content, "reason": "as agreed" });
    if let Some(at) = effective_at {
        body["effective_at"] = json!(at);
    }
    desk.post(format!("/api/v1/settings/{path}/publish")).by("alma", "admin").json(&body).await.ok(200);
}

async fn open(desk: &Desk, priority: &str) -> u64 {
    let mut opening = opening();
    opening["priority"] = json!(priority);
    let ticket = desk.post("/api/v1/tickets").json(&opening).await.ok(201)["ticket"].as_u64().unwrap();
    desk.done(ticket, "assign", json!({ "to": "ines" })).await;
    ticket
}

/// The tickets of a lane in its order, each with the target of its clock and how that stands.
async fn lane(desk: &Desk, lane: &str) -> Vec<(u64, String, String)> {
    let page = desk.read(&format!("/api/v1/queue?lane={lane}")).await;
    let word = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    let rows = page["tickets"].as_array().unwrap().iter();
    let row = |row: &Value| {
        let clock = &row["clock"];
        let stands = match (clock["breached"] == true, clock["approaching"] == true) {
            (true, _) => "missed".to_owned(),
            (false, true) => "near".to_owned(),
            (false, false) => word(&clock["state"]),
        };
        (row["number"].as_u64().unwrap(), word(&clock["target"]), stands)
    };
    rows.map(row).collect()
}

fn rows<const N: usize>(rows: [(u64, &str, &str); N]) -> Vec<(u64, String, String)> {
    rows.map(|(ticket, target, stands)| (ticket, target.to_owned(), stands.to_owned())).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_is_in_the_order_of_what_is_due_next_on_each_ticket() {
    let desk = Desk::open().await;
    for priority in ["urgent", "normal", "high"] {
        open(&desk, priority).await;
    }
    desk.done(1, "reply", json!({ "body": "We look into it." })).await;
    let first = "first_response";
    let before = [(3, first, "active"), (2, first, "active"), (1, first, "closed")];
    assert_eq!(lane(&desk, "open").await, rows(before), "what is answered has nothing that is due");

    // Resolving within two hours, where it is urgent: due before the others.
    let urgent = |priority: &str| match priority {
        "urgent" => json!({ "requester_wait_s": 7200 }),
        _ => json!({}),
    };
    publish(&desk, "sla-policies/default", policy(urgent), None).await;
    let wait = "requester_wait";
    assert_eq!(
        lane(&desk, "open").await,
        rows([(1, wait, "active"), (3, first, "active"), (2, first, "active")])
    );

    // It comes near, is missed, and still stands first.
    desk.pass(DurationMs::from_minutes(100));
    assert_eq!(lane(&desk, "open").await[0], rows([(1, wait, "near")])[0]);
    desk.pass(DurationMs::from_minutes(21));
    assert_eq!(lane(&desk, "open").await[0], rows([(1, wait, "missed")])[0]);
    // Another one, which waits for its customer, is not due.
    open(&desk, "urgent").await;
    desk.done(4, "reply", json!({ "body": "Which payments?" })).await;
    desk.done(4, "set-pending", json!({ "reason": "customer" })).await;
    assert_eq!(lane(&desk, "pending").await, rows([(4, wait, "paused")]));
    let clock = desk.read("/api/v1/tickets/4").await["clock"].take();
    assert_eq!((&clock["due_at"], &clock["next_at"]), (&json!(null), &json!(null)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_says_when_it_stands_otherwise() {
    let desk = Desk::open().await;
    open(&desk, "urgent").await;
    let mut seen = Vec::new();
    // Near a quarter of an hour ahead, due after the hour, and met at that very instant.
    for step_ms in [0, 45 * 60_000, 15 * 60_000, 1] {
        desk.pass(DurationMs(step_ms));
        let clock = desk.read("/api/v1/tickets/1").await["clock"].take();
        seen.push(clock["next_at"].as_str().map(str::to_owned));
    }
    let at = |time: &str| Some(format!("2026-11-21T{time}:00Z"));
    assert_eq!(seen, [at("10:15"), at("10:30"), at("10:30"), None]);
}

#[tokio::test(flavor = "multi_thread")]
async fn business_time_is_due_at_closing_time_and_missed_when_the_office_opens() {
    let desk = Desk::open().await;
    // NOW is a Saturday; open on weekdays from nine to five.
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday"];
    let shifts = days.map(|day| json!({ "day": day, "opens_min": 540, "closes_min": 1020 }));
    let label = json!({ "en": "Office", "es": "Oficina" });
    publish(&desk, "schedules/office", json!({ "label": label, "zone": "UTC", "shifts": shifts }), None)
        .await;
    let business = |_: &str| json!({ "resolution_s": 8 * 3600, "schedule": "office" });
    publish(&desk, "sla-policies/default", policy(business), None).await;
    open(&desk, "low").await;
    desk.done(1, "reply", json!({ "body": "We look into it." })).await;
    let at = |text: &str| docket_core::time::Timestamp::parse_rfc3339(text).unwrap().since(NOW);
    let mut passed = DurationMs(0);
    for (then, state, next) in [
        ("2026-11-21T12:00:00Z", (false, false), "2026-11-23T15:24:00Z"),
        ("2026-11-23T15:24:00Z", (true, false), "2026-11-23T17:00:00Z"),
        ("2026-11-23T20:00:00Z", (true, false), "2026-11-24T09:00:00Z"),
        ("2026-11-24T09:00:01Z", (false, true), ""),
    ] {
        let span = at(then);
        desk.pass(DurationMs(span.0 - passed.0));
        passed = span;
        let sla = desk.read("/api/v1/tickets/1/sla").await;
        let clock =
            sla["clocks"].as_array().unwrap().iter().find(|clock| clock["target"] == "resolution").unwrap();
        assert_eq!((clock["approaching"] == true, clock["breached"] == true), state, "{then}");
        assert_eq!(clock["next_at"].as_str().unwrap_or_default(), next, "{then}");
        assert_eq!(clock["due_at"], "2026-11-23T17:00:00Z", "{then}");
        let interval = &clock["intervals"][0];
        assert_eq!((&interval["schedule"], &interval["policy_version"]), (&json!("office"), &json!(2)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_takes_effect_later_moves_deadlines_then_and_says_so_before() {
    let desk = Desk::open().await;
    open(&desk, "urgent").await;
    desk.done(1, "reply", json!({ "body": "We look into it." })).await;
    publish(&desk, "sla-policies/default", policy(|_| json!({ "resolution_s": 10 * 3600 })), None).await;
    let later = NOW.plus(DurationMs::from_hours(4));
    let shorter = policy(|_| json!({ "resolution_s": 6 * 3600 }));
    publish(&desk, "sla-policies/default", shorter, Some(later.to_rfc3339())).await;
    let sla = desk.read("/api/v1/tickets/1/sla").await;
    let clock =
        sla["clocks"].as_array().unwrap().iter().find(|clock| clock["target"] == "resolution").unwrap();
    assert_eq!(
        clock["due_at"], "2026-11-21T15:30:00Z",
        "six hours after it was opened, by the version to come"
    );
    let stretches = clock["intervals"].as_array().unwrap().iter();
    let stretches: Vec<_> = stretches.map(|stretch| (&stretch["from"], &stretch["policy_version"])).collect();
    let from = [json!("2026-11-21T09:30:00Z"), json!("2026-11-21T13:30:00Z")];
    // The first version promised nothing about resolving.
    assert_eq!(stretches, [(&from[0], &json!(2)), (&from[1], &json!(3))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_clock_that_a_new_priority_has_exceeded_is_missed_and_late() {
    let desk = Desk::open().await;
    let short = |priority: &str| json!({ "requester_wait_s": if priority == "urgent" { 2 } else { 1000 } });
    publish(&desk, "sla-policies/default", policy(short), None).await;
    open(&desk, "low").await;
    desk.done(1, "reply", json!({ "body": "Which payments?" })).await;
    desk.pass(DurationMs(3000));
    desk.done(1, "set-pending", json!({ "reason": "customer" })).await;
    desk.pass(DurationMs(5000));
    desk.done(1, "change-priority", json!({ "to": "urgent" })).await;
    desk.pass(DurationMs(1000));
    let clock = desk.read("/api/v1/tickets/1").await["clock"].take();
    let missed = json!({ "target": "requester_wait", "state": "paused", "breached": true,
        "approaching": false, "due_at": "2026-11-21T09:30:02Z", "breached_at": "2026-11-21T09:30:08Z",
        "ended_at": null, "outcome": null, "next_at": null, "remaining_s": null });
    assert_eq!(clock, missed);
    let lanes = desk.read("/api/v1/queue?lane=pending").await["lanes"].take();
    let pending = lanes.as_array().unwrap().iter().find(|lane| lane["lane"] == "pending").unwrap();
    assert_eq!(pending["late"], 1, "{lanes}");
}
