//! Versions of the rules: which one a decision names, when another takes effect, and what one would change.

use super::desk::{Desk, NOW, PATIENCE};
use super::log::folded;
use super::people::{Follower, assignee, online, opened, publish};
use docket_core::names::GlobalPosition;
use docket_core::time::DurationMs;
use docket_server::reactor::routing;
use serde_json::{Value, json};

const HOUR: DurationMs = DurationMs::from_hours(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_names_the_version_of_the_rules_and_another_version_is_tried_on_what_waits() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    online(&desk, "ines", "technical").await;
    let ticket = opened(&desk, json!({ "category": "billing" })).await;
    routing.route().await;
    publish(&desk, json!([{ "categories": ["billing"], "team": "content" }, { "team": "support" }]), None)
        .await;
    routing.route().await;
    publish(&desk, json!([{ "team": "technical" }]), None).await;
    routing.route().await;
    assert_eq!(assignee(&desk, ticket).await, "ines");
    let log = folded(desk.app.store.as_ref()).await;
    let said = |(_, routed): &(u64, docket_core::ticket::event::Routed)| {
        (routed.version, routed.rule, routed.team.as_ref().unwrap().to_string(), routed.to.is_some())
    };
    let said: Vec<_> = log.decisions.iter().map(said).collect();
    let expected = [
        (1, Some(2), "billing".to_owned(), false),
        (2, Some(1), "content".to_owned(), false),
        (3, Some(1), "technical".to_owned(), true),
    ];
    assert_eq!(said, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_of_later_is_followed_from_its_instant_on_without_anything_else_happening() {
    let desk = Desk::on_sqlite().await;
    online(&desk, "ines", "technical").await;
    let later = NOW.plus(HOUR).to_rfc3339();
    publish(&desk, json!([{ "team": "technical" }]), Some(&later)).await;
    let ticket = opened(&desk, json!({})).await;
    let before = desk.head();
    let reactor = tokio::spawn(routing::run(desk.app.clone()));
    let reached = async |events: u64| {
        let mut head = desk.app.store.head();
        let wanted = GlobalPosition(before + events);
        tokio::time::timeout(PATIENCE, head.wait_for(|head| *head >= wanted)).await.unwrap().unwrap();
    };
    // Routed to the team of the rules that are in force until then, where nobody is.
    reached(2).await;
    desk.pass(HOUR);
    reached(6).await;
    assert_eq!(assignee(&desk, ticket).await, "ines");
    desk.app.shutdown.cancel();
    tokio::time::timeout(PATIENCE, reactor).await.unwrap().unwrap();
    let expected = ["ticket-1 ticket.routed", "ticket-1 ticket.team_changed"];
    assert_eq!(desk.events_after(before).await[..2], expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_may_ask_for_tier_and_language() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    for (id, team) in [("ines", "billing"), ("omar", "content"), ("lena", "support")] {
        online(&desk, id, team).await;
    }
    let account = json!({ "id": "acme", "profile": { "name": "Acme", "tier": "gold" } });
    desk.post("/api/v1/accounts").by("alma", "admin").json(&account).await.ok(201);
    let customer = json!({ "id": "carla", "profile": { "name": "Carla" }, "account": "acme" });
    desk.post("/api/v1/customers").by("alma", "admin").json(&customer).await.ok(201);
    let rules = json!([
        { "tiers": ["gold"], "team": "billing" },
        { "languages": ["es"], "team": "content" },
        { "team": "support" },
    ]);
    publish(&desk, rules, None).await;
    let gold = opened(&desk, json!({ "requester": { "id": "carla" } })).await;
    let spanish = opened(&desk, json!({ "language": "es" })).await;
    let other = opened(&desk, json!({})).await;
    routing.route().await;
    for (ticket, to) in [(gold, "ines"), (spanish, "omar"), (other, "lena")] {
        assert_eq!(assignee(&desk, ticket).await, to);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tier_and_another_account_make_another_decision_of_what_waits() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    online(&desk, "ines", "billing").await;
    let post = async |path: &str, body: Value, status: u16| {
        desk.post(path).by("alma", "admin").json(&body).await.ok(status);
    };
    for (account, customer) in [("acme", "carla"), ("umbra", "noor")] {
        let account_of = json!({ "id": account, "profile": { "name": "Acme" } });
        post("/api/v1/accounts", account_of, 201).await;
        let customer = json!({ "id": customer, "profile": { "name": "Carla" }, "account": account });
        post("/api/v1/customers", customer, 201).await;
    }
    // Without these a change of tier asks nothing of routing.
    publish(&desk, json!([{ "tiers": ["gold"], "team": "billing" }, { "team": "support" }]), None).await;
    let mut of = Vec::new();
    // More of others than are looked at together.
    for number in 0..150 {
        let requester = if number % 10 == 9 { "carla" } else { "noor" };
        of.push((requester, opened(&desk, json!({ "requester": { "id": requester } })).await));
    }
    let later = opened(&desk, json!({ "requester": { "id": "pia" } })).await;
    routing.route().await;
    super::people::has_room(&desk, "ines", 100).await;
    routing.route().await;
    let gold = json!({ "profile": { "name": "Acme", "tier": "gold" } });
    post("/api/v1/accounts/acme/change", gold, 200).await;
    routing.route().await;
    for (requester, ticket) in of {
        let expected = if requester == "carla" { json!("ines") } else { Value::Null };
        assert_eq!(assignee(&desk, ticket).await, expected, "{ticket}");
    }
    let customer = json!({ "id": "pia", "profile": { "name": "Pia" } });
    post("/api/v1/customers", customer, 201).await;
    post("/api/v1/customers/pia/change-account", json!({ "to": "acme" }), 200).await;
    routing.route().await;
    assert_eq!(assignee(&desk, later).await, "ines");
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_tried_on_past_tickets_and_nothing_is_recorded() {
    let desk = Desk::open().await;
    for category in ["billing", "account", "billing", "technical"] {
        opened(&desk, json!({ "category": category })).await;
    }
    desk.settled().await;
    let head = desk.head();
    let path = "/api/v1/settings/routing/default/try";
    let content = json!({ "rules": [
        { "categories": ["technical"], "team": "technical" },
        { "categories": ["billing"], "team": "account", "skill": "refunds" },
        { "categories": ["account"], "team": "account" },
    ] });
    let body = json!({ "content": content });
    let tried = desk.post(path).by("lena", "supervisor").json(&body).await.ok(200);
    let goes =
        |rule: u32, team: &str, skill: Option<&str>| json!({ "rule": rule, "team": team, "skill": skill });
    let elsewhere = |number: u32| json!({ "number": number, "now": goes(2, "billing", None), "then": goes(2, "account", Some("refunds")) });
    assert_eq!((&tried["version"], &tried["tried"], &tried["elsewhere"]), (&json!(1), &json!(4), &json!(2)));
    assert_eq!(tried["tickets"], json!([elsewhere(3), elsewhere(1)]));
    let fewer = json!({ "content": content, "tickets": 1 });
    let tried = desk.post(path).by("lena", "supervisor").json(&fewer).await.ok(200);
    assert_eq!((&tried["tried"], &tried["elsewhere"]), (&json!(1), &json!(0)));
    assert_eq!(desk.head(), head);
    for tickets in [0, 1001] {
        let body = json!({ "content": content, "tickets": tickets });
        desk.post(path).by("lena", "supervisor").json(&body).await.problem(422, "invalid");
    }
    let shadowed = json!({ "content": { "rules": [{ "team": "support" }, { "team": "billing" }] } });
    desk.post(path).by("lena", "supervisor").json(&shadowed).await.problem(422, "shadowed-rule");
    desk.post(path).by("ines", "agent").json(&body).await.problem(403, "role-not-allowed");
}
