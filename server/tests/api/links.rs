//! Links into one ticket: good for that ticket, for who asked in it, for their time, and for nothing else (promise S1).

use super::call::Call;
use super::customer_access::{customer, shown};
use super::desk::{Desk, opening};
use super::letting_in::{bearer, guarded, hired, token};
use docket_core::actor::{Actor, Role};
use docket_core::event::EncodedEvent;
use docket_core::names::{EventId, StreamName, TicketNumber};
use docket_core::record::{NewEvent, Origin};
use docket_core::store::Fact;
use docket_core::time::DurationMs;
use docket_server::access::{self, Audience, Needs};
use serde_json::{Value, json};
use uuid::Uuid;

/// Two tickets of Noor's and one of Eva's, Ines who works them, and a link into the first.
async fn linked() -> (Desk, String, String) {
    let desk = guarded().await;
    let ines = hired(&desk, "ines", Role::Agent, &["billing"]).await;
    for requester in ["noor", "noor", "eva"] {
        let mut ticket = opening();
        ticket["requester"]["id"] = json!(requester);
        desk.post("/api/v1/tickets").header("cookie", &ines).json(&ticket).await.ok(201);
    }
    desk.settled().await;
    let made = link(&desk, &ines, 1, json!({})).await.ok(201);
    let secret = made["secret"].as_str().unwrap().to_owned();
    (desk, ines, secret)
}

fn link<'a>(desk: &'a Desk, cookie: &str, ticket: u64, body: Value) -> Call<'a> {
    desk.act(ticket, "customer-link", body).header("cookie", cookie)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_shows_its_ticket_and_answers_in_it_and_leads_nowhere_else() {
    let (desk, _, secret) = linked().await;
    let before = desk.log().await;
    let read = |number: u64| bearer(desk.get(format!("/api/v1/my/tickets/{number}")), &secret);
    let ticket = read(1).await.ok(200);
    assert_eq!(ticket["messages"][0]["body"], "Two payments in March.");
    // Looking is no event, and nothing is kept of it.
    assert_eq!(desk.log().await, before);
    let reply = |number: u64| {
        let call = desk.post(format!("/api/v1/my/tickets/{number}/reply"));
        bearer(call, &secret).json(&json!({ "body": "In April too." }))
    };
    // Also not into another ticket of the same customer.
    for number in [2, 3] {
        assert_eq!(read(number).await.text(), read(99).await.text());
        assert_eq!(reply(number).await.text(), reply(99).await.text());
        reply(number).await.problem(404, "ticket-not-found");
    }
    assert_eq!(desk.log().await, before);
    assert_eq!(reply(1).await.ok(200)["outcome"], "appended");
    let log = desk.log().await;
    assert_eq!(log.last().unwrap()["actor"], json!({ "id": "noor", "role": "customer" }));
    bearer(desk.get("/api/v1/my/tickets"), &secret).await.problem(403, "session-needed");
    let open = bearer(desk.post("/api/v1/my/tickets"), &secret);
    open.json(&json!({ "subject": "x", "body": "y" })).await.problem(403, "session-needed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_reaches_no_route_that_the_table_does_not_open_to_links() {
    let (desk, _, secret) = linked().await;
    let before = desk.head();
    for rule in access::TABLE {
        let fill = |number: &str| {
            let route = rule.route.replace("{number}", number).replace("{name}", "noor");
            route
                .replace("{id}", "01890000-0000-7000-8000-000000000000")
                .replace("{action}", "note")
                .replace("{kind}", "note")
                .replace("{digest}", &"0".repeat(64))
        };
        let call = |number: &str| bearer(desk.ask(rule.method, fill(number)), &secret);
        match (rule.audience, rule.needs) {
            (Audience::Everybody, _) => {}
            (Audience::Roles(_), Needs::Own) if rule.route == "/api/v1/my/attachments/{digest}" => {
                call("2").await.problem(404, "attachment-not-found");
            }
            // A file is of no ticket yet.
            (Audience::Roles(_), Needs::Own) if rule.route == "/api/v1/my/attachments" => {
                let file = bearer(desk.post("/api/v1/my/attachments?name=x"), &secret);
                file.header("content-type", "text/plain").raw("x").await.ok(201);
            }
            (Audience::Roles(_), Needs::Own) => {
                call("2").json(&json!({ "body": "x" })).await.problem(404, "ticket-not-found");
            }
            (Audience::Roles(_), Needs::Nothing | Needs::Scope(_) | Needs::Session) => {
                let refused = call("1").json(&json!({})).await;
                assert_eq!(refused.status, 403, "{} {}", rule.method, rule.route);
            }
        }
    }
    assert_eq!(desk.head(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_ends_by_its_time_which_is_bounded() {
    let (desk, ines, secret) = linked().await;
    let made = link(&desk, &ines, 1, json!({ "days": 90 })).await.ok(201);
    assert_eq!(made["expires_at"], desk.app.now().plus(DurationMs::from_hours(90 * 24)).to_rfc3339());
    assert_eq!(made["ticket"], 1);
    for days in [json!(0), json!(91), json!(4_294_967_295_u64), json!(-1), json!("30"), json!(1.5)] {
        let refused = link(&desk, &ines, 1, json!({ "days": days })).await;
        assert_eq!(refused.problem(422, "invalid")["field"], "days", "{days}");
    }
    let read = |secret: &str| bearer(desk.get("/api/v1/my/tickets/1"), secret);
    desk.pass(DurationMs(DurationMs::from_hours(30 * 24).0 - 1));
    read(&secret).await.ok(200);
    desk.pass(DurationMs(1));
    read(&secret).await.problem(401, "link-invalid");
    read(made["secret"].as_str().unwrap()).await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_was_changed_or_made_elsewhere_lets_nobody_in() {
    let (desk, ines, secret) = linked().await;
    let other = link(&desk, &ines, 2, json!({})).await.ok(201)["secret"].as_str().unwrap().to_owned();
    let (elsewhere, _, theirs) = linked().await;
    let mut wrong =
        vec!["dkl_".to_owned(), "dkl_+".to_owned(), secret[..secret.len() - 1].to_owned(), theirs];
    // The ticket of one with the seal of another, both ways, and each part with one bit more or fewer.
    wrong.push(format!("{}{}", &secret[..26], &other[26..]));
    wrong.push(format!("{}{}", &other[..26], &secret[26..]));
    for at in [5, 12, 20, 30, secret.len() - 1] {
        let flipped = if &secret[at..=at] == "A" { "B" } else { "A" };
        wrong.push(format!("{}{flipped}{}", &secret[..at], &secret[at + 1..]));
    }
    for secret in wrong {
        for number in [1, 2] {
            let read = bearer(desk.get(format!("/api/v1/my/tickets/{number}")), &secret).await;
            read.problem(401, "link-invalid");
        }
    }
    bearer(elsewhere.get("/api/v1/my/tickets/1"), &secret).await.problem(401, "link-invalid");
    bearer(desk.get("/api/v1/my/tickets/2"), &other).await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_worth_nothing_once_the_ticket_is_somebody_elses() {
    let (desk, _, secret) = linked().await;
    let data = json!({ "requester": { "id": "eva" }, "subject": "x", "channel": "import" });
    let event = NewEvent {
        id: EventId(Uuid::now_v7()),
        event: EncodedEvent { name: "ticket.opened", schema: 1, data: data.to_string() },
        occurred_at: desk.app.now(),
        actor: Actor::system("test"),
        correlation: Uuid::nil(),
        causation: None,
        origin: Origin::Import,
        source: None,
    };
    let stream = StreamName::ticket(TicketNumber(1));
    desk.app.store.append_facts(vec![Fact { stream, event }]).await.unwrap();
    bearer(desk.get("/api/v1/my/tickets/1"), &secret).await.problem(401, "link-invalid");
    let reply = bearer(desk.post("/api/v1/my/tickets/1/reply"), &secret);
    reply.json(&json!({ "body": "x" })).await.problem(401, "link-invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_guesses_links_is_slowed_down() {
    let (desk, _, secret) = linked().await;
    let guess = format!("dkl_{}", "B".repeat(secret.len() - 4));
    for _ in 0..60 {
        bearer(desk.get("/api/v1/my/tickets/1"), &guess).await.problem(401, "link-invalid");
    }
    bearer(desk.get("/api/v1/my/tickets/1"), &guess).await.problem(429, "too-many-requests");
    bearer(desk.get("/api/v1/my/tickets/1"), &secret).await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_made_by_whoever_works_the_ticket_and_for_no_other() {
    let (desk, ines, _) = linked().await;
    let alma = hired(&desk, "alma", Role::Admin, &[]).await;
    let to_technical = json!({ "to": "technical" });
    desk.act(3, "change-team", to_technical).header("cookie", &alma).await.ok(200);
    let (hidden, missing) = (link(&desk, &ines, 3, json!({})).await, link(&desk, &ines, 99, json!({})).await);
    hidden.problem(404, "ticket-not-found");
    assert_eq!(hidden.text(), missing.text());
    link(&desk, &alma, 3, json!({})).await.ok(201);
    let (read, _) = token(&desk, &ines, &["read"]).await;
    let (work, _) = token(&desk, &ines, &["work"]).await;
    let by = |secret: &str| bearer(desk.act(1, "customer-link", json!({})), secret);
    by(&read).await.problem(403, "scope-missing");
    by(&work).await.ok(201);
    let noor = customer(&desk, "noor").await;
    shown(desk.act(1, "customer-link", json!({})), &noor).await.problem(403, "role-not-allowed");
}
