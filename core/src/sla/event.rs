//! What the timers noticed. The ledger computes a breach; these events record that it was noticed.

use crate::names::{EventId, Slug, TicketNumber};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a clock runs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The first public reply by a human of the staff.
    FirstResponse,
}

impl Target {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FirstResponse => "first_response",
        }
    }
}

/// A deadline came near or passed. `occurred_at` of the record is the computed instant, `recorded_at` when
/// it was noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noticed {
    /// Which target.
    pub target: Target,
    /// Which policy.
    pub policy: Slug,
    /// Which version of it.
    pub policy_version: u32,
    /// When the target was due.
    pub due_at: Timestamp,
}

/// An event on a ticket's `sla-` stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlaEvent {
    /// The target came near.
    Warned(Noticed),
    /// The target was missed.
    Breached(Noticed),
}

impl SlaEvent {
    /// The event's identifier: the same on every node, so that noticing twice is noticing once (promise T1).
    pub fn id(&self, ticket: TicketNumber) -> EventId {
        let (noticed, kind) = match self {
            Self::Warned(noticed) => (noticed, "warned"),
            Self::Breached(noticed) => (noticed, "breached"),
        };
        let (policy, version, target) = (&noticed.policy, noticed.policy_version, noticed.target.as_str());
        EventId::deterministic(&format!("sla/{ticket}/{policy}@{version}/{target}/{kind}"))
    }
}
