//! What follows from a wish about the staff: events, nothing, or a refusal.

use super::command::{StaffAction, StaffCommand};
use super::event::{
    ActivityChanged, Added, Capacity, CapacityChanged, PermissionsChanged, Renamed, RoleChanged,
    SkillsChanged, StaffEvent, TeamsChanged,
};
use super::refusal::StaffRefusal;
use super::{MEMBERS_MAX, Member, POINTS_MAX, SKILLS_PER_MEMBER_MAX, Staff, TEAMS_PER_MEMBER_MAX};
use crate::actor::Role;
use crate::names::{ActorId, Slug};
use crate::personal::PersonalText;
use crate::text::Line;
use crate::ticket::event::Priority;
use std::collections::BTreeSet;

type Decision = Result<Vec<StaffEvent>, StaffRefusal>;

/// The wish already holds.
const ALREADY_SO: Decision = Ok(Vec::new());

pub(super) fn decide(command: &StaffCommand, staff: &Staff) -> Decision {
    let StaffCommand { actor, member: id, action } = command;
    // Docket itself: whoever has the machine can make an admin, or nobody could make the first.
    if !matches!(actor.role, Role::Admin | Role::System) {
        return Err(StaffRefusal::Role { role: actor.role });
    }
    if let StaffAction::Add { name, role, teams, language } = action {
        let member = Member::new(name.into(), of_staff(*role)?, few(teams)?.clone(), *language);
        return add(id, member, staff);
    }
    let Some(member) = staff.member(id) else { return Err(StaffRefusal::NotFound) };
    let activity = |reason: &Option<Line>| ActivityChanged { member: id.clone(), reason: said(reason) };
    match action {
        StaffAction::Reactivate { .. } if member.active => ALREADY_SO,
        StaffAction::Reactivate { reason } => Ok(vec![StaffEvent::Reactivated(activity(reason))]),
        StaffAction::Deactivate { .. } if !member.active => ALREADY_SO,
        _ if !member.active => Err(StaffRefusal::Inactive),
        StaffAction::Deactivate { reason } => {
            not_last_admin(id, staff)?;
            Ok(vec![StaffEvent::Deactivated(activity(reason))])
        }
        StaffAction::Rename { to } if member.name == PersonalText::from(to) => ALREADY_SO,
        StaffAction::Rename { to } => {
            Ok(vec![StaffEvent::Renamed(Renamed { member: id.clone(), to: to.into() })])
        }
        StaffAction::ChangeRole { to, .. } if member.role == *to => ALREADY_SO,
        StaffAction::ChangeRole { to, reason } => {
            let (from, to) = (member.role, of_staff(*to)?);
            not_last_admin(id, staff)?;
            let reason = said(reason);
            Ok(vec![StaffEvent::RoleChanged(RoleChanged { member: id.clone(), from, to, reason })])
        }
        StaffAction::ChangeTeams { to, .. } if member.teams == *to => ALREADY_SO,
        StaffAction::ChangeTeams { to, reason } => {
            let (from, to, reason) = (listed(&member.teams), listed(few(to)?), said(reason));
            Ok(vec![StaffEvent::TeamsChanged(TeamsChanged { member: id.clone(), from, to, reason })])
        }
        StaffAction::ChangeSkills { to, .. } if member.skills == *to => ALREADY_SO,
        StaffAction::ChangeSkills { to, .. } if to.len() > SKILLS_PER_MEMBER_MAX => {
            Err(StaffRefusal::TooManySkills)
        }
        StaffAction::ChangeSkills { to, reason } => {
            let (from, to, reason) = (listed(&member.skills), listed(to), said(reason));
            Ok(vec![StaffEvent::SkillsChanged(SkillsChanged { member: id.clone(), from, to, reason })])
        }
        StaffAction::ChangePermissions { to, .. } if member.permissions == *to => ALREADY_SO,
        StaffAction::ChangePermissions { to, reason } => {
            let (from, to, reason) = (listed(&member.permissions), listed(to), said(reason));
            let changed = PermissionsChanged { member: id.clone(), from, to, reason };
            Ok(vec![StaffEvent::PermissionsChanged(changed)])
        }
        StaffAction::ChangeCapacity { to, .. } if member.capacity == *to => ALREADY_SO,
        StaffAction::ChangeCapacity { to, reason } => {
            let (from, to, reason) = (member.capacity.clone(), countable(to)?.clone(), said(reason));
            let changed = CapacityChanged { member: id.clone(), from, to, reason };
            Ok(vec![StaffEvent::CapacityChanged(Box::new(changed))])
        }
        StaffAction::Add { .. } => Err(StaffRefusal::AlreadyThere),
    }
}

fn add(id: &ActorId, member: Member, staff: &Staff) -> Decision {
    match staff.member(id) {
        Some(there) if *there == member => return ALREADY_SO,
        Some(_) => return Err(StaffRefusal::AlreadyThere),
        None if staff.len() >= MEMBERS_MAX => return Err(StaffRefusal::TooMany),
        None => {}
    }
    let Member { name, role, teams, language, .. } = member;
    let teams = listed(&teams);
    Ok(vec![StaffEvent::Added(Added { member: id.clone(), name, role, teams, language })])
}

fn of_staff(role: Role) -> Result<Role, StaffRefusal> {
    match role {
        Role::Agent | Role::Supervisor | Role::Auditor | Role::Analyst | Role::Admin => Ok(role),
        Role::Customer | Role::System | Role::Unknown => Err(StaffRefusal::NotOfStaff { role }),
    }
}

fn few(teams: &BTreeSet<Slug>) -> Result<&BTreeSet<Slug>, StaffRefusal> {
    if teams.len() > TEAMS_PER_MEMBER_MAX { Err(StaffRefusal::TooManyTeams) } else { Ok(teams) }
}

fn not_last_admin(id: &ActorId, staff: &Staff) -> Result<(), StaffRefusal> {
    if staff.is_last_admin(id) { Err(StaffRefusal::LastAdmin) } else { Ok(()) }
}

fn countable(capacity: &Capacity) -> Result<&Capacity, StaffRefusal> {
    let weights = Priority::ALL.map(|priority| *capacity.weights.of(priority));
    let fits =
        capacity.points <= POINTS_MAX && weights.iter().all(|weight| (1..=POINTS_MAX).contains(weight));
    if fits { Ok(capacity) } else { Err(StaffRefusal::CapacityOutOfRange) }
}

fn listed<T: Clone>(set: &BTreeSet<T>) -> Vec<T> {
    set.iter().cloned().collect()
}

fn said(reason: &Option<Line>) -> Option<PersonalText> {
    reason.as_ref().map(PersonalText::from)
}
