//! Whether whoever looks is there to take tickets, and the form that says so.

use super::error;
use super::language::Visit;
use super::reader::Reader;
use super::texts::Texts;
use crate::app::App;
use crate::identity::Caller;
use crate::problem::Problem;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Redirect, Response};
use docket_core::agent::{AgentCommand, Availability};
use docket_core::ticket::Lane;
use serde::Deserialize;

/// Where the form goes.
pub(super) const ROUTE: &str = "/availability";

/// What is said once it was set.
pub(super) const DONE: &str = "availability";

/// What the form holds.
pub(super) struct Mine {
    /// Each by its name and in words, with whether it is so now.
    pub(super) choices: Vec<(&'static str, &'static str, bool)>,
    /// The lane to come back to.
    pub(super) lane: &'static str,
    /// What it is now, in words.
    pub(super) now: &'static str,
}

impl Mine {
    pub(super) fn of(t: &'static Texts, is: Availability, lane: Lane) -> Self {
        let said = |one: Availability| t.availability(one.as_str()).unwrap_or_default();
        let choice = |one: Availability| (one.as_str(), said(one), one == is);
        Self { choices: Availability::ALL.map(choice).into(), lane: lane.as_str(), now: said(is) }
    }
}

/// Whether somebody is there; none of those whom tickets are not given to.
pub(super) async fn of(app: &App, caller: &Caller) -> Option<Availability> {
    let staff = app.staff.known();
    staff.member(&caller.actor.id).filter(|member| docket_core::routing::works_tickets(member))?;
    let agent = app.agents.read(&caller.actor.id).await;
    let agent =
        agent.inspect_err(|error| tracing::warn!("whether somebody is there cannot be read: {error}"));
    agent.ok().map(|(_, agent)| agent.availability)
}

/// What the form sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    to: String,
    lane: String,
}

/// Sets it, and shows the queue again.
pub(super) async fn set(
    State(app): State<App>,
    reader: Reader,
    visit: Visit,
    form: Result<Form<Fields>, FormRejection>,
) -> Response {
    let Form(Fields { to, lane }) = form.unwrap_or_default();
    let lane = Lane::parse(&lane).unwrap_or(Lane::New);
    let set = match Availability::ALL.into_iter().find(|one| one.as_str() == to) {
        Some(to) => change(&app, reader.caller(), to).await,
        None => Err(Problem::invalid("to", "use online, away, transfers_only or offline")),
    };
    match set {
        Ok(()) => Redirect::to(&format!("/queue?lane={}&done={DONE}", lane.as_str())).into_response(),
        Err(problem) => error::page(&visit, &problem),
    }
}

async fn change(app: &App, caller: &Caller, to: Availability) -> Result<(), Problem> {
    let (actor, agent) = (caller.actor.clone(), caller.actor.id.clone());
    let member = app.staff.refresh().await?.member(&agent).cloned();
    let command = AgentCommand { actor, agent, member, to, reason: None };
    app.change(app.agents.clone(), command, None).await?;
    Ok(())
}
