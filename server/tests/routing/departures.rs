//! Whoever leaves: what was theirs to work on goes to others, and what they resolved stays theirs.

use super::desk::{Desk, NOW};
use super::log::folded;
use super::people::{Follower, assignee, has_room, of, online, opened, route};
use docket_core::clock::ManualClock;
use docket_core::store::sqlite::SqliteOptions;
use serde_json::{Value, json};
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_loses_their_tickets_and_keeps_what_they_resolved() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    online(&desk, "ines", "support").await;
    let [open, pending, resolved] =
        [opened(&desk, json!({})).await, opened(&desk, json!({})).await, opened(&desk, json!({})).await];
    routing.route().await;
    desk.done(pending, "set-pending", json!({ "reason": "customer" })).await;
    desk.done(resolved, "resolve", json!({ "resolution": "solved" })).await;
    online(&desk, "omar", "support").await;
    let before = desk.head();
    of(&desk, "ines", "deactivate", json!({})).await;
    routing.route().await;
    let expected = [
        "staff staff.deactivated",
        "ticket-1 ticket.unassigned",
        "ticket-1 ticket.offered",
        "agent-ines agent.ticket_released",
        "ticket-2 ticket.unassigned",
        "ticket-2 ticket.offered",
        "agent-ines agent.ticket_released",
        "ticket-1 ticket.routed",
        "ticket-1 ticket.assigned",
        "agent-omar agent.ticket_taken",
    ];
    assert_eq!(desk.events_after(before).await, expected);
    assert_eq!(desk.log().await[before as usize + 2]["data"], json!({ "cause": "assignee_left" }));
    assert_eq!(assignee(&desk, open).await, "omar");
    let badge = desk.read(&format!("/api/v1/tickets/{pending}")).await["badge"].clone();
    assert_eq!(badge, json!({ "kind": "left", "from": "ines" }), "she did not give it back");
    assert!(assignee(&desk, pending).await.is_null(), "it waits for the customer, and then for somebody");
    assert_eq!(assignee(&desk, resolved).await, "ines");
    desk.done(pending, "customer-reply", json!({ "body": "x" })).await;
    routing.route().await;
    assert_eq!(assignee(&desk, pending).await, "omar");
    // What comes back is not for whoever is gone.
    desk.done(resolved, "reopen", json!({})).await;
    routing.route().await;
    assert_eq!(assignee(&desk, resolved).await, "omar");
    folded(desk.app.store.as_ref()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_gets_a_role_that_works_no_tickets_loses_them_and_keeps_what_they_resolved() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    online(&desk, "ines", "support").await;
    let [open, resolved] = [opened(&desk, json!({})).await, opened(&desk, json!({})).await];
    routing.route().await;
    desk.done(resolved, "resolve", json!({ "resolution": "solved" })).await;
    online(&desk, "omar", "support").await;
    of(&desk, "ines", "change-role", json!({ "to": "supervisor" })).await;
    routing.route().await;
    assert_eq!(assignee(&desk, open).await, "ines", "supervisors work tickets");
    of(&desk, "ines", "change-role", json!({ "to": "analyst" })).await;
    let before = desk.head();
    routing.route().await;
    let expected = [
        "ticket-1 ticket.unassigned",
        "ticket-1 ticket.offered",
        "agent-ines agent.ticket_released",
        "ticket-1 ticket.routed",
        "ticket-1 ticket.assigned",
        "agent-omar agent.ticket_taken",
    ];
    assert_eq!(desk.events_after(before).await, expected);
    assert_eq!(assignee(&desk, resolved).await, "ines");
    desk.done(resolved, "reopen", json!({})).await;
    routing.route().await;
    assert_eq!(assignee(&desk, resolved).await, "omar");
    folded(desk.app.store.as_ref()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_a_team_loses_its_tickets_and_no_others() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    online(&desk, "ines", "support").await;
    of(&desk, "ines", "change-teams", json!({ "to": ["support", "billing"] })).await;
    let ours = opened(&desk, json!({})).await;
    let resolved = opened(&desk, json!({})).await;
    let of_billing = opened(&desk, json!({ "team": "billing" })).await;
    let [given, moved] =
        [opened(&desk, json!({ "team": "technical" })).await, opened(&desk, json!({})).await];
    routing.route().await;
    // A supervisor may give them what is no ticket of their teams, and move what they have.
    desk.done(given, "assign", json!({ "to": "ines" })).await;
    desk.done(resolved, "resolve", json!({ "resolution": "solved" })).await;
    online(&desk, "omar", "support").await;
    for teams in [json!(["billing"]), json!(["billing", "technical"]), json!(["billing"])] {
        of(&desk, "ines", "change-teams", json!({ "to": teams })).await;
        if teams == json!(["billing"]) {
            desk.done(moved, "change-team", json!({ "to": "content" })).await;
        }
    }
    let theirs = opened(&desk, json!({})).await;
    desk.done(theirs, "assign", json!({ "to": "ines" })).await;
    routing.route().await;
    assert_eq!(assignee(&desk, ours).await, "omar");
    for ticket in [of_billing, moved, resolved] {
        assert_eq!(assignee(&desk, ticket).await, "ines", "{ticket}");
    }
    assert_eq!(assignee(&desk, theirs).await, "ines", "given to them after they had left the team");
    desk.done(resolved, "reopen", json!({})).await;
    routing.route().await;
    assert_eq!(assignee(&desk, resolved).await, "omar");
    let log = desk.log().await;
    let offers = log.iter().filter(|event| event["type"] == "ticket.offered").count();
    // They were of technical for a while, and so lost what was theirs of it.
    assert_eq!(offers, 3);
    assert!(assignee(&desk, given).await.is_null());
    folded(desk.app.store.as_ref()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_end_of_the_server_left_undone_is_done_after_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(NOW));
    let path = directory.path().join("log.db");
    let mut left = Vec::new();
    for life in 0..3 {
        let store = Arc::new(SqliteOptions::new(&path).wal_pages(16).open(clock.clone()).unwrap());
        let desk = Desk::at(directory.path(), store, clock.clone()).await;
        desk.settled().await;
        if life == 0 {
            online(&desk, "ines", "support").await;
            has_room(&desk, "ines", 100).await;
            for _ in 0..70 {
                opened(&desk, json!({})).await;
            }
            route(&desk.app).await;
            of(&desk, "ines", "deactivate", json!({})).await;
            online(&desk, "omar", "support").await;
            has_room(&desk, "omar", 60).await;
            opened(&desk, json!({})).await;
        } else {
            route(&desk.app).await;
        }
        let log = folded(desk.app.store.as_ref()).await;
        let of = |id: &str| {
            let has = |ticket: &&docket_core::ticket::Ticket| {
                ticket.assignee.as_ref().is_some_and(|to| to.as_str() == id)
            };
            log.tickets.values().filter(has).count()
        };
        left.push([of("ines"), of("omar")]);
        drop(desk);
        if life == 1 {
            // Read models are disposable; what is to be done is in the log.
            std::fs::remove_dir_all(directory.path().join("read-models")).unwrap();
        }
    }
    assert_eq!(left, [[70, 0], [0, 60], [0, 60]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_imported_is_left_alone_until_somebody_here_offers_it() {
    let desk = Desk::open().await;
    let mut routing = Follower::of(&desk);
    online(&desk, "ines", "support").await;
    online(&desk, "omar", "support").await;
    let fact = |case: &str, seq: u64, kind: &str, data: Value| {
        let source = json!({ "system": "desk", "case": case, "seq": seq, "type": "updated", "actor": "Ana" });
        json!({ "type": kind, "schema": 1, "occurred_at": NOW.0 - 60_000, "source": source, "data": data })
    };
    let opened = |case: &str| {
        let data = json!({ "requester": { "id": "noor" }, "subject": "x", "channel": "import", "priority": "normal" });
        fact(case, 0, "ticket.opened", data)
    };
    let of_ines =
        |case: &str| json!([opened(case), fact(case, 1, "ticket.assigned", json!({ "to": "ines" }))]);
    let import = async |cases: &[Value]| {
        let lines: String = cases.iter().map(|facts| format!("{}\n", json!({ "facts": facts }))).collect();
        let call = desk.post("/api/v1/import").by("alma", "admin");
        let answer = call.header("content-type", "application/x-ndjson").raw(lines).await.ok(200);
        assert_eq!(answer["rejected"]["lines"], 0, "{answer}");
    };
    import(&[json!([opened("a")]), of_ines("b")]).await;
    let head = desk.head();
    routing.route().await;
    assert_eq!(desk.head(), head, "nothing follows from imported facts");
    desk.act(1, "offer", json!({})).by("lena", "supervisor").await.ok(200);
    routing.route().await;
    assert!(!assignee(&desk, 1).await.is_null());
    // Leaving is no imported fact: what was theirs by then goes to others, wherever it came from.
    of(&desk, "ines", "deactivate", json!({})).await;
    routing.route().await;
    assert_eq!(assignee(&desk, 2).await, "omar");
    // What an import says later of somebody who had left is left as it says.
    import(&[of_ines("c")]).await;
    routing.route().await;
    assert_eq!(assignee(&desk, 3).await, "ines");
}
