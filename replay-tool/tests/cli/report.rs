//! The figures of the sample data, computed apart from this project, equal those of the log to the second.

use crate::support::{
    HEADER, Place, TWO_TICKETS, plain, run_on, sample, sample_text, with_sample, with_sample_of_snapshots,
};
use serde_json::{Value, json};

/// What cannot be known from the log.
const NOT_FROM_THE_LOG: [&str; 5] = ["dataset", "time_zone", "order", "split", "raw_reference"];

fn both() -> [Place; 2] {
    [with_sample(), with_sample_of_snapshots()]
}

fn filled() -> Place {
    let place = Place::new();
    place.import(plain(&TWO_TICKETS)).ends_with(0);
    place
}

/// The keys of a pretty JSON document in their order, those of its parts too.
fn keys(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| line.trim().strip_prefix('"')?.split_once("\":"))
        .map(|(key, _)| key)
        .filter(|key| !NOT_FROM_THE_LOG.contains(key))
        .collect()
}

#[test]
fn the_reference_figures_of_both_imports_are_the_published_ones() {
    let text = std::fs::read_to_string(sample("reference.json")).unwrap();
    let mut published: Value = serde_json::from_str(&text).unwrap();
    for key in NOT_FROM_THE_LOG {
        published.as_object_mut().unwrap().remove(key);
    }
    for place in both() {
        let ran = place.run(&["report", "reference", "--json"]).ends_with(0);
        assert_eq!(ran.json(), published);
        let ours = keys(&ran.text);
        assert_eq!(ours, keys(&text)[..ours.len()], "in the published order too");
    }
}

#[test]
fn the_rows_per_ticket_and_per_resolver_of_both_imports_are_the_published_ones() {
    for place in both() {
        let tickets = place.run(&["report", "tickets", "--csv"]).ends_with(0).text;
        assert_eq!(tickets, sample_text("expected_tickets.csv.gz"));
        let resolvers = place.run(&["report", "resolvers", "--csv"]).ends_with(0).text;
        assert_eq!(resolvers, sample_text("resolved_by_actor.csv.gz"));
    }
}

#[test]
fn rows_as_json_hold_what_the_csv_holds() {
    let place = with_sample();
    let rows = place.run(&["report", "tickets", "--json"]).ends_with(0).json();
    let csv = place.run(&["report", "tickets"]).ends_with(0).text;
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let columns = reader.headers().unwrap().clone();
    for (row, cells) in rows.as_array().unwrap().iter().zip(reader.records()) {
        for (column, cell) in columns.iter().zip(cells.unwrap().iter()) {
            let text = match &row[column] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                number => number.to_string(),
            };
            assert_eq!(text, cell, "{column}");
        }
    }
    assert_eq!(rows.as_array().unwrap().len(), 1000);
    assert!(rows[0]["n_events"].is_u64() && rows[0]["ticket_id"].is_string(), "{}", rows[0]);
    let resolvers = place.run(&["report", "resolvers", "--json"]).ends_with(0).json();
    assert!(resolvers[0]["actor"].is_string() && resolvers[0]["resolved_events"].is_u64());
}

#[test]
fn the_reports_on_an_empty_log_are_empty() {
    let place = Place::new();
    place.import(HEADER).ends_with(0);
    let reference = place.run(&["report", "reference"]).ends_with(0).json();
    assert_eq!((&reference["tickets"], &reference["first_resolution_time"]), (&json!(0), &json!({ "n": 0 })));
    assert_eq!(place.run(&["report", "tickets", "--json"]).ends_with(0).json(), json!([]));
    assert_eq!(place.run(&["report", "tickets"]).ends_with(0).text.lines().count(), 1);
    place.run(&["report", "metrics"]).ends_with(0).says("0 tickets");
    place.run(&["report", "sla"]).ends_with(0).says("position 0");
}

#[test]
fn the_metrics_are_those_of_the_published_figures_where_both_say_the_same() {
    let place = with_sample();
    let report = place.run(&["report", "metrics", "--by", "agent", "--json"]).ends_with(0).json();
    let reference = place.run(&["report", "reference"]).ends_with(0).json();
    assert_eq!((&report["position"], &report["tickets"]), (&json!(10_801), &json!(1000)));
    let of = |agent: &str, figure: &str| {
        report["groups"][agent][figure].as_u64().or_else(|| report["groups"][agent][figure]["n"].as_u64())
    };
    let agents: Vec<&String> = report["groups"].as_object().unwrap().keys().collect();
    for figure in ["first_response", "first_resolution", "full_resolution"] {
        let sum: u64 = agents.iter().filter_map(|agent| of(agent, figure)).sum();
        assert_eq!(json!(sum), report["all"][figure]["n"], "{figure}");
    }
    assert_eq!(report["all"]["reopened_tickets"], reference["tickets_reopened"]);
    assert_eq!(report["all"]["reopenings"], reference["reopen_events"]);
}

#[test]
fn the_metrics_as_csv_and_as_text_show_the_same_figures_as_json() {
    let place = with_sample();
    let json = place.run(&["report", "metrics", "--json"]).ends_with(0).json();
    let csv = place.run(&["report", "metrics", "--csv"]).ends_with(0).text;
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 10 * (1 + json["groups"].as_object().unwrap().len()));
    for row in &rows {
        let group = if &row[0] == "(all)" { &json["all"] } else { &json["groups"][&row[0]] };
        let figure = &group[&row[1]];
        if !figure.is_object() {
            assert_eq!(row[2], figure.to_string());
            continue;
        }
        for (index, key) in ["n", "sum_s", "mean_s", "p50_s", "p90_s", "p95_s"].into_iter().enumerate() {
            let number = row[index + 2].parse::<f64>().ok();
            assert_eq!(number, figure[key].as_f64(), "{row:?} {key}");
        }
    }
    place.run(&["report", "metrics"]).ends_with(0).says("1,000 tickets, as of position 10,801");
}

#[test]
fn the_metrics_can_be_of_the_tickets_opened_in_a_range() {
    let place = filled();
    let opened = |range: &[&str]| {
        let words = [&["report", "metrics", "--json"], range].concat();
        place.run(&words).ends_with(0).json()["tickets"].clone()
    };
    assert_eq!(opened(&[]), 2);
    assert_eq!(opened(&["--from", "2026-01-05T09:05:00Z"]), 1);
    assert_eq!(opened(&["--until", "2026-01-05T09:05:00Z"]), 1);
    assert_eq!(opened(&["--from", "2026-01-05T10:05:00+01:00", "--until", "2026-01-06T00:00:00Z"]), 1);
    place.run(&["report", "metrics", "--from", "yesterday"]).ends_with(2).says("not a time of the form");
    place.run(&["report", "metrics", "--by", "mood"]).ends_with(2).says("priority");
}

#[test]
fn every_ticket_is_in_one_outcome_of_the_first_response() {
    let place = with_sample();
    let sla = place.run(&["report", "sla", "--json"]).ends_with(0).json();
    let outcomes = ["met", "missed", "fulfilled_by_resolution", "resolved_late", "running"];
    assert_eq!(outcomes.iter().map(|name| sla[*name].as_u64().unwrap()).sum::<u64>(), 1000);
    let csv = place.run(&["report", "sla", "--csv"]).ends_with(0).text;
    for name in outcomes {
        assert!(csv.contains(&format!("{name},{}\n", sla[name])), "{csv}");
    }
    place.run(&["report", "sla"]).ends_with(0).says("as of position 10,801");
}

#[test]
fn a_report_as_of_a_position_knows_nothing_of_what_came_after() {
    let place = with_sample();
    let export = place.run(&["export"]).ends_with(0).text;
    for position in [1, 3_000] {
        let early = place.path(&position.to_string());
        let lines: Vec<&str> = export.lines().take(position).chain([""]).collect();
        let file = place.file("early.jsonl", lines.join("\n"));
        run_on(&early, &["restore", file.to_str().unwrap()]).ends_with(0);
        for report in ["reference", "tickets", "resolvers", "metrics", "sla"] {
            let then = place.run(&["report", report, "--at", &position.to_string()]).ends_with(0).text;
            assert_eq!(then, run_on(&early, &["report", report]).ends_with(0).text, "{report}");
        }
    }
}

#[test]
fn a_report_as_of_a_time_holds_what_had_been_recorded_by_then() {
    let place = filled();
    let records = place.records();
    let at = |millis: i64| docket_core::time::Timestamp(millis).to_rfc3339();
    let recorded = |index: usize| records[index]["recorded_at"].as_i64().unwrap();
    let tickets = |at: &str| {
        place.run(&["report", "reference", "--at", at]).ends_with(0).json()["events_total"].clone()
    };
    assert_eq!(tickets(&at(recorded(5))), 6);
    assert_eq!(tickets(&at(recorded(0) - 1)), 0);
    assert_eq!(tickets("2026-01-06T10:00:00Z"), 0, "it had happened, but nothing was recorded yet");
    assert_eq!(tickets("9999-01-01T00:00:00Z"), 6);
}

#[test]
fn a_report_of_what_had_occurred_by_a_time_goes_by_when_it_happened() {
    let place = filled();
    let by = |time: &str| {
        let ran = place.run(&["report", "reference", "--occurred", "--at", time]).ends_with(0).json();
        (ran["events_total"].clone(), ran["tickets_reopened"].clone())
    };
    assert_eq!(by("2026-01-05T07:59:59Z"), (json!(0), json!(0)));
    assert_eq!(by("2026-01-05T08:00:00Z"), (json!(1), json!(0)), "the reply whose time steps back");
    assert_eq!(by("2026-01-06T09:59:59Z"), (json!(5), json!(0)));
    assert_eq!(by("2026-01-06T10:00:00Z"), (json!(6), json!(1)));
}

#[test]
fn a_moment_that_there_is_not_is_told() {
    let place = filled();
    for (words, says) in [
        (&["--at", "7"][..], "the log ends at position 6; there is no position 7"),
        (&["--at", "soon"], "a position such as 4711, or a time such as"),
        (&["--at", "-1"], "'-1'"),
        (&["--at", "2026-01-05"], "a position such as 4711, or a time such as"),
        (&["--at", "3", "--occurred"], "--occurred goes with a time"),
        (&["--occurred"], "--at"),
    ] {
        place.run(&[&["report", "reference"], words].concat()).ends_with(2).says(says);
        place.run(&[&["state"], words].concat()).ends_with(2).says(says);
    }
}

#[test]
fn a_report_refuses_what_it_would_not_heed() {
    let place = filled();
    place.run(&["report", "tickets", "--json", "--csv"]).ends_with(2).says("cannot both");
    place.run(&["report", "reference", "--csv"]).ends_with(2).says("is JSON");
    place.run(&["report", "tickets", "--by", "agent"]).ends_with(2).says("are for metrics");
    place.run(&["report", "moods"]).ends_with(2).says("reference");
}

#[test]
fn an_imported_answer_of_the_staff_ends_the_wait_for_the_first_response() {
    let place = Place::new();
    let rows = [
        "1,0,2026-01-05T09:00:00Z,created,,,,",
        "1,1,2026-01-05T09:30:00Z,agent_reply,,,,",
        "2,0,2026-01-05T09:00:00Z,created,,,,",
        "2,1,2026-01-05T10:00:00Z,customer_reply,,,,",
    ];
    place.import(plain(&rows)).ends_with(0);
    let reference = place.run(&["report", "reference", "--json"]).ends_with(0).json();
    assert_eq!(reference["first_agent_reply_time"]["n"], 1);
    let metrics = place.run(&["report", "metrics", "--json"]).ends_with(0).json();
    assert_eq!(metrics["all"]["first_response"]["n"], 1, "{metrics:#}");
    assert_eq!(metrics["all"]["first_response"]["sum_s"], 1800);
    let sla = place.run(&["report", "sla", "--json"]).ends_with(0).json();
    assert_eq!((&sla["met"], &sla["running"]), (&json!(1), &json!(1)), "{sla:#}");
}

#[test]
fn what_was_sealed_without_it_counts_as_resolved_until_somebody_resolves_it() {
    let place = Place::new();
    let rows = [
        "1,0,2026-01-05T09:00:00Z,created,,,,",
        "1,1,2026-01-05T10:00:00Z,closed,zoe,,,",
        "2,0,2026-01-05T09:00:00Z,created,,,,",
        "2,1,2026-01-05T10:00:00Z,closed,zoe,,,",
        "2,2,2026-01-05T11:00:00Z,reopened,,,,",
        "2,3,2026-01-05T14:00:00Z,resolved,yara,,,",
    ];
    place.import(plain(&rows)).ends_with(0);
    let by_agent = place.run(&["report", "metrics", "--by", "agent", "--json"]).ends_with(0).json();
    let of = |agent: &str| by_agent["groups"][agent]["first_resolution"]["sum_s"].clone();
    assert_eq!((of("zoe"), of("yara")), (json!(3600), json!(18_000)));
}

/// The policy of the published figures, with its targets in calendar or business time.
fn tried(place: &Place, target: &str, business: bool) -> Vec<String> {
    let hours = if business { [4, 8, 24, 40] } else { [4, 24, 72, 120] };
    let targets = ["urgent", "high", "normal", "low"].iter().zip(hours).map(|(priority, hours)| {
        let mut targets = json!({ "first_response_s": 1, (target): hours * 3600 });
        if business {
            targets["schedule"] = json!("weekdays");
        }
        ((*priority).to_owned(), targets)
    });
    let label = json!({ "en": "Tried", "es": "A prueba" });
    let targets = Value::Object(targets.collect());
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday"];
    let shifts = days.map(|day| json!({ "day": day, "opens_min": 540, "closes_min": 1020 }));
    let files = [
        ("policy.json", json!({ "label": label, "targets": targets })),
        ("schedule.json", json!({ "label": label, "zone": "UTC", "shifts": shifts })),
    ];
    let paths = files.map(|(name, content)| place.file(name, content.to_string()).display().to_string());
    let mut arguments = ["report", "what-if", "--by-last-priority", "--policy"].map(str::to_owned).to_vec();
    arguments.push(paths[0].clone());
    if business {
        arguments.extend(["--schedule".to_owned(), paths[1].clone()]);
    }
    if target == "requester_wait_s" {
        arguments.push("--pause-for-everybody".to_owned());
    }
    arguments
}

#[test]
fn the_what_if_figures_of_both_imports_are_the_published_ones_to_the_second() {
    let published: Value =
        serde_json::from_str(&std::fs::read_to_string(sample("sla_whatif.json")).unwrap()).unwrap();
    let per_ticket = sample_text("sla_whatif_tickets.csv.gz");
    let mut per_ticket = csv::Reader::from_reader(per_ticket.as_bytes());
    let columns = per_ticket.headers().unwrap().clone();
    let per_ticket = Vec::from_iter(per_ticket.records().map(Result::unwrap));
    let labels = [
        ("all", "ALL"),
        ("urgent", "1 - Critical"),
        ("high", "2 - High"),
        ("normal", "3 - Moderate"),
        ("low", "4 - Low"),
    ];
    for place in both() {
        for (figure, target, business) in [
            ("calendar", "resolution_s", false),
            ("calendar_paused", "requester_wait_s", false),
            ("business", "resolution_s", true),
            ("business_paused", "requester_wait_s", true),
        ] {
            let arguments = tried(&place, target, business);
            let arguments = Vec::from_iter(arguments.iter().map(String::as_str));
            let name = target.strip_suffix("_s").unwrap();
            let totals = place.run(&[&arguments[..], &["--json"]].concat()).ends_with(0).json();
            for (ours, theirs) in labels {
                let (judged, published) = (&totals["targets"][name][ours], &published["by_priority"][theirs]);
                assert_eq!(judged["n"], published["n"], "{figure} {theirs}");
                assert_eq!(judged["missed"], published[format!("breach_{figure}")], "{figure} {theirs}");
                assert_eq!(judged["elapsed_s"], published[format!("sum_{figure}_s")], "{figure} {theirs}");
            }
            let rows = place.run(&[&arguments[..], &["--csv"]].concat()).ends_with(0).text;
            let mut rows = csv::Reader::from_reader(rows.as_bytes());
            let rows = rows.records().map(Result::unwrap).filter(|row| &row[2] == name);
            let column = |name: &str| columns.iter().position(|column| column == name).unwrap();
            let (elapsed, breach) = (column(&format!("{figure}_s")), column(&format!("breach_{figure}")));
            // Tickets are numbered in the order of their first appearance, as they are published.
            let ours = Vec::from_iter(rows.map(|row| (row[3].to_owned(), row[4].to_owned())));
            let theirs = per_ticket.iter().map(|row| (row[elapsed].to_owned(), row[breach].to_owned()));
            for (number, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                assert_eq!(*ours, theirs, "{figure} of ticket {}", number + 1);
            }
            assert_eq!(ours.len(), per_ticket.len());
        }
    }
}
