//! Rows that cannot be taken: told with line and reason, kept, and the rest goes in.

use crate::support::{HEADER, Place, TWO_TICKETS, plain, sample_text};
use serde_json::{Value, json};

/// Lines and reasons.
fn rejected(ran: &Value) -> Vec<(u64, &str)> {
    let rows = ran["rejected"]["first"].as_array().unwrap().iter();
    rows.map(|row| (row["line"].as_u64().unwrap(), row["reason"].as_str().unwrap())).collect()
}

fn report(ran: &Value) -> String {
    std::fs::read_to_string(ran["rejected"]["report"].as_str().unwrap()).unwrap()
}

/// The log of two tickets with one row replaced.
fn broken(index: usize, row: &str) -> String {
    let mut rows = TWO_TICKETS;
    rows[index] = row;
    plain(&rows)
}

#[test]
fn every_row_that_cannot_be_taken_is_told_with_its_line_and_reason() {
    let nul = "B,1,2026-01-05T08:00:00Z,agent_reply,in\0es,,,5";
    let long = format!("B,1,2026-01-05T08:00:00Z,agent_reply,{},,,5", "x".repeat(4097));
    for (row, reason) in [
        (
            "B,1,yesterday,agent_reply,ines,,,5",
            "at: not a time of the form 2016-02-29T09:20:00Z: \"yesterday\"",
        ),
        ("B,1,,agent_reply,ines,,,5", "no time"),
        ("B,1,0000-01-05T08:00:00Z,agent_reply,ines,,,5", "at: outside the years 1 to 9999"),
        (",1,2026-01-05T08:00:00Z,agent_reply,ines,,,5", "no case"),
        ("B,1,2026-01-05T08:00:00Z,,ines,,,5", "no type"),
        ("B,1,2026-01-05T08:00:00Z,agent_reply,ines,,5", "7 cells instead of 8"),
        ("B,1,2026-01-05T08:00:00Z,agent_reply,ines,,,5,", "9 cells instead of 8"),
        ("B,one,2026-01-05T08:00:00Z,agent_reply,ines,,,5", "seq is not a whole number from 0 on: \"one\""),
        ("B,-1,2026-01-05T08:00:00Z,agent_reply,ines,,,5", "seq is not a whole number from 0 on: \"-1\""),
        ("B,3,2026-01-05T08:00:00Z,agent_reply,ines,,,5", "seq 3 where 1 comes next in its case"),
        (
            "A,1,2026-01-05T09:05:00Z,assigned,ines,,bo,2",
            "seq 1 of its case is taken, and says something else",
        ),
        ("B,1,2026-01-05T08:00:00Z,agent_reply,\"ines\"x,,,5", "text follows a closing quote"),
        (nul, "the character U+0000"),
        (&long, "actor is 4097 bytes long, at most 4096 are taken"),
    ] {
        let place = Place::new();
        let ran = place.import(broken(4, row)).ends_with(1).json();
        let rows = rejected(&ran);
        assert_eq!((rows.len(), rows[0].0), (1, 6), "{row}");
        assert!(rows[0].1.starts_with(reason), "{} for {row}", rows[0].1);
        assert_eq!(ran["events"]["appended"], 5, "the rest goes in");
        assert!(report(&ran).contains(row), "the row is kept as it was");
    }
}

#[test]
fn later_rows_of_a_case_wait_for_the_one_at_fault_and_go_in_once_it_is_mended() {
    let place = Place::new();
    let ran = place.import(broken(1, "A,1,soon,assigned,ines,,ines,2")).ends_with(1).json();
    assert_eq!((&ran["rejected"]["at_fault"], &ran["rejected"]["waiting"]), (&json!(1), &json!(2)));
    assert!(rejected(&ran)[1].1.starts_with("waits for line 3"), "{ran}");
    assert_eq!(ran["events"]["appended"], 3);

    // The report is itself a log in the same columns: mending the row there is enough.
    let mended = report(&ran).replace("soon", "2026-01-05T09:05:00Z");
    assert_eq!(place.import(mended).ends_with(0).json()["events"]["appended"], 3);
    let once = Place::new();
    once.import(plain(&TWO_TICKETS)).ends_with(0);
    let by_ticket = |place: &Place| {
        let mut facts = place.facts();
        facts.iter_mut().for_each(|fact| drop(fact.as_object_mut().unwrap().remove("position")));
        facts.sort_by_key(|fact| (fact["stream"].to_string(), fact["version"].as_u64()));
        facts
    };
    assert_eq!(by_ticket(&place), by_ticket(&once), "no order within a ticket was lost");
}

#[test]
fn a_row_that_is_there_twice_is_taken_once() {
    let place = Place::new();
    let mut rows = TWO_TICKETS.to_vec();
    rows.insert(2, TWO_TICKETS[1]);
    let ran = place.import(plain(&rows)).ends_with(0).json();
    assert_eq!(ran["events"], json!({ "appended": 6, "already_there": 1 }));
}

#[test]
fn what_is_in_the_log_is_never_changed_by_another_import() {
    let place = Place::new();
    place.import(plain(&TWO_TICKETS)).ends_with(0);
    let before = place.records();
    let ran = place.import(broken(1, "A,1,2026-01-05T09:05:00Z,assigned,ines,,bo,2")).ends_with(1).json();
    assert_eq!(rejected(&ran).len(), 1);
    assert_eq!(place.records(), before);
}

#[test]
fn a_file_in_another_encoding_loses_only_the_rows_that_show_it() {
    let place = Place::new();
    let log = plain(&TWO_TICKETS)
        .replace("B,1,2026-01-05T08:00:00Z,agent_reply,ines", "B,1,2026-01-05T08:00:00Z,agent_reply,in@s");
    let log: Vec<u8> = log.bytes().map(|byte| if byte == b'@' { 0xe9 } else { byte }).collect();
    let ran = place.import(log).ends_with(1).json();
    assert!(rejected(&ran)[0].1.starts_with("not UTF-8: byte 0xe9 at place 40 of the row"), "{ran}");
    assert_eq!(ran["events"]["appended"], 5);
    let kept = std::fs::read(ran["rejected"]["report"].as_str().unwrap()).unwrap();
    assert!(kept.windows(5).any(|bytes| bytes == b"in\xe9s,"), "the bytes are kept as they were");
}

#[test]
fn a_compressed_file_that_is_cut_off_gives_what_it_holds() {
    let text = sample_text("events.csv.gz");
    let place = Place::new();
    let file = place.gzip("log.csv.gz", text.as_bytes(), |length| length / 2);
    let import = ["import", "--mapping", "plain", file.to_str().unwrap(), "--json"];
    let ran = place.run(&import).ends_with(1).json();
    let appended = ran["events"]["appended"].as_u64().unwrap();
    assert!((1000..10_000).contains(&appended), "{appended}");
    assert_eq!(ran["cut_off"], true);
    assert_eq!(rejected(&ran).last().unwrap().1, "the file is cut off in this row");

    place.gzip("log.csv.gz", text.as_bytes(), |length| length);
    let whole = place.run(&import).ends_with(0).json();
    assert_eq!(whole["events"], json!({ "appended": 10_801 - appended, "already_there": appended }));
}

#[test]
fn a_file_that_is_cut_off_in_a_cell_gives_what_comes_before() {
    let log = plain(&TWO_TICKETS);
    let ran = Place::new().import(&log[..log.len() - 12]).ends_with(1).json();
    assert_eq!(rejected(&ran), [(7, "the file is cut off in this row")]);
    let ran = Place::new().import(&log[..log.len() - 1]).ends_with(0).json();
    assert!(ran["remarks"][0].as_str().unwrap().contains("no line end"), "{ran}");
    let quoted = format!("{HEADER}A,0,2026-01-05T09:00:00Z,created,ana,,new,\"1");
    assert!(rejected(&Place::new().import(quoted).ends_with(1).json())[0].1.starts_with("a quote is opened"));
}

#[test]
fn a_compressed_file_whose_checksum_is_wrong_is_not_taken_at_all() {
    let place = Place::new();
    let file = place.gzip("log.csv.gz", plain(&TWO_TICKETS).as_bytes(), |length| length);
    let mut bytes = std::fs::read(&file).unwrap();
    let at = bytes.len() - 6;
    bytes[at] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    place.run(&["import", "--mapping", "plain", file.to_str().unwrap()]).ends_with(2).says("damaged");
    assert!(!place.data().exists());
}

#[test]
fn a_quote_that_is_never_closed_costs_its_row_and_no_other() {
    let ran =
        Place::new().import(broken(4, "B,1,2026-01-05T08:00:00Z,agent_reply,\"ines,,,5")).ends_with(1).json();
    assert_eq!(rejected(&ran).len(), 1);
    assert_eq!(ran["events"]["appended"], 5);
}

#[test]
fn the_report_goes_where_it_is_told() {
    let place = Place::new();
    let file = place.file("log.csv", broken(4, "B,1,,agent_reply,ines,,,5"));
    let report = place.path("rejected.csv");
    let (file, report) = (file.to_str().unwrap(), report.to_str().unwrap());
    place.run(&["import", "--mapping", "plain", file, "--rejects", report]).ends_with(1).says(report);
    let text = std::fs::read_to_string(report).unwrap();
    assert!(text.starts_with("\"docket_reject_line\",\"docket_reject_reason\",ticket_id,seq,"), "{text}");
    assert!(text.ends_with("\"6\",\"no time\",B,1,,agent_reply,ines,,,5\n"), "{text}");
    place.run(&["import", "--mapping", "plain", file, "--rejects", file]).ends_with(2);
}

#[test]
fn a_snapshot_that_cannot_be_taken_holds_up_its_case_and_is_mended_in_the_file() {
    let text = sample_text("incident_event_log.csv.gz");
    let lines: Vec<&str> = text.lines().take(7).collect();
    let place = Place::new();
    let whole = lines.join("\n") + "\n";
    let file = place.file("log.csv", whole.replacen("29/2/2016 13:41", "29/2/2016 1a:41", 1));
    let import = ["import", "--mapping", "servicenow", file.to_str().unwrap(), "--json"];
    let ran = place.run(&import).ends_with(1).json();
    assert_eq!((&ran["rejected"]["at_fault"], &ran["rejected"]["waiting"]), (&json!(1), &json!(2)));
    std::fs::write(&file, &whole).unwrap();
    place.run(&import).ends_with(0);
    let once = Place::new();
    once.file("log.csv", &whole);
    let file = once.path("log.csv");
    once.run(&["import", "--mapping", "servicenow", file.to_str().unwrap()]).ends_with(0);
    let facts = |place: &Place| {
        let mut kinds: Vec<String> = place.facts().iter().map(|fact| fact["source"].to_string()).collect();
        kinds.sort();
        kinds
    };
    assert_eq!(facts(&place), facts(&once));
}

#[test]
fn the_report_is_never_written_over_a_file_of_another_kind() {
    let place = Place::new();
    let thesis = place.file("thesis.txt", "years of work");
    let file = place.file("log.csv", plain(&["A,0,no time,created,,,,"]));
    let import = |report: &str| {
        place.run(&["import", "--mapping", "plain", file.to_str().unwrap(), "--rejects", report])
    };
    import(thesis.to_str().unwrap()).ends_with(2).says("no report of rejected rows");
    assert_eq!(std::fs::read_to_string(&thesis).unwrap(), "years of work");
    let report = place.path("report.csv");
    for _ in 0..2 {
        import(report.to_str().unwrap()).ends_with(1);
    }
}
