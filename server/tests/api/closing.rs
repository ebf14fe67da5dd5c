//! The customer's side of a solution: confirm it, refuse it, say how it was, signed in or by a survey link.

use super::call::{Answer, Call};
use super::customer_access::{customer, shown};
use super::desk::{Desk, NOW};
use super::letting_in::{guarded, hired};
use docket_core::actor::Role;
use docket_core::names::{ActorId, TicketNumber};
use docket_core::time::DurationMs;
use serde_json::{Value, json};
use std::future::IntoFuture;

const DAY: DurationMs = DurationMs::from_hours(24);

fn days(count: i64) -> String {
    NOW.plus(DurationMs(count * DAY.0)).to_rfc3339()
}

/// Ticket 1 of Noor's, which Ines has resolved with both questions; Noor is signed in.
async fn asked() -> (Desk, String, String) {
    let desk = guarded().await;
    let alma = hired(&desk, "alma", Role::Admin, &[]).await;
    super::letting_in::hire(&desk, "ines", Role::Agent, &[]).await;
    let noor = customer(&desk, "noor").await;
    let fields = json!({ "subject": "Charged twice", "body": "Two payments in March." });
    desk.post("/api/v1/my/tickets").header("cookie", &noor).json(&fields).await.ok(201);
    does(&desk, &alma, "assign", json!({ "to": "ines" })).await;
    resolve(&desk, &alma).await;
    (desk, alma, noor)
}

async fn does(desk: &Desk, who: &str, command: &str, body: Value) {
    desk.act(1, command, body).header("cookie", who).await.ok(200);
}

async fn resolve(desk: &Desk, who: &str) {
    let (command, body) = super::rules::asking();
    does(desk, who, command, body).await;
}

fn says<'a>(desk: &'a Desk, who: &str, what: &str, body: &Value) -> Call<'a> {
    shown(desk.post(format!("/api/v1/my/tickets/1/{what}")), who).json(body)
}

async fn read(desk: &Desk, who: &str) -> Value {
    shown(desk.get(format!("/api/v1/my/tickets/1?at_least={}", desk.head())), who).await.ok(200)
}

/// Where the page of a new survey link is.
async fn link(desk: &Desk, who: &str) -> String {
    let made = desk.post("/api/v1/tickets/1/survey-link").header("cookie", who).json(&json!({})).await;
    made.ok(201)["page"].as_str().unwrap().to_owned()
}

async fn send(desk: &Desk, page: &str, fields: &str) -> Answer {
    let call = desk.post(page).header("content-type", "application/x-www-form-urlencoded");
    call.raw(fields.to_owned()).await
}

async fn last(desk: &Desk) -> Value {
    desk.log().await.pop().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_told_what_they_are_asked_and_until_when() {
    let (desk, alma, noor) = asked().await;
    let shown = read(&desk, &noor).await;
    assert_eq!(shown["allowed"], json!(["reply", "confirm", "refuse", "rate"]));
    let closing = json!({
        "confirmation": { "confirmed_by": null, "confirms_at": days(7) },
        "rating": { "cycle": 1, "score": null },
        "closes_at": days(14),
    });
    assert_eq!(shown["closing"], closing);
    let version = shown["version"].as_u64().unwrap();
    says(&desk, &noor, "confirm", &json!({})).seen(version).await.ok(200);
    says(&desk, &noor, "rate", &json!({ "score": "good", "cycle": 1 })).await.ok(200);
    let shown = read(&desk, &noor).await;
    assert_eq!(shown["allowed"], json!(["reply", "refuse"]));
    let closing = json!({
        "confirmation": { "confirmed_by": "customer", "confirms_at": null },
        "rating": { "cycle": 1, "score": "good" },
        "closes_at": days(14),
    });
    assert_eq!((&shown["closing"], shown["version"].as_u64()), (&closing, Some(version + 2)));
    does(&desk, &alma, "seal", json!({})).await;
    let shown = read(&desk, &noor).await;
    assert_eq!((&shown["allowed"], &shown["status"]), (&json!(["reply"]), &json!("closed")));
    assert_eq!(shown["closing"]["closes_at"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_of_questions_that_were_not_asked() {
    let (desk, alma, noor) = asked().await;
    does(&desk, &alma, "reopen", json!({})).await;
    assert_eq!(read(&desk, &noor).await["closing"], Value::Null);
    does(&desk, &alma, "resolve", json!({ "resolution": "solved" })).await;
    let shown = read(&desk, &noor).await;
    assert_eq!(shown["closing"], json!({ "confirmation": null, "rating": null, "closes_at": days(14) }));
    assert_eq!(shown["allowed"], json!(["reply"]));
    says(&desk, &noor, "confirm", &json!({})).await.problem(409, "confirmation-not-asked");
    says(&desk, &noor, "refuse", &json!({ "body": "x" })).await.problem(409, "confirmation-not-asked");
    says(&desk, &noor, "rate", &json!({ "score": "bad" })).await.problem(409, "rating-not-asked");
    let link = desk.post("/api/v1/tickets/1/survey-link").header("cookie", &alma).json(&json!({}));
    link.await.problem(409, "rating-not-asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_refuses_is_heard_and_the_ticket_goes_on() {
    let (desk, _, noor) = asked().await;
    let why = json!({ "body": "It still charges twice." });
    let first = says(&desk, &noor, "refuse", &why).key("once").await;
    assert_eq!(first.ok(200)["outcome"], "appended");
    assert_eq!(says(&desk, &noor, "refuse", &why).key("once").await.ok(200)["outcome"], "found");
    let shown = read(&desk, &noor).await;
    assert_eq!((&shown["status"], &shown["closing"]), (&json!("in_progress"), &Value::Null));
    assert_eq!(shown["messages"].as_array().unwrap().last().unwrap()["body"], "It still charges twice.");
    says(&desk, &noor, "confirm", &json!({})).await.problem(409, "ticket-not-resolved");
    says(&desk, &noor, "rate", &json!({ "score": "good", "cycle": 1 })).await.problem(409, "cycle-over");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rating_is_recorded_with_its_cycle_and_who_resolved_it_and_stays_as_it_was_given() {
    let (desk, alma, noor) = asked().await;
    let bad = json!({ "score": "bad", "comment": "Three weeks." });
    assert_eq!(says(&desk, &noor, "rate", &bad).await.ok(200)["outcome"], "appended");
    let rated = last(&desk).await;
    let data = json!({
        "cycle": 1, "score": "bad", "comment": "Three weeks.", "resolver": "ines", "through": "signed_in",
    });
    assert_eq!((&rated["type"], &rated["data"]), (&json!("ticket.rated"), &data));
    assert_eq!(rated["actor"], json!({ "id": "noor", "role": "customer" }));
    for again in [bad, json!({ "score": "bad" })] {
        assert_eq!(says(&desk, &noor, "rate", &again).await.ok(200)["outcome"], "already_so");
    }
    for other in [json!({ "score": "good" }), json!({ "score": "bad", "comment": "Four." })] {
        says(&desk, &noor, "rate", &other).await.problem(409, "already-rated");
    }
    says(&desk, &noor, "rate", &json!({ "score": "fair" })).await.problem(422, "invalid");
    does(&desk, &alma, "seal", json!({})).await;
    assert_eq!(says(&desk, &noor, "rate", &json!({ "score": "bad" })).await.ok(200)["outcome"], "already_so");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_sealing_nothing_is_confirmed_refused_or_rated() {
    let (desk, alma, noor) = asked().await;
    let page = link(&desk, &alma).await;
    does(&desk, &alma, "seal", json!({})).await;
    let head = desk.head();
    says(&desk, &noor, "confirm", &json!({})).await.problem(409, "ticket-sealed");
    says(&desk, &noor, "refuse", &json!({ "body": "x" })).await.problem(409, "ticket-sealed");
    says(&desk, &noor, "rate", &json!({ "score": "good" })).await.problem(409, "ticket-sealed");
    let made = desk.post("/api/v1/tickets/1/survey-link").header("cookie", &alma).json(&json!({}));
    made.await.problem(409, "ticket-sealed");
    let shown = desk.get(&page).await;
    assert_eq!(shown.status, 200);
    assert!(
        shown.text().contains("cannot be rated any more")
            && !shown.text().contains("<form method=\"post\" action=\"/rate")
    );
    assert_eq!(send(&desk, &page, "score=good").await.status, 409);
    assert_eq!(desk.head(), head);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_is_not_ones_own_is_not_there_whatever_is_asked() {
    let (desk, _, _) = asked().await;
    let eva = customer(&desk, "eva").await;
    for (what, body) in
        [("confirm", json!({})), ("refuse", json!({ "body": "x" })), ("rate", json!({ "score": "good" }))]
    {
        let ask = |ticket: u64| {
            shown(desk.post(format!("/api/v1/my/tickets/{ticket}/{what}")), &eva).json(&body).into_future()
        };
        let (hidden, missing) = (ask(1).await, ask(99).await);
        hidden.problem(404, "ticket-not-found");
        assert_eq!(hidden.text(), missing.text(), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_a_ticket_answers_its_questions_and_a_survey_link_opens_nothing_else() {
    let (desk, alma, _) = asked().await;
    let noor: ActorId = "noor".parse().unwrap();
    let into = desk.app.credentials.links.make(TicketNumber(1), &noor, NOW.plus(DAY));
    says(&desk, &into, "confirm", &json!({})).await.ok(200);
    let survey = link(&desk, &alma).await.trim_start_matches("/rate/").to_owned();
    for path in ["/api/v1/my/tickets/1", "/api/v1/my/tickets", "/api/v1/me", "/api/v1/tickets/1"] {
        let call = desk.get(path).header("authorization", format!("Bearer {survey}"));
        call.await.problem(401, "token-malformed");
    }
    // Nor does a link into the ticket pass for a survey link.
    assert_eq!(desk.get(format!("/rate/{into}")).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_at_a_survey_records_nothing_and_sending_its_form_does() {
    let (desk, alma, _) = asked().await;
    let made = desk.post("/api/v1/tickets/1/survey-link").header("cookie", &alma).json(&json!({})).await;
    let made = made.ok(201);
    assert_eq!(
        (&made["ticket"], &made["cycle"], &made["expires_at"]),
        (&json!(1), &json!(1), &json!(days(14)))
    );
    let event = last(&desk).await;
    assert_eq!(
        (&event["stream"], &event["type"]),
        (&json!("customer-noor"), &json!("customer.survey_link_made"))
    );
    let page = made["page"].as_str().unwrap();
    assert!(!desk.log().await.iter().any(|record| record.to_string().contains(&page[6..])), "kept nowhere");
    let head = desk.head();
    // What mail scanners do, with what a form would send in the address.
    for _ in 0..3 {
        for path in [page.to_owned(), format!("{page}?score=good"), format!("{page}?score=bad&comment=x")] {
            assert_eq!(desk.get(&path).await.status, 200);
            let request = axum::http::Request::head(&path).header("host", "127.0.0.1");
            let answer = desk.send(request.body(axum::body::Body::empty()).unwrap()).await;
            assert_eq!((answer.status, answer.bytes.len()), (200, 0));
        }
    }
    desk.app.projections.wait_for("queue", desk.app.head(), super::desk::PATIENCE).await.unwrap();
    assert_eq!(desk.head(), head, "nobody has rated anything");
    let sent = send(&desk, page, "score=good&comment=Quick%0D%0Aand+kind").await;
    assert_eq!((sent.status, sent.header("location")), (303, Some(page)));
    let data = json!({
        "cycle": 1, "score": "good", "comment": "Quick\nand kind", "resolver": "ines", "through": "survey_link",
    });
    assert_eq!(last(&desk).await["data"], data);
    for (language, thanks) in
        [("en", "You rated this as good. Thank you."), ("es", "Lo valoraste como bueno. Gracias.")]
    {
        let shown = desk.get(page).header("accept-language", language).await;
        assert!(
            shown.text().contains(thanks) && !shown.text().contains("name=\"score\""),
            "{}",
            shown.text()
        );
    }
    assert_eq!(send(&desk, page, "score=good").await.status, 303, "the same again is fine");
    assert_eq!(send(&desk, page, "score=bad").await.status, 409);
    assert_eq!(desk.head(), head + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rating_says_by_which_way_it_came() {
    let noor: ActorId = "noor".parse().unwrap();
    for way in ["signed_in", "ticket_link", "survey_link"] {
        let (desk, alma, session) = asked().await;
        let into = desk.app.credentials.links.make(TicketNumber(1), &noor, NOW.plus(DAY));
        let page = link(&desk, &alma).await;
        match way {
            "signed_in" => says(&desk, &session, "rate", &json!({ "score": "good" })).await.ok(200),
            "ticket_link" => says(&desk, &into, "rate", &json!({ "score": "good" })).await.ok(200),
            _ => json!(send(&desk, &page, "score=good").await.status),
        };
        assert_eq!(last(&desk).await["data"]["through"], way);
        // The same by another way is the same, and the first way stands.
        let head = desk.head();
        says(&desk, &session, "rate", &json!({ "score": "good" })).await.ok(200);
        send(&desk, &page, "score=good").await;
        assert_eq!(desk.head(), head, "{way}");
        let timeline = desk.read_by(&alma, "/api/v1/tickets/1/timeline").await;
        assert_eq!(timeline["entries"].as_array().unwrap().last().unwrap()["through"], way);
        let told = [
            ("en", ["signed in", "by the link of the ticket", "by a survey link"]),
            ("es", ["con la sesión iniciada", "con el enlace del ticket", "con un enlace de encuesta"]),
        ];
        for (language, words) in told {
            let shown =
                desk.get("/tickets/1").header("cookie", &alma).header("accept-language", language).await;
            let said = words.map(|word| shown.text().contains(&format!("({word})")));
            let ways = ["signed_in", "ticket_link", "survey_link"].map(|one| one == way);
            assert_eq!(said, ways, "{}", shown.text());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_works_here_and_opens_a_survey_link_is_told_kindly_that_it_is_the_customers() {
    let (desk, alma, noor) = asked().await;
    let page = link(&desk, &alma).await;
    let head = desk.head();
    for (language, kindly) in
        [("en", "This page is for the customer"), ("es", "Esta página es para el cliente")]
    {
        let shown = desk.get(&page).header("cookie", &alma).header("accept-language", language).await;
        assert_eq!(shown.status, 403);
        assert!(
            shown.text().contains(kindly) && !shown.text().contains("name=\"score\""),
            "{}",
            shown.text()
        );
    }
    let form = |cookie: &str| {
        let call = desk.post(&page).header("content-type", "application/x-www-form-urlencoded");
        call.header("cookie", cookie).raw("score=good").into_future()
    };
    assert_eq!(form(&alma).await.status, 403);
    assert_eq!(desk.head(), head, "nothing was recorded");
    // What is no link is answered as to everybody, and the customer may have signed in.
    assert_eq!(desk.get("/rate/dks_guess").header("cookie", &alma).await.status, 401);
    assert_eq!(desk.get(&page).header("cookie", &noor).await.status, 200);
    assert_eq!(form(&noor).await.status, 303);
    assert_eq!(desk.head(), head + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_says_nothing_is_shown_again_with_what_was_typed() {
    let (desk, alma, _) = asked().await;
    let (page, head) = (link(&desk, &alma).await, desk.head());
    for (language, choose) in [("en", "Choose good or bad."), ("es", "Elige bien o mal.")] {
        for fields in ["comment=Very+kind", "score=fair&comment=Very+kind"] {
            let call = desk.post(&page).header("content-type", "application/x-www-form-urlencoded");
            let answer = call.header("accept-language", language).raw(fields).await;
            assert_eq!(answer.status, 422);
            assert!(
                answer.text().contains(choose) && answer.text().contains("Very kind"),
                "{}",
                answer.text()
            );
        }
    }
    let long = format!("score=good&comment={}", "x".repeat(70_000));
    assert_eq!(send(&desk, &page, &long).await.status, 422);
    assert_eq!(send(&desk, &page, "score=good&comment=a%00b").await.status, 422);
    assert_eq!(desk.head(), head, "nothing was recorded");
    let nul = send(&desk, &page, "score=good&comment=a%00b").await;
    assert!(nul.text().contains("U+0000") && !nul.text().contains("too long"), "{}", nul.text());
    // What shows nothing is no comment, and none that is too long.
    send(&desk, &page, "score=bad&comment=+%0D%0A%E2%80%8B+").await;
    assert!(last(&desk).await["data"].get("comment").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_survey_link_is_good_for_its_cycle_its_customer_and_its_time_only() {
    let (desk, alma, noor) = asked().await;
    let page = link(&desk, &alma).await;
    says(&desk, &noor, "refuse", &json!({ "body": "No." })).await.ok(200);
    let over = desk.get(&page).await;
    assert!(over.text().contains("worked on again since"), "{}", over.text());
    assert_eq!(send(&desk, &page, "score=good").await.status, 409);
    resolve(&desk, &alma).await;
    assert_eq!(send(&desk, &page, "score=good").await.status, 409, "of the cycle before");
    let second = link(&desk, &alma).await;
    // All that are not believed are answered alike, whatever there is.
    let noor: ActorId = "noor".parse().unwrap();
    let eva: ActorId = "eva".parse().unwrap();
    let surveys = &desk.app.credentials.surveys;
    let forged = surveys.make(TicketNumber(1), 2, &eva, NOW.plus(DAY));
    let missing = surveys.make(TicketNumber(99), 1, &noor, NOW.plus(DAY));
    let expired = surveys.make(TicketNumber(1), 2, &noor, NOW);
    let mut told = Vec::new();
    for secret in
        [forged.as_str(), &missing, &expired, "dks_", "nothing-of-ours", &second[6..second.len() - 1]]
    {
        let (shown, sent) = (
            desk.get(format!("/rate/{secret}")).await,
            send(&desk, &format!("/rate/{secret}"), "score=good").await,
        );
        assert_eq!((shown.status, sent.status), (401, 401), "{secret}");
        assert_eq!(shown.header("location"), None);
        told.push(shown.text().replace(secret, ""));
    }
    told.dedup();
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("not valid any more"), "{}", told[0]);
    let head = desk.head();
    desk.clock.set(NOW.plus(DurationMs(14 * DAY.0)));
    assert_eq!(desk.get(&second).await.status, 401, "its time is over");
    desk.clock.set(NOW);
    assert_eq!(desk.head(), head);
    assert_eq!(send(&desk, &second, "score=good").await.status, 303);
    assert_eq!(last(&desk).await["data"]["cycle"], 2);
    let made = desk.post("/api/v1/tickets/1/survey-link").header("cookie", &alma).json(&json!({}));
    made.await.problem(409, "already-rated");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_guesses_survey_links_is_slowed_down() {
    let (desk, alma, _) = asked().await;
    let page = link(&desk, &alma).await;
    let mut answers = Vec::new();
    for _ in 0..70 {
        answers.push(desk.get("/rate/dks_guess").await.status);
    }
    assert_eq!((answers[0], answers[69]), (401, 429));
    assert_eq!(desk.get(&page).await.status, 200, "whoever holds a link is let in");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_survey_shows_nothing_of_the_ticket_but_its_number() {
    let (desk, alma, _) = asked().await;
    let page = link(&desk, &alma).await;
    let shown = desk.get(&page).await;
    for part in
        ["Ticket 1", "<fieldset", "<legend>", "name=\"score\" value=\"good\" required", "for=\"comment\""]
    {
        assert!(shown.text().contains(part), "{part}: {}", shown.text());
    }
    for of_the_ticket in ["Charged twice", "Two payments", "ines", "noor", "solved", "href=\"/queue"] {
        assert!(!shown.text().contains(of_the_ticket), "{of_the_ticket}: {}", shown.text());
    }
    assert!(shown.header("content-security-policy").unwrap().contains("default-src 'none'"));
    assert_eq!(shown.header("referrer-policy"), Some("same-origin"));
    assert!(!shown.text().contains("<script"));
    let spanish = desk.get(format!("{page}?lang=es")).await;
    assert!(spanish.text().contains("¿Qué tal fue?") && spanish.text().contains("lang=\"es\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_survey_says_that_a_sealed_ticket_is_rated_no_more() {
    let (desk, alma, _) = asked().await;
    let page = link(&desk, &alma).await;
    does(&desk, &alma, "seal", json!({})).await;
    let head = desk.head();
    for (language, said, not_said) in [
        ("en", "cannot be rated any more", "takes no more messages"),
        ("es", "ya no se puede valorar", "no admite más mensajes"),
    ] {
        let shown = desk.get(&page).header("accept-language", language).await;
        assert!(shown.text().contains(said) && !shown.text().contains(not_said), "{}", shown.text());
        assert!(!shown.text().contains("name=\"score\""), "{}", shown.text());
        let call = desk.post(&page).header("content-type", "application/x-www-form-urlencoded");
        let sent = call.header("accept-language", language).raw("score=good").await;
        assert_eq!(sent.status, 409);
        assert!(sent.text().contains(said) && !sent.text().contains(not_said), "{}", sent.text());
    }
    assert_eq!(desk.head(), head);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_answers_on_a_merged_ticket_is_led_to_the_other_one() {
    let (desk, alma, noor) = asked().await;
    let page = link(&desk, &alma).await;
    let fields = json!({ "subject": "Charged twice", "body": "Again." });
    desk.post("/api/v1/my/tickets").header("cookie", &noor).json(&fields).await.ok(201);
    does(&desk, &alma, "merge", json!({ "into": 2 })).await;
    let head = desk.head();
    for (what, body) in [
        ("confirm", json!({})),
        ("refuse", json!({ "body": "x" })),
        ("rate", json!({ "score": "good" })),
        ("rate", json!({ "score": "good", "cycle": 1 })),
    ] {
        let told = says(&desk, &noor, what, &body).await.problem(409, "ticket-joined");
        assert!(told["detail"].as_str().unwrap().contains("your ticket #2"), "{told}");
    }
    for (language, kindly) in [
        ("en", "This ticket was joined with another one of yours"),
        ("es", "Este ticket se unió a otro tuyo"),
    ] {
        let shown = desk.get(&page).header("accept-language", language).await;
        assert!(
            shown.text().contains(kindly) && !shown.text().contains("name=\"score\""),
            "{}",
            shown.text()
        );
        let call = desk.post(&page).header("content-type", "application/x-www-form-urlencoded");
        let sent = call.header("accept-language", language).raw("score=good").await;
        assert_eq!(sent.status, 409);
        assert!(sent.text().contains(kindly), "{}", sent.text());
    }
    assert_eq!(desk.head(), head);
    // Standing by itself again it is rated as if it had never been merged.
    does(&desk, &alma, "unmerge", json!({})).await;
    assert_eq!(send(&desk, &page, "score=good").await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_refuses_shows_what_is_wrong() {
    let (desk, _, noor) = asked().await;
    let sent = desk.post("/api/v1/my/attachments?name=still.png").header("cookie", &noor);
    let sent =
        sent.header("content-type", "image/png").raw(super::attachments::picture("still")).await.ok(201);
    let why = json!({ "body": "It still charges twice.", "attachments": [{ "digest": sent["digest"] }] });
    let first = says(&desk, &noor, "refuse", &why).key("once").await.ok(200);
    assert_eq!(says(&desk, &noor, "refuse", &why).key("once").await.ok(200)["outcome"], "found");
    assert_eq!(first["outcome"], "appended");
    let events = desk.events_after(desk.head() - 3).await;
    assert!(events.contains(&"ticket-1 ticket.attached".to_owned()), "{events:?}");
    let shown = read(&desk, &noor).await;
    let said = shown["messages"].as_array().unwrap().last().unwrap();
    assert_eq!((&said["body"], &said["files"][0]["name"]), (&why["body"], &json!("still.png")));
    let stranger = json!({ "body": "x", "attachments": [{ "digest": "0".repeat(64) }] });
    says(&desk, &noor, "refuse", &stranger).await.problem(422, "unknown-attachment");
}
