//! How each event changes a ticket. Total: it takes any history, also one no decider accepted.

use super::ESCALATIONS_MAX;
use super::event::{Destination, Escalated, TicketEvent};
use super::own::OwnStatus;
use super::state::{Closing, Escalation, KnownFile, Merge, Status, Ticket};
use crate::catalog::PENDING_SNOOZED;
use crate::names::Slug;
use crate::routing::is_up;
use uuid::Uuid;

/// The ticket after one more event.
pub(super) fn evolve(ticket: Ticket, event: &TicketEvent) -> Ticket {
    let seen = |ticket: &Ticket| (ticket.thread_version, OwnStatus::of(ticket), ticket.closing.clone());
    let before = seen(&ticket);
    let mut after = take(ticket, event);
    // What the staff does among itself leaves what the requester is told as it was (promise S1).
    if seen(&after) != before {
        after.own_version = after.own_version.next();
    }
    after
}

fn take(mut ticket: Ticket, event: &TicketEvent) -> Ticket {
    ticket.version = ticket.version.next();
    match event {
        TicketEvent::Opened(opened) => {
            ticket.exists = true;
            ticket.cycle = 1;
            ticket.requester = Some(opened.requester.id.clone());
            ticket.priority = opened.priority;
            ticket.category.clone_from(&opened.category);
            ticket.team.clone_from(&opened.team);
            ticket.follows = opened.follows;
            ticket.links.extend(opened.follows);
            ticket.thread_version = ticket.version;
        }
        TicketEvent::Assigned(assigned) => {
            ticket.assignee = Some(assigned.to.clone());
            ticket.decided_by_hand();
            ticket.leave_new();
        }
        TicketEvent::Reassigned(reassigned) => {
            ticket.assignee = Some(reassigned.to.clone());
            ticket.decided_by_hand();
            ticket.leave_new();
        }
        TicketEvent::Unassigned(_) => {
            ticket.assignee = None;
            ticket.decided_by_hand();
        }
        TicketEvent::TeamChanged(changed) => ticket.team.clone_from(&changed.to),
        TicketEvent::PriorityChanged(changed) => ticket.priority = Some(changed.to),
        TicketEvent::CategoryChanged(changed) => ticket.category = Some(changed.to.clone()),
        TicketEvent::Replied(message) => {
            ticket.memory.messages.insert(message.message);
            ticket.thread_version = ticket.version;
            ticket.leave_new();
        }
        TicketEvent::CustomerReplied(message) | TicketEvent::ConfirmationRefused(message) => {
            ticket.hear(message.message);
        }
        TicketEvent::Forwarded(forwarded) => ticket.hear(forwarded.message),
        TicketEvent::Noted(message) => {
            ticket.memory.messages.insert(message.message);
        }
        TicketEvent::SetPending(pending) => {
            ticket.open();
            ticket.status = Status::Pending;
            ticket.pending_reason = Some(pending.reason.clone());
        }
        TicketEvent::Snoozed(snoozed) => {
            ticket.open();
            ticket.status = Status::Pending;
            ticket.pending_reason =
                Some(Slug::new(PENDING_SNOOZED).expect("the catalog holds valid slugs only"));
            ticket.snoozed_until = Some(snoozed.until);
        }
        TicketEvent::SetOpen(_) | TicketEvent::Woken(_) => ticket.open(),
        TicketEvent::Escalated(escalated) => escalate(&mut ticket, escalated),
        TicketEvent::Acknowledged(_) => {
            if let Some(escalation) = &mut ticket.escalation {
                escalation.acknowledged = true;
            }
        }
        TicketEvent::Returned(returned) => {
            ticket.team.clone_from(&returned.to_team);
            ticket.assignee.clone_from(&returned.to_assignee);
            ticket.step_back(returned.to_team.as_ref());
            ticket.decided_by_hand();
            ticket.open();
        }
        TicketEvent::Resolved(resolved) => {
            ticket.finish();
            ticket.resolution.clone_from(&resolved.resolution);
            (ticket.escalation, ticket.earlier_escalations) = (None, Vec::new());
            ticket.closing = Some(Closing {
                confirmation: resolved.confirmation,
                survey: resolved.survey,
                resolver: resolved.assignee.clone(),
                ..Closing::default()
            });
        }
        TicketEvent::Reopened(reopened) => {
            ticket.open();
            ticket.cycle = reopened.cycle;
        }
        TicketEvent::Sealed(_) => {
            ticket.finish();
            ticket.sealed = true;
        }
        // Only an import could merge twice; the first knows how the ticket stood.
        TicketEvent::Merged(_) if ticket.merge.is_some() => {}
        TicketEvent::Merged(merged) => {
            let (status, pending_reason) = (ticket.status, ticket.pending_reason.take());
            let (into, snoozed_until) = (merged.into, ticket.snoozed_until.take());
            ticket.merge = Some(Merge { into, status, pending_reason, snoozed_until, written_to: false });
            ticket.status = Status::Resolved;
        }
        TicketEvent::Unmerged(_) => ticket.unmerge(),
        TicketEvent::Confirmed(confirmed) => {
            if let Some(closing) = ended(&mut ticket, confirmed.cycle) {
                closing.confirmed = Some(confirmed.by);
            }
        }
        TicketEvent::Rated(rated) => {
            if let Some(closing) = ended(&mut ticket, rated.cycle) {
                closing.rated = Some(rated.score);
                ticket.memory.comment.clone_from(&rated.comment);
            }
        }
        TicketEvent::Routed(routed) => {
            ticket.waiting_for = routed.waiting_for;
            ticket.routed_team = routed.rule.and_then(|_| routed.team.clone());
        }
        TicketEvent::Offered(_) => (ticket.by_hand, ticket.offered) = (false, true),
        TicketEvent::Attached(attached) => {
            // Whoever may see it in one place may see it.
            let known = ticket.memory.attachments.entry(attached.digest.clone());
            let known = known.or_insert_with(|| KnownFile {
                name: attached.name.clone(),
                public_name: None,
                media_type: attached.media_type.clone(),
                bytes: attached.bytes,
            });
            if !attached.internal {
                known.public_name.get_or_insert_with(|| attached.name.clone());
            }
        }
        TicketEvent::TagsChanged(changed) => {
            ticket.tags.extend(changed.added.iter().cloned());
            ticket.tags.retain(|tag| !changed.removed.contains(tag));
        }
        TicketEvent::FieldChanged(changed) => {
            ticket.memory.fields.remove(&changed.field);
            let set = changed.to.iter().map(|text| (changed.field.clone(), text.clone()));
            ticket.memory.fields.extend(set);
        }
        TicketEvent::Followed(following) => {
            ticket.followers.insert(following.by.clone());
        }
        TicketEvent::Unfollowed(following) => {
            ticket.followers.remove(&following.by);
        }
        TicketEvent::Linked(linking) => {
            ticket.links.insert(linking.to);
        }
        TicketEvent::Unlinked(linking) => {
            ticket.links.remove(&linking.to);
        }
        TicketEvent::Absorbed(absorbing) => {
            ticket.absorbed.insert(absorbing.ticket);
        }
        TicketEvent::Parted(absorbing) => {
            ticket.absorbed.remove(&absorbing.ticket);
        }
        TicketEvent::TemplateUsed(_) | TicketEvent::SourceRecorded(_) => {}
    }
    if !is_up(&ticket) {
        ticket.waiting_for = None;
    }
    ticket
}

/// Moves the ticket to where it is escalated.
fn escalate(ticket: &mut Ticket, escalated: &Escalated) {
    match &escalated.to {
        Destination::Team(team) => {
            ticket.team = Some(team.clone());
            ticket.assignee = None;
            // Whoever escalates to a team leaves it to the team who takes it.
            ticket.by_hand = false;
        }
        Destination::Supervisor(supervisor) => {
            ticket.assignee = Some(supervisor.clone());
            ticket.by_hand = true;
        }
    }
    ticket.waiting_for = None;
    ticket.routed_team = None;
    let standing = ticket.escalation.replace(Escalation {
        version: ticket.version,
        reason: escalated.reason.clone(),
        from_team: escalated.from_team.clone(),
        from_assignee: escalated.from_assignee.clone(),
        by: escalated.by.clone(),
        acknowledged: false,
    });
    ticket.earlier_escalations.extend(standing);
    // Whoever hands a ticket to and fro without end comes back to the newest places, not to all of them.
    if ticket.earlier_escalations.len() >= ESCALATIONS_MAX {
        ticket.earlier_escalations.remove(0);
    }
    ticket.open();
}

/// What was asked and said about the solution of a cycle, while it is the one that ended last.
fn ended(ticket: &mut Ticket, cycle: u32) -> Option<&mut Closing> {
    let current = ticket.cycle == cycle;
    ticket.closing.as_mut().filter(|_| current)
}

impl Ticket {
    /// Takes it up, from wherever it was: what holds only while pending or resolved holds no more.
    fn open(&mut self) {
        self.status = Status::Open;
        self.pending_reason = None;
        self.snoozed_until = None;
        self.resolution = None;
        self.closing = None;
        self.sealed = false;
    }

    /// People decided who works on it.
    fn decided_by_hand(&mut self) {
        self.by_hand = true;
        self.offered = false;
        self.waiting_for = None;
    }

    /// Ends the work: what holds only while it is in progress holds no more.
    fn finish(&mut self) {
        self.status = Status::Resolved;
        self.pending_reason = None;
        self.snoozed_until = None;
        self.waiting_for = None;
        self.offered = false;
    }

    /// Takes back the escalations that lead away from a team; all of them when none does.
    fn step_back(&mut self, to: Option<&Slug>) {
        while let Some(taken_back) = self.escalation.take() {
            self.escalation = self.earlier_escalations.pop();
            if taken_back.from_team.as_ref() == to {
                break;
            }
        }
    }

    /// Stands by itself again as it did before the merge; what its requester has written since opens it.
    fn unmerge(&mut self) {
        let Some(merge) = self.merge.take() else { return };
        self.status = merge.status;
        self.pending_reason = merge.pending_reason;
        self.snoozed_until = merge.snoozed_until;
        let reopened = merge.written_to && self.status == Status::Pending;
        if reopened || self.status == Status::Open {
            self.open();
        }
        if self.status != Status::Resolved {
            (self.resolution, self.closing, self.sealed) = (None, None, false);
        }
    }

    /// The customer was heard: a message of theirs, wherever they wrote it.
    fn hear(&mut self, message: Uuid) {
        self.memory.messages.insert(message);
        self.thread_version = self.version;
        match &mut self.merge {
            Some(merge) => merge.written_to = true,
            None if self.status == Status::Pending => self.open(),
            None => {}
        }
    }

    /// Leaves `new` for `open`; any other status stays.
    fn leave_new(&mut self) {
        if self.status == Status::New {
            self.open();
        }
    }
}
