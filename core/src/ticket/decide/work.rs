//! What follows from wishes about the work on a ticket beside what is said: sorting, laying aside, merging, handing back.

use super::{ALREADY_SO, Decision, in_progress, next_cycle, not_merged, not_sealed};
use crate::names::{ActorId, Slug, TicketNumber};
use crate::personal::PersonalText;
use crate::text::{Body, Line};
use crate::ticket::command::Gone;
use crate::ticket::event::{
    Acknowledged, FieldChanged, Following, Linking, Merged, OfferCause, Offered, ReopenCause, Returned,
    Snoozing, TagsChanged, Unmerged,
};
use crate::ticket::refusal::{Bound, TicketRefusal};
use crate::ticket::state::{Escalation, Status, Ticket};
use crate::ticket::{FIELDS_MAX, FOLLOWERS_MAX, LINKS_MAX, SNOOZE_MAX, TAGS_MAX, TicketEvent};
use crate::time::Timestamp;
use std::collections::BTreeSet;

/// Refuses one more than there may be.
fn within(is: usize, max: usize, what: Bound) -> Result<(), TicketRefusal> {
    if is > max { Err(TicketRefusal::TooMany { what, max }) } else { Ok(()) }
}

pub(super) fn tag(add: &BTreeSet<Slug>, remove: &BTreeSet<Slug>, ticket: &Ticket) -> Decision {
    let added = Vec::from_iter(add.iter().filter(|tag| !ticket.tags.contains(*tag)).cloned());
    let removed =
        Vec::from_iter(remove.intersection(&ticket.tags).filter(|tag| !add.contains(*tag)).cloned());
    if added.is_empty() && removed.is_empty() {
        return ALREADY_SO;
    }
    not_sealed(ticket)?;
    within(ticket.tags.len() + added.len() - removed.len(), TAGS_MAX, Bound::Tags)?;
    Ok(vec![TicketEvent::TagsChanged(TagsChanged { added, removed })])
}

pub(super) fn set_field(field: &Slug, to: Option<&Line>, ticket: &Ticket) -> Decision {
    let fields = &ticket.memory.fields;
    let to = to.map(PersonalText::from);
    if fields.get(field) == to.as_ref() {
        return ALREADY_SO;
    }
    not_sealed(ticket)?;
    within(fields.len() + usize::from(!fields.contains_key(field)), FIELDS_MAX, Bound::Fields)?;
    Ok(vec![TicketEvent::FieldChanged(FieldChanged { field: field.clone(), to })])
}

pub(super) fn follow(by: &ActorId, ticket: &Ticket) -> Decision {
    if ticket.followers.contains(by) {
        return ALREADY_SO;
    }
    not_sealed(ticket)?;
    within(ticket.followers.len() + 1, FOLLOWERS_MAX, Bound::Followers)?;
    Ok(vec![TicketEvent::Followed(Following { by: by.clone() })])
}

pub(super) fn unfollow(by: &ActorId, ticket: &Ticket) -> Decision {
    if !ticket.followers.contains(by) {
        return ALREADY_SO;
    }
    Ok(vec![TicketEvent::Unfollowed(Following { by: by.clone() })])
}

pub(super) fn link(to: TicketNumber, ticket: &Ticket) -> Decision {
    if ticket.links.contains(&to) {
        return ALREADY_SO;
    }
    not_sealed(ticket)?;
    within(ticket.links.len() + 1, LINKS_MAX, Bound::Links)?;
    Ok(vec![TicketEvent::Linked(Linking { to })])
}

pub(super) fn unlink(to: TicketNumber, ticket: &Ticket) -> Decision {
    if !ticket.links.contains(&to) {
        return ALREADY_SO;
    }
    not_sealed(ticket)?;
    Ok(vec![TicketEvent::Unlinked(Linking { to })])
}

pub(super) fn snooze(until: Timestamp, now: Timestamp, ticket: &Ticket) -> Decision {
    if ticket.snoozed_until == Some(until) {
        return ALREADY_SO;
    }
    in_progress(ticket)?;
    if until <= now || until > now.plus(SNOOZE_MAX) {
        return Err(TicketRefusal::SnoozeOutOfRange);
    }
    Ok(vec![TicketEvent::Snoozed(Snoozing { until })])
}

/// What the other ticket has to say is asked in [`crate::ticket::counterpart`].
pub(super) fn merge(into: TicketNumber, ticket: &Ticket) -> Decision {
    if ticket.merge.as_ref().is_some_and(|merge| merge.into == into) {
        return ALREADY_SO;
    }
    not_merged(ticket)?;
    not_sealed(ticket)?;
    if ticket.absorbed.contains(&into) {
        return Err(TicketRefusal::MergedInACircle { other: into });
    }
    if let Some(other) = ticket.absorbed.first() {
        return Err(TicketRefusal::HasMerged { other: *other });
    }
    Ok(vec![TicketEvent::Merged(Merged { into })])
}

pub(super) fn unmerge(ticket: &Ticket) -> Decision {
    let Some(merge) = &ticket.merge else { return Err(TicketRefusal::NotMerged) };
    let mut events = vec![TicketEvent::Unmerged(Unmerged { from: merge.into })];
    // What its requester has written to it since asks for work, as it would have if it had never been merged.
    if merge.status == Status::Resolved && merge.written_to {
        events.push(next_cycle(ReopenCause::CustomerReply, ticket));
    }
    Ok(events)
}

pub(super) fn acknowledge(by: &ActorId, of_team: bool, ticket: &Ticket) -> Decision {
    let Some(escalation) = &ticket.escalation else { return Err(TicketRefusal::NotEscalated) };
    if escalation.acknowledged {
        return ALREADY_SO;
    }
    in_progress(ticket)?;
    let is_theirs = ticket.assignee.as_ref() == Some(by);
    if !may_receive(by, ticket) || !(is_theirs || of_team) {
        return Err(TicketRefusal::NotTheReceiver);
    }
    Ok(vec![TicketEvent::Acknowledged(Acknowledged {})])
}

/// Whether somebody can be the one to whom the context of an escalation is written, as far as the ticket tells: whoever has
/// it, and while nobody does anybody but who wrote it.
pub(super) fn may_receive(by: &ActorId, ticket: &Ticket) -> bool {
    let wrote_it = || ticket.escalation.as_ref().is_some_and(|escalation| escalation.by.as_ref() == Some(by));
    ticket.assignee.as_ref().map_or_else(|| !wrote_it(), |assignee| assignee == by)
}

/// To the team that it came from, and to whoever had it if they are still there. Where the team is none any more, to the one
/// before; at last to no team. Where nobody has it then, routing finds somebody, or says why it does not.
pub(super) fn hand_back(context: &Body, gone: &Gone, ticket: &Ticket) -> Decision {
    if ticket.escalation.is_none() {
        return Err(TicketRefusal::NotEscalated);
    }
    in_progress(ticket)?;
    let stands = |team: &Slug| !gone.teams.contains(team);
    let origin = ticket.origins().find(|origin| origin.from_team.as_ref().is_none_or(stands));
    let (to_team, to_assignee) = match origin {
        Some(Escalation { from_team, from_assignee: Some(from), .. })
            if !gone.has(from, from_team.as_ref()) =>
        {
            (from_team.clone(), Some(from.clone()))
        }
        Some(Escalation { from_team, .. }) => (from_team.clone(), None),
        None => (None, None),
    };
    let offered = TicketEvent::Offered(Offered { cause: OfferCause::Returned });
    let offered = to_assignee.is_none().then_some(offered);
    let returned = Returned { to_team, to_assignee, context: context.into() };
    Ok(std::iter::once(TicketEvent::Returned(Box::new(returned))).chain(offered).collect())
}
