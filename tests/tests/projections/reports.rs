//! Reports count what is within reach and nothing else (promise S1): held against a fold of the events of those tickets.

use super::lanes::Known;
use super::reach::{People, Tickets, desk};
use super::support::{events, facts, log_of, runtime};
use docket_core::access::Reach;
use docket_core::decider::Decider;
use docket_core::event::Event;
use docket_core::names::{GlobalPosition, TicketNumber};
use docket_core::sla::Outcome;
use docket_core::ticket::event::Destination;
use docket_core::ticket::{Status, Ticket, TicketDecider, TicketEvent};
use docket_core::time::Timestamp;
use docket_projections::log_event::LogEvent;
use docket_projections::metrics::report::{Figures, GroupBy, GroupFigures, Report, report};
use docket_projections::read_model::Purpose;
use docket_projections::registry::{self, Model};
use docket_projections::sla::{Attainment, attainment};
use docket_tests::random::{Random, seeds};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

const GROUPS: [GroupBy; 4] = [GroupBy::Category, GroupBy::Priority, GroupBy::Agent, GroupBy::Team];
const EVER: (Timestamp, Timestamp) = (Timestamp::MIN, Timestamp::MAX);

/// A report without the position that it shows: a log with fewer events ends elsewhere.
fn said(report: &Report) -> Value {
    let mut said = serde_json::to_value(report).unwrap();
    said["position"] = Value::Null;
    said
}

/// A read model over some events.
fn folded(name: &str, events: &[LogEvent]) -> Box<dyn Model> {
    let definition = registry::all().into_iter().find(|definition| definition.name == name).unwrap();
    let mut model = definition.open(Path::new(""), Purpose::Memory).unwrap();
    model.apply(events, GlobalPosition(u64::MAX)).unwrap();
    model.flush().unwrap();
    model
}

/// The events of the tickets that are within reach at the end, and the settings.
fn within(events: &[LogEvent], reach: &Reach, ticket: impl Fn(TicketNumber) -> Ticket) -> Vec<LogEvent> {
    let seen = |number: TicketNumber| reach.sees(&ticket(number));
    // With the settings that they are judged by.
    let is_setting = |event: &LogEvent| matches!(event.event, Ok(Event::Setting(_)));
    let within = |event: &&LogEvent| is_setting(event) || event.ticket().is_some_and(seen);
    events.iter().filter(within).cloned().collect()
}

fn attainment_by_hand(tickets: &Tickets, reach: &Reach) -> Attainment {
    let mut by_hand = Attainment::default();
    let seen = tickets.values().filter(|known| reach.sees(&known.ticket));
    for clock in seen.filter_map(Known::first_response) {
        let end = clock.face.end.map(|end| (end.outcome, end.missed));
        *match end {
            None => &mut by_hand.running,
            Some((Outcome::Responded, false)) => &mut by_hand.met,
            Some((Outcome::Responded, true)) => &mut by_hand.missed,
            Some((Outcome::FulfilledByResolution, false)) => &mut by_hand.fulfilled_by_resolution,
            Some((Outcome::FulfilledByResolution, true)) => &mut by_hand.resolved_late,
            Some((Outcome::CancelledByMerge, _)) => &mut by_hand.cancelled,
            Some((Outcome::Resolved, _)) => unreachable!("a first response ends otherwise"),
        } += 1;
    }
    by_hand
}

#[test]
fn a_report_counts_what_is_within_reach_and_nothing_else() {
    for seed in seeds([93]) {
        println!("DOCKET_SEED={seed}");
        let (runtime, _directory, live, tickets, store) = desk(seed);
        let (people, mut random) = (People::of(&tickets), Random::new(seed));
        let all = events(&runtime, store.as_ref());
        let (mut some, mut own) = (0, 0);
        for round in 0..24 {
            let reach = match round {
                0 => Reach::Everything,
                1 => Reach::Nothing,
                _ => match people.reach(&mut random) {
                    teams @ Reach::Teams { .. } => teams,
                    Reach::Everything | Reach::Nothing | Reach::Own { .. } => continue,
                },
            };
            let seen = within(&all, &reach, |number| tickets[&number].ticket.clone());
            let (metrics, sla) = (folded("metrics", &seen), folded("sla", &seen));
            for by in GROUPS {
                let told = live.query("metrics", |rows| report(rows, &reach, by, EVER)).unwrap();
                let by_hand = report(metrics.connection().unwrap(), &Reach::Everything, by, EVER).unwrap();
                assert_eq!(said(&told), said(&by_hand), "{by:?} {reach:?}");
            }
            let told = live.query("sla", |rows| attainment(rows, &reach)).unwrap();
            let folded = attainment(sla.connection().unwrap(), &Reach::Everything).unwrap();
            assert_eq!(told, folded, "{reach:?}");
            assert_eq!(told, attainment_by_hand(&tickets, &reach), "{reach:?}");
            if let Reach::Teams { me, teams } = &reach {
                some += u64::from(told.met > 0 && !teams.is_empty());
                let elsewhere =
                    |ticket: &Ticket| ticket.team.as_ref().is_some_and(|team| !teams.contains(team));
                let mine = |ticket: &Ticket| ticket.assignee.as_ref() == Some(me) && elsewhere(ticket);
                own += tickets.values().filter(|known| mine(&known.ticket)).count();
            }
        }
        assert!(some > 5 && own > 5, "{some} reports and {own} tickets of one's own in other teams");
    }
}

/// Seconds of hand-overs, and how many are waited for: by how the rules say that each ticket stood after each event.
fn hand_overs_by_hand(events: &[LogEvent]) -> (Vec<i64>, u64) {
    type Waiting = (Timestamp, Destination);
    let waits = |ticket: &Ticket, to: &Destination| {
        let unread = ticket.escalation.as_ref().is_some_and(|escalation| !escalation.acknowledged);
        let there = match to {
            Destination::Team(team) => ticket.team.as_ref() == Some(team),
            Destination::Supervisor(supervisor) => ticket.assignee.as_ref() == Some(supervisor),
        };
        unread && there && ticket.status != Status::Resolved
    };
    let mut tickets = BTreeMap::<TicketNumber, (Ticket, Option<Waiting>)>::new();
    let mut seconds = Vec::new();
    for event in events {
        let (Some(number), Ok(Event::Ticket(happened))) = (event.ticket(), &event.event) else { continue };
        let (ticket, waiting) = tickets.entry(number).or_default();
        *ticket = TicketDecider::evolve(std::mem::take(ticket), happened);
        let escalated = match happened {
            TicketEvent::Escalated(escalated) => Some((event.occurred_at, escalated.to.clone())),
            _ => None,
        };
        // What is merged is waited for no more, and again once it stands by itself.
        let ended =
            |(_, to): &mut Waiting| escalated.is_some() || (ticket.merge.is_none() && !waits(ticket, to));
        if let Some((since, _)) = waiting.take_if(ended) {
            seconds.push(event.occurred_at.since(since).whole_seconds());
        }
        *waiting = escalated.or(waiting.take());
    }
    let open = tickets.values().filter(|(ticket, waiting)| waiting.is_some() && ticket.merge.is_none());
    (seconds, open.count() as u64)
}

#[test]
fn hand_overs_are_what_a_plain_fold_of_the_tickets_says() {
    for seed in seeds([94, 95]) {
        println!("DOCKET_SEED={seed}");
        let runtime = runtime();
        let all = events(&runtime, log_of(&runtime, facts(seed, 6_000)).as_ref());
        let metrics = folded("metrics", &all);
        let (seconds, open) = hand_overs_by_hand(&all);
        assert!(seconds.len() > 20 && open > 0, "{} hand-overs, {open} open", seconds.len());
        for by in GROUPS {
            let told = report(metrics.connection().unwrap(), &Reach::Everything, by, EVER).unwrap();
            assert_eq!(
                (&told.all.hand_over, told.all.hand_overs_open),
                (&Figures::over(seconds.clone()), open)
            );
            let sum = |figure: fn(&GroupFigures) -> u64| told.groups.values().map(figure).sum::<u64>();
            assert_eq!(sum(|group| group.hand_over.n), told.all.hand_over.n);
            assert_eq!(sum(|group| group.hand_overs_open), open);
            assert_eq!(sum(|group| group.escalations), told.all.escalations);
        }
    }
}
