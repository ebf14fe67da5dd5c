//! Which team a ticket is for, and who of the team takes it. Pure, and all that it is decided on is in the event.
//!
//! Read in this order: [`is_up`] (whether routing may touch a ticket), [`aim`] (for whom it is), [`choice`] (who of
//! them), [`decide`] (all of it as one event). A list of rules is tried once, from its top, and a rule names a team and
//! never another rule, so rules cannot lead in a circle; one that nothing can reach is refused when it is published
//! ([`crate::settings::routing`]). Source: PRODUCT section 3, docs/adr/0022-routing.md.

pub mod choice;
#[cfg(test)]
mod tests;

use crate::actor::Role;
use crate::agent::Availability;
use crate::names::{ActorId, Slug, TicketNumber};
use crate::settings::policy::ByPriority;
use crate::settings::routing::Rule;
use crate::staff::{Member, Permission, Staff};
use crate::ticket::event::{
    Assigned, Candidate, Language, Priority, Routed, Standing, TeamChanged, TicketEvent, WaitingFor,
};
use crate::ticket::{Status, Ticket};
use crate::time::Timestamp;
use choice::{choose, keep_foremost};
use std::collections::BTreeSet;

/// What rules ask about a ticket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts<'a> {
    /// Intake category.
    pub category: Option<&'a Slug>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// The language to answer in.
    pub language: Option<Language>,
    /// How the requester's account is treated.
    pub tier: Option<&'a Slug>,
}

/// A version of a routing list.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// Which list.
    pub list: &'a Slug,
    /// Which version of it.
    pub version: u32,
    /// What it says.
    pub rules: &'a [Rule],
}

/// Whom a ticket is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aim {
    /// The rule that fitted first, from 1; none where people chose the team, or none fits.
    pub rule: Option<u32>,
    /// The team; none where no rule fits.
    pub team: Option<Slug>,
    /// The skill that is asked for.
    pub skill: Option<Slug>,
    /// What whoever takes it must be granted.
    pub permission: Permission,
}

/// A member of the staff as routing sees them.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    /// Who.
    pub id: &'a ActorId,
    /// What the staff knows of them.
    pub member: &'a Member,
    /// Whether they are there.
    pub availability: Availability,
    /// How many tickets of each priority they have on their hands.
    pub held: &'a ByPriority<u32>,
    /// When they last took a ticket.
    pub last_taken_at: Option<Timestamp>,
}

/// Whether routing may touch a ticket: nobody has it, nobody decided that by hand, and there is work to do on it.
///
/// It does not know whether the ticket was imported: what was is left alone until somebody here offers or escalates it.
pub fn is_up(ticket: &Ticket) -> bool {
    is_untaken(ticket) && !ticket.by_hand
}

/// Whether there is work to do on a ticket and nobody has it.
fn is_untaken(ticket: &Ticket) -> bool {
    let in_progress = match ticket.status {
        Status::New | Status::Open => true,
        Status::Pending | Status::Resolved => false,
    };
    ticket.exists && in_progress && ticket.assignee.is_none() && ticket.merge.is_none()
}

/// The teams that somebody works for; none known where nobody was ever added to the staff.
pub fn staffed(staff: &Staff) -> Option<BTreeSet<&Slug>> {
    let working = staff.members().filter(|(_, member)| works_tickets(member));
    (!staff.is_empty()).then(|| working.flat_map(|(_, member)| &member.teams).collect())
}

/// What a ticket that nobody has waits for: what routing said of it last, or else that nobody works for its team, which
/// routing does not say of those that people decided about.
pub fn waits_for(ticket: &Ticket, staffed: Option<&BTreeSet<&Slug>>) -> Option<WaitingFor> {
    let team = ticket.team.as_ref().filter(|_| is_untaken(ticket));
    let nobody = team.zip(staffed).is_some_and(|(team, staffed)| !staffed.contains(team));
    ticket.waiting_for.or(nobody.then_some(WaitingFor::Member))
}

/// The team that people chose, which routing does not move the ticket out of: another one than a rule did.
pub fn team_by_hand(ticket: &Ticket) -> Option<&Slug> {
    ticket.team.as_ref().filter(|team| ticket.routed_team.as_ref() != Some(*team))
}

/// The first rule of a list that fits, from 1.
pub fn first_fitting<'a>(rules: &'a [Rule], facts: &Facts<'_>) -> Option<(u32, &'a Rule)> {
    (1..).zip(rules).find(|(_, rule)| fits(rule, facts))
}

fn fits(rule: &Rule, facts: &Facts<'_>) -> bool {
    let Rule { categories, priorities, languages, tiers, team: _, skill: _ } = rule;
    holds(categories.as_ref(), facts.category)
        && holds(tiers.as_ref(), facts.tier)
        && holds(priorities.as_ref(), facts.priority.as_ref())
        && holds(languages.as_ref(), facts.language.as_ref())
}

/// A condition that is left out lets everything in; any other lets in only what is known and named.
fn holds<T: Ord>(condition: Option<&BTreeSet<T>>, value: Option<&T>) -> bool {
    condition.is_none_or(|wanted| value.is_some_and(|value| wanted.contains(value)))
}

/// Whom a ticket is for: the team that people chose, or else what the first rule says that fits.
pub fn aim(ticket: &Ticket, facts: &Facts<'_>, rules: &[Rule]) -> Aim {
    let permission =
        if ticket.escalation.is_some() { Permission::TakeEscalated } else { Permission::TakeRouted };
    if let Some(team) = team_by_hand(ticket) {
        return Aim { rule: None, team: Some(team.clone()), skill: None, permission };
    }
    let found = first_fitting(rules, facts);
    Aim {
        rule: found.map(|(number, _)| number),
        team: found.map(|(_, rule)| rule.team.clone()),
        skill: found.and_then(|(_, rule)| rule.skill.clone()),
        permission,
    }
}

/// Whether somebody is asked when a ticket is for a team: they work its tickets, and they work here.
pub fn is_candidate(member: &Member, team: &Slug) -> bool {
    works_tickets(member) && member.teams.contains(team)
}

/// Whether somebody works here and is given tickets.
pub fn works_tickets(member: &Member) -> bool {
    let takes_tickets = match member.role {
        Role::Agent | Role::Supervisor => true,
        Role::Customer | Role::Auditor | Role::Analyst | Role::Admin | Role::System | Role::Unknown => false,
    };
    member.active && takes_tickets
}

/// Whether somebody could be given a ticket of a team that asks for a permission, if they were there and had room. What is
/// offered as a destination of escalations and what routing chooses among is told by this alone.
pub fn could_take(member: &Member, team: &Slug, permission: Permission) -> bool {
    is_candidate(member, team) && member.permissions.contains(&permission)
}

/// Whether somebody who says so is there for a ticket that asks for a permission. Whoever takes only what is handed over is
/// there for what is escalated, since somebody hands that over. What routing chooses among and who counts as there at a
/// destination of escalations is told by this alone.
pub const fn is_there(availability: Availability, permission: Permission) -> bool {
    match availability {
        Availability::Online => true,
        Availability::TransfersOnly => match permission {
            Permission::TakeEscalated => true,
            Permission::TakeRouted | Permission::ReadMessages => false,
        },
        Availability::Away | Availability::Offline => false,
    }
}

/// Whether a ticket can be escalated to a team: somebody of it could be given it.
pub fn takes_escalated<'a>(team: &Slug, mut members: impl Iterator<Item = &'a Member>) -> bool {
    members.any(|member| could_take(member, team, Permission::TakeEscalated))
}

/// What routing decides on a ticket that is up for it, among these people.
pub fn decide<'a>(
    number: TicketNumber,
    ticket: &Ticket,
    aim: Aim,
    rules: &Rules<'_>,
    people: impl Iterator<Item = Person<'a>>,
) -> Routed {
    let Aim { rule, team, skill, permission } = aim;
    let of_team = |team| {
        let asked = people.filter(|person| is_candidate(person.member, team));
        let asks = Asks { team, skill: skill.as_ref(), permission, priority: ticket.priority };
        asked.map(|person| candidate(&person, &asks)).collect()
    };
    let mut candidates = keep_foremost(number, team.as_ref().map(of_team).unwrap_or_default());
    candidates.sort_unstable_by(|one, other| one.agent.cmp(&other.agent));
    let chosen = if team.is_some() { choose(number, &candidates) } else { Err(WaitingFor::Rule) };
    let (to, told_apart_by) = chosen.as_ref().ok().cloned().unzip();
    Routed {
        list: rules.list.clone(),
        version: rules.version,
        rule,
        team,
        skill,
        candidates,
        to,
        told_apart_by,
        waiting_for: chosen.err(),
    }
}

/// What a ticket asks of whoever takes it.
struct Asks<'a> {
    team: &'a Slug,
    skill: Option<&'a Slug>,
    permission: Permission,
    priority: Option<Priority>,
}

fn candidate(person: &Person<'_>, asks: &Asks<'_>) -> Candidate {
    let Person { id, member, availability, held, last_taken_at } = *person;
    let Asks { team, skill, permission, priority } = *asks;
    let (load, capacity) = (member.capacity.load(held), member.capacity.points);
    let weight = member.capacity.weight(priority);
    let standing = if !could_take(member, team, permission) {
        Standing::NotPermitted
    } else if skill.is_some_and(|skill| !member.skills.contains(skill)) {
        Standing::Unskilled
    } else if !is_there(availability, permission) {
        Standing::Unavailable
    } else if load.saturating_add(weight) > capacity {
        Standing::Full
    } else {
        Standing::Eligible
    };
    Candidate { agent: id.clone(), availability, load, capacity, weight, last_taken_at, standing }
}

/// What is recorded of a decision: itself, and what changes by it.
pub fn follows(ticket: &Ticket, routed: Routed) -> Vec<TicketEvent> {
    let moves = routed.rule.is_some() && routed.team != ticket.team;
    let moved = moves.then(|| {
        let (from, to) = (ticket.team.clone(), routed.team.clone());
        TicketEvent::TeamChanged(TeamChanged { from, to })
    });
    let assigned = routed.to.clone().map(|to| TicketEvent::Assigned(Assigned { to }));
    std::iter::once(TicketEvent::Routed(Box::new(routed))).chain(moved).chain(assigned).collect()
}
