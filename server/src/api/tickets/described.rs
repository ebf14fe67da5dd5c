//! What parts of a ticket look like, for the description: the domain and the queue know nothing of it.
//!
//! A test compares each with what is answered.

#![allow(dead_code, reason = "these describe what docket_core and docket_projections write")]

use crate::api::shapes;
use serde::Serialize;
use utoipa::ToSchema;

/// Why a ticket that nobody has is back.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub(super) enum BadgeView {
    /// Handed over by another team or person.
    Escalated {
        /// The reason given.
        #[schema(value_type = shapes::Slug)]
        reason: String,
        /// The team that it came from; absent where it had none.
        #[schema(value_type = shapes::Slug, required = false)]
        from_team: String,
    },
    /// Given back, by whoever had it or by whoever it was escalated to.
    Returned {
        /// Who gave it back.
        #[schema(value_type = shapes::ActorId)]
        by: String,
    },
    /// Taken from whoever had it, by somebody else.
    Taken {
        /// Who had it.
        #[schema(value_type = shapes::ActorId)]
        from: String,
        /// Who took it.
        #[schema(value_type = shapes::ActorId)]
        by: String,
    },
    /// Free again since whoever had it may not work it any more.
    Left {
        /// Who had it.
        #[schema(value_type = shapes::ActorId)]
        from: String,
    },
}

/// An escalation that stands. What is not known of it is absent.
#[derive(Serialize, ToSchema)]
pub(super) struct StandingView {
    /// The version of the ticket at which it was escalated.
    version: u64,
    /// Why.
    #[schema(value_type = shapes::Slug)]
    reason: String,
    /// The team that it came from.
    #[schema(value_type = shapes::Slug, required = false)]
    from_team: String,
    /// The person that it came from.
    #[schema(value_type = shapes::ActorId, required = false)]
    from_assignee: String,
    /// Who escalated it.
    #[schema(value_type = shapes::ActorId, required = false)]
    by: String,
    /// Whether whoever has it now has read what they must know; absent while they have not.
    #[schema(required = false)]
    acknowledged: bool,
    /// What the receiver must know; of a ticket that is read by itself, until it is acknowledged.
    #[schema(required = false)]
    context: String,
    /// When it was escalated; as long as `context`.
    #[schema(value_type = shapes::Instant, required = false)]
    at: String,
}

/// What the customer was asked about the solution, and what they said. What was not asked or said is absent.
#[derive(Serialize, ToSchema)]
pub(super) struct ClosureView {
    /// Whether they were asked to confirm.
    #[schema(required = false)]
    confirmation: bool,
    /// By what it counts as confirmed.
    #[schema(value_type = shapes::ConfirmedBy, required = false)]
    confirmed: String,
    /// Whether a survey was sent.
    #[schema(required = false)]
    survey: bool,
    /// How they rated it.
    #[schema(value_type = shapes::Score, required = false)]
    rated: String,
    /// Who was responsible when it was resolved.
    #[schema(value_type = shapes::ActorId, required = false)]
    resolver: String,
}
