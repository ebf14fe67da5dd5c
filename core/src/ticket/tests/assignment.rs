//! Who is responsible, whose queue it is in, how urgent it is and what it is about.

use super::*;
use crate::actor::Role;
use crate::ticket::event::{CategoryChanged, OfferCause, Offered, PriorityChanged, TeamChanged};
use crate::ticket::{Lane, Status};

#[test]
fn assigning_a_new_ticket_opens_it() {
    check(a_new_ticket(), lead(assign("ines")), Happened(vec![assigned("ines")]));
    let ticket = ticket(an_open_ticket());
    assert_eq!((ticket.status, ticket.lane()), (Status::Open, Lane::Open));
    assert_eq!(ticket.assignee, Some(id("ines")));
}

#[test]
fn assigning_somebody_else_records_who_was_responsible() {
    check(an_open_ticket(), lead(assign("omar")), Happened(vec![reassigned("ines", "omar")]));
}

#[test]
fn nothing_happens_when_the_assignee_is_responsible_already() {
    check(an_open_ticket(), lead(assign("ines")), NothingHappened);
    check(a_pending_ticket(), lead(assign("ines")), NothingHappened);
}

#[test]
fn assigning_a_pending_ticket_leaves_it_pending() {
    let ticket = after(a_pending_ticket(), assign("omar"));
    assert_eq!((ticket.status, ticket.assignee), (Status::Pending, Some(id("omar"))));
    assert_eq!(ticket.pending_reason, Some(slug("customer")));
}

#[test]
fn an_agent_takes_what_is_nobodys_and_gives_back_what_is_theirs() {
    let of_ines =
        |action| TicketCommand { actor: Actor { id: id("ines"), role: Role::Agent, team: None }, action };
    for given in [a_new_ticket(), a_returned_ticket()] {
        check(given, of_ines(Action::Take), Happened(vec![assigned("ines")]));
    }
    check(an_open_ticket(), of_ines(Action::Take), NothingHappened);
    check(an_open_ticket(), of_ines(Action::Unassign), Happened(vec![unassigned("ines")]));
}

#[test]
fn only_who_leads_takes_a_ticket_from_somebody() {
    let refused = || Refused(TicketRefusal::OfSomebodyElse { assignee: id("ines") });
    for action in [Action::Take, Action::Unassign] {
        check(an_open_ticket(), agent(action.clone()), refused());
        for role in [Role::Supervisor, Role::Admin] {
            assert_eq!(
                TicketDecider::decide(&by(role, action.clone()), &ticket(an_open_ticket())).unwrap().len(),
                1
            );
        }
    }
    check(an_open_ticket(), lead(Action::Take), Happened(vec![reassigned("ines", "somebody")]));
}

#[test]
fn only_who_leads_says_who_works_on_what() {
    for role in Role::ALL {
        let decision = TicketDecider::decide(&by(role, assign("ines")), &ticket(a_new_ticket()));
        let may = matches!(role, Role::Supervisor | Role::Admin | Role::System);
        assert_eq!(decision.is_ok(), may, "{role:?}");
    }
}

#[test]
fn routing_may_assign_as_people_do() {
    check(a_new_ticket(), by(Role::System, assign("ines")), Happened(vec![assigned("ines")]));
}

#[test]
fn a_supervisor_gives_a_ticket_to_routing_again_whoever_had_it() {
    let offered = || TicketEvent::Offered(Offered { cause: OfferCause::Staff });
    let offer = || by(Role::Supervisor, Action::Offer);
    check(a_new_ticket(), offer(), Happened(vec![offered()]));
    check(a_returned_ticket(), offer(), Happened(vec![offered()]));
    for given in [an_open_ticket(), a_pending_ticket()] {
        check(given, offer(), Happened(vec![unassigned("ines"), offered()]));
    }
    let again = |more: &[TicketEvent]| [&a_new_ticket(), &[offered()][..], more].concat();
    check(again(&[]), offer(), NothingHappened);
    check(again(&[assigned("omar")]), offer(), Happened(vec![unassigned("omar"), offered()]));
    check(a_resolved_ticket(), offer(), Refused(TicketRefusal::Resolved));
    check(a_sealed_ticket(), offer(), Refused(TicketRefusal::Sealed));
}

#[test]
fn an_unassigned_ticket_goes_back_to_the_lane_new_and_stays_open() {
    check(an_open_ticket(), lead(Action::Unassign), Happened(vec![unassigned("ines")]));
    let ticket = ticket(a_returned_ticket());
    assert_eq!((ticket.status, ticket.lane()), (Status::Open, Lane::New));
}

#[test]
fn a_pending_ticket_without_an_assignee_stays_in_the_lane_pending() {
    assert_eq!(after(a_pending_ticket(), Action::Unassign).lane(), Lane::Pending);
}

#[test]
fn nothing_happens_when_nobody_is_responsible() {
    check(a_new_ticket(), lead(Action::Unassign), NothingHappened);
    check(a_returned_ticket(), lead(Action::Unassign), NothingHappened);
}

#[test]
fn a_resolved_ticket_keeps_its_assignee() {
    for action in [Action::Unassign, Action::Take, assign("omar")] {
        check(a_resolved_ticket(), lead(action.clone()), Refused(TicketRefusal::Resolved));
        check(a_sealed_ticket(), lead(action), Refused(TicketRefusal::Sealed));
    }
}

#[test]
fn a_team_change_keeps_the_assignee_and_records_both_teams() {
    let changed = TeamChanged { from: Some(slug("support")), to: Some(slug("billing")) };
    check(
        an_open_ticket(),
        agent(change_team(Some("billing"))),
        Happened(vec![TicketEvent::TeamChanged(changed)]),
    );
    let ticket = after(an_open_ticket(), change_team(None));
    assert_eq!((ticket.team.clone(), ticket.assignee), (None, Some(id("ines"))));
}

#[test]
fn nothing_happens_when_team_priority_or_category_are_so_already() {
    for given in [a_new_ticket(), an_open_ticket(), a_resolved_ticket(), a_sealed_ticket()] {
        check(given.clone(), agent(change_team(Some("support"))), NothingHappened);
        check(given.clone(), agent(Action::ChangePriority { to: Priority::Normal }), NothingHappened);
        check(given, agent(Action::ChangeCategory { to: slug("account") }), NothingHappened);
    }
}

#[test]
fn a_priority_change_records_both_priorities_and_opens_nothing() {
    let changed = PriorityChanged { from: Some(Priority::Normal), to: Priority::Urgent };
    let action = Action::ChangePriority { to: Priority::Urgent };
    check(a_new_ticket(), agent(action.clone()), Happened(vec![TicketEvent::PriorityChanged(changed)]));
    let ticket = after(a_new_ticket(), action);
    assert_eq!((ticket.status, ticket.priority), (Status::New, Some(Priority::Urgent)));
}

#[test]
fn a_resolved_ticket_keeps_its_team_and_priority() {
    for action in [change_team(None), Action::ChangePriority { to: Priority::Low }] {
        check(a_resolved_ticket(), agent(action.clone()), Refused(TicketRefusal::Resolved));
        check(a_sealed_ticket(), agent(action), Refused(TicketRefusal::Sealed));
    }
}

#[test]
fn the_category_may_be_put_right_until_the_ticket_is_sealed() {
    let action = Action::ChangeCategory { to: slug("billing") };
    let changed = CategoryChanged { from: Some(slug("account")), to: slug("billing") };
    let then = || Happened(vec![TicketEvent::CategoryChanged(changed.clone())]);
    check(a_new_ticket(), agent(action.clone()), then());
    check(a_resolved_ticket(), agent(action.clone()), then());
    check(a_sealed_ticket(), agent(action), Refused(TicketRefusal::Sealed));
}
