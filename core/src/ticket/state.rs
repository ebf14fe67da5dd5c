//! What a ticket's past amounts to.

use super::event::{ConfirmedBy, Priority, Score, WaitingFor};
use crate::catalog::PENDING_CUSTOMER;
use crate::names::{ActorId, OwnVersion, Slug, StreamVersion, TicketNumber};
use crate::personal::PersonalText;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody has touched it; only ever the first status.
    #[default]
    New,
    /// In progress.
    Open,
    /// Waiting for somebody outside.
    Pending,
    /// Done.
    Resolved,
}

impl Status {
    /// Every status, in the order of a ticket's life.
    pub const ALL: [Self; 4] = [Self::New, Self::Open, Self::Pending, Self::Resolved];

    /// The status of a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Resolved => "resolved",
        }
    }
}

/// The lane of the queue that shows a ticket. Every ticket is in exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Unassigned: `new`, or `open` without an assignee.
    New,
    /// Assigned and in progress.
    Open,
    /// Waiting for the customer or a third party.
    Pending,
    /// Completed.
    Resolved,
}

impl Lane {
    /// Every lane, in the order of the queue.
    pub const ALL: [Self; 4] = [Self::New, Self::Open, Self::Pending, Self::Resolved];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Resolved => "resolved",
        }
    }

    /// The lane of a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lane| lane.as_str() == name)
    }

    /// The lane that shows a ticket of this status, assigned or not (PRODUCT section 2).
    pub const fn of(status: Status, assigned: bool) -> Self {
        match (status, assigned) {
            (Status::New, _) | (Status::Open, false) => Self::New,
            (Status::Open, true) => Self::Open,
            (Status::Pending, _) => Self::Pending,
            (Status::Resolved, _) => Self::Resolved,
        }
    }
}

/// An escalation that stands: where the ticket came from, until it is returned or the work ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    /// The version of the ticket's stream at which it was escalated: there is its context.
    #[serde(default)]
    pub version: StreamVersion,
    /// Why it was escalated.
    pub reason: Slug,
    /// The team that it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_team: Option<Slug>,
    /// The person that it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_assignee: Option<ActorId>,
    /// Who escalated it; none where an older release recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<ActorId>,
    /// Whether whoever has it now has read what they must know.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub acknowledged: bool,
}

/// A merge that stands: into what, and how the ticket stood, so that it can stand so again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// The ticket that it is merged into.
    pub into: TicketNumber,
    /// Its status before.
    pub status: Status,
    /// What it waited for before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_reason: Option<Slug>,
    /// Until when it was laid aside before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed_until: Option<Timestamp>,
    /// Whether its requester has written to it since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub written_to: bool,
}

/// What the customer was asked about the solution, and what they said. It ends with the cycle.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// Whether they were asked to confirm.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confirmation: bool,
    /// By what it counts as confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<ConfirmedBy>,
    /// Whether a survey was sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub survey: bool,
    /// How they rated it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rated: Option<Score>,
    /// Who was responsible when it was resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolver: Option<ActorId>,
}

/// A ticket as its past made it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// How many events made it: the version of its stream.
    pub version: StreamVersion,
    /// The last version at which the thread changed: a reply or a message of the customer.
    pub thread_version: StreamVersion,
    /// The version that its requester is told.
    pub own_version: OwnVersion,
    /// Whether it has been opened.
    pub exists: bool,
    /// Where it stands.
    pub status: Status,
    /// What it waits for while pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_reason: Option<Slug>,
    /// Who is responsible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<ActorId>,
    /// Whose queue it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<Slug>,
    /// How urgent; none where an import did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Intake category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Slug>,
    /// How it was resolved last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Slug>,
    /// Who asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<ActorId>,
    /// Which cycle runs or ran last: 1 from opening on.
    pub cycle: u32,
    /// Whether it is sealed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sealed: bool,
    /// Whether people decided who works on it, so that routing leaves it alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
    /// Whether it was put up for routing again, and nobody has taken it since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub offered: bool,
    /// The team that a routing rule chose; another team than this was chosen by people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routed_team: Option<Slug>,
    /// Why routing found nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_for: Option<WaitingFor>,
    /// The escalation that stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<Escalation>,
    /// Those that it was escalated again from, the last one last: returned, it stands as that one did. The newest
    /// [`ESCALATIONS_MAX`](super::ESCALATIONS_MAX) with the one that stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_escalations: Vec<Escalation>,
    /// The merge that stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge: Option<Merge>,
    /// What was asked and said about the solution; while it is resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Closing>,
    /// Until when it is laid aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed_until: Option<Timestamp>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<Slug>,
    /// Who of the staff follows it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub followers: BTreeSet<ActorId>,
    /// The sealed ticket that it continues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<TicketNumber>,
    /// The tickets that it is linked with, the one that it follows among them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub links: BTreeSet<TicketNumber>,
    /// The tickets that are merged into it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub absorbed: BTreeSet<TicketNumber>,
    /// What only the rules need to remember. Not part of a read model.
    #[serde(skip)]
    pub memory: Memory,
}

/// What the rules remember of a ticket and no read model does: it holds text, or grows with the thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Messages that are in, so that sending one twice is sending it once.
    pub messages: BTreeSet<Uuid>,
    /// What its custom fields hold.
    pub fields: BTreeMap<Slug, PersonalText>,
    /// What its requester said about the solution when rating it last.
    pub comment: Option<PersonalText>,
    /// The files that came with it, by their digests.
    pub attachments: BTreeMap<String, KnownFile>,
}

/// A file that came with a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// What it was called first.
    pub name: PersonalText,
    /// What it was called first where everybody who sees the ticket may see it; none while only the staff may.
    pub public_name: Option<PersonalText>,
    /// What it is.
    pub media_type: String,
    /// How large. Unit: bytes.
    pub bytes: u64,
}

impl Ticket {
    /// The lane of the queue that shows the ticket.
    pub fn lane(&self) -> Lane {
        Lane::of(self.status, self.assignee.is_some())
    }

    /// The escalation that stands and those before it, the newest first: the places that it can be returned to.
    pub fn origins(&self) -> impl Iterator<Item = &Escalation> {
        self.escalation.iter().chain(self.earlier_escalations.iter().rev())
    }

    /// The agent whose load the ticket adds to: its assignee until it is resolved.
    pub fn burden(&self) -> Option<&ActorId> {
        if self.status == Status::Resolved { None } else { self.assignee.as_ref() }
    }
}

/// Whether waiting for this reason is waiting for the customer.
pub fn waits_for_customer(reason: &Slug) -> bool {
    reason.as_str() == PENDING_CUSTOMER
}
