//! Who may ask at all: this machine, this site, and somebody with a name and a role.

use super::desk::{Desk, opening};
use super::letting_in::{bearer, guarded, hired, token};
use docket_core::actor::Role;
use docket_core::ticket::command::ActionName;
use docket_server::access::{self, Audience, Needs, Scope};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn only_names_of_this_machine_are_answered() {
    let desk = Desk::open().await;
    let ask = |host: &[u8]| {
        let mut request = desk.get("/livez").request();
        request.headers_mut().insert("host", host.try_into().unwrap());
        request
    };
    for host in ["localhost", "127.0.0.1:7333", "127.5.5.5", "[::1]:80", "LocalHost:1"] {
        assert_eq!(desk.send(ask(host.as_bytes())).await.status, 200, "{host}");
    }
    for host in [
        b"example.com".as_slice(),
        b"127.0.0.1.example.com",
        b"192.168.1.1:7333",
        b"0.0.0.0",
        b"localhost.evil.test",
        b"",
        b"[::2]",
        b"2130706433",
        b"127.1",
        b"localhost\xff",
        b"evil.test:80@localhost",
    ] {
        let refused = desk.send(ask(host)).await;
        refused.problem(403, "foreign-site");
    }
    // A second name would leave open which of the two counts.
    let mut twice = ask(b"localhost");
    twice.headers_mut().append("host", "evil.test".parse().unwrap());
    desk.send(twice).await.problem(403, "foreign-site");
    let mut whole = ask(b"localhost");
    *whole.uri_mut() = "http://evil.test/api/v1/tickets".parse().unwrap();
    desk.send(whole).await.problem(403, "foreign-site");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_may_change_nothing() {
    let desk = Desk::open().await;
    let open = || desk.post("/api/v1/tickets").json(&opening());
    for site in ["cross-site", "same-site", "none ", "Same-Origin", "x"] {
        open().header("sec-fetch-site", site).await.problem(403, "foreign-site");
    }
    for origin in
        ["https://evil.test", "null", "http://127.0.0.1:7334", "http://localhost:7333", "file://", "x"]
    {
        open().header("origin", origin).await.problem(403, "foreign-site");
    }
    // What a browser says of the site goes before what it says of the origin.
    let both = open().header("sec-fetch-site", "cross-site").header("origin", "http://127.0.0.1:7333");
    both.await.problem(403, "foreign-site");
    assert_eq!(desk.head(), 0);
    for call in [
        open().header("sec-fetch-site", "same-origin"),
        open().header("sec-fetch-site", "none"),
        open().header("origin", "http://127.0.0.1:7333"),
        open(),
    ] {
        call.await.ok(201);
    }
    for path in ["rebuild", "roll-back", "retry/1"] {
        let call =
            desk.post(format!("/api/v1/projections/queue/{path}")).header("sec-fetch-site", "cross-site");
        call.await.problem(403, "foreign-site");
    }
    // Reading from another site tells it nothing: browsers do not hand the answer over.
    let read = desk.get("/api/v1/queue").header("sec-fetch-site", "cross-site").await;
    read.ok(200);
    assert!(read.header("access-control-allow-origin").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_acted_is_recorded_as_the_headers_say() {
    let desk = Desk::open().await;
    let open = || desk.post("/api/v1/tickets").json(&opening());
    open().await.ok(201);
    open().by("señor 7", "admin").header("docket-team", "front-desk").await.ok(201);
    open().header("docket-actor", "x".repeat(128)).await.ok(201);
    let actors: Vec<_> = desk.log().await.into_iter().map(|mut record| record["actor"].take()).collect();
    let expected = [
        json!({ "id": "local", "role": "supervisor" }),
        json!({ "id": "señor 7", "role": "admin", "team": "front-desk" }),
        json!({ "id": "x".repeat(128), "role": "supervisor" }),
    ];
    assert_eq!(actors, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_passes_for_a_part_of_docket_or_for_nobody() {
    let desk = Desk::open().await;
    for role in ["system", "unknown"] {
        for call in [desk.post("/api/v1/tickets").json(&opening()), desk.get("/api/v1/queue")] {
            let refused = call.by("sla-timer", role).await.problem(422, "invalid");
            assert_eq!(refused["field"], "docket-role");
        }
    }
    assert_eq!(desk.head(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_name_nobody_are_refused() {
    let desk = Desk::open().await;
    let long = "x".repeat(129);
    for (header, value) in [
        ("docket-actor", b"".as_slice()),
        ("docket-actor", b"\xff"),
        ("docket-actor", b"a\tb"),
        ("docket-actor", "a\u{85}b".as_bytes()),
        ("docket-actor", long.as_bytes()),
        ("docket-role", b""),
        ("docket-role", b"Agent"),
        ("docket-role", b"root"),
        ("docket-role", b"agent,admin"),
        ("docket-role", b"\xc3\x28"),
        ("docket-team", b""),
        ("docket-team", b"Billing"),
        ("docket-team", b"a b"),
        ("docket-team", "señor".as_bytes()),
    ] {
        let refused = desk.post("/api/v1/tickets").header(header, value).json(&opening()).await;
        assert_eq!(refused.problem(422, "invalid")["field"], header, "{value:?}");
    }
    // Two names would leave open who it was.
    for header in ["docket-actor", "docket-role", "docket-team", "idempotency-key"] {
        let call = desk.post("/api/v1/tickets").header(header, "agent").header(header, "admin");
        assert_eq!(call.json(&opening()).await.problem(422, "invalid")["field"], header);
    }
    assert_eq!(desk.head(), 0);
}

const ROLES: [Role; 6] =
    [Role::Customer, Role::Agent, Role::Supervisor, Role::Admin, Role::Auditor, Role::Analyst];

/// A body that an operation takes.
fn body_for(path: &str) -> Value {
    let last = path.rsplit('/').next().unwrap();
    let command = ActionName::ALL.into_iter().find(|action| last == action.as_str());
    match command {
        Some(command) => super::rules::body(command),
        None if path.starts_with("/api/v1/staff") && !last.ends_with("sessions") && last != "invite" => {
            super::staff::body(path)
        }
        None if path.starts_with("/api/v1/customers") || path.starts_with("/api/v1/accounts") => {
            super::customers::body(path)
        }
        None if path.starts_with("/api/v1/settings/") => super::settings::body(path),
        None if path == "/api/v1/tickets" => opening(),
        None if path == "/api/v1/my/tickets" => json!({ "subject": "x", "body": "y" }),
        None if last == "rate" => json!({ "score": "good" }),
        None => json!({}),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_open_to_the_roles_that_the_table_says_and_to_no_other() {
    let desk = Desk::open().await;
    desk.ticket().await;
    desk.settled().await;
    for rule in access::TABLE {
        let address =
            rule.route.replace("{number}", "1").replace("{name}", "queue").replace("{action}", "note");
        let address = address
            .replace("{id}", "01890000-0000-7000-8000-000000000000")
            .replace("{kind}", "note")
            .replace("{digest}", &"0".repeat(64));
        let page = !rule.route.starts_with("/api/");
        for role in ROLES {
            let allowed = match rule.audience {
                Audience::Everybody => true,
                Audience::Roles(roles) => roles.contains(&role),
            };
            let call = match rule.method {
                "GET" => desk.get(&address),
                _ if page => desk.post(&address).header("content-type", "application/x-www-form-urlencoded"),
                _ => desk.ask(rule.method, &address).json(&body_for(rule.route)),
            };
            let response = desk.start(call.by("x", role.as_str()).request()).await;
            let refused = response.status() == 403;
            assert_eq!(!refused, allowed, "{role:?} {} {}: {}", rule.method, rule.route, response.status());
            if refused && !page {
                super::call::Answer::read(response).await.problem(403, "role-not-allowed");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_takes_what_the_table_says_that_it_needs_and_nothing_less() {
    let desk = guarded().await;
    let alma = hired(&desk, "alma", Role::Admin, &[]).await;
    let mut tokens = Vec::new();
    for scope in Scope::ALL {
        tokens.push((scope, token(&desk, &alma, &[scope.as_str()]).await.0));
    }
    for rule in access::TABLE {
        let Audience::Roles(roles) = rule.audience else { continue };
        let address =
            rule.route.replace("{number}", "1").replace("{name}", "queue").replace("{action}", "note");
        let address = address
            .replace("{id}", "01890000-0000-7000-8000-000000000000")
            .replace("{kind}", "note")
            .replace("{digest}", &"0".repeat(64));
        let ask = || {
            if rule.method == "GET" {
                desk.get(&address)
            } else {
                desk.ask(rule.method, &address).json(&json!({}))
            }
        };
        let said = async |call: super::call::Call<'_>| {
            let answer = desk.start(call.request()).await;
            match answer.status().as_u16() {
                // What is open goes on for as long as it is open.
                200 => (200, String::new()),
                status => (status, super::call::Answer::read(answer).await.text().to_owned()),
            }
        };
        let (status, _) = said(ask()).await;
        let is_page = !rule.route.starts_with("/api/");
        let leads = is_page && rule.method == "GET";
        assert_eq!(status, if leads { 303 } else { 401 }, "nobody at {} {}", rule.method, rule.route);
        for (scope, secret) in &tokens {
            let (status, text) = said(bearer(ask(), secret)).await;
            let at = format!("{scope:?} at {} {}: {status} {text}", rule.method, rule.route);
            let code = |code: &str| status == 403 && (is_page || text.contains(&format!("\"{code}\"")));
            match rule.needs {
                _ if !roles.contains(&Role::Admin) => assert!(code("role-not-allowed"), "{at}"),
                Needs::Nothing => assert!(status != 401 && status != 403, "{at}"),
                Needs::Scope(wanted) if wanted == *scope => assert!(status != 401 && status != 403, "{at}"),
                Needs::Scope(_) => assert!(code("scope-missing"), "{at}"),
                Needs::Session => assert!(code("session-needed"), "{at}"),
                Needs::Own => panic!("{at}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_that_would_not_be_looked_at_is_refused() {
    let desk = Desk::open().await;
    let add = || desk.post("/api/v1/staff").by("alma", "admin").json(&super::staff::body("/api/v1/staff"));
    let refused = add().header("if-match", "\"7\"").await;
    assert_eq!(refused.problem(422, "invalid")["field"], "if-match");
    add().header("if-match", "*").await.ok(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_that_is_described_stands_in_the_table_and_the_other_way_round() {
    let desk = Desk::open().await;
    let description = desk.get("/api/openapi.json").await.ok(200);
    let mut described = std::collections::BTreeSet::new();
    for (path, operations) in description["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            described.insert((method.to_uppercase(), path.clone()));
        }
    }
    let of_api = |rule: &&access::Rule| {
        rule.route.starts_with("/api/v1/") || ["/livez", "/readyz", "/metrics"].contains(&rule.route)
    };
    let listed = access::TABLE.iter().filter(of_api);
    let listed = listed.map(|rule| (rule.method.to_owned(), rule.route.to_owned())).collect();
    assert_eq!(described, listed);
}

/// The lines of docs/ACCESS.md that say the same as the table.
fn page() -> String {
    let mut lines = String::new();
    for rule in access::TABLE {
        let who = match rule.audience {
            Audience::Everybody => "everybody".to_owned(),
            Audience::Roles(roles) => roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", "),
        };
        let needs = match rule.needs {
            Needs::Nothing => "–",
            Needs::Scope(scope) => scope.as_str(),
            Needs::Own => "session or link",
            Needs::Session => "session",
        };
        lines.push_str(&format!("| {} | `{}` | {who} | {needs} |\n", rule.method, rule.route));
    }
    lines
}

#[test]
fn the_page_of_access_shows_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/ACCESS.md");
    let shown = std::fs::read_to_string(path).unwrap();
    let rows = shown.lines().filter(|line| {
        ["| GET ", "| POST ", "| PUT ", "| DELETE "].iter().any(|method| line.starts_with(method))
    });
    let rows: String = rows.map(|line| format!("{line}\n")).collect();
    assert_eq!(rows, page(), "docs/ACCESS.md shows another table; put these lines into it:\n{}", page());
}
