//! The customers' side: their own tickets by session or by link, and nothing that is the staff's (promises S1, S7).

use super::call::{Answer, Call};
use super::desk::{Desk, NOW};
use super::letting_in::{bearer, entered, guarded, hired, token};
use docket_core::actor::Role;
use docket_core::time::DurationMs;
use docket_server::credentials::Person;
use docket_server::identity::Entry;
use serde_json::{Value, json};

/// Somebody who asks for help, signed in; returns the cookie.
pub(crate) async fn customer(desk: &Desk, id: &str) -> String {
    entered(desk, &Person::Customer(id.parse().unwrap())).await
}

fn message(body: &str) -> Value {
    json!({ "subject": "Charged twice", "body": body })
}

/// Opens a ticket of a customer's; returns its number.
async fn opened(desk: &Desk, cookie: &str, body: &str) -> u64 {
    let call = desk.post("/api/v1/my/tickets").header("cookie", cookie).json(&message(body));
    call.await.ok(201)["ticket"].as_u64().unwrap()
}

async fn staff_does(desk: &Desk, cookie: &str, ticket: u64, command: &str, body: Value) {
    let seen = desk.read_by(cookie, &format!("/api/v1/tickets/{ticket}")).await["version"].as_u64().unwrap();
    desk.act(ticket, command, body).header("cookie", cookie).seen(seen).await.ok(200);
}

async fn mine(desk: &Desk, cookie: &str, ticket: u64) -> Value {
    desk.read_by(cookie, &format!("/api/v1/my/tickets/{ticket}")).await
}

fn numbers(page: &Value) -> Vec<u64> {
    page["tickets"].as_array().unwrap().iter().map(|ticket| ticket["number"].as_u64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_list_their_own_tickets_the_newest_first() {
    let desk = guarded().await;
    let (noor, eva) = (customer(&desk, "noor").await, customer(&desk, "eva").await);
    for (whose, body) in [(&noor, "one"), (&eva, "two"), (&noor, "three"), (&noor, "four")] {
        opened(&desk, whose, body).await;
    }
    let page = desk.read_by(&noor, "/api/v1/my/tickets").await;
    assert_eq!((numbers(&page), &page["next"]), (vec![4, 3, 1], &Value::Null));
    assert_eq!(page["position"], desk.head());
    let row = json!({
        "number": 4, "subject": "Charged twice", "status": "received", "line": "four",
        "opened_at": NOW.to_rfc3339(), "solved_at": null, "allowed": ["reply"], "follows": null, "version": 1,
    });
    assert_eq!(page["tickets"][0], row);
    assert_eq!(numbers(&desk.read_by(&eva, "/api/v1/my/tickets").await), [2]);
    for limit in ["0", "201"] {
        let refused = desk.get(format!("/api/v1/my/tickets?limit={limit}")).header("cookie", &noor).await;
        assert_eq!(refused.problem(422, "invalid")["field"], "limit");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_read_their_tickets_in_pages_that_say_where_the_reading_began() {
    let desk = guarded().await;
    let (noor, eva) = (customer(&desk, "noor").await, customer(&desk, "eva").await);
    for whose in [&noor, &eva, &noor, &noor, &eva] {
        opened(&desk, whose, "x").await;
    }
    let first = desk.read_by(&noor, "/api/v1/my/tickets?limit=2").await;
    assert_eq!((numbers(&first), &first["moved"]), (vec![4, 3], &json!(false)));
    assert_eq!(first["began_at"], first["position"]);
    let next = first["next"].as_str().unwrap();
    let path = format!("/api/v1/my/tickets?limit=2&after={next}");
    opened(&desk, &noor, "newer than all of them").await;
    let rest = desk.read_by(&noor, &path).await;
    assert_eq!((numbers(&rest), &rest["next"]), (vec![1], &Value::Null));
    assert_eq!((&rest["began_at"], &rest["moved"]), (&first["position"], &json!(true)));
    let head = desk.head();
    assert_eq!(rest["position"], head);
    // Nobody else reads on with it, nobody reads on with a number, and none that was changed is taken.
    let refused = desk.get(&path).header("cookie", &eva).await;
    assert_eq!(refused.problem(422, "cursor-of-another-query")["field"], "after");
    let mut changed = next.to_owned();
    changed.replace_range(60..61, if &next[60..61] == "0" { "1" } else { "0" });
    for bad in ["3", "", &changed, &next[2..]] {
        let refused = desk.get(format!("/api/v1/my/tickets?after={bad}")).header("cookie", &noor).await;
        assert_eq!(refused.problem(422, "cursor-not-valid")["field"], "after", "{bad}");
    }
    let queue = hired(&desk, "noor", Role::Agent, &[]).await;
    let of_the_queue = desk.read_by(&queue, "/api/v1/queue?limit=1").await["next"].take();
    let path = format!("/api/v1/my/tickets?after={}", of_the_queue.as_str().unwrap());
    desk.get(path).header("cookie", &noor).await.problem(422, "cursor-of-another-query");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_a_customer_opens_is_their_own_and_opened_once() {
    let desk = guarded().await;
    let noor = customer(&desk, "noor").await;
    let mut wish = message("Two payments in March.");
    wish["language"] = json!("es");
    wish["category"] = json!("billing");
    let open = |body: &Value| desk.post("/api/v1/my/tickets").header("cookie", &noor).key("k1").json(body);
    let answer = open(&wish).await;
    assert_eq!(answer.ok(201)["outcome"], "appended");
    assert_eq!(answer.header("location"), Some("/api/v1/my/tickets/1"));
    assert_eq!((answer.header("etag"), answer.header("docket-position")), (Some("\"1\""), Some("1")));
    assert_eq!(open(&wish).await.ok(201)["outcome"], "found");
    open(&message("another")).await.problem(422, "idempotency-key-reused");
    let event = &desk.log().await[0];
    assert_eq!(event["actor"], json!({ "id": "noor", "role": "customer" }));
    let data = json!({
        "requester": { "id": "noor" }, "subject": "Charged twice", "body": "Two payments in March.",
        "channel": "api", "language": "es", "priority": "normal", "category": "billing",
    });
    assert_eq!(event["data"], data);
    for (field, value) in [
        ("requester", json!({ "id": "eva" })),
        ("priority", json!("urgent")),
        ("team", json!("vip")),
        ("subject", json!("")),
        ("follows", json!(1)),
        ("follows", json!(9)),
    ] {
        let mut body = message("x");
        body[field] = value;
        desk.post("/api/v1/my/tickets").header("cookie", &noor).json(&body).await.problem(422, "invalid");
    }
    // What is configured is not theirs to look up.
    let mut body = message("x");
    body["category"] = json!("no-such-category");
    let refused = desk.post("/api/v1/my/tickets").header("cookie", &noor).json(&body).await;
    let problem = refused.problem(422, "unknown-category");
    assert_eq!((&problem["field"], refused.text().contains("/settings")), (&json!("category"), false));
    assert_eq!(desk.head(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_in_the_language_that_its_requester_is_known_to_be_written_to_in_or_asks_in() {
    let desk = guarded().await;
    let alma = hired(&desk, "alma", Role::Admin, &[]).await;
    let noor = customer(&desk, "noor").await;
    let open = async |asked_in: &str, said: Option<&str>| {
        let mut fields = message("x");
        if let Some(said) = said {
            fields["language"] = json!(said);
        }
        let call = desk.post("/api/v1/my/tickets").header("cookie", &noor);
        call.header("accept-language", asked_in).json(&fields).await.ok(201);
        desk.log().await.pop().unwrap()["data"]["language"].take()
    };
    for (asked_in, said, expected) in [
        ("", None, "en"),
        ("es-AR, en;q=0.5", None, "es"),
        ("fr, de;q=0.5", None, "en"),
        ("es", Some("en"), "en"),
    ] {
        assert_eq!(open(asked_in, said).await, expected, "{asked_in:?} {said:?}");
    }
    let profile = json!({ "name": "Noor Haddad", "language": "es" });
    let add = desk.post("/api/v1/customers").header("cookie", &alma);
    add.json(&json!({ "id": "noor", "profile": profile })).await.ok(201);
    assert_eq!(open("en", None).await, "es");
    assert_eq!(open("es", Some("en")).await, "en");
    // Whoever opens it for them need not know.
    let by_staff = json!({ "requester": { "id": "noor" }, "subject": "x", "body": "y" });
    let call = desk.post("/api/v1/tickets").header("cookie", &alma).header("accept-language", "en");
    call.json(&by_staff).await.ok(201);
    assert_eq!(desk.log().await.pop().unwrap()["data"]["language"], "es");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_tells_customers_where_it_stands_in_their_words_and_who_answered() {
    let desk = guarded().await;
    let alma = hired(&desk, "alma", Role::Admin, &[]).await;
    let rename = desk.post("/api/v1/staff/alma/rename").header("cookie", &alma);
    rename.json(&json!({ "to": "Alma Ruiz" })).await.ok(200);
    let noor = customer(&desk, "noor").await;
    let ticket = opened(&desk, &noor, "Two payments in March.").await;
    let mut told = vec![mine(&desk, &noor, ticket).await["status"].clone()];
    for (command, body) in [
        ("assign", json!({ "to": "alma" })),
        ("set-pending", json!({ "reason": "third-party" })),
        ("reply", json!({ "body": "Which one?", "then_pending": true })),
        ("resolve", json!({ "resolution": "solved" })),
        ("seal", json!({})),
    ] {
        staff_does(&desk, &alma, ticket, command, body).await;
        let shown = mine(&desk, &noor, ticket).await;
        assert_eq!(shown["allowed"], json!(["reply"]));
        told.push(shown["status"].clone());
    }
    let words = ["received", "in_progress", "in_progress", "waiting_for_you", "solved", "closed"];
    assert_eq!(told, words.map(Value::from));
    let path = format!("/api/v1/my/tickets/{ticket}");
    let answer = desk.get(&path).header("cookie", &noor).await;
    let shown = answer.ok(200);
    assert_eq!(answer.header("etag"), Some(format!("\"{}\"", shown["version"]).as_str()));
    assert!(shown["solved_at"].is_string());
    let said = |message: &Value| {
        let [from, name, body] = ["from", "name", "body"].map(|field| message[field].clone());
        (from, name, body)
    };
    let messages: Vec<_> = shown["messages"].as_array().unwrap().iter().map(said).collect();
    let expected = [
        (json!("customer"), Value::Null, json!("Two payments in March.")),
        (json!("staff"), json!("Alma Ruiz"), json!("Which one?")),
    ];
    assert_eq!(messages, expected);
    let first = desk.get(format!("{path}?limit=1")).header("cookie", &noor).await.ok(200);
    let rest = desk.get(format!("{path}?limit=1&after={}", first["next"])).header("cookie", &noor).await;
    assert_eq!(rest.ok(200)["messages"], json!([shown["messages"][1]]));
    // What is closed can be continued by another ticket.
    let mut further = message("Again.");
    further["follows"] = json!(ticket);
    desk.post("/api/v1/my/tickets").header("cookie", &noor).json(&further).await.ok(201);
    let eva = customer(&desk, "eva").await;
    let refused = desk.post("/api/v1/my/tickets").header("cookie", &eva).json(&further).await;
    assert_eq!(refused.problem(422, "invalid")["detail"], "there is no such ticket");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_opens_what_waits_and_what_was_solved_and_is_taken_once() {
    let desk = guarded().await;
    let alma = hired(&desk, "alma", Role::Admin, &[]).await;
    let noor = customer(&desk, "noor").await;
    let ticket = opened(&desk, &noor, "x").await;
    let reply = |key: &str, body: &str| {
        let call = desk.post(format!("/api/v1/my/tickets/{ticket}/reply")).header("cookie", &noor);
        call.key(key).json(&json!({ "body": body }))
    };
    staff_does(&desk, &alma, ticket, "assign", json!({ "to": "alma" })).await;
    for (command, body) in
        [("set-pending", json!({ "reason": "customer" })), ("resolve", json!({ "resolution": "solved" }))]
    {
        staff_does(&desk, &alma, ticket, command, body).await;
        assert_eq!(reply(command, "In April too.").await.ok(200)["outcome"], "appended");
        assert_eq!(reply(command, "In April too.").await.ok(200)["outcome"], "found");
        assert_eq!(mine(&desk, &noor, ticket).await["status"], "in_progress", "{command}");
    }
    reply("set-pending", "Something else.").await.problem(422, "idempotency-key-reused");
    let ahead = desk.post(format!("/api/v1/my/tickets/{ticket}/reply")).header("cookie", &noor).seen(99);
    ahead.json(&json!({ "body": "x" })).await.problem(412, "version-ahead");
    let messages = mine(&desk, &noor, ticket).await["messages"].as_array().unwrap().len();
    assert_eq!(messages, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_of_somebody_else_is_answered_as_one_that_is_not_there() {
    let desk = guarded().await;
    let (noor, eva) = (customer(&desk, "noor").await, customer(&desk, "eva").await);
    opened(&desk, &eva, "x").await;
    desk.settled().await;
    let before = desk.head();
    for path in ["", "?at_least=1", "?limit=1"] {
        let read =
            |number: u64| desk.get(format!("/api/v1/my/tickets/{number}{path}")).header("cookie", &noor);
        let (hidden, missing) = (read(1).await, read(99).await);
        hidden.problem(404, "ticket-not-found");
        assert_eq!(hidden.text(), missing.text(), "{path}");
    }
    for version in [1, 7] {
        let reply = |number: u64| {
            let call = desk.post(format!("/api/v1/my/tickets/{number}/reply")).header("cookie", &noor);
            call.seen(version).json(&json!({ "body": "x" }))
        };
        let (hidden, missing) = (reply(1).await, reply(99).await);
        hidden.problem(404, "ticket-not-found");
        assert_eq!(hidden.text(), missing.text());
    }
    assert_eq!(desk.head(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_finds_nothing_that_somebody_of_the_staff_sent_under_the_same_name_and_key() {
    let desk = guarded().await;
    let staff = hired(&desk, "noor", Role::Agent, &[]).await;
    let noor = customer(&desk, "noor").await;
    let by_staff = json!({ "requester": { "id": "noor" }, "subject": "x", "body": "y" });
    let opened = desk.post("/api/v1/tickets").header("cookie", &staff).key("same").json(&by_staff);
    assert_eq!(opened.await.ok(201)["outcome"], "appended");
    let open = || desk.post("/api/v1/my/tickets").header("cookie", &noor).key("same").json(&message("y"));
    assert_eq!(open().await.ok(201)["outcome"], "appended");
    assert_eq!(open().await.ok(201)["outcome"], "found");
}

/// What a customer is shown of an answer, wherever in it.
pub(crate) fn all_of(answer: &Answer) -> String {
    let headers = answer.headers.iter().map(|(name, value)| format!("{name}: {value:?}\n"));
    format!("{}\n{}", headers.collect::<String>(), String::from_utf8_lossy(&answer.bytes))
}

/// Asks with what a customer may show: a cookie, or the secret of a link.
pub(crate) fn shown<'a>(call: Call<'a>, secret: &str) -> Call<'a> {
    if secret.starts_with("dkl_") { bearer(call, secret) } else { call.header("cookie", secret) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_invited_by_whoever_sees_all_of_their_tickets() {
    let desk = Desk::open().await;
    for (requester, team) in [("noor", "billing"), ("eva", "billing"), ("eva", "technical"), ("unknown", "")]
    {
        let mut ticket = json!({ "requester": { "id": requester }, "subject": "x", "body": "y" });
        if !team.is_empty() {
            ticket["team"] = json!(team);
        }
        desk.post("/api/v1/tickets").json(&ticket).await.ok(201);
    }
    let desk = desk.with(|app| app.entry = Entry::SignIn);
    let alma = hired(&desk, "alma", Role::Admin, &[]).await;
    let ines = hired(&desk, "ines", Role::Supervisor, &["billing"]).await;
    let omar = hired(&desk, "omar", Role::Agent, &["billing"]).await;
    let invite = |who: &str, id: &str| {
        desk.post(format!("/api/v1/customers/{id}/invite")).header("cookie", who).json(&json!({}))
    };
    for id in ["eva", "nobody", "ines", "unknown", "a%0Ab"] {
        invite(&ines, id).await.problem(404, "customer-not-found");
    }
    for id in ["unknown", "nobody", "alma"] {
        invite(&alma, id).await.problem(404, "customer-not-found");
    }
    invite(&omar, "noor").await.problem(403, "role-not-allowed");
    invite(&alma, "eva").await.ok(201);
    let invited = invite(&ines, "noor").await.ok(201);
    assert_eq!(invited["expires_at"], NOW.plus(DurationMs::from_hours(48)).to_rfc3339());
    let password = "four words and a lamp";
    let accept = json!({ "code": invited["code"], "password": password });
    let accepted = desk.post("/api/v1/session/accept-invitation").json(&accept).await.ok(201);
    assert_eq!((&accepted["id"], &accepted["role"]), (&json!("noor"), &json!("customer")));
    let enter = |customer: bool| {
        let body = json!({ "id": "noor", "password": password, "customer": customer });
        desk.post("/api/v1/session").json(&body)
    };
    enter(true).await.ok(201);
    enter(false).await.problem(401, "sign-in-refused");
    // Who has a password is somebody: nobody but an admin hands out what would take their place.
    invite(&ines, "noor").await.problem(409, "customer-has-password");
    invite(&alma, "noor").await.ok(201);
    // No token hands out what opens more than it opens itself.
    let (work, _) = token(&desk, &ines, &["work"]).await;
    let by_token = bearer(desk.post("/api/v1/customers/noor/invite"), &work).json(&json!({}));
    by_token.await.problem(403, "session-needed");
}
