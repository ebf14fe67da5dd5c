//! Who is asking, found out once for each request, before any handler.

mod headers;

use crate::access::{Audience, Needs, Rule, Scope};
use crate::app::App;
use crate::credentials::place::Place;
use crate::credentials::{Denied, Person, link, token};
use crate::problem::Problem;
use crate::rate_limit::{Left, Quota};
use crate::single;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use docket_core::access::Reach;
use docket_core::actor::{Actor, Role};
use docket_core::names::{Slug, TicketNumber};
use docket_core::time::Timestamp;
pub use headers::{ACTOR, ROLE, TEAM};
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use uuid::Uuid;

/// The cookie of a session. Browsers take it from this site alone, for all of it, and keep it from scripts (RFC 6265bis,
/// `__Host-`).
pub const COOKIE: &str = "__Host-docket-session";

/// How it is found out who is asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// People sign in, programs show tokens, customers may come by a link.
    SignIn,
    /// The headers say it, and are believed: for trying things out on one machine.
    Headers,
}

/// What somebody showed to be let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shown {
    /// Nothing: headers are believed.
    Headers,
    /// A session.
    Session(Uuid),
    /// A token.
    Token(Uuid),
    /// A link into one ticket.
    Link(TicketNumber),
}

/// Who is asking.
#[derive(Clone, Debug)]
pub struct Caller {
    /// As whom what they do is recorded.
    pub actor: Actor,
    /// The tickets that they may see.
    pub reach: Reach,
    /// What they showed.
    pub shown: Shown,
    /// From when on what they showed is good no more.
    pub until: Option<Timestamp>,
}

impl Caller {
    /// Whose credentials these are.
    pub fn person(&self) -> Person {
        let id = self.actor.id.clone();
        if self.actor.role == Role::Customer { Person::Customer(id) } else { Person::Staff(id) }
    }

    /// The tickets that reports count for them.
    pub fn counted(&self) -> Reach {
        self.reach.clone().of_reports(self.actor.role)
    }
}

/// A handler behind the table always has a caller; one that has none was never meant to ask for it.
impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::internal)
    }
}

/// On routes for everybody there may be a caller.
impl<S: Sync> OptionalFromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Problem> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

/// Whether a request comes from where somebody who works here has signed in: asked on pages that are for everybody else.
pub struct StaffHere(pub bool);

impl FromRequestParts<App> for StaffHere {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let signed_in = app.entry == Entry::SignIn && cookie(&parts.headers).is_some();
        let known = if signed_in { by_session(app, parts).ok() } else { None };
        Ok(Self(known.is_some_and(|(caller, _)| caller.actor.role != Role::Customer)))
    }
}

/// What a request shows of where it comes from.
pub struct From {
    /// The program and its network.
    pub place: Place,
    /// Its address, where it came over a network.
    pub address: Option<IpAddr>,
}

impl From {
    /// Of a request.
    pub fn of(parts: &Parts) -> Self {
        let address = parts.extensions.get::<SocketAddr>().map(SocketAddr::ip);
        let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        Self { place: Place::of(agent, address), address }
    }
}

impl<S: Sync> FromRequestParts<S> for From {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self::of(parts))
    }
}

/// Requests of one token or session.
pub const CALLER_QUOTA: Quota = Quota { name: "caller", burst: 1200, window_s: 60 };

/// Refusals of one address: what is shown and not taken.
pub const STRANGER_QUOTA: Quota = Quota { name: "stranger", burst: 60, window_s: 60 };

/// Finds out who is asking and whether they may, by the table.
///
/// # Errors
/// A problem: not signed in, not this role, not this token, or too often.
pub async fn admit(app: &App, rule: &Rule, parts: &Parts) -> Result<(Option<Caller>, Option<Left>), Problem> {
    let Audience::Roles(roles) = rule.audience else { return Ok((None, None)) };
    let (caller, scopes) = match app.entry {
        Entry::Headers => (believed(app, headers::caller(&parts.headers)?)?, None),
        Entry::SignIn => known(app, parts).await?,
    };
    // Whoever asks too often is told so, whatever they ask.
    let left = match caller.shown {
        Shown::Headers => None,
        shown => Some(app.rates.take(&shown, app.caller_quota, app.now())?),
    };
    if !roles.contains(&caller.actor.role) {
        return Err(Problem::role_not_allowed(caller.actor.role, roles));
    }
    match (rule.needs, caller.shown, scopes) {
        (Needs::Scope(scope), _, Some(scopes)) if !scopes.contains(&scope) => {
            Err(Problem::scope_missing(scope))
        }
        (Needs::Session, Shown::Token(_), _) => Err(Problem::session_needed()),
        // A link is for one ticket's own page, and for nothing else.
        (needs, Shown::Link(_), _) if needs != Needs::Own => Err(Problem::session_needed()),
        _ => Ok((Some(caller), left)),
    }
}

/// Whom the headers name, unless they have left: that is known better than headers say.
fn believed(app: &App, caller: Caller) -> Result<Caller, Problem> {
    let has_left = |id| app.staff.known().member(id).is_some_and(|member| !member.active);
    if caller.actor.role != Role::Customer && has_left(&caller.actor.id) {
        return Err(Denied::Inactive.into());
    }
    Ok(caller)
}

/// Who is asking, with the scopes of the token if it is one.
async fn known(app: &App, parts: &Parts) -> Result<(Caller, Option<BTreeSet<Scope>>), Problem> {
    let found = match bearer(&parts.headers)? {
        Some(secret) if secret.starts_with(link::PREFIX) => by_link(app, secret).await,
        Some(secret) => by_token(app, &parts.headers, secret),
        None => by_session(app, parts),
    };
    let denied = match found {
        Ok(found) => return Ok(found),
        Err(refusal) => refusal,
    };
    // Whoever guesses is slowed down by where they guess from; whoever shows nothing has not guessed.
    if !matches!(denied, Refusal::Denied(Denied::Nobody)) {
        app.rates.take(&From::of(parts).place.network, STRANGER_QUOTA, app.now())?;
    }
    Err(denied.into())
}

/// Why somebody is not known.
enum Refusal {
    Denied(Denied),
    Problem(Problem),
}

impl std::convert::From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl std::convert::From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl std::convert::From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Denied(denied) => denied.into(),
            Refusal::Problem(problem) => problem,
        }
    }
}

type Known = (Caller, Option<BTreeSet<Scope>>);

fn by_token(app: &App, headers: &HeaderMap, secret: &str) -> Result<Known, Refusal> {
    let token = app.credentials.tokens.find(secret, app.now())?;
    let (actor, reach) = resolve(app, &token.person, headers)?;
    let caller = Caller { actor, reach, shown: Shown::Token(token.id), until: Some(token.expires_at) };
    Ok((caller, Some(token.scopes.clone())))
}

fn by_session(app: &App, parts: &Parts) -> Result<Known, Refusal> {
    let secret = cookie(&parts.headers).ok_or(Denied::Nobody)?;
    let found = app.credentials.sessions.find(secret, &From::of(parts).place, app.now());
    if found.as_ref().err() == Some(&Denied::SessionMoved) {
        end_moved(app, secret);
    }
    let session = found?;
    let (actor, reach) = resolve(app, &session.person, &parts.headers)?;
    let until = Some(session.ends_at());
    Ok((Caller { actor, reach, shown: Shown::Session(session.id), until }, None))
}

/// Ends a session that is used from elsewhere: one of the two who hold its secret has taken it from the other.
fn end_moved(app: &App, secret: &str) {
    let Some(session) = app.credentials.sessions.of_secret(secret) else { return };
    let credentials = app.credentials.clone();
    tokio::task::spawn_blocking(move || {
        if let Err(error) = credentials.end_session(&session.person, session.id) {
            tracing::warn!("a session that moved could not be ended: {error}");
        }
    });
}

/// A link stands for whoever asked in its ticket, and for nothing but that ticket.
async fn by_link(app: &App, secret: &str) -> Result<Known, Refusal> {
    let claim = app.credentials.links.read(secret, app.now())?;
    let ticket = app.handler.ticket(claim.ticket).await.map_err(Problem::from)?;
    let requester = ticket.requester.clone().ok_or(Denied::LinkInvalid)?;
    app.credentials.links.believe(&claim, &requester)?;
    let actor = Actor { id: requester.clone(), role: Role::Customer, team: None };
    let (reach, shown) = (Reach::Own { requester }, Shown::Link(claim.ticket));
    Ok((Caller { actor, reach, shown, until: Some(claim.expires_at) }, None))
}

/// Role, teams and reach of somebody as they are now.
pub fn resolve(app: &App, person: &Person, headers: &HeaderMap) -> Result<(Actor, Reach), Problem> {
    let id = person.id().clone();
    match person {
        Person::Customer(_) => {
            let reach = Reach::Own { requester: id.clone() };
            Ok((Actor { id, role: Role::Customer, team: None }, reach))
        }
        Person::Staff(_) => {
            let staff = app.staff.known();
            let member = staff.member(&id).filter(|member| member.active).ok_or(Denied::Inactive)?;
            let reach = Reach::of(member.role, &id, &member.teams);
            let team = team(headers, &member.teams)?;
            Ok((Actor { id, role: member.role, team }, reach))
        }
    }
}

/// The team that somebody acts for: the one that they name, or the only one they have.
fn team(headers: &HeaderMap, teams: &BTreeSet<Slug>) -> Result<Option<Slug>, Problem> {
    match single::header(headers, TEAM)? {
        None if teams.len() == 1 => Ok(teams.first().cloned()),
        None => Ok(None),
        Some(named) => {
            let named = named.to_str().ok();
            let own = teams.iter().find(|team| Some(team.as_str()) == named);
            own.cloned().map(Some).ok_or_else(|| Problem::invalid(TEAM, "name one of your own teams"))
        }
    }
}

/// The secret behind `Authorization: Bearer`.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = single::header(headers, header::AUTHORIZATION.as_str())? else { return Ok(None) };
    let text = value.to_str().ok().and_then(|text| text.split_once(' '));
    match text {
        Some((scheme, secret)) if scheme.eq_ignore_ascii_case("bearer") => {
            let secret = secret.trim();
            let known = [token::PREFIX, link::PREFIX].iter().any(|prefix| secret.starts_with(prefix));
            if known { Ok(Some(secret)) } else { Err(Denied::TokenMalformed.into()) }
        }
        _ => Err(Denied::TokenMalformed.into()),
    }
}

/// The secret in the session's cookie.
pub fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, secret)| secret)
}

/// Whether a caller may still do what they were let in for: asked again by whatever stays open for long.
pub fn still_admitted(app: &App, caller: &Caller, rule: &Rule) -> bool {
    let (Audience::Roles(roles), now) = (rule.audience, app.now()) else { return true };
    let good = match caller.shown {
        Shown::Headers => return true,
        Shown::Session(id) => app.credentials.sessions.is_open(id, now),
        Shown::Token(id) => app.credentials.tokens.is_good(id, now),
        Shown::Link(_) => caller.until.is_none_or(|until| now < until),
    };
    let same = |(actor, reach): (Actor, Reach)| roles.contains(&actor.role) && reach == caller.reach;
    good && resolve(app, &caller.person(), &HeaderMap::new()).is_ok_and(same)
}
