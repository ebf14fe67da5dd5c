//! What can go wrong while a ticket is worked, each with its code and with what it says, in both languages.

use super::call::{Answer, Call};
use super::desk::{Desk, opening};
use super::letting_in::hire;
use docket_core::actor::Role;
use serde_json::{Value, json};

/// What is asked, its status and code, and words of the title in English and Spanish.
type Refused = (&'static str, String, Value, u16, &'static str, [&'static str; 2]);

fn on(ticket: u64, command: &str) -> String {
    format!("/api/v1/tickets/{ticket}/{command}")
}

fn escalation(to: Value) -> Value {
    json!({ "reason": "complaint", "to": to, "context": "third time" })
}

fn rules(rules: Value) -> Value {
    json!({ "content": { "rules": rules }, "reason": "as agreed" })
}

/// Tickets 1 to 6: with Ines; of Noor; of Eva; resolved and asked about; rated; sealed.
async fn desk_with_six() -> Desk {
    let desk = Desk::open().await;
    for (id, role, teams) in [
        ("ines", Role::Agent, &["support"][..]),
        ("lena", Role::Supervisor, &["support"]),
        ("alma", Role::Admin, &[]),
    ] {
        hire(&desk, id, role, teams).await;
    }
    for number in 1..=6 {
        let mut fields = opening();
        fields["team"] = json!("support");
        fields["requester"]["id"] = json!(if number == 3 { "eva" } else { "noor" });
        desk.post("/api/v1/tickets").json(&fields).await.ok(201);
    }
    let does = async |ticket, command: &str, body: Value| {
        desk.act(ticket, command, body).by("lena", "supervisor").await.ok(200);
    };
    does(1, "assign", json!({ "to": "ines" })).await;
    for ticket in [4, 5, 6] {
        does(ticket, "assign", json!({ "to": "ines" })).await;
        does(ticket, "resolve", json!({ "resolution": "solved", "survey": true })).await;
    }
    desk.post("/api/v1/my/tickets/5/rate")
        .by("noor", "customer")
        .json(&json!({ "score": "bad" }))
        .await
        .ok(200);
    does(6, "seal", json!({})).await;
    desk
}

fn of_tickets() -> Vec<Refused> {
    let no_team = ["no such team", "No existe ese equipo"];
    vec![
        (
            "lena",
            on(4, "escalate"),
            escalation(json!({ "team": "technical" })),
            409,
            "ticket-resolved",
            ["Reopen it first", "Reábrelo primero"],
        ),
        ("lena", on(1, "escalate"), escalation(json!({ "team": "nowhere" })), 422, "unknown-team", no_team),
        (
            "lena",
            on(1, "escalate"),
            escalation(json!({ "team": "billing" })),
            422,
            "team-without-members",
            ["nobody who may take escalated", "no tiene a nadie"],
        ),
        (
            "lena",
            on(1, "escalate"),
            escalation(json!({ "supervisor": "nobody-here" })),
            422,
            "unknown-supervisor",
            ["Nobody who takes escalations", "Nadie que reciba escalados"],
        ),
        (
            "lena",
            on(1, "snooze"),
            json!({ "until": "2020-01-01T00:00:00Z" }),
            422,
            "snooze-out-of-range",
            ["an instant in the future", "un momento futuro"],
        ),
        (
            "lena",
            on(2, "resolve"),
            json!({ "resolution": "solved" }),
            409,
            "ticket-without-assignee",
            ["Assign the ticket before", "Asigna el ticket antes"],
        ),
        (
            "lena",
            on(1, "resolve"),
            json!({}),
            422,
            "resolution-missing",
            ["how the work ended", "cómo terminó"],
        ),
        (
            "lena",
            on(1, "resolve"),
            json!({ "resolution": "nothing-of-the-kind" }),
            422,
            "unknown-resolution",
            ["no such resolution", "No existe esa categoría de resolución"],
        ),
        (
            "lena",
            on(1, "render-template"),
            json!({ "template": "password-reset" }),
            422,
            "template-value-missing",
            ["is not known here", "aquí no se sabe"],
        ),
    ]
}

fn of_merges() -> Vec<Refused> {
    vec![
        (
            "lena",
            on(2, "merge"),
            json!({ "into": 2 }),
            409,
            "merged-into-itself",
            ["into itself", "consigo mismo"],
        ),
        (
            "lena",
            on(2, "merge"),
            json!({ "into": 6 }),
            409,
            "merge-target-sealed",
            ["a sealed ticket is not merged", "un ticket sellado no se fusiona"],
        ),
        (
            "lena",
            on(2, "merge"),
            json!({ "into": 3 }),
            409,
            "merge-of-another-customer",
            ["another customer", "otro cliente"],
        ),
    ]
}

fn of_templates() -> Vec<Refused> {
    let publish = "/api/v1/settings/templates/hello/publish".to_owned();
    let template = |body: Value| json!({ "content": { "label": { "en": "x", "es": "y" }, "body": body }, "reason": "as agreed" });
    let not_in_both = ["in both English and Spanish", "tanto en inglés como en español"];
    vec![
        ("lena", publish.clone(), template(json!({ "en": "Hello" })), 422, "language-missing", not_in_both),
        ("lena", publish.clone(), template(json!({})), 422, "language-missing", not_in_both),
        (
            "lena",
            publish.clone(),
            template(json!({ "en": "Hello", "es": "Hola, {{cliente}}" })),
            422,
            "unknown-variable",
            ["a variable that there is not", "una variable que no existe"],
        ),
        (
            "lena",
            publish.clone(),
            template(json!({ "en": "Hello {{customer.name", "es": "Hola" })),
            422,
            "unbalanced-braces",
            ["do not belong together", "no cuadran"],
        ),
    ]
}

fn of_routing_and_ratings() -> Vec<Refused> {
    let routing = "/api/v1/settings/routing/default/publish".to_owned();
    let rate = |ticket: u64| format!("/api/v1/my/tickets/{ticket}/rate");
    vec![
        (
            "lena",
            routing.clone(),
            rules(json!([{ "tiers": [], "team": "support" }])),
            422,
            "empty-condition",
            ["nothing fits", "nada cumple"],
        ),
        (
            "lena",
            routing,
            rules(json!([{ "team": "support" }, { "categories": ["billing"], "team": "billing" }])),
            422,
            "shadowed-rule",
            ["never reached", "Nunca se llega"],
        ),
        (
            "noor",
            rate(5),
            json!({ "score": "good" }),
            409,
            "already-rated",
            ["was rated already", "ya se valoró"],
        ),
        ("noor", rate(6), json!({ "score": "good" }), 409, "ticket-sealed", ["sealed", "sellado"]),
    ]
}

fn asks<'a>(desk: &'a Desk, (by, path, body, ..): &Refused, language: &str) -> Call<'a> {
    let role = if *by == "noor" { "customer" } else { "supervisor" };
    let call = desk.post(path.clone()).whatever().by(by, role).json(body);
    call.header("accept-language", language)
}

#[track_caller]
fn says(answer: &Answer, status: u16, code: &str, words: &str) {
    let problem = answer.problem(status, code);
    assert!(problem["title"].as_str().unwrap().contains(words), "{words}: {problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_says_why_in_both_languages_and_records_nothing() {
    let desk = desk_with_six().await;
    let head = desk.head();
    for refused in [of_tickets(), of_merges(), of_templates(), of_routing_and_ratings()].concat() {
        let (.., status, code, words) = &refused;
        for (language, words) in ["en", "es"].into_iter().zip(words) {
            says(&asks(&desk, &refused, language).await, *status, code, words);
        }
    }
    assert_eq!(desk.head(), head);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_in_a_circle_and_a_reply_past_a_message_say_so_in_both_languages() {
    let desk = desk_with_six().await;
    let seen = desk.read("/api/v1/tickets/1").await["version"].as_u64().unwrap();
    desk.done(1, "customer-reply", json!({ "body": "And another one." })).await;
    desk.done(2, "merge", json!({ "into": 1 })).await;
    for (language, circle, third, moved) in [
        ("en", "Unmerge it first", "merged into a third one", "The thread moved"),
        ("es", "Sepáralo primero", "fusionado con un tercero", "La conversación ha cambiado"),
    ] {
        let into_part = desk.act(4, "merge", json!({ "into": 2 })).header("accept-language", language);
        says(&into_part.await, 409, "merge-target-merged", third);
        let merge = desk.act(1, "merge", json!({ "into": 2 })).header("accept-language", language);
        says(&merge.await, 409, "merged-in-a-circle", circle);
        let reply = desk.post(on(1, "reply")).json(&json!({ "body": "x" })).seen(seen);
        let answer = reply.header("accept-language", language).await;
        says(&answer, 412, "thread-moved", moved);
        assert_eq!(
            answer.json()["missed"][0]["data"]["body"],
            "And another one.",
            "what was missed comes along"
        );
    }
}
