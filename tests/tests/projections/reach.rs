//! What is out of reach is neither listed nor counted (promise S1): the queue held against `Reach::sees`.

use super::lanes::{Known, known, late_after};
use super::support::{NOW, events, facts, log_of, runtime, start, wait_for_all};
use docket_core::access::Reach;
use docket_core::filter::{Facts, Filter, parse_filter};
use docket_core::names::{ActorId, Slug, TicketNumber};
use docket_core::store::EventStore;
use docket_core::store::memory::MemoryStore;
use docket_core::ticket::Lane;
use docket_core::time::{DurationMs, Timestamp};
use docket_projections::queue::{self, LaneCount, Matching, QueueTicket, Wanted};
use docket_projections::runner::Projections;
use docket_tests::generator::open_tickets;
use docket_tests::random::{Random, seeds};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) type Tickets = BTreeMap<TicketNumber, Known>;

/// Everybody that a log names, and a stranger.
pub(crate) struct People {
    teams: Vec<Slug>,
    assignees: Vec<ActorId>,
    requesters: Vec<ActorId>,
    tags: Vec<Slug>,
}

impl People {
    pub(crate) fn of(tickets: &Tickets) -> Self {
        let stranger = ActorId::new("stranger").unwrap();
        let all = || tickets.values().map(|known| &known.ticket);
        let distinct = |ids: BTreeSet<ActorId>| ids.into_iter().chain([stranger.clone()]).collect();
        let teams: BTreeSet<Slug> = all().filter_map(|ticket| ticket.team.clone()).collect();
        Self {
            teams: teams.into_iter().chain([Slug::new("nowhere").unwrap()]).collect(),
            assignees: distinct(all().filter_map(|ticket| ticket.assignee.clone()).collect()),
            tags: all().flat_map(|ticket| ticket.tags.clone()).chain([Slug::new("vip").unwrap()]).collect(),
            requesters: distinct(all().filter_map(|ticket| ticket.requester.clone()).collect()),
        }
    }

    /// One of those who are responsible for something.
    pub(crate) fn somebody(&self, random: &mut Random) -> ActorId {
        self.assignees[random.index(self.assignees.len())].clone()
    }

    pub(crate) fn reach(&self, random: &mut Random) -> Reach {
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
pub(crate) fn desk(
    seed: u64,
) -> (tokio::runtime::Runtime, tempfile::TempDir, Projections, Tickets, std::sync::Arc<MemoryStore>) {
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
    (runtime, directory, live, tickets, store)
}

#[test]
fn whoever_asks_is_shown_and_told_the_number_of_what_is_within_reach_and_of_nothing_else() {
    for seed in seeds([91]) {
        println!("DOCKET_SEED={seed}");
        let (_runtime, _directory, live, tickets, _store) = desk(seed);
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

/// A filter with operators of each kind, made of what the log names.
pub(crate) fn filter(people: &People, random: &mut Random) -> Filter {
    let mut text = String::new();
    for _ in 0..random.below(5) {
        let of = |names: &[ActorId], random: &mut Random| format!("\"{}\"", names[random.index(names.len())]);
        let operator = match random.below(14) {
            0 => format!("lane:{}", Lane::ALL[random.index(4)].as_str()),
            1 | 2 => format!("status:{}", random.pick(&["new", "open", "pending", "resolved"])),
            3 => format!("team:{}", people.teams[random.index(people.teams.len())]),
            4 => format!("team:{}", random.pick(&["none", "billing"])),
            5 => format!("assignee:{}", of(&people.assignees, random)),
            6 => format!("assignee:{}", random.pick(&["me", "nobody"])),
            7 => format!("category:{}", random.pick(&["billing", "account", "none", "other"])),
            8 => format!("priority:{}", random.pick(&["urgent", "high", "normal", "low", "none"])),
            9 => format!("language:{}", random.pick(&["en", "es", "none"])),
            10 => format!("requester:{}", of(&people.requesters, random)),
            11 => format!("tag:{}", people.tags[random.index(people.tags.len())]),
            12 => "tag:none".to_owned(),
            _ => format!("is:{}", random.pick(&["late", "due-soon"])),
        };
        text.push_str(if random.chance(25) { " -" } else { " " });
        text.push_str(&operator);
    }
    parse_filter(&text).unwrap()
}

/// All rows of the queue, in the order of lanes.
fn rows(live: &Projections) -> Vec<QueueTicket> {
    let page = |lane, after| {
        live.query("queue", |queue| queue::lane(queue, &Reach::Everything, lane, after, 200, NOW)).unwrap()
    };
    let mut rows = Vec::new();
    for lane in Lane::ALL {
        let mut after = None;
        loop {
            let page = page(lane, after);
            rows.extend(page.tickets);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    rows
}

#[test]
fn a_filter_lists_and_counts_what_it_says_within_reach() {
    for seed in seeds([92]) {
        println!("DOCKET_SEED={seed}");
        let (_runtime, _directory, live, tickets, _store) = desk(seed);
        let (people, rows) = (People::of(&tickets), rows(&live));
        let mut random = Random::new(seed);
        let deadlines: Vec<Timestamp> = tickets.values().filter_map(late_after).collect();
        let (mut some, mut none) = (0, 0);
        for _ in 0..400 {
            let (reach, filter) = (people.reach(&mut random), filter(&people, &mut random));
            let me = &people.assignees[random.index(people.assignees.len())];
            let beside = DurationMs(random.below(40_000_000).cast_signed() - 20_000_000);
            let now = deadlines[random.index(deadlines.len())].plus(beside);
            let fits = |row: &&QueueTicket| {
                let state = &row.state;
                let facts =
                    Facts { ticket: &state.ticket, language: state.language, clock: state.clock.as_ref() };
                reach.sees(&state.ticket) && filter.holds(facts, me, now)
            };
            let expected: Vec<&QueueTicket> = rows.iter().filter(fits).collect();
            let late = |row: &&&QueueTicket| late_after(&tickets[&row.number]).is_some_and(|at| now > at);
            let wanted = Wanted { reach: &reach, filter: &filter, me };
            let counted = live.query("queue", |queue| queue::matching(queue, wanted, now)).unwrap();
            let by_hand = Matching {
                tickets: expected.len() as u64,
                late: expected.iter().filter(late).count() as u64,
            };
            assert_eq!(counted, by_hand, "{filter} within {reach:?} at {now}");
            let (mut listed, mut after) = (Vec::new(), None);
            let limit = 1 + random.index(200);
            loop {
                let page = live.query("queue", |queue| queue::filtered(queue, wanted, after, limit, now));
                let page = page.unwrap();
                assert_eq!(page.matching, counted);
                listed.extend(page.tickets.iter().map(|ticket| ticket.number));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            let numbers: Vec<TicketNumber> = expected.iter().map(|row| row.number).collect();
            assert_eq!(listed, numbers, "{filter} within {reach:?} at {now}");
            if listed.is_empty() { none += 1 } else { some += 1 }
        }
        assert!(some > 60 && none > 20, "{some} filters found something and {none} nothing");
    }
}
