//! What falls due on a ticket by itself: an answer that counts as given, the sealing, and the waking.
//!
//! It is folded beside [`Ticket`], which knows no time. A property test holds that the two agree on every history.
//! Source: PRODUCT section 2, docs/adr/0024-closing.md.

use super::command::Action;
use super::event::TicketEvent;
use super::state::{Status, Ticket};
use crate::names::{EventId, TicketNumber};
use crate::settings::Closing;
use crate::settings::closing::Days;
use crate::time::{DurationMs, Timestamp};
use serde::{Deserialize, Serialize};

/// What is known of a ticket that decides what falls due on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    status: Status,
    cycle: u32,
    /// When the cycle was resolved, while it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resolved_at: Option<Timestamp>,
    /// Whether the customer was asked to confirm and has not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    awaits_answer: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    sealed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    snoozed_until: Option<Timestamp>,
    /// How it stood before it was merged, while it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    merged: Option<Before>,
    /// Since when it stands by itself again. What would have fallen due before does so then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    free_since: Option<Timestamp>,
    /// When a fact about it was imported last: what fell due by then is history (DESIGN decision 7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    imported_at: Option<Timestamp>,
}

/// How a ticket stood before it was merged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Before {
    status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    snoozed_until: Option<Timestamp>,
    /// Whether its requester has written to it since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    written_to: bool,
}

/// What a timer does, of several at the same instant in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// Confirm for a customer who says nothing.
    Confirm,
    /// Seal.
    Seal,
    /// Take up again what was laid aside.
    Wake,
}

impl Deed {
    /// How long it waits after resolving; nothing waits to wake but for its own instant.
    pub const fn waits(self, waits: &Closing) -> Days {
        match self {
            Self::Confirm => waits.confirm_after_days,
            Self::Seal => waits.seal_after_days,
            Self::Wake => Days(0),
        }
    }
}

/// Something that falls due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Falling {
    /// The exact instant, whenever a timer looks.
    pub at: Timestamp,
    /// On which ticket.
    pub ticket: TicketNumber,
    /// What.
    pub deed: Deed,
    /// In which cycle.
    pub cycle: u32,
}

impl Due {
    /// Of a ticket that nothing has been due on; none while an event makes nothing due.
    pub fn begun(event: &TicketEvent) -> Option<Self> {
        let begins = matches!(
            event,
            TicketEvent::Resolved(_)
                | TicketEvent::Reopened(_)
                | TicketEvent::Sealed(_)
                | TicketEvent::Snoozed(_)
                | TicketEvent::Merged(_)
        );
        begins.then_some(Self {
            status: Status::Open,
            cycle: 1,
            resolved_at: None,
            awaits_answer: false,
            sealed: false,
            snoozed_until: None,
            merged: None,
            free_since: None,
            imported_at: None,
        })
    }

    /// Whether an event can change anything of it.
    pub const fn concerns(event: &TicketEvent) -> bool {
        match event {
            TicketEvent::Resolved(_)
            | TicketEvent::Reopened(_)
            | TicketEvent::Sealed(_)
            | TicketEvent::Snoozed(_)
            | TicketEvent::Woken(_)
            | TicketEvent::Merged(_)
            | TicketEvent::Unmerged(_)
            | TicketEvent::Confirmed(_)
            | TicketEvent::ConfirmationRefused(_)
            | TicketEvent::CustomerReplied(_)
            | TicketEvent::Forwarded(_)
            | TicketEvent::SetPending(_)
            | TicketEvent::SetOpen(_)
            | TicketEvent::Escalated(_)
            | TicketEvent::Returned(_) => true,
            TicketEvent::Opened(_)
            | TicketEvent::Assigned(_)
            | TicketEvent::Reassigned(_)
            | TicketEvent::Unassigned(_)
            | TicketEvent::TeamChanged(_)
            | TicketEvent::PriorityChanged(_)
            | TicketEvent::CategoryChanged(_)
            | TicketEvent::Replied(_)
            | TicketEvent::Noted(_)
            | TicketEvent::Routed(_)
            | TicketEvent::Offered(_)
            | TicketEvent::Attached(_)
            | TicketEvent::TemplateUsed(_)
            | TicketEvent::TagsChanged(_)
            | TicketEvent::FieldChanged(_)
            | TicketEvent::Followed(_)
            | TicketEvent::Unfollowed(_)
            | TicketEvent::Linked(_)
            | TicketEvent::Unlinked(_)
            | TicketEvent::Absorbed(_)
            | TicketEvent::Parted(_)
            | TicketEvent::Acknowledged(_)
            | TicketEvent::Rated(_)
            | TicketEvent::SourceRecorded(_) => false,
        }
    }

    /// Takes one more event of the ticket. Total, as the ticket's own fold is.
    pub fn take(&mut self, at: Timestamp, event: &TicketEvent) {
        match event {
            TicketEvent::Resolved(resolved) => {
                (self.status, self.snoozed_until) = (Status::Resolved, None);
                (self.resolved_at, self.awaits_answer) = (Some(at), resolved.confirmation);
                self.free_since = None;
            }
            TicketEvent::Sealed(_) => {
                (self.status, self.snoozed_until, self.sealed) = (Status::Resolved, None, true);
            }
            TicketEvent::Reopened(reopened) => {
                self.open();
                self.cycle = reopened.cycle;
            }
            TicketEvent::SetPending(_) => {
                self.open();
                self.status = Status::Pending;
            }
            TicketEvent::Snoozed(snoozed) => {
                self.open();
                (self.status, self.snoozed_until) = (Status::Pending, Some(snoozed.until));
                self.free_since = None;
            }
            TicketEvent::SetOpen(_)
            | TicketEvent::Woken(_)
            | TicketEvent::Escalated(_)
            | TicketEvent::Returned(_) => self.open(),
            TicketEvent::CustomerReplied(_)
            | TicketEvent::ConfirmationRefused(_)
            | TicketEvent::Forwarded(_) => self.hear(),
            TicketEvent::Confirmed(confirmed) => self.awaits_answer &= confirmed.cycle != self.cycle,
            // Only an import could merge twice; the first knows how the ticket stood.
            TicketEvent::Merged(_) if self.merged.is_some() => {}
            TicketEvent::Merged(_) => {
                let (status, snoozed_until) = (self.status, self.snoozed_until.take());
                self.merged = Some(Before { status, snoozed_until, written_to: false });
                self.status = Status::Resolved;
            }
            TicketEvent::Unmerged(_) => self.unmerge(at),
            TicketEvent::Opened(_)
            | TicketEvent::Assigned(_)
            | TicketEvent::Reassigned(_)
            | TicketEvent::Unassigned(_)
            | TicketEvent::TeamChanged(_)
            | TicketEvent::PriorityChanged(_)
            | TicketEvent::CategoryChanged(_)
            | TicketEvent::Replied(_)
            | TicketEvent::Noted(_)
            | TicketEvent::Routed(_)
            | TicketEvent::Offered(_)
            | TicketEvent::Attached(_)
            | TicketEvent::TemplateUsed(_)
            | TicketEvent::TagsChanged(_)
            | TicketEvent::FieldChanged(_)
            | TicketEvent::Followed(_)
            | TicketEvent::Unfollowed(_)
            | TicketEvent::Linked(_)
            | TicketEvent::Unlinked(_)
            | TicketEvent::Absorbed(_)
            | TicketEvent::Parted(_)
            | TicketEvent::Acknowledged(_)
            | TicketEvent::Rated(_)
            | TicketEvent::SourceRecorded(_) => {}
        }
    }

    /// Takes note that a fact was imported at an instant.
    pub fn imported(&mut self, recorded_at: Timestamp) {
        self.imported_at = self.imported_at.max(Some(recorded_at));
    }

    fn open(&mut self) {
        (self.status, self.resolved_at, self.snoozed_until) = (Status::Open, None, None);
        (self.awaits_answer, self.sealed) = (false, false);
    }

    fn hear(&mut self) {
        match &mut self.merged {
            Some(before) => before.written_to = true,
            None if self.status == Status::Pending => self.open(),
            None => {}
        }
    }

    fn unmerge(&mut self, at: Timestamp) {
        let Some(before) = self.merged.take() else { return };
        (self.status, self.snoozed_until, self.free_since) = (before.status, before.snoozed_until, Some(at));
        let reopened = before.written_to && self.status == Status::Pending;
        if reopened || self.status == Status::Open {
            self.open();
        }
        if self.status != Status::Resolved {
            (self.resolved_at, self.awaits_answer, self.sealed) = (None, false, false);
        }
    }

    /// Since when the ticket has been resolved, while that leads to its sealing.
    pub fn seals_from(&self) -> Option<Timestamp> {
        let goes_on = self.status == Status::Resolved && self.merged.is_none() && !self.sealed;
        self.resolved_at.filter(|_| goes_on)
    }

    /// Since when the customer has been asked to confirm, while they have not.
    pub fn answers_from(&self) -> Option<Timestamp> {
        self.seals_from().filter(|_| self.awaits_answer)
    }

    /// When the ticket is taken up again, while it is laid aside.
    pub fn wakes_at(&self) -> Option<Timestamp> {
        let at = self.snoozed_until.filter(|_| self.status == Status::Pending && self.merged.is_none())?;
        self.imported_at.is_none_or(|imported| at > imported).then(|| self.once_free(at))
    }

    /// What would have fallen due while the ticket was merged falls due once it is not.
    fn once_free(&self, at: Timestamp) -> Timestamp {
        self.free_since.map_or(at, |free| at.max(free))
    }

    /// How long before an import the ticket was resolved. Unit: whole days. What falls due so many days after resolving,
    /// or fewer, is history.
    pub fn aged_days(&self) -> i64 {
        let (Some(resolved), Some(imported)) = (self.resolved_at, self.imported_at) else { return 0 };
        (imported.since(resolved).0 / DurationMs::from_hours(24).0).max(0)
    }

    /// When something falls due, by the waits that count for the ticket; none when it does not.
    pub fn falls_due(&self, deed: Deed, waits: &Closing) -> Option<Timestamp> {
        let from = match deed {
            Deed::Confirm => self.answers_from()?,
            Deed::Seal => self.seals_from()?,
            Deed::Wake => return self.wakes_at(),
        };
        let days = deed.waits(waits);
        (self.aged_days() < days.0).then(|| self.once_free(from.plus(days.duration())))
    }

    /// When the cycle was resolved, while it is.
    pub const fn resolved_at(&self) -> Option<Timestamp> {
        self.resolved_at
    }

    /// Which cycle it is in.
    pub const fn cycle(&self) -> u32 {
        self.cycle
    }
}

impl Falling {
    /// What to wish of the ticket as it stands now; none when it went on meanwhile.
    pub fn wish(&self, ticket: &Ticket) -> Option<Action> {
        if ticket.cycle != self.cycle || ticket.merge.is_some() || ticket.sealed {
            return None;
        }
        let resolved = ticket.status == Status::Resolved;
        match self.deed {
            Deed::Confirm => resolved.then_some(Action::Confirm),
            Deed::Seal => resolved.then_some(Action::Seal),
            // It may have been laid aside anew, for longer.
            Deed::Wake => {
                let until = ticket.snoozed_until.filter(|until| *until <= self.at)?;
                Some(Action::Wake { until })
            }
        }
    }

    /// The identifier of the event, the same for every timer that decides on the same ticket.
    pub fn id(&self, ticket: &Ticket) -> EventId {
        let number = self.ticket;
        EventId::deterministic(&match self.deed {
            Deed::Confirm => format!("closing/{number}/{}/confirmed", self.cycle),
            Deed::Seal => format!("closing/{number}/{}/sealed", self.cycle),
            // A ticket may be laid aside until the same instant twice.
            Deed::Wake => format!("snooze/{number}/{}/woken", ticket.version.next()),
        })
    }
}
