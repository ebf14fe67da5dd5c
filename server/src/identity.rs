//! Who is asking: taken from the request until people can sign in, which is why the server listens on
//! loopback only.

use crate::problem::Problem;
use crate::single;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use docket_core::actor::{Actor, Role};
use docket_core::names::{ActorId, Slug};

/// Names the person, `local` if it is missing.
pub const ACTOR: &str = "docket-actor";
/// Names the role, `supervisor` if it is missing.
pub const ROLE: &str = "docket-role";
/// Names the team, if any.
pub const TEAM: &str = "docket-team";

/// Who is asking.
#[derive(Clone, Debug)]
pub struct Identity(pub Actor);

impl<S: Sync> FromRequestParts<S> for Identity {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let text = |name: &'static str| match single::header(&parts.headers, name)? {
            None => Ok(None),
            Some(value) => match std::str::from_utf8(value.as_bytes()) {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err(Problem::invalid(name, "must be UTF-8")),
            },
        };
        let id = ActorId::new(text(ACTOR)?.unwrap_or("local"))
            .map_err(|error| Problem::invalid(ACTOR, error.to_string()))?;
        let role = match text(ROLE)? {
            None => Role::Supervisor,
            Some(name) => Role::parse(name)
                .filter(|role| !matches!(role, Role::System | Role::Unknown))
                .ok_or_else(|| {
                    let known = "use customer, agent, supervisor, auditor, analyst or admin";
                    Problem::invalid(ROLE, format!("there is no role {name:?}; {known}"))
                })?,
        };
        let team = text(TEAM)?
            .map(Slug::new)
            .transpose()
            .map_err(|error| Problem::invalid(TEAM, error.to_string()))?;
        Ok(Self(Actor { id, role, team }))
    }
}

/// Somebody of the staff, or an auditor: may read what only staff may see (PRODUCT section 10).
#[derive(Clone, Debug)]
pub struct Staff(pub Actor);

/// Somebody who may see reports.
#[derive(Clone, Debug)]
pub struct ReportReader(pub Actor);

/// Somebody who may rebuild, roll back and retry.
#[derive(Clone, Debug)]
pub struct Operator(pub Actor);

/// Refuses whoever may not see the staff's side: notes, other people's tickets, the log.
///
/// # Errors
/// A problem that names the role.
pub fn staff_only(actor: &Actor) -> Result<(), Problem> {
    match actor.role {
        Role::Agent | Role::Supervisor | Role::Admin | Role::Auditor => Ok(()),
        Role::Customer | Role::Analyst | Role::System | Role::Unknown => {
            Err(Problem::role_may_not_read(actor.role))
        }
    }
}

/// Refuses whoever may not see reports.
///
/// # Errors
/// A problem that names the role.
pub fn reports_only(actor: &Actor) -> Result<(), Problem> {
    if actor.role == Role::Analyst { Ok(()) } else { staff_only(actor) }
}

impl<S: Sync> FromRequestParts<S> for Staff {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Identity(actor) = Identity::from_request_parts(parts, state).await?;
        staff_only(&actor).map(|()| Self(actor))
    }
}

impl<S: Sync> FromRequestParts<S> for ReportReader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Identity(actor) = Identity::from_request_parts(parts, state).await?;
        reports_only(&actor).map(|()| Self(actor))
    }
}

impl<S: Sync> FromRequestParts<S> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Identity(actor) = Identity::from_request_parts(parts, state).await?;
        match actor.role {
            Role::Supervisor | Role::Admin => Ok(Self(actor)),
            Role::Agent | Role::Customer | Role::Auditor | Role::Analyst | Role::System | Role::Unknown => {
                Err(Problem::role_may_not_operate(actor.role))
            }
        }
    }
}
