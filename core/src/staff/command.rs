//! What somebody may want of the staff.

use super::event::{Capacity, Permission};
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
}
