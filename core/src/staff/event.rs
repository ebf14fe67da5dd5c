//! What can happen to the staff. Stored names are written by hand and never change (docs/EVENTS.md).

use crate::actor::Role;
use crate::names::{ActorId, Slug};
use crate::personal::PersonalText;
use crate::ticket::event::Language;
use serde::{Deserialize, Serialize};

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
}
