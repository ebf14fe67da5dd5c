//! How journeys add up, and in which order the figures are shown.

use super::*;
use crate::metrics::journey::Occurrence;

fn occurrence(name: &str, count: u64, first: u64) -> Occurrence {
    Occurrence { name: name.into(), count, first: GlobalPosition(first) }
}

fn journey(first: u64, state: &str, category: &str, resolution_s: i64) -> Journey {
    Journey {
        first_position: GlobalPosition(first),
        created_at: Some(Timestamp(0)),
        first_resolved_at: Some(Timestamp(resolution_s * 1000)),
        final_done_at: Some(Timestamp(resolution_s * 1000)),
        state: state.into(),
        category: category.into(),
        types: vec![occurrence("created", 1, first), occurrence("resolved", 1, first + 1)],
        ..Journey::default()
    }
}

fn reference(journeys: &[Journey]) -> serde_json::Value {
    let mut gathering = Gathering::default();
    journeys.iter().for_each(|journey| gathering.add(journey));
    serde_json::to_value(gathering.reference()).unwrap()
}

fn keys(json: &str, names: &[&str]) {
    let places: Vec<_> = names.iter().map(|name| json.find(&format!("\"{name}\"")).unwrap()).collect();
    assert!(places.is_sorted(), "{names:?} in {json}");
}

#[test]
fn an_empty_log_has_every_key_and_no_figures() {
    let figures = reference(&[]);
    assert_eq!(figures.as_object().unwrap().len(), 28);
    assert_eq!(figures["tickets"], 0);
    assert_eq!(figures["first_resolution_time"], serde_json::json!({ "n": 0 }));
    assert_eq!(figures["events_by_type"], serde_json::json!({}));
}

#[test]
fn groups_come_by_number_then_by_label_and_tickets_without_a_label_are_one() {
    let mut gathering = Gathering::default();
    for (index, category) in ["b", "", "a", "é", "é", ""].into_iter().enumerate() {
        gathering.add(&journey(index as u64 * 10 + 1, "closed", category, 60));
    }
    let json = serde_json::to_string(&gathering.reference().final_resolution_time_by_category).unwrap();
    keys(&json, &["(none)", "é", "a", "b"]);
}

#[test]
fn ties_go_to_what_came_up_first_whatever_the_order_of_gathering() {
    let mut journeys =
        vec![journey(1, "closed", "", 1), journey(11, "open", "", 1), journey(21, "new", "", 1)];
    let figures = |journeys: &[Journey]| {
        let mut gathering = Gathering::default();
        journeys.iter().for_each(|journey| gathering.add(journey));
        serde_json::to_string(&gathering.reference()).unwrap()
    };
    let forward = figures(&journeys);
    keys(&forward, &["closed", "open", "new"]);
    journeys.reverse();
    assert_eq!(figures(&journeys), forward);
}

#[test]
fn the_busiest_are_twenty_and_the_full_list_has_all() {
    let mut gathering = Gathering::default();
    for index in 0..25_u64 {
        let mut one = journey(index * 10 + 1, "closed", "", 5);
        let name = format!("agent {index}");
        one.resolvers = vec![occurrence(&name, 1 + u64::from(index == 24), index * 10 + 2)];
        one.last_resolver = Some(name.into());
        gathering.add(&one);
    }
    assert_eq!(gathering.resolvers().len(), 25);
    let busiest = gathering.reference().resolved_events_by_actor;
    assert_eq!((busiest.actors, busiest.top20.len()), (25, 20));
    assert_eq!(busiest.top20[0], ("agent 24".into(), 2));
    assert_eq!(busiest.top20[1], ("agent 0".into(), 1));
}

#[test]
fn histograms_are_in_numeric_order() {
    let mut gathering = Gathering::default();
    for count in [10, 2, 0] {
        let mut one = journey(1, "closed", "", 5);
        one.types.push(occurrence("reopened", count, 3));
        gathering.add(&one);
    }
    let json = serde_json::to_string(&gathering.reference().reopens_per_ticket).unwrap();
    assert_eq!(json, r#"{"0":1,"2":1,"10":1}"#);
}

#[test]
fn a_row_has_a_cell_for_every_column_and_whole_seconds() {
    let mut one = journey(1, "closed", "Billing, refunds", 60);
    one.created_at = Some(Timestamp(1_456_737_600_999));
    let row = ticket_row(TicketNumber(17), &one);
    assert_eq!(row.len(), TICKET_COLUMNS.len());
    assert_eq!((row[0].as_str(), row[1].as_str()), ("17", "2016-02-29T09:20:00Z"));
    one.case = Some("INC0000116".into());
    assert_eq!(ticket_row(TicketNumber(17), &one)[0], "INC0000116");
}
