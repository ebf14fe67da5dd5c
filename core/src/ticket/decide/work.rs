//! What follows from wishes about the work on a ticket beside what is said: sorting, laying aside, merging, handing back.

use super::{ALREADY_SO, Decision, in_progress, next_cycle, not_merged, not_sealed};
use crate::names::{ActorId, Slug, TicketNumber};
use crate::personal::PersonalText;
use crate::text::{Body, Line};
use crate::ticket::event::{
    Acknowledged, FieldChanged, Following, Linking, Merged, ReopenCause, Returned, Snoozing, TagsChanged,
    Unmerged,
};
use crate::ticket::refusal::{Bound, TicketRefusal};
use crate::ticket::state::{Status, Ticket};
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

pub(super) fn acknowledge(ticket: &Ticket) -> Decision {
    let Some(escalation) = &ticket.escalation else { return Err(TicketRefusal::NotEscalated) };
    if escalation.acknowledged {
        return ALREADY_SO;
    }
    in_progress(ticket)?;
    Ok(vec![TicketEvent::Acknowledged(Acknowledged {})])
}

/// To the team that it came from, and to whoever had it if they are still there.
pub(super) fn hand_back(context: &Body, still_there: bool, ticket: &Ticket) -> Decision {
    let Some(escalation) = &ticket.escalation else { return Err(TicketRefusal::NotEscalated) };
    in_progress(ticket)?;
    Ok(vec![TicketEvent::Returned(Box::new(Returned {
        to_team: escalation.from_team.clone(),
        to_assignee: escalation.from_assignee.clone().filter(|_| still_there),
        context: context.into(),
    }))])
}
