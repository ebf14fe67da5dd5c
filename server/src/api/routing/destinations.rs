//! Where a ticket can be escalated to, with who is there and what they have on their hands.

use super::super::body::TicketPath;
use super::super::parameters::OfTicket;
use super::super::refusals::ReadOneRefusals;
use super::super::shapes;
use super::super::tickets::check_reach;
use crate::app::App;
use crate::identity::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use docket_core::agent::Availability;
use docket_core::handler::named::{takes_escalations, works};
use docket_core::names::{ActorId, Slug};
use docket_core::routing::{could_take, is_there};
use docket_core::settings::words::Label;
use docket_core::staff::{Member, Permission, Staff};
use docket_core::ticket::{Ticket, TicketRefusal};
use docket_projections::roster::{Present, present};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A team that a ticket can be escalated to.
#[derive(Serialize, ToSchema)]
pub(crate) struct TeamDestination {
    /// The team.
    #[schema(value_type = shapes::Slug)]
    pub(crate) team: Slug,
    /// What it is called, in each language.
    #[schema(value_type = Object)]
    pub(crate) label: Label,
    /// How many of it may take escalated tickets.
    pub(crate) members: u32,
    /// How many of them are there for it: online, or taking only what is handed over.
    pub(crate) online: u32,
    /// What they have on their hands together. Unit: points.
    pub(crate) load: u64,
    /// What they can have on their hands together. Unit: points.
    pub(crate) capacity: u64,
}

/// Somebody whom a ticket can be escalated to in person.
#[derive(Serialize, ToSchema)]
pub(crate) struct SupervisorDestination {
    /// Who.
    #[schema(value_type = shapes::ActorId)]
    pub(crate) supervisor: ActorId,
    /// What they are called.
    pub(crate) name: Option<String>,
    /// Whether they are there.
    #[schema(value_type = shapes::AvailabilityName)]
    pub(crate) availability: Availability,
    /// What they have on their hands. Unit: points.
    pub(crate) load: u32,
    /// What they can have on their hands. Unit: points.
    pub(crate) capacity: u32,
}

/// Where a ticket can be escalated to.
#[derive(Serialize, ToSchema)]
pub(crate) struct DestinationsView {
    /// The position that people and their load are shown as of.
    position: u64,
    pub(crate) teams: Vec<TeamDestination>,
    pub(crate) supervisors: Vec<SupervisorDestination>,
}

/// Lists where a ticket can be escalated to: teams in force where somebody may take escalated tickets, and people who take
/// escalations in person, but for where it is.
#[utoipa::path(get, path = "/api/v1/tickets/{number}/destinations", tag = "routing", params(OfTicket),
    responses((status = 200, description = "The destinations", body = DestinationsView), ReadOneRefusals))]
pub(in crate::api) async fn read_destinations(
    State(app): State<App>,
    caller: Caller,
    TicketPath(number): TicketPath,
) -> Result<Json<DestinationsView>, Problem> {
    check_reach(&app, &caller, number).await?;
    let ticket = app.handler.ticket(number).await?;
    if !ticket.exists {
        return Err(TicketRefusal::NotFound.into());
    }
    Ok(Json(destinations(&app, &ticket).await?))
}

/// Where a ticket can be escalated to, as the API lists it and the pages offer it.
///
/// # Errors
/// A problem when people, teams or their load cannot be read.
pub(crate) async fn destinations(app: &App, ticket: &Ticket) -> Result<DestinationsView, Problem> {
    let (staff, shelf) = (app.staff.refresh().await?, app.catalogues.teams.refresh().await?);
    let ids: Vec<ActorId> =
        staff.members().filter(|(_, member)| works(member)).map(|(id, _)| id.clone()).collect();
    let asked = ids.clone();
    let read = app.query_at("roster", None, move |connection| {
        asked.iter().map(|id| present(connection, id)).collect::<Result<Vec<Present>, _>>()
    });
    let (position, present) = read.await?;
    let present: BTreeMap<ActorId, Present> = ids.into_iter().zip(present).collect();
    let elsewhere = shelf.all_in_force(app.now()).filter(|(slug, _)| ticket.team.as_ref() != Some(*slug));
    let teams = elsewhere.filter_map(|(slug, version)| team(slug, &version.content.label, &staff, &present));
    let teams = teams.collect();
    let others = staff
        .members()
        .filter(|(id, member)| takes_escalations(member) && ticket.assignee.as_ref() != Some(*id));
    let supervisors =
        others.filter_map(|(id, member)| Some(supervisor(id, member, present.get(id)?))).collect();
    Ok(DestinationsView { position: position.0, teams, supervisors })
}

/// A team with what its people have; none where nobody of it could be given the ticket.
fn team(
    slug: &Slug,
    label: &Label,
    staff: &Staff,
    present: &BTreeMap<ActorId, Present>,
) -> Option<TeamDestination> {
    let mut team = TeamDestination {
        team: slug.clone(),
        label: label.clone(),
        members: 0,
        online: 0,
        load: 0,
        capacity: 0,
    };
    let receives = |member: &Member| could_take(member, slug, Permission::TakeEscalated);
    for (id, member) in staff.members().filter(|(_, member)| receives(member)) {
        team.members += 1;
        team.capacity += u64::from(member.capacity.points);
        if let Some(there) = present.get(id) {
            team.online += u32::from(is_there(there.agent.availability, Permission::TakeEscalated));
            team.load += u64::from(member.capacity.load(&there.held));
        }
    }
    (team.members > 0).then_some(team)
}

fn supervisor(id: &ActorId, member: &Member, there: &Present) -> SupervisorDestination {
    SupervisorDestination {
        supervisor: id.clone(),
        name: member.name.plain().map(str::to_owned),
        availability: there.agent.availability,
        load: member.capacity.load(&there.held),
        capacity: member.capacity.points,
    }
}
