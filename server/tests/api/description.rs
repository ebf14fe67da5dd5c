//! The description lists exactly what is there, and what is there answers as it says.

use super::desk::{Desk, PATIENCE, opening};
use axum::http::Method;
use docket_core::ticket::command::ActionName;
use docket_server::api;
use docket_server::app::App;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS"];

/// What an operation answers with a status: itself, or what it refers to among the components.
fn described<'a>(description: &'a Value, operation: &'a Value, status: u16) -> Option<&'a Value> {
    let response = operation["responses"].get(status.to_string())?;
    match response["$ref"].as_str() {
        Some(reference) => description.pointer(reference.trim_start_matches('#')),
        None => Some(response),
    }
}

async fn paths(desk: &Desk) -> Map<String, Value> {
    let description = desk.get("/api/openapi.json").await.ok(200);
    description["paths"].as_object().unwrap().clone()
}

/// The addresses that the router itself knows, as it prints them.
fn routed() -> BTreeSet<String> {
    let printed = format!("{:?}", api::routes_with_description() as axum::Router<App>);
    let quoted = printed.split('"').skip(1).step_by(2);
    // The last two are what catches everything that is nowhere.
    let own = quoted.filter(|text| text.starts_with('/') && *text != "/" && !text.contains("axum_fallback"));
    own.map(str::to_owned).collect()
}

/// An address of this shape that is there: ticket 1, the queue.
fn filled(path: &str) -> String {
    path.replace("{number}", "1")
        .replace("{name}", "queue")
        .replace("{kind}", "reply")
        .replace("{digest}", &"0".repeat(64))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_lists_exactly_the_addresses_of_the_router() {
    let desk = Desk::open().await;
    let described: BTreeSet<String> = paths(&desk).await.keys().cloned().collect();
    let mut routed = routed();
    // It describes neither itself nor the page that shows it.
    for own in ["/api/openapi.json", "/api/docs", "/api/docs/", "/api/docs/{file}"] {
        assert!(routed.remove(own), "{own}: {routed:?}");
    }
    assert_eq!(described, routed);
    assert!(described.len() >= 30, "{described:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_address_takes_exactly_the_methods_that_the_description_lists() {
    let desk = Desk::open().await;
    desk.ticket().await;
    desk.settled().await;
    for (path, operations) in paths(&desk).await {
        for method in METHODS {
            let call = desk.get(filled(&path)).header("last-event-id", "0").request();
            let (mut parts, body) = call.into_parts();
            parts.method = Method::from_bytes(method.as_bytes()).unwrap();
            let response = desk.start(axum::http::Request::from_parts(parts, body)).await;
            let listed = operations.get(method.to_lowercase()).is_some();
            assert_eq!(response.status().as_u16() != 405, listed, "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_described_operation_answers_as_described() {
    let desk = Desk::open().await;
    desk.ticket().await;
    desk.settled().await;
    let description = desk.get("/api/openapi.json").await.ok(200);
    for (path, operations) in paths(&desk).await {
        for (method, operation) in operations.as_object().unwrap() {
            let call = desk.ask(&method.to_uppercase(), filled(&path));
            let response = tokio::time::timeout(PATIENCE, desk.start(call.request())).await.unwrap();
            let status = response.status().as_u16();
            assert!(status < 500, "{method} {path}: {status}");
            let answer = described(&description, operation, status);
            let content = &answer.unwrap_or_else(|| panic!("{method} {path}: {status}"))["content"];
            let content_type = response.headers()["content-type"].to_str().unwrap();
            let content_type = content_type.split(';').next().unwrap();
            assert!(content.get(content_type).is_some(), "{method} {path}: {content_type}: {content}");
            assert!(operation["description"].is_string() || operation["summary"].is_string(), "{path}");
        }
    }
}

/// The file that came with a ticket last.
async fn files(desk: &Desk, ticket: u64) -> Value {
    let timeline = desk.read(&format!("/api/v1/tickets/{ticket}/timeline")).await;
    timeline["entries"].as_array().unwrap().last().unwrap()["file"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_the_fields_that_the_description_gives_it() {
    let desk = Desk::open().await;
    let mut ticket = opening();
    ticket["priority"] = json!("urgent");
    let opened = desk.post("/api/v1/tickets").json(&ticket).await.ok(201);
    desk.done(1, "assign", json!({ "to": "ines" })).await;
    let description = desk.get("/api/openapi.json").await.ok(200);
    let schemas = &description["components"]["schemas"];
    desk.settled().await;
    let mine = |path: &str| desk.get(path).by("noor", "customer");
    let import = desk.post("/api/v1/import").by("alma", "admin").header("content-type", "application/jsonl");
    let imported = import.raw("x\n").await.ok(200);
    let sealed = desk.ticket().await;
    desk.done(sealed, "resolve", json!({ "resolution": "spam" })).await;
    desk.done(sealed, "seal", json!({})).await;
    let late = desk.post(format!("/api/v1/my/tickets/{sealed}/reply")).by("noor", "customer");
    let followed = late.json(&json!({ "body": "Again." })).await.ok(201);
    let uploaded = super::attachments::send(&desk, "a.txt", "text/plain", "x").await.ok(201);
    let other = super::attachments::send(&desk, "b.txt", "text/plain", "y").await.ok(201);
    let back = format!("/api/v1/attachments/{}", other["digest"].as_str().unwrap());
    let taken_back = desk.ask("DELETE", back).await.ok(200);
    let file = json!([{ "digest": uploaded["digest"] }]);
    desk.done(sealed, "note", json!({ "body": "x", "attachments": file })).await;
    let body = json!({ "en": "x", "es": "y" });
    let template = json!({ "content": { "label": body, "body": body }, "reason": "x" });
    desk.post("/api/v1/settings/templates/x/publish").json(&template).await.ok(200);
    let rendered = desk.act(1, "render-template", json!({ "template": "x" })).await.ok(200);
    desk.settled().await;
    let problem = desk.act(1, "reopen", json!({})).await.problem(409, "ticket-not-resolved");
    for (name, answer) in [
        ("CommandAnswer", opened),
        ("TicketAnswer", desk.read("/api/v1/tickets/1").await),
        ("TimelineView", desk.read("/api/v1/tickets/1/timeline").await),
        ("EntryView", desk.read("/api/v1/tickets/1/timeline").await["entries"][0].take()),
        ("SlaView", desk.read("/api/v1/tickets/1/sla").await),
        ("ClockView", desk.read("/api/v1/tickets/1").await["clock"].take()),
        ("ClockInFull", desk.read("/api/v1/tickets/1/sla").await["clocks"][0].take()),
        ("QueueView", desk.read("/api/v1/queue?lane=open").await),
        ("TicketView", desk.read("/api/v1/queue?lane=open").await["tickets"][0].take()),
        ("LaneView", desk.read("/api/v1/queue").await["lanes"][0].take()),
        ("MyTicketsView", mine("/api/v1/my/tickets").await.ok(200)),
        ("MyTicketView", mine("/api/v1/my/tickets").await.ok(200)["tickets"][0].take()),
        ("MyTicketAnswer", mine("/api/v1/my/tickets/1").await.ok(200)),
        ("SaidView", mine("/api/v1/my/tickets/1").await.ok(200)["messages"][0].take()),
        ("FollowUpAnswer", followed),
        ("LinkView", desk.act(1, "customer-link", json!({})).await.ok(201)),
        ("InvitationView", desk.post("/api/v1/customers/noor/invite").json(&json!({})).await.ok(201)),
        ("RejectedLineView", imported["rejected"]["first"][0].clone()),
        ("RejectedView", imported["rejected"].clone()),
        ("ImportTicketsView", imported["tickets"].clone()),
        ("ImportView", imported),
        (
            "DraftView",
            desk.ask("PUT", "/api/v1/tickets/1/drafts/note").json(&json!({ "body": "x" })).await.ok(200),
        ),
        ("UploadView", uploaded),
        ("TakenBackView", taken_back),
        ("RenderedView", rendered),
        ("FileView", files(&desk, sealed).await),
        ("FeedView", desk.get("/api/v1/events").await.ok(200)),
        ("ProjectionView", desk.get("/api/v1/projections").await.ok(200)[0].take()),
        ("Readiness", desk.get("/readyz").await.ok(200)),
        ("FollowedAnswer", desk.act(sealed, "customer-reply", json!({ "body": "x" })).await.ok(201)),
        ("Problem", problem),
    ] {
        let described = properties(schemas, &schemas[name]);
        let answered: BTreeSet<String> = answer.as_object().unwrap().keys().cloned().collect();
        let optional = if name == "Problem" {
            BTreeSet::from(["field", "current_version", "missed", "outcome", "draft"])
        } else {
            BTreeSet::new()
        };
        let missing: Vec<_> =
            described.difference(&answered).filter(|field| !optional.contains(field.as_str())).collect();
        assert!(missing.is_empty() && answered.is_subset(&described), "{name}: {described:?} {answered:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parts_of_a_ticket_have_the_fields_that_the_description_gives_them() {
    let desk = Desk::open().await;
    let description = desk.get("/api/openapi.json").await.ok(200);
    let schemas = &description["components"]["schemas"];
    let escalate = json!({ "reason": "complaint", "to": { "team": "account" }, "context": "Angry" });
    let part =
        async |ticket: u64, part: &str| desk.read(&format!("/api/v1/tickets/{ticket}")).await[part].take();
    let mut badges = Vec::new();
    let ticket = desk.ticket().await;
    desk.done(ticket, "change-team", json!({ "to": "billing" })).await;
    desk.done(ticket, "assign", json!({ "to": "ines" })).await;
    desk.done(ticket, "escalate", escalate).await;
    badges.push(part(ticket, "badge").await);
    let mut standing = part(ticket, "escalation").await;
    for command in ["take", "acknowledge"] {
        desk.act(ticket, command, json!({})).by("omar", "agent").await.ok(200);
    }
    standing["acknowledged"] = part(ticket, "escalation").await["acknowledged"].take();
    desk.act(ticket, "unassign", json!({})).by("omar", "agent").await.ok(200);
    badges.push(part(ticket, "badge").await);
    desk.done(ticket, "assign", json!({ "to": "ines" })).await;
    desk.done(ticket, "unassign", json!({})).await;
    badges.push(part(ticket, "badge").await);
    desk.done(ticket, "assign", json!({ "to": "ines" })).await;
    let asking = json!({ "resolution": "solved", "confirmation": true, "survey": true });
    desk.done(ticket, "resolve", asking).await;
    desk.done(ticket, "confirm", json!({})).await;
    let rate = desk.post(format!("/api/v1/my/tickets/{ticket}/rate")).by("noor", "customer");
    rate.json(&json!({ "score": "good", "cycle": 1 })).await.ok(200);
    let closing = part(ticket, "closing").await;
    let names = |value: &Value| -> BTreeSet<String> { value.as_object().unwrap().keys().cloned().collect() };
    for (name, answered) in [("StandingView", &standing), ("ClosureView", &closing)] {
        assert_eq!(properties(schemas, &schemas[name]), names(answered), "{name}");
    }
    let kinds = schemas["BadgeView"]["oneOf"].as_array().unwrap();
    for badge in &badges {
        let of = |kind: &&Value| kind["properties"]["kind"]["enum"][0] == badge["kind"];
        let kind = kinds.iter().find(of).unwrap_or_else(|| panic!("{badge}: {kinds:?}"));
        assert_eq!(properties(schemas, kind), names(badge), "{badge}");
    }
    assert_eq!(
        badges.iter().map(|badge| &badge["kind"]).collect::<Vec<_>>(),
        ["escalated", "returned", "taken"]
    );
    assert_eq!(kinds.len(), 4);
    for (field, name) in [("badge", "BadgeView"), ("escalation", "StandingView"), ("closing", "ClosureView")]
    {
        let described = schemas["TicketView"]["properties"][field].to_string();
        assert!(described.contains(&format!("/{name}\"")), "{described}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fields_that_are_described_are_those_that_are_taken() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let description = desk.get("/api/openapi.json").await.ok(200);
    let schemas = &description["components"]["schemas"];
    let mut compared = 0;
    for (path, operations) in paths(&desk).await {
        let taking = |method: &&str| !operations[*method]["requestBody"].is_null();
        let Some(method) = ["post", "put"].into_iter().find(taking) else { continue };
        let body = &operations[method]["requestBody"]["content"]["application/json"]["schema"];
        if body.is_null() {
            continue;
        }
        let call = desk.ask(&method.to_uppercase(), filled(&path)).whatever().by("alma", "admin");
        let answer = call.json(&json!({ "no_such_field": 1 })).await;
        let detail = if answer.status == 422 { answer.json()["detail"].clone() } else { Value::Null };
        // Serde lists what it would have taken, each in backticks.
        let Some((_, taken)) = detail.as_str().and_then(|detail| detail.split_once("`no_such_field`, "))
        else {
            continue;
        };
        let taken: BTreeSet<String> = taken.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        assert_eq!(properties(schemas, body), taken, "{path}");
        compared += 1;
    }
    assert!(compared >= 40, "{compared}");
}

/// The names of an object's fields, also of one that is put together from several.
fn properties(schemas: &Value, schema: &Value) -> BTreeSet<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        return properties(schemas, &schemas[reference.rsplit('/').next().unwrap()]);
    }
    let own = schema["properties"].as_object().into_iter().flat_map(|fields| fields.keys().cloned());
    let parts = schema["allOf"].as_array().into_iter().flatten();
    own.chain(parts.flat_map(|part| properties(schemas, part))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_is_described_with_the_headers_that_it_takes() {
    let desk = Desk::open().await;
    for (path, operations) in paths(&desk).await {
        let on_tickets = path.starts_with("/api/v1/tickets") || path.starts_with("/api/v1/my/tickets");
        // A link is no event: nothing is repeated by making another. Nor does anything come of filling in a template.
        let decides_nothing = ["-link", "/render-template"].iter().any(|end| path.ends_with(end));
        if !on_tickets || decides_nothing || operations.get("post").is_none() {
            continue;
        }
        let parameters = operations["post"]["parameters"].as_array().unwrap();
        let headers = parameters.iter().filter(|parameter| parameter["in"] == "header");
        let headers: BTreeSet<&str> = headers.map(|header| header["name"].as_str().unwrap()).collect();
        let on_a_ticket = path.contains("{number}");
        assert!(headers.contains("Idempotency-Key"), "{path}");
        assert_eq!(headers.contains("If-Match"), on_a_ticket, "{path}");
        // Customers write whatever was said: what they answer to is before them.
        let of_staff = ActionName::ALL.into_iter().filter(|_| !path.starts_with("/api/v1/my/"));
        let action = of_staff.into_iter().find(|action| path.ends_with(&format!("/{}", action.as_str())));
        let required = parameters
            .iter()
            .any(|parameter| parameter["name"] == "If-Match" && parameter["required"] == true);
        assert_eq!(required, action.is_some_and(ActionName::depends_on_the_thread), "{path}");
        assert_eq!(operations["post"]["responses"].get("428").is_some(), required, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_nowhere_is_not_found_whatever_the_method() {
    let desk = Desk::open().await;
    for path in [
        "/nope",
        "/api",
        "/api/v1",
        "/api/v2/queue",
        "/api/v1/queue/",
        "/api/v1/tickets/1/",
        "//",
        "/livez/x",
        "/api/v1/tickets/1/fly",
        "/%00",
        "/api/v1/tickets/1/assign/2",
        "/API/v1/queue",
    ] {
        desk.get(path).await.problem(404, "not-found");
        desk.post(path).json(&json!({})).await.problem(404, "not-found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_method_is_told_which_one_is_right() {
    let desk = Desk::open().await;
    let answer = desk.post("/api/v1/queue").await;
    answer.problem(405, "method-not-allowed");
    assert_eq!(answer.header("allow"), Some("GET,HEAD"));
    let answer = desk.get("/api/v1/tickets/1/assign").await;
    answer.problem(405, "method-not-allowed");
    assert_eq!(answer.header("allow"), Some("POST"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_is_of_a_kind_that_the_description_lists() {
    let desk = Desk::open().await;
    desk.ticket().await;
    desk.settled().await;
    let description = desk.get("/api/openapi.json").await.ok(200);
    for (path, operations) in paths(&desk).await {
        for (method, operation) in operations.as_object().unwrap() {
            for (actor, role, query) in
                [("x", "customer", ""), ("x", "boss", ""), ("x", "agent", "?no_such_parameter=1")]
            {
                let address = format!("{}{query}", filled(&path));
                let call = desk.ask(&method.to_uppercase(), address);
                let response = desk.start(call.by(actor, role).request()).await;
                let status = response.status().as_u16();
                let answer = described(&description, operation, status);
                assert!(answer.is_some(), "{method} {path} by {role}: {status}");
            }
        }
    }
    // Where headers say who asks, it may be somebody who does not work here.
    let made = desk.post("/api/v1/me/tokens").json(&json!({ "name": "x", "scopes": ["read"] }));
    made.by("x", "agent").await.problem(404, "member-not-found");
    let make_token = &description["paths"]["/api/v1/me/tokens"]["post"];
    assert!(described(&description, make_token, 404).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_description_refers_to_is_there_and_every_refusal_is_a_problem() {
    let desk = Desk::open().await;
    let description = desk.get("/api/openapi.json").await.ok(200);
    assert_eq!(description["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(description["servers"][0]["url"], "/");
    let text = description.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(description.pointer(pointer).is_some(), "{pointer}");
    }
    for (path, operations) in description["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            for status in operation["responses"].as_object().unwrap().keys() {
                let status: u16 = status.parse().unwrap();
                let answer = described(&description, operation, status).unwrap();
                // A server that is not ready says so at length.
                if status >= 400 && path != "/readyz" {
                    let schema = &answer["content"]["application/problem+json"]["schema"]["$ref"];
                    assert_eq!(schema, "#/components/schemas/Problem", "{method} {path} {status}");
                }
                if status == 503 && path != "/readyz" {
                    assert!(answer["headers"]["Retry-After"].is_object(), "{method} {path}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_is_in_the_path_if_and_only_if_the_address_names_it() {
    let desk = Desk::open().await;
    for (path, operations) in paths(&desk).await {
        for operation in operations.as_object().unwrap().values() {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap();
                let in_path = path.contains(&format!("{{{name}}}"));
                assert_eq!(parameter["in"] == "path", in_path, "{path}: {parameter}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_viewer_shows_this_description_and_asks_nobody_else() {
    let desk = Desk::open().await;
    let entrance = desk.get("/api/docs").await;
    assert_eq!((entrance.status, entrance.header("location")), (308, Some("/api/docs/")));
    let page = desk.get("/api/docs/").await;
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    assert!(!policy.contains("http") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(page.header("x-robots-tag"), Some("noindex"));
    // Every file that the page names is there, and none is elsewhere.
    let mut files = 0;
    assert!(!page.text().contains("//"), "{}", page.text());
    let quoted = page.text().split('"').skip(1).step_by(2);
    for name in quoted.filter(|text| [".css", ".js", ".png"].iter().any(|end| text.ends_with(end))) {
        let name = name.trim_start_matches("./");
        let file = desk.get(format!("/api/docs/{name}")).await;
        assert_eq!(file.status, 200, "{name}");
        assert!(file.header("content-security-policy").is_some(), "{name}");
        files += 1;
    }
    assert!(files >= 6, "{}", page.text());
    let start = desk.get("/api/docs/swagger-initializer.js").await;
    assert!(
        start.text().contains("/api/openapi.json") && !start.text().contains("petstore"),
        "{}",
        start.text()
    );
    assert!(start.text().contains("\"validatorUrl\": \"none\""), "{}", start.text());
    desk.get("/api/docs/nothing.js").await.problem(404, "not-found");
}
