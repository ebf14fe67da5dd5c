//! An agent's own stream: the load that tickets put on them, kept exact by appending to both streams at once, and
//! whether they are there to take more.

use crate::actor::{Actor, Role};
use crate::decider::Decider;
use crate::names::{ActorId, TicketNumber};
use crate::personal::PersonalText;
use crate::staff::Member;
use crate::text::Line;
use crate::ticket::Ticket;
use serde::{Deserialize, Serialize};

/// A ticket became the agent's to work on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TicketTaken {
    /// Which ticket.
    pub ticket: TicketNumber,
}

/// A ticket is no longer the agent's to work on: resolved, unassigned, or somebody else's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TicketReleased {
    /// Which ticket.
    pub ticket: TicketNumber,
}

/// Whether somebody is there to take tickets (PRODUCT section 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// Takes what routing finds for them.
    Online,
    /// Takes nothing for the moment.
    Away,
    /// Takes what people hand over, to them or by escalating it to their team, and nothing else that routing finds.
    TransfersOnly,
    /// Is not there. So is everybody who never said otherwise.
    #[default]
    Offline,
}

impl Availability {
    /// Every availability, in the order of the docs.
    pub const ALL: [Self; 4] = [Self::Online, Self::Away, Self::TransfersOnly, Self::Offline];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Away => "away",
            Self::TransfersOnly => "transfers_only",
            Self::Offline => "offline",
        }
    }
}

/// Somebody came, went, or takes other things than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AvailabilityChanged {
    /// What it was.
    pub from: Availability,
    /// What it is from now on.
    pub to: Availability,
    /// Why, in the words of who changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PersonalText>,
}

/// A ticket that is the agent's got another priority, and with it another weight. It moves the agent's stream, so that
/// nobody decides on a load that has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TicketReweighed {
    /// Which ticket.
    pub ticket: TicketNumber,
}

/// An event on an agent's stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is documented at the type it carries")]
pub enum AgentEvent {
    TicketTaken(TicketTaken),
    TicketReleased(TicketReleased),
    AvailabilityChanged(AvailabilityChanged),
    TicketReweighed(TicketReweighed),
}

/// An agent as their own stream made them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agent {
    /// Whether they are there.
    pub availability: Availability,
}

/// A wish about an agent, and whose it is.
#[derive(Clone, Debug)]
pub struct AgentCommand {
    /// Who wishes it, in which role.
    pub actor: Actor,
    /// Whom it is about.
    pub agent: ActorId,
    /// What the staff knows of them; none when nobody has this identifier.
    pub member: Option<Member>,
    /// What they shall be.
    pub to: Availability,
    /// Why.
    pub reason: Option<Line>,
}

/// Why nothing was recorded. Safe to show to whoever asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgentRefusal {
    /// The role takes no tickets and looks after nobody who does.
    #[error("the role {} does not allow saying who is available; ask a supervisor", .role.as_str())]
    Role {
        /// The role that asked.
        role: Role,
    },
    /// Somebody else's, and only supervisors and admins say that.
    #[error("you can say this of yourself only; ask a supervisor")]
    OfAnother,
    /// Nobody has this identifier.
    #[error("there is no such member of the staff")]
    NotFound,
    /// They have left.
    #[error("the member has left; reactivate them first")]
    Inactive,
    /// Whether somebody is there who takes no tickets means nothing.
    #[error("the member's role {} takes no tickets", .role.as_str())]
    TakesNoTickets {
        /// The member's role.
        role: Role,
    },
}

impl AgentRefusal {
    /// A stable name of the reason, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Role { .. } | Self::OfAnother => "role-not-allowed",
            Self::NotFound => "member-not-found",
            Self::Inactive => "member-inactive",
            Self::TakesNoTickets { .. } => "member-takes-no-tickets",
        }
    }
}

/// The rules of an agent's stream. What tickets do to it follows from the rules of tickets ([`load_changes`]).
#[derive(Clone, Copy, Debug)]
pub struct AgentDecider;

impl Decider for AgentDecider {
    type Command = AgentCommand;
    type Event = AgentEvent;
    type State = Agent;
    type Refusal = AgentRefusal;

    fn initial() -> Agent {
        Agent::default()
    }

    fn decide(command: &AgentCommand, agent: &Agent) -> Result<Vec<AgentEvent>, AgentRefusal> {
        let AgentCommand { actor, agent: id, member, to, reason } = command;
        let of_anybody = matches!(actor.role, Role::Supervisor | Role::Admin | Role::System);
        if !actor.role.is_staff() && !of_anybody {
            return Err(AgentRefusal::Role { role: actor.role });
        }
        let Some(member) = member else { return Err(AgentRefusal::NotFound) };
        if !of_anybody && actor.id != *id {
            return Err(AgentRefusal::OfAnother);
        }
        if !member.active {
            return Err(AgentRefusal::Inactive);
        }
        if !member.role.is_staff() {
            return Err(AgentRefusal::TakesNoTickets { role: member.role });
        }
        if agent.availability == *to {
            return Ok(Vec::new());
        }
        let (from, reason) = (agent.availability, reason.as_ref().map(PersonalText::from));
        Ok(vec![AgentEvent::AvailabilityChanged(AvailabilityChanged { from, to: *to, reason })])
    }

    fn evolve(agent: Agent, event: &AgentEvent) -> Agent {
        match event {
            AgentEvent::AvailabilityChanged(changed) => Agent { availability: changed.to },
            // Load is counted where it is asked for, from the same stream.
            AgentEvent::TicketTaken(_) | AgentEvent::TicketReleased(_) | AgentEvent::TicketReweighed(_) => {
                agent
            }
        }
    }
}

/// What a change of a ticket means for the load of agents; empty when it moves no load.
pub fn load_changes(
    number: TicketNumber,
    before: &Ticket,
    after: &Ticket,
) -> impl Iterator<Item = (ActorId, AgentEvent)> {
    let (left, right) = (before.burden(), after.burden());
    let moved = left != right;
    let released = left.filter(|_| moved).cloned();
    let taken = right.filter(|_| moved).cloned();
    let reweighed = right.filter(|_| !moved && before.priority != after.priority).cloned();
    released
        .map(|id| (id, AgentEvent::TicketReleased(TicketReleased { ticket: number })))
        .into_iter()
        .chain(taken.map(|id| (id, AgentEvent::TicketTaken(TicketTaken { ticket: number }))))
        .chain(reweighed.map(|id| (id, AgentEvent::TicketReweighed(TicketReweighed { ticket: number }))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Slug;
    use crate::ticket::event::Language;
    use std::collections::BTreeSet;

    fn id(name: &str) -> ActorId {
        ActorId::new(name).unwrap()
    }

    fn member(role: Role) -> Option<Member> {
        Some(Member::new("Inés".into(), role, BTreeSet::<Slug>::new(), Language::Es))
    }

    /// Ines shall be this, as somebody in a role wishes.
    fn wish(by: &str, role: Role, to: Availability) -> AgentCommand {
        let actor = Actor { id: id(by), role, team: None };
        AgentCommand { actor, agent: id("ines"), member: member(Role::Agent), to, reason: None }
    }

    fn decide(command: &AgentCommand) -> Result<Vec<AgentEvent>, AgentRefusal> {
        AgentDecider::decide(command, &Agent::default())
    }

    #[test]
    fn everybody_is_offline_until_they_say_otherwise_and_the_same_again_is_nothing() {
        let mut agent = AgentDecider::fold(&[]);
        assert_eq!(agent.availability, Availability::Offline);
        assert_eq!(decide(&wish("ines", Role::Agent, Availability::Offline)), Ok(vec![]));
        let mut from = Availability::Offline;
        for to in [Availability::Online, Availability::Away, Availability::TransfersOnly] {
            let reason = Some(Line::new("lunch").unwrap());
            let command = AgentCommand { reason, ..wish("ines", Role::Agent, to) };
            let events = AgentDecider::decide(&command, &agent).unwrap();
            let changed = AvailabilityChanged { from, to, reason: Some("lunch".into()) };
            assert_eq!(events, [AgentEvent::AvailabilityChanged(changed)]);
            agent = AgentDecider::evolve(agent, &events[0]);
            assert_eq!(AgentDecider::decide(&command, &agent), Ok(vec![]));
            from = to;
        }
    }

    #[test]
    fn people_say_it_of_themselves_and_supervisors_and_admins_of_anybody() {
        for role in Role::ALL {
            let of_themselves = decide(&wish("ines", role, Availability::Online));
            let of_another = decide(&wish("omar", role, Availability::Online));
            match role {
                Role::Agent => {
                    assert!(of_themselves.is_ok());
                    assert_eq!(of_another, Err(AgentRefusal::OfAnother));
                }
                Role::Supervisor | Role::Admin | Role::System => {
                    assert!(of_themselves.is_ok() && of_another.is_ok());
                }
                Role::Customer | Role::Auditor | Role::Analyst | Role::Unknown => {
                    assert_eq!(of_themselves, Err(AgentRefusal::Role { role }));
                    assert_eq!(of_another, Err(AgentRefusal::Role { role }));
                }
            }
        }
    }

    #[test]
    fn only_somebody_who_works_tickets_now_is_available() {
        let of =
            |member| decide(&AgentCommand { member, ..wish("lena", Role::Supervisor, Availability::Online) });
        assert_eq!(of(None), Err(AgentRefusal::NotFound));
        let left = member(Role::Agent).map(|member| Member { active: false, ..member });
        assert_eq!(of(left), Err(AgentRefusal::Inactive));
        for role in [Role::Auditor, Role::Analyst] {
            assert_eq!(of(member(role)), Err(AgentRefusal::TakesNoTickets { role }));
        }
        assert!(of(member(Role::Admin)).is_ok());
    }

    #[test]
    fn tickets_change_nothing_about_who_is_there() {
        let online = Agent { availability: Availability::Online };
        let taken = AgentEvent::TicketTaken(TicketTaken { ticket: TicketNumber(1) });
        assert_eq!(AgentDecider::evolve(online.clone(), &taken), online);
    }
}
