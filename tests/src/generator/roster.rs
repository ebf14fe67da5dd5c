//! Who is there to take tickets, what they have on their hands, and whom routing finds.

use super::desk::slug;
use super::people;
use crate::random::Random;
use docket_core::actor::{Actor, Role};
use docket_core::agent::{AgentEvent, Availability, AvailabilityChanged};
use docket_core::names::{ActorId, TicketNumber};
use docket_core::routing::{self, Facts, Person, Rules};
use docket_core::settings::policy::ByPriority;
use docket_core::settings::routing::Rule;
use docket_core::settings::{Catalogue, Routing};
use docket_core::staff::{Capacity, Member, POINTS_MAX};
use docket_core::ticket::Ticket;
use docket_core::ticket::event::{Language, Priority, TicketEvent};
use docket_core::time::Timestamp;

/// Unit: milliseconds.
const HOUR_MS: i64 = 3_600_000;

/// Somebody of the staff who takes tickets.
struct Worker {
    actor: Actor,
    member: Member,
    availability: Availability,
    held: ByPriority<u32>,
    last_taken_at: Option<Timestamp>,
}

/// The agents, as routing sees them.
pub(super) struct Roster {
    workers: Vec<Worker>,
    rules: Vec<Rule>,
    /// The hour that everybody has been asked about.
    asked: i64,
}

impl Roster {
    pub(super) fn new() -> Self {
        let worker = |actor: Actor| {
            let teams = actor.team.clone().into_iter().collect();
            // Room without end: whoever was forgotten with their tickets would fill up over a million events.
            let capacity = Capacity { points: POINTS_MAX, ..Capacity::default() };
            let member = Member {
                capacity,
                ..Member::new(actor.id.as_str().into(), Role::Agent, teams, Language::En)
            };
            let held = ByPriority { urgent: 0, high: 0, normal: 0, low: 0 };
            Worker { actor, member, availability: Availability::default(), held, last_taken_at: None }
        };
        let (_, routing) = Routing::defaults().remove(0);
        Self { workers: people::agents().map(worker).collect(), rules: routing.rules, asked: i64::MIN }
    }

    /// Who comes and goes when an hour begins: most work by day and one of each team by night, and some are away.
    pub(super) fn shifts(&mut self, random: &mut Random, now: Timestamp) -> Vec<(Actor, AgentEvent)> {
        let hour = now.0.div_euclid(HOUR_MS);
        if hour == self.asked {
            return Vec::new();
        }
        self.asked = hour;
        let mut changes = Vec::new();
        for (index, worker) in self.workers.iter_mut().enumerate() {
            // The last five work by night, one of each team.
            let by_day = (8..20).contains(&((hour - index as i64 % 3).rem_euclid(24)));
            let to = match by_day == (index < 20) {
                true if random.chance(2) => Availability::Away,
                true if random.chance(1) => Availability::TransfersOnly,
                true => Availability::Online,
                false => Availability::Offline,
            };
            let from = std::mem::replace(&mut worker.availability, to);
            if from != to {
                let changed = AvailabilityChanged { from, to, reason: None };
                changes.push((worker.actor.clone(), AgentEvent::AvailabilityChanged(changed)));
            }
        }
        changes
    }

    /// What routing decides on a ticket: somebody for it, or why there is nobody. Nothing new is nothing.
    pub(super) fn route(
        &self,
        number: TicketNumber,
        ticket: &Ticket,
        language: Language,
    ) -> Vec<TicketEvent> {
        if !routing::is_up(ticket) {
            return Vec::new();
        }
        let facts = Facts {
            category: ticket.category.as_ref(),
            priority: ticket.priority,
            language: Some(language),
            tier: None,
        };
        let list = slug("default");
        let rules = Rules { list: &list, version: 1, rules: &self.rules };
        let people = self.workers.iter().map(|worker| Person {
            id: &worker.actor.id,
            member: &worker.member,
            availability: worker.availability,
            held: &worker.held,
            last_taken_at: worker.last_taken_at,
        });
        let aim = routing::aim(ticket, &facts, rules.rules);
        let routed = routing::decide(number, ticket, aim, &rules, people);
        if routed.waiting_for.is_some() && routed.waiting_for == ticket.waiting_for {
            return Vec::new();
        }
        routing::follows(ticket, routed)
    }

    /// Keeps count of what everybody has.
    pub(super) fn note(&mut self, before: &Ticket, after: &Ticket, now: Timestamp) {
        let counts_as = |ticket: &Ticket| ticket.priority.unwrap_or(Priority::Normal);
        if let Some(worker) = self.worker(before.burden()) {
            let held = worker.held.of_mut(counts_as(before));
            *held = held.saturating_sub(1);
        }
        if let Some(worker) = self.worker(after.burden()) {
            *worker.held.of_mut(counts_as(after)) += 1;
            if before.burden() != after.burden() {
                worker.last_taken_at = Some(now);
            }
        }
    }

    fn worker(&mut self, id: Option<&ActorId>) -> Option<&mut Worker> {
        let id = id?;
        self.workers.iter_mut().find(|worker| worker.actor.id == *id)
    }
}
