//! Runs a command on a stream of settings: one that is short, and whose whole state is remembered.

use super::{ATTEMPTS_MAX, HistoryError, Outcome};
use crate::actor::Actor;
use crate::clock::Clock;
use crate::decider::Decider;
use crate::event::Event;
use crate::names::{EventId, GlobalPosition, StreamName, StreamVersion};
use crate::record::{NewEvent, Origin};
use crate::settings::{SettingCommand, ShelfDecider, ShelfEvent, Stored};
use crate::staff::{StaffCommand, StaffDecider, StaffEvent};
use crate::store::{
    Append, AppendError, Appended, CommandKey, EventStore, ExpectedVersion, READ_RECORDS_MAX, ReadError,
    StreamAppend, may_go_on,
};
use crate::time::Timestamp;
use crate::views::{ViewCommand, ViewEvent, ViewsDecider};
use crate::webhook::{WebhookCommand, WebhookDecider, WebhookEvent};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Rules over a stream of settings.
pub trait Settings: Decider {
    /// The stream.
    fn stream() -> StreamName;

    /// Who wishes something.
    fn actor(command: &Self::Command) -> &Actor;

    /// An event of the stream as the log takes it.
    fn wrap(event: Self::Event) -> Event;

    /// An event of the log, if it is one of the stream's.
    fn unwrap(event: Event) -> Option<Self::Event>;
}

impl Settings for StaffDecider {
    fn stream() -> StreamName {
        StreamName::staff()
    }

    fn actor(command: &StaffCommand) -> &Actor {
        &command.actor
    }

    fn wrap(event: StaffEvent) -> Event {
        Event::Staff(event)
    }

    fn unwrap(event: Event) -> Option<StaffEvent> {
        match event {
            Event::Staff(event) => Some(event),
            Event::Ticket(_)
            | Event::Sla(_)
            | Event::Agent(_)
            | Event::Setting(_)
            | Event::Account(_)
            | Event::Customer(_)
            | Event::View(_)
            | Event::Webhook(_) => None,
        }
    }
}

impl Settings for WebhookDecider {
    fn stream() -> StreamName {
        StreamName::settings("webhooks")
    }

    fn actor(command: &WebhookCommand) -> &Actor {
        &command.actor
    }

    fn wrap(event: WebhookEvent) -> Event {
        Event::Webhook(event)
    }

    fn unwrap(event: Event) -> Option<WebhookEvent> {
        match event {
            Event::Webhook(event) => Some(event),
            Event::Ticket(_)
            | Event::Sla(_)
            | Event::Agent(_)
            | Event::Staff(_)
            | Event::Setting(_)
            | Event::Account(_)
            | Event::Customer(_)
            | Event::View(_) => None,
        }
    }
}

impl<C: Stored> Settings for ShelfDecider<C> {
    fn stream() -> StreamName {
        C::NAME.stream()
    }

    fn actor(command: &SettingCommand<C>) -> &Actor {
        &command.actor
    }

    fn wrap(event: ShelfEvent<C>) -> Event {
        Event::Setting(C::wrap(event))
    }

    fn unwrap(event: Event) -> Option<ShelfEvent<C>> {
        match event {
            Event::Setting(event) => C::unwrap(event),
            Event::Ticket(_)
            | Event::Sla(_)
            | Event::Agent(_)
            | Event::Staff(_)
            | Event::Account(_)
            | Event::Customer(_)
            | Event::View(_)
            | Event::Webhook(_) => None,
        }
    }
}

impl Settings for ViewsDecider {
    fn stream() -> StreamName {
        StreamName::views()
    }

    fn actor(command: &ViewCommand) -> &Actor {
        &command.actor
    }

    fn wrap(event: ViewEvent) -> Event {
        Event::View(event)
    }

    fn unwrap(event: Event) -> Option<ViewEvent> {
        if let Event::View(event) = event { Some(event) } else { None }
    }
}

/// Why a command was not granted.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError<R: std::error::Error> {
    /// A rule says no; safe to show.
    #[error(transparent)]
    Refused(R),
    /// The log did not take it.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The past could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The past is there and could not be understood.
    #[error("the history of {stream} cannot be understood")]
    History {
        /// Which stream.
        stream: StreamName,
        /// What the decoder said.
        source: HistoryError,
    },
}

/// What came of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The version of the stream afterwards.
    pub version: StreamVersion,
    /// The last position that it wrote; the head of the log when the wish already held.
    pub position: GlobalPosition,
    /// Whether it appended anything now.
    pub outcome: Outcome,
}

/// Runs commands on one stream of settings, and remembers what they amount to.
pub struct SettingsHandler<D: Settings> {
    store: Arc<dyn EventStore>,
    clock: Arc<dyn Clock>,
    known: Mutex<Known<D>>,
}

/// The state of the stream at a version.
struct Known<D: Settings> {
    version: StreamVersion,
    state: Arc<D::State>,
}

impl<D: Settings> Clone for Known<D> {
    fn clone(&self) -> Self {
        Self { version: self.version, state: self.state.clone() }
    }
}

impl<D: Settings> SettingsHandler<D>
where
    D::State: Clone + Send + Sync,
    D::Refusal: std::error::Error,
{
    /// A handler that knows nothing yet.
    pub fn new(store: Arc<dyn EventStore>, clock: Arc<dyn Clock>) -> Self {
        let known = Known { version: StreamVersion::NONE, state: Arc::new(D::initial()) };
        Self { store, clock, known: Mutex::new(known) }
    }

    /// The state as far as it is known: as of the last [`SettingsHandler::refresh`] or command.
    pub fn known(&self) -> Arc<D::State> {
        self.lock().state.clone()
    }

    /// Reads what has been appended since, by whomever.
    ///
    /// # Errors
    /// [`SettingsError::Read`] or [`SettingsError::History`]
    pub async fn refresh(&self) -> Result<Arc<D::State>, SettingsError<D::Refusal>> {
        Ok(self.load().await?.state)
    }

    /// The state as the log has it now, and the version of the stream that it is as of.
    ///
    /// # Errors
    /// [`SettingsError::Read`] or [`SettingsError::History`]
    pub async fn read(&self) -> Result<(StreamVersion, Arc<D::State>), SettingsError<D::Refusal>> {
        self.load().await.map(|known| (known.version, known.state))
    }

    /// Tells every event of the stream from its beginning, with when it happened.
    ///
    /// # Errors
    /// [`SettingsError::Read`] or [`SettingsError::History`]
    pub async fn tell(
        &self,
        mut each: impl FnMut(Timestamp, &D::Event),
    ) -> Result<(), SettingsError<D::Refusal>> {
        let (stream, mut version) = (D::stream(), StreamVersion::NONE);
        loop {
            let page = self.store.read_stream(&stream, version, READ_RECORDS_MAX).await?;
            for record in &page {
                version = version.next();
                let happened = || Ok((record.decode()?.occurred_at, event::<D>(record, version)?));
                let (at, event) =
                    happened().map_err(|source| SettingsError::History { stream: stream.clone(), source })?;
                each(at, &event);
            }
            if !may_go_on(&page, READ_RECORDS_MAX) {
                return Ok(());
            }
        }
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
            let before = self.load().await?;
            let events = match D::decide(command, &before.state) {
                Ok(events) => events,
                // A retry is answered with what it did the first time, although it would be refused now.
                Err(refusal) => {
                    return self.lookup(key).await?.ok_or(SettingsError::Refused(refusal));
                }
            };
            if events.is_empty() {
                let (version, position) = (before.version, *self.store.head().borrow());
                let already_so = Settled { version, position, outcome: Outcome::AlreadySo };
                return Ok(self.lookup(key).await?.unwrap_or(already_so));
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
            stream: D::stream(),
            expected: ExpectedVersion::Exactly(before.version),
            events: events.into_iter().map(new).collect(),
        }];
        let appended = self.store.append(Append { command: key.cloned(), streams }).await?;
        if appended.found {
            return Ok(settled::<D>(&appended, Outcome::Found));
        }
        let settled = settled::<D>(&appended, Outcome::Appended);
        self.remember(Known { version: settled.version, state: Arc::new(state) });
        Ok(settled)
    }

    /// What the same command came to before, by its key.
    async fn lookup(&self, key: Option<&CommandKey>) -> Result<Option<Settled>, AppendError> {
        let Some(key) = key else { return Ok(None) };
        let found = self.store.find_command(key).await?;
        Ok(found.map(|appended| settled::<D>(&appended, Outcome::Found)))
    }

    async fn load(&self) -> Result<Known<D>, SettingsError<D::Refusal>> {
        let mut known = self.lock().clone();
        let stream = D::stream();
        let before = known.version;
        loop {
            let page = self.store.read_stream(&stream, known.version, READ_RECORDS_MAX).await?;
            if page.is_empty() {
                break;
            }
            let mut state = Arc::unwrap_or_clone(known.state);
            for record in &page {
                let event = event::<D>(record, known.version.next());
                let event =
                    event.map_err(|source| SettingsError::History { stream: stream.clone(), source })?;
                state = D::evolve(state, &event);
                known.version = known.version.next();
            }
            known.state = Arc::new(state);
            if !may_go_on(&page, READ_RECORDS_MAX) {
                break;
            }
        }
        if known.version > before {
            self.remember(known.clone());
        }
        Ok(known)
    }

    fn remember(&self, known: Known<D>) {
        let mut there = self.lock();
        if there.version < known.version {
            *there = known;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known<D>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads a record of the stream.
pub(super) fn event<D: Settings>(
    record: &crate::record::StoredRecord,
    version: StreamVersion,
) -> Result<D::Event, HistoryError> {
    let recorded = record.decode()?;
    if recorded.version != version {
        return Err(HistoryError::Gap(version));
    }
    D::unwrap(recorded.event()?).ok_or(HistoryError::Gap(version))
}

fn settled<D: Settings>(appended: &Appended, outcome: Outcome) -> Settled {
    let stream = D::stream();
    let version = appended.versions.iter().find(|(name, _)| *name == stream);
    let version = version.map_or(StreamVersion::NONE, |(_, version)| *version);
    Settled { version, position: appended.last, outcome }
}
