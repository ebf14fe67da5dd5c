//! Why a wish about the staff was not granted. Safe to show to whoever asked.

use super::{MEMBERS_MAX, POINTS_MAX, SKILLS_PER_MEMBER_MAX, TEAMS_PER_MEMBER_MAX};
use crate::actor::Role;
use crate::names::Slug;

/// Why nothing was recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StaffRefusal {
    /// The role may not look after people.
    #[error("the role {} does not allow changing the staff; ask an admin", .role.as_str())]
    Role {
        /// The role that asked.
        role: Role,
    },
    /// Nobody has this identifier.
    #[error("there is no such member of the staff")]
    NotFound,
    /// Somebody has this identifier already.
    #[error("somebody has this identifier already; choose another one")]
    AlreadyThere,
    /// They have left.
    #[error("the member has left; reactivate them first")]
    Inactive,
    /// Nobody would be left to look after people.
    #[error("this is the last admin; make somebody else an admin first")]
    LastAdmin,
    /// The role is not one that people who work here have.
    #[error("the role {} is not one of the staff; use agent, supervisor, auditor, analyst or admin", .role.as_str())]
    NotOfStaff {
        /// The role that was wished.
        role: Role,
    },
    /// More teams than one member may have.
    #[error("a member belongs to {TEAMS_PER_MEMBER_MAX} teams at most")]
    TooManyTeams,
    /// A team is not in force.
    #[error("there is no team {team} now; choose one of GET /api/v1/settings/teams")]
    UnknownTeam {
        /// The team.
        team: Slug,
    },
    /// More skills than one member may have.
    #[error("a member has {SKILLS_PER_MEMBER_MAX} skills at most")]
    TooManySkills,
    /// Points that no rule could count with.
    #[error("capacity is 0 to {POINTS_MAX} points, and each weight 1 to {POINTS_MAX}")]
    CapacityOutOfRange,
    /// More members than there may be.
    #[error("there are {MEMBERS_MAX} members already")]
    TooMany,
}

impl StaffRefusal {
    /// A stable name of the reason, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Role { .. } => "role-not-allowed",
            Self::NotFound => "member-not-found",
            Self::AlreadyThere => "member-already-there",
            Self::Inactive => "member-inactive",
            Self::LastAdmin => "last-admin",
            Self::NotOfStaff { .. } => "role-not-of-staff",
            Self::TooManyTeams => "too-many-teams",
            Self::UnknownTeam { .. } => "unknown-team",
            Self::TooManySkills => "too-many-skills",
            Self::CapacityOutOfRange => "capacity-out-of-range",
            Self::TooMany => "too-many-members",
        }
    }
}
