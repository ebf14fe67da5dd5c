//! Docket's own form of a neutral log.

use crate::support::{Place, Ran};

fn import(place: &Place, text: &str) -> Ran {
    let file = place.file("log.jsonl", text);
    place.run(&["import", file.to_str().unwrap(), "--json"])
}

const LINES: &str = r#"{"case":"A","type":"created","at":"2026-01-05T09:00:00Z","actor":"ana","to":"new","requester":"ana","subject":"Facturación","body":"No puedo pagar.","rest":{"n":1.50}}
{"case":"A","type":"agent_reply","at":"2026-01-05T10:00:00+01:00","actor":"ines","body":"Un momento."}

{"case":"B","seq":0,"type":"created","at":"2026-01-05T09:00:00.250Z","row":"r7"}
"#;

#[test]
fn a_line_is_an_event_with_its_text() {
    let place = Place::new();
    assert_eq!(import(&place, LINES).ends_with(0).json()["events"]["appended"], 3);
    let records = place.records();
    assert_eq!(records[0]["data"]["subject"], "Facturación");
    assert_eq!(records[0]["data"]["body"], "No puedo pagar.");
    assert_eq!(records[0]["source"]["rest"], r#"{"n":1.50}"#, "numbers are kept as they are written");
    assert_eq!(records[1]["data"]["body"], "Un momento.");
    assert_eq!((records[1]["source"]["seq"].as_u64(), &records[1]["stream"]), (Some(1), &"ticket-1".into()));
    assert_eq!(records[2]["occurred_at"].as_i64().unwrap() % 1000, 250);
    assert_eq!(import(&place, LINES).ends_with(0).json()["events"]["already_there"], 3);
}

#[test]
fn a_line_that_is_no_event_is_told_and_kept() {
    for (line, reason) in [
        ("{\"case\":\"A\"", "not an event: EOF"),
        (r#"{"case":"A","type":"created"}"#, "not an event: missing field `at`"),
        (
            r#"{"case":"A","type":"created","at":"2026-01-05T09:00:00Z","form":"x"}"#,
            "not an event: unknown field `form`",
        ),
        (
            r#"{"case":"A","case":"B","type":"x","at":"2026-01-05T09:00:00Z"}"#,
            "not an event: duplicate field `case`",
        ),
        (r#"{"case":"A","type":"x","at":"2026-01-05 9h"}"#, "at: not a time"),
        (
            r#"{"case":"A","type":"x","at":"2026-01-05T09:00:00Z","rest":"text"}"#,
            "not an event: `rest` must be an object",
        ),
        (r#"{"case":"A","type":"x","at":"2026-01-05T09:00:00Z","to":"a\u0000"}"#, "the character U+0000"),
        (r#"{"case":"A","type":"x","at":"2026-01-05T09:00:00Z","to":"\ud800"}"#, "not an event: "),
    ] {
        let place = Place::new();
        let ran = import(&place, &format!("{LINES}{line}\n")).ends_with(1).json();
        let row = &ran["rejected"]["first"][0];
        assert_eq!(row["line"], 5, "{line}");
        assert!(row["reason"].as_str().unwrap().starts_with(reason), "{row} for {line}");
        let report = std::fs::read_to_string(ran["rejected"]["report"].as_str().unwrap()).unwrap();
        let kept: serde_json::Value = serde_json::from_str(&report).unwrap();
        assert_eq!(kept["text"], line);
    }
}

#[test]
fn lines_without_numbers_wait_for_an_earlier_one_of_their_case() {
    let place = Place::new();
    let broken = LINES.replacen("2026-01-05T09:00:00Z", "soon", 1);
    let ran = import(&place, &broken).ends_with(1).json();
    assert_eq!((&ran["rejected"]["at_fault"], &ran["rejected"]["waiting"]), (&1.into(), &1.into()));
    assert_eq!(import(&place, LINES).ends_with(0).json()["events"]["appended"], 2);
}

#[test]
fn an_export_is_not_taken_for_a_log_of_facts() {
    let place = Place::new();
    import(&place, LINES).ends_with(0);
    let file = place.path("export.jsonl");
    place.run(&["export", "--out", file.to_str().unwrap()]).ends_with(0);
    let other = Place::new();
    other.run(&["import", file.to_str().unwrap()]).ends_with(2).says("docket-replay restore");
    assert!(!other.data().exists());
}
