//! Every command that many tickets take at once: on each of them it does what it says, with what was sent.

use super::desk::Desk;
use serde_json::{Value, json};

/// A command on the tickets 1 and 2, which ines has open; a third is open beside them.
struct Row {
    command: &'static str,
    /// What happens to each before, as pairs of command and body.
    before: Vec<(&'static str, Value)>,
    with: Value,
    /// The types of what is appended to each, in order.
    events: &'static [&'static str],
    /// What the first of these holds; a message has a number of its own besides.
    data: Value,
}

impl Row {
    fn after(mut self, command: &'static str, body: Value) -> Self {
        self.before.push((command, body));
        self
    }
}

fn row(command: &'static str, with: Value, events: &'static [&'static str], data: Value) -> Row {
    Row { command, before: Vec::new(), with, events, data }
}

/// What is under way, and who works on it.
fn of_work() -> Vec<Row> {
    let (nothing, billing) = (json!({}), json!({ "to": "billing" }));
    vec![
        row("take", nothing.clone(), &["ticket.assigned"], json!({ "to": "local" }))
            .after("unassign", nothing.clone()),
        row("assign", json!({ "to": "bob" }), &["ticket.reassigned"], json!({ "from": "ines", "to": "bob" })),
        row("unassign", nothing.clone(), &["ticket.unassigned"], json!({ "from": "ines" })),
        row("offer", nothing.clone(), &["ticket.unassigned", "ticket.offered"], json!({ "from": "ines" })),
        row("change-team", billing.clone(), &["ticket.team_changed"], billing.clone()),
        row("change-team", json!({ "to": null }), &["ticket.team_changed"], json!({ "from": "billing" }))
            .after("change-team", billing.clone()),
        row(
            "change-priority",
            json!({ "to": "urgent" }),
            &["ticket.priority_changed"],
            json!({ "from": "normal", "to": "urgent" }),
        ),
        row("change-category", billing.clone(), &["ticket.category_changed"], billing),
        row(
            "escalate",
            json!({ "reason": "complaint", "to": { "team": "billing" }, "context": "Third time" }),
            &["ticket.escalated"],
            json!({ "reason": "complaint", "to": { "team": "billing" }, "context": "Third time", "from_assignee": "ines", "by": "local" }),
        ),
        row(
            "resolve",
            json!({ "resolution": "solved", "notes": "Refunded", "survey": true }),
            &["ticket.resolved"],
            json!({ "resolution": "solved", "assignee": "ines", "notes": "Refunded", "survey": true }),
        ),
        row("reopen", nothing, &["ticket.reopened"], json!({ "cause": "staff", "cycle": 2 }))
            .after("resolve", json!({ "resolution": "spam" })),
    ]
}

/// What is said, and how it is waited for an answer.
fn of_the_thread() -> Vec<Row> {
    let (hello, customer) = (json!({ "body": "Hello" }), json!({ "reason": "customer" }));
    // An event holds instants as milliseconds.
    let (until, instant) = ("2026-12-01T00:00:00Z", 1_796_083_200_000_i64);
    vec![
        row("reply", hello.clone(), &["ticket.replied"], hello.clone()),
        row(
            "reply",
            json!({ "body": "Which one?", "then_pending": true }),
            &["ticket.replied", "ticket.set_pending"],
            json!({ "body": "Which one?" }),
        ),
        row("note", hello.clone(), &["ticket.noted"], hello),
        row("set-pending", customer.clone(), &["ticket.set_pending"], customer.clone()),
        row("set-open", json!({}), &["ticket.set_open"], json!({})).after("set-pending", customer),
        row("snooze", json!({ "until": until }), &["ticket.snoozed"], json!({ "until": instant })),
    ]
}

/// How tickets are sorted, and what they have to do with others.
fn of_sorting() -> Vec<Row> {
    let (nothing, third, local) = (json!({}), json!({ "ticket": 3 }), json!({ "by": "local" }));
    let (other, order) = (json!({ "to": 3 }), json!({ "field": "order", "to": "A-4711" }));
    vec![
        row(
            "tag",
            json!({ "add": ["vip"], "remove": ["old"] }),
            &["ticket.tags_changed"],
            json!({ "added": ["vip"], "removed": ["old"] }),
        )
        .after("tag", json!({ "add": ["old"] })),
        row("set-field", order.clone(), &["ticket.field_changed"], order),
        row("follow", nothing.clone(), &["ticket.followed"], local.clone()),
        row("unfollow", nothing.clone(), &["ticket.unfollowed"], local).after("follow", nothing.clone()),
        row("link", third.clone(), &["ticket.linked"], other.clone()),
        row("unlink", third.clone(), &["ticket.unlinked"], other).after("link", third),
        row("merge", json!({ "into": 3 }), &["ticket.merged"], json!({ "into": 3 })),
        row("unmerge", nothing, &["ticket.unmerged"], json!({ "from": 3 }))
            .after("merge", json!({ "into": 3 })),
    ]
}

/// The commands that docs and programs are told of.
async fn described(desk: &Desk) -> Vec<String> {
    let description = desk.get("/api/openapi.json").await.ok(200);
    let names = description["components"]["schemas"]["BulkCommand"]["enum"].as_array().unwrap();
    names.iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// The types of the events of a ticket after a position, and what the first of them holds.
async fn happened(desk: &Desk, ticket: u64, after: u64) -> (Vec<String>, Value) {
    let (log, stream) = (desk.log().await, format!("ticket-{ticket}"));
    let new: Vec<_> = log.iter().skip(after as usize).filter(|event| event["stream"] == stream).collect();
    let types = new.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect();
    let mut data = new.first().map_or(Value::Null, |first| first["data"].clone());
    if let Some(data) = data.as_object_mut() {
        data.remove("message");
    }
    (types, data)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_on_many_tickets_does_on_each_what_it_says() {
    let described = described(&Desk::open().await).await;
    for name in &described {
        let mut rows: Vec<Row> = [of_work(), of_the_thread(), of_sorting()].into_iter().flatten().collect();
        rows.retain(|row| row.command == name);
        assert!(!rows.is_empty(), "{name} is not tried on many tickets");
        for Row { command, before, with, events, data } in rows {
            let desk = Desk::open().await;
            for _ in 0..3 {
                desk.ticket().await;
            }
            let mut tickets = Vec::new();
            for ticket in [1, 2] {
                desk.done(ticket, "assign", json!({ "to": "ines" })).await;
                for (command, body) in &before {
                    desk.done(ticket, command, body.clone()).await;
                }
                let shown = desk.read(&format!("/api/v1/tickets/{ticket}")).await;
                tickets.push(json!({ "ticket": ticket, "version": shown["version"] }));
            }
            let head = desk.head();
            let sent = json!({ "tickets": tickets, "command": command, "with": with });
            let told = desk.post("/api/v1/tickets/bulk").json(&sent).await.ok(200);
            assert_eq!((&told["done"], &told["refused"]), (&json!(2), &json!(0)), "{command}: {told}");
            assert_eq!(told["position"], desk.head(), "{command}");
            for (result, decided_on) in told["results"].as_array().unwrap().iter().zip(&tickets) {
                let ticket = decided_on["ticket"].as_u64().unwrap();
                let version = decided_on["version"].as_u64().unwrap() + events.len() as u64;
                let expected = json!({ "ticket": ticket, "version": version, "outcome": "appended" });
                assert_eq!(*result, expected, "{command}");
                let happens = (events.iter().map(|event| (*event).to_owned()).collect(), data.clone());
                assert_eq!(happened(&desk, ticket, head).await, happens, "{command} on {ticket}");
            }
        }
    }
}
