//! What an import takes over, and that taking it over again changes nothing.

use crate::support::{HEADER, Place, TWO_TICKETS, plain, sample, sample_text};
use proptest::prelude::*;
use serde_json::{Value, json};

fn text_of<'a>(record: &'a Value, field: &str) -> &'a str {
    record["source"][field].as_str().unwrap_or_default()
}

/// A record as a row of a plain log, without the row's own name.
fn row(record: &Value) -> [String; 7] {
    let at = docket_core::time::Timestamp(record["occurred_at"].as_i64().unwrap()).to_rfc3339();
    let seq = record["source"]["seq"].to_string();
    let [case, kind, actor, from, to] =
        ["case", "type", "actor", "from", "to"].map(|field| text_of(record, field).to_owned());
    [case, seq, at, kind, actor, from, to]
}

fn sample_rows() -> Vec<Vec<String>> {
    let text = sample_text("events.csv.gz");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn a_plain_log_is_taken_cell_for_cell_and_in_order() {
    let place = Place::new();
    let file = sample("events.csv.gz");
    let ran =
        place.run(&["import", "--mapping", "plain", file.to_str().unwrap(), "--json"]).ends_with(0).json();
    assert_eq!(ran["events"], json!({ "appended": 10_801, "already_there": 0 }));
    assert_eq!(ran["tickets"], json!({ "new": 1000, "already_there": 0, "first": 1, "last": 1000 }));
    let records = place.records();
    let rows = sample_rows();
    assert_eq!(records.len(), rows.len());
    for (record, expected) in records.iter().zip(&rows) {
        assert_eq!(row(record).as_slice(), &expected[..7]);
        assert_eq!(text_of(record, "row"), expected[7]);
        assert_eq!(record["origin"], "import");
        assert_eq!(record["actor"]["role"], "unknown");
    }
}

#[test]
fn a_snapshot_log_gives_the_same_facts_as_the_plain_one() {
    let place = Place::new();
    let file = sample("incident_event_log.csv.gz");
    let ran = place.run(&["import", "--mapping", "servicenow", file.to_str().unwrap(), "--json"]);
    assert_eq!(ran.ends_with(0).json()["rows"], 5_799);
    let records = place.records();
    let rows = sample_rows();
    assert_eq!(records.len(), rows.len());
    for (record, expected) in records.iter().zip(&rows) {
        assert_eq!(row(record).as_slice(), &expected[..7]);
    }
    let rest: Value = serde_json::from_str(text_of(&records[0], "rest")).unwrap();
    assert_eq!(rest["subcategory"], "Subcategory 135", "columns that no key names are kept");
    assert_eq!(records[0]["data"]["requester"]["id"], "Caller 1488");
}

#[test]
fn each_fact_becomes_the_event_that_the_vocabulary_says() {
    let place = Place::new();
    place.import(plain(&TWO_TICKETS)).ends_with(0);
    let records = place.records();
    let events: Vec<(&str, &str)> = records
        .iter()
        .map(|record| (record["stream"].as_str().unwrap(), record["type"].as_str().unwrap()))
        .collect();
    assert_eq!(
        events,
        [
            ("ticket-1", "ticket.opened"),
            ("ticket-1", "ticket.assigned"),
            ("ticket-2", "ticket.opened"),
            ("ticket-1", "ticket.resolved"),
            ("ticket-2", "ticket.replied"),
            ("ticket-1", "ticket.reopened"),
        ]
    );
    assert_eq!(records[5]["data"], json!({ "cause": "unknown", "cycle": 2 }));
    assert_eq!(records[2]["actor"]["id"], "unknown", "the source does not say who");
    assert!(records[4]["occurred_at"].as_i64() < records[3]["occurred_at"].as_i64(), "time may step back");
}

#[test]
fn importing_the_same_file_again_appends_nothing() {
    let place = Place::new();
    place.import(plain(&TWO_TICKETS)).ends_with(0);
    let before = place.records();
    let again = place.import(plain(&TWO_TICKETS)).ends_with(0).json();
    assert_eq!(again["events"], json!({ "appended": 0, "already_there": 6 }));
    assert_eq!(again["tickets"], json!({ "new": 0, "already_there": 2, "first": null, "last": null }));
    assert_eq!(place.records(), before);
}

#[test]
fn the_next_import_goes_on_with_the_next_ticket_number() {
    let place = Place::new();
    place.import(plain(&TWO_TICKETS)).ends_with(0);
    let other = plain(&["C,0,2026-02-01T00:00:00Z,created,bo,,new,1"]);
    assert_eq!(place.import(other).ends_with(0).json()["tickets"]["first"], 3);
}

#[test]
fn cases_of_two_systems_are_kept_apart() {
    let place = Place::new();
    let log = plain(&TWO_TICKETS[..1]);
    place.import(&log).ends_with(0);
    let file = place.file("other.csv", &log);
    let ran =
        place.run(&["import", "--mapping", "plain", "--system", "other", file.to_str().unwrap(), "--json"]);
    assert_eq!(ran.ends_with(0).json()["tickets"]["first"], 2);
}

#[test]
fn a_log_that_goes_on_where_another_ended_continues_its_tickets() {
    let place = Place::new();
    place.import(plain(&TWO_TICKETS)).ends_with(0);
    let more = plain(&[
        "A,4,2026-01-07T10:00:00Z,resolved,ines,open,resolved,7",
        "A,5,2026-01-08T10:00:00Z,reopened,ana,resolved,open,8",
    ]);
    place.import(more).ends_with(0);
    let last = place.records().pop().unwrap();
    assert_eq!((&last["stream"], &last["version"]), (&json!("ticket-1"), &json!(6)));
    assert_eq!(last["data"]["cycle"], 3);
}

#[test]
fn what_a_source_calls_people_is_kept_byte_for_byte() {
    let place = Place::new();
    let odd = "line\nend\u{202e}";
    let log = format!("{HEADER}A,0,2026-01-05T09:00:00Z,created,\"{odd}\",,new,1\n");
    place.import(log).ends_with(0);
    let record = &place.records()[0];
    assert_eq!(text_of(record, "actor"), odd);
    let id = record["actor"]["id"].as_str().unwrap();
    assert!(id.starts_with("line end") && id.contains('~'), "{id}");
}

#[test]
fn an_empty_log_is_a_log() {
    let place = Place::new();
    assert_eq!(place.import(HEADER).ends_with(0).json()["rows"], 0);
    place.run(&["verify"]).ends_with(0);
}

#[test]
fn a_log_need_not_name_its_rows() {
    let place = Place::new();
    let log = "ticket_id,seq,at,type,actor,from,to\nA,0,2026-01-05T09:00:00Z,created,ana,,new\n";
    place.import(log).ends_with(0);
    assert_eq!(place.records()[0]["source"].get("row"), None);
}

#[test]
fn columns_that_the_mapping_does_not_name_are_kept() {
    let place = Place::new();
    let log = "mood,ticket_id,seq,at,type,actor,from,to\ngrim,A,0,2026-01-05T09:00:00Z,created,ana,,new\n";
    place.import(log).ends_with(0);
    assert_eq!(text_of(&place.records()[0], "rest"), r#"{"mood":"grim"}"#);
}

#[test]
fn two_tickets_never_share_a_stream_even_where_numbers_have_gaps() {
    let place = Place::new();
    place.import(plain(&TWO_TICKETS[1..3]).replace("A,1", "A,0")).ends_with(0);
    let gap = Place::new();
    let line = place.run(&["export", "--after", "1"]).text.replace("\"position\":2", "\"position\":1");
    let file = gap.file("gap.jsonl", line);
    gap.run(&["restore", file.to_str().unwrap()]).ends_with(0);
    let log =
        plain(&["X,0,2026-02-01T00:00:00Z,created,bo,,new,1", "Y,0,2026-02-01T00:00:00Z,created,bo,,new,2"]);
    gap.import(log).ends_with(0);
    let records = gap.records();
    let streams: Vec<&str> = records.iter().map(|record| record["stream"].as_str().unwrap()).collect();
    assert_eq!(streams, ["ticket-2", "ticket-1", "ticket-3"]);
}

#[test]
fn a_state_that_the_mapping_does_not_name_is_taken_and_remarked() {
    let text = sample_text("incident_event_log.csv.gz");
    let lines: Vec<&str> = text.lines().take(3).collect();
    let place = Place::new();
    let file = place.file("log.csv", (lines.join("\n") + "\n").replacen(",New,", ",Awaiting Sign Off,", 1));
    let ran = place
        .run(&["import", "--mapping", "servicenow", file.to_str().unwrap(), "--json"])
        .ends_with(0)
        .json();
    assert!(ran["remarks"][0].as_str().unwrap().contains("\"Awaiting Sign Off\""), "{ran}");
    assert!(place.records().iter().any(|record| text_of(record, "to") == "awaiting_sign_off"));
}

/// Rows of a few tickets in the order of each one's own facts.
fn any_log() -> impl Strategy<Value = Vec<String>> {
    let kinds = prop::sample::select(vec!["assigned", "resolved", "reopened", "closed", "updated", "ärger"]);
    let fact = (0..4_usize, kinds, "[a-zé,\"\n ]{0,4}", 0..100_000_i64);
    prop::collection::vec(fact, 1..40).prop_map(|facts| {
        let mut seq = [0; 4];
        let mut row = |(case, kind, to, second): (usize, &str, String, i64)| {
            let at = docket_core::time::Timestamp(second * 1000).to_rfc3339();
            let number = seq[case];
            seq[case] += 1;
            format!("T{case},{number},{at},{kind},x,,\"{}\",r", to.replace('"', "\"\""))
        };
        facts.into_iter().map(&mut row).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn an_import_in_parts_is_the_same_as_one_in_full(log in any_log(), cut in any::<prop::sample::Index>()) {
        let log: Vec<&str> = log.iter().map(String::as_str).collect();
        let (once, parts) = (Place::new(), Place::new());
        once.import(plain(&log)).ends_with(0);
        parts.import(plain(&log[..cut.index(log.len())])).ends_with(0);
        parts.import(plain(&log)).ends_with(0);
        parts.import(plain(&log)).ends_with(0);
        prop_assert_eq!(parts.facts(), once.facts());
        parts.run(&["verify"]).ends_with(0);
    }
}
