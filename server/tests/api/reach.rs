//! Which tickets somebody sees: out of reach is answered as if it were not there (promise S1).

use super::desk::{Desk, opening};
use super::letting_in::{guarded, hired};
use docket_core::actor::Role;
use docket_core::ticket::command::ActionName;
use serde_json::{Value, json};

/// One ticket of billing, one of technical, one of no team.
async fn desk_with_teams() -> (Desk, String, String) {
    let desk = guarded().await;
    let alma = hired(&desk, "alma", Role::Admin, &[]).await;
    let ines = hired(&desk, "ines", Role::Agent, &["billing"]).await;
    hired(&desk, "toni", Role::Supervisor, &["technical"]).await;
    for team in [json!("billing"), json!("technical"), Value::Null] {
        let mut ticket = opening();
        if !team.is_null() {
            ticket["team"] = team;
        }
        desk.post("/api/v1/tickets").header("cookie", &alma).json(&ticket).await.ok(201);
    }
    desk.settled().await;
    (desk, alma, ines)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_of_another_team_is_answered_as_one_that_is_not_there() {
    let (desk, alma, ines) = desk_with_teams().await;
    for path in ["", "/timeline", "/sla", "/routing"] {
        let read = |number: u64| desk.get(format!("/api/v1/tickets/{number}{path}")).header("cookie", &ines);
        read(1).await.ok(200);
        read(3).await.ok(200);
        let (hidden, missing) = (read(2).await, read(99).await);
        hidden.problem(404, "ticket-not-found");
        assert_eq!(hidden.text(), missing.text(), "{path}");
        // Waiting for what is out of reach tells nothing either.
        let waiting = desk.get(format!("/api/v1/tickets/2{path}?at_least={}", desk.head()));
        waiting.header("cookie", &ines).await.problem(404, "ticket-not-found");
    }
    let before = desk.head();
    for action in ActionName::ALL {
        let act = |number: u64| {
            let path = format!("/api/v1/tickets/{number}/{}", action.as_str());
            desk.post(path)
                .header("cookie", &ines)
                .header("if-match", "\"1\"")
                .json(&super::rules::body(action))
        };
        let (hidden, missing) = (act(2).await, act(99).await);
        let leads_only = matches!(action, ActionName::Assign | ActionName::Offer);
        let expected = if leads_only { 403 } else { 404 };
        assert_eq!(hidden.status, expected, "{action:?}: {}", hidden.text());
        assert_eq!(hidden.text(), missing.text(), "{action:?}");
    }
    assert_eq!(desk.head(), before);
    let follow = json!({ "requester": { "id": "noor" }, "subject": "x", "body": "y", "follows": 2 });
    let refused = desk.post("/api/v1/tickets").header("cookie", &ines).json(&follow).await;
    assert_eq!(refused.problem(422, "invalid")["detail"], "there is no such ticket");
    assert_eq!(desk.get("/tickets/2").header("cookie", &ines).await.status, 404);
    assert_eq!(desk.get("/tickets/1").header("cookie", &ines).await.status, 200);
    desk.get("/api/v1/tickets/2").header("cookie", &alma).await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_responsible_sees_the_ticket_whatever_its_team_and_gets_its_past() {
    let (desk, alma, ines) = desk_with_teams().await;
    let assign = desk.post("/api/v1/tickets/2/assign").header("cookie", &alma);
    assign.json(&json!({ "to": "ines" })).await.ok(200);
    desk.settled().await;
    let ticket = desk.get("/api/v1/tickets/2").header("cookie", &ines).await.ok(200);
    assert_eq!(ticket["team"], "technical");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_nobody_can_take_any_more_says_so() {
    let (desk, alma, ines) = desk_with_teams().await;
    // People decided about it, so that routing says nothing.
    for command in ["take", "unassign"] {
        let act = desk.post(format!("/api/v1/tickets/1/{command}")).header("cookie", &ines);
        act.json(&json!({})).await.ok(200);
    }
    let waits = async || {
        let ticket = desk.read_by(&alma, "/api/v1/tickets/1").await["waiting_for"].clone();
        let queue = desk.read_by(&alma, "/api/v1/queue").await;
        let row = queue["tickets"].as_array().unwrap().iter().find(|row| row["number"] == 1).unwrap().clone();
        assert_eq!(row["waiting_for"], ticket);
        let said = "the team has nobody who takes tickets";
        for page in ["/queue?lane=new", "/tickets/1"] {
            let shown = desk.get(page).header("cookie", &alma).await;
            assert_eq!(shown.text().contains(said), ticket == "member", "{page}");
        }
        ticket
    };
    assert_eq!(waits().await, Value::Null);
    let teams = desk.post("/api/v1/staff/ines/change-teams").header("cookie", &alma);
    teams.json(&json!({ "to": [] })).await.ok(200);
    assert_eq!(waits().await, "member");
    let teams = desk.post("/api/v1/staff/ines/change-teams").header("cookie", &alma);
    teams.json(&json!({ "to": ["billing"] })).await.ok(200);
    assert_eq!(waits().await, Value::Null);
    let leaves = desk.post("/api/v1/staff/ines/deactivate").header("cookie", &alma);
    leaves.json(&json!({})).await.ok(200);
    assert_eq!(waits().await, "member");
    desk.post("/api/v1/tickets/1/take").header("cookie", &alma).json(&json!({})).await.ok(200);
    assert_eq!(desk.read_by(&alma, "/api/v1/tickets/1").await["waiting_for"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_leaves_out_what_is_out_of_reach_and_goes_on_behind_it() {
    let (desk, alma, ines) = desk_with_teams().await;
    let streams = |page: &Value| -> Vec<String> {
        let events = page["events"].as_array().unwrap();
        events.iter().map(|event| event["stream"].as_str().unwrap().to_owned()).collect()
    };
    let feed = |cookie: &str| desk.get("/api/v1/events").header("cookie", cookie);
    let seen = feed(&ines).await.ok(200);
    assert_eq!(streams(&seen), ["ticket-1", "ticket-3"]);
    assert_eq!(seen["next"], desk.head());
    let all = feed(&alma).await.ok(200);
    assert!(streams(&all).contains(&"ticket-2".to_owned()) && streams(&all).contains(&"staff".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_was_set_aside_is_named_to_those_who_see_it_only() {
    let (desk, alma, _) = desk_with_teams().await;
    let rosa = hired(&desk, "rosa", Role::Supervisor, &["billing"]).await;
    let retry = |number: u64, cookie: &str| {
        desk.post(format!("/api/v1/projections/queue/retry/{number}")).header("cookie", cookie)
    };
    let (hidden, missing) = (retry(2, &rosa).await, retry(99, &rosa).await);
    hidden.problem(404, "ticket-not-found");
    assert_eq!(hidden.text(), missing.text());
    retry(1, &rosa).await.ok(200);
    retry(2, &alma).await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_count_what_is_within_reach_and_say_so() {
    let (desk, alma, ines) = desk_with_teams().await;
    let any = hired(&desk, "any", Role::Analyst, &[]).await;
    let aud = hired(&desk, "aud", Role::Auditor, &["billing"]).await;
    let lena = hired(&desk, "lena", Role::Supervisor, &["technical"]).await;
    let check = async |who: &str, tickets: u64| {
        let covers = if tickets == 3 { "everything" } else { "within_reach" };
        let report = desk.read_by(who, "/api/v1/reports/metrics?group_by=priority").await;
        assert_eq!((&report["covers"], &report["tickets"]), (&json!(covers), &json!(tickets)));
        assert_eq!(report["all"]["still_open"], tickets);
        let attainment = desk.read_by(who, "/api/v1/reports/sla").await;
        assert_eq!((&attainment["covers"], &attainment["running"]), (&json!(covers), &json!(tickets)));
        let backlog = desk.read_by(who, "/api/v1/reports/backlog").await;
        assert_eq!((&backlog["covers"], &backlog["all"]["open"]), (&json!(covers), &json!(tickets)));
        let facts = desk.read_by(who, "/api/v1/reports/backlog/facts").await;
        assert_eq!(
            (&facts["covers"], facts["facts"].as_array().unwrap().len() as u64),
            (&json!(covers), tickets)
        );
        let page = desk.get(format!("/reports?at_least={}", desk.head())).header("cookie", who).await;
        let limited =
            page.text().contains("Counted are those of your teams, those of no team, and your own.");
        assert_eq!(limited, tickets != 3);
        assert!(page.text().contains(&format!(">{tickets} tickets opened in this time")), "{}", page.text());
        assert!(page.text().contains(&format!("<th scope=\"row\">Still running</th><td>{tickets}</td>")));
    };
    for (who, tickets) in [(&alma, 3), (&any, 3), (&aud, 3), (&ines, 2), (&lena, 2)] {
        check(who, tickets).await;
    }
    // Whoever is responsible for a ticket of another team has it in their reports, as in their queue.
    let assign = desk.post("/api/v1/tickets/2/assign").header("cookie", &alma).header("if-match", "*");
    assign.json(&json!({ "to": "ines" })).await.ok(200);
    let report = desk.read_by(&ines, "/api/v1/reports/metrics").await;
    assert_eq!((&report["covers"], &report["tickets"]), (&json!("within_reach"), &json!(3)));
    assert_eq!(desk.read_by(&ines, "/api/v1/reports/sla").await["running"], 3);
    // A ticket that moves takes its past along: nothing of it is counted for those who do not see it any more.
    let change = desk.post("/api/v1/tickets/3/change-team").header("cookie", &alma).header("if-match", "*");
    change.json(&json!({ "to": "technical" })).await.ok(200);
    check(&ines, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_takes_a_ticket_out_of_reach_is_answered_again_as_it_was() {
    let (desk, _, ines) = desk_with_teams().await;
    let escalate = |reason: &str| {
        let body = json!({ "reason": reason, "to": { "team": "technical" }, "context": "x" });
        let call = desk.post("/api/v1/tickets/1/escalate").header("cookie", &ines).key("once");
        call.header("if-match", "*").json(&body)
    };
    let first = escalate("complaint").await.ok(200);
    let again = escalate("complaint").await.ok(200);
    assert_eq!((&again["outcome"], &again["position"]), (&json!("found"), &first["position"]));
    escalate("bug").await.problem(422, "idempotency-key-reused");
    desk.get("/api/v1/tickets/1").header("cookie", &ines).await.problem(404, "ticket-not-found");
}
