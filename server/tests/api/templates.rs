//! Replies from templates: filled in, in the customer's language, with the version that was used in the event.

use super::call::Call;
use super::desk::{Desk, opening};
use super::letting_in::hire;
use docket_core::actor::Role;
use docket_core::time::DurationMs;
use serde_json::{Value, json};

/// A ticket of a team, whose requester said their name.
async fn desk_with_a_ticket(language: Option<&str>) -> Desk {
    let desk = Desk::open().await;
    hire(&desk, "ines", Role::Agent, &["billing"]).await;
    let mut fields = opening();
    fields["team"] = json!("billing");
    fields["requester"]["name"] = json!("Noor {{x}} Haddad");
    fields["language"] = json!(language);
    desk.post("/api/v1/tickets").json(&fields).await.ok(201);
    desk
}

fn render<'a>(desk: &'a Desk, fields: &Value) -> Call<'a> {
    desk.act(1, "render-template", fields.clone()).by("ines", "agent")
}

async fn publish(desk: &Desk, slug: &str, en: &str, es: &str) -> u64 {
    publish_at(desk, slug, en, es, None).await
}

async fn publish_at(desk: &Desk, slug: &str, en: &str, es: &str, at: Option<String>) -> u64 {
    let content = json!({ "label": { "en": "x", "es": "y" }, "body": { "en": en, "es": es } });
    let fields = json!({ "content": content, "reason": "x", "effective_at": at });
    let call = desk.post(format!("/api/v1/settings/templates/{slug}/publish")).by("lena", "supervisor");
    call.json(&fields).await.ok(200)["version"].as_u64().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_filled_in_with_what_is_known_and_what_stands_for_a_variable_is_text() {
    let desk = desk_with_a_ticket(Some("es")).await;
    let text = "{{customer.name}} · {{ticket.number}} · {{ticket.subject}} · {{agent.name}} · {{team.name}}";
    publish(&desk, "all", text, &format!("Hola: {text}")).await;
    let rendered = render(&desk, &json!({ "template": "all" })).await.ok(200);
    let says = "Hola: Noor {{x}} Haddad · 1 · Charged twice · ines · Facturación";
    assert_eq!(rendered, json!({ "template": "all", "version": 1, "language": "es", "body": says }));
    let english = render(&desk, &json!({ "template": "all", "language": "en" })).await.ok(200);
    assert_eq!(english["body"], "Noor {{x}} Haddad · 1 · Charged twice · ines · Billing");
    // Those that Docket ships with are all filled in, in both languages.
    for template in ["password-reset", "billing-inquiry", "technical-support", "content-request"] {
        for (language, begins) in [("en", "Hello Noor"), ("es", "Hola, Noor")] {
            let fields = json!({ "template": template, "language": language });
            let rendered = render(&desk, &fields).await.ok(200);
            assert!(rendered["body"].as_str().unwrap().starts_with(begins), "{rendered}");
        }
    }
    assert_eq!(desk.events_after(3).await, Vec::<String>::new(), "nothing is recorded");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_is_the_tickets_then_the_customers_then_english() {
    let desk = desk_with_a_ticket(Some("en")).await;
    publish(&desk, "greeting", "Hello", "Hola").await;
    let said = async |ticket: u64| {
        let call = desk.act(ticket, "render-template", json!({ "template": "greeting" }));
        call.by("ines", "agent").await.ok(200)["body"].clone()
    };
    let profile = json!({ "id": "noor", "profile": { "name": "Noor", "language": "es" } });
    desk.post("/api/v1/customers").json(&profile).await.ok(201);
    assert_eq!(said(1).await, "Hello");
    desk.ticket().await;
    assert_eq!(said(2).await, "Hola");
    // An import does not say in which language a ticket is.
    let fact = |case: &str, who: &str| {
        let source = json!({ "system": "desk", "case": case, "seq": 0, "type": "created" });
        let data = json!({ "requester": { "id": who }, "subject": "x", "channel": "import" });
        let fact = json!({ "type": "ticket.opened", "occurred_at": 1_767_603_600_000_u64, "source": source, "data": data });
        format!("{}\n", json!({ "facts": [fact] }))
    };
    let import =
        desk.post("/api/v1/import").by("alma", "admin").header("content-type", "application/x-ndjson");
    import.raw(fact("7", "noor") + &fact("8", "eva")).await.ok(200);
    assert_eq!((said(3).await, said(4).await), (json!("Hola"), json!("Hello")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variable_that_stands_for_nothing_is_refused_with_its_name() {
    let desk = Desk::open().await;
    let ticket = desk.ticket().await;
    for (language, title) in [("en", "is not known here"), ("es", "que aquí no se sabe")] {
        let call = desk.act(ticket, "render-template", json!({ "template": "password-reset" }));
        let refused = call.header("accept-language", language).await.problem(422, "template-value-missing");
        let detail = refused["detail"].as_str().unwrap();
        assert!(
            detail.contains("customer.name, team.name;") && !detail.contains("ticket.number"),
            "{detail}"
        );
        assert!(refused["title"].as_str().unwrap().contains(title), "{refused}");
    }
    let before = desk.head();
    let used = json!({ "template": { "template": "password-reset", "version": 1, "language": "en" } });
    desk.act(ticket, "reply", used).await.problem(422, "template-value-missing");
    // Words of one's own need nothing to be filled in.
    let own = json!({
        "body": "Reset it.", "template": { "template": "password-reset", "version": 1, "language": "en" },
    });
    desk.done(ticket, "reply", own).await;
    assert_eq!(desk.head(), before + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_is_not_in_force_is_refused_and_one_that_was_is_taken_for_what_was_written() {
    let desk = desk_with_a_ticket(None).await;
    let tomorrow = desk.app.now().plus(DurationMs::from_hours(24)).to_rfc3339();
    publish(&desk, "greeting", "First", "Primero").await;
    publish_at(&desk, "greeting", "Second", "Segundo", Some(tomorrow)).await;
    let use_of = |version: u32| json!({ "template": "greeting", "version": version, "language": "en" });
    render(&desk, &json!({ "template": "nothing" })).await.problem(422, "unknown-template");
    for version in [0, 2, 3] {
        let reply = desk.act(1, "reply", json!({ "body": "x", "template": use_of(version) }));
        reply.await.problem(422, "unknown-template");
    }
    desk.pass(DurationMs::from_hours(25));
    assert_eq!(render(&desk, &json!({ "template": "greeting" })).await.ok(200)["body"], "Second");
    // Whoever began with the first sends what they have written.
    desk.done(1, "reply", json!({ "body": "First, and more", "template": use_of(1) })).await;
    let retire = desk.post("/api/v1/settings/templates/greeting/retire").by("lena", "supervisor");
    retire.json(&json!({ "reason": "x" })).await.ok(200);
    render(&desk, &json!({ "template": "greeting" })).await.problem(422, "unknown-template");
    desk.done(1, "reply", json!({ "body": "Second, and more", "template": use_of(2) })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_that_was_used_stands_beside_the_reply_whatever_becomes_of_the_template() {
    let desk = desk_with_a_ticket(Some("es")).await;
    publish(&desk, "greeting", "Hello {{customer.name}}", "Hola, {{customer.name}}").await;
    let before = desk.head();
    let used = json!({ "template": "greeting", "version": 1, "language": "es" });
    let reply = || {
        let fields = json!({ "template": used, "then_pending": true });
        desk.act(1, "reply", fields).by("ines", "agent").key("k")
    };
    let first = reply().await.ok(200);
    let events = desk.events_after(before).await;
    assert_eq!(
        events,
        ["ticket-1 ticket.replied", "ticket-1 ticket.template_used", "ticket-1 ticket.set_pending"]
    );
    let log = desk.log().await;
    let (replied, template) = (&log[before as usize]["data"], &log[before as usize + 1]["data"]);
    assert_eq!(replied["body"], "Hola, Noor {{x}} Haddad");
    let recorded =
        json!({ "message": replied["message"], "template": "greeting", "version": 1, "language": "es" });
    assert_eq!(*template, recorded);
    let timeline = desk.read("/api/v1/tickets/1/timeline").await;
    let entry =
        timeline["entries"].as_array().unwrap().iter().find(|entry| entry["event"] == "ticket.template_used");
    assert_eq!(entry.unwrap()["to"], "greeting");
    // Sent again it is found, although the template cannot be filled in any more.
    publish(&desk, "greeting", "Other", "Otro").await;
    let retire = desk.post("/api/v1/settings/templates/greeting/retire").by("lena", "supervisor");
    retire.json(&json!({ "reason": "x" })).await.ok(200);
    assert_eq!(reply().await.ok(200)["position"], first["position"]);
    desk.act(1, "reply", json!({})).await.problem(422, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_template_comes_to_is_no_longer_than_a_message_and_in_both_languages() {
    let desk = desk_with_a_ticket(None).await;
    let mut fields = opening();
    fields["subject"] = json!("s".repeat(512));
    fields["team"] = json!("billing");
    desk.post("/api/v1/tickets").json(&fields).await.ok(201);
    publish(&desk, "long", &"{{ticket.subject}}".repeat(400), "corto").await;
    let call = desk.act(2, "render-template", json!({ "template": "long", "language": "en" }));
    call.await.problem(422, "template-too-long");
    let one = json!({ "label": { "en": "x", "es": "y" }, "body": { "en": "only English" } });
    let call = desk.post("/api/v1/settings/templates/one/publish").by("lena", "supervisor");
    let refused = call.json(&json!({ "content": one, "reason": "x" })).await;
    let refused = refused.problem(422, "language-missing");
    assert_eq!(refused["field"], "content.body", "{refused}");
    // Nobody fills it in for a ticket that they do not see.
    desk.act(9, "render-template", json!({ "template": "long" })).await.problem(404, "ticket-not-found");
}
