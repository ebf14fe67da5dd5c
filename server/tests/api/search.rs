//! The search: words and operators, what came of the last command, and nothing that is out of reach.

use super::desk::{Desk, opening};
use docket_core::filter::Operator;
use docket_core::ticket::OwnStatus;
use docket_core::time::DurationMs;
use serde_json::{Value, json};

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

async fn desk() -> Desk {
    let desk = Desk::open().await;
    desk.ticket().await;
    let note = json!({ "body": "Suspected chargeback" });
    desk.done(1, "note", note).await;
    let mut other = opening();
    other["requester"]["id"] = json!("olga");
    other["subject"] = json!("La exportación se detiene");
    other["body"] = json!("Se para a la mitad; <b>urgente</b> en marzo.");
    desk.post("/api/v1/tickets").json(&other).await.ok(201);
    desk.settled().await;
    desk
}

async fn found(desk: &Desk, who: (&str, &str), q: &str) -> Value {
    desk.get(format!("/api/v1/search?q={}", encoded(q))).by(who.0, who.1).await.ok(200)
}

fn tickets(answer: &Value) -> Vec<u64> {
    let mut tickets: Vec<u64> =
        answer["hits"].as_array().unwrap().iter().map(|hit| hit["ticket"].as_u64().unwrap()).collect();
    tickets.sort_unstable();
    tickets
}

const INES: (&str, &str) = ("ines", "agent");

#[tokio::test(flavor = "multi_thread")]
async fn a_hit_says_what_was_found_and_where() {
    let desk = desk().await;
    let answer = found(&desk, INES, "exportacion").await;
    let expected = json!({
        "position": 3, "began_at": 3, "moved": false, "tickets": 1, "complete": true, "widened": [], "next": null,
        "hits": [{
            "ticket": 2, "subject": "La exportación se detiene", "status": "new", "lane": "new", "stale": false,
            "found_in": "subject", "position": 3, "at": "2026-11-21T09:30:00Z", "role": "supervisor", "texts": 1,
            "snippet": {
                "text": "La exportación se detiene", "marks": [[3, 14]], "cut_before": false, "cut_after": false,
            },
        }],
    });
    assert_eq!(answer, expected);
    // What was written is given back as it was: marks are numbers and never markup.
    let body = found(&desk, INES, "urgente").await;
    let snippet = &body["hits"][0]["snippet"];
    assert_eq!(snippet["text"], "Se para a la mitad; <b>urgente</b> en marzo.");
    assert_eq!(snippet["marks"], json!([[23, 30]]));
    let mistyped = found(&desk, INES, "exportacoin").await;
    assert_eq!(
        (tickets(&mistyped), &mistyped["widened"]),
        (vec![2], &json!([{ "word": "exportacoin", "to": ["exportación"] }]))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_carries_the_position_of_a_command_finds_what_it_said() {
    let desk = Desk::open().await;
    for word in ["alfalfa", "bergamot", "cardamom", "dandelion"] {
        let ticket = desk.ticket().await;
        let reply = json!({ "body": format!("About {word}.") });
        let position = desk.done(ticket, "customer-reply", reply).await;
        let answer = desk.get(format!("/api/v1/search?q={word}&at_least={position}")).await.ok(200);
        assert_eq!(tickets(&answer), [ticket]);
        assert!(answer["position"].as_u64().unwrap() >= position);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_find_their_own_tickets_and_no_notes() {
    let desk = desk().await;
    let (noor, olga) = (("noor", "customer"), ("olga", "customer"));
    assert_eq!(tickets(&found(&desk, INES, "march").await), [1]);
    assert_eq!(tickets(&found(&desk, noor, "march").await), [1]);
    for (who, q) in
        [(olga, "march"), (noor, "marzo"), (noor, "chargeback"), (noor, "chargebakc"), (noor, "marz*")]
    {
        let answer = found(&desk, who, q).await;
        assert_eq!(
            (tickets(&answer), &answer["tickets"], &answer["widened"]),
            (vec![], &json!(0), &json!([])),
            "{q}"
        );
        assert!(answer["complete"].as_bool().unwrap());
    }
    assert_eq!(found(&desk, INES, "chargeback").await["hits"][0]["found_in"], "note");
}

/// An operator that holds for ticket 1 of the desk, and one of the same kind that does not.
fn pair(operator: Operator) -> (&'static str, &'static str) {
    match operator {
        Operator::Lane => ("lane:open", "lane:new"),
        Operator::Status => ("status:open", "status:new"),
        Operator::Team => ("team:technical", "team:billing"),
        Operator::Assignee => ("assignee:ines", "assignee:omar"),
        Operator::Category => ("category:account", "category:none"),
        Operator::Priority => ("priority:urgent", "priority:low"),
        Operator::Language => ("language:en", "language:es"),
        Operator::Requester => ("requester:noor", "requester:olga"),
        Operator::Tag => ("tag:vip", "tag:none"),
        Operator::Follower => ("follower:local", "follower:nobody"),
        Operator::Is => ("is:late", "is:due-soon"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_learns_nothing_by_the_operators_of_the_staff() {
    let desk = desk().await;
    for (command, body) in [
        ("assign", json!({ "to": "ines" })),
        ("change-team", json!({ "to": "technical" })),
        ("change-category", json!({ "to": "account" })),
        ("change-priority", json!({ "to": "urgent" })),
        ("tag", json!({ "add": ["vip"] })),
        ("follow", json!({})),
    ] {
        desk.done(1, command, body).await;
    }
    desk.pass(DurationMs::from_hours(2));
    desk.settled().await;
    let ask = |q: &str, language: &str| {
        let path = format!("/api/v1/search?q={}", encoded(&format!("payments {q}")));
        desk.get(path).by("noor", "customer").header("accept-language", language)
    };
    for operator in Operator::ALL {
        let (holds, misses) = pair(operator);
        assert_eq!(tickets(&found(&desk, INES, &format!("payments {holds}")).await), [1], "{holds}");
        assert_eq!(tickets(&found(&desk, INES, &format!("payments {misses}")).await), [] as [u64; 0]);
        for (language, title) in [
            ("en", "An operator of the filter is not understood."),
            ("es", "No se entiende un operador del filtro."),
        ] {
            let mut said = Vec::new();
            for q in [holds, misses, &format!("-{holds}")] {
                let problem = ask(q, language).await.problem(422, "filter-not-understood");
                assert_eq!((&problem["title"], &problem["field"]), (&json!(title), &json!("q")), "{q}");
                let value = q.split_once(':').unwrap().1;
                said.push(problem["detail"].as_str().unwrap().replace(&format!("\"{value}\""), "it"));
            }
            assert!(said.iter().all(|one| *one == said[0]), "{said:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_told_where_their_ticket_stands_in_their_own_words_and_asks_by_them() {
    let desk = desk().await;
    let noor = ("noor", "customer");
    let stands = async |expected: &str| {
        desk.settled().await;
        let hit = found(&desk, noor, "payments").await["hits"][0].take();
        let told = ["status", "lane", "role"].map(|field| hit[field].clone());
        assert_eq!(told, [json!(expected), Value::Null, Value::Null]);
        for status in OwnStatus::ALL {
            let q = |dash: &str| format!("payments {dash}status:{}", status.as_str());
            let is = status.as_str() == expected;
            assert_eq!(found(&desk, noor, &q("")).await["tickets"], u64::from(is), "{status:?}");
            assert_eq!(found(&desk, noor, &q("-")).await["tickets"], u64::from(!is), "{status:?}");
        }
    };
    stands("received").await;
    for (command, body, expected) in [
        ("assign", json!({ "to": "ines" }), "in_progress"),
        ("set-pending", json!({ "reason": "third-party" }), "in_progress"),
        ("set-pending", json!({ "reason": "customer" }), "waiting_for_you"),
        ("resolve", json!({ "resolution": "solved" }), "solved"),
        ("seal", json!({}), "closed"),
    ] {
        desk.done(1, command, body).await;
        stands(expected).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_and_operators_narrow_together() {
    let desk = desk().await;
    desk.done(1, "assign", json!({ "to": "ines" })).await;
    desk.settled().await;
    for (q, expected) in [
        ("payments status:open", vec![1]),
        ("payments status:new", vec![]),
        ("payments assignee:me", vec![1]),
        ("payments -assignee:me", vec![]),
        ("\"two payments\"", vec![1]),
        ("\"payments two\"", vec![]),
        ("two -march", vec![]),
        ("paym*", vec![1]),
    ] {
        assert_eq!(tickets(&found(&desk, INES, q).await), expected, "{q}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hits_are_read_in_pages_and_what_is_said_meanwhile_is_left_out() {
    let desk = Desk::open().await;
    for _ in 0..7 {
        desk.ticket().await;
    }
    desk.settled().await;
    let first = desk.get("/api/v1/search?q=payments&limit=3").await.ok(200);
    assert_eq!((tickets(&first), &first["tickets"]), (vec![5, 6, 7], &json!(7)));
    let late = desk.ticket().await;
    desk.settled().await;
    let (mut seen, mut next) = (tickets(&first), first["next"].as_str().unwrap().to_owned());
    loop {
        let page = desk.get(format!("/api/v1/search?q=payments&limit=3&cursor={next}")).await.ok(200);
        assert_eq!((&page["began_at"], &page["moved"]), (&first["position"], &json!(true)));
        seen.extend(tickets(&page));
        let Some(more) = page["next"].as_str() else { break };
        next = more.to_owned();
    }
    seen.sort_unstable();
    assert_eq!(seen, [1, 2, 3, 4, 5, 6, 7], "{late} came later");
    let path = |q: &str, cursor: &str| format!("/api/v1/search?q={q}&cursor={cursor}");
    desk.get(path("march", &next)).await.problem(422, "cursor-of-another-query");
    desk.get(path("payments", &next[1..])).await.problem(422, "cursor-not-valid");
    let queue = desk.get("/api/v1/queue?limit=1").await.ok(200);
    let of_the_queue = queue["next"].as_str().unwrap();
    desk.get(path("payments", of_the_queue)).await.problem(422, "cursor-of-another-query");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_searched_is_refused_with_what_to_do() {
    let desk = desk().await;
    let ask = |q: &str| desk.get(format!("/api/v1/search?q={}", encoded(q)));
    for (q, code, said) in [
        ("", "not-searchable", "no word to look for"),
        ("*", "not-searchable", "no word to look for"),
        ("-word", "not-searchable", "no word to look for"),
        ("status:open", "not-searchable", "no word to look for"),
        ("ab*", "not-searchable", "at least 3 letters before the star"),
        ("\"unbalanced", "filter-not-understood", "character 1: the quotation mark of"),
        ("a\0b", "filter-not-understood", "character 2: a control character"),
        ("word colour:red", "filter-not-understood", "character 6: there is no operator"),
        (&"w ".repeat(17), "filter-not-understood", "at most 16 words"),
        (&"w".repeat(1025), "filter-not-understood", "at most 1024 bytes"),
    ] {
        let problem = ask(q).await.problem(422, code);
        assert_eq!(problem["field"], "q", "{q}");
        assert!(problem["detail"].as_str().unwrap().contains(said), "{problem}");
    }
    for q in ["a", "NEAR(a b)", "a AND OR NOT", "{subject}", "\"a\"", "'; DROP TABLE words; --", "^a", "𝕿"]
    {
        ask(q).await.ok(200);
    }
    desk.get("/api/v1/search").await.problem(422, "invalid");
    for limit in [0, 51] {
        desk.get(format!("/api/v1/search?q=a&limit={limit}")).await.problem(422, "invalid");
    }
}
