//! Every code is listed in docs/API.md with its status and meaning, has a title in each language, and is tested.

use super::call::listed;
use super::desk::Desk;
use super::moody::MoodyStore;
use docket_core::names::{StreamName, StreamVersion, TicketNumber};
use docket_core::settings::SettingRefusal;
use docket_core::staff::StaffRefusal;
use docket_core::store::AppendError;
use docket_core::ticket::TicketRefusal;
use docket_core::webhook::WebhookRefusal;
use docket_projections::read_model::FileError;
use docket_projections::rebuild::RebuildError;
use docket_projections::runner::{ChangeError, QueryError};
use docket_server::credentials::CredentialError;
use docket_server::identity::Entry;
use docket_server::problem::Problem;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;

/// The codes that have a title in a language.
fn titled(messages: &'static str) -> BTreeSet<&'static str> {
    let titles = messages.lines().filter_map(|line| line.strip_prefix("problem-"));
    titles.map(|line| line.split(" = ").next().unwrap()).collect()
}

#[test]
fn the_codes_of_the_docs_are_those_that_have_a_title_in_every_language() {
    let listed = listed();
    let codes: BTreeSet<&str> = listed.keys().copied().collect();
    assert_eq!(codes, titled(include_str!("../../locales/en/main.ftl")));
    assert_eq!(codes, titled(include_str!("../../locales/es/main.ftl")));
    for (code, (status, meaning)) in listed {
        assert!((400..600).contains(&status) && meaning.len() > 10, "{code}: {status} {meaning}");
    }
}

/// Programs are shown the same titles: what they ask for is no page, and what they send is no form.
#[test]
fn no_title_is_about_a_page_or_a_form() {
    for (messages, words) in [
        (include_str!("../../locales/en/main.ftl"), ["page", "form ", "thread before"]),
        (include_str!("../../locales/es/main.ftl"), ["página", "formulario", "conversación antes"]),
    ] {
        for title in messages.lines().filter(|line| line.starts_with("problem-")) {
            assert!(!words.iter().any(|word| title.contains(word)), "{title}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_is_true_whatever_it_is_about() {
    let mut made = None;
    let desk = Desk::on(|clock| made.insert(MoodyStore::new(clock)).clone()).await;
    desk.ticket().await;
    let add = |id: &str| json!({ "id": id, "name": "Rosa", "role": "agent" });
    desk.post("/api/v1/staff").by("root", "admin").key("k").json(&add("rosa")).await.ok(201);
    let stream = StreamName::ticket(TicketNumber(1));
    let conflict = AppendError::Conflict { stream, expected: StreamVersion(1), actual: StreamVersion(7) };
    for (language, changed, reused) in [
        (
            "en",
            "This was changed meanwhile. Try again.",
            "Something else was sent before with the same key. Look at what came of it before you send this.",
        ),
        (
            "es",
            "Esto ha cambiado entretanto. Vuelve a intentarlo.",
            "Antes se envió otra cosa con la misma clave. Mira qué resultó de ella antes de enviar esto.",
        ),
    ] {
        let call = desk.post("/api/v1/staff").by("root", "admin").key("k").json(&add("olga"));
        let problem = call.header("accept-language", language).await.problem(422, "idempotency-key-reused");
        assert_eq!(problem["title"], reused);
        made.as_ref().unwrap().refuses(conflict.clone());
        let renamed = json!({ "to": "Rosa Gil" });
        for call in [
            desk.post("/api/v1/staff/rosa/rename").by("root", "admin").json(&renamed),
            desk.act(1, "note", json!({ "body": "x" })),
        ] {
            let problem = call.header("accept-language", language).await.problem(409, "conflict");
            assert_eq!(problem["title"], changed);
            assert_eq!(problem["detail"], "others changed it meanwhile; try again");
        }
        made.as_ref().unwrap().is_well();
    }
}

#[test]
fn every_code_is_tested() {
    let mut sources = String::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"), &mut sources);
    let untested: Vec<_> =
        listed().into_keys().filter(|code| !sources.contains(&format!("\"{code}\""))).collect();
    assert_eq!(untested, Vec::<&str>::new());
}

fn read(directory: &Path, into: &mut String) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, into);
        } else {
            into.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn what_no_request_can_bring_about_at_will_has_its_code_too() {
    let unreadable = FileError::Damaged("queue.db".into());
    for (problem, code) in [
        (Problem::from(TicketRefusal::AlreadyOpened), "ticket-already-opened"),
        (TicketRefusal::MergedIntoSealed { other: TicketNumber(2) }.into(), "merged-into-sealed"),
        (StaffRefusal::TooMany.into(), "too-many-members"),
        (WebhookRefusal::AlreadyThere.into(), "webhook-already-there"),
        (SettingRefusal::TooManyItems.into(), "too-many-settings"),
        (SettingRefusal::TooManyChanges.into(), "too-many-changes"),
        (ChangeError::Running("queue").into(), "rebuild-running"),
        (ChangeError::Rebuild(RebuildError::Mismatch).into(), "rebuild-failed"),
        (ChangeError::Rebuild(RebuildError::Stopped).into(), "shutting-down"),
        (QueryError::File { name: "queue", source: unreadable }.into(), "read-model-unavailable"),
        (Problem::sign_in_busy(), "sign-in-busy"),
        (Problem::internal(), "internal"),
        (CredentialError::TooMany { max: 1 }.into(), "too-many-credentials"),
        (CredentialError::NoRandomness.into(), "credentials-unavailable"),
    ] {
        assert_eq!(problem.code, code);
        assert_eq!(listed()[code].0, problem.status, "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_who_has_left_is_invited() {
    let desk = Desk::open().await;
    let add = json!({ "id": "rosa", "name": "Rosa", "role": "agent" });
    desk.post("/api/v1/staff").json(&add).by("root", "admin").await.ok(201);
    desk.post("/api/v1/staff/rosa/deactivate").by("root", "admin").await.ok(200);
    let invite = desk.post("/api/v1/staff/rosa/invite").by("root", "admin").await;
    invite.problem(409, "member-inactive");
    // What she still has is listed, and can be taken away.
    let sessions = desk.get("/api/v1/staff/rosa/sessions").by("root", "admin").await.ok(200);
    assert_eq!(sessions, json!({ "sessions": [] }));
    desk.post("/api/v1/staff/rosa/revoke-sessions").by("root", "admin").await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_none_lets_nobody_in() {
    let desk = Desk::open().await.with(|app| app.entry = Entry::SignIn);
    for link in ["dkl_", "dkl_x", "dkl_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let asked = desk.get("/api/v1/me").header("authorization", format!("Bearer {link}")).await;
        asked.problem(401, "link-invalid");
    }
}
