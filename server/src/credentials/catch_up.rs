//! What the log says was taken away is taken away once more at the start.
//!
//! Taking away is recorded first. If the server ends before the file beside the log has it too, or an older copy of that
//! file is put back, the log is right.

use super::{CredentialError, Credentials, Person};
use docket_core::names::ActorId;
use docket_core::staff::{StaffEvent, TokenId};
use docket_core::time::Timestamp;
use std::collections::HashMap;

/// What was taken away from people who work here, and when last.
#[derive(Debug, Default)]
pub struct TakenAway {
    tokens: HashMap<TokenId, Timestamp>,
    sessions: HashMap<ActorId, Timestamp>,
    /// Of whoever left: also those that a return would bring back.
    everything: HashMap<ActorId, Timestamp>,
}

impl TakenAway {
    /// Takes note of an event of the staff.
    pub fn note(&mut self, at: Timestamp, event: &StaffEvent) {
        match event {
            StaffEvent::TokenRevoked(revoked) => {
                self.tokens.entry(revoked.token).or_insert(at);
            }
            StaffEvent::SessionsRevoked(ended) => {
                let last = self.sessions.entry(ended.member.clone()).or_insert(at);
                *last = (*last).max(at);
            }
            StaffEvent::Deactivated(left) => {
                let last = self.everything.entry(left.member.clone()).or_insert(at);
                *last = (*last).max(at);
            }
            StaffEvent::Added(_)
            | StaffEvent::Renamed(_)
            | StaffEvent::RoleChanged(_)
            | StaffEvent::TeamsChanged(_)
            | StaffEvent::Reactivated(_)
            | StaffEvent::SkillsChanged(_)
            | StaffEvent::PermissionsChanged(_)
            | StaffEvent::CapacityChanged(_)
            | StaffEvent::Invited(_)
            | StaffEvent::TokenMade(_) => {}
        }
    }
}

impl Credentials {
    /// Takes away what is there and was taken away by the log. Blocking.
    ///
    /// # Errors
    /// Those of the file.
    pub fn catch_up(&self, taken: &TakenAway) -> Result<(), CredentialError> {
        for (token, _) in self.tokens.of(None) {
            let left_at = match &token.person {
                Person::Staff(member) => taken.everything.get(member).filter(|at| token.made_at <= **at),
                Person::Customer(_) => None,
            };
            let revoked_at = taken.tokens.get(&TokenId(token.id)).or(left_at);
            if let (Some(at), None) = (revoked_at, token.revoked_at) {
                tracing::warn!(token = %token.id, "a token that was revoked was still there; it is revoked now");
                self.revoke_token(token.id, *at)?;
            }
        }
        let ended = self.sessions.end_those(&self.operational, |person, began_at| match person {
            Person::Staff(member) => {
                let ended = [&taken.sessions, &taken.everything].map(|all| all.get(member));
                ended.into_iter().flatten().any(|at| began_at <= *at)
            }
            Person::Customer(_) => false,
        })?;
        if ended > 0 {
            tracing::warn!(ended, "sessions that were revoked were still there; they are ended now");
        }
        Ok(())
    }
}
