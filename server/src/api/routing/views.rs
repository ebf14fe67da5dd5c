//! What is answered about routing.

use crate::api::shapes;
use docket_core::agent::Availability;
use docket_core::names::{ActorId, GlobalPosition, Slug, TicketNumber};
use docket_core::record::RecordedEvent;
use docket_core::routing::choice::is_borne_out;
use docket_core::settings::policy::ByPriority;
use docket_core::ticket::event::{Candidate, Routed, Standing, ToldApartBy};
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// What routing decided about a ticket.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct DecisionsView {
    /// The ticket's number.
    pub(super) ticket: u64,
    /// The ticket's version that this is as of.
    pub(super) version: u64,
    /// Why it waits, while it does.
    #[schema(value_type = Option<shapes::WaitingForName>)]
    pub(super) waiting_for: Option<&'static str>,
    /// The newest twenty, the newest first.
    pub(super) decisions: Vec<DecisionView>,
}

/// A decision, and everything that it was made on.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct DecisionView {
    /// Its position in the log.
    position: u64,
    /// When it was recorded.
    #[schema(value_type = shapes::Instant)]
    recorded_at: String,
    /// The routing list.
    #[schema(value_type = shapes::Slug)]
    list: Slug,
    /// Its version.
    version: u32,
    /// The rule that fitted first, from 1; none where people had chosen the team, or none fitted.
    rule: Option<u32>,
    /// The team that it was for.
    #[schema(value_type = Option<shapes::Slug>)]
    team: Option<Slug>,
    /// The skill that was asked for.
    #[schema(value_type = Option<shapes::Slug>)]
    skill: Option<Slug>,
    /// Who was asked about, in the order of their identifiers.
    candidates: Vec<CandidateView>,
    /// Who was chosen.
    #[schema(value_type = Option<shapes::ActorId>)]
    to: Option<ActorId>,
    /// What told them from the others: `alone`, `spare_capacity`, `idle` or `hash`.
    #[schema(value_type = Option<String>)]
    told_apart_by: Option<ToldApartBy>,
    /// Why nobody was found.
    #[schema(value_type = Option<shapes::WaitingForName>)]
    waiting_for: Option<&'static str>,
    /// Whether the candidates, computed again, give the same.
    borne_out: bool,
}

impl DecisionView {
    pub(super) fn of(
        ticket: TicketNumber,
        position: GlobalPosition,
        recorded: &RecordedEvent<'_>,
        routed: Routed,
    ) -> Self {
        let borne_out = is_borne_out(ticket, &routed);
        let Routed { list, version, rule, team, skill, candidates, to, told_apart_by, waiting_for } = routed;
        Self {
            position: position.0,
            recorded_at: recorded.recorded_at.to_rfc3339(),
            list,
            version,
            rule,
            team,
            skill,
            candidates: candidates.into_iter().map(CandidateView::from).collect(),
            to,
            told_apart_by,
            waiting_for: waiting_for.map(|reason| reason.as_str()),
            borne_out,
        }
    }
}

/// Somebody as routing saw them.
#[derive(Serialize, ToSchema)]
pub(super) struct CandidateView {
    /// Who.
    #[schema(value_type = shapes::ActorId)]
    agent: ActorId,
    /// Whether they were there.
    #[schema(value_type = shapes::AvailabilityName)]
    availability: Availability,
    /// What they had on their hands, in points.
    load: u32,
    /// What they could have on their hands, in points.
    capacity: u32,
    /// What the ticket weighed in their measure, in points.
    weight: u32,
    /// When they had last taken a ticket.
    #[schema(value_type = Option<shapes::Instant>)]
    last_taken_at: Option<String>,
    /// `eligible`, `unavailable`, `not_permitted`, `unskilled` or `full`.
    #[schema(value_type = String)]
    standing: Standing,
}

impl From<Candidate> for CandidateView {
    fn from(candidate: Candidate) -> Self {
        let Candidate { agent, availability, load, capacity, weight, last_taken_at, standing } = candidate;
        let last_taken_at = last_taken_at.map(|at| at.to_rfc3339());
        Self { agent, availability, load, capacity, weight, last_taken_at, standing }
    }
}

/// Who takes tickets.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct RosterView {
    /// The position that it shows.
    pub(super) position: u64,
    /// In the order of their identifiers.
    pub(super) people: Vec<PersonView>,
}

/// Somebody who takes tickets, and what they have on their hands.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct PersonView {
    /// Opaque identifier.
    #[schema(value_type = shapes::ActorId)]
    pub(super) id: ActorId,
    /// What others call them; none once it has been erased.
    pub(super) name: Option<String>,
    /// `agent` or `supervisor`.
    #[schema(value_type = shapes::StaffRole)]
    pub(super) role: &'static str,
    /// Their teams, as far as they are within reach.
    #[schema(value_type = Vec<shapes::Slug>)]
    pub(super) teams: BTreeSet<Slug>,
    /// Whether they are there.
    #[schema(value_type = shapes::AvailabilityName)]
    pub(super) availability: Availability,
    /// How many tickets they have on their hands.
    pub(super) tickets: OnHandsView,
    /// The same in points.
    pub(super) load: u32,
    /// What they can have on their hands, in points.
    pub(super) capacity: u32,
    /// When they last took a ticket.
    #[schema(value_type = Option<shapes::Instant>)]
    pub(super) last_taken_at: Option<String>,
}

/// Tickets by priority.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "each is the priority of the same name")]
pub(in crate::api) struct OnHandsView {
    urgent: u32,
    high: u32,
    normal: u32,
    low: u32,
}

/// How many tickets somebody has.
pub(super) const fn on_hands(held: &ByPriority<u32>) -> OnHandsView {
    let ByPriority { urgent, high, normal, low } = *held;
    OnHandsView { urgent, high, normal, low }
}
