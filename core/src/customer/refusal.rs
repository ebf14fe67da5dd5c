//! Why a wish about a customer or an account was not granted. Safe to show to whoever asked.

use super::fields::CUSTOM_FIELDS_MAX;
use crate::actor::Role;

/// Why nothing was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CustomerRefusal {
    /// The role looks after no customers.
    #[error("the role {} does not allow changing customers and accounts; ask an agent", .role.as_str())]
    Role {
        /// The role that asked.
        role: Role,
    },
    /// Nothing has this identifier.
    #[error("nobody and nothing has this identifier; add it first")]
    NotFound,
    /// Another one has this identifier.
    #[error(
        "this identifier is taken already, with other details; change those, or choose another identifier"
    )]
    AlreadyThere,
    /// The account is not there.
    #[error("there is no such account; add it first")]
    UnknownAccount,
    /// The contact is not there.
    #[error("the contact is no customer; add them first")]
    UnknownContact,
    /// More fields than one may have.
    #[error("a customer or an account has {CUSTOM_FIELDS_MAX} fields of its own at most")]
    TooManyFields,
}

impl CustomerRefusal {
    /// A stable name of the reason, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Role { .. } => "role-not-allowed",
            Self::NotFound => "customer-not-found",
            Self::AlreadyThere => "identifier-taken",
            Self::UnknownAccount => "unknown-account",
            Self::UnknownContact => "unknown-contact",
            Self::TooManyFields => "too-many-fields",
        }
    }
}
