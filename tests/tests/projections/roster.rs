//! The roster, held against a plain fold of the log: loads, who has what, and what waits.

use super::support::{events, facts, log_of, runtime, start, wait_for_all};
use docket_core::decider::Decider;
use docket_core::event::Event;
use docket_core::names::{ActorId, TicketNumber};
use docket_core::record::Origin;
use docket_core::routing::is_up;
use docket_core::settings::policy::ByPriority;
use docket_core::store::EventStore;
use docket_core::ticket::event::Priority;
use docket_core::ticket::{Ticket, TicketDecider, TicketEvent};
use docket_projections::log_event::LogEvent;
use docket_projections::roster::{Waiting, next_of_pool, on_hands, pools, present, undecided};
use docket_tests::random::seeds;
use std::collections::{BTreeMap, BTreeSet};

/// More than any log in here holds.
const ALL: usize = 100_000;

fn numbers(found: Vec<Waiting>) -> BTreeSet<TicketNumber> {
    found.into_iter().map(|found| found.number).collect()
}

/// Each ticket as its past made it, and whether it is Docket's to route.
fn by_hand(log: &[LogEvent]) -> BTreeMap<TicketNumber, (Ticket, bool)> {
    let mut tickets: BTreeMap<TicketNumber, (Ticket, bool)> = BTreeMap::new();
    for event in log {
        let (Some(number), Ok(Event::Ticket(known))) = (event.ticket(), &event.event) else { continue };
        let (ticket, is_ours) = tickets.entry(number).or_default();
        *ticket = TicketDecider::evolve(std::mem::take(ticket), known);
        let puts_up =
            matches!(known, TicketEvent::Opened(_) | TicketEvent::Escalated(_) | TicketEvent::Offered(_));
        *is_ours |= puts_up && event.origin == Origin::Decided;
    }
    tickets
}

#[test]
fn loads_are_exact_and_every_ticket_that_waits_is_found_once() {
    let (mut loaded, mut waited, mut in_pools) = (0, 0, 0);
    // Of different lengths, since each ends with other tickets under way.
    for (seed, length) in
        seeds([11, 12]).into_iter().flat_map(|seed| [400, 900, 2000].map(|length| (seed, length)))
    {
        println!("DOCKET_SEED={seed}");
        let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
        let store = log_of(&runtime, facts(seed, length));
        let live = start(&runtime, directory.path(), &store);
        wait_for_all(&runtime, &live, *store.head().borrow());
        let log = events(&runtime, store.as_ref());
        let tickets = by_hand(&log);
        let people: BTreeSet<ActorId> =
            tickets.values().filter_map(|(ticket, _)| ticket.assignee.clone()).collect();
        for id in &people {
            let mut held = ByPriority { urgent: 0, high: 0, normal: 0, low: 0 };
            let theirs = tickets.iter().filter(|(_, (ticket, _))| ticket.burden() == Some(id));
            let theirs: BTreeSet<TicketNumber> = theirs.map(|(number, _)| *number).collect();
            for number in &theirs {
                *held.of_mut(tickets[number].0.priority.unwrap_or(Priority::Normal)) += 1;
            }
            loaded += theirs.len();
            let found = live.query("roster", |roster| present(roster, id)).unwrap();
            assert_eq!((&found.agent.id, &found.held), (id, &held));
            let hands = live.query("roster", |roster| on_hands(roster, id, None, ALL)).unwrap();
            assert_eq!(numbers(hands), theirs);
        }
        let up = tickets.iter().filter(|(_, (ticket, is_ours))| *is_ours && is_up(ticket));
        let up: BTreeSet<TicketNumber> = up.map(|(number, _)| *number).collect();
        for version in [1, 2] {
            let new = live.query("roster", |roster| undecided(roster, version, ALL)).unwrap();
            let mut found = numbers(new.clone());
            assert_eq!(found.len(), new.len(), "each once");
            for pool in live.query("roster", pools).unwrap() {
                let waiting = live.query("roster", |roster| next_of_pool(roster, pool, ALL)).unwrap();
                assert!(!waiting.is_empty(), "a pool that is counted has somebody in it");
                let since: Vec<_> = waiting.iter().map(|found| (found.row.since, found.number)).collect();
                assert!(since.is_sorted(), "who waits longest comes first");
                in_pools += waiting.len();
                for Waiting { number, row } in waiting {
                    let is_of_version = row.decided.as_ref().unwrap().version == version;
                    assert_eq!(found.insert(number), is_of_version, "{number}");
                }
            }
            assert_eq!(found, up);
        }
        waited += up.len();
    }
    assert!(loaded > 0 && waited > 0 && in_pools > 0, "{loaded} {waited} {in_pools}");
}
