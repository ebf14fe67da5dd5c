//! The settings and people that an action names: they must be in force, and there, when it is decided.
//!
//! What has been recorded stays as it is when a setting is retired, and imports name what their source names.

use super::command::{Action, Open};
use super::event::Destination;
use super::refusal::TicketRefusal;
use crate::names::{ActorId, Slug};

/// A setting or somebody that an action names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named<'a> {
    /// A team.
    Team(&'a Slug),
    /// An intake category.
    Category(&'a Slug),
    /// A reason to escalate.
    Reason(&'a Slug),
    /// A resolution category.
    Resolution(&'a Slug),
    /// A team that must have somebody who could be given an escalated ticket.
    Receivers(&'a Slug),
    /// Somebody who works tickets.
    Assignee(&'a ActorId),
    /// Somebody who takes escalations.
    Supervisor(&'a ActorId),
}

impl Action {
    /// Every setting and everybody that the action names.
    pub fn names(&self) -> Vec<Named<'_>> {
        match self {
            Self::Open(open) => {
                let Open { category, team, .. } = open.as_ref();
                let category = category.iter().map(Named::Category);
                category.chain(team.iter().map(Named::Team)).collect()
            }
            Self::Enclosing(enclosing) => enclosing.action.names(),
            Self::ChangeTeam { to } => to.iter().map(Named::Team).collect(),
            Self::ChangeCategory { to } => vec![Named::Category(to)],
            Self::Escalate { reason, to: Destination::Team(team), .. } => {
                vec![Named::Reason(reason), Named::Team(team), Named::Receivers(team)]
            }
            Self::Escalate { reason, to: Destination::Supervisor(id), .. } => {
                vec![Named::Reason(reason), Named::Supervisor(id)]
            }
            Self::Assign { to } => vec![Named::Assignee(to)],
            Self::Resolve { resolution, .. } => vec![Named::Resolution(resolution)],
            // What a pending ticket waits for is not a setting.
            Self::SetPending { .. }
            | Self::Take
            | Self::Unassign
            | Self::Offer
            | Self::ChangePriority { .. }
            | Self::Reply { .. }
            | Self::CustomerReply { .. }
            | Self::Note { .. }
            | Self::SetOpen
            | Self::Reopen
            | Self::Seal
            | Self::Acknowledge { .. }
            | Self::Return { .. }
            | Self::Snooze { .. }
            | Self::Tag { .. }
            | Self::SetField { .. }
            | Self::Follow
            | Self::Unfollow
            | Self::Link { .. }
            | Self::Unlink { .. }
            | Self::Merge { .. }
            | Self::Unmerge
            | Self::Confirm
            | Self::Refuse { .. }
            | Self::Rate { .. }
            | Self::Wake { .. } => Vec::new(),
        }
    }
}

impl From<Named<'_>> for TicketRefusal {
    fn from(named: Named<'_>) -> Self {
        match named {
            Named::Team(slug) => Self::UnknownTeam { team: slug.clone() },
            Named::Category(slug) => Self::UnknownCategory { category: slug.clone() },
            Named::Reason(slug) => Self::UnknownReason { reason: slug.clone() },
            Named::Receivers(slug) => Self::TeamWithoutMembers { team: slug.clone() },
            Named::Assignee(id) => Self::UnknownAssignee { id: id.clone() },
            Named::Supervisor(id) => Self::UnknownSupervisor { id: id.clone() },
            Named::Resolution(slug) => Self::UnknownResolution { resolution: slug.clone() },
        }
    }
}
