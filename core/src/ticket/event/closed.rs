//! What the customer says about a solution. Source: PRODUCT sections 2 and 7.

use crate::names::ActorId;
use crate::personal::PersonalText;
use serde::{Deserialize, Serialize};

/// By what a solution counts as confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfirmedBy {
    /// The customer said so.
    Customer,
    /// The customer said nothing for so long.
    Time,
}

/// The solution was confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmed {
    /// The cycle that it ended.
    pub cycle: u32,
    /// By what.
    pub by: ConfirmedBy,
}

/// How a customer found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Score {
    /// Good.
    Good,
    /// Bad.
    Bad,
}

impl Score {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
        }
    }

    /// The score of a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Good, Self::Bad].into_iter().find(|score| score.as_str() == name)
    }
}

/// By which way a rating came. Whoever holds a link can rate by it, so that it says less of who did than signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RatedThrough {
    /// The customer had signed in.
    SignedIn,
    /// By the link of the ticket.
    TicketLink,
    /// By a survey link.
    SurveyLink,
}

impl RatedThrough {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::SignedIn, Self::TicketLink, Self::SurveyLink];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::TicketLink => "ticket_link",
            Self::SurveyLink => "survey_link",
        }
    }
}

/// The customer rated how a cycle went. It belongs to that cycle and to whoever resolved it, for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rated {
    /// The cycle.
    pub cycle: u32,
    /// How they found it.
    pub score: Score,
    /// What they say about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<PersonalText>,
    /// Who was responsible when the cycle was resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolver: Option<ActorId>,
    /// By which way it came; not known of those that were recorded before it was asked, and in imports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<RatedThrough>,
}
