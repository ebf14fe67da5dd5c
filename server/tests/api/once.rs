//! Keyed requests that append no event: carried out once, whatever happens in between (promise D4).

use super::call::Call;
use super::desk::{Desk, PATIENCE};
use super::moody::MoodyStore;
use docket_core::clock::ManualClock;
use docket_core::store::memory::MemoryStore;
use docket_core::store::operational::Kind;
use docket_core::time::DurationMs;
use docket_server::access::TABLE;
use docket_server::credentials::Person;
use docket_server::credentials::place::Place;
use docket_server::idempotency::once::{Answers, LASTS, ROUTES};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

const PASSWORD: &str = "four words and a lamp";

/// Whoever asks where the headers are believed and say nothing.
fn local() -> Person {
    Person::Staff("local".parse().unwrap())
}

/// Lets them begin a session; returns its name.
fn session(desk: &Desk) -> String {
    let place = Place::of(Some("x"), None);
    desk.app.credentials.begin_session(local(), place, desk.app.now()).unwrap().1.id.to_string()
}

/// The sessions that are there.
async fn sessions(desk: &Desk) -> usize {
    desk.get("/api/v1/me/sessions").await.ok(200)["sessions"].as_array().unwrap().len()
}

/// Ends a session, which is there no more afterwards.
fn end<'a>(desk: &'a Desk, id: &str) -> Call<'a> {
    desk.post(format!("/api/v1/me/sessions/{id}/revoke"))
}

/// Gives them a password to change.
fn has_password(desk: &Desk) {
    let now = desk.app.now();
    let (code, _) = desk.app.credentials.invite(&local(), now).unwrap();
    desk.app.credentials.accept(&code, PASSWORD, now).unwrap();
}

/// Chooses another password than the one that they have.
fn change_password(desk: &Desk) -> Call<'_> {
    let body = json!({ "current": PASSWORD, "new": format!("{PASSWORD}, lit") });
    desk.post("/api/v1/me/change-password").json(&body)
}

fn rebuild(desk: &Desk) -> Call<'_> {
    desk.post("/api/v1/projections/queue/rebuild")
}

/// A server in a directory, on a log that is made anew: only what is kept beside the log is left of an earlier one.
async fn desk_in(directory: &Path) -> Desk {
    let clock = Arc::new(ManualClock::at(super::desk::NOW));
    Desk::at(directory, Arc::new(MemoryStore::new(clock.clone())), clock).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_post_takes_a_key_and_is_remembered_in_the_log_or_beside_it() {
    let desk = Desk::open().await;
    let description = desk.get("/api/openapi.json").await.ok(200);
    for (path, operations) in description["paths"].as_object().unwrap() {
        let Some(operation) = operations.get("post") else { continue };
        let mut parameters = operation["parameters"].as_array().into_iter().flatten();
        assert!(parameters.any(|parameter| parameter["name"] == "Idempotency-Key"), "{path} takes no key");
    }
    for (route, _) in ROUTES {
        assert!(TABLE.iter().any(|rule| rule.method == "POST" && rule.route == *route), "{route} is nowhere");
    }
    // What appends is found again by the log: a request that changes nothing tells which one it is.
    let beside = TABLE.iter().filter(|rule| rule.method == "POST" && rule.route.starts_with("/api/"));
    // Sent again, the same file is the same, and a template comes to the same.
    let the_same =
        ["/api/v1/attachments", "/api/v1/my/attachments", "/api/v1/tickets/{number}/render-template"];
    let beside = beside.filter(|rule| !the_same.contains(&rule.route));
    for rule in beside.filter(|rule| ROUTES.iter().all(|(route, _)| *route != rule.route)) {
        let answers = &description["paths"][rule.route]["post"]["responses"];
        let success = answers.get("200").or(answers.get("201")).unwrap();
        assert!(success["headers"]["Docket-Position"].is_object(), "{} is remembered nowhere", rule.route);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_sent_again_is_answered_as_before_and_does_nothing() {
    let desk = Desk::open().await;
    desk.ticket().await;
    desk.settled().await;
    let again = || rebuild(&desk).key("rebuild");
    let first = again().await;
    assert_eq!(first.header("idempotent-replayed"), None);
    desk.ticket().await;
    desk.settled().await;
    let again = again().await;
    assert_eq!(again.ok(200), first.ok(200), "it was made again, with more in it");
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_ne!(rebuild(&desk).key("other").await.ok(200), first.ok(200));
    // Without a key each is one of its own.
    let id = session(&desk);
    end(&desk, &id).await.ok(200);
    end(&desk, &id).await.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_is_secret_only_that_it_was_done_is_remembered() {
    let directory = tempfile::tempdir().unwrap();
    let desk = desk_in(directory.path()).await;
    has_password(&desk);
    change_password(&desk).key("k").await.ok(200);
    let refused = change_password(&desk).key("k").await.problem(409, "answered-before");
    assert!(refused["detail"].as_str().unwrap().contains("new key"), "{refused}");
    let kept = desk.app.operational.all(Kind::Answer).unwrap();
    assert_eq!(kept.len(), 1);
    let said = kept[0].data.to_lowercase();
    assert!(!said.contains("lamp") && said.contains("\"done\""), "{kept:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_for_another_request_is_refused() {
    let desk = Desk::open().await;
    let (id, other) = (session(&desk), session(&desk));
    end(&desk, &id).key("k").await.ok(200);
    for other in [
        end(&desk, &id).json(&json!({ "x": 1 })),
        end(&desk, &other),
        rebuild(&desk),
        desk.post("/api/v1/projections/queue/rebuild?accept_difference=true"),
        change_password(&desk),
    ] {
        other.key("k").await.problem(422, "idempotency-key-reused");
    }
    assert_eq!(sessions(&desk).await, 1);
    // Somebody else's key of the same name is another one.
    rebuild(&desk).by("lena", "supervisor").key("k").await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_does_not_use_up_its_key() {
    let desk = Desk::open().await;
    desk.ticket().await;
    desk.settled().await;
    let roll_back = || desk.post("/api/v1/projections/queue/roll-back").key("k");
    roll_back().await.problem(409, "nothing-to-roll-back");
    roll_back().await.problem(409, "nothing-to-roll-back");
    desk.post("/api/v1/projections/queue/rebuild?x=1").key("k").await.problem(422, "invalid");
    rebuild(&desk).await.ok(200);
    roll_back().await.ok(200);
    assert_eq!(roll_back().await.header("idempotent-replayed"), Some("true"));
}

/// A server that has begun a request under the key `k` and cannot finish it while the log holds its readers.
async fn desk_with_one_begun(directory: &Path) -> (Desk, Arc<MoodyStore>) {
    let clock = Arc::new(ManualClock::at(super::desk::NOW));
    let store = MoodyStore::new(clock.clone());
    let desk = Desk::at(directory, store.clone(), clock).await;
    desk.ticket().await;
    desk.settled().await;
    store.holds_streams(true);
    let begun = async {
        while desk.app.operational.all(Kind::Answer).unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    // Whoever asked goes away before it is answered.
    tokio::select! {
        biased;
        answer = retry(&desk).into_future() => panic!("{answer:?}"),
        () = begun => {}
    }
    (desk, store)
}

/// Takes up a ticket again that was never set aside, which changes nothing.
fn retry(desk: &Desk) -> Call<'_> {
    desk.post("/api/v1/projections/queue/retry/1").key("k")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_key_is_being_used_is_told_so_and_the_first_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let (desk, store) = desk_with_one_begun(directory.path()).await;
    retry(&desk).await.problem(409, "request-in-flight");
    store.holds_streams(false);
    let answered = tokio::time::timeout(PATIENCE, async {
        loop {
            let answer = retry(&desk).await;
            if answer.status == 200 {
                return answer;
            }
            answer.problem(409, "request-in-flight");
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(answered.await.unwrap().header("idempotent-replayed"), Some("true"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_found_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let (id, body) = {
        let desk = desk_in(directory.path()).await;
        has_password(&desk);
        change_password(&desk).key("change").await.ok(200);
        let id = session(&desk);
        let body = end(&desk, &id).key("end").await.ok(200);
        (id, body)
    };
    let desk = desk_in(directory.path()).await;
    let again = end(&desk, &id).key("end").await;
    assert_eq!(again.ok(200), body);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    change_password(&desk).key("change").await.problem(409, "answered-before");
    end(&desk, &id).key("change").await.problem(422, "idempotency-key-reused");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_did_not_finish_is_told_as_unknown() {
    let directory = tempfile::tempdir().unwrap();
    let (desk, store) = desk_with_one_begun(directory.path()).await;
    // The next server finds what this one has begun, and nothing more.
    let desk = desk.with(|app| app.answers = Arc::new(Answers::load(app.operational.clone()).unwrap()));
    let told = retry(&desk).await.problem(409, "key-interrupted");
    assert!(told["detail"].as_str().unwrap().contains("new key"), "{told}");
    rebuild(&desk).key("k").await.problem(422, "idempotency-key-reused");
    store.holds_streams(false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_may_be_used_again_after_a_day() {
    let desk = Desk::open().await;
    let id = session(&desk);
    end(&desk, &id).key("k").await.ok(200);
    desk.pass(DurationMs(LASTS.0 - 1));
    end(&desk, &id).key("k").await.ok(200);
    desk.pass(DurationMs(1));
    end(&desk, &id).key("k").await.problem(404, "not-found");
    rebuild(&desk).key("k").await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_room_to_remember_nothing_is_done() {
    let desk = Desk::open().await.with(|app| {
        app.answers = Arc::new(Answers::load(app.operational.clone()).unwrap().with_room(1));
    });
    let (one, two) = (session(&desk), session(&desk));
    end(&desk, &one).key("k").await.ok(200);
    end(&desk, &two).key("l").await.problem(503, "answers-unavailable");
    assert_eq!(sessions(&desk).await, 1);
    end(&desk, &one).key("k").await.ok(200);
    // What has expired makes room.
    desk.pass(LASTS);
    rebuild(&desk).key("l").await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_none_is_refused_before_anything_is_done() {
    let desk = Desk::open().await;
    let id = session(&desk);
    for bad in [b"".as_slice(), &[b'k'; 129], b"a b", "ñ".as_bytes()] {
        let refused = end(&desk, &id).header("idempotency-key", bad).await.problem(422, "invalid");
        assert_eq!(refused["field"], "idempotency-key");
    }
    let twice = end(&desk, &id).key("a").key("b").await.problem(422, "invalid");
    assert_eq!(twice["field"], "idempotency-key");
    assert_eq!(sessions(&desk).await, 1);
}
