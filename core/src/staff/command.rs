//! What somebody may want of the staff.

use crate::actor::{Actor, Role};
use crate::names::{ActorId, Slug};
use crate::text::Line;
use crate::ticket::event::Language;
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
}
