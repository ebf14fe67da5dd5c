//! Tickets that wait: why, said once, and until when.

use super::desk::{Desk, NOW, PATIENCE};
use super::log::folded;
use super::people::{Follower, assignee, has_room, hired, is, of, online, opened, route};
use docket_core::time::Timestamp;
use docket_projections::roster::{SAID_AGAIN_AFTER, SAID_AT_ONCE_MAX};
use docket_server::reactor::routing::{Turn, Wake, run, turn};
use serde_json::{Value, json};

async fn shown(desk: &Desk, ticket: u64) -> Value {
    desk.read(&format!("/api/v1/tickets/{ticket}")).await["waiting_for"].clone()
}

async fn why(desk: &Desk, ticket: u64) -> Value {
    let shown = shown(desk, ticket).await;
    let queue = desk.read("/api/v1/queue?lane=new").await;
    let rows = queue["tickets"].as_array().unwrap().clone();
    let listed = rows.into_iter().find(|row| row["number"] == ticket);
    assert_eq!(listed.map_or(Value::Null, |row| row["waiting_for"].clone()), shown);
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reason_is_told_and_each_thing_that_changes_it_finds_somebody() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    let skilled = json!([{ "categories": ["billing"], "team": "billing", "skill": "refunds" }]);
    super::people::publish(&desk, skilled, None).await;
    let none = opened(&desk, json!({ "category": "account" })).await;
    routing.route().await;
    assert_eq!(why(&desk, none).await, "rule");

    let ticket = opened(&desk, json!({ "category": "billing" })).await;
    routing.route().await;
    assert_eq!(why(&desk, ticket).await, "member");
    hired(&desk, "ines", "billing").await;
    of(&desk, "ines", "change-permissions", json!({ "to": [] })).await;
    routing.route().await;
    assert_eq!(why(&desk, ticket).await, "permission");
    of(&desk, "ines", "change-permissions", json!({ "to": ["take-routed"] })).await;
    routing.route().await;
    assert_eq!(why(&desk, ticket).await, "skill");
    of(&desk, "ines", "change-skills", json!({ "to": ["refunds"] })).await;
    routing.route().await;
    assert_eq!(why(&desk, ticket).await, "availability");
    has_room(&desk, "ines", 0).await;
    is(&desk, "ines", "online").await;
    routing.route().await;
    assert_eq!(why(&desk, ticket).await, "capacity");
    assert!(assignee(&desk, ticket).await.is_null());
    has_room(&desk, "ines", 1).await;
    routing.route().await;
    assert_eq!(assignee(&desk, ticket).await, "ines");
    assert!(why(&desk, ticket).await.is_null());

    // The first waits for a rule still; another category makes it somebody's business.
    desk.done(none, "change-category", json!({ "to": "billing" })).await;
    routing.route().await;
    assert_eq!(why(&desk, none).await, "capacity");
    desk.done(ticket, "resolve", json!({ "resolution": "solved" })).await;
    routing.route().await;
    assert_eq!(assignee(&desk, none).await, "ines");
    let log = folded(desk.app.store.as_ref()).await;
    assert_eq!(log.reasons(ticket), ["member", "permission", "skill", "availability", "capacity"]);
    assert_eq!(log.reasons(none), ["rule", "capacity"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_before_its_team_is_retired_stays_there_and_says_that_nobody_works_for_it() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    online(&desk, "ines", "support").await;
    let legal = json!({ "content": { "label": { "en": "Legal", "es": "Legal" } }, "reason": "as agreed" });
    let retired = json!({ "reason": "as agreed", "effective_at": "2026-11-22T09:30:00Z" });
    for (command, body) in [("publish", legal), ("retire", retired)] {
        let path = format!("/api/v1/settings/teams/legal/{command}");
        desk.post(path).by("alma", "admin").json(&body).await.ok(200);
    }
    let ticket = opened(&desk, json!({ "team": "legal" })).await;
    desk.clock.set(Timestamp(NOW.0 + 2 * 24 * 60 * 60 * 1000));
    routing.route().await;
    assert_eq!(why(&desk, ticket).await, "member");
    let found = desk.read("/api/v1/queue?lane=new&filter=team:legal").await;
    let numbers: Vec<&Value> =
        found["tickets"].as_array().unwrap().iter().map(|row| &row["number"]).collect();
    assert_eq!(numbers, [ticket]);
    // It leads out of there, and nothing leads in.
    desk.done(ticket, "change-team", json!({ "to": "support" })).await;
    routing.route().await;
    assert_eq!(assignee(&desk, ticket).await, "ines");
    desk.act(ticket, "change-team", json!({ "to": "legal" })).await.problem(422, "unknown-team");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_takes_only_what_is_handed_over_gets_what_is_escalated_to_their_team() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    hired(&desk, "lena", "billing").await;
    of(&desk, "lena", "change-permissions", json!({ "to": ["take-routed", "take-escalated"] })).await;
    let (routed, escalated) = (opened(&desk, json!({})).await, opened(&desk, json!({})).await);
    desk.done(routed, "change-team", json!({ "to": "billing" })).await;
    let to = json!({ "reason": "complaint", "to": { "team": "billing" }, "context": "x" });
    let other = opened(&desk, json!({})).await;
    let there = async || {
        desk.settled().await;
        let told = desk.read(&format!("/api/v1/tickets/{other}/destinations")).await;
        let billing = told["teams"].as_array().unwrap().iter().find(|team| team["team"] == "billing");
        billing.unwrap()["online"].clone()
    };
    desk.done(escalated, "escalate", to).await;
    routing.route().await;
    assert_eq!(
        (shown(&desk, routed).await, shown(&desk, escalated).await),
        ("availability".into(), "availability".into())
    );
    assert_eq!(there().await, 0);
    is(&desk, "lena", "transfers_only").await;
    routing.route().await;
    assert_eq!(assignee(&desk, escalated).await, "lena");
    assert_eq!(
        (assignee(&desk, routed).await, shown(&desk, routed).await),
        (Value::Null, "availability".into())
    );
    assert_eq!(there().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_every_ticket_is_so_and_nobody_floods_the_log_by_coming_and_going() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    hired(&desk, "ines", "support").await;
    has_room(&desk, "ines", 0).await;
    let mut tickets = Vec::new();
    // More than a turn looks at.
    for _ in 0..70 {
        tickets.push(opened(&desk, json!({})).await);
    }
    let so = [("online", "capacity"), ("away", "availability")];
    for (availability, reason) in so.into_iter().cycle().take(4) {
        is(&desk, "ines", availability).await;
        routing.route().await;
        // Looked at once more than was needed, it says nothing more.
        let head = desk.head();
        route(&desk.app).await;
        assert_eq!(desk.head(), head);
        for ticket in [tickets[0], tickets[1], tickets[69]] {
            assert_eq!(shown(&desk, ticket).await, reason);
        }
    }
    for (availability, _) in so.into_iter().cycle().take(9) {
        is(&desk, "ines", availability).await;
        routing.route().await;
    }
    let log = folded(desk.app.store.as_ref()).await;
    for ticket in &tickets {
        assert_eq!(log.reasons(*ticket), ["capacity", "availability"].repeat(SAID_AT_ONCE_MAX as usize / 2));
    }
    // She is there, and what was said last stands for a while; then it is said by itself.
    assert_eq!(why(&desk, tickets[0]).await, "availability");
    let until = NOW.plus(SAID_AGAIN_AFTER);
    assert_eq!(turn(&desk.app, &mut Wake::everything()).await, Turn::Until(Some(until)));
    desk.pass(SAID_AGAIN_AFTER);
    route(&desk.app).await;
    for ticket in [tickets[0], tickets[1], tickets[69]] {
        assert_eq!(shown(&desk, ticket).await, "capacity");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reactor_says_by_itself_what_is_so_once_the_time_has_come() {
    let desk = Desk::open().await;
    let reactor = tokio::spawn(run(desk.app.clone()));
    hired(&desk, "ines", "support").await;
    has_room(&desk, "ines", 0).await;
    let head = desk.head();
    let ticket = opened(&desk, json!({})).await;
    let said = async |position: u64| {
        let mut head = desk.app.store.head();
        let reached = head.wait_for(|head| head.0 >= position);
        tokio::time::timeout(PATIENCE, reached).await.unwrap().unwrap();
    };
    said(head + 2).await;
    for availability in ["online", "away", "online", "away", "online"] {
        let head = desk.head();
        is(&desk, "ines", availability).await;
        said(head + 2).await;
    }
    let head = desk.head();
    is(&desk, "ines", "away").await;
    desk.pass(SAID_AGAIN_AFTER);
    said(head + 2).await;
    assert_eq!(why(&desk, ticket).await, "availability");
    desk.app.shutdown.cancel();
    tokio::time::timeout(PATIENCE, reactor).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_waited_for_on_a_ticket_that_is_merged_and_on_it_again_once_it_is_not() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    hired(&desk, "ines", "support").await;
    let [part, whole] = [opened(&desk, json!({})).await, opened(&desk, json!({})).await];
    routing.route().await;
    let waits = async || {
        let shown = desk.read(&format!("/api/v1/tickets/{part}")).await;
        (shown["waiting_for"].clone(), shown["waiting_since"].clone())
    };
    let waiting = waits().await;
    assert_eq!(waiting.0, "availability");
    desk.done(part, "merge", json!({ "into": whole })).await;
    routing.route().await;
    assert_eq!(waits().await, (Value::Null, Value::Null));
    desk.done(part, "unmerge", json!({})).await;
    routing.route().await;
    assert_eq!(waits().await, waiting);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_longest_comes_first_and_the_more_urgent_before_them() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    let mut waiting = Vec::new();
    for priority in ["low", "normal", "normal", "high", "urgent"] {
        waiting.push(opened(&desk, json!({ "priority": priority })).await);
    }
    routing.route().await;
    online(&desk, "ines", "support").await;
    routing.route().await;
    let log = folded(desk.app.store.as_ref()).await;
    let given: Vec<u64> = log.given.iter().map(|(ticket, _)| *ticket).collect();
    // Eight of ten points; all five fit.
    assert_eq!(given, [waiting[4], waiting[3], waiting[1], waiting[2], waiting[0]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freed_agent_takes_from_each_team_and_many_that_wait_are_worked_off() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    let mut rules = Vec::new();
    for team in ["billing", "technical", "content"] {
        rules.push(json!({ "categories": [team], "team": team }));
    }
    super::people::publish(&desk, json!(rules), None).await;
    for number in 0..150 {
        let category = ["billing", "technical", "content"][number % 3];
        opened(&desk, json!({ "category": category })).await;
    }
    routing.route().await;
    online(&desk, "ines", "billing").await;
    of(&desk, "ines", "change-teams", json!({ "to": ["billing", "content"] })).await;
    has_room(&desk, "ines", 90).await;
    routing.route().await;
    let log = folded(desk.app.store.as_ref()).await;
    assert_eq!(log.given.len(), 90);
    let of_technical = |(ticket, _): &&(u64, String)| ticket % 3 == 2;
    assert_eq!(log.given.iter().filter(of_technical).count(), 0);
    has_room(&desk, "ines", 1000).await;
    routing.route().await;
    assert_eq!(folded(desk.app.store.as_ref()).await.given.len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_to_whom_and_why_for_years_and_who_is_there_now() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    online(&desk, "ines", "billing").await;
    hired(&desk, "omar", "content").await;
    let ticket = opened(&desk, json!({ "category": "content" })).await;
    routing.route().await;
    of(&desk, "omar", "change-teams", json!({ "to": ["billing", "content"] })).await;
    is(&desk, "omar", "online").await;
    routing.route().await;
    let path = format!("/api/v1/tickets/{ticket}/routing");
    let said = desk.get(path.as_str()).by("omar", "agent").await.ok(200);
    let decisions = said["decisions"].as_array().unwrap();
    let brief = |decision: &Value| {
        let Value::Object(fields) = decision else { panic!("{decision}") };
        assert_eq!(fields["borne_out"], true);
        (fields["to"].clone(), fields["told_apart_by"].clone(), fields["waiting_for"].clone())
    };
    let expected =
        [(json!("omar"), json!("alone"), Value::Null), (Value::Null, Value::Null, json!("availability"))];
    assert_eq!(decisions.iter().map(brief).collect::<Vec<_>>(), expected);
    assert_eq!(decisions[0]["candidates"][0]["standing"], "eligible");
    desk.get("/api/v1/tickets/99/routing").await.problem(404, "ticket-not-found");
    let roster = desk.read("/api/v1/roster").await;
    let omar = &roster["people"][1];
    assert_eq!(
        (&omar["load"], &omar["tickets"]["normal"], &omar["availability"]),
        (&json!(1), &json!(1), &json!("online"))
    );
    assert_eq!(omar["last_taken_at"], "2026-11-21T09:30:00Z");
    assert_eq!(roster["people"][0]["load"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_the_queue_says_why_a_ticket_waits_in_both_languages() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    hired(&desk, "ines", "support").await;
    opened(&desk, json!({})).await;
    for (language, why) in [("en", "nobody is there"), ("es", "no hay nadie disponible")] {
        routing.route().await;
        let path = format!("/queue?lane=new&at_least={}", desk.head());
        let page = desk.get(path).header("accept-language", language).await;
        assert_eq!(page.status, 200);
        assert!(page.text().contains(why), "{language}: {}", page.text());
    }
}
