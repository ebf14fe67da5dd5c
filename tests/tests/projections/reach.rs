//! What is out of reach is neither listed nor counted (promise S1): the queue held against `Reach::sees`.

use super::lanes::{Known, known, late_after};
use super::support::{NOW, events, facts, log_of, runtime, start, wait_for_all};
use docket_core::access::Reach;
use docket_core::names::{ActorId, Slug, TicketNumber};
use docket_core::store::EventStore;
use docket_core::ticket::Lane;
use docket_core::time::{DurationMs, Timestamp};
use docket_projections::queue::{self, LaneCount};
use docket_projections::runner::Projections;
use docket_tests::generator::open_tickets;
use docket_tests::random::{Random, seeds};
use std::collections::{BTreeMap, BTreeSet};

type Tickets = BTreeMap<TicketNumber, Known>;

/// Everybody that a log names, and a stranger.
struct People {
    teams: Vec<Slug>,
    assignees: Vec<ActorId>,
    requesters: Vec<ActorId>,
}

impl People {
    fn of(tickets: &Tickets) -> Self {
        let stranger = ActorId::new("stranger").unwrap();
        let all = || tickets.values().map(|known| &known.ticket);
        let distinct = |ids: BTreeSet<ActorId>| ids.into_iter().chain([stranger.clone()]).collect();
        let teams: BTreeSet<Slug> = all().filter_map(|ticket| ticket.team.clone()).collect();
        Self {
            teams: teams.into_iter().chain([Slug::new("nowhere").unwrap()]).collect(),
            assignees: distinct(all().filter_map(|ticket| ticket.assignee.clone()).collect()),
            requesters: distinct(all().filter_map(|ticket| ticket.requester.clone()).collect()),
        }
    }

    fn reach(&self, random: &mut Random) -> Reach {
        match random.below(20) {
            0 => Reach::Everything,
            1 => Reach::Nothing,
            2..7 => Reach::Own { requester: self.requesters[random.index(self.requesters.len())].clone() },
            _ => Reach::Teams {
                me: self.assignees[random.index(self.assignees.len())].clone(),
                teams: self.teams.iter().filter(|_| random.chance(35)).cloned().collect(),
            },
        }
    }
}

fn count_by_hand(tickets: &Tickets, reach: &Reach, now: Timestamp) -> Vec<LaneCount> {
    let count = |lane| {
        let seen = tickets.values().filter(|known| known.ticket.lane() == lane && reach.sees(&known.ticket));
        let (mut all, mut late) = (0, 0);
        for known in seen {
            all += 1;
            late += u64::from(late_after(known).is_some_and(|at| now > at));
        }
        LaneCount { lane, tickets: all, late }
    };
    Lane::ALL.map(count).to_vec()
}

fn list(live: &Projections, reach: &Reach, lane: Lane, limit: usize) -> Vec<TicketNumber> {
    let (mut numbers, mut after) = (Vec::new(), None);
    loop {
        let page = live.query("queue", |queue| queue::lane(queue, reach, lane, after, limit, NOW)).unwrap();
        assert!(page.next.is_none() || page.tickets.len() == limit, "a page with a next one is full");
        numbers.extend(page.tickets.iter().map(|ticket| ticket.number));
        match page.next {
            Some(next) => after = Some(next),
            None => return numbers,
        }
    }
}

/// A log with tickets in all lanes, some of no team, and the read models over it.
fn desk(seed: u64) -> (tokio::runtime::Runtime, tempfile::TempDir, Projections, Tickets) {
    let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
    let mut facts = facts(seed, 2_000);
    let opened = facts.iter().filter_map(|fact| fact.stream.subject()).max().unwrap().0;
    facts.extend(open_tickets(seed, 250).map(|mut fact| {
        if let docket_core::names::StreamKind::Ticket(number) = fact.stream.kind() {
            fact.stream = docket_core::names::StreamName::ticket(TicketNumber(number.0 + opened));
        }
        fact
    }));
    for number in 1..=10 {
        facts.push(super::support::raw_fact(opened + 25 * number, "ticket.team_changed", 1, "{}"));
    }
    let store = log_of(&runtime, facts);
    let live = start(&runtime, directory.path(), &store);
    wait_for_all(&runtime, &live, *store.head().borrow());
    let tickets = known(&events(&runtime, store.as_ref()));
    assert!(tickets.values().any(|known| known.ticket.team.is_none()));
    (runtime, directory, live, tickets)
}

#[test]
fn whoever_asks_is_shown_and_told_the_number_of_what_is_within_reach_and_of_nothing_else() {
    for seed in seeds([91]) {
        println!("DOCKET_SEED={seed}");
        let (_runtime, _directory, live, tickets) = desk(seed);
        let people = People::of(&tickets);
        let mut random = Random::new(seed);
        let deadlines: Vec<Timestamp> = tickets.values().filter_map(late_after).collect();
        for _ in 0..60 {
            let reach = people.reach(&mut random);
            for _ in 0..8 {
                let beside = DurationMs(random.below(7_200_000).cast_signed() - 3_600_000);
                let deadline = deadlines[random.index(deadlines.len())];
                for now in [deadline, deadline.plus(DurationMs(1)), deadline.plus(beside)] {
                    let counts = live.query("queue", |queue| queue::counts(queue, &reach, now)).unwrap();
                    assert_eq!(counts, count_by_hand(&tickets, &reach, now), "{reach:?} at {now}");
                }
            }
            for lane in Lane::ALL {
                let whole = list(&live, &reach, lane, 200);
                let everything = list(&live, &Reach::Everything, lane, 200);
                let expected: Vec<TicketNumber> =
                    everything.into_iter().filter(|number| reach.sees(&tickets[number].ticket)).collect();
                assert_eq!(whole, expected, "{reach:?} {lane:?}");
                let limit = 1 + random.index(30);
                assert_eq!(list(&live, &reach, lane, limit), whole, "{reach:?} {lane:?} by {limit}");
            }
        }
    }
}
