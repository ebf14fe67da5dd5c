//! Who is let in, with what, and for how long: passwords, invitations, sessions and tokens.

use super::desk::{Desk, opening};
use crate::call::{Answer, Call};
use axum::body::Body;
use docket_core::actor::{Actor, Role};
use docket_core::names::{ActorId, Slug};
use docket_core::staff::{StaffAction, StaffCommand};
use docket_core::text::Line;
use docket_core::ticket::event::Language;
use docket_core::time::DurationMs;
use docket_server::app::App;
use docket_server::credentials::Person;
use docket_server::identity::Entry;
use docket_server::rate_limit::Quota;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

const PASSWORD: &str = "four words and a lamp";

/// A server where people sign in.
pub(crate) async fn guarded() -> Desk {
    Desk::open().await.with(|app| app.entry = Entry::SignIn)
}

/// Takes somebody on.
pub(crate) async fn hire(desk: &Desk, id: &str, role: Role, teams: &[&str]) {
    let action = StaffAction::Add {
        name: Line::new(id).unwrap(),
        role,
        teams: teams.iter().map(|team| Slug::new(team).unwrap()).collect(),
        not_in_force: BTreeSet::new(),
        language: Language::En,
    };
    change(desk, id, action).await;
}

async fn change(desk: &Desk, id: &str, action: StaffAction) {
    let member = ActorId::new(id).unwrap();
    let command = StaffCommand { actor: Actor::system("test"), member, action };
    desk.app.change_staff(command, None).await.unwrap();
}

/// Signs somebody of the staff in who was just invited; returns the cookie.
pub(crate) async fn enter(desk: &Desk, id: &str) -> String {
    entered(desk, &Person::Staff(ActorId::new(id).unwrap())).await
}

/// Signs somebody in who was just invited; returns the cookie.
pub(crate) async fn entered(desk: &Desk, person: &Person) -> String {
    let code = desk.app.credentials.invite(person, desk.app.now()).unwrap().0;
    let body = json!({ "code": code, "password": PASSWORD });
    let entered = desk.post("/api/v1/session/accept-invitation").json(&body).await;
    entered.ok(201);
    cookie(&entered)
}

/// Takes somebody on and signs them in.
pub(crate) async fn hired(desk: &Desk, id: &str, role: Role, teams: &[&str]) -> String {
    hire(desk, id, role, teams).await;
    enter(desk, id).await
}

fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie").unwrap();
    for part in ["; Path=/;", " Secure;", " HttpOnly;", " SameSite=Lax;"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(set.starts_with("__Host-"), "{set}");
    set.split(';').next().unwrap().to_owned()
}

fn sign_in<'a>(desk: &'a Desk, id: &str, password: &str) -> Call<'a> {
    desk.post("/api/v1/session").json(&json!({ "id": id, "password": password }))
}

/// Makes a token; returns its secret and its name.
pub(crate) async fn token(desk: &Desk, cookie: &str, scopes: &[&str]) -> (String, String) {
    let body = json!({ "name": "test", "scopes": scopes, "days": 1 });
    let made = desk.post("/api/v1/me/tokens").header("cookie", cookie).json(&body).await.ok(201);
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("secret"), text("id"))
}

pub(crate) fn bearer<'a>(call: Call<'a>, secret: &str) -> Call<'a> {
    call.header("authorization", format!("Bearer {secret}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_let_in_without_showing_anything_whatever_the_headers_say() {
    let desk = guarded().await;
    desk.get("/api/v1/queue").by("alma", "admin").await.problem(401, "sign-in-required");
    let refused = desk.post("/api/v1/tickets").by("alma", "admin").json(&opening()).await;
    refused.problem(401, "sign-in-required");
    assert_eq!(refused.header("www-authenticate"), Some("Bearer realm=\"docket\""));
    assert_eq!(desk.head(), 0);
    desk.get("/livez").await;
    let page = desk.get("/queue?lane=open").await;
    assert_eq!((page.status, page.header("location")), (303, Some("/sign-in?to=/queue%3Flane%3Dopen")));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_in_is_who_acted_and_may_do_what_their_role_may() {
    let desk = guarded().await;
    let ines = hired(&desk, "ines", Role::Agent, &["billing"]).await;
    let me = desk.get("/api/v1/me").header("cookie", &ines).await.ok(200);
    assert_eq!((&me["id"], &me["role"], &me["by"]), (&json!("ines"), &json!("agent"), &json!("session")));
    desk.post("/api/v1/tickets").header("cookie", &ines).by("alma", "admin").json(&opening()).await.ok(201);
    let log = desk.log().await;
    assert_eq!(log.last().unwrap()["actor"], json!({ "id": "ines", "role": "agent", "team": "billing" }));
    let staff = desk.post("/api/v1/staff").header("cookie", &ines).json(&super::staff::body("/api/v1/staff"));
    staff.await.problem(403, "role-not-allowed");
    sign_in(&desk, "ines", PASSWORD).await.ok(201);
    sign_in(&desk, "ines", "not this one at all").await.problem(401, "sign-in-refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_there_and_names_that_are_not_are_answered_alike_and_only_so_often() {
    let desk = guarded().await;
    hire(&desk, "ines", Role::Agent, &[]).await;
    enter(&desk, "ines").await;
    let mut told = Vec::new();
    for id in ["ines", "nobody"] {
        for _ in 0..10 {
            told.push(sign_in(&desk, id, "a wrong password").await.problem(401, "sign-in-refused"));
        }
        let refused = sign_in(&desk, id, PASSWORD).await;
        refused.problem(429, "too-many-requests");
        assert_eq!(refused.header("retry-after"), Some("30"));
    }
    assert!(told.iter().all(|problem| *problem == told[0]));
    desk.pass(DurationMs::from_minutes(1));
    sign_in(&desk, "ines", PASSWORD).await.ok(201);
    // A right one fills the bucket again.
    for _ in 0..10 {
        sign_in(&desk, "ines", "a wrong password").await.problem(401, "sign-in-refused");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_may_only_guess_so_often_whatever_the_names() {
    let desk = guarded().await;
    for at in 0..60 {
        sign_in(&desk, &format!("n{at}"), "x").await.problem(401, "sign-in-refused");
    }
    sign_in(&desk, "n60", "x").await.problem(429, "too-many-requests");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_works_once_for_a_while_and_only_the_newest() {
    let desk = guarded().await;
    let alma = hired(&desk, "alma", Role::Admin, &[]).await;
    hire(&desk, "ines", Role::Agent, &[]).await;
    let invite = || desk.post("/api/v1/staff/ines/invite").header("cookie", &alma).json(&json!({}));
    let accept = |code: &Value, password: &str| {
        desk.post("/api/v1/session/accept-invitation").json(&json!({ "code": code, "password": password }))
    };
    let earlier = invite().await.ok(201)["code"].clone();
    let code = invite().await.ok(201)["code"].clone();
    accept(&earlier, PASSWORD).await.problem(422, "code-invalid");
    for weak in ["short", "aaaaaaaaaaaa", "ines ines 123"] {
        accept(&code, weak).await.problem(422, "password-weak");
    }
    accept(&code, PASSWORD).await.ok(201);
    accept(&code, PASSWORD).await.problem(422, "code-invalid");
    let late = invite().await.ok(201)["code"].clone();
    desk.pass(DurationMs::from_hours(48));
    accept(&late, PASSWORD).await.problem(422, "code-invalid");
    desk.post("/api/v1/staff/nobody/invite").header("cookie", &alma).await.problem(401, "session-ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_can_be_listed_and_ended_and_ends_by_itself() {
    let desk = guarded().await;
    let first = hired(&desk, "ines", Role::Agent, &[]).await;
    let second = cookie(&sign_in(&desk, "ines", PASSWORD).header("user-agent", "telephone").await);
    let list = desk.get("/api/v1/me/sessions").header("cookie", &first).await.ok(200);
    let sessions = list["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    let other = sessions.iter().find(|session| session["current"] == false).unwrap();
    assert_eq!(other["agent"], "telephone");
    let path = format!("/api/v1/me/sessions/{}/revoke", other["id"].as_str().unwrap());
    desk.post(&path).header("cookie", &first).await.ok(200);
    let ended = desk.get("/api/v1/me").header("cookie", &second).header("user-agent", "telephone").await;
    ended.problem(401, "session-ended");
    desk.post(&path).header("cookie", &first).await.problem(404, "not-found");
    let out = desk.post("/api/v1/session/sign-out").header("cookie", &first).await;
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    desk.get("/api/v1/me").header("cookie", &first).await.problem(401, "session-ended");
    let idle = enter(&desk, "ines").await;
    desk.pass(DurationMs::from_hours(11));
    desk.get("/api/v1/me").header("cookie", &idle).await.ok(200);
    desk.pass(DurationMs::from_hours(12));
    desk.get("/api/v1/me").header("cookie", &idle).await.problem(401, "session-ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_used_from_a_second_place_ends_for_both() {
    let desk = guarded().await;
    let ines = hired(&desk, "ines", Role::Agent, &[]).await;
    let mut taken_away = desk.app.credentials.taken_away.subscribe();
    let before = *taken_away.borrow_and_update();
    let stolen = desk.get("/api/v1/queue").header("cookie", &ines).header("user-agent", "elsewhere").await;
    stolen.problem(401, "session-moved");
    let ended = taken_away.wait_for(|times| *times > before);
    let ended = tokio::time::timeout(Duration::from_secs(30), ended).await;
    ended.expect("the session is ended").unwrap();
    desk.get("/api/v1/queue").header("cookie", &ines).await.problem(401, "session-ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_and_tokens_outlast_the_server_and_no_secret_is_on_its_disk() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_owned();
    let data = docket_core::store::data_dir::DataDir::at(&path);
    drop(data.lock("test").unwrap());
    let operational = || docket_core::store::operational::Operational::open(&data.operational()).unwrap();
    let now = super::desk::NOW;
    let load = || docket_server::credentials::Credentials::load(operational().into(), [7; 32], now).unwrap();
    let ines = Person::Staff(ActorId::new("ines").unwrap());
    let place = docket_server::credentials::place::Place::of(Some("x"), None);
    let credentials = load();
    let (secret, _) = credentials.begin_session(ines.clone(), place.clone(), now).unwrap();
    let (code, _) = credentials.invite(&ines, now).unwrap();
    credentials.accept(&code, PASSWORD, now).unwrap();
    // Choosing a password ends every session.
    assert!(credentials.sessions.find(secret.reveal(), &place, now).is_err());
    let (secret, _) = credentials.begin_session(ines.clone(), place.clone(), now).unwrap();
    drop(credentials);
    let again = load();
    assert!(again.sessions.find(secret.reveal(), &place, now).is_ok());
    again.verify_password(&ines, PASSWORD).unwrap();
    assert!(again.verify_password(&Person::Customer(ines.id().clone()), PASSWORD).is_err());
    // A password that was right a moment ago begins no session once it was changed.
    let before = again.verify_password(&ines, PASSWORD).unwrap();
    again.set_password(&ines, "three cats on a roof", Vec::new()).unwrap();
    let late = again.begin_session_with(&before, ines.clone(), place.clone(), now);
    assert!(matches!(late, Err(docket_server::credentials::CredentialError::Wrong)));
    assert!(again.sessions.of(&ines, now).is_empty());
    drop(again);
    for entry in std::fs::read_dir(&path).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        let bytes = std::fs::read(entry.path()).unwrap();
        let plain = code.replace('-', "");
        for secret in [secret.reveal(), PASSWORD, &code, &plain] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{:?} holds a secret", entry.path());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_does_what_its_scopes_say_until_it_is_taken_back_or_over() {
    let desk = guarded().await;
    let ines = hired(&desk, "ines", Role::Agent, &[]).await;
    let (read, name) = token(&desk, &ines, &["read"]).await;
    let (work, _) = token(&desk, &ines, &["work"]).await;
    let open = |secret: &str| bearer(desk.post("/api/v1/tickets"), secret).json(&opening());
    open(&work).await.ok(201);
    open(&read).await.problem(403, "scope-missing");
    bearer(desk.get("/api/v1/tickets/1"), &work).await.problem(403, "scope-missing");
    let shown = format!("/api/v1/tickets/1?at_least={}", desk.head());
    bearer(desk.get(shown), &read).await.ok(200);
    // No token makes another, nor reads the pages.
    for path in ["/api/v1/me/tokens", "/api/v1/me/sessions"] {
        bearer(desk.get(path), &read).await.problem(403, "session-needed");
    }
    assert_eq!(bearer(desk.get("/queue"), &read).await.status, 403);
    let path = format!("/api/v1/me/tokens/{name}/revoke");
    desk.post(&path).header("cookie", &ines).await.ok(200);
    bearer(desk.get("/api/v1/queue"), &read).await.problem(401, "token-revoked");
    desk.pass(DurationMs::from_hours(24));
    open(&work).await.problem(401, "token-expired");
    let unknown = format!("dkt_{}", "A".repeat(43));
    bearer(desk.get("/api/v1/queue"), &unknown).await.problem(401, "token-unknown");
    for malformed in ["dkt_", "x", "", &unknown[..46], "dkt_ñ"] {
        bearer(desk.get("/api/v1/queue"), malformed).await.problem(401, "token-malformed");
    }
    for header in ["Basic eDp5", "Bearer", "dkt_x"] {
        let call = desk.get("/api/v1/queue").header("authorization", header);
        call.await.problem(401, "token-malformed");
    }
    let twice = bearer(bearer(desk.get("/api/v1/queue"), &read), &work);
    twice.await.problem(422, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_guesses_tokens_is_slowed_down() {
    let desk = guarded().await;
    let guess = || bearer(desk.get("/api/v1/queue"), &format!("dkt_{}", "B".repeat(43)));
    for _ in 0..60 {
        guess().await.problem(401, "token-unknown");
    }
    guess().await.problem(429, "too-many-requests");
    // Whoever shows nothing has not guessed, and whoever is known is not held up by strangers.
    desk.get("/api/v1/queue").await.problem(401, "sign-in-required");
    let ines = hired(&desk, "ines", Role::Agent, &[]).await;
    desk.get("/api/v1/queue").header("cookie", &ines).await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_of_a_quota_is_told_and_more_is_refused() {
    let quota = Quota { name: "caller", burst: 3, window_s: 30 };
    let desk = guarded().await.with(|app: &mut App| app.caller_quota = quota);
    let ines = hired(&desk, "ines", Role::Agent, &[]).await;
    let ask = || desk.get("/api/v1/me").header("cookie", &ines);
    for left in ["\"caller\";r=2;t=10", "\"caller\";r=1;t=20", "\"caller\";r=0;t=30"] {
        let answer = ask().await;
        assert_eq!(answer.header("ratelimit"), Some(left));
        assert_eq!(answer.header("ratelimit-policy"), Some("\"caller\";q=3;w=30"));
    }
    let refused = ask().await;
    refused.problem(429, "too-many-requests");
    assert_eq!(refused.header("retry-after"), Some("10"));
    desk.pass(DurationMs::from_seconds(10));
    ask().await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_taken_away_is_gone_at_once_for_sessions_and_tokens() {
    let desk = guarded().await;
    let alma = hired(&desk, "alma", Role::Admin, &[]).await;
    let rosa = hired(&desk, "rosa", Role::Supervisor, &[]).await;
    let (operate, _) = token(&desk, &rosa, &["operate"]).await;
    let rebuild = |call| bearer(call, &operate);
    rebuild(desk.post("/api/v1/projections/queue/roll-back")).await.problem(409, "nothing-to-roll-back");
    let to_agent = desk.post("/api/v1/staff/rosa/change-role").header("cookie", &alma);
    to_agent.json(&json!({ "to": "agent" })).await.ok(200);
    let refused = rebuild(desk.post("/api/v1/projections/queue/roll-back")).await;
    refused.problem(403, "role-not-allowed");
    desk.post("/api/v1/staff/rosa/deactivate").header("cookie", &alma).await.ok(200);
    rebuild(desk.get("/api/v1/me")).await.problem(401, "token-revoked");
    desk.get("/api/v1/me").header("cookie", &rosa).await.problem(401, "session-ended");
    sign_in(&desk, "rosa", PASSWORD).await.problem(401, "account-inactive");
    sign_in(&desk, "rosa", "not hers at all").await.problem(401, "sign-in-refused");
    // Whoever comes back signs in anew: nothing of before lets them in.
    desk.post("/api/v1/staff/rosa/reactivate").header("cookie", &alma).await.ok(200);
    rebuild(desk.get("/api/v1/me")).await.problem(401, "token-revoked");
    desk.get("/api/v1/me").header("cookie", &rosa).await.problem(401, "session-ended");
    sign_in(&desk, "rosa", PASSWORD).await.ok(201);
    desk.post("/api/v1/staff/rosa/deactivate").header("cookie", &alma).await.ok(200);
    let last = desk.post("/api/v1/staff/alma/deactivate").header("cookie", &alma).await;
    last.problem(409, "last-admin");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_stream_ends_when_its_caller_loses_what_it_had() {
    let desk = guarded().await;
    let alma = hired(&desk, "alma", Role::Admin, &[]).await;
    for (id, step) in [("rosa", "change-role"), ("omar", "change-teams"), ("ines", "deactivate"), ("noa", "")]
    {
        let theirs = hired(&desk, id, Role::Agent, &["billing"]).await;
        let stream = desk.get(format!("/api/v1/events/stream?after={}", desk.head()));
        let mut body = open_stream(&desk, stream.header("cookie", &theirs)).await;
        let fields = match step {
            "change-role" => json!({ "to": "analyst" }),
            "change-teams" => json!({ "to": ["technical"] }),
            _ => json!({}),
        };
        match step {
            "" => desk.post("/api/v1/session/sign-out").header("cookie", &theirs).await.ok(200),
            _ => {
                let path = format!("/api/v1/staff/{id}/{step}");
                desk.post(path).header("cookie", &alma).json(&fields).await.ok(200)
            }
        };
        let told = tokio::time::timeout(Duration::from_secs(30), rest(&mut body)).await.expect(id);
        assert!(told.contains("event: end") && told.contains("access-changed"), "{id}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_for_events_and_loses_what_they_had_is_shown_nothing() {
    let desk = guarded().await;
    let alma = hired(&desk, "alma", Role::Admin, &[]).await;
    for (id, step) in [("rosa", "change-role"), ("omar", "change-teams"), ("ines", "deactivate")] {
        let theirs = hired(&desk, id, Role::Agent, &["billing"]).await;
        let fields = match step {
            "change-role" => json!({ "to": "analyst" }),
            "change-teams" => json!({ "to": ["technical"] }),
            _ => json!({}),
        };
        let waits = desk.get(format!("/api/v1/events?after={}&wait_ms=30000", desk.head()));
        let waiting = async { waits.header("cookie", &theirs).await };
        let places = desk.app.streams.free();
        let taken = async {
            while desk.app.streams.free() == places {
                tokio::task::yield_now().await;
            }
            let path = format!("/api/v1/staff/{id}/{step}");
            desk.post(path).header("cookie", &alma).json(&fields).await.ok(200)
        };
        let both = async { tokio::join!(waiting, taken) };
        let (told, _) = tokio::time::timeout(Duration::from_secs(25), both).await.expect(id);
        told.problem(409, "access-changed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_loses_what_they_had_while_sending_is_asked_again_who_they_are() {
    let desk = guarded().await;
    let alma = hired(&desk, "alma", Role::Admin, &[]).await;
    let rosa = hired(&desk, "rosa", Role::Admin, &[]).await;
    let backdoor = json!({ "id": "eve", "name": "Eve", "role": "admin" }).to_string();
    let (begun, first) = tokio::sync::oneshot::channel();
    let (end, last) = tokio::sync::oneshot::channel();
    let pieces =
        futures_util::stream::unfold((0, Some((begun, last)), backdoor), |(at, rest, text)| async move {
            let piece = |text: &str| Ok::<_, std::io::Error>(text.to_owned());
            match (at, rest) {
                (0, rest) => Some((piece(&text[..text.len() - 1]), (1, rest, text))),
                (1, Some((begun, last))) => {
                    begun.send(()).unwrap();
                    last.await.unwrap();
                    Some((piece(&text[text.len() - 1..]), (2, None, text)))
                }
                _ => None,
            }
        });
    let slow = desk.post("/api/v1/staff").header("cookie", &rosa).text(Body::from_stream(pieces));
    let take_away = async {
        first.await.unwrap();
        desk.post("/api/v1/staff/rosa/deactivate").header("cookie", &alma).json(&json!({})).await.ok(200);
        end.send(()).unwrap();
    };
    let (answer, ()) = tokio::join!(async { slow.await }, take_away);
    assert_eq!(answer.status, 401, "{}", answer.text());
    desk.get("/api/v1/staff/eve").header("cookie", &alma).await.problem(404, "member-not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_use_a_code_at_once_one_is_let_in() {
    let desk = guarded().await;
    let alma = hired(&desk, "alma", Role::Admin, &[]).await;
    hire(&desk, "rosa", Role::Agent, &[]).await;
    let invited = desk.post("/api/v1/staff/rosa/invite").header("cookie", &alma).await.ok(201);
    let accept = |password: &str| {
        let body = json!({ "code": invited["code"], "password": password });
        desk.post("/api/v1/session/accept-invitation").json(&body)
    };
    let (one, other) = tokio::join!(accept(PASSWORD), accept("three cats on a roof"));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 422], "{} {}", one.text(), other.text());
}

async fn open_stream(desk: &Desk, call: Call<'_>) -> Body {
    let response = desk.start(call.request()).await;
    assert_eq!(response.status(), 200);
    response.into_body()
}

/// Everything until the stream ends.
async fn rest(body: &mut Body) -> String {
    let bytes = axum::body::to_bytes(std::mem::take(body), usize::MAX).await.unwrap();
    String::from_utf8(bytes.into()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_see_and_take_away_what_others_have_and_nobody_else_does() {
    let desk = guarded().await;
    let alma = hired(&desk, "alma", Role::Admin, &[]).await;
    let ines = hired(&desk, "ines", Role::Agent, &[]).await;
    let (secret, name) = token(&desk, &ines, &["read"]).await;
    for path in ["/api/v1/tokens", "/api/v1/staff/alma/sessions"] {
        desk.get(path).header("cookie", &ines).await.problem(403, "role-not-allowed");
    }
    let all = desk.get("/api/v1/tokens").header("cookie", &alma).await.ok(200);
    assert_eq!(all["tokens"][0]["owner"], "ines");
    assert!(!all.to_string().contains(&secret[4..]));
    let theirs = desk.get("/api/v1/staff/ines/sessions").header("cookie", &alma).await.ok(200);
    assert_eq!(theirs["sessions"].as_array().unwrap().len(), 1);
    desk.post(format!("/api/v1/tokens/{name}/revoke")).header("cookie", &alma).await.ok(200);
    bearer(desk.get("/api/v1/queue"), &secret).await.problem(401, "token-revoked");
    desk.post("/api/v1/staff/ines/revoke-sessions").header("cookie", &alma).await.ok(200);
    desk.get("/api/v1/me").header("cookie", &ines).await.problem(401, "session-ended");
    // Nobody ends what is somebody else's by guessing its name.
    let (_, own) = token(&desk, &alma, &["read"]).await;
    let ines = enter(&desk, "ines").await;
    let path = format!("/api/v1/me/tokens/{own}/revoke");
    desk.post(path).header("cookie", &ines).await.problem(404, "not-found");
}
