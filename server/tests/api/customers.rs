//! Who asks for help, and their accounts: added, changed whole, and found in the directory.

use super::call::Call;
use super::desk::Desk;
use serde_json::{Value, json};

fn carla() -> Value {
    json!({
        "name": "Carla Núñez", "email": "Carla@Example.org", "phone": "+34 600 000 000", "language": "es",
        "custom": { "region": "norte" },
    })
}

fn acme() -> Value {
    json!({ "name": "Acme, S. L.", "plan": "premium", "tier": "gold", "language": "es", "custom": { "seats": "12" } })
}

/// A body that a command on a customer or an account takes.
pub(crate) fn body(path: &str) -> Value {
    match path.strip_prefix("/api/v1/").unwrap() {
        "customers" => json!({ "id": "carla", "profile": carla() }),
        "accounts" => json!({ "id": "acme", "profile": acme() }),
        "customers/{name}/change" => json!({ "profile": carla(), "reason": "new address" }),
        "accounts/{name}/change" => json!({ "profile": acme() }),
        "customers/{name}/change-account" => json!({ "to": null }),
        _ => json!({}),
    }
}

fn post<'a>(desk: &'a Desk, path: &str, body: &Value) -> Call<'a> {
    desk.post(format!("/api/v1/{path}")).by("ines", "agent").json(body)
}

async fn read(desk: &Desk, path: &str) -> Value {
    desk.read(&format!("/api/v1/{path}")).await
}

/// Acme, and Carla who belongs to it.
async fn known() -> Desk {
    let desk = Desk::open().await;
    post(&desk, "accounts", &body("/api/v1/accounts")).await.ok(201);
    let carla = json!({ "id": "carla", "profile": carla(), "account": "acme" });
    post(&desk, "customers", &carla).await.ok(201);
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_added_is_found_and_recorded_on_a_stream_of_their_own() {
    let desk = known().await;
    assert_eq!(desk.events_after(0).await, ["account-acme account.added", "customer-carla customer.added"]);
    let mut expected = carla();
    let more = json!({
        "id": "carla", "account": "acme",
        "added_at": "2026-11-21T09:30:00Z", "updated_at": "2026-11-21T09:30:00Z",
    });
    expected.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    assert_eq!(read(&desk, "customers/carla").await, expected);
    let account = read(&desk, "accounts/acme").await;
    assert_eq!((&account["tier"], &account["custom"]), (&json!("gold"), &json!({ "seats": "12" })));
    let list = read(&desk, "customers").await;
    assert_eq!((&list["customers"], &list["next"]), (&json!([expected]), &Value::Null));
    assert_eq!(read(&desk, "accounts").await["accounts"][0]["id"], "acme");
    let record = desk.log().await.pop().unwrap();
    assert_eq!(record["actor"], json!({ "id": "ines", "role": "agent" }));
    assert_eq!(record["data"]["profile"]["email"], "Carla@Example.org", "as it was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_says_all_that_is_known_from_then_on() {
    let desk = known().await;
    let bare = json!({ "profile": { "name": "Carla" }, "reason": "asked to forget the rest" });
    let before = desk.head();
    let answer = post(&desk, "customers/carla/change", &bare).await;
    let expected = json!({ "id": "carla", "version": 2, "position": before + 1, "outcome": "appended" });
    assert_eq!(answer.ok(200), expected);
    assert_eq!(answer.header("docket-position"), Some((before + 1).to_string().as_str()));
    let shown = read(&desk, "customers/carla").await;
    assert_eq!((&shown["name"], shown.get("email"), &shown["custom"]), (&json!("Carla"), None, &json!({})));
    assert_eq!(shown["account"], "acme", "which they still belong to");
    assert_eq!(post(&desk, "customers/carla/change", &bare).await.ok(200)["outcome"], "already_so");

    let contact = json!({ "profile": { "name": "Acme", "contact": "carla" } });
    post(&desk, "accounts/acme/change", &contact).await.ok(200);
    let shown = read(&desk, "accounts/acme").await;
    assert_eq!((&shown["contact"], shown.get("plan")), (&json!("carla"), None));
    post(&desk, "customers/carla/change-account", &json!({ "to": null, "reason": "left" })).await.ok(200);
    assert_eq!(read(&desk, "customers/carla").await.get("account"), None);
    let events = desk.events_after(before).await;
    let expected = [
        "customer-carla customer.changed",
        "account-acme account.changed",
        "customer-carla customer.account_changed",
    ];
    assert_eq!(events, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_found_by_account_and_by_address_whatever_its_case() {
    let desk = known().await;
    for (id, email, account) in [
        ("bea", "CARLA@example.ORG", Some("acme")),
        ("dan", "dan@example.org", None),
        ("eva", "Ñandú@Example.org", Some("acme")),
    ] {
        let customer = json!({ "id": id, "profile": { "name": id, "email": email }, "account": account });
        post(&desk, "customers", &customer).await.ok(201);
    }
    let found = async |query: &str| {
        let page = read(&desk, &format!("customers?{query}")).await;
        let ids =
            page["customers"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned());
        (Vec::from_iter(ids), page["next"].as_str().map(str::to_owned))
    };
    let ids = |ids: &[&str]| Vec::from_iter(ids.iter().map(|id| (*id).to_owned()));
    assert_eq!(found("email=carla@example.org").await, (ids(&["bea", "carla"]), None));
    assert_eq!(found("email=%20carla@example.org").await.0, ids(&["bea", "carla"]));
    assert_eq!(found("email=%C3%B1and%C3%BA@example.org").await.0, ids(&["eva"]));
    assert_eq!(found("email=nobody@example.org").await.0, ids(&[]));
    assert_eq!(found("account=acme").await.0, ids(&["bea", "carla", "eva"]));
    assert_eq!(found("account=other").await.0, ids(&[]));
    let (first, next) = found("limit=2").await;
    assert_eq!(first, ids(&["bea", "carla"]));
    assert_eq!(found(&format!("limit=2&after={}", next.unwrap())).await, (ids(&["dan", "eva"]), None));
    let (mut of_acme, mut next) = (Vec::new(), Some(String::new()));
    while let Some(after) = next {
        let page = found(&format!("account=acme&limit=1{after}")).await;
        assert_eq!(page.0.len(), 1);
        of_acme.extend(page.0);
        next = page.1.map(|next| format!("&after={next}"));
    }
    assert_eq!(of_acme, ids(&["bea", "carla", "eva"]));
    for (odd, field) in
        [("limit=0", "limit"), ("limit=201", "limit"), ("account=acme&email=x", "query"), ("email=", "email")]
    {
        let refused = desk.get(format!("/api/v1/customers?{odd}")).await.problem(422, "invalid");
        assert_eq!(refused["field"], field);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_was_changed_or_is_of_another_query_is_refused() {
    let desk = known().await;
    let other = json!({ "id": "bea", "profile": { "name": "Bea" }, "account": "acme" });
    post(&desk, "customers", &other).await.ok(201);
    post(&desk, "accounts", &json!({ "id": "other", "profile": { "name": "Other" } })).await.ok(201);
    let first = read(&desk, "customers?limit=1").await;
    assert_eq!((&first["began_at"], &first["moved"]), (&json!(desk.head()), &json!(false)));
    let next = first["next"].as_str().unwrap().to_owned();
    let ask = |path: &str, after: &str| {
        let joint = if path.contains('?') { '&' } else { '?' };
        desk.get(format!("/api/v1/{path}{joint}after={after}"))
    };
    for index in 0..next.len() {
        let mut changed = next.clone().into_bytes();
        changed[index] = if changed[index] == b'0' { b'1' } else { b'0' };
        let refused = ask("customers", std::str::from_utf8(&changed).unwrap()).await;
        assert_eq!(refused.problem(422, "cursor-not-valid")["field"], "after", "digit {index}");
    }
    let of_the_queue = "0".repeat(112);
    for bad in ["", "carla", "a%07", &next[2..], &next.to_uppercase(), &format!("{next}00"), &of_the_queue] {
        ask("customers", bad).await.problem(422, "cursor-not-valid");
        ask("accounts", bad).await.problem(422, "cursor-not-valid");
    }
    for other in ["customers?account=acme", "customers?email=x", "accounts"] {
        let refused = ask(other, &next).await.problem(422, "cursor-of-another-query");
        assert_eq!(refused["field"], "after", "{other}");
    }
    ask("customers", &next).by("omar", "agent").await.problem(422, "cursor-of-another-query");
    let elsewhere = Desk::open().await;
    elsewhere.get(format!("/api/v1/customers?after={next}")).await.problem(422, "cursor-not-valid");

    // It goes on where the page ended, shows no less than that did, and says when more has happened since.
    post(&desk, "customers", &json!({ "id": "zoe", "profile": { "name": "Zoe" } })).await.ok(201);
    let second = read(&desk, &format!("customers?limit=1&after={next}")).await;
    assert_eq!((&second["began_at"], &second["moved"]), (&first["began_at"], &json!(true)));
    assert_eq!(second["customers"][0]["id"], "carla");
    let accounts = read(&desk, "accounts?limit=1").await;
    let rest = ask("accounts", accounts["next"].as_str().unwrap()).await.ok(200);
    assert_eq!((&rest["accounts"][0]["id"], &rest["next"]), (&json!("other"), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_may_end_with_the_longest_identifier() {
    let desk = Desk::open().await;
    let longest = format!("{}ñ", "x".repeat(126));
    assert_eq!(longest.len(), 128);
    for id in [&longest, "zoe"] {
        post(&desk, "customers", &json!({ "id": id, "profile": { "name": "x" } })).await.ok(201);
    }
    let first = read(&desk, "customers?limit=1").await;
    assert_eq!(first["customers"][0]["id"], longest);
    let rest = read(&desk, &format!("customers?after={}", first["next"].as_str().unwrap())).await;
    assert_eq!(rest["customers"][0]["id"], "zoe");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_never_acts_twice() {
    let desk = known().await;
    let noor = json!({ "id": "noor", "profile": { "name": "Noor" } });
    let first = post(&desk, "customers", &noor).key("1").await.ok(201);
    post(&desk, "customers/noor/change", &json!({ "profile": { "name": "Noor B." } })).await.ok(200);
    let again = post(&desk, "customers", &noor).key("1").await.ok(201);
    assert_eq!((&again["outcome"], &again["position"]), (&json!("found"), &first["position"]));
    assert_eq!(read(&desk, "customers/noor").await["name"], "Noor B.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_why_and_records_nothing() {
    let desk = known().await;
    let before = desk.head();
    let name = json!({ "name": "x" });
    let with = |field: &str, value: Value| {
        let mut body = json!({ "id": "new", "profile": name });
        body[field] = value;
        body
    };
    let profile = |field: &str, value: Value| {
        let mut profile = name.clone();
        profile[field] = value;
        json!({ "id": "new", "profile": profile })
    };
    let many = Value::from_iter((0..51).map(|number| (format!("field-{number}"), json!("x"))));
    for (path, body, status, code) in [
        ("customers", json!({ "id": "carla", "profile": name }), 409, "identifier-taken"),
        ("accounts", json!({ "id": "acme", "profile": name }), 409, "identifier-taken"),
        ("customers", with("account", json!("other")), 422, "unknown-account"),
        ("accounts", profile("contact", json!("nobody")), 422, "unknown-contact"),
        ("customers", profile("custom", many), 422, "too-many-fields"),
        ("customers/nobody/change", json!({ "profile": name }), 404, "customer-not-found"),
        ("accounts/nothing/change", json!({ "profile": name }), 404, "customer-not-found"),
        ("customers/a%00b/change", json!({ "profile": name }), 404, "customer-not-found"),
        ("customers/carla/change-account", json!({ "to": "other" }), 422, "unknown-account"),
        ("customers/carla/change-account", json!({}), 422, "invalid"),
        ("customers", profile("custom", json!({ "No Slug": "x" })), 422, "invalid"),
        ("customers", profile("language", json!("pt")), 422, "invalid"),
        ("customers", profile("name", json!(" ")), 422, "invalid"),
        ("accounts", json!({ "id": "new", "profile": ["x"] }), 422, "invalid"),
    ] {
        post(&desk, path, &body).await.problem(status, code);
    }
    let twice = r#"{"id":"new","profile":{"name":"x","custom":{"a":"1","a":"2"}}}"#;
    let twice = desk.post("/api/v1/customers").by("ines", "agent").text(twice).await;
    twice.problem(422, "invalid");
    for path in ["customers/nobody", "accounts/nothing"] {
        desk.get(format!("/api/v1/{path}")).await.problem(404, "customer-not-found");
    }
    assert_eq!(desk.head(), before);
}
