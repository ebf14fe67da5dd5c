//! The promises about a ticket: given what happened, when somebody wishes something, then what follows.

mod assignment;
mod closing;
mod due;
mod enclosed;
mod escalation;
mod every_action;
mod follow_up;
mod forwarded;
mod opening;
mod pending;
mod properties;
mod resolution;
mod state;
mod thread;
mod work;

use super::command::Open;
use super::event::{
    Assigned, Channel, Confirmed, ConfirmedBy, Destination, Escalated, Language, Message, Opened, Priority,
    Rated, RatedThrough, Reassigned, ReopenCause, Reopened, Requester, Resolved, Score, SealedForGood,
    SetOpen, SetPending, Unassigned,
};
use super::{Action, Ticket, TicketCommand, TicketDecider, TicketEvent, TicketRefusal};
use crate::actor::{Actor, Role};
use crate::decider::Decider;
use crate::names::{ActorId, Slug};
use crate::text::{Body, Line};
use uuid::Uuid;

/// What follows from a wish.
#[derive(Debug, PartialEq, Eq)]
enum Then {
    /// These events, in this order.
    Happened(Vec<TicketEvent>),
    /// The wish held already.
    NothingHappened,
    /// The reason for which nothing is recorded.
    Refused(TicketRefusal),
}

use Then::{Happened, NothingHappened, Refused};

#[track_caller]
fn check(given: impl IntoIterator<Item = TicketEvent>, when: TicketCommand, then: Then) {
    let outcome = match TicketDecider::decide(&when, &ticket(given)) {
        Ok(events) if events.is_empty() => NothingHappened,
        Ok(events) => Happened(events),
        Err(refusal) => Refused(refusal),
    };
    assert_eq!(outcome, then, "when {:?}", when.action);
}

/// The ticket after a history.
fn ticket(given: impl IntoIterator<Item = TicketEvent>) -> Ticket {
    TicketDecider::fold(&Vec::from_iter(given))
}

/// The given history and then what a wish of a supervisor led to.
#[track_caller]
fn after(given: Vec<TicketEvent>, action: Action) -> Ticket {
    let events = TicketDecider::decide(&lead(action), &ticket(given.clone())).unwrap();
    ticket([given, events].concat())
}

fn by(role: Role, action: Action) -> TicketCommand {
    TicketCommand { actor: Actor { id: id("somebody"), role, team: None }, action }
}

fn agent(action: Action) -> TicketCommand {
    by(Role::Agent, action)
}

/// Who leads may do on a ticket whatever an agent may, and take it from whoever has it.
fn lead(action: Action) -> TicketCommand {
    by(Role::Supervisor, action)
}

fn customer(action: Action) -> TicketCommand {
    by(Role::Customer, action)
}

fn id(name: &str) -> ActorId {
    ActorId::new(name).unwrap()
}

fn slug(name: &str) -> Slug {
    Slug::new(name).unwrap()
}

fn body(text: &str) -> Body {
    Body::new(text).unwrap()
}

fn message(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

// Wishes

fn open() -> Open {
    Open {
        requester: id("carla"),
        requester_name: Some(Line::new("Carla Núñez").unwrap()),
        requester_email: None,
        subject: Line::new("No puedo entrar").unwrap(),
        body: body("Mi contraseña no funciona."),
        channel: Channel::Portal,
        language: Language::Es,
        priority: Priority::Normal,
        category: Some(slug("account")),
        team: Some(slug("support")),
        follows: None,
    }
}

fn assign(to: &str) -> Action {
    Action::Assign { to: id(to) }
}

fn change_team(to: Option<&str>) -> Action {
    Action::ChangeTeam { to: to.map(slug) }
}

fn reply(number: u128) -> Action {
    Action::Reply { message: message(number), body: body("hello"), then_pending: false }
}

fn reply_then_pending(number: u128) -> Action {
    Action::Reply { message: message(number), body: body("hello"), then_pending: true }
}

fn customer_reply(number: u128) -> Action {
    Action::CustomerReply { message: message(number), body: body("hello") }
}

fn note(number: u128) -> Action {
    Action::Note { message: message(number), body: body("hello") }
}

fn refuse(number: u128) -> Action {
    Action::Refuse { message: message(number), body: body("hello") }
}

fn rate(cycle: Option<u32>, score: Score, comment: Option<&str>) -> Action {
    Action::Rate { cycle, score, comment: comment.map(body), through: RatedThrough::SurveyLink }
}

fn set_pending(reason: &str) -> Action {
    Action::SetPending { reason: slug(reason) }
}

fn escalate(to: Destination) -> Action {
    Action::Escalate { reason: slug("needs-expertise"), to, context: body("third time") }
}

fn to_team(name: &str) -> Destination {
    Destination::Team(slug(name))
}

fn to_supervisor(name: &str) -> Destination {
    Destination::Supervisor(id(name))
}

fn resolve(resolution: &str) -> Action {
    let needs_assignee = !crate::catalog::RESOLUTIONS_WITHOUT_WORK.contains(&resolution);
    Action::Resolve {
        resolution: slug(resolution),
        needs_assignee,
        notes: None,
        confirmation: false,
        survey: false,
    }
}

// Events

fn opened() -> TicketEvent {
    let Open { requester, requester_name, subject, body, .. } = &open();
    let name = requester_name.as_ref().map(Into::into);
    TicketEvent::Opened(Box::new(Opened {
        requester: Requester { id: requester.clone(), name, email: None },
        subject: subject.into(),
        body: Some(body.into()),
        channel: Channel::Portal,
        language: Some(Language::Es),
        priority: Some(Priority::Normal),
        category: Some(slug("account")),
        team: Some(slug("support")),
        follows: None,
    }))
}

fn assigned(to: &str) -> TicketEvent {
    TicketEvent::Assigned(Assigned { to: id(to) })
}

fn reassigned(from: &str, to: &str) -> TicketEvent {
    TicketEvent::Reassigned(Reassigned { from: id(from), to: id(to) })
}

fn unassigned(from: &str) -> TicketEvent {
    TicketEvent::Unassigned(Unassigned { from: id(from) })
}

fn said(number: u128) -> Message {
    Message { message: message(number), body: Some((&body("hello")).into()) }
}

fn replied(number: u128) -> TicketEvent {
    TicketEvent::Replied(said(number))
}

fn customer_replied(number: u128) -> TicketEvent {
    TicketEvent::CustomerReplied(said(number))
}

fn noted(number: u128) -> TicketEvent {
    TicketEvent::Noted(said(number))
}

fn pending(reason: &str) -> TicketEvent {
    TicketEvent::SetPending(SetPending { reason: slug(reason) })
}

fn taken_up() -> TicketEvent {
    TicketEvent::SetOpen(SetOpen {})
}

fn escalated(to: Destination, from_assignee: Option<&str>) -> TicketEvent {
    TicketEvent::Escalated(Box::new(Escalated {
        reason: slug("needs-expertise"),
        to,
        context: "third time".into(),
        from_team: Some(slug("support")),
        from_assignee: from_assignee.map(id),
        by: Some(id("somebody")),
    }))
}

fn resolved(resolution: &str, assignee: Option<&str>) -> TicketEvent {
    TicketEvent::Resolved(Box::new(Resolved {
        resolution: Some(slug(resolution)),
        category: Some(slug("account")),
        assignee: assignee.map(id),
        notes: None,
        confirmation: false,
        survey: false,
    }))
}

fn reopened(cause: ReopenCause, cycle: u32) -> TicketEvent {
    TicketEvent::Reopened(Reopened { cause, cycle })
}

fn sealed() -> TicketEvent {
    TicketEvent::Sealed(SealedForGood {})
}

fn confirmed(cycle: u32, by: ConfirmedBy) -> TicketEvent {
    TicketEvent::Confirmed(Confirmed { cycle, by })
}

fn rated(cycle: u32, score: Score, comment: Option<&str>) -> TicketEvent {
    let comment = comment.map(Into::into);
    let (resolver, through) = (Some(id("ines")), Some(RatedThrough::SurveyLink));
    TicketEvent::Rated(Box::new(Rated { cycle, score, comment, resolver, through }))
}

// Situations

/// Resolved by Ines, and the customer is asked whether it is solved and how it was.
fn an_asked_ticket() -> Vec<TicketEvent> {
    let resolved = Resolved {
        resolution: Some(slug("solved")),
        category: Some(slug("account")),
        assignee: Some(id("ines")),
        notes: Some("closing notes".into()),
        confirmation: true,
        survey: true,
    };
    vec![opened(), assigned("ines"), replied(1), TicketEvent::Resolved(Box::new(resolved))]
}

fn a_new_ticket() -> Vec<TicketEvent> {
    vec![opened()]
}

fn an_open_ticket() -> Vec<TicketEvent> {
    vec![opened(), assigned("ines")]
}

fn a_returned_ticket() -> Vec<TicketEvent> {
    vec![opened(), assigned("ines"), unassigned("ines")]
}

fn a_pending_ticket() -> Vec<TicketEvent> {
    vec![opened(), assigned("ines"), replied(1), pending("customer")]
}

fn a_resolved_ticket() -> Vec<TicketEvent> {
    vec![opened(), assigned("ines"), replied(1), resolved("solved", Some("ines"))]
}

fn a_reopened_ticket() -> Vec<TicketEvent> {
    [a_resolved_ticket(), vec![reopened(ReopenCause::Staff, 2)]].concat()
}

fn a_sealed_ticket() -> Vec<TicketEvent> {
    [a_resolved_ticket(), vec![sealed()]].concat()
}
