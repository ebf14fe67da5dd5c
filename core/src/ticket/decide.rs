//! What follows from a wish about a ticket: events, nothing, or a refusal.

mod work;

use super::closing;
use super::command::{Action, ActionName, Open, TicketCommand};
use super::event::{
    Assigned, CategoryChanged, Destination, Escalated, Message, OfferCause, Offered, Opened, PriorityChanged,
    Reassigned, ReopenCause, Reopened, Requester, Resolved, SealedForGood, SetOpen, SetPending, Snoozing,
    TeamChanged, TicketEvent, Unassigned,
};
use super::refusal::TicketRefusal;
use super::state::{Status, Ticket};
use crate::actor::{Actor, Role};
use crate::catalog::PENDING_CUSTOMER;
use crate::names::{ActorId, Slug};
use crate::text::Body;
use uuid::Uuid;

pub(super) type Decision = Result<Vec<TicketEvent>, TicketRefusal>;

/// The wish already holds.
pub(super) const ALREADY_SO: Decision = Ok(Vec::new());

pub(super) fn decide(command: &TicketCommand, ticket: &Ticket) -> Decision {
    let opens = command.action.name().is_none();
    if !opens && !ticket.exists {
        return Err(TicketRefusal::NotFound);
    }
    check_role(command)?;
    decide_action(&command.action, &command.actor, ticket)
}

fn decide_action(action: &Action, actor: &Actor, ticket: &Ticket) -> Decision {
    match action {
        Action::Open(open) => decide_open(open, ticket),
        Action::Take => take(actor, ticket),
        Action::Enclosing(enclosing) => {
            let events = decide_action(&enclosing.action, actor, ticket)?;
            enclosing.among(events, actor.role, ticket)
        }
        Action::Assign { to } => assign(to, ticket),
        Action::Unassign => unassign(actor, ticket),
        Action::Offer => offer(ticket),
        Action::ChangeTeam { to } => change_team(to.as_ref(), ticket),
        Action::ChangePriority { to } => {
            if ticket.priority == Some(*to) {
                return ALREADY_SO;
            }
            in_progress(ticket)?;
            Ok(vec![TicketEvent::PriorityChanged(PriorityChanged { from: ticket.priority, to: *to })])
        }
        Action::ChangeCategory { to } => {
            if ticket.category.as_ref() == Some(to) {
                return ALREADY_SO;
            }
            not_merged(ticket)?;
            not_sealed(ticket)?;
            let from = ticket.category.clone();
            Ok(vec![TicketEvent::CategoryChanged(CategoryChanged { from, to: to.clone() })])
        }
        Action::Reply { message, body, then_pending } => reply(*message, body, *then_pending, ticket),
        Action::CustomerReply { message, body } => customer_reply(*message, body, ticket),
        Action::Note { message, body } => {
            // A note is taken on a sealed ticket too: it changes nothing for the customer.
            if ticket.memory.messages.contains(message) {
                return ALREADY_SO;
            }
            Ok(vec![TicketEvent::Noted(said(*message, body))])
        }
        Action::SetPending { reason } => set_pending(reason, ticket),
        Action::SetOpen => set_open(ticket),
        Action::Escalate { reason, to, context } => escalate(reason, to, context, &actor.id, ticket),
        Action::Resolve { resolution, needs_assignee, notes, confirmation, survey } => {
            let wish = Resolution {
                resolution,
                notes: notes.as_ref(),
                confirmation: *confirmation,
                survey: *survey,
            };
            resolve(&wish, *needs_assignee, ticket)
        }
        Action::Reopen => reopen(ticket),
        Action::Seal => {
            if ticket.sealed {
                return ALREADY_SO;
            }
            resolved(ticket)?;
            Ok(vec![TicketEvent::Sealed(SealedForGood {})])
        }
        Action::Acknowledge { of_team } => work::acknowledge(&actor.id, *of_team, ticket),
        Action::Return { context, gone } => work::hand_back(context, gone, ticket),
        Action::Snooze { until, now } => work::snooze(*until, *now, ticket),
        Action::Tag { add, remove } => work::tag(add, remove, ticket),
        Action::SetField { field, to } => work::set_field(field, to.as_ref(), ticket),
        Action::Follow => work::follow(&actor.id, ticket),
        Action::Unfollow => work::unfollow(&actor.id, ticket),
        Action::Link { to } => work::link(*to, ticket),
        Action::Unlink { to } => work::unlink(*to, ticket),
        Action::Merge { into } => work::merge(*into, ticket),
        Action::Unmerge => work::unmerge(ticket),
        Action::Confirm => closing::confirm(actor.role, ticket),
        Action::Refuse { message, body } => closing::refuse(*message, body, ticket),
        Action::Rate { cycle, score, comment, through } => {
            closing::rate(*cycle, *score, comment.as_ref(), *through, ticket)
        }
        Action::Wake { until } => {
            if ticket.snoozed_until != Some(*until) {
                return ALREADY_SO;
            }
            Ok(vec![TicketEvent::Woken(Snoozing { until: *until })])
        }
    }
}

impl Action {
    /// The action's name; none for opening, which is no action on an existing ticket.
    pub fn name(&self) -> Option<ActionName> {
        Some(match self {
            Self::Open(_) => return None,
            Self::Take => ActionName::Take,
            Self::Enclosing(enclosing) => return enclosing.action.name(),
            Self::Assign { .. } => ActionName::Assign,
            Self::Unassign => ActionName::Unassign,
            Self::Offer => ActionName::Offer,
            Self::ChangeTeam { .. } => ActionName::ChangeTeam,
            Self::ChangePriority { .. } => ActionName::ChangePriority,
            Self::ChangeCategory { .. } => ActionName::ChangeCategory,
            Self::Reply { .. } => ActionName::Reply,
            Self::CustomerReply { .. } => ActionName::CustomerReply,
            Self::Note { .. } => ActionName::Note,
            Self::SetPending { .. } => ActionName::SetPending,
            Self::SetOpen => ActionName::SetOpen,
            Self::Escalate { .. } => ActionName::Escalate,
            Self::Resolve { .. } => ActionName::Resolve,
            Self::Reopen => ActionName::Reopen,
            Self::Seal => ActionName::Seal,
            Self::Acknowledge { .. } => ActionName::Acknowledge,
            Self::Return { .. } => ActionName::Return,
            Self::Snooze { .. } => ActionName::Snooze,
            Self::Tag { .. } => ActionName::Tag,
            Self::SetField { .. } => ActionName::SetField,
            Self::Follow => ActionName::Follow,
            Self::Unfollow => ActionName::Unfollow,
            Self::Link { .. } => ActionName::Link,
            Self::Unlink { .. } => ActionName::Unlink,
            Self::Merge { .. } => ActionName::Merge,
            Self::Unmerge => ActionName::Unmerge,
            Self::Confirm => ActionName::Confirm,
            Self::Refuse { .. } => ActionName::Refuse,
            Self::Rate { .. } => ActionName::Rate,
            Self::Wake { .. } => ActionName::Wake,
        })
    }
}

/// Whether a role may open a ticket. Who only reads may not (PRODUCT section 10).
pub fn role_may_open(role: Role) -> bool {
    role == Role::Customer || role.is_staff() || role == Role::System
}

/// Whether a role may do something at all (PRODUCT section 10).
pub fn role_may(role: Role, action: ActionName) -> bool {
    match action {
        // An agent may write down what a customer said on the telephone.
        ActionName::CustomerReply | ActionName::Refuse => role == Role::Customer || role.is_staff(),
        // A timer confirms for a customer who says nothing.
        ActionName::Confirm => role == Role::Customer || role.is_staff() || role == Role::System,
        // Nobody says for somebody else how good the work was, least of all whoever did it.
        ActionName::Rate => role == Role::Customer,
        ActionName::Wake => role == Role::System,
        ActionName::Seal | ActionName::Reopen => role.is_staff() || role == Role::System,
        // PRODUCT section 3: an agent takes a ticket; a supervisor assigns and reassigns.
        ActionName::Assign | ActionName::Offer => role.leads() || role == Role::System,
        ActionName::Unassign
        | ActionName::ChangeTeam
        | ActionName::ChangePriority
        | ActionName::ChangeCategory => role.is_staff() || role == Role::System,
        ActionName::Take
        | ActionName::Acknowledge
        | ActionName::Return
        | ActionName::Snooze
        | ActionName::Tag
        | ActionName::SetField
        | ActionName::Follow
        | ActionName::Unfollow
        | ActionName::Link
        | ActionName::Unlink
        | ActionName::Merge
        | ActionName::Unmerge => role.is_staff(),
        ActionName::Reply
        | ActionName::Note
        | ActionName::SetPending
        | ActionName::SetOpen
        | ActionName::Escalate
        | ActionName::Resolve => role.is_staff(),
    }
}

/// The actions that are allowed on the ticket now, for somebody (PRODUCT section 2: the API names them).
pub fn allowed(actor: &Actor, ticket: &Ticket) -> Vec<ActionName> {
    ActionName::ALL.into_iter().filter(|action| is_allowed(actor, *action, ticket)).collect()
}

/// Whether an action is allowed on the ticket now, for somebody.
pub fn is_allowed(actor: &Actor, action: ActionName, ticket: &Ticket) -> bool {
    ticket.exists && role_may(actor.role, action) && fits(action, actor, ticket)
}

/// Whether an action of somebody can have an effect on the ticket as it stands.
fn fits(action: ActionName, actor: &Actor, ticket: &Ticket) -> bool {
    let open = in_progress(ticket).is_ok();
    let takes_messages = not_sealed(ticket).is_ok();
    match action {
        ActionName::Note => true,
        ActionName::CustomerReply => takes_messages,
        ActionName::ChangeCategory | ActionName::Reply => takes_messages && ticket.merge.is_none(),
        ActionName::Reopen | ActionName::Seal => resolved(ticket).is_ok() && takes_messages,
        ActionName::Assign
        | ActionName::ChangeTeam
        | ActionName::ChangePriority
        | ActionName::SetPending
        | ActionName::Snooze
        | ActionName::Escalate
        | ActionName::Resolve => open,
        ActionName::Take => {
            open && ticket.assignee.as_ref() != Some(&actor.id) && may_take_from(actor, ticket).is_ok()
        }
        ActionName::Unassign => open && ticket.assignee.is_some() && may_take_from(actor, ticket).is_ok(),
        ActionName::Offer => open && !is_offered(ticket),
        ActionName::SetOpen => open && ticket.status == Status::Pending,
        ActionName::Acknowledge => {
            open && ticket.escalation.as_ref().is_some_and(|last| !last.acknowledged)
                && work::may_receive(&actor.id, ticket)
        }
        ActionName::Return => open && ticket.escalation.is_some(),
        ActionName::Tag | ActionName::SetField | ActionName::Link => takes_messages,
        ActionName::Follow => takes_messages && !ticket.followers.contains(&actor.id),
        ActionName::Unfollow => ticket.followers.contains(&actor.id),
        ActionName::Unlink => takes_messages && !ticket.links.is_empty(),
        ActionName::Merge => takes_messages && ticket.merge.is_none() && ticket.absorbed.is_empty(),
        ActionName::Unmerge => ticket.merge.is_some(),
        ActionName::Confirm => closing::may_confirm(ticket),
        ActionName::Refuse => closing::may_refuse(ticket),
        ActionName::Rate => closing::may_rate(ticket),
        ActionName::Wake => ticket.snoozed_until.is_some(),
    }
}

/// Refuses a command that the role may never give.
pub(crate) fn check_role(command: &TicketCommand) -> Result<(), TicketRefusal> {
    let role = command.actor.role;
    match command.action.name() {
        Some(action) if !role_may(role, action) => Err(TicketRefusal::Role { role, action }),
        None if !role_may_open(role) => Err(TicketRefusal::RoleMayNotOpen { role }),
        Some(_) | None => Ok(()),
    }
}

pub(super) fn not_sealed(ticket: &Ticket) -> Result<(), TicketRefusal> {
    if ticket.sealed { Err(TicketRefusal::Sealed) } else { Ok(()) }
}

pub(super) fn not_merged(ticket: &Ticket) -> Result<(), TicketRefusal> {
    let merged = ticket.merge.as_ref().map(|merge| TicketRefusal::Merged { into: merge.into });
    merged.map_or(Ok(()), Err)
}

fn in_progress(ticket: &Ticket) -> Result<(), TicketRefusal> {
    not_merged(ticket)?;
    not_sealed(ticket)?;
    if ticket.status == Status::Resolved { Err(TicketRefusal::Resolved) } else { Ok(()) }
}

pub(super) fn resolved(ticket: &Ticket) -> Result<(), TicketRefusal> {
    not_merged(ticket)?;
    if ticket.status == Status::Resolved { Ok(()) } else { Err(TicketRefusal::NotResolved) }
}

pub(super) fn said(message: Uuid, body: &Body) -> Message {
    Message { message, body: Some(body.into()) }
}

fn decide_open(open: &Open, ticket: &Ticket) -> Decision {
    if ticket.exists {
        return Err(TicketRefusal::AlreadyOpened);
    }
    Ok(vec![TicketEvent::Opened(Box::new(Opened {
        requester: Requester {
            id: open.requester.clone(),
            name: open.requester_name.as_ref().map(Into::into),
            email: open.requester_email.as_ref().map(Into::into),
        },
        subject: (&open.subject).into(),
        body: Some((&open.body).into()),
        channel: open.channel,
        language: Some(open.language),
        priority: Some(open.priority),
        category: open.category.clone(),
        team: open.team.clone(),
        follows: open.follows,
    }))])
}

/// Whoever does not lead takes from nobody.
fn may_take_from(actor: &Actor, ticket: &Ticket) -> Result<(), TicketRefusal> {
    match &ticket.assignee {
        Some(assignee) if *assignee != actor.id && !actor.role.leads() && actor.role != Role::System => {
            Err(TicketRefusal::OfSomebodyElse { assignee: assignee.clone() })
        }
        Some(_) | None => Ok(()),
    }
}

fn take(actor: &Actor, ticket: &Ticket) -> Decision {
    in_progress(ticket)?;
    may_take_from(actor, ticket)?;
    assign(&actor.id, ticket)
}

fn assign(to: &ActorId, ticket: &Ticket) -> Decision {
    in_progress(ticket)?;
    Ok(match &ticket.assignee {
        Some(from) if from == to => Vec::new(),
        Some(from) => vec![TicketEvent::Reassigned(Reassigned { from: from.clone(), to: to.clone() })],
        None => vec![TicketEvent::Assigned(Assigned { to: to.clone() })],
    })
}

fn unassign(actor: &Actor, ticket: &Ticket) -> Decision {
    let Some(from) = &ticket.assignee else { return ALREADY_SO };
    in_progress(ticket)?;
    may_take_from(actor, ticket)?;
    Ok(vec![TicketEvent::Unassigned(Unassigned { from: from.clone() })])
}

/// Puts it up for routing again. Whoever has it loses it: they were asked, or left.
fn offer(ticket: &Ticket) -> Decision {
    if is_offered(ticket) {
        return ALREADY_SO;
    }
    in_progress(ticket)?;
    let left = ticket.assignee.clone().map(|from| TicketEvent::Unassigned(Unassigned { from }));
    let offered = TicketEvent::Offered(Offered { cause: OfferCause::Staff });
    Ok(left.into_iter().chain([offered]).collect())
}

/// Whether it has been offered and nothing came of it yet.
fn is_offered(ticket: &Ticket) -> bool {
    ticket.offered && ticket.assignee.is_none() && !ticket.by_hand
}

fn change_team(to: Option<&Slug>, ticket: &Ticket) -> Decision {
    if ticket.team.as_ref() == to {
        return ALREADY_SO;
    }
    in_progress(ticket)?;
    Ok(vec![TicketEvent::TeamChanged(TeamChanged { from: ticket.team.clone(), to: to.cloned() })])
}

fn reply(message: Uuid, body: &Body, then_pending: bool, ticket: &Ticket) -> Decision {
    if ticket.memory.messages.contains(&message) {
        return ALREADY_SO;
    }
    not_merged(ticket)?;
    not_sealed(ticket)?;
    let mut events = vec![TicketEvent::Replied(said(message, body))];
    // A reply to a resolved ticket ("glad it works") leaves it resolved; waiting makes no sense there.
    if then_pending {
        in_progress(ticket)?;
        let reason = slug(PENDING_CUSTOMER);
        if ticket.status != Status::Pending || ticket.pending_reason.as_ref() != Some(&reason) {
            events.push(TicketEvent::SetPending(SetPending { reason }));
        }
    }
    Ok(events)
}

fn customer_reply(message: Uuid, body: &Body, ticket: &Ticket) -> Decision {
    if ticket.memory.messages.contains(&message) {
        return ALREADY_SO;
    }
    not_sealed(ticket)?;
    let mut events = vec![TicketEvent::CustomerReplied(said(message, body))];
    if ticket.status == Status::Resolved && ticket.merge.is_none() {
        events.push(next_cycle(ReopenCause::CustomerReply, ticket));
    }
    Ok(events)
}

fn set_pending(reason: &Slug, ticket: &Ticket) -> Decision {
    if ticket.status == Status::Pending && ticket.pending_reason.as_ref() == Some(reason) {
        return ALREADY_SO;
    }
    in_progress(ticket)?;
    Ok(vec![TicketEvent::SetPending(SetPending { reason: reason.clone() })])
}

fn set_open(ticket: &Ticket) -> Decision {
    in_progress(ticket)?;
    match ticket.status {
        Status::Open => ALREADY_SO,
        Status::Pending => Ok(vec![TicketEvent::SetOpen(SetOpen {})]),
        Status::New => Err(TicketRefusal::NotStarted),
        Status::Resolved => Err(TicketRefusal::Resolved),
    }
}

fn escalate(reason: &Slug, to: &Destination, context: &Body, by: &ActorId, ticket: &Ticket) -> Decision {
    in_progress(ticket)?;
    let already_there = match to {
        Destination::Team(team) => ticket.team.as_ref() == Some(team),
        Destination::Supervisor(supervisor) => ticket.assignee.as_ref() == Some(supervisor),
    };
    if already_there {
        return Err(TicketRefusal::EscalatedToItself);
    }
    Ok(vec![TicketEvent::Escalated(Box::new(Escalated {
        reason: reason.clone(),
        to: to.clone(),
        context: context.into(),
        from_team: ticket.team.clone(),
        from_assignee: ticket.assignee.clone(),
        by: Some(by.clone()),
    }))])
}

/// How the work shall end.
struct Resolution<'a> {
    resolution: &'a Slug,
    notes: Option<&'a Body>,
    confirmation: bool,
    survey: bool,
}

fn resolve(wish: &Resolution<'_>, needs_assignee: bool, ticket: &Ticket) -> Decision {
    let Resolution { resolution, notes, confirmation, survey } = *wish;
    not_merged(ticket)?;
    not_sealed(ticket)?;
    if ticket.status == Status::Resolved {
        return match &ticket.resolution {
            // Notes that would be lost are not passed over in silence.
            Some(standing) if standing == resolution && notes.is_none() => ALREADY_SO,
            Some(standing) => Err(TicketRefusal::AlreadyResolved { resolution: standing.to_string() }),
            None => Err(TicketRefusal::Resolved),
        };
    }
    if ticket.assignee.is_none() && needs_assignee {
        return Err(TicketRefusal::NoAssignee);
    }
    Ok(vec![TicketEvent::Resolved(Box::new(Resolved {
        resolution: Some(resolution.clone()),
        category: ticket.category.clone(),
        assignee: ticket.assignee.clone(),
        notes: notes.map(Into::into),
        confirmation,
        survey,
    }))])
}

fn reopen(ticket: &Ticket) -> Decision {
    not_merged(ticket)?;
    not_sealed(ticket)?;
    match ticket.status {
        Status::Open if ticket.cycle > 1 => ALREADY_SO,
        Status::New | Status::Open | Status::Pending => Err(TicketRefusal::NotResolved),
        Status::Resolved => Ok(vec![next_cycle(ReopenCause::Staff, ticket)]),
    }
}

pub(super) fn next_cycle(cause: ReopenCause, ticket: &Ticket) -> TicketEvent {
    TicketEvent::Reopened(Reopened { cause, cycle: ticket.cycle.saturating_add(1) })
}

fn slug(name: &str) -> Slug {
    Slug::new(name).expect("the catalog holds valid slugs only")
}
