//! Who is asking by what the headers say: only where they are believed (`--no-sign-in`, on this machine alone).

use super::{Caller, Shown};
use crate::problem::Problem;
use crate::single;
use axum::http::HeaderMap;
use docket_core::access::Reach;
use docket_core::actor::{Actor, Role};
use docket_core::names::{ActorId, Slug};

/// Names the person, `local` if it is missing.
pub const ACTOR: &str = "docket-actor";
/// Names the role, `supervisor` if it is missing.
pub const ROLE: &str = "docket-role";
/// Names the team, if any. Whoever is signed in chooses among their own with it.
pub const TEAM: &str = "docket-team";

/// Whom the headers name. Customers see their own tickets, everybody else all.
pub(super) fn caller(headers: &HeaderMap) -> Result<Caller, Problem> {
    let text = |name: &'static str| match single::header(headers, name)? {
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
    let team =
        text(TEAM)?.map(Slug::new).transpose().map_err(|error| Problem::invalid(TEAM, error.to_string()))?;
    let reach = match role {
        Role::Customer => Reach::Own { requester: id.clone() },
        _ => Reach::Everything,
    };
    let actor = Actor { id, role, team };
    Ok(Caller { actor, reach, shown: Shown::Headers, until: None })
}
