//! Who is asking: taken from the request until people can sign in, which is why the server listens on
//! loopback only.

use crate::problem::Problem;
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
        let text = |name: &'static str| match parts.headers.get(name) {
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
