//! What falls due by itself agrees with what the rules would do, on every history.

use super::*;
use crate::names::TicketNumber;
use crate::settings::Closing;
use crate::settings::closing::Days;
use crate::strategies::{config, event};
use crate::ticket::due::{Deed, Due, Falling};
use crate::ticket::event::{Merged, Snoozing, Unmerged};
use crate::time::{DurationMs, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;

const WAITS: Closing = Closing { confirm_after_days: Days(7), seal_after_days: Days(14) };

const NUMBER: TicketNumber = TicketNumber(1);

fn days(count: i64) -> Timestamp {
    Timestamp(0).plus(DurationMs::from_hours(24 * count))
}

/// What is due after events, each a day after the one before it, the first on day 0.
fn due(events: &[TicketEvent]) -> Option<Due> {
    let mut due = None;
    for (day, event) in events.iter().enumerate() {
        due = due.or_else(|| Due::begun(event));
        due.iter_mut().for_each(|due: &mut Due| due.take(days(day as i64), event));
    }
    due
}

/// When each of the three falls due.
fn falls(due: &Due) -> [Option<Timestamp>; 3] {
    [Deed::Confirm, Deed::Seal, Deed::Wake].map(|deed| due.falls_due(deed, &WAITS))
}

fn snoozed(until: Timestamp) -> TicketEvent {
    TicketEvent::Snoozed(Snoozing { until })
}

fn merged() -> TicketEvent {
    TicketEvent::Merged(Merged { into: TicketNumber(2) })
}

fn unmerged() -> TicketEvent {
    TicketEvent::Unmerged(Unmerged { from: TicketNumber(2) })
}

#[test]
fn an_answer_counts_as_given_after_a_week_and_two_weeks_seal() {
    // Opened, assigned, replied to and resolved: on day 3.
    let asked = an_asked_ticket();
    assert_eq!(falls(&due(&asked).unwrap()), [Some(days(10)), Some(days(17)), None]);
    assert_eq!(falls(&due(&a_resolved_ticket()).unwrap()), [None, Some(days(17)), None]);
    let confirmed = [asked, vec![confirmed(1, ConfirmedBy::Customer)]].concat();
    assert_eq!(falls(&due(&confirmed).unwrap()), [None, Some(days(17)), None]);
    let again = [confirmed, vec![reopened(ReopenCause::Staff, 2)]].concat();
    assert_eq!(falls(&due(&again).unwrap()), [None; 3], "a reopening ends both");
    let resolved = [again, an_asked_ticket().split_off(3)].concat();
    assert_eq!(falls(&due(&resolved).unwrap()), [Some(days(13)), Some(days(20)), None], "the last resolve");
    assert_eq!(falls(&due(&[resolved, vec![sealed()]].concat()).unwrap()), [None; 3]);
    assert_eq!(due(&a_pending_ticket()), None);
}

#[test]
fn what_would_have_fallen_due_while_a_ticket_was_merged_does_so_once_it_stands_by_itself() {
    let merged_for_long = [an_asked_ticket(), vec![merged()]].concat();
    assert_eq!(falls(&due(&merged_for_long).unwrap()), [None; 3]);
    let mut due = due(&merged_for_long).unwrap();
    due.take(days(12), &unmerged());
    assert_eq!(falls(&due), [Some(days(12)), Some(days(17)), None]);
    let mut aside = self::due(&[opened(), snoozed(days(5)), merged()]).unwrap();
    assert_eq!(falls(&aside), [None; 3]);
    aside.take(days(4), &unmerged());
    assert_eq!(falls(&aside), [None, None, Some(days(5))]);
}

#[test]
fn what_fell_due_before_an_import_is_history() {
    for (imported, confirms, seals) in
        [(9, true, true), (10, false, true), (16, false, true), (17, false, false)]
    {
        let mut due = due(&an_asked_ticket()).unwrap();
        due.imported(days(imported));
        let falls = falls(&due).map(|at| at.is_some());
        assert_eq!(falls, [confirms, seals, false], "imported on day {imported}");
    }
    let mut just_before = due(&an_asked_ticket()).unwrap();
    just_before.imported(Timestamp(days(10).0 - 1));
    assert_eq!(falls(&just_before)[0], Some(days(10)));
    for (imported, wakes) in [(4, true), (5, false)] {
        let mut due = due(&[opened(), snoozed(days(5))]).unwrap();
        due.imported(days(imported));
        assert_eq!(due.wakes_at().is_some(), wakes);
    }
}

#[test]
fn a_ticket_that_went_on_is_left_alone() {
    let falling = |deed, at| Falling { at, ticket: NUMBER, deed, cycle: 1 };
    let wishes = |given: Vec<TicketEvent>, deed| falling(deed, days(5)).wish(&ticket(given)).is_some();
    for deed in [Deed::Confirm, Deed::Seal] {
        assert!(wishes(an_asked_ticket(), deed));
        for given in [
            an_open_ticket(),
            a_reopened_ticket(),
            a_sealed_ticket(),
            [an_asked_ticket(), vec![merged()]].concat(),
            [a_reopened_ticket(), an_asked_ticket().split_off(3)].concat(),
        ] {
            assert!(!wishes(given, deed));
        }
    }
    let aside = |until| [an_open_ticket(), vec![snoozed(until)]].concat();
    assert!(wishes(aside(days(5)), Deed::Wake));
    assert!(!wishes(aside(days(6)), Deed::Wake), "laid aside anew, for longer");
    assert!(!wishes(an_open_ticket(), Deed::Wake));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_due_is_what_the_rules_would_do_on_every_history(events in vec(event(), 0..24)) {
        // Imports begin with the opening too, and a ticket is opened once.
        let rest = events.into_iter().filter(|event| !matches!(event, TicketEvent::Opened(_)));
        let history = Vec::from_iter(std::iter::once(opened()).chain(rest));
        for length in 1..=history.len() {
            let (ticket, due) = (ticket(history[..length].to_vec()), due(&history[..length]));
            for deed in [Deed::Confirm, Deed::Seal, Deed::Wake] {
                let at = due.as_ref().and_then(|due| due.falls_due(deed, &WAITS));
                let cycle = due.as_ref().map_or(ticket.cycle, Due::cycle);
                let far = Falling { at: Timestamp::MAX, ticket: NUMBER, deed, cycle };
                let wish = far.wish(&ticket).map(|action| by(Role::System, action));
                let events = wish.map(|wish| TicketDecider::decide(&wish, &ticket).unwrap_or_default());
                let happens = events.is_some_and(|events| !events.is_empty());
                prop_assert_eq!(at.is_some(), happens, "{:?} after {:?}", deed, &history[..length]);
            }
        }
    }

    #[test]
    fn what_an_event_does_not_concern_it_does_not_change(events in vec(event(), 1..24)) {
        let (last, before) = events.split_last().unwrap();
        if !Due::concerns(last) {
            prop_assert!(Due::begun(last).is_none());
            if let Some(mut after) = due(before) {
                let stood = after.clone();
                after.take(days(99), last);
                prop_assert_eq!(after, stood);
            }
        }
    }
}
