//! Getting in and out: signing in with a password, choosing one with an invitation, ending a session.

use super::body::Sent;
use super::parameters::Keyed;
use super::refusals::{ChangeRefusals, ReadRefusals};
use super::shapes;
use crate::access::Scope;
use crate::app::App;
use crate::credentials::place::Place;
use crate::credentials::secret::Secret;
use crate::credentials::session::Session;
use crate::credentials::{CredentialError, Credentials, Person};
use crate::identity::{COOKIE, Caller, From, Shown, resolve};
use crate::problem::Problem;
use crate::rate_limit::Quota;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use docket_core::names::ActorId;
use docket_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// Tries at one name's password. A right one fills it again.
pub(crate) const NAME_QUOTA: Quota = Quota { name: "sign-in-name", burst: 10, window_s: 300 };

/// Tries from one network, at whatever names.
pub(crate) const NETWORK_QUOTA: Quota = Quota { name: "sign-in-network", burst: 60, window_s: 300 };

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignInFields {
    /// Their identifier.
    #[schema(value_type = shapes::ActorId)]
    id: ActorId,
    /// Their password.
    password: String,
    /// Whether it is a customer, and not somebody who works here.
    #[serde(default)]
    customer: bool,
}

/// A code and what is chosen with it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InvitationFields {
    /// The code that was given out, however it is typed.
    code: String,
    /// The password to use from now on: 12 characters at least, 256 bytes at most.
    password: String,
}

/// No fields.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoFields {}

/// Who is asking, and what they may do.
#[derive(Serialize, ToSchema)]
pub(super) struct MeView {
    /// Identifier.
    #[schema(value_type = String)]
    id: ActorId,
    /// Role now.
    role: &'static str,
    /// The team that they act for, if there is one.
    team: Option<String>,
    /// The teams whose tickets they see; `null` for those who see all.
    teams: Option<Vec<String>>,
    /// `session`, `token`, `link` or `headers`.
    by: &'static str,
    /// From when on they must show something new.
    until: Option<String>,
}

impl MeView {
    pub(super) fn of(caller: &Caller) -> Self {
        let teams = match &caller.reach {
            docket_core::access::Reach::Teams { teams, .. } => {
                Some(teams.iter().map(ToString::to_string).collect())
            }
            _ => None,
        };
        Self {
            id: caller.actor.id.clone(),
            role: caller.actor.role.as_str(),
            team: caller.actor.team.as_ref().map(ToString::to_string),
            teams,
            by: match caller.shown {
                Shown::Headers => "headers",
                Shown::Session(_) => "session",
                Shown::Token(_) => "token",
                Shown::Link(_) => "link",
            },
            until: caller.until.map(|until| until.to_rfc3339()),
        }
    }
}

/// Tells who is asking.
#[utoipa::path(get, path = "/api/v1/me", tag = "identity",
    responses((status = 200, description = "You", body = MeView), ReadRefusals))]
pub(super) async fn me(caller: Caller) -> Json<MeView> {
    Json(MeView::of(&caller))
}

/// Signs somebody in: the answer sets a cookie.
#[utoipa::path(post, path = "/api/v1/session", tag = "identity", request_body = SignInFields,
    params(Keyed), responses((status = 201, description = "Signed in", body = MeView), ChangeRefusals))]
pub(super) async fn sign_in(
    State(app): State<App>,
    from: From,
    sent: Sent<SignInFields>,
) -> Result<Response, Problem> {
    let SignInFields { id, password, customer } = sent.fields;
    let person = if customer { Person::Customer(id) } else { Person::Staff(id) };
    let (caller, cookie) = enter(&app, person, password, from).await?;
    Ok((Problem::CREATED, [(header::SET_COOKIE, cookie)], Json(MeView::of(&caller))).into_response())
}

/// Chooses a password with a code, and signs in: the answer sets a cookie.
#[utoipa::path(post, path = "/api/v1/session/accept-invitation", tag = "identity",
    request_body = InvitationFields,
    params(Keyed), responses((status = 201, description = "Signed in", body = MeView), ChangeRefusals))]
pub(super) async fn accept_invitation(
    State(app): State<App>,
    from: From,
    sent: Sent<InvitationFields>,
) -> Result<Response, Problem> {
    let InvitationFields { code, password } = sent.fields;
    let person = choose(&app, code, password, &from).await?;
    let (caller, cookie) = let_in(&app, person, from).await?;
    Ok((Problem::CREATED, [(header::SET_COOKIE, cookie)], Json(MeView::of(&caller))).into_response())
}

/// Ends the session that asks.
#[utoipa::path(post, path = "/api/v1/session/sign-out", tag = "identity", request_body = NoFields,
    params(Keyed), responses((status = 200, description = "Signed out", body = NoFields), ChangeRefusals))]
pub(super) async fn sign_out(
    State(app): State<App>,
    caller: Caller,
    _: Sent<NoFields>,
) -> Result<Response, Problem> {
    let cookie = leave(&app, &caller).await?;
    Ok(([(header::SET_COOKIE, cookie)], Json(serde_json::json!({}))).into_response())
}

/// Lets somebody in by their password; the cookie is for their browser. Names that are there and names that are not
/// are answered alike, and after the same time (promise S7).
///
/// # Errors
/// A problem: wrong, too often, or not now.
pub(crate) async fn enter(
    app: &App,
    person: Person,
    password: String,
    from: From,
) -> Result<(Caller, HeaderValue), Problem> {
    app.rates.take(&from.place.network, NETWORK_QUOTA, app.now())?;
    app.rates.take(&person, NAME_QUOTA, app.now())?;
    let checked = person.clone();
    let hashing =
        app.credentials.hashing(move |credentials| credentials.verify_password(&checked, &password));
    let digest = hashing.await?;
    // Whoever left is told so only when the password is theirs.
    resolve(app, &person, &HeaderMap::new())?;
    app.rates.forgive(&person, NAME_QUOTA);
    begin(app, from, move |credentials, place, now| {
        credentials.begin_session_with(&digest, person, place, now)
    })
    .await
}

/// Whether a password is a customer's, who is not let in by it.
///
/// # Errors
/// A problem: too often, or not now.
pub(crate) async fn is_of_customer(app: &App, id: ActorId, password: String) -> Result<bool, Problem> {
    let person = Person::Customer(id);
    app.rates.take(&person, NAME_QUOTA, app.now())?;
    let checked = person.clone();
    let hashing =
        app.credentials.hashing(move |credentials| credentials.verify_password(&checked, &password));
    match hashing.await {
        Ok(_) => {
            app.rates.forgive(&person, NAME_QUOTA);
            Ok(true)
        }
        Err(CredentialError::Wrong) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Lets somebody choose a password by an invitation.
///
/// # Errors
/// A problem: no such code, too weak a password, too often, or not now.
pub(crate) async fn choose(
    app: &App,
    code: String,
    password: String,
    from: &From,
) -> Result<Person, Problem> {
    app.rates.take(&from.place.network, NETWORK_QUOTA, app.now())?;
    let now = app.now();
    let invited = code.clone();
    let person = app.beside(move |credentials| credentials.invited(&invited, now)).await?;
    resolve(app, &person, &HeaderMap::new())?;
    Ok(app.credentials.hashing(move |credentials| credentials.accept(&code, &password, now)).await?)
}

/// Lets somebody in who has just chosen a password.
///
/// # Errors
/// A problem: they were taken out meanwhile, or not now.
pub(crate) async fn let_in(app: &App, person: Person, from: From) -> Result<(Caller, HeaderValue), Problem> {
    begin(app, from, move |credentials, place, now| credentials.begin_session(person, place, now)).await
}

/// Ends a session; the cookie takes the place of the one that the browser has.
///
/// # Errors
/// Those of the operational file.
pub(crate) async fn leave(app: &App, caller: &Caller) -> Result<HeaderValue, Problem> {
    if let Shown::Session(id) = caller.shown {
        let person = caller.person();
        let ended = app.beside(move |credentials| credentials.end_session(&person, id)).await;
        match ended {
            // Ended meanwhile, by somebody else: that is what was wished.
            Ok(()) | Err(CredentialError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(HeaderValue::from_static("__Host-docket-session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"))
}

type Begun = Result<(Secret, Arc<Session>), CredentialError>;

async fn begin(
    app: &App,
    from: From,
    session: impl FnOnce(&Credentials, Place, Timestamp) -> Begun + Send + 'static,
) -> Result<(Caller, HeaderValue), Problem> {
    let (now, place) = (app.now(), from.place);
    let (secret, session) = app.beside(move |credentials| session(credentials, place, now)).await?;
    let (actor, reach) = resolve(app, &session.person, &HeaderMap::new())?;
    let until = session.ends_at();
    let caller = Caller { actor, reach, shown: Shown::Session(session.id), until: Some(until) };
    // Lax, so that a link from a mail finds the session; what changes something is checked for its origin anyway.
    let lasts_s = crate::credentials::session::LASTS.whole_seconds();
    let cookie =
        format!("{COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={lasts_s}", secret.reveal());
    let mut cookie = HeaderValue::try_from(cookie).map_err(|_| Problem::internal())?;
    cookie.set_sensitive(true);
    Ok((caller, cookie))
}

/// A session as its owner sees it.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionView {
    /// To revoke it by.
    #[schema(value_type = String)]
    id: Uuid,
    began_at: String,
    used_at: String,
    ends_at: String,
    /// What the browser says of itself.
    agent: String,
    /// The network it came from.
    network: String,
    /// Whether it is the one that asks.
    current: bool,
}

impl SessionView {
    pub(super) fn of(session: &crate::credentials::session::Session, caller: &Caller) -> Self {
        Self {
            id: session.id,
            began_at: session.began_at.to_rfc3339(),
            used_at: session.used_at().to_rfc3339(),
            ends_at: session.ends_at().to_rfc3339(),
            agent: session.place.agent.clone(),
            network: session.place.network.clone(),
            current: caller.shown == Shown::Session(session.id),
        }
    }
}

/// Sessions, the one used last first.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionsView {
    pub(super) sessions: Vec<SessionView>,
}

/// The scopes of a token as programs write them.
pub(super) fn scopes_of(scopes: impl IntoIterator<Item = Scope>) -> Vec<&'static str> {
    scopes.into_iter().map(Scope::as_str).collect()
}
