//! What follows from a wish about the staff: events, nothing, or a refusal.

use super::command::{LettingIn, StaffAction, StaffCommand};
use super::event::{
    ActivityChanged, Added, Capacity, CapacityChanged, Invited, PermissionsChanged, Renamed, RoleChanged,
    SessionsRevoked, SkillsChanged, StaffEvent, TeamsChanged, TokenMade, TokenRevoked,
};
use super::refusal::StaffRefusal;
use super::{MEMBERS_MAX, Member, POINTS_MAX, SKILLS_PER_MEMBER_MAX, Staff, TEAMS_PER_MEMBER_MAX};
use crate::actor::{Actor, Role};
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
    if !may(actor, id, action) {
        return Err(StaffRefusal::Role { role: actor.role });
    }
    if let StaffAction::Add { name, role, teams, not_in_force, language } = action {
        let member = Member::new(name.into(), of_staff(*role)?, few(teams)?.clone(), *language);
        return add(id, member, not_in_force, staff);
    }
    if let StaffAction::LettingIn(wish) = action {
        return let_in(id, staff.member(id), wish);
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
        StaffAction::ChangeTeams { to, not_in_force, reason } => {
            // A team that was retired stays theirs until it is taken away: its tickets are still there.
            in_force(few(to)?.difference(&member.teams), not_in_force)?;
            let (from, to, reason) = (listed(&member.teams), listed(to), said(reason));
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
        StaffAction::Add { .. } | StaffAction::LettingIn(_) => Err(StaffRefusal::AlreadyThere),
    }
}

/// Whether it is theirs to wish.
fn may(actor: &Actor, id: &ActorId, action: &StaffAction) -> bool {
    // Docket itself: whoever has the machine can make an admin, or nobody could make the first.
    let looks_after_people = matches!(actor.role, Role::Admin | Role::System);
    let is_theirs = actor.id == *id && of_staff(actor.role).is_ok();
    match action {
        // A token carries the rights of whoever it is of: nobody makes one of somebody else.
        StaffAction::LettingIn(LettingIn::MakeToken { .. }) => is_theirs,
        StaffAction::LettingIn(LettingIn::RevokeToken { .. }) => is_theirs || looks_after_people,
        StaffAction::LettingIn(LettingIn::Invite { .. } | LettingIn::RevokeSessions { .. })
        | StaffAction::Add { .. }
        | StaffAction::Rename { .. }
        | StaffAction::ChangeRole { .. }
        | StaffAction::ChangeTeams { .. }
        | StaffAction::ChangeSkills { .. }
        | StaffAction::ChangePermissions { .. }
        | StaffAction::ChangeCapacity { .. }
        | StaffAction::Deactivate { .. }
        | StaffAction::Reactivate { .. } => looks_after_people,
    }
}

/// Things are given to who is here, and taken from anybody. Each invitation and each token is another one, so that the same
/// wish again is another event.
fn let_in(id: &ActorId, member: Option<&Member>, wish: &LettingIn) -> Decision {
    let is_here = || match member {
        None => Err(StaffRefusal::NotFound),
        Some(member) if !member.active => Err(StaffRefusal::Inactive),
        Some(_) => Ok(()),
    };
    let member = id.clone();
    Ok(vec![match wish {
        LettingIn::Invite { expires_at } => {
            is_here()?;
            StaffEvent::Invited(Invited { member, expires_at: *expires_at })
        }
        LettingIn::MakeToken { token, name, scopes, expires_at } => {
            is_here()?;
            let (token, scopes, expires_at) = (*token, listed(scopes), *expires_at);
            let made = TokenMade { member, token, name: name.into(), scopes, expires_at };
            StaffEvent::TokenMade(Box::new(made))
        }
        LettingIn::RevokeToken { is_revoked: true, .. } | LettingIn::RevokeSessions { has_any: false } => {
            return ALREADY_SO;
        }
        LettingIn::RevokeToken { token, .. } => {
            StaffEvent::TokenRevoked(TokenRevoked { member, token: *token })
        }
        LettingIn::RevokeSessions { .. } => StaffEvent::SessionsRevoked(SessionsRevoked { member }),
    }])
}

fn add(id: &ActorId, member: Member, not_in_force: &BTreeSet<Slug>, staff: &Staff) -> Decision {
    match staff.member(id) {
        Some(there) if *there == member => return ALREADY_SO,
        Some(_) => return Err(StaffRefusal::AlreadyThere),
        None if staff.len() >= MEMBERS_MAX => return Err(StaffRefusal::TooMany),
        None => in_force(member.teams.iter(), not_in_force)?,
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

fn in_force<'a>(
    mut teams: impl Iterator<Item = &'a Slug>,
    not_in_force: &BTreeSet<Slug>,
) -> Result<(), StaffRefusal> {
    match teams.find(|team| not_in_force.contains(*team)) {
        Some(team) => Err(StaffRefusal::UnknownTeam { team: team.clone() }),
        None => Ok(()),
    }
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
