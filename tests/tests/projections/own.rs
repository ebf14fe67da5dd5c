//! What customers see (promise S1): their own tickets, and what was said in them, held against a plain fold of the log.

use super::lanes::known;
use super::support::{events, facts, log_of, runtime, start, wait_for_all};
use docket_core::access::Reach;
use docket_core::event::Event;
use docket_core::names::{ActorId, GlobalPosition, Slug, TicketNumber};
use docket_core::store::EventStore;
use docket_core::ticket::TicketEvent;
use docket_projections::log_event::LogEvent;
use docket_projections::queue;
use docket_projections::runner::Projections;
use docket_projections::timeline;
use docket_tests::random::{Random, seeds};
use std::collections::BTreeSet;

fn own(live: &Projections, requester: &ActorId, limit: usize) -> Vec<TicketNumber> {
    let (mut numbers, mut before) = (Vec::new(), None);
    loop {
        let page = live.query("queue", |queue| queue::own(queue, requester, before, limit)).unwrap();
        assert!(page.next.is_none() || page.tickets.len() == limit, "a page with a next one is full");
        numbers.extend(page.tickets.iter().map(|ticket| ticket.number));
        match page.next {
            Some(next) => before = Some(next),
            None => return numbers,
        }
    }
}

fn said(live: &Projections, number: TicketNumber, limit: usize) -> Vec<GlobalPosition> {
    let (mut positions, mut after) = (Vec::new(), GlobalPosition::START);
    loop {
        let read = |timeline: &_| timeline::said(timeline, number, after, limit);
        let (_, page) = live.query("timeline", read).unwrap();
        assert!(page.entries.len() <= limit);
        positions.extend(page.entries.iter().map(|entry| entry.position));
        let Some(next) = page.next else { return positions };
        assert_eq!(positions.last(), Some(&next));
        after = next;
    }
}

fn said_by_hand(log: &[LogEvent], number: TicketNumber) -> Vec<GlobalPosition> {
    let is_said = |event: &&LogEvent| match &event.event {
        Ok(Event::Ticket(happened)) => match happened {
            TicketEvent::Opened(_)
            | TicketEvent::Replied(_)
            | TicketEvent::CustomerReplied(_)
            | TicketEvent::Forwarded(_)
            | TicketEvent::ConfirmationRefused(_) => true,
            TicketEvent::Attached(attached) => !attached.internal,
            TicketEvent::Assigned(_)
            | TicketEvent::Reassigned(_)
            | TicketEvent::Unassigned(_)
            | TicketEvent::TeamChanged(_)
            | TicketEvent::PriorityChanged(_)
            | TicketEvent::CategoryChanged(_)
            | TicketEvent::Noted(_)
            | TicketEvent::SetPending(_)
            | TicketEvent::SetOpen(_)
            | TicketEvent::Escalated(_)
            | TicketEvent::Resolved(_)
            | TicketEvent::Reopened(_)
            | TicketEvent::Sealed(_)
            | TicketEvent::Routed(_)
            | TicketEvent::Offered(_)
            | TicketEvent::TemplateUsed(_)
            | TicketEvent::TagsChanged(_)
            | TicketEvent::FieldChanged(_)
            | TicketEvent::Followed(_)
            | TicketEvent::Unfollowed(_)
            | TicketEvent::Linked(_)
            | TicketEvent::Unlinked(_)
            | TicketEvent::Snoozed(_)
            | TicketEvent::Woken(_)
            | TicketEvent::Merged(_)
            | TicketEvent::Unmerged(_)
            | TicketEvent::Absorbed(_)
            | TicketEvent::Parted(_)
            | TicketEvent::Acknowledged(_)
            | TicketEvent::Returned(_)
            | TicketEvent::Confirmed(_)
            | TicketEvent::Rated(_)
            | TicketEvent::SourceRecorded(_) => false,
        },
        Ok(_) | Err(_) => false,
    };
    let of_ticket = log.iter().filter(|event| event.ticket() == Some(number)).filter(is_said);
    of_ticket.map(|event| event.position).collect()
}

#[test]
fn customers_see_their_own_tickets_the_newest_first_and_what_was_said_in_them() {
    for seed in seeds([17]) {
        println!("DOCKET_SEED={seed}");
        let (runtime, directory, mut random) = (runtime(), tempfile::tempdir().unwrap(), Random::new(seed));
        let store = log_of(&runtime, facts(seed, 3_000));
        let live = start(&runtime, directory.path(), &store);
        wait_for_all(&runtime, &live, *store.head().borrow());
        let log = events(&runtime, store.as_ref());
        let tickets = known(&log);
        let requesters: BTreeSet<ActorId> =
            tickets.values().filter_map(|known| known.ticket.requester.clone()).collect();
        assert!(requesters.len() > 10);
        for requester in &requesters {
            let asked =
                tickets.iter().filter(|(_, known)| known.ticket.requester.as_ref() == Some(requester));
            let mut expected: Vec<TicketNumber> = asked.map(|(number, _)| *number).collect();
            expected.reverse();
            assert_eq!(own(&live, requester, 200), expected, "{requester}");
            assert_eq!(own(&live, requester, 1 + random.index(3)), expected, "{requester}");
        }
        assert_eq!(own(&live, &ActorId::new("stranger").unwrap(), 200), []);
        for number in tickets.keys() {
            let expected = said_by_hand(&log, *number);
            assert_eq!(said(&live, *number, 1 + random.index(4)), expected, "{number}");
        }
    }
}

#[test]
fn a_customer_is_known_to_whoever_sees_all_that_they_have_asked_for() {
    for seed in seeds([18]) {
        println!("DOCKET_SEED={seed}");
        let (runtime, directory, mut random) = (runtime(), tempfile::tempdir().unwrap(), Random::new(seed));
        let store = log_of(&runtime, facts(seed, 2_000));
        let live = start(&runtime, directory.path(), &store);
        wait_for_all(&runtime, &live, *store.head().borrow());
        let tickets = known(&events(&runtime, store.as_ref()));
        let teams: BTreeSet<Slug> = tickets.values().filter_map(|known| known.ticket.team.clone()).collect();
        let mut requesters: BTreeSet<ActorId> =
            tickets.values().filter_map(|known| known.ticket.requester.clone()).collect();
        requesters.insert(ActorId::new("stranger").unwrap());
        let mut outcomes = BTreeSet::new();
        for requester in &requesters {
            let mine = teams.iter().filter(|_| random.chance(60)).cloned().collect();
            let some = Reach::Teams { me: ActorId::new("nobody").unwrap(), teams: mine };
            for reach in [some, Reach::Everything, Reach::Nothing] {
                let asked =
                    || tickets.values().filter(|known| known.ticket.requester.as_ref() == Some(requester));
                let expected = asked().count() > 0 && asked().all(|known| reach.sees(&known.ticket));
                let knows = live.query("queue", |queue| queue::knows(queue, &reach, requester)).unwrap();
                assert_eq!(knows, expected, "{requester} {reach:?}");
                outcomes.insert((matches!(reach, Reach::Teams { .. }), knows));
            }
        }
        assert_eq!(outcomes.len(), 4, "{outcomes:?}");
    }
}
