//! What the customer says once the work is done: that it is solved, that it is not, and how it was.
//!
//! Source: PRODUCT sections 2 and 7, docs/adr/0024-closing.md.

use super::decide::{ALREADY_SO, Decision, next_cycle, not_merged, not_sealed, resolved, said};
use super::event::{Confirmed, ConfirmedBy, Rated, RatedThrough, ReopenCause, Score, TicketEvent};
use super::refusal::TicketRefusal;
use super::state::{Closing, Ticket};
use crate::actor::Role;
use crate::personal::PersonalText;
use crate::text::Body;
use uuid::Uuid;

/// What was asked about the solution and said of it, while the ticket is resolved. Where it is merged into another, its
/// requester is asked there.
pub fn ended(ticket: &Ticket) -> Option<&Closing> {
    ticket.closing.as_ref().filter(|_| resolved(ticket).is_ok() && ticket.merge.is_none())
}

/// What was asked of the customer, if they were asked to confirm.
fn asked(ticket: &Ticket) -> Result<&Closing, TicketRefusal> {
    resolved(ticket)?;
    ended(ticket).filter(|closing| closing.confirmation).ok_or(TicketRefusal::ConfirmationNotAsked)
}

pub(super) fn may_confirm(ticket: &Ticket) -> bool {
    not_sealed(ticket).is_ok() && asked(ticket).is_ok_and(|closing| closing.confirmed.is_none())
}

pub(super) fn may_refuse(ticket: &Ticket) -> bool {
    not_sealed(ticket).is_ok() && asked(ticket).is_ok()
}

pub(super) fn may_rate(ticket: &Ticket) -> bool {
    rateable(None, ticket).is_ok()
}

/// The cycle that can be rated now, if it is the one that is asked about.
///
/// # Errors
/// Why it cannot be rated.
pub fn rateable(cycle: Option<u32>, ticket: &Ticket) -> Result<u32, TicketRefusal> {
    let closing = surveyed(cycle, ticket)?;
    if let Some(score) = closing.rated {
        return Err(TicketRefusal::AlreadyRated { score: score.as_str() });
    }
    not_sealed(ticket)?;
    Ok(ticket.cycle)
}

/// What was asked of the customer, if they were asked how this cycle went.
fn surveyed(cycle: Option<u32>, ticket: &Ticket) -> Result<&Closing, TicketRefusal> {
    // A merge ends no cycle: what stands is that its requester is asked on the other ticket.
    not_merged(ticket)?;
    if cycle.is_some_and(|cycle| cycle != ticket.cycle || resolved(ticket).is_err()) {
        return Err(TicketRefusal::CycleOver);
    }
    resolved(ticket)?;
    ended(ticket).filter(|closing| closing.survey).ok_or(TicketRefusal::RatingNotAsked)
}

pub(super) fn confirm(role: Role, ticket: &Ticket) -> Decision {
    if asked(ticket).is_ok_and(|closing| closing.confirmed.is_some()) {
        return ALREADY_SO;
    }
    not_sealed(ticket)?;
    asked(ticket)?;
    let by = if role == Role::System { ConfirmedBy::Time } else { ConfirmedBy::Customer };
    Ok(vec![TicketEvent::Confirmed(Confirmed { cycle: ticket.cycle, by })])
}

/// Also what was confirmed is refused, by whomever: a message would take the ticket up again as well.
pub(super) fn refuse(message: Uuid, body: &Body, ticket: &Ticket) -> Decision {
    if ticket.memory.messages.contains(&message) {
        return ALREADY_SO;
    }
    not_sealed(ticket)?;
    asked(ticket)?;
    let refused = TicketEvent::ConfirmationRefused(said(message, body));
    Ok(vec![refused, next_cycle(ReopenCause::CustomerReply, ticket)])
}

/// The same rating by another way is the same: the way that stands is that of the first.
pub(super) fn rate(
    cycle: Option<u32>,
    score: Score,
    comment: Option<&Body>,
    through: RatedThrough,
    ticket: &Ticket,
) -> Decision {
    let closing = surveyed(cycle, ticket)?;
    let comment = comment.map(PersonalText::from);
    // A comment that would be lost is not passed over in silence.
    let said_before = comment.is_none() || comment == ticket.memory.comment;
    if closing.rated == Some(score) && said_before {
        return ALREADY_SO;
    }
    let cycle = rateable(cycle, ticket)?;
    let resolver = closing.resolver.clone();
    let through = Some(through);
    Ok(vec![TicketEvent::Rated(Box::new(Rated { cycle, score, comment, resolver, through }))])
}
