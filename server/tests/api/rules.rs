//! What is refused and why: the rules of the domain as they come through the API (promise D4).

use super::desk::Desk;
use docket_core::ticket::command::ActionName;
use serde_json::{Value, json};

/// A ticket in each state that the rules tell apart, by what is done to it.
pub(crate) fn states() -> Vec<(&'static str, Vec<(&'static str, Value)>)> {
    let assign = ("assign", json!({ "to": "ines" }));
    let pending = ("set-pending", json!({ "reason": "customer" }));
    let resolve = ("resolve", json!({ "resolution": "solved" }));
    let seal = ("seal", json!({}));
    let escalate =
        ("escalate", json!({ "reason": "complaint", "to": { "team": "account" }, "context": "x" }));
    let snooze = ("snooze", json!({ "until": "2026-11-30T00:00:00Z" }));
    vec![
        ("escalated", vec![assign.clone(), escalate]),
        ("snoozed", vec![assign.clone(), snooze]),
        ("merged", vec![("merge", json!({ "into": 1 }))]),
        ("new", vec![]),
        ("open", vec![assign.clone()]),
        ("returned", vec![assign.clone(), ("unassign", json!({}))]),
        ("pending", vec![assign.clone(), pending]),
        ("resolved", vec![assign.clone(), resolve.clone()]),
        ("asked", vec![assign.clone(), asking()]),
        ("sealed", vec![assign, resolve, seal]),
    ]
}

/// Resolves a ticket and asks its customer whether it is solved and how it was.
pub(crate) fn asking() -> (&'static str, Value) {
    ("resolve", json!({ "resolution": "solved", "confirmation": true, "survey": true }))
}

/// A body that asks for something that is not so yet, in any state above.
pub(crate) fn body(action: ActionName) -> Value {
    match action {
        ActionName::Assign => json!({ "to": "somebody else" }),
        ActionName::ChangeTeam | ActionName::ChangeCategory => json!({ "to": "technical" }),
        ActionName::ChangePriority => json!({ "to": "low" }),
        ActionName::Reply | ActionName::CustomerReply | ActionName::Note | ActionName::Refuse => {
            json!({ "body": "x" })
        }
        ActionName::Rate => json!({ "score": "good" }),
        ActionName::SetPending => json!({ "reason": "third-party" }),
        ActionName::Escalate => {
            json!({ "reason": "complaint", "to": { "team": "technical" }, "context": "x" })
        }
        ActionName::Resolve => json!({ "resolution": "spam" }),
        ActionName::Return => json!({ "context": "x" }),
        ActionName::Snooze => json!({ "until": "2026-12-01T00:00:00Z" }),
        ActionName::Tag => json!({ "add": ["vip"] }),
        ActionName::SetField => json!({ "field": "order", "to": "A-4711" }),
        ActionName::Link | ActionName::Unlink => json!({ "ticket": 1 }),
        ActionName::Merge => json!({ "into": 1 }),
        ActionName::Take
        | ActionName::Unassign
        | ActionName::Offer
        | ActionName::SetOpen
        | ActionName::Reopen
        | ActionName::Seal
        | ActionName::Acknowledge
        | ActionName::Follow
        | ActionName::Unfollow
        | ActionName::Unmerge
        | ActionName::Confirm
        | ActionName::Wake => json!({}),
    }
}

pub(crate) async fn ticket_in(desk: &Desk, steps: &[(&str, Value)]) -> u64 {
    let ticket = desk.ticket().await;
    for (command, body) in steps {
        desk.done(ticket, command, body.clone()).await;
    }
    ticket
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_lists_exactly_the_commands_that_have_an_effect_now() {
    let desk = Desk::open().await;
    // The one that others are linked with and merged into.
    desk.ticket().await;
    for (state, steps) in states() {
        // Those who may read a ticket at all.
        for role in ["agent", "supervisor", "admin", "auditor"] {
            for action in ActionName::ALL {
                let (ticket, name) = (ticket_in(&desk, &steps).await, action.as_str());
                let path = format!("/api/v1/tickets/{ticket}?at_least={}", desk.head());
                let shown = desk.get(path).by("x", role).await.ok(200);
                let listed = shown["allowed"].as_array().unwrap().contains(&json!(name));
                let before = desk.head();
                let answer = desk.act(ticket, name, body(action)).by("x", role).await;
                let context = format!("{name} on a {state} ticket by {role}: {}", answer.text());
                assert_eq!(desk.head() > before, listed, "{context}");
                if ![200, 201].contains(&answer.status) {
                    assert!([403, 409].contains(&answer.status), "{context}");
                    answer.check_problem();
                }
                // There is room for a hundred in the one.
                if desk.read(&format!("/api/v1/tickets/{ticket}")).await["merged_into"] == 1 {
                    desk.done(ticket, "unmerge", json!({})).await;
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_may_do_what_the_table_says_and_nothing_else() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let staff = ["agent", "supervisor", "admin"];
    for role in ["customer", "agent", "supervisor", "admin", "auditor", "analyst"] {
        for action in ActionName::ALL {
            let steps = match action {
                ActionName::Unassign => vec![("assign", json!({ "to": "noor" }))],
                ActionName::Acknowledge | ActionName::Return => {
                    vec![("escalate", body(ActionName::Escalate))]
                }
                ActionName::Unlink => vec![("link", body(ActionName::Link))],
                ActionName::Unmerge => vec![("merge", body(ActionName::Merge))],
                ActionName::SetOpen => vec![("set-pending", json!({ "reason": "customer" }))],
                ActionName::Confirm | ActionName::Refuse => {
                    vec![("assign", json!({ "to": "ines" })), asking()]
                }
                ActionName::Reopen | ActionName::Seal => vec![("resolve", json!({ "resolution": "spam" }))],
                _ => vec![],
            };
            let ticket = ticket_in(&desk, &steps).await;
            if action == ActionName::Unfollow && staff.contains(&role) {
                desk.act(ticket, "follow", json!({})).by("noor", role).await.ok(200);
            }
            let before = desk.head();
            let answer = desk.act(ticket, action.as_str(), body(action)).by("noor", role).await;
            // An agent takes; who works on what otherwise is for supervisors to say.
            let leads_only = matches!(action, ActionName::Assign | ActionName::Offer);
            if staff.contains(&role) && !(leads_only && role == "agent") {
                assert_eq!(answer.ok(200)["outcome"], "appended", "{role} {action:?}");
            } else {
                answer.problem(403, "role-not-allowed");
                assert_eq!(desk.head(), before, "{role} {action:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_works_tickets_opens_them_for_others() {
    let desk = Desk::open().await;
    for (role, may) in [("customer", false), ("agent", true), ("auditor", false), ("analyst", false)] {
        let answer = desk.post("/api/v1/tickets").by("noor", role).json(&super::desk::opening()).await;
        if may { drop(answer.ok(201)) } else { drop(answer.problem(403, "role-not-allowed")) }
    }
    assert_eq!(desk.head(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_says_why_and_leaves_no_event() {
    let desk = Desk::open().await;
    let states: std::collections::BTreeMap<_, _> = states().into_iter().collect();
    let escalate = |to: Value| json!({ "reason": "complaint", "to": to, "context": "x" });
    for (state, command, body, code) in [
        ("new", "set-open", json!({}), "ticket-not-started"),
        ("new", "resolve", json!({ "resolution": "solved" }), "ticket-without-assignee"),
        ("open", "reopen", json!({}), "ticket-not-resolved"),
        ("open", "seal", json!({}), "ticket-not-resolved"),
        ("open", "escalate", escalate(json!({ "supervisor": "ines" })), "escalation-to-itself"),
        ("open", "confirm", json!({}), "ticket-not-resolved"),
        ("open", "refuse", json!({ "body": "x" }), "ticket-not-resolved"),
        ("resolved", "confirm", json!({}), "confirmation-not-asked"),
        ("resolved", "refuse", json!({ "body": "x" }), "confirmation-not-asked"),
        ("sealed", "confirm", json!({}), "ticket-sealed"),
        ("sealed", "refuse", json!({ "body": "x" }), "ticket-sealed"),
        ("resolved", "assign", json!({ "to": "bob" }), "ticket-resolved"),
        ("resolved", "reply", json!({ "body": "x", "then_pending": true }), "ticket-resolved"),
        ("resolved", "resolve", json!({ "resolution": "duplicate" }), "ticket-already-resolved"),
        // Notes that would be lost are not passed over in silence.
        ("resolved", "resolve", json!({ "resolution": "solved", "notes": "x" }), "ticket-already-resolved"),
        ("sealed", "reply", json!({ "body": "x" }), "ticket-sealed"),
        ("sealed", "reopen", json!({}), "ticket-sealed"),
    ] {
        let (ticket, before) = (ticket_in(&desk, &states[state]).await, desk.head());
        desk.act(ticket, command, body).await.problem(409, code);
        assert_eq!(desk.head(), before, "{command} on a {state} ticket");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_is_not_there_is_told_from_everything_else() {
    let desk = Desk::open().await;
    desk.ticket().await;
    for action in ActionName::ALL {
        desk.act(2, action.as_str(), body(action)).await.problem(404, "ticket-not-found");
        // Whoever may not do it anyway does not learn what is there.
        for ticket in [1, 2] {
            let refused = desk.act(ticket, action.as_str(), body(action)).by("x", "auditor").await;
            refused.problem(403, "role-not-allowed");
        }
    }
    for read in ["", "/timeline", "/sla"] {
        let path = format!("/api/v1/tickets/2{read}");
        desk.get(path).await.problem(404, "ticket-not-found");
    }
    assert_eq!(desk.head(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_commands_that_race_each_is_decided_on_what_came_before() {
    let desk = Desk::on_sqlite().await;
    desk.ticket().await;
    desk.done(1, "assign", json!({ "to": "ines" })).await;
    // A version check fails for most of them at first; each is decided anew until it goes through.
    let notes =
        (0..12).map(|index| desk.act(1, "note", json!({ "body": format!("note {index}") })).into_future());
    let resolve =
        |resolution: &str| desk.act(1, "resolve", json!({ "resolution": resolution })).into_future();
    let answers = futures_util::future::join_all(notes.chain([
        resolve("solved"),
        resolve("duplicate"),
        resolve("declined"),
    ]))
    .await;
    let (notes, resolves) = answers.split_at(12);
    assert!(notes.iter().all(|answer| answer.ok(200)["outcome"] == "appended"));
    let granted = resolves.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(granted, 1, "{resolves:?}");
    for refused in resolves.iter().filter(|answer| answer.status != 200) {
        refused.problem(409, "ticket-already-resolved");
    }
    let shown = desk.read("/api/v1/tickets/1").await;
    assert_eq!(shown["version"], 2 + 12 + 1, "{shown}");
}
