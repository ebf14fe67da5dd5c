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
    "sla.warned",
    "sla.breached",
];

/// The names of those that only the staff may know.
pub const INTERNAL_NAMES: &[&str] = &["ticket.noted", "sla.warned", "sla.breached"];

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
