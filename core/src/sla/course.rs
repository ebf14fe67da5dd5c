//! What happened to a ticket that its clocks run by: the facts alone, from which every clock is computed.
//!
//! Facts and promises are kept apart, so that the same past can be judged by other rules: by a version that takes effect
//! later, or by one that is only tried. Source: docs/adr/0027-clocks.md.

use super::event::{SlaEvent, Target};
use crate::actor::Role;
use crate::catalog::PENDING_CUSTOMER;
use crate::ticket::TicketEvent;
use crate::ticket::event::{Destination, Priority};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The facts of one ticket, in the order in which they were recorded. Times of an import may step back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// When it was opened.
    pub opened_at: Timestamp,
    /// With which priority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// What happened since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moments: Vec<Moment>,
    /// What the timers have noted.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub noted: BTreeSet<Noted>,
    /// Until when nothing is noted: the moment an imported fact was recorded.
    ///
    /// What fell due before an import is history; timers act only on what falls due after it (DESIGN 7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported_at: Option<Timestamp>,
    /// Whether an imported fact lies in the future: a version that takes effect before it moves clocks that have ended.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ahead: bool,
}

/// Something that starts, pauses, ends or moves a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What.
    pub is: Turn,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// It has another priority.
    Priority(Priority),
    /// Somebody became responsible, for the first time.
    TakenUp,
    /// The customer wrote, and everything they wrote before was answered.
    Asked,
    /// A human of the staff replied in public to what was unanswered.
    Answered,
    /// Everybody waits for the customer.
    Waits,
    /// Everybody waits for a third party. No clock pauses for that, unless it is asked what if one did.
    Rests,
    /// Nobody waits for anybody outside any more.
    GoesOn,
    /// It was resolved.
    Resolved,
    /// It was opened again.
    Reopened,
    /// It is merged into another ticket. Undone, that is as if it had not been.
    Merged,
}

/// Something that was noted once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Noted {
    /// Of which target.
    pub target: Target,
    /// Of which run of its clock, from 1.
    pub run: u32,
    /// That it was missed; that it came near if not.
    pub breached: bool,
}

/// What says for whom everybody waits: the last of these.
const WAITING: [Turn; 4] = [Turn::Waits, Turn::Rests, Turn::GoesOn, Turn::Resolved];

impl Course {
    /// The course of a ticket that was just opened.
    pub const fn opened(at: Timestamp, priority: Option<Priority>) -> Self {
        Self {
            opened_at: at,
            priority,
            moments: Vec::new(),
            noted: BTreeSet::new(),
            imported_at: None,
            ahead: false,
        }
    }

    /// Takes one more event of the ticket. What moves no clock changes nothing.
    pub fn take(&mut self, at: Timestamp, role: Role, event: &TicketEvent) {
        match event {
            TicketEvent::PriorityChanged(changed) => {
                if self.priority_now().unwrap_or(Priority::Normal) != changed.to {
                    self.push(at, Turn::Priority(changed.to));
                }
            }
            TicketEvent::Assigned(_) | TicketEvent::Reassigned(_) => self.take_up(at),
            TicketEvent::Replied(_) => {
                if role.answers_for_staff() && self.is_unanswered() {
                    self.push(at, Turn::Answered);
                }
            }
            TicketEvent::CustomerReplied(_)
            | TicketEvent::ConfirmationRefused(_)
            | TicketEvent::Forwarded(_) => {
                self.go_on(at);
                if !self.is_unanswered() {
                    self.push(at, Turn::Asked);
                }
            }
            TicketEvent::SetPending(pending) if pending.reason.as_str() == PENDING_CUSTOMER => {
                // In this order, so that what is opened again waits from the start.
                if !self.waits() {
                    self.push(at, Turn::Waits);
                }
                self.reopen(at);
            }
            TicketEvent::SetPending(_) => {
                if !self.last_is(&WAITING, Turn::Rests) {
                    self.push(at, Turn::Rests);
                }
                self.reopen(at);
            }
            TicketEvent::Snoozed(_) => {
                self.reopen(at);
                // Laid aside while it waits for the customer, it still does: nobody has written.
                if !self.waits() {
                    self.go_on(at);
                }
            }
            TicketEvent::SetOpen(_) | TicketEvent::Woken(_) | TicketEvent::Reopened(_) => {
                self.reopen(at);
                self.go_on(at);
            }
            TicketEvent::Escalated(escalated) => {
                self.reopen(at);
                self.go_on(at);
                if matches!(escalated.to, Destination::Supervisor(_)) {
                    self.take_up(at);
                }
            }
            TicketEvent::Returned(returned) => {
                self.reopen(at);
                self.go_on(at);
                if returned.to_assignee.is_some() {
                    self.take_up(at);
                }
            }
            TicketEvent::Resolved(_) | TicketEvent::Sealed(_) => {
                if !self.is_resolved() {
                    self.push(at, Turn::Resolved);
                }
            }
            TicketEvent::Merged(_) if self.merged_at().is_none() => self.push(at, Turn::Merged),
            TicketEvent::Unmerged(_) => self.unmerge(),
            TicketEvent::Merged(_)
            | TicketEvent::Opened(_)
            | TicketEvent::Unassigned(_)
            | TicketEvent::TeamChanged(_)
            | TicketEvent::CategoryChanged(_)
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
            | TicketEvent::Confirmed(_)
            | TicketEvent::Rated(_)
            | TicketEvent::SourceRecorded(_) => {}
        }
    }

    /// Takes what a timer noted.
    pub fn note(&mut self, event: &SlaEvent) {
        let (noticed, breached) = match event {
            SlaEvent::Warned(noticed) => (noticed, false),
            SlaEvent::Breached(noticed) => (noticed, true),
        };
        self.noted.insert(Noted { target: noticed.target, run: noticed.run, breached });
    }

    /// Takes note that a fact was imported at an instant: what was due by then is never noted.
    pub fn imported(&mut self, occurred_at: Timestamp, recorded_at: Timestamp) {
        self.imported_at = self.imported_at.max(Some(recorded_at));
        self.ahead |= occurred_at > recorded_at;
    }

    /// Whether rules that take effect from now on can move a clock of it.
    pub fn is_open(&self) -> bool {
        self.ahead || !(self.is_resolved() || self.merged_at().is_some())
    }

    /// Its priority after all that happened.
    pub fn priority_now(&self) -> Option<Priority> {
        let changed = self.moments.iter().rev().find_map(|moment| match moment.is {
            Turn::Priority(priority) => Some(priority),
            Turn::TakenUp
            | Turn::Asked
            | Turn::Answered
            | Turn::Waits
            | Turn::Rests
            | Turn::GoesOn
            | Turn::Resolved
            | Turn::Reopened
            | Turn::Merged => None,
        });
        changed.or(self.priority)
    }

    /// Since when it is merged into another ticket, if it is.
    pub fn merged_at(&self) -> Option<Timestamp> {
        self.last(&[Turn::Merged]).map(|moment| moment.at)
    }

    /// Whether it waits for the customer.
    pub fn waits(&self) -> bool {
        self.last_is(&WAITING, Turn::Waits)
    }

    /// The same past, had its last priority been its priority from the start.
    #[must_use]
    pub fn by_last_priority(mut self) -> Self {
        self.priority = self.priority_now();
        self.moments.retain(|moment| !matches!(moment.is, Turn::Priority(_)));
        self
    }

    /// The same past, had waiting for a third party been waiting for the customer.
    #[must_use]
    pub fn pausing_for_everybody(mut self) -> Self {
        for moment in self.moments.iter_mut().filter(|moment| moment.is == Turn::Rests) {
            moment.is = Turn::Waits;
        }
        self
    }

    fn is_resolved(&self) -> bool {
        self.last_is(&[Turn::Resolved, Turn::Reopened], Turn::Resolved)
    }

    /// Whether something that the customer wrote is unanswered: what opened the ticket, or what they wrote since.
    fn is_unanswered(&self) -> bool {
        let last = self.last(&[Turn::Asked, Turn::Answered, Turn::Resolved]);
        last.is_none_or(|last| last.is == Turn::Asked)
    }

    fn last(&self, any: &[Turn]) -> Option<&Moment> {
        self.moments.iter().rev().find(|moment| any.contains(&moment.is))
    }

    fn last_is(&self, any: &[Turn], wanted: Turn) -> bool {
        self.last(any).is_some_and(|last| last.is == wanted)
    }

    /// As if it had not been merged: what its customer wrote meanwhile opened it again, if it was resolved.
    fn unmerge(&mut self) {
        let Some(merged) = self.moments.iter().position(|moment| moment.is == Turn::Merged) else { return };
        self.moments.remove(merged);
        let asked = self.moments[merged..].iter().position(|moment| moment.is == Turn::Asked);
        if let Some(asked) = asked.filter(|_| self.is_resolved()) {
            let at = self.moments[merged + asked].at;
            self.moments.insert(merged + asked + 1, Moment { at, is: Turn::Reopened });
        }
    }

    fn push(&mut self, at: Timestamp, is: Turn) {
        self.moments.push(Moment { at, is });
    }

    fn take_up(&mut self, at: Timestamp) {
        if self.last(&[Turn::TakenUp]).is_none() {
            self.push(at, Turn::TakenUp);
        }
    }

    fn reopen(&mut self, at: Timestamp) {
        if self.is_resolved() {
            self.push(at, Turn::Reopened);
        }
    }

    fn go_on(&mut self, at: Timestamp) {
        if self.waits() || self.last_is(&WAITING, Turn::Rests) {
            self.push(at, Turn::GoesOn);
        }
    }
}
