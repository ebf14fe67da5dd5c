//! What admins do about other people's credentials: invite, look at sessions and tokens, and take them away.

use super::body::{NamePath, Sent, UuidPath};
use super::commands::told;
use super::me::{TokenView, TokensView, revoke};
use super::parameters::{Keyed, OfCredential, OfMember};
use super::refusals::{ChangeOneRefusals, ReadOneRefusals, ReadRefusals};
use super::session::{NoFields, SessionView, SessionsView};
use crate::app::App;
use crate::credentials::Person;
use crate::idempotency::command_key;
use crate::identity::Caller;
use crate::letting_in::{Code, Given};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use docket_core::names::ActorId;
use docket_core::staff::StaffRefusal;
use serde::Serialize;
use utoipa::ToSchema;

/// A code that lets somebody choose their password, shown this once.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitationView {
    /// Give it to them; it works once.
    code: String,
    /// Until when.
    expires_at: String,
    /// The page where it is typed in; none for customers, who have no pages yet.
    page: Option<&'static str>,
}

impl InvitationView {
    pub(super) fn answer(given: Given<Code>, page: Option<&'static str>) -> Response {
        let Given { settled, what: (code, expires_at) } = given;
        let view = Self { code, expires_at: expires_at.to_rfc3339(), page };
        (Problem::CREATED, told(settled.position, settled.version), Json(view)).into_response()
    }
}

/// Somebody who works here, or has.
fn member(app: &App, name: &str) -> Result<ActorId, Problem> {
    let id = ActorId::new(name).map_err(|_| Problem::from(StaffRefusal::NotFound))?;
    app.staff.known().member(&id).ok_or(StaffRefusal::NotFound)?;
    Ok(id)
}

/// Makes a code with which somebody who works here chooses a password. Earlier codes of theirs are void; the password
/// they have stays good until they choose another.
#[utoipa::path(post, path = "/api/v1/staff/{name}/invite", tag = "staff", request_body = NoFields,
    params(Keyed, OfMember),
    responses((status = 201, description = "Invited", body = InvitationView,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        ChangeOneRefusals))]
pub(super) async fn invite(
    State(app): State<App>,
    NamePath(name): NamePath,
    Caller { actor, .. }: Caller,
    sent: Sent<NoFields>,
) -> Result<Response, Problem> {
    let key = command_key(&sent.headers, &actor, &sent.path, &sent.bytes, &app.digest_key)?;
    let member = member(&app, &name)?;
    Ok(InvitationView::answer(app.invite_member(actor, member, key).await?, Some("/welcome")))
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
    let theirs = app.credentials.sessions.of(&Person::Staff(member(&app, &name)?), app.now());
    let sessions = theirs.iter().map(|session| SessionView::of(session, &caller)).collect();
    Ok(Json(SessionsView { sessions }))
}

/// Ends every session of somebody who works here.
#[utoipa::path(post, path = "/api/v1/staff/{name}/revoke-sessions", tag = "staff", request_body = NoFields,
    params(Keyed, OfMember),
    responses((status = 200, description = "Ended, or there were none", body = NoFields,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        ChangeOneRefusals))]
pub(super) async fn revoke_sessions(
    State(app): State<App>,
    NamePath(name): NamePath,
    Caller { actor, .. }: Caller,
    sent: Sent<NoFields>,
) -> Result<Response, Problem> {
    let key = command_key(&sent.headers, &actor, &sent.path, &sent.bytes, &app.digest_key)?;
    let settled = app.revoke_sessions(actor, member(&app, &name)?, key).await?;
    Ok((told(settled.position, settled.version), Json(serde_json::json!({}))).into_response())
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
    responses((status = 200, description = "Revoked, or was so already", body = NoFields,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        ChangeOneRefusals))]
pub(super) async fn revoke_token(
    State(app): State<App>,
    caller: Caller,
    UuidPath(id): UuidPath,
    sent: Sent<NoFields>,
) -> Result<Response, Problem> {
    revoke(&app, caller, None, id, &sent).await
}
