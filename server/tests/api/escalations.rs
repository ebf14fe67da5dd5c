//! Escalations through the API: who acknowledges them, and where they are returned to.

use super::desk::Desk;
use super::letting_in::hire;
use super::work::{escalation, refused};
use docket_core::actor::Role;
use docket_projections::timeline::ENTRIES_PER_PAGE_MAX;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn an_escalation_is_acknowledged_where_it_went_to() {
    let desk = Desk::open().await;
    for (id, team) in [("lena", "billing"), ("toni", "support"), ("mara", "billing")] {
        hire(&desk, id, Role::Supervisor, &[team]).await;
    }
    hire(&desk, "alma", Role::Admin, &[]).await;
    desk.ticket().await;
    desk.done(1, "change-team", json!({ "to": "support" })).await;
    desk.act(1, "escalate", escalation(json!({ "team": "billing" }))).by("lena", "supervisor").await.ok(200);
    for (who, role) in [("lena", "supervisor"), ("toni", "supervisor"), ("nobody-here", "agent")] {
        let answer = desk.act(1, "acknowledge", json!({})).by(who, role).await;
        answer.problem(409, "not-the-receiver");
    }
    desk.act(1, "acknowledge", json!({})).by("mara", "supervisor").await.ok(200);
    // By name, it is for them alone.
    let to_toni = escalation(json!({ "supervisor": "toni" }));
    desk.act(1, "escalate", to_toni).by("lena", "supervisor").await.ok(200);
    desk.act(1, "acknowledge", json!({})).by("mara", "supervisor").await.problem(409, "not-the-receiver");
    desk.act(1, "acknowledge", json!({})).by("toni", "supervisor").await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_escalated_twice_is_returned_step_by_step_and_past_a_team_that_is_none_any_more() {
    let desk = Desk::open().await;
    let back = async |ticket: u64| {
        desk.done(ticket, "return", json!({ "context": "Not ours" })).await;
        let shown = desk.read(&format!("/api/v1/tickets/{ticket}")).await;
        [shown["team"].clone(), shown["assignee"].clone()]
    };
    for ticket in [1, 2] {
        desk.ticket().await;
        desk.done(ticket, "change-team", json!({ "to": "support" })).await;
        desk.done(ticket, "assign", json!({ "to": "ines" })).await;
        desk.done(ticket, "escalate", escalation(json!({ "team": "billing" }))).await;
        desk.done(ticket, "assign", json!({ "to": "omar" })).await;
        desk.done(ticket, "escalate", escalation(json!({ "team": "technical" }))).await;
    }
    assert_eq!(back(1).await, ["billing", "omar"]);
    let shown = desk.read("/api/v1/tickets/1").await;
    assert_eq!(shown["escalation"]["from_team"], "support");
    assert_eq!(back(1).await, ["support", "ines"]);
    refused(&desk, 1, "return", json!({ "context": "x" }), 409, "ticket-not-escalated").await;

    // No rule leads there any more.
    let rules = json!({ "content": { "rules": [] }, "reason": "billing is merged into support" });
    desk.post("/api/v1/settings/routing/default/publish").by("alma", "admin").json(&rules).await.ok(200);
    let retire = desk.post("/api/v1/settings/teams/billing/retire").by("alma", "admin");
    retire.json(&json!({ "reason": "merged into support" })).await.ok(200);
    assert_eq!(back(2).await, ["support", "ines"]);
    refused(&desk, 2, "return", json!({ "context": "x" }), 409, "ticket-not-escalated").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_receiver_must_know_is_told_however_much_has_happened_since() {
    let desk = Desk::open().await;
    desk.ticket().await;
    desk.done(1, "change-team", json!({ "to": "support" })).await;
    let escalate = |team: &str, context: &str| {
        let to = json!({ "team": team });
        json!({ "reason": "complaint", "to": to, "context": context })
    };
    let told = async || desk.read("/api/v1/tickets/1").await["escalation"]["context"].take();
    desk.act(1, "escalate", escalate("billing", "Angry")).by("lena", "supervisor").await.ok(200);
    for number in 0..=ENTRIES_PER_PAGE_MAX {
        desk.done(1, "note", json!({ "body": format!("Note {number}") })).await;
    }
    let shown = desk.read("/api/v1/tickets/1").await;
    assert_eq!(shown["escalation"]["context"], "Angry");
    assert_eq!(shown["escalation"]["by"], "lena");
    // A list says that it is escalated, and the ticket by itself why.
    let listed = desk.read("/api/v1/queue?lane=new").await["tickets"][0]["escalation"].take();
    assert_eq!((&listed["version"], listed.get("context")), (&json!(3), None));
    // Handed on, it is what came last; handed back, it is what came before.
    desk.done(1, "escalate", escalate("technical", "A fault after all")).await;
    assert_eq!(told().await, "A fault after all");
    desk.done(1, "return", json!({ "context": "No fault" })).await;
    assert_eq!(told().await, "Angry");
    desk.act(1, "acknowledge", json!({})).by("toni", "agent").await.ok(200);
    assert_eq!(told().await, Value::Null);
}
