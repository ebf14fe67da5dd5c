//! What a ticket's past amounts to. `evolve` is total: it takes any history, also one no decider accepted.

use super::event::{Destination, Priority, TicketEvent};
use super::own::OwnStatus;
use crate::catalog::PENDING_CUSTOMER;
use crate::names::{ActorId, OwnVersion, Slug, StreamVersion};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
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
    /// Messages that are in, so that sending one twice is sending it once. Not part of a read model.
    #[serde(skip)]
    pub messages: BTreeSet<Uuid>,
}

impl Ticket {
    /// The lane of the queue that shows the ticket.
    pub fn lane(&self) -> Lane {
        Lane::of(self.status, self.assignee.is_some())
    }

    /// The agent whose load the ticket adds to: its assignee until it is resolved.
    pub fn burden(&self) -> Option<&ActorId> {
        if self.status == Status::Resolved { None } else { self.assignee.as_ref() }
    }

    /// Takes it up, from wherever it was: what holds only while pending or resolved holds no more.
    fn open(&mut self) {
        self.status = Status::Open;
        self.pending_reason = None;
        self.resolution = None;
        self.sealed = false;
    }

    /// Leaves `new` for `open`; any other status stays.
    fn leave_new(&mut self) {
        if self.status == Status::New {
            self.open();
        }
    }
}

/// The ticket after one more event.
pub(super) fn evolve(ticket: Ticket, event: &TicketEvent) -> Ticket {
    let (said, stood) = (ticket.thread_version, OwnStatus::of(&ticket));
    let mut after = take(ticket, event);
    // What the staff does among itself leaves what the requester is told as it was (promise S1).
    if after.thread_version != said || OwnStatus::of(&after) != stood {
        after.own_version = after.own_version.next();
    }
    after
}

fn take(mut ticket: Ticket, event: &TicketEvent) -> Ticket {
    ticket.version = ticket.version.next();
    match event {
        TicketEvent::Opened(opened) => {
            ticket.exists = true;
            ticket.cycle = 1;
            ticket.requester = Some(opened.requester.id.clone());
            ticket.priority = opened.priority;
            ticket.category.clone_from(&opened.category);
            ticket.team.clone_from(&opened.team);
            ticket.thread_version = ticket.version;
        }
        TicketEvent::Assigned(assigned) => {
            ticket.assignee = Some(assigned.to.clone());
            ticket.leave_new();
        }
        TicketEvent::Reassigned(reassigned) => {
            ticket.assignee = Some(reassigned.to.clone());
            ticket.leave_new();
        }
        TicketEvent::Unassigned(_) => ticket.assignee = None,
        TicketEvent::TeamChanged(changed) => ticket.team.clone_from(&changed.to),
        TicketEvent::PriorityChanged(changed) => ticket.priority = Some(changed.to),
        TicketEvent::CategoryChanged(changed) => ticket.category = Some(changed.to.clone()),
        TicketEvent::Replied(message) => {
            ticket.messages.insert(message.message);
            ticket.thread_version = ticket.version;
            ticket.leave_new();
        }
        TicketEvent::CustomerReplied(message) => {
            ticket.messages.insert(message.message);
            ticket.thread_version = ticket.version;
            if ticket.status == Status::Pending {
                ticket.open();
            }
        }
        TicketEvent::Noted(message) => {
            ticket.messages.insert(message.message);
        }
        TicketEvent::SetPending(pending) => {
            ticket.open();
            ticket.status = Status::Pending;
            ticket.pending_reason = Some(pending.reason.clone());
        }
        TicketEvent::SetOpen(_) => ticket.open(),
        TicketEvent::Escalated(escalated) => {
            match &escalated.to {
                Destination::Team(team) => {
                    ticket.team = Some(team.clone());
                    ticket.assignee = None;
                }
                Destination::Supervisor(supervisor) => ticket.assignee = Some(supervisor.clone()),
            }
            ticket.open();
        }
        TicketEvent::Resolved(resolved) => {
            ticket.status = Status::Resolved;
            ticket.pending_reason = None;
            ticket.resolution.clone_from(&resolved.resolution);
        }
        TicketEvent::Reopened(reopened) => {
            ticket.open();
            ticket.cycle = reopened.cycle;
        }
        TicketEvent::Sealed(_) => {
            ticket.status = Status::Resolved;
            ticket.pending_reason = None;
            ticket.sealed = true;
        }
        TicketEvent::SourceRecorded(_) => {}
    }
    ticket
}

/// Whether waiting for this reason is waiting for the customer.
pub fn waits_for_customer(reason: &Slug) -> bool {
    reason.as_str() == PENDING_CUSTOMER
}
