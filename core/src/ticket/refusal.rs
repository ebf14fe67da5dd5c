//! Why a wish about a ticket was not granted. Safe to show to whoever asked.

use super::command::ActionName;
use crate::actor::Role;
use crate::names::Slug;

/// Why nothing was recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketRefusal {
    /// No ticket has this number.
    #[error("there is no such ticket")]
    NotFound,
    /// The number is taken already.
    #[error("the ticket is already open")]
    AlreadyOpened,
    /// The ticket is resolved, and what is wished needs one that is not.
    #[error("the ticket is resolved; reopen it first")]
    Resolved,
    /// The ticket is not resolved, and what is wished needs one that is.
    #[error("the ticket is not resolved")]
    NotResolved,
    /// It was resolved otherwise already.
    #[error("the ticket is already resolved as {resolution}; reopen it to resolve it differently")]
    AlreadyResolved {
        /// The resolution that stands.
        resolution: String,
    },
    /// Sealed tickets take nothing more.
    #[error("the ticket is sealed and takes no more messages; open another one that follows it")]
    Sealed,
    /// Nobody is responsible.
    #[error("the ticket has no assignee; assign it before resolving it")]
    NoAssignee,
    /// Nobody has taken the ticket up, so there is nothing to go back to.
    #[error("the ticket is new; assign it or answer it to open it")]
    NotStarted,
    /// The role may not do this.
    #[error("the role {role} does not allow {action}", role = .role.as_str(), action = .action.as_str())]
    Role {
        /// The role that asked.
        role: Role,
        /// What it asked for.
        action: ActionName,
    },
    /// The role may not open tickets.
    #[error("the role {role} does not allow opening tickets", role = .role.as_str())]
    RoleMayNotOpen {
        /// The role that asked.
        role: Role,
    },
    /// The team is not in force.
    #[error("there is no team {team} now; choose one of GET /api/v1/settings/teams")]
    UnknownTeam {
        /// The team.
        team: Slug,
    },
    /// The intake category is not in force.
    #[error(
        "there is no intake category {category} now; choose one of GET /api/v1/settings/intake-categories"
    )]
    UnknownCategory {
        /// The category.
        category: Slug,
    },
    /// The reason to escalate is not in force.
    #[error("there is no reason {reason} now; choose one of GET /api/v1/settings/escalation-reasons")]
    UnknownReason {
        /// The reason.
        reason: Slug,
    },
    /// The resolution category is not in force.
    #[error(
        "there is no resolution {resolution} now; choose one of GET /api/v1/settings/resolution-categories"
    )]
    UnknownResolution {
        /// The resolution category.
        resolution: Slug,
    },
    /// The escalation would leave the ticket where it is.
    #[error("the ticket is there already; choose another team or supervisor")]
    EscalatedToItself,
}

impl TicketRefusal {
    /// A stable name of the reason, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "ticket-not-found",
            Self::AlreadyOpened => "ticket-already-opened",
            Self::Resolved => "ticket-resolved",
            Self::NotResolved => "ticket-not-resolved",
            Self::AlreadyResolved { .. } => "ticket-already-resolved",
            Self::Sealed => "ticket-sealed",
            Self::NoAssignee => "ticket-without-assignee",
            Self::NotStarted => "ticket-not-started",
            Self::Role { .. } | Self::RoleMayNotOpen { .. } => "role-not-allowed",
            Self::EscalatedToItself => "escalation-to-itself",
            Self::UnknownTeam { .. } => "unknown-team",
            Self::UnknownCategory { .. } => "unknown-category",
            Self::UnknownReason { .. } => "unknown-escalation-reason",
            Self::UnknownResolution { .. } => "unknown-resolution",
        }
    }
}
