//! Runs a command: read the ticket, decide, append, and say what came of it.

pub mod append;
pub mod catalogues;
mod counterpart;
pub mod due;
mod error;
mod follow_up;
mod handed_over;
pub mod import;
pub mod named;
mod numbers;
mod own;
pub mod settings;
pub mod templates;
#[cfg(test)]
mod tests;
pub mod things;
mod turns;

use crate::access::Reach;
use crate::clock::Clock;
use crate::customer::CustomerEvent;
use crate::customer::event::LinkMade;
use crate::decider::Decider;
use crate::event::Event;
use crate::names::{ActorId, EventId, GlobalPosition, StreamName, StreamVersion, TicketNumber};
use crate::record::StoredRecord;
use crate::staff::StaffDecider;
use crate::store::{
    AppendError, Appended, CommandKey, EventStore, ExpectedVersion, READ_RECORDS_MAX, StreamAppend, may_go_on,
};
use crate::ticket::command::ActionName;
use crate::ticket::decide;
use crate::ticket::{Ticket, TicketCommand, TicketDecider, TicketEvent, TicketRefusal};
use crate::time::Timestamp;
use append::{Happening, Loads, Prepared, Stamp};
use catalogues::Catalogues;
use counterpart::Counterpart;
pub use error::{HandleError, HistoryError};
pub use follow_up::CustomerMessage;
pub use handed_over::HandedOver;
use lru::LruCache;
use numbers::Numbers;
use settings::SettingsHandler;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{RwLock, Semaphore};
use turns::Turns;
use uuid::Uuid;

/// Tickets whose state is remembered; a stale one is found out by the append's version check.
pub const TICKETS_REMEMBERED_MAX: NonZeroUsize = NonZeroUsize::new(8192).expect("not zero");

/// Records that a refused command is shown of what it missed; the timeline has the rest.
pub const MISSED_MAX: usize = 100;

/// How often a command that commutes is decided anew after another came first.
pub const ATTEMPTS_MAX: u32 = 16;

/// What came of a command.
#[derive(Clone, Debug)]
pub struct Handled {
    /// The ticket that it was about.
    pub ticket: TicketNumber,
    /// The version of the ticket's stream afterwards.
    pub version: StreamVersion,
    /// The last position that it wrote; the head of the log when the wish already held.
    pub position: GlobalPosition,
    /// Whether it appended anything now: not when the wish already held, nor when it was found by its key.
    pub outcome: Outcome,
}

/// How a command was granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Events were appended.
    Appended,
    /// The same command had been appended before; this is its answer.
    Found,
    /// The wish already held.
    AlreadySo,
}

impl Outcome {
    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Appended => "appended",
            Self::Found => "found",
            Self::AlreadySo => "already_so",
        }
    }
}

/// A command and what goes with it.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which ticket; none to open a new one.
    pub ticket: Option<TicketNumber>,
    /// The version of the ticket that it was decided on; none to act whatever was said since.
    pub seen: Option<StreamVersion>,
    /// The tickets that whoever wishes it may see; for them there are no others.
    pub reach: Reach,
    /// What is wished, and by whom.
    pub command: TicketCommand,
    /// The command's idempotency key.
    pub key: Option<CommandKey>,
    /// What the request set off belongs together under this.
    pub correlation: Uuid,
}

/// Runs commands on tickets.
pub struct CommandHandler {
    store: Arc<dyn EventStore>,
    clock: Arc<dyn Clock>,
    tickets: Mutex<LruCache<TicketNumber, Arc<Ticket>>>,
    numbers: Numbers,
    loads: Loads,
    /// Of tickets that a command is about beside another one.
    pairs: Turns,
    catalogues: Arc<Catalogues>,
    staff: Arc<SettingsHandler<StaffDecider>>,
    /// Held by all who open tickets, or by an import's batch alone.
    opening: RwLock<()>,
    /// Held by the one import that is under way.
    importing: Arc<Semaphore>,
}

impl CommandHandler {
    /// A handler over a log whose highest ticket number is given.
    pub fn new(store: Arc<dyn EventStore>, clock: Arc<dyn Clock>, highest: Option<TicketNumber>) -> Self {
        let tickets = Mutex::new(LruCache::new(TICKETS_REMEMBERED_MAX));
        let catalogues = Arc::new(Catalogues::new(store.clone(), clock.clone()));
        let staff = Arc::new(SettingsHandler::new(store.clone(), clock.clone()));
        let (opening, importing) = (RwLock::new(()), Arc::new(Semaphore::new(1)));
        Self {
            store,
            clock,
            tickets,
            numbers: Numbers::after(highest),
            loads: Loads::new(),
            pairs: Turns::new(),
            catalogues,
            staff,
            opening,
            importing,
        }
    }

    /// The ticket as the log has it now.
    ///
    /// # Errors
    /// [`HandleError::Read`] or [`HandleError::History`]
    pub async fn ticket(&self, number: TicketNumber) -> Result<Arc<Ticket>, HandleError> {
        self.load(number, true).await
    }

    /// Runs a command.
    ///
    /// # Errors
    /// [`HandleError`]; after all but `OutcomeUnknown` nothing was recorded.
    pub async fn handle(&self, request: Request) -> Result<Handled, HandleError> {
        match request.ticket {
            Some(ticket) => self.act(ticket, &request).await,
            None => self.open(&request, None).await,
        }
    }

    /// Opens a ticket; with an instant, also a link into it that works until then.
    async fn open(&self, request: &Request, link_until: Option<Timestamp>) -> Result<Handled, HandleError> {
        let before = Ticket::default();
        let events = TicketDecider::decide(&request.command, &before)?;
        if let Err(error) = self.check_named(&request.command.action).await {
            return self.found_or(TicketNumber(0), request, error).await;
        }
        let _no_import = self.opening.read().await;
        let _turn = self.turn_of_earlier(&events).await;
        let mut attempt = 0;
        loop {
            let number = self.numbers.take();
            attempt += 1;
            let earlier = match self.counterpart(number, &before, &events, request).await {
                Ok(earlier) => earlier,
                Err(error) => {
                    self.numbers.give_back(number);
                    return Err(error);
                }
            };
            let link = link_until.map(|until| (&request.command.actor.id, until));
            let result = self.append(number, &before, events.clone(), earlier, link, request).await;
            match &result {
                // The ticket that it follows moved meanwhile; the number is free as before.
                Err(HandleError::Append(AppendError::Conflict { stream, .. }))
                    if attempt < ATTEMPTS_MAX && *stream != StreamName::ticket(number) =>
                {
                    self.numbers.give_back(number);
                    continue;
                }
                // Another node took the number: take the next one that is free.
                Err(HandleError::Append(AppendError::Conflict { .. })) if attempt < ATTEMPTS_MAX => {
                    self.numbers.skip_to(Self::highest_number(self.store.as_ref()).await?);
                    continue;
                }
                Ok(handled) if handled.ticket == number => {}
                // It may have been taken after all; the gap is harmless, a number used twice is not.
                Err(HandleError::Append(AppendError::OutcomeUnknown)) => {}
                Ok(_) | Err(_) => self.numbers.give_back(number),
            }
            return result;
        }
    }

    async fn act(&self, number: TicketNumber, request: &Request) -> Result<Handled, HandleError> {
        // Before anything is read: who may not do it learns nothing of what has come in since.
        decide::check_role(&request.command)?;
        let (mut fresh, mut attempt, mut pair) = (false, 0, None);
        loop {
            let before = self.load(number, fresh).await?;
            if !request.reach.sees(&before) {
                if fresh {
                    // A retry is answered with what it did the first time: that may be why it is out of reach.
                    return self.found_or(number, request, TicketRefusal::NotFound.into()).await;
                }
                fresh = true;
                continue;
            }
            if let Some(seen) = request.seen
                && seen > before.version
            {
                if fresh && !before.exists {
                    return Err(TicketRefusal::NotFound.into());
                }
                if fresh {
                    return Err(HandleError::SeenAhead { seen, current: before.version });
                }
                fresh = true;
                continue;
            }
            if let Some(seen) = request.seen
                && request.command.action.name().is_some_and(ActionName::depends_on_the_thread)
                && before.thread_version > seen
                && !self.was_done(number, request).await?
            {
                let missed = self.store.read_stream(&StreamName::ticket(number), seen, MISSED_MAX).await?;
                let (changed, current) = (before.thread_version, before.version);
                return Err(HandleError::ThreadMoved { seen, changed, current, missed });
            }
            let command = self.looked_up(&request.command, &before).await?;
            let events = match TicketDecider::decide(&command, &before) {
                Ok(events) => events,
                // A remembered ticket may be behind; only the log's own state may refuse. A retry is answered
                // with what it did the first time, although it would be refused now.
                Err(_) if !fresh => {
                    fresh = true;
                    continue;
                }
                Err(refusal) => return self.found_or(number, request, refusal.into()).await,
            };
            // Nor may only a remembered one say that the wish holds: what is imported comes past this handler.
            if events.is_empty() {
                if fresh {
                    return self.already_so(number, &before, request).await;
                }
                fresh = true;
                continue;
            }
            if let Err(error) = self.check_named(&command.action).await {
                return self.found_or(number, request, error).await;
            }
            if self.takes_turn(number, &before, &events, &mut pair).await {
                fresh = true;
                continue;
            }
            let other = match self.counterpart(number, &before, &events, request).await {
                Ok(other) => other,
                Err(HandleError::Refused(_)) if !fresh => {
                    fresh = true;
                    continue;
                }
                Err(HandleError::Refused(refusal)) => {
                    return self.found_or(number, request, refusal.into()).await;
                }
                Err(error) => return Err(error),
            };
            attempt += 1;
            match self.append(number, &before, events, other, None, request).await {
                Err(HandleError::Append(AppendError::Conflict { .. })) if attempt < ATTEMPTS_MAX => {
                    fresh = true;
                }
                result => return result,
            }
        }
    }

    /// Appends the events to the ticket's stream, what follows for agents to theirs, and a link for somebody to theirs, all
    /// or nothing.
    async fn append(
        &self,
        number: TicketNumber,
        before: &Ticket,
        events: Vec<TicketEvent>,
        other: Option<Counterpart>,
        link: Option<(&ActorId, Timestamp)>,
        request: &Request,
    ) -> Result<Handled, HandleError> {
        let stamp = Stamp {
            actor: request.command.actor.clone(),
            occurred_at: self.clock.now(),
            correlation: request.correlation,
        };
        let (other_number, other_before, other_events) = match other {
            Some(Counterpart { number, before, events }) => (Some(number), before, events),
            None => (None, Arc::default(), Vec::new()),
        };
        let own = Happening { ticket: number, before, events };
        let others =
            other_number.map(|ticket| Happening { ticket, before: &other_before, events: other_events });
        let random = |_: &Event| EventId(Uuid::now_v7());
        let mut prepared = Prepared::new([own].into_iter().chain(others).collect(), &stamp, random);
        if let Some((customer, expires_at)) = link {
            let made = LinkMade { customer: customer.clone(), ticket: number, expires_at };
            let event = Event::Customer(CustomerEvent::LinkMade(made));
            prepared.streams.push(StreamAppend {
                stream: StreamName::customer(customer),
                expected: ExpectedVersion::Any,
                events: vec![stamp.new_event(random(&event), event)],
            });
        }
        let after = std::mem::take(&mut prepared.after);
        let appended = self.append_in_turn(request.key.clone(), prepared).await?;
        if appended.found {
            return Ok(found(number, &appended));
        }
        for (number, after) in after {
            self.remember(number, Arc::new(after));
        }
        Ok(handled(number, &appended, Outcome::Appended))
    }

    async fn already_so(
        &self,
        number: TicketNumber,
        ticket: &Ticket,
        request: &Request,
    ) -> Result<Handled, HandleError> {
        if let Some(found) = self.lookup(number, request).await? {
            return Ok(found);
        }
        let position = *self.store.head().borrow();
        let (version, outcome) = (ticket.version, Outcome::AlreadySo);
        Ok(Handled { ticket: number, version, position, outcome })
    }

    async fn found_or(
        &self,
        number: TicketNumber,
        request: &Request,
        error: HandleError,
    ) -> Result<Handled, HandleError> {
        match self.lookup(number, request).await? {
            Some(found) => Ok(found),
            None => Err(error),
        }
    }

    async fn was_done(&self, number: TicketNumber, request: &Request) -> Result<bool, HandleError> {
        Ok(self.lookup(number, request).await?.is_some())
    }

    /// What the same command came to before, by its key.
    async fn lookup(&self, number: TicketNumber, request: &Request) -> Result<Option<Handled>, HandleError> {
        let Some(key) = &request.key else { return Ok(None) };
        Ok(self.store.find_command(key).await?.map(|appended| found(number, &appended)))
    }

    async fn load(&self, number: TicketNumber, fresh: bool) -> Result<Arc<Ticket>, HandleError> {
        let known = self.tickets.lock().unwrap_or_else(PoisonError::into_inner).get(&number).cloned();
        let known = match known {
            Some(ticket) if !fresh => return Ok(ticket),
            Some(ticket) => ticket,
            None => Arc::new(Ticket::default()),
        };
        let stream = StreamName::ticket(number);
        let mut page = self.store.read_stream(&stream, known.version, READ_RECORDS_MAX).await?;
        if page.is_empty() {
            return Ok(known);
        }
        let mut ticket = Arc::unwrap_or_clone(known);
        loop {
            for record in &page {
                let event = ticket_event(record, ticket.version.next())
                    .map_err(|source| HandleError::History { ticket: number, source })?;
                ticket = TicketDecider::evolve(ticket, &event);
            }
            if !may_go_on(&page, READ_RECORDS_MAX) {
                break;
            }
            page = self.store.read_stream(&stream, ticket.version, READ_RECORDS_MAX).await?;
        }
        let ticket = Arc::new(ticket);
        self.remember(number, ticket.clone());
        Ok(ticket)
    }

    fn remember(&self, number: TicketNumber, ticket: Arc<Ticket>) {
        let mut tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        let newer = tickets.peek(&number).is_none_or(|known| known.version < ticket.version);
        if newer {
            tickets.put(number, ticket);
        }
    }
}

/// Reads a record of a ticket's own stream.
///
/// # Errors
/// [`HistoryError`]
pub fn ticket_event(record: &StoredRecord, version: StreamVersion) -> Result<TicketEvent, HistoryError> {
    let recorded = record.decode()?;
    if recorded.version != version {
        return Err(HistoryError::Gap(version));
    }
    match recorded.event()? {
        Event::Ticket(event) => Ok(event),
        Event::Sla(_)
        | Event::Agent(_)
        | Event::Staff(_)
        | Event::Setting(_)
        | Event::Account(_)
        | Event::Customer(_)
        | Event::View(_)
        | Event::Webhook(_) => Err(HistoryError::Gap(version)),
    }
}

fn handled(number: TicketNumber, appended: &Appended, outcome: Outcome) -> Handled {
    let stream = StreamName::ticket(number);
    let version = appended.versions.iter().find(|(name, _)| *name == stream);
    let version = version.map_or(StreamVersion::NONE, |(_, version)| *version);
    Handled { ticket: number, version, position: appended.last, outcome }
}

/// The answer to a command that was appended before; a retried opening learns its number from it.
fn found(number: TicketNumber, appended: &Appended) -> Handled {
    let number = appended.versions.iter().find_map(|(stream, _)| stream.subject()).unwrap_or(number);
    handled(number, appended, Outcome::Found)
}
