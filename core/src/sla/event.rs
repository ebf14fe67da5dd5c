//! What the timers noticed. The ledger computes a breach; these events record that it was noticed.

use crate::names::{EventId, Slug, TicketNumber};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a clock runs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The first public reply by a human of the staff. It never pauses.
    FirstResponse,
    /// The next such reply, from the customer's oldest unanswered message on.
    NextReply,
    /// Resolving, from the opening on; it pauses while everybody waits for the customer.
    RequesterWait,
    /// Resolving, from the first assignment on; it pauses while everybody waits for the customer.
    AgentWork,
    /// Resolving, from the opening on. It never pauses.
    Resolution,
}

impl Target {
    /// Every target, in the order in which they are shown.
    pub const ALL: [Self; 5] =
        [Self::FirstResponse, Self::NextReply, Self::RequesterWait, Self::AgentWork, Self::Resolution];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FirstResponse => "first_response",
            Self::NextReply => "next_reply",
            Self::RequesterWait => "requester_wait",
            Self::AgentWork => "agent_work",
            Self::Resolution => "resolution",
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
    /// Which run of the clock, from 1.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub run: u32,
    /// When the target was due.
    pub due_at: Timestamp,
}

const fn first() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_first(run: &u32) -> bool {
    *run == 1
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
        let run = if noticed.run == 1 { String::new() } else { format!("/{}", noticed.run) };
        EventId::deterministic(&format!("sla/{ticket}/{policy}@{version}/{target}/{kind}{run}"))
    }
}
