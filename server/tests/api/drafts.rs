//! Drafts: one's own on each ticket, never lost between two windows, gone when sent or when the ticket is out of reach.

use super::call::Call;
use super::desk::{Desk, opening};
use super::letting_in::{guarded, hire, hired};
use docket_core::actor::Role;
use docket_core::store::operational::{Change, Kind};
use docket_core::text::Body;
use docket_server::drafts::{DRAFT_LASTS, DRAFTS_OF_PERSON_MAX};
use docket_server::identity::Entry;
use serde_json::{Value, json};

fn address(ticket: u64, kind: &str) -> String {
    format!("/api/v1/tickets/{ticket}/drafts/{kind}")
}

fn save<'a>(desk: &'a Desk, ticket: u64, kind: &str, body: &str, version: &Value) -> Call<'a> {
    let call = desk.ask("PUT", address(ticket, kind));
    call.json(&json!({ "body": body, "version": version }))
}

fn by<'a>(call: Call<'a>, cookie: &str) -> Call<'a> {
    call.header("cookie", cookie)
}

fn discard<'a>(desk: &'a Desk, ticket: u64, version: &Value) -> Call<'a> {
    desk.ask("DELETE", format!("{}?version={}", address(ticket, "reply"), version.as_str().unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_found_again_as_it_was_typed_by_its_author_alone() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let none = Value::Null;
    let typed = "Estimada Noor:\r\n\t\"…\" \u{1}";
    let saved = save(&desk, 1, "reply", typed, &none).await.ok(200);
    assert_eq!((&saved["kind"], &saved["body"]), (&json!("reply"), &json!(typed)));
    assert_eq!(desk.get(address(1, "reply")).await.ok(200), saved);
    desk.get(address(1, "note")).await.problem(404, "draft-not-found");
    desk.get(address(1, "reply")).by("omar", "agent").await.problem(404, "draft-not-found");
    save(&desk, 1, "note", "Ask Omar", &none).await.ok(200);
    let changed = save(&desk, 1, "reply", "Dear Noor", &saved["version"]).await.ok(200);
    assert_ne!(changed["version"], saved["version"]);
    discard(&desk, 1, &changed["version"]).await.ok(200);
    desk.get(address(1, "reply")).await.problem(404, "draft-not-found");
    assert_eq!(discard(&desk, 1, &changed["version"]).await.ok(200), json!({ "discarded": false }));
    assert_eq!(desk.get(address(1, "note")).await.ok(200)["body"], "Ask Omar");
    assert_eq!(desk.head(), 1, "a draft is no event");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_draft_edited_in_two_windows_neither_text_is_lost() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let first = save(&desk, 1, "reply", "Begun", &Value::Null).await.ok(200);
    let here = save(&desk, 1, "reply", "Here", &first["version"]).await.ok(200);
    for version in [&first["version"], &Value::Null] {
        for (language, title) in [("en", "Your draft was changed"), ("es", "tu borrador ha cambiado")] {
            let there = save(&desk, 1, "reply", "There", version).header("accept-language", language);
            let refused = there.await.problem(409, "draft-changed");
            assert_eq!(refused["draft"], here, "what stands comes along");
            assert!(refused["title"].as_str().unwrap().contains(title), "{refused}");
        }
    }
    // What stands was read, so it may be saved over; what was saved before in the other window is old now.
    let there = save(&desk, 1, "reply", "Here and there", &here["version"]).await.ok(200);
    discard(&desk, 1, &here["version"]).await.problem(409, "draft-changed");
    // The same text is no other one: a save that is sent again is answered as the first.
    assert_eq!(save(&desk, 1, "reply", "Here and there", &here["version"]).await.ok(200), there);
    discard(&desk, 1, &there["version"]).await.ok(200);
    let gone = save(&desk, 1, "reply", "Late", &there["version"]).await.problem(409, "draft-changed");
    assert!(gone.get("draft").is_none(), "{gone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_saves_at_once_on_one_version_exactly_one_is_kept() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let begun = save(&desk, 1, "reply", "Begun", &Value::Null).await.ok(200);
    let texts: Vec<String> = (0..16).map(|number| format!("Window {number}")).collect();
    let saves = texts
        .iter()
        .map(|text| std::future::IntoFuture::into_future(save(&desk, 1, "reply", text, &begun["version"])));
    let answers = futures_util::future::join_all(saves).await;
    let kept = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(kept, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn sending_discards_the_draft_and_leaves_one_that_was_saved_since() {
    let desk = Desk::open().await;
    desk.ticket().await;
    for (command, kind) in [("reply", "reply"), ("note", "note")] {
        save(&desk, 1, kind, "Begun", &Value::Null).await.ok(200);
        desk.act(1, command, json!({ "body": "Begun" })).key(kind).await.ok(200);
        desk.get(address(1, kind)).await.problem(404, "draft-not-found");
        let first = save(&desk, 1, kind, "Again", &Value::Null).await.ok(200);
        // The same command sent again is no reason to lose what was begun since.
        let again = desk.act(1, command, json!({ "body": "Begun" })).key(kind).await.ok(200);
        assert_eq!(again["outcome"], "found");
        let since = save(&desk, 1, kind, "And again", &first["version"]).await.ok(200);
        desk.act(1, command, json!({ "body": "Again", "draft": first["version"] })).await.ok(200);
        assert_eq!(desk.get(address(1, kind)).await.ok(200), since);
        desk.act(1, command, json!({ "body": "And again", "draft": since["version"] })).await.ok(200);
        desk.get(address(1, kind)).await.problem(404, "draft-not-found");
    }
    // What was not sent is not lost.
    let kept = save(&desk, 1, "reply", "Kept", &Value::Null).await.ok(200);
    desk.act(1, "reply", json!({ "body": "" })).await.problem(422, "invalid");
    desk.act(1, "reply", json!({ "body": "x" })).seen(1).await.problem(412, "thread-moved");
    desk.act(1, "reply", json!({ "body": "x" })).by("omar", "agent").await.ok(200);
    assert_eq!(desk.get(address(1, "reply")).await.ok(200), kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_are_bounded_in_length_and_number_and_time() {
    let desk = Desk::open().await;
    for _ in 0..=DRAFTS_OF_PERSON_MAX {
        desk.ticket().await;
    }
    let long = "x".repeat(Body::BYTES_MAX);
    let first = save(&desk, 1, "reply", &long, &Value::Null).await.ok(200);
    let refused = save(&desk, 1, "reply", &format!("{long}x"), &first["version"]).await;
    assert_eq!(refused.problem(422, "invalid")["field"], "body");
    save(&desk, 1, "reply", " ", &first["version"]).await.problem(422, "invalid");
    for ticket in 2..=DRAFTS_OF_PERSON_MAX as u64 {
        save(&desk, ticket, "reply", "x", &Value::Null).await.ok(200);
    }
    let one_more = DRAFTS_OF_PERSON_MAX as u64 + 1;
    save(&desk, one_more, "reply", "x", &Value::Null).await.problem(409, "too-many-drafts");
    save(&desk, one_more, "reply", "x", &Value::Null).by("omar", "agent").await.ok(200);
    // One that is there is saved over all the same.
    save(&desk, 1, "reply", "short", &first["version"]).await.ok(200);
    desk.pass(DRAFT_LASTS);
    desk.get(address(1, "reply")).await.problem(404, "draft-not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_goes_with_the_ticket_and_with_its_author() {
    let desk = guarded().await;
    let ines = hired(&desk, "ines", Role::Agent, &["billing"]).await;
    let omar = hired(&desk, "omar", Role::Agent, &["billing"]).await;
    let mut fields = opening();
    fields["team"] = json!("billing");
    by(desk.post("/api/v1/tickets"), &ines).json(&fields).await.ok(201);
    for secret in [&ines, &omar] {
        by(save(&desk, 1, "note", "Mine", &Value::Null), secret).await.ok(200);
    }
    desk.app.sweep_drafts().await.unwrap();
    by(desk.get(address(1, "note")), &ines).await.ok(200);
    by(desk.act(1, "take", json!({})), &omar).await.ok(200);
    by(desk.act(1, "change-team", json!({ "to": "technical" })), &omar).await.ok(200);
    for call in [desk.get(address(1, "note")), save(&desk, 1, "note", "x", &Value::Null)] {
        by(call, &ines).await.problem(404, "ticket-not-found");
    }
    desk.app.sweep_drafts().await.unwrap();
    let kept = desk.app.operational.all(Kind::Draft).unwrap();
    assert_eq!(kept.len(), 1, "{kept:?}");
    by(desk.get(address(1, "note")), &omar).await.ok(200);
    let desk = desk.with(|app| app.entry = Entry::Headers);
    desk.post("/api/v1/staff/omar/deactivate").by("alma", "admin").await.ok(200);
    assert_eq!(desk.app.operational.all(Kind::Draft).unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_headers_say_who_asks_a_draft_outside_the_recorded_teams_is_kept() {
    let desk = Desk::open().await;
    hire(&desk, "ines", Role::Agent, &["billing"]).await;
    desk.ticket().await;
    desk.done(1, "change-team", json!({ "to": "technical" })).await;
    for who in ["ines", "nobody-here"] {
        save(&desk, 1, "note", "Mine", &Value::Null).by(who, "agent").await.ok(200);
    }
    desk.app.sweep_drafts().await.unwrap();
    for who in ["ines", "nobody-here"] {
        desk.get(address(1, "note")).by(who, "agent").await.ok(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_names_no_draft_is_not_there() {
    let desk = Desk::open().await;
    desk.ticket().await;
    desk.get(address(2, "reply")).by("alma", "admin").await.problem(404, "ticket-not-found");
    desk.get(address(1, "letter")).await.problem(404, "not-found");
    desk.get(address(1, "reply")).by("noor", "customer").await.problem(403, "role-not-allowed");
    desk.ask("DELETE", address(1, "reply")).await.problem(422, "invalid");
    desk.ask("PUT", address(1, "reply")).await.problem(422, "invalid");
    let condition = save(&desk, 1, "reply", "x", &Value::Null).header("if-match", "\"1\"").await;
    assert_eq!(condition.problem(422, "invalid")["field"], "if-match");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_cannot_be_read_is_not_written_over_and_nothing_of_it_is_told() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let (kind, id) = (Kind::Draft, "local\u{1f}1\u{1f}reply".to_owned());
    let damaged = Change::Put { kind, id, data: "of another release".into(), expires_at: None };
    desk.app.operational.write(&[damaged]).unwrap();
    desk.get(address(1, "reply")).await.problem(503, "drafts-unavailable");
    save(&desk, 1, "reply", "x", &Value::Null).await.problem(503, "drafts-unavailable");
    // A reply is sent all the same.
    desk.done(1, "reply", json!({ "body": "x" })).await;
}
