//! What a timeline shows of the work on a ticket beside what is said.

use super::{Entry, FileEntry};
use docket_core::names::Slug;
use docket_core::ticket::TicketEvent;
use docket_core::ticket::event::{ConfirmedBy, OfferCause};
use std::fmt::Display;

impl Entry {
    /// Takes an event that moves the work along; all others leave the entry as it is.
    pub(super) fn take_work(&mut self, event: &TicketEvent) {
        let text = |value: &dyn Display| Some(value.to_string());
        // What only the staff may see is named below; the rest a customer may know of.
        match event {
            TicketEvent::Routed(routed) => {
                self.internal = true;
                self.to = routed.to.as_ref().map(ToString::to_string);
                self.reason = routed.waiting_for.map(|reason| reason.as_str().to_owned());
            }
            TicketEvent::Offered(offered) => {
                self.internal = true;
                let cause = match offered.cause {
                    OfferCause::AssigneeLeft => "assignee_left",
                    OfferCause::Staff => "staff",
                    OfferCause::Returned => "returned",
                };
                self.reason = Some(cause.to_owned());
            }
            TicketEvent::Attached(attached) => {
                self.internal = attached.internal;
                self.file = Some(FileEntry {
                    message: attached.message.as_ref().map(ToString::to_string),
                    digest: attached.digest.clone(),
                    media_type: attached.media_type.clone(),
                    bytes: attached.bytes,
                });
            }
            TicketEvent::TemplateUsed(used) => {
                self.internal = true;
                (self.to, self.reason) = (text(&used.template), text(&used.version));
            }
            TicketEvent::TagsChanged(changed) => {
                self.internal = true;
                (self.from, self.to) = (list(&changed.removed), list(&changed.added));
            }
            TicketEvent::FieldChanged(changed) => {
                self.internal = true;
                self.to = text(&changed.field);
            }
            TicketEvent::Followed(following) | TicketEvent::Unfollowed(following) => {
                self.internal = true;
                self.to = text(&following.by);
            }
            TicketEvent::Linked(linking) | TicketEvent::Unlinked(linking) => {
                self.internal = true;
                self.to = text(&linking.to);
            }
            TicketEvent::Snoozed(snoozing) | TicketEvent::Woken(snoozing) => {
                self.internal = true;
                self.due_at = Some(snoozing.until);
            }
            TicketEvent::Merged(merged) => self.to = text(&merged.into),
            TicketEvent::Unmerged(unmerged) => self.from = text(&unmerged.from),
            TicketEvent::Absorbed(other) => self.from = text(&other.ticket),
            TicketEvent::Parted(other) => self.to = text(&other.ticket),
            TicketEvent::Forwarded(forwarded) => self.from = text(&forwarded.from),
            TicketEvent::Returned(returned) => {
                self.internal = true;
                let team = returned.to_team.as_ref().map(ToString::to_string);
                self.to = returned.to_assignee.as_ref().map(ToString::to_string).or(team);
            }
            TicketEvent::Acknowledged(_) => self.internal = true,
            TicketEvent::Confirmed(confirmed) => {
                let by = match confirmed.by {
                    ConfirmedBy::Customer => "customer",
                    ConfirmedBy::Time => "time",
                };
                (self.to, self.reason) = (text(&confirmed.cycle), Some(by.to_owned()));
            }
            TicketEvent::Rated(rated) => {
                (self.to, self.reason) = (text(&rated.cycle), Some(rated.score.as_str().to_owned()));
                self.through = rated.through.map(|through| through.as_str().to_owned());
            }
            TicketEvent::ConfirmationRefused(_)
            | TicketEvent::Opened(_)
            | TicketEvent::Assigned(_)
            | TicketEvent::Reassigned(_)
            | TicketEvent::Unassigned(_)
            | TicketEvent::TeamChanged(_)
            | TicketEvent::PriorityChanged(_)
            | TicketEvent::CategoryChanged(_)
            | TicketEvent::Replied(_)
            | TicketEvent::CustomerReplied(_)
            | TicketEvent::Noted(_)
            | TicketEvent::SetPending(_)
            | TicketEvent::SetOpen(_)
            | TicketEvent::Escalated(_)
            | TicketEvent::Resolved(_)
            | TicketEvent::Reopened(_)
            | TicketEvent::Sealed(_)
            | TicketEvent::SourceRecorded(_) => {}
        }
    }
}

/// Slugs in their order; none where there are none.
fn list(slugs: &[Slug]) -> Option<String> {
    let slugs = Vec::from_iter(slugs.iter().map(Slug::as_str));
    (!slugs.is_empty()).then(|| slugs.join(", "))
}
