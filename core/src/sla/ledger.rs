//! The first-response clock of one ticket, as a ledger of intervals that each pin the target they ran under.

use super::event::{Noticed, SlaEvent, Target};
use super::policy::Policy;
use crate::actor::Role;
use crate::names::Slug;
use crate::ticket::TicketEvent;
use crate::ticket::event::Priority;
use crate::time::{DurationMs, Timestamp};
use serde::{Deserialize, Serialize};

/// A stretch of time under one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// When it began.
    pub from: Timestamp,
    /// When it ended; none while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    /// The priority that chose the target.
    pub priority: Priority,
    /// The target from the start of the clock. Unit: milliseconds.
    pub target_ms: DurationMs,
}

/// How a clock ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// By a public reply of a human of the staff.
    Responded,
    /// The ticket was resolved without one; reported apart.
    FulfilledByResolution,
    /// The ticket was merged into another, where its requester is answered; reported apart.
    CancelledByMerge,
}

/// The ledger of one ticket. Half-open intervals; a target is met when elapsed ≤ target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// The policy that applies.
    pub policy: Slug,
    /// Its version.
    pub policy_version: u32,
    /// The stretches, oldest first; the first begins when the ticket was opened.
    pub intervals: Vec<Interval>,
    /// When the clock ended and how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<(Timestamp, Outcome)>,
    /// When the target was missed, if it was before the clock ended or a target changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breached_at: Option<Timestamp>,
    /// When the missed target was due: before `breached_at` if a new target was exceeded from the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed_due_at: Option<Timestamp>,
    /// Whether a timer has noted that the target came near.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub warning_noted: bool,
    /// Whether a timer has noted that it was missed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub breach_noted: bool,
    /// Until when nothing is noted: the moment an imported fact was recorded.
    ///
    /// What fell due before an import is history; timers act only on what falls due after it (DESIGN 7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported_at: Option<Timestamp>,
}

impl Ledger {
    /// The ledger of a ticket that was opened at an instant.
    pub fn opened(policy: &Policy, at: Timestamp, priority: Option<Priority>) -> Self {
        let priority = priority.unwrap_or(Priority::Normal);
        let target_ms = policy.first_response(Some(priority));
        Self {
            policy: policy.name.clone(),
            policy_version: policy.version,
            intervals: vec![Interval { from: at, to: None, priority, target_ms }],
            ended: None,
            breached_at: None,
            missed_due_at: None,
            warning_noted: false,
            breach_noted: false,
            imported_at: None,
        }
    }

    /// Takes one more event of the ticket. Events that move no clock change nothing.
    pub fn take(&mut self, policy: &Policy, at: Timestamp, role: Role, event: &TicketEvent) {
        match event {
            TicketEvent::PriorityChanged(changed) => self.change_priority(policy, at, changed.to),
            TicketEvent::Replied(_) if role.answers_for_staff() => self.end(at, Outcome::Responded),
            TicketEvent::Resolved(_) | TicketEvent::Sealed(_) => self.end(at, Outcome::FulfilledByResolution),
            TicketEvent::Merged(_) => self.end(at, Outcome::CancelledByMerge),
            TicketEvent::Unmerged(_) => self.resume(),
            // Reopening does not restart it: a first response that was given stays given.
            TicketEvent::Replied(_)
            | TicketEvent::Opened(_)
            | TicketEvent::Assigned(_)
            | TicketEvent::Reassigned(_)
            | TicketEvent::Unassigned(_)
            | TicketEvent::TeamChanged(_)
            | TicketEvent::CategoryChanged(_)
            | TicketEvent::CustomerReplied(_)
            | TicketEvent::Noted(_)
            | TicketEvent::SetPending(_)
            | TicketEvent::SetOpen(_)
            | TicketEvent::Escalated(_)
            | TicketEvent::Reopened(_)
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
            | TicketEvent::SourceRecorded(_) => {}
        }
    }

    /// When the clock began.
    pub fn started_at(&self) -> Timestamp {
        self.intervals[0].from
    }

    fn current(&self) -> &Interval {
        self.intervals.last().expect("a ledger begins with an interval")
    }

    /// The instant up to which the target is met.
    pub fn due_at(&self) -> Timestamp {
        self.started_at().plus(self.current().target_ms)
    }

    /// The instant from which the target counts as approaching.
    pub fn warning_at(&self) -> Timestamp {
        // A new target may make an instant near that was not near when it passed.
        self.due_at().minus(Policy::warning(self.current().target_ms)).max(self.current().from)
    }

    /// Whether the clock still runs.
    pub fn runs(&self) -> bool {
        self.ended.is_none()
    }

    /// When the target was missed, seen from an instant; none if it was not, or not yet.
    pub fn breach(&self, now: Timestamp) -> Option<Timestamp> {
        self.breached_at.or_else(|| (self.runs() && now > self.due_at()).then(|| self.due_at()))
    }

    /// Time from the start to the end; to the instant given while the clock runs.
    pub fn elapsed(&self, now: Timestamp) -> DurationMs {
        self.ended.map_or(now, |(at, _)| at).since(self.started_at())
    }

    /// Changes the target: same start, elapsed time kept, new target from then on (PRODUCT section 6).
    fn change_priority(&mut self, policy: &Policy, at: Timestamp, priority: Priority) {
        if !self.runs() || self.current().priority == priority {
            return;
        }
        // What was missed under the old target stays missed.
        self.miss(at, self.due_at());
        let target_ms = policy.first_response(Some(priority));
        if let Some(last) = self.intervals.last_mut() {
            last.to = Some(at);
        }
        self.intervals.push(Interval { from: at, to: None, priority, target_ms });
        // The new target is exceeded already: missed at the moment of the change, not before it.
        self.miss(at, at);
    }

    /// Holds on to when the target was missed, if it is by `now` and none was before.
    fn miss(&mut self, now: Timestamp, breached_at: Timestamp) {
        if self.breached_at.is_none() && now > self.due_at() {
            self.breached_at = Some(breached_at);
            self.missed_due_at = Some(self.due_at());
        }
    }

    fn end(&mut self, at: Timestamp, outcome: Outcome) {
        if !self.runs() {
            return;
        }
        self.miss(at, self.due_at());
        if let Some(last) = self.intervals.last_mut() {
            last.to = Some(at);
        }
        self.ended = Some((at, outcome));
    }

    /// Runs again where a merge that is undone had ended it, as if it had never stopped.
    fn resume(&mut self) {
        if matches!(self.ended, Some((_, Outcome::CancelledByMerge))) {
            self.ended = None;
            if let Some(last) = self.intervals.last_mut() {
                last.to = None;
            }
        }
    }

    /// Takes note that a fact was imported at an instant: what was due by then is never noted.
    pub fn imported(&mut self, recorded_at: Timestamp) {
        self.imported_at = self.imported_at.max(Some(recorded_at));
    }

    /// Takes what a timer noted.
    pub fn note(&mut self, event: &SlaEvent) {
        match event {
            SlaEvent::Warned(_) => self.warning_noted = true,
            SlaEvent::Breached(_) => self.breach_noted = true,
        }
    }

    /// What a timer has to note next, and the exact instant at which it happened or will happen.
    ///
    /// A breach is noted also when the answer came before a timer looked; a warning only while it still helps.
    pub fn next_notice(&self) -> Option<(Timestamp, SlaEvent)> {
        let noticed = Noticed {
            target: Target::FirstResponse,
            policy: self.policy.clone(),
            policy_version: self.policy_version,
            due_at: self.missed_due_at.unwrap_or_else(|| self.due_at()),
        };
        let after_import = |at: Timestamp| self.imported_at.is_none_or(|imported| at > imported);
        if !self.warning_noted && !self.breach_noted && self.runs() && self.breached_at.is_none() {
            let at = self.warning_at();
            if after_import(at) {
                return Some((at, SlaEvent::Warned(noticed)));
            }
        }
        if self.breach_noted {
            return None;
        }
        // A breach begins after the last instant that meets the target, which is `due_at` itself.
        let at = self.breached_at.or_else(|| self.runs().then(|| self.due_at()))?;
        after_import(at).then_some((at, SlaEvent::Breached(noticed)))
    }
}
