//! What is configured: published and retired as the rules allow, read as it was at any moment.

use super::call::Call;
use super::desk::{Desk, NOW};
use docket_core::time::DurationMs;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const CATALOGUES: [&str; 9] = [
    "teams",
    "intake-categories",
    "resolution-categories",
    "escalation-reasons",
    "templates",
    "routing",
    "sla-policies",
    "schedules",
    "closing",
];

/// A content that a catalogue takes.
fn content(catalogue: &str) -> Value {
    let label = json!({ "en": "Front desk", "es": "Recepción" });
    match catalogue {
        "teams" | "intake-categories" | "escalation-reasons" => json!({ "label": label }),
        "resolution-categories" => json!({ "label": label, "needs_assignee": true }),
        "templates" => json!({
            "label": label,
            "body": { "en": "Hello {{customer.name}}", "es": "Hola, {{customer.name}}" },
        }),
        "routing" => json!({ "rules": [
            { "categories": ["billing"], "tiers": ["gold"], "team": "billing", "skill": "refunds" },
            { "priorities": ["urgent"], "languages": ["es"], "team": "support" },
        ] }),
        "sla-policies" => {
            let target = json!({
                "first_response_s": 7200, "next_reply_s": 7200, "requester_wait_s": 172_800,
                "agent_work_s": 86_400, "resolution_s": 604_800, "schedule": "madrid-office",
            });
            json!({
                "label": label,
                "targets": { "urgent": target, "high": target, "normal": target, "low": target },
                "warning": { "share_percent": 10, "at_least_s": 600 },
            })
        }
        "schedules" => json!({
            "label": label,
            "zone": "Europe/Madrid",
            "shifts": [{ "day": "friday", "opens_min": 1320, "closes_min": 1560 }],
            "holidays": [{ "date": "2027-12-25", "label": { "en": "Christmas Day", "es": "Navidad" } }],
        }),
        "closing" => json!({ "confirm_after_days": 3, "seal_after_days": 10 }),
        other => panic!("{other} takes a content that nobody wrote down"),
    }
}

fn catalogue(path: &str) -> &str {
    path.split('/').nth(4).unwrap()
}

/// A body that a command on a setting takes.
pub(crate) fn body(path: &str) -> Value {
    match path.rsplit('/').next().unwrap() {
        "publish" => json!({ "content": content(catalogue(path)), "reason": "as agreed" }),
        "retire" => json!({ "reason": "as agreed" }),
        _ => json!({}),
    }
}

/// A command of Alma's, an admin.
fn command<'a>(desk: &'a Desk, path: &str, body: &Value) -> Call<'a> {
    desk.post(format!("/api/v1/settings/{path}")).by("alma", "admin").json(body)
}

fn publish<'a>(desk: &'a Desk, catalogue: &str, slug: &str, content: Value) -> Call<'a> {
    let body = json!({ "content": content, "reason": "as agreed" });
    command(desk, &format!("{catalogue}/{slug}/publish"), &body)
}

async fn read(desk: &Desk, path: &str) -> Value {
    desk.get(format!("/api/v1/settings/{path}")).by("ines", "agent").await.ok(200)
}

fn later(hours: i64) -> String {
    NOW.plus(DurationMs::from_hours(hours)).to_rfc3339()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_catalogue_takes_a_version_shows_it_and_retires_it() {
    let desk = Desk::open().await;
    for catalogue in CATALOGUES {
        let before = desk.head();
        let published = publish(&desk, catalogue, "front-desk", content(catalogue)).await;
        let expected =
            json!({ "slug": "front-desk", "version": 1, "position": before + 1, "outcome": "appended" });
        assert_eq!(published.ok(200), expected, "{catalogue}");
        assert_eq!(published.header("docket-position"), Some((before + 1).to_string().as_str()));
        let history = read(&desk, &format!("{catalogue}/front-desk")).await;
        let change = &history["changes"][0];
        assert_eq!((&change["version"], &change["in_force"]), (&json!(1), &json!(true)), "{history}");
        assert_eq!((&change["by"], &change["reason"]), (&json!("alma"), &json!("as agreed")));
        let mut stored = change["content"].clone();
        let tzdata = stored.as_object_mut().unwrap().remove("tzdata");
        assert_eq!(tzdata.is_some(), catalogue == "schedules", "which rules of time zones is written down");
        assert_eq!(stored, content(catalogue), "what is stored is what was sent");
        // Wished again, it holds already.
        let again = publish(&desk, catalogue, "front-desk", content(catalogue)).await.ok(200);
        assert_eq!((&again["outcome"], desk.head()), (&json!("already_so"), before + 1));

        let gone = json!({ "reason": "not needed any more" });
        command(&desk, &format!("{catalogue}/front-desk/retire"), &gone).await.ok(200);
        let list = read(&desk, catalogue).await;
        let item =
            list["items"].as_array().unwrap().iter().find(|item| item["slug"] == "front-desk").unwrap();
        assert_eq!(item, &json!({ "slug": "front-desk" }), "known, and in force no more");
        let history = read(&desk, &format!("{catalogue}/front-desk")).await;
        assert_eq!(history["changes"].as_array().unwrap().len(), 2);
        assert_eq!(history["changes"][1]["in_force"], false);
        assert_eq!(history["changes"][1].get("version"), None);
        let stream = format!("settings-{catalogue}");
        let events = desk.events_after(before).await;
        assert!(events.len() == 2 && events.iter().all(|event| event.starts_with(&stream)), "{events:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_docket_ships_with_is_there_from_the_beginning_without_an_event() {
    let desk = Desk::open().await;
    assert_eq!(desk.head(), 0);
    for (catalogue, slugs) in [
        (
            "templates",
            ["billing-inquiry", "content-request", "password-reset", "technical-support"].as_slice(),
        ),
        ("routing", &["default"]),
        ("sla-policies", &["default"]),
        ("schedules", &["always", "madrid-office", "new-york-office"]),
        ("closing", &["default"]),
        ("teams", &["account", "billing", "content", "support", "technical"]),
    ] {
        for at in ["", "?at=2001-01-01T00:00:00Z"] {
            let list = read(&desk, &format!("{catalogue}{at}")).await;
            let items = list["items"].as_array().unwrap();
            let there = items.iter().filter(|item| item["in_force"]["version"] == 1);
            assert_eq!(Vec::from_iter(there.map(|item| item["slug"].as_str().unwrap())), slugs);
        }
    }
    let template = &read(&desk, "templates/password-reset").await["changes"][0];
    assert_eq!(template["content"]["label"]["es"], "Restablecimiento de contraseña");
    assert_eq!((template.get("by"), template.get("effective_at")), (None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_takes_effect_at_its_date_and_any_moment_can_be_asked_about() {
    let desk = Desk::open().await;
    let label = |en: &str| json!({ "label": { "en": en, "es": en } });
    let at =
        |en: &str, when: String| json!({ "content": label(en), "effective_at": when, "reason": "as agreed" });
    command(&desk, "teams/billing/publish", &at("Second", later(10))).await.ok(200);
    command(&desk, "teams/billing/publish", &at("Third", later(5))).await.ok(200);
    let in_force = async |when: &str| {
        let history = read(&desk, &format!("teams/billing{when}")).await;
        let changes = history["changes"].as_array().unwrap().clone();
        let standing = Vec::from_iter(changes.into_iter().filter(|change| change["in_force"] == true));
        assert_eq!(standing.len(), 1);
        standing[0]["version"].as_u64().unwrap()
    };
    assert_eq!(in_force("").await, 1);
    assert_eq!(in_force(&format!("?at={}", later(5))).await, 3);
    assert_eq!(in_force(&format!("?at={}", later(10))).await, 2);
    desk.pass(DurationMs::from_hours(7));
    assert_eq!(in_force("").await, 3);
    assert_eq!(in_force(&format!("?at={}", later(0))).await, 1, "what was stays as it was");
    let before = desk.head();
    let past = command(&desk, "teams/billing/publish", &at("Fourth", later(6))).await;
    past.problem(422, "effective-date-past");
    let retired = json!({ "effective_at": later(6), "reason": "as agreed" });
    command(&desk, "teams/content/retire", &retired).await.problem(422, "effective-date-past");
    assert_eq!(desk.head(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_never_acts_twice() {
    let desk = Desk::open().await;
    let legal = || publish(&desk, "teams", "legal", content("teams")).key("1");
    let first = legal().await.ok(200);
    let gone = json!({ "reason": "x" });
    command(&desk, "teams/legal/retire", &gone).await.ok(200);
    let again = legal().await.ok(200);
    assert_eq!((&again["outcome"], &again["position"]), (&json!("found"), &first["position"]));
    assert_eq!(desk.head(), 2);
    let other = publish(&desk, "teams", "sales", content("teams")).key("1").await;
    other.problem(422, "idempotency-key-reused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_why_and_records_nothing() {
    let desk = Desk::open().await;
    let with = |catalogue: &str, pointer: &str, value: Value| {
        let mut content = content(catalogue);
        *content.pointer_mut(pointer).unwrap() = value;
        publish(&desk, catalogue, "front-desk", content)
    };
    let many = |count: usize, item: Value| Value::from(vec![item; count]);
    let shift =
        |opens: u32, closes: u32| json!({ "day": "monday", "opens_min": opens, "closes_min": closes });
    let holiday = json!({ "date": "2027-12-25", "label": { "en": "x", "es": "x" } });
    for (call, code) in [
        (with("templates", "/body/es", json!("Hola, {{cliente}}")), "unknown-variable"),
        (with("templates", "/body/en", json!("Hello {{customer.name")), "unbalanced-braces"),
        (with("templates", "/body/en", json!("x".repeat(8193))), "template-too-long"),
        (with("routing", "/rules/0/tiers", json!([])), "empty-condition"),
        (with("routing", "/rules/0", json!({ "team": "support" })), "shadowed-rule"),
        (with("routing", "/rules/0/team", json!("legal")), "unknown-team"),
        (with("routing", "/rules/0/categories", json!(["travel"])), "unknown-category"),
        (with("routing", "/rules", many(201, json!({ "team": "support" }))), "too-many-rules"),
        (with("sla-policies", "/targets/high/first_response_s", json!(0)), "target-out-of-range"),
        (with("sla-policies", "/targets/low/next_reply_s", json!(-5)), "target-out-of-range"),
        (with("sla-policies", "/targets/low/schedule", json!("moon-base")), "unknown-schedule"),
        (with("sla-policies", "/warning/share_percent", json!(101)), "warning-out-of-range"),
        (with("closing", "/confirm_after_days", json!(0)), "days-out-of-range"),
        (with("closing", "/seal_after_days", json!(2)), "sealed-before-confirmed"),
        (with("schedules", "/zone", json!("Europe/Atlantis")), "unknown-zone"),
        (with("schedules", "/shifts", json!([])), "never-open"),
        (with("schedules", "/shifts/0/closes_min", json!(1320)), "shift-out-of-range"),
        (with("schedules", "/shifts", json!([shift(0, 61), shift(60, 120)])), "overlapping-shifts"),
        (with("schedules", "/shifts", many(169, shift(0, 1))), "schedule-too-long"),
        (with("schedules", "/holidays", json!([holiday, holiday])), "holiday-twice"),
    ] {
        call.await.problem(422, code);
    }
    let mut zone = content("schedules");
    zone["tzdata"] = json!("1999a");
    publish(&desk, "schedules", "front-desk", zone).await.problem(422, "other-tzdata");
    let why = json!({ "reason": "as agreed" });
    for (path, status, code) in [
        ("teams/legal/retire", 404, "setting-not-found"),
        ("teams/No%20Slug/retire", 404, "setting-not-found"),
        ("teams/billing/retire", 409, "setting-in-use"),
        ("schedules/always/retire", 409, "setting-needed"),
    ] {
        command(&desk, path, &why).await.problem(status, code);
    }
    for path in ["teams/legal", "teams/No%20Slug"] {
        desk.get(format!("/api/v1/settings/{path}")).await.problem(404, "setting-not-found");
    }
    desk.get("/api/v1/settings/hats").await.problem(404, "not-found");
    desk.get("/api/v1/settings/teams?at=yesterday").await.problem(422, "invalid");
    assert_eq!(desk.head(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_content_that_is_not_whole_is_refused_with_the_field() {
    let desk = Desk::open().await;
    let without = |catalogue: &str, pointer: &str, name: &str| {
        let mut content = content(catalogue);
        content.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(name).unwrap();
        publish(&desk, catalogue, "front-desk", content)
    };
    let mut blank = content("templates");
    blank["body"]["es"] = json!(" \n");
    let blank = publish(&desk, "templates", "front-desk", blank);
    for (call, code, field) in [
        (without("teams", "/label", "es"), "language-missing", "content.label"),
        (without("templates", "/body", "en"), "language-missing", "content.body"),
        (blank, "language-missing", "content.body"),
        (without("sla-policies", "/targets", "low"), "invalid", "content.targets"),
        (without("sla-policies", "/targets/urgent", "first_response_s"), "invalid", "content.targets.urgent"),
        (without("resolution-categories", "", "needs_assignee"), "invalid", "content"),
    ] {
        assert_eq!(call.await.problem(422, code)["field"], field);
    }
    for (path, odd) in [
        ("teams", json!({ "label": ["Front desk", "Recepción"] })),
        ("routing", json!({ "rules": [{ "priorities": [{ "urgent": null }], "team": "support" }] })),
        (
            "schedules",
            json!({ "label": { "en": "x", "es": "x" }, "zone": "UTC", "shifts": [["monday", 0, 60]] }),
        ),
        ("teams", json!({ "label": { "en": "x", "es": "x", "pt": "x" } })),
    ] {
        publish(&desk, path, "front-desk", odd).await.problem(422, "invalid");
    }
    let bare = json!({ "content": content("teams") });
    let unexplained = command(&desk, "teams/legal/publish", &bare).await.problem(422, "invalid");
    assert!(unexplained["detail"].as_str().unwrap().contains("reason"), "{unexplained}");
    assert_eq!(desk.head(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_never_falls_due_is_refused_whichever_of_policy_and_schedule_comes_last() {
    let desk = Desk::open().await;
    let hours = |closes_min: u32| {
        let mut schedule = content("schedules");
        schedule["shifts"] = json!([{ "day": "monday", "opens_min": 0, "closes_min": closes_min }]);
        schedule
    };
    let mut policy = content("sla-policies");
    for targets in policy["targets"].as_object_mut().unwrap().values_mut() {
        targets["schedule"] = json!("front-desk");
    }
    // One minute a week: 604,800 seconds of it take almost two centuries.
    publish(&desk, "schedules", "front-desk", hours(1)).await.ok(200);
    let refused = publish(&desk, "sla-policies", "slow", policy.clone()).await;
    let problem = refused.problem(422, "target-never-due");
    assert!(problem["detail"].as_str().unwrap().starts_with("resolution_s of "), "{problem}");
    publish(&desk, "schedules", "front-desk", hours(60)).await.ok(200);
    publish(&desk, "sla-policies", "slow", policy).await.ok(200);
    let before = desk.head();
    publish(&desk, "schedules", "front-desk", hours(1)).await.problem(422, "target-never-due");
    assert_eq!(desk.head(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_has_the_fields_of_every_content() {
    /// The paths of all fields that a value has.
    fn fields(value: &Value, path: &str, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(of) => of.iter().for_each(|(name, value)| {
                found.insert(format!("{path}.{name}"));
                fields(value, &format!("{path}.{name}"), found);
            }),
            Value::Array(of) => of.iter().for_each(|value| fields(value, path, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    /// The paths of all fields that a schema describes.
    fn described(schemas: &Value, schema: &Value, path: &str, found: &mut BTreeSet<String>) {
        if let Some(reference) = schema["$ref"].as_str() {
            return described(schemas, &schemas[reference.rsplit('/').next().unwrap()], path, found);
        }
        for part in ["allOf", "oneOf"].iter().filter_map(|part| schema[part].as_array()).flatten() {
            described(schemas, part, path, found);
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            found.insert(format!("{path}.{name}"));
            described(schemas, property, &format!("{path}.{name}"), found);
        }
        if schema["items"].is_object() {
            described(schemas, &schema["items"], path, found);
        }
    }
    let desk = Desk::open().await;
    let description = desk.get("/api/openapi.json").await.ok(200);
    let schemas = &description["components"]["schemas"];
    for catalogue in CATALOGUES {
        publish(&desk, catalogue, "front-desk", content(catalogue)).await.ok(200);
        let address = format!("/api/v1/settings/{catalogue}/{{name}}");
        let operation = &description["paths"][&address]["get"];
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        let (mut said, mut there) = (BTreeSet::new(), BTreeSet::new());
        described(schemas, schema, "", &mut said);
        fields(&read(&desk, &format!("{catalogue}/front-desk")).await, "", &mut there);
        assert_eq!(said, there, "{catalogue}");
        let publish = &description["paths"][&format!("{address}/publish")]["post"]["parameters"];
        assert!(publish.as_array().unwrap().iter().any(|header| header["name"] == "Idempotency-Key"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_names_only_what_is_in_force_and_keeps_what_it_has() {
    let desk = Desk::open().await;
    desk.ticket().await;
    desk.done(1, "assign", json!({ "to": "ines" })).await;
    let escalation =
        |reason: &str, team: &str| json!({ "reason": reason, "to": { "team": team }, "context": "x" });
    for (command, body, code) in [
        ("change-team", json!({ "to": "legal" }), "unknown-team"),
        ("change-category", json!({ "to": "travel" }), "unknown-category"),
        ("escalate", escalation("boredom", "billing"), "unknown-escalation-reason"),
        ("escalate", escalation("complaint", "legal"), "unknown-team"),
        ("resolve", json!({ "resolution": "forgotten" }), "unknown-resolution"),
    ] {
        let before = desk.head();
        desk.act(1, command, body).await.problem(422, code);
        assert_eq!(desk.head(), before);
    }
    let mut opening = super::desk::opening();
    opening["team"] = json!("legal");
    desk.post("/api/v1/tickets").key("1").json(&opening).await.problem(422, "unknown-team");
    publish(&desk, "teams", "legal", content("teams")).await.ok(200);
    let opened = desk.post("/api/v1/tickets").key("1").json(&opening).await.ok(201);
    // What was done stays done, and is found again, when the team is retired; with tickets in it that is not done.
    let retire = || command(&desk, "teams/legal/retire", &json!({ "reason": "merged" }));
    let refused = retire().await.problem(409, "setting-in-use");
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("not resolved: 1;") && detail.contains("/api/v1/tickets/bulk"), "{detail}");
    desk.done(2, "resolve", json!({ "resolution": "spam" })).await;
    retire().await.ok(200);
    desk.done(2, "reopen", json!({})).await;
    let again = desk.post("/api/v1/tickets").key("1").json(&opening).await.ok(201);
    assert_eq!((&again["outcome"], &again["ticket"]), (&json!("found"), &opened["ticket"]));
    assert_eq!(desk.read("/api/v1/tickets/2").await["team"], "legal");
    desk.act(1, "change-team", json!({ "to": "legal" })).await.problem(422, "unknown-team");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resolution_needs_an_assignee_exactly_when_its_category_says_so() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let label = json!({ "en": "Test message", "es": "Mensaje de prueba" });
    let nobody = json!({ "label": label, "needs_assignee": false });
    publish(&desk, "resolution-categories", "test-message", nobody).await.ok(200);
    let work = json!({ "label": { "en": "Spam", "es": "Spam" }, "needs_assignee": true });
    publish(&desk, "resolution-categories", "spam", work).await.ok(200);
    desk.act(1, "resolve", json!({ "resolution": "spam" })).await.problem(409, "ticket-without-assignee");
    desk.done(1, "resolve", json!({ "resolution": "test-message" })).await;
}
