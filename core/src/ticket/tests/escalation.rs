//! Handing a ticket over to people who know or may do more, and back.

use super::*;
use crate::ticket::command::Gone;
use crate::ticket::event::{Acknowledged, OfferCause, Offered, Returned};
use crate::ticket::{ESCALATIONS_MAX, Lane, Status};
use std::collections::BTreeSet;

// Wishes

pub(super) fn hand_back() -> Action {
    hand_back_but_for(&[], &[])
}

/// Where some teams are none any more, and some people are gone from some team.
fn hand_back_but_for(teams: &[&str], people: &[(&str, &str)]) -> Action {
    let teams = teams.iter().map(|team| slug(team)).collect();
    let people = people.iter().map(|(person, team)| (id(person), Some(slug(team)))).collect();
    Action::Return { context: body("it was the cache"), gone: Gone { teams, people } }
}

/// By somebody of the team that has it.
pub(super) fn acknowledge() -> Action {
    Action::Acknowledge { of_team: true }
}

// Events

/// By whoever had it, or else by lena.
fn escalated_on(from_team: &str, from_assignee: Option<&str>, to: Destination) -> TicketEvent {
    TicketEvent::Escalated(Box::new(Escalated {
        reason: slug("needs-expertise"),
        to,
        context: "third time".into(),
        from_team: Some(slug(from_team)),
        from_assignee: from_assignee.map(id),
        by: Some(id(from_assignee.unwrap_or("lena"))),
    }))
}

fn returned(to_team: Option<&str>, to_assignee: Option<&str>) -> TicketEvent {
    TicketEvent::Returned(Box::new(Returned {
        to_team: to_team.map(slug),
        to_assignee: to_assignee.map(id),
        context: "it was the cache".into(),
    }))
}

/// What happens when it goes back to a team where nobody has it, or to none.
fn returned_to_nobody(to_team: Option<&str>) -> Then {
    Happened(vec![returned(to_team, None), TicketEvent::Offered(Offered { cause: OfferCause::Returned })])
}

// Situations

pub(super) fn an_escalated_ticket() -> Vec<TicketEvent> {
    [an_open_ticket(), vec![escalated_on("support", Some("ines"), to_team("billing"))]].concat()
}

/// From Ines of support to billing, where Omar took it, and on to content.
fn a_twice_escalated_ticket() -> Vec<TicketEvent> {
    let on = escalated_on("billing", Some("omar"), to_team("content"));
    [an_escalated_ticket(), vec![assigned("omar"), on]].concat()
}

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

#[test]
fn an_escalation_is_acknowledged_once_and_what_is_not_escalated_is_not() {
    let acknowledged = TicketEvent::Acknowledged(Acknowledged {});
    check(an_escalated_ticket(), agent(acknowledge()), Happened(vec![acknowledged.clone()]));
    check([an_escalated_ticket(), vec![acknowledged]].concat(), agent(acknowledge()), NothingHappened);
    for action in [acknowledge(), hand_back()] {
        check(an_open_ticket(), agent(action), Refused(TicketRefusal::NotEscalated));
    }
}

#[test]
fn an_escalation_is_acknowledged_by_whom_it_went_to_and_not_by_who_escalated_it() {
    let does = |who: &str, of_team, given: &[TicketEvent]| {
        let actor = Actor { id: id(who), role: Role::Supervisor, team: None };
        let command = TicketCommand { actor, action: Action::Acknowledge { of_team } };
        TicketDecider::decide(&command, &ticket(given.to_vec())).map(|events| events.len())
    };
    let refused = Err(TicketRefusal::NotTheReceiver);
    let given = an_escalated_ticket();
    assert_eq!(does("omar", true, &given), Ok(1));
    assert_eq!(does("omar", false, &given), refused, "of another team");
    assert_eq!(does("ines", true, &given), refused, "of both teams, and wrote it");
    let taken = [given, vec![assigned("ines")]].concat();
    assert_eq!(does("ines", false, &taken), Ok(1), "has it");
    assert_eq!(does("omar", true, &taken), refused, "it is for whoever has it");
    let in_person = escalated_on("support", Some("ines"), to_supervisor("lena"));
    let in_person = [an_open_ticket(), vec![in_person]].concat();
    assert_eq!(does("lena", false, &in_person), Ok(1));
    assert_eq!(does("omar", true, &in_person), refused, "of the team that it came from");
}

#[test]
fn an_escalated_ticket_goes_back_to_where_it_came_from() {
    check(an_escalated_ticket(), agent(hand_back()), Happened(vec![returned(Some("support"), Some("ines"))]));
    let back = after(an_escalated_ticket(), hand_back());
    let before = ticket(an_open_ticket());
    assert_eq!((back.team, back.assignee, back.status), (before.team, before.assignee, before.status));
    assert_eq!(back.escalation, None);
}

#[test]
fn what_was_escalated_twice_goes_back_step_by_step() {
    let given = a_twice_escalated_ticket();
    check(given.clone(), agent(hand_back()), Happened(vec![returned(Some("billing"), Some("omar"))]));
    let given = [given, vec![returned(Some("billing"), Some("omar"))]].concat();
    let back = ticket(given.clone());
    let first = ticket([an_escalated_ticket(), vec![assigned("omar")]].concat());
    assert_eq!((&back.escalation, back.origins().count()), (&first.escalation, 1), "it stands as it did");
    check(given.clone(), agent(hand_back()), Happened(vec![returned(Some("support"), Some("ines"))]));
    let given = [given, vec![returned(Some("support"), Some("ines"))]].concat();
    check(given, agent(hand_back()), Refused(TicketRefusal::NotEscalated));
}

#[test]
fn what_goes_to_and_fro_without_end_comes_back_to_the_newest_places() {
    let mut given = an_open_ticket();
    for step in 0..ESCALATIONS_MAX + 3 {
        let (from, to) = (format!("team-{step}"), format!("team-{}", step + 1));
        given.push(escalated_on(&from, None, to_team(&to)));
    }
    let origins = ticket(given.clone()).origins().count();
    assert_eq!(origins, ESCALATIONS_MAX);
    for step in (3..ESCALATIONS_MAX + 3).rev() {
        let to = format!("team-{step}");
        check(given.clone(), agent(hand_back()), returned_to_nobody(Some(&to)));
        given.push(returned(Some(&to), None));
    }
    check(given, agent(hand_back()), Refused(TicketRefusal::NotEscalated));
}

#[test]
fn what_is_returned_to_somebody_who_left_is_for_routing_within_their_team() {
    let left = hand_back_but_for(&[], &[("ines", "support")]);
    check(an_escalated_ticket(), agent(left.clone()), returned_to_nobody(Some("support")));
    let back = after(an_escalated_ticket(), left);
    assert_eq!((back.team.as_ref(), back.assignee.as_ref()), (Some(&slug("support")), None));
    assert!(crate::routing::is_up(&back));
    let elsewhere = hand_back_but_for(&[], &[("ines", "billing")]);
    check(an_escalated_ticket(), agent(elsewhere), Happened(vec![returned(Some("support"), Some("ines"))]));
}

#[test]
fn what_came_from_no_team_and_somebody_who_left_is_for_routing() {
    let from_nowhere = Escalated {
        reason: slug("needs-expertise"),
        to: to_team("billing"),
        context: "third time".into(),
        from_team: None,
        from_assignee: Some(id("ines")),
        by: None,
    };
    let given = [an_open_ticket(), vec![TicketEvent::Escalated(Box::new(from_nowhere))]].concat();
    let people = BTreeSet::from([(id("ines"), None)]);
    let left = Action::Return { context: body("it was the cache"), gone: Gone { people, ..Gone::default() } };
    check(given.clone(), agent(left.clone()), returned_to_nobody(None));
    assert!(crate::routing::is_up(&after(given.clone(), left)));
    check(given, agent(hand_back()), Happened(vec![returned(None, Some("ines"))]));
}

#[test]
fn what_came_from_a_team_that_is_none_any_more_goes_back_to_the_one_before() {
    let retired = hand_back_but_for(&["billing"], &[]);
    let back = returned(Some("support"), Some("ines"));
    check(a_twice_escalated_ticket(), agent(retired.clone()), Happened(vec![back]));
    assert_eq!(after(a_twice_escalated_ticket(), retired).escalation, None);
    let none_left = hand_back_but_for(&["billing", "support"], &[]);
    check(a_twice_escalated_ticket(), agent(none_left.clone()), returned_to_nobody(None));
    let back = after(a_twice_escalated_ticket(), none_left);
    assert_eq!((&back.team, &back.escalation), (&None, &None));
    assert!(crate::routing::is_up(&back));
}

#[test]
fn resolving_ends_an_escalation() {
    let given = [an_escalated_ticket(), vec![assigned("lena"), resolved("solved", Some("lena"))]].concat();
    assert_eq!(ticket(given.clone()).escalation, None);
    check(given, agent(acknowledge()), Refused(TicketRefusal::NotEscalated));
}
