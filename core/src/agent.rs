//! An agent's own stream: the load that tickets put on them, kept exact by appending to both streams at once.

use crate::names::{ActorId, TicketNumber};
use crate::ticket::Ticket;
use serde::{Deserialize, Serialize};

/// A ticket became the agent's to work on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TicketTaken {
    /// Which ticket.
    pub ticket: TicketNumber,
}

/// A ticket is no longer the agent's to work on: resolved, unassigned, or somebody else's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TicketReleased {
    /// Which ticket.
    pub ticket: TicketNumber,
}

/// An event on an agent's stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is documented at the type it carries")]
pub enum AgentEvent {
    TicketTaken(TicketTaken),
    TicketReleased(TicketReleased),
}

/// What a change of a ticket means for the load of agents; empty when it moves no load.
pub fn load_changes(
    number: TicketNumber,
    before: &Ticket,
    after: &Ticket,
) -> impl Iterator<Item = (ActorId, AgentEvent)> {
    let (left, right) = (before.burden(), after.burden());
    let moved = left != right;
    let released = left.filter(|_| moved).cloned();
    let taken = right.filter(|_| moved).cloned();
    released
        .map(|id| (id, AgentEvent::TicketReleased(TicketReleased { ticket: number })))
        .into_iter()
        .chain(taken.map(|id| (id, AgentEvent::TicketTaken(TicketTaken { ticket: number }))))
}
