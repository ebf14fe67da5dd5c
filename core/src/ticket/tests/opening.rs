//! Opening a ticket, and who may do what at all.

use super::*;
use crate::names::TicketNumber;
use crate::ticket::command::ActionName;
use crate::ticket::decide::{role_may, role_may_open};
use crate::ticket::{Lane, Status};

fn opening() -> Action {
    Action::Open(Box::new(open()))
}

#[test]
fn opening_records_everything_that_was_said() {
    check([], customer(opening()), Happened(vec![opened()]));
}

#[test]
fn an_opened_ticket_is_new_and_in_its_first_cycle() {
    let ticket = ticket([opened()]);
    assert_eq!((ticket.status, ticket.lane(), ticket.cycle), (Status::New, Lane::New, 1));
    assert_eq!((ticket.team, ticket.category), (Some(slug("support")), Some(slug("account"))));
    assert_eq!((ticket.priority, ticket.requester), (Some(Priority::Normal), Some(id("carla"))));
}

#[test]
fn a_ticket_is_opened_once() {
    for given in [a_new_ticket(), an_open_ticket(), a_sealed_ticket()] {
        check(given, customer(opening()), Refused(TicketRefusal::AlreadyOpened));
    }
}

#[test]
fn a_follow_up_names_the_ticket_it_continues() {
    let follows = Some(TicketNumber(17));
    let when = customer(Action::Open(Box::new(Open { follows, ..open() })));
    let events = TicketDecider::decide(&when, &Ticket::default()).unwrap();
    assert!(matches!(&events[..], [TicketEvent::Opened(opened)] if opened.follows == follows));
}

#[test]
fn text_is_recorded_byte_for_byte() {
    let odd = "e\u{301} \u{202e}abc\u{202c} \u{7}\r\n👩\u{200d}👧 ";
    let when = customer(Action::Open(Box::new(Open { body: body(odd), ..open() })));
    let events = TicketDecider::decide(&when, &Ticket::default()).unwrap();
    let [TicketEvent::Opened(opened)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(opened.body.as_ref().unwrap().plain(), Some(odd));
}

#[test]
fn there_is_no_acting_on_a_ticket_that_was_never_opened() {
    for action in [assign("ines"), reply(1), customer_reply(1), note(1), resolve("spam"), Action::Seal] {
        check([], agent(action), Refused(TicketRefusal::NotFound));
    }
}

/// Who may do what, as PRODUCT section 10 says: who only reads changes nothing.
const ROLES: &str = "
take: agent supervisor admin
assign: supervisor admin system
unassign: agent supervisor admin system
offer: supervisor admin system
reply: agent supervisor admin
note: agent supervisor admin
customer-reply: customer agent supervisor admin
set-pending: agent supervisor admin
set-open: agent supervisor admin
snooze: agent supervisor admin
escalate: agent supervisor admin
acknowledge: agent supervisor admin
return: agent supervisor admin
resolve: agent supervisor admin
confirm: customer agent supervisor admin system
refuse: customer agent supervisor admin
reopen: agent supervisor admin system
seal: agent supervisor admin system
change-team: agent supervisor admin system
change-priority: agent supervisor admin system
change-category: agent supervisor admin system
tag: agent supervisor admin
set-field: agent supervisor admin
follow: agent supervisor admin
unfollow: agent supervisor admin
link: agent supervisor admin
unlink: agent supervisor admin
merge: agent supervisor admin
unmerge: agent supervisor admin
open: customer agent supervisor admin system
";

#[test]
fn each_role_may_do_what_the_table_says_and_no_more() {
    let row = |name: &str, may: &dyn Fn(Role) -> bool| {
        let roles = Role::ALL.into_iter().filter(|role| may(*role)).map(Role::as_str);
        format!("{name}: {}\n", Vec::from_iter(roles).join(" "))
    };
    let mut table = String::from("\n");
    for action in ActionName::ALL {
        table += &row(action.as_str(), &|role| role_may(role, action));
    }
    table += &row("open", &role_may_open);
    assert_eq!(table, ROLES);
}

#[test]
fn what_a_role_may_not_do_is_refused_by_name() {
    let refused = |role, action| Refused(TicketRefusal::Role { role, action });
    let (customers, timers) = (Role::Customer, Role::System);
    check(a_new_ticket(), by(customers, note(1)), refused(customers, ActionName::Note));
    check(an_open_ticket(), by(customers, resolve("solved")), refused(customers, ActionName::Resolve));
    check(an_open_ticket(), by(timers, reply(1)), refused(timers, ActionName::Reply));
    check(an_open_ticket(), by(Role::Unknown, reply(1)), refused(Role::Unknown, ActionName::Reply));
    for role in [Role::Auditor, Role::Analyst, Role::Unknown] {
        check([], by(role, opening()), Refused(TicketRefusal::RoleMayNotOpen { role }));
    }
}

#[test]
fn a_role_is_refused_also_where_the_wish_already_holds() {
    let refusal = TicketRefusal::Role { role: Role::Auditor, action: ActionName::Assign };
    check(an_open_ticket(), by(Role::Auditor, assign("ines")), Refused(refusal));
}

#[test]
fn a_refusal_reads_as_a_sentence_and_has_a_code_of_its_own() {
    let refusals = [
        TicketRefusal::NotFound,
        TicketRefusal::AlreadyOpened,
        TicketRefusal::Resolved,
        TicketRefusal::NotResolved,
        TicketRefusal::AlreadyResolved { resolution: "solved".into() },
        TicketRefusal::Sealed,
        TicketRefusal::NoAssignee,
        TicketRefusal::NotStarted,
        TicketRefusal::Role { role: Role::Customer, action: ActionName::Seal },
        TicketRefusal::EscalatedToItself,
        TicketRefusal::ConfirmationNotAsked,
        TicketRefusal::RatingNotAsked,
        TicketRefusal::AlreadyRated { score: "good" },
        TicketRefusal::CycleOver,
    ];
    let mut codes = Vec::from(refusals.each_ref().map(TicketRefusal::code));
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), refusals.len());
    assert_eq!(refusals[8].to_string(), "the role customer does not allow seal");
    let may_not_open = TicketRefusal::RoleMayNotOpen { role: Role::Auditor };
    assert_eq!(may_not_open.to_string(), "the role auditor does not allow opening tickets");
    assert_eq!(may_not_open.code(), refusals[8].code());
    for refusal in refusals {
        let text = refusal.to_string();
        assert!(text.starts_with(char::is_lowercase) && !text.ends_with('.'), "{text}");
    }
}
