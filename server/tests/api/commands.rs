//! Every command: what it answers, what it appends, and that doing it again does nothing.

use super::desk::{Desk, NOW, opening};
use docket_core::clock::ManualClock;
use docket_core::store::sqlite::SqliteOptions;
use docket_core::ticket::command::ActionName;
use serde_json::{Value, json};
use std::sync::Arc;

/// What is done to ticket 1, which ines has open.
struct Done {
    command: &'static str,
    /// What happens to the ticket before, as pairs of command and body.
    before: Vec<(&'static str, Value)>,
    body: Value,
    /// The streams and types of what is appended, in order.
    events: &'static [&'static str],
    /// Whether the wish holds afterwards; a message is a new one each time.
    again: Again,
}

#[derive(PartialEq)]
enum Again {
    AlreadySo,
    Anew,
}

fn done(command: &'static str, body: Value, events: &'static [&'static str]) -> Done {
    Done { command, before: Vec::new(), body, events, again: Again::AlreadySo }
}

fn said(command: &'static str, body: Value, events: &'static [&'static str]) -> Done {
    Done { again: Again::Anew, ..done(command, body, events) }
}

impl Done {
    fn after(mut self, command: &'static str, body: Value) -> Self {
        self.before.push((command, body));
        self
    }
}

fn resolved(done: Done) -> Done {
    done.after("resolve", json!({ "resolution": "solved" }))
}

fn asked(done: Done) -> Done {
    let (command, body) = super::rules::asking();
    done.after(command, body)
}

fn every_command() -> Vec<Done> {
    let to = |to: &str| json!({ "to": to });
    let body = json!({ "body": "Hello" });
    vec![
        done(
            "assign",
            to("bob"),
            &[
                "ticket-1 ticket.reassigned",
                "agent-ines agent.ticket_released",
                "agent-bob agent.ticket_taken",
            ],
        ),
        done("assign", to("bob"), &["ticket-1 ticket.assigned", "agent-bob agent.ticket_taken"])
            .after("unassign", json!({})),
        done("unassign", json!({}), &["ticket-1 ticket.unassigned", "agent-ines agent.ticket_released"]),
        done(
            "offer",
            json!({}),
            &["ticket-1 ticket.unassigned", "ticket-1 ticket.offered", "agent-ines agent.ticket_released"],
        ),
        said("reply", body.clone(), &["ticket-1 ticket.replied"]),
        said(
            "reply",
            json!({ "body": "Which one?", "then_pending": true }),
            &["ticket-1 ticket.replied", "ticket-1 ticket.set_pending"],
        ),
        said("note", body.clone(), &["ticket-1 ticket.noted"]),
        said("customer-reply", body.clone(), &["ticket-1 ticket.customer_replied"]),
        resolved(said(
            "customer-reply",
            body,
            &[
                "ticket-1 ticket.customer_replied",
                "ticket-1 ticket.reopened",
                "agent-ines agent.ticket_taken",
            ],
        )),
        done("set-pending", json!({ "reason": "third-party" }), &["ticket-1 ticket.set_pending"]),
        done("set-open", json!({}), &["ticket-1 ticket.set_open"])
            .after("set-pending", json!({ "reason": "customer" })),
        Done {
            again: Again::Anew,
            ..done(
                "escalate",
                json!({ "reason": "needs-expertise", "to": { "team": "billing" }, "context": "Two payments" }),
                &["ticket-1 ticket.escalated", "agent-ines agent.ticket_released"],
            )
        },
        Done {
            again: Again::Anew,
            ..done(
                "escalate",
                json!({ "reason": "complaint", "to": { "supervisor": "sofía" }, "context": "Wants a call" }),
                &[
                    "ticket-1 ticket.escalated",
                    "agent-ines agent.ticket_released",
                    "agent-sofía agent.ticket_taken",
                ],
            )
        },
        done(
            "resolve",
            json!({ "resolution": "solved", "confirmation": true, "survey": true }),
            &["ticket-1 ticket.resolved", "agent-ines agent.ticket_released"],
        ),
        resolved(done("reopen", json!({}), &["ticket-1 ticket.reopened", "agent-ines agent.ticket_taken"])),
        resolved(done("seal", json!({}), &["ticket-1 ticket.sealed"])),
        asked(done("confirm", json!({}), &["ticket-1 ticket.confirmed"])),
        Done {
            again: Again::Anew,
            ..asked(done(
                "refuse",
                json!({ "body": "It still fails." }),
                &[
                    "ticket-1 ticket.confirmation_refused",
                    "ticket-1 ticket.reopened",
                    "agent-ines agent.ticket_taken",
                ],
            ))
        },
        done("change-team", to("billing"), &["ticket-1 ticket.team_changed"]),
        done("change-team", json!({ "to": null }), &["ticket-1 ticket.team_changed"])
            .after("change-team", to("billing")),
        done(
            "change-priority",
            to("urgent"),
            &["ticket-1 ticket.priority_changed", "agent-ines agent.ticket_reweighed"],
        ),
        done("change-category", to("billing"), &["ticket-1 ticket.category_changed"]),
        done("take", json!({}), &["ticket-1 ticket.assigned", "agent-local agent.ticket_taken"])
            .after("unassign", json!({})),
        escalated(done("acknowledge", json!({}), &["ticket-1 ticket.acknowledged"])).after("take", json!({})),
        done("snooze", json!({ "until": "2026-12-01T00:00:00Z" }), &["ticket-1 ticket.snoozed"]),
        done("tag", json!({ "add": ["vip"], "remove": ["old"] }), &["ticket-1 ticket.tags_changed"]),
        done("set-field", json!({ "field": "order", "to": "A-4711" }), &["ticket-1 ticket.field_changed"]),
        done("set-field", json!({ "field": "order", "to": null }), &["ticket-1 ticket.field_changed"])
            .after("set-field", json!({ "field": "order", "to": "A-4711" })),
        done("follow", json!({}), &["ticket-1 ticket.followed"]),
        done("unfollow", json!({}), &["ticket-1 ticket.unfollowed"]).after("follow", json!({})),
        done("link", json!({ "ticket": 2 }), &["ticket-1 ticket.linked", "ticket-2 ticket.linked"]),
        done("unlink", json!({ "ticket": 2 }), &["ticket-1 ticket.unlinked", "ticket-2 ticket.unlinked"])
            .after("link", json!({ "ticket": 2 })),
        done(
            "merge",
            json!({ "into": 2 }),
            &["ticket-1 ticket.merged", "ticket-2 ticket.absorbed", "agent-ines agent.ticket_released"],
        ),
    ]
}

fn escalated(done: Done) -> Done {
    let to = json!({ "reason": "complaint", "to": { "team": "account" }, "context": "x" });
    done.after("escalate", to)
}

/// Those that are refused the second time, since what they undo is undone.
fn once_only() -> Vec<Done> {
    vec![
        escalated(done(
            "return",
            json!({ "context": "It was the cache" }),
            &["ticket-1 ticket.returned", "agent-ines agent.ticket_taken"],
        )),
        done(
            "unmerge",
            json!({}),
            &["ticket-1 ticket.unmerged", "ticket-2 ticket.parted", "agent-ines agent.ticket_taken"],
        )
        .after("merge", json!({ "into": 2 })),
    ]
}

/// Ticket 1, which ines has open.
async fn desk_with_a_ticket() -> Desk {
    let desk = Desk::open().await;
    desk.ticket().await;
    desk.done(1, "assign", json!({ "to": "ines" })).await;
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_a_ticket_answers_with_its_number_version_and_position() {
    let desk = Desk::open().await;
    let answer = desk.post("/api/v1/tickets").json(&opening()).await;
    let opened = json!({ "ticket": 1, "version": 1, "position": 1, "outcome": "appended" });
    assert_eq!(answer.ok(201), opened);
    assert_eq!(answer.header("location"), Some("/api/v1/tickets/1"));
    assert_eq!(answer.header("docket-position"), Some("1"));
    assert_eq!(answer.header("etag"), Some("\"1\""));
    assert_eq!(desk.ticket().await, 2, "numbers are given out in order");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opened_ticket_is_recorded_as_it_was_sent() {
    let desk = desk_with_a_ticket().await;
    desk.done(1, "resolve", json!({ "resolution": "solved" })).await;
    desk.done(1, "seal", json!({})).await;
    let everything = json!({
        "requester": { "id": "noor", "name": "Noor Álvarez", "email": "noor@example.com" },
        "subject": "Cobrado dos veces", "body": "Dos pagos\nen marzo.", "priority": "high",
        "category": "billing", "team": "billing", "language": "es", "channel": "phone", "follows": 1,
    });
    let opened = desk.post("/api/v1/tickets").by("ines", "agent").header("docket-team", "front-desk");
    opened.json(&everything).await.ok(201);
    let mut log = desk.log().await;
    let linked = log.pop().unwrap();
    let told = (&linked["stream"], &linked["type"], &linked["data"], &linked["actor"]["id"]);
    assert_eq!(told, (&json!("ticket-1"), &json!("ticket.linked"), &json!({ "to": 2 }), &json!("ines")));
    let record = log.pop().unwrap();
    assert_eq!(record["data"], everything);
    assert_eq!(record["actor"], json!({ "id": "ines", "role": "agent", "team": "front-desk" }));
    assert_eq!((&record["type"], &record["origin"]), (&json!("ticket.opened"), &json!("decided")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_of_an_opening_has_a_stated_value() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let record = &desk.log().await[0];
    let data = json!({
        "requester": { "id": "noor" }, "subject": "Charged twice", "body": "Two payments in March.",
        "channel": "api", "language": "en", "priority": "normal",
    });
    assert_eq!(record["data"], data);
    assert_eq!(record["actor"], json!({ "id": "local", "role": "supervisor" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_sealed_ticket_is_followed_by_another() {
    let desk = desk_with_a_ticket().await;
    for (follows, says) in [(7, "no such ticket"), (1, "sealed")] {
        let (mut follow_up, before) = (opening(), desk.head());
        follow_up["follows"] = json!(follows);
        let refused = desk.post("/api/v1/tickets").json(&follow_up).await.problem(422, "invalid");
        assert_eq!(refused["field"], "follows");
        assert!(refused["detail"].as_str().unwrap().contains(says), "{refused}");
        assert_eq!(desk.head(), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_appends_what_it_says_and_tells_where() {
    for Done { command, before, body, events, .. } in every_command().into_iter().chain(once_only()) {
        let desk = desk_with_a_ticket().await;
        desk.ticket().await;
        for (command, body) in before {
            desk.done(1, command, body).await;
        }
        let before = desk.head();
        let version = desk.read("/api/v1/tickets/1").await["version"].as_u64().unwrap();
        let answer = desk.act(1, command, body.clone()).await;
        let on_the_ticket = events.iter().filter(|event| event.starts_with("ticket-1 ")).count() as u64;
        let (version, position) = (version + on_the_ticket, before + events.len() as u64);
        let expected =
            json!({ "ticket": 1, "version": version, "position": position, "outcome": "appended" });
        assert_eq!(answer.ok(200), expected, "{command}");
        assert_eq!(desk.events_after(before).await, events, "{command}");
        assert_eq!(answer.header("docket-position"), Some(position.to_string().as_str()));
        assert_eq!(answer.header("etag"), Some(format!("\"{version}\"").as_str()));
        let shown = desk.read("/api/v1/tickets/1").await;
        assert_eq!((&shown["version"], &shown["position"]), (&json!(version), &json!(position)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_that_holds_already_appends_nothing() {
    for Done { command, before, body, again, .. } in every_command() {
        if again == Again::Anew {
            continue;
        }
        let desk = desk_with_a_ticket().await;
        desk.ticket().await;
        for (command, body) in before {
            desk.done(1, command, body).await;
        }
        let first = desk.act(1, command, body.clone()).await.ok(200);
        let second = desk.act(1, command, body).await.ok(200);
        assert_eq!(second["outcome"], "already_so", "{command}");
        assert_eq!((&second["version"], &second["position"]), (&first["version"], &first["position"]));
        assert_eq!(desk.head(), first["position"].as_u64().unwrap(), "{command}");
    }
}

#[test]
fn no_command_is_left_out_above() {
    for action in ActionName::ALL {
        let name = action.as_str();
        let listed = every_command().into_iter().chain(once_only());
        assert!(listed.into_iter().any(|done| done.command == name), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_without_fields_may_come_without_a_body() {
    let desk = desk_with_a_ticket().await;
    let answer = desk.post("/api/v1/tickets/1/unassign").await;
    assert_eq!(answer.ok(200)["outcome"], "appended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resolution_is_recorded_as_it_was_sent() {
    let desk = desk_with_a_ticket().await;
    desk.done(1, "change-category", json!({ "to": "billing" })).await;
    let resolve =
        json!({ "resolution": "solved", "notes": "Refunded", "confirmation": true, "survey": true });
    let position = desk.done(1, "resolve", resolve).await - 1;
    let data = json!({
        "resolution": "solved", "category": "billing", "assignee": "ines", "notes": "Refunded",
        "confirmation": true, "survey": true,
    });
    assert_eq!(desk.log().await[position as usize - 1]["data"], data);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_not_resolved_without_a_category() {
    let desk = desk_with_a_ticket().await;
    let before = desk.head();
    for body in [
        json!({}),
        json!({ "notes": "Refunded" }),
        json!({ "resolution": null }),
        json!({ "resolution": "" }),
        json!({ "resolution": " " }),
    ] {
        let refused = desk.act(1, "resolve", body.clone()).await.problem(422, "resolution-missing");
        assert_eq!(refused["field"], "resolution", "{body}");
        let many = json!({ "tickets": [{ "ticket": 1 }], "command": "resolve", "with": body });
        let refused = desk.post("/api/v1/tickets/bulk").json(&many).await.problem(422, "resolution-missing");
        assert_eq!(refused["field"], "with.resolution");
    }
    desk.act(1, "resolve", json!({ "resolution": "not that" })).await.problem(422, "invalid");
    let said = async |language| {
        let call = desk.act(1, "resolve", json!({})).header("accept-language", language);
        call.await.problem(422, "resolution-missing")["title"].clone()
    };
    assert_eq!(said("en").await, "Say how the work ended: a resolution category is missing.");
    assert_eq!(said("es").await, "Di cómo terminó el trabajo: falta una categoría de resolución.");
    assert_eq!(desk.head(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_with_a_long_history_is_decided_on_all_of_it() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(NOW));
    let path = directory.path().join("log.db");
    let long = json!({ "body": "x".repeat(64 * 1024) });
    for life in 0..2 {
        let store = Arc::new(SqliteOptions::new(&path).wal_pages(16).open(clock.clone()).unwrap());
        let desk = Desk::at(directory.path(), store, clock.clone()).await;
        if life == 0 {
            desk.ticket().await;
            for _ in 0..80 {
                desk.act(1, "note", long.clone()).await.ok(200);
            }
        }
        // The second server reads five megabytes before it decides.
        let assigned = desk.act(1, "assign", json!({ "to": format!("agent {life}") })).await.ok(200);
        assert_eq!(assigned["version"], 82 + life);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_one_command_appends_belongs_together() {
    let desk = desk_with_a_ticket().await;
    let before = desk.head() as usize;
    desk.done(1, "assign", json!({ "to": "bob" })).await;
    desk.done(1, "note", json!({ "body": "x" })).await;
    let log = desk.log().await;
    let [a, b, c, other] = &log[before..] else { panic!("{log:?}") };
    assert_eq!((&a["correlation"], &a["correlation"]), (&b["correlation"], &c["correlation"]));
    assert_ne!(a["correlation"], other["correlation"]);
}
