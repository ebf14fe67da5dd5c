//! Shows how the projectors stand, and rebuilds, rolls back and retries.

use super::body::{Asked, NamePath, TicketNumberAndName};
use super::parameters::{Keyed, OfProjection, OfTicket};
use super::refusals::{ChangeOneRefusals, ReadRefusals};
use super::tickets::check_reach;
use crate::app::App;
use crate::identity::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use docket_core::access::Reach;
use docket_core::names::{GlobalPosition, StreamName, StreamVersion};
use docket_core::ticket::TicketRefusal;
use docket_core::time::DurationMs;
use docket_projections::runner::{ChangeError, Phase, Projections, Status};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A ticket that a projector has set aside.
#[derive(Serialize, ToSchema)]
pub(super) struct QuarantineView {
    ticket: u64,
    position: u64,
    why: String,
}

/// How far a rebuild has come.
#[derive(Serialize, ToSchema)]
pub(super) struct ProgressView {
    position: u64,
    target: u64,
    elapsed_ms: u64,
    remaining_ms: Option<u64>,
}

/// How a projector stands.
#[derive(Serialize, ToSchema)]
pub(super) struct ProjectionView {
    name: &'static str,
    /// `live`, `building`, `held` or `failing`.
    phase: &'static str,
    /// Why it is held or failing.
    why: Option<String>,
    /// The position that it shows.
    position: u64,
    /// Events of the log that it does not show yet.
    lag_events: u64,
    /// Seconds since the first event that it does not show yet was recorded; 0 when it shows all.
    lag_s: i64,
    /// Hash over its rows: the same at the same position on every machine.
    state_hash: Option<String>,
    /// How many tickets it has set aside.
    quarantined_tickets: usize,
    /// These tickets, for whoever may see every ticket.
    quarantined: Vec<QuarantineView>,
    rebuild: Option<ProgressView>,
    can_roll_back: bool,
}

impl ProjectionView {
    /// How projectors stand, for somebody.
    pub(super) async fn all(app: &App, statuses: Vec<Status>, reach: &Reach) -> Vec<Self> {
        let mut views = Vec::with_capacity(statuses.len());
        for status in statuses {
            let lag = app.lag(&status).await;
            let mut view = Self::of(status, app.head(), lag);
            if *reach != Reach::Everything {
                view.quarantined.clear();
            }
            views.push(view);
        }
        views
    }

    fn of(status: Status, head: GlobalPosition, lag: DurationMs) -> Self {
        let position = status.position();
        let lag_events = head.0.saturating_sub(position.0);
        let (phase, why) = match status.phase {
            Phase::Live => ("live", None),
            Phase::Building => ("building", None),
            Phase::Held { position, why } => ("held", Some(format!("at position {position}: {why}"))),
            Phase::Failing { why } => ("failing", Some(why)),
        };
        let quarantined_tickets = status.quarantined.len();
        let quarantined = status.quarantined.into_iter().map(|entry| QuarantineView {
            ticket: entry.ticket.0,
            position: entry.position.0,
            why: entry.why,
        });
        Self {
            name: status.name,
            phase,
            why,
            position: position.0,
            lag_events,
            lag_s: lag.whole_seconds(),
            state_hash: status.checkpoint.map(|checkpoint| checkpoint.hash.to_hex()),
            quarantined_tickets,
            quarantined: quarantined.collect(),
            rebuild: status.rebuild.map(|progress| ProgressView {
                position: progress.position.0,
                target: progress.target.0,
                elapsed_ms: progress.elapsed.as_millis() as u64,
                remaining_ms: progress.remaining().map(|left| left.as_millis() as u64),
            }),
            can_roll_back: status.can_roll_back,
        }
    }
}

/// How a rebuild is to end.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RebuildQuery {
    /// Whether the new read model takes over also when it says something else than the one that serves.
    #[serde(default)]
    accept_difference: bool,
}

/// What came of a rebuild.
#[derive(Serialize, ToSchema)]
pub(super) struct RebuiltView {
    /// The position at which the two were compared.
    position: u64,
    /// The digest of the new read model.
    digest: String,
    /// The digest of the one that served.
    served: Option<String>,
    /// Whether the new one serves now.
    took_over: bool,
}

/// Shows how each projector stands.
#[utoipa::path(get, path = "/api/v1/projections", tag = "operation",
    responses((status = 200, description = "All projectors", body = Vec<ProjectionView>), ReadRefusals))]
pub(super) async fn list(State(app): State<App>, caller: Caller) -> Json<Vec<ProjectionView>> {
    Json(ProjectionView::all(&app, app.projections.statuses(), &caller.reach).await)
}

/// Makes a read model anew while it serves, compares the two, and lets the new one take over if they agree.
///
/// A difference means that what serves is not what the log says: look into it, then accept it.
#[utoipa::path(post, path = "/api/v1/projections/{name}/rebuild", tag = "operation",
    params(Keyed, OfProjection, RebuildQuery),
    responses((status = 200, description = "Compared", body = RebuiltView), ChangeOneRefusals))]
pub(super) async fn rebuild(
    State(app): State<App>,
    NamePath(name): NamePath,
    Asked(asked): Asked<RebuildQuery>,
) -> Result<Json<RebuiltView>, Problem> {
    let rebuilt = change(app, move |projections| projections.rebuild(&name, asked.accept_difference)).await?;
    Ok(Json(RebuiltView {
        position: rebuilt.position.0,
        digest: rebuilt.digest.to_hex(),
        served: rebuilt.served.map(|digest| digest.to_hex()),
        took_over: rebuilt.took_over,
    }))
}

/// Lets the read model that served before the last rebuild serve again, at once.
#[utoipa::path(post, path = "/api/v1/projections/{name}/roll-back", tag = "operation",
    params(Keyed, OfProjection),
    responses((status = 200, description = "Done", body = bool, content_type = "application/json"), ChangeOneRefusals))]
pub(super) async fn roll_back(
    State(app): State<App>,
    NamePath(name): NamePath,
) -> Result<Json<bool>, Problem> {
    change(app, move |projections| projections.roll_back(&name)).await?;
    Ok(Json(true))
}

/// Tries again with a ticket that was set aside; tells whether it could be taken.
#[utoipa::path(post, path = "/api/v1/projections/{name}/retry/{number}", tag = "operation",
    params(Keyed, OfProjection, OfTicket),
    responses((status = 200, description = "Whether it could be taken", body = bool, content_type = "application/json"), ChangeOneRefusals))]
pub(super) async fn retry(
    State(app): State<App>,
    caller: Caller,
    TicketNumberAndName { name, number }: TicketNumberAndName,
) -> Result<Json<bool>, Problem> {
    let stream = StreamName::ticket(number);
    let is_there = !app.store.read_stream(&stream, StreamVersion::NONE, 1).await?.is_empty();
    if app.projections.watch(&name).is_some() && !is_there {
        return Err(TicketRefusal::NotFound.into());
    }
    if caller.reach != Reach::Everything {
        // What cannot be folded cannot be known to be within reach.
        check_reach(&app, &caller, number).await.map_err(|_| TicketRefusal::NotFound)?;
    }
    Ok(Json(change(app, move |projections| projections.retry(&name, number)).await?))
}

/// Runs a change away from the threads that serve requests: it takes as long as folding the log does.
async fn change<T: Send + 'static>(
    app: App,
    change: impl FnOnce(&Projections) -> Result<T, ChangeError> + Send + 'static,
) -> Result<T, Problem> {
    let changed = tokio::task::spawn_blocking(move || change(&app.projections)).await;
    match changed {
        Ok(changed) => Ok(changed?),
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}
