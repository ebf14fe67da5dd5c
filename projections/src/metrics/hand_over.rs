//! Hand-overs: from each escalation until whoever it went to has taken it over, or there is nothing left to take over.
//!
//! Definition: docs/METRICS.md. Source: PRODUCT section 5.

use docket_core::names::{ActorId, Slug};
use docket_core::ticket::TicketEvent;
use docket_core::ticket::event::Destination;
use docket_core::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How many hand-overs of a ticket are measured; a row would grow without end otherwise. Later ones are counted.
pub const MEASURED_MAX: usize = 100;

/// How a hand-over ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Whoever it went to said that they have read what they must know.
    Acknowledged,
    /// It went back to where it came from.
    Returned,
    /// It went on to somebody else: escalated further, moved to another team, given to another person.
    MovedOn,
    /// The work ended.
    Resolved,
    /// The ticket became part of another, where it is not waited for.
    Merged,
}

/// The end of a hand-over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// How.
    pub how: End,
    /// By whom, as the event says.
    pub by: ActorId,
}

/// One hand-over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOver {
    /// When the ticket was escalated.
    pub at: Timestamp,
    /// Where it went.
    pub to: Destination,
    /// How it ended; none while it is waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
}

impl HandOver {
    /// The person that it is attributed to: whom it went to, or who acknowledged it for the team that it went to.
    pub fn person(&self) -> Option<&ActorId> {
        match (&self.to, &self.ended) {
            (Destination::Supervisor(supervisor), _) => Some(supervisor),
            (Destination::Team(_), Some(Ended { how: End::Acknowledged, by, .. })) => Some(by),
            (Destination::Team(_), _) => None,
        }
    }

    /// The team that it is attributed to: the one that it went to.
    pub fn team(&self) -> Option<&Slug> {
        match &self.to {
            Destination::Team(team) => Some(team),
            Destination::Supervisor(_) => None,
        }
    }
}

/// The hand-overs of a ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOvers {
    /// The first [`MEASURED_MAX`], in the order of the log. Only the last can be waited for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measured: Vec<HandOver>,
    /// How many there were beyond.
    #[serde(default, skip_serializing_if = "is_none")]
    pub beyond: u64,
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

impl HandOvers {
    pub(crate) fn were_none(&self) -> bool {
        self.measured.is_empty()
    }

    /// Takes an event of the ticket.
    pub(crate) fn take(&mut self, at: Timestamp, by: &ActorId, event: &TicketEvent) {
        let end = |how| Some(Ended { at, how, by: by.clone() });
        match event {
            TicketEvent::Escalated(escalated) => {
                self.close(end(End::MovedOn));
                if self.measured.len() < MEASURED_MAX {
                    self.measured.push(HandOver { at, to: escalated.to.clone(), ended: None });
                } else {
                    self.beyond = self.beyond.saturating_add(1);
                }
            }
            TicketEvent::Acknowledged(_) => self.close(end(End::Acknowledged)),
            TicketEvent::Returned(_) => self.close(end(End::Returned)),
            TicketEvent::TeamChanged(changed) => {
                if self.waiting().is_some_and(|to| leaves_team(to, changed.to.as_ref())) {
                    self.close(end(End::MovedOn));
                }
            }
            TicketEvent::Assigned(assigned) => {
                if self.waiting().is_some_and(|to| leaves_person(to, Some(&assigned.to))) {
                    self.close(end(End::MovedOn));
                }
            }
            TicketEvent::Reassigned(reassigned) => {
                if self.waiting().is_some_and(|to| leaves_person(to, Some(&reassigned.to))) {
                    self.close(end(End::MovedOn));
                }
            }
            TicketEvent::Unassigned(_) => {
                if self.waiting().is_some_and(|to| leaves_person(to, None)) {
                    self.close(end(End::MovedOn));
                }
            }
            TicketEvent::Resolved(_) | TicketEvent::Sealed(_) => self.close(end(End::Resolved)),
            TicketEvent::Merged(_) => self.close(end(End::Merged)),
            TicketEvent::Unmerged(_) => self.resume(),
            TicketEvent::Opened(_)
            | TicketEvent::PriorityChanged(_)
            | TicketEvent::CategoryChanged(_)
            | TicketEvent::Replied(_)
            | TicketEvent::CustomerReplied(_)
            | TicketEvent::Noted(_)
            | TicketEvent::SetPending(_)
            | TicketEvent::SetOpen(_)
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
            | TicketEvent::Confirmed(_)
            | TicketEvent::ConfirmationRefused(_)
            | TicketEvent::Rated(_)
            | TicketEvent::SourceRecorded(_) => {}
        }
    }

    /// Where the hand-over that is waited for went.
    fn waiting(&self) -> Option<&Destination> {
        self.measured.last().filter(|last| last.ended.is_none()).map(|last| &last.to)
    }

    fn close(&mut self, ended: Option<Ended>) {
        if let Some(last) = self.measured.last_mut().filter(|last| last.ended.is_none()) {
            last.ended = ended;
        }
    }

    /// The merge that ended it is undone: it is waited for as if it had not been.
    fn resume(&mut self) {
        let merged = |ended: &Ended| ended.how == End::Merged;
        if let Some(last) = self.measured.last_mut().filter(|last| last.ended.as_ref().is_some_and(merged)) {
            last.ended = None;
        }
    }
}

/// Whether a team's queue is no longer where it went. Whoever takes it within the team has not yet read the context.
fn leaves_team(to: &Destination, team: Option<&Slug>) -> bool {
    match to {
        Destination::Team(destination) => team != Some(destination),
        Destination::Supervisor(_) => false,
    }
}

/// Whether this person, or nobody, is not whom it went to.
fn leaves_person(to: &Destination, person: Option<&ActorId>) -> bool {
    match to {
        Destination::Team(_) => false,
        Destination::Supervisor(supervisor) => person != Some(supervisor),
    }
}

#[cfg(test)]
mod tests;
