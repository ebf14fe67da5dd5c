//! Why a wish about webhooks was not granted. Safe to show to whoever asked.

use super::ENDPOINTS_MAX;
use crate::actor::Role;

/// Why nothing was recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefusal {
    /// The role may not look after webhooks.
    #[error("the role {} does not allow changing webhooks; ask an admin", .role.as_str())]
    Role {
        /// The role that asked.
        role: Role,
    },
    /// No endpoint has this identifier.
    #[error("there is no such webhook")]
    NotFound,
    /// An endpoint has this identifier already.
    #[error("this webhook is there already")]
    AlreadyThere,
    /// More endpoints than there may be.
    #[error("there are {ENDPOINTS_MAX} webhooks already; remove one first")]
    TooMany,
    /// No event at all would be sent.
    #[error("name at least one event, or * for all of them")]
    NoEvents,
    /// No event of this name can be sent.
    #[error(
        "no event named {name:?} is sent by webhooks; use * or a name of docs/EVENTS.md that begins with ticket. or sla."
    )]
    UnknownEvent {
        /// The name, shortened.
        name: String,
    },
    /// The event is for the staff's eyes, and the endpoint is not.
    #[error("{name} is only sent to a webhook that is told internal matters; set internal, or leave it out")]
    InternalEvent {
        /// The name.
        name: String,
    },
}

impl WebhookRefusal {
    /// A stable name of the reason, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Role { .. } => "role-not-allowed",
            Self::NotFound => "webhook-not-found",
            Self::AlreadyThere => "webhook-already-there",
            Self::TooMany => "too-many-webhooks",
            Self::NoEvents => "webhook-without-events",
            Self::UnknownEvent { .. } => "webhook-event-unknown",
            Self::InternalEvent { .. } => "webhook-event-internal",
        }
    }
}
