//! What whoever asked is told of their ticket: where it stands in their words, and how often that or the thread changed.

use super::state::{Status, Ticket, waits_for_customer};

/// Where a ticket stands, in the words for its requester. What else it waits for is the staff's affair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OwnStatus {
    /// Nobody has taken it up.
    Received,
    /// It is being worked on, or waits for somebody else.
    InProgress,
    /// It waits for its requester.
    WaitingForYou,
    /// It is done, and a message takes it up again.
    Solved,
    /// It is part of another ticket of theirs, where it is worked on.
    Merged,
    /// It is done for good, and a message opens another that follows it.
    Closed,
}

impl OwnStatus {
    /// Every status, in the order of a ticket's life.
    pub const ALL: [Self; 6] =
        [Self::Received, Self::InProgress, Self::WaitingForYou, Self::Solved, Self::Merged, Self::Closed];

    /// How a ticket stands.
    pub fn of(ticket: &Ticket) -> Self {
        match ticket.status {
            _ if ticket.merge.is_some() => Self::Merged,
            Status::New => Self::Received,
            Status::Open => Self::InProgress,
            Status::Pending if ticket.pending_reason.as_ref().is_some_and(waits_for_customer) => {
                Self::WaitingForYou
            }
            Status::Pending => Self::InProgress,
            Status::Resolved if ticket.sealed => Self::Closed,
            Status::Resolved => Self::Solved,
        }
    }

    /// The name in answers and searches.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::InProgress => "in_progress",
            Self::WaitingForYou => "waiting_for_you",
            Self::Solved => "solved",
            Self::Merged => "merged",
            Self::Closed => "closed",
        }
    }

    /// The status of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}
