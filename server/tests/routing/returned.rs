//! What is returned from an escalation and nobody has: routing takes it up again, wherever it came from.

use super::desk::Desk;
use super::people::{Follower, assignee, is, of, online, opened};
use serde_json::{Value, json};

async fn hire_a_lead(desk: &Desk, id: &str, team: &str) {
    let member = json!({ "id": id, "name": id, "role": "supervisor", "teams": [team] });
    desk.post("/api/v1/staff").by("alma", "admin").json(&member).await.ok(201);
}

async fn escalated(desk: &Desk, ticket: u64, team: &str) {
    let escalation = json!({ "reason": "complaint", "to": { "team": team }, "context": "x" });
    desk.done(ticket, "escalate", escalation).await;
}

async fn returned(desk: &Desk, ticket: u64) {
    desk.done(ticket, "return", json!({ "context": "not ours" })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_from_no_team_and_somebody_who_left_finds_somebody() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    super::people::publish(&desk, json!([]), None).await;
    online(&desk, "ines", "support").await;
    hire_a_lead(&desk, "lena", "billing").await;
    let ticket = opened(&desk, json!({})).await;
    routing.route().await;
    desk.done(ticket, "assign", json!({ "to": "ines" })).await;
    escalated(&desk, ticket, "billing").await;
    of(&desk, "ines", "deactivate", json!({})).await;
    returned(&desk, ticket).await;
    let shown = desk.read(&format!("/api/v1/tickets/{ticket}")).await;
    assert_eq!((&shown["team"], &shown["assignee"]), (&Value::Null, &Value::Null));
    routing.route().await;
    let shown = desk.read(&format!("/api/v1/tickets/{ticket}")).await;
    assert_eq!(shown["waiting_for"], "rule", "routing looks after it, and says why it finds nobody");
    super::people::publish(&desk, json!([{ "team": "support" }]), None).await;
    online(&desk, "omar", "support").await;
    routing.route().await;
    assert_eq!(assignee(&desk, ticket).await, "omar");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_from_a_team_and_nobody_or_somebody_who_left_it_finds_somebody_of_the_team() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    online(&desk, "ines", "support").await;
    hire_a_lead(&desk, "lena", "billing").await;
    let [left, nobodys] = [opened(&desk, json!({})).await, opened(&desk, json!({})).await];
    routing.route().await;
    desk.done(nobodys, "unassign", json!({})).await;
    for ticket in [left, nobodys] {
        escalated(&desk, ticket, "billing").await;
    }
    routing.route().await;
    of(&desk, "ines", "change-teams", json!({ "to": ["technical"] })).await;
    for ticket in [left, nobodys] {
        returned(&desk, ticket).await;
        assert!(assignee(&desk, ticket).await.is_null());
    }
    online(&desk, "omar", "support").await;
    routing.route().await;
    for ticket in [left, nobodys] {
        assert_eq!(assignee(&desk, ticket).await, "omar");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_escalated_twice_is_for_those_who_take_escalated_tickets_until_it_is_back_where_it_began() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    for (id, team) in [("lena", "billing"), ("mara", "technical")] {
        hire_a_lead(&desk, id, team).await;
    }
    online(&desk, "ines", "support").await;
    online(&desk, "omar", "billing").await;
    let ticket = opened(&desk, json!({})).await;
    routing.route().await;
    desk.done(ticket, "unassign", json!({})).await;
    escalated(&desk, ticket, "billing").await;
    escalated(&desk, ticket, "technical").await;
    returned(&desk, ticket).await;
    routing.route().await;
    // Omar is there, and is not granted what was escalated.
    assert!(assignee(&desk, ticket).await.is_null());
    is(&desk, "lena", "online").await;
    routing.route().await;
    assert_eq!(assignee(&desk, ticket).await, "lena");
    returned(&desk, ticket).await;
    routing.route().await;
    assert_eq!(assignee(&desk, ticket).await, "ines");
}
