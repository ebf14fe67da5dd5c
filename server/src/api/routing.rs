//! What routing decided and on what, who is there to be found, and what other rules would do.

pub(crate) mod destinations;
mod trial;
mod views;

use super::body::{Asked, TicketPath, position};
use super::parameters::OfTicket;
use super::refusals::{ReadOneRefusals, ReadRefusals};
use super::shapes;
use super::tickets::check_reach;
use crate::app::App;
use crate::identity::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
pub(super) use destinations::*;
use docket_core::access::Reach;
use docket_core::actor::Role;
use docket_core::event::Event;
use docket_core::handler::{HandleError, HistoryError};
use docket_core::names::{ActorId, Slug, StreamName, StreamVersion, TicketNumber};
use docket_core::staff::Member;
use docket_core::store::{READ_RECORDS_MAX, may_go_on};
use docket_core::ticket::{TicketEvent, TicketRefusal};
use docket_projections::roster::{Present, present};
use serde::Deserialize;
use std::collections::{BTreeSet, VecDeque};
pub(super) use trial::*;
use utoipa::IntoParams;
use views::{DecisionView, DecisionsView, PersonView, RosterView, on_hands};

/// Decisions that are shown of one ticket: the newest.
const DECISIONS_MAX: usize = 20;

/// As of when.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RosterQuery {
    /// Waits up to two seconds until the answer shows this position.
    #[param(value_type = shapes::Position, inline, required = false)]
    at_least: Option<u64>,
}

/// Says why a ticket is with whom it is, or why nobody was found: the newest twenty decisions with all candidates.
#[utoipa::path(get, path = "/api/v1/tickets/{number}/routing", tag = "routing", params(OfTicket),
    responses((status = 200, description = "The decisions, the newest first", body = DecisionsView), ReadOneRefusals))]
pub(super) async fn read_decisions(
    State(app): State<App>,
    caller: Caller,
    TicketPath(number): TicketPath,
) -> Result<Json<DecisionsView>, Problem> {
    check_reach(&app, &caller, number).await?;
    let ticket = app.handler.ticket(number).await?;
    if !ticket.exists {
        return Err(TicketRefusal::NotFound.into());
    }
    let waiting_for = ticket.waiting_for.map(|reason| reason.as_str());
    let decisions = decisions(&app, number).await?;
    Ok(Json(DecisionsView { ticket: number.0, version: ticket.version.0, waiting_for, decisions }))
}

/// The newest decisions of a ticket, read from the log itself.
async fn decisions(app: &App, number: TicketNumber) -> Result<Vec<DecisionView>, HandleError> {
    let damaged = |source: HistoryError| HandleError::History { ticket: number, source };
    let (stream, mut version) = (StreamName::ticket(number), StreamVersion::NONE);
    let mut newest = VecDeque::with_capacity(DECISIONS_MAX);
    loop {
        let page = app.store.read_stream(&stream, version, READ_RECORDS_MAX).await?;
        for record in &page {
            let recorded = record.decode().map_err(|error| damaged(error.into()))?;
            version = recorded.version;
            if let Event::Ticket(TicketEvent::Routed(routed)) =
                recorded.event().map_err(|error| damaged(error.into()))?
            {
                if newest.len() == DECISIONS_MAX {
                    newest.pop_back();
                }
                newest.push_front(DecisionView::of(number, record.position, &recorded, *routed));
            }
        }
        if !may_go_on(&page, READ_RECORDS_MAX) {
            return Ok(newest.into());
        }
    }
}

/// Lists who takes tickets: who is there, and what they have on their hands. Whoever sees some teams' tickets is told of
/// those who work for these.
#[utoipa::path(get, path = "/api/v1/roster", tag = "routing", params(RosterQuery),
    responses((status = 200, description = "The people, in the order of their identifiers", body = RosterView), ReadRefusals))]
pub(super) async fn read_roster(
    State(app): State<App>,
    caller: Caller,
    Asked(asked): Asked<RosterQuery>,
) -> Result<Json<RosterView>, Problem> {
    let staff = app.staff.refresh().await?;
    let shown: Vec<(ActorId, BTreeSet<Slug>)> = staff
        .members()
        .filter(|(_, member)| member.active && matches!(member.role, Role::Agent | Role::Supervisor))
        .filter_map(|(id, member)| Some((id.clone(), teams_within(&caller.reach, id, member)?)))
        .collect();
    let ids: Vec<ActorId> = shown.iter().map(|(id, _)| id.clone()).collect();
    let read = app.query_at("roster", position(asked.at_least), move |connection| {
        ids.iter().map(|id| present(connection, id)).collect::<Result<Vec<Present>, _>>()
    });
    let (position, present) = read.await?;
    let people = shown.into_iter().zip(present).filter_map(|((id, teams), present)| {
        let member = staff.member(&id)?;
        Some(PersonView {
            name: member.name.plain().map(str::to_owned),
            role: member.role.as_str(),
            teams,
            availability: present.agent.availability,
            load: member.capacity.load(&present.held),
            tickets: on_hands(&present.held),
            capacity: member.capacity.points,
            last_taken_at: present.agent.last_taken_at.map(|at| at.to_rfc3339()),
            id,
        })
    });
    Ok(Json(RosterView { position: position.0, people: people.collect() }))
}

/// The teams of somebody that are within a reach; none when they are out of it.
fn teams_within(reach: &Reach, id: &ActorId, member: &Member) -> Option<BTreeSet<Slug>> {
    match reach {
        Reach::Everything => Some(member.teams.clone()),
        Reach::Teams { me, teams } => {
            let shared: BTreeSet<Slug> = member.teams.intersection(teams).cloned().collect();
            (!shared.is_empty() || me == id).then_some(shared)
        }
        Reach::Own { .. } | Reach::Nothing => None,
    }
}
