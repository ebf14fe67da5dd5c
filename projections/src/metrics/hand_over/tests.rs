//! How long hand-overs take: given events, then figures to the second.

use super::*;
use crate::log_event::LogEvent;
use crate::metrics::Metrics;
use crate::metrics::report::{Figures, GroupBy, GroupFigures, Report, report};
use crate::read_model::Purpose;
use crate::registry::Definition;
use docket_core::access::Reach;
use docket_core::actor::{Actor, Role};
use docket_core::event::Event;
use docket_core::names::{GlobalPosition, StreamKind, StreamVersion, TicketNumber};
use docket_core::record::Origin;
use std::path::Path;

const OPENED: (i64, &str, &str, &str) = (
    0,
    "noor",
    "ticket.opened",
    r#"{"requester":{"id":"noor"},"subject":"x","channel":"api","category":"billing","priority":"high"}"#,
);
const TO_TECHNICAL: &str = r#"{"reason":"complaint","to":{"team":"technical"},"context":"x"}"#;
const TO_LENA: &str = r#"{"reason":"complaint","to":{"supervisor":"lena"},"context":"x"}"#;
const EVER: (Timestamp, Timestamp) = (Timestamp::MIN, Timestamp::MAX);

/// Events of one ticket: second, actor, stored name, data.
type Given<'a> = &'a [(i64, &'a str, &'a str, &'a str)];

fn happened(ticket: u64, given: Given<'_>) -> Vec<LogEvent> {
    let event = |(index, (second, by, name, data)): (usize, &(i64, &str, &str, &str))| LogEvent {
        position: GlobalPosition(ticket * 1_000 + index as u64),
        stream: StreamKind::Ticket(TicketNumber(ticket)),
        agent: None,
        version: StreamVersion(index as u64 + 1),
        occurred_at: Timestamp(second * 1_000),
        recorded_at: Timestamp(0),
        actor: Actor { id: ActorId::new(by).unwrap(), role: Role::Agent, team: None },
        origin: Origin::Decided,
        source: None,
        event: Ok(Event::decode(name, 1, data).unwrap()),
    };
    given.iter().enumerate().map(event).collect()
}

fn told(events: &[LogEvent], by: GroupBy) -> Report {
    let mut model = Definition::of::<Metrics>().open(Path::new(""), Purpose::Memory).unwrap();
    model.apply(events, GlobalPosition(u64::MAX)).unwrap();
    model.flush().unwrap();
    report(model.connection().unwrap(), &Reach::Everything, by, EVER).unwrap()
}

/// What is told of hand-overs: seconds, acknowledged, still open, escalations.
type Then<'a> = (&'a [i64], u64, u64, u64);

#[track_caller]
fn is(figures: &GroupFigures, (seconds, acknowledged, open, escalations): Then<'_>) {
    assert_eq!(figures.hand_over, Figures::over(seconds.to_vec()));
    let counts = (figures.hand_overs_acknowledged, figures.hand_overs_open, figures.escalations);
    assert_eq!(counts, (acknowledged, open, escalations));
}

#[track_caller]
fn check(given: Given<'_>, then: Then<'_>) {
    let events = [&[OPENED], given].concat();
    is(&told(&happened(1, &events), GroupBy::Category).groups["billing"], then);
}

#[test]
fn a_hand_over_lasts_until_it_is_acknowledged_whoever_takes_the_ticket_before() {
    check(
        &[
            (100, "ines", "ticket.escalated", TO_TECHNICAL),
            (160, "routing", "ticket.assigned", r#"{"to":"omar"}"#),
            (190, "lena", "ticket.reassigned", r#"{"from":"omar","to":"zoe"}"#),
            (400, "zoe", "ticket.acknowledged", "{}"),
            (900, "zoe", "ticket.returned", r#"{"context":"x"}"#),
        ],
        (&[300], 1, 0, 1),
    );
}

#[test]
fn a_hand_over_that_nobody_has_acknowledged_is_still_open() {
    check(&[(100, "ines", "ticket.escalated", TO_TECHNICAL)], (&[], 0, 1, 1));
    check(&[], (&[], 0, 0, 0));
}

#[test]
fn what_takes_the_ticket_away_ends_the_hand_over_without_acknowledgement() {
    let team = ("ines", "ticket.escalated", TO_TECHNICAL);
    let person = ("ines", "ticket.escalated", TO_LENA);
    for (to, name, data) in [
        (team, "ticket.returned", r#"{"context":"x"}"#),
        (team, "ticket.resolved", "{}"),
        (team, "ticket.sealed", "{}"),
        (team, "ticket.team_changed", r#"{"from":"technical","to":"billing"}"#),
        (team, "ticket.team_changed", r#"{"from":"technical"}"#),
        (person, "ticket.returned", r#"{"context":"x"}"#),
        (person, "ticket.reassigned", r#"{"from":"lena","to":"zoe"}"#),
        (person, "ticket.assigned", r#"{"to":"zoe"}"#),
        (person, "ticket.unassigned", r#"{"from":"lena"}"#),
        (person, "ticket.resolved", "{}"),
    ] {
        let ends =
            [(10, to.0, to.1, to.2), (75, "lena", name, data), (99, "lena", "ticket.acknowledged", "{}")];
        check(&ends, (&[65], 0, 0, 1));
    }
}

#[test]
fn what_leaves_the_ticket_where_it_went_ends_no_hand_over() {
    for (to, name, data) in [
        (TO_TECHNICAL, "ticket.team_changed", r#"{"to":"technical"}"#),
        (TO_TECHNICAL, "ticket.assigned", r#"{"to":"zoe"}"#),
        (TO_TECHNICAL, "ticket.unassigned", r#"{"from":"zoe"}"#),
        (TO_TECHNICAL, "ticket.customer_replied", r#"{"message":"00000000-0000-0000-0000-000000000001"}"#),
        (TO_LENA, "ticket.team_changed", r#"{"to":"billing"}"#),
        (TO_LENA, "ticket.reassigned", r#"{"from":"ines","to":"lena"}"#),
        (TO_LENA, "ticket.set_pending", r#"{"reason":"customer"}"#),
    ] {
        check(&[(10, "ines", "ticket.escalated", to), (75, "lena", name, data)], (&[], 0, 1, 1));
    }
}

#[test]
fn an_escalation_further_ends_one_hand_over_and_begins_another() {
    check(
        &[
            (10, "ines", "ticket.escalated", TO_TECHNICAL),
            (40, "omar", "ticket.escalated", TO_LENA),
            (100, "lena", "ticket.acknowledged", "{}"),
        ],
        (&[30, 60], 1, 0, 2),
    );
}

#[test]
fn a_merge_ends_a_hand_over_uncounted_and_its_undoing_takes_it_up_again() {
    let to = [(10, "ines", "ticket.escalated", TO_TECHNICAL), (40, "omar", "ticket.merged", r#"{"into":2}"#)];
    check(&to, (&[], 0, 0, 1));
    let apart = [&to[..], &[(60, "omar", "ticket.unmerged", r#"{"from":2}"#)]].concat();
    check(&apart, (&[], 0, 1, 1));
    check(&[&apart[..], &[(70, "zoe", "ticket.acknowledged", "{}")]].concat(), (&[60], 1, 0, 1));
}

#[test]
fn a_hand_over_is_told_of_its_destination() {
    let mut events = happened(
        1,
        &[
            OPENED,
            (10, "ines", "ticket.escalated", TO_TECHNICAL),
            (30, "zoe", "ticket.acknowledged", "{}"),
            (50, "zoe", "ticket.escalated", TO_LENA),
        ],
    );
    events.extend(happened(
        2,
        &[
            OPENED,
            (10, "ines", "ticket.escalated", TO_TECHNICAL),
            (14, "zoe", "ticket.returned", r#"{"context":"x"}"#),
            (20, "ines", "ticket.escalated", TO_LENA),
            (27, "omar", "ticket.acknowledged", "{}"),
        ],
    ));
    let teams = told(&events, GroupBy::Team);
    is(&teams.groups["technical"], (&[20, 4], 1, 0, 2));
    is(&teams.groups["(none)"], (&[7], 1, 1, 2));
    let people = told(&events, GroupBy::Agent);
    is(&people.groups["zoe"], (&[20], 1, 0, 1));
    is(&people.groups["lena"], (&[7], 1, 1, 2));
    is(&people.groups["(none)"], (&[4], 0, 0, 1));
    for report in [&teams, &people, &told(&events, GroupBy::Priority)] {
        is(&report.all, (&[20, 4, 7], 2, 1, 4));
    }
    let all = &teams.all.hand_over;
    assert_eq!((all.n, all.sum_s, all.mean_s), (3, 31, Some(10.333)));
    assert_eq!((all.p50_s, all.p90_s, all.p95_s), (Some(7.0), Some(17.4), Some(18.7)));
}

#[test]
fn what_is_beyond_the_bound_is_counted_and_not_measured() {
    let escalated = (10, "ines", "ticket.escalated", TO_TECHNICAL);
    let given = vec![escalated; MEASURED_MAX + 3];
    let nothing = vec![0; MEASURED_MAX];
    check(&given, (&nothing, 0, 0, MEASURED_MAX as u64 + 3));
}
