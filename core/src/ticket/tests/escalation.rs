//! Handing a ticket over to people who know or may do more.

use super::*;
use crate::ticket::{Lane, Status};

#[test]
fn an_escalation_to_a_team_moves_the_ticket_to_its_queue_at_once() {
    let then = vec![escalated(to_team("billing"), Some("ines"))];
    check(an_open_ticket(), agent(escalate(to_team("billing"))), Happened(then));
    let ticket = after(an_open_ticket(), escalate(to_team("billing")));
    assert_eq!((ticket.team.clone(), ticket.assignee.clone()), (Some(slug("billing")), None));
    assert_eq!((ticket.status, ticket.lane()), (Status::Open, Lane::New));
}

#[test]
fn an_escalation_to_a_supervisor_makes_them_responsible() {
    let then = vec![escalated(to_supervisor("lena"), Some("ines"))];
    check(an_open_ticket(), agent(escalate(to_supervisor("lena"))), Happened(then));
    let ticket = after(an_open_ticket(), escalate(to_supervisor("lena")));
    assert_eq!((ticket.team.clone(), ticket.assignee.clone()), (Some(slug("support")), Some(id("lena"))));
    assert_eq!(ticket.lane(), Lane::Open);
}

#[test]
fn a_new_ticket_may_be_escalated_by_who_reads_it_first() {
    let then = vec![escalated(to_team("billing"), None)];
    check(a_new_ticket(), agent(escalate(to_team("billing"))), Happened(then));
    assert_eq!(after(a_new_ticket(), escalate(to_team("billing"))).status, Status::Open);
}

#[test]
fn an_escalated_ticket_waits_for_nobody_outside() {
    let ticket = after(a_pending_ticket(), escalate(to_team("billing")));
    assert_eq!((ticket.status, ticket.pending_reason), (Status::Open, None));
}

#[test]
fn a_ticket_is_not_escalated_to_where_it_is() {
    check(an_open_ticket(), agent(escalate(to_team("support"))), Refused(TicketRefusal::EscalatedToItself));
    check(
        an_open_ticket(),
        agent(escalate(to_supervisor("ines"))),
        Refused(TicketRefusal::EscalatedToItself),
    );
}

#[test]
fn a_resolved_ticket_takes_no_escalation() {
    check(a_resolved_ticket(), agent(escalate(to_team("billing"))), Refused(TicketRefusal::Resolved));
    check(a_sealed_ticket(), agent(escalate(to_team("billing"))), Refused(TicketRefusal::Sealed));
}

#[test]
fn an_escalation_starts_no_new_cycle() {
    assert_eq!(after(an_open_ticket(), escalate(to_team("billing"))).cycle, 1);
    assert_eq!(after(a_reopened_ticket(), escalate(to_team("billing"))).cycle, 2);
}
