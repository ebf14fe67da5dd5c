//! The log, folded position by position: what must be so after every event of it.

use docket_core::agent::AgentEvent;
use docket_core::decider::Decider;
use docket_core::event::Event;
use docket_core::names::{ActorId, GlobalPosition, TicketNumber};
use docket_core::routing::choice::is_borne_out;
use docket_core::settings::policy::ByPriority;
use docket_core::staff::{Staff, StaffDecider};
use docket_core::store::EventStore;
use docket_core::ticket::event::{Priority, Routed};
use docket_core::ticket::{Ticket, TicketDecider, TicketEvent};
use docket_projections::log_event::LogEvent;
use std::collections::{BTreeMap, BTreeSet};

/// What the log amounts to.
#[derive(Default)]
pub(crate) struct Folded {
    pub(crate) tickets: BTreeMap<u64, Ticket>,
    staff: Staff,
    /// What each agent's own stream says they have.
    taken: BTreeMap<ActorId, BTreeSet<TicketNumber>>,
    /// The decision of each ticket that was recorded last.
    last: BTreeMap<u64, Routed>,
    /// Every decision, with the ticket that it was about.
    pub(crate) decisions: Vec<(u64, Routed)>,
    /// Tickets that routing gave to somebody, and to whom.
    pub(crate) given: Vec<(u64, String)>,
}

/// Reads and checks the whole log.
pub(crate) async fn folded(store: &dyn EventStore) -> Folded {
    let (mut folded, mut after) = (Folded::default(), GlobalPosition::START);
    loop {
        let page = store.read_all(after, 4096).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.position;
        page.iter().for_each(|record| folded.take(&LogEvent::of(record)));
    }
    folded.check_loads();
    folded
}

impl Folded {
    fn take(&mut self, event: &LogEvent) {
        match event.event.as_ref().unwrap() {
            Event::Ticket(known) => self.take_ticket(event, known),
            Event::Agent(known) => {
                let taken = self.taken.entry(event.agent.clone().unwrap()).or_default();
                match known {
                    AgentEvent::TicketTaken(of) => assert!(taken.insert(of.ticket), "taken once"),
                    AgentEvent::TicketReleased(of) => assert!(taken.remove(&of.ticket), "released once"),
                    AgentEvent::AvailabilityChanged(_) | AgentEvent::TicketReweighed(_) => {}
                }
            }
            Event::Staff(known) => {
                self.staff = StaffDecider::evolve(std::mem::take(&mut self.staff), known);
            }
            _ => {}
        }
    }

    fn take_ticket(&mut self, event: &LogEvent, known: &TicketEvent) {
        let number = event.ticket().unwrap();
        let before = self.tickets.remove(&number.0).unwrap_or_default();
        let by_routing = event.actor.id.as_str() == "routing";
        if by_routing {
            assert_eq!(event.actor.role.as_str(), "system");
        }
        match known {
            TicketEvent::Routed(routed) => {
                assert!(by_routing && is_borne_out(number, routed), "{routed:?}");
                assert!(before.assignee.is_none() && !before.by_hand, "{number} was decided by hand");
                self.last.insert(number.0, routed.as_ref().clone());
                self.decisions.push((number.0, routed.as_ref().clone()));
            }
            TicketEvent::Assigned(assigned) => {
                assert_eq!(before.assignee, None, "{number} was somebody's");
                if by_routing {
                    assert!(!before.by_hand, "{number} was decided by hand");
                    assert_eq!(self.last[&number.0].to.as_ref(), Some(&assigned.to));
                    self.given.push((number.0, assigned.to.to_string()));
                }
            }
            _ => {}
        }
        let after = TicketDecider::evolve(before, known);
        self.tickets.insert(number.0, after);
        if let (true, TicketEvent::Assigned(assigned)) = (by_routing, known) {
            let member = self.staff.member(&assigned.to).unwrap();
            let load = member.capacity.load(&self.held(&assigned.to));
            assert!(load <= member.capacity.points, "{} has {load} at {}", assigned.to, event.position);
        }
    }

    /// How many tickets of each priority somebody has.
    fn held(&self, id: &ActorId) -> ByPriority<u32> {
        let mut held = ByPriority { urgent: 0, high: 0, normal: 0, low: 0 };
        for ticket in self.tickets.values().filter(|ticket| ticket.burden() == Some(id)) {
            *held.of_mut(ticket.priority.unwrap_or(Priority::Normal)) += 1;
        }
        held
    }

    /// Agents' streams say what tickets say.
    fn check_loads(&self) {
        let mut by_tickets: BTreeMap<ActorId, BTreeSet<TicketNumber>> = BTreeMap::new();
        for (number, ticket) in &self.tickets {
            if let Some(id) = ticket.burden() {
                by_tickets.entry(id.clone()).or_default().insert(TicketNumber(*number));
            }
        }
        let mut by_agents = self.taken.clone();
        by_agents.retain(|_, taken| !taken.is_empty());
        assert_eq!(by_agents, by_tickets);
    }

    /// Why routing found nobody for a ticket, each time it said so.
    pub(crate) fn reasons(&self, ticket: u64) -> Vec<&'static str> {
        let of = self.decisions.iter().filter(|(number, _)| *number == ticket);
        of.filter_map(|(_, routed)| routed.waiting_for.map(|reason| reason.as_str())).collect()
    }
}
