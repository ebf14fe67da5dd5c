//! What somebody does about their own credentials: password, sessions and tokens.

use super::body::{Named, Sent, UuidPath};
use super::commands::told;
use super::parameters::{Keyed, OfCredential};
use super::refusals::{ChangeOneRefusals, ChangeRefusals, ReadRefusals};
use super::session::{NoFields, SessionView, SessionsView, scopes_of};
use super::shapes;
use crate::access::Scope;
use crate::app::App;
use crate::credentials::password::check;
use crate::credentials::token::{LASTS_MAX, Token};
use crate::credentials::{CredentialError, Person};
use crate::idempotency::command_key;
use crate::identity::Caller;
use crate::letting_in::Given;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use docket_core::text::Line;
use docket_core::time::{DurationMs, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// Days that a token lasts if nothing is said.
const TOKEN_DAYS: u32 = 90;

/// The password that is used now, and the one to use from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordFields {
    /// The one that is used now.
    current: String,
    /// The one to use from now on: 12 characters at least, 256 bytes at most.
    new: String,
}

/// A new token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenFields {
    /// What it is for.
    #[schema(value_type = shapes::Line)]
    name: Line,
    /// What it may be used for: `read`, `work`, `reports`, `settings`, `operate`.
    #[schema(value_type = Vec<Scope>, min_items = 1, max_items = 5)]
    scopes: Vec<Named<Scope>>,
    /// Days until it expires, 1 to 366; 90 if left out.
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 366)]
    #[serde(default)]
    days: Option<u32>,
}

/// A token, without its secret.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenView {
    /// To revoke it by.
    #[schema(value_type = String)]
    id: Uuid,
    /// Whose rights it carries.
    owner: String,
    /// What it is for.
    name: String,
    scopes: Vec<&'static str>,
    made_at: String,
    expires_at: String,
    revoked_at: Option<String>,
    /// When it was last used since the server started.
    used_at: Option<String>,
}

impl TokenView {
    pub(super) fn of((token, used_at): &(Arc<Token>, Option<Timestamp>)) -> Self {
        Self {
            id: token.id,
            owner: token.person.id().to_string(),
            name: token.name.clone(),
            scopes: scopes_of(token.scopes.iter().copied()),
            made_at: token.made_at.to_rfc3339(),
            expires_at: token.expires_at.to_rfc3339(),
            revoked_at: token.revoked_at.map(Timestamp::to_rfc3339),
            used_at: used_at.map(Timestamp::to_rfc3339),
        }
    }
}

/// Tokens, the newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct TokensView {
    pub(super) tokens: Vec<TokenView>,
}

/// A token with its secret, which is shown this once.
#[derive(Serialize, ToSchema)]
pub(super) struct NewTokenView {
    /// Send it as `Authorization: Bearer …`. It is not kept here, and cannot be shown again.
    secret: String,
    #[serde(flatten)]
    token: TokenView,
}

/// Chooses another password; every session ends, this one too.
#[utoipa::path(post, path = "/api/v1/me/change-password", tag = "identity", request_body = PasswordFields,
    params(Keyed), responses((status = 200, description = "Changed", body = NoFields), ChangeRefusals))]
pub(super) async fn change_password(
    State(app): State<App>,
    caller: Caller,
    sent: Sent<PasswordFields>,
) -> Result<Response, Problem> {
    let PasswordFields { current, new } = sent.fields;
    let person = caller.person();
    check(&new, &person).map_err(CredentialError::from)?;
    app.rates.take(&person, super::session::NAME_QUOTA, app.now())?;
    let changed = app.credentials.hashing(move |credentials| {
        credentials.verify_password(&person, &current)?;
        credentials.set_password(&person, &new, Vec::new())
    });
    changed.await?;
    Ok(Json(serde_json::json!({})).into_response())
}

/// Lists your sessions.
#[utoipa::path(get, path = "/api/v1/me/sessions", tag = "identity",
    responses((status = 200, description = "The sessions", body = SessionsView), ReadRefusals))]
pub(super) async fn sessions(State(app): State<App>, caller: Caller) -> Json<SessionsView> {
    let theirs = app.credentials.sessions.of(&caller.person(), app.now());
    Json(SessionsView { sessions: theirs.iter().map(|session| SessionView::of(session, &caller)).collect() })
}

/// Ends one of your sessions.
#[utoipa::path(post, path = "/api/v1/me/sessions/{id}/revoke", tag = "identity", request_body = NoFields,
    params(Keyed, OfCredential),
    responses((status = 200, description = "Ended", body = NoFields), ChangeOneRefusals))]
pub(super) async fn revoke_session(
    State(app): State<App>,
    caller: Caller,
    UuidPath(id): UuidPath,
    _: Sent<NoFields>,
) -> Result<Response, Problem> {
    let person = caller.person();
    app.beside(move |credentials| credentials.end_session(&person, id)).await?;
    Ok(Json(serde_json::json!({})).into_response())
}

/// Lists your tokens.
#[utoipa::path(get, path = "/api/v1/me/tokens", tag = "identity",
    responses((status = 200, description = "The tokens", body = TokensView), ReadRefusals))]
pub(super) async fn tokens(State(app): State<App>, caller: Caller) -> Json<TokensView> {
    let theirs = app.credentials.tokens.of(Some(&caller.person()));
    Json(TokensView { tokens: theirs.iter().map(TokenView::of).collect() })
}

/// Makes a token. Its secret is in the answer, once.
#[utoipa::path(post, path = "/api/v1/me/tokens", tag = "identity", request_body = TokenFields,
    params(Keyed),
    responses((status = 201, description = "Made", body = NewTokenView,
        headers(("ETag" = String, description = "The version afterwards"),
            ("Docket-Position" = u64, description = "The position that shows the effect"))),
        ChangeOneRefusals))]
pub(super) async fn make_token(
    State(app): State<App>,
    caller: Caller,
    sent: Sent<TokenFields>,
) -> Result<Response, Problem> {
    let key = command_key(&sent.headers, &caller.actor, &sent.path, &sent.bytes, &app.digest_key)?;
    let TokenFields { name, scopes, days } = sent.fields;
    if scopes.is_empty() || scopes.len() > Scope::ALL.len() {
        let detail = "name one or more of read, work, reports, settings, operate, each once";
        return Err(Problem::invalid("scopes", detail));
    }
    let lasts = DurationMs::from_hours(24 * i64::from(days.unwrap_or(TOKEN_DAYS)));
    if lasts <= DurationMs(0) || lasts > LASTS_MAX {
        return Err(Problem::invalid("days", "use 1 to 366"));
    }
    let now = app.now();
    let token = Token {
        id: Uuid::now_v7(),
        person: caller.person(),
        name: name.as_str().to_owned(),
        scopes: scopes.into_iter().map(|Named(scope)| scope).collect(),
        made_at: now,
        expires_at: now.plus(lasts),
        revoked_at: None,
    };
    let made = token.clone();
    let Given { settled, what } = app.make_token(caller.actor, name, token, key).await?;
    let view =
        NewTokenView { secret: what.reveal().to_owned(), token: TokenView::of(&(Arc::new(made), None)) };
    Ok((Problem::CREATED, told(settled.position, settled.version), Json(view)).into_response())
}

/// Takes one of your tokens back.
#[utoipa::path(post, path = "/api/v1/me/tokens/{id}/revoke", tag = "identity", request_body = NoFields,
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
    let own = Some(caller.person());
    revoke(&app, caller, own, id, &sent).await
}

/// Takes a token back; of anybody's where none is named.
pub(super) async fn revoke(
    app: &App,
    Caller { actor, .. }: Caller,
    whose: Option<Person>,
    id: Uuid,
    sent: &Sent<NoFields>,
) -> Result<Response, Problem> {
    let key = command_key(&sent.headers, &actor, &sent.path, &sent.bytes, &app.digest_key)?;
    let settled = app.revoke_token(actor, whose, id, key).await?;
    Ok((told(settled.position, settled.version), Json(serde_json::json!({}))).into_response())
}
