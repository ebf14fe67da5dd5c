//! What customers are told of their tickets counts nothing of what the staff does among itself (promise S1).

use super::customer_access::{customer, shown};
use super::desk::Desk;
use super::letting_in::{guarded, hired};
use super::moody::MoodyStore;
use docket_core::actor::Role;
use docket_core::names::{StreamName, StreamVersion, TicketNumber};
use docket_core::store::AppendError;
use serde_json::{Value, json};

/// A ticket of Noor's that Alma works on; both are signed in.
async fn desk() -> (Desk, String, String) {
    let desk = guarded().await;
    let alma = hired(&desk, "alma", Role::Admin, &[]).await;
    hired(&desk, "toni", Role::Supervisor, &["technical"]).await;
    let noor = customer(&desk, "noor").await;
    let fields = json!({ "subject": "Charged twice", "body": "Two payments in March." });
    desk.post("/api/v1/my/tickets").header("cookie", &noor).json(&fields).await.ok(201);
    does(&desk, &alma, "assign", json!({ "to": "alma" })).await;
    (desk, alma, noor)
}

async fn does(desk: &Desk, who: &str, command: &str, body: Value) {
    desk.act(1, command, body).header("cookie", who).await.ok(200);
}

/// Everything that the staff does without telling the customer.
async fn works_among_itself(desk: &Desk, who: &str) {
    for (command, body) in [
        ("note", json!({ "body": "Suspected chargeback" })),
        ("change-priority", json!({ "to": "urgent" })),
        ("change-category", json!({ "to": "technical" })),
        ("change-team", json!({ "to": "billing" })),
        ("set-pending", json!({ "reason": "third-party" })),
        ("escalate", json!({ "reason": "complaint", "to": { "team": "technical" }, "context": "x" })),
        ("assign", json!({ "to": "alma" })),
        ("unassign", json!({})),
        ("note", json!({ "body": "Still suspected" })),
        ("assign", json!({ "to": "alma" })),
    ] {
        does(desk, who, command, body).await;
    }
}

/// What a read tells, apart from the position, which is of the whole log.
async fn told(desk: &Desk, noor: &str, path: &str) -> (Option<String>, Value) {
    let joint = if path.contains('?') { '&' } else { '?' };
    let call = desk.get(format!("{path}{joint}at_least={}", desk.head())).header("cookie", noor);
    let answer = call.await;
    let mut body = answer.ok(200);
    for position in ["position", "began_at"] {
        body.as_object_mut().unwrap().remove(position);
    }
    (answer.header("etag").map(str::to_owned), body)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_staff_does_among_itself_leaves_no_trace_in_what_a_customer_reads() {
    let (desk, alma, noor) = desk().await;
    for path in ["/api/v1/my/tickets/1", "/api/v1/my/tickets"] {
        let before = told(&desk, &noor, path).await;
        works_among_itself(&desk, &alma).await;
        assert_eq!(told(&desk, &noor, path).await, before, "{path}");
        does(&desk, &alma, "reply", json!({ "body": "Which one?" })).await;
        assert_ne!(told(&desk, &noor, path).await, before, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_of_a_customer_is_one_in_every_answer_and_the_same_for_a_retry() {
    let (desk, alma, noor) = desk().await;
    works_among_itself(&desk, &alma).await;
    let reply = |key: &str| {
        let call = desk.post("/api/v1/my/tickets/1/reply").header("cookie", &noor).key(key);
        call.json(&json!({ "body": key }))
    };
    let seen = told(&desk, &noor, "/api/v1/my/tickets/1").await.1["version"].as_u64().unwrap();
    assert_eq!(seen, 2, "opened, and taken up");
    let answer = reply("April-too").seen(seen).await;
    let version = answer.ok(200)["version"].as_u64().unwrap();
    assert_eq!((version, answer.header("etag")), (seen + 1, Some("\"3\"")));
    assert_eq!(told(&desk, &noor, "/api/v1/my/tickets/1").await.0.as_deref(), Some("\"3\""));
    // What has never been told is refused, also where the stream has long been there.
    let ahead = reply("May-too").seen(version + 1).await.problem(412, "version-ahead");
    assert_eq!(ahead["current_version"], version, "{ahead}");
    assert!(
        ahead["detail"].as_str().unwrap().contains("is at version 3, and has never been at 4"),
        "{ahead}"
    );
    works_among_itself(&desk, &alma).await;
    does(&desk, &alma, "reply", json!({ "body": "Which one?", "then_pending": true })).await;
    let again = reply("April-too").await;
    assert_eq!((&again.ok(200)["version"], &again.ok(200)["outcome"]), (&json!(version), &json!("found")));
    assert_eq!(again.header("etag"), Some("\"3\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_by_the_log_tells_a_customer_no_version() {
    let mut made = None;
    let desk = Desk::on(|clock| made.insert(MoodyStore::new(clock)).clone()).await;
    desk.ticket().await;
    let stream = StreamName::ticket(TicketNumber(1));
    let conflict = AppendError::Conflict { stream, expected: StreamVersion(1), actual: StreamVersion(7) };
    made.unwrap().refuses(conflict);
    let message = json!({ "body": "x" });
    let staff = desk.act(1, "customer-reply", message.clone()).await.problem(409, "conflict");
    assert_eq!(staff["current_version"], 7);
    let own = desk.post("/api/v1/my/tickets/1/reply").by("noor", "customer").json(&message).await;
    let problem = own.problem(409, "conflict");
    assert!(problem.get("current_version").is_none() && !own.text().contains('7'), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_of_a_ticket_that_is_not_ones_own_is_not_there_whatever_it_is() {
    let (desk, _, noor) = desk().await;
    let eva = customer(&desk, "eva").await;
    for seen in [1, 2, 99] {
        let reply = |ticket: u64| {
            let call = shown(desk.post(format!("/api/v1/my/tickets/{ticket}/reply")), &eva).seen(seen);
            call.json(&json!({ "body": "x" }))
        };
        let (hidden, missing) = (reply(1).await, reply(77).await);
        hidden.problem(404, "ticket-not-found");
        assert_eq!(hidden.text(), missing.text(), "{seen}");
    }
    drop(noor);
}
