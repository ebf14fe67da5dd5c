//! What a made-up log promises: the same for the same seed, and shaped like a real one.

use super::*;
use docket_core::clock::ManualClock;
use docket_core::decider::Decider;
use docket_core::event::Event;
use docket_core::names::{GlobalPosition, StreamKind};
use docket_core::record::StoredRecord;
use docket_core::store::memory::MemoryStore;
use docket_core::ticket::{Lane, Ticket, TicketDecider};
use std::collections::BTreeMap;
use std::sync::Arc;

const EVENTS: usize = 20_000;

fn stored(facts: impl IntoIterator<Item = Fact>) -> Vec<StoredRecord> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let store = MemoryStore::new(Arc::new(ManualClock::at(BEGAN_AT)));
        fill(&store, facts).await.unwrap();
        let mut records = Vec::new();
        loop {
            let after = GlobalPosition(records.len() as u64);
            let page = store.read_all(after, EVENTS_PER_APPEND_MAX).await.unwrap();
            if page.is_empty() {
                return records;
            }
            records.extend(page);
        }
    })
}

fn tickets(facts: impl IntoIterator<Item = Fact>) -> BTreeMap<TicketNumber, (usize, Ticket)> {
    let mut tickets = BTreeMap::<TicketNumber, (usize, Ticket)>::new();
    for Fact { stream, event } in facts {
        let StreamKind::Ticket(number) = stream.kind() else { continue };
        let encoded = event.event;
        let Ok(Event::Ticket(event)) = Event::decode(encoded.name, encoded.schema, &encoded.data) else {
            panic!("{encoded:?} on {stream}");
        };
        let (events, ticket) = tickets.entry(number).or_default();
        *events += 1;
        *ticket = TicketDecider::evolve(std::mem::take(ticket), &event);
    }
    tickets
}

fn in_lane(tickets: &BTreeMap<TicketNumber, (usize, Ticket)>, lane: Lane) -> usize {
    tickets.values().filter(|(_, ticket)| ticket.lane() == lane).count()
}

#[test]
fn the_same_seed_makes_the_same_bytes_and_another_seed_others() {
    let log = |seed| stored(Generator::new(Shape::seeded(seed)).take(2_000));
    assert_eq!(log(7), log(7));
    assert_ne!(log(7), log(8));
    let backlog = |seed| stored(open_tickets(seed, 300));
    assert_eq!(backlog(7), backlog(7));
    assert_ne!(backlog(7), backlog(8));
}

#[test]
fn a_ticket_has_about_seventeen_events_and_some_are_left_in_every_lane() {
    let log = stored(Generator::new(Shape::seeded(1)).take(EVENTS));
    assert_eq!(log.len(), EVENTS, "no two events share an id");
    let tickets = tickets(Generator::new(Shape::seeded(1)).take(EVENTS));
    let each = EVENTS / tickets.len();
    assert!((14..=20).contains(&each), "{each} events per ticket");
    for lane in [Lane::New, Lane::Open, Lane::Pending] {
        assert!(in_lane(&tickets, lane) >= 10, "{} in {lane:?}", in_lane(&tickets, lane));
    }
    assert!(in_lane(&tickets, Lane::Resolved) > tickets.len() / 2);
}

#[test]
fn every_kind_of_event_on_a_ticket_comes_up_but_those_of_imports() {
    let mut missing: Vec<&str> = docket_core::event::CONTRACT.iter().map(|(name, _)| *name).collect();
    // Tickets are what the log is about; who works here, who asks and what is configured is decided elsewhere.
    let of_tickets = ["ticket.", "sla.", "source.", "agent."];
    missing.retain(|name| of_tickets.iter().any(|group| name.starts_with(group)));
    for fact in Generator::new(Shape::seeded(3)).take(EVENTS) {
        missing.retain(|name| *name != fact.event.event.name);
    }
    assert_eq!(missing, ["source.recorded"]);
}

#[test]
fn tickets_are_worked_on_side_by_side() {
    let mut last = BTreeMap::new();
    let (mut apart, mut steps) = (0, 0);
    for (position, fact) in Generator::new(Shape::seeded(5)).take(EVENTS).enumerate() {
        let StreamKind::Ticket(number) = fact.stream.kind() else { continue };
        if let Some(before) = last.insert(number, position) {
            apart += position - before;
            steps += 1;
        }
    }
    let apart = apart / steps;
    assert!((50..=250).contains(&apart), "{apart} events lie between two of a ticket");
}

#[test]
fn messages_are_as_long_as_asked_for() {
    for wanted in [120, 320, 1500] {
        let shape = Shape { message_bytes: wanted, ..Shape::seeded(9) };
        let (mut messages, mut bytes) = (0, 0);
        for fact in Generator::new(shape).take(5_000) {
            if fact.event.event.name == "ticket.replied" {
                messages += 1;
                bytes += fact.event.event.data.len() - 60;
            }
        }
        let mean = bytes / messages;
        assert!((wanted * 3 / 4..=wanted * 5 / 4).contains(&mean), "{mean} instead of {wanted}");
    }
}

#[test]
fn a_backlog_is_open_with_one_to_three_events_each() {
    let tickets = tickets(open_tickets(11, 1_000));
    assert_eq!(tickets.len(), 1_000);
    assert!(tickets.values().all(|(events, _)| (1..=3).contains(events)));
    assert_eq!(in_lane(&tickets, Lane::Resolved), 0);
    for lane in [Lane::New, Lane::Open, Lane::Pending] {
        assert!(in_lane(&tickets, lane) >= 50, "{lane:?}");
    }
}

#[test]
fn a_conversation_has_the_messages_asked_for() {
    let tickets = tickets(conversation(13, TicketNumber(42), 20));
    let (_, ticket) = &tickets[&TicketNumber(42)];
    assert_eq!(ticket.memory.messages.len(), 20);
}

#[test]
fn tickets_are_worked_on_in_the_shares_that_the_benchmarks_name() {
    let mut counts = BTreeMap::<&str, usize>::new();
    for fact in Generator::new(Shape::seeded(2)).take(2 * EVENTS) {
        *counts.entry(fact.event.event.name).or_default() += 1;
    }
    let of_100 = |name: &str| counts.get(name).map_or(0, |count| count * 100 / counts["ticket.opened"]);
    for (name, share) in [
        ("ticket.routed", 50..95),
        ("ticket.template_used", 35..60),
        ("ticket.attached", 35..65),
        ("ticket.tags_changed", 20..40),
        ("ticket.confirmed", 15..32),
        ("ticket.rated", 13..30),
        ("ticket.acknowledged", 14..30),
        ("ticket.merged", 2..6),
    ] {
        assert!(share.contains(&of_100(name)), "{name}: {} of a hundred tickets", of_100(name));
    }
}
