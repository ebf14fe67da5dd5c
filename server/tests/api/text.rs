//! What is stored is what was sent, byte for byte, and it comes back so that it can do no harm (promise I2).

use super::desk::{Desk, opening};
use serde_json::{Value, json};

/// Texts that have broken somebody's program before. None holds a line break, so that all are subjects too.
const HOSTILE: [&str; 18] = [
    "\u{202e}gnp.exe\u{202c}",
    "\u{2066}\u{2067}never closed",
    "e\u{301}\u{327}\u{30a} is not \u{e9}",
    "👩\u{200d}👩\u{200d}👧\u{200d}👦🏳\u{fe0f}\u{200d}🌈",
    "\u{feff}byte order mark",
    "\u{1}\u{7}\u{8}\u{1b}[31m\u{7f}\u{9f}\u{85}",
    "\tx\u{b}\u{c}",
    "\"}],\"type\":\"ticket.sealed\",\"data\":{",
    "\\u0000\\ud800\\",
    "</script><script>alert(1)</script><!--",
    "=HYPERLINK(\"x\")",
    "'; DROP TABLE events; --",
    "¿Facturación? ¡Sí, señor!",
    "\u{10ffff}\u{fffd}\u{e000}\u{fffe}",
    " \u{a0}\u{3000}x\u{200b} ",
    "%s%n%x {{7*7}} ${7*7} $(id) `id`",
    "id: 7 data: {}",
    "null",
];

#[tokio::test(flavor = "multi_thread")]
async fn text_is_stored_and_returned_byte_for_byte() {
    for desk in [Desk::open().await, Desk::on_sqlite().await] {
        for text in HOSTILE {
            let mut ticket = opening();
            (ticket["subject"], ticket["body"]) = (json!(text), json!(format!("{text}\r\n{text}")));
            ticket["requester"]["name"] = json!(text);
            let opened = desk.post("/api/v1/tickets").json(&ticket).await.ok(201);
            let number = &opened["ticket"];
            let head = desk.done(number.as_u64().unwrap(), "note", json!({ "body": text })).await;
            let log = desk.log().await;
            assert_eq!(log[head as usize - 2]["data"]["subject"], text);
            assert_eq!(log[head as usize - 2]["data"]["requester"]["name"], text);
            assert_eq!(log[head as usize - 1]["data"]["body"], text);
            let shown = desk.read(&format!("/api/v1/tickets/{number}")).await;
            assert_eq!((&shown["subject"], &shown["requester_name"]), (&json!(text), &json!(text)));
            let timeline = desk.read(&format!("/api/v1/tickets/{number}/timeline")).await;
            let bodies: Vec<&Value> =
                timeline["entries"].as_array().unwrap().iter().map(|entry| &entry["body"]).collect();
            assert_eq!(bodies, [&ticket["body"], &json!(text)]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_the_same_however_it_was_written_in_json() {
    let desk = Desk::open().await;
    desk.ticket().await;
    for written in
        [r#""aé€😀/""#, r#""\u0061\u00e9\u20ac\ud83d\ude00\/""#, r#""\u0061\u00E9\u20AC\uD83D\uDE00/""#]
    {
        let text = format!("{{\"body\":{written}}}");
        desk.post("/api/v1/tickets/1/note").text(text).await.ok(200);
    }
    for record in &desk.log().await[1..] {
        assert_eq!(record["data"]["body"], "aé€😀/");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn control_characters_leave_the_server_escaped() {
    let desk = Desk::open().await;
    let every_control: String = (1..32_u8).chain([127]).map(char::from).collect();
    let mut ticket = opening();
    ticket["body"] = json!(every_control);
    desk.post("/api/v1/tickets").json(&ticket).await.ok(201);
    desk.settled().await;
    for path in ["/api/v1/tickets/1", "/api/v1/tickets/1/timeline", "/api/v1/queue", "/api/v1/events"] {
        let answer = desk.get(path).await;
        assert_eq!(answer.status, 200);
        // DEL is no control character to JSON; everything below a space is.
        assert!(answer.bytes.iter().all(|byte| *byte >= 0x20), "{path}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_name_is_an_actor_like_any_other() {
    let desk = Desk::open().await;
    desk.ticket().await;
    for (index, actor) in
        ["agent-1", "ticket-1", "sla-1", "../../etc", "=1+1", "señor", "a\"b", "{}"].into_iter().enumerate()
    {
        let assigned = desk.act(1, "assign", json!({ "to": actor })).by(actor, "supervisor").await.ok(200);
        assert_eq!(assigned["outcome"], "appended", "{actor}");
        assert_eq!(assigned["version"], index + 2, "no other stream is mistaken for the ticket's");
        let shown = desk.read("/api/v1/tickets/1").await;
        assert_eq!(shown["assignee"], actor);
        let record = &desk.log().await[assigned["position"].as_u64().unwrap() as usize - 1];
        assert_eq!(
            (&record["stream"], &record["actor"]["id"]),
            (&json!(format!("agent-{actor}")), &json!(actor))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_comes_back_in_an_error_only_escaped_and_in_part() {
    let desk = Desk::open().await;
    desk.ticket().await;
    let evil = "\u{1b}[2J\u{202e}<script>\r\nx-evil: 1";
    let field = format!("{{\"{}\":1}}", "<script>alert(1)</script>".repeat(10));
    let answers = [
        desk.act(1, "assign", json!({ "to": format!("{evil}\0") })).await,
        desk.post("/api/v1/tickets/1/assign").text(field).await,
        desk.act(1, "change-priority", json!({ "to": evil.repeat(2000) })).await,
        desk.get("/api/v1/queue?lane=%1b%5B2J%3Cscript%3E%0d%0ax-evil:1").await,
        desk.get("/api/v1/queue?%3Cscript%3E=1").await,
        desk.get(format!("/api/v1/reports/metrics?from={}", "9".repeat(3000))).await,
        desk.get("/api/v1/queue").header("docket-role", "<script>").await,
    ];
    for answer in answers {
        assert_eq!(answer.status, 422);
        answer.check_problem();
        assert!(answer.bytes.iter().all(|byte| *byte >= 0x20));
        assert!(answer.bytes.len() < 4096, "{} bytes of an error", answer.bytes.len());
        assert!(answer.header("x-evil").is_none());
    }
}
