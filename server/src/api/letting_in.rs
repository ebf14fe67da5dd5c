//! What admins do about other people's credentials: invite, look at sessions and tokens, and take them away.

use super::body::{NamePath, Sent, UuidPath};
use super::me::{TokenView, TokensView, revoke};
use super::parameters::{Keyed, OfCredential, OfMember};
use super::refusals::{ChangeOneRefusals, ReadOneRefusals, ReadRefusals};
use super::session::{NoFields, SessionView, SessionsView, blocking};
use crate::app::App;
use crate::credentials::Person;
use crate::identity::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use docket_core::names::ActorId;
use docket_core::staff::StaffRefusal;
use docket_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A code that lets somebody choose their password, shown this once.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitationView {
    /// Give it to them; it works once.
    code: String,
    /// Until when.
    expires_at: String,
    /// The page where it is typed in.
    page: &'static str,
}

impl InvitationView {
    pub(super) fn of(code: String, expires_at: Timestamp) -> Self {
        Self { code, expires_at: expires_at.to_rfc3339(), page: "/welcome" }
    }
}

/// Somebody who works here, or has, and whether they still do.
fn member(app: &App, name: &str) -> Result<(Person, bool), Problem> {
    let id = ActorId::new(name).map_err(|_| Problem::from(StaffRefusal::NotFound))?;
    let staff = app.staff.known();
    let active = staff.member(&id).ok_or(StaffRefusal::NotFound)?.active;
    Ok((Person::Staff(id), active))
}

/// Makes a code with which somebody who works here chooses a password. Earlier codes of theirs are void; the password
/// they have stays good until they choose another.
#[utoipa::path(post, path = "/api/v1/staff/{name}/invite", tag = "staff", request_body = NoFields,
    params(Keyed, OfMember),
    responses((status = 201, description = "Invited", body = InvitationView), ChangeOneRefusals))]
pub(super) async fn invite(
    State(app): State<App>,
    NamePath(name): NamePath,
    _: Sent<NoFields>,
) -> Result<Response, Problem> {
    let (person, active) = member(&app, &name)?;
    if !active {
        return Err(StaffRefusal::Inactive.into());
    }
    let now = app.now();
    let (code, expires_at) = blocking(&app, move |credentials| credentials.invite(&person, now)).await?;
    Ok((Problem::CREATED, Json(InvitationView::of(code, expires_at))).into_response())
}

/// Lists the sessions of somebody who works here.
#[utoipa::path(get, path = "/api/v1/staff/{name}/sessions", tag = "staff",
    params(OfMember),
    responses((status = 200, description = "The sessions", body = SessionsView), ReadOneRefusals))]
pub(super) async fn sessions(
    State(app): State<App>,
    caller: Caller,
    NamePath(name): NamePath,
) -> Result<Json<SessionsView>, Problem> {
    let theirs = app.credentials.sessions.of(&member(&app, &name)?.0, app.now());
    let sessions = theirs.iter().map(|session| SessionView::of(session, &caller)).collect();
    Ok(Json(SessionsView { sessions }))
}

/// Ends every session of somebody who works here.
#[utoipa::path(post, path = "/api/v1/staff/{name}/revoke-sessions", tag = "staff", request_body = NoFields,
    params(Keyed, OfMember),
    responses((status = 200, description = "Ended", body = NoFields), ChangeOneRefusals))]
pub(super) async fn revoke_sessions(
    State(app): State<App>,
    NamePath(name): NamePath,
    _: Sent<NoFields>,
) -> Result<Response, Problem> {
    let (person, _) = member(&app, &name)?;
    blocking(&app, move |credentials| credentials.end_sessions(&person)).await?;
    Ok(Json(serde_json::json!({})).into_response())
}

/// Lists everybody's tokens.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "staff",
    responses((status = 200, description = "The tokens", body = TokensView), ReadRefusals))]
pub(super) async fn tokens(State(app): State<App>) -> Json<TokensView> {
    Json(TokensView { tokens: app.credentials.tokens.of(None).iter().map(TokenView::of).collect() })
}

/// Takes anybody's token back.
#[utoipa::path(post, path = "/api/v1/tokens/{id}/revoke", tag = "staff", request_body = NoFields,
    params(Keyed, OfCredential),
    responses((status = 200, description = "Revoked", body = NoFields), ChangeOneRefusals))]
pub(super) async fn revoke_token(
    State(app): State<App>,
    UuidPath(id): UuidPath,
    _: Sent<NoFields>,
) -> Result<Response, Problem> {
    revoke(&app, None, id).await
}
