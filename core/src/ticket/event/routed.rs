//! What routing decided, on what, and when a ticket is up for it again. Source: PRODUCT section 3.

use crate::agent::Availability;
use crate::names::{ActorId, Slug};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Why somebody was not to be chosen, or that they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// They could be chosen.
    Eligible,
    /// They are not there, or take nothing that routing finds.
    Unavailable,
    /// They are not granted what the ticket asks for.
    NotPermitted,
    /// They lack the skill that the rule asks for.
    Unskilled,
    /// The ticket would bring them beyond their capacity.
    Full,
}

/// Somebody of the team as routing saw them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// Who.
    pub agent: ActorId,
    /// Whether they were there.
    pub availability: Availability,
    /// What they had on their hands. Unit: points.
    pub load: u32,
    /// What they can have on their hands. Unit: points.
    pub capacity: u32,
    /// What the ticket weighs in their measure, by its priority. Unit: points.
    pub weight: u32,
    /// When they last took a ticket; none before their first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_taken_at: Option<Timestamp>,
    /// Whether they could be chosen.
    pub standing: Standing,
}

/// Why nobody was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitingFor {
    /// No rule fits the ticket.
    Rule,
    /// The team has nobody who takes tickets.
    Member,
    /// Nobody of the team is granted what the ticket asks for.
    Permission,
    /// Nobody of the team has the skill.
    Skill,
    /// Nobody who could take it is there.
    Availability,
    /// Everybody who could take it is full.
    Capacity,
}

impl WaitingFor {
    /// Every reason, in the order of the docs.
    pub const ALL: [Self; 6] =
        [Self::Rule, Self::Member, Self::Permission, Self::Skill, Self::Availability, Self::Capacity];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Member => "member",
            Self::Permission => "permission",
            Self::Skill => "skill",
            Self::Availability => "availability",
            Self::Capacity => "capacity",
        }
    }
}

/// What told the chosen from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToldApartBy {
    /// There was one to choose.
    Alone,
    /// The highest share of spare capacity.
    SpareCapacity,
    /// Nobody had waited longer for a ticket.
    Idle,
    /// The hash of ticket and agent.
    Hash,
}

/// What routing decided, and everything that it decided on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routed {
    /// The routing list.
    pub list: Slug,
    /// Its version.
    pub version: u32,
    /// The rule that fitted first, from 1; none where no rule was asked, or none fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<u32>,
    /// The team that it was for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<Slug>,
    /// The skill that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skill: Option<Slug>,
    /// Everybody of the team who takes tickets, in the order of their identifiers.
    pub candidates: Vec<Candidate>,
    /// Who was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<ActorId>,
    /// What told them from the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_apart_by: Option<ToldApartBy>,
    /// Why nobody was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_for: Option<WaitingFor>,
}

/// Why a ticket is up for routing again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferCause {
    /// Whoever had it left.
    AssigneeLeft,
    /// Somebody of the staff gave it back to routing.
    Staff,
    /// It was returned from an escalation, and nobody whom it came from is there.
    Returned,
}

/// The ticket is up for routing again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offered {
    /// Why.
    pub cause: OfferCause,
}
