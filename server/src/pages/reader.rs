//! Who the staff's pages are shown to: a second wall, should the table of access ever be wrong (promise S1).

use super::error;
use super::language::Visit;
use crate::identity::Caller;
use crate::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use docket_core::actor::Role;

/// The roles that a refused visitor is told of: those whose reach holds notes.
const READERS: [Role; 4] = [Role::Agent, Role::Supervisor, Role::Admin, Role::Auditor];

/// Somebody who may see what the staff says among itself. Pages that show it take this, and never a bare [`Caller`].
#[derive(Clone)]
pub(super) struct Reader(Caller);

impl Reader {
    /// Who it is.
    pub(super) fn caller(&self) -> &Caller {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Reader {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let visit = Visit::of(&parts.uri, &parts.headers);
        let Some(caller) = parts.extensions.get::<Caller>().cloned() else {
            return Err(error::page(&visit, &Problem::internal()));
        };
        if !caller.reach.sees_notes() {
            return Err(error::page(&visit, &Problem::role_not_allowed(caller.actor.role, &READERS)));
        }
        Ok(Self(caller))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Shown;
    use axum::http::{Request, StatusCode};
    use docket_core::access::Reach;
    use docket_core::actor::Actor;
    use docket_core::names::ActorId;
    use std::collections::BTreeSet;

    async fn asks(role: Role) -> Result<Reader, Response> {
        let id = ActorId::new("noor").unwrap();
        let reach = Reach::of(role, &id, &BTreeSet::new());
        let actor = Actor { id, role, team: None };
        let mut parts = Request::new(()).into_parts().0;
        parts.extensions.insert(Caller { actor, reach, shown: Shown::Headers, until: None });
        Reader::from_request_parts(&mut parts, &()).await
    }

    #[tokio::test]
    async fn pages_of_the_staff_are_shown_to_those_who_see_notes_and_to_nobody_else() {
        for role in Role::ALL {
            let refused = asks(role).await.err().map(|response| response.status());
            let expected = (!READERS.contains(&role)).then_some(StatusCode::FORBIDDEN);
            assert_eq!(refused, expected, "{role:?}");
        }
    }

    #[tokio::test]
    async fn whoever_is_not_known_is_shown_nothing() {
        let mut parts = Request::new(()).into_parts().0;
        assert!(Reader::from_request_parts(&mut parts, &()).await.is_err());
    }
}
