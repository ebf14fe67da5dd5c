//! What is known of each case: its ticket, which of its facts are taken, and what it waits for.
//!
//! Memory: some 200 bytes a case and 8 bytes a fact, for the cases of the file.

use super::neutral::Neutral;
use super::problem::Problem;
use crate::failure::Failure;
use crate::log::{Log, decode};
use crate::sentence::Sentence;
use docket_core::handler::CommandHandler;
use docket_core::names::{EventId, StreamName, TicketNumber};
use docket_core::record::{NewEvent, Origin, RecordedEvent, Source, StoredRecord};
use docket_core::time::Timestamp;
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// One case of the source.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// Its ticket; none until a fact of it is taken.
    number: Option<TicketNumber>,
    /// What each fact taken says, by its number in the case.
    taken: Vec<u64>,
    /// The facts that reopened the ticket, by their number.
    reopenings: Vec<u64>,
    /// How many facts the file has given so far, where it does not number them.
    counted: u64,
    /// The line of a fact that could not be taken and that later ones must wait for.
    waits_for: Option<u64>,
}

/// A fact that has passed all checks.
pub struct Prepared {
    /// Its number in the case.
    pub seq: u64,
    /// What to append.
    pub event: NewEvent,
}

/// What is to be done with a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Append it.
    New,
    /// It is in the log.
    AlreadyThere,
}

/// The cases that the import has met.
pub struct Register {
    system: String,
    cases: HashMap<String, Case>,
    /// Nothing needs looking up in a log that held nothing when the import began.
    log_was_empty: bool,
    next_number: u64,
    /// New tickets, and tickets that were there.
    pub(super) tickets: (u64, u64),
    /// The first and the last number that was given.
    pub(super) given: Option<(TicketNumber, TicketNumber)>,
}

impl Register {
    /// An empty register over a log.
    ///
    /// # Errors
    /// [`Failure::Read`]
    pub fn new(system: &str, log: &Log) -> Result<Self, Failure> {
        let highest = log.wait(CommandHandler::highest_number(log.store()))?;
        Ok(Self {
            system: system.to_owned(),
            cases: HashMap::new(),
            log_was_empty: log.head().0 == 0,
            next_number: highest.map_or(1, |number| number.0 + 1),
            tickets: (0, 0),
            given: None,
        })
    }

    /// The identifier of a fact's event: the same whenever and wherever it is imported.
    pub fn id(&self, case: &str, seq: u64) -> EventId {
        EventId::deterministic(&format!("import/{}/{case}/{seq}", self.system))
    }

    /// The case of a name, with what the log knows of it.
    ///
    /// # Errors
    /// [`Failure::Read`] or [`Failure::Record`]
    pub fn meet(&mut self, name: &str, log: &Log) -> Result<&mut Case, Failure> {
        if !self.cases.contains_key(name) {
            let case = if self.log_was_empty { Case::default() } else { self.look_up(name, log)? };
            self.tickets.1 += u64::from(case.number.is_some());
            self.cases.insert(name.to_owned(), case);
        }
        Ok(self.cases.get_mut(name).expect("it was put in above"))
    }

    fn look_up(&self, name: &str, log: &Log) -> Result<Case, Failure> {
        let mut case = Case::default();
        let Some(first) = log.find(self.id(name, 0))? else { return Ok(case) };
        let stream = decode(&first)?.stream.into_owned();
        let stream = StreamName::new(&stream).ok();
        let Some((stream, number)) = stream.and_then(|stream| Some((stream.clone(), stream.subject()?)))
        else {
            let why = Sentence::fixed(|texts| texts.imported_elsewhere);
            return Err(Failure::Record { position: first.position.0, why });
        };
        case.number = Some(number);
        for record in log.stream(&stream)? {
            case.remember(&record, &self.system, name)?;
        }
        Ok(case)
    }

    /// Takes facts that passed the checks; gives the ticket they are on.
    ///
    /// # Errors
    /// [`Failure::Read`]
    pub fn take(&mut self, name: &str, facts: &[Prepared], log: &Log) -> Result<TicketNumber, Failure> {
        let number = match self.cases.get(name).and_then(|case| case.number) {
            Some(number) => number,
            None => self.give_number(log)?,
        };
        let case = self.cases.entry(name.to_owned()).or_default();
        case.number = Some(number);
        for fact in facts {
            case.counted = case.counted.max(fact.seq + 1);
            if fact.seq == case.taken.len() as u64 {
                case.taken.push(fact.fingerprint());
                if fact.event.event.name == REOPENED {
                    case.reopenings.push(fact.seq);
                }
            }
        }
        Ok(number)
    }

    fn give_number(&mut self, log: &Log) -> Result<TicketNumber, Failure> {
        // A gap in the numbers can hide taken ones behind it; two tickets must never share a stream.
        while !self.log_was_empty && log.has_ticket(TicketNumber(self.next_number))? {
            self.next_number += 1;
        }
        let number = TicketNumber(self.next_number);
        self.next_number += 1;
        self.tickets.0 += 1;
        self.given = Some((self.given.map_or(number, |(first, _)| first), number));
        Ok(number)
    }
}

const REOPENED: &str = "ticket.reopened";

impl Case {
    /// Remembers a record of the ticket, if it is a fact of this case.
    fn remember(&mut self, record: &StoredRecord, system: &str, name: &str) -> Result<(), Failure> {
        let event = decode(record)?;
        let Some(source) = imported(&event, system, name) else { return Ok(()) };
        if source.seq != self.taken.len() as u64 {
            let (seq, expected) = (source.seq, self.taken.len());
            let why = Sentence::new(move |texts| texts.fact_out_of_order(seq, expected));
            return Err(Failure::Record { position: record.position.0, why });
        }
        if event.name == REOPENED {
            self.reopenings.push(source.seq);
        }
        self.taken.push(fingerprint(&event.name, event.data.get(), event.occurred_at, source));
        Ok(())
    }

    /// The number of a fact, or the next one where the file does not number its facts.
    pub fn seq(&self, fact: &Neutral, ahead: u64) -> u64 {
        fact.seq.unwrap_or(self.counted + ahead)
    }

    /// The cycle that begins when fact `seq` reopens the ticket: 2 for the first.
    pub fn cycle(&self, seq: u64) -> u32 {
        let before = self.reopenings.iter().filter(|reopening| **reopening < seq).count();
        u32::try_from(before).unwrap_or(u32::MAX - 2) + 2
    }

    /// What is to be done with a fact, `ahead` new ones of the same row before it.
    ///
    /// # Errors
    /// [`Problem::OtherContent`], [`Problem::Gap`] or [`Problem::Waits`]
    pub fn judge(&self, fact: &Prepared, ahead: u64) -> Result<Verdict, Problem> {
        let (seq, next) = (fact.seq, self.taken.len() as u64 + ahead);
        match usize::try_from(seq).ok().and_then(|seq| self.taken.get(seq)) {
            Some(taken) if *taken == fact.fingerprint() => return Ok(Verdict::AlreadyThere),
            Some(_) => return Err(Problem::OtherContent { seq }),
            None if seq == next => return Ok(Verdict::New),
            None => {}
        }
        match self.waits_for {
            Some(line) => Err(Problem::Waits { line }),
            None => Err(Problem::Gap { expected: next, found: seq }),
        }
    }

    /// The line that every further fact waits for, where the file does not number its facts.
    pub fn waits_for(&self) -> Option<u64> {
        self.waits_for
    }

    /// A fact on this line could not be taken; those after it have to wait for it.
    pub fn hold(&mut self, line: u64) {
        self.waits_for.get_or_insert(line);
    }
}

fn imported<'a>(event: &'a RecordedEvent<'_>, system: &str, case: &str) -> Option<&'a Source> {
    let source = event.source.as_ref().filter(|_| event.origin == Origin::Import)?;
    (source.system == system && source.case == case).then_some(source)
}

impl Prepared {
    fn fingerprint(&self) -> u64 {
        let event = &self.event;
        let source = event.source.as_ref().expect("every imported fact has a source");
        fingerprint(event.event.name, &event.event.data, event.occurred_at, source)
    }
}

/// Tells facts apart that claim the same place. It need not be the same in another release.
fn fingerprint(name: &str, data: &str, at: Timestamp, source: &Source) -> u64 {
    let mut hasher = DefaultHasher::new();
    let Source { system, case, seq, row, kind, from, to, actor, rest } = source;
    let rest = rest.as_ref().and_then(|rest| rest.plain());
    (name, data, at, (system, case, seq, row, kind, from, to, actor, rest)).hash(&mut hasher);
    hasher.finish()
}
