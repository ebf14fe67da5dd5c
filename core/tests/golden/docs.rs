//! docs/EVENTS.md against the code, and what docs/API.md says of who outside is told of events: what is listed is what there is.

use super::{CONTRACT, Event, Golden, PERSONAL_FIELDS, golden};
use crate::json::Fields;
use docket_core::names::{StreamKind, StreamName};
use docket_core::personal::Owner;
use docket_core::webhook::Disclosure;
use docket_core::webhook::disclosure::{INTERNAL_NAMES, disclosure};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A page of the docs.
fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// The cells of every table row under a heading that begins with a name in code marks.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let page = page("EVENTS.md");
    let section = page.split("\n## ").find(|section| section.lines().next() == Some(heading)).unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// The names in code marks in a cell.
fn names(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The fields of an event's data as its golden records show them, `?` after those that may be left out.
fn fields(name: &str, golden: &[Golden]) -> Vec<String> {
    let mut fields = BTreeMap::new();
    for golden in golden.iter().filter(|golden| golden.name == name && golden.is_of_today()) {
        let data = Fields::of(&golden.field("data"));
        for (index, field) in data.names().into_iter().enumerate() {
            let optional = Event::decode(name, golden.schema, &data.without(index)).is_ok();
            let mark = if optional { "?" } else { "" };
            fields.insert(field.to_owned(), format!("{field}{mark}"));
        }
    }
    fields.into_values().collect()
}

fn personal(name: &str) -> String {
    let of = |owner| {
        let fields = PERSONAL_FIELDS.iter().filter(|(event, _, whose)| *event == name && *whose == owner);
        let fields = Vec::from_iter(fields.map(|(_, path, _)| format!("`{path}`")));
        let whose = match owner {
            Owner::Requester => "requester",
            Owner::Actor => "actor",
            Owner::Member => "member",
            Owner::Customer => "customer",
            Owner::Account => "account",
        };
        (!fields.is_empty()).then(|| format!("{whose}: {}", fields.join(", ")))
    };
    let owners = Vec::from_iter(Owner::ALL.map(of).into_iter().flatten());
    if owners.is_empty() { "none".to_owned() } else { owners.join("; ") }
}

#[test]
fn the_page_lists_every_event_with_its_schema_version_in_the_order_of_the_code() {
    let listed =
        rows("The events").into_iter().map(|row| (names(&row[0]).remove(0), row[1].parse().unwrap()));
    let there = CONTRACT.iter().map(|(name, schema)| (name.to_string(), *schema));
    assert_eq!(Vec::<(String, u16)>::from_iter(listed), Vec::from_iter(there));
}

#[test]
fn the_page_names_the_stream_of_every_event() {
    let golden = golden();
    for row in rows("The events") {
        let name = names(&row[0]).remove(0);
        let golden = golden.iter().find(|golden| golden.name == name).unwrap();
        let stream: StreamName = serde_json::from_str(&golden.field("stream")).unwrap();
        let kind = match stream.kind() {
            StreamKind::Ticket(_) => "ticket",
            StreamKind::Sla(_) => "sla",
            StreamKind::Agent => "agent",
            StreamKind::Staff => "staff",
            StreamKind::Settings => "settings",
            StreamKind::Account => "account",
            StreamKind::Customer => "customer",
            StreamKind::Views => "views",
            StreamKind::Other => "other",
        };
        assert_eq!(row[2], kind, "{name}");
    }
}

#[test]
fn the_page_lists_every_field_and_marks_those_that_may_be_left_out() {
    let golden = golden();
    for row in rows("The events") {
        let name = names(&row[0]).remove(0);
        let mut listed = names(&row[4]);
        listed.sort();
        assert_eq!(listed, fields(&name, &golden), "{name}");
    }
}

/// Compares a list of fields with how they stand in golden records; each must stand in one of them.
#[track_caller]
fn check_order(listed: &[String], objects: &[Fields]) {
    for fields in objects {
        let there = listed.iter().filter(|name| fields.names().contains(&name.as_str()));
        assert_eq!(Vec::from_iter(there), fields.names());
    }
    for name in listed {
        assert!(objects.iter().any(|fields| fields.names().contains(&name.as_str())), "{name}");
    }
}

#[test]
fn the_page_lists_the_fields_of_an_event_in_the_order_of_the_encoding() {
    let golden = golden();
    for row in rows("The events") {
        let name = names(&row[0]).remove(0);
        let data = golden.iter().filter(|golden| golden.name == name && golden.is_of_today());
        let listed = names(&row[4]).into_iter().map(|field| field.trim_end_matches('?').to_owned());
        let data = data.map(|golden| Fields::of(&golden.field("data")));
        check_order(&Vec::from_iter(listed), &Vec::from_iter(data));
    }
}

#[test]
fn the_page_lists_every_personal_field_and_whose_it_is() {
    for row in rows("The events") {
        let name = names(&row[0]).remove(0);
        assert_eq!(row[5], personal(&name), "{name}");
    }
}

#[test]
fn the_page_lists_the_fields_of_a_record_in_the_order_of_the_encoding() {
    let records = Vec::from_iter(golden().iter().map(|golden| Fields::of(golden.text())));
    let rows = rows("The record");
    check_order(&Vec::from_iter(rows.iter().map(|row| names(&row[0]).remove(0))), &records);
    for outer in ["actor", "source", "command"] {
        let row = rows.iter().find(|row| names(&row[0]) == [outer]).unwrap();
        let inner = records.iter().filter(|record| record.names().contains(&outer));
        let inner = inner.map(|record| Fields::of(record.get(outer)));
        check_order(&names(&row[1]), &Vec::from_iter(inner));
    }
}

/// The names in code marks of the one point of docs/API.md about webhooks that begins with these words.
fn point(begins: &str) -> Vec<String> {
    let page = page("API.md");
    let section = page.split("\n## ").find(|section| section.lines().next() == Some("Webhooks")).unwrap();
    let points: Vec<&str> = section.split("\n- ").filter(|point| point.starts_with(begins)).collect();
    let [point] = points[..] else { panic!("one point under Webhooks begins with {begins:?}: {points:?}") };
    names(point)
}

#[test]
fn the_page_on_the_api_lists_the_events_that_only_internal_endpoints_are_sent() {
    let listed = point("Only an endpoint that is `internal`");
    assert_eq!(listed[0], "internal");
    assert_eq!(listed[1..], *INTERNAL_NAMES);
    // An event of which some are internal and some are not can be named by anybody.
    let (mut internal, mut whole) = (BTreeSet::new(), BTreeSet::new());
    for golden in golden().iter().filter(|golden| golden.is_of_today()) {
        let event = Event::decode(&golden.name, golden.schema, &golden.field("data")).unwrap();
        match disclosure(&event) {
            Disclosure::Internal => internal.insert(event.name()),
            Disclosure::Outside { .. } => whole.insert(event.name()),
            Disclosure::Never => continue,
        };
    }
    assert_eq!(
        internal.difference(&whole).copied().collect::<BTreeSet<_>>(),
        INTERNAL_NAMES.iter().copied().collect()
    );
    assert_eq!(Vec::from_iter(internal.intersection(&whole).copied()), ["ticket.attached"]);
}

#[test]
fn the_page_on_the_api_lists_the_fields_that_only_internal_endpoints_are_told() {
    let mut hidden = BTreeSet::new();
    for golden in golden().iter().filter(|golden| golden.is_of_today()) {
        let event = Event::decode(&golden.name, golden.schema, &golden.field("data")).unwrap();
        if let Disclosure::Outside { hidden: fields } = disclosure(&event) {
            hidden.extend(fields.iter().map(|field| vec![(*field).to_owned(), golden.name.clone()]));
        }
    }
    let listed = point("It alone is told");
    let (files, fields) = listed.split_at(2);
    assert_eq!(files, ["ticket.attached", "internal"]);
    assert_eq!(BTreeSet::from_iter(fields.chunks(2).map(<[String]>::to_vec)), hidden);
    assert_eq!(fields.len(), 2 * hidden.len(), "each once");
}
