//! Who works here: the members of the staff, their roles and teams.
//!
//! All of them share one stream, `staff`: they are few and change seldom, and the rules are about all of them, such
//! as that one admin must remain (docs/adr/0015-staff-is-one-stream.md). What changes by the minute, an agent's
//! availability and load, is on that agent's own stream ([`crate::agent`]). Source: PRODUCT section 10.

pub mod command;
mod decide;
pub mod event;
pub mod refusal;
#[cfg(test)]
pub(crate) mod tests;

use crate::actor::Role;
use crate::decider::Decider;
use crate::names::{ActorId, Slug};
use crate::personal::PersonalText;
use crate::ticket::event::Language;
pub use command::{LettingIn, StaffAction, StaffCommand};
pub use event::{Capacity, Permission, StaffEvent, TokenId};
pub use refusal::StaffRefusal;
use std::collections::{BTreeMap, BTreeSet};

/// Teams that one member may belong to.
pub const TEAMS_PER_MEMBER_MAX: usize = 64;

/// Skills that one member may have.
pub const SKILLS_PER_MEMBER_MAX: usize = 64;

/// The most points that anybody has room for, and that one ticket may weigh.
pub const POINTS_MAX: u32 = 1000;

/// Members that there may be, those who have left included.
pub const MEMBERS_MAX: usize = 10_000;

/// Everybody who works here or has worked here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Staff {
    members: BTreeMap<ActorId, Member>,
}

/// Somebody who works here, or has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// What others call them.
    pub name: PersonalText,
    /// What they may do.
    pub role: Role,
    /// The teams whose tickets they work.
    pub teams: BTreeSet<Slug>,
    /// The language that they are spoken to in.
    pub language: Language,
    /// Whether they may sign in.
    pub active: bool,
    /// What they know; routing rules may ask for it.
    pub skills: BTreeSet<Slug>,
    /// What they may do beyond what their role says.
    pub permissions: BTreeSet<Permission>,
    /// How much they can have on their hands at once.
    pub capacity: Capacity,
}

impl Member {
    /// Somebody who has just come: with the permissions that their role begins with and the usual capacity.
    pub fn new(name: PersonalText, role: Role, teams: BTreeSet<Slug>, language: Language) -> Self {
        Self {
            name,
            role,
            teams,
            language,
            active: true,
            skills: BTreeSet::new(),
            permissions: Permission::at_first(role),
            capacity: Capacity::default(),
        }
    }
}

impl Staff {
    /// A member, also one who has left.
    pub fn member(&self, id: &ActorId) -> Option<&Member> {
        self.members.get(id)
    }

    /// Every member with their identifier, in the order of these.
    pub fn members(&self) -> impl Iterator<Item = (&ActorId, &Member)> {
        self.members.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether nobody was ever added.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether somebody is the only active admin.
    fn is_last_admin(&self, id: &ActorId) -> bool {
        let is_admin = |member: &Member| member.active && member.role == Role::Admin;
        self.members.get(id).is_some_and(is_admin)
            && !self.members.iter().any(|(other, member)| other != id && is_admin(member))
    }
}

/// The rules of the stream `staff`.
#[derive(Clone, Copy, Debug)]
pub struct StaffDecider;

impl Decider for StaffDecider {
    type Command = StaffCommand;
    type Event = StaffEvent;
    type State = Staff;
    type Refusal = StaffRefusal;

    fn initial() -> Staff {
        Staff::default()
    }

    fn decide(command: &StaffCommand, staff: &Staff) -> Result<Vec<StaffEvent>, StaffRefusal> {
        decide::decide(command, staff)
    }

    fn evolve(mut staff: Staff, event: &StaffEvent) -> Staff {
        match event {
            StaffEvent::Added(added) => {
                let teams = added.teams.iter().cloned().collect();
                let member = Member::new(added.name.clone(), added.role, teams, added.language);
                staff.members.insert(added.member.clone(), member);
            }
            StaffEvent::Renamed(renamed) => {
                staff.change(&renamed.member, |member| member.name = renamed.to.clone());
            }
            StaffEvent::RoleChanged(changed) => {
                staff.change(&changed.member, |member| member.role = changed.to);
            }
            StaffEvent::TeamsChanged(changed) => {
                staff.change(&changed.member, |member| member.teams = changed.to.iter().cloned().collect());
            }
            StaffEvent::Deactivated(left) => staff.change(&left.member, |member| member.active = false),
            StaffEvent::Reactivated(back) => staff.change(&back.member, |member| member.active = true),
            StaffEvent::SkillsChanged(changed) => {
                staff.change(&changed.member, |member| member.skills = changed.to.iter().cloned().collect());
            }
            StaffEvent::PermissionsChanged(changed) => {
                staff.change(&changed.member, |member| {
                    member.permissions = changed.to.iter().copied().collect();
                });
            }
            StaffEvent::CapacityChanged(changed) => {
                staff.change(&changed.member, |member| member.capacity = changed.to.clone());
            }
            // What lets them in is kept beside the log.
            StaffEvent::Invited(_)
            | StaffEvent::TokenMade(_)
            | StaffEvent::TokenRevoked(_)
            | StaffEvent::SessionsRevoked(_) => {}
        }
        staff
    }
}

impl Staff {
    /// Histories that no decider accepted may be about somebody who was never added.
    fn change(&mut self, id: &ActorId, change: impl FnOnce(&mut Member)) {
        if let Some(member) = self.members.get_mut(id) {
            change(member);
        }
    }
}
