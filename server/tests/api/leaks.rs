//! Nothing that the staff says among itself reaches a customer, by whatever way they ask (promise S1).

use super::call::Call;
use super::customer_access::{all_of, customer, shown};
use super::desk::{Desk, opening};
use super::letting_in::bearer;
use docket_core::names::{GlobalPosition, TicketNumber};
use docket_core::ticket::command::ActionName;
use docket_core::time::DurationMs;
use docket_core::webhook::{EVERYTHING, Endpoint};
use docket_server::access;
use docket_server::identity::Entry;
use docket_server::rate_limit::Quota;
use docket_server::webhooks::payload::message;
use docket_tests::random::{Random, seeds};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Stands in everything that is the staff's: texts, names, teams, reasons.
const CANARY: &str = "canary";

/// Stands in everything that was said to customers.
const SAID: &str = "plainly-said";

const TICKETS: u64 = 6;

/// What is done to them, together.
const DEEDS: usize = 100;

/// What the staff may do to a ticket, each with a canary wherever it takes words.
fn deed(random: &mut Random, serial: u64) -> (&'static str, Value) {
    let secret = format!("{CANARY}-{serial}");
    match random.index(31) {
        0 | 1 => ("note", json!({ "body": format!("{secret} is a note") })),
        2 | 20 => {
            let (team, agent) =
                (json!({ "team": CANARY }), json!({ "supervisor": format!("{CANARY}-agent") }));
            let to = if random.coin() { team } else { agent };
            ("escalate", json!({ "reason": CANARY, "to": to, "context": format!("{secret} context") }))
        }
        3 | 19 => (
            "resolve",
            json!({
                "resolution": CANARY, "notes": format!("{secret} closing"),
                "confirmation": random.coin(), "survey": random.coin(),
            }),
        ),
        18 => ("confirm", json!({})),
        4 => ("assign", json!({ "to": format!("{CANARY}-agent") })),
        5 => ("change-team", json!({ "to": CANARY })),
        6 => ("change-category", json!({ "to": CANARY })),
        7 => ("change-priority", json!({ "to": random.pick(&["urgent", "low"]) })),
        8 => ("set-pending", json!({ "reason": random.pick(&["customer", "third-party"]) })),
        9 => ("reopen", json!({})),
        10 => ("reply", json!({ "body": format!("{SAID} {serial}"), "then_pending": random.coin() })),
        11 | 29 => ("return", json!({ "context": format!("{secret} back again") })),
        12 => ("tag", json!({ "add": [secret] })),
        13 => ("set-field", json!({ "field": CANARY, "to": secret })),
        14 => ("follow", json!({})),
        15 => ("snooze", json!({ "until": "2026-12-01T00:00:00Z" })),
        16 => ("acknowledge", json!({})),
        21 | 27 => ("merge", json!({ "into": 1 + random.below(TICKETS) })),
        22 | 28 | 30 => ("unmerge", json!({})),
        23 => ("link", json!({ "ticket": 1 + random.below(TICKETS) })),
        24 => {
            let template = json!({ "template": CANARY, "version": 1, "language": "en" });
            ("reply", json!({ "body": format!("{SAID} {serial}"), "template": template }))
        }
        25 => ("customer-reply", json!({ "body": format!("{SAID} on the telephone {serial}") })),
        26 => ("refuse", json!({ "body": format!("{SAID} to be no better {serial}") })),
        _ => ("seal", json!({})),
    }
}

/// As [`deed`], of what is done to several tickets at once.
fn deed_on_many(random: &mut Random, serial: u64) -> Value {
    let secret = format!("{CANARY}-{serial}");
    let (command, with) = match random.index(7) {
        0 | 1 => ("note", json!({ "body": format!("{secret} is a note") })),
        2 => ("tag", json!({ "add": [secret] })),
        3 => {
            ("resolve", json!({ "resolution": CANARY, "notes": format!("{secret} closing"), "survey": true }))
        }
        4 => ("change-team", json!({ "to": CANARY })),
        5 => ("merge", json!({ "into": 1 + random.below(TICKETS) })),
        _ => ("unmerge", json!({})),
    };
    let tickets = (1..=TICKETS).filter(|ticket| *ticket == 1 || random.coin());
    let tickets: Vec<Value> = tickets.map(|ticket| json!({ "ticket": ticket })).collect();
    json!({ "tickets": tickets, "command": command, "with": with, "whatever_was_said": true })
}

/// Tickets of two customers with a random past.
struct Past {
    desk: Desk,
    /// What was said in each ticket of Noor's.
    said: Vec<(u64, String)>,
    /// The files that came with notes.
    files: Vec<String>,
    /// What was done, each once.
    done: BTreeSet<String>,
}

/// A desk whose staff says canaries wherever it says anything among itself.
async fn canary_desk() -> Desk {
    let desk = Desk::open().await;
    let member = json!({ "id": format!("{CANARY}-agent"), "name": "Inés Peña", "role": "supervisor" });
    desk.post("/api/v1/staff").by("alma", "admin").json(&member).await.ok(201);
    let settings = ["teams", "intake-categories", "escalation-reasons", "resolution-categories", "templates"];
    for catalogue in settings {
        let path = format!("/api/v1/settings/{catalogue}/{CANARY}/publish");
        desk.post(&path).by("alma", "admin").json(&super::settings::body(&path)).await.ok(200);
    }
    let teams = json!({ "to": [CANARY], "reason": "more to do" });
    let path = format!("/api/v1/staff/{CANARY}-agent/change-teams");
    desk.post(path).by("alma", "admin").json(&teams).await.ok(200);
    for number in 1..=TICKETS {
        let mut ticket = opening();
        ticket["requester"]["id"] = json!(if number % 2 == 1 { "noor" } else { "eva" });
        desk.post("/api/v1/tickets").json(&ticket).await.ok(201);
    }
    desk
}

async fn desk_with_a_past(random: &mut Random) -> Past {
    let (mut said, mut files, mut done) = (Vec::new(), Vec::new(), BTreeSet::new());
    let desk = canary_desk().await;
    let agent = format!("{CANARY}-agent");
    for _ in 0..DEEDS {
        if random.chance(15) {
            let body = deed_on_many(random, desk.head());
            let answer = desk.post("/api/v1/tickets/bulk").by(&agent, "supervisor").json(&body).await.ok(200);
            if answer["done"] != 0 {
                done.insert(format!("{} on many", body["command"].as_str().unwrap()));
            }
            continue;
        }
        let number = 1 + random.below(TICKETS);
        let (command, mut body) = deed(random, desk.head());
        if command == "note" {
            let digest = file_of_a_note(&desk).await;
            body["attachments"] = json!([{ "digest": digest }]);
            files.push(digest);
        }
        let version = desk.read(&format!("/api/v1/tickets/{number}")).await["version"].as_u64().unwrap();
        let answer = desk.act(number, command, body.clone()).by(&agent, "supervisor").seen(version).await;
        assert!([200, 201, 409].contains(&answer.status), "{command} {body}: {}", answer.text());
        if answer.status == 200 {
            done.insert(command.to_owned());
            if command == "reply" && number % 2 == 1 {
                said.push((number, body["body"].as_str().unwrap().to_owned()));
            }
        }
    }
    desk.settled().await;
    let unlimited = Quota { name: "caller", burst: 1_000_000, window_s: 60 };
    let desk = desk.with(|app| (app.entry, app.caller_quota) = (Entry::SignIn, unlimited));
    Past { desk, said, files, done }
}

/// Sends a file that is for the staff, by its name and by what is in it; returns its digest.
async fn file_of_a_note(desk: &Desk) -> String {
    let address = format!("/api/v1/attachments?name={CANARY}-{}%20of%20a%20note.txt", desk.head());
    let file =
        desk.post(address).by(&format!("{CANARY}-agent"), "supervisor").header("content-type", "text/plain");
    let sent = file.raw(format!("{CANARY}-{} in a file", desk.head())).await.ok(201);
    sent["digest"].as_str().unwrap().to_owned()
}

/// A page by which Noor rates each of the first cycles of her tickets.
fn survey_links(desk: &Desk) -> Vec<String> {
    let expires_at = desk.app.now().plus(DurationMs::from_hours(1));
    let link = |(ticket, cycle): (u64, u32)| {
        let (ticket, noor) = (TicketNumber(ticket), "noor".parse().unwrap());
        format!("/rate/{}", desk.app.credentials.surveys.make(ticket, cycle, &noor, expires_at))
    };
    (1..=TICKETS).step_by(2).flat_map(|ticket| [(ticket, 1), (ticket, 2)]).map(link).collect()
}

/// Ends every text that only the staff may read, whatever else is told of the event.
const SECRETS: [&str; 5] = [" is a note\"", " context\"", " closing\"", " back again\"", " of a note.txt\""];

/// What must have been done, over all seeds, for its absence elsewhere to say anything.
const DONE: [&str; 15] = [
    "note",
    "escalate",
    "resolve",
    "return",
    "tag",
    "set-field",
    "merge",
    "unmerge",
    "link",
    "reply",
    "customer-reply",
    "note on many",
    "tag on many",
    "resolve on many",
    "merge on many",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_webhook_that_may_not_know_what_the_staff_knows_is_told_what_it_says_among_itself() {
    let (mut done, mut known) = (BTreeSet::new(), BTreeSet::new());
    for seed in seeds(9..17) {
        println!("DOCKET_SEED={seed}");
        let past = desk_with_a_past(&mut Random::new(seed)).await;
        let desk = past.desk;
        done.extend(past.done);
        let endpoint = |internal| Endpoint {
            origin: "https://hooks.example.com".to_owned(),
            fingerprint: String::new(),
            description: String::new(),
            events: [EVERYTHING.to_owned()].into(),
            internal,
            paused: None,
        };
        let records = desk.app.store.read_all(GlobalPosition::START, 4096).await.unwrap();
        let told = |internal| {
            let messages = records.iter().filter_map(|record| message(record, &endpoint(internal)));
            String::from_iter(messages.map(|message| String::from_utf8(message.body).unwrap() + "\n"))
        };
        let (outside, inside) = (told(false), told(true));
        assert!(outside.contains("ticket.opened"), "nothing is sent at all");
        for secret in SECRETS {
            assert!(!outside.contains(secret), "{secret} leaves the house: {outside}");
        }
        // Whatever takes words of the staff's took a canary with a number; names of teams and reasons have none.
        let numbered = format!("{CANARY}-");
        let mut words = outside.split(&numbered).skip(1);
        assert!(words.all(|word| !word.starts_with(|first: char| first.is_ascii_digit())), "{outside}");
        known.extend(SECRETS.iter().filter(|secret| inside.contains(**secret)));
    }
    if std::env::var_os("DOCKET_SEED").is_none() {
        assert_eq!(known, SECRETS.iter().collect(), "there is nothing to tell");
        let undone: Vec<&&str> = DONE.iter().filter(|deed| !done.contains(**deed)).collect();
        assert!(undone.is_empty(), "{undone:?} was never done");
    }
}

/// These end the session that asks: the others after them would show nothing.
const ENDING: [&str; 2] = ["/sign-out", "/api/v1/session/sign-out"];

/// Something that is asked: its method, address and what is sent along.
type Question = (&'static str, String, Sent);

/// What is sent along.
enum Sent {
    Json(Value),
    Form(String),
}

/// Every route of the table for every ticket that there is and one that is not, with what it takes and what it does not.
fn questions(links: &[String], files: &[String]) -> Vec<Question> {
    let mut questions = Vec::new();
    // The pages of survey links, whatever became of the cycle that they are about; the second form is what they take.
    for address in links {
        questions.push(("GET", address.clone(), Sent::Json(json!({}))));
        for fields in ["", "score=good&comment=y", "score=bad", "comment=z"] {
            questions.push(("POST", address.clone(), Sent::Form(fields.into())));
        }
    }
    for rule in access::TABLE.iter().filter(|rule| !ENDING.contains(&rule.route)) {
        // One address is enough where no ticket is named.
        let tickets = if rule.route.contains("{number}") { TICKETS + 1 } else { 1 };
        let named: &[String] = if rule.route.contains("{digest}") { files } else { &files[..1] };
        for (number, digest) in
            (1..=tickets).flat_map(|number| named.iter().map(move |digest| (number, digest)))
        {
            let address = rule
                .route
                .replace("{number}", &number.to_string())
                .replace("{name}", "noor")
                .replace("{kind}", "note")
                .replace("{digest}", digest);
            let address = address.replace("{id}", "01890000-0000-7000-8000-000000000000");
            for action in ActionName::ALL.iter().take(if rule.route.contains("{action}") { 99 } else { 1 }) {
                let address = address.replace("{action}", action.as_str());
                questions.extend(
                    sent(rule, *action, digest).into_iter().map(|sent| (rule.method, address.clone(), sent)),
                );
            }
        }
    }
    questions
}

/// What is sent to a route.
fn sent(rule: &access::Rule, action: ActionName, digest: &str) -> Vec<Sent> {
    if rule.method == "GET" {
        return vec![Sent::Json(json!({}))];
    }
    if !rule.route.starts_with("/api/") {
        // The second is what a page takes, the others are not.
        return vec![Sent::Form("body=".into()), Sent::Form(form(action)), Sent::Form("version=x".into())];
    }
    let own = json!({ "subject": "x", "body": "y", "follows": 1 });
    let mut bodies = vec![json!({}), super::rules::body(action), json!({ "score": "good", "cycle": 1 })];
    if rule.route.ends_with("reply") || rule.route.ends_with("/tickets") {
        let files = json!([{ "digest": digest, "name": "x" }]);
        let naming = json!({ "subject": "x", "body": "y", "attachments": files });
        let with = json!({ "body": "y", "attachments": files });
        bodies.extend([json!({ "body": "y" }), own, opening(), json!({ "body": "" }), naming, with]);
    }
    bodies.into_iter().map(Sent::Json).collect()
}

/// The fields of a form as the page of a ticket sends them.
fn form(action: ActionName) -> String {
    let typed = match action {
        ActionName::Assign => "to=noor",
        ActionName::Take
        | ActionName::Unassign
        | ActionName::Offer
        | ActionName::SetOpen
        | ActionName::Reopen
        | ActionName::Seal
        | ActionName::Acknowledge
        | ActionName::Follow
        | ActionName::Unfollow
        | ActionName::Unmerge
        | ActionName::Confirm
        | ActionName::Wake => "",
        ActionName::Rate => "score=good",
        ActionName::Return => "context=y",
        ActionName::Snooze => "to=4",
        ActionName::Tag => "to=vip",
        ActionName::SetField => "reason=order&to=7",
        ActionName::Link | ActionName::Unlink | ActionName::Merge => "to=2",
        ActionName::ChangeTeam => "to=technical",
        ActionName::ChangePriority => "to=low",
        ActionName::ChangeCategory => "to=account",
        ActionName::Reply | ActionName::CustomerReply | ActionName::Note | ActionName::Refuse => "body=y",
        ActionName::SetPending => "reason=customer",
        ActionName::Escalate => "reason=complaint&to=technical&context=y",
        ActionName::Resolve => "resolution=spam",
    };
    format!("key=0189-leak-{}&version=1&{typed}", action.as_str())
}

fn asked<'a>(desk: &'a Desk, (method, address, sent): &Question) -> Call<'a> {
    let call = desk.ask(method, address);
    match sent {
        Sent::Json(body) => call.json(body),
        Sent::Form(fields) => {
            call.header("content-type", "application/x-www-form-urlencoded").raw(fields.clone())
        }
    }
}

#[track_caller]
fn check(answer: &super::call::Answer, what: &str) {
    let told = all_of(answer);
    assert!(!told.contains(CANARY), "{what} tells what the staff said among itself:\n{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_way_of_asking_shows_a_customer_what_the_staff_says_among_itself() {
    for seed in seeds([5, 6]) {
        println!("DOCKET_SEED={seed}");
        let mut random = Random::new(seed);
        let Past { desk, said, files, .. } = desk_with_a_past(&mut random).await;
        assert!(!files.is_empty(), "no note came with a file");
        let log = format!("{:?}", desk.log().await);
        assert!(log.contains(CANARY), "there is nothing to tell");
        let noor = customer(&desk, "noor").await;
        let mut secrets = vec![noor.clone()];
        for number in [1, 3] {
            let expires_at = desk.app.now().plus(DurationMs::from_hours(1));
            let requester = "noor".parse().unwrap();
            secrets.push(desk.app.credentials.links.make(TicketNumber(number), &requester, expires_at));
        }
        for (number, said) in said {
            let read =
                |secret: &str| shown(desk.get(format!("/api/v1/my/tickets/{number}?limit=200")), secret);
            let ticket = read(&noor).await;
            ticket.ok(200);
            assert!(
                ticket.text().contains(&said) && ticket.text().contains("Inés Peña"),
                "{}",
                ticket.text()
            );
        }
        let links = survey_links(&desk);
        // Reads first: what is answered to later ones must not hang on what was posted.
        for method in ["GET", "POST", "PUT", "DELETE"] {
            for question in questions(&links, &files).iter().filter(|(of, ..)| *of == method) {
                for secret in &secrets {
                    let call = shown(asked(&desk, question), secret);
                    let call = call.header("accept-language", random.pick(&["es", "en"]));
                    let answer = call.header("if-match", random.pick(&["\"1\"", "\"3\"", "\"99\""])).await;
                    check(&answer, &format!("{method} {} to {secret}", question.1));
                }
            }
        }
        // Nor once they have named every file in what they wrote: neither what is in one nor that there is one.
        for question in
            questions(&[], &files).iter().filter(|(of, address, _)| *of == "GET" && address.contains("/my/"))
        {
            for secret in &secrets {
                let answer = shown(asked(&desk, question), secret).await;
                check(&answer, &format!("GET {} to {secret}", question.1));
                let told = all_of(&answer);
                assert!(files.iter().all(|digest| !told.contains(digest)), "{}: {told}", question.1);
            }
        }
        let list = desk.read_by(&noor, "/api/v1/my/tickets?limit=1").await;
        assert!(!list.to_string().contains(CANARY), "{list}");
        bearer(desk.get("/api/v1/my/tickets/1"), &secrets[1]).await.ok(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_a_session_shows_a_customer_nothing_either() {
    let mut random = Random::new(7);
    let desk = desk_with_a_past(&mut random).await.desk;
    for route in ENDING {
        let noor = customer(&desk, "noor").await;
        let answer = desk.post(route).header("cookie", &noor).await;
        assert!(answer.status < 400, "{route}: {}", answer.text());
        check(&answer, route);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_form_of_the_staffs_page_does_anything_for_a_customer_or_shows_them_the_ticket() {
    let mut random = Random::new(8);
    let desk = desk_with_a_past(&mut random).await.desk;
    let noor = customer(&desk, "noor").await;
    let before = desk.head();
    for action in ActionName::ALL {
        for fields in ["body=".to_owned(), form(action), "version=x".to_owned(), String::new()] {
            let address = format!("/tickets/1/{}", action.as_str());
            let question = ("POST", address.clone(), Sent::Form(fields.clone()));
            let answer = asked(&desk, &question).header("cookie", &noor).await;
            assert_eq!(answer.status, 403, "{address} {fields}: {}", answer.text());
            assert!(!answer.text().contains("Charged twice"), "{address} shows the ticket");
            check(&answer, &address);
        }
    }
    assert_eq!(desk.head(), before);
}
