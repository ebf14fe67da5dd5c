//! Why a wish about saved views was not granted. Safe to show to whoever asked.

use super::{OWN_VIEWS_MAX, SHARED_VIEWS_MAX};
use crate::actor::Role;

/// Why nothing was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ViewRefusal {
    /// The role works no tickets, and so has no views.
    #[error("the role {} saves no views; agents, supervisors and admins do", .role.as_str())]
    Role {
        /// The role that asked.
        role: Role,
    },
    /// What is shared is looked after by others.
    #[error("the role {} does not change what is shared; ask a supervisor or an admin", .role.as_str())]
    Shared {
        /// The role that asked.
        role: Role,
    },
    /// There is no such view, or it is somebody else's.
    #[error("there is no such view")]
    NotFound,
    /// More than one person may have.
    #[error("you have {OWN_VIEWS_MAX} views already; remove one first")]
    TooMany,
    /// More than may be shared.
    #[error("{SHARED_VIEWS_MAX} views are shared already; remove one first")]
    TooManyShared,
}

impl ViewRefusal {
    /// A stable name of the reason, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Role { .. } => "role-not-allowed",
            Self::Shared { .. } => "view-shared",
            Self::NotFound => "view-not-found",
            Self::TooMany => "too-many-views",
            Self::TooManyShared => "too-many-shared-views",
        }
    }
}
