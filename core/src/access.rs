//! What somebody may see: one definition for lists, counts, searches and single tickets (promise S1).

use crate::actor::Role;
use crate::names::{ActorId, Slug};
use crate::ticket::Ticket;
use std::collections::BTreeSet;

/// The tickets that somebody may see. What is out of reach is neither shown, counted, found nor hinted at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Every ticket.
    Everything,
    /// Those of some teams, those of no team, and those that one is responsible for.
    Teams {
        /// Who is asking.
        me: ActorId,
        /// Whose queues they work.
        teams: BTreeSet<Slug>,
    },
    /// Those that one has asked for, without what the staff says among itself.
    Own {
        /// Who is asking.
        requester: ActorId,
    },
    /// None.
    Nothing,
}

impl Reach {
    /// What a role gives (PRODUCT section 10).
    pub fn of(role: Role, id: &ActorId, teams: &BTreeSet<Slug>) -> Self {
        match role {
            Role::Admin | Role::Auditor => Self::Everything,
            Role::Agent | Role::Supervisor => Self::Teams { me: id.clone(), teams: teams.clone() },
            Role::Customer => Self::Own { requester: id.clone() },
            Role::Analyst | Role::System | Role::Unknown => Self::Nothing,
        }
    }

    /// The tickets that reports count for a role: those that it sees, and for analysts, who see none, all of them (PRODUCT
    /// section 10).
    #[must_use]
    pub fn of_reports(self, role: Role) -> Self {
        if role == Role::Analyst { Self::Everything } else { self }
    }

    /// Whether a ticket is within it. The one definition: all queries are held against it by tests.
    pub fn sees(&self, ticket: &Ticket) -> bool {
        match self {
            Self::Own { requester } => ticket.requester.as_ref() == Some(requester),
            Self::Everything | Self::Teams { .. } | Self::Nothing => {
                self.counts(ticket.team.as_ref(), ticket.assignee.as_ref())
            }
        }
    }

    /// Whether reports count a ticket that is in some team's queue, or in none's, and somebody's, or nobody's. Reports are not
    /// for customers.
    pub fn counts(&self, team: Option<&Slug>, assignee: Option<&ActorId>) -> bool {
        match self {
            Self::Everything => true,
            Self::Teams { me, teams } => team.is_none_or(|team| teams.contains(team)) || assignee == Some(me),
            Self::Own { .. } | Self::Nothing => false,
        }
    }

    /// Whether internal notes, the context of an escalation and closing notes are within it.
    pub fn sees_notes(&self) -> bool {
        match self {
            Self::Everything | Self::Teams { .. } => true,
            Self::Own { .. } | Self::Nothing => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slug(name: &str) -> Slug {
        Slug::new(name).unwrap()
    }

    fn id(name: &str) -> ActorId {
        ActorId::new(name).unwrap()
    }

    fn ticket(team: Option<&str>, assignee: Option<&str>) -> Ticket {
        let requester = Some(id("noor"));
        Ticket { team: team.map(slug), assignee: assignee.map(id), requester, ..Ticket::default() }
    }

    #[track_caller]
    fn check(role: Role, who: &str, seen: [bool; 4]) {
        let reach = Reach::of(role, &id(who), &BTreeSet::from([slug("billing"), slug("account")]));
        let tickets = [
            ticket(Some("billing"), Some("omar")),
            ticket(None, None),
            ticket(Some("technical"), Some("ines")),
            ticket(Some("technical"), Some("omar")),
        ];
        assert_eq!(tickets.map(|ticket| reach.sees(&ticket)), seen, "{role:?} {who}");
    }

    #[test]
    fn each_role_sees_its_tickets_and_no_others() {
        for role in [Role::Agent, Role::Supervisor] {
            check(role, "ines", [true, true, true, false]);
        }
        for role in [Role::Admin, Role::Auditor] {
            check(role, "alma", [true; 4]);
        }
        check(Role::Customer, "noor", [true; 4]);
        check(Role::Customer, "ines", [false; 4]);
        for role in [Role::Analyst, Role::System, Role::Unknown] {
            check(role, "noor", [false; 4]);
        }
    }

    #[test]
    fn reports_count_what_is_seen_and_for_analysts_everything() {
        for role in Role::ALL {
            let reach = Reach::of(role, &id("ines"), &BTreeSet::from([slug("billing")]));
            let counted = reach.clone().of_reports(role);
            if role == Role::Analyst {
                assert_eq!((reach, counted), (Reach::Nothing, Reach::Everything));
            } else {
                assert_eq!(reach, counted, "{role:?}");
            }
        }
    }

    #[test]
    fn only_the_staff_sees_notes() {
        let sees = |role| Reach::of(role, &id("ines"), &BTreeSet::new()).sees_notes();
        let seers: Vec<Role> = Role::ALL.into_iter().filter(|role| sees(*role)).collect();
        assert_eq!(seers, [Role::Agent, Role::Supervisor, Role::Auditor, Role::Admin]);
    }
}
