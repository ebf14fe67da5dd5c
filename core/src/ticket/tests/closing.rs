//! What the customer says about a solution: that it is one, that it is none, and how it was.

use super::*;
use crate::ticket::command::ActionName;
use crate::ticket::decide::is_allowed;
use crate::ticket::event::{Merged, Snoozing};
use crate::ticket::{OwnStatus, Status};
use crate::time::Timestamp;

fn refused(number: u128) -> TicketEvent {
    TicketEvent::ConfirmationRefused(said(number))
}

fn and(given: Vec<TicketEvent>, more: TicketEvent) -> Vec<TicketEvent> {
    [given, vec![more]].concat()
}

/// The three that are the customer's, as far as they are allowed now.
fn offered(given: Vec<TicketEvent>) -> Vec<&'static str> {
    let ticket = ticket(given);
    let own = [ActionName::Confirm, ActionName::Refuse, ActionName::Rate];
    let allowed =
        own.into_iter().filter(|action| is_allowed(&customer(Action::Confirm).actor, *action, &ticket));
    allowed.map(ActionName::as_str).collect()
}

#[test]
fn a_customer_who_was_asked_confirms_once() {
    let said = confirmed(1, ConfirmedBy::Customer);
    check(an_asked_ticket(), customer(Action::Confirm), Happened(vec![said.clone()]));
    let after = and(an_asked_ticket(), said);
    check(after.clone(), customer(Action::Confirm), NothingHappened);
    check(and(after, sealed()), customer(Action::Confirm), NothingHappened);
}

#[test]
fn staff_writes_down_what_a_customer_said_on_the_telephone_and_a_timer_speaks_for_those_who_say_nothing() {
    let by_customer = Happened(vec![confirmed(1, ConfirmedBy::Customer)]);
    check(an_asked_ticket(), agent(Action::Confirm), by_customer);
    let by_time = confirmed(1, ConfirmedBy::Time);
    check(an_asked_ticket(), by(Role::System, Action::Confirm), Happened(vec![by_time.clone()]));
    check(and(an_asked_ticket(), by_time), customer(Action::Confirm), NothingHappened);
}

#[test]
fn a_customer_who_refuses_opens_the_next_cycle_also_after_it_was_confirmed() {
    let follows = || Happened(vec![refused(7), reopened(ReopenCause::CustomerReply, 2)]);
    check(an_asked_ticket(), customer(refuse(7)), follows());
    check(an_asked_ticket(), agent(refuse(7)), follows());
    for by in [ConfirmedBy::Customer, ConfirmedBy::Time] {
        check(and(an_asked_ticket(), confirmed(1, by)), customer(refuse(7)), follows());
    }
    let after = [an_asked_ticket(), vec![refused(7), reopened(ReopenCause::CustomerReply, 2)]].concat();
    check(after.clone(), customer(refuse(7)), NothingHappened);
    let ticket = ticket(after);
    assert_eq!((ticket.status, ticket.cycle, ticket.closing.as_ref()), (Status::Open, 2, None));
    assert_eq!(ticket.assignee, Some(id("ines")), "it goes on where it was");
}

#[test]
fn nobody_confirms_or_refuses_what_nobody_asked_about() {
    for action in [Action::Confirm, refuse(7)] {
        check(a_resolved_ticket(), customer(action.clone()), Refused(TicketRefusal::ConfirmationNotAsked));
        for given in [a_new_ticket(), an_open_ticket(), a_pending_ticket(), a_reopened_ticket()] {
            check(given, customer(action.clone()), Refused(TicketRefusal::NotResolved));
        }
        let sealed = and(an_asked_ticket(), sealed());
        check(sealed, customer(action.clone()), Refused(TicketRefusal::Sealed));
        let merged =
            and(an_asked_ticket(), TicketEvent::Merged(Merged { into: crate::names::TicketNumber(2) }));
        check(
            merged,
            customer(action),
            Refused(TicketRefusal::Merged { into: crate::names::TicketNumber(2) }),
        );
    }
}

#[test]
fn a_rating_belongs_to_its_cycle_and_to_whoever_resolved_it() {
    let good = rated(1, Score::Good, Some("quick"));
    let wish = customer(rate(None, Score::Good, Some("quick")));
    check(an_asked_ticket(), wish, Happened(vec![good.clone()]));
    // Whoever has it by then, it was Ines who resolved it.
    let since = and(an_asked_ticket(), reassigned("ines", "omar"));
    check(since, customer(rate(Some(1), Score::Good, Some("quick"))), Happened(vec![good]));
}

#[test]
fn a_rating_stays_as_it_was_given_and_the_same_again_is_nothing() {
    let given = and(an_asked_ticket(), rated(1, Score::Bad, Some("slow")));
    for again in [rate(None, Score::Bad, Some("slow")), rate(Some(1), Score::Bad, None)] {
        check(given.clone(), customer(again.clone()), NothingHappened);
        check(and(given.clone(), sealed()), customer(again), NothingHappened);
    }
    let stands = || Refused(TicketRefusal::AlreadyRated { score: "bad" });
    check(given.clone(), customer(rate(None, Score::Good, None)), stands());
    check(given.clone(), customer(rate(None, Score::Bad, Some("slow, and wrong"))), stands());
    let without = and(an_asked_ticket(), rated(1, Score::Bad, None));
    check(without, customer(rate(None, Score::Bad, Some("a comment that would be lost"))), stands());
}

#[test]
fn a_rating_is_taken_only_of_a_cycle_that_ended_with_a_survey_and_is_not_over() {
    let good = |cycle| customer(rate(cycle, Score::Good, None));
    check(a_resolved_ticket(), good(None), Refused(TicketRefusal::RatingNotAsked));
    check(and(an_asked_ticket(), sealed()), good(None), Refused(TicketRefusal::Sealed));
    for given in [a_new_ticket(), an_open_ticket(), a_pending_ticket(), a_reopened_ticket()] {
        check(given, good(None), Refused(TicketRefusal::NotResolved));
    }
    let reopened = and(an_asked_ticket(), reopened(ReopenCause::Staff, 2));
    check(reopened.clone(), good(Some(1)), Refused(TicketRefusal::CycleOver));
    check(reopened.clone(), good(Some(2)), Refused(TicketRefusal::CycleOver));
    let again = and(reopened, an_asked_ticket().pop().unwrap());
    check(again.clone(), good(Some(1)), Refused(TicketRefusal::CycleOver));
    check(again, good(Some(2)), Happened(vec![rated(2, Score::Good, None)]));
    let merged = and(an_asked_ticket(), TicketEvent::Merged(Merged { into: crate::names::TicketNumber(2) }));
    check(merged, good(None), Refused(TicketRefusal::Merged { into: crate::names::TicketNumber(2) }));
}

#[test]
fn nobody_rates_for_a_customer_and_only_a_timer_wakes() {
    for role in Role::ALL {
        let rates = by(role, rate(None, Score::Good, None));
        let wakes = by(role, Action::Wake { until: Timestamp(5) });
        let action = |action| Refused(TicketRefusal::Role { role, action });
        if role != Role::Customer {
            check(an_asked_ticket(), rates, action(ActionName::Rate));
        }
        if role != Role::System {
            check(an_open_ticket(), wakes, action(ActionName::Wake));
        }
        let confirms = TicketDecider::decide(&by(role, Action::Confirm), &ticket(an_asked_ticket()));
        let may = role == Role::Customer || role.is_staff() || role == Role::System;
        assert_eq!(confirms.is_ok(), may, "{role:?}");
    }
}

#[test]
fn what_was_laid_aside_is_woken_at_its_time_and_not_at_another() {
    let snoozed = and(an_open_ticket(), TicketEvent::Snoozed(Snoozing { until: Timestamp(5) }));
    let wake = |until| by(Role::System, Action::Wake { until: Timestamp(until) });
    let woken = TicketEvent::Woken(Snoozing { until: Timestamp(5) });
    check(snoozed.clone(), wake(5), Happened(vec![woken]));
    check(snoozed.clone(), wake(4), NothingHappened);
    check(and(snoozed, customer_replied(9)), wake(5), NothingHappened);
}

#[test]
fn a_customer_is_offered_what_they_were_asked_and_have_not_said() {
    assert_eq!(offered(an_open_ticket()), [""; 0]);
    assert_eq!(offered(a_resolved_ticket()), [""; 0]);
    assert_eq!(offered(an_asked_ticket()), ["confirm", "refuse", "rate"]);
    let confirmed = and(an_asked_ticket(), confirmed(1, ConfirmedBy::Customer));
    assert_eq!(offered(confirmed.clone()), ["refuse", "rate"]);
    assert_eq!(offered(and(confirmed.clone(), rated(1, Score::Good, None))), ["refuse"]);
    assert_eq!(offered(and(confirmed, sealed())), [""; 0]);
}

#[test]
fn what_a_customer_is_asked_and_says_changes_the_version_that_they_are_told() {
    let versions = |given: Vec<TicketEvent>| {
        let ticket = ticket(given);
        (ticket.own_version, OwnStatus::of(&ticket))
    };
    let asked = an_asked_ticket();
    let mut last = versions(asked.clone()).0;
    for more in [confirmed(1, ConfirmedBy::Time), rated(1, Score::Good, None)] {
        let (now, status) = versions(and(asked.clone(), more));
        assert_eq!((now.0, status), (last.0 + 1, OwnStatus::Solved));
        last = versions(asked.clone()).0;
    }
}
