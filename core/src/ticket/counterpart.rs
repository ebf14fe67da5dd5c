//! What happens to another ticket when something happens to this one: merging, links, one that follows it, and messages that go on to the ticket
//! that this one is merged into. Both are appended at once, each at the version that it was decided on.

use super::event::{Absorbing, Attached, Forwarded, Linking, Message, ReopenCause, TicketEvent};
use super::refusal::{Bound, TicketRefusal};
use super::state::{Status, Ticket};
use super::{ABSORBED_MAX, LINKS_MAX, decide};
use crate::names::TicketNumber;

/// What an event means for another ticket.
enum Touch<'a> {
    Merges { into: TicketNumber },
    Unmerges { from: TicketNumber },
    Links { to: TicketNumber },
    Follows { earlier: TicketNumber },
    Unlinks { to: TicketNumber },
    Forwards { into: TicketNumber, said: &'a Message },
    ForwardsFile { into: TicketNumber, file: &'a Attached },
}

impl Touch<'_> {
    const fn other(&self) -> TicketNumber {
        match self {
            Self::Merges { into: other }
            | Self::Unmerges { from: other }
            | Self::Links { to: other }
            | Self::Follows { earlier: other }
            | Self::Unlinks { to: other }
            | Self::Forwards { into: other, .. }
            | Self::ForwardsFile { into: other, .. } => *other,
        }
    }
}

fn touch<'a>(event: &'a TicketEvent, before: &Ticket) -> Option<Touch<'a>> {
    match event {
        TicketEvent::Opened(opened) => opened.follows.map(|earlier| Touch::Follows { earlier }),
        TicketEvent::Merged(merged) => Some(Touch::Merges { into: merged.into }),
        TicketEvent::Unmerged(unmerged) => Some(Touch::Unmerges { from: unmerged.from }),
        TicketEvent::Linked(linking) => Some(Touch::Links { to: linking.to }),
        TicketEvent::Unlinked(linking) => Some(Touch::Unlinks { to: linking.to }),
        TicketEvent::CustomerReplied(said) => {
            before.merge.as_ref().map(|merge| Touch::Forwards { into: merge.into, said })
        }
        // What came with a note is as little the other ticket's as the note.
        TicketEvent::Attached(file) if !file.internal => {
            before.merge.as_ref().map(|merge| Touch::ForwardsFile { into: merge.into, file })
        }
        TicketEvent::Assigned(_)
        | TicketEvent::Reassigned(_)
        | TicketEvent::Unassigned(_)
        | TicketEvent::TeamChanged(_)
        | TicketEvent::PriorityChanged(_)
        | TicketEvent::CategoryChanged(_)
        | TicketEvent::Replied(_)
        | TicketEvent::Noted(_)
        | TicketEvent::SetPending(_)
        | TicketEvent::SetOpen(_)
        | TicketEvent::Escalated(_)
        | TicketEvent::Resolved(_)
        | TicketEvent::Reopened(_)
        | TicketEvent::Sealed(_)
        | TicketEvent::Routed(_)
        | TicketEvent::Offered(_)
        | TicketEvent::Attached(_)
        | TicketEvent::TemplateUsed(_)
        | TicketEvent::TagsChanged(_)
        | TicketEvent::FieldChanged(_)
        | TicketEvent::Followed(_)
        | TicketEvent::Unfollowed(_)
        | TicketEvent::Snoozed(_)
        | TicketEvent::Woken(_)
        | TicketEvent::Absorbed(_)
        | TicketEvent::Parted(_)
        | TicketEvent::Forwarded(_)
        | TicketEvent::Acknowledged(_)
        | TicketEvent::Returned(_)
        | TicketEvent::Confirmed(_)
        | TicketEvent::ConfirmationRefused(_)
        | TicketEvent::Rated(_)
        | TicketEvent::SourceRecorded(_) => None,
    }
}

/// The ticket that events are about beside the one that they happen to. There is at most one.
pub fn other(events: &[TicketEvent], before: &Ticket) -> Option<TicketNumber> {
    events.iter().find_map(|event| touch(event, before)).map(|touch| touch.other())
}

/// What happens to the other ticket, as it stands.
///
/// # Errors
/// [`TicketRefusal`] when the other ticket stands against it; then nothing happens to either.
pub fn effects(
    number: TicketNumber,
    before: &Ticket,
    events: &[TicketEvent],
    other: &Ticket,
) -> Result<Vec<TicketEvent>, TicketRefusal> {
    let mut effects = Vec::new();
    let mut reopens = None;
    for touch in events.iter().filter_map(|event| touch(event, before)) {
        match touch {
            Touch::Merges { into } => {
                may_take_in(number, before, into, other)?;
                effects.push(TicketEvent::Absorbed(Absorbing { ticket: number }));
            }
            Touch::Unmerges { .. } if other.absorbed.contains(&number) => {
                effects.push(TicketEvent::Parted(Absorbing { ticket: number }));
            }
            Touch::Links { to } => {
                may_link(number, to, other)?;
                if !other.links.contains(&number) {
                    effects.push(TicketEvent::Linked(Linking { to: number }));
                }
            }
            // Sealed or not. What somebody says is worth more than a link, so the one for which there is no room is left out.
            Touch::Follows { earlier } => {
                let room = other.links.len() < LINKS_MAX;
                if earlier != number && other.exists && room && !other.links.contains(&number) {
                    effects.push(TicketEvent::Linked(Linking { to: number }));
                }
            }
            Touch::Unlinks { .. } if other.links.contains(&number) => {
                effects.push(TicketEvent::Unlinked(Linking { to: number }));
            }
            // Only a history that no decider accepted knows of it on one side alone.
            Touch::Unmerges { .. } | Touch::Unlinks { .. } => {}
            Touch::Forwards { into, said } => {
                if other.sealed {
                    return Err(TicketRefusal::MergedIntoSealed { other: into });
                }
                let (message, body) = (said.message, said.body.clone());
                effects.push(TicketEvent::Forwarded(Forwarded { from: number, message, body }));
                if other.status == Status::Resolved {
                    reopens = Some(decide::next_cycle(ReopenCause::CustomerReply, other));
                }
            }
            Touch::ForwardsFile { file, .. } => effects.push(TicketEvent::Attached(Box::new(file.clone()))),
        }
    }
    // The files of a message come right after it, here as where they were sent to.
    effects.extend(reopens);
    Ok(effects)
}

fn may_link(number: TicketNumber, to: TicketNumber, other: &Ticket) -> Result<(), TicketRefusal> {
    if to == number {
        return Err(TicketRefusal::LinkedToItself);
    }
    exists(to, other)?;
    if !other.links.contains(&number) && other.links.len() >= LINKS_MAX {
        return Err(TicketRefusal::TooMany { what: Bound::Links, max: LINKS_MAX });
    }
    Ok(())
}

fn exists(number: TicketNumber, other: &Ticket) -> Result<(), TicketRefusal> {
    if other.exists { Ok(()) } else { Err(TicketRefusal::OtherNotFound { other: number }) }
}

/// Whether a ticket may be merged into another: into one of the same requester that stands by itself.
fn may_take_in(
    number: TicketNumber,
    before: &Ticket,
    into: TicketNumber,
    other: &Ticket,
) -> Result<(), TicketRefusal> {
    if into == number {
        return Err(TicketRefusal::MergedIntoItself);
    }
    exists(into, other)?;
    match &other.merge {
        Some(merge) if merge.into == number => return Err(TicketRefusal::MergedInACircle { other: into }),
        Some(merge) => return Err(TicketRefusal::TargetMerged { other: into, into: merge.into }),
        None => {}
    }
    if !other.absorbed.contains(&number) && other.absorbed.len() >= ABSORBED_MAX {
        return Err(TicketRefusal::TargetFull { other: into, max: ABSORBED_MAX });
    }
    if other.requester != before.requester {
        return Err(TicketRefusal::OfAnotherCustomer { other: into });
    }
    if other.sealed { Err(TicketRefusal::TargetSealed { other: into }) } else { Ok(()) }
}
