//! Waiting for somebody outside, and taking it up again.

use super::*;
use crate::ticket::state::waits_for_customer;
use crate::ticket::{Lane, Status};

#[test]
fn a_ticket_may_be_pending_for_the_customer_or_for_a_third_party() {
    for reason in ["customer", "third-party"] {
        check(an_open_ticket(), agent(set_pending(reason)), Happened(vec![pending(reason)]));
        let ticket = after(an_open_ticket(), set_pending(reason));
        assert_eq!((ticket.lane(), ticket.pending_reason), (Lane::Pending, Some(slug(reason))));
    }
    assert!(waits_for_customer(&slug("customer")) && !waits_for_customer(&slug("third-party")));
}

#[test]
fn a_new_ticket_may_wait_without_an_assignee() {
    assert_eq!(after(a_new_ticket(), set_pending("third-party")).lane(), Lane::Pending);
}

#[test]
fn nothing_happens_when_it_waits_for_that_already() {
    check(a_pending_ticket(), agent(set_pending("customer")), NothingHappened);
}

#[test]
fn another_reason_to_wait_is_recorded() {
    check(a_pending_ticket(), agent(set_pending("third-party")), Happened(vec![pending("third-party")]));
}

#[test]
fn a_resolved_ticket_waits_for_nobody() {
    check(a_resolved_ticket(), agent(set_pending("customer")), Refused(TicketRefusal::Resolved));
    check(a_sealed_ticket(), agent(set_pending("customer")), Refused(TicketRefusal::Sealed));
}

#[test]
fn a_pending_ticket_is_taken_up_again_in_the_same_cycle() {
    check(a_pending_ticket(), agent(Action::SetOpen), Happened(vec![taken_up()]));
    let ticket = after(a_pending_ticket(), Action::SetOpen);
    assert_eq!((ticket.lane(), ticket.status), (Lane::Open, Status::Open));
    assert_eq!((ticket.cycle, ticket.pending_reason), (1, None));
}

#[test]
fn nothing_happens_when_it_is_open_already() {
    check(an_open_ticket(), agent(Action::SetOpen), NothingHappened);
    check(a_returned_ticket(), agent(Action::SetOpen), NothingHappened);
}

#[test]
fn a_new_ticket_is_opened_by_work_on_it_and_not_by_a_wish() {
    check(a_new_ticket(), agent(Action::SetOpen), Refused(TicketRefusal::NotStarted));
}

#[test]
fn a_resolved_ticket_is_reopened_rather_than_set_open() {
    check(a_resolved_ticket(), agent(Action::SetOpen), Refused(TicketRefusal::Resolved));
    check(a_sealed_ticket(), agent(Action::SetOpen), Refused(TicketRefusal::Sealed));
}
