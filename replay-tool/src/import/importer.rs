//! Takes rows one after the other: checks, numbers, and appends them in batches.

use super::mapping::vocabulary::Vocabulary;
use super::neutral::{Neutral, actor_id};
use super::problem::{Problem, THE_EVENT};
use super::register::{Prepared, Register, Verdict};
use super::rejects::Rejects;
use super::rows::{ROW_BYTES_MAX, RawRow};
use super::{Refused, RowReader};
use crate::failure::Failure;
use crate::log::{Appending, Log};
use crate::sentence::Sentence;
use docket_core::actor::{Actor, Role};
use docket_core::event::Event;
use docket_core::names::{EventId, GlobalPosition, StreamName, StreamVersion, TicketNumber};
use docket_core::personal::PersonalText;
use docket_core::record::{self, NewEvent, Origin, Source};
use docket_core::store::{EVENTS_PER_APPEND_MAX, Fact, RECORD_BYTES_MAX};
use docket_core::time::Timestamp;

/// A row up to this length gives no record that could be too large, however it is escaped. Unit: bytes.
const ROW_BYTES_SAFE: usize = ROW_BYTES_MAX / 2;

/// Why a row or the whole import stops.
enum Stop {
    Row(Problem),
    Import(Failure),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Row(problem)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Import(failure)
    }
}

/// An import under way.
pub struct Importer<'a> {
    log: &'a Log,
    reader: Box<dyn RowReader>,
    vocabulary: Vocabulary,
    system: String,
    pub(super) register: Register,
    pub(super) rejects: Rejects,
    batch: Vec<Fact>,
    appending: Option<Appending>,
    /// Rows seen.
    pub(super) rows: u64,
    /// Facts appended, and facts that were there.
    pub(super) facts: (u64, u64),
}

impl<'a> Importer<'a> {
    /// Begins.
    ///
    /// # Errors
    /// [`Failure::Read`]
    pub fn new(
        log: &'a Log,
        reader: Box<dyn RowReader>,
        vocabulary: Vocabulary,
        system: &str,
        rejects: Rejects,
    ) -> Result<Self, Failure> {
        Ok(Self {
            log,
            reader,
            vocabulary,
            system: system.to_owned(),
            register: Register::new(system, log)?,
            rejects,
            batch: Vec::with_capacity(EVENTS_PER_APPEND_MAX),
            appending: None,
            rows: 0,
            facts: (0, 0),
        })
    }

    /// Takes a row, or keeps it in the report.
    ///
    /// # Errors
    /// [`Failure`] when the import cannot go on.
    pub fn row(&mut self, row: &RawRow) -> Result<(), Failure> {
        self.rows += 1;
        let facts = match self.reader.facts(row) {
            Ok(facts) => facts,
            Err(Refused { case, problem }) => return self.refuse(row, case.as_deref(), &problem),
        };
        let Some(first) = facts.first() else { return Ok(()) };
        let (case, numbered) = (first.case.clone(), first.seq.is_some());
        match self.take(row, &case, &facts) {
            Ok(()) => {
                self.reader.taken();
                Ok(())
            }
            // A repetition that says something else holds up nothing where facts carry their numbers.
            Err(Stop::Row(problem @ Problem::OtherContent { .. })) if numbered => {
                self.refuse(row, None, &problem)
            }
            Err(Stop::Row(problem)) => self.refuse(row, Some(&case), &problem),
            Err(Stop::Import(failure)) => Err(failure),
        }
    }

    fn refuse(&mut self, row: &RawRow, case: Option<&str>, problem: &Problem) -> Result<(), Failure> {
        self.rejects.keep(row, problem)?;
        if let Some(case) = case.filter(|case| !case.is_empty()) {
            self.register.meet(case, self.log)?.hold(row.line);
        }
        Ok(())
    }

    /// Takes all facts of a row or none.
    fn take(&mut self, row: &RawRow, name: &str, facts: &[Neutral]) -> Result<(), Stop> {
        facts.iter().try_for_each(Neutral::check)?;
        let mut prepared = Vec::with_capacity(facts.len());
        for fact in facts {
            let case = self.register.meet(name, self.log)?;
            if let (None, Some(line)) = (fact.seq, case.waits_for()) {
                return Err(Problem::Waits { line }.into());
            }
            let seq = case.seq(fact, prepared.len() as u64);
            let cycle = case.cycle(seq);
            let id = self.register.id(name, seq);
            let event = self.new_event(fact, id, seq, cycle);
            prepared.push(Prepared { seq, event });
        }
        if row.bytes.len() > ROW_BYTES_SAFE {
            prepared.iter().try_for_each(fits_a_record)?;
        }
        let case = self.register.meet(name, self.log)?;
        let mut new = vec![false; prepared.len()];
        let mut ahead = 0;
        for (fact, new) in prepared.iter().zip(&mut new) {
            *new = case.judge(fact, ahead)? == Verdict::New;
            ahead += u64::from(*new);
        }
        let number = self.register.take(name, &prepared, self.log)?;
        for (fact, new) in prepared.into_iter().zip(new) {
            if new {
                self.append(number, fact.event)?;
            } else {
                self.facts.1 += 1;
            }
        }
        Ok(())
    }

    fn new_event(&self, fact: &Neutral, id: EventId, seq: u64, cycle: u32) -> NewEvent {
        let event = Event::Ticket(self.vocabulary.event(fact, id, cycle));
        let source = Source {
            system: self.system.clone(),
            case: fact.case.clone(),
            seq,
            row: fact.row.clone(),
            kind: fact.kind.clone(),
            from: fact.from.clone(),
            to: fact.to.clone(),
            actor: fact.actor.clone(),
            rest: fact.rest.clone().map(PersonalText::Plain),
        };
        // What one row of the source says belongs together.
        let correlation = match fact.row.as_str() {
            "" => id,
            row => EventId::deterministic(&format!("import-row/{}/{}/{row}", self.system, fact.case)),
        };
        NewEvent {
            id,
            event: event.encode(),
            occurred_at: fact.at,
            actor: Actor { id: actor_id(&fact.actor), role: Role::Unknown, team: None },
            correlation: correlation.0,
            causation: None,
            origin: Origin::Import,
            source: Some(source),
        }
    }

    fn append(&mut self, number: TicketNumber, event: NewEvent) -> Result<(), Failure> {
        self.batch.push(Fact { stream: StreamName::ticket(number), event });
        if self.batch.len() == EVENTS_PER_APPEND_MAX {
            self.send()?;
        }
        Ok(())
    }

    /// Sends the batch. One append at most is under way, so that what is appended is always a beginning of
    /// the file: after an interruption the import goes on as if it had not stopped.
    fn send(&mut self) -> Result<(), Failure> {
        self.finish_append()?;
        if !self.batch.is_empty() {
            let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(EVENTS_PER_APPEND_MAX));
            self.appending = Some(self.log.begin_append(batch));
        }
        Ok(())
    }

    fn finish_append(&mut self) -> Result<(), Failure> {
        if let Some(appending) = self.appending.take() {
            let appended = self.log.finish_append(appending)?;
            self.facts.0 += appended.appended;
            self.facts.1 += appended.already_there;
        }
        Ok(())
    }

    /// Appends what is left and closes the report; gives what the reader has to remark.
    ///
    /// # Errors
    /// [`Failure::Append`] or [`Failure::Output`]
    pub fn finish(&mut self) -> Result<Vec<Sentence>, Failure> {
        self.send()?;
        self.finish_append()?;
        self.rejects.finish()?;
        Ok(self.reader.remarks())
    }
}

fn fits_a_record(fact: &Prepared) -> Result<(), Problem> {
    // The largest numbers that a record can have stand in for those it will get.
    let (position, version) = (GlobalPosition(u64::MAX), StreamVersion(u64::MAX));
    let stream = StreamName::ticket(TicketNumber(u64::MAX));
    let bytes = record::encode(position, &stream, version, Timestamp::MAX, None, &fact.event).len();
    match bytes <= RECORD_BYTES_MAX {
        true => Ok(()),
        false => Err(Problem::TooLong { what: THE_EVENT, max: RECORD_BYTES_MAX, is: bytes }),
    }
}
