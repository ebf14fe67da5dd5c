//! Who is found, and what the log says about it.

use super::desk::{Desk, PATIENCE};
use super::log::folded;
use super::people::{Follower, assignee, has_room, hired, is, of, online, opened};
use docket_core::names::GlobalPosition;
use docket_server::reactor::routing;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_goes_to_the_team_of_the_rule_and_to_somebody_who_has_room() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    online(&desk, "ines", "billing").await;
    hired(&desk, "omar", "billing").await;
    let before = desk.head();
    let ticket = opened(&desk, json!({ "category": "billing" })).await;
    routing.route().await;
    let expected = [
        "ticket-1 ticket.opened",
        "ticket-1 ticket.routed",
        "ticket-1 ticket.team_changed",
        "ticket-1 ticket.assigned",
        "agent-ines agent.ticket_taken",
    ];
    assert_eq!(desk.events_after(before).await, expected);
    let record = &desk.log().await[before as usize + 1];
    assert_eq!(record["actor"], json!({ "id": "routing", "role": "system" }));
    let candidate = |id: &str, availability: &str, standing: &str| json!({ "agent": id, "availability": availability, "load": 0, "capacity": 10, "weight": 1, "standing": standing });
    let said = json!({
        "list": "default", "version": 1, "rule": 2, "team": "billing",
        "candidates": [candidate("ines", "online", "eligible"), candidate("omar", "offline", "unavailable")],
        "to": "ines", "told_apart_by": "alone",
    });
    assert_eq!(record["data"], said);
    assert_eq!(assignee(&desk, ticket).await, "ines");
    // Looking again finds nothing to do.
    let head = desk.head();
    routing.route().await;
    assert_eq!(desk.head(), head);
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_are_spread_and_nobody_gets_more_than_they_have_room_for() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    for (id, points) in [("ines", 2), ("omar", 4), ("lena", 3)] {
        online(&desk, id, "support").await;
        has_room(&desk, id, points).await;
    }
    for _ in 0..12 {
        opened(&desk, json!({})).await;
    }
    routing.route().await;
    let log = folded(desk.app.store.as_ref()).await;
    let of = |id: &str| log.given.iter().filter(|(_, to)| to == id).count();
    assert_eq!([of("ines"), of("omar"), of("lena")], [2, 4, 3]);
    // Each goes to whoever has the highest share free, so the first four shares are those of four different moments.
    assert_eq!(log.given.len(), 9);
    for waiting in 10..=12 {
        assert_eq!(log.reasons(waiting), ["capacity"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_weighs_more_needs_more_room_and_a_change_of_priority_moves_the_load() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    online(&desk, "ines", "support").await;
    has_room(&desk, "ines", 4).await;
    let first = opened(&desk, json!({ "priority": "urgent" })).await;
    let second = opened(&desk, json!({ "priority": "urgent" })).await;
    let small = opened(&desk, json!({})).await;
    routing.route().await;
    assert_eq!(assignee(&desk, first).await, "ines");
    assert_eq!(assignee(&desk, small).await, "ines", "one point is left, and this one weighs one");
    assert!(assignee(&desk, second).await.is_null());
    desk.done(first, "change-priority", json!({ "to": "normal" })).await;
    routing.route().await;
    assert!(assignee(&desk, second).await.is_null(), "two are left, and it weighs three");
    desk.done(small, "resolve", json!({ "resolution": "solved" })).await;
    routing.route().await;
    assert_eq!(assignee(&desk, second).await, "ines");
    folded(desk.app.store.as_ref()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_decided_stays_until_they_offer_it() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    online(&desk, "ines", "support").await;
    hired(&desk, "omar", "support").await;
    let ticket = opened(&desk, json!({})).await;
    desk.done(ticket, "assign", json!({ "to": "omar" })).await;
    routing.route().await;
    desk.done(ticket, "unassign", json!({})).await;
    routing.route().await;
    assert!(assignee(&desk, ticket).await.is_null());
    assert!(folded(desk.app.store.as_ref()).await.decisions.is_empty());
    desk.act(ticket, "offer", json!({})).by("ines", "agent").await.problem(403, "role-not-allowed");
    let before = desk.head();
    desk.act(ticket, "offer", json!({})).by("lena", "supervisor").await.ok(200);
    assert_eq!(desk.events_after(before).await, ["ticket-1 ticket.offered"]);
    let again = desk.act(ticket, "offer", json!({})).by("lena", "supervisor").await.ok(200);
    assert_eq!(again["outcome"], "already_so");
    routing.route().await;
    assert_eq!(assignee(&desk, ticket).await, "ines");
    // Taken from whoever has it, it is decided again among all.
    let before = desk.head();
    desk.act(ticket, "offer", json!({})).by("lena", "supervisor").await.ok(200);
    let expected =
        ["ticket-1 ticket.unassigned", "ticket-1 ticket.offered", "agent-ines agent.ticket_released"];
    assert_eq!(desk.events_after(before).await, expected);
    routing.route().await;
    assert_eq!(assignee(&desk, ticket).await, "ines");
}

#[tokio::test(flavor = "multi_thread")]
async fn within_a_team_that_people_chose_and_after_an_escalation_routing_stays_in_it() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    for (id, team) in [("ines", "billing"), ("omar", "technical")] {
        online(&desk, id, team).await;
    }
    let chosen = opened(&desk, json!({ "category": "billing", "team": "technical" })).await;
    let escalated = opened(&desk, json!({ "category": "billing" })).await;
    routing.route().await;
    assert_eq!(
        (assignee(&desk, chosen).await, assignee(&desk, escalated).await),
        (json!("omar"), json!("ines"))
    );
    let may = async |permissions: Value| {
        of(&desk, "omar", "change-permissions", json!({ "to": permissions })).await;
    };
    may(json!(["take-routed", "take-escalated"])).await;
    let body = json!({ "reason": "complaint", "to": { "team": "technical" }, "context": "x" });
    desk.done(escalated, "escalate", body).await;
    may(json!(["take-routed"])).await;
    routing.route().await;
    assert!(assignee(&desk, escalated).await.is_null(), "omar may not take escalated ones any more");
    may(json!(["take-routed", "take-escalated"])).await;
    routing.route().await;
    assert_eq!(assignee(&desk, escalated).await, "omar");
    let log = folded(desk.app.store.as_ref()).await;
    assert_eq!(log.reasons(escalated), ["permission"]);
    assert_eq!(log.decisions.last().unwrap().1.rule, None, "no rule was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_wakes_by_itself_for_a_ticket_and_for_somebody_who_comes() {
    let desk = Desk::on_sqlite().await;
    let reactor = tokio::spawn(routing::run(desk.app.clone()));
    hired(&desk, "ines", "support").await;
    let reached = async |position: u64| {
        let mut head = desk.app.store.head();
        let wanted = GlobalPosition(position);
        tokio::time::timeout(PATIENCE, head.wait_for(|head| *head >= wanted)).await.unwrap().unwrap();
    };
    let ticket = opened(&desk, json!({})).await;
    reached(4).await;
    is(&desk, "ines", "online").await;
    reached(8).await;
    assert_eq!(assignee(&desk, ticket).await, "ines");
    let next = opened(&desk, json!({})).await;
    reached(13).await;
    assert_eq!(assignee(&desk, next).await, "ines");
    desk.app.shutdown.cancel();
    tokio::time::timeout(PATIENCE, reactor).await.unwrap().unwrap();
    folded(desk.app.store.as_ref()).await;
}
