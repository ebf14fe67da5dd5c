//! A clock of a ticket: the stretches that it ran, under which terms, when it is due, and whether it was missed.
//!
//! Computed from what happened ([`super::Course`]) and what was promised ([`Rules`]), and from nothing else: neither the time of
//! asking nor that of any timer is part of it. What is still to come is computed as if nothing more happened.
//! Source: docs/adr/0027-clocks.md, PRODUCT section 6.

mod watch;

use super::event::Target;
use super::rules::{Rules, Terms};
use crate::time::{DurationMs, Timestamp};
use serde::{Deserialize, Serialize};

/// A stretch of time under the same terms. Half-open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// When it began; still to come if a published version takes effect later.
    pub from: Timestamp,
    /// When it ended; none while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    /// Whether the clock stood still, waiting for the customer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paused: bool,
    /// The time that counts of it, once it has ended; negative if an import steps back. Unit: milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elapsed_ms: Option<DurationMs>,
    /// What was promised.
    #[serde(flatten)]
    pub terms: Terms,
}

/// How a clock ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// By a public reply of a human of the staff.
    Responded,
    /// The ticket was resolved without one; reported apart.
    FulfilledByResolution,
    /// The ticket was resolved.
    Resolved,
    /// The ticket was merged into another, where its requester is answered; reported apart.
    CancelledByMerge,
}

/// The end of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// When.
    pub at: Timestamp,
    /// How.
    pub outcome: Outcome,
    /// The time that had passed and counts. Unit: milliseconds.
    pub elapsed_ms: DurationMs,
    /// Whether the target was missed by then.
    pub missed: bool,
}

/// That a target is missed unless something happens before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    /// The last instant that meets the target: it is missed right after it. The moment of the change if a new target was
    /// exceeded from the start.
    pub at: Timestamp,
    /// When the target was or is due. Before `at` by the time that is closed then.
    pub due_at: Timestamp,
}

/// What a clock shows to whoever looks at it, without the stretches that explain it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Face {
    /// What it runs to.
    pub target: Target,
    /// Which run of it, from 1: each unanswered message starts one for the next reply, each reopening one of those that
    /// end with the resolving.
    pub run: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// Whether it stands still, waiting for the customer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paused: bool,
    /// When the target is or was due; none while paused, without a target, or if it never is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// From when on it counts as approaching; none once it has ended, stands still or cannot be met any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near_at: Option<Timestamp>,
    /// When the target was missed, or will be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breach: Option<Breach>,
    /// When and how it ended, if it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,
}

/// A clock of a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// What it shows.
    #[serde(flatten)]
    pub face: Face,
    /// How it ended the first time: a reopening leaves that as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_end: Option<End>,
    /// The stretches, oldest first.
    pub intervals: Vec<Interval>,
}

impl Face {
    /// Whether it has not ended.
    pub const fn runs(&self) -> bool {
        self.end.is_none()
    }

    /// When the target was missed, seen from an instant; none if it was not, or not yet.
    pub fn missed(&self, now: Timestamp) -> Option<Breach> {
        self.breach.filter(|breach| breach.at < now)
    }

    /// Whether the target comes near, seen from an instant.
    pub fn is_near(&self, now: Timestamp) -> bool {
        self.missed(now).is_none() && self.near_at.is_some_and(|near| now >= near)
    }

    /// When the ticket asks for attention at the latest: the target is missed right after it. A clock that stands still has
    /// one only if it is missed all the same.
    pub fn deadline(&self) -> Option<Timestamp> {
        let breach = self.breach.filter(|_| self.runs());
        breach.map(|breach| breach.at)
    }

    /// The one of a ticket's clocks that is shown where there is room for one: of those that run the one that is missed
    /// first, otherwise one that stands still, otherwise the one that ended last.
    pub fn foremost(clocks: &[Clock]) -> Option<&Self> {
        let faces = clocks.iter().map(|clock| &clock.face);
        faces.min_by_key(|face| match (face.deadline(), face.end) {
            (Some(deadline), _) => (0, deadline.0),
            (None, None) => (1, 0),
            (None, Some(end)) => (2, -end.at.0),
        })
    }
}

impl Clock {
    /// What is promised last.
    pub fn terms(&self) -> &Terms {
        &self.current().terms
    }

    /// The time that counts, up to the end or to the instant given.
    pub fn elapsed(&self, rules: &Rules, now: Timestamp) -> DurationMs {
        if let Some(end) = self.face.end {
            return end.elapsed_ms;
        }
        let of = |interval: &Interval| match (interval.to, interval.elapsed_ms) {
            (Some(to), Some(elapsed)) if to <= now || to <= interval.from => elapsed.0,
            _ if interval.paused || now < interval.from => 0,
            _ => rules.between(&interval.terms, interval.from, now).0,
        };
        DurationMs(self.intervals.iter().map(of).sum())
    }

    fn current(&self) -> &Interval {
        self.intervals.last().expect("a clock begins with an interval")
    }
}
