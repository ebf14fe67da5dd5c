//! Random commands, clocks that jump, restarts and rebuilds in between: at the end everything adds up.

use super::oracle::{contents, expected};
use super::support::{NOW, empty_log, events, runtime, start, wait_for_all};
use super::wishes;
use docket_core::agent::AgentEvent;
use docket_core::clock::ManualClock;
use docket_core::decider::Decider;
use docket_core::event::Event;
use docket_core::handler::{CommandHandler, Handled, Outcome, Request};
use docket_core::names::{ActorId, GlobalPosition, StreamVersion, TicketNumber};
use docket_core::sla::Face;
use docket_core::store::EventStore;
use docket_core::store::memory::MemoryStore;
use docket_core::ticket::{Ticket, TicketDecider, TicketEvent};
use docket_core::time::DurationMs;
use docket_projections::log_event::LogEvent;
use docket_projections::registry::all;
use docket_projections::runner::Projections;
use docket_projections::{queue, sla, timeline};
use docket_tests::random::{Random, seeds};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::runtime::Runtime;

const COMMANDS: usize = 700;

/// What is simulated: a handler, a log, and read models that are stopped and rebuilt at random.
struct World {
    runtime: Runtime,
    directory: tempfile::TempDir,
    store: Arc<MemoryStore>,
    clock: Arc<ManualClock>,
    handler: CommandHandler,
    projections: Option<Projections>,
    /// Commands with a key, and what they came to.
    granted: Vec<(Request, Handled)>,
    tickets: u64,
}

impl World {
    fn new() -> Self {
        let (store, clock) = (empty_log(), Arc::new(ManualClock::at(NOW)));
        let handler = CommandHandler::new(store.clone(), clock.clone(), None);
        let (runtime, directory) = (runtime(), tempfile::tempdir().unwrap());
        let projections = Some(start(&runtime, directory.path(), &store));
        Self { runtime, directory, store, clock, handler, projections, granted: Vec::new(), tickets: 0 }
    }

    fn step(&mut self, random: &mut Random) {
        // The wall clock goes forward as a rule, and back by up to a day now and then (promise T3).
        let days = if random.chance(5) { -1 } else { 3 };
        let shift = DurationMs::from_minutes(random.below(60 * 24) as i64 * days / 10);
        self.clock.set(docket_core::clock::Clock::now(self.clock.as_ref()).plus(shift));
        match random.below(100) {
            0 => self.restart(),
            1 => self.restart_handler(),
            2 => {
                let definition = &all()[random.index(all().len())];
                let projections = self.projections.as_ref().unwrap();
                // It may be busy with its first build.
                drop(projections.rebuild(definition.name, false).map(|rebuilt| assert!(rebuilt.took_over)));
            }
            3..9 if !self.granted.is_empty() => self.repeat(random),
            _ => self.command(random),
        }
    }

    fn command(&mut self, random: &mut Random) {
        let request = wishes::request(random, self.tickets);
        let head = *self.store.head().borrow();
        match self.runtime.block_on(self.handler.handle(request.clone())) {
            Ok(handled) => {
                self.tickets = self.tickets.max(handled.ticket.0);
                assert_eq!(handled.outcome == Outcome::Appended, *self.store.head().borrow() > head);
                if request.key.is_some() && handled.outcome == Outcome::Appended {
                    self.granted.push((request, handled));
                }
            }
            Err(_) => assert_eq!(*self.store.head().borrow(), head, "what was refused leaves no event (D4)"),
        }
    }

    /// A client that did not hear the answer sends the same again, at any time later.
    fn repeat(&mut self, random: &mut Random) {
        let (request, first) = &self.granted[random.index(self.granted.len())];
        let head = *self.store.head().borrow();
        let again = self.runtime.block_on(self.handler.handle(request.clone())).unwrap();
        assert_eq!((again.ticket, again.version), (first.ticket, first.version));
        assert_eq!((again.position, again.outcome), (first.position, Outcome::Found));
        assert_eq!(*self.store.head().borrow(), head);
    }

    fn restart(&mut self) {
        self.projections = None;
        self.projections = Some(start(&self.runtime, self.directory.path(), &self.store));
    }

    fn restart_handler(&mut self) {
        let highest = self.runtime.block_on(CommandHandler::highest_number(self.store.as_ref())).unwrap();
        assert_eq!(highest.map_or(0, |number| number.0), self.tickets);
        self.handler = CommandHandler::new(self.store.clone(), self.clock.clone(), highest);
    }
}

/// What the log says about each ticket, from the rules alone.
#[derive(Default)]
struct Told {
    ticket: Ticket,
    events: u64,
    reopened: u32,
}

fn told(log: &[LogEvent]) -> BTreeMap<TicketNumber, Told> {
    let mut tickets = BTreeMap::<TicketNumber, Told>::new();
    for event in log {
        let (Some(number), Ok(Event::Ticket(happened))) = (event.ticket(), &event.event) else { continue };
        let told = tickets.entry(number).or_default();
        told.events += 1;
        assert_eq!(event.version, StreamVersion(told.events), "versions without a gap");
        told.reopened += u32::from(matches!(happened, TicketEvent::Reopened(_)));
        told.ticket = TicketDecider::evolve(std::mem::take(&mut told.ticket), happened);
    }
    tickets
}

/// The load that the agents' streams add up to; it never falls below nothing on the way.
fn loads(log: &[LogEvent], actor_of: impl Fn(&LogEvent) -> ActorId) -> BTreeMap<ActorId, i64> {
    let mut loads = BTreeMap::<ActorId, i64>::new();
    for event in log {
        let change = match &event.event {
            Ok(Event::Agent(AgentEvent::TicketTaken(_))) => 1,
            Ok(Event::Agent(AgentEvent::TicketReleased(_))) => -1,
            Ok(Event::Agent(AgentEvent::AvailabilityChanged(_) | AgentEvent::TicketReweighed(_))) => 0,
            _ => continue,
        };
        let load = loads.entry(actor_of(event)).or_default();
        *load += change;
        assert!(*load >= 0, "at {}", event.position);
    }
    loads.retain(|_, load| *load != 0);
    loads
}

fn check(world: &World) {
    let log = events(&world.runtime, world.store.as_ref());
    let head = GlobalPosition(log.len() as u64);
    let projections = world.projections.as_ref().unwrap();
    wait_for_all(&world.runtime, projections, head);
    for definition in all() {
        let expected = expected(definition.name, &log, head);
        projections.query(definition.name, contents).unwrap().check(&expected, definition.name);
    }
    let tickets = told(&log);
    assert_eq!(tickets.len() as u64, world.tickets, "one for each number");
    let mut burdens = BTreeMap::<ActorId, i64>::new();
    for (number, told) in &tickets {
        let known = world.runtime.block_on(world.handler.ticket(*number)).unwrap();
        assert_eq!(*known, told.ticket, "the handler knows {number} as the log has it");
        assert_eq!(told.ticket.cycle, told.reopened + 1);
        if let Some(agent) = told.ticket.burden() {
            *burdens.entry(agent.clone()).or_default() += 1;
        }
        let shown =
            projections.query("queue", |connection| queue::ticket(connection, *number)).unwrap().unwrap();
        assert_eq!(shown.state.ticket, Ticket { memory: Default::default(), ..told.ticket.clone() });
        assert!(!shown.stale);
        let (_, ledger) = projections.query("sla", |connection| sla::ticket(connection, *number)).unwrap();
        let ledger = ledger.unwrap();
        assert_eq!(ledger.ticket_version, told.ticket.version);
        assert_eq!(ledger.course.as_ref().unwrap().moments, shown.state.course.unwrap().moments);
        assert_eq!(Face::foremost(&ledger.clocks), shown.state.clock.as_ref());
        let (_, entries) = projections
            .query("timeline", |connection| {
                timeline::entries(connection, *number, GlobalPosition::START, 500)
            })
            .unwrap();
        assert_eq!(entries.entries.len() as u64, told.events);
    }
    let records = world.runtime.block_on(world.store.read_all(GlobalPosition::START, 4096)).unwrap();
    let stream_of = |event: &LogEvent| {
        let record = records[event.position.0 as usize - 1].decode().unwrap();
        ActorId::new(record.stream.strip_prefix("agent-").unwrap()).unwrap()
    };
    assert_eq!(loads(&log, stream_of), burdens, "each agent's stream adds up to their tickets");
}

#[test]
fn random_commands_restarts_and_rebuilds_leave_everything_as_the_log_says() {
    for seed in seeds([81, 82]) {
        println!("DOCKET_SEED={seed}");
        let mut random = Random::new(seed);
        let mut world = World::new();
        for _ in 0..COMMANDS {
            world.step(&mut random);
        }
        assert!(world.tickets > 20, "{} tickets", world.tickets);
        check(&world);
    }
}
