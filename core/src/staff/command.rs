//! What somebody may want of the staff.

use super::event::{Capacity, Permission, TokenId};
use crate::actor::{Actor, Role};
use crate::names::{ActorId, Slug};
use crate::text::Line;
use crate::ticket::event::Language;
use crate::time::Timestamp;
use std::collections::BTreeSet;

/// A wish, and whose it is.
#[derive(Clone, Debug)]
pub struct StaffCommand {
    /// Who wishes it, in which role.
    pub actor: Actor,
    /// Who it is about.
    pub member: ActorId,
    /// What is wished.
    pub action: StaffAction,
}

/// What is wished.
#[derive(Clone, Debug)]
pub enum StaffAction {
    /// Take somebody on.
    Add {
        /// What others call them.
        name: Line,
        /// What they may do.
        role: Role,
        /// The teams whose tickets they work.
        teams: BTreeSet<Slug>,
        /// Those of the teams that are not in force.
        not_in_force: BTreeSet<Slug>,
        /// The language that they are spoken to in.
        language: Language,
    },
    /// Call them otherwise.
    Rename {
        /// What others call them from now on.
        to: Line,
    },
    /// Let them do other things.
    ChangeRole {
        /// The role from now on.
        to: Role,
        /// Why.
        reason: Option<Line>,
    },
    /// Let them work for other teams.
    ChangeTeams {
        /// The teams from now on.
        to: BTreeSet<Slug>,
        /// Those of the teams that are not in force.
        not_in_force: BTreeSet<Slug>,
        /// Why.
        reason: Option<Line>,
    },
    /// Write down what they know.
    ChangeSkills {
        /// The skills from now on.
        to: BTreeSet<Slug>,
        /// Why.
        reason: Option<Line>,
    },
    /// Let them do other things than their role says.
    ChangePermissions {
        /// The permissions from now on.
        to: BTreeSet<Permission>,
        /// Why.
        reason: Option<Line>,
    },
    /// Let them have more or less on their hands.
    ChangeCapacity {
        /// The capacity from now on.
        to: Capacity,
        /// Why.
        reason: Option<Line>,
    },
    /// Let them sign in no more.
    Deactivate {
        /// Why.
        reason: Option<Line>,
    },
    /// Let them sign in again.
    Reactivate {
        /// Why.
        reason: Option<Line>,
    },
    /// Give them something that lets them in, or take it away.
    LettingIn(LettingIn),
}

/// What is wished of what lets somebody in. It is kept beside the log; the log has who gave what to whom, and who took it
/// away (docs/adr/0016-letting-people-in.md).
#[derive(Clone, Debug)]
pub enum LettingIn {
    /// Let them choose a password with a code.
    Invite {
        /// Until when the code works.
        expires_at: Timestamp,
    },
    /// Let a program of theirs in.
    MakeToken {
        /// Which token.
        token: TokenId,
        /// What it is for.
        name: Line,
        /// What it may be used for.
        scopes: BTreeSet<Slug>,
        /// From when on it is refused.
        expires_at: Timestamp,
    },
    /// Let a program in no more.
    RevokeToken {
        /// Which token.
        token: TokenId,
        /// Whether it is taken back already.
        is_revoked: bool,
    },
    /// End all of their sessions.
    RevokeSessions {
        /// Whether there are any.
        has_any: bool,
    },
}
