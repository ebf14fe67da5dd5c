//! The conversation: replies, messages of the customer, internal notes.

use super::*;
use crate::names::StreamVersion;
use crate::ticket::{Lane, Status};

#[test]
fn a_reply_opens_a_new_ticket_without_assigning_it() {
    check(a_new_ticket(), agent(reply(7)), Happened(vec![replied(7)]));
    let ticket = after(a_new_ticket(), reply(7));
    assert_eq!((ticket.status, ticket.lane(), ticket.assignee), (Status::Open, Lane::New, None));
}

#[test]
fn a_reply_leaves_a_pending_ticket_pending_and_a_resolved_one_resolved() {
    assert_eq!(after(a_pending_ticket(), reply(7)).status, Status::Pending);
    assert_eq!(after(a_resolved_ticket(), reply(7)).status, Status::Resolved);
}

#[test]
fn a_reply_that_waits_for_the_customer_sets_pending_in_one_go() {
    let then = || Happened(vec![replied(7), pending("customer")]);
    check(a_new_ticket(), agent(reply_then_pending(7)), then());
    check(an_open_ticket(), agent(reply_then_pending(7)), then());
    let waiting_for_a_third_party = vec![opened(), pending("third-party")];
    check(waiting_for_a_third_party, agent(reply_then_pending(7)), then());
}

#[test]
fn a_ticket_that_waits_for_the_customer_is_not_set_pending_again() {
    check(a_pending_ticket(), agent(reply_then_pending(7)), Happened(vec![replied(7)]));
}

#[test]
fn a_reply_to_a_resolved_ticket_cannot_wait_for_the_customer() {
    check(a_resolved_ticket(), agent(reply_then_pending(7)), Refused(TicketRefusal::Resolved));
}

#[test]
fn a_message_of_the_customer_leaves_a_new_ticket_new() {
    check(a_new_ticket(), customer(customer_reply(7)), Happened(vec![customer_replied(7)]));
    assert_eq!(after(a_new_ticket(), customer_reply(7)).status, Status::New);
}

#[test]
fn a_message_of_the_customer_opens_a_pending_ticket_in_the_same_cycle() {
    check(a_pending_ticket(), customer(customer_reply(7)), Happened(vec![customer_replied(7)]));
    let ticket = after(a_pending_ticket(), customer_reply(7));
    assert_eq!((ticket.status, ticket.cycle, ticket.pending_reason), (Status::Open, 1, None));
}

#[test]
fn a_message_of_the_customer_reopens_a_resolved_ticket() {
    let then = vec![customer_replied(7), reopened(ReopenCause::CustomerReply, 2)];
    check(a_resolved_ticket(), customer(customer_reply(7)), Happened(then));
    let ticket = after(a_resolved_ticket(), customer_reply(7));
    assert_eq!((ticket.status, ticket.cycle, ticket.lane()), (Status::Open, 2, Lane::Open));
    assert_eq!((ticket.resolution, ticket.assignee), (None, Some(id("ines"))));
}

#[test]
fn an_agent_may_write_down_what_a_customer_said() {
    check(an_open_ticket(), agent(customer_reply(7)), Happened(vec![customer_replied(7)]));
}

#[test]
fn a_note_changes_nothing_but_the_thread_and_is_taken_in_every_state() {
    for given in [a_new_ticket(), a_pending_ticket(), a_resolved_ticket(), a_sealed_ticket()] {
        check(given.clone(), agent(note(7)), Happened(vec![noted(7)]));
        let before = ticket(given.clone());
        let mut after = after(given, note(7));
        after.version = before.version;
        after.memory.messages.remove(&message(7));
        assert_eq!(after, before);
    }
}

#[test]
fn the_same_message_is_taken_once() {
    let given = vec![opened(), replied(1), customer_replied(2), noted(3)];
    check(given.clone(), agent(reply(1)), NothingHappened);
    check(given.clone(), agent(reply_then_pending(1)), NothingHappened);
    check(given.clone(), customer(customer_reply(2)), NothingHappened);
    check(given, agent(note(3)), NothingHappened);
}

#[test]
fn a_message_that_was_taken_is_not_refused_when_it_is_sent_again() {
    let given = [vec![opened(), assigned("ines"), replied(1), customer_replied(2)], vec![sealed()]].concat();
    check(given.clone(), agent(reply(1)), NothingHappened);
    check(given, customer(customer_reply(2)), NothingHappened);
}

#[test]
fn a_sealed_ticket_takes_no_more_messages() {
    check(a_sealed_ticket(), agent(reply(7)), Refused(TicketRefusal::Sealed));
    check(a_sealed_ticket(), agent(reply_then_pending(7)), Refused(TicketRefusal::Sealed));
    check(a_sealed_ticket(), customer(customer_reply(7)), Refused(TicketRefusal::Sealed));
}

#[test]
fn the_thread_moves_with_public_messages_only() {
    let thread = |given: &[TicketEvent]| ticket(given.to_vec()).thread_version;
    let history =
        [opened(), noted(1), assigned("ines"), replied(2), pending("customer"), customer_replied(3)];
    let versions: Vec<_> = (1..=history.len()).map(|length| thread(&history[..length])).collect();
    assert_eq!(versions, [1, 1, 1, 4, 4, 6].map(StreamVersion));
}
