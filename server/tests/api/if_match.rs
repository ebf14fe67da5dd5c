//! Nobody answers a message they have not seen: `If-Match` and what was missed (PRODUCT section 4).

use super::desk::Desk;
use docket_core::ticket::command::ActionName;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Ticket 1, assigned to ines, at version 2.
async fn desk_with_a_ticket() -> Desk {
    let desk = Desk::on_sqlite().await;
    desk.ticket().await;
    desk.done(1, "assign", json!({ "to": "ines" })).await;
    desk
}

/// Commands that come before another, with their bodies.
type Before = &'static [(&'static str, &'static str)];

/// Every command that depends on what was said, with what comes before it.
fn commands_that_must_not_miss() -> [(Before, &'static str, Value); 9] {
    [
        (&[], "reply", json!({ "body": "x" })),
        (&[], "escalate", json!({ "reason": "complaint", "to": { "team": "technical" }, "context": "x" })),
        (&[], "resolve", json!({ "resolution": "solved" })),
        (&[], "snooze", json!({ "until": "2026-12-01T00:00:00Z" })),
        (
            &[("escalate", r#"{"reason":"complaint","to":{"team":"account"},"context":"x"}"#)],
            "return",
            json!({ "context": "x" }),
        ),
        (&[], "set-pending", json!({ "reason": "customer" })),
        (&[("set-pending", r#"{"reason":"customer"}"#)], "set-open", json!({})),
        (&[("resolve", r#"{"resolution":"solved"}"#)], "reopen", json!({})),
        (&[("resolve", r#"{"resolution":"solved"}"#)], "seal", json!({})),
    ]
}

/// A ticket on which the command could be given, and its version.
async fn ready(before: Before) -> (Desk, u64) {
    let desk = desk_with_a_ticket().await;
    for (command, body) in before {
        desk.done(1, command, serde_json::from_str(body).unwrap()).await;
    }
    let version = 2 + before.len() as u64;
    (desk, version)
}

#[test]
fn every_command_that_depends_on_the_thread_is_tried_here() {
    let tried: BTreeSet<&str> =
        commands_that_must_not_miss().iter().map(|(_, command, _)| *command).collect();
    let depending = ActionName::ALL.into_iter().filter(|action| action.depends_on_the_thread());
    assert_eq!(tried, depending.map(ActionName::as_str).collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_stops_when_a_message_came_in_and_tells_what_was_missed() {
    for (before, command, body) in commands_that_must_not_miss() {
        let (desk, seen) = ready(before).await;
        desk.done(1, "note", json!({ "body": "Looks like the bank" })).await;
        desk.act(1, "reply", json!({ "body": "Is it the bank?" })).by("bob", "agent").await.ok(200);
        let head = desk.head();
        let refused = desk.act(1, command, body.clone()).seen(seen).await.problem(412, "thread-moved");
        assert_eq!(refused["current_version"], seen + 2, "{command}");
        let log = desk.log().await;
        assert_eq!(refused["missed"], json!(log[log.len() - 2..]), "{command}");
        assert_eq!(refused["missed"][1]["data"]["body"], "Is it the bank?");
        assert_eq!(desk.head(), head, "{command} left an event");
        // Read what is new and send again.
        desk.act(1, command, body).seen(seen + 2).await.ok(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_depends_on_the_thread_says_what_was_read() {
    for (before, command, body) in commands_that_must_not_miss() {
        let (desk, seen) = ready(before).await;
        let head = desk.head();
        let silent = || desk.act(1, command, body.clone()).unread();
        let refused = silent().key("k").await.problem(428, "precondition-required");
        assert!(refused["detail"].as_str().unwrap().contains('*'), "{refused}");
        let refused = silent().header("accept-language", "es").await.problem(428, "precondition-required");
        assert_eq!(refused["title"], "La petición no dice qué versión del ticket se ha leído.");
        // Whoever may not give it at all is told that.
        silent().by("noor", "customer").await.problem(403, "role-not-allowed");
        assert_eq!(desk.head(), head, "{command} left an event");
        desk.act(1, command, body).seen(seen).key("k").await.ok(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_star_acts_whatever_was_said_meanwhile() {
    for (before, command, body) in commands_that_must_not_miss() {
        let (desk, _) = ready(before).await;
        desk.act(1, "reply", json!({ "body": "Is it the bank?" })).by("bob", "agent").await.ok(200);
        let answer = desk.act(1, command, body).unread().header("if-match", " * ").await;
        assert_eq!(answer.ok(200)["outcome"], "appended", "{command}");
    }
    let desk = desk_with_a_ticket().await;
    desk.act(99, "reply", json!({ "body": "x" }))
        .header("if-match", "*")
        .await
        .problem(404, "ticket-not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_moves_no_thread() {
    for (before, command, body) in commands_that_must_not_miss() {
        let (desk, seen) = ready(before).await;
        desk.done(1, "note", json!({ "body": "x" })).await;
        desk.done(1, "change-category", json!({ "to": "technical" })).await;
        if before.first().is_none_or(|(before, _)| *before != "resolve") {
            desk.done(1, "change-priority", json!({ "to": "urgent" })).await;
            desk.done(1, "change-team", json!({ "to": "billing" })).await;
        }
        desk.act(1, command, body).seen(seen).await.ok(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_of_a_colleague_is_a_message_too() {
    let desk = desk_with_a_ticket().await;
    desk.act(1, "reply", json!({ "body": "Looking into it" })).by("bob", "agent").seen(2).await.ok(200);
    let refused = desk.act(1, "reply", json!({ "body": "Which one?" })).by("ines", "agent").seen(2).await;
    assert_eq!(refused.problem(412, "thread-moved")["missed"][0]["actor"]["id"], "bob");
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_commute_with_messages_go_through_on_an_old_version() {
    let desk = desk_with_a_ticket().await;
    desk.done(1, "customer-reply", json!({ "body": "More" })).await;
    for (command, body) in [
        ("note", json!({ "body": "x" })),
        ("assign", json!({ "to": "bob" })),
        ("change-team", json!({ "to": "billing" })),
        ("change-priority", json!({ "to": "urgent" })),
        ("change-category", json!({ "to": "billing" })),
        ("customer-reply", json!({ "body": "And more" })),
        ("unassign", json!({})),
    ] {
        let answer = desk.act(1, command, body.clone()).seen(1).await;
        assert_eq!(answer.ok(200)["outcome"], "appended", "{command}");
        desk.act(1, command, body).unread().await.ok(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_replies_decided_on_the_same_version_one_stops() {
    let desk = desk_with_a_ticket().await;
    for round in 1..=10_u64 {
        let version = desk.read("/api/v1/tickets/1").await["version"].as_u64().unwrap();
        let reply = |actor: &str| {
            let body = json!({ "body": format!("{actor} {round}") });
            desk.act(1, "reply", body).by(actor, "agent").seen(version).into_future()
        };
        let answers = futures_util::future::join(reply("ines"), reply("bob")).await;
        let (granted, stopped) =
            if answers.0.status == 200 { (answers.0, answers.1) } else { (answers.1, answers.0) };
        assert_eq!(granted.ok(200)["outcome"], "appended");
        let stopped = stopped.problem(412, "thread-moved");
        assert_eq!(stopped["missed"].as_array().unwrap().len(), 1);
        assert_eq!(desk.head(), 3 + round);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_etag_of_a_ticket_is_what_if_match_takes() {
    let desk = desk_with_a_ticket().await;
    let read = desk.get("/api/v1/tickets/1?at_least=3").await;
    let tag = read.header("etag").unwrap().to_owned();
    let replied = desk.act(1, "reply", json!({ "body": "x" })).header("if-match", &tag).await;
    replied.ok(200);
    let tag = replied.header("etag").unwrap().to_owned();
    desk.act(1, "reply", json!({ "body": "y" })).header("if-match", &tag).await.ok(200);
    desk.act(1, "reply", json!({ "body": "z" })).header("if-match", &tag).await.problem(412, "thread-moved");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_the_ticket_never_had_is_refused() {
    let desk = desk_with_a_ticket().await;
    for version in [3, u64::MAX] {
        for (command, body) in [("reply", json!({ "body": "x" })), ("note", json!({ "body": "x" }))] {
            let refused = desk.act(1, command, body).seen(version).await.problem(412, "version-ahead");
            assert_eq!(refused["current_version"], 2, "{command}");
        }
    }
    // Nor has it ever been at one that no number holds.
    let far = desk.act(1, "note", json!({ "body": "x" })).header("if-match", "\"99999999999999999999\"");
    far.await.problem(412, "version-ahead");
    assert_eq!(desk.head(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_much_that_was_missed_the_oldest_hundred_are_told() {
    let desk = desk_with_a_ticket().await;
    for index in 0..120 {
        desk.done(1, "customer-reply", json!({ "body": format!("{index}") })).await;
    }
    let refused = desk.act(1, "reply", json!({ "body": "x" })).seen(2).await.problem(412, "thread-moved");
    let missed = refused["missed"].as_array().unwrap();
    assert_eq!((missed.len(), &missed[0]["version"], &missed[99]["version"]), (100, &json!(3), &json!(102)));
    assert_eq!(refused["current_version"], 122);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_if_match_that_is_no_version_is_refused() {
    let desk = desk_with_a_ticket().await;
    for bad in [
        "**",
        "\"*\"",
        "*, \"2\"",
        "2",
        "W/\"2\"",
        "\"\"",
        "\"x\"",
        "\"-1\"",
        "\"2\", \"3\"",
        "\"0\"",
        "\"02\"",
        "\"+2\"",
        "\"100000000000000000000\"",
        "\"2",
        "",
    ] {
        for command in ["reply", "note"] {
            let refused = desk.act(1, command, json!({ "body": "x" })).header("if-match", bad).await;
            assert_eq!(refused.problem(422, "invalid")["field"], "if-match", "{bad}");
        }
    }
    let refused = desk.act(1, "reply", json!({ "body": "x" })).header("if-match", b"\"\xff\"").await;
    refused.problem(422, "invalid");
    let twice = desk.act(1, "reply", json!({ "body": "x" })).seen(2).seen(3).await;
    assert_eq!(twice.problem(422, "invalid")["field"], "if-match");
    assert_eq!(desk.head(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_of_a_ticket_that_is_not_there_is_not_found() {
    let desk = desk_with_a_ticket().await;
    desk.act(99, "note", json!({ "body": "Hello" })).seen(1).await.problem(404, "ticket-not-found");
}
