//! No input at all yields a server error, an event for a refusal, or an error of another shape (promises I1, D4).

use super::call::Answer;
use super::desk::Desk;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{RngSeed, TestRunner};
use serde_json::{Value, json};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// Runs so many cases; a failing one shows its seed, which `PROPTEST_RNG_SEED` takes to run it again.
#[allow(clippy::print_stdout, reason = "a random test prints its seed")]
fn runner(cases: u32) -> TestRunner {
    let mut config = ProptestConfig { failure_persistence: None, cases, ..ProptestConfig::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(RandomState::new().build_hasher().finish());
    }
    println!("PROPTEST_RNG_SEED={}", config.rng_seed);
    TestRunner::new(config)
}

const FIELDS: [&str; 22] = [
    "to",
    "body",
    "reason",
    "context",
    "resolution",
    "notes",
    "confirmation",
    "survey",
    "then_pending",
    "subject",
    "requester",
    "id",
    "name",
    "email",
    "priority",
    "category",
    "team",
    "language",
    "channel",
    "follows",
    "supervisor",
    "",
];

fn text() -> BoxedStrategy<String> {
    let known = vec![
        "ines", "billing", "customer", "solved", "spam", "urgent", "low", "es", "phone", "null", "1", "",
    ];
    prop_oneof![
        4 => select(known).prop_map(str::to_owned),
        2 => "[a-z0-9-]{1,70}",
        2 => vec(any::<char>(), 0..20).prop_map(String::from_iter),
        1 => "(\u{202e}|\0|\u{1b}|\n|\u{2028}|<script>|é){1,8}",
        1 => (500_usize..70_000).prop_map(|length| "x".repeat(length)),
    ]
    .boxed()
}

/// Any JSON, most of it with the names of fields that mean something.
fn any_json() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        let field = prop_oneof![6 => select(FIELDS.as_slice()).prop_map(str::to_owned), 1 => text()];
        prop_oneof![
            1 => vec(inner.clone(), 0..4).prop_map(Value::from),
            3 => btree_map(field, inner, 0..6).prop_map(|map| map.into_iter().collect::<Value>()),
        ]
    })
    .boxed()
}

/// What some command takes, with one field more, fewer or other.
fn nearly_right() -> BoxedStrategy<Value> {
    let right = [
        json!({ "requester": { "id": "noor" }, "subject": "x", "body": "y" }),
        json!({ "to": "ines" }),
        json!({ "to": "billing" }),
        json!({ "to": "urgent" }),
        json!({ "body": "x", "then_pending": true }),
        json!({ "body": "x" }),
        json!({ "reason": "customer" }),
        json!({ "reason": "complaint", "to": { "team": "billing" }, "context": "x" }),
        json!({ "resolution": "spam", "notes": "x" }),
        json!({}),
    ];
    let change = proptest::option::of((select(FIELDS.as_slice()), proptest::option::of(any_json())));
    (select(right.to_vec()), change)
        .prop_map(|(mut body, change)| {
            let fields = body.as_object_mut().unwrap();
            match change {
                Some((field, Some(value))) => drop(fields.insert(field.to_owned(), value)),
                Some((field, None)) => drop(fields.remove(field)),
                None => {}
            }
            body
        })
        .boxed()
}

fn any_body() -> BoxedStrategy<Vec<u8>> {
    let cut_off = (nearly_right(), any::<proptest::sample::Index>()).prop_map(|(body, index)| {
        let text = body.to_string();
        text.as_bytes()[..index.index(text.len())].to_vec()
    });
    prop_oneof![
        5 => nearly_right().prop_map(|body| body.to_string().into_bytes()),
        3 => any_json().prop_map(|body| body.to_string().into_bytes()),
        2 => vec(any::<u8>(), 0..200),
        1 => cut_off,
        1 => (1_usize..3000, "[\\[{\"a:0,]{1,6}").prop_map(|(times, piece)| piece.repeat(times).into_bytes()),
    ]
    .boxed()
}

fn any_headers() -> BoxedStrategy<Vec<(&'static str, Vec<u8>)>> {
    let names =
        ["docket-actor", "docket-role", "docket-team", "idempotency-key", "if-match", "content-encoding"];
    let known = vec!["agent", "customer", "auditor", "admin", "billing", "\"1\"", "\"3\"", "k", "l"];
    let value = prop_oneof![
        4 => select(known).prop_map(|text| text.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..140),
    ];
    vec((select(names.to_vec()), value), 0..4).boxed()
}

fn request(path: &str, method: &str, headers: &[(&'static str, Vec<u8>)], body: &[u8]) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path).header("host", "127.0.0.1");
    let headers = headers.iter().filter_map(|(name, value)| {
        Some((HeaderName::from_static(name), HeaderValue::from_bytes(value).ok()?))
    });
    request.headers_mut().unwrap().extend(headers);
    if method == "POST" {
        request = request.header("content-type", "application/json");
    }
    request.body(Body::from(body.to_vec())).unwrap()
}

fn check(answer: &Answer) {
    assert!(answer.status < 500, "{answer:?}");
    if answer.status >= 400 {
        answer.check_problem();
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
}

#[test]
fn no_request_to_any_command_yields_a_server_error() {
    let runtime = runtime();
    let desk = runtime.block_on(Desk::open());
    let paths = runtime.block_on(async {
        desk.ticket().await;
        let description = desk.get("/api/openapi.json").await.ok(200);
        let paths = description["paths"].as_object().unwrap().clone();
        let commands = paths.into_iter().filter(|(_, operations)| operations.get("post").is_some());
        // Rebuilding takes no body, and a rebuild for each body would take the day.
        let on_tickets = ["/api/v1/tickets", "/api/v1/my/tickets"];
        let taken = |path: &String| on_tickets.iter().any(|begin| path.starts_with(begin));
        commands.map(|(path, _)| path).filter(taken).collect::<Vec<_>>()
    });
    assert!(paths.len() >= 15);
    let checked = runner(192).run(&(any_body(), any_headers()), |(body, headers)| {
        runtime.block_on(async {
            for path in &paths {
                let path = path.replace("{number}", "1");
                let before = desk.head();
                let answer = desk.send(request(&path, "POST", &headers, &body)).await;
                check(&answer);
                if answer.status >= 400 {
                    assert_eq!(desk.head(), before, "{path} was refused and left an event");
                }
            }
        });
        Ok(())
    });
    checked.unwrap();
    // Whatever came of it, the log and the read models took it.
    runtime.block_on(async {
        desk.settled().await;
        desk.app.store.verify(std::sync::Arc::new(|_| {})).await.unwrap();
        let projections = desk.get("/api/v1/projections").await.ok(200);
        for one in projections.as_array().unwrap() {
            assert_eq!((&one["phase"], &one["quarantined"]), (&json!("live"), &json!([])));
        }
    });
}

#[test]
fn no_address_and_no_parameter_yields_a_server_error() {
    let runtime = runtime();
    let desk = runtime.block_on(async {
        let desk = Desk::open().await.with(|app| app.wait_max = Duration::from_millis(1));
        desk.ticket().await;
        desk.settled().await;
        desk
    });
    let paths = select(vec![
        "/api/v1/queue",
        "/api/v1/tickets/1",
        "/api/v1/tickets/1/timeline",
        "/api/v1/tickets/1/sla",
        "/api/v1/my/tickets",
        "/api/v1/my/tickets/1",
        "/api/v1/events",
        "/api/v1/reports/metrics",
        "/api/v1/reports/sla",
        "/api/v1/reports/response",
        "/api/v1/reports/backlog/facts",
        "/api/v1/projections",
        "/readyz",
        "/api/v1/events/stream",
    ]);
    let piece = prop_oneof![
        "[ -~]{0,12}"
            .prop_map(|text| text.replace([' ', '#', '"', '<', '>', '`', '{', '}', '\\', '^', '|'], "%20")),
        vec(any::<u8>(), 0..8).prop_map(|bytes| bytes.iter().map(|byte| format!("%{byte:02X}")).collect()),
        any::<u64>().prop_map(|number| number.to_string()),
        any::<i64>().prop_map(|number| format!("{number}_{number}")),
    ];
    let names = vec![
        "after", "limit", "wait_ms", "lane", "at_least", "group_by", "from", "until", "to", "by", "zone",
        "each", "x",
    ];
    let query = vec((select(names), piece.clone()), 0..4);
    let any = (paths, proptest::option::of(piece), query, any_headers());
    let checked = runner(1500).run(&any, |(path, below, query, headers)| {
        let query: Vec<String> = query.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        let below = below.map_or(String::new(), |below| format!("/{below}"));
        let address = format!("{path}{below}?{}", query.join("&"));
        // What cannot even be put into a request is refused before it comes here.
        if address.parse::<axum::http::Uri>().is_err() || address.contains("wait_ms") {
            return Ok(());
        }
        runtime.block_on(async {
            let response = desk.start(request(&address, "GET", &headers, b"")).await;
            if response.headers()["content-type"] == "text/event-stream" {
                return;
            }
            let answer = Answer::read(response).await;
            if answer.status == 503 {
                assert!(address.contains("at_least"), "{address}: {answer:?}");
                drop(answer.problem(503, "behind"));
            } else {
                check(&answer);
            }
        });
        Ok(())
    });
    checked.unwrap();
}
