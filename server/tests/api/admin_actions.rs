//! Whatever an admin changes is an event of theirs (promise S3), and what lets people in works only once it is recorded.

use super::call::{Answer, Call};
use super::desk::{Desk, NOW};
use super::letting_in::{bearer, guarded, hire, hired, token};
use super::moody::MoodyStore;
use docket_core::actor::{Actor, Role};
use docket_core::clock::ManualClock;
use docket_core::staff::{LettingIn, StaffAction, StaffCommand, TokenId};
use docket_core::store::memory::MemoryStore;
use docket_core::store::operational::Kind;
use docket_core::store::{AppendError, EventStore};
use docket_core::ticket::command::ActionName;
use docket_core::time::DurationMs;
use docket_server::access::{Audience, TABLE};
use docket_server::config::InviteAdmin;
use docket_server::credentials::secret::{digest, hexadecimal};
use docket_server::credentials::{Person, place::Place};
use docket_server::identity::Entry;
use serde_json::{Value, json};
use std::sync::Arc;

/// What an admin may send and is no event, and why.
const NO_EVENT: &[(&str, &str)] = &[
    ("/api/v1/settings/routing/{name}/try", "it tries rules and saves none"),
    ("/api/v1/session", "signing in changes nothing but who is signed in"),
    ("/api/v1/session/accept-invitation", "one's own password; that it may be chosen is an event"),
    ("/api/v1/session/sign-out", "one's own session"),
    ("/api/v1/me/change-password", "one's own password"),
    ("/api/v1/me/sessions/{id}/revoke", "one's own session"),
    ("/api/v1/import", "each fact is an event already, of whoever did it where it comes from"),
    ("/api/v1/webhooks/{id}/test", "a ping that holds nothing"),
    ("/api/v1/webhooks/{id}/dead-letters/replay", "sends again what was to be sent"),
    ("/api/v1/projections/{name}/rebuild", "derived from the log, and the same afterwards"),
    ("/api/v1/projections/{name}/roll-back", "derived from the log, and the same afterwards"),
    ("/api/v1/projections/{name}/retry/{number}", "derived from the log, and the same afterwards"),
    ("/rate/{link}", "the customer's who holds the link, and an event of theirs"),
    ("/api/v1/tickets/{number}/drafts/{kind}", "what is not sent yet is nobody else's"),
    ("/api/v1/attachments/{digest}", "a file that comes with no message is nobody else's"),
    ("/api/v1/attachments", "a file that comes with no message yet is nobody else's"),
    ("/api/v1/tickets/{number}/render-template", "only reads"),
    ("/sign-in", "as /api/v1/session"),
    ("/welcome", "as /api/v1/session/accept-invitation"),
    ("/sign-out", "as /api/v1/session/sign-out"),
];

/// Alma, an admin, Ines, who works tickets and has a token and a session, and a ticket of Noor's.
async fn world() -> Desk {
    let desk = Desk::open().await;
    hire(&desk, "alma", Role::Admin, &[]).await;
    hire(&desk, "ines", Role::Agent, &["billing"]).await;
    hire(&desk, "somebody else", Role::Supervisor, &["account", "technical"]).await;
    desk.ticket().await;
    desk.settled().await;
    desk
}

fn by_alma(call: Call<'_>) -> Call<'_> {
    call.by("alma", "admin")
}

async fn does(desk: &Desk, path: &str, body: Value) -> Value {
    let answer = by_alma(desk.post(path)).json(&body).await;
    assert!([200, 201].contains(&answer.status), "{path}: {}", answer.text());
    answer.ok(answer.status)
}

async fn tokens_of_ines(desk: &Desk) -> String {
    let made = desk.post("/api/v1/me/tokens").by("ines", "agent");
    let made = made.json(&json!({ "name": "export", "scopes": ["read"] })).await.ok(201);
    made["id"].as_str().unwrap().to_owned()
}

fn session(desk: &Desk, who: &str) -> String {
    let (person, place) = (Person::Staff(who.parse().unwrap()), Place::of(Some("x"), None));
    let (secret, _) = desk.app.credentials.begin_session(person, place, desk.app.now()).unwrap();
    secret.reveal().to_owned()
}

/// Prepares what a route of the API needs, and sends it as Alma; none when nobody wrote down how.
async fn send(desk: &Desk, route: &str) -> Option<Answer> {
    let last = route.rsplit('/').next().unwrap();
    let mut path = route.replace("{number}", "1").replace("{name}", "ines");
    let mut body = json!({});
    match route.trim_start_matches("/api/v1/").split('/').next().unwrap() {
        "tickets" if last == "tickets" => body = super::desk::opening(),
        "tickets" if last == "bulk" => body = json!({ "tickets": [{ "ticket": 1 }], "command": "follow" }),
        "tickets" if last == "customer-link" => {}
        "tickets" if last == "survey-link" => {
            desk.done(1, "assign", json!({ "to": "ines" })).await;
            let (command, body) = super::rules::asking();
            desk.done(1, command, body).await;
            desk.settled().await;
        }
        "tickets" => return send_on_a_ticket(desk, last).await,
        "staff" => {
            match last {
                "staff" => body = json!({ "id": "otto", "name": "Otto", "role": "agent" }),
                "invite" => {}
                "revoke-sessions" => drop(session(desk, "ines")),
                "reactivate" => drop(does(desk, "/api/v1/staff/ines/deactivate", json!({})).await),
                "change-teams" => body = json!({ "to": [] }),
                _ => body = super::staff::body(route),
            };
        }
        "me" if last == "tokens" => body = json!({ "name": "export", "scopes": ["read"] }),
        "me" => {
            let wished = json!({ "name": "export", "scopes": ["read"] });
            let made = does(desk, "/api/v1/me/tokens", wished).await;
            path = path.replace("{id}", made["id"].as_str().unwrap());
        }
        "tokens" => path = path.replace("{id}", &tokens_of_ines(desk).await),
        "customers" | "accounts" => {
            path = route.replace("{name}", if route.contains("customers") { "carla" } else { "acme" });
            body = super::customers::body(route);
            if last == "invite" {
                path = path.replace("carla", "noor");
            } else if route.contains("{name}") {
                let of = |route: &str| {
                    let mut body = super::customers::body(route);
                    body["profile"]["name"] = json!("Somebody else");
                    body
                };
                does(desk, "/api/v1/accounts", of("/api/v1/accounts")).await;
                does(desk, "/api/v1/customers", of("/api/v1/customers")).await;
            }
            if last == "change-account" {
                body = json!({ "to": "acme" });
            }
        }
        "settings" => {
            path = route.replace("{name}", "new-one");
            body = super::settings::body(route);
            if last == "retire" {
                let publish = route.replace("retire", "publish");
                does(desk, &publish.replace("{name}", "new-one"), super::settings::body(&publish)).await;
            }
        }
        "views" => {
            let wished = json!({ "name": "Mine", "filter": "assignee:me" });
            if last == "remove" {
                let saved = does(desk, "/api/v1/views", wished.clone()).await;
                path = path.replace("{id}", saved["view"].as_str().unwrap());
            } else {
                body = wished;
            }
        }
        "webhooks" => {
            let wished = json!({ "url": "https://hooks.example.com/in" });
            match last {
                "webhooks" => body = wished,
                _ => {
                    let added = does(desk, "/api/v1/webhooks", wished).await;
                    path = path.replace("{id}", added["webhook"].as_str().unwrap());
                }
            }
            match last {
                "change" => body = json!({ "description": "CRM" }),
                "resume" => {
                    let pause = path.replace("resume", "pause");
                    does(desk, &pause, json!({})).await;
                }
                _ => {}
            }
        }
        _ => return None,
    }
    desk.settled().await;
    Some(by_alma(desk.post(path)).json(&body).await)
}

/// Sends a command on a ticket that is in a state in which it has an effect.
async fn send_on_a_ticket(desk: &Desk, command: &str) -> Option<Answer> {
    let action = ActionName::ALL.into_iter().find(|action| action.as_str() == command)?;
    // What some commands undo is done first, by the same person.
    for (needs, first) in [("unfollow", ActionName::Follow), ("unlink", ActionName::Link)] {
        if command == needs {
            let ticket = desk.ticket().await;
            by_alma(desk.act(ticket, first.as_str(), super::rules::body(first))).await.ok(200);
            return Some(by_alma(desk.act(ticket, command, super::rules::body(action))).await);
        }
    }
    for (_, steps) in super::rules::states() {
        let ticket = super::rules::ticket_in(desk, &steps).await;
        let before = desk.head();
        let answer = by_alma(desk.act(ticket, command, super::rules::body(action))).await;
        if desk.head() > before {
            return Some(answer);
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_an_admin_may_change_becomes_an_event_of_theirs() {
    for (route, why) in NO_EVENT {
        assert!(TABLE.iter().any(|rule| rule.method != "GET" && rule.route == *route), "{route} is nowhere");
        assert!(!why.is_empty());
    }
    let changing = TABLE.iter().filter(|rule| match rule.audience {
        Audience::Everybody => rule.method != "GET",
        Audience::Roles(roles) => rule.method != "GET" && roles.contains(&Role::Admin),
    });
    let changing = changing.filter(|rule| NO_EVENT.iter().all(|(route, _)| *route != rule.route));
    let mut walked = 0;
    for rule in changing {
        let desk = world().await;
        let form = |path: &str, fields: &'static str| {
            let form = by_alma(desk.post(path)).header("content-type", "application/x-www-form-urlencoded");
            form.raw(fields)
        };
        let answer = match rule.route {
            "/tickets/{number}/{action}" => {
                Some(form("/tickets/1/note", "key=0123456789abcdef-note&version=1&body=seen").await)
            }
            "/availability" => Some(form("/availability", "to=online").await),
            route => send(&desk, route).await,
        };
        let answer = answer.unwrap_or_else(|| panic!("nobody wrote down how to send {}", rule.route));
        let told = answer.text();
        assert!([200, 201, 303].contains(&answer.status), "{}: {} {told}", rule.route, answer.status);
        let last = desk.log().await.pop().unwrap();
        assert_eq!(last["actor"]["id"], "alma", "{}: the last event is {last}", rule.route);
        if let Some(position) = answer.header("docket-position") {
            assert_eq!(last["position"].to_string(), position, "{}: {told}", rule.route);
        }
        walked += 1;
    }
    assert!(walked > 50, "{walked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_let_whom_in_is_recorded_and_no_secret_is() {
    let desk = world().await;
    let before = desk.head();
    let token = json!({ "name": "nightly export", "scopes": ["work", "read"], "days": 1 });
    let (day, two_days) = (DurationMs::from_hours(24), DurationMs::from_hours(48));
    let made = does(&desk, "/api/v1/me/tokens", token).await;
    let invited = does(&desk, "/api/v1/staff/ines/invite", json!({})).await;
    let customer = does(&desk, "/api/v1/customers/noor/invite", json!({})).await;
    let link = does(&desk, "/api/v1/tickets/1/customer-link", json!({ "days": 1 })).await;
    let cookie = session(&desk, "ines");
    does(&desk, "/api/v1/staff/ines/revoke-sessions", json!({})).await;
    does(&desk, &format!("/api/v1/tokens/{}/revoke", made["id"].as_str().unwrap()), json!({})).await;

    let log = desk.log().await;
    let told: Vec<Value> = log
        .iter()
        .skip(before as usize)
        .map(|event| {
            assert_eq!(event["actor"], json!({ "id": "alma", "role": "admin" }));
            json!([event["stream"], event["type"], event["data"]])
        })
        .collect();
    let (id, day, two_days) = (&made["id"], NOW.plus(day).0, NOW.plus(two_days).0);
    let expected = [
        json!(["staff", "staff.token_made", {
            "member": "alma", "token": id, "name": "nightly export", "scopes": ["read", "work"], "expires_at": day,
        }]),
        json!(["staff", "staff.invited", { "member": "ines", "expires_at": two_days }]),
        json!(["customer-noor", "customer.invited", { "customer": "noor", "expires_at": two_days }]),
        json!(["customer-noor", "customer.link_made", { "customer": "noor", "ticket": 1, "expires_at": day }]),
        json!(["staff", "staff.sessions_revoked", { "member": "ines" }]),
        json!(["staff", "staff.token_revoked", { "member": "alma", "token": id }]),
    ];
    assert_eq!(told, expected);

    let log = json!(log).to_string();
    let secrets = [&made["secret"], &link["secret"], &invited["code"], &customer["code"]];
    let secrets = secrets.map(|secret| secret.as_str().unwrap().to_owned());
    for secret in secrets.iter().chain([&cookie]) {
        let plain = secret.replace('-', "");
        for form in
            [secret.clone(), plain.clone(), hexadecimal(&digest(secret)), hexadecimal(&digest(&plain))]
        {
            assert!(!log.contains(&form), "a secret is in the log");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_let_in_is_in_no_directory_until_they_are_taken_in() {
    let desk = world().await;
    does(&desk, "/api/v1/customers/noor/invite", json!({})).await;
    does(&desk, "/api/v1/tickets/1/customer-link", json!({})).await;
    let shown = |path: &str| by_alma(desk.get(format!("/api/v1/{path}?at_least={}", desk.head())));
    shown("customers/noor").await.problem(404, "customer-not-found");
    assert_eq!(shown("customers").await.ok(200)["customers"], json!([]));
    let noor = json!({ "id": "noor", "profile": { "name": "Noor Aziz" } });
    assert_eq!(does(&desk, "/api/v1/customers", noor).await["version"], 3);
    does(&desk, "/api/v1/customers/noor/invite", json!({})).await;
    assert_eq!(shown("customers/noor").await.ok(200)["name"], "Noor Aziz");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_away_already_is_no_event_again() {
    let desk = world().await;
    let path = format!("/api/v1/tokens/{}/revoke", tokens_of_ines(&desk).await);
    does(&desk, &path, json!({})).await;
    let before = desk.head();
    does(&desk, &path, json!({})).await;
    does(&desk, "/api/v1/staff/ines/revoke-sessions", json!({})).await;
    assert_eq!(desk.head(), before);
}

/// One for each of what follows.
const KEYS: [&str; 4] = ["1", "2", "3", "4"];

/// Everything that lets somebody in, asked for by Alma.
fn giving(desk: &Desk) -> [Call<'_>; 4] {
    [
        by_alma(desk.post("/api/v1/me/tokens")).json(&json!({ "name": "export", "scopes": ["read"] })),
        by_alma(desk.post("/api/v1/staff/ines/invite")).json(&json!({})),
        by_alma(desk.post("/api/v1/customers/noor/invite")).json(&json!({})),
        by_alma(desk.post("/api/v1/tickets/1/customer-link")).json(&json!({})),
    ]
}

/// How many codes and tokens there are.
fn kept(desk: &Desk) -> (usize, usize) {
    let kept = |kind| desk.app.operational.all(kind).unwrap().len();
    (kept(Kind::Invitation), kept(Kind::Token))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_log_does_not_take_is_neither_given_nor_taken_away() {
    let clock = Arc::new(ManualClock::at(NOW));
    let store = MoodyStore::new(clock.clone());
    let directory = tempfile::tempdir().unwrap();
    let desk = Desk::at(directory.path(), store.clone(), clock).await;
    hire(&desk, "alma", Role::Admin, &[]).await;
    hire(&desk, "ines", Role::Agent, &[]).await;
    desk.ticket().await;
    desk.settled().await;
    let (of_ines, cookie) = (tokens_of_ines(&desk).await, session(&desk, "ines"));
    let before = (desk.head(), kept(&desk));
    for (error, code) in
        [(AppendError::StorageFull, "storage-full"), (AppendError::OutcomeUnknown, "outcome-unknown")]
    {
        store.refuses(error);
        for (call, key) in giving(&desk).into_iter().zip(KEYS) {
            call.key(&format!("{key}-{code}")).await.problem(503, code);
        }
        for path in [format!("tokens/{of_ines}/revoke"), "staff/ines/revoke-sessions".to_owned()] {
            by_alma(desk.post(format!("/api/v1/{path}"))).json(&json!({})).await.problem(503, code);
        }
        store.is_well();
        assert_eq!((desk.head(), kept(&desk)), before);
        let tokens = desk.get("/api/v1/me/tokens").by("ines", "agent").await.ok(200);
        assert_eq!(tokens["tokens"][0]["revoked_at"], Value::Null, "nobody said that it was taken away");
        assert!(desk.app.credentials.sessions.of_secret(&cookie).is_some());
    }
    // What was refused has not used its key up.
    for (call, key) in giving(&desk).into_iter().zip(KEYS) {
        call.key(&format!("{key}-storage-full")).await.ok(201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_gives_once_and_shows_once_also_after_a_restart() {
    let clock = Arc::new(ManualClock::at(NOW));
    let store: Arc<dyn EventStore> = Arc::new(MemoryStore::new(clock.clone()));
    let directory = tempfile::tempdir().unwrap();
    let desk = Desk::at(directory.path(), store.clone(), clock.clone()).await;
    hire(&desk, "alma", Role::Admin, &[]).await;
    hire(&desk, "ines", Role::Agent, &[]).await;
    desk.ticket().await;
    desk.settled().await;
    for (call, key) in giving(&desk).into_iter().zip(KEYS) {
        call.key(key).await.ok(201);
    }
    let before = (desk.head(), kept(&desk));
    for (call, key) in giving(&desk).into_iter().zip(KEYS) {
        call.key(key).await.problem(409, "answered-before");
    }
    for (call, key) in giving(&desk).into_iter().rev().zip(KEYS) {
        call.key(key).await.problem(422, "idempotency-key-reused");
    }
    assert_eq!((desk.head(), kept(&desk)), before);
    drop(desk);
    let desk = Desk::at(directory.path(), store.clone(), clock.clone()).await;
    desk.settled().await;
    for (call, key) in giving(&desk).into_iter().zip(KEYS) {
        call.key(key).await.problem(409, "answered-before");
    }
    assert_eq!((desk.head(), kept(&desk)), before);

    // The server ended right after the log had taken it: nobody was let in, and nobody is by sending it again.
    let elsewhere = tempfile::tempdir().unwrap();
    let digest_key = desk.app.digest_key.clone();
    let desk = Desk::at(elsewhere.path(), store, clock).await.with(|app| app.digest_key = digest_key);
    desk.settled().await;
    for (call, key) in giving(&desk).into_iter().zip(KEYS) {
        call.key(key).await.problem(409, "answered-before");
    }
    assert_eq!((desk.head(), kept(&desk)), (before.0, (0, 0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_with_the_same_key_is_one_event_and_stays() {
    let desk = world().await;
    let id = tokens_of_ines(&desk).await;
    session(&desk, "ines");
    for path in [format!("/api/v1/tokens/{id}/revoke"), "/api/v1/staff/ines/revoke-sessions".to_owned()] {
        let revoke = || by_alma(desk.post(&path)).key(&path).json(&json!({}));
        let first = revoke().await;
        first.ok(200);
        let after = desk.head();
        let again = revoke().await;
        again.ok(200);
        assert_eq!(again.header("docket-position"), first.header("docket-position"));
        assert_eq!(desk.head(), after);
        desk.ticket().await;
    }
    let other =
        by_alma(desk.post(format!("/api/v1/tokens/{id}/revoke"))).key("/api/v1/staff/ines/revoke-sessions");
    other.json(&json!({})).await.problem(422, "idempotency-key-reused");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_log_says_was_taken_away_is_gone_at_the_latest_after_a_restart() {
    let clock = Arc::new(ManualClock::at(NOW));
    let store: Arc<dyn EventStore> = Arc::new(MemoryStore::new(clock.clone()));
    let directory = tempfile::tempdir().unwrap();
    let open = async || {
        let desk = Desk::at(directory.path(), store.clone(), clock.clone()).await;
        desk.with(|app| app.entry = Entry::SignIn)
    };
    let desk = open().await;
    let (ines, omar) =
        (hired(&desk, "ines", Role::Agent, &[]).await, hired(&desk, "omar", Role::Agent, &[]).await);
    // Of somebody who left and came back, and whose file never had it.
    let rosa = hired(&desk, "rosa", Role::Agent, &[]).await;
    let (hers, _) = token(&desk, &rosa, &["read"]).await;
    for action in [StaffAction::Deactivate { reason: None }, StaffAction::Reactivate { reason: None }] {
        let (actor, member) = (Actor::system("test"), "rosa".parse().unwrap());
        let command = StaffCommand { actor, member, action };
        desk.app.staff.handle(&command, None, uuid::Uuid::now_v7()).await.unwrap();
    }
    let (secret, id) = token(&desk, &ines, &["read"]).await;
    let (other, _) = token(&desk, &ines, &["read"]).await;
    // Recorded, and the server ends before the file beside the log has it.
    let record = async |wish| {
        let (actor, member) = (Actor::system("test"), "ines".parse().unwrap());
        let command = StaffCommand { actor, member, action: StaffAction::LettingIn(wish) };
        desk.app.change_staff(command, None).await.unwrap();
    };
    record(LettingIn::RevokeToken { token: TokenId(id.parse().unwrap()), is_revoked: false }).await;
    record(LettingIn::RevokeSessions { has_any: true }).await;
    desk.pass(DurationMs(1));
    let later = enter_again(&desk).await;
    drop(desk);
    let desk = open().await;
    desk.settled().await;
    bearer(desk.get("/api/v1/queue"), &secret).await.problem(401, "token-revoked");
    bearer(desk.get("/api/v1/queue"), &other).await.ok(200);
    bearer(desk.get("/api/v1/queue"), &hers).await.problem(401, "token-revoked");
    desk.get("/api/v1/me").header("cookie", &rosa).await.problem(401, "session-ended");
    let me = |cookie: &str| desk.get("/api/v1/me").header("cookie", cookie);
    me(&ines).await.problem(401, "session-ended");
    me(&later).await.ok(200);
    me(&omar).await.ok(200);
    drop(desk);
    // It is in the file from now on.
    let desk = open().await;
    bearer(desk.get("/api/v1/queue"), &secret).await.problem(401, "token-revoked");
}

/// Signs Ines in once more.
async fn enter_again(desk: &Desk) -> String {
    let body = json!({ "id": "ines", "password": "four words and a lamp" });
    let answer = desk.post("/api/v1/session").json(&body).await;
    answer.ok(201);
    answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_machine_is_recorded_as_such_each_time_they_invite() {
    let desk = guarded().await;
    let options = InviteAdmin {
        data: std::path::PathBuf::new(),
        id: "alma".to_owned(),
        name: None,
        language: "en".to_owned(),
        unless_staffed: false,
    };
    let invite = || {
        let (staff, credentials) = (&desk.app.staff, &desk.app.credentials);
        docket_server::invitation::invite(staff, credentials, &options, NOW)
    };
    invite().await.unwrap();
    invite().await.unwrap();
    assert_eq!(
        desk.events_after(0).await,
        ["staff staff.added", "staff staff.invited", "staff staff.invited"]
    );
    for event in desk.log().await {
        assert_eq!(event["actor"], json!({ "id": "invite-admin", "role": "system" }));
    }
}
