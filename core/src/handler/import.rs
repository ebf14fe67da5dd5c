//! Takes the facts of another system in, as they were (docs/adr/0012-imports-are-facts.md): which ticket each is on, which
//! are there already, and which cannot be taken.
//!
//! Whoever reads them, from a file or from a request, hands them over row by row, so that both are checked alike.

mod fact;
mod line;
mod register;
mod rest;
#[cfg(test)]
mod tests;

use super::{CommandHandler, HistoryError};
use crate::event::Event;
use crate::names::{EventId, GlobalPosition, StreamName, StreamVersion, TicketNumber};
use crate::record::{self, NewEvent, Origin};
use crate::store::{AppendError, BulkAppended, EVENTS_PER_APPEND_MAX, Fact, RECORD_BYTES_MAX, ReadError};
use crate::ticket::TicketEvent;
use crate::time::Timestamp;
pub use fact::{FACTS_PER_ROW_MAX, FactRefusal, ImportFact, ImportRow, actor_id};
pub use line::{LINE_BYTES_MAX, LineRefusal, read_line, write_line};
use register::{Prepared, Register, Verdict};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinHandle;

/// Lines that could not be taken of which an answer to an import tells more than the number. Whoever sends no more lines
/// learns of each.
pub const ANSWER_LINES_MAX: usize = 4096;

/// Why an import cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The log could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The log did not take it.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// An event that was imported before cannot be understood.
    #[error("the imported event at position {position} cannot be understood")]
    History {
        /// Where it is.
        position: GlobalPosition,
        /// What the decoder said.
        source: HistoryError,
    },
    /// An event that was imported before is on no ticket's stream.
    #[error("the imported event at position {0} is on no ticket's stream")]
    Elsewhere(GlobalPosition),
    /// An event that was imported before comes where another belongs.
    #[error("the imported event at position {position} is fact {seq} where fact {expected} belongs")]
    OutOfOrder {
        /// Where it is.
        position: GlobalPosition,
        /// Its number in its case.
        seq: u64,
        /// The number that belongs there.
        expected: u64,
    },
}

/// What an import has come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Facts that were appended.
    pub appended: u64,
    /// Facts that were there.
    pub already_there: u64,
    /// Tickets that are new.
    pub new_tickets: u64,
    /// Tickets that were there.
    pub known_tickets: u64,
    /// The first and the last number that was given.
    pub given: Option<(TicketNumber, TicketNumber)>,
}

/// What a batch came to, and the tickets of the cases that are new with it.
struct Appended {
    outcome: BulkAppended,
    given: Vec<(String, TicketNumber)>,
}

/// An import under way. There is one at a time: what it knows of a case would be wrong beside another.
///
/// A batch that was begun is finished although whoever began it has gone. One batch at most is under way, so that what is
/// appended is always a beginning of what was handed over: after an interruption the import goes on as if it had not
/// stopped.
pub struct Intake {
    handler: Arc<CommandHandler>,
    register: Register,
    batch: Vec<NewEvent>,
    batch_events: usize,
    appending: Option<JoinHandle<Result<Appended, ImportError>>>,
    taken: Taken,
    alone: Arc<OwnedSemaphorePermit>,
}

impl Intake {
    /// Begins to take in the cases of a system, in batches of so many events, once no other import is under way.
    pub async fn begin(handler: Arc<CommandHandler>, system: &str, batch_events: usize) -> Self {
        let alone = handler.importing.clone().acquire_owned().await.expect("the semaphore is never closed");
        let log_was_empty = *handler.store.head().borrow() == GlobalPosition::START;
        Self {
            register: Register::new(system, log_was_empty),
            handler,
            batch: Vec::new(),
            batch_events: batch_events.clamp(1, EVENTS_PER_APPEND_MAX),
            appending: None,
            taken: Taken::default(),
            alone: Arc::new(alone),
        }
    }

    /// The system whose cases are taken in.
    pub fn system(&self) -> &str {
        self.register.system()
    }

    /// What it has come to so far.
    pub fn taken(&self) -> Taken {
        self.taken
    }

    /// Whether any of it is in the log, or may be.
    pub fn may_have_appended(&self) -> bool {
        self.taken.appended > 0 || self.appending.is_some()
    }

    /// The ticket of a case, if it has one.
    pub fn ticket(&self, case: &str) -> Option<TicketNumber> {
        self.register.case(case).and_then(|case| case.number)
    }

    /// The case that must be [met](Intake::meet) before a row is taken, if there is one.
    pub fn must_meet<'row>(&self, row: &'row ImportRow) -> Option<&'row str> {
        let case = row.case()?;
        // Another system's case may have the name of one of these.
        let is_ours = row.facts.first().is_some_and(|fact| fact.source.system == self.system());
        let waits = row.counted && self.register.waits_for(case).is_some();
        (is_ours && !waits && self.register.case(case).is_none()).then_some(case)
    }

    /// Finds out what the log knows of a case, unless that is known; before anything of the case is taken.
    ///
    /// # Errors
    /// [`ImportError`]
    pub async fn meet(&mut self, case: &str) -> Result<(), ImportError> {
        if self.register.case(case).is_none() {
            let store = self.handler.store.as_ref();
            self.taken.known_tickets += u64::from(self.register.meet(store, case).await?);
        }
        Ok(())
    }

    /// Something of a case could not be taken: what comes after it in that case has to wait.
    pub fn hold(&mut self, case: &str, line: u64) {
        self.register.hold(case, line);
    }

    /// Takes all facts of a row or none; their case must have been [met](Intake::meet). The batch may be
    /// [full](Intake::is_full) then.
    ///
    /// # Errors
    /// [`FactRefusal`]; what comes after it in its case waits where that matters.
    pub fn take(&mut self, row: ImportRow) -> Result<(), FactRefusal> {
        let (line, counted) = (row.line, row.counted);
        let case = row.case().map(str::to_owned);
        let refusal = match self.take_all(row) {
            Ok(()) => return Ok(()),
            Err(refusal) => refusal,
        };
        // A repetition that says something else holds up nothing where facts carry their numbers.
        let repetition = matches!(refusal, FactRefusal::OtherContent { .. }) && !counted;
        let holds = !repetition && !matches!(refusal, FactRefusal::OtherSystem { .. });
        if let Some(case) = case.filter(|_| holds) {
            self.hold(&case, line);
        }
        Err(refusal)
    }

    fn take_all(&mut self, row: ImportRow) -> Result<(), FactRefusal> {
        let name = row.check(self.register.system())?;
        let waits_for = self.register.waits_for(&name);
        if let (true, Some(line)) = (row.counted, waits_for) {
            return Err(FactRefusal::Waits { line });
        }
        let mut prepared = Vec::with_capacity(row.facts.len());
        for fact in row.facts {
            let case = self.register.case_mut(&name);
            let seq = fact.seq.unwrap_or(case.counted() + prepared.len() as u64);
            let cycle = case.cycle(seq);
            let id = self.register.id(&name, seq);
            let event = new_event(fact, id, seq, cycle);
            fits_a_record(&event)?;
            prepared.push(Prepared { seq, event });
        }
        let case = self.register.case_mut(&name);
        let mut verdicts = Vec::with_capacity(prepared.len());
        let mut ahead = 0;
        for fact in &prepared {
            let verdict = case.judge(fact, ahead, waits_for)?;
            ahead += u64::from(verdict == Verdict::New);
            verdicts.push(verdict);
        }
        case.take(&prepared);
        for (fact, verdict) in prepared.into_iter().zip(verdicts) {
            match verdict {
                Verdict::New => self.batch.push(fact.event),
                Verdict::AlreadyThere => self.taken.already_there += 1,
            }
        }
        Ok(())
    }

    /// Whether the batch is as large as it may become; then it is to be [sent](Intake::send).
    pub fn is_full(&self) -> bool {
        self.batch.len() >= self.batch_events
    }

    /// Begins to append a batch of what was taken, once what was begun before is durable.
    ///
    /// # Errors
    /// [`ImportError`] of what was begun before.
    pub async fn send(&mut self) -> Result<(), ImportError> {
        self.settle().await?;
        if self.batch.is_empty() {
            return Ok(());
        }
        let number_of = |event: NewEvent| {
            let case = event.source.as_ref().map_or("", |source| source.case.as_str());
            (self.register.case(case).and_then(|case| case.number), event)
        };
        // The last row may have brought more than there is room for.
        let events = self.batch.len().min(self.batch_events);
        let batch: Vec<_> = self.batch.drain(..events).map(number_of).collect();
        let (handler, alone) = (self.handler.clone(), self.alone.clone());
        let look_first = !self.register.log_was_empty();
        self.appending = Some(tokio::spawn(async move {
            let appended = handler.append_imported(batch, look_first).await;
            drop(alone);
            appended
        }));
        Ok(())
    }

    /// Appends what is left, and returns once all of it is durable.
    ///
    /// # Errors
    /// [`ImportError`]
    pub async fn finish(&mut self) -> Result<Taken, ImportError> {
        while !self.batch.is_empty() {
            self.send().await?;
        }
        self.settle().await?;
        Ok(self.taken)
    }

    /// Waits until the batch that is under way is durable.
    async fn settle(&mut self) -> Result<(), ImportError> {
        let Some(appending) = self.appending.take() else { return Ok(()) };
        let appended =
            appending.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
        self.taken.appended += appended.outcome.appended;
        self.taken.already_there += appended.outcome.already_there;
        for (case, number) in appended.given {
            self.register.case_mut(&case).number = Some(number);
            self.taken.new_tickets += 1;
            let first = self.taken.given.map_or(number, |(first, _)| first.min(number));
            let last = self.taken.given.map_or(number, |(_, last)| last.max(number));
            self.taken.given = Some((first, last));
        }
        Ok(())
    }
}

impl CommandHandler {
    /// Appends facts, those of new cases on tickets of their own. Nobody opens a ticket meanwhile: a number that is given
    /// here and not used after all has none above it, so that the search for the highest one meets no wide gap.
    async fn append_imported(
        &self,
        batch: Vec<(Option<TicketNumber>, NewEvent)>,
        look_first: bool,
    ) -> Result<Appended, ImportError> {
        let _nobody_opens = self.opening.write().await;
        let mut given: Vec<(String, TicketNumber)> = Vec::new();
        let facts = self.on_tickets(batch, look_first, &mut given).await;
        let appended = match facts {
            Ok(facts) => self.store.append_facts(facts).await.map_err(ImportError::from),
            Err(error) => Err(error),
        };
        match appended {
            Ok(outcome) => Ok(Appended { outcome, given }),
            Err(error) => {
                // It may have been appended after all; the gap is harmless, a number used twice is not.
                if !matches!(error, ImportError::Append(AppendError::OutcomeUnknown)) {
                    given.iter().for_each(|(_, number)| self.numbers.give_back(*number));
                }
                Err(error)
            }
        }
    }

    async fn on_tickets(
        &self,
        batch: Vec<(Option<TicketNumber>, NewEvent)>,
        look_first: bool,
        given: &mut Vec<(String, TicketNumber)>,
    ) -> Result<Vec<Fact>, ImportError> {
        let mut new: HashMap<String, TicketNumber> = HashMap::new();
        let mut facts = Vec::with_capacity(batch.len());
        for (number, event) in batch {
            let case = event.source.as_ref().map_or("", |source| source.case.as_str());
            let number = match number.or_else(|| new.get(case).copied()) {
                Some(number) => number,
                None => {
                    let number = self.free_number(look_first).await?;
                    new.insert(case.to_owned(), number);
                    given.push((case.to_owned(), number));
                    number
                }
            };
            facts.push(Fact { stream: StreamName::ticket(number), event });
        }
        Ok(facts)
    }

    /// A gap in the numbers can hide taken ones behind it; two tickets must never share a stream.
    async fn free_number(&self, look_first: bool) -> Result<TicketNumber, ImportError> {
        loop {
            let number = self.numbers.take();
            let stream = StreamName::ticket(number);
            if !look_first || self.store.read_stream(&stream, StreamVersion::NONE, 1).await?.is_empty() {
                return Ok(number);
            }
        }
    }
}

/// The event of a fact. What only its place among the others can tell is written here: a message's identifier, and the
/// cycle that begins.
fn new_event(fact: ImportFact, id: EventId, seq: u64, cycle: u32) -> NewEvent {
    let ImportFact { mut event, occurred_at, mut source, .. } = fact;
    match &mut event {
        TicketEvent::Replied(message)
        | TicketEvent::CustomerReplied(message)
        | TicketEvent::ConfirmationRefused(message)
        | TicketEvent::Noted(message) => message.message = id.0,
        TicketEvent::Reopened(reopened) => reopened.cycle = cycle,
        TicketEvent::Opened(_)
        | TicketEvent::Assigned(_)
        | TicketEvent::Reassigned(_)
        | TicketEvent::Unassigned(_)
        | TicketEvent::TeamChanged(_)
        | TicketEvent::PriorityChanged(_)
        | TicketEvent::CategoryChanged(_)
        | TicketEvent::SetPending(_)
        | TicketEvent::SetOpen(_)
        | TicketEvent::Escalated(_)
        | TicketEvent::Resolved(_)
        | TicketEvent::Sealed(_)
        | TicketEvent::Routed(_)
        | TicketEvent::Offered(_)
        | TicketEvent::Attached(_)
        | TicketEvent::TemplateUsed(_)
        | TicketEvent::TagsChanged(_)
        | TicketEvent::FieldChanged(_)
        | TicketEvent::Followed(_)
        | TicketEvent::Unfollowed(_)
        | TicketEvent::Linked(_)
        | TicketEvent::Unlinked(_)
        | TicketEvent::Snoozed(_)
        | TicketEvent::Woken(_)
        | TicketEvent::Merged(_)
        | TicketEvent::Unmerged(_)
        | TicketEvent::Absorbed(_)
        | TicketEvent::Parted(_)
        | TicketEvent::Forwarded(_)
        | TicketEvent::Acknowledged(_)
        | TicketEvent::Returned(_)
        | TicketEvent::Confirmed(_)
        | TicketEvent::Rated(_)
        | TicketEvent::SourceRecorded(_) => {}
    }
    source.seq = seq;
    // What one row of the source says belongs together.
    let correlation = match source.row.as_str() {
        "" => id,
        row => EventId::deterministic(&format!("import-row/{}/{}/{row}", source.system, source.case)),
    };
    NewEvent {
        id,
        event: Event::Ticket(event).encode(),
        occurred_at,
        actor: fact::actor(&source.actor),
        correlation: correlation.0,
        causation: None,
        origin: Origin::Import,
        source: Some(source),
    }
}

/// Texts up to this length give no record that could be too large, however they are escaped. Unit: bytes.
const TEXT_BYTES_SAFE: usize = 64 * 1024;

fn fits_a_record(event: &NewEvent) -> Result<(), FactRefusal> {
    let texts = event.source.as_ref().map_or(0, fact::length);
    if event.event.data.len() + texts <= TEXT_BYTES_SAFE {
        return Ok(());
    }
    // The largest numbers that a record can have stand in for those it will get.
    let (position, version) = (GlobalPosition(u64::MAX), StreamVersion(u64::MAX));
    let stream = StreamName::ticket(TicketNumber(u64::MAX));
    let bytes = record::encode(position, &stream, version, Timestamp::MAX, None, event).len();
    match bytes <= RECORD_BYTES_MAX {
        true => Ok(()),
        false => Err(FactRefusal::TooLong { what: fact::THE_EVENT, max: RECORD_BYTES_MAX, is: bytes }),
    }
}
