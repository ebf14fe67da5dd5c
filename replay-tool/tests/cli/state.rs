//! A ticket and the queue as they were equal a plain fold of the log to that moment.

use crate::support::{Place, TWO_TICKETS, plain, with_sample};
use docket_core::decider::Decider;
use docket_core::event::Event;
use docket_core::names::{GlobalPosition, StreamKind, StreamName};
use docket_core::store::data_dir::DataDir;
use docket_core::ticket::{Ticket, TicketDecider};
use docket_replay::log::{Log, decode};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn filled() -> Place {
    let place = Place::new();
    place.import(plain(&TWO_TICKETS)).ends_with(0);
    place
}

/// All tickets up to a position, by the rules of the core alone.
fn fold(place: &Place, position: u64) -> BTreeMap<u64, Ticket> {
    let log = Log::to_read(&DataDir::at(place.data())).unwrap();
    let mut tickets: BTreeMap<u64, Ticket> = BTreeMap::new();
    log.scan(GlobalPosition::START, GlobalPosition(position), |record| {
        let recorded = decode(record)?;
        let stream = StreamName::new(&recorded.stream).unwrap();
        if let (StreamKind::Ticket(number), Event::Ticket(event)) = (stream.kind(), recorded.event().unwrap())
        {
            let ticket = tickets.remove(&number.0).unwrap_or_else(TicketDecider::initial);
            tickets.insert(number.0, TicketDecider::evolve(ticket, &event));
        }
        Ok(())
    })
    .unwrap();
    tickets
}

fn counted(lanes: &Value) -> BTreeMap<String, u64> {
    let lane = |lane: &Value| (lane["lane"].as_str().unwrap().to_owned(), lane["tickets"].as_u64().unwrap());
    lanes.as_array().unwrap().iter().map(lane).collect()
}

#[test]
fn queue_and_tickets_at_a_position_are_those_of_a_fold_to_it() {
    let place = with_sample();
    for position in [0, 1, 500, 4_000, 10_801] {
        let at = position.to_string();
        let tickets = fold(&place, position);
        let queue = place.run(&["state", "--at", &at, "--json"]).ends_with(0).json();
        assert_eq!(queue["position"], position);
        let mut expected: BTreeMap<String, u64> =
            ["new", "open", "pending", "resolved"].map(|lane| (lane.to_owned(), 0)).into();
        for ticket in tickets.values() {
            *expected.get_mut(ticket.lane().as_str()).unwrap() += 1;
        }
        assert_eq!(counted(&queue["lanes"]), expected);
        let numbers: Vec<u64> = tickets.keys().copied().collect();
        for number in [numbers.get(numbers.len() / 2), numbers.last()].into_iter().flatten() {
            let shown = place.run(&["state", &number.to_string(), "--at", &at, "--json"]).ends_with(0).json();
            let folded = serde_json::to_value(&tickets[number]).unwrap();
            assert_eq!(shown["ticket"]["state"]["ticket"], folded, "ticket {number} at {position}");
            assert_eq!(shown["ticket"]["lane"], tickets[number].lane().as_str());
        }
    }
}

#[test]
fn the_lanes_list_every_ticket_once() {
    let place = with_sample();
    let position = 5_000;
    let mut listed = Vec::new();
    for lane in ["new", "open", "pending", "resolved"] {
        let words = ["state", "--at", "5000", "--lane", lane, "--limit", "1000", "--json"];
        let queue = place.run(&words).ends_with(0).json();
        let rows = queue["tickets"].as_array().unwrap();
        assert_eq!(rows.len() as u64, counted(&queue["lanes"])[lane]);
        assert!(rows.iter().all(|row| row["lane"] == lane));
        listed.extend(rows.iter().map(|row| row["number"].as_u64().unwrap()));
    }
    listed.sort_unstable();
    assert_eq!(listed, fold(&place, position).into_keys().collect::<Vec<_>>());
}

#[test]
fn a_ticket_is_shown_as_it_was_at_any_position() {
    let place = filled();
    let at = |position: &str| {
        let shown = place.run(&["state", "1", "--at", position, "--json"]).ends_with(0).json();
        let ticket = &shown["ticket"]["state"]["ticket"];
        (ticket["status"].clone(), ticket["assignee"].clone(), ticket["cycle"].clone())
    };
    assert_eq!(at("1"), (json!("new"), json!(null), json!(1)));
    assert_eq!(at("2"), (json!("open"), json!("ines"), json!(1)));
    assert_eq!(at("4"), (json!("resolved"), json!("ines"), json!(1)));
    assert_eq!(at("6"), (json!("open"), json!("ines"), json!(2)));
    place.run(&["state", "1"]).ends_with(0).says("position 6");
}

#[test]
fn a_ticket_of_what_had_occurred_is_as_it_was_then() {
    let place = filled();
    let words = ["state", "1", "--occurred", "--json", "--at", "2026-01-05T23:00:00Z"];
    let shown = place.run(&words).ends_with(0).json();
    assert_eq!(shown["ticket"]["lane"], "resolved");
    assert_eq!(shown["evaluated_at"], "2026-01-05T23:00:00Z");
}

#[test]
fn what_is_late_is_judged_at_the_moment_asked_about() {
    let place = Place::new();
    place.import(plain(&["A,0,2026-01-05T09:00:00Z,created,ana,,new,1"])).ends_with(0);
    let late = |at: &str| {
        let queue = place.run(&["state", "--occurred", "--json", "--at", at]).ends_with(0).json();
        queue["lanes"][0]["late"].clone()
    };
    assert_eq!(late("2026-01-06T09:00:00Z"), 0, "a target is met up to the last instant");
    assert_eq!(late("2026-01-06T09:00:00.001Z"), 1);
}

#[test]
fn a_ticket_that_was_not_there_is_told() {
    let place = filled();
    place.run(&["state", "2", "--at", "2"]).ends_with(2).says("there was no ticket 2 at position 2");
    place.run(&["state", "18446744073709551615"]).ends_with(2).says("there was no ticket");
    place.run(&["state", "A"]).ends_with(2).says("invalid");
}

#[test]
fn a_lane_that_there_is_not_is_told() {
    let place = filled();
    place.run(&["state", "--lane", "closed"]).ends_with(2).says("use new, open, pending or resolved");
    place.run(&["state", "1", "--lane", "new"]).ends_with(2).says("cannot be used with");
}

#[test]
fn the_same_question_gives_the_same_bytes() {
    let place = filled();
    let ask = || place.run(&["state", "--at", "5", "--json"]).ends_with(0).text;
    assert_eq!(ask(), ask());
}
