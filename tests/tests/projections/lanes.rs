//! The queue: every ticket in exactly one lane, exact counts at any instant, the most urgent first.

use super::support::{NOW, append, empty_log, events, facts, log_of, runtime, start, wait_for_all};
use docket_core::access::Reach;
use docket_core::decider::Decider;
use docket_core::event::Event;
use docket_core::names::{StreamKind, StreamName, TicketNumber};
use docket_core::record::Origin;
use docket_core::sla::{Clock, Course, Face, Rules, Target};
use docket_core::store::EventStore;
use docket_core::ticket::{Lane, Status, Ticket, TicketDecider, TicketEvent};
use docket_core::time::{DurationMs, Timestamp};
use docket_projections::log_event::LogEvent;
use docket_projections::queue::{self, Cursor, LaneCount, QueueTicket, ROWS_PER_PAGE_MAX};
use docket_projections::runner::Projections;
use docket_tests::generator::open_tickets;
use docket_tests::random::{Random, seeds};
use std::collections::{BTreeMap, BTreeSet};

/// A ticket with its clocks, from the rules alone.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) ticket: Ticket,
    pub(crate) course: Option<Course>,
    /// Under all that was published, whenever.
    clocks: Vec<Clock>,
}

impl Known {
    /// The clock to the first response.
    pub(crate) fn first_response(&self) -> Option<&Clock> {
        self.clocks.iter().find(|clock| clock.face.target == Target::FirstResponse)
    }

    /// The clock that is shown where there is room for one.
    pub(crate) fn foremost(&self) -> Option<&Face> {
        Face::foremost(&self.clocks)
    }
}

pub(crate) fn known(events: &[LogEvent]) -> BTreeMap<TicketNumber, Known> {
    let mut tickets = BTreeMap::<TicketNumber, Known>::new();
    let mut rules = Rules::default();
    for event in events {
        if let Ok(Event::Setting(setting)) = &event.event {
            rules.take(setting);
        }
        let (Some(number), Ok(Event::Ticket(happened))) = (event.ticket(), &event.event) else { continue };
        assert_eq!(event.origin, Origin::Decided);
        let known = tickets.entry(number).or_default();
        if let TicketEvent::Opened(opened) = happened {
            known.course = Some(Course::opened(event.occurred_at, opened.priority));
        }
        if let Some(course) = &mut known.course {
            course.take(event.occurred_at, event.actor.role, happened);
        }
        known.ticket = TicketDecider::evolve(std::mem::take(&mut known.ticket), happened);
    }
    for known in tickets.values_mut() {
        known.clocks = known.course.as_ref().map(|course| course.clocks(&rules)).unwrap_or_default();
    }
    tickets
}

/// When a ticket that is waited for becomes late: after this instant.
pub(crate) fn late_after(known: &Known) -> Option<Timestamp> {
    known.foremost()?.deadline()
}

fn count_by_hand(tickets: &BTreeMap<TicketNumber, Known>, now: Timestamp) -> Vec<LaneCount> {
    let count = |lane| {
        let in_lane = || tickets.values().filter(move |known| known.ticket.lane() == lane);
        let late = in_lane().filter(|known| late_after(known).is_some_and(|at| now > at));
        LaneCount { lane, tickets: in_lane().count() as u64, late: late.count() as u64 }
    };
    Lane::ALL.map(count).to_vec()
}

/// All tickets of a lane, by pages of a size.
fn list(projections: &Projections, lane: Lane, page_size: usize) -> Vec<QueueTicket> {
    let (mut tickets, mut after) = (Vec::new(), None::<Cursor>);
    loop {
        let page = projections
            .query("queue", |connection| {
                queue::lane(connection, &Reach::Everything, lane, after, page_size, NOW)
            })
            .unwrap();
        let full = page.tickets.len() == page_size.clamp(1, ROWS_PER_PAGE_MAX);
        assert!(full || page.next.is_none(), "a page with a next one is full");
        tickets.extend(page.tickets);
        match page.next {
            Some(next) => after = Some(next),
            None => return tickets,
        }
    }
}

#[test]
fn lanes_and_late_tickets_are_counted_exactly_at_any_instant() {
    for seed in seeds([61]) {
        println!("DOCKET_SEED={seed}");
        let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
        // A backlog with many clocks running, and behind it tickets that go through all lanes.
        let mut facts = facts(seed, 1_500);
        for fact in &mut facts {
            let number = fact.stream.subject().map(|number| TicketNumber(number.0 + 1_000));
            fact.stream = match (fact.stream.kind(), number) {
                (StreamKind::Ticket(_), Some(number)) => StreamName::ticket(number),
                (StreamKind::Sla(_), Some(number)) => StreamName::sla(number),
                _ => continue,
            };
        }
        let store = log_of(&runtime, open_tickets(seed, 300).chain(facts).collect());
        let live = start(&runtime, directory.path(), &store);
        wait_for_all(&runtime, &live, *store.head().borrow());
        let tickets = known(&events(&runtime, store.as_ref()));
        let check = |now: Timestamp| {
            let counts =
                live.query("queue", |connection| queue::counts(connection, &Reach::Everything, now)).unwrap();
            assert_eq!(counts, count_by_hand(&tickets, now), "at {now}");
        };
        let mut random = Random::new(seed);
        let deadlines: Vec<Timestamp> = tickets.values().filter_map(late_after).collect();
        assert!(deadlines.len() > 150);
        for deadline in &deadlines {
            for beside in [-1, 0, 1] {
                check(deadline.plus(DurationMs(beside)));
            }
        }
        let (first, last) = (deadlines.iter().min().unwrap(), deadlines.iter().max().unwrap());
        for _ in 0..200 {
            let span = last.since(*first).0.unsigned_abs() + 7_200_000;
            check(first.plus(DurationMs(random.below(span).cast_signed() - 3_600_000)));
        }
        for edge in [Timestamp::MIN, Timestamp::MAX, Timestamp(0), NOW] {
            check(edge);
        }
    }
}

#[test]
fn from_the_last_event_on_late_means_that_the_target_is_missed() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let store = log_of(&runtime, facts(62, 1_500));
    let live = start(&runtime, directory.path(), &store);
    wait_for_all(&runtime, &live, *store.head().borrow());
    let log = events(&runtime, store.as_ref());
    let tickets = known(&log);
    let last = log.iter().map(|event| event.occurred_at).max().unwrap();
    for minutes in (1..60 * 60).step_by(97) {
        let now = last.plus(DurationMs::from_minutes(minutes));
        let late = tickets.values().filter(|known| {
            let missed = |clock: &Face| clock.deadline().is_some() && clock.missed(now).is_some();
            known.foremost().is_some_and(missed)
        });
        let counts =
            live.query("queue", |connection| queue::counts(connection, &Reach::Everything, now)).unwrap();
        assert_eq!(counts.iter().map(|count| count.late).sum::<u64>(), late.count() as u64, "at {now}");
    }
}

/// Where a ticket comes in its lane (PRODUCT section 6): the next deadline, then who waits longest.
fn place(ticket: &QueueTicket) -> (u8, i64, TicketNumber) {
    let state = &ticket.state;
    match (state.ticket.status, state.deadline()) {
        (Status::Resolved, _) => (2, -state.merged_at.or(state.resolved_at).unwrap().0, ticket.number),
        (_, Some(deadline)) => (0, deadline.0, ticket.number),
        (_, None) => (1, state.waiting_since().unwrap_or(state.updated_at).0, ticket.number),
    }
}

#[test]
fn pages_show_each_ticket_once_in_the_order_of_urgency() {
    for seed in seeds([63]) {
        println!("DOCKET_SEED={seed}");
        let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
        let store = log_of(&runtime, facts(seed, 2_000));
        let live = start(&runtime, directory.path(), &store);
        wait_for_all(&runtime, &live, *store.head().borrow());
        let tickets = known(&events(&runtime, store.as_ref()));
        let mut seen = BTreeSet::new();
        for lane in Lane::ALL {
            let whole = list(&live, lane, ROWS_PER_PAGE_MAX);
            assert!(whole.is_sorted_by_key(place), "{lane:?}");
            for ticket in &whole {
                assert!(seen.insert(ticket.number), "{} is in two lanes", ticket.number);
                let mut expected = tickets[&ticket.number].ticket.clone();
                expected.memory = docket_core::ticket::state::Memory::default();
                assert_eq!(ticket.state.ticket, expected);
                assert_eq!(ticket.state.lane(), lane);
                assert_eq!(ticket.state.deadline(), late_after(&tickets[&ticket.number]));
                let found =
                    live.query("queue", |connection| queue::ticket(connection, ticket.number)).unwrap();
                assert_eq!(found.unwrap().state, ticket.state);
            }
            let numbers = |tickets: &[QueueTicket]| tickets.iter().map(|one| one.number).collect::<Vec<_>>();
            for page_size in [1, 7, 33, 1_000] {
                assert_eq!(numbers(&list(&live, lane, page_size)), numbers(&whole), "pages of {page_size}");
            }
        }
        assert_eq!(seen, tickets.keys().copied().collect(), "every ticket is in a lane");
    }
}

#[test]
fn a_page_goes_on_after_its_cursor_although_tickets_have_moved() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let store = empty_log();
    let live = start(&runtime, directory.path(), &store);
    let head = append(&runtime, store.as_ref(), open_tickets(64, 120).collect());
    wait_for_all(&runtime, &live, head);
    let before = list(&live, Lane::New, ROWS_PER_PAGE_MAX);
    let (first, rest) = before.split_at(10);
    let page = live
        .query("queue", |connection| queue::lane(connection, &Reach::Everything, Lane::New, None, 10, NOW))
        .unwrap();
    // The ticket that the cursor stands on leaves the lane, and so does one that has not been shown yet.
    for number in [first[9].number, rest[3].number] {
        let data = r#"{"to":"ines"}"#;
        let head = append(
            &runtime,
            store.as_ref(),
            vec![super::support::raw_fact(number.0, "ticket.assigned", 1, data)],
        );
        wait_for_all(&runtime, &live, head);
    }
    let next = live
        .query("queue", |connection| {
            queue::lane(connection, &Reach::Everything, Lane::New, page.next, 200, NOW)
        })
        .unwrap();
    let mut expected: Vec<TicketNumber> = rest.iter().map(|ticket| ticket.number).collect();
    expected.remove(3);
    assert_eq!(next.tickets.iter().map(|ticket| ticket.number).collect::<Vec<_>>(), expected);
}

#[test]
fn an_empty_queue_has_four_lanes_without_tickets() {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let live = start(&runtime, directory.path(), &empty_log());
    for status in live.statuses() {
        let mut watch = live.watch(status.name).unwrap();
        super::left::wait_until(&runtime, &mut watch, |status| status.checkpoint.is_some());
    }
    for lane in Lane::ALL {
        let page = live
            .query("queue", |connection| queue::lane(connection, &Reach::Everything, lane, None, 50, NOW))
            .unwrap();
        assert!(page.tickets.is_empty() && page.next.is_none());
        assert_eq!(page.counts, count_by_hand(&BTreeMap::new(), NOW));
    }
    assert!(live.query("queue", |connection| queue::ticket(connection, TicketNumber(1))).unwrap().is_none());
    let beyond = TicketNumber(u64::MAX);
    assert!(live.query("queue", |connection| queue::ticket(connection, beyond)).unwrap().is_none());
    assert_eq!(live.query("queue", queue::highest_number).unwrap(), None);
}
