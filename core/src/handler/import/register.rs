//! What is known of each case: its ticket, which of its facts are taken, and what it waits for.
//!
//! Memory: some 200 bytes a case and 8 bytes a fact, for the cases that the import has met.

use super::{FactRefusal, ImportError};
use crate::handler::HistoryError;
use crate::names::{EventId, GlobalPosition, StreamName, StreamVersion, TicketNumber};
use crate::record::{NewEvent, Origin, RecordedEvent, Source, StoredRecord};
use crate::store::{EventStore, READ_RECORDS_MAX, may_go_on};
use crate::time::Timestamp;
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// The longest identifier of a case and the longest name of a type. Unit: bytes.
pub(super) const CASE_BYTES_MAX: usize = 512;

/// One case of the source.
#[derive(Clone, Debug, Default)]
pub(super) struct Case {
    /// Its ticket; none until a fact of it is in the log.
    pub(super) number: Option<TicketNumber>,
    /// What each fact taken says, by its number in the case.
    taken: Vec<u64>,
    /// The facts that reopened the ticket, by their number.
    reopenings: Vec<u64>,
    /// How many facts have come so far, where they are not numbered.
    counted: u64,
}

/// A fact that has passed all checks of its own.
pub(super) struct Prepared {
    /// Its number in the case.
    pub(super) seq: u64,
    /// What to append.
    pub(super) event: NewEvent,
}

/// What is to be done with a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Append it.
    New,
    /// It is in the log.
    AlreadyThere,
}

/// The cases that the import has met.
pub(super) struct Register {
    system: String,
    cases: HashMap<String, Case>,
    /// Cases of which something could not be taken, and the line that later facts must wait for.
    held: HashMap<String, u64>,
    /// Nothing needs looking up in a log that held nothing when the import began.
    log_was_empty: bool,
}

impl Register {
    /// An empty register over a log.
    pub(super) fn new(system: &str, log_was_empty: bool) -> Self {
        Self { system: system.to_owned(), cases: HashMap::new(), held: HashMap::new(), log_was_empty }
    }

    pub(super) fn system(&self) -> &str {
        &self.system
    }

    pub(super) const fn log_was_empty(&self) -> bool {
        self.log_was_empty
    }

    /// The identifier of a fact's event: the same whenever and wherever it is imported.
    pub(super) fn id(&self, case: &str, seq: u64) -> EventId {
        EventId::deterministic(&format!("import/{}/{case}/{seq}", self.system))
    }

    pub(super) fn case(&self, name: &str) -> Option<&Case> {
        self.cases.get(name)
    }

    /// A case that was met before.
    pub(super) fn case_mut(&mut self, name: &str) -> &mut Case {
        if !self.cases.contains_key(name) {
            self.cases.insert(name.to_owned(), Case::default());
        }
        self.cases.get_mut(name).expect("it was put in above")
    }

    /// The line that later facts of a case must wait for.
    pub(super) fn waits_for(&self, case: &str) -> Option<u64> {
        self.held.get(case).copied()
    }

    /// A fact on this line could not be taken; those after it in its case have to wait for it.
    pub(super) fn hold(&mut self, case: &str, line: u64) {
        self.held.entry(case.to_owned()).or_insert(line);
    }

    /// Meets a case for the first time; tells whether the log has it.
    pub(super) async fn meet(&mut self, store: &dyn EventStore, name: &str) -> Result<bool, ImportError> {
        let case = if self.log_was_empty { Case::default() } else { self.look_up(store, name).await? };
        let is_there = case.number.is_some();
        self.cases.insert(name.to_owned(), case);
        Ok(is_there)
    }

    async fn look_up(&self, store: &dyn EventStore, name: &str) -> Result<Case, ImportError> {
        let mut case = Case::default();
        let Some(position) = store.position_of(self.id(name, 0)).await? else { return Ok(case) };
        let first = store.read_all(GlobalPosition(position.0.saturating_sub(1)), 1).await?;
        let Some(first) = first.first() else { return Ok(case) };
        let stream = StreamName::new(&decode(first)?.stream).ok();
        let subject = stream.and_then(|stream| Some((stream.clone(), stream.subject()?)));
        let (stream, number) = subject.ok_or(ImportError::Elsewhere(position))?;
        case.number = Some(number);
        let mut version = StreamVersion::NONE;
        loop {
            let page = store.read_stream(&stream, version, READ_RECORDS_MAX).await?;
            for record in &page {
                case.remember(record, &self.system, name)?;
                version = version.next();
            }
            if !may_go_on(&page, READ_RECORDS_MAX) {
                return Ok(case);
            }
        }
    }
}

fn decode(record: &StoredRecord) -> Result<RecordedEvent<'_>, ImportError> {
    let position = record.position;
    record.decode().map_err(|source| ImportError::History { position, source: HistoryError::from(source) })
}

const REOPENED: &str = "ticket.reopened";

impl Case {
    /// Remembers a record of the ticket, if it is a fact of this case.
    fn remember(&mut self, record: &StoredRecord, system: &str, name: &str) -> Result<(), ImportError> {
        let event = decode(record)?;
        let Some(source) = imported(&event, system, name) else { return Ok(()) };
        let (seq, expected) = (source.seq, self.taken.len() as u64);
        if seq != expected {
            return Err(ImportError::OutOfOrder { position: record.position, seq, expected });
        }
        if event.name == REOPENED {
            self.reopenings.push(seq);
        }
        self.taken.push(fingerprint(&event.name, event.data.get(), event.occurred_at, source));
        Ok(())
    }

    /// How many facts have come so far, where they are not numbered.
    pub(super) const fn counted(&self) -> u64 {
        self.counted
    }

    /// The cycle that begins when fact `seq` reopens the ticket: 2 for the first.
    pub(super) fn cycle(&self, seq: u64) -> u32 {
        let before = self.reopenings.iter().filter(|reopening| **reopening < seq).count();
        u32::try_from(before).unwrap_or(u32::MAX - 2) + 2
    }

    /// What is to be done with a fact, `ahead` new ones of the same row before it, in a case that waits or does not.
    pub(super) fn judge(
        &self,
        fact: &Prepared,
        ahead: u64,
        waits_for: Option<u64>,
    ) -> Result<Verdict, FactRefusal> {
        let (seq, next) = (fact.seq, self.taken.len() as u64 + ahead);
        match usize::try_from(seq).ok().and_then(|seq| self.taken.get(seq)) {
            Some(taken) if *taken == fact.fingerprint() => return Ok(Verdict::AlreadyThere),
            Some(_) => return Err(FactRefusal::OtherContent { seq }),
            None if seq == next => return Ok(Verdict::New),
            None => {}
        }
        match waits_for {
            Some(line) => Err(FactRefusal::Waits { line }),
            None => Err(FactRefusal::Gap { expected: next, found: seq }),
        }
    }

    /// Takes facts that passed the checks.
    pub(super) fn take(&mut self, facts: &[Prepared]) {
        for fact in facts {
            self.counted = self.counted.max(fact.seq.saturating_add(1));
            if fact.seq == self.taken.len() as u64 {
                self.taken.push(fact.fingerprint());
                if fact.event.event.name == REOPENED {
                    self.reopenings.push(fact.seq);
                }
            }
        }
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
