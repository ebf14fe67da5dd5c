//! What can happen to the staff. Stored names are written by hand and never change (docs/EVENTS.md).

use crate::actor::Role;
use crate::names::{ActorId, Slug};
use crate::personal::PersonalText;
use crate::settings::policy::ByPriority;
use crate::ticket::event::{Language, Priority};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use uuid::Uuid;

/// Somebody joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Added {
    /// Who.
    pub member: ActorId,
    /// What others call them.
    pub name: PersonalText,
    /// What they may do.
    pub role: Role,
    /// The teams whose tickets they work, in the order of slugs.
    pub teams: Vec<Slug>,
    /// The language that they are spoken to in.
    pub language: Language,
}

/// Somebody is called otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renamed {
    /// Who.
    pub member: ActorId,
    /// What others call them now.
    pub to: PersonalText,
}

/// Somebody may do other things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleChanged {
    /// Who.
    pub member: ActorId,
    /// The role before.
    pub from: Role,
    /// The role from now on.
    pub to: Role,
    /// Why, in the words of who changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PersonalText>,
}

/// Somebody works for other teams.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamsChanged {
    /// Who.
    pub member: ActorId,
    /// The teams before, in the order of slugs.
    pub from: Vec<Slug>,
    /// The teams from now on, in the order of slugs.
    pub to: Vec<Slug>,
    /// Why, in the words of who changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PersonalText>,
}

/// Somebody left, or came back. Their past stays theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivityChanged {
    /// Who.
    pub member: ActorId,
    /// Why, in the words of who changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PersonalText>,
}

/// What somebody may do beyond what their role says. The list is closed: each is asked about by a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Permission {
    /// Be given tickets by routing; PRODUCT section 3 calls such agents permitted.
    TakeRouted,
    /// Be the supervisor whom a ticket is escalated to (PRODUCT section 5).
    TakeEscalated,
    /// As an analyst, read what people wrote (PRODUCT section 10: "no message bodies unless granted").
    ReadMessages,
}

impl Permission {
    /// Every permission, in the order of the docs.
    pub const ALL: [Self; 3] = [Self::TakeRouted, Self::TakeEscalated, Self::ReadMessages];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TakeRouted => "take-routed",
            Self::TakeEscalated => "take-escalated",
            Self::ReadMessages => "read-messages",
        }
    }

    /// What somebody begins with. A later change of role changes none: they are granted and withdrawn by name.
    pub fn at_first(role: Role) -> BTreeSet<Self> {
        match role {
            Role::Agent => BTreeSet::from([Self::TakeRouted]),
            Role::Supervisor => BTreeSet::from([Self::TakeEscalated]),
            Role::Customer | Role::Auditor | Role::Analyst | Role::Admin | Role::System | Role::Unknown => {
                BTreeSet::new()
            }
        }
    }
}

/// How much somebody can have on their hands at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// Room. Unit: points; range: 0 (takes nothing by routing) to [`POINTS_MAX`](super::POINTS_MAX).
    pub points: u32,
    /// What a ticket of each priority takes of it. Unit: points; range: 1 to `POINTS_MAX`.
    pub weights: ByPriority<u32>,
}

impl Capacity {
    /// What a ticket takes of it. Where an import does not say how urgent it is, it counts as normal. Unit: points.
    pub fn weight(&self, priority: Option<Priority>) -> u32 {
        *self.weights.of(priority.unwrap_or(Priority::Normal))
    }

    /// What so many tickets of each priority take of it; it may be more than there is room. Unit: points.
    pub fn load(&self, held: &ByPriority<u32>) -> u32 {
        let each = Priority::ALL.map(|priority| held.of(priority).saturating_mul(*self.weights.of(priority)));
        each.into_iter().fold(0, u32::saturating_add)
    }
}

impl Default for Capacity {
    /// Ten normal tickets, or three urgent ones and a normal one. Part of what was: it never changes.
    fn default() -> Self {
        Self { points: 10, weights: ByPriority { urgent: 3, high: 2, normal: 1, low: 1 } }
    }
}

/// Somebody knows other things, or more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SkillsChanged {
    /// Who.
    pub member: ActorId,
    /// The skills before, in the order of slugs.
    pub from: Vec<Slug>,
    /// The skills from now on, in the order of slugs.
    pub to: Vec<Slug>,
    /// Why, in the words of who changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PersonalText>,
}

/// Somebody may do other things beyond what their role says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PermissionsChanged {
    /// Who.
    pub member: ActorId,
    /// The permissions before, in the order of the docs.
    pub from: Vec<Permission>,
    /// The permissions from now on, in the order of the docs.
    pub to: Vec<Permission>,
    /// Why, in the words of who changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PersonalText>,
}

/// Somebody can have more or less on their hands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapacityChanged {
    /// Who.
    pub member: ActorId,
    /// The capacity before.
    pub from: Capacity,
    /// The capacity from now on.
    pub to: Capacity,
    /// Why, in the words of who changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PersonalText>,
}

/// Which token: its public name, by which it is revoked. The secret is in no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenId(pub Uuid);

impl fmt::Display for TokenId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Somebody was invited to choose a password. The code is in no event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invited {
    /// Who.
    pub member: ActorId,
    /// Until when the code works.
    pub expires_at: Timestamp,
}

/// Somebody made a token for a program of theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenMade {
    /// Whose rights it carries.
    pub member: ActorId,
    /// Which one.
    pub token: TokenId,
    /// What it is for, in their words.
    pub name: PersonalText,
    /// What it may be used for, in the order of slugs.
    pub scopes: Vec<Slug>,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

/// A token was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRevoked {
    /// Whose it was.
    pub member: ActorId,
    /// Which one.
    pub token: TokenId,
}

/// Every session of somebody was ended by somebody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionsRevoked {
    /// Whose.
    pub member: ActorId,
}

/// An event on the stream `staff`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is documented at the type it carries")]
pub enum StaffEvent {
    Added(Added),
    Renamed(Renamed),
    RoleChanged(RoleChanged),
    TeamsChanged(TeamsChanged),
    Deactivated(ActivityChanged),
    Reactivated(ActivityChanged),
    SkillsChanged(SkillsChanged),
    PermissionsChanged(PermissionsChanged),
    CapacityChanged(Box<CapacityChanged>),
    Invited(Invited),
    TokenMade(Box<TokenMade>),
    TokenRevoked(TokenRevoked),
    SessionsRevoked(SessionsRevoked),
}
