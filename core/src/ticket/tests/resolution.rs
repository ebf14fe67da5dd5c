//! Resolving, reopening and sealing.

use super::*;
use crate::catalog::{RESOLUTION_CATEGORIES, RESOLUTIONS_WITHOUT_WORK};
use crate::ticket::{Lane, Status};

#[test]
fn resolving_records_category_and_assignee_as_of_that_moment() {
    check(an_open_ticket(), agent(resolve("solved")), Happened(vec![resolved("solved", Some("ines"))]));
    check(a_pending_ticket(), agent(resolve("solved")), Happened(vec![resolved("solved", Some("ines"))]));
    let ticket = ticket(a_resolved_ticket());
    assert_eq!((ticket.status, ticket.lane()), (Status::Resolved, Lane::Resolved));
    assert_eq!((ticket.resolution, ticket.pending_reason), (Some(slug("solved")), None));
}

#[test]
fn notes_confirmation_and_survey_go_into_the_one_event() {
    let when = Action::Resolve {
        resolution: slug("workaround"),
        needs_assignee: true,
        notes: Some(body("restart it")),
        confirmation: true,
        survey: true,
    };
    let then = Resolved {
        resolution: Some(slug("workaround")),
        category: Some(slug("account")),
        assignee: Some(id("ines")),
        notes: Some("restart it".into()),
        confirmation: true,
        survey: true,
    };
    check(an_open_ticket(), agent(when), Happened(vec![TicketEvent::Resolved(Box::new(then))]));
}

#[test]
fn resolving_needs_an_assignee() {
    for given in [a_new_ticket(), a_returned_ticket()] {
        check(given, agent(resolve("solved")), Refused(TicketRefusal::NoAssignee));
    }
}

#[test]
fn spam_and_duplicates_are_resolved_straight_from_new() {
    for resolution in RESOLUTIONS_WITHOUT_WORK {
        assert!(RESOLUTION_CATEGORIES.contains(resolution));
        check(a_new_ticket(), agent(resolve(resolution)), Happened(vec![resolved(resolution, None)]));
    }
}

#[test]
fn nothing_happens_when_it_is_resolved_as_that_already() {
    check(a_resolved_ticket(), agent(resolve("solved")), NothingHappened);
}

#[test]
fn a_resolved_ticket_is_not_resolved_differently() {
    let refusal = TicketRefusal::AlreadyResolved { resolution: "solved".into() };
    check(a_resolved_ticket(), agent(resolve("workaround")), Refused(refusal));
}

#[test]
fn an_import_that_does_not_say_how_it_was_resolved_is_not_resolved_again() {
    let resolved = Resolved {
        resolution: None,
        category: None,
        assignee: None,
        notes: None,
        confirmation: false,
        survey: false,
    };
    let given = [opened(), TicketEvent::Resolved(Box::new(resolved))];
    check(given, agent(resolve("solved")), Refused(TicketRefusal::Resolved));
}

#[test]
fn reopening_begins_the_next_cycle_with_the_same_assignee() {
    let then = vec![reopened(ReopenCause::Staff, 2)];
    check(a_resolved_ticket(), agent(Action::Reopen), Happened(then));
    let ticket = ticket(a_reopened_ticket());
    assert_eq!((ticket.status, ticket.cycle, ticket.lane()), (Status::Open, 2, Lane::Open));
    assert_eq!((ticket.resolution, ticket.assignee), (None, Some(id("ines"))));
}

#[test]
fn a_third_cycle_follows_the_second() {
    let given = [a_reopened_ticket(), vec![resolved("solved", Some("ines"))]].concat();
    check(given, agent(Action::Reopen), Happened(vec![reopened(ReopenCause::Staff, 3)]));
}

#[test]
fn spam_that_was_none_comes_back_unassigned_and_open() {
    let ticket = after(vec![opened(), resolved("spam", None)], Action::Reopen);
    assert_eq!((ticket.status, ticket.lane()), (Status::Open, Lane::New));
}

#[test]
fn nothing_happens_when_it_was_reopened_already() {
    check(a_reopened_ticket(), agent(Action::Reopen), NothingHappened);
}

#[test]
fn only_a_resolved_ticket_is_reopened_or_sealed() {
    for given in [a_new_ticket(), an_open_ticket(), a_pending_ticket()] {
        check(given.clone(), agent(Action::Reopen), Refused(TicketRefusal::NotResolved));
        check(given, agent(Action::Seal), Refused(TicketRefusal::NotResolved));
    }
    check(a_reopened_ticket(), agent(Action::Seal), Refused(TicketRefusal::NotResolved));
}

#[test]
fn a_resolved_ticket_is_sealed_once() {
    check(a_resolved_ticket(), by(Role::System, Action::Seal), Happened(vec![sealed()]));
    check(a_sealed_ticket(), agent(Action::Seal), NothingHappened);
    let ticket = ticket(a_sealed_ticket());
    assert!(ticket.sealed);
    assert_eq!((ticket.lane(), ticket.resolution), (Lane::Resolved, Some(slug("solved"))));
}

#[test]
fn a_sealed_ticket_is_neither_reopened_nor_resolved() {
    check(a_sealed_ticket(), agent(Action::Reopen), Refused(TicketRefusal::Sealed));
    check(a_sealed_ticket(), agent(resolve("spam")), Refused(TicketRefusal::Sealed));
}
