//! What a ticket's history and the figures of a log show.

use crate::support::{Place, TWO_TICKETS, plain};
use serde_json::json;

#[test]
fn a_history_tells_who_did_what_and_when_in_order() {
    let place = Place::new();
    place.import(plain(&TWO_TICKETS)).ends_with(0);
    let shown = place.run(&["history", "1"]).ends_with(0).text;
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines.len(), 5, "{shown}");
    assert_eq!(lines[0], "ticket 1, A in plain (log up to position 6)");
    assert!(lines[2].contains("2026-01-05T09:05:00Z  ines (unknown)  assigned to ines"), "{shown}");
    assert!(lines[4].contains("reopened, cycle 2"), "{shown}");
    assert_eq!(place.run(&["history", "A", "--case"]).ends_with(0).text, shown);
    assert_eq!(place.run(&["history", "#1"]).ends_with(0).text, shown);
}

#[test]
fn a_history_as_json_holds_the_whole_records() {
    let place = Place::new();
    place.import(plain(&TWO_TICKETS)).ends_with(0);
    let shown = place.run(&["history", "2", "--json"]).ends_with(0).json();
    assert_eq!((&shown["ticket"], &shown["head"]), (&json!(2), &json!(6)));
    let reply = &shown["events"][1];
    assert_eq!(reply["type"], "ticket.replied");
    assert_eq!(reply["occurred_at"], "2026-01-05T08:00:00Z");
    assert_eq!(reply["source"]["type"], "agent_reply");
    assert!(reply["data"]["message"].is_string());
}

#[test]
fn hostile_text_cannot_fool_the_terminal() {
    let place = Place::new();
    let log = "ticket_id,seq,at,type,actor,from,to\n\"A\u{1b}[2J\",0,2026-01-05T09:00:00Z,created,\u{202e}ana,,new\n";
    place.import(log).ends_with(0);
    let shown = place.run(&["history", "1"]).ends_with(0).text;
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{shown}");
    assert!(shown.contains("\\u{1b}[2J") && shown.contains("\\u{202e}ana"), "{shown}");
}

#[test]
fn a_ticket_that_is_not_there_is_told() {
    let place = Place::new();
    place.import(plain(&TWO_TICKETS)).ends_with(0);
    place.run(&["history", "3"]).ends_with(2).says("there is no ticket 3");
    place.run(&["history", "A"]).ends_with(2).says("--case");
    place.run(&["history", "C", "--case"]).ends_with(2).says("no imported case is called \"C\"");
}

#[test]
fn stats_count_what_is_in_the_log() {
    let place = Place::new();
    place.import(plain(&TWO_TICKETS)).ends_with(0);
    let stats = place.run(&["stats", "--json"]).ends_with(0).json();
    assert_eq!((&stats["head"], &stats["tickets"], &stats["imported"]), (&json!(6), &json!(2), &json!(6)));
    assert_eq!(stats["events_by_type"]["ticket.opened"], 2);
    assert_eq!(stats["occurred"], json!({ "first": "2026-01-05T08:00:00Z", "last": "2026-01-06T10:00:00Z" }));
    place.run(&["stats"]).ends_with(0).says("6 events about 2 tickets");
}
