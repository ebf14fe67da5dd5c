//! Who asks and who works: a small team, and a town full of customers.

use crate::random::Random;
use docket_core::actor::{Actor, Role};
use docket_core::catalog::{INTAKE_CATEGORIES, TEAMS as CATALOG_TEAMS};
use docket_core::names::{ActorId, Slug};

pub(super) const TEAMS: [&str; 5] =
    [CATALOG_TEAMS[0], CATALOG_TEAMS[1], CATALOG_TEAMS[2], CATALOG_TEAMS[3], CATALOG_TEAMS[4]];

pub(super) const CATEGORIES: [&str; 5] = [
    INTAKE_CATEGORIES[0],
    INTAKE_CATEGORIES[1],
    INTAKE_CATEGORIES[2],
    INTAKE_CATEGORIES[3],
    INTAKE_CATEGORIES[4],
];

/// Agents, each in the team that their place in the list says.
const AGENTS: [&str; 25] = [
    "ines", "omar", "lena", "david", "carmen", "joao", "nadia", "pavel", "rosa", "yusuf", "ana", "erik",
    "lucia", "tomas", "ming", "paula", "ivan", "sofia", "marta", "kofi", "elena", "bruno", "aisha", "hugo",
    "vera",
];

const SUPERVISORS: [&str; 3] = ["beatriz", "samuel", "greta"];

const FIRST_NAMES: [&str; 20] = [
    "María", "John", "Lucía", "Emma", "José", "Oliver", "Carmen", "Amelia", "Andrés", "Grace", "Sofía",
    "Harry", "Núria", "Chloe", "Iker", "Ruby", "Begoña", "Leo", "Álvaro", "Zoe",
];

const LAST_NAMES: [&str; 20] = [
    "García",
    "Smith",
    "Fernández",
    "Jones",
    "Muñoz",
    "Taylor",
    "Ibáñez",
    "Brown",
    "Núñez",
    "Walker",
    "López",
    "Evans",
    "Peña",
    "Hughes",
    "Castaño",
    "Clarke",
    "Vidal",
    "Morgan",
    "Ortuño",
    "O'Neill",
];

fn id(name: &str) -> ActorId {
    ActorId::new(name).expect("the names in here are plain words")
}

fn team(agent: usize) -> Slug {
    super::desk::slug(TEAMS[agent % TEAMS.len()])
}

/// Every agent, each in their team.
pub(super) fn agents() -> impl Iterator<Item = Actor> {
    AGENTS.iter().enumerate().map(|(index, name)| Actor {
        id: id(name),
        role: Role::Agent,
        team: Some(team(index)),
    })
}

/// Somebody of the staff.
pub(super) fn agent(random: &mut Random) -> Actor {
    let index = random.index(AGENTS.len());
    Actor { id: id(AGENTS[index]), role: Role::Agent, team: Some(team(index)) }
}

/// A supervisor, for what agents do not decide themselves.
pub(super) fn supervisor(random: &mut Random) -> Actor {
    Actor { id: id(random.pick(&SUPERVISORS)), role: Role::Supervisor, team: None }
}

/// Whoever is responsible, acting in their role; an agent at random when nobody is.
pub(super) fn acting(assignee: Option<&ActorId>, random: &mut Random) -> Actor {
    let Some(assignee) = assignee else { return agent(random) };
    match AGENTS.iter().position(|name| *name == assignee.as_str()) {
        Some(index) => Actor { id: assignee.clone(), role: Role::Agent, team: Some(team(index)) },
        None => Actor { id: assignee.clone(), role: Role::Supervisor, team: None },
    }
}

/// Somebody who asks.
#[derive(Clone, Copy)]
pub(super) struct Customer {
    number: u64,
}

impl Customer {
    pub(super) fn of(number: u64) -> Self {
        Self { number }
    }

    pub(super) fn id(self) -> ActorId {
        id(&format!("customer-{}", self.number))
    }

    pub(super) fn actor(self) -> Actor {
        Actor { id: self.id(), role: Role::Customer, team: None }
    }

    pub(super) fn name(self) -> String {
        let first = FIRST_NAMES[(self.number % 20) as usize];
        let last = LAST_NAMES[(self.number / 20 % 20) as usize];
        format!("{first} {last}")
    }

    pub(super) fn email(self) -> String {
        format!("customer{}@example.com", self.number)
    }
}
