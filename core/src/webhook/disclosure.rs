//! What of an event may leave the house. A new event does not compile until this is decided for it.

use crate::event::Event;
use crate::ticket::TicketEvent;

/// Who outside may be told of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disclosure {
    /// Nobody.
    Never,
    /// Endpoints that may know what the staff knows.
    Internal,
    /// Every endpoint; those that may not know what the staff knows are not told some fields.
    Outside {
        /// The fields of the event's data that only the staff may know.
        hidden: &'static [&'static str],
    },
}

/// Every stored name that a webhook may be sent, in the order of docs/EVENTS.md.
pub const NAMES: &[&str] = &[
    "ticket.opened",
    "ticket.assigned",
    "ticket.reassigned",
    "ticket.unassigned",
    "ticket.team_changed",
    "ticket.priority_changed",
    "ticket.category_changed",
    "ticket.replied",
    "ticket.customer_replied",
    "ticket.noted",
    "ticket.set_pending",
    "ticket.set_open",
    "ticket.escalated",
    "ticket.resolved",
    "ticket.reopened",
    "ticket.sealed",
    "ticket.routed",
    "ticket.offered",
    "ticket.attached",
    "ticket.template_used",
    "ticket.tags_changed",
    "ticket.field_changed",
    "ticket.followed",
    "ticket.unfollowed",
    "ticket.linked",
    "ticket.unlinked",
    "ticket.snoozed",
    "ticket.woken",
    "ticket.merged",
    "ticket.unmerged",
    "ticket.absorbed",
    "ticket.parted",
    "ticket.forwarded",
    "ticket.acknowledged",
    "ticket.returned",
    "ticket.confirmed",
    "ticket.confirmation_refused",
    "ticket.rated",
    "sla.warned",
    "sla.breached",
];

/// The names of those that only the staff may know.
pub const INTERNAL_NAMES: &[&str] = &[
    "ticket.noted",
    "ticket.routed",
    "ticket.offered",
    "ticket.template_used",
    "ticket.tags_changed",
    "ticket.field_changed",
    "ticket.followed",
    "ticket.unfollowed",
    "ticket.linked",
    "ticket.unlinked",
    "sla.warned",
    "sla.breached",
];

/// Who outside may be told of an event (PRODUCT section 4: an internal note never leaves the staff side).
pub const fn disclosure(event: &Event) -> Disclosure {
    const WHOLE: Disclosure = Disclosure::Outside { hidden: &[] };
    match event {
        Event::Ticket(event) => match event {
            TicketEvent::Opened(_)
            | TicketEvent::Assigned(_)
            | TicketEvent::Reassigned(_)
            | TicketEvent::Unassigned(_)
            | TicketEvent::TeamChanged(_)
            | TicketEvent::PriorityChanged(_)
            | TicketEvent::CategoryChanged(_)
            | TicketEvent::Replied(_)
            | TicketEvent::CustomerReplied(_)
            | TicketEvent::SetPending(_)
            | TicketEvent::SetOpen(_)
            | TicketEvent::Reopened(_)
            | TicketEvent::Sealed(_) => WHOLE,
            TicketEvent::Noted(_) => Disclosure::Internal,
            TicketEvent::Escalated(_) => Disclosure::Outside { hidden: &["context"] },
            TicketEvent::Resolved(_) => Disclosure::Outside { hidden: &["notes"] },
            TicketEvent::Attached(attached) if attached.internal => Disclosure::Internal,
            TicketEvent::Attached(_)
            | TicketEvent::Snoozed(_)
            | TicketEvent::Woken(_)
            | TicketEvent::Merged(_)
            | TicketEvent::Unmerged(_)
            | TicketEvent::Absorbed(_)
            | TicketEvent::Parted(_)
            | TicketEvent::Forwarded(_)
            | TicketEvent::Acknowledged(_)
            | TicketEvent::Confirmed(_)
            | TicketEvent::ConfirmationRefused(_)
            | TicketEvent::Rated(_) => WHOLE,
            TicketEvent::Returned(_) => Disclosure::Outside { hidden: &["context"] },
            // How the staff sorts its work, and who could have done it.
            TicketEvent::Routed(_)
            | TicketEvent::Offered(_)
            | TicketEvent::TemplateUsed(_)
            | TicketEvent::TagsChanged(_)
            | TicketEvent::FieldChanged(_)
            | TicketEvent::Followed(_)
            | TicketEvent::Unfollowed(_)
            | TicketEvent::Linked(_)
            | TicketEvent::Unlinked(_) => Disclosure::Internal,
            // Only imports have it, and no reactor acts on what is past.
            TicketEvent::SourceRecorded(_) => Disclosure::Never,
        },
        // Customers do not see the staff's targets either.
        Event::Sla(_) => Disclosure::Internal,
        Event::Agent(_)
        | Event::Staff(_)
        | Event::Setting(_)
        | Event::Account(_)
        | Event::Customer(_)
        | Event::View(_)
        | Event::Webhook(_) => Disclosure::Never,
    }
}
