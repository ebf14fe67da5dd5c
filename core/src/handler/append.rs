//! What is appended for something that happens to tickets: their own events, and beside them what follows for the agents whose
//! load it moves. All of it at the versions that it was decided on, or nothing.

use super::CommandHandler;
use super::turns::Turns;
use crate::actor::Actor;
use crate::agent::load_changes;
use crate::decider::Decider;
use crate::event::Event;
use crate::names::{ActorId, EventId, StreamName, StreamVersion, TicketNumber};
use crate::record::{NewEvent, Origin};
use crate::store::{Append, AppendError, Appended, CommandKey, ExpectedVersion, StreamAppend};
use crate::ticket::{Ticket, TicketDecider, TicketEvent};
use crate::time::Timestamp;
use lru::LruCache;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// How often an append is made again when only the streams of agents have moved. Each time somebody else's has gone through.
pub const AGENT_ATTEMPTS_MAX: u32 = 1024;

/// Agents the version of whose stream is remembered; a stale one is found out by the append.
const AGENTS_REMEMBERED_MAX: NonZeroUsize = NonZeroUsize::new(16_384).expect("not zero");

/// What happens to a ticket as it stood.
pub struct Happening<'a> {
    /// Which ticket.
    pub ticket: TicketNumber,
    /// How it stood.
    pub before: &'a Ticket,
    /// What happens.
    pub events: Vec<TicketEvent>,
}

/// What all events of an append have in common.
pub struct Stamp {
    /// Who did it.
    pub actor: Actor,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What it belongs to.
    pub correlation: Uuid,
}

impl Stamp {
    /// An event as the log takes it.
    pub fn new_event(&self, id: EventId, event: Event) -> NewEvent {
        NewEvent {
            id,
            event: event.encode(),
            occurred_at: self.occurred_at,
            actor: self.actor.clone(),
            correlation: self.correlation,
            causation: None,
            origin: Origin::Decided,
            source: None,
        }
    }
}

/// What is to be appended, and how the tickets stand afterwards.
pub struct Prepared {
    /// The streams: those of the tickets, and then those of agents.
    pub streams: Vec<StreamAppend>,
    /// Each ticket afterwards.
    pub after: Vec<(TicketNumber, Ticket)>,
    /// Whose load it moves, with the place of their stream.
    agents: Vec<(ActorId, usize)>,
}

impl Prepared {
    /// Puts together what happens to tickets and what follows for agents; `id` names each event, in their order.
    pub fn new(happenings: Vec<Happening<'_>>, stamp: &Stamp, mut id: impl FnMut(&Event) -> EventId) -> Self {
        let mut prepared = Self { streams: Vec::new(), after: Vec::new(), agents: Vec::new() };
        let mut new = |event: Event| stamp.new_event(id(&event), event);
        let mut loads = Vec::new();
        for Happening { ticket, before, events } in happenings {
            let after = events.iter().fold(before.clone(), TicketDecider::evolve);
            loads.extend(load_changes(ticket, before, &after));
            prepared.after.push((ticket, after));
            prepared.streams.push(StreamAppend {
                stream: StreamName::ticket(ticket),
                expected: ExpectedVersion::Exactly(before.version),
                events: events.into_iter().map(|event| new(Event::Ticket(event))).collect(),
            });
        }
        for (agent, change) in loads {
            let event = new(Event::Agent(change));
            let known = prepared.agents.iter().find(|(id, _)| *id == agent);
            if let Some((_, place)) = known {
                prepared.streams[*place].events.push(event);
                continue;
            }
            let expected = ExpectedVersion::Exactly(StreamVersion::NONE);
            let stream = StreamName::agent(&agent);
            prepared.agents.push((agent, prepared.streams.len()));
            prepared.streams.push(StreamAppend { stream, expected, events: vec![event] });
        }
        prepared
    }

    /// Makes it conditional on the agents' streams as somebody knows them.
    pub fn expect(&mut self, version_of: impl Fn(&ActorId) -> StreamVersion) {
        for (id, place) in &self.agents {
            self.streams[*place].expected = ExpectedVersion::Exactly(version_of(id));
        }
    }

    fn agent_of(&self, stream: &StreamName) -> Option<&ActorId> {
        self.agents.iter().find(|(_, place)| self.streams[*place].stream == *stream).map(|(id, _)| id)
    }
}

/// The agents whose load appends move.
pub(super) struct Loads {
    turns: Turns,
    versions: Mutex<LruCache<ActorId, StreamVersion>>,
}

impl Loads {
    pub(super) fn new() -> Self {
        Self { turns: Turns::new(), versions: Mutex::new(LruCache::new(AGENTS_REMEMBERED_MAX)) }
    }

    fn version(&self, id: &ActorId) -> StreamVersion {
        self.lock().get(id).copied().unwrap_or(StreamVersion::NONE)
    }

    fn learn(&self, id: &ActorId, version: StreamVersion) {
        self.lock().put(id.clone(), version);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, LruCache<ActorId, StreamVersion>> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CommandHandler {
    /// Appends on the condition that the tickets, and the agents whose load it moves, are as they are known. What people decide
    /// stands whatever an agent has by then, so where only an agent's stream has moved it is appended after that.
    pub(super) async fn append_in_turn(
        &self,
        command: Option<CommandKey>,
        mut prepared: Prepared,
    ) -> Result<Appended, AppendError> {
        if prepared.agents.is_empty() {
            return self.store.append(Append { command, streams: prepared.streams }).await;
        }
        let _turn = self.loads.turns.of(prepared.agents.iter().map(|(id, _)| id)).await;
        let mut attempt = 0;
        loop {
            attempt += 1;
            prepared.expect(|id| self.loads.version(id));
            let append = Append { command: command.clone(), streams: prepared.streams.clone() };
            match self.store.append(append).await {
                Err(AppendError::Conflict { stream, expected, actual }) => {
                    let Some(id) = prepared.agent_of(&stream).filter(|_| attempt < AGENT_ATTEMPTS_MAX) else {
                        return Err(AppendError::Conflict { stream, expected, actual });
                    };
                    self.loads.learn(id, actual);
                }
                Ok(appended) if !appended.found => {
                    for (stream, version) in &appended.versions {
                        if let Some(id) = prepared.agent_of(stream) {
                            self.loads.learn(id, *version);
                        }
                    }
                    return Ok(appended);
                }
                result => return result,
            }
        }
    }
}
