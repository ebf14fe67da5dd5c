//! Runs a command on one of many like streams: an agent, an account, a customer.

use super::settings::{SettingsError, Settled};
use super::{ATTEMPTS_MAX, HistoryError, Outcome};
use crate::actor::Actor;
use crate::agent::{AgentCommand, AgentDecider, AgentEvent};
use crate::clock::Clock;
use crate::customer::{
    AccountCommand, AccountDecider, AccountEvent, CustomerCommand, CustomerDecider, CustomerEvent,
};
use crate::decider::Decider;
use crate::event::Event;
use crate::names::{AccountId, ActorId, EventId, StreamName, StreamVersion};
use crate::record::{NewEvent, Origin};
use crate::store::{
    Append, AppendError, Appended, CommandKey, EventStore, ExpectedVersion, READ_RECORDS_MAX, StreamAppend,
    may_go_on,
};
use lru::LruCache;
use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Things of one kind whose state is remembered; a stale one is found out by the append's version check.
pub const THINGS_REMEMBERED_MAX: NonZeroUsize = NonZeroUsize::new(4096).expect("not zero");

/// Rules over a stream of which there are many.
pub trait Thing:
    Decider<
        Command: Send + Sync + 'static,
        Event: Send,
        State: Clone + Send + Sync,
        Refusal: std::error::Error + Send + 'static,
    > + 'static
{
    /// What tells one from another.
    type Id: Clone + Eq + Hash + Send + Sync;

    /// Which one a command is about.
    fn id(command: &Self::Command) -> &Self::Id;

    /// Its stream.
    fn stream(id: &Self::Id) -> StreamName;

    /// Who wishes something.
    fn actor(command: &Self::Command) -> &Actor;

    /// An event of the stream as the log takes it.
    fn wrap(event: Self::Event) -> Event;

    /// An event of the log, if it is one of the stream's.
    fn unwrap(event: Event) -> Option<Self::Event>;
}

impl Thing for AgentDecider {
    type Id = ActorId;

    fn id(command: &AgentCommand) -> &ActorId {
        &command.agent
    }

    fn stream(id: &ActorId) -> StreamName {
        StreamName::agent(id)
    }

    fn actor(command: &AgentCommand) -> &Actor {
        &command.actor
    }

    fn wrap(event: AgentEvent) -> Event {
        Event::Agent(event)
    }

    fn unwrap(event: Event) -> Option<AgentEvent> {
        if let Event::Agent(event) = event { Some(event) } else { None }
    }
}

impl Thing for AccountDecider {
    type Id = AccountId;

    fn id(command: &AccountCommand) -> &AccountId {
        &command.account
    }

    fn stream(id: &AccountId) -> StreamName {
        StreamName::account(id)
    }

    fn actor(command: &AccountCommand) -> &Actor {
        &command.actor
    }

    fn wrap(event: AccountEvent) -> Event {
        Event::Account(event)
    }

    fn unwrap(event: Event) -> Option<AccountEvent> {
        if let Event::Account(event) = event { Some(event) } else { None }
    }
}

impl Thing for CustomerDecider {
    type Id = ActorId;

    fn id(command: &CustomerCommand) -> &ActorId {
        &command.customer
    }

    fn stream(id: &ActorId) -> StreamName {
        StreamName::customer(id)
    }

    fn actor(command: &CustomerCommand) -> &Actor {
        &command.actor
    }

    fn wrap(event: CustomerEvent) -> Event {
        Event::Customer(event)
    }

    fn unwrap(event: Event) -> Option<CustomerEvent> {
        if let Event::Customer(event) = event { Some(event) } else { None }
    }
}

/// Runs commands on things of one kind, and remembers what they amount to.
pub struct ThingHandler<D: Thing> {
    store: Arc<dyn EventStore>,
    clock: Arc<dyn Clock>,
    known: Mutex<LruCache<D::Id, Known<D>>>,
}

/// The state of a stream at a version.
struct Known<D: Thing> {
    version: StreamVersion,
    state: Arc<D::State>,
}

impl<D: Thing> Clone for Known<D> {
    fn clone(&self) -> Self {
        Self { version: self.version, state: self.state.clone() }
    }
}

impl<D: Thing> ThingHandler<D> {
    /// A handler that knows nothing yet.
    pub fn new(store: Arc<dyn EventStore>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, known: Mutex::new(LruCache::new(THINGS_REMEMBERED_MAX)) }
    }

    /// One as the log has it now, and the version of its stream.
    ///
    /// # Errors
    /// [`SettingsError::Read`] or [`SettingsError::History`]
    pub async fn read(
        &self,
        id: &D::Id,
    ) -> Result<(StreamVersion, Arc<D::State>), SettingsError<D::Refusal>> {
        self.load(id).await.map(|known| (known.version, known.state))
    }

    /// Runs a command.
    ///
    /// # Errors
    /// [`SettingsError`]; after all but `OutcomeUnknown` nothing was recorded.
    pub async fn handle(
        &self,
        command: &D::Command,
        key: Option<&CommandKey>,
        correlation: Uuid,
    ) -> Result<Settled, SettingsError<D::Refusal>> {
        let mut attempt = 0;
        loop {
            let before = self.load(D::id(command)).await?;
            let events = match D::decide(command, &before.state) {
                Ok(events) => events,
                // A retry is answered with what it did the first time, although it would be refused now.
                Err(refusal) => {
                    let found = self.lookup(command, key).await?;
                    return found.ok_or(SettingsError::Refused(refusal));
                }
            };
            if events.is_empty() {
                let (version, position) = (before.version, *self.store.head().borrow());
                let already_so = Settled { version, position, outcome: Outcome::AlreadySo };
                return Ok(self.lookup(command, key).await?.unwrap_or(already_so));
            }
            attempt += 1;
            match self.append(before, events, command, key, correlation).await {
                Err(SettingsError::Append(AppendError::Conflict { .. })) if attempt < ATTEMPTS_MAX => {}
                result => return result,
            }
        }
    }

    async fn append(
        &self,
        before: Known<D>,
        events: Vec<D::Event>,
        command: &D::Command,
        key: Option<&CommandKey>,
        correlation: Uuid,
    ) -> Result<Settled, SettingsError<D::Refusal>> {
        let occurred_at = self.clock.now();
        let state = events.iter().fold((*before.state).clone(), D::evolve);
        let new = |event| NewEvent {
            id: EventId(Uuid::now_v7()),
            event: D::wrap(event).encode(),
            occurred_at,
            actor: D::actor(command).clone(),
            correlation,
            causation: None,
            origin: Origin::Decided,
            source: None,
        };
        let streams = vec![StreamAppend {
            stream: D::stream(D::id(command)),
            expected: ExpectedVersion::Exactly(before.version),
            events: events.into_iter().map(new).collect(),
        }];
        let appended = self.store.append(Append { command: key.cloned(), streams }).await?;
        if appended.found {
            return Ok(settled::<D>(command, &appended, Outcome::Found));
        }
        let settled = settled::<D>(command, &appended, Outcome::Appended);
        self.remember(D::id(command), Known { version: settled.version, state: Arc::new(state) });
        Ok(settled)
    }

    /// What the same command came to before, by its key.
    async fn lookup(
        &self,
        command: &D::Command,
        key: Option<&CommandKey>,
    ) -> Result<Option<Settled>, AppendError> {
        let Some(key) = key else { return Ok(None) };
        let found = self.store.find_command(key).await?;
        Ok(found.map(|appended| settled::<D>(command, &appended, Outcome::Found)))
    }

    async fn load(&self, id: &D::Id) -> Result<Known<D>, SettingsError<D::Refusal>> {
        let nothing = || Known { version: StreamVersion::NONE, state: Arc::new(D::initial()) };
        let mut known = self.lock().get(id).cloned().unwrap_or_else(nothing);
        let (stream, before) = (D::stream(id), known.version);
        loop {
            let page = self.store.read_stream(&stream, known.version, READ_RECORDS_MAX).await?;
            if page.is_empty() {
                break;
            }
            let mut state = Arc::unwrap_or_clone(known.state);
            for record in &page {
                let event = event::<D>(record, known.version.next())
                    .map_err(|source| SettingsError::History { stream: stream.clone(), source })?;
                state = D::evolve(state, &event);
                known.version = known.version.next();
            }
            known.state = Arc::new(state);
            if !may_go_on(&page, READ_RECORDS_MAX) {
                break;
            }
        }
        if known.version > before {
            self.remember(id, known.clone());
        }
        Ok(known)
    }

    fn remember(&self, id: &D::Id, known: Known<D>) {
        let mut things = self.lock();
        if things.peek(id).is_none_or(|there| there.version < known.version) {
            things.put(id.clone(), known);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, LruCache<D::Id, Known<D>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads a record of the stream.
fn event<D: Thing>(
    record: &crate::record::StoredRecord,
    version: StreamVersion,
) -> Result<D::Event, HistoryError> {
    let recorded = record.decode()?;
    if recorded.version != version {
        return Err(HistoryError::Gap(version));
    }
    D::unwrap(recorded.event()?).ok_or(HistoryError::Gap(version))
}

fn settled<D: Thing>(command: &D::Command, appended: &Appended, outcome: Outcome) -> Settled {
    let stream = D::stream(D::id(command));
    let version = appended.versions.iter().find(|(name, _)| *name == stream);
    let version = version.map_or(StreamVersion::NONE, |(_, version)| *version);
    Settled { version, position: appended.last, outcome }
}
