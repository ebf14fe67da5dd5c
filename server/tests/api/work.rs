//! The work beside what is said, through the API: who takes and assigns, escalations handed back, sorting and merging.

use super::customer_access::customer;
use super::desk::Desk;
use super::letting_in::{guarded, hire, hired};
use docket_core::actor::Role;
use docket_core::ticket::LINKS_MAX;
use serde_json::{Value, json};

pub(super) fn escalation(to: Value) -> Value {
    json!({ "reason": "complaint", "to": to, "context": "Third time this week" })
}

/// Each of these is refused with a code and leaves nothing behind.
pub(super) async fn refused(desk: &Desk, ticket: u64, command: &str, body: Value, status: u16, code: &str) {
    let before = desk.head();
    desk.act(ticket, command, body).await.problem(status, code);
    assert_eq!(desk.head(), before, "{command}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_takes_what_is_nobodys_and_a_supervisor_says_who_works_on_what() {
    let desk = Desk::open().await;
    desk.ticket().await;
    desk.act(1, "take", json!({})).by("ines", "agent").await.ok(200);
    desk.act(1, "take", json!({})).by("bob", "agent").await.problem(409, "ticket-of-somebody-else");
    desk.act(1, "unassign", json!({})).by("bob", "agent").await.problem(409, "ticket-of-somebody-else");
    desk.act(1, "assign", json!({ "to": "bob" })).by("bob", "agent").await.problem(403, "role-not-allowed");
    desk.act(1, "assign", json!({ "to": "bob" })).by("lena", "supervisor").await.ok(200);
    assert_eq!(desk.read("/api/v1/tickets/1").await["assignee"], "bob");
    desk.act(1, "unassign", json!({})).by("bob", "agent").await.ok(200);
    desk.act(1, "take", json!({})).by("lena", "supervisor").await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_left_does_nothing_more_where_headers_are_believed_either() {
    let desk = Desk::open().await;
    hire(&desk, "ines", Role::Agent, &[]).await;
    desk.ticket().await;
    desk.post("/api/v1/staff/ines/deactivate").by("alma", "admin").json(&json!({})).await.ok(200);
    let before = desk.head();
    for (command, body) in [("take", json!({})), ("reply", json!({ "body": "x" }))] {
        for role in ["agent", "supervisor", "admin"] {
            let answer = desk.act(1, command, body.clone()).by("ines", role).await;
            answer.problem(401, "account-inactive");
        }
    }
    desk.get("/api/v1/tickets/1").by("ines", "auditor").await.problem(401, "account-inactive");
    assert_eq!(desk.head(), before);
    // A customer of that name is somebody else.
    desk.get("/api/v1/my/tickets").by("ines", "customer").await.ok(200);
    desk.post("/api/v1/staff/ines/reactivate").by("alma", "admin").json(&json!({})).await.ok(200);
    desk.act(1, "take", json!({})).by("ines", "agent").await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_take_a_ticket_at_once_one_has_it() {
    let desk = Desk::on_sqlite().await;
    desk.ticket().await;
    let takes = (0..64)
        .map(|number| desk.act(1, "take", json!({})).by(&format!("agent-{number}"), "agent").into_future());
    let answers = futures_util::future::join_all(takes).await;
    let taken = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(taken, 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.problem(409, "ticket-of-somebody-else");
    }
    let assigned = desk.log().await.iter().filter(|event| event["type"] == "ticket.assigned").count();
    assert_eq!(assigned, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_somebody_who_works_tickets_is_assigned_or_escalated_to() {
    let desk = guarded().await;
    let lena = hired(&desk, "lena", Role::Supervisor, &["support"]).await;
    hire(&desk, "ines", Role::Agent, &["billing"]).await;
    hire(&desk, "paula", Role::Analyst, &[]).await;
    let ticket = super::desk::opening();
    desk.post("/api/v1/tickets").header("cookie", &lena).json(&ticket).await.ok(201);
    let act = |command: &str, body: Value| desk.act(1, command, body).header("cookie", &lena);
    for name in ["nobody-here", "paula"] {
        act("assign", json!({ "to": name })).await.problem(422, "unknown-assignee");
    }
    // Ines works tickets, and was not granted to be escalated to.
    for name in ["nobody-here", "paula", "ines"] {
        let to = json!({ "supervisor": name });
        act("escalate", escalation(to)).await.problem(422, "unknown-supervisor");
    }
    let to = json!({ "team": "technical" });
    act("escalate", escalation(to)).await.problem(422, "team-without-members");
    act("escalate", escalation(json!({ "team": "nowhere" }))).await.problem(422, "unknown-team");
    act("escalate", escalation(json!({ "supervisor": "lena" }))).await.ok(200);
    act("assign", json!({ "to": "ines" })).await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_escalation_says_where_it_came_from_until_it_is_returned() {
    let desk = Desk::open().await;
    desk.ticket().await;
    refused(&desk, 1, "acknowledge", json!({}), 409, "ticket-not-escalated").await;
    refused(&desk, 1, "return", json!({ "context": "x" }), 409, "ticket-not-escalated").await;
    desk.done(1, "change-team", json!({ "to": "support" })).await;
    desk.done(1, "assign", json!({ "to": "ines" })).await;
    desk.done(1, "escalate", escalation(json!({ "team": "billing" }))).await;
    let shown = desk.read("/api/v1/tickets/1").await;
    let mut from = json!({
        "version": 4, "reason": "complaint", "from_team": "support", "from_assignee": "ines", "by": "local",
        "context": "Third time this week", "at": desk.app.now().to_rfc3339(),
    });
    assert_eq!((&shown["escalation"], &shown["lane"]), (&from, &json!("new")));
    refused(&desk, 1, "acknowledge", json!({}), 409, "not-the-receiver").await;
    desk.act(1, "acknowledge", json!({})).by("toni", "agent").await.ok(200);
    from["acknowledged"] = json!(true);
    for told_until_then in ["context", "at"] {
        from.as_object_mut().unwrap().remove(told_until_then);
    }
    assert_eq!(desk.read("/api/v1/tickets/1").await["escalation"], from);
    desk.done(1, "return", json!({ "context": "It was the cache" })).await;
    let shown = desk.read("/api/v1/tickets/1").await;
    let back = (&shown["team"], &shown["assignee"], &shown["escalation"]);
    assert_eq!(back, (&json!("support"), &json!("ines"), &Value::Null));
    desk.done(1, "resolve", json!({ "resolution": "solved" })).await;
    refused(&desk, 1, "escalate", escalation(json!({ "team": "billing" })), 409, "ticket-resolved").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_returned_to_somebody_who_left_waits_in_their_team() {
    let desk = Desk::open().await;
    hire(&desk, "ines", Role::Agent, &["support"]).await;
    hire(&desk, "toni", Role::Supervisor, &["billing"]).await;
    hire(&desk, "alma", Role::Admin, &[]).await;
    desk.ticket().await;
    desk.done(1, "change-team", json!({ "to": "support" })).await;
    desk.done(1, "assign", json!({ "to": "ines" })).await;
    desk.done(1, "escalate", escalation(json!({ "team": "billing" }))).await;
    desk.post("/api/v1/staff/ines/deactivate").by("alma", "admin").json(&json!({})).await.ok(200);
    desk.done(1, "return", json!({ "context": "x" })).await;
    let shown = desk.read("/api/v1/tickets/1").await;
    assert_eq!((&shown["team"], &shown["assignee"]), (&json!("support"), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_laid_aside_until_an_instant_ahead() {
    let desk = Desk::open().await;
    desk.ticket().await;
    for until in ["2026-11-21T09:30:00Z", "2020-01-01T00:00:00Z", "2028-01-01T00:00:00Z"] {
        refused(&desk, 1, "snooze", json!({ "until": until }), 422, "snooze-out-of-range").await;
    }
    refused(&desk, 1, "snooze", json!({ "until": "tomorrow" }), 422, "invalid").await;
    desk.done(1, "snooze", json!({ "until": "2026-11-22T09:00:00Z" })).await;
    let shown = desk.read("/api/v1/tickets/1").await;
    assert_eq!(
        (&shown["lane"], &shown["snoozed_until"]),
        (&json!("pending"), &json!("2026-11-22T09:00:00Z"))
    );
    desk.done(1, "customer-reply", json!({ "body": "Still there?" })).await;
    let shown = desk.read("/api/v1/tickets/1").await;
    assert_eq!((&shown["status"], &shown["snoozed_until"]), (&json!("open"), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_fields_followers_and_links_are_shown_and_bounded() {
    let desk = Desk::open().await;
    for _ in 0..2 {
        desk.ticket().await;
    }
    desk.done(1, "tag", json!({ "add": ["vip", "refund"] })).await;
    desk.done(1, "tag", json!({ "remove": ["refund"] })).await;
    desk.done(1, "set-field", json!({ "field": "order-number", "to": "A-4711" })).await;
    desk.act(1, "follow", json!({})).by("ines", "agent").await.ok(200);
    desk.done(1, "link", json!({ "ticket": 2 })).await;
    let shown = desk.read("/api/v1/tickets/1").await;
    assert_eq!((&shown["tags"], &shown["links"]), (&json!(["vip"]), &json!([2])));
    assert_eq!(
        (&shown["fields"], &shown["followers"]),
        (&json!({ "order-number": "A-4711" }), &json!(["ines"]))
    );
    assert_eq!(desk.read("/api/v1/tickets/2").await["links"], json!([1]));
    let tags: Vec<String> = (0..50).map(|number| format!("tag-{number}")).collect();
    refused(&desk, 1, "tag", json!({ "add": tags }), 409, "ticket-has-too-many").await;
    refused(&desk, 1, "link", json!({ "ticket": 1 }), 409, "linked-to-itself").await;
    refused(&desk, 1, "link", json!({ "ticket": 99 }), 422, "other-ticket-not-found").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_ticket_of_a_link_is_full_as_well() {
    let desk = Desk::open().await;
    for _ in 0..LINKS_MAX as u64 + 2 {
        desk.ticket().await;
    }
    for number in 2..LINKS_MAX as u64 + 2 {
        desk.done(number, "link", json!({ "ticket": 1 })).await;
    }
    let last = LINKS_MAX as u64 + 2;
    refused(&desk, last, "link", json!({ "ticket": 1 }), 409, "ticket-has-too-many").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_merged_says_why() {
    let desk = Desk::open().await;
    for requester in ["noor", "noor", "noor", "eva", "noor"] {
        let mut ticket = super::desk::opening();
        ticket["requester"]["id"] = json!(requester);
        desk.post("/api/v1/tickets").json(&ticket).await.ok(201);
    }
    let into = |ticket: u64| json!({ "into": ticket });
    refused(&desk, 1, "merge", into(1), 409, "merged-into-itself").await;
    refused(&desk, 1, "merge", into(99), 422, "other-ticket-not-found").await;
    refused(&desk, 1, "merge", into(4), 409, "merge-of-another-customer").await;
    refused(&desk, 1, "unmerge", json!({}), 409, "ticket-not-merged").await;
    desk.done(1, "merge", into(2)).await;
    refused(&desk, 2, "merge", into(1), 409, "merged-in-a-circle").await;
    refused(&desk, 2, "merge", into(3), 409, "merge-source-has-merged").await;
    refused(&desk, 3, "merge", into(1), 409, "merge-target-merged").await;
    refused(&desk, 1, "merge", into(3), 409, "ticket-merged").await;
    refused(&desk, 1, "reply", json!({ "body": "x" }), 409, "ticket-merged").await;
    desk.done(5, "resolve", json!({ "resolution": "spam" })).await;
    desk.done(5, "seal", json!({})).await;
    refused(&desk, 3, "merge", into(5), 409, "merge-target-sealed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_customer_writes_to_a_merged_ticket_goes_on_and_stays_theirs() {
    let desk = guarded().await;
    let lena = hired(&desk, "lena", Role::Supervisor, &[]).await;
    let noor = customer(&desk, "noor").await;
    let own = json!({ "subject": "Charged twice", "body": "Two payments in March." });
    for _ in 0..2 {
        desk.post("/api/v1/my/tickets").header("cookie", &noor).json(&own).await.ok(201);
    }
    let staff =
        |ticket: u64, command: &str, body: Value| desk.act(ticket, command, body).header("cookie", &lena);
    staff(1, "set-pending", json!({ "reason": "customer" })).await.ok(200);
    staff(2, "set-pending", json!({ "reason": "customer" })).await.ok(200);
    staff(1, "merge", json!({ "into": 2 })).await.ok(200);
    let reply = json!({ "body": "And in April as well." });
    desk.post("/api/v1/my/tickets/1/reply").header("cookie", &noor).json(&reply).await.ok(200);
    let ticket = async |number: u64| desk.read_by(&lena, &format!("/api/v1/tickets/{number}")).await;
    let (part, whole) = (ticket(1).await, ticket(2).await);
    assert_eq!((&part["lane"], &part["merged_into"]), (&json!("resolved"), &json!(2)));
    assert_eq!(
        (&whole["status"], &whole["merged"], &whole["line"]),
        (&json!("open"), &json!([1]), &reply["body"])
    );
    let mine = desk.read_by(&noor, "/api/v1/my/tickets/1").await;
    assert_eq!(mine["status"], "merged");
    assert!(mine.to_string().contains("And in April as well."), "{mine}");
    staff(1, "unmerge", json!({})).await.ok(200);
    let (part, whole) = (ticket(1).await, ticket(2).await);
    // It waited for the customer, who has written since.
    assert_eq!((&part["status"], &part["merged_into"]), (&json!("open"), &Value::Null));
    assert_eq!((&whole["status"], &whole["merged"]), (&json!("open"), &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_merges_into_each_other_one_goes_through() {
    for _ in 0..8 {
        let desk = Desk::on_sqlite().await;
        for _ in 0..2 {
            desk.ticket().await;
        }
        let (first, second) = tokio::join!(
            desk.act(1, "merge", json!({ "into": 2 })).into_future(),
            desk.act(2, "merge", json!({ "into": 1 })).into_future()
        );
        let granted = [&first, &second].into_iter().filter(|answer| answer.status == 200).count();
        assert_eq!(granted, 1, "{} {}", first.text(), second.text());
        let lost = if first.status == 200 { second } else { first };
        let code = lost.json()["code"].as_str().unwrap().to_owned();
        assert!(["merged-in-a-circle", "merge-source-has-merged"].contains(&code.as_str()), "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_works_on_what_is_out_of_reach_by_naming_it_among_many_or_as_the_other() {
    let desk = guarded().await;
    let alma = hired(&desk, "alma", Role::Admin, &[]).await;
    let ines = hired(&desk, "ines", Role::Agent, &["billing"]).await;
    for team in ["billing", "technical"] {
        let mut ticket = super::desk::opening();
        ticket["team"] = json!(team);
        desk.post("/api/v1/tickets").header("cookie", &alma).json(&ticket).await.ok(201);
    }
    let before = desk.head();
    let sent = json!({ "tickets": [{ "ticket": 2 }, { "ticket": 77 }], "command": "take" });
    let told = desk.post("/api/v1/tickets/bulk").header("cookie", &ines).json(&sent).await.ok(200);
    for (index, number) in [(0, 2), (1, 77)] {
        let mut problem = told["results"][index]["problem"].clone();
        assert_eq!(problem["code"], "ticket-not-found", "{number}");
        problem["detail"].take();
    }
    assert_eq!(told["results"][0]["problem"], told["results"][1]["problem"]);
    for (command, body) in [("merge", json!({ "into": 2 })), ("link", json!({ "ticket": 2 }))] {
        let answer = desk.act(1, command, body).header("cookie", &ines).await;
        answer.problem(422, "other-ticket-not-found");
    }
    assert_eq!(desk.head(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_where_somebody_would_take_it_is_offered_as_a_destination_with_their_load() {
    let desk = Desk::open().await;
    for (id, role, team) in [
        ("alma", Role::Admin, Some("account")),
        ("lena", Role::Supervisor, Some("support")),
        ("ines", Role::Agent, Some("billing")),
        ("omar", Role::Agent, Some("content")),
        ("toni", Role::Supervisor, Some("technical")),
    ] {
        hire(&desk, id, role, team.as_slice()).await;
    }
    let may = json!({ "to": ["take-escalated"] });
    for id in ["ines", "alma"] {
        let path = format!("/api/v1/staff/{id}/change-permissions");
        desk.post(path).by("alma", "admin").json(&may).await.ok(200);
    }
    desk.post("/api/v1/staff/toni/deactivate").by("alma", "admin").json(&json!({})).await.ok(200);
    for _ in 0..2 {
        desk.ticket().await;
    }
    desk.done(1, "change-team", json!({ "to": "support" })).await;
    desk.done(2, "assign", json!({ "to": "ines" })).await;
    desk.settled().await;
    let told = desk.get("/api/v1/tickets/1/destinations").await.ok(200);
    let teams = told["teams"].as_array().unwrap();
    // Neither where it is, nor where an admin is alone, nobody may take it, or nobody is any more.
    assert_eq!(teams.len(), 1, "{told}");
    for team in ["account", "content", "technical"] {
        refused(&desk, 1, "escalate", escalation(json!({ "team": team })), 422, "team-without-members").await;
    }
    assert_eq!(
        (&teams[0]["team"], &teams[0]["members"], &teams[0]["online"]),
        (&json!("billing"), &json!(1), &json!(0))
    );
    assert!(teams[0]["load"].as_u64().unwrap() > 0, "{told}");
    let supervisors = told["supervisors"].as_array().unwrap();
    let ids: Vec<&Value> = supervisors.iter().map(|lead| &lead["supervisor"]).collect();
    assert_eq!(ids, ["alma", "ines", "lena"], "{told}");
    assert_eq!(supervisors[2]["load"], 0);
    for team in teams {
        let to = json!({ "team": team["team"] });
        desk.act(1, "escalate", escalation(to)).await.ok(200);
    }
    desk.get("/api/v1/tickets/9/destinations").await.problem(404, "ticket-not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_customer_said_to_a_ticket_of_a_sealed_one_opens_another() {
    let desk = Desk::open().await;
    for _ in 0..2 {
        desk.ticket().await;
    }
    desk.done(2, "resolve", json!({ "resolution": "spam" })).await;
    desk.done(1, "merge", json!({ "into": 2 })).await;
    desk.done(2, "seal", json!({})).await;
    let told = desk.act(1, "customer-reply", json!({ "body": "By phone" })).await.ok(201);
    assert_eq!((&told["ticket"], &told["follows"]), (&json!(3), &json!(1)));
    let own = desk.post("/api/v1/my/tickets/1/reply").by("noor", "customer");
    assert_eq!(own.json(&json!({ "body": "Still there" })).await.ok(201)["follows"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_says_what_to_do_in_words_for_people() {
    let desk = Desk::open().await;
    desk.ticket().await;
    for (path, field, words) in [
        ("/api/v1/queue?limit=1e20", "limit", "written with digits alone"),
        ("/api/v1/queue?limit=1&limit=2", "limit", "send it once"),
        ("/api/v1/queue?colour=red", "colour", "leave it out"),
    ] {
        let told = desk.get(path).await.problem(422, "invalid");
        assert_eq!(told["field"], field, "{told}");
        assert!(told["detail"].as_str().unwrap().contains(words), "{told}");
    }
    let discard = desk.ask("DELETE", "/api/v1/tickets/1/drafts/note").await.problem(422, "invalid");
    assert_eq!(
        (&discard["field"], &discard["detail"]),
        (&json!("version"), &json!("is missing; add version=… to the address"))
    );
    let body = r#"{ "ticket": 1e20 }"#;
    let link = desk.post("/api/v1/tickets/1/link").whatever().header("content-type", "application/json");
    let told = link.raw(body).await.problem(422, "invalid");
    assert!(told["detail"].as_str().unwrap().contains("a whole number"), "{told}");
    let until = json!({ "until": "2026-12-31T23:59:60Z" });
    let told = desk.act(1, "snooze", until).await.problem(422, "invalid");
    assert!(told["detail"].as_str().unwrap().contains("00 to 59"), "{told}");
    for raw in ["deserialize", "u64", "query string", "line 1"] {
        for told in [&discard, &told] {
            assert!(!told["detail"].as_str().unwrap().contains(raw), "{told}");
        }
    }
}
