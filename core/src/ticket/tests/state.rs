//! What a history amounts to: lanes, load, and histories of imports that no decider accepted.

use super::*;
use crate::agent::{AgentEvent, TicketReleased, TicketTaken, load_changes};
use crate::names::{OwnVersion, TicketNumber};
use crate::ticket::command::ActionName;
use crate::ticket::decide::allowed;
use crate::ticket::event::Priority;
use crate::ticket::{Lane, OwnStatus, Status};

const NUMBER: TicketNumber = TicketNumber(17);

fn taken(agent: &str) -> (ActorId, AgentEvent) {
    (id(agent), AgentEvent::TicketTaken(TicketTaken { ticket: NUMBER }))
}

fn released(agent: &str) -> (ActorId, AgentEvent) {
    (id(agent), AgentEvent::TicketReleased(TicketReleased { ticket: NUMBER }))
}

/// Given a history, when one more event happens, then this is what it means for the load of agents.
#[track_caller]
fn check_load(given: Vec<TicketEvent>, when: TicketEvent, then: &[(ActorId, AgentEvent)]) {
    let before = ticket(given);
    let after = TicketDecider::evolve(before.clone(), &when);
    assert_eq!(Vec::from_iter(load_changes(NUMBER, &before, &after)), then);
}

#[test]
fn every_status_has_its_lane() {
    let lane = |status| [false, true].map(|assigned| Lane::of(status, assigned));
    assert_eq!(lane(Status::New), [Lane::New, Lane::New]);
    assert_eq!(lane(Status::Open), [Lane::New, Lane::Open]);
    assert_eq!(lane(Status::Pending), [Lane::Pending; 2]);
    assert_eq!(lane(Status::Resolved), [Lane::Resolved; 2]);
}

#[test]
fn what_the_staff_does_among_itself_leaves_the_version_that_the_requester_is_told() {
    let given = vec![opened(), assigned("ines")];
    let told = ticket(given.clone());
    assert_eq!((told.own_version, OwnStatus::of(&told)), (OwnVersion(2), OwnStatus::InProgress));
    for among_itself in [
        note(9),
        assign("omar"),
        Action::Unassign,
        change_team(Some("technical")),
        Action::ChangePriority { to: Priority::Urgent },
        Action::ChangeCategory { to: slug("content") },
        set_pending("third-party"),
        escalate(to_team("technical")),
    ] {
        let after = after(given.clone(), among_itself.clone());
        assert_eq!(after.own_version, told.own_version, "{among_itself:?}");
        assert!(after.version > told.version, "{among_itself:?}");
    }
    for (in_public, stands) in [
        (reply(7), OwnStatus::InProgress),
        (customer_reply(7), OwnStatus::InProgress),
        (set_pending("customer"), OwnStatus::WaitingForYou),
        (resolve("solved"), OwnStatus::Solved),
    ] {
        let after = after(given.clone(), in_public.clone());
        assert_eq!((after.own_version, OwnStatus::of(&after)), (OwnVersion(3), stands), "{in_public:?}");
    }
    let sealed = after(vec![opened(), assigned("ines"), resolved("solved", Some("ines"))], Action::Seal);
    assert_eq!((sealed.own_version, OwnStatus::of(&sealed)), (OwnVersion(4), OwnStatus::Closed));
}

#[test]
fn a_stored_name_is_the_name_that_is_shown_to_programs() {
    for lane in Lane::ALL {
        assert_eq!((stored(&lane), Lane::parse(lane.as_str())), (lane.as_str().to_owned(), Some(lane)));
    }
    for status in [Status::New, Status::Open, Status::Pending, Status::Resolved] {
        assert_eq!(stored(&status), status.as_str());
    }
    for priority in Priority::ALL {
        assert_eq!(stored(&priority), priority.as_str());
        assert_eq!(Priority::parse(priority.as_str()), Some(priority));
    }
    for role in Role::ALL {
        assert_eq!((stored(&role), Role::parse(role.as_str())), (role.as_str().to_owned(), Some(role)));
    }
    for status in OwnStatus::ALL {
        assert_eq!(OwnStatus::parse(status.as_str()), Some(status));
    }
    assert_eq!((Lane::parse("New"), Priority::parse(""), Role::parse("root")), (None, None, None));
}

fn stored(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

#[test]
fn the_load_of_a_ticket_goes_where_its_assignee_goes() {
    check_load(a_new_ticket(), assigned("ines"), &[taken("ines")]);
    check_load(an_open_ticket(), reassigned("ines", "omar"), &[released("ines"), taken("omar")]);
    check_load(an_open_ticket(), unassigned("ines"), &[released("ines")]);
    check_load(an_open_ticket(), escalated(to_team("billing"), Some("ines")), &[released("ines")]);
    let to_lena = escalated(to_supervisor("lena"), Some("ines"));
    check_load(an_open_ticket(), to_lena, &[released("ines"), taken("lena")]);
}

#[test]
fn a_resolved_ticket_is_no_load_until_it_is_reopened() {
    check_load(an_open_ticket(), resolved("solved", Some("ines")), &[released("ines")]);
    check_load(a_resolved_ticket(), sealed(), &[]);
    check_load(a_resolved_ticket(), reopened(ReopenCause::Staff, 2), &[taken("ines")]);
}

#[test]
fn a_pending_ticket_stays_a_load() {
    check_load(an_open_ticket(), pending("customer"), &[]);
    check_load(a_pending_ticket(), noted(9), &[]);
    assert_eq!(ticket(a_pending_ticket()).burden(), Some(&id("ines")));
}

#[test]
fn what_is_allowed_follows_the_ticket_and_the_role() {
    use ActionName::{CustomerReply, Note};
    let allowed = |role, given| allowed(&by(role, Action::Reopen).actor, &ticket(given));
    assert_eq!(allowed(Role::Agent, vec![]), []);
    assert_eq!(allowed(Role::Customer, an_open_ticket()), [CustomerReply]);
    assert_eq!(allowed(Role::Agent, a_sealed_ticket()), [Note]);
    assert_eq!(allowed(Role::Customer, a_sealed_ticket()), []);
    for role in [Role::Auditor, Role::Analyst, Role::Unknown] {
        assert_eq!(allowed(role, an_open_ticket()), []);
    }
}

#[test]
fn an_import_that_works_on_after_sealing_leaves_a_ticket_that_can_be_worked() {
    for event in [taken_up(), pending("customer"), escalated(to_team("billing"), None)] {
        let given = [a_sealed_ticket(), vec![event]].concat();
        let ticket = ticket(given.clone());
        assert_eq!((ticket.sealed, ticket.resolution), (false, None));
        check(given, agent(reply(7)), Happened(vec![replied(7)]));
    }
}

#[test]
fn an_import_that_only_says_closed_leaves_a_sealed_ticket() {
    let ticket = ticket([opened(), sealed()]);
    assert_eq!((ticket.status, ticket.sealed, ticket.lane()), (Status::Resolved, true, Lane::Resolved));
}

#[test]
fn an_import_that_counts_cycles_to_the_limit_can_be_reopened() {
    let given = [a_reopened_ticket(), vec![reopened(ReopenCause::Unknown, u32::MAX), resolved("spam", None)]];
    let then = vec![reopened(ReopenCause::Staff, u32::MAX)];
    check(given.concat(), agent(Action::Reopen), Happened(then));
}

#[test]
fn what_docket_has_no_word_for_changes_nothing_but_the_version() {
    use crate::ticket::event::SourceRecorded;
    let before = ticket(a_pending_ticket());
    let mut after = TicketDecider::evolve(before.clone(), &TicketEvent::SourceRecorded(SourceRecorded {}));
    after.version = before.version;
    assert_eq!(after, before);
}
