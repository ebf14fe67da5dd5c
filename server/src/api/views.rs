//! Saved views: filters with a name and exact counts, of one person or shared.

use super::body::{Asked, Named, Sent, UuidPath, position};
use super::commands::told;
use super::parameters::{Keyed, OfView};
use super::refusals::{ChangeOneRefusals, ReadRefusals};
use super::shapes;
use crate::app::App;
use crate::idempotency::command_key;
use crate::identity::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use docket_core::filter::{Filter, parse_filter};
use docket_core::handler::settings::Settled;
use docket_core::names::{ActorId, EventId};
use docket_core::text::Line;
use docket_core::views::{View, ViewAction, ViewCommand};
use docket_projections::queue::{Matching, Wanted, matching};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// As of when.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ViewsQuery {
    /// Waits up to two seconds until the counts show this position.
    #[param(value_type = shapes::Position, inline, required = false)]
    at_least: Option<u64>,
}

/// A saved view with what it shows at the moment.
#[derive(Serialize, ToSchema)]
pub(super) struct ViewView {
    /// Its identifier.
    #[schema(value_type = shapes::Id)]
    id: Uuid,
    /// In the words of who saved it; none once it has been erased.
    name: Option<String>,
    /// The filter, as `GET /api/v1/queue` takes it.
    filter: String,
    /// Whether everybody who works here has it.
    shared: bool,
    /// Who saved it last.
    #[schema(value_type = shapes::ActorId)]
    author: ActorId,
    /// Tickets that it shows, within reach.
    tickets: u64,
    /// Of these, past a deadline of a clock that has not ended.
    late: u64,
}

/// The views that somebody has.
#[derive(Serialize, ToSchema)]
pub(super) struct ViewsView {
    /// The position as of which all of them are counted.
    position: u64,
    /// The instant at which lateness was judged.
    #[schema(value_type = shapes::Instant)]
    evaluated_at: String,
    /// Their own and the shared ones, in the order in which they were first saved.
    views: Vec<ViewView>,
}

/// What came of a command on a view.
#[derive(Serialize, ToSchema)]
pub(super) struct ViewAnswer {
    /// Which view.
    #[schema(value_type = shapes::Id)]
    view: Uuid,
    /// The version of all views afterwards.
    version: u64,
    /// The position that shows the effect.
    position: u64,
    /// What came of it.
    #[schema(value_type = shapes::OutcomeName)]
    outcome: &'static str,
}

/// A view to save.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SaveFields {
    /// The view to save over; a new one if left out.
    #[schema(value_type = Option<shapes::Id>)]
    #[serde(default)]
    id: Option<Named<Uuid>>,
    /// What it is called.
    #[schema(value_type = shapes::Line)]
    name: Line,
    /// Operators such as `status:open assignee:me`; all tickets if empty.
    #[schema(value_type = shapes::Filter)]
    filter: String,
    /// Whether everybody who works here shall have it: for supervisors and admins.
    #[serde(default)]
    shared: bool,
}

/// Nothing: which view is said by the path.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoFields {}

/// Lists one's own views and the shared ones, with exact counts as of one position.
#[utoipa::path(get, path = "/api/v1/views", tag = "views", params(ViewsQuery),
    responses((status = 200, description = "The views", body = ViewsView), ReadRefusals))]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Asked(asked): Asked<ViewsQuery>,
) -> Result<Json<ViewsView>, Problem> {
    let views = app.views.refresh().await?;
    let now = app.now();
    let counted = app.query_at("queue", position(asked.at_least), move |connection| {
        let one = |(id, view): (&Uuid, &View)| {
            let wanted = Wanted { reach: &caller.reach, filter: &view.filter, me: &caller.actor.id };
            let Matching { tickets, late } = matching(connection, wanted, now)?;
            Ok(ViewView {
                id: *id,
                name: view.name.plain().map(str::to_owned),
                filter: view.filter.to_string(),
                shared: view.shared,
                author: view.author.clone(),
                tickets,
                late,
            })
        };
        views.of(&caller.actor.id).map(one).collect()
    });
    let (position, views) = counted.await?;
    Ok(Json(ViewsView { position: position.0, evaluated_at: now.to_rfc3339(), views }))
}

/// Saves a filter under a name, or saves it over.
#[utoipa::path(post, path = "/api/v1/views", tag = "views", request_body = SaveFields, params(Keyed),
    responses((status = 201, description = "It is saved", body = ViewAnswer,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        ChangeOneRefusals))]
pub(super) async fn save(
    State(app): State<App>,
    caller: Caller,
    sent: Sent<SaveFields>,
) -> Result<Response, Problem> {
    let filter: Filter = parse_filter(&sent.fields.filter)
        .map_err(|error| Problem::filter_not_understood("filter", &error))?;
    let answer = act(app, caller, sent, |fields| {
        let action = ViewAction::Save { name: fields.name, filter, shared: fields.shared };
        (fields.id.map(|Named(id)| id), action)
    });
    Ok((Problem::CREATED, answer.await?).into_response())
}

/// Takes a view away.
#[utoipa::path(post, path = "/api/v1/views/{id}/remove", tag = "views", request_body = NoFields,
    params(OfView, Keyed),
    responses((status = 200, description = "It is gone", body = ViewAnswer,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        ChangeOneRefusals))]
pub(super) async fn remove(
    State(app): State<App>,
    UuidPath(id): UuidPath,
    caller: Caller,
    sent: Sent<NoFields>,
) -> Result<Response, Problem> {
    Ok(act(app, caller, sent, |NoFields {}| (Some(id), ViewAction::Remove)).await?.into_response())
}

async fn act<T>(
    app: App,
    Caller { actor, .. }: Caller,
    sent: Sent<T>,
    action: impl FnOnce(T) -> (Option<Uuid>, ViewAction),
) -> Result<(HeaderMap, Json<ViewAnswer>), Problem> {
    let key = command_key(&sent.headers, &actor, &sent.path, &sent.bytes, &app.digest_key)?;
    let (view, action) = action(sent.fields);
    // By the key, so that what is sent again is about the same view and told its identifier.
    let new = || match &key {
        Some(key) => EventId::deterministic(&format!("view/{}/{}", key.principal, key.key)).0,
        None => Uuid::now_v7(),
    };
    let view = view.unwrap_or_else(new);
    let command = ViewCommand { actor, view, action };
    let Settled { version, position, outcome } = app.change_views(command, key).await?;
    let outcome = outcome.as_str();
    Ok((
        told(position, version),
        Json(ViewAnswer { view, version: version.0, position: position.0, outcome }),
    ))
}
