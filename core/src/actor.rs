//! Who acted, in which role and for which team, as it was at that moment.

use crate::names::{ActorId, Slug};
use serde::{Deserialize, Serialize};

/// A role at the moment of an action (PRODUCT section 10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Asks for help.
    Customer,
    /// Works tickets.
    Agent,
    /// Assigns, and looks after rules and targets.
    Supervisor,
    /// Reads everything, changes nothing.
    Auditor,
    /// Reads reports.
    Analyst,
    /// Looks after people, keys and erasure.
    Admin,
    /// A reactor or another part of Docket.
    System,
    /// Not told by the source of an import.
    Unknown,
}

impl Role {
    /// Every role, in the order of the docs.
    pub const ALL: [Self; 8] = [
        Self::Customer,
        Self::Agent,
        Self::Supervisor,
        Self::Auditor,
        Self::Analyst,
        Self::Admin,
        Self::System,
        Self::Unknown,
    ];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Auditor => "auditor",
            Self::Analyst => "analyst",
            Self::Admin => "admin",
            Self::System => "system",
            Self::Unknown => "unknown",
        }
    }

    /// The role of a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// Whether people of this role work tickets.
    pub const fn is_staff(self) -> bool {
        matches!(self, Self::Agent | Self::Supervisor | Self::Admin)
    }

    /// Whether it decides who works on what.
    pub const fn leads(self) -> bool {
        matches!(self, Self::Supervisor | Self::Admin)
    }

    /// Whether a public reply by this role is an answer of the staff by a human (PRODUCT section 6). A reply of an
    /// import is one: its source calls it a reply of the staff, and does not tell the role.
    pub const fn answers_for_staff(self) -> bool {
        self.is_staff() || matches!(self, Self::Unknown)
    }
}

/// Who acted. Copied into each event, so that a later change of role or team rewrites no report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// Opaque identifier.
    pub id: ActorId,
    /// Role at that moment.
    pub role: Role,
    /// Team acted for, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<Slug>,
}

impl Actor {
    /// The identifier for whoever an imported source does not name: many people, and nobody in particular.
    pub const UNKNOWN_ID: &'static str = "unknown";

    /// A part of Docket itself, such as `sla-timer`.
    pub fn system(name: &str) -> Self {
        let id = ActorId::new(name).expect("the names of Docket's own parts are short plain words");
        Self { id, role: Role::System, team: None }
    }
}
