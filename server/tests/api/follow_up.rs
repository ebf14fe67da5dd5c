//! What customers say after a ticket was sealed opens another one, once, and they are told which (PRODUCT section 2).

use super::customer_access::{customer, shown};
use super::desk::Desk;
use super::letting_in::{bearer, guarded, hired};
use docket_core::actor::Role;
use docket_core::names::TicketNumber;
use docket_core::time::{DurationMs, Timestamp};
use serde_json::{Value, json};

/// Ticket 1 of Noor's, sealed, of the team billing; the cookies of Alma, who works here, and of Noor.
async fn desk() -> (Desk, String, String) {
    let desk = guarded().await;
    let alma = hired(&desk, "alma", Role::Admin, &[]).await;
    let opening = json!({
        "requester": { "id": "noor", "name": "Noor Haddad", "email": "noor@example.test" },
        "subject": "Charged twice", "body": "Two payments in March.", "team": "billing", "category": "billing",
        "priority": "urgent", "language": "es",
    });
    desk.post("/api/v1/tickets").header("cookie", &alma).json(&opening).await.ok(201);
    for (command, body) in [("resolve", json!({ "resolution": "spam" })), ("seal", json!({}))] {
        desk.act(1, command, body).header("cookie", &alma).await.ok(200);
    }
    let noor = customer(&desk, "noor").await;
    (desk, alma, noor)
}

fn link(desk: &Desk, ticket: u64, until: Timestamp) -> String {
    desk.app.credentials.links.make(TicketNumber(ticket), &"noor".parse().unwrap(), until)
}

/// The event that opened a ticket.
async fn opened(desk: &Desk, ticket: u64) -> Value {
    let log = desk.log().await;
    let of = |event: &&Value| event["stream"] == format!("ticket-{ticket}") && event["version"] == 1;
    log.iter().find(of).unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_to_a_closed_ticket_opens_another_and_the_answer_names_it() {
    let (desk, alma, noor) = desk().await;
    let before = desk.head();
    let reply = || {
        let call = desk.post("/api/v1/my/tickets/1/reply").header("cookie", &noor).key("k");
        call.json(&json!({ "body": "Charged a third time." }))
    };
    let answer = reply().await;
    let expected = json!({
        "ticket": 2, "version": 1, "position": before + 2, "outcome": "appended", "follows": 1, "link": null,
    });
    assert_eq!(answer.ok(201), expected);
    assert_eq!(answer.header("location"), Some("/api/v1/my/tickets/2"));
    let told = (answer.header("etag"), answer.header("docket-position").map(str::to_owned));
    assert_eq!(told, (Some("\"1\""), Some((before + 2).to_string())));
    let event = opened(&desk, 2).await;
    assert_eq!(event["actor"], json!({ "id": "noor", "role": "customer" }));
    let data = json!({
        "requester": { "id": "noor", "name": "Noor Haddad", "email": "noor@example.test" },
        "subject": "Charged twice", "body": "Charged a third time.", "channel": "api", "language": "es",
        "priority": "normal", "category": "billing", "team": "billing", "follows": 1,
    });
    assert_eq!(event["data"], data);
    // Sent again, it is the same ticket; with other words, it is another wish.
    let again = reply().await;
    assert_eq!((&again.ok(201)["outcome"], &again.ok(201)["ticket"]), (&json!("found"), &json!(2)));
    assert_eq!(again.header("location"), Some("/api/v1/my/tickets/2"));
    let other = desk.post("/api/v1/my/tickets/1/reply").header("cookie", &noor).key("k");
    other.json(&json!({ "body": "Another." })).await.problem(422, "idempotency-key-reused");
    assert_eq!(desk.head(), before + 2);
    let mine = desk.read_by(&noor, "/api/v1/my/tickets/2").await;
    assert_eq!((&mine["status"], &mine["line"]), (&json!("received"), &json!("Charged a third time.")));
    let first = desk.read_by(&noor, "/api/v1/my/tickets/1").await;
    assert_eq!((&first["status"], first["messages"].as_array().unwrap().len()), (&json!("closed"), 1));
    assert_eq!(desk.read_by(&alma, "/api/v1/tickets/2").await["team"], "billing");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_staff_sees_from_either_ticket_which_one_follows_which() {
    let (desk, alma, noor) = desk().await;
    let before = desk.head();
    let reply = desk.post("/api/v1/my/tickets/1/reply").header("cookie", &noor);
    reply.json(&json!({ "body": "Charged a third time." })).await.ok(201);
    let following = json!({ "requester": { "id": "noor" }, "subject": "x", "body": "y", "follows": 1 });
    desk.post("/api/v1/tickets").header("cookie", &alma).json(&following).await.ok(201);
    let appended = [
        "ticket-2 ticket.opened",
        "ticket-1 ticket.linked",
        "ticket-3 ticket.opened",
        "ticket-1 ticket.linked",
    ];
    assert_eq!(desk.events_after(before).await, appended);
    let old = desk.read_by(&alma, "/api/v1/tickets/1").await;
    assert_eq!((&old["links"], &old["follows"]), (&json!([2, 3]), &Value::Null));
    assert_eq!((&old["sealed"], &old["lane"]), (&json!(true), &json!("resolved")));
    for number in [2, 3] {
        let new = desk.read_by(&alma, &format!("/api/v1/tickets/{number}")).await;
        assert_eq!((&new["links"], &new["follows"]), (&json!([1]), &json!(1)));
    }
    // Cut apart by people it still is what it was opened as.
    desk.act(2, "unlink", json!({ "ticket": 1 })).header("cookie", &alma).await.ok(200);
    let new = desk.read_by(&alma, "/api/v1/tickets/2").await;
    assert_eq!((&new["links"], &new["follows"]), (&json!([]), &json!(1)));
    assert_eq!(desk.read_by(&alma, "/api/v1/tickets/1").await["links"], json!([3]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_sees_which_ticket_theirs_follows_only_where_that_is_theirs_as_well() {
    let (desk, alma, noor) = desk().await;
    let before = desk.read_by(&noor, "/api/v1/my/tickets/1").await;
    for requester in ["noor", "eva"] {
        let following =
            json!({ "requester": { "id": requester }, "subject": "x", "body": "y", "follows": 1 });
        desk.post("/api/v1/tickets").header("cookie", &alma).json(&following).await.ok(201);
    }
    let mine = desk.read_by(&noor, "/api/v1/my/tickets").await;
    let listed: Vec<_> =
        mine["tickets"].as_array().unwrap().iter().map(|ticket| &ticket["follows"]).collect();
    assert_eq!(listed, [&json!(1), &Value::Null]);
    assert_eq!(desk.read_by(&noor, "/api/v1/my/tickets/2").await["follows"], 1);
    // To her, the first one is as it was: what follows it may be somebody else's.
    let mut after = desk.read_by(&noor, "/api/v1/my/tickets/1").await;
    after["position"] = before["position"].clone();
    assert_eq!(after, before);
    let eva = customer(&desk, "eva").await;
    assert_eq!(desk.read_by(&eva, "/api/v1/my/tickets/3").await["follows"], Value::Null);
    assert_eq!(desk.read_by(&eva, "/api/v1/my/tickets").await["tickets"][0]["follows"], Value::Null);
    // A link leads into one ticket, and to no other by its number either.
    let by_link = link(&desk, 2, desk.app.now().plus(DurationMs::from_hours(5)));
    assert_eq!(shown(desk.get("/api/v1/my/tickets/2"), &by_link).await.ok(200)["follows"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_of_force_since_keeps_no_message_from_being_taken() {
    let (desk, alma, noor) = desk().await;
    let content = super::settings::body("/api/v1/settings/teams/legal/publish");
    desk.post("/api/v1/settings/teams/legal/publish").header("cookie", &alma).json(&content).await.ok(200);
    let ticket = json!({ "requester": { "id": "noor" }, "subject": "x", "body": "y", "team": "legal" });
    desk.post("/api/v1/tickets").header("cookie", &alma).json(&ticket).await.ok(201);
    for (command, body) in [("resolve", json!({ "resolution": "spam" })), ("seal", json!({}))] {
        desk.act(2, command, body).header("cookie", &alma).await.ok(200);
    }
    let retire = desk.post("/api/v1/settings/teams/legal/retire").header("cookie", &alma);
    retire.json(&json!({ "reason": "merged" })).await.ok(200);
    let reply = desk.post("/api/v1/my/tickets/2/reply").header("cookie", &noor);
    let answer = reply.json(&json!({ "body": "Again." })).await.ok(201);
    assert_eq!((&answer["ticket"], &answer["follows"]), (&json!(3), &json!(2)));
    let data = opened(&desk, 3).await["data"].take();
    assert!(data.get("team").is_none() && data["follows"] == 2, "{data}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_came_by_a_link_is_given_one_into_the_new_ticket_and_no_further() {
    let (desk, _, noor) = desk().await;
    let until = desk.app.now().plus(DurationMs::from_hours(5));
    let by_link = link(&desk, 1, until);
    let (before, message) = (desk.head(), json!({ "body": "Charged a third time." }));
    let reply =
        |secret: &str| bearer(desk.post("/api/v1/my/tickets/1/reply"), secret).key("k").json(&message);
    let answer = reply(&by_link).await.ok(201);
    let (ticket, secret) = (&answer["link"]["ticket"], answer["link"]["secret"].as_str().unwrap().to_owned());
    assert_eq!((ticket, &answer["link"]["expires_at"]), (&json!(2), &json!(until.to_rfc3339())));
    assert_eq!(
        desk.events_after(before).await,
        ["ticket-2 ticket.opened", "ticket-1 ticket.linked", "customer-noor customer.link_made"]
    );
    let made = desk.log().await.pop().unwrap();
    assert_eq!(made["data"], json!({ "customer": "noor", "ticket": 2, "expires_at": until.0 }));
    // It is of the new ticket alone, and the one before is of the old one alone, as long as both ever were.
    desk.settled().await;
    let read = |secret: &str, ticket: u64| shown(desk.get(format!("/api/v1/my/tickets/{ticket}")), secret);
    assert_eq!(read(&secret, 2).await.ok(200)["line"], "Charged a third time.");
    assert_eq!(read(&by_link, 1).await.ok(200)["status"], "closed");
    for (secret, ticket) in [(&secret, 1), (&by_link, 2)] {
        read(secret, ticket).await.problem(404, "ticket-not-found");
    }
    // Whoever did not get the answer asks again, and gets the same.
    let again = reply(&by_link).await.ok(201);
    assert_eq!((&again["link"], &again["outcome"]), (&answer["link"], &json!("found")));
    assert_eq!(desk.head(), before + 3);
    bearer(desk.post("/api/v1/my/tickets/2/reply"), &secret).json(&message).await.ok(200);
    desk.pass(DurationMs::from_hours(5));
    read(&secret, 2).await.problem(401, "link-invalid");
    drop(noor);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_was_taken_before_the_ticket_was_closed_opens_nothing_when_it_is_sent_again() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let reply = || {
        let call = desk.post("/api/v1/my/tickets/1/reply").by("noor", "customer").key("k");
        call.json(&json!({ "body": "More." }))
    };
    let first = reply().await.ok(200);
    desk.done(1, "resolve", json!({ "resolution": "spam" })).await;
    desk.done(1, "seal", json!({})).await;
    let before = desk.head();
    let again = reply().await.ok(200);
    assert_eq!((&again["ticket"], &again["position"]), (&json!(1), &first["position"]));
    assert_eq!((&again["outcome"], desk.head()), (&json!("found"), before));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_customer_said_to_the_staff_of_a_sealed_ticket_opens_another_too() {
    let (desk, alma, noor) = desk().await;
    let before = desk.head();
    let shown = desk.read_by(&alma, "/api/v1/tickets/1").await;
    assert!(shown["allowed"].as_array().unwrap().contains(&json!("customer-reply")), "{shown}");
    let said = |key: &str| {
        let call = desk.post("/api/v1/tickets/1/customer-reply").header("cookie", &alma).key(key);
        call.json(&json!({ "body": "She called: charged a third time." }))
    };
    said("ahead").seen(99).await.problem(412, "version-ahead");
    let answer = said("k").await;
    let expected =
        json!({ "ticket": 2, "version": 1, "position": before + 2, "outcome": "appended", "follows": 1 });
    assert_eq!(answer.ok(201), expected);
    assert_eq!(answer.header("location"), Some("/api/v1/tickets/2"));
    let event = opened(&desk, 2).await;
    assert_eq!(event["actor"]["id"], "alma", "who wrote it down");
    assert_eq!(event["data"]["requester"]["id"], "noor", "whose it is");
    assert_eq!((&event["data"]["channel"], &event["data"]["language"]), (&json!("phone"), &json!("es")));
    let again = said("k").await.ok(201);
    assert_eq!((&again["outcome"], &again["ticket"], desk.head()), (&json!("found"), &json!(2), before + 2));
    assert_eq!(desk.read_by(&noor, "/api/v1/my/tickets/2").await["follows"], 1);
    let new = desk.read_by(&alma, "/api/v1/tickets/2").await;
    assert_eq!((&new["follows"], &new["team"]), (&json!(1), &json!("billing")));
}
